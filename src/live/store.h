/* SPDX-License-Identifier: GPL-2.0-only */
/* How listed prefixes lie in their maps; for lists.c and entries.c alone. */
#ifndef WEIR_STORE_H
#define WEIR_STORE_H

#include "base/prefix.h"
#include "live/maps.h"

/* A key of either family: list and len lie at the same place in both. */
union key {
	struct weir_prefix4 ip4;
	struct weir_prefix6 ip6;
};

/* The map of a prefix's family. */
int store_of(const struct maps *maps, const struct prefix *prefix);

union key key_make(enum weir_list list, const struct prefix *prefix);
struct prefix key_prefix(unsigned char family, const union key *key);

/* Keys are not trusted: does this one name a list and a possible length? */
bool key_is_sane(const union key *key, const struct prefix *prefix);

typedef int (*store_visitor)(void *data, unsigned char family,
			     const union key *key, struct weir_entry *entry);

/*
 * Call visit() for every entry of both families until it returns an error;
 * it may delete.  Returns 0, that error, or -errno after a line on stderr.
 */
int store_visit(const struct maps *maps, store_visitor visit, void *data);

/* What an id's counter holds now; ids are not trusted. */
struct weir_counter counter_of(const struct maps *maps, __u32 id);

/* Those of ids in a row.  Returns 0, or -errno without a word. */
int counters_read(const struct maps *maps, __u32 from, __u32 count,
		  struct weir_counter *counters);

/* When an entry ends, as the edits up to 'committed' have it. */
__u64 entry_end(const struct weir_entry *entry, __u64 committed);

/* Would the datapath honour the entry now? */
bool entry_is_live(const struct weir_entry *entry, __u64 committed);

#endif
