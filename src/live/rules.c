// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/rules.h"

/* A counter for each CPU there may be. */
static struct weir_counter *counters_make(int *cpus)
{
	struct weir_counter *counters;

	*cpus = libbpf_num_possible_cpus();
	counters = *cpus > 0 ? calloc(*cpus, sizeof(*counters)) : NULL;
	if (!counters)
		fail(ENOMEM, "out of memory");
	return counters;
}

static int sum_read(int fd, __u32 slot, struct weir_counter *sum)
{
	_free_ struct weir_counter *counters = NULL;
	int cpus;

	*sum = (struct weir_counter){ 0 };
	counters = counters_make(&cpus);
	if (!counters)
		return -ENOMEM;
	if (bpf_map_lookup_elem(fd, &slot, counters))
		return fail(errno, "cannot read a rule's counter: %s",
			    error_text(errno));
	for (int cpu = 0; cpu < cpus; cpu++) {
		sum->packets += counters[cpu].packets;
		sum->bytes += counters[cpu].bytes;
	}
	return 0;
}

int rule_counter_read(const struct maps *maps, __u32 slot,
		      struct weir_counter *sum)
{
	return sum_read(maps->fd[MAP_RULE_COUNTS], slot, sum);
}

int rule_excess_read(const struct maps *maps, __u32 slot,
		     struct weir_counter *sum)
{
	return sum_read(maps->fd[MAP_RULE_EXCESS], slot, sum);
}

int rule_counter_empty(const struct maps *maps, __u32 slot)
{
	_free_ struct weir_counter *counters = NULL;
	int cpus;

	if (maps->fd[MAP_RULE_COUNTS] < 0)
		return 0;
	counters = counters_make(&cpus);
	if (!counters)
		return -ENOMEM;
	if (bpf_map_update_elem(maps->fd[MAP_RULE_COUNTS], &slot, counters,
				BPF_ANY) ||
	    bpf_map_update_elem(maps->fd[MAP_RULE_EXCESS], &slot, counters,
				BPF_ANY))
		return map_refused(maps->fd[MAP_RULE_COUNTS],
				   "empty a rule's counter");
	return 0;
}
