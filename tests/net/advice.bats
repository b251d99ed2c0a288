#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# That status reads its facts right; what it makes of others is a unit test's.

load lib

setup() {
	topology
	n2 weir attach v2
}

warns()  { n2 weir status | grep -q "^warning: .*$1"; }
fix_of() {
	n2 weir status --json |
		jq -r --arg text "$1" '.warnings[] | select(.text | contains($text)).fix'
}

@test "an offload that takes VLAN tags off is read right, and its fix is one" {
	warns "v2: a receive offload takes VLAN tags off"
	n2 ethtool -K v2 rxvlan off
	run ! warns "VLAN tags"
	n2 ethtool -K v2 rxvlan on
	warns "v2: a receive offload takes VLAN tags off"
	[[ $(fix_of "VLAN tags") == "ethtool -K v2 rxvlan off"* ]]
}

@test "bulk TCP on veth is warned of once an interface, until the MTU is large" {
	n2 weir attach w2
	is "$(n2 weir status --json |
		jq '[.warnings[].text | select(contains("bulk TCP"))] | length')" 2
	[[ $(fix_of "v2: bulk TCP") == *"9000"* ]]
	n1 ip link set v1 mtu 9000
	n2 ip link set v2 mtu 9000
	run ! warns "v2: bulk TCP"
	warns "w2: bulk TCP"
	n2 weir detach w2
	run ! warns "bulk TCP"
}

@test "generic mode is said, and is no matter of bulk TCP" {
	n2 weir detach v2
	n2 weir attach --mode generic v2
	warns "v2 is filtered in GENERIC mode"
	run ! warns "bulk TCP"
}

@test "an interface that is elsewhere is not advised on" {
	n2 ip link set v2 netns n3
	run ! warns "v2: "
}

@test "a dummy that does not say has no warnings of offloads or queues" {
	n2 ip link add d2 type dummy || skip "this kernel has no dummy interfaces"
	n2 weir --instance d attach --mode generic d2
	is "$(n2 weir --instance d status --json |
		jq -r '.warnings[].text | select(startswith("d2: "))')" ""
}

@test "a bpffs of another mount namespace alone is warned of" {
	run ! warns "bpffs"
	run -0 unshare --mount bash -c '
		mount -t bpf bpf /sys/fs/bpf
		nsenter --net=/run/netns/n2 -- weir --instance mine attach w2
		nsenter --net=/run/netns/n2 -- weir --instance mine status'
	[[ $output == *"warning: /sys/fs/bpf is a bpffs of this mount namespace alone"* ]]
}

@test "where 'ip netns exec' hides the instance, status says that" {
	run -3 --separate-stderr ip netns exec n2 weir status
	complains "nothing is attached"
	notes "/sys/fs/bpf is no bpffs here"
	notes "nsenter --net=/run/netns/NAME"
	run -3 --separate-stderr n2 weir --instance none status
	complains "nothing is attached"
	[[ $stderr != *note:* ]]
}

@test "tables are shown with their entries and memory, which adds up" {
	n2 weir deny 203.0.113.7 198.51.100.0/24 2001:db8:bad::/48
	n2 weir allow 192.0.2.1
	is "$(n2 weir status --json | jq '[.tables[].bytes] | add')" \
		"$(n2 weir status --json | jq .memory_bytes)"
	is "$(n2 weir status --json | jq '[.tables[] |
		select(.name | startswith("prefix")).entries] | add')" 4
	n2 weir remove deny 203.0.113.7
	is "$(n2 weir status --json | jq '[.tables[] |
		select(.name | startswith("prefix")).entries] | add')" 3
	is "$(n2 weir status --json | jq '.tables[] |
		select(.name == "counters").entries')" 1
	n2 weir attach w2
	is "$(n2 weir status --json | jq '.tables[] |
		select(.name == "counters").entries')" 2
	n2 weir status | grep -Eq '^counters +2 +64 +[0-9]+$'
}

@test "the kernel is shown with those of its features that weir uses" {
	is "$(n2 weir status --json | jq -r .kernel.release)" "$(uname -r)"
	n2 weir status | grep -Fq "kernel $(uname -r): "
	features=$(n2 weir status --json | jq -c .kernel.features)
	if [[ $(printf '%s\n' 5.18 "$(uname -r)" | sort -V | head -n 1) == 5.18 ]]; then
		[[ $features == *'"frags"'* ]]
	else
		[[ $features != *'"frags"'* ]]
	fi
	if [[ -e /sys/kernel/btf/vmlinux ]]; then
		[[ $features == *'"btf"'* ]]
		run ! warns BTF
	else
		warns BTF
	fi
}
