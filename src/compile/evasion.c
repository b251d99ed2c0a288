// SPDX-License-Identifier: GPL-2.0-only
/*
 * A search over the ways through a program.  On each way, what the program asks
 * of the packet is written down: bits that must be so are pinned, other
 * questions are kept.  Where a way ends in a match, a packet is made of that
 * and shown to the program; if it matches, so are its disguises.  What cannot
 * be solved by trying the numbers around those that are asked for is left out,
 * and the search ends where it takes too long: both cost a warning, never the
 * truth of one.
 */
#include <netinet/in.h>
#include <string.h>

#include <pcap/pcap.h>

#include "compile/evasion.h"

#define WINDOW		256	/* bytes of a packet that can be chosen */
#define SPARE		16	/* for what a disguise adds */
#define OPS		4
#define QUESTIONS	512	/* on one way */
#define DEPTH		256	/* branches taken on one way */
#define OTHER_STEPS	4	/* of a run that comes to nothing */
#define STEPS		200000	/* instructions, of the search and of runs */

#define TYPE_IP		0x0800
#define TYPE_IP6	0x86dd
#define TYPE_TAG	0x8100
#define TYPE_OUTER_TAG	0x88a8
#define IP_AT		14
#define IP6_NEXT	20
#define IP6_PAYLOAD	54
#define PADDING		0x0104	/* an option of that, and four zeros */
#define LEAST_IP	42	/* bytes with a header of UDP or ICMP */
#define LEAST_IP6	62

/* A number the program holds: a constant, or a field and what was done to it. */
struct value {
	enum { CONSTANT, FIELD, LENGTH } of;
	__u32 k;		/* the constant */
	__u16 at, size;		/* the field, in bytes */
	unsigned int ops;
	struct {
		__u16 op;
		__u32 k;
	} op[OPS];
};

/* How a comparison came out. */
struct question {
	struct value value;
	__u16 op;
	__u32 k;
	bool yes;
};

struct frame {
	__u8 byte[WINDOW + SPARE];
	__u32 len;
};

/* What is certain on the way so far. */
struct way {
	__u8 mask[WINDOW], byte[WINDOW];	/* pinned bits */
	struct value a, x, mem[CLASSIC_WORDS];
	__u32 reach;		/* bytes there must be */
	size_t questions;
};

struct search {
	const struct cbpf *program;
	const struct droppers *others;
	struct question question[QUESTIONS];
	unsigned int found;
	long steps;
};

static __u32 compute(__u16 op, __u32 a, __u32 k)
{
	switch (op) {
	case BPF_ADD:
		return a + k;
	case BPF_SUB:
		return a - k;
	case BPF_MUL:
		return a * k;
	case BPF_DIV:
		return k ? a / k : 0;
	case BPF_MOD:
		return k ? a % k : 0;
	case BPF_AND:
		return a & k;
	case BPF_OR:
		return a | k;
	case BPF_XOR:
		return a ^ k;
	case BPF_LSH:
		return k < 32 ? a << k : 0;
	case BPF_RSH:
		return k < 32 ? a >> k : 0;
	default:
		return -a;
	}
}

/* A number that compute() makes 'to' of, if there is one of that form. */
static __u32 uncompute(__u16 op, __u32 to, __u32 k)
{
	switch (op) {
	case BPF_ADD:
		return to - k;
	case BPF_SUB:
		return to + k;
	case BPF_MUL:
		return k ? to / k : 0;
	case BPF_DIV:
		return to * k;
	case BPF_XOR:
		return to ^ k;
	case BPF_LSH:
		return k < 32 ? to >> k : 0;
	case BPF_RSH:
		return k < 32 ? to << k : 0;
	case BPF_NEG:
		return -to;
	default:
		return to;
	}
}

static __u32 value_of(const struct value *v, __u32 raw)
{
	if (v->of == CONSTANT)
		return v->k;
	for (unsigned int i = 0; i < v->ops; i++)
		raw = compute(v->op[i].op, raw, v->op[i].k);
	return raw;
}

static __u32 raw_for(const struct value *v, __u32 to)
{
	for (unsigned int i = v->ops; i; i--)
		to = uncompute(v->op[i - 1].op, to, v->op[i - 1].k);
	return to;
}

static bool answer(__u16 op, __u32 a, __u32 k)
{
	switch (op) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGT:
		return a > k;
	case BPF_JGE:
		return a >= k;
	default:
		return a & k;
	}
}

/* The bits of its field that a value depends on. */
static __u32 bits_used(const struct value *v)
{
	__u32 all = v->size < 4 ? (1U << 8 * v->size) - 1 : ~0U;

	return v->ops && v->op[0].op == BPF_AND ? all & v->op[0].k : all;
}

static __u32 bytes_read(const __u8 *bytes, __u16 at, __u16 size)
{
	__u32 value = 0;

	for (__u16 i = 0; i < size; i++)
		value = value << 8 | bytes[at + i];
	return value;
}

static void bytes_write(__u8 *bytes, __u16 at, __u16 size, __u32 value)
{
	for (__u16 i = size; i; i--, value >>= 8)
		bytes[at + i - 1] = value;
}

static void pin(struct way *way, const struct value *v, __u32 bits, __u32 raw)
{
	__u32 mask = bytes_read(way->mask, v->at, v->size);
	__u32 byte = bytes_read(way->byte, v->at, v->size);

	bytes_write(way->mask, v->at, v->size, mask | bits);
	bytes_write(way->byte, v->at, v->size, (byte & ~bits) | (raw & bits));
}

static __u16 type_of(const __u8 *bytes)
{
	return bytes_read(bytes, 12, 2);
}

/*
 * What nobody asked for is that of a plain UDP or TCP packet, between addresses
 * and ports that no other rule is likely to ask for.
 */
static void frame_make(const struct way *way, struct frame *frame)
{
	static const __u8 plain[WINDOW] = {
		0x5a, 0x3c, 0x91, 0xe7, 0x1b, 0x68, 0x5a, 0x3c, 0x91, 0xe7,
		0x1b, 0x67, 8, 0, 0x45, [22] = 47, 17,
		[26] = 107, 209, 147, 45, 93, 61, 183, 210, 0xe9, 0xa7, 0xcb,
		0x5d, [46] = 0x50, [66] = 0x50,
	};

	memset(frame, 0, sizeof(*frame));
	memcpy(frame->byte, plain, sizeof(plain));
	if (way->mask[12] == 0xff && way->byte[12] == 0x86) {
		frame->byte[14] = 0x60;
		frame->byte[20] = 17;
	}
	for (int i = 0; i < WINDOW; i++)
		frame->byte[i] = (frame->byte[i] & ~way->mask[i]) |
				 (way->byte[i] & way->mask[i]);
	frame->len = way->reach > WINDOW / 2 ? way->reach : WINDOW / 2;
}

static __u32 raw_read(const struct frame *frame, const struct value *v)
{
	return v->of == LENGTH ? frame->len :
				 bytes_read(frame->byte, v->at, v->size);
}

static bool is_field(const struct value *a, const struct value *b)
{
	return a->of == b->of && a->at == b->at && a->size == b->size;
}

/*
 * Does a number in its field, of which 'known' bits are certain, answer what
 * was asked of them?
 */
static bool fits(const struct search *s, const struct way *way,
		 const struct value *field, __u32 raw, __u32 known)
{
	const struct question *q = s->question;

	for (size_t i = 0; i < way->questions; i++, q++)
		if (is_field(&q->value, field) &&
		    !(bits_used(&q->value) & ~known) &&
		    answer(q->op, value_of(&q->value, raw), q->k) != q->yes)
			return false;
	return true;
}

static bool try_raw(const struct search *s, const struct way *way,
		    const struct value *v, __u32 raw, struct frame *frame)
{
	__u32 pinned = 0, now = raw_read(frame, v);

	if (v->of == LENGTH) {
		if (raw < 14 || !fits(s, way, v, raw, ~0U))
			return false;
		frame->len = raw;
		return true;
	}
	pinned = bytes_read(way->mask, v->at, v->size);
	raw = (raw & ~pinned) | (now & pinned);
	if (v->size < 4)
		raw &= (1U << 8 * v->size) - 1;
	if (!fits(s, way, v, raw, ~0U))
		return false;
	bytes_write(frame->byte, v->at, v->size, raw);
	return true;
}

/* As short as an answer allows, with room for what is put in front. */
static bool length_solve(const struct search *s, const struct way *way,
			 const struct value *v, struct frame *frame)
{
	const __u32 least[] = { LEAST_IP6, LEAST_IP, IP_AT };

	for (size_t i = 0; i < sizeof(least) / sizeof(*least); i++)
		if (try_raw(s, way, v,
			    least[i] > way->reach ? least[i] : way->reach,
			    frame))
			return true;
	return false;
}

/* Make the frame answer a question: by a number near one that was asked for. */
static bool question_solve(const struct search *s, const struct way *way,
			   const struct question *q, struct frame *frame)
{
	__u32 now = raw_read(frame, &q->value), bits = bits_used(&q->value);
	const struct question *other = s->question;

	if (fits(s, way, &q->value, now, ~0U))
		return true;
	if (q->value.of == LENGTH && length_solve(s, way, &q->value, frame))
		return true;
	for (size_t i = 0; i < way->questions; i++, other++) {
		const __u32 near[] = { other->k, other->k + 1, other->k - 1,
				       0, ~0U, other->k & -other->k };

		if (!is_field(&other->value, &q->value))
			continue;
		for (size_t j = 0; j < sizeof(near) / sizeof(*near); j++) {
			__u32 raw = raw_for(&other->value, near[j]);

			if (q->value.of == FIELD)
				raw = (raw & bits) | (now & ~bits);
			if (try_raw(s, way, &q->value, raw, frame))
				return true;
		}
	}
	return false;
}

static bool frame_solve(const struct search *s, const struct way *way,
			struct frame *frame)
{
	frame_make(way, frame);
	for (size_t i = 0; i < way->questions; i++)
		if (!question_solve(s, way, &s->question[i], frame))
			return false;
	return true;
}

static bool matches(const struct cbpf *program, const struct frame *frame)
{
	__u32 room = sizeof(frame->byte);

	return bpf_filter((const struct bpf_insn *)program->insns, frame->byte,
			  frame->len, frame->len < room ? frame->len : room);
}

/* Is a disguise dropped?  Where there is no time to find out, yes. */
static bool is_seen(struct search *s, const struct frame *frame)
{
	const struct cbpf *other = s->others->programs;

	s->steps -= s->program->count;
	if (matches(s->program, frame))
		return true;
	for (size_t i = 0; i < s->others->count; i++) {
		s->steps -= OTHER_STEPS;
		if (matches(&other[i], frame))
			return true;
	}
	return s->steps < 0;
}

static void insert(struct frame *frame, int at, int size)
{
	memmove(frame->byte + at + size, frame->byte + at,
		sizeof(frame->byte) - at - size);
	memset(frame->byte + at, 0, size);
	frame->len += size;
}

static bool sees_tagged(struct search *s, struct frame frame, __u16 type)
{
	insert(&frame, 12, 4);
	bytes_write(frame.byte, 12, 2, type);
	return is_seen(s, &frame);
}

static bool sees_tagged_twice(struct search *s, struct frame frame)
{
	insert(&frame, 12, 4);
	bytes_write(frame.byte, 12, 2, TYPE_TAG);
	return sees_tagged(s, frame, TYPE_OUTER_TAG);
}

/* One that has a tag already is matched because of it. */
static void judge_tags(struct search *s, const struct frame *frame)
{
	__u16 type = type_of(frame->byte);

	if (type == TYPE_TAG || type == TYPE_OUTER_TAG || type == 0x9100)
		return;
	if (!sees_tagged(s, *frame, TYPE_TAG) ||
	    !sees_tagged(s, *frame, TYPE_OUTER_TAG))
		s->found |= EVADED_BY_TAG;
	else if (!sees_tagged_twice(s, *frame))
		s->found |= EVADED_BY_TAGS;
}

/* Behind an extension header of 8 bytes, all padding. */
static bool sees_behind(struct search *s, struct frame frame, __u8 header)
{
	__u8 next = frame.byte[IP6_NEXT];

	insert(&frame, IP6_PAYLOAD, 8);
	frame.byte[IP6_NEXT] = header;
	frame.byte[IP6_PAYLOAD] = next;
	if (header != IPPROTO_FRAGMENT)
		bytes_write(frame.byte, IP6_PAYLOAD + 2, 2, PADDING);
	bytes_write(frame.byte, 18, 2, bytes_read(frame.byte, 18, 2) + 8);
	return is_seen(s, &frame);
}

static bool sees_fragment6(struct search *s, struct frame frame)
{
	__u8 next = frame.byte[IP6_NEXT];

	insert(&frame, IP6_PAYLOAD, 8);
	memset(frame.byte + IP6_PAYLOAD, 0, sizeof(frame.byte) - IP6_PAYLOAD);
	frame.byte[IP6_NEXT] = IPPROTO_FRAGMENT;
	frame.byte[IP6_PAYLOAD] = next;
	bytes_write(frame.byte, IP6_PAYLOAD + 2, 2, 1480);
	bytes_write(frame.byte, 18, 2, bytes_read(frame.byte, 18, 2) + 8);
	return is_seen(s, &frame);
}

static bool is_ext_header(__u8 proto)
{
	return proto == IPPROTO_HOPOPTS || proto == IPPROTO_ROUTING ||
	       proto == IPPROTO_FRAGMENT || proto == IPPROTO_DSTOPTS ||
	       proto == IPPROTO_AH;
}

static void judge_ip6(struct search *s, const struct frame *frame)
{
	if (is_ext_header(frame->byte[IP6_NEXT]))
		return;
	if (!sees_behind(s, *frame, IPPROTO_DSTOPTS) ||
	    !sees_behind(s, *frame, IPPROTO_HOPOPTS) ||
	    !sees_behind(s, *frame, IPPROTO_FRAGMENT))
		s->found |= EVADED_BY_HEADER;
	if (!sees_fragment6(s, *frame))
		s->found |= EVADED_BY_FRAGMENT6;
}

/* A later fragment has the same IP header, but for its place, and any data. */
static void judge_ip4(struct search *s, struct frame frame)
{
	__u16 place = bytes_read(frame.byte, 20, 2);
	int data = IP_AT + (frame.byte[IP_AT] & 0xf) * 4;

	if (place & 0x1fff)
		return;
	bytes_write(frame.byte, 20, 2, (place & 0xc000) | 185);
	memset(frame.byte + data, 0, sizeof(frame.byte) - data);
	if (!is_seen(s, &frame))
		s->found |= EVADED_BY_FRAGMENT4;
}

static void way_judge(struct search *s, const struct way *way)
{
	struct frame frame;

	if (!frame_solve(s, way, &frame) || !matches(s->program, &frame))
		return;
	judge_tags(s, &frame);
	if (type_of(frame.byte) == TYPE_IP && frame.len >= LEAST_IP)
		judge_ip4(s, frame);
	if (type_of(frame.byte) == TYPE_IP6 && frame.len >= LEAST_IP6)
		judge_ip6(s, &frame);
}

static struct value constant(__u32 k)
{
	return (struct value){ .of = CONSTANT, .k = k };
}

/* Settle on a number for a value, where an address or a number is needed. */
static __u32 settle(const struct search *s, struct way *way,
		    const struct value *v)
{
	__u32 bits = bits_used(v), low = bits & -bits, raw, pinned;
	struct frame frame;

	if (v->of == CONSTANT)
		return v->k;
	frame_make(way, &frame);
	raw = raw_read(&frame, v);
	if (v->of == LENGTH)
		return value_of(v, raw);
	pinned = bytes_read(way->mask, v->at, v->size);
	for (int i = 0; i < 16 && !fits(s, way, v, raw, pinned | bits); i++)
		if (!(low & pinned))
			raw = (raw & ~bits) | ((raw + low) & bits);
	pin(way, v, bits, raw);
	return value_of(v, raw);
}

/* Where all bits that matter are pinned, a value is a constant. */
static struct value simplify(const struct way *way, const struct value *v)
{
	__u32 bits = bits_used(v);

	if (v->of != FIELD ||
	    (bytes_read(way->mask, v->at, v->size) & bits) != bits)
		return *v;
	return constant(value_of(v, bytes_read(way->byte, v->at, v->size)));
}

static void value_operate(struct value *v, __u16 op, __u32 k)
{
	v->op[v->ops].op = op;
	v->op[v->ops++].k = k;
}

static void operate(const struct search *s, struct way *way, __u16 op, __u32 k)
{
	struct value *a = &way->a;

	if (a->of != CONSTANT && a->ops == OPS)
		*a = constant(settle(s, way, a));
	if (a->of == CONSTANT) {
		*a = constant(compute(op, a->k, k));
		return;
	}
	value_operate(a, op, k);
}

static bool load(struct way *way, struct value *to, __u64 at, __u16 size)
{
	if (at + size > WINDOW)
		return false;
	if (way->reach < at + size)
		way->reach = at + size;
	*to = (struct value){ .of = FIELD, .at = at, .size = size };
	*to = simplify(way, to);
	return true;
}

static __u16 load_size(const struct cbpf_insn *insn)
{
	return BPF_SIZE(insn->code) == BPF_W ? 4 :
	       BPF_SIZE(insn->code) == BPF_H ? 2 : 1;
}

static bool step_load(const struct search *s, struct way *way,
		      const struct cbpf_insn *insn)
{
	bool to_x = BPF_CLASS(insn->code) == BPF_LDX;
	struct value *to = to_x ? &way->x : &way->a;

	switch (BPF_MODE(insn->code)) {
	case BPF_ABS:
		return load(way, to, insn->k, load_size(insn));
	case BPF_IND:
		return load(way, to, (__u64)insn->k + settle(s, way, &way->x),
			    load_size(insn));
	case BPF_MSH:
		if (!load(way, to, insn->k, 1))
			return false;
		if (to->of == CONSTANT) {
			*to = constant((to->k & 0xf) << 2);
			return true;
		}
		value_operate(to, BPF_AND, 0xf);
		value_operate(to, BPF_LSH, 2);
		*to = simplify(way, to);
		return true;
	case BPF_LEN:
		*to = (struct value){ .of = LENGTH, .size = 4 };
		return true;
	case BPF_MEM:
		*to = way->mem[insn->k];
		return true;
	default:
		*to = constant(insn->k);
		return true;
	}
}

/* All but jumps and returns.  Returns false where the way cannot go on. */
static bool step(const struct search *s, struct way *way,
		 const struct cbpf_insn *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_LDX:
		return step_load(s, way, insn);
	case BPF_ST:
		way->mem[insn->k] = way->a;
		return true;
	case BPF_STX:
		way->mem[insn->k] = way->x;
		return true;
	case BPF_ALU:
		operate(s, way, BPF_OP(insn->code),
			BPF_SRC(insn->code) == BPF_X ? settle(s, way, &way->x) :
						       insn->k);
		return true;
	default:
		if (BPF_MISCOP(insn->code) == BPF_TAX)
			way->x = way->a;
		else
			way->a = way->x;
		return true;
	}
}

/* Go on as if a comparison had come out so.  Returns false where it cannot. */
static bool assume(struct search *s, struct way *way, __u16 op, __u32 k,
		   bool yes)
{
	struct value v = simplify(way, &way->a);
	__u32 raw = raw_for(&v, k), bits = bits_used(&v), pinned;

	if (v.of == CONSTANT)
		return answer(op, v.k, k) == yes;
	if (v.of == FIELD && op == BPF_JEQ && yes) {
		pinned = bytes_read(way->mask, v.at, v.size);
		if (value_of(&v, raw) != k || (raw & ~bits) ||
		    ((raw ^ bytes_read(way->byte, v.at, v.size)) & pinned &
		     bits))
			return false;
		pin(way, &v, bits, raw);
		return fits(s, way, &v, bytes_read(way->byte, v.at, v.size),
			    pinned | bits);
	}
	if (way->questions == QUESTIONS)
		return false;
	s->question[way->questions++] = (struct question){ v, op, k, yes };
	return true;
}

static void explore(struct search *s, size_t at, struct way *way, int depth)
{
	const struct cbpf_insn *insn;
	struct way other;
	__u32 k;
	__u16 op;

	while (s->steps-- > 0) {
		insn = &s->program->insns[at++];
		op = BPF_OP(insn->code);
		if (BPF_CLASS(insn->code) == BPF_RET) {
			if (BPF_RVAL(insn->code) == BPF_A || insn->k)
				way_judge(s, way);
			return;
		}
		if (BPF_CLASS(insn->code) != BPF_JMP) {
			if (!step(s, way, insn))
				return;
			continue;
		}
		if (op == BPF_JA) {
			at += insn->k;
			continue;
		}
		k = BPF_SRC(insn->code) == BPF_X ? settle(s, way, &way->x) :
						   insn->k;
		other = *way;
		if (depth < DEPTH && assume(s, &other, op, k, true))
			explore(s, at + insn->jt, &other, depth + 1);
		if (!assume(s, way, op, k, false))
			return;
		at += insn->jf;
	}
}

unsigned int rule_evasions(const struct cbpf *program,
			   const struct droppers *others)
{
	struct search search = { .program = program,
				 .others = others,
				 .steps = STEPS };
	struct way way = { .reach = IP_AT };

	explore(&search, 0, &way, 0);
	return search.found;
}
