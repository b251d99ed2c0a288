/* SPDX-License-Identifier: GPL-2.0-only */
/* What a rule does, and what it has counted. */
#ifndef WEIR_BPF_RULE_H
#define WEIR_BPF_RULE_H

#include "bpf/stage.h"

/*
 * What each rule does, at its place: 64 x block + bit.  Written once, before
 * the generation goes live.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WEIR_MAX_RULES);
	__type(key, __u32);
	__type(value, struct weir_rule);
} rule_table SEC(".maps");

/* Packets and bytes by a rule's slot.  Written by the datapath alone. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WEIR_MAX_RULES);
	__type(key, __u32);
	__type(value, struct weir_counter);
} rule_counts SEC(".maps");

static __always_inline void rule_count(__u32 slot, __u32 len)
{
	struct weir_counter *count = bpf_map_lookup_elem(&rule_counts, &slot);

	if (!count)
		return;
	count->packets++;
	count->bytes += len;
}

#endif
