/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A client's connection: its life, whose turn it is, and the deadlines; see
 * downstream.h.
 */
#include "proxy/http/downstream_priv.h"

#include <string.h>

#include "proxy/http/exchange.h"
#include "src/base/assert.h"

#define SNIFF_MS 5000
#define UNWATCHED_MS 20

static void on_writable(struct conn *c);
static void on_broken(struct conn *c);
static void on_blocked(struct conn *c);
static void release(struct conn *c);
static void on_timer(struct timer *t);

static const struct conn_ops downstream_ops = {
	.on_readable = downstream_on_readable,
	.on_writable = on_writable,
	.on_broken = on_broken,
	.on_blocked = on_blocked,
	.release = release,
};

/* Moves the deadline; the timer itself is only touched when it would come
 * too late. */
void
downstream_wait_for(struct downstream *d, enum downstream_wait wait, uint64_t ms)
{
	struct loop *loop = d->conn.worker->loop;

	if (wait != WAIT_WATCH)
		conn_watch(&d->conn);
	d->wait = (uint8_t)wait;
	if (ms == 0)
		return;
	d->deadline_ns = loop_now_ns(loop) + ms * NS_PER_MS;
	if (!timer_is_armed(&d->timer) || d->timer.deadline_ns > d->deadline_ns)
		loop_timer_set(loop, &d->timer, d->deadline_ns, on_timer);
}

static void
wait_for_request(struct downstream *d)
{
	uint64_t ms = downstream_settings(d)->downstream_idle_ms;

	downstream_wait_for(d, ms == 0 ? WAIT_NOTHING : WAIT_REQUEST, ms);
}

void
downstream_open(struct worker *w, struct acceptor *a, int fd, const union downstream_peer *peer,
		bool sniffs)
{
	struct downstream *d = slab_take(&w->downstreams);

	memset(d, 0, sizeof(*d));
	conn_open_unwatched(&d->conn, w, &downstream_ops, fd);
	d->acceptor = acceptor_ref(a);
	d->peer = *peer;
	d->is_sniffing = sniffs;
	d->next = w->first_downstream;
	if (d->next != NULL)
		d->next->prev = &d->next;
	d->prev = &w->first_downstream;
	w->first_downstream = d;
	w->downstream_count++;
	/* The first request has often come with the connection, and is often the
	 * last one. */
	d->conn.can_read = true;
	downstream_on_readable(&d->conn);
	if (d->conn.is_dead || !d->conn.is_unwatched)
		return;
	if (d->exchange != NULL && d->exchange->request_done)
		downstream_wait_for(d, WAIT_WATCH, UNWATCHED_MS);
	else if (d->exchange != NULL || d->closes)
		conn_watch(&d->conn);
	else if (sniffs)
		downstream_wait_for(d, WAIT_SNIFF, SNIFF_MS);
	else
		wait_for_request(d);
}

void
downstream_keep_pending(struct downstream *d, const char *data, size_t len)
{
	size_t size = len;

	downstream_drop_pending(d);
	d->pending = slab_set_take(&d->conn.worker->blocks, &size);
	d->pending_size = (uint32_t)size;
	memcpy(d->pending, data, len);
	d->pending_len = (uint32_t)len;
}

bool
downstream_pass_pending(struct downstream *d, struct conn *to)
{
	struct iovec iov = { d->pending, d->pending_len };
	bool ok = d->pending_len == 0 || conn_send(to, &iov, 1, iov.iov_len);

	downstream_drop_pending(d);
	return ok;
}

static void
unlink_downstream(struct downstream *d)
{
	*d->prev = d->next;
	if (d->next != NULL)
		d->next->prev = d->prev;
	d->conn.worker->downstream_count--;
}

void
downstream_close(struct downstream *d)
{
	if (d->conn.is_dead)
		return;
	ASSERT(d->exchange == NULL);
	loop_timer_cancel(&d->timer);
	downstream_drop_pending(d);
	unlink_downstream(d);
	conn_close(&d->conn);
	worker_check_room(d->conn.worker);
}

/* Whatever closes it now, the peer sees a reset. */
static void
reset_at_close(const struct downstream *d)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };

	if (!d->conn.is_dead)
		setsockopt(d->conn.watch.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

void
downstream_cut(struct downstream *d, bool reset)
{
	if (reset)
		reset_at_close(d);
	downstream_close(d);
}

static void
release(struct conn *c)
{
	struct downstream *d = CONTAINER_OF(c, struct downstream, conn);

	acceptor_unref(d->acceptor);
	slab_give(&c->worker->downstreams, d);
}

void
downstream_next(struct downstream *d)
{
	ASSERT(d->exchange == NULL);
	if (d->conn.is_dead)
		return;
	d->requests++;
	if (d->closes || acceptor_drains(d->acceptor)) {
		downstream_end_soon(d);
		return;
	}
	wait_for_request(d);
	if (conn_is_blocked(&d->conn))
		downstream_wait_for(d, WAIT_READER, downstream_settings(d)->request_body_idle_ms);
	else if (d->pending_len > 0 || d->conn.can_read)
		conn_again(&d->conn);
}

void
downstream_drain(struct downstream *d)
{
	if (d->exchange != NULL || d->closes || d->pending_len > 0)
		return;
	if (d->conn.unsent > 0)
		downstream_end_soon(d);
	else
		downstream_close(d);
}

uint64_t
downstream_idle_since(const struct downstream *d)
{
	uint64_t limit_ns = downstream_settings(d)->downstream_idle_ms * NS_PER_MS;

	if (d->exchange != NULL || d->wait != WAIT_REQUEST || d->closes || d->pending_len > 0 ||
	    d->deadline_ns < limit_ns)
		return 0;
	return d->deadline_ns - limit_ns;
}

void
downstream_peer_address(const struct downstream *d, struct address *out)
{
	memset(out, 0, sizeof(*out));
	if (d->peer.sa.sa_family == AF_INET6) {
		out->in6 = d->peer.in6;
		out->len = sizeof(out->in6);
	} else {
		out->in = d->peer.in;
		out->len = sizeof(out->in);
	}
}

const struct mesh_instance *
downstream_caller(struct downstream *d)
{
	const struct acceptor *a = d->acceptor;
	struct address address;

	if (d->caller_serial == a->runtime->serial)
		return d->caller;
	downstream_peer_address(d, &address);
	d->caller_serial = a->runtime->serial;
	d->caller = acceptor_has_own_caller(a) ?
			    a->spec.instance :
			    mesh_instance_of_address(a->runtime->mesh, &address);
	return d->caller;
}

/* The queue went out. */
static void
on_writable(struct conn *c)
{
	struct downstream *d = CONTAINER_OF(c, struct downstream, conn);

	if (d->exchange != NULL) {
		if (d->wait == WAIT_READER)
			d->wait = WAIT_NOTHING;
		exchange_on_response_room(d->exchange);
	} else if (d->closes) {
		downstream_close_gently(d);
	} else {
		wait_for_request(d);
		downstream_resume(d);
	}
}

static void
on_broken(struct conn *c)
{
	struct downstream *d = CONTAINER_OF(c, struct downstream, conn);

	if (d->exchange != NULL)
		exchange_on_gone(d->exchange);
	else
		downstream_close(d);
}

/* The end of the body is awaited before the reader is. */
static void
on_blocked(struct conn *c)
{
	struct downstream *d = CONTAINER_OF(c, struct downstream, conn);

	if (d->exchange == NULL || d->exchange->request_done)
		downstream_wait_for(d, WAIT_READER, downstream_settings(d)->request_body_idle_ms);
}

void
downstream_sent(struct downstream *d)
{
	if (conn_is_blocked(&d->conn) && d->exchange != NULL && d->exchange->request_done)
		downstream_wait_for(d, WAIT_READER, downstream_settings(d)->request_body_idle_ms);
}

static void
on_late(struct downstream *d)
{
	switch ((enum downstream_wait)d->wait) {
	case WAIT_NOTHING:
	case WAIT_WATCH:
	case WAIT_SENT:
		break;
	case WAIT_SNIFF:
		downstream_become_relay(d, d->pending, d->pending_len);
		break;
	case WAIT_HEAD:
		downstream_answer(d, 408, 0, "request_header_timeout", d->pending_len);
		break;
	case WAIT_REQUEST:
	case WAIT_LINGER:
		downstream_close(d);
		break;
	case WAIT_BODY:
	case WAIT_READER:
		/* What a stalled reader has not taken must not stay with the kernel. */
		if (d->wait == WAIT_READER)
			reset_at_close(d);
		if (d->exchange != NULL)
			exchange_on_stalled(d->exchange);
		else
			downstream_close(d);
		break;
	}
}

static void
on_timer(struct timer *t)
{
	struct downstream *d = CONTAINER_OF(t, struct downstream, timer);
	struct loop *loop = d->conn.worker->loop;

	conn_watch(&d->conn);
	if (d->wait == WAIT_NOTHING)
		return;
	if (d->deadline_ns > loop_now_ns(loop))
		loop_timer_set(loop, t, d->deadline_ns, on_timer);
	else
		on_late(d);
}
