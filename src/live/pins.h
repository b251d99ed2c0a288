/* SPDX-License-Identifier: GPL-2.0-only */
/* Where an instance's pins lie, whose they are, and making them. */
#ifndef WEIR_PINS_H
#define WEIR_PINS_H

#include <limits.h>

#include "live/instance.h"

/* weir/NAME/FILE, and weir/NAME/gen_N/FILE; FILE may be "". */
void pin_path(const struct instance *instance, const char *file,
	      char path[PATH_MAX]);
void generation_path(const struct instance *instance, unsigned int generation,
		     const char *file, char path[PATH_MAX]);

/* The pin of a map, in the generation that it belongs to if to any. */
void map_path(const struct instance *instance, enum map map,
	      unsigned int generation, char path[PATH_MAX]);

/* The next step, for an error of the bpffs: "; be root", or "". */
const char *pin_hint(int err);

/* Say why a pin could not be opened.  Returns err, which is negative. */
int pin_refused(const char *path, int err);

/* A directory of ours, for the group where there is one; it may be there. */
int directory_make(const char *path);

/* Pin what an fd stands for.  Returns 0, or -errno after a line on stderr. */
int pin(int fd, const char *path, unsigned int mode);

/* Mount the bpffs where it is missing, and let the group through its root. */
int bpffs_prepare(void);

#endif
