/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What people want to know of a generation and the datapath does not: where it
 * came from, and its statements.  JSON in a pinned map of one element.
 */
#ifndef WEIR_DESCRIPTION_H
#define WEIR_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "abi.h"

#define SHA256_TEXT 65		/* in hexadecimal */

/* A file of targets that the policy names. */
struct described_file {
	enum weir_list list;	/* WEIR_ALLOW or WEIR_DENY */
	const char *origin;	/* of its entries: its name or the file's */
	const char *name;	/* behind "as", or "" */
	const char *path;	/* as written */
	const char *full_path;
	size_t entries;
	const char *sha256;
	__u64 until_s;		/* of CLOCK_REALTIME; 0: no end */
};

/* A rule's counter, which it keeps while its name and its text stay. */
struct described_rule {
	const char *name;
	const char *text;	/* its statement */
	enum weir_action action;
	bool observe;
	__u32 counter;
};

struct description {
	const char *file;	/* the policy's; "-" for stdin; NULL: none */
	const char *sha256;	/* of its content */
	unsigned int edits;	/* by commands, since */
	bool observe;
	const char *text;	/* guards, rules, default; NULL: none */
	struct described_file *files;
	size_t file_count;
	struct described_rule *rules;
	size_t rule_count;
	json_t *json;		/* what the strings belong to, when read */
};

/* A map that holds it.  Returns an fd, or -errno after a line on stderr. */
int description_make(const struct description *description);

/*
 * Read it from a map's fd.  Returns 0, or -errno after a line on stderr that
 * begins with 'where'.  The caller frees by description_free().
 */
int description_read(int fd, const char *where,
		     struct description *description);

void description_free(struct description *description);

#endif
