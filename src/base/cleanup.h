/* SPDX-License-Identifier: GPL-2.0-only */
/* Variables that free what they own when their block ends. */
#ifndef WEIR_CLEANUP_H
#define WEIR_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_file(FILE **f)
{
	if (*f)
		fclose(*f);
}

#define _free_ _cleanup_(cleanup_free)
#define _fd_ _cleanup_(cleanup_fd)
#define _file_ _cleanup_(cleanup_file)

/* Hand what a cleanup variable owns to the caller. */
#define take_fd(fd)			\
	({				\
		int fd_ = (fd);		\
		(fd) = -1;		\
		fd_;			\
	})

#define take_ptr(p)			\
	({				\
		__typeof__(p) p_ = (p);	\
		(p) = NULL;		\
		p_;			\
	})

#endif
