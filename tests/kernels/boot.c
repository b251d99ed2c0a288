// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first process of a guest, in an initramfs: see the files of the machine
 * outside, with a layer of memory over them, and go on there.  What remains of
 * the kernel's command line is the program and its arguments.
 *
 * When this returns, the kernel panics: that is the report of a failure.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OUTSIDE "trans=virtio,version=9p2000.L,cache=loose,msize=500000"
#define LAYERS "lowerdir=/outside,upperdir=/memory/upper,workdir=/memory/work"

static int complain(const char *what)
{
	perror(what);
	return 1;
}

/* Their names are numbers, in the order in which they need one another. */
static int modules_load(void)
{
	char path[32];
	int fd;

	for (int i = 1; ; i++) {
		snprintf(path, sizeof(path), "/modules/%d.ko", i);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			return errno == ENOENT ? 0 : complain(path);
		if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
			return complain(path);
		close(fd);
	}
}

static int root_mount(void)
{
	if (mount("outside", "/outside", "9p", MS_RDONLY, OUTSIDE))
		return complain("cannot mount what 9p shows");
	if (mount("memory", "/memory", "tmpfs", 0, NULL) ||
	    mkdir("/memory/upper", 0755) || mkdir("/memory/work", 0755))
		return complain("cannot mount a tmpfs");
	if (mount("root", "/root", "overlay", 0, LAYERS))
		return complain("cannot mount an overlay");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 2 || modules_load() || root_mount())
		return 1;
	if (chdir("/root") || mount(".", "/", NULL, MS_MOVE, NULL) ||
	    chroot("."))
		return complain("cannot make the overlay the root");
	execv(argv[1], argv + 1);
	return complain(argv[1]);
}
