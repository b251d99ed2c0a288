// SPDX-License-Identifier: GPL-2.0-only
/* Reading the lists: what is in force, and what it counted. */
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/clock.h"
#include "base/error.h"
#include "live/lists.h"
#include "live/store.h"

/* Seconds of CLOCK_REALTIME of an end; 0 stands for none. */
static __u64 end_on_the_wall(__u64 end_ns)
{
	__u64 now = clock_ns(CLOCK_MONOTONIC);

	if (end_ns == WEIR_NEVER || end_ns < now)
		return 0;
	return (clock_ns(CLOCK_REALTIME) + end_ns - now + NS_PER_S / 2) /
	       NS_PER_S;
}

/* What is in force of an entry, with its own packets and bytes. */
static int entry_read(const struct maps *maps, const struct weir_lists *lists,
		      const struct weir_entry *found, enum weir_list list,
		      const struct prefix *prefix, struct list_entry *entry)
{
	struct weir_counter now;
	__u32 origin;

	if (!entry_is_live(found, lists->committed))
		return -ENOENT;
	now = counter_of(maps, found->id);
	*entry = (struct list_entry){
		.list = list,
		.prefix = *prefix,
		.id = found->id,
		.since_s = found->since_s,
		.until_s = end_on_the_wall(entry_end(found, lists->committed)),
		.packets = now.packets - found->packets_before,
		.bytes = now.bytes - found->bytes_before,
	};
	entry->of_policy = found->origin & WEIR_OF_POLICY;
	origin = found->origin & ~WEIR_OF_POLICY;
	if (origin && origin < WEIR_MAX_ORIGINS)
		memcpy(entry->origin, lists->origin[origin],
		       sizeof(entry->origin) - 1);
	return 0;
}

/* The exact prefix, as a head of the lists has it. */
static int entry_find(const struct maps *maps, const struct weir_lists *lists,
		      enum weir_list list, const struct prefix *prefix,
		      struct list_entry *entry)
{
	union key key = key_make(list, prefix);
	struct weir_entry found;

	if (bpf_map_lookup_elem(store_of(maps, prefix), &key, &found))
		return -ENOENT;
	return entry_read(maps, lists, &found, list, prefix, entry);
}

static int entry_cover(const struct maps *maps, const struct weir_lists *lists,
		       enum weir_list list, const struct prefix *prefix,
		       struct list_entry *entry)
{
	struct prefix wider = *prefix;

	for (int len = prefix->len; len >= 0; len--) {
		wider.len = len;
		prefix_mask(&wider);
		if (!entry_find(maps, lists, list, &wider, entry))
			return 0;
	}
	return -ENOENT;
}

int lists_find(const struct maps *maps, enum weir_list list,
	       const struct prefix *prefix, struct list_entry *entry)
{
	struct weir_lists lists;

	if (bpf_map_lookup_elem(maps->fd[MAP_LISTS], &(__u32){ 0 }, &lists))
		return -ENOENT;
	return entry_find(maps, &lists, list, prefix, entry);
}

int lists_cover(const struct maps *maps, enum weir_list list,
		const struct prefix *prefix, struct list_entry *entry)
{
	struct weir_lists lists;

	if (bpf_map_lookup_elem(maps->fd[MAP_LISTS], &(__u32){ 0 }, &lists))
		return -ENOENT;
	return entry_cover(maps, &lists, list, prefix, entry);
}

int lists_cover_next(const struct list_edit *edit, enum weir_list list,
		     const struct prefix *prefix, struct list_entry *entry)
{
	struct weir_lists lists = *edit->lists;

	lists.committed = edit->number;
	return entry_cover(edit->maps, &lists, list, prefix, entry);
}

struct reading {
	const struct maps *maps;
	struct weir_lists lists;
	enum weir_list list;
	struct list_entry *entries;
	size_t count, room;
};

static int entry_collect(void *data, unsigned char family, const union key *key,
			 struct weir_entry *found)
{
	struct prefix prefix = key_prefix(family, key);
	struct reading *reading = data;
	struct list_entry *grown;

	if (key->ip4.list != reading->list || prefix.len > prefix_bits(&prefix))
		return 0;
	if (reading->count == reading->room) {
		reading->room = reading->room ? reading->room * 2 : 256;
		grown = realloc(reading->entries,
				reading->room * sizeof(*grown));
		if (!grown)
			return fail(ENOMEM, "out of memory");
		reading->entries = grown;
	}
	if (!entry_read(reading->maps, &reading->lists, found, reading->list,
			&prefix, &reading->entries[reading->count]))
		reading->count++;
	return 0;
}

static int entry_order(const void *a, const void *b)
{
	return prefix_compare(&((const struct list_entry *)a)->prefix,
			      &((const struct list_entry *)b)->prefix);
}

int lists_read(const struct maps *maps, enum weir_list list,
	       struct list_entry **entries)
{
	struct reading reading = { .maps = maps, .list = list };
	int err;

	if (bpf_map_lookup_elem(maps->fd[MAP_LISTS], &(__u32){ 0 },
				&reading.lists))
		return fail(errno, "cannot read the lists: %s",
			    error_text(errno));
	err = store_visit(maps, entry_collect, &reading);
	if (err) {
		free(reading.entries);
		return err;
	}
	if (reading.count)
		qsort(reading.entries, reading.count, sizeof(*reading.entries),
		      entry_order);
	*entries = reading.entries;
	return reading.count;
}
