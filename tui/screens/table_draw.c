/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drawing a table: its head, titles, rows and foot; see table.h. */
#include "tui/screens/table_priv.h"

#include <string.h>

#include "src/base/buf.h"
#include "src/base/text.h"
#include "tui/app/app.h"

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

	if (r->is_marked)
		area_put(row, 0, 0, STYLE_KEY, "*");
	if (r->is_heading) {
		area_put_cut(row, 1, 0, row.cols - 2, r->styles[0], table_row_text(r, 0));
		return;
	}
	for (size_t c = 0; c < t->spec->column_count && col < row.cols; c++) {
		const char *text = table_row_text(r, c);
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
	buf_printf(&b, " /%s  %zu of %zu  ", t->filter, t->shown.len - headings,
		   t->rows.len - headings);
	app_put_keys(t->app, "{back} drops it ", &b);
	text_cut_middle(&text, buf_str(&b), a.cols > 4 ? a.cols - 4 : 0, "~");
	area_put_right(a, a.cols > 2 ? a.cols - 2 : 0, row, STYLE_WARN, buf_str(&text));
	buf_fini(&b);
	buf_fini(&text);
}

static void
draw_marks(const struct table *t, struct area a, unsigned row)
{
	size_t count = table_marks_count(t);
	struct buf text = BUF_INIT, b = BUF_INIT;

	if (count == 0 && t->range == NULL)
		return;
	if (t->range != NULL)
		buf_puts(&text, " {range} ends the range ");
	else
		buf_printf(&text, " %zu marked  {actions} acts  {back} unmarks ", count);
	app_put_keys(t->app, buf_str(&text), &b);
	area_put_cut(a, 2, row, a.cols > 4 ? a.cols - 4 : 0, STYLE_KEY, buf_str(&b));
	buf_fini(&text);
	buf_fini(&b);
}

static void
draw_nothing(const struct table *t, struct area a)
{
	struct buf b = BUF_INIT;

	app_put_keys(t->app, t->rows.len > 0 ? "no row matches; {back} shows all" : t->spec->empty, &b);
	area_put_cut(a, 1, 0, a.cols - 2, STYLE_DIM, buf_str(&b));
	buf_fini(&b);
}

static void
bring_into_sight(struct table *t, unsigned room)
{
	VEC(struct table_row *) fresh = VEC_INIT;

	for (size_t i = t->list.top; t->spec->sight != NULL && i < t->shown.len && i < t->list.top + room; i++) {
		struct table_row *r = &t->rows.items[t->shown.items[i]];

		if (!r->is_seen && !r->is_heading)
			vec_push(&fresh, r);
		r->is_seen = true;
	}
	if (fresh.len > 0)
		t->spec->sight(t, fresh.items, fresh.len);
	vec_fini(&fresh);
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
	if (titles > 0)
		draw_marks(t, a, 1);
	if (t->filter != NULL)
		draw_filter(t, a, titles > 0 ? 1 : a.rows - 1);
	body = area_sub(a, 0, titles, a.cols, a.rows - titles - (titles == 0 && t->filter != NULL));
	list_fit(&t->list, t->shown.len, body.rows);
	if (t->list.chosen > 0 && t->list.top == t->list.chosen &&
	    t->rows.items[t->shown.items[t->list.chosen - 1]].is_heading)
		t->list.top--;		/* a heading stays in sight with its first row */
	if (t->shown.len == 0)
		draw_nothing(t, body);
	bring_into_sight(t, body.rows);
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
