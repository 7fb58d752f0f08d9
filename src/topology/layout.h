/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Layered placement of a graph on a grid of cells, and the routes of its
 * edges, so that drawing only copies.
 *
 * Pure and deterministic: equal input gives equal output on every machine;
 * effort is counted in sweeps, never in time.  Every edge can be read back
 * from the drawing and no other (spec/drawing.md).
 */
#ifndef MESHTOP_TOPOLOGY_LAYOUT_H
#define MESHTOP_TOPOLOGY_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/vec.h"

struct error;
struct graph;
struct graph_groups;
struct grid;
struct layout;

enum layout_form { LAYOUT_AUTO, LAYOUT_LEFT_RIGHT, LAYOUT_TOP_DOWN };
enum layout_zoom { ZOOM_BOX, ZOOM_LINE };	/* boxes with figures; one-line nodes in boxes */
/* GLYPHS_LIGHT: Unicode's lines, everything else as in ASCII, for terminals
 * and fonts that have no more (ambiguous widths, the Linux console). */
enum glyph_level { GLYPHS_UNICODE, GLYPHS_LIGHT, GLYPHS_ASCII, GLYPHS_COUNT };
const char *glyph_level_name(enum glyph_level level);	/* "unicode", "light", "ascii" */
bool glyph_level_parse(const char *name, enum glyph_level *out);

/*
 * Text beside the drawing of an edge or inside a node, made by the caller
 * (rates, badges); sanitized, may be NULL.  Index = edge or node index.
 *
 * Labels stand above the last cells of a line that leads right, right of the
 * arrow head of one that leads down.  Edges of one source, or into one target, share a
 * trunk and keep a label each on their own stub.  A bus of several sources
 * and targets has stubs that stand for several edges: sum_label() makes the
 * text of such a stub from its edges (sum of the rates out of a source, into
 * a target); without it no such bus is drawn when there are labels, so that
 * no figure is lost.
 */
struct layout_options {
	enum layout_form form;
	enum layout_zoom zoom;
	unsigned cols;			/* 0: as wide as it takes, nothing folded */
	unsigned rows;			/* 0: as high as it takes; a wish, not a limit */
	const char *const *edge_labels;	/* NULL: no labels at all */
	const char *const *node_notes;	/* second line of a box (badges, rates); NULL: none */
	const char *const *node_marks;	/* one-cell-wide health mark before... NULL: none */
	/* Frames around the members of groups, if there is room for them: see
	 * layout_new().  NULL: none. */
	const struct graph_groups *groups;
	bool insists_on_groups;		/* within cols, else however large it becomes */
	bool no_buses;
	const char *(*sum_label)(void *data, const size_t *edges, size_t count); /* or NULL */
	void *sum_data;
};

struct layout_rect {
	unsigned col, row, cols, rows;
};

struct layout_stats {
	/* Pairs of lines that cross, long edges counted in each gap between
	 * layers, what shares a trunk as one line.  A line that passes behind
	 * the bar of a bus of the same sources does not cross it. */
	unsigned crossings;
	unsigned layers;
	unsigned width, height;	/* cells */
	unsigned hidden_nodes, hidden_edges;	/* folded into counted nodes */
	unsigned sweeps;
};

/*
 * Forms: with AUTO and no cols, the first of 80x24, 100x30 and 130x40 that
 * the picture fits on, left to right before top down, also by becoming longer
 * (at most 45 nodes).  Left to right, boxes that are alone in their layers may
 * stand under one another when the picture fits only so.  With cols, the first form that fits; when none does,
 * top down with narrower layers, and at last nodes are folded into counted
 * ones ("+7 more"); a form that is asked for is then a wish.  An earlier
 * layout of the same form and cols keeps its shape while it fits.
 *
 * Frames around groups are left out when the picture would not fit cols and
 * rows because of them (rows: unless it needs more than twice as many
 * anyway); without cols, when it would need a larger page.
 *
 * Borrows g and the texts in options, which must outlive the layout.
 * previous: a layout of an earlier version of the graph (nodes matched by
 * id) whose order is kept where it can be; NULL starts from the canonical
 * order.  Never fails on a graph; NULL and err only beyond the stated
 * maximum of 20,000 nodes or 100,000 edges.
 */
struct layout *layout_new(const struct graph *g, const struct layout_options *options,
			  const struct layout *previous, struct error *err);
void layout_free(struct layout **lp);

void layout_get_stats(const struct layout *l, struct layout_stats *out);
/* False when the node is folded away; out is then untouched. */
bool layout_node_rect(const struct layout *l, size_t node, struct layout_rect *out);
/* The frame of that group of options.groups; false when there is none. */
bool layout_frame_rect(const struct layout *l, uint32_t group, struct layout_rect *out);
/* Layer (0 = first) and place in it, for keys that walk along the picture. */
bool layout_node_place(const struct layout *l, size_t node, unsigned *layer, unsigned *order);
/* Cell where the edge's label stands, or its middle. False when folded. */
bool layout_edge_anchor(const struct layout *l, size_t edge, unsigned *col, unsigned *row);

struct layout_cell {
	unsigned col, row;
};

struct layout_path {
	VEC(struct layout_cell) cells;
};

/* Appends the cells of the edge's line, from its source to the head at its
 * target; none when it is folded or a self call. */
void layout_edge_path(const struct layout *l, size_t edge, struct layout_path *out);

/* Draws everything; styles of boxes and lines come from health and protocol
 * of the graph, GRID_OWNER_* say what a cell belongs to.  The selected node
 * or edge (owner value, GRID_NO_OWNER for none) gets STYLE_SELECTED. */
struct grid *layout_draw(const struct layout *l, enum glyph_level glyphs, uint32_t selected);
/* Only that part of the picture, which may reach beyond it; for screens: the
 * cost of a large picture is that of what is seen. */
struct grid *layout_draw_part(const struct layout *l, enum glyph_level glyphs,
			      uint32_t selected, const struct layout_rect *part);

#endif
