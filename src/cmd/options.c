// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cmd/cmd.h"

int usage(const char *name, const char *fmt, ...)
{
	const struct command *command = command_find(name);
	char what[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	if (!command)
		return fail(EUSAGE, "%s; weir help lists the commands", what);
	return fail(EUSAGE, "%s: %s; usage: weir %s%s%s", name, what, name,
		    *command->words ? " " : "", command->words);
}

/* The option that a word names, with what follows '=' in *value. */
static const struct option *option_find(const struct option *options,
					const char *word, const char **value)
{
	size_t length = strcspn(word, "=");

	*value = word[length] ? word + length + 1 : NULL;
	for (; options->name; options++)
		if (strlen(options->name) == length &&
		    !strncmp(options->name, word, length))
			return options;
	return NULL;
}

/*
 * The value of the option at argv[i], where none came with it.  Returns the
 * index of the last word that was used up, or -EUSAGE.
 */
static int value_take(const struct option *option, int i, int argc, char **argv)
{
	if (option->flag && (i + 1 == argc || !strncmp(argv[i + 1], "--", 2)))
		return i;
	if (++i == argc)
		return usage(argv[0], "%s needs a value", option->name);
	*option->value = argv[i];
	return i;
}

int options_take(const struct option *options, enum options_other others,
		 int argc, char **argv)
{
	const struct option *option;
	const char *value;
	int i, kept = 1;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		option = strncmp(argv[i], "--", 2)
				 ? NULL
				 : option_find(options, argv[i], &value);
		if (!option) {
			if (others == OPTIONS_LEADING)
				break;
			if (!strncmp(argv[i], "--", 2) &&
			    others == OPTIONS_REFUSE_OTHERS)
				return usage(argv[0], "unknown option '%s'",
					     argv[i]);
			argv[kept++] = argv[i];
			continue;
		}
		if (!option->value && value)
			return usage(argv[0], "%s takes no value",
				     option->name);
		if (option->flag)
			*option->flag = true;
		if (!option->value)
			continue;
		if (value)
			*option->value = value;
		else
			i = value_take(option, i, argc, argv);
		if (i < 0)
			return i;
	}
	if (others == OPTIONS_REFUSE_OTHERS && i < argc)
		i++;
	while (i < argc)
		argv[kept++] = argv[i++];
	argv[kept] = NULL;
	return kept;
}

int words_none(int argc, char **argv)
{
	const struct option options[] = { { 0 } };

	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	return argc > 1 ? usage(argv[0], "takes no '%s'", argv[1]) : 0;
}
