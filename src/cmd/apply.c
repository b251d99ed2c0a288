// SPDX-License-Identifier: GPL-2.0-only
/* apply, confirm, undo: a policy, and the way back. */
#include "base/cleanup.h"
#include "base/error.h"
#include "base/journal.h"
#include "cmd/change.h"
#include "cmd/cmd.h"
#include "live/generation.h"

/* Where nothing is attached, a check needs no instance. */
static int check_alone(const struct policy *policy, const struct change *change)
{
	struct instance nobody = INSTANCE_CLOSED;

	return policy_switch(&nobody, policy, change);
}

static int apply_to(const struct invocation *in, const struct policy *policy,
		    const struct change *change)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;
	int err;

	if (change->check && !instance_exists(in->instance))
		return check_alone(policy, change);
	err = instance_open(in->instance, INSTANCE_OWN, &instance);
	if (!err && !change->check)
		err = unconfirmed_refuse(&instance);
	return err ? err : policy_switch(&instance, policy, change);
}

int cmd_apply(const struct invocation *in, int argc, char **argv)
{
	_cleanup_(policy_free) struct policy policy = POLICY_EMPTY;
	struct change change = { .verb = argv[0] };
	const char *confirm = NULL;
	const struct option options[] = { { "--check", &change.check, NULL },
					  { "--observe", &change.observe, NULL },
					  { "--confirm", NULL, &confirm },
					  { "--flush", &change.flush, NULL },
					  { "--force", &change.force, NULL },
					  { 0 } };
	int err;

	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	if (argc != 2)
		return usage(argv[0], argc < 2 ? "which file?"
					       : "one file, please");
	err = confirm_parse(argv[0], confirm, &change.confirm_s);
	if (!err)
		err = policy_read(argv[1], &policy, &change);
	if (!err)
		err = apply_to(in, &policy, &change);
	free(change.file);
	return err;
}

int cmd_confirm(const struct invocation *in, int argc, char **argv)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;
	int err = words_none(argc, argv);

	if (!err)
		err = instance_open(in->instance, INSTANCE_OWN, &instance);
	if (err)
		return err;
	err = generation_confirm(&instance);
	if (err == -ENOENT)
		return fail(ENOENT,
			    "confirm: generation %u waits for no confirmation",
			    instance.record.generation);
	if (!err)
		journal(in->instance, "confirm: generation %u stays",
			instance.record.generation);
	return err;
}

int cmd_undo(const struct invocation *in, int argc, char **argv)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;
	int err = words_none(argc, argv);
	__u32 left;

	if (!err)
		err = instance_open(in->instance, INSTANCE_OWN, &instance);
	if (err)
		return err;
	left = instance.record.generation;
	err = generation_return(&instance);
	if (err)
		return err;
	note("generation %u is live again", instance.record.generation);
	journal(in->instance, "undo: generation %u instead of %u",
		instance.record.generation, left);
	return 0;
}
