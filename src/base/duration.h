/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WEIR_DURATION_H
#define WEIR_DURATION_H

/*
 * Read "30s", "10m", "2h" or "1d" as seconds, at most ten years.  Returns 0, or
 * -EINVAL without a word and *seconds untouched.
 */
int duration_parse(const char *text, unsigned long long *seconds);

/* Write seconds in the largest unit that divides them: "90s", "10m". */
#define DURATION_TEXT 24
const char *duration_format(unsigned long long seconds,
			    char text[DURATION_TEXT]);

/*
 * Read an RFC 3339 time, "2026-11-22T14:03:00Z" or with an offset, as seconds
 * of CLOCK_REALTIME.  Returns as above.
 */
int time_parse(const char *text, unsigned long long *seconds);

#endif
