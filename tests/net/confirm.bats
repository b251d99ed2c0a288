#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
# apply --confirm: who locked himself out is let in again, whoever dies.

load lib

setup() {
	topology
	cd "$BATS_TEST_TMPDIR" || return
	echo deny 192.0.2.7 >old
	echo deny 192.0.2.8 >new
	n2 weir attach v2 w2
	n2 weir apply old
}

CGROUP2=/dev/shm/cgroup2

teardown() {
	demolish
	[[ ! -d $CGROUP2 ]] || umount -l $CGROUP2 || rmdir $CGROUP2
}

# The kernel's hierarchy, where this machine mounts it or not.
cgroups() {
	mkdir -p $CGROUP2
	mount -t cgroup2 cgroup2 $CGROUP2 || skip "no cgroup2 here"
}

generation() { n2 weir status --json | jq .generation; }
confirm_s() { n2 weir status --json | jq .confirm_s; }

answers() { n1 ping -c 1 -W 0.5 -I "$1" 192.0.2.2; }
silent() { not n1 ping -c 1 -W 0.1 -I "$1" 192.0.2.2; }

old_is_live() { answers 192.0.2.8 && silent 192.0.2.7; }
new_is_live() { answers 192.0.2.7 && silent 192.0.2.8; }

# Straight from the record: no command that would settle anything.
goes_back_by_itself() { await old_is_live; }

watchers() { pgrep -f '^weir .*--confirm'; }

# The watcher's pid, once it sits where it is to sit.
watcher() {
	is "$(watchers | wc -l)" 1 >&2
	watchers
}

@test "an unconfirmed policy goes back by itself, at its time and not before" {
	run -0 --separate-stderr n2 weir apply new --confirm 1s
	notes "weir confirm"
	applied=$EPOCHREALTIME
	new_is_live
	is "$(confirm_s)" 1
	goes_back_by_itself
	took_us=$((${EPOCHREALTIME/.} - ${applied/.}))
	((took_us > 900000 && took_us < 3000000))
	await_not watchers
	is "$(generation)" 2
	is "$(confirm_s)" null
	[[ ! -e $INSTANCE/gen_3 ]]
	# What is gone is gone.
	run -1 --separate-stderr n2 weir undo
	complains "no generation before 2"
}

@test "confirm keeps the policy, and the watcher goes" {
	n2 weir apply new --confirm 1s
	watcher
	n2 weir confirm
	await_not watchers
	new_is_live
	is "$(confirm_s)" null
	# Past the time that was set: nothing comes back.
	sleep 1
	new_is_live
	is "$(generation)" 3
	n2 weir undo
	old_is_live
}

@test "confirm with nothing to confirm is exit 1" {
	run -1 --separate-stderr n2 weir confirm
	complains "generation 2 waits for no confirmation"
	n2 weir apply new --confirm 1m
	n2 weir confirm
	run -1 --separate-stderr n2 weir confirm
	complains "generation 3 waits for no confirmation"
}

@test "what is no time is refused, and nothing is applied" {
	for time in 0s 25h soon -1s 1.5s ''; do
		run -1 --separate-stderr n2 weir apply new --confirm "$time"
		complains "--confirm" "'$time'"
	done
	is "$(generation)" 2
	old_is_live
}

@test "other changes of policy are refused meanwhile, lists can be edited" {
	n2 weir apply new --confirm 1m
	for command in "apply old" "apply old --confirm 1s" "guard land" \
		"default drop" "attach v2 --policy old"; do
		# shellcheck disable=SC2086
		run -1 --separate-stderr n2 weir $command
		complains "generation 3 waits to be confirmed" "weir undo"
	done
	n2 weir apply old --check
	n2 weir deny 203.0.113.9
	is "$(generation)" 3
	n2 weir confirm
	n2 weir apply old
	old_is_live
}

@test "undo goes back at once and removes the unconfirmed policy" {
	n2 weir apply new --confirm 1m
	n2 weir deny 203.0.113.9
	n2 weir undo
	old_is_live
	await_not watchers
	is "$(generation)" 2
	[[ ! -e $INSTANCE/gen_3 ]]
	is "$(n2 weir show | grep -v '^#')" \
		$'deny 192.0.2.7\ndefault pass\ndeny 203.0.113.9'
	run -1 n2 weir undo
	n2 weir apply new --confirm 1m
	is "$(generation)" 4
	n2 weir confirm
}

@test "the watcher was killed: past its time, any next command goes back first" {
	for command in status stats show "deny 203.0.113.9" "lookup 192.0.2.7" \
		"apply new --check" "confirm" "pause 1s"; do
		n2 weir apply new --confirm 1s
		kill -KILL "$(watcher)"
		new_is_live
		sleep 1
		# shellcheck disable=SC2086
		run --separate-stderr n2 weir $command
		[[ $command == confirm ]] || is "$status" 0
		notes "was not confirmed in time"
		n2 weir resume
		old_is_live
		is "$(generation)" 2
	done
}

@test "the watcher was killed: past its time the program itself lets pass" {
	n2 weir apply new --confirm 1s
	kill -KILL "$(watcher)"
	new_is_live
	await answers 192.0.2.8
	answers 192.0.2.7
	[[ -e $INSTANCE/gen_3 ]]
	n2 weir status
	old_is_live
}

@test "before its time, commands leave an unconfirmed policy alone" {
	n2 weir apply new --confirm 1m
	kill -KILL "$(watcher)"
	for command in status stats show "deny 203.0.113.9" "lookup 192.0.2.7"; do
		# shellcheck disable=SC2086
		n2 weir $command
		new_is_live
	done
	n2 weir confirm
	is "$(generation)" 3
	new_is_live
}

@test "the watcher holds nothing of the session's that started it" {
	cgroups
	mkdir "$CGROUP2/session-$$"
	# shellcheck disable=SC2016
	n2 setsid --wait bash -c 'echo $$ >"$0"/cgroup.procs
		weir apply new --confirm 2s
		ps -o sid= $$ >sid; exit' "$CGROUP2/session-$$" 3>&-
	pid=$(watcher)
	isnt "$(ps -o sid= "$pid")" "$(cat sid)"
	is "$(ps -o tty= "$pid")" '?'
	is "$(ps -o ppid= "$pid" | tr -d ' ')" 1
	is "$(readlink "/proc/$pid/cwd")" /
	is "$(readlink -f "/proc/$pid/fd/"{0,1,2} | sort -u)" /dev/null
	grep "^0::.*/weir-confirm-$pid\$" "/proc/$pid/cgroup"
	# What ends a session: every process of its cgroup.
	is "$(cat "$CGROUP2/session-$$/cgroup.procs")" ''
	rmdir "$CGROUP2/session-$$"
	goes_back_by_itself
	await_not watchers
	is "$(ls -d $CGROUP2/weir-confirm-* 2>/dev/null)" ''
}

isnt() { [[ $1 != "$2" ]]; }

@test "the cgroup of a killed watcher goes with the next one" {
	cgroups
	n2 weir apply new --confirm 1m
	first=$(watcher)
	kill -KILL "$first"
	await_not watchers
	[[ -d $CGROUP2/weir-confirm-$first ]]
	n2 weir undo
	n2 weir apply new --confirm 1m
	[[ ! -d $CGROUP2/weir-confirm-$first ]]
	[[ -d $CGROUP2/weir-confirm-$(watcher) ]]
	n2 weir confirm
	await_not watchers
	is "$(ls -d $CGROUP2/weir-confirm-* 2>/dev/null)" ''
}

@test "a killed session, hung up as well, does not stop the way back" {
	starts n2 setsid --wait bash -c 'weir apply new --confirm 2s
		echo $$ >session; sleep 60'
	await test -s session
	new_is_live
	session=$(cat session)
	kill -HUP -- "-$session"
	kill -KILL -- "-$session" 2>/dev/null ||:
	pkill -KILL -s "$session" ||:
	new_is_live
	goes_back_by_itself
}

@test "the watcher ends with its instance, also if that is made anew" {
	n2 weir apply new --confirm 1m
	watcher
	n2 weir detach --all
	await_not watchers
	n2 weir attach v2
	n2 weir apply new --confirm 1s
	watcher
	n2 weir detach --all
	n2 weir attach v2
	n2 weir apply new
	await_not watchers
	new_is_live
	is "$(generation)" 2
}

@test "every interface goes back, and one attached meanwhile" {
	n2 weir detach w2
	n2 weir apply new --confirm 2s
	n2 weir attach w2
	goes_back_by_itself
	is "$(program_on n2 v2)" "$(program_on n2 w2)"
	is "$(program_on n2 v2)" "$(n2 weir status --json |
		jq '.interfaces[0].program_id')"
	await_not watchers
}

@test "a change by command can wait for its confirmation too" {
	n2 weir guard land --confirm 1s
	n2 weir show | grep '^guard land$'
	await_not watchers
	run ! grep guard <<<"$(n2 weir show)"
	n2 weir guard land --confirm 1m
	n2 weir confirm
	n2 weir remove guard land --confirm 1m
	n2 weir undo
	n2 weir show | grep '^guard land$'
}

@test "attach --policy --confirm goes back to what was filtered before" {
	n2 weir attach v2 --policy new --confirm 1s
	new_is_live
	goes_back_by_itself
	n2 weir detach --all
	n2 weir attach v2 --policy new --confirm 1s
	new_is_live
	await answers 192.0.2.8
	answers 192.0.2.7
	is "$(n2 weir show | grep -v '^#')" "default pass"
}

@test "with standard descriptors closed it works the same" {
	n2 weir apply new --confirm 1s <&- >&- 2>&-
	new_is_live
	goes_back_by_itself
}
