// SPDX-License-Identifier: GPL-2.0-only
/* What sshd and the kernel write of connections, read as they mean it. */
#include <stdio.h>
#include <string.h>

#include "unit/unit.h"
#include "live/operators.h"

/* A peer as text: "ADDRESS PORT LOCAL PORT". */
static const char *peer_text(const struct operator_peer *peer)
{
	static char text[2 * PREFIX_TEXT + 16];
	char address[PREFIX_TEXT], local[PREFIX_TEXT];

	snprintf(text, sizeof(text), "%s %u %s %u",
		 prefix_format(&peer->address, address), peer->port,
		 prefix_format(&peer->local, local), peer->local_port);
	return text;
}

struct variable {
	const char *name, *text, *wanted; /* NULL: refused */
};

static const struct variable variables[] = {
	{ "IPv4", "203.0.113.7 50000 192.0.2.2 22",
	  "203.0.113.7 50000 192.0.2.2 22" },
	{ "IPv6", "2001:db8::7 1024 2001:db8::2 2222",
	  "2001:db8::7 1024 2001:db8::2 2222" },
	{ "zones are left out", "fe80::7%eth0 65535 fe80::2%eth0.100 22",
	  "fe80::7 65535 fe80::2 22" },
	{ "mapped IPv4 is IPv4", "::ffff:203.0.113.7 1 ::ffff:192.0.2.2 22",
	  "203.0.113.7 1 192.0.2.2 22" },
	{ "port 0, of a session without a socket", "203.0.113.7 0 192.0.2.2 0",
	  "203.0.113.7 0 192.0.2.2 0" },
	{ "nothing", "", NULL },
	{ "what sshd writes of a pipe", "UNKNOWN 65535 UNKNOWN 65535", NULL },
	{ "three words", "203.0.113.7 50000 192.0.2.2", NULL },
	{ "five words", "203.0.113.7 50000 192.0.2.2 22 1", NULL },
	{ "SSH_CLIENT's order", "203.0.113.7 50000 22 192.0.2.2", NULL },
	{ "a port too high", "203.0.113.7 65536 192.0.2.2 22", NULL },
	{ "a port below zero", "203.0.113.7 -1 192.0.2.2 22", NULL },
	{ "a port with more behind it", "203.0.113.7 22x 192.0.2.2 22", NULL },
	{ "a prefix", "203.0.113.0/24 50000 192.0.2.2 22", NULL },
	{ "two families", "203.0.113.7 50000 2001:db8::2 22", NULL },
	{ "words without end",
	  "11111111111111111111111111111111111111111111111111111111111111111111"
	  "11111111111111111111111111111111111111111111111111111111111111111111"
	  " 1 2 3",
	  NULL },
};

static void a_variable_is_read(void **state)
{
	const struct variable *row = *state;
	struct operator_peer peer = { .pid = 4711 };
	int err = ssh_connection_parse(row->text, &peer);

	if (!row->wanted) {
		assert_int_equal(err, -EINVAL);
		assert_int_equal(peer.pid, 4711);
		return;
	}
	assert_int_equal(err, 0);
	assert_true(peer.own);
	assert_string_equal(peer_text(&peer), row->wanted);
}

struct line {
	const char *name, *line, *wanted;
	unsigned long inode;
};

#define REST "00000000:00000000 02:000A7214 00000000     0        0 "
#define HOST "1 4 0000000000000000 20 4 31 10 -1\n"

/* The kernel prints addresses by words of the host: these are of a little
 * endian one.
 */
static const struct line lines[] = {
	{ "an established connection",
	  "   3: 020200C0:0016 077100CB:C350 01 " REST "12345 " HOST,
	  "203.0.113.7 50000 192.0.2.2 22", 12345 },
	{ "an entry of five digits",
	  "12345: 020200C0:08AE 077100CB:FFFF 01 " REST "4294967296 " HOST,
	  "203.0.113.7 65535 192.0.2.2 2222", 4294967296 },
	{ "IPv6",
	  "   0: B80D0120000000000000000002000000:0016 "
	  "B80D0120000000000000000007000000:C350 01 " REST "9 " HOST,
	  "2001:db8::7 50000 2001:db8::2 22", 9 },
	{ "IPv4 on a socket of both families",
	  "   0: 0000000000000000FFFF0000020200C0:0016 "
	  "0000000000000000FFFF0000077100CB:C350 01 " REST "9 " HOST,
	  "203.0.113.7 50000 192.0.2.2 22", 9 },
	{ "a listener",
	  "   0: 00000000:0016 00000000:0000 0A " REST "9 " HOST, NULL, 0 },
	{ "a connection that is closing",
	  "   0: 020200C0:0016 077100CB:C350 06 " REST "9 " HOST, NULL, 0 },
	{ "a handshake",
	  "   0: 020200C0:0016 077100CB:C350 03 " REST "9 " HOST, NULL, 0 },
	{ "the heading",
	  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
	  "retrnsmt   uid  timeout inode\n",
	  NULL, 0 },
	{ "a line cut short", "   0: 020200C0:0016 077100CB:C350 01 0000", NULL,
	  0 },
	{ "addresses of no family",
	  "   0: 020200C00:0016 077100CB0:C350 01 " REST "9 " HOST, NULL, 0 },
	{ "nothing", "", NULL, 0 },
};

static void a_line_is_read(void **state)
{
	const struct line *row = *state;
	struct operator_peer peer = { .pid = 4711 };
	unsigned long inode = 1;
	int err;

	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		skip();
	err = tcp_line_parse(row->line, &peer, &inode);
	if (!row->wanted) {
		assert_int_equal(err, -EINVAL);
		assert_int_equal(peer.pid, 4711);
		assert_int_equal(inode, 1);
		return;
	}
	assert_int_equal(err, 0);
	assert_false(peer.own);
	assert_int_equal(inode, row->inode);
	assert_string_equal(peer_text(&peer), row->wanted);
}

struct title {
	const char *name;
	bool session;
};

static const struct title titles[] = {
	{ "sshd: root@pts/0", true },
	{ "sshd: admin@notty", true },
	{ "sshd: admin", true },
	{ "sshd: admin@example.org@pts/3,pts/4", true },
	{ "sshd-session: admin@pts/0", true },
	{ "sshd: [accepted]", false },
	{ "sshd: root [net]", false },
	{ "sshd: root [priv]", false },
	{ "sshd: admin [pam]", false },
	{ "sshd: unknown [priv]", false },
	{ "sshd-session: root [priv]", false },
	{ "sshd-auth: root [net]", false },
	{ "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", false },
	{ "/usr/sbin/sshd -D -R", false },
	{ "", false },
};

static void a_title_is_judged(void **state)
{
	const struct title *row = *state;

	assert_int_equal(sshd_title_is_session(row->name), row->session);
}

static void who_is_who_is_said(void **state)
{
	struct operator_peer peer = { .pid = 9, .process = "bash" };
	char text[OPERATOR_TEXT];

	(void)state;
	assert_int_equal(ssh_connection_parse("203.0.113.7 1 192.0.2.2 22",
					      &peer),
			 0);
	peer.pid = 9;
	strcpy(peer.process, "bash");
	assert_string_equal(operator_describe(&peer, text),
			    "your own connection from 203.0.113.7 "
			    "(SSH_CONNECTION of bash, process 9)");
	peer.own = false;
	assert_string_equal(operator_describe(&peer, text),
			    "the connection from 203.0.113.7 (of bash, "
			    "process 9)");
}

int main(void)
{
	UNIT_ADD_ROWS(variables, a_variable_is_read);
	UNIT_ADD_ROWS(lines, a_line_is_read);
	UNIT_ADD_ROWS(titles, a_title_is_judged);
	unit_add("who is who is said", who_is_who_is_said, NULL);
	return unit_run("operators");
}
