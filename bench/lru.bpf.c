// SPDX-License-Identifier: GPL-2.0-only
/*
 * The limiter that one finds in most XDP programs: a token bucket for each
 * source in an LRU hash, which a flood of forged sources turns over.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

#define RATE_NS 1000000		/* a packet */
#define BURST 1000

struct bucket {
	__u64 since_ns, tokens;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, __u32);
	__type(value, struct bucket);
} buckets SEC(".maps");

SEC("xdp.limit")
int lru_limit(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct iphdr *ip = (void *)(long)ctx->data + sizeof(struct ethhdr);
	struct bucket *bucket, fresh = { .tokens = BURST };
	__u64 now = bpf_ktime_get_ns(), earned;
	__u32 source;

	if ((void *)(ip + 1) > end)
		return XDP_DROP;
	source = ip->saddr;
	bucket = bpf_map_lookup_elem(&buckets, &source);
	if (!bucket) {
		fresh.since_ns = now;
		bpf_map_update_elem(&buckets, &source, &fresh, BPF_ANY);
		return XDP_DROP;
	}
	earned = (now - bucket->since_ns) / RATE_NS;
	if (earned)
		bucket->since_ns = now;
	bucket->tokens = bucket->tokens + earned > BURST ?
				 BURST : bucket->tokens + earned;
	if (bucket->tokens)
		bucket->tokens--;
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
