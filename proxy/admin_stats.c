/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /stats: Envoy's numbers by Envoy's names, as far as the engine knows them.
 *
 * cluster_stats is the list; a number of another cluster would be one more
 * row.  Istio's metrics are not here, they have a reading of their own
 * (stats.h).
 */
#include <inttypes.h>
#include <stdio.h>

#include "proxy/admin_pages.h"
#include "proxy/engine.h"
#include "proxy/prometheus_text.h"
#include "src/base/assert.h"
#include "src/base/json.h"
#include "src/base/regex.h"

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
	ROW("circuit_breakers.default.remaining_rq", true, left(p->max_requests, f->active_requests)) \
	ROW("circuit_breakers.default.remaining_retries", true, \
	    left(p->max_retries, f->active_retries)) \
	ROW("circuit_breakers.default.rq_open", true, f->active_requests >= p->max_requests) \
	ROW("circuit_breakers.default.rq_pending_open", true, \
	    f->pending_requests >= p->max_pending) \
	ROW("circuit_breakers.default.rq_retry_open", true, f->active_retries >= p->max_retries) \
	ROW("lb_healthy_panic", false, f->is_panic) \
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
	const struct regex *filter;	/* NULL: all */
	bool used_only;
	struct buf *text;		/* one of the two */
	struct json_writer *json;
};

static void
put_stat(struct list *list, const char *name, uint64_t value)
{
	if (list->filter != NULL &&
	    regex_search(list->filter, name, strlen(name)) != REGEX_YES)
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

	if (f == NULL && list->used_only)
		return;
	read_cluster(f != NULL ? f : &none, values);
	for (size_t i = 0; i < CLUSTER_STAT_COUNT; i++) {
		/* Envoy calls a number used once it was written. */
		if (list->used_only && !cluster_stats[i].is_gauge && values[i] == 0)
			continue;
		buf_clear(&name);
		buf_printf(&name, "cluster.%s.%s", c->name, cluster_stats[i].name);
		put_stat(list, buf_str(&name), values[i]);
	}
	buf_fini(&name);
}

static void
put_listener(struct list *list, const struct engine_listener *l)
{
	char address[ADDRESS_TEXT_BYTES], name[ADDRESS_TEXT_BYTES + 64];

	address_host_text(&l->address, address);
	snprintf(name, sizeof(name), "listener.%s_%u.downstream_cx_active", address,
		 address_port(&l->address));
	put_stat(list, name, l->connections);
}

static void
put_all(struct list *list, struct engine *e, const struct cluster_table *t,
	const struct mesh_workload *w)
{
	const struct mesh *m = engine_mesh(e);

	for (size_t i = 0; i < m->cluster_count; i++)
		put_cluster(list, m->clusters[i], cluster_table_find(t, w, m->clusters[i]));
	for (size_t i = 0; i < engine_listener_count(e); i++) {
		struct engine_listener l;

		engine_listener_at(e, i, &l);
		if (admin_is_listener_of(&l, w))
			put_listener(list, &l);
	}
	put_stat(list, "server.concurrency", engine_worker_count(e));
	put_stat(list, "server.live", !engine_is_draining(e));
	put_stat(list, "server.state", engine_is_draining(e) ? 1 : 0);
	put_stat(list, "server.uptime", engine_uptime_ms(e) / 1000);
}

void
admin_put_stats_text(struct engine *e, const struct cluster_table *t,
		     const struct mesh_workload *w, const struct regex *filter, bool used_only,
		     struct buf *out)
{
	struct list list = { .filter = filter, .used_only = used_only, .text = out };

	put_all(&list, e, t, w);
}

void
admin_put_stats_json(struct engine *e, const struct cluster_table *t,
		     const struct mesh_workload *w, const struct regex *filter, bool used_only,
		     struct json_writer *json)
{
	struct list list = { .filter = filter, .used_only = used_only, .json = json };

	json_open(json, "stats", '[');
	put_all(&list, e, t, w);
	json_close(json, ']');
}

/* --- Prometheus --- */

/* upstream_rq_2xx becomes upstream_rq{response_code_class="2xx"}, dots become
 * underscores, as Istio's Envoys have it. */
static void
put_prometheus_name(struct buf *out, const char *name, const char **class)
{
	size_t len = strlen(name);

	*class = NULL;
	if (len > 4 && strcmp(name + len - 2, "xx") == 0) {
		*class = name + len - 3;
		len -= 4;
	}
	buf_puts(out, "envoy_cluster_");
	for (size_t i = 0; i < len; i++)
		buf_putc(out, name[i] == '.' ? '_' : name[i]);
}

struct prometheus {
	struct buf *out;
	struct buf name;		/* of the metric */
	const char *class;
	size_t stat;
	bool with_proxy;
};

static void
put_prometheus_line(struct prometheus *p, const struct mesh_workload *w,
		    const struct engine_cluster_figures *f)
{
	uint64_t values[CLUSTER_STAT_COUNT];
	char proxy[600];

	read_cluster(f, values);
	buf_puts(p->out, buf_str(&p->name));
	buf_putc(p->out, '{');
	if (p->class != NULL) {
		prometheus_put_label(p->out, "response_code_class", p->class);
		buf_putc(p->out, ',');
	}
	prometheus_put_label(p->out, "cluster_name", f->cluster->name);
	if (p->with_proxy) {
		snprintf(proxy, sizeof(proxy), "%s.%s", w->name, w->ns);
		buf_putc(p->out, ',');
		prometheus_put_label(p->out, "proxy", proxy);
	}
	buf_printf(p->out, "} %" PRIu64 "\n", values[p->stat]);
}

static void
put_prometheus_of(struct prometheus *p, struct engine *e, const struct cluster_table *t,
		  const struct mesh_workload *w)
{
	const struct mesh *m = engine_mesh(e);

	for (size_t i = 0; i < m->cluster_count; i++) {
		const struct engine_cluster_figures *f = cluster_table_find(t, w, m->clusters[i]);

		if (f != NULL)
			put_prometheus_line(p, w, f);
	}
}

void
admin_put_stats_prometheus(struct engine *e, const struct cluster_table *t,
			   const struct mesh_workload *w, struct buf *out)
{
	struct prometheus p = { .out = out, .name = BUF_INIT, .with_proxy = w == NULL };
	struct buf last = BUF_INIT;
	const struct mesh *m = engine_mesh(e);

	for (p.stat = 0; p.stat < CLUSTER_STAT_COUNT; p.stat++) {
		buf_clear(&p.name);
		put_prometheus_name(&p.name, cluster_stats[p.stat].name, &p.class);
		/* The classes of one metric follow each other. */
		if (strcmp(buf_str(&last), buf_str(&p.name)) != 0)
			buf_printf(out, "# TYPE %s %s\n", buf_str(&p.name),
				   cluster_stats[p.stat].is_gauge ? "gauge" : "counter");
		buf_clear(&last);
		buf_puts(&last, buf_str(&p.name));
		for (size_t i = 0; w == NULL && i < m->workload_count; i++)
			if (m->workloads[i]->has_proxy)
				put_prometheus_of(&p, e, t, m->workloads[i]);
		if (w != NULL)
			put_prometheus_of(&p, e, t, w);
	}
	buf_fini(&p.name);
	buf_fini(&last);
}
