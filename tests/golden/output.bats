#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# Output that nobody can take is a failure, told in one line.

load lib

# "EXIT LINE" for weir with its output sent to a file descriptor.
outcome() {
	local fd=$1 code=0

	shift
	ask "$@" 1>&"$fd" 2>"$BATS_TEST_TMPDIR/errors" || code=$?
	echo "$code $(<"$BATS_TEST_TMPDIR/errors")"
}

# Each command that prints, as text and as JSON, says this.
all_say() {
	local fd=$1 wanted=$2 command form

	ask deny 192.0.2.9
	for command in help 'help deny' version --version --help '' status \
		show 'lookup 192.0.2.9' stats; do
		for form in '' --json; do
			# shellcheck disable=SC2086
			[[ $(outcome "$fd" $command $form) == "$wanted" ]] || {
				echo "weir $command $form"
				return 1
			}
		done
	done
}

@test "a full disk" {
	local full

	attached
	exec {full}>/dev/full
	all_say "$full" '1 weir: cannot write: No space left on device'
}

@test "a pipe that nobody reads" {
	local reader pipe

	attached
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	exec {reader}<>"$BATS_TEST_TMPDIR/pipe"
	exec {pipe}>"$BATS_TEST_TMPDIR/pipe" {reader}<&-
	all_say "$pipe" '1 weir: cannot write: Broken pipe'
}

@test "no output at all" {
	local code=0

	attached
	ask show >&- 2>"$BATS_TEST_TMPDIR/errors" || code=$?
	[[ $code == 1 ]]
	grep -q '^weir: cannot write: ' "$BATS_TEST_TMPDIR/errors"
	[[ $(wc -l <"$BATS_TEST_TMPDIR/errors") == 1 ]]
}

@test "output that can be taken" {
	local null

	attached
	exec {null}>/dev/null
	all_say "$null" '0 '
}

@test "commands that print nothing do not mind" {
	local full

	attached
	exec {full}>/dev/full
	[[ $(outcome "$full" deny 192.0.2.9) == '0 ' ]]
	[[ $(outcome "$full" remove deny 192.0.2.9) == '0 ' ]]
	[[ $(ask show | tail -n 1) == 'default pass' ]]
}
