// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "unit/listed.h"
#include "base/cleanup.h"

static int listed_find(const struct listed *all, enum weir_list list,
		       const struct prefix *prefix)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->at[i].list == list &&
		    !memcmp(&all->at[i].prefix, prefix, sizeof(*prefix)))
			return i;
	return -1;
}

bool listed_has(const struct listed *all, enum weir_list list,
		const struct prefix *prefix)
{
	return listed_find(all, list, prefix) >= 0;
}

void listed_add(struct listed *all, enum weir_list list,
		const struct prefix *prefix)
{
	if (listed_has(all, list, prefix))
		return;
	assert_in_range(all->count, 0, MAX_LISTED - 1);
	all->at[all->count].list = list;
	all->at[all->count++].prefix = *prefix;
}

void listed_remove(struct listed *all, enum weir_list list,
		   const struct prefix *prefix)
{
	int i = listed_find(all, list, prefix);

	if (i >= 0)
		all->at[i] = all->at[--all->count];
}

int listed_cover(const struct listed *all, enum weir_list list,
		 const struct prefix *prefix)
{
	int best = -1;

	for (size_t i = 0; i < all->count; i++)
		if (all->at[i].list == list &&
		    prefix_covers(&all->at[i].prefix, prefix) &&
		    (best < 0 ||
		     all->at[i].prefix.len > all->at[best].prefix.len))
			best = i;
	return best;
}

void assert_answers(const struct maps *maps, const struct listed *all,
		    enum weir_list list, const struct prefix *prefix)
{
	int cover = listed_cover(all, list, prefix);
	struct list_entry found;

	assert_int_equal(lists_find(maps, list, prefix, &found),
			 listed_has(all, list, prefix) ? 0 : -ENOENT);
	assert_int_equal(lists_cover(maps, list, prefix, &found),
			 cover < 0 ? -ENOENT : 0);
	if (cover < 0)
		return;
	assert_int_equal(found.list, list);
	assert_memory_equal(&found.prefix, &all->at[cover].prefix,
			    sizeof(found.prefix));
}

static void assert_list_reads(const struct maps *maps, enum weir_list list,
			      const struct listed *all)
{
	_free_ struct list_entry *entries = NULL;
	int count = lists_read(maps, list, &entries);
	size_t wanted = 0;

	for (size_t i = 0; i < all->count; i++)
		wanted += all->at[i].list == list;
	assert_int_equal(count, wanted);
	for (int i = 0; i < count; i++) {
		assert_int_equal(entries[i].list, list);
		assert_true(listed_has(all, list, &entries[i].prefix));
		if (i)
			assert_true(prefix_compare(&entries[i - 1].prefix,
						   &entries[i].prefix) < 0);
	}
}

void assert_reads(const struct maps *maps, const struct listed *all)
{
	for (int list = 0; list < WEIR_LIST_COUNT; list++)
		assert_list_reads(maps, list, all);
}

int store_fd(const struct maps *maps, unsigned char family)
{
	return maps->fd[family == 4 ? MAP_PREFIX4 : MAP_PREFIX6];
}

/* Which ids and lengths the entries of a store take. */
static size_t store_recount(const struct maps *maps, unsigned char family,
			    struct weir_lists *head, struct weir_ids *ids)
{
	union listed_key key, *last = NULL;
	struct weir_entry entry;
	size_t count = 0;
	int fd = store_fd(maps, family);

	for (; !bpf_map_get_next_key(fd, last, &key); last = &key, count++) {
		assert_int_equal(bpf_map_lookup_elem(fd, &key, &entry), 0);
		assert_in_range(entry.id, 0, WEIR_MAX_IDS - 1);
		assert_false(ids->word[entry.id / 64] >> entry.id % 64 & 1);
		ids->word[entry.id / 64] |= 1ULL << entry.id % 64;
		if (family == 4)
			head->count4[key.ip4.list][key.ip4.len]++;
		else
			head->count6[key.ip6.list][key.ip6.len]++;
	}
	return count;
}

/* The bits as abi.h describes them. */
static void lengths_make(struct weir_lists *head)
{
	for (int list = 0; list < WEIR_LIST_COUNT; list++) {
		for (int len = 0; len <= 32; len++)
			if (head->count4[list][len])
				head->lengths4[list] |= 1ULL << (32 - len);
		for (int len = 0; len <= 128; len++)
			if (head->count6[list][len])
				head->lengths6[list][(128 - len) / 64] |=
					1ULL << (128 - len) % 64;
	}
}

/* Each word of the short way is an entry in force without an end. */
static void assert_hosts_true(const struct maps *maps)
{
	__u64 *words =
		map_see(maps->fd[MAP_HOSTS], WEIR_HOSTS * sizeof(*words));
	struct weir_prefix4 key = { .list = WEIR_DENY, .len = 32 };
	struct weir_entry entry;

	assert_non_null(words);
	for (unsigned int i = 0; i < WEIR_HOSTS; i++) {
		if (!words[i])
			continue;
		key.addr = words[i];
		assert_int_equal(WEIR_HOST_AT(key.addr), i);
		assert_int_equal(bpf_map_lookup_elem(maps->fd[MAP_PREFIX4],
						     &key, &entry),
				 0);
		assert_int_equal(entry.id + 1ULL, words[i] >> 32);
		assert_true(entry.removed == WEIR_NEVER);
		assert_true(entry.expires_ns == WEIR_NEVER);
	}
	map_unsee(words, WEIR_HOSTS * sizeof(*words));
}

void assert_exact(const struct maps *maps, size_t count)
{
	static struct weir_ids ids, wanted_ids;
	struct weir_lists head, wanted = { 0 };
	size_t found;

	memset(&wanted_ids, 0, sizeof(wanted_ids));
	found = store_recount(maps, 4, &wanted, &wanted_ids);
	found += store_recount(maps, 6, &wanted, &wanted_ids);
	lengths_make(&wanted);
	assert_hosts_true(maps);
	head_read(maps, &head);
	ids_read(maps, &ids);
	wanted.committed = head.committed;
	wanted.open = head.open;
	wanted.first_end_ns = head.first_end_ns;
	assert_int_equal(found, count);
	assert_memory_equal(&head, &wanted, sizeof(head));
	assert_memory_equal(ids.word, wanted_ids.word, sizeof(ids.word));
}

void assert_settled(const struct maps *maps, const struct listed *all)
{
	struct weir_lists head;

	head_read(maps, &head);
	assert_int_equal(head.open, 0);
	assert_reads(maps, all);
	assert_exact(maps, all->count);
}

static void words_add(struct list_edit *edit, struct listed *all,
		      enum weir_list list, const char *const *words)
{
	struct prefix prefix;

	for (; *words; words++) {
		prefix = prefix_from(*words);
		assert_int_equal(endless_add(edit, list, &prefix), 0);
		listed_add(all, list, &prefix);
	}
}

void listed_store(const struct maps *maps, struct listed *all,
		  const char *const *allow, const char *const *deny)
{
	struct list_edit edit;

	all->count = 0;
	assert_int_equal(lists_begin(maps, &edit), 0);
	words_add(&edit, all, WEIR_ALLOW, allow);
	words_add(&edit, all, WEIR_DENY, deny);
	lists_commit(&edit);
	assert_settled(maps, all);
}

union listed_key key_from(enum weir_list list, const struct prefix *prefix)
{
	union listed_key key = { 0 };

	if (prefix->family == 4) {
		key.ip4.list = list;
		key.ip4.len = prefix->len;
		memcpy(&key.ip4.addr, prefix->addr, sizeof(key.ip4.addr));
	} else {
		key.ip6.list = list;
		key.ip6.len = prefix->len;
		memcpy(key.ip6.addr, prefix->addr, sizeof(key.ip6.addr));
	}
	return key;
}

static void value_read(const struct maps *maps, enum map map, void *value)
{
	assert_int_equal(bpf_map_lookup_elem(maps->fd[map], &(int){ 0 }, value),
			 0);
}

static void value_write(const struct maps *maps, enum map map,
			const void *value)
{
	assert_int_equal(
		bpf_map_update_elem(maps->fd[map], &(int){ 0 }, value, 0), 0);
}

void head_read(const struct maps *maps, struct weir_lists *head)
{
	value_read(maps, MAP_LISTS, head);
}

void head_write(const struct maps *maps, const struct weir_lists *head)
{
	value_write(maps, MAP_LISTS, head);
}

void ids_read(const struct maps *maps, struct weir_ids *ids)
{
	value_read(maps, MAP_ENTRY_IDS, ids);
}

void ids_write(const struct maps *maps, const struct weir_ids *ids)
{
	value_write(maps, MAP_ENTRY_IDS, ids);
}

void edit_drop(struct list_edit *edit)
{
	map_unsee(edit->lists, sizeof(*edit->lists));
	map_unsee(edit->ids, sizeof(*edit->ids));
	map_unsee(edit->hosts, WEIR_HOSTS * sizeof(*edit->hosts));
	free(edit->added);
	free(edit->removed);
	*edit = (struct list_edit){ 0 };
}
