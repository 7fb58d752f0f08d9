/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Top down, a layer of an earlier picture that has become too wide gives a box to
 * another layer, so that nearly everything stays where it was.
 */
#include <limits.h>
#include <stdlib.h>

#include "src/base/xalloc.h"
#include "src/topology/layout_priv.h"

enum {
	AGAINST = 3,		/* a line against the flow counts as so many */
	MOVED = 4, FARTHER = 2,	/* costs as layers of lines: a box that was there, each layer */
	TOO_SMALL = 4,		/* when the layer is too wide without it */
	PASSING_CELLS = 2,
};

/* Cells that the items of the layer need side by side. */
static int
needed_cells(const struct layout *l, const struct layer *layer)
{
	int cells = 0;

	for (uint32_t i = 0; i < layer->count; i++) {
		const struct item *it = &l->items[layer->items[i]];

		cells += it->size;
		if (i + 1 < layer->count)
			cells += place_separation(l, it, &l->items[layer->items[i + 1]]);
	}
	return cells;
}

static int
line_length(uint32_t from, uint32_t to)
{
	return from < to ? (int)(to - from) : AGAINST * (int)(from - to);
}

/* How much longer the lines of the box become in that layer; INT_MAX: a neighbour
 * stands there. */
static int
longer_lines(const struct layout *l, uint32_t box, uint32_t layer)
{
	int longer = 0;

	for (uint32_t i = 0; i < l->line_count; i++) {
		const struct line *line = &l->lines[i];
		uint32_t from = l->boxes[line->from].layer, to = l->boxes[line->to].layer;

		if (line->from != box && line->to != box)
			continue;
		longer -= line_length(from, to);
		if ((line->from == box ? to : from) == layer)
			return INT_MAX;
		longer += line->from == box ? line_length(layer, to) : line_length(from, layer);
	}
	return longer;
}

struct relief {
	uint32_t box, layer;
	int cost;
};

/* The best place for a box of the layer that needs too many cells. */
static void
try_box(const struct layout *l, const struct layout *previous, const int *cells, uint32_t box,
	struct relief *best)
{
	uint32_t now = l->boxes[box].layer;
	int size = l->items[l->boxes[box].item].size;
	bool is_new = graph_find(previous->g, l->g->nodes.items[l->boxes[box].first_node].id) ==
		      SIZE_MAX;

	for (uint32_t i = 0; i < l->layer_count; i++) {
		int far = (int)(i < now ? now - i : i - now), cost;

		if (i == now || cells[i] + size + PASSING_CELLS > (int)l->o.cols ||
		    (cost = longer_lines(l, box, i)) == INT_MAX)
			continue;
		cost += FARTHER * far + (is_new ? 0 : MOVED);
		cost += cells[now] - size > (int)l->o.cols ? TOO_SMALL : 0;
		if (cost < best->cost)
			*best = (struct relief){ box, i, cost };
	}
}

bool
relieve_layer(const struct layout *l, const struct layout *previous, uint32_t *layers)
{
	int *cells = xcalloc(l->layer_count + 1, sizeof(*cells));
	struct relief best = { NONE, 0, INT_MAX };
	uint32_t widest = 0;

	for (uint32_t i = 0; i < l->layer_count; i++) {
		cells[i] = needed_cells(l, &l->layers[i]);
		if (cells[i] > cells[widest])
			widest = i;
	}
	for (uint32_t i = 0; i < l->box_count; i++) {
		layers[i] = l->boxes[i].layer;
		if (layers[i] == widest)
			try_box(l, previous, cells, i, &best);
	}
	if (best.box != NONE)
		layers[best.box] = best.layer;
	free(cells);
	return best.box != NONE;
}
