/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compiled rules become functions of the datapath.  The kernel gets them with
 * the program, so they are verified, inlined and counted like the rest of it.
 */
#ifndef WEIR_SPLICE_H
#define WEIR_SPLICE_H

#include <stdbool.h>

#include "compile/code.h"

struct btf;

struct splice {
	const struct rule_code *rules;
	const struct btf *btf;	/* of the opened object: the caller's to set */
	bool frags;		/* the kernel knows packets of several buffers */
	unsigned int functions;	/* of rule_block()'s type that were handed over */
	unsigned int type;
	/* What the kernel reads while it loads. */
	struct bpf_insn *insns;
	void *func_info, *line_info;
};

/*
 * Between these two calls the program in section "xdp.frags" is opened and
 * loaded, and rule_block() in it replaced by the rules, if there are any.
 * Returns 0, or -errno after a line on stderr.
 */
int splice_begin(struct splice *splice, const struct rule_code *rules,
		 bool frags);
void splice_end(struct splice *splice);

/* Does the kernel hold what was spliced?  As above. */
int splice_check(const struct splice *splice, int program);

#endif
