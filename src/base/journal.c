// SPDX-License-Identifier: GPL-2.0-only
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "base/journal.h"

/* The person, also behind sudo: SUDO_USER is only believed of root. */
static const char *who(void)
{
	const char *sudo = getuid() ? NULL : getenv("SUDO_USER");
	const struct passwd *user = getpwuid(getuid());

	return sudo && *sudo ? sudo : user ? user->pw_name : "?";
}

void journal(const char *instance, const char *fmt, ...)
{
	char what[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	openlog("weir", LOG_PID, LOG_DAEMON);
	syslog(LOG_NOTICE, "%s: %s (by %s)", instance, what, who());
	closelog();
}
