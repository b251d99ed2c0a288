// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/attach.h"
#include "live/bans.h"
#include "live/facts.h"
#include "live/generation.h"
#include "live/pause.h"
#include "live/stats.h"
#include "live/tables.h"

static const char *const state_words[] = {
	[SLOT_ATTACHED] = "filtering",
	[SLOT_DETACHED] = "detached",
	[SLOT_CUT] = "not filtering: cut off by another program",
	[SLOT_GONE] = "not filtering: the interface is gone",
	[SLOT_MOVED] = "filtering in another network namespace",
	[SLOT_ELSEWHERE] = "filtering in the instance's network namespace",
};

static void warn_of_slot(struct warnings *warnings, enum slot_state state,
			 const char *name)
{
	if (state == SLOT_CUT)
		warn(warnings,
		     "%s is not filtered: somebody else took the filter off; "
		     "fix: weir attach %s",
		     name, name);
	else if (state == SLOT_GONE && if_nametoindex(name))
		warn(warnings,
		     "%s is not filtered: it was made anew after weir was "
		     "attached; fix: weir attach %s",
		     name, name);
	else if (state == SLOT_GONE)
		warn(warnings,
		     "%s is gone: deleted, or its namespace was; fix: weir "
		     "detach %s",
		     name, name);
}

/* Of an interface that is here, be it filtered or waiting to be again. */
static void advise_on(const struct host_facts *host, enum slot_state state,
		      const struct interface *now, struct warnings *warnings)
{
	struct interface_facts on;

	if (state != SLOT_ATTACHED && state != SLOT_CUT)
		return;
	interface_facts_read(now, &on);
	on.attached = state == SLOT_ATTACHED;
	on.generic = on.attached && now->generic;
	interface_advise(host, &on, warnings);
}

static void slot_describe(const struct instance *instance, unsigned int slot,
			  const struct host_facts *host,
			  struct status_report *status)
{
	const struct weir_slot *known = &instance->record.slot[slot];
	struct interface_status *on = &status->interface[status->interfaces];
	struct interface now = { 0 };
	enum slot_state state = slot_state(instance, slot, &now);

	if (state == SLOT_FREE)
		return;
	*on = (struct interface_status){
		.ifindex = known->ifindex,
		.attached = slot_is_filtering(state),
		.mode = known->mode,
		.state = state_words[state],
		.since_s = known->detached_s ? known->detached_s
					     : known->attached_s,
	};
	if (on->attached)
		on->program = instance->record.program_id;
	memcpy(on->name, *now.name ? now.name : known->name, sizeof(on->name));
	warn_of_slot(&status->warnings, state, on->name);
	advise_on(host, state, &now, &status->warnings);
	status->interfaces++;
}

/* Those of our needs that the kernel meets. */
static void features_describe(const struct host_facts *host,
			      struct status_report *status)
{
	const struct {
		bool there;
		const char *name;
	} features[] = {
		{ host->jit == FACT_YES, "jit" },
		{ release_is(host, 5, 11), "memcg" },
		{ release_is(host, 5, 18), "frags" },
		{ release_is(host, 5, 19), "members" },
		{ host->btf == FACT_YES, "btf" },
	};

	for (size_t i = 0; i < sizeof(features) / sizeof(*features); i++)
		if (features[i].there)
			status->feature[status->features++] = features[i].name;
}

/* Where the live policy came from, as far as this user may know. */
static void policy_describe(const struct instance *instance,
			    struct status_report *status)
{
	_cleanup_(description_free) struct description live = { 0 };

	status->confirm_s = confirm_left(instance);
	status->previous = instance->record.previous;
	if (generation_describe(instance, instance->record.generation, &live))
		return;
	snprintf(status->file, sizeof(status->file), "%s",
		 live.file ? live.file : "");
	snprintf(status->sha256, sizeof(status->sha256), "%s",
		 live.sha256 ? live.sha256 : "");
	status->edits = live.edits;
	status->observe = live.observe;
}

#define RECENT_S 3600

static void warn_of_bans(const struct instance *instance,
			 struct warnings *warnings)
{
	struct bans_use use;

	if (!bans_use_read(&instance->maps, &use) && use.refused &&
	    use.refused_s < RECENT_S)
		warn(warnings,
		     "the table of bans is full: %llu times in all there was no "
		     "room, last %lld s ago; limits hold all the same; fix: ban "
		     "wider prefixes (src/24), for shorter times",
		     (unsigned long long)use.refused, use.refused_s);
}

int status_read(const struct instance *instance, struct status_report *status)
{
	struct host_facts host;

	host_facts_read(instance, &host);
	*status = (struct status_report){
		.instance = instance->name,
		.generation = instance->record.generation,
		.applied_s = instance->record.applied_s,
		.memory = host.memory,
	};
	policy_describe(instance, status);
	memcpy(status->release, host.release, sizeof(status->release));
	features_describe(&host, status);
	host_advise(&host, &status->warnings);
	for (unsigned int slot = 1; slot < WEIR_MAX_INTERFACES; slot++)
		slot_describe(instance, slot, &host, status);
	status->tables = tables_read(instance, status->table);
	for (unsigned int i = MAP_COUNT; i < status->tables; i++)
		status->memory += status->table[i].bytes;
	status->paused_s = pause_left(&instance->maps);
	if (status->paused_s)
		warn(&status->warnings,
		     "paused: nothing is dropped; fix: weir resume");
	warn_of_bans(instance, &status->warnings);
	for (int i = 0; i < MAP_COUNT; i++)
		if (map_is_frozen(instance->maps.fd[i]))
			warn(&status->warnings,
			     "table %s is frozen: it takes no more changes; "
			     "fix: weir detach --all, and attach anew",
			     map_kinds[i].pin);
	return 0;
}

void status_absent(void)
{
	const struct instance none = INSTANCE_CLOSED;
	struct warnings warnings = { 0 };
	struct host_facts host;

	host_facts_read(&none, &host);
	host_advise(&host, &warnings);
	for (unsigned int i = 0; i < warnings.count; i++)
		note("%s; fix: %s", warnings.list[i].text,
		     warnings.list[i].fix);
}
