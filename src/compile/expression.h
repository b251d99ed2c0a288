/* SPDX-License-Identifier: GPL-2.0-only */
/* Expressions of pcap-filter(7), through libpcap, to classic BPF. */
#ifndef WEIR_EXPRESSION_H
#define WEIR_EXPRESSION_H

#include "compile/classic.h"

#define EXPRESSION_MAX	8192	/* bytes of text */
#define EXPRESSION_WHY	256

struct expression {
	const char *text;
	struct cbpf program;		/* none where it was refused */
	char why[EXPRESSION_WHY];	/* then, without a line's end */
};

/*
 * Compile each text for Ethernet.  libpcap runs in a child process: no text can
 * take more than a few seconds, and what crashes there crashes nothing here.
 * Returns 0 if all were compiled, -EINVAL if some were refused, or -errno after
 * a line on stderr.  The caller frees, whatever is returned.
 */
int expressions_compile(struct expression *expressions, size_t count,
			bool optimize);
void expressions_free(struct expression *expressions, size_t count);

#endif
