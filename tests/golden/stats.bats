#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only

load lib

@test "stats before any packet" {
	attached
	weir stats
	weir stats --json
	golden stats-none
}

@test "stats of passed, denied and allowed packets" {
	attached
	foe_sends 2
	ask deny 192.0.2.66
	foe_sends 3
	ask allow 192.0.2.64/26
	foe_sends 4
	weir stats
	weir stats --json
	golden stats
}

@test "stats of a detached interface stay" {
	attached
	ask deny 192.0.2.66
	foe_sends 3
	ask detach v2
	weir stats
	weir stats --json
	golden stats-detached
}
