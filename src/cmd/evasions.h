/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WEIR_EVASIONS_H
#define WEIR_EVASIONS_H

#include "cmd/ruleset.h"

/*
 * Note which rules can be got past and what closes the hole: a line for each
 * kind of hole that no guard of the policy closes.  With a file, of all its
 * rules; else of those that the command line just made.
 */
void evasions_note(const struct policy *policy, const struct ruleset *set,
		   bool of_file);

#endif
