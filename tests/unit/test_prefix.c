// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/unit.h"

#define ROUNDS 100000

static const struct accepted {
	const char *name, *text;
	unsigned char family, len;
	const char *canonical; /* NULL: as it was written */
} accepted[] = {
	{ "an IPv4 address is read", "192.0.2.1", 4, 32, NULL },
	{ "the lowest IPv4 address is read", "0.0.0.0", 4, 32, NULL },
	{ "the highest IPv4 address is read", "255.255.255.255", 4, 32, NULL },
	{ "an IPv4 prefix is read", "192.0.2.0/24", 4, 24, NULL },
	{ "an IPv4 prefix that ends inside a byte is read", "10.64.0.0/10", 4,
	  10, NULL },
	{ "an IPv4 prefix of 31 bits is read", "192.0.2.2/31", 4, 31, NULL },
	{ "an IPv4 prefix of 32 bits is an address", "192.0.2.1/32", 4, 32,
	  "192.0.2.1" },
	{ "an IPv4 prefix of 1 bit is read", "128.0.0.0/1", 4, 1, NULL },
	{ "all of IPv4 is read", "0.0.0.0/0", 4, 0, NULL },
	{ "an IPv6 address is read", "2001:db8::1", 6, 128, NULL },
	{ "the IPv6 address of zeros is read", "::", 6, 128, NULL },
	{ "an IPv6 address written out is read", "2001:0db8:0:0:0:0:0:1", 6,
	  128, "2001:db8::1" },
	{ "an IPv6 address in capitals is read", "2001:DB8::ABCD", 6, 128,
	  "2001:db8::abcd" },
	{ "the highest IPv6 address is read",
	  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 6, 128, NULL },
	{ "an IPv4 address mapped into IPv6 is read", "::ffff:192.0.2.1", 6,
	  128, NULL },
	{ "the longest way to write an address is read",
	  "0000:0000:0000:0000:0000:ffff:255.255.255.255/128", 6, 128,
	  "::ffff:255.255.255.255" },
	{ "an IPv6 prefix is read", "2001:db8::/32", 6, 32, NULL },
	{ "an IPv6 prefix that ends inside a byte is read",
	  "2001:db8:8000::/33", 6, 33, NULL },
	{ "an IPv6 prefix of 64 bits is read", "2001:db8:0:1::/64", 6, 64,
	  NULL },
	{ "an IPv6 prefix of 65 bits is read", "2001:db8:0:0:8000::/65", 6, 65,
	  NULL },
	{ "an IPv6 prefix of 127 bits is read", "2001:db8::2/127", 6, 127,
	  NULL },
	{ "an IPv6 prefix of 128 bits is an address", "::1/128", 6, 128,
	  "::1" },
	{ "all of IPv6 is read", "::/0", 6, 0, NULL },
};

#define LEN4 "the length of an IPv4 prefix is 0 to 32"
#define LEN6 "the length of an IPv6 prefix is 0 to 128"
#define HOST(meant) "host bits are set; did you mean " meant "?"

static const struct refused {
	const char *name, *text, *why;
} refused[] = {
	{ "an empty word is refused", "", "" },
	{ "a blank is refused", " ", "" },
	{ "a host name is refused", "example.org", "" },
	{ "a word that starts like a number is refused", "80abc", "" },
	{ "a bare number is refused", "80", "" },
	{ "a number for an address is refused", "3221225985", "" },
	{ "a hexadecimal address is refused", "0xc0000201", "" },
	{ "half an IPv4 address is refused", "192.0", "" },
	{ "three quarters of an IPv4 address are refused", "1.2.3", "" },
	{ "three quarters and a dot are refused", "1.2.3.", "" },
	{ "a part missing in the middle is refused", "1..3.4", "" },
	{ "five parts are refused", "1.2.3.4.5", "" },
	{ "a dot too many is refused", "1.2.3.4.", "" },
	{ "a part over 255 is refused", "1.2.3.256", "" },
	{ "a negative part is refused", "1.2.3.-4", "" },
	{ "a signed part is refused", "1.2.3.+4", "" },
	{ "a leading zero, octal to some, is refused", "01.2.3.4", "" },
	{ "a hexadecimal part is refused", "0x1.2.3.4", "" },
	{ "letters behind an address are refused", "1.2.3.4x", "" },
	{ "a blank before an address is refused", " 1.2.3.4", "" },
	{ "a blank behind an address is refused", "1.2.3.4 ", "" },
	{ "a newline behind an address is refused", "1.2.3.4\n", "" },
	{ "an address with a port is refused", "1.2.3.4:80", "" },
	{ "a range is refused", "192.0.2.1-192.0.2.9", "" },
	{ "half an IPv6 address is refused", "2001:db8", "" },
	{ "seven groups are refused", "1:2:3:4:5:6:7", "" },
	{ "nine groups are refused", "1:2:3:4:5:6:7:8:9", "" },
	{ "two gaps are refused", "2001::db8::1", "" },
	{ "a gap of three colons is refused", "2001:::1", "" },
	{ "a colon alone is refused", ":", "" },
	{ "a group of five digits is refused", "2001:db8::12345", "" },
	{ "a letter beyond f is refused", "2001:db8::g", "" },
	{ "an IPv6 address in brackets is refused", "[2001:db8::1]", "" },
	{ "half an IPv4 address inside IPv6 is refused", "::ffff:1.2.3", "" },
	{ "a zone is refused", "fe80::1%eth0", "leave out the zone, '%eth0'" },
	{ "a zone by number is refused", "fe80::1%2",
	  "leave out the zone, '%2'" },
	{ "a zone on an IPv4 address is refused", "169.254.0.1%eth0",
	  "leave out the zone, '%eth0'" },
	{ "a slash alone is refused", "/", "" },
	{ "a length alone is refused", "/24", "" },
	{ "an empty length is refused", "1.2.3.4/", LEN4 },
	{ "an empty length is refused for IPv6 too", "::/", LEN6 },
	{ "a length of 33 is refused", "10.0.0.0/33", LEN4 },
	{ "a length of 128 is refused for IPv4", "10.0.0.0/128", LEN4 },
	{ "a length of 129 is refused", "2001:db8::/129", LEN6 },
	{ "a length of 999 is refused", "2001:db8::/999", LEN6 },
	{ "a length of four digits is refused", "10.0.0.0/1000", LEN4 },
	{ "a length beyond 32 bits is refused", "10.0.0.0/4294967304", LEN4 },
	{ "a length beyond 64 bits is refused", "10.0.0.0/18446744073709551624",
	  LEN4 },
	{ "a negative length is refused", "10.0.0.0/-8", LEN4 },
	{ "a signed length is refused", "10.0.0.0/+8", LEN4 },
	{ "a length after a blank is refused", "10.0.0.0/ 8", LEN4 },
	{ "a length before a blank is refused", "10.0.0.0/8 ", LEN4 },
	{ "a length in hexadecimal is refused", "10.0.0.0/0x8", LEN4 },
	{ "a length with a leading zero is refused", "1.2.3.4/024", LEN4 },
	{ "a length of two zeros is refused", "0.0.0.0/00", LEN4 },
	{ "a length with letters is refused", "10.0.0.0/8a", LEN4 },
	{ "two lengths are refused", "10.0.0.0/8/8", LEN4 },
	{ "a netmask is refused", "10.0.0.0/255.0.0.0", LEN4 },
	{ "host bits are refused", "10.0.0.1/8", HOST("10.0.0.0/8") },
	{ "one host bit at the border is refused", "10.128.0.0/8",
	  HOST("10.0.0.0/8") },
	{ "the last host bit is refused", "192.0.2.1/31",
	  HOST("192.0.2.0/31") },
	{ "host bits of /0 are refused", "192.0.2.1/0", HOST("0.0.0.0/0") },
	{ "IPv6 host bits are refused", "2001:db8::1/32",
	  HOST("2001:db8::/32") },
	{ "one IPv6 host bit at the border is refused", "2001:db8:8000::/32",
	  HOST("2001:db8::/32") },
	{ "the last IPv6 host bit is refused", "2001:db8::1/127",
	  HOST("2001:db8::/127") },
	{ "IPv6 host bits of /0 are refused", "::1/0", HOST("::/0") },
};

static void parses_to_its_canonical_form(void **state)
{
	const struct accepted *row = *state;
	char why[128], text[PREFIX_TEXT];
	struct prefix p;

	assert_int_equal(prefix_parse(row->text, &p, why, sizeof(why)), 0);
	assert_int_equal(p.family, row->family);
	assert_int_equal(p.len, row->len);
	assert_int_equal(prefix_bits(&p), row->family == 4 ? 32 : 128);
	assert_ptr_equal(prefix_format(&p, text), text);
	assert_string_equal(text, row->canonical ? row->canonical : row->text);
}

/* Refused for this reason, and *p untouched. */
static void assert_refused(const char *text, const char *reason)
{
	struct prefix p, before;
	char why[128];

	memset(&before, 0xa5, sizeof(before));
	memset(why, 'x', sizeof(why));
	p = before;
	assert_int_equal(prefix_parse(text, &p, why, sizeof(why)), -EINVAL);
	assert_memory_equal(&p, &before, sizeof(p));
	assert_non_null(memchr(why, '\0', sizeof(why)));
	if (reason)
		assert_string_equal(why, reason);
}

static void is_refused_and_nothing_changes(void **state)
{
	const struct refused *row = *state;

	assert_refused(row->text, row->why);
}

static const struct long_word {
	const char *name, *head, *fill, *tail;
	size_t times;
} long_words[] = {
	{ "45 digits are refused", "", "1", "", 45 },
	{ "46 digits are refused", "", "1", "", 46 },
	{ "47 digits are refused", "", "1", "", 47 },
	{ "a million digits are refused", "", "1", "", 1000000 },
	{ "a million dots are refused", "1", ".", "1", 1000000 },
	{ "a million colons are refused", "", ":", "", 1000000 },
	{ "a million zeros before an address are refused", "", "0", "1.2.3.4",
	  1000000 },
	{ "a length of a million digits is refused", "10.0.0.0/", "8", "",
	  1000000 },
	{ "a length after a million zeros is refused", "10.0.0.0/", "0", "8",
	  1000000 },
	{ "a zone of a million letters is refused", "fe80::1%", "e", "",
	  1000000 },
	{ "a zone that fills the reason is refused", "fe80::1%", "e", "", 37 },
	{ "a zone before a long length is refused", "::1%", "0", "/8", 200 },
	{ "a zone with a length longer than the reason is refused", "::1%e/",
	  "8", "", 1000 },
};

static void long_word_is_refused(void **state)
{
	const struct long_word *row = *state;
	size_t head = strlen(row->head), tail = strlen(row->tail);
	char *word = test_malloc(head + row->times + tail + 1);

	memcpy(word, row->head, head);
	memset(word + head, *row->fill, row->times);
	memcpy(word + head + row->times, row->tail, tail + 1);
	assert_refused(word, NULL);
	test_free(word);
}

static void a_reason_is_cut_to_the_room_there_is(void **state)
{
	struct prefix p;
	char why[9];

	(void)state;
	memset(why, 'x', sizeof(why));
	assert_int_equal(prefix_parse("10.0.0.1/8", &p, why, 8), -EINVAL);
	assert_string_equal(why, "host bi");
	assert_int_equal(why[8], 'x');
}

/* One byte more, before or behind: only digits can make another address. */
static void a_byte_more_is_refused(void **state)
{
	char text[32];

	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		snprintf(text, sizeof(text), "%c192.0.2.1", byte);
		assert_refused(text, NULL);
		if (byte >= '0' && byte <= '9')
			continue;
		snprintf(text, sizeof(text), "192.0.2.1%c", byte);
		assert_refused(text, NULL);
		snprintf(text, sizeof(text), "192.0.2.0/2%c", byte);
		assert_refused(text, NULL);
	}
}

/* The dumb reference: bits one by one, in an array. */
static int bit_of(const struct prefix *p, unsigned int bit)
{
	return p->addr[bit / 8] >> (7 - bit % 8) & 1;
}

static void bit_set(struct prefix *p, unsigned int bit, int value)
{
	p->addr[bit / 8] &= ~(1 << (7 - bit % 8));
	p->addr[bit / 8] |= value << (7 - bit % 8);
}

static bool dumb_covers(const struct prefix *a, const struct prefix *b)
{
	if (a->family != b->family || b->len < a->len)
		return false;
	for (unsigned int bit = 0; bit < a->len; bit++)
		if (bit_of(a, bit) != bit_of(b, bit))
			return false;
	return true;
}

static void dumb_mask(struct prefix *p)
{
	for (unsigned int bit = p->len; bit < prefix_bits(p); bit++)
		bit_set(p, bit, 0);
}

static int dumb_compare(const struct prefix *a, const struct prefix *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	for (unsigned int bit = 0; bit < prefix_bits(a); bit++)
		if (bit_of(a, bit) != bit_of(b, bit))
			return bit_of(a, bit) < bit_of(b, bit) ? -1 : 1;
	return a->len == b->len ? 0 : a->len < b->len ? -1 : 1;
}

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

/* Runs of zeros are common in addresses, and hard to print. */
static struct prefix random_unmasked(void)
{
	struct prefix p = { .family = random_one_in(2) ? 4 : 6 };

	for (unsigned int i = 0; i < prefix_bits(&p) / 8; i++)
		p.addr[i] = random_one_in(3) ? 0 : random_below(256);
	p.len = random_below(prefix_bits(&p) + 1);
	return p;
}

static struct prefix random_prefix(void)
{
	struct prefix p = random_unmasked();

	dumb_mask(&p);
	return p;
}

/* A relative, so that covering and being equal happen. */
static struct prefix random_near(const struct prefix *p)
{
	struct prefix near = *p;

	if (random_one_in(8))
		return random_prefix();
	near.len = random_below(prefix_bits(p) + 1);
	if (random_one_in(4))
		near.len = p->len;
	if (random_one_in(2))
		bit_set(&near, random_below(prefix_bits(p)), random_below(2));
	dumb_mask(&near);
	return near;
}

static void what_is_printed_parses_to_the_same(void **state)
{
	char text[PREFIX_TEXT], why[128];
	struct prefix p, back;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		p = random_prefix();
		prefix_format(&p, text);
		memset(&back, 0xff, sizeof(back));
		if (prefix_parse(text, &back, why, sizeof(why)))
			fail_msg("%s: refused: %s", text, why);
		assert_memory_equal(&back, &p, sizeof(p));
	}
}

static void masking_is_bit_by_bit(void **state)
{
	struct prefix p, dumb;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		p = random_unmasked();
		dumb = p;
		prefix_mask(&p);
		dumb_mask(&dumb);
		assert_memory_equal(&p, &dumb, sizeof(p));
	}
}

static void covering_is_bit_by_bit(void **state)
{
	struct prefix a, b;
	int hits = 0;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		a = random_prefix();
		b = random_near(&a);
		hits += dumb_covers(&a, &b);
		assert_int_equal(prefix_covers(&a, &b), dumb_covers(&a, &b));
		assert_int_equal(prefix_covers(&b, &a), dumb_covers(&b, &a));
	}
	assert_in_range(hits, ROUNDS / 10, ROUNDS * 9 / 10);
}

static void order_is_bit_by_bit(void **state)
{
	struct prefix a, b;
	int equal = 0;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		a = random_prefix();
		b = random_near(&a);
		equal += !dumb_compare(&a, &b);
		assert_int_equal(sign(prefix_compare(&a, &b)),
				 dumb_compare(&a, &b));
		assert_int_equal(sign(prefix_compare(&b, &a)),
				 -dumb_compare(&a, &b));
	}
	assert_in_range(equal, ROUNDS / 100, ROUNDS / 2);
}

/* Whatever is accepted prints to something that means the same. */
static void mangled_text_is_refused_or_understood(void **state)
{
	static const char bytes[] = "0123456789abcdefgxABCDEF.:/%- ";
	char text[PREFIX_TEXT + 8], again[PREFIX_TEXT], why[128];
	struct prefix p, back;
	int understood = 0;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		p = random_prefix();
		prefix_format(&p, text);
		for (unsigned int n = random_below(3); n < 3; n++)
			text[random_below(strlen(text))] =
				bytes[random_below(sizeof(bytes) - 1)];
		if (prefix_parse(text, &p, why, sizeof(why)))
			continue;
		understood++;
		prefix_format(&p, again);
		assert_int_equal(prefix_parse(again, &back, why, sizeof(why)),
				 0);
		assert_memory_equal(&back, &p, sizeof(p));
	}
	assert_in_range(understood, ROUNDS / 100, ROUNDS);
}

static const struct cover {
	const char *name, *a, *b;
	bool covers;
} covers[] = {
	{ "a prefix covers its first address", "192.0.2.0/24", "192.0.2.0",
	  true },
	{ "a prefix covers its last address", "192.0.2.0/24", "192.0.2.255",
	  true },
	{ "a prefix does not cover the address before", "192.0.2.0/24",
	  "192.0.1.255", false },
	{ "a prefix does not cover the address after", "192.0.2.0/24",
	  "192.0.3.0", false },
	{ "a prefix covers itself", "192.0.2.0/24", "192.0.2.0/24", true },
	{ "a prefix does not cover a wider one", "192.0.2.0/24", "192.0.2.0/23",
	  false },
	{ "a prefix covers a narrower one", "192.0.2.0/23", "192.0.2.0/24",
	  true },
	{ "an address covers itself", "192.0.2.1", "192.0.2.1", true },
	{ "an address does not cover its neighbour", "192.0.2.1", "192.0.2.0",
	  false },
	{ "all of IPv4 covers any address", "0.0.0.0/0", "192.0.2.1", true },
	{ "all of IPv4 does not cover IPv6", "0.0.0.0/0", "::1", false },
	{ "all of IPv6 covers any address", "::/0", "2001:db8::1", true },
	{ "all of IPv6 does not cover IPv4", "::/0", "192.0.2.1", false },
	{ "zeros of IPv6 are not zeros of IPv4", "::/8", "0.0.0.0/8", false },
	{ "an IPv6 prefix covers its last address", "2001:db8::/33",
	  "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff", true },
	{ "an IPv6 prefix does not cover the address after", "2001:db8::/33",
	  "2001:db8:8000::", false },
};

static void covers_what_it_should(void **state)
{
	const struct cover *row = *state;
	struct prefix a = prefix_from(row->a), b = prefix_from(row->b);

	assert_int_equal(prefix_covers(&a, &b), row->covers);
}

static int by_prefix(const void *a, const void *b)
{
	return prefix_compare(a, b);
}

static void listings_are_in_the_order_people_expect(void **state)
{
	static const char *const order[] = {
		"0.0.0.0/0",
		"9.0.0.0/8",
		"10.0.0.0/8",
		"10.0.0.0/9",
		"10.0.0.0",
		"10.0.0.1",
		"100.0.0.0/8",
		"192.0.2.0/24",
		"255.255.255.255",
		"::/0",
		"::",
		"::1",
		"2001:db8::/32",
		"2001:db8::/64",
		"2001:db8::1",
		"ffff::",
	};
	struct prefix prefixes[COUNT(order)];
	char text[PREFIX_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(order); i++)
		prefixes[i] = prefix_from(order[COUNT(order) - 1 - i]);
	qsort(prefixes, COUNT(prefixes), sizeof(*prefixes), by_prefix);
	for (size_t i = 0; i < COUNT(order); i++)
		assert_string_equal(prefix_format(&prefixes[i], text),
				    order[i]);
}

int main(void)
{
	UNIT_ADD_ROWS(accepted, parses_to_its_canonical_form);
	UNIT_ADD_ROWS(refused, is_refused_and_nothing_changes);
	UNIT_ADD_ROWS(long_words, long_word_is_refused);
	UNIT_ADD_ROWS(covers, covers_what_it_should);
	unit_add("a reason is cut to the room there is",
		 a_reason_is_cut_to_the_room_there_is, NULL);
	unit_add("one byte more is refused", a_byte_more_is_refused, NULL);
	unit_add("100,000 prefixes parse back from what is printed",
		 what_is_printed_parses_to_the_same, NULL);
	unit_add("100,000 mangled words are refused or understood",
		 mangled_text_is_refused_or_understood, NULL);
	unit_add("masking agrees with bits one by one", masking_is_bit_by_bit,
		 NULL);
	unit_add("covering agrees with bits one by one", covering_is_bit_by_bit,
		 NULL);
	unit_add("order agrees with bits one by one", order_is_bit_by_bit,
		 NULL);
	unit_add("listings are in the order people expect",
		 listings_are_in_the_order_people_expect, NULL);
	return unit_run("prefix");
}
