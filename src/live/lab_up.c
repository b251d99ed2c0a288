// SPDX-License-Identifier: GPL-2.0-only
/* Making a lab, by ip(8) inside its namespaces. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/device.h"
#include "live/instance.h"
#include "live/iproute.h"
#include "live/lab_parts.h"
#include "live/netns.h"

static int sysctl_write(const char *name, const char *value)
{
	char path[PATH_MAX];
	_fd_ int fd = -1;

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, value, strlen(value)) > 0)
		return 0;
	return fail(errno, "lab: %s: cannot write %s: %s", path, value,
		    error_text(errno));
}

/*
 * What a namespace inherits depends on the host.  Nothing is forwarded, no
 * source is refused for the way it came, and IPv6 works at once.
 */
static int side_configure(int netns)
{
	static const char *const settings[][2] = {
		{ "ipv4/ip_forward", "0" },
		{ "ipv4/conf/all/rp_filter", "0" },
		{ "ipv4/conf/default/rp_filter", "0" },
		{ "ipv6/conf/all/forwarding", "0" },
		{ "ipv6/conf/all/disable_ipv6", "0" },
		{ "ipv6/conf/default/disable_ipv6", "0" },
		{ "ipv6/conf/default/accept_dad", "0" },
		{ "ipv6/conf/default/accept_ra", "0" },
		{ "ipv6/conf/default/router_solicitations", "0" },
	};
	_cleanup_(netns_leave) int home = netns_visit(netns);
	int err = home < 0 ? home : 0;

	for (size_t i = 0; !err && i < sizeof(settings) / sizeof(*settings);
	     i++)
		err = sysctl_write(settings[i][0], settings[i][1]);
	return err;
}

/*
 * The two ends have indices that no other veth pair has, so that each can be
 * told by the other's.
 */
static void script_pair(FILE *script, const char *name)
{
	char netns[LAB_NETNS_SIZE];
	unsigned int index = 0;

	getrandom(&index, sizeof(index), 0);
	index = 1000 + index % 1000000 * 2;
	fprintf(script,
		"link add server0 index %u type veth "
		"peer name attacker0 index %u netns %s\n",
		index, index + 1, lab_netns(name, LAB_ATTACKER, netns));
}

static void script_side(FILE *script, enum lab_side side)
{
	const char *end = lab_interfaces[side];
	unsigned int host = lab_host(side);

	fprintf(script,
		"address add 192.0.2.%u/24 dev %s\n"
		"address add 2001:db8::%u/64 dev %s nodad\n"
		"link set %s up\n",
		host, end, host, end, end);
	if (side == LAB_SERVER)
		fputs("route add 198.18.0.0/15 via 192.0.2.1\n"
		      "route add 198.51.100.0/24 via 192.0.2.1\n"
		      "route add 203.0.113.0/24 via 192.0.2.1\n"
		      "route add 2001:db8::/32 via 2001:db8::1\n",
		      script);
}

/* Sixteen IPv4 networks fit into 203.0.113.0/24. */
static void script_vlans(FILE *script, enum lab_side side,
			 const uint16_t *vlans, unsigned int count)
{
	const char *end = lab_interfaces[side];
	unsigned int host = lab_host(side);

	for (unsigned int i = 0; i < count; i++)
		fprintf(script,
			"link add link %s name %s.%u type vlan id %u\n"
			"address add 203.0.113.%u/28 dev %s.%u\n"
			"address add 2001:db8:%u::%u/64 dev %s.%u nodad\n"
			"link set %s.%u up\n",
			end, end, vlans[i], vlans[i], 16 * i + host, end,
			vlans[i], vlans[i], host, end, vlans[i], end, vlans[i]);
}

/* The attacker's loopback comes up last of all: see lab_is_whole(). */
static char *script_make(const char *name, enum lab_side side,
			 const uint16_t *vlans, unsigned int count)
{
	char *text = NULL;
	size_t size;
	FILE *script = open_memstream(&text, &size);

	if (!script)
		return NULL;
	if (side == LAB_SERVER)
		script_pair(script, name);
	script_side(script, side);
	script_vlans(script, side, vlans, count);
	fputs("link set lo up\n", script);
	return fclose(script) ? NULL : text;
}

static int script_run(const char *script, int netns)
{
	char why[512];
	int err = ip_batch(netns, script, why, sizeof(why));

	if (!err)
		return 0;
	return fail(-err, "lab: %s%s", why,
		    strstr(why, "type vlan")
			    ? "; does this kernel have 802.1Q (modprobe "
			      "8021q)? else leave out --vlan"
			    : "");
}

static int side_tune(const char *name, int netns)
{
	_cleanup_(netns_leave) int home = netns_visit(netns);
	struct device device;
	int err;

	if (home < 0)
		return home;
	err = device_read(if_nametoindex(name), &device);
	return err ? fail(-err, "lab: %s: %s", name, error_text(err))
		   : device_tune(&device);
}

static int side_furnish(const char *name, enum lab_side side,
			const uint16_t *vlans, unsigned int count, int netns)
{
	_free_ char *script = script_make(name, side, vlans, count);

	if (!script)
		return fail(ENOMEM, "lab: %s", error_text(ENOMEM));
	return script_run(script, netns);
}

/* The server's side makes both ends of the pair. */
static int lab_furnish(const char *name, const uint16_t *vlans,
		       unsigned int count, const struct lab_fds *fds)
{
	int err = 0;

	for (int side = 0; !err && side < LAB_SIDES; side++)
		err = side_configure(fds->netns[side]);
	if (!err)
		err = side_furnish(name, LAB_SERVER, vlans, count,
				   fds->netns[LAB_SERVER]);
	for (int side = 0; !err && side < LAB_SIDES; side++)
		err = side_tune(lab_interfaces[side], fds->netns[side]);
	if (!err)
		err = side_furnish(name, LAB_ATTACKER, vlans, count,
				   fds->netns[LAB_ATTACKER]);
	return err;
}

static int name_taken(const char *name)
{
	return fail(EEXIST,
		    "lab: '%s' is there already; take it down with: weir lab "
		    "down %s",
		    name, name);
}

/* What has the name of the lab's instance before there is a lab. */
static int instance_check(const char *name)
{
	char instance[32];

	lab_instance(name, instance);
	if (!instance_exists(instance))
		return 0;
	return fail(EEXIST,
		    "lab: instance '%s' is there already; remove it with: "
		    "weir --instance %s detach --all",
		    instance, instance);
}

int lab_up(const char *name, const uint16_t *vlans, unsigned int count)
{
	_cleanup_(lab_sides_close) struct lab_fds fds = LAB_FDS_CLOSED;
	char text[LAB_NETNS_SIZE];
	int side = 0, err = lab_name_check(name);

	if (!err && lab_exists(name))
		return name_taken(name);
	if (!err)
		err = instance_check(name);
	while (!err && side < LAB_SIDES) {
		err = netns_make(lab_netns(name, side, text));
		if (err == -EEXIST)
			name_taken(name);
		side += !err;
	}
	if (!err && lab_sides_open(name, &fds))
		err = fail(ENOENT, "lab: '%s' went away meanwhile", name);
	if (!err)
		err = lab_furnish(name, vlans, count, &fds);
	while (err && side--)
		netns_remove(lab_netns(name, side, text));
	return err;
}
