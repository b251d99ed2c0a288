// SPDX-License-Identifier: GPL-2.0-only
/* Statements on the command line: rules, guards and the default, live. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/journal.h"
#include "base/name.h"
#include "cmd/change.h"
#include "cmd/cmd.h"
#include "cmd/statement.h"

struct edit {
	struct instance instance;
	struct policy policy;
	struct description live;
};

#define EDIT_CLOSED { .instance = INSTANCE_CLOSED, .policy = POLICY_EMPTY }

static void edit_close(struct edit *edit)
{
	description_free(&edit->live);
	policy_free(&edit->policy);
	instance_close(&edit->instance);
}

static int edit_open(const struct invocation *in, struct edit *edit)
{
	int err = instance_open(in->instance, INSTANCE_OWN, &edit->instance);

	if (!err)
		err = unconfirmed_refuse(&edit->instance);
	if (!err)
		err = policy_live(&edit->instance, &edit->policy, &edit->live);
	return err;
}

/* The words as they were typed, for the journal. */
static char *words_join(char *const *words, size_t count)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%s", i ? " " : "", words[i]);
	fclose(out);
	return text;
}

static int edit_switch(const struct invocation *in, struct edit *edit,
		       const struct change *change, char *const *words,
		       size_t count)
{
	_free_ char *text = words_join(words, count);
	int err = policy_switch(&edit->instance, &edit->policy, change);

	if (!err && !change->check)
		journal(in->instance, "%s: generation %u", text ? text : "",
			edit->instance.record.generation);
	return err;
}

static bool same_rule(const struct rule *a, const struct rule *b)
{
	_free_ char *text_a = rule_text(a);
	_free_ char *text_b = rule_text(b);

	return text_a && text_b && !strcmp(text_a, text_b);
}

static bool has_rule(const struct policy *policy, const struct rule *rule)
{
	for (size_t i = 0; i < policy->rule_count; i++)
		if (same_rule(&policy->rules[i], rule))
			return true;
	return false;
}

/* Does a policy say all that one statement, read alone, says? */
static bool is_said(const struct policy *live, const struct policy *alone,
		    bool is_default)
{
	if (alone->rule_count)
		return has_rule(live, &alone->rules[0]);
	if (is_default)
		return live->default_drop == alone->default_drop;
	return (live->guards & alone->guards) == alone->guards;
}

int cmd_statement(const struct invocation *in, int argc, char **argv)
{
	_cleanup_(edit_close) struct edit edit = EDIT_CLOSED;
	_cleanup_(policy_free) struct policy alone = POLICY_EMPTY;
	struct change change = { .verb = argv[0] };
	const char *before = NULL, *confirm = NULL;
	const struct option options[] = { { "--before", NULL, &before },
					  { "--check", &change.check, NULL },
					  { "--confirm", NULL, &confirm },
					  { "--force", &change.force, NULL },
					  { 0 } };
	int err;

	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	err = confirm_parse(argv[0], confirm, &change.confirm_s);
	if (!err)
		err = policy_add(&alone, argv, argc, NULL);
	if (!err)
		err = edit_open(in, &edit);
	if (err)
		return err;
	if (is_said(&edit.policy, &alone, !strcmp(argv[0], "default"))) {
		note("the policy says that already");
		return 0;
	}
	err = policy_add(&edit.policy, argv, argc, before);
	return err ? err : edit_switch(in, &edit, &change, argv, argc);
}

/* Returns 0, 1 if there was nothing to remove, or -errno after a line. */
static int guards_remove(struct policy *policy, char *const *names, int count)
{
	__u32 guards = 0, guard;

	for (int i = 0; i < count; i++) {
		guard = guard_find(names[i]);
		if (!guard)
			return fail(EINVAL, "remove: guard: '%s' is no guard",
				    names[i]);
		if (!(policy->guards & guard))
			note("guard %s is not there", names[i]);
		guards |= guard;
	}
	if (!(policy->guards & guards))
		return 1;
	policy->guards &= ~guards;
	return 0;
}

static int rules_remove(struct policy *policy, char *const *names, int count)
{
	int gone = 0;

	for (int i = 0; i < count; i++)
		if (!name_is_valid(names[i]))
			return usage("remove",
				     "'%s' is no rule's name, and no list is "
				     "named",
				     names[i]);
	for (int i = 0; i < count; i++) {
		if (policy_remove_rule(policy, names[i]))
			note("there is no rule '%s'", names[i]);
		else
			gone++;
	}
	return !gone;
}

int statement_remove(const struct invocation *in, int argc, char **argv)
{
	_cleanup_(edit_close) struct edit edit = EDIT_CLOSED;
	struct change change = { .verb = argv[0] };
	const char *confirm = NULL;
	const struct option options[] = { { "--check", &change.check, NULL },
					  { "--confirm", NULL, &confirm },
					  { "--force", &change.force, NULL },
					  { 0 } };
	bool guards;
	int err;

	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	guards = argc > 1 && !strcmp(argv[1], "guard");
	if (argc < 2 + guards)
		return usage(argv[0], "remove what?");
	err = confirm_parse(argv[0], confirm, &change.confirm_s);
	if (!err)
		err = edit_open(in, &edit);
	if (!err)
		err = guards ? guards_remove(&edit.policy, argv + 2, argc - 2)
			     : rules_remove(&edit.policy, argv + 1, argc - 1);
	if (err)
		return err < 0 ? err : 0;
	return edit_switch(in, &edit, &change, argv, argc);
}
