// SPDX-License-Identifier: GPL-2.0-only
/*
 * The same classic programs, run by libpcap and, through our translation, by
 * the kernel: they agree on every packet, whatever is missing of it.
 *
 * WEIR_TEST_ROUNDS=N makes N times as many frames and random programs.
 */
#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile/expression.h"
#include "datapath.h"
#include "live/kernel.h"
#include "matcher.h"
#include "oracle.h"
#include "samples.h"

#define EXPRESSIONS	600	/* compiled with and without the optimizer */
#define FRAMES		4000
#define CUT_FRAMES	40	/* cut at every length */
#define FUZZED		3072	/* classic programs */
#define FUZZ_BATCH	512
#define FUZZ_FRAMES	250

static struct frame frame;
static unsigned long long compared, matches;

static unsigned int rounds(void)
{
	const char *text = getenv("WEIR_TEST_ROUNDS");
	int n = text ? atoi(text) : 1;

	return n > 0 ? n : 1;
}

/* As many as one program holds with room to spare. */
static size_t expression_count(void)
{
	return rounds() > 2 ? 2 * EXPRESSIONS : rounds() * EXPRESSIONS;
}

/* Programs under test and what they were made from. */
struct suite {
	size_t count;
	struct cbpf *programs;
	const char **names;
	struct rule_code code;
	struct matcher matcher;
};

static _Noreturn void die(const char *what)
{
	perror(what);
	abort();
}

static void suite_add(struct suite *suite, struct cbpf program,
		      const char *name)
{
	suite->programs = realloc(suite->programs, (suite->count + 1) *
							   sizeof(program));
	suite->names = realloc(suite->names,
			       (suite->count + 1) * sizeof(name));
	if (!suite->programs || !suite->names)
		die("programs");
	suite->programs[suite->count] = program;
	suite->names[suite->count++] = name;
}

static void print_program(const struct cbpf *program)
{
	for (size_t i = 0; i < program->count; i++)
		print_error("# %3zu: { 0x%02x, %u, %u, 0x%08x }\n", i,
			    program->insns[i].code, program->insns[i].jt,
			    program->insns[i].jf, program->insns[i].k);
}

/* Is a single program refused by the kernel?  Then that is what is wrong. */
static bool loads_alone(const struct cbpf *program)
{
	struct rule_source source = { 0 };
	struct rule_code code;
	struct matcher matcher = { 0 };
	bool loads;

	if (rules_translate(&source, program, 1, &code))
		return false;
	loads = !matcher_open(&matcher, &code);
	if (loads)
		matcher_close(&matcher);
	rule_code_free(&code);
	return loads;
}

static void suite_load(struct suite *suite)
{
	struct rule_source *sources = calloc(suite->count, sizeof(*sources));
	int err;

	if (!sources)
		die("rules");
	err = rules_translate(sources, suite->programs, suite->count,
			      &suite->code);
	for (size_t i = 0; i < suite->count; i++)
		if (sources[i].why[0])
			print_error("%s: %s\n", suite->names[i],
				    sources[i].why);
	free(sources);
	if (err)
		fail_msg("the translator refused a program");
	err = matcher_open(&suite->matcher, &suite->code);
	if (!err)
		return;
	for (size_t i = 0; i < suite->count; i++) {
		if (loads_alone(&suite->programs[i]))
			continue;
		print_error("refused: %s\n", suite->names[i]);
		print_program(&suite->programs[i]);
		break;
	}
	fail_msg("the kernel refused the rules: %s", strerror(-err));
}

static void suite_close(struct suite *suite)
{
	matcher_close(&suite->matcher);
	rule_code_free(&suite->code);
	free(suite->programs);
	free(suite->names);
	*suite = (struct suite){ 0 };
}

static void print_frame(size_t len)
{
	for (size_t i = 0; i < len && i < 128; i++)
		print_error("%02x%s", frame.data[i], i % 16 == 15 ? "\n" : " ");
	print_error("\n");
}

/* What is in 'frame', up to a length, of which a part lies in one buffer. */
static void suite_compare(struct suite *suite, size_t len, uint32_t linear)
{
	const uint64_t *matched =
		matcher_run(&suite->matcher, frame.data, len, &linear);
	bool wanted, is;

	if (!matched)
		fail_msg("cannot run a frame of %zu bytes: %s", len,
			 strerror(errno));
	for (size_t i = 0; i < suite->count; i++) {
		wanted = oracle_matches(&suite->programs[i], frame.data, len,
					linear);
		is = is_matched(matched, suite->code.place[i]);
		compared++;
		matches += wanted;
		if (is == wanted)
			continue;
		print_frame(len);
		print_program(&suite->programs[i]);
		fail_msg("%s: %smatched by libpcap on %zu bytes, %u in the "
			 "first buffer", suite->names[i], wanted ? "" : "not ",
			 len, linear);
	}
}

static struct suite suite;

static void expressions_add(struct expression *expressions, bool optimize)
{
	expressions_compile(expressions, expression_count(), optimize);
	for (size_t i = 0; i < expression_count(); i++) {
		struct expression *e = &expressions[i];

		if (e->program.insns &&
		    !classic_check(&e->program, e->why, sizeof(e->why)))
			suite_add(&suite, e->program, e->text);
		else if (i < primitive_count &&
			 strcmp(e->why, "no packet can match"))
			print_message("# %s: %s\n", e->text, e->why);
	}
}

static int group_open(void **state)
{
	struct expression *expressions =
		calloc(expression_count(), sizeof(*expressions));
	size_t i;

	(void)state;
	if (!expressions)
		die("expressions");
	for (i = 0; i < expression_count(); i++)
		expressions[i].text = i < primitive_count ?
					      primitives[i] :
					      sample_expression();
	expressions_add(expressions, true);
	expressions_add(expressions, false);
	print_message("# %zu programs\n", suite.count);
	return 0;
}

static void test_load(void **state)
{
	size_t insns = 0;

	(void)state;
	suite_load(&suite);
	for (size_t b = 0; b < suite.code.blocks; b++)
		insns += suite.code.block[b].count;
	print_message("# %zu rules in %zu blocks, %zu instructions, %u "
		      "processed\n", suite.count, suite.code.blocks, insns,
		      matcher_verified(&suite.matcher));
}

static void test_frames(void **state)
{
	(void)state;
	for (size_t i = 0; i < FRAMES * rounds(); i++) {
		sample_frame(&frame);
		suite_compare(&suite, frame.len, 0);
	}
}

static void test_cut_frames(void **state)
{
	(void)state;
	for (size_t i = 0; i < CUT_FRAMES * rounds(); i++) {
		sample_frame(&frame);
		for (size_t len = 14; len < frame.len && len < 160; len++)
			suite_compare(&suite, len, 0);
	}
}

static void test_buffers(void **state)
{
	(void)state;
	if (!kernel_cuts_buffers()) {
		print_message("# shorter first buffers need Linux 6.18\n");
		skip();
	}
	for (size_t i = 0; i < FRAMES / 4 * rounds(); i++) {
		sample_frame(&frame);
		suite_compare(&suite, frame.len,
			      14 + sample_below(frame.len - 13));
	}
}

static void test_long_frames(void **state)
{
	(void)state;
	if (!kernel_has_frags()) {
		print_message("# packets of several buffers need Linux 5.18\n");
		skip();
	}
	for (size_t i = 0; i < 50 * rounds(); i++) {
		size_t len;

		sample_frame(&frame);
		len = FIRST_BUFFER - 100 + sample_below(6000);
		memset(frame.data + frame.len, 0x5a, len - frame.len);
		suite_compare(&suite, len, 0);
	}
}

static uint32_t fuzz_offset(void)
{
	switch (sample_below(8)) {
	case 0:
		return sample_u32() >> 1;
	case 1:
		return sample_below(70000);
	default:
		return sample_below(80);
	}
}

static struct cbpf_insn insn_of(uint16_t code, uint32_t k)
{
	return (struct cbpf_insn){ .code = code, .k = k };
}

/* Any instruction but a return; 'left' is how far it may jump. */
static struct cbpf_insn fuzz_insn(uint32_t left)
{
	static const uint16_t sizes[] = { BPF_W, BPF_H, BPF_B };
	static const uint16_t operations[] = {
		BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_MOD, BPF_AND, BPF_OR,
		BPF_XOR, BPF_LSH, BPF_RSH,
	};
	static const uint16_t comparisons[] = { BPF_JEQ, BPF_JGT, BPF_JGE,
						BPF_JSET };
	static const uint16_t others[] = {
		BPF_LD | BPF_IMM, BPF_LDX | BPF_IMM, BPF_LD | BPF_LEN,
		BPF_LDX | BPF_LEN, BPF_MISC | BPF_TAX, BPF_MISC | BPF_TXA,
		BPF_ALU | BPF_NEG,
	};
	static const uint16_t memory[] = { BPF_LD | BPF_MEM, BPF_LDX | BPF_MEM,
					   BPF_ST, BPF_STX };
	uint16_t operation = operations[sample_below(10)];
	uint16_t source = sample_below(2) ? BPF_X : BPF_K;
	struct cbpf_insn jump;

	switch (sample_below(10)) {
	case 0:
	case 1:
		return insn_of(BPF_LD | BPF_ABS | sizes[sample_below(3)],
			       fuzz_offset());
	case 2:
		return insn_of(BPF_LD | BPF_IND | sizes[sample_below(3)],
			       fuzz_offset());
	case 3:
		return insn_of(BPF_LDX | BPF_B | BPF_MSH, fuzz_offset());
	case 4:
	case 5:
		return insn_of(BPF_ALU | operation | source,
			       operation == BPF_LSH || operation == BPF_RSH ?
				       sample_below(32) :
				       1 + (sample_u32() >> sample_below(31) >>
					    1));
	case 6:
		return insn_of(memory[sample_below(4)], sample_below(4));
	case 7:
		return insn_of(others[sample_below(7)],
			       sample_u32() >> sample_below(32));
	default:
		if (!sample_below(8))
			return insn_of(BPF_JMP | BPF_JA, sample_below(left));
		jump = insn_of(BPF_JMP | comparisons[sample_below(4)] | source,
			       sample_u32() >> sample_below(32));
		jump.jt = sample_below(left < 255 ? left : 255);
		jump.jf = sample_below(left < 255 ? left : 255);
		return jump;
	}
}

/* libpcap leaves its memory unset, so programs begin by setting it. */
static struct cbpf fuzz_program(void)
{
	uint32_t count = 9 + sample_below(sample_below(20) ? 40 : 400), i = 0;
	struct cbpf program = { calloc(count, sizeof(*program.insns)), count };

	if (!program.insns)
		die("a program");
	for (; i < 4; i++)
		program.insns[i] = insn_of(BPF_ST, i);
	for (; i < count - 2; i++)
		program.insns[i] =
			sample_below(12) ? fuzz_insn(count - i - 1) :
					   insn_of(BPF_RET | BPF_K,
						   sample_below(2));
	program.insns[i++] = insn_of(BPF_RET | BPF_A, 0);
	program.insns[i] = insn_of(BPF_RET | BPF_K, 1);
	return program;
}

static void fuzz_batch(void)
{
	struct suite batch = { 0 };

	for (size_t i = 0; i < FUZZ_BATCH; i++)
		suite_add(&batch, fuzz_program(), "a random program");
	suite_load(&batch);
	for (size_t i = 0; i < FUZZ_FRAMES; i++) {
		sample_frame(&frame);
		suite_compare(&batch, frame.len, 0);
	}
	for (size_t i = 0; i < batch.count; i++)
		free(batch.programs[i].insns);
	suite_close(&batch);
}

static void test_random_programs(void **state)
{
	(void)state;
	for (size_t i = 0; i < FUZZED * rounds(); i += FUZZ_BATCH)
		fuzz_batch();
}

static void test_all(void **state)
{
	(void)state;
	print_message("# %llu comparisons, %llu of them matches\n", compared,
		      matches);
	assert_true(compared >= 1000ULL * FRAMES);
	assert_true(matches > compared / 100);
}

static const struct CMUnitTest tests[] = {
	{ .name = "every expression loads", .test_func = test_load },
	{ .name = "they agree on frames of every protocol",
	  .test_func = test_frames },
	{ .name = "they agree on frames cut at every length",
	  .test_func = test_cut_frames },
	{ .name = "they agree where the first buffer ends early",
	  .test_func = test_buffers },
	{ .name = "they agree on frames of several buffers",
	  .test_func = test_long_frames },
	{ .name = "random programs load and agree",
	  .test_func = test_random_programs },
	{ .name = "enough was compared", .test_func = test_all },
};

int main(void)
{
	if (datapath_open())
		return 1;
	sample_seed(5);
	group_open(NULL);
	return group_run("libpcap and the kernel say the same", tests,
			 sizeof(tests) / sizeof(tests[0])) != 0;
}
