// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <sha2.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "cmd/change.h"
#include "cmd/cmd.h"
#include "live/bans.h"
#include "live/lists.h"
#include "live/rules.h"

/* What is shown, and what it points into. */
struct shown {
	struct instance instance;
	struct policy policy;
	struct description live;
	struct policy_report report;
};

#define SHOWN_EMPTY { .instance = INSTANCE_CLOSED, .policy = POLICY_EMPTY }

static void shown_free(struct shown *shown)
{
	struct policy_report *report = &shown->report;

	for (int list = 0; list < WEIR_LIST_COUNT; list++)
		free(report->entries[list]);
	for (size_t i = 0; i < report->file_count; i++)
		free((char *)report->files[i].target);
	for (size_t i = 0; i < report->rule_count; i++)
		free((char *)report->rules[i].text);
	free(report->files);
	free(report->bans);
	free(report->rules);
	policy_free(&shown->policy);
	description_free(&shown->live);
	instance_close(&shown->instance);
}

static int lists_describe(const struct instance *instance,
			  struct policy_report *report)
{
	int count;

	for (int list = 0; list < WEIR_LIST_COUNT; list++) {
		count = lists_read(&instance->maps, list,
				   &report->entries[list]);
		if (count < 0)
			return count;
		report->count[list] = count;
	}
	return 0;
}

/* How many live entries of the policy come from a file of this name. */
static size_t entries_of(const struct policy_report *report, const char *origin)
{
	const struct list_entry *entry;
	size_t count = 0;

	for (int list = 0; list < WEIR_LIST_COUNT; list++) {
		entry = report->entries[list];
		for (size_t i = 0; i < report->count[list]; i++, entry++)
			count += entry->of_policy &&
				 !strncmp(entry->origin, origin,
					  sizeof(entry->origin) - 1);
	}
	return count;
}

/* And how many there were when the policy was applied. */
static size_t entries_applied(const struct description *live,
			      const char *origin)
{
	size_t count = 0;

	for (size_t i = 0; i < live->file_count; i++)
		if (!strncmp(live->files[i].origin, origin, 31))
			count += live->files[i].entries;
	return count;
}

/* Is the file what it was? */
static bool file_changed(const struct described_file *file)
{
	_fd_ int fd = open(file->full_path, O_RDONLY | O_CLOEXEC);
	char sha256[SHA256_TEXT];
	_free_ char *text = NULL;
	size_t size;

	if (fd < 0 || file_read(fd, &text, &size))
		return true;
	SHA256Data((const uint8_t *)text, size, sha256);
	return strcmp(sha256, file->sha256) != 0;
}

static char *target_of(const char *path)
{
	char *target = NULL;
	_free_ char *word = NULL;
	size_t size;
	FILE *out;

	if (asprintf(&word, "@%s", path) < 0)
		return NULL;
	out = open_memstream(&target, &size);
	if (!out)
		return NULL;
	word_print(word, out);
	fclose(out);
	return target;
}

static int files_describe(const struct description *live,
			  struct policy_report *report)
{
	const struct described_file *file = live->files;
	struct file_report *shown;

	report->files = calloc(live->file_count + 1, sizeof(*report->files));
	if (!report->files)
		return fail(ENOMEM, "out of memory");
	for (size_t i = 0; i < live->file_count; i++, file++) {
		shown = &report->files[report->file_count++];
		*shown = (struct file_report){
			.list = file->list,
			.origin = file->origin,
			.target = target_of(file->full_path),
			.name = file->name,
			.sha256 = file->sha256,
			.entries = file->entries,
			.until_s = file->until_s,
			.changed = file_changed(file),
			.whole = entries_of(report, file->origin) ==
				 entries_applied(live, file->origin),
		};
		if (!shown->target)
			return fail(ENOMEM, "out of memory");
	}
	return 0;
}

static int rules_describe(const struct shown *all,
			  struct policy_report *report)
{
	const struct policy *policy = &all->policy;
	const struct rule *rule = policy->rules;
	struct rule_report *shown;
	int err;

	report->rules = calloc(policy->rule_count + 1, sizeof(*shown));
	if (!report->rules)
		return fail(ENOMEM, "out of memory");
	for (size_t i = 0; i < policy->rule_count; i++, rule++) {
		shown = &report->rules[report->rule_count++];
		*shown = (struct rule_report){
			.name = rule->name,
			.action = rule->action,
			.expression = rule->expression,
			.observe = rule->observe,
			.text = rule_text(rule),
		};
		if (!shown->text)
			return fail(ENOMEM, "out of memory");
		if (i >= all->live.rule_count)
			continue;
		err = rule_counter_read(&all->instance.maps,
					all->live.rules[i].counter,
					&shown->counter);
		if (!err && rule->action == WEIR_DO_LIMIT)
			err = rule_excess_read(&all->instance.maps,
					       all->live.rules[i].counter,
					       &shown->excess);
		if (err)
			return err;
	}
	return 0;
}

static int bans_describe(const struct shown *all, struct policy_report *report)
{
	int count = bans_read(&all->instance.maps, &all->live, &report->bans);

	if (count < 0)
		return count;
	report->ban_count = count;
	return 0;
}

static int policy_describe(struct shown *shown)
{
	struct policy_report *report = &shown->report;
	int err = policy_live(&shown->instance, &shown->policy, &shown->live);

	if (!err)
		err = lists_describe(&shown->instance, report);
	if (!err)
		err = files_describe(&shown->live, report);
	if (!err)
		err = rules_describe(shown, report);
	if (!err)
		err = bans_describe(shown, report);
	report->generation = shown->instance.record.generation;
	report->applied_s = shown->instance.record.applied_s;
	report->file = shown->live.file;
	report->sha256 = shown->live.sha256;
	report->edits = shown->live.edits;
	report->observe = shown->live.observe;
	report->default_drop = shown->policy.default_drop;
	report->guards = shown->policy.guards;
	return err;
}

int cmd_show(const struct invocation *in, int argc, char **argv)
{
	_cleanup_(shown_free) struct shown shown = SHOWN_EMPTY;
	const struct option options[] = { { "--expand", &shown.report.expand,
					    NULL },
					  { 0 } };
	int err;

	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	if (argc > 1)
		return usage(argv[0], "takes no '%s'", argv[1]);
	err = instance_open(in->instance, INSTANCE_READ, &shown.instance);
	if (!err)
		err = policy_describe(&shown);
	if (!err)
		in->show->policy(&shown.report);
	return err;
}
