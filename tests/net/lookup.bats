#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
# lookup --packet: what becomes of the packets of a capture, hostile ones too.

load lib

# FILE 'PYTHON': write a capture; 'good' are six packets, E as in n1 send.
captures() {
	cd "$BATS_TEST_TMPDIR"
	/usr/bin/python3 - "$1" <<-'EOF'
	import logging, os, sys
	logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
	from scapy.all import *
	E = Ether(src="02:00:00:00:01:01", dst="02:00:00:00:01:02")
	good = [E/IP(src="203.0.113.7")/UDP(sport=123)/("x" * 100),
	        E/IP(src="203.0.113.7")/UDP(sport=123)/"x",
	        E/IP(src="198.51.100.3")/TCP(dport=80),
	        E/Dot1Q(vlan=3)/IPv6(src="2001:db8::5")/IPv6ExtHdrDestOpt()/UDP(dport=1900),
	        E/ARP(),
	        E/IP(src="192.0.2.9")/UDP(sport=123)/("x" * 100)]
	def write(name, data):
	    with open(name, "wb") as f: f.write(data)
	def read(name):
	    with open(name, "rb") as f: return f.read()
	wrpcap("good.pcap", good)
	wrpcapng("good.pcapng", good)
	plain = read("good.pcap")
	exec(sys.argv[1])
	EOF
}

# "NUMBER VERDICT REASON RULE-OR-ENTRY" of each packet.
settled() {
	n2 weir lookup --json --packet "$1" |
		jq -r '.packets[] | "\(.number) \(.verdict) \(.reason) \(.rule // .entry)"'
}

policy() {
	n2 weir attach v2
	n2 weir deny 198.51.100.0/24 udp/1900
	n2 weir allow 192.0.2.9
	n2 weir count all ip
	n2 weir observe drop maybe ip
	n2 weir drop ntp-amp 'udp src port 123 and greater 90'
}

@test "each packet is told with what settled it, and nothing is counted" {
	policy
	captures ''
	for file in good.pcap good.pcapng; do
		is "$(settled "$file")" "1 drop rule ntp-amp
2 pass passed null
3 drop denied 198.51.100.0/24
4 drop denied-port udp/1900
5 pass not-ip null
6 pass allowed 192.0.2.9"
	done
	is "$(n2 weir stats --json | jq '[.rules[].packets] | add')" 0
	is "$(n2 weir show --json | jq '[.deny[].packets] | add')" 0
	is "$(reason denied)" 0
	run n2 weir lookup --packet good.pcap
	is "${lines[1]}" "     1     142  drop     rule              drop ntp-amp"
	is "${lines[3]}" "     3      54  drop     denied            deny 198.51.100.0/24 (runtime)"
}

@test "a pass and an abort rule are told by name, and what became live since" {
	n2 weir attach v2
	captures ''
	n2 weir pass small less 60
	n2 weir abort big greater 100
	is "$(settled good.pcap)" "1 abort rule big
2 pass rule small
3 pass rule small
4 pass passed null
5 pass rule small
6 abort rule big"
	n2 weir remove small
	is "$(settled good.pcap | sed -n 2p)" "2 pass passed null"
}

@test "a thousand packets are looked up, and said to be not all" {
	n2 weir attach v2
	captures 'wrpcap("many.pcap", [good[1]] * 1001); wrpcap("all.pcap", [good[1]] * 1000)'
	run --separate-stderr n2 weir lookup --json --packet many.pcap
	is "$(jq '[.more, (.packets | length)] | @csv' -r <<<"$output")" true,1000
	notes "only the first 1000 packets"
	run --separate-stderr n2 weir lookup --json --packet all.pcap
	is "$(jq '[.more, (.packets | length)] | @csv' -r <<<"$output")" false,1000
	is "$stderr" ""
}

@test "packets that were cut, are too short or too long are judged by what there is" {
	policy
	captures '
wrpcap("long.pcap", [E/IP(src="198.51.100.3", len=60000)/UDP(len=59980)/("x" * 70000),
                     Raw(b"1234567890"), Raw(b"12345678901234")])
record = plain[24:40]
write("cut.pcap", plain[:24] + record[:8] + b"\x40\0\0\0" + record[12:] + plain[40:40 + 64])'
	is "$(settled long.pcap)" "1 drop denied 198.51.100.0/24
2 null null null
3 pass not-ip null"
	is "$(n2 weir lookup --json --packet cut.pcap |
		jq -c '.packets[0] | [.bytes, .captured, .reason]')" '[142,64,"bad-length"]'
}

@test "what is no capture of Ethernet is refused in one line" {
	policy
	captures '
wrpcap("cooked.pcap", [CookedLinux()/IP()/UDP()])
wrpcap("raw.pcap", [IP()/UDP()])
write("link.pcap", plain[:20] + b"\xfe\x0f\0\0")
write("empty.pcap", b"")
write("head.pcap", plain[:20])
write("noise.pcap", bytes(range(1, 200)))'
	for expected in "cooked.pcap: a capture of link type LINUX_SLL" \
			"raw.pcap: a capture of link type IPV4" \
			"link.pcap: a capture of link type 4094" \
			"empty.pcap: not a capture" "head.pcap: not a capture" \
			"noise.pcap: not a capture" \
			"nowhere.pcap: No such file" ".: Is a directory"; do
		run --separate-stderr -1 n2 weir lookup --packet "${expected%%:*}"
		complains "$expected"
		is "$output" ""
	done
	n2 weir lookup --packet good.pcap
}

@test "of a damaged capture the packets before are told" {
	policy
	captures '
write("cut.pcap", plain[:-3])
write("huge.pcap", plain[:32] + b"\xff\xff\xff\x7f" * 2 + plain[40:])
write("cut.pcapng", read("good.pcapng")[:-5])'
	for file in cut.pcap cut.pcapng; do
		run --separate-stderr -1 n2 weir lookup --json --packet "$file"
		complains "$file: damaged behind packet 5"
		is "$(jq '.packets | length' <<<"$output")" 5
	done
	run --separate-stderr -1 n2 weir lookup --packet huge.pcap
	complains "huge.pcap: damaged behind packet 0"
	is "$output" ""
}

@test "bytes that were changed at random end in an answer or in one line" {
	policy
	captures '
import random
random.seed(4711)
for i in range(15):
    data = bytearray(read(random.choice(["good.pcap", "good.pcapng"])))
    for j in range(random.randrange(1, 12)):
        data[random.randrange(len(data))] = random.randrange(256)
    write("fuzz%d" % i, bytes(data))'
	for file in fuzz*; do
		run --separate-stderr n2 timeout 10 weir lookup --packet "$file"
		((status < 2))
		((status == 0)) || complains "$file: "
	done
}

@test "without a capture, an instance or words the rest is said" {
	captures ''
	run --separate-stderr -3 n2 weir lookup --packet good.pcap
	complains "nothing is attached"
	run --separate-stderr -2 n2 weir lookup --packet
	complains "needs a value"
	run --separate-stderr -2 n2 weir lookup 192.0.2.1 --packet good.pcap
	complains "an address or a capture"
	n2 weir attach v2
	is "$(n2 weir lookup --json --packet - <good.pcap | jq '.packets | length')" 6
}
