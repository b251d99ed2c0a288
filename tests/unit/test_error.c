// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "unit/unit.h"

#define MAX_ERRNO 4095

static const struct code {
	const char *name;
	int err, code;
} codes[] = {
	{ "success is 0", 0, 0 },
	{ "an unknown word is 2", -EUSAGE, 2 },
	{ "no such instance is 3", -EABSENT, 3 },
	{ "a bad value is 1", -EINVAL, 1 },
	{ "a missing permission is 1", -EPERM, 1 },
	{ "a missing file is 1", -ENOENT, 1 },
	{ "the number before our own is 1", -MAX_ERRNO, 1 },
	{ "the number after our own is 1", -(EABSENT + 1), 1 },
};

static void has_its_exit_code(void **state)
{
	const struct code *row = *state;

	assert_int_equal(error_exit_code(row->err), row->code);
}

static void every_number_of_the_kernel_is_1(void **state)
{
	(void)state;
	for (int err = 1; err <= MAX_ERRNO; err++)
		assert_int_equal(error_exit_code(-err), 1);
}

static void fail_prints_one_line_and_returns_the_number(void **state)
{
	const char *text;
	int err;

	(void)state;
	printed_begin(PRINTED_STDERR);
	err = (fail)(EBUSY, "%s: %d programs", "eth0", 2);
	text = printed_end();
	assert_int_equal(err, -EBUSY);
	assert_string_equal(text, "weir: eth0: 2 programs\n");
	assert_one_error_line(text);
}

static void a_note_says_that_it_is_one(void **state)
{
	const char *text;

	(void)state;
	printed_begin(PRINTED_STDERR);
	note("%s is there already", "eth0");
	text = printed_end();
	assert_string_equal(text, "weir: note: eth0 is there already\n");
}

/* With both streams in one file, the order of events is the order of lines. */
static void errors_come_after_what_was_printed_before(void **state)
{
	const char *text;

	(void)state;
	printed_begin(PRINTED_BOTH);
	printf("first\n");
	(fail)(EINVAL, "second");
	printf("third\n");
	note("fourth");
	text = printed_end();
	assert_string_equal(text, "first\nweir: second\nthird\n"
				  "weir: note: fourth\n");
}

static const struct word {
	const char *name, *word, *line;
} words[] = {
	{ "a newline in a word is a question mark", "a\nweir: b",
	  "weir: 'a?weir: b'\n" },
	{ "a newline at the end of a word is too", "a\n", "weir: 'a?'\n" },
	{ "an escape sequence is disarmed", "\033[2J", "weir: '?[2J'\n" },
	{ "a carriage return is disarmed", "a\rb", "weir: 'a?b'\n" },
	{ "a delete is disarmed", "\177", "weir: '?'\n" },
	{ "a blank stays", " a b ", "weir: ' a b '\n" },
	{ "a per cent sign stays", "%s%n", "weir: '%s%n'\n" },
	{ "what is not ASCII stays", "\303\251", "weir: '\303\251'\n" },
};

static void is_one_harmless_line(void **state)
{
	const struct word *row = *state;
	const char *text;

	printed_begin(PRINTED_STDERR);
	(fail)(EINVAL, "'%s'", row->word);
	text = printed_end();
	assert_string_equal(text, row->line);
}

static void a_word_without_end_is_still_one_line(void **state)
{
	char *word = test_malloc(100001);
	const char *text;

	(void)state;
	memset(word, 'x', 100000);
	word[100000] = '\0';
	printed_begin(PRINTED_STDERR);
	(fail)(EINVAL, "%s: not a word", word);
	text = printed_end();
	assert_one_error_line(text);
	test_free(word);
}

static void texts_do_not_mind_the_sign(void **state)
{
	char text[128];

	(void)state;
	snprintf(text, sizeof(text), "%s", error_text(EPERM));
	assert_string_equal(text, "Operation not permitted");
	assert_string_equal(text, error_text(-EPERM));
}

int main(void)
{
	UNIT_ADD_ROWS(codes, has_its_exit_code);
	UNIT_ADD_ROWS(words, is_one_harmless_line);
	unit_add("a word without end is still one line",
		 a_word_without_end_is_still_one_line, NULL);
	unit_add("every number of the kernel's is 1",
		 every_number_of_the_kernel_is_1, NULL);
	unit_add("fail prints one line and returns the number",
		 fail_prints_one_line_and_returns_the_number, NULL);
	unit_add("a note says that it is one", a_note_says_that_it_is_one,
		 NULL);
	unit_add("errors come after what was printed before",
		 errors_come_after_what_was_printed_before, NULL);
	unit_add("texts do not mind the sign", texts_do_not_mind_the_sign,
		 NULL);
	return unit_run("error");
}
