/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How weir fails: functions return 0 or -errno, the lowest one that knows the
 * user's own words prints one line and its callers pass the number on.
 */
#ifndef WEIR_ERROR_H
#define WEIR_ERROR_H

#include <errno.h>

/* Our own numbers, beyond the kernel's (MAX_ERRNO is 4095). */
#define EUSAGE	4096	/* unknown word or missing argument: exit code 2 */
#define EABSENT	4097	/* no such instance, nothing attached: exit code 3 */

/*
 * Print "weir: ..." on stderr, one line: control characters become '?'.
 * Returns -err.
 */
int fail(int err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Between these two, errors are kept instead of printed.  The second returns
 * the last one, without "weir: ", valid until the next; or "".
 */
void errors_keep(void);
const char *errors_kept(void);

/* Print "weir: note: ..." on stderr: worth knowing, nothing failed. */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* What an error number means to the user, without "weir: ". */
const char *error_text(int err);

/* The exit code that scripts rely on, for 0 or a negative error. */
int error_exit_code(int err);

#endif
