// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sha2.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/file.h"
#include "base/journal.h"
#include "cmd/change.h"
#include "cmd/evasions.h"
#include "cmd/limits.h"
#include "cmd/ruleset.h"
#include "live/bans.h"
#include "live/generation.h"
#include "live/lists.h"
#include "live/lockout.h"
#include "live/watcher.h"

int unconfirmed_refuse(const struct instance *instance)
{
	long long left = confirm_left(instance);

	if (!left)
		return 0;
	return fail(EBUSY,
		    "generation %u waits to be confirmed (%lld s left); weir "
		    "confirm keeps it, weir undo takes it back",
		    instance->record.generation, left);
}

#define MOST_CONFIRM_S 86400

int confirm_parse(const char *verb, const char *word,
		  unsigned long long *seconds)
{
	if (!word)
		return 0;
	if (duration_parse(word, seconds) || !*seconds ||
	    *seconds > MOST_CONFIRM_S)
		return fail(EINVAL,
			    "%s: --confirm: '%s' is not a time up to a day "
			    "(30s, 10m)",
			    verb, word);
	return 0;
}

/* All errors in one go: those of expressions come with compiling. */
static int policy_refused(const struct policy *policy)
{
	_cleanup_(ruleset_free) struct ruleset rules = { 0 };

	ruleset_make(policy, &rules);
	return -EINVAL;
}

int policy_read(const char *file, struct policy *policy, struct change *change)
{
	bool is_stdin = !strcmp(file, "-");
	_free_ char *text = NULL;
	_fd_ int fd = is_stdin ? dup(0) : open(file, O_RDONLY | O_CLOEXEC);
	size_t size;
	int err;

	if (fd < 0)
		return fail(errno, "%s: %s", file, error_text(errno));
	err = file_read(fd, &text, &size);
	if (err)
		return fail(-err, "%s: %s", file, error_text(err));
	SHA256Data((const uint8_t *)text, size, change->sha256);
	/* A pipe of the shell's, /dev/fd/63, has no path of its own. */
	if (!is_stdin)
		change->file = realpath(file, NULL);
	if (!change->file)
		change->file = strdup(is_stdin ? "stdin" : file);
	if (!change->file)
		return fail(ENOMEM, "out of memory");
	err = policy_parse(text, size, is_stdin ? "stdin" : file, policy);
	return err == -EINVAL ? policy_refused(policy) : err;
}

int policy_live(const struct instance *instance, struct policy *policy,
		struct description *description)
{
	int err = generation_describe(instance, instance->record.generation,
				      description);

	if (err || !description->text)
		return err;
	return policy_parse(description->text, strlen(description->text),
			    "the live policy", policy);
}

/* By which name the entries of a file are known: its own, or the file's. */
static const char *origin_of(const struct target_file *file)
{
	const char *slash = strrchr(file->path, '/');

	return *file->name ? file->name : slash ? slash + 1 : file->path;
}

/* List what the policy names; owned[] counts what each file brought. */
static int targets_list(struct list_edit *edit, const struct targets *targets,
			size_t owned[WEIR_MAX_ORIGINS])
{
	const struct target *target = targets->list;
	int origins[WEIR_MAX_ORIGINS] = { 0 }, err;
	unsigned int before;

	for (unsigned int i = 1; i < targets->file_count; i++) {
		origins[i] = lists_origin(edit, origin_of(&targets->files[i]));
		if (origins[i] < 0)
			return origins[i];
	}
	for (size_t i = 0; i < targets->count; i++, target++) {
		before = edit->entries;
		err = lists_add(edit, target->list, &target->prefix,
				target->end_ns,
				origins[target->file] | WEIR_OF_POLICY);
		if (err < 0)
			return err;
		owned[target->file] += edit->entries - before;
	}
	return 0;
}

/* Fill the lists of a new generation. */
static int lists_fill(struct generation *generation,
		      const struct targets *targets, bool flush,
		      size_t owned[WEIR_MAX_ORIGINS])
{
	_cleanup_(lists_abort) struct list_edit edit = { 0 };
	const struct maps *live = &generation->instance->maps;
	bool alone = live->fd[MAP_LISTS] < 0;
	int err = alone ? lists_begin(&generation->maps, &edit)
			: lists_begin_beside(&generation->maps, live,
					     generation->taken, &edit);

	if (!err)
		err = targets_list(&edit, targets, owned);
	if (!err && !flush && !alone)
		err = lists_carry(&edit, WEIR_NEVER);
	if (err >= 0)
		err = lists_write(&edit);
	if (err < 0)
		return err;
	lists_commit(&edit);
	return 0;
}

static __u64 on_the_wall_s(__u64 end_ns)
{
	if (end_ns == WEIR_NEVER)
		return 0;
	return (clock_ns(CLOCK_REALTIME) + end_ns - clock_ns(CLOCK_MONOTONIC)) /
	       NS_PER_S;
}

/* What a description needs that the policy does not hold as text. */
struct describing {
	struct described_file files[WEIR_MAX_ORIGINS];
	char sha256[WEIR_MAX_ORIGINS][SHA256_TEXT];
	size_t owned[WEIR_MAX_ORIGINS];
};

static void hex_format(const unsigned char sha256[32], char text[SHA256_TEXT])
{
	for (int i = 0; i < 32; i++)
		sprintf(text + 2 * i, "%02x", sha256[i]);
}

static void files_describe(const struct targets *targets,
			   struct describing *describing,
			   struct description *description)
{
	const struct target_file *file;
	size_t n = 0;

	for (unsigned int i = 1; i < targets->file_count; i++, n++) {
		file = &targets->files[i];
		hex_format(file->sha256, describing->sha256[n]);
		describing->files[n] = (struct described_file){
			.list = file->list,
			.origin = origin_of(file),
			.name = file->name,
			.path = file->path,
			.full_path = file->full_path,
			.sha256 = describing->sha256[n],
			.until_s = on_the_wall_s(file->end_ns),
		};
	}
	description->files = describing->files;
	description->file_count = n;
}

/* What each file brought is known once the lists are filled. */
static void files_count(struct describing *describing,
			const struct description *description)
{
	if (description->files != describing->files)
		return;
	for (size_t i = 0; i < description->file_count; i++)
		describing->files[i].entries = describing->owned[i + 1];
}

/* An edit by command keeps where the policy came from, and its files. */
static void source_describe(const struct change *change,
			    const struct description *live,
			    struct description *description)
{
	if (change->file) {
		description->file = change->file;
		description->sha256 = change->sha256;
		description->observe = change->observe;
		return;
	}
	description->file = live->file;
	description->sha256 = live->sha256;
	description->edits = live->edits + 1;
	description->observe = live->observe;
	description->files = live->files;
	description->file_count = live->file_count;
}

static void switch_announced(const struct instance *instance,
			     const struct policy *policy,
			     const struct change *change)
{
	__u32 number = instance->record.generation;

	if (change->confirm_s)
		note("generation %u is live for %llu s; keep it with: weir "
		     "confirm",
		     number, change->confirm_s);
	if (change->observe)
		note("generation %u observes: nothing is dropped, weir stats "
		     "shows what would be",
		     number);
	if (change->file)
		journal(instance->name,
			"%s %s: generation %u, %zu targets, %zu rules%s%s",
			change->verb, change->file, number,
			policy->targets.count, policy->rule_count,
			change->observe ? ", observing" : "",
			change->confirm_s ? ", to be confirmed" : "");
}

static int switch_watched(struct instance *instance)
{
	int err = instance->record.confirm_until_ns ? watcher_start(instance)
						    : 0;

	if (err)
		generation_return(instance);
	return err;
}

static int switch_now(struct generation *next, const struct change *change,
		      const struct description *description)
{
	__u64 until_ns = 0;
	int err = generation_pin(next, description);

	if (err)
		return err;
	if (change->confirm_s)
		until_ns = clock_ns(CLOCK_MONOTONIC) +
			   change->confirm_s * NS_PER_S;
	err = generation_switch(next, until_ns);
	return err ? err : switch_watched(next->instance);
}

/* Refuse what cuts an operator off, and warn of a host that hears no replies. */
static int lockout_guard(const struct maps *maps,
			 const struct filter_settings *settings,
			 const struct policy *policy,
			 const struct change *change)
{
	struct lockout found;
	int cut = 0;

	if (!change->force && !change->confirm_s)
		cut = lockout_check(maps, NULL, settings, &found);
	if (cut > 0 && (found.reason == WEIR_RULE_DROP ||
			found.reason == WEIR_RULE_ABORT) &&
	    found.rule < policy->rule_count)
		snprintf(found.statement, sizeof(found.statement), "%s %s",
			 rule_actions[policy->rules[found.rule].action],
			 policy->rules[found.rule].name);
	if (cut > 0)
		return lockout_refuse(change->verb, &found,
				      "weir allow it first, try it with "
				      "--confirm 60s, or --force");
	if (cut < 0 || !settings->default_drop)
		return cut;
	if (lockout_replies(maps, settings) > 0)
		note("default drop: nothing admits the replies to this host's "
		     "own connections; one way: weir pass replies "
		     "'tcp[tcpflags] & tcp-ack != 0 or udp src port 53'");
	return 0;
}

/* Load the next generation, fill its lists, and look what it would do. */
static int next_build(struct instance *instance, const struct policy *policy,
		      const struct change *change, bool observe,
		      const struct ruleset *rules, struct generation *next,
		      size_t owned[WEIR_MAX_ORIGINS])
{
	const struct filter_settings settings = {
		.guards = policy->guards,
		.default_drop = policy->default_drop,
		.observe = observe,
		.code = rules->count ? &rules->code : NULL,
		.rules = rules->rules,
	};
	int err = generation_build(instance, &settings, change->file, next);

	if (!err && change->file)
		err = lists_fill(next, &policy->targets, change->flush, owned);
	if (!err)
		err = ruleset_ban(rules, &next->maps);
	return err ? err : lockout_guard(&next->maps, &settings, policy,
					 change);
}

int policy_switch(struct instance *instance, const struct policy *policy,
		  const struct change *change)
{
	_cleanup_(description_free) struct description before = { 0 };
	_cleanup_(description_free) struct description live = { 0 };
	_cleanup_(generation_close) struct generation next = GENERATION_CLOSED;
	_cleanup_(ruleset_free) struct ruleset rules = { 0 };
	struct description description = { 0 };
	struct describing describing = { 0 };
	_free_ char *text = policy_text(policy);
	int err = text ? 0 : fail(ENOMEM, "out of memory");

	if (!err)
		err = ruleset_make(policy, &rules);
	if (!err)
		err = generations_describe(instance, &live, &before);
	if (!err)
		err = ruleset_count(&rules, &instance->maps, &live, &before);
	if (err)
		return err;
	files_describe(&policy->targets, &describing, &description);
	source_describe(change, &live, &description);
	description.text = text;
	description.rules = rules.described;
	description.rule_count = rules.count;
	err = next_build(instance, policy, change, description.observe, &rules,
			 &next, describing.owned);
	if (!err)
		evasions_note(policy, &rules, change->file);
	if (!err && !change->check) {
		files_count(&describing, &description);
		err = switch_now(&next, change, &description);
		if (!err)
			switch_announced(instance, policy, change);
		if (!err && change->flush)
			bans_end(&instance->maps, NULL);
	}
	if (!err)
		limits_advise(policy);
	ruleset_tidy(instance);
	return err;
}
