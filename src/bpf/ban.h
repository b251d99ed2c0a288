/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sources that limits have banned: a fixed table in sets, claimed by
 * compare-and-swap.  Nothing is ever evicted; an end makes room.
 */
#ifndef WEIR_BPF_BAN_H
#define WEIR_BPF_BAN_H

#include "bpf/clock.h"
#include "bpf/hash.h"
#include "bpf/list.h"

/* Tags by set, and what they stand for.  Written by the datapath. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WEIR_BAN_SETS);
	__type(key, __u32);
	__type(value, struct weir_ban_set);
} ban_sets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, WEIR_BANS);
	__type(key, __u32);
	__type(value, struct weir_ban);
} bans SEC(".maps");

/*
 * Prefixes that must not be banned, of the lengths at which this generation
 * bans; 'list' is the family.  Written before it goes live.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, struct weir_prefix6);
	__type(value, __u32);
} unbannable SEC(".maps");

struct weir_bans ban_head SEC(".data.bans");

static __always_inline __be32 leading_bits4(__be32 addr, __u32 len)
{
	return addr & bpf_htonl((__u32)(~0ULL << (32 - (len & 63))));
}

static __always_inline __u64 ban_hash(__u32 family_len, __be64 high,
				      __be64 low)
{
	__u64 word[HASH_WORDS] = { high, low, family_len };

	return hash_of(word, 3) | 2;	/* neither free nor busy */
}

/* What names a prefix's length in its family. */
#define FAMILY_LEN(family, len) ((family) << 8 | (len))

/*
 * The number of a live ban of exactly that prefix, or WEIR_BANS.  A global
 * function of scalars: the verifier visits it once, not once a length.
 */
__noinline __u32 ban_at(__u32 family_len, __be64 high, __be64 low, __u64 now)
{
	__u64 tag = ban_hash(family_len, high, low);
	__u32 at = tag >> 32 & (WEIR_BAN_SETS - 1);
	struct weir_ban_set *set = bpf_map_lookup_elem(&ban_sets, &at);
	struct weir_ban *ban;
	__u32 number;

	if (!set)
		return WEIR_BANS;
	for (int i = 0; i < WEIR_BANS_OF_SET; i++) {
		if (READ_ONCE(set->tag[i]) != tag)
			continue;
		number = at * WEIR_BANS_OF_SET + i;
		ban = bpf_map_lookup_elem(&bans, &number);
		if (ban && now < READ_ONCE(ban->until_ns) &&
		    ban->addr[0] == high && ban->addr[1] == low &&
		    ban->len == (family_len & 255))
			return number;
	}
	return WEIR_BANS;
}

/* By each length at which something is banned, as global functions. */
__noinline __u32 ban_find4(__be32 addr, __u64 now)
{
	__u32 len, number;

	for (int i = 0; i < WEIR_BAN_LENGTHS; i++) {
		len = READ_ONCE(ban_head.lengths4[i]);
		if (!len)
			break;
		number = ban_at(FAMILY_LEN(4, len), leading_bits4(addr, len), 0,
				now);
		if (number < WEIR_BANS)
			return number;
	}
	return WEIR_BANS;
}

__noinline __u32 ban_find6(__be64 high, __be64 low, __u64 now)
{
	__u32 len, number;

	for (int i = 0; i < WEIR_BAN_LENGTHS; i++) {
		len = READ_ONCE(ban_head.lengths6[i]);
		if (!len)
			break;
		number = ban_at(FAMILY_LEN(6, len), leading_bits(high, len),
				leading_bits(low, (int)len - 64), now);
		if (number < WEIR_BANS)
			return number;
	}
	return WEIR_BANS;
}

/* Count a packet under its source's ban.  Returns whether there is one. */
__noinline __u32 ban_count(__u32 family, __be64 high, __be64 low, __u32 len)
{
	__u64 now = clock_coarse_ns();
	struct weir_ban *found;
	__u32 number;

	if (now >= READ_ONCE(ban_head.until_ns))
		return false;
	number = family == 4 ? ban_find4(high, now) : ban_find6(high, low, now);
	found = number < WEIR_BANS ? bpf_map_lookup_elem(&bans, &number) : NULL;
	if (!found)
		return false;
	__sync_fetch_and_add(&found->packets, 1);
	__sync_fetch_and_add(&found->bytes, len);
	return true;
}

/* Where nothing was ever banned it costs one load. */
static __always_inline int ban(const struct packet *p)
{
	if (!READ_ONCE(ban_head.until_ns) || p->neighbour)
		return 0;
	return ban_count(p->family, p->src.ip6[0], p->src.ip6[1], p->len) ?
		       WEIR_BANNED : 0;
}

/* Everything from here needs compare-and-swap (Linux 5.12). */

/* Raise a word to at least 'to'; a few tries do, for who wins raises it too. */
static __always_inline void word_raise(__u64 *word, __u64 to)
{
	__u64 was = READ_ONCE(*word);

	for (int i = 0; i < 4 && was < to; i++)
		was = __sync_val_compare_and_swap(word, was, to);
}

/* May a slot with this tag be taken? */
static __always_inline bool ban_is_over(__u64 tag, __u32 number, __u64 now)
{
	struct weir_ban *ban;

	if (!tag)
		return true;
	if (tag == WEIR_BAN_BUSY)
		return false;
	ban = bpf_map_lookup_elem(&bans, &number);
	return ban && READ_ONCE(ban->until_ns) <= now;
}

/* Claim a slot of a set: WEIR_BAN_BUSY is its tag then.  Or WEIR_BANS. */
static __always_inline __u32 ban_claim(struct weir_ban_set *set, __u32 first,
				       __u64 now)
{
	__u64 tag;

	for (int i = 0; i < WEIR_BANS_OF_SET; i++) {
		tag = READ_ONCE(set->tag[i]);
		if (ban_is_over(tag, first + i, now) &&
		    __sync_val_compare_and_swap(&set->tag[i], tag,
						WEIR_BAN_BUSY) == tag)
			return first + i;
	}
	return WEIR_BANS;
}

static __always_inline bool ban_is_forbidden(__u32 family, __u32 len,
					     __be64 high, __be64 low)
{
	struct weir_prefix6 key = { .list = family, .len = len };

	key.addr[0] = high;
	key.addr[1] = low;
	return bpf_map_lookup_elem(&unbannable, &key);
}

/*
 * Ban a prefix; family_len is family << 8 | len.  The tag is written last, so
 * that whoever finds it finds a whole ban.  Two CPUs may ban it twice, which is
 * one ban in two slots.
 */
static __always_inline __u32 ban_put(__u32 family_len, __be64 high,
				     __be64 low, __u32 slot, __u64 ban_ns)
{
	__u32 family = family_len >> 8 & 255, len = family_len & 255;
	__u64 now = clock_coarse_ns(), tag = ban_hash(family_len, high, low);
	__u32 at = tag >> 32 & (WEIR_BAN_SETS - 1), number;
	struct weir_ban_set *set = bpf_map_lookup_elem(&ban_sets, &at);
	struct weir_ban *ban;

	if (!set || ban_is_forbidden(family, len, high, low) ||
	    ban_at(family_len, high, low, now) < WEIR_BANS)
		return 0;
	number = ban_claim(set, at * WEIR_BANS_OF_SET, now);
	ban = bpf_map_lookup_elem(&bans, &number);
	if (!ban) {
		__sync_fetch_and_add(&ban_head.refused, 1);
		ban_head.refused_ns = now;
		return 0;
	}
	ban->until_ns = now + ban_ns;
	ban->since_ns = now;
	ban->addr[0] = high;
	ban->addr[1] = low;
	ban->packets = ban->bytes = 0;
	ban->slot = slot;
	ban->family = family;
	ban->len = len;
	/* A compare-and-swap, for it keeps the order of stores everywhere. */
	__sync_val_compare_and_swap(
		&set->tag[number % WEIR_BANS_OF_SET], WEIR_BAN_BUSY, tag);
	word_raise(&ban_head.until_ns, now + ban_ns);
	return 0;
}

#endif
