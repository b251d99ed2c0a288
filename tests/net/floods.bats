#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
#
# The rules that weir-policy(5) teaches, taken from the page itself: each drops
# its flood, and not what resembles it.

load lib

PAGE=$ROOT/doc/weir-policy.5

# The rules of the page, as a policy.
rules() {
	sed -n '/^\.Ss Floods/,/^\.Ss [^F]/s/^\.Dl //p' "$PAGE"
}

# NAME, the flood, and near misses after it, in scapy's words; IP4 and IP6 go
# from an address that is nobody's to n2.
floods() {
	cat <<-'EOF'
	ntp-amp       IP4/UDP(sport=123)/Z(440)
	-             IP4/UDP(sport=123)/Z(48)
	-             IP4/UDP(dport=123, sport=5)/Z(440)
	ntp-amp       IP6/UDP(sport=123)/Z(440)
	dns-amp       IP4/UDP(sport=53)/Z(560)
	-             IP4/UDP(sport=53)/Z(500)
	-             IP(src="192.0.2.53", dst="192.0.2.2")/UDP(sport=53)/Z(560)
	memcached     IP4/UDP(sport=11211)/Z(1400)
	-             IP4/UDP(sport=11212)/Z(1400)
	-             IP4/TCP(sport=11211, flags="A")/Z(1400)
	ssdp          IP4/UDP(sport=1900)/Z(300)
	-             IP4/UDP(dport=1900, sport=5)/Z(300)
	chargen       IP4/UDP(sport=19)/Z(1000)
	-             IP4/UDP(dport=19, sport=5)/Z(1000)
	cldap         IP4/UDP(sport=389)/Z(1400)
	-             IP4/UDP(sport=389)/Z(100)
	syn-bare      IP4/TCP(sport=5, dport=80, flags="S")
	-             IP4/TCP(sport=5, dport=80, flags="S", options=[("MSS", 1460)])
	-             IP4/TCP(sport=5, dport=80, flags="SA")
	-             IP4/TCP(sport=5, dport=80, flags="A")
	syn-odd       IP4/TCP(sport=5, dport=80, flags="S", options=[("NOP", None)] * 4)
	-             IP4/TCP(sport=5, dport=80, flags="S", options=[("MSS", 1460), ("SAckOK", b""), ("NOP", None), ("NOP", None)])
	-             IP4/TCP(sport=5, dport=80, flags="A", options=[("NOP", None)] * 4)
	syn-data      IP4/TCP(sport=5, dport=80, flags="S", options=[("MSS", 1460)])/Z(1)
	-             IP4/TCP(sport=5, dport=80, flags="SA", options=[("MSS", 1460)])/Z(1)
	ping-big      IP4/ICMP()/Z(1000)
	-             IP4/ICMP()/Z(900)
	-             IP4/ICMP(type=0)/Z(1000)
	frags4        IP(src="203.0.113.7", dst="192.0.2.2", flags="MF")/UDP(sport=5)/Z(64)
	frags4        IP(src="203.0.113.7", dst="192.0.2.2", frag=185, proto=17)/Z(64)
	-             IP(src="203.0.113.7", dst="192.0.2.2", flags="DF")/UDP(sport=5)/Z(64)
	frags6        IP6/IPv6ExtHdrFragment(offset=0, m=1)/UDP(sport=5)/Z(64)
	-             IP6/IPv6ExtHdrDestOpt()/UDP(sport=5)/Z(64)
	source-query  IP4/UDP(sport=5, dport=27015)/b"\xff\xff\xff\xffTSource Engine Query\0"
	-             IP4/UDP(sport=5, dport=27015)/b"\xff\xff\xff\xffU"
	-             IP4/UDP(sport=5, dport=27016)/b"\xff\xff\xff\xffTSource Engine Query\0"
	http-post     IP4/TCP(sport=5, dport=80, flags="PA")/b"POST /xmlrpc.php"
	http-post     IP4/TCP(sport=5, dport=80, flags="PA", options=[("NOP", None)] * 8)/b"POST /xmlrpc.php"
	-             IP4/TCP(sport=5, dport=80, flags="PA")/b"GET /POST"
	EOF
}

# Packets that a rule matched.
matched() {
	n2 weir stats --json |
		jq --arg name "$1" '.rules[] | select(.name == $name) | .packets'
}

drops_are() {
	is "$(n2 weir stats --json | jq .verdicts.drop.packets)" "$1"
}

# "NAME NUMBER" of the rules that matched any packets.
rule_counts() {
	n2 weir stats --json |
		jq -r '.rules[] | select(.packets > 0) | "\(.name) \(.packets)"'
}

frames() {
	awk -v kind="$1" '(($1 == "-") == (kind == "near")) {
		sub(/^[^ \t]+[ \t]+/, ""); printf "E/%s,", $0 }' <<<"$(floods)" |
		sed -e 's/IP4/IP(src="203.0.113.7", dst="192.0.2.2")/g' \
		    -e 's/IP6\//IPv6(src="2001:db8:bad::7", dst="2001:db8:1::2")\//g' \
		    -e 's/Z(\([0-9]*\))/(b"z" * \1)/g'
}

@test "each rule of the page drops its flood, of which there is one here" {
	n2 weir attach v2
	rules >"$BATS_TEST_TMPDIR/policy"
	n2 weir apply "$BATS_TEST_TMPDIR/policy"
	is "$(rules | awk '{ print $2 }' | sort)" \
	   "$(floods | awk '$1 != "-" { print $1 }' | sort -u)"
	n1 send 1 "[$(frames flood)]"
	await drops_are "$(floods | grep -vc '^-')"
	is "$(rule_counts | sort)" \
	   "$(floods | awk '$1 != "-" { n[$1]++ } END { for (i in n) print i, n[i] }' | sort)"
	is "$(reason passed)" 0
}

@test "what resembles a flood passes them all" {
	n2 weir attach v2
	rules >"$BATS_TEST_TMPDIR/policy"
	n2 weir apply "$BATS_TEST_TMPDIR/policy"
	n1 send 1 "[$(frames near)]"
	await reason_is passed "$(floods | grep -c '^-')"
	is "$(rule_counts)" ""
}

@test "the same words typed as commands are the same rules" {
	n2 weir attach v2
	while read -r rule; do
		eval "n2 weir $rule"
	done <<<"$(rules)"
	n2 weir show | grep '^drop' >"$BATS_TEST_TMPDIR/typed"
	rules >"$BATS_TEST_TMPDIR/policy"
	n2 weir apply "$BATS_TEST_TMPDIR/policy"
	is "$(n2 weir show | grep '^drop')" "$(cat "$BATS_TEST_TMPDIR/typed")"
	(($(wc -l <"$BATS_TEST_TMPDIR/typed") >= 13))
}

@test "what the page says of tags, headers and lengths is so" {
	n2 weir attach v2
	n2 weir apply - <<-'EOF'
		count untagged   udp port 53
		count one        vlan and udp port 53
		count either     udp port 53 or (vlan and udp port 53)
		count two        vlan and vlan and udp port 53
		count surprise   not vlan and ip
		count second     vlan 1 or vlan 2
		count header     ip6 and udp
		count ports      ip6 and udp port 53
		count at-least   ether src 02:00:00:00:00:aa and greater 90
		count at-most    ether src 02:00:00:00:00:aa and less 90
		count not-there  'not ip[1000] == 1 and ip'
	EOF
	n1 send 1 "[E/IP(src='203.0.113.7', dst='192.0.2.2')/UDP(sport=5, dport=53),
		 E/Dot1Q(vlan=1)/IP(src='203.0.113.7', dst='192.0.2.2')/UDP(sport=5, dport=53),
		 E/Dot1Q(vlan=2)/IP(src='203.0.113.7', dst='192.0.2.2')/UDP(sport=5, dport=53),
		 E/Dot1Q(vlan=1)/Dot1Q(vlan=2)/IP(src='203.0.113.7', dst='192.0.2.2')/UDP(sport=5, dport=53)]"
	await reason_is passed 4
	is "$(rule_counts)" "untagged 1
one 2
either 3
two 1
second 2"
	n1 send 1 "[E/IPv6(src='2001:db8:bad::7', dst='2001:db8:1::2')/h/UDP(sport=5, dport=53)
		for h in (IPv6ExtHdrFragment(), IPv6ExtHdrDestOpt())]"
	await reason_is passed 6
	is "$(matched header) $(matched ports)" "1 0"
	n1 send 1 "[Ether(src='02:00:00:00:00:aa', dst='02:00:00:00:01:02', type=0x88b5)/('x' * (n - 14))
		for n in (89, 90, 91)]"
	await reason_is not-ip 3
	is "$(matched at-least) $(matched at-most)" "2 2"
}
