// SPDX-License-Identifier: GPL-2.0-only
#include <stdint.h>

#include "policy/limit.h"

#define NS 1000000000ULL
#define LEAST_AUTOMATIC (1 << 14)	/* 128 KiB */
#define MOST_AUTOMATIC (1 << 17)	/* 1 MiB */

/* A limit is safe where it is so many times what a flood charges a cell. */
#define SAFE 4

/* At most so many units a nanosecond: wraps in a century. */
#define MOST_UNITS 4

typedef unsigned __int128 u128;

/* Packets or bytes a nanosecond are amount / in_ns(). */
static u128 in_ns(const struct rate *rate)
{
	return (u128)NS * rate->period_s * (rate->bits ? 8 : 1);
}

/* Rounded up: what comes on the dot conforms. */
static u128 multiplier(u128 units, u128 ns, unsigned int shift)
{
	return ((units << shift) + ns - 1) / ns;
}

/* The clock: as fine as it may be, and a unit of traffic a power of two. */
static void clock_scale(const struct rate *rate, struct weir_limit *limit)
{
	u128 ns = in_ns(rate), units = rate->amount;

	for (limit->unit = 0; units * 2 <= ns * MOST_UNITS; limit->unit++)
		units *= 2;
	limit->shift = 32;
	while (multiplier(units, ns, limit->shift) > UINT32_MAX)
		limit->shift--;
	limit->mult = multiplier(units, ns, limit->shift);
}

/* Packets or bytes a second. */
static double rate_of(const struct rate *rate)
{
	return rate->amount / ((double)in_ns(rate) / NS);
}

static __u64 burst_of(const struct rule *rule)
{
	__u64 burst = rule->rate.amount * NS / in_ns(&rule->rate);
	__u64 least = rule->rate.bits ? LIMIT_LEAST_BYTES : 1;

	if (rule->burst)
		return rule->burst;
	return burst > least ? burst : least;
}

static bool has_key(const struct key *key)
{
	return key->src || key->dst || key->sport || key->dport;
}

/* Both of a source's cells are charged. */
static double charge_of(const struct rule *rule, __u64 cells)
{
	double flood = LIMIT_FLOOD_PPS *
		       (rule->rate.bits ? LIMIT_FLOOD_SIZE : 1.0);

	return 2 * flood / cells;
}

static bool is_safe(const struct rule *rule, __u64 cells)
{
	return rate_of(&rule->rate) >= SAFE * charge_of(rule, cells);
}

static __u32 cells_of(const struct rule *rule)
{
	__u32 cells = LEAST_AUTOMATIC;

	if (!has_key(&rule->key))
		return 1;
	if (rule->cells) {
		for (cells = WEIR_LEAST_CELLS; cells < rule->cells;)
			cells *= 2;
		return cells;
	}
	while (cells < MOST_AUTOMATIC && !is_safe(rule, cells))
		cells *= 2;
	return cells;
}

void limit_scale(const struct rule *rule, struct weir_limit *limit)
{
	const struct key *key = &rule->key;

	*limit = (struct weir_limit){
		.ban_ns = rule->ban_s * NS,
		.cells = cells_of(rule),
		.bytes = rule->rate.bits,
		.key = (key->src ? WEIR_KEY_SRC : 0) |
		       (key->dst ? WEIR_KEY_DST : 0) |
		       (key->sport ? WEIR_KEY_SPORT : 0) |
		       (key->dport ? WEIR_KEY_DPORT : 0),
		.src4 = key->src4, .src6 = key->src6,
		.dst4 = key->dst4, .dst6 = key->dst6,
	};
	clock_scale(&rule->rate, limit);
	limit->burst = burst_of(rule) << limit->unit;
}

__u64 limit_cells_wanted(const struct rule *rule,
			 const struct weir_limit *limit, __u64 *charge)
{
	__u64 cells = limit->cells;

	*charge = charge_of(rule, cells) + 0.5;
	if (!(rule->key.src || rule->key.sport) || is_safe(rule, cells))
		return 0;
	while (cells <= WEIR_MOST_CELLS && !is_safe(rule, cells))
		cells *= 2;
	return cells;
}
