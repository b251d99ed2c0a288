/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables of limits: made, counted, thrown away. */
#ifndef WEIR_LIMITS_H
#define WEIR_LIMITS_H

#include <stdbool.h>

#include "live/instance.h"

/* The key of all hashes.  Returns 0, or -errno after a line on stderr. */
int limits_secret_make(const struct maps *maps);

/* A new, empty table for the limit at a slot.  Returns as above. */
int limit_cells_make(const struct maps *maps, __u32 slot,
		     const struct weir_limit *limit);

/* Throw away the tables of all slots but those kept, as bits. */
void limits_tidy(const struct maps *maps,
		 const __u64 kept[WEIR_MAX_RULES / 64]);

/* What a limit's table holds now. */
struct limit_use {
	__u32 cells;		/* of the table */
	__u32 active;		/* that are not yet empty again */
	unsigned long long bytes;
};

/* Returns 0, or -errno without a word where it has none or may not be read. */
int limit_use_read(const struct maps *maps, __u32 slot,
		   const struct weir_limit *limit, struct limit_use *use);

#endif
