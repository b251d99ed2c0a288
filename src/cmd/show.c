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
	int err = words_none(argc, argv);

	if (err)
		return err;
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
