/* SPDX-License-Identifier: GPL-2.0-only */
/* An address and the number of its leading bits that count. */
#ifndef WEIR_PREFIX_H
#define WEIR_PREFIX_H

#include <netinet/in.h>
#include <stdbool.h>

#define PREFIX_TEXT (INET6_ADDRSTRLEN + sizeof("/128"))

struct prefix {
	unsigned char family;	/* 4 or 6 */
	unsigned char len;	/* bits: 0 to 32, or 0 to 128 */
	unsigned char addr[16];	/* network byte order; IPv4 in the first four */
};

/* Bits in an address of the prefix's family: 32 or 128. */
unsigned int prefix_bits(const struct prefix *p);

/*
 * Read "192.0.2.1", "192.0.2.0/24", "2001:db8::1" or "2001:db8::/32".
 * Returns 0, or -EINVAL with *p untouched and why[] saying what is wrong, or
 * empty where there is no more to say than that it is neither.  Host names,
 * zones (fe80::1%eth0), leading zeros and host bits beyond the length are
 * refused.
 */
int prefix_parse(const char *text, struct prefix *p, char *why, size_t size);

/* Write the canonical form; a full-length prefix is printed as an address. */
const char *prefix_format(const struct prefix *p, char text[PREFIX_TEXT]);

/* Set the bits beyond the length to zero. */
void prefix_mask(struct prefix *p);

/* Does a cover all addresses of b? */
bool prefix_covers(const struct prefix *a, const struct prefix *b);

/*
 * A range of integers of 'bits' bits as prefixes, one a call: the longest
 * aligned block at *first that does not go beyond 'last'.  Returns its length
 * and moves *first behind it; *left becomes false with the last block.
 */
unsigned int range_next(unsigned __int128 *first, unsigned __int128 last,
			unsigned int bits, bool *left);

/* An address as a number, and back. */
unsigned __int128 address_number(const struct prefix *address);
void address_set(struct prefix *address, unsigned __int128 number);

/* Order for listings: IPv4 first, by address, shorter prefix first. */
int prefix_compare(const struct prefix *a, const struct prefix *b);

#endif
