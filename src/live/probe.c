// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include <linux/bpf.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/kernel.h"
#include "live/probe.h"

void copy_close(struct copy *copy)
{
	for (int i = 0; i < MAP_COUNT; i++)
		if (copy->shared[i])
			copy->maps.fd[i] = -1;
	maps_close(&copy->maps);
	cleanup_fd(&copy->program);
}

/* The head, as if the edit were committed; no host has its short way here. */
static int head_foresee(const struct list_edit *edit, const struct copy *copy)
{
	struct weir_lists head = *edit->lists;

	head.committed = edit->number;
	if (bpf_map_update_elem(copy->maps.fd[MAP_LISTS], &(__u32){ 0 }, &head,
				BPF_ANY))
		return fail(errno, "cannot prepare a probe: %s",
			    error_text(errno));
	return 0;
}

int copy_open(const struct maps *lists_of, const struct list_edit *edit,
	      const struct filter_settings *settings, struct copy *copy)
{
	copy->shared[MAP_LISTS] = copy->shared[MAP_HOSTS] = !edit;
	copy->shared[MAP_PREFIX4] = copy->shared[MAP_PREFIX6] = true;
	for (int i = 0; i < MAP_COUNT; i++)
		if (copy->shared[i])
			copy->maps.fd[i] = lists_of->fd[i];
	copy->program = filter_load(&copy->maps, settings);
	if (copy->program < 0)
		return copy->program;
	return edit ? head_foresee(edit, copy) : 0;
}

/* What was counted since 'before', which is brought up to date. */
static int reason_counted(const struct maps *maps, __u64 *before)
{
	int cpus = libbpf_num_possible_cpus(), reason = -ENODATA;
	_free_ struct weir_row *cpu =
		cpus > 0 ? calloc(cpus, sizeof(*cpu)) : NULL;

	if (!cpu)
		return fail(ENOMEM, "out of memory");
	if (bpf_map_lookup_elem(maps->fd[MAP_COUNTERS],
				&(__u32){ WEIR_SLOT_OTHER }, cpu))
		return fail(errno, "cannot read the counters of a probe: %s",
			    error_text(errno));
	for (int r = 0; r < WEIR_REASON_COUNT; r++) {
		__u64 now = 0;

		for (int i = 0; i < cpus; i++)
			now += cpu[i].reason[r].packets;
		if (now != before[r])
			reason = r;
		before[r] = now;
	}
	return reason;
}

/* Without packets of several buffers a frame has to fit a page. */
size_t frame_most(void)
{
	return kernel_has_frags() ? 65535 : 3000;
}

int frame_try(int program, const struct maps *maps, const void *frame,
	      size_t size)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame,
		    .data_size_in = size);
	__u64 before[WEIR_REASON_COUNT] = { 0 };
	int reason = reason_counted(maps, before);

	if (reason < 0 && reason != -ENODATA)
		return reason;
	if (bpf_prog_test_run_opts(program, &run))
		return fail(errno, "cannot try the filter on a packet: %s",
			    error_text(errno));
	reason = reason_counted(maps, before);
	return reason == -ENODATA
		       ? fail(ENODATA, "the filter did not count a probe")
		       : reason;
}
