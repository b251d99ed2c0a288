# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What benches on live frames share: two namespaces and a veth pair, the flood,
# its time.  Sourcing it starts the script anew in namespaces of its own.
cd "$(dirname "$0")/.."

if [ "$(id -u)" != 0 ]; then
	echo "bench: be root" >&2
	exit 1
fi
if [ -z "${WEIR_BENCH_INSIDE:-}" ]; then
	exec env WEIR_BENCH_INSIDE=1 unshare --mount --net --pid --fork \
		--kill-child --mount-proc "bench/${0##*/}" "$@"
fi
unset WEIR_INSTANCE WEIR_BPFFS

mkdir -p /run/netns
mount -t tmpfs tmpfs /run/netns
mount -t bpf bpf /sys/fs/bpf
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

gen() { nsenter --net=/run/netns/gen "$@"; }
rx() { nsenter --net=/run/netns/rx "$@"; }

ip netns add gen
ip netns add rx
ip -n gen link add v0 type veth peer name v1 netns rx
ip -n gen addr add 192.0.2.1/24 dev v0
ip -n rx addr add 192.0.2.2/24 dev v1
ip -n gen link set v0 up
ip -n rx link set v1 up
rx ethtool -K v1 gro on
mac=$(ip -n rx -j link show v1 | sed 's/.*"address":"\([^"]*\)".*/\1/')

# Nanoseconds a frame of FRAMES frames; nothing where a queue was full.
flood_ns() { # MAC, then options of the flood
	local to_mac=$1

	shift
	gen nice -n -20 taskset -c 0 build/flood v0 --to 192.0.2.2 --to-mac "$to_mac" \
		--sources fixed --count "$FRAMES" --for 60 --json "$@" |
		jq -r 'select(.lost * 1000 < .frames) |
			.seconds * 1e9 / .frames'
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
