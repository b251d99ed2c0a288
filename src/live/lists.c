// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "live/lists.h"
#include "live/stage.h"
#include "live/store.h"

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

static void end_noted(struct weir_lists *lists, __u64 end_ns)
{
	if (end_ns < lists->first_end_ns)
		lists->first_end_ns = end_ns;
}

static void id_mark(struct list_edit *edit, __u32 id)
{
	edit->taken[id / 64] |= 1ULL << id % 64;
	edit->entries++;
}

/* An id that no generation has.  Returns WEIR_MAX_IDS when all are taken. */
static __u32 id_take(struct list_edit *edit)
{
	const unsigned int words = WEIR_MAX_IDS / 64;
	unsigned int word, bit;
	__u64 unused;

	for (unsigned int i = 0; i < words; i++) {
		word = (edit->rover + i) % words;
		unused = ~(edit->ids->word[word] | edit->ids->kept[word] |
			   edit->taken[word]);
		if (!unused)
			continue;
		edit->rover = word;
		bit = __builtin_ctzll(unused);
		id_mark(edit, word * 64 + bit);
		return word * 64 + bit;
	}
	return WEIR_MAX_IDS;
}

static void id_free(struct list_edit *edit, __u32 id)
{
	if (id >= WEIR_MAX_IDS)
		return;
	edit->taken[id / 64] &= ~(1ULL << id % 64);
	edit->entries--;
}

/* Put one entry into the state in which no edit is under way. */
static int entry_settle(void *data, unsigned char family, const union key *key,
			struct weir_entry *entry)
{
	struct list_edit *edit = data;
	__u64 committed = edit->lists->committed;
	struct prefix prefix = key_prefix(family, key);
	int fd = store_of(edit->maps, &prefix);

	if (!entry_is_live(entry, committed) || !key_is_sane(key, &prefix)) {
		bpf_map_delete_elem(fd, key);
		return 0;
	}
	if (entry->removed != WEIR_NEVER || entry->extended != WEIR_NEVER) {
		entry->expires_ns = entry_end(entry, committed);
		entry->removed = WEIR_NEVER;
		entry->extended = WEIR_NEVER;
		bpf_map_update_elem(fd, key, entry, BPF_EXIST);
	}
	length_gained(edit->lists, key->ip4.list, &prefix);
	end_noted(edit->lists, entry->expires_ns);
	if (entry->id < WEIR_MAX_IDS)
		edit->taken[entry->id / 64] |= 1ULL << entry->id % 64;
	edit->origins |= 1ULL << entry->origin % WEIR_MAX_ORIGINS;
	return 0;
}

/* Names of lists that no entry comes from any more. */
static void origins_forget(struct list_edit *edit)
{
	for (int i = 1; i < WEIR_MAX_ORIGINS; i++)
		if (!(edit->origins >> i & 1))
			memset(edit->lists->origin[i], 0,
			       sizeof(edit->lists->origin[i]));
}

/*
 * An edit is open, because its writer died or this one fails; or entries have
 * expired.  Take back what was not committed, finish what was, delete what is
 * over, and count lengths, ids and origins anew.
 */
static int lists_settle(struct list_edit *edit)
{
	struct weir_lists *lists = edit->lists;
	int err;

	memset(lists->count4, 0, sizeof(lists->count4));
	memset(lists->count6, 0, sizeof(lists->count6));
	memset(edit->taken, 0, sizeof(edit->ids->word));
	lists->first_end_ns = WEIR_NEVER;
	edit->origins = 0;
	err = store_visit(edit->maps, entry_settle, edit);
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
	origins_forget(edit);
	__atomic_store_n(&lists->open, 0, __ATOMIC_SEQ_CST);
	return 0;
}

static void ids_count(struct list_edit *edit)
{
	edit->entries = 0;
	for (int i = 0; i < WEIR_MAX_IDS / 64; i++)
		edit->entries += __builtin_popcountll(edit->taken[i]);
}

/*
 * Expired entries may stay for a while: nobody sees them.  More ids than
 * entries are possible are a lie.
 */
static bool is_unsettled(const struct list_edit *edit)
{
	return edit->lists->open || edit->entries > WEIR_MAX_ENTRIES ||
	       clock_ns(CLOCK_MONOTONIC) / NS_PER_S >
		       edit->lists->first_end_ns / NS_PER_S + 60;
}

/* The word of a denied IPv4 host, or NULL: ports and prefixes have none. */
static __u64 *host_word(const struct list_edit *edit, enum weir_list list,
			const struct prefix *prefix, __u32 *addr)
{
	if (list != WEIR_DENY || prefix->family != 4 || prefix->len != 32)
		return NULL;
	memcpy(addr, prefix->addr, sizeof(*addr));
	return &edit->hosts[WEIR_HOST_AT(*addr)];
}

static void host_forget(struct list_edit *edit, enum weir_list list,
			const struct prefix *prefix)
{
	__u32 addr;
	__u64 *word = host_word(edit, list, prefix, &addr);

	if (word && (__u32)*word == addr)
		__atomic_store_n(word, 0, __ATOMIC_SEQ_CST);
}

/* Not being remembered costs a host its short way, nothing else. */
static void host_remember(struct list_edit *edit, enum weir_list list,
			  const struct prefix *prefix, __u32 id)
{
	__u32 addr;

	if (!host_word(edit, list, prefix, &addr) ||
	    edit->added_count == WEIR_HOSTS)
		return;
	if (!edit->added)
		edit->added = malloc(WEIR_HOSTS * sizeof(*edit->added));
	if (edit->added)
		edit->added[edit->added_count++] = (id + 1ULL) << 32 | addr;
}

/* Is a word true: in force, and not removed again in the same edit? */
static bool host_is_listed(const struct list_edit *edit, __u64 word)
{
	union key key = {
		.ip4 = { .list = WEIR_DENY, .len = 32, .addr = (__u32)word }
	};
	struct weir_entry entry;

	if (edit->new)
		return true;
	return !bpf_map_lookup_elem(edit->maps->fd[MAP_PREFIX4], &key,
				    &entry) &&
	       entry.id + 1ULL == word >> 32 && entry.removed == WEIR_NEVER;
}

static void hosts_publish(struct list_edit *edit)
{
	__u64 *word;

	for (size_t i = 0; i < edit->added_count; i++) {
		word = &edit->hosts[WEIR_HOST_AT((__u32)edit->added[i])];
		if (!*word && host_is_listed(edit, edit->added[i]))
			__atomic_store_n(word, edit->added[i],
					 __ATOMIC_SEQ_CST);
	}
}

static void lists_unsee(struct list_edit *edit)
{
	map_unsee(edit->hosts, WEIR_HOSTS * sizeof(*edit->hosts));
	free(edit->added);
	map_unsee(edit->lists, sizeof(*edit->lists));
	map_unsee(edit->ids, sizeof(*edit->ids));
	free(edit->removed);
	free(edit->counters);
	stages_free(edit->was);
	stages_free(edit->new);
	*edit = (struct list_edit){ 0 };
}

static int edit_begin(struct list_edit *edit, const struct maps *maps)
{
	int err = 0;

	edit->maps = maps;
	edit->lists = map_see(maps->fd[MAP_LISTS], sizeof(*edit->lists));
	if (edit->lists)
		edit->ids =
			map_see(maps->fd[MAP_ENTRY_IDS], sizeof(*edit->ids));
	if (edit->ids)
		edit->hosts = map_see(maps->fd[MAP_HOSTS],
				      WEIR_HOSTS * sizeof(*edit->hosts));
	if (!edit->hosts) {
		lists_unsee(edit);
		return -EACCES;
	}
	if (!edit->taken)
		edit->taken = edit->live ? edit->ids->kept : edit->ids->word;
	ids_count(edit);
	if (is_unsettled(edit))
		err = lists_settle(edit);
	if (err) {
		lists_unsee(edit);
		return err;
	}
	ids_count(edit);
	edit->number = edit->lists->committed + 1;
	edit->rover = edit->number % (WEIR_MAX_IDS / 64);
	__atomic_store_n(&edit->lists->open, edit->number, __ATOMIC_SEQ_CST);
	return 0;
}

int lists_begin(const struct maps *maps, struct list_edit *edit)
{
	*edit = (struct list_edit){ 0 };
	return edit_begin(edit, maps);
}

static int live_keep(void *data, unsigned char family, const union key *key,
		     struct weir_entry *entry)
{
	struct list_edit *edit = data;

	return stage_add(edit->was, family, key, entry);
}

int lists_begin_beside(const struct maps *maps, const struct maps *live,
		       __u64 *taken, struct list_edit *edit)
{
	int err;

	*edit = (struct list_edit){ .live = live, .taken = taken };
	if (bpf_map_lookup_elem(live->fd[MAP_LISTS], &(__u32){ 0 },
				&edit->live_head))
		return fail(errno, "cannot read the lists: %s",
			    error_text(errno));
	edit->was = stages_make();
	edit->new = taken ? stages_make() : NULL;
	err = edit->was && (edit->new || !taken) ? 0 : -ENOMEM;
	if (!err)
		err = store_visit(live, live_keep, edit);
	if (!err)
		return edit_begin(edit, maps);
	lists_unsee(edit);
	return err;
}

static bool entry_find(struct list_edit *edit, const struct prefix *prefix,
		       const union key *key, struct weir_entry *entry)
{
	const struct weir_entry *staged;

	if (!edit->new)
		return !bpf_map_lookup_elem(store_of(edit->maps, prefix), key,
					    entry);
	staged = stage_find(edit->new, prefix->family, key);
	if (staged)
		*entry = *staged;
	return staged;
}

static int entry_change(struct list_edit *edit, const struct prefix *prefix,
			const union key *key, const struct weir_entry *entry)
{
	int fd = store_of(edit->maps, prefix);

	if (edit->new)
		*stage_find(edit->new, prefix->family, key) = *entry;
	else if (bpf_map_update_elem(fd, key, entry, BPF_EXIST))
		return map_refused(fd, "extend an entry");
	return 0;
}

static int entry_insert(struct list_edit *edit, const struct prefix *prefix,
			const union key *key, const struct weir_entry *entry)
{
	int fd = store_of(edit->maps, prefix);

	if (edit->new)
		return stage_add(edit->new, prefix->family, key, entry);
	if (bpf_map_update_elem(fd, key, entry, BPF_NOEXIST))
		return map_refused(fd, "add an entry");
	return 0;
}

/*
 * A later end wins, and what this edit removed is listed again.  Returns 0 if
 * that is a change, 1 if it is not.
 */
static int entry_extend(struct list_edit *edit, const struct prefix *prefix,
			const union key *key, struct weir_entry *entry,
			__u64 end_ns)
{
	__u64 end = entry_end(entry, edit->number);

	if (end_ns <= end && entry->removed == WEIR_NEVER)
		return 1;
	entry->removed = WEIR_NEVER;
	entry->expires_ns = entry_end(entry, edit->number - 1);
	entry->extended = edit->number;
	entry->next_expires_ns = end_ns > end ? end_ns : end;
	return entry_change(edit, prefix, key, entry);
}

static void entry_delete(struct list_edit *edit, int fd, const union key *key,
			 const struct prefix *prefix, __u32 id)
{
	bpf_map_delete_elem(fd, key);
	length_lost(edit->lists, key->ip4.list, prefix);
	id_free(edit, id);
}

static int full(void)
{
	return fail(ENOSPC, "the lists are full: %u entries", WEIR_MAX_ENTRIES);
}

/* The entry of the same prefix that is live, if one is. */
static bool entry_live(const struct list_edit *edit, const union key *key,
		       const struct prefix *prefix, struct weir_entry *entry)
{
	const struct weir_entry *found =
		edit->was ? stage_find(edit->was, prefix->family, key) : NULL;

	if (!found || !entry_is_live(found, edit->live_head.committed) ||
	    found->id >= WEIR_MAX_IDS)
		return false;
	*entry = *found;
	return true;
}

#define COUNTERS 1024	/* read at once: ids are mostly taken in a row */

/* What an id's counter holds, for an entry that takes it. */
static struct weir_counter counter_before(struct list_edit *edit, __u32 id)
{
	__u32 from = id - id % COUNTERS;

	if (!edit->new || id >= WEIR_MAX_IDS)
		return counter_of(edit->maps, id);
	if (edit->counters && edit->counters_from == from)
		return edit->counters[id - from];
	if (!edit->counters)
		edit->counters = calloc(COUNTERS, sizeof(*edit->counters));
	edit->counters_from = from;
	if (edit->counters &&
	    !counters_read(edit->maps, from, COUNTERS, edit->counters))
		return edit->counters[id - from];
	free(edit->counters);
	edit->counters = NULL;
	return counter_of(edit->maps, id);
}

/* Give an entry a counter: a new one, or the live entry's with its age. */
static void entry_count_from(struct list_edit *edit, const union key *key,
			     const struct prefix *prefix,
			     struct weir_entry *entry)
{
	struct weir_counter before;
	struct weir_entry live;

	if (entry_live(edit, key, prefix, &live)) {
		entry->id = live.id;
		entry->since_s = live.since_s;
		entry->packets_before = live.packets_before;
		entry->bytes_before = live.bytes_before;
		id_mark(edit, live.id);
		return;
	}
	entry->id = id_take(edit);
	before = counter_before(edit, entry->id);
	entry->packets_before = before.packets;
	entry->bytes_before = before.bytes;
}

int lists_add(struct list_edit *edit, enum weir_list list,
	      const struct prefix *prefix, __u64 end_ns, unsigned int origin)
{
	union key key = key_make(list, prefix);
	struct weir_entry entry;
	int err;

	if (entry_find(edit, prefix, &key, &entry)) {
		if (edit->new ||
		    entry_end(&entry, edit->number) > clock_ns(CLOCK_MONOTONIC))
			return entry_extend(edit, prefix, &key, &entry, end_ns);
		/* Expired, as if absent. */
		entry_delete(edit, store_of(edit->maps, prefix), &key, prefix,
			     entry.id);
	}
	entry = (struct weir_entry){
		.added = edit->number,
		.removed = WEIR_NEVER,
		.expires_ns = end_ns,
		.extended = WEIR_NEVER,
		.since_s = time(NULL),
		.id = WEIR_MAX_IDS,
		.origin = origin,
	};
	if (edit->entries < WEIR_MAX_ENTRIES)
		entry_count_from(edit, &key, prefix, &entry);
	if (entry.id >= WEIR_MAX_IDS)
		return full();
	length_gained(edit->lists, list, prefix);
	end_noted(edit->lists, end_ns);
	err = entry_insert(edit, prefix, &key, &entry);
	if (err)
		return err;
	if (end_ns == WEIR_NEVER)
		host_remember(edit, list, prefix, entry.id);
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
	union key key = key_make(list, prefix);
	struct weir_entry entry;
	int err;

	if (bpf_map_lookup_elem(fd, &key, &entry) ||
	    clock_ns(CLOCK_MONOTONIC) >= entry_end(&entry, edit->number))
		return 1;
	if (entry.removed != WEIR_NEVER)
		return 0;
	err = removed_keep(edit, list, prefix, entry.id);
	if (err)
		return err;
	host_forget(edit, list, prefix);
	entry.removed = edit->number;
	if (bpf_map_update_elem(fd, &key, &entry, BPF_EXIST))
		return map_refused(fd, "remove an entry");
	return 0;
}

int lists_origin(struct list_edit *edit, const char *name)
{
	int unused = 0;

	for (int i = 1; i < WEIR_MAX_ORIGINS; i++) {
		if (!strncmp(edit->lists->origin[i], name,
			     sizeof(edit->lists->origin[i]) - 1))
			return i;
		if (!unused && !*edit->lists->origin[i])
			unused = i;
	}
	if (!unused)
		return fail(ENOSPC, "there are %d named lists already",
			    WEIR_MAX_ORIGINS - 1);
	snprintf(edit->lists->origin[unused],
		 sizeof(edit->lists->origin[unused]), "%s", name);
	return unused;
}

/* The number here of a list that has a name in the live lists. */
static int origin_carry(struct list_edit *edit, __u32 origin)
{
	char name[sizeof(edit->live_head.origin[0]) + 1] = "";

	origin &= ~WEIR_OF_POLICY;
	if (!origin || origin >= WEIR_MAX_ORIGINS)
		return 0;
	memcpy(name, edit->live_head.origin[origin],
	       sizeof(edit->live_head.origin[0]));
	return *name ? lists_origin(edit, name) : 0;
}

struct carrying {
	struct list_edit *edit;
	__u64 since_s;
	int carried;
};

static int entry_carry(void *data, unsigned char family, const union key *key,
		       struct weir_entry *entry)
{
	struct carrying *carrying = data;
	struct list_edit *edit = carrying->edit;
	struct prefix prefix = key_prefix(family, key);
	__u64 end = entry_end(entry, edit->live_head.committed);
	int origin, err;

	if (entry->origin & WEIR_OF_POLICY || !key_is_sane(key, &prefix) ||
	    !entry_is_live(entry, edit->live_head.committed) ||
	    (end == WEIR_NEVER && entry->since_s < carrying->since_s))
		return 0;
	origin = origin_carry(edit, entry->origin);
	if (origin < 0)
		return origin;
	err = lists_add(edit, key->ip4.list, &prefix, end, origin);
	carrying->carried += !err;
	return err < 0 ? err : 0;
}

/* What somebody removed meanwhile is not to come back. */
static int entry_drop(void *data, unsigned char family, const union key *key,
		      struct weir_entry *entry)
{
	struct carrying *carrying = data;
	struct list_edit *edit = carrying->edit;
	struct prefix prefix = key_prefix(family, key);
	struct weir_entry live;

	if (entry->origin & WEIR_OF_POLICY || !key_is_sane(key, &prefix) ||
	    entry_end(entry, edit->number) == WEIR_NEVER ||
	    entry_live(edit, key, &prefix, &live))
		return 0;
	return lists_remove(edit, key->ip4.list, &prefix) < 0 ? -EIO : 0;
}

int lists_carry(struct list_edit *edit, __u64 since_s)
{
	struct carrying carrying = { .edit = edit, .since_s = since_s };
	int err = store_visit(edit->live, entry_carry, &carrying);

	if (!err)
		err = store_visit(edit->maps, entry_drop, &carrying);
	return err ? err : carrying.carried;
}

static int entry_id(void *data, unsigned char family, const union key *key,
		    struct weir_entry *entry)
{
	__u64 *taken = data;

	(void)family;
	(void)key;
	if (entry->id < WEIR_MAX_IDS)
		taken[entry->id / 64] |= 1ULL << entry->id % 64;
	return 0;
}

int lists_ids(const struct maps *maps, __u64 *taken)
{
	memset(taken, 0, WEIR_MAX_IDS / 8);
	return store_visit(maps, entry_id, taken);
}

/* Delete what the commit has made invisible. */
static void removed_sweep(struct list_edit *edit)
{
	const struct list_entry *gone = edit->removed;
	struct weir_entry entry;
	union key key;
	int fd;

	for (size_t i = 0; i < edit->removed_count; i++, gone++) {
		fd = store_of(edit->maps, &gone->prefix);
		key = key_make(gone->list, &gone->prefix);
		if (!bpf_map_lookup_elem(fd, &key, &entry) &&
		    entry.removed == edit->number)
			entry_delete(edit, fd, &key, &gone->prefix, gone->id);
	}
}

int lists_write(struct list_edit *edit)
{
	return edit->new ? stages_write(edit->new, edit->maps) : 0;
}

void lists_commit(struct list_edit *edit)
{
	__atomic_store_n(&edit->lists->committed, edit->number,
			 __ATOMIC_SEQ_CST);
	removed_sweep(edit);
	hosts_publish(edit);
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
