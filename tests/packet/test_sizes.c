// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames that end early and packets of several buffers: whatever is missing,
 * no packet aborts, each counts once, and the reason can be told beforehand.
 */
#include <stdio.h>
#include <string.h>

#include "datapath.h"

#define ETH_SIZE	14	/* the least a test run takes */

static struct frame frame;

/*
 * A frame to take apart.  'headers' counts the layers that have to be whole,
 * of which number 'ip' is the IP header, or NO_IP.
 */
#define NO_IP (-1)

struct sample {
	const char *name;
	const struct layer *layers;
	int ip, headers;
	enum weir_reason reason;	/* of the whole frame */
	const char *by;
};

#define EVIL4	"198.51.100.7"
#define EVIL6	"2001:db8:bad::7"

static const struct sample samples[] = {
	{ "UDP over IPv4",
	  F(ETH(), IP4(), UDP(), BYTES(8)), 1, 3, PASSED },
	{ "TCP with options behind IPv4 with options, from a denied host",
	  F(ETH(), IP4(.src = EVIL4, .options = "94040000 01010101"),
	    TCP(.options = "020405b4 0402080a 00000001 00000000 01030307"),
	    BYTES(4)), 1, 3, DENIED(EVIL4) },
	{ "ICMP behind 4 tags",
	  F(ETH(), VLAN(), VLAN(.tpid = 0x88a8), VLAN(), VLAN(), IP4(), ICMP(),
	    BYTES(56)), 5, 7, PASSED },
	{ "5 tags",
	  F(ETH(), VLAN(), VLAN(), VLAN(), VLAN(), VLAN(), IP4(), UDP()),
	  NO_IP, 5, TOO_MANY_TAGS },
	{ "ARP behind 2 tags",
	  F(ETH(), VLAN(), VLAN(), ARP()), NO_IP, 3, NOT_IP },
	{ "an 802.3 frame",
	  F(ETH(.type = 38), BYTES(46)), NO_IP, 1, NOT_IP },
	{ "a later fragment over IPv4 from a denied host",
	  F(ETH(), IP4(.offset = 185, .src = EVIL4), UDP(.len = 7), BYTES(9)),
	  1, 2, DENIED(EVIL4) },
	{ "ESP over IPv4, whose header is not read",
	  F(ETH(), VLAN(), IP4(), ESP(), BYTES(8)), 2, 3, PASSED },
	{ "SCTP over IPv6",
	  F(ETH(), IP6(), SCTP(), BYTES(16)), 1, 3, PASSED },
	{ "UDP behind 4 kinds of extension headers, from a denied host",
	  F(ETH(), VLAN(), IP6(.src = EVIL6), HOPOPTS(.size = 16),
	    ROUTING(.size = 24), AH(), DSTOPTS(), UDP(), BYTES(5)),
	  2, 8, DENIED(EVIL6) },
	{ "TCP behind 8 extension headers",
	  F(ETH(), IP6(), HOPOPTS(), DSTOPTS(.size = 24), ROUTING(), FRAGMENT(),
	    AH(.size = 12), AH(.size = 36), DSTOPTS(), DSTOPTS(.size = 16),
	    TCP(), BYTES(3)), 1, 11, PASSED },
	{ "a later fragment over IPv6 from a denied host",
	  F(ETH(), IP6(.src = EVIL6), HOPOPTS(), FRAGMENT(.offset = 3),
	    DSTOPTS(.len = 200), BYTES(9)), 1, 4, DENIED(EVIL6) },
	{ "a neighbour solicitation from a denied host",
	  F(ETH(), IP6(.src = EVIL6, .hops = 255), ICMP6(.type = 135),
	    BYTES(24)), 1, 3, PASSED },
	{ "no next header behind destination options",
	  F(ETH(), IP6(), DSTOPTS(.size = 32), NONEXT(), BYTES(12)),
	  1, 3, PASSED },
};

#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

static uint32_t entry_of(const struct sample *s)
{
	return !s->by ? NO_ENTRY : !strcmp(s->by, EVIL4) ? 0 : 1;
}

/* Judge what is in 'frame': as the whole sample, or for another reason. */
static void assert_reason(const struct sample *s, size_t linear,
			  enum weir_reason reason)
{
	assert_judged(&frame, linear, reason,
		      reason == s->reason ? entry_of(s) : NO_ENTRY);
}

/* Where the IP header's fixed part ends, and where all of it does. */
static size_t fixed_end(const struct sample *s)
{
	return frame.at[s->ip] + (s->layers[s->ip].kind == LAYER_IP4 ? 20 : 40);
}

static size_t header_end(const struct sample *s)
{
	return frame.at[s->ip + 1];
}

/* The wire lost the rest: the IP header is whole, or shows that much is not. */
static enum weir_reason reason_when_cut(const struct sample *s, size_t len)
{
	if (len < (s->ip == NO_IP ? frame.at[s->headers] : fixed_end(s)))
		return WEIR_TRUNCATED;
	return s->ip == NO_IP ? s->reason : WEIR_BAD_LENGTH;
}

static void test_cut(void **state)
{
	const struct sample *s = *state;
	size_t whole;

	frame_build(&frame, s->layers);
	whole = frame.len;
	for (frame.len = ETH_SIZE; frame.len < whole; frame.len++)
		assert_reason(s, 0, reason_when_cut(s, frame.len));
	assert_reason(s, 0, s->reason);
	assert_all_counted();
}

/* The sender sent no more: an IPv4 header longer than its packet is a lie. */
static enum weir_reason reason_when_short(const struct sample *s, size_t len)
{
	if (len >= frame.at[s->headers])
		return s->reason;
	if (s->ip != NO_IP && len >= fixed_end(s) && len < header_end(s))
		return WEIR_BAD_LENGTH;
	return WEIR_TRUNCATED;
}

static void test_short(void **state)
{
	const struct sample *s = *state;
	struct layer layers[FRAME_LAYERS];
	size_t count = 0, whole;

	while (s->layers[count].kind != LAYER_END)
		count++;
	frame_build(&frame, s->layers);
	whole = frame.len;
	memcpy(layers, s->layers, count * sizeof(layers[0]));
	layers[count + 1] = (struct layer){ .kind = LAYER_END };
	for (size_t len = ETH_SIZE; len <= whole; len++) {
		layers[count] = (struct layer)SHORT(len);
		frame_build(&frame, layers);
		assert_reason(s, 0, reason_when_short(s, len));
	}
	assert_all_counted();
}

/*
 * Where the last byte that decides lies.  Of the last header only the fixed
 * part is read: options belong to the packet, not to the filter.
 */
static size_t read_end(const struct sample *s)
{
	size_t last = frame.at[s->headers - 1];

	switch (s->layers[s->headers - 1].kind) {
	case LAYER_TCP:
		return last + 20;
	case LAYER_DSTOPTS:
		return last + 8;
	default:
		return frame.at[s->headers];
	}
}

/* The packet is whole, its first buffer is not. */
static void test_first_buffer(void **state)
{
	const struct sample *s = *state;
	size_t needed;

	if (!kernel_cuts_buffers()) {
		print_message("# shorter first buffers need Linux 6.18\n");
		skip();
	}
	frame_build(&frame, s->layers);
	needed = read_end(s);
	for (size_t len = ETH_SIZE; len < frame.len; len++)
		assert_reason(s, len, len < needed ? WEIR_TRUNCATED :
						     s->reason);
	assert_all_counted();
}

/*
 * Whatever the driver put behind the IP packet was delivered too.  The filter
 * knows one exception, a short first buffer that ends with the IP packet.
 */
static void test_trailer(void **state)
{
	if (!kernel_cuts_buffers()) {
		print_message("# shorter first buffers need Linux 6.18\n");
		skip();
	}
	frame_build(&frame, *state);
	for (size_t len = frame.at[3]; len < FIRST_BUFFER; len++)
		if (len != frame.at[4])
			assert_judged(&frame, len, WEIR_PASSED, NO_ENTRY);
}

static const struct CMUnitTest trailer_tests[] = {
	{ .name = "padding behind a short IPv4 packet",
	  .test_func = test_trailer,
	  .initial_state = (void *)F(ETH(), IP4(), UDP(), BYTES(100),
				     TRAILER(), BYTES(FIRST_BUFFER)) },
	{ .name = "padding behind a long IPv6 packet",
	  .test_func = test_trailer,
	  .initial_state = (void *)F(ETH(), IP6(), UDP(), BYTES(1400),
				     TRAILER(), BYTES(FIRST_BUFFER)) },
};

static int run_samples(const char *group, CMUnitTestFunction test)
{
	struct CMUnitTest tests[SAMPLES];

	for (size_t i = 0; i < SAMPLES; i++)
		tests[i] = (struct CMUnitTest){
			.name = samples[i].name,
			.test_func = test,
			.initial_state = (void *)&samples[i],
		};
	return group_run(group, tests, SAMPLES);
}

static const struct row several_buffers[] = {
	{ "9,000 bytes of UDP over IPv4",
	  F(ETH(), IP4(), UDP(), BYTES(8958)), PASSED },
	{ "9,000 bytes of UDP over IPv4 from a denied host",
	  F(ETH(), IP4(.src = EVIL4), UDP(), BYTES(8958)), DENIED(EVIL4) },
	{ "9,000 bytes of UDP over IPv6 from a denied host",
	  F(ETH(), IP6(.src = EVIL6), UDP(), BYTES(8938)), DENIED(EVIL6) },
	{ "9,000 bytes that are not IP",
	  F(ETH(), BYTES(8986)), NOT_IP },
	{ "9,000 bytes with 5 tags",
	  F(ETH(), VLAN(), VLAN(), VLAN(), VLAN(), VLAN(), BYTES(8966)),
	  TOO_MANY_TAGS },
	{ "total length one more than 9,000 bytes",
	  F(ETH(), IP4(.tot_len = MORE(1)), UDP(), BYTES(8958)), BAD_LENGTH },
	{ "UDP one byte longer than 9,000 bytes",
	  F(ETH(), IP4(), UDP(.len = MORE(1)), BYTES(8958)), BAD_LENGTH },
	{ "UDP one byte shorter than 9,000 bytes",
	  F(ETH(), IP4(), UDP(.len = LESS(1)), BYTES(8958)), PASSED },
	{ "a later fragment of 9,000 bytes from a denied host",
	  F(ETH(), IP4(.src = EVIL4, .offset = 185), BYTES(8966)),
	  DENIED(EVIL4) },
	{ "a packet of one full buffer",
	  F(ETH(), IP4(), UDP(), BYTES(FIRST_BUFFER - 42)), PASSED },
	{ "a packet of one full buffer and a byte",
	  F(ETH(), IP4(), UDP(), BYTES(FIRST_BUFFER - 41)), PASSED },
	{ "a packet of one full buffer and a byte from a denied host",
	  F(ETH(), IP4(.src = EVIL4), UDP(), BYTES(FIRST_BUFFER - 41)),
	  DENIED(EVIL4) },
	{ "the longest frame there is from a denied host",
	  F(ETH(), IP6(.src = EVIL6), UDP(), BYTES(65527), PAD(FRAME_SIZE)),
	  DENIED(EVIL6) },
	{ "UDP that ends 2 bytes before the first buffer",
	  F(ETH(), IP6(), HOPOPTS(.size = 2048), DSTOPTS(.size = 1408), UDP(),
	    BYTES(5000)), PASSED },
	{ "UDP that ends 2 bytes before the first buffer, from a denied host",
	  F(ETH(), IP6(.src = EVIL6), HOPOPTS(.size = 2048),
	    DSTOPTS(.size = 1408), UDP(), BYTES(5000)), DENIED(EVIL6) },
	{ "UDP that ends 2 bytes behind the first buffer",
	  F(ETH(), VLAN(), IP6(), HOPOPTS(.size = 2048), DSTOPTS(.size = 1408),
	    UDP(), BYTES(5000)), TRUNCATED },
	{ "UDP in the second buffer",
	  F(ETH(), IP6(), HOPOPTS(.size = 2048), DSTOPTS(.size = 2048), UDP(),
	    BYTES(5000)), TRUNCATED },
	{ "UDP in the second buffer, from a denied host",
	  F(ETH(), IP6(.src = EVIL6), HOPOPTS(.size = 2048),
	    DSTOPTS(.size = 2048), UDP(), BYTES(5000)), TRUNCATED },
	{ "an extension header in the second buffer",
	  F(ETH(), IP6(), HOPOPTS(.size = 2048), DSTOPTS(.size = 2048),
	    FRAGMENT(.offset = 1), BYTES(5000)), TRUNCATED },
	{ "the last extension header starts in the first buffer",
	  F(ETH(), IP6(.src = EVIL6), HOPOPTS(.size = 2048),
	    DSTOPTS(.size = 2048), NONEXT(), BYTES(5000)), DENIED(EVIL6) },
	{ "8 extension headers of 2,048 bytes each",
	  F(ETH(), IP6(), HOPOPTS(.size = 2048), DSTOPTS(.size = 2048),
	    DSTOPTS(.size = 2048), DSTOPTS(.size = 2048),
	    DSTOPTS(.size = 2048), DSTOPTS(.size = 2048),
	    DSTOPTS(.size = 2048), DSTOPTS(.size = 2048), UDP(),
	    BYTES(40000)), TRUNCATED },
};

#define SEVERAL_BUFFERS (sizeof(several_buffers) / sizeof(several_buffers[0]))

int main(void)
{
	int failed = 0;

	if (datapath_open())
		return 1;
	entry_add(WEIR_DENY, EVIL4);
	entry_add(WEIR_DENY, EVIL6);
	failed += run_samples("A frame cut by the wire at every byte",
			      test_cut);
	failed += run_samples("A packet sent short, at every byte", test_short);
	failed += run_samples("A first buffer that ends at every byte",
			      test_first_buffer);
	failed += GROUP_RUN("The length is that of all buffers", trailer_tests);
	failed += rows_run("A packet of several buffers is judged by its first",
			   several_buffers, SEVERAL_BUFFERS);
	return failed ? 1 : 0;
}
