#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only

load lib

@test "show of an empty policy" {
	attached
	weir show
	weir show --json
	golden show-empty
}

@test "show is sorted, allow before deny, IPv4 before IPv6" {
	attached
	weir deny 2001:db8::/32 192.0.2.9 10.0.0.0/8 ::1 9.9.9.9 192.0.2.0/24
	weir allow 2001:db8::1 198.51.100.1 10.1.2.3
	weir deny 10.0.0.0/9 10.0.0.0
	weir show
	weir show --json
	golden show-sorted
}

@test "what show prints can be said again, and changes nothing" {
	local before statement

	attached
	ask deny 192.0.2.9 192.0.2.0/24 2001:db8::/32 ::/0 10.0.0.0/8
	ask allow 10.1.2.3 2001:db8:1::/48 2>/dev/null
	before=$(ask show)
	while read -r statement; do
		# shellcheck disable=SC2086
		case $statement in
		'#'*|default*) ;;
		*) weir $statement ;;
		esac
	done <<<"$before"
	[[ $(ask show) == "$before" ]]
	golden show-again
}

@test "what show prints makes the same policy elsewhere" {
	local before statement

	attached
	ask deny 192.0.2.9 192.0.2.0/24 2001:db8::/32 ::/0 10.0.0.0/8
	ask allow 10.1.2.3 2001:db8:1::/48 2>/dev/null
	before=$(ask show)
	ask detach --all
	attached
	[[ $(ask show) != "$before" ]]
	while read -r statement; do
		# shellcheck disable=SC2086
		case $statement in
		'#'*|default*) ;;
		*) ask $statement 2>/dev/null ;;
		esac
	done <<<"$before"
	[[ $(ask show) == "$before" ]]
}

@test "adding what is there" {
	attached
	weir deny 192.0.2.9
	weir deny 192.0.2.9
	weir deny 192.0.2.9 192.0.2.10
	weir deny 192.0.2.10 192.0.2.9 192.0.2.11 2001:db8::/32
	weir deny 192.0.2.9 192.0.2.10 192.0.2.11
	weir deny 192.0.2.9/32
	weir deny 192.0.2.12 192.0.2.12
	remark the other list is another
	weir allow 192.0.2.9
	weir allow 192.0.2.9
	weir show
	golden add-again
}

@test "denying below an allow says that it still passes" {
	attached
	weir allow 10.0.0.0/8 2001:db8::/32
	weir deny 10.1.2.3
	weir deny 10.0.0.0/8
	weir deny 2001:db8:1::/48 192.0.2.9
	remark not above it nor beside it
	weir deny 0.0.0.0/0 11.0.0.0/8 2001:db9::/32
	weir lookup 10.1.2.3
	weir lookup 11.1.2.3
	golden deny-below-allow
}

@test "removing" {
	attached
	weir deny 10.0.0.0/8 10.1.0.0/16 192.0.2.9 2001:db8::/32
	weir remove deny 192.0.2.9
	weir remove deny 192.0.2.9
	weir remove allow 10.0.0.0/8
	remark covered
	weir remove deny 10.1.2.3
	weir remove deny 10.2.3.4
	weir remove deny 10.1.0.0/24
	weir remove deny 2001:db8::1
	remark not covered, only covering
	weir remove deny 0.0.0.0/0
	weir remove deny 10.0.0.0/7
	remark one that fails leaves the others
	weir remove deny 2001:db8::/32 10.1.2.3
	weir show
	remark several, and one twice
	weir remove deny 10.1.0.0/16 2001:db8::/32 10.1.0.0/16
	weir show
	weir remove deny 10.0.0.0/8
	weir show
	golden remove
}

@test "lookup says by what and how often" {
	attached
	weir lookup 192.0.2.66
	weir lookup 192.0.2.66 --json
	weir deny 192.0.2.64/26
	foe_sends 3
	weir lookup 192.0.2.66
	weir lookup 192.0.2.66 --json
	weir lookup 192.0.2.128
	weir allow 192.0.2.66
	foe_sends 2
	weir lookup 192.0.2.66
	weir lookup 192.0.2.66 --json
	weir lookup 192.0.2.67
	weir lookup 2001:db8::1
	weir lookup 2001:DB8::1 --json
	golden lookup
}
