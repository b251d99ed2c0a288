// SPDX-License-Identifier: GPL-2.0-only
/* What the compiler takes, what it refuses, and what it says then. */
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compile/expression.h"
#include "compile/rules.h"
#include "compile/translate.h"
#include "unit.h"

/* A text, and words that its refusal must contain; NULL where it is taken. */
struct text {
	const char *name, *expression, *why;
};

static const struct text texts[] = {
	{ "a rule", "udp src port 123 and greater 90", NULL },
	{ "an address", "host 192.0.2.1", NULL },
	{ "an IPv6 address", "host 2001:db8::1", NULL },
	{ "a port by its name", "udp port domain", NULL },
	{ "a protocol by its name", "ip proto \\udp", NULL },
	{ "always true", "greater 0", NULL },
	{ "the farthest byte", "ether[65518] = 0", NULL },
	{ "nothing", "", "missing" },
	{ "blanks", " \t", "missing" },
	{ "a word too many", "udp prt 53", "pcap-filter(7)" },
	{ "an open bracket", "(udp", "pcap-filter(7)" },
	{ "a host's name", "host ntp.example.net", "'ntp.example.net'" },
	{ "a name of /etc/hosts", "host localhost", "'localhost'" },
	{ "a net's name", "net loopback", "'loopback'" },
	{ "an Ethernet name", "ether host router", "'router'" },
	{ "a gateway", "gateway snup", "'gateway'" },
	{ "inbound", "udp and inbound", "'inbound'" },
	{ "outbound", "outbound", "'outbound'" },
	{ "ifindex", "ifindex 2 and udp", "'ifindex'" },
	{ "protochain", "ip6 protochain 6", "'protochain'" },
	{ "inbound in another word", "host inbound.example.net", "names" },
	{ "what a socket knows", "ether[0xfffff000] = 1", "not in the packet" },
	{ "an offset below 0", "ether[0 - 1] = 1", "not in the packet" },
	{ "udp and not udp", "udp and not udp", "no packet can match" },
	{ "a port no packet has", "tcp[0:2] > 65535", "no packet can match" },
	{ "a byte too far", "ether[65519] = 0", "no packet can match" },
	{ "a broadcast without a netmask", "ip broadcast", "netmask" },
	{ "an address that is none", "host 192.0.2.256", "" },
	{ "memory that libpcap never set",
	  "(geneve 5) or (ether host 02:00:00:00:00:01)", "never wrote" },
};

static void test_text(void **state)
{
	const struct text *text = *state;
	struct rule_source rule = { .expression = text->expression };
	struct rule_code code;
	int err = rules_compile(&rule, 1, &code);

	if (text->why) {
		assert_int_equal(err, -EINVAL);
		assert_int_equal(code.rules, 0);
		assert_true(rule.why[0]);
		if (!strstr(rule.why, text->why))
			fail_msg("'%s' does not say '%s'", rule.why, text->why);
		return;
	}
	if (err)
		fail_msg("%s", rule.why);
	assert_string_equal(rule.why, "");
	assert_int_equal(code.blocks, 1);
	assert_int_equal(code.place[0], 0);
	rule_code_free(&code);
}

/* Hosts joined by "or": what a list is for. */
static char *hosts(int count)
{
	char *text = calloc(count, 40), *end = text;

	assert_non_null(text);
	for (int i = 0; i < count; i++)
		end += sprintf(end, "%shost %d.%d.2.1", i ? " or " : "",
			       i % 200 + 1, i / 200);
	return text;
}

static void assert_refused(char *text, const char *why)
{
	struct rule_source rule = { .expression = text };
	struct rule_code code;

	assert_int_equal(rules_compile(&rule, 1, &code), -EINVAL);
	free(text);
	if (!strstr(rule.why, why) || !strstr(rule.why, "list"))
		fail_msg("'%s' does not say '%s'", rule.why, why);
}

static void test_too_long(void **state)
{
	(void)state;
	assert_refused(hosts(1600), "longer than 8192 bytes");
}

/* The clock counts the child's own time, so a busy machine is no matter. */
static void test_too_slow(void **state)
{
	char *text = malloc(EXPRESSION_MAX + 1), *end = text;

	(void)state;
	assert_non_null(text);
	while (end - text < EXPRESSION_MAX - 40)
		end += sprintf(end, "%s%d.%d.2.1", end == text ? "host " :
			       "||", (int)(end - text) % 200 + 1,
			       (int)(end - text) / 200);
	*end = '\0';
	assert_refused(text, "takes longer than");
}

static void test_too_many_instructions(void **state)
{
	static struct cbpf_insn insns[CLASSIC_MAX + 1];
	const struct cbpf program = { insns, CLASSIC_MAX + 1 };
	char why[128];

	(void)state;
	insns[CLASSIC_MAX].code = BPF_RET;
	assert_int_equal(classic_check(&program, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "4096 is the most"));
}

/* A refused rule refuses all, and each of them says why. */
static void test_all_say_why(void **state)
{
	struct rule_source rules[] = {
		{ .expression = "udp" },
		{ .expression = "udp and inbound" },
		{ .expression = "tcp" },
		{ .expression = "no such words" },
	};
	struct rule_code code;

	(void)state;
	assert_int_equal(rules_compile(rules, 4, &code), -EINVAL);
	assert_int_equal(code.blocks, 0);
	assert_null(code.place);
	assert_string_equal(rules[0].why, "");
	assert_non_null(strstr(rules[1].why, "inbound"));
	assert_string_equal(rules[2].why, "");
	assert_non_null(strstr(rules[3].why, "pcap-filter(7)"));
}

#define I(code, jt, jf, k) { code, jt, jf, k }

struct classic {
	const char *name;
	struct cbpf_insn insns[5];
	size_t count;
	const char *why;	/* NULL where it is taken */
};

static const struct classic classics[] = {
	{ "a return", { I(BPF_RET, 0, 0, 1) }, 1, NULL },
	{ "no instruction", { { 0 } }, 0, "empty" },
	{ "no return", { I(BPF_LD | BPF_IMM, 0, 0, 1) }, 1, "return" },
	{ "a jump to the last",
	  { I(BPF_JMP | BPF_JA, 0, 0, 1), I(BPF_RET, 0, 0, 0),
	    I(BPF_RET, 0, 0, 1) }, 3, NULL },
	{ "a jump behind the last",
	  { I(BPF_JMP | BPF_JA, 0, 0, 2), I(BPF_RET, 0, 0, 0),
	    I(BPF_RET, 0, 0, 1) }, 3, "jumps" },
	{ "a jump back",
	  { I(BPF_LD | BPF_LEN, 0, 0, 0), I(BPF_JMP | BPF_JA, 0, 0, -2U),
	    I(BPF_RET, 0, 0, 1) }, 3, "jumps" },
	{ "a branch behind the last",
	  { I(BPF_JMP | BPF_JEQ, 0, 1, 7), I(BPF_RET, 0, 0, 0) }, 2, "jumps" },
	{ "division by 0",
	  { I(BPF_ALU | BPF_DIV, 0, 0, 0), I(BPF_RET, 0, 0, 0) }, 2,
	  "not classic" },
	{ "a shift by 31",
	  { I(BPF_ALU | BPF_LSH, 0, 0, 31), I(BPF_RET | BPF_A, 0, 0, 0) }, 2,
	  NULL },
	{ "a shift by 32",
	  { I(BPF_ALU | BPF_LSH, 0, 0, 32), I(BPF_RET, 0, 0, 0) }, 2,
	  "not classic" },
	{ "memory of its own",
	  { I(BPF_ST, 0, 0, 15), I(BPF_LD | BPF_MEM, 0, 0, 15),
	    I(BPF_RET | BPF_A, 0, 0, 0) }, 3, NULL },
	{ "memory beyond",
	  { I(BPF_ST, 0, 0, 16), I(BPF_RET, 0, 0, 0) }, 2, "not classic" },
	{ "memory that one way does not set",
	  { I(BPF_JMP | BPF_JEQ, 0, 1, 0), I(BPF_ST, 0, 0, 1),
	    I(BPF_LD | BPF_MEM, 0, 0, 1), I(BPF_RET | BPF_A, 0, 0, 0) }, 4,
	  "never wrote" },
	{ "a packet type", { I(BPF_LD | BPF_B | BPF_ABS, 0, 0, 0xfffff004),
	    I(BPF_RET | BPF_A, 0, 0, 0) }, 2, "not in the packet" },
	{ "an instruction that is none",
	  { I(0xffff, 0, 0, 0), I(BPF_RET, 0, 0, 0) }, 2, "not classic" },
	{ "an instruction of eBPF",
	  { I(BPF_JMP | 0x90, 0, 0, 0), I(BPF_RET, 0, 0, 0) }, 2,
	  "not classic" },
};

static void test_classic(void **state)
{
	const struct classic *c = *state;
	const struct cbpf program = { (void *)c->insns, c->count };
	char why[256] = "";
	int err = classic_check(&program, why, sizeof(why));

	assert_int_equal(err, c->why ? -EINVAL : 0);
	if (c->why && !strstr(why, c->why))
		fail_msg("'%s' does not say '%s'", why, c->why);
}

/* What is certain of IPv4 and UDP leaves a comparison of the port. */
static void test_specialise(void **state)
{
	struct cbpf_insn insns[] = {
		I(BPF_LD | BPF_H | BPF_ABS, 0, 0, 12),
		I(BPF_JMP | BPF_JEQ, 0, 4, 0x0800),
		I(BPF_LDX | BPF_B | BPF_MSH, 0, 0, 14),
		I(BPF_LD | BPF_H | BPF_IND, 0, 0, 16),
		I(BPF_JMP | BPF_JEQ, 0, 1, 53),
		I(BPF_RET, 0, 0, 1),
		I(BPF_RET, 0, 0, 0),
	}, out[COUNT(insns)];
	const struct cbpf program = { insns, COUNT(insns) };
	struct facts facts = { .len = 42 };

	(void)state;
	facts.mask[12] = facts.mask[13] = facts.mask[14] = 0xff;
	facts.value[12] = 8;
	facts.value[14] = 0x45;
	classic_specialise(&program, &facts, out);
	assert_int_equal(out[1].code, BPF_JMP | BPF_JA);
	assert_int_equal(out[3].code, BPF_LD | BPF_H | BPF_ABS);
	assert_int_equal(out[3].k, 36);
	facts.len = 13;		/* then the type may be missing */
	classic_specialise(&program, &facts, out);
	assert_int_equal(out[1].code, BPF_JMP | BPF_JEQ);
	facts.len = 42;
	facts.value[13] = 6;	/* ARP: nothing is left */
	classic_specialise(&program, &facts, out);
	assert_int_equal(out[1].k, 4);
	assert_int_equal(out[3].code, BPF_RET | BPF_K);
}

/* Rules in blocks of 64, whatever each of them is. */
static void test_places(void **state)
{
	static struct cbpf_insn insn = I(BPF_RET, 0, 0, 1);
	static struct rule_source sources[WEIR_MAX_RULES + 1];
	static struct cbpf programs[WEIR_MAX_RULES + 1];
	struct rule_code code;

	(void)state;
	for (size_t i = 0; i <= WEIR_MAX_RULES; i++)
		programs[i] = (struct cbpf){ &insn, 1 };
	assert_int_equal(rules_translate(sources, programs, WEIR_MAX_RULES,
					 &code), 0);
	assert_int_equal(code.blocks, WEIR_RULE_BLOCKS);
	for (size_t i = 0; i < WEIR_MAX_RULES; i++)
		assert_int_equal(code.place[i], i);
	rule_code_free(&code);
	assert_int_equal(rules_translate(sources, programs, WEIR_MAX_RULES + 1,
					 &code), -EINVAL);
	assert_non_null(strstr(sources[WEIR_MAX_RULES].why, "too many"));
	assert_int_equal(rules_translate(sources, programs, 0, &code), 0);
	assert_int_equal(code.blocks, 0);
	rule_code_free(&code);
}

int main(void)
{
	UNIT_ADD_ROWS(texts, test_text);
	unit_add("1,600 hosts are too long a text", test_too_long, NULL);
	unit_add("hosts that take libpcap too long", test_too_slow, NULL);
	unit_add("4,097 instructions", test_too_many_instructions, NULL);
	unit_add("each refused rule says why", test_all_say_why, NULL);
	UNIT_ADD_ROWS(classics, test_classic);
	unit_add("what is certain is not asked", test_specialise, NULL);
	unit_add("rules lie in blocks of 64", test_places, NULL);
	return unit_run("Expressions to instructions");
}
