// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/magic.h>
#include <linux/sockios.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "live/facts.h"
#include "live/filter.h"

static void release_read(struct host_facts *host)
{
	struct utsname name;

	if (uname(&name))
		return;
	snprintf(host->release, sizeof(host->release), "%s", name.release);
	if (sscanf(name.release, "%d.%d", &host->major, &host->minor) != 2)
		host->major = host->minor = 0;
}

/* The filter itself knows best; the sysctl is hidden from namespaces. */
static enum fact jit_read(unsigned int program)
{
	struct filter_cost cost;
	_fd_ int fd = program ? bpf_prog_get_fd_by_id(program) : -1;
	_file_ FILE *file = NULL;
	int mode;

	if (fd >= 0 && !filter_cost(fd, &cost) && cost.xlated)
		return cost.jited ? FACT_YES : FACT_NO;
	file = fopen("/proc/sys/net/core/bpf_jit_enable", "re");
	if (!file || fscanf(file, "%d", &mode) != 1)
		return FACT_UNKNOWN;
	return mode ? FACT_YES : FACT_NO;
}

static enum fact btf_read(void)
{
	if (!access("/sys/kernel/btf/vmlinux", F_OK))
		return FACT_YES;
	return access("/sys/kernel", X_OK) ? FACT_UNKNOWN : FACT_NO;
}

static void bpffs_read(struct host_facts *host)
{
	const char *root = bpffs_root();
	struct stat ours, first;
	struct statfs fs;
	char path[300];

	snprintf(host->bpffs, sizeof(host->bpffs), "%s", root);
	if (!statfs(root, &fs))
		host->is_bpffs = fs.f_type == BPF_FS_MAGIC ? FACT_YES : FACT_NO;
	else if (errno == ENOENT)
		host->is_bpffs = FACT_NO;
	snprintf(path, sizeof(path), "/proc/1/root%s", host->bpffs);
	if (host->is_bpffs != FACT_YES || stat(root, &ours))
		return;
	if (!stat(path, &first))
		host->bpffs_shared =
			first.st_dev == ours.st_dev ? FACT_YES : FACT_NO;
	else if (errno == ENOENT)
		host->bpffs_shared = FACT_NO;
}

/*
 * What loading a program would find, which raises the limit where it may.  Who
 * is not root loads none.
 */
static unsigned long long memlock_read(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	if (geteuid())
		return 0;
	setrlimit(RLIMIT_MEMLOCK, &limit);
	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		return 0;
	return limit.rlim_cur == RLIM_INFINITY ? NO_LIMIT : limit.rlim_cur;
}

void host_facts_read(const struct instance *instance, struct host_facts *host)
{
	int cpus = libbpf_num_possible_cpus();

	*host = (struct host_facts){
		.cpus = cpus > 0 ? cpus : 0,
		.jit = jit_read(instance->record.program_id),
		.btf = btf_read(),
		.memlock = memlock_read(),
	};
	release_read(host);
	bpffs_read(host);
	for (int i = 0; i < MAP_COUNT; i++)
		if (instance->maps.fd[i] >= 0)
			host->memory += map_memory(instance->maps.fd[i]);
}

static int ethtool(const char *name, void *command)
{
	_fd_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { .ifr_data = command };

	memcpy(request.ifr_name, name, IFNAMSIZ);
	return ioctl(fd, SIOCETHTOOL, &request);
}

static enum fact flag(__u32 flags, __u32 bit)
{
	return flags & bit ? FACT_YES : FACT_NO;
}

void interface_facts_read(const struct interface *interface,
			  struct interface_facts *on)
{
	struct ethtool_value flags = { .cmd = ETHTOOL_GFLAGS };
	struct ethtool_channels channels = { .cmd = ETHTOOL_GCHANNELS };

	*on = (struct interface_facts){ .mtu = interface->mtu };
	memcpy(on->name, interface->name, sizeof(on->name));
	memcpy(on->driver, interface->driver, sizeof(on->driver));
	if (!ethtool(on->name, &flags)) {
		on->rx_vlan = flag(flags.data, ETH_FLAG_RXVLAN);
		on->lro = flag(flags.data, ETH_FLAG_LRO);
	}
	if (!ethtool(on->name, &channels)) {
		on->queues = channels.combined_count;
		on->max_queues = channels.max_combined;
	}
}
