// SPDX-License-Identifier: GPL-2.0-only
/*
 * The datapath.  Each stage returns 0 where it has no objection, or the reason
 * that settles the packet.
 */
#include "bpf/stage.h"
#include "bpf/parse.h"
#include "bpf/list.h"
#include "bpf/guard.h"
#include "bpf/rules.h"
#include "bpf/fallback.h"
#include "bpf/verdict.h"

static __always_inline int allow(const struct packet *p)
{
	return entry_count(source_find(WEIR_ALLOW, p), p) ? WEIR_ALLOWED : 0;
}

/* Without p->neighbour there is no IPv6 at all: no list stops it. */
static __always_inline int deny(const struct packet *p)
{
	if (p->neighbour)
		return 0;
	if (entry_count(denied_find(p), p))
		return WEIR_DENIED;
	return entry_count(port_find(p), p) ? WEIR_DENIED_PORT : 0;
}

static __always_inline int filter(struct xdp_md *ctx, const bool checked)
{
	struct packet p = { .checked = checked };
	int reason;

	reason = parse(ctx, &p);
	if (reason == WEIR_NOT_IP)
		reason = rules(ctx, &p) ?: reason;
	else
		reason = reason ?: allow(&p) ?: deny(&p) ?: ban(&p) ?:
			 guard(&p) ?: rules(ctx, &p) ?: fallback(&p);
	return verdict(ctx, &p, reason);
}

/*
 * Compiled twice; the verifier removes the one that the policy does not need.
 * What guards and default drop ask for cannot be noted for nothing, and where
 * nobody asks a packet must not pay for it.
 */
SEC("xdp.frags")
int weir_filter(struct xdp_md *ctx)
{
	if (guards || default_drop)
		return filter(ctx, true);
	return filter(ctx, false);
}

char _license[] SEC("license") = "GPL";
