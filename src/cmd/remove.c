// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/journal.h"
#include "cmd/cmd.h"
#include "live/instance.h"
#include "live/lists.h"
#include "policy/target.h"

/* What is not listed but covered needs a decision, not a silent success. */
static int not_listed(const struct maps *maps, enum weir_list list,
		      const struct prefix *prefix)
{
	char text[PREFIX_TEXT], cover[PREFIX_TEXT];
	struct list_entry wider;

	prefix_format(prefix, text);
	if (lists_cover(maps, list, prefix, &wider)) {
		note("%s is not on the %s list", text, list_names[list]);
		return 0;
	}
	prefix_format(&wider.prefix, cover);
	return fail(EINVAL,
		    "remove: %s is not listed itself but covered by %s; "
		    "remove that, or weir allow %s",
		    text, cover, text);
}

/* Returns the number of entries removed, or -errno with nothing changed. */
static int targets_remove(const struct maps *maps, enum weir_list list,
			  const struct targets *targets)
{
	_cleanup_(lists_abort) struct list_edit edit = { 0 };
	int err = lists_begin(maps, &edit), removed = 0;

	for (size_t i = 0; !err && i < targets->count; i++) {
		err = lists_remove(&edit, list, &targets->prefixes[i]);
		if (!err)
			removed++;
		else if (err > 0)
			err = not_listed(maps, list, &targets->prefixes[i]);
	}
	if (err)
		return err;
	lists_commit(&edit);
	return removed;
}

int cmd_remove(const struct invocation *in, int argc, char **argv)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;
	_free_ struct prefix *prefixes = NULL;
	const struct option options[] = { { 0 } };
	struct targets targets;
	enum weir_list list;
	int err;

	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	if (argc < 3)
		return usage(argv[0], "remove what from which list?");
	for (list = 0; list < WEIR_LIST_COUNT; list++)
		if (!strcmp(argv[1], list_names[list]))
			break;
	if (list == WEIR_LIST_COUNT)
		return usage(argv[0], "'%s' is not a list", argv[1]);
	err = targets_parse(argv + 2, argc - 2, "remove", &targets);
	if (err)
		return err;
	prefixes = targets.prefixes;
	err = instance_open(in->instance, INSTANCE_EDIT, &instance);
	if (!err)
		err = targets_remove(&instance.maps, list, &targets);
	if (err > 0)
		journal(in->instance, "remove %s: %d removed", argv[1], err);
	return err < 0 ? err : 0;
}
