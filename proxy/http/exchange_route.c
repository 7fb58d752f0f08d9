/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the parsed head to an endpoint, or to the answer that stands for one
 * that cannot be had (spec/dataplane.md 2.3, 2.6, 3).
 */
#include "proxy/http/exchange.h"

#include <string.h>

#include "proxy/acceptor.h"
#include "proxy/cluster/balance.h"
#include "proxy/cluster/hash.h"
#include "proxy/http/cors.h"
#include "proxy/http/downstream.h"
#include "proxy/http/exchange_rules.h"
#include "proxy/http/fault.h"
#include "proxy/http/forward.h"
#include "proxy/http/hash_key.h"
#include "proxy/http/header_ops.h"
#include "proxy/http/mirror.h"
#include "proxy/worker.h"
#include "src/base/buf.h"

#define INBOUND_CONNECT_MS 10000
#define INBOUND_IDLE_MS 3600000
#define MAX_REPICKS 5		/* before an endpoint that failed is tried again */

static bool
normalize(struct exchange *ex)
{
	const struct mesh_settings *s = &ex->runtime->mesh->settings;
	struct slice path = ex->head->path, out;

	if (path.len == 0 || path.ptr[0] != '/')
		return true;
	if (path.len > SCRATCH_BYTES || !route_normalize(s, path, ex->worker->scratch, &out))
		return false;
	if (out.ptr == path.ptr && out.len == path.len)
		return true;
	ex->path_block_size = out.len;
	ex->path_block = slab_set_take(&ex->worker->blocks, &ex->path_block_size);
	memcpy(ex->path_block, out.ptr, out.len);
	ex->path = ex->new_path = (struct slice){ ex->path_block, out.len };
	return true;
}

static size_t
pick_index(struct exchange *ex)
{
	const struct binding *b = ex->binding;
	uint64_t left_out = ex->rules != NULL ? exchange_tried_priorities(ex) : 0;
	size_t i = BALANCE_NONE;

	if (b->cluster->policy.balancer == BALANCE_CONSISTENT_HASH) {
		uint64_t hash;

		if (hash_of_exchange(ex, &hash))
			return hash_pick(ex->binding, hash);
	}
	for (int tries = 0; tries <= MAX_REPICKS; tries++) {
		i = left_out != 0 ? balance_pick_outside(b, left_out, &ex->worker->rng) :
				    balance_pick(b, &ex->worker->rng);
		if (i == BALANCE_NONE || ex->rules == NULL ||
		    !exchange_has_tried(ex, &b->cluster->endpoints[i]))
			break;
	}
	return i;
}

/* Referenced; NULL: the cluster has endpoints of its own, or none. */
static struct endpoint *
endpoint_of_host(const struct exchange *ex)
{
	struct slice authority = ex->authority.ptr != NULL ? ex->authority : ex->head->authority;
	unsigned port;

	return endpoint_by_name(ex->binding->state, ex->binding->cluster,
				exchange_split_authority(authority, &port));
}

bool
exchange_pick_endpoint(struct exchange *ex)
{
	size_t i = pick_index(ex);

	if (ex->endpoint != NULL)
		endpoint_unref(ex->endpoint);
	ex->endpoint = NULL;
	ex->mesh_endpoint = NULL;
	ex->peer = NULL;
	if (i == BALANCE_NONE) {
		ex->endpoint = endpoint_of_host(ex);
		return ex->endpoint != NULL;
	}
	ex->mesh_endpoint = &ex->binding->cluster->endpoints[i];
	ex->peer = ex->mesh_endpoint->instance;
	ex->endpoint = ex->binding->endpoints[i];
	endpoint_ref(ex->endpoint);
	return true;
}

/* As in Envoy, an answer made before an endpoint is chosen names the cluster
 * that the rule leads to. */
static void
aim_at(struct exchange *ex, const struct mesh_cluster *cluster)
{
	ex->cluster = cluster;
	ex->service = cluster->service;
}

/* One of a cluster's endpoints, reached from the caller's own address. */
void
exchange_use_cluster(struct exchange *ex, const struct mesh_cluster *cluster)
{
	struct binding *b = runtime_bind(ex->runtime, ex->self, cluster);

	ex->binding = b;
	aim_at(ex, cluster);
	ex->connect_timeout_ms = cluster->policy.connect_timeout_ms;
	ex->idle_timeout_ms = cluster->policy.idle_timeout_ms;
	if (cluster->policy.tls == TLS_SIMPLE || cluster->policy.tls == TLS_MUTUAL) {
		exchange_fail(ex, FAILURE_TLS);
		return;
	}
	if (!exchange_pick_endpoint(ex)) {
		exchange_fail(ex, FAILURE_NO_ENDPOINT);
		return;
	}
	if (ex->mesh_endpoint != NULL &&
	    mesh_mtls_refuses(ex->runtime->mesh, &cluster->policy, ex->mesh_endpoint)) {
		exchange_note_attempt(ex, 0, FLAG(UC));
		exchange_fail(ex, FAILURE_TERMINATED);
	}
}

static void
answer_directly(struct exchange *ex)
{
	const struct http_rule *rule = ex->decision.rule;

	ex->details = "direct_response";
	exchange_answer_by_rule(ex, rule->direct_status, rule->direct_body, "");
}

static void
follow_rule(struct exchange *ex)
{
	const struct http_rule *rule = ex->decision.rule;
	const struct route_destination *to = ex->decision.destination;

	/* Neither faults nor CORS policies hold for what needs no upstream. */
	if (rule->action == ROUTE_DIRECT) {
		answer_directly(ex);
		return;
	}
	if (rule->action == ROUTE_REDIRECT) {
		exchange_redirect(ex);
		return;
	}
	if (rule->action != ROUTE_FORWARD || to == NULL) {
		exchange_fail(ex, FAILURE_NO_ROUTE);
		return;
	}
	if (to->cluster != NULL)
		aim_at(ex, to->cluster);
	if (!rule->is_plain && (rule->fault.has_delay || rule->fault.has_abort) && fault_begin(ex))
		return;
	exchange_choose(ex);
}

void
exchange_choose(struct exchange *ex)
{
	const struct http_rule *rule = ex->decision.rule;
	const struct mesh_cluster *cluster = ex->decision.destination->cluster;

	if (!rule->is_plain && rule->cors != NULL && cors_begin(ex))
		return;
	if (cluster == NULL) {
		exchange_fail(ex, FAILURE_NO_CLUSTER);
		return;
	}
	if ((!rule->is_plain && (rule->timeout_ns | rule->retries.per_try_timeout_ns) != 0) ||
	    route_asks_terms(ex->head))
		exchange_terms_begin(ex);
	if (rule->is_plain || exchange_rewrite(ex))
		exchange_use_cluster(ex, cluster);
}

/* A program that asked its egress listener for a host nobody knows means that
 * host itself. */
static void
pass_to_host(struct exchange *ex)
{
	unsigned port;
	struct slice host = exchange_split_authority(ex->head->authority, &port);
	char name[256];
	struct address address;

	if (host.len == 0 || host.len >= sizeof(name)) {
		exchange_fail(ex, FAILURE_DNS);
		return;
	}
	memcpy(name, host.ptr, host.len);
	name[host.len] = '\0';
	if (port == 0)
		port = 80;
	if (address_parse_host(&address, name, (uint16_t)port, NULL) == 0) {
		ex->endpoint = endpoint_for(ex->binding->state, &address, NULL);
		return;
	}
	address_parse_host(&address, "0.0.0.0", (uint16_t)port, NULL);
	ex->endpoint = endpoint_for(ex->binding->state, &address, name);
}

/* The original destination of a service's address is the service behind it;
 * its connections are not pooled, as no rule governs them. */
static void
pass_through(struct exchange *ex)
{
	struct acceptor *a = ex->down->acceptor;
	const struct mesh *m = ex->runtime->mesh;
	const struct mesh_endpoint *endpoints;
	size_t count;

	ex->target = TARGET_PASSTHROUGH;
	ex->cluster = m->passthrough;
	ex->service = NULL;
	ex->connect_timeout_ms = m->passthrough->policy.connect_timeout_ms;
	ex->binding = runtime_bind(ex->runtime, ex->self, m->passthrough);
	if (a->spec.service == NULL) {
		pass_to_host(ex);
		return;
	}
	endpoints = mesh_port_endpoints(m, a->spec.service, a->spec.port, &count);
	if (count == 0) {
		exchange_fail(ex, FAILURE_NO_ENDPOINT);
		return;
	}
	ex->mesh_endpoint = &endpoints[a->cursor++ % count];
	ex->endpoint = endpoint_for(ex->binding->state, &ex->mesh_endpoint->address,
				    ex->mesh_endpoint->host);
}

bool
exchange_is_at_gateway(const struct exchange *ex)
{
	return ex->down->acceptor->spec.kind == LISTENER_GATEWAY;
}

struct slice
exchange_scheme(const struct exchange *ex)
{
	return route_scheme(ex->head, mesh_trusts_client(ex->self->workload));
}

/* Egress listeners hear of the port only from the authority. */
uint16_t
exchange_dialled_port(const struct exchange *ex)
{
	const struct acceptor *a = ex->down->acceptor;
	struct slice authority = ex->head->authority;
	size_t i = authority.len;
	unsigned port = 0, scale = 1;

	if (a->spec.port != NULL)
		return a->spec.port->number;
	if (exchange_is_at_gateway(ex))
		return address_port(&a->spec.address);
	while (i > 0 && authority.ptr[i - 1] >= '0' && authority.ptr[i - 1] <= '9' &&
	       scale <= 10000) {
		port += scale * (unsigned)(authority.ptr[--i] - '0');
		scale *= 10;
	}
	if (i == 0 || i == authority.len || authority.ptr[i - 1] != ':')
		return 80;
	return (uint16_t)port;
}

static void
route_outbound(struct exchange *ex)
{
	const struct http_head *h = ex->head;
	struct route_request request = {
		.head = h,
		.path = ex->path,
		.query = h->query,
		.authority = h->authority,
		.port = exchange_dialled_port(ex),
		.made_id = ex->has_made_id ? exchange_request_id(ex) : SLICE_NONE,
	};

	ex->self = downstream_caller(ex->down);
	request.is_trusted = mesh_trusts_client(ex->self->workload);
	route_http(ex->self->workload->routes, &request, &ex->worker->rng, &ex->decision, NULL);
	ex->service = ex->decision.service;
	switch (ex->decision.outcome) {
	case ROUTE_FOUND:
		follow_rule(ex);
		break;
	case ROUTE_ALLOW_ANY:
		pass_through(ex);
		break;
	case ROUTE_BLOCK_ALL:
		ex->target = TARGET_BLACK_HOLE;
		ex->cluster = ex->runtime->mesh->black_hole;
		exchange_fail(ex, FAILURE_BLOCKED);
		break;
	case ROUTE_NO_HOST:
	case ROUTE_NO_RULE:
		exchange_fail(ex, FAILURE_NO_ROUTE);
		break;
	case ROUTE_REGEX_LIMIT:
		exchange_fail(ex, FAILURE_REGEX);
		break;
	}
}

static void
route_inbound(struct exchange *ex)
{
	const struct acceptor *a = ex->down->acceptor;
	struct downstream *d = ex->down;

	/* Its other end is known by now: another worker's connection may be
	 * accepted before it has been registered. */
	if (d->requests == 0)
		d->is_mirror = mirror_is_registered(ex->worker, a, &d->peer);
	ex->peer = downstream_caller(d);
	ex->service = a->spec.service;
	ex->connect_timeout_ms = INBOUND_CONNECT_MS;
	ex->idle_timeout_ms = INBOUND_IDLE_MS;
	ex->endpoint = a->target;
	endpoint_ref(ex->endpoint);
}

/* The last proxy that may have a request answers it itself. */
static bool
ends_here(struct exchange *ex)
{
	uint64_t hops;

	if (!forward_hops_left(ex->head, &hops) || hops > 0)
		return false;
	ex->details = "max_forwards";
	exchange_answer(ex, ex->head->method_id == HTTP_OPTIONS ? 200 : 405, SLICE_NONE,
			"allow: OPTIONS\r\n");
	return true;
}

void
exchange_route(struct exchange *ex)
{
	const struct http_head *h = ex->head;

	ex->decision.match = -1;
	ex->path = h->path;
	ex->self = ex->side == SIDE_INBOUND ? ex->down->acceptor->spec.instance :
					     downstream_caller(ex->down);
	if (h->minor == 0 && !ex->runtime->mesh->settings.http10) {
		ex->down->closes = true;
		exchange_fail(ex, FAILURE_HTTP10);
	} else if (h->authority.len == 0) {	/* HTTP/1.0 */
		ex->down->closes = true;
		exchange_fail(ex, FAILURE_NO_HOST);
	} else if (h->method_id == HTTP_CONNECT) {
		ex->down->closes = true;
		exchange_fail(ex, FAILURE_NO_ROUTE);
	} else if (slice_eq(h->scheme, SLICE("https"))) {
		ex->down->closes = true;
		exchange_fail(ex, FAILURE_HTTPS_URL);
	} else if (ex->down->acceptor->spec.has_tls) {
		exchange_fail(ex, FAILURE_TLS);
	} else if (ends_here(ex)) {
		return;
	} else if (!normalize(ex)) {
		exchange_fail(ex, FAILURE_BAD_PATH);
	} else if (ex->side == SIDE_INBOUND) {
		route_inbound(ex);
	} else {
		route_outbound(ex);
	}
}
