// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which entry the datapath found for a frame.  It has read the frame to its
 * ports and found nothing wrong with it, so only the way there is walked again.
 */
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#include "live/probe.h"

struct walk {
	const unsigned char *frame;
	size_t size, at;
	struct prefix source;
	unsigned char proto;
};

static unsigned int read16(const struct walk *w, size_t at)
{
	return at + 2 <= w->size ? w->frame[at] << 8 | w->frame[at + 1] : 0;
}

static unsigned int read8(const struct walk *w, size_t at)
{
	return at < w->size ? w->frame[at] : 0;
}

static bool is_tag(unsigned int type)
{
	return type == ETH_P_8021Q || type == ETH_P_8021AD;
}

static bool is_ext_header(unsigned char proto)
{
	return proto == IPPROTO_HOPOPTS || proto == IPPROTO_ROUTING ||
	       proto == IPPROTO_FRAGMENT || proto == IPPROTO_DSTOPTS ||
	       proto == IPPROTO_AH;
}

static size_t ext_header_size(unsigned char proto, unsigned int len)
{
	if (proto == IPPROTO_FRAGMENT)
		return 8;
	return proto == IPPROTO_AH ? (len + 2) * 4 : (len + 1) * 8;
}

static bool source_read(struct walk *w, size_t at, unsigned int family)
{
	w->source = (struct prefix){ family, family == 4 ? 32 : 128, { 0 } };
	if (at + w->source.len / 8 > w->size)
		return false;
	memcpy(w->source.addr, w->frame + at, w->source.len / 8);
	return true;
}

static bool walk_ip4(struct walk *w)
{
	w->proto = read8(w, w->at + 9);
	if (!source_read(w, w->at + 12, 4))
		return false;
	w->at += (read8(w, w->at) & 0xf) * 4;
	return true;
}

static bool walk_ip6(struct walk *w)
{
	unsigned char next;

	w->proto = read8(w, w->at + 6);
	if (!source_read(w, w->at + 8, 6))
		return false;
	w->at += 40;
	while (is_ext_header(w->proto) && w->at < w->size) {
		next = read8(w, w->at);
		w->at += ext_header_size(w->proto, read8(w, w->at + 1));
		w->proto = next;
	}
	return true;
}

/* To the transport's header. */
static bool walk(struct walk *w)
{
	size_t type = 12;

	while (is_tag(read16(w, type)))
		type += 4;
	w->at = type + 2;
	switch (read16(w, type)) {
	case ETH_P_IP:
		return walk_ip4(w);
	case ETH_P_IPV6:
		return walk_ip6(w);
	default:
		return false;
	}
}

int frame_entry(const struct maps *maps, const void *frame, size_t size,
		enum weir_reason reason, struct list_entry *entry)
{
	struct walk w = { .frame = frame, .size = size };
	struct prefix port = { .family = 4, .len = 16 };

	if (!walk(&w))
		return -ENOENT;
	if (reason == WEIR_ALLOWED)
		return lists_cover(maps, WEIR_ALLOW, &w.source, entry);
	if (reason == WEIR_DENIED)
		return lists_cover(maps, WEIR_DENY, &w.source, entry);
	if (reason != WEIR_DENIED_PORT)
		return -ENOENT;
	port.addr[0] = read8(&w, w.at + 2);
	port.addr[1] = read8(&w, w.at + 3);
	return lists_cover(maps,
			   w.proto == IPPROTO_TCP ? WEIR_DENY_TCP : WEIR_DENY_UDP,
			   &port, entry);
}
