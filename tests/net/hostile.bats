#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
# State that is not what weir left there.

load lib

setup() {
	topology
	n2 weir attach v2
	n2 weir deny 192.0.2.7
}

COMMANDS=(status stats show "lookup 192.0.2.7" "deny 192.0.2.8"
	  "allow 192.0.2.7" "remove deny 192.0.2.7" "attach w2" "detach v2")

# Pins and the maps that they hold, without what traffic moves.
state() {
	find "$INSTANCE" | sort
	for map in record gen_1/prefix4 gen_1/lists entry_ids; do
		bpftool map dump pinned "$INSTANCE/$map" | md5sum
	done
	n2 ip -json link show | jq -c '.[] | [.ifname, .xdp]'
}

# Every command fails with one line that says this, and changes nothing.
all_refuse() {
	local words before

	before=$(state)
	for words in "${COMMANDS[@]}"; do
		# shellcheck disable=SC2086	# words are words
		run -1 --separate-stderr n2 weir $words
		complains "$@"
	done
	is "$(state)" "$before"
	run ! n1 ping -c 1 -W 0.3 -I 192.0.2.7 192.0.2.2
	n1 ping -c 1 -W 1 -I 192.0.2.8 192.0.2.2
}

@test "an instance of another ABI is refused by its number, and left alone" {
	record 0=2a
	all_refuse "another version of weir" "its ABI is 42"
	run -1 --separate-stderr n2 weir detach --all
	complains "its ABI is 42"
	record 0=05
	is "$(status_of v2 state)" filtering
	n2 weir detach --all
	is_clean
}

@test "a record that is another kind of map is refused" {
	rm "$INSTANCE/record"
	bpftool map create "$INSTANCE/record" type hash key 4 value 16 entries 1 \
		name strange
	all_refuse "$INSTANCE/record" "not an instance of weir"
}

@test "a table that is another kind of map is refused" {
	rm "$INSTANCE/gen_1/prefix4"
	bpftool map create "$INSTANCE/gen_1/prefix4" type hash key 8 value 8 \
		entries 1 name strange
	all_refuse "$INSTANCE/gen_1/prefix4" "not a map of this version"
}

@test "a table that is gone is named, and detach --all works without it" {
	rm "$INSTANCE/gen_1/prefix6"
	all_refuse "$INSTANCE/gen_1/prefix6"
	n2 weir detach --all
	is_clean
}

@test "a stranger in the instance's directory survives detach --all" {
	mkdir "$INSTANCE/strange"
	bpftool map create "$INSTANCE/strange/map" type hash key 4 value 4 \
		entries 1 name strange
	is "$(status_of v2 state)" filtering
	n2 weir deny 192.0.2.8
	run -1 --separate-stderr n2 weir detach --all
	complains "$INSTANCE"
	is "$(program_on n2 v2)" none
	is "$(find "$INSTANCE" -mindepth 1)" \
		"$INSTANCE/strange"$'\n'"$INSTANCE/strange/map"
	n2 weir attach v2
	is "$(status_of v2 state)" filtering
}

@test "an empty directory is no instance, and attach makes it one" {
	n2 weir detach --all
	mkdir "$INSTANCE"
	run -3 n2 weir status
	run -3 n2 weir deny 192.0.2.7
	n2 weir attach v2
	is "$(status_of v2 state)" filtering
	n2 weir detach --all
	is_clean
}

@test "pins without a record are what a killed attach left: detach --all takes them back" {
	rm "$INSTANCE/record"
	run -3 --separate-stderr n2 weir status
	complains "weir detach --all"
	n2 weir detach --all
	is_clean
}

@test "WEIR_BPFFS that cannot be one is an error" {
	for WEIR_BPFFS in /nonexistent /etc/passwd; do
		export WEIR_BPFFS
		run -1 --separate-stderr n2 timeout 5 weir attach w2
		complains "$WEIR_BPFFS"
	done
	run -1 --separate-stderr n2 weir status
	complains "$WEIR_BPFFS"
	WEIR_BPFFS=/$(printf 'x%.0s' {1..5000})
	run -1 --separate-stderr n2 weir attach w2
	complains WEIR_BPFFS
	is "$(program_on n2 w2)" none
}

@test "WEIR_BPFFS that holds no instance is exit code 3" {
	WEIR_BPFFS=$BATS_TEST_TMPDIR run -3 --separate-stderr n2 weir status
	complains "nothing is attached"
}

@test "WEIR_BPFFS names another bpffs, mounted if it is not" {
	export WEIR_BPFFS=$BATS_TEST_TMPDIR
	n2 weir attach w2
	is "$(stat -f -c %T "$WEIR_BPFFS")" bpf_fs
	is "$(n2 weir status --json | jq -r '.interfaces[].name')" w2
	n2 weir detach --all
	umount "$WEIR_BPFFS"
	unset WEIR_BPFFS
	is "$(status_of v2 state)" filtering
}

@test "a name that is a path or an option is no instance" {
	for name in ../escape a/b .hidden -x "$(printf 'x%.0s' {1..32})"; do
		run -1 --separate-stderr n2 weir --instance "$name" attach w2
		complains "--instance"
	done
	is "$(program_on n2 w2)" none
}
