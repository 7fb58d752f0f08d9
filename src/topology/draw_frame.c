/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames of groups: dotted lines that nothing else is drawn with.  Lines of
 * edges pass in front of them.
 */
#include <string.h>

#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/topology/draw_priv.h"
#include "src/topology/layout_priv.h"

static void
put_frame_cell(struct picture *c, int col, int row, uint32_t glyph)
{
	struct grid_cell *cell = picture_cell(c, col, row);

	if (cell == NULL || c->wires[cell - c->grid->cells].arms != 0)
		return;
	cell->glyph = glyph;
	cell->style = STYLE_DIM;
}

/* Titles stand on the side above or on the one below. */
static void
put_title(struct picture *c, const struct frame *f, const struct layout_rect *r)
{
	int row = (int)(f->title_side == TITLE_END ? r->row + r->rows - 1 : r->row);
	const char *mark = c->glyphs != GLYPHS_UNICODE ? "~" : "\xe2\x80\xa6";
	struct buf text = BUF_INIT;

	if (f->title_side == TITLE_NONE)
		return;
	buf_putc(&text, ' ');
	text_cut_middle(&text, f->title, f->title_cells - 2, mark);
	buf_putc(&text, ' ');
	picture_text(c, f->title_at, row, buf_str(&text), STYLE_TITLE, GRID_NO_OWNER);
	buf_fini(&text);
}

void
picture_frame_rect(const struct layout *l, const struct frame *f, struct layout_rect *out)
{
	int start = frame_start(l, f), cells = frame_end(l, f) - start + 1;
	int low = l->items[f->low[0]].at, size = l->items[f->high[0]].at - low + 1;

	if (layout_is_across(l))
		*out = (struct layout_rect){ (unsigned)start, (unsigned)low, (unsigned)cells,
					     (unsigned)size };
	else
		*out = (struct layout_rect){ (unsigned)low, (unsigned)start, (unsigned)size,
					     (unsigned)cells };
}

void
picture_frame(struct picture *c, const struct frame *f)
{
	struct layout_rect r;
	int left, right, top, bottom;

	picture_frame_rect(c->l, f, &r);
	left = (int)r.col;
	right = left + (int)r.cols - 1;
	top = (int)r.row;
	bottom = top + (int)r.rows - 1;
	for (int col = left + 1; col < right; col++) {
		put_frame_cell(c, col, top, glyph_of_group(ARM_EAST | ARM_WEST, c->glyphs));
		put_frame_cell(c, col, bottom, glyph_of_group(ARM_EAST | ARM_WEST, c->glyphs));
	}
	for (int row = top + 1; row < bottom; row++) {
		put_frame_cell(c, left, row, glyph_of_group(ARM_NORTH | ARM_SOUTH, c->glyphs));
		put_frame_cell(c, right, row, glyph_of_group(ARM_NORTH | ARM_SOUTH, c->glyphs));
	}
	put_frame_cell(c, left, top, glyph_of_group(ARM_EAST | ARM_SOUTH, c->glyphs));
	put_frame_cell(c, right, top, glyph_of_group(ARM_WEST | ARM_SOUTH, c->glyphs));
	put_frame_cell(c, left, bottom, glyph_of_group(ARM_EAST | ARM_NORTH, c->glyphs));
	put_frame_cell(c, right, bottom, glyph_of_group(ARM_WEST | ARM_NORTH, c->glyphs));
	put_title(c, f, &r);
}
