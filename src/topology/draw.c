/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the layout to cells.
 *
 * Lines are first collected as arms (which of the four neighbours a cell is
 * connected to, and by whose line), so that corners, tees and crossings
 * follow from the arms alone.  Each edge then gives its way its style, the
 * worst health last, the selection on top of all.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/text.h"
#include "src/topology/draw_priv.h"
#include "src/topology/grid.h"
#include "src/topology/layout_priv.h"

/* What is done to the cells of a line, one by one. */
typedef void (*cell_fn)(struct picture *c, int along, int across, int arms,
			const struct line *line, enum grid_style style);

/* NULL outside of the part that is drawn. */
static struct wire *
wire_at(struct picture *c, int along, int across, struct grid_cell **cell)
{
	int col = layout_is_across(c->l) ? along : across;
	int row = layout_is_across(c->l) ? across : along;

	*cell = picture_cell(c, col, row);
	return *cell != NULL ? &c->wires[*cell - c->grid->cells] : NULL;
}

/* Arms are kept in screen directions. */
static int
arms_toward(const struct layout *l, int d_along, int d_across)
{
	int d_col = layout_is_across(l) ? d_along : d_across;
	int d_row = layout_is_across(l) ? d_across : d_along;

	return (d_col < 0 ? ARM_WEST : 0) | (d_col > 0 ? ARM_EAST : 0) |
	       (d_row < 0 ? ARM_NORTH : 0) | (d_row > 0 ? ARM_SOUTH : 0);
}

/* From the lines of a gap to the layer before or behind it. */
static int
arms_out(const struct layout *l, uint32_t gap, bool is_before)
{
	int step = is_before ? -1 : 1;

	return l->gaps[gap].is_turned ? arms_toward(l, 0, step) : arms_toward(l, step, 0);
}

static void
connect_cell(struct picture *c, int along, int across, int arms, const struct line *line,
	     enum grid_style style)
{
	struct grid_cell *cell;
	struct wire *w = wire_at(c, along, across, &cell);

	(void)style;
	if (w == NULL)
		return;
	if (arms & (ARM_EAST | ARM_WEST)) {
		w->clash |= w->horizontal != NONE && w->horizontal != line->bundle;
		w->horizontal = line->bundle;
	}
	if (arms & (ARM_NORTH | ARM_SOUTH)) {
		w->clash |= w->vertical != NONE && w->vertical != line->bundle;
		w->vertical = line->bundle;
	}
	w->arms |= (uint8_t)arms;
}

static void
paint_cell(struct picture *c, int along, int across, int arms, const struct line *line,
	   enum grid_style style)
{
	struct grid_cell *cell;
	const struct wire *w = wire_at(c, along, across, &cell);

	(void)arms;
	if (w == NULL)
		return;
	/* At a crossing the line that runs across the screen stays in front. */
	if (w->horizontal != NONE && w->vertical != NONE && w->horizontal != w->vertical &&
	    w->vertical == line->bundle && style != STYLE_SELECTED &&
	    cell->owner != GRID_NO_OWNER)
		return;
	cell->style = (uint8_t)style;
	cell->owner = GRID_OWNER_EDGE | line->edge;
}

/* Cuts from..to to the part that is drawn; false when nothing is left. */
static bool
clip_run(const struct picture *c, bool is_along, int other, int *from, int *to)
{
	bool horizontal = is_along == layout_is_across(c->l);
	int low = (int)(horizontal ? c->part.col : c->part.row);
	int high = low + (int)(horizontal ? c->part.cols : c->part.rows) - 1;
	int other_low = (int)(horizontal ? c->part.row : c->part.col);
	int other_high = other_low + (int)(horizontal ? c->part.rows : c->part.cols) - 1;

	*from = *from < low ? low : *from;
	*to = *to > high ? high : *to;
	return *from <= *to && other >= other_low && other <= other_high;
}

/* Calls fn for each cell from a to b, both included. */
static void
walk_run(struct picture *c, struct route_point a, struct route_point b, cell_fn fn,
	 const struct line *line, enum grid_style style)
{
	bool is_along = a.across == b.across;
	int low = is_along ? a.along : a.across, high = is_along ? b.along : b.across;
	int other = is_along ? a.across : a.along, first, last;

	if (low > high) {
		int swap = low;

		low = high;
		high = swap;
	}
	first = low;
	last = high;
	if (!clip_run(c, is_along, other, &first, &last))
		return;
	for (int at = first; at <= last; at++) {
		int arms = 0;

		if (at > low)
			arms |= arms_toward(c->l, is_along ? -1 : 0, is_along ? 0 : -1);
		if (at < high)
			arms |= arms_toward(c->l, is_along ? 1 : 0, is_along ? 0 : 1);
		fn(c, is_along ? at : other, is_along ? other : at, arms, line, style);
	}
}

static void
walk_line(struct picture *c, const struct line *line, cell_fn fn, enum grid_style style)
{
	const struct layout *l = c->l;
	const struct bundle *b = &l->bundles[line->bundle];
	uint32_t upper = line->is_back ? line->to : line->from;
	uint32_t lower = line->is_back ? line->from : line->to;

	for (uint32_t gap = l->boxes[upper].layer; gap < l->boxes[lower].layer; gap++) {
		const struct net *n = &l->nets[b->first_net + gap - b->first];
		struct route_point points[ROUTE_POINTS];
		const struct pin *in = route_pin(l, n->ins, n->in_count, upper);
		const struct pin *out = route_pin(l, n->outs, n->out_count, lower);
		unsigned count = route_path(l, n, in, out, points);

		for (unsigned i = 0; i + 1 < count; i++)
			walk_run(c, points[i], points[i + 1], fn, line, style);
		fn(c, points[0].along, points[0].across, arms_out(l, gap, true), line, style);
		fn(c, points[count - 1].along, points[count - 1].across, arms_out(l, gap, false),
		   line, style);
		if (gap + 1 < l->boxes[lower].layer) {	/* through the next layer */
			const struct layer *layer = &l->layers[gap + 1];
			struct route_point from = { layer->start, out->at };
			struct route_point to = { layer->start + layer->extent - 1, out->at };

			walk_run(c, from, to, fn, line, style);
			fn(c, from.along, from.across, arms_out(l, gap, true), line, style);
			fn(c, to.along, to.across, arms_out(l, gap, false), line, style);
		}
	}
}

static enum grid_style
line_style(const struct line *line)
{
	if (line->is_idle)
		return STYLE_DIM;
	switch (line->health) {
	case HEALTH_FAILURE:
		return STYLE_BAD;
	case HEALTH_DEGRADED:
		return STYLE_WARN;
	}
	if (line->kind & 1)
		return STYLE_MIRROR;
	if (line->kind / 2 == EDGE_TCP)
		return STYLE_TCP;
	return line->health == HEALTH_HEALTHY ? STYLE_GOOD : STYLE_PLAIN;
}

static bool
is_selected(const struct layout *l, uint32_t line, uint32_t selected)
{
	uint32_t edge = selected & ~GRID_OWNER_EDGE;

	return selected != GRID_NO_OWNER && (selected & GRID_OWNER_EDGE) &&
	       edge < l->g->edges.len && l->line_of[edge] == line;
}

static void
draw_lines(struct picture *c, uint32_t selected)
{
	const struct layout *l = c->l;

	for (uint32_t i = 0; i < l->line_count; i++)
		walk_line(c, &l->lines[i], connect_cell, STYLE_PLAIN);
	for (int rank = HEALTH_NA; rank <= HEALTH_FAILURE; rank++)
		for (uint32_t i = 0; i < l->line_count; i++)
			if (l->lines[i].health == rank)
				walk_line(c, &l->lines[i], paint_cell,
					  line_style(&l->lines[i]));
	for (uint32_t i = 0; i < l->line_count; i++)
		if (is_selected(l, i, selected))
			walk_line(c, &l->lines[i], paint_cell, STYLE_SELECTED);
}

static void
put_glyphs(struct picture *c)
{
	size_t count = (size_t)c->grid->cols * c->grid->rows;

	for (size_t i = 0; i < count; i++) {
		const struct wire *w = &c->wires[i];
		int kind_h, kind_v;

		if (w->arms == 0)
			continue;
		ASSERT(!w->clash);
		kind_h = w->horizontal != NONE ? c->l->bundles[w->horizontal].kind : -1;
		kind_v = w->vertical != NONE ? c->l->bundles[w->vertical].kind : -1;
		c->grid->cells[i].glyph = glyph_of_wire(w, kind_h, kind_v, c->glyphs);
	}
}

static void
draw_head(struct picture *c, const struct net *n, const struct pin *p, bool is_back)
{
	struct route_point end = route_end(c->l, n, p, is_back);
	struct grid_cell *cell;

	if (c->l->items[p->item].box == NONE)
		return;
	if (wire_at(c, end.along, end.across, &cell) != NULL)
		cell->glyph = glyph_of_head(arms_out(c->l, n->gap, is_back), c->glyphs);
}

static void
draw_ends(struct picture *c)
{
	const struct layout *l = c->l;

	for (uint32_t i = 0; i < l->net_count; i++) {
		const struct net *n = &l->nets[i];
		bool is_back = l->bundles[n->bundle].is_back;
		const struct pin *pins = is_back ? n->ins : n->outs;

		for (uint32_t p = 0; p < (is_back ? n->in_count : n->out_count); p++)
			draw_head(c, n, &pins[p], is_back);
		for (uint32_t p = 0; p < n->in_count; p++)
			picture_label(c, n, &n->ins[p], true);
		for (uint32_t p = 0; p < n->out_count; p++)
			picture_label(c, n, &n->outs[p], false);
	}
}

bool
layout_node_rect(const struct layout *l, size_t node, struct layout_rect *out)
{
	if (node >= l->g->nodes.len || l->is_folded[node])
		return false;
	picture_rect(l, &l->boxes[l->box_of[node]], out);
	return true;
}

bool
layout_frame_rect(const struct layout *l, uint32_t group, struct layout_rect *out)
{
	if (group >= l->frame_count)
		return false;
	picture_frame_rect(l, &l->frames[group], out);
	return true;
}

struct grid *
layout_draw_part(const struct layout *l, enum glyph_level glyphs, uint32_t selected,
		 const struct layout_rect *part)
{
	struct picture c = { .l = l, .glyphs = glyphs, .part = *part,
			    .grid = grid_new(part->cols, part->rows) };
	size_t cells = (size_t)c.grid->cols * c.grid->rows;

	c.wires = xcalloc(cells + 1, sizeof(*c.wires));
	for (size_t i = 0; i < cells; i++)
		c.wires[i].horizontal = c.wires[i].vertical = NONE;
	draw_lines(&c, selected);
	for (uint32_t i = 0; i < l->frame_count; i++)
		picture_frame(&c, &l->frames[i]);
	put_glyphs(&c);
	draw_ends(&c);
	for (uint32_t i = 0; i < l->box_count; i++)
		picture_box(&c, &l->boxes[i], selected);
	free(c.wires);
	return c.grid;
}

struct grid *
layout_draw(const struct layout *l, enum glyph_level glyphs, uint32_t selected)
{
	struct layout_rect all = { 0, 0, l->stats.width, l->stats.height };

	return layout_draw_part(l, glyphs, selected, &all);
}

/* The pin where the edge's own label stands, or that of its head. */
bool
layout_edge_anchor(const struct layout *l, size_t edge, unsigned *col_out, unsigned *row_out)
{
	const struct line *line;
	const struct bundle *b;
	const struct net *n;
	const struct pin *p;
	struct route_point end;
	int col, row;

	if (edge >= l->g->edges.len || l->line_of[edge] == NONE ||
	    l->is_folded[l->g->edges.items[edge].from] ||
	    l->is_folded[l->g->edges.items[edge].to])
		return false;
	line = &l->lines[l->line_of[edge]];
	b = &l->bundles[line->bundle];
	if (line->is_back) {
		n = &l->nets[b->first_net];
		p = route_pin(l, n->ins, n->in_count, line->to);
	} else {
		uint32_t gap = l->boxes[line->to].layer - 1;

		n = &l->nets[b->first_net + gap - b->first];
		p = route_pin(l, n->outs, n->out_count, line->to);
	}
	end = route_end(l, n, p, line->is_back);
	col = layout_is_across(l) ? end.along : end.across;
	row = layout_is_across(l) ? end.across : end.along;
	if (p->label != NULL && label_is_above(l, n))
		row--;
	else if (p->label != NULL)
		col += LABEL_SHIFT;
	*col_out = (unsigned)col;
	*row_out = (unsigned)row;
	return true;
}
