/* SPDX-License-Identifier: GPL-2.0-only */
/* Waiting for a moment, which Ctrl-C or a reader who left may end early. */
#ifndef WEIR_WAIT_H
#define WEIR_WAIT_H

#include <stdbool.h>

enum wait_end {
	WAIT_TIME,		/* the moment has come */
	WAIT_STOPPED,		/* by SIGINT or SIGTERM */
	WAIT_RESIZED,		/* the terminal's window was */
	WAIT_UNREAD,		/* nobody reads what we write any more */
};

/*
 * From here on SIGINT and SIGTERM end a wait, and a write that blocks, instead
 * of the process.
 */
void wait_prepare(void);

/* Wait for a second of CLOCK_MONOTONIC; fd is where the output goes. */
enum wait_end wait_until(double moment_s, int fd);

/* Was there a SIGINT or SIGTERM? */
bool wait_is_stopped(void);

#endif
