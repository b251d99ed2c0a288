# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# What commands print, word for word.  A test keeps a record of what it did,
#
#	$ weir deny 80abc
#	weir: deny: not an address or prefix: '80abc'
#	exit 1
#
# and compares it with NAME.ok; UPDATE=1 writes that file anew instead.
#
#	n1                       n2, where weir filters
#	v1 --------------------- v2
#	   192.0.2.1, .66           192.0.2.2
#
# Neighbours are known and IPv6 is off: nothing moves but what a test sends.

bats_require_minimum_version 1.5.0

WEIR=$(cd "${BATS_TEST_DIRNAME:?}/../.." && pwd)/weir

n1() { nsenter --net=/run/netns/n1 -- "$@"; }
n2() { nsenter --net=/run/netns/n2 -- "$@"; }

setup() {
	local name

	record=$BATS_TEST_TMPDIR/record
	: >"$record"
	for name in n1 n2; do
		ip netns add "$name"
		"$name" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	done
	n2 ip link add v2 index 12 address 02:00:00:00:00:02 type veth \
		peer name v1 index 11 address 02:00:00:00:00:01 netns n1
	n1 ip address add 192.0.2.1/24 dev v1
	n1 ip address add 192.0.2.66/24 dev v1
	n2 ip address add 192.0.2.2/24 dev v2
	n1 ip link set v1 up
	n2 ip link set v2 up
	n1 ip neighbour add 192.0.2.2 lladdr 02:00:00:00:00:02 dev v1
	n2 ip neighbour add 192.0.2.1 lladdr 02:00:00:00:00:01 dev v2
	# What goes to 198.51.100.1 comes from .66.
	n1 ip route add 198.51.100.1 via 192.0.2.2 src 192.0.2.66
}

teardown() {
	n2 "$WEIR" detach --all 2>/dev/null ||:
	ip netns delete n1
	ip netns delete n2
}

# What is another in every run or on another machine: times, ids, memory, the
# kernel, tables, the version.
steady() {
	sed -E -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z/TIME/g' \
		-e 's/"time":[0-9.]+/"time":SECONDS/' \
		-e 's/rates over [0-9.]+ s$/rates over N s/' \
		-e 's/^memory [0-9.]+ MiB$/memory N MiB/' \
		-e 's/"memory_bytes":[0-9]+/"memory_bytes":N/' \
		-e 's/^kernel .*: .*/kernel RELEASE: FEATURES/' \
		-e 's/"kernel":\{[^}]*\}/"kernel":KERNEL/' \
		-e '/^table  /,/^$/d' \
		-e 's/"tables":\[[^]]*\]/"tables":TABLES/' \
		-e 's/^(.{26}(native|generic) +) [ 0-9]{7}[0-9]  /\1       ID  /' \
		-e 's/"program_id":[0-9]+/"program_id":ID/' \
		-e 's/^weir [0-9]+\.[0-9]+\.[0-9]+(-[a-z0-9]+)?$/weir VERSION/' \
		-e 's/"version":"[^"]+"/"version":"VERSION"/'
}

# Run weir for the record.  'as' stands for words too many to be written down.
weir() {
	local code=0

	printf '$ %sweir%s\n' "${WEIR_INSTANCE:+WEIR_INSTANCE=$WEIR_INSTANCE }" \
		"${as:-$( (($# == 0)) || printf ' %q' "$@")}" >>"$record"
	n2 timeout 20 "$WEIR" "$@" >"$record.out" 2>&1 || code=$?
	steady <"$record.out" >>"$record"
	echo "exit $code" >>"$record"
}

# Run weir for what it prints.
ask() { n2 timeout 20 "$WEIR" "$@"; }

attached() {
	ask attach v2 2>/dev/null
}

# A note for the reader of the record.
remark() { echo "# $*" >>"$record"; }

golden() {
	local ok=$BATS_TEST_DIRNAME/$1.ok

	if [[ -n ${UPDATE-} ]]; then
		cp "$record" "$ok"
	else
		diff -u "$ok" "$record"
	fi
}

# One packet each of 43 bytes, from .66; then one of 98 from .1, whose answer
# says that all came through.
foe_sends() {
	local n

	for ((n = 0; n < $1; n++)); do
		n1 bash -c 'printf x >/dev/udp/198.51.100.1/9'
	done
	n1 ping -q -c 1 192.0.2.2 >/dev/null
}
