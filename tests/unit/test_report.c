// SPDX-License-Identifier: GPL-2.0-only
/* The words that scripts rely on, and what the two voices make of figures. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "unit/unit.h"
#include "show/show.h"

static const struct moment {
	const char *name;
	__u64 seconds;
	const char *text;
} moments[] = {
	{ "the first second is printed in UTC", 0, "1970-01-01T00:00:00Z" },
	{ "the last second of a day is printed in UTC", 86399,
	  "1970-01-01T23:59:59Z" },
	{ "the first second of the next day is printed in UTC", 86400,
	  "1970-01-02T00:00:00Z" },
	{ "a leap day is printed in UTC", 951782400, "2000-02-29T00:00:00Z" },
	{ "the day after February in a year without one is printed in UTC",
	  4107542400, "2100-03-01T00:00:00Z" },
	{ "a moment of this project is printed in UTC", 1795356180,
	  "2026-11-22T14:03:00Z" },
	{ "the second after 32 bits is printed in UTC", 4294967296,
	  "2106-02-07T06:28:16Z" },
	{ "the last second of four digits is printed in UTC", 253402300799,
	  "9999-12-31T23:59:59Z" },
};

static void is_printed_in_utc(void **state)
{
	const struct moment *row = *state;
	char text[TIME_TEXT];

	setenv("TZ", "CHAST-12:45", 1);
	tzset();
	assert_ptr_equal(time_format(row->seconds, text), text);
	assert_string_equal(text, row->text);
}

/* Times come from maps that members of a group may write. */
static const struct wild {
	const char *name;
	__u64 seconds;
} wild[] = {
	{ "the first second of five digits is some text", 253402300800 },
	{ "the last year that fits an int is some text", 67768036191676799 },
	{ "the first year that does not is some text", 67768036191676800 },
	{ "the largest signed number of seconds is some text", ~0ULL >> 1 },
	{ "the lowest signed number of seconds is some text", 1ULL << 63 },
	{ "the largest number of seconds is some text", ~0ULL },
};

static void is_printed_without_harm(void **state)
{
	const struct wild *row = *state;
	char text[TIME_TEXT + 1];

	memset(text, '\x7f', sizeof(text));
	time_format(row->seconds, text);
	assert_non_null(memchr(text, '\0', TIME_TEXT));
	assert_null(memchr(text, '\x7f', strlen(text)));
	assert_int_equal(text[TIME_TEXT], '\x7f');
}

/* Order is ABI: append here when the list grows, never reorder. */
static const struct reason {
	const char *name, *word;
	enum weir_reason reason;
	unsigned int number;
	enum weir_verdict verdict;
} reasons[] = {
	{ "reason 0 is passed", "passed", WEIR_PASSED, 0, WEIR_PASS },
	{ "reason 1 is not-ip", "not-ip", WEIR_NOT_IP, 1, WEIR_PASS },
	{ "reason 2 is allowed", "allowed", WEIR_ALLOWED, 2, WEIR_PASS },
	{ "reason 3 is truncated", "truncated", WEIR_TRUNCATED, 3, WEIR_DROP },
	{ "reason 4 is bad-version", "bad-version", WEIR_BAD_VERSION, 4,
	  WEIR_DROP },
	{ "reason 5 is bad-length", "bad-length", WEIR_BAD_LENGTH, 5,
	  WEIR_DROP },
	{ "reason 6 is too-many-tags", "too-many-tags", WEIR_TOO_MANY_TAGS, 6,
	  WEIR_DROP },
	{ "reason 7 is too-many-headers", "too-many-headers",
	  WEIR_TOO_MANY_HEADERS, 7, WEIR_DROP },
	{ "reason 8 is denied", "denied", WEIR_DENIED, 8, WEIR_DROP },
	{ "reason 9 is denied-port", "denied-port", WEIR_DENIED_PORT, 9,
	  WEIR_DROP },
	{ "reason 10 is paused", "paused", WEIR_PAUSED, 10, WEIR_PASS },
	{ "reason 11 is observed", "observed", WEIR_OBSERVED, 11, WEIR_PASS },
	{ "reason 12 is bad-flags", "bad-flags", WEIR_BAD_FLAGS, 12,
	  WEIR_DROP },
	{ "reason 13 is bad-port", "bad-port", WEIR_BAD_PORT, 13, WEIR_DROP },
	{ "reason 14 is bad-address", "bad-address", WEIR_BAD_ADDRESS, 14,
	  WEIR_DROP },
	{ "reason 15 is bad-fragment", "bad-fragment", WEIR_BAD_FRAGMENT, 15,
	  WEIR_DROP },
	{ "reason 16 is land", "land", WEIR_LAND, 16, WEIR_DROP },
	{ "reason 17 is fragment", "fragment", WEIR_FRAGMENT, 17, WEIR_DROP },
	{ "reason 18 is bogon", "bogon", WEIR_BOGON, 18, WEIR_DROP },
	{ "reason 19 is tagged", "tagged", WEIR_TAGGED, 19, WEIR_DROP },
	{ "reason 20 is extension-header", "extension-header",
	  WEIR_EXTENSION_HEADER, 20, WEIR_DROP },
	{ "reason 21 is a rule's drop", "rule", WEIR_RULE_DROP, 21, WEIR_DROP },
	{ "reason 22 is a rule's pass", "rule", WEIR_RULE_PASS, 22, WEIR_PASS },
	{ "reason 23 is a rule's abort", "rule", WEIR_RULE_ABORT, 23,
	  WEIR_ABORT },
	{ "reason 24 is default", "default", WEIR_DEFAULT, 24, WEIR_DROP },
	{ "reason 25 is kept", "kept", WEIR_KEPT, 25, WEIR_PASS },
	{ "reason 26 is limit", "limit", WEIR_LIMIT, 26, WEIR_DROP },
	{ "reason 27 is banned", "banned", WEIR_BANNED, 27, WEIR_DROP },
};

static void keeps_its_number_word_and_verdict(void **state)
{
	const struct reason *row = *state;

	assert_int_equal(row->reason, row->number);
	assert_string_equal(reason_kinds[row->reason].name, row->word);
	assert_int_equal(reason_kinds[row->reason].verdict, row->verdict);
}

static void assert_word(const char *word)
{
	assert_non_null(word);
	assert_in_range(strlen(word), 1, 31);
	assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-"),
			 strlen(word));
	assert_int_not_equal(*word, '-');
}

/* A word may stand for several reasons, where the verdict tells them apart. */
static void every_reason_has_a_word_of_its_own(void **state)
{
	(void)state;
	assert_int_equal(COUNT(reasons), WEIR_REASON_COUNT);
	for (int i = 0; i < WEIR_REASON_COUNT; i++) {
		assert_word(reason_kinds[i].name);
		assert_non_null(reason_kinds[i].text);
		assert_true(*reason_kinds[i].text);
		assert_in_range(reason_kinds[i].verdict, 0,
				WEIR_VERDICT_COUNT - 1);
		for (int j = 0; j < i; j++)
			if (reason_kinds[i].verdict == reason_kinds[j].verdict)
				assert_string_not_equal(reason_kinds[i].name,
							reason_kinds[j].name);
	}
}

static void the_four_verdicts_have_their_words(void **state)
{
	(void)state;
	assert_int_equal(WEIR_VERDICT_COUNT, 4);
	assert_string_equal(verdict_names[WEIR_PASS], "pass");
	assert_string_equal(verdict_names[WEIR_DROP], "drop");
	assert_string_equal(verdict_names[WEIR_TX], "tx");
	assert_string_equal(verdict_names[WEIR_ABORT], "abort");
}

static void lists_and_modes_have_their_words(void **state)
{
	(void)state;
	assert_int_equal(WEIR_LIST_COUNT, 4);
	assert_string_equal(list_names[WEIR_ALLOW], "allow");
	assert_string_equal(list_names[WEIR_DENY], "deny");
	assert_string_equal(list_names[WEIR_DENY_TCP], "deny");
	assert_string_equal(list_names[WEIR_DENY_UDP], "deny");
	assert_string_equal(mode_names[WEIR_NATIVE], "native");
	assert_string_equal(mode_names[WEIR_GENERIC], "generic");
}

/* Two reads, half a second apart. */
static void reads_make(struct stats_report *before, struct stats_report *now)
{
	*before = (struct stats_report){
		.instance = "edge",
		.generation = 7,
		.time_s = 1000.5,
		.clock_s = 10,
		.verdict = { [WEIR_PASS] = { 100, 6400 },
			     [WEIR_DROP] = { 10, 600 } },
		.reason = { [WEIR_PASSED] = { 100, 6400 },
			    [WEIR_DENIED] = { 10, 600 } },
		.interfaces = 2,
		.interface = { { .name = "eth1", .attached = true,
				 .mode = WEIR_GENERIC, .total = { 10, 600 } },
			       { .name = "eth0", .attached = true,
				 .mode = WEIR_NATIVE, .total = { 100, 6400 } } },
	};
	*now = *before;
	now->time_s = 1001;
	now->clock_s = 10.5;
	now->verdict[WEIR_PASS] = (struct weir_counter){ 1100, 70400 };
	now->reason[WEIR_PASSED] = (struct weir_counter){ 1100, 70400 };
	now->interfaces = 3;
	now->interface[0] = (struct interface_stats){
		.name = "eth0", .attached = true, .mode = WEIR_NATIVE,
		.total = { 1100, 70400 }
	};
	now->interface[1] = (struct interface_stats){
		.name = "eth1", .mode = WEIR_GENERIC, .total = { 10, 600 }
	};
	now->interface[2] = (struct interface_stats){
		.name = "eth2", .attached = true, .mode = WEIR_NATIVE,
		.total = { 5, 320 }
	};
}

static const char *stats_printed(const struct show *show,
				 const struct stats_report *now,
				 const struct stats_report *before)
{
	printed_begin(PRINTED_STDOUT);
	show->stats(now, before);
	return printed_end();
}

/* clang-format off */
#define HEAD(what) "\n" what \
	"          packets          pps              bytes       Mbit/s\n"

static const char rates_text[] =
"instance edge, generation 7, rates over 0.50 s\n"
HEAD("interface         ")
"eth0                           1100         2000              70400        1.024\n"
"eth1                             10            0                600        0.000\n"
"eth2                              5            0                320        0.000\n"
HEAD("verdict           ")
"pass                           1100         2000              70400        1.024\n"
"drop                             10            0                600        0.000\n"
"tx                                0            0                  0        0.000\n"
"abort                             0            0                  0        0.000\n"
HEAD("reason            ")
"passed                         1100         2000              70400        1.024\n"
"denied                           10            0                600        0.000\n";

static const char stats_json[] =
"{\"instance\":\"edge\",\"generation\":7,\"time\":1001.0,\"interfaces\":["
"{\"name\":\"eth0\",\"attached\":true,\"mode\":\"native\",\"packets\":1100,\"bytes\":70400},"
"{\"name\":\"eth1\",\"attached\":false,\"mode\":null,\"packets\":10,\"bytes\":600},"
"{\"name\":\"eth2\",\"attached\":true,\"mode\":\"native\",\"packets\":5,\"bytes\":320}],"
"\"verdicts\":{\"pass\":{\"packets\":1100,\"bytes\":70400},"
"\"drop\":{\"packets\":10,\"bytes\":600},\"tx\":{\"packets\":0,\"bytes\":0},"
"\"abort\":{\"packets\":0,\"bytes\":0}},\"reasons\":["
"{\"reason\":\"passed\",\"verdict\":\"pass\",\"packets\":1100,\"bytes\":70400},"
"{\"reason\":\"not-ip\",\"verdict\":\"pass\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"allowed\",\"verdict\":\"pass\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"truncated\",\"verdict\":\"drop\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"bad-version\",\"verdict\":\"drop\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"bad-length\",\"verdict\":\"drop\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"too-many-tags\",\"verdict\":\"drop\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"too-many-headers\",\"verdict\":\"drop\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"denied\",\"verdict\":\"drop\",\"packets\":10,\"bytes\":600},"
"{\"reason\":\"denied-port\",\"verdict\":\"drop\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"paused\",\"verdict\":\"pass\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"observed\",\"verdict\":\"pass\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"bad-flags\",\"verdict\":\"drop\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"bad-port\",\"verdict\":\"drop\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"bad-address\",\"verdict\":\"drop\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"bad-fragment\",\"verdict\":\"drop\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"land\",\"verdict\":\"drop\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"fragment\",\"verdict\":\"drop\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"bogon\",\"verdict\":\"drop\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"tagged\",\"verdict\":\"drop\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"extension-header\",\"verdict\":\"drop\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"rule\",\"verdict\":\"drop\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"rule\",\"verdict\":\"pass\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"rule\",\"verdict\":\"abort\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"default\",\"verdict\":\"drop\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"kept\",\"verdict\":\"pass\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"limit\",\"verdict\":\"drop\",\"packets\":0,\"bytes\":0},"
"{\"reason\":\"banned\",\"verdict\":\"drop\",\"packets\":0,\"bytes\":0}"
"],\"would_drop\":[],\"rules\":[]}\n";
/* clang-format on */

static void rates_are_differences_over_the_time_between(void **state)
{
	struct stats_report before, now;

	(void)state;
	reads_make(&before, &now);
	assert_string_equal(stats_printed(&show_text, &now, &before),
			    rates_text);
}

static void without_an_earlier_read_there_are_no_rates(void **state)
{
	struct stats_report before, now;
	const char *text;

	(void)state;
	reads_make(&before, &now);
	text = stats_printed(&show_text, &now, NULL);
	assert_non_null(strstr(text, "instance edge, generation 7\n"));
	assert_null(strstr(text, "rates"));
	assert_non_null(strstr(text, "1100            0 "));
}

static void two_reads_at_one_moment_give_no_rates(void **state)
{
	struct stats_report before, now;

	(void)state;
	reads_make(&before, &now);
	now.clock_s = before.clock_s;
	assert_non_null(strstr(stats_printed(&show_text, &now, &before),
			       "1100            0 "));
}

static void json_has_every_verdict_and_reason(void **state)
{
	struct stats_report before, now;

	(void)state;
	reads_make(&before, &now);
	assert_string_equal(stats_printed(&show_json, &now, NULL), stats_json);
}

static void what_would_be_dropped_is_shown_apart(void **state)
{
	struct stats_report before, now;
	const char *text;

	(void)state;
	reads_make(&before, &now);
	assert_null(strstr(stats_printed(&show_text, &now, &before), "would"));
	now.would[WEIR_DENIED] = (struct weir_counter){ 7, 420 };
	text = stats_printed(&show_text, &now, &before);
	assert_non_null(strstr(text, HEAD("would drop        ")
		"denied                            7           14"));
	text = stats_printed(&show_json, &now, NULL);
	assert_non_null(strstr(text, "\"would_drop\":[{\"reason\":\"denied\","
				     "\"packets\":7,\"bytes\":420}]"));
	text = stats_printed(&show_prometheus, &now, NULL);
	assert_non_null(strstr(text, "\nweir_would_drop_packets_total{reason="
				     "\"denied\",verdict=\"drop\","
				     "weir_instance=\"edge\"} 7\n"));
	assert_non_null(strstr(text, "\nweir_would_drop_bytes_total{reason="
				     "\"denied\",verdict=\"drop\","
				     "weir_instance=\"edge\"} 420\n"));
}

static void rules_are_shown_in_every_voice(void **state)
{
	struct stats_report before, now;
	const char *text;

	(void)state;
	reads_make(&before, &now);
	now.rules = 1;
	now.rule[0] = (struct rule_stats){ .name = "ntp-amp",
					   .action = WEIR_DO_DROP,
					   .observe = true,
					   .counter = { 9, 4212 } };
	text = stats_printed(&show_text, &now, &before);
	assert_non_null(strstr(text, HEAD("rule              ")
		"ntp-amp                           9            0"));
	before.rules = 2;
	before.rule[1] = now.rule[0];
	before.rule[1].counter.packets = 5;
	text = stats_printed(&show_text, &now, &before);
	assert_non_null(strstr(text,
		"ntp-amp                           9            8"));
	text = stats_printed(&show_json, &now, NULL);
	assert_non_null(strstr(text, "\"rules\":[{\"name\":\"ntp-amp\","
				     "\"action\":\"drop\",\"packets\":9,"
				     "\"bytes\":4212,\"would_drop\":"
				     "{\"packets\":9,\"bytes\":4212}}]"));
	text = stats_printed(&show_prometheus, &now, NULL);
	assert_non_null(strstr(text, "\nweir_rule_packets_total{rule="
				     "\"ntp-amp\",action=\"drop\","
				     "observed=\"yes\",weir_instance="
				     "\"edge\"} 9\n"));
}

static void figures_beyond_32_bits_are_whole(void **state)
{
	struct stats_report now = { .instance = "edge" };
	const char *text;

	(void)state;
	now.verdict[WEIR_DROP] =
		(struct weir_counter){ 1ULL << 53, ~0ULL >> 1 };
	text = stats_printed(&show_json, &now, NULL);
	assert_non_null(strstr(text, "\"drop\":{\"packets\":9007199254740992,"
				     "\"bytes\":9223372036854775807}"));
	text = stats_printed(&show_text, &now, NULL);
	assert_non_null(strstr(text, " 9007199254740992 "));
	assert_non_null(strstr(text, " 9223372036854775807 "));
}

int main(void)
{
	UNIT_ADD_ROWS(moments, is_printed_in_utc);
	UNIT_ADD_ROWS(wild, is_printed_without_harm);
	UNIT_ADD_ROWS(reasons, keeps_its_number_word_and_verdict);
	unit_add("every reason has a word of its own",
		 every_reason_has_a_word_of_its_own, NULL);
	unit_add("the four verdicts have their words",
		 the_four_verdicts_have_their_words, NULL);
	unit_add("lists and modes have their words",
		 lists_and_modes_have_their_words, NULL);
	unit_add("rates are differences over the time between",
		 rates_are_differences_over_the_time_between, NULL);
	unit_add("without an earlier read there are no rates",
		 without_an_earlier_read_there_are_no_rates, NULL);
	unit_add("two reads at one moment give no rates",
		 two_reads_at_one_moment_give_no_rates, NULL);
	unit_add("JSON has every verdict and reason",
		 json_has_every_verdict_and_reason, NULL);
	unit_add("what would be dropped is shown apart",
		 what_would_be_dropped_is_shown_apart, NULL);
	unit_add("rules are shown in every voice",
		 rules_are_shown_in_every_voice, NULL);
	unit_add("figures beyond 32 bits are whole",
		 figures_beyond_32_bits_are_whole, NULL);
	return unit_run("report");
}
