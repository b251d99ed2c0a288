/* SPDX-License-Identifier: GPL-2.0-only */
/* The datapath in the kernel: loaded, not yet attached to anything. */
#ifndef WEIR_FILTER_H
#define WEIR_FILTER_H

#include "compile/code.h"
#include "live/maps.h"

struct filter_cost {
	unsigned int verified;		/* instructions the verifier processed,
					 * 0 where the kernel does not say */
	unsigned int xlated, jited;	/* bytes */
};

/* What a policy makes of the datapath: constants to the verifier. */
struct filter_settings {
	__u32 generation;
	__u32 guards;			/* enum weir_guard */
	bool default_drop;
	bool observe;			/* count what would be dropped, drop nothing */
	bool fed_clock;			/* the time is weir_runtime.fed_ns */
	const struct rule_code *code;	/* the rules; NULL: none */
	const struct weir_rule *rules;	/* what each of them does, in order */
};

/*
 * Load the datapath over the maps that are open in *maps; maps that are closed
 * (-1) are made and filled in, so that all closed gives a private copy.
 * Returns the program's fd, or -errno after a line on stderr with *maps as it
 * was.
 */
int filter_load(struct maps *maps, const struct filter_settings *settings);

/* Returns 0, or -errno without a word. */
int filter_cost(int program, struct filter_cost *cost);

/* The kernel's id of a program, or 0. */
unsigned int program_id(int program);

#endif
