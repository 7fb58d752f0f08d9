/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cells, areas, and text drawn into them.
 */
#include "tui/term/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"

static const struct cell blank = { .glyph = ' ', .style = STYLE_PLAIN };

struct canvas *
canvas_new(unsigned cols, unsigned rows)
{
	struct canvas *c = xcalloc(1, sizeof(*c));

	canvas_resize(c, cols, rows);
	return c;
}

void
canvas_free(struct canvas **cp)
{
	if (*cp == NULL)
		return;
	free((*cp)->cells);
	vec_fini(&(*cp)->hits);
	free(*cp);
	*cp = NULL;
}

void
canvas_resize(struct canvas *c, unsigned cols, unsigned rows)
{
	c->cols = cols < 1 ? 1 : cols > CANVAS_MAX_COLS ? CANVAS_MAX_COLS : cols;
	c->rows = rows < 1 ? 1 : rows > CANVAS_MAX_ROWS ? CANVAS_MAX_ROWS : rows;
	c->cells = xrealloc(c->cells, (size_t)c->cols * c->rows, sizeof(*c->cells));
	canvas_clear(c);
}

void
canvas_clear(struct canvas *c)
{
	for (size_t i = 0; i < (size_t)c->cols * c->rows; i++)
		c->cells[i] = blank;
	c->has_cursor = false;
	c->hits.len = 0;
}

bool
canvas_equal(const struct canvas *a, const struct canvas *b)
{
	return a->cols == b->cols && a->rows == b->rows && a->has_cursor == b->has_cursor &&
	       (!a->has_cursor ||
		(a->cursor_col == b->cursor_col && a->cursor_row == b->cursor_row)) &&
	       memcmp(a->cells, b->cells, (size_t)a->cols * a->rows * sizeof(*a->cells)) == 0;
}

void
canvas_copy(struct canvas *to, const struct canvas *from)
{
	if (to->cols != from->cols || to->rows != from->rows)
		canvas_resize(to, from->cols, from->rows);
	memcpy(to->cells, from->cells, (size_t)from->cols * from->rows * sizeof(*to->cells));
	to->has_cursor = from->has_cursor;
	to->cursor_col = from->cursor_col;
	to->cursor_row = from->cursor_row;
	to->glyphs = from->glyphs;
}

static void
put_code_point(struct buf *out, uint32_t cp)
{
	char bytes[4];

	buf_append(out, bytes, text_encode(cp, bytes));
}

static unsigned
row_end(const struct canvas *c, unsigned row)
{
	unsigned end = c->cols;

	while (end > 0) {
		const struct cell *cell = canvas_at(c, end - 1, row);

		if (cell->glyph != ' ' || cell->marks[0] != 0)
			break;
		end--;
	}
	return end;
}

void
canvas_text(const struct canvas *c, struct buf *out)
{
	for (unsigned row = 0; row < c->rows; row++) {
		unsigned end = row_end(c, row);

		for (unsigned col = 0; col < end; col++) {
			const struct cell *cell = canvas_at(c, col, row);

			if (cell->glyph != 0)
				put_code_point(out, cell->glyph);
			for (size_t m = 0; m < CELL_MARKS && cell->marks[m] != 0; m++)
				put_code_point(out, cell->marks[m]);
		}
		buf_putc(out, '\n');
	}
}

struct area
canvas_area(struct canvas *c)
{
	return (struct area){ c, 0, 0, c->cols, c->rows };
}

struct area
area_sub(struct area a, unsigned col, unsigned row, unsigned cols, unsigned rows)
{
	struct area sub = a;

	col = col > a.cols ? a.cols : col;
	row = row > a.rows ? a.rows : row;
	sub.col = a.col + col;
	sub.row = a.row + row;
	sub.cols = cols > a.cols - col ? a.cols - col : cols;
	sub.rows = rows > a.rows - row ? a.rows - row : rows;
	return sub;
}

void
area_hit(struct area a, unsigned what)
{
	vec_push(&a.canvas->hits, ((struct hit){ a.col, a.row, a.cols, a.rows, what, NULL }));
}

void
area_hit_row(struct area a, struct list *list, size_t row)
{
	vec_push(&a.canvas->hits, ((struct hit){ a.col, a.row, a.cols, a.rows, (unsigned)row, list }));
}

/* A wide glyph that loses one half to col must not leave the other. */
static void
break_wide(struct canvas *c, unsigned col, unsigned row)
{
	struct cell *cell = canvas_at(c, col, row);

	if (cell->glyph == 0 && col > 0)
		canvas_at(c, col - 1, row)->glyph = ' ';
	if (col + 1 < c->cols && canvas_at(c, col + 1, row)->glyph == 0)
		canvas_at(c, col + 1, row)->glyph = ' ';
}

static void
set_cell(struct canvas *c, unsigned col, unsigned row, uint32_t cp, unsigned style)
{
	struct cell *cell = canvas_at(c, col, row);

	break_wide(c, col, row);
	*cell = (struct cell){ .glyph = cp, .style = (uint8_t)style };
}

void
area_blank(struct area a, unsigned style)
{
	for (unsigned row = 0; row < a.rows; row++)
		for (unsigned col = 0; col < a.cols; col++)
			set_cell(a.canvas, a.col + col, a.row + row, ' ', style);
}

static void
add_mark(struct area a, unsigned col, unsigned row, uint32_t cp)
{
	struct cell *cell;

	if (col == 0)
		return;
	cell = canvas_at(a.canvas, a.col + col - 1, a.row + row);
	if (cell->glyph == 0 && col > 1)
		cell--;
	for (size_t m = 0; m < CELL_MARKS; m++) {
		if (cell->marks[m] == 0) {
			cell->marks[m] = cp;
			return;
		}
	}
}

/* Two cells wide on such a terminal.  Lines are drawn only where they take one
 * cell: in ASCII they are a text's own. */
static bool
is_too_wide(const struct canvas *c, uint32_t cp)
{
	return c->is_wide_terminal && text_cp_is_ambiguous(cp) &&
	       (c->glyphs == GLYPHS_ASCII || cp < 0x2500 || cp >= 0x2580);
}

/* Draws one code point; returns its width, UINT_MAX when there is no room. */
static unsigned
put_glyph(struct area a, unsigned col, unsigned row, unsigned style, uint32_t cp)
{
	unsigned width;

	if (cp == TEXT_MARK || text_cp_is_unsafe(cp) || is_too_wide(a.canvas, cp)) {
		cp = a.canvas->glyphs != GLYPHS_UNICODE || a.canvas->is_wide_terminal ? '?' :
		     TEXT_MARK;
		style = UI_MARK;
	}
	width = text_cp_width(cp);
	if (width == 0) {
		add_mark(a, col, row, cp);
		return 0;
	}
	if (col + width > a.cols)
		return UINT32_MAX;
	set_cell(a.canvas, a.col + col, a.row + row, cp, style);
	if (width == 2) {
		set_cell(a.canvas, a.col + col + 1, a.row + row, ' ', style);
		canvas_at(a.canvas, a.col + col + 1, a.row + row)->glyph = 0;
	}
	return width;
}

unsigned
area_put(struct area a, unsigned col, unsigned row, unsigned style, const char *text)
{
	unsigned at = col;
	size_t len = strlen(text);

	if (row >= a.rows || col >= a.cols)
		return 0;
	for (size_t i = 0; i < len;) {
		uint32_t cp;
		bool ok;
		unsigned width;

		i += text_decode(text + i, len - i, &cp, &ok);
		width = put_glyph(a, at, row, style, cp);
		if (width == UINT32_MAX)
			break;
		at += width;
	}
	return at - col;
}

unsigned
area_printf(struct area a, unsigned col, unsigned row, unsigned style, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;
	unsigned cells;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	cells = area_put(a, col, row, style, buf_str(&b));
	buf_fini(&b);
	return cells;
}

unsigned
area_put_cut(struct area a, unsigned col, unsigned row, unsigned cols, unsigned style,
	     const char *text)
{
	struct buf b = BUF_INIT;
	unsigned cells;

	if (text_width(text, strlen(text)) <= cols)
		return area_put(area_sub(a, 0, 0, col + cols, UINT32_MAX), col, row, style, text);
	text_cut_middle(&b, text, cols, glyph(a.canvas->glyphs, GLYPH_CUT));
	cells = area_put(a, col, row, style, buf_str(&b));
	buf_fini(&b);
	return cells;
}

unsigned
area_put_right(struct area a, unsigned end, unsigned row, unsigned style, const char *text)
{
	size_t width = text_width(text, strlen(text));
	unsigned col = width >= end ? 0 : end - (unsigned)width;

	area_put(area_sub(a, 0, 0, end, UINT32_MAX), col, row, style, text);
	return col;
}

void
area_style_row(struct area a, unsigned col, unsigned row, unsigned cols, unsigned style)
{
	if (row >= a.rows)
		return;
	for (unsigned i = col; i < a.cols && i - col < cols; i++)
		canvas_at(a.canvas, a.col + i, a.row + row)->style = (uint8_t)style;
}

void
area_rule(struct area a, unsigned row)
{
	for (unsigned col = 0; col < a.cols; col++)
		area_put(a, col, row, UI_BORDER, glyph(a.canvas->glyphs, GLYPH_HLINE));
}

void
area_column_rule(struct area a, unsigned col)
{
	for (unsigned row = 0; row < a.rows; row++)
		area_put(a, col, row, UI_BORDER, glyph(a.canvas->glyphs, GLYPH_VLINE));
}

struct area
area_frame(struct area a, const char *title)
{
	enum glyph_level level = a.canvas->glyphs;

	if (a.cols < 2 || a.rows < 2)
		return area_sub(a, 0, 0, 0, 0);
	area_blank(a, STYLE_PLAIN);
	area_rule(a, 0);
	area_rule(a, a.rows - 1);
	area_column_rule(a, 0);
	area_column_rule(a, a.cols - 1);
	area_put(a, 0, 0, UI_BORDER, glyph(level, GLYPH_TOP_LEFT));
	area_put(a, a.cols - 1, 0, UI_BORDER, glyph(level, GLYPH_TOP_RIGHT));
	area_put(a, 0, a.rows - 1, UI_BORDER, glyph(level, GLYPH_BOTTOM_LEFT));
	area_put(a, a.cols - 1, a.rows - 1, UI_BORDER, glyph(level, GLYPH_BOTTOM_RIGHT));
	if (title != NULL && a.cols > 6) {
		unsigned used = area_put_cut(a, 3, 0, a.cols - 6, STYLE_TITLE, title);

		area_put(a, 2, 0, UI_BORDER, " ");
		area_put(a, 3 + used, 0, UI_BORDER, " ");
	}
	return area_sub(a, 1, 1, a.cols - 2, a.rows - 2);
}

void
area_cursor(struct area a, unsigned col, unsigned row)
{
	if (a.cols == 0 || row >= a.rows)
		return;
	a.canvas->has_cursor = true;
	a.canvas->cursor_col = a.col + (col < a.cols ? col : a.cols - 1);
	a.canvas->cursor_row = a.row + row;
}

void
area_grid(struct area a, const struct grid *g, unsigned from_col, unsigned from_row)
{
	for (unsigned row = 0; row < a.rows && from_row + row < g->rows; row++) {
		const struct grid_cell *line = &g->cells[(size_t)(from_row + row) * g->cols];

		for (unsigned col = 0; col < a.cols && from_col + col < g->cols; col++) {
			const struct grid_cell *cell = &line[from_col + col];
			uint32_t marks[GRID_MOST_MARKS];
			unsigned count;

			if (cell->glyph == 0)
				continue;	/* came with its first half */
			count = cell->marks > 0 ?
				grid_marks(g, from_col + col, from_row + row, marks) : 0;
			put_glyph(a, col, row, cell->style, cell->glyph);
			for (unsigned m = 0; m < count; m++)
				put_glyph(a, col + 1, row, cell->style, marks[m]);
		}
	}
}

static const char *const glyphs[GLYPH_COUNT][GLYPHS_COUNT] = {	/* unicode, light, ascii */
	[GLYPH_HLINE] = { "─", "─", "-" },
	[GLYPH_VLINE] = { "│", "│", "|" },
	[GLYPH_TOP_LEFT] = { "╭", "┌", "+" },
	[GLYPH_TOP_RIGHT] = { "╮", "┐", "+" },
	[GLYPH_BOTTOM_LEFT] = { "╰", "└", "+" },
	[GLYPH_BOTTOM_RIGHT] = { "╯", "┘", "+" },
	[GLYPH_CUT] = { "…", "~", "~" },
	[GLYPH_POINTER] = { "▸", ">", ">" },
	[GLYPH_DONE] = { "✓", "*", "*" },
	[GLYPH_DOT] = { "·", ".", "." },
	[GLYPH_UP] = { "▲", "^", "^" },
	[GLYPH_DOWN] = { "▼", "v", "v" },
	[GLYPH_ON] = { "●", "(x)", "(x)" },
	[GLYPH_OFF] = { "○", "( )", "( )" },
	[GLYPH_ARROW] = { "→", "->", "->" },
	[GLYPH_BAR] = { "█", "#", "#" },
	[GLYPH_LEFT] = { "←", "<", "<" },
	[GLYPH_RIGHT] = { "→", ">", ">" },
	[GLYPH_ABOVE] = { "↑", "^", "^" },
	[GLYPH_BELOW] = { "↓", "v", "v" },
	[GLYPH_TICK] = { "┤", "┤", "|" },
	[GLYPH_DASHED] = { "┊", "┊", ":" },
	[GLYPH_TRACK] = { "░", ".", "." },
};

const char *
glyph(enum glyph_level level, enum ui_glyph g)
{
	ASSERT((unsigned)g < GLYPH_COUNT);
	return glyphs[g][level];
}
