// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "live/advice.h"

#define ONE_BUFFER_MTU 3500 /* what a page holds beside XDP's own needs */
#define JUMBO_MTU 9000

void warn(struct warnings *warnings, const char *format, ...)
{
	static const char mark[] = "; fix: ";
	struct warning *warning = &warnings->list[warnings->count];
	char *fix;
	va_list args;

	if (warnings->count == MAX_WARNINGS)
		return;
	va_start(args, format);
	vsnprintf(warning->text, sizeof(warning->text), format, args);
	va_end(args);
	warning->fix[0] = '\0';
	warnings->count++;
	fix = strstr(warning->text, mark);
	if (!fix)
		return;
	*fix = '\0';
	snprintf(warning->fix, sizeof(warning->fix), "%s",
		 fix + sizeof(mark) - 1);
}

bool release_is(const struct host_facts *host, int major, int minor)
{
	return host->major > major ||
	       (host->major == major && host->minor >= minor);
}

static void advise_jit(const struct host_facts *host, struct warnings *w)
{
	if (host->jit == FACT_NO)
		warn(w, "the JIT is off: the filter is interpreted and slow, "
			"until it is loaded anew; fix: "
			"sysctl -w net.core.bpf_jit_enable=1");
}

/* Where locked memory is what counts, a second generation needs it twice. */
static void advise_memlock(const struct host_facts *host, struct warnings *w)
{
	unsigned long long needed = 2 * host->memory;

	if (!host->major || release_is(host, 5, 11) || !host->memlock ||
	    host->memlock >= needed)
		return;
	warn(w,
	     "the limit of locked memory is %llu KiB, and two generations of "
	     "tables take %llu KiB (under systemd: LimitMEMLOCK=infinity); "
	     "fix: ulimit -l unlimited",
	     host->memlock / 1024, needed / 1024);
}

static void advise_btf(const struct host_facts *host, struct warnings *w)
{
	if (host->btf == FACT_NO)
		warn(w, "the kernel has no BTF (/sys/kernel/btf/vmlinux): "
			"nothing can trace the filter; fix: a kernel built "
			"with CONFIG_DEBUG_INFO_BTF=y");
}

static void advise_bpffs(const struct host_facts *host, struct warnings *w)
{
	if (host->is_bpffs == FACT_NO)
		warn(w,
		     "%s is no bpffs here, so no instance is seen; fix: weir "
		     "attach mounts one; where 'ip netns exec' hides it, use "
		     "nsenter --net=/run/netns/NAME",
		     host->bpffs);
	else if (host->bpffs_shared == FACT_NO)
		warn(w,
		     "%s is a bpffs of this mount namespace alone: the "
		     "instance ends with it; fix: attach from the host's, by "
		     "nsenter --net=/run/netns/NAME, not 'ip netns exec'",
		     host->bpffs);
}

void host_advise(const struct host_facts *host, struct warnings *warnings)
{
	advise_jit(host, warnings);
	advise_memlock(host, warnings);
	advise_btf(host, warnings);
	advise_bpffs(host, warnings);
}

static void advise_generic(const struct interface_facts *on, struct warnings *w)
{
	if (on->attached && on->generic)
		warn(w,
		     "%s is filtered in GENERIC mode: a packet costs many "
		     "times as much as in native mode; fix: weir detach %s && "
		     "weir attach %s",
		     on->name, on->name, on->name);
}

/* On veth the sender leaves the tag beside the packet, on a NIC the receiver.
 */
static void advise_vlan(const struct interface_facts *on, struct warnings *w)
{
	if (on->rx_vlan == FACT_YES)
		warn(w,
		     "%s: a receive offload takes VLAN tags off before the "
		     "filter sees them%s; fix: ethtool -K %s rxvlan off",
		     on->name,
		     strcmp(on->driver, "veth")
			     ? ""
			     : ", as txvlan does at its other end",
		     on->name);
}

static void advise_mtu(const struct host_facts *host,
		       const struct interface_facts *on, struct warnings *w)
{
	if (on->generic || !host->major || release_is(host, 5, 18) ||
	    on->mtu <= ONE_BUFFER_MTU)
		return;
	warn(w,
	     "%s has an MTU of %d, and native XDP of Linux %s, before 5.18, "
	     "takes packets of one buffer only; fix: ip link set dev %s mtu "
	     "1500",
	     on->name, on->mtu, host->release, on->name);
}

static void advise_lro(const struct interface_facts *on, struct warnings *w)
{
	if (on->lro == FACT_YES)
		warn(w,
		     "%s: large receive offload merges packets before the "
		     "filter judges and counts them; fix: ethtool -K %s lro "
		     "off",
		     on->name, on->name);
}

/*
 * virtio_net wants a transmit queue more for each CPU, and counts those it
 * got: who is attached and has more queues than CPUs may have got them.
 */
static void advise_virtio(const struct host_facts *host,
			  const struct interface_facts *on, struct warnings *w)
{
	const char *name = on->name;
	char fix[128];

	if (on->attached && on->queues > host->cpus)
		return;
	if (on->queues + host->cpus <= on->max_queues)
		return;
	if (on->max_queues > host->cpus)
		snprintf(fix, sizeof(fix),
			 "ethtool -L %s combined %u && weir detach %s && weir "
			 "attach %s",
			 name, on->max_queues - host->cpus, name, name);
	else
		snprintf(fix, sizeof(fix), "give the machine %u queues or more",
			 host->cpus + 1);
	warn(w,
	     "%s: virtio_net has %u of %u queues in use, and XDP on %u CPUs "
	     "wants as many more to send by: without, CPUs wait for each "
	     "other; fix: %s",
	     on->name, on->queues, on->max_queues, host->cpus, fix);
}

/* ena refuses XDP unless half of the queues are left to it. */
static void advise_ena(const struct interface_facts *on, struct warnings *w)
{
	if (2 * on->queues > on->max_queues)
		warn(w,
		     "%s: ena needs half of its queues for XDP, and %u of %u "
		     "are in use; fix: ethtool -L %s combined %u",
		     on->name, on->queues, on->max_queues, on->name,
		     on->max_queues / 2);
}

static void advise_queues(const struct host_facts *host,
			  const struct interface_facts *on, struct warnings *w)
{
	if (on->generic || !on->queues || !on->max_queues)
		return;
	if (!strcmp(on->driver, "virtio_net") && host->cpus)
		advise_virtio(host, on, w);
	else if (!strcmp(on->driver, "ena") && on->max_queues > 1)
		advise_ena(on, w);
}

/*
 * Drivers that give up packets larger than the MTU while a native program is
 * attached: veth measured (doc/design.md), virtio_net by its source.
 */
static void advise_tcp(const struct host_facts *host,
		       const struct interface_facts *on, struct warnings *w)
{
	const char *name = on->name;

	if (!on->attached || on->generic || !on->mtu || on->mtu >= JUMBO_MTU ||
	    (strcmp(on->driver, "veth") && strcmp(on->driver, "virtio_net")))
		return;
	if (release_is(host, 5, 18))
		warn(w,
		     "%s: bulk TCP can be several times slower: %s takes no "
		     "packets larger than the MTU under native XDP (set it at "
		     "both ends); fix: ip link set dev %s mtu 9000",
		     name, on->driver, name);
	else
		warn(w,
		     "%s: bulk TCP can be several times slower: %s takes no "
		     "packets larger than the MTU under native XDP (generic "
		     "mode does, and is slower on floods); fix: weir detach "
		     "%s && weir attach --mode generic %s",
		     name, on->driver, name, name);
}

void interface_advise(const struct host_facts *host,
		      const struct interface_facts *on,
		      struct warnings *warnings)
{
	advise_generic(on, warnings);
	advise_vlan(on, warnings);
	advise_mtu(host, on, warnings);
	advise_lro(on, warnings);
	advise_queues(host, on, warnings);
	advise_tcp(host, on, warnings);
}
