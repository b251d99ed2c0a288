/* SPDX-License-Identifier: GPL-2.0-only */
/* What the running kernel can do, and what it said. */
#ifndef WEIR_KERNEL_H
#define WEIR_KERNEL_H

#include <stdbool.h>

/* Is the kernel at least this release? */
bool kernel_is(int major, int minor);

/* XDP programs see packets of several buffers (Linux 5.18). */
bool kernel_has_frags(void);

/* Programs may compare and swap, which limits need (Linux 5.12). */
bool kernel_has_cmpxchg(void);

/*
 * Keep what libbpf would print: its warnings go to stderr only if $WEIR_DEBUG
 * is set.  The kernel's own message on a refused netlink request (its extended
 * ack) is kept, and forgotten when read.
 */
void kernel_listen(void);
const char *kernel_message(void);

/* "; next step" for an error of bpf(2), or "". */
const char *kernel_hint(int err);

/* Which network namespace we are in: never reused, and 0 before Linux 5.14. */
unsigned long long netns_cookie(void);
unsigned long long netns_inode(void);

#endif
