#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only

load lib

@test "status in native mode" {
	weir attach v2
	weir status
	weir status --json
	golden status-native
}

@test "status in generic mode warns" {
	weir attach v2 --mode generic
	weir status
	weir status --json
	golden status-generic
}

@test "status after detaching" {
	attached
	weir detach v2
	weir status
	weir status --json
	weir detach v2
	golden status-detached
}

@test "status of an interface that is gone, and made anew" {
	attached
	n2 ip link add w2 index 13 type veth peer name w1 netns n1
	ask attach w2 2>/dev/null
	n2 ip link delete w2
	weir status
	n2 ip link add w2 index 14 type veth peer name w1 netns n1
	weir status
	golden status-gone
}

@test "status after a rename" {
	attached
	n2 ip link set v2 down
	n2 ip link set v2 name wan
	n2 ip link set wan up
	weir status
	n2 ip link set wan down
	n2 ip link set wan name v2
	golden status-renamed
}

@test "attaching twice" {
	attached
	weir attach v2
	weir attach v2 v2
	weir attach v2 --mode native
	weir attach v2 --mode generic
	weir status
	golden attach-again
}

@test "detaching all removes the instance" {
	attached
	weir deny 192.0.2.9
	weir detach --all
	weir status
	weir detach --all
	weir attach v2
	weir show
	golden detach-all
}

@test "two instances on two interfaces" {
	attached
	n2 ip link add w2 index 13 type veth peer name w1 netns n1
	weir --instance edge attach w2
	weir --instance edge deny 192.0.2.9
	weir show
	weir --instance edge show
	WEIR_INSTANCE=edge weir show
	weir --instance edge detach --all
	weir --instance edge show
	weir show
	golden two-instances
}

@test "what status names as the fix is one" {
	ask attach v2 --mode generic
	n2 ip link add w2 index 13 type veth peer name w1 netns n1
	ask attach w2 2>/dev/null
	n2 ip link delete w2
	weir status
	fix_all
	n2 ip link add w2 index 14 type veth peer name w1 netns n1
	ask attach w2 2>/dev/null
	n2 ip link delete w2
	n2 ip link add w2 index 15 type veth peer name w1 netns n1
	fix_all
	weir status
	golden status-fixed
}

# Do what the warnings say, in their own words; one can follow from another.
fix_all() {
	local fix round

	for round in 1 2; do
		while read -r fix; do
			case $fix in
			weir*) eval "$fix" ;;
			*) n2 bash -c "$fix" ;;
			esac
		done < <(ask status --json | jq -r '.warnings[].fix')
	done
	[[ $(ask status --json | jq -c .warnings) == '[]' ]]
}
