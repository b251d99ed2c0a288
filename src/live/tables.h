/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WEIR_TABLES_H
#define WEIR_TABLES_H

#include "live/instance.h"
#include "show/report.h"

/*
 * Size and memory of an instance's tables.  Returns their number, at most
 * MAX_TABLES.
 */
unsigned int tables_read(const struct instance *instance,
			 struct table_status *tables);

#endif
