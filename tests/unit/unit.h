/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the unit tests share: a list of tests that tables add themselves to, a
 * test a row; what a call prints; random numbers that are the same each time.
 */
#ifndef WEIR_TESTS_UNIT_H
#define WEIR_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* cmocka's fail() is a macro, for which weir's has to make way: (fail)(). */
#include "base/error.h"
#include <cmocka.h>

#include "base/prefix.h"
#include "live/maps.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Add a test whose *state is 'state'; names and states are kept, not copied. */
void unit_add(const char *name, CMUnitTestFunction test, const void *state);

/* The same, between a setup and a teardown, which own *state. */
void unit_add_with(const char *name, CMUnitTestFunction test,
		   CMFixtureFunction setup, CMFixtureFunction teardown);

/* A test for each row of a table; a row begins with its name. */
#define UNIT_ADD_ROWS(rows, test)                                              \
	do {                                                                   \
		for (size_t row_ = 0; row_ < COUNT(rows); row_++)              \
			unit_add(*(const char *const *)&(rows)[row_], test,    \
				 &(rows)[row_]);                               \
	} while (0)

/* Run all that was added, as one TAP stream.  Returns main()'s value. */
int unit_run(const char *group);

/*
 * Catch what is printed between the two calls; no assertion may come between.
 * printed_end() returns it, valid until the next printed_begin().
 */
enum printed { PRINTED_STDOUT = 1, PRINTED_STDERR = 2, PRINTED_BOTH = 3 };

void printed_begin(enum printed which);
const char *printed_end(void);

/* Fails unless the text is one whole line that begins with "weir: ". */
void assert_one_error_line(const char *text);

/* The same numbers in every run. */
uint32_t random_u32(void);
uint32_t random_below(uint32_t limit);
bool random_one_in(uint32_t n);

/*
 * Setup and teardown for tests on maps of their own: *state is a struct maps.
 * Without root the test is skipped.
 */
int private_maps_open(void **state);
int private_maps_close(void **state);
void skip_without_root(void);

/* A prefix that is known to parse; the test's own mistake ends the program. */
struct prefix prefix_from(const char *text);

#endif
