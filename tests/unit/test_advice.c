// SPDX-License-Identifier: GPL-2.0-only
/* Hosts and interfaces we do not have: what status would say of them. */
#include <stdio.h>
#include <string.h>

#include "unit/unit.h"
#include "live/advice.h"

#define MIB (1ULL << 20)

/* A host that nothing is wrong with; rows say what differs. */
#define HOST(...)							     \
	{								     \
		.release = "6.1.0-13-amd64", .major = 6, .minor = 1,	     \
		.cpus = 4, .jit = FACT_YES, .btf = FACT_YES,		     \
		.bpffs = "/sys/fs/bpf", .is_bpffs = FACT_YES,		     \
		.bpffs_shared = FACT_YES, .memlock = NO_LIMIT,		     \
		.memory = 8 * MIB, __VA_ARGS__				     \
	}

/* And such an interface: a NIC, filtered natively. */
#define NIC(...)							     \
	{								     \
		.name = "eth0", .driver = "ice", .attached = true,	     \
		.mtu = 1500, .rx_vlan = FACT_NO, .lro = FACT_NO,	     \
		.queues = 4, .max_queues = 64, __VA_ARGS__		     \
	}

#define OLD(y, text) .release = text, .major = 5, .minor = y

#pragma GCC diagnostic ignored "-Woverride-init"

/* The warning that a row earns has these texts in it; NULL: it earns none. */
static const struct host_row {
	const char *name;
	struct host_facts host;
	const char *text, *fix;
} host_rows[] = {
	{ "a host in order has no warning", HOST(), NULL, NULL },
	{ "a host nothing is known of has no warning", { .cpus = 0 }, NULL,
	  NULL },

	{ "an interpreted filter is warned of", HOST(.jit = FACT_NO),
	  "the JIT is off", "sysctl -w net.core.bpf_jit_enable=1" },
	{ "a JIT that cannot be asked about is not",
	  HOST(.jit = FACT_UNKNOWN), NULL, NULL },

	{ "5.10 with 64 KiB of locked memory is warned of",
	  HOST(OLD(10, "5.10.0"), .memlock = 65536),
	  "locked memory is 64 KiB", "ulimit -l unlimited" },
	{ "5.11 counts by cgroups and is not",
	  HOST(OLD(11, "5.11.0"), .memlock = 65536), NULL, NULL },
	{ "6.0 is later than 5.11",
	  HOST(.major = 6, .minor = 0, .memlock = 65536), NULL, NULL },
	{ "4.19 is earlier than 5.11",
	  HOST(.major = 4, .minor = 19, .memlock = 65536),
	  "LimitMEMLOCK=infinity", "ulimit -l" },
	{ "locked memory for one generation only is warned of",
	  HOST(OLD(10, "5.10.0"), .memlock = 16 * MIB - 1),
	  "take 16384 KiB", "ulimit -l" },
	{ "locked memory for two generations is enough",
	  HOST(OLD(10, "5.10.0"), .memlock = 16 * MIB), NULL, NULL },
	{ "unlimited locked memory is enough", HOST(OLD(10, "5.10.0")), NULL,
	  NULL },
	{ "a limit that is not known is not warned of",
	  HOST(OLD(10, "5.10.0"), .memlock = 0), NULL, NULL },
	{ "a release that is not known is not warned of",
	  HOST(.major = 0, .minor = 0, .memlock = 65536), NULL, NULL },

	{ "a kernel without BTF is warned of", HOST(.btf = FACT_NO),
	  "/sys/kernel/btf/vmlinux", "CONFIG_DEBUG_INFO_BTF=y" },
	{ "a kernel that hides its BTF is not", HOST(.btf = FACT_UNKNOWN),
	  NULL, NULL },

	{ "a missing bpffs is warned of by its place",
	  HOST(.bpffs = "/mnt/bpf", .is_bpffs = FACT_NO,
	       .bpffs_shared = FACT_UNKNOWN),
	  "/mnt/bpf is no bpffs here", "nsenter --net=" },
	{ "a bpffs of this mount namespace alone is warned of",
	  HOST(.bpffs_shared = FACT_NO),
	  "/sys/fs/bpf is a bpffs of this mount namespace alone",
	  "nsenter --net=" },
	{ "a bpffs that cannot be compared is not",
	  HOST(.bpffs_shared = FACT_UNKNOWN), NULL, NULL },
};

static const struct interface_row {
	const char *name;
	struct host_facts host;
	struct interface_facts on;
	const char *text, *fix;
} interface_rows[] = {
	{ "an interface in order has no warning", HOST(), NIC(), NULL, NULL },
	{ "an interface nothing is known of has no warning", { .cpus = 0 },
	  { .name = "eth0", .attached = true }, NULL, NULL },

	{ "generic mode is warned of", HOST(), NIC(.generic = true),
	  "eth0 is filtered in GENERIC mode",
	  "weir detach eth0 && weir attach eth0" },
	{ "a foreign program in generic mode is not", HOST(),
	  NIC(.generic = true, .attached = false), NULL, NULL },

	{ "VLAN tags that a NIC takes off are warned of", HOST(),
	  NIC(.rx_vlan = FACT_YES), "takes VLAN tags off",
	  "ethtool -K eth0 rxvlan off" },
	{ "in generic mode the tag is gone as well", HOST(),
	  NIC(.rx_vlan = FACT_YES, .attached = false), "takes VLAN tags off",
	  "ethtool -K eth0 rxvlan off" },
	{ "VLAN tags on veth are the other end's business too", HOST(),
	  NIC(.driver = "veth", .mtu = 9000, .rx_vlan = FACT_YES),
	  "as txvlan does at its other end", "ethtool -K eth0 rxvlan off" },
	{ "an offload that cannot be read is not warned of", HOST(),
	  NIC(.rx_vlan = FACT_UNKNOWN, .lro = FACT_UNKNOWN), NULL, NULL },

	{ "an MTU beyond one buffer is warned of on 5.17",
	  HOST(OLD(17, "5.17.3")), NIC(.mtu = 3501),
	  "MTU of 3501, and native XDP of Linux 5.17.3",
	  "ip link set dev eth0 mtu 1500" },
	{ "an MTU of one buffer is not", HOST(OLD(17, "5.17.3")),
	  NIC(.mtu = 3500), NULL, NULL },
	{ "nor is a larger one on 5.18", HOST(OLD(18, "5.18.0")),
	  NIC(.mtu = 9000), NULL, NULL },
	{ "nor in generic mode, which has its own warning",
	  HOST(OLD(17, "5.17.3")), NIC(.mtu = 9000, .generic = true),
	  "GENERIC", "weir attach eth0" },
	{ "an MTU is warned of before it is attached again, too",
	  HOST(OLD(10, "5.10.0")), NIC(.mtu = 9000, .attached = false),
	  "MTU of 9000", "mtu 1500" },

	{ "merged packets are warned of", HOST(), NIC(.lro = FACT_YES),
	  "merges packets", "ethtool -K eth0 lro off" },

	{ "virtio_net without queues for XDP is warned of", HOST(),
	  NIC(.driver = "virtio_net", .mtu = 9000, .queues = 4,
	      .max_queues = 7),
	  "4 of 7 queues in use, and XDP on 4 CPUs",
	  "ethtool -L eth0 combined 3 && weir detach eth0" },
	{ "virtio_net with a queue more for each CPU is not", HOST(),
	  NIC(.driver = "virtio_net", .mtu = 9000, .queues = 4,
	      .max_queues = 8), NULL, NULL },
	{ "virtio_net that got its queues counts them", HOST(),
	  NIC(.driver = "virtio_net", .mtu = 9000, .queues = 8,
	      .max_queues = 8), NULL, NULL },
	{ "before it is attached they are not its own", HOST(),
	  NIC(.driver = "virtio_net", .queues = 8, .max_queues = 8,
	      .attached = false),
	  "8 of 8 queues in use", "ethtool -L eth0 combined 4" },
	{ "virtio_net that can never have enough needs a larger machine",
	  HOST(), NIC(.driver = "virtio_net", .mtu = 9000, .queues = 4,
		      .max_queues = 4),
	  "4 of 4 queues", "give the machine 5 queues or more" },
	{ "virtio_net in generic mode needs no queues", HOST(),
	  NIC(.driver = "virtio_net", .generic = true, .max_queues = 4),
	  "GENERIC", "weir attach eth0" },
	{ "virtio_net whose queues are not known is not warned of", HOST(),
	  NIC(.driver = "virtio_net", .mtu = 9000, .queues = 0,
	      .max_queues = 0), NULL, NULL },
	{ "another driver with as few queues is not", HOST(),
	  NIC(.queues = 4, .max_queues = 4), NULL, NULL },

	{ "ena with more than half of its queues in use is warned of",
	  HOST(), NIC(.driver = "ena", .queues = 5, .max_queues = 8),
	  "5 of 8 are in use", "ethtool -L eth0 combined 4" },
	{ "ena with half of them is not", HOST(),
	  NIC(.driver = "ena", .queues = 4, .max_queues = 8), NULL, NULL },
	{ "ena with one queue cannot be helped", HOST(),
	  NIC(.driver = "ena", .queues = 1, .max_queues = 1), NULL, NULL },

	{ "bulk TCP on veth is warned of", HOST(), NIC(.driver = "veth"),
	  "eth0: bulk TCP can be several times slower: veth",
	  "ip link set dev eth0 mtu 9000" },
	{ "bulk TCP on virtio_net is warned of", HOST(),
	  NIC(.driver = "virtio_net"), "(set it at both ends)", "ip link set dev eth0 mtu 9000" },
	{ "before 5.18 there is no large MTU to advise",
	  HOST(OLD(17, "5.17.3")), NIC(.driver = "veth"), "bulk TCP",
	  "weir attach --mode generic eth0" },
	{ "an MTU of 9000 ends that", HOST(),
	  NIC(.driver = "veth", .mtu = 9000), NULL, NULL },
	{ "so does detaching", HOST(),
	  NIC(.driver = "veth", .attached = false), NULL, NULL },
	{ "a driver with a name that begins alike is not warned of", HOST(),
	  NIC(.driver = "vethernet"), NULL, NULL },
};

static void assert_warned(const struct warnings *warnings, const char *text,
			  const char *fix)
{
	if (!text) {
		if (warnings->count)
			fail_msg("unexpected: %s", warnings->list[0].text);
		return;
	}
	assert_int_equal(warnings->count, 1);
	if (!strstr(warnings->list[0].text, text) ||
	    !strstr(warnings->list[0].fix, fix))
		fail_msg("'%s; fix: %s' has not '%s' and '%s'",
			 warnings->list[0].text, warnings->list[0].fix, text,
			 fix);
}

static void host_is_advised(void **state)
{
	const struct host_row *row = *state;
	static struct warnings warnings;

	warnings.count = 0;
	host_advise(&row->host, &warnings);
	assert_warned(&warnings, row->text, row->fix);
}

static void interface_is_advised(void **state)
{
	const struct interface_row *row = *state;
	static struct warnings warnings;

	warnings.count = 0;
	interface_advise(&row->host, &row->on, &warnings);
	assert_warned(&warnings, row->text, row->fix);
}

static void several_warnings_come_one_by_one(void **state)
{
	const struct interface_facts on =
		NIC(.rx_vlan = FACT_YES, .lro = FACT_YES);
	const struct host_facts host = HOST(.jit = FACT_NO, .btf = FACT_NO);
	static struct warnings warnings;

	(void)state;
	host_advise(&host, &warnings);
	interface_advise(&host, &on, &warnings);
	assert_int_equal(warnings.count, 4);
	for (unsigned int i = 0; i < 4; i++) {
		assert_true(*warnings.list[i].text && *warnings.list[i].fix);
		assert_null(strstr(warnings.list[i].text, "fix"));
	}
}

/* The longest names there are, so that nothing is cut off. */
static void the_longest_facts_are_told_in_full(void **state)
{
	struct host_facts host = HOST(OLD(17, ""), .is_bpffs = FACT_NO);
	struct interface_facts on = NIC(.mtu = 2147483647);
	static struct warnings warnings;

	(void)state;
	memset(host.bpffs, 'b', sizeof(host.bpffs) - 1);
	memset(host.release, 'r', sizeof(host.release) - 1);
	memset(on.name, 'n', sizeof(on.name) - 1);
	host_advise(&host, &warnings);
	interface_advise(&host, &on, &warnings);
	assert_int_equal(warnings.count, 2);
	assert_non_null(strstr(warnings.list[0].fix, "NAME"));
	assert_non_null(strstr(warnings.list[1].fix, "mtu 1500"));
}

static void warnings_beyond_the_last_are_dropped(void **state)
{
	static struct warnings warnings;

	(void)state;
	for (int i = 0; i <= MAX_WARNINGS; i++)
		warn(&warnings, "number %d; fix: none", i);
	assert_int_equal(warnings.count, MAX_WARNINGS);
	assert_string_equal(warnings.list[0].text, "number 0");
	assert_string_equal(warnings.list[0].fix, "none");
}

static void a_warning_may_have_no_fix(void **state)
{
	static struct warnings warnings;

	(void)state;
	warn(&warnings, "so it %s", "is");
	assert_string_equal(warnings.list[0].text, "so it is");
	assert_string_equal(warnings.list[0].fix, "");
}

int main(void)
{
	UNIT_ADD_ROWS(host_rows, host_is_advised);
	UNIT_ADD_ROWS(interface_rows, interface_is_advised);
	unit_add("several warnings come one by one",
		 several_warnings_come_one_by_one, NULL);
	unit_add("the longest facts are told in full",
		 the_longest_facts_are_told_in_full, NULL);
	unit_add("warnings beyond the last are dropped",
		 warnings_beyond_the_last_are_dropped, NULL);
	unit_add("a warning may have no fix", a_warning_may_have_no_fix, NULL);
	return unit_run("advice");
}
