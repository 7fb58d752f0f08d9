/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Badges, ranks, marks and signs of a picture; see notes.h. */
#include "src/topology/notes.h"

#include <stdint.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/topology/find.h"
#include "src/topology/graph.h"
#include "src/topology/grid.h"
#include "src/topology/layout.h"

unsigned
note_badges(const struct note_options *o)
{
	return (o->has_badges ? ~(unsigned)(BADGE_ROOT | BADGE_MISSING_SIDECAR) : 0u) |
	       (o->has_missing_sidecars ? BADGE_MISSING_SIDECAR : 0u);
}

static void
put_note(const struct graph_node *n, unsigned shown, unsigned rank, struct buf *b)
{
	for (size_t k = 0; k < GRAPH_BADGES; k++) {
		if ((n->badges & shown & graph_badges[k].badge) != 0)
			buf_printf(b, "%s%s", b->len > 0 ? " " : "", graph_badges[k].letters);
	}
	if (n->is_outside)
		buf_printf(b, "%soutside", b->len > 0 ? " " : "");
	else if (n->is_inaccessible && n->kind != NODE_UNKNOWN)
		buf_printf(b, "%sexternal", b->len > 0 ? " " : "");
	if (rank > 0)
		buf_printf(b, "%s#%u", b->len > 0 ? " " : "", rank);
	if (n->folded_edges > 0)
		buf_printf(b, "%s%u inside", b->len > 0 ? ", " : "", n->folded_edges);
	if (n->beyond > 0)
		buf_printf(b, "%s+%u more", b->len > 0 ? " " : "", n->beyond);
}

const char **
graph_notes(const struct graph *g, const struct note_options *o, struct arena *a)
{
	const char **notes = arena_alloc(a, (g->nodes.len + 1) * sizeof(*notes));
	unsigned *ranks = arena_alloc(a, (g->nodes.len + 1) * sizeof(*ranks));
	struct buf b = BUF_INIT;

	if (o->has_ranks)
		graph_ranks(g, o->rank_by, ranks);
	for (size_t i = 0; i < g->nodes.len; i++) {
		buf_clear(&b);
		put_note(&g->nodes.items[i], note_badges(o), ranks[i], &b);
		notes[i] = b.len > 0 ? arena_strndup(a, buf_str(&b), b.len) : NULL;
	}
	buf_fini(&b);
	return notes;
}

const char **
graph_marks(const struct graph *g, struct arena *a)
{
	const char **marks = arena_alloc(a, (g->nodes.len + 1) * sizeof(*marks));

	for (size_t i = 0; i < g->nodes.len; i++) {
		enum health h = g->nodes.items[i].health;

		marks[i] = h == HEALTH_FAILURE ? "x" : h > HEALTH_HEALTHY ? "!" : NULL;
	}
	return marks;
}

void
edge_security_put(const struct graph_edge *e, struct buf *out)
{
	if (e->mtls > 0)
		buf_printf(out, "%s%3.0f%%mTLS", out->len > 0 ? " " : "", e->mtls * 100);
}

void
edge_breaker_put(const struct graph_edge *e, struct buf *out)
{
	static const char *const flags[] = { "UO", "UH" };

	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		bool has = false;

		for (size_t k = 0; k < e->response_count && !has; k++)
			has = strstr(e->responses[k].flags, flags[i]) != NULL;
		if (has)
			buf_printf(out, "%s%s", out->len > 0 ? " " : "", flags[i]);
	}
}

static bool
is_blank_or_line(uint32_t glyph)
{
	return glyph == ' ' || glyph == '-' || glyph == '=' || glyph == '|' ||
	       (glyph >= 0x2500 && glyph < 0x2580);
}

/* The cell of the drawing, NULL when the grid does not show it. */
static struct grid_cell *
cell_of(struct grid *grid, unsigned col0, unsigned row0, unsigned col, unsigned row)
{
	if (col < col0 || row < row0 || col - col0 >= grid->cols || row - row0 >= grid->rows)
		return NULL;
	return grid_at(grid, col - col0, row - row0);
}

void
grid_put_stars(struct grid *grid, unsigned col, unsigned row, const struct layout *l,
	       const struct graph *g, const bool *nodes, const bool *edges)
{
	struct layout_rect r;
	struct grid_cell *cell;
	unsigned at_col, at_row;

	for (size_t i = 0; i < g->nodes.len; i++)	/* the upper left corner of the box */
		if (nodes[i] && layout_node_rect(l, i, &r) &&
		    (cell = cell_of(grid, col, row, r.col, r.row)) != NULL)
			cell->glyph = '*';
	for (size_t i = 0; i < g->edges.len; i++) {
		if (!edges[i] || !layout_edge_anchor(l, i, &at_col, &at_row) ||
		    (cell = cell_of(grid, col, row, at_col, at_row)) == NULL)
			continue;
		if (!is_blank_or_line(cell->glyph) && at_col > col)
			cell--;		/* before a label */
		if (is_blank_or_line(cell->glyph))
			cell->glyph = '*';
	}
}
