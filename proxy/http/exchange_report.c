/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The record of an exchange.
 */
#include "proxy/http/exchange.h"

#include <string.h>

#include "proxy/acceptor.h"
#include "proxy/cluster/upstream.h"
#include "proxy/http/downstream.h"
#include "proxy/http/exchange_rules.h"
#include "proxy/telemetry/route_stats.h"
#include "proxy/telemetry/sink.h"
#include "proxy/worker.h"

/* An overflow says nothing of the endpoint. */
static void
note_outlier(struct exchange *ex, unsigned status, response_flags flags)
{
	enum outlier_event event = OUTLIER_STATUS;

	if (flags & FLAG(UO))
		return;
	if (flags & FLAG(UT))
		event = OUTLIER_TIMEOUT;
	else if (flags & FLAG(UF))
		event = OUTLIER_CONNECT_FAILED;
	else if (status == 0)
		event = OUTLIER_RESET;
	cluster_state_note(ex->binding->state, ex->endpoint, event, status);
}

static void
note(struct exchange *ex, unsigned status, response_flags flags, unsigned judged)
{
	unsigned i = ex->attempt_count < EXCHANGE_ATTEMPTS ? ex->attempt_count :
							     EXCHANGE_ATTEMPTS;
	uint64_t now = loop_now_ns(ex->worker->loop);

	if (i > 0)
		i--;
	ex->attempts[i] = (struct record_attempt){
		.endpoint = ex->mesh_endpoint,
		.status = status,
		.flags = flags,
		.duration_us = ex->attempt_start_ns > 0 ?
				       (uint32_t)((now - ex->attempt_start_ns) / 1000) : 0,
	};
	if (ex->endpoint != NULL && (status == 0 || status >= 500))
		ex->endpoint->errors++;
	if (ex->binding != NULL && ex->binding->state->common != NULL && ex->endpoint != NULL)
		note_outlier(ex, judged, flags);
}

void
exchange_note_attempt(struct exchange *ex, unsigned status, response_flags flags)
{
	note(ex, status, flags, status);
}

void
exchange_note_answer(struct exchange *ex, unsigned status, int grpc_status)
{
	note(ex, status, 0, grpc_status < 0 ? status : outlier_status_of_grpc((unsigned)grpc_status));
}

static void
fill_attempts(const struct exchange *ex, struct record *rec)
{
	rec->attempt_count = ex->attempt_count < EXCHANGE_ATTEMPTS ? ex->attempt_count :
								     EXCHANGE_ATTEMPTS;
	rec->tries = ex->attempt_count;
	for (unsigned i = 0; i < rec->attempt_count; i++)
		rec->attempts[i] = ex->attempts[i];
}

/* Between the first line of a head and the empty one. */
static struct slice
lines_of(const char *head, size_t len)
{
	const char *start, *end;

	if (head == NULL)
		return SLICE_NONE;
	end = head + len - strlen("\r\n");
	start = (const char *)memchr(head, '\n', len) + 1;
	return (struct slice){ start, start < end ? (size_t)(end - start) : 0 };
}

/* What rules make of path and Host counts once a request has got as far as to
 * an endpoint. */
static void
fill_request(const struct exchange *ex, struct record *rec)
{
	bool is_rewritten = ex->attempt_count > 0;

	rec->head = ex->head;
	rec->path = ex->path;
	rec->authority = is_rewritten && ex->authority.ptr != NULL ? ex->authority :
								     ex->head->authority;
	rec->original_path = is_rewritten ? ex->original_path : SLICE_NONE;
	rec->sent_path = rec->original_path.ptr != NULL ? ex->new_path : SLICE_NONE;
	rec->sent_lines = lines_of(ex->sent, ex->sent_len);
	rec->request_id = exchange_request_id(ex);
}

uint64_t
exchange_service_start_ns(const struct exchange *ex)
{
	uint64_t received = ex->request_end_ns > 0 ? ex->request_end_ns : ex->start_ns;

	return ex->held_until_ns > received ? ex->held_until_ns : received;
}

struct slice
exchange_request_id(const struct exchange *ex)
{
	return ex->has_made_id ? (struct slice){ ex->made_id, RNG_UUID_BYTES } :
				 http_head_field(ex->head, FIELD_X_REQUEST_ID)->value;
}

void
exchange_fill_record(const struct exchange *ex, struct exchange_addresses *addresses,
		     struct record *rec)
{
	downstream_peer_address(ex->down, &addresses->remote);
	rec->side = ex->side;
	rec->protocol = exchange_is_grpc(ex) ? RECORD_GRPC : RECORD_HTTP;
	rec->target = ex->target;
	rec->is_mirrored = ex->down->is_mirror;
	rec->self = ex->self->workload;
	rec->self_instance = ex->self;
	rec->peer = ex->peer;
	rec->service = ex->service;
	rec->cluster = ex->cluster;
	rec->rule = ex->decision.rule;
	rec->match = ex->decision.match;
	rec->tcp_rule = NULL;
	rec->status = ex->status;
	rec->grpc_status = ex->grpc_status;
	rec->flags = ex->flags;
	rec->details = ex->details;
	rec->transport_failure = ex->transport_failure;
	fill_attempts(ex, rec);
	rec->start_wall_ms = ex->start_wall_ms;
	rec->start_ns = ex->start_ns;
	rec->end_ns = loop_exact_ns(ex->worker->loop);
	rec->upstream_head_ns = ex->upstream_head_ns;
	rec->request_end_ns = ex->request_end_ns;
	rec->service_start_ns = exchange_service_start_ns(ex);
	rec->request_wire_bytes = ex->request_wire_bytes;
	rec->response_wire_bytes = ex->response_wire_bytes;
	rec->request_body_bytes = ex->request_body_bytes;
	rec->response_body_bytes = ex->response_body_bytes;
	fill_request(ex, rec);
	rec->answer_lines = lines_of(ex->answer, ex->answer_len);
	rec->is_answer_open = ex->is_answer_open;
	rec->server_name = SLICE_NONE;
	rec->downstream_remote = &addresses->remote;
	rec->downstream_local = &ex->down->acceptor->spec.address;
	rec->upstream = ex->endpoint != NULL && ex->attempt_count > 0 ? &ex->endpoint->address :
									NULL;
	rec->upstream_local = ex->up != NULL && upstream_local_address(ex->up, &addresses->local) ?
				      &addresses->local : NULL;
	rec->is_opening = rec->is_interim = false;
}

void
exchange_report(struct exchange *ex)
{
	struct exchange_addresses addresses;

	exchange_fill_record(ex, &addresses, ex->worker->record);
	sink_add(&ex->worker->sink, ex->worker->record);
}

void
exchange_count_route(struct exchange *ex)
{
	const char *prefix = http_rule_stat_prefix(ex->decision.rule, ex->decision.match);
	const struct mesh_workload *w = ex->self->workload;
	uint16_t port = exchange_dialled_port(ex);
	char text[ROUTE_HOST_BYTES];
	struct slice host;
	unsigned retries = ex->rules != NULL ? ex->rules->retries : 0;
	bool is_exhausted = (ex->flags & FLAG(URX)) != 0, is_refused = (ex->flags & FLAG(UO)) != 0;
	struct route_counts counts = {
		.completed = ex->status > 0,
		.tries = ex->carried_count,
		.retries = retries,
		.retry_exhaustions = is_exhausted,
		.retry_overflows = is_refused && ex->carried_count > 0,
		.retry_successes = retries > 0 && !is_exhausted && !is_refused &&
				   ex->upstream_head_ns > 0,
		.timeouts = ex->rules != NULL && (ex->flags & FLAG(UT)) != 0 &&
			    strcmp(ex->details, "response_timeout") == 0,
	};

	if (prefix == NULL || ex->is_mirror)
		return;
	counts.by_class[ex->status / 100 < 6 ? ex->status / 100 : 0] = 1;
	host = route_host_name(w->routes, ex->head->authority, port, text);
	route_stats_add(&ex->worker->routes, w, host, port, prefix, &counts);
}

void
exchange_report_bad_request(struct downstream *d, unsigned status, response_flags flags,
			    const char *details, uint64_t bytes)
{
	struct worker *w = d->conn.worker;
	const struct mesh_instance *caller = downstream_caller(d);
	const struct acceptor *a = d->acceptor;
	struct record *rec = w->record;
	struct address remote;

	downstream_peer_address(d, &remote);
	memset(rec, 0, sizeof(*rec));
	rec->side = a->spec.kind == LISTENER_INBOUND ? SIDE_INBOUND : SIDE_OUTBOUND;
	rec->self_instance = rec->side == SIDE_INBOUND ? a->spec.instance : caller;
	rec->self = rec->self_instance->workload;
	rec->peer = rec->side == SIDE_INBOUND ? caller : NULL;
	rec->service = rec->side == SIDE_INBOUND ? a->spec.service : NULL;
	rec->match = -1;
	rec->status = status;
	rec->grpc_status = -1;
	rec->flags = flags;
	rec->details = details;
	rec->start_wall_ms = worker_wall_ms(w);
	rec->start_ns = loop_now_ns(w->loop);
	rec->end_ns = loop_exact_ns(w->loop);
	rec->request_wire_bytes = bytes;
	rec->downstream_remote = &remote;
	rec->downstream_local = &a->spec.address;
	sink_add(&w->sink, rec);
}
