/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The start screen: what can be looked at, when nothing was named.
 */
#include <stdlib.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "tui/app/app.h"
#include "tui/app/screen.h"
#include "tui/screens/screens.h"
#include "tui/widgets/list.h"

struct start {
	struct screen screen;
	struct list list;
};

static const struct {
	const char *name, *about, *line;
} offers[] = {
	{ "Travel demo", "a live mesh on this machine: real traffic, no set-up", "demo" },
	{ "Mesh directory", "a folder of Istio and Kubernetes documents", NULL },
	{ "Kubernetes", "comes with a later version", "" },
};

static void
start_draw(struct screen *s, struct area a)
{
	struct start *t = (struct start *)s;
	unsigned col = a.cols > 76 ? (a.cols - 76) / 2 : 1, row = a.rows > 14 ? a.rows / 2 - 6 : 0;

	area_put(a, col, row, STYLE_ACCENT, "meshtop");
	area_put(a, col, row + 2, STYLE_PLAIN,
		 "See who calls whom in your mesh. Say where requests shall go. Watch it happen.");
	for (size_t i = 0; i < ARRAY_LEN(offers); i++) {
		struct area line = area_sub(a, col, row + 5 + 2 * (unsigned)i, 76, 1);
		bool is_chosen = i == t->list.chosen;

		area_put(line, 0, 0, STYLE_KEY,
			 is_chosen ? glyph(a.canvas->glyphs, GLYPH_POINTER) : " ");
		area_put(line, 2, 0, STYLE_BOLD, offers[i].name);
		area_put(line, 19, 0, STYLE_DIM, offers[i].about);
		if (is_chosen)
			area_style_row(line, 0, 0, line.cols, UI_ROW_ON);
	}
}

static void
choose(struct start *t)
{
	const char *line = offers[t->list.chosen].line;

	if (line == NULL)
		app_open_line(t->screen.app, "mesh ");
	else if (line[0] == '\0')
		app_say(t->screen.app, SEVERITY_INFO, "this version cannot work on a cluster yet");
	else
		app_run(t->screen.app, line);
}

static bool
start_command(struct screen *s, enum command_id id, const char *args)
{
	struct start *t = (struct start *)s;

	(void)args;
	t->list.count = ARRAY_LEN(offers);
	t->list.page = ARRAY_LEN(offers);
	if (list_command(&t->list, id))
		return true;
	switch (id) {
	case CMD_OPEN: choose(t); return true;
	case CMD_BACK: return true;		/* there is nothing behind it */
	case CMD_CLOSE: app_run(s->app, "quit"); return true;
	default: return false;
	}
}

static void
start_hint(struct screen *s, struct buf *out)
{
	(void)s;
	buf_puts(out, "Enter open\t: command\tq leave");
}

static void
start_free(struct screen *s)
{
	free(s);
}

static const struct screen_ops start_ops = {
	.name = "Start",
	.scope = SCOPE_LIST,
	.draw = start_draw,
	.command = start_command,
	.hint = start_hint,
	.free = start_free,
};

struct screen *
start_open(struct app *a)
{
	struct start *t = xcalloc(1, sizeof(*t));

	(void)a;
	t->screen.ops = &start_ops;
	return &t->screen;
}
