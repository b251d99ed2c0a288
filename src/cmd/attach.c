// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/journal.h"
#include "cmd/change.h"
#include "cmd/cmd.h"
#include "live/attach.h"
#include "live/generation.h"

struct attaching {
	enum attach_mode mode;
	const char *policy_file;
	struct policy policy;
	struct change change;
};

static void attaching_free(struct attaching *how)
{
	policy_free(&how->policy);
	free(how->change.file);
}

static int mode_parse(const char *word, enum attach_mode *mode)
{
	static const char *const words[] = {
		[ATTACH_NATIVE] = "native",
		[ATTACH_GENERIC] = "generic",
		[ATTACH_OFFLOAD] = "offload",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(words[i], word))
			continue;
		*mode = i;
		return 0;
	}
	return fail(EINVAL,
		    "attach: --mode: '%s' is not a mode (native, "
		    "generic, offload)",
		    word);
}

/* The policy first: an interface that comes is filtered by it at once. */
static int attach_all(struct instance *instance, char *const *names,
		      size_t count, const struct attaching *how)
{
	bool had_policy = !instance->fresh;
	int err = 0;

	if (how->policy_file) {
		err = unconfirmed_refuse(instance);
		if (!err)
			err = policy_switch(instance, &how->policy,
					    &how->change);
	}
	if (err)
		return err;
	err = interfaces_attach(instance, names, count, how->mode,
				how->change.force);
	if (err && how->policy_file && had_policy)
		generation_return(instance);
	return err;
}

int cmd_attach(const struct invocation *in, int argc, char **argv)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;
	_cleanup_(attaching_free) struct attaching how = {
		.mode = ATTACH_NATIVE,
		.policy = POLICY_EMPTY,
		.change = { .verb = argv[0] },
	};
	const char *mode = "native", *confirm = NULL;
	const struct option options[] = {
		{ "--mode", NULL, &mode },
		{ "--force", &how.change.force, NULL },
		{ "--policy", NULL, &how.policy_file },
		{ "--observe", &how.change.observe, NULL },
		{ "--confirm", NULL, &confirm },
		{ 0 }
	};
	int err;

	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	if (argc < 2)
		return usage(argv[0], "which interface?");
	if (!how.policy_file && (how.change.observe || confirm))
		return usage(argv[0], "%s goes with --policy",
			     confirm ? "--confirm" : "--observe");
	err = mode_parse(mode, &how.mode);
	if (!err)
		err = confirm_parse(argv[0], confirm, &how.change.confirm_s);
	if (!err && how.policy_file)
		err = policy_read(how.policy_file, &how.policy, &how.change);
	if (!err)
		err = instance_create(in->instance, &instance);
	if (!err)
		err = attach_all(&instance, argv + 1, argc - 1, &how);
	if (!err)
		journal(in->instance, "attach %s%s, %s mode", argv[1],
			argc > 2 ? " and more" : "", mode);
	return err;
}
