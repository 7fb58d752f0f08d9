/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Terminal, curses, keys and app on one loop: a console's life, its ticks and
 * the script that may play on it.
 */
#include "tui/console/console_priv.h"

#include <locale.h>
#include <stdlib.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/base/slim.h"
#include "src/base/xalloc.h"
#include "src/tape/player.h"
#include "tui/app/app.h"
#include "tui/term/canvas.h"
#include "tui/term/draw.h"
#include "tui/term/key.h"
#include "tui/term/term.h"

#define SLIM_TICK 20		/* the start is over: let go of what only it needed */
#define TICK_NS NS_PER_S

void
console_quit(void *arg)
{
	struct console *c = arg;

	c->is_ending = true;
	loop_stop(c->loop);
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

void
console_end_script(struct console *c)
{
	loop_timer_cancel(&c->step);
	c->script.step = NULL;
	console_play_end(c);
	c->is_paused = false;
	c->status = 0;
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
	console_record_tick(c);
	app_tick(c->app);
	buf_fini(&notice);
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
		console_end_script(c);
	else
		console_quit(c);
}

void
console_begin_script(struct console *c, const struct console_script *script)
{
	c->script = *script;
	loop_timer_set(c->loop, &c->step, loop_exact_ns(c->loop), on_step);
}

struct console *
console_new(const struct console_parts *parts, struct error *err)
{
	struct console *c = xcalloc(1, sizeof(*c));

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
	if (!parts->is_headless && console_open_terminal(c, parts->config, err) < 0) {
		free(c);
		return NULL;
	}
	console_open_input(c);
	console_open_app(c, parts);
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
