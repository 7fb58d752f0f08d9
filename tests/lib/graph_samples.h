/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Graphs to draw: known applications, shapes, and generated ones. */
#ifndef MESHTOP_TESTS_LIB_GRAPH_SAMPLES_H
#define MESHTOP_TESTS_LIB_GRAPH_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct graph;

/* Lines "from to [tcp|mirror] [rate]", separated by newlines or semicolons;
 * a word alone is a node without edges.  Nodes are made at first sight. */
struct graph *sample_parse(const char *text);

/* NULL when index is too large.  name says what it is. */
struct graph *sample_named(size_t index, const char **name);

struct sample_wish {
	unsigned nodes, edges;
	unsigned loops;		/* edges added against the flow */
	uint64_t seed;
};
/* Entry 13 %, middle 48 %, leaf 39 %, some nodes called by many. */
struct graph *sample_random(const struct sample_wish *wish);
/* Exactly so many nodes and edges, any to any: for graphs with many edges. */
struct graph *sample_dense(unsigned nodes, unsigned edges, uint64_t seed);

/* The known graph of that name, which there is. */
struct graph *sample_by_name(const char *name);
/* layout_options.sum_label that tells one line from several. */
const char *sample_sum_label(void *data, const size_t *edges, size_t count);

#endif
