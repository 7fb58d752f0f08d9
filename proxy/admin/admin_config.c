/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /listeners, /server_info and /pods. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "proxy/admin/admin_pages.h"
#include "proxy/engine.h"
#include "proxy/telemetry/stats.h"
#include "src/base/json.h"
#include "src/base/text.h"
#include "src/base/value.h"
#include "src/mesh/route.h"

static const char *const kinds[] = {
	[LISTENER_SERVICE] = "outbound", [LISTENER_INBOUND] = "inbound",
	[LISTENER_EGRESS] = "egress", [LISTENER_GATEWAY] = "gateway",
};

bool
admin_is_listener_of(const struct engine_listener *l, const struct mesh_workload *w)
{
	if (l->kind == LISTENER_INBOUND)
		return l->instance->workload == w;
	return l->kind == LISTENER_SERVICE || l->workload == w;
}

void
admin_listener_name(const struct engine_listener *l, char out[LISTENER_NAME_BYTES])
{
	char host[ADDRESS_TEXT_BYTES];

	address_host_text(&l->address, host);
	snprintf(out, LISTENER_NAME_BYTES, "%s_%s_%u", kinds[l->kind], host,
		 address_port(&l->address));
}

/* What a proxy does with connections to it by server name; NULL: nothing. */
static const struct route_tls_chain *
chains_of(const struct engine_listener *l, const struct mesh_workload *w)
{
	if (w->routes == NULL || (l->kind != LISTENER_SERVICE && l->kind != LISTENER_GATEWAY))
		return NULL;
	return route_tls_chains(w->routes, l->service, address_port(&l->address));
}

static void
put_server_names_text(const struct route_tls_chain *chain, struct buf *out)
{
	const char *before = " (server names: ";

	if (chain == NULL)
		return;
	for (; chain != NULL; chain = chain->next) {
		for (size_t i = 0; i < chain->name_count; i++) {
			buf_puts(out, before);
			text_sanitize(out, chain->names[i], strlen(chain->names[i]));
			before = ", ";
		}
		if (chain->name_count == 0) {
			buf_printf(out, "%sany", before);
			before = ", ";
		}
	}
	buf_putc(out, ')');
}

void
admin_put_listeners_text(struct engine *e, const struct mesh_workload *w, struct buf *out)
{
	for (size_t i = 0; i < engine_listener_count(e); i++) {
		struct engine_listener l;
		char name[LISTENER_NAME_BYTES], address[ADDRESS_TEXT_BYTES];

		engine_listener_at(e, i, &l);
		if (!admin_is_listener_of(&l, w))
			continue;
		admin_listener_name(&l, name);
		address_text(&l.address, address);
		buf_printf(out, "%s::%s", name, address);
		/* A privileged port is served at another one. */
		if (l.is_open && l.bound_port != address_port(&l.address))
			buf_printf(out, " (served at port %u)", l.bound_port);
		if (!l.is_open) {
			buf_puts(out, " (not open: ");
			text_sanitize(out, l.error, strlen(l.error));
			buf_putc(out, ')');
		}
		put_server_names_text(chains_of(&l, w), out);
		buf_putc(out, '\n');
	}
}

void
admin_put_socket_address(struct json_writer *json, const char *key, const struct address *a)
{
	char host[ADDRESS_TEXT_BYTES];

	address_host_text(a, host);
	json_open(json, key, '{');
	json_open(json, "socket_address", '{');
	json_string(json, "address", host);
	json_uint(json, "port_value", address_port(a));
	json_close(json, '}');
	json_close(json, '}');
}

static void
put_name_ns(struct json_writer *json, const char *key, const char *name, const char *ns)
{
	char text[600];

	snprintf(text, sizeof(text), "%s.%s", name, ns);
	json_string(json, key, text);
}

static void
put_chain_match(const struct route_tls_chain *chain, struct json_writer *json)
{
	json_open(json, "filter_chain_match", '{');
	if (chain->subnets != NULL) {
		json_open(json, "prefix_ranges", '[');
		VALUE_EACH(v, chain->subnets)
			json_string(json, NULL, value_text(v));
		json_close(json, ']');
	}
	if (chain->name_count > 0) {
		json_open(json, "server_names", '[');
		for (size_t i = 0; i < chain->name_count; i++)
			json_string(json, NULL, chain->names[i]);
		json_close(json, ']');
	}
	json_close(json, '}');
}

/* Clusters with weights; none for what a gateway would have to end. */
static void
put_chain(const struct route_tls_chain *chain, struct json_writer *json)
{
	const struct tcp_rule *rule = chain->rule;

	json_open(json, NULL, '{');
	put_chain_match(chain, json);
	if (rule != NULL && rule->object != NULL)
		put_name_ns(json, "virtual_service", rule->object->name, rule->object->ns);
	json_open(json, "weighted_clusters", '[');
	for (size_t i = 0; rule != NULL && i < rule->count; i++) {
		const struct route_destination *d = &rule->destinations[i];

		json_open(json, NULL, '{');
		json_string(json, "name", d->cluster != NULL ? d->cluster->name : NULL);
		json_uint(json, "weight", rule->count == 1 ? 100 : d->weight);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_close(json, '}');
}

static void
put_listener(const struct engine_listener *l, const struct mesh_workload *w,
	     struct json_writer *json)
{
	const struct route_tls_chain *chain = chains_of(l, w);
	char name[LISTENER_NAME_BYTES];

	admin_listener_name(l, name);
	json_open(json, NULL, '{');
	json_string(json, "name", name);
	admin_put_socket_address(json, "local_address", &l->address);
	json_string(json, "kind", kinds[l->kind]);
	json_uint(json, "bound_port", l->bound_port);
	json_bool(json, "is_open", l->is_open);
	json_string(json, "error", l->is_open ? NULL : l->error);
	if (l->service != NULL)
		put_name_ns(json, "service", l->service->name, l->service->ns);
	if (l->instance != NULL)
		put_name_ns(json, "pod", l->instance->name, l->instance->ns);
	json_uint(json, "connections", l->connections);
	if (chain != NULL) {
		json_open(json, "filter_chains", '[');
		for (; chain != NULL; chain = chain->next)
			put_chain(chain, json);
		json_close(json, ']');
	}
	json_close(json, '}');
}

void
admin_put_listeners_json(struct engine *e, const struct mesh_workload *w,
			 struct json_writer *json)
{
	json_open(json, "listener_statuses", '[');
	for (size_t i = 0; i < engine_listener_count(e); i++) {
		struct engine_listener l;

		engine_listener_at(e, i, &l);
		if (admin_is_listener_of(&l, w))
			put_listener(&l, w, json);
	}
	json_close(json, ']');
}

/* --- /server_info, /pods --- */

void
admin_put_server_info(struct engine *e, const struct mesh_workload *w, struct json_writer *json)
{
	char uptime[32], id[900], address[ADDRESS_TEXT_BYTES] = "";

	if (w->instance_count > 0 && address_is_set(&w->instances[0]->address))
		address_host_text(&w->instances[0]->address, address);
	snprintf(uptime, sizeof(uptime), "%" PRIu64 "s", engine_uptime_ms(e) / 1000);
	snprintf(id, sizeof(id), "%s~%s~%s.%s~%s.svc.cluster.local",
		 w->is_gateway ? "router" : "sidecar", address, w->name, w->ns, w->ns);
	json_string(json, "version", "meshtop-proxy/" PACKAGE_VERSION);
	json_string(json, "hot_restart_version", "disabled");
	json_string(json, "state", engine_is_live(e) ? "LIVE" : "DRAINING");
	json_string(json, "uptime_current_epoch", uptime);
	json_string(json, "uptime_all_epochs", uptime);
	json_open(json, "command_line_options", '{');
	json_uint(json, "concurrency", engine_worker_count(e));
	json_close(json, '}');
	json_open(json, "node", '{');
	json_string(json, "id", id);
	put_name_ns(json, "cluster", w->canonical_service != NULL ? w->canonical_service : w->name,
		    w->ns);
	json_close(json, '}');
	json_string(json, "engine", stats_engine_id(engine_stats(e)));
	json_int(json, "start_ms", engine_start_wall_ms(e));
	json_uint(json, "generation", engine_generation(e));
}

static void
put_pod(struct json_writer *json, const struct mesh_instance *pod)
{
	const struct mesh_workload *w = pod->workload;
	char address[ADDRESS_TEXT_BYTES];

	json_open(json, NULL, '{');
	json_string(json, "namespace", pod->ns);
	json_string(json, "name", pod->name);
	json_string(json, "workload", w->name);
	if (address_is_set(&pod->address)) {
		address_host_text(&pod->address, address);
		json_string(json, "address", address);
	} else {
		json_null(json, "address");
	}
	json_string(json, "app", w->app);
	json_string(json, "version", w->version);
	json_string(json, "service_account", w->service_account);
	json_string(json, "image", w->image);
	json_bool(json, "has_proxy", w->has_proxy);
	json_bool(json, "is_gateway", w->is_gateway);
	json_bool(json, "is_proxied_inbound", pod->is_proxied_inbound);
	json_value(json, "labels", pod->labels);
	json_close(json, '}');
}

void
admin_put_pods(struct engine *e, struct buf *out)
{
	const struct mesh *m = engine_mesh(e);
	struct json_writer json;

	json_begin(&json, out, true);
	json_open(&json, NULL, '[');
	for (size_t i = 0; i < m->instance_count; i++)
		put_pod(&json, m->instances[i]);
	json_close(&json, ']');
	buf_putc(out, '\n');
}
