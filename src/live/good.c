// SPDX-License-Identifier: GPL-2.0-only
/*
 * A socket belongs to the namespace it was made in, so that one thread can be
 * both client and server.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "live/good.h"
#include "live/netns.h"

#define ECHO_PORT 7
#define NS_PER_MS 1000000ULL
#define LATE_NS (200 * NS_PER_MS)
#define BATCH 64 /* datagrams before the other side has a turn */

struct request {
	uint64_t nonce, sent_ns;
};

static socklen_t socket_address(const struct prefix *address,
				struct sockaddr_storage *to)
{
	struct sockaddr_in *four = (void *)to;
	struct sockaddr_in6 *six = (void *)to;

	*to = (struct sockaddr_storage){ 0 };
	if (address->family == 4) {
		four->sin_family = AF_INET;
		four->sin_port = htons(ECHO_PORT);
		memcpy(&four->sin_addr, address->addr, sizeof(four->sin_addr));
		return sizeof(*four);
	}
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(ECHO_PORT);
	memcpy(&six->sin6_addr, address->addr, sizeof(six->sin6_addr));
	return sizeof(*six);
}

/* A socket bound to the address, or else connected to it. */
static int socket_make(int netns, const struct prefix *address, bool serves)
{
	_cleanup_(netns_leave) int home = netns_visit(netns);
	struct sockaddr_storage to;
	socklen_t size = socket_address(address, &to);
	_fd_ int fd = -1;

	if (home < 0)
		return home;
	fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fail(errno, "lab: good traffic: %s", error_text(errno));
	if (serves ? bind(fd, (void *)&to, size)
		   : connect(fd, (void *)&to, size))
		return fail(errno, "lab: good traffic: UDP port %d: %s%s",
			    ECHO_PORT, error_text(errno),
			    errno == EADDRINUSE ? "; does another flood run "
						  "with --good?"
						: "");
	return take_fd(fd);
}

/* The flood may keep us from the CPU: what is overdue goes at once. */
static void requests_send(struct good *good)
{
	struct request request = { .nonce = good->nonce };
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	for (; good->next_ns <= now; good->next_ns += good->interval_ns) {
		request.sent_ns = now;
		good->requests++;
		send(good->client, &request, sizeof(request), MSG_NOSIGNAL);
	}
}

/* Whoever asks is answered, as by any server. */
static void requests_answer(const struct good *good)
{
	struct sockaddr_storage from;
	char data[2048];
	socklen_t size;
	ssize_t length;

	for (int i = 0; i < BATCH; i++) {
		size = sizeof(from);
		length = recvfrom(good->server, data, sizeof(data), 0,
				  (void *)&from, &size);
		if (length < 0)
			break;
		sendto(good->server, data, length, MSG_NOSIGNAL, (void *)&from,
		       size);
	}
}

static void answers_count(struct good *good)
{
	struct request answer;
	uint64_t took;

	for (int i = 0; i < BATCH; i++) {
		if (recv(good->client, &answer, sizeof(answer), 0) !=
		    sizeof(answer))
			break;
		if (answer.nonce != good->nonce)
			continue;
		took = clock_ns(CLOCK_MONOTONIC) - answer.sent_ns;
		if (took > good->slowest_ns)
			good->slowest_ns = took;
		good->answers++;
	}
}

static void *good_run(void *state)
{
	struct good *good = state;
	struct pollfd fds[] = { { .fd = good->server, .events = POLLIN },
				{ .fd = good->client, .events = POLLIN } };
	uint64_t end = UINT64_MAX, now = clock_ns(CLOCK_MONOTONIC);

	while (now < end && (!good->over || good->answers < good->requests)) {
		if (!good->over)
			requests_send(good);
		else if (end == UINT64_MAX)
			end = now + LATE_NS;
		poll(fds, 2, 1);
		requests_answer(good);
		answers_count(good);
		now = clock_ns(CLOCK_MONOTONIC);
	}
	return NULL;
}

int good_start(struct good *good, int client_netns, int server_netns,
	       const struct prefix *server, unsigned int pps)
{
	int err;

	*good = (struct good)GOOD_IDLE;
	good->interval_ns = NS_PER_S / pps;
	good->next_ns = clock_ns(CLOCK_MONOTONIC);
	getrandom(&good->nonce, sizeof(good->nonce), 0);
	good->server = socket_make(server_netns, server, true);
	if (good->server < 0)
		return good->server;
	good->client = socket_make(client_netns, server, false);
	if (good->client < 0)
		return good->client;
	err = pthread_create(&good->thread, NULL, good_run, good);
	if (err)
		return fail(err, "lab: good traffic: %s", error_text(err));
	good->started = true;
	return 0;
}

void good_stop(struct good *good)
{
	good->over = true;
	if (good->started)
		pthread_join(good->thread, NULL);
	cleanup_fd(&good->server);
	cleanup_fd(&good->client);
	good->started = false;
	good->server = good->client = -1;
}
