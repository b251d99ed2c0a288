// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>

#include "base/error.h"
#include "cmd/limits.h"
#include "policy/limit.h"
#include "policy/rate.h"

/* Forged sources are strangers to their cells, and charge all of them. */
static void flood_advise(const struct rule *rule)
{
	char rate[RATE_TEXT], more[RATE_TEXT];
	struct weir_limit limit;
	__u64 charge, cells;

	limit_scale(rule, &limit);
	cells = limit_cells_wanted(rule, &limit, &charge);
	if (!cells)
		return;
	rate_format(&rule->rate, rate);
	if (cells > WEIR_MOST_CELLS) {
		note("limit %s: under a flood of %dM forged sources a second "
		     "it hurts the innocent, and no table is large enough for "
		     "%s; a wider key is (src/24)",
		     rule->name, LIMIT_FLOOD_PPS / 1000000, rate);
		return;
	}
	note("limit %s: under a flood of %dM forged sources a second it hurts "
	     "the innocent: each of its %u cells takes %llu%s of that, the "
	     "limit is %s; 'cells %s' (%llu MiB) is enough",
	     rule->name, LIMIT_FLOOD_PPS / 1000000, limit.cells, charge,
	     rule->rate.bits ? " bytes/s" : "/s", rate,
	     cells_format(cells, more), cells * 8 >> 20);
}

static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);
	const char *at = text;

	for (; (at = strstr(at, word)); at += length)
		if ((at == text || !isalnum((unsigned char)at[-1])) &&
		    !isalnum((unsigned char)at[length]))
			return true;
	return false;
}

/*
 * Does an expression take only what answers this host?  Said of few, and
 * wrongly of none that forgers are likely to use.
 */
static bool needs_handshake(const char *expression)
{
	return has_word(expression, "tcp") && has_word(expression, "tcp-ack") &&
	       !has_word(expression, "or") && !has_word(expression, "udp");
}

static void ban_advise(const struct rule *rule)
{
	if (!rule->ban_s || rule->observe)
		return;
	if (!rule->key.src)
		note("limit %s: 'ban' bans nobody without 'per src'",
		     rule->name);
	else if (!needs_handshake(rule->expression))
		note("limit %s: bans for packets that need no handshake: "
		     "whoever forges a source gets it banned; leave 'ban' out, "
		     "or allow those who must not be",
		     rule->name);
}

void limits_advise(const struct policy *policy)
{
	for (size_t i = 0; i < policy->rule_count; i++) {
		if (policy->rules[i].action != WEIR_DO_LIMIT)
			continue;
		flood_advise(&policy->rules[i]);
		ban_advise(&policy->rules[i]);
	}
}
