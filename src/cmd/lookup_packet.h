/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WEIR_LOOKUP_PACKET_H
#define WEIR_LOOKUP_PACKET_H

#include "cmd/cmd.h"

/*
 * "lookup --packet CAPTURE".  What was read before a capture turned out to be
 * damaged is shown all the same.
 */
int capture_lookup(const struct invocation *in, const char *path);

#endif
