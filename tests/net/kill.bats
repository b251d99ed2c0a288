#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2030,SC2031,SC2154
# kill -9 at any moment: the next command works, and nothing is half done.

load lib

ROUNDS=40

# WITHIN_MS COMMAND...: kill it after a random while; true if it was in time.
killed() {
	local status=0 ms=$((RANDOM % $1))

	starts n2 "${@:2}" 2>/dev/null
	sleep "$(printf '0.%03d' "$ms")"
	kill -KILL "$started" 2>/dev/null ||:
	wait "$started" 2>/dev/null || status=$?
	((status == 0 || status == 137)) || {
		echo "exit code $status" >&2
		exit 1
	}
	((status))
}

in_ms() {
	local start=${EPOCHREALTIME/.}

	"$@" >&2
	echo $(((${EPOCHREALTIME/.} - start) / 1000 + 1))
}

# 5,000 prefixes: the first and the last of them are hosts in n1.
prefixes() {
	echo 192.0.2.7
	for net in {0..19}; do
		seq -f "198.18.$net.%g" 0 249
	done | sed 1,2d
	echo 192.0.2.8
}

denied() { n2 weir show | grep -c ^deny ||:; }

# The datapath's word: both ends of the list, or neither.
drops() {
	if (($1)); then
		run ! n1 ping -c 1 -W 0.1 -I 192.0.2.7 192.0.2.2
		run ! n1 ping -c 1 -W 0.1 -I 192.0.2.8 192.0.2.2
	else
		n1 ping -c 1 -W 1 -I 192.0.2.7 192.0.2.2
		n1 ping -c 1 -W 1 -I 192.0.2.8 192.0.2.2
	fi
}

@test "attach killed at any moment leaves what attach and detach --all can handle" {
	took=$(in_ms n2 weir attach v2 w2)
	n2 weir detach --all
	whole=0 partly=0
	for ((round = 0; round < ROUNDS; round++)); do
		if killed $((took * 5 / 4)) weir attach v2 w2; then
			[[ ! -d $INSTANCE ]] || ((++partly))
		else
			((++whole))
		fi
		run n2 weir status
		((status == 0 || status == 3))
		if ((round % 2)); then
			n2 weir attach v2
			is "$(status_of v2 state)" filtering
			n2 weir deny 192.0.2.7
			n2 weir detach --all
		else
			run n2 weir detach --all
			((status == 0 || status == 3))
		fi
		is_clean
	done
	echo "# $ROUNDS attaches: $whole whole, $partly killed half-way" >&3
	((partly))
}

@test "attach killed beside a filter that runs leaves that one alone" {
	n2 weir attach v2
	n2 weir deny 192.0.2.7
	took=$(in_ms n2 weir attach w2)
	n2 weir detach w2
	whole=0
	for ((round = 0; round < ROUNDS / 2; round++)); do
		killed "$took" weir attach w2 || ((++whole))
		is "$(status_of v2 state)" filtering
		run ! n1 ping -c 1 -W 0.1 -I 192.0.2.7 192.0.2.2
		n1 ping -c 1 -W 1 -I 192.0.2.8 192.0.2.2
		n2 weir attach w2
		is "$(status_of w2 state)" filtering
		n2 weir detach w2
		is "$(program_on n2 w2)" none
	done
	echo "# $((ROUNDS / 2)) attaches: $whole whole" >&3
	n2 weir detach --all
	is_clean
}

@test "an attach killed with its link made but not recorded is taken back" {
	n2 weir attach v2 w2
	is "$(status_of w2 state)" filtering
	mapfile -t slot_2 < <(seq -f '%g=00' 168 207)
	record 80=04 "${slot_2[@]}"	# pending: slot 2, which nobody knows
	is "$(status_of w2 state)" ""
	n2 weir attach v2
	is "$(program_on n2 w2)" none
	is "$(status_of v2 state)" filtering
	n2 weir attach w2
	is "$(status_of w2 state)" filtering
}

@test "detach killed at any moment is done by the next one" {
	whole=0
	n2 weir attach v2 w2
	took=$(in_ms n2 weir detach --all)
	for ((round = 0; round < ROUNDS / 2; round++)); do
		n2 weir attach v2 w2
		killed $((took * 3 / 2)) weir detach --all || ((++whole))
		run n2 weir detach --all
		((status == 0 || status == 3))
		is_clean
	done
	echo "# $((ROUNDS / 2)) detaches: $whole whole" >&3
}

@test "5,000 prefixes denied or removed by a killed command: all of them or none" {
	mapfile -t list < <(prefixes)
	is ${#list[@]} 5000
	n2 weir attach v2
	n2 weir deny "${list[@]}"
	n2 weir remove deny "${list[@]}"
	took=$(in_ms n2 weir deny "${list[@]}")
	n2 weir remove deny "${list[@]}"
	before=0 after=0
	for ((round = 0; round < ROUNDS; round++)); do
		want=5000 verb=(deny)
		((round % 4 < 3)) || {
			n2 weir deny "${list[@]}"
			want=0 verb=(remove deny)
		}
		killed $((took * 5 / 4)) weir "${verb[@]}" "${list[@]}" ||:
		got=$(denied)
		((got == 0 || got == 5000))
		drops "$got"
		n2 weir deny 203.0.113.1
		is "$(denied)" $((got + 1))
		drops "$got"
		if ((got == want)); then ((++after)); else ((++before)); fi
		n2 weir remove deny 203.0.113.1
		((got == 0)) || n2 weir remove deny "${list[@]}"
		is "$(denied)" 0
	done
	echo "# $ROUNDS edits: $before died before the commit, $after after it" >&3
	((before && after))
	drops 0
}

# Two policies of 2,000 entries; both deny 203.0.113.7, each its own end of
# the hosts in n1.
policies() {
	cd "$BATS_TEST_TMPDIR" || return
	seq -f '198.18.0.%g' 0 249 >some.list
	seq -f '198.19.%g.0/24' 0 249 >others.list
	echo 'deny 203.0.113.7 192.0.2.7 @some.list' >old
	echo 'deny 203.0.113.7 192.0.2.8 @others.list' >new
}

# What nobody may see pass: the flood's source is in both policies.
floods() {
	n2 nft -f - <<-EOF
	table netdev behind {
		chain v2 {
			type filter hook ingress device v2 priority 0
			ip saddr 203.0.113.7 counter name leaked drop
		}
		counter leaked { }
	}
	EOF
	starts n1 "$ROOT/build/flood" v1 --to 192.0.2.2 --pps 20000 --for 300 \
		--to-mac 02:00:00:00:01:02 --from 203.0.113.7/32 >/dev/null
}

leaked() {
	n2 nft -j list counter netdev behind leaked |
		jq '.nftables[] | .counter // empty | .packets'
}

# Old or new, by its first line, and all of it.
live() {
	local shown

	shown=$(n2 weir show --expand)
	case $(grep -c '^deny 198.18' <<<"$shown"),$(grep -c '^deny 198.19' <<<"$shown"),$(grep -c '^deny 192.0.2.7' <<<"$shown"),$(grep -c '^deny 192.0.2.8' <<<"$shown") in
	250,0,1,0) echo old ;;
	0,250,0,1) echo new ;;
	*) echo "a mixture: $shown" | head -20 ;;
	esac
}

# The kernel's word: both interfaces run what the record says, and no more is
# there than the live generation and the one before, neither half pinned.
is_whole() {
	local dirs ids report

	report=$(n2 weir status --json)
	is "$(jq -c '[.interfaces[] | [.state, .program_id]] | unique' <<<"$report")" \
		"[[\"filtering\",$(program_on n2 v2)]]"
	is "$(program_on n2 v2)" "$(program_on n2 w2)"
	if [[ $1 == old ]]; then
		run ! n1 ping -c 1 -W 0.05 -I 192.0.2.7 192.0.2.2
		n1 ping -c 1 -W 1 -I 192.0.2.8 192.0.2.2
	else
		run ! n1 ping -c 1 -W 0.05 -I 192.0.2.8 192.0.2.2
		n1 ping -c 1 -W 1 -I 192.0.2.7 192.0.2.2
	fi
	dirs=$(jq -r '.generation, .previous | select(. != null and . != 0) |
		"gen_\(.)"' <<<"$report" | sort)
	is "$(find "$INSTANCE" -name 'gen_*' -printf '%f\n' | sort)" "$dirs"
	is "$(find "$INSTANCE"/gen_*/ -type f -printf '%f\n' | sort | uniq -c |
		awk '{ print $1 }' | sort -u)" "$(wc -w <<<"$dirs")"
	# 252 entries each, of which the flood's source is both's.
	ids=$(jq '.tables[] | select(.name == "entry_counts") | .entries' \
		<<<"$report")
	((ids == 252 || ids == 503)) || {
		echo "$ids counters taken"
		return 1
	}
}

# ROUNDS COMMAND...: kill it at any moment, and look what there is.
killed_any_time() {
	local rounds=$1 took round now

	shift
	took=$(in_ms n2 "$@" 2>/dev/null)
	n2 weir confirm 2>/dev/null ||:
	early=0 late=0
	for ((round = 0; round < rounds; round++)); do
		was=$(live)
		killed $((took * 3 / 2)) "$@" ||:
		now=$(live)
		[[ $now == old || $now == new ]] || { echo "$now"; return 1; }
		is_whole "$now"
		if [[ $now == "$was" ]]; then ((++early)); else ((++late)); fi
		# The next command works, whichever it is.
		n2 weir confirm 2>/dev/null ||:
		if [[ $2 == apply ]] || ((round % 5 == 4)); then
			n2 weir apply old
		fi
	done
	is_whole "$(live)"
}

@test "apply killed at any moment leaves the old policy or the new one" {
	policies
	n2 weir attach v2 w2 --policy old
	n2 weir apply old
	floods
	killed_any_time 60 weir apply new
	echo "# 60 applies: $early died before the switch, $late after it" >&3
	((early && late))
	is "$(leaked)" 0
	is "$(reason denied | awk '{ print ($1 > 10000) }')" 1
}

@test "undo killed at any moment leaves either generation" {
	policies
	n2 weir attach v2 w2 --policy old
	n2 weir apply new
	floods
	killed_any_time 40 weir undo
	echo "# 40 returns: $early died before the switch, $late after it" >&3
	((early && late))
	is "$(leaked)" 0
}

@test "apply --confirm killed at any moment goes back unless it is confirmed" {
	policies
	n2 weir attach v2 w2 --policy old
	n2 weir apply old
	floods
	killed_any_time 30 weir apply new --confirm 1m
	echo "# 30 applies: $early died before the switch, $late after it" >&3
	((early && late))
	is "$(leaked)" 0
	# One that nobody confirms goes back at its time.  Where the watcher died
	# or never was, it only observes from then on, until a command comes.
	for ((round = 0; round < 3; round++)); do
		killed 300 weir apply new --confirm 1s ||:
		sleep 1
		await is_old
		is_whole old
	done
}

is_old() { is "$(live)" old; }

@test "apply killed between its first pin and the switch leaves no pins" {
	policies
	n2 weir attach v2 w2 --policy old
	caught=0
	for ((round = 0; round < 20; round++)); do
		n2 weir apply old
		next=gen_$(($(n2 weir status --json | jq .generation) + 1))
		starts n2 weir apply new
		until [[ -e $INSTANCE/$next ]]; do :; done
		kill -KILL "$started"
		wait "$started" || ((++caught))
		is_whole "$(live)"
	done
	echo "# $caught of 20 applies killed at their first pin" >&3
	((caught))
}
