// SPDX-License-Identifier: GPL-2.0-only
/*
 * The traffic generator: run on frames that the kernel makes and recycles, it
 * writes each one anew and sends it out of an interface.
 *
 * A recycled frame comes back as its receiver left it, its contents and (when
 * the receiver moved the tail) its length.  The kernel restores the length
 * only of frames that this program changed, so it is handed one byte too many
 * and cuts it off each time.
 */
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include "bpf/stage.h"
#include "bpf/flood.h"

const volatile struct flood_plan plan;

/*
 * The frame as userspace made it.  Not constant: Linux 6.18 still lets
 * bpf_xdp_store_bytes read from writable memory only.
 */
__u8 frame[FLOOD_MAX_SIZE + FLOOD_TAG_SIZE];

/* How many frames left; frames are numbered from 1. */
__u64 sent;

/* SplitMix64: the values of frame n depend on n and the seed alone. */
static __always_inline __u64 draw(__u64 n, __u32 which)
{
	__u64 x = plan.seed + (n * 4 + which) * 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static __always_inline __u16 checksum(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* Which host of the prefix sends frame n.  Number 0 is nobody's address. */
static __always_inline __u64 host(__u64 n)
{
	if (plan.sources == FLOOD_FIXED)
		return 1;
	return plan.sources == FLOOD_WALK ? n : draw(n, 0);
}

static __always_inline __be16 source_port(__u64 n)
{
	if (plan.sport)
		return plan.sport;
	return bpf_htons(1024 + ((draw(n, 2) & 0xffff) * 64512 >> 16));
}

static __always_inline bool fill_udp(void *pos, void *end, __u64 n, __u64 sum)
{
	struct udphdr *udp = pos;

	if ((void *)(udp + 1) > end)
		return false;
	udp->source = source_port(n);
	udp->check = checksum(sum + udp->source);
	if (!udp->check)
		udp->check = 0xffff;
	return true;
}

static __always_inline bool fill_tcp(void *pos, void *end, __u64 n, __u64 sum)
{
	struct tcphdr *tcp = pos;

	if ((void *)(tcp + 1) > end)
		return false;
	tcp->source = source_port(n);
	tcp->seq = draw(n, 3);
	tcp->ack_seq = plan.acks ? draw(n, 3) >> 32 : 0;
	tcp->check = checksum(sum + tcp->source + tcp->seq + tcp->ack_seq);
	return true;
}

/* Of ICMP and ICMPv6 alike; <linux/icmp.h> wants the C library's headers. */
struct echo {
	__u8 type, code;
	__u16 check, id, sequence;
};

static __always_inline bool fill_icmp(void *pos, void *end, __u64 n, __u64 sum)
{
	struct echo *echo = pos;

	if ((void *)(echo + 1) > end)
		return false;
	echo->id = draw(n, 2);
	echo->sequence = draw(n, 3);
	echo->check = checksum(sum + echo->id + echo->sequence);
	return true;
}

/* IPv6 has the identification in a header of its own, after the first. */
static __always_inline bool fill_fragment(void *pos, void *end, __u64 n)
{
	__be32 *identification = pos + 4;

	if (plan.family == 4)
		return true;
	if ((void *)(identification + 1) > end)
		return false;
	*identification = draw(n, 2);
	return true;
}

/* 'sum' is that of the source address, where the checksum covers it. */
static __always_inline bool fill_transport(void *pos, void *end, __u64 n,
					   __u64 sum)
{
	sum += plan.transport_sum;
	switch (plan.form) {
	case FLOOD_FORM_TCP:
		return fill_tcp(pos, end, n, sum);
	case FLOOD_FORM_ICMP:
		return fill_icmp(pos, end, n, sum);
	case FLOOD_FORM_FRAGMENT:
		return fill_fragment(pos, end, n);
	default:
		return fill_udp(pos, end, n, sum);
	}
}

static __always_inline bool fill_ip4(void *pos, void *end, __u64 n)
{
	struct iphdr *ip = pos;
	bool pseudo = plan.form != FLOOD_FORM_ICMP;

	if ((void *)(ip + 1) > end)
		return false;
	ip->saddr = plan.from[0] | (bpf_htonl(host(n)) & plan.hosts[0]);
	ip->id = plan.form == FLOOD_FORM_FRAGMENT ? draw(n, 2) : 0;
	ip->check = checksum(plan.ip_sum + ip->saddr + ip->id);
	return fill_transport(ip + 1, end, n, pseudo ? ip->saddr : 0);
}

static __always_inline bool fill_ip6(void *pos, void *end, __u64 n)
{
	__u64 low = host(n), sum = 0;
	__u64 high = plan.sources == FLOOD_RANDOM ? draw(n, 1) : 0;
	__be32 number[4] = { bpf_htonl(high >> 32), bpf_htonl(high),
			     bpf_htonl(low >> 32), bpf_htonl(low) };
	struct ipv6hdr *ip = pos;
	__be32 *saddr;

	if ((void *)(ip + 1) > end)
		return false;
	saddr = ip->saddr.in6_u.u6_addr32;
	for (int i = 0; i < 4; i++) {
		saddr[i] = plan.from[i] | (number[i] & plan.hosts[i]);
		sum += saddr[i];
	}
	return fill_transport(ip + 1, end, n, sum);
}

SEC("xdp")
int flood(struct xdp_md *ctx)
{
	__u64 n = sent + 1;
	void *pos, *end;
	bool filled;

	if (bpf_xdp_adjust_tail(ctx, -1) ||
	    bpf_xdp_store_bytes(ctx, 0, frame, plan.size))
		return XDP_ABORTED;
	pos = (void *)(long)ctx->data + plan.network;
	end = (void *)(long)ctx->data_end;
	filled = plan.family == 4 ? fill_ip4(pos, end, n)
				  : fill_ip6(pos, end, n);
	if (!filled)
		return XDP_ABORTED;
	sent = n;
	return bpf_redirect(plan.ifindex, 0);
}

char LICENSE[] SEC("license") = "GPL";
