// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/prefix.h"

unsigned int prefix_bits(const struct prefix *p)
{
	return p->family == 4 ? 32 : 128;
}

void prefix_mask(struct prefix *p)
{
	unsigned int bits = prefix_bits(p);

	for (unsigned int bit = p->len; bit < bits; bit++)
		p->addr[bit / 8] &= ~(0x80 >> bit % 8);
}

bool prefix_covers(const struct prefix *a, const struct prefix *b)
{
	struct prefix wide = *b;

	if (a->family != b->family || a->len > b->len)
		return false;
	wide.len = a->len;
	prefix_mask(&wide);
	return !memcmp(a->addr, wide.addr, sizeof(a->addr));
}

int prefix_compare(const struct prefix *a, const struct prefix *b)
{
	int order;

	if (a->family != b->family)
		return a->family - b->family;
	order = memcmp(a->addr, b->addr, sizeof(a->addr));
	return order ? order : a->len - b->len;
}

const char *prefix_format(const struct prefix *p, char text[PREFIX_TEXT])
{
	int family = p->family == 4 ? AF_INET : AF_INET6;
	size_t used;

	inet_ntop(family, p->addr, text, PREFIX_TEXT);
	if (p->len < prefix_bits(p)) {
		used = strlen(text);
		snprintf(text + used, PREFIX_TEXT - used, "/%u", p->len);
	}
	return text;
}

/* The address itself: inet_pton refuses names, zones and leading zeros. */
static int address_read(const char *text, struct prefix *p)
{
	if (inet_pton(AF_INET, text, p->addr) == 1)
		p->family = 4;
	else if (inet_pton(AF_INET6, text, p->addr) == 1)
		p->family = 6;
	else
		return -EINVAL;
	p->len = prefix_bits(p);
	return 0;
}

/* At most three digits, no sign, no leading zero. */
static int length_parse(const char *text, unsigned int most, unsigned char *len)
{
	unsigned int value = 0;
	size_t digits = strspn(text, "0123456789");

	if (!digits || digits > 3 || text[digits] ||
	    (text[0] == '0' && digits > 1))
		return -EINVAL;
	for (size_t i = 0; i < digits; i++)
		value = value * 10 + (text[i] - '0');
	if (value > most)
		return -EINVAL;
	*len = value;
	return 0;
}

int prefix_parse(const char *text, struct prefix *p, char *why, size_t size)
{
	char address[INET6_ADDRSTRLEN], meant[PREFIX_TEXT];
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	struct prefix read = { 0 }, masked;

	if (!length || length >= sizeof(address)) {
		*why = '\0';
		return -EINVAL;
	}
	memcpy(address, text, length);
	address[length] = '\0';
	if (memchr(text, '%', length)) {
		snprintf(why, size, "leave out the zone, '%s'",
			 strchr(text, '%'));
		return -EINVAL;
	}
	if (address_read(address, &read)) {
		*why = '\0';
		return -EINVAL;
	}
	if (slash && length_parse(slash + 1, prefix_bits(&read), &read.len)) {
		snprintf(why, size, "the length of an IPv%u prefix is 0 to %u",
			 read.family, prefix_bits(&read));
		return -EINVAL;
	}
	masked = read;
	prefix_mask(&masked);
	if (memcmp(&masked, &read, sizeof(read))) {
		snprintf(why, size, "host bits are set; did you mean %s?",
			 prefix_format(&masked, meant));
		return -EINVAL;
	}
	*p = read;
	return 0;
}

unsigned __int128 address_number(const struct prefix *address)
{
	unsigned __int128 number = 0;

	for (unsigned int i = 0; i < prefix_bits(address) / 8; i++)
		number = number << 8 | address->addr[i];
	return number;
}

void address_set(struct prefix *address, unsigned __int128 number)
{
	for (unsigned int i = prefix_bits(address) / 8; i--; number >>= 8)
		address->addr[i] = number;
}

unsigned int range_next(unsigned __int128 *first, unsigned __int128 last,
			unsigned int bits, bool *left)
{
	unsigned __int128 block = 0; /* its size, less one */
	unsigned int len = bits;

	while (len) {
		unsigned __int128 wider = block << 1 | 1;

		if (*first & wider || *first + wider > last ||
		    *first + wider < *first)
			break;
		block = wider;
		len--;
	}
	*left = *first + block != last;
	*first += block + 1;
	return len;
}
