// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which interface counts where.  The chains are walked here as the datapath
 * walks them, and held against a list that is searched from end to end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "unit/unit.h"
#include "base/cleanup.h"
#include "live/slots.h"

#define EDITS 4000

#define ALL_SLOTS (~0ULL) /* slot 0 is nobody's, taken or not */
#define ALL_BUT(slot) (ALL_SLOTS & ~(1ULL << (slot)))

/* A record in which some slots have been used, from 1 on. */
static const struct choice {
	const char *name, *interface;
	struct {
		const char *name;
		__u64 attached_s;
	} used[4];
	bool all_used; /* the rest too: "x", attached at 1000 */
	__u64 taken;
	unsigned int slot;
} choices[] = {
	{ "the first interface gets slot 1", "eth0", .slot = 1 },
	{ "the second interface gets slot 2", "eth1",
	  .used = { { "eth0", 10 } }, .taken = 1 << 1, .slot = 2 },
	{ "a free slot is better than somebody else's old one", "eth1",
	  .used = { { "eth0", 10 } }, .slot = 2 },
	{ "an interface gets back the slot of its name", "eth1",
	  .used = { { "eth0", 10 }, { "eth1", 20 } }, .slot = 2 },
	{ "an interface gets back the slot of its name from among free ones",
	  "eth2", .used = { { "eth0", 10 }, { NULL }, { "eth2", 20 } },
	  .slot = 3 },
	{ "a name that starts alike is another", "eth1",
	  .used = { { "eth10", 10 }, { "eth", 10 } }, .slot = 3 },
	{ "a slot in use is not given away with its name", "eth0",
	  .used = { { "eth0", 10 } }, .taken = 1 << 1, .slot = 2 },
	{ "names of 15 letters are compared to the end", "veth012345678ab",
	  .used = { { "veth012345678ac", 10 }, { "veth012345678ab", 20 } },
	  .slot = 2 },
	{ "with none free the oldest gives way", "eth9",
	  .used = { { "a", 30 }, { "b", 20 }, { "c", 10 }, { "d", 40 } },
	  .all_used = true, .slot = 3 },
	{ "with none free the oldest that is not in use gives way", "eth9",
	  .used = { { "a", 30 }, { "b", 20 }, { "c", 10 }, { "d", 40 } },
	  .all_used = true, .taken = 1 << 3, .slot = 2 },
	{ "with none free a slot of the same name is better than the oldest",
	  "d", .used = { { "a", 30 }, { "b", 20 }, { "c", 10 }, { "d", 40 } },
	  .all_used = true, .slot = 4 },
	{ "the last slot is given away too", "eth9", .all_used = true,
	  .taken = ALL_BUT(63), .slot = 63 },
	{ "the last free slot is found", "eth9", .taken = ALL_BUT(63),
	  .slot = 63 },
	{ "with all in use there is none", "eth9", .all_used = true,
	  .taken = ALL_SLOTS, .slot = WEIR_SLOT_OTHER },
	{ "with all in use the same name does not help", "x", .all_used = true,
	  .taken = ALL_BUT(0), .slot = WEIR_SLOT_OTHER },
};

static void record_make(const struct choice *row, struct weir_record *record)
{
	for (unsigned int i = 1; i < WEIR_MAX_INTERFACES; i++) {
		struct weir_slot *slot = &record->slot[i];
		bool named = i <= COUNT(row->used) && row->used[i - 1].name;

		if (!named && !row->all_used)
			continue;
		slot->ifindex = 100 + i;
		slot->attached_s = named ? row->used[i - 1].attached_s : 1000;
		strncpy(slot->name, named ? row->used[i - 1].name : "x",
			sizeof(slot->name));
	}
}

static void chooses_this_slot(void **state)
{
	struct weir_record record = { 0 };
	const struct choice *row = *state;

	record_make(row, &record);
	assert_int_equal(slots_choose(&record, row->taken, row->interface),
			 row->slot);
}

/* The dumb reference: who was learnt last comes first. */
struct reference {
	unsigned int count;
	struct {
		unsigned int slot, ifindex;
	} known[WEIR_MAX_INTERFACES];
};

static void reference_forget(struct reference *all, unsigned int slot)
{
	for (unsigned int i = 0; i < all->count; i++) {
		if (all->known[i].slot != slot)
			continue;
		all->count--;
		memmove(&all->known[i], &all->known[i + 1],
			(all->count - i) * sizeof(all->known[0]));
		return;
	}
}

static void reference_learn(struct reference *all, unsigned int slot,
			    unsigned int ifindex)
{
	reference_forget(all, slot);
	memmove(&all->known[1], &all->known[0],
		all->count * sizeof(all->known[0]));
	all->known[0].slot = slot;
	all->known[0].ifindex = ifindex;
	all->count++;
}

static unsigned int reference_slot(const struct reference *all,
				   unsigned int ifindex)
{
	for (unsigned int i = 0; i < all->count; i++)
		if (all->known[i].ifindex == ifindex)
			return all->known[i].slot;
	return WEIR_SLOT_OTHER;
}

/* The walk of bpf/verdict.h; a chain that does not end is a failure here. */
static unsigned int chain_slot(const struct weir_runtime *runtime,
			       unsigned int ifindex)
{
	unsigned int slot = runtime->first[ifindex % WEIR_MAX_INTERFACES];

	for (int i = 0; i < WEIR_MAX_INTERFACES; i++) {
		assert_in_range(slot, 0, WEIR_MAX_INTERFACES - 1);
		if (slot == WEIR_SLOT_OTHER ||
		    runtime->slot[slot].ifindex == ifindex)
			return slot;
		slot = runtime->slot[slot].next;
	}
	fail_msg("the chain of ifindex %u does not end", ifindex);
	return WEIR_SLOT_OTHER;
}

static void runtime_read(const struct maps *maps, struct weir_runtime *runtime)
{
	assert_int_equal(bpf_map_lookup_elem(maps->fd[MAP_RUNTIME], &(int){ 0 },
					     runtime),
			 0);
}

static void assert_chains(const struct maps *maps, const struct reference *all,
			  const unsigned int *ifindexes, size_t count)
{
	struct weir_runtime runtime;

	runtime_read(maps, &runtime);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(chain_slot(&runtime, ifindexes[i]),
				 reference_slot(all, ifindexes[i]));
}

/* Few buckets, so that chains grow long; and what the kernel can give. */
static unsigned int random_ifindex(void)
{
	if (random_one_in(16))
		return 1 + random_below(0x7fffffff);
	return 1 + random_below(8) * WEIR_MAX_INTERFACES + random_below(3);
}

static void chains_agree_with_a_list(void **state)
{
	unsigned int ifindexes[128], slot, ifindex;
	struct reference all = { 0 };
	struct maps *maps = *state;

	skip_without_root();
	for (size_t i = 0; i < COUNT(ifindexes); i++)
		ifindexes[i] = random_ifindex();
	for (int i = 0; i < EDITS; i++) {
		slot = 1 + random_below(WEIR_MAX_INTERFACES - 1);
		ifindex = ifindexes[random_below(COUNT(ifindexes))];
		if (random_one_in(3)) {
			assert_int_equal(slots_forget(maps, slot), 0);
			reference_forget(&all, slot);
		} else {
			assert_int_equal(slots_learn(maps, slot, ifindex), 0);
			reference_learn(&all, slot, ifindex);
		}
		assert_chains(maps, &all, ifindexes, COUNT(ifindexes));
	}
}

/* A new instance knows nobody, a full one everybody. */
static void every_slot_can_be_learnt_and_forgotten(void **state)
{
	unsigned int ifindexes[WEIR_MAX_INTERFACES - 1];
	struct reference all = { 0 };
	struct maps *maps = *state;

	skip_without_root();
	for (unsigned int i = 0; i < COUNT(ifindexes); i++)
		ifindexes[i] = 64 * (i + 1);
	assert_chains(maps, &all, ifindexes, COUNT(ifindexes));
	for (unsigned int i = 0; i < COUNT(ifindexes); i++) {
		assert_int_equal(slots_learn(maps, i + 1, ifindexes[i]), 0);
		reference_learn(&all, i + 1, ifindexes[i]);
	}
	assert_int_equal(all.count, WEIR_MAX_INTERFACES - 1);
	assert_chains(maps, &all, ifindexes, COUNT(ifindexes));
	for (unsigned int slot = 1; slot < WEIR_MAX_INTERFACES; slot++) {
		assert_int_equal(slots_forget(maps, slot), 0);
		reference_forget(&all, slot);
		assert_chains(maps, &all, ifindexes, COUNT(ifindexes));
	}
}

static void forgetting_twice_changes_nothing(void **state)
{
	struct weir_runtime once, twice;
	struct maps *maps = *state;

	skip_without_root();
	slots_learn(maps, 1, 5);
	slots_learn(maps, 2, 69);
	slots_learn(maps, 3, 133);
	slots_forget(maps, 2);
	runtime_read(maps, &once);
	slots_forget(maps, 2);
	slots_forget(maps, 9);
	runtime_read(maps, &twice);
	assert_memory_equal(&once, &twice, sizeof(once));
	assert_int_equal(chain_slot(&once, 5), 1);
	assert_int_equal(chain_slot(&once, 69), WEIR_SLOT_OTHER);
	assert_int_equal(chain_slot(&once, 133), 3);
}

static void a_chain_that_bites_its_tail_is_left_alone(void **state)
{
	struct maps *maps = *state;
	struct weir_runtime runtime;

	skip_without_root();
	slots_learn(maps, 1, 5);
	slots_learn(maps, 2, 69);
	runtime_read(maps, &runtime);
	runtime.slot[1].next = 2;
	runtime.slot[3].ifindex = 133;
	bpf_map_update_elem(maps->fd[MAP_RUNTIME], &(int){ 0 }, &runtime, 0);
	assert_int_equal(slots_forget(maps, 3), 0);
	runtime.slot[1].next = 0xffffffff;
	bpf_map_update_elem(maps->fd[MAP_RUNTIME], &(int){ 0 }, &runtime, 0);
	assert_int_equal(slots_forget(maps, 3), 0);
}

static void row_fill(const struct maps *maps, unsigned int slot, int cpus)
{
	_free_ struct weir_row *rows = calloc(cpus, sizeof(*rows));

	assert_non_null(rows);
	memset(rows, 0x11, cpus * sizeof(*rows));
	assert_int_equal(
		bpf_map_update_elem(maps->fd[MAP_COUNTERS], &slot, rows, 0), 0);
}

/* Is every counter of a slot, on every CPU, made of this byte? */
static bool row_is(const struct maps *maps, unsigned int slot, int cpus,
		   unsigned char byte)
{
	size_t size = cpus * sizeof(struct weir_row);
	_free_ unsigned char *rows = malloc(size);

	assert_non_null(rows);
	assert_int_equal(
		bpf_map_lookup_elem(maps->fd[MAP_COUNTERS], &slot, rows), 0);
	for (size_t i = 0; i < size; i++)
		if (rows[i] != byte)
			return false;
	return true;
}

static void emptying_a_row_leaves_its_neighbours(void **state)
{
	int cpus = libbpf_num_possible_cpus();
	struct maps *maps = *state;

	skip_without_root();
	for (unsigned int slot = 6; slot <= 8; slot++)
		row_fill(maps, slot, cpus);
	assert_int_equal(slots_empty(maps, 7), 0);
	assert_true(row_is(maps, 6, cpus, 0x11));
	assert_true(row_is(maps, 7, cpus, 0));
	assert_true(row_is(maps, 8, cpus, 0x11));
}

static void a_map_that_cannot_be_written_is_one_line(void **state)
{
	const struct maps closed = MAPS_CLOSED;
	const char *text;
	int err;

	(void)state;
	printed_begin(PRINTED_STDERR);
	err = slots_learn(&closed, 1, 5);
	text = printed_end();
	assert_true(err < 0);
	assert_one_error_line(text);
	printed_begin(PRINTED_STDERR);
	err = slots_empty(&closed, 1);
	text = printed_end();
	assert_true(err < 0);
	assert_one_error_line(text);
}

int main(void)
{
	UNIT_ADD_ROWS(choices, chooses_this_slot);
	unit_add_with("the chains of 4,000 random edits agree with a list",
		      chains_agree_with_a_list, private_maps_open,
		      private_maps_close);
	unit_add_with("every slot can be learnt and forgotten",
		      every_slot_can_be_learnt_and_forgotten, private_maps_open,
		      private_maps_close);
	unit_add_with("forgetting twice changes nothing",
		      forgetting_twice_changes_nothing, private_maps_open,
		      private_maps_close);
	unit_add_with("a chain that bites its tail is left alone",
		      a_chain_that_bites_its_tail_is_left_alone,
		      private_maps_open, private_maps_close);
	unit_add_with("emptying a row leaves its neighbours",
		      emptying_a_row_leaves_its_neighbours, private_maps_open,
		      private_maps_close);
	unit_add("a map that cannot be written is one line",
		 a_map_that_cannot_be_written_is_one_line, NULL);
	return unit_run("slots");
}
