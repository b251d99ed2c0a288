// SPDX-License-Identifier: GPL-2.0-only
/* Which expressions can be got past, and their near misses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "unit/unit.h"
#include "compile/evasion.h"
#include "compile/expression.h"

#define TAG	EVADED_BY_TAG
#define TAGS	EVADED_BY_TAGS
#define HEADER	EVADED_BY_HEADER
#define PART4	EVADED_BY_FRAGMENT4
#define PART6	EVADED_BY_FRAGMENT6

static const struct row {
	const char *text;		/* and the test's name */
	unsigned int evasions;
} rows[] = {
	/* What an address alone decides, fragments have too. */
	{ "ip", TAG },
	{ "ip6", TAG },
	{ "ip or ip6", TAG },
	{ "arp", TAG },
	{ "host 192.0.2.1", TAG },
	{ "src net 198.51.100.0/24", TAG },
	{ "ip6 host 2001:db8::1", TAG },
	{ "net 2001:db8::/32", TAG },
	{ "not src net 192.0.2.0/24 and ip", TAG },
	{ "ip[8] < 5", TAG },
	{ "ip[2:2] > 1000", TAG },
	{ "ip proto 47", TAG },
	{ "ip[0] & 0xf > 5", TAG },
	/* libpcap looks behind a fragment header for the protocol alone. */
	{ "udp", TAG | HEADER },
	{ "tcp", TAG | HEADER },
	{ "icmp", TAG },
	{ "icmp6", TAG | HEADER },
	{ "ip and udp", TAG },
	{ "ip6 and udp", TAG | HEADER },
	{ "ip6 proto 17", TAG | HEADER },
	{ "proto 50", TAG | HEADER },
	{ "udp and greater 90", TAG | HEADER },
	{ "udp and less 100", TAG | HEADER },
	{ "udp and less 60", TAG },	/* IPv6 with UDP is longer */
	/* A later fragment has no ports. */
	{ "udp port 53", TAG | HEADER | PART4 | PART6 },
	{ "udp src port 123 and greater 90", TAG | HEADER | PART4 | PART6 },
	{ "tcp dst portrange 1000-2000", TAG | HEADER | PART4 | PART6 },
	{ "port 53 and host 192.0.2.1", TAG | PART4 },
	{ "ip and udp port 53", TAG | PART4 },
	{ "ip6 and tcp port 22", TAG | HEADER | PART6 },
	{ "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn", TAG | PART4 },
	{ "tcp[tcpflags] & tcp-syn != 0 and tcp[12] & 0xf0 > 0x50",
	  TAG | PART4 },
	{ "icmp[icmptype] == icmp-echo", TAG | PART4 },
	{ "udp[4:2] > 100", TAG | PART4 },
	{ "udp[4:2] - 8 > 100 and udp[8:4] = 0x01020304", TAG | PART4 },
	{ "ip[20:2] = 53", TAG | PART4 },
	{ "tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420", TAG | PART4 },
	{ "ip[2:2] - ((ip[0] & 0xf) << 2) > 500 and udp", TAG },
	{ "ip[0] & 0xf != 5 and udp port 53", TAG | PART4 },
	{ "ip6[40:2] = 53", TAG | HEADER | PART6 },
	{ "ip6[6] = 17 and ip6[42:2] = 53", TAG | HEADER | PART6 },
	/* What is said of fragments. */
	{ "ip[6:2] & 0x1fff != 0", TAG },
	{ "ip[6:2] & 0x3fff != 0", TAG },
	{ "ip[6] & 0x20 != 0", TAG | PART4 },
	{ "ip6[6] = 44", TAG },
	{ "udp port 53 or ip[6:2] & 0x1fff != 0", TAG | HEADER | PART6 },
	{ "ip and (udp port 53 or ip[6:2] & 0x1fff != 0)", TAG },
	/* What needs no more than Ethernet. */
	{ "greater 90", 0 },
	{ "less 60", 0 },
	{ "len != 0", 0 },
	{ "ether src 02:00:00:00:00:01", 0 },
	{ "ether host 02:00:00:00:00:01 and greater 90", 0 },
	{ "ether broadcast", 0 },
	{ "multicast", 0 },
	{ "ether src 02:00:00:00:00:01 and ip", TAG },
	{ "ether proto 0x88cc", TAG },
	{ "ether[12:2] = 0x0800", TAG },
	/* What is not said of a packet is said of its disguise too. */
	{ "not ip", 0 },
	{ "not udp", 0 },
	{ "not port 53", 0 },
	{ "not arp and not ip6", 0 },
	{ "not (tcp port 80 or tcp port 443)", 0 },
	/* Tags that are asked for. */
	{ "vlan", 0 },
	{ "vlan 5", 0 },
	{ "vlan and udp port 53", 0 },
	{ "not vlan", TAG },
	{ "udp or (vlan and udp)", TAGS | HEADER },
	{ "ip or (vlan and ip)", TAGS },
	{ "ip or (vlan and (ip or (vlan and ip)))", 0 },
	{ "ip or vlan", 0 },
	{ "udp port 53 or greater 1000", TAG | HEADER | PART4 | PART6 },
	{ "udp port 53 or len >= 14", 0 },
};

static void is_seen_through(void **state)
{
	const struct row *row = *state;

	for (int optimize = 0; optimize < 2; optimize++) {
		struct expression e = { .text = row->text };
		int err = expressions_compile(&e, 1, optimize);
		const struct droppers alone = { &e.program, 1 };
		unsigned int found =
			err ? 0 : rule_evasions(&e.program, &alone);

		expressions_free(&e, 1);
		assert_int_equal(err, 0);
		if (found != row->evasions)
			print_error("optimizer %d:\n", optimize);
		assert_int_equal(found, row->evasions);
	}
}

/* What one rule does not see, another one drops. */
static const struct pair {
	const char *name, *text, *other;
	unsigned int evasions;
} pairs[] = {
	{ "a rule for the tagged ones sees the tagged ones", "ip and udp",
	  "vlan and ip and udp", TAGS },
	{ "a rule for other tagged ones does not", "ip and udp",
	  "vlan and ip and tcp", TAG },
	{ "any tag is any number of tags", "udp", "vlan", HEADER },
	{ "a rule for later fragments sees those of IPv4", "udp port 53",
	  "ip[6:2] & 0x1fff != 0", TAG | HEADER | PART6 },
	{ "a rule for first fragments does not", "ip and udp port 53",
	  "ip[6:2] & 0x3fff = 0x2000", TAG | PART4 },
	{ "a rule for extension headers sees fragments of IPv6 too",
	  "ip6 and udp port 53",
	  "ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 44 or ip6[6] = 60", TAG },
	{ "a rule for one of them does not", "ip6 and udp port 53",
	  "ip6[6] = 60", TAG | HEADER | PART6 },
};

static void is_seen_by_another(void **state)
{
	const struct pair *row = *state;
	struct expression e[2] = { { .text = row->text },
				   { .text = row->other } };
	struct droppers other = { &e[1].program, 1 };

	assert_int_equal(expressions_compile(e, 2, true), 0);
	assert_int_equal(rule_evasions(&e[0].program, &other), row->evasions);
	expressions_free(e, 2);
}

int main(void)
{
	UNIT_ADD_ROWS(pairs, is_seen_by_another);
	UNIT_ADD_ROWS(rows, is_seen_through);
	return unit_run("evasion");
}
