/* SPDX-License-Identifier: GPL-2.0-only */
/* Captured packets, from a file of pcap or pcapng, as tcpdump writes it. */
#ifndef WEIR_CAPTURE_H
#define WEIR_CAPTURE_H

#include <stddef.h>

struct capture {
	const char *path;	/* "-" for stdin */
	void *pcap;
	unsigned long packets;	/* read so far */
};

struct captured {
	const unsigned char *bytes;	/* valid until the next is read */
	size_t size;			/* of those */
	size_t length;			/* of the packet when it was captured */
};

/*
 * Open a capture of Ethernet.  Returns 0, or -errno after a line on stderr; the
 * caller closes in both cases.
 */
int capture_open(const char *path, struct capture *capture);

/* Returns 1, 0 at the end, or -EINVAL after a line on stderr. */
int capture_next(struct capture *capture, struct captured *packet);

void capture_close(struct capture *capture);

#endif
