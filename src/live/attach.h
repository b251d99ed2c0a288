/* SPDX-License-Identifier: GPL-2.0-only */
/* Interfaces on and off the filter. */
#ifndef WEIR_ATTACH_H
#define WEIR_ATTACH_H

#include "live/instance.h"
#include "live/interface.h"

enum attach_mode { ATTACH_NATIVE, ATTACH_GENERIC, ATTACH_OFFLOAD };

/*
 * Start filtering on all of the named interfaces, or on none.  Interfaces that
 * are attached already get a note.  A program that is not weir's is refused
 * by its name and id, or with 'force' displaced and, on failure, put back.
 * Returns 0, or -errno after a line on stderr.
 */
int interfaces_attach(struct instance *instance, char *const *names,
		      size_t count, enum attach_mode mode, bool force);

/* Stop filtering on all of the named interfaces, or on none. */
int interfaces_detach(struct instance *instance, char *const *names,
		      size_t count);

enum slot_state {
	SLOT_FREE,
	SLOT_ATTACHED,
	SLOT_DETACHED,		/* by weir */
	SLOT_CUT,		/* by somebody else; the interface is there */
	SLOT_GONE,		/* the interface is */
	SLOT_MOVED,		/* to another network namespace, attached */
	SLOT_ELSEWHERE,		/* the instance's namespace is not ours */
};

/* Here or in another namespace. */
static inline bool slot_is_filtering(enum slot_state state)
{
	return state == SLOT_ATTACHED || state == SLOT_MOVED ||
	       state == SLOT_ELSEWHERE;
}

/*
 * What became of a slot: the kernel's answer, not the record's.  *interface is
 * filled in for SLOT_ATTACHED and SLOT_CUT.
 */
enum slot_state slot_state(const struct instance *instance, unsigned int slot,
			   struct interface *interface);

#endif
