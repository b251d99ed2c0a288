// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/unit.h"
#include "policy/target.h"

#define MANY 1000

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
};

/* Refuse 'word' at a place among good ones: one line, *targets untouched. */
static void assert_bad_at(size_t place, const struct bad *row)
{
	struct targets targets, before;
	static char *words[MANY];
	static char good[] = "192.0.2.1";
	const char *text;
	int err;

	for (size_t i = 0; i < MANY; i++)
		words[i] = i == place ? (char *)row->word : good;
	memset(&before, 0xa5, sizeof(before));
	targets = before;
	printed_begin(PRINTED_STDERR);
	err = targets_parse(words, MANY, "deny", &targets);
	text = printed_end();
	assert_int_equal(err, -EINVAL);
	assert_string_equal(text, row->line);
	assert_memory_equal(&targets, &before, sizeof(targets));
}

static void is_one_line_wherever_it_stands(void **state)
{
	assert_bad_at(0, *state);
	assert_bad_at(MANY / 2, *state);
	assert_bad_at(MANY - 1, *state);
}

static void only_the_first_bad_word_is_told(void **state)
{
	char *words[] = { "192.0.2.1", "1.2.3", "80abc" };
	struct targets targets;
	const char *text;

	(void)state;
	printed_begin(PRINTED_STDERR);
	targets_parse(words, COUNT(words), "allow", &targets);
	text = printed_end();
	assert_string_equal(text,
			    "weir: allow: not an address or prefix: '1.2.3'\n");
}

static void good_words_come_out_in_their_order(void **state)
{
	char *words[] = { "2001:db8::/32", "192.0.2.1", "0.0.0.0/0",
			  "::", "192.0.2.1" };
	struct targets targets;
	struct prefix wanted;
	const char *text;
	int err;

	(void)state;
	printed_begin(PRINTED_STDERR);
	err = targets_parse(words, COUNT(words), "deny", &targets);
	text = printed_end();
	assert_int_equal(err, 0);
	assert_string_equal(text, "");
	assert_int_equal(targets.count, COUNT(words));
	for (size_t i = 0; i < COUNT(words); i++) {
		wanted = prefix_from(words[i]);
		assert_memory_equal(&targets.prefixes[i], &wanted,
				    sizeof(wanted));
	}
	free(targets.prefixes);
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
	unit_add("only the first bad word is told",
		 only_the_first_bad_word_is_told, NULL);
	unit_add("good words come out in their order",
		 good_words_come_out_in_their_order, NULL);
	return unit_run("target");
}
