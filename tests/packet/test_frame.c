// SPDX-License-Identifier: GPL-2.0-only
/* Layers against bytes that tcpdump -vv reads with all checksums correct. */
#include <string.h>

#include "datapath.h"

#define MACS	"020000000002 020000000001"
#define IPV6	"20010db8000000000000000000000001" \
		"20010db8000000000000000000000002"

static const struct {
	const char *name;
	const struct layer *layers;
	const char *bytes;
} frames[] = {
	{ "UDP over IPv4",
	  F(ETH(), IP4(), UDP(), HEX("68656c6c 6f")),
	  MACS "0800 45000021000100004011f6c7c0000201c0000202"
	  "9c400009000d9bb4 68656c6c6f" },
	{ "TCP with options over IPv4 with options in VLAN 7",
	  F(ETH(), VLAN(.id = 7), IP4(.options = "94040000"),
	    TCP(.options = "020405b4 01010402"), HEX("616263")),
	  MACS "8100 0007 0800 4600003700010000400661b8c0000201c0000202"
	  "94040000 9c40005000000001000000007002ffff9e240000"
	  "020405b401010402 616263" },
	{ "ICMP over IPv4",
	  F(ETH(), IP4(), ICMP(), BYTES(5)),
	  MACS "0800 45000021000100004001f6d7c0000201c0000202"
	  "0800e94a00000000 5a5a5a5a5a" },
	{ "UDP behind two extension headers",
	  F(ETH(), IP6(), HOPOPTS(), DSTOPTS(.size = 16), UDP(), BYTES(9)),
	  MACS "86dd 6000000000290040" IPV6 "3c00000000000000"
	  "11010000000000000000000000000000"
	  "9c400009001144a4 5a5a5a5a5a5a5a5a5a" },
	{ "a neighbour solicitation",
	  F(ETH(), IP6(.hops = 255), ICMP6(.type = 135),
	    HEX("20010db8000000000000000000000002")),
	  MACS "86dd 6000000000183aff" IPV6 "8700ef7c00000000"
	  "20010db8000000000000000000000002" },
	{ "TCP behind AH",
	  F(ETH(), IP6(), AH(), TCP(), BYTES(11)),
	  MACS "86dd 6000000000373340" IPV6
	  "060400000000010000000001000000000000000000000000"
	  "9c40005000000001000000005002ffff9a0d0000"
	  "5a5a5a5a5a5a5a5a5a5a5a" },
	{ "SCTP over IPv4",
	  F(ETH(), IP4(), SCTP(), HEX("0e000004")),
	  MACS "0800 45000024000100004084f651c0000201c0000202"
	  "9c400050000000008c14a1c7 0e000004" },
	{ "UDP over IPv4 in GRE",
	  F(ETH(), IP4(), GRE(), IP4(), UDP(), BYTES(3)),
	  MACS "0800 4500003700010000402ff693c0000201c0000202 00000800"
	  "4500001f000100004011f6c9c0000201c0000202"
	  "9c400009000b2b30 5a5a5a" },
	{ "a middle fragment over IPv4",
	  F(ETH(), IP4(.offset = 185, .more = 1, .proto = IPPROTO_UDP),
	    BYTES(4)),
	  MACS "0800 45000018000120b94011d617c0000201c0000202 5a5a5a5a" },
	{ "a middle fragment over IPv6",
	  F(ETH(), IP6(), FRAGMENT(.offset = 9, .more = 1, .next = IPPROTO_UDP),
	    BYTES(4)),
	  MACS "86dd 60000000000c2c40" IPV6 "1100004900000001 5a5a5a5a" },
	{ "an ARP request",
	  F(ETH(), ARP()),
	  MACS "0806 0001080006040001 020000000001c0000201"
	  "000000000000c0000202" },
	{ "padding is part of no length",
	  F(ETH(), IP6(), UDP(), BYTES(4), PAD(70)),
	  MACS "86dd 60000000000c1140" IPV6 "9c400009000c5363 5a5a5a5a"
	  "00000000" },
	{ "lengths inside speak of what was cut",
	  F(ETH(), IP4(), UDP(), HEX("68656c6c 6f"), CUT(44)),
	  MACS "0800 45000021000100004011f6c7c0000201c0000202"
	  "9c400009000d9bb4 6865" },
	{ "lengths inside agree with what is left",
	  F(ETH(), IP4(), UDP(), BYTES(40), SHORT(60)),
	  MACS "0800 4500002e000100004011f6bac0000201c0000202"
	  "9c400009001ab23f 5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a" },
	{ "wrong on purpose: too long, too short, nothing, something else",
	  F(ETH(), IP4(.tot_len = MORE(1), .ttl = ZERO, .check = 0xdead),
	    UDP(.len = LESS(1), .check = ZERO)),
	  MACS "0800 4500001d000100000011deadc0000201c0000202"
	  "9c40000900070000" },
};

#define FRAMES (sizeof(frames) / sizeof(frames[0]))

static void test_bytes(void **state)
{
	static struct frame is, should;
	size_t i = *(const size_t *)*state;

	frame_build(&is, frames[i].layers);
	frame_build(&should, F(HEX(frames[i].bytes)));
	assert_memory_equal(is.data, should.data, is.len);
	assert_int_equal(is.len, should.len);
}

int main(void)
{
	static size_t number[FRAMES];
	struct CMUnitTest tests[FRAMES];

	for (size_t i = 0; i < FRAMES; i++) {
		number[i] = i;
		tests[i] = (struct CMUnitTest){
			.name = frames[i].name,
			.test_func = test_bytes,
			.initial_state = &number[i],
		};
	}
	return group_run("A frame is its layers", tests, FRAMES) ? 1 : 0;
}
