/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Traffic in the side panel (spec/kiali.md 2.7): sums of edges as tables with
 * their success and errors, and figures over the time window as sparklines.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "src/telemetry/metrics.h"
#include "tui/app/app.h"
#include "tui/feed/model.h"
#include "tui/screens/pages.h"
#include "tui/screens/topology_priv.h"
#include "tui/widgets/figure.h"
#include "tui/widgets/sparkline.h"

#define BAR_CELLS 20u
#define TREND_CELLS 10u
#define TREND_POINTS 20
#define TREND_FILTERS 64u	/* more namespaces nobody chooses by hand */

enum answer_class { ANSWER_OK, ANSWER_3XX, ANSWER_4XX, ANSWER_5XX, ANSWER_NONE, ANSWER_CLASSES };

static const struct {
	const char *name;
	char sign;		/* in bars: needs no colour */
} classes[ANSWER_CLASSES] = {
	[ANSWER_OK] = { "OK", '=' }, [ANSWER_3XX] = { "3xx", '3' }, [ANSWER_4XX] = { "4xx", '4' },
	[ANSWER_5XX] = { "5xx", '5' }, [ANSWER_NONE] = { "NR", '-' },
};

/* What edges of one protocol add up to. */
struct tally {
	double total, errors, parts[ANSWER_CLASSES];
	size_t edges;
};

bool
traffic_is_failure(const struct graph_edge *e, const char *code)
{
	if (e->protocol == EDGE_GRPC && strlen(code) < 3)
		return strcmp(code, "0") != 0;
	return metric_code_is_error(code);
}

/* gRPC's statuses have no classes: what is not OK stands with the 5xx. */
static enum answer_class
class_of(const struct graph_edge *e, const char *code)
{
	if (code[0] == '-' || (code[0] == '0' && e->protocol != EDGE_GRPC))
		return ANSWER_NONE;
	if (e->protocol == EDGE_GRPC && strlen(code) < 3)
		return strcmp(code, "0") == 0 ? ANSWER_OK : ANSWER_5XX;
	return code[0] == '3' ? ANSWER_3XX : code[0] == '4' ? ANSWER_4XX : code[0] == '5' ? ANSWER_5XX :
	       ANSWER_OK;
}

static void
tally_add(struct tally *t, const struct graph_edge *e)
{
	t->edges++;
	t->total += e->rate;
	t->errors += e->errors;
	for (size_t i = 0; i < e->response_count; i++)
		t->parts[class_of(e, e->responses[i].code)] += e->responses[i].share * e->rate;
}

/* "4.27/s  100%    0%" */
static void
put_table_row(struct sheet *out, const char *name, const struct tally *t)
{
	double failed = t->total > 0 ? t->errors / t->total : -1;
	struct buf b = BUF_INIT;

	figure_rate(&b, t->total);
	buf_puts(&b, "  ");
	figure_percent(&b, failed >= 0 ? 1 - failed : -1);
	buf_puts(&b, "  ");
	figure_percent(&b, failed);
	sheet_row(out, t->errors > 0 ? STYLE_BAD : STYLE_BOLD, name, buf_str(&b));
	buf_fini(&b);
}

/* Which class how many cells: at least one where there is anything. */
static void
put_bar(struct sheet *out, const struct tally *t)
{
	struct buf bar = BUF_INIT, words = BUF_INIT;
	double sum = 0;

	for (unsigned c = 0; c < ANSWER_CLASSES; c++)
		sum += t->parts[c];
	for (unsigned c = 0; c < ANSWER_CLASSES && sum > 0; c++) {
		unsigned cells = (unsigned)(t->parts[c] / sum * BAR_CELLS + 0.5);

		if (!(t->parts[c] > 0))
			continue;
		buf_fill(&bar, classes[c].sign, cells > 0 ? cells : 1);
		buf_printf(&words, "%s%s ", words.len > 0 ? " " : "", classes[c].name);
		figure_percent(&words, t->parts[c] / sum);
	}
	if (sum > 0 && t->parts[ANSWER_OK] < sum) {
		sheet_line(out, STYLE_DIM, "  %s", buf_str(&bar));
		sheet_line(out, STYLE_DIM, "  %s", buf_str(&words));
	}
	buf_fini(&bar);
	buf_fini(&words);
}

static void
put_head(struct sheet *out, const char *name)
{
	sheet_row(out, STYLE_DIM, name, " total  good   err");
}

static void
put_bytes_row(struct sheet *out, const char *name, double rate)
{
	struct buf b = BUF_INIT;

	figure_bytes(&b, rate);
	buf_puts(&b, "            ");
	sheet_row(out, STYLE_TCP, name, buf_str(&b));
	buf_fini(&b);
}

void
traffic_of_node(const struct topology *t, size_t node, struct sheet *out)
{
	static const char *const names[EDGE_PROTOCOL_COUNT][2] = {
		[EDGE_HTTP] = { "In", "Out" }, [EDGE_GRPC] = { "gRPC in", "gRPC out" },
		[EDGE_TCP] = { "TCP in", "TCP out" },
	};
	struct tally sums[EDGE_PROTOCOL_COUNT][2];
	bool has_head = false;

	memset(sums, 0, sizeof(sums));
	for (size_t i = 0; i < t->shown->edges.len; i++) {
		const struct graph_edge *e = &t->shown->edges.items[i];

		if (e->to == node)
			tally_add(&sums[e->protocol][0], e);
		if (e->from == node)
			tally_add(&sums[e->protocol][1], e);
	}
	for (unsigned p = 0; p < EDGE_PROTOCOL_COUNT; p++) {
		for (unsigned out_side = 0; out_side < 2; out_side++) {
			const struct tally *sum = &sums[p][out_side];

			if (sum->edges == 0)
				continue;
			if (p == EDGE_TCP) {
				put_bytes_row(out, names[p][out_side], sum->total);
				continue;
			}
			if (!has_head)
				put_head(out, "Requests");
			has_head = true;
			put_table_row(out, names[p][out_side], sum);
			put_bar(out, sum);
		}
	}
}

void
traffic_of_edge(const struct graph_edge *e, struct sheet *out)
{
	struct tally sum = { .total = 0 };

	tally_add(&sum, e);
	put_bar(out, &sum);
}

/* Belongs the edge to what comes into the namespaces shown, or leaves them?  The
 * second hop of a call over a service's node is not counted again. */
static bool
counts_for(const struct graph *g, const struct graph_edge *e, enum traffic_side side)
{
	const struct graph_node *from = &g->nodes.items[e->from], *to = &g->nodes.items[e->to];

	switch (side) {
	case TRAFFIC_INBOUND: return from->is_root || from->is_outside;
	case TRAFFIC_OUTBOUND:
		return to->is_outside || to->is_inaccessible || to->kind == NODE_SERVICE_ENTRY;
	default: return from->kind != NODE_SERVICE || to->kind == NODE_SERVICE;
	}
}

void
traffic_of_graph(const struct topology *t, enum traffic_side side, struct sheet *out)
{
	static const char *const titles[] = { [EDGE_HTTP] = "HTTP", [EDGE_GRPC] = "gRPC" };
	struct tally sums[EDGE_PROTOCOL_COUNT];

	memset(sums, 0, sizeof(sums));
	for (size_t i = 0; i < t->shown->edges.len; i++) {
		const struct graph_edge *e = &t->shown->edges.items[i];

		if (counts_for(t->shown, e, side))
			tally_add(&sums[e->protocol], e);
	}
	if (sums[EDGE_HTTP].edges + sums[EDGE_GRPC].edges > 0)
		put_head(out, "Requests");
	for (unsigned p = 0; p < EDGE_TCP; p++) {
		if (sums[p].edges == 0)
			continue;
		put_table_row(out, titles[p], &sums[p]);
		put_bar(out, &sums[p]);
	}
	if (sums[EDGE_TCP].edges > 0)
		put_bytes_row(out, "TCP", sums[EDGE_TCP].total);
	if (sums[EDGE_HTTP].edges + sums[EDGE_GRPC].edges + sums[EDGE_TCP].edges == 0)
		sheet_line(out, STYLE_DIM, side == TRAFFIC_INBOUND ? "Nothing comes in." :
			   side == TRAFFIC_OUTBOUND ? "Nothing leaves these namespaces." :
			   "No traffic in this window.");
}

/* Over time */

struct trend {
	char *of;		/* what, and over how long */
	int64_t data_ms;	/* the newest reading then */
	struct metrics *in, *out;	/* out: only of nodes and chosen namespaces */
};

struct trend_query {
	struct metrics_query q;
	struct metric_filter filters[TREND_FILTERS];
};

static void
add_filter(struct trend_query *tq, enum metric_label label, const char *value)
{
	if (tq->q.filter_count < TREND_FILTERS)
		tq->filters[tq->q.filter_count++] = (struct metric_filter){ label, value };
}

/* Labels that say that a series is from (or to) the node. */
static void
filter_end(struct trend_query *tq, const struct graph_node *n, bool is_source)
{
	if (n->kind == NODE_SERVICE || n->kind == NODE_SERVICE_ENTRY) {
		add_filter(tq, LABEL_DESTINATION_SERVICE_NAMESPACE, n->ns);
		add_filter(tq, LABEL_DESTINATION_SERVICE_NAME, n->service);
		return;
	}
	if (n->kind == NODE_UNKNOWN) {
		add_filter(tq, is_source ? LABEL_SOURCE_WORKLOAD : LABEL_DESTINATION_WORKLOAD, "unknown");
		return;
	}
	add_filter(tq, is_source ? LABEL_SOURCE_WORKLOAD_NAMESPACE :
		   LABEL_DESTINATION_WORKLOAD_NAMESPACE, n->ns);
	if (n->kind == NODE_WORKLOAD) {
		add_filter(tq, is_source ? LABEL_SOURCE_WORKLOAD : LABEL_DESTINATION_WORKLOAD, n->workload);
		return;
	}
	add_filter(tq, is_source ? LABEL_SOURCE_CANONICAL_SERVICE : LABEL_DESTINATION_CANONICAL_SERVICE,
		   n->app);
	if (n->kind == NODE_VERSION)
		add_filter(tq, is_source ? LABEL_SOURCE_CANONICAL_REVISION :
			   LABEL_DESTINATION_CANONICAL_REVISION, n->version);
}

static struct metrics *
read_trend(struct app *a, struct trend_query *tq, bool is_outbound)
{
	tq->q.subject = METRICS_OF_ALL;
	tq->q.is_outbound = is_outbound;
	tq->q.or_source = true;
	tq->q.stats = 1u << STAT_AVG | 1u << STAT_P50 | 1u << STAT_P95 | 1u << STAT_P99;
	tq->q.points = TREND_POINTS;
	tq->q.filters = tq->filters;
	return page_metrics(a, &tq->q);
}

static struct metrics *
read_end(struct app *a, const struct graph_node *n, bool is_source)
{
	struct trend_query tq = { .q.filter_count = 0 };

	filter_end(&tq, n, is_source);
	return read_trend(a, &tq, is_source);
}

static struct metrics *
read_edge(struct app *a, const struct graph *g, const struct graph_edge *e)
{
	const struct graph_node *from = &g->nodes.items[e->from];
	struct trend_query tq = { .q.filter_count = 0 };

	filter_end(&tq, from, true);
	filter_end(&tq, &g->nodes.items[e->to], false);
	/* What the caller's proxy does not see, only the callee's tells. */
	return read_trend(a, &tq, from->kind != NODE_UNKNOWN && !e->is_mirrored);
}

/* Of the namespaces that are chosen: what comes in, or what they send. */
static struct metrics *
read_graph(struct app *a, enum metric_label end)
{
	const struct model *m = app_model(a);
	struct trend_query tq = { .q.filter_count = 0 };

	for (size_t i = 0; i < m->query.namespaces.len; i++)
		add_filter(&tq, end, m->query.namespaces.items[i]);
	return read_trend(a, &tq, true);
}

void
trend_free(struct trend **tp)
{
	if (*tp == NULL)
		return;
	free((*tp)->of);
	metrics_free(&(*tp)->in);
	metrics_free(&(*tp)->out);
	free(*tp);
	*tp = NULL;
}

static char *
name_trend(const struct topology *t, size_t node, size_t edge)
{
	const struct graph *g = t->shown;
	const char *from = "", *to = "";

	if (edge != SIZE_MAX) {
		from = g->nodes.items[g->edges.items[edge].from].id;
		to = g->nodes.items[g->edges.items[edge].to].id;
	} else if (node != SIZE_MAX) {
		from = g->nodes.items[node].id;
	}
	return xasprintf("%s\n%s\n%u\n%d", from, to, app_model(t->screen.app)->query.window_s,
			 edge != SIZE_MAX && g->edges.items[edge].is_mirrored);
}

/* Of what is selected now, if perhaps of older figures? */
static bool
has_trend(const struct topology *t)
{
	char *of = name_trend(t, selected_node(t), selected_edge(t));
	bool yes = t->trend != NULL && strcmp(t->trend->of, of) == 0;

	free(of);
	return yes;
}

static bool
is_newest(const struct topology *t)
{
	return has_trend(t) && t->trend->data_ms == app_model(t->screen.app)->data_ms;
}

static void
read_selected(struct topology *t)
{
	size_t node = selected_node(t), edge = selected_edge(t);
	struct app *a = t->screen.app;

	trend_free(&t->trend);
	t->trend = xcalloc(1, sizeof(*t->trend));
	t->trend->of = name_trend(t, node, edge);
	t->trend->data_ms = app_model(a)->data_ms;
	t->shows_trend = false;
	if (edge != SIZE_MAX) {
		t->trend->in = read_edge(a, t->shown, &t->shown->edges.items[edge]);
	} else if (node != SIZE_MAX) {
		const struct graph_node *n = &t->shown->nodes.items[node];

		t->trend->in = read_end(a, n, false);
		if (n->kind != NODE_SERVICE && n->kind != NODE_SERVICE_ENTRY)
			t->trend->out = read_end(a, n, true);
	} else {
		t->trend->in = read_graph(a, LABEL_DESTINATION_SERVICE_NAMESPACE);
		if (app_model(a)->query.namespaces.len > 0)
			t->trend->out = read_graph(a, LABEL_SOURCE_WORKLOAD_NAMESPACE);
	}
}

bool
traffic_read(struct topology *t)
{
	if (is_newest(t))
		return false;
	read_selected(t);
	return true;
}

/* "requests  ▁▂▃▄▅▆   0.20 .. 0.54/s" */
static void
put_trend(const struct topology *t, const struct metric_line *l, size_t count, const char *name,
	  double factor, void (*put)(struct buf *out, double v), struct sheet *out)
{
	double least = HUGE_VAL, most = -HUGE_VAL;
	struct buf line = BUF_INIT, range = BUF_INIT;

	for (size_t i = 0; i < count; i++) {
		double v = (double)l->values[i];

		least = v < least ? v : least;
		most = v > most ? v : most;
	}
	if (isfinite(least)) {
		buf_printf(&line, "  %-9s", name);
		sparkline_put(&line, app_glyphs(t->screen.app), l->values, count, TREND_CELLS, 0);
		put(&range, least * factor);
		buf_puts(&range, " ");
		put(&range, most * factor);
		sheet_row(out, STYLE_PLAIN, buf_str(&line), buf_str(&range));
	}
	buf_fini(&line);
	buf_fini(&range);
}

static const struct metric_line *
find_line(const struct metrics *m, enum metric_chart_id chart, const char *stat)
{
	for (size_t i = 0; i < m->charts[chart].lines.len; i++)
		if (strcmp(m->charts[chart].lines.items[i].stat, stat) == 0)
			return &m->charts[chart].lines.items[i];
	return NULL;
}

static void
put_trends(const struct topology *t, const struct metrics *m, const char *title, bool has_times,
	   struct sheet *out)
{
	static const struct {
		enum metric_chart_id chart;
		const char *stat, *name;
		double factor;
		void (*put)(struct buf *out, double v);
		bool is_time;
	} rows[] = {
		{ METRIC_CHART_REQUESTS, "", "requests", 1, figure_rate, false },
		{ METRIC_CHART_REQUESTS, "errors", "errors", 1, figure_rate, false },
		{ METRIC_CHART_DURATION, "avg", "average", 1, figure_time, true },
		{ METRIC_CHART_DURATION, "p50", "p50", 1, figure_time, true },
		{ METRIC_CHART_DURATION, "p95", "p95", 1, figure_time, true },
		{ METRIC_CHART_DURATION, "p99", "p99", 1, figure_time, true },
		/* As on the picture: the charts' names are those of the caller. */
		{ METRIC_CHART_TCP_RECEIVED, "", "sent", 1.0 / 8, figure_bytes, false },
		{ METRIC_CHART_TCP_SENT, "", "received", 1.0 / 8, figure_bytes, false },
	};
	bool has_title = false;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct metric_line *l = find_line(m, rows[i].chart, rows[i].stat);

		if (l == NULL || (rows[i].is_time && !has_times))
			continue;
		if (!has_title) {
			sheet_line(out, STYLE_PLAIN, "%s", "");
			sheet_row(out, STYLE_DIM, title, "  least   most");
		}
		has_title = true;
		put_trend(t, l, m->count, rows[i].name, rows[i].factor, rows[i].put, out);
	}
}

/* Figures are read after the draw where that can be: a key that is held down
 * moves the selection over many nodes. */
void
traffic_over_time(struct topology *t, struct sheet *out)
{
	bool is_edge = selected_edge(t) != SIZE_MAX, is_node = selected_node(t) != SIZE_MAX;

	t->shows_trend = true;
	if (!is_newest(t) && !app_poll_soon(t->screen.app))
		read_selected(t);
	if (!has_trend(t))
		return;
	put_trends(t, t->trend->in, is_node || t->trend->out != NULL ? "In over time" : "Over time", is_edge, out);
	if (t->trend->out != NULL)
		put_trends(t, t->trend->out, "Out over time", false, out);
}
