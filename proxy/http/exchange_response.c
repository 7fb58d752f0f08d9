/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The response on its way down, and tunnels; see exchange.h.
 */
#include "proxy/http/exchange.h"

#include <string.h>

#include "proxy/acceptor.h"
#include "proxy/cluster/upstream.h"
#include "proxy/http/downstream.h"
#include "proxy/http/exchange_rules.h"
#include "proxy/pump.h"
#include "proxy/worker.h"

#define MAX_INTERIM 16		/* 1xx heads before the final one */

enum http_method
exchange_method(const struct exchange *ex)
{
	return ex->head->method_id;
}

bool
exchange_has_response_room(const struct exchange *ex)
{
	return !conn_is_blocked(&ex->down->conn);
}

static bool
send_down(struct exchange *ex)
{
	struct http_pieces *p = &ex->worker->pieces;

	ex->response_wire_bytes += p->bytes;
	if (ex->is_mirror)
		return true;
	if (!conn_send(&ex->down->conn, p->iov, p->count, p->bytes)) {
		exchange_on_gone(ex);
		return false;
	}
	downstream_sent(ex->down);
	return true;
}

/* Sends payload as far as data goes; pieces may hold the head already. */
static void
send_response(struct exchange *ex, const char *data, size_t len)
{
	struct http_pieces *p = &ex->worker->pieces;
	struct http_body *body = &ex->up->body;
	enum forward_result r;
	size_t used;

	do {
		r = forward_body(p, body, ex->response_is_chunked, data, len, &used,
				 &ex->response_body_bytes);
		data += used;
		len -= used;
		if (!send_down(ex))
			return;
		http_pieces_init(p, ex->worker->scratch, SCRATCH_BYTES);
	} while (r == FORWARD_FULL);
	if (r == FORWARD_BAD) {
		exchange_fail(ex, FAILURE_CUT_PROTOCOL);
	} else if (r == FORWARD_DONE) {
		/* Bytes behind a response are nobody's. */
		if (len > 0)
			ex->up->is_spent = true;
		exchange_finish(ex);
	}
}

static void
choose_framing(struct exchange *ex, const struct http_head *head, struct response_form *form)
{
	bool is_open_ended = head->framing == HTTP_CHUNKED || head->framing == HTTP_UNTIL_CLOSE;

	if (is_open_ended && ex->down->is_http10) {
		ex->down->closes = true;
		ex->response_until_close = true;
	}
	form->is_chunked = is_open_ended && !ex->down->is_http10;
	ex->response_is_chunked = form->is_chunked;
}

/* Default rules look at statuses of gRPC alone. */
static bool
retries_response(struct exchange *ex, const struct http_head *head)
{
	const struct http_rule *extras = ex->decision.extras;
	bool is_default = (extras == NULL || extras->retries.is_default) &&
			  (ex->rules == NULL || !ex->rules->terms.asks_retries);

	if (ex->decision.rule == NULL ||
	    (is_default && head->status < 400 && head->first[FIELD_GRPC_STATUS] == 0 &&
	     (ex->rules == NULL || ex->rules->retries == 0)))
		return false;
	return exchange_try_again(ex, TRY_RESPONSE, head);
}

int8_t
exchange_read_grpc_status(struct slice text)
{
	int status;

	if (text.len == 0 || text.len > 2)
		return -1;
	status = text.ptr[0] - '0';
	if (text.len == 2)
		status = status * 10 + (text.ptr[1] - '0');
	return (int8_t)(status >= 0 && status <= 16 ? status : -1);
}

/* Of an answer that is a head alone; trailers are not looked at. */
static int8_t
told_grpc_status(const struct exchange *ex, const struct http_head *head)
{
	const struct http_field *f = http_head_field(head, FIELD_GRPC_STATUS);

	return f != NULL && exchange_is_grpc(ex) ? exchange_read_grpc_status(f->value) : -1;
}

/* Is no field of the answer a secret, as far as that can be told at once? */
static bool
is_open_answer(const struct exchange *ex, const struct http_head *head)
{
	const struct http_rule *rule = ex->decision.extras;
	const struct route_destination *to = ex->decision.destination;

	return (rule == NULL || (rule->response.count == 0 &&
				 (to == NULL || to->response.count == 0))) &&
	       (ex->rules == NULL || ex->rules->set_cookie == NULL) && !head->has_secret;
}

/* False: it is too large, and the exchange has failed. */
static bool
put_head(struct exchange *ex, struct http_head *head, const struct response_form *form)
{
	struct http_pieces *p = &ex->worker->pieces;

	http_pieces_init(p, ex->worker->scratch, SCRATCH_BYTES);
	forward_response_head(ex, p, head, form);
	if (p->is_overflow) {
		ex->response_started = false;
		exchange_fail(ex, FAILURE_PROTOCOL);
		return false;
	}
	exchange_keep_answer(ex, p->iov, p->count, p->bytes, is_open_answer(ex, head));
	return true;
}

void
exchange_on_response(struct exchange *ex, struct http_head *head, size_t head_len,
		     const char *data, size_t len)
{
	struct downstream *d = ex->down;
	struct response_form form = { .closes = false };
	int8_t grpc_status = told_grpc_status(ex, head);

	(void)head_len;
	/* Bytes behind a response are nobody's. */
	if (!head->keep_alive || (ex->up->body.is_done && len > 0))
		ex->up->is_spent = true;
	exchange_note_answer(ex, head->status, grpc_status);
	if (retries_response(ex, head))
		return;
	if (ex->rules != NULL)
		exchange_timeouts_on_try_end(ex);
	ex->status = head->status;
	ex->grpc_status = grpc_status;
	ex->upstream_head_ns = loop_now_ns(ex->worker->loop);
	ex->response_started = true;
	if (!ex->request_done || acceptor_drains(d->acceptor))
		d->closes = true;
	choose_framing(ex, head, &form);
	form.closes = d->closes;
	form.keeps_http10 = d->is_http10 && !d->closes;
	if (!put_head(ex, head, &form))
		return;
	send_response(ex, data, len);
}

void
exchange_on_response_bytes(struct exchange *ex, const char *data, size_t len)
{
	http_pieces_init(&ex->worker->pieces, ex->worker->scratch, SCRATCH_BYTES);
	send_response(ex, data, len);
}

/* 101: from now on bytes go both ways as they are. */
static void
begin_tunnel(struct exchange *ex, struct http_head *head, const char *data, size_t len)
{
	const struct response_form form = { .is_upgrade = true };
	struct http_pieces *p = &ex->worker->pieces;

	ex->status = 101;
	ex->upstream_head_ns = loop_now_ns(ex->worker->loop);
	ex->response_started = true;
	exchange_note_attempt(ex, 101, 0);
	if (!put_head(ex, head, &form))
		return;
	ex->is_tunnel = true;
	ex->up->is_tunnel = true;
	ex->down->closes = true;
	ex->down->wait = WAIT_NOTHING;
	conn_watch(&ex->down->conn);
	http_put(p, (struct slice){ data, len });
	ex->response_body_bytes += len;
	if (!send_down(ex))
		return;
	/* What a hasty client sent behind its request is the tunnel's. */
	ex->request_body_bytes += ex->down->pending_len;
	if (!downstream_pass_pending(ex->down, &ex->up->conn)) {
		exchange_finish(ex);
		return;
	}
	ex->down->conn.can_read = true;
	ex->up->conn.can_read = true;
	conn_again(&ex->down->conn);
	conn_again(&ex->up->conn);
}

/* To what was asked for, and nothing else. */
static bool
switches_as_asked(const struct exchange *ex, const struct http_head *head)
{
	const struct http_field *f = http_head_field(head, FIELD_UPGRADE);

	return ex->is_upgrade && f != NULL && slice_eq_nocase(f->value, SLICE("websocket"));
}

void
exchange_on_interim(struct exchange *ex, struct http_head *head, size_t head_len,
		    const char *data, size_t len)
{
	struct http_pieces *p = &ex->worker->pieces;

	(void)head_len;
	if (head->status == 101 && switches_as_asked(ex, head)) {
		begin_tunnel(ex, head, data, len);
		return;
	}
	if (head->status == 101 || ++ex->interim_count > MAX_INTERIM) {
		exchange_fail(ex, FAILURE_PROTOCOL);
		return;
	}
	if (ex->down->is_http10)
		return;
	http_pieces_init(p, ex->worker->scratch, SCRATCH_BYTES);
	forward_interim_head(p, head);
	send_down(ex);
}

void
exchange_on_response_bad(struct exchange *ex)
{
	exchange_note_attempt(ex, 0, FLAG(UPE));
	if (!exchange_try_again(ex, TRY_RESET, NULL))
		exchange_fail(ex, FAILURE_PROTOCOL);
}

void
exchange_on_response_end(struct exchange *ex, bool clean)
{
	struct upstream *u = ex->up;

	if (!ex->response_started) {
		if (exchange_try_fresh(ex, clean))
			return;
		exchange_note_attempt(ex, 0, FLAG(UC));
		if (!exchange_try_again(ex, TRY_RESET, NULL))
			exchange_fail(ex, FAILURE_TERMINATED);
		return;
	}
	if (!clean || u->body.framing != HTTP_UNTIL_CLOSE) {
		exchange_fail(ex, FAILURE_CUT);
		return;
	}
	if (ex->response_is_chunked) {
		http_pieces_init(&ex->worker->pieces, ex->worker->scratch, SCRATCH_BYTES);
		forward_last_chunk(&ex->worker->pieces);
		if (!send_down(ex))
			return;
	}
	exchange_finish(ex);
}

void
exchange_on_response_room(struct exchange *ex)
{
	if (ex->is_tunnel)
		exchange_on_tunnel(ex);
	else if (ex->up != NULL)
		upstream_resume(ex->up);
}

/* --- tunnels --- */

void
exchange_on_tunnel(struct exchange *ex)
{
	struct conn *down = &ex->down->conn, *up = &ex->up->conn;
	enum pump_result a = pump(down, up, &ex->request_body_bytes);
	enum pump_result b = pump(up, down, &ex->response_body_bytes);

	if (a == PUMP_BROKEN || b == PUMP_BROKEN ||
	    (pump_is_over(down, up) && pump_is_over(up, down)))
		exchange_finish(ex);
}
