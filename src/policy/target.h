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

/* One prefix of what was named; ports as enum weir_list has them. */
struct target {
	enum weir_list list;
	struct prefix prefix;
	unsigned int origin;		/* index in targets.origins */
};

struct targets {
	struct target *list;
	size_t count, room;
	__u64 end_ns;			/* of CLOCK_MONOTONIC, or WEIR_NEVER */
	unsigned int origin_count;	/* 0 stands for the command itself */
	char origins[WEIR_MAX_ORIGINS][32];
};

#define TARGETS_EMPTY { .end_ns = WEIR_NEVER, .origin_count = 1 }

/*
 * Read the words of a statement for the allow or the deny list.  Returns 0, or
 * -errno after a line on stderr that begins with 'where' or a file and a line.
 * The caller frees by targets_free() in both cases.
 */
int targets_parse(char *const *words, size_t count, enum weir_list list,
		  const char *where, struct targets *targets);

void targets_free(struct targets *targets);

/* One address, without a length.  Returns 0, or -EINVAL after a line. */
int address_parse(const char *word, const char *where, struct prefix *address);

#endif
