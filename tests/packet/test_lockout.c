// SPDX-License-Identifier: GPL-2.0-only
/* Whom a program would cut, by its own verdicts; and that nobody sees it ask. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/clock.h"
#include "datapath.h"
#include "live/lockout.h"
#include "live/lockout_parts.h"

/* Link-local: such a peer is heeded in a namespace without addresses too. */
#define CONNECTION "fe80::7%eth0 50000 fe80::2%eth0 22"

#define FROM4 "203.0.113.7 50000 192.0.2.2 22"
#define FROM6 "2001:db8::7 50000 2001:db8::2 22"

static const struct filter_settings plain = { .generation = 1 };
static struct lockout found;

/* A copy of the datapath over its lists, to be probed. */
static int copy = -1;
static struct maps copy_maps = MAPS_CLOSED;

static int copy_open(void)
{
	for (int map = MAP_LISTS; map <= MAP_PREFIX6; map++)
		copy_maps.fd[map] = datapath.maps.fd[map];
	copy = filter_load(&copy_maps, &plain);
	return copy < 0 ? copy : 0;
}

static struct operator_peer peer_of(const char *connection)
{
	struct operator_peer peer;

	assert_int_equal(ssh_connection_parse(connection, &peer), 0);
	return peer;
}

static int probe(const char *connection)
{
	struct operator_peer peers[] = { peer_of("198.51.100.1 9 192.0.2.2 9"),
					 peer_of(connection) };

	memset(&found, 0, sizeof(found));
	return lockout_probe(copy, &copy_maps, peers, 2, &found);
}

/* The ones' complement sum of bytes, on top of another. */
static uint32_t sum_of(uint32_t sum, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sum += i % 2 ? bytes[i] : bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void checksums_are_right(void **state)
{
	static const size_t sizes[] = { 74, 66, 1066, 74, 162 };
	static const char *const ways[] = { FROM4, FROM6 };
	uint8_t frame[PROBE_ROOM];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct operator_peer peer = peer_of(ways[i]);
		size_t header = i ? 40 : 20, addresses = i ? 32 : 8;
		const struct probe_way way = { peer.address, peer.local,
					       peer.port, peer.local_port };

		for (enum probe p = PROBE_SYN; p <= PROBE_UDP; p++) {
			size_t size = probe_build(p, &way, frame);
			uint8_t *ip = frame + 14, *from = ip + header - addresses;
			uint32_t pseudo = size - 14 - header +
					  (p == PROBE_UDP ? 17 : 6);

			assert_int_equal(size, sizes[p] + header - 20);
			if (!i)
				assert_int_equal(sum_of(0, ip, 20), 0xffff);
			assert_int_equal(sum_of(pseudo, from, size - 14 -
						header + addresses), 0xffff);
		}
	}
}

static enum weir_list list_of(const char *target)
{
	return !strncmp(target, "tcp/", 4)   ? WEIR_DENY_TCP
	       : !strncmp(target, "udp/", 4) ? WEIR_DENY_UDP
					     : WEIR_DENY;
}

struct denial {
	const char *name, *deny, *allow, *connection, *statement;
};

static const struct denial denials[] = {
	{ "a prefix", "203.0.113.0/24", NULL, FROM4, "deny 203.0.113.0/24" },
	{ "a prefix beside", "203.0.112.0/24", NULL, FROM4, NULL },
	{ "a host", "203.0.113.7", NULL, FROM4, "deny 203.0.113.7" },
	{ "a host beside", "203.0.113.6", NULL, FROM4, NULL },
	{ "us, not the peer", "192.0.2.2", NULL, FROM4, NULL },
	{ "a prefix, with an allow inside", "203.0.113.0/24", "203.0.113.7",
	  FROM4, NULL },
	{ "a prefix, with an allow beside", "203.0.113.0/24", "203.0.113.8",
	  FROM4, "deny 203.0.113.0/24" },
	{ "an IPv6 prefix", "2001:db8::/32", NULL, FROM6,
	  "deny 2001:db8::/32" },
	{ "an IPv6 host beside", "2001:db8::8", NULL, FROM6, NULL },
	{ "the port", "tcp/22", NULL, FROM4, "deny tcp/22" },
	{ "the port, over IPv6", "tcp/16-31", NULL, FROM6, "deny tcp/16-31" },
	{ "the port beside", "tcp/23", NULL, FROM4, NULL },
	{ "the port of UDP", "udp/22", NULL, FROM4, NULL },
	{ "the peer's port", "tcp/50000", NULL, FROM4, NULL },
	{ "the port, with an allow", "tcp/22", "203.0.113.0/24", FROM4, NULL },
};

static void a_denial_is_found(void **state)
{
	const struct denial *row = *state;
	enum weir_list list = list_of(row->deny);
	enum weir_reason reason = list == WEIR_DENY ? WEIR_DENIED
						    : WEIR_DENIED_PORT;

	entry_add(list, row->deny);
	if (row->allow)
		entry_add(WEIR_ALLOW, row->allow);
	assert_int_equal(probe(row->connection), row->statement != NULL);
	if (!row->statement)
		return;
	assert_string_equal(found.statement, row->statement);
	assert_int_equal(found.reason, reason);
	assert_int_equal(found.peer.port, 50000);
}

static int check(const struct list_edit *edit, struct filter_settings settings)
{
	memset(&found, 0, sizeof(found));
	settings.generation = 1;
	return lockout_check(&datapath.maps, edit, &settings, &found);
}

static void nothing_of_a_probe_shows(void **state)
{
	(void)state;
	entry_add(WEIR_DENY, "fe80::/10");
	assert_int_equal(check(NULL, plain), 1);
	assert_string_equal(found.statement, "deny fe80::/10");
	assert_true(found.peer.own);
	assert_int_equal(found.peer.pid, getpid());
	assert_all_counted();
}

static void who_only_observes_cuts_nobody(void **state)
{
	(void)state;
	entry_add(WEIR_DENY, "fe80::/10");
	assert_int_equal(check(NULL, (struct filter_settings){ .observe = 1 }),
			 0);
}

static void a_pause_hides_nothing(void **state)
{
	(void)state;
	entry_add(WEIR_DENY, "fe80::/10");
	pause_set(WEIR_NEVER);
	assert_int_equal(check(NULL, plain), 1);
	pause_set(0);
}

static void an_edit_is_judged_before_its_commit(void **state)
{
	const struct prefix mine = prefix_of("fe80::7");
	struct operator_peer peer = peer_of(CONNECTION);
	struct list_edit edit;

	(void)state;
	assert_int_equal(lists_begin(&datapath.maps, &edit), 0);
	assert_int_equal(lists_add(&edit, WEIR_DENY, &mine, WEIR_NEVER, 0), 0);
	assert_int_equal(check(NULL, plain), 0);
	assert_int_equal(check(&edit, plain), 1);
	assert_string_equal(found.statement, "deny fe80::7");
	assert_int_equal(lockout_of_edit(&edit, &peer, 1, &found), 1);
	assert_string_equal(found.statement, "deny fe80::7");
	lists_abort(&edit);
	assert_int_equal(check(NULL, plain), 0);
}

static void an_edit_that_takes_an_allow_is_judged(void **state)
{
	const struct prefix mine = prefix_of("fe80::7");
	struct operator_peer peer = peer_of(CONNECTION);
	struct list_edit edit;

	(void)state;
	assert_int_equal(lists_begin(&datapath.maps, &edit), 0);
	assert_int_equal(lists_add(&edit, WEIR_ALLOW, &mine, WEIR_NEVER, 0), 0);
	assert_int_equal(lists_add(&edit, WEIR_DENY_TCP,
				   &(struct prefix){ .family = 4 }, WEIR_NEVER,
				   0),
			 0);
	assert_int_equal(lockout_of_edit(&edit, &peer, 1, &found), 0);
	lists_commit(&edit);
	assert_int_equal(check(NULL, plain), 0);
	assert_int_equal(lists_begin(&datapath.maps, &edit), 0);
	assert_int_equal(lists_remove(&edit, WEIR_ALLOW, &mine), 0);
	assert_int_equal(check(&edit, plain), 1);
	assert_string_equal(found.statement, "deny tcp/0-65535");
	assert_int_equal(lockout_of_edit(&edit, &peer, 1, &found), 1);
	lists_commit(&edit);
	assert_int_equal(check(NULL, plain), 1);

	/* Who is cut already is not cut by the next edit. */
	assert_int_equal(lists_begin(&datapath.maps, &edit), 0);
	assert_int_equal(lists_add(&edit, WEIR_DENY, &mine, WEIR_NEVER, 0), 0);
	assert_int_equal(lockout_of_edit(&edit, &peer, 1, &found), 0);
	assert_int_equal(lists_remove(&edit, WEIR_DENY, &mine), 0);
	assert_int_equal(lists_remove(&edit, WEIR_DENY_TCP,
				      &(struct prefix){ .family = 4 }),
			 0);
	lists_commit(&edit);
	assert_int_equal(check(NULL, plain), 0);
}

static void replies_pass_unless_default_drops(void **state)
{
	(void)state;
	assert_int_equal(lockout_probe_replies(copy, &copy_maps), 0);
	assert_int_equal(lockout_replies(&datapath.maps, &plain), 0);
	entry_add(WEIR_DENY, "0.0.0.0/0");
	assert_int_equal(lockout_probe_replies(copy, &copy_maps), 0);
}

static int clear(void **state)
{
	(void)state;
	entries_clear();
	return 0;
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[64] = { { 0 } };
	const struct CMUnitTest others[] = {
		cmocka_unit_test(checksums_are_right),
		cmocka_unit_test_teardown(nothing_of_a_probe_shows, clear),
		cmocka_unit_test_teardown(who_only_observes_cuts_nobody, clear),
		cmocka_unit_test_teardown(a_pause_hides_nothing, clear),
		cmocka_unit_test_teardown(an_edit_is_judged_before_its_commit,
					  clear),
		cmocka_unit_test_teardown(
			an_edit_that_takes_an_allow_is_judged, clear),
		cmocka_unit_test_teardown(replies_pass_unless_default_drops,
					  clear),
	};
	size_t count = 0;

	/* The kernel keeps the environment that a program starts with. */
	if (argc == 1) {
		setenv("SSH_CONNECTION", CONNECTION, 1);
		execl("/proc/self/exe", argv[0], "again", NULL);
		return 1;
	}
	if (datapath_open() || copy_open())
		return 1;
	for (size_t i = 0; i < sizeof(denials) / sizeof(denials[0]); i++)
		tests[count++] = (struct CMUnitTest){
			.name = denials[i].name,
			.test_func = a_denial_is_found,
			.teardown_func = clear,
			.initial_state = (void *)&denials[i],
		};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		tests[count++] = others[i];
	return group_run("lockout", tests, count);
}
