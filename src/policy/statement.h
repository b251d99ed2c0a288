/* SPDX-License-Identifier: GPL-2.0-only */
/* A statement while it is read, word by word. */
#ifndef WEIR_STATEMENT_H
#define WEIR_STATEMENT_H

#include "policy/policy.h"

struct verb;

struct statement {
	const struct word *next, *end;	/* the next word; behind the last */
	struct place place;		/* of the word taken last */
	struct place start;		/* of the first word */
	const struct verb *verb;
	bool observe;
	const char *before;		/* of a command line, or NULL */
	unsigned int *default_line;	/* of the file's default; or NULL */
};

/* The next word, from then on the place of errors; or NULL at the end. */
const char *word_take(struct statement *statement);

/*
 * "VERB: what; usage: ..." for words that are missing or too many.  Returns
 * -errno.
 */
int statement_misuse(const struct statement *statement, const char *what);

/*
 * Read the words behind the verb of a rule.  Returns 0, or -errno after a line
 * on stderr; the caller frees rule->expression in both cases.
 */
int rule_parse(struct statement *statement, enum weir_action action,
	       struct rule *rule);

/* Is this word not to be a rule's name? */
bool word_is_reserved(const char *word);

/* Is it one of the statements? */
bool word_is_verb(const char *word);

#endif
