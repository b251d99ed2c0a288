/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A traffic generator for tests, demonstrations and measurements: packets as
 * floods have them, from many made-up sources, checksums correct, sent into a
 * veth pair.  It is no weapon: it wants a veth, a network namespace other than the
 * initial one and addresses that documentation and benchmarks reserve, and it
 * stops by itself.
 *
 * The other end of the veth must receive with NAPI, or the kernel throws the
 * frames away: it has NAPI while an XDP program is attached natively, or after
 * "ethtool -K PEER gro on".  A run whose first frame does not arrive fails.
 *
 * Linux 5.18 or later, and the privilege to load programs and to make a
 * network namespace.
 */
#ifndef WEIR_FLOOD_H
#define WEIR_FLOOD_H

#include <net/ethernet.h>
#include <stdint.h>

#include "base/prefix.h"
#include "bpf/flood.h"

#define FLOOD_DEFAULT_MS	10000
#define FLOOD_MAX_MS		600000
#define FLOOD_MAX_PPS		100000000
#define FLOOD_MAX_VLAN		4094

struct flood_kind_info {
	const char *word;
	enum flood_form form;
	uint16_t sport, dport;	/* 0: any */
	const char *what;
};

extern const struct flood_kind_info flood_kinds[FLOOD_KIND_COUNT];

/* Zero is a good value for whatever says what 0 means. */
struct flood {
	unsigned int ifindex;
	enum flood_kind kind;
	enum flood_sources sources;
	struct prefix to;	/* one address */
	struct prefix from;	/* family 0: 198.18.0.0/15, 2001:db8::/32 */
	struct ether_addr to_mac;	/* 0: broadcast, which TCP ignores */
	struct ether_addr from_mac;	/* 0: the interface's own */
	uint16_t sport;		/* 0: the kind's, or another in every frame */
	uint16_t dport;		/* 0: the kind's */
	uint16_t vlan;		/* 802.1Q tag; 0: none */
	unsigned int size;	/* bytes without FCS and tag; 0: the kind's */
	unsigned int duration_ms;	/* 0: FLOOD_DEFAULT_MS */
	uint64_t count;		/* 0: as many as the time allows */
	uint64_t rate_pps;	/* 0: as fast as can be */
};

/*
 * A frame is lost when the other end has no room for it.  Two runs on one veth
 * take each other's frames for their own, so neither knows what it lost.
 */
struct flood_result {
	uint64_t frames;	/* sent, lost ones too */
	unsigned int size;	/* of each, as sent */
	struct prefix from;
	uint64_t lost;
	double seconds;
	double cpu_seconds;	/* with what the receiver's NAPI took */
};

/* Refuse what is unsafe or impossible, in one line.  Returns 0 or -errno. */
int flood_check(const struct flood *flood);

/*
 * Is this a network namespace that a flood may be in?  Returns 0, or -errno
 * after a line on stderr.
 */
int flood_check_namespace(void);

/*
 * Check, then send.  SIGINT and SIGTERM end the run early and well: they are
 * caught from here until the return.  On failure *result is untouched.
 */
int flood_run(const struct flood *flood, struct flood_result *result);

#endif
