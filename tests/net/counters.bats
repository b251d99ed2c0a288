#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
# Every packet is counted once, and the driver counts the same.

load lib

# One frame for each reason, and how often a burst sends it.  Sources are
# nobody's, so no answer brings another packet back.
BURST='
[E/IP(src="203.0.113.1", dst="192.0.2.2")/UDP()/(b"x" * 700)] * 11 +
[E/IPv6(src="2001:db8:bad::1", dst="2001:db8:1::2")/TCP()] * 10 +
[E/ARP(op=2, psrc="203.0.113.1", pdst="203.0.113.2")] * 9 +
[Ether(dst="02:00:00:00:01:02", type=0x88b5)/(b"x" * 50)] * 8 +
[E/IP(src="203.0.113.100", dst="192.0.2.2")/UDP()/(b"x" * 1472)] * 7 +
[Ether(dst="02:00:00:00:01:02", type=0x0800)/bytes(IP())[:19]] * 6 +
[Ether(dst="02:00:00:00:01:02", type=0x86dd)/bytes(IP()/(b"x" * 40))] * 5 +
[E/IP(src="203.0.113.1", dst="192.0.2.2", len=100)/UDP()] * 4 +
[E/Dot1Q()/Dot1Q()/Dot1Q()/Dot1Q()/Dot1Q()/IP()/UDP()] * 3 +
[Ether(dst="02:00:00:00:01:02", type=0x86dd)/bytes(IPv6(src="2001:db8:bad::1")/IPv6ExtHdrDestOpt()/IPv6ExtHdrDestOpt()/IPv6ExtHdrDestOpt()/IPv6ExtHdrDestOpt()/IPv6ExtHdrDestOpt()/IPv6ExtHdrDestOpt()/IPv6ExtHdrDestOpt()/IPv6ExtHdrDestOpt()/IPv6ExtHdrDestOpt()/UDP())] * 2 +
[E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()] * 1 +
[E/IPv6(src="2001:db8:bad::7", dst="2001:db8:1::2")/UDP()/(b"x" * 64)] * 12
'
EXPECTED='{"passed":21,"not-ip":17,"allowed":7,"truncated":6,"bad-version":5,"bad-length":4,"too-many-tags":3,"too-many-headers":2,"denied":13,"denied-port":0,"paused":0,"observed":0,'
EXPECTED+='"bad-flags":0,"bad-port":0,"bad-address":0,"bad-fragment":0,"land":0,"fragment":0,"bogon":0,"tagged":0,"extension-header":0,"rule":0,"default":0,"kept":0,"limit":0,"banned":0}'
BURST_PACKETS=78

filter() {
	n2 weir attach "$@"
	n2 weir deny 203.0.113.7 2001:db8:bad::7 203.0.113.100
	n2 weir allow 203.0.113.96/28
}

# Weir's totals, summed in three ways.
sums() {
	n2 weir stats --json | jq -c '
		def sum: [(map(.packets) | add), (map(.bytes) | add)];
		[(.reasons | sum), (.verdicts | map(.) | sum), (.interfaces | sum)]
		| unique'
}

reasons() {
	n2 weir stats --json |
		jq -c '.reasons | map({(.reason): .packets}) | add'
}

sums_are() { [[ $(sums) == "[[$1,$2]]" ]]; }

# A counter of the driver's, or of the link's.
driver() {
	n2 ethtool -S v2 | sed -n "s/^ *rx_queue_0_$1: //p"
}

received() {
	n2 ip -s -json link show dev v2 | jq ".[0].stats64.rx.$1"
}

@test "each reason, verdict and interface sums to what was sent" {
	filter v2
	sent=$(n1 send 2 "$BURST")
	await sums_are "${sent% *}" "${sent#* }"
	is "${sent% *}" $((2 * BURST_PACKETS))
	is "$(reasons)" "$(jq -c 'map_values(. * 2)' <<<"$EXPECTED")"
	is "$(n2 weir stats --json | jq -c '.verdicts | map_values(.packets)')" \
		'{"pass":90,"drop":66,"tx":0,"abort":0}'
}

@test "the driver counts the same packets, and their bytes without Ethernet's header" {
	filter v2
	packets=$(received packets) bytes=$(received bytes)
	xdp_packets=$(driver xdp_packets) xdp_bytes=$(driver xdp_bytes)
	sent=$(n1 send 1 "$BURST")
	await sums_are "${sent% *}" "${sent#* }"
	is "${sent% *}" $BURST_PACKETS
	is $(($(received packets) - packets)) "${sent% *}"
	is $(($(received bytes) - bytes + 14 * BURST_PACKETS)) "${sent#* }"
	is $(($(driver xdp_packets) - xdp_packets)) "${sent% *}"
	is $(($(driver xdp_bytes) - xdp_bytes + 14 * BURST_PACKETS)) "${sent#* }"
	is "$(driver xdp_drops)" \
		"$(n2 weir stats --json | jq .verdicts.drop.packets)"
}

@test "in generic mode the link counts the same packets and bytes" {
	filter --mode generic v2
	packets=$(received packets) bytes=$(received bytes)
	sent=$(n1 send 1 "$BURST")
	await sums_are "${sent% *}" "${sent#* }"
	is "$(reasons)" "$EXPECTED"
	is $(($(received packets) - packets)) "${sent% *}"
	is $(($(received bytes) - bytes)) "${sent#* }"
}

@test "the stack is given what passed, and nothing that was dropped" {
	filter v2
	input() {
		n2 nft -j list chain ip seen input |
			jq '.nftables[].rule.expr[]?.counter.packets // empty'
	}
	n2 nft -f - <<-EOF
	table ip seen {
		chain input {
			type filter hook prerouting priority -300
			ip saddr 203.0.113.0/24 counter
		}
	}
	EOF
	n1 send 5 'E/IP(src="203.0.113.8", dst="192.0.2.2")/UDP()'
	n1 send 9 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	n1 send 5 'E/IP(src="203.0.113.8", dst="192.0.2.2")/UDP()'
	await reason_is denied 9
	is "$(input)" 10
}

@test "each interface has counters of its own" {
	filter v2 w2
	n1 send 7 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	n3 ping -q -c 5 -i 0.01 198.51.100.2
	await reason_is denied 7
	stats=$(n2 weir stats --json)
	is "$(jq -c '[.interfaces[] | select(.name == "v2") | .packets, .bytes]' <<<"$stats")" \
		"[7,294]"
	is "$(jq '.interfaces[] | select(.name == "w2") | .packets >= 5' <<<"$stats")" \
		true
	is "$(sums | jq length)" 1
}

@test "a detached interface stays listed with what it counted" {
	filter v2
	n1 send 7 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	await reason_is denied 7
	n2 weir detach v2
	n1 send 3 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	n2 weir attach w2
	is "$(n2 weir stats --json |
		jq -c '.interfaces[] | select(.name == "v2") | [.attached, .mode, .packets]')" \
		'[false,null,7]'
}

@test "reading does not reset, and the text says what JSON says" {
	filter v2
	n1 send 7 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	await reason_is denied 7
	is "$(reason denied)" 7
	run -0 n2 weir stats
	[[ $output =~ denied\ +7\ +0\ +294\  ]]
	[[ $output =~ v2\ +7\ +0\ +294\  ]]
}

@test "a flood is counted to the last packet that the driver received" {
	filter v2
	packets=$(driver xdp_packets)
	n1 "$ROOT/build/flood" v1 --to 192.0.2.2 --to-mac 02:00:00:00:01:02 \
		--from 203.0.113.7 --sources fixed --count 200000
	settled() { [[ $(reason denied) == "$(driver xdp_drops)" ]]; }
	await settled
	is "$(sums | jq length)" 1
	is "$(sums | jq '.[0][0]')" $(($(driver xdp_packets) - packets))
	is "$(n2 weir lookup --json 203.0.113.7 | jq .packets)" \
		"$(reason denied)"
}
