#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# The shapes that scripts rely on: every key with its type, and no other.

load lib

# An array shows each shape its members have, once.
shape_of() {
	ask "$@" --json | jq -cS 'def shape:
		if type == "object" then map_values(shape)
		elif type == "array" then map(shape) | unique
		else type end;
		shape'
}

is() {
	[[ $1 == "$2" ]] || {
		printf 'is   %s\nnot  %s\n' "$1" "$2"
		return 1
	}
}

listed() {
	attached
	ask deny 192.0.2.66 2001:db8::/32
	ask allow 192.0.2.9
	foe_sends 2
}

COUNT='"bytes":"number","packets":"number"'
ENTRY="{\"bytes\":\"number\",\"expires_s\":\"null\",\"origin\":\"string\",\
\"packets\":\"number\",\"target\":\"string\"}"

@test "stats" {
	local interface reason verdict=

	listed
	interface="\"name\":\"string\",\"packets\":\"number\"}"
	interface="{\"attached\":\"boolean\",\"bytes\":\"number\",\"mode\":\"string\",$interface"
	reason="{$COUNT,\"reason\":\"string\",\"verdict\":\"string\"}"
	verdict="{\"abort\":{$COUNT},\"drop\":{$COUNT},\"pass\":{$COUNT},\"tx\":{$COUNT}}"
	is "$(shape_of stats)" "{\"generation\":\"number\",\
\"instance\":\"string\",\"interfaces\":[$interface],\
\"reasons\":[$reason],\"rules\":[],\"time\":\"number\",\
\"verdicts\":$verdict,\"would_drop\":[]}"
	ask detach v2
	is "$(ask stats --json | jq -c '.interfaces[] | [.attached, .mode]')" \
		'[false,null]'
}

@test "all verdicts are there before any packet, in their order" {
	attached
	is "$(ask stats --json | jq -c '.verdicts | keys_unsorted')" \
		'["pass","drop","tx","abort"]'
}

@test "every reason is there once, with its verdict" {
	attached
	is "$(ask stats --json |
		jq -r '.reasons[] | "\(.reason) \(.verdict)"')" \
'passed pass
not-ip pass
allowed pass
truncated drop
bad-version drop
bad-length drop
too-many-tags drop
too-many-headers drop
denied drop
denied-port drop
paused pass
observed pass
bad-flags drop
bad-port drop
bad-address drop
bad-fragment drop
land drop
fragment drop
bogon drop
tagged drop
extension-header drop
rule drop
rule pass
rule abort
default drop
kept pass
limit drop
banned drop'
}

@test "what a pause lets pass is told by its reason" {
	listed
	is "$(ask stats --json | jq -c .would_drop)" '[]'
	ask pause
	foe_sends 2
	is "$(ask stats --json | jq -c '.would_drop | map([.reason, .packets])')" \
		'[["denied",2]]'
	ask resume
	foe_sends 2
	is "$(ask stats --json | jq -c '.would_drop | map([.reason, .packets])')" \
		'[["denied",2]]'
}

@test "verdicts, reasons and interfaces add up to the same" {
	local sums

	listed
	sums=$(ask stats --json | jq -c 'def sum_of(f): [map(.packets), map(.bytes)]
		| map(add);
		[(.verdicts | [.[]] | sum_of(.)), (.reasons | sum_of(.)),
		 (.interfaces | sum_of(.))] | unique')
	is "$sums" '[[3,184]]'
}

@test "status" {
	local interface table

	attached
	interface="{\"attached\":\"boolean\",\"ifindex\":\"number\",\
\"mode\":\"string\",\"name\":\"string\",\"program_id\":\"number\",\
\"since\":\"string\",\"state\":\"string\"}"
	table="{\"bytes\":\"number\",\"entries\":\"null\",\
\"max\":\"null\",\"name\":\"string\"}"
	is "$(shape_of status)" "{\"applied\":{\"edits\":\"number\",\
\"file\":\"null\",\"sha256\":\"null\",\"time\":\"string\"},\
\"confirm_s\":\"null\",\
\"generation\":\"number\",\"instance\":\"string\",\
\"interfaces\":[$interface],\
\"kernel\":{\"features\":[\"string\"],\"release\":\"string\"},\
\"memory_bytes\":\"number\",\"observe\":\"boolean\",\
\"paused_s\":\"null\",\"previous\":\"null\",\
\"tables\":[$table,${table//null/number}],\
\"warnings\":[{\"fix\":\"string\",\"text\":\"string\"}]}"
	ask detach v2
	is "$(ask status --json | jq -c '.interfaces[] |
		[.attached, .mode, .program_id]')" '[false,null,null]'
	ask attach v2 --mode generic
	is "$(ask status --json | jq -cS '.warnings | map(map_values(type)) | unique')" \
		'[{"fix":"string","text":"string"}]'
}

@test "status tells the program that the kernel runs" {
	attached
	is "$(ask status --json | jq '.interfaces[0].program_id')" \
		"$(n2 ip -json link show dev v2 | jq '.[0].xdp.prog.id')"
	is "$(ask status --json | jq '.interfaces[0].ifindex')" 12
}

@test "lookup of what is listed" {
	listed
	is "$(shape_of lookup 192.0.2.66)" "{\"address\":\"string\",\
\"bytes\":\"number\",\"entry\":\"string\",\"expires_s\":\"null\",\
\"list\":\"string\",\"origin\":\"string\",\"packets\":\"number\",\
\"since\":\"string\",\"verdict\":\"string\"}"
	is "$(ask lookup 192.0.2.66 --json | jq -c \
		'[.address, .verdict, .list, .entry, .packets, .bytes]')" \
		'["192.0.2.66","drop","deny","192.0.2.66",2,86]'
}

@test "lookup of what is not listed" {
	listed
	is "$(shape_of lookup 192.0.2.67)" "{\"address\":\"string\",\
\"bytes\":\"null\",\"entry\":\"null\",\"expires_s\":\"null\",\
\"list\":\"null\",\"origin\":\"null\",\"packets\":\"null\",\
\"since\":\"null\",\"verdict\":\"string\"}"
}

@test "show" {
	listed
	is "$(shape_of show)" "{\"allow\":[$ENTRY],\"bans\":[],\
\"default\":\"string\",\"deny\":[$ENTRY],\"files\":[],\
\"generation\":\"number\",\"guards\":[],\"observe\":\"boolean\",\
\"rules\":[]}"
}

@test "show of nothing" {
	attached
	is "$(ask show --json)" '{"generation":1,"observe":false,"default":"pass","files":[],"allow":[],"deny":[],"bans":[],"guards":[],"rules":[]}'
}

@test "version" {
	is "$(shape_of version)" '{"version":"string"}'
}

@test "JSON is one line" {
	local command

	listed
	for command in stats status show 'lookup 192.0.2.66' 'lookup ::' \
		version; do
		# shellcheck disable=SC2086
		is "$(ask $command --json | wc -l)" 1
	done
}

@test "times are UTC and lie in this minute" {
	local now

	listed
	now=$(date +%s)
	ask status --json | jq -e --argjson now "$now" \
		'.applied.time, .interfaces[].since | fromdate | . > $now - 60 and . <= $now'
	ask lookup 192.0.2.66 --json | jq -e --argjson now "$now" \
		'.since | fromdate | . > $now - 60 and . <= $now'
	ask stats --json | jq -e --argjson now "$now" \
		'.time > $now - 60 and .time < $now + 60'
}

@test "errors stay text on stderr" {
	attached
	run --separate-stderr -1 ask --json deny 80abc
	is "$output" ''
	# shellcheck disable=SC2154
	is "$stderr" "weir: deny: not an address or prefix: '80abc'"
}
