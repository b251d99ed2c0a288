/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a list statement names:
 *
 *	TARGET... [for TIME | until TIME]
 *
 * where TARGET is an address, a prefix, a range A-B, tcp/PORT[-PORT] or
 * udp/PORT[-PORT], or @FILE [as NAME]: a file of targets, one a line.
 */
#ifndef WEIR_TARGET_H
#define WEIR_TARGET_H

#include <stddef.h>

#include "abi.h"
#include "base/prefix.h"
#include "policy/place.h"

/* One prefix of what was named; ports as enum weir_list has them. */
struct target {
	enum weir_list list;
	struct prefix prefix;
	unsigned int file;		/* index in targets.files, from 1; or 0 */
	__u64 end_ns;			/* of CLOCK_MONOTONIC, or WEIR_NEVER */
	unsigned int line;		/* of the policy: its statement; or 0 */
};

/* A file that a statement named. */
struct target_file {
	enum weir_list list;		/* WEIR_ALLOW or WEIR_DENY */
	char name[32];			/* behind "as", or "" */
	char *path;			/* as written */
	char *full_path;		/* that can be opened from anywhere */
	size_t entries;			/* prefixes it stands for */
	unsigned char sha256[32];	/* of its content */
	__u64 end_ns;
};

struct targets {
	struct target *list;
	size_t count, room;
	unsigned int file_count;	/* with the unused first */
	struct target_file files[WEIR_MAX_ORIGINS];
};

#define TARGETS_EMPTY { .file_count = 1 }

/*
 * Read the words of a statement for the allow or the deny list.  Returns 0, or
 * -errno after a line on stderr for each error, which begins with the place or
 * with a file and a line; of one file at most ten and the number of the rest.
 * An end that is past is an error on a command line and, with a note, the end
 * of all that the statement names in a file.  The caller frees by
 * targets_free() in both cases.
 */
int targets_parse(const struct word *words, size_t count, enum weir_list list,
		  const struct place *place, struct targets *targets);

void targets_free(struct targets *targets);

/* Drop what was added behind the first 'count' targets and 'file_count' files. */
void targets_forget(struct targets *targets, size_t count,
		    unsigned int file_count);

/* One address, without a length.  Returns 0, or -EINVAL after a line. */
int address_parse(const char *word, const char *where, struct prefix *address);

#endif
