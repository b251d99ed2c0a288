// SPDX-License-Identifier: GPL-2.0-only
#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "cmd/lookup_packet.h"
#include "live/instance.h"
#include "live/lists.h"
#include "policy/target.h"

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
