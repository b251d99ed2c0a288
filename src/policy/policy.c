// SPDX-License-Identifier: GPL-2.0-only
/* Statements, from a file or a command line: one table, one function each. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "policy/statement.h"
#include "policy/word.h"

struct verb {
	const char *name, *words;
	int (*read)(struct statement *s, struct policy *policy);
	enum weir_action action; /* of a rule */
};

static int allow_read(struct statement *s, struct policy *policy);
static int deny_read(struct statement *s, struct policy *policy);
static int guard_read(struct statement *s, struct policy *policy);
static int observe_read(struct statement *s, struct policy *policy);
static int rule_read(struct statement *s, struct policy *policy);
static int default_read(struct statement *s, struct policy *policy);

static const struct verb verbs[] = {
	{ "allow", "TARGET... [for TIME | until TIME]", allow_read, 0 },
	{ "deny", "TARGET... [for TIME | until TIME]", deny_read, 0 },
	{ "guard", "NAME...", guard_read, 0 },
	{ "observe", "RULE", observe_read, 0 },
	{ "drop", "NAME EXPRESSION", rule_read, WEIR_DO_DROP },
	{ "pass", "NAME EXPRESSION", rule_read, WEIR_DO_PASS },
	{ "abort", "NAME EXPRESSION", rule_read, WEIR_DO_ABORT },
	{ "count", "NAME EXPRESSION", rule_read, WEIR_DO_COUNT },
	{ "limit", "NAME RATE [burst N] [per KEY] [ban TIME] [cells N] [EXPRESSION]",
	  rule_read, WEIR_DO_LIMIT },
	{ "challenge", "NAME [always] EXPRESSION", rule_read, WEIR_DO_CHALLENGE },
	{ "default", "pass|drop", default_read, 0 },
	{ 0 },
};

static const char *const guard_names[WEIR_GUARD_COUNT] = {
#define GUARD_NAME_(name, word, text) [WEIR_GUARD_##name##_BIT] = word,
	WEIR_GUARDS(GUARD_NAME_)
#undef GUARD_NAME_
};

static const struct verb *verb_find(const char *name)
{
	for (const struct verb *verb = verbs; verb->name; verb++)
		if (!strcmp(verb->name, name))
			return verb;
	return NULL;
}

bool word_is_verb(const char *word)
{
	return verb_find(word);
}

const char *word_take(struct statement *s)
{
	if (s->next == s->end)
		return NULL;
	s->place = place_of(&s->place, s->next);
	return s->next++->text;
}

int statement_misuse(const struct statement *s, const char *what)
{
	return fail_at(&s->place, place_misuse(&s->place), "%s; usage: %s%s %s",
		       what, s->place.file ? "" : "weir ", s->verb->name,
		       s->verb->words);
}

/* The names in a table of 'count' rows of 'size' bytes that begin with one. */
static const char *names_join(const void *table, size_t size, size_t count,
			      char text[256])
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++)
		used += snprintf(
			text + used, 256 - used, "%s%s", i ? ", " : "",
			*(const char *const *)((const char *)table + i * size));
	return text;
}

static int list_read(struct statement *s, struct policy *policy,
		     enum weir_list list)
{
	if (s->next == s->end)
		return statement_misuse(
			s, "which address, prefix, range or file?");
	return targets_parse(s->next, s->end - s->next, list, &s->start,
			     &policy->targets);
}

static int allow_read(struct statement *s, struct policy *policy)
{
	return list_read(s, policy, WEIR_ALLOW);
}

static int deny_read(struct statement *s, struct policy *policy)
{
	return list_read(s, policy, WEIR_DENY);
}

__u32 guard_find(const char *name)
{
	for (unsigned int bit = 0; bit < WEIR_GUARD_COUNT; bit++)
		if (!strcmp(guard_names[bit], name))
			return 1U << bit;
	return 0;
}

static int guard_read(struct statement *s, struct policy *policy)
{
	__u32 guards = 0, guard;
	char names[256];
	const char *word;
	int err = 0;

	if (s->next == s->end)
		return statement_misuse(s, "against what?");
	names_join(guard_names, sizeof(*guard_names), WEIR_GUARD_COUNT, names);
	while ((word = word_take(s))) {
		guard = guard_find(word);
		if (!guard)
			err = fail_at(&s->place, EINVAL,
				      "'%s' is not a guard (%s)", word, names);
		guards |= guard;
	}
	if (!err)
		policy->guards |= guards;
	return err;
}

static int default_read(struct statement *s, struct policy *policy)
{
	const char *word = word_take(s);

	if (!word)
		return statement_misuse(s, "pass or drop?");
	if (strcmp(word, "pass") && strcmp(word, "drop"))
		return fail_at(&s->place, EINVAL, "'%s' is not pass or drop",
			       word);
	if (s->next < s->end) {
		word_take(s);
		return statement_misuse(s, "takes one word");
	}
	if (s->default_line && *s->default_line)
		return fail_at(&s->start, EINVAL,
			       "stands once; line %u has it already",
			       *s->default_line);
	if (s->default_line)
		*s->default_line = s->start.line;
	policy->default_drop = !strcmp(word, "drop");
	return 0;
}

/* The index of a rule, or their number. */
static size_t rule_find(const struct policy *policy, const char *name)
{
	size_t i;

	for (i = 0; i < policy->rule_count; i++)
		if (!strcmp(policy->rules[i].name, name))
			break;
	return i;
}

static int rule_insert(struct policy *policy, size_t at, struct rule *rule)
{
	struct rule *grown;
	size_t room;

	if (policy->rule_count == policy->rule_room) {
		room = policy->rule_room ? policy->rule_room * 2 : 16;
		grown = realloc(policy->rules, room * sizeof(*grown));
		if (!grown)
			return fail(ENOMEM, "out of memory");
		policy->rules = grown;
		policy->rule_room = room;
	}
	memmove(&policy->rules[at + 1], &policy->rules[at],
		(policy->rule_count - at) * sizeof(*policy->rules));
	policy->rules[at] = *rule;
	rule->expression = NULL;
	policy->rule_count++;
	return 0;
}

/* Two rules that are the same text. */
static bool rules_are_equal(const struct rule *a, const struct rule *b)
{
	return !strcmp(a->name, b->name) && a->action == b->action &&
	       a->observe == b->observe && a->always == b->always &&
	       a->rate.amount == b->rate.amount &&
	       a->rate.period_s == b->rate.period_s &&
	       a->rate.bits == b->rate.bits && a->burst == b->burst &&
	       !memcmp(&a->key, &b->key, sizeof(a->key)) &&
	       a->ban_s == b->ban_s && !strcmp(a->expression, b->expression);
}

/*
 * A name that is taken: by the same rule, which is no error where it is asked
 * for again, or by another.
 */
static int rule_again(const struct statement *s, const struct place *place,
		      const struct rule *old, const struct rule *rule)
{
	if (place->file && old->place.file)
		return fail_at(place, EINVAL,
			       "the name '%s' is taken, in line "
			       "%u",
			       rule->name, old->line);
	if (place->file || s->before || !rules_are_equal(old, rule))
		return fail_at(place, EINVAL,
			       "the name '%s' is taken; weir remove %s first",
			       rule->name, rule->name);
	note_at(place, "rule %s is there already", rule->name);
	return 0;
}

static int rule_place(const struct statement *s, const struct place *place,
		      struct policy *policy, struct rule *rule)
{
	size_t at = policy->rule_count, old = rule_find(policy, rule->name);

	if (old < policy->rule_count)
		return rule_again(s, place, &policy->rules[old], rule);
	if (s->before)
		at = rule_find(policy, s->before);
	if (s->before && at == policy->rule_count)
		return fail_at(place, EINVAL,
			       "--before: there is no rule '%s'; weir show "
			       "lists them",
			       s->before);
	if (policy->rule_count >= WEIR_MAX_RULES)
		return fail_at(place, E2BIG, "at most %d rules",
			       WEIR_MAX_RULES);
	return rule_insert(policy, at, rule);
}

static int rule_read(struct statement *s, struct policy *policy)
{
	struct rule rule = { 0 };
	struct place place = s->place;
	int err;

	if (s->next < s->end)
		place = place_of(&place, s->next);
	err = rule_parse(s, s->verb->action, &rule);
	if (!err)
		err = rule_place(s, &place, policy, &rule);
	free(rule.expression);
	return err;
}

static int observe_read(struct statement *s, struct policy *policy)
{
	const char *word = word_take(s);
	const struct verb *verb = word ? verb_find(word) : NULL;

	if (!word)
		return statement_misuse(s, "which rule?");
	if (!verb || verb->read != rule_read)
		return fail_at(&s->place, place_misuse(&s->place),
			       "'%s' is not a rule (drop, pass, abort, count, "
			       "limit, challenge)",
			       word);
	s->verb = verb;
	s->place.verb = s->start.verb = verb->name;
	s->observe = true;
	return verb->read(s, policy);
}

/* Read one statement, of at least one word. */
static int statement_run(struct statement *s, struct policy *policy)
{
	const char *word = word_take(s);
	char names[256];

	s->start = s->place;
	s->verb = verb_find(word);
	if (!s->verb)
		return fail_at(&s->place, place_misuse(&s->place),
			       "'%s' is not a statement (%s)", word,
			       names_join(verbs, sizeof(*verbs),
					  sizeof(verbs) / sizeof(*verbs) - 1,
					  names));
	s->place.verb = s->start.verb = s->verb->name;
	if (s->before && s->verb->read != rule_read &&
	    s->verb->read != observe_read)
		return statement_misuse(s, "--before is for rules");
	return s->verb->read(s, policy);
}

/* What no statement can hold is told by its line, not byte by byte. */
static int text_check(const char *text, size_t size, const char *file)
{
	struct place place = { .file = file, .line = 1 };
	const char *zero = memchr(text, '\0', size), *at = text;

	if (!zero)
		return 0;
	while ((at = memchr(at, '\n', zero - at))) {
		at++;
		place.line++;
	}
	return fail_at(&place, EINVAL, "not a text file");
}

int policy_parse(const char *text, size_t size, const char *file,
		 struct policy *policy)
{
	_cleanup_(reader_close) struct reader reader = { 0 };
	unsigned int default_line = 0;
	int got = 1, err, first;

	first = text_check(text, size, file);
	if (!first)
		first = reader_open(&reader, text, size, file);
	if (first)
		return first;
	while (got && first != -ENOMEM) {
		got = err = statement_read(&reader);
		if (got > 0)
			err = statement_run(
				&(struct statement){
					.next = reader.words,
					.end = reader.words + reader.count,
					.place.file = file,
					.default_line = &default_line,
				},
				policy);
		if (!first)
			first = err;
	}
	return first;
}

int policy_add(struct policy *policy, char *const *words, size_t count,
	       const char *before)
{
	_free_ struct word *read = words_from(words, count);
	struct statement statement = { .before = before };
	size_t target_count = policy->targets.count;
	unsigned int file_count = policy->targets.file_count;
	int err;

	if (!read)
		return -ENOMEM;
	if (!count)
		return fail(EUSAGE, "which statement?");
	statement.next = read;
	statement.end = read + count;
	err = statement_run(&statement, policy);
	if (err)
		targets_forget(&policy->targets, target_count, file_count);
	return err;
}

int policy_remove_rule(struct policy *policy, const char *name)
{
	size_t at = rule_find(policy, name);

	if (at == policy->rule_count)
		return -ENOENT;
	free(policy->rules[at].expression);
	policy->rule_count--;
	memmove(&policy->rules[at], &policy->rules[at + 1],
		(policy->rule_count - at) * sizeof(*policy->rules));
	return 0;
}

void policy_free(struct policy *policy)
{
	for (size_t i = 0; i < policy->rule_count; i++)
		free(policy->rules[i].expression);
	free(policy->rules);
	targets_free(&policy->targets);
}
