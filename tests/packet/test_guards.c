// SPDX-License-Identifier: GPL-2.0-only
/* Guards, default drop and observing: a hit, and its near miss beside. */
#include <linux/if_ether.h>
#include <stdio.h>

#include "base/clock.h"
#include "datapath.h"

#define HOUR (3600ULL * NS_PER_S)

/* Listed in every table: who no guard may stop, and who is dropped anyway. */
#define FRIEND4	"198.51.100.1"
#define FRIEND6	"2001:db8:f::1"
#define EVIL4	"198.51.100.7"
#define EVIL6	"2001:db8:bad::7"
#define EVIL_LL	"fe80::7"

#define TCP4(...)	F(ETH(), IP4(), TCP(__VA_ARGS__))
#define TCP6(...)	F(ETH(), IP6(), TCP(__VA_ARGS__))
#define ROUTER_ALERT	HOPOPTS(.hex = "0502 0000 0100")
#define MLD(source, kind) \
	F(ETH(), IP6(.src = source, .hops = 1), ROUTER_ALERT, \
	  ICMP6(.type = kind), BYTES(16))

enum {
	F_ = TH_FIN, S_ = TH_SYN, R_ = TH_RST, P_ = TH_PUSH, A_ = TH_ACK,
	U_ = TH_URG, ECE_ = 0x40, CWR_ = 0x80,
};

static const struct row flags[] = {
	{ "SYN", TCP4(.flags = S_), PASSED },
	{ "SYN URG", TCP4(.flags = S_ | U_), PASSED },
	{ "SYN ACK", TCP4(.flags = S_ | A_), PASSED },
	{ "RST", TCP4(.flags = R_), PASSED },
	{ "RST ACK", TCP4(.flags = R_ | A_), PASSED },
	{ "FIN ACK", TCP4(.flags = F_ | A_), PASSED },
	{ "FIN ACK URG", TCP4(.flags = F_ | A_ | U_), PASSED },
	{ "ACK", TCP4(.flags = A_), PASSED },
	{ "ACK URG", TCP4(.flags = A_ | U_), PASSED },
	{ "ACK PSH", TCP4(.flags = A_ | P_), PASSED },
	{ "SYN ECE CWR, which asks for congestion notification",
	  TCP4(.flags = S_ | ECE_ | CWR_), PASSED },
	{ "SYN ACK ECE", TCP4(.flags = S_ | A_ | ECE_), PASSED },
	{ "FIN PSH ACK", TCP4(.flags = F_ | P_ | A_), PASSED },
	{ "RST PSH ACK CWR", TCP4(.flags = R_ | P_ | A_ | CWR_), PASSED },
	{ "ACK with the ninth flag",
	  F(ETH(), IP4(), TCP(.flags = A_, .doff = 5 | 0x10)), PASSED },
	{ "no flag at all", TCP4(.flags = ZERO), BAD_FLAGS },
	{ "PSH alone", TCP4(.flags = P_), BAD_FLAGS },
	{ "ECE and CWR alone", TCP4(.flags = ECE_ | CWR_), BAD_FLAGS },
	{ "FIN alone", TCP4(.flags = F_), BAD_FLAGS },
	{ "URG alone", TCP4(.flags = U_), BAD_FLAGS },
	{ "FIN PSH URG, a Christmas tree", TCP4(.flags = F_ | P_ | U_),
	  BAD_FLAGS },
	{ "SYN FIN", TCP4(.flags = S_ | F_), BAD_FLAGS },
	{ "SYN FIN ACK", TCP4(.flags = S_ | F_ | A_), BAD_FLAGS },
	{ "SYN RST", TCP4(.flags = S_ | R_), BAD_FLAGS },
	{ "SYN RST ACK", TCP4(.flags = S_ | R_ | A_), BAD_FLAGS },
	{ "SYN ACK URG", TCP4(.flags = S_ | A_ | U_), BAD_FLAGS },
	{ "RST FIN", TCP4(.flags = R_ | F_), BAD_FLAGS },
	{ "RST FIN ACK", TCP4(.flags = R_ | F_ | A_), BAD_FLAGS },
	{ "RST URG", TCP4(.flags = R_ | U_), BAD_FLAGS },
	{ "RST ACK URG", TCP4(.flags = R_ | A_ | U_), BAD_FLAGS },
	{ "FIN URG", TCP4(.flags = F_ | U_), BAD_FLAGS },
	{ "every flag", TCP4(.flags = 0xff), BAD_FLAGS },
	{ "SYN over IPv6", TCP6(.flags = S_), PASSED },
	{ "ACK PSH over IPv6", TCP6(.flags = A_ | P_), PASSED },
	{ "no flag over IPv6", TCP6(.flags = ZERO), BAD_FLAGS },
	{ "SYN FIN over IPv6", TCP6(.flags = S_ | F_), BAD_FLAGS },
	{ "SYN FIN over IPv6 behind an extension header",
	  F(ETH(), IP6(), DSTOPTS(), TCP(.flags = S_ | F_)), BAD_FLAGS },
	{ "SYN FIN behind a tag",
	  F(ETH(), VLAN(), IP4(), TCP(.flags = S_ | F_)), BAD_FLAGS },
	{ "SYN FIN in a first fragment",
	  F(ETH(), IP4(.more = 1), TCP(.flags = S_ | F_), BYTES(4)),
	  BAD_FLAGS },
	{ "SYN FIN where a later fragment has payload",
	  F(ETH(), IP4(.offset = 9), TCP(.flags = S_ | F_)), PASSED },
	{ "SYN FIN in UDP's payload",
	  F(ETH(), IP4(), UDP(), TCP(.flags = S_ | F_)), PASSED },
	{ "a denied host with SYN FIN is denied first",
	  F(ETH(), IP4(.src = EVIL4), TCP(.flags = S_ | F_)), DENIED(EVIL4) },
};

static const struct row zero_ports[] = {
	{ "TCP from port 0", TCP4(.sport = ZERO), BAD_PORT },
	{ "TCP to port 0", TCP4(.dport = ZERO), BAD_PORT },
	{ "TCP from and to port 0", TCP4(.sport = ZERO, .dport = ZERO),
	  BAD_PORT },
	{ "TCP from and to port 1", TCP4(.sport = 1, .dport = 1), PASSED },
	{ "TCP from and to port 256", TCP4(.sport = 256, .dport = 256),
	  PASSED },
	{ "TCP over IPv6 from port 0", TCP6(.sport = ZERO), BAD_PORT },
	{ "TCP over IPv6 to port 0", TCP6(.dport = ZERO), BAD_PORT },
	{ "UDP to port 0", F(ETH(), IP4(), UDP(.dport = ZERO)), BAD_PORT },
	{ "UDP from port 0 wants no answer",
	  F(ETH(), IP4(), UDP(.sport = ZERO)), PASSED },
	{ "UDP over IPv6 to port 0", F(ETH(), IP6(), UDP(.dport = ZERO)),
	  BAD_PORT },
	{ "UDP over IPv6 from port 0", F(ETH(), IP6(), UDP(.sport = ZERO)),
	  PASSED },
	{ "SCTP from port 0", F(ETH(), IP4(), SCTP(.sport = ZERO)), BAD_PORT },
	{ "SCTP to port 0", F(ETH(), IP6(), SCTP(.dport = ZERO)), BAD_PORT },
	{ "SCTP from and to port 1",
	  F(ETH(), IP4(), SCTP(.sport = 1, .dport = 1)), PASSED },
	{ "ICMP has no ports", F(ETH(), IP4(), ICMP()), PASSED },
	{ "ICMPv6 has no ports", F(ETH(), IP6(), ICMP6()), PASSED },
	{ "GRE has no ports", F(ETH(), IP4(), GRE(), IP4(), UDP()), PASSED },
	{ "a later fragment of UDP has no ports",
	  F(ETH(), IP4(.offset = 9, .proto = IPPROTO_UDP), BYTES(64)), PASSED },
	{ "a later fragment of UDP over IPv6 has no ports",
	  F(ETH(), IP6(), FRAGMENT(.offset = 9, .next = IPPROTO_UDP),
	    BYTES(64)), PASSED },
};

#define FROM4(s)	F(ETH(), IP4(.src = s), UDP())
#define FROM6(s)	F(ETH(), IP6(.src = s), UDP())
#define TO4(d)		F(ETH(), IP4(.dst = d), UDP())
#define TO6(d)		F(ETH(), IP6(.dst = d), UDP())

static const struct row bad_addresses[] = {
	{ "from the address below multicast", FROM4("223.255.255.255"),
	  PASSED },
	{ "from the lowest multicast address", FROM4("224.0.0.0"),
	  BAD_ADDRESS },
	{ "from the highest multicast address", FROM4("239.255.255.255"),
	  BAD_ADDRESS },
	{ "from 240.0.0.0 is a bogon's business", FROM4("240.0.0.0"), PASSED },
	{ "from the address below limited broadcast", FROM4("255.255.255.254"),
	  PASSED },
	{ "from limited broadcast", FROM4("255.255.255.255"), BAD_ADDRESS },
	{ "from loopback is a bogon's business", FROM4("127.0.0.1"), PASSED },
	{ "from nobody is a bogon's business", FROM4("0.0.0.0"), PASSED },
	{ "to nobody", TO4("0.0.0.0"), BAD_ADDRESS },
	{ "to the address behind nobody", TO4("0.0.0.1"), PASSED },
	{ "to the address below loopback", TO4("126.255.255.255"), PASSED },
	{ "to loopback", TO4("127.0.0.1"), BAD_ADDRESS },
	{ "to the highest loopback address", TO4("127.255.255.255"),
	  BAD_ADDRESS },
	{ "to the address above loopback", TO4("128.0.0.0"), PASSED },
	{ "UDP to multicast", TO4("224.0.0.251"), PASSED },
	{ "UDP to limited broadcast", TO4("255.255.255.255"), PASSED },
	{ "TCP to multicast", F(ETH(), IP4(.dst = "224.0.0.1"), TCP()),
	  BAD_ADDRESS },
	{ "TCP to the highest multicast address",
	  F(ETH(), IP4(.dst = "239.255.255.255"), TCP()), BAD_ADDRESS },
	{ "TCP to the address below multicast",
	  F(ETH(), IP4(.dst = "223.255.255.255"), TCP()), PASSED },
	{ "TCP to limited broadcast",
	  F(ETH(), IP4(.dst = "255.255.255.255"), TCP()), BAD_ADDRESS },
	{ "TCP to the address below limited broadcast",
	  F(ETH(), IP4(.dst = "255.255.255.254"), TCP()), PASSED },
	{ "a DHCP client without an address",
	  F(ETH(), IP4(.src = "0.0.0.0", .dst = "255.255.255.255"),
	    UDP(.sport = 68, .dport = 67)), PASSED },
	{ "from the lowest IPv6 group", FROM6("ff00::"), BAD_ADDRESS },
	{ "from an IPv6 group", FROM6("ff02::1"), BAD_ADDRESS },
	{ "from the address below IPv6 groups",
	  FROM6("feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), PASSED },
	{ "to nobody over IPv6", TO6("::"), BAD_ADDRESS },
	{ "to loopback over IPv6", TO6("::1"), BAD_ADDRESS },
	{ "to the address behind IPv6 loopback", TO6("::2"), PASSED },
	{ "to an address that begins like loopback", TO6("1::1"), PASSED },
	{ "from loopback over IPv6 is a bogon's business", FROM6("::1"),
	  PASSED },
	{ "UDP to an IPv6 group", TO6("ff02::fb"), PASSED },
	{ "TCP to an IPv6 group", F(ETH(), IP6(.dst = "ff02::1"), TCP()),
	  BAD_ADDRESS },
	{ "TCP to the address below IPv6 groups",
	  F(ETH(), IP6(.dst = "feff::1"), TCP()), PASSED },
	{ "from an IPv4-mapped address", FROM6("::ffff:198.51.100.9"),
	  BAD_ADDRESS },
	{ "to an IPv4-mapped address", TO6("::ffff:198.51.100.9"),
	  BAD_ADDRESS },
	{ "from below the IPv4-mapped addresses",
	  FROM6("::fffe:198.51.100.9"), PASSED },
	{ "from above the IPv4-mapped addresses",
	  FROM6("::1:ffff:198.51.100.9"), PASSED },
	{ "from what is IPv4-mapped but for its first half",
	  FROM6("2001:db8::ffff:198.51.100.9"), PASSED },
	{ "neighbour discovery from a group is let alone",
	  F(ETH(), IP6(.src = "ff02::1", .hops = 255), ICMP6(.type = 135),
	    BYTES(24)), PASSED },
	{ "private, link-local, documentation addresses can be on a wire",
	  F(ETH(), IP4(.src = "10.0.0.1", .dst = "169.254.1.1"), TCP()),
	  PASSED },
};

#define PART4(...)	F(ETH(), IP4(.proto = IPPROTO_UDP, __VA_ARGS__), BYTES(64))

static const struct row bad_fragments[] = {
	{ "a middle fragment in eights", PART4(.offset = 10, .more = 1),
	  PASSED },
	{ "a middle fragment not in eights",
	  F(ETH(), IP4(.offset = 10, .more = 1, .proto = 17), BYTES(63)),
	  BAD_FRAGMENT },
	{ "a middle fragment one byte beyond eights",
	  F(ETH(), IP4(.offset = 10, .more = 1, .proto = 17), BYTES(65)),
	  BAD_FRAGMENT },
	{ "a last fragment not in eights",
	  F(ETH(), IP4(.offset = 10, .proto = 17), BYTES(63)), PASSED },
	{ "a first fragment in eights behind options",
	  F(ETH(), IP4(.more = 1, .options = "01010101"), UDP(.len = 200),
	    BYTES(64)), PASSED },
	{ "a first fragment not in eights",
	  F(ETH(), IP4(.more = 1), UDP(.len = 200), BYTES(60)), BAD_FRAGMENT },
	{ "a whole packet not in eights", F(ETH(), IP4(), UDP(), BYTES(3)),
	  PASSED },
	{ "a middle fragment that holds nothing",
	  F(ETH(), IP4(.offset = 10, .more = 1, .proto = 17)), BAD_FRAGMENT },
	{ "a last fragment that holds nothing",
	  F(ETH(), IP4(.offset = 10, .proto = 17)), BAD_FRAGMENT },
	{ "a last fragment of one byte",
	  F(ETH(), IP4(.offset = 10, .proto = 17), BYTES(1)), PASSED },
	{ "a fragment that ends at 65,535",
	  F(ETH(), IP4(.offset = 8180, .proto = 17), BYTES(75)), PASSED },
	{ "a fragment that ends at 65,536",
	  F(ETH(), IP4(.offset = 8180, .proto = 17), BYTES(76)),
	  BAD_FRAGMENT },
	{ "options count for the end too",
	  F(ETH(), IP4(.offset = 8180, .proto = 17, .options = "01010101"),
	    BYTES(72)), BAD_FRAGMENT },
	{ "a fragment at the greatest offset, the ping of death",
	  F(ETH(), IP4(.offset = 8191, .proto = IPPROTO_ICMP), BYTES(64)),
	  BAD_FRAGMENT },
	{ "a fragment of TCP at offset 8",
	  F(ETH(), IP4(.offset = 1, .proto = IPPROTO_TCP), BYTES(64)),
	  BAD_FRAGMENT },
	{ "a fragment of TCP at offset 16",
	  F(ETH(), IP4(.offset = 2, .proto = IPPROTO_TCP), BYTES(64)),
	  PASSED },
	{ "a fragment of UDP at offset 8", PART4(.offset = 1), PASSED },
	{ "don't-fragment on a fragment, as Linux forwards them",
	  PART4(.offset = 10, .dont = 1), PASSED },
	{ "don't-fragment on a whole packet", F(ETH(), IP4(.dont = 1), UDP()),
	  PASSED },
	{ "the reserved flag on a whole packet",
	  F(ETH(), IP4(.offset = 0x8000), UDP()), BAD_FRAGMENT },
	{ "the reserved flag on a last fragment",
	  F(ETH(), IP4(.offset = 0x800a, .proto = 17), BYTES(8)),
	  BAD_FRAGMENT },
	{ "an IPv6 middle fragment in eights",
	  F(ETH(), IP6(), FRAGMENT(.offset = 10, .more = 1, .next = 17),
	    BYTES(64)), PASSED },
	{ "an IPv6 middle fragment not in eights",
	  F(ETH(), IP6(), FRAGMENT(.offset = 10, .more = 1, .next = 17),
	    BYTES(63)), BAD_FRAGMENT },
	{ "an IPv6 last fragment not in eights",
	  F(ETH(), IP6(), FRAGMENT(.offset = 10, .next = 17), BYTES(63)),
	  PASSED },
	{ "an IPv6 first fragment in eights",
	  F(ETH(), IP6(), FRAGMENT(.more = 1), UDP(.len = 200), BYTES(64)),
	  PASSED },
	{ "an IPv6 first fragment not in eights",
	  F(ETH(), IP6(), FRAGMENT(.more = 1), UDP(.len = 200), BYTES(60)),
	  BAD_FRAGMENT },
	{ "an atomic fragment not in eights",
	  F(ETH(), IP6(), FRAGMENT(), UDP(), BYTES(3)), PASSED },
	{ "an IPv6 fragment that holds nothing",
	  F(ETH(), IP6(), FRAGMENT(.offset = 10, .next = 17)),
	  BAD_FRAGMENT },
	{ "an atomic fragment that holds nothing",
	  F(ETH(), IP6(), FRAGMENT(.next = 59)), PASSED },
	{ "an IPv6 fragment that ends at 65,535",
	  F(ETH(), IP6(), FRAGMENT(.offset = 8183, .next = 17), BYTES(71)),
	  PASSED },
	{ "an IPv6 fragment that ends at 65,536",
	  F(ETH(), IP6(), FRAGMENT(.offset = 8183, .next = 17), BYTES(72)),
	  BAD_FRAGMENT },
	{ "what stays before an IPv6 fragment counts for the end too",
	  F(ETH(), IP6(), DSTOPTS(), FRAGMENT(.offset = 8183, .next = 17),
	    BYTES(64)), BAD_FRAGMENT },
	{ "an IPv6 fragment of TCP at offset 8",
	  F(ETH(), IP6(), FRAGMENT(.offset = 1, .next = 6), BYTES(64)),
	  BAD_FRAGMENT },
	{ "an IPv6 fragment of TCP at offset 16",
	  F(ETH(), IP6(), FRAGMENT(.offset = 2, .next = 6), BYTES(64)),
	  PASSED },
	{ "an IPv6 fragment of UDP at offset 8",
	  F(ETH(), IP6(), FRAGMENT(.offset = 1, .next = 17), BYTES(64)),
	  PASSED },
};

/* An allowed source may send anything: rows that follow every guard's table. */
static const struct row friends[] = {
	{ "SYN FIN from a friend",
	  F(ETH(), IP4(.src = FRIEND4), TCP(.flags = S_ | F_)),
	  ALLOWED(FRIEND4) },
	{ "port 0 from an IPv6 friend",
	  F(ETH(), IP6(.src = FRIEND6), UDP(.dport = ZERO)),
	  ALLOWED(FRIEND6) },
	{ "a bad fragment from a friend",
	  F(ETH(), IP4(.src = FRIEND4, .offset = 8191), BYTES(64)),
	  ALLOWED(FRIEND4) },
	{ "to loopback from a friend",
	  F(ETH(), IP4(.src = FRIEND4, .dst = "127.0.0.1"), UDP()),
	  ALLOWED(FRIEND4) },
	{ "a friend to itself",
	  F(ETH(), IP6(.src = FRIEND6, .dst = FRIEND6), UDP()),
	  ALLOWED(FRIEND6) },
	{ "a friend's bogon",
	  F(ETH(), IP4(.src = "127.0.0.9"), UDP()), ALLOWED("127.0.0.9") },
	{ "a friend behind a tag", F(ETH(), VLAN(), IP4(.src = FRIEND4), UDP()),
	  ALLOWED(FRIEND4) },
	{ "a friend's extension header",
	  F(ETH(), IP6(.src = FRIEND6), DSTOPTS(), UDP()), ALLOWED(FRIEND6) },
	{ "a denied host stays denied", FROM4(EVIL4), DENIED(EVIL4) },
	{ "a denied IPv6 host stays denied", FROM6(EVIL6), DENIED(EVIL6) },
	{ "an impossible length stays parse's",
	  F(ETH(), IP4(), UDP(.len = 7)), BAD_LENGTH },
};

static const struct row lands[] = {
	{ "to itself", F(ETH(), IP4(.src = "192.0.2.9", .dst = "192.0.2.9"),
			 TCP()), LAND },
	{ "to its neighbour",
	  F(ETH(), IP4(.src = "192.0.2.9", .dst = "192.0.2.8"), TCP()),
	  PASSED },
	{ "to what differs in the first bit",
	  F(ETH(), IP4(.src = "192.0.2.9", .dst = "64.0.2.9"), TCP()),
	  PASSED },
	{ "an echo request to itself",
	  F(ETH(), IP4(.src = "192.0.2.9", .dst = "192.0.2.9"), ICMP()),
	  LAND },
	{ "a later fragment to itself",
	  F(ETH(), IP4(.src = "192.0.2.9", .dst = "192.0.2.9", .offset = 9),
	    BYTES(8)), LAND },
	{ "to itself over IPv6",
	  F(ETH(), IP6(.src = "2001:db8::9", .dst = "2001:db8::9"), TCP()),
	  LAND },
	{ "over IPv6 to what differs in the last bit",
	  F(ETH(), IP6(.src = "2001:db8::9", .dst = "2001:db8::8"), TCP()),
	  PASSED },
	{ "over IPv6 to what differs in the upper half",
	  F(ETH(), IP6(.src = "2001:db8::9", .dst = "2001:db9::9"), TCP()),
	  PASSED },
	{ "neighbour discovery to itself is let alone",
	  F(ETH(), IP6(.src = "fe80::9", .dst = "fe80::9", .hops = 255),
	    ICMP6(.type = 135), BYTES(24)), PASSED },
	{ "SYN FIN is another guard's", TCP4(.flags = S_ | F_), PASSED },
};

static const struct row fragments[] = {
	{ "a whole packet", F(ETH(), IP4(), UDP()), PASSED },
	{ "a whole packet that must stay whole", F(ETH(), IP4(.dont = 1), UDP()),
	  PASSED },
	{ "a whole packet with the reserved flag",
	  F(ETH(), IP4(.offset = 0x8000), UDP()), PASSED },
	{ "a first fragment",
	  F(ETH(), IP4(.more = 1), UDP(.len = 200), BYTES(64)), FRAGMENTED },
	{ "a middle fragment", PART4(.offset = 9, .more = 1), FRAGMENTED },
	{ "a last fragment", PART4(.offset = 9), FRAGMENTED },
	{ "an IPv6 first fragment",
	  F(ETH(), IP6(), FRAGMENT(.more = 1), UDP(.len = 200), BYTES(64)),
	  FRAGMENTED },
	{ "an IPv6 last fragment",
	  F(ETH(), IP6(), FRAGMENT(.offset = 9, .next = 17), BYTES(64)),
	  FRAGMENTED },
	{ "an atomic fragment is a whole packet (RFC 6946)",
	  F(ETH(), IP6(), FRAGMENT(), UDP()), PASSED },
	{ "another extension header", F(ETH(), IP6(), DSTOPTS(), UDP()),
	  PASSED },
	{ "neighbour discovery in fragments is none (RFC 6980)",
	  F(ETH(), IP6(.hops = 255), FRAGMENT(.more = 1), ICMP6(.type = 135),
	    BYTES(24)), FRAGMENTED },
};

static const struct row bogons[] = {
	{ "from nobody", FROM4("0.0.0.0"), BOGON },
	{ "from the end of 0/8", FROM4("0.255.255.255"), BOGON },
	{ "from behind 0/8", FROM4("1.0.0.0"), PASSED },
	{ "from before loopback", FROM4("126.255.255.255"), PASSED },
	{ "from the beginning of loopback", FROM4("127.0.0.0"), BOGON },
	{ "from the end of loopback", FROM4("127.255.255.255"), BOGON },
	{ "from behind loopback", FROM4("128.0.0.0"), PASSED },
	{ "from before multicast", FROM4("223.255.255.255"), PASSED },
	{ "from multicast", FROM4("224.0.0.0"), BOGON },
	{ "from class E", FROM4("240.0.0.1"), BOGON },
	{ "from limited broadcast", FROM4("255.255.255.255"), BOGON },
	{ "from private addresses", FROM4("10.0.0.1"), PASSED },
	{ "from link-local addresses", FROM4("169.254.0.1"), PASSED },
	{ "from shared addresses", FROM4("100.64.0.1"), PASSED },
	{ "to loopback is another guard's", TO4("127.0.0.1"), PASSED },
	{ "a DHCP client without an address",
	  F(ETH(), IP4(.src = "0.0.0.0", .dst = "255.255.255.255"),
	    UDP(.sport = 68, .dport = 67)), PASSED },
	{ "a DHCP client with an address of 0/8",
	  F(ETH(), IP4(.src = "0.0.0.1", .dst = "255.255.255.255"),
	    UDP(.sport = 68, .dport = 67)), BOGON },
	{ "a DHCP client to one host",
	  F(ETH(), IP4(.src = "0.0.0.0"), UDP(.sport = 68, .dport = 67)),
	  BOGON },
	{ "from a DHCP client's address and another port",
	  F(ETH(), IP4(.src = "0.0.0.0", .dst = "255.255.255.255"),
	    UDP(.sport = 69, .dport = 67)), BOGON },
	{ "from a DHCP client's address to another port",
	  F(ETH(), IP4(.src = "0.0.0.0", .dst = "255.255.255.255"),
	    UDP(.sport = 68, .dport = 68)), BOGON },
	{ "from a DHCP client's address over TCP",
	  F(ETH(), IP4(.src = "0.0.0.0", .dst = "255.255.255.255"),
	    TCP(.sport = 68, .dport = 67)), BOGON },
	{ "a membership report from a host without an address",
	  F(ETH(), IP4(.src = "0.0.0.0", .dst = "224.0.0.22", .proto = 2),
	    BYTES(16)), PASSED },
	{ "a membership report to one host",
	  F(ETH(), IP4(.src = "0.0.0.0", .proto = 2), BYTES(16)), BOGON },
	{ "a membership report from loopback",
	  F(ETH(), IP4(.src = "127.0.0.1", .dst = "224.0.0.22", .proto = 2),
	    BYTES(16)), BOGON },
	{ "from nobody over IPv6", FROM6("::"), BOGON },
	{ "from loopback over IPv6", FROM6("::1"), BOGON },
	{ "from the end of ::/96", FROM6("::ffff:ffff"), BOGON },
	{ "from behind ::/96", FROM6("::1:0:0"), PASSED },
	{ "from an IPv4-mapped address", FROM6("::ffff:198.51.100.9"), BOGON },
	{ "from before IPv4-mapped addresses", FROM6("::fffe:ffff:ffff"),
	  PASSED },
	{ "from behind IPv4-mapped addresses", FROM6("::1:0:0:0"), PASSED },
	{ "from the translation prefix", FROM6("64:ff9b::c633:6409"), PASSED },
	{ "from before the discard prefix",
	  FROM6("ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), PASSED },
	{ "from the beginning of the discard prefix", FROM6("100::"), BOGON },
	{ "from the end of the discard prefix",
	  FROM6("100::ffff:ffff:ffff:ffff"), BOGON },
	{ "from behind the discard prefix", FROM6("100:0:0:1::"), PASSED },
	{ "from the end of link-local addresses", FROM6("febf::1"), PASSED },
	{ "from the beginning of site-local addresses", FROM6("fec0::1"),
	  BOGON },
	{ "from the end of site-local addresses", FROM6("feff:ffff::1"),
	  BOGON },
	{ "from an IPv6 group", FROM6("ff02::1"), BOGON },
	{ "from unique local addresses", FROM6("fd00::1"), PASSED },
	{ "duplicate address detection comes from nobody",
	  F(ETH(), IP6(.src = "::", .dst = "ff02::1:ff00:1", .hops = 255),
	    ICMP6(.type = 135), BYTES(16)), PASSED },
	{ "a listener report from nobody", MLD("::", 143), PASSED },
	{ "an echo request from nobody", F(ETH(), IP6(.src = "::"), ICMP6()),
	  BOGON },
};

static const struct row tagged[] = {
	{ "no tag", F(ETH(), IP4(), UDP()), PASSED },
	{ "a tag before IPv4", F(ETH(), VLAN(), IP4(), UDP()), TAGGED },
	{ "a tag before IPv6", F(ETH(), VLAN(), IP6(), UDP()), TAGGED },
	{ "a service tag", F(ETH(), VLAN(.tpid = 0x88a8), IP4(), UDP()),
	  TAGGED },
	{ "a priority tag", F(ETH(), VLAN(.id = ZERO), IP4(), UDP()), TAGGED },
	{ "four tags",
	  F(ETH(), VLAN(), VLAN(), VLAN(), VLAN(), IP6(), UDP()), TAGGED },
	{ "five tags stay parse's",
	  F(ETH(), VLAN(), VLAN(), VLAN(), VLAN(), VLAN(), IP6(), UDP()),
	  TOO_MANY_TAGS },
	{ "a tag before ARP", F(ETH(), VLAN(), ARP()), TAGGED },
	{ "four tags before ARP",
	  F(ETH(), VLAN(), VLAN(), VLAN(), VLAN(), ARP()), TAGGED },
	{ "ARP without a tag", F(ETH(), ARP(), PAD(60)), NOT_IP },
	{ "neighbour discovery behind a tag",
	  F(ETH(), VLAN(), IP6(.hops = 255), ICMP6(.type = 135), BYTES(16)),
	  TAGGED },
	{ "neighbour discovery without a tag",
	  F(ETH(), IP6(.hops = 255), ICMP6(.type = 135), BYTES(16)), PASSED },
	{ "a denied host behind a tag",
	  F(ETH(), VLAN(), IP4(.src = EVIL4), UDP()), DENIED(EVIL4) },
	{ "a tag of the pre-standard type",
	  F(ETH(), VLAN(.tpid = 0x9100), IP4(), UDP()), NOT_IP },
};

static const struct row ext_headers[] = {
	{ "none", F(ETH(), IP6(), UDP()), PASSED },
	{ "IPv4 options are none",
	  F(ETH(), IP4(.options = "94040000"), UDP()), PASSED },
	{ "hop-by-hop options", F(ETH(), IP6(), HOPOPTS(), UDP()),
	  EXTENSION_HEADER },
	{ "routing", F(ETH(), IP6(), ROUTING(), UDP()), EXTENSION_HEADER },
	{ "destination options", F(ETH(), IP6(), DSTOPTS(), TCP()),
	  EXTENSION_HEADER },
	{ "AH", F(ETH(), IP6(), AH(), UDP()), EXTENSION_HEADER },
	{ "AH over IPv4", F(ETH(), IP4(), AH(), UDP()), PASSED },
	{ "an atomic fragment", F(ETH(), IP6(), FRAGMENT(), UDP()),
	  EXTENSION_HEADER },
	{ "a later fragment",
	  F(ETH(), IP6(), FRAGMENT(.offset = 9, .next = 17), BYTES(8)),
	  EXTENSION_HEADER },
	{ "no next header", F(ETH(), IP6(), NONEXT()), PASSED },
	{ "ESP is none to weir", F(ETH(), IP6(), ESP()), PASSED },
	{ "a listener report", MLD("fe80::9", 143), PASSED },
	{ "a listener query", MLD("fe80::9", 130), PASSED },
	{ "a listener report from afar", MLD("2001:db8::9", 143),
	  EXTENSION_HEADER },
	{ "neighbour discovery behind hop-by-hop options",
	  F(ETH(), IP6(.hops = 255), HOPOPTS(), ICMP6(.type = 135), BYTES(16)),
	  PASSED },
};

/* Lists let listener discovery alone as well; it comes from a denied host. */
static const struct row listeners[] = {
	{ "a listener query", MLD(EVIL_LL, 130), PASSED },
	{ "a listener report", MLD(EVIL_LL, 131), PASSED },
	{ "a listener's done", MLD(EVIL_LL, 132), PASSED },
	{ "a listener report of version 2", MLD(EVIL_LL, 143), PASSED },
	{ "type 129", MLD(EVIL_LL, 129), DENIED(EVIL_LL) },
	{ "type 142", MLD(EVIL_LL, 142), DENIED(EVIL_LL) },
	{ "type 144", MLD(EVIL_LL, 144), DENIED(EVIL_LL) },
	{ "neighbour discovery's type with a listener's hop limit",
	  MLD(EVIL_LL, 135), DENIED(EVIL_LL) },
	{ "a listener report from afar", MLD(EVIL6, 143), DENIED(EVIL6) },
	{ "a listener report with hop limit 2",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 2), ROUTER_ALERT,
	    ICMP6(.type = 143), BYTES(16)), DENIED(EVIL_LL) },
	{ "a listener report without hop-by-hop options",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 1), ICMP6(.type = 143),
	    BYTES(16)), DENIED(EVIL_LL) },
	{ "a listener report behind destination options",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 1), DSTOPTS(),
	    ICMP6(.type = 143), BYTES(16)), DENIED(EVIL_LL) },
	{ "a listener report behind hop-by-hop options and a fragment header",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 1), ROUTER_ALERT, FRAGMENT(),
	    ICMP6(.type = 143), BYTES(16)), DENIED(EVIL_LL) },
};

static const struct row all_guards[] = {
	{ "an ordinary packet", F(ETH(), IP4(), TCP()), PASSED },
	{ "an ordinary IPv6 packet", F(ETH(), IP6(), UDP()), PASSED },
	{ "tagged comes before malformed",
	  F(ETH(), VLAN(), IP4(), TCP(.flags = ZERO)), TAGGED },
	{ "bad-fragment comes before bad-flags",
	  F(ETH(), IP4(.offset = 0x8000), TCP(.flags = ZERO)), BAD_FRAGMENT },
	{ "bad-flags comes before bad-port",
	  TCP4(.flags = ZERO, .dport = ZERO), BAD_FLAGS },
	{ "bad-port comes before bad-address",
	  F(ETH(), IP4(.dst = "127.0.0.1"), TCP(.dport = ZERO)), BAD_PORT },
	{ "malformed comes before land",
	  F(ETH(), IP4(.src = "127.0.0.1", .dst = "127.0.0.1"), UDP()),
	  BAD_ADDRESS },
	{ "land comes before bogons",
	  F(ETH(), IP4(.src = "240.0.0.1", .dst = "240.0.0.1"), UDP()), LAND },
	{ "fragments come before bogons",
	  F(ETH(), IP4(.src = "240.0.0.1", .offset = 9), BYTES(8)),
	  FRAGMENTED },
	{ "bogons come before extension headers",
	  F(ETH(), IP6(.src = "100::1"), DSTOPTS(), UDP()), BOGON },
};

#define FROM_TO(s, d)	UDP(.sport = s, .dport = d)

static const struct row defaults[] = {
	{ "UDP", F(ETH(), IP4(), UDP()), DEFAULT },
	{ "TCP over IPv6", F(ETH(), IP6(), TCP()), DEFAULT },
	{ "an echo request", F(ETH(), IP4(), ICMP()), DEFAULT },
	{ "ARP", F(ETH(), ARP(), PAD(60)), NOT_IP },
	{ "a friend", FROM4(FRIEND4), ALLOWED(FRIEND4) },
	{ "a denied host", FROM4(EVIL4), DENIED(EVIL4) },
	{ "fragmentation needed", F(ETH(), IP4(), ICMP(.type = 3, .code = 4)),
	  KEPT },
	{ "port unreachable", F(ETH(), IP4(), ICMP(.type = 3, .code = 3)),
	  DEFAULT },
	{ "code 4 of another type", F(ETH(), IP4(), ICMP(.type = 5, .code = 4)),
	  DEFAULT },
	{ "the first fragment of a fragmentation needed",
	  F(ETH(), IP4(.more = 1), ICMP(.type = 3, .code = 4), BYTES(8)),
	  DEFAULT },
	{ "a later fragment of ICMP",
	  F(ETH(), IP4(.offset = 9), ICMP(.type = 3, .code = 4)), DEFAULT },
	{ "packet too big", F(ETH(), IP6(), ICMP6(.type = 2)), KEPT },
	{ "packet too big with a code", F(ETH(), IP6(),
					  ICMP6(.type = 2, .code = 9)), KEPT },
	{ "destination unreachable", F(ETH(), IP6(), ICMP6(.type = 1)),
	  DEFAULT },
	{ "time exceeded", F(ETH(), IP6(), ICMP6(.type = 3, .code = 4)),
	  DEFAULT },
	{ "ICMP's type 2", F(ETH(), IP4(), ICMP(.type = 2)), DEFAULT },
	{ "ICMPv6's type 3 code 4 of ICMP over IPv6",
	  F(ETH(), IP6(), ICMP(.type = 3, .code = 4)), DEFAULT },
	{ "a DHCP reply", F(ETH(), IP4(), FROM_TO(67, 68)), KEPT },
	{ "a DHCP reply to everybody",
	  F(ETH(), IP4(.dst = "255.255.255.255"), FROM_TO(67, 68)), KEPT },
	{ "a DHCP request", F(ETH(), IP4(), FROM_TO(68, 67)), DEFAULT },
	{ "port 67 to another", F(ETH(), IP4(), FROM_TO(67, 69)), DEFAULT },
	{ "another port to 68", F(ETH(), IP4(), FROM_TO(66, 68)), DEFAULT },
	{ "DHCP's ports over TCP",
	  F(ETH(), IP4(), TCP(.sport = 67, .dport = 68)), DEFAULT },
	{ "DHCP's ports over IPv6", F(ETH(), IP6(), FROM_TO(67, 68)),
	  DEFAULT },
	{ "a DHCPv6 reply", F(ETH(), IP6(), FROM_TO(547, 546)), KEPT },
	{ "a DHCPv6 request", F(ETH(), IP6(), FROM_TO(546, 547)), DEFAULT },
	{ "DHCPv6's ports over IPv4", F(ETH(), IP4(), FROM_TO(547, 546)),
	  DEFAULT },
	{ "the first fragment of a DHCP reply",
	  F(ETH(), IP4(.more = 1), UDP(.sport = 67, .dport = 68, .len = 200),
	    BYTES(8)), DEFAULT },
	{ "a later fragment of UDP",
	  F(ETH(), IP4(.offset = 9), FROM_TO(67, 68)), DEFAULT },
	{ "neighbour discovery",
	  F(ETH(), IP6(.hops = 255), ICMP6(.type = 136), BYTES(16)), KEPT },
	{ "neighbour discovery from afar",
	  F(ETH(), IP6(.hops = 254), ICMP6(.type = 136), BYTES(16)), DEFAULT },
	{ "neighbour discovery from a denied host",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 255), ICMP6(.type = 135),
	    BYTES(16)), KEPT },
	{ "a listener query", MLD("fe80::9", 130), KEPT },
	{ "a listener query from afar", MLD("2001:db8::9", 130), DEFAULT },
	{ "a tag drops nothing by itself",
	  F(ETH(), VLAN(), IP4(), FROM_TO(67, 68)), KEPT },
};

static const struct row observed[] = {
	{ "a denied host", FROM4(EVIL4), OBSERVED(EVIL4) },
	{ "SYN FIN", TCP4(.flags = S_ | F_), OBSERVED(NULL) },
	{ "an impossible length", F(ETH(), IP4(), UDP(.len = 7)),
	  OBSERVED(NULL) },
	{ "what default would drop", F(ETH(), IP4(), UDP()), OBSERVED(NULL) },
	{ "a friend", FROM4(FRIEND4), ALLOWED(FRIEND4) },
	{ "what default keeps", F(ETH(), IP4(), FROM_TO(67, 68)), KEPT },
	{ "ARP", F(ETH(), ARP(), PAD(60)), NOT_IP },
};

#define EVERY_GUARD ((1 << WEIR_GUARD_COUNT) - 1)

static const struct table {
	const char *group;
	struct filter_settings settings;
	const struct row *rows;
	size_t count;
} tables[] = {
#define TABLE(group, rows, ...) \
	{ group, { .generation = 1, __VA_ARGS__ }, rows, \
	  sizeof(rows) / sizeof((rows)[0]) }
	TABLE("malformed: flags that the kernel tracks pass", flags,
	      .guards = WEIR_GUARD_MALFORMED),
	TABLE("malformed: port 0", zero_ports, .guards = WEIR_GUARD_MALFORMED),
	TABLE("malformed: addresses", bad_addresses,
	      .guards = WEIR_GUARD_MALFORMED),
	TABLE("malformed: fragments", bad_fragments,
	      .guards = WEIR_GUARD_MALFORMED),
	TABLE("land", lands, .guards = WEIR_GUARD_LAND),
	TABLE("fragments", fragments, .guards = WEIR_GUARD_FRAGMENTS),
	TABLE("bogons", bogons, .guards = WEIR_GUARD_BOGONS),
	TABLE("tagged", tagged, .guards = WEIR_GUARD_TAGGED),
	TABLE("extension-headers", ext_headers,
	      .guards = WEIR_GUARD_EXTENSION_HEADERS),
	TABLE("No list stops listener discovery", listeners, .guards = 0),
	TABLE("No guard stops listener discovery", listeners,
	      .guards = EVERY_GUARD & ~WEIR_GUARD_TAGGED),
	TABLE("Of several guards the first counts", all_guards,
	      .guards = EVERY_GUARD),
	TABLE("No guard stops an allowed source", friends,
	      .guards = EVERY_GUARD),
	TABLE("default drop", defaults, .default_drop = true),
	TABLE("default drop stops no allowed source", friends,
	      .default_drop = true),
	TABLE("An observed policy drops nothing", observed, .observe = true,
	      .guards = EVERY_GUARD, .default_drop = true),
};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

static void add_lists(void)
{
	entry_add(WEIR_ALLOW, FRIEND4);
	entry_add(WEIR_ALLOW, FRIEND6);
	entry_add(WEIR_ALLOW, "127.0.0.9");
	entry_add(WEIR_DENY, EVIL4);
	entry_add(WEIR_DENY, EVIL6);
	entry_add(WEIR_DENY, EVIL_LL);
}

static bool open_with(const struct filter_settings *settings)
{
	if (datapath_open_with(settings))
		return false;
	add_lists();
	return true;
}

static bool has_arp(const struct layer *layers)
{
	for (; layers->kind != LAYER_END; layers++)
		if (layers->kind == LAYER_ARP)
			return true;
	return false;
}

/* Without guards and default drop all of their rows pass. */
static void test_without_guards(void **state)
{
	static struct frame frame;

	(void)state;
	for (size_t t = 0; t < TABLES; t++) {
		for (size_t i = 0; i < tables[t].count; i++) {
			const struct row *row = &tables[t].rows[i];

			if (row->reason < WEIR_BAD_FLAGS || row->by)
				continue;
			frame_build(&frame, row->frame);
			assert_judged(&frame, 0,
				      has_arp(row->frame) ? WEIR_NOT_IP :
							    WEIR_PASSED,
				      NO_ENTRY);
		}
	}
}

static void judge(const struct layer *layers, enum weir_reason reason,
		  uint32_t entry)
{
	static struct frame frame;

	frame_build(&frame, layers);
	assert_judged(&frame, 0, reason, entry);
}

static void assert_would(enum weir_reason reason, uint64_t packets,
			 uint64_t bytes)
{
	struct weir_counter is = would_count(reason);

	assert_int_equal(is.packets, packets);
	assert_int_equal(is.bytes, bytes);
}

/* Entry 3 is EVIL4; its frame has 42 bytes. */
#define EVIL 3

static void test_would_row(void **state)
{
	(void)state;
	assert_true(open_with(&(struct filter_settings){
		.generation = 1, .observe = true,
		.guards = WEIR_GUARD_MALFORMED }));
	judge(FROM4(EVIL4), WEIR_OBSERVED, EVIL);
	judge(FROM4(EVIL4), WEIR_OBSERVED, EVIL);
	judge(TCP4(.flags = ZERO), WEIR_OBSERVED, NO_ENTRY);
	judge(TCP4(), WEIR_PASSED, NO_ENTRY);
	assert_would(WEIR_DENIED, 2, 84);
	assert_would(WEIR_BAD_FLAGS, 1, 54);
	assert_would(WEIR_PASSED, 0, 0);
	assert_would(WEIR_OBSERVED, 0, 0);
}

static void test_pause_beats_observing(void **state)
{
	(void)state;
	assert_true(open_with(&(struct filter_settings){
		.generation = 1, .observe = true }));
	pause_set(WEIR_NEVER);
	judge(FROM4(EVIL4), WEIR_PAUSED, EVIL);
	assert_would(WEIR_DENIED, 1, 42);
	pause_set(clock_ns(CLOCK_MONOTONIC) - NS_PER_S);
	judge(FROM4(EVIL4), WEIR_OBSERVED, EVIL);
	assert_would(WEIR_DENIED, 2, 84);
}

static void test_pause_counts_what_would_be(void **state)
{
	(void)state;
	assert_true(open_with(&(struct filter_settings){ .generation = 1 }));
	judge(FROM4(EVIL4), WEIR_DENIED, EVIL);
	assert_would(WEIR_DENIED, 0, 0);
	pause_set(WEIR_NEVER);
	judge(FROM4(EVIL4), WEIR_PAUSED, EVIL);
	judge(FROM4(FRIEND4), WEIR_ALLOWED, 0);
	assert_would(WEIR_DENIED, 1, 42);
	assert_would(WEIR_ALLOWED, 0, 0);
	assert_would(WEIR_PAUSED, 0, 0);
}

static void test_unconfirmed(void **state)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	(void)state;
	assert_true(open_with(&(struct filter_settings){ .generation = 7 }));
	judge(FROM4(EVIL4), WEIR_DENIED, EVIL);
	unconfirmed_set(7, now + HOUR);
	judge(FROM4(EVIL4), WEIR_DENIED, EVIL);
	unconfirmed_set(7, now - NS_PER_S);
	judge(FROM4(EVIL4), WEIR_OBSERVED, EVIL);
	assert_would(WEIR_DENIED, 1, 42);
	unconfirmed_set(8, now - NS_PER_S);
	judge(FROM4(EVIL4), WEIR_DENIED, EVIL);
	unconfirmed_set(0, now - NS_PER_S);
	judge(FROM4(EVIL4), WEIR_DENIED, EVIL);
	unconfirmed_set(7, 0);
	judge(FROM4(EVIL4), WEIR_OBSERVED, EVIL);
	pause_set(WEIR_NEVER);
	judge(FROM4(EVIL4), WEIR_PAUSED, EVIL);
	assert_would(WEIR_DENIED, 3, 126);
}

static void test_no_generation(void **state)
{
	(void)state;
	assert_true(open_with(&(struct filter_settings){ 0 }));
	unconfirmed_set(0, 0);
	judge(FROM4(EVIL4), WEIR_DENIED, EVIL);
	assert_would(WEIR_DENIED, 0, 0);
}

/*
 * The verdict that belongs to it is asserted by each row.  Rules and limits
 * show theirs in test_rules.c and test_limits.c.
 */
static void test_every_reason_has_a_row(void **state)
{
	bool seen[WEIR_REASON_COUNT] = {
		[WEIR_RULE_DROP] = true, [WEIR_RULE_PASS] = true,
		[WEIR_RULE_ABORT] = true, [WEIR_LIMIT] = true,
		[WEIR_BANNED] = true,
	};

	(void)state;
	for (size_t t = 0; t < TABLES; t++)
		for (size_t i = 0; i < tables[t].count; i++)
			seen[tables[t].rows[i].reason] = true;
	for (int reason = WEIR_OBSERVED; reason < WEIR_REASON_COUNT; reason++)
		if (!seen[reason])
			fail_msg("no frame shows reason %d", reason);
}

#define TEST(sentence, test) { .name = sentence, .test_func = test }

static const struct CMUnitTest absent[] = {
	TEST("without guards and default drop all of this passes",
	     test_without_guards),
};

static const struct CMUnitTest spared[] = {
	TEST("every reason has a row, and so its declared verdict",
	     test_every_reason_has_a_row),
	TEST("what would be dropped counts in a row of its own",
	     test_would_row),
	TEST("a pause beats observing", test_pause_beats_observing),
	TEST("a pause counts what would be dropped",
	     test_pause_counts_what_would_be),
	TEST("an unconfirmed generation observes from its time on",
	     test_unconfirmed),
	TEST("generation 0 is never unconfirmed", test_no_generation),
};

int main(void)
{
	int failed = 0;

	for (size_t t = 0; t < TABLES; t++) {
		if (!open_with(&tables[t].settings))
			return 1;
		failed += rows_run(tables[t].group, tables[t].rows,
				   tables[t].count);
	}
	if (!open_with(&(struct filter_settings){ .generation = 1 }))
		return 1;
	failed += GROUP_RUN("Guards that are off", absent);
	failed += GROUP_RUN("Nothing is dropped", spared);
	return failed ? 1 : 0;
}
