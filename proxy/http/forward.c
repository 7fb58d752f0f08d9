/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Heads and bodies on their way through; see forward.h. */
#include "proxy/http/forward.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proxy/acceptor.h"
#include "proxy/http/cors.h"
#include "proxy/http/downstream.h"
#include "proxy/http/exchange.h"
#include "proxy/http/exchange_rules.h"
#include "proxy/http/forwarded.h"
#include "proxy/http/header_ops.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/buf.h"

#define BIT(id) (UINT64_C(1) << (FIELD_##id))
#define SMALL_PAYLOAD 256	/* copied rather than pointed at */
#define SCRATCH_LEFT 1024	/* less than that: send first */

_Static_assert(FIELD_COUNT <= 64, "sets of fields are one word");

/* In scratch. */
static struct slice
number_text(struct http_pieces *p, uint64_t n)
{
	char text[HTTP_DIGITS_BYTES];

	return http_keep(p, http_digits(text, n));
}

/* In the finest unit that needs no more than the eight digits allowed. */
static void
put_grpc_timeout(struct http_pieces *p, uint64_t ms)
{
	static const struct { char unit; uint64_t ms; } units[] = {
		{ 'm', 1 }, { 'S', 1000 }, { 'M', 60000 }, { 'H', 3600000 },
	};
	size_t i = 0;
	char text[24];
	int len;

	while (i + 1 < ARRAY_LEN(units) && ms / units[i].ms > 99999999)
		i++;
	len = snprintf(text, sizeof(text), "%" PRIu64 "%c", ms / units[i].ms, units[i].unit);
	http_put_field(p, SLICE("grpc-timeout"), (struct slice){ text, (size_t)len });
}

bool
forward_hops_left(const struct http_head *h, uint64_t *hops)
{
	const struct http_field *f = http_head_field(h, FIELD_MAX_FORWARDS);

	if (f == NULL || f->value.len == 0 || f->value.len > 9 ||
	    (h->method_id != HTTP_OPTIONS && h->method_id != HTTP_TRACE))
		return false;
	*hops = 0;
	for (size_t i = 0; i < f->value.len; i++) {
		if (f->value.ptr[i] < '0' || f->value.ptr[i] > '9')
			return false;
		*hops = *hops * 10 + (uint64_t)(f->value.ptr[i] - '0');
	}
	return true;
}

static void
put_request_line(const struct exchange *ex, struct http_pieces *p)
{
	const struct http_head *h = ex->head;

	if (ex->new_path.ptr == NULL) {
		http_put_same_request_line(p, h);
		return;
	}
	http_put(p, h->method);
	http_put_copy(p, SLICE(" "));
	http_put(p, ex->new_path);
	if (h->query.ptr != NULL) {
		http_put_copy(p, SLICE("?"));
		http_put(p, h->query);
	}
	http_put_copy(p, SLICE(" HTTP/1.1\r\n"));
}

static void
add(struct header_additions *more, struct slice name, struct slice value)
{
	more->fields[more->count].name = name;
	more->fields[more->count++].value = value;
}

/* The head with the rule's operations applied, in scratch; the received one
 * when there are none. */
static const struct http_head *
apply_request_ops(struct exchange *ex, struct http_pieces *p, struct header_additions *more)
{
	const struct http_rule *rule = ex->decision.extras;
	const struct route_destination *to = ex->decision.destination;
	struct http_head *scratch = &ex->worker->head;
	struct header_target target = { .head = scratch, .more = more, .pieces = p };

	if (rule == NULL ||
	    (rule->request.count == 0 && (to == NULL || to->request.count == 0)))
		return ex->head;
	memcpy(scratch, ex->head, offsetof(struct http_head, fields) +
	       ex->head->field_count * sizeof(scratch->fields[0]));
	if (to != NULL)
		header_ops_apply(ex, &to->request, &target);
	header_ops_apply(ex, &rule->request, &target);
	return scratch;
}

static void
apply_response_ops(struct exchange *ex, struct http_head *head, struct http_pieces *p,
		   struct header_additions *more)
{
	struct header_target target = { .head = head, .more = more, .pieces = p,
					.is_response = true };

	if (ex->decision.extras == NULL)
		return;
	if (ex->decision.destination != NULL)
		header_ops_apply(ex, &ex->decision.destination->response, &target);
	header_ops_apply(ex, &ex->decision.extras->response, &target);
}

static void
put_additions(struct http_pieces *p, const struct header_additions *more, bool is_response)
{
	/* Envoy overwrites what a rule makes of the server field. */
	for (unsigned i = 0; i < more->count; i++)
		if (!is_response || !slice_is(more->fields[i].name, "server"))
			http_put_field(p, more->fields[i].name, more->fields[i].value);
}

/* What an application asks of its own proxy, which nobody else is told (spec 6.2). */
#define ROUTER_FIELDS \
	(BIT(X_ENVOY_UPSTREAM_RQ_TIMEOUT_MS) | BIT(X_ENVOY_UPSTREAM_RQ_PER_TRY_TIMEOUT_MS) | \
	 BIT(X_ENVOY_UPSTREAM_RQ_TIMEOUT_ALT_RESPONSE) | BIT(X_ENVOY_RETRY_ON) | \
	 BIT(X_ENVOY_RETRY_GRPC_ON) | BIT(X_ENVOY_MAX_RETRIES) | \
	 BIT(X_ENVOY_RETRIABLE_STATUS_CODES) | BIT(X_ENVOY_RETRIABLE_HEADER_NAMES) | \
	 BIT(X_ENVOY_HEDGE_ON_PER_TRY_TIMEOUT) | BIT(X_ENVOY_UPSTREAM_ALT_STAT_NAME))
/* What proxies tell each other, and no application. */
#define PROXY_FIELDS \
	(BIT(X_ENVOY_DECORATOR_OPERATION) | BIT(X_ENVOY_PEER_METADATA) | \
	 BIT(X_ENVOY_PEER_METADATA_ID))
/* What a client from outside has no say in, beside them. */
#define GATEWAY_FIELDS \
	(PROXY_FIELDS | BIT(X_ENVOY_EXPECTED_RQ_TIMEOUT_MS) | BIT(X_ENVOY_FORCE_TRACE) | \
	 BIT(X_ENVOY_IP_TAGS) | BIT(X_ENVOY_DOWNSTREAM_SERVICE_CLUSTER) | \
	 BIT(X_ENVOY_DOWNSTREAM_SERVICE_NODE) | BIT(X_ENVOY_ORIGINAL_PATH) | \
	 BIT(X_ENVOY_ORIGINAL_HOST) | BIT(X_FORWARDED_FOR) | BIT(X_FORWARDED_PROTO) | \
	 BIT(X_ENVOY_EXTERNAL_ADDRESS))

/* All lines of x-forwarded-for, and the peer behind them. */
static struct slice
forwarded_for(const struct http_head *h, struct http_pieces *p, struct slice peer)
{
	struct slice out = http_keep(p, SLICE(""));

	for (unsigned i = 0; i < h->field_count; i++) {
		if (h->fields[i].id != FIELD_X_FORWARDED_FOR)
			continue;
		out.len += http_keep(p, h->fields[i].value).len;
		out.len += http_keep(p, SLICE(",")).len;
	}
	out.len += http_keep(p, peer).len;
	return out;
}

/* A gateway tells where a request came from. */
static void
add_gateway_fields(const struct exchange *ex, struct http_pieces *p, struct header_additions *more)
{
	struct address remote;
	char peer[ADDRESS_TEXT_BYTES], client[ADDRESS_TEXT_BYTES];

	downstream_peer_address(ex->down, &remote);
	address_host_text(&remote, peer);
	if (!forwarded_client(ex->head, ex->self->workload->trusted_proxies, client))
		memcpy(client, peer, sizeof(client));
	add(more, SLICE("x-forwarded-for"), forwarded_for(ex->head, p, slice_of(peer)));
	add(more, SLICE("x-forwarded-proto"), exchange_scheme(ex));
	add(more, SLICE("x-envoy-external-address"), http_keep(p, slice_of(client)));
}

/* What the proxy itself tells of a request: known before operations of rules,
 * which may take it away. */
static void
add_own_fields(struct exchange *ex, struct http_pieces *p, uint64_t expected_ms,
	       struct header_additions *more, uint64_t *skip)
{
	if (exchange_is_at_gateway(ex)) {
		*skip |= GATEWAY_FIELDS;
		add_gateway_fields(ex, p, more);
	} else if (ex->head->first[FIELD_X_FORWARDED_PROTO] == 0) {
		add(more, SLICE("x-forwarded-proto"), SLICE("http"));
	}
	if (ex->has_made_id) {
		*skip |= BIT(X_REQUEST_ID);
		add(more, SLICE("x-request-id"), exchange_request_id(ex));
	}
	if (ex->side == SIDE_OUTBOUND) {
		*skip |= BIT(X_ENVOY_ATTEMPT_COUNT);
		add(more, SLICE("x-envoy-attempt-count"), number_text(p, ex->attempt_count));
	}
	if (expected_ms > 0) {
		*skip |= BIT(X_ENVOY_EXPECTED_RQ_TIMEOUT_MS);
		add(more, SLICE("x-envoy-expected-rq-timeout-ms"), number_text(p, expected_ms));
	}
}

/* May anybody ask for fields of the request as it went out: the log, or values
 * that rules give to the answer? */
static bool
tells_of_sent(const struct exchange *ex)
{
	const struct route_destination *to = ex->decision.destination;

	return ex->worker->sink.log != NULL || ex->decision.extras->response.count > 0 ||
	       (to != NULL && to->response.count > 0);
}

void
forward_request_head(struct exchange *ex, struct http_pieces *p)
{
	uint64_t skip = ROUTER_FIELDS | (ex->side == SIDE_INBOUND ? PROXY_FIELDS : 0);
	uint64_t expected_ms = ex->rules != NULL ? exchange_expected_timeout_ms(ex) : 0;
	bool changes_host = ex->authority.ptr != NULL && !slice_eq(ex->authority, ex->head->authority);
	bool limits_call = expected_ms > 0 && exchange_is_grpc(ex);
	struct header_additions more;
	const struct http_head *h;
	bool counts_hops;
	uint64_t hops;

	more.count = 0;
	add_own_fields(ex, p, expected_ms, &more, &skip);
	h = apply_request_ops(ex, p, &more);
	counts_hops = forward_hops_left(h, &hops);
	if (counts_hops)
		skip |= BIT(MAX_FORWARDS);
	if (limits_call)
		skip |= BIT(GRPC_TIMEOUT);
	if (ex->authority.ptr != NULL)
		skip |= BIT(HOST);
	if (changes_host)
		skip |= BIT(X_ENVOY_ORIGINAL_HOST);
	if (ex->original_path.ptr != NULL)
		skip |= BIT(X_ENVOY_ORIGINAL_PATH);
	put_request_line(ex, p);
	http_put_fields(p, h, &skip);
	if (ex->authority.ptr != NULL)
		http_put_field(p, SLICE("host"), ex->authority);
	else if (ex->head->first[FIELD_HOST] == 0)	/* HTTP/1.0, absolute form */
		http_put_field(p, SLICE("host"), ex->head->authority);
	if (changes_host)
		http_put_field(p, SLICE("x-envoy-original-host"), ex->head->authority);
	if (ex->original_path.ptr != NULL)
		http_put_field(p, SLICE("x-envoy-original-path"), ex->original_path);
	put_additions(p, &more, false);
	if (counts_hops)
		http_put_field(p, SLICE("max-forwards"), number_text(p, hops > 0 ? hops - 1 : 0));
	if (limits_call)
		put_grpc_timeout(p, expected_ms);
	if (ex->is_upgrade)
		http_put_copy(p, SLICE("connection: upgrade\r\nupgrade: websocket\r\n"));
	http_put_framing(p, h);
	http_put_end(p);
	if (h != ex->head && !p->is_overflow && tells_of_sent(ex))
		exchange_keep_sent(ex, p->iov, p->count, p->bytes);
}

/* Is a field absent, also from what rules added? */
static bool
lacks(const struct http_head *h, enum http_field_id id, const struct header_additions *more)
{
	for (unsigned i = 0; i < more->count; i++)
		if (slice_is(more->fields[i].name, http_field_name(id)))
			return false;
	return h->first[id] == 0 || h->fields[h->first[id] - 1].is_dropped;
}

static void
put_cors(const struct exchange *ex, struct http_pieces *p, struct http_head *head)
{
	struct buf lines = BUF_INIT;

	cors_put_response(ex, head, &lines);
	http_put_copy(p, (struct slice){ lines.data, lines.len });
	buf_fini(&lines);
}

void
forward_response_head(struct exchange *ex, struct http_pieces *p, struct http_head *head,
		      const struct response_form *form)
{
	const uint64_t skip = BIT(SERVER) | BIT(X_ENVOY_UPSTREAM_SERVICE_TIME) |
			      (ex->side == SIDE_OUTBOUND ? PROXY_FIELDS : 0);
	uint64_t from = exchange_service_start_ns(ex);
	uint64_t ms = ex->upstream_head_ns > from ? (ex->upstream_head_ns - from) / NS_PER_MS : 0;
	struct header_additions more;

	more.count = 0;
	add(&more, SLICE("x-envoy-upstream-service-time"), number_text(p, ms));
	apply_response_ops(ex, head, p, &more);
	http_put_status_line(p, head->status, head->reason);
	if (ex->has_cors_origin)
		put_cors(ex, p, head);
	http_put_fields(p, head, &skip);
	put_additions(p, &more, true);
	if (lacks(head, FIELD_DATE, &more))
		http_put_field(p, SLICE("date"), slice_of(worker_date(ex->worker)));
	if (ex->rules != NULL && ex->rules->set_cookie != NULL)
		http_put_field(p, SLICE("set-cookie"), slice_of(ex->rules->set_cookie));
	http_put_copy(p, exchange_server_line(ex));
	if (form->is_upgrade)
		http_put_copy(p, SLICE("connection: upgrade\r\nupgrade: websocket\r\n"));
	else if (form->closes)
		http_put_copy(p, SLICE("connection: close\r\n"));
	else if (form->keeps_http10)
		http_put_copy(p, SLICE("connection: keep-alive\r\n"));
	if (form->is_chunked)
		http_put_copy(p, SLICE("transfer-encoding: chunked\r\n"));
	else if (head->framing != HTTP_CHUNKED && !form->is_upgrade)
		http_put_framing(p, head);
	http_put_end(p);
}

void
forward_interim_head(struct http_pieces *p, const struct http_head *head)
{
	http_put_status_line(p, head->status, head->reason);
	http_put_fields(p, head, NULL);
	http_put_end(p);
}

/* One chunk; a small payload is copied, so that a run of small chunks is one
 * piece. */
static void
put_chunk(struct http_pieces *p, struct slice payload)
{
	char line[HTTP_CHUNK_LINE_BYTES];

	http_put_copy(p, (struct slice){ line, http_chunk_line(line, payload.len) });
	if (payload.len <= SMALL_PAYLOAD)
		http_put_copy(p, payload);
	else
		http_put(p, payload);
	http_put_copy(p, SLICE("\r\n"));
}

void
forward_last_chunk(struct http_pieces *p)
{
	http_put_copy(p, SLICE("0\r\n\r\n"));
}

static bool
is_nearly_full(const struct http_pieces *p)
{
	return p->count + 8 > HTTP_MAX_PIECES ||
	       p->scratch_size - p->scratch_used < SCRATCH_LEFT;
}

enum forward_result
forward_body(struct http_pieces *p, struct http_body *b, bool chunk, const char *data,
	     size_t len, size_t *used, uint64_t *payload)
{
	*used = 0;
	while (!b->is_done) {
		struct slice run;
		size_t step;

		if (is_nearly_full(p))
			return FORWARD_FULL;
		switch (http_body_step(b, data + *used, len - *used, &step, &run)) {
		case HTTP_BODY_DATA:
			*payload += run.len;
			if (chunk)
				put_chunk(p, run);
			else
				http_put(p, run);
			break;
		case HTTP_BODY_MORE:
			*used += step;
			return FORWARD_MORE;
		case HTTP_BODY_DONE:
			break;
		case HTTP_BODY_BAD:
			return FORWARD_BAD;
		}
		*used += step;
	}
	if (chunk)
		forward_last_chunk(p);
	return FORWARD_DONE;
}
