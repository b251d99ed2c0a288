// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>

#include "base/clock.h"
#include "base/error.h"
#include "live/pause.h"

int pause_until(const struct maps *maps, __u64 until_ns)
{
	struct weir_runtime *runtime;

	runtime = map_see(maps->fd[MAP_RUNTIME], sizeof(*runtime));
	if (!runtime)
		return -EACCES;
	__atomic_store_n(&runtime->paused_until_ns, until_ns, __ATOMIC_SEQ_CST);
	map_unsee(runtime, sizeof(*runtime));
	return 0;
}

long long pause_left(const struct maps *maps)
{
	__u64 now = clock_ns(CLOCK_MONOTONIC);
	struct weir_runtime runtime;

	if (bpf_map_lookup_elem(maps->fd[MAP_RUNTIME], &(__u32){ 0 }, &runtime))
		return 0;
	if (runtime.paused_until_ns == WEIR_NEVER)
		return -1;
	if (runtime.paused_until_ns <= now)
		return 0;
	return (runtime.paused_until_ns - now + NS_PER_S - 1) / NS_PER_S;
}
