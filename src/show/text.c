// SPDX-License-Identifier: GPL-2.0-only
/* The voice for people: aligned columns; digits are grouped on a terminal. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "show/show.h"

#define NUMBER_TEXT sizeof("18,446,744,073,709,551,615")

static const char *number(unsigned long long value, char text[NUMBER_TEXT])
{
	char digits[NUMBER_TEXT], *out = text;
	int length = snprintf(digits, sizeof(digits), "%llu", value);

	if (!isatty(STDOUT_FILENO))
		return strcpy(text, digits);
	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			*out++ = ',';
		*out++ = digits[i];
	}
	*out = '\0';
	return text;
}

static void stats_row(const char *name, const struct weir_counter *now,
		      const struct weir_counter *before, double seconds)
{
	char packets[NUMBER_TEXT], pps[NUMBER_TEXT], bytes[NUMBER_TEXT];
	double rate = 0, bits = 0;

	if (before && seconds > 0) {
		rate = (now->packets - before->packets) / seconds;
		bits = (now->bytes - before->bytes) * 8 / seconds;
	}
	printf("%-18s %16s %12s %20s %12.3f\n", name,
	       number(now->packets, packets), number(rate + 0.5, pps),
	       number(now->bytes, bytes), bits / 1e6);
}

static void stats_head(const char *what)
{
	printf("\n%-18s %16s %12s %20s %12s\n", what, "packets", "pps", "bytes",
	       "Mbit/s");
}

static const struct weir_counter *
interface_before(const struct stats_report *before, const char *name)
{
	for (unsigned int i = 0; before && i < before->interfaces; i++)
		if (!strcmp(before->interface[i].name, name))
			return &before->interface[i].total;
	return NULL;
}

static void text_stats(const struct stats_report *now,
		       const struct stats_report *before)
{
	double seconds = before ? now->clock_s - before->clock_s : 0;

	printf("instance %s, generation %u", now->instance, now->generation);
	if (before)
		printf(", rates over %.2f s", seconds);
	putchar('\n');
	stats_head("interface");
	for (unsigned int i = 0; i < now->interfaces; i++)
		stats_row(now->interface[i].name, &now->interface[i].total,
			  interface_before(before, now->interface[i].name),
			  seconds);
	stats_head("verdict");
	for (int i = 0; i < WEIR_VERDICT_COUNT; i++)
		stats_row(verdict_names[i], &now->verdict[i],
			  before ? &before->verdict[i] : NULL, seconds);
	stats_head("reason");
	for (int i = 0; i < WEIR_REASON_COUNT; i++)
		if (now->reason[i].packets)
			stats_row(reason_kinds[i].name, &now->reason[i],
				  before ? &before->reason[i] : NULL, seconds);
	fflush(stdout);
}

static void text_status(const struct status_report *status)
{
	const struct interface_status *on;
	char time[TIME_TEXT];

	printf("instance %s, generation %u, applied %s\n", status->instance,
	       status->generation, time_format(status->applied_s, time));
	printf("memory %.1f MiB\n", status->memory / 1048576.0);
	if (status->paused_s > 0)
		printf("PAUSED for %lld s more\n", status->paused_s);
	else if (status->paused_s)
		puts("PAUSED until weir resume");
	putchar('\n');
	printf("%-16s %7s  %-8s %8s  %s\n", "interface", "ifindex", "mode",
	       "program", "state");
	for (unsigned int i = 0; i < status->interfaces; i++) {
		on = &status->interface[i];
		printf("%-16s %7u  %-8s %8u  %s since %s\n", on->name,
		       on->ifindex, on->attached ? mode_names[on->mode] : "-",
		       on->program, on->state, time_format(on->since_s, time));
	}
	if (status->warnings)
		putchar('\n');
	for (unsigned int i = 0; i < status->warnings; i++)
		printf("warning: %s; fix: %s\n", status->warning[i].text,
		       status->warning[i].fix);
}

static void text_policy(const struct policy_report *policy)
{
	char text[TARGET_TEXT], time[TIME_TEXT];
	const struct list_entry *entry;

	if (policy->count[WEIR_ALLOW] || policy->count[WEIR_DENY] ||
	    policy->count[WEIR_DENY_TCP] || policy->count[WEIR_DENY_UDP])
		puts("# runtime");
	for (int list = 0; list < WEIR_LIST_COUNT; list++) {
		for (size_t i = 0; i < policy->count[list]; i++) {
			entry = &policy->entries[list][i];
			printf("%s %s", list_names[list],
			       target_format(list, &entry->prefix, text));
			if (entry->until_s)
				printf(" until %s",
				       time_format(entry->until_s, time));
			puts("");
		}
	}
	puts("default pass");
}

static void text_lookup(const struct lookup_report *lookup)
{
	const struct list_entry *entry = lookup->entry;
	char address[PREFIX_TEXT], prefix[PREFIX_TEXT], time[TIME_TEXT];
	char packets[NUMBER_TEXT], bytes[NUMBER_TEXT];

	prefix_format(&lookup->address, address);
	if (!entry) {
		printf("%s: pass, on no list\n", address);
		return;
	}
	printf("%s: %s, by %s %s (%s) since %s", address,
	       entry->list == WEIR_ALLOW ? "pass" : "drop",
	       list_names[entry->list], prefix_format(&entry->prefix, prefix),
	       origin_name(entry), time_format(entry->since_s, time));
	if (entry->until_s)
		printf(" until %s", time_format(entry->until_s, time));
	printf(", %s packets, %s bytes\n", number(entry->packets, packets),
	       number(entry->bytes, bytes));
}

static void text_lab(const struct lab_report *lab)
{
	const struct lab_side_report *side;

	printf("lab %s: %s, instance %s, ", lab->name,
	       lab->whole ? "up" : "half made", lab->instance);
	if (lab->program)
		printf("XDP program %u on server0\n", lab->program);
	else
		puts("no XDP program");
	for (int i = 0; i < LAB_SIDES; i++) {
		side = &lab->side[i];
		printf("  %-9s %s%s\n", lab_side_names[i], side->netns,
		       side->exists ? "" : " (missing)");
		for (unsigned int j = 0; j < side->addresses; j++)
			printf("            %-15s %s\n",
			       side->address[j].interface,
			       side->address[j].text);
	}
}

static void text_labs(const struct lab_report *labs, size_t count)
{
	if (!count)
		puts("no lab is up; start with: weir lab up");
	for (size_t i = 0; i < count; i++)
		text_lab(&labs[i]);
}

static void text_flood(const struct flood_report *flood)
{
	char from[PREFIX_TEXT], to[PREFIX_TEXT];
	char packets[NUMBER_TEXT], pps[NUMBER_TEXT], lost[NUMBER_TEXT];
	double seconds = flood->seconds > 0 ? flood->seconds : 1;

	printf("%s: %s packets of %u bytes from %s to %s in %.2f s: "
	       "%s packets/s, %.1f Mbit/s",
	       flood->kind, number(flood->packets, packets), flood->size,
	       prefix_format(&flood->from, from), prefix_format(&flood->to, to),
	       flood->seconds, number(flood->packets / seconds + 0.5, pps),
	       flood->packets * 8.0 * flood->size / seconds / 1e6);
	if (flood->lost)
		printf("; %s found the receiver's queue full",
		       number(flood->lost, lost));
	putchar('\n');
	if (flood->good)
		printf("good: %llu of %llu requests answered, the slowest "
		       "after %.1f ms\n",
		       flood->answers, flood->requests, flood->slowest_s * 1e3);
}

static void text_version(const char *version)
{
	printf("weir %s\n", version);
}

const struct show show_text = {
	.stats = text_stats,
	.status = text_status,
	.policy = text_policy,
	.lookup = text_lookup,
	.labs = text_labs,
	.flood = text_flood,
	.version = text_version,
};
