// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

/* A line stays one line, whatever the words in it. */
static void say(const char *what, const char *fmt, va_list ap)
{
	char text[4096];

	vsnprintf(text, sizeof(text), fmt, ap);
	for (char *c = text; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
	fflush(stdout);
	fprintf(stderr, "weir: %s%s\n", what, text);
}

int fail(int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
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
