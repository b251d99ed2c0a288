// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "show/screen.h"
#include "show/text.h"

/* Widths of columns; 80 in all, a watch's with large numbers too. */
struct layout {
	int name, packets, pps, bytes, mbits, decimals;
	bool shares;
};

static const struct layout once = { 18, 16, 12, 18, 12, 3, false };
static const struct layout watched = { 16, 15, 10, 18, 9, 2, true };

struct table {
	FILE *out;
	const struct layout *layout;
	double seconds; /* measured; 0 where nothing is */
	double packets; /* in all, in that time */
};

/* A counter that went down began anew: it has no rate. */
static double grown(__u64 now, __u64 before)
{
	return now > before ? now - before : 0;
}

static void row_share(const struct table *table, double packets)
{
	if (!table->layout->shares)
		return;
	if (table->packets > 0)
		fprintf(table->out, " %5.1f%%", packets / table->packets * 100);
	else
		fprintf(table->out, " %6s", "-");
}

static void stats_row(const struct table *table, const char *name,
		      const struct weir_counter *now,
		      const struct weir_counter *before)
{
	char packets[NUMBER_TEXT], pps[NUMBER_TEXT], bytes[NUMBER_TEXT];
	const struct layout *l = table->layout;
	double rate = 0, bits = 0, in_period = 0;

	if (before && table->seconds > 0) {
		in_period = grown(now->packets, before->packets);
		rate = in_period / table->seconds;
		bits = grown(now->bytes, before->bytes) * 8 / table->seconds;
	}
	fprintf(table->out, "%-*s %*s %*s %*s %*.*f", l->name, name, l->packets,
		number_format(now->packets, packets), l->pps,
		number_format(rate + 0.5, pps), l->bytes,
		number_format(now->bytes, bytes), l->mbits, l->decimals,
		bits / 1e6);
	row_share(table, in_period);
	fputc('\n', table->out);
}

static void stats_head(const struct table *table, const char *what)
{
	const struct layout *l = table->layout;

	fprintf(table->out, "\n%-*s %*s %*s %*s %*s%s\n", l->name, what,
		l->packets, "packets", l->pps, "pps", l->bytes, "bytes",
		l->mbits, "Mbit/s", l->shares ? "  share" : "");
}

/* The same slot, unless another interface has it now. */
static const struct weir_counter *
interface_before(const struct stats_report *before,
		 const struct interface_stats *now)
{
	const struct interface_stats *then;

	for (unsigned int i = 0; before && i < before->interfaces; i++) {
		then = &before->interface[i];
		if (then->slot == now->slot &&
		    (!strcmp(then->name, now->name) ||
		     (now->ifindex && then->ifindex == now->ifindex)))
			return &then->total;
	}
	return NULL;
}

/* Most often a rule is where it was. */
static const struct rule_stats *rule_before(const struct stats_report *before,
					      const struct rule_stats *now,
					      unsigned int place)
{
	if (!before)
		return NULL;
	if (place < before->rules &&
	    !strcmp(before->rule[place].name, now->name))
		return &before->rule[place];
	for (unsigned int i = 0; i < before->rules; i++)
		if (!strcmp(before->rule[i].name, now->name))
			return &before->rule[i];
	return NULL;
}

/* A limit's excess has a row of its own, below what conformed. */
static void rule_rows(const struct table *table, const struct rule_stats *now,
		      const struct rule_stats *before)
{
	char name[48];

	stats_row(table, now->name, &now->counter,
		  before ? &before->counter : NULL);
	if (now->action != WEIR_DO_LIMIT)
		return;
	snprintf(name, sizeof(name), "  %s",
		 now->observe ? "would drop" : "excess");
	stats_row(table, name, &now->excess, before ? &before->excess : NULL);
}

static void rules_table(const struct table *table,
			const struct stats_report *now,
			const struct stats_report *before)
{
	if (now->rules)
		stats_head(table, "rule");
	for (unsigned int i = 0; i < now->rules; i++)
		rule_rows(table, &now->rule[i],
			  rule_before(before, &now->rule[i], i));
}

static double packets_between(const struct stats_report *now,
			      const struct stats_report *before)
{
	double packets = 0;

	for (int i = 0; before && i < WEIR_VERDICT_COUNT; i++)
		packets += grown(now->verdict[i].packets,
				 before->verdict[i].packets);
	return packets;
}

/* What would be dropped, were it not for a pause or an observed policy. */
static void would_rows(const struct table *table,
		       const struct stats_report *now,
		       const struct stats_report *before)
{
	bool headed = false;

	for (int i = 0; i < WEIR_REASON_COUNT; i++) {
		if (!now->would[i].packets)
			continue;
		if (!headed)
			stats_head(table, "would drop");
		headed = true;
		stats_row(table, reason_kinds[i].name, &now->would[i],
			  before ? &before->would[i] : NULL);
	}
}

static void stats_tables(FILE *out, const struct layout *layout,
			 const struct stats_report *now,
			 const struct stats_report *before)
{
	const struct table table = {
		.out = out,
		.layout = layout,
		.seconds = before ? now->clock_s - before->clock_s : 0,
		.packets = packets_between(now, before),
	};

	fprintf(out, "instance %s, generation %u", now->instance,
		now->generation);
	if (before)
		fprintf(out, ", rates over %.2f s", table.seconds);
	fputc('\n', out);
	stats_head(&table, "interface");
	for (unsigned int i = 0; i < now->interfaces; i++)
		stats_row(&table, now->interface[i].name,
			  &now->interface[i].total,
			  interface_before(before, &now->interface[i]));
	stats_head(&table, "verdict");
	for (int i = 0; i < WEIR_VERDICT_COUNT; i++)
		stats_row(&table, verdict_names[i], &now->verdict[i],
			  before ? &before->verdict[i] : NULL);
	stats_head(&table, "reason");
	for (int i = 0; i < WEIR_REASON_COUNT; i++)
		if (now->reason[i].packets)
			stats_row(&table, reason_kinds[i].name, &now->reason[i],
				  before ? &before->reason[i] : NULL);
	would_rows(&table, now, before);
	rules_table(&table, now, before);
}

void text_stats(const struct stats_report *now,
		const struct stats_report *before)
{
	stats_tables(stdout, &once, now, before);
	fflush(stdout);
}

static void watch_print(FILE *out, const struct watch_report *watch)
{
	char time[TIME_TEXT];

	if (watch->now)
		fprintf(out, "%s ", time_format(watch->now->time_s, time));
	if (watch->now)
		stats_tables(out, &watched, watch->now, watch->before);
	if (*watch->notice)
		fprintf(out, "%snote: %s\n", watch->now ? "\n" : "",
			watch->notice);
}

int text_watch(const struct watch_report *watch)
{
	_free_ char *text = NULL;
	size_t size;
	FILE *out;

	if (!screen_is_there()) {
		watch_print(stdout, watch);
		putchar('\n');
		return fflush(stdout) ? -errno : 0;
	}
	out = open_memstream(&text, &size);
	if (!out)
		return -errno;
	watch_print(out, watch);
	return fclose(out) ? -errno : screen_draw(text);
}
