#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
# A policy is one file: applied, shown, checked, undone.

load lib

setup() {
	topology
	cd "$BATS_TEST_TMPDIR" || return
	printf '%s\n' '# feed' 203.0.113.1 '203.0.113.2 ; why' >feed.list
	cat >policy <<-EOF
	allow 192.0.2.8
	deny @feed.list as feed
	deny 203.0.113.7 2001:db8:bad::/48
	deny 203.0.113.8 for 10m
	deny tcp/23
	guard land
	drop web tcp dst port 81
	default pass
	EOF
	echo deny 203.0.113.7 >other
	n2 weir attach v2 w2
}

HEAD='^# \(.*, applied \|observing\)'

# Without what tells of time and source.
shown() { n2 weir show "$@" | grep -v "$HEAD" ||:; }

generation() { n2 weir status --json | jq .generation; }

# All that a change would change: pins, each with its inode, and what is live.
everything() {
	find "$INSTANCE" -printf '%p %i\n' | sort
	program_on n2 v2
	program_on n2 w2
	shown
	generation
}

# Run a command that is to leave everything as it was.
changes_nothing() {
	local before

	before=$(everything)
	"$@"
	diff -u <(echo "$before") <(everything)
}

# How many counters are taken, by what is live and what was before.
ids() {
	n2 weir status --json |
		jq '.tables[] | select(.name == "entry_counts") | .entries'
}

since() { n2 weir lookup --json "$1" | jq -r .since; }

# Let an entry grow old by a second, so that a new one can be told from it.
age() {
	local since

	since=$(since "$1")
	await second_after "$since"
}

second_after() { [[ $(date -u +%FT%TZ) > $1 ]]; }

foe_sends() {
	n1 send "$1" "E/IP(src=\"$2\", dst=\"192.0.2.2\")/UDP()" >/dev/null
}

@test "a file is applied, all of it, on every interface" {
	n1 ping -c 1 -W 1 -I 192.0.2.7 192.0.2.2
	echo deny 192.0.2.7 >>policy
	n2 weir apply policy
	run ! n1 ping -c 1 -W 0.1 -I 192.0.2.7 192.0.2.2
	n1 ping -c 1 -W 1 -I 192.0.2.8 192.0.2.2
	foe_sends 3 203.0.113.1
	await reason_is denied 4
	is "$(program_on n2 v2)" "$(program_on n2 w2)"
	is "$(status_of v2 program_id)" "$(program_on n2 v2)"
	is "$(status_of w2 state)" filtering
}

@test "what is shown, fed back, changes nothing" {
	n2 weir apply policy
	n2 weir deny 203.0.113.9 for 1h
	n2 weir show >once
	n2 weir show --json | jq 'del(.generation)' >once.json
	n2 weir apply once
	# What was added by hand is the policy's now, in its order.
	diff -u <(grep -v '^#' once | sort) <(shown | grep -v '^#' | sort)
	n2 weir show >twice
	n2 weir apply twice
	diff -u <(grep -v "$HEAD" twice) <(shown)
	n2 weir show --expand >expanded
	n2 weir apply expanded
	diff -u <(grep -v "$HEAD" expanded) <(shown)
	strip='del(.generation, .files) | (.deny[], .allow[]) |=
		(del(.origin) | .expires_s |= (. // 0) / 60 | .expires_s |= round)'
	diff -u <(jq "$strip" once.json) <(n2 weir show --json | jq "$strip")
}

@test "entries that stay keep their age and their counts, others start anew" {
	n2 weir apply policy
	foe_sends 3 203.0.113.7
	foe_sends 2 203.0.113.1
	counts 203.0.113.7 "3 126"
	born=$(since 203.0.113.7)
	age 203.0.113.7
	n2 weir apply other
	counts 203.0.113.7 "3 126"
	is "$(since 203.0.113.7)" "$born"
	n2 weir undo
	counts 203.0.113.7 "3 126"
	counts 203.0.113.1 "2 84"
	is "$(since 203.0.113.1)" "$born"
	n2 weir guard fragments
	n2 weir remove guard land
	counts 203.0.113.7 "3 126"
	is "$(since 203.0.113.7)" "$born"
	foe_sends 1 203.0.113.7
	counts 203.0.113.7 "4 168"
	# .1 goes, and comes back when the generation that knew it is gone.
	n2 weir apply other
	n2 weir apply other
	n2 weir apply policy
	counts 203.0.113.7 "4 168"
	counts 203.0.113.1 "0 0"
	[[ $(since 203.0.113.1) > $born ]]
	is "$(reason denied)" 6
}

@test "rules that stay keep their counts, also when others come before" {
	cat >rules <<-EOF
	count dns udp dst port 53
	count ntp udp dst port 123
	EOF
	n2 weir apply rules
	n1 send 3 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP(dport=53)'
	n1 send 2 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP(dport=123)'
	await reason_is passed 5
	(echo count web tcp dst port 80; tac rules) >turned
	n2 weir apply turned
	is "$(rules)" "web:0 ntp:2 dns:3"
	sed -i s/53/5353/ turned
	n2 weir apply turned
	is "$(rules)" "web:0 ntp:2 dns:0"
	n2 weir undo
	is "$(rules)" "web:0 ntp:2 dns:3"
}

rules() {
	n2 weir stats --json |
		jq -r '.rules | map("\(.name):\(.packets)") | join(" ")'
}

@test "what was added by hand survives apply if it has an end, unless --flush" {
	n2 weir deny 203.0.113.20 for 1h
	n2 weir deny 203.0.113.21
	n2 weir allow 203.0.113.22 for 1h
	foe_sends 2 203.0.113.20
	n2 weir apply policy
	counts 203.0.113.20 "2 84"
	shown >live
	grep '^deny 203.0.113.20 until' live
	grep '^allow 203.0.113.22 until' live
	run ! grep -F 203.0.113.21 live
	n2 weir apply policy --flush
	run ! grep -E '203\.0\.113\.2[0-9]' <<<"$(shown)"
	run -0 n2 weir lookup --json 203.0.113.20
	is "$(jq -r .verdict <<<"$output")" pass
}

@test "what was added by hand survives undo, what was removed does not return" {
	n2 weir deny 203.0.113.20 203.0.113.21 for 1h
	n2 weir apply policy
	n2 weir deny 203.0.113.22
	n2 weir deny 203.0.113.23 for 1h
	n2 weir remove deny 203.0.113.21
	foe_sends 2 203.0.113.22
	n2 weir undo
	is "$(shown | cut -d' ' -f1,2)" "default pass
# runtime
deny 203.0.113.20
deny 203.0.113.22
deny 203.0.113.23"
	counts 203.0.113.22 "2 84"
	n2 weir undo
	counts 203.0.113.22 "2 84"
	shown | grep '^deny @.*feed.list as feed'
	is "$(shown | grep -c '^deny 203.0.113.2[0-3]')" 3
}

@test "undo and undo again toggle between two generations" {
	n2 weir apply policy
	n2 weir apply other
	for ((round = 0; round < 3; round++)); do
		n2 weir undo
		is "$(generation)" 2
		shown | grep '^guard land$'
		n2 weir undo
		is "$(generation)" 3
		is "$(shown)" $'deny 203.0.113.7\ndefault pass'
	done
	is "$(find "$INSTANCE" -name 'gen_*' | sort | xargs -n 1 basename)" \
		$'gen_2\ngen_3'
}

@test "undo where there is nothing before is exit 1" {
	run -1 --separate-stderr n2 weir undo
	complains "there is no generation before 1"
}

@test "a list file that changed on disk is said, one that is gone too" {
	n2 weir apply policy
	shown | grep -F "deny @$BATS_TEST_TMPDIR/feed.list as feed  # 2 entries, sha256 $(sha256sum feed.list | cut -c1-16)"
	run ! grep changed <<<"$(shown)"
	echo 203.0.113.3 >>feed.list
	shown | grep 'feed.list as feed .*, the file has changed since$'
	is "$(n2 weir show --json | jq -c '.files[] | [.entries, .changed, .whole]')" \
		'[2,true,true]'
	rm feed.list
	shown | grep 'the file has changed since$'
}

@test "show names files by their list, or expands them where one entry is gone" {
	n2 weir apply policy
	is "$(shown | grep -c '^deny 203.0.113.[12]$')" 0
	is "$(shown --expand | grep -c '^deny 203.0.113.[12]$')" 2
	run ! grep @ <<<"$(shown --expand)"
	n2 weir remove deny 203.0.113.1
	is "$(shown | grep '^deny \(@\|203.0.113.[12]$\)')" "deny 203.0.113.2"
}

@test "a target that a statement and a file name is still a whole file" {
	(echo deny 203.0.113.1 for 1h; cat policy; echo deny 203.0.113.2) >twice
	n2 weir apply twice
	shown | grep 'feed.list as feed  # 1 entries'
}

@test "--check changes nothing" {
	n2 weir apply policy
	n2 weir deny 203.0.113.20 for 1h
	changes_nothing n2 weir apply other --check
	changes_nothing n2 weir apply other --check --flush --observe
	changes_nothing n2 weir guard fragments --check
	run -1 --separate-stderr n2 weir apply other --check --confirm 0s
	echo drop x nonsense here >bad
	run -1 --separate-stderr n2 weir apply bad --check
	complains "bad:1:"
}

@test "--check needs no instance, and makes none" {
	n2 weir detach --all
	n2 weir apply policy --check
	echo deny 10.0.0.1/8 >bad
	run -1 n2 weir apply bad --check
	is_clean
}

@test "apply where nothing is attached is exit 3" {
	n2 weir detach --all
	run -3 --separate-stderr n2 weir apply policy
	complains "nothing is attached"
	run -3 n2 weir confirm
	run -3 n2 weir undo
	run -3 n2 weir guard land
	is_clean
}

@test "errors are told in one go, and leave everything" {
	n2 weir apply policy
	cat >bad <<-EOF
	deny 10.0.0.1/8
	deny @nowhere.list
	mumble
	guard what
	drop one nonsense here
	deny 203.0.113.9
	default perhaps
	EOF
	changes_nothing run -1 --separate-stderr n2 weir apply bad
	is "$(sed 's/\(bad:[0-9]*\):.*/\1/' <<<"$stderr" | sort -u)" \
		"weir: bad:1
weir: bad:2
weir: bad:3
weir: bad:4
weir: bad:5
weir: bad:7"
	is "${#stderr_lines[@]}" 6
}

@test "a list too large leaves everything, one that just fits does not" {
	n2 weir apply other
	for net in {0..511}; do
		seq -f "198.$((18 + net / 256)).$((net % 256)).%g/32" 0 255
	done >full.list
	is "$(wc -l <full.list)" 131072
	echo deny @full.list >full
	echo deny @full.list 203.0.113.9 >"more"
	changes_nothing run -1 --separate-stderr n2 weir apply more
	complains "the lists are full: 131072 entries"
	n2 weir apply full
	is "$(n2 weir show --json | jq '.files[0].entries')" 131072
	# Two full generations, and a third one beside them.
	n2 weir apply full
	n2 weir undo
	n2 weir apply other
	is "$(shown)" $'deny 203.0.113.7\ndefault pass'
	is "$(ids)" 131073
	n2 weir apply other
	is "$(ids)" 1
}

@test "apply reads standard input, and pipes of the shell" {
	n2 weir apply - <other
	is "$(shown)" $'deny 203.0.113.7\ndefault pass'
	is "$(n2 weir status --json | jq -r .applied.file)" stdin
	is "$(n2 weir status --json | jq -r .applied.sha256)" \
		"$(sha256sum other | cut -d' ' -f1)"
	n2 weir apply <(echo deny 203.0.113.9)
	is "$(shown)" $'deny 203.0.113.9\ndefault pass'
	run -1 --separate-stderr n2 weir apply - <<<mumble
	complains "stdin:1:1: 'mumble' is not a statement"
	run -1 --separate-stderr n2 sh -c 'weir apply - <&-'
	complains "-: Bad file descriptor"
}

@test "what is not a readable file is refused by its name" {
	n2 weir apply other
	changes_nothing run -1 --separate-stderr n2 weir apply nowhere
	complains "nowhere: No such file or directory"
	changes_nothing run -1 --separate-stderr n2 weir apply .
	complains ".: Is a directory"
	printf 'deny 203.0.113.9\0\n' >zero
	changes_nothing run -1 --separate-stderr n2 weir apply zero
	complains "zero:1"
}

@test "an empty file is an empty policy" {
	n2 weir apply policy
	n2 weir apply /dev/null
	is "$(shown)" "default pass"
	: >empty
	n2 weir apply empty
	is "$(shown)" "default pass"
	foe_sends 1 203.0.113.7
	await reason_is passed 1
}

@test "63 named lists are kept apart, one more is refused" {
	for ((i = 1; i <= 64; i++)); do
		echo "203.0.113.$i" >"list-$i"
		echo "deny @list-$i as name-$i"
	done >many
	changes_nothing run -1 --separate-stderr n2 weir apply many
	complains "many:64:6" "at most 63 files"
	head -63 many >most
	n2 weir apply most
	is "$(shown | grep -c '^deny @')" 63
	is "$(n2 weir lookup --json 203.0.113.63 | jq -r .origin)" name-63
	for ((i = 0; i < 3; i++)); do
		n2 weir apply most
	done
	n2 weir undo
	is "$(shown | grep -c '^deny @')" 63
}

@test "a list of a long name stays one list" {
	long=$(printf 'n%.0s' {1..40})
	echo 203.0.113.1 >"$long"
	for ((i = 0; i < 70; i++)); do
		n2 weir deny "@$long"
		echo "203.0.113.$i" >"$long"
	done
	is "$(shown | grep -c '^deny 203')" 69
}

@test "status names generation, time, file, digest and changes since" {
	run -0 n2 weir status
	[[ $output == *"no policy file"* ]]
	is "$(n2 weir status --json | jq -c '[.generation, .applied.file, .applied.edits]')" \
		'[1,null,0]'
	n2 weir apply policy
	n2 weir guard fragments
	n2 weir remove guard fragments
	digest=$(sha256sum policy | cut -d' ' -f1)
	run -0 n2 weir status
	[[ $output == *"generation 4, applied $(date -u +%F)T"* ]]
	[[ $output == *"policy $BATS_TEST_TMPDIR/policy, sha256 $digest, 2 changes by command since"* ]]
	is "$(n2 weir status --json | jq -c '[.generation, .applied.file,
		.applied.sha256, .applied.edits, .confirm_s, .previous]')" \
		"[4,\"$BATS_TEST_TMPDIR/policy\",\"$digest\",2,null,3]"
	[[ $(n2 weir status --json | jq -r .applied.time) == "$(date -u +%F)"T* ]]
	n2 weir apply policy --confirm 1m
	is "$(n2 weir status --json | jq '.confirm_s > 55 and .confirm_s <= 60')" true
	run -0 n2 weir status
	[[ $output == *"UNCONFIRMED: generation 4 comes back in "* ]]
	n2 weir confirm
}

# Run as n2 does, with a log of its own that becomes the file 'journal'.
journaled() {
	n2 unshare --mount --propagation private sh -c \
		'mount --bind dev /dev; exec "$@"' sh "$@"
}

listens() {
	mkdir dev
	mknod -m 666 dev/null c 1 3
	starts n2 python3 -c '
import socket
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind("dev/log")
while True:
    line = log.recv(4096).decode().rstrip("\0").split("]: ", 1)[-1]
    print(line, file=open("journal", "a"), flush=True)'
	await test -S dev/log
}

logged() { await grep -F -- "$1" journal || { cat journal; return 1; }; }

@test "every change leaves a line in the journal, checks and failures none" {
	listens
	: >journal
	echo mumble >bad
	journaled weir apply policy --check
	run ! journaled weir apply bad
	run ! journaled weir confirm
	journaled weir apply policy
	logged "default: apply policy: generation 2, 7 targets, 1 rules (by "
	is "$(wc -l <journal)" 1
	journaled weir apply other --observe
	logged "apply other: generation 3, 1 targets, 0 rules, observing (by "
	journaled weir undo
	logged "undo: generation 2 instead of 3 (by "
	journaled weir guard fragments
	logged "guard fragments: generation 4 (by "
	journaled weir remove guard fragments
	logged "remove guard fragments: generation 5 (by "
	journaled weir default drop --force
	logged "default drop: generation 6 (by "
	journaled weir apply policy --confirm 1s
	logged "apply policy: generation 7, 7 targets, 1 rules, to be confirmed (by "
	logged "generation 7 was not confirmed in time: back to 6 (by "
	journaled weir apply other --confirm 1m
	journaled weir confirm
	logged "confirm: generation 8 stays (by "
	is "$(wc -l <journal)" 10
}

@test "--observe counts what it would drop, and drops nothing" {
	echo deny 192.0.2.7 >denies
	n2 weir apply denies --observe
	n1 ping -c 1 -W 1 -I 192.0.2.7 192.0.2.2
	is "$(n2 weir status --json | jq .observe)" true
	n2 weir show | grep '^# observing'
	run -0 n2 weir status
	[[ $output == *"OBSERVING: nothing is dropped"* ]]
	counts 192.0.2.7 "1 98"
	is "$(reason denied)" 0
	is "$(reason observed)" 1
	# An edit by command goes on observing; the file applied drops.
	n2 weir guard land
	n1 ping -c 1 -W 1 -I 192.0.2.7 192.0.2.2
	n2 weir apply denies
	run ! n1 ping -c 1 -W 0.1 -I 192.0.2.7 192.0.2.2
	is "$(reason denied)" 1
}

@test "attach --policy filters from the first packet on, or attaches nothing" {
	n2 weir detach --all
	echo deny 192.0.2.7 >denies
	n2 weir attach v2 --policy denies
	run ! n1 ping -c 1 -W 0.1 -I 192.0.2.7 192.0.2.2
	is "$(n2 weir status --json | jq -r .applied.file)" "$BATS_TEST_TMPDIR/denies"
	changes_nothing run -1 n2 weir attach w2 --policy nowhere
	run -1 n2 weir attach nonesuch --policy other
	is "$(shown)" $'deny 192.0.2.7\ndefault pass'
	n2 weir detach --all
	run -1 n2 weir attach nonesuch --policy other
	is_clean
	run -2 n2 weir attach v2 --observe
}
