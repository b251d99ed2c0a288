#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
# Several commands at once: one writes, the others wait, but not for ever.

load lib

setup() {
	topology
	n2 weir attach v2
}

# Hold the instance's lock as another writer would.
hold() {
	starts n2 flock -F "$INSTANCE" sleep 60
	holder=$started
	await held
}

held() { not flock -n "$INSTANCE" true; }

@test "twenty denies at once all land" {
	pids=()
	for host in {1..20}; do
		starts n2 weir deny "203.0.113.$host"
		pids+=("$started")
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	is "$(n2 weir show | grep -c '^deny 203.0.113.')" 20
	n1 send 1 '[E/IP(src=f"203.0.113.{i}", dst="192.0.2.2")/UDP() for i in range(40)]'
	await reason_is denied 20
	await reason_is passed 20
}

@test "two interfaces attached at once are both filtered" {
	n2 weir detach --all
	for ((round = 0; round < 5; round++)); do
		starts n2 weir attach v2
		first=$started
		starts n2 weir attach w2
		wait "$first" "$started"
		wait "$first"
		is "$(status_of v2 state)" filtering
		is "$(status_of w2 state)" filtering
		n2 weir detach --all
		is_clean
	done
}

@test "attach against detach --all ends as one or the other" {
	for ((round = 0; round < 10; round++)); do
		starts n2 weir detach --all
		first=$started
		starts n2 weir attach v2
		wait "$started"
		wait "$first"
		run n2 weir status --json
		if ((status == 0)); then
			is "$(jq -r '.interfaces[].state' <<<"$output")" filtering
			is "$(program_on n2 v2)" \
				"$(jq '.interfaces[].program_id' <<<"$output")"
		else
			is "$status" 3
			is_clean
		fi
		n2 weir attach v2
	done
}

@test "a writer that waits too long is told who holds the instance" {
	hold
	start=$SECONDS
	run -1 --separate-stderr n2 weir deny 203.0.113.7
	complains "'default'" "process $holder;"
	((SECONDS - start <= 7))
	kill -KILL "$holder"
	n2 weir deny 203.0.113.7
	is "$(n2 weir show | grep -c ^deny)" 1
}

@test "a writer that waits goes on when the holder is killed" {
	hold
	starts n2 weir deny 203.0.113.7
	await pgrep -x weir
	kill -KILL "$holder"
	wait "$started"
	is "$(n2 weir show | grep -c ^deny)" 1
}

@test "readers do not wait for readers" {
	starts n2 flock -F -s "$INSTANCE" sleep 60
	await held
	n2 weir status
	n2 weir show
	n2 weir stats --json
	n2 weir lookup 203.0.113.7
}

@test "packets are dropped all the while the list is edited" {
	n2 weir deny 203.0.113.7
	{
		for host in {1..60}; do
			n2 weir deny "198.18.0.$host" "198.18.$host.0/24"
			n2 weir remove deny "198.18.0.$host"
		done
	} 3>&- &
	editor=$!
	sent=0
	while kill -0 $editor 2>/dev/null; do
		n1 send 50 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
		((sent += 50))
	done
	wait $editor
	counts 203.0.113.7 "$sent $((sent * 42))"
	is "$(reason passed)" 0
}
