/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who sits at the far end of a keyboard: the peers of remote sessions on this
 * host, in the network namespace of this process.
 *
 * A peer is known by SSH_CONNECTION in the environment of this process or of
 * one it descends from (sudo takes it away from its children, not from the
 * shell above), and by the sockets of sessions of sshd and dropbear.  Whoever
 * has not logged in yet is no operator: most of those guess passwords.
 */
#ifndef WEIR_OPERATORS_H
#define WEIR_OPERATORS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/prefix.h"

#define MAX_OPERATORS 64

/* One connection, as seen from here.  Ports are in host byte order. */
struct operator_peer {
	struct prefix address, local;	/* of full length */
	uint16_t port, local_port;
	bool own;			/* known by SSH_CONNECTION */
	pid_t pid;			/* the process it is known by */
	char process[16];		/* its name */
};

/*
 * All that this user may see, the own one first.  Returns their number, at
 * most 'room'; nothing is printed.
 */
unsigned int operators_find(struct operator_peer *peers, unsigned int room);

/* "your own connection from 203.0.113.7 (SSH_CONNECTION of bash, process 9)" */
#define OPERATOR_TEXT (INET6_ADDRSTRLEN + 80)
const char *operator_describe(const struct operator_peer *peer,
			      char text[OPERATOR_TEXT]);

/*
 * Read "CLIENT PORT SERVER PORT", as sshd writes it; zones are left out.
 * Returns 0, or -EINVAL with *peer untouched.
 */
int ssh_connection_parse(const char *text, struct operator_peer *peer);

/*
 * Read a line of /proc/net/tcp or tcp6 if it is an established connection; an
 * IPv4 address that is mapped into IPv6 is read as what it is.  Returns 0, or
 * -EINVAL with both untouched.
 */
int tcp_line_parse(const char *line, struct operator_peer *peer,
		   unsigned long *inode);

/*
 * Does the title that sshd gave a process ("sshd: admin@pts/0") speak of a
 * session?  Brackets are what happens before: "sshd: root [net]".
 */
bool sshd_title_is_session(const char *title);

#endif
