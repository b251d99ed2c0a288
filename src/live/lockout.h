/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Would a change cut the connection of the person who makes it?  What only
 * edits lists is answered from the lists, by anybody who may edit them; what
 * loads a program is answered by that program, which is shown some packets of
 * each peer before it goes live.
 */
#ifndef WEIR_LOCKOUT_H
#define WEIR_LOCKOUT_H

#include "live/filter.h"
#include "live/lists.h"
#include "live/operators.h"

/* Who would be cut, and the statement that would do it. */
struct lockout {
	struct operator_peer peer;
	enum weir_reason reason;
	struct list_entry entry;	/* of denied and denied-port */
	size_t rule;			/* of rule: its place in the settings */
	char statement[TARGET_TEXT + 8];	/* "deny 203.0.113.0/24" */
};

/*
 * Does committing an edit deny a peer whom the lists let pass now?  Returns 1
 * with *found filled in, else 0.
 */
int lockout_of_edit(const struct list_edit *edit,
		    const struct operator_peer *peers, unsigned int count,
		    struct lockout *found);

/*
 * Would a generation of these settings over these lists drop what an operator
 * sends?  Loads a private copy that shares the lists and nothing else, unless
 * nobody is there or nothing would be dropped.  With an edit, the lists are
 * taken as they will be once it is committed, and 'lists_of' is the edit's.
 * Returns 1 with *found filled in, 0, or -errno after a line on stderr.
 */
int lockout_check(const struct maps *lists_of, const struct list_edit *edit,
		  const struct filter_settings *settings,
		  struct lockout *found);

/*
 * The same of a program that the caller loaded, for whoever must load it in
 * another way.  'maps' are the program's; its counters must not be anybody
 * else's, since what is shown to it counts there.
 */
int lockout_probe(int program, const struct maps *maps,
		  const struct operator_peer *peers, unsigned int count,
		  struct lockout *found);

/*
 * Would "default drop" drop the replies to this host's own connections, to web
 * servers (TCP) and name servers (UDP) alike?  Returns 1, 0, or -errno after a
 * line on stderr.
 */
int lockout_replies(const struct maps *lists_of,
		    const struct filter_settings *settings);
int lockout_probe_replies(int program, const struct maps *maps);

/*
 * "WHERE: STATEMENT would cut your own connection from ...; REMEDY", one line;
 * where the statement begins with WHERE, that is said once.  Returns -EBUSY.
 */
int lockout_refuse(const char *where, const struct lockout *found,
		   const char *remedy);

#endif
