/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WEIR_IPROUTE_H
#define WEIR_IPROUTE_H

#include <stddef.h>

/*
 * Run commands of ip(8), one a line, in a network namespace, until one fails.
 * Returns 0, or -errno with why[] saying which one and ip's words for it.
 */
int ip_batch(int netns, const char *script, char *why, size_t size);

#endif
