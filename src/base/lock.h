/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WEIR_LOCK_H
#define WEIR_LOCK_H

#include <stdbool.h>

/*
 * Lock a file or directory by flock(2), shared or exclusive, waiting up to
 * five seconds.  Returns 0, or -EBUSY after a line on stderr that names 'what'
 * and the process in the way; or another -errno.
 */
int lock_take(int fd, bool exclusive, const char *what);

#endif
