// SPDX-License-Identifier: GPL-2.0-only
/*
 * What rules cost: nanoseconds a packet that matches none, in a program that
 * does nothing else and in the whole filter, and what the verifier makes of
 * them.  Every case is run in turn, and the best time of all rounds counts.
 *
 * E is the empty program, F the filter without a rule.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/clock.h"
#include "compile/rules.h"
#include "live/filter.h"
#include "mixed.h"
#include "packet/frame.h"
#include "packet/matcher.h"

#define REPEAT 10000

static const struct {
	const char *name;
	const struct layer *layers;
} packets[] = {
	{ "udp", F(ETH(), IP4(), UDP(.sport = 40000, .dport = 40001),
		   BYTES(100)) },
	{ "tcp", F(ETH(), IP4(), TCP(.sport = 40000, .dport = 40001,
				     .flags = 0x10)) },
	{ "udp6", F(ETH(), IP6(), UDP(.sport = 40000, .dport = 40001),
		    BYTES(100)) },
	{ "gre", F(ETH(), IP4(), GRE(), IP4(), UDP(), BYTES(60)) },
};

#define PACKETS (sizeof(packets) / sizeof(packets[0]))

static char *simple_text(size_t i)
{
	char *text;

	if (asprintf(&text, "udp src port %d", 1000 + (int)i) < 0)
		abort();
	return text;
}

struct bench {
	const char *name;
	size_t rules;
	bool simple;
	struct rule_code code;
	double compile_s, load_s;
	size_t insns;
	struct matcher matcher;
	struct maps maps;
	int filter;
	struct filter_cost cost;
	double alone_ns[PACKETS], filter_ns[PACKETS];
};

static struct bench cases[] = {
	{ "none", 0, false, .maps = MAPS_CLOSED },
	{ "1", 1, false, .maps = MAPS_CLOSED },
	{ "8 mixed", 8, false, .maps = MAPS_CLOSED },
	{ "64 mixed", 64, false, .maps = MAPS_CLOSED },
	{ "256 mixed", 256, false, .maps = MAPS_CLOSED },
	{ "4,096 simple", 4096, true, .maps = MAPS_CLOSED },
};

#define CASES (sizeof(cases) / sizeof(cases[0]))

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(1);
}

static void rules_make(struct bench *bench)
{
	struct rule_source *sources = calloc(bench->rules + 1,
					     sizeof(*sources));
	double start = clock_s(CLOCK_MONOTONIC);

	if (!sources)
		die("rules");
	for (size_t i = 0; i < bench->rules; i++) {
		sources[i].expression =
			bench->simple ? simple_text(i) : mixed_text(i);
		sources[i].ends = true;
	}
	if (rules_compile(sources, bench->rules, &bench->code))
		for (size_t i = 0; i < bench->rules; i++)
			if (sources[i].why[0])
				fprintf(stderr, "%s: %s\n",
					sources[i].expression, sources[i].why);
	bench->compile_s = clock_s(CLOCK_MONOTONIC) - start;
	for (size_t i = 0; i < bench->rules; i++)
		free((char *)sources[i].expression);
	free(sources);
	for (size_t b = 0; b < bench->code.blocks; b++)
		bench->insns += bench->code.block[b].count;
}

static void bench_open(struct bench *bench)
{
	struct weir_rule *table;
	double start;

	rules_make(bench);
	bench->matcher.one_buffer = true;
	table = calloc(bench->rules + 1, sizeof(*table));
	if (!table || matcher_open(&bench->matcher, &bench->code))
		die("rules alone");
	start = clock_s(CLOCK_MONOTONIC);
	bench->filter = filter_load(
		&bench->maps, &(struct filter_settings){
				      .code = &bench->code, .rules = table });
	bench->load_s = clock_s(CLOCK_MONOTONIC) - start;
	if (bench->filter < 0 || filter_cost(bench->filter, &bench->cost))
		exit(1);
	free(table);
}

/* Nanoseconds a packet, by the kernel's clock: setting up takes longer. */
static double run(int program, const struct frame *frame, size_t rules)
{
	int repeat = rules > 1000 ? REPEAT / 20 : REPEAT;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame->data,
		    .data_size_in = frame->len, .repeat = repeat);

	if (bpf_prog_test_run_opts(program, &opts))
		die("a test run");
	return opts.duration;
}

static void best(double *ns, double now)
{
	if (!*ns || now < *ns)
		*ns = now;
}

static void round_run(int empty, double *empty_ns, size_t first)
{
	static struct frame frame;

	for (size_t p = 0; p < PACKETS; p++) {
		frame_build(&frame, packets[p].layers);
		best(&empty_ns[p], run(empty, &frame, 0));
		for (size_t i = 0; i < CASES; i++) {
			struct bench *b = &cases[(first + i) % CASES];

			best(&b->alone_ns[p], run(b->matcher.program, &frame,
						 b->rules));
			best(&b->filter_ns[p], run(b->filter, &frame,
						  b->rules));
		}
	}
}

static int empty_open(void)
{
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "empty", "GPL", insns, 2,
			       NULL);

	if (fd < 0)
		die("the empty program");
	return fd;
}

static void print_times(const double *empty_ns)
{
	printf("%-14s", "ns a packet");
	for (size_t p = 0; p < PACKETS; p++)
		printf("  %5s alone    /E  filter    /F", packets[p].name);
	printf("\n%-14s", "E");
	for (size_t p = 0; p < PACKETS; p++)
		printf("  %11.1f  1.00                ", empty_ns[p]);
	for (size_t i = 0; i < CASES; i++) {
		printf("\n%-14s", cases[i].name);
		for (size_t p = 0; p < PACKETS; p++)
			printf("  %11.1f %5.2f %7.1f %5.2f",
			       cases[i].alone_ns[p],
			       cases[i].alone_ns[p] / empty_ns[p],
			       cases[i].filter_ns[p],
			       cases[i].filter_ns[p] / cases[0].filter_ns[p]);
	}
	printf("\n\n");
}

static void print_costs(void)
{
	printf("%-14s %9s %12s %12s %10s %9s %9s\n", "rules", "emitted",
	       "processed", "per emitted", "JIT bytes", "compile", "load");
	for (size_t i = 0; i < CASES; i++) {
		const struct bench *b = &cases[i];
		unsigned int own = b->cost.verified - cases[0].cost.verified;

		printf("%-14s %9zu %12u %12.2f %10u %7.3f s %7.3f s\n", b->name,
		       b->insns, b->cost.verified,
		       b->insns ? (double)own / b->insns : 0,
		       b->cost.jited - cases[0].cost.jited, b->compile_s,
		       b->load_s);
	}
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 15, empty;
	double empty_ns[PACKETS] = { 0 };

	if (geteuid()) {
		fputs("rules: be root\n", stderr);
		return 1;
	}
	empty = empty_open();
	for (size_t i = 0; i < CASES; i++)
		bench_open(&cases[i]);
	for (int i = 0; i < rounds; i++)
		round_run(empty, empty_ns, i);
	print_times(empty_ns);
	print_costs();
	return 0;
}
