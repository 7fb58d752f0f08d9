/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /config_dump: what is in force for one proxy, in Envoy's messages as JSON. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/admin/admin_pages.h"
#include "proxy/admin/dump_choice.h"
#include "proxy/engine.h"
#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/json.h"
#include "src/base/text.h"
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

/* The members of a ClusterLoadAssignment. */
static void
put_assignment(const struct mesh_cluster *c, struct json_writer *json)
{
	json_string(json, "cluster_name", c->name);
	json_open(json, "endpoints", '[');
	json_open(json, NULL, '{');
	json_open(json, "lb_endpoints", '[');
	for (size_t i = 0; i < c->endpoint_count; i++)
		put_endpoint(&c->endpoints[i], json);
	json_close(json, ']');
	json_close(json, '}');
	json_close(json, ']');
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
	admin_put_thresholds(&c->policy, 1, json);
	if (c->policy.outlier.is_on)
		put_outlier(&c->policy, json);
	if (c->endpoint_count > 0) {
		json_open(json, "load_assignment", '{');
		put_assignment(c, json);
		json_close(json, '}');
	}
	json_close(json, '}');
	json_close(json, '}');
}

static void
put_clusters(struct engine *e, const struct mesh_workload *w, struct json_writer *json)
{
	size_t count;
	const struct mesh_cluster **list = admin_clusters_of(engine_mesh(e), w, &count);

	json_open(json, "dynamic_active_clusters", '[');
	for (size_t i = 0; i < count; i++)
		put_cluster(e, list[i], json);
	json_close(json, ']');
	free(list);
}

static void
put_endpoints(struct engine *e, const struct mesh_workload *w, struct json_writer *json)
{
	size_t count;
	const struct mesh_cluster **list = admin_clusters_of(engine_mesh(e), w, &count);

	json_open(json, "dynamic_endpoint_configs", '[');
	for (size_t i = 0; i < count; i++) {
		json_open(json, NULL, '{');
		put_version(e, json);
		json_open(json, "endpoint_config", '{');
		json_string(json, "@type", TYPE "envoy.config.endpoint.v3.ClusterLoadAssignment");
		put_assignment(list[i], json);
		json_close(json, '}');
		json_close(json, '}');
	}
	json_close(json, ']');
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
}

/* --- routes and what they are made from --- */

static void
put_routes(struct engine *e, const struct mesh_workload *w, struct json_writer *json)
{
	(void)e;
	route_table_put_json(w->routes, json);
}

static bool
is_istio_object(const struct object *o)
{
	return o->api_version != NULL && (strstr(o->api_version, "istio.io/") != NULL ||
					  strncmp(o->api_version, "gateway.networking", 18) == 0);
}

/* In their own words. */
static void
put_objects(struct engine *e, const struct mesh_workload *w, struct json_writer *json)
{
	const struct snapshot *s = engine_mesh(e)->snapshot;

	(void)w;
	json_uint(json, "generation", engine_generation(e));
	json_open(json, "objects", '[');
	for (size_t i = 0; s != NULL && i < s->count; i++)
		if (is_istio_object(s->objects[i]))
			json_value(json, NULL, s->objects[i]->root);
	json_close(json, ']');
}

/* --- all of it --- */

#define ADMIN TYPE "envoy.admin.v3."
#define STATES "last_updated,error_state,client_status"

/* Envoy's order.  Those without a function are never filled here, but their names
 * are known. */
static const struct part {
	const char *type;
	void (*put)(struct engine *e, const struct mesh_workload *w, struct json_writer *json);
	bool is_of_endpoints;		/* only when they are asked for */
	struct dump_field fields[6];
} parts[] = {
	{ ADMIN "BootstrapConfigDump", NULL, false, { { .name = "bootstrap" } } },
	{ ADMIN "ClustersConfigDump", put_clusters, false, {
		{ "static_clusters", ADMIN "ClustersConfigDump.StaticCluster", "cluster.name", "cluster",
		  "cluster,last_updated" },
		{ "dynamic_active_clusters", ADMIN "ClustersConfigDump.DynamicCluster", "cluster.name",
		  "cluster", "version_info,cluster," STATES },
		{ "dynamic_warming_clusters", ADMIN "ClustersConfigDump.DynamicCluster", "cluster.name",
		  "cluster", "version_info,cluster," STATES },
		{ .name = "version_info" } } },
	{ ADMIN "EndpointsConfigDump", put_endpoints, true, {
		{ "static_endpoint_configs", ADMIN "EndpointsConfigDump.StaticEndpointConfig",
		  "endpoint_config.cluster_name", "endpoint_config", "endpoint_config,last_updated" },
		{ "dynamic_endpoint_configs", ADMIN "EndpointsConfigDump.DynamicEndpointConfig",
		  "endpoint_config.cluster_name", "endpoint_config",
		  "version_info,endpoint_config," STATES } } },
	{ ADMIN "ListenersConfigDump", put_listeners, false, {
		{ "static_listeners", ADMIN "ListenersConfigDump.StaticListener", "listener.name", "listener",
		  "listener,last_updated" },
		{ "dynamic_listeners", ADMIN "ListenersConfigDump.DynamicListener", "name", NULL,
		  "name,active_state,warming_state,draining_state,error_state,client_status" },
		{ "listener_statuses", ADMIN "ListenerStatus", "name", NULL, NULL },
		{ .name = "version_info" } } },
	{ ADMIN "RoutesConfigDump", put_routes, false, {
		{ "static_route_configs", ADMIN "RoutesConfigDump.StaticRouteConfig", "route_config.name",
		  "route_config", "route_config,last_updated" },
		{ "dynamic_route_configs", ADMIN "RoutesConfigDump.DynamicRouteConfig",
		  "route_config.name", "route_config", "version_info,route_config," STATES } } },
	{ ADMIN "SecretsConfigDump", NULL, false, {
		{ "static_secrets", ADMIN "SecretsConfigDump.StaticSecret", "name", "secret",
		  "name,last_updated,secret" },
		{ "dynamic_active_secrets", ADMIN "SecretsConfigDump.DynamicSecret", "name", "secret",
		  "name,version_info,secret," STATES },
		{ "dynamic_warming_secrets", ADMIN "SecretsConfigDump.DynamicSecret", "name", "secret",
		  "name,version_info,secret," STATES } } },
	{ "meshtop.io/IstioConfigDump", put_objects, false, {
		{ "objects", "meshtop.io/IstioObject", "metadata.name", NULL, NULL },
		{ .name = "generation" } } },
};

static bool
is_asked_for(const struct part *p, const struct dump_choice *choice)
{
	return !p->is_of_endpoints || choice->has_endpoints;
}

/* NULL: no part that is asked for has it. */
static const struct dump_field *
find_field(const struct part *p, const struct dump_choice *choice, const char *name)
{
	for (const struct dump_field *f = p->fields; is_asked_for(p, choice) && f->name != NULL; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

static bool
check_resource(const struct dump_choice *choice, unsigned *status, struct buf *why)
{
	const struct dump_field *f = NULL;

	for (size_t i = 0; i < ARRAY_LEN(parts) && f == NULL; i++)
		f = find_field(&parts[i], choice, choice->resource);
	if (f != NULL && f->type != NULL)
		return true;
	*status = f == NULL ? 404 : 400;
	text_sanitize(why, choice->resource, strlen(choice->resource));
	if (f == NULL)
		buf_puts(why, " not found in config dump");
	else
		buf_printf(why, " is not a repeated field. Use ?mask=%s to get only this field", f->name);
	return false;
}

/* Does the mask name nothing but fields of that part? */
static bool
fits(const struct part *p, const struct dump_choice *choice)
{
	struct slice rest = slice_of(choice->mask), path;
	char name[64];

	while (dump_mask_next(&rest, &path)) {
		snprintf(name, sizeof(name), "%.*s", (int)path.len, path.ptr);
		if (path.len >= sizeof(name) || find_field(p, choice, name) == NULL)
			return false;
	}
	return true;
}

bool
admin_check_dump(const struct dump_choice *choice, unsigned *status, struct buf *why)
{
	if (choice->resource != NULL)
		return check_resource(choice, status, why);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (choice->mask == NULL || (parts[i].put != NULL && fits(&parts[i], choice)))
			return true;
	*status = 400;
	buf_puts(why, "FieldMask ");
	text_sanitize(why, choice->mask, strlen(choice->mask));
	buf_puts(why, " could not be successfully applied to any configs.");
	return false;
}

static void
put_part(struct engine *e, const struct mesh_workload *w, const struct part *p,
	 struct json_writer *json)
{
	json_open(json, NULL, '{');
	json_string(json, "@type", p->type);
	p->put(e, w, json);
	json_close(json, '}');
}

/* By way of the document tree, of which some is left out. */
static enum dump_outcome
put_some(struct engine *e, const struct mesh_workload *w, const struct part *p,
	 const struct dump_choice *choice, struct json_writer *json)
{
	struct arena *arena = arena_new();
	struct buf text = BUF_INIT;
	struct json_writer whole;
	enum dump_outcome outcome = DUMP_WHOLE;
	struct value *v;

	json_begin(&whole, &text, false);
	put_part(e, w, p, &whole);
	v = json_parse(arena, text.data, text.len, NULL);
	if (v == NULL)
		outcome = DUMP_TOO_LARGE;
	else if (!dump_put_chosen(v, p->fields, choice, arena, json))
		outcome = DUMP_MISFIT;
	buf_fini(&text);
	arena_free(&arena);
	return outcome;
}

static bool
has_choice(const struct dump_choice *choice)
{
	return choice->resource != NULL || choice->mask != NULL || choice->names != NULL;
}

static bool
is_wanted(const struct part *p, const struct dump_choice *choice)
{
	if (p->put == NULL || !is_asked_for(p, choice))
		return false;
	if (choice->resource != NULL)
		return find_field(p, choice, choice->resource) != NULL;
	return choice->mask == NULL || fits(p, choice);
}

static void
put_failure(const struct dump_choice *choice, enum dump_outcome outcome, struct json_writer *json)
{
	struct buf why = BUF_INIT;

	admin_dump_failure(choice, outcome, &why);
	json_string(json, "error", buf_str(&why));
	buf_fini(&why);
}

enum dump_outcome
admin_put_config_dump(struct engine *e, const struct mesh_workload *w,
		      const struct dump_choice *choice, struct json_writer *json)
{
	enum dump_outcome outcome = DUMP_WHOLE;

	json_open(json, "configs", '[');
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		enum dump_outcome of_part = DUMP_WHOLE;

		if (!is_wanted(&parts[i], choice))
			continue;
		if (has_choice(choice))
			of_part = put_some(e, w, &parts[i], choice, json);
		else
			put_part(e, w, &parts[i], json);
		if (outcome == DUMP_WHOLE)
			outcome = of_part;
	}
	json_close(json, ']');
	if (outcome != DUMP_WHOLE)
		put_failure(choice, outcome, json);
	return outcome;
}
