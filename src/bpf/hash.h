/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SipHash-1-3 (Aumasson, Bernstein 2012) of a few words, keyed by the
 * instance's secret: whoever forges sources cannot aim at a cell.  Multiplying
 * and mixing would be cheaper, but has differences that cancel whatever the
 * key is.
 */
#ifndef WEIR_BPF_HASH_H
#define WEIR_BPF_HASH_H

#include "bpf/stage.h"

/* Root's alone.  Written once, when the instance is made. */
struct weir_secret secret SEC(".data.secret");

#define ROTATE(x, by) ((x) << (by) | (x) >> (64 - (by)))

#define SIP_ROUND(a, b, c, d)                                             \
	do {                                                              \
		a += b; b = ROTATE(b, 13); b ^= a; a = ROTATE(a, 32);     \
		c += d; d = ROTATE(d, 16); d ^= c;                        \
		a += d; d = ROTATE(d, 21); d ^= a;                        \
		c += b; b = ROTATE(b, 17); b ^= c; c = ROTATE(c, 32);     \
	} while (0)

#define HASH_WORDS 5

/* Of the first 'count' words, at most HASH_WORDS, which is part of it. */
static __always_inline __u64 hash_of(const __u64 *word, __u32 count)
{
	__u64 a = secret.word[0] ^ 0x736f6d6570736575ULL;
	__u64 b = secret.word[1] ^ 0x646f72616e646f6dULL;
	__u64 c = secret.word[0] ^ 0x6c7967656e657261ULL;
	__u64 d = secret.word[1] ^ 0x7465646279746573ULL ^ count;

	for (__u32 i = 0; i < HASH_WORDS; i++) {
		if (i >= count)
			break;
		d ^= word[i];
		SIP_ROUND(a, b, c, d);
		a ^= word[i];
	}
	c ^= 0xff;
	for (int i = 0; i < 3; i++)
		SIP_ROUND(a, b, c, d);
	return a ^ b ^ c ^ d;
}

#endif
