/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a frame to what the policy asks about it.  A header counts only if it
 * lies inside the buffer and inside the length that the IP header states: what
 * an attacker hides in Ethernet padding is not read.
 */
#ifndef WEIR_PARSE_H
#define WEIR_PARSE_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/icmpv6.h>

#include "bpf/stage.h"

/* In network byte order; IPv4 in ip4, the rest zero. */
union address {
	__be32 ip4;
	__be64 ip6[2];
};

struct packet {
	__u32 len;		/* the whole packet's; 0 until it is known */
	__u8 family;		/* 4, 6, or 0 where it is not IP */
	__u8 proto;		/* the first header that is not an extension */
	__u8 tags;
	__u8 ext_headers;
	bool fragment;		/* of a packet that travels in several */
	bool later_fragment;	/* not the first: no transport header here */
	bool fragment_header;	/* IPv6: there is one, also in a whole packet */
	bool neighbour;		/* neighbour discovery, MLD: no IPv6 without */
	union address src;
	union address dst;
	__be16 sport;		/* 0 where there is none */
	__be16 dport;
	const bool checked;	/* what follows is noted, for guards and default */
	bool bad_fragment;	/* IPv6: where the walk over headers saw one */
	__u8 tcp_flags;		/* the low byte */
	__be16 icmp;		/* type and code */
	__be16 frag_off;	/* IPv4: with its flags */
	__u32 ip_len;		/* IPv4: total length */
	__u32 ip_payload;	/* IPv4: of it behind the header */
};

/* What has not been read yet. */
struct cursor {
	void *pos;
	void *end;
	__u32 left;	/* bytes, by the lengths read so far */
};

struct vlan_tag {
	__be16 tci;
	__be16 type;
};

struct ext_header {
	__u8 next;
	__u8 len;		/* its unit depends on the header */
	__be16 frag_off;	/* in a fragment header */
	__be32 frag_id;
};

#define IP_OFFSET	bpf_htons(0x1fff)
#define IP_PART		bpf_htons(0x3fff)	/* an offset, or more to come */
#define IP6_OFFSET	bpf_htons(0xfff8)
#define IP6_PART	bpf_htons(0xfff9)


/* Above any offset that headers within the budget can reach in one buffer. */
#define MAX_OFFSET	0x7fff

/* The kernel passes packets of several buffers (Linux 5.18). */
const volatile bool has_frags = true;

/* The longest frame that no driver spreads over several buffers. */
#define ONE_BUFFER 1522

/* Bytes in all buffers of a packet. */
static __always_inline __u32 packet_len(struct xdp_md *ctx)
{
	return has_frags ? bpf_xdp_get_buff_len(ctx) :
			   ctx->data_end - ctx->data;
}

/*
 * Settle the packet's length where the IP header states 'ip_len' bytes.  A
 * short frame that ends with its IP packet has no other buffers: that saves
 * most packets a call.
 */
static __always_inline void measure(struct xdp_md *ctx, struct cursor *c,
				    struct packet *p, __u32 ip_len)
{
	__u32 linear = ctx->data_end - ctx->data;

	if (c->left == ip_len && linear <= ONE_BUFFER)
		p->len = linear;
	else
		p->len = packet_len(ctx);
	c->left += p->len - linear;
}

#define take(c, type)                                             \
	({                                                        \
		type *h_ = (c)->pos;                              \
		bool ok_ = (void *)(h_ + 1) <= (c)->end &&        \
			   (c)->left >= sizeof(type);             \
		if (ok_) {                                        \
			(c)->pos = h_ + 1;                        \
			(c)->left -= sizeof(type);                \
		}                                                 \
		ok_ ? h_ : NULL;                                  \
	})

static __always_inline int parse_tcp(struct cursor *c, struct packet *p)
{
	__u32 room = c->left;
	struct tcphdr *tcp = take(c, struct tcphdr);

	if (!tcp)
		return WEIR_TRUNCATED;
	if (tcp->doff * 4 < sizeof(*tcp))
		return WEIR_BAD_LENGTH;
	if (tcp->doff * 4 > room)
		return WEIR_TRUNCATED;
	p->sport = tcp->source;
	p->dport = tcp->dest;
	if (p->checked)
		p->tcp_flags = ((__u8 *)tcp)[13];
	return 0;
}

/*
 * A first fragment states the length of the whole datagram.  A length of 0
 * stands for one too long for the field, which only IPv6 can carry (RFC 2675).
 */
static __always_inline int parse_udp(struct cursor *c, struct packet *p)
{
	__u32 room = c->left, len;
	struct udphdr *udp = take(c, struct udphdr);

	if (!udp)
		return WEIR_TRUNCATED;
	len = bpf_ntohs(udp->len);
	if (!len && p->family == 6 && room > 0xffff)
		len = room;
	if (len < sizeof(*udp) || (len > room && !p->fragment))
		return WEIR_BAD_LENGTH;
	p->sport = udp->source;
	p->dport = udp->dest;
	return 0;
}

/* Ports and verification tag, checksum: RFC 9260, 3.1. */
static __always_inline int parse_sctp(struct cursor *c, struct packet *p)
{
	struct {
		__be16 source, dest;
		__be32 tag, checksum;
	} *sctp = take(c, typeof(*sctp));

	if (!sctp)
		return WEIR_TRUNCATED;
	p->sport = sctp->source;
	p->dport = sctp->dest;
	return 0;
}

/* The first eight bytes, which the stack demands of every message. */
static __always_inline int parse_icmp(struct cursor *c, struct packet *p)
{
	struct {
		__be16 type_code, checksum;
		__be32 rest;
	} *icmp = take(c, typeof(*icmp));

	if (!icmp)
		return WEIR_TRUNCATED;
	if (p->checked)
		p->icmp = icmp->type_code;
	return 0;
}

/*
 * Router and neighbour solicitation, advertisement and redirect count as
 * neighbour discovery only as RFC 4861 (6.1, 7.1, 8.1) wants them: hop limit
 * 255, which no router forwards, code 0, and never behind a fragment header,
 * not even in one piece (RFC 6980, 5).
 */
static __always_inline bool is_discovery(const struct icmp6hdr *icmp,
					 const struct ipv6hdr *ip,
					 const struct packet *p)
{
	return icmp->icmp6_type >= 133 && icmp->icmp6_type <= 137 &&
	       !icmp->icmp6_code && ip->hop_limit == 255 && !p->fragment_header;
}

static __always_inline bool is_link_local(const union address *address)
{
	return (address->ip6[0] & bpf_cpu_to_be64(0xffc0ULL << 48)) ==
	       bpf_cpu_to_be64(0xfe80ULL << 48);
}

static __always_inline bool is_unspecified6(const union address *address)
{
	return !(address->ip6[0] | address->ip6[1]);
}

/*
 * Query, report and done of multicast listener discovery, without which a
 * switch that snoops forgets where neighbour solicitations have to go.  Only
 * as the stack wants them: hop limit 1, a source that no router forwards, and
 * behind hop-by-hop options alone (RFC 2710, 3; RFC 3810, 5).
 */
static __always_inline bool is_listener(const struct icmp6hdr *icmp,
					const struct ipv6hdr *ip,
					const struct packet *p)
{
	return ((icmp->icmp6_type >= 130 && icmp->icmp6_type <= 132) ||
		icmp->icmp6_type == 143) &&
	       ip->hop_limit == 1 && ip->nexthdr == IPPROTO_HOPOPTS &&
	       p->ext_headers == 1 &&
	       (is_link_local(&p->src) || is_unspecified6(&p->src));
}

static __always_inline int parse_icmp6(struct cursor *c, struct packet *p,
				       const struct ipv6hdr *ip)
{
	struct icmp6hdr *icmp = take(c, struct icmp6hdr);

	if (!icmp)
		return WEIR_TRUNCATED;
	p->neighbour = is_discovery(icmp, ip, p) || is_listener(icmp, ip, p);
	if (p->checked)
		p->icmp = bpf_htons(icmp->icmp6_type << 8 | icmp->icmp6_code);
	return 0;
}

/* 'ip' is NULL for IPv4. */
static __always_inline int parse_transport(struct cursor *c, struct packet *p,
					   const struct ipv6hdr *ip)
{
	if (p->later_fragment)
		return 0;
	switch (p->proto) {
	case IPPROTO_TCP:
		return parse_tcp(c, p);
	case IPPROTO_UDP:
		return parse_udp(c, p);
	case IPPROTO_SCTP:
		return parse_sctp(c, p);
	case IPPROTO_ICMP:
		return p->family == 4 ? parse_icmp(c, p) : 0;
	case IPPROTO_ICMPV6:
		return ip ? parse_icmp6(c, p, ip) : 0;
	default:
		return 0;
	}
}

/*
 * A total length of 0 on a frame of more than 64 KiB is a TCP packet that
 * receive offload put together (kernel: iph_totlen).
 */
static __always_inline int parse_ip4(struct xdp_md *ctx, struct cursor *c,
				     struct packet *p)
{
	struct iphdr *ip = take(c, struct iphdr);
	__u32 header, total, room;

	if (!ip)
		return WEIR_TRUNCATED;
	if (ip->version != 4)
		return WEIR_BAD_VERSION;
	header = ip->ihl * 4;
	total = bpf_ntohs(ip->tot_len);
	measure(ctx, c, p, total - sizeof(*ip));
	room = c->left + sizeof(*ip);
	if (!total && room > 0xffff)
		total = room;
	if (header < sizeof(*ip) || total < header || total > room)
		return WEIR_BAD_LENGTH;
	if ((void *)ip + header > c->end)
		return WEIR_TRUNCATED;
	c->pos = (void *)ip + header;
	c->left = total - header;

	p->family = 4;
	p->proto = ip->protocol;
	p->fragment = ip->frag_off & IP_PART;
	p->later_fragment = ip->frag_off & IP_OFFSET;
	p->src.ip4 = ip->saddr;
	p->dst.ip4 = ip->daddr;
	if (p->checked) {
		p->frag_off = ip->frag_off;
		p->ip_len = total;
		p->ip_payload = c->left;
	}
	return parse_transport(c, p, NULL);
}

static __always_inline bool is_ext_header(__u8 proto)
{
	return proto == IPPROTO_HOPOPTS || proto == IPPROTO_ROUTING ||
	       proto == IPPROTO_FRAGMENT || proto == IPPROTO_DSTOPTS ||
	       proto == IPPROTO_AH;
}

/* Bytes in an extension header: RFC 8200, 4.3 to 4.6; RFC 4302, 2.2. */
static __always_inline __u32 ext_header_size(__u8 proto, __u8 len)
{
	if (proto == IPPROTO_FRAGMENT)
		return 8;
	if (proto == IPPROTO_AH)
		return (len + 2) * 4;
	return (len + 1) * 8;
}

/* What a walk over extension headers found, in a register. */
union ext_walk {
	__u64 word;
	struct {
		__u8 reason;	/* 0, or why the walk failed */
		__u8 proto;	/* what follows the last header */
		__u8 headers;
		bool fragment : 1, later_fragment : 1, fragment_header : 1;
		bool bad_fragment : 1;	/* where the guard asks */
		__u32 offset;	/* behind the last header */
	};
};

/*
 * Is this part of no packet there can be?  The fragment holds 'size' bytes and
 * would make a packet of 'len' bytes if it began at 0; an IP length field ends
 * at 65,535.  All but the last come in eights, and none is empty.  Offset 8
 * rewrites TCP's flags behind the back of whoever looked at the first fragment
 * (RFC 1858, RFC 3128).  Don't-fragment on a fragment is nothing strange:
 * Linux sends it where it forwards what it has put together.
 */
static __always_inline bool fragment_is_bad(__u32 offset, bool more, __u32 len,
					    __u32 size, __u8 proto)
{
	return (more && size % 8) || !size || offset + len > 0xffff ||
	       (offset == 8 && proto == IPPROTO_TCP);
}

/* A fragment header that says neither offset nor more holds a whole packet. */
static __always_inline bool fragment6_is_bad(const struct ext_header *ext,
					     __u32 payload, __u32 size)
{
	__u16 flags = bpf_ntohs(ext->frag_off);

	return ext->frag_off & IP6_PART &&
	       fragment_is_bad(flags & 0xfff8, flags & 1, payload, size,
			       ext->next);
}

/*
 * From 'offset' in the frame until the upper layer, or until the end of what
 * this fragment holds; 'left' bytes follow the offset.  A global function of
 * scalars, so that the verifier walks it once, not once for each path here.
 */
__noinline __u64 ext_headers(struct xdp_md *ctx, __u32 offset, __u32 proto,
			     __u32 left)
{
	union ext_walk walk = { .proto = proto, .offset = offset };
	void *end = (void *)(long)ctx->data_end;
	__u32 size, payload = left;
	struct ext_header *ext;

	for (int i = 0; i <= WEIR_MAX_EXT_HEADERS; i++) {
		if (walk.later_fragment || !is_ext_header(walk.proto))
			return walk.word;
		ext = (void *)(long)ctx->data + (walk.offset & MAX_OFFSET);
		if ((void *)(ext + 1) > end || left < sizeof(*ext))
			goto truncated;
		size = ext_header_size(walk.proto, ext->len);
		if (size > left)
			goto truncated;
		if (walk.proto == IPPROTO_FRAGMENT) {
			walk.fragment_header = true;
			walk.fragment |= !!(ext->frag_off & IP6_PART);
			walk.later_fragment |= !!(ext->frag_off & IP6_OFFSET);
			if (guards & WEIR_GUARD_MALFORMED)
				walk.bad_fragment |= fragment6_is_bad(
					ext, payload - size, left - size);
		}
		walk.proto = ext->next;
		walk.offset += size;
		walk.headers++;
		left -= size;
	}
	walk.reason = WEIR_TOO_MANY_HEADERS;
	return walk.word;
truncated:
	walk.reason = WEIR_TRUNCATED;
	return walk.word;
}

static __always_inline int parse_ext_headers(struct xdp_md *ctx,
					     struct cursor *c, struct packet *p)
{
	void *data = (void *)(long)ctx->data;
	__u32 offset = c->pos - data;
	union ext_walk walk;

	walk.word = ext_headers(ctx, offset, p->proto, c->left);
	if (walk.reason)
		return walk.reason;
	c->left -= walk.offset - offset;
	c->pos = data + (walk.offset & MAX_OFFSET);
	p->proto = walk.proto;
	p->ext_headers = walk.headers;
	p->fragment = walk.fragment;
	p->later_fragment = walk.later_fragment;
	p->fragment_header = walk.fragment_header;
	if (p->checked)
		p->bad_fragment = walk.bad_fragment;
	return 0;
}

/* A payload length of 0 before hop-by-hop options is a jumbogram's. */
static __always_inline int parse_ip6(struct xdp_md *ctx, struct cursor *c,
				     struct packet *p)
{
	struct ipv6hdr *ip = take(c, struct ipv6hdr);
	__u32 payload;
	int reason;

	if (!ip)
		return WEIR_TRUNCATED;
	if (ip->version != 6)
		return WEIR_BAD_VERSION;
	payload = bpf_ntohs(ip->payload_len);
	measure(ctx, c, p, payload);
	if (!payload && ip->nexthdr == IPPROTO_HOPOPTS && c->left > 0xffff)
		payload = c->left;
	if (payload > c->left)
		return WEIR_BAD_LENGTH;
	c->left = payload;

	p->family = 6;
	p->proto = ip->nexthdr;
	__builtin_memcpy(&p->src, &ip->saddr, sizeof(p->src));
	__builtin_memcpy(&p->dst, &ip->daddr, sizeof(p->dst));
	if (is_ext_header(p->proto)) {
		reason = parse_ext_headers(ctx, c, p);
		if (reason)
			return reason;
	}
	return parse_transport(c, p, ip);
}

static __always_inline bool is_tag(__be16 type)
{
	return type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD);
}

static __always_inline int parse_tags(struct cursor *c, struct packet *p,
				      __be16 *type)
{
	struct vlan_tag *tag;

	for (int i = 0; i <= WEIR_MAX_TAGS; i++) {
		if (!is_tag(*type))
			return 0;
		if (i == WEIR_MAX_TAGS)
			break;
		tag = take(c, struct vlan_tag);
		if (!tag)
			return WEIR_TRUNCATED;
		*type = tag->type;
		p->tags++;
	}
	return WEIR_TOO_MANY_TAGS;
}

/* No source that could be allowed: all there is to hold against it are tags. */
static __always_inline int parse_other(const struct packet *p)
{
	return p->checked && guards & WEIR_GUARD_TAGGED && p->tags ?
		       WEIR_TAGGED :
		       WEIR_NOT_IP;
}

static __always_inline int parse(struct xdp_md *ctx, struct packet *p)
{
	struct cursor c = {
		.pos = (void *)(long)ctx->data,
		.end = (void *)(long)ctx->data_end,
		.left = ctx->data_end - ctx->data,
	};
	struct ethhdr *eth = take(&c, struct ethhdr);
	__be16 type;
	int reason;

	if (!eth)
		return WEIR_TRUNCATED;
	type = eth->h_proto;
	reason = parse_tags(&c, p, &type);
	if (reason)
		return reason;
	if (type == bpf_htons(ETH_P_IP))
		return parse_ip4(ctx, &c, p);
	if (type == bpf_htons(ETH_P_IPV6))
		return parse_ip6(ctx, &c, p);
	return parse_other(p);
}

#endif
