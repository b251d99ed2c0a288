// SPDX-License-Identifier: GPL-2.0-only
/* The floor: what a program that only drops, or only passes, costs. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp.drop")
int bare_drop(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_DROP;
}

SEC("xdp.pass")
int bare_pass(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
