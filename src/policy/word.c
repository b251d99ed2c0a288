// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "policy/word.h"

int reader_open(struct reader *reader, const char *text, size_t size,
		const char *file)
{
	*reader = (struct reader){
		.file = file,
		.at = text,
		.end = text + size,
		.line_start = text,
		.line = 1,
	};
	/* A word and its NUL are no longer than a word and what ends it. */
	reader->store = malloc(size + 1);
	return reader->store ? 0 : fail(ENOMEM, "out of memory");
}

void reader_close(struct reader *reader)
{
	free(reader->store);
	free(reader->words);
}

static int reader_fail(const struct reader *reader, const char *at,
		       const char *what)
{
	const struct place place = {
		.file = reader->file,
		.line = reader->line,
		.column = at - reader->line_start + 1,
	};

	return fail_at(&place, EINVAL, "%s", what);
}

/* The bytes of the newline at a place, or 0 where there is none. */
static unsigned int newline_length(const struct reader *reader, const char *at)
{
	if (at < reader->end && *at == '\n')
		return 1;
	if (reader->end - at >= 2 && at[0] == '\r' && at[1] == '\n')
		return 2;
	return 0;
}

static void line_begin(struct reader *reader, const char *at)
{
	reader->at = reader->line_start = at;
	reader->line++;
}

/* Go behind a backslash that ends a line, if one stands here. */
static bool is_continued(struct reader *reader)
{
	unsigned int length = *reader->at == '\\'
				      ? newline_length(reader, reader->at + 1)
				      : 0;

	if (length)
		line_begin(reader, reader->at + 1 + length);
	return length;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_control(char c)
{
	return c != '\t' && iscntrl((unsigned char)c);
}

/* Behind a mistake: to the end of the line, or of the last that continues it.
 */
static void line_give_up(struct reader *reader)
{
	unsigned int length;

	while (reader->at < reader->end) {
		length = newline_length(reader, reader->at);
		if (length) {
			line_begin(reader, reader->at + length);
			return;
		}
		if (!is_continued(reader))
			reader->at++;
	}
}

static int comment_read(struct reader *reader)
{
	while (reader->at < reader->end && !newline_length(reader, reader->at))
		if (is_control(*reader->at++))
			return reader_fail(reader, reader->at - 1,
					   "a control character");
	return 0;
}

static int word_new(struct reader *reader)
{
	struct word *grown;
	size_t room;

	if (reader->count == reader->room) {
		room = reader->room ? reader->room * 2 : 64;
		grown = realloc(reader->words, room * sizeof(*grown));
		if (!grown)
			return fail(ENOMEM, "out of memory");
		reader->words = grown;
		reader->room = room;
	}
	reader->words[reader->count++] = (struct word){
		.text = reader->stored,
		.line = reader->line,
		.column = reader->at - reader->line_start + 1,
	};
	return 0;
}

/* A backslash that does not end a line. */
static int backslash_read(struct reader *reader)
{
	const char *next = reader->at + 1;

	if (!reader->quote)
		return reader_fail(reader, reader->at,
				   "a backslash stands in quotes, or ends a "
				   "line that goes on");
	if (reader->quote == '"' && next < reader->end && *next &&
	    strchr("\"\\$`", *next))
		reader->at++;
	*reader->stored++ = *reader->at++;
	return 0;
}

static int char_read(struct reader *reader)
{
	char c = *reader->at;

	if (is_control(c))
		return reader_fail(reader, reader->at, "a control character");
	if (c == '\\')
		return backslash_read(reader);
	if (c == reader->quote)
		reader->quote = 0;
	else if (!reader->quote && (c == '\'' || c == '"'))
		reader->quote = c;
	else
		*reader->stored++ = c;
	reader->at++;
	return 0;
}

static int word_read(struct reader *reader)
{
	int err = word_new(reader);

	reader->quote = 0;
	while (!err && reader->at < reader->end &&
	       !newline_length(reader, reader->at) &&
	       (reader->quote || !is_blank(*reader->at)))
		if (!is_continued(reader))
			err = char_read(reader);
	*reader->stored++ = '\0';
	if (!err && reader->quote)
		err = reader_fail(reader, reader->at,
				  reader->quote == '"'
					  ? "the line ends inside \"quotes\""
					  : "the line ends inside 'quotes'");
	return err;
}

int statement_read(struct reader *reader)
{
	unsigned int length;
	int err = 0;

	reader->count = 0;
	reader->stored = reader->store;
	while (!err && reader->at < reader->end) {
		length = newline_length(reader, reader->at);
		if (length) {
			line_begin(reader, reader->at + length);
			if (reader->count)
				return 1;
		} else if (is_blank(*reader->at)) {
			reader->at++;
		} else if (*reader->at == '#') {
			err = comment_read(reader);
		} else if (!is_continued(reader)) {
			err = word_read(reader);
		}
	}
	if (err)
		line_give_up(reader);
	return err ? err : reader->count > 0;
}

struct word *words_from(char *const *texts, size_t count)
{
	struct word *words = calloc(count + 1, sizeof(*words));

	if (!words)
		fail(ENOMEM, "out of memory");
	for (size_t i = 0; words && i < count; i++)
		words[i].text = texts[i];
	return words;
}
