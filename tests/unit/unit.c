// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "unit/unit.h"
#include "cmd/cmd.h"
#include "live/filter.h"

static struct CMUnitTest *tests;
static size_t test_count;

static struct {
	int file, saved_out, saved_err;
	char *text;
} printed = { .saved_out = -1, .saved_err = -1 };

static _Noreturn void die(const char *what)
{
	perror(what);
	abort();
}

static struct CMUnitTest *test_new(void)
{
	tests = realloc(tests, (test_count + 1) * sizeof(*tests));
	if (!tests)
		die("tests");
	return &tests[test_count++];
}

void unit_add(const char *name, CMUnitTestFunction test, const void *state)
{
	*test_new() = (struct CMUnitTest){
		.name = name,
		.test_func = test,
		.initial_state = (void *)state,
	};
}

void unit_add_with(const char *name, CMUnitTestFunction test,
		   CMFixtureFunction setup, CMFixtureFunction teardown)
{
	*test_new() = (struct CMUnitTest){
		.name = name,
		.test_func = test,
		.setup_func = setup,
		.teardown_func = teardown,
	};
}

int unit_run(const char *group)
{
	int failed;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = _cmocka_run_group_tests(group, tests, test_count, NULL, NULL);
	free(tests);
	free(printed.text);
	return failed != 0;
}

void printed_begin(enum printed which)
{
	fflush(NULL);
	printed.file = memfd_create("printed", MFD_CLOEXEC);
	if (printed.file < 0)
		die("memfd_create");
	if (which & PRINTED_STDOUT) {
		printed.saved_out = dup(STDOUT_FILENO);
		dup2(printed.file, STDOUT_FILENO);
	}
	if (which & PRINTED_STDERR) {
		printed.saved_err = dup(STDERR_FILENO);
		dup2(printed.file, STDERR_FILENO);
	}
}

static void stream_restore(int *saved, int to)
{
	if (*saved < 0)
		return;
	dup2(*saved, to);
	close(*saved);
	*saved = -1;
}

const char *printed_end(void)
{
	off_t size;

	fflush(NULL);
	stream_restore(&printed.saved_out, STDOUT_FILENO);
	stream_restore(&printed.saved_err, STDERR_FILENO);
	size = lseek(printed.file, 0, SEEK_END);
	free(printed.text);
	printed.text = calloc(1, size + 1);
	if (!printed.text || pread(printed.file, printed.text, size, 0) != size)
		die("what was printed");
	close(printed.file);
	return printed.text;
}

void assert_one_error_line(const char *text)
{
	const char *end = strchr(text, '\n');

	if (strncmp(text, "weir: ", 6) || !end || end[1])
		fail_msg("not one line of weir's: '%s'", text);
}

/* xorshift32: Marsaglia 2003. */
uint32_t random_u32(void)
{
	static uint32_t x = 2463534242;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

uint32_t random_below(uint32_t limit)
{
	return (uint64_t)random_u32() * limit >> 32;
}

bool random_one_in(uint32_t n)
{
	return !random_below(n);
}

void skip_without_root(void)
{
	if (!geteuid())
		return;
	print_message("# skipped: needs root, for maps in the kernel\n");
	skip();
}

int private_maps_open(void **state)
{
	static struct maps maps;
	int program;

	maps = (struct maps)MAPS_CLOSED;
	*state = &maps;
	if (geteuid())
		return 0;
	program = filter_load(&maps, &(struct filter_settings){ 0 });
	if (program < 0)
		return -1;
	close(program);
	return 0;
}

int private_maps_close(void **state)
{
	maps_close(*state);
	return 0;
}

struct prefix prefix_from(const char *text)
{
	struct prefix prefix;
	char why[128];

	if (!prefix_parse(text, &prefix, why, sizeof(why)))
		return prefix;
	fprintf(stderr, "%s: %s\n", text, why);
	abort();
}

/* Stands in for main.c, which has the real table. */
const struct command *command_find(const char *name)
{
	static const struct command table[] = {
		{ "deny", "TARGET...", "", "", NULL },
		{ "show", "", "", "", NULL },
	};

	for (size_t i = 0; i < COUNT(table); i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}
