#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# weir lab: it makes its own topology, and this is what it has to look like:
#
#	weir-NAME-attacker                  weir-NAME-server
#	attacker0 ------------------------- server0
#	192.0.2.1/24                        192.0.2.2/24
#	2001:db8::1/64                      2001:db8::2/64

load lib

setup() {
	background=()
	ip link set lo up	# or the test's own namespace looks half made
	world=$(world)
}

teardown() { demolish; }

# All that a lab could leave in the caller's namespaces.
world() {
	find /run/netns -mindepth 1 | sort
	find /sys/fs/bpf/weir -mindepth 1 2>/dev/null | sort
	ip -json link show | jq -c '.[].ifname'
	for process in /proc/[0-9]*/ns/net; do
		readlink "$process"
	done | sort -u | wc -l
}

is_world() { [[ $(world) == "$world" ]]; }

# The key of status' JSON for a lab: lab NAME .server.exists
lab() { weir lab status "$1" --json | jq -r ".labs[0]$2"; }

# flood ARGUMENT...: its JSON, in $flooded.
floods() { flooded=$(weir lab flood "$@" --json); }

sent() { jq -r ".$1" <<<"$flooded"; }

# Check what tcpdump wrote, packet by packet: KIND VERSION PREFIX VLAN
CHECK='
import ipaddress, logging, sys
logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
from scapy.layers.dns import *
from scapy.layers.inet import *
from scapy.layers.inet6 import *
from scapy.layers.l2 import *
from scapy.utils import rdpcap
kind, version, prefix, vlan = sys.argv[2:]
prefix = ipaddress.ip_network(prefix)
six = version == "6"
packets = rdpcap(sys.argv[1])
seen = {"sources": set(), "ports": set(), "ids": set()}

def recomputed(packet):
    copy = Ether(bytes(packet))
    for layer in (IP, TCP, UDP, ICMP, ICMPv6EchoRequest):
        if layer in copy:
            field = "cksum" if layer is ICMPv6EchoRequest else "chksum"
            setattr(copy[layer], field, None)
    return bytes(copy)

def transport(packet):
    ip = packet[IPv6 if six else IP]
    if kind == "fragments":
        fragment = packet[IPv6ExtHdrFragment] if six else ip
        more = fragment.m if six else "MF" in ip.flags
        assert more and (fragment.offset if six else ip.frag) == 185, "bits"
        size = ip.plen - 8 if six else ip.len - 20
        assert size > 0 and size % 8 == 0, "length"
        seen["ids"].add(fragment.id)
    elif kind == "icmp":
        echo = packet[ICMPv6EchoRequest if six else ICMP]
        assert echo.type == (128 if six else 8), "type"
        seen["ids"].add((echo.id, echo.seq))
    elif kind in ("syn", "ack", "rst"):
        tcp = packet[TCP]
        assert str(tcp.flags) == {"syn": "S", "ack": "A", "rst": "R"}[kind]
        assert tcp.dport == 80 and len(tcp.payload) in (0, 6), "port"
        seen["ids"].add(tcp.seq)
        seen["ports"].add(tcp.sport)
    else:
        udp(packet[UDP])

def udp(udp):
    sport, dport, size = {"udp": (None, 9, None), "ntp": (123, 80, 448),
        "dns": (53, 80, 1109), "memcached": (11211, 80, 1408)}[kind]
    assert udp.dport == dport and sport in (None, udp.sport), "ports"
    assert size in (None, udp.len), "length"
    data = bytes(udp.payload)
    if kind == "ntp":
        assert data[0] == 0xd7 and data[3] == 42, "monlist"
    elif kind == "dns":
        dns = DNS(data)
        assert dns.qr == 1 and dns.ancount == 4 and len(data) > 1000, "answer"
        assert dns.qd.qname == b"example.com.", "question"
    elif kind == "memcached":
        assert data[8:].startswith(b"VALUE "), "value"
    else:
        seen["ports"].add(udp.sport)

for packet in packets:
    ip = packet[IPv6 if six else IP]
    assert packet.dst != "ff:ff:ff:ff:ff:ff"
    assert (packet[Dot1Q].vlan if Dot1Q in packet else 0) == int(vlan), "tag"
    assert ip.dst == ("2001:db8::2" if six else "192.0.2.2"), ip.dst
    assert ipaddress.ip_address(ip.src) in prefix, ip.src
    seen["sources"].add(ip.src)
    transport(packet)
    assert recomputed(packet) == bytes(packet), "checksum " + repr(packet)
assert len(packets) == 100, len(packets)
assert len(seen["sources"]) > 60, "sources"	# of 256 in a /24
for name in ("ports", "ids"):
    assert not seen[name] or len(seen[name]) > 90, name
'

# KIND VERSION PREFIX [OPTION...]: a hundred frames of it, as they arrive.
captured() {
	local file=$BATS_TEST_TMPDIR/pcap kind=$1 version=$2 prefix=$3 vlan=0

	shift 3
	[[ $* != *--vlan* ]] || vlan=10
	starts weir-default-server tcpdump -Z root -U --immediate-mode -c 100 \
		-i server0 -w "$file" "ether[12:2] == 0x8100 or
		(src net $prefix and not src host 192.0.2.1
		 and not icmp6[0] >= 130)" 2>"$file.log"
	await grep -q "listening on" "$file.log"
	weir lab flood "$kind" --sources "$prefix" --pps 400 --for 1s "$@"
	wait "$started"
	/usr/bin/python3 -c "$CHECK" "$file" "$kind" "$version" "$prefix" $vlan
}

kinds=(udp syn ack rst icmp ntp dns memcached fragments)

@test "up makes both sides, with both families and no way out" {
	run -0 weir lab up
	[[ $output == *"lab default: up"* ]]
	is "$(lab default .whole)" true
	is "$(lab default '.attacker.addresses | map(.address) | join(" ")')" \
		"192.0.2.1/24 2001:db8::1/64"
	is "$(lab default '.server.addresses | map(.address) | join(" ")')" \
		"192.0.2.2/24 2001:db8::2/64"
	weir lab ping -c 1 -W 1
	weir lab ping --ipv6 -c 1 -W 1
	for side in attacker server; do
		is "$(weir lab exec --in $side ip route show default)" ""
		is "$(weir lab exec --in $side ip -6 route show default)" ""
		is "$(weir lab exec --in $side sysctl -n net.ipv4.ip_forward)" 0
	done
	is "$(ip -json link show | jq -c '.[].ifname')" '"lo"'
}

@test "down leaves nothing, and a second one is a note" {
	weir lab up
	weir lab load
	weir lab exec weir deny 198.51.100.7
	run ! is_world
	run -0 weir lab down
	await is_world
	run -0 --separate-stderr weir lab down
	notes "there is no 'default'"
}

@test "down says who is still inside, and takes the veth all the same" {
	weir lab up
	starts weir-default-server sleep 60
	run -0 --separate-stderr weir lab down
	notes "process $started among them"
	is "$(nsenter -t "$started" --net ip -json link show |
		jq -c 'map(.ifname)')" '["lo"]'
	kill -KILL "$started"
	await is_world
}

@test "a name that is taken is refused, and the lab that has it stays" {
	weir lab up one
	run -1 --separate-stderr weir lab up one
	complains "'one' is there already" "weir lab down one"
	weir lab ping one -c 1 -W 1
}

@test "names: letters, digits, '-' and '_', at most 27" {
	for name in '' a.b ../x -- "$(printf '%028d' 0)" 'a b'; do
		run ! weir lab up -- "$name"
		is_world
	done
	weir lab up "$(printf '%027d' 0)"
	weir lab load "$(printf '%027d' 0)"
	weir lab down "$(printf '%027d' 0)"
	await is_world
}

@test "an up that fails half-way leaves nothing" {
	run -1 --separate-stderr env PATH=/nonexistent "$ROOT/weir" lab up
	complains "ip link add server0" "install iproute2"
	await is_world
}

@test "an up that is killed at any moment is told as such, and down leaves nothing" {
	for delay in 0 1 2 3 4 5 6 8 10 12 14 17 20 23 26 30 35 40 50; do
		weir lab up killed >/dev/null 3>&- &
		sleep "0.0$(printf '%02d' $delay)"
		kill -KILL $! || :
		wait $! || :
		run -0 weir lab status --json
		if [[ $(jq '.labs[0].whole' <<<"$output") == false ]]; then
			run -1 --separate-stderr weir lab exec killed true
			complains "half made" "weir lab down killed"
			run -1 weir lab up killed
			halves+=x
		fi
		weir lab down killed
		await is_world
	done
	[[ -n $halves ]]
	weir lab up killed
	weir lab ping killed -c 1 -W 1
}

@test "exec keeps the pins in sight and gives each lab an instance" {
	weir lab up
	weir lab load
	run -0 weir lab exec ls /sys/fs/bpf/weir
	is "$output" lab-default
	is "$(weir lab exec weir status --json | jq -r .instance)" lab-default
	is "$(weir lab exec weir --json stats | jq -r .instance)" lab-default
	is "$(weir lab stats --json | jq -r .instance)" lab-default
	is "$(weir --json lab stats | jq -r .instance)" lab-default
}

@test "exec hands on words and exit code" {
	weir lab up
	run -7 weir lab exec sh -c 'exit 7'
	run -0 weir lab exec echo --json --help -- "a  b"
	is "$output" "--json --help -- a  b"
	run -0 weir lab exec --in attacker ip -json address show attacker0
	run -1 --separate-stderr weir lab exec nosuchcommand
	complains "'nosuchcommand'"
	run -1 --separate-stderr weir lab exec --in middle true
	complains "'middle'" "attacker, server"
	run -2 --separate-stderr weir lab exec
	complains "which command"
	run -2 --separate-stderr weir lab exec --frob true
	complains "--frob"
}

@test "without a lab every verb is exit code 3" {
	for words in "status x" "exec true" enter ping tcpdump load stats \
		     "flood udp" "flood x udp"; do
		# shellcheck disable=SC2086
		run -3 --separate-stderr weir lab $words
		complains "weir lab up"
	done
	run -2 --separate-stderr weir lab
	run -2 --separate-stderr weir lab frob
	complains "unknown verb 'frob'"
	run -0 weir lab status
	[[ $output == *"weir lab up"* ]]
}

@test "enter is a shell inside" {
	weir lab up two
	run -0 --separate-stderr env SHELL=/bin/sh weir lab enter two \
		< <(echo 'echo $WEIR_LAB $WEIR_INSTANCE; ip -br link show server0')
	[[ ${lines[0]} == "two lab-two" && ${lines[1]} == server0* ]]
	notes "server of lab 'two'"
}

@test "tcpdump shows what arrives" {
	weir lab up
	weir lab tcpdump -Z root -l -c 1 icmp >"$BATS_TEST_TMPDIR/seen" \
		2>"$BATS_TEST_TMPDIR/log" 3>&- &
	background+=($!)
	await grep -q "listening on server0" "$BATS_TEST_TMPDIR/log"
	weir lab ping -c 1 -W 1
	wait $!
	grep -q "192.0.2.1 > 192.0.2.2: ICMP echo request" \
		"$BATS_TEST_TMPDIR/seen"
}

@test "two labs at once do not meet" {
	weir lab up one
	weir lab up two
	is "$(weir lab status --json | jq -c '.labs | map(.name)')" '["one","two"]'
	weir lab load one
	weir lab load two
	weir lab exec one weir deny 192.0.2.1
	run ! weir lab ping one -c 1 -W 0.3
	weir lab ping two -c 1 -W 1
	floods one udp --for 1s --pps 1000
	is "$(weir lab stats one --json | jq '.verdicts.pass.packets > 999')" true
	is "$(weir lab stats two --json | jq '.verdicts.pass.packets < 999')" true
	weir lab down one
	weir lab ping two -c 1 -W 1
	is "$(weir lab exec two weir status --json | jq -r .instance)" lab-two
	weir lab down --all
	await is_world
}

@test "floods over IPv4 are what they say" {
	weir lab up
	for kind in "${kinds[@]}"; do
		captured "$kind" 4 198.51.100.0/24 || {
			echo "$kind"
			false
		}
	done
}

@test "floods over IPv6 are what they say" {
	weir lab up
	for kind in "${kinds[@]}"; do
		captured "$kind" 6 2001:db8:bad::/48 || {
			echo "$kind"
			false
		}
	done
}

@test "floods can have a tag" {
	weir lab up
	captured udp 4 203.0.113.0/24 --vlan 10
	captured fragments 6 2001:db8:bad::/48 --vlan 10
}

@test "a flood says what it sent" {
	weir lab up
	run -0 weir lab flood syn --for 1s --pps 500
	[[ $output == "syn: 500 packets of 60 bytes from 198.18.0.0/15 to 192.0.2.2 in 1.0"* ]]
	floods syn --for 1s --pps 500 --ipv6 --size 100
	is "$(sent packets) $(sent bytes) $(sent lost) $(sent size)" \
		"500 50000 0 100"
	is "$(sent from) $(sent to) $(sent good)" "2001:db8::/32 2001:db8::2 null"
	floods udp --for 1s --sources 2001:db8:1::/64 --pps 10
	is "$(sent from)" 2001:db8:1::/64
	run -0 weir --json lab flood udp --for 1s --pps 10
	is "$(jq -r .kind <<<"$output")" udp
}

@test "attach, flood, deny: what is sent is counted, as passed and then as dropped" {
	weir lab up
	weir lab load
	floods udp --for 1s --sources 198.51.100.0/24
	passed=$(weir lab stats --json | jq .verdicts.pass.packets)
	((passed >= $(sent packets) - $(sent lost)))
	is "$(weir lab stats --json | jq .verdicts.drop.packets)" 0
	weir lab exec weir deny 198.51.100.0/24
	floods udp --for 1s --sources 198.51.100.0/24
	is "$(weir lab stats --json | jq .verdicts.drop.packets)" \
		$(($(sent packets) - $(sent lost)))
	floods udp --for 1s --sources 203.0.113.0/24 --pps 100
	((passed += 100))
	((passed <= $(weir lab stats --json | jq .verdicts.pass.packets)))
}

@test "good traffic is answered, and is not once its source is denied" {
	weir lab up
	for family in "" --ipv6; do
		floods udp --for 1s --pps 1000 --good 100/s $family
		is "$(sent good.answers)" "$(sent good.requests)"
		(($(sent good.requests) >= 99 && $(sent good.requests) <= 120))
	done
	weir lab load
	weir lab exec weir deny 198.18.0.0/15
	floods udp --for 1s --good 100/s
	(($(sent good.answers) * 10 > $(sent good.requests) * 9))
	weir lab exec weir deny 192.0.2.1
	floods udp --for 1s --pps 1000 --good 100/s
	is "$(sent good.answers)" 0
	weir lab exec weir remove deny 192.0.2.1
	run -0 weir lab flood udp --for 1s --pps 1000 --good 100/s
	[[ ${lines[1]} =~ ^good:\ 1[0-9]+\ of\ 1[0-9]+\ requests ]]
}

@test "a flood ends early, and tells what it sent, when it is interrupted" {
	weir lab up
	weir lab flood udp --pps 100 --for 10m >"$BATS_TEST_TMPDIR/out" 3>&- &
	background+=($!)
	sleep 0.5
	start=$SECONDS
	kill -TERM $!
	wait $!
	((SECONDS - start < 3))
	grep -q "^udp: [0-9]* packets" "$BATS_TEST_TMPDIR/out"
}

@test "a flood has bounds" {
	weir lab up
	while read -r words; do
		# shellcheck disable=SC2086
		run -1 --separate-stderr weir lab flood udp $words
		complains "${words##* }"
	done <<-END
		--for 601s
		--for 11m
		--for 1h
		--for 10
		--for 0s
		--pps 0
		--pps 1k
		--pps 100000001
		--good 0/s
		--good 100
		--good 10001/s
		--port 65536
		--vlan 4095
		--vlan 0
		--size 1515
		--size 59
		--sources 10.0.0.0/8
		--sources 198.18.0.0/14
		--sources 0.0.0.0/0
		--sources 2001:db8::/31
		--sources 192.0.2.1/24
		--ipv6 --sources 192.0.2.0/24
	END
	run -2 --separate-stderr weir lab flood smurf
	complains "'smurf'" memcached
	run -2 --separate-stderr weir lab flood
	run -2 --separate-stderr weir lab flood udp --dev eth0
	complains "--dev"
	is "$(weir lab exec --in attacker ethtool -S attacker0 |
		awk '/xdp_xmit:/ { sum += $2 } END { print sum }')" 0
}

@test "an interface that is not the lab's is not flooded" {
	weir lab up
	floods udp --for 1s --pps 10
	weir lab exec ip link delete server0
	ip netns add elsewhere
	ip link add attacker0 netns weir-default-attacker type veth \
		peer name server0 netns elsewhere
	ip -n weir-default-attacker link set attacker0 up
	ip -n elsewhere link set server0 up
	run -1 --separate-stderr weir lab flood udp
	complains server0
	ip -n weir-default-server link add server0 type veth peer name other
	run -1 --separate-stderr weir lab flood udp
	complains "refused" "not the two ends"
	ip -n weir-default-server link delete server0
	ip -n weir-default-server link add server0 type dummy || return 0
	run -1 --separate-stderr weir lab flood udp
	complains "refused" "not the two ends"
}

@test "a lab whose name leads to the initial namespace is not flooded" {
	weir lab up
	for side in server attacker; do
		umount "/run/netns/weir-default-$side"
		mount --bind /proc/1/ns/net "/run/netns/weir-default-$side"
		run -1 --separate-stderr weir lab flood udp
		complains "initial network namespace"
	done
}

@test "an instance of the lab's name that is not in the lab stays" {
	ip netns add other
	ip -n other link add o1 type veth peer name o2
	nsenter --net=/run/netns/other weir --instance lab-mine attach o1
	run -1 --separate-stderr weir lab up mine
	complains "instance 'lab-mine'" "detach --all"
	nsenter --net=/run/netns/other weir --instance lab-mine detach --all
	weir lab up mine
	nsenter --net=/run/netns/other weir --instance lab-mine attach o1
	weir lab down mine
	nsenter --net=/run/netns/other weir --instance lab-mine status
}

@test "VLANs work, or the kernel's lack of them is told and nothing is left" {
	if ip link add link lo name probe type vlan id 1 2>/dev/null; then
		ip link delete probe
	else
		run -1 --separate-stderr weir lab up --vlan 10
		complains "type vlan id 10" "leave out --vlan"
		await is_world
		skip "this kernel has no 802.1Q interfaces"
	fi
	weir lab up --vlan 10 --vlan=20
	weir lab exec --in attacker ping -c 1 -W 1 203.0.113.2
	weir lab exec --in attacker ping -c 1 -W 1 203.0.113.18
	weir lab exec --in attacker ping -c 1 -W 1 2001:db8:20::2
	weir lab down
	await is_world
}

@test "bad VLANs are refused before anything is made" {
	for words in "--vlan 0" "--vlan 4095" "--vlan x" "--vlan 5 --vlan 5"; do
		# shellcheck disable=SC2086
		run -1 --separate-stderr weir lab up $words
		complains --vlan
		is_world
	done
	run -2 --separate-stderr weir lab up --vlan
	# shellcheck disable=SC2046
	run -1 weir lab up $(printf -- '--vlan %d ' {1..17})
	is_world
}
