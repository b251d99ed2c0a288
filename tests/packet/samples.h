/* SPDX-License-Identifier: GPL-2.0-only */
/* Frames and expressions made by chance, the same ones in every run. */
#ifndef WEIR_TESTS_SAMPLES_H
#define WEIR_TESTS_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"

void sample_seed(uint32_t seed);
uint32_t sample_u32(void);
uint32_t sample_below(uint32_t limit);

/* One frame of any protocol, with values that the expressions ask for. */
void sample_frame(struct frame *frame);

/* Every primitive of pcap-filter(7) that an Ethernet frame can answer. */
extern const char *const primitives[];
extern const size_t primitive_count;

/* Several of them, joined, or arithmetic.  The caller frees. */
char *sample_expression(void);

#endif
