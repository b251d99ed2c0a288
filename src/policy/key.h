/* SPDX-License-Identifier: GPL-2.0-only */
/* What a limit is kept per: "src", "dst/24,dport", "src/24,src/48". */
#ifndef WEIR_KEY_H
#define WEIR_KEY_H

#include <stddef.h>

#include "policy/policy.h"

#define KEY_TEXT 64

/* Bare src or dst: a host of IPv4, and what one customer has of IPv6. */
#define KEY_BARE4 32
#define KEY_BARE6 64

/*
 * Returns 0, or -EINVAL with *key untouched and why[] saying what is wrong, or
 * empty where there is no more to say than that it is none.
 */
int key_parse(const char *text, struct key *key, char *why, size_t size);

/* "" for one bucket. */
const char *key_format(const struct key *key, char text[KEY_TEXT]);

#endif
