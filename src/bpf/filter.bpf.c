// SPDX-License-Identifier: GPL-2.0-only
/*
 * The datapath.  Each stage returns 0 where it has no objection, or the reason
 * that settles the packet.
 */
#include "bpf/stage.h"
#include "bpf/parse.h"
#include "bpf/list.h"
#include "bpf/verdict.h"

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
	struct packet p = { 0 };
	int reason;

	reason = parse(ctx, &p) ?: allow(&p) ?: deny(&p);
	return verdict(ctx, &p, reason);
}

char _license[] SEC("license") = "GPL";
