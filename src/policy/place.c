// SPDX-License-Identifier: GPL-2.0-only
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "policy/place.h"

#define PLACE_TEXT (PATH_MAX + 64)

static const char *place_format(const struct place *place,
				char text[PLACE_TEXT])
{
	char line[16] = "", column[16] = "";

	if (place->line)
		snprintf(line, sizeof(line), ":%u", place->line);
	if (place->line && place->column)
		snprintf(column, sizeof(column), ":%u", place->column);
	snprintf(text, PLACE_TEXT, "%s%s%s%s%s%s",
		 place->file ? place->file : "", line, column,
		 place->file ? ": " : "", place->verb ? place->verb : "",
		 place->verb ? ": " : "");
	return text;
}

int fail_at(const struct place *place, int err, const char *fmt, ...)
{
	char at[PLACE_TEXT], what[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return fail(err, "%s%s", place_format(place, at), what);
}

void note_at(const struct place *place, const char *fmt, ...)
{
	char at[PLACE_TEXT], what[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	note("%s%s", place_format(place, at), what);
}

struct place place_of(const struct place *place, const struct word *word)
{
	struct place at = *place;

	at.line = word->line;
	at.column = word->column;
	return at;
}

int place_misuse(const struct place *place)
{
	return place->file ? EINVAL : EUSAGE;
}
