// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists, guards, rules and default drop in one policy: whose word counts where
 * several have one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datapath.h"
#include "live/kernel.h"

#define EVERY_GUARD ((1 << WEIR_GUARD_COUNT) - 1)
#define SEVERAL_BUFFERS	5000
#define FIRST_HEADERS	128	/* bytes that hold all headers */
#define MOST_VERIFIED	1000000

#define FRIEND4	"198.51.100.1"	/* allowed, inside of what is denied */
#define EVIL4	"198.51.100.2"
#define EVILS	"198.51.100.0/24"
#define FRIEND6	"2001:db8:f::1"
#define EVIL6	"2001:db8:bad::7"
#define GUEST6	"2001:db8::9"	/* whom a rule lets pass */
#define RUDE	"02:00:00:00:00:66"	/* whom a rule drops */

/* Rows name them by letter. */
static const char *const rules[] = {
	/* a */ "count ip",
	/* b */ "drop ether src " RUDE,
	/* c */ "pass tcp dst port 80 or tcp src port 80",
	/* d */ "observe drop udp dst port 53",
	/* e */ "observe pass udp dst port 53",
	/* f */ "drop udp dst port 53 and udp[4:2] > 100",
	/* g */ "abort tcp dst port 99",
	/* h */ "drop arp src host 192.0.2.9",
	/* i */ "pass udp and dst port 53",
	/* j */ "count arp",
	/* k */ "pass host 240.0.0.1 or ip6 host " GUEST6,
	/* l */ "pass ip[6:2] & 0x3fff != 0",
	/* m */ "pass ip6[6] = 60",
	/* n */ "drop udp dst port 5000 and greater 5000",
	/* o */ "pass vlan",
	NULL
};

/* A frame, which rules count it, the reason, the entry that decided. */
struct mix {
	const char *name;
	const struct layer *frame;
	const char *counted;
	enum weir_reason reason;
	const char *by;
};

#define FROM(s, ...)	F(ETH(), IP4(.src = s), __VA_ARGS__)
#define PLAIN(...)	F(ETH(), IP4(), __VA_ARGS__)
#define RUDELY(...)	F(ETH(.src = RUDE), __VA_ARGS__)
#define WEB(...)	TCP(.dport = 80, .flags = TH_SYN, __VA_ARGS__)
#define MAD(port)	TCP(.dport = port, .flags = TH_SYN | TH_FIN)
#define OTHER		UDP(.sport = 4000, .dport = 4001)
#define DHCP		UDP(.sport = 67, .dport = 68)
#define TOO_BIG		ICMP(.type = 3, .code = 4)
#define SOLICITATION	IP6(.hops = 255), ICMP6(.type = 135), BYTES(16)

#define RULE_DROPS	WEIR_RULE_DROP, NULL
#define RULE_PASSES	WEIR_RULE_PASS, NULL
#define RULE_ABORTS	WEIR_RULE_ABORT, NULL

static const struct mix mixes[] = {
	{ "allow before deny: a friend among evils", FROM(FRIEND4, OTHER), "",
	  ALLOWED(FRIEND4) },
	{ "and the evil beside", FROM(EVIL4, OTHER), "", DENIED(EVILS) },
	{ "allow before a denied port",
	  FROM(FRIEND4, TCP(.dport = 23, .flags = TH_SYN)), "",
	  ALLOWED(FRIEND4) },
	{ "a stranger at the denied port",
	  PLAIN(TCP(.dport = 23, .flags = TH_SYN)), "", DENIED_PORT("tcp/23") },
	{ "allow before guards: a friend's SYN FIN", FROM(FRIEND4, MAD(80)),
	  "", ALLOWED(FRIEND4) },
	{ "allow before a drop rule: a rude friend",
	  RUDELY(IP4(.src = FRIEND4), OTHER), "", ALLOWED(FRIEND4) },
	{ "allow before an abort rule",
	  FROM(FRIEND4, TCP(.dport = 99, .flags = TH_SYN)), "",
	  ALLOWED(FRIEND4) },
	{ "a stranger aborts", PLAIN(TCP(.dport = 99, .flags = TH_SYN)), "ag",
	  RULE_ABORTS },
	{ "allow before default drop, IPv6",
	  F(ETH(), IP6(.src = FRIEND6), OTHER), "", ALLOWED(FRIEND6) },
	{ "deny before guards: an evil SYN FIN", FROM(EVIL4, MAD(80)), "",
	  DENIED(EVILS) },
	{ "a denied port before guards: SYN FIN", PLAIN(MAD(23)), "",
	  DENIED_PORT("tcp/23") },
	{ "deny before a pass rule", FROM(EVIL4, WEB()), "", DENIED(EVILS) },
	{ "deny before a pass rule, IPv6",
	  F(ETH(), IP6(.src = EVIL6, .dst = GUEST6), OTHER), "",
	  DENIED(EVIL6) },
	{ "a denied port before a pass rule",
	  PLAIN(TCP(.sport = 80, .dport = 23, .flags = TH_ACK)), "",
	  DENIED_PORT("tcp/23") },
	{ "the port beside", PLAIN(TCP(.sport = 80, .dport = 24,
				       .flags = TH_ACK)), "ac", RULE_PASSES },
	{ "deny before what default keeps", FROM(EVIL4, DHCP), "",
	  DENIED(EVILS) },
	{ "a guard before a pass rule: SYN FIN", PLAIN(MAD(80)), "",
	  BAD_FLAGS },
	{ "and SYN alone", PLAIN(WEB()), "ac", RULE_PASSES },
	{ "a guard before a pass rule: to oneself",
	  F(ETH(), IP4(.src = "192.0.2.7", .dst = "192.0.2.7"), WEB()), "",
	  LAND },
	{ "to one's neighbour",
	  F(ETH(), IP4(.src = "192.0.2.7", .dst = "192.0.2.8"), WEB()), "ac",
	  RULE_PASSES },
	{ "a guard before a pass rule: a bogon", FROM("240.0.0.1", OTHER), "",
	  BOGON },
	{ "the same address as destination",
	  F(ETH(), IP4(.dst = "240.0.0.1"), OTHER), "ak", RULE_PASSES },
	{ "a guard before a pass rule: a fragment",
	  F(ETH(), IP4(.offset = 9), BYTES(64)), "", FRAGMENTED },
	{ "a guard before a pass rule: an extension header",
	  F(ETH(), IP6(.dst = GUEST6), DSTOPTS(), OTHER), "",
	  EXTENSION_HEADER },
	{ "and none", F(ETH(), IP6(.dst = GUEST6), OTHER), "k", RULE_PASSES },
	{ "a guard before a pass rule: a tag",
	  F(ETH(), VLAN(), IP4(), WEB()), "", TAGGED },
	{ "and before a pass rule for what is not IP",
	  F(ETH(), VLAN(), ARP(), PAD(60)), "", TAGGED },
	{ "a guard before a drop rule", RUDELY(IP4(), MAD(81)), "", BAD_FLAGS },
	{ "a guard before default drop", PLAIN(UDP(.dport = ZERO)), "",
	  BAD_PORT },
	{ "a guard before what default keeps: a bogon's DHCP",
	  FROM("240.0.0.1", DHCP), "", BOGON },
	{ "a guard before what default keeps: a fragment of ICMP",
	  F(ETH(), IP4(.more = 1), TOO_BIG, BYTES(8)), "", FRAGMENTED },
	{ "a guard before what default keeps: tagged discovery",
	  F(ETH(), VLAN(), SOLICITATION), "", TAGGED },
	{ "a pass rule before default drop", PLAIN(WEB()), "ac", RULE_PASSES },
	{ "and what none passes", PLAIN(TCP(.dport = 81, .flags = TH_SYN)),
	  "a", DEFAULT },
	{ "a drop rule before default drop", RUDELY(IP4(), OTHER), "ab",
	  RULE_DROPS },
	{ "a drop rule before a pass rule", RUDELY(IP4(), WEB()), "ab",
	  RULE_DROPS },
	{ "a drop rule before what default keeps: DHCP", RUDELY(IP4(), DHCP),
	  "ab", RULE_DROPS },
	{ "and kept", PLAIN(DHCP), "a", KEPT },
	{ "a drop rule before what default keeps: path MTU",
	  RUDELY(IP4(), TOO_BIG), "ab", RULE_DROPS },
	{ "and kept", PLAIN(TOO_BIG), "a", KEPT },
	{ "a drop rule before what default keeps: neighbours",
	  RUDELY(SOLICITATION), "b", RULE_DROPS },
	{ "and kept", F(ETH(), SOLICITATION), "", KEPT },
	{ "deny spares neighbours",
	  F(ETH(), IP6(.src = EVIL6, .hops = 255), ICMP6(.type = 135),
	    BYTES(16)), "", KEPT },
	{ "observed rules count, and the terminal one behind drops",
	  PLAIN(UDP(.dport = 53), BYTES(100)), "adef", RULE_DROPS },
	{ "observed rules count, and a pass behind passes",
	  PLAIN(UDP(.dport = 53), BYTES(40)), "adei", RULE_PASSES },
	{ "what is not IP meets a drop rule",
	  F(ETH(), ARP(.src = "192.0.2.9"), PAD(60)), "h", RULE_DROPS },
	{ "and passes default drop without one",
	  F(ETH(), ARP(.src = "192.0.2.8"), PAD(60)), "j", NOT_IP },
	{ "parse before allow: a version",
	  F(ETH(), IP4(.src = FRIEND4, .version = 5), OTHER), "", BAD_VERSION },
	{ "parse before allow: half a header",
	  F(ETH(), IP4(.src = FRIEND4), CUT(30)), "", TRUNCATED },
	{ "parse before a pass rule: a length", PLAIN(UDP(.dport = 53,
							  .len = 7)), "",
	  BAD_LENGTH },
};

#define LONG(n)	BYTES((n) - 42)

/* Of several buffers by themselves. */
static const struct mix long_mixes[] = {
	{ "a long packet meets a rule",
	  PLAIN(UDP(.dport = 5000), LONG(5000)), "an", RULE_DROPS },
	{ "one byte less, and default drops it",
	  PLAIN(UDP(.dport = 5000), LONG(4999)), "a", DEFAULT },
	{ "a long packet of a friend",
	  FROM(FRIEND4, UDP(.dport = 5000), LONG(5000)), "",
	  ALLOWED(FRIEND4) },
	{ "of an evil", FROM(EVIL4, UDP(.dport = 5000), LONG(5000)), "",
	  DENIED(EVILS) },
	{ "stopped by a guard", PLAIN(MAD(80), LONG(9000)), "", BAD_FLAGS },
	{ "passed by a rule", PLAIN(WEB(), LONG(9000)), "ac", RULE_PASSES },
	{ "aborted by a rule",
	  PLAIN(TCP(.dport = 99, .flags = TH_SYN), LONG(9000)), "ag",
	  RULE_ABORTS },
	{ "kept by default drop", PLAIN(DHCP, LONG(4000)), "a", KEPT },
	{ "two observed rules and a drop",
	  PLAIN(UDP(.dport = 53), LONG(9000)), "adef", RULE_DROPS },
};

static struct frame frame;

static void lists_fill(void)
{
	entry_add(WEIR_ALLOW, FRIEND4);
	entry_add(WEIR_ALLOW, FRIEND6);
	entry_add(WEIR_DENY, EVILS);
	entry_add(WEIR_DENY, EVIL6);
	entry_add(WEIR_DENY_TCP, "tcp/23");
}

static uint32_t entry_of(const struct mix *mix)
{
	static const char *const by[] = { FRIEND4, FRIEND6, EVILS, EVIL6,
					  "tcp/23" };

	if (!mix->by)
		return NO_ENTRY;
	for (uint32_t id = 0; id < sizeof(by) / sizeof(by[0]); id++)
		if (!strcmp(by[id], mix->by))
			return id;
	fail_msg("the row's own mistake: %s is not listed", mix->by);
	return NO_ENTRY;
}

static void policy_open(bool observe)
{
	if (datapath_open())
		abort();
	rules_open_with(rules, &(struct filter_settings){
		.generation = 1, .guards = EVERY_GUARD, .default_drop = true,
		.observe = observe });
	lists_fill();
}

/* What a frame adds to each rule's counter is 1 packet of all its bytes. */
static void assert_mix(const struct mix *mix, enum weir_reason reason,
		       size_t linear)
{
	struct weir_counter before[32], is;

	for (uint32_t i = 0; rules[i]; i++)
		before[i] = rule_counted(i);
	assert_judged(&frame, linear, reason, entry_of(mix));
	for (uint32_t i = 0; rules[i]; i++) {
		bool counted = strchr(mix->counted, 'a' + i);

		is = rule_counted(i);
		if (is.packets - before[i].packets != counted ||
		    is.bytes - before[i].bytes != (counted ? frame.len : 0))
			fail_msg("'%s' counts %llu packets, %llu bytes",
				 rules[i], is.packets - before[i].packets,
				 is.bytes - before[i].bytes);
	}
	assert_all_counted();
}

/* Build a row's frame, with padding up to 'len' bytes. */
static void frame_make(const struct mix *mix, size_t len)
{
	frame_build(&frame, mix->frame);
	if (frame.len < len) {
		memset(frame.data + frame.len, 0, len - frame.len);
		frame.len = len;
	}
	if (frame.len > FIRST_BUFFER && !kernel_has_frags()) {
		print_message("# packets of several buffers need Linux 5.18\n");
		skip();
	}
}

static void test_mix(void **state)
{
	const struct mix *mix = *state;

	frame_make(mix, 0);
	assert_mix(mix, mix->reason, 0);
}

/* Ethernet's padding in further buffers changes no word. */
static void test_padded(void **state)
{
	const struct mix *mix = *state;

	if (mix->reason == WEIR_TRUNCATED)
		return;		/* with padding it is not */
	frame_make(mix, SEVERAL_BUFFERS);
	assert_mix(mix, mix->reason, 0);
	if (kernel_cuts_buffers())
		assert_mix(mix, mix->reason, FIRST_HEADERS);
}

static bool is_dropping(enum weir_reason reason)
{
	static const enum weir_verdict verdicts[] = {
#define VERDICT_(name, verdict, word, text) WEIR_##verdict,
		WEIR_REASONS(VERDICT_)
#undef VERDICT_
	};

	return verdicts[reason] == WEIR_DROP || verdicts[reason] == WEIR_ABORT;
}

/* What would be dropped passes as 'spared' and counts in the row of its own. */
static void assert_spared(const struct mix *mix, enum weir_reason spared)
{
	struct weir_counter before = would_count(mix->reason), is;
	bool would = is_dropping(mix->reason);

	frame_make(mix, 0);
	assert_mix(mix, would ? spared : mix->reason, 0);
	is = would_count(mix->reason);
	assert_int_equal(is.packets - before.packets, would);
	assert_int_equal(is.bytes - before.bytes, would ? frame.len : 0);
}

static void test_observed(void **state)
{
	assert_spared(*state, WEIR_OBSERVED);
}

static void test_paused(void **state)
{
	pause_set(WEIR_NEVER);
	assert_spared(*state, WEIR_PAUSED);
	pause_set(0);
}

static void test_most(void **state)
{
	static char text[WEIR_MAX_RULES][32];
	static const char *texts[WEIR_MAX_RULES + 1];
	struct filter_cost cost;

	(void)state;
	for (unsigned int i = 0; i < WEIR_MAX_RULES; i++) {
		snprintf(text[i], sizeof(text[i]), "drop udp dst port %u",
			 10000 + i);
		texts[i] = text[i];
	}
	if (datapath_open())
		abort();
	rules_open_with(texts, &(struct filter_settings){
		.generation = 1, .guards = EVERY_GUARD, .default_drop = true });
	frame_build(&frame, PLAIN(UDP(.dport = 10000 + WEIR_MAX_RULES - 1)));
	assert_judged(&frame, 0, WEIR_RULE_DROP, NO_ENTRY);
	frame_build(&frame, PLAIN(UDP(.dport = 10000 + WEIR_MAX_RULES)));
	assert_judged(&frame, 0, WEIR_DEFAULT, NO_ENTRY);
	frame_build(&frame, FROM("240.0.0.1", UDP(.dport = 10000)));
	assert_judged(&frame, 0, WEIR_BOGON, NO_ENTRY);
	assert_int_equal(filter_cost(datapath.program, &cost), 0);
	print_message("# %u instructions processed (0: the kernel does not "
		      "say)\n", cost.verified);
	assert_true(cost.verified < MOST_VERIFIED);
}

static const struct CMUnitTest most[] = {
	{ .name = "every guard, 4,096 rules and default drop load",
	  .test_func = test_most },
};

static int mixes_run(const char *group, const struct mix *table, size_t count,
		     CMUnitTestFunction test)
{
	struct CMUnitTest tests[count];

	for (size_t i = 0; i < count; i++)
		tests[i] = (struct CMUnitTest){
			.name = table[i].name,
			.test_func = test,
			.initial_state = (void *)&table[i],
		};
	return group_run(group, tests, count);
}

#define MIXES_RUN(group, table, test) \
	mixes_run(group, table, sizeof(table) / sizeof((table)[0]), test)

int main(void)
{
	int failed;

	policy_open(false);
	failed = MIXES_RUN("Allow, deny, guards, rules, default", mixes,
			   test_mix);
	failed += MIXES_RUN("Long packets", long_mixes, test_mix);
	failed += MIXES_RUN("The same frames, padded to several buffers", mixes,
			    test_padded);
	failed += MIXES_RUN("The same frames in a pause", mixes, test_paused);
	policy_open(true);
	failed += MIXES_RUN("The same policy, observed", mixes, test_observed);
	failed += MIXES_RUN("Long packets, observed", long_mixes,
			    test_observed);
	failed += GROUP_RUN("As much as there may be", most);
	return failed != 0;
}
