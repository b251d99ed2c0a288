#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
# Who is denied, who passes, and what each entry counted.

load lib

setup() {
	topology
	n2 weir attach v2
}

@test "a denied host is dropped, its neighbour passes, removed it passes again" {
	n1 ping -c 1 -W 1 -I 192.0.2.7 192.0.2.2
	n2 weir deny 192.0.2.7
	run ! n1 ping -c 1 -W 0.3 -I 192.0.2.7 192.0.2.2
	n1 ping -c 1 -W 1 -I 192.0.2.8 192.0.2.2
	counts 192.0.2.7 "1 98"
	n2 weir remove deny 192.0.2.7
	n1 ping -c 1 -W 1 -I 192.0.2.7 192.0.2.2
}

@test "a denied IPv6 host is dropped, its neighbour passes, removed it passes again" {
	n1 ping -c 1 -W 1 -I 2001:db8:1::7 2001:db8:1::2
	n2 weir deny 2001:db8:1::7
	run ! n1 ping -c 1 -W 0.3 -I 2001:db8:1::7 2001:db8:1::2
	n1 ping -c 1 -W 1 -I 2001:db8:1::8 2001:db8:1::2
	counts 2001:db8:1::7 "1 118"
	n2 weir remove deny 2001:db8:1::7
	n1 ping -c 1 -W 1 -I 2001:db8:1::7 2001:db8:1::2
}

@test "a denied prefix drops up to its last address, and not the next" {
	n1 ping -c 1 -W 1 -I 192.0.2.7 192.0.2.2
	n2 weir deny 192.0.2.0/29 2001:db8:1::/125
	run ! n1 ping -c 1 -W 0.3 -I 192.0.2.7 192.0.2.2
	run ! n1 ping -c 1 -W 0.3 -I 2001:db8:1::7 2001:db8:1::2
	n1 ping -c 1 -W 1 -I 192.0.2.8 192.0.2.2
	n1 ping -c 1 -W 1 -I 2001:db8:1::8 2001:db8:1::2
	n2 weir remove deny 192.0.2.0/29 2001:db8:1::/125
	n1 ping -c 1 -W 1 -I 192.0.2.7 192.0.2.2
	n1 ping -c 1 -W 1 -I 2001:db8:1::7 2001:db8:1::2
}

@test "a denied client gets no page, its neighbour does" {
	serves
	n1 curl -sf -m 2 --interface 192.0.2.7 http://192.0.2.2:8080/
	n2 weir deny 192.0.2.7 2001:db8:1::7
	run -28 n1 curl -sf -m 0.5 --interface 192.0.2.7 http://192.0.2.2:8080/
	run -28 n1 curl -sf -m 0.5 --interface 2001:db8:1::7 \
		'http://[2001:db8:1::2]:8080/'
	run -0 n1 curl -sf -m 2 --interface 192.0.2.8 http://192.0.2.2:8080/
	is "$output" "well served"
	run -0 n1 curl -sf -m 2 --interface 2001:db8:1::8 \
		'http://[2001:db8:1::2]:8080/'
	is "$output" "well served"
	n2 weir remove deny 192.0.2.7 2001:db8:1::7
	n1 curl -sf -m 2 --interface 192.0.2.7 http://192.0.2.2:8080/
	n1 curl -sf -m 2 --interface 2001:db8:1::7 'http://[2001:db8:1::2]:8080/'
}

@test "deny cuts a connection that is established" {
	serves
	truncate -s 1G "$BATS_TEST_TMPDIR/www/big"
	starts n1 curl -sf --limit-rate 1M -o /dev/null --interface 192.0.2.7 \
		http://192.0.2.2:8080/big
	await n1 sh -c "ss -tnH state established src 192.0.2.7 | grep -q 8080"
	n2 weir deny 192.0.2.7
	await sh -c "weir lookup --json 192.0.2.7 | jq -e '.packets > 0'"
	run ! n1 ping -c 1 -W 0.3 -I 192.0.2.7 192.0.2.2
}

@test "an entry counts exactly the packets and bytes that were sent" {
	n2 weir deny 203.0.113.7 2001:db8:bad::7
	sent=$(n1 send 60 '[E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()/(b"x" * n) for n in (0, 18, 1472)]')
	counts 203.0.113.7 "$sent"
	is "$sent" "180 $((60 * (42 + 60 + 1514)))"
	sent=$(n1 send 60 '[E/IPv6(src="2001:db8:bad::7", dst="2001:db8:1::2")/TCP()/(b"x" * n) for n in (0, 1440)]')
	counts 2001:db8:bad::7 "$sent"
	n1 send 5 'E/IP(src="203.0.113.8", dst="192.0.2.2")/UDP()'
	await reason_is passed 5
	counts 203.0.113.7 "180 $((60 * (42 + 60 + 1514)))"
}

@test "hping3's packets are counted to the last one" {
	n2 weir deny 203.0.113.0/24
	n1 hping3 -q -c 100 -i u1000 -2 -p 9 -a 203.0.113.7 192.0.2.2 ||:
	counts 203.0.113.7 "100 4200"
	n1 hping3 -q -c 50 -i u1000 -S -p 80 -a 203.0.113.200 192.0.2.2 ||:
	counts 203.0.113.7 "150 $((4200 + 50 * 54))"
}

@test "allow beats deny, however long the denied prefix" {
	n1 ping -c 1 -W 1 -I 192.0.2.7 192.0.2.2
	n2 weir allow 192.0.2.0/29
	run --separate-stderr n2 weir deny 192.0.2.0/24 192.0.2.7
	is "$status" 0
	notes "192.0.2.7 still passes: allow 192.0.2.0/29 beats deny"
	n1 ping -c 1 -W 1 -I 192.0.2.7 192.0.2.2
	run ! n1 ping -c 1 -W 0.3 -I 192.0.2.8 192.0.2.2
	is "$(n2 weir lookup --json 192.0.2.7 | jq -r '"\(.verdict) \(.list) \(.entry)"')" \
		"pass allow 192.0.2.0/29"
	n2 weir remove allow 192.0.2.0/29
	run ! n1 ping -c 1 -W 0.3 -I 192.0.2.7 192.0.2.2
	n2 weir remove deny 192.0.2.0/24
	n1 ping -c 1 -W 1 -I 192.0.2.8 192.0.2.2
}

@test "the longest matching prefix counts, and only that one" {
	n2 weir deny 203.0.113.0/24 203.0.113.64/26 203.0.113.65
	n1 send 3 'E/IP(src="203.0.113.65", dst="192.0.2.2")/UDP()'
	n1 send 5 'E/IP(src="203.0.113.66", dst="192.0.2.2")/UDP()'
	n1 send 7 'E/IP(src="203.0.113.128", dst="192.0.2.2")/UDP()'
	counts 203.0.113.65 "3 126"
	counts 203.0.113.66 "5 210"
	counts 203.0.113.128 "7 294"
	n2 weir remove deny 203.0.113.65
	n1 send 1 'E/IP(src="203.0.113.65", dst="192.0.2.2")/UDP()'
	counts 203.0.113.66 "6 252"
	n2 weir remove deny 203.0.113.64/26
	n1 send 1 'E/IP(src="203.0.113.65", dst="192.0.2.2")/UDP()'
	counts 203.0.113.65 "8 336"
}

@test "the longest matching IPv6 prefix counts, and only that one" {
	n2 weir deny 2001:db8:bad::/48 2001:db8:bad:1::/64 2001:db8:bad:1::/65 \
		2001:db8:bad:1::1
	n1 send 3 'E/IPv6(src="2001:db8:bad:1::1", dst="2001:db8:1::2")/UDP()'
	n1 send 5 'E/IPv6(src="2001:db8:bad:1::2", dst="2001:db8:1::2")/UDP()'
	n1 send 7 'E/IPv6(src="2001:db8:bad:1:8000::", dst="2001:db8:1::2")/UDP()'
	n1 send 9 'E/IPv6(src="2001:db8:bad:2::", dst="2001:db8:1::2")/UDP()'
	counts 2001:db8:bad:1::1 "3 186"
	counts 2001:db8:bad:1::2 "5 310"
	counts 2001:db8:bad:1:8000:: "7 434"
	counts 2001:db8:bad:2:: "9 558"
}

@test "denying all of IPv4 leaves IPv6 alone, and the other way round" {
	n2 weir deny 0.0.0.0/0
	run ! n1 ping -c 1 -W 0.3 192.0.2.2
	n1 ping -c 1 -W 1 2001:db8:1::2
	n2 weir remove deny 0.0.0.0/0
	n2 weir deny ::/0
	n1 ping -c 1 -W 1 192.0.2.2
	run ! n1 ping -c 1 -W 0.3 2001:db8:1::2
	n2 weir remove deny ::/0
	n1 ping -c 1 -W 1 2001:db8:1::2
}

@test "every fragment of a denied host is dropped" {
	n1 ping -c 1 -W 1 -s 4000 -I 192.0.2.7 192.0.2.2
	n2 weir deny 192.0.2.7
	run ! n1 ping -c 1 -W 0.3 -s 4000 -I 192.0.2.7 192.0.2.2
	counts 192.0.2.7 "3 4110"
	n1 ping -c 1 -W 1 -s 4000 -I 192.0.2.8 192.0.2.2
}

@test "an address that is denied anew counts from zero" {
	n2 weir deny 203.0.113.7
	n1 send 4 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	counts 203.0.113.7 "4 168"
	n2 weir remove deny 203.0.113.7
	n2 weir deny 203.0.113.7
	counts_now 203.0.113.7 "0 0"
	n1 send 2 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	counts 203.0.113.7 "2 84"
}

@test "full lists refuse one more, and nobody inherits another's counters" {
	n2 weir deny 203.0.113.7
	n1 send 4 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	counts 203.0.113.7 "4 168"
	n2 weir remove deny 203.0.113.7
	for net in 198.{18,19}.{0..255}; do
		printf "$net.%d\n" {0..255}
	done | xargs -n 8192 weir deny
	run -1 --separate-stderr n2 weir deny 203.0.113.7
	complains "full" 131072
	is "$(n2 weir show --json | jq -c '[.deny | length, (map(.packets) | add)]')" \
		"[131072,0]"
	n2 weir remove deny 198.18.0.0
	n2 weir deny 203.0.113.7
	counts_now 203.0.113.7 "0 0"
	n1 send 2 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	counts 203.0.113.7 "2 84"
}

@test "among thousands of hosts each is found, and no other" {
	seq -f '203.0.113.%g' 0 2 255 >"$BATS_TEST_TMPDIR/even"
	for net in {1..30}; do
		seq -f "198.18.$net.%g" 0 255
	done >>"$BATS_TEST_TMPDIR/even"
	xargs weir deny <"$BATS_TEST_TMPDIR/even"
	is "$(n2 weir show | grep -c ^deny)" "$((128 + 30 * 256))"
	n1 send 1 '[E/IP(src=f"203.0.113.{i}", dst="192.0.2.2")/UDP() for i in range(256)]'
	await reason_is denied 128
	await reason_is passed 128
}

@test "one bad target of a thousand is named, and nothing is added" {
	n2 weir deny 203.0.113.7
	for bad in 10.0.0.0/33 80abc 10.0.0.1/8 fe80::1%v2 192.0.2; do
		run -1 --separate-stderr n2 weir deny \
			$(seq -f '198.18.3.%g' 1 250) "$bad"
		complains "$bad"
		is "$(n2 weir show)" $'default pass\n# runtime\ndeny 203.0.113.7'
	done
}

@test "what a prefix merely covers is not removed but named" {
	n2 weir deny 203.0.113.0/24
	run -1 --separate-stderr n2 weir remove deny 203.0.113.7
	complains "203.0.113.7" "covered by 203.0.113.0/24"
	n1 send 1 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	counts 203.0.113.7 "1 42"
}

@test "adding what is there and removing what is not is a note" {
	n2 weir deny 203.0.113.7
	run -0 --separate-stderr n2 weir deny 203.0.113.7
	notes "203.0.113.7 is on the deny list already"
	run -0 --separate-stderr n2 weir remove deny 203.0.113.8
	notes "203.0.113.8 is not on the deny list"
}
