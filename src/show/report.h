/* SPDX-License-Identifier: GPL-2.0-only */
/* What weir can show: filled in by live/, spoken by the voices of show.h. */
#ifndef WEIR_REPORT_H
#define WEIR_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <net/if.h>

#include "abi.h"
#include "base/prefix.h"

extern const char *const list_names[WEIR_LIST_COUNT];
extern const char *const action_names[WEIR_ACTION_COUNT];
extern const char *const guard_names[WEIR_GUARD_COUNT];
extern const char *const mode_names[];		/* by enum weir_mode */
extern const char *const verdict_names[WEIR_VERDICT_COUNT];

struct reason_kind {
	const char *name;
	enum weir_verdict verdict;
	const char *text;
};

extern const struct reason_kind reason_kinds[WEIR_REASON_COUNT];

struct list_entry {
	enum weir_list list;
	struct prefix prefix;
	__u32 id;
	__u64 since_s;		/* seconds of CLOCK_REALTIME */
	__u64 until_s;		/* seconds of CLOCK_REALTIME; 0: no end */
	char origin[32];	/* a named list, or "" */
	bool of_policy;		/* else added at run time */
	__u64 packets, bytes;
};

/* The name of a list, or "policy", or "runtime". */
const char *origin_name(const struct list_entry *entry);

/* Seconds until an entry ends, at least 0; or -1 if it has no end. */
long long seconds_left(const struct list_entry *entry);

/*
 * "192.0.2.0/24", "tcp/23", "udp/1024-2047": a listed prefix in the words of a
 * list statement.
 */
#define TARGET_TEXT PREFIX_TEXT
const char *target_format(enum weir_list list, const struct prefix *prefix,
			  char text[TARGET_TEXT]);

/* A file of targets that the policy names. */
struct file_report {
	enum weir_list list;	/* WEIR_ALLOW or WEIR_DENY */
	const char *origin;	/* of its entries */
	const char *target;	/* "@/etc/drop.list", quoted where it has to be */
	const char *name;	/* behind "as", or "" */
	const char *sha256;	/* of what was applied */
	size_t entries;
	__u64 until_s;		/* 0: no end */
	bool changed;		/* since, or gone */
	bool whole;		/* nothing of it was removed since */
};

struct rule_report {
	const char *name;
	enum weir_action action;
	const char *expression;
	const char *text;	/* the statement */
	bool observe;
	struct weir_counter counter;	/* a limit's: of what conformed */
	struct weir_counter excess;	/* a limit's */
};

struct policy_report {
	__u32 generation;
	__u64 applied_s;
	const char *file;	/* it came from, or NULL */
	const char *sha256;
	unsigned int edits;	/* by commands, since */
	bool observe;		/* all of it */
	bool expand;		/* show what files hold */
	bool default_drop;
	__u32 guards;
	struct file_report *files;
	size_t file_count;
	struct rule_report *rules;
	size_t rule_count;
	struct list_entry *entries[WEIR_LIST_COUNT];
	size_t count[WEIR_LIST_COUNT];
	struct list_entry *bans;	/* their origins are limits */
	size_t ban_count;
};

/* Does a file statement that is shown stand for the entry? */
bool file_covers(const struct policy_report *policy,
		 const struct list_entry *entry);

struct lookup_report {
	struct prefix address;
	const struct list_entry *entry;		/* what decides, or NULL */
	bool banned;				/* it is a ban */
};

/* What became of a captured packet. */
struct packet_report {
	unsigned long number;		/* in the capture, from 1 */
	size_t length, captured;	/* bytes */
	bool judged;			/* else it is too short to be a frame */
	enum weir_reason reason;
	bool listed;
	struct list_entry entry;	/* that settled it, where listed */
	const char *rule;		/* that settled it, or NULL */
	enum weir_action action;	/* of the rule */
};

struct packets_report {
	const char *capture;
	struct packet_report *packets;
	size_t count;
	bool more;			/* there are, in the capture */
};

struct rule_stats {
	char name[32];
	enum weir_action action;
	bool observe;
	struct weir_counter counter;	/* of what matched; a limit's: and
					 * conformed */
	struct weir_counter excess;	/* a limit's */
};

struct interface_stats {
	char name[IF_NAMESIZE];
	bool attached;
	enum weir_mode mode;
	struct weir_counter total;
	struct weir_counter reason[WEIR_REASON_COUNT];
	unsigned int slot;
	unsigned int ifindex;		/* 0: of no interface there is */
};

/* Sums of one read of the matrix. */
struct stats_report {
	const char *instance;
	__u32 generation;
	double time_s;		/* of CLOCK_REALTIME */
	double clock_s;		/* of CLOCK_MONOTONIC, for rates */
	struct weir_counter verdict[WEIR_VERDICT_COUNT];
	struct weir_counter reason[WEIR_REASON_COUNT];
	struct weir_counter would[WEIR_REASON_COUNT];	/* while all passed */
	unsigned int interfaces;
	struct interface_stats interface[WEIR_MAX_INTERFACES];
	unsigned int rules;
	struct rule_stats rule[WEIR_MAX_RULES];
	__u64 applied_s;	/* of CLOCK_REALTIME */
	__u32 matrix;		/* its id: another one, another instance */
};

/* A sample, or what there is to say while there is none. */
struct watch_report {
	const struct stats_report *now, *before;	/* or NULL, both */
	const char *notice;	/* or "" */
};

struct interface_status {
	char name[IF_NAMESIZE];
	unsigned int ifindex;
	bool attached;
	enum weir_mode mode;
	unsigned int program;		/* kernel's id of the filter, or 0 */
	const char *state;		/* "filtering", "gone", ... */
	__u64 since_s;			/* seconds of CLOCK_REALTIME */
};

struct warning {
	char text[400];
	char fix[400];
};

#define MAX_WARNINGS (8 * WEIR_MAX_INTERFACES)

struct warnings {
	unsigned int count;
	struct warning list[MAX_WARNINGS];
};

#define TABLE_UNKNOWN (-1)
#define MAX_TABLES 64

struct table_status {
	char name[40];
	unsigned long long bytes;	/* of kernel memory */
	long long entries, max;		/* or TABLE_UNKNOWN */
};

#define MAX_FEATURES 8

struct status_report {
	const char *instance;
	__u32 generation;
	__u64 applied_s;		/* seconds of CLOCK_REALTIME */
	unsigned long long memory;	/* bytes of kernel memory */
	char file[256], sha256[65];	/* of the policy, or "" */
	unsigned int edits;		/* by commands, since */
	bool observe;
	long long confirm_s;		/* until it goes back; 0: it stays */
	__u32 previous;			/* generation for undo, or 0 */
	long long paused_s;		/* 0: not paused; -1: without end */
	unsigned int interfaces;
	struct interface_status interface[WEIR_MAX_INTERFACES];
	char release[65];		/* of the kernel */
	unsigned int features;
	const char *feature[MAX_FEATURES];	/* of the kernel, in use */
	unsigned int tables;
	struct table_status table[MAX_TABLES];
	struct warnings warnings;
};

enum lab_side { LAB_ATTACKER, LAB_SERVER, LAB_SIDES };

extern const char *const lab_side_names[LAB_SIDES];

#define LAB_NAME_SIZE		28	/* so that "lab-NAME" names an instance */
#define LAB_MAX_ADDRESSES	64

struct lab_address {
	char interface[IF_NAMESIZE];
	char text[PREFIX_TEXT];		/* with its length: 192.0.2.1/24 */
};

struct lab_side_report {
	bool exists;
	char netns[48];
	char interface[IF_NAMESIZE];
	unsigned int addresses;
	struct lab_address address[LAB_MAX_ADDRESSES];
};

struct lab_report {
	char name[LAB_NAME_SIZE];
	char instance[32];
	bool whole;			/* else what a killed "up" left */
	unsigned int program;		/* XDP program on the server, or 0 */
	struct lab_side_report side[LAB_SIDES];
};

struct flood_report {
	const char *lab, *kind;
	struct prefix from, to;
	unsigned int size;		/* bytes of a frame, without FCS */
	__u64 packets, lost;		/* the lost ones are among the packets */
	double seconds;
	bool good;			/* good traffic was sent too */
	__u64 requests, answers;
	double slowest_s;		/* of the answers */
};

#endif
