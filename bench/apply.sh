#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a change of policy costs: the time to apply ten rules and 100,000
# entries of a file, beside nft -f with the same content; and what traffic sees
# of the switch: packets that both policies deny, and the longest silence in
# ms of packets that both let pass: a switch's share of it is what exceeds that
# of no filter at all, where the machine alone is to blame.
#
#	namespace gen  v0 ------------ v1  namespace rx
#	192.0.2.1      build/flood     weir or nftables, 192.0.2.2
set -euo pipefail

ROUNDS=${ROUNDS:-5}
ENTRIES=${ENTRIES:-100000}
PPS=20000
# shellcheck source=bench/lib.bash
. "$(dirname "$0")/lib.bash"

# 203.0.113.7 is denied and 203.0.113.8 passes, whatever is live.
awk -v n="$ENTRIES" 'BEGIN {
	print "203.0.113.7"
	for (i = 1; i < n; i++)
		printf "198.%d.%d.%d\n", 18 + int(i / 65536), i / 256 % 256, i % 256
}' >"$results/list"

weir_policy() { # FIRST PORT
	echo "deny @$results/list"
	echo "allow 203.0.113.8"
	for ((i = 0; i < 10; i++)); do
		echo "drop rule-$i udp dst port $(($1 + i))"
	done
}
nft_policy() { # FIRST PORT
	cat <<-END
	table netdev t
	delete table netdev t
	table netdev t {
		set s {
			type ipv4_addr
			elements = { $(paste -sd, "$results/list") }
		}
		chain c {
			type filter hook ingress device v1 priority 0
			ip saddr 203.0.113.8 accept
			ip saddr @s drop
			$(for ((i = 0; i < 10; i++)); do
				echo "udp dport $(($1 + i)) drop"
			done)
		}
	}
	END
}
for port in 1000 2000; do
	weir_policy $port >"$results/weir.$port"
	nft_policy $port >"$results/nft.$port"
done

# Behind either filter: what it let through.
sees() {
	rx nft -f - <<-END
	table ip behind {
		counter denied { }
		chain c {
			type filter hook prerouting priority -400
			ip saddr 203.0.113.7 counter name denied drop
		}
	}
	END
}
leaked() {
	rx nft -j list counter ip behind denied |
		jq '.nftables[] | .counter // empty | .packets'
}

weir_up() { rx ./weir attach v1 --policy "$results/weir.1000" 2>/dev/null; }
weir_apply() { rx ./weir apply "$results/weir.$1" 2>/dev/null; }
weir_down() { rx ./weir detach --all; }
nft_up() { rx nft -f "$results/nft.1000"; }
nft_apply() { rx nft -f "$results/nft.$1"; }
nft_down() { rx nft delete table netdev t; }
none_up() { :; }
none_apply() { sleep 0.5; }
none_down() { :; }

floods() { # SOURCE
	nsenter --net=/run/netns/gen build/flood v0 --to 192.0.2.2 --to-mac "$mac" --from "$1/32" \
		--dport 9999 --pps $PPS --for 300 >/dev/null &
	flooding+=($!)
}

# Until it is ended: the longest time without a packet, in ms.
awaits() {
	nsenter --net=/run/netns/rx python3 -c '
import signal, socket, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(print(f"{gap * 1e3:.1f}")))
gap, s = 0, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
s.bind(("192.0.2.2", 9999))
s.recv(64)
last = time.monotonic()
while True:
    s.recv(64)
    now = time.monotonic()
    gap, last = max(gap, now - last), now
' >"$results/gap" &
	receiver=$!
}

ms() {
	local start=${EPOCHREALTIME/.}

	"$@"
	echo $(((${EPOCHREALTIME/.} - start) / 1000))
}

# Milliseconds quiet on the wire, then under both floods, and the leaks.
measure() { # FILTER
	local quiet busy

	"$1_up"
	for ((i = 0; i < ROUNDS; i++)); do
		ms "$1_apply" 2000
		ms "$1_apply" 1000
	done >"$results/quiet"
	sees
	for ((i = 0; i < ROUNDS; i++)); do
		awaits
		flooding=()
		floods 203.0.113.7
		floods 203.0.113.8
		sleep 0.3
		ms "$1_apply" 2000
		ms "$1_apply" 1000
		kill "${flooding[@]}" $receiver
		wait "${flooding[@]}" $receiver 2>/dev/null ||:
		cat "$results/gap" >>"$results/gaps"
	done >"$results/busy"
	quiet=$(median <"$results/quiet")
	busy=$(median <"$results/busy")
	printf '%-34s %6d %12d %18d %12s\n' "${what[$1]}" "$quiet" "$busy" \
		"$(leaked)" "$(median <"$results/gaps")"
	rm "$results/gaps"
	rx nft delete table ip behind
	"$1_down"
}

declare -A what=([weir]="weir apply" [nft]="nft -f" [none]="no filter, half a second's sleep")
printf '%-34s %6s %12s %18s %12s\n' \
	"ms for 10 rules, $ENTRIES entries" quiet "under flood" \
	"denied and passed" "longest gap"
measure weir
measure nft
measure none
