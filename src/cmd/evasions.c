// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cmd/evasions.h"
#include "compile/evasion.h"

#define NAMES_MOST 8
#define NAMES_TEXT (NAMES_MOST * 64)

static const struct hole {
	unsigned int evasions;
	const char *what, *remedy;
} holes[] = {
	{ EVADED_BY_TAG, "VLAN-tagged packets",
	  "guard tagged drops them, or a rule 'vlan and ...'" },
	{ EVADED_BY_TAGS, "packets with two VLAN tags",
	  "guard tagged drops every tag, or a rule 'vlan and vlan and ...'" },
	{ EVADED_BY_HEADER, "IPv6 packets with extension headers",
	  "guard extension-headers drops them" },
	{ EVADED_BY_FRAGMENT4 | EVADED_BY_FRAGMENT6, "later fragments",
	  "guard fragments drops them" },
};

static unsigned int closed(__u32 guards)
{
	unsigned int evasions = 0;

	if (guards & WEIR_GUARD_TAGGED)
		evasions |= EVADED_BY_TAG | EVADED_BY_TAGS;
	if (guards & WEIR_GUARD_EXTENSION_HEADERS)
		evasions |= EVADED_BY_HEADER | EVADED_BY_FRAGMENT6;
	if (guards & WEIR_GUARD_FRAGMENTS)
		evasions |= EVADED_BY_FRAGMENT4 | EVADED_BY_FRAGMENT6;
	return evasions;
}

/* A packet that gets past "pass" or "count" is in no hole. */
static bool stops(const struct rule *rule)
{
	return rule->action == WEIR_DO_DROP || rule->action == WEIR_DO_ABORT ||
	       rule->action == WEIR_DO_LIMIT;
}

/* What no rule drops meets the default, which may do so, but for "pass". */
static bool default_stops(const struct policy *policy)
{
	for (size_t i = 0; i < policy->rule_count; i++)
		if (policy->rules[i].action == WEIR_DO_PASS)
			return false;
	return policy->default_drop;
}

static bool is_in(const struct rule *rule, unsigned int evasions,
		  const struct hole *hole, bool of_file)
{
	return stops(rule) && (of_file || !rule->place.file) &&
	       (evasions & hole->evasions);
}

/* One rule is told by its place; several by a list in one line. */
static void hole_note(const struct hole *hole, const struct rule *first,
		      const char *names, size_t count)
{
	struct place place = first->place;
	char more[32] = "";

	place.column = 0;
	if (count == 1) {
		note_at(&place, "%s does not see %s; %s", first->name,
			hole->what, hole->remedy);
		return;
	}
	place.line = 0;
	place.verb = NULL;
	if (count > NAMES_MOST)
		snprintf(more, sizeof(more), " and %zu more",
			 count - NAMES_MOST);
	note_at(&place, "%s%s do not see %s; %s", names, more, hole->what,
		hole->remedy);
}

static void name_add(char names[NAMES_TEXT], const struct rule *rule)
{
	size_t used = strlen(names);

	snprintf(names + used, NAMES_TEXT - used, "%s%s (line %u)",
		 used ? ", " : "", rule->name, rule->line);
}

void evasions_note(const struct policy *policy, const struct ruleset *set,
		   bool of_file)
{
	unsigned int open = ~closed(policy->guards);

	if (default_stops(policy))
		return;
	for (size_t h = 0; h < sizeof(holes) / sizeof(*holes); h++) {
		const struct rule *rule = policy->rules, *first = NULL;
		char names[NAMES_TEXT] = "";
		size_t count = 0;

		for (size_t i = 0; i < set->count; i++, rule++) {
			if (!is_in(rule, set->evasions[i] & open, &holes[h],
				   of_file))
				continue;
			first = first ?: rule;
			if (count++ < NAMES_MOST)
				name_add(names, rule);
		}
		if (count)
			hole_note(&holes[h], first, names, count);
	}
}
