// SPDX-License-Identifier: GPL-2.0-only
/*
 * What do the rules say of a packet?  The same placeholder as the filter's,
 * and what it returns, where the test can see it.
 */
#include "bpf/rules.h"

__u64 matched[WEIR_RULE_BLOCKS];
__u32 linear;

SEC("xdp.frags")
int match(struct xdp_md *ctx)
{
	__u32 len = packet_len(ctx);

	linear = ctx->data_end - ctx->data;
	for (__u32 block = 0; block < WEIR_RULE_BLOCKS; block++) {
		if (block >= rule_blocks)
			break;
		matched[block] = rule_block(ctx, len, block);
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
