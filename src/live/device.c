// SPDX-License-Identifier: GPL-2.0-only
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/device.h"

static int device_ioctl(const struct device *device, unsigned long request,
			struct ifreq *req)
{
	_fd_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(req->ifr_name, device->name, sizeof(req->ifr_name));
	return fd < 0 || ioctl(fd, request, req) ? -errno : 0;
}

static int device_ethtool(const struct device *device, void *command)
{
	struct ifreq req = { .ifr_data = command };

	return device_ioctl(device, SIOCETHTOOL, &req);
}

int device_read(unsigned int ifindex, struct device *device)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq req = { 0 };

	*device = (struct device){ .ifindex = ifindex };
	if (!if_indextoname(ifindex, device->name))
		return -errno;
	if (!device_ethtool(device, &info))
		memcpy(device->driver, info.driver, sizeof(info.driver) - 1);
	if (!device_ioctl(device, SIOCGIFFLAGS, &req))
		device->up = req.ifr_flags & IFF_UP;
	if (!device_ioctl(device, SIOCGIFMTU, &req))
		device->mtu = req.ifr_mtu;
	if (!device_ioctl(device, SIOCGIFHWADDR, &req))
		memcpy(&device->mac, req.ifr_hwaddr.sa_data,
		       sizeof(device->mac));
	return 0;
}

/* The driver's counters and their names, to be freed. */
static int counters_read(const struct device *device,
			 struct ethtool_gstrings **names,
			 struct ethtool_stats **stats)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	int err = device_ethtool(device, &info);

	*names = calloc(1, sizeof(**names) + info.n_stats * ETH_GSTRING_LEN);
	*stats = calloc(1, sizeof(**stats) + info.n_stats * sizeof(__u64));
	if (!*names || !*stats)
		return -ENOMEM;
	(*names)->cmd = ETHTOOL_GSTRINGS;
	(*names)->string_set = ETH_SS_STATS;
	(*stats)->cmd = ETHTOOL_GSTATS;
	(*names)->len = (*stats)->n_stats = info.n_stats;
	if (!err)
		err = device_ethtool(device, *names);
	return err ? err : device_ethtool(device, *stats);
}

static const char *counter_name(const struct ethtool_gstrings *names,
				uint32_t i)
{
	return (const char *)names->data + i * ETH_GSTRING_LEN;
}

static bool counts_frames(const char *name)
{
	int end = 0;

	sscanf(name, "tx_queue_%*u_xdp_xmit%n", &end);
	return end && !name[end];
}

int device_frames(const struct device *device, uint64_t *frames)
{
	_free_ struct ethtool_gstrings *names = NULL;
	_free_ struct ethtool_stats *stats = NULL;
	int err = counters_read(device, &names, &stats);
	uint64_t sum = 0;

	if (err)
		return fail(-err, "flood: %s: cannot read its counters: %s",
			    device->name, error_text(err));
	for (uint32_t i = 0; i < names->len; i++)
		if (counts_frames(counter_name(names, i)))
			sum += stats->data[i];
	*frames = sum;
	return 0;
}

unsigned int device_peer(const struct device *device)
{
	_free_ struct ethtool_gstrings *names = NULL;
	_free_ struct ethtool_stats *stats = NULL;

	if (strcmp(device->driver, "veth") ||
	    counters_read(device, &names, &stats))
		return 0;
	for (uint32_t i = 0; i < names->len; i++)
		if (!strcmp(counter_name(names, i), "peer_ifindex"))
			return stats->data[i];
	return 0;
}

int device_tune(const struct device *device)
{
	struct ethtool_value gro = { .cmd = ETHTOOL_SGRO, .data = 1 };
	struct ethtool_value sums = { .cmd = ETHTOOL_STXCSUM };
	struct ethtool_value tags = { .cmd = ETHTOOL_GFLAGS };
	int err = device_ethtool(device, &gro);

	if (!err)
		err = device_ethtool(device, &sums);
	if (!err)
		err = device_ethtool(device, &tags);
	tags.cmd = ETHTOOL_SFLAGS;
	tags.data &= ~(__u32)ETH_FLAG_TXVLAN;
	if (!err)
		err = device_ethtool(device, &tags);
	return err ? fail(-err, "%s: cannot set its offloads: %s", device->name,
			  error_text(err))
		   : 0;
}
