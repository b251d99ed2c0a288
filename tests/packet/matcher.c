// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "live/filter.h"
#include "live/kernel.h"
#include "live/splice.h"
#include "match.skel.h"
#include "matcher.h"

static void splice_close(struct splice *splice)
{
	splice_end(splice);
}

int matcher_open(struct matcher *matcher, const struct rule_code *code)
{
	__attribute__((cleanup(splice_close))) struct splice splice = { 0 };
	int err;

	kernel_listen();
	err = splice_begin(&splice, code, kernel_has_frags());
	if (err)
		return err;
	matcher->skel = match_bpf__open();
	if (!matcher->skel)
		return -errno;
	matcher->skel->rodata->rule_blocks = code->blocks;
	matcher->skel->rodata->has_frags = kernel_has_frags() &&
					   !matcher->one_buffer;
	splice.btf = bpf_object__btf(matcher->skel->obj);
	err = match_bpf__load(matcher->skel);
	matcher->program = bpf_program__fd(matcher->skel->progs.match);
	if (!err)
		err = splice_check(&splice, matcher->program);
	if (err)
		matcher_close(matcher);
	return err;
}

void matcher_close(struct matcher *matcher)
{
	match_bpf__destroy(matcher->skel);
	*matcher = (struct matcher){ 0 };
}

const uint64_t *matcher_run(struct matcher *matcher, const void *frame,
			    size_t len, uint32_t *linear)
{
	struct xdp_md ctx = { .data_end = *linear };
	LIBBPF_OPTS(bpf_test_run_opts, run,
		    .data_in = frame, .data_size_in = len,
		    .ctx_in = *linear ? &ctx : NULL,
		    .ctx_size_in = *linear ? sizeof(ctx) : 0);

	if (bpf_prog_test_run_opts(matcher->program, &run))
		return NULL;
	*linear = matcher->skel->bss->linear;
	return (const uint64_t *)matcher->skel->bss->matched;
}

unsigned int matcher_verified(const struct matcher *matcher)
{
	struct filter_cost cost = { 0 };

	return filter_cost(matcher->program, &cost) ? 0 : cost.verified;
}
