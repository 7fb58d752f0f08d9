/* SPDX-License-Identifier: GPL-3.0-or-later */
/* meshtop-proxy as a program: options, signals, the parent's pipe. */
#include "proxy/engine_main.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "config.h"
#include "proxy/engine.h"
#include "proxy/telemetry/access_log.h"
#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/leash.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"

#define PROGRAM "meshtop-proxy"
#define MAX_WORKERS 64
#define DRAIN_MS 10000		/* after SIGTERM */
#define PARENT_DRAIN_MS 1000	/* after the parent went away */

struct program {
	struct engine *engine;
	struct watch signals;
	struct leash *leash;
};

struct arguments {
	struct engine_options engine;
	int parent_fd;		/* -1: none */
};

enum { USAGE_OK = -1 };

static int
usage_error(const char *before, const char *word, const char *after)
{
	struct error err = ERROR_INIT;

	error_setf(&err, ERROR_USAGE, "%s%s%s", before, word, after);
	log_error(&err);
	return 2;
}

static void
print_help(void)
{
	fputs("Usage: " PROGRAM " DIR [--admin ADDR:PORT] [--access-log FILE|-]\n"
	      "                     [--access-log-encoding TEXT|JSON] [--workers N] [--seed N]\n"
	      "Serves the mesh directory DIR until SIGTERM; prints `ready' once it serves.\n"
	      "See " PROGRAM "(1), meshtop(1).\n", stdout);
}

static bool
to_number(const char *text, uint64_t max, uint64_t *out)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0' && *out <= max;
}

enum { OPT_ADMIN = 256, OPT_LOG, OPT_ENCODING, OPT_WORKERS, OPT_SEED, OPT_PARENT, OPT_HELP,
       OPT_VERSION };

static const struct option options[] = {
	{ "admin", required_argument, NULL, OPT_ADMIN },
	{ "access-log", required_argument, NULL, OPT_LOG },
	{ "access-log-encoding", required_argument, NULL, OPT_ENCODING },
	{ "workers", required_argument, NULL, OPT_WORKERS },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "parent-fd", required_argument, NULL, OPT_PARENT },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

/* USAGE_OK, or the exit status. */
static int
take_option(struct arguments *a, int option, const char *word)
{
	uint64_t n;

	switch (option) {
	case OPT_ADMIN:
		a->engine.admin = optarg;
		return USAGE_OK;
	case OPT_LOG:
		a->engine.access_log = optarg;
		return USAGE_OK;
	case OPT_ENCODING:
		if (strcmp(optarg, "TEXT") != 0 && strcmp(optarg, "JSON") != 0)
			return usage_error("--access-log-encoding is TEXT or JSON, not ", optarg, "");
		a->engine.access_log_json = strcmp(optarg, "JSON") == 0;
		return USAGE_OK;
	case OPT_WORKERS:
		if (!to_number(optarg, MAX_WORKERS, &n) || n == 0)
			return usage_error("--workers is a number from 1 to 64, not ", optarg, "");
		a->engine.workers = (unsigned)n;
		return USAGE_OK;
	case OPT_SEED:
		if (!to_number(optarg, UINT64_MAX, &a->engine.seed))
			return usage_error("--seed is a number, not ", optarg, "");
		a->engine.has_seed = true;
		return USAGE_OK;
	case OPT_PARENT:
		if (!to_number(optarg, 1u << 20, &n))
			return usage_error("--parent-fd is a descriptor, not ", optarg, "");
		a->parent_fd = (int)n;
		return USAGE_OK;
	case OPT_HELP:
		print_help();
		return 0;
	case OPT_VERSION:
		puts(PROGRAM " " PACKAGE_VERSION);
		return 0;
	case ':':
		return usage_error("", word, " needs a value");
	default:
		return usage_error("unknown option ", word, "");
	}
}

static int
parse_arguments(struct arguments *a, int argc, char **argv)
{
	int option, status;

	*a = (struct arguments){ .parent_fd = -1 };
	a->engine.access_log_json = -1;
	a->engine.workers = 1;
	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		status = take_option(a, option, argv[optind - 1]);
		if (status != USAGE_OK)
			return status;
	}
	if (optind == argc)
		return usage_error("a mesh directory is missing; see ", PROGRAM, " --help");
	if (optind + 1 < argc)
		return usage_error("one mesh directory, please; ", argv[optind + 1], " is too much");
	a->engine.dir = argv[optind];
	return USAGE_OK;
}

static void
on_signal(struct watch *w, unsigned events)
{
	struct program *p = CONTAINER_OF(w, struct program, signals);
	struct signalfd_siginfo info;

	(void)events;
	if (read(w->fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	if (engine_is_draining(p->engine))
		engine_stop(p->engine);
	else
		engine_drain(p->engine, DRAIN_MS);
}

static void
on_parent_gone(void *arg)
{
	struct program *p = arg;

	engine_drain(p->engine, PARENT_DRAIN_MS);
}

/* Before any thread begins, so that none of them is hit. */
static void
block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	sigprocmask(SIG_BLOCK, set, NULL);
}

static int
watch_signals(struct program *p, const sigset_t *set, struct error *err)
{
	int fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);

	if (fd < 0)
		return error_errnof(err, "signals");
	return loop_watch_level(engine_loop(p->engine), &p->signals, fd, on_signal, err);
}

static int
watch_parent(struct program *p, int fd, struct error *err)
{
	char *attached;

	if (fd < 0)
		return 0;
	attached = xasprintf("%s/attached", engine_state_path(p->engine));
	p->leash = leash_new(engine_loop(p->engine), fd, attached, on_parent_gone, p, err);
	free(attached);
	return p->leash != NULL ? 0 : -1;
}

static void
raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* A log that was asked for on the command line and cannot be had is no usage;
 * a console's engine serves without.  It stays open until the engine has its
 * own, or the reader of a FIFO would see the end of it. */
static int
try_log(const struct arguments *a, struct access_log **log, struct error *err)
{
	if (a->engine.access_log == NULL || a->parent_fd >= 0)
		return 0;
	*log = access_log_open(a->engine.access_log, false, "", err);
	return err->code == ERROR_NONE ? 0 : -1;
}

static int
serve(const struct arguments *a)
{
	struct program p = { .engine = NULL };
	struct access_log *log = NULL;
	struct error err = ERROR_INIT;
	sigset_t signals;
	int status = 0;

	block_signals(&signals);
	if (try_log(a, &log, &err) == 0)
		p.engine = engine_open(&a->engine, &err);
	access_log_close(&log);
	if (p.engine == NULL || watch_signals(&p, &signals, &err) < 0 ||
	    watch_parent(&p, a->parent_fd, &err) < 0) {
		log_error(&err);
		status = error_exit_status(&err);
	} else {
		puts("ready");
		fflush(stdout);
		engine_run(p.engine);
		leash_free(&p.leash);
		loop_close(&p.signals);
	}
	engine_close(&p.engine);
	return status;
}

int
engine_main(int argc, char **argv)
{
	struct arguments a;
	int status;

	log_set_program(PROGRAM);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	status = parse_arguments(&a, argc, argv);
	if (status != USAGE_OK)
		return status;
	raise_descriptor_limit();
	return serve(&a);
}
