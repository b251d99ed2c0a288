// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/journal.h"
#include "cmd/cmd.h"
#include "live/attach.h"

static int mode_parse(const char *word, enum attach_mode *mode)
{
	static const char *const words[] = {
		[ATTACH_NATIVE] = "native",
		[ATTACH_GENERIC] = "generic",
		[ATTACH_OFFLOAD] = "offload",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(words[i], word))
			continue;
		*mode = i;
		return 0;
	}
	return fail(EINVAL,
		    "attach: --mode: '%s' is not a mode (native, "
		    "generic, offload)",
		    word);
}

int cmd_attach(const struct invocation *in, int argc, char **argv)
{
	_cleanup_(instance_close) struct instance instance = INSTANCE_CLOSED;
	enum attach_mode mode = ATTACH_NATIVE;
	const char *mode_word = "native";
	bool force = false;
	const struct option options[] = { { "--mode", NULL, &mode_word },
					  { "--force", &force, NULL },
					  { 0 } };
	int err;

	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	if (argc < 2)
		return usage(argv[0], "which interface?");
	err = mode_parse(mode_word, &mode);
	if (!err)
		err = instance_create(in->instance, &instance);
	if (!err)
		err = interfaces_attach(&instance, argv + 1, argc - 1, mode,
					force);
	if (!err)
		journal(in->instance, "attach %s%s, %s mode", argv[1],
			argc > 2 ? " and more" : "", mode_word);
	return err;
}
