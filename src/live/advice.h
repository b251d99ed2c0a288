/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What makes XDP slow, blind or short-lived, and what to do about it.  Pure:
 * facts in, warnings out.  A fact that is not known makes no warning.
 */
#ifndef WEIR_ADVICE_H
#define WEIR_ADVICE_H

#include <net/if.h>

#include "show/report.h"

enum fact { FACT_UNKNOWN, FACT_NO, FACT_YES };

#define NO_LIMIT (~0ULL)

struct host_facts {
	char release[65];
	int major, minor;		/* of the release */
	unsigned int cpus;		/* possible ones; 0 if not known */
	enum fact jit;			/* the filter is compiled */
	enum fact btf;			/* the kernel describes its types */
	char bpffs[256];		/* where it should be */
	enum fact is_bpffs;		/* it is there */
	enum fact bpffs_shared;		/* the host's first process sees it */
	unsigned long long memlock;	/* bytes, NO_LIMIT; 0 if not known */
	unsigned long long memory;	/* bytes that the tables take */
};

struct interface_facts {
	char name[IF_NAMESIZE];
	char driver[32];
	bool attached, generic;
	int mtu;			/* 0 if not known */
	enum fact rx_vlan, lro;
	unsigned int queues, max_queues; /* combined ones; 0 if not known */
};

bool release_is(const struct host_facts *host, int major, int minor);

void host_advise(const struct host_facts *host, struct warnings *warnings);
void interface_advise(const struct host_facts *host,
		      const struct interface_facts *on,
		      struct warnings *warnings);

/* Add one, written as it is shown: "what is wrong; fix: what helps". */
void warn(struct warnings *warnings, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
