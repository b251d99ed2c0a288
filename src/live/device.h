/* SPDX-License-Identifier: GPL-2.0-only */
/* An end of a veth pair, as ioctl(2) and ethtool(8) know it. */
#ifndef WEIR_DEVICE_H
#define WEIR_DEVICE_H

#include <net/ethernet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct device {
	char name[IF_NAMESIZE];
	char driver[32];
	unsigned int ifindex;
	struct ether_addr mac;
	int mtu;
	bool up;
};

/*
 * Returns 0, or -errno without a word if there is no such interface here.
 * What cannot be read of one that there is stays zero.
 */
int device_read(unsigned int ifindex, struct device *device);

/*
 * How many frames a veth ever handed to the other end's receive queue.  Only
 * XDP's are among them, and they count at once.  Returns 0, or -errno after a
 * line on stderr.
 */
int device_frames(const struct device *device, uint64_t *frames);

/* The ifindex of a veth's other end, or 0 for what is no veth. */
unsigned int device_peer(const struct device *device);

/*
 * Receive by NAPI, so that XDP's frames arrive also where no program is
 * attached; and send tags and checksums in the frame, where XDP and tcpdump
 * see them.  Returns 0, or -errno after a line on stderr.
 */
int device_tune(const struct device *device);

#endif
