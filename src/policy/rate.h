/* SPDX-License-Identifier: GPL-2.0-only */
/* "500/s", "10k/s", "30/m", "100Mbit/s"; and how much may come at once. */
#ifndef WEIR_RATE_H
#define WEIR_RATE_H

#include "policy/policy.h"

#define RATE_TEXT 48

/*
 * Returns 0, -EINVAL for what is no rate, or -ERANGE for one beyond 100M/s or
 * 10Tbit/s or of nothing; without a word and with *rate untouched.
 */
int rate_parse(const char *text, struct rate *rate);

/* In the largest unit that divides it; bytes a second become bits. */
const char *rate_format(const struct rate *rate, char text[RATE_TEXT]);

/*
 * A burst: packets ("1000", "5k"), or for a rate of bits bytes ("1500", "64kB").
 * Returns as above; -ERANGE also for more than a year's worth of the rate.
 */
int burst_parse(const char *text, const struct rate *rate, __u64 *burst);

const char *burst_format(__u64 burst, const struct rate *rate,
			 char text[RATE_TEXT]);

/* How many cells a limit's table has: "100k", "1M". */
int cells_parse(const char *text, __u32 *cells);
const char *cells_format(__u32 cells, char text[RATE_TEXT]);

#endif
