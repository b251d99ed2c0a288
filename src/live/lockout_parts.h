/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets that a peer might send; for lockout*.c alone. */
#ifndef WEIR_LOCKOUT_PARTS_H
#define WEIR_LOCKOUT_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/prefix.h"

#define PROBE_ROOM 1200

enum probe {
	PROBE_SYN,		/* of a peer who comes back */
	PROBE_ACK,
	PROBE_DATA,		/* 1,000 bytes */
	PROBE_PEER_COUNT,
	PROBE_SYN_ACK = PROBE_PEER_COUNT,
	PROBE_UDP,
};

/* Where it comes from and goes to; ports in host byte order. */
struct probe_way {
	struct prefix from, to;
	uint16_t sport, dport;
};

/* Build a frame with right lengths and checksums.  Returns its size. */
size_t probe_build(enum probe probe, const struct probe_way *way,
		   uint8_t frame[PROBE_ROOM]);

#endif
