/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Smaller graphs from a graph: parts of it, what stands around a node, and
 * groups folded into one counted node each.  Pure; labels stay those of the
 * whole, so that a name does not change when others are out of sight.
 */
#ifndef MESHTOP_TOPOLOGY_PART_H
#define MESHTOP_TOPOLOGY_PART_H

#include <stdbool.h>
#include <stddef.h>

struct graph;

/* A copy with only the nodes and edges whose flag is set; NULL: all. An edge
 * stays only with both its ends.  node.beyond counts the edges that were left
 * out although the node stays.  Caller frees. */
struct graph *graph_part(const struct graph *g, const bool *nodes, const bool *edges);

/* Clears nodes[i] for all that stand more than hops edges (in any direction)
 * from the centre. */
void graph_around(const struct graph *g, size_t centre, unsigned hops, bool *nodes);

enum graph_fold { FOLD_NONE, FOLD_APP, FOLD_NAMESPACE, FOLD_COUNT };
bool graph_fold_parse(const char *word, enum graph_fold *out);	/* none, app, namespace */
const char *graph_fold_name(enum graph_fold fold);

/* Is the group of that id ("app:NS/APP", "namespace:NS") open? */
typedef bool graph_is_open_fn(void *arg, const char *group);

/* Id of the group that the node falls into, its own where it stays alone; caller
 * frees. */
char *graph_group_id(const struct graph *g, size_t node, enum graph_fold fold);

/*
 * A copy in which every closed group of two or more nodes is one node:
 * node.folded says of how many, edges between two groups are one edge per
 * protocol and kind (rates added, worst health, times only where one edge
 * stands behind it), edges inside a group are counted in node.folded_edges.
 * Unknown nodes stay alone.  is_open may be NULL: all are closed.
 */
struct graph *graph_fold(const struct graph *g, enum graph_fold fold,
			 graph_is_open_fn *is_open, void *arg);

#endif
