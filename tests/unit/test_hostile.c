// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stores, the head and the ids are open to a group: whatever they contain,
 * a command neither crashes nor loses what others listed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "unit/listed.h"

#define LATER 1000000

static const char *const allow_few[] = { "192.0.2.7", "2001:db8::/48", NULL };
static const char *const deny_few[] = { "192.0.2.0/24", "198.51.100.7",
					"2001:db8::/32", "::1", NULL };

/* An entry as no weir writes it, in a store beside sound ones. */
static const struct entry_row {
	const char *name;
	unsigned char family, list, len;
	__u64 added, removed;
	__u32 id;
} entries[] = {
	{ "an entry of no list harms nobody", 4, 200, 24, 1, WEIR_NEVER, 9 },
	{ "an IPv6 entry of no list harms nobody", 6, 200, 24, 1, WEIR_NEVER,
	  9 },
	{ "an entry of the first list that does not exist harms nobody", 4,
	  WEIR_LIST_COUNT, 24, 1, WEIR_NEVER, 9 },
	{ "an entry of 33 bits harms nobody", 4, WEIR_DENY, 33, 1, WEIR_NEVER,
	  9 },
	{ "an entry of 64 bits in IPv4 harms nobody", 4, WEIR_DENY, 64, 1,
	  WEIR_NEVER, 9 },
	{ "an entry of 255 bits harms nobody", 4, WEIR_DENY, 255, 1, WEIR_NEVER,
	  9 },
	{ "an IPv6 entry of 129 bits harms nobody", 6, WEIR_DENY, 129, 1,
	  WEIR_NEVER, 9 },
	{ "an IPv6 entry of 255 bits harms nobody", 6, WEIR_ALLOW, 255, 1,
	  WEIR_NEVER, 9 },
	{ "an entry wrong in every way harms nobody", 6, 255, 255, ~0ULL, 0,
	  ~0U },
	{ "an entry with host bits harms nobody", 4, WEIR_DENY, 8, 1,
	  WEIR_NEVER, 9 },
	{ "an IPv6 entry with host bits harms nobody", 6, WEIR_DENY, 8, 1,
	  WEIR_NEVER, 9 },
	{ "an entry with the first id out of range harms nobody", 4, WEIR_DENY,
	  32, 1, WEIR_NEVER, WEIR_MAX_IDS },
	{ "an entry with the last id a number can say harms nobody", 4,
	  WEIR_DENY, 32, 1, WEIR_NEVER, ~0U },
	{ "an IPv6 entry with an id out of range harms nobody", 6, WEIR_ALLOW,
	  128, 1, WEIR_NEVER, ~0U },
	{ "an entry of an edit to come harms nobody", 4, WEIR_DENY, 32, LATER,
	  WEIR_NEVER, 9 },
	{ "an entry whose removal is to come harms nobody", 4, WEIR_DENY, 32, 1,
	  LATER, 9 },
	{ "an entry whose removal is past harms nobody", 4, WEIR_DENY, 32, 1, 1,
	  9 },
	{ "an entry that was removed before it was added harms nobody", 4,
	  WEIR_DENY, 32, LATER, 0, 9 },
	{ "an entry of no edit harms nobody", 4, WEIR_DENY, 32, 0, 0, 9 },
};

static union listed_key entry_key(const struct entry_row *row)
{
	struct prefix prefix = { .family = row->family, .len = row->len };

	memset(prefix.addr, 0xcb, row->family == 4 ? 4 : 16);
	return key_from(row->list, &prefix);
}

static void entry_plant(const struct maps *maps, const struct entry_row *row)
{
	union listed_key key = entry_key(row);
	struct weir_entry entry = {
		.added = row->added,
		.removed = row->removed,
		.since_s = ~0ULL >> 1,
		.packets_before = ~0ULL,
		.id = row->id,
	};

	assert_int_equal(bpf_map_update_elem(store_fd(maps, row->family), &key,
					     &entry, BPF_NOEXIST),
			 0);
}

/* Every sound entry is found, with counters that are its own. */
static void assert_sound(const struct maps *maps, const struct listed *all)
{
	struct list_entry found;

	for (size_t i = 0; i < all->count; i++) {
		assert_int_equal(lists_find(maps, all->at[i].list,
					    &all->at[i].prefix, &found),
				 0);
		assert_int_equal(found.packets, 0);
		assert_int_equal(lists_cover(maps, all->at[i].list,
					     &all->at[i].prefix, &found),
				 0);
		assert_memory_equal(&found.prefix, &all->at[i].prefix,
				    sizeof(found.prefix));
	}
}

/* Reading gives every sound entry, and perhaps one more that looks sound. */
static void assert_readable(const struct maps *maps, const struct listed *all)
{
	struct list_entry *read;
	char text[PREFIX_TEXT];
	size_t total = 0;
	int count;

	for (int list = 0; list < WEIR_LIST_COUNT; list++) {
		read = NULL;
		count = lists_read(maps, list, &read);
		assert_true(count >= 0);
		for (int i = 0; i < count; i++) {
			assert_true(read[i].prefix.len <=
				    prefix_bits(&read[i].prefix));
			prefix_format(&read[i].prefix, text);
		}
		free(read);
		total += count;
	}
	assert_in_range(total, all->count, all->count + 1);
}

/* One more comes and goes; the lists are edited as if all were well. */
static void assert_editable(const struct maps *maps, struct listed *all)
{
	struct prefix more = prefix_from("203.0.113.5");
	struct list_edit edit;

	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_int_equal(endless_add(&edit, WEIR_DENY, &more), 0);
	lists_commit(&edit);
	listed_add(all, WEIR_DENY, &more);
	assert_sound(maps, all);
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_int_equal(lists_remove(&edit, WEIR_DENY, &more), 0);
	lists_commit(&edit);
	listed_remove(all, WEIR_DENY, &more);
	assert_sound(maps, all);
}

/* As if a writer had died: the next edit goes through every entry. */
static void edit_open(const struct maps *maps)
{
	struct weir_lists head;

	head_read(maps, &head);
	head.open = head.committed + 1;
	head_write(maps, &head);
}

/* The hostile entry itself can be asked for and removed. */
static void entry_handle(const struct maps *maps, const struct entry_row *row)
{
	struct prefix prefix = { .family = row->family, .len = row->len };
	struct list_entry found;
	struct list_edit edit;

	memset(prefix.addr, 0xcb, row->family == 4 ? 4 : 16);
	if (row->list >= WEIR_LIST_COUNT || row->len > prefix_bits(&prefix))
		return;
	lists_find(maps, row->list, &prefix, &found);
	lists_cover(maps, row->list, &prefix, &found);
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_true(lists_remove(&edit, row->list, &prefix) >= 0);
	lists_commit(&edit);
}

static void harms_nobody(void **state)
{
	const struct entry_row *row = *state;
	static struct listed all;
	struct maps *maps;
	void *opened;

	skip_without_root();
	assert_int_equal(private_maps_open(&opened), 0);
	maps = opened;
	listed_store(maps, &all, allow_few, deny_few);
	entry_plant(maps, row);
	assert_sound(maps, &all);
	assert_readable(maps, &all);
	assert_editable(maps, &all);
	edit_open(maps);
	assert_editable(maps, &all);
	assert_readable(maps, &all);
	entry_handle(maps, row);
	assert_sound(maps, &all);
	private_maps_close(&opened);
}

/* Heads and ids that do not tell the truth. */
static void lengths_all_said(struct weir_lists *head, struct weir_ids *ids)
{
	(void)ids;
	memset(head->lengths4, 0xff, sizeof(head->lengths4));
	memset(head->lengths6, 0xff, sizeof(head->lengths6));
}

static void counts_lost(struct weir_lists *head, struct weir_ids *ids)
{
	(void)ids;
	memset(head->count4, 0, sizeof(head->count4));
	memset(head->count6, 0, sizeof(head->count6));
}

static void counts_at_their_end(struct weir_lists *head, struct weir_ids *ids)
{
	(void)ids;
	memset(head->count4, 0xff, sizeof(head->count4));
	memset(head->count6, 0xff, sizeof(head->count6));
}

static void ids_lost(struct weir_lists *head, struct weir_ids *ids)
{
	(void)head;
	memset(ids, 0, sizeof(*ids));
}

static void ids_all_taken_but_one(struct weir_lists *head, struct weir_ids *ids)
{
	(void)head;
	memset(ids->word, 0xff, sizeof(ids->word));
	ids->word[2047] &= ~(1ULL << 63);
}

static void open_for_ever(struct weir_lists *head, struct weir_ids *ids)
{
	(void)ids;
	head->open = ~0ULL;
}

static void open_long_ago(struct weir_lists *head, struct weir_ids *ids)
{
	(void)ids;
	head->open = 1;
}

static void committed_far_ahead(struct weir_lists *head, struct weir_ids *ids)
{
	(void)ids;
	head->committed = 1ULL << 63;
}

static const struct head_row {
	const char *name;
	void (*spoil)(struct weir_lists *head, struct weir_ids *ids);
} heads[] = {
	{ "length bits that are all set are survived", lengths_all_said },
	{ "counts that were lost are survived", counts_lost },
	{ "counts at the end of their range are survived",
	  counts_at_their_end },
	{ "ids that were lost are survived", ids_lost },
	{ "ids that are all taken but one are survived",
	  ids_all_taken_but_one },
	{ "an edit open for ever is survived", open_for_ever },
	{ "an edit open since long ago is survived", open_long_ago },
	{ "an edit number far ahead is survived", committed_far_ahead },
};

static void is_survived(void **state)
{
	const struct head_row *row = *state;
	static struct weir_ids ids;
	static struct listed all;
	struct weir_lists head;
	struct maps *maps;
	void *opened;

	skip_without_root();
	assert_int_equal(private_maps_open(&opened), 0);
	maps = opened;
	listed_store(maps, &all, allow_few, deny_few);
	head_read(maps, &head);
	ids_read(maps, &ids);
	row->spoil(&head, &ids);
	head_write(maps, &head);
	ids_write(maps, &ids);
	assert_sound(maps, &all);
	assert_readable(maps, &all);
	assert_editable(maps, &all);
	edit_open(maps);
	assert_editable(maps, &all);
	private_maps_close(&opened);
}

/* No number is left for an edit: nothing is said of the result. */
static void the_last_edit_number_crashes_nobody(void **state)
{
	struct prefix more = prefix_from("203.0.113.5");
	static struct listed all;
	struct maps *maps = *state;
	struct list_entry found;
	struct weir_lists head;
	struct list_edit edit;

	skip_without_root();
	listed_store(maps, &all, allow_few, deny_few);
	head_read(maps, &head);
	head.committed = ~0ULL;
	head.open = 1;
	head_write(maps, &head);
	lists_cover(maps, WEIR_DENY, &more, &found);
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_true(endless_add(&edit, WEIR_DENY, &more) >= 0);
	assert_true(lists_remove(&edit, WEIR_DENY, &more) >= 0);
	lists_commit(&edit);
}

/* All ids taken and nothing listed: a line, not a loop. */
static void ids_that_are_all_taken_are_one_line(void **state)
{
	struct prefix more = prefix_from("203.0.113.5");
	static struct weir_ids ids;
	struct maps *maps = *state;
	struct list_edit edit;
	const char *text;
	int err;

	skip_without_root();
	memset(ids.kept, 0xff, sizeof(ids.kept));
	ids_write(maps, &ids);
	assert_int_equal(lists_begin(maps, &edit), 0);
	printed_begin(PRINTED_STDERR);
	err = endless_add(&edit, WEIR_DENY, &more);
	text = printed_end();
	lists_abort(&edit);
	assert_int_equal(err, -ENOSPC);
	assert_one_error_line(text);
	assert_exact(maps, 0);
}

int main(void)
{
	UNIT_ADD_ROWS(entries, harms_nobody);
	UNIT_ADD_ROWS(heads, is_survived);
	unit_add_with("the last edit number crashes nobody",
		      the_last_edit_number_crashes_nobody, private_maps_open,
		      private_maps_close);
	unit_add_with("ids that are all taken are one line",
		      ids_that_are_all_taken_are_one_line, private_maps_open,
		      private_maps_close);
	return unit_run("hostile");
}
