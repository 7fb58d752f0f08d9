/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a TCP connection goes: rule, cluster and endpoint, or straight on.
 */
#include <string.h>

#include "proxy/acceptor.h"
#include "proxy/cluster/balance.h"
#include "proxy/cluster/hash.h"
#include "proxy/runtime.h"
#include "proxy/tcp/relay_priv.h"
#include "proxy/worker.h"
#include "src/mesh/route.h"

#define DIRECT_CONNECT_MS 10000

static void
use_endpoint(struct relay *r, struct endpoint *ep)
{
	r->endpoint = ep;
	endpoint_ref(ep);
	r->source = ep->cluster->source;
}

static void
fail_tls(struct relay *r)
{
	r->details = "tls_not_supported";
	relay_fail(r, FLAG(UF));
}

/* Of a pod's port that no service names, and of a gateway, the listener's. */
static uint16_t
dialled_port(const struct listener_spec *spec)
{
	return spec->port != NULL ? spec->port->number : address_port(&spec->address);
}

static size_t
pick(struct relay *r, struct binding *b)
{
	const struct cluster_policy *p = &b->cluster->policy;
	struct address peer;

	if (p->balancer != BALANCE_CONSISTENT_HASH || !p->hash.source_ip)
		return balance_pick(b, &r->worker->rng);
	relay_peer_address(r, &peer);
	return hash_pick(b, hash_of_address(&peer));
}

/* For a cluster without endpoints: who names no host means the service's own. */
static struct slice
wanted_host(const struct relay *r, const struct mesh_cluster *cluster)
{
	if (r->server_name != NULL)
		return slice_of(r->server_name);
	return slice_of(cluster->service != NULL ? cluster->service->fqdn : "");
}

/* An endpoint of the cluster, under the cluster's limits. */
static void
use_cluster(struct relay *r, const struct mesh_cluster *cluster)
{
	const struct mesh_endpoint *to = NULL;
	struct binding *b;
	size_t i;

	r->cluster = cluster;
	r->service = cluster->service;
	r->connect_timeout_ms = cluster->policy.connect_timeout_ms;
	r->idle_timeout_ms = cluster->policy.tcp_idle_timeout_ms;
	if (cluster->policy.tls == TLS_SIMPLE || cluster->policy.tls == TLS_MUTUAL) {
		fail_tls(r);
		return;
	}
	b = runtime_bind(r->runtime, r->self, cluster);
	i = pick(r, b);
	if (i != BALANCE_NONE) {
		to = &cluster->endpoints[i];
		use_endpoint(r, b->endpoints[i]);
	} else {
		r->endpoint = endpoint_by_name(b->state, cluster, wanted_host(r, cluster));
		r->source = b->state->source;
	}
	if (r->endpoint == NULL) {
		relay_fail(r, FLAG(UH));
		return;
	}
	if (to != NULL && mesh_mtls_refuses(r->runtime->mesh, &cluster->policy, to)) {
		relay_fail(r, FLAG(UC));
		r->is_broken = true;
		return;
	}
	if (!breaker_reserve(&b->state->breaker, BREAKER_CONNECTIONS)) {
		b->state->breaker.connection_overflows++;
		relay_fail(r, FLAG(UO));
		return;
	}
	r->holds_connection = true;
	r->max_duration_ns = b->state->breaker.max_duration_ns;
	r->peer = to != NULL ? to->instance : NULL;
	r->mesh_endpoint = to;
}

/* No rule: the original destination of a service's address is the service
 * behind it. */
static void
pass_through(struct relay *r)
{
	const struct acceptor *a = r->acceptor;
	const struct mesh *m = r->runtime->mesh;
	const struct mesh_endpoint *endpoints = NULL;
	struct cluster_state *state;
	size_t count = 0;

	r->target = TARGET_PASSTHROUGH;
	r->cluster = m->passthrough;
	r->service = NULL;
	r->connect_timeout_ms = m->passthrough->policy.connect_timeout_ms;
	r->idle_timeout_ms = m->passthrough->policy.tcp_idle_timeout_ms;
	if (a->spec.service != NULL)
		endpoints = mesh_port_endpoints(m, a->spec.service, a->spec.port, &count);
	if (count == 0) {
		relay_fail(r, FLAG(UH));
		return;
	}
	r->mesh_endpoint = &endpoints[r->acceptor->cursor++ % count];
	state = runtime_bind(r->runtime, r->self, m->passthrough)->state;
	r->endpoint = endpoint_for(state, &r->mesh_endpoint->address, r->mesh_endpoint->host);
	r->source = state->source;
}

/* Rules, cluster and endpoint of a caller with a proxy. */
static void
route(struct relay *r)
{
	const struct listener_spec *spec = &r->acceptor->spec;
	const struct tcp_request request = {
		.service = spec->service,
		.port = dialled_port(spec),
		.to = &spec->address,
		.server_name = slice_of(r->server_name),
	};
	struct tcp_decision decision;

	r->self = r->caller;
	r->is_reported = true;
	r->service = spec->service;
	route_tcp(r->self->workload->routes, &request, &r->worker->rng, &decision);
	switch (decision.outcome) {
	case TCP_FOUND:
		r->rule = decision.rule->object;
		if (decision.destination == NULL || decision.destination->cluster == NULL)
			relay_fail(r, FLAG(NC));
		else
			use_cluster(r, decision.destination->cluster);
		break;
	case TCP_ALLOW_ANY:
		pass_through(r);
		break;
	case TCP_BLOCKED:
		r->target = TARGET_BLACK_HOLE;
		r->cluster = r->runtime->mesh->black_hole;
		relay_fail(r, FLAG(UH));
		break;
	case TCP_NO_RULE:
		r->details = "filter_chain_not_found";
		relay_fail(r, FLAG(NR));
		break;
	case TCP_ENDS_TLS:
		fail_tls(r);
		break;
	}
}

/* Straight through, from the caller's own address where the host has it. */
static void
route_direct(struct relay *r)
{
	struct acceptor *a = r->acceptor;
	const struct mesh_endpoint *endpoints;
	size_t count;

	endpoints = mesh_port_endpoints(r->runtime->mesh, a->spec.service, a->spec.port, &count);
	if (count == 0) {
		relay_fail(r, FLAG(UH));
		return;
	}
	r->address = endpoints[a->cursor++ % count].address;
	relay_peer_address(r, &r->source);
	address_set_port(&r->source, 0);
	r->connect_timeout_ms = DIRECT_CONNECT_MS;
}

static void
route_inbound(struct relay *r)
{
	r->side = SIDE_INBOUND;
	r->self = r->acceptor->spec.instance;
	r->service = r->acceptor->spec.service;
	r->peer = r->caller;
	r->is_reported = r->self->workload->has_proxy;
	r->connect_timeout_ms = DIRECT_CONNECT_MS;
	use_endpoint(r, r->acceptor->target);
}

static const struct mesh_instance *
find_caller(const struct relay *r)
{
	struct address address;

	if (acceptor_has_own_caller(r->acceptor))
		return r->acceptor->spec.instance;
	relay_peer_address(r, &address);
	return mesh_instance_of_address(r->runtime->mesh, &address);
}

/* Do rules apply to what the caller dialled? */
static bool
is_ruled(const struct relay *r)
{
	if (r->acceptor->spec.kind == LISTENER_INBOUND)
		return false;
	return r->acceptor->spec.kind == LISTENER_GATEWAY ||
	       (r->caller != NULL && r->caller->workload->has_proxy);
}

bool
relay_wants_hello(struct relay *r)
{
	const struct listener_spec *spec = &r->acceptor->spec;

	r->caller = find_caller(r);
	return is_ruled(r) && route_wants_server_name(r->caller->workload->routes, spec->service,
						      dialled_port(spec));
}

void
relay_renew(struct relay *r)
{
	runtime_put(&r->runtime);
	r->runtime = runtime_get(r->acceptor->runtime);
	r->caller = find_caller(r);
}

void
relay_route(struct relay *r)
{
	if (r->acceptor->spec.kind == LISTENER_INBOUND)
		route_inbound(r);
	else if (is_ruled(r))
		route(r);
	else
		route_direct(r);
}
