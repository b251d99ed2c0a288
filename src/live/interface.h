/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel knows of a network interface. */
#ifndef WEIR_INTERFACE_H
#define WEIR_INTERFACE_H

#include <stdbool.h>
#include <net/if.h>
#include <linux/bpf.h>

#include "abi.h"

struct interface {
	char name[IF_NAMESIZE];
	char driver[32];	/* "" where the driver does not say */
	unsigned int ifindex;
	int mtu;
	unsigned int program;	/* id of the XDP program on it, or 0 */
	bool generic;		/* that program runs in generic mode */
};

/* Returns 0, or -ENODEV without a word. */
int interface_by_name(const char *name, struct interface *interface);
int interface_by_index(unsigned int ifindex, struct interface *interface);

/* The name of a program by its id, "?" where it cannot be had. */
const char *program_name(unsigned int id, char name[BPF_OBJ_NAME_LEN]);

/*
 * Why native mode was probably refused, and the command that helps, for the
 * error number of the attempt and the kernel's own words ("" for none).
 */
const char *attach_advice(const struct interface *interface, int err,
			  const char *message, char *advice, size_t size);

#endif
