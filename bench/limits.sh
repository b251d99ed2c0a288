#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a limit per source costs under a flood of forged sources, which it sees
# once each: everything is dropped behind the limit, so what is measured is the
# limit and not what lies behind it.  weir beside nftables, iptables and an LRU.
#
#	namespace gen  v0 ------------ v1  namespace rx
#	192.0.2.1      build/flood     the case, 192.0.2.2
#
# The generator forges 131,072 sources, twice what the LRU holds; nftables and
# hashlimit grow with them, as they would to their bounds of a million.
#
# Figures are nanoseconds a frame, the generator's share included; the ratio is
# to weir's own parse-and-drop, just before.  Memory is what the kernel grew by
# when the case's frames had come; of BPF, what its maps take.
set -euo pipefail

ROUNDS=${ROUNDS:-5}
FRAMES=${FRAMES:-2000000}
# shellcheck source=bench/lib.bash
. "$(dirname "$0")/lib.bash"

policy() { # NAME, then a policy on stdin
	rx ./weir --instance "$1" attach v1 2>/dev/null
	rx ./weir --instance "$1" apply - 2>/dev/null
}
gone() { rx ./weir --instance "$1" detach --all 2>/dev/null; }
table_kib() { # INSTANCE
	rx ./weir --instance "$1" status --json |
		jq '[.tables[] | select(.name | startswith("limit "))
			| .bytes] | add // 0 | . / 1024 | floor'
}

drop_up() { policy drop <<<'drop all udp'; }
drop_down() { gone drop; }
drop_kib() { echo 0; }
cells_up() { # INSTANCE CELLS
	policy "$1" <<-END
		limit each 1k/s per src cells $2 udp
		drop all udp
	END
}
weir1_up() { cells_up weir1 131072; }
weir1_down() { gone weir1; }
weir1_kib() { table_kib weir1; }
weir16_up() { cells_up weir16 2097152; }
weir16_down() { gone weir16; }
weir16_kib() { table_kib weir16; }
lru_up() { rx ip link set dev v1 xdp obj build/lru.bpf.o sec xdp.limit; }
lru_down() { rx ip link set dev v1 xdp off; }
lru_kib() {
	local bytes

	bytes=$(bpftool -j map show name buckets | jq '[.. | .bytes_memlock? // empty] | max')
	echo $((bytes / 1024))
}
slab() { awk '/^Slab|^Percpu/ { sum += $2 } END { print sum }' /proc/meminfo; }
nft_up() {
	slab_before=$(slab)
	rx nft -f - <<-END
	table netdev t {
		set s {
			type ipv4_addr
			size 1000000
			flags dynamic, timeout
			timeout 1m
		}
		chain c {
			type filter hook ingress device v1 priority 0
			update @s { ip saddr limit rate over 1000/second } drop
			drop
		}
	}
	END
}
nft_down() { rx nft flush ruleset; }
nft_kib() { echo $(($(slab) - slab_before)); }
hashlimit_up() {
	slab_before=$(slab)
	rx iptables-legacy -t raw -A PREROUTING -m hashlimit \
		--hashlimit-above 1000/sec --hashlimit-mode srcip \
		--hashlimit-htable-max 1000000 --hashlimit-htable-size 131072 \
		--hashlimit-name each -j DROP
	rx iptables-legacy -t raw -A PREROUTING -i v1 -j DROP
}
hashlimit_down() { rx iptables-legacy -t raw -F; }
hashlimit_kib() { echo $(($(slab) - slab_before)); }

declare -A what=(
	[drop]="weir: parse and drop"
	[weir1]="weir: limit per source, 1 MiB"
	[weir16]="weir: limit per source, 16 MiB"
	[lru]="XDP: LRU hash of 65,536 sources"
	[nft]="nftables netdev: dynamic set, 1,000,000"
	[hashlimit]="iptables raw: hashlimit, 1,000,000"
)
cases=(drop weir1 weir16 lru nft hashlimit)

random_ns() {
	flood_ns "$mac" --from 198.18.0.0/15 --sources random
}

measure() { # CASE
	local floor ns kib

	drop_up
	floor=$(random_ns)
	drop_down
	"$1_up"
	ns=$(random_ns)
	kib=$("$1_kib")
	"$1_down"
	if [ -n "$floor" ] && [ -n "$ns" ]; then
		echo "$ns $floor $kib" >>"$results/$1"
	fi
}

for ((round = 0; round < ROUNDS; round++)); do
	for name in $(printf '%s\n' "${cases[@]}" | shuf); do
		measure "$name"
	done
done

printf '\n%-42s %7s %7s %12s\n' "limits, medians of $ROUNDS rounds" "ns" ratio KiB
for name in "${cases[@]}"; do
	printf '%-42s %7.0f %7.2f %12d\n' "${what[$name]}" \
		"$(awk '{ print $1 }' "$results/$name" | median)" \
		"$(awk '{ print $1 / $2 }' "$results/$name" | median)" \
		"$(awk '{ print $3 }' "$results/$name" | median)"
done
