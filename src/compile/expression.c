// SPDX-License-Identifier: GPL-2.0-only
/*
 * libpcap's compiler cannot be interrupted and takes half a minute for some
 * texts of a few lines, so it runs in a child, against a clock, and hands the
 * programs back through a pipe.  One child does for all texts, unless one text
 * kills it: then the next child goes on behind that text.
 */
#include <ctype.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/ether.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "compile/expression.h"

#define SNAPLEN		262144
#define SECONDS		5	/* of CPU time for one text */
#define MOST_KILLED	4	/* texts that took too long, of one call */

_Static_assert(sizeof(struct bpf_insn) == sizeof(struct cbpf_insn),
	       "classic BPF is not what it was");

/* What the child says of a text; its instructions follow. */
struct answer {
	__u32 count;
	char why[EXPRESSION_WHY];
};

/* Set while a child compiles: the name that was not looked up, or "". */
static char name_asked[64];
static bool compiling;

static void name_keep(const char *name)
{
	if (!name_asked[0])
		snprintf(name_asked, sizeof(name_asked), "%s", name);
}

/*
 * libpcap asks these for every word it does not know, which would mean packets
 * on the wire while a policy is loaded and a policy that means something else
 * tomorrow.  A program's own definitions come before libc's.
 */
int getaddrinfo(const char *node, const char *service,
		const struct addrinfo *hints, struct addrinfo **result)
{
	int (*ask)(const char *, const char *, const struct addrinfo *,
		   struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
	struct addrinfo numeric = hints ? *hints : (struct addrinfo){ 0 };
	int err;

	if (!ask)
		return EAI_FAIL;
	if (!compiling || !node)
		return ask(node, service, hints, result);
	numeric.ai_flags |= AI_NUMERICHOST;
	err = ask(node, service, &numeric, result);
	if (err)
		name_keep(node);
	return err;
}

int getnetbyname_r(const char *name, struct netent *net, char *room,
		   size_t size, struct netent **result, int *error)
{
	int (*ask)(const char *, struct netent *, char *, size_t,
		   struct netent **, int *) =
		dlsym(RTLD_NEXT, "getnetbyname_r");

	if (!compiling && ask)
		return ask(name, net, room, size, result, error);
	name_keep(name);
	*result = NULL;
	*error = HOST_NOT_FOUND;
	return ENOENT;
}

int ether_hostton(const char *name, struct ether_addr *address)
{
	int (*ask)(const char *, struct ether_addr *) =
		dlsym(RTLD_NEXT, "ether_hostton");

	if (!compiling && ask)
		return ask(name, address);
	name_keep(name);
	return -1;
}

/* Words that libpcap takes and a packet in the driver cannot answer. */
static const struct {
	const char *word, *why;
} refused_words[] = {
	{ "inbound", "every packet here comes in; leave it out" },
	{ "outbound", "no packet that goes out is seen here" },
	{ "ifindex", "a policy is every interface's; use an instance for each" },
	{ "protochain", "it is a loop; name the header, as in 'ip6[6] == 44', "
			"or 'guard extension-headers'" },
};

/* The first word of the text that is one of those, or NULL. */
static const char *refused_word(const char *text, const char **why)
{
	static const char of_word[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.:\\";
	size_t len;

	for (; *(text += strcspn(text, of_word)); text += len) {
		len = strspn(text, of_word);
		for (size_t i = 0;
		     i < sizeof(refused_words) / sizeof(refused_words[0]); i++) {
			const char *word = refused_words[i].word;

			if (len != strlen(word) || strncmp(text, word, len))
				continue;
			*why = refused_words[i].why;
			return word;
		}
	}
	return NULL;
}

static void say_error(pcap_t *pcap, struct answer *answer)
{
	const char *error = pcap_geterr(pcap);

	if (name_asked[0])
		snprintf(answer->why, sizeof(answer->why),
			 "'%s' is a name, and names are not looked up; write "
			 "its address", name_asked);
	else if (strstr(error, "rejects all packets"))
		snprintf(answer->why, sizeof(answer->why),
			 "no packet can match");
	else if (strstr(error, "syntax error"))
		snprintf(answer->why, sizeof(answer->why),
			 "not an expression of pcap-filter(7): %s", error);
	else
		snprintf(answer->why, sizeof(answer->why), "%s", error);
}

/* Returns the program to send, which the caller frees, or says why not. */
static void text_compile(pcap_t *pcap, const char *text, bool optimize,
			 struct answer *answer, struct bpf_program *program)
{
	const char *word, *why;

	if (!text[strspn(text, " \t")]) {
		snprintf(answer->why, sizeof(answer->why),
			 "an expression is missing");
		return;
	}
	if (strlen(text) > EXPRESSION_MAX) {
		snprintf(answer->why, sizeof(answer->why),
			 "longer than %d bytes; put the addresses on a list",
			 EXPRESSION_MAX);
		return;
	}
	word = refused_word(text, &why);
	if (word) {
		snprintf(answer->why, sizeof(answer->why), "'%s': %s", word,
			 why);
		return;
	}
	name_asked[0] = '\0';
	if (pcap_compile(pcap, program, text, optimize,
			 PCAP_NETMASK_UNKNOWN)) {
		say_error(pcap, answer);
		return;
	}
	answer->count = program->bf_len;
	if (program->bf_len <= CLASSIC_MAX)
		return;
	answer->count = 0;
	snprintf(answer->why, sizeof(answer->why),
		 "compiles to %u instructions, and %d is the most; put the "
		 "addresses on a list", program->bf_len, CLASSIC_MAX);
}

static bool write_all(int fd, const void *data, size_t size)
{
	ssize_t n;

	for (; size; data = (const char *)data + n, size -= n) {
		n = write(fd, data, size);
		if (n <= 0)
			return false;
	}
	return true;
}

static void clock_start(void)
{
	const struct itimerval limit = { .it_value.tv_sec = SECONDS };

	setitimer(ITIMER_VIRTUAL, &limit, NULL);
	alarm(4 * SECONDS);	/* should it wait for something */
}

static _Noreturn void child_run(const struct expression *expressions,
				size_t count, bool optimize, int out)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, SNAPLEN);
	sigset_t none;

	sigemptyset(&none);
	signal(SIGVTALRM, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	compiling = true;
	for (size_t i = 0; pcap && i < count; i++) {
		struct bpf_program program = { 0 };
		struct answer answer = { 0 };

		clock_start();
		text_compile(pcap, expressions[i].text, optimize, &answer,
			     &program);
		if (!write_all(out, &answer, sizeof(answer)) ||
		    !write_all(out, program.bf_insns,
			       answer.count * sizeof(struct cbpf_insn)))
			_exit(1);
		pcap_freecode(&program);
	}
	_exit(!pcap);
}

/* Returns false where the child said no more. */
static bool answer_read(FILE *in, struct expression *expression)
{
	struct answer answer;

	if (fread(&answer, sizeof(answer), 1, in) != 1 ||
	    answer.count > CLASSIC_MAX)
		return false;
	memcpy(expression->why, answer.why, sizeof(expression->why));
	if (!answer.count)
		return true;
	expression->program.insns =
		calloc(answer.count, sizeof(struct cbpf_insn));
	if (!expression->program.insns)
		return false;
	expression->program.count = answer.count;
	return fread(expression->program.insns, sizeof(struct cbpf_insn),
		     answer.count, in) == answer.count;
}

static void say_killed(struct expression *expression, int status)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (sig == SIGVTALRM || sig == SIGALRM)
		snprintf(expression->why, sizeof(expression->why),
			 "takes longer than %d s to compile; put the addresses "
			 "on a list", SECONDS);
	else
		snprintf(expression->why, sizeof(expression->why),
			 "libpcap broke down over it (signal %d)", sig);
	free(expression->program.insns);
	expression->program = (struct cbpf){ 0 };
}

/*
 * Compile from the first text on.  Returns how many the child got through, the
 * one that killed it included, or -errno after a line on stderr.
 */
static ssize_t child_compile(struct expression *expressions, size_t count,
			     bool optimize, bool *killed)
{
	_file_ FILE *in = NULL;
	int ends[2], status = 0;
	size_t done = 0;
	pid_t child;

	if (pipe(ends))
		return fail(errno, "cannot make a pipe: %s", error_text(errno));
	fflush(NULL);
	child = fork();
	if (!child)
		child_run(expressions, count, optimize, ends[1]);
	close(ends[1]);
	in = fdopen(ends[0], "r");
	while (child > 0 && in && done < count &&
	       answer_read(in, &expressions[done]))
		done++;
	if (child < 0 || !in)
		return fail(errno, "cannot start libpcap's compiler: %s",
			    error_text(errno));
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	*killed = done < count;
	if (*killed)
		say_killed(&expressions[done++], status);
	return done;
}

int expressions_compile(struct expression *expressions, size_t count,
			bool optimize)
{
	int kills = 0, err = 0;
	bool killed = false;
	ssize_t n;

	for (size_t i = 0; i < count; i++) {
		expressions[i].program = (struct cbpf){ 0 };
		expressions[i].why[0] = '\0';
	}
	for (size_t i = 0; i < count && kills < MOST_KILLED; i += n) {
		n = child_compile(expressions + i, count - i, optimize,
				  &killed);
		if (n < 0)
			return n;
		kills += killed;
	}
	for (size_t i = 0; i < count; i++) {
		struct expression *e = &expressions[i];

		if (!e->program.insns && !e->why[0])
			snprintf(e->why, sizeof(e->why), "not compiled: "
				 "expressions before it took too long");
		if (!e->program.insns)
			err = -EINVAL;
	}
	return err;
}

void expressions_free(struct expression *expressions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(expressions[i].program.insns);
		expressions[i].program = (struct cbpf){ 0 };
	}
}
