// SPDX-License-Identifier: GPL-2.0-only
#include <time.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "live/stats.h"

static int stats_sample(const struct invocation *in, struct stats_report *stats)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;
	int err = instance_open(in->instance, INSTANCE_READ, &instance);

	return err ? err : stats_read(&instance, stats);
}

int cmd_stats(const struct invocation *in, int argc, char **argv)
{
	const struct timespec period = { .tv_sec = 1 };
	const struct option options[] = { { 0 } };
	static struct stats_report before, now;
	int err;

	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	if (argc > 1)
		return usage(argv[0], "takes no '%s'", argv[1]);
	err = stats_sample(in, &before);
	if (err)
		return err;
	if (in->show == &show_json) {
		in->show->stats(&before, NULL);
		return 0;
	}
	nanosleep(&period, NULL);
	err = stats_sample(in, &now);
	if (!err)
		in->show->stats(&now, &before);
	return err;
}
