// SPDX-License-Identifier: GPL-2.0-only
/*
 * A flood inside a lab.  It leaves by the attacker's end of the pair only if
 * both ends are where the lab put them: whoever moved one, or mounted another
 * namespace on a lab's name, might have made a way out.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/device.h"
#include "live/good.h"
#include "live/lab_parts.h"
#include "live/netns.h"

static int namespace_check(int netns)
{
	_cleanup_(netns_leave) int home = netns_visit(netns);

	return home < 0 ? home : flood_check_namespace();
}

static int end_read(int netns, enum lab_side side, struct device *device,
		    unsigned int *peer)
{
	_cleanup_(netns_leave) int home = netns_visit(netns);
	const char *name = lab_interfaces[side];
	int err;

	if (home < 0)
		return home;
	err = device_read(if_nametoindex(name), device);
	if (err)
		return fail(-err, "flood: %s: %s", name, error_text(err));
	*peer = device_peer(device);
	return 0;
}

/* Refuse what is not a lab's pair; a refused namespace is not looked into. */
static int ends_read(const char *name, const struct lab_fds *fds,
		     struct device end[LAB_SIDES])
{
	unsigned int peer[LAB_SIDES];
	int err = 0;

	for (int side = 0; !err && side < LAB_SIDES; side++)
		err = namespace_check(fds->netns[side]);
	for (int side = 0; !err && side < LAB_SIDES; side++)
		err = end_read(fds->netns[side], side, &end[side], &peer[side]);
	if (err)
		return err;
	if (peer[LAB_ATTACKER] == end[LAB_SERVER].ifindex &&
	    peer[LAB_SERVER] == end[LAB_ATTACKER].ifindex)
		return 0;
	return fail(EPERM,
		    "flood: refused, attacker0 and server0 are not the two "
		    "ends of lab '%s'; take it down and make it anew",
		    name);
}

static int flood_send(const struct lab_flood *ask, const struct lab_fds *fds,
		      const struct device end[LAB_SIDES],
		      struct flood_result *result)
{
	const struct flood flood = {
		.ifindex = end[LAB_ATTACKER].ifindex,
		.kind = ask->kind,
		.to = lab_address(LAB_SERVER, ask->family),
		.from = ask->sources,
		.to_mac = end[LAB_SERVER].mac,
		.dport = ask->port,
		.vlan = ask->vlan,
		.size = ask->size,
		.duration_ms = ask->duration_ms,
		.rate_pps = ask->rate_pps,
	};
	_cleanup_(netns_leave) int home = netns_visit(fds->netns[LAB_ATTACKER]);

	return home < 0 ? home : flood_run(&flood, result);
}

int lab_flood(const char *name, const struct lab_flood *ask,
	      struct flood_report *report)
{
	_cleanup_(lab_sides_close) struct lab_fds fds = LAB_FDS_CLOSED;
	_cleanup_(good_stop) struct good good = GOOD_IDLE;
	struct flood_result result = { 0 };
	struct device end[LAB_SIDES];
	struct prefix to = lab_address(LAB_SERVER, ask->family);
	int err = lab_open(name, &fds);

	if (!err)
		err = ends_read(name, &fds, end);
	if (!err && ask->good_pps)
		err = good_start(&good, fds.netns[LAB_ATTACKER],
				 fds.netns[LAB_SERVER], &to, ask->good_pps);
	if (!err)
		err = flood_send(ask, &fds, end, &result);
	good_stop(&good);
	if (err)
		return err;
	*report = (struct flood_report){
		.lab = name,
		.kind = flood_kinds[ask->kind].word,
		.from = result.from,
		.to = to,
		.size = result.size,
		.packets = result.frames,
		.lost = result.lost,
		.seconds = result.seconds,
		.good = ask->good_pps,
		.requests = good.requests,
		.answers = good.answers,
		.slowest_s = good.slowest_ns / 1e9,
	};
	return 0;
}
