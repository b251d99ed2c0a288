// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/kernel.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

static char last_message[256];

bool kernel_is(int major, int minor)
{
	struct utsname name;
	int x = 0, y = 0;

	uname(&name);
	sscanf(name.release, "%d.%d", &x, &y);
	return x > major || (x == major && y >= minor);
}

bool kernel_has_frags(void)
{
	return kernel_is(5, 18);
}

bool kernel_has_cmpxchg(void)
{
	return kernel_is(5, 12);
}

/* libbpf is where the extended ack ends up, as a warning. */
static int keep_message(enum libbpf_print_level level, const char *format,
			va_list args)
{
	static const char ack[] = "Kernel error message: ";
	char text[1024];
	const char *found;

	if (level == LIBBPF_DEBUG)
		return 0;
	vsnprintf(text, sizeof(text), format, args);
	if (getenv("WEIR_DEBUG"))
		fputs(text, stderr);
	found = strstr(text, ack);
	if (found) {
		snprintf(last_message, sizeof(last_message), "%s",
			 found + sizeof(ack) - 1);
		last_message[strcspn(last_message, "\n")] = '\0';
	}
	return 0;
}

void kernel_listen(void)
{
	libbpf_set_print(keep_message);
}

const char *kernel_message(void)
{
	static char message[sizeof(last_message)];

	snprintf(message, sizeof(message), "%s", last_message);
	last_message[0] = '\0';
	return message;
}

const char *kernel_hint(int err)
{
	switch (err < 0 ? -err : err) {
	case EPERM:
		if (!kernel_is(5, 11))
			return "; be root, and raise the locked-memory limit:"
			       " ulimit -l unlimited";
		return "; be root, or have CAP_BPF and CAP_NET_ADMIN";
	case EACCES:
	case EINVAL:
		return "; see the verifier's log with WEIR_DEBUG=1";
	case ENOMEM:
		return "; free memory, or raise the cgroup's limit";
	default:
		return "";
	}
}

unsigned long long netns_cookie(void)
{
	_fd_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned long long cookie = 0;
	socklen_t size = sizeof(cookie);

	if (fd < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size))
		return 0;
	return cookie;
}

unsigned long long netns_inode(void)
{
	struct stat st = { 0 };

	stat("/proc/self/ns/net", &st);
	return st.st_ino;
}
