/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Well-behaved traffic: a client in one namespace asks an echo service (UDP
 * port 7) in another, so many times a second, from its own address.
 */
#ifndef WEIR_GOOD_H
#define WEIR_GOOD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/prefix.h"

struct good {
	int client, server;		/* sockets, or -1 */
	uint64_t interval_ns, next_ns;
	uint64_t requests, answers, slowest_ns;	/* valid after good_stop() */
	uint64_t nonce;
	bool started;
	_Atomic bool over;
	pthread_t thread;
};

#define GOOD_IDLE { .client = -1, .server = -1 }

/* Returns 0, or -errno after a line on stderr. */
int good_start(struct good *good, int client_netns, int server_netns,
	       const struct prefix *server, unsigned int pps);

/* Wait a moment for late answers, and end.  Fine if it was never started. */
void good_stop(struct good *good);

#endif
