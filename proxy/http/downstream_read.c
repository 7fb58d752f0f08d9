/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a client sends: a first look at the protocol, heads that become
 * exchanges, bodies for the one under way; see downstream.h.
 */
#include "proxy/http/downstream_priv.h"

#include <string.h>

#include "proxy/http/exchange.h"
#include "proxy/peer.h"
#include "proxy/tcp/relay.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/http/parse.h"
#include "src/http/write.h"

#define MAX_LINE_BYTES 16384

/* A caller may have lost its proxy, or its address, in a new configuration:
 * then no request of this connection can be served as that proxy's. */
static bool
has_proxy(struct downstream *d)
{
	const struct mesh_instance *caller = downstream_caller(d);

	return d->acceptor->spec.kind != LISTENER_SERVICE ||
	       (caller != NULL && caller->workload->has_proxy);
}

void
downstream_answer(struct downstream *d, unsigned status, response_flags flags,
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
		downstream_close_gently(d);
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

	downstream_answer(d, status[result], FLAG(DPE), "http1.codec_error", len);
}

enum sniffed {
	SNIFF_MORE,		/* too little to tell */
	SNIFF_LINE,		/* a request, whose version has not come yet */
	SNIFF_HTTP,
	SNIFF_OTHER,
};

static bool
line_ends(const char *line, const char *end, const char *with)
{
	size_t len = strlen(with);

	if (end > line && end[-1] == '\r')
		end--;
	return (size_t)(end - line) >= len && memcmp(end - len, with, len) == 0;
}

/* A method of capital letters and a blank begin a request.  HTTP/1.0 counts
 * where it is served; else Envoy passes it on as it does any other bytes. */
static enum sniffed
sniff(const char *data, size_t len, bool http10)
{
	const char *end;
	size_t i = 0;

	while (i < len && i < 20 && data[i] >= 'A' && data[i] <= 'Z')
		i++;
	if (i == len && i < 20)
		return SNIFF_MORE;
	if (i < 3 || i >= 20 || data[i] != ' ')
		return SNIFF_OTHER;
	if (http10)
		return SNIFF_HTTP;
	end = memchr(data, '\n', len);
	if (end == NULL)
		return len <= MAX_LINE_BYTES ? SNIFF_LINE : SNIFF_HTTP;
	return line_ends(data, end, " HTTP/1.0") ? SNIFF_OTHER : SNIFF_HTTP;
}

void
downstream_become_relay(struct downstream *d, const char *data, size_t len)
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

	downstream_keep_pending(d, data, len);
	d->pending_tried = (uint32_t)len;
	if (is_first)
		downstream_wait_for(d, WAIT_HEAD, downstream_settings(d)->request_head_ms);
}

/* Bytes at the start of a request.  Returns how many were used; 0: kept, or
 * the connection ends. */
static size_t
take_head(struct downstream *d, char *data, size_t len)
{
	static const struct http_limits limits = { HTTP_MAX_HEAD_BYTES, HTTP_MAX_FIELDS,
						    MAX_LINE_BYTES };
	struct worker *w = d->conn.worker;
	enum http_result r;
	size_t head_len, used;
	const char *why;

	if (d->is_sniffing) {
		switch (sniff(data, len, downstream_settings(d)->http10)) {
		case SNIFF_MORE:
			downstream_keep_pending(d, data, len);
			d->pending_tried = (uint32_t)len;
			return 0;
		case SNIFF_LINE:
			wait_for_head(d, data, len);
			return 0;
		case SNIFF_OTHER:
			downstream_become_relay(d, data, len);
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
	downstream_drop_pending(d);
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
		downstream_wait_for(d, WAIT_BODY, downstream_settings(d)->request_body_idle_ms);
}

static void
take_bytes(struct downstream *d, char *data, size_t len)
{
	while (len > 0) {
		size_t used;

		if (d->conn.is_dead || (d->exchange == NULL && d->closes))
			return;
		if (d->exchange != NULL && (d->exchange->request_done || d->exchange->is_held)) {
			downstream_keep_pending(d, data, len);
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
		downstream_drop_pending(d);
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

void
downstream_on_readable(struct conn *c)
{
	struct downstream *d = CONTAINER_OF(c, struct downstream, conn);

	for (int i = 0; i < READS_A_TURN; i++) {
		if (d->exchange == NULL && d->closes) {
			if (c->has_error)
				downstream_close(d);
			else if (d->wait == WAIT_LINGER)
				downstream_discard(d);
			else if (d->wait == WAIT_SENT && c->unsent == 0)
				downstream_end(d);
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
		downstream_on_readable(&d->conn);
}
