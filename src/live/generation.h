/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A generation is one policy in the kernel: a program, its lists and what is
 * known about where it came from, pinned as weir/NAME/gen_N.  The next one is
 * built beside the live one, and each interface is switched by one update of
 * its link: a packet sees the one or the other.
 *
 * The record says how far a switch has come:
 *
 *	next		links may hold either program; a killed switch is taken
 *			back by whoever comes next
 *	untidy		the new one is live; what is left of older ones may lie
 *			about, and the entry ids are to be counted anew
 *
 * The generation before stays, for undo, with its lists and their ids.
 */
#ifndef WEIR_GENERATION_H
#define WEIR_GENERATION_H

#include "live/description.h"
#include "live/filter.h"
#include "live/instance.h"

struct generation {
	struct instance *instance;
	__u32 number;
	int program;
	struct maps maps;	/* those of the instance are borrowed from it */
	__u64 *taken;		/* ids of its lists; NULL if it shares the live ones */
};

#define GENERATION_CLOSED { .program = -1, .maps = MAPS_CLOSED }

/*
 * Load the next generation beside the live one, with empty lists of its own or
 * with those that are live.  The kernel has verified it when this returns 0;
 * -errno comes after a line on stderr.  instance->maps may all be closed: a
 * private copy then, never to be pinned unless by the first of an instance.
 */
int generation_build(struct instance *instance,
		     const struct filter_settings *settings, bool own_lists,
		     struct generation *generation);

/* Pin it.  Returns 0, or -errno after a line on stderr with nothing pinned. */
int generation_pin(struct generation *generation,
		   const struct description *description);

/*
 * Make a pinned generation live on every interface, or on none.  With
 * 'confirm_until_ns' of CLOCK_MONOTONIC it goes back by itself then, unless
 * generation_confirm() comes.  Returns 0, or -errno after a line on stderr with
 * everything as it was.
 */
int generation_switch(struct generation *generation, __u64 confirm_until_ns);

/* Take the maps of a generation that is the live one now. */
void generation_adopt(struct generation *generation);

void generation_close(struct generation *generation);

/*
 * Return to the generation before.  What was added by hand since, or has an
 * end, follows.  A generation that was not confirmed is removed.  Returns 0, or
 * -errno after a line on stderr.
 */
int generation_return(struct instance *instance);

/* What is known of a pinned generation.  Returns as description_read(). */
int generation_describe(const struct instance *instance, __u32 number,
			struct description *description);

/* What is live, and what undo returns to, where there is one.  As above. */
int generations_describe(const struct instance *instance,
			 struct description *live, struct description *before);

/* Returns 0, or -ENOENT without a word where nothing waits for it. */
int generation_confirm(struct instance *instance);

/* Seconds until an unconfirmed generation goes; 0: none is. */
long long confirm_left(const struct instance *instance);

/* Is no switch half done, and no deadline past? */
bool generations_are_settled(const struct instance *instance);
int generations_settle(struct instance *instance);

/* Remove the pins of all generations but two. */
void generations_clear(const struct instance *instance, __u32 but,
		       __u32 and_but);

#endif
