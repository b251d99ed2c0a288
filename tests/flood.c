// SPDX-License-Identifier: GPL-2.0-only
/* The traffic generator as a program of its own, for tests and benches. */
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "live/flood.h"

static const char usage[] =
	"usage: flood IFACE --to ADDR [--to-mac MAC] [--kind KIND] [--vlan ID]\n"
	"             [--from PREFIX] [--sources random|walk|fixed]\n"
	"             [--sport N] [--dport N] [--count N] [--pps N]\n"
	"             [--for SECONDS] [--size BYTES] [--json]\n";

static const struct option options[] = {
	{ "to",      required_argument, NULL, 't' },
	{ "to-mac",  required_argument, NULL, 'm' },
	{ "kind",    required_argument, NULL, 'k' },
	{ "from",    required_argument, NULL, 'f' },
	{ "sources", required_argument, NULL, 'r' },
	{ "sport",   required_argument, NULL, 's' },
	{ "dport",   required_argument, NULL, 'd' },
	{ "count",   required_argument, NULL, 'c' },
	{ "pps",     required_argument, NULL, 'p' },
	{ "for",     required_argument, NULL, 'l' },
	{ "size",    required_argument, NULL, 'b' },
	{ "vlan",    required_argument, NULL, 'v' },
	{ "json",    no_argument,       NULL, 'j' },
	{ "help",    no_argument,       NULL, 'h' },
	{ NULL,      0,                 NULL, 0 },
};

/* The position in a list is the number in the enum. */
#define KIND_(name, word, form, sport, dport, what) word,
static const char *const kinds[] = { FLOOD_KINDS(KIND_) NULL };
static const char *const sources[] = { "random", "walk", "fixed", NULL };

static int read_word(const char *text, const char *const *words,
		     const char *wanted)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(text, words[i]))
			return i;
	return fail(EINVAL, "flood: '%s': %s is wanted", text, wanted);
}

static int read_number(const char *text, uint64_t most, uint64_t *number)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || text[0] < '0' || text[0] > '9' || !value ||
	    value > most)
		return fail(EINVAL, "flood: '%s': a number from 1 to %" PRIu64
			    " is wanted", text, most);
	*number = value;
	return 0;
}

static int read_port(const char *text, uint16_t *port)
{
	uint64_t number;
	int err = read_number(text, UINT16_MAX, &number);

	if (!err)
		*port = number;
	return err;
}

static int read_size(const char *text, unsigned int *size)
{
	uint64_t number;
	int err = read_number(text, FLOOD_MAX_SIZE, &number);

	if (!err)
		*size = number;
	return err;
}

static int read_seconds(const char *text, unsigned int *ms)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds >= 0.001) ||
	    seconds > FLOOD_MAX_MS / 1000)
		return fail(EINVAL, "flood: '%s': seconds, at most %d, are "
			    "wanted", text, FLOOD_MAX_MS / 1000);
	*ms = seconds * 1000;
	return 0;
}

static int read_prefix(const char *text, struct prefix *prefix)
{
	char why[128];
	int err = prefix_parse(text, prefix, why, sizeof(why));

	return err ? fail(-err, "flood: '%s': %s", text, why) : 0;
}

static int read_mac(const char *text, struct ether_addr *mac)
{
	if (!ether_aton_r(text, mac))
		return fail(EINVAL, "flood: not a MAC address: '%s'", text);
	return 0;
}

static int read_option(int option, const char *text, struct flood *flood)
{
	int word = 0;

	switch (option) {
	case 't':
		return read_prefix(text, &flood->to);
	case 'm':
		return read_mac(text, &flood->to_mac);
	case 'k':
		flood->kind = word = read_word(text, kinds,
						"udp, syn or another kind");
		return word < 0 ? word : 0;
	case 'f':
		return read_prefix(text, &flood->from);
	case 'r':
		flood->sources = word = read_word(text, sources,
						  "random, walk or fixed");
		return word < 0 ? word : 0;
	case 's':
		return read_port(text, &flood->sport);
	case 'd':
		return read_port(text, &flood->dport);
	case 'c':
		return read_number(text, UINT64_MAX, &flood->count);
	case 'p':
		return read_number(text, FLOOD_MAX_PPS, &flood->rate_pps);
	case 'l':
		return read_seconds(text, &flood->duration_ms);
	case 'v':
		return read_port(text, &flood->vlan);
	case 'b':
		return read_size(text, &flood->size);
	default:
		return -EUSAGE;	/* getopt has said what is wrong */
	}
}

static int read_arguments(int argc, char **argv, struct flood *flood,
			  bool *json)
{
	int option, err;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			exit(0);
		}
		if (option == 'j') {
			*json = true;
			continue;
		}
		err = read_option(option, optarg, flood);
		if (err)
			return err;
	}
	if (optind != argc - 1 || !flood->to.family) {
		fputs(usage, stderr);
		return -EUSAGE;
	}
	flood->ifindex = if_nametoindex(argv[optind]);
	if (!flood->ifindex)
		return fail(errno, "flood: %s: no such interface",
			    argv[optind]);
	return 0;
}

static int print_text(const struct flood_result *r)
{
	printf("%" PRIu64 " frames in %.3f s: %.0f frames/s", r->frames,
	       r->seconds, r->seconds > 0 ? r->frames / r->seconds : 0);
	if (r->lost)
		printf(", %" PRIu64 " lost", r->lost);
	putchar('\n');
	return 0;
}

static int print_json(const struct flood_result *r)
{
	json_t *root = json_pack(
		"{s:I, s:I, s:f, s:f, s:f}",
		"frames", (json_int_t)r->frames, "lost", (json_int_t)r->lost,
		"seconds", r->seconds, "cpu_seconds", r->cpu_seconds,
		"frames_per_second",
		r->seconds > 0 ? r->frames / r->seconds : 0.0);

	if (!root)
		return fail(ENOMEM, "flood: %s", error_text(ENOMEM));
	json_dumpf(root, stdout, JSON_REAL_PRECISION(9));
	putchar('\n');
	json_decref(root);
	return 0;
}

int main(int argc, char **argv)
{
	struct flood flood = { 0 };
	struct flood_result result;
	bool json = false;
	int err = read_arguments(argc, argv, &flood, &json);

	if (!err)
		err = flood_run(&flood, &result);
	if (!err)
		err = json ? print_json(&result) : print_text(&result);
	return error_exit_code(err);
}
