/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making a policy live: what apply, attach --policy, and commands that change
 * guards, rules or the default have in common.
 */
#ifndef WEIR_CHANGE_H
#define WEIR_CHANGE_H

#include "live/description.h"
#include "live/instance.h"
#include "policy/policy.h"

struct change {
	const char *verb;		/* of the command */
	char *file;			/* the policy's full path, "stdin"; NULL: an
					 * edit by command */
	char sha256[SHA256_TEXT];	/* of its content */
	bool check;			/* let the kernel verify it, and stop */
	bool observe;
	bool flush;			/* forget run-time entries that have an end */
	bool force;			/* although it cuts an operator off */
	unsigned long long confirm_s;	/* go back after that; 0: never */
};

/*
 * Build the next generation from a policy and switch to it.  A change without
 * a file keeps the lists that are live.  'instance' is open with INSTANCE_OWN;
 * all its maps closed do for a check.  Returns 0, or -errno after a line on
 * stderr for each error, with everything as it was.
 */
int policy_switch(struct instance *instance, const struct policy *policy,
		  const struct change *change);

/*
 * Read a policy file, "-" for stdin, with its full path and its digest.
 * Returns as above; the caller frees *policy and change->file in both cases.
 */
int policy_read(const char *file, struct policy *policy, struct change *change);

/*
 * What is live, lists apart, and where it came from.  Returns 0, or -errno
 * after a line on stderr; the caller frees both in both cases.
 */
int policy_live(const struct instance *instance, struct policy *policy,
		struct description *description);

/*
 * Read what --confirm was given, if anything.  Returns 0, or -EINVAL after a
 * line on stderr.
 */
int confirm_parse(const char *verb, const char *word,
		  unsigned long long *seconds);

/* Refuse while an unconfirmed generation is live.  Returns 0 or -EBUSY. */
int unconfirmed_refuse(const struct instance *instance);

#endif
