// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "unit/unit.h"
#include "cmd/cmd.h"

#define MAX_WORDS 16

#define REFUSE OPTIONS_REFUSE_OTHERS
#define KEEP OPTIONS_KEEP_OTHERS

/* Words are split at blanks; "~" is an empty one. */
static const struct row {
	const char *name;
	enum options_other others;
	const char *words, *left; /* left is NULL where it is refused */
	bool flag;
	const char *value;
	const char *line;
} rows[] = {
	{ "no words stay none", REFUSE, "deny", "deny", false, NULL, "" },
	{ "words that are no options stay", REFUSE, "deny a b", "deny a b",
	  false, NULL, "" },
	{ "a flag is taken", REFUSE, "deny --flag", "deny", true, NULL, "" },
	{ "a flag before words is taken", REFUSE, "deny --flag a b", "deny a b",
	  true, NULL, "" },
	{ "a flag among words is taken", REFUSE, "deny a --flag b", "deny a b",
	  true, NULL, "" },
	{ "a flag behind words is taken", REFUSE, "deny a b --flag", "deny a b",
	  true, NULL, "" },
	{ "a flag may come twice", REFUSE, "deny --flag --flag", "deny", true,
	  NULL, "" },
	{ "a value follows its option", REFUSE, "deny --value x a", "deny a",
	  false, "x", "" },
	{ "a value comes behind the equals sign", REFUSE, "deny --value=x a",
	  "deny a", false, "x", "" },
	{ "a value may be empty", REFUSE, "deny --value= a", "deny a", false,
	  "", "" },
	{ "an empty word is a value", REFUSE, "deny --value ~ a", "deny a",
	  false, "", "" },
	{ "a value may contain an equals sign", REFUSE, "deny --value=x=y",
	  "deny", false, "x=y", "" },
	{ "a value may look like an option", REFUSE, "deny --value --flag a",
	  "deny a", false, "--flag", "" },
	{ "a value may be two dashes", REFUSE, "deny --value -- a", "deny a",
	  false, "--", "" },
	{ "of two values the last holds", REFUSE, "deny --value x --value=y",
	  "deny", false, "y", "" },
	{ "two dashes end the options", REFUSE, "deny --flag -- --flag --x",
	  "deny --flag --x", true, NULL, "" },
	{ "only the first two dashes go", REFUSE, "deny a -- -- b",
	  "deny a -- b", false, NULL, "" },
	{ "two dashes may come last", REFUSE, "deny a --", "deny a", false,
	  NULL, "" },
	{ "one dash is a word", REFUSE, "deny -", "deny -", false, NULL, "" },
	{ "one dash and letters are a word", REFUSE, "deny -flag", "deny -flag",
	  false, NULL, "" },
	{ "an empty word is a word", REFUSE, "deny ~ a", "deny ~ a", false,
	  NULL, "" },
	{ "an option's name without dashes is a word", REFUSE,
	  "deny flag value", "deny flag value", false, NULL, "" },
	{ "the name of the command is never an option", REFUSE, "--flag a",
	  "--flag a", false, NULL, "" },

	{ "an unknown option is refused", REFUSE, "deny --other", NULL, false,
	  NULL,
	  "weir: deny: unknown option '--other'; "
	  "usage: weir deny TARGET...\n" },
	{ "an abbreviation is refused", REFUSE, "deny --fla", NULL, false, NULL,
	  "weir: deny: unknown option '--fla'; "
	  "usage: weir deny TARGET...\n" },
	{ "a letter too many is refused", REFUSE, "deny --flags", NULL, false,
	  NULL,
	  "weir: deny: unknown option '--flags'; "
	  "usage: weir deny TARGET...\n" },
	{ "another case is refused", REFUSE, "deny --Flag", NULL, false, NULL,
	  "weir: deny: unknown option '--Flag'; "
	  "usage: weir deny TARGET...\n" },
	{ "an abbreviation with a value is refused", REFUSE, "deny --val=x",
	  NULL, false, NULL,
	  "weir: deny: unknown option '--val=x'; "
	  "usage: weir deny TARGET...\n" },
	{ "dashes and an equals sign are refused", REFUSE, "deny --=x", NULL,
	  false, NULL,
	  "weir: deny: unknown option '--=x'; "
	  "usage: weir deny TARGET...\n" },
	{ "three dashes are refused", REFUSE, "deny ---flag", NULL, false, NULL,
	  "weir: deny: unknown option '---flag'; "
	  "usage: weir deny TARGET...\n" },
	{ "a missing value is refused", REFUSE, "deny a --value", NULL, false,
	  NULL,
	  "weir: deny: --value needs a value; "
	  "usage: weir deny TARGET...\n" },
	{ "a flag with a value is refused", REFUSE, "deny --flag=1", NULL,
	  false, NULL,
	  "weir: deny: --flag takes no value; "
	  "usage: weir deny TARGET...\n" },
	{ "a flag with an empty value is refused", REFUSE, "deny --flag=", NULL,
	  false, NULL,
	  "weir: deny: --flag takes no value; "
	  "usage: weir deny TARGET...\n" },
	{ "a command without words has a short usage", REFUSE, "show --other",
	  NULL, false, NULL,
	  "weir: show: unknown option '--other'; "
	  "usage: weir show\n" },
	{ "outside a command the list of commands helps", REFUSE,
	  "/usr/bin/weir --other", NULL, false, NULL,
	  "weir: unknown option '--other'; weir help lists the commands\n" },

	{ "others are kept for later", KEEP, "weir --flag deny --other a",
	  "weir deny --other a", true, NULL, "" },
	{ "an abbreviation is kept, not taken", KEEP, "weir --fla --flag",
	  "weir --fla", true, NULL, "" },
	{ "others' values are kept in their place", KEEP,
	  "weir deny --other x --value y z", "weir deny --other x z", false,
	  "y", "" },
	{ "two dashes are kept with all behind them", KEEP,
	  "weir deny --flag -- --flag a", "weir deny -- --flag a", true, NULL,
	  "" },
	{ "a missing value is refused even so", KEEP, "weir --value", NULL,
	  false, NULL,
	  "weir: --value needs a value; "
	  "weir help lists the commands\n" },
	{ "a flag with a value is refused even so", KEEP, "weir --flag=x", NULL,
	  false, NULL,
	  "weir: --flag takes no value; "
	  "weir help lists the commands\n" },
};

/* Returns argc; argv points into 'room'. */
static int words_split(const char *words, char room[256], char **argv)
{
	int argc = 0;
	char *next;

	snprintf(room, 256, "%s", words);
	for (char *word = room; word; word = next) {
		next = strchr(word, ' ');
		if (next)
			*next++ = '\0';
		argv[argc++] = strcmp(word, "~") ? word : "";
	}
	argv[argc] = NULL;
	return argc;
}

static void assert_left(const char *left, int argc, char **argv)
{
	char *wanted[MAX_WORDS], room[256];
	int count = words_split(left, room, wanted);

	assert_int_equal(argc, count);
	for (int i = 0; i < count; i++)
		assert_string_equal(argv[i], wanted[i]);
	assert_null(argv[argc]);
}

static void takes_what_it_should(void **state)
{
	const struct row *row = *state;
	char *argv[MAX_WORDS], room[256];
	int argc = words_split(row->words, room, argv);
	const char *value = NULL, *text;
	bool flag = false;
	const struct option options[] = { { "--flag", &flag, NULL },
					  { "--value", NULL, &value },
					  { 0 } };

	printed_begin(PRINTED_STDERR);
	argc = options_take(options, row->others, argc, argv);
	text = printed_end();
	assert_string_equal(text, row->line);
	if (!row->left) {
		assert_int_equal(argc, -EUSAGE);
		return;
	}
	assert_left(row->left, argc, argv);
	assert_int_equal(flag, row->flag);
	assert_int_equal(!value, !row->value);
	if (value)
		assert_string_equal(value, row->value);
}

static void defaults_stay_where_nothing_is_given(void **state)
{
	char *argv[] = { "deny", "a", NULL };
	const char *value = "default";
	bool flag = true;
	const struct option options[] = { { "--flag", &flag, NULL },
					  { "--value", NULL, &value },
					  { 0 } };

	(void)state;
	assert_int_equal(options_take(options, REFUSE, 2, argv), 2);
	assert_true(flag);
	assert_string_equal(value, "default");
}

static void a_command_without_options_takes_none(void **state)
{
	char *argv[] = { "show", "--json", NULL };
	const struct option none[] = { { 0 } };
	const char *text;
	int err;

	(void)state;
	printed_begin(PRINTED_STDERR);
	err = options_take(none, REFUSE, 2, argv);
	text = printed_end();
	assert_int_equal(err, -EUSAGE);
	assert_one_error_line(text);
}

int main(void)
{
	UNIT_ADD_ROWS(rows, takes_what_it_should);
	unit_add("defaults stay where nothing is given",
		 defaults_stay_where_nothing_is_given, NULL);
	unit_add("a command without options takes none",
		 a_command_without_options_takes_none, NULL);
	return unit_run("options");
}
