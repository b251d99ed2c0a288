#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
# kill -9 at any moment: the next command works, and nothing is half done.

load lib

ROUNDS=40

# WITHIN_MS COMMAND...: kill it after a random while; true if it was in time.
killed() {
	local status=0 ms=$((RANDOM % $1))

	starts n2 "${@:2}" 2>/dev/null
	sleep "$(printf '0.%03d' "$ms")"
	kill -KILL "$started" 2>/dev/null ||:
	wait "$started" 2>/dev/null || status=$?
	((status == 0 || status == 137)) || {
		echo "exit code $status" >&2
		exit 1
	}
	((status))
}

in_ms() {
	local start=${EPOCHREALTIME/.}

	"$@" >&2
	echo $(((${EPOCHREALTIME/.} - start) / 1000 + 1))
}

# 5,000 prefixes: the first and the last of them are hosts in n1.
prefixes() {
	echo 192.0.2.7
	for net in {0..19}; do
		seq -f "198.18.$net.%g" 0 249
	done | sed 1,2d
	echo 192.0.2.8
}

denied() { n2 weir show | grep -c ^deny ||:; }

# The datapath's word: both ends of the list, or neither.
drops() {
	if (($1)); then
		run ! n1 ping -c 1 -W 0.1 -I 192.0.2.7 192.0.2.2
		run ! n1 ping -c 1 -W 0.1 -I 192.0.2.8 192.0.2.2
	else
		n1 ping -c 1 -W 1 -I 192.0.2.7 192.0.2.2
		n1 ping -c 1 -W 1 -I 192.0.2.8 192.0.2.2
	fi
}

@test "attach killed at any moment leaves what attach and detach --all can handle" {
	took=$(in_ms n2 weir attach v2 w2)
	n2 weir detach --all
	whole=0 partly=0
	for ((round = 0; round < ROUNDS; round++)); do
		if killed $((took * 5 / 4)) weir attach v2 w2; then
			[[ ! -d $INSTANCE ]] || ((++partly))
		else
			((++whole))
		fi
		run n2 weir status
		((status == 0 || status == 3))
		if ((round % 2)); then
			n2 weir attach v2
			is "$(status_of v2 state)" filtering
			n2 weir deny 192.0.2.7
			n2 weir detach --all
		else
			run n2 weir detach --all
			((status == 0 || status == 3))
		fi
		is_clean
	done
	echo "# $ROUNDS attaches: $whole whole, $partly killed half-way" >&3
	((partly))
}

@test "attach killed beside a filter that runs leaves that one alone" {
	n2 weir attach v2
	n2 weir deny 192.0.2.7
	took=$(in_ms n2 weir attach w2)
	n2 weir detach w2
	whole=0
	for ((round = 0; round < ROUNDS / 2; round++)); do
		killed "$took" weir attach w2 || ((++whole))
		is "$(status_of v2 state)" filtering
		run ! n1 ping -c 1 -W 0.1 -I 192.0.2.7 192.0.2.2
		n1 ping -c 1 -W 1 -I 192.0.2.8 192.0.2.2
		n2 weir attach w2
		is "$(status_of w2 state)" filtering
		n2 weir detach w2
		is "$(program_on n2 w2)" none
	done
	echo "# $((ROUNDS / 2)) attaches: $whole whole" >&3
	n2 weir detach --all
	is_clean
}

@test "an attach killed with its link made but not recorded is taken back" {
	n2 weir attach v2 w2
	is "$(status_of w2 state)" filtering
	mapfile -t slot_2 < <(seq -f '%g=00' 168 207)
	record 80=04 "${slot_2[@]}"	# pending: slot 2, which nobody knows
	is "$(status_of w2 state)" ""
	n2 weir attach v2
	is "$(program_on n2 w2)" none
	is "$(status_of v2 state)" filtering
	n2 weir attach w2
	is "$(status_of w2 state)" filtering
}

@test "detach killed at any moment is done by the next one" {
	whole=0
	n2 weir attach v2 w2
	took=$(in_ms n2 weir detach --all)
	for ((round = 0; round < ROUNDS / 2; round++)); do
		n2 weir attach v2 w2
		killed $((took * 3 / 2)) weir detach --all || ((++whole))
		run n2 weir detach --all
		((status == 0 || status == 3))
		is_clean
	done
	echo "# $((ROUNDS / 2)) detaches: $whole whole" >&3
}

@test "5,000 prefixes denied or removed by a killed command: all of them or none" {
	mapfile -t list < <(prefixes)
	is ${#list[@]} 5000
	n2 weir attach v2
	n2 weir deny "${list[@]}"
	n2 weir remove deny "${list[@]}"
	took=$(in_ms n2 weir deny "${list[@]}")
	n2 weir remove deny "${list[@]}"
	before=0 after=0
	for ((round = 0; round < ROUNDS; round++)); do
		want=5000 verb=(deny)
		((round % 4 < 3)) || {
			n2 weir deny "${list[@]}"
			want=0 verb=(remove deny)
		}
		killed $((took * 5 / 4)) weir "${verb[@]}" "${list[@]}" ||:
		got=$(denied)
		((got == 0 || got == 5000))
		drops "$got"
		n2 weir deny 203.0.113.1
		is "$(denied)" $((got + 1))
		drops "$got"
		if ((got == want)); then ((++after)); else ((++before)); fi
		n2 weir remove deny 203.0.113.1
		((got == 0)) || n2 weir remove deny "${list[@]}"
		is "$(denied)" 0
	done
	echo "# $ROUNDS edits: $before died before the commit, $after after it" >&3
	((before && after))
	drops 0
}
