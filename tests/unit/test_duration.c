// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "unit/unit.h"
#include "base/duration.h"

static const struct row {
	const char *name, *text;
	unsigned long long seconds;	/* 0: refused */
} rows[] = {
	{ "seconds", "30s", 30 },
	{ "minutes", "10m", 600 },
	{ "hours", "2h", 7200 },
	{ "days", "1d", 86400 },
	{ "a leading zero is decimal", "010s", 10 },
	{ "ten years", "3660d", 316224000 },
	{ "ten years and a day", "3661d", 0 },
	{ "ten years in seconds", "316224000s", 316224000 },
	{ "one second more", "316224001s", 0 },
	{ "a number beyond 64 bits", "18446744073709551616s", 0 },
	{ "nothing", "", 0 },
	{ "a bare number", "30", 0 },
	{ "a bare unit", "s", 0 },
	{ "no time at all", "0s", 0 },
	{ "a sign", "+1s", 0 },
	{ "a negative time", "-1s", 0 },
	{ "a space before", " 1s", 0 },
	{ "a space between", "1 s", 0 },
	{ "a space behind", "1s ", 0 },
	{ "a fraction", "1.5s", 0 },
	{ "an unknown unit", "1w", 0 },
	{ "another case", "1S", 0 },
	{ "a word for a unit", "1sec", 0 },
	{ "two of them", "1m30s", 0 },
	{ "hexadecimal", "0x10s", 0 },
};

static void is_read_or_refused(void **state)
{
	const struct row *row = *state;
	unsigned long long seconds = 4711;
	int err = duration_parse(row->text, &seconds);

	assert_int_equal(err, row->seconds ? 0 : -EINVAL);
	assert_true(seconds == (row->seconds ? row->seconds : 4711));
}

static const struct written {
	const char *name;
	unsigned long long seconds;
	const char *text;
} written[] = {
	{ "seconds are written as such", 90, "90s" },
	{ "whole minutes are written in minutes", 600, "10m" },
	{ "whole hours are written in hours", 7200, "2h" },
	{ "whole days are written in days", 172800, "2d" },
	{ "a second more than a day is not", 86401, "86401s" },
	{ "no time is written too", 0, "0s" },
};

static void is_written(void **state)
{
	const struct written *row = *state;
	char text[DURATION_TEXT];

	assert_string_equal(duration_format(row->seconds, text), row->text);
}

int main(void)
{
	UNIT_ADD_ROWS(rows, is_read_or_refused);
	UNIT_ADD_ROWS(written, is_written);
	return unit_run("duration");
}
