// SPDX-License-Identifier: GPL-2.0-only
/*
 * Editing the lists.  Whatever happens to an edit (committed, taken back, its
 * writer killed) the maps end as an array that is searched from end to end.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "unit/listed.h"

#define EDITS 3000
#define POOL 120
#define KILLS 60
#define BLOCK 40 /* hosts */

static const char *const allow_few[] = { "192.0.2.7", "2001:db8::/48", NULL };
static const char *const deny_few[] = { "192.0.2.0/24",
					"0.0.0.0/0",
					"198.51.100.7",
					"2001:db8::/32",
					"2001:db8:0:1::/64",
					"::1",
					NULL };
static const char *const none[] = { NULL };

/*
 * Prefixes to edit with.  Most lie in one /8 of each family and are short of
 * bits, so that they nest.
 */
static struct prefix pool[POOL];

static struct prefix pool_prefix(void)
{
	struct prefix p = { .family = random_one_in(2) ? 4 : 6,
			    .addr = { 32 } };
	unsigned int bits = prefix_bits(&p);

	for (unsigned int i = 1; i < bits / 8; i++)
		p.addr[i] = random_one_in(6) ? 0x80 >> random_below(8) : 0;
	p.len = random_one_in(4) ? bits : random_below(bits + 1);
	prefix_mask(&p);
	return p;
}

static void pool_make(void)
{
	for (size_t i = 0; i < POOL; i++)
		pool[i] = pool_prefix();
}

static const struct prefix *pool_pick(void)
{
	return &pool[random_below(POOL)];
}

/* One edit, and what it would make of the reference. */
struct attempt {
	struct list_edit edit;
	struct listed before, after;
	struct listed removed; /* in this edit */
};

static void attempt_add(struct attempt *try, enum weir_list list,
			const struct prefix *prefix)
{
	int known = listed_has(&try->after, list, prefix);

	assert_int_equal(endless_add(&try->edit, list, prefix), known);
	listed_add(&try->after, list, prefix);
}

static void attempt_remove(struct attempt *try, enum weir_list list,
			   const struct prefix *prefix)
{
	bool known = listed_has(&try->after, list, prefix);
	int unknown = !known && !listed_has(&try->removed, list, prefix);

	assert_int_equal(lists_remove(&try->edit, list, prefix), unknown);
	listed_remove(&try->after, list, prefix);
	if (known)
		listed_add(&try->removed, list, prefix);
}

static void attempt_step(struct attempt *try)
{
	enum weir_list list = random_below(WEIR_LIST_COUNT);
	const struct prefix *prefix = pool_pick();

	if (random_one_in(2))
		attempt_remove(try, list, prefix);
	else
		attempt_add(try, list, prefix);
}

/* Nothing of an open edit can be seen. */
static void attempt_make(const struct maps *maps, struct attempt *try,
			 const struct listed *all)
{
	try->before = *all;
	try->after = *all;
	try->removed.count = 0;
	assert_int_equal(lists_begin(maps, &try->edit), 0);
	assert_exact(maps, all->count);
	for (unsigned int n = 1 + random_below(12); n; n--) {
		attempt_step(try);
		if (random_one_in(8))
			assert_answers(maps, &try->before,
				       random_below(WEIR_LIST_COUNT),
				       pool_pick());
	}
}

/* Killed after the store that commits, with some of the sweep done. */
static void attempt_die_sweeping(const struct maps *maps, struct attempt *try)
{
	const struct list_entry *gone = try->edit.removed;
	struct weir_entry entry;
	union listed_key key;
	int fd;

	try->edit.lists->committed = try->edit.number;
	for (size_t n = random_below(try->edit.removed_count + 1); n; n--) {
		key = key_from(gone->list, &gone->prefix);
		fd = store_fd(maps, gone->prefix.family);
		if (!bpf_map_lookup_elem(fd, &key, &entry) &&
		    entry.removed == try->edit.number)
			bpf_map_delete_elem(fd, &key);
		gone++;
	}
	edit_drop(&try->edit);
}

/* How an edit ends.  Returns what holds then. */
static const struct listed *attempt_end(const struct maps *maps,
					struct attempt *try)
{
	switch (random_below(6)) {
	case 0:
		lists_abort(&try->edit);
		assert_exact(maps, try->before.count);
		return &try->before;
	case 1:
		edit_drop(&try->edit);
		return &try->before;
	case 2:
		attempt_die_sweeping(maps, try);
		return &try->after;
	default:
		lists_commit(&try->edit);
		assert_exact(maps, try->after.count);
		return &try->after;
	}
}

static void edits_agree_with_an_array(void **state)
{
	static struct attempt try;
	static struct listed all;
	struct maps *maps = *state;

	skip_without_root();
	pool_make();
	for (int i = 0; i < EDITS; i++) {
		attempt_make(maps, &try, &all);
		all = *attempt_end(maps, &try);
		for (int n = 0; n < 2; n++)
			assert_answers(maps, &all,
				       random_below(WEIR_LIST_COUNT),
				       pool_pick());
		if (random_one_in(8))
			assert_reads(maps, &all);
	}
	assert_true(all.count > POOL / 2);
	assert_int_equal(lists_begin(maps, &try.edit), 0);
	for (size_t i = 0; i < all.count; i++)
		assert_int_equal(lists_remove(&try.edit, all.at[i].list,
					      &all.at[i].prefix),
				 0);
	lists_commit(&try.edit);
	all.count = 0;
	assert_settled(maps, &all);
}

static void new_lists_are_empty(void **state)
{
	static const struct listed empty;
	struct list_entry *entries = (void *)1;
	struct maps *maps = *state;

	skip_without_root();
	assert_settled(maps, &empty);
	assert_int_equal(lists_read(maps, WEIR_DENY, &entries), 0);
	free(entries);
}

/* What a query finds; NULL where it finds nothing. */
static const struct question {
	const char *name, *prefix;
	enum weir_list list;
	const char *found, *covered;
} questions[] = {
	{ "a listed host is found", "198.51.100.7", WEIR_DENY, "198.51.100.7",
	  "198.51.100.7" },
	{ "its neighbour is only covered", "198.51.100.8", WEIR_DENY, NULL,
	  "0.0.0.0/0" },
	{ "a host inside a listed prefix is covered", "192.0.2.9", WEIR_DENY,
	  NULL, "192.0.2.0/24" },
	{ "a host beside a listed prefix is not covered by it", "192.0.3.9",
	  WEIR_DENY, NULL, "0.0.0.0/0" },
	{ "a narrower prefix is covered by a listed one", "192.0.2.128/25",
	  WEIR_DENY, NULL, "192.0.2.0/24" },
	{ "a wider prefix is not covered by a listed one", "192.0.2.0/23",
	  WEIR_DENY, NULL, "0.0.0.0/0" },
	{ "the other list does not know it", "198.51.100.7", WEIR_ALLOW, NULL,
	  NULL },
	{ "the other list has its own", "192.0.2.7", WEIR_ALLOW, "192.0.2.7",
	  "192.0.2.7" },
	{ "the neighbour is not on the other list", "192.0.2.6", WEIR_ALLOW,
	  NULL, NULL },
	{ "a prefix of a listed length but another address is not listed",
	  "192.0.3.0/24", WEIR_DENY, NULL, "0.0.0.0/0" },
	{ "a listed address with a shorter length is not listed",
	  "192.0.2.0/25", WEIR_DENY, NULL, "192.0.2.0/24" },
	{ "of two prefixes the longer one covers", "2001:db8:0:1::5", WEIR_DENY,
	  NULL, "2001:db8:0:1::/64" },
	{ "beside the longer one the shorter covers", "2001:db8:0:2::5",
	  WEIR_DENY, NULL, "2001:db8::/32" },
	{ "beside both nothing covers", "2001:db9::", WEIR_DENY, NULL, NULL },
	{ "a host of 128 bits is found", "::1", WEIR_DENY, "::1", "::1" },
	{ "the neighbour of a host of 128 bits is not", "::", WEIR_DENY, NULL,
	  NULL },
	{ "all of IPv4 does not cover IPv6", "::ffff:192.0.2.1", WEIR_DENY,
	  NULL, NULL },
};

static void assert_entry(int err, const struct list_entry *entry,
			 const char *wanted)
{
	char text[PREFIX_TEXT];

	assert_int_equal(err, wanted ? 0 : -ENOENT);
	if (wanted)
		assert_string_equal(prefix_format(&entry->prefix, text),
				    wanted);
}

/* The lists of all questions, made for the first of them. */
static struct maps asked = MAPS_CLOSED;

static void asked_open(void)
{
	static struct listed all;
	void *state;

	if (asked.fd[MAP_LISTS] >= 0)
		return;
	assert_int_equal(private_maps_open(&state), 0);
	asked = *(struct maps *)state;
	listed_store(&asked, &all, allow_few, deny_few);
}

static void is_answered(void **state)
{
	const struct question *q = *state;
	struct prefix prefix = prefix_from(q->prefix);
	struct list_entry entry;

	skip_without_root();
	asked_open();
	assert_entry(lists_find(&asked, q->list, &prefix, &entry), &entry,
		     q->found);
	assert_entry(lists_cover(&asked, q->list, &prefix, &entry), &entry,
		     q->covered);
}

static void the_same_prefix_may_be_on_both_lists(void **state)
{
	static const char *const both[] = { "10.0.0.0/8", "::/0", NULL };
	static struct listed all;
	struct maps *maps = *state;
	struct list_edit edit;
	struct prefix prefix = prefix_from("10.0.0.0/8");

	skip_without_root();
	listed_store(maps, &all, both, both);
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_int_equal(lists_remove(&edit, WEIR_ALLOW, &prefix), 0);
	lists_commit(&edit);
	listed_remove(&all, WEIR_ALLOW, &prefix);
	assert_settled(maps, &all);
}

static void what_changes_nothing_says_so(void **state)
{
	struct prefix prefix = prefix_from("192.0.2.1");
	static struct listed all;
	struct maps *maps = *state;
	struct list_edit edit;

	skip_without_root();
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_int_equal(lists_remove(&edit, WEIR_DENY, &prefix), 1);
	assert_int_equal(endless_add(&edit, WEIR_DENY, &prefix), 0);
	assert_int_equal(endless_add(&edit, WEIR_DENY, &prefix), 1);
	lists_commit(&edit);
	listed_add(&all, WEIR_DENY, &prefix);
	assert_settled(maps, &all);
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_int_equal(endless_add(&edit, WEIR_DENY, &prefix), 1);
	assert_int_equal(lists_remove(&edit, WEIR_DENY, &prefix), 0);
	assert_int_equal(lists_remove(&edit, WEIR_DENY, &prefix), 0);
	lists_commit(&edit);
	all.count = 0;
	assert_settled(maps, &all);
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_int_equal(lists_remove(&edit, WEIR_DENY, &prefix), 1);
	lists_abort(&edit);
}

/* The word of the short way to 192.0.2.1, or 0. */
static __u64 word_of(const struct maps *maps, const struct prefix *host)
{
	__u32 addr, at;
	__u64 word;

	memcpy(&addr, host->addr, sizeof(addr));
	at = WEIR_HOST_AT(addr);
	assert_int_equal(bpf_map_lookup_elem(maps->fd[MAP_HOSTS], &at, &word),
			 0);
	return word;
}

static void a_denied_host_has_a_short_way_while_it_is_listed(void **state)
{
	struct prefix host = prefix_from("192.0.2.1");
	struct maps *maps = *state;
	struct list_edit edit;

	skip_without_root();
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_int_equal(endless_add(&edit, WEIR_DENY, &host), 0);
	assert_true(word_of(maps, &host) == 0);
	lists_commit(&edit);
	assert_true(word_of(maps, &host) != 0);
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_int_equal(lists_remove(&edit, WEIR_DENY, &host), 0);
	assert_true(word_of(maps, &host) == 0);
	lists_commit(&edit);
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_int_equal(endless_add(&edit, WEIR_DENY, &host), 0);
	assert_int_equal(lists_remove(&edit, WEIR_DENY, &host), 0);
	lists_commit(&edit);
	assert_true(word_of(maps, &host) == 0);
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_int_equal(endless_add(&edit, WEIR_ALLOW, &host), 0);
	assert_int_equal(lists_add(&edit, WEIR_DENY, &host, WEIR_NEVER - 1, 0),
			 0);
	lists_commit(&edit);
	assert_true(word_of(maps, &host) == 0);
}

static void what_an_edit_adds_it_can_remove(void **state)
{
	struct prefix prefix = prefix_from("2001:db8::/32");
	static struct listed all;
	struct maps *maps = *state;
	struct list_edit edit;

	skip_without_root();
	listed_store(maps, &all, allow_few, deny_few);
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_int_equal(endless_add(&edit, WEIR_ALLOW, &prefix), 0);
	assert_int_equal(lists_remove(&edit, WEIR_ALLOW, &prefix), 0);
	lists_commit(&edit);
	assert_settled(maps, &all);
}

static void an_edit_that_was_committed_is_not_taken_back(void **state)
{
	struct prefix prefix = prefix_from("192.0.2.1");
	static struct listed all;
	struct maps *maps = *state;
	struct list_edit edit = { 0 };

	skip_without_root();
	lists_abort(&edit);
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_int_equal(endless_add(&edit, WEIR_DENY, &prefix), 0);
	lists_commit(&edit);
	lists_abort(&edit);
	listed_add(&all, WEIR_DENY, &prefix);
	assert_settled(maps, &all);
}

static void every_edit_has_a_number_of_its_own(void **state)
{
	struct maps *maps = *state;
	struct weir_lists before, after;
	struct list_edit edit;

	skip_without_root();
	head_read(maps, &before);
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_int_equal(edit.number, before.committed + 1);
	head_read(maps, &after);
	assert_int_equal(after.open, edit.number);
	assert_int_equal(after.committed, before.committed);
	lists_commit(&edit);
	head_read(maps, &after);
	assert_int_equal(after.committed, before.committed + 1);
	assert_int_equal(after.open, 0);
}

/* Leave one id free, whose counter has counted for somebody else. */
static void id_leave_only(const struct maps *maps, unsigned int id)
{
	static struct weir_ids ids;

	memset(ids.kept, 0xff, sizeof(ids.kept));
	ids.kept[id / 64] &= ~(1ULL << id % 64);
	ids_write(maps, &ids);
}

static void counter_set(const struct maps *maps, unsigned int id, __u64 packets,
			__u64 bytes)
{
	struct weir_counter counter = { packets, bytes };

	assert_int_equal(bpf_map_update_elem(maps->fd[MAP_ENTRY_COUNTS], &id,
					     &counter, 0),
			 0);
}

static void an_entry_starts_at_zero_whoever_had_its_id(void **state)
{
	struct prefix prefix = prefix_from("192.0.2.1");
	const unsigned int id = 4711;
	struct maps *maps = *state;
	struct list_entry entry;
	struct list_edit edit;

	skip_without_root();
	counter_set(maps, id, 7, 700);
	id_leave_only(maps, id);
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_int_equal(endless_add(&edit, WEIR_DENY, &prefix), 0);
	lists_commit(&edit);
	assert_int_equal(lists_find(maps, WEIR_DENY, &prefix, &entry), 0);
	assert_int_equal(entry.id, id);
	assert_int_equal(entry.packets, 0);
	assert_int_equal(entry.bytes, 0);
	counter_set(maps, id, 9, 900);
	assert_int_equal(lists_cover(maps, WEIR_DENY, &prefix, &entry), 0);
	assert_int_equal(entry.packets, 2);
	assert_int_equal(entry.bytes, 200);
}

static void an_entry_keeps_the_second_it_was_added(void **state)
{
	struct prefix prefix = prefix_from("192.0.2.1");
	__u64 before = time(NULL);
	struct maps *maps = *state;
	struct list_entry entry;
	struct list_edit edit;

	skip_without_root();
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_int_equal(endless_add(&edit, WEIR_DENY, &prefix), 0);
	lists_commit(&edit);
	assert_int_equal(lists_find(maps, WEIR_DENY, &prefix, &entry), 0);
	assert_in_range(entry.since_s, before, time(NULL));
}

/* The n-th of many hosts, in both families and on both lists. */
static struct prefix host_number(unsigned int n, enum weir_list *list)
{
	struct prefix p = { .family = n & 1 ? 4 : 6 };

	p.len = prefix_bits(&p);
	p.addr[0] = 32;
	p.addr[1] = n >> 16;
	p.addr[2] = n >> 8;
	p.addr[3] = n;
	*list = n >> 1 & 1 ? WEIR_DENY : WEIR_ALLOW;
	return p;
}

/* Add hosts until one is refused.  Returns how many were taken. */
static unsigned int hosts_add(struct list_edit *edit, unsigned int most)
{
	enum weir_list list;
	struct prefix prefix;

	for (unsigned int n = 0; n < most; n++) {
		prefix = host_number(n, &list);
		if (endless_add(edit, list, &prefix))
			return n;
	}
	return most;
}

static void assert_full(struct list_edit *edit)
{
	struct prefix prefix = prefix_from("203.0.113.2");
	const char *text;
	int err;

	printed_begin(PRINTED_STDERR);
	err = endless_add(edit, WEIR_DENY, &prefix);
	text = printed_end();
	assert_int_equal(err, -ENOSPC);
	assert_string_equal(text, "weir: the lists are full: 131072 entries\n");
}

static void an_edit_too_many_leaves_what_was_there(void **state)
{
	static struct listed all;
	struct maps *maps = *state;
	struct list_edit edit;
	unsigned int room;

	skip_without_root();
	listed_store(maps, &all, allow_few, deny_few);
	room = WEIR_MAX_ENTRIES - all.count;
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_int_equal(hosts_add(&edit, room), room);
	assert_full(&edit);
	assert_full(&edit);
	lists_abort(&edit);
	assert_settled(maps, &all);
}

/* One out, one in; and what is there is there, full or not. */
static void assert_turnover(const struct maps *maps)
{
	struct prefix other = prefix_from("203.0.113.1"), prefix;
	struct list_edit edit;
	enum weir_list list;

	prefix = host_number(77777, &list);
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_int_equal(endless_add(&edit, list, &prefix), 1);
	assert_int_equal(lists_remove(&edit, list, &prefix), 0);
	lists_commit(&edit);
	assert_exact(maps, WEIR_MAX_ENTRIES - 1);
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_int_equal(endless_add(&edit, WEIR_DENY, &other), 0);
	assert_full(&edit);
	lists_commit(&edit);
	assert_exact(maps, WEIR_MAX_ENTRIES);
}

static void the_lists_hold_131072_entries(void **state)
{
	struct list_entry *entries;
	struct maps *maps = *state;
	struct list_edit edit;
	int count = 0;

	skip_without_root();
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_int_equal(hosts_add(&edit, WEIR_MAX_ENTRIES), WEIR_MAX_ENTRIES);
	lists_commit(&edit);
	assert_exact(maps, WEIR_MAX_ENTRIES);
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_full(&edit);
	lists_abort(&edit);
	assert_exact(maps, WEIR_MAX_ENTRIES);
	assert_turnover(maps);
	for (int list = 0; list < WEIR_LIST_COUNT; list++) {
		count += lists_read(maps, list, &entries);
		free(entries);
	}
	assert_int_equal(count, WEIR_MAX_ENTRIES);
}

/* Put a block of hosts on the lists, or take it off, for ever. */
static _Noreturn void block_toggle(const struct maps *maps, int progress)
{
	struct list_edit edit;
	struct list_entry entry;
	enum weir_list list;
	struct prefix prefix = host_number(0, &list);
	bool on = !lists_find(maps, list, &prefix, &entry);

	for (;; on = !on) {
		if (lists_begin(maps, &edit))
			_exit(1);
		for (int n = 0; n < BLOCK; n++) {
			prefix = host_number(n, &list);
			if (on ? lists_remove(&edit, list, &prefix)
			       : endless_add(&edit, list, &prefix))
				_exit(1);
			if (write(progress, "", 1) != 1)
				_exit(1);
		}
		lists_commit(&edit);
	}
}

/* Kill a writer at some moment.  Returns whether an edit was open then. */
static bool writer_kill(const struct maps *maps)
{
	struct weir_lists head;
	int progress[2], status;
	char byte;
	pid_t pid;

	assert_int_equal(pipe(progress), 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		block_toggle(maps, progress[1]);
	close(progress[1]);
	for (unsigned int n = 1 + random_below(120); n; n--)
		assert_int_equal(read(progress[0], &byte, 1), 1);
	for (volatile unsigned int spin = random_below(30000); spin; spin--)
		;
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	close(progress[0]);
	head_read(maps, &head);
	return head.open;
}

/* All of the block or none of it, next to what was there. */
static void assert_all_or_none(const struct maps *maps, struct listed *all)
{
	struct list_entry entry;
	enum weir_list list;
	struct prefix prefix = host_number(0, &list);
	bool on = !lists_find(maps, list, &prefix, &entry);

	for (int n = 0; n < BLOCK; n++) {
		prefix = host_number(n, &list);
		if (on)
			listed_add(all, list, &prefix);
		else
			listed_remove(all, list, &prefix);
	}
	assert_reads(maps, all);
}

static void a_killed_writer_leaves_all_or_nothing(void **state)
{
	static struct listed all;
	struct maps *maps = *state;
	struct list_edit edit;
	int open = 0;

	skip_without_root();
	listed_store(maps, &all, allow_few, deny_few);
	for (int i = 0; i < KILLS; i++) {
		open += writer_kill(maps);
		assert_all_or_none(maps, &all);
		assert_int_equal(lists_begin(maps, &edit), 0);
		assert_exact(maps, all.count);
		lists_commit(&edit);
		assert_settled(maps, &all);
	}
	assert_in_range(open, KILLS / 4, KILLS);
}

static void a_writer_that_only_opened_leaves_nothing(void **state)
{
	static struct listed all;
	struct maps *maps = *state;
	struct list_edit edit;

	skip_without_root();
	listed_store(maps, &all, none, deny_few);
	assert_int_equal(lists_begin(maps, &edit), 0);
	edit_drop(&edit);
	assert_reads(maps, &all);
	assert_int_equal(lists_begin(maps, &edit), 0);
	lists_abort(&edit);
	assert_settled(maps, &all);
}

/* A length and an id were taken, and the entry was not written any more. */
static void a_writer_that_died_between_two_maps_is_settled(void **state)
{
	static struct listed all;
	static struct weir_ids ids;
	struct maps *maps = *state;
	struct weir_lists head;
	struct list_edit edit;

	skip_without_root();
	listed_store(maps, &all, none, deny_few);
	head_read(maps, &head);
	head.open = head.committed + 1;
	head.count4[WEIR_DENY][24]++;
	head.count6[WEIR_ALLOW][65]++;
	head.lengths6[WEIR_ALLOW][0] |= 1ULL << 63;
	head_write(maps, &head);
	ids_read(maps, &ids);
	ids.word[2047] |= 1ULL << 63;
	ids_write(maps, &ids);
	assert_int_equal(lists_begin(maps, &edit), 0);
	assert_exact(maps, all.count);
	lists_commit(&edit);
	assert_settled(maps, &all);
}

static void maps_that_cannot_be_written_are_one_line(void **state)
{
	const struct maps closed = MAPS_CLOSED;
	struct list_edit edit;
	const char *text;
	int err;

	(void)state;
	printed_begin(PRINTED_STDERR);
	err = lists_begin(&closed, &edit);
	lists_abort(&edit);
	text = printed_end();
	assert_true(err < 0);
	assert_one_error_line(text);
}

static void add(const char *name, CMUnitTestFunction test)
{
	unit_add_with(name, test, private_maps_open, private_maps_close);
}

int main(void)
{
	UNIT_ADD_ROWS(questions, is_answered);
	add("new lists are empty", new_lists_are_empty);
	add("the same prefix may be on both lists",
	    the_same_prefix_may_be_on_both_lists);
	add("what changes nothing says so", what_changes_nothing_says_so);
	add("a denied host has a short way while it is listed",
	    a_denied_host_has_a_short_way_while_it_is_listed);
	add("what an edit adds it can remove", what_an_edit_adds_it_can_remove);
	add("an edit that was committed is not taken back",
	    an_edit_that_was_committed_is_not_taken_back);
	add("every edit has a number of its own",
	    every_edit_has_a_number_of_its_own);
	add("an entry starts at zero, whoever had its id",
	    an_entry_starts_at_zero_whoever_had_its_id);
	add("an entry keeps the second it was added",
	    an_entry_keeps_the_second_it_was_added);
	add("3,000 random edits agree with an array",
	    edits_agree_with_an_array);
	add("a writer that only opened leaves nothing",
	    a_writer_that_only_opened_leaves_nothing);
	add("a writer that died between two maps is settled",
	    a_writer_that_died_between_two_maps_is_settled);
	add("a killed writer leaves all or nothing",
	    a_killed_writer_leaves_all_or_nothing);
	add("an edit too many leaves what was there",
	    an_edit_too_many_leaves_what_was_there);
	add("the lists hold 131,072 entries", the_lists_hold_131072_entries);
	unit_add("maps that cannot be written are one line",
		 maps_that_cannot_be_written_are_one_line, NULL);
	return unit_run("lists");
}
