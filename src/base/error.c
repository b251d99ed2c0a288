// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

int fail(int err, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("weir: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return -err;
}

void note(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("weir: note: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
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
