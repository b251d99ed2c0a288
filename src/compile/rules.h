/* SPDX-License-Identifier: GPL-2.0-only */
/* The rules of a policy, from text to the code of the datapath. */
#ifndef WEIR_RULES_H
#define WEIR_RULES_H

#include <stdbool.h>

#include "compile/classic.h"
#include "compile/code.h"

struct rule_source {
	const char *expression;
	bool ends;		/* the walk, where it matches */
	bool drops;		/* the packet, where it matches */
	char why[256];		/* out: why it is refused, or "" */
	unsigned int evasions;	/* out: enum evasion; rules_compile() only */
};

/*
 * Compile all rules, in order.  Returns 0; -EINVAL where rules were refused,
 * each with a line in its 'why'; or -errno after a line on stderr.  The caller
 * frees the code, which is none on failure.
 */
int rules_compile(struct rule_source *rules, size_t count,
		  struct rule_code *code);

/*
 * The same from classic programs, of which programs[i] is rule i's: without
 * libpcap, and without a refusal where no packet can match.
 */
int rules_translate(struct rule_source *rules, const struct cbpf *programs,
		    size_t count, struct rule_code *code);

void rule_code_free(struct rule_code *code);

#endif
