/* SPDX-License-Identifier: GPL-2.0-only */
/* The one place where the datapath reads the time. */
#ifndef WEIR_CLOCK_H
#define WEIR_CLOCK_H

#include "bpf/stage.h"

/* bpf_ktime_get_coarse_ns (Linux 5.11) is there. */
const volatile bool has_coarse_clock = true;

/* The time comes from whoever runs the program, not from a clock. */
const volatile bool fed_clock;

struct weir_runtime runtime SEC(".data.runtime");

/* Nanoseconds of CLOCK_MONOTONIC, by the tick: good enough for ends. */
static __always_inline __u64 clock_coarse_ns(void)
{
	if (fed_clock)
		return READ_ONCE(runtime.fed_ns);
	return has_coarse_clock ? bpf_ktime_get_coarse_ns() :
				  bpf_ktime_get_ns();
}

/* The same to the nanosecond, for rates. */
static __always_inline __u64 clock_ns(void)
{
	return fed_clock ? READ_ONCE(runtime.fed_ns) : bpf_ktime_get_ns();
}

#endif
