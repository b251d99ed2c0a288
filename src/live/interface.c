// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/interface.h"

static void driver_read(struct interface *interface)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	_fd_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { 0 };

	memcpy(request.ifr_name, interface->name, IFNAMSIZ);
	if (!ioctl(fd, SIOCGIFMTU, &request))
		interface->mtu = request.ifr_mtu;
	request.ifr_data = (void *)&info;
	if (!ioctl(fd, SIOCETHTOOL, &request))
		memcpy(interface->driver, info.driver, sizeof(info.driver));
	interface->driver[sizeof(interface->driver) - 1] = '\0';
}

/*
 * libbpf dumps all interfaces for this, and a dump can miss one while others
 * come and go: "none" is believed when it has been said three times.
 */
static int program_query(unsigned int ifindex, struct bpf_xdp_query_opts *query)
{
	int err = 0;

	for (int i = 0; i < 3; i++) {
		err = bpf_xdp_query(ifindex, 0, query);
		if (!err && query->attach_mode != XDP_ATTACHED_NONE)
			break;
	}
	return err;
}

int interface_by_index(unsigned int ifindex, struct interface *interface)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);

	*interface = (struct interface){ .ifindex = ifindex };
	if (!ifindex || !if_indextoname(ifindex, interface->name))
		return -ENODEV;
	driver_read(interface);
	if (!program_query(ifindex, &query)) {
		interface->generic = query.attach_mode == XDP_ATTACHED_SKB;
		interface->program = query.prog_id	 ? query.prog_id
				     : query.drv_prog_id ? query.drv_prog_id
				     : query.hw_prog_id	 ? query.hw_prog_id
							 : query.skb_prog_id;
	}
	return 0;
}

int interface_by_name(const char *name, struct interface *interface)
{
	unsigned int ifindex = if_nametoindex(name);

	return ifindex ? interface_by_index(ifindex, interface) : -ENODEV;
}

const char *program_name(unsigned int id, char name[BPF_OBJ_NAME_LEN])
{
	_fd_ int fd = bpf_prog_get_fd_by_id(id);
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size) || !*info.name)
		strcpy(name, "?");
	else
		memcpy(name, info.name, BPF_OBJ_NAME_LEN);
	return name;
}

static bool says(const char *message, const char *word)
{
	return strcasestr(message, word) != NULL;
}

const char *attach_advice(const struct interface *interface, int err,
			  const char *message, char *advice, size_t size)
{
	const char *name = interface->name;

	if (says(message, "MTU") || err == -ERANGE)
		snprintf(advice, size,
			 "the MTU (%d) is too large for one buffer: "
			 "ip link set dev %s mtu 1500",
			 interface->mtu, name);
	else if (says(message, "LRO") || says(message, "GRO"))
		snprintf(advice, size,
			 "receive offloads are in the way: "
			 "ethtool -K %s lro off rx-gro-hw off",
			 name);
	else if (says(message, "queues") && !strcmp(interface->driver, "veth"))
		snprintf(advice, size,
			 "the other end has more transmit queues than %s has "
			 "receive queues: ethtool -L %s rx N (or tx 1 at the "
			 "other end)",
			 name, name);
	else if (says(message, "queue") || err == -ENOMEM || err == -ENOSPC)
		snprintf(advice, size,
			 "XDP needs transmit queues of its own: "
			 "ethtool -L %s combined N, with N half of what "
			 "ethtool -l %s shows",
			 name, name);
	else if (err == -EOPNOTSUPP)
		snprintf(advice, size,
			 "the driver%s%s cannot run XDP: weir attach %s "
			 "--mode generic is slower but works",
			 *interface->driver ? " " : "", interface->driver,
			 name);
	else if (err == -EBUSY || err == -EEXIST)
		snprintf(advice, size,
			 "another program came first: "
			 "weir attach %s --force",
			 name);
	else if (err == -EPERM || err == -EACCES)
		snprintf(advice, size,
			 "be root, or have CAP_BPF and CAP_NET_ADMIN");
	else
		snprintf(advice, size,
			 "weir attach %s --mode generic is "
			 "slower but may work",
			 name);
	return advice;
}
