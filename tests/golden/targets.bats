#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only

load lib

bad=(80abc 80 example.org 10.0.0.0/33 2001:db8::/129 10.0.0.1/8
	2001:db8::1/32 192.0 1.2.3 1..3.4 1.2.3.4.5 1.2.3.256 01.2.3.4
	1.2.3.4/ /24 1.2.3.4/024 1.2.3.4/-1 10.0.0.0/8/8 10.0.0.0/255.0.0.0
	2001:db8 2001::db8::1 1:2:3:4:5:6:7:8:9 fe80::1%eth0 fe80::1%eth0/64
	'192.0.2.1 ' '[::1]' 192.0.2.1:80 '')

@test "bad targets" {
	local target

	attached
	for target in "${bad[@]}"; do
		weir deny "$target"
	done
	remark nothing changed
	weir show
	golden bad-targets
}

@test "bad targets are the same for allow, remove and lookup" {
	local target

	attached
	for target in "${bad[@]}"; do
		weir allow "$target"
		weir remove allow "$target"
		weir lookup "$target"
	done
	weir lookup 192.0.2.0/24
	weir lookup 192.0.2.1/32
	weir show
	golden bad-targets-elsewhere
}

@test "a bad target changes nothing wherever it stands" {
	local many=(10.{0..9}.0.{0..99}) target before

	unset 'many[999]'
	attached
	ask deny 192.0.2.9 2001:db8::/32 10.0.0.0
	before=$(ask show)
	for target in "${bad[@]}"; do
		as=" deny (999 good ones) '$target'" \
			weir deny "${many[@]}" "$target"
		[[ $(ask show) == "$before" ]]
	done
	as=" deny 80abc (999 good ones)" weir deny 80abc "${many[@]}"
	as=" deny (500 good ones) 80abc (499 good ones)" \
		weir deny "${many[@]::500}" 80abc "${many[@]:500}"
	as=" allow (999 good ones) 80abc" weir allow "${many[@]}" 80abc
	as=" remove deny 192.0.2.9 (999 good ones) 80abc" \
		weir remove deny 192.0.2.9 "${many[@]}" 80abc
	[[ $(ask show) == "$before" ]]
	remark a thousand good ones
	as=" deny (999 good ones) 10.99.0.0" weir deny "${many[@]}" 10.99.0.0
	golden bad-targets-among-many
	[[ $(ask show | grep -c '^deny ') == 1002 ]]
}

@test "good targets" {
	attached
	weir deny 192.0.2.9 192.0.2.0/24 0.0.0.0/0 128.0.0.0/1 10.64.0.0/10 \
		203.0.113.1/32 255.255.255.255
	weir deny 2001:DB8::1 2001:db8::/32 ::/0 8000::/1 ::1/128 \
		2001:db8:0:0:1::/80 ::ffff:192.0.2.1 fe80::/10
	weir show
	golden good-targets
}
