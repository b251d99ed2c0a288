// SPDX-License-Identifier: GPL-2.0-only
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>
#include <bpf/bpf.h>

#include "base/error.h"
#include "live/kernel.h"
#include "live/pins.h"

const char *bpffs_root(void)
{
	const char *root = getenv("WEIR_BPFFS");

	return root && *root ? root : "/sys/fs/bpf";
}

/* instance_prepare() has left room for what is added. */
void pin_path(const struct instance *instance, const char *file,
	      char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%.*s/%s", PATH_MAX - 64, instance->path,
		 file);
}

void generation_path(const struct instance *instance, unsigned int generation,
		     const char *file, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%.*s/gen_%u%s%s", PATH_MAX - 64,
		 instance->path, generation, *file ? "/" : "", file);
}

void map_path(const struct instance *instance, enum map map,
	      unsigned int generation, char path[PATH_MAX])
{
	if (map_kinds[map].lifetime == MAP_INSTANCE)
		pin_path(instance, map_kinds[map].pin, path);
	else
		generation_path(instance, generation, map_kinds[map].pin, path);
}

const char *pin_hint(int err)
{
	switch (err < 0 ? -err : err) {
	case EPERM:
	case EACCES:
		return "; be root";
	case EROFS:
		return "; remount the bpffs writable";
	default:
		return "";
	}
}

int pin_refused(const char *path, int err)
{
	if (err == -EPERM && geteuid() && !kernel_is(5, 19))
		return fail(EPERM,
			    "%s: reading and editing without root needs Linux "
			    "5.19; be root",
			    path);
	return fail(-err, "%s: %s%s", path, error_text(err), pin_hint(err));
}

static int bpffs_mount(void)
{
	const char *root = bpffs_root();
	struct statfs fs;

	if (statfs(root, &fs))
		return fail(errno,
			    "%s: %s; is this where the bpffs should be "
			    "(WEIR_BPFFS)?",
			    root, error_text(errno));
	if (fs.f_type == BPF_FS_MAGIC)
		return 0;
	if (mount("bpf", root, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "mode=0700"))
		return fail(errno, "%s: cannot mount the bpffs: %s", root,
			    error_text(errno));
	return 0;
}

/* Give a pin or directory to the group, where there is one. */
static int share(const char *path, unsigned int mode)
{
	const struct group *group = getgrnam("weir");

	if ((group && chown(path, -1, group->gr_gid)) || chmod(path, mode))
		return fail(errno, "%s: cannot set its owner and mode: %s%s",
			    path, error_text(errno), pin_hint(errno));
	return 0;
}

/*
 * Let members of the group through the bpffs' root, which systemd mounts for
 * root alone; they see nothing of it but what is theirs.
 */
static int root_open_up(void)
{
	const char *root = bpffs_root();
	struct stat st;

	if (!getgrnam("weir") || stat(root, &st) || (st.st_mode & 0777) != 0700)
		return 0;
	if (chmod(root, 0711))
		return fail(errno, "%s: cannot set its mode: %s", root,
			    error_text(errno));
	note("%s: mode 0711 instead of 0700, for the group 'weir'", root);
	return 0;
}

int bpffs_prepare(void)
{
	int err = bpffs_mount();

	return err ? err : root_open_up();
}

int directory_make(const char *path)
{
	if (mkdir(path, 0700) && errno != EEXIST)
		return fail(errno, "%s: %s%s", path, error_text(errno),
			    pin_hint(errno));
	return share(path, 0750);
}

int pin(int fd, const char *path, unsigned int mode)
{
	if (bpf_obj_pin(fd, path))
		return fail(errno, "%s: cannot pin: %s", path,
			    error_text(errno));
	return share(path, mode);
}
