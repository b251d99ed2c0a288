// SPDX-License-Identifier: GPL-2.0-only
/*
 * canonical FILE: the canonical form of a policy file, with its lists as sorted
 * statements, or its errors; no kernel needed.  What was told of files stands
 * in comments.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/file.h"
#include "policy/policy.h"
#include "show/show.h"

#define FOR_MOST (3660 * 86400ULL)

static int targets_compare(const void *a, const void *b)
{
	const struct target *one = a, *other = b;

	if (one->list != other->list)
		return (int)one->list - (int)other->list;
	return prefix_compare(&one->prefix, &other->prefix);
}

/* As it was written, if it was not long ago. */
static void end_print(__u64 end_ns)
{
	__u64 left_s =
		(end_ns - clock_ns(CLOCK_MONOTONIC) + NS_PER_S / 2) / NS_PER_S;
	__u64 end_s =
		(clock_ns(CLOCK_REALTIME) + NS_PER_S / 2) / NS_PER_S + left_s;
	char text[TIME_TEXT > DURATION_TEXT ? TIME_TEXT : DURATION_TEXT];

	if (left_s <= FOR_MOST)
		printf(" for %s", duration_format(left_s, text));
	else
		printf(" until %s", time_format(end_s, text));
}

static void target_print(const struct target *target)
{
	char text[TARGET_TEXT];

	printf("%s %s", list_names[target->list],
	       target_format(target->list, &target->prefix, text));
	if (target->end_ns != WEIR_NEVER)
		end_print(target->end_ns);
	putchar('\n');
}

static void file_print(const struct target_file *file)
{
	printf("# %s @%s%s%s: %zu entries, sha256 ", list_names[file->list],
	       file->path, *file->name ? " as " : "", file->name,
	       file->entries);
	for (size_t i = 0; i < sizeof(file->sha256); i++)
		printf("%02x", file->sha256[i]);
	putchar('\n');
}

static void lists_print(struct targets *targets)
{
	for (unsigned int i = 1; i < targets->file_count; i++)
		file_print(&targets->files[i]);
	if (targets->count)
		qsort(targets->list, targets->count, sizeof(*targets->list),
		      targets_compare);
	for (size_t i = 0; i < targets->count; i++)
		target_print(&targets->list[i]);
}

int main(int argc, char **argv)
{
	_cleanup_(policy_free) struct policy policy = POLICY_EMPTY;
	_free_ char *text = NULL;
	_fd_ int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	size_t size;

	if (fd < 0 || file_read(fd, &text, &size)) {
		fprintf(stderr, "usage: canonical FILE, which can be read\n");
		return 2;
	}
	if (policy_parse(text, size, argv[1], &policy))
		return 1;
	lists_print(&policy.targets);
	policy_print(&policy, stdout);
	return 0;
}
