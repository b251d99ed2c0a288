#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
# Neighbour discovery, extension headers, fragments.

load lib

setup() {
	topology
	n2 weir attach v2
}

resolves() {
	[[ $(inside "$1" ip -json neigh show "$2" |
		jq -r '.[0].lladdr // "unresolved"') == "$3" ]]
}

# HEADERS: a denied source's UDP behind them is dropped, its neighbour's not.
behind() {
	local denied passed

	denied=$(reason denied) passed=$(reason passed)
	n1 send 1 "E/IPv6(src='2001:db8:bad::8', dst='2001:db8:1::2')/$1"
	await reason_is passed $((passed + 1))
	n1 send 1 "E/IPv6(src='2001:db8:bad::7', dst='2001:db8:1::2')/$1"
	await reason_is denied $((denied + 1))
	is "$(reason passed)" $((passed + 1))
}

@test "a denied neighbour can still resolve us, and we it" {
	n1 ping -c 1 -W 1 2001:db8:1::2
	n2 weir deny 2001:db8:1::/64 fe80::/10
	n1 ip -6 neigh flush all
	n2 ip -6 neigh flush all
	run ! n1 ping -c 1 -W 0.3 -I 2001:db8:1::7 2001:db8:1::2
	resolves n1 2001:db8:1::2 02:00:00:00:01:02
	run ! n2 ping -c 1 -W 0.3 2001:db8:1::8
	resolves n2 2001:db8:1::8 02:00:00:00:01:01
	n2 weir remove deny 2001:db8:1::/64 fe80::/10
	n1 ping -c 1 -W 1 2001:db8:1::2
}

@test "only genuine neighbour discovery passes a denied source" {
	n2 weir deny 2001:db8:bad::7
	solicit='ICMPv6ND_NS(tgt="2001:db8:1::99")'
	n1 send 1 "E/IPv6(src='2001:db8:bad::7', dst='2001:db8:1::2', hlim=255)/$solicit"
	await reason_is passed 1
	is "$(reason denied)" 0
	n1 send 1 "E/IPv6(src='2001:db8:bad::7', dst='2001:db8:1::2', hlim=254)/$solicit"
	await reason_is denied 1
	n1 send 1 "E/IPv6(src='2001:db8:bad::7', dst='2001:db8:1::2', hlim=255)/IPv6ExtHdrFragment(m=1)/$solicit"
	await reason_is denied 2
	n1 send 1 "E/IPv6(src='2001:db8:bad::7', dst='2001:db8:1::2', hlim=255)/ICMPv6EchoRequest()"
	await reason_is denied 3
	is "$(reason passed)" 1
}

@test "extension headers do not hide a denied source" {
	n2 weir deny 2001:db8:bad::7
	behind "UDP()"
	behind "IPv6ExtHdrHopByHop()/UDP()"
	behind "IPv6ExtHdrDestOpt()/UDP()"
	behind "IPv6ExtHdrRouting()/UDP()"
	behind "IPv6ExtHdrFragment(m=1)/UDP(len=100)"
	behind "IPv6ExtHdrFragment(offset=100)/(b'x' * 64)"
	behind "AH(nh=17, payloadlen=4, icv=b'x' * 12)/UDP()"
	behind "IPv6ExtHdrHopByHop()/IPv6ExtHdrRouting()/IPv6ExtHdrDestOpt(nh=51)/AH(nh=17, payloadlen=4, icv=b'x' * 12)/UDP()"
	behind "IPv6ExtHdrDestOpt(nh=59)"
	counts 2001:db8:bad::7 "9 $(n2 weir stats --json |
		jq '.reasons[] | select(.reason == "denied") | .bytes')"
}

@test "eight extension headers pass, nine are dropped as too many" {
	eight=$(printf 'IPv6ExtHdrDestOpt()/%.0s' {1..8})
	n1 send 1 "E/IPv6(src='2001:db8:bad::8', dst='2001:db8:1::2')/${eight}UDP()"
	await reason_is passed 1
	is "$(reason too-many-headers)" 0
	n1 send 1 "E/IPv6(src='2001:db8:bad::8', dst='2001:db8:1::2')/${eight}IPv6ExtHdrDestOpt()/UDP()"
	await reason_is too-many-headers 1
	is "$(reason passed)" 1
}

@test "fragments pass, and every fragment of a denied host is dropped" {
	n1 ping -c 1 -W 1 -s 4000 -I 2001:db8:1::7 2001:db8:1::2
	n2 weir deny 2001:db8:1::7
	run ! n1 ping -c 1 -W 0.3 -s 4000 -I 2001:db8:1::7 2001:db8:1::2
	counts 2001:db8:1::7 "3 $((4008 + 3 * (14 + 40 + 8)))"
	n1 ping -c 1 -W 1 -s 4000 -I 2001:db8:1::8 2001:db8:1::2
	n2 weir remove deny 2001:db8:1::7
	n1 ping -c 1 -W 1 -s 4000 -I 2001:db8:1::7 2001:db8:1::2
}
