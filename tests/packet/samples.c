// SPDX-License-Identifier: GPL-2.0-only
#include <linux/if_ether.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "samples.h"

#define PICK(array) ((array)[sample_below(sizeof(array) / sizeof((array)[0]))])

static uint32_t seed = 1;

void sample_seed(uint32_t value)
{
	seed = value ?: 1;
}

/* xorshift32: Marsaglia 2003. */
uint32_t sample_u32(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

uint32_t sample_below(uint32_t limit)
{
	return (uint64_t)sample_u32() * limit >> 32;
}

static bool one_in(uint32_t n)
{
	return !sample_below(n);
}

static const char *const macs[] = {
	"02:00:00:00:00:01", "02:00:00:00:00:02", "ff:ff:ff:ff:ff:ff",
	"01:00:5e:00:00:01", "33:33:00:00:00:01", "02:aa:bb:cc:dd:ee",
};
static const char *const ip4[] = {
	"192.0.2.1", "192.0.2.2", "192.0.2.200", "198.51.100.7",
	"198.51.100.77", "203.0.113.5", "224.0.0.1", "255.255.255.255",
};
static const char *const ip6[] = {
	"2001:db8::1", "2001:db8::2", "2001:db8:1::7", "2001:db8:2:3::9",
	"fe80::1", "ff02::1",
};
static const uint16_t ports[] = {
	9, 22, 23, 53, 80, 123, 161, 389, 443, 1024, 1900, 5353, 6000, 11211,
	40000, 65535,
};
static const uint16_t ether_types[] = {
	0x0800, 0x86dd, 0x0806, 0x8035, 0x8847, 0x8848, 0x8863, 0x8864, 0x8100,
	0x88a8, 0x9100, 0x6000, 0x809b, 0x88cc, 0x9000, 40, 100, 1500, 0x0600,
};
static const uint8_t protos[] = {
	1, 2, 4, 6, 17, 41, 47, 50, 51, 58, 89, 103, 112, 115, 132, 253,
};

static uint64_t or_zero(uint64_t value)
{
	return value ?: ZERO;
}

static struct layer network(void)
{
	if (one_in(3))
		return (struct layer)IP6(.src = PICK(ip6), .dst = PICK(ip6),
					 .hops = 1 + sample_below(255));
	return (struct layer)IP4(
		.src = PICK(ip4), .dst = PICK(ip4),
		.tos = or_zero(sample_below(8) * 32),
		.ttl = 1 + sample_below(255), .id = 1 + sample_below(60000),
		.more = one_in(10), .dont = one_in(3),
		.offset = one_in(8) ? sample_below(0x2000) : 0,
		.options = one_in(6) ? "94040000" :
			   one_in(8) ? "0101010144040500" : NULL,
		.ihl = one_in(40) ? or_zero(sample_below(16)) : 0);
}

static struct layer transport(void)
{
	uint64_t sport = PICK(ports), dport = PICK(ports);

	switch (sample_below(9)) {
	case 0:
	case 1:
	case 2:
		return (struct layer)UDP(.sport = sport, .dport = dport);
	case 3:
	case 4:
	case 5:
		return (struct layer)TCP(
			.sport = sport, .dport = dport,
			.flags = or_zero(one_in(2) ? 2 : sample_below(256)),
			.seq = sample_u32(),
			.window = or_zero(sample_below(65536)),
			.options = one_in(3) ? "020405b4 01030307" : NULL,
			.doff = one_in(30) ? or_zero(sample_below(16)) : 0);
	case 6:
		return (struct layer)SCTP(.sport = sport, .dport = dport);
	case 7:
		return (struct layer)ICMP(.type = or_zero(sample_below(20)),
					  .code = or_zero(sample_below(4)));
	default:
		return (struct layer)ICMP6(.type = 1 + sample_below(140));
	}
}

static struct layer extension(void)
{
	switch (sample_below(5)) {
	case 0:
		return (struct layer)HOPOPTS();
	case 1:
		return (struct layer)DSTOPTS(.size = 16);
	case 2:
		return (struct layer)FRAGMENT(.offset = one_in(2) ? 0 :
						sample_below(99), .more = 1);
	case 3:
		return (struct layer)AH();
	default:
		return (struct layer)ROUTING();
	}
}

static struct layer tag(void)
{
	return (struct layer)VLAN(.id = or_zero(sample_below(6)),
				  .tpid = one_in(3) ? 0x88a8 : 0);
}

static struct layer other_protocol(void)
{
	switch (sample_below(4)) {
	case 0:
		return (struct layer)GRE();
	case 1:
		return (struct layer)ESP();
	case 2:
		return (struct layer)NONEXT();
	default:
		return (struct layer)HEX("0102030405060708");
	}
}

/* Of an IP packet: from behind Ethernet and tags on. */
static size_t ip_layers(struct layer *l)
{
	size_t n = 0;

	l[n++] = network();
	while (l[0].kind == LAYER_IP6 && one_in(4) && n < 5)
		l[n++] = extension();
	if (one_in(12)) {
		l[n++] = (struct layer)GRE();
		l[n++] = network();
	}
	l[n++] = one_in(10) ? other_protocol() : transport();
	return n;
}

static size_t non_ip_layers(struct layer *l)
{
	static const char *const hex[] = {
		/* MPLS, one label and two, with IPv4 and UDP behind it */
		"00064140 4500001c00010000 4011f6ca c0000201 c0000202"
		"0035007b 00080000",
		"0006403f 00065140 4500001c 00010000 4006f6ca c0000201"
		"c0000202 00500016 00000001 00000000 50020000",
		/* PPPoE session with IPv4, IPv6; discovery */
		"11000001 001e 0021 4500001c 00010000 4011f6ca c0000201"
		"c0000202 0035007b 00080000",
		"11000007 0008 0057 60000000 00001140", "11090000 0000",
		/* LLC: spanning tree, SNAP with IPv4, NetBEUI, IPX, ISO */
		"424203 0000000000", "aaaa03 000000 0800 45000014",
		"f0f003 00", "ffff03 0000", "fefe03 83", "e0e003 ffff",
		/* RARP, ARP answers */
		"0001080006040003 020000000001 00000000",
		"0001080006040002 020000000001 c0000201 020000000002 c6336407",
	};

	if (one_in(3)) {
		l[0] = (struct layer)ARP(.src = PICK(ip4), .dst = PICK(ip4));
		return 1;
	}
	l[0] = (struct layer)HEX(PICK(hex));
	return 1;
}

static void scribble(struct frame *frame)
{
	for (uint32_t n = sample_below(6); n > 0; n--)
		frame->data[sample_below(frame->len)] = sample_u32();
}

static void random_bytes(struct frame *frame)
{
	frame->len = 14 + sample_below(200);
	for (size_t i = 0; i < frame->len; i++)
		frame->data[i] = sample_u32();
	if (!one_in(3)) {
		uint16_t type = PICK(ether_types);

		frame->data[12] = type >> 8;
		frame->data[13] = type;
	}
	if (frame->len > 24 && one_in(2))
		frame->data[one_in(2) ? 23 : 20] = PICK(protos);
}

void sample_frame(struct frame *frame)
{
	struct layer layers[FRAME_LAYERS] = { ETH(.src = PICK(macs),
						  .dst = PICK(macs)) };
	bool is_ip = !one_in(5);
	size_t n = 1, at;

	if (one_in(10)) {
		random_bytes(frame);
		return;
	}
	while (one_in(4) && n < 4)
		layers[n++] = tag();
	at = n;
	n += is_ip ? ip_layers(layers + n) : non_ip_layers(layers + n);
	if (!is_ip && layers[at].kind == LAYER_HEX && at == 1)
		layers[0].eth.type = PICK(ether_types);
	else if (!is_ip && layers[at].kind == LAYER_HEX)
		layers[at - 1].vlan.type = PICK(ether_types);
	if (!one_in(4))
		layers[n++] = (struct layer)BYTES(one_in(20) ? 1400 :
						  1 + sample_below(120));
	layers[n] = (struct layer){ .kind = LAYER_END };
	frame_build(frame, layers);
	if (one_in(5))
		scribble(frame);
	if (one_in(4) && frame->len < 60)
		while (frame->len < 60)
			frame->data[frame->len++] = 0;
}

const char *const primitives[] = {
	"ip", "ip6", "arp", "rarp", "tcp", "udp", "icmp", "icmp6", "igmp",
	"igrp", "pim", "ah", "esp", "vrrp", "carp", "sctp", "atalk", "aarp",
	"decnet", "iso", "stp", "ipx", "netbeui", "lat", "moprc", "mopdl",
	"llc", "llc i", "llc s", "llc u", "llc rr", "llc ui", "llc test",
	"esis", "isis", "clnp", "l1", "l2", "iih", "lsp", "snp", "csnp", "psnp",
	"broadcast", "multicast", "ether broadcast", "ether multicast",
	"ip multicast", "ip6 multicast",
	"host 192.0.2.1", "src host 192.0.2.2", "dst host 198.51.100.7",
	"src or dst host 203.0.113.5", "src and dst host 192.0.2.1",
	"ip host 192.0.2.1", "arp host 192.0.2.1", "rarp host 192.0.2.1",
	"ip6 host 2001:db8::1", "src host 2001:db8::2",
	"dst host 2001:db8:1::7", "host 2001:db8:2:3::9",
	"ether host 02:00:00:00:00:01", "ether src 02:00:00:00:00:02",
	"ether dst ff:ff:ff:ff:ff:ff", "ether dst 33:33:00:00:00:01",
	"net 192.0.2.0/24", "src net 198.51.100.0/24", "dst net 192.0",
	"net 192.0.2.0 mask 255.255.255.128", "net 203.0.113.5/32",
	"net 0.0.0.0/0", "src net 128.0.0.0/1", "net 192.0.2.192/26",
	"ip6 net 2001:db8::/32", "net 2001:db8:1::/48", "src net fe80::/10",
	"dst net ff00::/8", "net 2001:db8:2:3::/64", "ip6 net ::/0",
	"port 53", "src port 123", "dst port 80", "src or dst port 443",
	"src and dst port 53", "tcp port 22", "udp port 53", "sctp port 80",
	"tcp src port 80", "udp dst port 11211", "udp src port 1900",
	"port domain", "tcp dst port http", "udp port ntp",
	"portrange 1-1023", "src portrange 1024-65535",
	"tcp dst portrange 6000-6063", "udp portrange 53-123",
	"ip proto 47", "ip proto \\udp", "ip6 proto 58", "ip6 proto \\tcp",
	"proto 132", "proto \\icmp", "ip proto 253", "ip proto 4",
	"ether proto 0x88cc", "ether proto \\ip", "ether proto \\arp",
	"ether proto 0x9000", "ether proto 0x42", "ether proto 0xaa",
	"vlan", "vlan 1", "vlan 3 and ip", "vlan and vlan",
	"vlan 1 and vlan 2 and udp", "vlan and tcp port 80", "not vlan and ip",
	"vlan 1 or vlan 2", "vlan 4 and ip6", "vlan and host 192.0.2.1",
	"mpls", "mpls 100", "mpls and mpls", "mpls 100 and ip",
	"mpls and udp port 53", "mpls 100 and mpls 101 and host 192.0.2.1",
	"pppoed", "pppoes", "pppoes 1", "pppoes and ip", "pppoes 1 and udp",
	"pppoes 7 and ip6", "pppoes and host 192.0.2.1",
	"geneve", "geneve 5", "geneve and ip",
	"less 60", "greater 60", "greater 1000", "less 64", "len > 80",
	"len <= 100", "len = 60", "len != 60", "len & 1 = 0", "len - 14 > 50",
	"greater 0", "ether[0] >= 0", "1 = 1",
	"udp src port 123 and greater 90", "udp src port 53 and greater 512",
	"udp src port 11211", "udp src port 1900", "udp src port 19",
	"udp src port 389 and greater 1000",
	"tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn",
	"tcp[tcpflags] & (tcp-syn|tcp-fin) == (tcp-syn|tcp-fin)",
	"tcp[tcpflags] == 0", "tcp[tcpflags] & tcp-rst != 0",
	"tcp[tcpflags] & (tcp-urg|tcp-push|tcp-fin) != 0",
	"tcp[13] & 2 != 0", "tcp[12] >> 4 > 5", "(tcp[12:1] & 0xf0) >> 2 > 20",
	"tcp[14:2] = 0", "tcp[14:2] < 1024", "tcp[4:4] > 0x7fffffff",
	"tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x5a5a5a5a",
	"tcp[((tcp[12] & 0xf0) >> 2)] = 0x5a",
	"udp[8:4] = 0x5a5a5a5a", "udp[8] = 0x5a", "udp[4:2] > 100",
	"udp[4:2] != len - 34", "udp[8:4] & 0xff00ff00 = 0x5a005a00",
	"icmp[icmptype] = icmp-echo", "icmp[icmptype] = icmp-echoreply",
	"icmp[icmptype] != icmp-unreach and icmp[icmpcode] = 1",
	"icmp[0] = 8 and icmp[4:2] = 0", "icmp[icmptype] > 12",
	"icmp6[icmp6type] = icmp6-echo", "icmp6[0] = 135",
	"icmp6[icmp6type] = icmp6-neighborsolicit", "icmp6[1] = 0",
	"ip[0] & 0xf != 5", "ip[0] = 0x45", "ip[6:2] & 0x1fff != 0",
	"ip[6:2] & 0x3fff != 0", "ip[6] & 0x40 != 0", "ip[8] < 10",
	"ip[2:2] > 576", "ip[2:2] != len - 14", "ip[12:4] = ip[16:4]",
	"ip[12:4] & 0xffffff00 = 0xc0000200", "ip[9] = 17 and ip[1] != 0",
	"ip[((ip[0] & 0xf) << 2):2] = 53", "ip[19] > 200",
	"ip6[6] = 44", "ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 60",
	"ip6[7] < 64", "ip6[4:2] > 40", "ip6[40:2] = 53", "ip6[8:4] = 0x20010db8",
	"ip6[0] & 0xf0 = 0x60", "ip6[24:4] = ip6[8:4]",
	"ether[0] & 7 > 6", "ether[5] & 3 > 2", "ether[5] & 3 >= 3",
	"ether[5] & 3 < 1", "ether[5] & 3 <= 0", "ether[0] & 1 = 1", "ether[6:4] = ether[0:4]", "ether[12:2] < 1536",
	"ether[12:2] = 0x0800", "ether[14] >> 4 = 4", "ether[100] = 0x5a",
	"ether[1000] = 0x5a", "ether[1400:4] = 0x5a5a5a5a", "ether[23] != 17",
	"arp[6:2] = 1", "arp[7] = 2", "arp[14:4] = 0xc0000201",
	"rarp[6:2] = 3", "sctp[0:2] = sctp[2:2]", "igmp[0] = 0x11",
	"ip and not tcp and not udp", "not ip and not ip6 and not arp",
	"tcp or udp or icmp", "not (tcp or udp)", "not udp port 53",
	"(udp or tcp) and port 53 and not host 192.0.2.1",
	"ip host 192.0.2.1 and 198.51.100.7", "host 192.0.2.1 or 192.0.2.2",
	"host 192.0.2.1 or host 192.0.2.2 or host 198.51.100.7 or host "
	"203.0.113.5 or net 224.0.0.0/4 or host 2001:db8::1 or port 53 or "
	"port 123 or proto 47",
	"dst host 192.0.2.2 and udp src port 53 and greater 100",
	"src net 192.0.2.0/24 and tcp dst port 22",
	"ip6 and udp and src net 2001:db8::/32",
	"ip6 and ip6[6] != 6 and ip6[6] != 17", "tcp src portrange 1-1023",
	"udp and udp[0:2] = udp[2:2]", "tcp and tcp[0:2] > tcp[2:2]",
	"ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) != 0",
	"ip[8] * 2 + 3 > 100", "ip[8] / 7 = 9", "ip[8] % 8 = 1",
	"ip[8] ^ 0xff > 128", "ip[8] | 1 = 65", "ip[8] << 2 > 255",
	"ip[9] << ip[8] = 0", "ip[12:4] >> ip[1] = 0", "-ip[8] > 0xfffffff0",
	"100 / ip[1] = 3", "ip[8] % tcp[13] = 0", "len / (ip[1] & 3) > 20",
	"ip[8] - ip[9] > 100", "ip[4:2] * ip[2:2] & 0xff = 4",
	"ether[ip[1]] = 0", "ether[ip[4:2]] = 0x5a", "ether[ip[12:4]:4] = 0",
	"ip[ip[8]:2] > 0x1000", "udp[ip[9]] = 0x5a", "ether[len - 1] = 0x5a",
	"ether[len - 4:4] = 0x5a5a5a5a", "ether[65519] = 0", "ether[len] = 0",
	"ether[0x7ffffff0 + ip[12:4]] = 0",
};

const size_t primitive_count = sizeof(primitives) / sizeof(primitives[0]);

static char *format(const char *text, ...)
{
	va_list args;
	char *result;
	int err;

	va_start(args, text);
	err = vasprintf(&result, text, args);
	va_end(args);
	if (err < 0)
		abort();
	return result;
}

/* A number: of the packet, or plain, or computed from numbers. */
static char *sample_number(int depth)
{
	static const char *const protocols[] = {
		"ether", "ip", "tcp", "udp", "icmp", "ip6", "arp", "sctp",
	};
	static const char *const operators[] = {
		"+", "-", "*", "&", "|", "^", "<<", ">>", "/", "%",
	};
	static const int sizes[] = { 1, 2, 4 };
	char *left, *right, *both;
	const char *op = PICK(operators);

	switch (depth > 0 ? sample_below(5) : sample_below(3)) {
	case 0:
		if (op[0] == '/' || op[0] == '%')
			return strdup("7");
		return format("%u", one_in(4) ? sample_u32() >> 1 :
						1 + sample_below(31));
	case 1:
		return format("%s[%u:%d]", PICK(protocols), sample_below(40),
			      PICK(sizes));
	case 2:
		return strdup("len");
	case 3:
		left = sample_number(depth - 2);
		both = format("%s[%s:%d]", PICK(protocols), left, PICK(sizes));
		free(left);
		return both;
	default:
		left = sample_number(depth - 1);
		right = op[1] ? format("%u", sample_below(32)) :
				sample_number(depth - 1);
		both = format("(%s %s %s)", left, op, right);
		free(left);
		free(right);
		return both;
	}
}

static char *sample_comparison(void)
{
	static const char *const relations[] = { "=", "!=", "<", ">", "<=",
						 ">=" };
	char *left = sample_number(3), *right = sample_number(2), *both;

	both = format("%s %s %s", left, PICK(relations), right);
	free(left);
	free(right);
	return both;
}

static char *sample_term(int depth)
{
	char *left, *right, *both;

	if (depth == 0 || one_in(4))
		return one_in(4) ? sample_comparison() :
				   strdup(primitives[sample_below(
					   primitive_count)]);
	left = sample_term(depth - 1);
	right = sample_term(depth - 1);
	both = format("%s(%s) %s (%s)", one_in(4) ? "not " : "", left,
		      one_in(2) ? "and" : "or", right);
	free(left);
	free(right);
	return both;
}

char *sample_expression(void)
{
	return one_in(3) ? sample_comparison() :
			   sample_term(1 + sample_below(3));
}
