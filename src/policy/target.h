/* SPDX-License-Identifier: GPL-2.0-only */
/* What a list statement names. */
#ifndef WEIR_TARGET_H
#define WEIR_TARGET_H

#include <stddef.h>

#include "base/prefix.h"

struct targets {
	struct prefix *prefixes;
	size_t count;
};

/*
 * Read all words as addresses or prefixes.  Returns 0 with targets->prefixes
 * to be freed; or -errno after a line on stderr that begins with 'where', with
 * *targets untouched.
 */
int targets_parse(char *const *words, size_t count, const char *where,
		  struct targets *targets);

/* One address, without a length.  Returns 0, or -EINVAL after a line. */
int address_parse(const char *word, const char *where, struct prefix *address);

#endif
