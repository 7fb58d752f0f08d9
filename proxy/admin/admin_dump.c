/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /config_dump: what is in force for one proxy, in Envoy's messages as JSON. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/admin/admin_pages.h"
#include "proxy/engine.h"
#include "src/base/json.h"
#include "src/base/value.h"
#include "src/mesh/route.h"
#include "src/model/snapshot.h"

#define TYPE "type.googleapis.com/"

/* protobuf's form: whole seconds, or with three digits behind the point. */
static void
put_duration(struct json_writer *json, const char *key, uint64_t ms)
{
	char text[32];

	if (ms % 1000 == 0)
		snprintf(text, sizeof(text), "%" PRIu64 "s", ms / 1000);
	else
		snprintf(text, sizeof(text), "%" PRIu64 ".%03us", ms / 1000, (unsigned)(ms % 1000));
	json_string(json, key, text);
}

static void
open_config(struct json_writer *json, const char *type)
{
	json_open(json, NULL, '{');
	json_string(json, "@type", type);
}

/* Of an entry that a control plane would have sent: its configuration. */
static void
put_version(struct engine *e, struct json_writer *json)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, engine_generation(e));
	json_string(json, "version_info", text);
}

/* --- clusters --- */

static const char *
balancer_name(const struct cluster_policy *p)
{
	static const char *const names[] = {
		[BALANCE_LEAST_REQUEST] = "LEAST_REQUEST", [BALANCE_ROUND_ROBIN] = "ROUND_ROBIN",
		[BALANCE_RANDOM] = "RANDOM", [BALANCE_CONSISTENT_HASH] = "RING_HASH",
		[BALANCE_PASSTHROUGH] = "CLUSTER_PROVIDED",
	};

	return p->balancer == BALANCE_CONSISTENT_HASH && p->hash.maglev ? "MAGLEV" :
									  names[p->balancer];
}

static const char *
cluster_type(const struct mesh_cluster *c)
{
	if (c->policy.balancer == BALANCE_PASSTHROUGH)
		return "ORIGINAL_DST";
	if (c->service != NULL && c->service->resolution == RESOLVE_DNS)
		return "STRICT_DNS";
	return c->service != NULL ? "EDS" : "STATIC";
}

static void
put_thresholds(const struct cluster_policy *p, struct json_writer *json)
{
	json_open(json, "circuit_breakers", '{');
	json_open(json, "thresholds", '[');
	json_open(json, NULL, '{');
	json_uint(json, "max_connections", p->max_connections);
	json_uint(json, "max_pending_requests", p->max_pending);
	json_uint(json, "max_requests", p->max_requests);
	json_uint(json, "max_retries", p->max_retries);
	json_close(json, '}');
	json_close(json, ']');
	json_close(json, '}');
}

static void
put_outlier(const struct cluster_policy *p, struct json_writer *json)
{
	json_open(json, "outlier_detection", '{');
	json_uint(json, "consecutive_5xx", p->outlier.consecutive_5xx);
	json_uint(json, "consecutive_gateway_failure", p->outlier.consecutive_gateway);
	put_duration(json, "interval", p->outlier.interval_ms);
	put_duration(json, "base_ejection_time", p->outlier.base_ejection_ms);
	json_uint(json, "max_ejection_percent", p->outlier.max_ejection_percent);
	json_close(json, '}');
}

static void
put_endpoint(const struct mesh_endpoint *ep, struct json_writer *json)
{
	json_open(json, NULL, '{');
	json_open(json, "endpoint", '{');
	admin_put_socket_address(json, "address", &ep->address);
	json_close(json, '}');
	json_uint(json, "load_balancing_weight", ep->weight);
	json_close(json, '}');
}

static void
put_assignment(const struct mesh_cluster *c, struct json_writer *json)
{
	json_open(json, "load_assignment", '{');
	json_string(json, "cluster_name", c->name);
	json_open(json, "endpoints", '[');
	json_open(json, NULL, '{');
	json_open(json, "lb_endpoints", '[');
	for (size_t i = 0; i < c->endpoint_count; i++)
		put_endpoint(&c->endpoints[i], json);
	json_close(json, ']');
	json_close(json, '}');
	json_close(json, ']');
	json_close(json, '}');
}

static void
put_cluster(struct engine *e, const struct mesh_cluster *c, struct json_writer *json)
{
	json_open(json, NULL, '{');
	put_version(e, json);
	json_open(json, "cluster", '{');
	json_string(json, "@type", TYPE "envoy.config.cluster.v3.Cluster");
	json_string(json, "name", c->name);
	json_string(json, "type", cluster_type(c));
	json_string(json, "lb_policy", balancer_name(&c->policy));
	put_duration(json, "connect_timeout", c->policy.connect_timeout_ms);
	put_thresholds(&c->policy, json);
	if (c->policy.outlier.is_on)
		put_outlier(&c->policy, json);
	if (c->endpoint_count > 0)
		put_assignment(c, json);
	json_close(json, '}');
	json_close(json, '}');
}

static void
put_clusters(struct engine *e, const struct mesh_workload *w, struct json_writer *json)
{
	size_t count;
	const struct mesh_cluster **list = admin_clusters_of(engine_mesh(e), w, &count);

	open_config(json, TYPE "envoy.admin.v3.ClustersConfigDump");
	json_open(json, "dynamic_active_clusters", '[');
	for (size_t i = 0; i < count; i++)
		put_cluster(e, list[i], json);
	json_close(json, ']');
	json_close(json, '}');
	free(list);
}

/* --- listeners --- */

static void
put_listener(struct engine *e, const struct engine_listener *l, struct json_writer *json)
{
	char name[LISTENER_NAME_BYTES];

	admin_listener_name(l, name);
	json_open(json, NULL, '{');
	json_string(json, "name", name);
	json_open(json, "active_state", '{');
	put_version(e, json);
	json_open(json, "listener", '{');
	json_string(json, "@type", TYPE "envoy.config.listener.v3.Listener");
	json_string(json, "name", name);
	admin_put_socket_address(json, "address", &l->address);
	json_string(json, "traffic_direction",
		    l->kind == LISTENER_INBOUND ? "INBOUND" : "OUTBOUND");
	json_close(json, '}');
	json_close(json, '}');
	json_close(json, '}');
}

static void
put_listeners(struct engine *e, const struct mesh_workload *w, struct json_writer *json)
{
	open_config(json, TYPE "envoy.admin.v3.ListenersConfigDump");
	json_open(json, "dynamic_listeners", '[');
	for (size_t i = 0; i < engine_listener_count(e); i++) {
		struct engine_listener l;

		engine_listener_at(e, i, &l);
		if (admin_is_listener_of(&l, w))
			put_listener(e, &l, json);
	}
	json_close(json, ']');
	/* What is not in Envoy's message stands beside it. */
	admin_put_listeners_json(e, w, json);
	json_close(json, '}');
}

/* --- all of it --- */

static bool
is_istio_object(const struct object *o)
{
	return o->api_version != NULL && (strstr(o->api_version, "istio.io/") != NULL ||
					  strncmp(o->api_version, "gateway.networking", 18) == 0);
}

/* What routes are made from, in its own words. */
static void
put_objects(struct engine *e, struct json_writer *json)
{
	const struct snapshot *s = engine_mesh(e)->snapshot;

	open_config(json, "meshtop.io/IstioConfigDump");
	json_uint(json, "generation", engine_generation(e));
	json_open(json, "objects", '[');
	for (size_t i = 0; s != NULL && i < s->count; i++)
		if (is_istio_object(s->objects[i]))
			json_value(json, NULL, s->objects[i]->root);
	json_close(json, ']');
	json_close(json, '}');
}

void
admin_put_config_dump(struct engine *e, const struct mesh_workload *w, struct json_writer *json)
{
	json_open(json, "configs", '[');
	put_clusters(e, w, json);
	put_listeners(e, w, json);
	open_config(json, TYPE "envoy.admin.v3.RoutesConfigDump");
	route_table_put_json(w->routes, json);
	json_close(json, '}');
	put_objects(e, json);
	json_close(json, ']');
}
