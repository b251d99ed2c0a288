// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "cmd/ruleset.h"
#include "compile/rules.h"
#include "live/bans.h"
#include "live/generation.h"
#include "live/kernel.h"
#include "live/limits.h"
#include "live/rules.h"
#include "policy/limit.h"

static bool ends_the_walk(const struct rule *rule)
{
	return !rule->observe && rule->action <= WEIR_DO_ABORT;
}

/* What the datapath cannot do yet is refused, not ignored. */
static int action_refuse(const struct rule *rule)
{
	if (rule->action == WEIR_DO_LIMIT && !kernel_has_cmpxchg())
		return fail_at(&rule->place, ENOTSUP,
			       "%s: limits need Linux 5.12 or later",
			       rule->name);
	if (rule->action <= WEIR_DO_LIMIT)
		return 0;
	return fail_at(&rule->place, ENOTSUP,
		       "'%s' is understood, but this version cannot do it yet",
		       rule_actions[rule->action]);
}

static int rules_refused(const struct policy *policy,
			 const struct rule_source *sources)
{
	for (size_t i = 0; i < policy->rule_count; i++)
		if (*sources[i].why)
			fail_at(&policy->rules[i].place, EINVAL, "%s: %s",
				policy->rules[i].name, sources[i].why);
	return -EINVAL;
}

/* A limit without an expression is for every packet. */
static const char *expression_of(const struct rule *rule)
{
	return *rule->expression ? rule->expression : "greater 0";
}

static bool drops(const struct rule *rule)
{
	return !rule->observe && (rule->action == WEIR_DO_DROP ||
				  rule->action == WEIR_DO_ABORT);
}

static int rules_code(const struct policy *policy, struct ruleset *set)
{
	_free_ struct rule_source *sources = NULL;
	int err = 0, refused;

	sources = calloc(policy->rule_count, sizeof(*sources));
	if (!sources)
		return fail(ENOMEM, "out of memory");
	for (size_t i = 0; i < policy->rule_count; i++) {
		refused = action_refuse(&policy->rules[i]);
		err = err ?: refused;
		sources[i].expression = expression_of(&policy->rules[i]);
		sources[i].ends = ends_the_walk(&policy->rules[i]);
		sources[i].drops = drops(&policy->rules[i]);
	}
	if (err)
		return err;
	err = rules_compile(sources, policy->rule_count, &set->code);
	for (size_t i = 0; !err && i < policy->rule_count; i++)
		set->evasions[i] = sources[i].evasions;
	return err == -EINVAL ? rules_refused(policy, sources) : err;
}

static int rule_describe(const struct rule *rule, struct weir_rule *what,
			 struct described_rule *described)
{
	*what = (struct weir_rule){
		.action = rule->action,
		.flags = rule->observe ? WEIR_RULE_OBSERVED : 0,
	};
	if (rule->action == WEIR_DO_LIMIT)
		limit_scale(rule, &what->limit);
	*described = (struct described_rule){
		.name = rule->name,
		.action = rule->action,
		.observe = rule->observe,
		.text = rule_text(rule),
	};
	return described->text ? 0 : fail(ENOMEM, "out of memory");
}

int ruleset_make(const struct policy *policy, struct ruleset *set)
{
	int err;

	*set = (struct ruleset){ 0 };
	if (!policy->rule_count)
		return 0;
	set->rules = calloc(policy->rule_count, sizeof(*set->rules));
	set->described = calloc(policy->rule_count, sizeof(*set->described));
	set->evasions = calloc(policy->rule_count, sizeof(*set->evasions));
	if (!set->rules || !set->described || !set->evasions)
		return fail(ENOMEM, "out of memory");
	err = rules_code(policy, set);
	while (!err && set->count < policy->rule_count) {
		err = rule_describe(&policy->rules[set->count],
				    &set->rules[set->count],
				    &set->described[set->count]);
		set->count++;
	}
	return err;
}

void ruleset_free(struct ruleset *set)
{
	for (size_t i = 0; i < set->count; i++)
		free((char *)set->described[i].text);
	free(set->described);
	free(set->evasions);
	free(set->rules);
	rule_code_free(&set->code);
}

/* Which counters generations have, as bits. */
struct counters {
	__u64 taken[WEIR_MAX_RULES / 64];
};

static void counter_take(struct counters *counters, __u32 counter)
{
	counters->taken[counter / 64] |= 1ULL << counter % 64;
}

static void counters_take(struct counters *counters,
			  const struct description *description)
{
	for (size_t i = 0; i < description->rule_count; i++)
		counter_take(counters, description->rules[i].counter);
}

/* Returns WEIR_MAX_RULES when all are taken. */
static __u32 counter_unused(const struct counters *counters)
{
	for (int i = 0; i < WEIR_MAX_RULES / 64; i++)
		if (~counters->taken[i])
			return 64 * i + __builtin_ctzll(~counters->taken[i]);
	return WEIR_MAX_RULES;
}

/* The counter that a rule of the same text has, or WEIR_MAX_RULES. */
static __u32 counter_of(const struct description *description,
			const struct described_rule *rule)
{
	for (size_t i = 0; i < description->rule_count; i++)
		if (!strcmp(description->rules[i].text, rule->text))
			return description->rules[i].counter;
	return WEIR_MAX_RULES;
}

int ruleset_count(struct ruleset *set, const struct maps *maps,
		  const struct description *live,
		  const struct description *before)
{
	struct counters counters = { 0 };
	__u32 counter;
	int err = 0;

	counters_take(&counters, live);
	counters_take(&counters, before);
	for (size_t i = 0; !err && i < set->count; i++) {
		counter = counter_of(live, &set->described[i]);
		if (counter == WEIR_MAX_RULES)
			counter = counter_of(before, &set->described[i]);
		if (counter == WEIR_MAX_RULES) {
			counter = counter_unused(&counters);
			if (counter == WEIR_MAX_RULES)
				return fail(ENOSPC,
					    "%u rules of two policies are the "
					    "most; apply a smaller one first",
					    WEIR_MAX_RULES);
			err = rule_counter_empty(maps, counter);
			if (!err && set->rules[i].action == WEIR_DO_LIMIT)
				err = limit_cells_make(maps, counter,
						       &set->rules[i].limit);
		}
		counter_take(&counters, counter);
		set->rules[i].slot = counter;
		set->described[i].counter = counter;
	}
	return err;
}

void ruleset_tidy(const struct instance *instance)
{
	_cleanup_(description_free) struct description before = { 0 };
	_cleanup_(description_free) struct description live = { 0 };
	struct counters counters = { 0 };

	if (generations_describe(instance, &live, &before))
		return;
	counters_take(&counters, &live);
	counters_take(&counters, &before);
	limits_tidy(&instance->maps, counters.taken);
}

int ruleset_ban(const struct ruleset *set, const struct maps *maps)
{
	bans_protect(maps, set->rules, set->count);
	return bans_announce(maps, set->rules, set->count);
}
