// SPDX-License-Identifier: GPL-2.0-only
/*
 * The datapath.  Each stage returns 0 where it has no objection, or the reason
 * that settles the packet.
 */
#include "bpf/stage.h"
#include "bpf/parse.h"
#include "bpf/list.h"
#include "bpf/verdict.h"

/* The kernel passes packets of several buffers (Linux 5.18). */
const volatile bool has_frags = true;

static __always_inline __u32 packet_len(struct xdp_md *ctx)
{
	return has_frags ? bpf_xdp_get_buff_len(ctx) :
			   ctx->data_end - ctx->data;
}

static __always_inline int allow(const struct packet *p)
{
	return list_covers(WEIR_ALLOW, p) ? WEIR_ALLOWED : 0;
}

/* Without neighbour discovery there is no IPv6 at all: no list stops it. */
static __always_inline int deny(const struct packet *p)
{
	return !p->neighbour && list_covers(WEIR_DENY, p) ? WEIR_DENIED : 0;
}

SEC("xdp.frags")
int weir_filter(struct xdp_md *ctx)
{
	struct packet p = { .len = packet_len(ctx) };
	int reason;

	reason = parse(ctx, &p) ?: allow(&p) ?: deny(&p);
	return verdict(ctx, &p, reason);
}

char _license[] SEC("license") = "GPL";
