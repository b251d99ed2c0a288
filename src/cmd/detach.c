// SPDX-License-Identifier: GPL-2.0-only
#include "base/cleanup.h"
#include "base/journal.h"
#include "cmd/cmd.h"
#include "live/attach.h"

static int interfaces_cut(const struct invocation *in, char **names, int count)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;
	int err = instance_open(in->instance, INSTANCE_OWN, &instance);

	return err ? err : interfaces_detach(&instance, names, count);
}

int cmd_detach(const struct invocation *in, int argc, char **argv)
{
	bool all = false;
	const struct option options[] = { { "--all", &all, NULL }, { 0 } };
	int err;

	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	if (all == (argc > 1))
		return usage(argv[0], "name interfaces, or --all");
	err = all ? instance_destroy(in->instance)
		  : interfaces_cut(in, argv + 1, argc - 1);
	if (!err)
		journal(in->instance, "detach %s%s", all ? "--all" : argv[1],
			argc > 2 ? " and more" : "");
	return err;
}
