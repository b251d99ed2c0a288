// SPDX-License-Identifier: GPL-2.0-only
/* A rule's words: its name, what it does, and to which packets. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/error.h"
#include "base/name.h"
#include "policy/key.h"
#include "policy/rate.h"
#include "policy/statement.h"

#define ACTION_WORD_(name, word) [WEIR_DO_##name] = word,
const char *const rule_actions[WEIR_ACTION_COUNT] = { WEIR_ACTIONS(
	ACTION_WORD_) };

/* Where an expression is missing: what would take every packet. */
static const char *const which_packets[WEIR_ACTION_COUNT] = {
	[WEIR_DO_DROP] = "which packets? ('default drop' is for all others)",
	[WEIR_DO_PASS] = "which packets? ('default pass' is for all others)",
	[WEIR_DO_ABORT] = "which packets?",
	[WEIR_DO_COUNT] = "which packets? ('ip or ip6' are all of them)",
	[WEIR_DO_CHALLENGE] = "which packets? ('tcp' is every connection)",
};

/*
 * Words that never start an expression, so that options may follow each other
 * in any order and the language may grow.
 */
static const char *const option_words[] = {
	"burst", "per", "ban", "cells", "for", "until", "as", "always", NULL,
};

/* What else reads as another statement or option where a name stands. */
static const char *const other_words[] = {
	"remove",
	"show",
	"before",
	NULL,
};

/* What an expression of pcap-filter(7) begins with: a name was forgotten. */
static const char *const expression_words[] = {
	"aarp",	     "ah",	  "arp",       "atalk",	     "broadcast",
	"carp",	     "decnet",	  "dst",       "esp",	     "ether",
	"ethertype", "fddi",	  "gateway",   "geneve",     "greater",
	"host",	     "icmp",	  "icmp6",     "ifindex",    "igmp",
	"igrp",	     "inbound",	  "ip",	       "ip6",	     "ipx",
	"iso",	     "lat",	  "len",       "less",	     "link",
	"llc",	     "mopdl",	  "moprc",     "mpls",	     "multicast",
	"net",	     "netbeui",	  "not",       "outbound",   "pim",
	"port",	     "portrange", "ppp",       "pppoed",     "pppoes",
	"proto",     "protochain", "radio",    "rarp",	     "sca",
	"sctp",	     "src",	  "stp",       "tcp",	     "tr",
	"type",	     "udp",	  "vlan",      "vrrp",	     "wlan",
	NULL,
};

static bool is_among(const char *const *words, const char *word, size_t length)
{
	for (; *words; words++)
		if (strlen(*words) == length && !memcmp(*words, word, length))
			return true;
	return false;
}

bool word_is_reserved(const char *word)
{
	return word_is_verb(word) ||
	       is_among(option_words, word, strlen(word)) ||
	       is_among(other_words, word, strlen(word)) ||
	       is_among(expression_words, word, strlen(word));
}

/* "tcp[13] & 2 != 0" and "!tcp" are no names either. */
static bool begins_expression(const char *word)
{
	return is_among(expression_words, word, strcspn(word, "[ \t")) ||
	       strchr("!(", *word);
}

static int name_is_missing(const struct statement *s, const char *word,
			   enum weir_action action)
{
	return fail_at(&s->place, EINVAL,
		       "'%.*s' begins an expression; a name comes first: %s "
		       "NAME %s%.*s ...",
		       (int)strcspn(word, " \t"), word, rule_actions[action],
		       action == WEIR_DO_LIMIT ? "RATE " : "",
		       (int)strcspn(word, " \t"), word);
}

static int name_parse(struct statement *s, struct rule *rule)
{
	const char *name = word_take(s);

	if (!name)
		return statement_misuse(s, "which name?");
	if (*name && begins_expression(name))
		return name_is_missing(s, name, rule->action);
	if (!name_is_valid(name))
		return fail_at(&s->place, EINVAL,
			       "'%s' is not a name (letters, digits, '-' and "
			       "'_', at most 31)",
			       name);
	if (word_is_reserved(name))
		return fail_at(&s->place, EINVAL,
			       "'%s' is a word of the language; choose another "
			       "name",
			       name);
	strcpy(rule->name, name);
	return 0;
}

static int limit_rate(struct statement *s, struct rule *rule)
{
	const char *word = word_take(s);
	int err;

	if (!word)
		return statement_misuse(s, "at which rate?");
	err = rate_parse(word, &rule->rate);
	if (err == -ERANGE)
		return fail_at(&s->place, EINVAL,
			       "'%s' is out of range (1/h to 100M/s, or 1bit/s "
			       "to 10Tbit/s)",
			       word);
	return err ? fail_at(&s->place, EINVAL,
			     "'%s' is not a rate (500/s, 10k/s, 100Mbit/s)",
			     word)
		   : 0;
}

static int limit_burst(struct statement *s, const char *word, struct rule *rule)
{
	int err = burst_parse(word, &rule->rate, &rule->burst);

	if (err == -ERANGE)
		return fail_at(&s->place, EINVAL,
			       "burst: '%s' is out of range (at least 1, at "
			       "most %s or a year's worth of the rate)",
			       word, rule->rate.bits ? "1250GB" : "100M");
	if (err)
		return fail_at(&s->place, EINVAL,
			       "burst: '%s' is not a number of %s", word,
			       rule->rate.bits ? "bytes (1500, 64kB, 1MB)"
					       : "packets (100, 5k)");
	return 0;
}

static int limit_key(struct statement *s, const char *word, struct rule *rule)
{
	char why[128];

	if (!key_parse(word, &rule->key, why, sizeof(why)))
		return 0;
	return fail_at(&s->place, EINVAL, "per: '%s' is not a key (%s)", word,
		       *why ? why
			    : "src, dst, src/24, sport, dport, joined by "
			      "commas");
}

static int limit_ban(struct statement *s, const char *word, struct rule *rule)
{
	unsigned long long seconds;

	if (duration_parse(word, &seconds))
		return fail_at(&s->place, EINVAL,
			       "ban: '%s' is not a time (30s, 10m, 2h, 1d)",
			       word);
	rule->ban_s = seconds;
	return 0;
}

static int limit_cells(struct statement *s, const char *word,
		       struct rule *rule)
{
	if (!cells_parse(word, &rule->cells))
		return 0;
	return fail_at(&s->place, EINVAL,
		       "cells: '%s' is not a number from 1 to %u (100k, 1M)",
		       word, WEIR_MOST_CELLS);
}

static const struct limit_option {
	const char *name, *missing;
	int (*parse)(struct statement *s, const char *word, struct rule *rule);
} limit_options[] = {
	{ "burst", "burst: how many?", limit_burst },
	{ "per", "per: per what?", limit_key },
	{ "ban", "ban: for how long?", limit_ban },
	{ "cells", "cells: how many?", limit_cells },
	{ 0 },
};

/* What follows the rate, in any order, each at most once. */
static int limit_options_parse(struct statement *s, struct rule *rule)
{
	const struct limit_option *option;
	unsigned int seen = 0, bit;
	const char *word;
	int err = 0;

	while (!err && s->next < s->end) {
		for (option = limit_options; option->name; option++)
			if (!strcmp(option->name, s->next->text))
				break;
		if (!option->name)
			break;
		word_take(s);
		bit = 1U << (option - limit_options);
		if (seen & bit)
			return fail_at(&s->place, EINVAL, "%s comes twice",
				       option->name);
		seen |= bit;
		word = word_take(s);
		err = word ? option->parse(s, word, rule)
			   : statement_misuse(s, option->missing);
	}
	return err;
}

/* Append a word with each run of blanks in it as one. */
static char *blanks_squeeze(char *to, const char *start, const char *word)
{
	if (to > start && to[-1] != ' ')
		*to++ = ' ';
	for (; *word; word++)
		if (!isspace((unsigned char)*word))
			*to++ = *word;
		else if (to > start && to[-1] != ' ')
			*to++ = ' ';
	return to;
}

static char *words_join(const struct word *words, const struct word *end)
{
	size_t room = 1;
	char *text, *to;

	for (const struct word *word = words; word < end; word++)
		room += strlen(word->text) + 1;
	text = to = malloc(room);
	if (!text)
		return NULL;
	for (; words < end; words++)
		to = blanks_squeeze(to, text, words->text);
	if (to > text && to[-1] == ' ')
		to--;
	*to = '\0';
	return text;
}

/* A command line may hold what the reader of files refuses. */
static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			return false;
	return true;
}

static int expression_parse(struct statement *s, struct rule *rule)
{
	size_t first;

	rule->expression = words_join(s->next, s->end);
	if (!rule->expression)
		return fail(ENOMEM, "out of memory");
	if (!*rule->expression && rule->action != WEIR_DO_LIMIT)
		return statement_misuse(s, which_packets[rule->action]);
	word_take(s);
	rule->place = s->place;
	first = strcspn(rule->expression, " ");
	if (is_among(option_words, rule->expression, first))
		return fail_at(&s->place, EINVAL,
			       "'%.*s' cannot begin an expression", (int)first,
			       rule->expression);
	if (!is_printable(rule->expression))
		return fail_at(&s->place, EINVAL,
			       "a control character in the expression");
	return 0;
}

int rule_parse(struct statement *s, enum weir_action action, struct rule *rule)
{
	int err;

	rule->action = action;
	rule->line = s->start.line;
	rule->observe = s->observe;
	err = name_parse(s, rule);
	if (!err && action == WEIR_DO_LIMIT)
		err = limit_rate(s, rule);
	if (!err && action == WEIR_DO_LIMIT)
		err = limit_options_parse(s, rule);
	if (!err && action == WEIR_DO_CHALLENGE && s->next < s->end &&
	    !strcmp(s->next->text, "always"))
		rule->always = word_take(s);
	return err ? err : expression_parse(s, rule);
}
