/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts about what a page is about, links to what belongs to it, and, where
 * there is room, its two most telling charts.
 */
#include <stdio.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "tui/app/app.h"
#include "tui/feed/model.h"
#include "tui/screens/detail.h"
#include "tui/screens/mini_graph.h"
#include "tui/screens/pages.h"
#include "tui/screens/table.h"
#include "tui/screens/topology_priv.h"
#include "tui/widgets/figure.h"
#include "tui/widgets/health.h"

#define CHARTS_FROM_COLS 110u	/* wider: charts stand beside the facts */
#define GRAPH_FROM_ROWS 30u	/* higher: the surroundings over them */

struct overview_tab {
	struct detail_tab tab;
	struct table table;
	struct metrics *metrics;
	struct page_marks marks;
	struct mini_graph graph;
};

static void __attribute__((format(printf, 3, 4)))
add_fact(struct table *t, const char *name, const char *fmt, ...)
{
	struct table_row *r = table_add(t);
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	table_text(r, 0, STYLE_DIM, "  %s", name);
	table_text(r, 1, STYLE_PLAIN, "%s", buf_str(&b));
	buf_fini(&b);
}

static void
add_map(struct table *t, const char *name, const struct value *map)
{
	struct buf b = BUF_INIT;

	VALUE_EACH(v, map)
		buf_printf(&b, "%s%s=%s", b.len > 0 ? " " : "", v->key,
			   value_text(v) != NULL ? value_text(v) : "");
	if (b.len > 0)
		add_fact(t, name, "%s", buf_str(&b));
	buf_fini(&b);
}

static void
add_health(struct table *t, const struct page_sums *sums)
{
	struct table_row *r;
	struct buf b = BUF_INIT;

	if (!sums->is_known)
		return;
	r = table_add(t);
	table_text(r, 0, STYLE_DIM, "  health");
	table_text(r, 1, health_style(sums->health), "%s%s", health_mark(sums->health),
		   health_text(sums->health));
	if (sums->in > 0 || sums->in_bytes <= 0) {
		struct buf failed = BUF_INIT;

		figure_rate(&b, sums->in);
		figure_percent(&failed, sums->in > 0 ? sums->errors / sums->in : 0);
		add_fact(t, "requests in", "%s, %s failed", buf_str(&b) + strspn(buf_str(&b), " "),
			 buf_str(&failed) + strspn(buf_str(&failed), " "));
		buf_fini(&failed);
		buf_clear(&b);
	}
	if (sums->in_bytes > 0) {
		figure_bytes(&b, sums->in_bytes);
		add_fact(t, "TCP in", "%s", buf_str(&b) + strspn(buf_str(&b), " "));
		buf_clear(&b);
	}
	if (sums->out > 0) {
		figure_rate(&b, sums->out);
		add_fact(t, "requests out", "%s", buf_str(&b) + strspn(buf_str(&b), " "));
	}
	buf_fini(&b);
}

static const char *
protocol_name(enum port_protocol p)
{
	static const char *const names[] = {
		[PORT_SNIFFED] = "detected", [PORT_HTTP] = "HTTP", [PORT_HTTP2] = "HTTP/2",
		[PORT_GRPC] = "gRPC", [PORT_TCP] = "TCP", [PORT_TLS] = "TLS", [PORT_HTTPS] = "HTTPS",
	};

	return names[p];
}

static void
add_port(struct table *t, const struct mesh_port *p)
{
	struct buf b = BUF_INIT;

	buf_printf(&b, "%u %s", p->number, protocol_name(p->protocol));
	if (p->name != NULL && p->name[0] != '\0')
		buf_printf(&b, " (%s)", p->name);
	if (p->target_name != NULL)
		buf_printf(&b, ", to port %s", p->target_name);
	else if (p->target_number != p->number)
		buf_printf(&b, ", to port %u", p->target_number);
	for (size_t i = 0; i < p->listen_count; i++) {
		char text[ADDRESS_TEXT_BYTES];

		if (!address_is_set(&p->listen[i]))
			continue;
		address_text(&p->listen[i], text);
		buf_printf(&b, "%s%s", i > 0 ? ", " : ", at ", text);
	}
	add_fact(t, "port", "%s", buf_str(&b));
	buf_fini(&b);
}

static void
add_service_facts(struct table *t, const struct mesh_service *s, struct page_totals *totals)
{
	struct page_sums sums = page_totals_service(totals, s);

	sums.out = 0;		/* what it passes on to its workloads is what came in */
	table_heading(t, "Service");
	add_health(t, &sums);
	add_fact(t, "host", "%s", s->fqdn);
	add_fact(t, "type", "%s%s", s->is_entry ? "ServiceEntry" : "Service",
		 s->is_headless ? ", headless" : s->resolution == RESOLVE_DNS ? ", by DNS" : "");
	for (size_t i = 0; i < s->port_count; i++)
		add_port(t, &s->ports[i]);
	if (s->object != NULL) {
		add_map(t, "selects", value_get(s->object->spec, "selector"));
		add_map(t, "labels", value_get(s->object->metadata, "labels"));
	}
}

static const char *
mtls_text(const struct model *m, const struct mesh_workload *w)
{
	static const char *const words[] = {
		[MTLS_PERMISSIVE] = "permissive: with and without mTLS", [MTLS_STRICT] = "strict",
		[MTLS_DISABLE] = "disabled",
	};

	return words[mesh_mtls_mode(m->mesh, w, 0)];
}

static void
add_workload_facts(struct table *t, const struct model *m, const struct mesh_workload *w,
		   struct page_totals *totals)
{
	struct page_sums sums = page_totals_workload(totals, w);

	table_heading(t, "Workload");
	add_health(t, &sums);
	add_fact(t, "app, version", "%s, %s", w->canonical_service, w->canonical_revision);
	if (w->object != NULL)
		add_fact(t, "kind", "%s", w->object->kind_name);
	if (w->image != NULL)
		add_fact(t, "image", "%s", w->image);
	add_fact(t, "pods", "%zu of %u", w->instance_count, w->desired);
	if (w->service_account != NULL)
		add_fact(t, "account", "%s", w->service_account);
	add_fact(t, "proxy", "%s", w->is_gateway ? "gateway" : w->has_proxy ? "yes" :
		 "none: no rule applies to it");
	if (w->has_proxy)
		add_fact(t, "mTLS", "%s", mtls_text(m, w));
	add_map(t, "labels", w->labels);
}

static void
add_pods(struct table *t, const struct mesh_workload *w)
{
	if (w->instance_count > 0)
		table_heading(t, "Pods");
	for (size_t i = 0; i < w->instance_count; i++) {
		const struct mesh_instance *p = w->instances[i];
		char text[ADDRESS_TEXT_BYTES] = "no address yet";

		if (address_is_set(&p->address))
			address_host_text(&p->address, text);
		add_fact(t, p->name, "%s", text);
	}
}

static void
add_workload_link(struct table *t, const struct mesh_workload *w, struct page_totals *totals)
{
	struct page_sums sums = page_totals_workload(totals, w);
	struct table_row *r = table_add(t);
	struct buf b = BUF_INIT;

	figure_rate(&b, sums.in);
	table_text(r, 0, STYLE_DIM, "  workload");
	table_text(r, 1, STYLE_PLAIN, "%s   %s   pods %zu/%u", w->name, buf_str(&b), w->instance_count,
		   w->desired);
	table_text(r, 2, health_style(sums.health), "%s%s", health_mark(sums.health),
		   health_text(sums.health));
	r->open = xasprintf("workload %s.%s", w->name, w->ns);
	buf_fini(&b);
}

static void
add_service_link(struct table *t, const struct mesh_service *s, struct page_totals *totals)
{
	struct page_sums sums = page_totals_service(totals, s);
	struct table_row *r = table_add(t);

	table_text(r, 0, STYLE_DIM, "  service");
	table_text(r, 1, STYLE_SERVICE, "%s.%s", s->name, s->ns);
	table_text(r, 2, health_style(sums.health), "%s%s", health_mark(sums.health),
		   health_text(sums.health));
	r->open = xasprintf("service %s.%s", s->name, s->ns);
}

static void
add_app_facts(struct table *t, struct page_totals *totals)
{
	const struct detail *d = t->arg;
	const struct mesh_workload *workloads[DETAIL_WORKLOADS];
	size_t count = detail_workloads(d, workloads);
	struct page_sums sums = { .health = HEALTH_NA };
	struct buf versions = BUF_INIT;

	for (size_t i = 0; i < count; i++) {
		struct page_sums one = page_totals_workload(totals, workloads[i]);

		page_sums_add(&sums, &one);
		buf_printf(&versions, "%s%s", i > 0 ? ", " : "", workloads[i]->canonical_revision);
	}
	table_heading(t, "Application");
	add_health(t, &sums);
	add_fact(t, "versions", "%s", buf_str(&versions));
	buf_fini(&versions);
}

static bool
selects_any(const struct mesh_service *s, const struct mesh_workload *const *workloads,
	    size_t count)
{
	const struct mesh_workload *mine[DETAIL_WORKLOADS];
	size_t mine_count = mesh_service_workloads(s, mine, DETAIL_WORKLOADS);

	for (size_t i = 0; i < mine_count && i < DETAIL_WORKLOADS; i++) {
		for (size_t k = 0; k < count; k++) {
			if (mine[i] == workloads[k])
				return true;
		}
	}
	return false;
}

static void
add_links(struct table *t, const struct model *m, struct page_totals *totals)
{
	const struct detail *d = t->arg;
	const struct mesh_workload *workloads[DETAIL_WORKLOADS];
	size_t count = detail_workloads(d, workloads);

	table_heading(t, "Belongs together");
	for (size_t i = 0; i < count && d->kind != DETAIL_WORKLOAD; i++)
		add_workload_link(t, workloads[i], totals);
	for (size_t i = 0; i < m->mesh->service_count && d->kind != DETAIL_SERVICE; i++) {
		if (selects_any(m->mesh->services[i], workloads, count))
			add_service_link(t, m->mesh->services[i], totals);
	}
	if (d->kind != DETAIL_APP && count > 0) {
		struct table_row *r = table_add(t);

		table_text(r, 0, STYLE_DIM, "  app");
		table_text(r, 1, STYLE_PLAIN, "%s.%s", workloads[0]->canonical_service,
			   workloads[0]->ns);
		r->open = xasprintf("app %s.%s", workloads[0]->canonical_service, workloads[0]->ns);
	}
}

static void
add_object(struct table *t, struct page_checks *checks, const struct object *o)
{
	const struct problem *p = page_checks_object(checks, o);
	struct table_row *r = table_add(t);

	table_text(r, 0, STYLE_DIM, "  %s", o->kind_name);
	table_text(r, 1, STYLE_PLAIN, "%s%s%s", o->name, p != NULL ? "   " : "",
		   p != NULL ? p->message : "");
	page_put_check(r, 2, p);
	r->yaml = xasprintf("yaml %s %s.%s", o->kind_name, o->name, o->ns);
	r->open = xstrdup(r->yaml);
}

/* Istio's objects that concern the services of the page, and what is wrong
 * with them. */
static void
add_config(struct table *t, const struct model *m)
{
	const struct detail *d = t->arg;
	const struct mesh_workload *workloads[DETAIL_WORKLOADS];
	const struct mesh_service *own = detail_service(d), *mine[DETAIL_WORKLOADS];
	size_t count = detail_workloads(d, workloads), mine_count = 0, before;
	struct page_checks *checks = page_checks_new(m);

	table_heading(t, "Istio configuration");
	before = t->rows.len;
	for (size_t s = 0; s < m->mesh->service_count && mine_count < DETAIL_WORKLOADS; s++) {
		const struct mesh_service *service = m->mesh->services[s];

		if (own != NULL ? service == own : selects_any(service, workloads, count))
			mine[mine_count++] = service;
	}
	for (size_t i = 0; i < m->mesh->snapshot->count; i++) {
		const struct object *o = m->mesh->snapshot->objects[i];
		bool concerns = false;

		for (size_t s = 0; s < mine_count && !concerns; s++)
			concerns = topology_concerns(m, o, mine[s]);
		if (concerns)
			add_object(t, checks, o);
	}
	page_checks_free(&checks);
	if (t->rows.len == before)
		table_note(t, "none: requests go to any endpoint; {wizards} opens the wizards");
}

static void
fill(struct table *t, struct model *m)
{
	const struct detail *d = t->arg;
	const struct mesh_service *s = detail_service(d);
	const struct mesh_workload *w = detail_workload(d);
	struct page_totals *totals;

	if (m->mesh == NULL)
		return;
	totals = page_totals_new(page_graph(t->app, GRAPH_WORKLOAD, true));
	if (s != NULL)
		add_service_facts(t, s, totals);
	if (w != NULL)
		add_workload_facts(t, m, w, totals);
	if (d->kind == DETAIL_APP)
		add_app_facts(t, totals);
	add_links(t, m, totals);
	add_config(t, m);
	if (w != NULL)
		add_pods(t, w);
	page_totals_free(&totals);
}

static const struct table_spec spec = {
	.name = "Overview",
	.empty = "no configuration is known",
	.hint = "",
	.columns = {
		{ "", 18, false, false, 0 }, { "", 20, true, false, 0 }, { "", 10, false, false, 0 },
	},
	.column_count = 3,
	.fill = fill,
	.changes = MODEL_GRAPH | MODEL_CONFIG,
	.has_no_titles = true,
};

static struct overview_tab *
of_tab(struct detail_tab *t)
{
	return (struct overview_tab *)t;
}

static void
init(struct detail_tab *t)
{
	table_init(&of_tab(t)->table, t->detail->screen.app, &spec, t->detail);
}

static void
update(struct detail_tab *tab, unsigned changes)
{
	static const enum metrics_subject subjects[] = {
		[DETAIL_SERVICE] = METRICS_OF_SERVICE, [DETAIL_WORKLOAD] = METRICS_OF_WORKLOAD,
		[DETAIL_APP] = METRICS_OF_APP,
	};
	struct overview_tab *t = of_tab(tab);
	struct detail *d = tab->detail;
	struct metrics_query q = {
		.subject = subjects[d->kind], .ns = d->ns, .name = d->name, .or_source = true,
		.stats = 1u << STAT_P50 | 1u << STAT_P95 | 1u << STAT_P99,
	};

	if ((changes & MODEL_BACKGROUND) != 0)
		mini_graph_collect(&t->graph);
	if ((changes & ~(unsigned)(MODEL_BACKGROUND | MODEL_FRAME)) == 0)
		return;
	table_update(&t->table, changes);
	metrics_free(&t->metrics);
	t->metrics = page_metrics(d->screen.app, &q);
	page_marks_read(&t->marks, app_model(d->screen.app), t->metrics->from_ms);
	mini_graph_read(&t->graph, d);
}

static void
draw_charts(const struct overview_tab *t, struct area a)
{
	bool is_tcp = t->metrics->charts[METRIC_CHART_REQUESTS].lines.len == 0 &&
		      t->metrics->charts[METRIC_CHART_TCP_RECEIVED].lines.len > 0;
	enum metric_chart_id first = is_tcp ? METRIC_CHART_TCP_OPENED : METRIC_CHART_REQUESTS;
	enum metric_chart_id second = is_tcp ? METRIC_CHART_TCP_RECEIVED : METRIC_CHART_DURATION;
	struct arena *arena = arena_new();
	struct chart upper = page_chart(arena, t->metrics, first, &t->marks);
	struct chart lower = page_chart(arena, t->metrics, second, &t->marks);

	chart_draw(area_sub(a, 0, 0, a.cols, a.rows / 2 - 1), &upper);
	chart_draw(area_sub(a, 0, a.rows / 2, a.cols, a.rows - a.rows / 2), &lower);
	arena_free(&arena);
}

/* The surroundings over the charts, where there is room for both. */
static void
draw_side(struct overview_tab *t, struct area a)
{
	unsigned rows = a.rows >= GRAPH_FROM_ROWS ? a.rows * 2 / 5 : 0;

	if (rows > 0) {
		mini_graph_draw(&t->graph, area_sub(a, 0, 0, a.cols, rows - 1));
		area_rule(area_sub(a, 0, rows - 1, a.cols, 1), 0);
	}
	draw_charts(t, area_sub(a, 0, rows, a.cols, a.rows - rows));
}

static struct table *
table_of(struct detail_tab *t)
{
	return &of_tab(t)->table;
}

static void
draw(struct detail_tab *tab, struct area a)
{
	struct overview_tab *t = of_tab(tab);
	unsigned left = a.cols;

	if (a.cols >= CHARTS_FROM_COLS && a.rows >= 16 && t->metrics != NULL) {
		left = a.cols / 2 - 1;
		area_column_rule(a, left + 1);
		draw_side(t, area_sub(a, left + 3, 0, a.cols - left - 4, a.rows));
	}
	table_draw(&t->table, area_sub(a, 0, 0, left, a.rows));
}

static void
hint(struct detail_tab *t, struct buf *out)
{
	(void)t;
	buf_puts(out, "Enter open\tw wizards\ty YAML\tV versions\tp picture");
}

static void
fini(struct detail_tab *tab)
{
	struct overview_tab *t = of_tab(tab);

	table_fini(&t->table);
	metrics_free(&t->metrics);
	page_marks_fini(&t->marks);
	mini_graph_fini(&t->graph);
}

const struct detail_tab_ops detail_overview = {
	.name = "Overview", .word = "overview",
	.kinds = 1u << DETAIL_SERVICE | 1u << DETAIL_WORKLOAD | 1u << DETAIL_APP,
	.scope = SCOPE_PAGE, .size = sizeof(struct overview_tab),
	.init = init, .update = update, .draw = draw, .table = table_of,
	.hint = hint, .fini = fini,
};
