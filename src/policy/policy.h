/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A policy: what a file of statements, or the words of a command, say.
 * Grammar and canonical form are those of weir-policy(5).
 */
#ifndef WEIR_POLICY_H
#define WEIR_POLICY_H

#include <stdbool.h>
#include <stdio.h>

#include "policy/target.h"

extern const char *const rule_actions[WEIR_ACTION_COUNT];

struct rate {
	__u64 amount;		/* of packets, or of bits; 0: no rate */
	unsigned int period_s;	/* 1, 60 or 3600 */
	bool bits;
};

/* What a limit is kept per.  All zero: one bucket for all. */
struct key {
	bool src, dst, sport, dport;
	unsigned char src4, src6, dst4, dst6;	/* prefix lengths */
};

struct rule {
	char name[32];
	enum weir_action action;
	bool observe;			/* count what it would do, and walk on */
	bool always;			/* challenge: also in peace */
	struct rate rate;		/* limit */
	__u64 burst;			/* packets or bytes; 0: one second's worth */
	struct key key;
	__u64 ban_s;			/* 0: no ban */
	__u32 cells;			/* of its table; 0: as many as it needs */
	char *expression;		/* in tcpdump's words; "": everything */
	unsigned int line;		/* of the policy: its statement; or 0 */
	struct place place;		/* of the expression, for errors */
};

struct policy {
	struct targets targets;
	__u32 guards;			/* enum weir_guard */
	bool default_drop;
	struct rule *rules;
	size_t rule_count, rule_room;
};

#define POLICY_EMPTY { .targets = TARGETS_EMPTY }

/*
 * Read a policy file that was read into memory; 'file' is its name for errors,
 * kept in the places of rules, and relative @FILEs are relative to it.  Returns
 * 0, or -errno after a line on stderr for each error.  The caller frees by
 * policy_free() in both cases.
 */
int policy_parse(const char *text, size_t size, const char *file,
		 struct policy *policy);

/*
 * Add the statement that a command line makes to a policy; a rule goes before
 * the rule of the name 'before', or last where that is NULL.  A rule that is
 * there, word for word, is a note.  Returns as above, -EUSAGE where words are
 * missing or unknown, with the policy as it was where it fails.
 */
int policy_add(struct policy *policy, char *const *words, size_t count,
	       const char *before);

/* Returns 0, or -ENOENT without a word. */
int policy_remove_rule(struct policy *policy, const char *name);

/* The bit of a guard's name, or 0. */
__u32 guard_find(const char *name);

/*
 * Write guards, rules and default in the canonical form, which fed back does
 * not change; lists are written by whoever knows what is live of them.
 */
void policy_print(const struct policy *policy, FILE *out);

/* One rule, as its statement without a newline. */
void rule_print(const struct rule *rule, FILE *out);

/* The same in memory that the caller frees, or NULL. */
char *policy_text(const struct policy *policy);
char *rule_text(const struct rule *rule);

/* A word so that it is read as one, quoted where it has to be. */
void word_print(const char *word, FILE *out);

void policy_free(struct policy *policy);

#endif
