#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
# What attach refuses, what it says then, and what detach takes away.

load lib

# All of bpffs and what the kernel has on the interfaces of n2.
world() {
	find /sys/fs/bpf/weir -mindepth 1 2>/dev/null | sort
	n2 ip -json link show | jq -c '.[] | [.ifname, .xdp]'
}

foreign() {
	n2 ip link set dev "$1" "${2:-xdpdrv}" obj "$BARE" sec xdp.drop
	program=$(program_on n2 "$1")
}

bridge() { n2 ip link add br0 type bridge; }

@test "attach filters, detach stops, and nothing is left after detach --all" {
	is_clean
	n2 weir attach v2
	n2 weir deny 192.0.2.1
	run ! n1 ping -c 1 -W 0.3 -I 192.0.2.1 192.0.2.2
	is "$(status_of v2 state)" filtering
	program=$(status_of v2 program_id)
	is "$(program_on n2 v2)" "$program"
	n2 weir detach v2
	n1 ping -c 1 -W 1 -I 192.0.2.1 192.0.2.2
	is "$(status_of v2 state)" detached
	n2 weir detach --all
	is_clean
	await_not bpftool prog show id "$program"
	run -3 --separate-stderr n2 weir status
	complains "weir attach INTERFACE"
}

@test "the first native attach says that some drivers drop the link" {
	n2 ip tuntap add dev tap0 mode tap
	run -0 --separate-stderr n2 weir attach tap0
	notes "some drivers take the link down"
	n2 weir detach tap0
	run -0 --separate-stderr n2 weir attach tap0 --mode generic
	is "$stderr" ""
	run -0 --separate-stderr n2 weir attach v2
	is "$stderr" ""
}

@test "attaching twice is a note, and changes nothing" {
	n2 weir attach v2
	before=$(world)
	run -0 --separate-stderr n2 weir attach v2
	notes "v2 is attached already"
	is "$(world)" "$before"
	run -0 n2 weir attach w2 v2 w2
	is "$(status_of w2 state)" filtering
}

@test "an interface that does not exist is named, and nothing is left" {
	run -1 --separate-stderr n2 weir attach nosuch
	complains "'nosuch'"
	is_clean
	run -1 --separate-stderr n2 weir attach v2 nosuch
	complains "'nosuch'"
	is_clean
}

@test "a missing or unknown word is exit code 2, a bad mode 1" {
	run -2 --separate-stderr n2 weir attach
	complains "usage: weir attach"
	run -2 --separate-stderr n2 weir attach v2 --frobnicate
	complains "--frobnicate"
	run -2 --separate-stderr n2 weir detach
	complains "usage: weir detach"
	run -2 --separate-stderr n2 weir detach v2 --all
	complains "usage: weir detach"
	run -1 --separate-stderr n2 weir attach v2 --mode fast
	complains "'fast'" "native, generic, offload"
	is_clean
}

@test "without an instance every command is exit code 3" {
	for words in "detach v2" "detach --all" status show stats \
		     "deny 192.0.2.7" "allow 192.0.2.7" \
		     "remove deny 192.0.2.7" "lookup 192.0.2.7"; do
		# shellcheck disable=SC2086	# words are words
		run -3 --separate-stderr n2 weir $words
		complains "nothing is attached"
	done
}

@test "a driver without native XDP is refused with the way out" {
	bridge
	run -1 --separate-stderr n2 weir attach br0
	complains "br0: native mode was refused" "--mode generic"
	is_clean
	n2 weir attach br0 --mode generic
	is "$(status_of br0 mode)" generic
}

@test "generic mode filters, and status says loudly what it is" {
	n1 ping -c 1 -W 1 -I 192.0.2.7 192.0.2.2
	n2 weir attach --mode generic v2
	n2 weir deny 192.0.2.7
	run ! n1 ping -c 1 -W 0.3 -I 192.0.2.7 192.0.2.2
	counts 192.0.2.7 "1 98"
	n1 ping -c 1 -W 1 -I 192.0.2.8 192.0.2.2
	is "$(status_of v2 mode)" generic
	run -0 n2 weir status
	[[ $output == *"warning: v2 "*GENERIC* ]]
	fix=$(n2 weir status --json | jq -r '.warnings[0].fix')
	n2 sh -c "$fix"
	is "$(status_of v2 mode)" native
	run -0 n2 weir status
	[[ $output != *GENERIC* ]]
}

@test "too few receive queues are refused in the kernel's words, and its advice helps" {
	n2 ip link add q2 numrxqueues 2 type veth \
		peer name q1 numtxqueues 2 numrxqueues 2 netns n1
	n2 ethtool -L q2 rx 1
	n1 ethtool -L q1 tx 2
	run -1 --separate-stderr n2 weir attach q2
	complains "q2: native mode was refused" \
		"number of rx queues not less than peer tx queues" \
		"ethtool -L q2 rx"
	is_clean
	n2 ethtool -L q2 rx 2
	n2 weir attach q2
}

@test "offload is refused where the NIC takes no program" {
	run -1 --separate-stderr n2 weir attach v2 --mode offload
	complains "v2: offload mode was refused" "leave out --mode offload"
	is_clean
	n2 weir attach v2
}

@test "somebody else's program is refused by name and id" {
	foreign v2
	run -1 --separate-stderr n2 weir attach v2
	complains "v2: carries another program" "'bare_drop'" "id $program" \
		--force
	is "$(program_on n2 v2)" "$program"
	no_pins
	run ! n1 ping -c 1 -W 0.3 192.0.2.2
	n2 ip link set dev v2 xdpdrv off
	n2 weir attach v2
}

@test "--force replaces somebody else's program and says that there is a gap" {
	for mode in xdpdrv xdpgeneric; do
		foreign v2 $mode
		run -0 --separate-stderr n2 weir attach v2 --force
		notes "'bare_drop' (id $program); nothing filters in between"
		is "$(status_of v2 state)" filtering
		is "$(program_on n2 v2)" "$(status_of v2 program_id)"
		n1 ping -c 1 -W 1 192.0.2.2
		n2 weir detach --all
		is_clean
	done
}

@test "when --force fails, the program that it replaced is back" {
	bridge
	for mode in xdpdrv xdpgeneric; do
		foreign v2 $mode
		before=$(world)
		run -1 --separate-stderr n2 weir attach --force v2 br0
		complains "br0: native mode was refused"
		notes "v2: program $program is back"
		is "$(world)" "$before"
		run ! n1 ping -c 1 -W 0.3 192.0.2.2
		n2 ip link set dev v2 $mode off
	done
	n1 ping -c 1 -W 1 192.0.2.2
}

@test "when --force fails on the interface itself, its program is back" {
	foreign v2
	before=$(world)
	run -1 --separate-stderr n2 weir attach v2 --force --mode offload
	complains "v2: offload mode was refused"
	is "$(world)" "$before"
}

@test "a program that a link holds is refused, and replaced with --force" {
	n2 weir --instance other attach v2
	program=$(program_on n2 v2)
	run -1 --separate-stderr n2 weir attach v2
	complains "v2: carries another program" "'weir_filter'" "id $program"
	is "$(program_on n2 v2)" "$program"
	run -0 --separate-stderr n2 weir attach v2 --force
	notes "'weir_filter' (id $program)"
	is "$(program_on n2 v2)" "$(status_of v2 program_id)"
	run -0 n2 weir --instance other status
	[[ $output == *"not filtering"* ]]
	n2 weir --instance other detach v2
	is "$(status_of v2 state)" filtering
}

@test "when --force fails, a program that a link held filters again and can be detached" {
	bridge
	n2 weir --instance other attach v2
	n2 weir --instance other deny 192.0.2.7
	program=$(program_on n2 v2)
	run -1 n2 weir attach --force v2 br0
	is "$(program_on n2 v2)" "$program"
	run ! n1 ping -c 1 -W 0.3 -I 192.0.2.7 192.0.2.2
	n1 ping -c 1 -W 1 -I 192.0.2.8 192.0.2.2
	n2 weir --instance other detach v2
	is "$(program_on n2 v2)" none
	n1 ping -c 1 -W 1 -I 192.0.2.7 192.0.2.2
}

@test "--force leaves an interface of the same index in another namespace alone" {
	n3 ip link add x3 index 12 type veth peer name x4
	n3 weir --instance there attach x3
	elsewhere=$(program_on n3 x3)
	foreign v2
	n2 weir attach v2 --force
	is "$(status_of v2 state)" filtering
	is "$(program_on n3 x3)" "$elsewhere"
}

@test "of several interfaces all are attached, or none" {
	bridge
	run -1 --separate-stderr n2 weir attach v2 w2 br0
	complains "br0: native mode was refused"
	is_clean
	n2 weir attach w2
	before=$(world)
	run -1 --separate-stderr n2 weir attach v2 br0
	complains "br0: native mode was refused"
	is "$(world)" "$before"
	is "$(status_of w2 state)" filtering
	is "$(status_of v2 state)" ""
	n2 weir attach v2
	is "$(status_of v2 state)" filtering
}

@test "detach takes off weir's program and no other" {
	n2 weir attach v2
	foreign w2
	run -0 --separate-stderr n2 weir detach w2
	notes "w2 is not attached"
	is "$(program_on n2 w2)" "$program"
	bpftool link detach pinned "$INSTANCE/link_1"
	foreign v2
	n2 weir detach v2
	is "$(program_on n2 v2)" "$program"
	n2 weir detach --all
	is "$(program_on n2 v2)" "$program"
	no_pins
}

@test "detaching what is not attached is a note, what does not exist an error" {
	n2 weir attach v2
	run -0 --separate-stderr n2 weir detach w2
	notes "w2 is not attached"
	run -1 --separate-stderr n2 weir detach v2 nosuch
	complains "'nosuch'"
	is "$(status_of v2 state)" filtering
}

@test "whoever has no rights is told so, and changes nothing" {
	n2 weir attach v2
	before=$(world)
	for words in "attach w2" "detach v2" "detach --all" status \
		     "deny 192.0.2.7"; do
		# shellcheck disable=SC2086	# words are words
		run -1 --separate-stderr n2 setpriv --reuid 65534 \
			--regid 65534 --clear-groups weir $words
		complains "be root"
	done
	is "$(world)" "$before"
}

@test "links, programs and directories are nobody else's" {
	n2 weir attach v2
	is "$(stat -c %a "$INSTANCE")" 750
	is "$(stat -c %a "$INSTANCE/link_1")" 600
	is "$(stat -c %a "$INSTANCE/gen_1/filter")" 600
	is "$(stat -c %a "$INSTANCE/record")" 640
	is "$(stat -c %a "$INSTANCE/counters")" 640
	is "$(stat -c %a "$INSTANCE/gen_1/prefix4")" 660
}
