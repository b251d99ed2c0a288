/* SPDX-License-Identifier: GPL-2.0-only */
/* What the verbs of `weir lab` share. */
#ifndef WEIR_CMD_LAB_H
#define WEIR_CMD_LAB_H

#include "cmd/cmd.h"

/* The lab that is meant where none is named: $WEIR_LAB, or "default". */
const char *lab_default(void);

/* The voice that --json, before or after the verb, asks for. */
const struct show *lab_voice(const struct invocation *in, bool json);

/* Read a VLAN's number.  Returns 0, or -errno after a line on stderr. */
int lab_vlan_parse(const char *text, unsigned short *vlan);

int lab_flood_command(const struct invocation *in, int argc, char **argv);

#endif
