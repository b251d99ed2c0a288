/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entries in memory, found by key: what a store holds, read at once, or what it
 * is to hold, written at once.  A system call an entry is what a large list
 * would otherwise spend its time on.
 */
#ifndef WEIR_STAGE_H
#define WEIR_STAGE_H

#include "live/store.h"

struct stage {
	unsigned char *keys;		/* as the family's map has them ... */
	struct weir_entry *entries;	/* ... and beside each its entry */
	size_t key_size, count, room;
	__u32 *index;			/* by hash: a place + 1, or 0 */
	size_t buckets;			/* a power of two, twice the room */
};

struct stages {
	struct stage ip4, ip6;
};

/* Returns NULL after a line on stderr. */
struct stages *stages_make(void);
void stages_free(struct stages *stages);

/* What is staged under a key, until the next stage_add(); or NULL. */
struct weir_entry *stage_find(struct stages *stages, unsigned char family,
			      const union key *key);

/* Of a key that is not there.  Returns 0, or -ENOMEM after a line on stderr. */
int stage_add(struct stages *stages, unsigned char family, const union key *key,
	      const struct weir_entry *entry);

/* All of it into empty stores.  Returns 0, or -errno after a line. */
int stages_write(const struct stages *stages, const struct maps *maps);

#endif
