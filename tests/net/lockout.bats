#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Nobody cuts the connection they sit on: a real sshd in n2, its clients in n1.

load lib

MEMBER=61001
GROUP=61000
patience=30	# to log in takes seconds where much else runs

setup() {
	[[ -x /usr/sbin/sshd ]] || skip "openssh-server is not installed"
	topology
	n2 weir attach v2
}

teardown() {
	umount /etc/group 2>/dev/null || :
	[[ ! ${made-} ]] || rmdir /run/sshd || :
	demolish
}

# An sshd in n2, on both families, which lets root in by a key.
sshd() {
	local dir=$BATS_TEST_TMPDIR

	[[ -d /run/sshd ]] || made=/run/sshd
	mkdir -p /run/sshd
	ssh-keygen -q -t ed25519 -N '' -f "$dir/host"
	ssh-keygen -q -t ed25519 -N '' -f "$dir/client"
	cat >"$dir/config" <<-END
		HostKey $dir/host
		AuthorizedKeysFile $dir/client.pub
		PermitRootLogin prohibit-password
		StrictModes no
		UsePAM no
		UseDNS no
		PidFile none
	END
	starts n2 /usr/sbin/sshd -D -e -f "$dir/config" 2>"$dir/sshd.log"
	await is_listening
}

is_listening() {
	grep -q 'Server listening on ::' "$BATS_TEST_TMPDIR/sshd.log"
}

# The words of a client that comes from there.
client() {
	ssh=(ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=no
	     -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR
	     -i "$BATS_TEST_TMPDIR/client" -b "$1")
}

# FROM TO COMMAND...: weir, typed by who came from there.
over_ssh() {
	client "$1"
	run --separate-stderr n1 timeout 30 "${ssh[@]}" "root@$2" \
		PATH="$ROOT:\$PATH" "${@:3}"
}

# FROM TO: a session that stays.
session_opens() {
	client "$1"
	starts n1 "${ssh[@]}" "root@$2" 'echo in; exec sleep 100' \
		</dev/null >"$BATS_TEST_TMPDIR/out"
	session=$started
	await grep -q in "$BATS_TEST_TMPDIR/out"
}

session_closes() {
	kill "$session"
	await_not established
}

established() {
	n2 ss -Htn state established sport = 22 | grep -q .
}

# As who came by ssh, whose environment says so: CLIENT [SERVER [SPORT]].
from() {
	connection="$1 50000 ${2-192.0.2.2} ${3-22}"
}

# weir below a shell of that environment, with sudo's clean one in between.
typed() {
	run --separate-stderr n2 env SSH_CONNECTION="$connection" \
		bash -c 'env -i PATH="$PATH" weir "$@"; exit $?' bash "$@"
}

refused() {
	is "$status" 1
	complains "would cut" "$@"
}

is_unchanged() {
	is "$(n2 weir show | grep -v "^#")" "default pass"
}

@test "who came by ssh and denies their own prefix is refused" {
	sshd
	over_ssh 192.0.2.7 192.0.2.2 weir deny 192.0.2.0/29
	refused "weir: deny: 192.0.2.0/29 would cut your own connection from \
192.0.2.7 (SSH_CONNECTION of " "; weir allow 192.0.2.7 first, or --force"
	is_unchanged
	over_ssh 192.0.2.7 192.0.2.2 weir deny 192.0.2.8/29
	is "$status" 0
	over_ssh 192.0.2.7 192.0.2.2 weir allow 192.0.2.7
	over_ssh 192.0.2.7 192.0.2.2 weir deny 192.0.2.0/29
	is "$status" 0
	over_ssh 192.0.2.7 192.0.2.2 weir remove allow 192.0.2.7
	refused "weir: remove: deny 192.0.2.0/29 would cut your own"
	over_ssh 192.0.2.7 192.0.2.2 weir show
	is "$status" 0
}

@test "who came by ssh over IPv6 is known as well" {
	sshd
	over_ssh 2001:db8:1::7 2001:db8:1::2 weir deny 2001:db8:1::/64
	refused "2001:db8:1::/64" "from 2001:db8:1::7 ("
	is_unchanged
	over_ssh 2001:db8:1::7 2001:db8:1::2 weir deny 2001:db8:1::8
	is "$status" 0
}

@test "an ancestor's environment counts where sudo has emptied ours" {
	from 203.0.113.7
	typed deny 203.0.113.0/24
	refused "203.0.113.0/24" "SSH_CONNECTION of bash, process"
	is_unchanged
	typed deny 203.0.113.6
	is "$status" 0
	typed deny 203.0.113.8/29
	is "$status" 0
	run -0 n2 weir deny 203.0.113.0/24
}

@test "everything at once is refused for one target among many" {
	from 203.0.113.7
	typed deny 198.51.100.0/24 203.0.113.3-203.0.113.9 tcp/23
	refused "203.0.113.4/30"
	is_unchanged
	echo "203.0.113.7" >"$BATS_TEST_TMPDIR/list"
	typed deny "@$BATS_TEST_TMPDIR/list" as feed
	refused "203.0.113.7 would cut"
	is_unchanged
}

@test "a denial for a while cuts as well" {
	from 203.0.113.7
	typed deny 203.0.113.7 for 10m
	refused "203.0.113.7 would cut"
	is_unchanged
	typed deny 203.0.113.8 for 10m
	is "$status" 0
}

@test "--force denies, and says nothing" {
	from 203.0.113.7
	typed deny --force 203.0.113.7
	is "$status" 0
	is "$stderr" ""
	is "$(n2 weir lookup --json 203.0.113.7 | jq -r .verdict)" drop
	typed deny 203.0.113.0/24
	is "$status" 0
}

@test "whose address is allowed may deny around it, and keeps the allow" {
	from 203.0.113.7
	typed allow 203.0.113.7 203.0.113.0/28
	is "$status" 0
	typed deny 203.0.113.0/24 tcp/22
	is "$status" 0
	typed remove allow 203.0.113.7
	is "$status" 0
	typed remove allow 203.0.113.0/28
	refused "deny 203.0.113.0/24" "remove that first, or --force"
	n2 weir show | grep -q '^allow 203.0.113.0/28'
	typed remove deny 203.0.113.0/24
	typed remove allow 203.0.113.0/28
	refused "deny tcp/22 would cut"
	typed remove allow --force 203.0.113.0/28
	is "$status" 0
}

@test "the server's port is not closed, its neighbours may be" {
	from 203.0.113.7
	typed deny tcp/22
	refused "tcp/22 would cut"
	typed deny tcp/20-30
	refused "tcp/20-23 would cut"
	is_unchanged
	typed deny tcp/23 udp/22 tcp/50000
	is "$status" 0
	from 203.0.113.7 192.0.2.2 2222
	typed deny tcp/22
	is "$status" 0
	typed deny tcp/2222
	refused "tcp/2222 would cut"
}

@test "zones, addresses mapped into IPv6, and nonsense in the variable" {
	from fe80::7%eth0 fe80::2%eth0
	typed deny fe80::/10
	refused "from fe80::7 ("
	from ::ffff:203.0.113.7 ::ffff:192.0.2.2
	typed deny 203.0.113.0/24
	refused "from 203.0.113.7 ("
	is_unchanged
	for connection in "" "a b c d" "203.0.113.7" "203.0.113.7 1 2 3 4" \
			  "203.0.113.7 99999 192.0.2.2 22"; do
		typed deny 203.0.113.0/24 fe80::/10
		is "$status" 0
	done
}

@test "a connection that cannot run through this namespace is not protected" {
	from 203.0.113.7 192.0.2.99
	typed deny 203.0.113.0/24
	is "$status" 0
	n2 weir remove deny 203.0.113.0/24
	n2 ip route add default via 192.0.2.1
	typed deny 203.0.113.0/24
	refused "203.0.113.0/24"
	from 127.0.0.1 127.0.0.1
	typed deny 127.0.0.0/8
	is "$status" 0
}

@test "sessions of sshd are protected without the variable, until they end" {
	sshd
	session_opens 192.0.2.7 192.0.2.2
	run --separate-stderr n2 weir deny 192.0.2.0/29
	refused "192.0.2.0/29 would cut the connection from 192.0.2.7 (of sshd"
	run --separate-stderr n2 weir deny tcp/22
	refused "tcp/22"
	is_unchanged
	n2 weir deny 192.0.2.8
	session_closes
	n2 weir deny 192.0.2.0/29 tcp/22
}

@test "sessions of sshd over IPv6 are protected" {
	sshd
	session_opens 2001:db8:1::7 2001:db8:1::2
	run --separate-stderr n2 weir deny 2001:db8:1::/64
	refused "the connection from 2001:db8:1::7 ("
	n2 weir deny 2001:db8:1::8
	session_closes
	n2 weir deny 2001:db8:1::/64
}

@test "who has not logged in can be denied: they guess passwords" {
	sshd
	starts n1 python3 -c 'import socket
s = socket.create_connection(("192.0.2.2", 22), 30, ("192.0.2.7", 0))
print(s.recv(100), flush=True)
s.recv(1)' >"$BATS_TEST_TMPDIR/banner"
	await grep -q SSH "$BATS_TEST_TMPDIR/banner"
	established
	n2 weir deny 192.0.2.7
}

@test "another namespace's sshd is nobody here" {
	sshd
	session_opens 192.0.2.7 192.0.2.2
	n3 weir --instance other attach w3
	n3 weir --instance other deny 192.0.2.0/24
	n3 weir deny 192.0.2.0/24
	n3 weir remove deny 192.0.2.0/24
	session_closes
}

@test "a member of the group is held back too" {
	local bin=$BATS_TEST_TMPDIR/bin
	local member="setpriv --reuid $MEMBER --regid $MEMBER --groups $GROUP"

	mkdir "$bin"
	cp "$ROOT/weir" "$bin/"
	chmod -R a+rX "$BATS_TEST_TMPDIR" "$BATS_SUITE_TMPDIR" "$BATS_RUN_TMPDIR"
	{ cat /etc/group; echo "weir:x:$GROUP:"; } >"$bin/group"
	mount --bind "$bin/group" /etc/group
	chmod 0700 /sys/fs/bpf
	n2 weir detach --all
	n2 weir attach v2
	from 203.0.113.7
	run --separate-stderr n2 env SSH_CONNECTION="$connection" \
		$member bash -c 'env -i "$@"; exit $?' bash \
		"$bin/weir" deny 203.0.113.0/24
	refused "203.0.113.0/24 would cut your own connection" "bash"
	is_unchanged
	run -0 n2 env SSH_CONNECTION="$connection" $member "$bin/weir" \
		deny 203.0.113.8
}

@test "an observer of the counters sees nothing of a refusal" {
	local before

	from 203.0.113.7
	before=$(n2 weir stats --json | jq -c .reasons)
	typed deny 203.0.113.7
	refused "203.0.113.7"
	is "$(n2 weir stats --json | jq -c .reasons)" "$before"
}
