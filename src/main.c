// SPDX-License-Identifier: GPL-2.0-only
/* The command table: what is dispatched is what help prints. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cmd/cmd.h"

const struct command commands[] = {
	{ "attach", "INTERFACE... [--mode MODE] [--policy FILE] [--force]",
	  "start filtering on interfaces",
	  "MODE is native, generic or offload.  Native mode runs in the driver;\n"
	  "where the driver refuses, weir says why and what to change.  Generic\n"
	  "mode is slower and has to be asked for.  A program that is not weir's\n"
	  "is refused by name and id, or replaced with --force.  All interfaces\n"
	  "are attached, or none.  With --policy the file is applied first;\n"
	  "--observe and --confirm TIME are as with apply.\n",
	  cmd_attach },
	{ "detach", "INTERFACE... | --all",
	  "stop filtering; --all removes the instance",
	  "Lists and counters stay until --all, which removes whatever is\n"
	  "weir's and nothing else.\n",
	  cmd_detach },
	{ "status", "", "interfaces, mode, memory, warnings with fixes",
	  "What the kernel says of each interface, not what was once asked "
	  "for.\n",
	  cmd_status },
	{ "apply",
	  "FILE|- [--check] [--observe] [--confirm TIME] [--flush]",
	  "make the live policy equal to a file, all or nothing",
	  "A packet sees the old policy or the new one, never both, never none;\n"
	  "what both have keeps its counts.  --check lets the kernel verify the\n"
	  "policy and stops there.  --observe counts what would be dropped and\n"
	  "drops nothing.  --confirm goes back by itself after TIME, unless weir\n"
	  "confirm comes first.  Targets that were added by hand stay if they\n"
	  "have an end, unless --flush.  What would cut your own connection is\n"
	  "refused, unless --confirm or --force.\n",
	  cmd_apply },
	{ "confirm", "", "keep the policy that was applied with --confirm",
	  "Without it the generation before comes back at its time, also if\n"
	  "whoever applied it is logged out or killed.\n",
	  cmd_confirm },
	{ "undo", "", "return to the generation before",
	  "Targets that were added by hand since, or have an end, follow.  A\n"
	  "second undo undoes the first; a policy that was not confirmed is\n"
	  "removed for good.\n",
	  cmd_undo },
	{ "allow", "TARGET... [for TIME | until TIME]",
	  "let sources pass, whatever else says",
	  "A TARGET is an address, a prefix, a range 192.0.2.1-192.0.2.9, or a\n"
	  "file of those, one a line: @FILE [as NAME].  Allow beats deny; inside\n"
	  "a list the longest prefix that has not expired decides.  TIME is 30s,\n"
	  "10m, 2h, 1d, or with until 2026-11-22T14:03:00Z.\n",
	  cmd_allow },
	{ "deny", "TARGET... [for TIME | until TIME] [--force]",
	  "drop what comes from sources, or to ports",
	  "A TARGET is as with allow, or destination ports: tcp/23,\n"
	  "udp/1900-1910.  All targets are added, or none; of two ends the later\n"
	  "wins.  Neighbour discovery always passes.  What would cut your own\n"
	  "connection is refused without --force.\n",
	  cmd_deny },
	{ "guard", "NAME...", "checks that expressions cannot say",
	  "malformed, land, fragments, bogons, tagged, extension-headers: see\n"
	  "weir-policy(5).\n",
	  cmd_statement },
	{ "drop", "NAME EXPRESSION [--before NAME] [--confirm TIME] [--force]",
	  "drop what a tcpdump expression matches",
	  "A rule goes last, or --before another.  Rules are walked in order; drop,\n"
	  "pass and abort end the walk, count goes on, observe before any of them\n"
	  "only counts: weir observe drop NAME EXPRESSION.  --check compiles it and\n"
	  "lets the kernel verify it.\n",
	  cmd_statement },
	{ "pass", "NAME EXPRESSION [OPTION]...", "let what matches pass",
	  "As with drop.\n", cmd_statement },
	{ "abort", "NAME EXPRESSION [OPTION]...",
	  "drop what matches, and fire xdp:xdp_exception", "As with drop.\n",
	  cmd_statement },
	{ "count", "NAME EXPRESSION [OPTION]...", "count what matches",
	  "As with drop.\n", cmd_statement },
	{ "limit",
	  "NAME RATE [burst N] [per KEY] [ban TIME] [EXPRESSION]",
	  "drop what exceeds a rate",
	  "Options are as with drop; see weir-policy(5).\n",
	  cmd_statement },
	{ "challenge", "NAME [always] EXPRESSION [OPTION]...",
	  "answer SYNs with cookies from the driver",
	  "As with drop; see weir-policy(5).\n", cmd_statement },
	{ "observe", "RULE [OPTION]...", "count what a rule would do",
	  "RULE is a whole statement: observe drop NAME EXPRESSION.\n",
	  cmd_statement },
	{ "default", "pass|drop", "what becomes of packets that nothing settles",
	  "", cmd_statement },
	{ "remove", "allow|deny TARGET... | guard NAME... | RULE... [--force]",
	  "take away targets, guards or rules",
	  "An address that a listed prefix merely covers is refused by that\n"
	  "prefix's name.  What would cut your own connection is refused\n"
	  "without --force.\n",
	  cmd_remove },
	{ "pause", "[TIME]", "let everything pass for a while, and count on",
	  "What would have been dropped is counted as paused.  Filtering comes\n"
	  "back by itself after TIME, or with weir resume.\n",
	  cmd_pause },
	{ "resume", "", "end a pause", "", cmd_resume },
	{ "lookup", "ADDRESS | --packet CAPTURE",
	  "is it blocked, by what, since when, how often",
	  "With --packet: what becomes of each packet of a capture, and by which\n"
	  "entry or rule; pcap or pcapng, Ethernet, at most 1,000 packets.  Nothing\n"
	  "of it is counted.\n",
	  cmd_lookup },
	{ "show", "[--expand]", "the live policy, in the policy language",
	  "Files of targets are shown as they were named, or with --expand by what\n"
	  "they hold.\n",
	  cmd_show },
	{ "stats", "[--watch [SECONDS] | --prometheus]",
	  "packets and bytes, with rates over one second",
	  "Every packet is counted once, under one reason.  Bytes are those "
	  "of\n"
	  "the frame as the driver delivered it.  --watch goes on, every 2\n"
	  "seconds or as often as it is told (0.1 to 3600), until Ctrl-C, "
	  "also\n"
	  "across policies and instances.  --prometheus prints the exposition\n"
	  "format, for a textfile collector.  --json does not wait; with "
	  "--watch\n"
	  "it prints an object a line.\n",
	  cmd_stats },
	{ "lab",
	  "up|down|status|exec|enter|ping|flood|load|stats|tcpdump [NAME] ...",
	  "two namespaces and a veth pair to practise on",
	  "up [NAME] [--vlan ID]...         make the lab, 'default' if "
	  "unnamed\n"
	  "down [NAME] | --all              take it down, with all that is in "
	  "it\n"
	  "status [NAME]                    labs, addresses, what filters\n"
	  "load [NAME] [OPTION]...          weir attach server0\n"
	  "stats [NAME] [OPTION]...         weir stats of the lab's instance\n"
	  "exec [NAME] [--in attacker|server] COMMAND...\n"
	  "                                 on the server, unless told "
	  "otherwise\n"
	  "enter [NAME] [--in SIDE]         the same with a shell\n"
	  "ping [NAME] [--ipv6] [OPTION]... the server, from the attacker\n"
	  "tcpdump [NAME] [--in SIDE] [ARGUMENT]...\n"
	  "flood [NAME] KIND [--pps N] [--for TIME] [--sources PREFIX]\n"
	  "      [--good N/s] [--ipv6] [--port N] [--size BYTES] [--vlan ID]\n"
	  "                                 KIND is udp, syn, ack, rst, icmp, "
	  "ntp,\n"
	  "                                 dns, memcached or fragments\n"
	  "\n"
	  "attacker0 (192.0.2.1, 2001:db8::1) and server0 (192.0.2.2,\n"
	  "2001:db8::2) live in namespaces of their own, and nothing leads "
	  "out.\n"
	  "A flood lasts ten seconds, or --for at most 10m, from addresses "
	  "that\n"
	  "documentation reserves.  Inside, weir's instance is lab-NAME.\n",
	  cmd_lab },
	{ "help", "[COMMAND]", "this list, or more on one command", "",
	  cmd_help },
	{ "version", "", "the version of this program", "", cmd_version },
	{ 0 },
};

const struct command *command_find(const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

static int command_run(const struct invocation *in, int argc, char **argv)
{
	const struct command *command = command_find(argv[0]);

	if (!command)
		return fail(EUSAGE,
			    "unknown command '%s'; weir help lists them",
			    argv[0]);
	return command->run(in, argc, argv);
}

/* What follows may be another command's: "lab exec COMMAND --json". */
static bool owns_its_words(const char *name)
{
	return !strcmp(name, "lab");
}

/*
 * What is opened later must not be taken for one of the three that the caller
 * has closed, whose use is to fail as before.
 */
static void standard_fds_hold(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd ? O_RDONLY : O_WRONLY) != fd)
			_exit(1);
}

int main(int argc, char **argv)
{
	bool json = false, help = false, version = false;
	const char *instance = getenv("WEIR_INSTANCE");
	const struct option global[] = { { "--instance", NULL, &instance },
					 { "--json", &json, NULL },
					 { "--help", &help, NULL },
					 { "--version", &version, NULL },
					 { 0 } };
	struct invocation in;
	int err;

	standard_fds_hold();
	argc = options_take(global, OPTIONS_LEADING, argc, argv);
	if (argc > 1 && !owns_its_words(argv[1]))
		argc = options_take(global, OPTIONS_KEEP_OTHERS, argc, argv);
	if (argc < 0)
		return error_exit_code(argc);
	in.instance = instance && *instance ? instance : "default";
	in.show = json ? &show_json : &show_text;
	signal(SIGPIPE, SIG_IGN);
	if (version)
		err = cmd_version(&in, 1, argv);
	else if (help || argc < 2)
		err = cmd_help(&in, argc < 2 ? argc : 2, argv);
	else
		err = command_run(&in, argc - 1, argv + 1);
	if (fflush(stdout) || ferror(stdout))
		err = fail(errno, "cannot write: %s", error_text(errno));
	return error_exit_code(err);
}
