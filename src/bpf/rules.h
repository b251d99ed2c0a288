/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules: expressions compiled to blocks of 64, which say what matched, and
 * here what is done about it.
 */
#ifndef WEIR_BPF_RULES_H
#define WEIR_BPF_RULES_H

#include "bpf/limit.h"

/* Blocks of rules; 0 takes the stage out of the program. */
const volatile __u32 rule_blocks;

/*
 * The rules of block 'block' that match, up to and including the first that
 * ends the walk.  Compiled rules take this function's place when the program
 * is loaded (live/splice.c); weak, so that clang does not rely on what it
 * returns here.  What lies beyond the first buffer is out of range.
 */
__weak __noinline __u64 rule_block(struct xdp_md *ctx, __u32 len, __u32 block)
{
	asm volatile("" : : "r"(ctx), "r"(len), "r"(block));
	return 0;
}

/* The reason for which a rule settles the packet, or 0: the walk goes on. */
static __always_inline __u32 rule_act(const struct weir_rule *rule)
{
	if (rule->flags & WEIR_RULE_OBSERVED)
		return 0;
	switch (rule->action) {
	case WEIR_DO_DROP:
		return WEIR_RULE_DROP;
	case WEIR_DO_PASS:
		return WEIR_RULE_PASS;
	case WEIR_DO_ABORT:
		return WEIR_RULE_ABORT;
	default:
		return 0;
	}
}

/*
 * Do what the rules that matched in a block say, in order.  A global function
 * of scalars: the verifier visits it once, not once a block.
 */
__noinline __u32 rules_act(__u64 matched, __u32 block, __u32 len)
{
	struct weir_rule *rule;
	__u32 place, reason;

	for (int i = 0; i < 64 && matched; i++) {
		place = 64 * block + lowest_bit(matched);
		matched &= matched - 1;
		rule = bpf_map_lookup_elem(&rule_table, &place);
		if (!rule)
			return 0;
		if (has_limits && rule->action == WEIR_DO_LIMIT) {
			reason = limit_act(place, len);
		} else {
			rule_count(rule->slot, len);
			reason = rule_act(rule);
		}
		if (reason)
			return reason;
	}
	return 0;
}

static __always_inline int rules(struct xdp_md *ctx, const struct packet *p)
{
	__u32 len, reason;
	__u64 matched;

	if (!rule_blocks)
		return 0;
	len = p->len ?: packet_len(ctx);
	if (has_limits)
		limit_prepare(p);
	for (__u32 block = 0; block < WEIR_RULE_BLOCKS; block++) {
		if (block >= rule_blocks)
			break;
		matched = rule_block(ctx, len, block);
		if (!matched)
			continue;
		reason = rules_act(matched, block, len);
		if (reason)
			return has_limits ? limit_settle(p, reason) : reason;
	}
	return 0;
}

#endif
