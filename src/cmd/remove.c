// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/journal.h"
#include "cmd/cmd.h"
#include "cmd/statement.h"
#include "live/bans.h"
#include "live/instance.h"
#include "live/lists.h"
#include "live/lockout.h"
#include "policy/target.h"
#include "policy/word.h"

/* What is not listed but covered needs a decision, not a silent success. */
static int not_listed(const struct maps *maps, const struct target *target)
{
	char text[TARGET_TEXT], cover[TARGET_TEXT];
	struct list_entry wider;

	target_format(target->list, &target->prefix, text);
	if (lists_cover(maps, target->list, &target->prefix, &wider)) {
		note("%s is not on the %s list", text,
		     list_names[target->list]);
		return 0;
	}
	target_format(target->list, &wider.prefix, cover);
	return fail(EINVAL,
		    "remove: %s is not listed itself but covered by %s; "
		    "remove that%s%s",
		    text, cover,
		    target->list == WEIR_DENY ? ", or weir allow " : "",
		    target->list == WEIR_DENY ? text : "");
}

/*
 * A ban is removed as what it is to whoever is banned: a denied source.
 * Returns 1 if there was one, 0, or -errno after a line on stderr.
 */
static int ban_remove(const struct maps *maps, const struct target *target)
{
	int ended = 0;

	if (target->list == WEIR_DENY)
		ended = bans_end(maps, &target->prefix);
	if (ended)
		return ended < 0 ? ended : 1;
	return not_listed(maps, target);
}

/* What was allowed may be denied without that. */
static int edit_guard(const struct list_edit *edit)
{
	struct operator_peer peers[MAX_OPERATORS];
	struct lockout found;

	if (!lockout_of_edit(edit, peers, operators_find(peers, MAX_OPERATORS),
			     &found))
		return 0;
	return lockout_refuse("remove", &found,
			      "remove that first, or --force");
}

/* Returns the number of entries removed, or -errno with nothing changed. */
static int targets_remove(const struct maps *maps,
			  const struct targets *targets, bool guarded)
{
	_cleanup_(lists_abort) struct list_edit edit = { 0 };
	const struct target *target = targets->list;
	int err = lists_begin(maps, &edit), removed = 0;

	for (size_t i = 0; !err && i < targets->count; i++, target++) {
		err = lists_remove(&edit, target->list, &target->prefix);
		if (!err)
			removed++;
		else if (err > 0)
			err = ban_remove(maps, target);
		if (err > 0) {
			removed++;
			err = 0;
		}
	}
	if (!err && guarded)
		err = edit_guard(&edit);
	if (err)
		return err;
	lists_commit(&edit);
	return removed;
}

static int list_parse(const char *word, enum weir_list *list)
{
	for (*list = WEIR_ALLOW; *list <= WEIR_DENY; ++*list)
		if (!strcmp(word, list_names[*list]))
			return 0;
	return -EINVAL;
}

int cmd_remove(const struct invocation *in, int argc, char **argv)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;
	_cleanup_(targets_free) struct targets targets = TARGETS_EMPTY;
	const struct place place = { .verb = argv[0] };
	_free_ struct word *words = NULL;
	bool force = false;
	const struct option options[] = { { "--force", .flag = &force },
					  { 0 } };
	enum weir_list list;
	int err, first = 1;

	while (first < argc && !strncmp(argv[first], "--", 2))
		first++;
	if (first >= argc)
		return usage(argv[0], "remove what?");
	if (list_parse(argv[first], &list))
		return statement_remove(in, argc, argv);
	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	if (argc < 3)
		return usage(argv[0], "remove what from the %s list?", argv[1]);
	words = words_from(argv + 2, argc - 2);
	err = words ? targets_parse(words, argc - 2, list, &place, &targets)
		    : -ENOMEM;
	if (!err && targets.count && targets.list->end_ns != WEIR_NEVER)
		err = usage(argv[0], "an end is not part of what is removed");
	if (!err)
		err = instance_open(in->instance, INSTANCE_EDIT, &instance);
	if (!err)
		err = targets_remove(&instance.maps, &targets,
				     !force && instance_is_here(&instance));
	if (err > 0)
		journal(in->instance, "remove %s: %d removed", argv[1], err);
	return err < 0 ? err : 0;
}
