// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "base/error.h"
#include "cmd/cmd.h"

static void help_all(void)
{
	puts("usage: weir [--instance NAME] [--json] COMMAND ...\n");
	for (const struct command *c = commands; c->name; c++)
		printf("  %s%s%s\n          %s\n", c->name,
		       *c->words ? " " : "", c->words, c->summary);
	puts("\nAn address or prefix is 192.0.2.1, 192.0.2.0/24, "
	     "2001:db8::/32.\n"
	     "Exit codes: 0 done, 1 failed, 2 unknown word or missing "
	     "argument,\n"
	     "3 no such instance or nothing attached.");
}

int cmd_help(const struct invocation *in, int argc, char **argv)
{
	const struct option options[] = { { 0 } };
	const struct command *command;

	(void)in;
	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	if (argc > 2)
		return usage(argv[0], "one command, please");
	if (argc < 2) {
		help_all();
		return 0;
	}
	command = command_find(argv[1]);
	if (!command)
		return fail(EUSAGE,
			    "help: no command '%s'; weir help lists them",
			    argv[1]);
	printf("usage: weir %s%s%s\n\n%s.\n%s%s", command->name,
	       *command->words ? " " : "", command->words, command->summary,
	       *command->help ? "\n" : "", command->help);
	return 0;
}

int cmd_version(const struct invocation *in, int argc, char **argv)
{
	int err = words_none(argc, argv);

	if (!err)
		in->show->version(WEIR_VERSION);
	return err;
}
