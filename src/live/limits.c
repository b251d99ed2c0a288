// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <sys/random.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "live/kernel.h"
#include "live/limits.h"

#define SUSPECT_WORDS (WEIR_SUSPECT_SETS * WEIR_SUSPECTS * 2)

int limits_secret_make(const struct maps *maps)
{
	struct weir_secret secret;

	if (getrandom(&secret, sizeof(secret), 0) != sizeof(secret))
		return fail(errno, "cannot get random numbers: %s",
			    error_text(errno));
	if (bpf_map_update_elem(maps->fd[MAP_SECRET], &(__u32){ 0 }, &secret,
				BPF_ANY))
		return map_refused(maps->fd[MAP_SECRET], "keep a secret");
	return 0;
}

int limit_cells_make(const struct maps *maps, __u32 slot,
		     const struct weir_limit *limit)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts,
		    .map_flags = BPF_F_INNER_MAP);
	__u32 words = limit->cells + (limit->ban_ns ? SUSPECT_WORDS : 0);
	_fd_ int fd = -1;

	if (maps->fd[MAP_LIMIT_CELLS] < 0)
		return 0;
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "limit_cells", sizeof(__u32),
			    sizeof(__u64), words, &opts);
	if (fd < 0)
		return fail(errno, "cannot make a limit's table of %u cells: "
			    "%s%s", limit->cells, error_text(errno),
			    kernel_hint(errno));
	if (bpf_map_update_elem(maps->fd[MAP_LIMIT_CELLS], &slot, &fd, BPF_ANY))
		return map_refused(maps->fd[MAP_LIMIT_CELLS],
				   "give a limit its table");
	return 0;
}

/* Asked first, for the kernel waits for every CPU after each that is removed. */
void limits_tidy(const struct maps *maps,
		 const __u64 kept[WEIR_MAX_RULES / 64])
{
	int fd = maps->fd[MAP_LIMIT_CELLS];
	__u32 id;

	for (__u32 slot = 0; fd >= 0 && slot < WEIR_MAX_RULES; slot++)
		if (!(kept[slot / 64] >> slot % 64 & 1) &&
		    !bpf_map_lookup_elem(fd, &slot, &id))
			bpf_map_delete_elem(fd, &slot);
}

static int table_open(const struct maps *maps, __u32 slot)
{
	__u32 id;

	if (maps->fd[MAP_LIMIT_CELLS] < 0 ||
	    bpf_map_lookup_elem(maps->fd[MAP_LIMIT_CELLS], &slot, &id))
		return -ENOENT;
	return bpf_map_get_fd_by_id(id);
}

/* As limit_time() and cell_ahead() of the datapath have it. */
static __u64 limit_now(const struct weir_limit *limit, __u64 ns)
{
	return ((ns >> 32) * limit->mult << (32 - limit->shift)) +
	       ((ns & 0xffffffff) * limit->mult >> limit->shift);
}

static __u32 cells_active(const struct weir_limit *limit, const __u64 *cells)
{
	__u64 now = limit_now(limit, clock_ns(CLOCK_MONOTONIC)), ahead;
	__u32 active = 0;

	for (__u32 i = 0; i < limit->cells; i++) {
		ahead = cells[i] - now;
		active += ahead && ahead <= limit->burst;
	}
	return active;
}

int limit_use_read(const struct maps *maps, __u32 slot,
		   const struct weir_limit *limit, struct limit_use *use)
{
	_fd_ int fd = table_open(maps, slot);
	__u32 count = limit->cells, next;
	_free_ __u32 *keys = NULL;
	_free_ __u64 *cells = NULL;

	if (fd < 0)
		return fd;
	keys = calloc(count, sizeof(*keys));
	cells = calloc(count, sizeof(*cells));
	if (!keys || !cells)
		return -ENOMEM;
	if (bpf_map_lookup_batch(fd, NULL, &next, keys, cells, &count, NULL) &&
	    errno != ENOENT)
		return -errno;
	*use = (struct limit_use){
		.cells = limit->cells,
		.active = cells_active(limit, cells),
		.bytes = map_memory(fd),
	};
	return 0;
}
