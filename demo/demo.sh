#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A web server, a flood, and weir in between; `sudo make demo` runs it.
#
#     "internet"                                   this namespace
#     visitors (web.py) and flood -- wire====uplink -- weir, web server (web.py)
#
# It all happens in network and mount namespaces of our own.  Every process is
# to be killed when this one dies, however it dies, and with the last of them
# the namespaces go, and with these the interfaces, mounts and pins.
#
# One core receives and serves, as behind a NIC with one queue.  A veth would
# receive on whichever core sends, so its NAPI is a kernel thread here, bound
# to the server's core, and SCHED_FIFO since interrupts come before processes.
# The sender of the flood is on that core too, first-in-first-out below the
# thread: only so do its packets come in time and with no wake-up between cores
# for a few of them, which costs more than to drop them.  A NIC would do that
# work by itself; here it is charged to the server, with and without weir.  The
# visitors have another core, which the flood does not touch.

set -Eeuo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

seconds=${DEMO_SECONDS:-6}
server=192.0.2.1
visitors=203.0.113.0/24
spoofed=198.18.0.0/15
pps=900000

bold='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
	bold=$'\e[1m' plain=$'\e[0m'
fi

say() { printf '%s\n' "$@"; }
fail() { printf '\ndemo: %s\n' "$*" >&2; exit 1; }

# Show a command as typed, then run it.
typed() { printf '\n%s$ %s%s\n' "$bold" "$1" "$plain"; eval "$1"; }

step() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

weir() { ./weir "$@"; }
tcpdump() { timeout 10 tcpdump "$@" 2>/dev/null; }

# In place of the (sub)shell that calls it: something that dies with us.
bound() { exec setpriv --pdeathsig KILL "$@"; }
bound_inet() { bound nsenter --net="/proc/$internet/ns/net" "$@"; }

inet() { nsenter --net="/proc/$internet/ns/net" "$@"; }

# Try a command for up to five seconds.
await() {
	for ((tries = 0; tries < 50; tries++)); do
		if "$@"; then return 0; fi
		sleep 0.1
	done
	return 1
}

check_needs() {
	local need missing=''

	((EUID == 0)) || fail 'root is needed: sudo make demo'
	[[ $seconds =~ ^[1-9][0-9]?$ ]] ||
		fail "DEMO_SECONDS: '$seconds': whole seconds from 1 to 99"
	[[ -x weir && -x build/flood ]] || fail 'build first: make weir tools'
	for need in ip ethtool tcpdump python3 nsenter taskset chrt; do
		command -v "$need" >/dev/null || missing+=" $need"
	done
	[[ ! $missing ]] || fail "not installed:$missing (apt-get install" \
		"iproute2 ethtool tcpdump python3 util-linux)"
	exec {lock}<demo/demo.sh
	flock -n "$lock" || fail 'another demo is running'
}

# Which CPUs we may use: "0-3,8" becomes 0 1 2 3 8.
cpus_allowed() {
	local ranges range

	IFS=, read -ra ranges < <(sed -n 's/^Cpus_allowed_list:\s*//p' \
		/proc/self/status)
	for range in "${ranges[@]}"; do
		seq "${range%-*}" "${range#*-}"
	done
}

core_of() { cat "/sys/devices/system/cpu/cpu$1/topology/thread_siblings_list"; }

# Two threads of one core would take each other's time.
choose_cpus() {
	local cpus cpu

	mapfile -t cpus < <(cpus_allowed)
	visitors_cpu=${cpus[0]}
	server_cpu=${cpus[1]:-${cpus[0]}}
	for cpu in "${cpus[@]}"; do
		if [[ $(core_of "$cpu") != "$(core_of "$visitors_cpu")" ]]; then
			server_cpu=$cpu
			break
		fi
	done
	taskset -pc "$visitors_cpu" $$ >/dev/null
	# The machine may be busy: go before others, in and between sessions.
	{ renice -n -10 -p $$ && echo -20 >/proc/self/autogroup; } \
		>/dev/null 2>&1 || true
}

internet_apart() {
	[[ $(readlink "/proc/$internet/ns/net") != "$(readlink /proc/self/ns/net)" ]]
}

receiver_found() {
	receiver=$(grep -ls '^napi/uplink-' /proc/[0-9]*/comm | sort -V |
		tail -n 1 | cut -d/ -f3)
	[[ $receiver ]]
}

server_listens() { grep -q ':0050 00000000:0000 0A' /proc/net/tcp; }

no_ipv6() {
	local file=/proc/sys/net/ipv6/conf/default/disable_ipv6

	"$@" sh -c "[ ! -e $file ] || echo 1 >$file"
}

build_network() {
	mount -t sysfs sysfs /sys	# the old one shows other namespaces
	mount -t bpf bpf /sys/fs/bpf
	bound unshare --net sleep infinity &
	internet=$!
	await internet_apart || fail 'cannot make a network namespace'
	no_ipv6 env
	no_ipv6 inet
	ip link add uplink numrxqueues 1 numtxqueues 1 type veth \
		peer name wire numrxqueues 1 numtxqueues 1 netns "$internet"
	ip address add "$server/24" dev uplink
	ip link set uplink up
	inet ip address add 192.0.2.254/24 dev wire
	inet ip link set lo up
	inet ip link set wire up
	inet ip route add local "$visitors" dev lo
	ip route add "$visitors" via 192.0.2.254
	ip route add "$spoofed" via 192.0.2.254
	inet ip route add blackhole "$spoofed"
}

build_receiver() {
	ethtool -K uplink gro on >/dev/null	# without it there is no NAPI
	echo 1 >/sys/class/net/uplink/threaded ||
		fail 'no threaded NAPI here: Linux 5.18 or later is needed'
	await receiver_found ||
		fail "cannot see the kernel's threads; in a container?"
	taskset -pc "$server_cpu" "$receiver" >/dev/null
	chrt --fifo --pid 2 "$receiver"
}

start_server() {
	bound taskset -c "$server_cpu" python3 demo/web.py serve "$server" &
	web=$!
	await server_listens || fail 'the web server did not start'
}

uplink_count() { cat "/sys/class/net/uplink/statistics/$1"; }

flood_arrives() { (($(uplink_count rx_packets) > flood_before + 10000)); }

start_flood() {
	flood_before=$(uplink_count rx_packets)
	bound_inet taskset -c "$server_cpu" chrt --fifo 1 build/flood wire --to "$server" --from "$spoofed" --pps "$pps" \
		--to-mac "$(cat /sys/class/net/uplink/address)" \
		--for $((4 * seconds + 30)) >/dev/null &
	flood=$!
	await flood_arrives || fail "the flood did not start (its frames need" \
		"Linux 5.18 or later; this is $(uname -r))"
}

ticks() { cut -d' ' -f14,15 "/proc/$1/stat" | tr ' ' +; }

weir_dropped() {
	weir --json stats 2>/dev/null |
		sed -n 's/.*"drop": *{"packets": *\([0-9]*\).*/\1/p'
}

# Milliseconds, packets received and lost, ticks of receiver, server, flood.
snapshot() {
	printf '%s ' $((${EPOCHREALTIME//[!0-9]/} / 1000)) \
		"$(uplink_count rx_packets)" "$(uplink_count rx_dropped)" \
		$(($(ticks "$receiver"))) $(($(ticks "$web"))) \
		$(($(ticks "$((flood ? flood : web))")))
	echo
}

# Let the visitors come; leave what happened in result[$1:...].
declare -A result
flood=0
measure() {
	local before after drops=0 answers took ms hz

	hz=$(getconf CLK_TCK)
	if [[ $1 == weir ]]; then drops=$(weir_dropped); fi
	read -ra before < <(snapshot)
	printf 'answers in each second:'
	read -r answers took < <(bound_inet python3 demo/web.py visit "$server" \
		"$seconds" "$visitors_cpu" 2>&3) || fail 'the visitors failed'
	read -ra after < <(snapshot)
	echo
	if [[ $1 == weir ]]; then drops=$(($(weir_dropped) - drops)); fi
	[[ $1 == quiet ]] || kill -0 "$flood" 2>/dev/null ||
		fail 'the flood ended too early'
	ms=$((after[0] - before[0]))
	result[$1:answered]=$((answers * 1000 / ${took/./}))
	result[$1:arrived]=$(((after[1] - before[1] + after[2] - before[2]) * 1000 / ms))
	result[$1:lost]=$(((after[2] - before[2]) * 1000 / ms))
	result[$1:receiving]=$(((after[3] - before[3]) * 100000 / hz / ms))
	result[$1:serving]=$(((after[4] - before[4]) * 100000 / hz / ms))
	result[$1:making]=$((flood ? (after[5] - before[5]) * 100000 / hz / ms : 0))
	result[$1:dropped]=$((drops * 1000 / ms))
}

# 1234567 as 1,234,567, whatever the locale.
grouped() { sed -E ':a; s/^([0-9]+)([0-9]{3})/\1,\2/; ta' <<<"$1"; }

# A line of the table: its title, the figure and its unit.
row() {
	local phase

	printf '%-35s' "$1"
	for phase in quiet flood weir; do
		printf ' %13s' "$(grouped "${result[$phase:$2]}")$3"
	done
	echo
}

table() {
	printf '\n%s%-35s %13s %13s %13s%s\n' "$bold" '' quiet flood \
		'flood + weir' "$plain"
	row 'requests answered a second' answered ''
	row "server's core: receiving" receiving ' %'
	row "server's core: serving" serving ' %'
	row "server's core: making the flood" making ' %'
	row 'packets arriving a second' arrived ''
	if ((${result[flood:lost]} + ${result[weir:lost]})); then
		row '  lost, for the queue was full' lost ''
	fi
	row '  dropped by weir' dropped ''
}

# Of the requests answered in quiet, how many per cent in this phase?
percent() { echo $((100 * ${result[$1:answered]} / ${result[quiet:answered]})); }

judge() {
	((${result[quiet:answered]} > 0)) || fail 'no request was answered in quiet'
	((${result[weir:dropped]} > 0)) || fail 'weir dropped nothing'
	(($(percent weir) >= 50)) ||
		fail "with weir only $(percent weir) % of the requests in quiet" \
			"were answered, not half of them"
	if (($(percent flood) > 90)); then
		say '' 'Note: the flood hardly hurt this machine.'
	fi
	say '' "Of the requests per second in quiet, the flood left $(percent flood) %." \
		"With weir it was $(percent weir) %, and the flood was still there."
}

set_up_line() {
	say '  internet: visitors, attacker === uplink: weir, web server' ''
	if ((server_cpu == visitors_cpu)); then
		say 'The one CPU here does it all: it sends, receives, serves and visits.'
	else
		say "CPU $server_cpu receives and serves; the flood is also made there. CPU $visitors_cpu visits."
	fi
}

main() {
	trap 'fail "line $LINENO of demo.sh failed"' ERR
	exec 3>&1	# for the figures as they come
	choose_cpus
	set_up_line
	build_network
	build_receiver
	start_server

	step "1. Quiet: 32 visitors, a new connection for every request"
	measure quiet

	step "2. A flood: UDP from all of $spoofed, $(grouped "$pps") packets/s"
	start_flood
	measure flood

	step '3. The flood goes on.  Who is it?'
	typed 'weir attach uplink'
	typed 'weir stats | cut -c -48 | grep -A 2 verdict'
	typed 'tcpdump -tnqc 3 -i uplink udp'

	step '4. Stop it'
	typed "weir deny $spoofed"
	measure weir
	typed 'weir stats | cut -c -48 | grep -A 2 verdict'
	typed 'weir detach --all'

	table
	judge
	say '' "That was all in namespaces of its own, and they are gone now." \
		"Next: ./weir help, and README.md."
}

if [[ ${1:-} != --inside ]]; then
	check_needs
	exec setsid --fork --wait setpriv --pdeathsig KILL \
		unshare --mount --net "$BASH" demo/demo.sh --inside
fi
main
