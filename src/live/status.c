// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "live/attach.h"
#include "live/kernel.h"
#include "live/pause.h"
#include "live/stats.h"

static const char *const state_words[] = {
	[SLOT_ATTACHED] = "filtering",
	[SLOT_DETACHED] = "detached",
	[SLOT_CUT] = "not filtering: cut off by another program",
	[SLOT_GONE] = "not filtering: the interface is gone",
	[SLOT_MOVED] = "filtering in another network namespace",
	[SLOT_ELSEWHERE] = "filtering in the instance's network namespace",
};

static void warn(struct status_report *status, const char *fix,
		 const char *format, ...) __attribute__((format(printf, 3, 4)));

static void warn(struct status_report *status, const char *fix,
		 const char *format, ...)
{
	struct warning *warning = &status->warning[status->warnings];
	va_list args;

	if (status->warnings == MAX_WARNINGS)
		return;
	va_start(args, format);
	vsnprintf(warning->text, sizeof(warning->text), format, args);
	va_end(args);
	snprintf(warning->fix, sizeof(warning->fix), "%s", fix);
	status->warnings++;
}

static void warn_of_slot(struct status_report *status, enum slot_state state,
			 const struct interface_status *on)
{
	char fix[96], native[96], forget[96];

	snprintf(fix, sizeof(fix), "weir attach %s", on->name);
	snprintf(native, sizeof(native), "weir detach %s && weir attach %s",
		 on->name, on->name);
	snprintf(forget, sizeof(forget), "weir detach %s", on->name);
	if (state == SLOT_CUT)
		warn(status, fix,
		     "%s is not filtered: somebody else took the "
		     "filter off",
		     on->name);
	else if (state == SLOT_GONE && if_nametoindex(on->name))
		warn(status, fix,
		     "%s is not filtered: it was made anew after "
		     "weir was attached",
		     on->name);
	else if (state == SLOT_GONE)
		warn(status, forget,
		     "%s is gone: deleted, or its namespace was", on->name);
	else if (state == SLOT_ATTACHED && on->mode == WEIR_GENERIC)
		warn(status, native,
		     "%s is filtered in GENERIC mode: a packet costs many "
		     "times as much as in native mode",
		     on->name);
}

static void slot_describe(const struct instance *instance, unsigned int slot,
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
		.attached = state == SLOT_ATTACHED || state == SLOT_MOVED ||
			    state == SLOT_ELSEWHERE,
		.mode = known->mode,
		.state = state_words[state],
		.since_s = known->detached_s ? known->detached_s
					     : known->attached_s,
	};
	if (on->attached)
		on->program = instance->record.program_id;
	memcpy(on->name, *now.name ? now.name : known->name, sizeof(on->name));
	warn_of_slot(status, state, on);
	status->interfaces++;
}

int status_read(const struct instance *instance, struct status_report *status)
{
	*status = (struct status_report){
		.instance = instance->name,
		.generation = instance->record.generation,
		.applied_s = instance->record.applied_s,
	};
	for (unsigned int slot = 1; slot < WEIR_MAX_INTERFACES; slot++)
		slot_describe(instance, slot, status);
	for (int i = 0; i < MAP_COUNT; i++)
		status->memory += map_memory(instance->maps.fd[i]);
	status->paused_s = pause_left(&instance->maps);
	if (status->paused_s)
		warn(status, "weir resume", "paused: nothing is dropped");
	for (int i = 0; i < MAP_COUNT; i++)
		if (map_is_frozen(instance->maps.fd[i]))
			warn(status, "weir detach --all, and attach anew",
			     "table %s is frozen: it takes no more changes",
			     map_kinds[i].pin);
	if (!kernel_has_jit())
		warn(status, "sysctl -w net.core.bpf_jit_enable=1",
		     "the JIT is off: the filter is interpreted and slow");
	return 0;
}
