// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/lock.h"
#include "base/name.h"
#include "live/filter.h"
#include "live/generation.h"
#include "live/instance.h"
#include "live/kernel.h"
#include "live/limits.h"
#include "live/pins.h"
#include "live/slots.h"

bool instance_exists(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%.*s/weir/%s", PATH_MAX - 64,
		 bpffs_root(), name);
	return !access(path, F_OK);
}

static int instance_prepare(const char *name, struct instance *instance)
{
	*instance = (struct instance)INSTANCE_CLOSED;
	instance->name = name;
	if (!name_is_valid(name))
		return fail(EINVAL,
			    "--instance: '%s' is not a name (letters, digits, "
			    "'-' and '_', at most 31)",
			    name);
	if (*bpffs_root() != '/')
		return fail(EINVAL, "WEIR_BPFFS: '%s' is not a full path",
			    bpffs_root());
	if (snprintf(instance->path, sizeof(instance->path), "%s/weir/%s",
		     bpffs_root(), name) >= (int)sizeof(instance->path) - 64)
		return fail(ENAMETOOLONG, "WEIR_BPFFS: the path is too long");
	kernel_listen();
	return 0;
}

static int absent(const struct instance *instance)
{
	return fail(EABSENT,
		    "nothing is attached (no instance '%s'); start with: "
		    "weir attach INTERFACE",
		    instance->name);
}

/* We hold the lock, so whoever made this instance died before it was whole. */
static int half_made(const struct instance *instance)
{
	return fail(EABSENT,
		    "an attach was killed half-way (instance '%s'); take it "
		    "back with: weir detach --all",
		    instance->name);
}

void instance_link_path(const struct instance *instance, unsigned int slot,
			char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%.*s/link_%u", PATH_MAX - 64, instance->path,
		 slot);
}

static int program_open(const struct instance *instance)
{
	char path[PATH_MAX];

	generation_path(instance, instance->record.generation, "filter", path);
	return bpf_obj_get(path);
}

/*
 * Our program without our link: who displaced it with --force and failed could
 * put it back only by netlink.  The kernel leaves any other program alone.
 */
static void bare_detach(const struct instance *instance, unsigned int slot)
{
	const struct weir_slot *known = &instance->record.slot[slot];
	_fd_ int program = program_open(instance);
	LIBBPF_OPTS(bpf_xdp_attach_opts, ours, .old_prog_fd = program);

	if (program >= 0 && known->ifindex && instance_is_here(instance))
		bpf_xdp_detach(known->ifindex,
			       known->mode == WEIR_GENERIC ? XDP_FLAGS_SKB_MODE
							   : XDP_FLAGS_DRV_MODE,
			       &ours);
}

void instance_unlink(const struct instance *instance, unsigned int slot)
{
	char path[PATH_MAX];
	_fd_ int link = -1;

	instance_link_path(instance, slot, path);
	link = bpf_obj_get(path);
	if (link < 0)
		return;
	bpf_link_detach(link);
	unlink(path);
	bare_detach(instance, slot);
}

int instance_program(const struct instance *instance)
{
	int fd = program_open(instance);

	if (fd < 0)
		return fail(-fd, "%s/gen_%u: cannot open the program: %s",
			    instance->path, instance->record.generation,
			    error_text(fd));
	return fd;
}

bool instance_is_here(const struct instance *instance)
{
	const struct weir_record *record = &instance->record;
	unsigned long long cookie = netns_cookie();

	if (cookie && record->netns_cookie)
		return cookie == record->netns_cookie;
	return record->netns_inode == netns_inode();
}

int instance_save(struct instance *instance)
{
	if (!bpf_map_update_elem(instance->record_fd, &(__u32){ 0 },
				 &instance->record, BPF_ANY))
		return 0;
	return fail(errno, "%s: cannot write the record: %s", instance->path,
		    error_text(errno));
}

/* What is ours, links first; whatever else lies there stays. */
static void instance_clear(struct instance *instance)
{
	char path[PATH_MAX];

	for (unsigned int slot = 1; slot < WEIR_MAX_INTERFACES; slot++)
		instance_unlink(instance, slot);
	generations_clear(instance, 0, 0);
	for (int i = 0; i < MAP_COUNT; i++) {
		if (map_kinds[i].lifetime != MAP_INSTANCE)
			continue;
		map_path(instance, i, 0, path);
		unlink(path);
	}
	pin_path(instance, "record", path);
	unlink(path);
}

static int instance_remove(struct instance *instance)
{
	instance_clear(instance);
	rmdir(instance->path);
	if (access(instance->path, F_OK))
		return 0;
	return fail(EBUSY,
		    "%s: something that is not weir's lies there and "
		    "stays",
		    instance->path);
}

void instance_close(struct instance *instance)
{
	if (instance->fresh && !instance->record.settled)
		instance_remove(instance);
	maps_close(&instance->maps);
	cleanup_fd(&instance->record_fd);
	cleanup_fd(&instance->lock);
	*instance = (struct instance)INSTANCE_CLOSED;
}

/* Returns -err, with a line on stderr unless there simply is none. */
static int directory_refused(const struct instance *instance, int err)
{
	if (err == ENOENT)
		return -err;
	if (err == EACCES)
		return fail(err,
			    "%s: permission denied; be root, or a member "
			    "of the group 'weir'",
			    instance->path);
	return fail(err, "%s: %s", instance->path, error_text(err));
}

/*
 * Lock the directory; -ENOENT comes without a word.  A directory that was
 * removed while we waited is not the one that its path names now: look again.
 */
static int instance_lock(struct instance *instance, enum instance_access access)
{
	struct stat held, named;
	int err, fd;

	for (;;) {
		fd = open(instance->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return directory_refused(instance, errno);
		err = lock_take(fd, access != INSTANCE_READ, instance->name);
		if (err)
			break;
		if (!fstat(fd, &held) && !stat(instance->path, &named) &&
		    held.st_ino == named.st_ino) {
			instance->lock = fd;
			return 0;
		}
		close(fd);
	}
	close(fd);
	return err;
}

/* Returns 0, -ENOENT without a word, or -errno after a line. */
static int record_open(struct instance *instance, bool write)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	char path[PATH_MAX];
	struct {
		__u32 abi;
		char rest[65536 - sizeof(__u32)];
	} raw = { 0 };
	int fd;

	pin_path(instance, "record", path);
	fd = pin_open(path, write);
	if (fd == -ENOENT)
		return fd;
	if (fd < 0)
		return pin_refused(path, fd);
	instance->record_fd = fd;
	if (bpf_obj_get_info_by_fd(fd, &info, &size) ||
	    info.type != BPF_MAP_TYPE_ARRAY || info.key_size != sizeof(__u32) ||
	    info.value_size > sizeof(raw) ||
	    bpf_map_lookup_elem(fd, &(__u32){ 0 }, &raw))
		return fail(EPROTO, "%s: not an instance of weir", path);
	if (raw.abi != WEIR_ABI || info.value_size != sizeof(instance->record))
		return fail(EPROTO,
			    "instance '%s' was made by another version of weir "
			    "(its ABI is %u, ours %u); use that version, or "
			    "remove %s and attach anew",
			    instance->name, raw.abi, WEIR_ABI, instance->path);
	memcpy(&instance->record, &raw, sizeof(instance->record));
	return 0;
}

static bool map_is_writable(enum map map, enum instance_access access)
{
	return access == INSTANCE_OWN ||
	       (access == INSTANCE_EDIT && map_kinds[map].mode == 0660);
}

static int maps_open(struct instance *instance, enum instance_access access)
{
	char path[PATH_MAX];
	int fd;

	for (int i = 0; i < MAP_COUNT; i++) {
		map_path(instance, i, instance->record.generation, path);
		fd = pin_open(path, map_is_writable(i, access));
		if (fd < 0 && access != INSTANCE_OWN &&
		    map_kinds[i].mode == 0600)
			continue; /* root's alone: stays closed */
		if (fd < 0)
			return pin_refused(path, fd);
		instance->maps.fd[i] = fd;
		if (map_check(i, fd))
			return fail(EPROTO, "%s: not a map of this version",
				    path);
	}
	return 0;
}

/* Take back an attach that was killed before it was whole. */
static int pending_undo(struct instance *instance)
{
	for (unsigned int slot = 1; slot < WEIR_MAX_INTERFACES; slot++) {
		if (!(instance->record.pending >> slot & 1))
			continue;
		instance_unlink(instance, slot);
		slots_forget(&instance->maps, slot);
	}
	instance->record.pending = 0;
	return instance_save(instance);
}

/* Finish or take back what a killed writer left; go back where it is time. */
static int instance_settle(struct instance *instance)
{
	int err = instance->record.pending ? pending_undo(instance) : 0;

	return err ? err : generations_settle(instance);
}

static bool is_settled(const struct instance *instance)
{
	return !instance->record.pending && generations_are_settled(instance);
}

static bool may_settle(const struct instance *instance)
{
	char path[PATH_MAX];

	pin_path(instance, "record", path);
	return !access(path, W_OK);
}

static int unsettled(const struct instance *instance)
{
	return fail(EAGAIN,
		    "a change of policy was left half-way (instance '%s'); "
		    "root settles that with: weir status",
		    instance->name);
}

/* Open once with every right, for what that does on the way. */
static int settle_first(const char *name)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;

	return instance_open(name, INSTANCE_OWN, &instance);
}

int instance_open(const char *name, enum instance_access access,
		  struct instance *instance)
{
	int err = instance_prepare(name, instance);

	if (err)
		return err;
	err = instance_lock(instance, access);
	if (err)
		return err == -ENOENT ? absent(instance) : err;
	err = record_open(instance, access == INSTANCE_OWN);
	if (err == -ENOENT || (!err && !instance->record.settled))
		err = half_made(instance);
	if (!err && access != INSTANCE_OWN && !is_settled(instance)) {
		if (may_settle(instance)) {
			instance_close(instance);
			err = settle_first(name);
			return err ? err : instance_open(name, access, instance);
		}
		if (access == INSTANCE_EDIT)
			err = unsettled(instance);
	}
	if (!err)
		err = maps_open(instance, access);
	if (!err && access == INSTANCE_OWN)
		err = instance_settle(instance);
	if (err)
		instance_close(instance);
	return err;
}

static int record_pin(struct instance *instance)
{
	char path[PATH_MAX];
	int err;

	instance->record_fd =
		bpf_map_create(BPF_MAP_TYPE_ARRAY, "weir_record", sizeof(__u32),
			       sizeof(instance->record), 1, NULL);
	if (instance->record_fd < 0)
		return fail(errno, "cannot make the record: %s%s",
			    error_text(errno), kernel_hint(errno));
	err = instance_save(instance);
	if (err)
		return err;
	pin_path(instance, "record", path);
	return pin(instance->record_fd, path, 0640);
}

/* Load the first generation into an empty, locked directory. */
static int instance_build(struct instance *instance)
{
	_cleanup_(generation_close) struct generation first = GENERATION_CLOSED;
	const struct filter_settings nothing = { 0 };
	char path[PATH_MAX];
	int err;

	instance->record = (struct weir_record){
		.abi = WEIR_ABI,
		.netns_cookie = netns_cookie(),
		.netns_inode = netns_inode(),
		.created_s = time(NULL),
		.applied_s = time(NULL),
	};
	err = generation_build(instance, &nothing, true, &first);
	if (!err)
		err = limits_secret_make(&first.maps);
	for (int i = 0; !err && i < MAP_COUNT; i++) {
		if (map_kinds[i].lifetime != MAP_INSTANCE)
			continue;
		map_path(instance, i, 0, path);
		err = pin(first.maps.fd[i], path, map_kinds[i].mode);
	}
	if (!err)
		err = generation_pin(&first, &(struct description){ 0 });
	if (err)
		return err;
	generation_adopt(&first);
	return record_pin(instance);
}

/* Whatever a killed attach left in the directory goes first. */
static int instance_rebuild(struct instance *instance)
{
	cleanup_fd(&instance->record_fd);
	instance->record_fd = -1;
	instance_clear(instance);
	instance->fresh = true;
	return instance_build(instance);
}

/* The directory, locked, with or without an instance in it. */
static int directory_open(struct instance *instance)
{
	char root[PATH_MAX];
	int err;

	snprintf(root, sizeof(root), "%s/weir", bpffs_root());
	err = bpffs_prepare();
	if (!err)
		err = directory_make(root);
	while (!err) {
		err = directory_make(instance->path);
		if (!err)
			err = instance_lock(instance, INSTANCE_OWN);
		if (err != -ENOENT)
			break;
		err = 0; /* removed by whoever had the lock: once more */
	}
	return err;
}

int instance_create(const char *name, struct instance *instance)
{
	int err = instance_prepare(name, instance);

	if (err)
		return err;
	err = directory_open(instance);
	if (err)
		return err;
	err = record_open(instance, true);
	if (!err && instance->record.settled) {
		err = maps_open(instance, INSTANCE_OWN);
		if (!err)
			err = instance_settle(instance);
	} else if (!err || err == -ENOENT) {
		err = instance_rebuild(instance);
	}
	if (err)
		instance_close(instance);
	return err;
}

int instance_destroy(const char *name)
{
	struct instance instance;
	int err = instance_prepare(name, &instance);

	if (err)
		return err;
	err = instance_lock(&instance, INSTANCE_OWN);
	if (err == -ENOENT)
		return absent(&instance);
	if (!err)
		err = record_open(&instance, true);
	if (err == -ENOENT || (!err && !instance.record.settled))
		note("taking back an attach that was killed half-way");
	if (!err || err == -ENOENT)
		err = instance_remove(&instance);
	instance_close(&instance);
	return err;
}
