#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
# A switch of policies under full traffic: each packet sees the one or the
# other, never a mixture, never none; and every packet is counted once.

load lib

FLOOD=$ROOT/build/flood
UNDOS=1000
APPLIES=15

setup() {
	topology
	cd "$BATS_TEST_TMPDIR" || return
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
	# What comes through ends right behind weir, and is counted there.
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

# NAMESPACE IFACE MAC TO FROM OPTION...: until it is ended.
floods() {
	starts "$1" "$FLOOD" "$2" --to-mac "$3" --to "$4" --from "$5" \
		--sources random --for 200 "${@:6}" >/dev/null
	flooding+=("$started")
}

# One as fast as it can, and beside it one that nothing may stop.
floods_begin() {
	flooding=()
	floods n1 v1 02:00:00:00:01:02 192.0.2.2 198.18.0.0/24
	floods n1 v1 02:00:00:00:01:02 192.0.2.2 203.0.113.8 --pps 1000
	floods n3 w3 02:00:00:00:02:02 198.51.100.2 198.18.0.0/24 --pps 50000
	await flows $(($(interface_packets v2) + 100000))
}

# Wait until nothing is under way any more.
floods_end() {
	kill -INT "${flooding[@]}" 2>/dev/null ||:
	wait "${flooding[@]}" 2>/dev/null ||:
	last=-1
	await drained
}

drained() {
	local now

	now=$(total interfaces)
	[[ $now == "$last" ]] || { last=$now; return 1; }
}

interface_packets() {
	n2 weir stats --json |
		jq --arg name "$1" '.interfaces[] | select(.name == $name) | .packets'
}

flows() { (($(interface_packets v2) > $1)); }

total() { n2 weir stats --json | jq "[.$1[].packets] | add"; }

entries() { n2 weir show --json | jq "[.$1[].packets] | add"; }

# What the driver gave to the program.
driver() {
	n2 ethtool -S "$1" |
		awk '/rx_queue_[0-9]+_xdp_packets:/ { n += $2 } END { print n }'
}

adds_up() {
	local name

	for name in v2 w2; do
		is "$(interface_packets $name)" "$(driver $name)"
	done
	is "$(total reasons)" "$(total interfaces)"
	is $(($(reason denied) + $(reason allowed))) "$(total interfaces)"
	is "$(reason allowed)" "$(behind passed)"
	is "$(entries allow)" "$(behind passed)"
	is "$(behind leaked)" 0
}

# PIN PROGRAM: update a link behind weir's back.
link_update() {
	/usr/bin/python3 -c '
import ctypes, os, platform, struct, sys
number = {"x86_64": 321, "aarch64": 280}[platform.machine()]
def bpf(command, attr):
    attr = ctypes.create_string_buffer(attr, 128)
    got = ctypes.CDLL(None, use_errno=True).syscall(number, command, attr, 128)
    if got < 0:
        sys.exit(os.strerror(ctypes.get_errno()))
    return got
def get(path):
    path = ctypes.create_string_buffer(path.encode())
    return bpf(7, struct.pack("QII", ctypes.addressof(path), 0, 0)), path
link, program = get(sys.argv[1])[0], get(sys.argv[2])[0]
bpf(29, struct.pack("III", link, program, 0))
' "$1" "$2"
}

generation() { n2 weir status --json | jq .generation; }

@test "1,000 returns under two floods leak no packet, and the counters add up" {
	floods_begin
	for ((i = 0; i < UNDOS; i++)); do
		n2 weir undo 2>/dev/null
	done
	floods_end
	adds_up
	# The entries of either generation have counted their share.
	here=$(entries deny)
	n2 weir undo
	there=$(entries deny)
	((here > 1000 && there > 1000))
	is $((here + there)) "$(reason denied)"
	echo "# $UNDOS switches, $(total interfaces) packets, $(behind leaked) leaked" >&3
}

@test "policies applied under two floods leak no packet either" {
	floods_begin
	for ((i = 0; i < APPLIES; i++)); do
		n2 weir apply a
		n2 weir apply b
		n2 weir guard land
	done
	floods_end
	is "$(generation)" $((3 + 3 * APPLIES))
	adds_up
	echo "# $((3 * APPLIES)) switches, $(total interfaces) packets, $(behind leaked) leaked" >&3
}

@test "the flood does get through where a policy lets it" {
	n2 weir apply /dev/null
	floods_begin
	floods_end
	(($(behind leaked) > 100000))
	is "$(reason passed)" "$(total interfaces)"
}

@test "an interface that cannot be switched takes the others back" {
	bpftool prog loadall "$BARE" /sys/fs/bpf/bare type xdp
	bare=$(find /sys/fs/bpf/bare -name '*drop*')
	before=$(program_on n2 v2)
	is "$(program_on n2 w2)" "$before"
	for link in 1 2; do
		link_update "$INSTANCE/link_$link" "$bare"
		run -1 --separate-stderr n2 weir apply a
		complains "somebody put another program behind weir's link" \
			"weir detach"
		run -1 --separate-stderr n2 weir undo
		complains "somebody put another program"
		is "$(generation)" 3
		is "$(find "$INSTANCE" -name 'gen_*' | wc -l)" 2
		name=v2 other=w2
		((link == 1)) || name=w2 other=v2
		is "$(program_on n2 $other)" "$before"
		is "$(status_of $other state)" filtering
		[[ $(status_of $name state) == "not filtering: cut off"* ]]
		n2 weir detach $name
		n2 weir attach $name
		is "$(program_on n2 $name)" "$before"
	done
	n2 weir apply a
	is "$(program_on n2 v2)" "$(program_on n2 w2)"
}

@test "an interface that was cut off, or is gone, holds up no switch" {
	bpftool link detach pinned "$INSTANCE/link_2"
	n2 weir apply a
	is "$(program_on n2 w2)" none
	is "$(program_on n2 v2)" "$(status_of v2 program_id)"
	n2 weir undo
	n2 weir attach w2
	is "$(program_on n2 v2)" "$(program_on n2 w2)"
	n2 ip link delete w2
	n2 weir apply a
	n2 weir undo
	is "$(program_on n2 v2)" "$(status_of v2 program_id)"
}
