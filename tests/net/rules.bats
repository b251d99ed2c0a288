#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
# Rules: from the words on a command line to what becomes of real packets.

load lib

setup() {
	topology
	n2 weir attach v2
}

teardown() {
	demolish
	[[ ! -d ${tracing-} ]] || rmdir "$tracing"
}

# "NAME NUMBER" of all rules, in order, in one line.
rules() {
	n2 weir stats --json | jq -r '[.rules[] | "\(.name) \(.packets)"] | join(", ")'
}

rules_are() { [[ $(rules) == "$1" ]]; }

names() { n2 weir show --json | jq -r '[.rules[].name] | join(" ")'; }

verdict() { n2 weir stats --json | jq ".verdicts.$1.packets"; }

verdict_is() { [[ $(verdict "$1") == "$2" ]]; }

# NUMBER of frames of UDP from 203.0.113.7, of 42 bytes and PAYLOAD more.
udp() {
	n1 send "$1" "E/IP(src='203.0.113.7', dst='192.0.2.2')/UDP(sport=5, dport=${3:-9})/('x' * ${2:-0})" \
		>/dev/null
}

ping_once() { n1 ping -q -c 1 -W "${2:-1}" "$1" >/dev/null; }

@test "a drop rule drops what matches, until it is removed" {
	serves
	n2 weir drop web tcp dst port 8080
	run ! n1 curl -s --max-time 0.5 http://192.0.2.2:8080/
	run ! n1 curl -s --max-time 0.5 'http://[2001:db8:1::2]:8080/'
	ping_once 192.0.2.2
	ping_once 2001:db8:1::2
	(($(rules | cut -d' ' -f2) >= 2))
	is "$(verdict drop)" "$(rules | cut -d' ' -f2)"
	n2 weir remove web
	is "$(n1 curl -sf http://192.0.2.2:8080/)" "well served"
	is "$(rules)" ""
}

@test "the first rule that ends the walk decides" {
	n2 weir pass one icmp and src host 192.0.2.7
	n2 weir drop all icmp
	n2 weir pass late icmp
	n1 ping -q -c 1 -W 1 -I 192.0.2.7 192.0.2.2
	run ! n1 ping -q -c 1 -W 0.3 -I 192.0.2.8 192.0.2.2
	is "$(rules)" "one 1, all 1, late 0"
	n2 weir remove one
	run ! n1 ping -q -c 1 -W 0.3 -I 192.0.2.7 192.0.2.2
	is "$(rules)" "all 2, late 0"
}

@test "--before puts a rule where it has to stand" {
	n2 weir drop all icmp
	n2 weir pass one icmp and src host 192.0.2.7 --before all
	n2 weir count first ip --before one
	is "$(names)" "first one all"
	n1 ping -q -c 1 -W 1 -I 192.0.2.7 192.0.2.2
	run ! n1 ping -q -c 1 -W 0.3 -I 192.0.2.8 192.0.2.2
	is "$(rules)" "first 2, one 1, all 1"
	run --separate-stderr -1 n2 weir drop other ip6 --before nobody
	complains "there is no rule 'nobody'"
	is "$(names)" "first one all"
}

@test "count walks on, observe does not do what it counts" {
	n2 weir count seen udp
	n2 weir observe drop maybe udp and greater 100
	n2 weir drop small udp and less 60
	udp 2 100
	udp 3
	await rules_are "seen 5, maybe 2, small 3"
	is "$(verdict drop)" 3
	is "$(n2 weir stats --json | jq -c '.rules[1] | [.action, .would_drop.packets, .would_drop.bytes]')" \
	   '["drop",2,284]'
	is "$(n2 weir show --json | jq -c '[.rules[] | [.name, .action, .observe, .packets, .bytes]]')" \
	   '[["seen","count",false,5,410],["maybe","drop",true,2,284],["small","drop",false,3,126]]'
}

@test "an abort rule drops, and the tracepoint sees it" {
	tracing=/sys/kernel/tracing/instances/weir-$$
	[[ -d ${tracing%/*} ]] || skip "no tracefs"
	mkdir "$tracing"
	echo 1 >"$tracing/events/xdp/xdp_exception/enable"
	n2 weir abort trap udp dst port 9
	udp 1 0 10
	udp 1 0 9
	await rules_are "trap 1"
	is "$(verdict abort)" 1
	grep -q 'xdp_exception:.*action=ABORTED' "$tracing/trace"
	is "$(grep -c xdp_exception: "$tracing/trace")" 1
}

@test "lists come before rules, and allow before all" {
	n2 weir pass all udp
	n2 weir deny 203.0.113.7
	udp 1
	await reason_is denied 1
	n2 weir allow 203.0.113.7
	n2 weir drop all2 udp --before all
	udp 1
	await reason_is allowed 1
	is "$(rules)" "all2 0, all 0"
}

@test "counters stay where name and text stay, and start anew where one changes" {
	n2 weir apply - <<-'EOF'
		count a udp
		count b udp and greater 100
		count c udp
	EOF
	udp 2
	await rules_are "a 2, b 0, c 2"
	n2 weir apply - <<-'EOF'
		count d udp
		count c udp
		count b udp and greater 40
		count a udp
	EOF
	is "$(rules)" "d 0, c 2, b 0, a 2"
	udp 1
	await rules_are "d 1, c 3, b 1, a 3"
	n2 weir drop e tcp
	n2 weir remove c
	is "$(rules)" "d 1, b 1, a 3, e 0"
	n2 weir undo
	is "$(rules)" "d 1, c 3, b 1, a 3, e 0"
}

@test "tags in the frame are seen by the rules that ask for them" {
	local to="IP(src='203.0.113.7', dst='192.0.2.2')/UDP(sport=5, dport=9)"

	n2 weir drop plain udp dst port 9 2>/dev/null
	n2 weir drop one vlan 7 and udp dst port 9
	n2 weir drop two vlan and vlan 8 and udp dst port 9
	n1 send 1 "[E/$to, E/Dot1Q(vlan=7)/$to, E/Dot1Q(vlan=6)/$to,
		E/Dot1AD(vlan=5)/Dot1Q(vlan=8)/$to, E/Dot1Q(vlan=5)/Dot1Q(vlan=6)/$to]"
	await reason_is passed 2
	is "$(rules)" "plain 1, one 1, two 1"
}

@test "under traffic a change of rules lets no packet through and drops no other" {
	n2 weir drop flood udp dst port 9 2>/dev/null
	starts n1 "$ROOT/build/flood" v1 --to 192.0.2.2 --to-mac 02:00:00:00:01:02 \
		--from 203.0.113.0/24 --dport 9 --pps 50000 --for 3 >/dev/null
	await not rules_are "flood 0"
	for i in {1..6}; do
		n2 weir pass "other$i" "tcp dst port $i" --before flood
		ping_once 192.0.2.2
		n2 weir remove "other$i"
	done
	wait "$started"
	is "$(reason passed)" 6
	is "$(rules)" "flood $(verdict drop)"
	(($(verdict drop) > 1000))
}

@test "hundreds of rules are one policy, and the last one counts" {
	for i in {1..255}; do
		echo "drop rule$i udp dst port $((1000 + i)) and src net 198.18.$i.0/24"
	done >"$BATS_TEST_TMPDIR/policy"
	echo "drop last udp dst port 9" >>"$BATS_TEST_TMPDIR/policy"
	run --separate-stderr n2 weir apply "$BATS_TEST_TMPDIR/policy"
	((status == 0))
	is "$(grep -c ' and 248 more do not see ' <<<"$stderr")" 2
	is "$(wc -l <<<"$stderr")" 3
	udp 1
	udp 1 0 8
	n1 send 1 "E/IP(src='198.18.77.1', dst='192.0.2.2')/UDP(sport=5, dport=1077)"
	await verdict_is drop 2
	is "$(n2 weir stats --json | jq -c '[.rules[] | select(.packets > 0).name]')" \
	   '["rule77","last"]'
	is "$(reason passed)" 1
}

@test "what is wrong with an expression is told by line and column, all of it" {
	cat >"$BATS_TEST_TMPDIR/policy" <<-'EOF'
		drop good  udp
		drop a     udp prot 53
		drop b     inbound and udp
		drop c     udp and outbound
		drop d     ifindex 2
		drop e     ip6 protochain 6
		drop f     host www.example.org
		drop g     tcp and udp
	EOF
	cd "$BATS_TEST_TMPDIR"
	run --separate-stderr -1 n2 weir apply policy
	is "$(wc -l <<<"$stderr")" 7
	for expected in "policy:2:12: drop: a: " \
			"policy:3:12: drop: b: 'inbound'" \
			"policy:4:12: drop: c: 'outbound'" \
			"policy:5:12: drop: d: 'ifindex'" \
			"policy:6:12: drop: e: 'protochain'" \
			"policy:7:12: drop: f: 'www.example.org' is a name" \
			"policy:8:12: drop: g: no packet can match"; do
		grep -qF "weir: $expected" <<<"$stderr" || {
			echo "wanted '$expected' in: $stderr"
			false
		}
	done
	is "$(names)" ""
	run --separate-stderr -1 n2 weir drop a udp prot 53
	complains "drop: a: "
	is "$(names)" ""
}

@test "a name is not looked up: nothing leaves the host" {
	command -v strace >/dev/null || skip "no strace"
	run -1 n2 strace -f -o "$BATS_TEST_TMPDIR/calls" -e trace=network \
		weir drop a host www.example.org
	run -1 n2 strace -f -o "$BATS_TEST_TMPDIR/calls" -A -e trace=network \
		weir drop a net example and ether host router
	not grep -E 'sin6?_port|nscd' "$BATS_TEST_TMPDIR/calls"
	grep -q . "$BATS_TEST_TMPDIR/calls"
}

@test "holes are noted, a line for each kind, until they are closed" {
	run --separate-stderr n2 weir drop ntp-amp udp src port 123
	is "$(wc -l <<<"$stderr")" 3
	notes "drop: ntp-amp does not see VLAN-tagged packets; guard tagged"
	notes "drop: ntp-amp does not see IPv6 packets with extension headers; guard extension-headers"
	notes "drop: ntp-amp does not see later fragments; guard fragments"
	run --separate-stderr n2 weir drop big greater 1000
	is "$stderr" ""
	run --separate-stderr n2 weir pass web tcp dst port 80
	is "$stderr" ""
	cd "$BATS_TEST_TMPDIR"
	printf '%s\n' 'drop a udp port 53' 'drop b tcp port 23' >policy
	run --separate-stderr n2 weir apply policy --check
	is "$(wc -l <<<"$stderr")" 3
	notes "policy: a (line 1), b (line 2) do not see VLAN-tagged packets"
	echo 'guard tagged fragments extension-headers' >>policy
	run --separate-stderr n2 weir apply policy --check
	is "$stderr" ""
	printf '%s\n' 'default drop' 'drop a ip and udp port 53' >policy
	run --separate-stderr n2 weir apply policy --check
	not grep "does not see" <<<"$stderr"
	echo 'pass b ip or vlan' >>policy
	run --separate-stderr n2 weir apply policy --check
	notes "policy:2: drop: a does not see VLAN-tagged packets"
	printf '%s\n' 'drop a ip and udp port 53' 'drop tags vlan' >policy
	run --separate-stderr n2 weir apply policy --check
	is "$(wc -l <<<"$stderr")" 1
	notes "policy:1: drop: a does not see later fragments"
}

# What the notes say is so: the disguised packet passes until the hole is closed.
@test "what is noted passes, and is dropped behind the rule that is advised" {
	local to="IP(src='203.0.113.7', dst='192.0.2.2')/UDP(sport=123)/('x' * 80)"

	n2 weir drop ntp-amp udp src port 123 2>/dev/null
	n1 send 1 "[E/$to, E/Dot1Q(vlan=1)/$to,
		E/IP(src='203.0.113.7', dst='192.0.2.2', frag=185, proto=17)/('x' * 80),
		E/IPv6(src='2001:db8:bad::7', dst='2001:db8:1::2')/IPv6ExtHdrDestOpt()/UDP(sport=123)/('x' * 80)]"
	await reason_is passed 3
	is "$(rules)" "ntp-amp 1"
	n2 weir drop tagged-ntp vlan and udp src port 123 2>/dev/null
	n1 send 1 "[E/$to, E/Dot1Q(vlan=1)/$to]"
	await rules_are "ntp-amp 2, tagged-ntp 1"
}
