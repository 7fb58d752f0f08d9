/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TCP connections; see relay.h. */
#include "proxy/tcp/relay.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "proxy/acceptor.h"
#include "proxy/cluster/upstream.h"
#include "proxy/http/downstream.h"
#include "proxy/pump.h"
#include "proxy/runtime.h"
#include "proxy/tcp/relay_priv.h"
#include "proxy/worker.h"
#include "src/base/assert.h"

#define REPORT_NS (5 * NS_PER_S)

static void on_down_readable(struct conn *c);
static void on_up_readable(struct conn *c);
static void on_down_writable(struct conn *c);
static void on_up_writable(struct conn *c);
static void on_down_broken(struct conn *c);
static void on_up_broken(struct conn *c);
static void release_down(struct conn *c);
static void release_up(struct conn *c);
static void on_timer(struct timer *t);

static const struct conn_ops down_ops = {
	.on_readable = on_down_readable,
	.on_writable = on_down_writable,
	.on_broken = on_down_broken,
	.release = release_down,
};
static const struct conn_ops up_ops = {
	.on_readable = on_up_readable,
	.on_writable = on_up_writable,
	.on_broken = on_up_broken,
	.release = release_up,
};

/* --- life --- */

/* A connect has ended, well or not. */
static void
note_connect(struct relay *r, bool ok)
{
	struct endpoint *ep = r->endpoint;

	if (ep == NULL)
		return;
	if (!ok) {
		ep->connect_failures++;
		ep->cluster->connect_failures++;
	}
	cluster_state_note(ep->cluster, ep, ok ? OUTLIER_CONNECTED : OUTLIER_CONNECT_FAILED, 0);
}

void
relay_fail(struct relay *r, response_flags flags)
{
	r->flags |= flags;
}

void
relay_peer_address(const struct relay *r, struct address *out)
{
	memset(out, 0, sizeof(*out));
	if (r->down_peer.sa.sa_family == AF_INET6) {
		out->in6 = r->down_peer.in6;
		out->len = sizeof(out->in6);
	} else {
		out->in = r->down_peer.in;
		out->len = sizeof(out->in);
	}
}

static void
drop_early(struct relay *r)
{
	slab_set_give(&r->worker->blocks, r->early, r->early_size);
	r->early = NULL;
	r->early_len = r->early_size = 0;
}

void
relay_keep_early(struct relay *r, const char *data, size_t len)
{
	size_t size = r->early_len + len;
	char *block;

	if (size > r->early_size) {	/* sizes double, so that it is copied few times */
		block = slab_set_take(&r->worker->blocks, &size);
		if (r->early_len > 0)
			memcpy(block, r->early, r->early_len);
		slab_set_give(&r->worker->blocks, r->early, r->early_size);
		r->early = block;
		r->early_size = size;
	}
	memcpy(r->early + r->early_len, data, len);
	r->early_len += len;
}

static void
close_side(const struct relay *r, struct conn *c)
{
	if (r->is_broken)
		conn_reset(c);
	else
		conn_close(c);
}

void
relay_close(struct relay *r)
{
	if (r->is_closed)
		return;
	r->is_closed = true;
	loop_timer_cancel(&r->timer);
	resolve_cancel(&r->resolving);
	drop_early(r);
	if (r->is_reported) {
		if (!r->is_opened)
			relay_report(r, RELAY_OPENED);
		relay_report(r, RELAY_CLOSED);
	}
	if (r->has_upstream && r->endpoint != NULL) {
		r->endpoint->active_connections--;
		r->endpoint->cluster->active_connections--;
		r->endpoint->cluster->connections_closed++;
	}
	*r->prev = r->next;
	if (r->next != NULL)
		r->next->prev = r->prev;
	r->worker->relay_count--;
	close_side(r, &r->down);
	if (r->has_upstream)
		close_side(r, &r->up);
	if (r->holds_connection)	/* not before: another worker may open one at once */
		breaker_release(&r->endpoint->cluster->breaker, BREAKER_CONNECTIONS);
	worker_check_room(r->worker);
}

void
relay_abort(struct relay *r)
{
	relay_close(r);
}

static void
release(struct relay *r)
{
	if (--r->parts > 0)
		return;
	if (r->endpoint != NULL)
		endpoint_unref(r->endpoint);
	slab_set_give(&r->worker->blocks, r->server_name, r->server_name_size);
	acceptor_unref(r->acceptor);
	runtime_put(&r->runtime);
	slab_give(&r->worker->relays, r);
}

static void
release_down(struct conn *c)
{
	release(CONTAINER_OF(c, struct relay, down));
}

static void
release_up(struct conn *c)
{
	release(CONTAINER_OF(c, struct relay, up));
}

/* The timer reports what has moved, and ends what has not moved for long. */
void
relay_arm(struct relay *r, uint64_t deadline_ns)
{
	if (!timer_is_armed(&r->timer) || r->timer.deadline_ns > deadline_ns)
		loop_timer_set(r->worker->loop, &r->timer, deadline_ns, on_timer);
}

static void
on_timer(struct timer *t)
{
	struct relay *r = CONTAINER_OF(t, struct relay, timer);
	uint64_t now = loop_now_ns(r->worker->loop);
	uint64_t idle_ns = r->idle_timeout_ms * NS_PER_MS;

	if (r->is_peeking) {
		relay_hello_late(r);
		return;
	}
	if (r->has_upstream && r->up.is_connecting) {
		relay_fail(r, FLAG(UF) | FLAG(URX));
		if (r->endpoint != NULL)
			r->endpoint->cluster->connect_timeouts++;
		note_connect(r, false);
		relay_close(r);
		return;
	}
	if (r->max_duration_ns > 0 && now >= r->start_ns + r->max_duration_ns) {
		relay_close(r);
		return;
	}
	if (idle_ns > 0 && now >= r->moved_ns + idle_ns) {
		relay_close(r);
		return;
	}
	if (r->is_reported && relay_has_news(r))
		relay_report(r, RELAY_INTERIM);
	if (idle_ns > 0)
		relay_arm(r, r->moved_ns + idle_ns);
	if (r->max_duration_ns > 0)
		relay_arm(r, r->start_ns + r->max_duration_ns);
}

static void
move_bytes(struct relay *r)
{
	uint64_t before = r->received + r->sent;
	enum pump_result a, b;

	if (r->is_closed || !r->has_upstream || r->up.is_connecting)
		return;
	a = pump(&r->down, &r->up, &r->received);
	b = pump(&r->up, &r->down, &r->sent);
	if (r->received + r->sent != before) {
		r->moved_ns = loop_now_ns(r->worker->loop);
		if (r->is_reported)
			relay_arm(r, r->moved_ns + REPORT_NS);
	}
	r->is_broken = a == PUMP_BROKEN || b == PUMP_BROKEN;
	if (r->is_broken ||
	    (pump_is_over(&r->down, &r->up) && pump_is_over(&r->up, &r->down)))
		relay_close(r);
}

static void
on_connected(struct relay *r)
{
	r->up.is_connecting = false;
	loop_timer_cancel(&r->timer);
	r->moved_ns = loop_now_ns(r->worker->loop);
	if (r->address.sa.sa_family != AF_UNIX)
		(void)conn_local_address(&r->up, &r->source);	/* unknown is unset */
	if (r->idle_timeout_ms > 0)
		relay_arm(r, r->moved_ns + r->idle_timeout_ms * NS_PER_MS);
	if (r->max_duration_ns > 0)
		relay_arm(r, r->start_ns + r->max_duration_ns);
	note_connect(r, true);
	if (r->is_reported)
		relay_report(r, RELAY_OPENED);
	r->is_opened = true;
	if (!conn_flush(&r->up))
		relay_close(r);
	else
		move_bytes(r);
}

static void
on_connect_ended(struct relay *r)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(r->up.watch.fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error == 0) {
		on_connected(r);
		return;
	}
	r->connect_error = error;
	note_connect(r, false);
	relay_fail(r, FLAG(UF) | FLAG(URX));
	r->is_broken = error == ECONNRESET;	/* accepted, then thrown out */
	relay_close(r);
}

static void
on_down_readable(struct conn *c)
{
	struct relay *r = CONTAINER_OF(c, struct relay, down);

	if (r->is_peeking)
		relay_hello_more(r);
	else
		move_bytes(r);
}

static void
on_up_readable(struct conn *c)
{
	move_bytes(CONTAINER_OF(c, struct relay, up));
}

static void
on_down_writable(struct conn *c)
{
	move_bytes(CONTAINER_OF(c, struct relay, down));
}

static void
on_up_writable(struct conn *c)
{
	struct relay *r = CONTAINER_OF(c, struct relay, up);

	if (c->is_connecting)
		on_connect_ended(r);
	else
		move_bytes(r);
}

static void
on_broken(struct relay *r)
{
	r->is_broken = true;
	relay_close(r);
}

static void
on_down_broken(struct conn *c)
{
	on_broken(CONTAINER_OF(c, struct relay, down));
}

static void
on_up_broken(struct conn *c)
{
	on_broken(CONTAINER_OF(c, struct relay, up));
}

/* False: the relay has been closed. */
static bool
connect_up(struct relay *r)
{
	const struct dial dial = {
		.worker = r->worker, .use = DESCRIPTOR_LAST, .address = &r->address,
		.source = &r->source, .cluster = r->endpoint != NULL ? r->endpoint->cluster : NULL,
	};
	bool connected;
	int fd;

	if (r->endpoint != NULL)
		r->address = r->endpoint->address;
	fd = upstream_dial(&dial, &connected);
	if (r->endpoint != NULL) {
		r->endpoint->connections++;
		r->endpoint->cluster->connections++;
	}
	if (fd < 0 || !conn_open(&r->up, r->worker, &up_ops, fd)) {
		r->connect_error = errno;
		r->is_immediate = true;
		note_connect(r, false);
		relay_fail(r, FLAG(UF) | FLAG(URX));
		return false;
	}
	r->has_upstream = true;
	r->parts++;
	if (r->endpoint != NULL) {
		r->endpoint->active_connections++;
		r->endpoint->cluster->active_connections++;
	}
	r->up.is_connecting = true;
	if (!connected)
		relay_arm(r, loop_now_ns(r->worker->loop) + r->connect_timeout_ms * NS_PER_MS);
	else
		on_connected(r);
	return true;
}

/* The endpoint has an address now. */
static void
begin(struct relay *r)
{
	const struct iovec first = { r->early, r->early_len };

	if (r->endpoint != NULL && endpoint_leads_to(r->endpoint, &r->acceptor->spec.address)) {
		relay_fail(r, FLAG(UH));
		relay_close(r);
		return;
	}
	if (!connect_up(r)) {
		relay_close(r);
		return;
	}
	if (r->is_closed)
		return;
	r->received += r->early_len;
	if (!conn_send(&r->up, &first, 1, r->early_len)) {
		relay_close(r);
		return;
	}
	drop_early(r);
	r->down.can_read = true;
	move_bytes(r);
}

static void
on_resolved(struct resolve_wait *wait, bool ok)
{
	struct relay *r = CONTAINER_OF(wait, struct relay, resolving);

	if (ok) {
		begin(r);
	} else {
		relay_fail(r, FLAG(UH));
		relay_close(r);
	}
}

static struct relay *
relay_new(struct worker *w, struct acceptor *a, int fd, const union downstream_peer *peer,
	  const char *data, size_t len)
{
	struct relay *r = slab_take(&w->relays);

	memset(r, 0, sizeof(*r));
	if (!conn_open(&r->down, w, &down_ops, fd)) {
		slab_give(&w->relays, r);
		return NULL;
	}
	r->worker = w;
	r->parts = 1;
	r->acceptor = acceptor_ref(a);
	r->runtime = runtime_get(a->runtime);
	r->down_peer = *peer;
	r->start_ns = r->moved_ns = loop_now_ns(w->loop);
	r->start_wall_ms = worker_wall_ms(w);
	if (len > 0)
		relay_keep_early(r, data, len);
	r->next = w->first_relay;
	if (r->next != NULL)
		r->next->prev = &r->next;
	r->prev = &w->first_relay;
	w->first_relay = r;
	w->relay_count++;
	return r;
}

void
relay_start(struct relay *r)
{
	if (r->flags != 0) {
		relay_close(r);
		return;
	}
	if (r->endpoint == NULL) {
		begin(r);
		return;
	}
	switch (resolve_endpoint(r->worker, r->endpoint, &r->resolving, on_resolved)) {
	case RESOLVE_READY:
		begin(r);
		break;
	case RESOLVE_WAITS:
		break;
	case RESOLVE_FAILED:
		relay_fail(r, FLAG(UH));
		relay_close(r);
		break;
	}
}

void
relay_open(struct worker *w, struct acceptor *a, int fd, const union downstream_peer *peer,
	   const char *data, size_t len)
{
	struct relay *r = relay_new(w, a, fd, peer, data, len);

	if (r == NULL)
		return;
	if (relay_wants_hello(r)) {
		relay_hello_begin(r);
		return;
	}
	relay_route(r);
	relay_start(r);
}
