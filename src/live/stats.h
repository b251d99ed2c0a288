/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WEIR_STATS_H
#define WEIR_STATS_H

#include "live/instance.h"
#include "show/report.h"

/*
 * Sum one read of the matrix.  Interfaces that were detached stay listed; one
 * called "other" holds what came by no attached interface, if anything did.
 * Returns 0, or -errno after a line on stderr.
 */
int stats_read(const struct instance *instance, struct stats_report *stats);

/* What became of every interface, and what to do about it. */
int status_read(const struct instance *instance, struct status_report *status);

/* Without an instance: notes on what would hinder one. */
void status_absent(void);

#endif
