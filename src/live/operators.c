// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "live/operators.h"

#define MOST_ANCESTORS 256 /* a walk that processes come and go under */
#define ESTABLISHED 1	   /* TCP_ESTABLISHED, as the kernel prints it */
#define VARIABLE "SSH_CONNECTION="

static void cleanup_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* A file of /proc/PID, or NULL. */
static FILE *process_file(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return fopen(path, "re");
}

/* The first 'size' - 1 bytes of it, up to the first zero or line. */
static bool process_read(pid_t pid, const char *name, char *text, size_t size)
{
	_file_ FILE *file = process_file(pid, name);
	size_t length = file ? fread(text, 1, size - 1, file) : 0;

	text[length] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return length;
}

static int port_read(const char *text, uint16_t *port)
{
	unsigned long value;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	value = strtoul(text, &end, 10);
	if (*end || value > UINT16_MAX)
		return -EINVAL;
	*port = value;
	return 0;
}

/* ::ffff:192.0.2.1 is 192.0.2.1, on a socket that serves both families. */
static void unmap(struct prefix *address)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (address->family != 6 ||
	    memcmp(address->addr, mapped, sizeof(mapped)))
		return;
	memmove(address->addr, address->addr + 12, 4);
	memset(address->addr + 4, 0, 12);
	address->family = 4;
	address->len = 32;
}

static int address_read(char *text, struct prefix *address)
{
	char why[128];

	text[strcspn(text, "%")] = '\0';
	if (strchr(text, '/') || prefix_parse(text, address, why, sizeof(why)))
		return -EINVAL;
	unmap(address);
	return 0;
}

int ssh_connection_parse(const char *text, struct operator_peer *peer)
{
	char client[72], cport[8], server[72], sport[8], more;
	struct operator_peer read = { .own = true };

	if (sscanf(text, "%71s %7s %71s %7s %c", client, cport, server, sport,
		   &more) != 4 ||
	    address_read(client, &read.address) ||
	    address_read(server, &read.local) ||
	    read.address.family != read.local.family ||
	    port_read(cport, &read.port) || port_read(sport, &read.local_port))
		return -EINVAL;
	*peer = read;
	return 0;
}

/* Words of 32 bits, each printed as the host's number it is not. */
static int words_read(const char *text, struct prefix *address)
{
	size_t length = strlen(text);
	struct prefix read = { 0 };
	uint32_t word;

	if (length != 8 && length != 32)
		return -EINVAL;
	for (size_t i = 0; i < length / 8; i++) {
		if (sscanf(text + i * 8, "%8x", &word) != 1)
			return -EINVAL;
		memcpy(read.addr + i * 4, &word, sizeof(word));
	}
	read.family = length == 8 ? 4 : 6;
	read.len = prefix_bits(&read);
	unmap(&read);
	*address = read;
	return 0;
}

int tcp_line_parse(const char *line, struct operator_peer *peer,
		   unsigned long *inode)
{
	struct operator_peer read = { 0 };
	unsigned int port, local_port, state;
	char local[33], remote[33];
	unsigned long number;

	if (sscanf(line,
		   " %*u: %32[0-9A-Fa-f]:%4x %32[0-9A-Fa-f]:%4x %2x %*s %*s "
		   "%*s %*u %*d %lu",
		   local, &local_port, remote, &port, &state, &number) != 6 ||
	    state != ESTABLISHED || words_read(local, &read.local) ||
	    words_read(remote, &read.address))
		return -EINVAL;
	read.port = port;
	read.local_port = local_port;
	*peer = read;
	*inode = number;
	return 0;
}

static bool is_loopback(const struct prefix *address)
{
	static const struct prefix loopback4 = { 4, 8, { 127 } };
	static const struct prefix loopback6 = { 6, 128, { [15] = 1 } };

	return prefix_covers(&loopback4, address) ||
	       prefix_covers(&loopback6, address);
}

/* From this host to itself: no interface on the way. */
static bool is_local(const struct operator_peer *peer)
{
	return is_loopback(&peer->address) ||
	       !prefix_compare(&peer->address, &peer->local);
}

typedef int (*socket_call)(int, const struct sockaddr *, socklen_t);

/* Does bind() or connect() accept an address?  Nothing is sent. */
static bool kernel_accepts(socket_call call, const struct prefix *address,
			   uint16_t port)
{
	bool ip4 = address->family == 4;
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6,
				    .sin6_port = htons(port) };
	struct sockaddr_in to4 = { .sin_family = AF_INET,
				   .sin_port = htons(port) };
	_fd_ int fd = socket(ip4 ? AF_INET : AF_INET6,
			     SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return true;
	memcpy(&to4.sin_addr, address->addr, sizeof(to4.sin_addr));
	memcpy(&to6.sin6_addr, address->addr, sizeof(to6.sin6_addr));
	return ip4 ? !call(fd, (void *)&to4, sizeof(to4))
		   : !call(fd, (void *)&to6, sizeof(to6));
}

/*
 * Can a connection that only the environment speaks of run through this
 * namespace?  It can if it ends here, or if there is a way to the peer.  Who
 * works in a namespace of a lab came to the host by another.
 */
static bool may_pass_here(const struct operator_peer *peer)
{
	static const struct prefix link_local = { 6, 10, { 0xfe, 0x80 } };

	return prefix_covers(&link_local, &peer->address) ||
	       kernel_accepts(bind, &peer->local, 0) ||
	       kernel_accepts(connect, &peer->address, 9);
}

struct found {
	struct operator_peer *peers;
	unsigned int count, room;
};

static bool is_same(const struct operator_peer *a,
		    const struct operator_peer *b)
{
	return a->port == b->port && a->local_port == b->local_port &&
	       !prefix_compare(&a->address, &b->address) &&
	       !prefix_compare(&a->local, &b->local);
}

/* The oldest process with the same SSH_CONNECTION is the one to name. */
static void peer_add(struct found *found, const struct operator_peer *peer)
{
	for (unsigned int i = 0; i < found->count; i++) {
		if (!is_same(&found->peers[i], peer))
			continue;
		if (peer->own)
			found->peers[i] = *peer;
		return;
	}
	if (found->count < found->room && !is_local(peer))
		found->peers[found->count++] = *peer;
}

/* The parent of a process, or 0.  A name may contain anything. */
static pid_t process_parent(pid_t pid)
{
	char text[512];
	const char *behind;
	pid_t parent = 0;

	if (!process_read(pid, "stat", text, sizeof(text)))
		return 0;
	behind = strrchr(text, ')');
	if (!behind || sscanf(behind, ") %*c %d", &parent) != 1)
		return 0;
	return parent;
}

static void peer_of_variable(struct found *found, const char *value, pid_t pid)
{
	struct operator_peer peer;

	if (ssh_connection_parse(value, &peer) || !may_pass_here(&peer))
		return;
	peer.pid = pid;
	process_read(pid, "comm", peer.process, sizeof(peer.process));
	peer_add(found, &peer);
}

/* Returns false where the environment must not be read. */
static bool environment_search(struct found *found, pid_t pid)
{
	_file_ FILE *file = process_file(pid, "environ");
	_free_ char *variable = NULL;
	size_t room = 0;

	if (!file)
		return false;
	while (getdelim(&variable, &room, '\0', file) >= 0)
		if (!strncmp(variable, VARIABLE, strlen(VARIABLE)))
			peer_of_variable(found, variable + strlen(VARIABLE),
					 pid);
	return true;
}

static void ancestors_search(struct found *found)
{
	const char *value = getenv("SSH_CONNECTION");
	pid_t pid = getpid();

	/* A program with file capabilities may not read its own /proc. */
	if (!environment_search(found, pid) && value)
		peer_of_variable(found, value, pid);
	for (int i = 0; i < MOST_ANCESTORS; i++) {
		pid = process_parent(pid);
		if (pid <= 0)
			return;
		environment_search(found, pid);
	}
}

bool sshd_title_is_session(const char *title)
{
	return (!strncmp(title, "sshd: ", 6) ||
		!strncmp(title, "sshd-session: ", 14)) &&
	       !strchr(title, '[');
}

/* dropbear keeps its title; who has logged in runs something. */
static bool has_children(pid_t pid)
{
	char name[64], text[16];

	snprintf(name, sizeof(name), "task/%d/children", pid);
	if (process_read(pid, name, text, sizeof(text)))
		return true;
	snprintf(name, sizeof(name), "/proc/%d/task/%d/children", pid, pid);
	return access(name, F_OK);
}

static bool is_session(pid_t pid, const char *process)
{
	char title[256];

	if (!strcmp(process, "dropbear"))
		return has_children(pid);
	return (!strcmp(process, "sshd") || !strcmp(process, "sshd-session")) &&
	       process_read(pid, "cmdline", title, sizeof(title)) &&
	       sshd_title_is_session(title);
}

/* The sockets of sessions, by inode. */
struct sockets {
	unsigned int count;
	struct {
		unsigned long inode;
		pid_t pid;
		char process[16];
	} at[4 * MAX_OPERATORS];
};

static void socket_add(struct sockets *sockets, unsigned long inode, pid_t pid,
		       const char *process)
{
	unsigned int i = sockets->count;

	if (i == sizeof(sockets->at) / sizeof(sockets->at[0]))
		return;
	sockets->at[i].inode = inode;
	sockets->at[i].pid = pid;
	snprintf(sockets->at[i].process, sizeof(sockets->at[i].process), "%s",
		 process);
	sockets->count++;
}

static void sockets_of(struct sockets *sockets, pid_t pid, const char *process)
{
	_cleanup_(cleanup_dir) DIR *dir = NULL;
	const struct dirent *entry;
	unsigned long inode;
	char path[64], target[64];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		length = readlinkat(dirfd(dir), entry->d_name, target,
				    sizeof(target) - 1);
		if (length < 0)
			continue;
		target[length] = '\0';
		if (sscanf(target, "socket:[%lu]", &inode) == 1)
			socket_add(sockets, inode, pid, process);
	}
}

static void sessions_search(struct sockets *sockets)
{
	_cleanup_(cleanup_dir) DIR *dir = opendir("/proc");
	const struct dirent *entry;
	char process[16];
	pid_t pid;

	while (dir && (entry = readdir(dir))) {
		pid = atoi(entry->d_name);
		if (pid > 0 &&
		    process_read(pid, "comm", process, sizeof(process)) &&
		    is_session(pid, process))
			sockets_of(sockets, pid, process);
	}
}

static void table_search(struct found *found, const struct sockets *sockets,
			 const char *path)
{
	_file_ FILE *table = fopen(path, "re");
	struct operator_peer peer;
	unsigned long inode;
	char line[512];

	while (table && fgets(line, sizeof(line), table)) {
		if (tcp_line_parse(line, &peer, &inode))
			continue;
		for (unsigned int i = 0; i < sockets->count; i++) {
			if (sockets->at[i].inode != inode)
				continue;
			peer.pid = sockets->at[i].pid;
			memcpy(peer.process, sockets->at[i].process,
			       sizeof(peer.process));
			peer_add(found, &peer);
		}
	}
}

unsigned int operators_find(struct operator_peer *peers, unsigned int room)
{
	struct found found = { .peers = peers, .room = room };
	struct sockets sockets = { 0 };

	ancestors_search(&found);
	sessions_search(&sockets);
	if (sockets.count) {
		table_search(&found, &sockets, "/proc/net/tcp");
		table_search(&found, &sockets, "/proc/net/tcp6");
	}
	return found.count;
}

const char *operator_describe(const struct operator_peer *peer,
			      char text[OPERATOR_TEXT])
{
	char address[PREFIX_TEXT];

	prefix_format(&peer->address, address);
	if (peer->own)
		snprintf(text, OPERATOR_TEXT,
			 "your own connection from %s (SSH_CONNECTION of %s, "
			 "process %d)",
			 address, peer->process, peer->pid);
	else
		snprintf(text, OPERATOR_TEXT,
			 "the connection from %s (of %s, process %d)", address,
			 peer->process, peer->pid);
	return text;
}
