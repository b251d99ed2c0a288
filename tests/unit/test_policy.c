// SPDX-License-Identifier: GPL-2.0-only
/*
 * Statements on a command line, what they leave of a policy when they fail, and
 * text that nobody would write.  What files say is in tests/golden/policy.
 */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit/unit.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "policy/policy.h"

#define INPUTS "tests/golden/policy/*.in"
#define MUTATIONS 2000

static const char start[] = "deny 192.0.2.1\n"
			    "guard land\n"
			    "drop one udp port 1\n"
			    "limit two 5/s per src ban 1m\n"
			    "default drop\n";

static const char before[] = "guard land\n"
			     "drop one udp port 1\n"
			     "limit two 5/s per src ban 1m\n"
			     "default drop\n";

static void policy_start(struct policy *policy)
{
	assert_int_equal(policy_parse(start, strlen(start), "f", policy), 0);
}

static void assert_policy(const struct policy *policy, const char *wanted)
{
	_free_ char *text = policy_text(policy);

	assert_string_equal(text, wanted);
}

/* Words by one blank each; a '|' in a word stands for a blank. */
static size_t words_split(char *text, char *words[16])
{
	size_t count = 0;

	while ((words[count] = strsep(&text, " "))) {
		for (char *c = words[count]; *c; c++)
			if (*c == '|')
				*c = ' ';
		count++;
	}
	return count;
}

static int statement_add(struct policy *policy, const char *statement,
			 const char *at)
{
	_free_ char *text = strdup(statement);
	char *words[16];

	return policy_add(policy, words, words_split(text, words), at);
}

static const struct added {
	const char *name, *statement, *before, *wanted;
} added[] = {
	{ "a rule goes last", "drop three ip6", NULL,
	  "guard land\ndrop one udp port 1\nlimit two 5/s per src ban 1m\n"
	  "drop three ip6\ndefault drop\n" },
	{ "a rule goes before another", "drop three ip6", "two",
	  "guard land\ndrop one udp port 1\ndrop three ip6\n"
	  "limit two 5/s per src ban 1m\ndefault drop\n" },
	{ "a rule goes before the first", "observe drop three ip6", "one",
	  "guard land\nobserve drop three ip6\ndrop one udp port 1\n"
	  "limit two 5/s per src ban 1m\ndefault drop\n" },
	{ "an expression in one word", "drop three |ip6||and\tudp|", NULL,
	  "guard land\ndrop one udp port 1\nlimit two 5/s per src ban 1m\n"
	  "drop three ip6 and udp\ndefault drop\n" },
	{ "guards add up", "guard tagged malformed", NULL,
	  "guard malformed land tagged\ndrop one udp port 1\n"
	  "limit two 5/s per src ban 1m\ndefault drop\n" },
	{ "default is replaced", "default pass", NULL,
	  "guard land\ndrop one udp port 1\nlimit two 5/s per src ban 1m\n"
	  "default pass\n" },
};

static void is_added(void **state)
{
	_cleanup_(policy_free) struct policy policy = POLICY_EMPTY;
	const struct added *row = *state;
	const char *text;
	int err;

	policy_start(&policy);
	printed_begin(PRINTED_STDERR);
	err = statement_add(&policy, row->statement, row->before);
	text = printed_end();
	assert_string_equal(text, "");
	assert_int_equal(err, 0);
	assert_policy(&policy, row->wanted);
	assert_int_equal(policy.targets.count, 1);
}

static const struct refused {
	const char *name, *statement, *before;
	int err;
	const char *line;
} refused[] = {
	{ "an unknown statement", "frobnicate x", NULL, EUSAGE,
	  "weir: 'frobnicate' is not a statement (allow, deny, guard, observe, "
	  "drop, pass, abort, count, limit, challenge, default)\n" },
	{ "a missing target", "deny", NULL, EUSAGE,
	  "weir: deny: which address, prefix, range or file?; usage: weir deny "
	  "TARGET... [for TIME | until TIME]\n" },
	{ "a missing rate", "limit a", NULL, EUSAGE,
	  "weir: limit: at which rate?; usage: weir limit NAME RATE [burst N] "
	  "[per KEY] [ban TIME] [cells N] [EXPRESSION]\n" },
	{ "a missing expression", "drop a", NULL, EUSAGE,
	  "weir: drop: which packets? ('default drop' is for all others); "
	  "usage: weir drop NAME EXPRESSION\n" },
	{ "a bad rate", "limit a 500/x", NULL, EINVAL,
	  "weir: limit: '500/x' is not a rate (500/s, 10k/s, 100Mbit/s)\n" },
	{ "good targets before a bad one", "deny 192.0.2.7 80abc", NULL, EINVAL,
	  "weir: deny: not an address or prefix: '80abc'\n" },
	{ "a good file before a bad word", "deny @/dev/null 80abc", NULL,
	  EINVAL, "weir: deny: not an address or prefix: '80abc'\n" },
	{ "a bad guard behind a good one", "guard tagged x", NULL, EINVAL,
	  "weir: guard: 'x' is not a guard (malformed, land, fragments, "
	  "bogons, tagged, extension-headers)\n" },
	{ "a name that is taken", "drop one ip", NULL, EINVAL,
	  "weir: drop: the name 'one' is taken; weir remove one first\n" },
	{ "the same rule at another place", "limit two 5/s per src ban 1m",
	  "one", EINVAL,
	  "weir: limit: the name 'two' is taken; weir remove two first\n" },
	{ "a place before no rule", "drop three ip", "four", EINVAL,
	  "weir: drop: --before: there is no rule 'four'; weir show lists "
	  "them\n" },
	{ "a place for what has none", "deny 192.0.2.7", "one", EUSAGE,
	  "weir: deny: --before is for rules; usage: weir deny TARGET... [for "
	  "TIME | until TIME]\n" },
	{ "an end that is past", "deny 192.0.2.7 until 2001-01-01T00:00:00Z",
	  NULL, EINVAL, "weir: deny: until: 2001-01-01T00:00:00Z is past\n" },
	{ "a control character", "drop three ip\a", NULL, EINVAL,
	  "weir: drop: a control character in the expression\n" },
	{ "words behind default", "default pass drop", NULL, EUSAGE,
	  "weir: default: takes one word; usage: weir default pass|drop\n" },
};

static void is_refused_and_changes_nothing(void **state)
{
	_cleanup_(policy_free) struct policy policy = POLICY_EMPTY;
	const struct refused *row = *state;
	const char *text;
	int err;

	policy_start(&policy);
	printed_begin(PRINTED_STDERR);
	err = statement_add(&policy, row->statement, row->before);
	text = printed_end();
	assert_string_equal(text, row->line);
	assert_int_equal(err, -row->err);
	assert_policy(&policy, before);
	assert_int_equal(policy.targets.count, 1);
	assert_int_equal(policy.targets.file_count, 1);
}

static void the_same_rule_again_is_a_note(void **state)
{
	_cleanup_(policy_free) struct policy policy = POLICY_EMPTY;
	const char *text;
	int err;

	(void)state;
	policy_start(&policy);
	printed_begin(PRINTED_STDERR);
	err = statement_add(&policy, "limit two 5/s ban 60s per src/32", NULL);
	text = printed_end();
	assert_int_equal(err, 0);
	assert_string_equal(text,
			    "weir: note: limit: rule two is there already\n");
	assert_policy(&policy, before);
}

static void a_rule_is_removed_by_its_name(void **state)
{
	_cleanup_(policy_free) struct policy policy = POLICY_EMPTY;

	(void)state;
	policy_start(&policy);
	assert_int_equal(policy_remove_rule(&policy, "three"), -ENOENT);
	assert_policy(&policy, before);
	assert_int_equal(policy_remove_rule(&policy, "one"), 0);
	assert_int_equal(policy_remove_rule(&policy, "one"), -ENOENT);
	assert_policy(&policy, "guard land\nlimit two 5/s per src ban 1m\n"
			       "default drop\n");
}

static void what_was_read_is_what_was_said(void **state)
{
	static const char text[] =
		"\n"
		"limit a 1MB/s burst 64kB per src/24,dport \\\n"
		"  ban 2h udp\n"
		"deny 192.0.2.1\n";
	_cleanup_(policy_free) struct policy policy = POLICY_EMPTY;
	const struct rule *rule;

	(void)state;
	assert_int_equal(policy_parse(text, strlen(text), "f", &policy), 0);
	rule = policy.rules;
	assert_int_equal(policy.rule_count, 1);
	assert_true(rule->rate.bits && rule->rate.amount == 8000000);
	assert_int_equal(rule->rate.period_s, 1);
	assert_int_equal(rule->burst, 64000);
	assert_true(rule->key.src && rule->key.dport);
	assert_false(rule->key.dst || rule->key.sport);
	assert_int_equal(rule->key.src4, 24);
	assert_int_equal(rule->key.src6, 64);
	assert_int_equal(rule->ban_s, 7200);
	assert_int_equal(rule->line, 2);
	assert_int_equal(rule->place.line, 3);
	assert_int_equal(rule->place.column, 10);
	assert_string_equal(rule->place.file, "f");
	assert_string_equal(rule->place.verb, "limit");
	assert_int_equal(policy.targets.list->line, 4);
	assert_int_equal(policy.targets.list->file, 0);
}

static void a_file_is_known_from_anywhere(void **state)
{
	static const char text[] = "deny @lists/feed.list as feed\n";
	_cleanup_(policy_free) struct policy policy = POLICY_EMPTY;
	_free_ char *here = getcwd(NULL, 0), *wanted = NULL;
	const struct target_file *file = &policy.targets.files[1];

	(void)state;
	assert_true(asprintf(&wanted, "%s/tests/golden/policy/lists/feed.list",
			     here) > 0);
	assert_int_equal(policy_parse(text, strlen(text),
				      "tests/golden/policy/x", &policy),
			 0);
	assert_int_equal(policy.targets.file_count, 2);
	assert_string_equal(file->name, "feed");
	assert_string_equal(file->path, "lists/feed.list");
	assert_string_equal(file->full_path, wanted);
	assert_int_equal(file->entries, policy.targets.count);
	assert_int_equal(policy.targets.list->file, 1);
}

static void more_rules_than_there_is_room_for(void **state)
{
	_cleanup_(policy_free) struct policy policy = POLICY_EMPTY;
	_free_ char *text = NULL;
	const char *said;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int err;

	(void)state;
	for (int i = 0; i <= WEIR_MAX_RULES; i++)
		fprintf(out, "drop r%d ip\n", i);
	fclose(out);
	printed_begin(PRINTED_STDERR);
	err = policy_parse(text, size, "f", &policy);
	said = printed_end();
	assert_int_equal(err, -E2BIG);
	assert_string_equal(said, "weir: f:4097:6: drop: at most 4096 rules\n");
	assert_int_equal(policy.rule_count, WEIR_MAX_RULES);
}

static void guards_are_found_by_their_names(void **state)
{
	(void)state;
	assert_int_equal(guard_find("land"), WEIR_GUARD_LAND);
	assert_int_equal(guard_find("extension-headers"),
			 WEIR_GUARD_EXTENSION_HEADERS);
	assert_int_equal(guard_find("lan"), 0);
	assert_int_equal(guard_find(""), 0);
}

/* One line or more, each from weir. */
static void assert_error_lines(const char *text)
{
	assert_string_not_equal(text, "");
	for (; *text; text = strchr(text, '\n') + 1) {
		assert_memory_equal(text, "weir: ", 6);
		assert_non_null(strchr(text, '\n'));
	}
}

/* Whatever the text is: errors, or a text that reads as itself. */
static void parse_whatever(const char *text, size_t size)
{
	_cleanup_(policy_free) struct policy policy = POLICY_EMPTY;
	_cleanup_(policy_free) struct policy again = POLICY_EMPTY;
	_free_ char *copy = malloc(size ? size : 1), *printed = NULL;
	const char *file = "tests/golden/policy/x", *said;
	int err;

	/* Exactly as long as it is, for those who watch over bounds. */
	memcpy(copy, text, size);
	printed_begin(PRINTED_STDERR);
	err = policy_parse(copy, size, file, &policy);
	said = printed_end();
	if (err) {
		assert_error_lines(said);
		return;
	}
	printed = policy_text(&policy);
	assert_int_equal(policy_parse(printed, strlen(printed), file, &again),
			 0);
	assert_policy(&again, printed);
}

static void for_each_input(void (*call)(char *text, size_t size))
{
	char *text;
	glob_t inputs;
	size_t size;

	assert_int_equal(glob(INPUTS, 0, NULL, &inputs), 0);
	for (size_t i = 0; i < inputs.gl_pathc; i++) {
		_fd_ int fd = open(inputs.gl_pathv[i], O_RDONLY);

		assert_int_equal(file_read(fd, &text, &size), 0);
		if (size < 4096)
			call(text, size);
		free(text);
	}
	globfree(&inputs);
}

static void prefixes_parse(char *text, size_t size)
{
	for (size_t length = 0; length <= size; length++)
		parse_whatever(text, length);
}

static void half_a_file_does_no_harm(void **state)
{
	(void)state;
	for_each_input(prefixes_parse);
}

static unsigned int mutations_left, inputs_left;

static void inputs_count(char *text, size_t size)
{
	(void)text;
	(void)size;
	inputs_left++;
}

/* Bytes that mean something, more often than others. */
static char byte_choose(void)
{
	static const char telling[] = "\n \t#'\"\\@/-,.:;\r0159amdsrk";

	return random_one_in(3) ? (char)random_u32()
				: telling[random_below(sizeof(telling))];
}

static void mutations_parse(char *text, size_t size)
{
	unsigned int share = mutations_left / inputs_left--;

	mutations_left -= share;
	for (; share; share--) {
		_free_ char *other = malloc(size + 1);
		size_t changes = 1 + random_below(4);

		memcpy(other, text, size);
		while (size && changes--)
			other[random_below(size)] = byte_choose();
		parse_whatever(other, size);
	}
}

static void changed_bytes_do_no_harm(void **state)
{
	(void)state;
	mutations_left = MUTATIONS;
	inputs_left = 0;
	for_each_input(inputs_count);
	for_each_input(mutations_parse);
}

int main(void)
{
	UNIT_ADD_ROWS(added, is_added);
	UNIT_ADD_ROWS(refused, is_refused_and_changes_nothing);
	unit_add("the same rule again is a note", the_same_rule_again_is_a_note,
		 NULL);
	unit_add("a rule is removed by its name", a_rule_is_removed_by_its_name,
		 NULL);
	unit_add("what was read is what was said",
		 what_was_read_is_what_was_said, NULL);
	unit_add("a file is known from anywhere", a_file_is_known_from_anywhere,
		 NULL);
	unit_add("more rules than there is room for",
		 more_rules_than_there_is_room_for, NULL);
	unit_add("guards are found by their names",
		 guards_are_found_by_their_names, NULL);
	unit_add("half a file does no harm", half_a_file_does_no_harm, NULL);
	unit_add("changed bytes do no harm", changed_bytes_do_no_harm, NULL);
	return unit_run("policy");
}
