/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cells of one edge's line in the order of the traffic. */
#include "src/topology/layout_priv.h"

static void
put_cell(const struct layout *l, int along, int across, struct layout_path *out)
{
	struct layout_cell c = {
		(unsigned)(layout_is_across(l) ? along : across),
		(unsigned)(layout_is_across(l) ? across : along),
	};
	size_t n = out->cells.len;

	if (n == 0 || out->cells.items[n - 1].col != c.col || out->cells.items[n - 1].row != c.row)
		vec_push(&out->cells, c);
}

/* All cells on the way to a corner, the corner included. */
static void
put_run(const struct layout *l, struct route_point from, struct route_point to,
	struct layout_path *out)
{
	int along = (to.along > from.along) - (to.along < from.along);
	int across = (to.across > from.across) - (to.across < from.across);

	put_cell(l, from.along, from.across, out);
	while (from.along != to.along || from.across != to.across) {
		from.along += along;
		from.across += across;
		put_cell(l, from.along, from.across, out);
	}
}

static void
put_gap(const struct layout *l, const struct net *n, const struct pin *in, const struct pin *pin,
	struct layout_path *out)
{
	struct route_point points[ROUTE_POINTS];
	unsigned count = route_path(l, n, in, pin, points);

	for (unsigned i = 0; i + 1 < count; i++)
		put_run(l, points[i], points[i + 1], out);
}

static void
turn_round(struct layout_path *path, size_t begin)
{
	for (size_t i = begin, k = path->cells.len; i + 1 < k; i++) {
		struct layout_cell c = path->cells.items[i];

		path->cells.items[i] = path->cells.items[--k];
		path->cells.items[k] = c;
	}
}

void
layout_edge_path(const struct layout *l, size_t edge, struct layout_path *out)
{
	size_t begin = out->cells.len;
	const struct line *line;
	const struct bundle *b;
	uint32_t upper, lower;

	if (edge >= l->g->edges.len || l->line_of[edge] == NONE)
		return;
	line = &l->lines[l->line_of[edge]];
	b = &l->bundles[line->bundle];
	upper = line->is_back ? line->to : line->from;
	lower = line->is_back ? line->from : line->to;
	for (uint32_t gap = l->boxes[upper].layer; gap < l->boxes[lower].layer; gap++) {
		const struct net *n = &l->nets[b->first_net + gap - b->first];
		const struct pin *in = route_pin(l, n->ins, n->in_count, upper);
		const struct pin *pin = route_pin(l, n->outs, n->out_count, lower);

		put_gap(l, n, in, pin, out);
		if (gap + 1 < l->boxes[lower].layer) {		/* through the next layer */
			const struct layer *layer = &l->layers[gap + 1];

			put_run(l, (struct route_point){ layer->start, pin->at },
				(struct route_point){ layer->start + layer->extent - 1, pin->at }, out);
		}
	}
	if (line->is_back)
		turn_round(out, begin);
}
