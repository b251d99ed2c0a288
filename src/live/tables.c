// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "live/bans.h"
#include "live/generation.h"
#include "live/limits.h"
#include "live/tables.h"

_Static_assert(MAP_COUNT <= MAX_TABLES, "a table would not be shown");

static long long slots_used(const struct weir_record *record)
{
	long long used = 0;

	for (int slot = 0; slot < WEIR_MAX_INTERFACES; slot++)
		used += record->slot[slot].ifindex != 0;
	return used;
}

static long long ids_used(const struct maps *maps)
{
	struct weir_ids ids;
	long long used = 0;

	if (bpf_map_lookup_elem(maps->fd[MAP_ENTRY_IDS], &(__u32){ 0 }, &ids))
		return TABLE_UNKNOWN;
	for (unsigned int i = 0; i < WEIR_MAX_IDS / 64; i++)
		used += __builtin_popcountll(ids.word[i] | ids.kept[i]);
	return used;
}

static long long prefixes_used(const struct maps *maps, enum map map)
{
	struct weir_lists lists;
	long long used = 0;

	if (bpf_map_lookup_elem(maps->fd[MAP_LISTS], &(__u32){ 0 }, &lists))
		return TABLE_UNKNOWN;
	for (int list = 0; list < WEIR_LIST_COUNT; list++) {
		for (int len = 0; map == MAP_PREFIX4 && len <= 32; len++)
			used += lists.count4[list][len];
		for (int len = 0; map == MAP_PREFIX6 && len <= 128; len++)
			used += lists.count6[list][len];
	}
	return used;
}

static long long bans_used(const struct maps *maps)
{
	struct bans_use use;

	if (bans_use_read(maps, &use))
		return TABLE_UNKNOWN;
	return use.live;
}

static long long table_used(const struct instance *instance, enum map map)
{
	switch (map) {
	case MAP_COUNTERS:
		return slots_used(&instance->record);
	case MAP_ENTRY_COUNTS:
		return ids_used(&instance->maps);
	case MAP_PREFIX4:
	case MAP_PREFIX6:
		return prefixes_used(&instance->maps, map);
	case MAP_BANS:
		return bans_used(&instance->maps);
	default:
		return TABLE_UNKNOWN;
	}
}

/* Without a count of what is used, or of one element, a size says nothing. */
static long long table_max(int fd, long long used)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	if (used == TABLE_UNKNOWN ||
	    bpf_obj_get_info_by_fd(fd, &info, &size) || info.max_entries <= 1)
		return TABLE_UNKNOWN;
	return info.max_entries;
}

static bool limit_of(const struct instance *instance, __u32 slot,
		     struct weir_limit *limit)
{
	struct weir_rule rule;

	for (__u32 place = 0; !bpf_map_lookup_elem(
		     instance->maps.fd[MAP_RULES], &place, &rule); place++) {
		if (rule.action != WEIR_DO_LIMIT || rule.slot != slot)
			continue;
		*limit = rule.limit;
		return true;
	}
	return false;
}

/* Each limit has a table, which is root's to look into. */
static unsigned int limits_read(const struct instance *instance,
				struct table_status *tables, unsigned int room)
{
	_cleanup_(description_free) struct description live = { 0 };
	const struct described_rule *rule;
	struct weir_limit limit;
	struct limit_use use;
	unsigned int count = 0;

	if (instance->maps.fd[MAP_RULES] < 0 ||
	    generation_describe(instance, instance->record.generation, &live))
		return 0;
	for (size_t i = 0; count < room && i < live.rule_count; i++) {
		rule = &live.rules[i];
		if (rule->action != WEIR_DO_LIMIT ||
		    !limit_of(instance, rule->counter, &limit) ||
		    limit_use_read(&instance->maps, rule->counter, &limit,
				   &use))
			continue;
		tables[count] = (struct table_status){
			.bytes = use.bytes,
			.entries = use.active,
			.max = use.cells,
		};
		snprintf(tables[count].name, sizeof(tables[count].name),
			 "limit %s", rule->name);
		count++;
	}
	return count;
}

unsigned int tables_read(const struct instance *instance,
			 struct table_status *tables)
{
	for (int i = 0; i < MAP_COUNT; i++) {
		tables[i] = (struct table_status){
			.bytes = map_memory(instance->maps.fd[i]),
			.entries = table_used(instance, i),
		};
		snprintf(tables[i].name, sizeof(tables[i].name), "%s",
			 map_kinds[i].pin);
	}
	for (int i = 0; i < MAP_COUNT; i++)
		tables[i].max = i == MAP_COUNTERS
					? WEIR_MAX_INTERFACES
					: table_max(instance->maps.fd[i],
						    tables[i].entries);
	return MAP_COUNT + limits_read(instance, tables + MAP_COUNT,
				       MAX_TABLES - MAP_COUNT);
}
