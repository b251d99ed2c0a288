// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "show/screen.h"

#define HOME "\033[H"
#define CLEAR_LINE "\033[K"
#define CLEAR_BELOW "\033[J"

bool screen_is_there(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb");
}

static unsigned int lines_count(const char *text)
{
	unsigned int lines = 0;

	while ((text = strchr(text, '\n'))) {
		lines++;
		text++;
	}
	return lines;
}

/* A line as long as the window is wide would leave the cursor behind it. */
static const char *line_print(const char *line, unsigned int columns, FILE *out)
{
	size_t length = strcspn(line, "\n");
	size_t fits = length < columns ? length : columns - 1;

	fprintf(out, "%.*s" CLEAR_LINE "\n", (int)fits, line);
	return line + length + 1;
}

void screen_compose(const char *text, unsigned int rows, unsigned int columns,
		    FILE *out)
{
	unsigned int lines = lines_count(text), shown = lines;
	char more[64];

	if (lines >= rows)
		shown = rows > 2 ? rows - 2 : 0;
	fputs(HOME, out);
	for (unsigned int i = 0; i < shown; i++)
		text = line_print(text, columns, out);
	if (shown < lines) {
		snprintf(more, sizeof(more),
			 "(%u more lines: the window is "
			 "too low)\n",
			 lines - shown);
		line_print(more, columns, out);
	}
	fputs(CLEAR_BELOW, out);
}

static struct winsize window(void)
{
	struct winsize size = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row ||
	    !size.ws_col)
		size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	return size;
}

/* In one write, so that nobody sees half a picture. */
static int write_all(const char *text, size_t size)
{
	ssize_t done;

	while (size) {
		done = write(STDOUT_FILENO, text, size);
		if (done < 0)
			return -errno;
		text += done;
		size -= done;
	}
	return 0;
}

int screen_draw(const char *text)
{
	struct winsize size = window();
	static bool drawn_before;
	_free_ char *frame = NULL;
	size_t length;
	FILE *out = open_memstream(&frame, &length);

	if (!out)
		return -errno;
	/* What the user had on the screen goes up, not away. */
	for (unsigned int i = 0; !drawn_before && i < size.ws_row; i++)
		fputc('\n', out);
	drawn_before = true;
	screen_compose(text, size.ws_row, size.ws_col, out);
	if (fclose(out))
		return -errno;
	return write_all(frame, length);
}
