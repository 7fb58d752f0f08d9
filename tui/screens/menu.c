/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A box with choices; each choice is a command line.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "tui/app/app.h"
#include "tui/app/screen.h"
#include "tui/screens/screens.h"
#include "tui/term/key.h"
#include "tui/widgets/list.h"

struct menu_item {
	char *label, *detail, *line;
	enum command_id key;		/* that the detail is to tell; CMD_NONE: as it is */
	bool is_marked;
};

struct menu {
	struct screen screen;
	char *title, *many;
	struct list list;
	VEC(struct menu_item) items;
};

void
menu_add(struct menu *m, const char *label, const char *detail, const char *line)
{
	struct menu_item item = {
		.label = text_clean(label), .detail = text_clean(detail != NULL ? detail : ""),
		.line = line != NULL ? xstrdup(line) : NULL,
	};

	vec_push(&m->items, item);
	m->list.count = m->items.len;
	if (m->items.items[m->list.chosen].line == NULL)
		m->list.chosen = m->items.len - 1;
}

void
menu_add_key(struct menu *m, const char *label, enum command_id key, const char *line)
{
	menu_add(m, label, NULL, line);
	m->items.items[m->items.len - 1].key = key;
}

void
menu_set_many(struct menu *m, const char *line)
{
	free(m->many);
	m->many = xstrdup(line);
}

void
menu_mark_last(struct menu *m)
{
	m->items.items[m->items.len - 1].is_marked = true;
	if (m->many == NULL)
		m->list.chosen = m->items.len - 1;
}

static unsigned
widest(const struct menu *m, bool detail)
{
	unsigned most = 0;

	for (size_t i = 0; i < m->items.len; i++) {
		const struct menu_item *item = &m->items.items[i];
		const char *s = detail ? item->detail : item->label;
		unsigned width = (unsigned)text_width(s, strlen(s));

		most = width > most ? width : most;
	}
	return most;
}

static void
draw_item(const struct menu *m, struct area row, const struct menu_item *item, unsigned labels,
	  bool is_chosen)
{
	enum glyph_level level = row.canvas->glyphs;
	unsigned col = 1;

	if (item->line == NULL) {
		area_put_cut(row, col, 0, row.cols - 2, STYLE_DIM, item->label);
		return;
	}
	area_put(row, col, 0, STYLE_KEY, is_chosen ? glyph(level, GLYPH_POINTER) : " ");
	col += 2;
	if (m->many != NULL) {
		area_put(row, col, 0, STYLE_PLAIN, item->is_marked ? "[x]" : "[ ]");
		col += 4;
	}
	area_put_cut(row, col, 0, labels, STYLE_PLAIN, item->label);
	col += labels + 2;
	if (col + 1 < row.cols)
		area_put_cut(row, col, 0, row.cols - col - 1, STYLE_DIM, item->detail);
	if (is_chosen)
		area_style_row(row, 0, 0, row.cols, UI_ROW_ON);
}

/* Columns for the labels: details, up to a third of the row, stay in sight. */
static unsigned
label_cells(unsigned cols, unsigned taken, unsigned labels, unsigned details)
{
	unsigned most = details < cols / 3 ? details : cols / 3;

	taken += details > 0 ? most + 2 : 0;
	return cols <= taken ? 1 : labels < cols - taken ? labels : cols - taken;
}

static void
menu_draw(struct screen *s, struct area a)
{
	struct menu *m = (struct menu *)s;
	unsigned labels = widest(m, false), details = widest(m, true);
	unsigned marks = m->many != NULL ? 4 : 0;
	unsigned title = (unsigned)text_width(m->title, strlen(m->title)) + 4;
	unsigned cols = labels + marks + 4 + (details > 0 ? details + 2 : 0) + 2;
	unsigned rows = (unsigned)m->items.len + 2;
	struct area box, inside;

	cols = cols < title + 4 ? title + 4 : cols;
	cols = cols > a.cols ? a.cols : cols;
	rows = rows > a.rows ? a.rows : rows;
	box = area_sub(a, (a.cols - cols) / 2, (a.rows - rows) / 2, cols, rows);
	if (box.col > 0)	/* a margin, so that nothing runs into the box */
		area_blank(area_sub(a, (a.cols - cols) / 2 - 1, (a.rows - rows) / 2, cols + 2, rows),
			   STYLE_PLAIN);
	inside = area_frame(box, m->title);
	labels = label_cells(inside.cols, marks + 4, labels, details);
	list_fit(&m->list, m->items.len, inside.rows);
	if (m->items.len > inside.rows)
		area_printf(box, 2, box.rows - 1, UI_BORDER, " %zu-%zu of %zu ", m->list.top + 1,
			    m->list.top + inside.rows, m->items.len);
	for (unsigned row = 0; row < inside.rows && m->list.top + row < m->items.len; row++) {
		size_t i = m->list.top + row;

		if (m->items.items[i].line != NULL)
			area_hit(area_sub(inside, 0, row, inside.cols, 1), (unsigned)i);
		draw_item(m, area_sub(inside, 0, row, inside.cols, 1), &m->items.items[i],
			  labels, i == m->list.chosen);
	}
}

static void
run_many(struct menu *m, struct app *a)
{
	struct buf line = BUF_INIT;
	unsigned count = 0;

	buf_printf(&line, "%s ", m->many);
	for (size_t i = 0; i < m->items.len; i++) {
		if (!m->items.items[i].is_marked)
			continue;
		buf_printf(&line, "%s%s", count++ > 0 ? "," : "", m->items.items[i].label);
	}
	app_pop(a, &m->screen);
	app_run(a, buf_str(&line));
	buf_fini(&line);
}

static void
run_chosen(struct menu *m, struct app *a)
{
	const char *line = m->items.len > 0 ? m->items.items[m->list.chosen].line : NULL;
	char *copy;

	if (m->many != NULL) {
		run_many(m, a);
		return;
	}
	if (line == NULL)
		return;
	copy = xstrdup(line);
	app_pop(a, &m->screen);
	if (copy[0] != '\0' && copy[strlen(copy) - 1] == ' ')
		app_open_line(a, copy);
	else
		app_run(a, copy);
	free(copy);
}

static void
skip_headings(struct menu *m, enum command_id id)
{
	size_t step = id == CMD_UP || id == CMD_PAGE_UP ? (size_t)-1 : 1;

	for (size_t tries = 0; tries < m->items.len; tries++) {
		if (m->items.items[m->list.chosen].line != NULL)
			return;
		if (m->list.chosen == 0 && step != 1)
			step = 1;
		if (m->list.chosen + step >= m->items.len)
			step = (size_t)-1;
		m->list.chosen += step;
	}
}

static bool
menu_command(struct screen *s, enum command_id id, const char *args)
{
	struct menu *m = (struct menu *)s;

	(void)args;
	if (list_command(&m->list, id)) {
		skip_headings(m, id);
		return true;
	}
	switch (id) {
	case CMD_OPEN:
		run_chosen(m, s->app);
		return true;
	case CMD_TOGGLE:
		if (m->many == NULL)
			return true;
		m->items.items[m->list.chosen].is_marked ^= true;
		return true;
	case CMD_BACK:
	case CMD_CLOSE:
		app_pop(s->app, s);
		return true;
	default:
		return false;
	}
}

/* One click is enough for a choice of one. */
static bool
menu_click(struct screen *s, unsigned what, unsigned col, unsigned row)
{
	struct menu *m = (struct menu *)s;

	(void)col;
	(void)row;
	list_click(&m->list, what);
	if (m->many == NULL)
		return true;
	m->items.items[what].is_marked ^= true;
	return false;
}

static void
menu_hint(struct screen *s, struct buf *out)
{
	struct menu *m = (struct menu *)s;

	buf_puts(out, m->many != NULL ? "Space mark\tEnter take the marked ones\tEsc leave as it is" :
		 "Enter choose\tEsc leave as it is");
}

static void
menu_free(struct screen *s)
{
	struct menu *m = (struct menu *)s;

	for (size_t i = 0; i < m->items.len; i++) {
		free(m->items.items[i].label);
		free(m->items.items[i].detail);
		free(m->items.items[i].line);
	}
	vec_fini(&m->items);
	free(m->title);
	free(m->many);
	free(m);
}

/* The app, and so what keys are bound, is known now. */
static void
menu_update(struct screen *s, unsigned changes)
{
	struct menu *m = (struct menu *)s;

	(void)changes;
	for (size_t i = 0; i < m->items.len; i++) {
		struct menu_item *item = &m->items.items[i];
		struct buf b = BUF_INIT;

		if (item->key == CMD_NONE)
			continue;
		app_put_key(s->app, item->key, &b);
		item->key = CMD_NONE;
		free(item->detail);
		item->detail = buf_steal(&b);
	}
}

static const struct screen_ops menu_ops = {
	.name = "choice",
	.scope = SCOPE_MENU,
	.is_overlay = true,
	.update = menu_update,
	.draw = menu_draw,
	.command = menu_command,
	.click = menu_click,
	.hint = menu_hint,
	.free = menu_free,
};

struct menu *
menu_new(const char *title)
{
	struct menu *m = xcalloc(1, sizeof(*m));

	m->screen.ops = &menu_ops;
	m->title = text_clean(title);
	return m;
}

struct screen *
menu_screen(struct menu *m)
{
	return &m->screen;
}
