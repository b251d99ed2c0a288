// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classic programs only jump forwards, so one pass over the instructions sees
 * every state before the states that follow from it.  A state knows, bit by
 * bit, what is certain of the two registers and the scratch memory.
 */
#include <linux/filter.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "compile/classic.h"

struct bits {
	__u32 mask;		/* known */
	__u32 value;		/* of those; the others are 0 here */
};

struct state {
	bool reached;
	struct bits a, x, mem[CLASSIC_WORDS];
};

struct pass {
	const struct cbpf *program;
	const struct facts *facts;
	struct state *states;
	struct cbpf_insn *out;
};

static int refuse(char *why, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, size, format, args);
	va_end(args);
	return -EINVAL;
}

static bool load_is_known(const struct cbpf_insn *insn)
{
	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
	case BPF_LD | BPF_H | BPF_ABS:
	case BPF_LD | BPF_B | BPF_ABS:
	case BPF_LD | BPF_W | BPF_IND:
	case BPF_LD | BPF_H | BPF_IND:
	case BPF_LD | BPF_B | BPF_IND:
	case BPF_LDX | BPF_B | BPF_MSH:
	case BPF_LD | BPF_IMM:
	case BPF_LDX | BPF_IMM:
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_W | BPF_LEN:
		return true;
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
		return insn->k < CLASSIC_WORDS;
	default:
		return false;
	}
}

static bool alu_is_known(const struct cbpf_insn *insn)
{
	bool by_constant = BPF_SRC(insn->code) == BPF_K;

	if (insn->code & ~(BPF_ALU | BPF_X | 0xf0))
		return false;
	switch (BPF_OP(insn->code)) {
	case BPF_ADD:
	case BPF_SUB:
	case BPF_MUL:
	case BPF_AND:
	case BPF_OR:
	case BPF_XOR:
		return true;
	case BPF_DIV:
	case BPF_MOD:
		return !by_constant || insn->k;
	case BPF_LSH:
	case BPF_RSH:
		return !by_constant || insn->k < 32;
	case BPF_NEG:
		return by_constant;
	default:
		return false;
	}
}

static bool insn_is_known(const struct cbpf_insn *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_LDX:
	case BPF_ST:
	case BPF_STX:
		return load_is_known(insn);
	case BPF_ALU:
		return alu_is_known(insn);
	case BPF_JMP:
		if (insn->code == (BPF_JMP | BPF_JA))
			return true;
		return BPF_OP(insn->code) <= BPF_JSET &&
		       BPF_OP(insn->code) != BPF_JA &&
		       !(insn->code & ~(BPF_JMP | BPF_X | 0xf0));
	case BPF_RET:
		return insn->code == (BPF_RET | BPF_K) ||
		       insn->code == (BPF_RET | BPF_A);
	default:
		return insn->code == (BPF_MISC | BPF_TAX) ||
		       insn->code == (BPF_MISC | BPF_TXA);
	}
}

static bool reads_special(const struct cbpf_insn *insn)
{
	bool packet = BPF_MODE(insn->code) == BPF_ABS ||
		      BPF_MODE(insn->code) == BPF_IND ||
		      BPF_MODE(insn->code) == BPF_MSH;

	return (BPF_CLASS(insn->code) == BPF_LD ||
		BPF_CLASS(insn->code) == BPF_LDX) &&
	       packet && insn->k >= CLASSIC_SPECIAL;
}

static bool is_jump_or_return(const struct cbpf_insn *insn)
{
	return BPF_CLASS(insn->code) == BPF_JMP ||
	       BPF_CLASS(insn->code) == BPF_RET;
}

/* Does every way on from instruction i stay inside the program? */
static bool stays_inside(const struct cbpf *program, size_t i)
{
	const struct cbpf_insn *insn = &program->insns[i];
	size_t left = program->count - i - 1;

	if (BPF_CLASS(insn->code) == BPF_RET)
		return true;
	if (insn->code == (BPF_JMP | BPF_JA))
		return insn->k < left;
	if (BPF_CLASS(insn->code) == BPF_JMP)
		return insn->jt < left && insn->jf < left;
	return left;
}

/*
 * The first instruction that reads scratch memory which some way there has not
 * written, or the count.  libpcap makes such programs of some texts with
 * "geneve", and what they say depends on what lay on its stack.
 */
static size_t unset_read(const struct cbpf *program)
{
	__u32 unset[CLASSIC_MAX + 1] = { ~0U };
	size_t i;

	for (i = 0; i < program->count; i++) {
		const struct cbpf_insn *insn = &program->insns[i];
		__u32 *next = &unset[i + 1], now = unset[i];

		if (insn->code == (BPF_LD | BPF_MEM) ||
		    insn->code == (BPF_LDX | BPF_MEM))
			if (now >> insn->k & 1)
				break;
		if (insn->code == BPF_ST || insn->code == BPF_STX)
			now &= ~(1U << insn->k);
		if (insn->code == (BPF_JMP | BPF_JA)) {
			next[insn->k] |= now;
		} else if (BPF_CLASS(insn->code) == BPF_JMP) {
			next[insn->jt] |= now;
			next[insn->jf] |= now;
		} else if (BPF_CLASS(insn->code) != BPF_RET) {
			next[0] |= now;
		}
	}
	return i;
}

int classic_check(const struct cbpf *program, char *why, size_t size)
{
	if (!program->count)
		return refuse(why, size, "an empty program");
	if (program->count > CLASSIC_MAX)
		return refuse(why, size, "%zu instructions, and %d is the most",
			      program->count, CLASSIC_MAX);
	for (size_t i = 0; i < program->count; i++) {
		const struct cbpf_insn *insn = &program->insns[i];

		if (reads_special(insn))
			return refuse(why, size, "asks for what is not in the "
				      "packet (offset %#x)", insn->k);
		if (!insn_is_known(insn))
			return refuse(why, size, "instruction %zu is not "
				      "classic BPF (%#x)", i, insn->code);
		if (!stays_inside(program, i))
			return refuse(why, size, is_jump_or_return(insn) ?
				      "instruction %zu jumps back or too far" :
				      "ends without a return, at %zu", i);
	}
	if (unset_read(program) < program->count)
		return refuse(why, size, "libpcap's program for it reads what "
			      "it never wrote; write it without 'geneve', or "
			      "as rules of their own");
	return 0;
}

static struct bits bits_of(__u32 value)
{
	return (struct bits){ ~0U, value };
}

static bool is_constant(struct bits b)
{
	return b.mask == ~0U;
}

static struct bits bits_join(struct bits a, struct bits b)
{
	__u32 mask = a.mask & b.mask & ~(a.value ^ b.value);

	return (struct bits){ mask, a.value & mask };
}

static void state_join(struct state *to, const struct state *from)
{
	if (!to->reached) {
		*to = *from;
		return;
	}
	to->a = bits_join(to->a, from->a);
	to->x = bits_join(to->x, from->x);
	for (int i = 0; i < CLASSIC_WORDS; i++)
		to->mem[i] = bits_join(to->mem[i], from->mem[i]);
}

static __u32 load_size(const struct cbpf_insn *insn)
{
	switch (BPF_SIZE(insn->code)) {
	case BPF_W:
		return 4;
	case BPF_H:
		return 2;
	default:
		return 1;
	}
}

/* What is known of a load; bytes that may not be there are not known. */
static struct bits bits_load(const struct facts *facts, __u64 k, __u32 size)
{
	struct bits b = { size == 4 ? 0 : ~0U << 8 * size, 0 };

	for (__u32 i = 0; i < size; i++) {
		__u32 shift = 8 * (size - 1 - i);

		if (k + size > facts->len || k + i >= FACTS_BYTES)
			continue;
		b.mask |= (__u32)facts->mask[k + i] << shift;
		b.value |= (__u32)(facts->value[k + i] & facts->mask[k + i])
			   << shift;
	}
	return b;
}

static __u32 compute(__u16 op, __u32 a, __u32 b)
{
	switch (op) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_MUL:
		return a * b;
	case BPF_DIV:
		return a / b;
	case BPF_MOD:
		return a % b;
	case BPF_AND:
		return a & b;
	case BPF_OR:
		return a | b;
	case BPF_XOR:
		return a ^ b;
	case BPF_LSH:
		return a << b;
	case BPF_RSH:
		return a >> b;
	default:
		return -a;
	}
}

/* An operation with a constant. */
static struct bits bits_compute(__u16 op, struct bits a, __u32 k)
{
	if (is_constant(a))
		return bits_of(compute(op, a.value, k));
	switch (op) {
	case BPF_AND:
		return (struct bits){ a.mask | ~k, a.value & k };
	case BPF_OR:
		return (struct bits){ a.mask | k, a.value | k };
	case BPF_XOR:
		return (struct bits){ a.mask, (a.value ^ k) & a.mask };
	case BPF_LSH:
		return (struct bits){ a.mask << k | ~(~0U << k), a.value << k };
	case BPF_RSH:
		return (struct bits){ a.mask >> k | ~(~0U >> k), a.value >> k };
	default:
		return (struct bits){ 0, 0 };
	}
}

static const struct cbpf_insn no_match = { .code = BPF_RET | BPF_K };

static struct cbpf_insn insn_of(__u16 code, __u32 k)
{
	return (struct cbpf_insn){ .code = code, .k = k };
}

/* A load of the packet.  What may be missing stays a load. */
static struct cbpf_insn specialise_load(const struct pass *pass,
					struct cbpf_insn insn, struct state *s)
{
	__u32 size = load_size(&insn);
	__u64 k = insn.k;

	if (BPF_MODE(insn.code) == BPF_IND) {
		if (!is_constant(s->x)) {
			s->a = bits_load(pass->facts, ~0U, size);
			return insn;
		}
		k += s->x.value;
		if (k > ~0U)
			return no_match;
		insn = insn_of(BPF_LD | BPF_SIZE(insn.code) | BPF_ABS, k);
	}
	s->a = bits_load(pass->facts, k, size);
	return is_constant(s->a) ? insn_of(BPF_LD | BPF_IMM, s->a.value) : insn;
}

static struct cbpf_insn specialise_ld(const struct pass *pass,
				      struct cbpf_insn insn, struct state *s)
{
	switch (BPF_MODE(insn.code)) {
	case BPF_ABS:
	case BPF_IND:
		return specialise_load(pass, insn, s);
	case BPF_IMM:
		s->a = bits_of(insn.k);
		return insn;
	case BPF_MEM:
		s->a = s->mem[insn.k];
		break;
	default:
		s->a = (struct bits){ 0, 0 };
	}
	return is_constant(s->a) ? insn_of(BPF_LD | BPF_IMM, s->a.value) : insn;
}

static struct cbpf_insn specialise_ldx(const struct pass *pass,
				       struct cbpf_insn insn, struct state *s)
{
	switch (BPF_MODE(insn.code)) {
	case BPF_MSH:
		s->x = bits_load(pass->facts, insn.k, 1);
		s->x = bits_compute(BPF_AND, s->x, 0xf);
		s->x = bits_compute(BPF_LSH, s->x, 2);
		if (insn.k >= pass->facts->len)
			return insn;
		break;
	case BPF_IMM:
		s->x = bits_of(insn.k);
		return insn;
	case BPF_MEM:
		s->x = s->mem[insn.k];
		break;
	default:
		s->x = (struct bits){ 0, 0 };
	}
	return is_constant(s->x) ? insn_of(BPF_LDX | BPF_IMM, s->x.value) : insn;
}

static struct cbpf_insn specialise_alu(struct cbpf_insn insn, struct state *s)
{
	__u16 op = BPF_OP(insn.code);

	if (BPF_SRC(insn.code) == BPF_X) {
		if (!is_constant(s->x)) {
			s->a = (struct bits){ 0, 0 };
			return insn;
		}
		if (!s->x.value && (op == BPF_DIV || op == BPF_MOD))
			return no_match;
		insn = insn_of(BPF_ALU | op | BPF_K, s->x.value);
		if (insn.k > 31 && (op == BPF_LSH || op == BPF_RSH)) {
			s->a = bits_of(0);
			return insn_of(BPF_LD | BPF_IMM, 0);
		}
	}
	s->a = bits_compute(op, s->a, insn.k);
	return is_constant(s->a) ? insn_of(BPF_LD | BPF_IMM, s->a.value) : insn;
}

/* How a comparison with a constant comes out: 1, 0, or -1 for nobody knows. */
static int outcome(__u16 op, struct bits a, __u32 k)
{
	__u32 least = a.value, most = a.value | ~a.mask;

	switch (op) {
	case BPF_JEQ:
		if ((a.value ^ k) & a.mask)
			return 0;
		return is_constant(a) ? 1 : -1;
	case BPF_JGT:
		return least > k ? 1 : most <= k ? 0 : -1;
	case BPF_JGE:
		return least >= k ? 1 : most < k ? 0 : -1;
	default:
		return a.value & k ? 1 : most & k ? -1 : 0;
	}
}

static struct cbpf_insn specialise_jmp(const struct pass *pass, size_t i,
				       const struct state *s)
{
	struct cbpf_insn insn = pass->program->insns[i];
	struct state *next = pass->states + i + 1, yes = *s;
	__u16 op = BPF_OP(insn.code);
	int known = -1;

	if (op == BPF_JA) {
		state_join(next + insn.k, s);
		return insn;
	}
	if (BPF_SRC(insn.code) == BPF_X && is_constant(s->x)) {
		insn.code = BPF_JMP | op | BPF_K;
		insn.k = s->x.value;
	}
	if (BPF_SRC(insn.code) == BPF_K)
		known = outcome(op, s->a, insn.k);
	if (insn.jt == insn.jf)
		known = 1;
	else if (BPF_SRC(insn.code) == BPF_K && op == BPF_JEQ)
		yes.a = bits_of(insn.k);
	if (known)
		state_join(next + insn.jt, &yes);
	if (known != 1)
		state_join(next + insn.jf, s);
	if (known < 0)
		return insn;
	return insn_of(BPF_JMP | BPF_JA, known ? insn.jt : insn.jf);
}

static struct cbpf_insn specialise_move(struct cbpf_insn insn, struct state *s)
{
	if (insn.code == (BPF_MISC | BPF_TAX)) {
		s->x = s->a;
		if (is_constant(s->x))
			return insn_of(BPF_LDX | BPF_IMM, s->x.value);
	} else {
		s->a = s->x;
		if (is_constant(s->a))
			return insn_of(BPF_LD | BPF_IMM, s->a.value);
	}
	return insn;
}

static struct cbpf_insn specialise_insn(const struct pass *pass, size_t i,
					struct state *s)
{
	struct cbpf_insn insn = pass->program->insns[i];

	switch (BPF_CLASS(insn.code)) {
	case BPF_LD:
		return specialise_ld(pass, insn, s);
	case BPF_LDX:
		return specialise_ldx(pass, insn, s);
	case BPF_ST:
		s->mem[insn.k] = s->a;
		return insn;
	case BPF_STX:
		s->mem[insn.k] = s->x;
		return insn;
	case BPF_ALU:
		return specialise_alu(insn, s);
	case BPF_JMP:
		return specialise_jmp(pass, i, s);
	case BPF_RET:
		if (insn.code == (BPF_RET | BPF_A) && is_constant(s->a))
			return insn_of(BPF_RET | BPF_K, s->a.value);
		return insn;
	default:
		return specialise_move(insn, s);
	}
}

void classic_specialise(const struct cbpf *program, const struct facts *facts,
			struct cbpf_insn *out)
{
	_free_ struct state *states = calloc(program->count, sizeof(*states));
	struct pass pass = { program, facts, states, out };

	if (!states) {		/* nothing gained, nothing lost */
		memcpy(out, program->insns, program->count * sizeof(*out));
		return;
	}
	states[0] = (struct state){ .reached = true, .a = bits_of(0),
				    .x = bits_of(0) };
	for (int i = 0; i < CLASSIC_WORDS; i++)
		states[0].mem[i] = bits_of(0);
	for (size_t i = 0; i < program->count; i++) {
		struct state s = states[i];

		out[i] = no_match;
		if (!s.reached)
			continue;
		out[i] = specialise_insn(&pass, i, &s);
		if (!is_jump_or_return(&program->insns[i]) &&
		    BPF_CLASS(out[i].code) != BPF_RET)
			state_join(&states[i + 1], &s);
	}
}
