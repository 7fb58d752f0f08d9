/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the model's graph to what a screen shows of it; see shown.h.
 */
#include "tui/shown.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/text.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/object.h"
#include "src/topology/build.h"
#include "src/topology/find.h"
#include "src/topology/graph.h"
#include "tui/model.h"

/* Texts come from outside; ids are names of ours and never drawn. */
static const char *
clean(struct graph *g, const char *s)
{
	struct buf b = BUF_INIT;
	size_t plain = 0;

	while (s[plain] >= ' ' && s[plain] <= '~')
		plain++;
	if (s[plain] == '\0')
		return s;
	text_sanitize(&b, s, strlen(s));
	s = arena_strndup(g->arena, buf_str(&b), b.len);
	buf_fini(&b);
	return s;
}

void
shown_clean(struct graph *g)
{
	for (size_t i = 0; i < g->nodes.len; i++) {
		struct graph_node *n = &g->nodes.items[i];

		n->label = clean(g, n->label);
		n->ns = clean(g, n->ns);
		n->workload = clean(g, n->workload);
		n->service = clean(g, n->service);
		n->app = clean(g, n->app);
		n->version = clean(g, n->version);
	}
	for (size_t i = 0; i < g->edges.len; i++) {
		struct graph_edge *e = &g->edges.items[i];

		e->source_principal = clean(g, e->source_principal);
		e->destination_principal = clean(g, e->destination_principal);
		for (size_t k = 0; k < e->response_count; k++) {
			struct graph_response *r = &e->responses[k];

			r->code = clean(g, r->code);
			r->flags = clean(g, r->flags);
			r->host = clean(g, r->host);
		}
	}
}

static const char *
saved_text(void *arg, const char *name)
{
	return model_saved_find(arg, name);
}

static const char *
label_of_object(const struct object *o, const char *name)
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
	const struct model *m = arg;
	const struct mesh_service *s;
	const struct mesh_workload *w;

	if (m->mesh == NULL)
		return NULL;
	if (n->kind == NODE_SERVICE || n->kind == NODE_SERVICE_ENTRY) {
		s = mesh_find_service(m->mesh, n->ns, n->service);
		return s != NULL ? label_of_object(s->object, name) : NULL;
	}
	if (strcmp(name, "app") == 0)
		return n->app[0] != '\0' ? n->app : NULL;
	if (strcmp(name, "version") == 0)
		return n->version[0] != '\0' ? n->version : NULL;
	w = mesh_find_workload(m->mesh, n->ns, n->workload);
	return w != NULL ? label_of_object(w->object, name) : NULL;
}

static void
mark_names(const struct graph *g, const char *text, bool *nodes)
{
	for (size_t i = 0; i < g->nodes.len; i++) {
		const struct graph_node *n = &g->nodes.items[i];
		char *full = xasprintf("%s.%s", n->label, n->ns);

		nodes[i] = strcasestr(full, text) != NULL || strcasestr(n->id, text) != NULL;
		free(full);
	}
}

bool
shown_mark(const struct model *m, const struct graph *g, const char *text, bool *nodes,
	   bool *edges, struct error *err)
{
	const struct find_data data = {
		.rank_by = m->query.rank_by, .label = label_of_node, .label_arg = (void *)(uintptr_t)m,
	};
	struct find_data full = data;
	struct find *f;

	memset(nodes, 0, g->nodes.len * sizeof(*nodes));
	memset(edges, 0, g->edges.len * sizeof(*edges));
	if (text[0] == '\0')
		return true;
	if (!find_is_expression(text)) {
		mark_names(g, text, nodes);
		return true;
	}
	f = shown_find(m, text, err);
	if (f == NULL)
		return false;
	full.time_label = m->query.labels & (EDGE_LABEL_TIME_AVG | EDGE_LABEL_TIME_P50 |
					     EDGE_LABEL_TIME_P99);
	find_mark(f, g, &full, nodes, edges);
	find_free(&f);
	return true;
}

struct find *
shown_find(const struct model *m, const char *text, struct error *err)
{
	return find_parse(text, saved_text, (void *)(uintptr_t)m, err);
}

bool
shown_switch_on(struct model *m, const char *text)
{
	const unsigned times = EDGE_LABEL_TIME_AVG | EDGE_LABEL_TIME_P50 | EDGE_LABEL_TIME_P95 |
			       EDGE_LABEL_TIME_P99;
	struct find *f = find_is_expression(text) ? shown_find(m, text, NULL) : NULL;
	struct model_query *q = &m->query;
	bool had_idle = q->shows_idle_nodes && !q->hides_idle_edges;
	unsigned bits;

	if (f == NULL)
		return false;
	bits = find_sees(f);
	find_free(&f);
	if ((bits & FIND_SEES_TIME) != 0 && (q->labels & times) == 0)
		q->labels |= EDGE_LABEL_TIME_P95;
	if ((bits & FIND_SEES_THROUGHPUT) != 0)
		q->labels |= EDGE_LABEL_THROUGHPUT;
	q->shows_security = q->shows_security || (bits & FIND_SEES_SECURITY) != 0;
	q->shows_ranks = q->shows_ranks || (bits & FIND_SEES_RANKS) != 0;
	q->hides_badges = q->hides_badges && (bits & FIND_SEES_BADGES) == 0;
	q->shows_idle_nodes = q->shows_idle_nodes || (bits & FIND_SEES_IDLE) != 0;
	q->hides_idle_edges = q->hides_idle_edges && (bits & FIND_SEES_IDLE) == 0;
	return !had_idle && (bits & FIND_SEES_IDLE) != 0;
}

static struct graph *
without_hidden(const struct model *m)
{
	const struct graph *g = m->graph;
	bool *nodes = xcalloc(g->nodes.len + 1, sizeof(*nodes));
	bool *edges = xcalloc(g->edges.len + 1, sizeof(*edges));
	struct error err = ERROR_INIT;
	struct graph *part;

	if (m->query.hide == NULL || !shown_mark(m, g, m->query.hide, nodes, edges, &err)) {
		memset(nodes, 0, g->nodes.len * sizeof(*nodes));
		memset(edges, 0, g->edges.len * sizeof(*edges));
	}
	find_keep(g, nodes, edges);
	part = graph_part(g, nodes, edges);
	for (size_t i = 0; i < part->nodes.len; i++)
		part->nodes.items[i].beyond = 0;	/* hidden on purpose */
	free(nodes);
	free(edges);
	return part;
}

static struct graph *
around(struct graph *g, const char *focus, unsigned hops)
{
	size_t centre = graph_find(g, focus);
	struct graph *part;
	bool *nodes;

	if (centre == SIZE_MAX)
		return g;
	nodes = xmalloc((g->nodes.len + 1) * sizeof(*nodes));
	memset(nodes, true, g->nodes.len * sizeof(*nodes));
	graph_around(g, centre, hops, nodes);
	part = graph_part(g, nodes, NULL);
	free(nodes);
	graph_free(&g);
	return part;
}

struct graph *
graph_shown(const struct model *m, const struct shown_options *options)
{
	struct graph *g = without_hidden(m), *folded;

	if (options->fold != FOLD_NONE) {
		folded = graph_fold(g, options->fold, options->is_open, options->open_arg);
		graph_free(&g);
		g = folded;
	}
	if (options->focus != NULL)
		g = around(g, options->focus, options->hops);
	shown_clean(g);
	return g;
}
