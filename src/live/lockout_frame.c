// SPDX-License-Identifier: GPL-2.0-only
/* As Linux sends them: with the options that its segments usually carry. */
#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>

#include "live/lockout_parts.h"

#define DATA 1000
#define ANSWER 120 /* a name server's */

/* MSS 1460, SACK, time stamps, scale 7. */
static const uint8_t first_options[] = { 2, 4, 5, 180, 4, 2, 8, 10, 0, 0,
					 0, 1, 0, 0,   0, 0, 1, 3,  3, 7 };
static const uint8_t later_options[] = { 1, 1, 8, 10, 0, 0, 0, 2, 0, 0, 0, 1 };

static uint32_t sum_add(uint32_t sum, const void *data, size_t size)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < size; i++)
		sum += i % 2 ? bytes[i] : bytes[i] << 8;
	return sum;
}

static uint16_t sum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

static size_t build_tcp(enum probe probe, const struct probe_way *way,
			uint8_t *at)
{
	bool first = probe == PROBE_SYN || probe == PROBE_SYN_ACK;
	size_t options = first ? sizeof(first_options) : sizeof(later_options);
	struct tcphdr tcp = {
		.source = htons(way->sport),
		.dest = htons(way->dport),
		.seq = htonl(1000),
		.ack_seq = htonl(probe == PROBE_SYN ? 0 : 2000),
		.doff = (sizeof(tcp) + options) / 4,
		.syn = first,
		.ack = probe != PROBE_SYN,
		.psh = probe == PROBE_DATA,
		.window = htons(64240),
	};

	memcpy(at, &tcp, sizeof(tcp));
	memcpy(at + sizeof(tcp), first ? first_options : later_options,
	       options);
	return sizeof(tcp) + options + (probe == PROBE_DATA ? DATA : 0);
}

static size_t build_udp(const struct probe_way *way, uint8_t *at)
{
	struct udphdr udp = {
		.source = htons(way->sport),
		.dest = htons(way->dport),
		.len = htons(sizeof(udp) + ANSWER),
	};

	memcpy(at, &udp, sizeof(udp));
	return sizeof(udp) + ANSWER;
}

static void build_ip4(const struct probe_way *way, uint8_t proto, size_t size,
		      uint8_t *at)
{
	struct iphdr ip = {
		.version = 4,
		.ihl = sizeof(ip) / 4,
		.tot_len = htons(sizeof(ip) + size),
		.id = htons(1),
		.frag_off = htons(IP_DF),
		.ttl = 60,
		.protocol = proto,
	};

	memcpy(&ip.saddr, way->from.addr, sizeof(ip.saddr));
	memcpy(&ip.daddr, way->to.addr, sizeof(ip.daddr));
	ip.check = sum_fold(sum_add(0, &ip, sizeof(ip)));
	memcpy(at, &ip, sizeof(ip));
}

static void build_ip6(const struct probe_way *way, uint8_t proto, size_t size,
		      uint8_t *at)
{
	struct ip6_hdr ip = { 0 };

	ip.ip6_flow = htonl(6u << 28);
	ip.ip6_plen = htons(size);
	ip.ip6_nxt = proto;
	ip.ip6_hlim = 60;
	memcpy(&ip.ip6_src, way->from.addr, sizeof(ip.ip6_src));
	memcpy(&ip.ip6_dst, way->to.addr, sizeof(ip.ip6_dst));
	memcpy(at, &ip, sizeof(ip));
}

static void checksum(const struct probe_way *way, uint8_t proto, uint8_t *at,
		     size_t size)
{
	size_t where = proto == IPPROTO_TCP ? offsetof(struct tcphdr, check)
					    : offsetof(struct udphdr, check);
	size_t length = prefix_bits(&way->from) / 8;
	uint32_t sum = proto + size;
	uint16_t folded;

	sum = sum_add(sum, way->from.addr, length);
	sum = sum_add(sum, way->to.addr, length);
	folded = sum_fold(sum_add(sum, at, size));
	if (!folded)
		folded = 0xffff; /* the same sum, and none to UDP */
	memcpy(at + where, &folded, sizeof(folded));
}

size_t probe_build(enum probe probe, const struct probe_way *way,
		   uint8_t frame[PROBE_ROOM])
{
	uint8_t proto = probe == PROBE_UDP ? IPPROTO_UDP : IPPROTO_TCP;
	bool ip4 = way->from.family == 4;
	struct ether_header eth = {
		.ether_dhost = { 2, 0, 0, 0, 0, 2 },
		.ether_shost = { 2, 0, 0, 0, 0, 1 },
		.ether_type = htons(ip4 ? ETHERTYPE_IP : ETHERTYPE_IPV6),
	};
	uint8_t *ip = frame + sizeof(eth);
	uint8_t *transport =
		ip + (ip4 ? sizeof(struct iphdr) : sizeof(struct ip6_hdr));
	size_t size;

	memset(frame, 0, PROBE_ROOM);
	memcpy(frame, &eth, sizeof(eth));
	size = proto == IPPROTO_UDP ? build_udp(way, transport)
				    : build_tcp(probe, way, transport);
	if (ip4)
		build_ip4(way, proto, size, ip);
	else
		build_ip6(way, proto, size, ip);
	checksum(way, proto, transport, size);
	return transport + size - frame;
}
