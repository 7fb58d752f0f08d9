/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Marking and hiding by what a person types; see mark.h. */
#include "src/topology/mark.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/search.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/object.h"
#include "src/topology/graph.h"
#include "src/topology/part.h"

const char *
mark_label(const struct object *o, const char *name)
{
	const struct value *template;
	const char *text;

	if (o == NULL)
		return NULL;
	template = value_get(value_get(o->root, "spec"), "template");
	text = value_get_text(value_get(value_get(template, "metadata"), "labels"), name);
	return text != NULL ? text :
	       value_get_text(value_get(value_get(o->root, "metadata"), "labels"), name);
}

/* A label of the service or workload behind the node. */
static const char *
label_of_node(void *arg, const struct graph_node *n, const char *name)
{
	const struct mesh *m = arg;
	const struct mesh_service *s;
	const struct mesh_workload *w;

	if (m == NULL)
		return NULL;
	if (n->kind == NODE_SERVICE || n->kind == NODE_SERVICE_ENTRY) {
		s = mesh_find_service(m, n->ns, n->service);
		return s != NULL ? mark_label(s->object, name) : NULL;
	}
	if (strcmp(name, "app") == 0)
		return n->app[0] != '\0' ? n->app : NULL;
	if (strcmp(name, "version") == 0)
		return n->version[0] != '\0' ? n->version : NULL;
	w = mesh_find_workload(m, n->ns, n->workload);
	return w != NULL ? mark_label(w->object, name) : NULL;
}

struct labelled {
	const struct mesh *mesh;
	const struct graph_node *node;
};

static const char *
label_of_labelled(void *arg, const char *name)
{
	const struct labelled *l = arg;

	return label_of_node((void *)(uintptr_t)l->mesh, l->node, name);
}

static bool
fits_node(const struct search *s, const struct mesh *m, const struct graph_node *n)
{
	struct labelled l = { m, n };
	char *full;
	bool fits;

	if (s->kind == SEARCH_LABELS)
		return search_fits_labels(s, label_of_labelled, &l);
	full = xasprintf("%s.%s", n->label, n->ns);
	fits = search_fits(s, full) || (s->kind == SEARCH_PART && search_fits(s, n->id));
	free(full);
	return fits != s->is_inverse;
}

static void
mark_words(const struct graph *g, const struct mesh *m, const char *text, bool *nodes)
{
	const struct search s = search_of(text);

	for (size_t i = 0; i < g->nodes.len; i++)
		nodes[i] = fits_node(&s, m, &g->nodes.items[i]);
}

bool
graph_mark(const struct graph *g, const struct mark_context *c, const char *text, bool *nodes,
	   bool *edges, struct error *err)
{
	const struct find_data data = {
		.rank_by = c->rank_by, .time_label = c->time_label, .label = label_of_node,
		.label_arg = (void *)(uintptr_t)c->mesh,
	};
	struct find *f;

	memset(nodes, 0, g->nodes.len * sizeof(*nodes));
	memset(edges, 0, g->edges.len * sizeof(*edges));
	if (text[0] == '\0')
		return true;
	if (!find_is_expression(text)) {
		mark_words(g, c->mesh, text, nodes);
		return true;
	}
	f = find_parse(text, c->saved, c->saved_arg, err);
	if (f == NULL)
		return false;
	find_mark(f, g, &data, nodes, edges);
	find_free(&f);
	return true;
}

struct graph *
graph_without(const struct graph *g, const struct mark_context *c, const char *text,
	      struct error *err)
{
	bool *nodes = xcalloc(g->nodes.len + 1, sizeof(*nodes));
	bool *edges = xcalloc(g->edges.len + 1, sizeof(*edges));
	struct graph *part;

	graph_mark(g, c, text, nodes, edges, err);
	find_keep(g, nodes, edges);
	part = graph_part(g, nodes, edges);
	for (size_t i = 0; i < part->nodes.len; i++)
		part->nodes.items[i].beyond = 0;	/* hidden on purpose */
	free(nodes);
	free(edges);
	return part;
}
