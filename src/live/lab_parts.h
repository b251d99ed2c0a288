/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files behind live/lab.h share. */
#ifndef WEIR_LAB_PARTS_H
#define WEIR_LAB_PARTS_H

#include "live/lab.h"

#define LAB_NETNS_SIZE (LAB_NAME_SIZE + sizeof("weir--attacker"))

extern const char *const lab_interfaces[LAB_SIDES];

/* Returns 0, or -EINVAL after a line on stderr. */
int lab_name_check(const char *name);

/* Say that there is no such lab.  Returns -EABSENT. */
int lab_absent(const char *name);

/* The last byte of a side's addresses. */
unsigned int lab_host(enum lab_side side);

const char *lab_netns(const char *name, enum lab_side side,
		      char text[LAB_NETNS_SIZE]);
void lab_instance(const char *name, char instance[32]);

struct lab_fds {
	int netns[LAB_SIDES];
};

#define LAB_FDS_CLOSED { .netns = { -1, -1 } }

/*
 * Fds of both sides, -1 for what is not there.  Returns 0, or -errno without a
 * word for a side that is missing.
 */
int lab_sides_open(const char *name, struct lab_fds *fds);
void lab_sides_close(struct lab_fds *fds);

/*
 * The same for a lab that is whole.  Returns 0, or -errno after a line on
 * stderr: -EABSENT where there is none.
 */
int lab_open(const char *name, struct lab_fds *fds);

/* In the attacker's namespace: did "up" come to its end? */
bool lab_is_whole(void);

#endif
