// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/duration.h"

#define LONGEST (10ULL * 366 * 86400)

static const char units[] = "smhd";
static const unsigned int unit_s[] = { 1, 60, 3600, 86400 };

int duration_parse(const char *text, unsigned long long *seconds)
{
	size_t digits = strspn(text, "0123456789");
	const char *unit = text[digits] ? strchr(units, text[digits]) : NULL;
	unsigned long long value;

	if (!digits || digits > 10 || !unit || text[digits + 1])
		return -EINVAL;
	value = strtoull(text, NULL, 10) * unit_s[unit - units];
	if (!value || value > LONGEST)
		return -EINVAL;
	*seconds = value;
	return 0;
}

const char *duration_format(unsigned long long seconds,
			    char text[DURATION_TEXT])
{
	int unit = seconds ? 3 : 0;

	while (unit && seconds % unit_s[unit])
		unit--;
	snprintf(text, DURATION_TEXT, "%llu%c", seconds / unit_s[unit],
		 units[unit]);
	return text;
}

/* "Z", "+01:00" or "-01:00", as seconds east. */
static int offset_parse(const char *text, long *east)
{
	int hours, minutes, used = 0;
	char sign;

	*east = 0;
	if (!strcmp(text, "Z") || !strcmp(text, "z"))
		return 0;
	if (sscanf(text, "%c%2d:%2d%n", &sign, &hours, &minutes, &used) != 3 ||
	    used != 6 || text[used] || (sign != '+' && sign != '-') ||
	    hours > 23 || minutes > 59 || hours < 0 || minutes < 0)
		return -EINVAL;
	*east = (hours * 3600L + minutes * 60L) * (sign == '-' ? -1 : 1);
	return 0;
}

int time_parse(const char *text, unsigned long long *seconds)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	time_t time;
	long east;

	if (!rest || offset_parse(rest, &east))
		return -EINVAL;
	time = timegm(&tm) - east;
	if (time < 0)
		return -EINVAL;
	*seconds = time;
	return 0;
}
