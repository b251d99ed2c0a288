/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WEIR_PAUSE_H
#define WEIR_PAUSE_H

#include "live/maps.h"

/*
 * Let everything pass until a time of CLOCK_MONOTONIC in nanoseconds,
 * WEIR_NEVER for no end, 0 to filter again.  One store; the datapath resumes by
 * itself.  Returns 0, or -errno after a line on stderr.
 */
int pause_until(const struct maps *maps, __u64 until_ns);

/* Seconds a pause has left, rounded up; -1: no end; 0: not paused. */
long long pause_left(const struct maps *maps);

#endif
