// SPDX-License-Identifier: GPL-2.0-only
/* One frame in, one verdict and one counter out, with a near miss beside. */
#include <linux/if_ether.h>
#include <net/if.h>
#include <stdio.h>

#include <bpf/bpf.h>

#include "base/clock.h"
#include "datapath.h"

/* What the tables call by name; the rest of the lists is in add_lists(). */
#define EVIL4	"198.51.100.7"
#define EVIL6	"2001:db8:bad::7"
#define EVIL_LL	"fe80::7"		/* a neighbour */

static void add_lists(void)
{
	entry_add(WEIR_DENY, EVIL4);
	entry_add(WEIR_DENY, EVIL6);
	entry_add(WEIR_DENY, EVIL_LL);

	entry_add(WEIR_DENY, "10.0.0.0/8");
	entry_add(WEIR_DENY, "10.1.1.0/24");
	entry_add(WEIR_DENY, "10.1.1.1");
	entry_add(WEIR_ALLOW, "10.1.0.0/16");
	entry_add(WEIR_ALLOW, "10.1.2.3");
	entry_add(WEIR_DENY, "10.2.3.4");
	entry_add(WEIR_ALLOW, "192.168.5.5");

	entry_add(WEIR_DENY, "2001:db8:dead::/48");
	entry_add(WEIR_DENY, "2001:db8:dead:1:8000::/65");
	entry_add(WEIR_DENY, "2001:db8:dead:1::66");
	entry_add(WEIR_ALLOW, "2001:db8:dead:1::/64");
	entry_add(WEIR_ALLOW, "2001:db8:dead:1::77");
	entry_add(WEIR_ALLOW, "fe80::9");
}

static const struct row ethernet[] = {
	{ "14 bytes of ARP are a frame",
	  F(ETH(.type = ETH_P_ARP)), NOT_IP },
	{ "14 bytes of IPv4 lack the IP header",
	  F(ETH(.type = ETH_P_IP)), TRUNCATED },
	{ "14 bytes of IPv6 lack the IP header",
	  F(ETH(.type = ETH_P_IPV6)), TRUNCATED },
	{ "14 bytes of VLAN lack the tag",
	  F(ETH(.type = ETH_P_8021Q)), TRUNCATED },
	{ "an ARP request",
	  F(ETH(), ARP(), PAD(60)), NOT_IP },
	{ "an ARP request from a denied host",
	  F(ETH(), ARP(.src = EVIL4), PAD(60)), NOT_IP },
	{ "LLDP",
	  F(ETH(.type = ETH_P_LLDP), HEX("0207 04020000000001"), PAD(60)),
	  NOT_IP },
	{ "MPLS, whatever is inside",
	  F(ETH(.type = ETH_P_MPLS_UC), HEX("00001140"), IP4(.src = EVIL4),
	    UDP()), NOT_IP },
	{ "PPPoE, whatever is inside",
	  F(ETH(.type = ETH_P_PPP_SES), HEX("11000001 001e 0021"),
	    IP4(.src = EVIL4), UDP()), NOT_IP },
	{ "an 802.3 frame with a length in place of the type",
	  F(ETH(.type = 38), HEX("424203"), BYTES(35), PAD(60)), NOT_IP },
	{ "an 802.3 frame of the greatest length",
	  F(ETH(.type = 1500), HEX("424203"), BYTES(1497)), NOT_IP },
	{ "an 802.3 frame of length 0",
	  F(ETH(.type = ZERO), PAD(60)), NOT_IP },
	{ "the lowest EtherType",
	  F(ETH(.type = 0x0600), BYTES(46)), NOT_IP },
	{ "the EtherType of IPv4",
	  F(ETH(.type = 0x0800), IP4(), UDP()), PASSED },
	{ "the EtherType of IPv4 with its bytes swapped",
	  F(ETH(.type = 0x0008), IP4(.src = EVIL4), UDP()), NOT_IP },
	{ "the EtherType below that of IPv4",
	  F(ETH(.type = 0x07ff), IP4(.src = EVIL4), UDP()), NOT_IP },
	{ "the EtherType above that of IPv6",
	  F(ETH(.type = 0x86de), IP6(.src = EVIL6), UDP()), NOT_IP },
	{ "a frame to everybody",
	  F(ETH(.dst = "ff:ff:ff:ff:ff:ff"), IP4(), UDP()), PASSED },
	{ "a frame to everybody from a denied host",
	  F(ETH(.dst = "ff:ff:ff:ff:ff:ff"), IP4(.src = EVIL4), UDP()),
	  DENIED(EVIL4) },
};

static const struct row tags[] = {
	{ "a tag, then IPv4",
	  F(ETH(), VLAN(), IP4(), UDP()), PASSED },
	{ "a tag, then IPv4 from a denied host",
	  F(ETH(), VLAN(), IP4(.src = EVIL4), UDP()), DENIED(EVIL4) },
	{ "a tag, then IPv6 from a denied host",
	  F(ETH(), VLAN(), IP6(.src = EVIL6), UDP()), DENIED(EVIL6) },
	{ "a priority tag, VLAN 0, before a denied host",
	  F(ETH(), VLAN(.id = ZERO), IP4(.src = EVIL4), UDP()), DENIED(EVIL4) },
	{ "a tag with priority and VLAN 4095 before a denied host",
	  F(ETH(), VLAN(.id = 0xffff), IP4(.src = EVIL4), UDP()),
	  DENIED(EVIL4) },
	{ "an 802.1ad tag alone before a denied host",
	  F(ETH(), VLAN(.tpid = 0x88a8), IP4(.src = EVIL4), UDP()),
	  DENIED(EVIL4) },
	{ "an 802.1ad tag, then an 802.1Q tag, then a denied host",
	  F(ETH(), VLAN(.tpid = 0x88a8), VLAN(), IP4(.src = EVIL4), UDP()),
	  DENIED(EVIL4) },
	{ "an 802.1Q tag, then an 802.1ad tag, then a denied host",
	  F(ETH(), VLAN(), VLAN(.tpid = 0x88a8), IP6(.src = EVIL6), UDP()),
	  DENIED(EVIL6) },
	{ "a tag of the pre-standard type 0x9100 is not one",
	  F(ETH(), VLAN(.tpid = 0x9100), IP4(.src = EVIL4), UDP()), NOT_IP },
	{ "a tag, then ARP",
	  F(ETH(), VLAN(), ARP()), NOT_IP },
	{ "a tag, then an 802.3 length",
	  F(ETH(), VLAN(.type = 46), BYTES(46)), NOT_IP },
	{ "4 tags, then IPv4",
	  F(ETH(), VLAN(), VLAN(), VLAN(), VLAN(), IP4(), UDP()), PASSED },
	{ "4 tags, then IPv6",
	  F(ETH(), VLAN(), VLAN(), VLAN(), VLAN(), IP6(), UDP()), PASSED },
	{ "4 tags, then IPv4 from a denied host",
	  F(ETH(), VLAN(), VLAN(), VLAN(), VLAN(), IP4(.src = EVIL4), UDP()),
	  DENIED(EVIL4) },
	{ "4 tags, then ARP",
	  F(ETH(), VLAN(), VLAN(), VLAN(), VLAN(), ARP()), NOT_IP },
	{ "5 tags, then IPv4",
	  F(ETH(), VLAN(), VLAN(), VLAN(), VLAN(), VLAN(), IP4(), UDP()),
	  TOO_MANY_TAGS },
	{ "5 tags, then ARP",
	  F(ETH(), VLAN(), VLAN(), VLAN(), VLAN(), VLAN(), ARP()),
	  TOO_MANY_TAGS },
	{ "5 tags of both types",
	  F(ETH(), VLAN(.tpid = 0x88a8), VLAN(), VLAN(.tpid = 0x88a8), VLAN(),
	    VLAN(.tpid = 0x88a8), IP4(), UDP()), TOO_MANY_TAGS },
	{ "9 tags",
	  F(ETH(), VLAN(), VLAN(), VLAN(), VLAN(), VLAN(), VLAN(), VLAN(),
	    VLAN(), VLAN(), IP4(), UDP()), TOO_MANY_TAGS },
	{ "4 tags and the fifth cut off",
	  F(ETH(), VLAN(), VLAN(), VLAN(), VLAN(.type = ETH_P_8021Q)),
	  TOO_MANY_TAGS },
	{ "3 tags and half of the fourth",
	  F(ETH(), VLAN(), VLAN(), VLAN(), VLAN(), IP4(), CUT(28)), TRUNCATED },
	{ "3 of the 4 bytes of a tag",
	  F(ETH(), VLAN(), IP4(), CUT(17)), TRUNCATED },
	{ "a tag and nothing behind it",
	  F(ETH(), VLAN(.type = ETH_P_IP)), TRUNCATED },
	{ "a tag with an unknown type and nothing behind it",
	  F(ETH(), VLAN()), NOT_IP },
	{ "a tag with the version of IPv6 behind the type of IPv4",
	  F(ETH(), VLAN(.type = ETH_P_IP), IP6(), UDP()), BAD_VERSION },
};

static const struct row ip4[] = {
	{ "UDP from an ordinary host",
	  F(ETH(), IP4(), UDP()), PASSED },
	{ "UDP from a denied host",
	  F(ETH(), IP4(.src = EVIL4), UDP(.sport = 123)), DENIED(EVIL4) },
	{ "UDP from the neighbour of a denied host",
	  F(ETH(), IP4(.src = "198.51.100.8"), UDP(.sport = 123)), PASSED },
	{ "UDP to a denied host",
	  F(ETH(), IP4(.dst = EVIL4), UDP()), PASSED },
	{ "a header alone, no payload",
	  F(ETH(), IP4()), PASSED },
	{ "a header alone of UDP",
	  F(ETH(), IP4(.proto = IPPROTO_UDP)), TRUNCATED },
	{ "19 of 20 bytes of header",
	  F(ETH(), IP4(), CUT(33)), TRUNCATED },
	{ "20 bytes of header, and the length speaks of more",
	  F(ETH(), IP4(), UDP(), CUT(34)), BAD_LENGTH },
	{ "version 6 behind the type of IPv4",
	  F(ETH(.type = ETH_P_IP), IP6(), UDP()), BAD_VERSION },
	{ "version 6 behind the type of IPv4 from a denied host",
	  F(ETH(.type = ETH_P_IP), IP6(.src = EVIL6), UDP()), BAD_VERSION },
	{ "version 0 behind the type of IPv4",
	  F(ETH(), IP4(.version = ZERO), UDP()), BAD_VERSION },
	{ "version 5 behind the type of IPv4",
	  F(ETH(), IP4(.version = 5), UDP()), BAD_VERSION },
	{ "version 15 from a denied host",
	  F(ETH(), IP4(.version = 15, .src = EVIL4), UDP()), BAD_VERSION },
	{ "header length 5",
	  F(ETH(), IP4(.ihl = 5), UDP()), PASSED },
	{ "header length 4",
	  F(ETH(), IP4(.ihl = 4), ESP()), BAD_LENGTH },
	{ "header length 0",
	  F(ETH(), IP4(.ihl = ZERO), ESP()), BAD_LENGTH },
	{ "header length 4 from a denied host",
	  F(ETH(), IP4(.ihl = 4, .src = EVIL4), ESP()), BAD_LENGTH },
	{ "header length 6 with 4 bytes of options",
	  F(ETH(), IP4(.options = "94040000"), UDP()), PASSED },
	{ "header length 6 without options: half a UDP header is left",
	  F(ETH(), IP4(.ihl = 6), UDP()), TRUNCATED },
	{ "header length 7 without options: no UDP header is left",
	  F(ETH(), IP4(.ihl = 7), UDP()), TRUNCATED },
	{ "header length 8 runs past the total length",
	  F(ETH(), IP4(.ihl = 8), UDP()), BAD_LENGTH },
	{ "header length 15 with 40 bytes of options",
	  F(ETH(), IP4(.options = "0101010101010101010101010101010101010101"
				  "0101010101010101010101010101010101010101"),
	    UDP()), PASSED },
	{ "header length 15 with 40 bytes of options from a denied host",
	  F(ETH(), IP4(.options = "0101010101010101010101010101010101010101"
				  "0101010101010101010101010101010101010101",
		       .src = EVIL4), UDP()), DENIED(EVIL4) },
	{ "header length 15 without options, into the padding",
	  F(ETH(), IP4(.ihl = 15), UDP(), PAD(80)), BAD_LENGTH },
	{ "options that would be an impossible UDP header",
	  F(ETH(), IP4(.options = "01010101 0101ffff"), UDP()), PASSED },
	{ "options that would be a possible UDP header before a bad one",
	  F(ETH(), IP4(.options = "94040000 00080000"), UDP(.len = 7)),
	  BAD_LENGTH },
	{ "options that would be an impossible TCP header",
	  F(ETH(), IP4(.options = "01010101 01010101 01010101"), TCP()),
	  PASSED },
	{ "total length one too small for the UDP header",
	  F(ETH(), IP4(.tot_len = LESS(1)), UDP()), TRUNCATED },
	{ "total length one too small for the UDP length",
	  F(ETH(), IP4(.tot_len = LESS(1)), UDP(), BYTES(4)), BAD_LENGTH },
	{ "total length one more than the frame has",
	  F(ETH(), IP4(.tot_len = MORE(1)), UDP()), BAD_LENGTH },
	{ "total length one more than the packet, into the padding",
	  F(ETH(), IP4(.tot_len = MORE(1)), UDP(), PAD(60)), PASSED },
	{ "total length that fills the padding",
	  F(ETH(), IP4(.tot_len = 46), UDP(), PAD(60)), PASSED },
	{ "total length one more than packet and padding",
	  F(ETH(), IP4(.tot_len = 47), UDP(), PAD(60)), BAD_LENGTH },
	{ "total length 0",
	  F(ETH(), IP4(.tot_len = ZERO), UDP()), BAD_LENGTH },
	{ "total length 19",
	  F(ETH(), IP4(.tot_len = 19), UDP()), BAD_LENGTH },
	{ "total length 20 before a header of UDP",
	  F(ETH(), IP4(.tot_len = 20), UDP()), TRUNCATED },
	{ "total length 20 before a header of ESP",
	  F(ETH(), IP4(.tot_len = 20), ESP()), PASSED },
	{ "total length 23 with 4 bytes of options",
	  F(ETH(), IP4(.tot_len = 23, .options = "01010101"), ESP()),
	  BAD_LENGTH },
	{ "total length 24 with 4 bytes of options",
	  F(ETH(), IP4(.tot_len = 24, .options = "01010101"), ESP()), PASSED },
	{ "total length 65535 on a short frame",
	  F(ETH(), IP4(.tot_len = 65535), UDP()), BAD_LENGTH },
	{ "a wrong header checksum is the stack's to judge",
	  F(ETH(), IP4(.check = 0xdead), UDP()), PASSED },
	{ "time to live 0",
	  F(ETH(), IP4(.ttl = ZERO), UDP()), PASSED },
	{ "an unknown protocol",
	  F(ETH(), IP4(.proto = 255), BYTES(3)), PASSED },
	{ "an unknown protocol from a denied host",
	  F(ETH(), IP4(.proto = 255, .src = EVIL4), BYTES(3)),
	  DENIED(EVIL4) },
	{ "IPv4 in IPv4 is judged by the outer source",
	  F(ETH(), IP4(), IP4(.src = EVIL4), UDP()), PASSED },
	{ "IPv4 in IPv4 from a denied outer source",
	  F(ETH(), IP4(.src = EVIL4), IP4(), UDP()), DENIED(EVIL4) },
	{ "IPv6 in IPv4 is judged by the outer source",
	  F(ETH(), IP4(), IP6(.src = EVIL6), UDP()), PASSED },
	{ "AH over IPv4, and what it covers is not read",
	  F(ETH(), IP4(), AH(), UDP(.len = 7)), PASSED },
	{ "AH over IPv4 from a denied host",
	  F(ETH(), IP4(.src = EVIL4), AH(), UDP()), DENIED(EVIL4) },
	{ "65535 bytes of IPv4",
	  F(ETH(), IP4(), TCP(), BYTES(65495)), PASSED },
	{ "total length 0 on 65535 bytes of IPv4",
	  F(ETH(), IP4(.tot_len = ZERO), TCP(), BYTES(65495)), BAD_LENGTH },
	{ "total length 0 on 65536 bytes, as receive offload makes them",
	  F(ETH(), IP4(.tot_len = ZERO), TCP(), BYTES(65496)), PASSED },
	{ "total length 0 on 65536 bytes from a denied host",
	  F(ETH(), IP4(.tot_len = ZERO, .src = EVIL4), TCP(), BYTES(65496)),
	  DENIED(EVIL4) },
	{ "total length 0 on 65536 bytes behind a tag",
	  F(ETH(), VLAN(), IP4(.tot_len = ZERO), TCP(), BYTES(65496)),
	  PASSED },
	{ "total length 0 on 65535 bytes behind a tag",
	  F(ETH(), VLAN(), IP4(.tot_len = ZERO), TCP(), BYTES(65495)),
	  BAD_LENGTH },
};

static const struct row fragments4[] = {
	{ "a first fragment",
	  F(ETH(), IP4(.more = 1), UDP(.len = 2008), BYTES(1472)), PASSED },
	{ "a first fragment from a denied host",
	  F(ETH(), IP4(.more = 1, .src = EVIL4), UDP(.len = 2008), BYTES(64)),
	  DENIED(EVIL4) },
	{ "a whole datagram that states what a first fragment may",
	  F(ETH(), IP4(), UDP(.len = 2008), BYTES(1472)), BAD_LENGTH },
	{ "don't-fragment alone makes no fragment",
	  F(ETH(), IP4(.dont = 1), UDP(.len = 2008), BYTES(64)), BAD_LENGTH },
	{ "the reserved bit alone makes no fragment",
	  F(ETH(), IP4(.offset = 0x8000), UDP(.len = 2008), BYTES(64)),
	  BAD_LENGTH },
	{ "a first fragment whose UDP length is 7",
	  F(ETH(), IP4(.more = 1), UDP(.len = 7), BYTES(64)), BAD_LENGTH },
	{ "a first fragment whose UDP length is 8",
	  F(ETH(), IP4(.more = 1), UDP(.len = 8), BYTES(64)), PASSED },
	{ "a first fragment with 7 bytes of UDP",
	  F(ETH(), IP4(.more = 1), UDP(), SHORT(41)), TRUNCATED },
	{ "a first fragment with 8 bytes of TCP",
	  F(ETH(), IP4(.more = 1), TCP(), SHORT(42)), TRUNCATED },
	{ "a first fragment with 20 bytes of TCP",
	  F(ETH(), IP4(.more = 1), TCP(), SHORT(54)), PASSED },
	{ "a first fragment that ends inside the TCP options",
	  F(ETH(), IP4(.more = 1), TCP(.options = "020405b4 01010402"),
	    SHORT(60)), TRUNCATED },
	{ "a middle fragment",
	  F(ETH(), IP4(.offset = 185, .more = 1, .proto = IPPROTO_UDP),
	    BYTES(1480)), PASSED },
	{ "a middle fragment from a denied host",
	  F(ETH(), IP4(.offset = 185, .more = 1, .proto = IPPROTO_UDP,
		       .src = EVIL4), BYTES(1480)), DENIED(EVIL4) },
	{ "a last fragment",
	  F(ETH(), IP4(.offset = 370, .proto = IPPROTO_UDP), BYTES(64)),
	  PASSED },
	{ "a last fragment from a denied host",
	  F(ETH(), IP4(.offset = 370, .proto = IPPROTO_UDP, .src = EVIL4),
	    BYTES(64)), DENIED(EVIL4) },
	{ "a later fragment whose payload would be UDP of length 7",
	  F(ETH(), IP4(.offset = 185), UDP(.len = 7)), PASSED },
	{ "a later fragment whose payload would be UDP of length 65535",
	  F(ETH(), IP4(.offset = 1), UDP(.len = 65535)), PASSED },
	{ "a later fragment whose payload would be TCP of 4 words",
	  F(ETH(), IP4(.offset = 185), TCP(.doff = 4)), PASSED },
	{ "the same with offset 0, which is no later fragment",
	  F(ETH(), IP4(.offset = ZERO), TCP(.doff = 4)), BAD_LENGTH },
	{ "a later fragment with one byte of UDP",
	  F(ETH(), IP4(.offset = 8191, .proto = IPPROTO_UDP), BYTES(1)),
	  PASSED },
	{ "a later fragment with no byte at all",
	  F(ETH(), IP4(.offset = 185, .proto = IPPROTO_TCP)), PASSED },
	{ "a fragment at the greatest offset from a denied host",
	  F(ETH(), IP4(.offset = 8191, .proto = IPPROTO_TCP, .src = EVIL4),
	    BYTES(8)), DENIED(EVIL4) },
	{ "a later fragment with the header length 4",
	  F(ETH(), IP4(.offset = 185, .ihl = 4), BYTES(64)), BAD_LENGTH },
	{ "a later fragment longer than its frame",
	  F(ETH(), IP4(.offset = 185, .tot_len = MORE(1)), BYTES(64)),
	  BAD_LENGTH },
	{ "a later fragment behind 4 tags from a denied host",
	  F(ETH(), VLAN(), VLAN(), VLAN(), VLAN(),
	    IP4(.offset = 185, .src = EVIL4), UDP(.len = 7)), DENIED(EVIL4) },
	{ "a later fragment of ICMP with 3 bytes",
	  F(ETH(), IP4(.offset = 1, .proto = IPPROTO_ICMP), BYTES(3)), PASSED },
	{ "a first fragment of ICMP with 3 bytes",
	  F(ETH(), IP4(.more = 1, .proto = IPPROTO_ICMP), BYTES(3)),
	  TRUNCATED },
};

static const struct row ip6[] = {
	{ "UDP over IPv6 from an ordinary host",
	  F(ETH(), IP6(), UDP()), PASSED },
	{ "UDP over IPv6 from a denied host",
	  F(ETH(), IP6(.src = EVIL6), UDP()), DENIED(EVIL6) },
	{ "UDP over IPv6 from the neighbour of a denied host",
	  F(ETH(), IP6(.src = "2001:db8:bad::6"), UDP()), PASSED },
	{ "UDP over IPv6 to a denied host",
	  F(ETH(), IP6(.dst = EVIL6), UDP()), PASSED },
	{ "39 of 40 bytes of header",
	  F(ETH(), IP6(), CUT(53)), TRUNCATED },
	{ "40 bytes of header, and the length speaks of more",
	  F(ETH(), IP6(), UDP(), CUT(54)), BAD_LENGTH },
	{ "a header alone, no payload, no next header",
	  F(ETH(), IP6(), NONEXT()), PASSED },
	{ "a header alone of UDP",
	  F(ETH(), IP6(.next = IPPROTO_UDP)), TRUNCATED },
	{ "version 4 behind the type of IPv6",
	  F(ETH(.type = ETH_P_IPV6), IP4(), UDP(), BYTES(64)), BAD_VERSION },
	{ "version 4 behind the type of IPv6 in less than 40 bytes",
	  F(ETH(.type = ETH_P_IPV6), IP4(), UDP()), TRUNCATED },
	{ "version 4 behind the type of IPv6 from a denied host",
	  F(ETH(.type = ETH_P_IPV6), IP4(.src = EVIL4), TCP(), BYTES(9)),
	  BAD_VERSION },
	{ "version 0 behind the type of IPv6",
	  F(ETH(), IP6(.version = ZERO), UDP()), BAD_VERSION },
	{ "version 7 from a denied host",
	  F(ETH(), IP6(.version = 7, .src = EVIL6), UDP()), BAD_VERSION },
	{ "payload length one too small for the UDP header",
	  F(ETH(), IP6(.payload_len = LESS(1)), UDP()), TRUNCATED },
	{ "payload length one too small for the UDP length",
	  F(ETH(), IP6(.payload_len = LESS(1)), UDP(), BYTES(4)), BAD_LENGTH },
	{ "payload length one more than the frame has",
	  F(ETH(), IP6(.payload_len = MORE(1)), UDP()), BAD_LENGTH },
	{ "payload length one more than the packet, into the padding",
	  F(ETH(), IP6(.payload_len = MORE(1)), UDP(), PAD(64)), PASSED },
	{ "payload length 0 before a header of UDP",
	  F(ETH(), IP6(.payload_len = ZERO), UDP()), TRUNCATED },
	{ "payload length 0 before a header of ESP",
	  F(ETH(), IP6(.payload_len = ZERO), ESP()), PASSED },
	{ "payload length 0 before a header of ESP from a denied host",
	  F(ETH(), IP6(.payload_len = ZERO, .src = EVIL6), ESP()),
	  DENIED(EVIL6) },
	{ "payload length 65535 on a short frame",
	  F(ETH(), IP6(.payload_len = 65535), UDP()), BAD_LENGTH },
	{ "an IPv4 protocol that IPv6 does not have, too short to be one",
	  F(ETH(), IP6(.next = IPPROTO_ICMP), BYTES(3)), PASSED },
	{ "hop limit 0",
	  F(ETH(), IP6(.hops = ZERO), UDP()), PASSED },
	{ "IPv4 in IPv6 is judged by the outer source",
	  F(ETH(), IP6(), IP4(.src = EVIL4), UDP()), PASSED },
	{ "IPv6 in IPv6 from a denied outer source",
	  F(ETH(), IP6(.src = EVIL6), IP6(), UDP()), DENIED(EVIL6) },
	{ "an IPv4-mapped address is no IPv4 address",
	  F(ETH(), IP6(.src = "::ffff:198.51.100.7"), UDP()), PASSED },
	{ "65535 bytes of payload",
	  F(ETH(), IP6(), TCP(), BYTES(65515)), PASSED },
	{ "a jumbogram: 65536 bytes of payload and a length of 0",
	  F(ETH(), IP6(), HOPOPTS(.hex = "c204 00010000"), UDP(),
	    BYTES(65520)), PASSED },
	{ "a jumbogram from a denied host",
	  F(ETH(), IP6(.src = EVIL6), HOPOPTS(.hex = "c204 00010000"), UDP(),
	    BYTES(65520)), DENIED(EVIL6) },
	{ "a length of 0 before hop-by-hop options and 65535 bytes",
	  F(ETH(), IP6(.payload_len = ZERO), HOPOPTS(.hex = "c204 0000ffff"),
	    UDP(), BYTES(65519)), TRUNCATED },
	{ "a length of 0 and 65536 bytes without hop-by-hop options",
	  F(ETH(), IP6(), UDP(), BYTES(65528)), TRUNCATED },
	{ "a jumbogram's UDP length of 0 for 65536 bytes",
	  F(ETH(), IP6(), HOPOPTS(.hex = "c204 00010008"), UDP(.len = ZERO),
	    BYTES(65528)), PASSED },
	{ "a jumbogram's UDP length of 0 for 65535 bytes",
	  F(ETH(), IP6(), HOPOPTS(.hex = "c204 00010007"), UDP(.len = ZERO),
	    BYTES(65527)), BAD_LENGTH },
	{ "a short packet that claims to be a jumbogram",
	  F(ETH(), IP6(.payload_len = ZERO), HOPOPTS(.hex = "c204 00010000"),
	    UDP()), TRUNCATED },
};

static const struct row ext_headers[] = {
	{ "hop-by-hop options",
	  F(ETH(), IP6(), HOPOPTS(), UDP()), PASSED },
	{ "hop-by-hop options before a denied host's UDP",
	  F(ETH(), IP6(.src = EVIL6), HOPOPTS(), UDP()), DENIED(EVIL6) },
	{ "a UDP length is found behind hop-by-hop options",
	  F(ETH(), IP6(), HOPOPTS(), UDP(.len = 7)), BAD_LENGTH },
	{ "a UDP length is found behind 64 bytes of hop-by-hop options",
	  F(ETH(), IP6(), HOPOPTS(.size = 64), UDP(.len = 7)), BAD_LENGTH },
	{ "a UDP length is found behind a routing header",
	  F(ETH(), IP6(), ROUTING(.size = 24), UDP(.len = 7)), BAD_LENGTH },
	{ "a routing header",
	  F(ETH(), IP6(), ROUTING(.size = 24), UDP()), PASSED },
	{ "destination options",
	  F(ETH(), IP6(), DSTOPTS(.size = 16), UDP()), PASSED },
	{ "a UDP length is found behind destination options",
	  F(ETH(), IP6(), DSTOPTS(.size = 16), UDP(.len = 7)), BAD_LENGTH },
	{ "AH of 24 bytes",
	  F(ETH(), IP6(), AH(), UDP()), PASSED },
	{ "a UDP length is found behind AH of 24 bytes",
	  F(ETH(), IP6(), AH(), UDP(.len = 7)), BAD_LENGTH },
	{ "a UDP length is found behind AH of 12 bytes",
	  F(ETH(), IP6(), AH(.size = 12), UDP(.len = 7)), BAD_LENGTH },
	{ "a UDP length is found behind AH of 44 bytes",
	  F(ETH(), IP6(), AH(.size = 44), UDP(.len = 7)), BAD_LENGTH },
	{ "AH of 8 bytes, its least length",
	  F(ETH(), IP6(), AH(.len = ZERO, .hex = "0000 00000100", .size = 8),
	    UDP()), PASSED },
	{ "AH of its greatest length, from a denied host",
	  F(ETH(), IP6(.src = EVIL6), AH(.size = 1028), UDP()),
	  DENIED(EVIL6) },
	{ "AH in a chain of AH",
	  F(ETH(), IP6(), AH(.size = 16), AH(.size = 28), AH(), UDP()),
	  PASSED },
	{ "a UDP length is found behind a chain of AH",
	  F(ETH(), IP6(), AH(.size = 16), AH(.size = 28), AH(),
	    UDP(.len = 7)), BAD_LENGTH },
	{ "no next header",
	  F(ETH(), IP6(), NONEXT(), BYTES(16)), PASSED },
	{ "no next header from a denied host",
	  F(ETH(), IP6(.src = EVIL6), NONEXT(), BYTES(16)), DENIED(EVIL6) },
	{ "no next header: what follows is not read",
	  F(ETH(), IP6(), HOPOPTS(.next = IPPROTO_NONE), UDP(.len = 7)),
	  PASSED },
	{ "no next header behind destination options",
	  F(ETH(), IP6(), DSTOPTS(), NONEXT()), PASSED },
	{ "a mobility header is an upper layer",
	  F(ETH(), IP6(), MOBILITY(.next = IPPROTO_UDP), UDP(.len = 7)),
	  PASSED },
	{ "a mobility header from a denied host",
	  F(ETH(), IP6(.src = EVIL6), MOBILITY()), DENIED(EVIL6) },
	{ "ESP ends the chain",
	  F(ETH(), IP6(), HOPOPTS(), ESP(), UDP(.len = 7)), PASSED },
	{ "hop-by-hop, routing, fragment and destination in one packet",
	  F(ETH(), IP6(), HOPOPTS(), ROUTING(.size = 24), FRAGMENT(.more = 1),
	    DSTOPTS(), UDP(.len = 2008)), PASSED },
	{ "the same from a denied host",
	  F(ETH(), IP6(.src = EVIL6), HOPOPTS(), ROUTING(.size = 24),
	    FRAGMENT(.more = 1), DSTOPTS(), UDP(.len = 2008)),
	  DENIED(EVIL6) },
	{ "the same as a later fragment: no options, no UDP in it",
	  F(ETH(), IP6(), HOPOPTS(), ROUTING(.size = 24), FRAGMENT(.offset = 9),
	    DSTOPTS(.len = 255), UDP(.len = 7)), PASSED },
	{ "all kinds at once, AH too",
	  F(ETH(), VLAN(), IP6(), HOPOPTS(), DSTOPTS(), ROUTING(), FRAGMENT(),
	    AH(), DSTOPTS(), TCP()), PASSED },
	{ "a TCP length is found behind all of them",
	  F(ETH(), VLAN(), IP6(), HOPOPTS(), DSTOPTS(), ROUTING(), FRAGMENT(),
	    AH(), DSTOPTS(), TCP(.doff = 4)), BAD_LENGTH },
	{ "8 extension headers",
	  F(ETH(), IP6(), DSTOPTS(), DSTOPTS(), DSTOPTS(), DSTOPTS(), DSTOPTS(),
	    DSTOPTS(), DSTOPTS(), DSTOPTS(), UDP()), PASSED },
	{ "8 extension headers from a denied host",
	  F(ETH(), IP6(.src = EVIL6), HOPOPTS(), DSTOPTS(), DSTOPTS(),
	    DSTOPTS(), DSTOPTS(), DSTOPTS(), DSTOPTS(), DSTOPTS(), UDP()),
	  DENIED(EVIL6) },
	{ "a UDP length is found behind 8 extension headers",
	  F(ETH(), IP6(), DSTOPTS(), DSTOPTS(), DSTOPTS(), DSTOPTS(), DSTOPTS(),
	    DSTOPTS(), DSTOPTS(), DSTOPTS(), UDP(.len = 7)), BAD_LENGTH },
	{ "8 extension headers, then ESP",
	  F(ETH(), IP6(), DSTOPTS(), DSTOPTS(), DSTOPTS(), DSTOPTS(), DSTOPTS(),
	    DSTOPTS(), DSTOPTS(), DSTOPTS(), ESP()), PASSED },
	{ "9 extension headers",
	  F(ETH(), IP6(), DSTOPTS(), DSTOPTS(), DSTOPTS(), DSTOPTS(), DSTOPTS(),
	    DSTOPTS(), DSTOPTS(), DSTOPTS(), DSTOPTS(), UDP()),
	  TOO_MANY_HEADERS },
	{ "9 extension headers of all kinds",
	  F(ETH(), IP6(), HOPOPTS(), DSTOPTS(), ROUTING(), FRAGMENT(), AH(),
	    DSTOPTS(), AH(), DSTOPTS(), ROUTING(), UDP()), TOO_MANY_HEADERS },
	{ "9 extension headers, then no next header",
	  F(ETH(), IP6(), DSTOPTS(), DSTOPTS(), DSTOPTS(), DSTOPTS(), DSTOPTS(),
	    DSTOPTS(), DSTOPTS(), DSTOPTS(), DSTOPTS(), NONEXT()),
	  TOO_MANY_HEADERS },
	{ "12 extension headers",
	  F(ETH(), IP6(), DSTOPTS(), DSTOPTS(), DSTOPTS(), DSTOPTS(), DSTOPTS(),
	    DSTOPTS(), DSTOPTS(), DSTOPTS(), DSTOPTS(), DSTOPTS(), DSTOPTS(),
	    DSTOPTS(), UDP()), TOO_MANY_HEADERS },
	{ "no room for an extension header",
	  F(ETH(), IP6(.next = IPPROTO_DSTOPTS)), TRUNCATED },
	{ "7 of 8 bytes of an extension header",
	  F(ETH(), IP6(), HOPOPTS(), SHORT(61)), TRUNCATED },
	{ "8 of 8 bytes of an extension header, then UDP without room",
	  F(ETH(), IP6(), HOPOPTS(.next = IPPROTO_UDP), SHORT(62)),
	  TRUNCATED },
	{ "8 of 8 bytes of an extension header, then no next header",
	  F(ETH(), IP6(), HOPOPTS(), NONEXT(), SHORT(62)), PASSED },
	{ "options that say they are longer than the packet",
	  F(ETH(), IP6(), HOPOPTS(.len = 2), UDP()), TRUNCATED },
	{ "options that swallow the UDP header to the last byte",
	  F(ETH(), IP6(), HOPOPTS(.len = 1, .next = IPPROTO_NONE), UDP()),
	  PASSED },
	{ "options of 2048 bytes",
	  F(ETH(), IP6(), HOPOPTS(.size = 2048), UDP()), PASSED },
	{ "options of 2048 bytes, one byte short",
	  F(ETH(), IP6(), HOPOPTS(.size = 2048), SHORT(2101)), TRUNCATED },
	{ "AH one word longer than the packet",
	  F(ETH(), IP6(), AH(.len = MORE(1), .next = IPPROTO_NONE)),
	  TRUNCATED },
	{ "AH that ends with the packet",
	  F(ETH(), IP6(), AH(.next = IPPROTO_NONE)), PASSED },
	{ "extension headers do not reach past the payload length",
	  F(ETH(), IP6(), TRAILER(), HOPOPTS(), UDP()), TRUNCATED },
};

static const struct row fragments6[] = {
	{ "a first fragment",
	  F(ETH(), IP6(), FRAGMENT(.more = 1), UDP(.len = 2008), BYTES(1448)),
	  PASSED },
	{ "a first fragment from a denied host",
	  F(ETH(), IP6(.src = EVIL6), FRAGMENT(.more = 1), UDP(.len = 2008)),
	  DENIED(EVIL6) },
	{ "a first fragment whose UDP length is 7",
	  F(ETH(), IP6(), FRAGMENT(.more = 1), UDP(.len = 7)), BAD_LENGTH },
	{ "an atomic fragment is a whole packet",
	  F(ETH(), IP6(), FRAGMENT(), UDP()), PASSED },
	{ "an atomic fragment whose UDP length is too large",
	  F(ETH(), IP6(), FRAGMENT(), UDP(.len = 2008)), BAD_LENGTH },
	{ "an atomic fragment from a denied host",
	  F(ETH(), IP6(.src = EVIL6), FRAGMENT(), UDP()), DENIED(EVIL6) },
	{ "a middle fragment",
	  F(ETH(), IP6(), FRAGMENT(.offset = 181, .more = 1), BYTES(64)),
	  PASSED },
	{ "a middle fragment from a denied host",
	  F(ETH(), IP6(.src = EVIL6), FRAGMENT(.offset = 181, .more = 1),
	    BYTES(64)), DENIED(EVIL6) },
	{ "a last fragment",
	  F(ETH(), IP6(), FRAGMENT(.offset = 1), BYTES(3)), PASSED },
	{ "a last fragment from a denied host",
	  F(ETH(), IP6(.src = EVIL6), FRAGMENT(.offset = 1), BYTES(3)),
	  DENIED(EVIL6) },
	{ "a fragment at the greatest offset from a denied host",
	  F(ETH(), IP6(.src = EVIL6), FRAGMENT(.offset = 8191), BYTES(3)),
	  DENIED(EVIL6) },
	{ "a later fragment whose payload would be UDP of length 7",
	  F(ETH(), IP6(), FRAGMENT(.offset = 1), UDP(.len = 7)), PASSED },
	{ "a later fragment whose payload would be TCP of 4 words",
	  F(ETH(), IP6(), FRAGMENT(.offset = 8191), TCP(.doff = 4)), PASSED },
	{ "the same with offset 0 and more to come",
	  F(ETH(), IP6(), FRAGMENT(.more = 1), TCP(.doff = 4)), BAD_LENGTH },
	{ "a later fragment that names options, which are not in it",
	  F(ETH(), IP6(), FRAGMENT(.offset = 1, .next = IPPROTO_DSTOPTS),
	    BYTES(2)), PASSED },
	{ "a first fragment that names options and lacks them",
	  F(ETH(), IP6(), FRAGMENT(.more = 1, .next = IPPROTO_DSTOPTS),
	    BYTES(2)), TRUNCATED },
	{ "a later fragment in a first one",
	  F(ETH(), IP6(), FRAGMENT(.more = 1), FRAGMENT(.offset = 1),
	    UDP(.len = 7)), PASSED },
	{ "an atomic fragment in a first one",
	  F(ETH(), IP6(), FRAGMENT(.more = 1), FRAGMENT(), UDP(.len = 2008)),
	  PASSED },
	{ "reserved bits of the fragment header make no fragment",
	  F(ETH(), IP6(.next = IPPROTO_FRAGMENT), HEX("11 ff 0006 00000001"),
	    UDP(.len = 2008)), BAD_LENGTH },
	{ "the reserved byte of the fragment header is no length",
	  F(ETH(), IP6(.next = IPPROTO_FRAGMENT), HEX("11 ff 0000 00000001"),
	    UDP()), PASSED },
	{ "7 of 8 bytes of a fragment header",
	  F(ETH(), IP6(), FRAGMENT(.offset = 1), SHORT(61)), TRUNCATED },
	{ "a later fragment with no byte at all",
	  F(ETH(), IP6(), FRAGMENT(.offset = 1, .next = IPPROTO_TCP)),
	  PASSED },
	{ "a first fragment with 8 bytes of TCP",
	  F(ETH(), IP6(), FRAGMENT(.more = 1), TCP(), SHORT(70)), TRUNCATED },
};

static const struct row transport[] = {
	{ "TCP over IPv4",
	  F(ETH(), IP4(), TCP()), PASSED },
	{ "TCP over IPv4 from a denied host",
	  F(ETH(), IP4(.src = EVIL4), TCP()), DENIED(EVIL4) },
	{ "TCP over IPv6 from a denied host",
	  F(ETH(), IP6(.src = EVIL6), TCP()), DENIED(EVIL6) },
	{ "TCP of 5 words",
	  F(ETH(), IP6(), TCP(.doff = 5)), PASSED },
	{ "TCP of 4 words",
	  F(ETH(), IP6(), TCP(.doff = 4)), BAD_LENGTH },
	{ "TCP of 4 words over IPv4",
	  F(ETH(), IP4(), TCP(.doff = 4), BYTES(20)), BAD_LENGTH },
	{ "TCP of no words from a denied host",
	  F(ETH(), IP4(.src = EVIL4), TCP(.doff = ZERO)), BAD_LENGTH },
	{ "TCP of 6 words without options",
	  F(ETH(), IP4(), TCP(.doff = 6)), TRUNCATED },
	{ "TCP of 6 words with options",
	  F(ETH(), IP4(), TCP(.options = "020405b4")), PASSED },
	{ "TCP of 15 words",
	  F(ETH(), IP4(), TCP(.doff = 15), BYTES(40)), PASSED },
	{ "TCP of 15 words, one byte short",
	  F(ETH(), IP4(), TCP(.doff = 15), BYTES(39)), TRUNCATED },
	{ "TCP of 15 words, its last byte in the padding",
	  F(ETH(), IP4(), TCP(.doff = 15), BYTES(39), PAD(80)), TRUNCATED },
	{ "19 of 20 bytes of TCP",
	  F(ETH(), IP4(), TCP(), SHORT(53)), TRUNCATED },
	{ "TCP with all flags is the guards' to judge",
	  F(ETH(), IP4(), TCP(.flags = 0xff)), PASSED },
	{ "TCP from port 0 to port 0",
	  F(ETH(), IP4(), TCP(.sport = ZERO, .dport = ZERO)), PASSED },
	{ "UDP of length 8",
	  F(ETH(), IP4(), UDP(.len = 8)), PASSED },
	{ "UDP of length 7",
	  F(ETH(), IP4(), UDP(.len = 7)), BAD_LENGTH },
	{ "UDP of length 0 over IPv4",
	  F(ETH(), IP4(), UDP(.len = ZERO)), BAD_LENGTH },
	{ "UDP of length 0 over IPv6",
	  F(ETH(), IP6(), UDP(.len = ZERO)), BAD_LENGTH },
	{ "UDP of length 0 from a denied host",
	  F(ETH(), IP4(.src = EVIL4), UDP(.len = ZERO)), BAD_LENGTH },
	{ "UDP of the length that there is",
	  F(ETH(), IP4(), UDP(), BYTES(100)), PASSED },
	{ "UDP one byte longer than there is",
	  F(ETH(), IP4(), UDP(.len = MORE(1)), BYTES(100)), BAD_LENGTH },
	{ "UDP one byte longer than there is, over IPv6",
	  F(ETH(), IP6(), UDP(.len = MORE(1)), BYTES(100)), BAD_LENGTH },
	{ "UDP one byte longer than there is, into the padding",
	  F(ETH(), IP4(), UDP(.len = MORE(1)), PAD(60)), BAD_LENGTH },
	{ "UDP one byte shorter than there is",
	  F(ETH(), IP4(), UDP(.len = LESS(1)), BYTES(100)), PASSED },
	{ "7 of 8 bytes of UDP",
	  F(ETH(), IP4(), UDP(), SHORT(41)), TRUNCATED },
	{ "UDP without a checksum",
	  F(ETH(), IP4(), UDP(.check = ZERO)), PASSED },
	{ "ICMP over IPv4",
	  F(ETH(), IP4(), ICMP()), PASSED },
	{ "ICMP over IPv4 from a denied host",
	  F(ETH(), IP4(.src = EVIL4), ICMP(.type = 3, .code = 4)),
	  DENIED(EVIL4) },
	{ "7 of 8 bytes of ICMP",
	  F(ETH(), IP4(), ICMP(), SHORT(41)), TRUNCATED },
	{ "8 of 8 bytes of ICMP",
	  F(ETH(), IP4(), ICMP(), SHORT(42)), PASSED },
	{ "ICMPv6 over IPv6",
	  F(ETH(), IP6(), ICMP6()), PASSED },
	{ "ICMPv6 echo from a denied host",
	  F(ETH(), IP6(.src = EVIL6), ICMP6()), DENIED(EVIL6) },
	{ "7 of 8 bytes of ICMPv6",
	  F(ETH(), IP6(), ICMP6(), SHORT(61)), TRUNCATED },
	{ "8 of 8 bytes of ICMPv6",
	  F(ETH(), IP6(), ICMP6(), SHORT(62)), PASSED },
	{ "ICMPv6 over IPv4 is a protocol like any other",
	  F(ETH(), IP4(), ICMP6(), SHORT(35)), PASSED },
	{ "ICMP over IPv6 is a protocol like any other",
	  F(ETH(), IP6(), ICMP(), SHORT(55)), PASSED },
	{ "ICMPv6 over IPv4 from a denied host is no neighbour discovery",
	  F(ETH(), IP4(.src = EVIL4, .ttl = 255), ICMP6(.type = 135)),
	  DENIED(EVIL4) },
	{ "SCTP over IPv4",
	  F(ETH(), IP4(), SCTP(), HEX("0e000004")), PASSED },
	{ "SCTP over IPv6 from a denied host",
	  F(ETH(), IP6(.src = EVIL6), SCTP(), HEX("0e000004")),
	  DENIED(EVIL6) },
	{ "11 of 12 bytes of SCTP",
	  F(ETH(), IP4(), SCTP(), SHORT(45)), TRUNCATED },
	{ "12 of 12 bytes of SCTP",
	  F(ETH(), IP4(), SCTP(), SHORT(46)), PASSED },
	{ "GRE, and what it carries is not read",
	  F(ETH(), IP4(), GRE(), IP4(.src = EVIL4, .ihl = 4), UDP()), PASSED },
	{ "GRE from a denied host",
	  F(ETH(), IP4(.src = EVIL4), GRE(), IP4(), UDP()), DENIED(EVIL4) },
	{ "GRE over IPv6 from a denied host",
	  F(ETH(), IP6(.src = EVIL6), GRE(), IP6(), UDP()), DENIED(EVIL6) },
	{ "one byte of GRE",
	  F(ETH(), IP4(), GRE(), SHORT(35)), PASSED },
	{ "ESP, and what it carries is not read",
	  F(ETH(), IP4(), ESP(), BYTES(64)), PASSED },
	{ "ESP from a denied host",
	  F(ETH(), IP4(.src = EVIL4), ESP(), BYTES(64)), DENIED(EVIL4) },
	{ "ESP over IPv6 from a denied host",
	  F(ETH(), IP6(.src = EVIL6), ESP(), BYTES(64)), DENIED(EVIL6) },
	{ "UDP of VXLAN, and what it carries is not read",
	  F(ETH(), IP4(), UDP(.dport = 4789), HEX("08000000 00000100"), ETH(),
	    IP4(.src = EVIL4), UDP()), PASSED },
};

static const struct row neighbours[] = {
	{ "a router solicitation from a denied neighbour",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 255), ICMP6(.type = 133)),
	  PASSED },
	{ "a router advertisement from a denied neighbour",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 255), ICMP6(.type = 134)),
	  PASSED },
	{ "a neighbour solicitation from a denied neighbour",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 255), ICMP6(.type = 135),
	    BYTES(24)), PASSED },
	{ "a neighbour advertisement from a denied neighbour",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 255), ICMP6(.type = 136),
	    BYTES(24)), PASSED },
	{ "a redirect from a denied neighbour",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 255), ICMP6(.type = 137),
	    BYTES(40)), PASSED },
	{ "a neighbour solicitation from a denied global address",
	  F(ETH(), IP6(.src = EVIL6, .hops = 255), ICMP6(.type = 135),
	    BYTES(24)), PASSED },
	{ "type 132, below neighbour discovery",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 255), ICMP6(.type = 132)),
	  DENIED(EVIL_LL) },
	{ "type 138, above neighbour discovery",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 255), ICMP6(.type = 138)),
	  DENIED(EVIL_LL) },
	{ "an echo request with hop limit 255",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 255), ICMP6()),
	  DENIED(EVIL_LL) },
	{ "a neighbour solicitation with hop limit 254",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 254), ICMP6(.type = 135),
	    BYTES(24)), DENIED(EVIL_LL) },
	{ "a router advertisement with hop limit 0",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = ZERO), ICMP6(.type = 134)),
	  DENIED(EVIL_LL) },
	{ "a neighbour advertisement with code 1",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 255),
	    ICMP6(.type = 136, .code = 1)), DENIED(EVIL_LL) },
	{ "a redirect with code 255",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 255),
	    ICMP6(.type = 137, .code = 255)), DENIED(EVIL_LL) },
	{ "a neighbour solicitation in a first fragment",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 255), FRAGMENT(.more = 1),
	    ICMP6(.type = 135), BYTES(24)), DENIED(EVIL_LL) },
	{ "a neighbour solicitation in a later fragment",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 255), FRAGMENT(.offset = 1),
	    ICMP6(.type = 135), BYTES(24)), DENIED(EVIL_LL) },
	{ "a neighbour solicitation in an atomic fragment (RFC 6980)",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 255), FRAGMENT(),
	    ICMP6(.type = 135), BYTES(24)), DENIED(EVIL_LL) },
	{ "a neighbour solicitation behind hop-by-hop options",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 255), HOPOPTS(),
	    ICMP6(.type = 135), BYTES(24)), PASSED },
	{ "a neighbour solicitation behind AH",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 255), AH(), ICMP6(.type = 135),
	    BYTES(24)), PASSED },
	{ "an echo request behind hop-by-hop options",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 255), HOPOPTS(), ICMP6()),
	  DENIED(EVIL_LL) },
	{ "a neighbour solicitation behind 2 tags",
	  F(ETH(), VLAN(), VLAN(), IP6(.src = EVIL_LL, .hops = 255),
	    ICMP6(.type = 135), BYTES(24)), PASSED },
	{ "UDP whose first byte is that of a neighbour solicitation",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 255), UDP(.sport = 0x8700)),
	  DENIED(EVIL_LL) },
	{ "7 bytes of a neighbour solicitation",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 255), ICMP6(.type = 135),
	    SHORT(61)), TRUNCATED },
	{ "a neighbour solicitation from an ordinary neighbour",
	  F(ETH(), IP6(.src = "fe80::8", .hops = 255), ICMP6(.type = 135),
	    BYTES(24)), PASSED },
	{ "a neighbour solicitation from an allowed neighbour",
	  F(ETH(), IP6(.src = "fe80::9", .hops = 255), ICMP6(.type = 135),
	    BYTES(24)), ALLOWED("fe80::9") },
	{ "a neighbour solicitation in a tunnel is not read",
	  F(ETH(), IP6(.src = EVIL6, .hops = 255),
	    IP6(.src = EVIL_LL, .hops = 255), ICMP6(.type = 135)),
	  DENIED(EVIL6) },
};

static const struct row padding[] = {
	{ "a short packet, padded",
	  F(ETH(), IP4(), UDP(), PAD(60)), PASSED },
	{ "a short packet from a denied host, padded",
	  F(ETH(), IP4(.src = EVIL4), UDP(), PAD(60)), DENIED(EVIL4) },
	{ "a short packet with 1,000 bytes behind it",
	  F(ETH(), IP4(), UDP(), TRAILER(), BYTES(1000)), PASSED },
	{ "a UDP header in the padding",
	  F(ETH(), IP4(), TRAILER(), UDP(), PAD(60)), TRUNCATED },
	{ "a UDP header in the padding of IPv6",
	  F(ETH(), IP6(), TRAILER(), UDP()), TRUNCATED },
	{ "a UDP header half in the padding",
	  F(ETH(), IP4(.tot_len = 24), UDP(), PAD(60)), TRUNCATED },
	{ "a TCP header in the padding",
	  F(ETH(), IP4(), TRAILER(), TCP(), PAD(60)), TRUNCATED },
	{ "a TCP header half in the padding",
	  F(ETH(), IP4(.tot_len = 30), TCP(), PAD(60)), TRUNCATED },
	{ "TCP options in the padding",
	  F(ETH(), IP4(.tot_len = 40), TCP(.options = "020405b4")), TRUNCATED },
	{ "an SCTP header in the padding",
	  F(ETH(), IP4(), TRAILER(), SCTP(), PAD(60)), TRUNCATED },
	{ "an ICMP header in the padding",
	  F(ETH(), IP4(), TRAILER(), ICMP(), PAD(60)), TRUNCATED },
	{ "an ICMPv6 header in the padding",
	  F(ETH(), IP6(), TRAILER(), ICMP6(), PAD(80)), TRUNCATED },
	{ "neighbour discovery in the padding, from a denied neighbour",
	  F(ETH(), IP6(.src = EVIL_LL, .hops = 255), TRAILER(),
	    ICMP6(.type = 135), PAD(80)), TRUNCATED },
	{ "options of IPv4 in the padding",
	  F(ETH(), IP4(.tot_len = 20, .options = "01010101"), ESP()),
	  BAD_LENGTH },
	{ "a GRE header in the padding, which nobody reads",
	  F(ETH(), IP4(), TRAILER(), GRE(), PAD(60)), PASSED },
	{ "a fragment header in the padding",
	  F(ETH(), IP6(), TRAILER(), FRAGMENT(.offset = 1), BYTES(40)),
	  TRUNCATED },
	{ "a fragment header half in the padding",
	  F(ETH(), IP6(.payload_len = 4), FRAGMENT(.offset = 1), BYTES(40)),
	  TRUNCATED },
	{ "the second extension header in the padding",
	  F(ETH(), IP6(), HOPOPTS(), TRAILER(), DSTOPTS(), UDP()), TRUNCATED },
	{ "ARP, padded with a whole packet from a denied host",
	  F(ETH(), ARP(), TRAILER(), IP4(.src = EVIL4), UDP()), NOT_IP },
};

static const struct row lists[] = {
	{ "the only prefix that covers the source decides",
	  F(ETH(), IP4(.src = "10.200.0.1"), UDP()), DENIED("10.0.0.0/8") },
	{ "the first address of a denied prefix",
	  F(ETH(), IP4(.src = "10.0.0.0"), UDP()), DENIED("10.0.0.0/8") },
	{ "the last address of a denied prefix",
	  F(ETH(), IP4(.src = "10.255.255.255"), UDP()),
	  DENIED("10.0.0.0/8") },
	{ "the address before a denied prefix",
	  F(ETH(), IP4(.src = "9.255.255.255"), UDP()), PASSED },
	{ "the address behind a denied prefix",
	  F(ETH(), IP4(.src = "11.0.0.0"), UDP()), PASSED },
	{ "an allowed prefix inside a denied one",
	  F(ETH(), IP4(.src = "10.1.200.1"), UDP()), ALLOWED("10.1.0.0/16") },
	{ "the address behind an allowed prefix inside a denied one",
	  F(ETH(), IP4(.src = "10.2.0.0"), UDP()), DENIED("10.0.0.0/8") },
	{ "a denied prefix inside an allowed one: allow beats deny",
	  F(ETH(), IP4(.src = "10.1.1.200"), UDP()), ALLOWED("10.1.0.0/16") },
	{ "a denied host inside an allowed prefix: allow beats deny",
	  F(ETH(), IP4(.src = "10.1.1.1"), UDP()), ALLOWED("10.1.0.0/16") },
	{ "the longer of two allowed prefixes decides",
	  F(ETH(), IP4(.src = "10.1.2.3"), UDP()), ALLOWED("10.1.2.3") },
	{ "the longer of two denied prefixes decides",
	  F(ETH(), IP4(.src = "10.2.3.4"), UDP()), DENIED("10.2.3.4") },
	{ "the neighbour of the longer of two denied prefixes",
	  F(ETH(), IP4(.src = "10.2.3.5"), UDP()), DENIED("10.0.0.0/8") },
	{ "an allowed host that nobody denied",
	  F(ETH(), IP4(.src = "192.168.5.5"), UDP()), ALLOWED("192.168.5.5") },
	{ "the neighbour of an allowed host that nobody denied",
	  F(ETH(), IP4(.src = "192.168.5.4"), UDP()), PASSED },
	{ "UDP to an allowed host from a denied one",
	  F(ETH(), IP4(.src = EVIL4, .dst = "192.168.5.5"), UDP()),
	  DENIED(EVIL4) },
	{ "an allowed host with a UDP length of 7",
	  F(ETH(), IP4(.src = "192.168.5.5"), UDP(.len = 7)), BAD_LENGTH },
	{ "an allowed host with 7 bytes of UDP",
	  F(ETH(), IP4(.src = "192.168.5.5"), UDP(), SHORT(41)), TRUNCATED },
	{ "a later fragment from an allowed host",
	  F(ETH(), IP4(.src = "10.1.1.1", .offset = 185), BYTES(64)),
	  ALLOWED("10.1.0.0/16") },
	{ "an allowed host behind 4 tags",
	  F(ETH(), VLAN(), VLAN(), VLAN(), VLAN(), IP4(.src = "10.1.2.3"),
	    TCP()), ALLOWED("10.1.2.3") },
	{ "an allowed host behind 5 tags",
	  F(ETH(), VLAN(), VLAN(), VLAN(), VLAN(), VLAN(),
	    IP4(.src = "10.1.2.3"), TCP()), TOO_MANY_TAGS },

	{ "the only IPv6 prefix that covers the source decides",
	  F(ETH(), IP6(.src = "2001:db8:dead:2::1"), UDP()),
	  DENIED("2001:db8:dead::/48") },
	{ "the last address of a denied IPv6 prefix",
	  F(ETH(), IP6(.src = "2001:db8:dead:ffff:ffff:ffff:ffff:ffff"), UDP()),
	  DENIED("2001:db8:dead::/48") },
	{ "the address behind a denied IPv6 prefix",
	  F(ETH(), IP6(.src = "2001:db8:deae::"), UDP()), PASSED },
	{ "an allowed IPv6 prefix inside a denied one",
	  F(ETH(), IP6(.src = "2001:db8:dead:1::1"), UDP()),
	  ALLOWED("2001:db8:dead:1::/64") },
	{ "a denied /65 inside an allowed /64: allow beats deny",
	  F(ETH(), IP6(.src = "2001:db8:dead:1:8000::1"), UDP()),
	  ALLOWED("2001:db8:dead:1::/64") },
	{ "a denied IPv6 host inside an allowed prefix: allow beats deny",
	  F(ETH(), IP6(.src = "2001:db8:dead:1::66"), UDP()),
	  ALLOWED("2001:db8:dead:1::/64") },
	{ "the longer of two allowed IPv6 prefixes decides",
	  F(ETH(), IP6(.src = "2001:db8:dead:1::77"), UDP()),
	  ALLOWED("2001:db8:dead:1::77") },
	{ "an allowed IPv6 host behind 8 extension headers",
	  F(ETH(), IP6(.src = "2001:db8:dead:1::77"), AH(), AH(), AH(), AH(),
	    AH(), AH(), AH(), AH(), TCP()), ALLOWED("2001:db8:dead:1::77") },
	{ "an allowed IPv6 host behind 9 extension headers",
	  F(ETH(), IP6(.src = "2001:db8:dead:1::77"), AH(), AH(), AH(), AH(),
	    AH(), AH(), AH(), AH(), AH(), TCP()), TOO_MANY_HEADERS },
	{ "an IPv6 source that starts with the bytes of a denied IPv4 host",
	  F(ETH(), IP6(.src = "c633:6407::"), UDP()), PASSED },
	{ "the unspecified IPv6 source",
	  F(ETH(), IP6(.src = "::"), UDP()), PASSED },
	{ "the unspecified IPv4 source",
	  F(ETH(), IP4(.src = "0.0.0.0"), UDP()), PASSED },
};

/* Listed: tcp/23, tcp/1024-2047, tcp/1500, udp/1900, udp/53. */
static const struct row ports[] = {
	{ "TCP to a denied port",
	  F(ETH(), IP4(), TCP(.dport = 23)), DENIED_PORT("tcp/23") },
	{ "TCP to the port below", F(ETH(), IP4(), TCP(.dport = 22)), PASSED },
	{ "TCP to the port above", F(ETH(), IP4(), TCP(.dport = 24)), PASSED },
	{ "TCP from a denied port",
	  F(ETH(), IP4(), TCP(.sport = 23, .dport = 80)), PASSED },
	{ "UDP to a port denied to TCP",
	  F(ETH(), IP4(), UDP(.dport = 23)), PASSED },
	{ "SCTP to a port denied to TCP",
	  F(ETH(), IP4(), SCTP(.dport = 23)), PASSED },
	{ "TCP to a denied port over IPv6",
	  F(ETH(), IP6(), TCP(.dport = 23)), DENIED_PORT("tcp/23") },
	{ "TCP to a denied port behind tags and extension headers",
	  F(ETH(), VLAN(), IP6(), HOPOPTS(), DSTOPTS(), TCP(.dport = 23)),
	  DENIED_PORT("tcp/23") },
	{ "TCP to a denied port behind IPv4 options",
	  F(ETH(), IP4(.options = "01010101 01010101"), TCP(.dport = 23)),
	  DENIED_PORT("tcp/23") },
	{ "UDP to a denied port",
	  F(ETH(), IP4(), UDP(.dport = 1900)), DENIED_PORT("udp/1900") },
	{ "TCP to a port denied to UDP",
	  F(ETH(), IP4(), TCP(.dport = 1900)), DENIED_PORT("tcp/1024-2047") },
	{ "the first port of a denied range",
	  F(ETH(), IP4(), TCP(.dport = 1024)), DENIED_PORT("tcp/1024-2047") },
	{ "the port before a denied range",
	  F(ETH(), IP4(), TCP(.dport = 1023)), PASSED },
	{ "the last port of a denied range",
	  F(ETH(), IP4(), TCP(.dport = 2047)), DENIED_PORT("tcp/1024-2047") },
	{ "the port behind a denied range",
	  F(ETH(), IP4(), TCP(.dport = 2048)), PASSED },
	{ "a port listed inside a listed range",
	  F(ETH(), IP4(), TCP(.dport = 1500)), DENIED_PORT("tcp/1500") },
	{ "a first fragment to a denied port",
	  F(ETH(), IP4(.more = 1), UDP(.dport = 1900), BYTES(16)),
	  DENIED_PORT("udp/1900") },
	{ "a later fragment whose payload reads like a denied port",
	  F(ETH(), IP4(.proto = IPPROTO_UDP, .offset = 185),
	    HEX("1234 076c 0010 0000"), BYTES(8)), PASSED },
	{ "a denied host to a denied port counts for the host",
	  F(ETH(), IP4(.src = EVIL4), TCP(.dport = 23)), DENIED(EVIL4) },
	{ "an allowed host to a denied port",
	  F(ETH(), IP4(.src = "192.168.5.5"), TCP(.dport = 23)),
	  ALLOWED("192.168.5.5") },
};

static const struct row paused[] = {
	{ "a denied host", F(ETH(), IP4(.src = EVIL4), UDP()), PAUSED(EVIL4) },
	{ "its neighbour", F(ETH(), IP4(), UDP()), PASSED },
	{ "a denied port",
	  F(ETH(), IP4(), TCP(.dport = 23)), PAUSED("tcp/23") },
	{ "an allowed host",
	  F(ETH(), IP4(.src = "192.168.5.5"), UDP()), ALLOWED("192.168.5.5") },
	{ "a broken header", F(ETH(), IP4(.ihl = 4), UDP()), PAUSED(NULL) },
	{ "what is not IP", F(ETH(), ARP(), PAD(60)), NOT_IP },
};

static const struct row resumed[] = {
	{ "a denied host", F(ETH(), IP4(.src = EVIL4), UDP()), DENIED(EVIL4) },
	{ "its neighbour", F(ETH(), IP4(), UDP()), PASSED },
	{ "a broken header", F(ETH(), IP4(.ihl = 4), UDP()), BAD_LENGTH },
};

#define HOUR (3600 * NS_PER_S)

/* Each /24 of 10.3.0.0/16 (denied) holds a host of another fate. */
static void add_ends(void)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	uint64_t past = now - NS_PER_S, later = now + HOUR;

	entry_add(WEIR_DENY_TCP, "tcp/23");
	entry_add(WEIR_DENY_TCP, "tcp/1024-2047");
	entry_add(WEIR_DENY_TCP, "tcp/1500");
	entry_add(WEIR_DENY_UDP, "udp/1900");
	entry_add(WEIR_DENY, "10.3.0.0/16");
	entry_put_until(WEIR_DENY, "10.3.1.1", past, WEIR_NEVER, 0);
	entry_put_until(WEIR_DENY, "10.3.2.1", later, WEIR_NEVER, 0);
	entry_put_until(WEIR_DENY, "10.3.3.1", past, 1, later);
	entry_put_until(WEIR_DENY, "10.3.4.1", past, 2, later);
	entry_put_until(WEIR_DENY, "10.3.5.1", later, 2, WEIR_NEVER);
	entry_put_until(WEIR_ALLOW, "10.3.6.1", past, WEIR_NEVER, 0);
	entry_put_until(WEIR_ALLOW, "10.3.7.1", later, WEIR_NEVER, 0);
	entry_put_until(WEIR_DENY, "2001:db8:e::1", past, WEIR_NEVER, 0);
	entry_put_until(WEIR_DENY, "2001:db8:e::2", later, WEIR_NEVER, 0);
	entry_put_until(WEIR_DENY_UDP, "udp/53", past, WEIR_NEVER, 0);
}

static const struct row ends[] = {
	{ "an expired host in a standing prefix counts for the prefix",
	  F(ETH(), IP4(.src = "10.3.1.1"), UDP()), DENIED("10.3.0.0/16") },
	{ "a host that has not expired counts for itself",
	  F(ETH(), IP4(.src = "10.3.2.1"), UDP()), DENIED("10.3.2.1") },
	{ "a host that was extended in time",
	  F(ETH(), IP4(.src = "10.3.3.1"), UDP()), DENIED("10.3.3.1") },
	{ "a host whose extension is not committed",
	  F(ETH(), IP4(.src = "10.3.4.1"), UDP()), DENIED("10.3.0.0/16") },
	{ "a live host whose extension is not committed",
	  F(ETH(), IP4(.src = "10.3.5.1"), UDP()), DENIED("10.3.5.1") },
	{ "an expired allow does not save a denied host",
	  F(ETH(), IP4(.src = "10.3.6.1"), UDP()), DENIED("10.3.0.0/16") },
	{ "an allow that has not expired does",
	  F(ETH(), IP4(.src = "10.3.7.1"), UDP()), ALLOWED("10.3.7.1") },
	{ "an expired IPv6 host",
	  F(ETH(), IP6(.src = "2001:db8:e::1"), UDP()), PASSED },
	{ "an IPv6 host that has not expired",
	  F(ETH(), IP6(.src = "2001:db8:e::2"), UDP()),
	  DENIED("2001:db8:e::2") },
	{ "an expired port", F(ETH(), IP4(), UDP(.dport = 53)), PASSED },
};

enum pause { RUNNING, PAUSED_FOR_AN_HOUR, PAUSED_FOR_EVER, PAUSE_OVER };

struct table {
	const char *group;
	const struct row *rows;
	size_t count;
	enum pause pause;
};

#define TABLE_IN(pause, group, rows) \
	{ group, rows, sizeof(rows) / sizeof((rows)[0]), pause }
#define TABLE(group, rows) TABLE_IN(RUNNING, group, rows)

static const struct table tables[] = {
	TABLE("Ethernet frames are IP or pass", ethernet),
	TABLE("Up to 4 VLAN tags are looked through", tags),
	TABLE("IPv4 headers are believed as far as they can be true", ip4),
	TABLE("IPv4 fragments: all have an address, the first has ports",
	      fragments4),
	TABLE("IPv6 headers are believed as far as they can be true", ip6),
	TABLE("Up to 8 extension headers are looked through", ext_headers),
	TABLE("IPv6 fragments: all have an address, the first has ports",
	      fragments6),
	TABLE("Transport headers are whole and their lengths possible",
	      transport),
	TABLE("No list stops neighbour discovery", neighbours),
	TABLE("What is hidden in padding is not read", padding),
	TABLE("The longest prefix decides, and allow beats deny", lists),
	TABLE("Destination ports can be denied", ports),
	TABLE("An expired entry is as if absent", ends),
	TABLE_IN(PAUSED_FOR_AN_HOUR, "A pause drops nothing and counts on",
		 paused),
	TABLE_IN(PAUSED_FOR_EVER, "A pause need not end", paused),
	TABLE_IN(PAUSE_OVER, "A pause ends by itself", resumed),
};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

/*
 * The verdict that belongs to it is asserted by each row.  What only guards,
 * default drop and observing give is in test_guards.c.
 */
static void test_every_reason_has_a_row(void **state)
{
	bool seen[WEIR_REASON_COUNT] = { false };

	(void)state;
	for (size_t t = 0; t < TABLES; t++)
		for (size_t i = 0; i < tables[t].count; i++)
			seen[tables[t].rows[i].reason] = true;
#define ASSERT_SEEN_(name, verdict, word, text)				\
	if (WEIR_##name <= WEIR_PAUSED && !seen[WEIR_##name])		\
		fail_msg("no frame shows the reason '%s'", word);
	WEIR_REASONS(ASSERT_SEEN_)
#undef ASSERT_SEEN_
}

static const struct CMUnitTest reason_tests[] = {
	{ .name = "every reason has a row, and so its declared verdict",
	  .test_func = test_every_reason_has_a_row },
};

/* Test runs arrive by the loopback interface. */
static void assert_counts_on(unsigned int slot, const struct weir_runtime *r)
{
	static struct frame frame;

	assert_int_equal(bpf_map_update_elem(datapath.maps.fd[MAP_RUNTIME],
					     &(int){ 0 }, r, 0), 0);
	datapath.slot = slot;
	frame_build(&frame, F(ETH(), IP4(), UDP()));
	assert_judged(&frame, 0, WEIR_PASSED, NO_ENTRY);
	frame_build(&frame, F(ETH(), IP4(.ihl = 4), UDP()));
	assert_judged(&frame, 0, WEIR_BAD_LENGTH, NO_ENTRY);
	assert_all_counted();
}

static int forget_interfaces(void **state)
{
	(void)state;
	datapath.slot = WEIR_SLOT_OTHER;
	return bpf_map_update_elem(datapath.maps.fd[MAP_RUNTIME], &(int){ 0 },
				   &(struct weir_runtime){ 0 }, 0);
}

static void test_unknown_interface(void **state)
{
	(void)state;
	assert_counts_on(0, &(struct weir_runtime){ 0 });
}

static void test_own_slot(void **state)
{
	unsigned int lo = if_nametoindex("lo");
	struct weir_runtime r = { 0 };

	(void)state;
	r.first[lo % WEIR_MAX_INTERFACES] = 63;
	r.slot[63].ifindex = lo;
	assert_counts_on(63, &r);
}

static void test_another_interface_of_the_same_hash(void **state)
{
	unsigned int lo = if_nametoindex("lo");
	struct weir_runtime r = { 0 };

	(void)state;
	r.first[lo % WEIR_MAX_INTERFACES] = 7;
	r.slot[7].ifindex = lo + WEIR_MAX_INTERFACES;
	assert_counts_on(0, &r);
}

static void test_the_end_of_a_full_chain(void **state)
{
	unsigned int lo = if_nametoindex("lo");
	struct weir_runtime r = { 0 };

	(void)state;
	r.first[lo % WEIR_MAX_INTERFACES] = 1;
	for (unsigned int slot = 1; slot < WEIR_MAX_INTERFACES; slot++) {
		r.slot[slot].ifindex = lo + slot * WEIR_MAX_INTERFACES;
		r.slot[slot].next = (slot + 1) % WEIR_MAX_INTERFACES;
	}
	r.slot[63].ifindex = lo;
	assert_counts_on(63, &r);
}

static void test_a_chain_that_never_ends(void **state)
{
	unsigned int lo = if_nametoindex("lo");
	struct weir_runtime r = { 0 };

	(void)state;
	r.first[lo % WEIR_MAX_INTERFACES] = 5;
	r.slot[5].next = 6;
	r.slot[6].next = 5;
	assert_counts_on(0, &r);
}

static void test_a_slot_out_of_range(void **state)
{
	unsigned int lo = if_nametoindex("lo");
	struct weir_runtime r = { 0 };

	(void)state;
	r.first[lo % WEIR_MAX_INTERFACES] = WEIR_MAX_INTERFACES * 1000;
	assert_counts_on(0, &r);
}

#define INTERFACE_TEST(sentence, test)					\
	{ .name = sentence, .test_func = test,				\
	  .teardown_func = forget_interfaces }

static const struct CMUnitTest interface_tests[] = {
	INTERFACE_TEST("an interface without a slot", test_unknown_interface),
	INTERFACE_TEST("an interface with a slot", test_own_slot),
	INTERFACE_TEST("a slot that is another interface's",
		       test_another_interface_of_the_same_hash),
	INTERFACE_TEST("the last of 63 interfaces in one chain",
		       test_the_end_of_a_full_chain),
	INTERFACE_TEST("a chain that never ends", test_a_chain_that_never_ends),
	INTERFACE_TEST("a slot out of range", test_a_slot_out_of_range),
};

static void table_prepare(enum pause pause)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	const uint64_t until[] = {
		[RUNNING] = 0,
		[PAUSED_FOR_AN_HOUR] = now + HOUR,
		[PAUSED_FOR_EVER] = WEIR_NEVER,
		[PAUSE_OVER] = now - NS_PER_S,
	};

	pause_set(until[pause]);
}

int main(void)
{
	int failed = 0;

	if (datapath_open())
		return 1;
	add_lists();
	add_ends();
	for (size_t t = 0; t < TABLES; t++) {
		table_prepare(tables[t].pause);
		failed += rows_run(tables[t].group, tables[t].rows,
				   tables[t].count);
	}
	pause_set(0);
	failed += GROUP_RUN("Each reason is shown by a frame", reason_tests);
	failed += GROUP_RUN("A packet counts for the interface it came by",
			    interface_tests);
	return failed ? 1 : 0;
}
