#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Figures that go on: in a terminal, in a pipe, across instances.

load lib

setup() {
	topology
	out=$BATS_TEST_TMPDIR/out err=$BATS_TEST_TMPDIR/err
	n2 weir attach v2
}

# Run weir in n2 on a terminal of ROWS COLUMNS until what it sends holds
# PATTERN (a dot matches all), then act:
#	terminal 24 80 PATTERN ctrl-c weir stats --watch 0.2
# Prints what was sent; exits with weir's code, or 98 if the cursor is left
# within a line, or 99 if the terminal's settings were changed.  ACTION "lower" halves the window and waits for
# another redraw before it types ^C, "TERM", "KILL": that signal.
TERMINAL='
import fcntl, os, pty, re, select, signal, struct, sys, termios, time
rows, columns, pattern, action = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:5]
def resize(fd, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
master, slave = pty.openpty()
resize(master, rows)
before = termios.tcgetattr(slave)
pid = os.fork()
if not pid:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in range(3):
        os.dup2(slave, fd)
    os.environ["TERM"] = os.environ.get("WANT_TERM", "xterm")
    os.execvp(sys.argv[5], sys.argv[5:])
sent, deadline = b"", time.monotonic() + 10
def until(pattern):
    global sent
    while not re.search(pattern.encode(), sent, re.S):
        left = deadline - time.monotonic()
        if left < 0 or not select.select([master], [], [], left)[0]:
            sys.stdout.buffer.write(sent)
            sys.exit("waited in vain for " + pattern)
        sent += os.read(master, 65536)
until(pattern)
if action == "lower":
    seen = sent.count(b"\033[H")
    resize(master, rows // 2)
    until("(?:.*?\033\\[H){%d}.*\033\\[J" % (seen + 1))
if action in ("TERM", "KILL"):
    os.kill(pid, getattr(signal, "SIG" + action))
else:
    os.write(master, b"\003")
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
while select.select([master], [], [], 0)[0]:
    sent += os.read(master, 65536)
sys.stdout.buffer.write(sent)
if not code and not sent.endswith(b"\n"):
    code = 98
sys.exit(99 if termios.tcgetattr(slave) != before else code % 256)
'
terminal() { n2 /usr/bin/python3 -c "$TERMINAL" "$@"; }

# What a terminal would show in the end, of what it was sent: \e[H, \e[K and
# \e[J are all that weir may send.
screen() {
	/usr/bin/python3 -c '
import re, sys
lines, row = [""], 0
data = sys.stdin.buffer.read().decode().replace("\r", "")
for piece in re.findall(r"\033\[[HKJ]|\n|[^\033\n]+|\033", data):
    if piece == "\033[H":
        row = 0
    elif piece == "\033[K":
        pass
    elif piece == "\033[J":
        del lines[row:]
    elif piece == "\n":
        row += 1
    elif piece == "\033":
        sys.exit("a sequence that weir should not send: " + repr(data))
    else:
        lines += [""] * (row + 1 - len(lines))
        lines[row] = piece
    lines += [""] * (row + 1 - len(lines))
print("\n".join(lines))'
}

# Start a watch whose output goes to $out.
watches() {
	starts n2 weir stats --watch "$@" >"$out" 2>"$err"
}

blocks() { (($(grep -c "^instance\|Z instance" "$out") >= $1)); }
lines_are() { (($(wc -l <"$out") >= $1)); }
says()   { grep -q "$1" "$2"; }

# Seconds of CPU that $started has used, in clock ticks.
ticks() { awk '{ print $14 + $15 }' "/proc/$started/stat"; }

has_ended() { ! grep -q '^State:.[^Z]' "/proc/$started/status" 2>/dev/null; }

# How often $started has woken up.
wakings() { awk '/^voluntary/ { print $2 }' "/proc/$started/status"; }
woke_up() { (($(wakings) >= $1)); }

ends_with() {
	local code=0

	await has_ended
	wait "$started" || code=$?
	is "$code" "$1"
}

@test "in a pipe there are whole blocks, the first before long" {
	watches 3600
	await blocks 1
	is "$(tail -c 1 "$out" | od -An -c | tr -d ' ')" '\n'
	grep -q ', generation 1, rates over 0\.2[0-9] s$' "$out"
	run ! grep -q $'\e' "$out"
	run ! grep -q '[0-9],[0-9]' "$out"
	is "$(cat "$err")" ""
	kill -INT "$started"
	ends_with 0
	blocks 1
	run ! blocks 2
}

@test "samples come as often as asked, and sleep in between" {
	watches 0.1
	await blocks 12
	before=$(ticks)
	await blocks 22
	(($(ticks) - before < 20))
	grep -q ', rates over 0\.1[0-9] s$' "$out"
	kill -TERM "$started"
	ends_with 0
}

@test "rates and shares are those of the period" {
	n2 weir deny 203.0.113.0/24
	# 100 of 125 packets, 60 bytes each, in some one of the periods.
	watches 1.5
	await blocks 1
	n1 send 25 '[E/IP(src=source, dst="192.0.2.2")/UDP()/("x"*18)
		for source in ["203.0.113.7"] * 4 + ["203.0.114.7"]]'
	await blocks 3
	kill -INT "$started"
	ends_with 0
	/usr/bin/python3 - "$out" <<-'EOF'
	import re, sys
	denied = [line.split() for line in open(sys.argv[1]) if line.startswith("denied")]
	name, packets, pps, size, mbits, share = denied[0]
	assert (packets, size, share) == ("100", "6000", "80.0%"), denied
	assert 60 <= int(pps) <= 70, denied
	assert 0.03 <= float(mbits) <= 0.04, denied
	EOF
}

@test "JSON is an object a line, each as stats --json has it" {
	watches 0.2 --json
	await lines_are 3
	kill -INT "$started"
	ends_with 0
	shape='[paths(scalars) | map(numbers |= "n")] | unique'
	one=$(n2 weir stats --json | jq -c "$shape")
	while IFS= read -r line; do
		is "$(jq -c "$shape" <<<"$line")" "$one"
	done <"$out"
	jq -se 'map(.time) | . == sort and (unique | length) >= 3' "$out"
}

@test "it follows an instance that goes and another that comes" {
	n2 weir deny 203.0.113.7
	n1 send 50 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	watches 0.2
	await says '^denied *50 ' "$out"
	n2 weir detach --all
	await says '^note: nothing is attached .*; waiting$' "$out"
	await woke_up $(($(wakings) + 4))
	n2 weir attach v2
	await says '^note: another instance: its counters began at zero$' "$out"
	n2 weir deny 203.0.113.7
	n1 send 20 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	await says '^denied *20 ' "$out"
	is "$(grep -c 'nothing is attached' "$out")" 1
	is "$(grep -c 'another instance' "$out")" 1
	run ! grep -q -e ' -[0-9]' "$out"
	is "$(cat "$err")" ""
	kill -INT "$started"
	ends_with 0
}

@test "with --json the same is said on standard error" {
	watches 0.1 --json
	await says time "$out"
	n2 weir detach --all
	await says 'note: nothing is attached' "$err"
	n2 weir attach v2
	await says 'note: another instance' "$err"
	kill -TERM "$started"
	ends_with 0
	is "$(wc -l <"$err")" 2
	jq -e . "$out"
}

@test "an instance that is made anew between two samples is another" {
	n1 send 50 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	watches 2
	await blocks 1
	n2 weir detach --all
	n2 weir attach v2
	n1 send 200 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	await says '^note: another instance' "$out"
	run ! grep -q '^note: nothing' "$out"
	# Its 200 packets came before it was first read: no rate.
	grep -q '^passed *200 *0 ' "$out"
	kill -INT "$started"
	ends_with 0
}

@test "a watch hinders nobody, and nobody ends it" {
	watches 0.1
	await blocks 2
	for host in {1..50}; do
		n2 weir deny "203.0.113.$host"
	done
	n2 weir attach w2
	n2 weir detach w2
	await says '^w2 ' "$out"
	kill -INT "$started"
	ends_with 0
}

@test "who stays locked out is told so, and sees figures again" {
	watches 0.1
	await blocks 1
	exec 8<$INSTANCE
	flock -x 8
	# It waits for five seconds first, about as long as we do.
	told="^note: instance 'default' is being changed .*; waiting\$"
	await says "$told" "$out" || await says "$told" "$out"
	exec 8<&-
	await sh -c "sed -n '/being changed/,\$p' $out | grep -q instance.default,.generation"
	run ! grep -q 'another instance' "$out"
	kill -INT "$started"
	ends_with 0
}

@test "a reader who left ends it with exit 1 and a line, at once" {
	for words in "--watch 0.1" "--watch 3600" "--watch 0.1 --json"; do
		# shellcheck disable=SC2086 # words
		n2 timeout 5 bash -c '
			weir stats '"$words"' | head -n 1 >/dev/null
			exit "${PIPESTATUS[0]}"' 2>"$err" && code=0 || code=$?
		is "$code" 1
		is "$(cat "$err")" "weir: stats: cannot write: Broken pipe"
	done
}

@test "a full disk ends it with exit 1 and a line" {
	run -1 --separate-stderr n2 timeout 5 bash -c \
		'weir stats --watch 0.1 >/dev/full'
	is "$stderr" "weir: stats: cannot write: No space left on device"
}

@test "Ctrl-C ends it also while nobody reads on" {
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	exec 7<>"$BATS_TEST_TMPDIR/fifo"
	head -c 65000 /dev/zero >&7
	starts n2 weir stats --watch 0.1 --json >"$BATS_TEST_TMPDIR/fifo" 2>"$err"
	await grep -q pipe_write "/proc/$started/stack"
	kill -INT "$started"
	ends_with 0
	exec 7<&-
	is "$(cat "$err")" ""
}

@test "without an instance there is nothing to watch" {
	n2 weir detach --all
	run -3 --separate-stderr n2 weir stats --watch
	complains "weir attach INTERFACE"
	run -3 --separate-stderr n2 weir stats --prometheus
	complains "weir attach INTERFACE"
}

@test "periods outside 0.1 to 3600 seconds are refused" {
	for period in 0 0.09 3600.1 -1 x 1e3 0x1 inf nan '' ' 1' 1s 1,5; do
		run -1 --separate-stderr n2 weir stats --watch "$period"
		complains "'$period'" "0.1 to 3600"
		run -1 --separate-stderr n2 weir stats --watch="$period"
		complains "'$period'" "0.1 to 3600"
	done
	for period in 0.1 3600 .5 2. 1.25; do
		watches "$period"
		await blocks 1
		kill -INT "$started"
		ends_with 0
	done
	run -2 --separate-stderr n2 weir stats 2
	run -2 --separate-stderr n2 weir stats --watch 2 3
}

@test "on a terminal it is drawn in place, and Ctrl-C leaves that clean" {
	run -0 terminal 40 100 '(?:.*?\x1b\[J){4}' ctrl-c weir stats --watch 0.1
	is "$(grep -o $'\e\[[^a-zA-Z]*[a-zA-Z]' <<<"$output" | sort -u |
		tr -d $'\e\n')" "[H[J[K"
	shown=$(screen <<<"$output")
	is "$(grep -c '^reason ' <<<"$shown")" 1
	is "$(grep -c 'share$' <<<"$shown")" 3
}

@test "on a terminal digits are grouped" {
	n1 send 1234 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	run -0 terminal 40 100 'passed.*?\x1b\[J' ctrl-c weir stats --watch 1
	[[ $output == *"passed "*" 1,234 "* ]]
}

@test "SIGTERM leaves the terminal clean too, and SIGKILL does no harm" {
	run -0 terminal 40 100 '\x1b\[J' TERM weir stats --watch 1
	run -247 terminal 40 100 '\x1b\[J' KILL weir stats --watch 1
	[[ $output != *$'\e[?'* ]]
}

@test "a low window is filled, with a note on what it cuts, and never scrolls" {
	run -0 terminal 10 60 '(?:.*?\x1b\[J){2}' ctrl-c weir stats --watch 0.1
	[[ $output == *"more lines: the window is too low)"* ]]
	# Between home and the end there are at most 9 line feeds, of 59 columns.
	/usr/bin/python3 - "$output" <<-'EOF'
	import sys
	for frame in sys.argv[1].split("\033[H")[1:]:
	    frame = frame.split("\033[J")[0]
	    assert frame.count("\n") == 9, frame
	    assert max(len(l.rstrip("\r").replace("\033[K", "")) for l in frame.split("\n")) <= 59
	EOF
}

@test "a window that gets lower is redrawn at once" {
	run -0 terminal 40 100 '\x1b\[J' lower weir stats --watch 3600
	[[ $output == *"window is too low"* ]] || {
		is "$(grep -o $'\x1b\[J' <<<"$output" | wc -l)" 2
	}
}

@test "a dumb terminal gets blocks" {
	WANT_TERM=dumb run -0 terminal 40 100 'reason.*reason' ctrl-c \
		weir stats --watch 0.1
	[[ $output != *$'\e'* ]]
}

@test "what Prometheus gets is well-formed and adds up" {
	n2 weir attach w2
	n2 weir deny 203.0.113.7
	n1 send 7 'E/IP(src="203.0.113.7", dst="192.0.2.2")/UDP()'
	run -0 n2 weir stats --prometheus
	[[ $output == *'weir_packets_total{interface="v2",reason="denied",verdict="drop",weir_instance="default"} 7'* ]]
	[[ $output == *'weir_bytes_total{interface="v2",reason="denied",verdict="drop",weir_instance="default"} 294'* ]]
	[[ $output == *'weir_packets_total{interface="w2",reason="denied",verdict="drop",weir_instance="default"} 0'* ]]
	[[ $output == *'weir_interface_attached{interface="v2",weir_instance="default"} 1'* ]]
	n2 weir detach w2
	run -0 n2 weir stats --prometheus
	[[ $output == *'weir_interface_attached{interface="w2",weir_instance="default"} 0'* ]]
	total=$(awk '/^weir_packets_total/ { n += $2 } END { print n }' <<<"$output")
	is "$total" "$(n2 weir stats --json | jq '[.verdicts[].packets] | add')"
}

@test "promtool finds nothing to complain of" {
	command -v promtool >/dev/null || skip "promtool (package prometheus) is missing"
	n2 ip link set v2 down
	n2 ip link set v2 name 'a"b\c'
	n2 ip link set 'a"b\c' up
	n2 weir stats --prometheus >"$out"
	run -0 promtool check metrics <"$out"
	is "$output" ""
	# It would: a counter without its suffix.
	run ! promtool check metrics < <(sed 's/_packets_total/_packets/' "$out")
	grep -qF 'interface="a\"b\\c"' "$out"
}

@test "--prometheus is a format of its own" {
	run -2 --separate-stderr n2 weir stats --prometheus --json
	complains "--prometheus"
	run -2 --separate-stderr n2 weir stats --prometheus --watch
	complains "--prometheus"
}
