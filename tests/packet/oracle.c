// SPDX-License-Identifier: GPL-2.0-only
/* A file of its own: pcap.h and linux/bpf.h cannot meet. */
#include <pcap/pcap.h>

#include "oracle.h"

bool oracle_matches(const struct cbpf *program, const void *frame, size_t len,
		    size_t linear)
{
	const struct bpf_program fp = {
		.bf_len = program->count,
		.bf_insns = (struct bpf_insn *)program->insns,
	};
	const struct pcap_pkthdr header = { .caplen = linear, .len = len };

	return pcap_offline_filter(&fp, &header, frame);
}
