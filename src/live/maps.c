// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/maps.h"

#define MAP_KIND_(name, skel, file, rights, life)                              \
	[MAP_##name] = { .pin = file, .mode = rights, .lifetime = MAP_##life },

const struct map_kind map_kinds[MAP_COUNT] = { WEIR_MAPS(MAP_KIND_) };

static const struct {
	unsigned int type, key, value;
} map_shapes[MAP_COUNT] = {
	[MAP_RUNTIME] = { BPF_MAP_TYPE_ARRAY, 4, sizeof(struct weir_runtime) },
	[MAP_COUNTERS] = { BPF_MAP_TYPE_PERCPU_ARRAY, 4,
			   sizeof(struct weir_row) },
	[MAP_ENTRY_COUNTS] = { BPF_MAP_TYPE_ARRAY, 4,
			       sizeof(struct weir_counter) },
	[MAP_ENTRY_IDS] = { BPF_MAP_TYPE_ARRAY, 4, sizeof(struct weir_ids) },
	[MAP_RULE_COUNTS] = { BPF_MAP_TYPE_PERCPU_ARRAY, 4,
			      sizeof(struct weir_counter) },
	[MAP_RULE_EXCESS] = { BPF_MAP_TYPE_PERCPU_ARRAY, 4,
			      sizeof(struct weir_counter) },
	[MAP_LIMIT_CELLS] = { BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, sizeof(__u32) },
	[MAP_SECRET] = { BPF_MAP_TYPE_ARRAY, 4, sizeof(struct weir_secret) },
	[MAP_BAN_HEAD] = { BPF_MAP_TYPE_ARRAY, 4, sizeof(struct weir_bans) },
	[MAP_BAN_SETS] = { BPF_MAP_TYPE_ARRAY, 4, sizeof(struct weir_ban_set) },
	[MAP_BANS] = { BPF_MAP_TYPE_ARRAY, 4, sizeof(struct weir_ban) },
	[MAP_UNBANNABLE] = { BPF_MAP_TYPE_HASH, sizeof(struct weir_prefix6),
			     sizeof(__u32) },
	[MAP_RULES] = { BPF_MAP_TYPE_ARRAY, 4, sizeof(struct weir_rule) },
	[MAP_LISTS] = { BPF_MAP_TYPE_ARRAY, 4, sizeof(struct weir_lists) },
	[MAP_HOSTS] = { BPF_MAP_TYPE_ARRAY, 4, sizeof(__u64) },
	[MAP_PREFIX4] = { BPF_MAP_TYPE_HASH, sizeof(struct weir_prefix4),
			  sizeof(struct weir_entry) },
	[MAP_PREFIX6] = { BPF_MAP_TYPE_HASH, sizeof(struct weir_prefix6),
			  sizeof(struct weir_entry) },
};

void maps_close(struct maps *maps)
{
	for (int i = 0; i < MAP_COUNT; i++) {
		cleanup_fd(&maps->fd[i]);
		maps->fd[i] = -1;
	}
}

int pin_open(const char *path, bool write)
{
	LIBBPF_OPTS(bpf_obj_get_opts, opts,
		    .file_flags = write ? 0 : BPF_F_RDONLY);

	return bpf_obj_get_opts(path, &opts);
}

int map_check(enum map map, int fd)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size) ||
	    info.type != map_shapes[map].type ||
	    info.key_size != map_shapes[map].key ||
	    info.value_size != map_shapes[map].value)
		return -EPROTO;
	return 0;
}

/* A number that the kernel says of a map in its fdinfo, or 0. */
static unsigned long long map_says(int fd, const char *format)
{
	unsigned long long value = 0;
	_file_ FILE *info = NULL;
	char path[64], line[128];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = fopen(path, "re");
	while (info && fgets(line, sizeof(line), info))
		if (sscanf(line, format, &value) == 1)
			break;
	return value;
}

bool map_is_frozen(int fd)
{
	return map_says(fd, "frozen: %llu");
}

int map_refused(int fd, const char *what)
{
	int err = errno;

	if (map_is_frozen(fd))
		return fail(err,
			    "cannot %s: somebody froze the table; weir "
			    "detach --all, and attach anew",
			    what);
	return fail(err, "cannot %s: %s", what, error_text(err));
}

unsigned long long map_memory(int fd)
{
	return map_says(fd, "memlock: %llu");
}

unsigned int map_id(int fd)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &size) ? 0 : info.id;
}

void *map_see(int fd, size_t size)
{
	void *memory =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (memory != MAP_FAILED)
		return memory;
	map_refused(fd, "change a table");
	return NULL;
}

void map_unsee(void *memory, size_t size)
{
	if (memory)
		munmap(memory, size);
}
