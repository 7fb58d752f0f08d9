/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commands that mean the same on every screen: the question, settings, files.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/moment.h"
#include "src/base/xalloc.h"
#include "src/topology/build.h"
#include "src/topology/find.h"
#include "tui/app/app_priv.h"
#include "tui/term/canvas.h"
#include "tui/feed/display.h"
#include "tui/app/export.h"
#include "tui/feed/feed.h"
#include "tui/feed/model.h"
#include "tui/app/prompt.h"
#include "tui/feed/shown.h"
#include "tui/screens/screens.h"

const char *const app_windows[APP_WINDOWS] = {
	"1m", "2m", "5m", "10m", "30m", "1h", "3h", "6h", "12h", "1d", "7d", "30d",
};

static void
add_replays(struct menu *m)
{
	static const char *const spans[] = { "1m", "5m", "10m", "30m" };

	menu_add(m, "Play again, to now", NULL, NULL);
	for (size_t i = 0; i < ARRAY_LEN(spans); i++) {
		char *line = xasprintf("replay %s", spans[i]), *label = xasprintf("the last %s", spans[i]);

		menu_add(m, label, NULL, line);
		free(line);
		free(label);
	}
}

static void
choose_window(struct app *a)
{
	struct menu *m = menu_new("Time window");

	for (size_t i = 0; i < APP_WINDOWS; i++) {
		char *line = xasprintf("since %s", app_windows[i]), *label = xasprintf("last %s", app_windows[i]);

		menu_add(m, label, NULL, line);
		if (moment_window_s(app_windows[i]) == a->model->query.window_s)
			menu_mark_last(m);
		free(line);
		free(label);
	}
	add_replays(m);
	app_push(a, menu_screen(m));
}

struct namespace_menu {
	struct menu *menu;
	const struct model *model;
};

static void
add_namespace(void *arg, const char *name)
{
	struct namespace_menu *n = arg;

	menu_add(n->menu, name, NULL, "");
	if (model_has_namespace(n->model, name))
		menu_mark_last(n->menu);
}

static void
choose_namespaces(struct app *a)
{
	struct namespace_menu n = { menu_new("Namespaces"), a->model };

	menu_set_many(n.menu, "namespace");
	model_each_namespace(a->model, add_namespace, &n);
	app_push(a, menu_screen(n.menu));
}

unsigned
app_parse_window(struct app *a, const char *word)
{
	unsigned s = moment_window_s(word);

	if (s == 0)
		app_say(a, SEVERITY_ERROR, "\"%s\" is no time window; write 90s, 1m, 2h or 1d", word);
	return s;
}

static void
set_window(struct app *a, const char *args)
{
	unsigned s = app_parse_window(a, args);

	if (s == 0)
		return;
	a->model->query.window_s = s;
	app_query(a);
}

static void
set_type(struct app *a, const char *args)
{
	enum graph_type type;

	if (!graph_type_parse(args, &type)) {
		app_say(a, SEVERITY_ERROR, "\"%s\" is no graph type; there are %s", args,
			command_args_text(ARG_TYPE));
		return;
	}
	a->model->query.type = type;
	app_query(a);
}

static void
set_labels(struct app *a, const char *args)
{
	unsigned bits;

	if (!edge_labels_parse(args, &bits)) {
		app_say(a, SEVERITY_ERROR, "\"%s\" names no labels; write %s", args,
			command_args_text(ARG_LABELS));
		return;
	}
	a->model->query.labels = bits;
	app_query(a);
}

static void
set_hide(struct app *a, const char *args)
{
	struct error err = ERROR_INIT;
	struct find *f = find_is_expression(args) ? shown_find(a->model, args, &err) : NULL;

	if (err.code != ERROR_NONE) {
		app_say(a, SEVERITY_ERROR, "column %u: %s", err.col, err.msg);
		return;
	}
	find_free(&f);
	model_set_hide(a->model, args);
	shown_switch_on(a->model, args);
	app_query(a);
}

static void
toggle_freeze(struct app *a)
{
	a->model->query.is_frozen = !a->model->query.is_frozen;
	app_query(a);
	app_tell(a, SEVERITY_INFO, a->model->query.is_frozen ?
		 "frozen: the figures stay; {freeze} goes on" : "live again");
}

static void
set_glyphs(struct app *a, const char *name)
{
	enum glyph_level level;

	if (!glyph_level_parse(name, &level))
		app_say(a, SEVERITY_ERROR, "glyphs: there are unicode, light and ascii");
	else
		app_set_glyphs(a, level < a->richest_glyphs ? a->richest_glyphs : level);
}

static void
change_setting(struct app *a, const char *args)
{
	size_t word = strcspn(args, " "), skip = word + strspn(args + word, " ");
	char *name = xstrndup(args, word);
	const char *value = args + skip;
	struct buf answer = BUF_INIT;

	if (strcmp(name, "bytes") == 0) {
		a->shows_status = strcmp(value, "off") != 0;
	} else if (strcmp(name, "glyphs") == 0) {
		set_glyphs(a, value);
	} else if (strcmp(name, "refresh") == 0 && moment_window_s(value) > 0) {
		a->model->query.refresh_s = moment_window_s(value);
		app_say(a, SEVERITY_INFO, "figures are read every %s", value);
	} else if (strcmp(name, "refresh") == 0) {
		app_say(a, SEVERITY_ERROR, "refresh: write 1s, 5s, 1m");
	} else if (display_set(a->model, name, value, &answer)) {
		app_query(a);
	} else if (answer.len > 0) {
		app_say(a, SEVERITY_ERROR, "%s", buf_str(&answer));
	} else if (a->host.set == NULL || !a->host.set(a->host.arg, name, value, &answer)) {
		app_say(a, SEVERITY_ERROR, "no setting \"%s\"; Tab behind the word lists them",
			name);
	} else {
		app_say(a, SEVERITY_INFO, "%s", buf_str(&answer));
	}
	buf_fini(&answer);
	free(name);
}

static void
leave(void *arg, bool yes)
{
	struct app *a = arg;

	if (yes && a->host.quit != NULL)
		a->host.quit(a->host.arg);
}

/* Esc and q: out of the top screen; only q leaves at the root, after asking. */
static void
close_top(struct app *a, bool may_leave)
{
	struct screen *s = app_top(a);

	if (a->stack.len == 1) {
		if (may_leave)
			app_ask(a, "leave meshtop?", leave, a);
		return;
	}
	if (s->ops->may_close != NULL && !s->ops->may_close(s))
		return;
	app_pop(a, s);
	if (a->stack.len == 1)
		app_remember_view(a, "graph");
}

static void
find_again(struct app *a, int direction)
{
	struct screen *s = app_top(a);

	if (a->found == NULL || a->found[0] == '\0')
		app_tell(a, SEVERITY_INFO, "{search} finds something first");
	else if (s->ops->find == NULL || !s->ops->find(s, a->found, direction))
		app_say(a, SEVERITY_WARNING, "nothing here matches \"%s\"", a->found);
}

void
app_find_text(struct app *a, const char *text)
{
	struct screen *s = app_top(a);

	free(a->found);
	a->found = xstrdup(text);
	if (text[0] != '\0' && (s->ops->find == NULL || !s->ops->find(s, text, 0)))
		app_say(a, SEVERITY_WARNING, "nothing here matches \"%s\"", text);
}

void
app_filter_text(struct app *a, const char *text)
{
	struct screen *s = app_top(a);

	if (s->ops->filter == NULL) {
		app_say(a, SEVERITY_INFO, "there are no rows to leave out on this screen");
		return;
	}
	s->ops->filter(s, text);
	app_find_text(a, text);
}

static void
open_line(struct app *a, char kind)
{
	if (kind == '/' && app_top(a)->ops->find == NULL)
		app_say(a, SEVERITY_INFO, "there is nothing to find on this screen");
	else
		prompt_open(a->prompt, kind, "");
}

/* The picture lies under all other screens. */
static void
export_picture(struct app *a, const char *path)
{
	struct screen *picture = a->stack.items[0];

	if (picture->ops->command == NULL || !picture->ops->command(picture, CMD_EXPORT, path))
		app_say(a, SEVERITY_INFO, "there is no picture here");
}

/* Recordings and macros, which are the host's. */
static void
ask_host(struct app *a, bool (*fn)(void *arg, const char *name, struct buf *answer),
	 const char *name)
{
	struct buf answer = BUF_INIT;

	if (fn == NULL)
		app_say(a, SEVERITY_INFO, "nothing can be recorded here");
	else if (!fn(a->host.arg, name, &answer))
		app_say(a, SEVERITY_ERROR, "%s", buf_str(&answer));
	else if (answer.len > 0)
		app_say(a, SEVERITY_INFO, "%s", buf_str(&answer));
	buf_fini(&answer);
}

static void
take_screenshot(struct app *a, const char *path)
{
	struct error err = ERROR_INIT;
	struct buf text = BUF_INIT;

	if (export_screen(app_canvas(a), a->model->title, path, &text, &err) < 0)
		app_say_error(a, &err);
	else
		export_write(a, path, &text);
	buf_fini(&text);
}

/* Files that are written: recordings, pictures. */
static bool
file_command(struct app *a, enum command_id id, const char *args)
{
	switch (id) {
	case CMD_RECORD: ask_host(a, a->host.record, args); return true;
	case CMD_MACRO: ask_host(a, a->host.macro, args); return true;
	case CMD_PLAY: ask_host(a, a->host.play, args); return true;
	case CMD_MARK: ask_host(a, a->host.mark, args); return true;
	case CMD_EXPORT: export_picture(a, args); return true;
	case CMD_SCREENSHOT: take_screenshot(a, args); return true;
	default: return false;
	}
}

static bool
query_command(struct app *a, enum command_id id, const char *args)
{
	switch (id) {
	case CMD_NAMESPACE: app_choose_namespaces(a, args); return true;
	case CMD_NAMESPACES: choose_namespaces(a); return true;
	case CMD_SINCE: set_window(a, args); return true;
	case CMD_WINDOW: choose_window(a); return true;
	case CMD_TYPE: set_type(a, args); return true;
	case CMD_LABELS: set_labels(a, args); return true;
	case CMD_HIDE: set_hide(a, args); return true;
	case CMD_FREEZE: toggle_freeze(a); return true;
	case CMD_REFRESH:
		a->feed->ops->refresh(a->feed);
		app_say(a, SEVERITY_INFO, "reading everything again");
		return true;
	default: return false;
	}
}

bool
app_global_command(struct app *a, enum command_id id, const char *args)
{
	if (app_view_command(a, id, args) || app_time_command(a, id, args))
		return true;
	if (app_page_command(a, id, args) || file_command(a, id, args) || query_command(a, id, args) ||
	    app_change_command(a, id, args) || app_action_command(a, id, args))
		return true;
	switch (id) {
	case CMD_SET: change_setting(a, args); return true;
	case CMD_LINE: open_line(a, ':'); return true;
	case CMD_SEARCH: open_line(a, '/'); return true;
	case CMD_FIND: app_find_text(a, args); return true;
	case CMD_FILTER: app_filter_text(a, args); return true;
	case CMD_FIND_NEXT: find_again(a, 1); return true;
	case CMD_FIND_PREV: find_again(a, -1); return true;
	case CMD_BACK: close_top(a, false); return true;
	case CMD_CLOSE: close_top(a, true); return true;
	case CMD_QUIT: leave(a, app_may_pop_all(a)); return true;
	case CMD_GLYPHS:
		app_set_glyphs(a, app_glyphs(a) + 1 < GLYPHS_COUNT ? app_glyphs(a) + 1 :
			       a->richest_glyphs);
		app_say(a, SEVERITY_INFO, "glyphs: %s", glyph_level_name(app_glyphs(a)));
		return true;
	case CMD_REDRAW:
		if (a->host.repaint != NULL)
			a->host.repaint(a->host.arg);
		return true;
	case CMD_SUSPEND:
		if (a->host.suspend != NULL)
			a->host.suspend(a->host.arg);
		return true;
	default: return false;
	}
}
