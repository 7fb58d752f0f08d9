/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a person types to find or to hide, applied to a graph: an expression of
 * the find language, or a part of a name.
 */
#ifndef MESHTOP_TOPOLOGY_MARK_H
#define MESHTOP_TOPOLOGY_MARK_H

#include "src/topology/find.h"

struct mesh;
struct object;

struct mark_context {
	const struct mesh *mesh;	/* labels are its objects'; NULL: none are known */
	unsigned rank_by, time_label;	/* as in struct find_data */
	find_saved_fn *saved;		/* NULL: only the presets */
	void *saved_arg;
};

/* Sets nodes[i] and edges[i] (each as long as g's) to whether the text is true of
 * them; "" is true of nothing.  A text that is no expression is looked for as
 * src/base/search.h says: a part of a node's name, id or namespace, or labels.
 * False and err on failure: nothing is marked. */
bool graph_mark(const struct graph *g, const struct mark_context *c, const char *text,
		bool *nodes, bool *edges, struct error *err);
/* A copy without what the text is true of (find_keep()), of all when the text
 * cannot be read: then err says why.  Caller frees. */
struct graph *graph_without(const struct graph *g, const struct mark_context *c, const char *text,
			    struct error *err);

/* A label of what the object runs, or its own; NULL when o is NULL or has none. */
const char *mark_label(const struct object *o, const char *name);

#endif
