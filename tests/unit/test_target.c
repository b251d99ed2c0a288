// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/unit.h"
#include "base/clock.h"
#include "base/duration.h"
#include "policy/word.h"
#include "policy/target.h"
#include "show/report.h"

#define MANY 1000

static const struct place deny = { .verb = "deny" };
static const struct place allow = { .verb = "allow" };

static const struct bad {
	const char *name, *word, *line;
} bad[] = {
	{ "a word that is no address", "80abc",
	  "weir: deny: not an address or prefix: '80abc'\n" },
	{ "an empty word", "", "weir: deny: not an address or prefix: ''\n" },
	{ "a length of 33", "10.0.0.0/33",
	  "weir: deny: not an address or prefix: '10.0.0.0/33' "
	  "(the length of an IPv4 prefix is 0 to 32)\n" },
	{ "a length of 129", "::/129",
	  "weir: deny: not an address or prefix: '::/129' "
	  "(the length of an IPv6 prefix is 0 to 128)\n" },
	{ "host bits", "10.0.0.1/8",
	  "weir: deny: not an address or prefix: '10.0.0.1/8' "
	  "(host bits are set; did you mean 10.0.0.0/8?)\n" },
	{ "a zone", "fe80::1%eth0",
	  "weir: deny: not an address or prefix: 'fe80::1%eth0' "
	  "(leave out the zone, '%eth0')\n" },
	{ "half an address", "192.0",
	  "weir: deny: not an address or prefix: '192.0'\n" },
	{ "a conversion for printf", "%s%n",
	  "weir: deny: not an address or prefix: '%s%n' "
	  "(leave out the zone, '%s%n')\n" },
	{ "port 0", "tcp/0",
	  "weir: deny: not a port or range of ports: 'tcp/0' "
	  "(ports are 1 to 65535)\n" },
	{ "port 65536", "udp/65536",
	  "weir: deny: not a port or range of ports: 'udp/65536' "
	  "(ports are 1 to 65535)\n" },
	{ "a range of ports that runs backwards", "tcp/2-1",
	  "weir: deny: the range runs backwards: 'tcp/2-1' "
	  "(the lower port comes first)\n" },
	{ "a range of addresses that runs backwards", "192.0.2.2-192.0.2.1",
	  "weir: deny: the range runs backwards: '192.0.2.2-192.0.2.1' "
	  "(the lower address comes first)\n" },
	{ "a range from one family to the other", "192.0.2.2-::1",
	  "weir: deny: not a range of addresses: '192.0.2.2-::1' "
	  "(its ends are of two families)\n" },
	{ "half a range", "192.0.2.2-",
	  "weir: deny: not a range of addresses: '192.0.2.2-'\n" },
	{ "a range of prefixes", "192.0.2.0/25-192.0.2.255",
	  "weir: deny: not a range of addresses: "
	  "'192.0.2.0/25-192.0.2.255'\n" },
	{ "a file that is not there", "@/nonexistent",
	  "weir: deny: /nonexistent: No such file or directory\n" },
	{ "a directory", "@/proc", "weir: deny: /proc: Is a directory\n" },
	{ "no file at all", "@", "weir: deny: '@' does not name a file\n" },
	{ "a file of two lines", "@a\nb",
	  "weir: deny: '@a?b' does not name a file\n" },
	{ "an end that is not at the end", "for",
	  "weir: deny: 'for' comes once, behind all targets\n" },
};

/* Refuse 'word' at a place among good ones, in one line. */
static void assert_bad_at(size_t place, const struct bad *row)
{
	struct targets targets = TARGETS_EMPTY;
	static struct word words[MANY];
	static char good[] = "192.0.2.1";
	const char *text;
	int err;

	for (size_t i = 0; i < MANY; i++)
		words[i].text = i == place ? (char *)row->word : good;
	printed_begin(PRINTED_STDERR);
	err = targets_parse(words, MANY, WEIR_DENY, &deny, &targets);
	text = printed_end();
	targets_free(&targets);
	assert_true(err < 0);
	assert_string_equal(text, row->line);
}

static void is_one_line_wherever_it_stands(void **state)
{
	assert_bad_at(0, *state);
	assert_bad_at(MANY / 2, *state);
	if (strcmp(((const struct bad *)*state)->word, "for"))
		assert_bad_at(MANY - 1, *state);
}

static void every_bad_word_is_told(void **state)
{
	struct word words[] = { { .text = "192.0.2.1" },
				{ .text = "1.2.3" },
				{ .text = "80abc" } };
	struct targets targets = TARGETS_EMPTY;
	const char *text;

	(void)state;
	printed_begin(PRINTED_STDERR);
	targets_parse(words, COUNT(words), WEIR_ALLOW, &allow, &targets);
	text = printed_end();
	targets_free(&targets);
	assert_string_equal(text,
			    "weir: allow: not an address or prefix: '1.2.3'\n"
			    "weir: allow: not an address or prefix: '80abc'\n");
}

static void a_missing_time_is_a_missing_word(void **state)
{
	struct word words[] = { { .text = "192.0.2.1" }, { .text = "for" } };
	struct targets targets = TARGETS_EMPTY;
	const char *text;
	int err;

	(void)state;
	printed_begin(PRINTED_STDERR);
	err = targets_parse(words, COUNT(words), WEIR_DENY, &deny, &targets);
	text = printed_end();
	targets_free(&targets);
	assert_int_equal(err, -EUSAGE);
	assert_string_equal(text, "weir: deny: for: which time?\n");
}

static void the_allow_list_takes_no_ports(void **state)
{
	struct word words[] = { { .text = "udp/53" } };
	struct targets targets = TARGETS_EMPTY;
	const char *text;

	(void)state;
	printed_begin(PRINTED_STDERR);
	targets_parse(words, COUNT(words), WEIR_ALLOW, &allow, &targets);
	text = printed_end();
	targets_free(&targets);
	assert_string_equal(text, "weir: allow: the allow list takes no ports: "
				  "'udp/53' (use it for sources)\n");
}

/* What a word is stored as, space between. */
static const struct good {
	const char *name, *word, *stored;
} good[] = {
	{ "a prefix is itself", "2001:db8::/32", "2001:db8::/32" },
	{ "an address is itself", "192.0.2.1", "192.0.2.1" },
	{ "everything is a prefix", "0.0.0.0/0", "0.0.0.0/0" },
	{ "a range of one address", "192.0.2.1-192.0.2.1", "192.0.2.1" },
	{ "a range that is a prefix", "192.0.2.0-192.0.2.255", "192.0.2.0/24" },
	{ "a range that is none", "192.0.2.1-192.0.2.6",
	  "192.0.2.1 192.0.2.2/31 192.0.2.4/31 192.0.2.6" },
	{ "a range over a border", "192.0.2.255-192.0.3.0",
	  "192.0.2.255 192.0.3.0" },
	{ "a range to the last address", "255.255.255.254-255.255.255.255",
	  "255.255.255.254/31" },
	{ "all of IPv4", "0.0.0.0-255.255.255.255", "0.0.0.0/0" },
	{ "all of IPv6", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0" },
	{ "an IPv6 range over 64 bits", "2001:db8:0:0:ffff::-2001:db8:0:1::",
	  "2001:db8:0:0:ffff::/80 2001:db8:0:1::" },
	{ "a port", "tcp/23", "tcp/23" },
	{ "the last port", "udp/65535", "udp/65535" },
	{ "a range of ports", "udp/5-8", "udp/5 udp/6-7 udp/8" },
	{ "a range of ports that is one block", "tcp/1024-2047",
	  "tcp/1024-2047" },
	{ "all ports", "tcp/1-65535",
	  "tcp/1 tcp/2-3 tcp/4-7 tcp/8-15 tcp/16-31 tcp/32-63 tcp/64-127 "
	  "tcp/128-255 tcp/256-511 tcp/512-1023 tcp/1024-2047 tcp/2048-4095 "
	  "tcp/4096-8191 tcp/8192-16383 tcp/16384-32767 tcp/32768-65535" },
};

static void is_stored_as_prefixes(void **state)
{
	const struct good *row = *state;
	struct word words[] = { { .text = (char *)row->word } };
	struct targets targets = TARGETS_EMPTY;
	char text[TARGET_TEXT], stored[512] = "";

	assert_int_equal(targets_parse(words, 1, WEIR_DENY, &deny, &targets),
			 0);
	for (size_t i = 0; i < targets.count; i++) {
		if (i)
			strcat(stored, " ");
		strcat(stored, target_format(targets.list[i].list,
					     &targets.list[i].prefix, text));
	}
	targets_free(&targets);
	assert_string_equal(stored, row->stored);
}

/* Every address of a random range is in exactly one of its prefixes. */
static void ranges_are_covered_once(void **state)
{
	(void)state;
	for (int i = 0; i < 2000; i++) {
		unsigned int first = random_below(1024);
		unsigned int last = first + random_below(1024 - first);
		unsigned __int128 at = first;
		unsigned int next = first, len;
		bool left = true;

		while (left) {
			assert_true(at == next);
			len = range_next(&at, last, 16, &left);
			assert_int_equal(next % (1U << (16 - len)), 0);
			next += 1U << (16 - len);
		}
		assert_int_equal(next, last + 1);
	}
}

static const struct end {
	const char *name, *how, *word;
	long long seconds; /* -1: refused */
} ends[] = {
	{ "seconds", "for", "30s", 30 },
	{ "minutes", "for", "10m", 600 },
	{ "hours", "for", "2h", 7200 },
	{ "days", "for", "1d", 86400 },
	{ "a number without a unit", "for", "10", -1 },
	{ "a unit without a number", "for", "m", -1 },
	{ "no time at all", "for", "0s", -1 },
	{ "a time below zero", "for", "-1s", -1 },
	{ "two units", "for", "1h30m", -1 },
	{ "an unknown unit", "for", "1w", -1 },
	{ "a number beyond all bounds", "for", "99999999999999999999s", -1 },
	{ "longer than ten years", "for", "3661d", -1 },
	{ "a time that is past", "until", "2001-01-01T00:00:00Z", -1 },
	{ "a date without a time", "until", "2099-01-01", -1 },
	{ "a time without a zone", "until", "2099-01-01T00:00:00", -1 },
	{ "a time that no clock reaches", "until", "2999-01-01T00:00:00Z", -1 },
	{ "words behind a time", "until", "2099-01-01T00:00:00Zulu", -1 },
};

static void is_an_end_or_one_line(void **state)
{
	const struct end *row = *state;
	struct word words[] = { { .text = "192.0.2.1" },
				{ .text = (char *)row->how },
				{ .text = (char *)row->word } };
	struct targets targets = TARGETS_EMPTY;
	__u64 now = clock_ns(CLOCK_MONOTONIC);
	const char *text;
	long long left;
	int err;

	printed_begin(PRINTED_STDERR);
	err = targets_parse(words, COUNT(words), WEIR_DENY, &deny, &targets);
	text = printed_end();
	left = targets.count ? (targets.list->end_ns - now) / NS_PER_S : 0;
	targets_free(&targets);
	if (row->seconds < 0) {
		assert_true(err < 0);
		assert_memory_equal(text, "weir: deny: ", 12);
		assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
		return;
	}
	assert_string_equal(text, "");
	assert_in_range(left, row->seconds, row->seconds + 1);
}

static void a_time_with_an_offset_is_the_same_time(void **state)
{
	unsigned long long utc, east, west;

	(void)state;
	assert_int_equal(time_parse("2031-05-06T07:08:09Z", &utc), 0);
	assert_int_equal(time_parse("2031-05-06T09:08:09+02:00", &east), 0);
	assert_int_equal(time_parse("2031-05-06T01:38:09-05:30", &west), 0);
	assert_int_equal(utc, 1935817689);
	assert_int_equal(east, utc);
	assert_int_equal(west, utc);
}

static const struct address {
	const char *name, *word, *line; /* NULL: accepted */
} addresses[] = {
	{ "an IPv4 address is an address", "192.0.2.1", NULL },
	{ "an IPv6 address is an address", "2001:db8::1", NULL },
	{ "a prefix is no address", "192.0.2.0/24",
	  "weir: lookup: one address, not a prefix: '192.0.2.0/24'\n" },
	{ "a full-length prefix is no address", "192.0.2.1/32",
	  "weir: lookup: one address, not a prefix: '192.0.2.1/32'\n" },
	{ "a full-length IPv6 prefix is no address", "::1/128",
	  "weir: lookup: one address, not a prefix: '::1/128'\n" },
	{ "a prefix with host bits is told about these", "192.0.2.1/24",
	  "weir: lookup: not an address or prefix: '192.0.2.1/24' "
	  "(host bits are set; did you mean 192.0.2.0/24?)\n" },
	{ "half an address is no address", "192.0.2",
	  "weir: lookup: not an address or prefix: '192.0.2'\n" },
	{ "nothing is no address", "",
	  "weir: lookup: not an address or prefix: ''\n" },
};

static void is_an_address_or_one_line(void **state)
{
	const struct address *row = *state;
	struct prefix address, wanted;
	const char *text;
	int err;

	memset(&wanted, 0xa5, sizeof(wanted));
	address = wanted;
	if (!row->line)
		wanted = prefix_from(row->word);
	printed_begin(PRINTED_STDERR);
	err = address_parse(row->word, "lookup", &address);
	text = printed_end();
	assert_int_equal(err, row->line ? -EINVAL : 0);
	assert_string_equal(text, row->line ? row->line : "");
	assert_memory_equal(&address, &wanted, sizeof(address));
}

int main(void)
{
	UNIT_ADD_ROWS(bad, is_one_line_wherever_it_stands);
	UNIT_ADD_ROWS(addresses, is_an_address_or_one_line);
	unit_add("every bad word is told", every_bad_word_is_told, NULL);
	unit_add("a time that is missing is a missing word",
		 a_missing_time_is_a_missing_word, NULL);
	unit_add("the allow list takes no ports", the_allow_list_takes_no_ports,
		 NULL);
	UNIT_ADD_ROWS(good, is_stored_as_prefixes);
	unit_add("ranges are covered once", ranges_are_covered_once, NULL);
	UNIT_ADD_ROWS(ends, is_an_end_or_one_line);
	unit_add("a time with an offset is the same time",
		 a_time_with_an_offset_is_the_same_time, NULL);
	return unit_run("target");
}
