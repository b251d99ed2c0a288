#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Ranges, ports, files and ends, on real traffic; and what is wrong with them.

load lib

setup() {
	topology
	n2 weir attach v2
}

@test "a range is denied from its first to its last address" {
	n2 weir deny 192.0.2.3-192.0.2.7 2001:db8:1::5-2001:db8:1::7
	run ! n1 ping -c 1 -W 0.3 -I 192.0.2.7 192.0.2.2
	run ! n1 ping -c 1 -W 0.3 -I 2001:db8:1::7 2001:db8:1::2
	n1 ping -c 1 -W 1 -I 192.0.2.8 192.0.2.2
	n1 ping -c 1 -W 1 -I 2001:db8:1::8 2001:db8:1::2
	is "$(n2 weir show | paste -sd,)" "default pass,# runtime,deny 192.0.2.3,\
deny 192.0.2.4/30,deny 2001:db8:1::5,deny 2001:db8:1::6/127"
	n2 weir remove deny 192.0.2.3-192.0.2.7 2001:db8:1::5-2001:db8:1::7
	n1 ping -c 1 -W 1 -I 192.0.2.7 192.0.2.2
	is "$(n2 weir show)" "default pass"
}

@test "the whole of both families is a range too" {
	n2 weir deny 0.0.0.0-255.255.255.255 \
		::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
	is "$(n2 weir show | paste -sd,)" \
		"default pass,# runtime,deny 0.0.0.0/0,deny ::/0"
}

@test "a denied port is closed, its neighbour and other protocols are not" {
	serves
	n2 weir deny tcp/8000-8079 tcp/8081-8100 udp/8080
	n1 curl -sf -m 2 http://192.0.2.2:8080/
	n2 weir deny tcp/8080
	run -28 n1 curl -sf -m 0.5 http://192.0.2.2:8080/
	run -28 n1 curl -sf -m 0.5 'http://[2001:db8:1::2]:8080/'
	[[ $(reason denied-port) -ge 2 ]]
	n2 weir show --json |
		jq -e '.deny[] | select(.target == "tcp/8080") | .packets >= 2'
	n2 weir remove deny tcp/8080
	n1 curl -sf -m 2 http://192.0.2.2:8080/
}

@test "each port and protocol counts packets and bytes of its own" {
	local sent

	n2 weir deny udp/1900 tcp/1900 udp/2048-4095
	sent=$(n1 send 7 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP(dport=1900)/("x"*100)')
	n1 send 5 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP(dport=3000)'
	n1 send 3 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP(dport=1901)'
	await reason_is denied-port 12
	is "$(n2 weir show --json | jq -r '.deny[] |
		select(.target == "udp/1900") | "\(.packets) \(.bytes)"')" "$sent"
	is "$(n2 weir show --json | jq -r '.deny[] |
		select(.target == "udp/2048-4095") | .packets')" 5
	is "$(n2 weir show --json | jq -r '.deny[] |
		select(.target == "tcp/1900") | .packets')" 0
}

@test "an entry ends by itself, and the shorter prefix decides then" {
	n2 weir deny 192.0.2.7 for "${SLOWNESS:-1}s"
	n2 weir deny 192.0.0.0/16 for 1h
	n2 weir allow 192.0.2.1
	run ! n1 ping -c 1 -W 0.3 -I 192.0.2.7 192.0.2.2
	is "$(n2 weir lookup --json 192.0.2.7 | jq -r .entry)" 192.0.2.7
	await expired 192.0.2.7
	run ! n1 ping -c 1 -W 0.3 -I 192.0.2.7 192.0.2.2
	is "$(n2 weir lookup --json 192.0.2.7 | jq -r .entry)" 192.0.0.0/16
	counts 192.0.2.7 "1 98"
	n2 weir remove deny 192.0.0.0/16
	n1 ping -c 1 -W 1 -I 192.0.2.7 192.0.2.2
}

expired() {
	not grep -q "deny $1 " <<<"$(n2 weir show)"
}

@test "of two ends the later wins, and no end is the latest" {
	n2 weir deny 192.0.2.7 for 1h
	run -0 --separate-stderr n2 weir deny 192.0.2.7 for 1m
	notes "on the deny list already"
	(($(n2 weir lookup --json 192.0.2.7 | jq .expires_s) > 3500))
	n2 weir deny 192.0.2.7 for 2h
	(($(n2 weir lookup --json 192.0.2.7 | jq .expires_s) > 7100))
	n2 weir deny 192.0.2.7
	is "$(n2 weir lookup --json 192.0.2.7 | jq .expires_s)" null
	n2 weir deny 192.0.2.7 until 2099-01-01T00:00:00Z
	is "$(n2 weir lookup --json 192.0.2.7 | jq .expires_s)" null
}

@test "an end is shown as it was given, and fed back it changes nothing" {
	local shown

	n2 weir deny 192.0.2.7 until 2031-05-06T07:08:09Z
	n2 weir deny 192.0.2.8 until 2031-05-06T08:08:09+01:00
	shown=$(n2 weir show)
	is "$(grep -c 'until 2031-05-06T07:08:09Z' <<<"$shown")" 2
	while read -r words; do
		# shellcheck disable=SC2086
		n2 weir $words
	done < <(grep '^deny' <<<"$shown")
	is "$(n2 weir show)" "$shown"
}

@test "a file names targets, one a line, and may have a name" {
	printf '%s\r\n' '# a feed' '' '192.0.2.7 ; spammer' '  2001:db8:bad::/48' \
		'198.51.100.10-198.51.100.20' 'udp/1900' >"$BATS_TEST_TMPDIR/list"
	n2 weir deny "@$BATS_TEST_TMPDIR/list" as feed 192.0.2.8
	is "$(n2 weir lookup --json 192.0.2.7 | jq -r .origin)" feed
	is "$(n2 weir lookup --json 192.0.2.8 | jq -r .origin)" runtime
	is "$(n2 weir lookup --json 198.51.100.20 | jq -r .entry)" 198.51.100.20
	is "$(n2 weir lookup --json 198.51.100.21 | jq -r .verdict)" pass
	run ! n1 ping -c 1 -W 0.3 -I 192.0.2.7 192.0.2.2
	n2 weir remove deny "@$BATS_TEST_TMPDIR/list"
	is "$(n2 weir show | paste -sd,)" "default pass,# runtime,deny 192.0.2.8"
}

@test "a list from a pipe" {
	seq -f '203.0.113.%g' 1 50 | n2 weir deny @/dev/stdin
	is "$(n2 weir show | grep -c '^deny 203')" 50
}

@test "100,000 entries load, one is wrong in the next file, nothing changes" {
	local list=$BATS_TEST_TMPDIR/list

	awk 'BEGIN { for (i = 0; i < 100000; i++)
		printf "198.%d.%d.%d\n", 18 + i / 65536, i / 256 % 256, i % 256 }' \
		>"$list"
	sed '99999s/.*/198.19.x.1/' "$list" >"$list.bad"
	run -1 --separate-stderr n2 weir deny "@$list.bad"
	complains "$list.bad:99999: not an address or prefix"
	is "$(n2 weir show)" "default pass"
	n2 weir deny "@$list"
	is "$(n2 weir show | grep -c ^deny)" 100000
	run -1 --separate-stderr n2 weir deny 203.0.113.0/24 "@$list.bad"
	is "$(n2 weir lookup --json 203.0.113.1 | jq -r .verdict)" pass
	is "$(n2 weir show | grep -c ^deny)" 100000
	n2 weir remove deny "@$list"
	is "$(n2 weir show)" "default pass"
}

@test "what is wrong with a target is one line, and changes nothing" {
	local word

	mkdir "$BATS_TEST_TMPDIR/directory"
	printf 'ELF\0\1\2' >"$BATS_TEST_TMPDIR/binary"
	n2 weir deny 192.0.2.7
	for word in tcp/0 tcp/65536 tcp/1-0 tcp/ tcp/1- tcp/-1 tcp/01 tcp/80abc \
		    sctp/9 udp/1-2-3 192.0.2.9-192.0.2.1 192.0.2.1-2001:db8::1 \
		    192.0.2.0/24-192.0.2.9 192.0.2.1- -192.0.2.1 @/nonexistent \
		    "@$BATS_TEST_TMPDIR/directory" "@$BATS_TEST_TMPDIR/binary"; do
		run -1 --separate-stderr n2 weir deny 203.0.113.1 "$word"
		complains ''
	done
	run -1 --separate-stderr n2 weir allow tcp/80
	complains "no ports"
	for word in 0s 10 10x -1s 1e9d 99999999d ''; do
		run -1 --separate-stderr n2 weir deny 203.0.113.1 for "$word"
		complains "is not a time"
	done
	run -1 --separate-stderr n2 weir deny 203.0.113.1 until 2020-01-01T00:00:00Z
	complains "is past"
	run -1 --separate-stderr n2 weir deny 203.0.113.1 until tomorrow
	complains "is not a time"
	run -1 --separate-stderr n2 weir deny @/dev/null as -x
	complains "is not a name"
	is "$(n2 weir show | paste -sd,)" "default pass,# runtime,deny 192.0.2.7"
}

@test "a file that is no list tells nothing of what is in it" {
	echo 'root:$6$secret:19000:0:99999:7:::' >"$BATS_TEST_TMPDIR/shadow"
	run -1 --separate-stderr n2 weir deny "@$BATS_TEST_TMPDIR/shadow"
	complains "shadow:1: not an address or prefix"
	[[ $stderr != *secret* && $stderr != *root* ]]
	printf '192.0.2.1\nfe80::1%%secret\n' >"$BATS_TEST_TMPDIR/zone"
	run -1 --separate-stderr n2 weir deny "@$BATS_TEST_TMPDIR/zone"
	complains "zone:2:"
	[[ $stderr != *secret* ]]
	printf '192.0.2.1/8\n' >"$BATS_TEST_TMPDIR/bits"
	run -1 --separate-stderr n2 weir deny "@$BATS_TEST_TMPDIR/bits"
	complains "bits:1:" "'192.0.2.1/8'" "192.0.0.0/8"
}

@test "pause passes all and counts, and ends by itself or by resume" {
	n2 weir deny 192.0.2.7
	run ! n1 ping -c 1 -W 0.3 -I 192.0.2.7 192.0.2.2
	n2 weir pause "${SLOWNESS:-1}s"
	n1 ping -c 1 -W 1 -I 192.0.2.7 192.0.2.2
	is "$(reason paused)" 1
	counts 192.0.2.7 "2 196"
	[[ $(n2 weir status --json | jq .paused_s) -ge 1 ]]
	await not_paused
	run ! n1 ping -c 1 -W 0.3 -I 192.0.2.7 192.0.2.2
	n2 weir pause
	is "$(n2 weir status --json | jq .paused_s)" -1
	n1 ping -c 1 -W 1 -I 192.0.2.7 192.0.2.2
	n2 weir resume
	run ! n1 ping -c 1 -W 0.3 -I 192.0.2.7 192.0.2.2
	is "$(reason denied)" 3
	is "$(n2 weir status --json | jq '.interfaces | length')" 1
	run -1 --separate-stderr n2 weir pause soon
	complains "is not a time"
}

not_paused() {
	[[ $(n2 weir status --json | jq .paused_s) == null ]]
}
