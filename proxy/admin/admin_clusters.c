/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /clusters: each cluster and endpoint as one workload sees them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/admin/admin_pages.h"
#include "proxy/engine.h"
#include "src/base/assert.h"
#include "src/base/json.h"
#include "src/base/text.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "src/mesh/route.h"
#include "src/mesh/spread.h"

struct row {
	const struct mesh_workload *workload;
	struct engine_endpoint_figures *endpoints;	/* those of sum */
	struct engine_cluster_figures sum;
};

struct cluster_table {
	VEC(struct row) rows;		/* by workload and cluster */
};

static int
compare_places(const struct row *row, const struct mesh_workload *w,
	       const struct mesh_cluster *cluster)
{
	if (row->workload != w)
		return row->workload->index < w->index ? -1 : 1;
	if (row->sum.cluster != cluster)
		return row->sum.cluster->index < cluster->index ? -1 : 1;
	return 0;
}

/* Where the row is, or where it belongs. */
static size_t
place_of(const struct cluster_table *t, const struct mesh_workload *w,
	 const struct mesh_cluster *cluster, bool *found)
{
	size_t low = 0, high = t->rows.len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare_places(&t->rows.items[mid], w, cluster) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*found = low < t->rows.len && compare_places(&t->rows.items[low], w, cluster) == 0;
	return low;
}

static struct row *
row_of(struct cluster_table *t, const struct mesh_workload *w, const struct mesh_cluster *cluster)
{
	bool found;
	size_t at = place_of(t, w, cluster, &found);
	struct row fresh = { .workload = w };

	if (found)
		return &t->rows.items[at];
	fresh.sum.cluster = cluster;
	fresh.endpoints = xcalloc(cluster->endpoint_count + 1, sizeof(*fresh.endpoints));
	fresh.sum.endpoints = fresh.endpoints;
	fresh.sum.endpoint_count = cluster->endpoint_count;
	for (size_t i = 0; i < cluster->endpoint_count; i++)
		fresh.endpoints[i].endpoint = &cluster->endpoints[i];
	vec_push(&t->rows, fresh);
	memmove(&t->rows.items[at + 1], &t->rows.items[at],
		(t->rows.len - 1 - at) * sizeof(fresh));
	t->rows.items[at] = fresh;
	return &t->rows.items[at];
}

static void
add_endpoint(struct engine_endpoint_figures *to, const struct engine_endpoint_figures *f)
{
	to->active_connections += f->active_connections;
	to->idle_connections += f->idle_connections;
	to->active_requests += f->active_requests;
	to->connections += f->connections;
	to->connect_failures += f->connect_failures;
	to->requests += f->requests;
	to->errors += f->errors;
	to->timeouts += f->timeouts;
	to->is_ejected |= f->is_ejected;
	to->ejections += f->ejections;
	if (to->ejected_until_ms < f->ejected_until_ms)
		to->ejected_until_ms = f->ejected_until_ms;
	if (to->errors_in_a_row < f->errors_in_a_row)
		to->errors_in_a_row = f->errors_in_a_row;
}

static void
on_figures(void *arg, const struct engine_cluster_figures *f)
{
	struct row *row = row_of(arg, f->caller->workload, f->cluster);
	struct engine_cluster_figures *to = &row->sum;

	to->active_connections += f->active_connections;
	to->active_requests += f->active_requests;
	to->pending_requests += f->pending_requests;
	to->connections += f->connections;
	to->connect_failures += f->connect_failures;
	to->connect_timeouts += f->connect_timeouts;
	to->connections_closed += f->connections_closed;
	to->requests += f->requests;
	to->retries += f->retries;
	to->timeouts += f->timeouts;
	to->try_timeouts += f->try_timeouts;
	to->retry_successes += f->retry_successes;
	to->retry_exhaustions += f->retry_exhaustions;
	to->pendings += f->pendings;
	to->panics += f->panics;
	to->pending_overflows += f->pending_overflows;
	to->connection_overflows += f->connection_overflows;
	to->retry_overflows += f->retry_overflows;
	to->active_retries += f->active_retries;
	to->ejected += f->ejected;
	to->ejections += f->ejections;
	to->ejection_overflows += f->ejection_overflows;
	to->is_panic |= f->is_panic;
	for (size_t i = 0; i < OUTLIER_CAUSES; i++) {
		to->ejections_by[i].detected += f->ejections_by[i].detected;
		to->ejections_by[i].enforced += f->ejections_by[i].enforced;
	}
	for (size_t i = 0; i < ARRAY_LEN(to->by_class); i++)
		to->by_class[i] += f->by_class[i];
	for (size_t i = 0; i < f->endpoint_count; i++)
		for (size_t k = 0; k < f->cluster->endpoint_count; k++)
			if (f->endpoints[i].endpoint == &f->cluster->endpoints[k])
				add_endpoint(&row->endpoints[k], &f->endpoints[i]);
}

struct cluster_table *
cluster_table_new(struct engine *e)
{
	struct cluster_table *t = xcalloc(1, sizeof(*t));

	engine_each_cluster(e, on_figures, t);
	return t;
}

void
cluster_table_free(struct cluster_table **tp)
{
	struct cluster_table *t = *tp;

	if (t == NULL)
		return;
	for (size_t i = 0; i < t->rows.len; i++)
		free(t->rows.items[i].endpoints);
	vec_fini(&t->rows);
	free(t);
	*tp = NULL;
}

const struct engine_cluster_figures *
cluster_table_find(const struct cluster_table *t, const struct mesh_workload *w,
		   const struct mesh_cluster *cluster)
{
	bool found;
	size_t at = place_of(t, w, cluster, &found);

	return found ? &t->rows.items[at].sum : NULL;
}

/* Envoy's numbers of one endpoint. */
struct host_stat {
	const char *name;
	bool is_gauge;
	uint64_t value;
};

#define HOST_STATS 8

static void
host_stats(const struct engine_endpoint_figures *f, struct host_stat out[HOST_STATS])
{
	uint64_t done = f->requests - (f->active_requests < f->requests ? f->active_requests
									: f->requests);
	const struct host_stat stats[HOST_STATS] = {
		{ "cx_active", true, f->active_connections },
		{ "cx_connect_fail", false, f->connect_failures },
		{ "cx_total", false, f->connections },
		{ "rq_active", true, f->active_requests },
		{ "rq_error", false, f->errors },
		{ "rq_success", false, done > f->errors ? done - f->errors : 0 },
		{ "rq_timeout", false, f->timeouts },
		{ "rq_total", false, f->requests },
	};

	memcpy(out, stats, sizeof(stats));
}

/* What is said of an endpoint beside its figures. */
struct host_place {
	const struct mesh_locality *locality;
	int priority;			/* -1: left out, which Envoy would not list */
};

static struct host_place
place_of_host(const struct mesh_cluster *c, const struct mesh_spread *spread, size_t i)
{
	return (struct host_place){ spread_locality(c, i), spread_priority(spread, i) };
}

static void
put_word(struct buf *out, const char *cluster, const char *address, const char *name,
	 const char *word)
{
	buf_printf(out, "%s::%s::%s::", cluster, address, name);
	text_sanitize(out, word, strlen(word));
	buf_putc(out, '\n');
}

static void
put_host_text(const char *cluster, const struct engine_endpoint_figures *f,
	      const struct host_place *place, struct buf *out)
{
	struct host_stat stats[HOST_STATS];
	char address[ADDRESS_TEXT_BYTES];
	const struct mesh_endpoint *ep = f->endpoint;

	address_text(&ep->address, address);
	host_stats(f, stats);
	for (size_t i = 0; i < HOST_STATS; i++)
		buf_printf(out, "%s::%s::%s::%" PRIu64 "\n", cluster, address, stats[i].name,
			   stats[i].value);
	buf_printf(out, "%s::%s::hostname::%s\n", cluster, address,
		   ep->host != NULL ? ep->host : "");
	buf_printf(out, "%s::%s::health_flags::%s\n", cluster, address,
		   f->is_ejected ? "/failed_outlier_check" : "healthy");
	buf_printf(out, "%s::%s::weight::%u\n", cluster, address, ep->weight);
	put_word(out, cluster, address, "region", place->locality->region);
	put_word(out, cluster, address, "zone", place->locality->zone);
	put_word(out, cluster, address, "sub_zone", place->locality->sub_zone);
	buf_printf(out, "%s::%s::canary::false\n", cluster, address);
	buf_printf(out, "%s::%s::priority::%d\n", cluster, address, place->priority);
	buf_printf(out, "%s::%s::success_rate::-1\n", cluster, address);
	buf_printf(out, "%s::%s::local_origin_success_rate::-1\n", cluster, address);
}

/* Envoy's thresholds by priority of requests, the default one first.  Rules say
 * nothing of the high one, so it has Envoy's own defaults; no route has it. */
struct thresholds {
	const char *priority, *json;	/* the default one is not said in JSON */
	uint32_t connections, pending, requests, retries;
};

#define PRIORITIES 2

static void
thresholds_of(const struct cluster_policy *p, struct thresholds out[PRIORITIES])
{
	out[0] = (struct thresholds){ "default", NULL, p->max_connections, p->max_pending,
				      p->max_requests, p->max_retries };
	out[1] = (struct thresholds){ "high", "HIGH", 1024, 1024, 1024, 3 };
}

static void
put_thresholds_text(const char *name, const struct thresholds *t, struct buf *out)
{
	const struct { const char *name; uint32_t value; } limits[] = {
		{ "max_connections", t->connections }, { "max_pending_requests", t->pending },
		{ "max_requests", t->requests }, { "max_retries", t->retries },
	};

	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		buf_printf(out, "%s::%s_priority::%s::%" PRIu32 "\n", name, t->priority,
			   limits[i].name, limits[i].value);
}

/* Nobody is ejected for a rate of successes here: Istio leaves that off. */
static void
put_outlier_text(const char *name, struct buf *out)
{
	static const char *const rows[] = {
		"success_rate_average", "success_rate_ejection_threshold",
		"local_origin_success_rate_average", "local_origin_success_rate_ejection_threshold",
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		buf_printf(out, "%s::outlier::%s::-1\n", name, rows[i]);
}

static void
put_cluster_text(const struct mesh_cluster *c, const struct engine_cluster_figures *f,
		 const struct mesh_spread *spread, struct buf *out)
{
	struct thresholds thresholds[PRIORITIES];
	struct buf name = BUF_INIT;

	thresholds_of(&c->policy, thresholds);
	text_sanitize(&name, c->name, strlen(c->name));
	buf_printf(out, "%s::observability_name::%s\n", buf_str(&name), buf_str(&name));
	if (c->policy.outlier.is_on)
		put_outlier_text(buf_str(&name), out);
	for (size_t i = 0; i < PRIORITIES; i++)
		put_thresholds_text(buf_str(&name), &thresholds[i], out);
	buf_printf(out, "%s::added_via_api::true\n", buf_str(&name));
	for (size_t i = 0; i < c->endpoint_count; i++) {
		struct engine_endpoint_figures none = { .endpoint = &c->endpoints[i] };
		struct host_place place = place_of_host(c, spread, i);

		if (place.priority >= 0)
			put_host_text(buf_str(&name), f != NULL ? &f->endpoints[i] : &none, &place,
				      out);
	}
	buf_fini(&name);
}

/* All of its proxies are taken to be where the first is. */
static struct mesh_spread *
spread_of(const struct mesh *m, const struct mesh_cluster *c, const struct mesh_workload *w)
{
	return spread_new(m, c, w->instance_count > 0 ? w->instances[0] : NULL);
}

const struct mesh_cluster **
admin_clusters_of(const struct mesh *m, const struct mesh_workload *w, size_t *count)
{
	const struct mesh_cluster **list = xcalloc(m->cluster_count + 1, sizeof(*list));
	bool *has = w->routes != NULL ? route_table_clusters(w->routes) : NULL;

	*count = 0;
	for (size_t i = 0; i < m->cluster_count; i++)
		if (has == NULL || has[i])
			list[(*count)++] = m->clusters[i];
	free(has);
	return list;
}

void
admin_put_clusters_text(struct engine *e, const struct cluster_table *t,
			const struct mesh_workload *w, struct buf *out)
{
	const struct mesh *m = engine_mesh(e);
	size_t count;
	const struct mesh_cluster **list = admin_clusters_of(m, w, &count);

	for (size_t i = 0; i < count; i++) {
		struct mesh_spread *spread = spread_of(m, list[i], w);

		put_cluster_text(list[i], cluster_table_find(t, w, list[i]), spread, out);
		spread_free(&spread);
	}
	free(list);
}

/* What is empty or 0 is not said in protobuf's JSON. */
static void
put_place_json(const struct host_place *place, struct json_writer *json)
{
	const struct { const char *name, *value; } parts[] = {
		{ "region", place->locality->region }, { "zone", place->locality->zone },
		{ "sub_zone", place->locality->sub_zone },
	};

	if (place->priority > 0)
		json_uint(json, "priority", (uint64_t)place->priority);
	json_open(json, "locality", '{');
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (parts[i].value[0] != '\0')
			json_string(json, parts[i].name, parts[i].value);
	json_close(json, '}');
}

static void
put_host_json(const struct engine_endpoint_figures *f, const struct host_place *place,
	      struct json_writer *json)
{
	struct host_stat stats[HOST_STATS];
	char host[ADDRESS_TEXT_BYTES];

	address_host_text(&f->endpoint->address, host);
	host_stats(f, stats);
	json_open(json, NULL, '{');
	json_open(json, "address", '{');
	json_open(json, "socket_address", '{');
	json_string(json, "address", host);
	json_uint(json, "port_value", address_port(&f->endpoint->address));
	json_close(json, '}');
	json_close(json, '}');
	json_open(json, "stats", '[');
	for (size_t i = 0; i < HOST_STATS; i++) {
		char value[24];

		snprintf(value, sizeof(value), "%" PRIu64, stats[i].value);
		json_open(json, NULL, '{');
		if (stats[i].is_gauge)
			json_string(json, "type", "GAUGE");
		json_string(json, "value", value);	/* 64 bits are text in protobuf's JSON */
		json_string(json, "name", stats[i].name);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_open(json, "health_status", '{');
	if (f->is_ejected)
		json_bool(json, "failed_outlier_check", true);
	json_string(json, "eds_health_status", "HEALTHY");
	json_close(json, '}');
	json_uint(json, "weight", f->endpoint->weight);
	if (f->endpoint->host != NULL)
		json_string(json, "hostname", f->endpoint->host);
	put_place_json(place, json);
	json_close(json, '}');
}

static void
put_thresholds_json(const struct thresholds *t, struct json_writer *json)
{
	json_open(json, NULL, '{');
	if (t->json != NULL)
		json_string(json, "priority", t->json);
	json_uint(json, "max_connections", t->connections);
	json_uint(json, "max_pending_requests", t->pending);
	json_uint(json, "max_requests", t->requests);
	json_uint(json, "max_retries", t->retries);
	json_close(json, '}');
}

void
admin_put_thresholds(const struct cluster_policy *p, size_t priorities, struct json_writer *json)
{
	struct thresholds thresholds[PRIORITIES];

	thresholds_of(p, thresholds);
	json_open(json, "circuit_breakers", '{');
	json_open(json, "thresholds", '[');
	for (size_t i = 0; i < priorities; i++)
		put_thresholds_json(&thresholds[i], json);
	json_close(json, ']');
	json_close(json, '}');
}

static void
put_cluster_json(const struct mesh_cluster *c, const struct engine_cluster_figures *f,
		 const struct mesh_spread *spread, struct json_writer *json)
{
	json_open(json, NULL, '{');
	json_string(json, "name", c->name);
	json_bool(json, "added_via_api", true);
	json_open(json, "host_statuses", '[');
	for (size_t i = 0; i < c->endpoint_count; i++) {
		struct engine_endpoint_figures none = { .endpoint = &c->endpoints[i] };
		struct host_place place = place_of_host(c, spread, i);

		if (place.priority >= 0)
			put_host_json(f != NULL ? &f->endpoints[i] : &none, &place, json);
	}
	json_close(json, ']');
	admin_put_thresholds(&c->policy, PRIORITIES, json);
	json_string(json, "observability_name", c->name);
	json_close(json, '}');
}

void
admin_put_clusters_json(struct engine *e, const struct cluster_table *t,
			const struct mesh_workload *w, struct json_writer *json)
{
	const struct mesh *m = engine_mesh(e);
	size_t count;
	const struct mesh_cluster **list = admin_clusters_of(m, w, &count);

	json_open(json, "cluster_statuses", '[');
	for (size_t i = 0; i < count; i++) {
		struct mesh_spread *spread = spread_of(m, list[i], w);

		put_cluster_json(list[i], cluster_table_find(t, w, list[i]), spread, json);
		spread_free(&spread);
	}
	json_close(json, ']');
	free(list);
}
