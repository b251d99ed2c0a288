/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WEIR_DURATION_H
#define WEIR_DURATION_H

/*
 * Read "30s", "10m", "2h" or "1d".  Returns 0, or -EINVAL without a word and
 * with *seconds untouched: a number needs its unit, and is not 0.
 */
int duration_parse(const char *text, unsigned long long *seconds);

#endif
