// SPDX-License-Identifier: GPL-2.0-only
#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "cmd/lookup_packet.h"
#include "live/bans.h"
#include "live/generation.h"
#include "live/instance.h"
#include "live/lists.h"
#include "policy/target.h"

/* What lists say nothing of may be banned. */
static bool ban_find(const struct instance *instance,
		     const struct prefix *address, struct list_entry *entry)
{
	_cleanup_(description_free) struct description live = { 0 };
	_free_ struct list_entry *bans = NULL;
	int count;

	if (generation_describe(instance, instance->record.generation, &live))
		return false;
	count = bans_read(&instance->maps, &live, &bans);
	for (int i = 0; i < count; i++) {
		if (!prefix_covers(&bans[i].prefix, address))
			continue;
		*entry = bans[i];
		return true;
	}
	return false;
}

static int address_lookup(const struct invocation *in, const char *verb,
			  const char *word)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;
	struct lookup_report lookup = { 0 };
	struct list_entry entry;
	int err;

	err = address_parse(word, verb, &lookup.address);
	if (!err)
		err = instance_open(in->instance, INSTANCE_READ, &instance);
	if (err)
		return err;
	for (int list = 0; list <= WEIR_DENY && !lookup.entry; list++)
		if (!lists_cover(&instance.maps, list, &lookup.address, &entry))
			lookup.entry = &entry;
	if (!lookup.entry) {
		lookup.banned = ban_find(&instance, &lookup.address, &entry);
		lookup.entry = lookup.banned ? &entry : NULL;
	}
	in->show->lookup(&lookup);
	return 0;
}

int cmd_lookup(const struct invocation *in, int argc, char **argv)
{
	const char *capture = NULL;
	const struct option options[] = { { "--packet", NULL, &capture },
					  { 0 } };

	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	if (capture && argc > 1)
		return usage(argv[0], "an address or a capture, please");
	if (capture)
		return capture_lookup(in, capture);
	if (argc != 2)
		return usage(argv[0], "one address, please");
	return address_lookup(in, argv[0], argv[1]);
}
