/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The first page: each namespace with its health, rates and a line of its
 * traffic over time, and above them what the mesh adds up to.
 */
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/topology/graph.h"
#include "tui/app.h"
#include "tui/canvas.h"
#include "tui/figure.h"
#include "tui/health.h"
#include "tui/model.h"
#include "tui/screens/pages.h"
#include "tui/screens/screens.h"
#include "tui/screens/table.h"
#include "tui/widgets/sparkline.h"

#define SPARK_CELLS 20u
#define SPARK_POINTS 30

struct counts {
	unsigned of[HEALTH_FAILURE + 1];
	unsigned all;
};

struct overview_fill {
	struct table *table;
	struct model *model;
	struct graph *graph;
};

static void
count(struct counts *c, enum health h)
{
	c->of[h]++;
	c->all++;
}

static bool
is_service(const struct graph_node *n)
{
	return n->kind == NODE_SERVICE;
}

/* Calls as their callers made them: what was refused before any workload saw
 * it counts, and no call twice.  ns NULL: of all that are shown. */
static struct page_sums
sum_calls(const struct graph *g, const char *ns)
{
	struct page_sums sums = { 0, 0, 0, 0, 0, HEALTH_NA };

	for (size_t i = 0; i < g->edges.len; i++) {
		const struct graph_edge *e = &g->edges.items[i];
		const struct graph_node *from = &g->nodes.items[e->from];

		if (e->protocol == EDGE_TCP || is_service(from))
			continue;
		if (ns == NULL || strcmp(g->nodes.items[e->to].ns, ns) == 0) {
			sums.in += e->rate;
			sums.errors += e->errors;
		}
		if (ns == NULL || strcmp(from->ns, ns) == 0)
			sums.out += e->rate;
	}
	return sums;
}

static struct counts
count_workloads(const struct overview_fill *f, const char *ns)
{
	const struct mesh *m = f->model->mesh;
	struct counts c = { { 0 }, 0 };

	for (size_t i = 0; m != NULL && i < m->workload_count; i++) {
		struct page_sums one;

		if (ns != NULL ? strcmp(m->workloads[i]->ns, ns) != 0 :
		    !model_has_namespace(f->model, m->workloads[i]->ns))
			continue;
		one = page_sum_workload(f->graph, m->workloads[i]);
		count(&c, one.health);
	}
	return c;
}

static unsigned
count_services(const struct model *m, const char *ns)
{
	unsigned n = 0;

	for (size_t i = 0; m->mesh != NULL && i < m->mesh->service_count; i++)
		n += strcmp(m->mesh->services[i]->ns, ns) == 0;
	return n;
}

static void
put_config(struct table_row *r, size_t column, const struct model *m, const char *ns)
{
	unsigned errors = 0, warnings = 0;

	for (size_t i = 0; i < m->problems.rows.len; i++) {
		const struct problem *p = &m->problems.rows.items[i];

		if (ns != NULL && strcmp(p->ns, ns) != 0)
			continue;
		errors += p->severity == SEVERITY_ERROR;
		warnings += p->severity == SEVERITY_WARNING;
	}
	if (errors > 0)
		table_text(r, column, STYLE_BAD, "x %u", errors);
	else if (warnings > 0)
		table_text(r, column, STYLE_WARN, "! %u", warnings);
	else
		table_text(r, column, STYLE_GOOD, "ok");
	r->keys[column] = errors * 1000.0 + warnings;
}

/* "x 1  ! 2  ok 5": what is wrong comes first. */
static void
put_counts(struct buf *out, const struct counts *c)
{
	unsigned fine = c->of[HEALTH_HEALTHY], idle = c->of[HEALTH_NA];

	if (c->of[HEALTH_FAILURE] > 0)
		buf_printf(out, "x %u  ", c->of[HEALTH_FAILURE]);
	if (c->of[HEALTH_DEGRADED] + c->of[HEALTH_NOT_READY] > 0)
		buf_printf(out, "! %u  ", c->of[HEALTH_DEGRADED] + c->of[HEALTH_NOT_READY]);
	if (fine > 0)
		buf_printf(out, "ok %u  ", fine);
	if (idle > 0)
		buf_printf(out, "idle %u", idle);
}

static enum health
worst_health(const struct counts *c)
{
	for (int h = HEALTH_FAILURE; h > HEALTH_NA; h--) {
		if (c->of[h] > 0)
			return (enum health)h;
	}
	return HEALTH_NA;
}

/* Requests in, over time; bytes where there are no requests. */
static void
put_spark(struct overview_fill *f, struct table_row *r, const char *ns)
{
	struct metrics_query q = { .subject = METRICS_OF_NAMESPACE, .ns = ns, .name = "",
				   .points = SPARK_POINTS };
	struct metrics *m = page_metrics(f->table->app, &q);
	const struct metric_lines *l = &m->charts[METRIC_CHART_REQUESTS];
	struct buf b = BUF_INIT;

	if (l->lines.len == 0)
		l = &m->charts[METRIC_CHART_TCP_RECEIVED];
	if (l->lines.len > 0)
		sparkline_put(&b, app_glyphs(f->table->app), l->lines.items[0].values, m->count,
			      SPARK_CELLS, 0);
	table_text(r, 7, STYLE_SERVICE, "%s", buf_str(&b));
	buf_fini(&b);
	metrics_free(&m);
}

static void
add_namespace(void *arg, const char *ns)
{
	struct overview_fill *f = arg;
	struct page_sums sums = sum_calls(f->graph, ns);
	struct counts c;
	struct table_row *r;
	struct buf b = BUF_INIT;

	if (!model_has_namespace(f->model, ns))
		return;
	c = count_workloads(f, ns);
	if (c.all == 0 && count_services(f->model, ns) == 0)
		return;
	r = table_add(f->table);
	put_counts(&b, &c);
	table_text(r, 0, STYLE_BOLD, "%s", ns);
	table_text(r, 1, health_style(worst_health(&c)), "%s", buf_str(&b));
	r->keys[1] = worst_health(&c);
	table_number(r, 2, STYLE_PLAIN, count_services(f->model, ns));
	table_rate(r, 3, sums.in > 0 ? STYLE_PLAIN : STYLE_DIM, sums.in);
	table_rate(r, 4, sums.out > 0 ? STYLE_PLAIN : STYLE_DIM, sums.out);
	table_percent(r, 5, sums.errors > 0 ? STYLE_BAD : STYLE_DIM,
		      sums.in > 0 ? sums.errors / sums.in : -1);
	put_config(r, 6, f->model, ns);
	put_spark(f, r, ns);
	r->open = xasprintf("graph %s", ns);
	r->picture = xstrdup(r->open);
	buf_fini(&b);
}

/* The most frequent failure of an edge, in words. */
static void
put_cause(struct buf *out, const struct graph_edge *e)
{
	const struct graph_response *most = NULL;

	for (size_t i = 0; i < e->response_count; i++) {
		const struct graph_response *r = &e->responses[i];

		if (metric_code_is_error(r->code) && (most == NULL || r->share > most->share))
			most = r;
	}
	if (most == NULL)
		return;
	buf_puts(out, most->code);
	if (strcmp(most->flags, "-") != 0) {
		buf_puts(out, " ");
		page_put_flag_words(out, most->flags);
	}
}

/* Where to look first: the calls that fail most, and why. */
static void
put_worst(struct table *t, const struct graph *g)
{
	const struct graph_edge *worst = NULL;
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < g->edges.len; i++) {
		const struct graph_edge *e = &g->edges.items[i];

		if (e->protocol != EDGE_TCP && e->errors > 0 && !is_service(&g->nodes.items[e->from]) &&
		    (worst == NULL || e->errors > worst->errors))
			worst = e;
	}
	if (worst == NULL) {
		table_head(t, STYLE_GOOD, "No request failed in this window.");
	} else {
		table_head(t, STYLE_BAD, "x most failures: %s %s %s, %.2f/s of %.2f/s",
			   g->nodes.items[worst->from].label, glyph(app_glyphs(t->app), GLYPH_ARROW),
			   g->nodes.items[worst->to].label, worst->errors, worst->rate);
		put_cause(&b, worst);
		table_head(t, STYLE_DIM, "  %s", buf_str(&b));
		buf_fini(&b);
	}
	table_head(t, STYLE_DIM, "%s", "");
}

static void
put_head(const struct overview_fill *f)
{
	struct page_sums sums = sum_calls(f->graph, NULL);
	struct counts c = count_workloads(f, NULL);
	unsigned errors = 0, warnings = 0;
	struct buf counts = BUF_INIT, rate = BUF_INIT, failed = BUF_INIT, config = BUF_INIT;

	for (size_t i = 0; i < f->model->problems.rows.len; i++) {
		errors += f->model->problems.rows.items[i].severity == SEVERITY_ERROR;
		warnings += f->model->problems.rows.items[i].severity == SEVERITY_WARNING;
	}
	put_counts(&counts, &c);
	figure_rate(&rate, sums.in);
	figure_percent(&failed, sums.in > 0 ? sums.errors / sums.in : 0);
	if (errors > 0)
		buf_printf(&config, "x %u error%s", errors, errors > 1 ? "s" : "");
	else if (warnings > 0)
		buf_printf(&config, "! %u warning%s", warnings, warnings > 1 ? "s" : "");
	table_head(f->table, health_style(worst_health(&c)),
		   "%u workloads: %s  requests %s, %s failed  config: %s", c.all, buf_str(&counts),
		   buf_str(&rate) + strspn(buf_str(&rate), " "),
		   buf_str(&failed) + strspn(buf_str(&failed), " "),
		   config.len > 0 ? buf_str(&config) : "ok");
	put_worst(f->table, f->graph);
	buf_fini(&counts);
	buf_fini(&rate);
	buf_fini(&failed);
	buf_fini(&config);
}

static void
fill(struct table *t, struct model *m)
{
	struct overview_fill f = { t, m, page_graph(t->app, GRAPH_WORKLOAD, true) };

	put_head(&f);
	model_each_namespace(m, add_namespace, &f);
	graph_free(&f.graph);
}

/* The chosen namespace over time: how much, how slow. */
static void
foot(struct table *t, struct area a)
{
	const struct table_row *r = table_chosen(t);
	struct metrics_query q = { .subject = METRICS_OF_NAMESPACE, .name = "",
				   .stats = 1u << STAT_P50 | 1u << STAT_P95 | 1u << STAT_P99 };
	struct page_marks marks = { NULL, VEC_INIT };
	struct arena *arena;
	struct metrics *m;
	struct chart left, right;

	if (r == NULL)
		return;
	q.ns = r->texts[0];
	m = page_metrics(t->app, &q);
	page_marks_read(&marks, app_model(t->app), m->from_ms);
	arena = arena_new();
	left = page_chart(arena, m, METRIC_CHART_REQUESTS, &marks);
	right = page_chart(arena, m, METRIC_CHART_DURATION, &marks);
	left.title = arena_printf(arena, "Requests into %s", q.ns);
	area_rule(a, 0);
	a = area_sub(a, 1, 1, a.cols - 2, UINT32_MAX);
	chart_draw(area_sub(a, 0, 0, a.cols / 2 - 1, a.rows), &left);
	chart_draw(area_sub(a, a.cols / 2 + 1, 0, UINT32_MAX, a.rows), &right);
	arena_free(&arena);
	page_marks_fini(&marks);
	metrics_free(&m);
}

static const struct table_spec spec = {
	.name = "Overview",
	.empty = "no namespace is chosen; `:namespace` shows all",
	.hint = "Enter its picture\ts S I sort\t/ filter\tt time\t: apps workloads services config",
	.columns = {
		{ "NAMESPACE", 14, true, false, 0 }, { "WORKLOADS", 13, false, false, 0 },
		{ "SERVICES", 8, false, true, 100 }, { "IN", 6, false, true, 0 },
		{ "OUT", 6, false, true, 0 }, { "ERR", 4, false, true, 0 },
		{ "CONF", 4, false, false, 0 }, { "REQUESTS IN", SPARK_CELLS, false, false, 0 },
	},
	.column_count = 8,
	.fill = fill,
	.changes = MODEL_GRAPH | MODEL_CONFIG,
	.foot = foot,
	.foot_rows = 9,
};

struct screen *
overview_open(struct app *a)
{
	return table_open(a, &spec);
}
