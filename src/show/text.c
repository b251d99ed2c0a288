// SPDX-License-Identifier: GPL-2.0-only
/* The voice for people: aligned columns; digits are grouped on a terminal. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "show/text.h"

const char *number_format(unsigned long long value, char text[NUMBER_TEXT])
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

static const char *optional(long long value, char text[NUMBER_TEXT])
{
	return value == TABLE_UNKNOWN ? "-" : number_format(value, text);
}

static void status_tables(const struct status_report *status)
{
	char entries[NUMBER_TEXT], max[NUMBER_TEXT], bytes[NUMBER_TEXT];
	const struct table_status *table;

	printf("\n%-16s %12s %12s %16s\n", "table", "entries", "at most",
	       "bytes");
	for (unsigned int i = 0; i < status->tables; i++) {
		table = &status->table[i];
		printf("%-16s %12s %12s %16s\n", table->name,
		       optional(table->entries, entries),
		       optional(table->max, max),
		       number_format(table->bytes, bytes));
	}
}

static void status_kernel(const struct status_report *status)
{
	printf("kernel %s:", status->release);
	for (unsigned int i = 0; i < status->features; i++)
		printf("%s %s", i ? "," : "", status->feature[i]);
	putchar('\n');
}

static void status_policy(const struct status_report *status)
{
	if (*status->file)
		printf("policy %s, sha256 %s", status->file, status->sha256);
	else
		printf("no policy file");
	if (status->edits)
		printf(", %u change%s by command since", status->edits,
		       status->edits == 1 ? "" : "s");
	putchar('\n');
	if (status->observe)
		puts("OBSERVING: nothing is dropped");
	if (status->confirm_s)
		printf("UNCONFIRMED: generation %u comes back in %lld s, "
		       "unless weir confirm\n",
		       status->previous, status->confirm_s);
}

static void text_status(const struct status_report *status)
{
	const struct warnings *warnings = &status->warnings;
	const struct interface_status *on;
	char time[TIME_TEXT];

	printf("instance %s, generation %u, applied %s\n", status->instance,
	       status->generation, time_format(status->applied_s, time));
	status_policy(status);
	status_kernel(status);
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
	status_tables(status);
	if (warnings->count)
		putchar('\n');
	for (unsigned int i = 0; i < warnings->count; i++)
		printf("warning: %s; fix: %s\n", warnings->list[i].text,
		       warnings->list[i].fix);
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
	if (lookup->banned)
		printf("%s: drop, %s banned by limit %s since %s", address,
		       prefix_format(&entry->prefix, prefix), entry->origin,
		       time_format(entry->since_s, time));
	else
		printf("%s: %s, by %s %s (%s) since %s", address,
		       entry->list == WEIR_ALLOW ? "pass" : "drop",
		       list_names[entry->list],
		       prefix_format(&entry->prefix, prefix),
		       origin_name(entry), time_format(entry->since_s, time));
	if (entry->until_s)
		printf(" until %s", time_format(entry->until_s, time));
	printf(", %s packets, %s bytes\n",
	       number_format(entry->packets, packets),
	       number_format(entry->bytes, bytes));
}

/* The statement that settled it, or what the reason means. */
static void packet_cause(const struct packet_report *packet)
{
	const struct list_entry *entry = &packet->entry;
	char target[TARGET_TEXT];

	if (packet->rule)
		printf("%s %s", action_names[packet->action], packet->rule);
	else if (packet->listed)
		printf("%s %s (%s)", list_names[entry->list],
		       target_format(entry->list, &entry->prefix, target),
		       origin_name(entry));
	else
		printf("%s", reason_kinds[packet->reason].text);
}

static void text_packet(const struct packet_report *packet)
{
	const struct reason_kind *kind = &reason_kinds[packet->reason];

	if (!packet->judged) {
		printf("%6lu %7zu  %-7s  %-16s  too short to be a frame\n",
		       packet->number, packet->length, "-", "-");
		return;
	}
	printf("%6lu %7zu  %-7s  %-16s  ", packet->number, packet->length,
	       verdict_names[kind->verdict], kind->name);
	packet_cause(packet);
	if (packet->captured < packet->length)
		printf("; by its first %zu bytes", packet->captured);
	putchar('\n');
}

static void text_packets(const struct packets_report *packets)
{
	printf("%6s %7s  %-7s  %-16s  %s\n", "packet", "bytes", "verdict",
	       "reason", "by");
	for (size_t i = 0; i < packets->count; i++)
		text_packet(&packets->packets[i]);
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
	       flood->kind, number_format(flood->packets, packets), flood->size,
	       prefix_format(&flood->from, from), prefix_format(&flood->to, to),
	       flood->seconds,
	       number_format(flood->packets / seconds + 0.5, pps),
	       flood->packets * 8.0 * flood->size / seconds / 1e6);
	if (flood->lost)
		printf("; %s found the receiver's queue full",
		       number_format(flood->lost, lost));
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
	.rates = true,
	.stats = text_stats,
	.watch = text_watch,
	.status = text_status,
	.policy = text_policy,
	.lookup = text_lookup,
	.packets = text_packets,
	.labs = text_labs,
	.flood = text_flood,
	.version = text_version,
};
