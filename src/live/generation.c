// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/journal.h"
#include "live/generation.h"
#include "live/kernel.h"
#include "live/lists.h"
#include "live/pins.h"

static bool map_is_own(const struct generation *generation, enum map map)
{
	return generation->maps.fd[map] >= 0 &&
	       generation->maps.fd[map] != generation->instance->maps.fd[map];
}

void generation_close(struct generation *generation)
{
	for (int i = 0; i < MAP_COUNT; i++)
		if (generation->instance && map_is_own(generation, i))
			close(generation->maps.fd[i]);
	cleanup_fd(&generation->program);
	free(generation->taken);
	*generation = (struct generation)GENERATION_CLOSED;
}

static bool is_of_lists(enum map map)
{
	return map == MAP_LISTS || map == MAP_HOSTS || map == MAP_PREFIX4 ||
	       map == MAP_PREFIX6;
}

int generation_build(struct instance *instance,
		     const struct filter_settings *settings, bool own_lists,
		     struct generation *generation)
{
	struct filter_settings numbered = *settings;

	*generation = (struct generation)GENERATION_CLOSED;
	generation->instance = instance;
	generation->number = instance->record.newest + 1;
	for (int i = 0; i < MAP_COUNT; i++)
		if (map_kinds[i].lifetime == MAP_INSTANCE ||
		    (is_of_lists(i) && !own_lists))
			generation->maps.fd[i] = instance->maps.fd[i];
	if (own_lists) {
		generation->taken = calloc(1, WEIR_MAX_IDS / 8);
		if (!generation->taken)
			return fail(ENOMEM, "out of memory");
	}
	numbered.generation = generation->number;
	generation->program = filter_load(&generation->maps, &numbered);
	return generation->program < 0 ? generation->program : 0;
}

static void generation_clear(const struct instance *instance, __u32 number)
{
	char path[PATH_MAX];

	for (int i = 0; i < MAP_COUNT; i++) {
		if (map_kinds[i].lifetime != MAP_GENERATION)
			continue;
		map_path(instance, i, number, path);
		unlink(path);
	}
	generation_path(instance, number, "filter", path);
	unlink(path);
	generation_path(instance, number, "policy", path);
	unlink(path);
	generation_path(instance, number, "", path);
	rmdir(path);
}

void generations_clear(const struct instance *instance, __u32 but,
		       __u32 and_but)
{
	DIR *dir = opendir(instance->path);
	struct dirent *file;
	unsigned int number;

	while (dir && (file = readdir(dir)))
		if (sscanf(file->d_name, "gen_%u", &number) == 1 &&
		    number != but && number != and_but)
			generation_clear(instance, number);
	if (dir)
		closedir(dir);
}

static int policy_pin(const struct generation *generation,
		      const struct description *description)
{
	_fd_ int fd = description_make(description);
	char path[PATH_MAX];

	if (fd < 0)
		return fd;
	generation_path(generation->instance, generation->number, "policy",
			path);
	return pin(fd, path, 0640);
}

/* A killed command's pins are for the next one to clear. */
static int pinning_announce(struct instance *instance)
{
	if (instance->record_fd < 0)
		return 0; /* the first one: the record comes last */
	instance->record.untidy = 1;
	return instance_save(instance);
}

int generation_pin(struct generation *generation,
		   const struct description *description)
{
	const struct instance *instance = generation->instance;
	__u32 number = generation->number;
	char path[PATH_MAX];
	int err;

	generation_clear(instance, number); /* of a killed command */
	err = pinning_announce(generation->instance);
	generation_path(instance, number, "", path);
	if (!err)
		err = directory_make(path);
	for (int i = 0; !err && i < MAP_COUNT; i++) {
		if (map_kinds[i].lifetime != MAP_GENERATION)
			continue;
		map_path(instance, i, number, path);
		err = pin(generation->maps.fd[i], path, map_kinds[i].mode);
	}
	if (!err)
		err = policy_pin(generation, description);
	if (!err) {
		generation_path(instance, number, "filter", path);
		err = pin(generation->program, path, 0600);
	}
	if (err)
		generation_clear(instance, number);
	return err;
}

/* The instance owns now what was the generation's, and the other way round. */
void generation_adopt(struct generation *generation)
{
	struct instance *instance = generation->instance;
	int fd;

	for (int i = 0; i < MAP_COUNT; i++) {
		fd = instance->maps.fd[i];
		instance->maps.fd[i] = generation->maps.fd[i];
		generation->maps.fd[i] = fd;
	}
	instance->record.generation = generation->number;
	instance->record.program_id = program_id(generation->program);
	if (instance->record.newest < generation->number)
		instance->record.newest = generation->number;
}

static int link_program(int link, unsigned int *program)
{
	struct bpf_link_info info = { 0 };
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(link, &info, &size))
		return -errno;
	*program = info.prog_id;
	return info.xdp.ifindex ? 0 : -ENODEV;
}

static int slot_link(const struct instance *instance, unsigned int slot)
{
	char path[PATH_MAX];
	int fd;

	instance_link_path(instance, slot, path);
	fd = bpf_obj_get(path);
	return fd < 0 && fd != -ENOENT ? pin_refused(path, fd) : fd;
}

static int link_refused(const struct instance *instance, unsigned int slot,
			int err, bool is_foreign)
{
	const char *name = instance->record.slot[slot].name;

	if (is_foreign)
		return fail(EBUSY,
			    "%s: somebody put another program behind weir's "
			    "link; fix: weir detach %s, weir attach %s",
			    name, name, name);
	return fail(err, "%s: cannot switch to the new policy: %s", name,
		    error_text(err));
}

/*
 * One interface.  A link whose interface went has nothing to switch; one that
 * holds 'to' already is done.
 */
static int link_switch(const struct instance *instance, unsigned int slot,
		       int from, int to)
{
	LIBBPF_OPTS(bpf_link_update_opts, opts, .flags = BPF_F_REPLACE,
		    .old_prog_fd = from);
	_fd_ int link = slot_link(instance, slot);
	unsigned int now;
	int err;

	if (link < 0)
		return link == -ENOENT ? 0 : link;
	err = link_program(link, &now);
	if (err || now == program_id(to))
		return 0;
	if (!bpf_link_update(link, to, &opts))
		return 0;
	err = errno;
	if (link_program(link, &now))
		return 0;
	return link_refused(instance, slot, err, now != program_id(from));
}

/* All interfaces, or with an error those up to the one that failed. */
static int links_switch(const struct instance *instance, int from, int to)
{
	int err = 0;

	for (unsigned int slot = 1; !err && slot < WEIR_MAX_INTERFACES; slot++)
		err = link_switch(instance, slot, from, to);
	return err;
}

/*
 * Whatever holds 'from', also behind one that fails.  A link with a program
 * that is neither is somebody else's business by now.
 */
static int links_return(const struct instance *instance, int from, int to)
{
	unsigned int now, ours = program_id(from);
	int err = 0, failed;

	for (unsigned int slot = 1; slot < WEIR_MAX_INTERFACES; slot++) {
		_fd_ int link = slot_link(instance, slot);

		if (link < 0 || link_program(link, &now) || now != ours)
			continue;
		failed = link_switch(instance, slot, from, to);
		if (failed)
			err = failed;
	}
	return err;
}

/* A program past its deadline observes, whoever died; 0: it has none. */
static int deadline_set(const struct instance *instance, __u32 generation,
			__u64 until_ns)
{
	struct weir_runtime *runtime;

	runtime = map_see(instance->maps.fd[MAP_RUNTIME], sizeof(*runtime));
	if (!runtime)
		return -EACCES;
	__atomic_store_n(&runtime->unconfirmed, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&runtime->confirm_until_ns, until_ns,
			 __ATOMIC_SEQ_CST);
	__atomic_store_n(&runtime->unconfirmed, until_ns ? generation : 0,
			 __ATOMIC_SEQ_CST);
	map_unsee(runtime, sizeof(*runtime));
	return 0;
}

static int deadline_restore(const struct instance *instance)
{
	return deadline_set(instance, instance->record.generation,
			    instance->record.confirm_until_ns);
}

static int switch_announce(struct instance *instance, __u32 number, int program)
{
	instance->record.next = number;
	instance->record.next_program_id = program_id(program);
	if (instance->record.newest < number)
		instance->record.newest = number;
	return instance_save(instance);
}

static int switch_is_off(struct instance *instance)
{
	instance->record.next = 0;
	instance->record.next_program_id = 0;
	return instance_save(instance);
}

static int lists_open(const struct instance *instance, __u32 number,
		      struct maps *maps)
{
	char path[PATH_MAX];

	for (int i = MAP_PREFIX4; i <= MAP_PREFIX6; i++) {
		map_path(instance, i, number, path);
		maps->fd[i] = pin_open(path, false);
		if (maps->fd[i] < 0)
			return pin_refused(path, maps->fd[i]);
	}
	return 0;
}

/* Ids are counted from what is listed, so that a lost count is found again. */
static int ids_recount(const struct instance *instance)
{
	struct maps before = MAPS_CLOSED;
	_free_ struct weir_ids *ids = NULL;
	int err;

	/* Who froze it stops all edits of lists, which status says; not us. */
	if (map_is_frozen(instance->maps.fd[MAP_ENTRY_IDS]))
		return 0;
	ids = calloc(1, sizeof(*ids));
	if (!ids)
		return fail(ENOMEM, "out of memory");
	err = lists_ids(&instance->maps, ids->word);
	if (!err && instance->record.previous)
		err = lists_open(instance, instance->record.previous, &before);
	if (!err && instance->record.previous)
		err = lists_ids(&before, ids->kept);
	maps_close(&before);
	if (!err && bpf_map_update_elem(instance->maps.fd[MAP_ENTRY_IDS],
					&(__u32){ 0 }, ids, BPF_ANY))
		err = map_refused(instance->maps.fd[MAP_ENTRY_IDS],
				  "count the entries");
	return err;
}

/* What a switch leaves to do once the new generation is live. */
static int switch_tidy(struct instance *instance)
{
	int err;

	generations_clear(instance, instance->record.generation,
			  instance->record.previous);
	err = ids_recount(instance);
	if (err)
		return err;
	instance->record.untidy = 0;
	return instance_save(instance);
}

/*
 * From here a packet sees the one or the other; the store of the record that
 * says so decides which one a later command finds.
 */
static int switch_links(struct generation *generation, int from,
			__u32 previous, __u64 confirm_until_ns)
{
	struct instance *instance = generation->instance;
	struct weir_record *record = &instance->record;
	const struct weir_record before = *record;
	int err;

	err = links_switch(instance, from, generation->program);
	if (!err) {
		record->generation = generation->number;
		record->program_id = record->next_program_id;
		record->previous = previous;
		record->next = record->next_program_id = 0;
		record->untidy = 1;
		record->applied_s = time(NULL);
		record->confirm_until_ns = confirm_until_ns;
		err = instance_save(instance);
	}
	if (!err)
		return 0;
	*record = before;
	links_return(instance, generation->program, from);
	return err;
}

static int generation_go(struct generation *generation, __u32 previous,
			 __u64 confirm_until_ns)
{
	struct instance *instance = generation->instance;
	_fd_ int from = instance_program(instance);
	int err;

	if (from < 0)
		return from;
	err = switch_announce(instance, generation->number,
			      generation->program);
	if (err)
		return err;
	err = deadline_set(instance, generation->number, confirm_until_ns);
	if (!err)
		err = switch_links(generation, from, previous,
				   confirm_until_ns);
	if (err) {
		deadline_restore(instance);
		switch_is_off(instance);
		return err;
	}
	generation_adopt(generation);
	switch_tidy(instance); /* or whoever comes next, by the record */
	return 0;
}

int generation_switch(struct generation *generation, __u64 confirm_until_ns)
{
	struct instance *instance = generation->instance;
	int err = generation_go(generation, instance->record.generation,
				confirm_until_ns);

	if (err)
		switch_tidy(instance);
	return err;
}

/* Open a pinned generation.  Returns 0, or -errno after a line on stderr. */
static int generation_open(struct instance *instance, __u32 number,
			   struct generation *generation)
{
	char path[PATH_MAX];

	*generation = (struct generation)GENERATION_CLOSED;
	generation->instance = instance;
	generation->number = number;
	for (int i = 0; i < MAP_COUNT; i++) {
		if (map_kinds[i].lifetime == MAP_INSTANCE) {
			generation->maps.fd[i] = instance->maps.fd[i];
			continue;
		}
		map_path(instance, i, number, path);
		generation->maps.fd[i] = pin_open(path, true);
		if (generation->maps.fd[i] < 0)
			return pin_refused(path, generation->maps.fd[i]);
		if (map_check(i, generation->maps.fd[i]))
			return fail(EPROTO, "%s: not a map of this version",
				    path);
	}
	generation_path(instance, number, "filter", path);
	generation->program = bpf_obj_get(path);
	return generation->program < 0 ?
		       pin_refused(path, generation->program) :
		       0;
}

/* Run-time entries follow into the lists of the generation before. */
static int lists_follow(struct generation *generation)
{
	_cleanup_(lists_abort) struct list_edit edit = { 0 };
	const struct instance *instance = generation->instance;
	int err;

	if (map_id(generation->maps.fd[MAP_LISTS]) ==
	    map_id(instance->maps.fd[MAP_LISTS]))
		return 0;
	err = lists_begin_beside(&generation->maps, &instance->maps, NULL,
				 &edit);
	if (!err)
		err = lists_carry(&edit, instance->record.applied_s);
	if (err < 0)
		return err;
	lists_commit(&edit);
	return 0;
}

static bool is_overdue(const struct weir_record *record)
{
	return record->confirm_until_ns &&
	       clock_ns(CLOCK_MONOTONIC) >= record->confirm_until_ns;
}

int generation_return(struct instance *instance)
{
	_cleanup_(generation_close) struct generation before =
		GENERATION_CLOSED;
	const struct weir_record *record = &instance->record;
	bool unconfirmed = record->confirm_until_ns;
	int err;

	if (!record->previous)
		return fail(ENOENT,
			    "there is no generation before %u to return to",
			    record->generation);
	err = generation_open(instance, record->previous, &before);
	if (err)
		return err;
	/* Going back in time matters more than what was added meanwhile. */
	err = lists_follow(&before);
	if (err && !is_overdue(record))
		return err;
	return generation_go(&before, unconfirmed ? 0 : record->generation, 0);
}

int generation_describe(const struct instance *instance, __u32 number,
			struct description *description)
{
	char path[PATH_MAX];
	_fd_ int fd = -1;

	generation_path(instance, number, "policy", path);
	fd = pin_open(path, false);
	return fd < 0 ? pin_refused(path, fd) :
			description_read(fd, path, description);
}

int generations_describe(const struct instance *instance,
			 struct description *live, struct description *before)
{
	const struct weir_record *record = &instance->record;
	int err = 0;

	if (record->generation)
		err = generation_describe(instance, record->generation, live);
	if (!err && record->previous)
		err = generation_describe(instance, record->previous, before);
	return err;
}

int generation_confirm(struct instance *instance)
{
	int err;

	if (!instance->record.confirm_until_ns)
		return -ENOENT;
	err = deadline_set(instance, 0, 0);
	if (err)
		return err;
	instance->record.confirm_until_ns = 0;
	return instance_save(instance);
}

long long confirm_left(const struct instance *instance)
{
	__u64 now = clock_ns(CLOCK_MONOTONIC);
	__u64 until = instance->record.confirm_until_ns;

	if (!until)
		return 0;
	return until > now ? (until - now + NS_PER_S - 1) / NS_PER_S : 1;
}

bool generations_are_settled(const struct instance *instance)
{
	const struct weir_record *record = &instance->record;

	return !record->next && !record->untidy && !is_overdue(record);
}

/* A switch was killed before it was complete: every link back. */
static int switch_undo(struct instance *instance)
{
	_cleanup_(generation_close) struct generation next = GENERATION_CLOSED;
	_fd_ int live = instance_program(instance);
	int err;

	if (live < 0)
		return live;
	err = generation_open(instance, instance->record.next, &next);
	if (!err)
		err = links_return(instance, next.program, live);
	if (!err)
		err = deadline_restore(instance);
	if (err)
		return err;
	instance->record.untidy = 1;
	return switch_is_off(instance);
}

static int overdue_return(struct instance *instance)
{
	__u32 number = instance->record.generation;
	int err = generation_return(instance);

	if (err)
		return err;
	note("generation %u was not confirmed in time; generation %u is live "
	     "again",
	     number, instance->record.generation);
	journal(instance->name,
		"generation %u was not confirmed in time: back to %u", number,
		instance->record.generation);
	return 0;
}

int generations_settle(struct instance *instance)
{
	int err = instance->record.next ? switch_undo(instance) : 0;

	if (!err && instance->record.untidy)
		err = switch_tidy(instance);
	if (!err && is_overdue(&instance->record))
		err = overdue_return(instance);
	return err;
}
