#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
# An MTU of 9,000: frames of several buffers.

load lib

setup() {
	topology
	n1 ip link set v1 mtu 9000
	n2 ip link set v2 mtu 9000
	n2 weir attach v2
}

@test "a jumbo interface is filtered natively, and counts whole frames" {
	is "$(status_of v2 mode)" native
	n1 ping -c 1 -W 1 -s 8972 -M "do" -I 192.0.2.7 192.0.2.2
	n2 weir deny 192.0.2.7
	run ! n1 ping -c 1 -W 0.3 -s 8972 -M "do" -I 192.0.2.7 192.0.2.2
	counts 192.0.2.7 "1 9014"
	n1 ping -c 1 -W 1 -s 8972 -M "do" -I 192.0.2.8 192.0.2.2
	n2 weir remove deny 192.0.2.7
	n2 weir allow 192.0.2.7
	n1 ping -c 1 -W 1 -s 8972 -M "do" -I 192.0.2.7 192.0.2.2
	counts 192.0.2.7 "1 9014"
}

@test "so it is over IPv6" {
	n1 ping -c 1 -W 1 -s 8952 -M "do" -I 2001:db8:1::7 2001:db8:1::2
	n2 weir deny 2001:db8:1::7
	run ! n1 ping -c 1 -W 0.3 -s 8952 -M "do" -I 2001:db8:1::7 2001:db8:1::2
	counts 2001:db8:1::7 "1 9014"
	n1 ping -c 1 -W 1 -s 8952 -M "do" -I 2001:db8:1::8 2001:db8:1::2
}

@test "a file comes through whole while another host is denied" {
	serves
	head -c 4000000 /dev/urandom >"$BATS_TEST_TMPDIR/www/file"
	n2 weir deny 192.0.2.7
	n1 curl -sf -m 10 --interface 192.0.2.8 -o "$BATS_TEST_TMPDIR/got" \
		http://192.0.2.2:8080/file
	cmp "$BATS_TEST_TMPDIR/www/file" "$BATS_TEST_TMPDIR/got"
}
