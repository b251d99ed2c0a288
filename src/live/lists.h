/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Editing and reading the allow and deny lists.
 *
 * An edit is all or nothing, also when its writer is killed: entries are
 * written under an edit number that the datapath does not honour yet, and one
 * store of that number makes all of them count.  The next edit takes back or
 * finishes what a dead writer left.  One writer at a time, under the
 * instance's lock.
 */
#ifndef WEIR_LISTS_H
#define WEIR_LISTS_H

#include "base/prefix.h"
#include "live/maps.h"
#include "show/report.h"

struct list_edit {
	const struct maps *maps;
	const struct maps *live;	/* whose counts entries go on with, or NULL */
	struct weir_lists live_head;
	struct stages *was;		/* what is listed live, or NULL */
	struct stages *new;		/* what lists_write() writes, or NULL */
	struct weir_counter *counters;	/* a block of ids ... */
	__u32 counters_from;		/* ... from this one */
	struct weir_lists *lists;
	struct weir_ids *ids;
	__u64 *taken;			/* the ids of these lists ... */
	unsigned int entries;		/* ... and how many */
	__u64 *hosts;			/* see WEIR_HOSTS */
	__u64 *added;			/* words to be written after the commit */
	size_t added_count;
	__u64 number;
	__u64 origins;			/* in use, as bits, when last settled */
	unsigned int rover;		/* where to look for a free id next */
	struct list_entry *removed;	/* to be deleted after the commit */
	size_t removed_count;
};

/*
 * Start an edit; maps must be open for writing.  Returns 0, or -errno after a
 * line on stderr.
 */
int lists_begin(const struct maps *maps, struct list_edit *edit);

/*
 * The same for the lists of a generation that is not live: a new one, whose
 * ids go to taken[WEIR_MAX_IDS / 64], or with NULL the one before.  What is
 * listed live too keeps its id, its age and its counts.
 */
int lists_begin_beside(const struct maps *maps, const struct maps *live,
		       __u64 *taken, struct list_edit *edit);

/*
 * Make run-time entries follow: list those of the live lists that have an end,
 * or that were added since 'since_s' of CLOCK_REALTIME; drop those that have an
 * end and are not listed live.  Returns their number, or -errno after a line.
 */
int lists_carry(struct list_edit *edit, __u64 since_s);

/*
 * List a prefix until 'end_ns' of CLOCK_MONOTONIC, or WEIR_NEVER, as coming
 * from an origin (0, or what lists_origin returned, with WEIR_OF_POLICY if the
 * policy's).  If it is listed, the
 * later end wins.  Returns 0, 1 if nothing had to change, or -errno after a
 * line on stderr.
 */
int lists_add(struct list_edit *edit, enum weir_list list,
	      const struct prefix *prefix, __u64 end_ns, unsigned int origin);

/* The number of a named list.  Returns it, or -errno after a line on stderr. */
int lists_origin(struct list_edit *edit, const char *name);

/*
 * Returns 0, also for what this edit removed already; 1 if it was not listed;
 * or -errno after a line on stderr.
 */
int lists_remove(struct list_edit *edit, enum weir_list list,
		 const struct prefix *prefix);

/*
 * Entries of a new generation, whose lists are all written at once.  Before
 * lists_commit(); nothing to do for other edits.  Returns 0, or -errno after a
 * line on stderr.
 */
int lists_write(struct list_edit *edit);

/* Make all changes count at once, and tidy up. */
void lists_commit(struct list_edit *edit);

/* Take all changes back.  Does nothing to an edit that was committed. */
void lists_abort(struct list_edit *edit);

/* The ids that the entries of a store have, into taken[WEIR_MAX_IDS / 64]. */
int lists_ids(const struct maps *maps, __u64 *taken);

/* The exact prefix.  Returns 0, or -ENOENT without a word. */
int lists_find(const struct maps *maps, enum weir_list list,
	       const struct prefix *prefix, struct list_entry *entry);

/*
 * The longest listed prefix that covers another, as the datapath would find
 * it.  Returns 0, or -ENOENT without a word.
 */
int lists_cover(const struct maps *maps, enum weir_list list,
		const struct prefix *prefix, struct list_entry *entry);

/* The same, as it will be once an edit is committed. */
int lists_cover_next(const struct list_edit *edit, enum weir_list list,
		     const struct prefix *prefix, struct list_entry *entry);

/*
 * All entries of one list, in the order of prefix_compare.  Returns their
 * number with *entries to be freed, or -errno after a line on stderr.
 */
int lists_read(const struct maps *maps, enum weir_list list,
	       struct list_entry **entries);

#endif
