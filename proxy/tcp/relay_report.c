/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records of TCP connections: wire bytes are those since the last report,
 * body bytes those of the whole connection.
 */
#include "proxy/tcp/relay_priv.h"

#include <stdio.h>
#include <string.h>

#include "proxy/acceptor.h"
#include "proxy/runtime.h"
#include "proxy/telemetry/sink.h"
#include "proxy/worker.h"

bool
relay_has_news(const struct relay *r)
{
	return r->received != r->reported_received || r->sent != r->reported_sent;
}

/* As Envoy words it; NULL: nothing of the kind. */
static const char *
transport_failure(const struct relay *r, char *out, size_t size)
{
	if (r->connect_error == 0)
		return NULL;
	snprintf(out, size, "%s connect error: %s", r->is_immediate ? "immediate" : "delayed",
		 strerror(r->connect_error));
	return out;
}

void
relay_report(struct relay *r, enum relay_moment moment)
{
	struct record *rec = r->worker->record;
	struct address remote;
	char failure[128];

	relay_peer_address(r, &remote);
	memset(rec, 0, sizeof(*rec));
	rec->side = r->side;
	rec->protocol = RECORD_TCP;
	rec->target = r->target;
	rec->self = r->self->workload;
	rec->self_instance = r->self;
	rec->peer = r->peer;
	rec->service = r->service;
	rec->cluster = r->cluster;
	rec->match = -1;
	rec->tcp_rule = r->rule;
	rec->grpc_status = -1;
	rec->flags = r->flags;
	rec->details = r->details;
	rec->transport_failure = transport_failure(r, failure, sizeof(failure));
	rec->server_name = slice_of(r->server_name);
	rec->start_wall_ms = r->start_wall_ms;
	rec->start_ns = r->start_ns;
	rec->end_ns = loop_exact_ns(r->worker->loop);
	rec->downstream_remote = &remote;
	rec->downstream_local = &r->acceptor->spec.address;
	rec->upstream_local = r->is_opened && address_is_set(&r->source) ? &r->source : NULL;
	rec->upstream = r->has_upstream ? &r->address : NULL;
	if (r->mesh_endpoint != NULL) {
		rec->attempt_count = rec->tries = 1;
		rec->attempts[0].endpoint = r->mesh_endpoint;
		rec->attempts[0].flags = r->flags;
	}
	rec->is_opening = moment == RELAY_OPENED;
	rec->is_interim = moment != RELAY_CLOSED;
	rec->request_wire_bytes = r->received - r->reported_received;
	rec->response_wire_bytes = r->sent - r->reported_sent;
	rec->request_body_bytes = r->received;
	rec->response_body_bytes = r->sent;
	r->reported_received = r->received;
	r->reported_sent = r->sent;
	sink_add(&r->worker->sink, rec);
}
