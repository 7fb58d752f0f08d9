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

struct canvas {
	const struct layout *l;
	struct grid *grid;
	struct wire *wires;		/* one a cell */
	enum glyph_level glyphs;
};

/* The path of one line through all its gaps, cell by cell. */
typedef void (*cell_fn)(struct canvas *c, int along, int across, int arms,
			const struct line *line, enum grid_style style);

static struct wire *
wire_at(struct canvas *c, int along, int across, struct grid_cell **cell)
{
	bool turn = layout_is_across(c->l);
	unsigned col = (unsigned)(turn ? along : across);
	unsigned row = (unsigned)(turn ? across : along);

	ASSERT(col < c->grid->cols && row < c->grid->rows);
	*cell = grid_at(c->grid, col, row);
	return &c->wires[(size_t)row * c->grid->cols + col];
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

static void
connect_cell(struct canvas *c, int along, int across, int arms, const struct line *line,
	     enum grid_style style)
{
	struct grid_cell *cell;
	struct wire *w = wire_at(c, along, across, &cell);

	(void)style;
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
paint_cell(struct canvas *c, int along, int across, int arms, const struct line *line,
	   enum grid_style style)
{
	struct grid_cell *cell;
	const struct wire *w = wire_at(c, along, across, &cell);

	(void)arms;
	/* At a crossing the line that runs across the screen stays in front. */
	if (w->horizontal != NONE && w->vertical != NONE && w->horizontal != w->vertical &&
	    w->vertical == line->bundle && style != STYLE_SELECTED &&
	    cell->owner != GRID_NO_OWNER)
		return;
	cell->style = (uint8_t)style;
	cell->owner = GRID_OWNER_EDGE | line->edge;
}

/* Calls fn for each cell from a to b, both included. */
static void
walk_run(struct canvas *c, struct route_point a, struct route_point b, cell_fn fn,
	 const struct line *line, enum grid_style style)
{
	int d_along = (b.along > a.along) - (b.along < a.along);
	int d_across = (b.across > a.across) - (b.across < a.across);
	struct route_point p = a;

	for (;;) {
		bool is_first = p.along == a.along && p.across == a.across;
		bool is_last = p.along == b.along && p.across == b.across;
		int arms = (is_first ? 0 : arms_toward(c->l, -d_along, -d_across)) |
			   (is_last ? 0 : arms_toward(c->l, d_along, d_across));

		fn(c, p.along, p.across, arms, line, style);
		if (is_last)
			return;
		p.along += d_along;
		p.across += d_across;
	}
}

static const struct pin *
pin_of(const struct layout *l, const struct pin *pins, uint32_t count, uint32_t box)
{
	for (uint32_t i = 0; i < count; i++)
		if (l->items[pins[i].item].box == box)
			return &pins[i];
	for (uint32_t i = 0; i < count; i++)
		if (l->items[pins[i].item].box == NONE)
			return &pins[i];
	return NULL;
}

static void
walk_line(struct canvas *c, const struct line *line, cell_fn fn, enum grid_style style)
{
	const struct layout *l = c->l;
	const struct bundle *b = &l->bundles[line->bundle];
	uint32_t upper = line->is_back ? line->to : line->from;
	uint32_t lower = line->is_back ? line->from : line->to;
	int forward = arms_toward(l, 1, 0), backward = arms_toward(l, -1, 0);

	for (uint32_t gap = l->boxes[upper].layer; gap < l->boxes[lower].layer; gap++) {
		const struct net *n = &l->nets[b->first_net + gap - b->first];
		struct route_point points[ROUTE_POINTS];
		const struct pin *in = pin_of(l, n->ins, n->in_count, upper);
		const struct pin *out = pin_of(l, n->outs, n->out_count, lower);
		unsigned count = route_path(l, n, in, out, points);

		for (unsigned i = 0; i + 1 < count; i++)
			walk_run(c, points[i], points[i + 1], fn, line, style);
		fn(c, points[0].along, points[0].across, backward, line, style);
		fn(c, points[count - 1].along, points[count - 1].across, forward, line, style);
		if (gap + 1 < l->boxes[lower].layer) {	/* through the next layer */
			const struct layer *layer = &l->layers[gap + 1];
			struct route_point from = { layer->start, out->at };
			struct route_point to = { layer->start + layer->extent - 1, out->at };

			walk_run(c, from, to, fn, line, style);
			fn(c, from.along, from.across, backward, line, style);
			fn(c, to.along, to.across, forward, line, style);
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
draw_lines(struct canvas *c, uint32_t selected)
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
put_glyphs(struct canvas *c)
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
draw_label(struct canvas *c, const struct net *n, const struct pin *p, bool is_in)
{
	const struct layout *l = c->l;
	const struct gap *gap = &l->gaps[n->gap];
	const struct bundle *b = &l->bundles[n->bundle];
	struct route_point at = { is_in ? gap->start : gap->start + gap->extent - 1, p->at };
	struct grid_cell *cell;
	unsigned col, row, cells = (unsigned)label_cells(p);

	if (p->label == NULL)
		return;
	wire_at(c, at.along, at.across, &cell);
	if (layout_is_across(l)) {
		row = (unsigned)at.across - 1;
		col = is_in ? (unsigned)at.along : (unsigned)at.along - cells;
	} else {
		row = (unsigned)at.along;
		col = (unsigned)at.across + 2;
	}
	grid_text(c->grid, col, row, p->label, (enum grid_style)cell->style,
		  b->source_count * b->target_count == 1 ? cell->owner : cell->owner);
}

static void
draw_heads(struct canvas *c)
{
	const struct layout *l = c->l;

	for (uint32_t i = 0; i < l->net_count; i++) {
		const struct net *n = &l->nets[i];
		const struct gap *gap = &l->gaps[n->gap];
		bool is_back = l->bundles[n->bundle].is_back;
		const struct pin *pins = is_back ? n->ins : n->outs;
		uint32_t count = is_back ? n->in_count : n->out_count;

		for (uint32_t p = 0; p < count; p++) {
			struct grid_cell *cell;

			if (l->items[pins[p].item].box == NONE)
				continue;
			wire_at(c, is_back ? gap->start : gap->start + gap->extent - 1,
				pins[p].at, &cell);
			cell->glyph = glyph_of_head(arms_toward(l, is_back ? -1 : 1, 0),
						    c->glyphs);
		}
		for (uint32_t p = 0; p < n->in_count; p++)
			draw_label(c, n, &n->ins[p], true);
		for (uint32_t p = 0; p < n->out_count; p++)
			draw_label(c, n, &n->outs[p], false);
	}
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
draw_frame(struct canvas *c, const struct layout_rect *r, enum grid_style style,
	   uint32_t owner)
{
	for (unsigned row = 0; row < r->rows; row++)
		for (unsigned col = 0; col < r->cols; col++) {
			int arms = (row == 0 || row + 1 == r->rows) ?
				   (col > 0 ? ARM_WEST : 0) |
				   (col + 1 < r->cols ? ARM_EAST : 0) : 0;

			if (col == 0 || col + 1 == r->cols)
				arms |= (row > 0 ? ARM_NORTH : 0) |
					(row + 1 < r->rows ? ARM_SOUTH : 0);
			*grid_at(c->grid, r->col + col, r->row + row) = (struct grid_cell){
				.glyph = arms ? glyph_of_frame(arms, c->glyphs) : ' ',
				.owner = owner, .style = (uint8_t)style };
		}
}

static void
draw_centered(struct canvas *c, const struct layout_rect *r, unsigned row, unsigned cells,
	      const char *text, enum grid_style style, uint32_t owner)
{
	unsigned left = r->cols > cells ? (r->cols - cells) / 2 : 0;

	grid_text(c->grid, r->col + left, r->row + row, text, style, owner);
}

static void
draw_box(struct canvas *c, const struct box *b, const struct layout_rect *r,
	 uint32_t selected)
{
	uint32_t owner = b->node;
	enum grid_style style = owner == selected && owner != NONE ? STYLE_SELECTED :
				box_style(c->l, b);
	unsigned cells = (unsigned)text_width(b->label, strlen(b->label));
	unsigned mark = b->mark != NULL ? (unsigned)text_width(b->mark, strlen(b->mark)) + 1 : 0;
	unsigned row = 1 + (r->rows - 2 - b->text_rows) / 2;
	unsigned left = (r->cols - cells - mark) / 2;

	draw_frame(c, r, style, owner);
	if (b->mark != NULL)
		grid_text(c->grid, r->col + left, r->row + row, b->mark, style, owner);
	grid_text(c->grid, r->col + left + mark, r->row + row, b->label,
		  b->node == NONE ? STYLE_DIM : style == STYLE_SELECTED ? style : STYLE_BOLD,
		  owner);
	if (b->note != NULL && c->l->o.zoom == ZOOM_BOX)
		draw_centered(c, r, ++row, (unsigned)text_width(b->note, strlen(b->note)),
			      b->note, style == STYLE_SELECTED ? style : STYLE_PLAIN, owner);
	if (b->calls_itself)
		draw_centered(c, r, ++row, 1, glyph_of_loop(c->glyphs), style, owner);
}

/* Top down, the boxes of a layer are equally high; left to right, wide. */
static void
box_rect(const struct layout *l, const struct box *b, struct layout_rect *out)
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

bool
layout_node_rect(const struct layout *l, size_t node, struct layout_rect *out)
{
	if (node >= l->g->nodes.len || l->is_folded[node])
		return false;
	box_rect(l, &l->boxes[l->box_of[node]], out);
	return true;
}

struct grid *
layout_draw(const struct layout *l, enum glyph_level glyphs, uint32_t selected)
{
	struct canvas c = { .l = l, .glyphs = glyphs,
			    .grid = grid_new(l->stats.width, l->stats.height) };
	size_t cells = (size_t)c.grid->cols * c.grid->rows;

	c.wires = xcalloc(cells + 1, sizeof(*c.wires));
	for (size_t i = 0; i < cells; i++)
		c.wires[i].horizontal = c.wires[i].vertical = NONE;
	draw_lines(&c, selected);
	put_glyphs(&c);
	draw_heads(&c);
	for (uint32_t i = 0; i < l->box_count; i++) {
		struct layout_rect r;

		box_rect(l, &l->boxes[i], &r);
		draw_box(&c, &l->boxes[i], &r, selected);
	}
	free(c.wires);
	return c.grid;
}

/* The pin where the edge's own label stands, or that of its head. */
bool
layout_edge_anchor(const struct layout *l, size_t edge, unsigned *col, unsigned *row)
{
	const struct line *line;
	const struct bundle *b;
	const struct net *n;
	const struct pin *p;
	int along, shift = 0;

	if (edge >= l->g->edges.len || l->line_of[edge] == NONE ||
	    l->is_folded[l->g->edges.items[edge].from] ||
	    l->is_folded[l->g->edges.items[edge].to])
		return false;
	line = &l->lines[l->line_of[edge]];
	b = &l->bundles[line->bundle];
	if (line->is_back) {
		n = &l->nets[b->first_net];
		p = pin_of(l, n->ins, n->in_count, line->to);
		along = l->gaps[n->gap].start;
	} else {
		uint32_t gap = l->boxes[line->to].layer - 1;

		n = &l->nets[b->first_net + gap - b->first];
		p = pin_of(l, n->outs, n->out_count, line->to);
		along = l->gaps[gap].start + l->gaps[gap].extent - 1;
	}
	if (p->label != NULL)
		shift = layout_is_across(l) ? -1 : 2;
	*col = (unsigned)(layout_is_across(l) ? along : p->at + shift);
	*row = (unsigned)(layout_is_across(l) ? p->at + shift : along);
	return true;
}
