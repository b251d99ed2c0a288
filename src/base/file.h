/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WEIR_FILE_H
#define WEIR_FILE_H

#include <stddef.h>

/* Nobody writes a policy or a list of this size; a device may offer it. */
#define FILE_MOST (256 << 20)

/*
 * Read what is left of an open file, pipes included, into memory that the
 * caller frees; a NUL that 'size' does not count stands behind it.  Returns 0,
 * or -errno without a word, EFBIG beyond FILE_MOST.
 */
int file_read(int fd, char **text, size_t *size);

#endif
