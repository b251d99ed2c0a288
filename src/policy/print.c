// SPDX-License-Identifier: GPL-2.0-only
/* The canonical form of a policy. */
#include <string.h>

#include "base/duration.h"
#include "policy/key.h"
#include "policy/policy.h"
#include "policy/rate.h"

/* What needs no quotes, neither in a policy nor in a shell. */
#define PLAIN                                                                  \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"                 \
	"0123456789 ._:/-"

static void quoted_print(const char *text, FILE *out)
{
	if (!strchr(text, '\'')) {
		fprintf(out, "'%s'", text);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (strchr("\"\\$`", *text))
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

void word_print(const char *word, FILE *out)
{
	if (*word && !strchr(word, ' ') &&
	    strspn(word, PLAIN "@") == strlen(word))
		fputs(word, out);
	else
		quoted_print(word, out);
}

static void limit_print(const struct rule *rule, FILE *out)
{
	char rate[RATE_TEXT], burst[RATE_TEXT], key[KEY_TEXT];
	char ban[DURATION_TEXT], cells[RATE_TEXT];

	fprintf(out, " %s", rate_format(&rule->rate, rate));
	if (rule->burst)
		fprintf(out, " burst %s",
			burst_format(rule->burst, &rule->rate, burst));
	if (*key_format(&rule->key, key))
		fprintf(out, " per %s", key);
	if (rule->ban_s)
		fprintf(out, " ban %s", duration_format(rule->ban_s, ban));
	if (rule->cells)
		fprintf(out, " cells %s", cells_format(rule->cells, cells));
}

void rule_print(const struct rule *rule, FILE *out)
{
	const char *expression = rule->expression;

	fprintf(out, "%s%s %s", rule->observe ? "observe " : "",
		rule_actions[rule->action], rule->name);
	if (rule->action == WEIR_DO_LIMIT)
		limit_print(rule, out);
	if (rule->always)
		fprintf(out, " always");
	if (!*expression)
		return;
	fputc(' ', out);
	if (strspn(expression, PLAIN) == strlen(expression))
		fputs(expression, out);
	else
		quoted_print(expression, out);
}

static void guards_print(__u32 guards, FILE *out)
{
#define GUARD_PRINT_(name, word, text)                                         \
	if (guards & WEIR_GUARD_##name)                                        \
		fprintf(out, " %s", word);

	if (!guards)
		return;
	fputs("guard", out);
	WEIR_GUARDS(GUARD_PRINT_)
	fputc('\n', out);
#undef GUARD_PRINT_
}

void policy_print(const struct policy *policy, FILE *out)
{
	guards_print(policy->guards, out);
	for (size_t i = 0; i < policy->rule_count; i++) {
		rule_print(&policy->rules[i], out);
		fputc('\n', out);
	}
	fprintf(out, "default %s\n", policy->default_drop ? "drop" : "pass");
}

char *policy_text(const struct policy *policy)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	policy_print(policy, out);
	fclose(out);
	return text;
}

char *rule_text(const struct rule *rule)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	rule_print(rule, out);
	fclose(out);
	return text;
}
