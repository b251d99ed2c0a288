// SPDX-License-Identifier: GPL-2.0-only
/*
 * libbpf calls prepare() when the program is linked and about to be loaded.
 * The placeholder rule_block() is then replaced: by the only block of rules, or
 * by a function that calls the block it is asked for, and the blocks go to the
 * end.  What lies behind the placeholder moves, and what points there (calls,
 * func_info, line_info) moves with it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/kernel.h"
#include "live/splice.h"

#ifndef BPF_F_XDP_HAS_FRAGS
#define BPF_F_XDP_HAS_FRAGS (1U << 5)
#endif

static const char placeholder[] = "rule_block";

/* The program being put together. */
struct work {
	const struct rule_code *rules;
	const struct bpf_insn *old;
	size_t old_count;
	size_t begin, end;	/* of the placeholder, before */
	__u32 type;		/* of it and of the blocks, in BTF */
	size_t body;		/* instructions that take its place */
	size_t count;		/* after */
	size_t block_at[WEIR_RULE_BLOCKS];
	struct bpf_insn *insns;
};

/* Where an instruction outside the placeholder's body goes. */
static size_t moved(const struct work *w, size_t at)
{
	return at <= w->begin ? at : at - w->end + w->begin + w->body;
}

static struct bpf_insn call_insn(size_t from, size_t to)
{
	return (struct bpf_insn){ .code = BPF_JMP | BPF_CALL,
				  .src_reg = BPF_PSEUDO_CALL,
				  .imm = (int)(to - from - 1) };
}

/* Instructions of a function that calls one of n blocks by number. */
static size_t chooser_size(size_t blocks)
{
	return 3 * blocks - 1;
}

/* Block 'r3' of those from 'low' to before 'high': by halves. */
static size_t chooser_write(struct work *w, size_t at, size_t low, size_t high)
{
	static const struct bpf_insn exit_insn = { .code = BPF_JMP | BPF_EXIT };
	size_t middle = (low + high) / 2, behind;

	if (high - low == 1) {
		w->insns[at] = call_insn(at, w->block_at[low]);
		w->insns[at + 1] = exit_insn;
		return at + 2;
	}
	behind = chooser_write(w, at + 1, low, middle);
	w->insns[at] = (struct bpf_insn){ .code = BPF_JMP32 | BPF_JGE | BPF_K,
					  .dst_reg = BPF_REG_3,
					  .off = behind - at - 1,
					  .imm = middle };
	return chooser_write(w, behind, middle, high);
}

static bool points_to_function(const struct bpf_insn *insn)
{
	return (insn->code == (BPF_JMP | BPF_CALL) &&
		insn->src_reg == BPF_PSEUDO_CALL) ||
	       (insn->code == (BPF_LD | BPF_IMM | BPF_DW) &&
		insn->src_reg == BPF_PSEUDO_FUNC);
}

static void copy_old(struct work *w, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		struct bpf_insn *insn = &w->insns[moved(w, i)];

		*insn = w->old[i];
		if (points_to_function(insn))
			insn->imm = (int)(moved(w, i + 1 + insn->imm) -
					  moved(w, i) - 1);
	}
}

static void copy_block(struct work *w, size_t at, const struct code *block)
{
	memcpy(w->insns + at, block->insns,
	       block->count * sizeof(*block->insns));
}

/* Lay out what there will be. */
static void plan(struct work *w)
{
	size_t blocks = w->rules->blocks;

	w->body = blocks > 1 ? chooser_size(blocks) : w->rules->block[0].count;
	w->count = moved(w, w->old_count);
	if (blocks == 1)
		return;
	for (size_t b = 0; b < blocks; b++) {
		w->block_at[b] = w->count;
		w->count += w->rules->block[b].count;
	}
}

static int insns_build(struct work *w)
{
	w->insns = calloc(w->count, sizeof(*w->insns));
	if (!w->insns)
		return -ENOMEM;
	copy_old(w, 0, w->begin);
	copy_old(w, w->end, w->old_count);
	if (w->rules->blocks == 1) {
		copy_block(w, w->begin, &w->rules->block[0]);
		return 0;
	}
	chooser_write(w, w->begin, 0, w->rules->blocks);
	for (size_t b = 0; b < w->rules->blocks; b++)
		copy_block(w, w->block_at[b], &w->rules->block[b]);
	return 0;
}

/* Records of func_info and line_info begin with the instruction's number. */
static __u32 *record_at(const void *records, size_t size, size_t i)
{
	return (__u32 *)((char *)records + i * size);
}

/* The blocks that are functions beside the placeholder's. */
static size_t added(const struct work *w)
{
	return w->rules->blocks > 1 ? w->rules->blocks : 0;
}

/*
 * Copy records to where their instructions went, without those inside the
 * placeholder's body, and add one for each block, made from the placeholder's.
 * Returns how many there are, or -errno.
 */
static int records_move(const struct work *w, const void *old, size_t size,
			size_t count, void **records)
{
	char *all = calloc(count + added(w), size);
	const void *own = NULL;
	size_t n = 0;

	*records = all;
	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const __u32 *record = record_at(old, size, i);

		if (*record > w->begin && *record < w->end)
			continue;
		memcpy(all + n * size, record, size);
		*record_at(all, size, n) = moved(w, *record);
		if (*record == w->begin)
			own = record;
		n++;
	}
	if (!own)
		return -ENOENT;
	for (size_t b = 0; b < added(w); b++, n++) {
		memcpy(all + n * size, own, size);
		*record_at(all, size, n) = w->block_at[b];
	}
	return n;
}

static bool is_placeholder(const struct btf *btf,
			   const struct bpf_func_info *info)
{
	const struct btf_type *type = btf__type_by_id(btf, info->type_id);
	const char *name = type ? btf__name_by_offset(btf, type->name_off) : "";

	return name && !strcmp(name, placeholder);
}

/* Find the placeholder among the functions, which lie in order. */
static int placeholder_find(struct work *w, const struct btf *btf,
			    const struct bpf_prog_load_opts *opts)
{
	for (size_t i = 0; i < opts->func_info_cnt; i++) {
		const struct bpf_func_info *info = (void *)record_at(
			opts->func_info, opts->func_info_rec_size, i);

		if (!is_placeholder(btf, info))
			continue;
		w->begin = info->insn_off;
		w->type = info->type_id;
		w->end = w->old_count;
		if (i + 1 < opts->func_info_cnt)
			w->end = *record_at(opts->func_info,
					    opts->func_info_rec_size, i + 1);
		return 0;
	}
	return -ENOENT;
}

static int info_move(struct splice *splice, const struct work *w,
		     struct bpf_prog_load_opts *opts)
{
	int n = records_move(w, opts->func_info, opts->func_info_rec_size,
			     opts->func_info_cnt, &splice->func_info);

	if (n < 0)
		return n;
	opts->func_info = splice->func_info;
	opts->func_info_cnt = n;
	splice->functions = 1 + added(w);
	splice->type = w->type;
	n = records_move(w, opts->line_info, opts->line_info_rec_size,
			 opts->line_info_cnt, &splice->line_info);
	if (n < 0)
		return n;
	opts->line_info = splice->line_info;
	opts->line_info_cnt = n;
	return 0;
}

static int rules_splice(struct splice *splice, struct bpf_program *program,
			struct bpf_prog_load_opts *opts)
{
	struct work w = { .rules = splice->rules,
			  .old = bpf_program__insns(program),
			  .old_count = bpf_program__insn_cnt(program) };
	int err = placeholder_find(&w, splice->btf, opts);

	if (err)
		return err;
	plan(&w);
	err = insns_build(&w);
	splice->insns = w.insns;
	if (!err)
		err = info_move(splice, &w, opts);
	return err ? err : bpf_program__set_insns(program, w.insns, w.count);
}

static bool is_cmpxchg(const struct bpf_insn *insn)
{
	return BPF_CLASS(insn->code) == BPF_STX &&
	       BPF_MODE(insn->code) == BPF_XADD && insn->imm;
}

/*
 * A kernel without these refuses even those that it would never reach.  What
 * they return is what they would leave in r0.
 */
static int cmpxchg_remove(struct bpf_program *program)
{
	static const struct bpf_insn none = { .code = BPF_ALU64 | BPF_MOV |
						      BPF_K };
	size_t count = bpf_program__insn_cnt(program);
	struct bpf_insn *insns = calloc(count, sizeof(*insns));
	int err;

	if (!insns)
		return -ENOMEM;
	memcpy(insns, bpf_program__insns(program), count * sizeof(*insns));
	for (size_t i = 0; i < count; i++)
		if (is_cmpxchg(&insns[i]))
			insns[i] = none;
	err = bpf_program__set_insns(program, insns, count);
	free(insns);
	return err;
}

/* The splice under way: libbpf has one set of handlers for the process. */
static struct splice *current;

static int prepare(struct bpf_program *program, struct bpf_prog_load_opts *opts,
		   long cookie)
{
	int err = kernel_has_cmpxchg() ? 0 : cmpxchg_remove(program);

	(void)cookie;
	if (err)
		return err;
	if (!current || current->frags)
		opts->prog_flags |= BPF_F_XDP_HAS_FRAGS;
	if (!current || !current->rules || !current->rules->blocks)
		return 0;
	return rules_splice(current, program, opts);
}

/* Once and for good: libbpf 1.1 frees its list twice with the last handler. */
static int handler_register(void)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts,
		    .prog_prepare_load_fn = prepare);
	static bool done;
	int id;

	if (done)
		return 0;
	id = libbpf_register_prog_handler("xdp.frags", BPF_PROG_TYPE_XDP,
					  BPF_XDP, &opts);
	if (id < 0)
		return fail(-id, "cannot prepare the datapath: %s",
			    error_text(id));
	done = true;
	return 0;
}

int splice_begin(struct splice *splice, const struct rule_code *rules,
		 bool frags)
{
	int err = handler_register();

	if (err)
		return err;
	*splice = (struct splice){ .rules = rules, .frags = frags };
	current = splice;
	return 0;
}

void splice_end(struct splice *splice)
{
	current = NULL;
	free(splice->insns);
	free(splice->func_info);
	free(splice->line_info);
	*splice = (struct splice){ 0 };
}

/* How many functions of a type the kernel's program has, or -errno. */
static int functions_count(int program, unsigned int type)
{
	struct bpf_prog_info info = { 0 };
	_free_ struct bpf_func_info *functions = NULL;
	__u32 size = sizeof(info), count;
	int n = 0;

	if (bpf_obj_get_info_by_fd(program, &info, &size))
		return -errno;
	count = info.nr_func_info;
	functions = calloc(count + 1, sizeof(*functions));
	if (!functions)
		return -ENOMEM;
	info = (struct bpf_prog_info){
		.nr_func_info = count,
		.func_info_rec_size = sizeof(*functions),
		.func_info = (uintptr_t)functions,
	};
	if (bpf_obj_get_info_by_fd(program, &info, &size))
		return -errno;
	for (__u32 i = 0; i < count; i++)
		n += functions[i].type_id == type;
	return n;
}

/*
 * By their type: the verifier takes away functions that nobody calls, so the
 * number of all of them says nothing.
 */
int splice_check(const struct splice *splice, int program)
{
	int n;

	if (!splice->rules || !splice->rules->blocks)
		return 0;
	n = functions_count(program, splice->type);
	if (n < 0)
		return fail(-n, "cannot ask for the program: %s",
			    error_text(n));
	if (splice->functions && (unsigned int)n == splice->functions)
		return 0;
	return fail(EPROTO, "the rules are not in the program that the kernel "
		    "holds (%d functions of %u); libbpf %s may be too new", n,
		    splice->functions, libbpf_version_string());
}
