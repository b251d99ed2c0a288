// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

static char kept[512];
static bool keeping;

/* A line stays one line, whatever the words in it. */
static void line_make(char *text, size_t size, const char *fmt, va_list ap)
{
	vsnprintf(text, size, fmt, ap);
	for (char *c = text; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
}

static void say(const char *what, const char *fmt, va_list ap)
{
	char text[4096];

	line_make(text, sizeof(text), fmt, ap);
	fflush(stdout);
	fprintf(stderr, "weir: %s%s\n", what, text);
}

void errors_keep(void)
{
	keeping = true;
	kept[0] = '\0';
}

const char *errors_kept(void)
{
	keeping = false;
	return kept;
}

int fail(int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (keeping)
		line_make(kept, sizeof(kept), fmt, ap);
	else
		say("", fmt, ap);
	va_end(ap);
	return -err;
}

void note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("note: ", fmt, ap);
	va_end(ap);
}

const char *error_text(int err)
{
	return strerror(err < 0 ? -err : err);
}

int error_exit_code(int err)
{
	switch (-err) {
	case 0:
		return 0;
	case EUSAGE:
		return 2;
	case EABSENT:
		return 3;
	default:
		return 1;
	}
}
