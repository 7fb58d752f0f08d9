/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /limits: limits in use and ejections, by caller and cluster. */
#include "proxy/admin/admin_pages.h"

#include "proxy/engine.h"
#include "src/base/json.h"

struct limits_call {
	struct json_writer *json;
	const struct mesh_workload *only;	/* NULL: every caller */
	uint64_t now_ms;			/* of engine_uptime_ms() */
};

/* What has neither limits nor outlier detection is left out. */
static bool
is_governed(const struct cluster_policy *p)
{
	return p->max_connections != MESH_UNLIMITED || p->max_pending != MESH_UNLIMITED ||
	       p->max_requests != MESH_UNLIMITED || p->max_retries != MESH_UNLIMITED ||
	       p->retry_budget.is_on || p->outlier.is_on;
}

/* {"used": 1, "limit": 1}; no limit: null. */
static void
put_limit(struct json_writer *json, const char *name, unsigned used, uint32_t limit)
{
	json_open(json, name, '{');
	json_uint(json, "used", used);
	if (limit != MESH_UNLIMITED)
		json_uint(json, "limit", limit);
	else
		json_null(json, "limit");
	json_close(json, '}');
}

static void
put_endpoint(const struct limits_call *c, const struct engine_endpoint_figures *f)
{
	char address[ADDRESS_TEXT_BYTES];

	address_text(&f->endpoint->address, address);
	json_open(c->json, NULL, '{');
	json_string(c->json, "address", address);
	if (f->endpoint->instance != NULL)
		json_string(c->json, "pod", f->endpoint->instance->name);
	json_uint(c->json, "connections", f->active_connections);
	json_uint(c->json, "requests", f->active_requests);
	json_uint(c->json, "errors_in_a_row", f->errors_in_a_row);
	json_uint(c->json, "ejections", f->ejections);
	json_bool(c->json, "ejected", f->is_ejected);
	if (f->is_ejected)
		json_uint(c->json, "ejected_for_ms", f->ejected_until_ms > c->now_ms ?
							     f->ejected_until_ms - c->now_ms : 0);
	json_close(c->json, '}');
}

static void
put_outlier(const struct limits_call *c, const struct engine_cluster_figures *f)
{
	const struct cluster_policy *p = &f->cluster->policy;

	json_open(c->json, "outlier_detection", '{');
	json_uint(c->json, "consecutive_5xx", p->outlier.consecutive_5xx);
	json_uint(c->json, "ejected", f->ejected);
	json_uint(c->json, "ejections", f->ejections);
	json_uint(c->json, "held_back", f->ejection_overflows);
	json_uint(c->json, "max_ejection_percent", p->outlier.max_ejection_percent);
	json_bool(c->json, "panic", f->is_panic);
	json_close(c->json, '}');
}

/* A share of the requests, in the place of a limit. */
static void
put_budget(const struct limits_call *c, const struct cluster_policy *p)
{
	json_open(c->json, "retry_budget", '{');
	json_double(c->json, "percent", p->retry_budget.percent, -1);
	json_uint(c->json, "least", p->retry_budget.min_concurrency);
	json_uint(c->json, "interval_ms", p->retry_budget.interval_ms);
	json_close(c->json, '}');
}

static void
on_cluster(void *arg, const struct engine_cluster_figures *f)
{
	const struct limits_call *c = arg;
	const struct cluster_policy *p = &f->cluster->policy;

	if (!is_governed(p) || (c->only != NULL && f->caller->workload != c->only))
		return;
	json_open(c->json, NULL, '{');
	json_string(c->json, "namespace", f->caller->ns);
	json_string(c->json, "pod", f->caller->name);
	json_string(c->json, "workload", f->caller->workload->name);
	json_string(c->json, "cluster", f->cluster->name);
	put_limit(c->json, "connections", f->active_connections, p->max_connections);
	put_limit(c->json, "pending", f->pending_requests, p->max_pending);
	put_limit(c->json, "requests", f->active_requests, p->max_requests);
	put_limit(c->json, "retries", f->active_retries,
		  p->retry_budget.is_on ? MESH_UNLIMITED : p->max_retries);
	if (p->retry_budget.is_on)
		put_budget(c, p);
	json_uint(c->json, "refused", f->pending_overflows);
	json_uint(c->json, "connections_refused", f->connection_overflows);
	json_uint(c->json, "retries_refused", f->retry_overflows);
	if (p->outlier.is_on)
		put_outlier(c, f);
	json_open(c->json, "endpoints", '[');
	for (size_t i = 0; i < f->endpoint_count; i++)
		put_endpoint(c, &f->endpoints[i]);
	json_close(c->json, ']');
	json_close(c->json, '}');
}

void
admin_put_limits(struct engine *e, const struct mesh_workload *w, struct buf *out)
{
	struct json_writer json;
	struct limits_call c = { &json, w, engine_uptime_ms(e) };

	json_begin(&json, out, true);
	json_open(&json, NULL, '[');
	engine_each_cluster(e, on_cluster, &c);
	json_close(&json, ']');
	buf_putc(out, '\n');
}
