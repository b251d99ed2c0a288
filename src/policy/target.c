// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "policy/target.h"

static int not_a_prefix(const char *where, const char *word, const char *why)
{
	return fail(EINVAL, "%s: not an address or prefix: '%s'%s%s%s", where,
		    word, *why ? " (" : "", why, *why ? ")" : "");
}

int targets_parse(char *const *words, size_t count, const char *where,
		  struct targets *targets)
{
	_free_ struct prefix *prefixes = calloc(count, sizeof(*prefixes));
	char why[128];

	if (!prefixes)
		return fail(ENOMEM, "out of memory");
	for (size_t i = 0; i < count; i++)
		if (prefix_parse(words[i], &prefixes[i], why, sizeof(why)))
			return not_a_prefix(where, words[i], why);
	targets->prefixes = take_ptr(prefixes);
	targets->count = count;
	return 0;
}

int address_parse(const char *word, const char *where, struct prefix *address)
{
	struct prefix read;
	char why[128];

	if (prefix_parse(word, &read, why, sizeof(why)))
		return not_a_prefix(where, word, why);
	if (strchr(word, '/'))
		return fail(EINVAL, "%s: one address, not a prefix: '%s'",
			    where, word);
	*address = read;
	return 0;
}
