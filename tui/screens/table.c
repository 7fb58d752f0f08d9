/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pages of rows and columns.
 */
#include "tui/screens/table.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "tui/app.h"
#include "tui/figure.h"
#include "tui/model.h"
#include "tui/screen.h"
#include "tui/screens/screens.h"
#include "tui/widgets/list.h"

struct table_screen {
	struct screen screen;
	struct table table;
};

static void
clear_rows(struct table *t)
{
	for (size_t i = 0; i < t->rows.len; i++) {
		struct table_row *r = &t->rows.items[i];
		char *const lines[] = {
			r->open, r->yaml, r->wizards, r->actions, r->edit, r->undo,
			r->diff, r->picture, r->versions, r->explain, r->detail,
		};

		for (size_t c = 0; c < TABLE_COLUMNS; c++)
			free(r->texts[c]);
		for (size_t l = 0; l < ARRAY_LEN(lines); l++)
			free(lines[l]);
	}
	t->rows.len = 0;
	while (t->head.len > 0)
		free(t->head.items[--t->head.len].text);
}

struct table_row *
table_add(struct table *t)
{
	struct table_row r = { .order = t->rows.len };

	for (size_t c = 0; c < TABLE_COLUMNS; c++)
		r.keys[c] = (double)NAN;
	vec_push(&t->rows, r);
	return &t->rows.items[t->rows.len - 1];
}

void
table_head(struct table *t, unsigned style, const char *fmt, ...)
{
	struct buf raw = BUF_INIT, clean = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&raw, fmt, ap);
	va_end(ap);
	text_sanitize(&clean, buf_str(&raw), raw.len);
	buf_fini(&raw);
	vec_push(&t->head, ((struct table_line){ style, buf_steal(&clean) }));
}

void
table_heading(struct table *t, const char *text)
{
	struct table_row *r = table_add(t);

	table_text(r, 0, STYLE_TITLE, "%s", text);
	r->is_heading = true;
}

void
table_note(struct table *t, const char *text)
{
	struct table_row *r = table_add(t);

	table_text(r, 0, STYLE_DIM, "  %s", text);
	r->is_heading = true;
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

static void
put_figure(struct table_row *r, size_t column, unsigned style, double key, struct buf *b)
{
	table_text(r, column, style, "%s", buf_str(b));
	r->keys[column] = key;
	buf_fini(b);
}

void
table_rate(struct table_row *r, size_t column, unsigned style, double per_s)
{
	struct buf b = BUF_INIT;

	figure_rate(&b, per_s);
	put_figure(r, column, style, per_s, &b);
}

void
table_percent(struct table_row *r, size_t column, unsigned style, double share)
{
	struct buf b = BUF_INIT;

	figure_percent(&b, share);
	put_figure(r, column, style, share, &b);
}

void
table_time(struct table_row *r, size_t column, unsigned style, double ms)
{
	struct buf b = BUF_INIT;

	figure_time(&b, ms);
	put_figure(r, column, style, ms, &b);
}

void
table_number(struct table_row *r, size_t column, unsigned style, double n)
{
	struct buf b = BUF_INIT;

	buf_printf(&b, "%.0f", n);
	put_figure(r, column, style, n, &b);
}

static const char *
row_text(const struct table_row *r, size_t column)
{
	return r->texts[column] != NULL ? r->texts[column] : "";
}

static bool
row_matches(const struct table *t, const struct table_row *r, const char *text)
{
	for (size_t c = 0; c < t->spec->column_count; c++) {
		if (strcasestr(row_text(r, c), text) != NULL)
			return true;
	}
	return false;
}

static bool
is_shown(const struct table *t, const struct table_row *r)
{
	bool is_inverse = t->filter != NULL && t->filter[0] == '!' && t->filter[1] != '\0';

	if (t->filter == NULL || r->is_heading)
		return true;
	return row_matches(t, r, t->filter + is_inverse) != is_inverse;
}

/* Figures fall, texts rise; those without a figure come last. */
static int
compare_rows(const void *va, const void *vb, void *table)
{
	const struct table_row *a = va, *b = vb;
	const struct table *t = table;
	size_t c = t->sort_column;
	int given = (a->order > b->order) - (a->order < b->order), order;

	if (!t->is_sorted)
		return given;
	if (isnan(a->keys[c]) && isnan(b->keys[c]))
		order = strcasecmp(row_text(a, c), row_text(b, c));
	else if (isnan(a->keys[c]) || isnan(b->keys[c]))
		order = isnan(a->keys[c]) ? 1 : -1;
	else
		order = a->keys[c] > b->keys[c] ? -1 : a->keys[c] < b->keys[c] ? 1 : 0;
	if (order == 0)
		return given;
	return t->is_inverted ? -order : order;
}

/* Stays within the rows between two headings. */
static void
sort_rows(struct table *t)
{
	size_t first = 0;

	for (size_t i = 0; i <= t->rows.len; i++) {
		if (i < t->rows.len && !t->rows.items[i].is_heading)
			continue;
		if (i > first + 1)
			qsort_r(&t->rows.items[first], i - first, sizeof(*t->rows.items),
				compare_rows, t);
		first = i + 1;
	}
}

/* Onto a row that can be chosen, in the direction of the last step. */
static void
skip_headings(struct table *t, bool is_up)
{
	size_t n = t->shown.len, at = t->list.chosen;

	for (size_t tries = 0; tries < 2 * n && t->rows.items[t->shown.items[at]].is_heading; tries++) {
		if (is_up && at == 0)
			is_up = false;
		else if (!is_up && at + 1 == n)
			is_up = true;
		at = is_up ? (at > 0 ? at - 1 : 0) : at + 1 < n ? at + 1 : at;
	}
	if (n > 0)
		t->list.chosen = at;
}

/* A row by what it says: its first texts, and how many before it say the same. */
struct row_name {
	char *text;		/* NULL: no row */
	size_t before;
};

static char *
name_of_row(const struct table_row *r)
{
	return xasprintf("%s\n%s", row_text(r, 0), row_text(r, 1));
}

static struct row_name
chosen_name(const struct table *t)
{
	const struct table_row *r = table_chosen(t);
	struct row_name name = { NULL, 0 };

	if (r == NULL || r->is_heading)
		return name;
	name.text = name_of_row(r);
	for (size_t i = 0; i < t->list.chosen; i++) {
		char *other = name_of_row(&t->rows.items[t->shown.items[i]]);

		name.before += strcmp(other, name.text) == 0;
		free(other);
	}
	return name;
}

/* Chooses the row of that name; when fewer say it now, the last that does. */
static void
choose_named(struct table *t, const struct row_name *name)
{
	size_t before = 0;

	for (size_t i = 0; name->text != NULL && i < t->shown.len && before <= name->before; i++) {
		const struct table_row *r = &t->rows.items[t->shown.items[i]];
		char *other = name_of_row(r);

		if (!r->is_heading && strcmp(other, name->text) == 0) {
			t->list.chosen = i;
			before++;
		}
		free(other);
	}
}

/* Sorts, filters, and keeps the thing that was chosen. */
static void
arrange(struct table *t, struct row_name *chosen)
{
	sort_rows(t);
	t->shown.len = 0;
	for (size_t i = 0; i < t->rows.len; i++) {
		if (is_shown(t, &t->rows.items[i]))
			vec_push(&t->shown, i);
	}
	if (t->list.chosen >= t->shown.len)
		t->list.chosen = t->shown.len > 0 ? t->shown.len - 1 : 0;
	choose_named(t, chosen);
	free(chosen->text);
	if (t->shown.len > 0)
		skip_headings(t, false);
}

void
table_init(struct table *t, struct app *a, const struct table_spec *spec, void *arg)
{
	*t = (struct table){ .app = a, .spec = spec, .arg = arg };
}

void
table_fini(struct table *t)
{
	clear_rows(t);
	vec_fini(&t->head);
	vec_fini(&t->rows);
	vec_fini(&t->shown);
	free(t->filter);
	t->filter = NULL;
}

const struct table_row *
table_chosen(const struct table *t)
{
	return t->list.chosen < t->shown.len ? &t->rows.items[t->shown.items[t->list.chosen]] : NULL;
}

void
table_update(struct table *t, unsigned changes)
{
	struct row_name chosen = { NULL, 0 };

	if (t->spec->changes != 0 && (changes & t->spec->changes) == 0)
		return;
	if (!t->spec->follows || t->list.chosen > 0)
		chosen = chosen_name(t);
	clear_rows(t);
	t->spec->fill(t, app_model(t->app));
	arrange(t, &chosen);
}

void
table_filter(struct table *t, const char *text)
{
	struct row_name chosen = chosen_name(t);

	free(t->filter);
	t->filter = text[0] != '\0' ? xstrdup(text) : NULL;
	arrange(t, &chosen);
}

static bool
is_column_shown(const struct table *t, size_t c, unsigned room)
{
	return room >= t->spec->columns[c].min_cols;
}

static void
column_widths(const struct table *t, unsigned room, unsigned widths[TABLE_COLUMNS])
{
	unsigned fixed = 0, flexible = 0;

	for (size_t c = 0; c < t->spec->column_count; c++) {
		widths[c] = is_column_shown(t, c, room) ? t->spec->columns[c].cells : 0;
		fixed += widths[c] > 0 ? widths[c] + 2 : 0;
		flexible += widths[c] > 0 && t->spec->columns[c].is_flexible;
	}
	for (size_t c = 0; c < t->spec->column_count && flexible > 0 && room > fixed; c++) {
		if (widths[c] > 0 && t->spec->columns[c].is_flexible)
			widths[c] += (room - fixed) / flexible;
	}
}

static void
draw_row(const struct table *t, struct area row, const struct table_row *r,
	 const unsigned widths[TABLE_COLUMNS])
{
	unsigned col = 1;

	if (r->is_heading) {
		area_put_cut(row, 1, 0, row.cols - 2, r->styles[0], row_text(r, 0));
		return;
	}
	for (size_t c = 0; c < t->spec->column_count && col < row.cols; c++) {
		const char *text = row_text(r, c);
		unsigned room = widths[c] < row.cols - col ? widths[c] : row.cols - col;

		if (widths[c] == 0)
			continue;
		if (t->spec->columns[c].is_right && text_width(text, strlen(text)) <= room)
			area_put_right(row, col + room, 0, r->styles[c], text);
		else
			area_put_cut(row, col, 0, room, r->styles[c], text);
		col += widths[c] + 2;
	}
}

static void
draw_titles(const struct table *t, struct area a, const unsigned widths[TABLE_COLUMNS])
{
	enum glyph_level level = a.canvas->glyphs;
	unsigned col = 1;

	for (size_t c = 0; c < t->spec->column_count && col < a.cols; c++) {
		bool is_sorted = t->is_sorted && t->sort_column == c;
		struct buf title = BUF_INIT;

		if (widths[c] == 0)
			continue;
		buf_printf(&title, "%s%s", t->spec->columns[c].title, !is_sorted ? "" :
			   glyph(level, t->is_inverted ? GLYPH_UP : GLYPH_DOWN));
		if (t->spec->columns[c].is_right)
			area_put_right(a, col + widths[c] < a.cols ? col + widths[c] : a.cols, 0,
				       is_sorted ? STYLE_BOLD : STYLE_DIM, buf_str(&title));
		else
			area_put(a, col, 0, is_sorted ? STYLE_BOLD : STYLE_DIM, buf_str(&title));
		buf_fini(&title);
		col += widths[c] + 2;
	}
	area_rule(area_sub(a, 0, 1, a.cols, 1), 0);
}

static void
draw_filter(const struct table *t, struct area a, unsigned row)
{
	size_t headings = 0;
	struct buf b = BUF_INIT, text = BUF_INIT;

	for (size_t i = 0; i < t->rows.len; i++)
		headings += t->rows.items[i].is_heading;
	buf_printf(&b, " /%s  %zu of %zu  Esc drops it ", t->filter, t->shown.len - headings,
		   t->rows.len - headings);
	text_cut_middle(&text, buf_str(&b), a.cols > 4 ? a.cols - 4 : 0, "~");
	area_put_right(a, a.cols > 2 ? a.cols - 2 : 0, row, STYLE_WARN, buf_str(&text));
	buf_fini(&b);
	buf_fini(&text);
}

void
table_draw(struct table *t, struct area a)
{
	unsigned widths[TABLE_COLUMNS];
	unsigned head = (unsigned)t->head.len, titles;
	struct area body;

	if (a.cols < 4 || a.rows <= head)
		return;
	for (unsigned i = 0; i < head; i++) {
		if (t->head.items[i].text != NULL)
			area_put_cut(a, 1, i, a.cols - 2, t->head.items[i].style, t->head.items[i].text);
	}
	a = area_sub(a, 0, head, a.cols, UINT32_MAX);
	titles = t->spec->has_no_titles ? 0 : 2;
	column_widths(t, a.cols - 2, widths);
	if (titles > 0)
		draw_titles(t, a, widths);
	if (t->filter != NULL)
		draw_filter(t, a, titles > 0 ? 1 : a.rows - 1);
	body = area_sub(a, 0, titles, a.cols, a.rows - titles - (titles == 0 && t->filter != NULL));
	list_fit(&t->list, t->shown.len, body.rows);
	if (t->list.chosen > 0 && t->list.top == t->list.chosen &&
	    t->rows.items[t->shown.items[t->list.chosen - 1]].is_heading)
		t->list.top--;		/* a heading stays in sight with its first row */
	if (t->shown.len == 0)
		area_put_cut(body, 1, 0, body.cols - 2, STYLE_DIM, t->rows.len > 0 ?
			     "no row matches; Esc shows all" : t->spec->empty);
	for (unsigned i = 0; i < body.rows && t->list.top + i < t->shown.len; i++) {
		struct area row = area_sub(body, 0, i, body.cols, 1);

		if (!t->rows.items[t->shown.items[t->list.top + i]].is_heading)
			area_hit_row(row, &t->list, t->list.top + i);
		draw_row(t, row, &t->rows.items[t->shown.items[t->list.top + i]], widths);
		if (t->list.top + i == t->list.chosen)
			area_style_row(row, 0, 0, row.cols, UI_ROW_ON);
	}
	if (t->spec->foot != NULL && t->shown.len + t->spec->foot_rows + 1 <= body.rows)
		t->spec->foot(t, area_sub(body, 0, (unsigned)t->shown.len + 1, body.cols, UINT32_MAX));
}

static bool
run_line(struct table *t, const char *line)
{
	char *copy;

	if (line == NULL || line[0] == '\0')
		return false;
	copy = xstrdup(line);	/* the rows may be filled anew meanwhile */
	app_run(t->app, copy);
	free(copy);
	return true;
}

static bool
show_detail(struct table *t, const struct table_row *r)
{
	struct viewer *v = viewer_new(t->app, t->spec->name);

	viewer_add(v, "detail", r->detail, TEXT_TITLED);
	app_push(t->app, viewer_screen(v));
	return true;
}

static bool
act_on_row(struct table *t, enum command_id id, const struct table_row *r)
{
	switch (id) {
	case CMD_OPEN: return r->detail != NULL ? show_detail(t, r) : run_line(t, r->open);
	case CMD_YAML: return run_line(t, r->yaml);
	case CMD_WIZARDS: return run_line(t, r->wizards);
	case CMD_ACTIONS: return run_line(t, r->actions != NULL ? r->actions : r->wizards);
	case CMD_EDIT: return run_line(t, r->edit);
	case CMD_UNDO: return run_line(t, r->undo);
	case CMD_DIFF: return run_line(t, r->diff);
	case CMD_SHOW: return run_line(t, r->picture);
	case CMD_VERSIONS: return run_line(t, r->versions);
	case CMD_EXPLAIN: return run_line(t, r->explain);
	case CMD_COPY:
		app_copy(t->app, row_text(r, 0));
		return true;
	default: return false;
	}
}

static void
sort_by(struct table *t, size_t column, bool is_inverted)
{
	struct row_name chosen = chosen_name(t);

	t->is_sorted = column < t->spec->column_count;
	t->sort_column = column;
	t->is_inverted = is_inverted;
	arrange(t, &chosen);
}

/* s and S go round the columns and the order in which they were filled. */
static void
sort_next(struct table *t, size_t step)
{
	size_t round = t->spec->column_count + 1;
	size_t now = t->is_sorted ? t->sort_column : t->spec->column_count;

	sort_by(t, (now + step) % round, false);
}

bool
table_command(struct table *t, enum command_id id, const char *args)
{
	const struct table_row *r;

	if (list_command(&t->list, id)) {
		if (t->shown.len > 0)
			skip_headings(t, id == CMD_UP || id == CMD_PAGE_UP || id == CMD_BOTTOM);
		return true;
	}
	switch (id) {
	case CMD_SORT_NEXT: sort_next(t, 1); return true;
	case CMD_SORT_PREV: sort_next(t, t->spec->column_count); return true;
	case CMD_SORT_INVERT:
		sort_by(t, t->is_sorted ? t->sort_column : 0, !t->is_inverted);
		return true;
	case CMD_BACK:
		if (t->filter == NULL)
			return false;
		table_filter(t, "");
		return true;
	default: break;
	}
	r = table_chosen(t);
	return r != NULL && args[0] == '\0' && act_on_row(t, id, r);
}

bool
table_find(struct table *t, const char *text, int direction)
{
	size_t n = t->shown.len, from = t->list.chosen;

	text += text[0] == '!' && t->filter != NULL;	/* any row that it leaves */
	for (size_t i = direction == 0 ? 0 : 1; i < n + (direction != 0); i++) {
		size_t at = direction < 0 ? (from + n - i % n) % n : (from + i) % n;
		const struct table_row *r = &t->rows.items[t->shown.items[at]];

		if (!r->is_heading && (t->filter != NULL || row_matches(t, r, text))) {
			t->list.chosen = at;
			return true;
		}
	}
	return false;
}

static struct table *
table_of(struct screen *s)
{
	return &((struct table_screen *)s)->table;
}

static void
screen_update(struct screen *s, unsigned changes)
{
	table_of(s)->app = s->app;
	table_update(table_of(s), changes);
}

static void
screen_draw(struct screen *s, struct area a)
{
	table_draw(table_of(s), a);
}

static bool
screen_command(struct screen *s, enum command_id id, const char *args)
{
	return table_command(table_of(s), id, args);
}

static bool
screen_find(struct screen *s, const char *text, int direction)
{
	return table_find(table_of(s), text, direction);
}

static void
screen_filter(struct screen *s, const char *text)
{
	table_filter(table_of(s), text);
}

static void
screen_hint(struct screen *s, struct buf *out)
{
	buf_puts(out, table_of(s)->spec->hint);
}

static void
screen_free(struct screen *s)
{
	table_fini(table_of(s));
	free(s);
}

static const struct screen_ops table_ops = {
	.name = "list",
	.scope = SCOPE_LIST,
	.update = screen_update,
	.draw = screen_draw,
	.command = screen_command,
	.find = screen_find,
	.filter = screen_filter,
	.hint = screen_hint,
	.free = screen_free,
};

struct screen *
table_open(struct app *a, const struct table_spec *spec)
{
	struct table_screen *t = xcalloc(1, sizeof(*t));

	table_init(&t->table, a, spec, NULL);
	t->screen.ops = &table_ops;
	t->screen.app = a;
	t->screen.name = spec->name;
	return &t->screen;
}
