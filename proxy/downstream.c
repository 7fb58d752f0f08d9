/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A client's HTTP/1.1 connection; see downstream.h. */
#include "proxy/downstream.h"

#include <string.h>

#include "proxy/acceptor.h"
#include "proxy/exchange.h"
#include "proxy/peer.h"
#include "proxy/relay.h"
#include "proxy/runtime.h"
#include "proxy/upstream.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/http/parse.h"
#include "src/http/write.h"

#define READS_A_TURN 2
#define LINGER_MS 1000
#define SNIFF_MS 5000
#define UNWATCHED_MS 20

static void on_readable(struct conn *c);
static void on_writable(struct conn *c);
static void on_broken(struct conn *c);
static void on_blocked(struct conn *c);
static void release(struct conn *c);
static void on_timer(struct timer *t);

static const struct conn_ops downstream_ops = {
	.on_readable = on_readable,
	.on_writable = on_writable,
	.on_broken = on_broken,
	.on_blocked = on_blocked,
	.release = release,
};

static const struct mesh_settings *
settings(const struct downstream *d)
{
	return &d->acceptor->runtime->mesh->settings;
}

/* Moves the deadline; the timer itself is only touched when it would come
 * too late. */
static void
wait_for(struct downstream *d, enum downstream_wait wait, uint64_t ms)
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
	uint64_t ms = settings(d)->downstream_idle_ms;

	wait_for(d, ms == 0 ? WAIT_NOTHING : WAIT_REQUEST, ms);
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
	on_readable(&d->conn);
	if (d->conn.is_dead || !d->conn.is_unwatched)
		return;
	if (d->exchange != NULL && d->exchange->request_done)
		wait_for(d, WAIT_WATCH, UNWATCHED_MS);
	else if (d->exchange != NULL || d->closes)
		conn_watch(&d->conn);
	else if (sniffs)
		wait_for(d, WAIT_SNIFF, SNIFF_MS);
	else
		wait_for_request(d);
}

static void
drop_pending(struct downstream *d)
{
	slab_set_give(&d->conn.worker->blocks, d->pending, d->pending_size);
	d->pending = NULL;
	d->pending_len = d->pending_size = d->pending_tried = 0;
}

static void
keep_pending(struct downstream *d, const char *data, size_t len)
{
	size_t size = len;

	drop_pending(d);
	d->pending = slab_set_take(&d->conn.worker->blocks, &size);
	d->pending_size = (uint32_t)size;
	memcpy(d->pending, data, len);
	d->pending_len = (uint32_t)len;
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
	drop_pending(d);
	unlink_downstream(d);
	conn_close(&d->conn);
	worker_check_idle(d->conn.worker);
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

/* Closes without destroying what is still on its way: a socket that holds
 * unread bytes would be reset. */
static void
close_gently(struct downstream *d)
{
	struct conn *c = &d->conn;

	d->closes = true;
	drop_pending(d);
	if (!conn_settle(c)) {
		downstream_close(d);
		return;
	}
	if (conn_is_blocked(c)) {
		conn_end(c);
		wait_for(d, WAIT_READER, settings(d)->request_body_idle_ms);
		return;
	}
	if (c->read_ended || d->wait == WAIT_LINGER) {
		downstream_close(d);
		return;
	}
	conn_end(c);
	wait_for(d, WAIT_LINGER, LINGER_MS);
	c->can_read = true;
	conn_again(c);
}

static void
discard(struct downstream *d)
{
	for (int i = 0; i < READS_A_TURN; i++) {
		ssize_t n = conn_read(&d->conn, d->conn.worker->hot, HOT_BYTES);

		if (n == CONN_NOTHING)
			return;
		if (n <= 0) {
			downstream_close(d);
			return;
		}
	}
	conn_again(&d->conn);
}

/* The last answer has been sent.  Where nothing has come behind the request,
 * or nothing may come, nothing is lost by closing at once. */
static void
end(struct downstream *d)
{
	bool is_last = d->conn.is_unwatched ? d->is_last : !d->conn.can_read;

	if (d->body.is_done && d->pending_len == 0 && is_last && !conn_is_blocked(&d->conn))
		downstream_close(d);
	else
		close_gently(d);
}

/* Soon: the answer may still be in the outbox. */
static void
end_soon(struct downstream *d)
{
	d->closes = true;
	if (d->conn.unsent == 0) {
		end(d);
		return;
	}
	d->wait = WAIT_SENT;
	conn_again(&d->conn);
}

void
downstream_next(struct downstream *d)
{
	ASSERT(d->exchange == NULL);
	if (d->conn.is_dead)
		return;
	d->requests++;
	if (d->closes || d->conn.worker->is_draining || d->acceptor->is_closed) {
		end_soon(d);
		return;
	}
	wait_for_request(d);
	if (conn_is_blocked(&d->conn))
		wait_for(d, WAIT_READER, settings(d)->request_body_idle_ms);
	else if (d->pending_len > 0 || d->conn.can_read)
		conn_again(&d->conn);
}

void
downstream_drain(struct downstream *d)
{
	if (d->exchange != NULL || d->closes || d->pending_len > 0)
		return;
	if (d->conn.unsent > 0)
		end_soon(d);
	else
		downstream_close(d);
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

/* --- requests --- */

/* A caller may have lost its proxy, or its address, in a new configuration:
 * then no request of this connection can be served as that proxy's. */
static bool
has_proxy(struct downstream *d)
{
	const struct mesh_instance *caller = downstream_caller(d);

	return d->acceptor->spec.kind != LISTENER_SERVICE ||
	       (caller != NULL && caller->workload->has_proxy);
}

/* An answer to what has not become an exchange; the connection ends. */
static void
answer_and_close(struct downstream *d, unsigned status, response_flags flags,
		 const char *details, size_t len)
{
	struct buf out = BUF_INIT, extra = BUF_INIT;
	struct iovec iov;

	if (!has_proxy(d)) {
		downstream_close(d);
		return;
	}
	buf_printf(&extra, "date: %s\r\nserver: %s\r\n", worker_date(d->conn.worker),
		   acceptor_server_name(d->acceptor));
	http_write_reply(&out, status, "text/plain", slice_of(http_reason(status)),
			 buf_str(&extra), true, false);
	iov = (struct iovec){ out.data, out.len };
	exchange_report_bad_request(d, status, flags, details, len);
	d->closes = true;
	if (conn_send(&d->conn, &iov, 1, out.len))
		close_gently(d);
	else
		downstream_close(d);
	buf_fini(&out);
	buf_fini(&extra);
}

static void
refuse(struct downstream *d, enum http_result result, size_t len)
{
	static const unsigned status[] = {
		[HTTP_BAD] = 400, [HTTP_BAD_VERSION] = 505, [HTTP_BAD_CODING] = 501,
		[HTTP_TOO_LARGE] = 431, [HTTP_URI_TOO_LONG] = 414,
	};

	answer_and_close(d, status[result], FLAG(DPE), "http1.codec_error", len);
}

/* The first bytes of a request: a method of capital letters and a blank. */
static enum { SNIFF_MORE, SNIFF_HTTP, SNIFF_OTHER }
sniff(const char *data, size_t len)
{
	size_t i = 0;

	while (i < len && i < 20 && data[i] >= 'A' && data[i] <= 'Z')
		i++;
	if (i == len && i < 20)
		return SNIFF_MORE;
	return i >= 3 && i < 20 && data[i] == ' ' ? SNIFF_HTTP : SNIFF_OTHER;
}

/* The socket goes on as a TCP relay; bytes that were read go first. */
static void
become_relay(struct downstream *d, const char *data, size_t len)
{
	struct worker *w = d->conn.worker;
	int fd = d->conn.watch.fd;

	loop_unwatch(&d->conn.watch);
	relay_open(w, d->acceptor, fd, &d->peer, data, len);
	downstream_close(d);
}

static void
wait_for_head(struct downstream *d, const char *data, size_t len)
{
	bool is_first = d->wait != WAIT_HEAD;

	keep_pending(d, data, len);
	d->pending_tried = (uint32_t)len;
	if (is_first)
		wait_for(d, WAIT_HEAD, settings(d)->request_head_ms);
}

/* Bytes at the start of a request.  Returns how many were used; 0: kept, or
 * the connection ends. */
static size_t
take_head(struct downstream *d, char *data, size_t len)
{
	static const struct http_limits limits = { HTTP_MAX_HEAD_BYTES, HTTP_MAX_FIELDS, 16384 };
	struct worker *w = d->conn.worker;
	enum http_result r;
	size_t head_len, used;
	const char *why;

	if (d->is_sniffing) {
		switch (sniff(data, len)) {
		case SNIFF_MORE:
			keep_pending(d, data, len);
			d->pending_tried = (uint32_t)len;
			return 0;
		case SNIFF_OTHER:
			become_relay(d, data, len);
			return 0;
		case SNIFF_HTTP:
			d->is_sniffing = false;
			break;
		}
	}
	if (!has_proxy(d)) {
		downstream_close(d);
		return 0;
	}
	r = http_parse_request(&w->head, data, len, &limits, &head_len, &why);
	if (r == HTTP_MORE) {
		wait_for_head(d, data, len);
		return 0;
	}
	if (r != HTTP_DONE) {
		refuse(d, r, len);
		return 0;
	}
	drop_pending(d);
	d->wait = WAIT_NOTHING;
	exchange_begin(d, data, head_len, data + head_len, len - head_len, &used);
	return head_len + used;
}

/* More of the body is awaited. */
static void
watch_body(struct downstream *d)
{
	if (!d->conn.is_dead && d->exchange != NULL && !d->exchange->request_done &&
	    !d->exchange->is_held)
		wait_for(d, WAIT_BODY, settings(d)->request_body_idle_ms);
}

static void
take_bytes(struct downstream *d, char *data, size_t len)
{
	while (len > 0) {
		size_t used;

		if (d->conn.is_dead || (d->exchange == NULL && d->closes))
			return;
		if (d->exchange != NULL && (d->exchange->request_done || d->exchange->is_held)) {
			keep_pending(d, data, len);
			return;
		}
		if (d->exchange == NULL)
			used = take_head(d, data, len);
		else
			used = exchange_request_bytes(d->exchange, data, len);
		if (used == 0)
			return;
		data += used;
		len -= used;
	}
	watch_body(d);
}

/* Between requests or inside a body.  False: nothing more to do now. */
static bool
read_some(struct downstream *d)
{
	char *hot = d->conn.worker->hot;
	size_t base = d->pending_len;
	bool has_new = base > d->pending_tried;	/* pipelined, not yet looked at */
	ssize_t n = 0;

	if (!has_new) {
		if (!d->conn.can_read)
			return false;
		if (d->exchange != NULL && base == 0 && exchange_splice_request(d->exchange)) {
			watch_body(d);
			return !d->conn.is_dead;
		}
		n = conn_read(&d->conn, hot + base, HOT_BYTES - base);
		if (n == CONN_NOTHING)
			return false;
		if (n <= 0) {
			if (d->exchange != NULL)
				exchange_on_gone(d->exchange);
			else
				downstream_close(d);
			return false;
		}
	}
	if (base > 0)
		memcpy(hot, d->pending, base);
	if (has_new)
		drop_pending(d);
	take_bytes(d, hot, base + (size_t)n);
	return !d->conn.is_dead;
}

/* While an exchange waits for its upstream: has the client gone?  A client
 * that has only ended its side still wants the answer. */
static void
look_for_end(struct downstream *d)
{
	struct conn *c = &d->conn;

	if (c->has_error) {
		exchange_on_gone(d->exchange);
	} else if (c->is_hung_up && !d->has_asked_half_close) {
		d->has_asked_half_close = true;
		d->closes = true;
		if (!peer_is_open(c->worker->peers, c->watch.fd))
			exchange_on_gone(d->exchange);
	}
}

static void
on_readable(struct conn *c)
{
	struct downstream *d = CONTAINER_OF(c, struct downstream, conn);

	for (int i = 0; i < READS_A_TURN; i++) {
		if (d->exchange == NULL && d->closes) {
			if (c->has_error)
				downstream_close(d);
			else if (d->wait == WAIT_LINGER)
				discard(d);
			else if (d->wait == WAIT_SENT && c->unsent == 0)
				end(d);
			return;
		}
		if (d->exchange != NULL && d->exchange->is_tunnel) {
			exchange_on_tunnel(d->exchange);
			return;
		}
		if (d->exchange != NULL && (d->exchange->request_done || d->exchange->is_held)) {
			look_for_end(d);
			return;
		}
		if (d->exchange != NULL && !exchange_has_request_room(d->exchange)) {
			if (c->has_error)
				exchange_on_gone(d->exchange);
			return;
		}
		if (d->exchange == NULL && conn_is_blocked(c)) {
			if (c->has_error)
				downstream_close(d);
			return;
		}
		if (!read_some(d))
			return;
	}
	conn_again(c);
}

void
downstream_resume(struct downstream *d)
{
	if (!d->conn.is_dead && (d->conn.can_read || d->pending_len > 0))
		on_readable(&d->conn);
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
		close_gently(d);
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
		wait_for(d, WAIT_READER, settings(d)->request_body_idle_ms);
}

void
downstream_sent(struct downstream *d)
{
	if (conn_is_blocked(&d->conn) && d->exchange != NULL && d->exchange->request_done)
		wait_for(d, WAIT_READER, settings(d)->request_body_idle_ms);
}

/* --- time --- */

static void
on_late(struct downstream *d)
{
	switch ((enum downstream_wait)d->wait) {
	case WAIT_NOTHING:
	case WAIT_WATCH:
	case WAIT_SENT:
		break;
	case WAIT_SNIFF:
		become_relay(d, d->pending, d->pending_len);
		break;
	case WAIT_HEAD:
		answer_and_close(d, 408, 0, "request_header_timeout", d->pending_len);
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
