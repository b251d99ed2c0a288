/* SPDX-License-Identifier: GPL-2.0-only */
/* One table of functions, several voices. */
#ifndef WEIR_SHOW_H
#define WEIR_SHOW_H

#include "show/report.h"

struct show {
	bool rates;		/* it shows them, and needs two reads */
	/* 'before' is an earlier read to take rates from, or NULL. */
	void (*stats)(const struct stats_report *now,
		      const struct stats_report *before);
	/* One sample more.  Returns 0, or -errno if it cannot be written. */
	int (*watch)(const struct watch_report *watch);
	void (*status)(const struct status_report *status);
	void (*policy)(const struct policy_report *policy);
	void (*lookup)(const struct lookup_report *lookup);
	void (*packets)(const struct packets_report *packets);
	void (*labs)(const struct lab_report *labs, size_t count);
	void (*flood)(const struct flood_report *flood);
	void (*version)(const char *version);
};

/* The last one says nothing but statistics. */
extern const struct show show_text, show_json, show_prometheus;

/*
 * "2026-11-22T14:03:00Z", of seconds of CLOCK_REALTIME; whatever lies beyond
 * the year 9999 is shown as its last second.
 */
#define TIME_TEXT sizeof("2026-11-22T14:03:00Z")
const char *time_format(__u64 seconds, char text[TIME_TEXT]);

#endif
