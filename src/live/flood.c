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
#include <inttypes.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "live/flood.h"
#include "flood.skel.h"

#define NS_PER_S	1000000000ULL
#define NS_PER_MS	1000000ULL
#define TICK_NS		NS_PER_MS
#define SLEEP_MAX_NS	(100 * NS_PER_MS) /* a signal may come before it */
#define FRAMES_PER_CALL	16384	/* 0.1 s if the receiver takes 6 us a frame */
#define LOOPBACK	1	/* its ifindex in every namespace */

enum { BENCHMARKS4, DOCUMENTATION6 };	/* where sources are from, unasked */

/* RFC 2544, RFC 3849, RFC 5737: nobody on the Internet has these. */
static const struct prefix harmless[] = {
	[BENCHMARKS4] = { .family = 4, .len = 15, .addr = { 198, 18 } },
	[DOCUMENTATION6] = { .family = 6, .len = 32,
			     .addr = { 0x20, 0x01, 0x0d, 0xb8 } },
	{ .family = 4, .len = 24, .addr = { 192, 0, 2 } },
	{ .family = 4, .len = 24, .addr = { 198, 51, 100 } },
	{ .family = 4, .len = 24, .addr = { 203, 0, 113 } },
};

#define HARMLESS "192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, " \
		 "198.18.0.0/15, 2001:db8::/32"

struct device {
	char name[IF_NAMESIZE];
	char driver[32];
	struct ether_addr mac;
	int mtu;
	bool up;
};

struct run {
	const struct flood *flood;
	struct device device;
	struct flood_bpf *bpf;
	_Alignas(4) uint16_t pad;	/* aligns what follows Ethernet */
	uint8_t frame[FLOOD_MAX_SIZE + 1];	/* the program cuts off one */
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

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

static int device_ioctl(const struct device *device, unsigned long request,
			struct ifreq *req)
{
	_fd_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(req->ifr_name, device->name, sizeof(req->ifr_name));
	return fd < 0 || ioctl(fd, request, req) ? -errno : 0;
}

static int device_ethtool(const struct device *device, void *command)
{
	struct ifreq req = { .ifr_data = command };

	return device_ioctl(device, SIOCETHTOOL, &req);
}

/* What cannot be read stays zero, and is refused for it later. */
static int device_read(unsigned int ifindex, struct device *device)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq req = { 0 };

	*device = (struct device){ 0 };
	if (!if_indextoname(ifindex, device->name))
		return fail(errno, "flood: interface %u: %s", ifindex,
			    error_text(errno));
	if (!device_ethtool(device, &info))
		memcpy(device->driver, info.driver, sizeof(info.driver) - 1);
	if (!device_ioctl(device, SIOCGIFFLAGS, &req))
		device->up = req.ifr_flags & IFF_UP;
	if (!device_ioctl(device, SIOCGIFMTU, &req))
		device->mtu = req.ifr_mtu;
	if (!device_ioctl(device, SIOCGIFHWADDR, &req))
		memcpy(&device->mac, req.ifr_hwaddr.sa_data,
		       sizeof(device->mac));
	return 0;
}

static bool mac_is_zero(const struct ether_addr *mac)
{
	static const struct ether_addr zero;

	return !memcmp(mac, &zero, sizeof(zero));
}

static unsigned int ip_size(const struct flood *f)
{
	return f->to.family == 4 ? sizeof(struct ip) : sizeof(struct ip6_hdr);
}

static unsigned int headers_size(const struct flood *f)
{
	return sizeof(struct ether_header) + ip_size(f) +
	       (f->kind == FLOOD_UDP ? sizeof(struct udphdr)
				     : sizeof(struct tcphdr));
}

/* Replace every 0 that stands for something. */
static void flood_resolve(struct flood *f, const struct device *device)
{
	unsigned int least = headers_size(f);

	if (!f->from.family)
		f->from = harmless[f->to.family == 4 ? BENCHMARKS4
						     : DOCUMENTATION6];
	if (mac_is_zero(&f->to_mac))
		memset(&f->to_mac, 0xff, sizeof(f->to_mac));
	if (mac_is_zero(&f->from_mac))
		f->from_mac = device->mac;
	if (!f->dport)
		f->dport = f->kind == FLOOD_UDP ? 9 : 80;
	if (!f->size)
		f->size = least > FLOOD_MIN_SIZE ? least : FLOOD_MIN_SIZE;
	if (!f->duration_ms)
		f->duration_ms = FLOOD_DEFAULT_MS;
}

/* Is the socket in this table of unix(7) sockets?  1, 0 or -errno. */
static int socket_listed(const char *path, ino_t inode)
{
	_file_ FILE *table = fopen(path, "re");
	char line[512];
	uintmax_t listed;

	if (!table)
		return -errno;
	while (fgets(line, sizeof(line), table))
		if (sscanf(line, "%*s %*s %*s %*s %*s %*s %ju", &listed) == 1 &&
		    listed == inode)
			return 1;
	return 0;
}

/*
 * Does process 1 see a socket of ours?  Comparing /proc/1/ns/net with our own
 * asks the same, but needs rights over process 1 that root in a sandbox lacks.
 */
static int check_namespace(void)
{
	_fd_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct stat st;
	int here, initial;

	if (fd < 0 || fstat(fd, &st))
		return fail(errno, "flood: socket: %s", error_text(errno));
	here = socket_listed("/proc/thread-self/net/unix", st.st_ino);
	initial = socket_listed("/proc/1/net/unix", st.st_ino);
	if (here != 1 || initial < 0)
		return fail(EPERM, "flood: refused, cannot tell from /proc "
			    "whether this is the initial network namespace");
	if (initial)
		return fail(EPERM, "flood: refused in the initial network "
			    "namespace; make another (ip netns add)");
	return 0;
}

static int check_device(const struct flood *f, const struct device *device)
{
	int room = device->mtu + (int)sizeof(struct ether_header);

	if (strcmp(device->driver, "veth"))
		return fail(EPERM, "flood: %s: refused, it is not a veth",
			    device->name);
	if (!device->up)
		return fail(ENETDOWN, "flood: %s: is down (ip link set %s up)",
			    device->name, device->name);
	if ((int)f->size > room)
		return fail(EMSGSIZE, "flood: %s: frames of %u bytes do not "
			    "fit, %d is the most", device->name, f->size, room);
	return 0;
}

static int check_prefix(const char *role, const struct prefix *p)
{
	char text[PREFIX_TEXT];

	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		if (prefix_covers(&harmless[i], p))
			return 0;
	return fail(EPERM, "flood: refused %s %s: only addresses of " HARMLESS,
		    role, prefix_format(p, text));
}

static int check_addresses(const struct flood *f)
{
	char text[PREFIX_TEXT];
	int err;

	if ((f->to.family != 4 && f->to.family != 6) ||
	    f->to.len != prefix_bits(&f->to))
		return fail(EINVAL, "flood: the destination is one address, "
			    "not a prefix");
	if (f->from.family != f->to.family)
		return fail(EINVAL, "flood: source %s: not of the "
			    "destination's family, IPv%d",
			    prefix_format(&f->from, text), f->to.family);
	err = check_prefix("destination", &f->to);
	return err ? err : check_prefix("source", &f->from);
}

static int check_bounds(const struct flood *f)
{
	unsigned int least = headers_size(f);

	if (least < FLOOD_MIN_SIZE)
		least = FLOOD_MIN_SIZE;
	if (f->size < least || f->size > FLOOD_MAX_SIZE)
		return fail(EINVAL, "flood: size %u: such frames have %u to "
			    "%d bytes", f->size, least, FLOOD_MAX_SIZE);
	if (f->duration_ms > FLOOD_MAX_MS)
		return fail(EINVAL, "flood: %u seconds: at most %d",
			    f->duration_ms / 1000, FLOOD_MAX_MS / 1000);
	if (f->rate_pps > FLOOD_MAX_PPS)
		return fail(EINVAL, "flood: %" PRIu64 " packets a second: at "
			    "most %d", f->rate_pps, FLOOD_MAX_PPS);
	return 0;
}

/* Safety first: a namespace that is refused is not looked into. */
static int flood_prepare(const struct flood *asked, struct flood *f,
			 struct device *device)
{
	int err = check_namespace();

	if (err)
		return err;
	err = device_read(asked->ifindex, device);
	if (err)
		return err;
	*f = *asked;
	flood_resolve(f, device);
	err = check_addresses(f);
	if (!err)
		err = check_bounds(f);
	return err ? err : check_device(f, device);
}

int flood_check(const struct flood *flood)
{
	struct device device;
	struct flood f;

	return flood_prepare(flood, &f, &device);
}

static uint64_t sum_of(const void *data, size_t size)
{
	const unsigned char *bytes = data;
	uint64_t sum = 0;
	uint16_t word;

	for (size_t i = 0; i + sizeof(word) <= size; i += sizeof(word)) {
		memcpy(&word, bytes + i, sizeof(word));
		sum += word;
	}
	return sum;
}

static void build_ip4(const struct flood *f, uint8_t protocol,
		      unsigned int payload, struct flood_plan *plan, void *at)
{
	struct ip *ip = at;

	ip->ip_v = 4;
	ip->ip_hl = sizeof(*ip) / 4;
	ip->ip_len = htons(sizeof(*ip) + payload);
	ip->ip_off = htons(IP_DF);
	ip->ip_ttl = 64;
	ip->ip_p = protocol;
	memcpy(&ip->ip_dst, f->to.addr, sizeof(ip->ip_dst));
	plan->ip_sum = sum_of(ip, sizeof(*ip));
}

static void build_ip6(const struct flood *f, uint8_t protocol,
		      unsigned int payload, void *at)
{
	struct ip6_hdr *ip = at;

	ip->ip6_flow = htonl(6u << 28);
	ip->ip6_plen = htons(payload);
	ip->ip6_nxt = protocol;
	ip->ip6_hlim = 64;
	memcpy(&ip->ip6_dst, f->to.addr, sizeof(ip->ip6_dst));
}

static void build_transport(const struct flood *f, unsigned int size, void *at)
{
	struct udphdr *udp = at;
	struct tcphdr *tcp = at;

	if (f->kind == FLOOD_UDP) {
		udp->dest = htons(f->dport);
		udp->len = htons(size);
		return;
	}
	tcp->dest = htons(f->dport);
	tcp->doff = sizeof(*tcp) / 4;
	tcp->syn = 1;
	tcp->window = htons(64240);
}

/*
 * Data of zeroes fills the frame, except that a SYN of the least size has
 * Ethernet's padding instead: clients send no data with it.
 */
static void build_frame(const struct flood *f, struct flood_plan *plan,
			uint8_t *frame)
{
	uint8_t protocol = f->kind == FLOOD_UDP ? IPPROTO_UDP : IPPROTO_TCP;
	unsigned int headers = sizeof(struct ether_header) + ip_size(f);
	unsigned int size = f->size - headers;
	struct ether_header *eth = (struct ether_header *)frame;

	if (f->kind == FLOOD_SYN && f->size == FLOOD_MIN_SIZE)
		size = sizeof(struct tcphdr);
	memcpy(eth->ether_dhost, &f->to_mac, ETH_ALEN);
	memcpy(eth->ether_shost, &f->from_mac, ETH_ALEN);
	eth->ether_type =
		htons(f->to.family == 4 ? ETHERTYPE_IP : ETHERTYPE_IPV6);
	if (f->to.family == 4)
		build_ip4(f, protocol, size, plan, eth + 1);
	else
		build_ip6(f, protocol, size, eth + 1);
	build_transport(f, size, frame + headers);
	plan->transport_sum = sum_of(f->to.addr, sizeof(f->to.addr)) +
			      htons(protocol) + htons(size) +
			      sum_of(frame + headers, f->size - headers);
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
	return fail(EOPNOTSUPP, "flood: this kernel has no live frames for "
		    "BPF_PROG_TEST_RUN; Linux 5.18 is the first that has");
}

static int program_load(struct run *run)
{
	const struct flood *f = run->flood;
	struct flood_plan plan = {
		.ifindex = f->ifindex,
		.size = f->size,
		.family = f->to.family,
		.kind = f->kind,
	};
	int err;

	/* The helper is as old as live frames are. */
	if (!libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP,
				     BPF_FUNC_xdp_store_bytes, NULL))
		return refuse_kernel();
	if (getrandom(&plan.seed, sizeof(plan.seed), 0) < 0)
		return fail(errno, "flood: getrandom: %s", error_text(errno));
	build_frame(f, &plan, run->frame);
	plan_sources(f, &plan);
	run->bpf = flood_bpf__open();
	if (!run->bpf)
		return fail(errno, "flood: %s", error_text(errno));
	memcpy((void *)&run->bpf->rodata->plan, &plan, sizeof(plan));
	memcpy(run->bpf->bss->frame, run->frame, FLOOD_MAX_SIZE);
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
		err = fail(errno, "flood: cannot return to the network "
			   "namespace: %s", error_text(errno));
	return err;
}

static bool counts_frames(const char *name)
{
	int end = 0;

	sscanf(name, "tx_queue_%*u_xdp_xmit%n", &end);
	return end && !name[end];
}

static uint64_t frames_counted(const struct ethtool_gstrings *names,
			       const struct ethtool_stats *stats)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < names->len; i++)
		if (counts_frames((char *)names->data + i * ETH_GSTRING_LEN))
			sum += stats->data[i];
	return sum;
}

/*
 * How many frames the veth ever handed to the other end's receive queue.  Only
 * XDP's are among them, and they count at once.
 */
static int device_frames(const struct device *device, uint64_t *frames)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	_free_ struct ethtool_gstrings *names = NULL;
	_free_ struct ethtool_stats *stats = NULL;
	int err = device_ethtool(device, &info);

	names = calloc(1, sizeof(*names) + info.n_stats * ETH_GSTRING_LEN);
	stats = calloc(1, sizeof(*stats) + info.n_stats * sizeof(__u64));
	if (!names || !stats)
		return fail(ENOMEM, "flood: %s", error_text(ENOMEM));
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_STATS;
	stats->cmd = ETHTOOL_GSTATS;
	names->len = stats->n_stats = info.n_stats;
	if (!err)
		err = device_ethtool(device, names);
	if (!err)
		err = device_ethtool(device, stats);
	if (err)
		return fail(-err, "flood: %s: cannot read its counters: %s",
			    device->name, error_text(err));
	*frames = frames_counted(names, stats);
	return 0;
}

static int run_call(struct run *run, uint64_t frames)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts,
		    .data_in = run->frame,
		    .data_size_in = run->flood->size + 1,
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
	return fail(ENXIO, "flood: %s: frames do not arrive: the other end is "
		    "down, has a smaller MTU or no NAPI (give it an XDP "
		    "program, or: ethtool -K PEER gro on)", run->device.name);
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
