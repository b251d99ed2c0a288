/* SPDX-License-Identifier: GPL-2.0-only */
/* What rules have counted. */
#ifndef WEIR_LIVE_RULES_H
#define WEIR_LIVE_RULES_H

#include "live/maps.h"

/* All return 0, or -errno after a line on stderr. */
int rule_counter_read(const struct maps *maps, __u32 slot,
		      struct weir_counter *sum);
int rule_excess_read(const struct maps *maps, __u32 slot,
		     struct weir_counter *sum);
int rule_counter_empty(const struct maps *maps, __u32 slot);

#endif
