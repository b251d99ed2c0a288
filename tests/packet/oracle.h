/* SPDX-License-Identifier: GPL-2.0-only */
/* What compiled rules are held to. */
#ifndef WEIR_TESTS_ORACLE_H
#define WEIR_TESTS_ORACLE_H

#include "compile/classic.h"

/*
 * libpcap's own interpreter, on the first 'linear' of a packet's 'len' bytes:
 * of the very same program, since its optimizer changes what a program says of
 * truncated packets.
 */
bool oracle_matches(const struct cbpf *program, const void *frame, size_t len,
		    size_t linear);

#endif
