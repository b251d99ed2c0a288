/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The dumb reference for the lists: an array, searched from end to end; and
 * what must hold of the maps themselves, counted anew from the stores.
 */
#ifndef WEIR_TESTS_LISTED_H
#define WEIR_TESTS_LISTED_H

#include "unit/unit.h"
#include "live/lists.h"

#define MAX_LISTED 1024

struct listed {
	size_t count;
	struct {
		enum weir_list list;
		struct prefix prefix;
	} at[MAX_LISTED];
};

bool listed_has(const struct listed *all, enum weir_list list,
		const struct prefix *prefix);
void listed_add(struct listed *all, enum weir_list list,
		const struct prefix *prefix);
void listed_remove(struct listed *all, enum weir_list list,
		   const struct prefix *prefix);

/* The entry with the longest prefix that covers, or -1. */
int listed_cover(const struct listed *all, enum weir_list list,
		 const struct prefix *prefix);

/* Find and cover say of one prefix what the reference says. */
void assert_answers(const struct maps *maps, const struct listed *all,
		    enum weir_list list, const struct prefix *prefix);

/* Reading the lists gives the reference, all of it, in order. */
void assert_reads(const struct maps *maps, const struct listed *all);

/*
 * Counts, length bits and ids are those of the stores, no id is used twice,
 * and the stores hold 'count' entries.
 */
void assert_exact(const struct maps *maps, size_t count);

/* No edit is open, and all of the above. */
void assert_settled(const struct maps *maps, const struct listed *all);

/* List what the array names, in one edit. */
void listed_store(const struct maps *maps, struct listed *all,
		  const char *const *allow, const char *const *deny);

/* lists_add of an entry without an end, added at run time. */
static inline int endless_add(struct list_edit *edit, enum weir_list list,
			      const struct prefix *prefix)
{
	return lists_add(edit, list, prefix, WEIR_NEVER, 0);
}

/* A prefix's key and its store. */
union listed_key {
	struct weir_prefix4 ip4;
	struct weir_prefix6 ip6;
};

union listed_key key_from(enum weir_list list, const struct prefix *prefix);
int store_fd(const struct maps *maps, unsigned char family);

void head_read(const struct maps *maps, struct weir_lists *head);
void head_write(const struct maps *maps, const struct weir_lists *head);
void ids_read(const struct maps *maps, struct weir_ids *ids);
void ids_write(const struct maps *maps, const struct weir_ids *ids);

/* What a writer leaves that is killed in the middle of an edit. */
void edit_drop(struct list_edit *edit);

#endif
