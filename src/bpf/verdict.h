/* SPDX-License-Identifier: GPL-2.0-only */
/* The only place that counts a packet and the only one that returns. */
#ifndef WEIR_VERDICT_H
#define WEIR_VERDICT_H

#include "bpf/clock.h"
#include "bpf/parse.h"

/* Interface x reason, and what would be.  Written by the datapath alone. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WEIR_ROWS);
	__type(key, __u32);
	__type(value, struct weir_row);
} counters SEC(".maps");

#define ACTION_PASS	XDP_PASS
#define ACTION_DROP	XDP_DROP
#define ACTION_TX	XDP_TX
#define ACTION_ABORT	XDP_ABORTED
#define ACTION(name, verdict, word, text) ACTION_##verdict,

static const __u8 action_of_reason[WEIR_MAX_REASONS] = {
	WEIR_REASONS(ACTION)
};

static __always_inline __u32 slot_of(__u32 ifindex)
{
	__u32 slot = READ_ONCE(runtime.first[ifindex % WEIR_MAX_INTERFACES]);

	for (int i = 0; i < WEIR_MAX_INTERFACES; i++) {
		slot %= WEIR_MAX_INTERFACES;
		if (slot == WEIR_SLOT_OTHER ||
		    READ_ONCE(runtime.slot[slot].ifindex) == ifindex)
			return slot;
		slot = READ_ONCE(runtime.slot[slot].next);
	}
	return WEIR_SLOT_OTHER;
}

static __always_inline void row_count(struct weir_row *row, __u32 reason,
				      __u32 len)
{
	row->reason[reason].packets++;
	row->reason[reason].bytes += len;
}

static __always_inline bool is_paused(void)
{
	__u64 until = READ_ONCE(runtime.paused_until_ns);

	return until && clock_coarse_ns() < until;
}

/* A policy that nobody confirmed in time only observes from then on. */
static __always_inline bool is_observing(void)
{
	if (observe)
		return true;
	return generation && READ_ONCE(runtime.unconfirmed) == generation &&
	       clock_coarse_ns() >= READ_ONCE(runtime.confirm_until_ns);
}

/*
 * What becomes of a reason that would not let the packet pass, while nothing
 * is dropped: it is counted apart.
 */
static __always_inline __u32 unless_spared(__u32 reason, __u32 len)
{
	__u32 slot = WEIR_ROW_WOULD;
	struct weir_row *would;
	__u32 spared;

	if (action_of_reason[reason] == XDP_PASS)
		return reason;
	if (is_paused())
		spared = WEIR_PAUSED;
	else if (is_observing())
		spared = WEIR_OBSERVED;
	else
		return reason;
	would = bpf_map_lookup_elem(&counters, &slot);
	if (would)
		row_count(would, reason, len);
	return spared;
}

static __always_inline int verdict(struct xdp_md *ctx, const struct packet *p,
				   __u32 reason)
{
	__u32 slot = slot_of(ctx->ingress_ifindex);
	struct weir_row *row = bpf_map_lookup_elem(&counters, &slot);
	__u32 len = p->len ?: packet_len(ctx);

	if (!row)
		return XDP_ABORTED;
	asm volatile("%0 &= %1" : "+r"(reason) : "i"(WEIR_MAX_REASONS - 1));
	reason = unless_spared(reason, len);
	row_count(row, reason, len);
	return action_of_reason[reason];
}

#endif
