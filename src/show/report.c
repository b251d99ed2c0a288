// SPDX-License-Identifier: GPL-2.0-only
#include <time.h>

#include "show/show.h"

const char *const list_names[WEIR_LIST_COUNT] = {
	[WEIR_ALLOW] = "allow",
	[WEIR_DENY] = "deny",
};

const char *const mode_names[] = {
	[WEIR_NATIVE] = "native",
	[WEIR_GENERIC] = "generic",
};

const char *const lab_side_names[LAB_SIDES] = {
	[LAB_ATTACKER] = "attacker",
	[LAB_SERVER] = "server",
};

#define VERDICT_NAME_(name, text) [WEIR_##name] = text,
const char *const verdict_names[WEIR_VERDICT_COUNT] = { WEIR_VERDICTS(
	VERDICT_NAME_) };

#define REASON_KIND_(name, verdict, word, text)                                \
	[WEIR_##name] = { word, WEIR_##verdict, text },
const struct reason_kind reason_kinds[WEIR_REASON_COUNT] = { WEIR_REASONS(
	REASON_KIND_) };

const char *time_format(__u64 seconds, char text[TIME_TEXT])
{
	const __u64 most = 253402300799; /* the end of the year 9999 */
	time_t time = seconds < most ? seconds : most;
	struct tm tm;

	strftime(text, TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &tm));
	return text;
}
