// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <time.h>

#include <string.h>

#include "show/show.h"

const char *const list_names[WEIR_LIST_COUNT] = {
	[WEIR_ALLOW] = "allow",
	[WEIR_DENY] = "deny",
	[WEIR_DENY_TCP] = "deny",
	[WEIR_DENY_UDP] = "deny",
};

#define ACTION_WORD_(name, word) [WEIR_DO_##name] = word,
const char *const action_names[WEIR_ACTION_COUNT] = { WEIR_ACTIONS(
	ACTION_WORD_) };

#define GUARD_WORD_(name, word, text) [WEIR_GUARD_##name##_BIT] = word,
const char *const guard_names[WEIR_GUARD_COUNT] = { WEIR_GUARDS(GUARD_WORD_) };

const char *const mode_names[] = {
	[WEIR_NATIVE] = "native",
	[WEIR_GENERIC] = "generic",
};

const char *const lab_side_names[LAB_SIDES] = {
	[LAB_ATTACKER] = "attacker",
	[LAB_SERVER] = "server",
};

#define VERDICT_NAME_(name, text) [WEIR_##name] = text,
const char *const verdict_names[WEIR_VERDICT_COUNT] = { WEIR_VERDICTS(
	VERDICT_NAME_) };

#define REASON_KIND_(name, verdict, word, text)                                \
	[WEIR_##name] = { word, WEIR_##verdict, text },
const struct reason_kind reason_kinds[WEIR_REASON_COUNT] = { WEIR_REASONS(
	REASON_KIND_) };

const char *time_format(__u64 seconds, char text[TIME_TEXT])
{
	const __u64 most = 253402300799; /* the end of the year 9999 */
	time_t time = seconds < most ? seconds : most;
	struct tm tm;

	strftime(text, TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &tm));
	return text;
}

const char *target_format(enum weir_list list, const struct prefix *prefix,
			  char text[TARGET_TEXT])
{
	const char *proto = list == WEIR_DENY_TCP ? "tcp" : "udp";
	unsigned int first = prefix->addr[0] << 8 | prefix->addr[1];
	unsigned int last = first | 0xffff >> (prefix->len & 31);

	if (list < WEIR_DENY_TCP)
		return prefix_format(prefix, text);
	if (first == last)
		snprintf(text, TARGET_TEXT, "%s/%u", proto, first);
	else
		snprintf(text, TARGET_TEXT, "%s/%u-%u", proto, first, last);
	return text;
}

const char *origin_name(const struct list_entry *entry)
{
	if (*entry->origin)
		return entry->origin;
	return entry->of_policy ? "policy" : "runtime";
}

long long seconds_left(const struct list_entry *entry)
{
	__u64 now = time(NULL);

	if (!entry->until_s)
		return -1;
	return entry->until_s > now ? entry->until_s - now : 0;
}

bool file_covers(const struct policy_report *policy,
		 const struct list_entry *entry)
{
	if (policy->expand || !entry->of_policy || !*entry->origin)
		return false;
	for (size_t i = 0; i < policy->file_count; i++)
		if (policy->files[i].whole &&
		    !strncmp(policy->files[i].origin, entry->origin,
			     sizeof(entry->origin) - 1))
			return true;
	return false;
}
