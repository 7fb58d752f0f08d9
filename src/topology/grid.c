/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A rectangle of character cells; see grid.h. */
#include "src/topology/grid.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"

struct grid *
grid_new(unsigned cols, unsigned rows)
{
	struct grid *g = xcalloc(1, sizeof(*g));
	size_t count = (size_t)cols * rows;

	g->cols = cols;
	g->rows = rows;
	g->cells = xcalloc(count + 1, sizeof(*g->cells));
	for (size_t i = 0; i < count; i++)
		g->cells[i] = (struct grid_cell){ .glyph = ' ', .owner = GRID_NO_OWNER,
						  .style = STYLE_PLAIN };
	return g;
}

void
grid_free(struct grid **gp)
{
	if (*gp == NULL)
		return;
	free((*gp)->cells);
	vec_fini(&(*gp)->marks);
	free(*gp);
	*gp = NULL;
}

static bool
is_inside(const struct grid *g, int col, int row)
{
	return col >= 0 && row >= 0 && (unsigned)col < g->cols && (unsigned)row < g->rows;
}

/* A combining mark joins the glyph that ends before col. */
static void
add_mark(struct grid *g, int col, int row, uint32_t mark)
{
	struct grid_cell *cell;

	if (!is_inside(g, --col, row))
		return;
	if (grid_at(g, (unsigned)col, (unsigned)row)->glyph == 0 && col > 0)
		col--;
	cell = grid_at(g, (unsigned)col, (unsigned)row);
	if (cell->glyph == ' ' || cell->marks >= GRID_MOST_MARKS)
		return;
	cell->marks++;
	vec_push(&g->marks, ((struct grid_mark){ (size_t)(cell - g->cells), mark }));
}

static void
put_glyph(struct grid *g, int col, int row, uint32_t cp, int width, enum grid_style style,
	  uint32_t owner)
{
	bool is_whole = is_inside(g, col, row) && is_inside(g, col + width - 1, row);

	for (int i = 0; i < width; i++)
		if (is_inside(g, col + i, row))
			*grid_at(g, (unsigned)(col + i), (unsigned)row) = (struct grid_cell){
				.glyph = !is_whole ? ' ' : i == 0 ? cp : 0,
				.owner = owner, .style = (uint8_t)style };
}

void
grid_text(struct grid *g, int col, int row, const char *text, enum grid_style style,
	  uint32_t owner)
{
	size_t len = strlen(text);
	int start = col;

	while (len > 0) {
		uint32_t cp;
		bool ok;
		size_t used = text_decode(text, len, &cp, &ok);
		int width = (int)text_cp_width(cp);

		if (width > 0)
			put_glyph(g, col, row, cp, width, style, owner);
		else if (col > start)
			add_mark(g, col, row, cp);
		col += width;
		text += used;
		len -= used;
	}
}

unsigned
grid_marks(const struct grid *g, unsigned col, unsigned row, uint32_t out[GRID_MOST_MARKS])
{
	size_t cell = (size_t)row * g->cols + col;
	unsigned count = 0;

	if (g->cells[cell].marks == 0)
		return 0;
	/* Older marks of the place belong to what was there before: take the last. */
	for (size_t i = g->marks.len; i-- > 0 && count < g->cells[cell].marks;)
		if (g->marks.items[i].cell == cell)
			out[g->cells[cell].marks - ++count] = g->marks.items[i].glyph;
	return count;
}

static void
emit_cell(const struct grid *g, unsigned col, unsigned row, struct buf *out)
{
	uint32_t marks[GRID_MOST_MARKS];
	unsigned count = grid_marks(g, col, row, marks);
	char bytes[4];

	buf_append(out, bytes, text_encode(g->cells[(size_t)row * g->cols + col].glyph, bytes));
	for (unsigned i = 0; i < count; i++)
		buf_append(out, bytes, text_encode(marks[i], bytes));
}

void
grid_emit_text(const struct grid *g, struct buf *out)
{
	size_t end = out->len;		/* behind the last row that has a glyph */

	for (unsigned row = 0; row < g->rows; row++) {
		const struct grid_cell *cell = &g->cells[(size_t)row * g->cols];
		size_t start = out->len, mark = start;

		for (unsigned col = 0; col < g->cols; col++) {
			if (cell[col].glyph == 0)
				continue;
			emit_cell(g, col, row, out);
			if (cell[col].glyph != ' ')
				mark = out->len;
		}
		if (out->len > mark)
			out->len = mark;
		buf_putc(out, '\n');
		if (mark > start)
			end = out->len;
	}
	if (out->len > end)
		out->len = end;
	if (out->data != NULL)
		out->data[out->len] = '\0';
}
