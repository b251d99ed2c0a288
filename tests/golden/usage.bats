#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only

load lib

# One line of printable text on stderr, and a failure.
is_one_line() {
	local code text

	text=$(ask "$@" 2>&1 >/dev/null; echo "$?.")
	code=${text##*$'\n'}
	text=${text%$'\n'*}
	[[ $code == [12]. && $text == 'weir: '* && $text != *[[:cntrl:]]* ]] || {
		printf 'weir %q...: %q\n' "$1" "$text"
		return 1
	}
}

@test "unknown commands" {
	weir frobnicate
	weir sho
	weir Show
	weir --frobnicate
	weir -h
	weir ''
	weir help frobnicate
	weir --help frobnicate
	golden unknown-commands
}

@test "unknown options of every command" {
	attached
	weir attach v2 --frobnicate
	weir detach v2 --frobnicate
	weir status --frobnicate
	weir allow 192.0.2.9 --frobnicate
	weir deny 192.0.2.9 --frobnicate
	weir remove deny 192.0.2.9 --frobnicate
	weir lookup 192.0.2.9 --frobnicate
	weir show --frobnicate
	weir stats --frobnicate
	weir help --frobnicate
	weir version --frobnicate
	remark abbreviations and values
	weir attach v2 --mod native
	weir attach v2 --mode
	weir attach v2 --force=yes
	weir --jso show
	weir --json=yes show
	weir show --instance
	remark nothing changed
	weir show
	golden unknown-options
}

@test "missing and needless words of every command" {
	attached
	weir attach
	weir detach
	weir detach --all v2
	weir status v2
	weir allow
	weir deny
	weir deny --
	weir remove
	weir remove deny
	weir remove 192.0.2.9
	weir remove list 192.0.2.9
	weir lookup
	weir lookup 192.0.2.9 192.0.2.10
	weir show deny
	weir stats v2
	weir help show stats
	weir version 2
	remark nothing changed
	weir show
	golden missing-words
}

@test "bad values" {
	weir --instance a.b show
	weir --instance ../x show
	weir --instance -x show
	weir --instance "$(printf '%032d' 0)" show
	weir --instance "$(printf '%031d' 0)" show
	weir attach v2 --mode fast
	weir attach v2 --mode=
	weir attach v9
	weir attach v2 v9
	weir attach ''
	attached
	weir detach v9
	weir detach v2 v9
	weir detach lo
	golden bad-values
}

@test "an error is one line, whatever the word" {
	local word

	attached
	for word in $'192.0.2.1\n' $'\n' $'a\nweir: b' $'a\rb' $'\e[2J'; do
		is_one_line deny "$word"
		is_one_line remove "$word" 192.0.2.9
		is_one_line lookup "$word"
		is_one_line attach "$word"
		is_one_line detach "$word"
		is_one_line attach v2 --mode "$word"
		is_one_line --instance "$word" show
		is_one_line "$word"
		is_one_line help "$word"
		is_one_line show "$word"
		is_one_line show "--$word"
	done
}

@test "no instance" {
	local form

	for form in '' --json; do
		# shellcheck disable=SC2086
		{
			weir $form detach v2
			weir $form detach --all
			weir $form status
			weir $form allow 192.0.2.9
			weir $form deny 192.0.2.9
			weir $form remove deny 192.0.2.9
			weir $form lookup 192.0.2.9
			weir $form show
			weir $form stats
		}
	done
	remark nor another one than default
	attached
	weir --instance other show
	WEIR_INSTANCE=other weir show
	WEIR_INSTANCE=other weir --instance default show
	golden no-instance
}

@test "what fails leaves nothing in the bpffs" {
	ask attach v2 v9 2>/dev/null ||:
	ask deny 192.0.2.9 2>/dev/null ||:
	ask --instance other status 2>/dev/null ||:
	[[ -z $(find "${WEIR_BPFFS:-/sys/fs/bpf}/weir" -mindepth 1) ]]
}
