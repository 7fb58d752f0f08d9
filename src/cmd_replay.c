/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * meshtop replay: plays tapes into the console's input door, on the screen or
 * headless, each on its target or on a fresh demo of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/log.h"
#include "src/base/text.h"
#include "src/base/vec.h"
#include "src/commands.h"
#include "src/session.h"
#include "src/supervisor.h"
#include "src/tape/asciicast.h"
#include "src/tape/player.h"
#include "src/tape/tape.h"
#include "src/target.h"
#include "tui/console/console.h"

const struct cli_option cmd_replay_options[] = {
	{ "headless", 0, NULL, "without a screen" },
	{ "speed", 0, "N", "of typing, captions and sleeps; max: as fast as can be (1)" },
	{ "data", 0, "FILE.data", "walk through a recorded session again, with or without a tape" },
	{ "cast", 0, "FILE.cast", "record what the screen showed (asciicast v2)" },
	{ "junit", 0, "FILE.xml", "results for other programs" },
	{ "update", 0, NULL, "write the files of Golden instead of comparing" },
	{ "allow-apply", 0, NULL, "a tape may change a cluster" },
	{ NULL, 0, NULL, NULL },
};

struct replay;

/* One tape being played. */
struct play {
	const struct tape *tape;
	struct player_options options;
	struct player *player;
	struct player_host host;
	struct cast *cast;
	uint64_t begun_ns;
	struct buf shown;		/* last frame in the cast */
	struct buf failure;
	bool is_hidden, is_started;
	struct session session;
	const struct replay *replay;
};

struct replay {
	struct player_options options;
	bool is_headless;
	const char *cast, *junit, *data;
	struct console_look look;
	struct target target;
	bool has_target;
	VEC(struct tape *) tapes;
	struct buf report;		/* JUnit test cases */
	unsigned failed;
};

/* The screen as a terminal would be told: home, the lines, the rest cleared. */
static void
cast_frame(struct play *p, uint64_t now_ns)
{
	struct buf text = BUF_INIT, bytes = BUF_INIT;

	if (p->cast == NULL || p->is_hidden)
		return;
	if (p->host.frame != NULL) {
		p->host.frame(p->host.arg, &bytes);
		if (bytes.len > 0)
			cast_output(p->cast, now_ns - p->begun_ns, bytes.data, bytes.len);
		buf_fini(&bytes);
		return;
	}
	p->host.screen(p->host.arg, &text);
	if (strcmp(buf_str(&text), buf_str(&p->shown)) != 0) {
		buf_puts(&bytes, "\033[H");
		for (const char *at = buf_str(&text); *at != '\0';) {
			size_t len = strcspn(at, "\n");

			buf_append(&bytes, at, len);
			buf_puts(&bytes, "\033[K");
			at += len;
			if (*at == '\n' && *++at != '\0')
				buf_puts(&bytes, "\r\n");
		}
		buf_puts(&bytes, "\033[J");
		cast_output(p->cast, now_ns - p->begun_ns, buf_str(&bytes), bytes.len);
		buf_fini(&p->shown);
		p->shown = text;
		text = BUF_INIT;
	}
	buf_fini(&text);
	buf_fini(&bytes);
}

static void
on_event(void *arg, enum player_event event, const char *text)
{
	struct play *p = arg;

	p->is_hidden = event == PLAYER_HIDE || (p->is_hidden && event != PLAYER_SHOW);
	if (event == PLAYER_MARK && p->cast != NULL)
		cast_mark(p->cast, clock_mono_ns(&clock_system) - p->begun_ns, text);
}

static int
on_start(void *arg, const struct player_host *host, struct error *err)
{
	struct play *p = arg;

	(void)err;
	p->host = *host;
	p->begun_ns = clock_mono_ns(&clock_system);
	p->options.on_event = on_event;
	p->options.event_arg = p;
	p->player = player_new(p->tape, host, &p->options);
	p->is_started = true;
	return 0;
}

static bool
on_step(void *arg, uint64_t now_ns, uint64_t *next_ns, int *status)
{
	struct play *p = arg;
	enum player_state state = player_step(p->player, now_ns, next_ns);

	cast_frame(p, clock_mono_ns(&clock_system));
	if (state == PLAYER_RUNNING)
		return true;
	player_failure(p->player, &p->failure);
	*status = state == PLAYER_PASSED ? EXIT_YES : EXIT_NO;
	return false;
}

/* A name for a file beside the tape, as Output names it. */
static char *
beside_tape(const struct tape *t, const char *file)
{
	const char *slash = strrchr(t->file, '/');

	if (file[0] == '/' || slash == NULL)
		return xstrdup(file);
	return xasprintf("%.*s/%s", (int)(slash - t->file), t->file, file);
}

/* --cast, else the tape's own Output. */
static int
open_cast(struct play *p, const struct replay *r, struct error *err)
{
	char *path = r->cast != NULL ? xstrdup(r->cast) : NULL;

	for (size_t i = 0; i < p->tape->outputs.len && path == NULL; i++) {
		const char *dot = strrchr(p->tape->outputs.items[i], '.');

		if (dot != NULL && strcmp(dot, ".cast") == 0)
			path = beside_tape(p->tape, p->tape->outputs.items[i]);
	}
	if (path == NULL)
		return 0;
	p->cast = cast_open(path, false, p->tape->cols, p->tape->rows, p->tape->file,
			    clock_wall_ms(&clock_system), err);
	free(path);
	return p->cast != NULL ? 0 : -1;
}

/* The command line's words, then the tape's. */
static struct console_look
look_of(const struct replay *r, const struct tape *t)
{
	struct console_look look = r->look;

	if (look.glyphs == NULL)
		look.glyphs = glyph_level_name(t->glyphs);
	return look;
}

static int
play_on(struct play *p, const struct replay *r, struct error *err)
{
	const struct supervisor_options options = { .pace = p->tape->pace };
	const struct console_options console = {
		.mesh_dir = p->session.dir,
		.owns_engine = true,
		.supervisor = session_hooks(&p->session),
		.script = { .arg = p, .start = on_start, .step = on_step },
		.is_headless = r->is_headless,
		.cols = p->tape->cols, .rows = p->tape->rows,
		.look = look_of(r, p->tape),
	};
	int status;

	if (open_cast(p, r, err) < 0)
		return -1;
	p->session.supervisor = supervisor_open(p->session.dir, &options, err);
	if (p->session.supervisor == NULL)
		return -1;
	status = console_main(&console);
	supervisor_close(&p->session.supervisor);
	if (cast_close(&p->cast, err) < 0)
		return -1;
	return status;
}

/* A recorded session needs no engine. */
static int
play_recorded(struct play *p, const struct replay *r, struct error *err)
{
	const struct console_options console = {
		.data = r->data, .speed = r->options.speed > 0 ? r->options.speed : 1,
		.script = { .arg = p, .start = on_start, .step = on_step },
		.is_headless = r->is_headless,
		.cols = p->tape->cols, .rows = p->tape->rows,
		.look = look_of(r, p->tape),
	};
	int status;

	if (open_cast(p, r, err) < 0)
		return -1;
	status = console_main(&console);
	return cast_close(&p->cast, err) < 0 ? -1 : status;
}

/* A recorded session without a tape: the person presses the keys. */
static int
walk_recorded(const struct replay *r)
{
	const struct console_options console = {
		.data = r->data, .speed = r->options.speed > 0 ? r->options.speed : 1,
		.look = r->look,
	};

	return console_main(&console);
}

static int
play_fresh(void *arg, const char *dir, struct error *err)
{
	struct play *p = arg;

	p->session.dir = dir;
	return play_on(p, p->replay, err);
}

/* TARGET of the command line, else the tape's own, else a fresh demo. */
static int
play_somewhere(struct play *p, const struct replay *r, struct error *err)
{
	const char *own = p->tape->target;
	char *dir;
	int status = -1;

	if (r->data != NULL)
		return play_recorded(p, r, err);
	if (r->has_target) {
		p->session.dir = r->target.dir;
		return play_on(p, r, err);
	}
	if (own == NULL || strcmp(own, "demo") == 0)
		return scratch_demo(play_fresh, p, err);
	if (strncmp(own, "context:", 8) == 0)
		return error_setf(err, ERROR_UNREACHABLE,
				  "%s: this version cannot work on a cluster yet", own);
	dir = beside_tape(p->tape, own);
	p->session.dir = dir;
	if (access(dir, F_OK) < 0)
		error_errnof(err, "%s", dir);
	else
		status = play_on(p, r, err);
	free(dir);
	return status;
}

static void
put_xml(struct buf *out, const char *text)
{
	struct buf clean = BUF_INIT;

	text_sanitize_lines(&clean, text, strlen(text));
	for (const char *c = buf_str(&clean); *c != '\0'; c++) {
		switch (*c) {
		case '<': buf_puts(out, "&lt;"); break;
		case '>': buf_puts(out, "&gt;"); break;
		case '&': buf_puts(out, "&amp;"); break;
		case '"': buf_puts(out, "&quot;"); break;
		default: buf_putc(out, *c);
		}
	}
	buf_fini(&clean);
}

static void
report(struct replay *r, const struct tape *t, double seconds, const char *failure)
{
	buf_puts(&r->report, "  <testcase classname=\"tape\" name=\"");
	put_xml(&r->report, t->file);
	buf_printf(&r->report, "\" time=\"%.3f\"", seconds);
	if (failure == NULL) {
		buf_puts(&r->report, "/>\n");
		return;
	}
	buf_puts(&r->report, ">\n    <failure>");
	put_xml(&r->report, failure);
	buf_puts(&r->report, "</failure>\n  </testcase>\n");
	r->failed++;
}

/* Exit status of this tape. */
static int
play_tape(struct replay *r, const struct tape *t)
{
	struct play p = { .tape = t, .options = r->options, .replay = r };
	uint64_t begin = clock_mono_ns(&clock_system);
	struct error err = ERROR_INIT;
	bool is_told = false;
	int status;

	for (size_t i = 0; i < t->notes.len && !r->is_headless; i++)
		log_printf("%s:%s", t->file, t->notes.items[i]);
	status = play_somewhere(&p, r, &err);
	if (status < 0) {
		status = cli_fail(&err);
		is_told = true;
		error_text(&p.failure, &err);
		buf_putc(&p.failure, '\n');
	} else if (status == 0 && player_end(p.player) == PLAYER_FAILED) {
		player_failure(p.player, &p.failure);
		status = EXIT_NO;
	} else if (status != 0 && p.failure.len == 0) {
		buf_printf(&p.failure, "%s: left before its end\n", t->file);
		status = EXIT_NO;
	}
	if (status != 0 && !is_told)
		fwrite(buf_str(&p.failure), 1, p.failure.len, stderr);
	report(r, t, (double)(clock_mono_ns(&clock_system) - begin) / 1e9,
	       status != 0 ? buf_str(&p.failure) : NULL);
	cast_close(&p.cast, NULL);
	player_free(&p.player);
	buf_fini(&p.shown);
	buf_fini(&p.failure);
	return status;
}

static int
write_junit(const struct replay *r, struct error *err)
{
	FILE *f = fopen(r->junit, "we");

	if (f == NULL)
		return error_errnof(err, "%s", r->junit);
	fprintf(f, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuite name=\"meshtop replay\" tests=\"%zu\" failures=\"%u\">\n%s</testsuite>\n",
		r->tapes.len, r->failed, buf_str(&r->report));
	if (ferror(f) != 0 || fclose(f) != 0)
		return error_errnof(err, "%s", r->junit);
	return 0;
}

static int
read_options(struct cli *c, struct replay *r, struct error *err)
{
	const char *speed = cli_value(c, "speed");
	bool named = cli_has(c, "mesh") || cli_has(c, "demo") || cli_has(c, "context");
	char *end;

	r->options.speed = 1;
	if (speed != NULL && strcmp(speed, "max") == 0) {
		r->options.speed = 0;
	} else if (speed != NULL) {
		r->options.speed = strtod(speed, &end);
		if (end == speed || *end != '\0' || !(r->options.speed > 0))
			return error_setf(err, ERROR_USAGE,
					  "--speed %s: must be a number above 0, or max", speed);
	}
	r->options.update_goldens = cli_has(c, "update");
	r->options.allow_write = true;	/* a directory may be changed, a cluster is refused above */
	r->is_headless = cli_has(c, "headless");
	r->cast = cli_value(c, "cast");
	r->junit = cli_value(c, "junit");
	r->data = cli_value(c, "data");
	if (c->operands.len == 0 && r->data == NULL)
		return error_setf(err, ERROR_USAGE, "replay: which tape? or --data FILE.data");
	if (c->operands.len == 0 && r->is_headless)
		return error_setf(err, ERROR_USAGE, "replay: --headless needs a tape");
	if (r->data != NULL && named)
		return error_setf(err, ERROR_USAGE, "replay: --data takes no other target");
	if (!r->is_headless && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
		return error_setf(err, ERROR_USAGE,
				  "a replay needs a terminal; --headless plays without one");
	if (r->cast != NULL && c->operands.len > 1)
		return error_setf(err, ERROR_USAGE, "--cast %s: holds one tape only", r->cast);
	if (cli_look(c, &r->look, err) < 0)
		return -1;
	if (!named)
		return 0;
	r->has_target = true;
	if (target_choose(&r->target, c, TARGET_DEMANDED, err) < 0)
		return -1;
	return target_store(&r->target, true, err) != NULL ? 0 : -1;
}

/* What Apply names is there before anything plays. */
static int
check_files(const struct tape *t, struct error *err)
{
	for (size_t i = 0; i < t->commands.len; i++) {
		const struct tape_command *c = &t->commands.items[i];
		char *path = c->op == TAPE_APPLY ? beside_tape(t, c->text) : NULL;
		int rc = path == NULL ? 0 : access(path, R_OK);

		if (rc < 0) {
			error_errnof(err, "%s", path);
			error_at(err, t->file, c->line, 1);
		}
		free(path);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* All tapes are read before the first one plays. */
static int
read_tapes(struct cli *c, struct replay *r, struct error *err)
{
	for (size_t i = 0; i < c->operands.len; i++) {
		struct tape *t = tape_read(c->operands.items[i], err);

		if (t == NULL)
			return -1;
		vec_push(&r->tapes, t);
		if (check_files(t, err) < 0)
			return -1;
	}
	return 0;
}

int
cmd_replay(struct cli *c)
{
	struct replay r = { .tapes = VEC_INIT };
	struct error err = ERROR_INIT;
	int status = EXIT_YES;

	if (read_options(c, &r, &err) < 0 || read_tapes(c, &r, &err) < 0) {
		status = cli_fail(&err);
	} else {
		if (r.tapes.len == 0)
			status = walk_recorded(&r);
		for (size_t i = 0; i < r.tapes.len; i++) {
			int one = play_tape(&r, r.tapes.items[i]);

			if (one > status)
				status = one;
		}
		if (r.junit != NULL && write_junit(&r, &err) < 0)
			status = cli_fail(&err);
	}
	for (size_t i = 0; i < r.tapes.len; i++)
		tape_free(&r.tapes.items[i]);
	vec_fini(&r.tapes);
	buf_fini(&r.report);
	target_fini(&r.target);
	return status;
}
