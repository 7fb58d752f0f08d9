/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bodies that pass as they are: their length is known, nobody keeps them, and
 * much of them is still to come.
 */
#include "proxy/http/exchange.h"

#include "proxy/cluster/upstream.h"
#include "proxy/http/downstream.h"
#include "proxy/http/exchange_rules.h"
#include "proxy/splice.h"

static bool
is_long(const struct http_body *b)
{
	return b->framing == HTTP_LENGTH && b->left >= SPLICE_MIN_BYTES;
}

bool
exchange_splice_request(struct exchange *ex)
{
	struct http_body *body = &ex->down->body;
	bool refused;
	ssize_t n;

	if (!is_long(body) || ex->up == NULL || ex->up->conn.is_connecting ||
	    ex->drops_request || (ex->rules != NULL && ex->rules->keeps_body))
		return false;
	n = splice_move(&ex->down->conn, &ex->up->conn, body->left, &refused);
	if (n == SPLICE_UNABLE)
		return false;
	if (n == CONN_NOTHING)
		return true;
	if (n <= 0) {
		exchange_on_gone(ex);
		return true;
	}
	http_body_skip(body, (uint64_t)n);
	ex->request_wire_bytes += (uint64_t)n;
	ex->request_body_bytes += (uint64_t)n;
	ex->body_has_begun = true;
	if (refused)
		exchange_on_request_refused(ex);
	if (body->is_done)
		exchange_on_request_end(ex);
	return true;
}

bool
exchange_splice_response(struct exchange *ex)
{
	struct upstream *u = ex->up;
	bool refused;
	ssize_t n;

	if (!u->has_head || !is_long(&u->body) || ex->is_mirror)
		return false;
	n = splice_move(&u->conn, &ex->down->conn, u->body.left, &refused);
	if (n == SPLICE_UNABLE)
		return false;
	if (n == CONN_NOTHING)
		return true;
	if (n <= 0) {
		exchange_on_response_end(ex, n == CONN_END);
		return true;
	}
	http_body_skip(&u->body, (uint64_t)n);
	ex->response_wire_bytes += (uint64_t)n;
	ex->response_body_bytes += (uint64_t)n;
	if (refused) {
		exchange_on_gone(ex);
		return true;
	}
	downstream_sent(ex->down);
	if (u->body.is_done)
		exchange_finish(ex);
	return true;
}
