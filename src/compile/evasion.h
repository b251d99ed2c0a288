/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a sender gets past an expression: by wrapping what it matches in
 * something that it does not look behind.
 */
#ifndef WEIR_EVASION_H
#define WEIR_EVASION_H

#include "compile/classic.h"

enum evasion {
	EVADED_BY_TAG = 1,		/* a VLAN tag */
	EVADED_BY_TAGS = 2,		/* two of them, but not one */
	EVADED_BY_HEADER = 4,		/* an IPv6 extension header */
	EVADED_BY_FRAGMENT4 = 8,	/* a later fragment of IPv4 */
	EVADED_BY_FRAGMENT6 = 16,	/* the same of IPv6 */
};

/* Rules that drop too, the one in question among them or not. */
struct droppers {
	const struct cbpf *programs;
	size_t count;
};

/*
 * The evasions of a checked program, as bits.  Each is backed by a packet that
 * the program matches and its disguise that neither it nor another dropper
 * does: there is no false one.  Pure.
 */
unsigned int rule_evasions(const struct cbpf *program,
			   const struct droppers *others);

#endif
