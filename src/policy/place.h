/* SPDX-License-Identifier: GPL-2.0-only */
/* Words of a statement, and where they stand, for errors that point. */
#ifndef WEIR_PLACE_H
#define WEIR_PLACE_H

#include <stdbool.h>

/* What is not known is 0 or NULL and is left out of the error. */
struct place {
	const char *file;	/* NULL: a command line */
	unsigned int line, column;	/* from 1, in bytes */
	const char *verb;	/* of the statement */
};

struct word {
	char *text;
	unsigned int line, column;	/* from 1; 0 on a command line */
};

/*
 * "weir: FILE:LINE:COLUMN: VERB: ..." on stderr, or "weir: VERB: ..." for a
 * command line.  Returns -err.
 */
int fail_at(const struct place *place, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with "weir: note: ". */
void note_at(const struct place *place, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The place of a word of the same statement. */
struct place place_of(const struct place *place, const struct word *word);

/*
 * What a missing or unknown word is: a usage error on a command line, a bad
 * value in a file.
 */
int place_misuse(const struct place *place);

#endif
