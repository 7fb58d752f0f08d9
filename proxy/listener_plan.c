/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which addresses a mesh is to be reached at; see listener_plan.h. */
#include "proxy/listener_plan.h"

#include <stdlib.h>
#include <string.h>

#include "src/mesh/mesh.h"
#include "src/mesh/route.h"

static int
compare_address(const struct address *a, const struct address *b)
{
	int order = (int)a->sa.sa_family - (int)b->sa.sa_family;

	if (order != 0)
		return order;
	if (a->sa.sa_family == AF_INET6)
		order = memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, sizeof(a->in6.sin6_addr));
	else
		order = memcmp(&a->in.sin_addr, &b->in.sin_addr, sizeof(a->in.sin_addr));
	return order != 0 ? order : (int)address_port(a) - (int)address_port(b);
}

int
plan_compare(const struct listener_spec *a, const struct listener_spec *b)
{
	int order = compare_address(&a->address, &b->address);

	return order != 0 ? order : (int)a->kind - (int)b->kind;
}

/* Of two services at one address the one that comes first by name wins. */
static int
compare_void(const void *va, const void *vb)
{
	const struct listener_spec *a = va, *b = vb;
	int order = plan_compare(a, b);

	if (order != 0 || a->service == NULL || b->service == NULL)
		return order;
	return (a->service->index > b->service->index) - (a->service->index < b->service->index);
}

static void
plan_service(struct listener_plan *plan, const struct mesh_service *s)
{
	for (size_t i = 0; i < s->port_count; i++) {
		const struct mesh_port *p = &s->ports[i];
		struct listener_spec spec = {
			.kind = LISTENER_SERVICE,
			.protocol = p->protocol,
			.service = s,
			.port = p,
		};

		for (size_t k = 0; k < p->listen_count; k++) {
			spec.address = p->listen[k];
			if (address_is_set(&spec.address) && address_port(&spec.address) == 0)
				address_set_port(&spec.address, p->number);
			if (address_is_set(&spec.address))
				vec_push(&plan->specs, spec);
		}
	}
}

static void
plan_inbound(struct listener_plan *plan, const struct mesh *m, const struct mesh_instance *i)
{
	const struct mesh_inbound *ports;
	size_t count;

	if (!i->is_proxied_inbound || !address_is_set(&i->address))
		return;
	ports = mesh_instance_inbound(m, i, &count);
	for (size_t k = 0; k < count; k++) {
		struct listener_spec spec = {
			.kind = LISTENER_INBOUND,
			.address = i->address,
			.protocol = ports[k].protocol,
			.service = ports[k].service,
			.port = ports[k].service_port,
			.instance = i,
		};

		address_set_port(&spec.address, ports[k].port);
		vec_push(&plan->specs, spec);
	}
}

static void
plan_egress(struct listener_plan *plan, const struct mesh_workload *w)
{
	struct listener_spec spec = {
		.kind = LISTENER_EGRESS,
		.address = w->egress,
		.protocol = PORT_HTTP,
		.workload = w,
	};

	if (!address_is_set(&w->egress) || w->instance_count == 0 || !w->has_proxy)
		return;
	spec.instance = w->instances[0];
	vec_push(&plan->specs, spec);
}

/* The servers of all Gateways that select the workload, at its own address. */
static void
plan_gateway(struct listener_plan *plan, const struct mesh_instance *i)
{
	const struct route_gateway_port *ports;
	size_t count;

	if (!i->workload->is_gateway || i->workload->routes == NULL || !address_is_set(&i->address))
		return;
	ports = route_gateway_ports(i->workload->routes, &count);
	for (size_t k = 0; k < count; k++) {
		struct listener_spec spec = {
			.kind = LISTENER_GATEWAY,
			.address = i->address,
			.protocol = ports[k].protocol,
			.has_tls = ports[k].has_tls,
			.instance = i,
			.workload = i->workload,
		};

		address_set_port(&spec.address, ports[k].number);
		vec_push(&plan->specs, spec);
	}
}

/* One socket for an address, whatever asks for it. */
static void
drop_repeated(struct listener_plan *plan)
{
	size_t kept = 0;

	for (size_t i = 0; i < plan->specs.len; i++) {
		const struct listener_spec *spec = &plan->specs.items[i];

		if (kept > 0 && compare_address(&plan->specs.items[kept - 1].address,
						&spec->address) == 0)
			continue;
		plan->specs.items[kept++] = *spec;
	}
	plan->specs.len = kept;
}

void
plan_listeners(struct listener_plan *plan, const struct mesh *m)
{
	for (size_t i = 0; i < m->service_count; i++)
		plan_service(plan, m->services[i]);
	for (size_t i = 0; i < m->instance_count; i++)
		plan_inbound(plan, m, m->instances[i]);
	for (size_t i = 0; i < m->instance_count; i++)
		plan_gateway(plan, m->instances[i]);
	for (size_t i = 0; i < m->workload_count; i++)
		plan_egress(plan, m->workloads[i]);
	if (plan->specs.len > 0)
		qsort(plan->specs.items, plan->specs.len, sizeof(plan->specs.items[0]), compare_void);
	drop_repeated(plan);
}
