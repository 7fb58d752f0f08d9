/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The app in its console: what it may ask for, from another look at its work
 * to the clipboard of the operator's terminal.
 */
#include "tui/console/console_priv.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"
#include "src/topology/flow.h"
#include "tui/app/app.h"
#include "tui/config/state_dir.h"
#include "tui/screens/screens.h"
#include "tui/term/draw.h"
#include "tui/term/term.h"

#define POLL_NS (20 * NS_PER_MS)	/* work beside the console is asked */
#define COPY_MAX 65536u

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

static bool
on_mark(void *arg, const char *text, struct buf *answer)
{
	struct console *c = arg;

	if (c->recording == NULL) {
		buf_puts(answer, "nothing is recorded: :record NAME.tape begins");
		return false;
	}
	console_record_mark(c, text);	/* quietly: a tape would wait for what is said */
	return true;
}

void
console_open_app(struct console *c, const struct console_parts *parts)
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
	app_set_wide_terminal(c->app, console_begins_wide(c, options.glyphs));
	if (parts->is_start)
		app_push(c->app, start_open(c->app));
	free(history);
	free(saved);
}
