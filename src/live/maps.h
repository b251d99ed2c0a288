/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps of an instance: their names, rights, lifetimes, and their fds. */
#ifndef WEIR_MAPS_H
#define WEIR_MAPS_H

#include <stdbool.h>
#include <stddef.h>

#include "abi.h"

/*
 * X(NAME, skeleton's name, pin, mode, lifetime).  An instance's map outlives
 * every policy; a generation's goes with its program.
 */
#define WEIR_MAPS(X)							     \
	X(RUNTIME,      data_runtime, "runtime",      0640, INSTANCE)	     \
	X(COUNTERS,     counters,     "counters",     0640, INSTANCE)	     \
	X(ENTRY_COUNTS, entry_counts, "entry_counts", 0640, INSTANCE)	     \
	X(ENTRY_IDS,    entry_ids,    "entry_ids",    0660, INSTANCE)	     \
	X(RULE_COUNTS,  rule_counts,  "rule_counts",  0640, INSTANCE)	     \
	X(RULE_EXCESS,  rule_excess,  "rule_excess",  0640, INSTANCE)	     \
	X(LIMIT_CELLS,  limit_cells,  "limit_cells",  0600, INSTANCE)	     \
	X(SECRET,       data_secret,  "secret",       0600, INSTANCE)	     \
	X(BAN_HEAD,     data_bans,    "ban_head",     0640, INSTANCE)	     \
	X(BAN_SETS,     ban_sets,     "ban_sets",     0640, INSTANCE)	     \
	X(BANS,         bans,         "bans",         0660, INSTANCE)	     \
	X(RULES,        rule_table,   "rules",        0600, GENERATION)	     \
	X(UNBANNABLE,   unbannable,   "unbannable",   0600, GENERATION)	     \
	X(LISTS,        data_lists,   "lists",        0660, GENERATION)	     \
	X(HOSTS,        hosts,        "hosts",        0660, GENERATION)	     \
	X(PREFIX4,      prefix4,      "prefix4",      0660, GENERATION)	     \
	X(PREFIX6,      prefix6,      "prefix6",      0660, GENERATION)

#define MAP_ENUM_(name, skel, pin, mode, lifetime) MAP_##name,
enum map { WEIR_MAPS(MAP_ENUM_) MAP_COUNT };
#undef MAP_ENUM_

enum map_lifetime { MAP_INSTANCE, MAP_GENERATION };

struct map_kind {
	const char *pin;
	unsigned int mode;
	enum map_lifetime lifetime;
};

extern const struct map_kind map_kinds[MAP_COUNT];

/* Fds, or -1 for a map that is not open. */
struct maps {
	int fd[MAP_COUNT];
};

#define MAPS_CLOSED { .fd = { [0 ... MAP_COUNT - 1] = -1 } }

void maps_close(struct maps *maps);

/*
 * Open a pin.  Returns an fd, or -errno without a word: read-only fds can look
 * up, but neither update nor mmap.
 */
int pin_open(const char *path, bool write);

/*
 * Does the map behind fd have the type and sizes that this weir expects of
 * 'map'?  Returns 0, or -EPROTO without a word.
 */
int map_check(enum map map, int fd);

/* Has somebody frozen the map (BPF_MAP_FREEZE)?  Writers of it can. */
bool map_is_frozen(int fd);

/*
 * Say that the kernel refused to change a map just now, by errno: "cannot
 * WHAT: ...".  Returns -errno.
 */
int map_refused(int fd, const char *what);

/* Bytes of kernel memory a map takes, or 0 where the kernel does not say. */
unsigned long long map_memory(int fd);

/* The kernel's id of a map, or 0. */
unsigned int map_id(int fd);

/*
 * See a writable array map as memory.  Returns NULL after a line on stderr.
 * The caller unmaps by map_unsee().
 */
void *map_see(int fd, size_t size);
void map_unsee(void *memory, size_t size);

#endif
