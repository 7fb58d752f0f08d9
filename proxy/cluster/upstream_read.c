/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an endpoint sends; see upstream.h. */
#include "proxy/cluster/upstream_priv.h"

#include <string.h>

#include "proxy/http/downstream.h"
#include "proxy/http/exchange.h"
#include "proxy/splice.h"
#include "src/base/assert.h"
#include "src/http/parse.h"

#define READS_A_TURN 2
#define FIRST_BYTES 4096		/* of a response whose body is likely long */

static void
keep_pending(struct upstream *u, const char *data, size_t len)
{
	struct slab_set *blocks = &u->conn.worker->blocks;

	if (len > u->pending_size) {
		slab_set_give(blocks, u->pending, u->pending_size);
		u->pending_size = len;
		u->pending = slab_set_take(blocks, &u->pending_size);
	}
	memcpy(u->pending, data, len);
	u->pending_len = len;
}

static void
drop_pending(struct upstream *u)
{
	slab_set_give(&u->conn.worker->blocks, u->pending, u->pending_size);
	u->pending = NULL;
	u->pending_len = u->pending_size = 0;
}

/* Bytes of a response in the hot buffer. */
static void
take_bytes(struct upstream *u, char *data, size_t len)
{
	static const struct http_limits limits = { HTTP_MAX_HEAD_BYTES, HTTP_MAX_FIELDS, 16384 };
	struct exchange *ex = u->exchange;
	struct http_head *head = &u->conn.worker->head;

	u->has_bytes = true;
	while (!u->has_head && u->exchange == ex) {
		const char *why;
		size_t used;
		enum http_result r = http_parse_response(head, data, len, &limits,
							 exchange_method(ex), &used, &why);

		if (r == HTTP_MORE) {
			keep_pending(u, data, len);
			return;
		}
		if (r != HTTP_DONE) {
			exchange_on_response_bad(ex);
			return;
		}
		data += used;
		len -= used;
		if (head->status < 200) {
			exchange_on_interim(ex, head, used, data, len);
			if (u->is_tunnel || u->exchange != ex || len == 0)
				return;
			continue;
		}
		u->has_head = true;
		u->has_long_bodies = head->framing == HTTP_LENGTH &&
				     head->content_length >= SPLICE_MIN_BYTES + FIRST_BYTES;
		http_body_init(&u->body, head);
		exchange_on_response(ex, head, used, data, len);
		return;
	}
	if (u->exchange == ex)
		exchange_on_response_bytes(ex, data, len);
}

static void
read_some(struct upstream *u)
{
	char *hot = u->conn.worker->hot;
	size_t base = u->pending_len, room = HOT_BYTES - base;
	ssize_t n;

	/* Where the last body was long, this one may come to be spliced. */
	if (u->has_long_bodies && !u->has_head && base == 0)
		room = FIRST_BYTES;
	/* What the answer will need comes while it is read. */
	__builtin_prefetch(u->exchange->down);
	__builtin_prefetch(u->exchange->head);
	n = conn_read(&u->conn, hot + base, room);
	if (n == CONN_NOTHING)
		return;
	if (n < 0 || n == CONN_END) {
		exchange_on_response_end(u->exchange, n == CONN_END);
		return;
	}
	if (base > 0) {
		memcpy(hot, u->pending, base);
		drop_pending(u);
	}
	take_bytes(u, hot, base + (size_t)n);
}

void
upstream_on_readable(struct conn *c)
{
	struct upstream *u = CONTAINER_OF(c, struct upstream, conn);
	struct exchange *ex = u->exchange;

	/* It may be read again only because its last answer took several turns. */
	if (ex == NULL) {
		if (upstream_is_spoiled(u))
			upstream_close(u);
		return;
	}
	if (u->is_tunnel) {
		exchange_on_tunnel(ex);
		return;
	}
	for (int i = 0; i < READS_A_TURN; i++) {
		if (!c->can_read || !exchange_has_response_room(ex))
			return;
		if (!exchange_splice_response(ex))
			read_some(u);
		if (c->is_dead || u->exchange != ex || u->is_tunnel)
			return;
	}
	conn_again(c);
}

void
upstream_resume(struct upstream *u)
{
	if (!u->conn.is_dead && u->conn.can_read)
		upstream_on_readable(&u->conn);
}
