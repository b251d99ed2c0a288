/* SPDX-License-Identifier: GPL-2.0-only */
/* Compiled rules: what the compiler makes and the loader splices in. */
#ifndef WEIR_CODE_H
#define WEIR_CODE_H

#include <linux/bpf.h>
#include <stddef.h>

#include "abi.h"

/* A growing array of instructions. */
struct code {
	struct bpf_insn *insns;
	size_t count, room;
};

/*
 * Each block is a function __u64 (struct xdp_md *ctx, __u32 len) without calls:
 * bit B of what block K returns says that the rule at 64 K + B matched.  It
 * looks no further than the first match of a rule that ends the walk.
 */
struct rule_code {
	struct code block[WEIR_RULE_BLOCKS];
	size_t blocks;
	size_t rules;
	__u32 *place;		/* of each rule: 64 x block + bit */
};

#endif
