#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154
# Limits and bans, from the policy to the packet.

load lib

FLOOD=$ROOT/build/flood

# A flood of UDP from v1: FLOOD OPTIONS, which prints what was sent.
flood() {
	n1 "$FLOOD" v1 --to 192.0.2.2 --to-mac 02:00:00:00:01:02 --json "$@"
}

# What a rule counts: a jq path below it.
rule() {
	n2 weir stats --json | jq ".rules[] | select(.name == \"$1\") | $2"
}

rule_is() { [[ $(rule "$1" "$2") == "$3" ]]; }

# About so much: WHAT IS LEAST MOST.
between() {
	(($2 >= $3 && $2 <= $4)) || {
		echo "$1 is $2, not from $3 to $4"
		return 1
	}
}

policy() {
	cat >"$BATS_TEST_TMPDIR/policy"
	n2 weir apply "$@" "$BATS_TEST_TMPDIR/policy"
}

@test "a burst is exactly what was said, and excess is counted apart" {
	n2 weir attach v2
	policy <<<'limit few 1/h burst 100 per src udp'
	n1 send 250 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()/"x"'
	await rule_is few .excess.packets 150
	is "$(rule few .packets)" 100
	is "$(reason limit)" 150
	n1 send 100 'E/IP(src="203.0.113.8", dst="192.0.2.2")/UDP()/"x"'
	await rule_is few .packets 200
	is "$(rule few .excess.packets)" 150
}

@test "a rate is kept within one percent" {
	n2 weir attach v2
	policy <<<'limit steady 20k/s burst 10k per src udp'
	sent=$(flood --from 203.0.113.7/32 --sources fixed --pps 60000 --for 3)
	seconds=$(jq .seconds <<<"$sent")
	wanted=$(jq -n "10000 + 20000 * $seconds | floor")
	between admitted "$(rule steady .packets)" \
		$((wanted * 99 / 100)) $((wanted * 101 / 100))
	is "$(($(rule steady .packets) + $(rule steady .excess.packets)))" \
		"$(jq '.frames - .lost' <<<"$sent")"
}

@test "who keeps below the limit loses nothing, also beside a flood of forged sources" {
	n2 weir attach v2
	policy <<<'limit each 2k/s burst 100 per src udp'
	starts n1 "$FLOOD" v1 --to 192.0.2.2 --to-mac 02:00:00:00:01:02 \
		--from 198.18.0.0/15 --sources random --pps 200000 --for 4
	n1 send 200 '[E/IP(src="203.0.113.%d" % i, dst="192.0.2.2")/UDP(dport=9999) for i in range(1, 101)]'
	wait "$started"
	is "$(rule each .excess.packets)" 0
	between flooded "$(rule each .packets)" 200000 1000000
}

@test "an apply that keeps a limit keeps what it knows; a changed one starts anew" {
	n2 weir attach v2
	policy <<<'limit few 1/h burst 10 per src udp'
	n1 send 15 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	await rule_is few .excess.packets 5
	policy <<-EOF
		drop other tcp dst port 9
		limit few 1/h burst 10 per src udp
	EOF
	n1 send 3 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	await rule_is few .excess.packets 8
	policy <<<'limit few 1/h burst 12 per src udp'
	n1 send 15 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	await rule_is few .excess.packets 3
	is "$(rule few .packets)" 12
}

@test "a ban comes, is shown, is looked up, and ends by hand or by itself" {
	n2 weir attach v2
	policy <<<'limit hard 1/h burst 5 per src/24 ban 10m udp'
	n1 send 30 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	await reason_is banned 17
	is "$(rule hard .excess.packets)" 8
	is "$(n2 weir show --json | jq -r '.bans[] | .target, .origin, .packets')" \
		$'203.0.113.0/24\nhard\n17'
	is "$(n2 weir lookup --json 203.0.113.9 | jq -r '.verdict, .list, .entry, .origin')" \
		$'drop\nban\n203.0.113.0/24\nhard'
	is "$(n2 weir lookup --json 203.0.114.9 | jq -r .verdict)" pass
	n2 weir remove deny 203.0.113.0/24
	bans_are 0
	n1 send 1 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	await rule_is hard .excess.packets 9

	policy --flush <<<'limit soft 1/h burst 5 per src/24 ban 1s udp'
	n1 send 30 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	await reason_is banned 34
	await bans_are 0
	n1 send 1 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	await rule_is soft .excess.packets 9
}

bans_are() { [[ $(n2 weir show --json | jq '.bans | length') == "$1" ]]; }

@test "this host's gateway, its own addresses and the allowed are never banned" {
	n2 weir attach v2
	n2 ip route add default via 192.0.2.7
	n2 weir allow 203.0.113.9
	policy <<-EOF
		allow 203.0.113.9
		limit hard 1/h burst 1 per src ban 1h udp
	EOF
	n1 send 20 '[E/IP(src=a, dst="192.0.2.2")/UDP() for a in
		("192.0.2.7", "192.0.2.2", "203.0.113.9", "203.0.113.10")]'
	await bans_are 1
	is "$(n2 weir show --json | jq -r '.bans[].target')" 203.0.113.10
	is "$(rule hard .excess.packets)" $((19 + 19 + 4))
}

@test "apply says which limits a flood would turn against the innocent, and status what is in use" {
	n2 weir attach v2
	run --separate-stderr policy <<-EOF
		limit tight 20/s per src udp
		limit wide 20k/s per src udp
		limit hard 20k/s per src ban 1m udp
	EOF
	notes "limit tight: under a flood"
	notes "'cells 4194304' (32 MiB)"
	[[ $stderr != *"limit wide"* ]]
	notes "limit hard: bans for packets that need no handshake"
	n1 send 1 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	await rule_is tight .packets 1
	is "$(n2 weir status --json |
		jq -c '.tables[] | select(.name == "limit tight") | .max')" 131072
}
