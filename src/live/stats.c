// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "live/attach.h"
#include "live/generation.h"
#include "live/rules.h"
#include "live/stats.h"

static void counter_add(struct weir_counter *sum,
			const struct weir_counter *counter)
{
	sum->packets += counter->packets;
	sum->bytes += counter->bytes;
}

/* An interface's row, one copy a CPU, into the sums. */
static void row_add(struct stats_report *stats, struct interface_stats *on,
		    const struct weir_row *rows, int cpus)
{
	const struct weir_counter *counter;

	for (int cpu = 0; cpu < cpus; cpu++) {
		for (int reason = 0; reason < WEIR_REASON_COUNT; reason++) {
			counter = &rows[cpu].reason[reason];
			counter_add(&stats->reason[reason], counter);
			counter_add(
				&stats->verdict[reason_kinds[reason].verdict],
				counter);
			counter_add(&on->reason[reason], counter);
			counter_add(&on->total, counter);
		}
	}
}

static int row_read(const struct instance *instance, unsigned int row,
		    struct weir_row *rows)
{
	if (bpf_map_lookup_elem(instance->maps.fd[MAP_COUNTERS], &row, rows))
		return fail(errno, "cannot read the counters: %s",
			    error_text(errno));
	return 0;
}

/* What a pause or an observed policy let pass, by what would have become of it. */
static int would_read(const struct instance *instance,
		      struct stats_report *stats, struct weir_row *rows,
		      int cpus)
{
	int err = row_read(instance, WEIR_ROW_WOULD, rows);

	for (int cpu = 0; !err && cpu < cpus; cpu++)
		for (int reason = 0; reason < WEIR_REASON_COUNT; reason++)
			counter_add(&stats->would[reason],
				    &rows[cpu].reason[reason]);
	return err;
}

static void interface_describe(const struct instance *instance,
			       unsigned int slot, struct interface_stats *on)
{
	const struct weir_slot *known = &instance->record.slot[slot];
	struct interface interface = { 0 };
	enum slot_state state = slot_state(instance, slot, &interface);

	on->attached = slot_is_filtering(state);
	on->mode = known->mode;
	on->slot = slot;
	on->ifindex = known->ifindex;
	if (slot == WEIR_SLOT_OTHER)
		strcpy(on->name, "other");
	else if (*interface.name)
		memcpy(on->name, interface.name, sizeof(on->name));
	else
		memcpy(on->name, known->name, sizeof(on->name));
}

/* Rules are known by what the generation was made of. */
static int rules_read(const struct instance *instance,
		      struct stats_report *stats)
{
	_cleanup_(description_free) struct description live = { 0 };
	int err = generation_describe(instance, instance->record.generation,
				      &live);

	for (size_t i = 0; !err && i < live.rule_count; i++) {
		struct rule_stats *rule = &stats->rule[stats->rules++];

		snprintf(rule->name, sizeof(rule->name), "%s",
			 live.rules[i].name);
		rule->action = live.rules[i].action;
		rule->observe = live.rules[i].observe;
		err = rule_counter_read(&instance->maps, live.rules[i].counter,
					&rule->counter);
		if (!err && rule->action == WEIR_DO_LIMIT)
			err = rule_excess_read(&instance->maps,
					       live.rules[i].counter,
					       &rule->excess);
	}
	return err;
}

int stats_read(const struct instance *instance, struct stats_report *stats)
{
	int cpus = libbpf_num_possible_cpus();
	_free_ struct weir_row *rows = NULL;
	struct interface_stats *on;
	int err;

	rows = cpus > 0 ? calloc(cpus, sizeof(*rows)) : NULL;
	if (!rows)
		return fail(ENOMEM, "out of memory");
	*stats = (struct stats_report){
		.instance = instance->name,
		.generation = instance->record.generation,
		.time_s = clock_s(CLOCK_REALTIME),
		.clock_s = clock_s(CLOCK_MONOTONIC),
		.applied_s = instance->record.applied_s,
		.matrix = map_id(instance->maps.fd[MAP_COUNTERS]),
	};
	for (unsigned int slot = 0; slot < WEIR_MAX_INTERFACES; slot++) {
		if (slot != WEIR_SLOT_OTHER &&
		    !instance->record.slot[slot].ifindex)
			continue;
		err = row_read(instance, slot, rows);
		if (err)
			return err;
		on = &stats->interface[stats->interfaces];
		row_add(stats, on, rows, cpus);
		if (slot == WEIR_SLOT_OTHER && !on->total.packets)
			continue;
		interface_describe(instance, slot, on);
		stats->interfaces++;
	}
	err = would_read(instance, stats, rows, cpus);
	return err ? err : rules_read(instance, stats);
}
