// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules are laid out in blocks of at most 64.  A block of several rules begins
 * with a look at the packet and goes on with one of several copies of the
 * rules, each written for packets of one class: what the class makes certain
 * is not asked again, and rules that cannot match are not there.  Packets of no
 * class, and those too short for theirs, get the copy that asks everything.
 */
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "compile/evasion.h"
#include "compile/expression.h"
#include "compile/rules.h"
#include "compile/translate.h"

#define BLOCK_RULES	64
#define BLOCK_JUMPS	6000	/* of one copy: the verifier keeps 8,192 */
#define BLOCK_INSNS	30000	/* within reach of a jump */
#define LEAST_TO_SORT	4	/* rules, for which classes pay */
#define MOST_TOGETHER	1024	/* rules, among which one sees another's */

/*
 * The plain packets of the protocols that floods are made of (no tag, IPv4
 * without options and fragments), and what else is IPv4 and IPv6.
 */
struct class {
	__u16 type;		/* EtherType */
	__u8 proto;		/* 0: any */
	__u32 len;		/* up to the end of its last header */
};

enum { UDP, TCP, ICMP, OTHER, CLASSES };

static const struct class ip4_classes[CLASSES] = {
	[UDP] = { ETH_P_IP, IPPROTO_UDP, 42 },
	[TCP] = { ETH_P_IP, IPPROTO_TCP, 54 },
	[ICMP] = { ETH_P_IP, IPPROTO_ICMP, 42 },
	[OTHER] = { ETH_P_IP, 0, 42 },
};

static const struct class ip6_classes[CLASSES] = {
	[UDP] = { ETH_P_IPV6, IPPROTO_UDP, 62 },
	[TCP] = { ETH_P_IPV6, IPPROTO_TCP, 74 },
	[ICMP] = { ETH_P_IPV6, IPPROTO_ICMPV6, 62 },
	[OTHER] = { ETH_P_IPV6, 0, 62 },
};

static const struct facts no_facts;

struct layout {
	const struct rule *rules;
	const size_t *first;	/* of each block, and the end */
	struct rule_code *code;
};

static void fact(struct facts *facts, int at, __u8 mask, __u8 value)
{
	facts->mask[at] = mask;
	facts->value[at] = value;
}

static struct facts class_facts(const struct class *class)
{
	struct facts facts = { .len = class->len };

	fact(&facts, 12, 0xff, class->type >> 8);
	fact(&facts, 13, 0xff, class->type);
	if (!class->proto)
		return facts;
	if (class->type == ETH_P_IPV6) {
		fact(&facts, 20, 0xff, class->proto);
		return facts;
	}
	fact(&facts, 14, 0xff, 0x45);
	fact(&facts, 20, 0x1f, 0);
	fact(&facts, 21, 0xff, 0);
	fact(&facts, 23, 0xff, class->proto);
	return facts;
}

#define emit(code, ...)                                                      \
	({                                                                   \
		const struct bpf_insn insns_[] = { __VA_ARGS__ };            \
		code_append(code, insns_,                                    \
			    sizeof(insns_) / sizeof(insns_[0])) ? 0 : -ENOMEM; \
	})

/* r4 and r5, as they are at the begin of a block. */
static int emit_reload(struct code *code, __u32 len)
{
	int err = emit(code,
		       LOAD(BPF_W, R_DATA, R_CTX, offsetof(struct xdp_md, data)),
		       LOAD(BPF_W, R_END, R_CTX,
			    offsetof(struct xdp_md, data_end)));

	if (err || !len)
		return err;
	return emit(code, MOV64_REG(R_TMP, R_DATA),
		    ALU64_IMM(BPF_ADD, R_TMP, len),
		    JUMP64_REG(BPF_JLE, R_TMP, R_END, 1), EXIT());
}

/*
 * One copy of a block's rules.  Where a rule has looked farther into the packet
 * on some of its paths, the next one starts afresh, so that the verifier need
 * not follow each path to the end.
 */
static int copy_write(struct code *code, const struct rule *rules, size_t count,
		      const struct facts *facts, bool loaded)
{
	struct effect effect = { .passes = true, .looked = !loaded };
	bool looked = !loaded;
	int err = 0;

	for (size_t i = 0; i < count && effect.passes; i++) {
		size_t before = code->count;

		if (looked)
			err = emit_reload(code, facts->len);
		if (!err)
			err = rule_translate(&rules[i], facts, code, &effect);
		if (err)
			return err;
		if (!effect.matches)
			code->count = before;
		else
			looked = effect.looked;
	}
	return effect.passes ? emit(code, EXIT()) : 0;
}

/* Jumps to a copy that is written later. */
struct jumps {
	size_t at[8];
	size_t count;
};

struct sorter {
	struct code *code;
	const struct rule *rules;
	size_t count;
	struct jumps to_generic, to_other;
	int err;
};

#define sort_emit(s, ...)                                                    \
	do {                                                                 \
		if (!(s)->err)                                               \
			(s)->err = emit((s)->code, __VA_ARGS__);             \
	} while (0)

static void sort_jump(struct sorter *s, struct jumps *jumps,
		      struct bpf_insn insn)
{
	sort_emit(s, insn);
	jumps->at[jumps->count++] = s->code->count - 1;
}

static void aim_here(struct sorter *s, struct jumps *jumps)
{
	for (size_t i = 0; !s->err && i < jumps->count; i++)
		s->code->insns[jumps->at[i]].off =
			s->code->count - jumps->at[i] - 1;
	jumps->count = 0;
}

static void sort_length(struct sorter *s, __u32 len, struct jumps *shorter)
{
	sort_emit(s, MOV64_REG(R_TMP, R_DATA), ALU64_IMM(BPF_ADD, R_TMP, len));
	sort_jump(s, shorter, JUMP64_REG(BPF_JGT, R_TMP, R_END, 0));
}

static void sort_copy(struct sorter *s, const struct class *class)
{
	struct facts facts = class_facts(class);

	if (!s->err)
		s->err = copy_write(s->code, s->rules, s->count, &facts, true);
}

/* The copies of the classes of a family, of which r3 is the protocol. */
static void sort_protocols(struct sorter *s, const struct class *of)
{
	struct jumps tcp = { 0 }, icmp = { 0 };

	sort_jump(s, &tcp, JUMP32_IMM(BPF_JEQ, R_A, of[TCP].proto, 0));
	sort_jump(s, &icmp, JUMP32_IMM(BPF_JEQ, R_A, of[ICMP].proto, 0));
	sort_jump(s, &s->to_other, JUMP32_IMM(BPF_JNE, R_A, of[UDP].proto, 0));
	sort_copy(s, &of[UDP]);
	aim_here(s, &tcp);
	sort_length(s, of[TCP].len, &s->to_other);
	sort_copy(s, &of[TCP]);
	aim_here(s, &icmp);
	sort_copy(s, &of[ICMP]);
	aim_here(s, &s->to_other);
	sort_copy(s, &of[OTHER]);
}

/* Network order, as the packet has it. */
static __u16 be16(__u16 host)
{
	union {
		__u8 byte[2];
		__u16 word;
	} u = { .byte = { host >> 8, host } };

	return u.word;
}

static void sort_ip4(struct sorter *s)
{
	sort_emit(s, LOAD(BPF_B, R_A, R_DATA, 14));
	sort_jump(s, &s->to_other, JUMP32_IMM(BPF_JNE, R_A, 0x45, 0));
	sort_emit(s, LOAD(BPF_H, R_A, R_DATA, 20));
	sort_jump(s, &s->to_other, JUMP32_IMM(BPF_JSET, R_A, be16(0x1fff), 0));
	sort_emit(s, LOAD(BPF_B, R_A, R_DATA, 23));
	sort_protocols(s, ip4_classes);
}

static void sort_ip6(struct sorter *s)
{
	sort_length(s, ip6_classes[OTHER].len, &s->to_generic);
	sort_emit(s, LOAD(BPF_B, R_A, R_DATA, 20));
	sort_protocols(s, ip6_classes);
}

static void sort_all(struct sorter *s)
{
	struct jumps ip6 = { 0 };

	if (!s->err)
		s->err = emit_reload(s->code, 0);
	sort_length(s, ip4_classes[OTHER].len, &s->to_generic);
	sort_emit(s, LOAD(BPF_H, R_A, R_DATA, 12));
	sort_jump(s, &ip6, JUMP32_IMM(BPF_JEQ, R_A, be16(ETH_P_IPV6), 0));
	sort_jump(s, &s->to_generic,
		  JUMP32_IMM(BPF_JNE, R_A, be16(ETH_P_IP), 0));
	sort_ip4(s);
	aim_here(s, &ip6);
	sort_ip6(s);
	aim_here(s, &s->to_generic);
}

/* A whole block.  One that would be too long goes without classes. */
static int block_write(struct code *code, const struct rule *rules,
		       size_t count)
{
	struct sorter sorter = { .code = code, .rules = rules, .count = count };
	int err = emit(code, ALU64_IMM(BPF_MOV, R_MATCHED, 0));
	size_t begin = code->count;

	if (err)
		return err;
	if (count >= LEAST_TO_SORT) {
		sort_all(&sorter);
		if (sorter.err)
			return sorter.err;
		if (code->count - begin > BLOCK_INSNS)
			code->count = begin;
	}
	return copy_write(code, rules, count, &no_facts, false);
}

static void say_untranslated(struct rule_source *rule, int err)
{
	snprintf(rule->why, sizeof(rule->why), "%s", err == -E2BIG ?
		 "too large; put the addresses on a list" : error_text(err));
}

/*
 * Translate each rule by itself, for its size, and divide them into blocks.
 * Returns how many blocks, or -errno.
 */
static int blocks_divide(struct rule_source *sources, struct rule *rules,
			 size_t count, size_t *first, bool strict)
{
	_cleanup_(code_free) struct code scratch = { 0 };
	size_t jumps = 0, insns = 0;
	int blocks = 0, err = 0, refused = 0;
	struct effect effect;

	for (size_t i = 0; i < count; i++) {
		scratch.count = 0;
		err = rule_translate(&rules[i], &no_facts, &scratch, &effect);
		if (err == -ENOMEM)
			return err;
		if (!err && effect.jumps > BLOCK_JUMPS)
			err = -E2BIG;
		if (err)
			say_untranslated(&sources[i], err);
		else if (strict && !effect.matches)
			snprintf(sources[i].why, sizeof(sources[i].why),
				 "no packet can match");
		refused += !!sources[i].why[0];
		jumps += effect.jumps;
		insns += scratch.count + 4;
		if (!i || i - first[blocks - 1] == BLOCK_RULES ||
		    jumps > BLOCK_JUMPS || insns > BLOCK_INSNS) {
			if (blocks == WEIR_RULE_BLOCKS) {
				snprintf(sources[i].why, sizeof(sources[i].why),
					 "too many rules, or too large ones");
				return -EINVAL;
			}
			first[blocks++] = i;
			jumps = effect.jumps;
			insns = scratch.count + 4;
		}
		rules[i].bit = i - first[blocks - 1];
	}
	first[blocks] = count;
	return refused ? -EINVAL : blocks;
}

static int blocks_write(struct rule_code *code, const struct rule *rules,
			size_t count, const size_t *first, size_t blocks)
{
	int err = 0;

	code->place = calloc(count + 1, sizeof(*code->place));
	if (!code->place)
		return -ENOMEM;
	code->rules = count;
	for (size_t b = 0; !err && b < blocks; b++) {
		for (size_t i = first[b]; i < first[b + 1]; i++)
			code->place[i] = 64 * b + rules[i].bit;
		err = block_write(&code->block[b], rules + first[b],
				  first[b + 1] - first[b]);
		code->blocks = b + 1;
	}
	return err;
}

static int translate(struct rule_source *sources, const struct cbpf *programs,
		     size_t count, bool strict, struct rule_code *code)
{
	_free_ struct rule *rules = calloc(count + 1, sizeof(*rules));
	size_t first[WEIR_RULE_BLOCKS + 1];
	int blocks, err = 0;

	if (!rules)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		rules[i] = (struct rule){ programs[i], 0, sources[i].ends };
		if (classic_check(&programs[i], sources[i].why,
				  sizeof(sources[i].why)))
			err = -EINVAL;
	}
	if (err)
		return err;
	blocks = blocks_divide(sources, rules, count, first, strict);
	if (blocks < 0)
		return blocks;
	return blocks_write(code, rules, count, first, blocks);
}

static int translate_or_none(struct rule_source *rules,
			     const struct cbpf *programs, size_t count,
			     bool strict, struct rule_code *code)
{
	int err;

	*code = (struct rule_code){ 0 };
	err = translate(rules, programs, count, strict, code);
	if (err)
		rule_code_free(code);
	if (err && err != -EINVAL)
		return fail(-err, "cannot compile the rules: %s",
			    error_text(err));
	return err;
}

int rules_translate(struct rule_source *rules, const struct cbpf *programs,
		    size_t count, struct rule_code *code)
{
	for (size_t i = 0; i < count; i++)
		rules[i].why[0] = '\0';
	return translate_or_none(rules, programs, count, false, code);
}

/* The programs of those that compiled; the others have said why not. */
static int rules_to_classic(struct rule_source *rules, size_t count,
			    struct expression *expressions,
			    struct cbpf *programs)
{
	int err;

	for (size_t i = 0; i < count; i++)
		expressions[i].text = rules[i].expression;
	err = expressions_compile(expressions, count, true);
	for (size_t i = 0; i < count; i++) {
		programs[i] = expressions[i].program;
		rules[i].evasions = 0;
		memcpy(rules[i].why, expressions[i].why, sizeof(rules[i].why));
	}
	return err;
}

/* Among many rules each is looked at alone: it would take too long. */
static int evasions_find(struct rule_source *rules, const struct cbpf *programs,
			 size_t count)
{
	_free_ struct cbpf *drops = calloc(count + 1, sizeof(*drops));
	struct droppers droppers = { .programs = drops };

	if (!drops)
		return fail(ENOMEM, "out of memory");
	for (size_t i = 0; i < count && count <= MOST_TOGETHER; i++)
		if (rules[i].drops)
			drops[droppers.count++] = programs[i];
	for (size_t i = 0; i < count; i++)
		rules[i].evasions = rule_evasions(&programs[i], &droppers);
	return 0;
}

int rules_compile(struct rule_source *rules, size_t count,
		  struct rule_code *code)
{
	struct expression *expressions = calloc(count + 1,
						sizeof(*expressions));
	_free_ struct cbpf *programs = calloc(count + 1, sizeof(*programs));
	int err;

	*code = (struct rule_code){ 0 };
	if (!expressions || !programs) {
		free(expressions);
		return fail(ENOMEM, "cannot compile the rules: %s",
			    error_text(ENOMEM));
	}
	err = rules_to_classic(rules, count, expressions, programs);
	if (!err)
		err = translate_or_none(rules, programs, count, true, code);
	if (!err)
		err = evasions_find(rules, programs, count);
	if (err)
		rule_code_free(code);
	expressions_free(expressions, count);
	free(expressions);
	return err;
}

void rule_code_free(struct rule_code *code)
{
	for (size_t b = 0; b < WEIR_RULE_BLOCKS; b++)
		code_free(&code->block[b]);
	free(code->place);
	*code = (struct rule_code){ 0 };
}
