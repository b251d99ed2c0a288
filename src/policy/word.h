/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A text as statements, a statement as words, as a shell would take them: one
 * statement a line, '#' at the start of a word begins a comment, quotes group,
 * a backslash at the end of a line continues it.  In double quotes a backslash
 * takes away the meaning of " \ $ and `; elsewhere it is refused, since a shell
 * would drop it.
 */
#ifndef WEIR_WORD_H
#define WEIR_WORD_H

#include <stddef.h>

#include "policy/place.h"

struct reader {
	const char *file;		/* for errors */
	const char *at, *end;		/* what is left of the text */
	const char *line_start;
	unsigned int line;
	char quote;			/* the one that is open, or 0 */
	char *store, *stored;		/* texts of the statement's words */
	struct word *words;		/* of the statement read last */
	size_t count, room;
};

/* 'text' and 'file' are kept, not copied.  Returns 0, or -ENOMEM after a line. */
int reader_open(struct reader *reader, const char *text, size_t size,
		const char *file);

/*
 * Read the next statement into reader->words, valid until the next call.
 * Returns 1; 0 at the end; or -errno after a line on stderr.  After -EINVAL the
 * next call goes on behind what was wrong.
 */
int statement_read(struct reader *reader);

void reader_close(struct reader *reader);

/*
 * The words of a command line, to be freed; their texts are the caller's.
 * Returns NULL after a line on stderr.
 */
struct word *words_from(char *const *texts, size_t count);

#endif
