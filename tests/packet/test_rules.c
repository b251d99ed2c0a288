// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules in the real datapath: which of them count a packet, and what becomes of
 * it.  Slots of counters are the rules' numbers, from 0.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datapath.h"
#include "live/kernel.h"

#define MANY 130	/* rules: more than two blocks */

static struct frame frame;

#define RULES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* A packet, the rules, which of them count it (a letter each), the reason. */
struct walk {
	const char *name;
	const char *const *rules;
	const struct layer *frame;
	const char *counted;
	enum weir_reason reason;
};

#define NTP	F(ETH(), IP4(), UDP(.sport = 123), BYTES(60))
#define DNS	F(ETH(), IP4(), UDP(.sport = 53), BYTES(60))
#define ARPS	F(ETH(), ARP(), PAD(60))

static const struct walk walks[] = {
	{ "a drop rule drops", RULES("drop udp src port 123"), NTP, "x",
	  WEIR_RULE_DROP },
	{ "and leaves alone what it does not match",
	  RULES("drop udp src port 123"), DNS, "-", WEIR_PASSED },
	{ "a pass rule passes", RULES("pass udp src port 123"), NTP, "x",
	  WEIR_RULE_PASS },
	{ "an abort rule aborts", RULES("abort udp src port 123"), NTP, "x",
	  WEIR_RULE_ABORT },
	{ "a count rule counts and settles nothing",
	  RULES("count udp src port 123"), NTP, "x", WEIR_PASSED },
	{ "count, then drop",
	  RULES("count udp", "count tcp", "drop udp src port 123"), NTP, "x-x",
	  WEIR_RULE_DROP },
	{ "what a pass settled, a drop behind it does not see",
	  RULES("pass udp src port 123", "drop udp"), NTP, "x-",
	  WEIR_RULE_PASS },
	{ "near miss of the pass, and the drop sees it",
	  RULES("pass udp src port 123", "drop udp"), DNS, "-x",
	  WEIR_RULE_DROP },
	{ "a drop before a pass", RULES("drop udp", "pass udp"), NTP, "x-",
	  WEIR_RULE_DROP },
	{ "the same rule twice counts once where it ends the walk",
	  RULES("drop udp", "drop udp"), NTP, "x-", WEIR_RULE_DROP },
	{ "and twice where it does not", RULES("count udp", "count udp"), NTP,
	  "xx", WEIR_PASSED },
	{ "an observed drop counts, and the walk goes on",
	  RULES("observe drop udp", "count ip"), NTP, "xx", WEIR_PASSED },
	{ "an observed pass keeps no packet from a drop",
	  RULES("observe pass udp", "drop ip"), NTP, "xx", WEIR_RULE_DROP },
	{ "an observed abort", RULES("observe abort udp"), NTP, "x",
	  WEIR_PASSED },
	{ "everything is dropped first",
	  RULES("drop greater 0", "pass udp", "count ip"), NTP, "x--",
	  WEIR_RULE_DROP },
	{ "everything is counted first",
	  RULES("count greater 0", "drop udp"), NTP, "xx", WEIR_RULE_DROP },
	{ "everything IPv4 is passed, in the midst of five",
	  RULES("count udp", "count tcp", "pass ip", "drop udp", "drop ip"),
	  NTP, "x-x--", WEIR_RULE_PASS },
	{ "five, of which the last drops",
	  RULES("count tcp", "drop tcp", "pass icmp", "count port 123",
		"drop less 200"), NTP, "---xx", WEIR_RULE_DROP },
	{ "a frame that is not IP meets the rules too",
	  RULES("drop arp src host 192.0.2.1"), ARPS, "x", WEIR_RULE_DROP },
	{ "and passes as such where none matches",
	  RULES("count arp", "drop arp src host 192.0.2.9"), ARPS, "x-",
	  WEIR_NOT_IP },
	{ "a tag hides IP from a rule, as in libpcap",
	  RULES("drop udp", "count vlan and udp"),
	  F(ETH(), VLAN(), IP4(), UDP()), "-x", WEIR_PASSED },
	{ "what parse settled, no rule sees",
	  RULES("pass ip"), F(ETH(), IP4(.version = 5), UDP()), "-",
	  WEIR_BAD_VERSION },
	{ "a denied host's packet, no rule sees", RULES("pass ip"),
	  F(ETH(), IP4(.src = "198.51.100.7"), UDP()), "-", WEIR_DENIED },
	{ "an allowed host's neither", RULES("drop ip"),
	  F(ETH(), IP4(.src = "198.51.100.8"), UDP()), "-", WEIR_ALLOWED },
	{ "a length of 60 is not greater than 61",
	  RULES("count len = 60", "drop greater 61"),
	  F(ETH(), IP4(), UDP(), PAD(60)), "x-", WEIR_PASSED },
	{ "and one of 61 is", RULES("count len = 60", "drop greater 61"),
	  F(ETH(), IP4(), UDP(), PAD(61)), "-x", WEIR_RULE_DROP },
};

#define WALKS (sizeof(walks) / sizeof(walks[0]))

static void assert_counted(uint32_t slot, bool counted)
{
	struct weir_counter is = rule_counted(slot);

	if (is.packets != counted || is.bytes != (counted ? frame.len : 0))
		fail_msg("rule %u: %llu packets, %llu bytes", slot,
			 is.packets, is.bytes);
}

static void test_walk(void **state)
{
	const struct walk *walk = *state;
	uint32_t entry = NO_ENTRY;

	rules_open(walk->rules);
	entries_clear();
	if (walk->reason == WEIR_DENIED)
		entry = entry_add(WEIR_DENY, "198.51.100.7");
	else if (walk->reason == WEIR_ALLOWED)
		entry = entry_add(WEIR_ALLOW, "198.51.100.8");
	frame_build(&frame, walk->frame);
	assert_judged(&frame, 0, walk->reason, entry);
	for (uint32_t i = 0; walk->counted[i]; i++)
		assert_counted(i, walk->counted[i] == 'x');
	assert_all_counted();
}

/* Rule i matches port 1000 + i; 'action' of the last one that matches all. */
static void many_open(const char *action, unsigned int last)
{
	const char *texts[MANY + 1] = { 0 };

	for (unsigned int i = 0; i < MANY; i++) {
		char *text;

		if (asprintf(&text, "%s udp dst port %u",
			     i == last ? action : "count", 1000 + i) < 0)
			abort();
		texts[i] = text;
	}
	rules_open(texts);
	for (unsigned int i = 0; i < MANY; i++)
		free((char *)texts[i]);
}

static void assert_many(unsigned int port, enum weir_reason reason)
{
	struct weir_counter before[MANY], after;

	for (uint32_t i = 0; i < MANY; i++)
		before[i] = rule_counted(i);
	frame_build(&frame, F(ETH(), IP4(), UDP(.dport = port), BYTES(30)));
	assert_judged(&frame, 0, reason, NO_ENTRY);
	for (uint32_t i = 0; i < MANY; i++) {
		after = rule_counted(i);
		assert_int_equal(after.packets - before[i].packets,
				 port == 1000 + i);
	}
}

static void test_every_place(void **state)
{
	(void)state;
	many_open("drop", 63);
	for (unsigned int i = 0; i < MANY; i++)
		assert_many(1000 + i, i == 63 ? WEIR_RULE_DROP : WEIR_PASSED);
	assert_many(999, WEIR_PASSED);
	assert_many(1000 + MANY, WEIR_PASSED);
}

static void test_ends_of_blocks(void **state)
{
	static const unsigned int ends[] = { 0, 31, 62, 64, 127, 128, MANY - 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		many_open("abort", ends[i]);
		assert_many(1000 + ends[i], WEIR_RULE_ABORT);
		assert_many(1001 + ends[i], WEIR_PASSED);
	}
}

/* A match that ends the walk in one block, and matches in all others. */
static void test_end_of_the_walk(void **state)
{
	const char *texts[MANY + 1] = { 0 };

	(void)state;
	for (unsigned int i = 0; i < MANY; i++)
		texts[i] = i == 70 ? "drop udp" : "count udp";
	rules_open(texts);
	frame_build(&frame, F(ETH(), IP4(), UDP(), BYTES(30)));
	assert_judged(&frame, 0, WEIR_RULE_DROP, NO_ENTRY);
	for (uint32_t i = 0; i < MANY; i++)
		assert_counted(i, i <= 70);
}

/* Lengths are the packet's, bytes are read from the first buffer alone. */
static void test_several_buffers(void **state)
{
	(void)state;
	if (!kernel_has_frags()) {
		print_message("# packets of several buffers need Linux 5.18\n");
		skip();
	}
	rules_open(RULES("count greater 9000", "count greater 9001",
			 "count ether[3519] = 0x5a", "count ether[3520] = 0x5a",
			 "drop udp dst port 9 and greater 9000"));
	frame_build(&frame, F(ETH(), IP4(), UDP(), BYTES(8958)));
	assert_judged(&frame, 0, WEIR_RULE_DROP, NO_ENTRY);
	assert_counted(0, true);
	assert_counted(1, false);
	assert_counted(2, true);
	assert_counted(3, false);
	assert_counted(4, true);
}

static void test_short_first_buffer(void **state)
{
	(void)state;
	if (!kernel_cuts_buffers()) {
		print_message("# shorter first buffers need Linux 6.18\n");
		skip();
	}
	rules_open(RULES("count len = 200", "count udp[8] = 0x5a",
			 "count udp[20] = 0x5a", "count not udp[20] = 0x5a",
			 "count ip", "count udp"));
	frame_build(&frame, F(ETH(), IP4(), UDP(), BYTES(158)));
	assert_judged(&frame, 50, WEIR_PASSED, NO_ENTRY);
	assert_counted(0, true);
	assert_counted(1, true);
	assert_counted(2, false);
	assert_counted(3, false);	/* out of range is no match either way */
	assert_counted(4, true);
	assert_counted(5, true);
}

static void test_pause(void **state)
{
	(void)state;
	rules_open(RULES("drop udp", "count udp"));
	pause_set(WEIR_NEVER);
	frame_build(&frame, NTP);
	assert_judged(&frame, 0, WEIR_PAUSED, NO_ENTRY);
	pause_set(0);
	assert_counted(0, true);
	assert_counted(1, false);
}

static void test_as_many_as_there_may_be(void **state)
{
	const char **texts = calloc(WEIR_MAX_RULES + 1, sizeof(*texts));

	(void)state;
	for (unsigned int i = 0; i < WEIR_MAX_RULES; i++)
		if (asprintf((char **)&texts[i], "drop udp dst port %u",
			     1000 + i) < 0)
			abort();
	rules_open(texts);
	frame_build(&frame, F(ETH(), IP4(), UDP(.dport = 1000 + 4095)));
	assert_judged(&frame, 0, WEIR_RULE_DROP, NO_ENTRY);
	assert_counted(4095, true);
	frame_build(&frame, F(ETH(), IP4(), UDP(.dport = 1000 + 4096)));
	assert_judged(&frame, 0, WEIR_PASSED, NO_ENTRY);
	for (unsigned int i = 0; i < WEIR_MAX_RULES; i++)
		free((char *)texts[i]);
	free(texts);
}

static const struct CMUnitTest tests[] = {
	{ .name = "each of 130 rules counts its packet and no other",
	  .test_func = test_every_place },
	{ .name = "rules at the ends of blocks end the walk",
	  .test_func = test_ends_of_blocks },
	{ .name = "no block behind the end of the walk is counted",
	  .test_func = test_end_of_the_walk },
	{ .name = "packets of several buffers", .test_func =
	  test_several_buffers },
	{ .name = "bytes behind the first buffer are out of range",
	  .test_func = test_short_first_buffer },
	{ .name = "a pause keeps what a rule would drop", .test_func =
	  test_pause },
	{ .name = "4,096 rules load and decide", .test_func =
	  test_as_many_as_there_may_be },
};

int main(void)
{
	struct CMUnitTest rows[WALKS];
	int failed;

	if (datapath_open())
		return 1;
	for (size_t i = 0; i < WALKS; i++)
		rows[i] = (struct CMUnitTest){
			.name = walks[i].name,
			.test_func = test_walk,
			.initial_state = (void *)&walks[i],
		};
	failed = group_run("A walk over rules", rows, WALKS);
	failed += GROUP_RUN("Many rules, long packets", tests);
	return failed != 0;
}
