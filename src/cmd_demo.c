/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * meshtop demo and meshtop open: a mesh directory with engine and platform,
 * behind the console or headless; and the two processes themselves.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proxy/engine_main.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/xalloc.h"
#include "src/commands.h"
#include "src/mesh/mesh.h"
#include "src/model/problem.h"
#include "src/model/snapshot.h"
#include "src/platform/platform.h"
#include "src/platform/seed.h"
#include "src/session.h"
#include "src/supervisor.h"
#include "src/target.h"
#include "src/tour.h"
#include "tui/console/console.h"

#define CHECK_MS 500

const struct cli_option cmd_demo_options[] = {
	{ "pace", 0, "X", "divides the portals' pauses (1 = 0.27 requests/s each)" },
	{ "headless", 0, NULL, "no screen: JSON lines on stdout until SIGINT or SIGTERM" },
	{ "mesh", 0, "DIR", "the directory (default: below XDG_STATE_HOME)" },
	{ "reset", 0, NULL, "back to the beginning; only a directory that the demo made" },
	{ "tour", 0, NULL, "a guided tour of seven scenarios on a demo of its own" },
	{ NULL, 0, NULL, NULL },
};

const struct cli_option cmd_open_options[] = {
	{ "headless", 0, NULL, "no screen: JSON lines on stdout until SIGINT or SIGTERM" },
	{ NULL, 0, NULL, NULL },
};

/* One JSON object on a line of its own. */
static void
print_event(struct buf *line)
{
	buf_putc(line, '\n');
	fwrite(buf_str(line), 1, line->len, stdout);
	fflush(stdout);
	buf_fini(line);
}

static void
put_services(struct json_writer *w, const struct mesh *m)
{
	json_open(w, "services", '{');
	for (size_t i = 0; i < m->service_count; i++) {
		const struct mesh_service *s = m->services[i];
		char address[ADDRESS_TEXT_BYTES];
		char *name;

		if (s->port_count == 0 || s->ports[0].listen_count == 0)
			continue;
		name = xasprintf("%s.%s", s->name, s->ns);
		address_host_text(&s->ports[0].listen[0], address);
		json_string(w, name, address);
		free(name);
	}
	json_close(w, '}');
}

static int
print_ready(const char *dir, struct error *err)
{
	struct target t = { .kind = TARGET_DIRECTORY, .dir = realpath(dir, NULL) };
	struct problems problems = PROBLEMS_INIT;
	struct snapshot *s = NULL;
	struct buf line = BUF_INIT;
	struct json_writer w;
	struct mesh *m;
	char *admin;

	if (target_load(&t, &s, &problems, err) < 0) {
		target_fini(&t);
		problems_fini(&problems);
		return -1;
	}
	m = target_compile(&t, s, NULL);
	admin = xasprintf("%s/.meshtop/admin.sock", t.dir);
	json_begin(&w, &line, false);
	json_open(&w, NULL, '{');
	json_string(&w, "event", "ready");
	json_string(&w, "mesh", t.dir);
	json_string(&w, "admin", admin);
	put_services(&w, m);
	json_close(&w, '}');
	print_event(&line);
	for (size_t i = 0; i < problems.rows.len; i++) {
		const struct problem *p = &problems.rows.items[i];

		json_begin(&w, &line, false);
		json_open(&w, NULL, '{');
		json_string(&w, "event", "problem");
		json_string(&w, "severity", severity_name(p->severity));
		json_string(&w, "file", p->file);
		json_uint(&w, "line", p->line);
		json_uint(&w, "column", p->col);
		json_string(&w, "code", p->code);
		json_string(&w, "message", p->message);
		json_close(&w, '}');
		print_event(&line);
	}
	free(admin);
	mesh_put(&m);
	snapshot_put(&s);
	problems_fini(&problems);
	target_fini(&t);
	return 0;
}

static void
print_notice(const char *event, const char *text)
{
	struct buf line = BUF_INIT;
	struct json_writer w;

	json_begin(&w, &line, false);
	json_open(&w, NULL, '{');
	json_string(&w, "event", event);
	if (text != NULL)
		json_string(&w, "message", text);
	json_close(&w, '}');
	print_event(&line);
}

/* Until a signal says stop. */
static int
run_headless(const char *dir, struct supervisor *s)
{
	struct error err = ERROR_INIT;
	struct pollfd p = { .events = POLLIN };
	static const char *const events[] = {
		[SUPERVISOR_RESTARTED] = "restarted", [SUPERVISOR_GAVE_UP] = "ended",
	};
	struct buf notice = BUF_INIT;
	enum supervisor_news news;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	p.fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (p.fd < 0) {
		error_errnof(&err, "signalfd");
		return cli_fail(&err);
	}
	if (print_ready(dir, &err) < 0) {
		close(p.fd);
		return cli_fail(&err);
	}
	while (poll(&p, 1, CHECK_MS) <= 0) {
		buf_clear(&notice);
		news = supervisor_check(s, &notice);
		if (news != SUPERVISOR_NOTHING)
			print_notice(events[news], buf_str(&notice));
	}
	print_notice("stopping", NULL);
	close(p.fd);
	buf_fini(&notice);
	return EXIT_YES;
}

static int
run_console(const char *dir, const struct console_look *look, struct supervisor *supervisor)
{
	struct session session = { dir, supervisor };
	const struct console_options options = {
		.mesh_dir = dir,
		.owns_engine = supervisor_owns(supervisor),
		.supervisor = session_hooks(&session),
		.look = *look,
	};

	return console_main(&options);
}

/* Before anything is made, removed or started. */
static int
check_console(const struct cli *c, struct console_look *look, struct error *err)
{
	if (cli_look(c, look, err) < 0)
		return -1;
	if (cli_has(c, "headless") || (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)))
		return 0;
	return error_setf(err, ERROR_USAGE,
			  "the console needs a terminal; --headless runs without one");
}

static int
run(const struct cli *c, const char *dir, double pace, const struct console_look *look)
{
	const struct supervisor_options options = { .pace = pace };
	struct error err = ERROR_INIT;
	struct supervisor *s;
	int status;

	s = supervisor_open(dir, &options, &err);
	if (s == NULL)
		return cli_fail(&err);
	status = cli_has(c, "headless") ? run_headless(dir, s) : run_console(dir, look, s);
	supervisor_close(&s);
	return status;
}

static int
run_tour(const struct cli *c, const char *mesh)
{
	struct console_look look;
	struct error err = ERROR_INIT;
	int status = -1;

	if (cli_has(c, "headless") || cli_has(c, "pace"))
		error_setf(&err, ERROR_USAGE, "--tour has a screen and a pace of its own");
	else if (check_console(c, &look, &err) == 0 &&
		 (mesh == NULL || seed_demo(mesh, cli_has(c, "reset"), &err) == 0))
		status = tour_run(mesh, &look, &err);
	return status < 0 ? cli_fail(&err) : status;
}

int
cmd_demo(struct cli *c)
{
	const char *pace_word = cli_value(c, "pace"), *mesh = cli_value(c, "mesh");
	struct console_look look;
	struct error err = ERROR_INIT;
	char *dir, *end;
	double pace = 1;
	int status;

	if (pace_word != NULL) {
		pace = strtod(pace_word, &end);
		if (end == pace_word || *end != '\0' || !(pace > 0) || pace > 10000) {
			error_setf(&err, ERROR_USAGE, "--pace %s: must be a number above 0, at most 10000",
				   pace_word);
			return cli_fail(&err);
		}
	}
	if (cli_has(c, "tour"))
		return run_tour(c, mesh);
	dir = mesh != NULL ? xstrdup(mesh) : target_demo_dir();
	if (check_console(c, &look, &err) < 0 ||
	    seed_demo(dir, cli_has(c, "reset"), &err) < 0)
		status = cli_fail(&err);
	else
		status = run(c, dir, pace, &look);
	free(dir);
	return status;
}

int
cmd_open(struct cli *c)
{
	const char *dir = cli_operand(c, 0);
	struct console_look look;
	struct error err = ERROR_INIT;
	struct stat st;

	if (stat(dir, &st) < 0) {
		error_errnof(&err, "%s", dir);
		return cli_fail(&err);
	}
	if (!S_ISDIR(st.st_mode)) {
		error_setf(&err, ERROR_USAGE, "%s: not a directory", dir);
		return cli_fail(&err);
	}
	if (check_console(c, &look, &err) < 0)
		return cli_fail(&err);
	return run(c, dir, 1, &look);
}

int
cmd_engine(struct cli *c)
{
	log_set_program("meshtop-proxy");
	/* argv[0] is the subcommand's word. */
	return engine_main(c->argc + 1, c->argv - 1);
}

int
cmd_platform(struct cli *c)
{
	return platform_main(c->argc + 1, c->argv - 1);
}
