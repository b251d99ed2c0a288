/* SPDX-License-Identifier: GPL-2.0-only */
/* What the generator's program is told, once, before it is loaded. */
#ifndef WEIR_BPF_FLOOD_H
#define WEIR_BPF_FLOOD_H

#include <linux/types.h>

#define FLOOD_MIN_SIZE	60	/* bytes of a frame, without FCS */
#define FLOOD_MAX_SIZE	1514
#define FLOOD_TAG_SIZE	4	/* 802.1Q, on top of the size */

/*
 * X(NAME, word, form, source port or 0 for any, destination port or 0, what
 * such a packet is).  The form says what differs from frame to frame.
 */
#define FLOOD_KINDS(X)							     \
	X(UDP,       "udp",       UDP,      0,     9,			     \
	  "UDP packets of zeroes")					     \
	X(SYN,       "syn",       TCP,      0,     80,			     \
	  "TCP connection requests")					     \
	X(ACK,       "ack",       TCP,      0,     80,			     \
	  "TCP segments of no connection")				     \
	X(RST,       "rst",       TCP,      0,     80,			     \
	  "TCP resets of no connection")				     \
	X(ICMP,      "icmp",      ICMP,     0,     0,			     \
	  "echo requests")						     \
	X(NTP,       "ntp",       UDP,      123,   80,			     \
	  "answers to monlist, as reflected by NTP servers")		     \
	X(DNS,       "dns",       UDP,      53,    80,			     \
	  "large answers, as reflected by resolvers")			     \
	X(MEMCACHED, "memcached", UDP,      11211, 80,			     \
	  "1,400 bytes of an answer, as reflected by memcached")	     \
	X(FRAGMENTS, "fragments", FRAGMENT, 0,     0,			     \
	  "middle fragments of packets that never complete")

#define FLOOD_ENUM_(name, word, form, sport, dport, what) FLOOD_##name,
enum flood_kind { FLOOD_KINDS(FLOOD_ENUM_) FLOOD_KIND_COUNT };
#undef FLOOD_ENUM_

enum flood_form {
	FLOOD_FORM_UDP,		/* source port */
	FLOOD_FORM_TCP,		/* source port, sequence numbers */
	FLOOD_FORM_ICMP,	/* identifier, sequence number */
	FLOOD_FORM_FRAGMENT,	/* identification */
};

enum flood_sources { FLOOD_RANDOM, FLOOD_WALK, FLOOD_FIXED };

/*
 * The sums are those of RFC 1071, not folded, with 0 where the program fills
 * in: source address, source port, sequence numbers, identification, the
 * checksums.
 */
struct flood_plan {
	__u64 seed;
	__u64 ip_sum;		/* the IPv4 header */
	__u64 transport_sum;	/* pseudo header, transport header, payload */
	__be32 from[4];		/* IPv4 in the first */
	__be32 hosts[4];	/* the bits of 'from' that may change */
	__u32 ifindex;
	__u32 size;
	__u32 network;		/* where the IP header begins: 14, or 18 */
	__u32 family;		/* 4 or 6 */
	__u32 form;		/* enum flood_form */
	__u32 acks;		/* TCP has an acknowledgement number */
	__u32 sources;		/* enum flood_sources */
	__be16 sport;		/* 0: another in every frame */
	__u16 zero;
};

_Static_assert(sizeof(struct flood_plan) == 88, "struct flood_plan has holes");

#endif
