// SPDX-License-Identifier: GPL-2.0-only
/* What a watch shows, and how it is fitted into a window. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/unit.h"
#include "base/clock.h"
#include "base/wait.h"
#include "show/screen.h"
#include "show/show.h"

#define H "\033[H"
#define K "\033[K\n"
#define J "\033[J"

static const struct window {
	const char *name;
	unsigned int rows, columns;
	const char *text, *sent;
} windows[] = {
	{ "a text that fits is drawn whole", 4, 20, "one\n\ntwo\n",
	  H "one" K K "two" K J },
	{ "a text as high as the window would scroll it", 3, 40,
	  "one\n\ntwo\n", H "one" K "(2 more lines: the window is too low)" K
	  J },
	{ "of a text that is too high the last line tells", 4, 40,
	  "one\ntwo\nthree\nfour\nfive\n",
	  H "one" K "two" K "(3 more lines: the window is too low)" K J },
	{ "a window of two lines has the note alone", 2, 40, "one\ntwo\n",
	  H "(2 more lines: the window is too low)" K J },
	{ "a window of one line is no harm", 1, 40, "one\ntwo\n",
	  H "(2 more lines: the window is too low)" K J },
	{ "a line as wide as the window is cut", 4, 5, "abcde\nabcd\n",
	  H "abcd" K "abcd" K J },
	{ "the note is cut as well", 2, 10, "one\ntwo\n", H "(2 more l" K J },
	{ "a window of one column is no harm", 4, 1, "one\n", H K J },
	{ "an empty text clears the window", 4, 5, "", H J },
};

static void is_fitted(void **state)
{
	const struct window *row = *state;
	char *sent = NULL;
	size_t size;
	FILE *out = open_memstream(&sent, &size);

	screen_compose(row->text, row->rows, row->columns, out);
	fclose(out);
	assert_string_equal(sent, row->sent);
	free(sent);
}

static struct stats_report then, now;

/* A second of 300 packets passed and 100 denied, on eth0. */
static int reads_make(void **state)
{
	(void)state;
	then = (struct stats_report){
		.instance = "edge", .generation = 7, .clock_s = 10,
		.time_s = 1795356179,
		.verdict = { [WEIR_PASS] = { 100, 6000 },
			     [WEIR_DROP] = { 900, 54000 } },
		.reason = { [WEIR_PASSED] = { 100, 6000 },
			    [WEIR_DENIED] = { 900, 54000 } },
		.interfaces = 1,
		.interface = { { .name = "eth0", .slot = 1, .ifindex = 2,
				 .attached = true,
				 .total = { 1000, 60000 } } },
		.applied_s = 1795356000, .matrix = 42,
	};
	then.interface[0].reason[WEIR_PASSED] = then.reason[WEIR_PASSED];
	then.interface[0].reason[WEIR_DENIED] = then.reason[WEIR_DENIED];
	now = then;
	now.clock_s = 11;
	now.time_s = 1795356180;
	now.verdict[WEIR_PASS] = now.reason[WEIR_PASSED] =
		(struct weir_counter){ 400, 24000 };
	now.verdict[WEIR_DROP] = now.reason[WEIR_DENIED] =
		(struct weir_counter){ 1000, 60000 };
	now.interface[0].total = (struct weir_counter){ 1400, 84000 };
	return 0;
}

static const char *watched(const struct show *show,
			   const struct stats_report *n,
			   const struct stats_report *b, const char *notice)
{
	const struct watch_report watch = { n, b, notice };

	printed_begin(PRINTED_BOTH);
	show->watch(&watch);
	return printed_end();
}

static void assert_has(const char *text, const char *wanted)
{
	if (!strstr(text, wanted))
		fail_msg("no '%s' in '%s'", wanted, text);
}

static void a_sample_is_a_block(void **state)
{
	(void)state;
	assert_string_equal(watched(&show_text, &now, &then, ""),
"2026-11-22T14:03:00Z instance edge, generation 7, rates over 1.00 s\n"
"\n"
"interface                packets        pps              bytes    Mbit/s  share\n"
"eth0                        1400        400              84000      0.19 100.0%\n"
"\n"
"verdict                  packets        pps              bytes    Mbit/s  share\n"
"pass                         400        300              24000      0.14  75.0%\n"
"drop                        1000        100              60000      0.05  25.0%\n"
"tx                             0          0                  0      0.00   0.0%\n"
"abort                          0          0                  0      0.00   0.0%\n"
"\n"
"reason                   packets        pps              bytes    Mbit/s  share\n"
"passed                       400        300              24000      0.14  75.0%\n"
"denied                      1000        100              60000      0.05  25.0%\n"
"\n");
}

static void large_figures_fit_into_80_columns(void **state)
{
	const struct weir_counter most = { 999999999999, 99999999999999 };
	const struct weir_counter before = { most.packets - 99000000,
					     most.bytes - 12500000000 };
	const char *line;

	(void)state;
	now.reason[WEIR_TOO_MANY_HEADERS] = now.verdict[WEIR_DROP] = most;
	then.reason[WEIR_TOO_MANY_HEADERS] = then.verdict[WEIR_DROP] = before;
	line = watched(&show_text, &now, &then, "");
	line = strstr(line, "\ntoo-many-headers ");
	assert_non_null(line);
	assert_true(strcspn(line + 1, "\n") < 80);
	assert_has(line, "   99000000 ");
	assert_has(line, " 100000.00 ");
}

static void counters_that_went_down_have_no_rate(void **state)
{
	(void)state;
	now.reason[WEIR_PASSED] = (struct weir_counter){ 50, 3000 };
	assert_has(watched(&show_text, &now, &then, ""),
"passed                        50          0               3000      0.00   0.0%\n");
}

static void a_quiet_period_has_no_shares(void **state)
{
	(void)state;
	then.verdict[WEIR_PASS] = now.verdict[WEIR_PASS];
	then.verdict[WEIR_DROP] = now.verdict[WEIR_DROP];
	then.reason[WEIR_DENIED] = now.reason[WEIR_DENIED];
	assert_has(watched(&show_text, &now, &then, ""),
"denied                      1000          0              60000      0.00      -\n");
}

static const struct successor {
	const char *name;
	struct interface_stats on;
	const char *line;
} successors[] = {
	{ "a renamed interface keeps its rates",
	  { .name = "wan", .slot = 1, .ifindex = 2, .total = { 1400, 84000 } },
	  "wan                         1400        400 " },
	{ "an interface made anew in its slot goes on",
	  { .name = "eth0", .slot = 1, .ifindex = 9, .total = { 1400, 84000 } },
	  "eth0                        1400        400 " },
	{ "another interface in its slot begins without rates",
	  { .name = "eth9", .slot = 1, .ifindex = 9, .total = { 1400, 84000 } },
	  "eth9                        1400          0 " },
	{ "its name in another slot begins without rates",
	  { .name = "eth0", .slot = 2, .ifindex = 9, .total = { 1400, 84000 } },
	  "eth0                        1400          0 " },
};

static void is_matched(void **state)
{
	const struct successor *row = *state;

	reads_make(NULL);
	now.interface[0] = row->on;
	assert_has(watched(&show_text, &now, &then, ""), row->line);
}

static void without_a_sample_there_is_the_notice(void **state)
{
	(void)state;
	assert_string_equal(watched(&show_text, NULL, NULL, "it is gone"),
			    "note: it is gone\n\n");
	assert_string_equal(watched(&show_json, NULL, NULL, "it is gone"),
			    "weir: note: it is gone\n");
}

static void a_notice_follows_its_block(void **state)
{
	(void)state;
	assert_has(watched(&show_text, &now, &then, "generation 8 is live"),
		   "25.0%\n\nnote: generation 8 is live\n\n");
}

static void json_is_one_line_a_sample(void **state)
{
	const char *text = watched(&show_json, &now, &then, "");

	(void)state;
	assert_int_equal(strcspn(text, "\n"), strlen(text) - 1);
	assert_has(text, "{\"instance\":\"edge\",\"generation\":7,");
}

static const char *exposed(void)
{
	printed_begin(PRINTED_STDOUT);
	show_prometheus.stats(&now, NULL);
	return printed_end();
}

static void prometheus_has_the_matrix_and_the_gauges(void **state)
{
	const char *text = exposed();

	(void)state;
	assert_has(text, "# TYPE weir_packets_total counter\n");
	assert_has(text, "\nweir_packets_total{interface=\"eth0\","
		   "reason=\"denied\",verdict=\"drop\","
		   "weir_instance=\"edge\"} 900\n");
	assert_has(text, "\nweir_bytes_total{interface=\"eth0\","
		   "reason=\"passed\",verdict=\"pass\","
		   "weir_instance=\"edge\"} 6000\n");
	assert_has(text, "\nweir_interface_attached{interface=\"eth0\","
		   "weir_instance=\"edge\"} 1\n");
	assert_has(text, "\nweir_generation{weir_instance=\"edge\"} 7\n");
	assert_has(text, "\nweir_applied_timestamp_seconds{"
		   "weir_instance=\"edge\"} 1795356000\n");
}

static void labels_are_escaped(void **state)
{
	(void)state;
	strcpy(now.interface[0].name, "a\"b\\c\nd");
	assert_has(exposed(), "{interface=\"a\\\"b\\\\c\\nd\",");
}

/* wan was v2 once; then came another v2, and wan went. */
static void interfaces_of_one_name_are_one_series(void **state)
{
	const char *text, *found;

	(void)state;
	now.interface[1] = now.interface[0];
	now.interface[0].attached = false;
	now.interfaces = 2;
	text = exposed();
	found = strstr(text, "weir_packets_total{interface=\"eth0\","
		       "reason=\"denied\"");
	assert_non_null(found);
	assert_has(found, "} 1800\n");
	assert_null(strstr(found + 1, "weir_packets_total{interface=\"eth0\","
			   "reason=\"denied\""));
	assert_has(text, "weir_interface_attached{interface=\"eth0\","
		   "weir_instance=\"edge\"} 1\n");
}

/* What came by no interface has counters, but nothing to be attached to. */
static void nobody_is_not_attached(void **state)
{
	const char *text;

	(void)state;
	strcpy(now.interface[0].name, "other");
	now.interface[0].ifindex = now.interface[0].slot = 0;
	text = exposed();
	assert_has(text, "weir_packets_total{interface=\"other\"");
	assert_null(strstr(text, "weir_interface_attached{interface"));
}

static void errors_can_be_kept(void **state)
{
	const char *text;

	(void)state;
	printed_begin(PRINTED_BOTH);
	errors_keep();
	(fail)(EBUSY, "first");
	(fail)(EBUSY, "%s", "last");
	text = printed_end();
	assert_string_equal(text, "");
	assert_string_equal(errors_kept(), "last");
	printed_begin(PRINTED_STDERR);
	(fail)(EBUSY, "spoken");
	assert_string_equal(printed_end(), "weir: spoken\n");
	errors_keep();
	assert_string_equal(errors_kept(), "");
}

static void a_wait_ends_when_it_should(void **state)
{
	double begin = clock_s(CLOCK_MONOTONIC);

	(void)state;
	assert_int_equal(wait_until(begin + 0.05, -1), WAIT_TIME);
	assert_true(clock_s(CLOCK_MONOTONIC) >= begin + 0.05);
	begin = clock_s(CLOCK_MONOTONIC);
	assert_int_equal(wait_until(begin - 1, -1), WAIT_TIME);
	assert_true(clock_s(CLOCK_MONOTONIC) < begin + 0.05);
}

static void sample_add(const char *name, CMUnitTestFunction test)
{
	unit_add_with(name, test, reads_make, NULL);
}

int main(void)
{
	UNIT_ADD_ROWS(windows, is_fitted);
	UNIT_ADD_ROWS(successors, is_matched);
	sample_add("a sample is a block", a_sample_is_a_block);
	sample_add("large figures fit into 80 columns",
		   large_figures_fit_into_80_columns);
	sample_add("counters that went down have no rate",
		   counters_that_went_down_have_no_rate);
	sample_add("a quiet period has no shares",
		   a_quiet_period_has_no_shares);
	sample_add("without a sample there is the notice",
		   without_a_sample_there_is_the_notice);
	sample_add("a notice follows its block", a_notice_follows_its_block);
	sample_add("JSON is one line a sample", json_is_one_line_a_sample);
	sample_add("Prometheus has the matrix and the gauges",
		   prometheus_has_the_matrix_and_the_gauges);
	sample_add("labels are escaped", labels_are_escaped);
	sample_add("interfaces of one name are one series",
		   interfaces_of_one_name_are_one_series);
	sample_add("nobody is not attached", nobody_is_not_attached);
	unit_add("errors can be kept", errors_can_be_kept, NULL);
	unit_add("a wait ends when it should", a_wait_ends_when_it_should,
		 NULL);
	return unit_run("watch");
}
