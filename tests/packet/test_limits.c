// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits, with a clock that the test moves: what conforms, to the packet and to
 * the nanosecond, at every rate there is; what counts as one source; who is
 * banned, and who never is.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "compile/rules.h"
#include "datapath.h"
#include "live/filter.h"
#include "live/kernel.h"
#include "live/limits.h"
#include "live/rules.h"
#include "policy/limit.h"

#define MOST_RULES 4
#define S 1000000000ULL
#define HOUR (3600 * S)

/* A datapath with a policy of limits, their counts so far, and its time. */
static struct {
	int program;
	struct maps maps;
	struct weir_rule rules[MOST_RULES];
	struct weir_counter conforming[MOST_RULES], excess[MOST_RULES];
	struct weir_runtime *runtime;
} box = { .program = -1, .maps = MAPS_CLOSED };

static void box_close(void)
{
	if (box.runtime)
		map_unsee(box.runtime, sizeof(*box.runtime));
	maps_close(&box.maps);
	cleanup_fd(&box.program);
	memset(&box, 0, sizeof(box));
	box.maps = (struct maps)MAPS_CLOSED;
	box.program = -1;
}

static int box_compile(const struct policy *policy, struct rule_code *code)
{
	struct rule_source sources[MOST_RULES] = { 0 };

	assert_true(policy->rule_count <= MOST_RULES);
	for (size_t i = 0; i < policy->rule_count; i++) {
		const struct rule *rule = &policy->rules[i];

		sources[i].expression = *rule->expression ? rule->expression :
							    "greater 0";
		box.rules[i] = (struct weir_rule){
			.action = rule->action, .slot = i,
			.flags = rule->observe ? WEIR_RULE_OBSERVED : 0,
		};
		limit_scale(rule, &box.rules[i].limit);
	}
	return rules_compile(sources, policy->rule_count, code);
}

/* Give rule 0 another rate, and a new table: no program is loaded. */
static void box_tune(const char *text)
{
	_cleanup_(policy_free) struct policy policy = POLICY_EMPTY;

	assert_int_equal(policy_parse(text, strlen(text), "test", &policy), 0);
	limit_scale(&policy.rules[0], &box.rules[0].limit);
	assert_int_equal(bpf_map_update_elem(box.maps.fd[MAP_RULES],
					     &(int){ 0 }, &box.rules[0], 0), 0);
	assert_int_equal(limit_cells_make(&box.maps, 0, &box.rules[0].limit),
			 0);
}

/* Load a policy in the words of a file, at the time 'now'. */
static void box_open(const char *text, uint64_t now, bool fed)
{
	_cleanup_(policy_free) struct policy policy = POLICY_EMPTY;
	struct weir_bans lengths = { .lengths4 = { 32, 24 },
				     .lengths6 = { 64, 48 } };
	struct rule_code code = { 0 };
	struct filter_settings settings = { .generation = 1, .code = &code,
					    .rules = box.rules,
					    .fed_clock = fed };

	box_close();
	assert_int_equal(policy_parse(text, strlen(text), "test", &policy), 0);
	assert_int_equal(box_compile(&policy, &code), 0);
	box.program = filter_load(&box.maps, &settings);
	rule_code_free(&code);
	assert_true(box.program >= 0);
	for (size_t i = 0; i < policy.rule_count; i++)
		assert_int_equal(limit_cells_make(&box.maps, i,
						  &box.rules[i].limit), 0);
	assert_int_equal(limits_secret_make(&box.maps), 0);
	assert_int_equal(bpf_map_update_elem(box.maps.fd[MAP_BAN_HEAD],
					     &(int){ 0 }, &lengths, 0), 0);
	box.runtime = map_see(box.maps.fd[MAP_RUNTIME], sizeof(*box.runtime));
	assert_non_null(box.runtime);
	box.runtime->fed_ns = now;
}

/* Run a frame so many times.  Returns the XDP action of the last. */
static uint32_t frame_send(const struct frame *frame, unsigned int times)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame->data,
		    .data_size_in = frame->len, .repeat = times);

	if (bpf_prog_test_run_opts(box.program, &run))
		fail_msg("cannot run a frame: %s", strerror(errno));
	return run.retval;
}

/* How far a counter went since it was last asked. */
static uint64_t moved(int (*read)(const struct maps *, __u32,
				  struct weir_counter *),
		      unsigned int rule, struct weir_counter *before)
{
	struct weir_counter now;
	uint64_t packets;

	assert_int_equal(read(&box.maps, rule, &now), 0);
	packets = now.packets - before->packets;
	*before = now;
	return packets;
}

/* Send, and say how many of them rule 0 let through; it counts every one. */
static uint64_t admitted(const struct frame *frame, unsigned int times)
{
	uint64_t conforming, excess;

	frame_send(frame, times);
	conforming = moved(rule_counter_read, 0, &box.conforming[0]);
	excess = moved(rule_excess_read, 0, &box.excess[0]);
	assert_int_equal(conforming + excess, times);
	return conforming;
}

static struct frame *frame_from(const char *src)
{
	static struct frame frame;

	frame_build(&frame, strchr(src, ':') ?
		F(ETH(), IP6(.src = src), UDP(), BYTES(100)) :
		F(ETH(), IP4(.src = src), UDP(), BYTES(100)));
	return &frame;
}

static const struct pace {
	const char *name, *rate;
	uint64_t amount, in_ns;		/* packets in nanoseconds */
} paces[] = {
	{ "1 an hour", "1/h", 1, HOUR },
	{ "7 an hour", "7/h", 7, HOUR },
	{ "1 a minute", "1/m", 1, 60 * S },
	{ "13 a minute", "13/m", 13, 60 * S },
	{ "1 a second", "1/s", 1, S },
	{ "3 a second", "3/s", 3, S },
	{ "997 a second", "997/s", 997, S },
	{ "10,000 a second", "10k/s", 10000, S },
	{ "3 million a second", "3M/s", 3000000, S },
	{ "99,999,999 a second", "99999999/s", 99999999, S },
	{ "100 million a second", "100M/s", 100000000, S },
};

/* The times at which it all begins: the far ends of 64 bits among them. */
static const uint64_t starts[] = {
	1, S, (1ULL << 32) - 7, 1ULL << 53, (1ULL << 62) + 12345,
	(1ULL << 63) - HOUR, (1ULL << 63) - 1, (1ULL << 63) + 99,
};

/* When the next n packets have been earned, rounded down. */
static uint64_t earned_ns(const struct pace *pace, uint64_t n)
{
	return (unsigned __int128)n * pace->in_ns / pace->amount;
}

/* A millionth of that, and the clock's own grain. */
static uint64_t slack_ns(const struct pace *pace, uint64_t n)
{
	return earned_ns(pace, n) / 1000000 + 2;
}

static void pace_check(const struct pace *pace, unsigned int burst,
		       uint64_t start, const struct frame *frame)
{
	uint64_t n = burst < 10 ? 1 : 10;

	box.runtime->fed_ns = start;
	assert_int_equal(admitted(frame, burst + 5), burst);

	/* Not before they are earned, and then as many as that. */
	if (earned_ns(pace, n) > slack_ns(pace, n)) {
		box.runtime->fed_ns = start + earned_ns(pace, n) -
				      slack_ns(pace, n);
		assert_true(admitted(frame, burst + 5) < n);
	}
	box.runtime->fed_ns = start + earned_ns(pace, n) + slack_ns(pace, n);
	admitted(frame, burst + 5);
	box.runtime->fed_ns += earned_ns(pace, n) + slack_ns(pace, n);
	assert_int_equal(admitted(frame, n + 5), n);

	/* Silence earns a burst and no more. */
	box.runtime->fed_ns += earned_ns(pace, burst) + HOUR;
	assert_int_equal(admitted(frame, burst + 5), burst);
}

static void test_pace(void **state)
{
	static const unsigned int bursts[] = { 1, 2, 1000 };
	const struct pace *pace = *state;
	char text[128], source[32];

	for (size_t i = 0; i < sizeof(bursts) / sizeof(*bursts); i++) {
		snprintf(text, sizeof(text), "limit a %s burst %u per src udp",
			 pace->rate, bursts[i]);
		box_tune(text);
		for (size_t j = 0; j < sizeof(starts) / sizeof(*starts); j++) {
			snprintf(source, sizeof(source), "203.0.113.%zu", j);
			pace_check(pace, bursts[i], starts[j],
				   frame_from(source));
		}
	}
}

/* Half of that, rounded up: on the dot or just after. */
static uint64_t half_earned_ns(const struct pace *pace, uint64_t n)
{
	uint64_t in = 2 * pace->amount;

	return ((unsigned __int128)n * pace->in_ns + in - 1) / in;
}

/* Twice what is allowed, for a while, whatever the rate. */
static void test_long_run(void **state)
{
	const struct pace *pace = *state;
	const struct frame *frame = frame_from("203.0.113.7");
	uint64_t sum = 0, start = 5 * S, steps = 2000;
	char text[64];

	snprintf(text, sizeof(text), "limit a %s burst 2 udp", pace->rate);
	box_tune(text);
	for (uint64_t i = 0; i <= 2 * steps; i++) {
		box.runtime->fed_ns = start + half_earned_ns(pace, i);
		sum += frame_send(frame, 1) == 2;
	}
	if (sum < steps * 999 / 1000 || sum > steps + 6)
		fail_msg("%lu of %lu passed", sum, 2 * steps);
}

static void test_bytes_are_those_of_the_frame(void **state)
{
	const struct frame *frame = frame_from("203.0.113.7");
	char text[64];

	(void)state;
	snprintf(text, sizeof(text), "limit a 8kbit/s burst %zu per src",
		 10 * frame->len);
	box_open(text, S, true);
	assert_int_equal(admitted(frame, 20), 10);
	box.runtime->fed_ns += frame->len * S / 1000 - 1000;
	assert_int_equal(admitted(frame, 2), 0);
	box.runtime->fed_ns += 2000;
	assert_int_equal(admitted(frame, 2), 1);

	snprintf(text, sizeof(text), "limit a 8kbit/s burst %zu",
		 10 * frame->len - 1);
	box_open(text, S, true);
	assert_int_equal(admitted(frame, 20), 9);
}

/* A packet of each of two sources, and whether they are one to a key. */
static const struct shared {
	const char *name, *key;
	const struct layer *one, *other;
	bool same;
} shared[] = {
	{ "src: another port is the same source", "src",
	  F(ETH(), IP4(), UDP(.sport = 1)), F(ETH(), IP4(), UDP(.sport = 2)),
	  true },
	{ "src: the neighbour is another", "src",
	  F(ETH(), IP4(.src = "203.0.113.7"), UDP()),
	  F(ETH(), IP4(.src = "203.0.113.6"), UDP()), false },
	{ "src/24: the neighbour is the same", "src/24",
	  F(ETH(), IP4(.src = "203.0.113.7"), UDP()),
	  F(ETH(), IP4(.src = "203.0.113.200"), UDP()), true },
	{ "src/24: the next /24 is another", "src/24",
	  F(ETH(), IP4(.src = "203.0.113.255"), UDP()),
	  F(ETH(), IP4(.src = "203.0.114.0"), UDP()), false },
	{ "src: IPv6 by /64", "src",
	  F(ETH(), IP6(.src = "2001:db8:0:1::7"), UDP()),
	  F(ETH(), IP6(.src = "2001:db8:0:1:ffff::9"), UDP()), true },
	{ "src: the next /64 is another", "src",
	  F(ETH(), IP6(.src = "2001:db8:0:1::7"), UDP()),
	  F(ETH(), IP6(.src = "2001:db8:0:2::7"), UDP()), false },
	{ "src/128: the neighbour is another", "src/128",
	  F(ETH(), IP6(.src = "2001:db8:0:1::7"), UDP()),
	  F(ETH(), IP6(.src = "2001:db8:0:1::6"), UDP()), false },
	{ "dst: another source is the same", "dst",
	  F(ETH(), IP4(.src = "203.0.113.7"), UDP()),
	  F(ETH(), IP4(.src = "203.0.113.6"), UDP()), true },
	{ "dst: another destination is not", "dst",
	  F(ETH(), IP4(.dst = "203.0.113.7"), UDP()),
	  F(ETH(), IP4(.dst = "203.0.113.6"), UDP()), false },
	{ "dport: another source port is the same", "dport",
	  F(ETH(), IP4(), UDP(.sport = 1, .dport = 5)),
	  F(ETH(), IP4(), UDP(.sport = 2, .dport = 5)), true },
	{ "dport: another port is not", "dport",
	  F(ETH(), IP4(), UDP(.dport = 5)),
	  F(ETH(), IP4(), UDP(.dport = 6)), false },
	{ "sport: another port is another", "sport",
	  F(ETH(), IP4(), UDP(.sport = 5)),
	  F(ETH(), IP4(), UDP(.sport = 6)), false },
	{ "src,dport: both have to be the same", "src,dport",
	  F(ETH(), IP4(), UDP(.dport = 5)),
	  F(ETH(), IP4(), UDP(.dport = 6)), false },
	{ "dport: a later fragment has none, as the next has not", "dport",
	  F(ETH(), IP4(.offset = 1), BYTES(32)),
	  F(ETH(), IP4(.offset = 5), HEX("0005 0006 0000 0000")), true },
	{ "no key: everybody is the same", NULL,
	  F(ETH(), IP4(.src = "203.0.113.7"), UDP()),
	  F(ETH(), IP6(), TCP()), true },
};

static void test_shared(void **state)
{
	static struct frame one, other;
	const struct shared *row = *state;
	char text[64];

	frame_build(&one, row->one);
	frame_build(&other, row->other);
	snprintf(text, sizeof(text), "limit a 1/h burst 1%s%s",
		 row->key ? " per " : "", row->key ?: "");
	box_open(text, S, true);
	assert_int_equal(admitted(&one, 2), 1);
	assert_int_equal(admitted(&other, 2), !row->same);
}

/* Two limits: one's excess is not the other's to count. */
static void test_each_limit_is_its_own(void **state)
{
	(void)state;
	box_open("limit a 1/h burst 2 per src\n"
		 "limit b 1/h burst 5 per src\n", S, true);
	frame_send(frame_from("203.0.113.7"), 4);
	assert_int_equal(moved(rule_counter_read, 0, &box.conforming[0]), 2);
	assert_int_equal(moved(rule_excess_read, 0, &box.excess[0]), 2);
	assert_int_equal(moved(rule_counter_read, 1, &box.conforming[1]), 2);
	assert_int_equal(moved(rule_excess_read, 1, &box.excess[1]), 0);
}

static void test_an_observed_limit_drops_nothing(void **state)
{
	(void)state;
	box_open("observe limit a 1/h burst 2 per src\n", S, true);
	assert_int_equal(frame_send(frame_from("203.0.113.7"), 5), 2);
	assert_int_equal(moved(rule_counter_read, 0, &box.conforming[0]), 2);
	assert_int_equal(moved(rule_excess_read, 0, &box.excess[0]), 3);
}

#define CROWD 200000

static void *crowd_run(void *state)
{
	frame_send(state, CROWD);
	return NULL;
}

/* On all CPUs at once, one source: not one packet more than its burst. */
static void test_exact_across_cpus(void **state)
{
	const struct frame *frame = frame_from("203.0.113.7");
	uint64_t conforming, excess;
	pthread_t thread[4];

	(void)state;
	for (int round = 0; round < 5; round++) {
		box_open("limit a 1/s burst 300k per src\n", S, true);
		for (int i = 0; i < 4; i++)
			assert_int_equal(pthread_create(&thread[i], NULL,
							crowd_run,
							(void *)frame), 0);
		for (int i = 0; i < 4; i++)
			pthread_join(thread[i], NULL);
		conforming = moved(rule_counter_read, 0, &box.conforming[0]);
		excess = moved(rule_excess_read, 0, &box.excess[0]);
		assert_int_equal(conforming + excess, 4 * CROWD);
		assert_int_equal(conforming, 300000);
	}
}

static enum weir_reason reason_of(const struct frame *frame)
{
	int cpus = sysconf(_SC_NPROCESSORS_CONF);
	_free_ struct weir_row *before = calloc(cpus, sizeof(*before));
	_free_ struct weir_row *after = calloc(cpus, sizeof(*after));
	int map = box.maps.fd[MAP_COUNTERS];

	assert_int_equal(bpf_map_lookup_elem(map, &(int){ 0 }, before), 0);
	frame_send(frame, 1);
	assert_int_equal(bpf_map_lookup_elem(map, &(int){ 0 }, after), 0);
	for (int cpu = 0; cpu < cpus; cpu++)
		for (int r = 0; r < WEIR_REASON_COUNT; r++)
			if (after[cpu].reason[r].packets !=
			    before[cpu].reason[r].packets)
				return r;
	fail_msg("counted nowhere");
	return 0;
}

static void test_a_ban_comes_and_ends(void **state)
{
	(void)state;
	box_open("limit a 1/s burst 5 per src/24 ban 10m udp\n", S, true);
	frame_send(frame_from("203.0.113.7"), 5);
	assert_int_equal(reason_of(frame_from("203.0.113.7")), WEIR_LIMIT);
	frame_send(frame_from("203.0.113.7"), 20);
	assert_int_equal(reason_of(frame_from("203.0.113.7")), WEIR_BANNED);
	assert_int_equal(reason_of(frame_from("203.0.113.9")), WEIR_BANNED);
	assert_int_equal(reason_of(frame_from("203.0.114.7")), WEIR_PASSED);
	box.runtime->fed_ns += 600 * S - 1;
	assert_int_equal(reason_of(frame_from("203.0.113.7")), WEIR_BANNED);
	box.runtime->fed_ns += 1;
	assert_int_equal(reason_of(frame_from("203.0.113.7")), WEIR_PASSED);
}

/* All keys share the only two cells. */
static void test_a_collision_never_bans(void **state)
{
	(void)state;
	box_open("limit a 1/h burst 5 per src ban 10m cells 2 udp\n", S, true);
	frame_send(frame_from("203.0.113.7"), 100);
	assert_int_equal(reason_of(frame_from("203.0.113.7")), WEIR_BANNED);
	for (int i = 0; i < 5; i++)
		assert_int_equal(reason_of(frame_from("203.0.113.9")),
				 WEIR_LIMIT);
	assert_int_equal(reason_of(frame_from("203.0.113.9")), WEIR_LIMIT);
	frame_send(frame_from("203.0.113.9"), 20);
	assert_int_equal(reason_of(frame_from("203.0.113.9")), WEIR_BANNED);
}

static void test_ipv6_is_banned_by_64(void **state)
{
	(void)state;
	box_open("limit a 1/s burst 5 per src ban 10m udp\n", S, true);
	frame_send(frame_from("2001:db8:0:1::7"), 30);
	assert_int_equal(reason_of(frame_from("2001:db8:0:1::9")), WEIR_BANNED);
	assert_int_equal(reason_of(frame_from("2001:db8:0:2::7")), WEIR_PASSED);
}

static void test_the_protected_are_not_banned(void **state)
{
	struct weir_prefix6 key = { .list = 4, .len = 24 };
	const struct prefix prefix = prefix_of("203.0.113.0/24");

	(void)state;
	memcpy(key.addr, prefix.addr, 4);
	box_open("limit a 1/s burst 5 per src/24 ban 10m udp\n", S, true);
	assert_int_equal(bpf_map_update_elem(box.maps.fd[MAP_UNBANNABLE], &key,
					     &(__u32){ 1 }, 0), 0);
	frame_send(frame_from("203.0.113.7"), 30);
	assert_int_equal(reason_of(frame_from("203.0.113.7")), WEIR_LIMIT);
	frame_send(frame_from("203.0.114.7"), 30);
	assert_int_equal(reason_of(frame_from("203.0.114.7")), WEIR_BANNED);
}

static void test_an_observed_limit_bans_nobody(void **state)
{
	(void)state;
	box_open("observe limit a 1/s burst 5 per src ban 10m udp\n", S, true);
	frame_send(frame_from("203.0.113.7"), 30);
	assert_int_equal(reason_of(frame_from("203.0.113.7")), WEIR_PASSED);
}

static int table_run(const char *group, void (*test)(void **),
		     const void *rows, size_t size, size_t count)
{
	struct CMUnitTest tests[32] = { 0 };

	for (size_t i = 0; i < count; i++)
		tests[i] = (struct CMUnitTest){
			.name = *(const char *const *)((const char *)rows +
						       i * size),
			.test_func = test,
			.initial_state = (char *)rows + i * size,
		};
	return group_run(group, tests, count);
}

#define TABLE_RUN(group, test, rows)                                     \
	table_run(group, test, rows, sizeof((rows)[0]),           \
		  sizeof(rows) / sizeof((rows)[0]))

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_are_those_of_the_frame),
		cmocka_unit_test(test_each_limit_is_its_own),
		cmocka_unit_test(test_an_observed_limit_drops_nothing),
		cmocka_unit_test(test_exact_across_cpus),
		cmocka_unit_test(test_a_ban_comes_and_ends),
		cmocka_unit_test(test_a_collision_never_bans),
		cmocka_unit_test(test_ipv6_is_banned_by_64),
		cmocka_unit_test(test_the_protected_are_not_banned),
		cmocka_unit_test(test_an_observed_limit_bans_nobody),
	};
	int failed;

	if (!kernel_has_cmpxchg()) {
		puts("1..0 # SKIP limits need Linux 5.12");
		return 0;
	}
	box_open("limit a 1/s per src udp\n", S, true);
	failed = TABLE_RUN("the pace", test_pace, paces);
	failed += TABLE_RUN("the long run", test_long_run, paces);
	failed += TABLE_RUN("what is one source", test_shared, shared);
	failed += GROUP_RUN("limits and bans", tests);
	box_close();
	return failed ? 1 : 0;
}
