/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the ports of services are served, and what each instance serves.
 */
#include <stdlib.h>
#include <string.h>

#include "src/istio/host.h"
#include "src/mesh/addresses.h"
#include "src/mesh/compile.h"

struct growing_list {
	VEC(struct mesh_endpoint) items;
};

static bool
number_in(const struct value *map, const char *name, uint16_t *out)
{
	int64_t n;

	if (name == NULL || !value_to_int(value_get(map, name), &n) || n < 1 ||
	    n > UINT16_MAX)
		return false;
	*out = (uint16_t)n;
	return true;
}

/* Container ports of a Deployment's template or a Pod. */
static const struct value *
containers_of(const struct object *o)
{
	const struct value *pod = o->kind->id == KIND_DEPLOYMENT
		? value_path(o->spec, "template.spec") : o->spec;

	return value_get(pod, "containers");
}

static bool
container_port(const struct object *o, const char *name, uint16_t *out)
{
	VALUE_EACH(container, containers_of(o)) {
		VALUE_EACH(port, value_get(container, "ports")) {
			const char *text = value_get_text(port, "name");

			if (text != NULL && strcmp(text, name) == 0)
				return number_in(port, "containerPort", out);
		}
	}
	return false;
}

/* The port on which the instance serves p; false when its name leads nowhere. */
static bool
port_of_instance(const struct mesh_instance *i, const struct mesh_port *p, uint16_t *out)
{
	if (i->ports_map != NULL && (number_in(i->ports_map, p->name, out) ||
				     number_in(i->ports_map, p->target_name, out)))
		return true;
	if (p->target_name != NULL && i->ports_map == NULL &&
	    i->workload->object->kind->id != KIND_WORKLOAD_ENTRY)
		return container_port(i->workload->object, p->target_name, out);
	*out = p->target_number != 0 ? p->target_number : p->number;
	return p->target_name == NULL;
}

/* A reading program may know of instances that no engine has addressed yet:
 * they count, only where they are is open. */
static bool
counts(const struct compile *c, const struct mesh_instance *i)
{
	return address_is_set(&i->address) || c->addresses == NULL ||
	       addresses_is_read_only(c->addresses);
}

static void
add_instances(const struct compile *c, const struct mesh_service *s,
	      const struct mesh_port *p, struct growing_list *out)
{
	for (size_t n = 0; n < s->instance_count; n++) {
		const struct mesh_instance *i = s->instances[n];
		struct mesh_endpoint e = { .address = i->address, .instance = i,
					   .labels = i->labels, .locality = &i->locality,
					   .weight = i->weight };
		uint16_t port;

		if (!counts(c, i) || !port_of_instance(i, p, &port))
			continue;
		address_set_port(&e.address, port);
		vec_push(&out->items, e);
	}
}

static void
add_host_endpoint(struct mesh_endpoint *e, const char *host)
{
	e->host = host;
	e->address.in.sin_family = AF_INET;	/* 0.0.0.0: only the port counts */
	e->address.len = sizeof(e->address.in);
}

/* Its own word, else that of the workload at its address. */
static const struct mesh_locality *
given_locality(struct compile *c, const struct value *v, const struct mesh_instance *i)
{
	const char *text = value_get_text(v, "locality");
	struct mesh_locality *own;

	if (text == NULL || text[0] == '\0')
		return i != NULL ? &i->locality : NULL;
	own = arena_alloc(c->arena, sizeof(*own));
	locality_read(c, own, text);
	return own;
}

/* One spec.endpoints[] of a ServiceEntry. */
static void
add_given(struct compile *c, const struct mesh_service *s, const struct mesh_port *p,
	  const struct value *v, struct growing_list *out)
{
	struct mesh_endpoint e = { .weight = 1 };
	const char *text = value_get_text(v, "address");
	uint16_t port = p->target_number != 0 ? p->target_number : p->number;
	int64_t weight;

	number_in(value_get(v, "ports"), p->name, &port);
	if (text == NULL)
		return;
	if ((strncmp(text, "unix:", 5) == 0 ? address_parse(&e.address, text, NULL)
					    : address_parse_host(&e.address, text, 0, NULL)) < 0) {
		if (s->resolution != RESOLVE_DNS) {
			compile_problem(c, "MT1008", s->object, value_get(v, "address"),
					"spec.endpoints", "%.120s is no IP address and "
					"resolution is not DNS", text);
			return;
		}
		add_host_endpoint(&e, text);
	}
	address_set_port(&e.address, port);
	e.instance = e.host == NULL ? mesh_instance_of_address(c->mesh, &e.address) : NULL;
	e.labels = value_get(v, "labels");
	e.locality = given_locality(c, v, e.instance);
	if (value_to_int(value_get(v, "weight"), &weight) && weight > 0 && weight <= UINT32_MAX)
		e.weight = (unsigned)weight;
	vec_push(&out->items, e);
}

/* What is dialled when nothing else is given: the service's own host. */
static void
add_own_host(const struct mesh_service *s, const struct mesh_port *p,
	     struct growing_list *out)
{
	struct mesh_endpoint e = { .weight = 1 };
	const char *host = s->is_entry ? s->fqdn
				       : value_get_text(s->object->spec, "externalName");

	if (host == NULL || host_is_wildcard(host))
		return;
	add_host_endpoint(&e, host);
	address_set_port(&e.address, p->target_number != 0 ? p->target_number : p->number);
	vec_push(&out->items, e);
}

static const struct endpoint_list *
keep(struct compile *c, struct growing_list *g)
{
	struct endpoint_list *list = arena_alloc(c->arena, sizeof(*list));

	list->count = g->items.len;
	if (list->count > 0) {
		list->items = arena_alloc(c->arena, list->count * sizeof(*list->items));
		memcpy(list->items, g->items.items, list->count * sizeof(*list->items));
	}
	vec_fini(&g->items);
	return list;
}

/* Services that select the same instances at the same port share one list. */
static const struct endpoint_list *
selected_endpoints(struct compile *c, const struct mesh_service *s,
		   const struct mesh_port *p)
{
	struct growing_list g = { VEC_INIT };
	const char *key = arena_printf(c->scratch, "endpoints %p %zu %u %s %s",
				       (const void *)s->instances, s->instance_count,
				       p->target_number, p->name,
				       p->target_name != NULL ? p->target_name : "");
	void **place = compile_shared(c, key, strlen(key));
	const struct endpoint_list *list = *place;

	if (list != NULL)
		return list;
	add_instances(c, s, p, &g);
	list = keep(c, &g);
	*place = (void *)list;
	if (list->count == 0 && s->instance_count > 0 && p->target_name != NULL)
		compile_problem(c, "MT1005", s->object, NULL, "spec.ports",
				"no selected workload has a port named %.60s", p->target_name);
	return list;
}

static const struct endpoint_list *
endpoints_of(struct compile *c, const struct mesh_service *s, const struct mesh_port *p)
{
	const struct value *given = s->is_entry ? value_get(s->object->spec, "endpoints") : NULL;
	struct growing_list g = { VEC_INIT };

	if (s->resolution != RESOLVE_NONE && given != NULL && given->count > 0) {
		VALUE_EACH(v, given)
			add_given(c, s, p, v, &g);
	} else if (s->instance_count == 0 && s->resolution == RESOLVE_DNS) {
		add_own_host(s, p, &g);
	} else {
		return selected_endpoints(c, s, p);
	}
	return keep(c, &g);
}

void
compile_endpoints(struct compile *c, struct mesh_service *s, struct service_priv *sp)
{
	sp->endpoints = arena_alloc(c->arena, (s->port_count + 1) * sizeof(*sp->endpoints));
	for (size_t n = 0; n < s->port_count; n++) {
		const struct mesh_service *real = s;
		const struct mesh_port *p = service_behind(c, &real, &s->ports[n]);

		sp->endpoints[n] = endpoints_of(c, real, p);
	}
}

struct growing_inbound {
	VEC(struct mesh_inbound) items;
};

static void
add_inbound(struct growing_inbound *g, const struct mesh_inbound *in)
{
	size_t at = g->items.len;

	for (size_t i = 0; i < g->items.len; i++)
		if (g->items.items[i].port == in->port)
			return;
	vec_push(&g->items, *in);
	while (at > 0 && g->items.items[at - 1].port > in->port) {
		g->items.items[at] = g->items.items[at - 1];
		at--;
	}
	g->items.items[at] = *in;
}

static void
add_container_ports(const struct mesh_instance *i, struct growing_inbound *g)
{
	const struct object *o = i->workload->object;

	if (o->kind->id == KIND_WORKLOAD_ENTRY)
		return;
	VALUE_EACH(container, containers_of(o)) {
		VALUE_EACH(port, value_get(container, "ports")) {
			struct mesh_inbound in = { .protocol = PORT_SNIFFED };

			if (number_in(port, "containerPort", &in.port))
				add_inbound(g, &in);
		}
	}
}

void
compile_inbounds(struct compile *c)
{
	struct mesh *m = c->mesh;
	struct growing_inbound *grown = xcalloc(m->instance_count + 1, sizeof(*grown));

	for (size_t n = 0; n < m->service_count; n++) {
		const struct mesh_service *s = m->services[n];

		for (size_t p = 0; p < s->port_count; p++) {
			struct mesh_inbound in = { .protocol = s->ports[p].protocol,
						   .service = s, .service_port = &s->ports[p] };

			for (size_t i = 0; i < s->instance_count; i++)
				if (port_of_instance(s->instances[i], &s->ports[p], &in.port))
					add_inbound(&grown[s->instances[i]->index], &in);
		}
	}
	c->priv->inbounds =
		arena_alloc(c->arena, (m->instance_count + 1) * sizeof(*c->priv->inbounds));
	for (size_t i = 0; i < m->instance_count; i++) {
		struct inbound_list *list = &c->priv->inbounds[i];

		add_container_ports(m->instances[i], &grown[i]);
		list->count = grown[i].items.len;
		if (list->count > 0) {
			list->items = arena_alloc(c->arena, list->count * sizeof(*list->items));
			memcpy(list->items, grown[i].items.items,
			       list->count * sizeof(*list->items));
		}
		vec_fini(&grown[i].items);
	}
	free(grown);
}
