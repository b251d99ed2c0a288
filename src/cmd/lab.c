// SPDX-License-Identifier: GPL-2.0-only
/* The lab's verbs.  In each, argv[0] is "lab" and the rest are its words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/journal.h"
#include "cmd/lab.h"
#include "live/lab.h"

const char *lab_default(void)
{
	const char *name = getenv("WEIR_LAB");

	return name && *name ? name : "default";
}

const struct show *lab_voice(const struct invocation *in, bool json)
{
	return json ? &show_json : in->show;
}

int lab_vlan_parse(const char *text, unsigned short *vlan)
{
	char *end;
	unsigned long id = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !id || id > FLOOD_MAX_VLAN)
		return fail(EINVAL, "lab: --vlan: '%s': 1 to %d is wanted",
			    text, FLOOD_MAX_VLAN);
	*vlan = id;
	return 0;
}

/* The one word that may be left: a name. */
static int name_only(int argc, char **argv, const char **name)
{
	if (argc > 2)
		return usage("lab", "what is '%s'?", argv[2]);
	*name = argc > 1 ? argv[1] : lab_default();
	return 0;
}

struct vlans {
	unsigned int count;
	uint16_t id[LAB_MAX_VLANS];
};

static int vlan_add(struct vlans *vlans, const char *text)
{
	uint16_t id;
	int err = lab_vlan_parse(text, &id);

	if (err)
		return err;
	for (unsigned int i = 0; i < vlans->count; i++)
		if (vlans->id[i] == id)
			return fail(EINVAL, "lab: --vlan: %u is named twice",
				    id);
	if (vlans->count == LAB_MAX_VLANS)
		return fail(EINVAL, "lab: --vlan: %d is the most",
			    LAB_MAX_VLANS);
	vlans->id[vlans->count++] = id;
	return 0;
}

/* Every "--vlan ID" leaves argv.  Returns what argc is then, or -errno. */
static int vlans_take(int argc, char **argv, struct vlans *vlans)
{
	const char *value;
	int kept = 1, err;

	for (int i = 1; i < argc; i++) {
		if (!strncmp(argv[i], "--vlan=", 7)) {
			value = argv[i] + 7;
		} else if (strcmp(argv[i], "--vlan")) {
			argv[kept++] = argv[i];
			continue;
		} else if (++i == argc) {
			return usage("lab", "--vlan needs a value");
		} else {
			value = argv[i];
		}
		err = vlan_add(vlans, value);
		if (err)
			return err;
	}
	argv[kept] = NULL;
	return kept;
}

static int lab_tell(const struct show *show, const char *name)
{
	_free_ struct lab_report *lab = calloc(1, sizeof(*lab));
	int err;

	if (!lab)
		return fail(ENOMEM, "lab: %s", error_text(ENOMEM));
	err = lab_read(name, lab);
	if (!err)
		show->labs(lab, 1);
	return err;
}

static int lab_up_command(const struct invocation *in, int argc, char **argv)
{
	bool json = false;
	const struct option options[] = { { "--json", &json, NULL }, { 0 } };
	struct vlans vlans = { 0 };
	const char *name = NULL;
	int err;

	argc = vlans_take(argc, argv, &vlans);
	if (argc > 0)
		argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	err = argc < 0 ? argc : name_only(argc, argv, &name);
	if (!err)
		err = lab_up(name, vlans.id, vlans.count);
	if (err)
		return err;
	journal("lab", "lab up %s", name);
	return lab_tell(lab_voice(in, json), name);
}

static int labs_down(void)
{
	_free_ struct lab_report *labs = NULL;
	int count = labs_read(&labs), err = count < 0 ? count : 0, one;

	if (!count)
		note("lab: there is none");
	for (int i = 0; i < count; i++) {
		one = lab_down(labs[i].name);
		err = err ? err : one;
	}
	return err;
}

static int lab_down_command(const struct invocation *in, int argc, char **argv)
{
	bool all = false;
	const struct option options[] = { { "--all", &all, NULL }, { 0 } };
	const char *name = "--all";
	int err;

	(void)in;
	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	if (argc < 0)
		return argc;
	if (all && argc > 1)
		return usage("lab", "down a lab, or --all?");
	err = all ? 0 : name_only(argc, argv, &name);
	if (!err)
		err = all ? labs_down() : lab_down(name);
	if (!err)
		journal("lab", "lab down %s", name);
	return err;
}

static int lab_status_command(const struct invocation *in, int argc,
			      char **argv)
{
	_free_ struct lab_report *labs = NULL;
	bool json = false;
	const struct option options[] = { { "--json", &json, NULL }, { 0 } };
	const char *name = NULL;
	int err;

	argc = options_take(options, OPTIONS_REFUSE_OTHERS, argc, argv);
	err = argc < 0 ? argc : name_only(argc, argv, &name);
	if (err)
		return err;
	if (argc > 1)
		return lab_tell(lab_voice(in, json), name);
	err = labs_read(&labs);
	if (err < 0)
		return err;
	lab_voice(in, json)->labs(labs, err);
	return 0;
}

/* Where a program shall run. */
struct place {
	bool takes_side, takes_family; /* which options there are */
	const char *lab;
	enum lab_side side;
	bool ipv6;
};

static int side_parse(const char *word, enum lab_side *side)
{
	for (int i = 0; word && i < LAB_SIDES; i++) {
		if (strcmp(lab_side_names[i], word))
			continue;
		*side = i;
		return 0;
	}
	return word ? fail(EINVAL,
			   "lab: --in: '%s' is no side (attacker, server)",
			   word)
		    : 0;
}

/*
 * Take "[--in SIDE] [NAME] [--in SIDE]" off the front.  The first word is a
 * name if a lab has it; "--" ends what is ours.  Returns how many words are
 * taken, argv[0] among them, or -errno.
 */
static int place_take(int argc, char **argv, struct place *place)
{
	const char *side = NULL;
	const struct option options[] = {
		{ place->takes_side ? "--in" : NULL, NULL, &side },
		{ place->takes_family ? "--ipv6" : NULL, &place->ipv6, NULL },
		{ 0 },
	};
	int taken = 1, err, left;

	place->lab = lab_default();
	left = options_take(options, OPTIONS_LEADING, argc, argv);
	if (left > 1 && lab_exists(argv[1])) {
		place->lab = argv[1];
		argv[1] = argv[0];
		taken++;
		left = options_take(options, OPTIONS_LEADING, left - 1,
				    argv + 1);
	}
	err = left < 0 ? left : side_parse(side, &place->side);
	if (err)
		return err;
	if (argv[taken] && !strcmp(argv[taken], "--"))
		taken++;
	return taken;
}

#define HEAD_MOST 4

/* Become "head... words... tail", of which head and tail may be empty. */
static int place_run(const struct place *place, const char *const *head,
		     char *const *words, const char *tail)
{
	_free_ const char **all = NULL;
	size_t count = 0, used = 0;

	while (words[count])
		count++;
	all = calloc(HEAD_MOST + count + 2, sizeof(*all));
	if (!all)
		return fail(ENOMEM, "lab: %s", error_text(ENOMEM));
	while (used < HEAD_MOST && head[used]) {
		all[used] = head[used];
		used++;
	}
	memcpy(all + used, words, count * sizeof(*all));
	all[used + count] = tail;
	return lab_exec(place->lab, place->side, (char *const *)all);
}

static int lab_exec_command(const struct invocation *in, int argc, char **argv)
{
	const char *const head[] = { NULL };
	struct place place = { .takes_side = true, .side = LAB_SERVER };
	int taken = place_take(argc, argv, &place);

	(void)in;
	if (taken < 0)
		return taken;
	if (!argv[taken])
		return usage("lab", "exec which command?");
	if (!strncmp(argv[taken], "--", 2))
		return usage("lab", "unknown option '%s'", argv[taken]);
	return place_run(&place, head, argv + taken, NULL);
}

static int lab_enter_command(const struct invocation *in, int argc, char **argv)
{
	const char *shell = getenv("SHELL");
	const char *const head[] = { shell && *shell ? shell : "/bin/sh",
				     NULL };
	struct place place = { .takes_side = true, .side = LAB_SERVER };
	int taken = place_take(argc, argv, &place);

	(void)in;
	if (taken < 0)
		return taken;
	if (argv[taken])
		return usage("lab", "there is no lab '%s'", argv[taken]);
	note("this is the %s of lab '%s'; exit leaves",
	     lab_side_names[place.side], place.lab);
	return place_run(&place, head, argv + taken, NULL);
}

static int lab_ping_command(const struct invocation *in, int argc, char **argv)
{
	const char *const head[] = { "ping", NULL };
	struct place place = { .takes_side = true,
			       .takes_family = true,
			       .side = LAB_ATTACKER };
	int taken = place_take(argc, argv, &place);
	struct prefix other;
	char text[PREFIX_TEXT];

	(void)in;
	if (taken < 0)
		return taken;
	other = lab_address(place.side == LAB_SERVER ? LAB_ATTACKER
						     : LAB_SERVER,
			    place.ipv6 ? 6 : 4);
	return place_run(&place, head, argv + taken,
			 prefix_format(&other, text));
}

static int lab_tcpdump_command(const struct invocation *in, int argc,
			       char **argv)
{
	struct place place = { .takes_side = true, .side = LAB_SERVER };
	int taken = place_take(argc, argv, &place);
	const char *head[] = { "tcpdump", "-nei", "server0", NULL };

	(void)in;
	if (taken < 0)
		return taken;
	if (place.side == LAB_ATTACKER)
		head[2] = "attacker0";
	return place_run(&place, head, argv + taken, NULL);
}

/* Of this very program, wherever it was started from. */
static int lab_weir(const struct invocation *in, int argc, char **argv,
		    const char *command, const char *word)
{
	const char *const head[] = { "/proc/self/exe", command, word, NULL };
	struct place place = { .side = LAB_SERVER };
	int taken = place_take(argc, argv, &place);

	if (taken < 0)
		return taken;
	return place_run(&place, head, argv + taken,
			 in->show == &show_json ? "--json" : NULL);
}

static int lab_load_command(const struct invocation *in, int argc, char **argv)
{
	return lab_weir(in, argc, argv, "attach", "server0");
}

static int lab_stats_command(const struct invocation *in, int argc, char **argv)
{
	return lab_weir(in, argc, argv, "stats", NULL);
}

static const struct {
	const char *name;
	int (*run)(const struct invocation *in, int argc, char **argv);
} verbs[] = {
	{ "up", lab_up_command },	  { "down", lab_down_command },
	{ "status", lab_status_command }, { "exec", lab_exec_command },
	{ "enter", lab_enter_command },	  { "ping", lab_ping_command },
	{ "flood", lab_flood_command },	  { "load", lab_load_command },
	{ "stats", lab_stats_command },	  { "tcpdump", lab_tcpdump_command },
};

static bool asks_for_help(int argc, char **argv)
{
	return (argc > 1 && !strcmp(argv[1], "--help")) ||
	       (argc > 2 && !strcmp(argv[2], "--help"));
}

int cmd_lab(const struct invocation *in, int argc, char **argv)
{
	char *help[] = { "help", "lab", NULL };

	if (asks_for_help(argc, argv))
		return cmd_help(in, 2, help);
	if (argc < 2)
		return usage("lab", "which verb?");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (strcmp(verbs[i].name, argv[1]))
			continue;
		argv[1] = argv[0];
		return verbs[i].run(in, argc - 1, argv + 1);
	}
	return usage("lab", "unknown verb '%s'", argv[1]);
}
