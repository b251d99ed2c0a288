// SPDX-License-Identifier: GPL-2.0-only
#include "base/cleanup.h"
#include "base/error.h"
#include "cmd/cmd.h"
#include "live/stats.h"

int cmd_status(const struct invocation *in, int argc, char **argv)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;
	const struct option options[] = { { 0 } };
	static struct status_report status;
	int err;

	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	if (argc > 1)
		return usage(argv[0], "takes no '%s'", argv[1]);
	err = instance_open(in->instance, INSTANCE_READ, &instance);
	if (err == -EABSENT)
		status_absent();
	if (!err)
		err = status_read(&instance, &status);
	if (!err)
		in->show->status(&status);
	return err;
}
