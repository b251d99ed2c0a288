// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/name.h"
#include "live/device.h"
#include "live/instance.h"
#include "live/iproute.h"
#include "live/lab_parts.h"
#include "live/netns.h"

const char *const lab_interfaces[LAB_SIDES] = {
	[LAB_ATTACKER] = "attacker0",
	[LAB_SERVER] = "server0",
};

/* Host 1 is the attacker, host 2 the server. */
unsigned int lab_host(enum lab_side side)
{
	return side + 1;
}

struct prefix lab_address(enum lab_side side, unsigned char family)
{
	struct prefix address = { .family = 4,
				  .len = 32,
				  .addr = { 192, 0, 2, lab_host(side) } };

	if (family == 6)
		address = (struct prefix){
			.family = 6,
			.len = 128,
			.addr = { 0x20, 0x01, 0x0d,
				  0xb8, [15] = lab_host(side) }
		};
	return address;
}

const char *lab_netns(const char *name, enum lab_side side,
		      char text[LAB_NETNS_SIZE])
{
	snprintf(text, LAB_NETNS_SIZE, "weir-%s-%s", name,
		 lab_side_names[side]);
	return text;
}

void lab_instance(const char *name, char instance[32])
{
	snprintf(instance, 32, "lab-%s", name);
}

int lab_name_check(const char *name)
{
	if (strlen(name) < LAB_NAME_SIZE && name_is_valid(name))
		return 0;
	return fail(EINVAL,
		    "lab: '%s' is not a name (letters, digits, '-' and '_', "
		    "at most %d)",
		    name, LAB_NAME_SIZE - 1);
}

static bool side_exists(const char *name, enum lab_side side)
{
	char netns[LAB_NETNS_SIZE], path[PATH_MAX];

	snprintf(path, sizeof(path), NETNS_DIR "/%s",
		 lab_netns(name, side, netns));
	return !access(path, F_OK);
}

bool lab_exists(const char *name)
{
	return strlen(name) < LAB_NAME_SIZE && name_is_valid(name) &&
	       (side_exists(name, LAB_ATTACKER) ||
		side_exists(name, LAB_SERVER));
}

int lab_sides_open(const char *name, struct lab_fds *fds)
{
	char text[LAB_NETNS_SIZE];
	int err = 0;

	for (int side = 0; side < LAB_SIDES; side++) {
		fds->netns[side] = netns_open(lab_netns(name, side, text));
		if (fds->netns[side] < 0)
			err = fds->netns[side];
	}
	return err;
}

void lab_sides_close(struct lab_fds *fds)
{
	for (int side = 0; side < LAB_SIDES; side++)
		cleanup_fd(&fds->netns[side]);
}

int lab_absent(const char *name)
{
	return fail(EABSENT,
		    "lab: there is no '%s'; start with: weir lab up%s%s", name,
		    strcmp(name, "default") ? " " : "",
		    strcmp(name, "default") ? name : "");
}

bool lab_is_whole(void)
{
	struct device lo;

	return !device_read(if_nametoindex("lo"), &lo) && lo.up;
}

static int half_made(const char *name)
{
	return fail(ENXIO,
		    "lab: '%s' is half made; take it down with: weir lab down "
		    "%s",
		    name, name);
}

int lab_open(const char *name, struct lab_fds *fds)
{
	_cleanup_(netns_leave) int home = -1;
	int err = lab_name_check(name);

	if (err)
		return err;
	if (!lab_exists(name))
		return lab_absent(name);
	if (lab_sides_open(name, fds))
		return half_made(name);
	home = netns_visit(fds->netns[LAB_ATTACKER]);
	if (home < 0)
		return home;
	return lab_is_whole() ? 0 : half_made(name);
}

static bool is_inside(const struct lab_fds *fds, const char *process)
{
	char path[64];
	struct stat in, st;

	snprintf(path, sizeof(path), "/proc/%.20s/ns/net", process);
	if (stat(path, &in))
		return false;
	for (int side = 0; side < LAB_SIDES; side++)
		if (fds->netns[side] >= 0 && !fstat(fds->netns[side], &st) &&
		    st.st_ino == in.st_ino)
			return true;
	return false;
}

/* Processes keep a namespace that has lost its name. */
static void note_of_processes(const char *name, const struct lab_fds *fds)
{
	DIR *proc = opendir("/proc");
	struct dirent *file;
	int count = 0, last = 0;

	while (proc && (file = readdir(proc))) {
		if (atoi(file->d_name) <= 0 || !is_inside(fds, file->d_name))
			continue;
		last = atoi(file->d_name);
		count++;
	}
	if (proc)
		closedir(proc);
	if (count)
		note("lab: %d in lab '%s' still run, process %d among them; "
		     "its namespaces end with the last",
		     count, name, last);
}

/* The pair goes now, even if somebody stays in a namespace. */
static void pair_delete(const struct lab_fds *fds)
{
	char why[512];

	if (fds->netns[LAB_SERVER] >= 0)
		ip_batch(fds->netns[LAB_SERVER], "link delete server0\n", why,
			 sizeof(why));
}

/* An instance of that name in another namespace is not the lab's. */
static int instance_take_away(const char *name, int netns)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;
	_cleanup_(netns_leave) int home = -1;
	char text[32];
	int err;

	lab_instance(name, text);
	if (netns < 0 || !instance_exists(text))
		return 0;
	home = netns_visit(netns);
	if (home < 0)
		return home;
	err = instance_open(text, INSTANCE_OWN, &instance);
	if (!err && !instance_is_here(&instance))
		return 0;
	instance_close(&instance);
	return err && err != -EABSENT ? err : instance_destroy(text);
}

int lab_down(const char *name)
{
	_cleanup_(lab_sides_close) struct lab_fds fds = LAB_FDS_CLOSED;
	char text[LAB_NETNS_SIZE];
	int err = lab_name_check(name);

	if (err)
		return err;
	if (!lab_exists(name)) {
		note("lab: there is no '%s'", name);
		return 0;
	}
	lab_sides_open(name, &fds);
	for (int side = 0; !err && side < LAB_SIDES; side++)
		err = instance_take_away(name, fds.netns[side]);
	pair_delete(&fds);
	note_of_processes(name, &fds);
	for (int side = 0; side < LAB_SIDES; side++)
		if (netns_remove(lab_netns(name, side, text)) && !err)
			err = -EBUSY;
	return err;
}

/* Its own directory, last: where `weir` is found if nowhere else. */
static void path_extend(void)
{
	const char *before = getenv("PATH");
	char self[PATH_MAX], path[2 * PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *end;

	if (length < 0)
		return;
	self[length] = '\0';
	end = strrchr(self, '/');
	if (!end || end == self)
		return;
	*end = '\0';
	if (snprintf(path, sizeof(path), "%s:%s",
		     before ? before : "/usr/sbin:/usr/bin:/sbin:/bin",
		     self) < (int)sizeof(path))
		setenv("PATH", path, 1);
}

int lab_exec(const char *name, enum lab_side side, char *const *words)
{
	_cleanup_(lab_sides_close) struct lab_fds fds = LAB_FDS_CLOSED;
	char instance[32];
	int err = lab_open(name, &fds);

	if (!err)
		err = netns_enter(fds.netns[side]);
	if (err)
		return err;
	lab_instance(name, instance);
	setenv("WEIR_LAB", name, 1);
	setenv("WEIR_INSTANCE", instance, 1);
	path_extend();
	signal(SIGPIPE, SIG_DFL);
	execvp(words[0], words);
	return fail(errno, "lab: cannot run '%s' in lab '%s': %s", words[0],
		    name, error_text(errno));
}
