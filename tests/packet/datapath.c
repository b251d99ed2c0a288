// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "compile/rules.h"
#include "datapath.h"
#include "live/filter.h"
#include "live/kernel.h"

#define MAX_LISTED 8192

struct datapath datapath = { .program = -1, .maps = MAPS_CLOSED };

/* What was listed, by entry id, and what the maps ought to say by now. */
static struct {
	enum weir_list list;
	struct prefix prefix;
	struct weir_counter count;
} listed[MAX_LISTED];
static uint32_t listed_count;
static struct weir_row rows[WEIR_MAX_INTERFACES];

static int head_reset(void);

static const char *const words[WEIR_MAX_REASONS] = {
#define WORD_(name, verdict, word, text) [WEIR_##name] = word,
	WEIR_REASONS(WORD_)
#undef WORD_
};

static const uint32_t actions[] = {
	[WEIR_PASS] = XDP_PASS,
	[WEIR_DROP] = XDP_DROP,
	[WEIR_TX] = XDP_TX,
	[WEIR_ABORT] = XDP_ABORTED,
};

static const enum weir_verdict verdicts[] = {
#define DECLARED_(name, verdict, word, text) [WEIR_##name] = WEIR_##verdict,
	WEIR_REASONS(DECLARED_)
#undef DECLARED_
};

static _Noreturn void die(const char *what)
{
	perror(what);
	abort();
}

int datapath_open(void)
{
	return datapath_open_with(&(struct filter_settings){ .generation = 1 });
}

int datapath_open_with(const struct filter_settings *settings)
{
	cleanup_fd(&datapath.program);
	maps_close(&datapath.maps);
	memset(rows, 0, sizeof(rows));
	memset(listed, 0, listed_count * sizeof(listed[0]));
	listed_count = 0;
	datapath.program = filter_load(&datapath.maps, settings);
	return datapath.program < 0 ? datapath.program : head_reset();
}

/* Take a word from the begin of a text, if it is there. */
static bool word_take(const char **text, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*text, word, len) || (*text)[len] != ' ')
		return false;
	*text += len + 1;
	return true;
}

static void rule_read(const char *text, struct rule_source *source,
		      struct weir_rule *rule)
{
	static const char *const action_words[] = {
#define WORD_(name, word) [WEIR_DO_##name] = word,
		WEIR_ACTIONS(WORD_)
#undef WORD_
	};
	bool observed = word_take(&text, "observe");
	uint32_t action = 0;

	while (action < WEIR_ACTION_COUNT &&
	       !word_take(&text, action_words[action]))
		action++;
	rule->action = action;
	rule->flags = observed ? WEIR_RULE_OBSERVED : 0;
	source->ends = !observed && action < WEIR_DO_COUNT;
	source->expression = text;
}

static void rule_counts_clear(uint32_t count)
{
	struct weir_counter cpu[libbpf_num_possible_cpus()];

	memset(cpu, 0, sizeof(cpu));
	for (uint32_t slot = 0; slot < count; slot++)
		if (bpf_map_update_elem(datapath.maps.fd[MAP_RULE_COUNTS],
					&slot, cpu, 0))
			die("a rule's counter");
}

void rules_open(const char *const *texts)
{
	rules_open_with(texts, &(struct filter_settings){ .generation = 1 });
}

void rules_open_with(const char *const *texts,
		     const struct filter_settings *settings)
{
	struct filter_settings with_rules = *settings;
	static struct rule_source sources[WEIR_MAX_RULES];
	static struct weir_rule table[WEIR_MAX_RULES];
	struct rule_code code;
	size_t count = 0;

	for (; texts[count]; count++) {
		rule_read(texts[count], &sources[count], &table[count]);
		table[count].slot = count;
	}
	if (rules_compile(sources, count, &code))
		die("rules");
	close(datapath.program);
	close(datapath.maps.fd[MAP_RULES]);
	datapath.maps.fd[MAP_RULES] = -1;
	with_rules.code = &code;
	with_rules.rules = table;
	datapath.program = filter_load(&datapath.maps, &with_rules);
	if (datapath.program < 0)
		die("the datapath with rules");
	rule_code_free(&code);
	rule_counts_clear(count);
}

struct weir_counter rule_counted(uint32_t slot)
{
	struct weir_counter cpu[libbpf_num_possible_cpus()], sum = { 0 };

	if (bpf_map_lookup_elem(datapath.maps.fd[MAP_RULE_COUNTS], &slot, cpu))
		die("a rule's counter");
	for (int i = 0; i < libbpf_num_possible_cpus(); i++) {
		sum.packets += cpu[i].packets;
		sum.bytes += cpu[i].bytes;
	}
	return sum;
}

/* "tcp/23", "udp/1024-2047": a block that is one prefix. */
static struct prefix ports_of(const char *text)
{
	struct prefix block = { .family = 4, .len = 16 };
	unsigned int first, last;

	if (sscanf(text + 4, "%u-%u", &first, &last) == 1)
		last = first;
	for (; last > first; last -= (last - first + 1) / 2)
		block.len--;
	block.addr[0] = first >> 8;
	block.addr[1] = first;
	return block;
}

struct prefix prefix_of(const char *text)
{
	struct prefix prefix;
	char why[256];

	if (!strncmp(text, "tcp/", 4) || !strncmp(text, "udp/", 4))
		return ports_of(text);
	if (!prefix_parse(text, &prefix, why, sizeof(why)))
		return prefix;
	fprintf(stderr, "%s: %s\n", text, why);
	abort();
}

/* The map and the key of a listed prefix. */
static int entry_key(enum weir_list list, const struct prefix *prefix,
		     struct weir_prefix6 *key)
{
	struct weir_prefix4 key4 = { .list = list, .len = prefix->len };

	if (prefix->family == 4) {
		memcpy(&key4.addr, prefix->addr, sizeof(key4.addr));
		memcpy(key, &key4, sizeof(key4));
		return datapath.maps.fd[MAP_PREFIX4];
	}
	*key = (struct weir_prefix6){ .list = list, .len = prefix->len };
	memcpy(key->addr, prefix->addr, sizeof(key->addr));
	return datapath.maps.fd[MAP_PREFIX6];
}

static void head_read(struct weir_lists *lists)
{
	if (bpf_map_lookup_elem(datapath.maps.fd[MAP_LISTS], &(int){ 0 },
				lists))
		die("the head of the lists");
}

static int head_write(const struct weir_lists *lists)
{
	return bpf_map_update_elem(datapath.maps.fd[MAP_LISTS], &(int){ 0 },
				   lists, 0);
}

static int head_reset(void)
{
	return head_write(&(struct weir_lists){ .committed = 1 });
}

static uint32_t entry_write(enum weir_list list, const struct prefix *prefix,
			    struct weir_entry entry)
{
	unsigned int bit = prefix_bits(prefix) - prefix->len;
	struct weir_prefix6 key;
	struct weir_lists lists;
	int map = entry_key(list, prefix, &key);

	if (listed_count == MAX_LISTED)
		die("too many entries");
	entry.id = listed_count;
	if (bpf_map_update_elem(map, &key, &entry, BPF_NOEXIST))
		die("an entry");
	head_read(&lists);
	if (prefix->family == 4)
		lists.lengths4[list] |= 1ULL << bit;
	else
		lists.lengths6[list][bit / 64] |= 1ULL << bit % 64;
	if (head_write(&lists))
		die("the head of the lists");
	listed[listed_count].list = list;
	listed[listed_count].prefix = *prefix;
	return listed_count++;
}

uint32_t entry_put(enum weir_list list, const struct prefix *prefix,
		   uint64_t added, uint64_t removed)
{
	return entry_write(list, prefix, (struct weir_entry){
		.added = added, .removed = removed, .expires_ns = WEIR_NEVER,
		.extended = WEIR_NEVER,
	});
}

uint32_t entry_put_until(enum weir_list list, const char *text,
			 uint64_t expires_ns, uint64_t extended,
			 uint64_t next_expires_ns)
{
	struct prefix prefix = prefix_of(text);

	return entry_write(list, &prefix, (struct weir_entry){
		.added = 1, .removed = WEIR_NEVER, .expires_ns = expires_ns,
		.extended = extended, .next_expires_ns = next_expires_ns,
	});
}

static void runtime_read(struct weir_runtime *runtime)
{
	if (bpf_map_lookup_elem(datapath.maps.fd[MAP_RUNTIME], &(int){ 0 },
				runtime))
		die("the run-time settings");
}

static void runtime_write(const struct weir_runtime *runtime)
{
	if (bpf_map_update_elem(datapath.maps.fd[MAP_RUNTIME], &(int){ 0 },
				runtime, 0))
		die("the run-time settings");
}

void pause_set(uint64_t until_ns)
{
	struct weir_runtime r;

	runtime_read(&r);
	r.paused_until_ns = until_ns;
	runtime_write(&r);
}

void unconfirmed_set(uint32_t generation, uint64_t until_ns)
{
	struct weir_runtime r;

	runtime_read(&r);
	r.unconfirmed = generation;
	r.confirm_until_ns = until_ns;
	runtime_write(&r);
}

uint32_t entry_add(enum weir_list list, const char *text)
{
	struct prefix prefix = prefix_of(text);

	return entry_put(list, &prefix, 1, WEIR_NEVER);
}

static uint32_t address_of(const char *text)
{
	const struct prefix prefix = prefix_of(text);
	uint32_t address;

	memcpy(&address, prefix.addr, sizeof(address));
	return address;
}

uint64_t host_of(const char *address, uint32_t id)
{
	return (id + 1ULL) << 32 | address_of(address);
}

void host_put(const char *address, uint64_t word)
{
	uint32_t at = WEIR_HOST_AT(address_of(address));

	if (bpf_map_update_elem(datapath.maps.fd[MAP_HOSTS], &at, &word, 0))
		die("a host's word");
}

/* The lengths stay: they may overstate. */
void entry_delete(enum weir_list list, const struct prefix *prefix)
{
	struct weir_prefix6 key;
	int map = entry_key(list, prefix, &key);

	if (bpf_map_delete_elem(map, &key) && errno != ENOENT)
		die("an entry");
}

void edits_commit(uint64_t edit)
{
	struct weir_lists lists;

	head_read(&lists);
	lists.committed = edit;
	if (head_write(&lists))
		die("the head of the lists");
}

void entries_clear(void)
{
	static const struct weir_counter none;

	for (uint32_t id = 0; id < listed_count; id++) {
		entry_delete(listed[id].list, &listed[id].prefix);
		if (bpf_map_update_elem(datapath.maps.fd[MAP_ENTRY_COUNTS], &id,
					&none, 0))
			die("an entry's counter");
	}
	memset(listed, 0, listed_count * sizeof(listed[0]));
	listed_count = 0;
	if (head_reset())
		die("the head of the lists");
}

static int frame_run(const struct frame *frame, size_t linear, uint32_t *action)
{
	struct xdp_md ctx = { .data_end = linear };
	LIBBPF_OPTS(bpf_test_run_opts, run,
		    .data_in = frame->data, .data_size_in = frame->len,
		    .ctx_in = linear ? &ctx : NULL,
		    .ctx_size_in = linear ? sizeof(ctx) : 0);
	int err = bpf_prog_test_run_opts(datapath.program, &run);

	*action = run.retval;
	return err;
}

/* One interface's row, summed over the CPUs. */
static void row_read(uint32_t slot, struct weir_row *sum)
{
	int cpus = libbpf_num_possible_cpus();
	_free_ struct weir_row *cpu = calloc(cpus, sizeof(*cpu));

	if (!cpu || bpf_map_lookup_elem(datapath.maps.fd[MAP_COUNTERS], &slot,
					cpu))
		die("the matrix");
	memset(sum, 0, sizeof(*sum));
	for (int i = 0; i < cpus; i++) {
		for (int r = 0; r < WEIR_MAX_REASONS; r++) {
			sum->reason[r].packets += cpu[i].reason[r].packets;
			sum->reason[r].bytes += cpu[i].reason[r].bytes;
		}
	}
}

struct weir_counter would_count(enum weir_reason reason)
{
	struct weir_row row;

	row_read(WEIR_ROW_WOULD, &row);
	return row.reason[reason];
}

static void count(struct weir_counter *counter, size_t len)
{
	counter->packets++;
	counter->bytes += len;
}

static void print_difference(const char *what, const struct weir_counter *is,
			     const struct weir_counter *was)
{
	if (memcmp(is, was, sizeof(*is)))
		print_error("%s: %+" PRId64 " packets, %+" PRId64
			    " bytes beyond what it should count\n", what,
			    (int64_t)(is->packets - was->packets),
			    (int64_t)(is->bytes - was->bytes));
}

/* Is a row right?  If not, the test goes on from what it is. */
static bool row_right(uint32_t slot)
{
	struct weir_row is, *was = &rows[slot];

	row_read(slot, &is);
	if (!memcmp(&is, was, sizeof(is)))
		return true;
	for (int r = 0; r < WEIR_MAX_REASONS; r++)
		print_difference(words[r] ?: "a reason without a name",
				 &is.reason[r], &was->reason[r]);
	*was = is;
	return false;
}

static bool entry_right(uint32_t id)
{
	struct weir_counter *was = &listed[id].count, is;
	char text[PREFIX_TEXT];

	if (bpf_map_lookup_elem(datapath.maps.fd[MAP_ENTRY_COUNTS], &id, &is))
		die("an entry's counter");
	if (!memcmp(&is, was, sizeof(is)))
		return true;
	print_difference(prefix_format(&listed[id].prefix, text), &is, was);
	*was = is;
	return false;
}

void assert_judged(const struct frame *frame, size_t linear,
		   enum weir_reason reason, uint32_t entry)
{
	uint32_t action, wanted = actions[verdicts[reason]];
	bool right = true;

	if (frame_run(frame, linear, &action))
		fail_msg("cannot run a frame of %zu bytes: %s", frame->len,
			 strerror(errno));
	count(&rows[datapath.slot].reason[reason], frame->len);
	if (entry != NO_ENTRY) {
		count(&listed[entry].count, frame->len);
		right = entry_right(entry);
	}
	if (!row_right(datapath.slot) || !right || action != wanted)
		fail_msg("%zu bytes, %zu in the first buffer: "
			 "XDP action %u; wanted %u for '%s'", frame->len,
			 linear ?: frame->len, action, wanted, words[reason]);
}

void assert_all_counted(void)
{
	bool right = true;

	for (uint32_t slot = 0; slot < WEIR_MAX_INTERFACES; slot++)
		right &= row_right(slot);
	for (uint32_t id = 0; id < listed_count; id++)
		right &= entry_right(id);
	assert_true(right);
}

bool kernel_cuts_buffers(void)
{
	static struct frame frame;
	struct weir_row *row = &rows[datapath.slot];
	uint32_t action;
	bool can;

	frame_build(&frame, F(ETH(), BYTES(100)));
	can = !frame_run(&frame, 64, &action);
	row_read(datapath.slot, row);
	return can;
}

static uint32_t entry_by_name(const struct row *row)
{
	enum weir_list list = row->reason == WEIR_ALLOWED ? WEIR_ALLOW :
							    WEIR_DENY;
	struct prefix by;

	if (!row->by)
		return NO_ENTRY;
	if (!strncmp(row->by, "tcp/", 4))
		list = WEIR_DENY_TCP;
	else if (!strncmp(row->by, "udp/", 4))
		list = WEIR_DENY_UDP;
	by = prefix_of(row->by);
	for (uint32_t id = 0; id < listed_count; id++)
		if (listed[id].list == list &&
		    !prefix_compare(&listed[id].prefix, &by))
			return id;
	fail_msg("the row's own mistake: %s is not listed", row->by);
	return NO_ENTRY;
}

static void test_row(void **state)
{
	static struct frame frame;
	const struct row *row = *state;

	frame_build(&frame, row->frame);
	if (frame.len > FIRST_BUFFER && !kernel_has_frags()) {
		print_message("# packets of several buffers need Linux 5.18\n");
		skip();
	}
	assert_judged(&frame, 0, row->reason, entry_by_name(row));
	assert_all_counted();
}

int group_run(const char *group, const struct CMUnitTest *tests, size_t count)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return _cmocka_run_group_tests(group, tests, count, NULL, NULL);
}

int rows_run(const char *group, const struct row *table, size_t count)
{
	_free_ struct CMUnitTest *tests = calloc(count, sizeof(*tests));

	if (!tests)
		die("tests");
	for (size_t i = 0; i < count; i++)
		tests[i] = (struct CMUnitTest){
			.name = table[i].name,
			.test_func = test_row,
			.initial_state = (void *)&table[i],
		};
	return group_run(group, tests, count);
}
