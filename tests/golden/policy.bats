#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
#
# The policy language: policy/NAME.in becomes the canonical text of NAME.ok, or
# is refused; NAME.err is what was said.  Lists are printed as sorted targets.
# The canonical text fed back does not change.  UPDATE=1 writes the files anew.

setup() {
	CANONICAL=$(cd "${BATS_TEST_DIRNAME:?}/../.." && pwd)/build/canonical
	cd "$BATS_TEST_DIRNAME/policy"
	out=$BATS_TEST_TMPDIR/out err=$BATS_TEST_TMPDIR/err
}

# Write a file, or remove it where there is nothing to write.
keep() {
	if [[ -s $1 ]]; then
		cp "$1" "$2"
	else
		rm -f "$2"
	fi
}

# An absent file is an empty one.
same() {
	if [[ ! -e $2 ]]; then
		[[ ! -s $1 ]] || diff -u /dev/null "$1"
	else
		cmp -s "$2" "$1" || diff -u "$2" "$1"
	fi
}

# Comments tell of files, which the lists that are fed back do not name.
fed_back() {
	"$CANONICAL" "$1" >"$out.again" 2>&1
	if grep -q '^#' "$1"; then
		grep -v '^#' "$1" >"$out.plain"
		same "$out.again" "$out.plain"
	else
		same "$out.again" "$1"
	fi
}

check() {
	local name=$1 code=0

	"$CANONICAL" "$name.in" >"$out" 2>"$err" || code=$?
	if [[ -n ${UPDATE-} ]]; then
		keep "$out" "$name.ok"
		keep "$err" "$name.err"
	fi
	same "$out" "$name.ok"
	same "$err" "$name.err"
	if [[ -s $out ]]; then
		((code == 0))
		fed_back "$out"
	else
		((code == 1))
		[[ -s $err ]]
	fi
}

check_all() {
	local file count=0

	for file in $1-*.in; do
		echo "$file"
		check "${file%.in}"
		((++count))
	done
	((count >= $2))
}

@test "an example of everything, nothing, and comments" {
	check example
	check empty
	check_all comments 1
}

@test "lists" { check_all list 15; }

@test "guards and default" {
	check guard
	check_all guard 2
	check_all default 3
}

@test "rules" { check_all rule 8; }

@test "expressions" { check_all expression 7; }

@test "limits" {
	check limit
	check_all limit 7
}

@test "words, quotes, comments and continued lines" { check_all words 7; }

@test "what is wrong is told, all of it" { check_all error 32; }
