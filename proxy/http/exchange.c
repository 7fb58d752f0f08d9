/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The life of an exchange, from the parsed head to the record: requests go
 * up, and either side may break.  Responses: exchange_response.c.
 */
#include "proxy/http/exchange.h"

#include <errno.h>
#include <string.h>

#include "proxy/acceptor.h"
#include "proxy/cluster/pool.h"
#include "proxy/cluster/upstream.h"
#include "proxy/descriptors.h"
#include "proxy/http/downstream.h"
#include "proxy/http/exchange_rules.h"
#include "proxy/http/mirror.h"
#include "proxy/peer.h"
#include "proxy/worker.h"
#include "src/base/assert.h"

/* --- beginning --- */

/* Upgrades are an allow-list of one; for others the fields are dropped as any
 * hop-by-hop field and the request goes on as a plain one. */
static bool
is_websocket(const struct http_head *h)
{
	return h->wants_upgrade && h->method_id == HTTP_GET &&
	       slice_eq_nocase(h->upgrade, SLICE("websocket"));
}

/* Through a gateway: what such a client calls its request is not gone by. */
static bool
comes_from_outside(const struct exchange *ex)
{
	struct address peer;

	if (!exchange_is_at_gateway(ex))
		return false;
	downstream_peer_address(ex->down, &peer);
	return mesh_instance_of_address(ex->runtime->mesh, &peer) == NULL;
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
	ex->grpc_status = -1;
	ex->start_ns = loop_now_ns(w->loop);
	ex->start_wall_ms = worker_wall_ms(w);
	exchange_keep_head(ex, &w->head, bytes, head_len);
	ex->request_wire_bytes = head_len;
	ex->is_upgrade = is_websocket(ex->head);
	if (ex->head->first[FIELD_X_REQUEST_ID] == 0 || comes_from_outside(ex)) {
		rng_uuid(&w->rng, ex->made_id);
		ex->has_made_id = true;
	}
	d->exchange = ex;
	d->is_http10 = ex->head->minor == 0;
	d->has_asked_half_close = false;
	d->closes = d->is_last = !ex->head->keep_alive;
	w->exchange_count++;
	return ex;
}

static void
not_resolved(struct exchange *ex)
{
	exchange_fail(ex, ex->mesh_endpoint != NULL ? FAILURE_NO_ENDPOINT : FAILURE_DNS);
}

/* The first attempt is under way.  Copies wait for the end of the request. */
static void
begin_mirrors(struct exchange *ex, const struct downstream *d)
{
	if (d->exchange == ex && ex->head->framing == HTTP_NO_BODY)
		mirror_begin(ex);
}

/* A held exchange has been launched: what has come of its body follows. */
static void
resume_request(struct exchange *ex, struct downstream *d)
{
	if (d->exchange == ex && !ex->request_done && !ex->is_held)
		downstream_resume(d);
}

static void
attempt_resolved(struct exchange *ex, const char *data, size_t len, size_t *used)
{
	if (endpoint_leads_to(ex->endpoint, &ex->down->acceptor->spec.address))
		exchange_fail(ex, FAILURE_NO_ENDPOINT);
	else
		exchange_attempt(ex, data, len, used);
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
	attempt_resolved(ex, "", 0, &used);
	resume_request(ex, d);
}

void
exchange_launch(struct exchange *ex, const char *data, size_t len, size_t *used)
{
	*used = 0;
	switch (resolve_endpoint(ex->worker, ex->endpoint, &ex->resolving, on_resolved)) {
	case RESOLVE_READY:
		attempt_resolved(ex, data, len, used);
		break;
	case RESOLVE_WAITS:
		ex->is_held = true;
		break;
	case RESOLVE_FAILED:
		not_resolved(ex);
		break;
	}
}

void
exchange_enter_cluster(struct exchange *ex)
{
	struct downstream *d = ex->down;
	size_t used;

	exchange_choose(ex);
	if (d->exchange != ex)
		return;
	exchange_launch(ex, "", 0, &used);
	begin_mirrors(ex, d);
	resume_request(ex, d);
}

void
exchange_launch_again(struct exchange *ex)
{
	struct downstream *d = ex->down;
	size_t used;

	ex->is_held = false;
	ex->drops_request = false;
	if (!exchange_pick_endpoint(ex)) {
		exchange_fail(ex, FAILURE_NO_ENDPOINT);
		return;
	}
	exchange_launch(ex, "", 0, &used);
	resume_request(ex, d);
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
	if (d->exchange != ex || ex->is_held)
		return;
	exchange_launch(ex, data, len, used);
	begin_mirrors(ex, d);
}

/* --- the request goes up --- */

void
exchange_on_request_end(struct exchange *ex)
{
	ex->request_done = true;
	if (ex->down->wait == WAIT_BODY)
		ex->down->wait = WAIT_NOTHING;
	if (ex->request_end_ns != 0)
		return;			/* repeated */
	ex->request_end_ns = loop_now_ns(ex->worker->loop);
	if (ex->rules != NULL) {
		exchange_timeouts_on_request_end(ex);
		exchange_timeouts_on_sent(ex);
	}
	mirror_begin(ex);
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
	if (total > 0) {
		ex->body_has_begun = true;
		if (ex->rules != NULL)
			exchange_note_body(ex, data, total);
	}
	if (r == FORWARD_DONE && !ex->request_done)
		exchange_on_request_end(ex);
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
	if (++u->requests == u->endpoint->cluster->breaker.max_requests_per_connection)
		u->is_spent = true;
	u->has_head = u->has_bytes = false;
	ex->carried_count++;
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
	breaker_release(&ex->endpoint->cluster->breaker, BREAKER_REQUESTS);
	ex->up->exchange = NULL;
	ex->up = NULL;
	if (ex->rules != NULL)
		exchange_timeouts_on_try_end(ex);
}

void
exchange_release_upstream(struct exchange *ex)
{
	struct upstream *u = ex->up;
	bool is_whole;

	if (u == NULL)
		return;
	is_whole = ex->request_done && !ex->drops_request && u->has_head && u->body.is_done &&
		   !ex->is_tunnel;
	detach(ex);
	if (is_whole)
		upstream_give(u, ex->idle_timeout_ms);
	else
		upstream_close(u);
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

void
exchange_on_pool_failed(struct exchange *ex, int error)
{
	exchange_note_attempt(ex, 0, FLAG(UF));
	if (!exchange_try_again(ex, TRY_CONNECT_FAILED, NULL))
		exchange_fail(ex, connect_failure(error));
}

/* Whoever waits for the same endpoint fails with it. */
static void
connect_failed(struct exchange *ex, int error)
{
	struct endpoint *ep = ex->endpoint;

	endpoint_ref(ep);
	ep->connect_failures++;
	ep->cluster->connect_failures++;
	exchange_on_pool_failed(ex, error);
	pool_fail(ep, error);
	endpoint_unref(ep);
}

/* The peer of a refused request is not known to anybody. */
void
exchange_on_pool_overflow(struct exchange *ex)
{
	ex->peer = NULL;
	ex->mesh_endpoint = NULL;
	exchange_note_attempt(ex, 0, FLAG(UO));
	endpoint_unref(ex->endpoint);
	ex->endpoint = NULL;
	exchange_fail(ex, FAILURE_OVERFLOW);
}

/* What is kept of the body goes up once more; it comes to where it was. */
static void
repeat_body(struct exchange *ex)
{
	struct exchange_rules *r = ex->rules;
	uint64_t wire = ex->request_wire_bytes, payload = ex->request_body_bytes;
	bool keeps = r->keeps_body;

	r->keeps_body = false;
	http_body_init(&ex->down->body, ex->head);
	ex->request_done = ex->down->body.is_done;
	send_request(ex, r->body.data, r->body.len);
	r->keeps_body = keeps;
	ex->request_wire_bytes = wire;
	ex->request_body_bytes = payload;
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
	if (!ex->request_done && !ex->body_has_begun)
		exchange_keep_body(ex, u->conn.is_connecting);
	if (ex->body_has_begun) {
		repeat_body(ex);
		*used = 0;
	} else {
		*used = send_request(ex, data, len);
	}
	if (d->exchange != ex)
		*used = len;
	else if (ex->rules != NULL)
		exchange_timeouts_on_sent(ex);
}

/* With a connection of the pool, now or later. */
static void
start(struct exchange *ex, const char *data, size_t len, size_t *used)
{
	struct upstream *u;

	*used = 0;
	switch (pool_take(ex, &u)) {
	case POOL_READY:
		start_on(ex, u, data, len, used);
		break;
	case POOL_WAITS:
		ex->is_held = true;
		break;
	case POOL_OVERFLOW:
		exchange_on_pool_overflow(ex);
		break;
	case POOL_FAILED:
		connect_failed(ex, errno);
		break;
	}
}

void
exchange_attempt(struct exchange *ex, const char *data, size_t len, size_t *used)
{
	ex->attempt_count++;
	ex->attempt_start_ns = loop_now_ns(ex->worker->loop);
	start(ex, data, len, used);
}

void
exchange_on_pool_ready(struct exchange *ex, struct upstream *u)
{
	struct downstream *d = ex->down;
	size_t used;

	ex->is_held = false;
	start_on(ex, u, "", 0, &used);
	resume_request(ex, d);
}

void
exchange_on_connected(struct exchange *ex)
{
	struct upstream *u = ex->up;

	if (ex->rules != NULL) {
		exchange_drop_body(ex);
		exchange_timeouts_on_sent(ex);
	}
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

static bool
may_try_fresh(const struct exchange *ex)
{
	enum http_method m = ex->head->method_id;

	return ex->up->requests > 1 && !ex->up->has_bytes && !ex->was_retried_fresh &&
	       ex->head->framing == HTTP_NO_BODY && !ex->is_upgrade &&
	       (m == HTTP_GET || m == HTTP_HEAD || m == HTTP_OPTIONS || m == HTTP_TRACE);
}

/* Has all of the request gone out and been taken? */
static bool
was_heard(const struct exchange *ex)
{
	const struct conn *c = &ex->up->conn;

	return !ex->drops_request && c->unsent == 0 && !conn_is_blocked(c) &&
	       peer_has_taken_all(ex->worker->peers, c->watch.fd);
}

bool
exchange_try_fresh(struct exchange *ex, bool has_ended)
{
	struct breaker *b = &ex->endpoint->cluster->breaker;
	struct upstream *old = ex->up, *u;
	size_t used;
	int error;

	if (!may_try_fresh(ex) || (has_ended && was_heard(ex)))
		return false;
	/* In the old one's place: first counted, then released. */
	breaker_force(b, BREAKER_REQUESTS);
	pool_count(ex->endpoint);
	detach(ex);
	upstream_close(old);
	ex->was_retried_fresh = true;
	ex->carried_count--;		/* it is the same try */
	ex->drops_request = false;
	u = upstream_connect(ex->worker, ex->endpoint, ex->connect_timeout_ms, ex->is_mirror);
	if (u != NULL) {
		start_on(ex, u, "", 0, &used);
		return true;
	}
	error = errno;
	breaker_release(b, BREAKER_REQUESTS);
	pool_uncount(ex->endpoint);
	if (descriptors_are_short(error))
		start(ex, "", 0, &used);	/* waits for one, if it may */
	else
		connect_failed(ex, error);
	return true;
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

static void
exchange_free(struct exchange *ex)
{
	struct worker *w = ex->worker;

	resolve_cancel(&ex->resolving);
	exchange_rules_free(ex);
	if (ex->endpoint != NULL)
		endpoint_unref(ex->endpoint);
	slab_set_give(&w->blocks, ex->path_block, ex->path_block_size);
	slab_set_give(&w->blocks, ex->head, ex->head_size);
	slab_set_give(&w->blocks, ex->answer, ex->answer_size);
	slab_set_give(&w->blocks, ex->sent, ex->sent_size);
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
	bool is_mirror = ex->is_mirror;

	if (ex->binding != NULL) {
		ex->binding->state->by_class[ex->status / 100 < 6 ? ex->status / 100 : 0]++;
		if (ex->decision.rule != NULL && ex->decision.rule->has_stat_prefix)
			exchange_count_route(ex);
	}
	if (!ex->is_mirror)
		exchange_report(ex);
	exchange_release_upstream(ex);
	d->exchange = NULL;
	exchange_free(ex);
	if (is_mirror)
		mirror_end(d);
	else if (cuts)
		downstream_cut(d, resets);
	else
		downstream_next(d);
	worker_check_idle(w);
}
