// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/attach.h"
#include "live/kernel.h"
#include "live/slots.h"

static const unsigned int mode_flags[] = {
	[ATTACH_NATIVE] = XDP_FLAGS_DRV_MODE,
	[ATTACH_GENERIC] = XDP_FLAGS_SKB_MODE,
	[ATTACH_OFFLOAD] = XDP_FLAGS_HW_MODE,
};

static const char *const attach_names[] = {
	[ATTACH_NATIVE] = "native",
	[ATTACH_GENERIC] = "generic",
	[ATTACH_OFFLOAD] = "offload",
};

/* One interface on its way to be attached. */
struct attachment {
	struct interface interface;
	unsigned int slot;
	int displaced; /* program that was there before, or -1 */
};

struct attaching {
	struct instance *instance;
	int program;
	enum attach_mode mode;
	bool force;
	__u64 taken; /* slots */
	unsigned int count;
	struct attachment list[WEIR_MAX_INTERFACES];
};

/* The ifindex a slot's link is attached to; 0 if it is not, or is not there. */
static unsigned int link_ifindex(const struct instance *instance,
				 unsigned int slot)
{
	struct bpf_link_info info = { 0 };
	__u32 size = sizeof(info);
	char path[PATH_MAX];
	_fd_ int link = -1;

	instance_link_path(instance, slot, path);
	link = bpf_obj_get(path);
	if (link < 0 || bpf_obj_get_info_by_fd(link, &info, &size))
		return 0;
	return info.xdp.ifindex;
}

/* A killed switch leaves the live program, or the one that was to be. */
static bool program_is_ours(const struct instance *instance, unsigned int id)
{
	return id && (id == instance->record.program_id ||
		      id == instance->record.next_program_id);
}

enum slot_state slot_state(const struct instance *instance, unsigned int slot,
			   struct interface *interface)
{
	const struct weir_slot *known = &instance->record.slot[slot];

	if (!known->ifindex)
		return SLOT_FREE;
	if (known->detached_s)
		return SLOT_DETACHED;
	if (!instance_is_here(instance))
		return link_ifindex(instance, slot) ? SLOT_ELSEWHERE
						    : SLOT_GONE;
	if (!interface_by_index(known->ifindex, interface))
		return program_is_ours(instance, interface->program)
			       ? SLOT_ATTACHED
			       : SLOT_CUT;
	return link_ifindex(instance, slot) ? SLOT_MOVED : SLOT_GONE;
}

static bool link_holds(unsigned int id, const struct interface *on)
{
	_fd_ int link = bpf_link_get_fd_by_id(id);
	struct bpf_link_info info = { 0 };
	__u32 size = sizeof(info);

	return link >= 0 && !bpf_obj_get_info_by_fd(link, &info, &size) &&
	       info.type == BPF_LINK_TYPE_XDP && info.prog_id == on->program &&
	       info.xdp.ifindex == on->ifindex;
}

/*
 * The link that holds the program on an interface.  An ifindex alone is no
 * proof, since other namespaces have the same; nor are two links that hold the
 * same program there.  Returns 0 with *found, 0 where netlink holds it, or
 * -errno after a line.
 */
static int link_on(const struct interface *on, unsigned int *found)
{
	__u32 id = 0;

	*found = 0;
	while (!bpf_link_get_next_id(id, &id)) {
		if (!link_holds(id, on))
			continue;
		if (*found)
			return fail(EBUSY,
				    "%s: cannot tell which link holds program "
				    "%u, %u or %u: bpftool link detach id N",
				    on->name, on->program, *found, id);
		*found = id;
	}
	return 0;
}

/*
 * Take a foreign program off.  One that a bpf_link holds can be put back only
 * by netlink: its link stays behind, detached.
 */
static int foreign_displace(struct attachment *a)
{
	const struct interface *on = &a->interface;
	unsigned int flags =
		on->generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
	unsigned int id;
	int err = link_on(on, &id);

	if (err)
		return err;
	a->displaced = bpf_prog_get_fd_by_id(on->program);
	if (a->displaced < 0)
		return fail(errno, "%s: cannot hold program %u: %s", on->name,
			    on->program, error_text(errno));
	if (id) {
		_fd_ int link = bpf_link_get_fd_by_id(id);

		err = link < 0 ? link : bpf_link_detach(link);
	} else {
		err = bpf_xdp_detach(on->ifindex, flags, NULL);
	}
	if (!err)
		return 0;
	cleanup_fd(&a->displaced);
	a->displaced = -1;
	return fail(-err, "%s: cannot remove program %u: %s", on->name,
		    on->program, error_text(err));
}

static void foreign_restore(struct attachment *a)
{
	const struct interface *on = &a->interface;
	unsigned int flags =
		on->generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;

	if (a->displaced < 0)
		return;
	if (bpf_xdp_attach(on->ifindex, a->displaced, flags, NULL))
		fail(errno, "%s: cannot put program %u back: %s", on->name,
		     on->program, error_text(errno));
	else
		note("%s: program %u is back", on->name, on->program);
}

/* Refuse what is not ours, or with force make room for us. */
static int foreign_settle(struct attaching *all, struct attachment *a)
{
	const struct interface *on = &a->interface;
	char name[BPF_OBJ_NAME_LEN];

	if (!on->program)
		return 0;
	program_name(on->program, name);
	if (!all->force)
		return fail(EBUSY,
			    "%s: carries another program, '%s' (id %u); "
			    "--force replaces it",
			    on->name, name, on->program);
	note("%s: replacing program '%s' (id %u); nothing filters in between",
	     on->name, name, on->program);
	return foreign_displace(a);
}

/*
 * bpf(2) gives a bare number where netlink says why: ask again that way, and
 * should that succeed, take it off again.
 */
static int refused(const struct attaching *all, const struct interface *on,
		   int err)
{
	unsigned int flags = mode_flags[all->mode];
	const char *message;
	char advice[256];

	kernel_message();
	if (!bpf_xdp_attach(on->ifindex, all->program,
			    flags | XDP_FLAGS_UPDATE_IF_NOEXIST, NULL))
		bpf_xdp_detach(on->ifindex, flags, NULL);
	message = kernel_message();
	if (all->mode == ATTACH_OFFLOAD)
		snprintf(advice, sizeof(advice),
			 "this driver takes no program into the NIC: "
			 "leave out --mode offload");
	else
		attach_advice(on, err, message, advice, sizeof(advice));
	return fail(-err, "%s: %s mode was refused: %s%s%s%s; %s", on->name,
		    attach_names[all->mode], *message ? message : "",
		    *message ? " (" : "", error_text(err), *message ? ")" : "",
		    advice);
}

/* A row that counted for an interface of another name starts at zero. */
static int row_prepare(const struct attaching *all, const struct attachment *a)
{
	const struct weir_slot *was = &all->instance->record.slot[a->slot];

	if (!was->ifindex ||
	    !strncmp(was->name, a->interface.name, sizeof(was->name)))
		return 0;
	return slots_empty(&all->instance->maps, a->slot);
}

static int link_make(const struct attaching *all, const struct attachment *a)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = mode_flags[all->mode]);
	char path[PATH_MAX];
	_fd_ int link = -1;

	instance_unlink(all->instance, a->slot); /* a dead one */
	link = bpf_link_create(all->program, a->interface.ifindex, BPF_XDP,
			       &opts);
	if (link < 0)
		return refused(all, &a->interface, link);
	instance_link_path(all->instance, a->slot, path);
	if (bpf_obj_pin(link, path) || chmod(path, 0600))
		return fail(errno, "%s: cannot pin the link: %s", path,
			    error_text(errno));
	return 0;
}

static int attach_one(struct attaching *all, struct attachment *a)
{
	int err = row_prepare(all, a);

	if (!err)
		err = slots_learn(&all->instance->maps, a->slot,
				  a->interface.ifindex);
	if (!err)
		err = foreign_settle(all, a);
	return err ? err : link_make(all, a);
}

static void attach_undo(struct attaching *all, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		instance_unlink(all->instance, all->list[i].slot);
		slots_forget(&all->instance->maps, all->list[i].slot);
		foreign_restore(&all->list[i]);
	}
	all->instance->record.pending = 0;
	instance_save(all->instance);
}

static void attach_commit(struct attaching *all)
{
	struct weir_record *record = &all->instance->record;

	for (unsigned int i = 0; i < all->count; i++) {
		const struct attachment *a = &all->list[i];
		struct weir_slot *slot = &record->slot[a->slot];

		*slot = (struct weir_slot){
			.ifindex = a->interface.ifindex,
			.mode = all->mode == ATTACH_GENERIC ? WEIR_GENERIC
							    : WEIR_NATIVE,
			.attached_s = time(NULL),
		};
		memcpy(slot->name, a->interface.name, sizeof(slot->name));
	}
	record->pending = 0;
	record->settled = 1;
}

static bool is_planned(const struct attaching *all, unsigned int ifindex)
{
	for (unsigned int i = 0; i < all->count; i++)
		if (all->list[i].interface.ifindex == ifindex)
			return true;
	return false;
}

/* The kernel cannot change the mode of a link. */
static int same_mode(const struct attaching *all, const struct interface *on)
{
	if (on->generic != (all->mode == ATTACH_GENERIC))
		return fail(EBUSY,
			    "%s is attached already, in %s mode; to "
			    "change that: weir detach %s",
			    on->name, attach_names[on->generic], on->name);
	note("%s is attached already", on->name);
	return 0;
}

/* Which of the named interfaces are to be attached, and in which slots. */
static int attach_plan(struct attaching *all, char *const *names, size_t count)
{
	struct attachment *a;
	int err;

	for (size_t i = 0; i < count; i++) {
		a = &all->list[all->count];
		*a = (struct attachment){ .displaced = -1 };
		if (interface_by_name(names[i], &a->interface))
			return fail(ENODEV,
				    "no interface '%s' here; ip link "
				    "shows those there are",
				    names[i]);
		if (a->interface.program &&
		    a->interface.program == all->instance->record.program_id) {
			err = same_mode(all, &a->interface);
			if (err)
				return err;
			continue;
		}
		if (is_planned(all, a->interface.ifindex))
			continue;
		a->slot = slots_choose(&all->instance->record, all->taken,
				       a->interface.name);
		if (a->slot == WEIR_SLOT_OTHER)
			return fail(ENOSPC,
				    "%s: %u interfaces are the most "
				    "that an instance holds; use another "
				    "--instance",
				    names[i], WEIR_MAX_INTERFACES - 1);
		all->taken |= 1ULL << a->slot;
		all->instance->record.pending |= 1ULL << a->slot;
		all->count++;
	}
	return 0;
}

static __u64 slots_taken(const struct instance *instance)
{
	struct interface interface;
	enum slot_state state;
	__u64 taken = 0;

	for (unsigned int slot = 1; slot < WEIR_MAX_INTERFACES; slot++) {
		state = slot_state(instance, slot, &interface);
		if (slot_is_filtering(state))
			taken |= 1ULL << slot;
	}
	return taken;
}

/* A veth only gets queues; hardware is often set up anew. */
static bool may_flap(const struct attaching *all)
{
	for (unsigned int i = 0; i < all->count; i++)
		if (all->mode == ATTACH_NATIVE &&
		    strcmp(all->list[i].interface.driver, "veth"))
			return true;
	return false;
}

/* All or none, with what is under way on record for whoever comes after us. */
static int attach_all(struct attaching *all)
{
	int err = instance_save(all->instance);

	if (err)
		return err;
	if (may_flap(all))
		note("some drivers take the link down for seconds when their "
		     "first XDP program comes");
	for (unsigned int i = 0; i < all->count; i++) {
		err = attach_one(all, &all->list[i]);
		if (err) {
			attach_undo(all, i + 1);
			return err;
		}
	}
	attach_commit(all);
	err = instance_save(all->instance);
	if (err)
		attach_undo(all, all->count);
	return err;
}

int interfaces_attach(struct instance *instance, char *const *names,
		      size_t count, enum attach_mode mode, bool force)
{
	struct attaching all = { .instance = instance,
				 .mode = mode,
				 .force = force };
	_fd_ int program = -1;
	int err;

	if (!instance_is_here(instance))
		return fail(EXDEV,
			    "instance '%s' belongs to another network "
			    "namespace; choose another name with --instance",
			    instance->name);
	if (count >= WEIR_MAX_INTERFACES)
		return fail(ENOSPC, "at most %u interfaces at once",
			    WEIR_MAX_INTERFACES - 1);
	program = instance_program(instance);
	if (program < 0)
		return program;
	all.program = program;
	all.taken = slots_taken(instance);
	err = attach_plan(&all, names, count);
	if (!err)
		err = attach_all(&all);
	for (unsigned int i = 0; i < all.count; i++)
		cleanup_fd(&all.list[i].displaced);
	return err;
}

/* Does a name mean this slot: the interface that bears it, or one gone? */
static bool slot_is_named(const struct instance *instance, unsigned int slot,
			  const char *name, unsigned int ifindex)
{
	const struct weir_slot *known = &instance->record.slot[slot];
	struct interface now;

	if (!known->ifindex)
		return false;
	if (ifindex)
		return known->ifindex == ifindex;
	if (strncmp(known->name, name, sizeof(known->name)))
		return false;
	return !instance_is_here(instance) ||
	       interface_by_index(known->ifindex, &now);
}

/*
 * The attached slot that a name means.  Returns 0 with *found, 1 if it is not
 * attached, or -errno after a line.
 */
static int slot_by_name(const struct instance *instance, const char *name,
			unsigned int *found)
{
	unsigned int ifindex =
		instance_is_here(instance) ? if_nametoindex(name) : 0;
	bool known = ifindex;

	for (unsigned int slot = 1; slot < WEIR_MAX_INTERFACES; slot++) {
		if (!slot_is_named(instance, slot, name, ifindex))
			continue;
		known = true;
		if (instance->record.slot[slot].detached_s)
			continue;
		*found = slot;
		return 0;
	}
	if (known)
		return 1;
	return fail(ENODEV,
		    "no interface '%s' here; weir status shows those "
		    "that are attached",
		    name);
}

int interfaces_detach(struct instance *instance, char *const *names,
		      size_t count)
{
	unsigned int slot = WEIR_SLOT_OTHER;
	__u64 slots = 0;
	int err;

	for (size_t i = 0; i < count; i++) {
		err = slot_by_name(instance, names[i], &slot);
		if (err < 0)
			return err;
		if (err)
			note("%s is not attached", names[i]);
		else
			slots |= 1ULL << slot;
	}
	for (slot = 1; slot < WEIR_MAX_INTERFACES; slot++) {
		if (!(slots >> slot & 1))
			continue;
		instance_unlink(instance, slot);
		slots_forget(&instance->maps, slot);
		instance->record.slot[slot].detached_s = time(NULL);
	}
	return instance_save(instance);
}
