/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Classic BPF, the language between libpcap and the translator.  A type of its
 * own, since pcap.h and linux/bpf.h both call another struct bpf_insn.
 */
#ifndef WEIR_CLASSIC_H
#define WEIR_CLASSIC_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define CLASSIC_MAX	4096	/* instructions of one program */
#define CLASSIC_WORDS	16	/* of scratch memory */

/* From here on loads are not of the packet but of what a socket knows. */
#define CLASSIC_SPECIAL	0x80000000

struct cbpf_insn {
	__u16 code;
	__u8 jt, jf;
	__u32 k;
};

struct cbpf {
	struct cbpf_insn *insns;
	size_t count;
};

/*
 * What is known of a packet before it is asked: bits of its first bytes, and
 * that it has at least 'len' bytes.
 */
#define FACTS_BYTES 64

struct facts {
	__u32 len;
	__u8 mask[FACTS_BYTES];		/* the bits that are known */
	__u8 value[FACTS_BYTES];
};

/*
 * Is it a program that the translator knows: valid instructions, forward jumps,
 * loads of the packet alone, a return on every path?  Returns 0, or -EINVAL
 * with a line in 'why'.
 */
int classic_check(const struct cbpf *program, char *why, size_t size);

/*
 * Write to 'out', which has room for as many instructions, what is left of a
 * checked program for packets of which 'facts' hold: it returns the same for
 * all of them.
 */
void classic_specialise(const struct cbpf *program, const struct facts *facts,
			struct cbpf_insn *out);

#endif
