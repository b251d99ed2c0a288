// SPDX-License-Identifier: GPL-2.0-only
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/journal.h"
#include "cmd/cmd.h"
#include "live/instance.h"
#include "live/pause.h"

static int pause_set(const struct invocation *in, __u64 until_ns)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;
	int err = instance_open(in->instance, INSTANCE_OWN, &instance);

	return err ? err : pause_until(&instance.maps, until_ns);
}

int cmd_pause(const struct invocation *in, int argc, char **argv)
{
	const struct option options[] = { { 0 } };
	unsigned long long seconds;
	__u64 until_ns = WEIR_NEVER;
	int err;

	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	if (argc > 2)
		return usage(argv[0], "one time, please");
	if (argc == 2) {
		if (duration_parse(argv[1], &seconds))
			return fail(EINVAL,
				    "pause: '%s' is not a time (30s, 10m, 2h, "
				    "1d)",
				    argv[1]);
		until_ns = clock_ns(CLOCK_MONOTONIC) + seconds * NS_PER_S;
	}
	err = pause_set(in, until_ns);
	if (!err)
		journal(in->instance, "pause%s%s", argc == 2 ? " for " : "",
			argc == 2 ? argv[1] : "");
	return err;
}

int cmd_resume(const struct invocation *in, int argc, char **argv)
{
	int err = words_none(argc, argv);

	if (!err)
		err = pause_set(in, 0);
	if (!err)
		journal(in->instance, "resume");
	return err;
}
