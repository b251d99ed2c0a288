// SPDX-License-Identifier: GPL-2.0-only
/*
 * The voice for Prometheus: the text exposition format, for a textfile
 * collector.  The label 'instance' is the scraper's own, so ours is
 * 'weir_instance'.
 */
#include <stdio.h>
#include <string.h>

#include "show/show.h"

static void metric_head(const char *name, const char *type, const char *help)
{
	printf("# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void label(const char *name, const char *value)
{
	printf("%s=\"", name);
	for (; *value; value++) {
		if (*value == '\n')
			fputs("\\n", stdout);
		else if (*value == '"' || *value == '\\')
			printf("\\%c", *value);
		else
			putchar(*value);
	}
	putchar('"');
}

static void instance_label(const struct stats_report *now)
{
	label("weir_instance", now->instance);
}

/*
 * An interface's successor can bear its name, and a series must not come
 * twice: the first of a name stands for all.
 */
static bool is_first(const struct stats_report *now, unsigned int interface)
{
	for (unsigned int i = 0; i < interface; i++)
		if (!strcmp(now->interface[i].name,
			    now->interface[interface].name))
			return false;
	return true;
}

static struct weir_counter sum(const struct stats_report *now, const char *name,
			       int reason)
{
	struct weir_counter all = { 0 };

	for (unsigned int i = 0; i < now->interfaces; i++) {
		if (strcmp(now->interface[i].name, name))
			continue;
		all.packets += now->interface[i].reason[reason].packets;
		all.bytes += now->interface[i].reason[reason].bytes;
	}
	return all;
}

static bool is_attached(const struct stats_report *now, const char *name)
{
	for (unsigned int i = 0; i < now->interfaces; i++)
		if (!strcmp(now->interface[i].name, name) &&
		    now->interface[i].attached)
			return true;
	return false;
}

static void series(const struct stats_report *now, const char *metric,
		   const char *interface, int reason, __u64 value)
{
	printf("%s{", metric);
	label("interface", interface);
	putchar(',');
	label("reason", reason_kinds[reason].name);
	putchar(',');
	label("verdict", verdict_names[reason_kinds[reason].verdict]);
	putchar(',');
	instance_label(now);
	printf("} %llu\n", (unsigned long long)value);
}

static void matrix(const struct stats_report *now, const char *metric,
		   bool bytes)
{
	struct weir_counter all;
	const char *name;

	for (unsigned int i = 0; i < now->interfaces; i++) {
		if (!is_first(now, i))
			continue;
		name = now->interface[i].name;
		for (int reason = 0; reason < WEIR_REASON_COUNT; reason++) {
			all = sum(now, name, reason);
			series(now, metric, name, reason,
			       bytes ? all.bytes : all.packets);
		}
	}
}

/* Kept for the instance, not by interface. */
static void would(const struct stats_report *now, const char *metric,
		  bool bytes)
{
	for (int reason = 0; reason < WEIR_REASON_COUNT; reason++) {
		if (reason_kinds[reason].verdict == WEIR_PASS)
			continue;
		printf("%s{", metric);
		label("reason", reason_kinds[reason].name);
		putchar(',');
		label("verdict", verdict_names[reason_kinds[reason].verdict]);
		putchar(',');
		instance_label(now);
		printf("} %llu\n",
		       (unsigned long long)(bytes ? now->would[reason].bytes :
						    now->would[reason].packets));
	}
}

static void rule_series(const struct stats_report *now,
			const struct rule_stats *rule, const char *metric,
			__u64 value)
{
	printf("%s{", metric);
	label("rule", rule->name);
	putchar(',');
	label("action", action_names[rule->action]);
	putchar(',');
	label("observed", rule->observe ? "yes" : "no");
	putchar(',');
	instance_label(now);
	printf("} %llu\n", (unsigned long long)value);
}

static void rules(const struct stats_report *now, const char *metric,
		  bool bytes)
{
	const struct rule_stats *rule = now->rule;

	for (unsigned int i = 0; i < now->rules; i++, rule++)
		rule_series(now, rule, metric, bytes ? rule->counter.bytes :
						       rule->counter.packets);
}

static void excess(const struct stats_report *now, const char *metric,
		   bool bytes)
{
	const struct rule_stats *rule = now->rule;

	for (unsigned int i = 0; i < now->rules; i++, rule++)
		if (rule->action == WEIR_DO_LIMIT)
			rule_series(now, rule, metric,
				    bytes ? rule->excess.bytes :
					    rule->excess.packets);
}

static void attached(const struct stats_report *now)
{
	const char *name;

	for (unsigned int i = 0; i < now->interfaces; i++) {
		name = now->interface[i].name;
		if (!is_first(now, i) || !now->interface[i].ifindex)
			continue;
		printf("weir_interface_attached{");
		label("interface", name);
		putchar(',');
		instance_label(now);
		printf("} %d\n", is_attached(now, name));
	}
}

static void gauge(const struct stats_report *now, const char *name, __u64 value)
{
	printf("%s{", name);
	instance_label(now);
	printf("} %llu\n", (unsigned long long)value);
}

static void prometheus_stats(const struct stats_report *now,
			     const struct stats_report *before)
{
	(void)before;
	metric_head("weir_packets_total", "counter",
		    "Packets that came in, by what became of them and why.");
	matrix(now, "weir_packets_total", false);
	metric_head("weir_bytes_total", "counter",
		    "Bytes of these packets from the Ethernet header on, "
		    "without frame check sequence.");
	matrix(now, "weir_bytes_total", true);
	metric_head("weir_would_drop_packets_total", "counter",
		    "Packets that a pause or an observed policy let pass, by "
		    "what would have become of them.");
	would(now, "weir_would_drop_packets_total", false);
	metric_head("weir_would_drop_bytes_total", "counter",
		    "Bytes of these packets.");
	would(now, "weir_would_drop_bytes_total", true);
	metric_head("weir_rule_packets_total", "counter",
		    "Packets that a rule of the policy matched.");
	rules(now, "weir_rule_packets_total", false);
	metric_head("weir_rule_bytes_total", "counter",
		    "Bytes of these packets.");
	rules(now, "weir_rule_bytes_total", true);
	metric_head("weir_limit_excess_packets_total", "counter",
		    "Packets over a limit; a limit's rule counts the others.");
	excess(now, "weir_limit_excess_packets_total", false);
	metric_head("weir_limit_excess_bytes_total", "counter",
		    "Bytes of these packets.");
	excess(now, "weir_limit_excess_bytes_total", true);
	metric_head("weir_interface_attached", "gauge",
		    "Whether the interface is filtered (1) or not (0).");
	attached(now);
	metric_head("weir_generation", "gauge",
		    "Number of the generation of the policy that is live.");
	gauge(now, "weir_generation", now->generation);
	metric_head("weir_applied_timestamp_seconds", "gauge",
		    "When that generation became live, in seconds since 1970.");
	gauge(now, "weir_applied_timestamp_seconds", now->applied_s);
}

const struct show show_prometheus = {
	.stats = prometheus_stats,
};
