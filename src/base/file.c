// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

int file_read(int fd, char **text, size_t *size)
{
	_free_ char *read_text = NULL;
	size_t used = 0, room = 0;
	ssize_t got = 1;
	char *grown;

	while (got) {
		if (used + 1 >= room) {
			room = room ? room * 2 : 65536;
			grown = realloc(read_text, room);
			if (!grown)
				return -ENOMEM;
			read_text = grown;
		}
		got = read(fd, read_text + used, room - used - 1);
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got > 0)
			used += got;
		if (used > FILE_MOST)
			return -EFBIG;
	}
	read_text[used] = '\0';
	*text = take_ptr(read_text);
	*size = used;
	return 0;
}
