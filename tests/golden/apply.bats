#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# What the commands that change the policy as a whole print, and refuse.

load lib

@test "a policy applied, kept, taken back" {
	cd "$BATS_TEST_TMPDIR" || return
	echo 'deny 203.0.113.7' >first
	echo 'guard land' >second
	attached
	weir undo
	weir confirm
	weir apply - <first
	weir show
	weir guard land
	weir guard land
	weir undo
	weir apply - --confirm 10m --observe <second
	weir confirm
	weir confirm
	weir remove guard land bogons
	weir remove guard land
	weir default pass
	golden apply
}

@test "words that apply, confirm and undo do not know" {
	attached
	weir apply
	weir apply one two
	weir apply --frobnicate -
	weir apply nonesuch
	weir apply /
	weir apply - --confirm
	weir apply - --confirm 0s
	weir apply - --confirm 25h
	weir confirm now
	weir undo 3
	weir undo --force
	weir show --expand now
	weir guard
	weir guard nonesuch
	weir default
	weir default maybe
	weir default pass drop
	weir remove guard
	weir remove guard nonesuch
	weir attach v2 --observe
	weir attach v2 --confirm 10m
	weir attach v2 --policy
	weir attach v2 --policy nonesuch
	golden apply-misused
}

@test "without an instance only --check has something to do" {
	weir apply - </dev/null
	weir apply - --check </dev/null
	weir apply - --check <<<'mumble'
	weir confirm
	weir undo
	weir guard land
	weir remove guard land
	golden apply-alone
}
