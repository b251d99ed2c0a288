// SPDX-License-Identifier: GPL-2.0-only
/* allow and deny: the same words, another list. */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/journal.h"
#include "cmd/cmd.h"
#include "live/instance.h"
#include "live/lists.h"
#include "live/lockout.h"
#include "policy/target.h"
#include "policy/word.h"

/* Look at so many targets for what an allow overrules; more is a feed. */
#define MOST_ADVISED 256

/* Who denies what is allowed should know that it still passes. */
static void note_of_allowed(const struct maps *maps,
			    const struct target *target)
{
	char text[TARGET_TEXT], cover[TARGET_TEXT];
	struct list_entry allowed;

	if (target->list == WEIR_DENY &&
	    !lists_cover(maps, WEIR_ALLOW, &target->prefix, &allowed))
		note("%s still passes: allow %s beats deny",
		     prefix_format(&target->prefix, text),
		     prefix_format(&allowed.prefix, cover));
}

static void note_of_known(const struct target *first, size_t known)
{
	char text[TARGET_TEXT];

	if (!known)
		return;
	target_format(first->list, &first->prefix, text);
	if (known == 1)
		note("%s is on the %s list already", text,
		     list_names[first->list]);
	else
		note("%s and %zu more are on the %s list already", text,
		     known - 1, list_names[first->list]);
}

/* The numbers of the named lists, in the order of targets->files. */
static int origins_number(struct list_edit *edit, const struct targets *targets,
			  unsigned int numbers[WEIR_MAX_ORIGINS])
{
	int number;

	numbers[0] = 0;
	for (unsigned int i = 1; i < targets->file_count; i++) {
		number = *targets->files[i].name
				 ? lists_origin(edit, targets->files[i].name)
				 : 0;
		if (number < 0)
			return number;
		numbers[i] = number;
	}
	return 0;
}

/* Nobody saws off the branch that they sit on. */
static int edit_guard(const struct list_edit *edit)
{
	struct operator_peer peers[MAX_OPERATORS];
	char remedy[TARGET_TEXT + 64], address[PREFIX_TEXT];
	struct lockout found;

	if (!lockout_of_edit(edit, peers, operators_find(peers, MAX_OPERATORS),
			     &found))
		return 0;
	snprintf(remedy, sizeof(remedy), "weir allow %s first, or --force",
		 prefix_format(&found.peer.address, address));
	return lockout_refuse("deny", &found, remedy);
}

/* Returns the number of entries that changed, or -errno with none changed. */
static int targets_add(const struct maps *maps, const struct targets *targets,
		       bool guarded)
{
	_cleanup_(lists_abort) struct list_edit edit = { 0 };
	unsigned int origins[WEIR_MAX_ORIGINS];
	const struct target *target = targets->list, *first = NULL;
	size_t known = 0;
	int err = lists_begin(maps, &edit);

	if (!err)
		err = origins_number(&edit, targets, origins);
	for (size_t i = 0; err >= 0 && i < targets->count; i++, target++) {
		err = lists_add(&edit, target->list, &target->prefix,
				target->end_ns, origins[target->file]);
		if (err > 0 && !known++)
			first = target;
	}
	if (err >= 0 && guarded)
		err = edit_guard(&edit);
	if (err < 0)
		return err;
	lists_commit(&edit);
	note_of_known(first, known);
	return targets->count - known;
}

static int list_extend(const struct invocation *in, enum weir_list list,
		       int argc, char **argv)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;
	_cleanup_(targets_free) struct targets targets = TARGETS_EMPTY;
	const struct place place = { .verb = argv[0] };
	_free_ struct word *words = NULL;
	bool force = false;
	const struct option any[] = { { 0 } };
	const struct option of_deny[] = { { "--force", .flag = &force },
					  { 0 } };
	int err;

	argc = options_take(list == WEIR_DENY ? of_deny : any,
			    OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	if (argc < 2)
		return usage(argv[0], "which address, prefix, range or file?");
	words = words_from(argv + 1, argc - 1);
	err = words ? targets_parse(words, argc - 1, list, &place, &targets)
		    : -ENOMEM;
	if (!err)
		err = instance_open(in->instance, INSTANCE_EDIT, &instance);
	if (!err)
		err = targets_add(&instance.maps, &targets,
				  list == WEIR_DENY && !force &&
					  instance_is_here(&instance));
	if (err < 0)
		return err;
	for (size_t i = 0; i < targets.count && i < MOST_ADVISED; i++)
		note_of_allowed(&instance.maps, &targets.list[i]);
	if (err)
		journal(in->instance, "%s: %d changed", argv[0], err);
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
