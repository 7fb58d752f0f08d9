/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Route tables of gateways (spec/dataplane.md 2.7): the servers of every
 * Gateway that selects the workload, and the VirtualServices bound to them.
 * Several VirtualServices for one host are merged by age, rules that take
 * every request last.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/assert.h"
#include "src/base/slice.h"
#include "src/istio/host.h"
#include "src/mesh/table.h"

/* VirtualServices of one host of one port, oldest first. */
struct binding {
	const struct object *vs;
	const struct object *gateway;
};

struct binding_list {
	const char *host;
	bool redirects;			/* httpsRedirect */
	VEC(struct binding) items;
};

struct open_port {
	struct gateway_port *port;
	const char *server_protocol;
	struct host_index hosts;	/* -> struct binding_list */
	VEC(struct binding_list *) lists;
	VEC(struct binding) tcp;
};

struct gateway_build {
	struct compile *c;
	const struct mesh_workload *w;
	struct view v;
	VEC(struct open_port *) ports;
};

static const struct {
	const char *name;
	enum port_protocol protocol;
} server_protocols[] = {
	{ "HTTP", PORT_HTTP }, { "HTTP2", PORT_HTTP2 }, { "GRPC", PORT_GRPC },
	{ "GRPC-WEB", PORT_GRPC }, { "HTTPS", PORT_HTTPS }, { "TLS", PORT_TLS },
	{ "TCP", PORT_TCP }, { "MONGO", PORT_TCP }, { "REDIS", PORT_TCP },
	{ "MYSQL", PORT_TCP }, { "HTTP_PROXY", PORT_HTTP },
};

static bool
read_protocol(const char *text, enum port_protocol *out)
{
	for (size_t i = 0; text != NULL && i < ARRAY_LEN(server_protocols); i++) {
		if (strcasecmp(text, server_protocols[i].name) != 0)
			continue;
		*out = server_protocols[i].protocol;
		return true;
	}
	return false;
}

/* The port of a server; NULL with a problem when it cannot be served. */
static struct open_port *
open_port(struct gateway_build *b, const struct object *gw, const struct value *server,
	  const char *path)
{
	const struct value *port = value_get(server, "port");
	const char *text = value_get_text(port, "protocol");
	enum port_protocol protocol;
	struct open_port *p;
	int64_t number = 0;

	value_to_int(value_get(port, "number"), &number);
	if (number < 1 || number > UINT16_MAX || !read_protocol(text, &protocol)) {
		compile_problem(b->c, "MT2005", gw, port, path,
				"needs a port number and a protocol that can be served");
		return NULL;
	}
	for (size_t i = 0; i < b->ports.len; i++) {
		p = b->ports.items[i];
		if (p->port->face.number != number)
			continue;
		if (port_speaks_http(p->port->face.protocol) == port_speaks_http(protocol) &&
		    port_speaks_tls(p->port->face.protocol) == port_speaks_tls(protocol))
			return p;
		compile_problem(b->c, "MT2005", gw, port, path,
				"port %u is already %s at %s: this server is ignored",
				(unsigned)number, p->server_protocol, b->w->name);
		return NULL;
	}
	p = arena_alloc(b->c->scratch, sizeof(*p));
	p->port = arena_alloc(b->c->scratch, sizeof(*p->port));
	p->port->face = (struct route_gateway_port){ (uint16_t)number, protocol, port_speaks_tls(protocol) };
	if (port_speaks_tls(protocol))
		p->port->tls = tls_port_new(b->c, (uint16_t)number);
	p->server_protocol = text;
	vec_push(&b->ports, p);
	return p;
}

static struct binding_list *
list_of(struct gateway_build *b, struct open_port *p, const char *host)
{
	void **place = host_index_put(&p->hosts, host);
	struct binding_list *list = *place;

	if (list == NULL) {
		list = arena_alloc(b->c->scratch, sizeof(*list));
		list->host = host;
		vec_push(&p->lists, list);
		*place = list;
	}
	return list;
}

bool
gateway_is_named(const char *text, const char *rules_ns, const struct object *gw)
{
	const char *slash = strchr(text, '/');
	struct slice ns = slash != NULL ? (struct slice){ text, (size_t)(slash - text) }
					: slice_of(rules_ns);

	return slice_is(ns, gw->ns) && strcmp(slash != NULL ? slash + 1 : text, gw->name) == 0;
}

static bool
is_bound(const struct object *vs, const struct object *gw)
{
	VALUE_EACH(g, value_get(vs->spec, "gateways"))
		if (value_text(g) != NULL && gateway_is_named(value_text(g), vs->ns, gw))
			return true;
	return false;
}

const char *
gateway_server_host(struct compile *c, const char *text, const char *gateway_ns, const char *vs_ns)
{
	const char *slash = strchr(text, '/');
	const char *ns;

	if (slash == NULL)
		return host_resolve(c->arena, text, gateway_ns);
	ns = arena_strndup(c->scratch, text, (size_t)(slash - text));
	if (strcmp(ns, "*") != 0 && strcmp(strcmp(ns, ".") == 0 ? gateway_ns : ns, vs_ns) != 0)
		return NULL;
	return host_resolve(c->arena, slash + 1, gateway_ns);
}

static bool
redirects_to_https(const struct value *server)
{
	bool redirects = false;

	value_to_bool(value_path(server, "tls.httpsRedirect"), &redirects);
	return redirects;
}

static void
bind_host(struct gateway_build *b, struct open_port *p, const struct value *server,
	  const char *host, const struct binding *made)
{
	struct binding_list *list = list_of(b, p, host);

	list->redirects |= redirects_to_https(server);
	if (list->items.len > 0 && list->items.items[list->items.len - 1].vs == made->vs)
		return;
	vec_push(&list->items, *made);
}

/* The narrower of the server's and the VirtualService's hosts. */
static void
bind_hosts(struct gateway_build *b, struct open_port *p, const struct value *server,
	   const struct binding *made)
{
	const struct object *vs = made->vs;

	VALUE_EACH(s, value_get(server, "hosts")) {
		const char *wide = value_text(s) != NULL
			? gateway_server_host(b->c, value_text(s), made->gateway->ns, vs->ns) : NULL;

		if (wide == NULL)
			continue;
		VALUE_EACH(h, value_get(vs->spec, "hosts")) {
			const char *host = value_text(h) != NULL
				? host_resolve(b->c->arena, value_text(h), vs->ns) : "";

			if (host_matches(wide, host))
				bind_host(b, p, server, host, made);
			else if (host_matches(host, wide))
				bind_host(b, p, server, wide, made);
		}
	}
}

/* Those without a VirtualService, too. */
static void
redirect_hosts(struct gateway_build *b, struct open_port *p, const struct object *gw,
	       const struct value *server)
{
	if (!redirects_to_https(server))
		return;
	VALUE_EACH(s, value_get(server, "hosts")) {
		const char *text = value_text(s), *slash = text != NULL ? strchr(text, '/') : NULL;

		if (text != NULL)
			list_of(b, p, host_resolve(b->c->arena, slash != NULL ? slash + 1 : text,
						   gw->ns))->redirects = true;
	}
}

/* What stands before the VirtualServices. */
static void
begin_server(struct gateway_build *b, const struct tls_build *tls, const struct open_port *p,
	     const char *path)
{
	if (!port_speaks_tls(p->port->face.protocol))
		return;
	if (!tls_passes_through(tls->server))
		compile_problem(b->c, "MT2005", tls->gateway, value_get(tls->server, "port"), path,
				"TLS is not ended by this version: only PASSTHROUGH and "
				"AUTO_PASSTHROUGH are served");
	compile_tls_server(tls);
}

static void
add_server(struct gateway_build *b, const struct object *gw, const struct value *server,
	   size_t index, const struct object *const *sorted, size_t count)
{
	const char *path = arena_printf(b->c->scratch, "spec.servers[%zu].port", index);
	struct open_port *p = open_port(b, gw, server, path);
	struct tls_build tls;

	if (p == NULL)
		return;
	b->v.gateway = gw;
	tls = (struct tls_build){ b->c, &b->v, p->port->tls, gw, server };
	begin_server(b, &tls, p, path);
	redirect_hosts(b, p, gw, server);
	for (size_t i = 0; i < count; i++) {
		const struct object *vs = sorted[i];
		struct binding made = { vs, gw };

		if (!is_bound(vs, gw))
			continue;
		if (port_speaks_http(p->port->face.protocol))
			bind_hosts(b, p, server, &made);
		else if (port_speaks_tls(p->port->face.protocol))
			compile_tls_bound(&tls, vs);
		else
			vec_push(&p->tcp, made);
	}
}

/* 301 to https, for every request of the host that did not come by https. */
static void
make_redirect(struct compile *c, struct http_rule *out)
{
	struct destination_context x = { .c = c };
	struct value *redirect = value_new_map(c->arena), *match = value_new_map(c->arena);
	struct value *scheme = value_new_map(c->arena);

	value_set_string(c->arena, redirect, "scheme", "https");
	value_set_int(c->arena, redirect, "redirectCode", 301);
	value_set_string(c->arena, scheme, "exact", "http");
	value_set(c->arena, match, "scheme", scheme);
	out->name = "";
	out->action = ROUTE_REDIRECT;
	out->redirect = redirect;
	out->keeps_authority = true;
	out->fault.abort_grpc = -1;
	out->matches = arena_alloc(c->arena, sizeof(*out->matches));
	out->match_count = 1;
	compile_match(&x, match, 0, out->name, out->matches);
}

static void
copy_rules(struct http_rules *out, const struct http_rules *from, bool take_all)
{
	for (size_t i = 0; i < from->count; i++)
		if (rule_takes_all(&from->rules[i]) == take_all)
			out->rules[out->count++] = from->rules[i];
}

/* The rules of all VirtualServices of a host; NULL when none has any left. */
static const struct http_rules *
merged_rules(struct gateway_build *b, const struct binding_list *list, uint16_t port)
{
	const struct http_rules **parts =
		arena_alloc(b->c->scratch, (list->items.len + 1) * sizeof(const struct http_rules *));
	size_t count = 0, rules = 0;
	struct http_rules *out;

	for (size_t i = 0; i < list->items.len; i++) {
		b->v.gateway = list->items.items[i].gateway;
		parts[count] = compile_http_rules(b->c, &b->v, list->items.items[i].vs, port);
		if (parts[count] != NULL)
			rules += parts[count++]->count;
	}
	if (count < 2)
		return count == 0 ? NULL : parts[0];
	out = arena_alloc(b->c->arena, sizeof(*out));
	out->rules = arena_alloc(b->c->arena, rules * sizeof(*out->rules));
	for (size_t i = 0; i < count; i++)
		copy_rules(out, parts[i], false);
	for (size_t i = 0; i < count; i++)
		copy_rules(out, parts[i], true);
	compile_runs(b->c, out);
	return out;
}

/* httpsRedirect, and what serves requests that came by https. */
static const struct http_rules *
behind_redirect(struct compile *c, const struct http_rules *rules)
{
	struct http_rules *out = arena_alloc(c->arena, sizeof(*out));
	size_t count = rules != NULL ? rules->count : 0;

	out->rules = arena_alloc(c->arena, (count + 1) * sizeof(*out->rules));
	make_redirect(c, out->rules);
	if (count > 0)
		memcpy(out->rules + 1, rules->rules, count * sizeof(*out->rules));
	out->count = count + 1;
	return out;
}

static void
close_port(struct gateway_build *b, struct open_port *p, struct gateway_port *out)
{
	struct mesh_port dialled = { .number = p->port->face.number };

	*out = *p->port;
	for (size_t i = 0; i < p->lists.len; i++) {
		struct binding_list *list = p->lists.items[i];
		const struct http_rules *rules = merged_rules(b, list, dialled.number);

		if (list->redirects)
			rules = behind_redirect(b->c, rules);
		if (rules != NULL)
			*host_index_put(&out->hosts, list->host) = (void *)rules;
		vec_fini(&list->items);
	}
	for (size_t i = 0; i < p->tcp.len && out->tcp == NULL; i++) {
		b->v.gateway = p->tcp.items[i].gateway;
		out->tcp = compile_tcp_rule(b->c, &b->v, p->tcp.items[i].vs, &dialled);
	}
	vec_push(&b->c->priv->maps, &out->hosts.exact);
	vec_push(&b->c->priv->maps, &out->hosts.suffixes);
	host_index_fini(&p->hosts);
	vec_fini(&p->lists);
	vec_fini(&p->tcp);
}

static int
compare_numbers(const void *a, const void *b)
{
	const struct open_port *x = *(struct open_port *const *)a;
	const struct open_port *y = *(struct open_port *const *)b;

	return x->port->face.number - y->port->face.number;
}

/* Objects of a kind, oldest first. */
static const struct object **
by_age(struct compile *c, enum kind_id kind, size_t *count)
{
	const struct object *const *all = snapshot_kind(c->snapshot, kind, count);
	const struct object **out = arena_alloc(c->scratch, (*count + 1) * sizeof(*out));

	if (*count > 0)
		memcpy(out, all, *count * sizeof(*out));
	sort_by_age(out, *count);
	return out;
}

/* The VirtualServices that a namespace sees, in Istio's order. */
static const struct object **
by_reach(struct compile *c, const char *ns, size_t *count)
{
	size_t all, kept = 0;
	const struct object **list = by_age(c, KIND_VIRTUAL_SERVICE, &all);
	const struct object **out = arena_alloc(c->scratch, (all + 1) * sizeof(*out));

	for (int reach = REACH_PRIVATE; reach < REACH_NONE; reach++)
		for (size_t i = 0; i < all; i++)
			if (reach_of(list[i], ns) == (enum reach)reach)
				out[kept++] = list[i];
	*count = kept;
	return out;
}

static void
add_gateways(struct gateway_build *b)
{
	size_t gateway_count, vs_count;
	const struct object **gateways = by_age(b->c, KIND_GATEWAY, &gateway_count);
	const struct object **services = by_reach(b->c, b->w->ns, &vs_count);

	for (size_t i = 0; i < gateway_count; i++) {
		size_t index = 0;

		if (!labels_match(b->w->labels, value_get(gateways[i]->spec, "selector")))
			continue;
		VALUE_EACH(server, value_get(gateways[i]->spec, "servers"))
			add_server(b, gateways[i], server, index++, services, vs_count);
	}
}

const struct route_table *
compile_gateway(struct compile *c, const struct mesh_workload *w)
{
	struct gateway_build b = { .c = c, .w = w,
				   .v = { .ns = w->ns, .labels = w->labels } };
	struct route_table *t = arena_alloc(c->arena, sizeof(*t));

	b.v.groups = arena_alloc(c->scratch, (c->mesh->service_count + 1) * sizeof(*b.v.groups));
	for (size_t i = 0; i < c->mesh->service_count; i++)
		b.v.groups[i] = &dr_unknown;
	t->mesh = c->mesh;
	t->ns = w->ns;
	t->labels = w->labels;
	t->is_gateway = true;
	compile_fixed_rules(c, t);
	add_gateways(&b);
	if (b.ports.len > 0)
		qsort(b.ports.items, b.ports.len, sizeof(*b.ports.items), compare_numbers);
	t->port_count = b.ports.len;
	t->ports = arena_alloc(c->arena, (b.ports.len + 1) * sizeof(*t->ports));
	t->faces = arena_alloc(c->arena, (b.ports.len + 1) * sizeof(*t->faces));
	for (size_t i = 0; i < b.ports.len; i++) {
		close_port(&b, b.ports.items[i], &t->ports[i]);
		t->faces[i] = t->ports[i].face;
	}
	vec_fini(&b.ports);
	return t;
}
