#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
# What becomes of a filter when interfaces and namespaces change under it.

load lib

setup() {
	topology
	n2 weir attach v2
	n2 weir deny 192.0.2.7
}

passes()  { n1 ping -c 1 -W 1 -I "192.0.2.$1" 192.0.2.2; }
dropped() { not n1 ping -c 1 -W 0.3 -I "192.0.2.$1" 192.0.2.2; }

# A v2 made anew, as it was.
v2_again() {
	n2 ip link add v2 "$@" address 02:00:00:00:01:02 type veth \
		peer name v1 index 11 address 02:00:00:00:01:01 netns n1
	n1 ip address add 192.0.2.1/24 dev v1
	n1 ip address add 192.0.2.7/24 dev v1
	n2 ip address add 192.0.2.2/24 dev v2
	n1 ip link set v1 up
	n2 ip link set v2 up
	await is_up n1
	await is_up n2
}

@test "filtering goes on with no weir process alive" {
	run ! pgrep -x weir
	dropped 7
	passes 8
	counts 192.0.2.7 "1 98"
}

@test "lists and counters survive detach and attach" {
	dropped 7
	counts 192.0.2.7 "1 98"
	packets=$(reason denied)
	n2 weir detach v2
	passes 7
	counts 192.0.2.7 "1 98"
	n2 weir attach v2
	dropped 7
	passes 8
	counts 192.0.2.7 "2 196"
	is "$(reason denied)" $((packets + 1))
}

@test "a renamed interface is filtered, counted and detached under its new name" {
	dropped 7
	n2 ip link set v2 down
	n2 ip link set v2 name wan
	n2 ip link set wan up
	await passes 8
	dropped 7
	counts 192.0.2.7 "2 196"
	is "$(status_of wan state)" filtering
	is "$(status_of v2 state)" ""
	is "$(n2 weir stats --json | jq -r '.interfaces[].name')" wan
	run -0 --separate-stderr n2 weir attach wan
	notes "wan is attached already"
	run -1 --separate-stderr n2 weir detach v2
	complains "no interface 'v2'"
	dropped 7
	n2 weir detach wan
	passes 7
}

@test "a name that another interface took means that one" {
	n2 ip link set v2 down
	n2 ip link set v2 name wan
	n2 ip link set w2 down
	n2 ip link set w2 name v2
	run -0 --separate-stderr n2 weir detach v2
	notes "v2 is not attached"
	is "$(status_of wan state)" filtering
	n2 weir attach v2
	is "$(status_of v2 state)" filtering
	n2 weir detach v2
	is "$(program_on n2 v2)" none
	is "$(status_of wan state)" filtering
}

@test "a deleted interface is gone, never filtering" {
	n2 ip link delete v2
	is "$(status_of v2 attached)" false
	[[ $(status_of v2 state) == "not filtering"*gone* ]]
	run -0 n2 weir status
	[[ $output == *"warning: v2 is gone"* ]]
	is "$(n2 weir stats --json | jq '.interfaces[0].attached')" false
	n2 weir detach v2
	is "$(status_of v2 state)" detached
	n2 weir detach --all
	no_pins
}

@test "an interface made anew is not filtered until it is attached" {
	dropped 7
	n2 ip link delete v2
	v2_again
	passes 7
	is "$(status_of v2 attached)" false
	run -0 n2 weir status
	[[ $output == *"warning: v2 is not filtered: it was made anew"* ]]
	n2 weir attach v2
	is "$(n2 weir status --json | jq -c '[.interfaces[] | [.name, .state]]')" \
		'[["v2","filtering"]]'
	dropped 7
	counts 192.0.2.7 "2 196"
}

@test "neither is one that has its predecessor's index too" {
	n2 ip link delete v2
	v2_again index 12
	passes 7
	is "$(status_of v2 attached)" false
	[[ $(status_of v2 state) == "not filtering"* ]]
	n2 weir attach v2
	is "$(status_of v2 state)" filtering
	dropped 7
}

@test "a link that somebody detached is said, and attach filters again" {
	dropped 7
	bpftool link detach pinned "$INSTANCE/link_1"
	passes 7
	is "$(status_of v2 attached)" false
	[[ $(status_of v2 state) == "not filtering"* ]]
	run -0 n2 weir status
	[[ $output == *"fix: weir attach v2"* ]]
	n2 weir attach v2
	is "$(status_of v2 state)" filtering
	dropped 7
}

@test "a pin of the link that somebody removed is said" {
	rm "$INSTANCE/link_1"
	await passes 7
	is "$(status_of v2 attached)" false
	n2 weir attach v2
	dropped 7
}

@test "an interface in another namespace is filtered there, and status says so" {
	n2 ip link set v2 netns n3
	n3 ip address add 192.0.2.2/24 dev v2
	n3 ip link set v2 up
	await is_up n3
	passes 8
	dropped 7
	is "$(status_of v2 state)" "filtering in another network namespace"
	n2 weir detach v2
	passes 7
	is "$(program_on n3 v2)" none
	n2 weir detach --all
	no_pins
}

@test "when its namespace is deleted the interface is gone, never filtering" {
	is "$(weir status --json | jq -r '.interfaces[0].state')" \
		"filtering in the instance's network namespace"
	ip netns delete n2
	await sh -c "weir status --json | jq -e '.interfaces[0].attached == false'"
	run -0 weir status
	[[ $output == *"not filtering: the interface is gone"* ]]
	n1 ip link add v1 type veth peer name v2
	run -1 --separate-stderr n1 weir attach v1
	complains "another network namespace" --instance
	weir detach --all
	no_pins
	n1 weir attach v1
}

@test "attach from another namespace is refused and names --instance" {
	run -1 --separate-stderr n1 weir attach v1
	complains "'default'" "another network namespace" --instance
	is "$(program_on n1 v1)" none
	n1 weir --instance mine attach v1
	is "$(n1 weir --instance mine status --json |
		jq -r '.interfaces[0].state')" filtering
	dropped 7
}

@test "two instances have lists and counters of their own" {
	n2 weir --instance inner attach w2
	WEIR_INSTANCE=inner n2 weir deny 198.51.100.3
	run ! n3 ping -c 1 -W 0.3 198.51.100.2
	dropped 7
	passes 8
	is "$(n2 weir show)" $'default pass\n# runtime\ndeny 192.0.2.7'
	is "$(n2 weir --instance inner show)" \
		$'default pass\n# runtime\ndeny 198.51.100.3'
	is "$(n2 weir --instance inner stats --json |
		jq -c '[.interfaces[].name]')" '["w2"]'
	n2 weir detach --all
	run ! n3 ping -c 1 -W 0.3 198.51.100.2
	passes 7
	n2 weir --instance inner detach --all
	n3 ping -c 1 -W 1 198.51.100.2
	is_clean
}

@test "interfaces of one instance share its lists" {
	n2 weir attach w2
	n2 weir deny 198.51.100.3
	run ! n3 ping -c 1 -W 0.3 198.51.100.2
	dropped 7
	n2 weir detach v2
	passes 7
	run ! n3 ping -c 1 -W 0.3 198.51.100.2
	n2 weir detach w2
	n3 ping -c 1 -W 1 198.51.100.2
}
