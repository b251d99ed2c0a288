// SPDX-License-Identifier: GPL-2.0-only
/*
 * What loading the datapath costs: instructions the verifier processed, sizes,
 * the best time of several loads, by what the policy uses.  Exits 1 beyond the
 * stored bounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "compile/rules.h"
#include "live/filter.h"
#include "mixed.h"

#define ROUNDS 3
#define MOST_VERIFIED 300000
#define MOST_SECONDS 1.0
#define RULES 64

#define GUARD_(name, word, text) { false, word, { .guards = WEIR_GUARD_##name } },
#define EVERY_GUARD ((1 << WEIR_GUARD_COUNT) - 1)

static const struct feature {
	bool rules;
	const char *name;
	struct filter_settings settings;
} features[] = {
	{ false, "lists alone", { 0 } },
	WEIR_GUARDS(GUARD_)
	{ false, "every guard", { .guards = EVERY_GUARD } },
	{ false, "default drop", { .default_drop = true } },
	{ false, "observe", { .observe = true } },
	{ false, "all of these", { .guards = EVERY_GUARD, .default_drop = true,
				   .observe = true } },
	{ true, "64 rules", { 0 } },
	{ true, "every guard, 64 rules, default drop",
	  { .guards = EVERY_GUARD, .default_drop = true } },
};

static const struct weir_rule table[RULES];	/* all drop */
static struct rule_code code;

/* Compiled once, for all loads. */
static int rules_make(void)
{
	struct rule_source sources[RULES] = { 0 };
	int err;

	for (size_t i = 0; i < RULES; i++) {
		sources[i].expression = mixed_text(i);
		sources[i].ends = true;
	}
	err = rules_compile(sources, RULES, &code);
	for (size_t i = 0; i < RULES; i++) {
		if (sources[i].why[0])
			fprintf(stderr, "cost: '%s': %s\n",
				sources[i].expression, sources[i].why);
		free((char *)sources[i].expression);
	}
	return err;
}

/* Returns the seconds one load took, or a negative number. */
static double load_once(const struct filter_settings *settings,
			struct filter_cost *cost)
{
	_cleanup_(maps_close) struct maps maps = MAPS_CLOSED;
	double start = clock_s(CLOCK_MONOTONIC), seconds;
	_fd_ int program = filter_load(&maps, settings);

	seconds = clock_s(CLOCK_MONOTONIC) - start;
	if (program < 0 || filter_cost(program, cost))
		return -1;
	return seconds;
}

/* The best time of several loads, or a negative number. */
static double load(const struct feature *feature, struct filter_cost *cost)
{
	struct filter_settings settings = feature->settings;
	double best = 1e9, seconds;

	if (feature->rules) {
		settings.code = &code;
		settings.rules = table;
	}
	for (int i = 0; i < ROUNDS; i++) {
		seconds = load_once(&settings, cost);
		if (seconds < 0)
			return seconds;
		best = seconds < best ? seconds : best;
	}
	printf("  %-36s %12u %8u %13u %9.3f\n", feature->name, cost->verified,
	       cost->xlated, cost->jited, best);
	return best;
}

int main(void)
{
	struct filter_cost cost = { 0 };
	unsigned int most = 0;
	double longest = 0, seconds;

	if (geteuid()) {
		puts("datapath: processed instructions need root: sudo make "
		     "cost");
		return 0;
	}
	if (rules_make())
		return 1;
	puts("datapath                              instructions    bytes  machine code   seconds");
	for (size_t i = 0; i < sizeof(features) / sizeof(*features); i++) {
		seconds = load(&features[i], &cost);
		if (seconds < 0)
			return 1;
		most = cost.verified > most ? cost.verified : most;
		longest = seconds > longest ? seconds : longest;
	}
	rule_code_free(&code);
	printf("  at most %u of %u instructions processed, loaded with the "
	       "maps in %.3f of %.1f s\n", most, MOST_VERIFIED, longest,
	       MOST_SECONDS);
	return most > MOST_VERIFIED || longest > MOST_SECONDS;
}
