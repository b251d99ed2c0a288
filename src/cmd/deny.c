// SPDX-License-Identifier: GPL-2.0-only
/* allow and deny: the same words, another list. */
#include "base/cleanup.h"
#include "base/error.h"
#include "base/journal.h"
#include "cmd/cmd.h"
#include "live/instance.h"
#include "live/lists.h"
#include "policy/target.h"

/* Who denies what is allowed should know that it still passes. */
static void note_of_allowed(const struct maps *maps,
			    const struct prefix *prefix)
{
	char text[PREFIX_TEXT], cover[PREFIX_TEXT];
	struct list_entry allowed;

	if (!lists_cover(maps, WEIR_ALLOW, prefix, &allowed))
		note("%s still passes: allow %s beats deny",
		     prefix_format(prefix, text),
		     prefix_format(&allowed.prefix, cover));
}

static void note_of_known(enum weir_list list, const struct prefix *first,
			  size_t known)
{
	char text[PREFIX_TEXT];

	if (known == 1)
		note("%s is on the %s list already", prefix_format(first, text),
		     list_names[list]);
	else if (known)
		note("%s and %zu more are on the %s list already",
		     prefix_format(first, text), known - 1, list_names[list]);
}

/* Returns the number of new entries, or -errno with nothing changed. */
static int targets_add(const struct maps *maps, enum weir_list list,
		       const struct targets *targets)
{
	_cleanup_(lists_abort) struct list_edit edit = { 0 };
	const struct prefix *first = NULL;
	size_t known = 0;
	int err = lists_begin(maps, &edit);

	for (size_t i = 0; !err && i < targets->count; i++) {
		err = lists_add(&edit, list, &targets->prefixes[i]);
		if (err < 0)
			return err;
		if (!err)
			continue;
		first = first ? first : &targets->prefixes[i];
		known++;
		err = 0;
	}
	if (err)
		return err;
	lists_commit(&edit);
	note_of_known(list, first, known);
	return targets->count - known;
}

static int list_extend(const struct invocation *in, enum weir_list list,
		       int argc, char **argv)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;
	_free_ struct prefix *prefixes = NULL;
	const struct option options[] = { { 0 } };
	struct targets targets;
	int err;

	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	if (argc < 2)
		return usage(argv[0], "which address or prefix?");
	err = targets_parse(argv + 1, argc - 1, argv[0], &targets);
	if (err)
		return err;
	prefixes = targets.prefixes;
	err = instance_open(in->instance, INSTANCE_EDIT, &instance);
	if (err)
		return err;
	err = targets_add(&instance.maps, list, &targets);
	if (err < 0)
		return err;
	for (size_t i = 0; list == WEIR_DENY && i < targets.count; i++)
		note_of_allowed(&instance.maps, &targets.prefixes[i]);
	if (err)
		journal(in->instance, "%s: %d added", argv[0], err);
	return 0;
}

int cmd_allow(const struct invocation *in, int argc, char **argv)
{
	return list_extend(in, WEIR_ALLOW, argc, argv);
}

int cmd_deny(const struct invocation *in, int argc, char **argv)
{
	return list_extend(in, WEIR_DENY, argc, argv);
}
