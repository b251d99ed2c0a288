/* SPDX-License-Identifier: GPL-2.0-only */
/* A verb: its words, its help, its function. */
#ifndef WEIR_CMD_H
#define WEIR_CMD_H

#include <stdbool.h>
#include <stddef.h>

#include "show/show.h"

/* What holds for every command. */
struct invocation {
	const char *instance;
	const struct show *show;
};

struct command {
	const char *name;
	const char *words;	/* what follows the name */
	const char *summary;	/* one line */
	const char *help;	/* what more 'weir help NAME' says */
	/* argv[0] is the name.  Returns 0 or -errno, EUSAGE among them. */
	int (*run)(const struct invocation *in, int argc, char **argv);
};

extern const struct command commands[];

const struct command *command_find(const char *name);

/* "weir: NAME: what; usage: ..." on stderr.  Returns -EUSAGE. */
int usage(const char *name, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

struct option {
	const char *name;	/* with its dashes */
	bool *flag;		/* an option without a value, or NULL */
	const char **value;	/* with both, the value may be left out */
};

enum options_other {
	OPTIONS_REFUSE_OTHERS,
	OPTIONS_KEEP_OTHERS,
	OPTIONS_LEADING,	/* stop at the first other word, or "--" */
};

/*
 * Take the options out of argv, which keeps the rest; "--" ends them.  Names
 * match exactly, as "--name value" or "--name=value"; a value that may be left
 * out does not begin with two dashes, unless behind '='.  The last of 'options'
 * has no name.  Returns the new argc, or -EUSAGE after a line on stderr.
 */
int options_take(const struct option *options, enum options_other others,
		 int argc, char **argv);

/* For a command without options or words: 0, or -EUSAGE after a line. */
int words_none(int argc, char **argv);

int cmd_attach(const struct invocation *in, int argc, char **argv);
int cmd_detach(const struct invocation *in, int argc, char **argv);
int cmd_status(const struct invocation *in, int argc, char **argv);
int cmd_apply(const struct invocation *in, int argc, char **argv);
int cmd_confirm(const struct invocation *in, int argc, char **argv);
int cmd_undo(const struct invocation *in, int argc, char **argv);
int cmd_statement(const struct invocation *in, int argc, char **argv);
int cmd_allow(const struct invocation *in, int argc, char **argv);
int cmd_deny(const struct invocation *in, int argc, char **argv);
int cmd_remove(const struct invocation *in, int argc, char **argv);
int cmd_lookup(const struct invocation *in, int argc, char **argv);
int cmd_show(const struct invocation *in, int argc, char **argv);
int cmd_stats(const struct invocation *in, int argc, char **argv);
int cmd_pause(const struct invocation *in, int argc, char **argv);
int cmd_resume(const struct invocation *in, int argc, char **argv);
int cmd_lab(const struct invocation *in, int argc, char **argv);
int cmd_help(const struct invocation *in, int argc, char **argv);
int cmd_version(const struct invocation *in, int argc, char **argv);

#endif
