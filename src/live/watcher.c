// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <fcntl.h>
#include <mntent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "live/maps.h"
#include "live/pins.h"
#include "live/watcher.h"

/* How often it looks whether somebody confirmed, so that it can go. */
#define PERIOD_NS (NS_PER_S / 2)

#define CGROUP "weir-confirm-"

/* The hierarchies by which a session manager finds a session's processes. */
static bool holds_sessions(const struct mntent *mount)
{
	return !strcmp(mount->mnt_type, "cgroup2") ||
	       (!strcmp(mount->mnt_type, "cgroup") &&
		strstr(mount->mnt_opts, "name=systemd"));
}

static void cgroup_move(const char *cgroup)
{
	char path[PATH_MAX];
	_fd_ int fd = -1;

	if (snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup) >=
	    (int)sizeof(path))
		return;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, "0", 1) < 0)
		return; /* the session's end may kill us: the deadline stands */
}

/* Those of watchers that were killed: the kernel keeps any that is in use. */
static void cgroups_sweep(const char *hierarchy)
{
	DIR *dir = opendir(hierarchy);
	struct dirent *file;

	while (dir && (file = readdir(dir)))
		if (!strncmp(file->d_name, CGROUP, strlen(CGROUP)))
			unlinkat(dirfd(dir), file->d_name, AT_REMOVEDIR);
	if (dir)
		closedir(dir);
}

/* Into a cgroup of our own; or back to the root, and remove it. */
static void cgroups_change(bool enter)
{
	FILE *mounts = setmntent("/proc/mounts", "re");
	struct mntent *mount;
	char own[PATH_MAX];

	while (mounts && (mount = getmntent(mounts))) {
		if (!holds_sessions(mount) ||
		    snprintf(own, sizeof(own), "%s/" CGROUP "%d", mount->mnt_dir,
			     getpid()) >= (int)sizeof(own))
			continue;
		if (enter)
			cgroups_sweep(mount->mnt_dir);
		if (enter && !mkdir(own, 0755)) {
			cgroup_move(own);
		} else if (!enter) {
			cgroup_move(mount->mnt_dir);
			rmdir(own);
		}
	}
	if (mounts)
		endmntent(mounts);
}

/* Nothing of the caller's: no terminal, no directory, no lock, no pipe. */
static void detach_from(const struct instance *instance, int ready)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		dup2(null, fd);
	for (int fd = 3; fd < 1024; fd++)
		if (fd != ready && fd != instance->record_fd)
			close(fd);
	if (chdir("/"))
		return;
}

/* Not if the instance was removed, or made anew under its name. */
static bool is_pinned(const struct instance *instance)
{
	char path[PATH_MAX];
	_fd_ int fd = -1;

	pin_path(instance, "record", path);
	fd = pin_open(path, false);
	return fd >= 0 && map_id(fd) == map_id(instance->record_fd);
}

/* Returns whether the deadline came; not if it is no longer ours to keep. */
static bool deadline_await(const struct instance *instance)
{
	__u64 until_ns = instance->record.confirm_until_ns, now;
	struct weir_record record;
	struct timespec pause;

	for (;;) {
		if (bpf_map_lookup_elem(instance->record_fd, &(__u32){ 0 },
					&record) ||
		    record.confirm_until_ns != until_ns ||
		    !is_pinned(instance))
			return false;
		now = clock_ns(CLOCK_MONOTONIC);
		if (now >= until_ns)
			return true;
		pause.tv_sec = 0;
		pause.tv_nsec = until_ns - now < PERIOD_NS ? until_ns - now
							   : PERIOD_NS;
		nanosleep(&pause, NULL);
	}
}

/* Opening the instance is what goes back. */
static _Noreturn void watch(const struct instance *instance, int ready)
{
	struct instance late;
	const struct timespec pause = { .tv_sec = 1 };

	detach_from(instance, ready);
	cgroups_change(true);
	if (write(ready, "", 1) != 1)
		_exit(1);
	close(ready);
	while (deadline_await(instance)) {
		if (!instance_open(instance->name, INSTANCE_OWN, &late)) {
			instance_close(&late);
			break;
		}
		nanosleep(&pause, NULL);
	}
	cgroups_change(false);
	_exit(0);
}

int watcher_start(const struct instance *instance)
{
	int ready[2], err = 0;
	pid_t child;
	char word;

	if (pipe2(ready, O_CLOEXEC))
		return fail(errno, "cannot watch for the confirmation: %s",
			    error_text(errno));
	child = fork();
	if (!child) {
		if (fork())
			_exit(0);
		watch(instance, ready[1]);
	}
	close(ready[1]);
	if (child > 0)
		waitpid(child, NULL, 0);
	if (child < 0 || read(ready[0], &word, 1) != 1)
		err = fail(EAGAIN, "cannot start who watches for the "
				   "confirmation");
	close(ready[0]);
	return err;
}
