#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
# A switch of policies under full traffic: each packet sees the one or the
# other, never a mixture, never none; and every packet is counted once.

load lib

FLOOD=$ROOT/build/flood
UNDOS=1000
APPLIES=25

setup() {
	topology
	cd "$BATS_TEST_TMPDIR"
	# Both deny 198.18.0.0/24 and each lets pass what the other's half is,
	# so that neither their cut nor their union is what either says.
	cat >a <<-EOF
	deny 198.18.0.0/25
	deny 198.18.0.128/25
	deny 203.0.113.1 203.0.113.7
	allow 203.0.113.8
	EOF
	cat >b <<-EOF
	deny 198.18.0.0/24
	deny 203.0.113.2 203.0.113.7
	allow 203.0.113.8
	EOF
	# Frames to somebody else's MAC cost the stack of n2 nothing.
	n2 nft -f - <<-EOF
	table netdev behind {
		chain v2 {
			type filter hook ingress device v2 priority 0
			ip saddr 198.18.0.0/24 counter name leaked
			ip saddr 203.0.113.7 counter name leaked
			ip saddr 203.0.113.8 counter name passed
			ip saddr { 198.18.0.0/24, 203.0.113.7, 203.0.113.8 } drop
		}
		chain w2 {
			type filter hook ingress device w2 priority 0
			ip saddr 198.18.0.0/24 counter name leaked drop
		}
		counter leaked { }
		counter passed { }
	}
	EOF
	n2 weir attach v2 w2 --policy a
	n2 weir apply b
}

behind() {
	n2 nft -j list counter netdev behind "$1" |
		jq '.nftables[] | .counter // empty | .packets'
}

# NAMESPACE IFACE MAC TO FROM: until it is ended, as fast as it can.
floods() {
	starts "$1" "$FLOOD" "$2" --to-mac "$3" --to "$4" --from "$5" \
		--sources random --for 100 --json >"$2.json"
	flooding+=("$started")
}

# What a flood sent, once it is ended and drained.
rx() { n2 cat "/sys/class/net/$1/statistics/rx_packets"; }

interface_packets() {
	n2 weir stats --json |
		jq --arg name "$1" '.interfaces[] | select(.name == $name) | .packets'
}

flows() { (($(interface_packets v2) > $1)); }

# Wait until nothing comes any more.
drained() {
	local before=$1 now

	now=$(n2 weir stats --json | jq '[.interfaces[].packets] | add')
	[[ $now == "$last" ]] || { last=$now; return 1; }
}

total() { n2 weir stats --json | jq "[.$1[].packets] | add"; }

entries_denied() {
	n2 weir show --json | jq '[.deny[].packets] | add'
}

# Packets that the program on a veth took, as the driver counts them.
driver() {
	inside n2 ethtool -S "$1" |
		awk '/rx_queue_[0-9]+_xdp_packets:/ { n += $2 } END { print n }'
}

ends() {
	kill -INT "${flooding[@]}" 2>/dev/null ||:
	wait "${flooding[@]}" 2>/dev/null ||:
	last=-1
	await drained x
}

@test "1,000 switches under two floods leak no packet, and the counters add up" {
	flooding=()
	floods n1 v1 02:00:00:00:01:02 192.0.2.2 198.18.0.0/24
	floods n3 w3 02:00:00:00:02:02 198.51.100.2 198.18.0.0/24
	await flows 100000
	start=$(driver v2)
	for ((i = 0; i < UNDOS; i++)); do
		n2 weir undo 2>/dev/null
	done
	for ((i = 0; i < APPLIES; i++)); do
		n2 weir apply a
		n2 weir apply b
	done
	is "$(n2 weir status --json | jq .generation)" $((3 + 2 * APPLIES))
	flooded=$(($(driver v2) - start))
	# Both kinds of switch had packets, of both floods, all the while.
	((flooded > 1000000))
	ends
	is "$(behind leaked)" 0
	is "$(reason passed)" 0
	for name in v2 w2; do
		is "$(interface_packets $name)" "$(driver $name)"
	done
	is "$(reason denied)" "$(total interfaces)"
	is "$(total reasons)" "$(total interfaces)"
	echo "# $((UNDOS + 2 * APPLIES)) switches, $(total interfaces) packets, $(behind leaked) leaked" >&3
}
