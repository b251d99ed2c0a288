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

/* All keys of a map.  Returns their number, or -ENOMEM after a line. */
static ssize_t keys_read(int fd, union key **keys)
{
	union key *last = NULL, *grown;
	size_t count = 0, room = 0;

	for (;;) {
		if (count == room) {
			room = room ? room * 2 : 256;
			grown = realloc(*keys, room * sizeof(*grown));
			if (!grown)
				return fail(ENOMEM, "out of memory");
			*keys = grown;
			last = count ? &grown[count - 1] : NULL;
		}
		memset(&(*keys)[count], 0, sizeof(**keys));
		if (count > WEIR_MAX_ENTRIES ||
		    bpf_map_get_next_key(fd, last, &(*keys)[count]))
			return count;
		last = &(*keys)[count++];
	}
}

/* All keys are read first, since visit() may delete. */
static int family_visit(const struct maps *maps, unsigned char family,
			store_visitor visit, void *data)
{
	int fd = maps->fd[family == 4 ? MAP_PREFIX4 : MAP_PREFIX6], err = 0;
	_free_ union key *keys = NULL;
	struct weir_entry entry;
	ssize_t count = keys_read(fd, &keys);

	if (count < 0)
		return count;
	for (ssize_t i = 0; !err && i < count; i++)
		if (!bpf_map_lookup_elem(fd, &keys[i], &entry))
			err = visit(data, family, &keys[i], &entry);
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
