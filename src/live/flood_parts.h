/* SPDX-License-Identifier: GPL-2.0-only */
/* What the generator is made of: checks and frames, behind live/flood.h. */
#ifndef WEIR_FLOOD_PARTS_H
#define WEIR_FLOOD_PARTS_H

#include "live/device.h"
#include "live/flood.h"

/*
 * Refuse what is unsafe or impossible, replace every 0 that stands for
 * something, and describe the interface.  Returns 0, or -errno after a line.
 */
int flood_prepare(const struct flood *asked, struct flood *flood,
		  struct device *device);

/* The fewest bytes that a frame of this flood can have, without a tag. */
unsigned int flood_least_size(const struct flood *flood);

/*
 * Write the frame that all frames are made from, and their sums.  'frame' is
 * zeroed, and has room for flood->size and a tag.
 */
void flood_frame_build(const struct flood *flood, struct flood_plan *plan,
		       uint8_t *frame);

#endif
