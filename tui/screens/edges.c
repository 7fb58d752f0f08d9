/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The graph as a list of its edges: who calls whom, how much, how slowly,
 * with which errors; for meshes that no picture can show at once.
 */

#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "src/topology/graph.h"
#include "src/topology/grid.h"
#include "tui/feed/model.h"
#include "tui/feed/shown.h"
#include "tui/screens/screens.h"
#include "tui/screens/table.h"
#include "tui/widgets/figure.h"
#include "tui/widgets/health.h"

enum { COL_FROM, COL_TO, COL_KIND, COL_RATE, COL_ERRORS, COL_P95, COL_SHARE, COL_HEALTH };

static void
put_figures(struct table_row *row, const struct graph_edge *e)
{
	double ms = e->times.p95 < 0 ? e->times.est_p95 : e->times.p95;
	bool tcp = e->protocol == EDGE_TCP;
	struct buf b = BUF_INIT;

	if (tcp) {
		figure_bytes(&b, e->rate);
		table_put(row, COL_RATE, STYLE_TCP, buf_str(&b));
		row->keys[COL_RATE] = e->rate / 1024;
	} else {
		table_rate(row, COL_RATE, STYLE_PLAIN, e->rate);
	}
	table_percent(row, COL_ERRORS, e->errors > 0 ? STYLE_BAD : STYLE_DIM,
		      tcp || e->rate <= 0 ? -1 : e->errors / e->rate);
	table_time(row, COL_P95, STYLE_PLAIN, ms);
	table_percent(row, COL_SHARE, STYLE_DIM, e->share);
	buf_fini(&b);
}

static void
add_edge(struct table *t, const struct graph *g, const struct graph_edge *e)
{
	static const char *const kinds[] = { "http", "grpc", "tcp" };
	const struct graph_node *from = &g->nodes.items[e->from], *to = &g->nodes.items[e->to];
	struct table_row *row = table_add(t);

	table_put(row, COL_FROM, STYLE_PLAIN, from->label);
	table_put(row, COL_TO, STYLE_PLAIN, to->label);
	table_put(row, COL_KIND, e->protocol == EDGE_TCP ? STYLE_TCP : STYLE_DIM,
		  e->is_mirrored ? "mirror" : kinds[e->protocol]);
	put_figures(row, e);
	table_text(row, COL_HEALTH, health_style(e->health), "%s%s", health_mark(e->health),
		   e->is_idle ? "idle" : e->health == HEALTH_NA ? "" : health_text(e->health));
	row->keys[COL_HEALTH] = e->health;
	row->open = xasprintf("select %s -> %s", from->id, to->id);
}

static void
fill(struct table *t, struct model *m)
{
	const struct shown_options all = { .fold = FOLD_NONE };
	struct graph *g = graph_shown(m, &all);

	for (size_t i = 0; i < g->edges.len; i++)
		add_edge(t, g, &g->edges.items[i]);
	graph_free(&g);
}

struct screen *
edges_open(struct app *a)
{
	static const struct table_spec spec = {
		.name = "Edges",
		.empty = "No traffic in this window. {window} widens it, :hide shows what is hidden",
		.hint = "Enter in the picture\ts S I sort\t/ filter\t:matrix as a matrix\tEsc back",
		.columns = {
			{ .title = "FROM", .cells = 14, .is_flexible = true },
			{ .title = "TO", .cells = 14, .is_flexible = true },
			{ .title = "KIND", .cells = 6 },
			{ .title = "RATE", .cells = 6, .is_right = true },
			{ .title = "ERR", .cells = 4, .is_right = true },
			{ .title = "P95", .cells = 6, .is_right = true },
			{ .title = "PART", .cells = 4, .is_right = true },
			{ .title = "HEALTH", .cells = 9 },
		},
		.column_count = 8,
		.fill = fill,
		.changes = MODEL_GRAPH,
	};

	return table_open(a, &spec);
}
