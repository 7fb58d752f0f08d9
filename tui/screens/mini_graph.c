/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small picture on a page; see mini_graph.h. */
#include "tui/screens/mini_graph.h"

#include <stdatomic.h>
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
#include "src/topology/notes.h"
#include "src/topology/part.h"
#include "tui/app/app.h"
#include "tui/feed/background.h"
#include "tui/feed/model.h"
#include "tui/feed/shown.h"
#include "tui/screens/detail.h"
#include "tui/screens/pages.h"
#include "tui/screens/same_picture.h"

#define MOST_AT_ONCE 24u	/* nodes and edges that are laid out in the key's path */
#define QUIET_TIMES 4		/* as long as a layout took: until the next for figures */

/* A graph laid out, with all that the layout borrows. */
struct mini_picture {
	struct graph *graph;		/* a copy: the page's is read anew meanwhile */
	struct arena *texts;
	const char **labels, **marks;
	unsigned cols, rows;
	unsigned fit;			/* index into fits[] */
	const struct layout *previous;	/* borrowed from the picture before */
	struct layout *layout;
	atomic_bool is_unwanted;	/* the page closes: no more tries */
	int64_t begun_ms;
};

static void
picture_free(struct mini_picture **pp)
{
	struct mini_picture *p = *pp;

	if (p == NULL)
		return;
	layout_free(&p->layout);
	graph_free(&p->graph);
	arena_free(&p->texts);
	free(p);
	*pp = NULL;
}

void
mini_graph_fini(struct mini_graph *m)
{
	if (m->coming != NULL)
		atomic_store(&m->coming->is_unwanted, true);
	background_join(&m->worker);
	picture_free(&m->coming);
	picture_free(&m->picture);
	graph_free(&m->graph);
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
surroundings(const struct graph *all, const struct detail *d, char **centre)
{
	struct graph *part;
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
	return part;
}

void
mini_graph_read(struct mini_graph *m, struct detail *d)
{
	const struct graph *all = page_graph(d->screen.app, d->kind == DETAIL_APP ?
					     GRAPH_VERSIONED_APP : GRAPH_WORKLOAD,
					     d->kind == DETAIL_SERVICE);
	struct graph *g;
	char *centre;

	if (all == NULL)
		return;		/* told when it is there */
	g = surroundings(all, d, &centre);
	shown_clean(g);
	graph_free(&m->graph);
	if (m->selected == NULL || graph_find(g, m->selected) == SIZE_MAX) {
		free(m->selected);
		m->selected = centre;
	} else {
		free(centre);
	}
	m->graph = g;
	m->app = d->screen.app;
	m->wants_layout = true;
}

static const char **
make_labels(const struct graph *g, unsigned bits, struct arena *texts)
{
	const char **labels = arena_alloc(texts, (g->edges.len + 1) * sizeof(*labels));
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < g->edges.len; i++) {
		buf_clear(&b);
		edge_label_text(&g->edges.items[i], bits, true, &b);
		labels[i] = b.len > 0 ? arena_strdup(texts, buf_str(&b)) : NULL;
	}
	buf_fini(&b);
	return labels;
}

/* What stands on the lines: as much as there is room for. */
static const unsigned fits[] = {
	EDGE_LABEL_RATE | EDGE_LABEL_TIME_P95 | EDGE_LABEL_DISTRIBUTION,
	EDGE_LABEL_RATE | EDGE_LABEL_DISTRIBUTION, EDGE_LABEL_RATE, 0,
};

static bool
fits_in(const struct mini_picture *p)
{
	struct layout_stats stats;

	layout_get_stats(p->layout, &stats);
	return stats.hidden_nodes == 0 && stats.width <= p->cols && stats.height <= p->rows;
}

/* All of the work; touches nothing but the picture, so any thread may do it.
 * From the fit that p->fit says on; p->fit is the one that was taken. */
static void
paint(void *arg)
{
	struct mini_picture *p = arg;

	p->marks = graph_marks(p->graph, p->texts);
	for (;; p->fit++) {
		struct layout_options o = {
			.zoom = ZOOM_LINE, .cols = p->cols, .rows = p->rows, .node_marks = p->marks,
		};

		p->labels = fits[p->fit] != 0 ? make_labels(p->graph, fits[p->fit], p->texts) : NULL;
		o.edge_labels = p->labels;
		layout_free(&p->layout);
		p->layout = layout_new(p->graph, &o, p->previous, NULL);
		if (p->layout == NULL || p->fit + 1 == ARRAY_LEN(fits) || fits_in(p) ||
		    atomic_load(&p->is_unwanted))
			return;
	}
}

/* The finished picture takes the old one's place. */
static void
take_over(struct mini_graph *m)
{
	int64_t now = app_now_ms(m->app);

	m->quiet_until_ms = m->worker != NULL ? now + QUIET_TIMES * (now - m->coming->begun_ms) : 0;
	background_join(&m->worker);
	picture_free(&m->picture);
	m->picture = m->coming;
	m->coming = NULL;
}

void
mini_graph_collect(struct mini_graph *m)
{
	if (m->worker == NULL)
		return;
	if (!background_is_done(m->worker)) {
		app_poll_soon(m->app);
		return;
	}
	take_over(m);
	app_dirty(m->app);
}

/* fit: of a picture of the same shape, which is where this one begins. */
static void
begin(struct mini_graph *m, unsigned cols, unsigned rows, unsigned fit)
{
	struct mini_picture *p = xcalloc(1, sizeof(*p));

	p->graph = graph_part(m->graph, NULL, NULL);
	p->texts = arena_new();
	p->cols = cols;
	p->rows = rows;
	p->fit = fit;
	p->previous = m->picture != NULL ? m->picture->layout : NULL;
	p->begun_ms = app_now_ms(m->app);
	m->coming = p;
	m->wants_layout = false;
	if (p->graph->nodes.len + p->graph->edges.len > MOST_AT_ONCE && app_poll_soon(m->app))
		m->worker = background_start(paint, p);
	if (m->worker != NULL)
		return;
	paint(p);
	take_over(m);
}

/* Only figures changed: their digits are put where the old ones stand. */
static bool
put_figures(struct mini_picture *p, const struct graph *g)
{
	struct arena *texts;
	const char **labels;
	bool is_done;

	if (!picture_same_looks(p->graph, g))
		return false;
	if (p->labels == NULL)
		return true;
	texts = arena_new();
	labels = make_labels(g, fits[p->fit], texts);
	is_done = picture_same_lengths(labels, p->labels, g->edges.len);
	if (is_done)
		picture_put_texts(p->labels, labels, g->edges.len);
	arena_free(&texts);
	return is_done;
}

static void
lay_out(struct mini_graph *m, unsigned cols, unsigned rows)
{
	struct mini_picture *p = m->picture;
	bool has_size = p != NULL && p->cols == cols && p->rows == rows;

	if (m->worker != NULL || (has_size && !m->wants_layout))
		return;		/* one at a time; asked again when it is done */
	if (!has_size || !picture_same_shape(p->graph, m->graph))
		begin(m, cols, rows, 0);
	else if (put_figures(p, m->graph))
		m->wants_layout = false;
	else if (app_now_ms(m->app) >= m->quiet_until_ms)
		begin(m, cols, rows, p->fit);
}

void
mini_graph_draw(struct mini_graph *m, struct area a)
{
	const struct mini_picture *p;
	size_t selected;
	struct layout_stats stats;
	struct grid *grid;

	if (m->graph == NULL || m->graph->nodes.len == 0) {
		area_put_cut(a, 1, 0, a.cols > 2 ? a.cols - 2 : 0, STYLE_DIM,
			     m->graph == NULL ? "being read ..." : "no traffic in this window");
		return;
	}
	lay_out(m, a.cols, a.rows);
	p = m->picture;
	if (p == NULL || p->layout == NULL) {
		area_put_cut(a, 1, 0, a.cols > 2 ? a.cols - 2 : 0, STYLE_DIM,
			     p == NULL ? "laying out ..." : "too large to be drawn");
		return;
	}
	selected = m->selected != NULL ? graph_find(p->graph, m->selected) : SIZE_MAX;
	layout_get_stats(p->layout, &stats);
	grid = layout_draw(p->layout, a.canvas->glyphs,
			   selected != SIZE_MAX ? (uint32_t)selected : GRID_NO_OWNER);
	area_grid(area_sub(a, stats.width < a.cols ? (a.cols - stats.width) / 2 : 0,
			   stats.height < a.rows ? (a.rows - stats.height) / 2 : 0, UINT32_MAX,
			   UINT32_MAX), grid, 0, 0);
	grid_free(&grid);
}

/* Reading order: row, then column. */
static unsigned
place_of(const struct mini_picture *p, size_t node)
{
	struct layout_rect r;

	return layout_node_rect(p->layout, node, &r) ? r.row << 16 | (r.col & 0xffff) : UINT32_MAX;
}

void
mini_graph_step(struct mini_graph *m, int by)
{
	const struct mini_picture *p = m->picture;
	size_t now = m->selected != NULL && p != NULL ? graph_find(p->graph, m->selected) : SIZE_MAX;
	size_t best = SIZE_MAX;

	if (now == SIZE_MAX || p->layout == NULL)
		return;
	for (size_t i = 0; i < p->graph->nodes.len; i++) {
		unsigned at = place_of(p, i), from = place_of(p, now);

		if (by > 0 ? at <= from : at >= from)
			continue;
		if (best == SIZE_MAX || (by > 0) == (at < place_of(p, best)))
			best = i;
	}
	if (best == SIZE_MAX)
		return;
	free(m->selected);
	m->selected = xstrdup(p->graph->nodes.items[best].id);
}

char *
mini_graph_page(const struct mini_graph *m)
{
	size_t at = m->graph != NULL && m->selected != NULL ? graph_find(m->graph, m->selected) :
		    SIZE_MAX;

	return at != SIZE_MAX ? page_of_node(&m->graph->nodes.items[at]) : NULL;
}
