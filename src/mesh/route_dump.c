/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A caller's routes in the words of Envoy's RoutesConfigDump: a route
 * configuration for each port, in it virtual hosts with their domains, in them
 * a route for each match.  Sub-filters and header operations are left to the
 * Istio objects, which stand in the same dump.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/json.h"
#include "src/base/value.h"
#include "src/base/vec.h"
#include "src/istio/host.h"
#include "src/mesh/table.h"

#define ROUTE_TYPE "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
#define WEB_PORT 80

/* --- conditions --- */

static void
put_regex(struct json_writer *w, struct slice pattern)
{
	json_open(w, "safe_regex", '{');
	json_slice(w, "regex", pattern);
	json_close(w, '}');
}

static void
put_path(const struct http_match *m, struct json_writer *w)
{
	const struct match_cond *c = m != NULL && m->count > 0 && m->conds[0].field == COND_URI ?
					     &m->conds[0] : NULL;

	if (c == NULL)
		json_string(w, "prefix", "/");
	else if (c->kind == COND_REGEX)
		put_regex(w, c->text);
	else
		json_slice(w, c->kind == COND_PREFIX ? "prefix" : "path", c->text);
	json_bool(w, "case_sensitive", c == NULL || !c->ignores_case);
}

static struct slice
name_of(const struct match_cond *c)
{
	switch (c->field) {
	case COND_SCHEME: return SLICE(":scheme");
	case COND_METHOD: return SLICE(":method");
	case COND_AUTHORITY: return SLICE(":authority");
	default: return c->name;
	}
}

static void
put_condition(const struct match_cond *c, struct json_writer *w)
{
	json_open(w, NULL, '{');
	json_slice(w, "name", name_of(c));
	if (c->kind == COND_PRESENT) {
		json_bool(w, "present_match", true);
	} else {
		json_open(w, "string_match", '{');
		if (c->kind == COND_REGEX)
			put_regex(w, c->text);
		else
			json_slice(w, c->kind == COND_PREFIX ? "prefix" : "exact", c->text);
		json_close(w, '}');
	}
	if (c->field == COND_WITHOUT_HEADER)
		json_bool(w, "invert_match", true);
	json_close(w, '}');
}

static void
put_conditions(const struct http_match *m, const char *key, bool of_query, struct json_writer *w)
{
	size_t count = 0;

	for (size_t i = 0; m != NULL && i < m->count; i++) {
		if (m->conds[i].field == COND_URI || (m->conds[i].field == COND_QUERY) != of_query)
			continue;
		if (count++ == 0)
			json_open(w, key, '[');
		put_condition(&m->conds[i], w);
	}
	if (count > 0)
		json_close(w, ']');
}

/* --- what is done --- */

struct dump {
	struct json_writer *w;
	unsigned port;			/* that is dialled */
};

static void
put_cluster(const struct http_rule *r, size_t i, const char *key, const struct dump *x)
{
	const struct route_destination *d = &r->destinations[i];
	char host[HOST_MAX_BYTES + 1];
	struct buf name = BUF_INIT;

	if (d->cluster != NULL)
		buf_puts(&name, d->cluster->name);
	else if (r->object != NULL && host_resolve_into(host, d->host, r->object->ns))
		buf_printf(&name, "outbound|%u|%s|%s", d->port != 0 ? d->port : x->port,
			   d->subset != NULL ? d->subset : "", host);
	json_string(x->w, key, buf_str(&name));
	buf_fini(&name);
}

static void
put_weighted(const struct http_rule *r, const struct dump *x)
{
	json_open(x->w, "weighted_clusters", '{');
	json_open(x->w, "clusters", '[');
	for (size_t i = 0; i < r->destination_count; i++) {
		json_open(x->w, NULL, '{');
		put_cluster(r, i, "name", x);
		json_uint(x->w, "weight", r->destinations[i].weight);
		json_close(x->w, '}');
	}
	json_close(x->w, ']');
	json_uint(x->w, "total_weight", r->total_weight);
	json_close(x->w, '}');
}

static void
put_forward(const struct http_rule *r, const struct dump *x)
{
	char timeout[32];

	json_open(x->w, "route", '{');
	if (r->destination_count == 1)
		put_cluster(r, 0, "cluster", x);
	else
		put_weighted(r, x);
	snprintf(timeout, sizeof(timeout), "%gs", (double)r->timeout_ns / (double)NS_PER_S);
	json_string(x->w, "timeout", timeout);
	if (r->retries.attempts > 0) {
		json_open(x->w, "retry_policy", '{');
		json_uint(x->w, "num_retries", r->retries.attempts);
		json_close(x->w, '}');
	}
	json_close(x->w, '}');
}

static void
put_redirect(const struct value *spec, struct json_writer *w)
{
	static const char *const members[][2] = {
		{ "authority", "host_redirect" }, { "uri", "path_redirect" },
		{ "prefixRewrite", "prefix_rewrite" }, { "scheme", "scheme_redirect" },
		{ "port", "port_redirect" },
	};

	json_open(w, "redirect", '{');
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (value_get(spec, members[i][0]) != NULL)
			json_value(w, members[i][1], value_get(spec, members[i][0]));
	json_close(w, '}');
}

static void
put_action(const struct http_rule *r, const struct dump *x)
{
	switch (r->action) {
	case ROUTE_FORWARD:
		put_forward(r, x);
		break;
	case ROUTE_REDIRECT:
		put_redirect(r->redirect, x->w);
		break;
	case ROUTE_DIRECT:
		json_open(x->w, "direct_response", '{');
		json_uint(x->w, "status", r->direct_status);
		if (r->direct_body.len > 0) {
			json_open(x->w, "body", '{');
			json_slice(x->w, "inline_string", r->direct_body);
			json_close(x->w, '}');
		}
		json_close(x->w, '}');
		break;
	case ROUTE_NO_ACTION:
		break;
	}
}

static void
put_route(const struct http_rule *r, int match, const struct dump *x)
{
	const struct http_match *m = match >= 0 ? &r->matches[match] : NULL;

	json_open(x->w, NULL, '{');
	json_string(x->w, "name", http_rule_log_name(r, match));
	if (http_rule_stat_prefix(r, match) != NULL)
		json_string(x->w, "stat_prefix", http_rule_stat_prefix(r, match));
	json_open(x->w, "match", '{');
	put_path(m, x->w);
	put_conditions(m, "headers", false, x->w);
	put_conditions(m, "query_parameters", true, x->w);
	json_close(x->w, '}');
	put_action(r, x);
	json_close(x->w, '}');
}

static void
put_rule(const struct http_rule *r, const struct dump *x)
{
	if (r->match_count == 0)
		put_route(r, -1, x);
	for (size_t i = 0; i < r->match_count; i++)
		put_route(r, (int)i, x);
}

static void
put_rules(const struct http_rules *rules, const struct dump *x)
{
	json_open(x->w, "routes", '[');
	for (size_t i = 0; i < rules->count; i++)
		put_rule(&rules->rules[i], x);
	json_close(x->w, ']');
}

/* --- virtual hosts --- */

static void
open_host(const struct dump *x, const char *prefix, struct slice host)
{
	struct buf name = BUF_INIT;

	json_open(x->w, NULL, '{');
	buf_printf(&name, "%s%.*s:%u", prefix, (int)host.len, host.ptr, x->port);
	json_string(x->w, "name", buf_str(&name));
	buf_fini(&name);
}

/* What read_host() and complete() of vhost.c take for the service. */
static void
put_domains(const struct route_table *t, const struct mesh_service *s,
	    const struct mesh_port *port, struct json_writer *w)
{
	char address[ADDRESS_TEXT_BYTES];
	struct buf name = BUF_INIT;

	json_open(w, "domains", '[');
	json_string(w, NULL, s->fqdn);
	if (!s->is_entry) {
		if (strcmp(s->ns, t->ns) == 0)
			json_string(w, NULL, s->name);
		buf_printf(&name, "%s.%s", s->name, s->ns);
		json_string(w, NULL, buf_str(&name));
		buf_puts(&name, ".svc");
		json_string(w, NULL, buf_str(&name));
	}
	if (s->is_headless) {
		buf_clear(&name);
		buf_printf(&name, "*.%s", s->fqdn);
		json_string(w, NULL, buf_str(&name));
	}
	for (size_t i = 0; i < port->listen_count; i++) {
		if (!address_is_set(&port->listen[i]))
			continue;
		address_host_text(&port->listen[i], address);
		json_string(w, NULL, address);
	}
	json_close(w, ']');
	buf_fini(&name);
}

static void
put_hosts_of_map(const struct strmap *m, const char *prefix, const struct dump *x)
{
	struct buf domain = BUF_INIT;
	struct json_writer *w = x->w;

	for (size_t i = 0; m->count > 0 && i <= m->mask; i++) {
		struct slice host = { m->slots[i].key, m->slots[i].len };

		if (host.ptr == NULL || m->slots[i].value == NULL)
			continue;
		open_host(x, prefix, host);
		buf_clear(&domain);
		buf_printf(&domain, "%s%.*s", prefix, (int)host.len, host.ptr);
		json_open(w, "domains", '[');
		json_string(w, NULL, buf_str(&domain));
		json_close(w, ']');
		put_rules(m->slots[i].value, x);
		json_close(w, '}');
	}
	buf_fini(&domain);
}

static void
put_index(const struct host_index *hosts, const struct dump *x)
{
	put_hosts_of_map(&hosts->exact, "", x);
	put_hosts_of_map(&hosts->suffixes, "*", x);
	if (hosts->any == NULL)
		return;
	open_host(x, "", SLICE("*"));
	json_open(x->w, "domains", '[');
	json_string(x->w, NULL, "*");
	json_close(x->w, ']');
	put_rules(hosts->any, x);
	json_close(x->w, '}');
}

/* Hosts that nobody knows. */
static void
put_others(const struct route_table *t, const struct dump *x)
{
	struct json_writer *w = x->w;
	const struct http_rule *rule = t->allow_any ? &t->allow_rule : &t->block_rule;

	json_open(w, NULL, '{');
	json_string(w, "name", rule->name);
	json_open(w, "domains", '[');
	json_string(w, NULL, "*");
	json_close(w, ']');
	json_open(w, "routes", '[');
	put_rule(rule, x);
	json_close(w, ']');
	json_close(w, '}');
}

/* --- ports --- */

static void
open_port(const char *prefix, const struct dump *x)
{
	struct json_writer *w = x->w;
	char name[32];

	json_open(w, NULL, '{');
	json_open(w, "route_config", '{');
	json_string(w, "@type", ROUTE_TYPE);
	snprintf(name, sizeof(name), "%s%u", prefix, x->port);
	json_string(w, "name", name);
	json_open(w, "virtual_hosts", '[');
}

static void
close_port(struct json_writer *w)
{
	json_close(w, ']');
	json_close(w, '}');
	json_close(w, '}');
}

/* A port of a service that the caller sees as HTTP. */
struct seen_port {
	const struct mesh_service *service;
	const struct mesh_port *port;
	const struct http_rules *rules;
};

static int
by_number(const void *a, const void *b)
{
	const struct seen_port *x = a, *y = b;

	if (x->port->number != y->port->number)
		return x->port->number < y->port->number ? -1 : 1;
	return x->service->index < y->service->index ? -1 : x->service->index > y->service->index;
}

static void
close_sidecar_port(const struct route_table *t, const struct dump *x)
{
	const struct host_index *extras = extra_hosts_of(t, x->port);

	if (extras != NULL)
		put_index(extras, x);
	put_others(t, x);
	close_port(x->w);
}

/* The port of hosts without a service, where no service has it. */
static void
put_web_alone(const struct route_table *t, struct json_writer *w)
{
	const struct host_index *hosts = &t->web.hosts;
	const struct dump x = { w, WEB_PORT };

	if (hosts->exact.count == 0 && hosts->suffixes.count == 0 && hosts->any == NULL)
		return;
	open_port("", &x);
	close_sidecar_port(t, &x);
}

static void
put_sidecar(const struct route_table *t, struct json_writer *w)
{
	const struct mesh *m = t->mesh;
	VEC(struct seen_port) ports = VEC_INIT;
	unsigned last = 0;

	for (size_t i = 0; i < m->service_count; i++) {
		const struct mesh_service *s = m->services[i];
		size_t slot = m->priv->service_privs[s->index].first_slot;

		for (size_t k = 0; k < s->port_count; k++)
			if (t->http[slot + k] != NULL)
				vec_push(&ports, ((struct seen_port){ s, &s->ports[k],
								      t->http[slot + k] }));
	}
	if (ports.len > 0)
		qsort(ports.items, ports.len, sizeof(*ports.items), by_number);
	for (size_t i = 0; i < ports.len; i++) {
		const struct seen_port *p = &ports.items[i];
		const struct dump x = { w, p->port->number };

		if (last < WEB_PORT && x.port > WEB_PORT)
			put_web_alone(t, w);
		if (x.port != last)
			open_port("", &x);
		last = x.port;
		open_host(&x, "", slice_of(p->service->fqdn));
		put_domains(t, p->service, p->port, w);
		put_rules(p->rules, &x);
		json_close(w, '}');
		if (i + 1 == ports.len || p[1].port->number != x.port)
			close_sidecar_port(t, &x);
	}
	if (last < WEB_PORT)
		put_web_alone(t, w);
	vec_fini(&ports);
}

static void
put_gateway(const struct route_table *t, struct json_writer *w)
{
	for (size_t i = 0; i < t->port_count; i++) {
		const struct gateway_port *p = &t->ports[i];
		const struct dump x = { w, p->face.number };

		if (p->face.protocol == PORT_TCP || p->face.has_tls)
			continue;
		open_port("http.", &x);
		put_index(&p->hosts, &x);
		close_port(w);
	}
}

void
route_table_put_json(const struct route_table *t, struct json_writer *w)
{
	json_open(w, "dynamic_route_configs", '[');
	if (t != NULL && t->is_gateway)
		put_gateway(t, w);
	else if (t != NULL)
		put_sidecar(t, w);
	json_close(w, ']');
}
