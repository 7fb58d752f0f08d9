/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers that the engine makes itself.
 */
#include "proxy/http/exchange.h"

#include <string.h>

#include "proxy/acceptor.h"
#include "proxy/cluster/upstream.h"
#include "proxy/http/cors.h"
#include "proxy/http/downstream.h"
#include "proxy/http/exchange_rules.h"
#include "proxy/http/header_ops.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/buf.h"

/* What the router says itself; rules have their say on the fields of that. */
#define ROUTER_FLAGS \
	(FLAG(UH) | FLAG(UF) | FLAG(UC) | FLAG(UO) | FLAG(NC) | FLAG(UT) | FLAG(UPE) | FLAG(DF))

static const struct {
	unsigned status;
	response_flags flags;
	const char *body, *details;
} failures[FAILURE_COUNT] = {
#define FAILURE(id, status, flags, body, details) \
	[FAILURE_##id] = { status, flags, body, details },
#include "proxy/http/failures.tbl"
#undef FAILURE
};

struct slice
exchange_server_line(const struct exchange *ex)
{
	return ex->down->acceptor->spec.kind == LISTENER_SERVICE ||
			       ex->down->acceptor->spec.kind == LISTENER_EGRESS ?
		       SLICE("server: envoy\r\n") : SLICE("server: istio-envoy\r\n");
}

bool
exchange_is_grpc(const struct exchange *ex)
{
	return http_head_is_grpc(ex->head);
}

/* What gRPC calls an HTTP status. */
static int
grpc_status_of(unsigned status)
{
	static const struct {
		unsigned status;
		int grpc;
	} rows[] = {
		{ 400, 13 }, { 401, 16 }, { 403, 7 }, { 404, 12 }, { 429, 14 }, { 502, 14 },
		{ 503, 14 }, { 504, 4 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].status == status)
			return rows[i].grpc;
	return 2;
}

/* What the first of the "name: value\r\n" lines of that name says; without ptr:
 * there is none. */
static struct slice
value_in(const char *lines, struct slice name)
{
	for (const char *at = lines, *value; *at != '\0'; at = strchr(at, '\n') + 1) {
		if (strncmp(at, name.ptr, name.len) != 0 || at[name.len] != ':')
			continue;
		value = at + name.len + strlen(": ");
		return (struct slice){ value, strcspn(value, "\r\n") };
	}
	return SLICE_NONE;
}

static bool
has_line(const char *lines, struct slice name)
{
	return value_in(lines, name).ptr != NULL;
}

/* Those of lines whose names own has not. */
static void
put_lines_beside(const char *own, const char *lines, struct buf *out)
{
	for (const char *at = lines, *next; *at != '\0'; at = next) {
		next = strchr(at, '\n') + 1;
		if (!has_line(own, (struct slice){ at, strcspn(at, ":") }))
			buf_append(out, at, (size_t)(next - at));
	}
}

/* Of a reply, up to and with its empty line. */
static size_t
head_bytes(const struct buf *reply)
{
	const char *end = memmem(reply->data, reply->len, "\r\n\r\n", 4);

	return (size_t)(end - reply->data) + 4;
}

void
exchange_answer_plain(struct exchange *ex, unsigned status, struct slice body,
		      const char *extra_fields)
{
	struct downstream *d = ex->down;
	struct buf out = BUF_INIT, extra = BUF_INIT;
	struct iovec iov;
	size_t head_len;

	/* The rest of a request that nobody reads cannot be told from the
	 * next one in time. */
	if (!ex->request_done || acceptor_drains(d->acceptor))
		d->closes = true;
	ex->status = status;
	ex->response_started = true;
	buf_puts(&extra, extra_fields);
	if (!has_line(buf_str(&extra), SLICE("date")))
		buf_printf(&extra, "date: %s\r\n", worker_date(ex->worker));
	buf_puts(&extra, exchange_server_line(ex).ptr);
	if (ex->has_cors_origin)
		cors_put_response(ex, NULL, &extra);
	http_write_reply(&out, status,
			 has_line(buf_str(&extra), SLICE("content-type")) ? NULL : "text/plain",
			 body, buf_str(&extra), d->closes, ex->head->method_id == HTTP_HEAD);
	ex->response_wire_bytes = out.len;
	head_len = head_bytes(&out);
	ex->response_body_bytes = out.len - head_len;
	iov = (struct iovec){ out.data, out.len };
	exchange_keep_answer(ex, &iov, 1, head_len, false);
	if (ex->is_mirror || conn_send(&d->conn, &iov, 1, out.len))
		exchange_finish(ex);
	else
		exchange_on_gone(ex);
	buf_fini(&out);
	buf_fini(&extra);
}

/* Whatever the status, redirects and direct answers too, a head alone with the
 * text as a field.  As in Envoy this comes after the rules' operations and
 * overwrites all that they say of the same names but a status. */
static void
answer_grpc(struct exchange *ex, unsigned status, struct slice body, const char *extra_fields)
{
	struct slice told = value_in(extra_fields, SLICE("grpc-status"));
	struct buf fields = BUF_INIT, all = BUF_INIT;

	ex->grpc_status = told.len > 0 ? exchange_read_grpc_status(told) :
					 (int8_t)grpc_status_of(status);
	buf_puts(&fields, "content-type: application/grpc\r\n");
	if (told.len == 0)
		buf_printf(&fields, "grpc-status: %d\r\n", ex->grpc_status);
	if (body.len > 0 && ex->head->method_id != HTTP_HEAD) {
		buf_puts(&fields, "grpc-message: ");
		for (size_t i = 0; i < body.len; i++)
			buf_printf(&fields, body.ptr[i] < ' ' || body.ptr[i] > '~' || body.ptr[i] == '%' ?
				   "%%%02X" : "%c", (unsigned char)body.ptr[i]);
		buf_puts(&fields, "\r\n");
	}
	put_lines_beside(buf_str(&fields), extra_fields, &all);
	buf_puts(&all, buf_str(&fields));
	exchange_answer_plain(ex, 200, SLICE(""), buf_str(&all));
	buf_fini(&fields);
	buf_fini(&all);
}

void
exchange_answer(struct exchange *ex, unsigned status, struct slice body,
		const char *extra_fields)
{
	if (exchange_is_grpc(ex))
		answer_grpc(ex, status, body, extra_fields);
	else
		exchange_answer_plain(ex, status, body, extra_fields);
}

void
exchange_answer_by_rule(struct exchange *ex, unsigned status, struct slice body,
			const char *extra_fields)
{
	struct buf fields = BUF_INIT;

	ex->status = status;
	header_ops_put_response_lines(ex, extra_fields, &fields);
	exchange_answer(ex, status, body, buf_str(&fields));
	buf_fini(&fields);
}

/* NULL: there is no such mark. */
static const char *
text_behind(const char *text, const char *mark)
{
	const char *at = strstr(text, mark);

	return at != NULL ? at + strlen(mark) : NULL;
}

/* After retries the text tells of the last one. */
static void
put_body(const struct exchange *ex, const char *text, struct buf *out)
{
	const char *at = strstr(text, "reset reason: ");

	if (at == NULL || ex->rules == NULL || ex->rules->retries == 0)
		buf_puts(out, text);
	else
		buf_printf(out, "%.*sretried and the latest %s", (int)(at - text), text, at);
}

/* A client may ask for an answer without content in the place of a timeout's. */
static bool
answers_204(const struct exchange *ex, enum failure why)
{
	return (why == FAILURE_TIMEOUT || why == FAILURE_TRY_TIMEOUT) && ex->rules->terms.answers_204;
}

static void
answer_failure(struct exchange *ex, enum failure why)
{
	const char *extra = why == FAILURE_OVERFLOW ? "x-envoy-overloaded: true\r\n" : "";
	unsigned status = failures[why].status;
	struct buf text = BUF_INIT;
	struct slice body;

	if (answers_204(ex, why))
		status = 204;
	else
		put_body(ex, failures[why].body, &text);
	body = (struct slice){ text.data, text.len };
	if ((failures[why].flags & ROUTER_FLAGS) != 0 && ex->decision.extras != NULL)
		exchange_answer_by_rule(ex, status, body, extra);
	else
		exchange_answer(ex, status, body, extra);
	buf_fini(&text);
}

void
exchange_fail(struct exchange *ex, enum failure why)
{
	bool has_started = ex->response_started;

	ex->flags |= failures[why].flags;
	ex->details = failures[why].details;
	ex->transport_failure = text_behind(failures[why].body, "transport failure reason: ");
	if (has_started) {
		ex->cuts_downstream = true;
		exchange_finish(ex);
	} else {
		answer_failure(ex, why);
	}
}
