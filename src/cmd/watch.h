/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WEIR_WATCH_H
#define WEIR_WATCH_H

#include "cmd/cmd.h"

/* One read of the counters.  Returns 0, or -errno after a line on stderr. */
int stats_sample(const struct invocation *in, struct stats_report *stats);

/*
 * Show the counters every period_s seconds, until a signal ends that.  Returns
 * 0, or -errno after a line on stderr.
 */
int stats_watch(const struct invocation *in, double period_s);

#endif
