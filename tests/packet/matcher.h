/* SPDX-License-Identifier: GPL-2.0-only */
/* Compiled rules in the kernel, in a program that tells what matched. */
#ifndef WEIR_TESTS_MATCHER_H
#define WEIR_TESTS_MATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compile/rules.h"

struct match_bpf;

struct matcher {
	struct match_bpf *skel;
	int program;
	bool one_buffer;	/* set before: ask for no length beyond it */
};

/* Load rules.  Returns 0, or -errno. */
int matcher_open(struct matcher *matcher, const struct rule_code *code);
void matcher_close(struct matcher *matcher);

/*
 * Run a frame, of which 'linear' bytes lie in the first buffer (0: what the
 * kernel puts there).  Returns the blocks' bitmaps, and in *linear how many
 * bytes it really were; or NULL.
 */
const uint64_t *matcher_run(struct matcher *matcher, const void *frame,
			    size_t len, uint32_t *linear);

static inline bool is_matched(const uint64_t *matched, uint32_t place)
{
	return matched[place / 64] >> place % 64 & 1;
}

/* What the kernel's verifier processed for it, 0 where it does not say. */
unsigned int matcher_verified(const struct matcher *matcher);

#endif
