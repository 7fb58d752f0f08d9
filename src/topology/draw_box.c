/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Boxes, labels and text on the picture, cut to the part that is drawn. */
#include <string.h>

#include "src/base/text.h"
#include "src/topology/draw_priv.h"
#include "src/topology/layout_priv.h"

struct grid_cell *
picture_cell(const struct picture *c, int col, int row)
{
	int x = col - (int)c->part.col, y = row - (int)c->part.row;

	if (x < 0 || y < 0 || x >= (int)c->part.cols || y >= (int)c->part.rows)
		return NULL;
	return grid_at(c->grid, (unsigned)x, (unsigned)y);
}

void
picture_text(struct picture *c, int col, int row, const char *text, enum grid_style style,
	     uint32_t owner)
{
	grid_text(c->grid, col - (int)c->part.col, row - (int)c->part.row, text, style,
		  owner);
}

/* In the colour of the line. */
void
picture_label(struct picture *c, const struct net *n, const struct pin *p, bool is_in)
{
	const struct layout *l = c->l;
	struct route_point end = route_end(l, n, p, is_in);
	int col = layout_is_across(l) ? end.along : end.across;
	int row = layout_is_across(l) ? end.across : end.along;
	const struct grid_cell *cell = picture_cell(c, col, row);
	enum grid_style style = cell != NULL ? (enum grid_style)cell->style : STYLE_PLAIN;
	uint32_t owner = cell != NULL ? cell->owner : GRID_NO_OWNER;

	if (p->label == NULL)
		return;
	if (label_is_above(l, n))
		picture_text(c, is_in ? col : col - label_cells(p), row - 1, p->label, style, owner);
	else
		picture_text(c, col + LABEL_SHIFT, row, p->label, style, owner);
}

/* Top down, the boxes of a layer are equally high; left to right, wide. */
void
picture_rect(const struct layout *l, const struct box *b, struct layout_rect *out)
{
	const struct item *it = &l->items[b->item];
	const struct layer *layer = &l->layers[it->layer];

	if (layout_is_across(l))
		*out = (struct layout_rect){ (unsigned)layer->start, (unsigned)it->at,
					     (unsigned)layer->extent, (unsigned)it->size };
	else
		*out = (struct layout_rect){ (unsigned)it->at, (unsigned)layer->start,
					     (unsigned)it->size, (unsigned)layer->extent };
}

static bool
is_visible(const struct picture *c, const struct layout_rect *r)
{
	return r->col < c->part.col + c->part.cols && c->part.col < r->col + r->cols &&
	       r->row < c->part.row + c->part.rows && c->part.row < r->row + r->rows;
}

static enum grid_style
box_style(const struct layout *l, const struct box *b)
{
	const struct graph_node *n;

	if (b->node == NONE)
		return STYLE_DIM;
	n = &l->g->nodes.items[b->node];
	if (n->is_idle)
		return STYLE_DIM;
	switch (n->health) {
	case HEALTH_FAILURE:
		return STYLE_BAD;
	case HEALTH_DEGRADED:
	case HEALTH_NOT_READY:
		return STYLE_WARN;
	case HEALTH_HEALTHY:
		return n->kind == NODE_SERVICE ? STYLE_SERVICE : STYLE_GOOD;
	default:
		return n->kind == NODE_SERVICE ? STYLE_SERVICE : STYLE_PLAIN;
	}
}

static void
draw_frame(struct picture *c, const struct layout_rect *r, enum grid_style style,
	   uint32_t owner)
{
	for (unsigned row = 0; row < r->rows; row++)
		for (unsigned col = 0; col < r->cols; col++) {
			struct grid_cell *cell;
			int arms = (row == 0 || row + 1 == r->rows) ?
				   (col > 0 ? ARM_WEST : 0) |
				   (col + 1 < r->cols ? ARM_EAST : 0) : 0;

			if (col == 0 || col + 1 == r->cols)
				arms |= (row > 0 ? ARM_NORTH : 0) |
					(row + 1 < r->rows ? ARM_SOUTH : 0);
			cell = picture_cell(c, (int)(r->col + col), (int)(r->row + row));
			if (cell != NULL)
				*cell = (struct grid_cell){
					.glyph = arms ? glyph_of_frame(arms, c->glyphs) : ' ',
					.owner = owner, .style = (uint8_t)style };
		}
}

static void
draw_centered(struct picture *c, const struct layout_rect *r, unsigned row, unsigned cells,
	      const char *text, enum grid_style style, uint32_t owner)
{
	unsigned left = r->cols > cells ? (r->cols - cells) / 2 : 0;

	picture_text(c, (int)(r->col + left), (int)(r->row + row), text, style, owner);
}

void
picture_box(struct picture *c, const struct box *b, uint32_t selected)
{
	struct layout_rect rect, *r = &rect;
	uint32_t owner = b->node;
	enum grid_style style = owner == selected && owner != NONE ? STYLE_SELECTED :
				box_style(c->l, b);
	unsigned cells = (unsigned)text_width(b->label, strlen(b->label));
	unsigned mark = b->mark != NULL ? (unsigned)text_width(b->mark, strlen(b->mark)) + 1 : 0;
	unsigned row, left;

	picture_rect(c->l, b, r);
	if (!is_visible(c, r))
		return;
	row = 1 + (r->rows - 2 - b->text_rows) / 2;
	left = (r->cols - cells - mark) / 2;
	draw_frame(c, r, style, owner);
	if (b->mark != NULL)
		picture_text(c, (int)(r->col + left), (int)(r->row + row), b->mark, style, owner);
	picture_text(c, (int)(r->col + left + mark), (int)(r->row + row), b->label,
		  b->node == NONE ? STYLE_DIM : style == STYLE_SELECTED ? style : STYLE_BOLD,
		  owner);
	if (b->note != NULL && c->l->o.zoom == ZOOM_BOX)
		draw_centered(c, r, ++row, (unsigned)text_width(b->note, strlen(b->note)),
			      b->note, style == STYLE_SELECTED ? style : STYLE_PLAIN, owner);
	if (b->calls_itself)
		draw_centered(c, r, ++row, 1, glyph_of_loop(c->glyphs), style, owner);
}
