// SPDX-License-Identifier: GPL-2.0-only
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/error.h"
#include "cmd/lab.h"
#include "live/lab.h"

/* The options as the user wrote them; NULL for those left out. */
struct flood_words {
	const char *pps, *duration, *sources, *good, *port, *size, *vlan;
	bool ipv6, json;
};

/* A number from 1 to 'most', then 'unit'. */
static int number_parse(const char *option, const char *text, const char *unit,
			unsigned long most, unsigned long *number)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *text < '0' || *text > '9' || strcmp(end, unit) ||
	    !value || value > most)
		return fail(EINVAL,
			    "lab: flood: %s: '%s': 1%s to %lu%s is wanted",
			    option, text, unit, most, unit);
	*number = value;
	return 0;
}

static int kind_parse(const char *word, enum flood_kind *kind)
{
	for (int i = 0; i < FLOOD_KIND_COUNT; i++) {
		if (strcmp(flood_kinds[i].word, word))
			continue;
		*kind = i;
		return 0;
	}
	return fail(EUSAGE,
		    "lab: flood: '%s' is no kind (udp, syn, ack, rst, icmp, "
		    "ntp, dns, memcached, fragments)",
		    word);
}

static int duration_read(const char *text, unsigned int *ms)
{
	unsigned long long seconds;

	if (duration_parse(text, &seconds) || seconds > FLOOD_MAX_MS / 1000)
		return fail(EINVAL,
			    "lab: flood: --for: '%s': a time like 30s is "
			    "wanted, at most %dm",
			    text, FLOOD_MAX_MS / 60000);
	*ms = seconds * 1000;
	return 0;
}

/* The sources choose the family. */
static int sources_read(const struct flood_words *words, struct lab_flood *ask)
{
	char why[128];

	ask->family = words->ipv6 ? 6 : 4;
	if (!words->sources)
		return 0;
	if (prefix_parse(words->sources, &ask->sources, why, sizeof(why)))
		return fail(EINVAL,
			    "lab: flood: --sources: not an address or prefix: "
			    "'%s'%s%s%s",
			    words->sources, *why ? " (" : "", why,
			    *why ? ")" : "");
	if (words->ipv6 && ask->sources.family == 4)
		return fail(EINVAL,
			    "lab: flood: --ipv6, but the sources '%s' are "
			    "IPv4",
			    words->sources);
	ask->family = ask->sources.family;
	return 0;
}

/* What is 0 is the lab's or the generator's to choose. */
static int numbers_read(const struct flood_words *words, struct lab_flood *ask)
{
	unsigned long pps = 0, good = 0, port = 0, size = 0;
	int err = 0;

	if (words->pps)
		err = number_parse("--pps", words->pps, "", FLOOD_MAX_PPS,
				   &pps);
	if (!err && words->good)
		err = number_parse("--good", words->good, "/s",
				   LAB_MAX_GOOD_PPS, &good);
	if (!err && words->port)
		err = number_parse("--port", words->port, "", USHRT_MAX, &port);
	if (!err && words->size)
		err = number_parse("--size", words->size, "", FLOOD_MAX_SIZE,
				   &size);
	if (!err && words->vlan)
		err = lab_vlan_parse(words->vlan, &ask->vlan);
	ask->rate_pps = pps;
	ask->good_pps = good;
	ask->port = port;
	ask->size = size;
	return err;
}

static int words_read(const struct flood_words *words, const char *kind,
		      struct lab_flood *ask)
{
	int err = kind_parse(kind, &ask->kind);

	if (!err)
		err = sources_read(words, ask);
	if (!err)
		err = numbers_read(words, ask);
	if (!err && words->duration)
		err = duration_read(words->duration, &ask->duration_ms);
	return err;
}

int lab_flood_command(const struct invocation *in, int argc, char **argv)
{
	struct flood_words words = { 0 };
	const struct option options[] = {
		{ "--pps", NULL, &words.pps },
		{ "--for", NULL, &words.duration },
		{ "--sources", NULL, &words.sources },
		{ "--good", NULL, &words.good },
		{ "--port", NULL, &words.port },
		{ "--size", NULL, &words.size },
		{ "--vlan", NULL, &words.vlan },
		{ "--ipv6", &words.ipv6, NULL },
		{ "--json", &words.json, NULL },
		{ 0 },
	};
	struct flood_report report;
	struct lab_flood ask = { 0 };
	int err;

	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	if (argc < 2 || argc > 3)
		return usage("lab", "flood: one kind, please, after the lab's "
				    "name if it has one");
	err = words_read(&words, argv[argc - 1], &ask);
	if (!err)
		err = lab_flood(argc > 2 ? argv[1] : lab_default(), &ask,
				&report);
	if (!err)
		lab_voice(in, words.json)->flood(&report);
	return err;
}
