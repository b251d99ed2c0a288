/* SPDX-License-Identifier: GPL-2.0-only */
/* The one place where the datapath reads the time. */
#ifndef WEIR_CLOCK_H
#define WEIR_CLOCK_H

#include "bpf/stage.h"

/* bpf_ktime_get_coarse_ns (Linux 5.11) is there. */
const volatile bool has_coarse_clock = true;

/* Nanoseconds of CLOCK_MONOTONIC, by the tick: good enough for ends. */
static __always_inline __u64 clock_coarse_ns(void)
{
	return has_coarse_clock ? bpf_ktime_get_coarse_ns() :
				  bpf_ktime_get_ns();
}

#endif
