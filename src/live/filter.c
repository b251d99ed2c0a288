// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/filter.h"
#include "live/kernel.h"
#include "live/splice.h"
#include "filter.skel.h"

static void filter_destroy(struct filter_bpf **skel)
{
	filter_bpf__destroy(*skel);
}

static struct bpf_map *skeleton_map(struct filter_bpf *skel, enum map map)
{
#define SKELETON_MAP_(name, skel_name, pin, mode, lifetime)                    \
	[MAP_##name] = skel->maps.skel_name,
	struct bpf_map *maps[MAP_COUNT] = { WEIR_MAPS(SKELETON_MAP_) };
#undef SKELETON_MAP_

	return maps[map];
}

static int reuse_open_maps(struct filter_bpf *skel, const struct maps *maps)
{
	int err;

	for (int i = 0; i < MAP_COUNT; i++) {
		if (maps->fd[i] < 0)
			continue;
		err = bpf_map__reuse_fd(skeleton_map(skel, i), maps->fd[i]);
		if (err)
			return fail(-err, "cannot use the pinned map '%s': %s",
				    map_kinds[i].pin, error_text(err));
	}
	return 0;
}

/* The skeleton closes its own fds: keep copies of those it made. */
static int keep_new_maps(struct filter_bpf *skel, struct maps *maps)
{
	struct maps all = *maps;

	for (int i = 0; i < MAP_COUNT; i++) {
		if (maps->fd[i] >= 0)
			continue;
		all.fd[i] = fcntl(bpf_map__fd(skeleton_map(skel, i)),
				  F_DUPFD_CLOEXEC, 0);
		if (all.fd[i] < 0)
			goto undo;
	}
	*maps = all;
	return 0;
undo:
	for (int i = 0; i < MAP_COUNT; i++)
		if (maps->fd[i] < 0)
			cleanup_fd(&all.fd[i]);
	return fail(errno, "cannot keep the maps: %s", error_text(errno));
}

static bool has_limits(const struct filter_settings *settings)
{
	size_t count = settings->code ? settings->code->rules : 0;

	for (size_t i = 0; i < count; i++)
		if (settings->rules[i].action == WEIR_DO_LIMIT)
			return true;
	return false;
}

static void constants_set(struct filter_bpf *skel,
			  const struct filter_settings *settings)
{
	skel->rodata->has_frags = kernel_has_frags();
	skel->rodata->has_coarse_clock = kernel_is(5, 11);
	skel->rodata->generation = settings->generation;
	skel->rodata->guards = settings->guards;
	skel->rodata->default_drop = settings->default_drop;
	skel->rodata->observe = settings->observe;
	skel->rodata->fed_clock = settings->fed_clock;
	skel->rodata->has_limits = has_limits(settings);
	if (settings->code)
		skel->rodata->rule_blocks = settings->code->blocks;
}

/* The table of rules is as long as this generation's rules need it. */
static int rules_size(struct filter_bpf *skel, const struct maps *maps,
		      const struct filter_settings *settings)
{
	size_t blocks = settings->code ? settings->code->blocks : 0;
	int err = 0;

	if (maps->fd[MAP_RULES] < 0)
		err = bpf_map__set_max_entries(skel->maps.rule_table,
					       blocks ? 64 * blocks : 1);
	return err ? fail(-err, "cannot size the rules: %s", error_text(err)) :
		     0;
}

static int rules_fill(struct filter_bpf *skel,
		      const struct filter_settings *settings)
{
	size_t count = settings->code ? settings->code->rules : 0;
	int fd = bpf_map__fd(skel->maps.rule_table);

	for (size_t i = 0; i < count; i++)
		if (bpf_map_update_elem(fd, &settings->code->place[i],
					&settings->rules[i], 0))
			return map_refused(fd, "write the rules");
	return 0;
}

/* Load what is open.  Returns 0, or -errno after a line on stderr. */
static int skeleton_load(struct filter_bpf *skel, struct maps *maps,
			 const struct filter_settings *settings,
			 struct splice *splice)
{
	int err;

	constants_set(skel, settings);
	err = rules_size(skel, maps, settings);
	if (!err)
		err = reuse_open_maps(skel, maps);
	if (err)
		return err;
	splice->btf = bpf_object__btf(skel->obj);
	err = filter_bpf__load(skel);
	if (err)
		return fail(-err, "the kernel refused the datapath: %s%s",
			    error_text(err), kernel_hint(err));
	err = splice_check(splice, bpf_program__fd(skel->progs.weir_filter));
	return err ? err : rules_fill(skel, settings);
}

int filter_load(struct maps *maps, const struct filter_settings *settings)
{
	_cleanup_(filter_destroy) struct filter_bpf *skel = NULL;
	_cleanup_(splice_end) struct splice splice = { 0 };
	_fd_ int program = -1;
	int err;

	kernel_listen();
	err = splice_begin(&splice, settings->code, kernel_has_frags());
	if (err)
		return err;
	skel = filter_bpf__open();
	if (!skel)
		return fail(errno, "cannot open the datapath: %s",
			    error_text(errno));
	err = skeleton_load(skel, maps, settings, &splice);
	if (err)
		return err;
	program = fcntl(bpf_program__fd(skel->progs.weir_filter),
			F_DUPFD_CLOEXEC, 0);
	if (program < 0)
		return fail(errno, "cannot keep the program: %s",
			    error_text(errno));
	err = keep_new_maps(skel, maps);
	return err ? err : take_fd(program);
}

int filter_cost(int program, struct filter_cost *cost)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(program, &info, &size))
		return -errno;
	*cost = (struct filter_cost){
		.verified = info.verified_insns,
		.xlated = info.xlated_prog_len,
		.jited = info.jited_prog_len,
	};
	return 0;
}

unsigned int program_id(int program)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(program, &info, &size) ? 0 : info.id;
}
