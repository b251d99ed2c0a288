// SPDX-License-Identifier: GPL-2.0-only
#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "live/instance.h"
#include "live/lists.h"
#include "policy/target.h"

int cmd_lookup(const struct invocation *in, int argc, char **argv)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;
	const struct option options[] = { { 0 } };
	struct lookup_report lookup = { 0 };
	struct list_entry entry;
	int err;

	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	if (argc != 2)
		return usage(argv[0], "one address, please");
	err = address_parse(argv[1], argv[0], &lookup.address);
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
