/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What stands in a picture beside names and rates: badges and ranks in boxes,
 * marks of health, signs on lines, stars of what was found (spec/kiali.md 2.4,
 * 2.5).  Texts and arrays live in the arena that is given.
 */
#ifndef MESHTOP_TOPOLOGY_NOTES_H
#define MESHTOP_TOPOLOGY_NOTES_H

#include <stdbool.h>

struct arena;
struct buf;
struct graph;
struct graph_edge;
struct grid;
struct layout;

struct note_options {
	bool has_badges, has_missing_sidecars, has_ranks;
	unsigned rank_by;		/* RANK_BY_* bits; 0: both */
};

/* The badges that are drawn as letters: those of rules, that of missing sidecars. */
unsigned note_badges(const struct note_options *o);
/* For layout_options: a line for each box (also where namespaces that are not
 * chosen, or no workload of the mesh, stand behind it), a mark before each name; NULL: nothing. */
const char **graph_notes(const struct graph *g, const struct note_options *o, struct arena *a);
const char **graph_marks(const struct graph *g, struct arena *a);

/* Signs behind what out has of the edge's label: the share of mTLS; an open breaker
 * or no healthy endpoint. */
void edge_security_put(const struct graph_edge *e, struct buf *out);
void edge_breaker_put(const struct graph_edge *e, struct buf *out);

/* A star, which needs no colour, on each of these nodes and edges; the grid begins
 * at col, row of the drawing. */
void grid_put_stars(struct grid *grid, unsigned col, unsigned row, const struct layout *l,
		    const struct graph *g, const bool *nodes, const bool *edges);

#endif
