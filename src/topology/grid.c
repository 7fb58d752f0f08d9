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
	free(*gp);
	*gp = NULL;
}

unsigned
grid_text(struct grid *g, unsigned col, unsigned row, const char *text,
	  enum grid_style style, uint32_t owner)
{
	size_t len = strlen(text);
	unsigned start = col;

	while (len > 0 && row < g->rows) {
		uint32_t cp;
		bool ok;
		size_t used = text_decode(text, len, &cp, &ok);
		unsigned width = text_cp_width(cp);

		if (width > 0 && col + width > g->cols)
			break;
		for (unsigned i = 0; i < width; i++)
			*grid_at(g, col + i, row) = (struct grid_cell){
				.glyph = i == 0 ? cp : 0, .owner = owner,
				.style = (uint8_t)style };
		col += width;
		text += used;
		len -= used;
	}
	return col - start;
}

void
grid_emit_text(const struct grid *g, struct buf *out)
{
	size_t end = out->len;		/* behind the last row that has a glyph */

	for (unsigned row = 0; row < g->rows; row++) {
		const struct grid_cell *cell = &g->cells[(size_t)row * g->cols];
		size_t start = out->len, mark = start;

		for (unsigned col = 0; col < g->cols; col++) {
			char bytes[4];

			if (cell[col].glyph == 0)
				continue;
			buf_append(out, bytes, text_encode(cell[col].glyph, bytes));
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
