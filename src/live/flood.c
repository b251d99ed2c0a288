// SPDX-License-Identifier: GPL-2.0-only
/*
 * The traffic generator.  BPF_PROG_TEST_RUN runs a program on live frames; the
 * program writes each frame and redirects it out of the veth.
 *
 * Pace comes from short calls: every millisecond that has frames to send sends
 * them in one call and sleeps until the next.  A call is cheap (15 us) only if
 * the kernel has the program in its XDP dispatcher already; else each one that
 * sends more than a frame patches the dispatcher and waits 24 ms for the other
 * CPUs.  The kernel keeps a program there while it is attached somewhere, so
 * ours is, to the loopback of a namespace that nobody uses.
 *
 * Packet sockets need no such help, but reached 0.7 million frames a second
 * where this reached 4.5, cost twice the CPU time at 50,000 and as much at
 * 1,000.  Waiting inside the program would spend a core at any rate.
 */
#include <fcntl.h>
#include <linux/if_link.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "live/flood_parts.h"
#include "flood.skel.h"

#define NS_PER_MS 1000000ULL
#define TICK_NS NS_PER_MS
#define SLEEP_MAX_NS (100 * NS_PER_MS) /* a signal may come before it */
#define FRAMES_PER_CALL 16384 /* 0.1 s if the receiver takes 6 us a frame */
#define LOOPBACK 1	      /* its ifindex in every namespace */

struct run {
	const struct flood *flood;
	struct device device;
	struct flood_bpf *bpf;
	_Alignas(4) uint16_t pad; /* aligns what follows Ethernet */
	uint8_t frame[FLOOD_MAX_SIZE + FLOOD_TAG_SIZE + 1]; /* one is cut off */
	unsigned int size;
	uint64_t total;
	uint64_t duration_ns;
	uint64_t started_ns;
};

/* What keeps the program in the kernel's dispatcher. */
struct hold {
	int netns;
	int link;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

static void plan_sources(const struct flood *f, struct flood_plan *plan)
{
	struct prefix hosts = { .family = f->from.family };
	unsigned int bits = prefix_bits(&hosts);

	memcpy(plan->from, f->from.addr, sizeof(plan->from));
	for (unsigned int bit = f->from.len; bit < bits; bit++)
		hosts.addr[bit / 8] |= 0x80 >> bit % 8;
	memcpy(plan->hosts, hosts.addr, sizeof(plan->hosts));
	plan->sources = f->sources;
	plan->sport = htons(f->sport);
}

static int refuse_kernel(void)
{
	return fail(EOPNOTSUPP,
		    "flood: this kernel has no live frames for "
		    "BPF_PROG_TEST_RUN; Linux 5.18 is the first that has");
}

static int program_load(struct run *run)
{
	const struct flood *f = run->flood;
	struct flood_plan plan = {
		.ifindex = f->ifindex,
		.family = f->to.family,
		.form = flood_kinds[f->kind].form,
		.acks = f->kind == FLOOD_ACK,
	};
	int err;

	/* The helper is as old as live frames are. */
	if (!libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP,
				     BPF_FUNC_xdp_store_bytes, NULL))
		return refuse_kernel();
	if (getrandom(&plan.seed, sizeof(plan.seed), 0) < 0)
		return fail(errno, "flood: getrandom: %s", error_text(errno));
	flood_frame_build(f, &plan, run->frame);
	run->size = plan.size;
	plan_sources(f, &plan);
	run->bpf = flood_bpf__open();
	if (!run->bpf)
		return fail(errno, "flood: %s", error_text(errno));
	memcpy((void *)&run->bpf->rodata->plan, &plan, sizeof(plan));
	memcpy(run->bpf->bss->frame, run->frame, run->size);
	err = flood_bpf__load(run->bpf);
	if (err)
		return fail(-err, "flood: cannot load the program: %s",
			    error_text(err));
	return 0;
}

static void hold_release(struct hold *hold)
{
	cleanup_fd(&hold->link);
	cleanup_fd(&hold->netns);
}

/* Leaves the calling thread in the namespace it came from. */
static int hold_take(struct hold *hold, int program)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = XDP_FLAGS_SKB_MODE);
	const char *path = "/proc/thread-self/ns/net";
	_fd_ int home = open(path, O_RDONLY | O_CLOEXEC);
	int err = 0;

	if (home < 0 || unshare(CLONE_NEWNET))
		return fail(errno, "flood: cannot make a network namespace: %s",
			    error_text(errno));
	hold->netns = open(path, O_RDONLY | O_CLOEXEC);
	if (hold->netns >= 0)
		hold->link = bpf_link_create(program, LOOPBACK, BPF_XDP, &opts);
	if (hold->link < 0)
		err = fail(errno, "flood: cannot attach to a loopback: %s",
			   error_text(errno));
	if (setns(home, CLONE_NEWNET))
		err = fail(errno,
			   "flood: cannot return to the network "
			   "namespace: %s",
			   error_text(errno));
	return err;
}

static int run_call(struct run *run, uint64_t frames)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = run->frame,
		    .data_size_in = run->size + 1,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
		    .repeat = frames < FRAMES_PER_CALL ? frames
						       : FRAMES_PER_CALL);
	int program = bpf_program__fd(run->bpf->progs.flood);
	int err = bpf_prog_test_run_opts(program, &opts);

	if (!err || err == -EINTR)
		return 0;
	if (err == -EINVAL)
		return refuse_kernel();
	return fail(-err, "flood: BPF_PROG_TEST_RUN: %s", error_text(err));
}

/* One frame, to see that the other end takes it. */
static int run_probe(struct run *run, uint64_t before)
{
	uint64_t now;
	int err = run_call(run, 1);

	if (!err)
		err = device_frames(&run->device, &now);
	if (err || now != before)
		return err;
	return fail(ENXIO,
		    "flood: %s: frames do not arrive: the other end is "
		    "down, has a smaller MTU or no NAPI (give it an XDP "
		    "program, or: ethtool -K PEER gro on)",
		    run->device.name);
}

/* When frame n, counted from 0, is due. */
static uint64_t due_ns(uint64_t n, uint64_t pps)
{
	return n / pps * NS_PER_S + n % pps * NS_PER_S / pps;
}

/* How many frames are due before a time. */
static uint64_t due_before(uint64_t ns, uint64_t pps)
{
	return ns / NS_PER_S * pps +
	       (ns % NS_PER_S * pps + NS_PER_S - 1) / NS_PER_S;
}

/* How many frames ought to be out: those due until the tick's end. */
static uint64_t run_due(const struct run *run, uint64_t elapsed)
{
	uint64_t end = (elapsed / TICK_NS + 1) * TICK_NS, due;

	if (!run->flood->rate_pps)
		return run->total;
	if (end > run->duration_ns)
		end = run->duration_ns;
	due = due_before(end, run->flood->rate_pps);
	return due < run->total ? due : run->total;
}

/* Until the tick in which frame n falls; the last frame has its time too. */
static void run_sleep(const struct run *run, uint64_t elapsed, uint64_t n)
{
	uint64_t until = due_ns(n, run->flood->rate_pps);
	struct timespec t;

	if (n < run->total)
		until -= until % TICK_NS;
	if (until > run->duration_ns)
		until = run->duration_ns;
	if (until > elapsed + SLEEP_MAX_NS)
		until = elapsed + SLEEP_MAX_NS;
	until += run->started_ns;
	t.tv_sec = until / NS_PER_S;
	t.tv_nsec = until % NS_PER_S;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static bool run_is_over(const struct run *run, uint64_t elapsed, uint64_t sent)
{
	uint64_t pps = run->flood->rate_pps;

	if (interrupted || elapsed >= run->duration_ns)
		return true;
	return sent >= run->total &&
	       (!pps || elapsed >= due_ns(run->total, pps));
}

static int run_pace(struct run *run)
{
	const volatile __u64 *sent = &run->bpf->bss->sent;
	uint64_t elapsed = 0, due;
	int err = 0;

	while (!err && !run_is_over(run, elapsed, *sent)) {
		due = run_due(run, elapsed);
		if (*sent < due)
			err = run_call(run, due - *sent);
		else
			run_sleep(run, elapsed, *sent);
		elapsed = clock_ns(CLOCK_MONOTONIC) - run->started_ns;
	}
	return err;
}

static int run_measured(struct run *run, struct flood_result *result)
{
	uint64_t before, after, cpu;
	int err = device_frames(&run->device, &before);

	if (err)
		return err;
	cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	run->started_ns = clock_ns(CLOCK_MONOTONIC);
	err = run_probe(run, before);
	if (!err)
		err = run_pace(run);
	result->seconds = (clock_ns(CLOCK_MONOTONIC) - run->started_ns) / 1e9;
	result->cpu_seconds = (clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu) / 1e9;
	result->frames = run->bpf->bss->sent;
	result->size = run->size;
	result->from = run->flood->from;
	if (!err)
		err = device_frames(&run->device, &after);
	if (!err && after - before < result->frames)
		result->lost = result->frames - (after - before);
	return err;
}

static int run_held(struct run *run, struct flood_result *result)
{
	struct hold hold = { .netns = -1, .link = -1 };
	int err = program_load(run);

	if (!err)
		err = hold_take(&hold, bpf_program__fd(run->bpf->progs.flood));
	if (!err)
		err = run_measured(run, result);
	hold_release(&hold);
	flood_bpf__destroy(run->bpf);
	return err;
}

int flood_run(const struct flood *flood, struct flood_result *result)
{
	struct sigaction act = { .sa_handler = on_signal }, on_int, on_term;
	struct flood_result got = { 0 };
	struct flood f;
	struct run run = { .flood = &f };
	int err = flood_prepare(flood, &f, &run.device);

	if (err)
		return err;
	run.total = f.count ? f.count : UINT64_MAX;
	run.duration_ns = f.duration_ms * NS_PER_MS;
	interrupted = 0;
	sigaction(SIGINT, &act, &on_int);
	sigaction(SIGTERM, &act, &on_term);
	err = run_held(&run, &got);
	sigaction(SIGINT, &on_int, NULL);
	sigaction(SIGTERM, &on_term, NULL);
	if (!err)
		*result = got;
	return err;
}
