// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "live/bans.h"
#include "live/operators.h"

/* The table as it is; group members may have written it. */
static struct weir_ban *table_read(const struct maps *maps)
{
	_free_ __u32 *keys = calloc(WEIR_BANS, sizeof(*keys));
	struct weir_ban *bans = calloc(WEIR_BANS, sizeof(*bans));
	__u32 count = WEIR_BANS, next;

	if (bans && keys &&
	    (!bpf_map_lookup_batch(maps->fd[MAP_BANS], NULL, &next, keys, bans,
				   &count, NULL) ||
	     errno == ENOENT))
		return bans;
	fail(errno, "cannot read the bans: %s", error_text(errno));
	free(bans);
	return NULL;
}

static bool is_live(const struct weir_ban *ban, __u64 now)
{
	return ban->until_ns > now &&
	       ((ban->family == 4 && ban->len <= 32) ||
		(ban->family == 6 && ban->len <= 128));
}

static struct prefix prefix_of(const struct weir_ban *ban)
{
	struct prefix prefix = { .family = ban->family, .len = ban->len };

	memcpy(prefix.addr, ban->addr, ban->family == 4 ? 4 : 16);
	prefix_mask(&prefix);
	return prefix;
}

static const char *name_of(const struct description *live, __u32 slot)
{
	for (size_t i = 0; live && i < live->rule_count; i++)
		if (live->rules[i].counter == slot)
			return live->rules[i].name;
	return "former limit";
}

static struct list_entry entry_of(const struct weir_ban *ban,
				  const struct description *live, __u64 now)
{
	__u64 now_s = clock_ns(CLOCK_REALTIME) / NS_PER_S;
	struct list_entry entry = {
		.list = WEIR_DENY,
		.prefix = prefix_of(ban),
		.since_s = now_s - (now - ban->since_ns) / NS_PER_S,
		.until_s = now_s +
			   (ban->until_ns - now + NS_PER_S - 1) / NS_PER_S,
		.packets = ban->packets,
		.bytes = ban->bytes,
	};

	snprintf(entry.origin, sizeof(entry.origin), "%s",
		 name_of(live, ban->slot));
	return entry;
}

static int entry_order(const void *a, const void *b)
{
	const struct list_entry *one = a, *other = b;

	return prefix_compare(&one->prefix, &other->prefix);
}

/* Two CPUs may have banned one source: one ban, with what both counted. */
static size_t entries_unite(struct list_entry *entries, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		if (n && !entry_order(&entries[n - 1], &entries[i])) {
			entries[n - 1].packets += entries[i].packets;
			entries[n - 1].bytes += entries[i].bytes;
			continue;
		}
		entries[n++] = entries[i];
	}
	return n;
}

int bans_read(const struct maps *maps, const struct description *live,
	      struct list_entry **bans)
{
	_free_ struct weir_ban *table = table_read(maps);
	__u64 now = clock_ns(CLOCK_MONOTONIC);
	struct list_entry *entries;
	size_t count = 0;

	if (!table)
		return -EIO;
	entries = calloc(WEIR_BANS, sizeof(*entries));
	if (!entries)
		return fail(ENOMEM, "out of memory");
	for (size_t i = 0; i < WEIR_BANS; i++)
		if (is_live(&table[i], now))
			entries[count++] = entry_of(&table[i], live, now);
	qsort(entries, count, sizeof(*entries), entry_order);
	*bans = entries;
	return entries_unite(entries, count);
}

int bans_end(const struct maps *maps, const struct prefix *prefix)
{
	const size_t size = WEIR_BANS * sizeof(struct weir_ban);
	struct weir_ban *bans = map_see(maps->fd[MAP_BANS], size);
	__u64 now = clock_ns(CLOCK_MONOTONIC);
	struct prefix is;
	int count = 0;

	if (!bans)
		return -EACCES;
	for (size_t i = 0; i < WEIR_BANS; i++) {
		if (!is_live(&bans[i], now))
			continue;
		is = prefix_of(&bans[i]);
		if (prefix && prefix_compare(&is, prefix))
			continue;
		__atomic_store_n(&bans[i].until_ns, 0, __ATOMIC_SEQ_CST);
		count++;
	}
	map_unsee(bans, size);
	return count;
}

int bans_use_read(const struct maps *maps, struct bans_use *use)
{
	__u64 now = clock_ns(CLOCK_MONOTONIC);
	_free_ struct weir_ban *table = NULL;
	struct weir_bans head;

	*use = (struct bans_use){ 0 };
	if (bpf_map_lookup_elem(maps->fd[MAP_BAN_HEAD], &(__u32){ 0 }, &head))
		return -errno;
	use->refused = head.refused;
	use->refused_s = (now - head.refused_ns) / NS_PER_S;
	table = head.until_ns > now ? table_read(maps) : NULL;
	for (size_t i = 0; table && i < WEIR_BANS; i++)
		use->live += is_live(&table[i], now);
	return 0;
}

static bool length_is_known(const __u8 *lengths, __u8 len)
{
	return memchr(lengths, len, WEIR_BAN_LENGTHS);
}

/* Does the table still hold a ban at this length? */
static bool length_is_used(const struct weir_ban *table, __u64 now,
			   unsigned int family, __u8 len)
{
	for (size_t i = 0; table && i < WEIR_BANS; i++)
		if (is_live(&table[i], now) && table[i].family == family &&
		    table[i].len == len)
			return true;
	return false;
}

static int length_add(const struct weir_ban *table, unsigned int family,
		      __u8 *lengths, __u8 len)
{
	__u64 now = clock_ns(CLOCK_MONOTONIC);

	if (length_is_known(lengths, len))
		return 0;
	for (int i = 0; i < WEIR_BAN_LENGTHS; i++) {
		if (lengths[i] &&
		    (lengths[WEIR_BAN_LENGTHS - 1] == 0 ||
		     length_is_used(table, now, family, lengths[i])))
			continue;
		__atomic_store_n(&lengths[i], len, __ATOMIC_SEQ_CST);
		return 0;
	}
	return fail(ENOSPC,
		    "limits ban at more than %d prefix lengths of IPv%u; wait "
		    "until former bans end, or apply --flush",
		    WEIR_BAN_LENGTHS, family);
}

static bool is_banning(const struct weir_rule *rule)
{
	return rule->action == WEIR_DO_LIMIT && rule->limit.ban_ns &&
	       rule->limit.key & WEIR_KEY_SRC;
}

int bans_announce(const struct maps *maps, const struct weir_rule *rules,
		  size_t count)
{
	_free_ struct weir_ban *table = NULL;
	struct weir_bans *head;
	int err = 0;

	head = map_see(maps->fd[MAP_BAN_HEAD], sizeof(*head));
	if (!head)
		return -EACCES;
	table = table_read(maps);
	for (size_t i = 0; !err && i < count; i++) {
		if (!is_banning(&rules[i]))
			continue;
		err = length_add(table, 4, head->lengths4, rules[i].limit.src4);
		if (!err)
			err = length_add(table, 6, head->lengths6,
					 rules[i].limit.src6);
	}
	map_unsee(head, sizeof(*head));
	return err;
}

/* Those rules, and where what they must not ban is kept. */
struct protection {
	int map;
	const struct weir_rule *rules;
	size_t count;
};

static void address_protect(const struct protection *to,
			    const struct prefix *address)
{
	const struct weir_limit *limit;
	struct weir_prefix6 key;
	struct prefix prefix;

	for (size_t i = 0; i < to->count; i++) {
		if (!is_banning(&to->rules[i]))
			continue;
		limit = &to->rules[i].limit;
		prefix = *address;
		prefix.len = prefix.family == 4 ? limit->src4 : limit->src6;
		prefix_mask(&prefix);
		key = (struct weir_prefix6){ .list = prefix.family,
					     .len = prefix.len };
		memcpy(key.addr, prefix.addr, sizeof(key.addr));
		bpf_map_update_elem(to->map, &key, &(__u32){ 1 }, BPF_ANY);
	}
}

static void host_protect(const struct protection *to)
{
	struct prefix address;
	struct ifaddrs *list, *i;

	if (getifaddrs(&list))
		return;
	for (i = list; i; i = i->ifa_next) {
		address = (struct prefix){ 0 };
		if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET) {
			address.family = 4;
			memcpy(address.addr,
			       &((struct sockaddr_in *)i->ifa_addr)->sin_addr,
			       4);
		} else if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET6) {
			address.family = 6;
			memcpy(address.addr,
			       &((struct sockaddr_in6 *)i->ifa_addr)->sin6_addr,
			       16);
		} else {
			continue;
		}
		address_protect(to, &address);
	}
	freeifaddrs(list);
}

static void operators_protect(const struct protection *to)
{
	struct operator_peer peers[MAX_OPERATORS];
	unsigned int count = operators_find(peers, MAX_OPERATORS);

	for (unsigned int i = 0; i < count; i++)
		address_protect(to, &peers[i].address);
}

/* "nameserver ADDRESS"; a zone is left out. */
static void resolvers_protect(const struct protection *to)
{
	_file_ FILE *file = fopen("/etc/resolv.conf", "re");
	char line[256], text[64], why[128];
	struct prefix address;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, " nameserver %63[0-9A-Fa-f.:]", text) != 1 ||
		    prefix_parse(text, &address, why, sizeof(why)))
			continue;
		address_protect(to, &address);
	}
}

/* The kernel's tables of routes: hexadecimal, IPv4 in the host's byte order. */
static void gateways4_protect(const struct protection *to)
{
	_file_ FILE *file = fopen("/proc/self/net/route", "re");
	struct prefix address = { .family = 4 };
	unsigned int gateway;
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %*x %x", &gateway) != 1 || !gateway)
			continue;
		memcpy(address.addr, &gateway, 4);
		address_protect(to, &address);
	}
}

static void gateways6_protect(const struct protection *to)
{
	_file_ FILE *file = fopen("/proc/self/net/ipv6_route", "re");
	static const unsigned char none[16];
	struct prefix address = { .family = 6 };
	char line[256], hex[33];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*32s %*2s %*32s %*2s %32[0-9a-f]", hex) != 1)
			continue;
		for (int i = 0; i < 16; i++)
			sscanf(hex + 2 * i, "%2hhx", &address.addr[i]);
		if (memcmp(address.addr, none, sizeof(none)))
			address_protect(to, &address);
	}
}

void bans_protect(const struct maps *maps, const struct weir_rule *rules,
		  size_t count)
{
	const struct protection to = { maps->fd[MAP_UNBANNABLE], rules, count };

	host_protect(&to);
	gateways4_protect(&to);
	gateways6_protect(&to);
	resolvers_protect(&to);
	operators_protect(&to);
}
