// SPDX-License-Identifier: GPL-2.0-only
/* What the live policy would do to captured packets, on a private copy. */
#include <stdlib.h>

#include "base/capture.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "cmd/change.h"
#include "cmd/lookup_packet.h"
#include "cmd/ruleset.h"
#include "live/probe.h"
#include "live/rules.h"

#define MOST 1000 /* packets */

struct judge {
	struct capture capture;
	struct instance instance;
	struct policy policy;
	struct description live;
	struct ruleset rules;
	struct filter_settings settings;
	struct copy copy;
	__u64 *counted;			/* by each rule so far */
	struct packets_report report;
};

#define JUDGE_CLOSED                                                           \
	{ .instance = INSTANCE_CLOSED, .policy = POLICY_EMPTY,                 \
	  .copy = COPY_NONE }

static void judge_close(struct judge *judge)
{
	copy_close(&judge->copy);
	ruleset_free(&judge->rules);
	policy_free(&judge->policy);
	description_free(&judge->live);
	instance_close(&judge->instance);
	capture_close(&judge->capture);
	free(judge->report.packets);
	free(judge->counted);
}

/* Every rule counts in a slot of its own. */
static int copy_prepare(struct judge *judge)
{
	for (size_t i = 0; i < judge->rules.count; i++)
		judge->rules.rules[i].slot = i;
	judge->settings = (struct filter_settings){
		.guards = judge->policy.guards,
		.default_drop = judge->policy.default_drop,
		.code = judge->rules.count ? &judge->rules.code : NULL,
		.rules = judge->rules.rules,
	};
	judge->counted = calloc(judge->rules.count + 1,
				sizeof(*judge->counted));
	judge->report.packets = calloc(MOST, sizeof(*judge->report.packets));
	if (!judge->counted || !judge->report.packets)
		return fail(ENOMEM, "out of memory");
	return copy_open(&judge->instance.maps, NULL, &judge->settings,
			 &judge->copy);
}

static int judge_open(const struct invocation *in, const char *path,
		      struct judge *judge)
{
	int err = capture_open(path, &judge->capture);

	judge->report.capture = path;
	if (!err)
		err = instance_open(in->instance, INSTANCE_OWN,
				    &judge->instance);
	if (!err)
		err = policy_live(&judge->instance, &judge->policy,
				  &judge->live);
	if (!err)
		err = ruleset_make(&judge->policy, &judge->rules);
	if (!err)
		err = copy_prepare(judge);
	if (!err && judge->live.observe)
		note("the live policy observes: none of this is dropped");
	return err;
}

/* Of the rules that end a walk, the one that has counted since. */
static int rule_find(struct judge *judge, struct packet_report *packet)
{
	const struct rule *rule = judge->policy.rules;
	struct weir_counter counter;
	int err;

	for (size_t i = 0; i < judge->rules.count; i++, rule++) {
		if (rule->observe || rule->action > WEIR_DO_ABORT)
			continue;
		err = rule_counter_read(&judge->copy.maps, i, &counter);
		if (err)
			return err;
		if (counter.packets == judge->counted[i])
			continue;
		judge->counted[i] = counter.packets;
		packet->rule = rule->name;
		packet->action = rule->action;
		return 0;
	}
	return 0;
}

static bool is_of_a_rule(enum weir_reason reason)
{
	return reason == WEIR_RULE_DROP || reason == WEIR_RULE_PASS ||
	       reason == WEIR_RULE_ABORT;
}

static int packet_judge(struct judge *judge, const struct captured *captured)
{
	struct packets_report *report = &judge->report;
	struct packet_report *packet = &report->packets[report->count++];
	const struct copy *copy = &judge->copy;
	size_t most = frame_most();
	int reason;

	*packet = (struct packet_report){
		.number = judge->capture.packets,
		.length = captured->length,
		.captured = captured->size < most ? captured->size : most,
	};
	if (packet->captured < FRAME_LEAST)
		return 0;
	reason = frame_try(copy->program, &copy->maps, captured->bytes,
			   packet->captured);
	if (reason < 0)
		return reason;
	packet->judged = true;
	packet->reason = reason;
	packet->listed = !frame_entry(&copy->maps, captured->bytes,
				      packet->captured, reason, &packet->entry);
	return is_of_a_rule(reason) ? rule_find(judge, packet) : 0;
}

static int packets_judge(struct judge *judge)
{
	struct captured captured;
	int got = 1, err = 0;

	while (!err && got > 0 && !judge->report.more) {
		got = capture_next(&judge->capture, &captured);
		if (got > 0 && judge->report.count == MOST)
			judge->report.more = true;
		else if (got > 0)
			err = packet_judge(judge, &captured);
	}
	return err ? err : got < 0 ? got : 0;
}

int capture_lookup(const struct invocation *in, const char *path)
{
	_cleanup_(judge_close) struct judge judge = JUDGE_CLOSED;
	int err = judge_open(in, path, &judge);

	if (err)
		return err;
	err = packets_judge(&judge);
	if (!err || judge.report.count)
		in->show->packets(&judge.report);
	if (judge.report.more)
		note("%s: only the first %d packets were looked up", path,
		     MOST);
	return err;
}
