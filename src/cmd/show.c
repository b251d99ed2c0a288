// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "live/instance.h"
#include "live/lists.h"

static void policy_free(struct policy_report *policy)
{
	for (int list = 0; list < WEIR_LIST_COUNT; list++)
		free(policy->entries[list]);
}

int cmd_show(const struct invocation *in, int argc, char **argv)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;
	_cleanup_(policy_free) struct policy_report policy = { 0 };
	const struct option options[] = { { 0 } };
	int err;

	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	if (argc > 1)
		return usage(argv[0], "takes no '%s'", argv[1]);
	err = instance_open(in->instance, INSTANCE_READ, &instance);
	if (err)
		return err;
	for (int list = 0; list < WEIR_LIST_COUNT; list++) {
		err = lists_read(&instance.maps, list, &policy.entries[list]);
		if (err < 0)
			return err;
		policy.count[list] = err;
	}
	in->show->policy(&policy);
	return 0;
}
