/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WEIR_CMD_STATEMENT_H
#define WEIR_CMD_STATEMENT_H

#include "cmd/cmd.h"

/* "remove guard NAME...", "remove RULE...". */
int statement_remove(const struct invocation *in, int argc, char **argv);

#endif
