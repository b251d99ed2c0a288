#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only

load lib

# All but lab, whose words may be another command's.
commands() {
	ask help | sed -n 's/^  \([a-z]\+\).*/\1/p' | grep -vx lab
}

@test "help lists the commands" {
	weir help
	golden help
}

@test "no words, help and --help are the same" {
	[[ $(ask) == "$(ask help)" ]]
	[[ $(ask --help) == "$(ask help)" ]]
	[[ $(ask --json help) == "$(ask help)" ]]
}

@test "help of a command says more" {
	local command

	for command in $(commands); do
		weir help "$command"
	done
	golden help-commands
}

@test "help of a command can be had behind it" {
	local command

	for command in $(commands); do
		[[ $(ask "$command" --help) == "$(ask help "$command")" ]]
	done
}

@test "no line of help ends in a blank or is wider than a terminal" {
	local command

	for command in '' $(commands); do
		# shellcheck disable=SC2086
		run ! grep -E ' $|.{81}' <<<"$(ask help $command)"
	done
}

@test "the version" {
	weir version
	weir --version
	weir version --json
	golden version
}
