// SPDX-License-Identifier: GPL-2.0-only
#include "base/cleanup.h"
#include "base/journal.h"
#include "cmd/cmd.h"
#include "live/attach.h"

int cmd_detach(const struct invocation *in, int argc, char **argv)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;
	bool all = false;
	const struct option options[] = { { "--all", &all, NULL }, { 0 } };
	int err;

	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	if (all == (argc > 1))
		return usage(argv[0], "name interfaces, or --all");
	err = instance_open(in->instance, INSTANCE_OWN, &instance);
	if (err)
		return err;
	err = all ? instance_remove(&instance)
		  : interfaces_detach(&instance, argv + 1, argc - 1);
	if (!err)
		journal(in->instance, "detach %s%s", all ? "--all" : argv[1],
			argc > 2 ? " and more" : "");
	return err;
}
