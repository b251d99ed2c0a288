#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
# Frames with VLAN tags: neither a hiding place nor a hurdle.

load lib

setup() {
	topology
	n2 weir attach v2
}

# A tag inside another, each end on top of v1 and v2.
tags() {
	local ns=$1 on=$2 host=$3

	inside "$ns" ethtool -K "$on" txvlan off tx-vlan-stag-hw-insert off
	inside "$ns" ip link add link "$on" name "$on.10" type vlan id 10 ||
		skip "this kernel has no 802.1Q interfaces"
	inside "$ns" ip link add link "$on" name "$on.20" type vlan \
		protocol 802.1ad id 20
	inside "$ns" ip link add link "$on.20" name "$on.30" type vlan id 30
	inside "$ns" ip address add "198.18.10.$host/24" dev "$on.10"
	inside "$ns" ip address add "198.18.30.$host/24" dev "$on.30"
	inside "$ns" ip link set "$on.10" up
	inside "$ns" ip link set "$on.20" up
	inside "$ns" ip link set "$on.30" up
}

# TAGS SOURCE: one such frame.
tagged() {
	n1 send 1 "E/$1IP(src='$2', dst='192.0.2.2')/UDP()"
}

@test "a denied source is dropped behind one to four tags, its neighbour passes" {
	n2 weir deny 203.0.113.7
	for tags in "" "Dot1Q(vlan=1)/" "Dot1AD(vlan=1)/Dot1Q(vlan=2)/" \
		    "Dot1Q(vlan=1)/Dot1Q(vlan=2)/Dot1Q(vlan=3)/" \
		    "Dot1AD(vlan=1)/Dot1AD(vlan=2)/Dot1Q(vlan=3)/Dot1Q(vlan=4)/"; do
		passed=$(reason passed) denied=$(reason denied)
		tagged "$tags" 203.0.113.8
		await reason_is passed $((passed + 1))
		tagged "$tags" 203.0.113.7
		await reason_is denied $((denied + 1))
		is "$(reason passed)" $((passed + 1))
	done
	counts 203.0.113.7 "5 $((5 * 42 + 4 * (1 + 2 + 3 + 4)))"
}

@test "a denied IPv6 source is dropped behind tags" {
	n2 weir deny 2001:db8:bad::7
	for source in 7 8; do
		n1 send 1 "E/Dot1AD(vlan=1)/Dot1Q(vlan=2)/IPv6(src='2001:db8:bad::$source', dst='2001:db8:1::2')/UDP()"
	done
	counts 2001:db8:bad::7 "1 70"
	is "$(reason denied)" 1
}

@test "four tags pass, five are dropped as too many" {
	n1 send 3 "E/Dot1Q()/Dot1Q()/Dot1Q()/Dot1Q()/IP(src='203.0.113.8', dst='192.0.2.2')/UDP()"
	await reason_is passed 3
	is "$(reason too-many-tags)" 0
	n1 send 3 "E/Dot1Q()/Dot1Q()/Dot1Q()/Dot1Q()/Dot1Q()/IP(src='203.0.113.8', dst='192.0.2.2')/UDP()"
	await reason_is too-many-tags 3
	is "$(reason passed)" 3
}

@test "on a VLAN a denied host is dropped, its neighbour passes" {
	tags n1 v1 7
	tags n2 v2 2
	n1 ip address add 198.18.10.8/24 dev v1.10
	n1 ping -c 1 -W 1 -I 198.18.10.7 198.18.10.2
	n2 weir deny 198.18.10.7
	run ! n1 ping -c 1 -W 0.3 -I 198.18.10.7 198.18.10.2
	counts 198.18.10.7 "1 102"
	n1 ping -c 1 -W 1 -I 198.18.10.8 198.18.10.2
	n2 weir remove deny 198.18.10.7
	n1 ping -c 1 -W 1 -I 198.18.10.7 198.18.10.2
}

@test "on a VLAN in a VLAN a denied host is dropped, its neighbour passes" {
	tags n1 v1 7
	tags n2 v2 2
	n1 ip address add 198.18.30.8/24 dev v1.30
	n1 ping -c 1 -W 1 -I 198.18.30.7 198.18.30.2
	n2 weir deny 198.18.30.7
	run ! n1 ping -c 1 -W 0.3 -I 198.18.30.7 198.18.30.2
	counts 198.18.30.7 "1 106"
	n1 ping -c 1 -W 1 -I 198.18.30.8 198.18.30.2
	n2 weir remove deny 198.18.30.7
	n1 ping -c 1 -W 1 -I 198.18.30.7 198.18.30.2
}
