# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# Every test gets this, fresh, and weir filters in n2:
#
#	  n1                          n2                          n3
#	  v1 ----------------------- v2
#	     192.0.2.1/24               192.0.2.2/24
#	     192.0.2.7, .8
#	     2001:db8:1::1/64           2001:db8:1::2/64
#	     2001:db8:1::7, ::8
#	                             w2 -------------------------- w3
#	                                198.51.100.2/24             198.51.100.3/24
#	                                2001:db8:2::2/64            2001:db8:2::3/64
#
# 203.0.113.0/24 and 2001:db8:bad::/48 are nobody's: who sends from there gets
# no answer, so nothing but what a test sends moves the counters.

bats_require_minimum_version 1.5.0

ROOT=$(cd "${BATS_TEST_DIRNAME:?}/../.." && pwd)
PATH=$ROOT:$PATH
BARE=$ROOT/build/bare.bpf.o
INSTANCE=/sys/fs/bpf/weir/default

# Send frames, in scapy's words, and print how many packets and bytes went:
#	n1 send 100 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
# E is the Ethernet header from v1 to v2.  A list is sent COUNT times over.
SEND='
import errno, logging, socket, sys, time
logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
from scapy.layers.l2 import *
from scapy.layers.inet import *
from scapy.layers.inet6 import *
from scapy.layers.ipsec import AH
E = Ether(src="02:00:00:00:01:01", dst="02:00:00:00:01:02")
frames = eval("(" + sys.argv[2] + ")")
frames = [bytes(f) for f in (frames if isinstance(frames, list) else [frames])]
with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
    s.bind(("v1", 0))
    for frame in frames * int(sys.argv[1]):
        while True:
            try:
                s.send(frame)
                break
            except OSError as e: # beside a flood there may be no room
                if e.errno != errno.ENOBUFS:
                    raise
                time.sleep(0.001)
print(len(frames) * int(sys.argv[1]), sum(map(len, frames)) * int(sys.argv[1]))
'

# `ip netns exec` would hide the bpffs.
n1() { inside n1 "$@"; }
n2() { inside n2 "$@"; }
n3() { inside n3 "$@"; }

inside() {
	local name=$1

	shift
	[[ $1 != send ]] || set -- /usr/bin/python3 -c "$SEND" "${@:2}"
	nsenter --net="/run/netns/$name" -- "$@"
}

# The same in the background, as process $started.
starts() {
	nsenter --net="/run/netns/$1" -- "${@:2}" 3>&- &
	started=$!
	background+=("$started")
}

namespace() {
	local ip6=/proc/sys/net/ipv6/conf

	ip netns add "$1"
	inside "$1" ip link set lo up
	inside "$1" bash -c "echo 0 >$ip6/default/accept_dad
			     echo 0 >$ip6/default/router_solicitations"
}

# Reports of multicast groups come when they like, and would be counted.
quiet() {
	inside "$1" nft -f - <<-EOF
	table ip6 quiet {
		chain output {
			type filter hook output priority 0
			icmpv6 type { 130, 131, 132, 133, 143 } drop
		}
	}
	EOF
}

topology() {
	background=()
	namespace n1
	namespace n2
	namespace n3
	quiet n1
	quiet n3
	n2 ip -batch - <<-EOF
		link add v2 index 12 address 02:00:00:00:01:02 type veth peer name v1 index 11 address 02:00:00:00:01:01 netns n1
		link add w2 index 22 address 02:00:00:00:02:02 type veth peer name w3 index 23 address 02:00:00:00:02:03 netns n3
		address add 192.0.2.2/24 dev v2
		address add 2001:db8:1::2/64 dev v2 nodad
		address add 198.51.100.2/24 dev w2
		address add 2001:db8:2::2/64 dev w2 nodad
		link set v2 up
		link set w2 up
	EOF
	n1 ip -batch - <<-EOF
		address add 192.0.2.1/24 dev v1
		address add 192.0.2.7/24 dev v1
		address add 192.0.2.8/24 dev v1
		address add 2001:db8:1::1/64 dev v1 nodad
		address add 2001:db8:1::7/64 dev v1 nodad
		address add 2001:db8:1::8/64 dev v1 nodad
		link set v1 up
	EOF
	n3 ip -batch - <<-EOF
		address add 198.51.100.3/24 dev w3
		address add 2001:db8:2::3/64 dev w3 nodad
		link set w3 up
	EOF
	await is_up n1
	await is_up n2
	await is_up n3
}

# All links of a namespace, and their addresses.
is_up() {
	not grep -v 'state UP' <<<"$(inside "$1" ip -oneline link show type veth)" &&
		[[ ! $(inside "$1" ip -oneline address show tentative) ]]
}

# Also after a failure, whatever the test left.
demolish() {
	((!${#background[@]})) || kill -KILL "${background[@]}" 2>/dev/null ||:
	wait
	find /sys/fs/bpf -mindepth 1 ! -name '*.debug' -delete
	ip -all netns delete
}

setup() { topology; }
teardown() { demolish; }

# Wait, at most five seconds or $patience, for a command to succeed.
await() {
	local deadline=$((SECONDS + ${patience:-5} * ${SLOWNESS:-1} + 1))

	until "$@" >/dev/null 2>&1; do
		((SECONDS < deadline)) || {
			echo "waited in vain for: $*"
			return 1
		}
		sleep 0.02
	done
}

await_not() {
	await not "$@"
}

not() {
	! "$@"
}

is() {
	[[ $1 == "$2" ]] || {
		echo "is '$1', not '$2'"
		return 1
	}
}

# After run --separate-stderr: one error, and it says all of these.
complains() {
	local text errors

	errors=$(grep -v '^weir: note: ' <<<"$stderr") ||:
	for text; do
		[[ $errors == *"$text"* && $errors == 'weir: '* &&
		   $errors != *$'\n'* ]] || {
			echo "wanted '$text' in the one line: $stderr"
			return 1
		}
	done
}

notes() {
	[[ $stderr == *"weir: note: "*"$1"* ]] || {
		echo "wanted a note '$1': $stderr"
		return 1
	}
}

# "PACKETS BYTES" of the entry that settles an address, once they are so.
counts() {
	await counts_now "$@" || {
		n2 weir lookup "$1"
		return 1
	}
}

counts_now() {
	[[ $(n2 weir lookup --json "$1" |
		jq -r '"\(.packets) \(.bytes)"') == "$2" ]]
}

# Packets counted under a reason.
reason() {
	n2 weir stats --json |
		jq --arg reason "$1" \
		   '.reasons[] | select(.reason == $reason) | .packets'
}

reason_is() { [[ $(reason "$1") == "$2" ]]; }

# What status says of an interface: a key of its JSON.
status_of() {
	n2 weir status --json |
		jq -r --arg name "$1" ".interfaces[] | select(.name == \$name) | .$2"
}

# The id of the XDP program on an interface: the kernel's word.
program_on() {
	inside "$1" ip -json link show dev "$2" |
		jq -r '.[0].xdp // {} | .prog.id // (.attached[]?.prog.id) // "none"'
}

no_pins() {
	is "$(find /sys/fs/bpf/weir -mindepth 1 2>/dev/null)" ""
}

# Nothing of weir is left: no pin, no program on the interfaces.
is_clean() {
	local interface

	no_pins
	for interface in v2 w2; do
		is "$(program_on n2 "$interface")" none
	done
}

# OFFSET=HEX...: overwrite bytes of the instance's record (struct weir_record).
record() {
	local value byte

	value=$(bpftool -j map lookup pinned "$INSTANCE/record" key 0 0 0 0 |
		jq -r '.value | join(" ")')
	read -ra value <<<"$value"
	for byte; do
		value[${byte%=*}]=${byte#*=}
	done
	bpftool map update pinned "$INSTANCE/record" key 0 0 0 0 \
		value hex "${value[@]}"
}

# A web server in n2, on both families.
serves() {
	mkdir -p "$BATS_TEST_TMPDIR/www"
	echo "well served" >"$BATS_TEST_TMPDIR/www/index.html"
	starts n2 python3 -m http.server -b :: -d "$BATS_TEST_TMPDIR/www" 8080 \
		>/dev/null 2>&1
	await n2 curl -sf http://192.0.2.2:8080/
}
