/* SPDX-License-Identifier: GPL-2.0-only */
/* What limits have banned, and whom they must not. */
#ifndef WEIR_BANS_H
#define WEIR_BANS_H

#include "live/description.h"
#include "live/instance.h"
#include "show/report.h"

/*
 * All live bans, in the order of prefix_compare, as entries of the deny list
 * whose origin is the limit's name.  Returns their number with *bans to be
 * freed, or -errno after a line on stderr.
 */
int bans_read(const struct maps *maps, const struct description *live,
	      struct list_entry **bans);

/*
 * End the ban of exactly this prefix, or of all if it is NULL.  Returns how
 * many there were, or -errno after a line on stderr.
 */
int bans_end(const struct maps *maps, const struct prefix *prefix);

/* Bans there are, and those that found no room since the instance was made. */
struct bans_use {
	unsigned int live;
	__u64 refused;
	long long refused_s;	/* the last, so many seconds ago */
};

/* Returns 0, or -errno without a word. */
int bans_use_read(const struct maps *maps, struct bans_use *use);

/*
 * Before a generation goes live, over its maps: at which prefix lengths it
 * bans.  Returns 0, or -errno after a line on stderr.
 */
int bans_announce(const struct maps *maps, const struct weir_rule *rules,
		  size_t count);

/*
 * And that it must not ban this host, its gateways and resolvers, or whoever
 * is logged in.  An allowed source never comes so far.
 */
void bans_protect(const struct maps *maps, const struct weir_rule *rules,
		  size_t count);

#endif
