// SPDX-License-Identifier: GPL-2.0-only
/* The voice for programs: the shapes that scripts rely on. */
#include <stdio.h>

#include <jansson.h>

#include "base/error.h"
#include "show/show.h"

static void speak(json_t *json)
{
	if (!json || json_dumpf(json, stdout, JSON_COMPACT))
		fail(ENOMEM, "cannot write JSON");
	putchar('\n');
	fflush(stdout);
	json_decref(json);
}

static json_t *number(__u64 value)
{
	return json_integer(value);
}

static json_t *counter(const struct weir_counter *counter)
{
	return json_pack("{s:o, s:o}", "packets", number(counter->packets),
			 "bytes", number(counter->bytes));
}

static json_t *time_json(__u64 seconds)
{
	char text[TIME_TEXT];

	return json_string(time_format(seconds, text));
}

static json_t *prefix_json(const struct prefix *prefix)
{
	char text[PREFIX_TEXT];

	return json_string(prefix_format(prefix, text));
}

static json_t *stats_interfaces(const struct stats_report *now)
{
	const struct interface_stats *on;
	json_t *array = json_array();

	for (unsigned int i = 0; i < now->interfaces; i++) {
		on = &now->interface[i];
		json_array_append_new(
			array,
			json_pack("{s:s, s:b, s:s?, s:o, s:o}", "name",
				  on->name, "attached", on->attached, "mode",
				  on->attached ? mode_names[on->mode] : NULL,
				  "packets", number(on->total.packets), "bytes",
				  number(on->total.bytes)));
	}
	return array;
}

static json_t *stats_verdicts(const struct stats_report *now)
{
	json_t *object = json_object();

	for (int i = 0; i < WEIR_VERDICT_COUNT; i++)
		json_object_set_new(object, verdict_names[i],
				    counter(&now->verdict[i]));
	return object;
}

static json_t *stats_reasons(const struct stats_report *now)
{
	json_t *array = json_array();

	for (int i = 0; i < WEIR_REASON_COUNT; i++)
		json_array_append_new(
			array,
			json_pack("{s:s, s:s, s:o, s:o}", "reason",
				  reason_kinds[i].name, "verdict",
				  verdict_names[reason_kinds[i].verdict],
				  "packets", number(now->reason[i].packets),
				  "bytes", number(now->reason[i].bytes)));
	return array;
}

/* What an observed rule matched is what it would have done. */
static const struct weir_counter *would_drop(const struct rule_stats *rule)
{
	return rule->action == WEIR_DO_LIMIT ? &rule->excess : &rule->counter;
}

static json_t *stats_rules(const struct stats_report *now)
{
	json_t *array = json_array(), *object;
	const struct rule_stats *rule;

	for (unsigned int i = 0; i < now->rules; i++) {
		rule = &now->rule[i];
		object = json_pack("{s:s, s:s, s:o, s:o}", "name", rule->name,
				   "action", action_names[rule->action],
				   "packets", number(rule->counter.packets),
				   "bytes", number(rule->counter.bytes));
		if (rule->action == WEIR_DO_LIMIT)
			json_object_set_new(object, "excess",
					    counter(&rule->excess));
		if (rule->observe)
			json_object_set_new(object, "would_drop",
					    counter(would_drop(rule)));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *rule_json(const struct rule_report *rule)
{
	json_t *object = json_pack("{s:s, s:s, s:s, s:b, s:o, s:o}", "name", rule->name,
			 "action", action_names[rule->action],
			 "expression", rule->expression, "observe", rule->observe, "packets",
			 number(rule->counter.packets), "bytes",
			 number(rule->counter.bytes));

	if (rule->action == WEIR_DO_LIMIT)
		json_object_set_new(object, "excess", counter(&rule->excess));
	return object;
}

static json_t *rules_json(const struct rule_report *rules, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, rule_json(&rules[i]));
	return array;
}

/* Of the reasons that are not zero: most of the time there are none. */
static json_t *stats_would_drop(const struct stats_report *now)
{
	json_t *array = json_array();

	for (int i = 0; i < WEIR_REASON_COUNT; i++)
		if (now->would[i].packets)
			json_array_append_new(
				array,
				json_pack("{s:s, s:o, s:o}", "reason",
					  reason_kinds[i].name, "packets",
					  number(now->would[i].packets),
					  "bytes",
					  number(now->would[i].bytes)));
	return array;
}

/* Rates are the reader's to compute: every object carries its time. */
static void json_stats(const struct stats_report *now,
		       const struct stats_report *before)
{
	(void)before;
	speak(json_pack("{s:s, s:i, s:f, s:o, s:o, s:o, s:o, s:o}", "instance",
			now->instance, "generation", now->generation, "time",
			now->time_s, "interfaces", stats_interfaces(now),
			"verdicts", stats_verdicts(now), "reasons",
			stats_reasons(now), "would_drop", stats_would_drop(now),
			"rules", stats_rules(now)));
}

static int json_watch(const struct watch_report *watch)
{
	if (*watch->notice)
		note("%s", watch->notice);
	if (watch->now)
		json_stats(watch->now, watch->before);
	return ferror(stdout) ? -errno : 0;
}

static json_t *status_interfaces(const struct status_report *status)
{
	const struct interface_status *on;
	json_t *array = json_array();

	for (unsigned int i = 0; i < status->interfaces; i++) {
		on = &status->interface[i];
		json_array_append_new(
			array,
			json_pack("{s:s, s:i, s:b, s:s?, s:o, s:s, s:o}",
				  "name", on->name, "ifindex", on->ifindex,
				  "attached", on->attached, "mode",
				  on->attached ? mode_names[on->mode] : NULL,
				  "program_id",
				  on->program ? json_integer(on->program)
					      : json_null(),
				  "state", on->state, "since",
				  time_json(on->since_s)));
	}
	return array;
}

static json_t *status_warnings(const struct status_report *status)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < status->warnings.count; i++)
		json_array_append_new(
			array, json_pack("{s:s, s:s}", "text",
					 status->warnings.list[i].text, "fix",
					 status->warnings.list[i].fix));
	return array;
}

/* -1 stands for a pause without an end. */
static json_t *paused_json(const struct status_report *status)
{
	return status->paused_s ? json_integer(status->paused_s) : json_null();
}

static json_t *number_or_null(long long value)
{
	return value ? json_integer(value) : json_null();
}

static json_t *table_number(long long value)
{
	return value == TABLE_UNKNOWN ? json_null() : json_integer(value);
}

static json_t *status_tables(const struct status_report *status)
{
	const struct table_status *table;
	json_t *array = json_array();

	for (unsigned int i = 0; i < status->tables; i++) {
		table = &status->table[i];
		json_array_append_new(
			array,
			json_pack("{s:s, s:o, s:o, s:o}", "name", table->name,
				  "bytes", number(table->bytes), "entries",
				  table_number(table->entries), "max",
				  table_number(table->max)));
	}
	return array;
}

static json_t *status_kernel(const struct status_report *status)
{
	json_t *features = json_array();

	for (unsigned int i = 0; i < status->features; i++)
		json_array_append_new(features,
				      json_string(status->feature[i]));
	return json_pack("{s:s, s:o}", "release", status->release, "features",
			 features);
}

static void json_status(const struct status_report *status)
{
	speak(json_pack(
		"{s:s, s:i, s:{s:o, s:s?, s:s?, s:i}, s:o, s:o, s:o, s:b, "
		"s:o, s:I, s:o, s:o, s:o}",
		"instance", status->instance, "generation", status->generation,
		"applied", "time", time_json(status->applied_s), "file",
		*status->file ? status->file : NULL, "sha256",
		*status->file ? status->sha256 : NULL, "edits", status->edits,
		"interfaces", status_interfaces(status), "paused_s",
		paused_json(status), "confirm_s",
		number_or_null(status->confirm_s), "observe", status->observe,
		"previous", number_or_null(status->previous), "memory_bytes",
		(json_int_t)status->memory, "tables", status_tables(status),
		"kernel", status_kernel(status), "warnings",
		status_warnings(status)));
}

static json_t *expires_json(const struct list_entry *entry)
{
	return entry->until_s ? json_integer(seconds_left(entry)) : json_null();
}

static void policy_list(json_t *array, const struct policy_report *policy,
			enum weir_list list)
{
	const struct list_entry *entry = policy->entries[list];
	char text[TARGET_TEXT];

	for (size_t i = 0; i < policy->count[list]; i++, entry++)
		json_array_append_new(
			array,
			json_pack("{s:s, s:s, s:o, s:o, s:o}", "target",
				  target_format(list, &entry->prefix, text),
				  "origin", origin_name(entry), "expires_s",
				  expires_json(entry), "packets",
				  number(entry->packets), "bytes",
				  number(entry->bytes)));
}

static json_t *policy_bans(const struct policy_report *policy)
{
	const struct list_entry *ban = policy->bans;
	json_t *array = json_array();

	for (size_t i = 0; i < policy->ban_count; i++, ban++)
		json_array_append_new(
			array,
			json_pack("{s:o, s:s, s:o, s:o, s:o}", "target",
				  prefix_json(&ban->prefix), "origin",
				  ban->origin, "expires_s", expires_json(ban),
				  "packets", number(ban->packets), "bytes",
				  number(ban->bytes)));
	return array;
}

static json_t *policy_guards(const struct policy_report *policy)
{
	json_t *array = json_array();

	for (int i = 0; i < WEIR_GUARD_COUNT; i++)
		if (policy->guards >> i & 1)
			json_array_append_new(array,
					      json_string(guard_names[i]));
	return array;
}

static json_t *policy_files(const struct policy_report *policy)
{
	const struct file_report *file = policy->files;
	json_t *array = json_array();

	for (size_t i = 0; i < policy->file_count; i++, file++)
		json_array_append_new(
			array,
			json_pack("{s:s, s:s, s:s, s:o, s:s, s:b, s:b}", "list",
				  list_names[file->list], "target",
				  file->target, "origin", file->origin,
				  "entries", number(file->entries), "sha256",
				  file->sha256, "changed", file->changed,
				  "whole", file->whole));
	return array;
}

static void json_policy(const struct policy_report *policy)
{
	json_t *allow = json_array(), *deny = json_array();

	policy_list(allow, policy, WEIR_ALLOW);
	policy_list(deny, policy, WEIR_DENY);
	policy_list(deny, policy, WEIR_DENY_TCP);
	policy_list(deny, policy, WEIR_DENY_UDP);
	speak(json_pack("{s:i, s:b, s:s, s:o, s:o, s:o, s:o, s:o, s:o}",
			"generation", policy->generation, "observe",
			policy->observe, "default",
			policy->default_drop ? "drop" : "pass", "files",
			policy_files(policy), "allow", allow, "deny", deny,
			"bans", policy_bans(policy), "guards", policy_guards(policy), "rules",
			rules_json(policy->rules, policy->rule_count)));
}

static void json_lookup(const struct lookup_report *lookup)
{
	const struct list_entry *entry = lookup->entry;

	if (!entry) {
		speak(json_pack("{s:o, s:s, s:n, s:n, s:n, s:n, s:n, s:n, s:n}",
				"address", prefix_json(&lookup->address),
				"verdict", "pass", "list", "entry", "origin",
				"since", "expires_s", "packets", "bytes"));
		return;
	}
	speak(json_pack("{s:o, s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:o}",
			"address", prefix_json(&lookup->address), "verdict",
			entry->list == WEIR_ALLOW ? "pass" : "drop", "list",
			lookup->banned ? "ban" : list_names[entry->list],
			"entry", prefix_json(&entry->prefix), "origin",
			origin_name(entry), "since", time_json(entry->since_s),
			"expires_s", expires_json(entry), "packets",
			number(entry->packets), "bytes", number(entry->bytes)));
}

static json_t *packet_json(const struct packet_report *packet)
{
	const struct reason_kind *kind = &reason_kinds[packet->reason];
	const struct list_entry *entry = &packet->entry;
	bool listed = packet->listed;
	char target[TARGET_TEXT];

	return json_pack(
		"{s:o, s:o, s:o, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?}",
		"number", number(packet->number), "bytes",
		number(packet->length), "captured", number(packet->captured),
		"verdict", packet->judged ? verdict_names[kind->verdict] : NULL,
		"reason", packet->judged ? kind->name : NULL, "list",
		listed ? list_names[entry->list] : NULL, "entry",
		listed ? target_format(entry->list, &entry->prefix, target)
		       : NULL,
		"origin", listed ? origin_name(entry) : NULL, "rule",
		packet->rule, "action",
		packet->rule ? action_names[packet->action] : NULL);
}

static void json_packets(const struct packets_report *packets)
{
	json_t *array = json_array();

	for (size_t i = 0; i < packets->count; i++)
		json_array_append_new(array,
				      packet_json(&packets->packets[i]));
	speak(json_pack("{s:s, s:o, s:b}", "capture", packets->capture,
			"packets", array, "more", packets->more));
}

static json_t *lab_side_json(const struct lab_side_report *side)
{
	json_t *addresses = json_array();

	for (unsigned int i = 0; i < side->addresses; i++)
		json_array_append_new(
			addresses, json_pack("{s:s, s:s}", "interface",
					     side->address[i].interface,
					     "address", side->address[i].text));
	return json_pack("{s:s, s:b, s:s, s:o}", "netns", side->netns, "exists",
			 side->exists, "interface", side->interface,
			 "addresses", addresses);
}

static void json_labs(const struct lab_report *labs, size_t count)
{
	json_t *array = json_array(), *lab;

	for (size_t i = 0; i < count; i++, labs++) {
		lab = json_pack("{s:s, s:s, s:b, s:o}", "name", labs->name,
				"instance", labs->instance, "whole",
				labs->whole, "program_id",
				labs->program ? json_integer(labs->program)
					      : json_null());
		for (int side = 0; side < LAB_SIDES; side++)
			json_object_set_new(lab, lab_side_names[side],
					    lab_side_json(&labs->side[side]));
		json_array_append_new(array, lab);
	}
	speak(json_pack("{s:o}", "labs", array));
}

static void json_flood(const struct flood_report *flood)
{
	json_t *good = json_null();

	if (flood->good)
		good = json_pack("{s:o, s:o, s:f}", "requests",
				 number(flood->requests), "answers",
				 number(flood->answers), "slowest_s",
				 flood->slowest_s);
	speak(json_pack(
		"{s:s, s:s, s:o, s:o, s:i, s:o, s:o, s:o, s:f, s:o}", "lab",
		flood->lab, "kind", flood->kind, "from",
		prefix_json(&flood->from), "to", prefix_json(&flood->to),
		"size", flood->size, "packets", number(flood->packets), "bytes",
		number(flood->packets * flood->size), "lost",
		number(flood->lost), "seconds", flood->seconds, "good", good));
}

static void json_version(const char *version)
{
	speak(json_pack("{s:s}", "version", version));
}

const struct show show_json = {
	.stats = json_stats,
	.watch = json_watch,
	.status = json_status,
	.policy = json_policy,
	.lookup = json_lookup,
	.packets = json_packets,
	.labs = json_labs,
	.flood = json_flood,
	.version = json_version,
};
