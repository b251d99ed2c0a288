/* SPDX-License-Identifier: GPL-2.0-only */
/* Between list.c, which reads statements and files, and target.c: a word. */
#ifndef WEIR_LISTING_H
#define WEIR_LISTING_H

#include "policy/target.h"

struct listing {
	struct targets *targets;
	enum weir_list list;		/* WEIR_ALLOW or WEIR_DENY */
	__u64 end_ns;
	bool over;			/* that end is past: add nothing */
	unsigned int line;		/* of the statement */
	struct place place;		/* of the word */
	unsigned int file;		/* index in targets.files, or 0 */
	bool from_file;			/* the word stands in a list file */
	bool silent;			/* fail without a line */
};

/* Add what a word names.  Returns 0, or -errno after a line on stderr. */
int target_parse(const struct listing *listing, const char *word);

#endif
