/* SPDX-License-Identifier: GPL-2.0-only */
/* Which interface counts in which row of the matrix. */
#ifndef WEIR_SLOTS_H
#define WEIR_SLOTS_H

#include "live/maps.h"

/*
 * Tell the datapath that packets of an interface count in a slot, or that a
 * slot is nobody's.  Return 0, or -errno after a line on stderr.
 */
int slots_learn(const struct maps *maps, unsigned int slot,
		unsigned int ifindex);
int slots_forget(const struct maps *maps, unsigned int slot);

/*
 * The slot an interface shall have: the one that an interface of this name
 * had, so that its counters go on (ppp0 comes back under a new index each
 * time); or a free one; or that of the interface attached longest ago.
 * 'taken' holds the slots in use, as bits.  Returns WEIR_SLOT_OTHER when all
 * are.
 */
unsigned int slots_choose(const struct weir_record *record, __u64 taken,
			  const char *name);

/* Set a slot's row of counters to zero. */
int slots_empty(const struct maps *maps, unsigned int slot);

#endif
