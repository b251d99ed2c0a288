// SPDX-License-Identifier: GPL-2.0-only
/* Statements for the allow and the deny list, and the files they name. */
#include <ctype.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/file.h"
#include "base/name.h"
#include "policy/listing.h"

#define MOST_TOLD 10	/* wrong lines of one list file */

/* Clocks of 64 bits in nanoseconds end after 584 years. */
#define LAST_S (300ULL * 366 * 86400)

/* The one word of a line; "" for a line of none; NULL where there are more. */
static char *line_word(char *line)
{
	char *end;

	line[strcspn(line, "#;\r")] = '\0';
	line += strspn(line, " \t");
	end = line + strcspn(line, " \t");
	if (end[strspn(end, " \t")])
		return NULL;
	*end = '\0';
	return line;
}

static int line_parse(const struct listing *listing, char *line)
{
	const char *word = line_word(line);

	if (word)
		return *word ? target_parse(listing, word) : 0;
	return listing->silent ? -EINVAL
			       : fail_at(&listing->place, EINVAL,
					 "one target a line, please");
}

/* Read all lines; the first that are wrong are told, the rest counted. */
static int lines_parse(struct listing *listing, char *text)
{
	size_t wrong = 0;
	char *line;
	int err;

	while ((line = strsep(&text, "\n"))) {
		listing->place.line++;
		err = line_parse(listing, line);
		if (err && err != -EINVAL)
			return err;
		if (err)
			listing->silent = ++wrong >= MOST_TOLD;
	}
	listing->place.line = 0;
	if (wrong > MOST_TOLD)
		fail_at(&listing->place, EINVAL, "%zu more lines are wrong",
			wrong - MOST_TOLD);
	return wrong ? -EINVAL : 0;
}

static void text_digest(const char *text, size_t size, unsigned char *digest)
{
	SHA2_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, (const unsigned char *)text, size);
	SHA256Final(digest, &context);
}

static unsigned int line_number(const char *text, const char *at)
{
	unsigned int line = 1;

	while ((text = memchr(text, '\n', at - text))) {
		text++;
		line++;
	}
	return line;
}

/* Add what a file lists.  A word of it is not a word of the statement. */
static int file_parse(const struct listing *statement, const char *path,
		      struct target_file *file)
{
	struct listing listing = *statement;
	_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size, before = listing.targets->count;
	_free_ char *text = NULL;
	const char *zero;
	int err;

	err = fd < 0 ? -errno : file_read(fd, &text, &size);
	if (err)
		return fail_at(&statement->place, -err, "%s: %s", path,
			       error_text(err));
	listing.place = (struct place){ .file = path };
	listing.from_file = true;
	zero = memchr(text, '\0', size);
	if (zero) {
		listing.place.line = line_number(text, zero);
		return fail_at(&listing.place, EINVAL, "not a text file");
	}
	text_digest(text, size, file->sha256);
	err = lines_parse(&listing, text);
	file->entries = listing.targets->count - before;
	return err;
}

/* A path as its policy file means it: relative to that file. */
static char *path_join(const char *policy, const char *path)
{
	const char *slash = policy ? strrchr(policy, '/') : NULL;
	char *joined;

	if (*path == '/' || !slash)
		return strdup(path);
	if (asprintf(&joined, "%.*s/%s", (int)(slash - policy), policy, path) <
	    0)
		return NULL;
	return joined;
}

/* A path that can be opened from anywhere; links in it stay links. */
static char *path_complete(const char *path)
{
	_free_ char *here = NULL;
	char *full;

	if (*path == '/')
		return strdup(path);
	here = getcwd(NULL, 0);
	if (!here || asprintf(&full, "%s/%s", here, path) < 0)
		return NULL;
	return full;
}

/* It is printed later, as a comment that ends with its line. */
static bool is_printable(const char *path)
{
	for (; *path; path++)
		if (iscntrl((unsigned char)*path))
			return false;
	return true;
}

static int file_add(struct listing *listing, const char *path, const char *name)
{
	struct targets *targets = listing->targets;
	struct target_file *file = &targets->files[targets->file_count];
	_free_ char *joined = NULL;

	if (!*path || !is_printable(path))
		return fail_at(&listing->place, EINVAL,
			       "'@%s' does not name a file", path);
	if (listing->over)
		return 0;
	if (targets->file_count == WEIR_MAX_ORIGINS)
		return fail_at(&listing->place, E2BIG,
			       "at most %d files of targets at once",
			       WEIR_MAX_ORIGINS - 1);
	joined = path_join(listing->place.file, path);
	if (!joined)
		return fail(ENOMEM, "out of memory");
	*file = (struct target_file){
		.list = listing->list,
		.path = strdup(path),
		.full_path = path_complete(joined),
		.end_ns = listing->end_ns,
	};
	strcpy(file->name, name);
	listing->file = targets->file_count++;
	if (!file->path || !file->full_path)
		return fail_at(&listing->place, errno, "%s: %s", path,
			       error_text(errno));
	return file_parse(listing, joined, file);
}

/* "@FILE", and "as NAME" behind it.  Moves *at to the last word of these. */
static int file_statement(struct listing *listing, const struct word *words,
			  size_t count, size_t *at)
{
	const struct word *word = &words[*at];
	const char *name = "";
	struct place place;

	if (*at + 1 < count && !strcmp(word[1].text, "as")) {
		place = place_of(&listing->place, &word[1]);
		*at += 2;
		if (*at >= count)
			return fail_at(&place, place_misuse(&place),
				       "as: which name?");
		name = word[2].text;
		place = place_of(&place, &word[2]);
		if (!name_is_valid(name))
			return fail_at(&place, EINVAL,
				       "as: '%s' is not a name (letters, "
				       "digits, '-' and '_', at most 31)",
				       name);
	}
	return file_add(listing, word->text + 1, name);
}

static int until_parse(struct listing *listing, const char *word,
		       __u64 *left_ns)
{
	__u64 now_ns = clock_ns(CLOCK_REALTIME), now_s = now_ns / NS_PER_S;
	unsigned long long seconds;

	if (time_parse(word, &seconds))
		return fail_at(&listing->place, EINVAL,
			       "until: '%s' is not a time "
			       "(2026-11-22T14:03:00Z)",
			       word);
	if (seconds > now_s + LAST_S)
		return fail_at(&listing->place, EINVAL,
			       "until: %s is too far away; without it there "
			       "is no end",
			       word);
	*left_ns = 0;
	if (seconds > now_s) {
		*left_ns = seconds * NS_PER_S - now_ns;
		return 0;
	}
	/* A policy that was good yesterday is good today. */
	if (!listing->place.file)
		return fail_at(&listing->place, EINVAL, "until: %s is past",
			       word);
	note_at(&listing->place, "until: %s is past: nothing is added", word);
	listing->over = true;
	return 0;
}

static int end_parse(struct listing *listing, const char *how, const char *word)
{
	unsigned long long seconds;
	__u64 left_ns;
	int err;

	if (!strcmp(how, "until")) {
		err = until_parse(listing, word, &left_ns);
		if (err)
			return err;
	} else {
		if (duration_parse(word, &seconds))
			return fail_at(&listing->place, EINVAL,
				       "for: '%s' is not a time (30s, 10m, "
				       "2h, 1d)",
				       word);
		left_ns = seconds * NS_PER_S;
	}
	listing->end_ns = clock_ns(CLOCK_MONOTONIC) + left_ns;
	return 0;
}

static bool is_end(const char *word)
{
	return !strcmp(word, "for") || !strcmp(word, "until");
}

/* Take the end off the words.  Returns how many are left, or -errno. */
static ssize_t end_take(struct listing *listing, const struct word *words,
			size_t count, const struct place *place)
{
	const struct word *last = words + count - 1;
	int err;

	if (count >= 2 && is_end(last[-1].text)) {
		listing->place = place_of(place, last);
		err = end_parse(listing, last[-1].text, last->text);
		return err ? err : (ssize_t)count - 2;
	}
	if (count && is_end(last->text)) {
		listing->place = place_of(place, last);
		return fail_at(&listing->place, place_misuse(place),
			       "%s: which time?", last->text);
	}
	return count;
}

static int word_parse(struct listing *listing, const struct word *words,
		      size_t count, size_t *at)
{
	const char *word = words[*at].text;

	listing->file = 0;
	if (*word == '@')
		return file_statement(listing, words, count, at);
	if (is_end(word))
		return fail_at(&listing->place, EINVAL,
			       "'%s' comes once, behind all targets", word);
	if (!strcmp(word, "as"))
		return fail_at(&listing->place, EINVAL,
			       "'as' comes behind a @FILE, which it names");
	return target_parse(listing, word);
}

int targets_parse(const struct word *words, size_t count, enum weir_list list,
		  const struct place *place, struct targets *targets)
{
	struct listing listing = {
		.targets = targets,
		.list = list,
		.end_ns = WEIR_NEVER,
		.line = place->file ? place->line : 0,
	};
	ssize_t left = end_take(&listing, words, count, place);
	int err, first = 0;

	if (left < 0)
		return left;
	if (!left)
		return fail_at(place, place_misuse(place),
			       "which address, prefix, range or file?");
	for (size_t i = 0; i < (size_t)left && first != -ENOMEM; i++) {
		listing.place = place_of(place, &words[i]);
		err = word_parse(&listing, words, left, &i);
		if (!first)
			first = err;
	}
	return first;
}

void targets_forget(struct targets *targets, size_t count,
		    unsigned int file_count)
{
	targets->count = count;
	while (targets->file_count > file_count) {
		targets->file_count--;
		free(targets->files[targets->file_count].path);
		free(targets->files[targets->file_count].full_path);
	}
}

void targets_free(struct targets *targets)
{
	targets_forget(targets, 0, 1);
	free(targets->list);
}
