// SPDX-License-Identifier: GPL-2.0-only
/*
 * A rule is specialised for what is known of its packets, then looked at from
 * its end to its beginning (which registers are still wanted, how many bytes
 * every way to a match reads), then forwards (how far r4 may be read), then
 * written.  What every way to a match reads is checked with the first load, so
 * most rules compare with data_end once.
 */
#include <linux/filter.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "compile/translate.h"

#define NEVER		(~0ULL)
#define WANT_A		(1U << 0)
#define WANT_X		(1U << 1)
#define WANT_MEM(m)	(4U << (m))

/* Where control goes on, besides to an instruction's number. */
#define ACCEPT		CLASSIC_MAX
#define REJECT		(CLASSIC_MAX + 1)
#define TARGETS		(CLASSIC_MAX + 2)

struct fixup {
	size_t at;		/* the jump */
	__u32 target;
};

struct job {
	const struct rule *rule;
	const struct facts *facts;
	struct code *code;
	struct effect *effect;
	__u32 count;
	struct cbpf_insn insn[CLASSIC_MAX];
	__u64 need[TARGETS];	/* bytes that every way to a match reads */
	__u64 checked[TARGETS];	/* bytes of r4 that may be read before it */
	__u32 want[TARGETS];	/* read before they are written */
	bool reached[TARGETS];
	size_t start[TARGETS];	/* in the code */
	struct fixup *fixups;
	size_t fixup_count, fixup_room;
	bool compared;		/* A with X, so bounds may contradict */
	bool no_memory;
};

bool code_append(struct code *code, const struct bpf_insn *insns, size_t count)
{
	struct bpf_insn *more;
	size_t room;

	if (code->count + count > code->room) {
		room = 2 * (code->room + count);
		more = realloc(code->insns, room * sizeof(*more));
		if (!more)
			return false;
		code->insns = more;
		code->room = room;
	}
	memcpy(code->insns + code->count, insns, count * sizeof(*insns));
	code->count += count;
	return true;
}

void code_free(struct code *code)
{
	free(code->insns);
	*code = (struct code){ 0 };
}

#define emit(job, ...)                                                         \
	do {                                                                   \
		const struct bpf_insn insns_[] = { __VA_ARGS__ };              \
		if (!code_append((job)->code, insns_,                          \
				 sizeof(insns_) / sizeof(insns_[0])))          \
			(job)->no_memory = true;                               \
	} while (0)

static bool is_jump(const struct cbpf_insn *insn)
{
	return BPF_CLASS(insn->code) == BPF_JMP;
}

static bool is_fork(const struct cbpf_insn *insn)
{
	return is_jump(insn) && BPF_OP(insn->code) != BPF_JA;
}

static bool by_x(const struct cbpf_insn *insn)
{
	return BPF_SRC(insn->code) == BPF_X;
}

static bool is_load(const struct cbpf_insn *insn)
{
	return BPF_CLASS(insn->code) == BPF_LD ||
	       BPF_CLASS(insn->code) == BPF_LDX;
}

static __u32 size_of(const struct cbpf_insn *insn)
{
	return BPF_SIZE(insn->code) == BPF_W ? 4 :
	       BPF_SIZE(insn->code) == BPF_H ? 2 : 1;
}

static bool loads_at_constant(const struct cbpf_insn *insn)
{
	return is_load(insn) && (BPF_MODE(insn->code) == BPF_ABS ||
				 BPF_MODE(insn->code) == BPF_MSH);
}

static bool loads_at_x(const struct cbpf_insn *insn)
{
	return is_load(insn) && BPF_MODE(insn->code) == BPF_IND;
}

/* Where control really goes: jumps and returns are seen through. */
static __u32 target_of(const struct job *job, __u32 i)
{
	while (i < job->count &&
	       job->insn[i].code == (BPF_JMP | BPF_JA))
		i += 1 + job->insn[i].k;
	if (i < job->count && job->insn[i].code == (BPF_RET | BPF_K))
		return job->insn[i].k ? ACCEPT : REJECT;
	return job->need[i] > REACH_MAX ? REJECT : i;
}

/* The one or two ways on from an instruction that is neither jump nor RET K. */
static void ways_on(const struct job *job, __u32 i, __u32 way[2])
{
	const struct cbpf_insn *insn = &job->insn[i];

	if (is_fork(insn)) {
		way[0] = target_of(job, i + 1 + insn->jt);
		way[1] = target_of(job, i + 1 + insn->jf);
	} else if (BPF_CLASS(insn->code) == BPF_RET) {
		way[0] = ACCEPT;
		way[1] = REJECT;
	} else {
		way[0] = way[1] = target_of(job, i + 1);
	}
}

static bool vanishes(const struct cbpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_JA) ||
	       insn->code == (BPF_RET | BPF_K);
}

/* Which registers an instruction reads, and which it writes. */
static __u32 reads_of(const struct cbpf_insn *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_LDX:
		if (BPF_MODE(insn->code) == BPF_MEM)
			return WANT_MEM(insn->k);
		return loads_at_x(insn) ? WANT_X : 0;
	case BPF_ST:
		return WANT_A;
	case BPF_STX:
		return WANT_X;
	case BPF_ALU:
	case BPF_JMP:
		return WANT_A | (by_x(insn) ? WANT_X : 0);
	case BPF_RET:
		return WANT_A;
	default:
		return insn->code == (BPF_MISC | BPF_TAX) ? WANT_A : WANT_X;
	}
}

static __u32 writes_of(const struct cbpf_insn *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_ALU:
		return WANT_A;
	case BPF_LDX:
		return WANT_X;
	case BPF_ST:
	case BPF_STX:
		return WANT_MEM(insn->k);
	case BPF_MISC:
		return insn->code == (BPF_MISC | BPF_TAX) ? WANT_X : WANT_A;
	default:
		return 0;
	}
}

/* May an instruction say "no match", whatever becomes of its result? */
static bool may_reject(const struct cbpf_insn *insn)
{
	return loads_at_x(insn) ||
	       (BPF_CLASS(insn->code) == BPF_ALU && by_x(insn) &&
		(BPF_OP(insn->code) == BPF_DIV ||
		 BPF_OP(insn->code) == BPF_MOD));
}

/* Is what an instruction computes wanted behind it? */
static bool is_wanted(const struct job *job, __u32 i)
{
	const struct cbpf_insn *insn = &job->insn[i];
	__u32 way[2];

	if (!writes_of(insn) || may_reject(insn))
		return true;
	ways_on(job, i, way);
	return writes_of(insn) & job->want[way[0]];
}

static void look_backwards(struct job *job)
{
	job->need[ACCEPT] = 0;
	job->need[REJECT] = NEVER;
	for (__u32 i = job->count; i-- > 0;) {
		const struct cbpf_insn *insn = &job->insn[i];
		__u64 own = 0;
		__u32 way[2];

		if (vanishes(insn))
			continue;
		ways_on(job, i, way);
		if (loads_at_constant(insn) || loads_at_x(insn))
			own = (__u64)insn->k + size_of(insn);
		job->need[i] = job->need[way[0]] < job->need[way[1]] ?
				       job->need[way[0]] : job->need[way[1]];
		if (job->need[i] < own)
			job->need[i] = own;
		job->want[i] = job->want[way[0]] | job->want[way[1]];
		if (is_wanted(job, i))
			job->want[i] = (job->want[i] & ~writes_of(insn)) |
				       reads_of(insn);
	}
}

/* Bytes of r4 that may be read behind an instruction. */
static __u64 checked_behind(const struct job *job, __u32 i)
{
	const struct cbpf_insn *insn = &job->insn[i];

	if (loads_at_constant(insn) &&
	    (__u64)insn->k + size_of(insn) > job->checked[i])
		return job->need[i];
	return job->checked[i];
}

static void reach(struct job *job, __u32 target, __u64 checked)
{
	if (!job->reached[target] || job->checked[target] > checked)
		job->checked[target] = checked;
	job->reached[target] = true;
}

static void look_forwards(struct job *job)
{
	__u32 way[2];

	reach(job, target_of(job, 0), job->facts->len);
	for (__u32 i = 0; i < job->count; i++) {
		if (!job->reached[i])
			continue;
		ways_on(job, i, way);
		reach(job, way[0], checked_behind(job, i));
		reach(job, way[1], checked_behind(job, i));
	}
}

/* The next jump written goes to that target. */
static void aim(struct job *job, __u32 target)
{
	struct fixup *more;

	if (target == REJECT)
		job->effect->passes = true;
	if (job->fixup_count == job->fixup_room) {
		job->fixup_room = 2 * job->fixup_room + 16;
		more = realloc(job->fixups, job->fixup_room * sizeof(*more));
		if (!more) {
			job->no_memory = true;
			return;
		}
		job->fixups = more;
	}
	job->fixups[job->fixup_count++] =
		(struct fixup){ job->code->count, target };
}

static void emit_fork(struct job *job, struct bpf_insn insn, __u32 target)
{
	aim(job, target);
	emit(job, insn);
	job->effect->jumps++;
}

static void emit_jump(struct job *job, __u32 target, __u32 next)
{
	if (target == next)
		return;
	aim(job, target);
	emit(job, JUMP(0));
}

static void emit_check(struct job *job, __u32 len)
{
	emit(job, MOV64_REG(R_TMP, R_DATA), ALU64_IMM(BPF_ADD, R_TMP, len));
	emit_fork(job, JUMP64_REG(BPF_JGT, R_TMP, R_END, 0), REJECT);
	job->effect->looked = true;
}

/* Load in network order what lies 'off' behind a pointer. */
static void emit_load(struct job *job, const struct cbpf_insn *insn, int dst,
		      int src, int off)
{
	emit(job, LOAD(BPF_SIZE(insn->code), dst, src, off));
	if (BPF_SIZE(insn->code) == BPF_W)
		emit(job, TO_BE(dst, 32));
	else if (BPF_SIZE(insn->code) == BPF_H)
		emit(job, TO_BE(dst, 16));
}

static void emit_load_at_constant(struct job *job, const struct cbpf_insn *insn,
				  int dst)
{
	if (insn->k <= INT16_MAX) {
		emit_load(job, insn, dst, R_DATA, insn->k);
		return;
	}
	emit(job, MOV64_REG(R_TMP, R_DATA), ALU64_IMM(BPF_ADD, R_TMP, insn->k));
	emit_load(job, insn, dst, R_TMP, 0);
}

/*
 * X + k in 64 bits, so that nothing wraps; then as a pointer of its own.
 *
 * Linux 6.1 follows both ways of a comparison of registers, even the one that
 * their bounds exclude, and there takes X for no offset of a packet.  The AND
 * changes no number and makes its bounds possible ones.
 */
static void emit_load_at_x(struct job *job, const struct cbpf_insn *insn)
{
	__u32 size = size_of(insn);

	emit(job, MOV64_REG(R_TMP, R_X));
	if (insn->k)
		emit(job, ALU64_IMM(BPF_ADD, R_TMP, insn->k));
	emit_fork(job, JUMP64_IMM(BPF_JGT, R_TMP, REACH_MAX - size, 0), REJECT);
	if (job->compared)
		emit(job, ALU64_IMM(BPF_AND, R_TMP, 0xffff));
	emit(job, ALU64_REG(BPF_ADD, R_TMP, R_DATA),
	     ALU64_IMM(BPF_ADD, R_TMP, size));
	emit_fork(job, JUMP64_REG(BPF_JGT, R_TMP, R_END, 0), REJECT);
	emit_load(job, insn, R_A, R_TMP, -(int)size);
}

static int mem_offset(__u32 m)
{
	return -8 * (int)(m + 1);
}

static void emit_ld(struct job *job, const struct cbpf_insn *insn, int dst)
{
	switch (BPF_MODE(insn->code)) {
	case BPF_ABS:
		emit_load_at_constant(job, insn, dst);
		break;
	case BPF_MSH:
		emit_load_at_constant(job, insn, dst);
		emit(job, ALU32_IMM(BPF_AND, dst, 0xf),
		     ALU32_IMM(BPF_LSH, dst, 2));
		break;
	case BPF_IND:
		emit_load_at_x(job, insn);
		break;
	case BPF_IMM:
		emit(job, MOV32_IMM(dst, insn->k));
		break;
	case BPF_MEM:
		emit(job, LOAD(BPF_DW, dst, BPF_REG_10, mem_offset(insn->k)));
		break;
	default:
		emit(job, MOV32_REG(dst, R_LEN));
	}
}

/* Classic shifts by more than 31 give 0, the machine's and eBPF's do not. */
static void emit_shift(struct job *job, __u16 op)
{
	emit(job, JUMP32_IMM(BPF_JGT, R_X, 31, 2), ALU32_REG(op, R_A, R_X),
	     JUMP(1), MOV32_IMM(R_A, 0));
	job->effect->jumps++;
}

static void emit_alu(struct job *job, const struct cbpf_insn *insn)
{
	__u16 op = BPF_OP(insn->code);

	if (!by_x(insn)) {
		emit(job, ALU32_IMM(op, R_A, op == BPF_NEG ? 0 : insn->k));
		return;
	}
	if (op == BPF_LSH || op == BPF_RSH) {
		emit_shift(job, op);
		return;
	}
	if (op == BPF_DIV || op == BPF_MOD)
		emit_fork(job, JUMP32_IMM(BPF_JEQ, R_X, 0, 0), REJECT);
	emit(job, ALU32_REG(op, R_A, R_X));
}

/* The jump that is taken where the other is not; JSET has none. */
static __u16 opposite(__u16 op)
{
	return op == BPF_JEQ ? BPF_JNE :
	       op == BPF_JGT ? BPF_JLE :
	       op == BPF_JGE ? BPF_JLT : 0;
}

static void emit_comparison(struct job *job, const struct cbpf_insn *insn,
			    __u16 op, __u32 target)
{
	emit_fork(job, by_x(insn) ? JUMP32_REG(op, R_A, R_X, 0) :
				    JUMP32_IMM(op, R_A, insn->k, 0), target);
	job->compared = job->compared || by_x(insn);
}

static void emit_branch(struct job *job, const struct cbpf_insn *insn,
			const __u32 way[2], __u32 next)
{
	__u16 op = BPF_OP(insn->code);

	if (way[0] == way[1]) {
		emit_jump(job, way[0], next);
	} else if (way[0] == next && opposite(op)) {
		emit_comparison(job, insn, opposite(op), way[1]);
	} else {
		emit_comparison(job, insn, op, way[0]);
		emit_jump(job, way[1], next);
	}
}

static void emit_insn(struct job *job, __u32 i, __u32 next)
{
	const struct cbpf_insn *insn = &job->insn[i];
	__u32 way[2];

	ways_on(job, i, way);
	if (checked_behind(job, i) != job->checked[i])
		emit_check(job, checked_behind(job, i));
	if (is_fork(insn)) {
		emit_branch(job, insn, way, next);
		return;
	}
	if (BPF_CLASS(insn->code) == BPF_RET) {
		emit_fork(job, JUMP32_IMM(BPF_JEQ, R_A, 0, 0), REJECT);
	} else if (is_wanted(job, i)) {
		switch (BPF_CLASS(insn->code)) {
		case BPF_LD:
			emit_ld(job, insn, R_A);
			break;
		case BPF_LDX:
			emit_ld(job, insn, R_X);
			break;
		case BPF_ST:
			emit(job, STORE(BPF_DW, BPF_REG_10, R_A,
					mem_offset(insn->k)));
			break;
		case BPF_STX:
			emit(job, STORE(BPF_DW, BPF_REG_10, R_X,
					mem_offset(insn->k)));
			break;
		case BPF_ALU:
			emit_alu(job, insn);
			break;
		default:
			emit(job, insn->code == (BPF_MISC | BPF_TAX) ?
					  MOV32_REG(R_X, R_A) :
					  MOV32_REG(R_A, R_X));
		}
	}
	emit_jump(job, way[0], next);
}

/* Registers and memory start as 0 where they are read before anything else. */
static void emit_start(struct job *job, __u32 entry)
{
	__u32 want = job->want[entry];

	if (want & WANT_A)
		emit(job, MOV32_IMM(R_A, 0));
	if (want & WANT_X)
		emit(job, MOV32_IMM(R_X, 0));
	for (__u32 m = 0; m < CLASSIC_WORDS; m++)
		if (want & WANT_MEM(m))
			emit(job, INSN(BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0,
				       mem_offset(m), 0));
}

static void emit_match(struct job *job)
{
	__u64 bit = 1ULL << job->rule->bit;

	if (job->rule->bit < 31)
		emit(job, ALU64_IMM(BPF_OR, R_MATCHED, bit));
	else
		emit(job, INSN(BPF_LD | BPF_DW | BPF_IMM, R_TMP, 0, 0, bit),
		     INSN(0, 0, 0, 0, bit >> 32),
		     ALU64_REG(BPF_OR, R_MATCHED, R_TMP));
	if (job->rule->ends)
		emit(job, EXIT());
}

/* The next instruction in the order they are written in. */
static __u32 next_of(const struct job *job, __u32 i)
{
	for (i++; i < job->count; i++)
		if (job->reached[i])
			return i;
	return ACCEPT;
}

static int fixups_apply(struct job *job)
{
	for (size_t i = 0; i < job->fixup_count; i++) {
		const struct fixup *fix = &job->fixups[i];
		long off = (long)job->start[fix->target] - (long)fix->at - 1;

		if (off > INT16_MAX)
			return -E2BIG;
		job->code->insns[fix->at].off = off;
	}
	return 0;
}

static int rule_write(struct job *job)
{
	emit_start(job, target_of(job, 0));
	for (__u32 i = next_of(job, -1U); i < job->count; i = next_of(job, i)) {
		job->start[i] = job->code->count;
		emit_insn(job, i, next_of(job, i));
	}
	job->start[ACCEPT] = job->code->count;
	emit_match(job);
	job->start[REJECT] = job->code->count;
	return job->no_memory ? -ENOMEM : fixups_apply(job);
}

static void job_free(struct job **job)
{
	if (*job)
		free((*job)->fixups);
	free(*job);
}

int rule_translate(const struct rule *rule, const struct facts *facts,
		   struct code *code, struct effect *effect)
{
	_cleanup_(job_free) struct job *job = calloc(1, sizeof(*job));
	size_t before = code->count;
	int err;

	if (!job)
		return -ENOMEM;
	*effect = (struct effect){ .passes = !rule->ends };
	job->rule = rule;
	job->facts = facts;
	job->code = code;
	job->effect = effect;
	job->count = rule->program.count;
	classic_specialise(&rule->program, facts, job->insn);
	look_backwards(job);
	look_forwards(job);
	effect->matches = job->reached[ACCEPT];
	if (!effect->matches) {
		effect->passes = true;
		return 0;
	}
	err = rule_write(job);
	if (err)
		code->count = before;
	return err;
}
