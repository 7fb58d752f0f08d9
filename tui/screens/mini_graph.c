/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small picture on a page; see mini_graph.h. */
#include "tui/screens/mini_graph.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/topology/build.h"
#include "src/topology/graph.h"
#include "src/topology/grid.h"
#include "src/topology/layout.h"
#include "src/topology/part.h"
#include "tui/app.h"
#include "tui/model.h"
#include "tui/screens/detail.h"
#include "tui/screens/pages.h"
#include "tui/shown.h"

#define MOST_EDGES 80u		/* keys wait while it is laid out */

static void
drop_picture(struct mini_graph *m)
{
	layout_free(&m->layout);
	graph_free(&m->graph);
	arena_free(&m->texts);
}

void
mini_graph_fini(struct mini_graph *m)
{
	drop_picture(m);
	free(m->selected);
}

static bool
is_centre(const struct detail *d, const struct graph_node *n)
{
	if (strcmp(n->ns, d->ns) != 0)
		return false;
	switch (d->kind) {
	case DETAIL_SERVICE:
		return (n->kind == NODE_SERVICE || n->kind == NODE_SERVICE_ENTRY) &&
		       strcmp(n->service, d->name) == 0;
	case DETAIL_WORKLOAD: return n->kind == NODE_WORKLOAD && strcmp(n->workload, d->name) == 0;
	default: return n->kind == NODE_VERSION && strcmp(n->app, d->name) == 0;
	}
}

/* Has the graph the page's own node?  A service that was called by its workloads'
 * addresses alone has none. */
static bool
has_centre(const struct detail *d, const struct graph *g)
{
	for (size_t i = 0; i < g->nodes.len; i++)
		if (is_centre(d, &g->nodes.items[i]))
			return true;
	return false;
}

static bool
is_its_workload(const struct detail *d, const struct graph_node *n)
{
	const struct mesh_workload *workloads[DETAIL_WORKLOADS];
	size_t count = detail_workloads(d, workloads);

	for (size_t i = 0; i < count; i++)
		if (strcmp(workloads[i]->ns, n->ns) == 0 && strcmp(workloads[i]->name, n->workload) == 0)
			return true;
	return false;
}

/* What stands one hop around any of the centres. */
static struct graph *
surroundings(struct detail *d, char **centre)
{
	struct graph *all = page_graph(d->screen.app, d->kind == DETAIL_APP ? GRAPH_VERSIONED_APP :
				       GRAPH_WORKLOAD, d->kind == DETAIL_SERVICE), *part;
	bool *keep = xcalloc(all->nodes.len + 1, sizeof(*keep));
	bool *near = xcalloc(all->nodes.len + 1, sizeof(*near)), has_own = has_centre(d, all);

	*centre = NULL;
	for (size_t i = 0; i < all->nodes.len; i++) {
		const struct graph_node *n = &all->nodes.items[i];

		if (has_own ? !is_centre(d, n) : !is_its_workload(d, n))
			continue;
		memset(near, true, all->nodes.len * sizeof(*near));
		graph_around(all, i, 1, near);
		for (size_t k = 0; k < all->nodes.len; k++)
			keep[k] = keep[k] || near[k];
		if (*centre == NULL)
			*centre = xstrdup(n->id);
	}
	part = graph_part(all, keep, NULL);
	free(keep);
	free(near);
	graph_free(&all);
	return part;
}

void
mini_graph_read(struct mini_graph *m, struct detail *d)
{
	char *centre;
	struct graph *g = surroundings(d, &centre);

	shown_clean(g);
	drop_picture(m);
	if (m->selected == NULL || graph_find(g, m->selected) == SIZE_MAX) {
		free(m->selected);
		m->selected = centre;
	} else {
		free(centre);
	}
	m->graph = g;
	m->cols = m->rows = 0;
}

static const char *const *
make_labels(struct mini_graph *m, unsigned bits)
{
	size_t count = m->graph->edges.len;
	const char **labels = arena_alloc(m->texts, (count + 1) * sizeof(*labels));
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < count; i++) {
		buf_clear(&b);
		edge_label_text(&m->graph->edges.items[i], bits, true, &b);
		labels[i] = b.len > 0 ? arena_strdup(m->texts, buf_str(&b)) : NULL;
	}
	buf_fini(&b);
	return labels;
}

static const char *const *
make_marks(struct mini_graph *m)
{
	const char **marks = arena_alloc(m->texts, (m->graph->nodes.len + 1) * sizeof(*marks));

	for (size_t i = 0; i < m->graph->nodes.len; i++) {
		enum health h = m->graph->nodes.items[i].health;

		marks[i] = h == HEALTH_FAILURE ? "x" : h > HEALTH_HEALTHY ? "!" : NULL;
	}
	return marks;
}

/* As much on the lines as there is room for. */
static void
lay_out(struct mini_graph *m, unsigned cols, unsigned rows)
{
	static const unsigned labels[] = {
		EDGE_LABEL_RATE | EDGE_LABEL_TIME_P95 | EDGE_LABEL_DISTRIBUTION,
		EDGE_LABEL_RATE | EDGE_LABEL_DISTRIBUTION, EDGE_LABEL_RATE, 0,
	};

	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		struct layout_options o = { .zoom = ZOOM_LINE, .cols = cols, .rows = rows };
		struct layout_stats stats;

		layout_free(&m->layout);
		arena_free(&m->texts);
		m->texts = arena_new();
		o.edge_labels = labels[i] != 0 ? make_labels(m, labels[i]) : NULL;
		o.node_marks = make_marks(m);
		m->layout = layout_new(m->graph, &o, NULL, NULL);
		if (m->layout == NULL)
			break;
		layout_get_stats(m->layout, &stats);
		if (stats.hidden_nodes == 0 && stats.width <= cols && stats.height <= rows)
			break;
	}
	m->cols = cols;
	m->rows = rows;
}

void
mini_graph_draw(struct mini_graph *m, struct area a)
{
	size_t selected = m->graph != NULL && m->selected != NULL ?
			  graph_find(m->graph, m->selected) : SIZE_MAX;
	struct layout_stats stats;
	struct grid *grid;

	if (m->graph == NULL || m->graph->nodes.len == 0) {
		area_put_cut(a, 1, 0, a.cols > 2 ? a.cols - 2 : 0, STYLE_DIM, "no traffic in this window");
		return;
	}
	if (m->graph->edges.len > MOST_EDGES) {
		area_printf(a, 1, 0, STYLE_DIM, "%zu nodes, %zu edges: p shows them",
			    m->graph->nodes.len, m->graph->edges.len);
		return;
	}
	if (m->cols != a.cols || m->rows != a.rows)
		lay_out(m, a.cols, a.rows);
	if (m->layout == NULL)
		return;
	layout_get_stats(m->layout, &stats);
	grid = layout_draw(m->layout, a.canvas->glyphs,
			   selected != SIZE_MAX ? (uint32_t)selected : GRID_NO_OWNER);
	area_grid(area_sub(a, stats.width < a.cols ? (a.cols - stats.width) / 2 : 0,
			   stats.height < a.rows ? (a.rows - stats.height) / 2 : 0, UINT32_MAX,
			   UINT32_MAX), grid, 0, 0);
	grid_free(&grid);
}

/* Reading order: row, then column. */
static unsigned
place_of(const struct mini_graph *m, size_t node)
{
	struct layout_rect r;

	return layout_node_rect(m->layout, node, &r) ? r.row << 16 | (r.col & 0xffff) : UINT32_MAX;
}

void
mini_graph_step(struct mini_graph *m, int by)
{
	size_t now = m->selected != NULL && m->graph != NULL ? graph_find(m->graph, m->selected) :
		     SIZE_MAX, best = SIZE_MAX;

	if (m->layout == NULL || now == SIZE_MAX)
		return;
	for (size_t i = 0; i < m->graph->nodes.len; i++) {
		unsigned at = place_of(m, i), from = place_of(m, now);

		if (by > 0 ? at <= from : at >= from)
			continue;
		if (best == SIZE_MAX || (by > 0) == (at < place_of(m, best)))
			best = i;
	}
	if (best == SIZE_MAX)
		return;
	free(m->selected);
	m->selected = xstrdup(m->graph->nodes.items[best].id);
}

char *
mini_graph_page(const struct mini_graph *m)
{
	size_t at = m->graph != NULL && m->selected != NULL ? graph_find(m->graph, m->selected) :
		    SIZE_MAX;

	return at != SIZE_MAX ? page_of_node(&m->graph->nodes.items[at]) : NULL;
}
