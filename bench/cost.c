// SPDX-License-Identifier: GPL-2.0-only
/*
 * What loading the datapath costs: instructions the verifier processed, sizes,
 * the best time of several loads.  Exits 1 beyond the stored bounds.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "live/filter.h"

#define ROUNDS 5
#define MOST_VERIFIED 120000
#define MOST_SECONDS 0.2

/* Returns the seconds one load took, or a negative number. */
static double load_once(struct filter_cost *cost)
{
	_cleanup_(maps_close) struct maps maps = MAPS_CLOSED;
	double start = clock_s(CLOCK_MONOTONIC), seconds;
	_fd_ int program = filter_load(&maps, &(struct filter_settings){ 0 });

	seconds = clock_s(CLOCK_MONOTONIC) - start;
	if (program < 0 || filter_cost(program, cost))
		return -1;
	return seconds;
}

int main(void)
{
	struct filter_cost cost = { 0 };
	double best = 1e9, seconds;

	if (geteuid()) {
		puts("datapath: processed instructions need root: sudo make "
		     "cost");
		return 0;
	}
	for (int i = 0; i < ROUNDS; i++) {
		seconds = load_once(&cost);
		if (seconds < 0)
			return 1;
		best = seconds < best ? seconds : best;
	}
	printf("datapath: %u instructions processed (bound %u), %u bytes, %u "
	       "as machine code, loaded with its maps in %.3f s\n",
	       cost.verified, MOST_VERIFIED, cost.xlated, cost.jited, best);
	return cost.verified > MOST_VERIFIED || best > MOST_SECONDS;
}
