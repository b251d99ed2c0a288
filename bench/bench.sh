#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What it costs to drop or pass a packet: live frames through a veth pair, the
# generator and the receiver on one core, every case in turn in each round.
#
#	namespace gen  v0 ------------ v1  namespace rx
#	192.0.2.1      build/flood     the case, 192.0.2.2
#
# The figure is nanoseconds a frame, the generator's share included, so ratios
# flatter nobody: what is slow to receive is slower still without that share.
set -euo pipefail

ROUNDS=${ROUNDS:-15}
FRAMES=${FRAMES:-2000000}
SOURCE=198.51.100.7
# shellcheck source=bench/lib.bash
. "$(dirname "$0")/lib.bash"

hosts() { # COUNT: addresses, of which the flood's source is one
	echo "$SOURCE"
	for ((i = 1; i < $1; i++)); do
		echo "198.18.$((i / 200)).$((i % 200 + 1))"
	done
}

# A case is a function that sets it up and one that takes it away.
bare_drop_up() { rx ip link set dev v1 xdp obj build/bare.bpf.o sec xdp.drop; }
bare_drop_down() { rx ip link set dev v1 xdp off; }
bare_pass_up() { rx ip link set dev v1 xdp obj build/bare.bpf.o sec xdp.pass; }
bare_pass_down() { rx ip link set dev v1 xdp off; }
weir_empty_up() { rx ./weir --instance empty attach v1 2>/dev/null; }
weir_empty_down() { rx ./weir --instance empty detach v1; }
weir_drop_up() { rx ./weir --instance full attach v1 2>/dev/null; }
weir_drop_down() { rx ./weir --instance full detach v1; }
weir_pass_up() { rx ./weir --instance other attach v1 2>/dev/null; }
weir_pass_down() { rx ./weir --instance other detach v1; }
weir_one_up() { rx ./weir --instance one attach v1 2>/dev/null; }
weir_one_down() { rx ./weir --instance one detach v1; }
stack_up() { :; }
stack_down() { :; }
iptables_raw_up() { rx iptables-legacy -t raw -I PREROUTING -s $SOURCE -j DROP; }
iptables_raw_down() { rx iptables-legacy -t raw -F; }
nft_ingress_up() {
	rx nft -f - <<-END
	table netdev t {
		chain c {
			type filter hook ingress device v1 priority 0
			ip saddr $SOURCE drop
		}
	}
	END
}
nft_ingress_down() { rx nft flush ruleset; }
nft_set_up() {
	rx nft -f - <<-END
	table netdev t {
		set s {
			type ipv4_addr
			elements = { $(hosts 1000 | paste -sd,) }
		}
		chain c {
			type filter hook ingress device v1 priority 0
			ip saddr @s drop
		}
	}
	END
}
nft_set_down() { rx nft flush ruleset; }

declare -A what=(
	[bare_drop]="bare XDP_DROP: the floor"
	[weir_one]="weir, 1 denied host: drop"
	[weir_drop]="weir, 1,000 denied hosts: drop"
	[nft_ingress]="nftables netdev ingress, 1 host: drop"
	[nft_set]="nftables netdev ingress, set of 1,000: drop"
	[iptables_raw]="iptables raw PREROUTING, 1 host: drop"
	[bare_pass]="bare XDP_PASS, then the stack's drop"
	[weir_empty]="weir, empty policy: pass, then the stack's"
	[weir_pass]="weir, 1,000 others denied: pass, then the stack's"
	[stack]="no filter: the stack's drop alone"
)
drops=(bare_drop weir_one weir_drop nft_ingress nft_set iptables_raw)
passes=(stack bare_pass weir_empty weir_pass)

prepare() { # INSTANCE, then denied hosts on stdin
	rx ./weir --instance "$1" attach v1 2>/dev/null
	if [ "$1" != empty ]; then
		xargs ./weir --instance "$1" deny
	fi
	rx ./weir --instance "$1" detach v1
}
prepare empty </dev/null
hosts 1 | prepare one
hosts 1000 | prepare full
hosts 1001 | tail -n +2 | prepare other

# Frames for somebody else's address end early in the stack, so that what
# passes costs little behind the filter.
declare -A to_mac
for name in "${drops[@]}"; do to_mac[$name]=$mac; done
for name in "${passes[@]}"; do to_mac[$name]=02:00:00:00:00:99; done

nanoseconds() { # CASE: ns a frame, of a run in which no queue was full
	"$1_up"
	flood_ns "${to_mac[$1]}" --from $SOURCE/32
	"$1_down"
}

# A shared machine changes its speed within seconds: each figure is compared
# with the floor's just before it.
measure() { # FLOOR CASE
	local floor case

	floor=$(nanoseconds "$1")
	case=$(nanoseconds "$2")
	if [ -n "$floor" ] && [ -n "$case" ]; then
		echo "$case $floor" >>"$results/$2"
	fi
}

# Each round in another order, so that no case always follows the same one.
for ((round = 0; round < ROUNDS; round++)); do
	for name in $(printf '%s\n' "${drops[@]}" "${passes[@]}" | shuf); do
		case " ${passes[*]} " in
		*" $name "*) measure bare_pass "$name" ;;
		*) measure bare_drop "$name" ;;
		esac
	done
done

table() { # CASE...
	local name ns ratio range

	printf '%-50s %7s %15s %7s %6s\n' "ns a frame, medians of $ROUNDS rounds" \
		ns "min - max" Mpps ratio
	for name in "$@"; do
		ns=$(awk '{ print $1 }' "$results/$name" | median)
		ratio=$(awk '{ print $2 / $1 }' "$results/$name" | median)
		range=$(sort -n "$results/$name" | awk 'NR == 1 { least = $1 }
			{ most = $1 }
			END { printf "%.0f - %.0f", least, most }')
		printf '%-50s %7.0f %15s %7.2f %6.2f\n' "${what[$name]}" "$ns" \
			"$range" "$(awk -v ns="$ns" 'BEGIN { print 1000 / ns }')" \
			"$ratio"
	done
	echo
}
table "${drops[@]}"
table bare_pass weir_empty weir_pass stack
echo "ratio: packets a second beside the bare program's, just before"
taskset -c 0 build/cost
