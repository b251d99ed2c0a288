/* SPDX-License-Identifier: GPL-2.0-only */
/* The datapath in the kernel: loaded, not yet attached to anything. */
#ifndef WEIR_FILTER_H
#define WEIR_FILTER_H

#include "live/maps.h"

struct filter_cost {
	unsigned int verified;		/* instructions the verifier processed,
					 * 0 where the kernel does not say */
	unsigned int xlated, jited;	/* bytes */
};

/*
 * Load the datapath over the maps that are open in *maps; maps that are closed
 * (-1) are made and filled in, so that all closed gives a private copy.
 * Returns the program's fd, or -errno after a line on stderr with *maps as it
 * was.
 */
int filter_load(struct maps *maps);

/* Returns 0, or -errno without a word. */
int filter_cost(int program, struct filter_cost *cost);

/* The kernel's id of a program, or 0. */
unsigned int program_id(int program);

#endif
