// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "cmd/watch.h"
#include "live/stats.h"

#define LEAST_S 0.1
#define MOST_S 3600

int stats_sample(const struct invocation *in, struct stats_report *stats)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;
	int err = instance_open(in->instance, INSTANCE_READ, &instance);

	return err ? err : stats_read(&instance, stats);
}

static int period_parse(const char *word, double *period_s)
{
	char *end;
	double value = strtod(word, &end);

	/* strtod() takes "inf", "1e3", "0x1" and blanks, which we do not. */
	if (!*word || *end || word[strspn(word, "0123456789.")] ||
	    value < LEAST_S || value > MOST_S)
		return fail(EINVAL,
			    "stats: --watch: '%s' is not a number of seconds "
			    "from %g to %d",
			    word, LEAST_S, MOST_S);
	*period_s = value;
	return 0;
}

static int stats_once(const struct invocation *in)
{
	const struct timespec period = { .tv_sec = 1 };
	static struct stats_report before, now;
	int err = stats_sample(in, &before);

	if (err)
		return err;
	if (!in->show->rates) {
		in->show->stats(&before, NULL);
		return 0;
	}
	nanosleep(&period, NULL);
	err = stats_sample(in, &now);
	if (!err)
		in->show->stats(&now, &before);
	return err;
}

int cmd_stats(const struct invocation *in, int argc, char **argv)
{
	bool watch = false, prometheus = false;
	const char *period_word = "2";
	const struct option options[] = { { "--watch", &watch, &period_word },
					  { "--prometheus", &prometheus, NULL },
					  { 0 } };
	struct invocation as = *in;
	double period_s = 0;
	int err;

	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	if (argc > 1)
		return usage(argv[0], "takes no '%s'", argv[1]);
	if (prometheus && (watch || in->show == &show_json))
		return usage(argv[0], "--prometheus is a format of its own, "
				      "and prints once");
	if (prometheus)
		as.show = &show_prometheus;
	if (!watch)
		return stats_once(&as);
	err = period_parse(period_word, &period_s);
	return err ? err : stats_watch(&as, period_s);
}
