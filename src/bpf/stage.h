/* SPDX-License-Identifier: GPL-2.0-only */
/* What every stage of the datapath includes. */
#ifndef WEIR_STAGE_H
#define WEIR_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#include "abi.h"

/* Read once what userspace may change meanwhile. */
#define READ_ONCE(x) (*(const volatile typeof(x) *)&(x))

/* What the policy says.  Set before the load: branches not taken vanish. */
const volatile __u32 generation;
const volatile __u32 guards;	/* enum weir_guard */
const volatile bool default_drop;
const volatile bool observe;

#endif
