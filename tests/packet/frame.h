/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames, written down as their layers:
 *
 *	F(ETH(), VLAN(.id = 7), IP4(.src = "198.51.100.7"), UDP(.sport = 123))
 *
 * What a layer leaves out is filled in: addresses and ports with fixed ones;
 * lengths, checksums and the type of the layer behind with the right ones.
 * What it gives is written as it is, right or wrong.  A plain 0 counts as left
 * out: ZERO writes one.  MORE(n) and LESS(n) miss the right value by n.
 */
#ifndef WEIR_TESTS_FRAME_H
#define WEIR_TESTS_FRAME_H

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_SIZE	69999	/* what BPF_PROG_TEST_RUN takes */
#define FRAME_LAYERS	32

#define ZERO		(1ULL << 63)
#define MORE(n)		(1ULL << 62 | (uint16_t)(n))
#define LESS(n)		(1ULL << 62 | (uint16_t)-(n))

enum layer_kind {
	LAYER_END,
	LAYER_ETH, LAYER_VLAN, LAYER_ARP, LAYER_IP4, LAYER_IP6,
	LAYER_HOPOPTS, LAYER_ROUTING, LAYER_DSTOPTS, LAYER_MOBILITY,
	LAYER_FRAGMENT, LAYER_AH, LAYER_NONEXT,
	LAYER_TCP, LAYER_UDP, LAYER_SCTP, LAYER_ICMP, LAYER_ICMP6,
	LAYER_GRE, LAYER_ESP,
	LAYER_HEX, LAYER_BYTES, LAYER_TRAILER, LAYER_PAD,
	LAYER_CUT, LAYER_SHORT,
	LAYER_COUNT
};

/* Addresses are text; 'hex' and 'options' are text as "0102 0304". */
struct layer {
	enum layer_kind kind;
	union {
		struct {
			const char *src, *dst;
			uint64_t type;
		} eth;
		struct {
			uint64_t tpid;		/* 0x8100 or 0x88a8 */
			uint64_t id, type;
		} vlan;
		struct {
			const char *src, *dst;
			uint64_t version, ihl, tos, tot_len, id, ttl, proto;
			uint64_t offset;	/* of a fragment, in 8 bytes */
			uint64_t more, dont;	/* fragment flags */
			uint64_t check;
			const char *options;
		} ip4;
		struct {
			const char *src, *dst;
			uint64_t version, payload_len, next, hops;
		} ip6;
		struct {
			uint64_t next, len;
			uint64_t size;		/* bytes, zeros where no hex */
			const char *hex;	/* what follows next and len */
		} ext;				/* AH too */
		struct {
			uint64_t next, offset, more, id;
		} fragment;
		struct {
			uint64_t sport, dport, seq, ack, doff, flags, window;
			uint64_t check;
			const char *options;
		} tcp;
		struct {
			uint64_t sport, dport, len, check;
		} udp;
		struct {
			uint64_t sport, dport;
		} sctp;
		struct {
			uint64_t type, code, rest, check;
		} icmp;				/* ICMPv6 too */
		struct {
			uint64_t type;
		} gre;
		struct {
			uint64_t spi;
		} esp;
		struct {
			const char *src, *dst;
		} arp;
		const char *hex;
		struct {
			uint64_t size, fill;
		} bytes;
		uint64_t size;			/* PAD, CUT, SHORT: bytes */
	};
};

#define F(...) ((const struct layer[]){ __VA_ARGS__, { .kind = LAYER_END } })

#define ETH(...)	{ .kind = LAYER_ETH, .eth = { __VA_ARGS__ } }
#define VLAN(...)	{ .kind = LAYER_VLAN, .vlan = { __VA_ARGS__ } }
#define ARP(...)	{ .kind = LAYER_ARP, .arp = { __VA_ARGS__ } }
#define IP4(...)	{ .kind = LAYER_IP4, .ip4 = { __VA_ARGS__ } }
#define IP6(...)	{ .kind = LAYER_IP6, .ip6 = { __VA_ARGS__ } }
#define HOPOPTS(...)	{ .kind = LAYER_HOPOPTS, .ext = { __VA_ARGS__ } }
#define ROUTING(...)	{ .kind = LAYER_ROUTING, .ext = { __VA_ARGS__ } }
#define DSTOPTS(...)	{ .kind = LAYER_DSTOPTS, .ext = { __VA_ARGS__ } }
#define MOBILITY(...)	{ .kind = LAYER_MOBILITY, .ext = { __VA_ARGS__ } }
#define FRAGMENT(...)	{ .kind = LAYER_FRAGMENT, .fragment = { __VA_ARGS__ } }
#define AH(...)		{ .kind = LAYER_AH, .ext = { __VA_ARGS__ } }
#define NONEXT()	{ .kind = LAYER_NONEXT }
#define TCP(...)	{ .kind = LAYER_TCP, .tcp = { __VA_ARGS__ } }
#define UDP(...)	{ .kind = LAYER_UDP, .udp = { __VA_ARGS__ } }
#define SCTP(...)	{ .kind = LAYER_SCTP, .sctp = { __VA_ARGS__ } }
#define ICMP(...)	{ .kind = LAYER_ICMP, .icmp = { __VA_ARGS__ } }
#define ICMP6(...)	{ .kind = LAYER_ICMP6, .icmp = { __VA_ARGS__ } }
#define GRE(...)	{ .kind = LAYER_GRE, .gre = { __VA_ARGS__ } }
#define ESP(...)	{ .kind = LAYER_ESP, .esp = { __VA_ARGS__ } }

/* Payload: bytes one by one, or many of one value (0x5a). */
#define HEX(text)	{ .kind = LAYER_HEX, .hex = text }
#define BYTES(n, ...)	{ .kind = LAYER_BYTES, .bytes = { n, __VA_ARGS__ } }

/*
 * From here on nothing is part of an IP packet: Ethernet's own padding, and
 * whatever somebody may hide in it.  PAD(n) fills up to n bytes with zeros.
 */
#define TRAILER()	{ .kind = LAYER_TRAILER }
#define PAD(n)		{ .kind = LAYER_PAD, .size = n }

/*
 * Only the first n bytes of the frame.  After CUT the lengths inside still
 * speak of what was cut off; after SHORT they agree with what is left.
 */
#define CUT(n)		{ .kind = LAYER_CUT, .size = n }
#define SHORT(n)	{ .kind = LAYER_SHORT, .size = n }

struct frame {
	size_t len;
	size_t at[FRAME_LAYERS];	/* where each layer begins, END too */
	uint8_t data[FRAME_SIZE];
};

/* Layers that cannot be written at all end the program. */
void frame_build(struct frame *frame, const struct layer *layers);

#endif
