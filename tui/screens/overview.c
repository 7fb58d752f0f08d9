/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The first page: each namespace with its health, rates and a line of its
 * traffic over time, and above them what the mesh adds up to.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/strmap.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/topology/graph.h"
#include "tui/app/app.h"
#include "tui/feed/model.h"
#include "tui/screens/pages.h"
#include "tui/screens/screens.h"
#include "tui/screens/table.h"
#include "tui/term/canvas.h"
#include "tui/widgets/figure.h"
#include "tui/widgets/health.h"
#include "tui/widgets/sparkline.h"

#define SPARK_CELLS 20u
#define SPARK_POINTS 30
#define SPARK_COLUMN 7

struct counts {
	unsigned of[HEALTH_FAILURE + 1];
	unsigned all;
};

/* What a namespace adds up to, or all of them. */
struct sums {
	const char *ns;
	double in, errors, out;		/* calls a second */
	struct counts workloads;
	unsigned services, config_errors, config_warnings;
};

struct overview_fill {
	struct table *table;
	struct model *model;
	struct arena *arena;
	const struct graph *graph;	/* NULL: not read yet */
	struct strmap places;		/* name -> place in namespaces + 1 */
	VEC(struct sums) namespaces;	/* by name */
	struct sums all;		/* of the chosen ones */
};

/* NULL: nobody has chosen it. */
static struct sums *
sums_of(struct overview_fill *f, const char *ns)
{
	uintptr_t place = (uintptr_t)strmap_find(&f->places, slice_of(ns));

	return place != 0 ? &f->namespaces.items[place - 1] : NULL;
}

static void
choose_namespace(void *arg, const char *ns)
{
	struct overview_fill *f = arg;

	if (model_has_namespace(f->model, ns))
		vec_push(&f->namespaces, ((struct sums){ .ns = arena_strdup(f->arena, ns) }));
}

static bool
is_service(const struct graph_node *n)
{
	return n->kind == NODE_SERVICE;
}

/* Where nobody has chosen, istio-system and what is outside the mesh count too. */
static bool
is_in_head(const struct model *m, const char *ns)
{
	return m->query.namespaces.len == 0 || model_has_namespace(m, ns);
}

/* Calls as their callers made them: what was refused before any workload saw
 * it counts, and no call twice. */
static void
sum_calls(struct overview_fill *f)
{
	const struct graph *g = f->graph;

	for (size_t i = 0; g != NULL && i < g->edges.len; i++) {
		const struct graph_edge *e = &g->edges.items[i];
		const struct graph_node *from = &g->nodes.items[e->from], *to = &g->nodes.items[e->to];
		struct sums *in, *out;

		if (e->protocol == EDGE_TCP || is_service(from))
			continue;
		if (is_in_head(f->model, to->ns)) {
			f->all.in += e->rate;
			f->all.errors += e->errors;
		}
		if ((in = sums_of(f, to->ns)) != NULL) {
			in->in += e->rate;
			in->errors += e->errors;
		}
		if ((out = sums_of(f, from->ns)) != NULL)
			out->out += e->rate;
	}
}

static void
count(struct counts *c, enum health h)
{
	c->of[h]++;
	c->all++;
}

static void
count_objects(struct overview_fill *f)
{
	const struct mesh *m = f->model->mesh;
	struct page_totals *totals = page_totals_new(f->graph);
	struct sums *s;

	for (size_t i = 0; m != NULL && i < m->workload_count; i++) {
		if ((s = sums_of(f, m->workloads[i]->ns)) == NULL)
			continue;
		count(&s->workloads, page_totals_workload(totals, m->workloads[i]).health);
		count(&f->all.workloads, page_totals_workload(totals, m->workloads[i]).health);
	}
	for (size_t i = 0; m != NULL && i < m->service_count; i++)
		if ((s = sums_of(f, m->services[i]->ns)) != NULL)
			s->services++;
	page_totals_free(&totals);
}

static void
count_problem(struct sums *s, const struct problem *p)
{
	s->config_errors += p->severity == SEVERITY_ERROR;
	s->config_warnings += p->severity == SEVERITY_WARNING;
}

static void
count_problems(struct overview_fill *f)
{
	for (size_t i = 0; i < f->model->problems.rows.len; i++) {
		const struct problem *p = &f->model->problems.rows.items[i];
		struct sums *s = sums_of(f, p->ns);

		if (is_in_head(f->model, p->ns))
			count_problem(&f->all, p);
		if (s != NULL)
			count_problem(s, p);
	}
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

static void
put_config(struct table_row *r, size_t column, const struct sums *s)
{
	if (s->config_errors > 0)
		table_text(r, column, STYLE_BAD, "x %u", s->config_errors);
	else if (s->config_warnings > 0)
		table_text(r, column, STYLE_WARN, "! %u", s->config_warnings);
	else
		table_text(r, column, STYLE_GOOD, "ok");
	r->keys[column] = s->config_errors * 1000.0 + s->config_warnings;
}

/* NULL: nothing of the kind came in. */
static const struct metric_line *
line_of(const struct metrics *m, enum metric_chart_id chart, const char *ns)
{
	const struct metric_lines *l = &m->charts[chart];

	for (size_t i = 0; i < l->lines.len; i++)
		if (strcmp(l->lines.items[i].name, ns) == 0)
			return &l->lines.items[i];
	return NULL;
}

/* Requests in, over time; bytes where there are no requests. */
static void
put_spark(struct table *t, struct table_row *r, const struct metrics *m)
{
	const struct metric_line *line = line_of(m, METRIC_CHART_REQUESTS, r->texts[0]);
	struct buf b = BUF_INIT;

	if (line == NULL)
		line = line_of(m, METRIC_CHART_TCP_RECEIVED, r->texts[0]);
	if (line != NULL)
		sparkline_put(&b, app_glyphs(t->app), line->values, m->count, SPARK_CELLS, 0);
	table_text(r, SPARK_COLUMN, STYLE_SERVICE, "%s", buf_str(&b));
	buf_fini(&b);
}

static void
sight(struct table *t, struct table_row *const *rows, size_t count)
{
	struct metric_filter *filters = xcalloc(count, sizeof(*filters));
	struct metrics_query q = { .subject = METRICS_OF_ALL, .by_namespace = true, .or_source = true,
				   .points = SPARK_POINTS, .filters = filters, .filter_count = count };
	struct metrics *m;

	for (size_t i = 0; i < count; i++)
		filters[i] = (struct metric_filter){ LABEL_DESTINATION_WORKLOAD_NAMESPACE, rows[i]->texts[0] };
	m = page_metrics(t->app, &q);
	for (size_t i = 0; i < count; i++)
		put_spark(t, rows[i], m);
	metrics_free(&m);
	free(filters);
}

static void
put_calls(struct table_row *r, const struct sums *s)
{
	table_rate(r, 3, s->in > 0 ? STYLE_PLAIN : STYLE_DIM, s->in);
	table_rate(r, 4, s->out > 0 ? STYLE_PLAIN : STYLE_DIM, s->out);
	table_percent(r, 5, s->errors > 0 ? STYLE_BAD : STYLE_DIM, s->in > 0 ? s->errors / s->in : -1);
}

static void
add_namespace(struct overview_fill *f, const struct sums *s)
{
	struct table_row *r;
	struct buf b = BUF_INIT;

	if (s->workloads.all == 0 && s->services == 0)
		return;
	r = table_add(f->table);
	table_text(r, 0, STYLE_BOLD, "%s", s->ns);
	table_number(r, 2, STYLE_PLAIN, s->services);
	put_config(r, 6, s);
	r->open = xasprintf("graph %s", s->ns);
	r->picture = xstrdup(r->open);
	if (f->graph == NULL)
		return;
	put_counts(&b, &s->workloads);
	table_text(r, 1, health_style(worst_health(&s->workloads)), "%s", buf_str(&b));
	r->keys[1] = worst_health(&s->workloads);
	put_calls(r, s);
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
put_worst(struct table *t, const struct model *m, const struct graph *g)
{
	const struct graph_edge *worst = NULL;
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < g->edges.len; i++) {
		const struct graph_edge *e = &g->edges.items[i];

		if (e->protocol != EDGE_TCP && e->errors > 0 && !is_service(&g->nodes.items[e->from]) &&
		    is_in_head(m, g->nodes.items[e->to].ns) && (worst == NULL || e->errors > worst->errors))
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
	const struct sums *all = &f->all;
	struct buf counts = BUF_INIT, rate = BUF_INIT, failed = BUF_INIT, config = BUF_INIT;

	put_counts(&counts, &all->workloads);
	figure_rate(&rate, all->in);
	figure_percent(&failed, all->in > 0 ? all->errors / all->in : 0);
	if (all->config_errors > 0)
		buf_printf(&config, "x %u error%s", all->config_errors, all->config_errors > 1 ? "s" : "");
	else if (all->config_warnings > 0)
		buf_printf(&config, "! %u warning%s", all->config_warnings,
			   all->config_warnings > 1 ? "s" : "");
	table_head(f->table, health_style(worst_health(&all->workloads)),
		   "%u workloads: %s  requests %s, %s failed  config: %s", all->workloads.all,
		   buf_str(&counts), buf_str(&rate) + strspn(buf_str(&rate), " "),
		   buf_str(&failed) + strspn(buf_str(&failed), " "),
		   config.len > 0 ? buf_str(&config) : "ok");
	put_worst(f->table, f->model, f->graph);
	buf_fini(&counts);
	buf_fini(&rate);
	buf_fini(&failed);
	buf_fini(&config);
}

static void
fill(struct table *t, struct model *m)
{
	struct overview_fill f = {
		.table = t, .model = m, .graph = page_graph(t->app, GRAPH_WORKLOAD, true),
		.arena = arena_new(), .places = STRMAP_INIT,
	};

	model_each_namespace(m, choose_namespace, &f);
	for (size_t i = 0; i < f.namespaces.len; i++)
		*strmap_put(&f.places, slice_of(f.namespaces.items[i].ns)) = (void *)(uintptr_t)(i + 1);
	sum_calls(&f);
	count_objects(&f);
	count_problems(&f);
	if (f.graph != NULL)
		put_head(&f);
	else
		table_head(t, STYLE_DIM, "%u workloads; the figures are being read", f.all.workloads.all);
	for (size_t i = 0; i < f.namespaces.len; i++)
		add_namespace(&f, &f.namespaces.items[i]);
	vec_fini(&f.namespaces);
	strmap_fini(&f.places);
	arena_free(&f.arena);
}

/* The chosen namespace over time: how much, how slow. */
static void
foot(struct table *t, struct area a)
{
	const struct table_row *r = table_chosen(t);
	struct metrics_query q = { .subject = METRICS_OF_NAMESPACE, .name = "", .or_source = true,
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
	.sight = sight,
	.foot = foot,
	.foot_rows = 9,
};

struct screen *
overview_open(struct app *a)
{
	return table_open(a, &spec);
}
