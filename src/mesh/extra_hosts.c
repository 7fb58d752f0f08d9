/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hosts of VirtualServices that belong to no service: they have port 80, and
 * the HTTP ports of the services that they stand beside (spec/dataplane.md 2.2).
 */
#include <limits.h>
#include <string.h>

#include "src/istio/host.h"
#include "src/mesh/table.h"

/* Does any service that the caller sees have a name under the host? */
static bool
has_service(const struct compile *c, const struct view *v, const char *host)
{
	const struct mesh *m = c->mesh;
	const struct mesh_service *s = mesh_service_of_host(m, host);

	if (s != NULL && service_is_visible(m, s, v->ns) && sidecar_shows_service(v, s))
		return true;
	if (!host_is_wildcard(host))
		return false;
	for (size_t i = 0; i < m->service_count; i++)
		if (host_matches(host, m->services[i]->fqdn) &&
		    service_is_visible(m, m->services[i], v->ns) &&
		    sidecar_shows_service(v, m->services[i]))
			return true;
	return false;
}

const struct host_index *
extra_hosts_of(const struct route_table *t, uint16_t port)
{
	for (const struct extra_hosts *e = &t->web; e != NULL; e = e->next)
		if (e->port == port)
			return &e->hosts;
	return NULL;
}

static struct extra_hosts *
add_extra_hosts(struct compile *c, struct extra_hosts *e, uint16_t port)
{
	e->port = port;
	vec_push(&c->priv->maps, &e->hosts.exact);
	vec_push(&c->priv->maps, &e->hosts.suffixes);
	return e;
}

static struct extra_hosts *
extra_hosts_put(struct compile *c, struct route_table *t, uint16_t port)
{
	struct extra_hosts *e = &t->web;

	while (e->port != port && e->next != NULL)
		e = e->next;
	if (e->port != port)
		e = e->next = add_extra_hosts(c, arena_alloc(c->arena, sizeof(*e)), port);
	return e;
}

/* A host of a VirtualService as a whole name. */
static bool
read_vs_host(const struct object *vs, const struct value *v, char host[HOST_MAX_BYTES + 1])
{
	return value_text(v) != NULL && host_resolve_into(host, value_text(v), vs->ns) &&
	       host[0] != '\0';
}

/* Hosts that belong to no service; the oldest wins. */
static void
put_other_hosts(struct compile *c, struct view *v, struct route_table *t,
		const struct object *vs, uint16_t port)
{
	VALUE_EACH(h, value_get(vs->spec, "hosts")) {
		char host[HOST_MAX_BYTES + 1];
		const struct http_rules *rules;
		void **place;

		if (!read_vs_host(vs, h, host) || has_service(c, v, host))
			continue;
		rules = compile_http_rules(c, v, vs, port);
		place = host_index_put(&extra_hosts_put(c, t, port)->hosts,
				       arena_strdup(c->arena, host));
		if (*place == NULL)
			*place = (void *)rules;
	}
}

struct hosts_beside {
	struct compile *c;
	struct view *v;
	struct route_table *t;
	const struct object *vs;
	int reach;
	bool has_put;			/* any port */
	unsigned char put[(UINT16_MAX + 1) / CHAR_BIT];	/* ports of vs: services have the same few */
};

static void
put_hosts_beside(struct hosts_beside *b, const struct mesh_service *s)
{
	for (size_t i = 0; i < s->port_count; i++) {
		const struct mesh_port *p = &s->ports[i];
		unsigned char *byte = &b->put[p->number / CHAR_BIT];
		unsigned char bit = (unsigned char)(1u << p->number % CHAR_BIT);

		/* Ports that are sniffed know their own service alone. */
		if (p->number == b->t->web.port || (*byte & bit) != 0 ||
		    !port_speaks_http(p->protocol))
			continue;
		sidecar_enter(b->v, p->number);
		if ((int)sidecar_reach(b->v, b->vs) == b->reach &&
		    service_is_visible(b->c->mesh, s, b->v->ns) &&
		    sidecar_shows_service(b->v, s)) {
			put_other_hosts(b->c, b->v, b->t, b->vs, p->number);
			*byte |= bit;
			b->has_put = true;
		}
	}
}

/* Beside hosts of services the others have the services' HTTP ports. */
static void
add_hosts_beside(struct hosts_beside *b)
{
	const struct value *hosts = value_get(b->vs->spec, "hosts");
	const struct mesh *m = b->c->mesh;

	if (hosts == NULL || hosts->count < 2)
		return;
	if (b->has_put)
		memset(b->put, 0, sizeof(b->put));
	b->has_put = false;
	VALUE_EACH(h, hosts) {
		char host[HOST_MAX_BYTES + 1];
		const struct mesh_service *s;

		if (!read_vs_host(b->vs, h, host))
			continue;
		s = mesh_service_of_host(m, host);
		if (s != NULL)
			put_hosts_beside(b, s);
		for (size_t i = 0; i < m->service_count && host_is_wildcard(host); i++)
			if (host_matches(host, m->services[i]->fqdn))
				put_hosts_beside(b, m->services[i]);
	}
}

void
compile_extra_hosts(struct compile *c, struct view *v, struct route_table *t)
{
	struct hosts_beside b = { .c = c, .v = v, .t = t, .reach = REACH_PRIVATE };

	add_extra_hosts(c, &t->web, 80);
	for (; b.reach < REACH_NONE; b.reach++) {
		for (size_t i = 0; i < c->virtual_services.len; i++) {
			const struct value *http;

			b.vs = c->virtual_services.items[i];
			http = value_get(b.vs->spec, "http");
			if (http == NULL || http->count == 0)
				continue;
			sidecar_enter(v, t->web.port);
			if ((int)sidecar_reach(v, b.vs) == b.reach)
				put_other_hosts(c, v, t, b.vs, t->web.port);
			add_hosts_beside(&b);
		}
	}
}
