// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/rate.h"

#define MOST_PACKETS 100000000ULL   /* a second */
#define MOST_BITS 10000000000000ULL /* a second */
#define YEAR_S (366 * 86400ULL)

struct unit {
	const char *text;
	__u64 factor;
};

/* The largest first, for formats take the first that divides. */
static const struct unit packet_units[] = {
	{ "M", 1000000 },
	{ "k", 1000 },
	{ "", 1 },
	{ 0 },
};

static const struct unit bit_units[] = {
	{ "Tbit", 1000000000000 }, { "Gbit", 1000000000 }, { "Mbit", 1000000 },
	{ "kbit", 1000 },	   { "bit", 1 },	   { 0 },
};

/* In bits. */
static const struct unit octet_units[] = {
	{ "GB", 8000000000 },
	{ "MB", 8000000 },
	{ "kB", 8000 },
	{ "B", 8 },
	{ 0 },
};

/* In bytes. */
static const struct unit burst_units[] = {
	{ "GB", 1000000000 }, { "MB", 1000000 }, { "kB", 1000 },
	{ "B", 1 },	      { "", 1 },	 { 0 },
};

static const struct unit periods[] = {
	{ "s", 1 },
	{ "m", 60 },
	{ "h", 3600 },
	{ 0 },
};

/* The factor of a unit, or 0. */
static __u64 unit_find(const struct unit *units, const char *text,
		       size_t length)
{
	for (; units->text; units++)
		if (strlen(units->text) == length &&
		    !memcmp(units->text, text, length))
			return units->factor;
	return 0;
}

static const struct unit *unit_choose(const struct unit *units, __u64 value)
{
	while (units->factor > 1 && value % units->factor)
		units++;
	return units;
}

/* Read the digits at the start of a text and times 'factor'. */
static int number_parse(const char *text, __u64 factor, __u64 *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	if (errno || !*value || __builtin_mul_overflow(*value, factor, value))
		return -ERANGE;
	return 0;
}

int rate_parse(const char *text, struct rate *rate)
{
	size_t digits = strspn(text, "0123456789");
	const char *unit = text + digits, *slash = strchr(unit, '/');
	struct rate read = { 0 };
	__u64 factor, most;

	if (!digits || !slash)
		return -EINVAL;
	read.period_s = unit_find(periods, slash + 1, strlen(slash + 1));
	factor = unit_find(packet_units, unit, slash - unit);
	read.bits = !factor;
	if (!factor)
		factor = unit_find(bit_units, unit, slash - unit);
	if (!factor)
		factor = unit_find(octet_units, unit, slash - unit);
	if (!factor || !read.period_s || (read.bits && read.period_s > 1))
		return -EINVAL;
	most = read.bits ? MOST_BITS : MOST_PACKETS * read.period_s;
	if (number_parse(text, factor, &read.amount) || read.amount > most)
		return -ERANGE;
	*rate = read;
	return 0;
}

const char *rate_format(const struct rate *rate, char text[RATE_TEXT])
{
	const struct unit *unit = unit_choose(
		rate->bits ? bit_units : packet_units, rate->amount);
	const struct unit *period = periods;

	while (period[1].text && period->factor != rate->period_s)
		period++;
	snprintf(text, RATE_TEXT, "%llu%s/%s", rate->amount / unit->factor,
		 unit->text, period->text);
	return text;
}

/* So that no sum of times over a burst can overflow. */
static bool is_too_long(__u64 burst, const struct rate *rate)
{
	unsigned __int128 units = burst;

	units *= rate->bits ? 8 : 1;
	return units * rate->period_s / rate->amount > YEAR_S;
}

int burst_parse(const char *text, const struct rate *rate, __u64 *burst)
{
	size_t digits = strspn(text, "0123456789");
	const char *unit = text + digits;
	__u64 factor = unit_find(rate->bits ? burst_units : packet_units, unit,
				 strlen(unit));
	__u64 most = rate->bits ? MOST_BITS / 8 : MOST_PACKETS, value;

	if (!digits || !factor)
		return -EINVAL;
	if (number_parse(text, factor, &value) || value > most ||
	    is_too_long(value, rate))
		return -ERANGE;
	*burst = value;
	return 0;
}

const char *burst_format(__u64 burst, const struct rate *rate,
			 char text[RATE_TEXT])
{
	const struct unit *unit =
		unit_choose(rate->bits ? burst_units : packet_units, burst);

	snprintf(text, RATE_TEXT, "%llu%s", burst / unit->factor, unit->text);
	return text;
}

int cells_parse(const char *text, __u32 *cells)
{
	size_t digits = strspn(text, "0123456789");
	__u64 factor = unit_find(packet_units, text + digits,
				 strlen(text + digits));
	__u64 value;

	if (!digits || !factor)
		return -EINVAL;
	if (number_parse(text, factor, &value) || value > WEIR_MOST_CELLS)
		return -ERANGE;
	*cells = value;
	return 0;
}

const char *cells_format(__u32 cells, char text[RATE_TEXT])
{
	const struct unit *unit = unit_choose(packet_units, cells);

	snprintf(text, RATE_TEXT, "%llu%s", cells / unit->factor, unit->text);
	return text;
}
