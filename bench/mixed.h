/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules of the kinds that people write; no packet of the benches matches. */
#ifndef WEIR_BENCH_MIXED_H
#define WEIR_BENCH_MIXED_H

#include <stdio.h>
#include <stdlib.h>

/* %1$d is another number for each rule, beside those of the packets. */
static const char *const mixed[] = {
	"udp src port %1$d and greater 90",
	"tcp dst port %1$d",
	"src net 198.18.%1$d.0/24",
	"host 203.0.113.%1$d and udp",
	"tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn and tcp[14:2] = %1$d",
	"icmp[icmptype] = %1$d",
	"ip6 and udp dst port %1$d",
	"udp dst port %1$d and udp[8:4] = 0x12345678",
	"tcp and ip[8] < 3 and dst net 198.18.%1$d.0/24",
	"src net 198.18.%1$d.0/24 and not port 53",
	"udp dst portrange 20%1$03d-20%1$03d",
	"host 198.18.0.%1$d or host 198.18.1.%1$d or host 198.18.2.%1$d or "
	"host 198.18.3.%1$d or host 198.18.4.%1$d or host 198.18.5.%1$d or "
	"host 198.18.6.%1$d or host 198.18.7.%1$d or host 198.18.8.%1$d",
	"vlan %1$d and udp port 53",
	"ip proto %1$d and src host 198.18.0.1",
	"ip[6:2] & 0x1fff != 0 and dst host 198.18.0.%1$d",
	"ether src 02:00:00:00:01:%1$02x and arp",
};

/* The i-th of them; the caller frees it. */
static inline char *mixed_text(size_t i)
{
	const size_t kinds = sizeof(mixed) / sizeof(mixed[0]);
	char *text;

	if (asprintf(&text, mixed[i % kinds], 100 + (int)(i / kinds)) < 0)
		abort();
	return text;
}

#endif
