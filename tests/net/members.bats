#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Without root: a member of the group 'weir' edits lists, reads counters, and
# can do nothing else.  The accounts are this mount namespace's own.

load lib

MEMBER=61001
STRANGER=61002
GROUP=61000

setup() {
	topology
	accounts
	chmod 0700 /sys/fs/bpf
	run -0 --separate-stderr n2 weir attach v2
	notes "mode 0711"
	is "$(stat -c %a /sys/fs/bpf)" 711
}

teardown() {
	umount /etc/group /etc/passwd 2>/dev/null || :
	rm -rf "${bin:?}"
	demolish
}

accounts() {
	bin=$(mktemp -d)
	chmod 0755 "$bin"
	cp "$ROOT/weir" "$bin/"
	{ cat /etc/group; echo "weir:x:$GROUP:"; } >"$bin/group"
	{
		cat /etc/passwd
		echo "member:x:$MEMBER:$MEMBER::/:/bin/sh"
		echo "stranger:x:$STRANGER:$STRANGER::/:/bin/sh"
	} >"$bin/passwd"
	mount --bind "$bin/group" /etc/group
	mount --bind "$bin/passwd" /etc/passwd
}

member() {
	n2 setpriv --reuid $MEMBER --regid $MEMBER --groups $GROUP \
		env PATH="$bin:$PATH" "$@"
}

stranger() {
	n2 setpriv --reuid $STRANGER --regid $STRANGER --clear-groups \
		env PATH="$bin:$PATH" "$@"
}

@test "a member edits lists and reads all that is to be read" {
	n1 ping -c 1 -W 1 -I 192.0.2.7 192.0.2.2
	member weir deny 192.0.2.7 2001:db8:bad::/48 tcp/23 for 1h
	member weir allow 192.0.2.1
	run ! n1 ping -c 1 -W 0.3 -I 192.0.2.7 192.0.2.2
	is "$(member weir lookup --json 192.0.2.7 | jq .packets)" 1
	is "$(member weir show)" "$(n2 weir show)"
	is "$(member weir stats --json | jq -c .verdicts.drop.packets)" 1
	is "$(member weir status --json | jq -r '.interfaces[0].state')" filtering
	member weir remove deny 192.0.2.7
	n1 ping -c 1 -W 1 -I 192.0.2.7 192.0.2.2
}

@test "a member cannot attach, detach, pause or resume" {
	for words in "attach w2" "detach v2" "detach --all" "pause" "resume"; do
		# shellcheck disable=SC2086
		run -1 --separate-stderr member weir $words
		complains "be root"
	done
	is "$(status_of v2 state)" filtering
	is "$(program_on n2 w2)" none
}

@test "who is not a member is told so" {
	for words in show status stats "lookup 192.0.2.1" "deny 192.0.2.1" \
		     "remove deny 192.0.2.1"; do
		# shellcheck disable=SC2086
		run -1 --separate-stderr stranger weir $words
		complains "permission denied" "member of the group 'weir'"
	done
	run -1 --separate-stderr stranger weir attach w2
	complains "be root"
}

@test "a member cannot detach the link, run the program or see it" {
	run ! member bpftool link detach pinned "$INSTANCE"/link_1
	run ! member bpftool prog show pinned "$INSTANCE"/gen_1/filter
	head -c 64 /dev/zero >"$bin/frame"
	chmod 0644 "$bin/frame"
	run ! member bpftool prog run pinned "$INSTANCE"/gen_1/filter \
		data_in "$bin/frame"
	is "$(status_of v2 state)" filtering
	bpftool prog run pinned "$INSTANCE"/gen_1/filter data_in "$bin/frame"
}

@test "a member cannot write or freeze counters, settings or the record" {
	local map

	for map in counters entry_counts runtime record; do
		run ! member bpftool map freeze pinned "$INSTANCE"/$map
	done
	run ! member bpftool map update pinned "$INSTANCE"/entry_counts \
		key hex 00 00 00 00 value hex ff ff ff ff ff ff ff ff \
		ff ff ff ff ff ff ff ff
	run ! member rm -f $INSTANCE/counters
	run ! member touch $INSTANCE/file
	n2 weir deny 192.0.2.7
}

@test "a table that a member froze is noticed, and the filter goes on" {
	n2 weir deny 192.0.2.7
	member bpftool map freeze pinned "$INSTANCE"/gen_1/prefix4
	run -1 --separate-stderr n2 weir deny 192.0.2.8
	complains "froze the table"
	n2 weir status --json |
		jq -e '.warnings[] | select(.text | contains("prefix4 is frozen"))'
	run ! n1 ping -c 1 -W 0.3 -I 192.0.2.7 192.0.2.2
	n1 ping -c 1 -W 1 -I 192.0.2.8 192.0.2.2
	n2 weir detach --all
	n2 weir attach v2
	n2 weir deny 192.0.2.8
}

@test "what a member wrote into the tables crashes nobody" {
	local key

	n2 weir deny 192.0.2.7
	for key in "00 21 00 00 01 02 03 04" "ff 08 00 00 0a 00 00 00" \
		   "02 20 00 00 00 17 00 00" "01 20 00 00 c0 00 02 08"; do
		# shellcheck disable=SC2086
		member bpftool map update pinned "$INSTANCE"/gen_1/prefix4 \
			key hex $key value hex \
			00 00 00 00 00 00 00 00 ff ff ff ff ff ff ff ff \
			ff ff ff ff ff ff ff 7f ff ff ff ff ff ff ff ff \
			00 00 00 00 00 00 00 00 ff ff ff ff ff ff ff 7f \
			00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 \
			ff ff ff ff ff ff ff ff
	done
	n2 weir show >/dev/null
	n2 weir show --json | jq -e .deny
	n2 weir lookup 192.0.2.8
	n2 weir stats --json | jq -e .verdicts
	n2 weir deny 192.0.2.1
	n2 weir remove deny 192.0.2.1 192.0.2.8
	n1 ping -c 1 -W 1 -I 192.0.2.1 192.0.2.2
}

# What such a kernel says and answers, for want of one: EPERM to every pin.
@test "a kernel before 5.19 is refused by that number" {
	local old="env LD_PRELOAD=$bin/old.so setarch $(uname -m) --uname-2.6"

	echo 'int bpf_obj_get_opts(const char *path, const void *opts)
	      { (void)path; (void)opts; return -1; }' |
		gcc -shared -fPIC -o "$bin/old.so" -x c -
	member weir show
	for words in show stats "deny 192.0.2.7"; do
		# shellcheck disable=SC2086	# words are words
		run -1 --separate-stderr member $old weir $words
		complains "without root needs Linux 5.19"
	done
	member weir show
}
