/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The frame around the screens: status line, key hints, messages.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "src/topology/build.h"
#include "tui/app/app_priv.h"
#include "tui/app/prompt.h"
#include "tui/feed/feed.h"
#include "tui/feed/model.h"
#include "tui/term/canvas.h"
#include "tui/term/key.h"
#include "tui/widgets/figure.h"

static unsigned
put_separator(struct area a, unsigned col, unsigned row)
{
	return area_printf(a, col, row, UI_BORDER, " %s ", glyph(a.canvas->glyphs, GLYPH_VLINE));
}

static void
put_namespaces(const struct model *m, struct buf *out)
{
	if (m->query.namespaces.len == 0)
		buf_puts(out, "all namespaces");
	for (size_t i = 0; i < m->query.namespaces.len; i++)
		buf_printf(out, "%s%s", i > 0 ? "," : "", m->query.namespaces.items[i]);
}

static void
put_window(const struct app *a, bool is_short, struct buf *out)
{
	const struct model *m = a->model;
	int64_t end_ms = m->query.at_ms != 0 ? m->query.at_ms : app_now_ms(a);
	int64_t since_ms = end_ms - m->change_ms;

	if (m->change_ms != 0 && since_ms < (int64_t)m->query.window_s * 1000) {
		buf_puts(out, is_short ? "change: " : "since change: ");
		figure_age(out, since_ms);
		return;
	}
	buf_puts(out, is_short ? "" : "last ");
	figure_window(out, m->query.window_s);
}

static void
count_problems(const struct model *m, unsigned *errors, unsigned *warnings)
{
	*errors = *warnings = 0;
	for (size_t i = 0; i < m->problems.rows.len; i++) {
		*errors += m->problems.rows.items[i].severity == SEVERITY_ERROR;
		*warnings += m->problems.rows.items[i].severity == SEVERITY_WARNING;
	}
}

/* The right end: how fresh and how sound.  Returns the column it begins at. */
static unsigned
draw_state(struct app *a, struct area bar)
{
	const struct model *m = a->model;
	struct buf b = BUF_INIT;
	unsigned errors, warnings, col = bar.cols - 1, style = STYLE_GOOD;

	if (m->query.at_ms != 0) {
		app_time_text(a, &b);
		style = UI_BANNER;
	} else if (m->query.is_frozen || m->state == FEED_LOST) {
		buf_puts(&b, m->query.is_frozen ? " FROZEN " : " LOST ");
		if (m->data_ms > 0)
			figure_age(&b, app_now_ms(a) - m->data_ms);
		buf_puts(&b, m->data_ms > 0 ? " old " : "");
		style = UI_BANNER;
	} else {
		buf_printf(&b, "%s", m->state == FEED_STARTING ? "starting" :
			   m->state == FEED_OFFLINE ? "offline" : "live");
		style = m->state == FEED_LIVE ? STYLE_GOOD : STYLE_WARN;
	}
	col = area_put_right(bar, col, 0, style, buf_str(&b));
	buf_clear(&b);
	count_problems(m, &errors, &warnings);
	if (errors + warnings > 0) {
		if (errors > 0)
			buf_printf(&b, "x %u error%s  ", errors, errors > 1 ? "s" : "");
		else
			buf_printf(&b, "! %u warning%s  ", warnings, warnings > 1 ? "s" : "");
		col = area_put_right(bar, col, 0, errors > 0 ? STYLE_BAD : STYLE_WARN, buf_str(&b));
	}
	if (a->shows_status && a->host.status != NULL) {
		buf_clear(&b);
		a->host.status(a->host.arg, &b);
		buf_puts(&b, "  ");
		col = area_put_right(bar, col, 0, STYLE_DIM, buf_str(&b));
	}
	buf_fini(&b);
	return col;
}

size_t
app_base_screen(const struct app *a)
{
	size_t base = a->stack.len - 1;

	while (base > 0 && a->stack.items[base]->ops->is_overlay)
		base--;
	return base;
}

static void
draw_status(struct app *a, struct area bar)
{
	const struct model *m = a->model;
	size_t base = app_base_screen(a);
	struct buf b = BUF_INIT;
	unsigned end = draw_state(a, bar), col = 1;
	struct area left = area_sub(bar, 0, 0, end > 1 ? end - 1 : 0, 1);

	col += area_put(left, col, 0, STYLE_ACCENT, "meshtop");
	if (m->title[0] != '\0') {
		col += put_separator(left, col, 0);
		col += area_put_cut(left, col, 0, 20, UI_BAR_STRONG, m->title);
	}
	if (base > 0) {
		col += put_separator(left, col, 0);
		col += area_put(left, col, 0, UI_BAR_STRONG, screen_name(a->stack.items[base]));
		if (m->query.namespaces.len > 0) {	/* what a list leaves out is said */
			col += put_separator(left, col, 0);
			put_namespaces(m, &b);
			area_put_cut(left, col, 0, left.cols > col ? left.cols - col : 0, UI_BAR, buf_str(&b));
		}
		buf_fini(&b);
		return;
	}
	put_namespaces(m, &b);
	col += put_separator(left, col, 0);
	col += area_put_cut(left, col, 0, end > 60 + col ? end - col - 50 : 18, UI_BAR, buf_str(&b));
	col += put_separator(left, col, 0);
	col += area_put(left, col, 0, UI_BAR, graph_type_name(m->query.type));
	buf_clear(&b);
	put_window(a, false, &b);
	col += put_separator(left, col, 0);
	if (col + text_width(buf_str(&b), b.len) > left.cols) {
		buf_clear(&b);
		put_window(a, true, &b);
	}
	col += area_put(left, col, 0, UI_BAR, buf_str(&b));
	if (m->query.hide != NULL) {
		col += put_separator(left, col, 0);
		area_printf(left, col, 0, STYLE_WARN, "hiding %s", m->query.hide);
	}
	buf_fini(&b);
}

/* The keys that the person has chosen for those that a hint begins with: "s S sort".
 * Returns where its word begins. */
static size_t
put_hint_keys(const struct app *a, const char *hint, size_t len, struct buf *keys)
{
	unsigned scope = screen_scope(app_top(a));
	size_t at = 0;

	while (at < len) {
		size_t end = at + strcspn(hint + at, " \t");
		char *name = xstrndup(hint + at, end - at);
		bool is_key = at == 0 || key_parse(name) != K_NONE;
		struct buf key = BUF_INIT;

		if (is_key && keymap_put_key_for(a->keymap, scope, name, &key))
			buf_printf(keys, "%s%s", keys->len > 0 ? " " : "", buf_str(&key));
		buf_fini(&key);
		free(name);
		if (!is_key)
			break;
		at = end < len ? end + 1 : len;
	}
	return at > 0 && at < len ? at - 1 : at;	/* with the blank before */
}

/* One "w wizards" from *col on; false when there is no room. */
static bool
draw_hint(const struct app *a, struct area line, const char *hint, size_t len, unsigned *col)
{
	struct buf shown = BUF_INIT;
	size_t from = put_hint_keys(a, hint, len, &shown);
	char *word = xstrndup(hint + from, len - from);
	size_t cells = text_width(buf_str(&shown), shown.len) + text_width(word, len - from);
	bool has_room = *col + cells < line.cols;

	if (shown.len > 0 && has_room) {
		*col += area_put(line, *col, 0, STYLE_KEY, buf_str(&shown));
		*col += area_put(line, *col, 0, UI_HINT, word) + 2;
	}
	buf_fini(&shown);
	free(word);
	return has_room;
}

/* "w wizards\ty YAML": keys stand out, words do not. */
static void
draw_hints(const struct app *a, struct area line, const char *hints)
{
	size_t len = strcspn(hints, "\t");
	unsigned col = 1;

	while (len > 0 && draw_hint(a, line, hints, len, &col)) {
		hints += len + (hints[len] == '\t');
		len = strcspn(hints, "\t");
	}
}

/* Always there, whatever else there is room for. */
static void
draw_help_hint(const struct app *a, struct area line)
{
	unsigned scope = screen_scope(app_top(a)), col;
	struct buf key = BUF_INIT;

	if (keymap_put_key_for(a->keymap, scope, (scope & SCOPE_FORM) != 0 ? "F1" : "?", &key)) {
		col = area_put_right(line, line.cols - 1, 0, UI_HINT, " help");
		area_put_right(line, col, 0, STYLE_KEY, buf_str(&key));
	}
	buf_fini(&key);
}

static void
draw_message(struct app *a, struct area line)
{
	static const struct { unsigned style; const char *mark; } looks[] = {
		[SEVERITY_INFO] = { STYLE_BOLD, "" },
		[SEVERITY_WARNING] = { STYLE_WARN, "! " },
		[SEVERITY_ERROR] = { STYLE_BAD, "x " },
	};
	unsigned col = 1;

	col += area_put(line, col, 0, looks[a->severity].style, looks[a->severity].mark);
	area_put_cut(line, col, 0, line.cols - col - 1, looks[a->severity].style,
		     buf_str(&a->message));
}

/* The question may be cut, never the key that answers it. */
static void
draw_question(const struct app *a, struct area line)
{
	static const char yes[] = " yes  ", other[] = "any other key", no[] = " no";
	unsigned keys = (unsigned)(sizeof("  y") + sizeof(yes) + sizeof(other) + sizeof(no)) - 4;
	unsigned wanted = (unsigned)text_width(buf_str(&a->question), a->question.len);
	bool is_brief = 1 + wanted + keys > line.cols;
	unsigned room = line.cols > 8 ? line.cols - 8 : 0, col = 1;

	col += area_put_cut(line, col, 0, is_brief && wanted > room ? room : wanted, STYLE_WARN,
			    buf_str(&a->question));
	col += area_put(line, col, 0, STYLE_KEY, "  y");
	col += area_put(line, col, 0, UI_HINT, yes);
	if (is_brief)
		return;
	col += area_put(line, col, 0, STYLE_KEY, other);
	area_put(line, col, 0, UI_HINT, no);
}

static void
draw_bottom(struct app *a, struct area line)
{
	struct screen *top = app_top(a);
	struct buf hints = BUF_INIT;

	if (a->on_answer != NULL) {
		draw_question(a, line);
	} else if (a->has_message) {
		draw_message(a, line);
	} else {
		if (a->model->state == FEED_LOST && a->model->state_text[0] != '\0') {
			area_put_cut(line, 1, 0, line.cols - 2, STYLE_BAD, a->model->state_text);
			return;
		}
		if (top->ops->hint != NULL)
			top->ops->hint(top, &hints);
		draw_help_hint(a, line);
		draw_hints(a, area_sub(line, 0, 0, line.cols > 9 ? line.cols - 8 : line.cols, 1),
			   buf_str(&hints));
	}
	buf_fini(&hints);
}

static void
draw_screens(struct app *a, struct area body)
{
	for (size_t i = app_base_screen(a); i < a->stack.len; i++) {
		a->canvas->hits.len = 0;
		a->stack.items[i]->ops->draw(a->stack.items[i], body);
	}
}

void
app_draw(struct app *a)
{
	struct area all = canvas_area(a->canvas);
	unsigned body_rows, caption = a->caption.len > 0 ? 1 : 0;

	canvas_clear(a->canvas);
	if (all.cols < APP_MIN_COLS || all.rows < APP_MIN_ROWS) {
		area_put(all, 0, 0, STYLE_PLAIN, "meshtop needs 40x10");
		area_printf(all, 0, 1, STYLE_PLAIN, "here: %ux%u", all.cols, all.rows);
		return;
	}
	body_rows = all.rows - 2 - caption;
	draw_status(a, area_sub(all, 0, 0, all.cols, 1));
	draw_screens(a, area_sub(all, 0, 1, all.cols, body_rows));
	if (caption)
		area_put_cut(area_sub(all, 0, all.rows - 2, all.cols, 1), 1, 0, all.cols - 2,
			     UI_BANNER, buf_str(&a->caption));
	if (prompt_is_open(a->prompt))
		prompt_draw(a->prompt, area_sub(all, 0, 1, all.cols, all.rows - 1));
	else
		draw_bottom(a, area_sub(all, 0, all.rows - 1, all.cols, 1));
}
