/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The side panel: what is known about the selected node or edge, or about
 * the whole picture when nothing is selected.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/slice.h"
#include "src/base/value.h"
#include "src/mesh/mesh.h"
#include "src/model/response_flags.h"
#include "src/model/snapshot.h"
#include "tui/app/app.h"
#include "tui/feed/model.h"
#include "tui/screens/topology_priv.h"
#include "tui/widgets/figure.h"
#include "tui/widgets/health.h"

#define WORKLOADS_MAX 64
#define PANEL_TEXT_COLS 35u

static const char *const tab_names[PANEL_TABS] = {
	[PANEL_TRAFFIC] = "Traffic", [PANEL_FLAGS] = "Flags", [PANEL_HOSTS] = "Hosts",
	[PANEL_CONFIG] = "Config",
};

static const char *const mesh_tab_names[PANEL_TABS] = {
	[MESH_TOTAL] = "Total", [MESH_INBOUND] = "Inbound", [MESH_OUTBOUND] = "Outbound",
	[MESH_FLAGS] = "Flags",
};

static const char *const kind_names[NODE_KIND_COUNT] = {
	[NODE_WORKLOAD] = "workload", [NODE_SERVICE] = "service", [NODE_APP] = "app",
	[NODE_VERSION] = "version", [NODE_SERVICE_ENTRY] = "service entry",
	[NODE_UNKNOWN] = "unknown",
};

static const char *const protocol_names[EDGE_PROTOCOL_COUNT] = {
	[EDGE_HTTP] = "HTTP", [EDGE_GRPC] = "gRPC", [EDGE_TCP] = "TCP",
};

static bool
has_selection(const struct topology *t)
{
	return selected_node(t) != SIZE_MAX || selected_edge(t) != SIZE_MAX;
}

unsigned *
topology_tab(struct topology *t)
{
	return has_selection(t) ? &t->tab : &t->mesh_tab;
}

const char *
topology_tab_name(const struct topology *t, unsigned tab)
{
	ASSERT(tab < PANEL_TABS);
	return has_selection(t) ? tab_names[tab] : mesh_tab_names[tab];
}

static bool
selects_workload(const struct mesh_service *s, const struct graph_node *n)
{
	const struct mesh_workload *workloads[WORKLOADS_MAX];
	size_t count = mesh_service_workloads(s, workloads, WORKLOADS_MAX);

	for (size_t i = 0; i < count && i < WORKLOADS_MAX; i++) {
		const struct mesh_workload *w = workloads[i];

		if (n->workload[0] != '\0' ? strcmp(w->name, n->workload) == 0 :
		    w->app != NULL && strcmp(w->app, n->app) == 0)
			return true;
	}
	return false;
}

static const struct mesh_service *
service_of_node(const struct mesh *mesh, const struct graph_node *n)
{
	const struct mesh_service *s;

	if (n->kind == NODE_SERVICE || n->kind == NODE_SERVICE_ENTRY)
		return mesh_find_service(mesh, n->ns, n->service);
	if (n->service[0] != '\0' && (s = mesh_find_service(mesh, n->ns, n->service)) != NULL)
		return s;
	for (size_t i = 0; i < mesh->service_count; i++) {
		s = mesh->services[i];
		if (strcmp(s->ns, n->ns) == 0 && selects_workload(s, n))
			return s;
	}
	return NULL;
}

const struct mesh_service *
topology_service(const struct topology *t, const struct model *m)
{
	size_t node = selected_node(t), edge = selected_edge(t);

	if (edge != SIZE_MAX)
		node = t->shown->edges.items[edge].to;
	if (node == SIZE_MAX || m->mesh == NULL)
		return NULL;
	return service_of_node(m->mesh, &t->shown->nodes.items[node]);
}

void
topology_title(const struct topology *t, struct buf *name, struct buf *about)
{
	size_t node = selected_node(t), edge = selected_edge(t);

	if (edge != SIZE_MAX) {
		const struct graph_edge *e = &t->shown->edges.items[edge];

		buf_printf(name, "%s %s %s", t->shown->nodes.items[e->from].label,
			   glyph(app_glyphs(t->screen.app), GLYPH_ARROW),
			   t->shown->nodes.items[e->to].label);
		buf_printf(about, "%s%s", protocol_names[e->protocol],
			   e->is_mirrored ? ", mirrored" : "");
		if (e->mtls > 0)
			buf_printf(about, ", mTLS %.0f%%", e->mtls * 100);
	} else if (node != SIZE_MAX) {
		const struct graph_node *n = &t->shown->nodes.items[node];

		buf_puts(name, n->label);
		buf_printf(about, "%s in %s", kind_names[n->kind], n->ns[0] ? n->ns : "?");
	} else {
		buf_puts(name, "The mesh");
		buf_printf(about, "%zu nodes, %zu edges", t->shown->nodes.len,
			   t->shown->edges.len);
	}
}

static void
put_health(struct sheet *out, enum health h)
{
	sheet_line(out, health_style(h), "%s%s", health_mark(h), health_text(h));
}

/* "4.27/s  0.4%" */
static void
rate_row(struct sheet *out, unsigned style, const char *name, double rate, double errors)
{
	struct buf b = BUF_INIT;

	figure_rate(&b, rate);
	buf_puts(&b, "  ");
	figure_percent(&b, rate > 0 ? errors / rate : -1);
	sheet_row(out, errors > 0 ? STYLE_BAD : style, name, buf_str(&b));
	buf_fini(&b);
}

static void
bytes_row(struct sheet *out, const char *name, double rate)
{
	struct buf b = BUF_INIT;

	figure_bytes(&b, rate);
	buf_puts(&b, "      ");
	sheet_row(out, STYLE_TCP, name, buf_str(&b));
	buf_fini(&b);
}

static void
edge_row(const struct topology *t, const struct graph_edge *e, size_t other, struct sheet *out)
{
	const char *label = t->shown->nodes.items[other].label;
	struct buf name = BUF_INIT;

	buf_printf(&name, "  %s%s%s", health_mark(e->health), label, e->is_mirrored ? " (m)" : "");
	if (e->protocol == EDGE_TCP)
		bytes_row(out, buf_str(&name), e->rate);
	else
		rate_row(out, e->is_idle ? STYLE_DIM : STYLE_PLAIN, buf_str(&name), e->rate,
			 e->errors);
	buf_fini(&name);
}

static void
edges_of_node(const struct topology *t, size_t node, bool incoming, struct sheet *out)
{
	bool is_first = true;

	for (size_t i = 0; i < t->shown->edges.len; i++) {
		const struct graph_edge *e = &t->shown->edges.items[i];

		if ((incoming ? e->to : e->from) != node)
			continue;
		if (is_first) {
			sheet_line(out, STYLE_PLAIN, "%s", "");
			sheet_row(out, STYLE_DIM, incoming ? "Called by" : "Calls", "  rate   err");
		}
		is_first = false;
		edge_row(t, e, incoming ? e->from : e->to, out);
	}
}

/* What its rules do, and what is wrong with it. */
static void
put_features(const struct graph_node *n, struct sheet *out)
{
	const unsigned states = BADGE_ROOT | BADGE_MISSING_SIDECAR | BADGE_DEAD;
	struct buf b = BUF_INIT;

	if (n->is_outside)
		sheet_line(out, STYLE_DIM, "%s", "outside: its namespace is not chosen");
	else if (n->is_inaccessible)
		sheet_line(out, STYLE_DIM, "%s", "no workload of the mesh");
	for (size_t i = 0; i < GRAPH_BADGES; i++) {
		const struct graph_badge_name *row = &graph_badges[i];

		if ((n->badges & row->badge) == 0)
			continue;
		if ((row->badge & states) != 0)
			sheet_line(out, row->badge == BADGE_ROOT ? STYLE_DIM : STYLE_WARN, "%s",
				   row->text);
		else
			buf_printf(&b, "%s%s", b.len > 0 ? ", " : "Has ", row->text);
	}
	if (b.len > 0)
		sheet_paragraph(out, STYLE_ACCENT, 0, PANEL_TEXT_COLS, "%s", buf_str(&b));
	buf_fini(&b);
}

static void
node_traffic(struct topology *t, size_t node, struct sheet *out)
{
	const struct graph_node *n = &t->shown->nodes.items[node];

	put_health(out, n->health);
	traffic_of_node(t, node, out);
	put_features(n, out);
	edges_of_node(t, node, true, out);
	edges_of_node(t, node, false, out);
	traffic_over_time(t, out);
}

static void
time_row(struct sheet *out, const char *name, double known, double estimated)
{
	struct buf b = BUF_INIT;
	bool is_estimate = known < 0 && estimated >= 0;

	figure_time(&b, is_estimate ? estimated : known);
	sheet_row(out, STYLE_PLAIN, name, buf_str(&b));
	buf_fini(&b);
}

static const char *const tcp_names[] = {
	[GRAPH_TCP_SENT] = "Sent", [GRAPH_TCP_RECEIVED] = "Received",
	[GRAPH_TCP_TOTAL] = "Sent and received", [GRAPH_TCP_NONE] = "",
};

static void
edge_figures(struct topology *t, size_t edge, struct sheet *out)
{
	const struct graph_edge *e = &t->shown->edges.items[edge];
	struct buf b = BUF_INIT;

	put_health(out, e->health);
	if (e->protocol == EDGE_TCP) {
		bytes_row(out, tcp_names[app_model(t->screen.app)->query.tcp], e->rate);
		return;
	}
	figure_rate(&b, e->rate);
	sheet_row(out, STYLE_BOLD, "Requests", buf_str(&b));
	buf_clear(&b);
	figure_percent(&b, e->rate > 0 ? e->errors / e->rate : -1);
	sheet_row(out, e->errors > 0 ? STYLE_BAD : STYLE_PLAIN, "Errors", buf_str(&b));
	traffic_of_edge(e, out);
	buf_clear(&b);
	figure_percent(&b, e->share);
	sheet_row(out, STYLE_PLAIN, "Share of the caller's", buf_str(&b));
	sheet_line(out, STYLE_PLAIN, "%s", "");
	sheet_line(out, STYLE_DIM, "Response time");
	time_row(out, "  average", e->times.avg, GRAPH_NO_TIME);
	time_row(out, "  median", e->times.p50, e->times.est_p50);
	time_row(out, "  95th percentile", e->times.p95, e->times.est_p95);
	time_row(out, "  99th percentile", e->times.p99, e->times.est_p99);
	sheet_line(out, STYLE_PLAIN, "%s", "");
	sheet_line(out, STYLE_DIM, "Throughput");
	buf_clear(&b);
	figure_bytes(&b, e->request_bytes);
	sheet_row(out, STYLE_PLAIN, "  requests", buf_str(&b));
	buf_clear(&b);
	figure_bytes(&b, e->response_bytes);
	sheet_row(out, STYLE_PLAIN, "  responses", buf_str(&b));
	buf_fini(&b);
}

static void
put_principals(struct sheet *out, const char *whose, const char *names)
{
	if (names[0] == '\0')
		return;
	sheet_line(out, STYLE_DIM, "%s", whose);
	for (const char *at = names; *at != '\0';) {
		size_t len = strcspn(at, ",");

		sheet_paragraph(out, STYLE_PLAIN, 2, PANEL_TEXT_COLS, "%.*s", (int)len, at);
		at += len + (at[len] == ',');
	}
}

/* How much of it is mTLS, and between whom. */
static void
put_security(const struct graph_edge *e, struct sheet *out)
{
	struct buf b = BUF_INIT;

	if (e->mtls < 0)
		return;
	sheet_line(out, STYLE_PLAIN, "%s", "");
	figure_percent(&b, e->mtls);
	sheet_row(out, STYLE_PLAIN, e->protocol == EDGE_TCP ? "mTLS, of the bytes" :
		  "mTLS, of the requests", buf_str(&b));
	buf_fini(&b);
	put_principals(out, "Caller's principal", e->source_principal);
	put_principals(out, "Called side's principal", e->destination_principal);
}

static void
edge_traffic(struct topology *t, size_t edge, struct sheet *out)
{
	edge_figures(t, edge, out);
	put_security(&t->shown->edges.items[edge], out);
	traffic_over_time(t, out);
}

/* "3 namespaces, 10 services, 11 workloads" */
static void
put_counts(const struct topology *t, struct sheet *out)
{
	static const struct { enum node_kind kind; const char *one, *many; } rows[] = {
		{ NODE_APP, "app", "apps" }, { NODE_SERVICE, "service", "services" },
		{ NODE_SERVICE_ENTRY, "service entry", "service entries" },
		{ NODE_WORKLOAD, "workload", "workloads" }, { NODE_VERSION, "version", "versions" },
	};
	const struct graph *g = t->shown;
	size_t counts[NODE_KIND_COUNT] = { 0 }, folded = 0;
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < g->nodes.len; i++) {
		counts[g->nodes.items[i].kind] += g->nodes.items[i].folded == 0;
		folded += g->nodes.items[i].folded;
	}
	buf_printf(&b, "%zu namespace%s", t->namespaces, t->namespaces == 1 ? "" : "s");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t n = counts[rows[i].kind];

		if (n > 0)
			buf_printf(&b, ", %zu %s", n, n == 1 ? rows[i].one : rows[i].many);
	}
	if (folded > 0)
		buf_printf(&b, ", %zu folded", folded);
	sheet_paragraph(out, STYLE_PLAIN, 0, PANEL_TEXT_COLS, "%s", buf_str(&b));
	buf_fini(&b);
}

static void
put_unwell(const struct topology *t, struct sheet *out)
{
	bool is_first = true;

	for (size_t i = 0; i < t->shown->edges.len; i++) {
		const struct graph_edge *e = &t->shown->edges.items[i];
		struct buf name = BUF_INIT;

		if (e->health <= HEALTH_HEALTHY)
			continue;
		if (is_first)
			sheet_row(out, STYLE_DIM, "Errors, warnings (e)", "  rate   err");
		is_first = false;
		buf_printf(&name, "  %s%s %s %s", health_mark(e->health),
			   t->shown->nodes.items[e->from].label,
			   glyph(app_glyphs(t->screen.app), GLYPH_ARROW),
			   t->shown->nodes.items[e->to].label);
		rate_row(out, STYLE_WARN, buf_str(&name), e->rate, e->errors);
		buf_fini(&name);
	}
	if (is_first)
		sheet_line(out, STYLE_GOOD, "No edge is in error or warning.");
}

/* What the whole picture adds up to, and where to look first. */
static void
mesh_traffic(struct topology *t, struct sheet *out)
{
	put_counts(t, out);
	sheet_line(out, STYLE_PLAIN, "%s", "");
	traffic_of_graph(t, TRAFFIC_TOTAL, out);
	sheet_line(out, STYLE_PLAIN, "%s", "");
	put_unwell(t, out);
	traffic_over_time(t, out);
}

/* One code and flag set (or host), summed over edges. */
struct answer {
	const char *code, *what;
	double rate;
	bool is_failure;
};

struct answers {
	VEC(struct answer) rows;
	double total;
};

static void
add_answers(struct answers *a, const struct graph_edge *e, bool by_host)
{
	a->total += e->protocol == EDGE_TCP ? 0 : e->rate;
	for (size_t i = 0; i < e->response_count; i++) {
		const struct graph_response *r = &e->responses[i];
		const char *what = by_host ? r->host : r->flags;
		size_t at = 0;

		while (at < a->rows.len && (strcmp(a->rows.items[at].code, r->code) != 0 ||
					    strcmp(a->rows.items[at].what, what) != 0))
			at++;
		if (at == a->rows.len)
			vec_push(&a->rows, ((struct answer){ r->code, what, 0, traffic_is_failure(e, r->code) }));
		a->rows.items[at].rate += r->share * e->rate;
	}
}

static int
compare_answers(const void *x, const void *y)
{
	const struct answer *a = x, *b = y;

	return a->rate < b->rate ? 1 : a->rate > b->rate ? -1 : strcmp(a->code, b->code);
}

static bool
edge_counts(const struct topology *t, const struct graph_edge *e)
{
	size_t node = selected_node(t), edge = selected_edge(t);

	if (edge != SIZE_MAX)
		return e == &t->shown->edges.items[edge];
	return node == SIZE_MAX || e->to == node;
}

static void
put_words(struct sheet *out, const char *flags)
{
	for (const char *s = flags; *s != '\0';) {
		size_t len = strcspn(s, ",");
		const char *words = response_flag_words((struct slice){ s, len });

		if (words != NULL)
			sheet_line(out, STYLE_DIM, "       %s", words);
		s += len + (s[len] == ',');
	}
}

static void
answers_sheet(const struct topology *t, bool by_host, struct sheet *out)
{
	struct answers a = { VEC_INIT, 0 };

	for (size_t i = 0; i < t->shown->edges.len; i++) {
		if (edge_counts(t, &t->shown->edges.items[i]))
			add_answers(&a, &t->shown->edges.items[i], by_host);
	}
	if (a.rows.len == 0) {
		sheet_line(out, STYLE_DIM, "No answers in this window.");
		vec_fini(&a.rows);
		return;
	}
	qsort(a.rows.items, a.rows.len, sizeof(*a.rows.items), compare_answers);
	sheet_row(out, STYLE_DIM, by_host ? "Code  Host" : "Code  Flags", "share");
	for (size_t i = 0; i < a.rows.len; i++) {
		const struct answer *r = &a.rows.items[i];
		struct buf name = BUF_INIT, figure = BUF_INIT;

		buf_printf(&name, "%-4s  %s", r->code, r->what);
		figure_percent(&figure, a.total > 0 ? r->rate / a.total : 0);
		sheet_row(out, r->is_failure ? STYLE_BAD : STYLE_PLAIN, buf_str(&name), buf_str(&figure));
		if (!by_host)
			put_words(out, r->what);
		buf_fini(&name);
		buf_fini(&figure);
	}
	vec_fini(&a.rows);
}

/* Does one of the object's hosts name the service?  VirtualService: any
 * route destination or host; DestinationRule: its host. */
static bool
names_service(const char *host, const char *ns, const struct mesh_service *s)
{
	size_t len = strlen(s->name);

	if (strcmp(host, s->fqdn) == 0)
		return true;
	if (strncmp(host, s->name, len) != 0)
		return false;
	if (host[len] == '\0')
		return strcmp(ns, s->ns) == 0;
	return host[len] == '.' && strncmp(host + len + 1, s->ns, strlen(s->ns)) == 0 &&
	       (host[len + 1 + strlen(s->ns)] == '\0' || host[len + 1 + strlen(s->ns)] == '.');
}

bool
topology_concerns(const struct model *m, const struct object *o, const struct mesh_service *s)
{
	struct buf text = BUF_INIT;
	bool yes = false;

	if (o->kind == NULL || (o->kind->id != KIND_VIRTUAL_SERVICE &&
				o->kind->id != KIND_DESTINATION_RULE))
		return o == s->object;
	app_object_text(m, o, &text);
	for (const char *at = buf_str(&text); *at != '\0' && !yes;) {
		size_t len;
		char *word;

		at += strspn(at, " \t\n\r\"'[],{}-:");
		len = strcspn(at, " \t\n\r\"'[],{}:");
		word = strndup(at, len);
		yes = word != NULL && names_service(word, o->ns, s);
		free(word);
		at += len;
	}
	buf_fini(&text);
	return yes;
}

/* The hosts of a virtual service, one a line. */
static void
put_hosts(const struct object *o, struct sheet *out)
{
	if (o->kind == NULL || o->kind->id != KIND_VIRTUAL_SERVICE)
		return;
	VALUE_EACH(host, value_get(o->spec, "hosts"))
		sheet_line(out, STYLE_DIM, "  host %s", value_text(host) != NULL ? value_text(host) : "?");
}

static void
config_sheet(const struct topology *t, const struct model *m, struct sheet *out)
{
	const struct mesh_service *s = topology_service(t, m);
	size_t node = selected_node(t);
	struct buf key = BUF_INIT;

	if (s == NULL) {
		sheet_line(out, STYLE_DIM, "Select a service to see its rules.");
		return;
	}
	for (size_t i = 0; node != SIZE_MAX && i < GRAPH_BADGES; i++) {
		if ((t->shown->nodes.items[node].badges & graph_badges[i].badge) != 0)
			sheet_line(out, STYLE_ACCENT, "%s  %s", graph_badges[i].letters, graph_badges[i].text);
	}
	if (out->lines.len > 0)
		sheet_line(out, STYLE_PLAIN, "%s", "");
	app_put_keys(t->screen.app, "{yaml}: YAML", &key);
	sheet_row(out, STYLE_DIM, m->query.at_ms != 0 && !m->is_recorded ?
		  "Objects, as they are now" : "Objects of this service", buf_str(&key));
	buf_fini(&key);
	for (size_t i = 0; i < m->mesh->snapshot->count; i++) {
		const struct object *o = m->mesh->snapshot->objects[i];

		if (!topology_concerns(m, o, s))
			continue;
		sheet_row(out, STYLE_PLAIN, o->name, o->kind_name);
		put_hosts(o, out);
	}
}

static void
mesh_sheet(struct topology *t, unsigned tab, struct sheet *out)
{
	switch (tab) {
	case MESH_TOTAL: mesh_traffic(t, out); break;
	case MESH_INBOUND: traffic_of_graph(t, TRAFFIC_INBOUND, out); break;
	case MESH_OUTBOUND: traffic_of_graph(t, TRAFFIC_OUTBOUND, out); break;
	default: answers_sheet(t, false, out); break;
	}
}

void
topology_sheet(struct topology *t, const struct model *m, unsigned tab, struct sheet *out)
{
	size_t node = selected_node(t), edge = selected_edge(t);

	if (!has_selection(t)) {
		mesh_sheet(t, tab, out);
		return;
	}
	switch (tab) {
	case PANEL_TRAFFIC:
		if (edge != SIZE_MAX)
			edge_traffic(t, edge, out);
		else
			node_traffic(t, node, out);
		break;
	case PANEL_FLAGS: answers_sheet(t, false, out); break;
	case PANEL_HOSTS: answers_sheet(t, true, out); break;
	default: config_sheet(t, m, out); break;
	}
}
