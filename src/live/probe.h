/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A filter to be shown packets: a copy that shares the lists and has counters,
 * run-time settings and entry counters of its own.  Nothing of what it is shown
 * counts in the live ones, and a pause does not hide what comes after it.
 */
#ifndef WEIR_PROBE_H
#define WEIR_PROBE_H

#include "live/filter.h"
#include "live/lists.h"

struct copy {
	int program;
	struct maps maps;
	bool shared[MAP_COUNT];		/* which of its maps are not its own */
};

#define COPY_NONE { .program = -1, .maps = MAPS_CLOSED }

/*
 * Load one, over lists that are open for writing.  With an edit, the lists are
 * taken as they will be once it is committed, and 'lists_of' is the edit's.
 * Returns 0, or -errno after a line on stderr; the caller closes in both cases.
 */
int copy_open(const struct maps *lists_of, const struct list_edit *edit,
	      const struct filter_settings *settings, struct copy *copy);
void copy_close(struct copy *copy);

/* Bytes of a frame that this kernel can show to a program, least and most. */
#define FRAME_LEAST 14
size_t frame_most(void);

/*
 * Show a frame to a program whose counters are nobody else's.  Returns the
 * reason under which it was counted, or -errno after a line on stderr.
 */
int frame_try(int program, const struct maps *maps, const void *frame,
	      size_t size);

/*
 * The entry for which a frame was allowed or denied, by that reason.  Returns
 * 0, or -ENOENT without a word.
 */
int frame_entry(const struct maps *maps, const void *frame, size_t size,
		enum weir_reason reason, struct list_entry *entry);

#endif
