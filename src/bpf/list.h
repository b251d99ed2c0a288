/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The allow and deny lists: the longest live prefix that covers an address.
 * One hash table a family, asked once for each prefix length in use, longest
 * first: a list of hosts costs one look-up, whatever its size.
 */
#ifndef WEIR_LIST_H
#define WEIR_LIST_H

#include "bpf/clock.h"
#include "bpf/parse.h"

/* Listed prefixes.  Written by whoever may edit lists, with the head. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, WEIR_MAX_ENTRIES);
	__type(key, struct weir_prefix4);
	__type(value, struct weir_entry);
} prefix4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, WEIR_MAX_ENTRIES);
	__type(key, struct weir_prefix6);
	__type(value, struct weir_entry);
} prefix6 SEC(".maps");

/* Packets and bytes by entry id.  Written by the datapath alone. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WEIR_MAX_IDS);
	__type(key, __u32);
	__type(value, struct weir_counter);
} entry_counts SEC(".maps");

/* A short way to denied hosts.  Written by whoever edits the lists. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, WEIR_HOSTS);
	__type(key, __u32);
	__type(value, __u64);
} hosts SEC(".maps");

/* Which entry ids are taken.  Userspace's alone; made with the rest. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct weir_ids);
} entry_ids SEC(".maps");

struct weir_lists lists SEC(".data.lists") = { .first_end_ns = WEIR_NEVER };

/*
 * The number of the lowest bit that is set; x is not 0.  BPF has no such
 * instruction and clang 14 none to offer, so a de Bruijn sequence finds it
 * (Leiserson, Prokop, Randall 1998).
 */
static __always_inline __u32 lowest_bit(__u64 x)
{
	static const __u8 bit_of[64] = {
		0, 1, 48, 2, 57, 49, 28, 3, 61, 58, 50, 42, 38, 29, 17, 4,
		62, 55, 59, 36, 53, 51, 43, 22, 45, 39, 33, 30, 24, 18, 12, 5,
		63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21, 44, 32, 23, 11,
		46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9, 13, 8, 7, 6,
	};

	return bit_of[(x & -x) * 0x03f79d71b4cb0a89ULL >> 58];
}

/* The clock is read only where an entry has an end. */
static __always_inline bool entry_is_live(const struct weir_entry *entry,
					  __u64 edit)
{
	__u64 end = entry->expires_ns;

	if (entry->added > edit || edit >= entry->removed)
		return false;
	if (entry->extended <= edit)
		end = entry->next_expires_ns;
	return end == WEIR_NEVER || clock_coarse_ns() < end;
}

/* The leading 'len' bits of half an IPv6 address; len may be below 0. */
static __always_inline __be64 leading_bits(__be64 half, int len)
{
	if (len <= 0)
		return 0;
	return len < 64 ? half & bpf_cpu_to_be64(~0ULL << (64 - len)) : half;
}

/*
 * The id of the live entry with the longest prefix that covers an address, or
 * NO_ENTRY.  Inlined for IPv4, since a call costs up to 8 ns where the CPU's
 * returns are guarded; a global function of scalars for IPv6, which the
 * verifier then visits once.
 */
#define NO_ENTRY WEIR_MAX_IDS

static __always_inline __u32 entry_find4(__u32 list, __be32 addr)
{
	struct weir_prefix4 key = { .list = list };
	__u64 edit = READ_ONCE(lists.committed);
	__u64 lengths = READ_ONCE(lists.lengths4[list]);
	struct weir_entry *entry;

	for (int i = 0; i <= 32 && lengths; i++) {
		key.len = 32 - lowest_bit(lengths);
		lengths &= lengths - 1;
		key.addr = addr & bpf_htonl((__u32)(~0ULL << (32 - key.len)));
		entry = bpf_map_lookup_elem(&prefix4, &key);
		if (entry && entry_is_live(entry, edit))
			return entry->id;
	}
	return NO_ENTRY;
}

/* The address comes as its two halves, in network byte order. */
__noinline __u32 entry_find6(__u32 list, __be64 high, __be64 low)
{
	struct weir_prefix6 key = { .list = list };
	__u64 edit = READ_ONCE(lists.committed), lengths;
	struct weir_entry *entry;

	if (list >= WEIR_LIST_COUNT)
		return NO_ENTRY;
	for (int word = 0; word < 3; word++) {
		lengths = READ_ONCE(lists.lengths6[list][word]);
		for (int i = 0; i < 64 && lengths; i++) {
			key.len = 128 - 64 * word - lowest_bit(lengths);
			lengths &= lengths - 1;
			key.addr[0] = leading_bits(high, key.len);
			key.addr[1] = leading_bits(low, key.len - 64);
			entry = bpf_map_lookup_elem(&prefix6, &key);
			if (entry && entry_is_live(entry, edit))
				return entry->id;
		}
	}
	return NO_ENTRY;
}

/* A port lies where an address has its upper half; port 0 is never listed. */
__noinline __u32 port_entry_find(__u32 proto, __u32 port)
{
	if (proto == IPPROTO_TCP)
		return entry_find4(WEIR_DENY_TCP, bpf_htonl(port << 16));
	if (proto == IPPROTO_UDP)
		return entry_find4(WEIR_DENY_UDP, bpf_htonl(port << 16));
	return NO_ENTRY;
}

/*
 * The same as a function, for packets of which more is noted: their many
 * states would have the verifier of 6.1 walk the inlined one nearly a million
 * instructions long.
 */
__noinline __u32 entry_find4_apart(__u32 list, __be32 addr)
{
	return list < WEIR_LIST_COUNT ? entry_find4(list, addr) : NO_ENTRY;
}

static __always_inline __u32 source_find4(enum weir_list list,
					  const struct packet *p)
{
	if (!p->checked)
		return entry_find4(list, p->src.ip4);
	return lists.lengths4[list] ? entry_find4_apart(list, p->src.ip4) :
				      NO_ENTRY;
}

/* A list that holds nothing for IPv6, or no port, costs no call. */
static __always_inline __u32 source_find(enum weir_list list,
					 const struct packet *p)
{
	if (p->family == 4)
		return source_find4(list, p);
	return lists.lengths6[list][0] | lists.lengths6[list][1] |
			       lists.lengths6[list][2] ?
		       entry_find6(list, p->src.ip6[0], p->src.ip6[1]) :
		       NO_ENTRY;
}

/* A hit saves the hash table's look-up, 20 ns where returns are guarded. */
static __always_inline __u32 host_find(const struct packet *p)
{
	__u32 at = WEIR_HOST_AT(p->src.ip4);
	__u64 *word, host;

	if (p->family != 4 || !(lists.lengths4[WEIR_DENY] & 1))
		return NO_ENTRY;
	word = bpf_map_lookup_elem(&hosts, &at);
	host = word ? READ_ONCE(*word) : 0;
	return (__u32)host == p->src.ip4 && host >> 32 ? (host >> 32) - 1 :
							 NO_ENTRY;
}

static __always_inline __u32 denied_find(const struct packet *p)
{
	__u32 id = host_find(p);

	return id < NO_ENTRY ? id : source_find(WEIR_DENY, p);
}

static __always_inline __u32 port_find(const struct packet *p)
{
	if (!(lists.lengths4[WEIR_DENY_TCP] | lists.lengths4[WEIR_DENY_UDP]))
		return NO_ENTRY;
	return port_entry_find(p->proto, bpf_ntohs(p->dport));
}

/* Count the packet under an entry.  Returns whether there is one. */
static __always_inline bool entry_count(__u32 id, const struct packet *p)
{
	struct weir_counter *count;

	if (id >= WEIR_MAX_IDS)
		return false;
	count = bpf_map_lookup_elem(&entry_counts, &id);
	if (count) {
		__sync_fetch_and_add(&count->packets, 1);
		__sync_fetch_and_add(&count->bytes, p->len);
	}
	return true;
}

#endif
