// SPDX-License-Identifier: GPL-2.0-only
/* One word that names prefixes or ports. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "policy/listing.h"

/*
 * Reading a file must not show what is in it to who may not read it: a word is
 * quoted only if it looks like a target.
 */
static bool is_quotable(const struct listing *listing, const char *word)
{
	return !listing->from_file ||
	       strspn(word, "0123456789ABCDEFabcdef.:/-") == strlen(word);
}

static int bad_target(const struct listing *listing, const char *word,
		      const char *what, const char *why)
{
	if (listing->silent)
		return -EINVAL;
	if (!is_quotable(listing, word))
		return fail_at(&listing->place, EINVAL, "%s", what);
	return fail_at(&listing->place, EINVAL, "%s: '%s'%s%s%s", what, word,
		       *why ? " (" : "", why, *why ? ")" : "");
}

static int target_add(const struct listing *listing, enum weir_list list,
		      const struct prefix *prefix)
{
	struct targets *targets = listing->targets;
	struct target *grown;
	size_t room;

	if (listing->over)
		return 0;
	if (targets->count == targets->room) {
		room = targets->room ? targets->room * 2 : 64;
		grown = realloc(targets->list, room * sizeof(*grown));
		if (!grown)
			return fail(ENOMEM, "out of memory");
		targets->list = grown;
		targets->room = room;
	}
	targets->list[targets->count++] = (struct target){
		.list = list,
		.prefix = *prefix,
		.file = listing->file,
		.end_ns = listing->end_ns,
		.line = listing->line,
	};
	return 0;
}

/* A range, as the prefixes it is made of. */
static int range_add(const struct listing *listing, enum weir_list list,
		     struct prefix block, unsigned __int128 first,
		     unsigned __int128 last, unsigned int bits)
{
	unsigned int shift = prefix_bits(&block) - bits;
	unsigned __int128 start = first;
	bool left = true;
	int err = 0;

	while (left && !err) {
		block.len = range_next(&first, last, bits, &left);
		address_set(&block, start << shift);
		err = target_add(listing, list, &block);
		start = first;
	}
	return err;
}

/* 1 to 65535, digits only, without leading zeros.  Returns 0 for others. */
static unsigned int port_parse(const char *text, size_t length)
{
	unsigned int port = 0;

	if (!length || length > 5 || text[0] == '0')
		return 0;
	for (size_t i = 0; i < length; i++) {
		if (!isdigit((unsigned char)text[i]))
			return 0;
		port = port * 10 + (text[i] - '0');
	}
	return port <= 65535 ? port : 0;
}

/* What follows "tcp/" or "udp/". */
static int ports_parse(const struct listing *listing, const char *word)
{
	const char *text = word + 4, *dash = strchr(text, '-');
	struct prefix block = { .family = 4 };
	unsigned int first, last;

	if (listing->list == WEIR_ALLOW)
		return bad_target(listing, word,
				  "the allow list takes no ports",
				  "use it for sources");
	first = port_parse(text, dash ? (size_t)(dash - text) : strlen(text));
	last = dash ? port_parse(dash + 1, strlen(dash + 1)) : first;
	if (!first || !last)
		return bad_target(listing, word, "not a port or range of ports",
				  "ports are 1 to 65535");
	if (first > last)
		return bad_target(listing, word, "the range runs backwards",
				  "the lower port comes first");
	return range_add(listing,
			 word[0] == 't' ? WEIR_DENY_TCP : WEIR_DENY_UDP, block,
			 first, last, 16);
}

/* "A-B", both ends included. */
static int addresses_parse(const struct listing *listing, const char *word)
{
	const char *dash = strchr(word, '-');
	char first_text[PREFIX_TEXT], why[128] = "";
	struct prefix first, last;
	size_t length = dash - word;

	if (length >= sizeof(first_text) || strchr(word, '/'))
		return bad_target(listing, word, "not a range of addresses",
				  "");
	memcpy(first_text, word, length);
	first_text[length] = '\0';
	if (prefix_parse(first_text, &first, why, sizeof(why)) ||
	    prefix_parse(dash + 1, &last, why, sizeof(why)))
		return bad_target(listing, word, "not a range of addresses",
				  why);
	if (first.family != last.family)
		return bad_target(listing, word, "not a range of addresses",
				  "its ends are of two families");
	if (prefix_compare(&first, &last) > 0)
		return bad_target(listing, word, "the range runs backwards",
				  "the lower address comes first");
	return range_add(listing, listing->list, first, address_number(&first),
			 address_number(&last), prefix_bits(&first));
}

/* A dash behind a slash is a prefix gone wrong, unless an address follows. */
static bool is_range(const char *word)
{
	const char *dash = strchr(word, '-'), *slash = strchr(word, '/');

	return dash && (!slash || slash > dash || strpbrk(dash, ".:"));
}

int target_parse(const struct listing *listing, const char *word)
{
	struct prefix prefix;
	char why[128];

	if (!strncmp(word, "tcp/", 4) || !strncmp(word, "udp/", 4))
		return ports_parse(listing, word);
	if (is_range(word))
		return addresses_parse(listing, word);
	if (prefix_parse(word, &prefix, why, sizeof(why)))
		return bad_target(listing, word, "not an address or prefix",
				  why);
	return target_add(listing, listing->list, &prefix);
}

int address_parse(const char *word, const char *where, struct prefix *address)
{
	const struct listing listing = { .place.verb = where };
	struct prefix read;
	char why[128];

	if (prefix_parse(word, &read, why, sizeof(why)))
		return bad_target(&listing, word, "not an address or prefix",
				  why);
	if (strchr(word, '/'))
		return fail_at(&listing.place, EINVAL,
			       "one address, not a prefix: '%s'", word);
	*address = read;
	return 0;
}
