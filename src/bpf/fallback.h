/* SPDX-License-Identifier: GPL-2.0-only */
/* What becomes of a packet that no stage settled. */
#ifndef WEIR_FALLBACK_H
#define WEIR_FALLBACK_H

#include "bpf/parse.h"

/* A server's answer to the client of this host: RFC 2131, 4.1; RFC 8415, 7.2. */
static __always_inline bool is_dhcp_reply(const struct packet *p)
{
	if (p->proto != IPPROTO_UDP)
		return false;
	return p->family == 4 ? p->sport == bpf_htons(67) &&
					p->dport == bpf_htons(68) :
				p->sport == bpf_htons(547) &&
					p->dport == bpf_htons(546);
}

/* Fragmentation needed (RFC 1191), packet too big (RFC 4443, 3.2). */
static __always_inline bool is_path_mtu(const struct packet *p)
{
	if (p->family == 4)
		return p->proto == IPPROTO_ICMP && p->icmp == bpf_htons(0x0304);
	return p->proto == IPPROTO_ICMPV6 &&
	       (p->icmp & bpf_htons(0xff00)) == bpf_htons(0x0200);
}

/*
 * What default drop keeps, because without it a host loses its address, its
 * neighbours or the path MTU.  Whole packets only: the rest of a fragmented
 * one has no ports and could not be kept.
 */
static __always_inline bool is_kept(const struct packet *p)
{
	return p->neighbour ||
	       (!p->fragment && (is_path_mtu(p) || is_dhcp_reply(p)));
}

static __always_inline int fallback(const struct packet *p)
{
	if (!p->checked || !default_drop)
		return 0;
	return is_kept(p) ? WEIR_KEPT : WEIR_DEFAULT;
}

#endif
