// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "live/store.h"

int store_of(const struct maps *maps, const struct prefix *prefix)
{
	return maps->fd[prefix->family == 4 ? MAP_PREFIX4 : MAP_PREFIX6];
}

union key key_make(enum weir_list list, const struct prefix *prefix)
{
	union key key = { 0 };

	key.ip4.list = list;
	key.ip4.len = prefix->len;
	if (prefix->family == 4)
		memcpy(&key.ip4.addr, prefix->addr, sizeof(key.ip4.addr));
	else
		memcpy(key.ip6.addr, prefix->addr, sizeof(key.ip6.addr));
	return key;
}

struct prefix key_prefix(unsigned char family, const union key *key)
{
	struct prefix prefix = { .family = family, .len = key->ip4.len };

	if (family == 4)
		memcpy(prefix.addr, &key->ip4.addr, sizeof(key->ip4.addr));
	else
		memcpy(prefix.addr, key->ip6.addr, sizeof(key->ip6.addr));
	return prefix;
}

struct weir_counter counter_of(const struct maps *maps, __u32 id)
{
	struct weir_counter counter = { 0 };

	bpf_map_lookup_elem(maps->fd[MAP_ENTRY_COUNTS], &id, &counter);
	return counter;
}

int counters_read(const struct maps *maps, __u32 from, __u32 count,
		  struct weir_counter *counters)
{
	_free_ __u32 *ids = malloc(count * sizeof(*ids));
	__u32 before = from - 1, last;

	if (!ids)
		return -ENOMEM;
	return bpf_map_lookup_batch(maps->fd[MAP_ENTRY_COUNTS],
				    from ? &before : NULL, &last, ids, counters,
				    &count, NULL);
}

/* What a store holds, key beside entry; a key of IPv4 lies in its first bytes. */
struct contents {
	unsigned char *keys;
	struct weir_entry *entries;
	size_t count, room, key_size;
};

static int contents_grow(struct contents *all, size_t more)
{
	size_t room = all->count + more;
	unsigned char *keys;
	struct weir_entry *entries;

	keys = realloc(all->keys, room * all->key_size);
	if (keys)
		all->keys = keys;
	entries = realloc(all->entries, room * sizeof(*entries));
	if (entries)
		all->entries = entries;
	if (!keys || !entries)
		return fail(ENOMEM, "out of memory");
	all->room = room;
	return 0;
}

/*
 * A batch must hold the fullest bucket of the kernel's hash table, else it is
 * refused by ENOSPC and asked for again in a larger size.
 */
static int contents_read(int fd, struct contents *all)
{
	__u32 batch = 4096, count, place;
	bool more = true, first = true;
	int err = 0;

	while (more && all->count <= WEIR_MAX_ENTRIES) {
		if (all->room < all->count + batch)
			err = contents_grow(all, 2 * batch + all->count);
		if (err)
			return err;
		count = batch;
		more = !bpf_map_lookup_batch(
			fd, first ? NULL : &place, &place,
			all->keys + all->count * all->key_size,
			all->entries + all->count, &count, NULL);
		if (!more && errno == ENOSPC) {
			batch *= 2;
			more = true;
			continue;
		}
		if (!more && errno != ENOENT)
			return fail(errno, "cannot read the lists: %s",
				    error_text(errno));
		first = false;
		all->count += count;
	}
	return 0;
}

/* All is read first, since visit() may delete. */
static int family_visit(const struct maps *maps, unsigned char family,
			store_visitor visit, void *data)
{
	struct contents all = {
		.key_size = family == 4 ? sizeof(struct weir_prefix4)
					: sizeof(struct weir_prefix6),
	};
	int err = contents_read(
		maps->fd[family == 4 ? MAP_PREFIX4 : MAP_PREFIX6], &all);
	union key key = { 0 };

	for (size_t i = 0; !err && i < all.count; i++) {
		memcpy(&key, all.keys + i * all.key_size, all.key_size);
		err = visit(data, family, &key, &all.entries[i]);
	}
	free(all.keys);
	free(all.entries);
	return err;
}

int store_visit(const struct maps *maps, store_visitor visit, void *data)
{
	int err = family_visit(maps, 4, visit, data);

	return err ? err : family_visit(maps, 6, visit, data);
}

__u64 entry_end(const struct weir_entry *entry, __u64 committed)
{
	return entry->extended <= committed ? entry->next_expires_ns
					    : entry->expires_ns;
}

bool entry_is_live(const struct weir_entry *entry, __u64 committed)
{
	return entry->added <= committed && committed < entry->removed &&
	       clock_ns(CLOCK_MONOTONIC) < entry_end(entry, committed);
}

bool key_is_sane(const union key *key, const struct prefix *prefix)
{
	return key->ip4.list < WEIR_LIST_COUNT &&
	       prefix->len <= prefix_bits(prefix);
}
