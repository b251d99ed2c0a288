// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/slots.h"

/*
 * Packets of other interfaces walk these chains meanwhile: each store leaves
 * them whole, the last one makes the change.
 */
static void chain_insert(struct weir_runtime *runtime, unsigned int slot,
			 unsigned int ifindex)
{
	__u32 *first = &runtime->first[ifindex % WEIR_MAX_INTERFACES];

	__atomic_store_n(&runtime->slot[slot].ifindex, ifindex,
			 __ATOMIC_SEQ_CST);
	__atomic_store_n(&runtime->slot[slot].next, *first, __ATOMIC_SEQ_CST);
	__atomic_store_n(first, slot, __ATOMIC_SEQ_CST);
}

static void chain_remove(struct weir_runtime *runtime, unsigned int slot)
{
	__u32 ifindex = runtime->slot[slot].ifindex;
	__u32 *link = &runtime->first[ifindex % WEIR_MAX_INTERFACES];

	for (int i = 0; i < WEIR_MAX_INTERFACES && *link != slot; i++) {
		if (*link == WEIR_SLOT_OTHER || *link >= WEIR_MAX_INTERFACES)
			return;
		link = &runtime->slot[*link].next;
	}
	if (*link == slot)
		__atomic_store_n(link, runtime->slot[slot].next,
				 __ATOMIC_SEQ_CST);
}

static int chains_change(const struct maps *maps, unsigned int slot,
			 unsigned int ifindex)
{
	struct weir_runtime *runtime;

	runtime = map_see(maps->fd[MAP_RUNTIME], sizeof(*runtime));
	if (!runtime)
		return -EACCES;
	chain_remove(runtime, slot);
	if (ifindex)
		chain_insert(runtime, slot, ifindex);
	map_unsee(runtime, sizeof(*runtime));
	return 0;
}

int slots_learn(const struct maps *maps, unsigned int slot,
		unsigned int ifindex)
{
	return chains_change(maps, slot, ifindex);
}

int slots_forget(const struct maps *maps, unsigned int slot)
{
	return chains_change(maps, slot, 0);
}

unsigned int slots_choose(const struct weir_record *record, __u64 taken,
			  const char *name)
{
	unsigned int oldest = WEIR_SLOT_OTHER, unused = WEIR_SLOT_OTHER;
	const struct weir_slot *slot;

	for (unsigned int i = 1; i < WEIR_MAX_INTERFACES; i++) {
		slot = &record->slot[i];
		if (taken >> i & 1)
			continue;
		if (!slot->ifindex) {
			unused = unused ? unused : i;
			continue;
		}
		if (!strncmp(slot->name, name, sizeof(slot->name)))
			return i;
		if (!oldest ||
		    slot->attached_s < record->slot[oldest].attached_s)
			oldest = i;
	}
	return unused ? unused : oldest;
}

int slots_empty(const struct maps *maps, unsigned int slot)
{
	_free_ struct weir_row *rows = NULL;
	int cpus = libbpf_num_possible_cpus();

	rows = cpus > 0 ? calloc(cpus, sizeof(*rows)) : NULL;
	if (!rows)
		return fail(ENOMEM, "out of memory");
	if (bpf_map_update_elem(maps->fd[MAP_COUNTERS], &slot, rows, BPF_ANY))
		return fail(errno, "cannot empty a row of counters: %s",
			    error_text(errno));
	return 0;
}
