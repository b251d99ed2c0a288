/* SPDX-License-Identifier: GPL-2.0-only */
/* What the limits of a policy cannot hold, said when it is applied. */
#ifndef WEIR_CMD_LIMITS_H
#define WEIR_CMD_LIMITS_H

#include "policy/policy.h"

/* A note for each limit that a flood turns against the innocent. */
void limits_advise(const struct policy *policy);

#endif
