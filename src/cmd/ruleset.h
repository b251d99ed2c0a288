/* SPDX-License-Identifier: GPL-2.0-only */
/* The rules of a policy on their way into the datapath. */
#ifndef WEIR_RULESET_H
#define WEIR_RULESET_H

#include "compile/code.h"
#include "live/description.h"
#include "live/instance.h"
#include "live/maps.h"
#include "policy/policy.h"

struct ruleset {
	struct rule_code code;
	struct weir_rule *rules;		/* what each does */
	struct described_rule *described;	/* and what it was */
	unsigned int *evasions;			/* of each, enum evasion */
	size_t count;
};

/*
 * Compile a policy's rules.  Returns 0, or -errno after a line on stderr for
 * each rule that was refused.  The caller frees in both cases.
 */
int ruleset_make(const struct policy *policy, struct ruleset *set);
void ruleset_free(struct ruleset *set);

/*
 * Give each rule a counter: its own where a rule of the same text is live or
 * was before, else one that neither generation has, emptied.  Returns 0, or
 * -errno after a line on stderr.
 */
int ruleset_count(struct ruleset *set, const struct maps *maps,
		  const struct description *live,
		  const struct description *before);

/* Throw away the tables of limits that neither generation has. */
void ruleset_tidy(const struct instance *instance);

/*
 * Prepare the maps of a generation that is about to go live for what its
 * limits ban.  Returns 0, or -errno after a line on stderr.
 */
int ruleset_ban(const struct ruleset *set, const struct maps *maps);

#endif
