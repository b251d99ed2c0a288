// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"

static unsigned long long unit_seconds(const char *unit)
{
	if (!strcmp(unit, "s"))
		return 1;
	if (!strcmp(unit, "m"))
		return 60;
	if (!strcmp(unit, "h"))
		return 3600;
	return strcmp(unit, "d") ? 0 : 86400;
}

int duration_parse(const char *text, unsigned long long *seconds)
{
	unsigned long long number, unit;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	number = strtoull(text, &end, 10);
	unit = unit_seconds(end);
	if (errno || !number || !unit || number > ULLONG_MAX / unit)
		return -EINVAL;
	*seconds = number * unit;
	return 0;
}
