/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limits: the generic cell rate algorithm (ITU-T I.371).  A cell holds the time
 * at which all that was let through would have come at the rate: a packet
 * conforms if that lies less than a burst ahead of now, and moves it on.
 *
 * Each key has two cells and is over the limit only if both are.  What doc/
 * design.md says of this holds only because the higher cell is raised first and
 * the lower one, which decides, is moved last and by compare-and-swap.
 */
#ifndef WEIR_BPF_LIMIT_H
#define WEIR_BPF_LIMIT_H

#include "bpf/ban.h"
#include "bpf/rule.h"

/* The policy has limits.  Without, all of this vanishes. */
const volatile bool has_limits;

/* The packet whose rules are being looked at.  The datapath's alone. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct packet);
} limited SEC(".maps");

/*
 * A limit's cells, by its slot: made by userspace, and gone with the limit.
 * Only the datapath writes to them.
 */
struct limit_cells {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_INNER_MAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, WEIR_MAX_RULES);
	__type(key, __u32);
	__array(values, struct limit_cells);
} limit_cells SEC(".maps");

/* Packets and bytes over a limit, by its slot.  Written by the datapath. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WEIR_MAX_RULES);
	__type(key, __u32);
	__type(value, struct weir_counter);
} rule_excess SEC(".maps");

#define TRIES 16

/* Within this much of a burst ahead a cell is believed; see cell_ahead(). */
#define SKEW_SHIFT 36	/* 69 s */

/* The limit's own time: exact but for the multiplier's 2^-32, and wraps. */
static __always_inline __u64 limit_time(const struct weir_limit *limit,
					__u64 ns)
{
	return ((ns >> 32) * limit->mult << (32 - (limit->shift & 63))) +
	       ((ns & 0xffffffff) * limit->mult >> (limit->shift & 63));
}

/*
 * How far a cell is ahead of now, which is never more than 'most'.  Time wraps,
 * so that what is far ahead is behind: further than that, with a CPU that was
 * held up between reading the clock and coming here.
 */
static __always_inline __u64 cell_ahead(const struct weir_limit *limit,
					__u64 cell, __u64 now, __u64 most)
{
	__u64 skew = (__u64)limit->mult
		     << (SKEW_SHIFT - (limit->shift & 63));
	__u64 ahead = cell - now;

	return ahead > most + skew ? 0 : ahead;
}

/* False: somebody else moved it meanwhile. */
static __always_inline bool cell_move(__u64 *cell, __u64 was, __u64 to)
{
	return __sync_val_compare_and_swap(cell, was, to) == was;
}

/*
 * Take 'cost' from a key's two cells, which may be one.  Returns whether it
 * was there.
 */
static __always_inline bool cells_take(const struct weir_limit *limit,
				       __u64 *a, __u64 *b, __u64 now,
				       __u64 cost)
{
	__u64 is_a, is_b, ahead_a, ahead_b, ahead;

	for (int i = 0; i < TRIES; i++) {
		is_a = READ_ONCE(*a);
		is_b = READ_ONCE(*b);
		ahead_a = cell_ahead(limit, is_a, now, limit->burst);
		ahead_b = cell_ahead(limit, is_b, now, limit->burst);
		ahead = (ahead_b < ahead_a ? ahead_b : ahead_a) + cost;
		if (ahead > limit->burst)
			return false;
		if (ahead_b < ahead_a) {
			if ((ahead_a >= ahead ||
			     cell_move(a, is_a, now + ahead)) &&
			    cell_move(b, is_b, now + ahead))
				return true;
		} else {
			if ((a == b || ahead_b >= ahead ||
			     cell_move(b, is_b, now + ahead)) &&
			    cell_move(a, is_a, now + ahead))
				return true;
		}
	}
	return false;
}

/* What of a packet a limit is kept per; returns the number of words. */
static __always_inline __u32 key_words(const struct weir_limit *limit,
				       const struct packet *p,
				       __u64 word[HASH_WORDS])
{
	__u32 count = 0;

	if (p->family == 4) {
		word[0] = (__u64)leading_bits4(p->src.ip4, limit->src4) << 32 |
			  leading_bits4(p->dst.ip4, limit->dst4);
		count = 1;
	} else if (p->family == 6) {
		word[0] = leading_bits(p->src.ip6[0], limit->src6);
		word[1] = leading_bits(p->src.ip6[1], limit->src6 - 64);
		word[2] = leading_bits(p->dst.ip6[0], limit->dst6);
		word[3] = leading_bits(p->dst.ip6[1], limit->dst6 - 64);
		count = 4;
	}
	if (!(limit->key & (WEIR_KEY_SPORT | WEIR_KEY_DPORT)))
		return count;
	word[count] = (limit->key & WEIR_KEY_SPORT ? p->sport << 16 : 0) |
		      (limit->key & WEIR_KEY_DPORT ? p->dport : 0);
	/* So that an IPv4 packet with ports is no IPv6 one without. */
	return count + 1;
}

static __always_inline __u64 key_hash(const struct weir_limit *limit,
				      const struct packet *p)
{
	__u64 word[HASH_WORDS] = { 0 };
	__u32 count;

	if (!limit->key)
		return 0;
	count = key_words(limit, p, word);
	return hash_of(word, count);
}

/*
 * A suspect is two words of its limit's table, behind the cells: a tag, and a
 * time as cells have it.
 */
static __always_inline bool suspect_is(void *cells, __u32 at, __u64 tag)
{
	__u64 *tags = bpf_map_lookup_elem(cells, &at);

	return tags && READ_ONCE(*tags) == tag;
}

/* Take the place of a suspect that is within the limit again. */
static __always_inline bool suspect_claim(const struct weir_limit *limit,
					  void *cells, __u32 at, __u64 tag,
					  __u64 now, __u64 most)
{
	__u32 time_at = at + 1;
	__u64 *tags = bpf_map_lookup_elem(cells, &at), *time, was;

	if (!tags)
		return false;
	was = READ_ONCE(*tags);
	time = bpf_map_lookup_elem(cells, &time_at);
	if (!time || cell_ahead(limit, READ_ONCE(*time), now, most))
		return false;
	return __sync_val_compare_and_swap(tags, was, tag) == was;
}

/* Where a source's suspect is, which it becomes when it is over; or 0. */
static __always_inline __u32 suspect_at(const struct weir_limit *limit,
					void *cells, __u64 hash, bool over,
					__u64 now, __u64 most)
{
	__u32 base = limit->cells + (hash >> 40 & (WEIR_SUSPECT_SETS - 1)) *
					    WEIR_SUSPECTS * 2;

	for (int i = 0; i < WEIR_SUSPECTS; i++)
		if (suspect_is(cells, base + 2 * i, hash | 1))
			return base + 2 * i;
	for (int i = 0; over && i < WEIR_SUSPECTS; i++)
		if (suspect_claim(limit, cells, base + 2 * i, hash | 1, now,
				  most))
			return base + 2 * i;
	return 0;
}

/*
 * Count a packet of a suspect, by itself: a source is banned for what it alone
 * sent, whoever shares its cells.  It is suspected from its first packet over
 * the limit on, and banned when it is over by its own count, and two packets
 * more: one of a former owner may come while the place changes hands.
 */
static __always_inline bool suspect_count(const struct weir_limit *limit,
					  void *cells, __u64 hash, bool over,
					  __u64 now, __u64 cost)
{
	__u64 most = limit->burst + 2 * cost, was, ahead, *time;
	__u32 at = suspect_at(limit, cells, hash, over, now, most);

	if (!at)
		return false;
	at++;
	time = bpf_map_lookup_elem(cells, &at);
	if (!time)
		return false;
	for (int i = 0; i < TRIES; i++) {
		was = READ_ONCE(*time);
		ahead = cell_ahead(limit, was, now, most) + cost;
		if (ahead > most)
			return true;
		if (cell_move(time, was, now + ahead))
			return false;
	}
	return false;
}

static __always_inline void excess_count(__u32 slot, __u32 len)
{
	struct weir_counter *count = bpf_map_lookup_elem(&rule_excess, &slot);

	if (!count)
		return;
	count->packets++;
	count->bytes += len;
}

#define LIMIT_BANS 2

/* Is the packet over the limit, or so far that its source is to be banned? */
static __always_inline __u32 limit_check(const struct weir_rule *rule,
					const struct packet *p, __u32 len)
{
	const struct weir_limit *limit = &rule->limit;
	__u64 cost = (limit->bytes ? len : 1ULL) << (limit->unit & 63);
	__u64 hash = key_hash(limit, p), now = limit_time(limit, clock_ns());
	__u32 slot = rule->slot, mask = limit->cells - 1;
	__u32 at_a = hash & mask, at_b = hash >> 32 & mask;
	void *cells = bpf_map_lookup_elem(&limit_cells, &slot);
	__u64 *a, *b;
	bool over;

	if (!cells)
		return 0;
	if (at_a == at_b)
		at_b ^= mask & 1;
	a = bpf_map_lookup_elem(cells, &at_a);
	b = bpf_map_lookup_elem(cells, &at_b);
	if (!a || !b)
		return 0;
	over = !cells_take(limit, a, b, now, cost);
	if (limit->ban_ns && !observe && !(rule->flags & WEIR_RULE_OBSERVED) &&
	    suspect_count(limit, cells, hash, over, now, cost))
		return LIMIT_BANS;
	return over;
}

/* What limit_act() returns beside a reason: the source is to be banned. */
#define BAN_BIT		8
#define BAN_PLACE	16	/* by the rule at this place */

/*
 * A global function of scalars: visited once, however many blocks there are.
 * Returns the reason that settles the packet, or 0.
 */
__noinline __u32 limit_act(__u32 place, __u32 len)
{
	struct weir_rule *rule = bpf_map_lookup_elem(&rule_table, &place);
	struct packet *p = bpf_map_lookup_elem(&limited, &(__u32){ 0 });
	__u32 over;

	if (!rule || !p)
		return 0;
	over = limit_check(rule, p, len);
	if (!over) {
		rule_count(rule->slot, len);
		return 0;
	}
	excess_count(rule->slot, len);
	if (rule->flags & WEIR_RULE_OBSERVED)
		return 0;
	if (over == LIMIT_BANS)
		return WEIR_LIMIT | 1 << BAN_BIT | place << BAN_PLACE;
	return WEIR_LIMIT;
}

/* Ban a source by what the limit at 'place' says. */
__noinline __u32 limit_ban(__u32 place, __u32 family, __be64 high, __be64 low)
{
	struct weir_rule *rule = bpf_map_lookup_elem(&rule_table, &place);
	__u32 len;

	if (!rule)
		return 0;
	len = family == 4 ? rule->limit.src4 : rule->limit.src6;
	if (family == 4)
		high = leading_bits4(high, len);
	else
		high = leading_bits(high, len);
	return ban_put(family << 8 | len, high,
		       family == 4 ? 0 : leading_bits(low, (int)len - 64),
		       rule->slot, rule->limit.ban_ns);
}

/* What of limit_act()'s answer is the reason; the rest is done. */
static __always_inline __u32 limit_settle(const struct packet *p, __u32 answer)
{
	if (answer >> BAN_BIT & 1 && p->family)
		limit_ban(answer >> BAN_PLACE, p->family, p->src.ip6[0],
			  p->src.ip6[1]);
	return answer & ((1 << BAN_BIT) - 1);
}

static __always_inline void limit_prepare(const struct packet *p)
{
	struct packet *kept = bpf_map_lookup_elem(&limited, &(__u32){ 0 });

	if (kept)
		__builtin_memcpy(kept, p, sizeof(*kept));
}

#endif
