/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the model's graph to what a screen shows of it; see shown.h.
 */
#include "tui/feed/shown.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "src/topology/build.h"
#include "src/topology/find.h"
#include "src/topology/graph.h"
#include "src/topology/mark.h"
#include "tui/feed/model.h"

#define LABEL_CELLS 72u		/* a name of Kubernetes with its version */

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

/* As much of a node's name as is drawn. */
static const char *
cut(struct graph *g, const char *label)
{
	struct buf b = BUF_INIT;

	if (text_width(label, strlen(label)) <= LABEL_CELLS)
		return label;
	text_cut_middle(&b, label, LABEL_CELLS, "~");
	label = arena_strndup(g->arena, buf_str(&b), b.len);
	buf_fini(&b);
	return label;
}

void
shown_clean(struct graph *g)
{
	for (size_t i = 0; i < g->nodes.len; i++) {
		struct graph_node *n = &g->nodes.items[i];

		n->label = cut(g, clean(g, n->label));
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

static struct mark_context
context_of(const struct model *m)
{
	return (struct mark_context){
		.mesh = m->mesh, .rank_by = m->query.rank_by,
		.time_label = m->query.labels & (EDGE_LABEL_TIME_AVG | EDGE_LABEL_TIME_P50 |
						 EDGE_LABEL_TIME_P99),
		.saved = saved_text, .saved_arg = (void *)(uintptr_t)m,
	};
}

bool
shown_mark(const struct model *m, const struct graph *g, const char *text, bool *nodes,
	   bool *edges, struct error *err)
{
	const struct mark_context c = context_of(m);

	return graph_mark(g, &c, text, nodes, edges, err);
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
	const struct mark_context c = context_of(m);
	const char *hide = m->query.hide != NULL ? m->query.hide : "";
	struct graph *g = graph_without(m->graph, &c, hide, NULL), *folded;

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
