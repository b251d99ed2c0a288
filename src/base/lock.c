// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/lock.h"

#define WAIT_MS 5000
#define STEP_MS 10

/* proc(5): "1: FLOCK  ADVISORY  WRITE 1234 00:1c:567 0 EOF" */
static int lock_holder(int fd)
{
	_file_ FILE *locks = fopen("/proc/locks", "re");
	unsigned long inode;
	struct stat st;
	char line[256];
	int pid;

	if (fstat(fd, &st))
		return 0;
	while (locks && fgets(line, sizeof(line), locks))
		if (sscanf(line, "%*d: FLOCK %*s %*s %d %*x:%*x:%lu", &pid,
			   &inode) == 2 &&
		    inode == st.st_ino && pid > 0)
			return pid;
	return 0;
}

int lock_take(int fd, bool exclusive, const char *what)
{
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000 };
	int holder;

	for (int waited = 0; waited <= WAIT_MS; waited += STEP_MS) {
		if (!flock(fd, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB))
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fail(errno, "cannot lock instance '%s': %s",
				    what, error_text(errno));
		nanosleep(&step, NULL);
	}
	holder = lock_holder(fd);
	if (holder)
		return fail(EBUSY,
			    "instance '%s' is being changed by process "
			    "%d; try again",
			    what, holder);
	return fail(EBUSY,
		    "instance '%s' is being changed by another process; "
		    "try again",
		    what);
}
