/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A lab to practise in:
 *
 *	namespace weir-NAME-attacker        namespace weir-NAME-server
 *	attacker0 ---------------- veth --------------- server0
 *	192.0.2.1/24, 2001:db8::1/64        192.0.2.2/24, 2001:db8::2/64
 *
 * There is nothing of it in the caller's own namespace, and no way out of it:
 * neither side has a default route, and neither forwards.  The server answers
 * made-up sources through the attacker, who ignores what is not for it.
 */
#ifndef WEIR_LAB_H
#define WEIR_LAB_H

#include <net/ethernet.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/prefix.h"
#include "live/flood.h"
#include "show/report.h"

#define LAB_MAX_VLANS		16
#define LAB_MAX_GOOD_PPS	10000

struct lab_flood {
	enum flood_kind kind;
	unsigned char family;	/* 4 or 6 */
	struct prefix sources;	/* family 0: what the generator takes */
	uint64_t rate_pps;	/* 0: as fast as can be */
	unsigned int duration_ms;	/* 0: ten seconds */
	unsigned int good_pps;	/* 0: no good traffic */
	unsigned int size;	/* 0: the kind's */
	uint16_t port;		/* 0: the kind's */
	uint16_t vlan;		/* 0: none */
};

/* Is there a lab of that name, or half of one? */
bool lab_exists(const char *name);

/*
 * Whatever follows returns 0, or -errno after a line on stderr; -EABSENT where
 * there is no such lab.
 */
int lab_up(const char *name, const uint16_t *vlans, unsigned int count);

/* Namespaces, the veth pair, the lab's instance; a note if there is none. */
int lab_down(const char *name);

/* Become a command on one side of a lab.  Returns only on failure. */
int lab_exec(const char *name, enum lab_side side, char *const *words);

int lab_read(const char *name, struct lab_report *report);

/* All labs, by name: their number, with *reports to be freed. */
int labs_read(struct lab_report **reports);

/* Flood the server, and see how it serves others meanwhile. */
int lab_flood(const char *name, const struct lab_flood *flood,
	      struct flood_report *report);

/* The address of a side, in a family. */
struct prefix lab_address(enum lab_side side, unsigned char family);

#endif
