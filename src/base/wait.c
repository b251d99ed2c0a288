// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>

#include "base/clock.h"
#include "base/wait.h"

static volatile sig_atomic_t stopped, resized;

static void on_signal(int number)
{
	if (number == SIGWINCH)
		resized = 1;
	else
		stopped = 1;
}

void wait_prepare(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	/* Without SA_RESTART, so that Ctrl-C also ends a write that blocks. */
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	action.sa_flags = SA_RESTART;
	sigaction(SIGWINCH, &action, NULL);
}

bool wait_is_stopped(void)
{
	return stopped;
}

static struct timespec time_left(double moment_s)
{
	double left = moment_s - clock_s(CLOCK_MONOTONIC);
	struct timespec time = { 0 };

	if (left > 0) {
		time.tv_sec = left;
		time.tv_nsec = (left - time.tv_sec) * 1e9;
	}
	return time;
}

/* The signals may come only inside ppoll(): so none is lost before it. */
static enum wait_end wait_once(struct timespec left, int fd,
			       const sigset_t *open)
{
	struct pollfd reader = { .fd = fd };

	if (stopped)
		return WAIT_STOPPED;
	if (!resized && ppoll(&reader, 1, &left, open) > 0)
		return WAIT_UNREAD;
	if (stopped)
		return WAIT_STOPPED;
	if (!resized)
		return WAIT_TIME;
	resized = 0;
	return WAIT_RESIZED;
}

enum wait_end wait_until(double moment_s, int fd)
{
	enum wait_end end;
	sigset_t ours, open;

	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGWINCH);
	sigprocmask(SIG_BLOCK, &ours, &open);
	do {
		end = wait_once(time_left(moment_s), fd, &open);
	} while (end == WAIT_TIME && clock_s(CLOCK_MONOTONIC) < moment_s);
	sigprocmask(SIG_SETMASK, &open, NULL);
	return end;
}
