/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Classic BPF to the instructions of a block of rules.  Pure: no system call.
 *
 * In a block:	r0  the rules that matched	r3  A, the accumulator
 *		r1  ctx				r7  X, the index register
 *		r2  the packet's length		r4  data	r5  data_end
 *						r6  between two instructions
 * Scratch memory lies on the stack.  A load out of range means no match.
 */
#ifndef WEIR_TRANSLATE_H
#define WEIR_TRANSLATE_H

#include "compile/classic.h"
#include "compile/code.h"

/* Farther than this no load reaches: the verifier's own limit is 65,535. */
#define REACH_MAX 65519

struct rule {
	struct cbpf program;	/* checked */
	unsigned int bit;	/* of r0 */
	bool ends;		/* the walk, where it matches */
};

/* What a rule's instructions do to those behind them. */
struct effect {
	bool matches;		/* some packet may match */
	bool passes;		/* control may go on behind the rule */
	bool looked;		/* r4 reaches farther than before on some path */
	size_t jumps;		/* conditional ones, on all paths together */
};

/*
 * Append a rule's instructions for packets of which 'facts' hold: r4 may be
 * read up to facts->len.  Returns 0, -E2BIG where jumps would not fit 16 bits,
 * or -ENOMEM; then the code is as it was.
 */
int rule_translate(const struct rule *rule, const struct facts *facts,
		   struct code *code, struct effect *effect);

/* Append instructions.  Returns false without memory. */
bool code_append(struct code *code, const struct bpf_insn *insns, size_t count);
void code_free(struct code *code);

#define INSN(op, d, s, o, i)					\
	((struct bpf_insn){ .code = (op), .dst_reg = (d),	\
			    .src_reg = (s), .off = (o), .imm = (i) })

#define R_MATCHED	BPF_REG_0
#define R_CTX		BPF_REG_1
#define R_LEN		BPF_REG_2
#define R_A		BPF_REG_3
#define R_DATA		BPF_REG_4
#define R_END		BPF_REG_5
#define R_TMP		BPF_REG_6
#define R_X		BPF_REG_7

#define MOV64_REG(d, s)	INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define MOV32_REG(d, s)	INSN(BPF_ALU | BPF_MOV | BPF_X, d, s, 0, 0)
#define MOV32_IMM(d, i)	INSN(BPF_ALU | BPF_MOV | BPF_K, d, 0, 0, i)
#define ALU64_REG(op, d, s) INSN(BPF_ALU64 | (op) | BPF_X, d, s, 0, 0)
#define ALU64_IMM(op, d, i) INSN(BPF_ALU64 | (op) | BPF_K, d, 0, 0, i)
#define ALU32_REG(op, d, s) INSN(BPF_ALU | (op) | BPF_X, d, s, 0, 0)
#define ALU32_IMM(op, d, i) INSN(BPF_ALU | (op) | BPF_K, d, 0, 0, i)
#define LOAD(size, d, s, o) INSN(BPF_LDX | BPF_MEM | (size), d, s, o, 0)
#define STORE(size, d, s, o) INSN(BPF_STX | BPF_MEM | (size), d, s, o, 0)
#define TO_BE(d, bits)	INSN(BPF_ALU | BPF_END | BPF_TO_BE, d, 0, 0, bits)
#define JUMP64_REG(op, d, s, o) INSN(BPF_JMP | (op) | BPF_X, d, s, o, 0)
#define JUMP64_IMM(op, d, i, o) INSN(BPF_JMP | (op) | BPF_K, d, 0, o, i)
#define JUMP32_REG(op, d, s, o) INSN(BPF_JMP32 | (op) | BPF_X, d, s, o, 0)
#define JUMP32_IMM(op, d, i, o) INSN(BPF_JMP32 | (op) | BPF_K, d, 0, o, i)
#define JUMP(o)		INSN(BPF_JMP | BPF_JA, 0, 0, o, 0)
#define EXIT()		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

#endif
