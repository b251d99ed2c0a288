// SPDX-License-Identifier: GPL-2.0-only
/*
 * A name is a file that a namespace is mounted on.  Only the network namespace
 * is entered, never a mount namespace as `ip netns exec` makes one: that hides
 * the bpffs, and with it every pin.
 */
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/netns.h"

#define HERE "/proc/thread-self/ns/net"

static void netns_path(const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, NETNS_DIR "/%s", name);
}

static int refused(const char *what)
{
	return fail(errno, "%s: %s%s", what, error_text(errno),
		    errno == EPERM || errno == EACCES ? "; be root" : "");
}

/*
 * Shared, as ip(8) makes it: else a copy of the mount in another mount
 * namespace keeps what is removed here.
 */
static int directory_prepare(void)
{
	if (mkdir(NETNS_DIR, 0755) && errno != EEXIST)
		return refused(NETNS_DIR);
	if (!mount("", NETNS_DIR, "none", MS_SHARED | MS_REC, NULL))
		return 0;
	if (errno != EINVAL) /* it is no mount yet */
		return refused(NETNS_DIR);
	if (mount(NETNS_DIR, NETNS_DIR, "none", MS_BIND | MS_REC, NULL) ||
	    mount("", NETNS_DIR, "none", MS_SHARED | MS_REC, NULL))
		return refused(NETNS_DIR);
	return 0;
}

/* Mount a new namespace on a file, and come back. */
static int namespace_mount(const char *path)
{
	_cleanup_(netns_leave) int home = open(HERE, O_RDONLY | O_CLOEXEC);

	if (home < 0 || unshare(CLONE_NEWNET))
		return refused("cannot make a network namespace");
	if (mount(HERE, path, "none", MS_BIND, NULL))
		return refused(path);
	return 0;
}

int netns_make(const char *name)
{
	char path[PATH_MAX];
	int fd, err = directory_prepare();

	if (err)
		return err;
	netns_path(name, path);
	fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
	if (fd < 0)
		return errno == EEXIST ? -EEXIST : refused(path);
	close(fd);
	err = namespace_mount(path);
	if (err)
		unlink(path);
	return err;
}

int netns_remove(const char *name)
{
	char path[PATH_MAX];

	netns_path(name, path);
	umount2(path, MNT_DETACH);
	if (unlink(path) && errno != ENOENT)
		return refused(path);
	return 0;
}

int netns_open(const char *name)
{
	char path[PATH_MAX];
	struct statfs fs;
	int fd;

	netns_path(name, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!fstatfs(fd, &fs) && fs.f_type == NSFS_MAGIC)
		return fd;
	close(fd);
	return -EINVAL;
}

int netns_enter(int netns)
{
	return setns(netns, CLONE_NEWNET)
		       ? refused("cannot enter a network namespace")
		       : 0;
}

int netns_visit(int netns)
{
	_fd_ int home = open(HERE, O_RDONLY | O_CLOEXEC);
	int err;

	if (home < 0)
		return refused(HERE);
	err = netns_enter(netns);
	return err ? err : take_fd(home);
}

/* Who cannot come back would go on in the wrong namespace. */
void netns_leave(int *home)
{
	if (*home >= 0 && setns(*home, CLONE_NEWNET))
		abort();
	cleanup_fd(home);
}
