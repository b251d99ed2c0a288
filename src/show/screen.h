/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A text that is drawn over its predecessor.  No other screen, no hidden
 * cursor: a process that is killed leaves the terminal as it should be.
 */
#ifndef WEIR_SCREEN_H
#define WEIR_SCREEN_H

#include <stdbool.h>
#include <stdio.h>

/* Is the standard output a terminal that can be drawn on? */
bool screen_is_there(void);

/*
 * What is to be sent for a text of whole lines, cut to a window; a last line
 * says how many did not fit.
 */
void screen_compose(const char *text, unsigned int rows, unsigned int columns,
		    FILE *out);

/* Draw on the standard output, at once.  Returns 0, or -errno. */
int screen_draw(const char *text);

#endif
