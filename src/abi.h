/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the datapath and userspace share, byte for byte.  Everything here is
 * pinned state: whoever changes a layout or an order raises WEIR_ABI, and
 * userspace refuses pins of another number before it touches them.
 */
#ifndef WEIR_ABI_H
#define WEIR_ABI_H

#include <linux/types.h>

#define WEIR_ABI 5

/* What happens to a packet. */
#define WEIR_VERDICTS(X)						\
	X(PASS,  "pass")						\
	X(DROP,  "drop")						\
	X(TX,    "tx")							\
	X(ABORT, "abort")

/* Why a packet got its verdict.  Order is ABI: append, never reorder. */
#define WEIR_REASONS(X)							\
	X(PASSED,           PASS, "passed",				\
	  "nothing objected")						\
	X(NOT_IP,           PASS, "not-ip",				\
	  "neither IPv4 nor IPv6: ARP and the like")			\
	X(ALLOWED,          PASS, "allowed",				\
	  "source is on the allow list")				\
	X(TRUNCATED,        DROP, "truncated",				\
	  "headers run past the end")					\
	X(BAD_VERSION,      DROP, "bad-version",			\
	  "IP version and EtherType disagree")				\
	X(BAD_LENGTH,       DROP, "bad-length",				\
	  "a length field is impossible")				\
	X(TOO_MANY_TAGS,    DROP, "too-many-tags",			\
	  "more than 4 VLAN tags")					\
	X(TOO_MANY_HEADERS, DROP, "too-many-headers",			\
	  "more than 8 IPv6 extension headers")				\
	X(DENIED,           DROP, "denied",				\
	  "source is on the deny list")					\
	X(DENIED_PORT,      DROP, "denied-port",			\
	  "destination port is on the deny list")			\
	X(PAUSED,           PASS, "paused",				\
	  "would have been dropped, were it not for weir pause")	\
	X(OBSERVED,         PASS, "observed",				\
	  "would have been dropped, were the policy not observed only")	\
	X(BAD_FLAGS,        DROP, "bad-flags",				\
	  "TCP flags that no stack sends together")			\
	X(BAD_PORT,         DROP, "bad-port",				\
	  "port 0, where there has to be one")				\
	X(BAD_ADDRESS,      DROP, "bad-address",			\
	  "an address that cannot stand there")				\
	X(BAD_FRAGMENT,     DROP, "bad-fragment",			\
	  "a fragment that fits no packet, or hides its header")	\
	X(LAND,             DROP, "land",				\
	  "source and destination are the same address")		\
	X(FRAGMENT,         DROP, "fragment",				\
	  "part of a packet")						\
	X(BOGON,            DROP, "bogon",				\
	  "source cannot be on this wire")				\
	X(TAGGED,           DROP, "tagged",				\
	  "carries a VLAN tag")						\
	X(EXTENSION_HEADER, DROP, "extension-header",			\
	  "carries an IPv6 extension header")				\
	X(RULE_DROP,        DROP, "rule",				\
	  "a drop rule matched")					\
	X(RULE_PASS,        PASS, "rule",				\
	  "a pass rule matched")					\
	X(RULE_ABORT,       ABORT, "rule",				\
	  "an abort rule matched")					\
	X(DEFAULT,          DROP, "default",				\
	  "nothing let it pass, and default is drop")			\
	X(KEPT,             PASS, "kept",				\
	  "default drop keeps neighbour discovery, DHCP, path MTU")	\
	X(LIMIT,            DROP, "limit",				\
	  "more than a limit lets through")				\
	X(BANNED,           DROP, "banned",				\
	  "source went over a limit that bans")

/* Checks that expressions cannot say.  Order is ABI, as bits. */
#define WEIR_GUARDS(X)							\
	X(MALFORMED,         "malformed",				\
	  "impossible flags, ports, addresses and fragments")		\
	X(LAND,              "land",					\
	  "source and destination are the same")			\
	X(FRAGMENTS,         "fragments",				\
	  "every fragment of a packet")					\
	X(BOGONS,            "bogons",					\
	  "sources that cannot be on this wire")			\
	X(TAGGED,            "tagged",					\
	  "every frame with a VLAN tag")				\
	X(EXTENSION_HEADERS, "extension-headers",			\
	  "every IPv6 packet with extension headers")

#define WEIR_VERDICT_(name, text) WEIR_##name,
enum weir_verdict { WEIR_VERDICTS(WEIR_VERDICT_) WEIR_VERDICT_COUNT };
#undef WEIR_VERDICT_

#define WEIR_REASON_(name, verdict, word, text) WEIR_##name,
enum weir_reason { WEIR_REASONS(WEIR_REASON_) WEIR_REASON_COUNT };
#undef WEIR_REASON_

#define WEIR_GUARD_(name, word, text) WEIR_GUARD_##name##_BIT,
enum weir_guard_bit { WEIR_GUARDS(WEIR_GUARD_) WEIR_GUARD_COUNT };
#undef WEIR_GUARD_

#define WEIR_GUARD_(name, word, text) \
	WEIR_GUARD_##name = 1 << WEIR_GUARD_##name##_BIT,
enum weir_guard { WEIR_GUARDS(WEIR_GUARD_) };
#undef WEIR_GUARD_

#define WEIR_MAX_TAGS		4	/* VLAN tags on one frame */
#define WEIR_MAX_EXT_HEADERS	8	/* IPv6 extension headers */
#define WEIR_MAX_REASONS	64
#define WEIR_MAX_INTERFACES	64
#define WEIR_MAX_ENTRIES	131072	/* of all lists together */
#define WEIR_MAX_IDS		(3 * WEIR_MAX_ENTRIES)	/* of three generations */
#define WEIR_MAX_ORIGINS	64	/* named lists, less one */
#define WEIR_MAX_RULES		4096
#define WEIR_RULE_BLOCKS	(WEIR_MAX_RULES / 64)

/*
 * Interfaces are known to the datapath by a slot.  Slot 0 is nobody's: it
 * counts packets that came by an interface weir did not attach.
 */
#define WEIR_SLOT_OTHER 0

/* The row that counts, by reason, what a pause or an observed policy let pass. */
#define WEIR_ROW_WOULD	WEIR_MAX_INTERFACES
#define WEIR_ROWS	(WEIR_MAX_INTERFACES + 1)

struct weir_counter {
	__u64 packets;
	__u64 bytes;		/* from the first byte of Ethernet, no FCS */
};

/* One interface's row of the matrix: one read gives all its reasons. */
struct weir_row {
	struct weir_counter reason[WEIR_MAX_REASONS];
};

/* A time that never comes, an edit number that no edit reaches. */
#define WEIR_NEVER (~0ULL)

/*
 * Run-time settings of an instance, written by privileged commands.  The
 * slots are chained by the hash of their ifindex; a chain ends at slot 0.
 */
struct weir_runtime {
	__u64 paused_until_ns;	/* of CLOCK_MONOTONIC; 0: not paused */
	__u64 confirm_until_ns;	/* of CLOCK_MONOTONIC: from then on ... */
	__u32 unconfirmed;	/* ... this generation observes; 0: none does */
	__u32 zero;
	__u64 fed_ns;		/* the time, where the datapath is fed it */
	__u32 first[WEIR_MAX_INTERFACES];	/* by ifindex % 64: a slot */
	struct {
		__u32 ifindex;
		__u32 next;			/* a slot */
	} slot[WEIR_MAX_INTERFACES];
};

/*
 * A port is listed like an IPv4 prefix, in the upper half of the address, with
 * a length of 0 to 16: a range is a few prefixes.
 */
enum weir_list {
	WEIR_ALLOW,
	WEIR_DENY,
	WEIR_DENY_TCP,		/* destination ports */
	WEIR_DENY_UDP,
	WEIR_LIST_COUNT
};

/* A listed prefix, as the key of its store.  Host bits are zero. */
struct weir_prefix4 {
	__u8 list;
	__u8 len;		/* 0 to 32 */
	__u16 zero;
	__be32 addr;
};

struct weir_prefix6 {
	__u8 list;
	__u8 len;		/* 0 to 128 */
	__u16 zero[3];
	__be64 addr[2];
};

#define WEIR_OF_POLICY	0x80000000

/*
 * What is known of a listed prefix.  It counts from the commit of the edit
 * that added it to the commit of the edit that removed it, until it expires;
 * from the commit of the edit that extended it, its next end holds.
 */
struct weir_entry {
	__u64 added;		/* edit number */
	__u64 removed;		/* edit number, or WEIR_NEVER */
	__u64 expires_ns;	/* of CLOCK_MONOTONIC, or WEIR_NEVER */
	__u64 extended;		/* edit number, or WEIR_NEVER */
	__u64 next_expires_ns;
	__u64 since_s;		/* seconds of CLOCK_REALTIME */
	__u64 packets_before;	/* of the id, when this entry took it */
	__u64 bytes_before;
	__u32 id;		/* index of its counter */
	__u32 origin;		/* a named list of struct weir_lists, or 0; */
				/* with WEIR_OF_POLICY if the policy's */
};

/*
 * The head of a generation's lists, written by whoever edits them.  An edit
 * writes its entries under the number committed + 1, which nobody honours
 * yet; storing that number in 'committed' makes all of it count at once.
 *
 * lengths4 and lengths6 say which prefix lengths may be in use, longest
 * first: bit 0 of lengths4 is /32; bit 0 of lengths6[0] is /128, of
 * lengths6[1] /64, of lengths6[2] /0.  They may overstate, never understate.
 */
struct weir_lists {
	__u64 committed;
	__u64 open;		/* the edit under way, or 0 */
	__u64 first_end_ns;	/* no entry expires before */
	__u64 lengths4[WEIR_LIST_COUNT];
	__u64 lengths6[WEIR_LIST_COUNT][3];
	__u32 count4[WEIR_LIST_COUNT][33];	/* entries of each length */
	__u32 count6[WEIR_LIST_COUNT][129];
	char origin[WEIR_MAX_ORIGINS][32];	/* names, from 1; 0-terminated */
};

/*
 * Which entry ids are taken, by the live generation and by the one before: bit
 * id % 64 of word id / 64.
 */
struct weir_ids {
	__u64 word[WEIR_MAX_IDS / 64];
	__u64 kept[WEIR_MAX_IDS / 64];
};

/*
 * A short way to denied IPv4 hosts.  A word holds an address (the low half, in
 * network byte order) and its entry's id + 1, or 0.  It is written after the
 * commit of an entry that is a host and has no end, and emptied before that
 * entry is marked as removed: a word is always true, and none says nothing.
 */
#define WEIR_HOSTS		32768
#define WEIR_HOST_AT(addr)	((addr) * 0x9e3779b1U >> 17)

/* What a rule does to packets that match it.  Order is ABI: append. */
#define WEIR_ACTIONS(X)							\
	X(DROP,      "drop")						\
	X(PASS,      "pass")						\
	X(ABORT,     "abort")						\
	X(COUNT,     "count")						\
	X(LIMIT,     "limit")						\
	X(CHALLENGE, "challenge")

#define WEIR_ACTION_(name, word) WEIR_DO_##name,
enum weir_action { WEIR_ACTIONS(WEIR_ACTION_) WEIR_ACTION_COUNT };
#undef WEIR_ACTION_

#define WEIR_RULE_OBSERVED	1	/* counts, and settles nothing */

/* What a limit is kept per. */
#define WEIR_KEY_SRC		1
#define WEIR_KEY_DST		2
#define WEIR_KEY_SPORT		4
#define WEIR_KEY_DPORT		8

/*
 * A rate, with a clock of its own: so many units a nanosecond that a packet, or
 * a byte, is a whole number of them, a power of two.
 */
struct weir_limit {
	__u64 burst;		/* in units */
	__u64 ban_ns;		/* 0: no ban */
	__u32 mult;		/* units a nanosecond, times 2 ^ shift */
	__u32 cells;		/* a power of two */
	__u8 shift;		/* at most 32 */
	__u8 unit;		/* a packet or byte is 2 ^ unit */
	__u8 bytes;		/* counts bytes, not packets */
	__u8 key;		/* WEIR_KEY_... */
	__u8 src4, src6;	/* prefix lengths */
	__u8 dst4, dst6;
};

/* A rule of a generation, at its place: 64 x block of rules + bit. */
struct weir_rule {
	__u32 action;		/* enum weir_action */
	__u32 flags;
	__u32 slot;		/* of its counters and cells */
	__u32 zero;
	union {
		struct weir_limit limit;
		__u64 parameter[4];
	};
};

/*
 * A limit has a table of its own, by its slot: first its cells, then, where it
 * bans, sets of suspects, each of them a tag and a time.
 */
#define WEIR_LEAST_CELLS	2	/* of a limit that has a key */
#define WEIR_MOST_CELLS		(1 << 24)
#define WEIR_SUSPECT_SETS	4096
#define WEIR_SUSPECTS		4	/* of a set */

/* What hashes are keyed with: random, made with the instance. */
struct weir_secret {
	__u64 word[2];
};

#define WEIR_BAN_SETS		2048
#define WEIR_BANS_OF_SET	8
#define WEIR_BANS		(WEIR_BAN_SETS * WEIR_BANS_OF_SET)
#define WEIR_BAN_BUSY		1	/* a tag: claimed, being written */

/* The hashes of what is banned; 0: free.  Claimed by compare-and-swap. */
struct weir_ban_set {
	__u64 tag[WEIR_BANS_OF_SET];
};

/* A banned source.  Written by the datapath; userspace ends it. */
struct weir_ban {
	__u64 until_ns;		/* of CLOCK_MONOTONIC; 0: ended */
	__u64 since_ns;
	__be64 addr[2];		/* IPv4 in the first four bytes, rest zero */
	__u64 packets;
	__u64 bytes;
	__u32 slot;		/* of the limit */
	__u8 family;		/* 4 or 6 */
	__u8 len;
	__u8 zero[2];
	__u64 zeros;
};

/*
 * Which bans there may be.  The datapath writes the counters and the end; the
 * lengths, from the first to one that is 0, are userspace's, written before a
 * generation goes live that bans at them.
 */
#define WEIR_BAN_LENGTHS	8

struct weir_bans {
	__u64 until_ns;		/* none is live after that */
	__u64 refused;		/* by a set that was full */
	__u64 refused_ns;	/* the last of these */
	__u8 lengths4[WEIR_BAN_LENGTHS];
	__u8 lengths6[WEIR_BAN_LENGTHS];
};

#define WEIR_NAME_SIZE	16	/* IFNAMSIZ */

enum weir_mode { WEIR_NATIVE, WEIR_GENERIC };

/* An interface that is or was attached; ifindex 0 marks a free slot. */
struct weir_slot {
	char name[WEIR_NAME_SIZE];	/* when it was attached */
	__u32 ifindex;
	__u32 mode;			/* enum weir_mode */
	__u64 attached_s;		/* seconds of CLOCK_REALTIME */
	__u64 detached_s;		/* 0: not detached by weir */
};

/* The instance record: what it is, before anything else is touched. */
struct weir_record {
	__u32 abi;			/* WEIR_ABI; first, forever */
	__u32 settled;			/* 0 until the first attach is whole */
	__u32 generation;		/* the live one, from 1 */
	__u32 previous;			/* what undo returns to, or 0 */
	__u32 next;			/* being switched to, or 0 */
	__u32 newest;			/* the highest number given so far */
	__u32 program_id;		/* of the live filter */
	__u32 next_program_id;		/* of the one being switched to, or 0 */
	__u32 untidy;			/* a switch is done, its tidying up is not */
	__u32 zero;
	__u64 netns_cookie;		/* 0 where the kernel has none (< 5.14) */
	__u64 netns_inode;
	__u64 created_s;		/* seconds of CLOCK_REALTIME */
	__u64 applied_s;		/* when the live one went live */
	__u64 confirm_until_ns;		/* of CLOCK_MONOTONIC; 0: no question */
	__u64 pending;			/* slots of an attach under way */
	struct weir_slot slot[WEIR_MAX_INTERFACES];
};

#define WEIR_SIZE_IS(type, size) \
	_Static_assert(sizeof(type) == (size), #type " changed its size")

WEIR_SIZE_IS(struct weir_counter, 16);
WEIR_SIZE_IS(struct weir_row, 1024);
WEIR_SIZE_IS(struct weir_runtime, 800);
WEIR_SIZE_IS(struct weir_prefix4, 8);
WEIR_SIZE_IS(struct weir_prefix6, 24);
WEIR_SIZE_IS(struct weir_entry, 72);
WEIR_SIZE_IS(struct weir_lists, 4792);
WEIR_SIZE_IS(struct weir_ids, 98304);
WEIR_SIZE_IS(struct weir_limit, 32);
WEIR_SIZE_IS(struct weir_rule, 48);
WEIR_SIZE_IS(struct weir_secret, 16);
WEIR_SIZE_IS(struct weir_ban_set, 64);
WEIR_SIZE_IS(struct weir_ban, 64);
WEIR_SIZE_IS(struct weir_bans, 40);
WEIR_SIZE_IS(struct weir_slot, 40);
WEIR_SIZE_IS(struct weir_record, 2648);
_Static_assert(WEIR_REASON_COUNT <= WEIR_MAX_REASONS, "the matrix is full");

#endif
