/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WEIR_CLOCK_H
#define WEIR_CLOCK_H

#include <time.h>

#define NS_PER_S 1000000000ULL

/* Nanoseconds of a clock. */
static inline unsigned long long clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* Seconds of a clock. */
static inline double clock_s(clockid_t clock)
{
	return clock_ns(clock) / 1e9;
}

#endif
