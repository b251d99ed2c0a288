// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/iproute.h"

#define NO_PROGRAM 127

static _Noreturn void ip_become(int netns, int script, int said)
{
	/* Or it would go on behind the back of whoever cleans up after us. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	if (!setns(netns, CLONE_NEWNET) && dup2(script, STDIN_FILENO) >= 0 &&
	    dup2(said, STDOUT_FILENO) >= 0 && dup2(said, STDERR_FILENO) >= 0)
		execlp("ip", "ip", "-batch", "-", (char *)NULL);
	_exit(NO_PROGRAM);
}

static const char *line_find(const char *text, unsigned int number)
{
	while (--number && strchr(text, '\n'))
		text = strchr(text, '\n') + 1;
	return text;
}

/* "RTNETLINK answers: File exists\nCommand failed -:3\n" */
static void ip_explain(const char *script, char *said, char *why, size_t size)
{
	static const char *const heads[] = { "RTNETLINK answers: ", "Error: " };
	const char *place = strstr(said, "Command failed -:");
	unsigned int number = 1;

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		if (!strncmp(said, heads[i], strlen(heads[i])))
			said += strlen(heads[i]);
	if (place)
		sscanf(place, "Command failed -:%u", &number);
	said[strcspn(said, "\n")] = '\0';
	if (*said && said[strlen(said) - 1] == '.')
		said[strlen(said) - 1] = '\0';
	script = line_find(script, number);
	snprintf(why, size, "ip %.*s: %s", (int)strcspn(script, "\n"), script,
		 said);
}

int ip_batch(int netns, const char *script, char *why, size_t size)
{
	_fd_ int in = memfd_create("script", MFD_CLOEXEC);
	_fd_ int out = memfd_create("said", MFD_CLOEXEC);
	char said[512] = "";
	int status = 0;
	pid_t child;

	snprintf(why, size, "%s", error_text(ENOMEM));
	if (in < 0 || out < 0 || write(in, script, strlen(script)) < 0 ||
	    lseek(in, 0, SEEK_SET))
		return -ENOMEM;
	child = fork();
	if (child < 0)
		return -errno;
	if (!child)
		ip_become(netns, in, out);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (!status)
		return 0;
	if (pread(out, said, sizeof(said) - 1, 0) < 0 || !*said)
		snprintf(said, sizeof(said), "cannot be run; install iproute2");
	ip_explain(script, said, why, size);
	return -EIO;
}
