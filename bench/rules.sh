#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What rules cost beside their peers, on live frames: weir's expressions,
# iptables with -m bpf of the same expressions, and nftables with the matches
# that say the same; every filter in turn in each round, in another order.
#
#	namespace gen  v0 ------------ v1  namespace rx
#	192.0.2.1      build/flood     n rules, 192.0.2.2
#
# Either no rule matches, and what passes meets one drop behind all of the
# filters; or the last one matches and drops.  Figures are
# nanoseconds a frame, the generator's share and the way to the drop included.
set -euo pipefail

ROUNDS=${ROUNDS:-7}
FRAMES=${FRAMES:-200000}		# a quarter of them for more than 8 rules
SOURCE=198.51.100.7
SPORT=40000
counts=(1 8 64 256)
# shellcheck source=bench/lib.bash
. "$(dirname "$0")/lib.bash"

# Every rule in two languages; I gives it another number than its like have.
# Lengths are the frame's in a packet filter of Ethernet, less 14 behind it.
rule() { # pcap|nft I LINK
	local k=$((100 + $2 / 8)) link=$3

	case $1,$(($2 % 8)) in
	pcap,0) echo "udp src port $k and greater $((76 + link))" ;;
	nft,0) echo "udp sport $k meta length >= 76" ;;
	pcap,1) echo "tcp dst port $k" ;;
	nft,1) echo "tcp dport $k" ;;
	pcap,2) echo "src net 198.18.$k.0/24" ;;
	nft,2) echo "ip saddr 198.18.$k.0/24" ;;
	pcap,3) echo "udp and dst host 203.0.113.$k" ;;
	nft,3) echo "meta l4proto udp ip daddr 203.0.113.$k" ;;
	pcap,4) echo "tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn and" \
		"tcp[14:2] = $k" ;;
	nft,4) echo "tcp flags & (syn | ack) == syn tcp window $k" ;;
	pcap,5) echo "icmp[icmptype] = $k" ;;
	nft,5) echo "icmp type $k" ;;
	pcap,6) echo "udp dst port $k and udp[8:4] = 0x12345678" ;;
	nft,6) echo "udp dport $k @th,64,32 0x12345678" ;;
	pcap,7) echo "tcp and ip[8] < 3 and dst net 198.18.$k.0/24" ;;
	nft,7) echo "meta l4proto tcp ip ttl < 3 ip daddr 198.18.$k.0/24" ;;
	esac
}

rules() { # pcap|nft miss|last N LINK
	local i missing=$3

	[ "$2" = miss ] || missing=$(($3 - 1))
	for ((i = 0; i < missing; i++)); do
		rule "$1" "$i" "$4"
	done
	case $1,$2 in
	pcap,last) echo "udp src port $SPORT" ;;
	nft,last) echo "udp sport $SPORT" ;;
	esac
}

classic() { # EXPRESSION: as iptables takes it, for packets that begin with IP
	tcpdump -y RAW -ddd "$1" | tr '\n' ',' | sed 's/,$//'
}

weir_policy() { # miss|last N
	rules pcap "$1" "$2" 14 | awk -v q="'" '{ print "drop r" NR, q $0 q }'
}

iptables_rules() { # miss|last N
	local expression

	echo "*raw"
	while read -r expression; do
		echo "-A PREROUTING -m bpf --bytecode" \
			"\"$(classic "$expression")\" -j DROP"
	done < <(rules pcap "$1" "$2" 0)
	echo COMMIT
}

nftables_rules() { # miss|last N
	echo "table netdev t {"
	echo "	chain c {"
	echo "		type filter hook ingress device v1 priority 0"
	rules nft "$1" "$2" 0 | sed 's/.*/\t\t& drop/'
	echo "	}"
	echo "}"
}

weir_up() { rx ./weir --instance "$1$2" attach v1 2>/dev/null; }
weir_down() { rx ./weir --instance "$1$2" detach v1; }
iptables_up() { rx iptables-legacy-restore <"$results/iptables.$1.$2"; }
iptables_down() { rx iptables-legacy -t raw -F; }
nftables_up() { rx nft -f "$results/nftables.$1.$2"; }
nftables_down() { rx nft delete table netdev t; }
none_up() { :; }
none_down() { :; }

filters=(weir nftables)
if rx iptables-legacy -t raw -I PREROUTING -m bpf \
	--bytecode "1,6 0 0 0" -j DROP 2>/dev/null; then
	filters+=(iptables)
	iptables_down
else
	echo "skipped: iptables -m bpf (this kernel has no xt_bpf)"
fi

prepare() { # miss|last N
	local filter

	for filter in "${filters[@]}"; do
		[ "$filter" = weir ] ||
			"${filter}_rules" "$1" "$2" >"$results/$filter.$1.$2"
	done
	rx ./weir --instance "$1$2" attach v1 2>/dev/null
	weir_policy "$1" "$2" | ./weir --instance "$1$2" apply - >/dev/null
	rx ./weir --instance "$1$2" detach v1
}

# What every filter lets pass ends here.
rx nft -f - <<END
table ip behind {
	counter passed { }
	chain c {
		type filter hook prerouting priority mangle
		ip saddr $SOURCE counter name passed drop
	}
}
END
behind() { # frames that came so far, since the last time
	rx nft -j reset counter ip behind passed |
		jq '.nftables[].counter.packets // empty'
}

# A figure of a filter that does not do its work would be a nice one.
judge() { # FILTER miss|last N PASSED
	if [ "$2" = miss ] && [ "$4" -lt $((FRAMES * 999 / 1000)) ] ||
	   [ "$2" = last ] && [ "$4" -gt 0 ]; then
		echo "rules: $1, $3 rules, $2: $4 of $FRAMES frames passed" >&2
		exit 1
	fi
}

nanoseconds() { # FILTER miss|last N
	local FRAMES=$(($3 > 8 ? FRAMES / 4 : FRAMES))

	behind >/dev/null
	"$1_up" "$2" "$3"
	flood_ns "$mac" --from $SOURCE/32 --sport $SPORT --dport 40001
	"$1_down" "$2" "$3"
	judge "$@" "$(behind)"
}

# One line of a file holds what the filters took right after each other.
measure() { # miss|last N
	local filter ns all=("${filters[@]}")
	declare -A took=()

	[ "$1" = last ] || all+=(none)
	for filter in $(printf '%s\n' "${all[@]}" | shuf); do
		ns=$(nanoseconds "$filter" "$1" "$2")
		[ -n "$ns" ] || return 0
		took[$filter]=$ns
	done
	echo "${took[weir]} ${took[iptables]:--} ${took[nftables]}" \
		"${took[none]:-0}" >>"$results/took.$1.$2"
}

echo "8 rules, as each takes them:"
for filter in "${filters[@]}"; do
	echo
	case $filter in
	weir) echo "weir apply - <<END" ;;
	iptables) echo "iptables-legacy-restore <<END" ;;
	nftables) echo "nft -f - <<END" ;;
	esac
	case $filter in
	weir) weir_policy miss 8 ;;
	*) "${filter}_rules" miss 8 ;;
	esac
	echo END
done
echo

for n in "${counts[@]}"; do
	prepare miss "$n"
	prepare last "$n"
done
for ((round = 0; round < ROUNDS; round++)); do
	for n in $(printf '%s\n' "${counts[@]}" | shuf); do
		measure miss "$n"
		measure last "$n"
	done
done

row() { # FILE, awk's expressions: the median of each over the rounds
	local file=$1 expression

	shift
	for expression; do
		printf ' %10s' "$(awk "{ print $expression }" "$file" | median |
			awk '{ printf $1 < 100 ? "%.1f" : "%.0f", $1 }')"
	done
	echo
}

# Fields: 1 weir, 2 iptables, 3 nftables, 4 none
table() { # TITLE miss|last, then heads and awk's expressions in turn
	local title=$1 end=$2 heads=() columns=() n

	shift 2
	while (($#)); do
		heads+=("$1")
		columns+=("$2")
		shift 2
	done
	printf '%-22s' "$title"
	printf ' %10s' "${heads[@]}"
	echo
	for n in "${counts[@]}"; do
		printf '%3d %-18s' "$n" "rule$([ "$n" = 1 ] || echo s)"
		row "$results/took.$end.$n" "${columns[@]}"
	done
	echo
}

# shellcheck disable=SC2016 # awk's fields
tables() {
	local iptables=() added=() times=()

	if [[ " ${filters[*]} " == *" iptables "* ]]; then
		iptables=(iptables '$2')
		added=(iptables '$2 - $4')
		times=("x iptables" '$2 / $1')
	fi
	times+=("x nftables" '$3 / $1')
	table "none matches" miss weir '$1' "${iptables[@]}" nftables '$3' \
		"no filter" '$4' "${times[@]}"
	table "added to no filter" miss weir '$1 - $4' "${added[@]}" \
		nftables '$3 - $4'
	table "the last drops" last weir '$1' "${iptables[@]}" nftables '$3' \
		"${times[@]}"
}

echo "Nanoseconds a frame, medians of $ROUNDS rounds; x: times weir's."
echo "Load while they ran: $(cut -d' ' -f1-3 /proc/loadavg), beside 1 of this."
tables
