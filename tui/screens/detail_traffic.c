/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Traffic of a page: who calls it and what it calls, as two tables.
 */
#include <string.h>

#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "tui/app/app.h"
#include "tui/feed/model.h"
#include "tui/screens/detail.h"
#include "tui/screens/pages.h"
#include "tui/screens/table.h"
#include "tui/widgets/figure.h"
#include "tui/widgets/health.h"

struct traffic_tab {
	struct detail_tab tab;
	struct table table;
};

static bool
is_workload_of(const struct detail *d, const struct graph_node *n)
{
	const struct mesh_workload *workloads[DETAIL_WORKLOADS];
	size_t count = detail_workloads(d, workloads);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(n->ns, workloads[i]->ns) == 0 && strcmp(n->workload, workloads[i]->name) == 0)
			return true;
	}
	return false;
}

static bool
is_service_node(const struct detail *d, const struct graph_node *n)
{
	return (n->kind == NODE_SERVICE || n->kind == NODE_SERVICE_ENTRY) &&
	       strcmp(n->ns, d->ns) == 0 && strcmp(n->service, d->name) == 0;
}

static bool
is_subject(const struct detail *d, const struct graph_node *n, bool has_service_node)
{
	switch (d->kind) {
	case DETAIL_SERVICE:
		return has_service_node ? is_service_node(d, n) : is_workload_of(d, n);
	case DETAIL_WORKLOAD:
		return strcmp(n->ns, d->ns) == 0 && strcmp(n->workload, d->name) == 0;
	default:
		return n->kind != NODE_SERVICE && strcmp(n->ns, d->ns) == 0 &&
		       strcmp(n->app, d->name) == 0;
	}
}

/* The page of the other end. */
static char *
link_of(const struct graph_node *n)
{
	if (n->kind == NODE_SERVICE || n->kind == NODE_SERVICE_ENTRY)
		return xasprintf("service %s.%s", n->service, n->ns);
	if (n->workload[0] != '\0')
		return xasprintf("workload %s.%s", n->workload, n->ns);
	return n->app[0] != '\0' ? xasprintf("app %s.%s", n->app, n->ns) : NULL;
}

/* "503 UO,URX 30%", the most frequent failure. */
static void
put_failure(struct buf *out, const struct graph_edge *e)
{
	const struct graph_response *most = NULL;

	for (size_t i = 0; i < e->response_count; i++) {
		const struct graph_response *r = &e->responses[i];

		if ((metric_code_is_error(r->code) || strcmp(r->flags, "-") != 0) &&
		    (most == NULL || r->share > most->share))
			most = r;
	}
	if (most == NULL)
		return;
	buf_printf(out, "%s %.0f%%", most->code, most->share * 100);
	if (strcmp(most->flags, "-") != 0) {
		buf_puts(out, " ");
		page_put_flag_words(out, most->flags);
	}
}

static void
add_edge(struct table *t, const struct graph_edge *e, const struct graph_node *other)
{
	static const char *const protocols[] = {
		[EDGE_HTTP] = "http", [EDGE_GRPC] = "grpc", [EDGE_TCP] = "tcp",
	};
	struct table_row *r = table_add(t);
	struct buf b = BUF_INIT;

	table_text(r, 0, e->is_idle ? STYLE_DIM : STYLE_PLAIN, "  %s%s", other->label,
		   e->is_mirrored ? " (mirrored)" : "");
	table_text(r, 1, e->protocol == EDGE_TCP ? STYLE_TCP : STYLE_DIM, "%s", protocols[e->protocol]);
	if (e->protocol == EDGE_TCP) {
		figure_bytes(&b, e->rate);
		table_text(r, 2, STYLE_TCP, "%s", buf_str(&b));
		r->keys[2] = e->rate;
		buf_clear(&b);
	} else {
		table_rate(r, 2, STYLE_PLAIN, e->rate);
		table_percent(r, 3, e->errors > 0 ? STYLE_BAD : STYLE_GOOD,
			      e->rate > 0 ? 1 - e->errors / e->rate : -1);
		table_percent(r, 4, STYLE_PLAIN, e->share);
		table_time(r, 5, STYLE_PLAIN, e->times.p95 >= 0 ? e->times.p95 : e->times.est_p95);
	}
	table_text(r, 6, health_style(e->health), "%s%s", health_mark(e->health),
		   health_text(e->health));
	r->keys[6] = e->health;
	put_failure(&b, e);
	table_text(r, 7, STYLE_DIM, "%s", buf_str(&b));
	r->open = link_of(other);
	buf_fini(&b);
}

static void
add_direction(struct table *t, const struct graph *g, const bool *is_mine, bool is_inbound)
{
	const struct detail *d = t->arg;
	size_t before = t->rows.len;

	table_heading(t, is_inbound ? "Inbound" : d->kind == DETAIL_SERVICE ? "Answered by" : "Outbound");
	for (size_t i = 0; i < g->edges.len; i++) {
		const struct graph_edge *e = &g->edges.items[i];
		bool is_in = is_mine[e->to], is_out = is_mine[e->from];

		if (is_inbound ? is_in : is_out)
			add_edge(t, e, &g->nodes.items[is_inbound ? e->from : e->to]);
	}
	if (t->rows.len == before + 1)
		table_note(t, is_inbound ? "nobody called it in this window" :
			   "it called nothing in this window");
}

static void
fill(struct table *t, struct model *m)
{
	const struct detail *d = t->arg;
	const struct graph *g = page_graph(t->app, d->kind == DETAIL_APP ? GRAPH_APP : GRAPH_WORKLOAD,
					   d->kind == DETAIL_SERVICE);
	bool *is_mine, has_service_node = false;

	(void)m;
	if (g == NULL) {
		table_note(t, "being read");
		return;
	}
	is_mine = xcalloc(g->nodes.len + 1, sizeof(*is_mine));
	for (size_t i = 0; i < g->nodes.len; i++)
		has_service_node |= is_service_node(d, &g->nodes.items[i]);
	for (size_t i = 0; i < g->nodes.len; i++)
		is_mine[i] = is_subject(d, &g->nodes.items[i], has_service_node);
	add_direction(t, g, is_mine, true);
	/* who answered can be told only behind a node of the service */
	if (d->kind != DETAIL_SERVICE || has_service_node)
		add_direction(t, g, is_mine, false);
	free(is_mine);
}

static const struct table_spec spec = {
	.name = "Traffic",
	.empty = "nothing in this window",
	.hint = "",
	.columns = {
		{ "NAME", 18, true, false, 0 }, { "KIND", 4, false, false, 0 },
		{ "RATE", 7, false, true, 0 }, { "OK", 4, false, true, 0 },
		{ "SHARE", 5, false, true, 0 }, { "P95", 6, false, true, 0 },
		{ "HEALTH", 10, false, false, 0 }, { "FAILURES IN WORDS", 17, true, false, 100 },
	},
	.column_count = 8,
	.fill = fill,
	.changes = MODEL_GRAPH | MODEL_CONFIG,
};

static struct table *
table_of(struct detail_tab *t)
{
	return &((struct traffic_tab *)t)->table;
}

static void
init(struct detail_tab *t)
{
	table_init(table_of(t), t->detail->screen.app, &spec, t->detail);
}

static void
update(struct detail_tab *t, unsigned changes)
{
	table_update(table_of(t), changes);
}

static void
hint(struct detail_tab *t, struct buf *out)
{
	(void)t;
	buf_puts(out, "Enter page\ts S sort\t/ filter\tV versions\tw wizards\tp picture");
}

static void
fini(struct detail_tab *t)
{
	table_fini(table_of(t));
}

const struct detail_tab_ops detail_traffic = {
	.name = "Traffic", .word = "traffic",
	.kinds = 1u << DETAIL_SERVICE | 1u << DETAIL_WORKLOAD | 1u << DETAIL_APP,
	.scope = SCOPE_PAGE, .size = sizeof(struct traffic_tab),
	.init = init, .update = update, .table = table_of,
	.hint = hint, .fini = fini,
};
