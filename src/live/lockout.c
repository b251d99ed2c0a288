// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/lockout.h"
#include "live/lockout_parts.h"
#include "live/probe.h"
#include "live/rules.h"

#define HIGH_PORT 50000 /* as a client's */

/* Which statement a reason to drop comes from, where that is always one. */
static const char *const statements[WEIR_REASON_COUNT] = {
	[WEIR_BAD_FLAGS] = "guard malformed",
	[WEIR_BAD_PORT] = "guard malformed",
	[WEIR_BAD_ADDRESS] = "guard malformed",
	[WEIR_BAD_FRAGMENT] = "guard malformed",
	[WEIR_LAND] = "guard land",
	[WEIR_FRAGMENT] = "guard fragments",
	[WEIR_BOGON] = "guard bogons",
	[WEIR_TAGGED] = "guard tagged",
	[WEIR_EXTENSION_HEADER] = "guard extension-headers",
	[WEIR_RULE_DROP] = "a drop rule",
	[WEIR_RULE_ABORT] = "an abort rule",
	[WEIR_DEFAULT] = "default drop",
};

/* The lists as they are, or as they will be after an edit. */
struct view {
	const struct maps *maps;
	const struct list_edit *edit;
};

static bool is_listed(const struct view *view, enum weir_list list,
		      const struct prefix *prefix, struct list_entry *entry)
{
	return !(view->edit ? lists_cover_next(view->edit, list, prefix, entry)
			    : lists_cover(view->maps, list, prefix, entry));
}

static struct prefix port_prefix(uint16_t port)
{
	return (struct prefix){ .family = 4,
				.len = 16,
				.addr = { port >> 8, port & 0xff } };
}

/* What the lists make of a peer's segments: 0, or a reason and its entry. */
static enum weir_reason lists_judge(const struct view *view,
				    const struct operator_peer *peer,
				    struct list_entry *entry)
{
	struct prefix port = port_prefix(peer->local_port);

	if (is_listed(view, WEIR_ALLOW, &peer->address, entry))
		return WEIR_PASSED;
	if (is_listed(view, WEIR_DENY, &peer->address, entry))
		return WEIR_DENIED;
	if (is_listed(view, WEIR_DENY_TCP, &port, entry))
		return WEIR_DENIED_PORT;
	return WEIR_PASSED;
}

static void lockout_fill(struct lockout *found,
			 const struct operator_peer *peer,
			 enum weir_reason reason, const struct view *view)
{
	char text[TARGET_TEXT];

	*found = (struct lockout){ .peer = *peer, .reason = reason };
	if (lists_judge(view, peer, &found->entry) == reason)
		snprintf(found->statement, sizeof(found->statement), "deny %s",
			 target_format(found->entry.list, &found->entry.prefix,
				       text));
	else
		snprintf(found->statement, sizeof(found->statement), "%s",
			 statements[reason] ?: reason_kinds[reason].name);
}

int lockout_of_edit(const struct list_edit *edit,
		    const struct operator_peer *peers, unsigned int count,
		    struct lockout *found)
{
	struct view now = { .maps = edit->maps };
	struct view next = { .maps = edit->maps, .edit = edit };
	struct list_entry entry;
	enum weir_reason reason;

	for (unsigned int i = 0; i < count; i++) {
		reason = lists_judge(&next, &peers[i], &entry);
		if (!reason || lists_judge(&now, &peers[i], &entry))
			continue;
		lockout_fill(found, &peers[i], reason, &next);
		return 1;
	}
	return 0;
}

/* Returns the reason under which a probe is counted, or -errno after a line. */
static int probe_run(int program, const struct maps *maps, enum probe probe,
		     const struct probe_way *way)
{
	uint8_t frame[PROBE_ROOM];

	return frame_try(program, maps, frame, probe_build(probe, way, frame));
}

static bool is_cut(enum weir_reason reason)
{
	enum weir_verdict verdict = reason_kinds[reason].verdict;

	return verdict == WEIR_DROP || verdict == WEIR_ABORT;
}

static int peer_probe(int program, const struct maps *maps,
		      const struct operator_peer *peer)
{
	const struct probe_way way = { .from = peer->address,
				       .to = peer->local,
				       .sport = peer->port,
				       .dport = peer->local_port };
	int reason = 0;

	for (enum probe probe = 0; probe < PROBE_PEER_COUNT; probe++) {
		reason = probe_run(program, maps, probe, &way);
		if (reason < 0 || is_cut(reason))
			break;
	}
	return reason;
}

int lockout_probe(int program, const struct maps *maps,
		  const struct operator_peer *peers, unsigned int count,
		  struct lockout *found)
{
	struct view view = { .maps = maps };
	int reason;

	for (unsigned int i = 0; i < count; i++) {
		reason = peer_probe(program, maps, &peers[i]);
		if (reason < 0)
			return reason;
		if (!is_cut(reason))
			continue;
		lockout_fill(found, &peers[i], reason, &view);
		return 1;
	}
	return 0;
}

/* Of the rules that drop, only the one that ended a walk has counted. */
static size_t rule_that_ended(const struct maps *maps,
			      const struct filter_settings *settings)
{
	size_t count = settings->code ? settings->code->rules : 0, i;
	struct weir_counter counter;

	for (i = 0; i < count; i++)
		if ((settings->rules[i].action == WEIR_DO_DROP ||
		     settings->rules[i].action == WEIR_DO_ABORT) &&
		    !(settings->rules[i].flags & WEIR_RULE_OBSERVED) &&
		    !rule_counter_read(maps, settings->rules[i].slot,
				       &counter) &&
		    counter.packets)
			break;
	return i;
}

int lockout_check(const struct maps *lists_of, const struct list_edit *edit,
		  const struct filter_settings *settings, struct lockout *found)
{
	_cleanup_(copy_close) struct copy copy = COPY_NONE;
	struct operator_peer peers[MAX_OPERATORS];
	unsigned int count;
	int err;

	if (settings->observe)
		return 0;
	count = operators_find(peers, MAX_OPERATORS);
	if (!count)
		return 0;
	err = copy_open(lists_of, edit, settings, &copy);
	if (err)
		return err;
	err = lockout_probe(copy.program, &copy.maps, peers, count, found);
	if (err > 0)
		found->rule = rule_that_ended(&copy.maps, settings);
	return err;
}

/* The address that this host would send from, where there is a way at all. */
static struct prefix own_address(const struct prefix *to)
{
	struct prefix own = { 4, 32, { 192, 0, 2, 1 } };
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(53) };
	socklen_t size = sizeof(in);
	_fd_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(&in.sin_addr, to->addr, sizeof(in.sin_addr));
	if (fd >= 0 && !connect(fd, (struct sockaddr *)&in, sizeof(in)) &&
	    !getsockname(fd, (struct sockaddr *)&in, &size))
		memcpy(own.addr, &in.sin_addr, sizeof(in.sin_addr));
	return own;
}

int lockout_probe_replies(int program, const struct maps *maps)
{
	struct probe_way way = { .from = { 4, 32, { 203, 0, 113, 5 } },
				 .sport = 443,
				 .dport = HIGH_PORT };
	int reason;

	way.to = own_address(&way.from);
	for (enum probe probe = PROBE_ACK; probe <= PROBE_UDP; probe++) {
		if (probe == PROBE_UDP)
			way.sport = 53;
		reason = probe_run(program, maps, probe, &way);
		if (reason != WEIR_DEFAULT)
			return reason < 0 ? reason : 0;
	}
	return 1;
}

/* Guards object to addresses made up; the question is what default drops. */
int lockout_replies(const struct maps *lists_of,
		    const struct filter_settings *settings)
{
	_cleanup_(copy_close) struct copy copy = COPY_NONE;
	struct filter_settings unguarded = *settings;
	int err;

	if (settings->observe || !settings->default_drop)
		return 0;
	unguarded.guards = 0;
	err = copy_open(lists_of, NULL, &unguarded, &copy);
	return err ? err : lockout_probe_replies(copy.program, &copy.maps);
}

int lockout_refuse(const char *where, const struct lockout *found,
		   const char *remedy)
{
	const char *statement = found->statement;
	size_t length = strlen(where);
	char text[OPERATOR_TEXT];

	if (!strncmp(statement, where, length) && statement[length] == ' ')
		statement += length + 1;
	return fail(EBUSY, "%s: %s would cut %s; %s", where, statement,
		    operator_describe(&found->peer, text), remedy);
}
