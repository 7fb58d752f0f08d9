/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pages of rows and columns.
 */
#include "tui/screens/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "tui/app.h"
#include "tui/model.h"
#include "tui/screen.h"
#include "tui/screens/screens.h"
#include "tui/widgets/list.h"

struct table {
	struct screen screen;
	const struct table_spec *spec;
	struct list list;
	VEC(struct table_row) rows;
};

static void
clear_rows(struct table *t)
{
	for (size_t i = 0; i < t->rows.len; i++) {
		struct table_row *r = &t->rows.items[i];

		for (size_t c = 0; c < TABLE_COLUMNS; c++)
			free(r->texts[c]);
		free(r->open);
		free(r->yaml);
		free(r->wizards);
		free(r->actions);
		free(r->edit);
		free(r->undo);
		free(r->diff);
		free(r->detail);
	}
	t->rows.len = 0;
}

struct table_row *
table_add(struct table *t)
{
	vec_push(&t->rows, (struct table_row){ .open = NULL });
	return &t->rows.items[t->rows.len - 1];
}

void
table_text(struct table_row *r, size_t column, unsigned style, const char *fmt, ...)
{
	struct buf raw = BUF_INIT, clean = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&raw, fmt, ap);
	va_end(ap);
	text_sanitize(&clean, buf_str(&raw), raw.len);
	buf_fini(&raw);
	free(r->texts[column]);
	r->texts[column] = buf_steal(&clean);
	r->styles[column] = (uint8_t)style;
}

/* The chosen row stays the same thing when rows come and go. */
static void
table_update(struct screen *s, unsigned changes)
{
	struct table *t = (struct table *)s;
	char *chosen = NULL;

	if (t->spec->changes != 0 && (changes & t->spec->changes) == 0)
		return;
	if (t->list.chosen < t->rows.len && !(t->spec->follows && t->list.chosen == 0) &&
	    t->rows.items[t->list.chosen].texts[0] != NULL)
		chosen = xasprintf("%s\n%s", t->rows.items[t->list.chosen].texts[0],
				   t->rows.items[t->list.chosen].texts[1] != NULL ?
				   t->rows.items[t->list.chosen].texts[1] : "");
	clear_rows(t);
	t->spec->fill(t, app_model(s->app));
	for (size_t i = 0; chosen != NULL && i < t->rows.len; i++) {
		const struct table_row *r = &t->rows.items[i];
		size_t len = r->texts[0] != NULL ? strlen(r->texts[0]) : 0;

		if (len > 0 && strncmp(chosen, r->texts[0], len) == 0 && chosen[len] == '\n' &&
		    strcmp(chosen + len + 1, r->texts[1] != NULL ? r->texts[1] : "") == 0) {
			t->list.chosen = i;
			break;
		}
	}
	free(chosen);
}

static void
column_widths(const struct table *t, unsigned room, unsigned widths[TABLE_COLUMNS])
{
	unsigned fixed = 0, flexible = 0;

	for (size_t c = 0; c < t->spec->column_count; c++) {
		widths[c] = t->spec->columns[c].cells;
		fixed += widths[c] + 2;
		flexible += t->spec->columns[c].is_flexible;
	}
	for (size_t c = 0; c < t->spec->column_count && flexible > 0 && room > fixed; c++) {
		if (t->spec->columns[c].is_flexible)
			widths[c] += (room - fixed) / flexible;
	}
}

static void
draw_row(const struct table *t, struct area row, const struct table_row *r,
	 const unsigned widths[TABLE_COLUMNS])
{
	unsigned col = 1;

	for (size_t c = 0; c < t->spec->column_count && col < row.cols; c++) {
		const char *text = r->texts[c] != NULL ? r->texts[c] : "";
		unsigned room = widths[c] < row.cols - col ? widths[c] : row.cols - col;

		if (t->spec->columns[c].is_right && text_width(text, strlen(text)) <= room)
			area_put_right(row, col + room, 0, r->styles[c], text);
		else
			area_put_cut(row, col, 0, room, r->styles[c], text);
		col += widths[c] + 2;
	}
}

static void
table_draw(struct screen *s, struct area a)
{
	struct table *t = (struct table *)s;
	struct area body = area_sub(a, 0, 2, a.cols, UINT32_MAX);
	unsigned widths[TABLE_COLUMNS], col = 1;

	column_widths(t, a.cols - 2, widths);
	for (size_t c = 0; c < t->spec->column_count && col < a.cols; c++) {
		if (t->spec->columns[c].is_right)
			area_put_right(a, col + widths[c] < a.cols ? col + widths[c] : a.cols, 0,
				       STYLE_DIM, t->spec->columns[c].title);
		else
			area_put(a, col, 0, STYLE_DIM, t->spec->columns[c].title);
		col += widths[c] + 2;
	}
	area_rule(area_sub(a, 0, 1, a.cols, 1), 0);
	list_fit(&t->list, t->rows.len, body.rows);
	if (t->rows.len == 0)
		area_put(body, 1, 0, STYLE_DIM, t->spec->empty);
	for (unsigned i = 0; i < body.rows && t->list.top + i < t->rows.len; i++) {
		struct area row = area_sub(body, 0, i, body.cols, 1);

		draw_row(t, row, &t->rows.items[t->list.top + i], widths);
		if (t->list.top + i == t->list.chosen)
			area_style_row(row, 0, 0, row.cols, UI_ROW_ON);
	}
}

static bool
run_line(struct table *t, const char *line)
{
	char *copy;

	if (line == NULL)
		return false;
	copy = xstrdup(line);	/* the rows may be filled anew meanwhile */
	app_run(t->screen.app, copy);
	free(copy);
	return true;
}

static bool
show_detail(struct table *t, const struct table_row *r)
{
	struct viewer *v = viewer_new(t->screen.app, t->spec->name);

	viewer_add(v, "detail", r->detail, TEXT_TITLED);
	app_push(t->screen.app, viewer_screen(v));
	return true;
}

static bool
table_command(struct screen *s, enum command_id id, const char *args)
{
	struct table *t = (struct table *)s;
	const struct table_row *r;

	if (list_command(&t->list, id))
		return true;
	if (t->rows.len == 0 || args[0] != '\0')
		return false;
	r = &t->rows.items[t->list.chosen];
	switch (id) {
	case CMD_OPEN: return r->detail != NULL ? show_detail(t, r) : run_line(t, r->open);
	case CMD_YAML: return run_line(t, r->yaml);
	case CMD_WIZARDS: return run_line(t, r->wizards);
	case CMD_ACTIONS: return run_line(t, r->actions != NULL ? r->actions : r->wizards);
	case CMD_EDIT: return run_line(t, r->edit);
	case CMD_UNDO: return run_line(t, r->undo);
	case CMD_DIFF: return run_line(t, r->diff);
	case CMD_COPY:
		app_copy(s->app, r->texts[0] != NULL ? r->texts[0] : "");
		return true;
	default: return false;
	}
}

static bool
row_matches(const struct table *t, const struct table_row *r, const char *text)
{
	for (size_t c = 0; c < t->spec->column_count; c++) {
		if (r->texts[c] != NULL && strcasestr(r->texts[c], text) != NULL)
			return true;
	}
	return false;
}

static bool
table_find(struct screen *s, const char *text, int direction)
{
	struct table *t = (struct table *)s;
	size_t n = t->rows.len, from = t->list.chosen;

	for (size_t i = direction == 0 ? 0 : 1; i < n + (direction != 0); i++) {
		size_t at = direction < 0 ? (from + n - i % n) % n : (from + i) % n;

		if (row_matches(t, &t->rows.items[at], text)) {
			t->list.chosen = at;
			return true;
		}
	}
	return false;
}

static void
table_hint(struct screen *s, struct buf *out)
{
	buf_puts(out, ((struct table *)s)->spec->hint);
}

static void
table_free(struct screen *s)
{
	struct table *t = (struct table *)s;

	clear_rows(t);
	vec_fini(&t->rows);
	free(t);
}

static const struct screen_ops table_ops = {
	.name = "list",
	.scope = SCOPE_LIST,
	.update = table_update,
	.draw = table_draw,
	.command = table_command,
	.find = table_find,
	.hint = table_hint,
	.free = table_free,
};

struct screen *
table_open(struct app *a, const struct table_spec *spec)
{
	struct table *t = xcalloc(1, sizeof(*t));

	(void)a;
	t->spec = spec;
	t->screen.ops = &table_ops;
	t->screen.name = spec->name;
	return &t->screen;
}
