// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/name.h"
#include "policy/target.h"

/* Where a word stands: a command, or a line of a file. */
struct place {
	const char *where;
	size_t line; /* 0: no file */
};

/*
 * Reading a file must not show what is in it to who may not read it: a word is
 * quoted only if it looks like a target.
 */
static bool is_quotable(const struct place *place, const char *word)
{
	return !place->line ||
	       strspn(word, "0123456789ABCDEFabcdef.:/-") == strlen(word);
}

static int bad_target(const struct place *place, const char *word,
		      const char *what, const char *why)
{
	char line[32] = "";

	if (place->line)
		snprintf(line, sizeof(line), ":%zu", place->line);
	if (!is_quotable(place, word))
		return fail(EINVAL, "%s%s: %s", place->where, line, what);
	return fail(EINVAL, "%s%s: %s: '%s'%s%s%s", place->where, line, what,
		    word, *why ? " (" : "", why, *why ? ")" : "");
}

static int target_add(struct targets *targets, enum weir_list list,
		      const struct prefix *prefix, unsigned int origin)
{
	struct target *grown;

	if (targets->count == targets->room) {
		targets->room = targets->room ? targets->room * 2 : 64;
		grown = realloc(targets->list, targets->room * sizeof(*grown));
		if (!grown)
			return fail(ENOMEM, "out of memory");
		targets->list = grown;
	}
	targets->list[targets->count++] = (struct target){
		.list = list,
		.prefix = *prefix,
		.origin = origin,
	};
	return 0;
}

/* A range, as the prefixes it is made of. */
static int range_add(struct targets *targets, enum weir_list list,
		     struct prefix block, unsigned __int128 first,
		     unsigned __int128 last, unsigned int bits,
		     unsigned int origin)
{
	unsigned int shift = prefix_bits(&block) - bits;
	unsigned __int128 start = first;
	bool left = true;
	int err = 0;

	while (left && !err) {
		block.len = range_next(&first, last, bits, &left);
		address_set(&block, start << shift);
		err = target_add(targets, list, &block, origin);
		start = first;
	}
	return err;
}

/* 1 to 65535, digits only, without leading zeros.  Returns 0 for others. */
static unsigned int port_parse(const char *text, size_t length)
{
	unsigned int port = 0;

	if (!length || length > 5 || text[0] == '0')
		return 0;
	for (size_t i = 0; i < length; i++) {
		if (!isdigit((unsigned char)text[i]))
			return 0;
		port = port * 10 + (text[i] - '0');
	}
	return port <= 65535 ? port : 0;
}

/* What follows "tcp/" or "udp/". */
static int ports_parse(struct targets *targets, enum weir_list list,
		       const char *word, const struct place *place,
		       unsigned int origin)
{
	const char *text = word + 4, *dash = strchr(text, '-');
	struct prefix block = { .family = 4 };
	unsigned int first, last;

	if (list == WEIR_ALLOW)
		return bad_target(place, word, "the allow list takes no ports",
				  "use it for sources");
	first = port_parse(text, dash ? (size_t)(dash - text) : strlen(text));
	last = dash ? port_parse(dash + 1, strlen(dash + 1)) : first;
	if (!first || !last)
		return bad_target(place, word, "not a port or range of ports",
				  "ports are 1 to 65535");
	if (first > last)
		return bad_target(place, word, "the range runs backwards",
				  "the lower port comes first");
	return range_add(targets,
			 word[0] == 't' ? WEIR_DENY_TCP : WEIR_DENY_UDP, block,
			 first, last, 16, origin);
}

/* "A-B", both ends included. */
static int addresses_parse(struct targets *targets, enum weir_list list,
			   const char *word, const struct place *place,
			   unsigned int origin)
{
	const char *dash = strchr(word, '-');
	char first_text[PREFIX_TEXT], why[128] = "";
	struct prefix first, last;
	size_t length = dash - word;

	if (length >= sizeof(first_text) || strchr(word, '/'))
		return bad_target(place, word, "not a range of addresses", "");
	memcpy(first_text, word, length);
	first_text[length] = '\0';
	if (prefix_parse(first_text, &first, why, sizeof(why)) ||
	    prefix_parse(dash + 1, &last, why, sizeof(why)))
		return bad_target(place, word, "not a range of addresses", why);
	if (first.family != last.family)
		return bad_target(place, word, "not a range of addresses",
				  "its ends are of two families");
	if (prefix_compare(&first, &last) > 0)
		return bad_target(place, word, "the range runs backwards",
				  "the lower address comes first");
	return range_add(targets, list, first, address_number(&first),
			 address_number(&last), prefix_bits(&first), origin);
}

/* A dash behind a slash is a prefix gone wrong, unless an address follows. */
static bool is_range(const char *word)
{
	const char *dash = strchr(word, '-'), *slash = strchr(word, '/');

	return dash && (!slash || slash > dash || strpbrk(dash, ".:"));
}

static int target_parse(struct targets *targets, enum weir_list list,
			const char *word, const struct place *place,
			unsigned int origin)
{
	struct prefix prefix;
	char why[128];

	if (!strncmp(word, "tcp/", 4) || !strncmp(word, "udp/", 4))
		return ports_parse(targets, list, word, place, origin);
	if (is_range(word))
		return addresses_parse(targets, list, word, place, origin);
	if (prefix_parse(word, &prefix, why, sizeof(why)))
		return bad_target(place, word, "not an address or prefix", why);
	return target_add(targets, list, &prefix, origin);
}

/* The one word of a line; "" for a line of none; NULL where there are more. */
static char *line_word(char *line)
{
	char *end;

	line[strcspn(line, "#;\r\n")] = '\0';
	line += strspn(line, " \t");
	end = line + strcspn(line, " \t");
	if (end[strspn(end, " \t")])
		return NULL;
	*end = '\0';
	return line;
}

static int file_read(struct targets *targets, enum weir_list list, FILE *file,
		     const char *path, unsigned int origin)
{
	struct place place = { .where = path };
	_free_ char *line = NULL;
	size_t room = 0;
	ssize_t length;
	char *word;
	int err;

	while ((length = getline(&line, &room, file)) >= 0) {
		place.line++;
		if (memchr(line, '\0', length))
			return fail(EINVAL, "%s:%zu: not a text file", path,
				    place.line);
		word = line_word(line);
		if (!word)
			return fail(EINVAL, "%s:%zu: one target a line, please",
				    path, place.line);
		if (!*word)
			continue;
		err = target_parse(targets, list, word, &place, origin);
		if (err)
			return err;
	}
	return ferror(file) ? fail(errno, "%s: %s", path, error_text(errno))
			    : 0;
}

static int file_parse(struct targets *targets, enum weir_list list,
		      const char *path, unsigned int origin)
{
	_file_ FILE *file = fopen(path, "re");

	if (!file)
		return fail(errno, "%s: %s", path, error_text(errno));
	return file_read(targets, list, file, path, origin);
}

static int origin_parse(struct targets *targets, const char *name,
			const char *where)
{
	if (!name || !name_is_valid(name))
		return fail(EINVAL,
			    "%s: as: %s%s%s is not a name (letters, digits, "
			    "'-' and '_', at most 31)",
			    where, name ? "'" : "",
			    name ? name : "what follows", name ? "'" : "");
	if (targets->origin_count == WEIR_MAX_ORIGINS)
		return fail(E2BIG, "%s: at most %d named lists at once", where,
			    WEIR_MAX_ORIGINS - 1);
	strcpy(targets->origins[targets->origin_count], name);
	return targets->origin_count++;
}

static int end_parse(struct targets *targets, const char *how, const char *word,
		     const char *where)
{
	__u64 now_ns = clock_ns(CLOCK_REALTIME), left_ns;
	unsigned long long seconds;

	if (!strcmp(how, "for")) {
		if (duration_parse(word, &seconds))
			return fail(EINVAL,
				    "%s: for: '%s' is not a time (30s, "
				    "10m, 2h, 1d)",
				    where, word);
		left_ns = seconds * NS_PER_S;
	} else {
		if (time_parse(word, &seconds))
			return fail(EINVAL,
				    "%s: until: '%s' is not a time "
				    "(2026-11-22T14:03:00Z)",
				    where, word);
		if (seconds <= now_ns / NS_PER_S)
			return fail(EINVAL, "%s: until: %s is past", where,
				    word);
		left_ns = seconds * NS_PER_S - now_ns;
	}
	targets->end_ns = clock_ns(CLOCK_MONOTONIC) + left_ns;
	return 0;
}

static bool is_end(const char *word)
{
	return !strcmp(word, "for") || !strcmp(word, "until");
}

int targets_parse(char *const *words, size_t count, enum weir_list list,
		  const char *where, struct targets *targets)
{
	struct place place = { .where = where };
	const char *path;
	int err = 0, origin;

	if (count >= 2 && is_end(words[count - 2])) {
		err = end_parse(targets, words[count - 2], words[count - 1],
				where);
		count -= 2;
	}
	for (size_t i = 0; !err && i < count; i++) {
		if (*words[i] != '@') {
			err = target_parse(targets, list, words[i], &place, 0);
			continue;
		}
		path = words[i] + 1;
		origin = 0;
		if (i + 1 < count && !strcmp(words[i + 1], "as")) {
			origin = origin_parse(
				targets, i + 2 < count ? words[i + 2] : NULL,
				where);
			i += 2;
		}
		err = origin < 0 ? origin
				 : file_parse(targets, list, path, origin);
	}
	return err;
}

void targets_free(struct targets *targets)
{
	free(targets->list);
}

int address_parse(const char *word, const char *where, struct prefix *address)
{
	struct place place = { .where = where };
	struct prefix read;
	char why[128];

	if (prefix_parse(word, &read, why, sizeof(why)))
		return bad_target(&place, word, "not an address or prefix",
				  why);
	if (strchr(word, '/'))
		return fail(EINVAL, "%s: one address, not a prefix: '%s'",
			    where, word);
	*address = read;
	return 0;
}
