#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# deps.sh build|demo|check|kernels|bench: install, by apt, what that needs and
# lacks.
set -eu

build="gcc libc6-dev make clang llvm libbpf-dev libjansson-dev \
libmd-dev libpcap-dev"
demo="$build iproute2 ethtool util-linux procps python3 tcpdump"
check="$demo curl jq libcmocka-dev bats python3-scapy hping3 nftables \
iputils-ping openssh-client strace"
# Under systemd its installation would open this machine to the network.
[ -d /run/systemd/system ] || check="$check openssh-server"
kernels="qemu-system-x86 cpio kmod xz-utils debian-archive-keyring"
bench="$demo jq iptables nftables"

case ${1:-check} in
build) want=$build ;;
demo) want=$demo ;;
check) want=$check ;;
kernels) want=$kernels ;;
bench) want=$bench ;;
*)
	echo "deps: '$1' is not one of build, demo, check, kernels, bench" >&2
	exit 2
	;;
esac

missing() {
	for package in $want; do
		dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null |
			grep -qx installed || echo "$package"
	done
	# Ubuntu ships bpftool with each kernel's tools, Debian by itself.
	if ! PATH=$PATH:/usr/sbin bpftool version >/dev/null 2>&1 &&
	   ! ls /usr/lib/linux-tools*/*/bpftool >/dev/null 2>&1; then
		echo bpftool
	fi
}

lack=$(missing | tr '\n' ' ')
[ -n "$lack" ] || exit 0
if ! command -v apt-get >/dev/null; then
	echo "deps: please install: $lack" >&2
	exit 1
fi
if [ "$(id -u)" != 0 ]; then
	echo "deps: please run: sudo make deps   (missing: $lack)" >&2
	exit 1
fi
echo "installing: $lack"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
case " $lack " in
*" bpftool "*)
	if ! apt-cache show bpftool 2>/dev/null | grep -q '^Filename'; then
		lack=$(echo "$lack" | sed 's/bpftool/linux-tools-generic/')
	fi
	;;
esac
# shellcheck disable=SC2086 # a list of words
apt-get install -y -qq --no-install-recommends $lack >/dev/null
