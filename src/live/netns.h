/* SPDX-License-Identifier: GPL-2.0-only */
/* Named network namespaces, kept where ip-netns(8) keeps its own. */
#ifndef WEIR_NETNS_H
#define WEIR_NETNS_H

#define NETNS_DIR "/run/netns"

/* Returns 0; -EEXIST without a word; or -errno after a line on stderr. */
int netns_make(const char *name);

/* Also what was half made.  Returns 0, or -errno after a line on stderr. */
int netns_remove(const char *name);

/* Returns an fd, or -errno without a word: -EINVAL for one half made. */
int netns_open(const char *name);

/* Go to a namespace.  Returns 0, or -errno after a line on stderr. */
int netns_enter(int netns);

/*
 * Go to a namespace until the variable that holds what is returned goes out of
 * scope: _cleanup_(netns_leave) int home = netns_visit(netns).  Returns an fd,
 * or -errno after a line on stderr.
 */
int netns_visit(int netns);
void netns_leave(int *home);

#endif
