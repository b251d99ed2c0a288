// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which entry decides: every prefix length, every state of an edit, and many
 * random prefixes against a search through all of them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "datapath.h"

#define RANDOM_PREFIXES		2000	/* a family */
#define RANDOM_ADDRESSES	20000
#define SEED			20250611

static struct frame frame;

/* The first 'len' bits of an address, the rest zero. */
static struct prefix prefix_cut(const struct prefix *address, unsigned int len)
{
	struct prefix prefix = *address;

	prefix.len = len;
	prefix_mask(&prefix);
	return prefix;
}

static void bit_flip(struct prefix *address, unsigned int bit)
{
	address->addr[bit / 8] ^= 0x80 >> bit % 8;
}

/* Send UDP from an address; NO_ENTRY: nobody listed it. */
static void assert_found(const struct prefix *address, enum weir_list list,
			 uint32_t entry)
{
	enum weir_reason reason = list == WEIR_ALLOW ? WEIR_ALLOWED :
						       WEIR_DENIED;
	char text[PREFIX_TEXT];

	prefix_format(address, text);
	if (address->family == 4)
		frame_build(&frame, F(ETH(), IP4(.src = text), UDP()));
	else
		frame_build(&frame, F(ETH(), IP6(.src = text), UDP()));
	assert_judged(&frame, 0, entry == NO_ENTRY ? WEIR_PASSED : reason,
		      entry);
}

static int clear(void **state)
{
	(void)state;
	entries_clear();
	return 0;
}

/* One length of one family, as the test's state. */
struct length {
	const char *address;
	unsigned int len;
	char name[64];
};

/* A prefix covers its first and its last address and not the next one. */
static void test_length(void **state)
{
	const struct length *l = *state;
	const struct prefix address = prefix_of(l->address);
	const struct prefix prefix = prefix_cut(&address, l->len);
	struct prefix first = prefix, last = address, other;
	unsigned int bits = prefix_bits(&address);

	first.len = bits;
	for (unsigned int bit = l->len; bit < bits; bit++)
		last.addr[bit / 8] |= 0x80 >> bit % 8;
	for (int list = WEIR_ALLOW; list <= WEIR_DENY; list++) {
		uint32_t id = entry_put(list, &prefix, 1, WEIR_NEVER);

		assert_found(&first, list, id);
		assert_found(&address, list, id);
		assert_found(&last, list, id);
		for (unsigned int bit = 0; bit < l->len; bit++) {
			other = address;
			bit_flip(&other, bit);
			assert_found(&other, list, NO_ENTRY);
		}
		other = prefix_of(address.family == 4 ? "2001:db8::1" :
						      "192.0.2.1");
		assert_found(&other, list, NO_ENTRY);
		assert_all_counted();
		entries_clear();
	}
}

static int run_lengths(const char *group, const char *address)
{
	static struct length lengths[129];
	struct CMUnitTest tests[129];
	const struct prefix host = prefix_of(address);
	unsigned int count = prefix_bits(&host) + 1;

	for (unsigned int len = 0; len < count; len++) {
		lengths[len].address = address;
		lengths[len].len = len;
		snprintf(lengths[len].name, sizeof(lengths[len].name),
			 "a /%u covers its addresses and no other", len);
		tests[len] = (struct CMUnitTest){
			.name = lengths[len].name,
			.test_func = test_length,
			.teardown_func = clear,
			.initial_state = &lengths[len],
		};
	}
	return group_run(group, tests, count);
}

/* All lengths of one address; take away the longest, one after the other. */
static void test_nested(void **state)
{
	const struct prefix address = prefix_of(*state);
	unsigned int bits = prefix_bits(&address);
	struct prefix prefix;

	for (unsigned int len = 0; len <= bits; len++) {
		prefix = prefix_cut(&address, len);
		assert_int_equal(entry_put(WEIR_DENY, &prefix, 1, WEIR_NEVER),
				 len);
	}
	for (int len = bits; len >= 0; len--) {
		prefix = prefix_cut(&address, len);
		assert_found(&address, WEIR_DENY, len);
		entry_delete(WEIR_DENY, &prefix);
	}
	assert_found(&address, WEIR_DENY, NO_ENTRY);
	assert_all_counted();
}

static void test_allow_beats_deny(void **state)
{
	const struct prefix address = prefix_of(*state);
	unsigned int bits = prefix_bits(&address);
	uint32_t allow;

	for (unsigned int a = 0; a <= bits; a++) {
		const struct prefix allowed = prefix_cut(&address, a);

		for (unsigned int d = 0; d <= bits; d++) {
			const struct prefix denied = prefix_cut(&address, d);

			entry_put(WEIR_DENY, &denied, 1, WEIR_NEVER);
			allow = entry_put(WEIR_ALLOW, &allowed, 1, WEIR_NEVER);
			assert_found(&address, WEIR_ALLOW, allow);
			assert_all_counted();
			entries_clear();
		}
	}
}

static void test_same_prefix_on_both_lists(void **state)
{
	const struct prefix address = prefix_of(*state);
	uint32_t deny = entry_put(WEIR_DENY, &address, 1, WEIR_NEVER);
	uint32_t allow = entry_put(WEIR_ALLOW, &address, 1, WEIR_NEVER);

	assert_found(&address, WEIR_ALLOW, allow);
	entry_delete(WEIR_ALLOW, &address);
	assert_found(&address, WEIR_DENY, deny);
	assert_all_counted();
}

/* A host under a prefix of each edit number, while edit 5 is committed. */
static const struct {
	const char *what;
	uint64_t added, removed;
	bool counts;
} states[] = {
	{ "added by an edit before the last", 4, WEIR_NEVER, true },
	{ "added by the last edit", 5, WEIR_NEVER, true },
	{ "added by an edit that is not committed", 6, WEIR_NEVER, false },
	{ "added by an edit far from committed", 1ULL << 63, WEIR_NEVER,
	  false },
	{ "removed by the last edit", 1, 5, false },
	{ "removed by an edit before the last", 1, 4, false },
	{ "removed by an edit that is not committed", 1, 6, true },
	{ "added and removed by the last edit", 5, 5, false },
	{ "added and removed by the next edit", 6, 6, false },
};

#define STATES (sizeof(states) / sizeof(states[0]))

static void test_states(void **state)
{
	const struct prefix host = prefix_of(*state);
	const struct prefix net = prefix_cut(&host, prefix_bits(&host) - 8);
	uint32_t shorter, longer;

	for (int list = WEIR_ALLOW; list <= WEIR_DENY; list++) {
		for (size_t i = 0; i < STATES; i++) {
			edits_commit(5);
			longer = entry_put(list, &host, states[i].added,
					   states[i].removed);
			assert_found(&host, list, states[i].counts ?
							  longer : NO_ENTRY);
			shorter = entry_put(list, &net, 5, WEIR_NEVER);
			assert_found(&host, list, states[i].counts ?
							  longer : shorter);
			assert_all_counted();
			entries_clear();
		}
	}
}

static void test_one_commit(void **state)
{
	const struct prefix host = prefix_of(*state);
	const struct prefix net = prefix_cut(&host, prefix_bits(&host) - 8);
	uint32_t old = entry_put(WEIR_DENY, &net, 1, 2);
	uint32_t new = entry_put(WEIR_ALLOW, &host, 2, WEIR_NEVER);

	assert_found(&host, WEIR_DENY, old);
	edits_commit(2);
	assert_found(&host, WEIR_ALLOW, new);
	assert_all_counted();
}

static void test_lengths_without_entries(void **state)
{
	const struct prefix host = prefix_of(*state);
	struct prefix other = host;

	for (unsigned int len = 0; len <= prefix_bits(&host); len++) {
		const struct prefix prefix = prefix_cut(&host, len);

		entry_put(WEIR_DENY, &prefix, 1, WEIR_NEVER);
		entry_delete(WEIR_DENY, &prefix);
	}
	assert_found(&host, WEIR_DENY, NO_ENTRY);
	bit_flip(&other, 0);
	assert_found(&other, WEIR_DENY, NO_ENTRY);
}

/* Whoever may edit lists may write anything: no packet aborts for it. */
static void test_hostile_head(void **state)
{
	const struct prefix host = prefix_of(*state);
	int map = datapath.maps.fd[MAP_LISTS];
	struct weir_lists head;

	memset(&head, 0xff, sizeof(head));
	assert_int_equal(bpf_map_update_elem(map, &(int){ 0 }, &head, 0), 0);
	assert_found(&host, WEIR_DENY, NO_ENTRY);
	assert_all_counted();
}

static void test_hostile_entry(void **state)
{
	const struct prefix host = prefix_of(*state);
	struct weir_prefix4 key4 = { .list = WEIR_DENY, .len = 32 };
	struct weir_prefix6 key6 = { .list = WEIR_DENY, .len = 128 };
	struct weir_entry entry = { .removed = WEIR_NEVER };
	bool is_4 = host.family == 4;
	int map = datapath.maps.fd[is_4 ? MAP_PREFIX4 : MAP_PREFIX6];
	const void *key = is_4 ? (const void *)&key4 : &key6;

	memcpy(&key4.addr, host.addr, sizeof(key4.addr));
	memcpy(&key6.addr, host.addr, sizeof(key6.addr));
	entry_put(WEIR_DENY, &host, 1, WEIR_NEVER);
	for (uint32_t id = WEIR_MAX_IDS; id; id <<= 1) {
		entry.id = id;
		assert_int_equal(bpf_map_update_elem(map, key, &entry, 0), 0);
		assert_found(&host, WEIR_DENY, NO_ENTRY);
	}
	assert_all_counted();
}

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t random_next(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static uint64_t random_below(uint64_t *seed, uint64_t bound)
{
	return random_next(seed) % bound;
}

struct known {
	enum weir_list list;
	struct prefix prefix;
	uint32_t id;
};

/* Change some bits from a random place on: near enough to share prefixes. */
static void address_stray(struct prefix *address, uint64_t *seed)
{
	unsigned int bits = prefix_bits(address);
	unsigned int bit = random_below(seed, bits + 1);

	for (; bit < bits; bit++)
		if (random_next(seed) & 1)
			bit_flip(address, bit);
}

/* Any address, or one near a listed prefix. */
static struct prefix address_random(unsigned int family, uint64_t *seed,
				    const struct known *known, size_t count)
{
	struct prefix address = { .family = family };

	if (count && random_below(seed, 16))
		address = known[random_below(seed, count)].prefix;
	else
		for (unsigned int i = 0; i < prefix_bits(&address) / 8; i++)
			address.addr[i] = random_next(seed);
	address.len = prefix_bits(&address);
	address_stray(&address, seed);
	return address;
}

/* The dumb way: look at all of them. */
static const struct known *known_find(const struct known *known, size_t count,
				      enum weir_list list,
				      const struct prefix *address)
{
	const struct known *best = NULL;

	for (size_t i = 0; i < count; i++)
		if (known[i].list == list &&
		    prefix_covers(&known[i].prefix, address) &&
		    (!best || known[i].prefix.len > best->prefix.len))
			best = &known[i];
	return best;
}

static bool known_has(const struct known *known, size_t count,
		      const struct known *other)
{
	for (size_t i = 0; i < count; i++)
		if (known[i].list == other->list &&
		    !prefix_compare(&known[i].prefix, &other->prefix))
			return true;
	return false;
}

/* Mostly long ones, none shorter than a quarter: a /1 leaves little to ask. */
static unsigned int length_random(unsigned int bits, uint64_t *seed)
{
	unsigned int a = random_below(seed, bits * 3 / 4 + 1);
	unsigned int b = random_below(seed, bits * 3 / 4 + 1);

	return bits - (a < b ? a : b);
}

static size_t known_make(struct known *known, unsigned int family,
			 uint64_t *seed)
{
	size_t count = 0;

	while (count < RANDOM_PREFIXES) {
		struct known *k = &known[count];

		k->list = random_below(seed, 8) ? WEIR_DENY : WEIR_ALLOW;
		k->prefix = address_random(family, seed, known, count);
		k->prefix.len = length_random(prefix_bits(&k->prefix), seed);
		prefix_mask(&k->prefix);
		if (known_has(known, count, k))
			continue;
		k->id = entry_put(k->list, &k->prefix, 1, WEIR_NEVER);
		count++;
	}
	return count;
}

static void test_random(void **state)
{
	unsigned int family = *(const unsigned int *)*state;
	_free_ struct known *known = calloc(RANDOM_PREFIXES, sizeof(*known));
	uint64_t seed = SEED + family;
	unsigned int hits[WEIR_LIST_COUNT] = { 0 }, misses = 0;
	size_t count;

	assert_non_null(known);
	print_message("# seed %" PRIu64 "\n", seed);
	count = known_make(known, family, &seed);
	for (int i = 0; i < RANDOM_ADDRESSES; i++) {
		const struct prefix address =
			address_random(family, &seed, known, count);
		const struct known *k;

		k = known_find(known, count, WEIR_ALLOW, &address) ?:
		    known_find(known, count, WEIR_DENY, &address);
		assert_found(&address, k ? k->list : WEIR_DENY,
			     k ? k->id : NO_ENTRY);
		k ? hits[k->list]++ : misses++;
	}
	assert_all_counted();
	print_message("# %u allowed, %u denied, %u passed\n", hits[WEIR_ALLOW],
		      hits[WEIR_DENY], misses);
	assert_true(hits[WEIR_ALLOW] > 1000 && hits[WEIR_DENY] > 1000 &&
		    misses > 1000);
}

#define ADDRESS4 "173.85.170.102"
#define ADDRESS6 "a5a5:5a5a:c33c:9669:f00f:55aa:1234:8765"

#define BOTH(test, sentence)						\
	{ .name = sentence ", IPv4", .test_func = test,			\
	  .teardown_func = clear, .initial_state = ADDRESS4 },		\
	{ .name = sentence ", IPv6", .test_func = test,			\
	  .teardown_func = clear, .initial_state = ADDRESS6 }

/*
 * Three hosts are listed.  What the word of the first says shows in whose
 * counter moves.
 */
static void assert_short_way(uint64_t word, uint32_t decides)
{
	const struct prefix host = prefix_of("192.0.2.7");

	host_put("192.0.2.7", word);
	assert_found(&host, WEIR_DENY, decides);
	assert_all_counted();
	host_put("192.0.2.7", 0);
	assert_found(&host, WEIR_DENY, 0);
}

static void test_short_way(void **state)
{
	(void)state;
	assert_int_equal(entry_add(WEIR_DENY, "192.0.2.7"), 0);
	assert_int_equal(entry_add(WEIR_DENY, "192.0.2.8"), 1);
	assert_short_way(host_of("192.0.2.7", 1), 1);
	assert_short_way(host_of("192.0.2.8", 1), 0);
	assert_short_way(host_of("192.0.2.7", WEIR_MAX_IDS), 0);
	assert_short_way(host_of("192.0.2.7", UINT32_MAX - 1), 0);
	assert_short_way((uint32_t)host_of("192.0.2.7", 1), 0);
}

static void test_short_way_is_for_ip4(void **state)
{
	/* Its first four bytes are those of 192.0.2.7. */
	const struct prefix host = prefix_of("c000:207::");

	(void)state;
	entry_add(WEIR_DENY, "192.0.2.7");
	host_put("192.0.2.7", host_of("192.0.2.7", 0));
	assert_found(&host, WEIR_DENY, NO_ENTRY);
	host_put("192.0.2.7", 0);
}

static void test_allow_beats_the_short_way(void **state)
{
	const struct prefix host = prefix_of("192.0.2.7");

	(void)state;
	entry_add(WEIR_DENY, "192.0.2.7");
	entry_add(WEIR_ALLOW, "192.0.2.0/24");
	host_put("192.0.2.7", host_of("192.0.2.7", 0));
	assert_found(&host, WEIR_ALLOW, 1);
	host_put("192.0.2.7", 0);
}

#define SHORT_WAY(sentence, test) \
	{ .name = sentence, .test_func = test, .teardown_func = clear }

static const struct CMUnitTest short_way_tests[] = {
	SHORT_WAY("it decides where it holds the address and a possible id",
		  test_short_way),
	SHORT_WAY("an IPv6 host does not take it", test_short_way_is_for_ip4),
	SHORT_WAY("an allow comes first", test_allow_beats_the_short_way),
};

static const struct CMUnitTest rule_tests[] = {
	BOTH(test_nested, "the longest of all lengths decides, then the next"),
	BOTH(test_allow_beats_deny, "allow beats deny whatever the lengths"),
	BOTH(test_same_prefix_on_both_lists,
	     "allow beats deny of the same address"),
	BOTH(test_lengths_without_entries,
	     "lengths without entries find nothing"),
};

static const struct CMUnitTest edit_tests[] = {
	BOTH(test_states, "an entry counts from one commit to another"),
	BOTH(test_one_commit, "one commit switches all entries of an edit"),
};

static const struct CMUnitTest hostile_tests[] = {
	BOTH(test_hostile_head, "lengths that no prefix has"),
	BOTH(test_hostile_entry, "entries with the number of no counter"),
};

static unsigned int families[] = { 4, 6 };

static const struct CMUnitTest random_tests[] = {
	{ .name = "random IPv4 prefixes and addresses near them",
	  .test_func = test_random, .teardown_func = clear,
	  .initial_state = &families[0] },
	{ .name = "random IPv6 prefixes and addresses near them",
	  .test_func = test_random, .teardown_func = clear,
	  .initial_state = &families[1] },
};

int main(void)
{
	int failed = 0;

	if (datapath_open())
		return 1;
	failed += run_lengths("IPv4 prefixes of every length", ADDRESS4);
	failed += run_lengths("IPv6 prefixes of every length", ADDRESS6);
	failed += GROUP_RUN("The longest prefix decides, and allow beats deny",
			    rule_tests);
	failed += GROUP_RUN("Denied IPv4 hosts have a short way",
			    short_way_tests);
	failed += GROUP_RUN("An edit counts once it is committed", edit_tests);
	failed += GROUP_RUN("Nonsense in the lists denies nobody",
			    hostile_tests);
	failed += GROUP_RUN("The datapath finds what a search finds",
			    random_tests);
	return failed ? 1 : 0;
}
