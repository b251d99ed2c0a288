/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WEIR_NAME_H
#define WEIR_NAME_H

#include <stdbool.h>

/*
 * Names of instances, lists and labs: a letter or digit, then letters, digits,
 * '-' and '_'; at most 31 bytes.
 */
bool name_is_valid(const char *name);

#endif
