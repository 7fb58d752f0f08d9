/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /stats: Envoy's numbers by Envoy's names, as far as the engine knows them.
 *
 * CLUSTER_STATS is the list of clusters' numbers; one more would be one more
 * row.  Those of requests are in admin_http.c.  Istio's metrics are not here:
 * they have a reading of their own (stats.h).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "proxy/admin/admin_pages.h"
#include "proxy/engine.h"
#include "proxy/telemetry/prometheus_text.h"
#include "proxy/telemetry/route_stats.h"
#include "proxy/telemetry/stats.h"
#include "src/base/assert.h"
#include "src/base/json.h"
#include "src/base/regex.h"
#include "src/base/text.h"
#include "src/base/vec.h"

#define EJECTIONS(ROW, which) \
	ROW("outlier_detection.ejections_" #which "_consecutive_5xx", false, \
	    f->ejections_by[OUTLIER_5XX].which) \
	ROW("outlier_detection.ejections_" #which "_consecutive_gateway_failure", false, \
	    f->ejections_by[OUTLIER_GATEWAY].which) \
	ROW("outlier_detection.ejections_" #which "_consecutive_local_origin_failure", false, \
	    f->ejections_by[OUTLIER_LOCAL].which)

/* name; is it a gauge; how it reads from figures f and policy p.  By name. */
#define CLUSTER_STATS(ROW) \
	ROW("circuit_breakers.default.cx_open", true, f->active_connections >= p->max_connections) \
	ROW("circuit_breakers.default.remaining_cx", true, \
	    left(p->max_connections, f->active_connections)) \
	ROW("circuit_breakers.default.remaining_pending", true, \
	    left(p->max_pending, f->pending_requests)) \
	ROW("circuit_breakers.default.remaining_retries", true, \
	    left(p->max_retries, f->active_retries)) \
	ROW("circuit_breakers.default.remaining_rq", true, left(p->max_requests, f->active_requests)) \
	ROW("circuit_breakers.default.rq_open", true, f->active_requests >= p->max_requests) \
	ROW("circuit_breakers.default.rq_pending_open", true, \
	    f->pending_requests >= p->max_pending) \
	ROW("circuit_breakers.default.rq_retry_open", true, f->active_retries >= p->max_retries) \
	ROW("lb_healthy_panic", false, f->panics) \
	ROW("membership_healthy", true, left((uint32_t)f->cluster->endpoint_count, f->ejected)) \
	ROW("membership_total", true, f->cluster->endpoint_count) \
	ROW("outlier_detection.ejections_active", true, f->ejected) \
	EJECTIONS(ROW, detected) \
	EJECTIONS(ROW, enforced) \
	ROW("outlier_detection.ejections_enforced_total", false, f->ejections) \
	ROW("outlier_detection.ejections_overflow", false, f->ejection_overflows) \
	ROW("upstream_cx_active", true, f->active_connections) \
	ROW("upstream_cx_connect_fail", false, f->connect_failures) \
	ROW("upstream_cx_connect_timeout", false, f->connect_timeouts) \
	ROW("upstream_cx_destroy", false, f->connections_closed) \
	ROW("upstream_cx_overflow", false, f->connection_overflows) \
	ROW("upstream_cx_total", false, f->connections) \
	ROW("upstream_rq_1xx", false, f->by_class[1]) \
	ROW("upstream_rq_2xx", false, f->by_class[2]) \
	ROW("upstream_rq_3xx", false, f->by_class[3]) \
	ROW("upstream_rq_4xx", false, f->by_class[4]) \
	ROW("upstream_rq_5xx", false, f->by_class[5]) \
	ROW("upstream_rq_active", true, f->active_requests) \
	ROW("upstream_rq_completed", false, f->by_class[1] + f->by_class[2] + f->by_class[3] + \
	    f->by_class[4] + f->by_class[5]) \
	ROW("upstream_rq_pending_active", true, f->pending_requests) \
	ROW("upstream_rq_pending_overflow", false, f->pending_overflows) \
	ROW("upstream_rq_pending_total", false, f->pendings) \
	ROW("upstream_rq_per_try_timeout", false, f->try_timeouts) \
	ROW("upstream_rq_retry", false, f->retries) \
	ROW("upstream_rq_retry_limit_exceeded", false, f->retry_exhaustions) \
	ROW("upstream_rq_retry_overflow", false, f->retry_overflows) \
	ROW("upstream_rq_retry_success", false, f->retry_successes) \
	ROW("upstream_rq_timeout", false, f->timeouts) \
	ROW("upstream_rq_total", false, f->requests)

static const struct {
	const char *name;
	bool is_gauge;
} cluster_stats[] = {
#define ROW(name, is_gauge, value) { name, is_gauge },
	CLUSTER_STATS(ROW)
#undef ROW
};

#define CLUSTER_STAT_COUNT ARRAY_LEN(cluster_stats)

static uint64_t
left(uint32_t max, unsigned used)
{
	return max > used ? max - used : 0;
}

static void
read_cluster(const struct engine_cluster_figures *f, uint64_t out[CLUSTER_STAT_COUNT])
{
	const struct cluster_policy *p = &f->cluster->policy;
	const uint64_t values[] = {
#define ROW(name, is_gauge, value) (uint64_t)(value),
		CLUSTER_STATS(ROW)
#undef ROW
	};

	memcpy(out, values, sizeof(values));
}

/* --- one proxy's list of names and numbers --- */

struct list {
	const struct stats_choice *choice;
	struct buf *text;		/* one of the two */
	struct json_writer *json;
};

/* Envoy calls a number used once it was written. */
static bool
is_chosen(const struct stats_choice *c, const char *name, bool is_gauge, uint64_t value)
{
	if (!(is_gauge ? c->has_gauges : c->has_counters) ||
	    (c->used_only && !is_gauge && value == 0))
		return false;
	return c->filter == NULL || regex_search(c->filter, name, strlen(name)) == REGEX_YES;
}

static void
put_stat(struct list *list, const char *name, bool is_gauge, uint64_t value)
{
	if (!is_chosen(list->choice, name, is_gauge, value))
		return;
	if (list->text != NULL) {
		buf_printf(list->text, "%s: %" PRIu64 "\n", name, value);
		return;
	}
	json_open(list->json, NULL, '{');
	json_string(list->json, "name", name);
	json_uint(list->json, "value", value);
	json_close(list->json, '}');
}

static void
put_cluster(struct list *list, const struct mesh_cluster *c,
	    const struct engine_cluster_figures *f)
{
	struct engine_cluster_figures none = { .cluster = c };
	uint64_t values[CLUSTER_STAT_COUNT];
	struct buf name = BUF_INIT;

	if (f == NULL && list->choice->used_only)
		return;
	read_cluster(f != NULL ? f : &none, values);
	for (size_t i = 0; i < CLUSTER_STAT_COUNT; i++) {
		buf_clear(&name);
		buf_printf(&name, "cluster.%s.%s", c->name, cluster_stats[i].name);
		put_stat(list, buf_str(&name), cluster_stats[i].is_gauge, values[i]);
	}
	buf_fini(&name);
}

/* As if the dot that follows were part of both. */
static int
by_cluster_name(const void *a, const void *b)
{
	const char *x = (*(const struct mesh_cluster *const *)a)->name;
	const char *y = (*(const struct mesh_cluster *const *)b)->name;

	while (*x != '\0' && *x == *y)
		x++, y++;
	return (unsigned char)(*x != '\0' ? *x : '.') - (unsigned char)(*y != '\0' ? *y : '.');
}

static void
put_clusters(struct list *list, struct engine *e, const struct cluster_table *t,
	     const struct mesh_workload *w)
{
	size_t count;
	const struct mesh_cluster **sorted = admin_clusters_of(engine_mesh(e), w, &count);

	qsort(sorted, count, sizeof(*sorted), by_cluster_name);
	for (size_t i = 0; i < count; i++)
		put_cluster(list, sorted[i], cluster_table_find(t, w, sorted[i]));
	free(sorted);
}

struct named_listener {
	char name[ADDRESS_TEXT_BYTES + 64];
	unsigned connections;
};

static int
by_listener_name(const void *a, const void *b)
{
	return strcmp(((const struct named_listener *)a)->name,
		      ((const struct named_listener *)b)->name);
}

static void
put_listeners(struct list *list, struct engine *e, const struct mesh_workload *w)
{
	VEC(struct named_listener) all = VEC_INIT;

	for (size_t i = 0; i < engine_listener_count(e); i++) {
		char address[ADDRESS_TEXT_BYTES];
		struct named_listener named;
		struct engine_listener l;

		engine_listener_at(e, i, &l);
		if (!admin_is_listener_of(&l, w))
			continue;
		address_host_text(&l.address, address);
		snprintf(named.name, sizeof(named.name), "listener.%s_%u.downstream_cx_active",
			 address, address_port(&l.address));
		named.connections = l.connections;
		vec_push(&all, named);
	}
	if (all.len > 0)
		qsort(all.items, all.len, sizeof(*all.items), by_listener_name);
	for (size_t i = 0; i < all.len; i++)
		put_stat(list, all.items[i].name, true, all.items[i].connections);
	vec_fini(&all);
}

static void
put_http(struct list *list, const struct http_table *t, const struct mesh_workload *w)
{
	struct http_stat stats[HTTP_STATS];
	char name[64];

	http_table_read(t, w, stats);
	for (size_t i = 0; i < HTTP_STATS; i++) {
		snprintf(name, sizeof(name), "http.%s.%s", stats[i].direction, stats[i].name);
		put_stat(list, name, stats[i].is_gauge, stats[i].value);
	}
}

/* By name. */
static const struct {
	const char *name;
	size_t at;
} route_stats[] = {
	{ "upstream_rq_1xx", offsetof(struct route_counts, by_class[1]) },
	{ "upstream_rq_2xx", offsetof(struct route_counts, by_class[2]) },
	{ "upstream_rq_3xx", offsetof(struct route_counts, by_class[3]) },
	{ "upstream_rq_4xx", offsetof(struct route_counts, by_class[4]) },
	{ "upstream_rq_5xx", offsetof(struct route_counts, by_class[5]) },
	{ "upstream_rq_completed", offsetof(struct route_counts, completed) },
	{ "upstream_rq_retry", offsetof(struct route_counts, retries) },
	{ "upstream_rq_retry_limit_exceeded", offsetof(struct route_counts, retry_exhaustions) },
	{ "upstream_rq_retry_overflow", offsetof(struct route_counts, retry_overflows) },
	{ "upstream_rq_retry_success", offsetof(struct route_counts, retry_successes) },
	{ "upstream_rq_timeout", offsetof(struct route_counts, timeouts) },
	{ "upstream_rq_total", offsetof(struct route_counts, tries) },
};

static void
put_route(struct list *list, const struct route_stat *r)
{
	struct buf name = BUF_INIT;

	for (size_t i = 0; i < ARRAY_LEN(route_stats); i++) {
		uint64_t value;

		memcpy(&value, (const char *)&r->counts + route_stats[i].at, sizeof(value));
		buf_clear(&name);
		text_sanitize(&name, r->name, strlen(r->name));
		buf_printf(&name, ".%s", route_stats[i].name);
		put_stat(list, buf_str(&name), false, value);
	}
	buf_fini(&name);
}

static void
put_routes(struct list *list, const struct route_stat_table *t, const struct mesh_workload *w)
{
	size_t count;
	const struct route_stat *rows = route_stat_table_find(t, w, &count);

	for (size_t i = 0; i < count; i++)
		put_route(list, &rows[i]);
}

static void
put_all(struct list *list, struct engine *e, const struct stats_tables *t,
	const struct mesh_workload *w)
{
	put_clusters(list, e, t->clusters, w);
	put_http(list, t->http, w);
	put_listeners(list, e, w);
	put_stat(list, "server.concurrency", true, engine_worker_count(e));
	put_stat(list, "server.live", true, engine_is_live(e));
	put_stat(list, "server.state", true, engine_is_live(e) ? 0 : 1);
	put_stat(list, "server.uptime", true, engine_uptime_ms(e) / 1000);
	put_routes(list, t->routes, w);
}

void
admin_put_stats_text(struct engine *e, const struct stats_tables *t,
		     const struct mesh_workload *w, const struct stats_choice *choice,
		     struct buf *out)
{
	struct list list = { .choice = choice, .text = out };

	put_all(&list, e, t, w);
}

void
admin_put_stats_json(struct engine *e, const struct stats_tables *t,
		     const struct mesh_workload *w, const struct stats_choice *choice,
		     struct json_writer *json)
{
	struct list list = { .choice = choice, .json = json };

	json_open(json, "stats", '[');
	put_all(&list, e, t, w);
	json_close(json, ']');
}

/* --- Prometheus --- */

/* upstream_rq_2xx becomes upstream_rq{response_code_class="2xx"}, as Istio's
 * Envoys have it; its length without the class, or all of it. */
static size_t
stem_length(const char *name)
{
	size_t len = strlen(name);

	return len > 7 && strncmp(name + len - 7, "_rq_", 4) == 0 && strcmp(name + len - 2, "xx") == 0 ?
		       len - 4 : len;
}

struct stat {
	const char *name;
	bool is_gauge;
	uint64_t value;
};

struct prometheus {
	struct buf *out;
	const struct stats_choice *choice;
	const char *scope;		/* cluster, http */
	const char *label;		/* what tells several of a scope apart */
	bool with_proxy;
	struct buf type;		/* of the metric that is being told */
	struct buf last;		/* the one before */
};

static void
put_type(struct prometheus *p, const char *name, bool is_gauge)
{
	size_t len = stem_length(name);

	buf_clear(&p->type);
	buf_printf(&p->type, "envoy_%s_", p->scope);
	for (size_t i = 0; i < len; i++)
		buf_putc(&p->type, name[i] == '.' ? '_' : name[i]);
	/* The classes of one metric follow each other. */
	if (strcmp(buf_str(&p->last), buf_str(&p->type)) == 0)
		return;
	buf_printf(p->out, "# TYPE %s %s\n", buf_str(&p->type), is_gauge ? "gauge" : "counter");
	buf_clear(&p->last);
	buf_puts(&p->last, buf_str(&p->type));
}

/* A number of one of the scope, of w's proxy. */
static void
put_line(struct prometheus *p, const struct stat *row, const char *of,
	 const struct mesh_workload *w)
{
	struct buf name = BUF_INIT;
	size_t len = stem_length(row->name);

	buf_printf(&name, "%s.%s.%s", p->scope, of, row->name);
	if (is_chosen(p->choice, buf_str(&name), row->is_gauge, row->value)) {
		put_type(p, row->name, row->is_gauge);
		buf_printf(p->out, "%s{", buf_str(&p->type));
		if (row->name[len] != '\0') {
			prometheus_put_label(p->out, "response_code_class", row->name + len + 1);
			buf_putc(p->out, ',');
		}
		prometheus_put_label(p->out, p->label, of);
		if (p->with_proxy) {
			buf_clear(&name);
			buf_printf(&name, "%s.%s", w->name, w->ns);
			buf_putc(p->out, ',');
			prometheus_put_label(p->out, "proxy", buf_str(&name));
		}
		buf_printf(p->out, "} %" PRIu64 "\n", row->value);
	}
	buf_fini(&name);
}

static void
put_prometheus_clusters(struct prometheus *p, struct engine *e, const struct cluster_table *t,
			const struct mesh_workload *w, size_t stat)
{
	const struct mesh *m = engine_mesh(e);
	uint64_t values[CLUSTER_STAT_COUNT];

	for (size_t i = 0; i < m->cluster_count; i++) {
		const struct engine_cluster_figures *f = cluster_table_find(t, w, m->clusters[i]);
		struct stat row = { cluster_stats[stat].name, cluster_stats[stat].is_gauge, 0 };

		if (f == NULL)
			continue;
		read_cluster(f, values);
		row.value = values[stat];
		put_line(p, &row, m->clusters[i]->name, w);
	}
}

static bool
is_same_metric(const struct http_stat *a, const struct http_stat *b)
{
	size_t len = stem_length(a->name);

	return len == stem_length(b->name) && strncmp(a->name, b->name, len) == 0;
}

/* All of one metric: other directions and classes, too. */
static void
put_prometheus_metric(struct prometheus *p, const struct http_table *t,
		      const struct http_stat *metric, const struct mesh_workload *w)
{
	struct http_stat stats[HTTP_STATS];

	http_table_read(t, w, stats);
	for (size_t i = 0; i < HTTP_STATS; i++)
		if (is_same_metric(&stats[i], metric))
			put_line(p, &(struct stat){ stats[i].name, stats[i].is_gauge, stats[i].value },
				 stats[i].direction, w);
}

static void
put_prometheus_http(struct prometheus *p, const struct http_table *t,
		    const struct mesh_workload *const *all, size_t count)
{
	struct http_stat stats[HTTP_STATS];

	if (count == 0)
		return;
	http_table_read(t, all[0], stats);
	for (size_t k = 0; k < HTTP_STATS; k++) {
		size_t first = 0;

		while (!is_same_metric(&stats[first], &stats[k]))
			first++;
		for (size_t i = 0; first == k && i < count; i++)
			put_prometheus_metric(p, t, &stats[k], all[i]);
	}
}

void
admin_put_stats_prometheus(struct engine *e, const struct stats_tables *t,
			   const struct mesh_workload *w, const struct stats_choice *choice,
			   struct buf *out)
{
	struct prometheus p = { .out = out, .choice = choice, .scope = "cluster",
				.label = "cluster_name", .with_proxy = w == NULL };
	const struct mesh *m = engine_mesh(e);
	VEC(const struct mesh_workload *) all = VEC_INIT;

	if (w != NULL)
		vec_push(&all, w);
	for (size_t i = 0; w == NULL && i < m->workload_count; i++)
		if (m->workloads[i]->has_proxy)
			vec_push(&all, m->workloads[i]);
	for (size_t stat = 0; stat < CLUSTER_STAT_COUNT; stat++)
		for (size_t i = 0; i < all.len; i++)
			put_prometheus_clusters(&p, e, t->clusters, all.items[i], stat);
	p.scope = "http";
	p.label = "http_conn_manager_prefix";
	put_prometheus_http(&p, t->http, all.items, all.len);
	buf_fini(&p.type);
	buf_fini(&p.last);
	vec_fini(&all);
}
