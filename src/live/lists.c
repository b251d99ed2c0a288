// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/lists.h"

union key {
	struct weir_prefix4 ip4;
	struct weir_prefix6 ip6;
};

static int store_of(const struct maps *maps, const struct prefix *prefix)
{
	return maps->fd[prefix->family == 4 ? MAP_PREFIX4 : MAP_PREFIX6];
}

static union key key_of(enum weir_list list, const struct prefix *prefix)
{
	union key key = { 0 };

	/* list and len lie at the same place in both. */
	key.ip4.list = list;
	key.ip4.len = prefix->len;
	if (prefix->family == 4)
		memcpy(&key.ip4.addr, prefix->addr, sizeof(key.ip4.addr));
	else
		memcpy(key.ip6.addr, prefix->addr, sizeof(key.ip6.addr));
	return key;
}

static struct prefix prefix_of(unsigned char family, const union key *key)
{
	struct prefix prefix = { .family = family, .len = key->ip4.len };

	if (family == 4)
		memcpy(prefix.addr, &key->ip4.addr, sizeof(key->ip4.addr));
	else
		memcpy(prefix.addr, key->ip6.addr, sizeof(key->ip6.addr));
	return prefix;
}

/* Where the head keeps the lengths in use: see struct weir_lists. */
static __u64 *length_word(struct weir_lists *lists, enum weir_list list,
			  const struct prefix *prefix, __u64 *bit)
{
	unsigned int shift = prefix_bits(prefix) - prefix->len;

	*bit = 1ULL << shift % 64;
	return prefix->family == 4 ? &lists->lengths4[list]
				   : &lists->lengths6[list][shift / 64];
}

static __u32 *length_count(struct weir_lists *lists, enum weir_list list,
			   const struct prefix *prefix)
{
	return prefix->family == 4 ? &lists->count4[list][prefix->len]
				   : &lists->count6[list][prefix->len];
}

/* The datapath must know a length before an entry of it counts. */
static void length_gained(struct weir_lists *lists, enum weir_list list,
			  const struct prefix *prefix)
{
	__u64 bit, *word = length_word(lists, list, prefix, &bit);

	++*length_count(lists, list, prefix);
	__atomic_or_fetch(word, bit, __ATOMIC_SEQ_CST);
}

static void length_lost(struct weir_lists *lists, enum weir_list list,
			const struct prefix *prefix)
{
	__u64 bit, *word = length_word(lists, list, prefix, &bit);
	__u32 *count = length_count(lists, list, prefix);

	if (*count && --*count)
		return;
	__atomic_and_fetch(word, ~bit, __ATOMIC_SEQ_CST);
}

/* Returns an id, or WEIR_MAX_ENTRIES when all are taken. */
static __u32 id_take(struct list_edit *edit)
{
	const unsigned int words = WEIR_MAX_ENTRIES / 64;
	unsigned int word;

	for (unsigned int i = 0; i < words; i++) {
		word = (edit->rover + i) % words;
		if (edit->ids->word[word] == ~0ULL)
			continue;
		edit->rover = word;
		for (int bit = 0; bit < 64; bit++) {
			if (edit->ids->word[word] & 1ULL << bit)
				continue;
			edit->ids->word[word] |= 1ULL << bit;
			return word * 64 + bit;
		}
	}
	return WEIR_MAX_ENTRIES;
}

static void id_free(struct list_edit *edit, __u32 id)
{
	if (id < WEIR_MAX_ENTRIES)
		edit->ids->word[id / 64] &= ~(1ULL << id % 64);
}

/* What the id's counter holds now; ids are not trusted. */
static struct weir_counter counter_of(const struct maps *maps, __u32 id)
{
	struct weir_counter counter = { 0 };

	bpf_map_lookup_elem(maps->fd[MAP_ENTRY_COUNTS], &id, &counter);
	return counter;
}

/*
 * Call visit() for every entry of a family's store, with all keys read first,
 * since visit() may delete.
 */
static int store_visit(const struct maps *maps, unsigned char family,
		       int (*visit)(void *, unsigned char, const union key *,
				    struct weir_entry *),
		       void *data)
{
	int fd = maps->fd[family == 4 ? MAP_PREFIX4 : MAP_PREFIX6];
	_free_ union key *keys = NULL;
	union key *last = NULL, *grown;
	struct weir_entry entry;
	size_t count = 0, room = 0;
	int err;

	for (;;) {
		if (count == room) {
			room = room ? room * 2 : 256;
			grown = realloc(keys, room * sizeof(*keys));
			if (!grown)
				return fail(ENOMEM, "out of memory");
			keys = grown;
			last = count ? &keys[count - 1] : NULL;
		}
		memset(&keys[count], 0, sizeof(*keys));
		if (count > WEIR_MAX_ENTRIES ||
		    bpf_map_get_next_key(fd, last, &keys[count]))
			break;
		last = &keys[count++];
	}
	for (size_t i = 0; i < count; i++) {
		if (bpf_map_lookup_elem(fd, &keys[i], &entry))
			continue;
		err = visit(data, family, &keys[i], &entry);
		if (err)
			return err;
	}
	return 0;
}

static int lists_visit(const struct maps *maps,
		       int (*visit)(void *, unsigned char, const union key *,
				    struct weir_entry *),
		       void *data)
{
	int err = store_visit(maps, 4, visit, data);

	return err ? err : store_visit(maps, 6, visit, data);
}

/* Put one entry into the state in which no edit is under way. */
static int entry_settle(void *data, unsigned char family, const union key *key,
			struct weir_entry *entry)
{
	struct list_edit *edit = data;
	__u64 committed = edit->lists->committed;
	struct prefix prefix = prefix_of(family, key);
	int fd = store_of(edit->maps, &prefix);

	if (entry->added > committed || entry->removed <= committed) {
		bpf_map_delete_elem(fd, key);
		return 0;
	}
	if (entry->removed != WEIR_NEVER) {
		entry->removed = WEIR_NEVER;
		bpf_map_update_elem(fd, key, entry, BPF_EXIST);
	}
	if (key->ip4.list >= WEIR_LIST_COUNT ||
	    prefix.len > prefix_bits(&prefix))
		return 0;
	length_gained(edit->lists, key->ip4.list, &prefix);
	if (entry->id < WEIR_MAX_ENTRIES)
		edit->ids->word[entry->id / 64] |= 1ULL << entry->id % 64;
	return 0;
}

/*
 * An edit is open: its writer died, or this one fails.  Take back what was not
 * committed, finish what was, and count lengths and ids anew.
 */
static int lists_settle(struct list_edit *edit)
{
	struct weir_lists *lists = edit->lists;
	int err;

	memset(lists->count4, 0, sizeof(lists->count4));
	memset(lists->count6, 0, sizeof(lists->count6));
	memset(edit->ids, 0, sizeof(*edit->ids));
	err = lists_visit(edit->maps, entry_settle, edit);
	if (err)
		return err;
	for (int list = 0; list < WEIR_LIST_COUNT; list++) {
		for (unsigned int len = 0; len <= 128; len++) {
			struct prefix p = { .family = 6, .len = len };

			if (!lists->count6[list][len])
				length_lost(lists, list, &p);
			p.family = 4;
			if (len <= 32 && !lists->count4[list][len])
				length_lost(lists, list, &p);
		}
	}
	__atomic_store_n(&lists->open, 0, __ATOMIC_SEQ_CST);
	return 0;
}

static void lists_unsee(struct list_edit *edit)
{
	map_unsee(edit->lists, sizeof(*edit->lists));
	map_unsee(edit->ids, sizeof(*edit->ids));
	free(edit->removed);
	*edit = (struct list_edit){ 0 };
}

int lists_begin(const struct maps *maps, struct list_edit *edit)
{
	int err = 0;

	*edit = (struct list_edit){ .maps = maps };
	edit->lists = map_see(maps->fd[MAP_LISTS], sizeof(*edit->lists));
	if (edit->lists)
		edit->ids = map_see(maps->fd[MAP_ENTRY_IDS],
				    sizeof(*edit->ids));
	if (!edit->lists || !edit->ids)
		err = -EACCES;
	else if (edit->lists->open)
		err = lists_settle(edit);
	if (err) {
		lists_unsee(edit);
		return err;
	}
	edit->number = edit->lists->committed + 1;
	edit->rover = edit->number % (WEIR_MAX_ENTRIES / 64);
	__atomic_store_n(&edit->lists->open, edit->number, __ATOMIC_SEQ_CST);
	return 0;
}

int lists_add(struct list_edit *edit, enum weir_list list,
	      const struct prefix *prefix)
{
	int fd = store_of(edit->maps, prefix);
	union key key = key_of(list, prefix);
	struct weir_counter before;
	struct weir_entry entry;

	if (!bpf_map_lookup_elem(fd, &key, &entry))
		return 1;
	entry = (struct weir_entry){
		.added = edit->number,
		.removed = WEIR_NEVER,
		.since_s = time(NULL),
		.id = id_take(edit),
	};
	if (entry.id >= WEIR_MAX_ENTRIES)
		return fail(ENOSPC, "the lists are full: %u entries",
			    WEIR_MAX_ENTRIES);
	before = counter_of(edit->maps, entry.id);
	entry.packets_before = before.packets;
	entry.bytes_before = before.bytes;
	length_gained(edit->lists, list, prefix);
	if (bpf_map_update_elem(fd, &key, &entry, BPF_NOEXIST))
		return fail(errno, "cannot add to the %s list: %s",
			    list_names[list], error_text(errno));
	return 0;
}

static int removed_keep(struct list_edit *edit, enum weir_list list,
			const struct prefix *prefix, __u32 id)
{
	size_t n = edit->removed_count;
	struct list_entry *grown;

	if (!(n & (n - 1))) {
		grown = realloc(edit->removed,
				(n ? n * 2 : 1) * sizeof(*grown));
		if (!grown)
			return fail(ENOMEM, "out of memory");
		edit->removed = grown;
	}
	edit->removed[edit->removed_count++] = (struct list_entry){
		.list = list,
		.prefix = *prefix,
		.id = id,
	};
	return 0;
}

int lists_remove(struct list_edit *edit, enum weir_list list,
		 const struct prefix *prefix)
{
	int fd = store_of(edit->maps, prefix);
	union key key = key_of(list, prefix);
	struct weir_entry entry;
	int err;

	if (bpf_map_lookup_elem(fd, &key, &entry))
		return 1;
	if (entry.removed != WEIR_NEVER)
		return 0;
	err = removed_keep(edit, list, prefix, entry.id);
	if (err)
		return err;
	entry.removed = edit->number;
	if (bpf_map_update_elem(fd, &key, &entry, BPF_EXIST))
		return fail(errno, "cannot remove from the %s list: %s",
			    list_names[list], error_text(errno));
	return 0;
}

void lists_commit(struct list_edit *edit)
{
	const struct list_entry *gone = edit->removed;
	union key key;

	__atomic_store_n(&edit->lists->committed, edit->number,
			 __ATOMIC_SEQ_CST);
	for (size_t i = 0; i < edit->removed_count; i++, gone++) {
		key = key_of(gone->list, &gone->prefix);
		bpf_map_delete_elem(store_of(edit->maps, &gone->prefix), &key);
		length_lost(edit->lists, gone->list, &gone->prefix);
		id_free(edit, gone->id);
	}
	__atomic_store_n(&edit->lists->open, 0, __ATOMIC_SEQ_CST);
	lists_unsee(edit);
}

void lists_abort(struct list_edit *edit)
{
	if (!edit->lists)
		return;
	lists_settle(edit);
	lists_unsee(edit);
}

/* What is in force of an entry, with its own packets and bytes. */
static int entry_read(const struct maps *maps, const struct weir_entry *found,
		      enum weir_list list, const struct prefix *prefix,
		      struct list_entry *entry)
{
	struct weir_lists lists;
	struct weir_counter now;

	if (bpf_map_lookup_elem(maps->fd[MAP_LISTS], &(__u32){ 0 }, &lists) ||
	    found->added > lists.committed || found->removed <= lists.committed)
		return -ENOENT;
	now = counter_of(maps, found->id);
	*entry = (struct list_entry){
		.list = list,
		.prefix = *prefix,
		.id = found->id,
		.since_s = found->since_s,
		.packets = now.packets - found->packets_before,
		.bytes = now.bytes - found->bytes_before,
	};
	return 0;
}

int lists_find(const struct maps *maps, enum weir_list list,
	       const struct prefix *prefix, struct list_entry *entry)
{
	union key key = key_of(list, prefix);
	struct weir_entry found;

	if (bpf_map_lookup_elem(store_of(maps, prefix), &key, &found))
		return -ENOENT;
	return entry_read(maps, &found, list, prefix, entry);
}

int lists_cover(const struct maps *maps, enum weir_list list,
		const struct prefix *prefix, struct list_entry *entry)
{
	struct prefix wider = *prefix;

	for (int len = prefix->len; len >= 0; len--) {
		wider.len = len;
		prefix_mask(&wider);
		if (!lists_find(maps, list, &wider, entry))
			return 0;
	}
	return -ENOENT;
}

struct reading {
	const struct maps *maps;
	enum weir_list list;
	struct list_entry *entries;
	size_t count, room;
};

static int entry_collect(void *data, unsigned char family, const union key *key,
			 struct weir_entry *found)
{
	struct prefix prefix = prefix_of(family, key);
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
	if (!entry_read(reading->maps, found, reading->list, &prefix,
			&reading->entries[reading->count]))
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
	int err = lists_visit(maps, entry_collect, &reading);

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
