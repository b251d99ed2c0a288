// SPDX-License-Identifier: GPL-2.0-only
/* The frame that all frames of a flood are made from. */
#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>

#include "live/flood_parts.h"

#define FLOOD_KIND_(name, text, shape, from, to, says)                         \
	[FLOOD_##name] = { .word = text,                                       \
			   .form = FLOOD_FORM_##shape,                         \
			   .sport = from,                                      \
			   .dport = to,                                        \
			   .what = says },
const struct flood_kind_info flood_kinds[FLOOD_KIND_COUNT] = { FLOOD_KINDS(
	FLOOD_KIND_) };

#define FRAGMENT_UNIT 8	    /* of offsets, and of all lengths but the last */
#define FRAGMENT_OFFSET 185 /* where a second one begins, in these units */

#define MONLIST_ITEM 72
#define MONLIST_ITEMS 6

struct monlist { /* ntp_request.h: struct resp_pkt */
	uint8_t mode, sequence, implementation, request;
	uint16_t items, size;
	uint8_t item[MONLIST_ITEMS][MONLIST_ITEM];
} __attribute__((packed));

#define DNS_ANSWERS 4

struct dns { /* RFC 1035 */
	uint16_t id, flags, questions, answers, authorities, additional;
	uint8_t name[13];
	uint16_t type, class;
	struct dns_txt {
		uint16_t name, type, class;
		uint32_t ttl;
		uint16_t size;
		uint8_t length, text[255];
	} __attribute__((packed)) answer[DNS_ANSWERS];
} __attribute__((packed));

struct memcached { /* protocol.txt: the frame header of UDP */
	uint16_t request, sequence, datagrams, reserved;
	char value[1392];
} __attribute__((packed));

static void ntp_build(struct monlist *ntp)
{
	ntp->mode = 0xd7; /* an answer, more follow, version 2, private */
	ntp->implementation = 3;
	ntp->request = 42; /* MON_GETLIST_1 */
	ntp->items = htons(MONLIST_ITEMS);
	ntp->size = htons(MONLIST_ITEM);
}

static void dns_build(struct dns *dns)
{
	enum { TXT = 16, IN = 1, RECURSED = 0x8180, QUESTION = 0xc00c };

	dns->flags = htons(RECURSED);
	dns->questions = htons(1);
	dns->answers = htons(DNS_ANSWERS);
	memcpy(dns->name, "\7example\3com", sizeof(dns->name));
	dns->type = htons(TXT);
	dns->class = htons(IN);
	for (int i = 0; i < DNS_ANSWERS; i++) {
		dns->answer[i] = (struct dns_txt){
			.name = htons(QUESTION),
			.type = htons(TXT),
			.class = htons(IN),
			.ttl = htonl(3600),
			.size = htons(sizeof(dns->answer[i].text) + 1),
			.length = sizeof(dns->answer[i].text),
		};
		memset(dns->answer[i].text, 'a' + i,
		       sizeof(dns->answer[i].text));
	}
}

static void memcached_build(struct memcached *memcached)
{
	static const char head[] = "VALUE a 0 1048576\r\n";

	memcached->datagrams = htons(754);
	memset(memcached->value, 'a', sizeof(memcached->value));
	memcpy(memcached->value, head, sizeof(head) - 1);
}

static unsigned int payload_size(enum flood_kind kind)
{
	switch (kind) {
	case FLOOD_NTP:
		return sizeof(struct monlist);
	case FLOOD_DNS:
		return sizeof(struct dns);
	case FLOOD_MEMCACHED:
		return sizeof(struct memcached);
	case FLOOD_FRAGMENTS:
		return FRAGMENT_UNIT;
	default:
		return 0;
	}
}

static void payload_build(enum flood_kind kind, void *at)
{
	if (kind == FLOOD_NTP)
		ntp_build(at);
	else if (kind == FLOOD_DNS)
		dns_build(at);
	else if (kind == FLOOD_MEMCACHED)
		memcached_build(at);
}

static unsigned int ip_size(const struct flood *f)
{
	return f->to.family == 4 ? sizeof(struct ip) : sizeof(struct ip6_hdr);
}

static unsigned int transport_size(const struct flood *f)
{
	switch (flood_kinds[f->kind].form) {
	case FLOOD_FORM_TCP:
		return sizeof(struct tcphdr);
	case FLOOD_FORM_ICMP:
		return sizeof(struct icmp6_hdr);
	case FLOOD_FORM_FRAGMENT:
		return f->to.family == 4 ? 0 : sizeof(struct ip6_frag);
	default:
		return sizeof(struct udphdr);
	}
}

unsigned int flood_least_size(const struct flood *f)
{
	unsigned int size = sizeof(struct ether_header) + ip_size(f) +
			    transport_size(f) + payload_size(f->kind);

	return size > FLOOD_MIN_SIZE ? size : FLOOD_MIN_SIZE;
}

static uint8_t protocol_of(const struct flood *f)
{
	switch (flood_kinds[f->kind].form) {
	case FLOOD_FORM_TCP:
		return IPPROTO_TCP;
	case FLOOD_FORM_ICMP:
		return f->to.family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	case FLOOD_FORM_FRAGMENT:
		return f->to.family == 4 ? IPPROTO_UDP : IPPROTO_FRAGMENT;
	default:
		return IPPROTO_UDP;
	}
}

static uint64_t sum_of(const void *data, size_t size)
{
	const unsigned char *bytes = data;
	uint64_t sum = 0;
	uint16_t word = 0;

	for (size_t i = 0; i + sizeof(word) <= size; i += sizeof(word)) {
		memcpy(&word, bytes + i, sizeof(word));
		sum += word;
	}
	if (size % sizeof(word)) {
		word = 0;
		memcpy(&word, bytes + size - 1, 1);
		sum += word;
	}
	return sum;
}

static void build_ip4(const struct flood *f, unsigned int payload,
		      struct flood_plan *plan, void *at)
{
	struct ip *ip = at;

	ip->ip_v = 4;
	ip->ip_hl = sizeof(*ip) / 4;
	ip->ip_len = htons(sizeof(*ip) + payload);
	ip->ip_off = htons(f->kind == FLOOD_FRAGMENTS ? IP_MF | FRAGMENT_OFFSET
						      : IP_DF);
	ip->ip_ttl = 64;
	ip->ip_p = protocol_of(f);
	memcpy(&ip->ip_dst, f->to.addr, sizeof(ip->ip_dst));
	plan->ip_sum = sum_of(ip, sizeof(*ip));
}

static void build_ip6(const struct flood *f, unsigned int payload, void *at)
{
	struct ip6_hdr *ip = at;

	ip->ip6_flow = htonl(6u << 28);
	ip->ip6_plen = htons(payload);
	ip->ip6_nxt = protocol_of(f);
	ip->ip6_hlim = 64;
	memcpy(&ip->ip6_dst, f->to.addr, sizeof(ip->ip6_dst));
}

static void build_tcp(const struct flood *f, struct tcphdr *tcp)
{
	tcp->dest = htons(f->dport);
	tcp->doff = sizeof(*tcp) / 4;
	tcp->syn = f->kind == FLOOD_SYN;
	tcp->ack = f->kind == FLOOD_ACK;
	tcp->rst = f->kind == FLOOD_RST;
	tcp->window = tcp->rst ? 0 : htons(64240);
}

static void build_fragment6(struct ip6_frag *fragment)
{
	fragment->ip6f_nxt = IPPROTO_UDP;
	fragment->ip6f_offlg =
		htons(FRAGMENT_OFFSET * FRAGMENT_UNIT) | IP6F_MORE_FRAG;
}

static void build_transport(const struct flood *f, unsigned int size, void *at)
{
	struct udphdr *udp = at;
	struct icmphdr *icmp = at;

	switch (flood_kinds[f->kind].form) {
	case FLOOD_FORM_UDP:
		udp->dest = htons(f->dport);
		udp->len = htons(size);
		break;
	case FLOOD_FORM_TCP:
		build_tcp(f, at);
		break;
	case FLOOD_FORM_ICMP:
		icmp->type = f->to.family == 4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
		break;
	case FLOOD_FORM_FRAGMENT:
		if (f->to.family == 6)
			build_fragment6(at);
		break;
	}
}

/* The Ethernet header, with a tag if there is one.  Returns where it ends. */
static uint8_t *build_ethernet(const struct flood *f, uint8_t *frame)
{
	uint16_t type =
		htons(f->to.family == 4 ? ETHERTYPE_IP : ETHERTYPE_IPV6);
	uint16_t tag[] = { htons(ETHERTYPE_VLAN), htons(f->vlan) };
	uint8_t *at = frame + 2 * ETH_ALEN;

	memcpy(frame, &f->to_mac, ETH_ALEN);
	memcpy(frame + ETH_ALEN, &f->from_mac, ETH_ALEN);
	if (f->vlan) {
		memcpy(at, tag, sizeof(tag));
		at += sizeof(tag);
	}
	memcpy(at, &type, sizeof(type));
	return at + sizeof(type);
}

/*
 * How much of the frame is the IP packet's payload.  A segment without data has
 * Ethernet's padding instead, and no fragment but the last ends anywhere.
 */
static unsigned int ip_payload(const struct flood *f)
{
	unsigned int size = f->size - sizeof(struct ether_header) - ip_size(f);

	switch (flood_kinds[f->kind].form) {
	case FLOOD_FORM_TCP:
		return f->size == FLOOD_MIN_SIZE ? sizeof(struct tcphdr) : size;
	case FLOOD_FORM_FRAGMENT:
		return size - size % FRAGMENT_UNIT;
	default:
		return size;
	}
}

void flood_frame_build(const struct flood *f, struct flood_plan *plan,
		       uint8_t *frame)
{
	unsigned int payload = ip_payload(f);
	uint8_t *ip = build_ethernet(f, frame);
	uint8_t *transport = ip + ip_size(f);
	bool pseudo = f->to.family == 6 || f->kind != FLOOD_ICMP;

	if (f->to.family == 4)
		build_ip4(f, payload, plan, ip);
	else
		build_ip6(f, payload, ip);
	build_transport(f, payload, transport);
	payload_build(f->kind, transport + transport_size(f));
	plan->network = ip - frame;
	plan->size = f->size + (f->vlan ? FLOOD_TAG_SIZE : 0);
	plan->transport_sum = sum_of(transport, payload);
	if (pseudo)
		plan->transport_sum += sum_of(f->to.addr, sizeof(f->to.addr)) +
				       htons(protocol_of(f)) + htons(payload);
}
