// SPDX-License-Identifier: GPL-2.0-only
/* A policy for people, in the language that weir apply reads. */
#include <stdio.h>
#include <string.h>

#include "show/text.h"

static void head_print(const struct policy_report *policy)
{
	char time[TIME_TEXT];

	if (policy->file)
		printf("# %s, sha256 %.16s, applied %s%s\n", policy->file,
		       policy->sha256, time_format(policy->applied_s, time),
		       policy->edits ? ", changed by command since" : "");
	if (policy->observe)
		puts("# observing: nothing is dropped");
}

static void end_print(__u64 until_s)
{
	char time[TIME_TEXT];

	if (until_s)
		printf(" until %s", time_format(until_s, time));
}

static void files_print(const struct policy_report *policy, enum weir_list list)
{
	const struct file_report *file = policy->files;
	char entries[NUMBER_TEXT];

	for (size_t i = 0; i < policy->file_count; i++, file++) {
		if (policy->expand || !file->whole || file->list != list)
			continue;
		printf("%s %s%s%s", list_names[list], file->target,
		       *file->name ? " as " : "", file->name);
		end_print(file->until_s);
		printf("  # %s entries, sha256 %.16s%s\n",
		       number_format(file->entries, entries), file->sha256,
		       file->changed ? ", the file has changed since" : "");
	}
}

/* Returns whether there was one. */
static bool entries_print(const struct policy_report *policy,
			  enum weir_list list, bool of_policy, const char *head)
{
	const struct list_entry *entry = policy->entries[list];
	char text[TARGET_TEXT];
	bool any = false;

	for (size_t i = 0; i < policy->count[list]; i++, entry++) {
		if (entry->of_policy != of_policy || file_covers(policy, entry))
			continue;
		printf("%s%s %s", any ? "" : head, list_names[list],
		       target_format(list, &entry->prefix, text));
		end_print(entry->until_s);
		putchar('\n');
		any = true;
	}
	return any;
}

static void lists_print(const struct policy_report *policy)
{
	for (int list = 0; list < WEIR_LIST_COUNT; list++) {
		files_print(policy, list);
		entries_print(policy, list, true, "");
	}
}

static void runtime_print(const struct policy_report *policy)
{
	const char *head = "# runtime\n";

	for (int list = 0; list < WEIR_LIST_COUNT; list++)
		if (entries_print(policy, list, false, head))
			head = "";
}

/* As comments: apply leaves bans as they are. */
static void bans_print(const struct policy_report *policy)
{
	const struct list_entry *ban = policy->bans;
	char text[PREFIX_TEXT], time[TIME_TEXT];

	for (size_t i = 0; i < policy->ban_count; i++, ban++)
		printf("# banned by %s: %s until %s\n", ban->origin,
		       prefix_format(&ban->prefix, text),
		       time_format(ban->until_s, time));
}

static void guards_print(const struct policy_report *policy)
{
	if (!policy->guards)
		return;
	printf("guard");
	for (int i = 0; i < WEIR_GUARD_COUNT; i++)
		if (policy->guards >> i & 1)
			printf(" %s", guard_names[i]);
	putchar('\n');
}

void text_policy(const struct policy_report *policy)
{
	head_print(policy);
	lists_print(policy);
	guards_print(policy);
	for (size_t i = 0; i < policy->rule_count; i++)
		puts(policy->rules[i].text);
	printf("default %s\n", policy->default_drop ? "drop" : "pass");
	runtime_print(policy);
	bans_print(policy);
}
