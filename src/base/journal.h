/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WEIR_JOURNAL_H
#define WEIR_JOURNAL_H

/* One line in the system's log for a change: who made it, and what it was. */
void journal(const char *instance, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
