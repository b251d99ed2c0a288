/* SPDX-License-Identifier: GPL-2.0-only */
/* The voice for people, in pieces. */
#ifndef WEIR_TEXT_H
#define WEIR_TEXT_H

#include "show/show.h"

#define NUMBER_TEXT sizeof("18,446,744,073,709,551,615")

/* With its digits grouped on a terminal. */
const char *number_format(unsigned long long value, char text[NUMBER_TEXT]);

void text_stats(const struct stats_report *now,
		const struct stats_report *before);
int text_watch(const struct watch_report *watch);

void text_policy(const struct policy_report *policy);

#endif
