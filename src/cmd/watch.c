// SPDX-License-Identifier: GPL-2.0-only
/*
 * The instance is opened for each sample anew: it may get a new generation, go
 * and come back meanwhile.
 */
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/wait.h"
#include "cmd/watch.h"
#include "show/screen.h"

#define FIRST_S 0.25 /* to the first rates */
#define ABSENT_S 1.0 /* to the next look for a new instance */

struct watch {
	const struct invocation *in;
	double period_s, next_s;
	struct stats_report read[2]; /* the latest, and the one before */
	char notice[640];
	struct watch_report shown;
};

static double least(double a, double b)
{
	return a < b ? a : b;
}

static int watch_show(struct watch *w)
{
	int err = w->in->show->watch(&w->shown);

	if (!err || wait_is_stopped())
		return 0;
	__fpurge(stdout);
	clearerr(stdout);
	return fail(-err, "stats: cannot write: %s", error_text(err));
}

/* Say it, unless it was the last thing said. */
static int watch_without(struct watch *w, const char *why)
{
	char notice[sizeof(w->notice)];

	w->next_s = clock_s(CLOCK_MONOTONIC) + least(w->period_s, ABSENT_S);
	snprintf(notice, sizeof(notice), "%s; waiting", why);
	if (!w->shown.now && !strcmp(w->notice, notice))
		return 0;
	strcpy(w->notice, notice);
	w->shown = (struct watch_report){ .notice = w->notice };
	return watch_show(w);
}

/* There are no rates yet: look again soon. */
static void watch_begin(struct watch *w)
{
	w->shown = (struct watch_report){ 0 };
	w->next_s = clock_s(CLOCK_MONOTONIC) + least(w->period_s, FIRST_S);
}

static int watch_with(struct watch *w)
{
	const struct stats_report *now = &w->read[0], *before = &w->read[1];
	int err;

	if (now->generation != before->generation)
		snprintf(w->notice, sizeof(w->notice),
			 "generation %u is live, after %u", now->generation,
			 before->generation);
	w->shown = (struct watch_report){ now, before, w->notice };
	err = watch_show(w);
	w->notice[0] = '\0';
	w->next_s += w->period_s;
	if (w->next_s < clock_s(CLOCK_MONOTONIC))
		w->next_s = clock_s(CLOCK_MONOTONIC) + w->period_s;
	return err;
}

static int watch_sample(struct watch *w)
{
	static struct stats_report now;
	const char *why;
	int err;

	errors_keep();
	err = stats_sample(w->in, &now);
	why = errors_kept();
	if (err == -EABSENT || err == -EBUSY)
		return watch_without(w, why);
	if (err)
		return fail(-err, "%s", why);
	w->read[1] = w->read[0];
	w->read[0] = now;
	if (now.matrix == w->read[1].matrix)
		return watch_with(w);
	strcpy(w->notice, "another instance: its counters began at zero");
	watch_begin(w);
	return 0;
}

/* Returns 1 to go on; what was written last stays. */
static int watch_turn(struct watch *w)
{
	int err = 0;

	switch (wait_until(w->next_s, STDOUT_FILENO)) {
	case WAIT_STOPPED:
		return 0;
	case WAIT_UNREAD:
		return fail(EPIPE, "stats: cannot write: %s",
			    error_text(EPIPE));
	case WAIT_RESIZED:
		if (w->in->show->rates && screen_is_there() && w->shown.notice)
			err = watch_show(w);
		break;
	case WAIT_TIME:
		err = watch_sample(w);
		break;
	}
	return err ? err : 1;
}

int stats_watch(const struct invocation *in, double period_s)
{
	static struct watch w;
	static char buffer[65536];
	int err;

	w.in = in;
	w.period_s = period_s;
	err = stats_sample(in, &w.read[0]);
	if (err)
		return err;
	wait_prepare();
	/* A block goes out in one write, where a pipe takes it. */
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	watch_begin(&w);
	do {
		err = watch_turn(&w);
	} while (err > 0);
	if (!err && wait_is_stopped()) {
		__fpurge(stdout);
		clearerr(stdout);
		if (isatty(STDOUT_FILENO)) /* after the ^C it shows */
			putchar('\n');
	}
	return err;
}
