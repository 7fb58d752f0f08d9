/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Wires app, terminal, curses, keys and loop together.
 */
#include "tui/console.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/base/slim.h"
#include "src/base/xalloc.h"
#include "src/tape/player.h"
#include "src/topology/flow.h"
#include "tui/app.h"
#include "tui/canvas.h"
#include "tui/draw.h"
#include "tui/feed.h"
#include "tui/feed_data.h"
#include "tui/feed_mesh.h"
#include "tui/feed_none.h"
#include "tui/key.h"
#include "tui/model.h"
#include "tui/config.h"
#include "tui/console_priv.h"
#include "tui/screens/screens.h"
#include "tui/state_dir.h"
#include "tui/term.h"

#define SLIM_TICK 20		/* the start is over: let go of what only it needed */
#define TICK_NS NS_PER_S
#define POLL_NS (20 * NS_PER_MS)	/* work beside the console is asked */
#define ESCAPE_LOCAL_NS (25 * NS_PER_MS)
#define ESCAPE_REMOTE_NS (150 * NS_PER_MS)
#define COPY_MAX 65536u

void
console_quit(void *arg)
{
	struct console *c = arg;

	c->is_ending = true;
	loop_stop(c->loop);
}

static void
suspend(void *arg)
{
	struct console *c = arg;

	if (c->term != NULL)
		term_suspend(c->term);
}

static void
repaint(void *arg)
{
	struct console *c = arg;

	if (c->draw != NULL)
		draw_forget(c->draw);
	app_dirty(c->app);
	console_want_paint(c);
}

static void
choose(void *arg, const char *dir)
{
	struct console *c = arg;

	c->has_chosen = true;
	free(c->chosen);
	c->chosen = dir != NULL ? xstrdup(dir) : NULL;
	console_quit(c);
}

/* The editor has ended: the terminal is ours again. */
static void
on_editor_end(void *arg, int status)
{
	struct console *c = arg;

	if (c->term != NULL)
		term_take_back(c->term);
	app_edited(c->app, status);
}

static int
edit(void *arg, const char *path, struct error *err)
{
	struct console *c = arg;

	if (c->term != NULL)
		term_lend(c->term);
	if (editor_start(&c->editor, path, c->term != NULL, err) == 0)
		return 0;
	if (c->term != NULL)
		term_take_back(c->term);
	return -1;
}

static void
put_base64(struct buf *out, const unsigned char *s, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		unsigned v = (unsigned)s[i] << 16 | (i + 1 < len ? (unsigned)s[i + 1] << 8 : 0) |
			     (i + 2 < len ? s[i + 2] : 0u);

		buf_putc(out, digits[v >> 18]);
		buf_putc(out, digits[v >> 12 & 63]);
		buf_putc(out, i + 1 < len ? digits[v >> 6 & 63] : '=');
		buf_putc(out, i + 2 < len ? digits[v & 63] : '=');
	}
}

/* OSC 52, write only: the terminal on the operator's side takes it. */
static void
copy(void *arg, const char *text)
{
	struct console *c = arg;
	struct buf b = BUF_INIT;
	size_t len = strlen(text);

	if (c->term == NULL)
		return;
	buf_puts(&b, "\033]52;c;");
	put_base64(&b, (const unsigned char *)text, len < COPY_MAX ? len : COPY_MAX);
	buf_puts(&b, "\033\\");
	term_write(c->term, b.data, b.len);
	buf_fini(&b);
}

static void
put_status(void *arg, struct buf *out)
{
	struct console *c = arg;

	buf_printf(out, "%zu B/frame %llu frames", c->last_frame_bytes,
		   (unsigned long long)c->frames);
}

static void
end_script(struct console *c)
{
	loop_timer_cancel(&c->step);
	c->script.step = NULL;
	console_play_end(c);
	c->is_paused = false;
	c->status = 0;
}

/* The person's own input while a script plays that yields: it ends the script
 * and does nothing else. */
static bool
takes_over(struct console *c)
{
	if (!c->is_own_input || c->script.step == NULL || !c->script.is_yielding || c->is_paused)
		return false;
	app_caption(c->app, "");
	app_say(c->app, SEVERITY_INFO, c->macro.player != NULL ? "the macro has stopped" :
		"the tour has stopped: the console is yours; q leaves");
	end_script(c);
	return true;
}

static void
on_key(void *arg, uint32_t key)
{
	struct console *c = arg;

	if (takes_over(c))
		return;
	if (c->is_paused && key == K_F10) {
		c->is_paused = false;
		app_say(c->app, SEVERITY_INFO, "the tape goes on");
		return;
	}
	c->last_key = key;
	console_record_key(c, key);
	console_macro_key(c, key);
	app_key(c->app, key);
}

static void
on_paste(void *arg, const char *text, size_t len)
{
	struct console *c = arg;

	if (takes_over(c))
		return;
	console_record_paste(c, text, len);
	console_macro_paste(c, text, len);
	app_paste(c->app, text, len);
}

/* Tapes have no mouse: what it does would be missing in a recording. */
static void
on_mouse(void *arg, const struct mouse_press *press)
{
	struct console *c = arg;

	if (c->script.step != NULL)
		return;
	if (c->recording != NULL)
		app_say(c->app, SEVERITY_INFO, "the mouse rests while the session is recorded");
	else
		app_mouse(c->app, press);
}

static void
on_escape(struct timer *t)
{
	key_decoder_timeout(CONTAINER_OF(t, struct console, escape)->decoder);
}

static void
feed(struct console *c, const char *bytes, size_t len)
{
	key_decoder_feed(c->decoder, bytes, len);
	if (key_decoder_is_waiting(c->decoder))
		loop_timer_set(c->loop, &c->escape, loop_exact_ns(c->loop) + c->escape_ns, on_escape);
	else
		loop_timer_cancel(&c->escape);
}

void
console_feed_bytes(struct console *c, const char *bytes, size_t len)
{
	c->is_own_input = false;
	feed(c, bytes, len);
}

void
console_on_bytes(void *arg, const char *bytes, size_t len)
{
	struct console *c = arg;

	c->is_own_input = true;
	feed(c, bytes, len);
}

void
console_on_resize(void *arg)
{
	struct console *c = arg;
	unsigned cols, rows;

	term_size(c->term, &cols, &rows);
	draw_forget(c->draw);
	console_record_resize(c, cols, rows);
	app_resize(c->app, cols, rows);
	console_want_paint(c);
}

static void
on_wake(void *arg)
{
	struct console *c = arg;

	if (c->term != NULL)
		term_on_wake(c->term);
}

static void
console_tick(struct console *c)
{
	struct buf notice = BUF_INIT;

	if (c->supervisor.check != NULL) {
		c->supervisor.check(c->supervisor.arg, &notice);
		if (notice.len > 0)
			app_say(c->app, SEVERITY_WARNING, "%s", buf_str(&notice));
	}
	console_record_config(c);
	app_tick(c->app);
	buf_fini(&notice);
}

static void
on_poll(struct timer *t)
{
	app_poll(CONTAINER_OF(t, struct console, poll)->app);
}

static void
on_poll_soon(void *arg)
{
	struct console *c = arg;

	loop_timer_set(c->loop, &c->poll, loop_exact_ns(c->loop) + POLL_NS, on_poll);
}

static void
on_frame(struct timer *t)
{
	app_frame(CONTAINER_OF(t, struct console, frame)->app);
}

static void
on_frame_soon(void *arg)
{
	struct console *c = arg;

	loop_timer_set(c->loop, &c->frame, loop_exact_ns(c->loop) + FLOW_FRAME_MS * NS_PER_MS, on_frame);
}

static bool
on_record(void *arg, const char *path, struct buf *answer)
{
	struct console *c = arg;
	struct error err = ERROR_INIT;
	bool ends = path[0] == '\0' && c->recording != NULL;
	int status = ends ? console_record_end(c, true, &err) :
		     path[0] == '\0' ? error_setf(&err, ERROR_USAGE, "record into which file? NAME.tape") :
		     console_record(c, path, &err);

	if (status < 0)
		error_text(answer, &err);
	else
		buf_puts(answer, ends ? "the recording is kept" : "recording; :record ends it");
	return status == 0;
}

static void
on_mark(void *arg, const char *text)
{
	console_record_mark(arg, text);
}

static void
on_tick(struct timer *t)
{
	struct console *c = CONTAINER_OF(t, struct console, tick);

	console_tick(c);
	if (++c->ticks == SLIM_TICK)
		slim_drop_code();
	loop_timer_set(c->loop, t, loop_now_ns(c->loop) + TICK_NS, on_tick);
}

static void
on_step(struct timer *t)
{
	struct console *c = CONTAINER_OF(t, struct console, step);
	uint64_t next = loop_exact_ns(c->loop) + TICK_NS;

	if (c->script.step(c->script.arg, loop_exact_ns(c->loop), &next, &c->status))
		loop_timer_set(c->loop, t, next, on_step);
	else if (c->status == CONSOLE_GOES_ON)
		end_script(c);
	else
		console_quit(c);
}

void
console_begin_script(struct console *c, const struct console_script *script)
{
	c->script = *script;
	loop_timer_set(c->loop, &c->step, loop_exact_ns(c->loop), on_step);
}

static void
open_app(struct console *c, const struct console_parts *parts)
{
	char *history = parts->is_headless ? NULL : state_dir_path("lines");
	/* A tape finds what its own lines made, on every machine. */
	char *saved = parts->script.step != NULL ? NULL : state_dir_path("views.yaml");
	struct app_options options = {
		.clock = parts->clock,
		.feed = parts->feed,
		.model = parts->model,
		.host = { .dirty = console_want_paint, .quit = console_quit,
			  .suspend = parts->is_headless ? NULL : suspend,
			  .poll_soon = on_poll_soon, .frame_soon = on_frame_soon,
			  .record = on_record, .mark = on_mark,
			  .macro = console_macro, .play = console_play,
			  .repaint = repaint, .copy = copy, .status = put_status,
			  .choose = parts->is_start ? choose : NULL,
			  .set = console_change_setting, .edit = edit,
			  .arg = c },
		.cols = c->cols,
		.rows = c->rows,
		.history_file = history,
		.saved_file = saved,
		.config = parts->config,
	};

	options.glyphs = console_first_glyphs(c, parts->config, &options.richest_glyphs);
	c->app = app_new(&options);
	if (parts->is_start)
		app_push(c->app, start_open(c->app));
	free(history);
	free(saved);
}

struct console *
console_new(const struct console_parts *parts, struct error *err)
{
	struct console *c = xcalloc(1, sizeof(*c));
	const struct key_sink keys = { on_key, on_mouse, console_on_answer, on_paste, c };

	setlocale(LC_CTYPE, "");
	c->loop = c->editor.loop = parts->loop;
	c->editor.on_end = on_editor_end;
	c->editor.arg = c;
	c->model = parts->model;
	c->feed = parts->feed;
	c->supervisor = parts->supervisor;
	c->script = parts->script;
	c->cols = parts->cols > 0 ? parts->cols : 80;
	c->rows = parts->rows > 0 ? parts->rows : 24;
	c->escape_ns = getenv("SSH_CONNECTION") != NULL ? ESCAPE_REMOTE_NS : ESCAPE_LOCAL_NS;
	if (!parts->is_headless && console_open_terminal(c, parts->config, err) < 0) {
		free(c);
		return NULL;
	}
	c->decoder = key_decoder_new(&keys);
	open_app(c, parts);
	console_ask_terminal(c);
	loop_on_wake(c->loop, on_wake, c);
	loop_timer_set(c->loop, &c->tick, loop_exact_ns(c->loop) + TICK_NS, on_tick);
	console_want_paint(c);
	return c;
}

void
console_free(struct console **cp)
{
	struct console *c = *cp;

	if (c == NULL)
		return;
	console_record_end(c, false, NULL);
	console_macro_free(c);
	canvas_free(&c->shown);
	loop_timer_cancel(&c->tick);
	loop_timer_cancel(&c->poll);
	loop_timer_cancel(&c->frame);
	loop_timer_cancel(&c->later);
	loop_timer_cancel(&c->probing);
	loop_timer_cancel(&c->escape);
	loop_timer_cancel(&c->step);
	loop_timer_cancel(&c->editor.timer);
	loop_on_wake(c->loop, NULL, NULL);
	app_free(&c->app);
	key_decoder_free(&c->decoder);
	draw_free(&c->draw);
	term_close(&c->term);
	free(c->chosen);
	free(c);
	*cp = NULL;
}

int
console_run(struct console *c)
{
	struct player_host host;
	struct error err = ERROR_INIT;

	if (c->script.step != NULL) {
		console_player_host(c, &host);
		if (c->script.start != NULL && c->script.start(c->script.arg, &host, &err) < 0) {
			log_error(&err);
			return error_exit_status(&err);
		}
		loop_timer_set(c->loop, &c->step, loop_exact_ns(c->loop), on_step);
	}
	while (!c->is_ending)
		loop_turn(c->loop, -1);
	return c->status;
}

void
console_resize(struct console *c, unsigned cols, unsigned rows)
{
	app_resize(c->app, cols, rows);
}

void
console_screen(struct console *c, struct buf *out)
{
	canvas_text(app_canvas(c->app), out);
}

bool
console_is_settled(struct console *c)
{
	return app_is_settled(c->app) && !key_decoder_is_waiting(c->decoder) &&
	       !editor_is_running(&c->editor);
}

static int
take_look(struct config *config, const struct console_look *look, struct error *err)
{
	const struct { const char *name, *value; } given[] = {
		{ "glyphs", look->glyphs }, { "color", look->color }, { "theme", look->theme },
		{ "background", look->background }, { "mouse", look->mouse },
	};

	for (size_t i = 0; i < ARRAY_LEN(given); i++) {
		if (given[i].value != NULL &&
		    config_set(config, given[i].name, given[i].value, err) < 0)
			return -1;
	}
	return 0;
}

int
console_look_check(const struct console_look *look, struct error *err)
{
	struct config config;
	int status;

	config_init(&config);
	status = take_look(&config, look, err);
	config_fini(&config);
	return status;
}

/* The person's own file (or nothing), and what the command line says. */
static int
load_config(struct config *config, bool is_own, const struct console_look *look,
	    struct error *err)
{
	if (!is_own)
		config_init(config);
	else if (config_load(config, NULL, err) < 0)
		return -1;
	if (take_look(config, look, err) == 0)
		return 0;
	config_fini(config);
	return -1;
}

int
console_main(const struct console_options *options)
{
	struct console_parts parts = {
		.clock = &clock_system,
		.supervisor = options->supervisor,
		.script = options->script,
		.is_headless = options->is_headless,
		.cols = options->cols,
		.rows = options->rows,
	};
	struct error err = ERROR_INIT;
	struct console *c = NULL;
	struct config config;
	struct model model;
	int status;

	ASSERT(!options->is_headless || options->script.step != NULL);
	/* What is recorded replays anywhere: with the default keys. */
	if (load_config(&config, options->script.step == NULL && options->record == NULL,
			&options->look, &err) < 0) {
		log_error(&err);
		return error_exit_status(&err);
	}
	parts.config = &config;
	model_init(&model);
	parts.model = &model;
	parts.loop = loop_new(&clock_system, &err);
	if (parts.loop != NULL)
		parts.feed = options->data != NULL ? feed_data_open(&model, options->data, &err) :
			     feed_mesh_open(parts.loop, &model, options, &err);
	if (parts.feed != NULL)
		c = console_new(&parts, &err);
	if (c != NULL && options->data != NULL)
		app_time_begin(c->app, options->speed);
	if (c != NULL && options->record != NULL && console_record(c, options->record, &err) < 0)
		console_free(&c);
	if (c != NULL) {
		status = console_run(c);
		if (console_record_end(c, false, &err) < 0)
			status = error_exit_status(&err);
	} else {
		log_error(&err);
		status = error_exit_status(&err);
		if (parts.feed != NULL)
			parts.feed->ops->close(&parts.feed);
	}
	console_free(&c);
	model_fini(&model);
	config_fini(&config);
	loop_free(&parts.loop);
	return status;
}

int
console_choose(const struct console_look *look, char **dir, struct error *err)
{
	struct console_parts parts = { .clock = &clock_system, .is_start = true };
	struct console *c = NULL;
	struct config config;
	struct model model;
	int status = -1;

	if (load_config(&config, true, look, err) < 0)
		return -1;
	parts.config = &config;
	model_init(&model);
	parts.model = &model;
	parts.loop = loop_new(&clock_system, err);
	parts.feed = feed_none_open(&model);
	if (parts.loop != NULL)
		c = console_new(&parts, err);
	if (c != NULL) {
		console_run(c);
		status = c->has_chosen ? 0 : -1;
		*dir = c->chosen;
		c->chosen = NULL;
	} else {
		parts.feed->ops->close(&parts.feed);
	}
	console_free(&c);
	model_fini(&model);
	loop_free(&parts.loop);
	config_fini(&config);
	return status;
}
