/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The life of an exchange, from the parsed head to the record: requests go
 * up, responses come down, and either side may break.
 */
#include "proxy/exchange.h"

#include <errno.h>
#include <string.h>

#include "proxy/acceptor.h"
#include "proxy/downstream.h"
#include "proxy/pump.h"
#include "proxy/upstream.h"
#include "proxy/worker.h"
#include "src/base/assert.h"

#define MAX_INTERIM 16		/* 1xx heads before the final one */

/* --- beginning --- */

static void
move_slice(struct slice *s, const char *from, size_t len, char *to)
{
	size_t at = (size_t)(s->ptr - from);

	if (s->ptr != NULL && s->ptr >= from && at <= len)
		s->ptr = to + at;
}

/* The head is needed until the record is made: its fields and bytes are
 * copied together, with room for the fields that there are. */
static void
keep_head(struct exchange *ex, const struct http_head *head, const char *bytes, size_t len)
{
	size_t front = offsetof(struct http_head, fields) +
		       head->field_count * sizeof(head->fields[0]);
	struct http_head *h;
	char *copy;

	ex->head_size = front + len;
	h = slab_set_take(&ex->worker->blocks, &ex->head_size);
	memcpy(h, head, front);
	copy = (char *)h + front;
	memcpy(copy, bytes, len);
	move_slice(&h->method, bytes, len, copy);
	move_slice(&h->target, bytes, len, copy);
	move_slice(&h->path, bytes, len, copy);
	move_slice(&h->query, bytes, len, copy);
	move_slice(&h->scheme, bytes, len, copy);
	move_slice(&h->authority, bytes, len, copy);
	move_slice(&h->upgrade, bytes, len, copy);
	for (unsigned i = 0; i < h->field_count; i++) {
		move_slice(&h->fields[i].name, bytes, len, copy);
		move_slice(&h->fields[i].value, bytes, len, copy);
	}
	ex->head = h;
}

/* Upgrades are an allow-list of one; for others the fields are dropped as any
 * hop-by-hop field and the request goes on as a plain one. */
static bool
is_websocket(const struct http_head *h)
{
	return h->wants_upgrade && h->method_id == HTTP_GET &&
	       slice_eq_nocase(h->upgrade, SLICE("websocket"));
}

static struct exchange *
exchange_new(struct downstream *d, const char *bytes, size_t head_len)
{
	struct worker *w = d->conn.worker;
	struct exchange *ex = slab_take(&w->exchanges);

	memset(ex, 0, sizeof(*ex));
	ex->worker = w;
	ex->runtime = runtime_get(d->acceptor->runtime);
	ex->down = d;
	ex->side = d->acceptor->spec.kind == LISTENER_INBOUND ? SIDE_INBOUND : SIDE_OUTBOUND;
	ex->details = "via_upstream";
	ex->start_ns = loop_now_ns(w->loop);
	ex->start_wall_ms = worker_wall_ms(w);
	keep_head(ex, &w->head, bytes, head_len);
	ex->request_wire_bytes = head_len;
	ex->is_upgrade = is_websocket(ex->head);
	if (ex->head->first[FIELD_X_REQUEST_ID] == 0) {
		forward_make_uuid(ex->made_id, &w->rng);
		ex->has_made_id = true;
	}
	d->exchange = ex;
	d->is_http10 = ex->head->minor == 0;
	d->has_asked_half_close = false;
	d->closes = !ex->head->keep_alive;
	w->exchange_count++;
	return ex;
}

static void
not_resolved(struct exchange *ex)
{
	exchange_fail(ex, ex->mesh_endpoint != NULL ? FAILURE_NO_ENDPOINT : FAILURE_DNS);
}

/* The name of the endpoint has an address, or has none. */
static void
on_resolved(struct resolve_wait *wait, bool ok)
{
	struct exchange *ex = CONTAINER_OF(wait, struct exchange, resolving);
	struct downstream *d = ex->down;
	size_t used;

	ex->is_held = false;
	if (!ok) {
		not_resolved(ex);
		return;
	}
	exchange_attempt(ex, "", 0, &used);
	if (d->exchange == ex && !ex->request_done)
		downstream_resume(d);
}

void
exchange_begin(struct downstream *d, const char *bytes, size_t head_len, const char *data,
	       size_t len, size_t *used)
{
	struct exchange *ex = exchange_new(d, bytes, head_len);

	*used = 0;
	http_body_init(&d->body, ex->head);
	if (d->body.is_done) {
		ex->request_done = true;
		ex->request_end_ns = ex->start_ns;
	}
	exchange_route(ex);
	if (d->exchange != ex)
		return;
	switch (resolve_endpoint(ex->worker, ex->endpoint, &ex->resolving, on_resolved)) {
	case RESOLVE_READY:
		exchange_attempt(ex, data, len, used);
		break;
	case RESOLVE_WAITS:
		ex->is_held = true;
		break;
	case RESOLVE_FAILED:
		not_resolved(ex);
		break;
	}
}

/* --- the request goes up --- */

static void
on_request_end(struct exchange *ex)
{
	ex->request_done = true;
	ex->request_end_ns = loop_now_ns(ex->worker->loop);
	if (ex->down->wait == WAIT_BODY)
		ex->down->wait = WAIT_NOTHING;
}

static bool
send_up(struct exchange *ex)
{
	struct http_pieces *p = &ex->worker->pieces;

	return conn_send(&ex->up->conn, p->iov, p->count, p->bytes);
}

/* What begins to be sent, or goes on: pieces may hold the head already. */
static size_t
send_request(struct exchange *ex, const char *data, size_t len)
{
	struct http_pieces *p = &ex->worker->pieces;
	struct http_body *body = &ex->down->body;
	bool chunk = ex->head->framing == HTTP_CHUNKED;
	enum forward_result r = FORWARD_DONE;
	size_t total = 0;

	for (;;) {
		size_t used = 0;

		if (!ex->request_done)
			r = forward_body(p, body, chunk, data + total, len - total, &used,
					 &ex->request_body_bytes);
		total += used;
		if (r == FORWARD_BAD)
			break;
		if (!ex->drops_request && !send_up(ex))
			exchange_on_request_refused(ex);
		if (r != FORWARD_FULL)
			break;
		http_pieces_init(p, ex->worker->scratch, SCRATCH_BYTES);
	}
	ex->request_wire_bytes += total;
	if (r == FORWARD_DONE && !ex->request_done)
		on_request_end(ex);
	if (r == FORWARD_BAD)
		exchange_fail(ex, FAILURE_BODY);
	return total;
}

size_t
exchange_request_bytes(struct exchange *ex, const char *data, size_t len)
{
	struct downstream *d = ex->down;
	size_t used;

	http_pieces_init(&ex->worker->pieces, ex->worker->scratch, SCRATCH_BYTES);
	used = send_request(ex, data, len);
	/* What follows a broken body is not looked at. */
	return d->exchange == ex ? used : len;
}

bool
exchange_has_request_room(const struct exchange *ex)
{
	return ex->drops_request || (ex->up != NULL && !conn_is_blocked(&ex->up->conn));
}

static void
attach(struct exchange *ex, struct upstream *u)
{
	ex->up = u;
	u->exchange = ex;
	u->requests++;
	u->has_head = u->has_bytes = false;
	ex->endpoint->active_requests++;
	ex->endpoint->requests++;
	ex->endpoint->cluster->active_requests++;
	ex->endpoint->cluster->requests++;
}

static void
detach(struct exchange *ex)
{
	ex->endpoint->active_requests--;
	ex->endpoint->cluster->active_requests--;
	ex->up->exchange = NULL;
	ex->up = NULL;
}

static enum failure
connect_failure(int error)
{
	switch (error) {
	case ECONNREFUSED:
	case ENOENT:		/* the platform's socket is not there */
		return FAILURE_REFUSED;
	case ETIMEDOUT:
		return FAILURE_CONNECT_TIMEOUT;
	case EHOSTUNREACH:
	case ENETUNREACH:
		return FAILURE_UNREACHABLE;
	case EMFILE:
	case ENFILE:
	case EADDRNOTAVAIL:
	case ENOMEM:
		return FAILURE_CONNECT_LOCAL;
	default:
		return FAILURE_CONNECT;
	}
}

static void
connect_failed(struct exchange *ex, int error)
{
	ex->endpoint->connect_failures++;
	ex->endpoint->cluster->connect_failures++;
	exchange_note_attempt(ex, 0, FLAG(UF));
	exchange_fail(ex, connect_failure(error));
}

/* Puts the head on its way over u; the first bytes of the body go along. */
static void
start_on(struct exchange *ex, struct upstream *u, const char *data, size_t len, size_t *used)
{
	struct http_pieces *p = &ex->worker->pieces;
	struct downstream *d = ex->down;

	attach(ex, u);
	http_pieces_init(p, ex->worker->scratch, SCRATCH_BYTES);
	forward_request_head(ex, p);
	if (p->is_overflow) {
		exchange_fail(ex, FAILURE_TOO_LARGE);
		return;
	}
	*used = send_request(ex, data, len);
	if (d->exchange != ex)
		*used = len;
}

void
exchange_attempt(struct exchange *ex, const char *data, size_t len, size_t *used)
{
	struct upstream *u;

	ex->attempt_count++;
	ex->attempt_start_ns = loop_now_ns(ex->worker->loop);
	u = upstream_take(ex->worker, ex->endpoint, ex->connect_timeout_ms);
	if (u == NULL)
		connect_failed(ex, errno);
	else
		start_on(ex, u, data, len, used);
}

void
exchange_on_connected(struct exchange *ex)
{
	struct upstream *u = ex->up;

	if (!conn_flush(&u->conn))
		exchange_on_request_refused(ex);
	else if (!conn_is_blocked(&u->conn))
		exchange_on_request_room(ex);
}

void
exchange_on_connect_failed(struct exchange *ex, int error)
{
	struct upstream *u = ex->up;

	detach(ex);
	upstream_close(u);
	connect_failed(ex, error);
}

void
exchange_on_request_room(struct exchange *ex)
{
	if (ex->is_tunnel)
		exchange_on_tunnel(ex);
	else if (!ex->request_done)
		downstream_resume(ex->down);
}

/* The upstream takes no more; what it has answered is still read. */
void
exchange_on_request_refused(struct exchange *ex)
{
	if (ex->is_tunnel) {
		exchange_finish(ex);
		return;
	}
	ex->drops_request = true;
	ex->up->conn.can_read = true;
	conn_again(&ex->up->conn);
}

/* --- the response comes down --- */

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

void
exchange_on_response(struct exchange *ex, struct http_head *head, size_t head_len,
		     const char *data, size_t len)
{
	struct http_pieces *p = &ex->worker->pieces;
	struct downstream *d = ex->down;
	struct response_form form = { .closes = false };

	(void)head_len;
	ex->status = head->status;
	ex->upstream_head_ns = loop_now_ns(ex->worker->loop);
	ex->response_started = true;
	exchange_note_attempt(ex, head->status, 0);
	if (!head->keep_alive)
		ex->up->is_spent = true;
	if (!ex->request_done || ex->worker->is_draining || d->acceptor->is_closed)
		d->closes = true;
	choose_framing(ex, head, &form);
	form.closes = d->closes;
	form.keeps_http10 = d->is_http10 && !d->closes;
	http_pieces_init(p, ex->worker->scratch, SCRATCH_BYTES);
	forward_response_head(ex, p, head, &form);
	if (p->is_overflow) {
		ex->response_started = false;
		exchange_fail(ex, FAILURE_PROTOCOL);
		return;
	}
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
	ex->is_tunnel = true;
	ex->up->is_tunnel = true;
	ex->down->closes = true;
	ex->down->wait = WAIT_NOTHING;
	exchange_note_attempt(ex, 101, 0);
	http_pieces_init(p, ex->worker->scratch, SCRATCH_BYTES);
	forward_response_head(ex, p, head, &form);
	http_put(p, (struct slice){ data, len });
	ex->response_body_bytes += len;
	if (!send_down(ex))
		return;
	ex->down->conn.can_read = true;
	ex->up->conn.can_read = true;
	conn_again(&ex->down->conn);
	conn_again(&ex->up->conn);
}

void
exchange_on_interim(struct exchange *ex, struct http_head *head, size_t head_len,
		    const char *data, size_t len)
{
	struct http_pieces *p = &ex->worker->pieces;

	(void)head_len;
	if (head->status == 101 && ex->is_upgrade) {
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
	exchange_fail(ex, FAILURE_PROTOCOL);
}

/*
 * A connection of the pool may have been closed by the peer in the very
 * moment in which it was used.  Then nothing of an answer has come, and a
 * request that may be repeated goes out once more, on a fresh connection.
 */
static bool
may_try_fresh(const struct exchange *ex)
{
	enum http_method m = ex->head->method_id;

	return ex->up->requests > 1 && !ex->up->has_bytes && !ex->was_retried_fresh &&
	       ex->head->framing == HTTP_NO_BODY && !ex->is_upgrade &&
	       (m == HTTP_GET || m == HTTP_HEAD || m == HTTP_OPTIONS || m == HTTP_TRACE);
}

static void
try_fresh(struct exchange *ex)
{
	struct upstream *old = ex->up, *u;
	size_t used;

	detach(ex);
	upstream_close(old);
	ex->was_retried_fresh = true;
	ex->drops_request = false;
	u = upstream_connect(ex->worker, ex->endpoint, ex->connect_timeout_ms);
	if (u == NULL)
		connect_failed(ex, errno);
	else
		start_on(ex, u, "", 0, &used);
}

void
exchange_on_response_end(struct exchange *ex, bool clean)
{
	struct upstream *u = ex->up;

	if (!ex->response_started) {
		if (may_try_fresh(ex)) {
			try_fresh(ex);
			return;
		}
		exchange_note_attempt(ex, 0, FLAG(UC));
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

/* --- the end --- */

void
exchange_on_gone(struct exchange *ex)
{
	if (!ex->is_tunnel) {
		ex->flags |= FLAG(DC);
		ex->details = "downstream_remote_disconnect";
		if (!ex->response_started)
			ex->status = 0;
	}
	ex->cuts_downstream = true;
	exchange_finish(ex);
}

void
exchange_on_stalled(struct exchange *ex)
{
	struct downstream *d = ex->down;

	if (d->wait == WAIT_BODY && !exchange_has_request_room(ex)) {
		/* It is the upstream that does not take it. */
		loop_timer_set(ex->worker->loop, &d->timer,
			       loop_now_ns(ex->worker->loop) + NS_PER_S, d->timer.on_timer);
		return;
	}
	exchange_fail(ex, FAILURE_IDLE);
}

/* Gives the upstream back when the exchange is whole, else closes it. */
static void
release_upstream(struct exchange *ex)
{
	struct upstream *u = ex->up;
	bool is_whole = ex->request_done && !ex->drops_request && u->has_head &&
			u->body.is_done && !ex->is_tunnel;

	detach(ex);
	if (is_whole)
		upstream_give(u, ex->idle_timeout_ms);
	else
		upstream_close(u);
}

static void
exchange_free(struct exchange *ex)
{
	struct worker *w = ex->worker;

	resolve_cancel(&ex->resolving);
	if (ex->endpoint != NULL)
		endpoint_unref(ex->endpoint);
	slab_set_give(&w->blocks, ex->path_block, ex->path_block_size);
	slab_set_give(&w->blocks, ex->head, ex->head_size);
	runtime_put(&ex->runtime);
	slab_give(&w->exchanges, ex);
	w->exchange_count--;
}

void
exchange_finish(struct exchange *ex)
{
	struct worker *w = ex->worker;
	struct downstream *d = ex->down;
	bool cuts = ex->cuts_downstream, resets = cuts && ex->response_until_close;

	if (ex->binding != NULL)
		ex->binding->state->by_class[ex->status / 100 < 6 ? ex->status / 100 : 0]++;
	exchange_report(ex);
	if (ex->up != NULL)
		release_upstream(ex);
	d->exchange = NULL;
	exchange_free(ex);
	if (cuts)
		downstream_cut(d, resets);
	else
		downstream_next(d);
	worker_check_idle(w);
}
