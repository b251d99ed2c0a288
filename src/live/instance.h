/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An instance is a directory of pins in the bpffs and nothing else:
 *
 *	weir/NAME/record        what it is; pinned last, so never half made
 *	weir/NAME/runtime ...   maps that outlive every policy
 *	weir/NAME/link_SLOT     a link per attached interface
 *	weir/NAME/gen_N/        the program and the lists of generation N
 *
 * Whoever opens a pin holds a lock on the directory: shared to read, exclusive
 * to write.
 */
#ifndef WEIR_INSTANCE_H
#define WEIR_INSTANCE_H

#include <limits.h>

#include "live/maps.h"

enum instance_access {
	INSTANCE_READ,		/* read-only fds: members of the group can */
	INSTANCE_EDIT,		/* lists are writable */
	INSTANCE_OWN,		/* everything is */
};

struct instance {
	const char *name;
	char path[PATH_MAX];
	int lock;			/* the directory, locked; or -1 */
	bool fresh;			/* made by this process */
	int record_fd;
	struct weir_record record;	/* as read; instance_save() writes */
	struct maps maps;
};

#define INSTANCE_CLOSED {						\
	.lock = -1, .record_fd = -1, .maps = MAPS_CLOSED }

/* Where the bpffs is, or shall be. */
const char *bpffs_root(void);

/* Is there a directory of that name, with an instance in it or half of one? */
bool instance_exists(const char *name);

/*
 * Open an instance that exists.  Returns 0; -EABSENT where there is none, or
 * none that was ever attached; or -errno; after a line on stderr.  A write
 * access first takes back what a killed writer left.
 */
int instance_open(const char *name, enum instance_access access,
		  struct instance *instance);

/*
 * Open an instance for attaching, made if there is none, with INSTANCE_OWN.
 * A new one is not settled: it goes if it is closed as it is.
 */
int instance_create(const char *name, struct instance *instance);

void instance_close(struct instance *instance);

/* Write the record.  Returns 0, or -errno after a line on stderr. */
int instance_save(struct instance *instance);

/*
 * Detach every interface and remove every pin of an instance, also of one that
 * a killed attach left half made or that lacks a pin.  What is not weir's
 * stays.  Returns as instance_open().
 */
int instance_destroy(const char *name);

/* The live program, 0600.  Returns an fd, or -errno after a line on stderr. */
int instance_program(const struct instance *instance);

/* The path of the pinned link of a slot. */
void instance_link_path(const struct instance *instance, unsigned int slot,
			char path[PATH_MAX]);

/* Detach a slot's interface now, and unpin.  Fine if there is nothing. */
void instance_unlink(const struct instance *instance, unsigned int slot);

/* Is this process in the instance's network namespace? */
bool instance_is_here(const struct instance *instance);

#endif
