// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two walks over the layers.  Forwards, each layer writes what it knows by
 * itself; backwards, each fills in what depends on the layers behind it, which
 * by then are complete.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/ether.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"

#define EXPERIMENTAL_TYPE	0x88b5	/* IEEE 802, local experimental */
#define EXPERIMENTAL_PROTO	253	/* RFC 3692 */

struct build {
	struct frame *frame;
	const struct layer *layers;
	size_t end;		/* of what IP lengths cover */
};

static _Noreturn void die(const char *what, const char *text)
{
	fprintf(stderr, "frame: %s: '%s'\n", what, text);
	abort();
}

/* The value of a field: as given, or the right one. */
static uint32_t value(uint64_t given, uint32_t right)
{
	if (given == ZERO)
		return 0;
	if (given & MORE(0))
		return right + (int16_t)given;
	return given ? given : right;
}

static void put8(uint8_t *p, uint32_t v)
{
	*p = v;
}

static void put16(uint8_t *p, uint32_t v)
{
	put8(p, v >> 8);
	put8(p + 1, v);
}

static uint8_t *append(struct frame *f, const void *data, size_t size)
{
	uint8_t *at = f->data + f->len;

	if (size > sizeof(f->data) - f->len)
		die("too long", "");
	if (data)
		memcpy(at, data, size);
	else
		memset(at, 0, size);
	f->len += size;
	return at;
}

static void append_hex(struct frame *f, const char *text)
{
	unsigned int byte;

	for (const char *p = text; p && *p; p += 2) {
		p += strspn(p, " ");
		if (sscanf(p, "%2x", &byte) != 1 || !p[1])
			die("not hexadecimal", text);
		put8(append(f, NULL, 1), byte);
	}
}

static void append_up_to(struct frame *f, size_t len)
{
	if (len > f->len)
		append(f, NULL, len - f->len);
}

static void read_address(int family, const char *text, const char *usual,
			 void *address)
{
	if (inet_pton(family, text ?: usual, address) != 1)
		die("not an address", text);
}

static void read_mac(const char *text, const char *usual, uint8_t *mac)
{
	if (!ether_aton_r(text ?: usual, (struct ether_addr *)mac))
		die("not a MAC", text);
}

/* RFC 1071, not folded: every second byte counts from 'sum' on. */
static uint32_t sum16(uint32_t sum, const uint8_t *p, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sum += i % 2 ? p[i] : p[i] << 8;
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* RFC 9260, appendix A. */
static uint32_t crc32c(const uint8_t *p, size_t size)
{
	uint32_t crc = ~0u;

	while (size--) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

/* What a layer is called in the EtherType of the layer before it. */
static uint32_t ether_type(const struct layer *l)
{
	switch (l->kind) {
	case LAYER_VLAN:
		return value(l->vlan.tpid, ETH_P_8021Q);
	case LAYER_IP4:
		return ETH_P_IP;
	case LAYER_IP6:
		return ETH_P_IPV6;
	case LAYER_ARP:
		return ETH_P_ARP;
	default:
		return EXPERIMENTAL_TYPE;
	}
}

/* What a layer is called in the protocol or next header before it. */
static uint32_t ip_proto(const struct layer *l)
{
	static const uint8_t protos[LAYER_COUNT] = {
		[LAYER_IP4] = IPPROTO_IPIP,
		[LAYER_IP6] = IPPROTO_IPV6,
		[LAYER_ROUTING] = IPPROTO_ROUTING,
		[LAYER_DSTOPTS] = IPPROTO_DSTOPTS,
		[LAYER_MOBILITY] = IPPROTO_MH,
		[LAYER_FRAGMENT] = IPPROTO_FRAGMENT,
		[LAYER_AH] = IPPROTO_AH,
		[LAYER_NONEXT] = IPPROTO_NONE,
		[LAYER_TCP] = IPPROTO_TCP,
		[LAYER_UDP] = IPPROTO_UDP,
		[LAYER_SCTP] = IPPROTO_SCTP,
		[LAYER_ICMP] = IPPROTO_ICMP,
		[LAYER_ICMP6] = IPPROTO_ICMPV6,
		[LAYER_GRE] = IPPROTO_GRE,
		[LAYER_ESP] = IPPROTO_ESP,
	};

	if (l->kind == LAYER_HOPOPTS)
		return IPPROTO_HOPOPTS;
	return protos[l->kind] ?: EXPERIMENTAL_PROTO;
}

static void write_eth(struct frame *f, const struct layer *l)
{
	struct ethhdr eth;

	read_mac(l->eth.dst, "02:00:00:00:00:02", eth.h_dest);
	read_mac(l->eth.src, "02:00:00:00:00:01", eth.h_source);
	append(f, &eth, sizeof(eth));
}

static void write_vlan(struct frame *f, const struct layer *l)
{
	put16(append(f, NULL, 4), value(l->vlan.id, 1));
}

static void write_arp(struct frame *f, const struct layer *l)
{
	append_hex(f, "0001 0800 06 04 0001 020000000001");
	read_address(AF_INET, l->arp.src, "192.0.2.1", append(f, NULL, 4));
	append(f, NULL, ETH_ALEN);
	read_address(AF_INET, l->arp.dst, "192.0.2.2", append(f, NULL, 4));
}

static void write_ip4(struct frame *f, const struct layer *l)
{
	struct iphdr ip = {
		.tos = value(l->ip4.tos, 0),
		.id = htons(value(l->ip4.id, 1)),
		.frag_off = htons(!!l->ip4.dont << 14 | !!l->ip4.more << 13 |
				  value(l->ip4.offset, 0)),
		.ttl = value(l->ip4.ttl, 64),
	};
	size_t at = f->len;

	read_address(AF_INET, l->ip4.src, "192.0.2.1", &ip.saddr);
	read_address(AF_INET, l->ip4.dst, "192.0.2.2", &ip.daddr);
	append(f, &ip, sizeof(ip));
	append_hex(f, l->ip4.options);
	append_up_to(f, at + (f->len - at + 3) / 4 * 4);
	put8(f->data + at, value(l->ip4.version, 4) << 4 |
				   value(l->ip4.ihl, (f->len - at) / 4));
}

static void write_ip6(struct frame *f, const struct layer *l)
{
	struct ip6_hdr ip = { .ip6_hlim = value(l->ip6.hops, 64) };

	ip.ip6_vfc = value(l->ip6.version, 6) << 4;
	read_address(AF_INET6, l->ip6.src, "2001:db8::1", &ip.ip6_src);
	read_address(AF_INET6, l->ip6.dst, "2001:db8::2", &ip.ip6_dst);
	append(f, &ip, sizeof(ip));
}

static void write_ext(struct frame *f, const struct layer *l)
{
	size_t at = f->len;

	append(f, NULL, 2);
	append_hex(f, l->ext.hex);
	append_up_to(f, at + (l->ext.size ?: 8));
	append_up_to(f, at + (f->len - at + 7) / 8 * 8);
	put8(f->data + at + 1, value(l->ext.len, (f->len - at) / 8 - 1));
}

static void write_fragment(struct frame *f, const struct layer *l)
{
	struct ip6_frag frag = {
		.ip6f_offlg = htons(value(l->fragment.offset, 0) << 3 |
				    !!l->fragment.more),
		.ip6f_ident = htonl(value(l->fragment.id, 1)),
	};

	append(f, &frag, sizeof(frag));
}

/* Its size is any multiple of 4; 24 bytes hold the usual 96-bit value. */
static void write_ah(struct frame *f, const struct layer *l)
{
	size_t at = f->len;

	append(f, NULL, 2);
	append_hex(f, l->ext.hex ?: "0000 00000100 00000001");
	append_up_to(f, at + (l->ext.size ?: 24));
	put8(f->data + at + 1, value(l->ext.len, (f->len - at) / 4 - 2));
}

static void write_tcp(struct frame *f, const struct layer *l)
{
	struct tcphdr tcp = {
		.th_sport = htons(value(l->tcp.sport, 40000)),
		.th_dport = htons(value(l->tcp.dport, 80)),
		.th_seq = htonl(value(l->tcp.seq, 1)),
		.th_ack = htonl(value(l->tcp.ack, 0)),
		.th_flags = value(l->tcp.flags, TH_SYN),
		.th_win = htons(value(l->tcp.window, 65535)),
	};
	size_t at = f->len;

	append(f, &tcp, sizeof(tcp));
	append_hex(f, l->tcp.options);
	append_up_to(f, at + (f->len - at + 3) / 4 * 4);
	put8(f->data + at + 12, value(l->tcp.doff, (f->len - at) / 4) << 4);
}

static void write_udp(struct frame *f, const struct layer *l)
{
	struct udphdr udp = {
		.source = htons(value(l->udp.sport, 40000)),
		.dest = htons(value(l->udp.dport, 9)),
	};

	append(f, &udp, sizeof(udp));
}

static void write_sctp(struct frame *f, const struct layer *l)
{
	uint8_t *sctp = append(f, NULL, 12);

	put16(sctp, value(l->sctp.sport, 40000));
	put16(sctp + 2, value(l->sctp.dport, 80));
}

static void write_icmp(struct frame *f, const struct layer *l)
{
	bool is_6 = l->kind == LAYER_ICMP6;
	struct icmphdr icmp = {
		.type = value(l->icmp.type, is_6 ? ICMP6_ECHO_REQUEST :
						   ICMP_ECHO),
		.code = value(l->icmp.code, 0),
		.un.gateway = htonl(value(l->icmp.rest, 0)),
	};

	append(f, &icmp, sizeof(icmp));
}

static void write_gre(struct frame *f, const struct layer *l)
{
	(void)l;
	append(f, NULL, 4);
}

static void write_esp(struct frame *f, const struct layer *l)
{
	uint32_t esp[] = { htonl(value(l->esp.spi, 256)), htonl(1) };

	append(f, esp, sizeof(esp));
}

static void write_hex(struct frame *f, const struct layer *l)
{
	append_hex(f, l->hex);
}

static void write_bytes(struct frame *f, const struct layer *l)
{
	memset(append(f, NULL, l->bytes.size), value(l->bytes.fill, 0x5a),
	       l->bytes.size);
}

static void write_pad(struct frame *f, const struct layer *l)
{
	append_up_to(f, l->size);
}

/* The layer behind number i that has a name in headers. */
static const struct layer *layer_behind(const struct build *b, int i)
{
	do
		i++;
	while (b->layers[i].kind == LAYER_TRAILER);
	return &b->layers[i];
}

/* Bytes from an offset to the end of what lengths cover. */
static size_t covered(const struct build *b, size_t from)
{
	return b->end > from ? b->end - from : 0;
}

/* A length that does not fit its field is written as 0 (RFC 2675). */
static uint32_t as_length(size_t size)
{
	return size > UINT16_MAX ? 0 : size;
}

static void finish_eth(struct build *b, int i, uint8_t *eth)
{
	put16(eth + 12, value(b->layers[i].eth.type,
			      ether_type(layer_behind(b, i))));
}

static void finish_vlan(struct build *b, int i, uint8_t *tag)
{
	put16(tag + 2, value(b->layers[i].vlan.type,
			     ether_type(layer_behind(b, i))));
}

static void finish_gre(struct build *b, int i, uint8_t *gre)
{
	put16(gre + 2, value(b->layers[i].gre.type,
			     ether_type(layer_behind(b, i))));
}

static void finish_ip4(struct build *b, int i, uint8_t *ip)
{
	const struct layer *l = &b->layers[i];
	size_t at = b->frame->at[i], size = b->frame->at[i + 1] - at;

	put16(ip + 2, value(l->ip4.tot_len, as_length(covered(b, at))));
	put8(ip + 9, value(l->ip4.proto, ip_proto(layer_behind(b, i))));
	put16(ip + 10, value(l->ip4.check, fold(sum16(0, ip, size))));
}

static void finish_ip6(struct build *b, int i, uint8_t *ip)
{
	const struct layer *l = &b->layers[i];
	size_t payload = b->frame->at[i] + sizeof(struct ip6_hdr);

	put16(ip + 4, value(l->ip6.payload_len,
			    as_length(covered(b, payload))));
	put8(ip + 6, value(l->ip6.next, ip_proto(layer_behind(b, i))));
}

static void finish_ext(struct build *b, int i, uint8_t *ext)
{
	put8(ext, value(b->layers[i].ext.next, ip_proto(layer_behind(b, i))));
}

static void finish_fragment(struct build *b, int i, uint8_t *fragment)
{
	put8(fragment, value(b->layers[i].fragment.next,
			     ip_proto(layer_behind(b, i))));
}

/* The checksum of a layer and all behind it, with the pseudo header. */
static uint16_t checksum(const struct build *b, int i, uint8_t proto)
{
	const uint8_t *data = b->frame->data;
	size_t at = b->frame->at[i], size = covered(b, at);
	uint32_t sum = sum16(0, data + at, size);
	int ip = i;

	while (ip > 0 && b->layers[ip].kind != LAYER_IP4 &&
	       b->layers[ip].kind != LAYER_IP6)
		ip--;
	at = b->frame->at[ip];
	sum += proto + (size & 0xffff) + (size >> 16);
	if (b->layers[ip].kind == LAYER_IP4)
		sum = sum16(sum, data + at + 12, 8);
	else if (b->layers[ip].kind == LAYER_IP6)
		sum = sum16(sum, data + at + 8, 32);
	return fold(sum);
}

static void finish_tcp(struct build *b, int i, uint8_t *tcp)
{
	put16(tcp + 16, value(b->layers[i].tcp.check,
			      checksum(b, i, IPPROTO_TCP)));
}

static void finish_udp(struct build *b, int i, uint8_t *udp)
{
	const struct layer *l = &b->layers[i];

	put16(udp + 4, value(l->udp.len,
			     as_length(covered(b, b->frame->at[i]))));
	put16(udp + 6, value(l->udp.check,
			     checksum(b, i, IPPROTO_UDP) ?: 0xffff));
}

static void finish_sctp(struct build *b, int i, uint8_t *sctp)
{
	uint32_t crc = htole32(crc32c(sctp, covered(b, b->frame->at[i])));

	memcpy(sctp + 8, &crc, sizeof(crc));
}

static void finish_icmp(struct build *b, int i, uint8_t *icmp)
{
	uint32_t sum = sum16(0, icmp, covered(b, b->frame->at[i]));

	put16(icmp + 2, value(b->layers[i].icmp.check, fold(sum)));
}

static void finish_icmp6(struct build *b, int i, uint8_t *icmp)
{
	put16(icmp + 2, value(b->layers[i].icmp.check,
			      checksum(b, i, IPPROTO_ICMPV6)));
}

static const struct {
	void (*write)(struct frame *f, const struct layer *l);
	void (*finish)(struct build *b, int i, uint8_t *header);
} kinds[LAYER_COUNT] = {
	[LAYER_ETH] = { write_eth, finish_eth },
	[LAYER_VLAN] = { write_vlan, finish_vlan },
	[LAYER_ARP] = { write_arp, NULL },
	[LAYER_IP4] = { write_ip4, finish_ip4 },
	[LAYER_IP6] = { write_ip6, finish_ip6 },
	[LAYER_HOPOPTS] = { write_ext, finish_ext },
	[LAYER_ROUTING] = { write_ext, finish_ext },
	[LAYER_DSTOPTS] = { write_ext, finish_ext },
	[LAYER_MOBILITY] = { write_ext, finish_ext },
	[LAYER_FRAGMENT] = { write_fragment, finish_fragment },
	[LAYER_AH] = { write_ah, finish_ext },
	[LAYER_TCP] = { write_tcp, finish_tcp },
	[LAYER_UDP] = { write_udp, finish_udp },
	[LAYER_SCTP] = { write_sctp, finish_sctp },
	[LAYER_ICMP] = { write_icmp, finish_icmp },
	[LAYER_ICMP6] = { write_icmp, finish_icmp6 },
	[LAYER_GRE] = { write_gre, finish_gre },
	[LAYER_ESP] = { write_esp, NULL },
	[LAYER_HEX] = { write_hex, NULL },
	[LAYER_BYTES] = { write_bytes, NULL },
	[LAYER_PAD] = { write_pad, NULL },
};

static size_t at_most(size_t a, size_t b)
{
	return a < b ? a : b;
}

void frame_build(struct frame *f, const struct layer *layers)
{
	struct build b = { .frame = f, .layers = layers, .end = SIZE_MAX };
	size_t cut = SIZE_MAX;
	int i;

	f->len = 0;
	for (i = 0; layers[i].kind != LAYER_END; i++) {
		const struct layer *l = &layers[i];

		if (i == FRAME_LAYERS - 1)
			die("too many layers", "");
		f->at[i] = f->len;
		if (l->kind == LAYER_TRAILER || l->kind == LAYER_PAD)
			b.end = at_most(b.end, f->len);
		if (l->kind == LAYER_SHORT)
			b.end = at_most(b.end, l->size);
		if (l->kind == LAYER_SHORT || l->kind == LAYER_CUT)
			cut = at_most(cut, l->size);
		if (kinds[l->kind].write)
			kinds[l->kind].write(f, l);
	}
	f->at[i] = f->len;
	b.end = at_most(b.end, f->len);
	while (i-- > 0)
		if (kinds[layers[i].kind].finish)
			kinds[layers[i].kind].finish(&b, i, f->data + f->at[i]);
	f->len = at_most(f->len, cut);
}
