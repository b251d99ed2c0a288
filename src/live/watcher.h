/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The process that takes an unconfirmed policy back.  It outlives the session
 * that started it: a session and, where cgroups can be made, a cgroup of its
 * own.  Should it be killed all the same, the program itself observes past its
 * deadline, and the next command goes back.
 */
#ifndef WEIR_WATCHER_H
#define WEIR_WATCHER_H

#include "live/instance.h"

/*
 * Start it for the deadline that instance->record holds.  Returns 0 in the
 * caller, once it is in place; or -errno after a line on stderr.
 */
int watcher_start(const struct instance *instance);

#endif
