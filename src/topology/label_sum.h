/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Labels for the stubs of a bus: the sum of the edges behind each stub.
 */
#ifndef MESHTOP_TOPOLOGY_LABEL_SUM_H
#define MESHTOP_TOPOLOGY_LABEL_SUM_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buf;
struct graph;
struct graph_edge;
struct layout_options;

struct label_sum {
	const struct graph *g;
	struct arena *arena;	/* texts live here */
	/* Writes the label of an edge, as for the edges themselves. */
	void (*put)(const struct graph_edge *e, unsigned bits, struct buf *out);
	unsigned bits;		/* EDGE_LABEL_* */
};

/*
 * Lets the layout draw buses although there are labels, when these can be
 * summed up: rates and throughput can, times and shares cannot.  s must
 * outlive the layout.
 */
void label_sum_use(struct label_sum *s, struct layout_options *o);

#endif
