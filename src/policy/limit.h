/* SPDX-License-Identifier: GPL-2.0-only */
/* From a limit as it is written to the numbers that the datapath reckons with. */
#ifndef WEIR_LIMIT_H
#define WEIR_LIMIT_H

#include "policy/policy.h"

/* A flood that innocent sources shall not notice, in packets a second. */
#define LIMIT_FLOOD_PPS	10000000
#define LIMIT_FLOOD_SIZE 60	/* bytes of each */

/* Where a rate of bits comes without a burst, at least one full frame is one. */
#define LIMIT_LEAST_BYTES 1514

void limit_scale(const struct rule *rule, struct weir_limit *limit);

/*
 * May a flood from forged sources hurt those that keep to the limit, and how
 * many cells would it take that it does not?  Returns 0 where it does not; more
 * than WEIR_MOST_CELLS where no table is large enough.  *charge is what the
 * flood costs a cell, in packets or bytes a second.
 */
__u64 limit_cells_wanted(const struct rule *rule,
			 const struct weir_limit *limit, __u64 *charge);

#endif
