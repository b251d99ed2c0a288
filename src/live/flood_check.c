// SPDX-License-Identifier: GPL-2.0-only
/* What the generator refuses. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/flood_parts.h"

enum { BENCHMARKS4, DOCUMENTATION6 }; /* where sources are from, unasked */

/* RFC 2544, RFC 3849, RFC 5737: nobody on the Internet has these. */
static const struct prefix harmless[] = {
	[BENCHMARKS4] = { .family = 4, .len = 15, .addr = { 198, 18 } },
	[DOCUMENTATION6] = { .family = 6,
			     .len = 32,
			     .addr = { 0x20, 0x01, 0x0d, 0xb8 } },
	{ .family = 4, .len = 24, .addr = { 192, 0, 2 } },
	{ .family = 4, .len = 24, .addr = { 198, 51, 100 } },
	{ .family = 4, .len = 24, .addr = { 203, 0, 113 } },
};

#define HARMLESS                                                               \
	"192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, "                      \
	"198.18.0.0/15, 2001:db8::/32"

static bool mac_is_zero(const struct ether_addr *mac)
{
	static const struct ether_addr zero;

	return !memcmp(mac, &zero, sizeof(zero));
}

/* Replace every 0 that stands for something. */
static void flood_resolve(struct flood *f, const struct device *device)
{
	const struct flood_kind_info *kind = &flood_kinds[f->kind];

	if (!f->from.family)
		f->from = harmless[f->to.family == 4 ? BENCHMARKS4
						     : DOCUMENTATION6];
	if (mac_is_zero(&f->to_mac))
		memset(&f->to_mac, 0xff, sizeof(f->to_mac));
	if (mac_is_zero(&f->from_mac))
		f->from_mac = device->mac;
	if (!f->sport)
		f->sport = kind->sport;
	if (!f->dport)
		f->dport = kind->dport;
	if (!f->size)
		f->size = flood_least_size(f);
	if (!f->duration_ms)
		f->duration_ms = FLOOD_DEFAULT_MS;
}

/* Is the socket in this table of unix(7) sockets?  1, 0 or -errno. */
static int socket_listed(const char *path, ino_t inode)
{
	_file_ FILE *table = fopen(path, "re");
	char line[512];
	uintmax_t listed;

	if (!table)
		return -errno;
	while (fgets(line, sizeof(line), table))
		if (sscanf(line, "%*s %*s %*s %*s %*s %*s %ju", &listed) == 1 &&
		    listed == inode)
			return 1;
	return 0;
}

/*
 * Does process 1 see a socket of ours?  Comparing /proc/1/ns/net with our own
 * asks the same, but needs rights over process 1 that root in a sandbox lacks.
 */
int flood_check_namespace(void)
{
	_fd_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct stat st;
	int here, initial;

	if (fd < 0 || fstat(fd, &st))
		return fail(errno, "flood: socket: %s", error_text(errno));
	here = socket_listed("/proc/thread-self/net/unix", st.st_ino);
	initial = socket_listed("/proc/1/net/unix", st.st_ino);
	if (here != 1 || initial < 0)
		return fail(EPERM,
			    "flood: refused, cannot tell from /proc "
			    "whether this is the initial network namespace");
	if (initial)
		return fail(EPERM, "flood: refused in the initial network "
				   "namespace; make another (ip netns add)");
	return 0;
}

static int check_device(const struct flood *f, const struct device *device)
{
	int room = device->mtu + (int)sizeof(struct ether_header);

	if (strcmp(device->driver, "veth"))
		return fail(EPERM, "flood: %s: refused, it is not a veth",
			    device->name);
	if (!device->up)
		return fail(ENETDOWN, "flood: %s: is down (ip link set %s up)",
			    device->name, device->name);
	if ((int)f->size > room)
		return fail(EMSGSIZE,
			    "flood: %s: frames of %u bytes do not "
			    "fit, %d is the most",
			    device->name, f->size, room);
	return 0;
}

static int check_prefix(const char *role, const struct prefix *p)
{
	char text[PREFIX_TEXT];

	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		if (prefix_covers(&harmless[i], p))
			return 0;
	return fail(EPERM, "flood: refused %s %s: only addresses of " HARMLESS,
		    role, prefix_format(p, text));
}

static int check_addresses(const struct flood *f)
{
	char text[PREFIX_TEXT];
	int err;

	if ((f->to.family != 4 && f->to.family != 6) ||
	    f->to.len != prefix_bits(&f->to))
		return fail(EINVAL, "flood: the destination is one address, "
				    "not a prefix");
	if (f->from.family != f->to.family)
		return fail(EINVAL,
			    "flood: source %s: not of the "
			    "destination's family, IPv%d",
			    prefix_format(&f->from, text), f->to.family);
	err = check_prefix("destination", &f->to);
	return err ? err : check_prefix("source", &f->from);
}

static int check_bounds(const struct flood *f)
{
	unsigned int least = flood_least_size(f);

	if (f->size < least || f->size > FLOOD_MAX_SIZE)
		return fail(EINVAL,
			    "flood: size %u: such frames have %u to "
			    "%d bytes",
			    f->size, least, FLOOD_MAX_SIZE);
	if (f->duration_ms > FLOOD_MAX_MS)
		return fail(EINVAL, "flood: %u seconds: at most %d",
			    f->duration_ms / 1000, FLOOD_MAX_MS / 1000);
	if (f->rate_pps > FLOOD_MAX_PPS)
		return fail(EINVAL,
			    "flood: %" PRIu64 " packets a second: at "
			    "most %d",
			    f->rate_pps, FLOOD_MAX_PPS);
	if (f->vlan > FLOOD_MAX_VLAN)
		return fail(EINVAL, "flood: VLAN %u: 1 to %d", f->vlan,
			    FLOOD_MAX_VLAN);
	return 0;
}

/* Safety first: a namespace that is refused is not looked into. */
int flood_prepare(const struct flood *asked, struct flood *f,
		  struct device *device)
{
	int err = flood_check_namespace();

	if (err)
		return err;
	err = device_read(asked->ifindex, device);
	if (err)
		return fail(-err, "flood: interface %u: %s", asked->ifindex,
			    error_text(err));
	*f = *asked;
	flood_resolve(f, device);
	err = check_addresses(f);
	if (!err)
		err = check_bounds(f);
	return err ? err : check_device(f, device);
}

int flood_check(const struct flood *flood)
{
	struct device device;
	struct flood f;

	return flood_prepare(flood, &f, &device);
}
