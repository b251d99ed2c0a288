/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A private copy of the real datapath: lists to fill, frames to run, and what
 * it is held to.  Needs root; mistakes of a test itself end the program.
 */
#ifndef WEIR_TESTS_DATAPATH_H
#define WEIR_TESTS_DATAPATH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "abi.h"
#include "base/prefix.h"
#include "frame.h"
#include "live/filter.h"

struct datapath {
	int program;
	struct maps maps;
	unsigned int slot;	/* where packets are expected to count */
};

extern struct datapath datapath;

/* Load it, with empty lists.  Returns 0, or -errno after a line on stderr. */
int datapath_open(void);

/* The same for a policy; what was open is closed, and its counts forgotten. */
int datapath_open_with(const struct filter_settings *settings);

/* From 'until_ns' of CLOCK_MONOTONIC on, that generation observes. */
void unconfirmed_set(uint32_t generation, uint64_t until_ns);

/* Packets and bytes that the row of what would be counts under a reason. */
struct weir_counter would_count(enum weir_reason reason);

/*
 * A rule, as a policy says it: "drop udp src port 123" or "observe drop udp".
 * rules_open() loads the datapath anew with such rules, up to a NULL, over the
 * same lists; slots of counters are their numbers, and count from 0.
 * rules_open_with() adds them to a policy.  rule_counted() is what a slot
 * counts.  Mistakes end the program.
 */
void rules_open(const char *const *rules);
void rules_open_with(const char *const *rules,
		     const struct filter_settings *settings);
struct weir_counter rule_counted(uint32_t slot);

/*
 * List a prefix, straight in the maps.  entry_add() says that it counts;
 * entry_put() that it counts from edit 'added' to edit 'removed';
 * entry_put_until() that it ends.  Ports are prefixes of their lists, written
 * "tcp/23" or "tcp/1024-2047".  All return the id: they go up from 0, in the order of these calls since the last
 * entries_clear(), which forgets all entries and their counts.  Edit 1 is
 * committed at first.
 */
uint32_t entry_add(enum weir_list list, const char *text);
uint32_t entry_put_until(enum weir_list list, const char *text,
			 uint64_t expires_ns, uint64_t extended,
			 uint64_t next_expires_ns);
uint32_t entry_put(enum weir_list list, const struct prefix *prefix,
		   uint64_t added, uint64_t removed);

/* Write the word of the short way to a host, true or not; 0 empties it. */
void host_put(const char *address, uint64_t word);
uint64_t host_of(const char *address, uint32_t id);

void entry_delete(enum weir_list list, const struct prefix *prefix);
void edits_commit(uint64_t edit);
void entries_clear(void);

struct prefix prefix_of(const char *text);

/* Nothing is dropped until then, by CLOCK_MONOTONIC; 0: filter. */
void pause_set(uint64_t until_ns);

#define NO_ENTRY UINT32_MAX

/* Bytes of a frame that the kernel puts in the first buffer of a test run. */
#define FIRST_BUFFER 3520

/*
 * Run one frame.  Fails the test unless the frame gets the verdict of 'reason'
 * and that counter alone moves in the row, and the entry's with it.
 * 'linear' is how much of the frame lies in the first buffer; 0 leaves that to
 * the kernel (Linux 6.18 lets a test choose).
 */
void assert_judged(const struct frame *frame, size_t linear,
		   enum weir_reason reason, uint32_t entry);

/* Fails unless all interfaces and entries count what the frames so far say. */
void assert_all_counted(void);

/* Does the kernel let a test run say where the first buffer ends? */
bool kernel_cuts_buffers(void);

/* One frame, one verdict; for list hits, the entry that decides. */
struct row {
	const char *name;
	const struct layer *frame;
	enum weir_reason reason;
	const char *by;
};

/* The end of a row. */
#define PASSED			WEIR_PASSED, NULL
#define NOT_IP			WEIR_NOT_IP, NULL
#define ALLOWED(by)		WEIR_ALLOWED, by
#define TRUNCATED		WEIR_TRUNCATED, NULL
#define BAD_VERSION		WEIR_BAD_VERSION, NULL
#define BAD_LENGTH		WEIR_BAD_LENGTH, NULL
#define TOO_MANY_TAGS		WEIR_TOO_MANY_TAGS, NULL
#define TOO_MANY_HEADERS	WEIR_TOO_MANY_HEADERS, NULL
#define DENIED(by)		WEIR_DENIED, by
#define DENIED_PORT(by)		WEIR_DENIED_PORT, by
#define PAUSED(by)		WEIR_PAUSED, by
#define OBSERVED(by)		WEIR_OBSERVED, by
#define BAD_FLAGS		WEIR_BAD_FLAGS, NULL
#define BAD_PORT		WEIR_BAD_PORT, NULL
#define BAD_ADDRESS		WEIR_BAD_ADDRESS, NULL
#define BAD_FRAGMENT		WEIR_BAD_FRAGMENT, NULL
#define LAND			WEIR_LAND, NULL
#define FRAGMENTED		WEIR_FRAGMENT, NULL
#define BOGON			WEIR_BOGON, NULL
#define TAGGED			WEIR_TAGGED, NULL
#define EXTENSION_HEADER	WEIR_EXTENSION_HEADER, NULL
#define DEFAULT			WEIR_DEFAULT, NULL
#define KEPT			WEIR_KEPT, NULL

/* Run a table, a test a row.  Both return how many tests failed. */
int rows_run(const char *group, const struct row *rows, size_t count);
int group_run(const char *group, const struct CMUnitTest *tests, size_t count);

#define GROUP_RUN(group, tests) \
	group_run(group, tests, sizeof(tests) / sizeof((tests)[0]))

#endif
