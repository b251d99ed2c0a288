/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guards: what expressions cannot say, or say badly.  A guard that the
 * policy does not name is no part of the program that the kernel runs.
 */
#ifndef WEIR_GUARD_H
#define WEIR_GUARD_H

#include "bpf/parse.h"

#define FIN	0x01
#define SYN	0x02
#define RST	0x04
#define ACK	0x10
#define URG	0x20

/*
 * What the kernel's connection tracking takes for possible (tcp_valid_flags),
 * a bit a combination.  The other flags go with any.
 */
#define POSSIBLE_FLAGS							\
	(1ULL << SYN | 1ULL << (SYN | URG) | 1ULL << (SYN | ACK) |	\
	 1ULL << RST | 1ULL << (RST | ACK) |				\
	 1ULL << (FIN | ACK) | 1ULL << (FIN | ACK | URG) |		\
	 1ULL << ACK | 1ULL << (ACK | URG))

/* What is asked of headers, in registers. */
union headers {
	__u64 word[2];
	struct {
		__u8 family, proto, tcp_flags;
		bool fragment : 1, later_fragment : 1, bad_fragment : 1;
		__be16 sport, dport;
		__be16 frag_off;
		__u16 size;		/* IPv4: of the IP header */
		__u32 ip_len;
	};
};

static __always_inline bool flags_are_bad(const union headers *h)
{
	__u8 flags = h->tcp_flags & (FIN | SYN | RST | ACK | URG);

	return h->proto == IPPROTO_TCP && !(POSSIBLE_FLAGS >> flags & 1);
}

/* UDP's source port 0 says that no answer is wanted (RFC 768). */
static __always_inline bool ports_are_bad(const union headers *h)
{
	if (h->proto == IPPROTO_TCP || h->proto == IPPROTO_SCTP)
		return !h->sport || !h->dport;
	return h->proto == IPPROTO_UDP && !h->dport;
}

/* The flag that RFC 791 reserves is 0, on whole packets too. */
static __always_inline bool fragment4_is_bad(const union headers *h)
{
	__u16 flags = bpf_ntohs(h->frag_off);

	return flags & 0x8000 ||
	       (h->fragment &&
		fragment_is_bad((flags & 0x1fff) * 8, flags & 0x2000, h->ip_len,
				h->ip_len - h->size, h->proto));
}

/*
 * A global function of scalars, so that the verifier walks it once, not once
 * for each path here.
 */
__noinline __u32 headers_judge(__u64 first, __u64 second)
{
	union headers h = { .word = { first, second } };

	if (h.family == 4 ? fragment4_is_bad(&h) : h.bad_fragment)
		return WEIR_BAD_FRAGMENT;
	if (h.later_fragment)
		return 0;
	if (flags_are_bad(&h))
		return WEIR_BAD_FLAGS;
	return ports_are_bad(&h) ? WEIR_BAD_PORT : 0;
}

/* 224.0.0.0/4 */
static __always_inline bool is_multicast4(__u32 addr)
{
	return addr >> 28 == 0xe;
}

/* ff00::/8 */
static __always_inline bool is_multicast6(const union address *address)
{
	return *(const __u8 *)address == 0xff;
}

static __always_inline __u64 upper_half(const union address *address)
{
	return bpf_be64_to_cpu(address->ip6[0]);
}

static __always_inline __u64 lower_half(const union address *address)
{
	return bpf_be64_to_cpu(address->ip6[1]);
}

/* ::ffff:0:0/96 speaks of IPv4 inside a host, never on a wire. */
static __always_inline bool is_mapped(const union address *address)
{
	return !address->ip6[0] && lower_half(address) >> 32 == 0xffff;
}

/*
 * Addresses that no plan of addresses makes possible: a group as a source or
 * as the peer of a TCP connection (RFC 1122, 4.2.3.10), a destination that is
 * nobody or oneself.  Sources that are merely nobody's are bogons.
 */
static __always_inline bool addresses_are_bad4(const struct packet *p)
{
	__u32 src = bpf_ntohl(p->src.ip4), dst = bpf_ntohl(p->dst.ip4);

	return is_multicast4(src) || src == ~0U || !dst || dst >> 24 == 127 ||
	       (p->proto == IPPROTO_TCP && (is_multicast4(dst) || dst == ~0U));
}

static __always_inline bool addresses_are_bad6(const struct packet *p)
{
	return is_multicast6(&p->src) || is_mapped(&p->src) ||
	       is_mapped(&p->dst) ||
	       (!p->dst.ip6[0] && lower_half(&p->dst) <= 1) ||
	       (p->proto == IPPROTO_TCP && is_multicast6(&p->dst));
}

/* Whole packets with ports and without rare flags need no call. */
static __always_inline bool headers_are_plain(const struct packet *p)
{
	__u8 flags;

	if (p->fragment || p->frag_off & bpf_htons(0x8000) || !p->sport ||
	    !p->dport)
		return false;
	flags = p->tcp_flags & (FIN | SYN | RST | ACK | URG);
	return p->proto != IPPROTO_TCP || flags == ACK || flags == SYN;
}

static __always_inline int headers_flaw(const struct packet *p)
{
	const union headers h = {
		.family = p->family,
		.proto = p->proto,
		.tcp_flags = p->tcp_flags,
		.fragment = p->fragment,
		.later_fragment = p->later_fragment,
		.bad_fragment = p->bad_fragment,
		.sport = p->sport,
		.dport = p->dport,
		.frag_off = p->frag_off,
		.size = p->ip_len - p->ip_payload,
		.ip_len = p->ip_len,
	};

	return headers_judge(h.word[0], h.word[1]);
}

static __always_inline int malformed(const struct packet *p)
{
	int reason = headers_are_plain(p) ? 0 : headers_flaw(p);

	if (reason)
		return reason;
	return (p->family == 4 ? addresses_are_bad4(p) :
				 addresses_are_bad6(p)) ? WEIR_BAD_ADDRESS : 0;
}

static __always_inline int land(const struct packet *p)
{
	if (p->family == 4)
		return p->src.ip4 == p->dst.ip4 ? WEIR_LAND : 0;
	return p->src.ip6[0] == p->dst.ip6[0] &&
	       p->src.ip6[1] == p->dst.ip6[1] ? WEIR_LAND : 0;
}

/* A host that has no address yet asks for one, and joins groups. */
static __always_inline bool has_no_address_yet(const struct packet *p)
{
	if (p->src.ip4)
		return false;
	if (p->proto == IPPROTO_IGMP)
		return is_multicast4(bpf_ntohl(p->dst.ip4));
	return p->proto == IPPROTO_UDP && p->dst.ip4 == ~0U &&
	       p->sport == bpf_htons(68) && p->dport == bpf_htons(67);
}

/* 0.0.0.0/8, 127.0.0.0/8, 224.0.0.0/4, 240.0.0.0/4 */
static __always_inline bool is_bogon4(const struct packet *p)
{
	__u8 first = *(const __u8 *)&p->src;

	return first == 127 || first >= 224 ||
	       (!first && !has_no_address_yet(p));
}

/* ::/96 with :: and ::1, ::ffff:0:0/96, 100::/64, fec0::/10, ff00::/8 */
static __always_inline bool is_bogon6(const union address *src)
{
	__u64 upper = upper_half(src);

	return (!upper && !(lower_half(src) >> 32)) || is_mapped(src) ||
	       upper == 0x0100ULL << 48 || upper >> 54 == 0xfec0 >> 6 ||
	       is_multicast6(src);
}

static __always_inline int bogon(const struct packet *p)
{
	return (p->family == 4 ? is_bogon4(p) : is_bogon6(&p->src)) ?
		       WEIR_BOGON : 0;
}

/* Only tags can be held against p->neighbour: nobody else is to send it. */
static __always_inline int guard(const struct packet *p)
{
	int reason;

	if (!p->checked)
		return 0;
	if (guards & WEIR_GUARD_TAGGED && p->tags)
		return WEIR_TAGGED;
	if (p->neighbour)
		return 0;
	if (guards & WEIR_GUARD_MALFORMED && (reason = malformed(p)))
		return reason;
	if (guards & WEIR_GUARD_LAND && (reason = land(p)))
		return reason;
	if (guards & WEIR_GUARD_FRAGMENTS && p->fragment)
		return WEIR_FRAGMENT;
	if (guards & WEIR_GUARD_BOGONS && (reason = bogon(p)))
		return reason;
	if (guards & WEIR_GUARD_EXTENSION_HEADERS && p->ext_headers)
		return WEIR_EXTENSION_HEADER;
	return 0;
}

#endif
