/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What part of a picture that is larger than its room is in sight.
 */
#include "tui/screens/topology_priv.h"

#define SIGHT_MARGIN 2u
#define MOST_PLACES 64u		/* that are compared to find one with boxes in sight */

/* Moves one axis just so far that [at, at + len) is in sight. */
static unsigned
pan_to(unsigned pan, unsigned room, unsigned at, unsigned len)
{
	unsigned margin = room > len + 2 * SIGHT_MARGIN ? SIGHT_MARGIN : 0;

	if (at < pan + margin)
		return at > margin ? at - margin : 0;
	if (at + len + margin > pan + room)
		return at + len + margin > room ? at + len + margin - room : 0;
	return pan;
}

static void
limit_pan(struct topology *t)
{
	unsigned most_cols = t->stats.width > t->view_cols ? t->stats.width - t->view_cols : 0;
	unsigned most_rows = t->stats.height > t->view_rows ? t->stats.height - t->view_rows : 0;

	t->pan_col = t->pan_col > most_cols ? most_cols : t->pan_col;
	t->pan_row = t->pan_row > most_rows ? most_rows : t->pan_row;
}

/* Boxes that are wholly in sight from there. */
static size_t
count_in_sight(const struct topology *t, unsigned col, unsigned row)
{
	struct layout_rect r;
	size_t count = 0;

	for (size_t i = 0; i < t->shown->nodes.len; i++)
		count += layout_node_rect(t->layout, i, &r) && r.col >= col && r.row >= row &&
			 r.col + r.cols <= col + t->view_cols && r.row + r.rows <= row + t->view_rows;
	return count;
}

/* Where one axis begins with [at, at + len) in the middle, or at the picture's end. */
static unsigned
centred_pan(unsigned at, unsigned len, unsigned room, unsigned size)
{
	unsigned middle = at + len / 2, most = size > room ? size - room : 0;
	unsigned pan = middle > room / 2 ? middle - room / 2 : 0;

	return pan < most ? pan : most;
}

/* Of a large picture the place in sight may be all lines: then one around a box that
 * shows more than twice as many. */
static void
bring_any_into_sight(struct topology *t)
{
	size_t step = 1 + t->shown->nodes.len / MOST_PLACES, most;

	limit_pan(t);
	most = 2 * count_in_sight(t, t->pan_col, t->pan_row);
	for (size_t i = 0; i < t->shown->nodes.len; i += step) {
		struct layout_rect r;
		unsigned col, row;
		size_t count;

		if (!layout_node_rect(t->layout, i, &r))
			continue;
		col = centred_pan(r.col, r.cols, t->view_cols, t->stats.width);
		row = centred_pan(r.row, r.rows, t->view_rows, t->stats.height);
		count = count_in_sight(t, col, row);
		if (count <= most)
			continue;
		most = count;
		t->pan_col = col;
		t->pan_row = row;
	}
}

static void
bring_into_sight(struct topology *t)
{
	size_t node = selected_node(t), edge = selected_edge(t);
	struct layout_rect r = { 0, 0, 0, 0 };

	t->wants_sight = false;
	if (edge != SIZE_MAX && layout_edge_anchor(t->layout, edge, &r.col, &r.row)) {
		r.cols = r.rows = 1;
	} else if (node == SIZE_MAX || !layout_node_rect(t->layout, node, &r)) {
		bring_any_into_sight(t);
		return;
	}
	t->pan_col = pan_to(t->pan_col, t->view_cols, r.col, r.cols);
	t->pan_row = pan_to(t->pan_row, t->view_rows, r.row, r.rows);
}

void
topology_look(struct topology *t)
{
	if (t->wants_sight)
		bring_into_sight(t);
	limit_pan(t);
}
