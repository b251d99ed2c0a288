/* SPDX-License-Identifier: GPL-2.0-only */
/* What the generator's program is told, once, before it is loaded. */
#ifndef WEIR_BPF_FLOOD_H
#define WEIR_BPF_FLOOD_H

#include <linux/types.h>

#define FLOOD_MIN_SIZE	60	/* bytes of a frame, without FCS */
#define FLOOD_MAX_SIZE	1514

enum flood_kind { FLOOD_UDP, FLOOD_SYN };

enum flood_sources { FLOOD_RANDOM, FLOOD_WALK, FLOOD_FIXED };

/*
 * The sums are those of RFC 1071, not folded, with 0 where the program fills
 * in: source address, source port, TCP sequence number, the checksums.
 */
struct flood_plan {
	__u64 seed;
	__u64 ip_sum;		/* the IPv4 header */
	__u64 transport_sum;	/* pseudo header, TCP or UDP header, payload */
	__be32 from[4];		/* IPv4 in the first */
	__be32 hosts[4];	/* the bits of 'from' that may change */
	__u32 ifindex;
	__u32 size;
	__u32 family;		/* 4 or 6 */
	__u32 kind;		/* enum flood_kind */
	__u32 sources;		/* enum flood_sources */
	__be16 sport;		/* 0: another in every frame */
	__u16 zero;
};

_Static_assert(sizeof(struct flood_plan) == 80, "struct flood_plan has holes");

#endif
