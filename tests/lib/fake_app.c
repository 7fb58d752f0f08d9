/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See fake_app.h. */
#include "tests/lib/fake_app.h"

#include <stdlib.h>

#include "src/base/clock.h"
#include "src/base/xalloc.h"

static void
on_quit(void *arg)
{
	((struct fake_app *)arg)->has_quit = true;
}

static void
on_repaint(void *arg)
{
	((struct fake_app *)arg)->repaints++;
}

static void
on_suspend(void *arg)
{
	((struct fake_app *)arg)->suspends++;
}

static void
on_copy(void *arg, const char *text)
{
	buf_puts(&((struct fake_app *)arg)->copied, text);
}

static int
on_edit(void *arg, const char *path, struct error *err)
{
	struct fake_app *f = arg;

	(void)err;
	free(f->edited);
	f->edited = xstrdup(path);
	return 0;
}

static void
on_poll_soon(void *arg)
{
	((struct fake_app *)arg)->polls++;
}

static void
on_frame_soon(void *arg)
{
	((struct fake_app *)arg)->frames++;
}

struct fake_app *
fake_app_new(void)
{
	struct fake_app *f = xcalloc(1, sizeof(*f));

	f->clock = STILL_CLOCK(0, FAKE_NOW_MS);
	f->feed = fake_feed_open(&f->model);
	return f;
}

void
fake_app_begin(struct fake_app *f, const struct app_options *options, bool has_background)
{
	struct app_options o = *options;

	o.feed = f->feed;
	o.model = &f->model;
	if (o.clock == NULL)
		o.clock = &clock_system;
	o.host = (struct app_host){
		.quit = on_quit, .repaint = on_repaint, .suspend = on_suspend, .copy = on_copy,
		.edit = on_edit, .arg = f,
		.poll_soon = has_background ? on_poll_soon : NULL,
		.frame_soon = has_background ? on_frame_soon : NULL,
	};
	f->app = app_new(&o);
}

struct fake_app *
fake_app_open(const struct app_options *options)
{
	struct fake_app *f = fake_app_new();

	fake_app_begin(f, options, false);
	return f;
}

void
fake_app_close(struct fake_app **fp)
{
	struct fake_app *f = *fp;

	app_free(&f->app);
	model_fini(&f->model);
	buf_fini(&f->copied);
	free(f->edited);
	free(f);
	*fp = NULL;
}
