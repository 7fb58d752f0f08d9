/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Access log lines and their way out; see access_log.h. */
#include "proxy/telemetry/access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proxy/telemetry/access_value.h"
#include "proxy/telemetry/record.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/text.h"
#include "src/base/vec.h"
#include "src/istio/syntax.h"

#define WRITE_AT_BYTES (32u << 10)
#define KEEP_BYTES (256u << 10)		/* waiting for a slow reader; then lines are lost */
#define VALUE_BYTES 8192		/* of one value; longer ones are cut */

/* istio/istio pilot/pkg/model/telemetry_logging.go */
static const char default_format[] =
	"[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" "
	"%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% "
	"%CONNECTION_TERMINATION_DETAILS% \"%UPSTREAM_TRANSPORT_FAILURE_REASON%\" "
	"%BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "
	"\"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" "
	"\"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER_RAW% "
	"%UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% "
	"%REQUESTED_SERVER_NAME% %ROUTE_NAME%\n";

static const struct { const char *key, *format; } json_keys[] = {
	{ "start_time", "%START_TIME%" },
	{ "method", "%REQ(:METHOD)%" },
	{ "path", "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%" },
	{ "protocol", "%PROTOCOL%" },
	{ "response_code", "%RESPONSE_CODE%" },
	{ "response_flags", "%RESPONSE_FLAGS%" },
	{ "response_code_details", "%RESPONSE_CODE_DETAILS%" },
	{ "connection_termination_details", "%CONNECTION_TERMINATION_DETAILS%" },
	{ "upstream_transport_failure_reason", "%UPSTREAM_TRANSPORT_FAILURE_REASON%" },
	{ "bytes_received", "%BYTES_RECEIVED%" },
	{ "bytes_sent", "%BYTES_SENT%" },
	{ "duration", "%DURATION%" },
	{ "upstream_service_time", "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%" },
	{ "x_forwarded_for", "%REQ(X-FORWARDED-FOR)%" },
	{ "user_agent", "%REQ(USER-AGENT)%" },
	{ "request_id", "%REQ(X-REQUEST-ID)%" },
	{ "authority", "%REQ(:AUTHORITY)%" },
	{ "upstream_host", "%UPSTREAM_HOST%" },
	{ "upstream_cluster", "%UPSTREAM_CLUSTER_RAW%" },
	{ "upstream_local_address", "%UPSTREAM_LOCAL_ADDRESS%" },
	{ "downstream_local_address", "%DOWNSTREAM_LOCAL_ADDRESS%" },
	{ "downstream_remote_address", "%DOWNSTREAM_REMOTE_ADDRESS%" },
	{ "requested_server_name", "%REQUESTED_SERVER_NAME%" },
	{ "route_name", "%ROUTE_NAME%" },
};

/* A piece of a line: literal text, or what an operator says. */
struct piece {
	struct slice literal;
	bool is_operator;
	const struct access_operator *op;	/* NULL: not known */
	struct slice argument;
	size_t max_bytes;
	bool is_quoted;				/* stands between quotes */
};

struct access_log {
	int fd;
	bool is_regular, json;
	char *format;			/* the pieces point into it */
	VEC(struct piece) pieces;	/* of text, or one for each of json_keys */
	struct access_value value;	/* scratch */
	struct buf pending;
	bool is_torn;			/* the last byte written ended no line */
	uint64_t dropped;
};

/* --- formats --- */

static void
push_literal(struct access_log *l, const char *from, const char *to)
{
	struct piece p = { .literal = { from, (size_t)(to - from) } };

	if (to > from)
		vec_push(&l->pieces, p);
}

/* The operator behind a '%' that is not doubled; returns what follows it, or
 * NULL when it has no end. */
static const char *
push_operator(struct access_log *l, const char *at, bool is_quoted)
{
	struct piece p = { .is_operator = true, .is_quoted = is_quoted };
	struct syntax_operator term;
	const char *after = syntax_read_operator(at, &term);

	if (after == NULL)
		return NULL;
	p.op = access_operator_find(term.name);
	p.argument = term.argument;
	p.max_bytes = term.max_bytes < VALUE_BYTES ? term.max_bytes : VALUE_BYTES;
	vec_push(&l->pieces, p);
	return after;
}

static void
compile(struct access_log *l, const char *format)
{
	const char *from = format, *at = format;
	bool is_quoted = false;

	while (*at != '\0') {
		const char *after = NULL;

		if (*at == '%' && at[1] == '%') {
			push_literal(l, from, at + 1);	/* with one of the two */
			from = at += 2;
			continue;
		}
		if (*at == '%')
			after = push_operator(l, at + 1, is_quoted);
		if (after == NULL) {
			is_quoted ^= *at == '"';
			at++;
			continue;
		}
		/* The literal belongs in front of the operator. */
		if (at > from) {
			struct piece op = l->pieces.items[--l->pieces.len];

			push_literal(l, from, at);
			vec_push(&l->pieces, op);
		}
		from = at = after;
	}
	push_literal(l, from, at);
}

static void
compile_all(struct access_log *l, const char *format)
{
	size_t len;

	if (l->json) {
		for (size_t i = 0; i < ARRAY_LEN(json_keys); i++)
			compile(l, json_keys[i].format);
		ASSERT(l->pieces.len == ARRAY_LEN(json_keys));
		return;
	}
	if (format == NULL || format[0] == '\0')
		format = default_format;
	len = strlen(format);
	/* A format without a line end would make one endless line. */
	l->format = xasprintf("%s%s", format, format[len - 1] == '\n' ? "" : "\n");
	compile(l, l->format);
}

/* --- opening --- */

static int
open_file(const char *path, struct error *err)
{
	int fd;

	if (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0)
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	if (fd < 0)
		error_errnof(err, "access log %s", path);
	return fd;
}

struct access_log *
access_log_open(const char *path, bool json, const char *format, struct error *err)
{
	struct access_log *l;
	struct stat st;
	int fd;

	if (path == NULL || path[0] == '\0')
		return NULL;
	fd = open_file(path, err);
	if (fd < 0)
		return NULL;
	l = xcalloc(1, sizeof(*l));
	l->fd = fd;
	l->json = json;
	l->is_regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	compile_all(l, format);
	return l;
}

void
access_log_close(struct access_log **lp)
{
	struct access_log *l = *lp;

	if (l == NULL)
		return;
	access_log_flush(l);
	close(l->fd);
	vec_fini(&l->pieces);
	access_value_fini(&l->value);
	buf_fini(&l->pending);
	free(l->format);
	free(l);
	*lp = NULL;
}

/* --- lines --- */

/* Nothing of s can end the line or, between quotes, the quotes; outside of
 * quotes it stays one word. */
static void
put_escaped(struct buf *out, struct slice s, bool is_quoted)
{
	const char *special = is_quoted ? "\"\\" : "\"\\ ";

	while (s.len > 0) {
		size_t plain = 0;

		while (plain < s.len && (s.ptr[plain] == '\0' || strchr(special, s.ptr[plain]) == NULL))
			plain++;
		text_sanitize(out, s.ptr, plain);
		if (plain < s.len) {
			if (s.ptr[plain] != ' ')
				buf_putc(out, '\\');
			buf_putc(out, s.ptr[plain] == ' ' ? '_' : s.ptr[plain]);
			plain++;
		}
		s.ptr += plain;
		s.len -= plain;
	}
}

static void
put_text_value(struct access_log *l, const struct piece *p)
{
	struct access_value *v = &l->value;

	if (v->kind == ACCESS_ABSENT) {
		buf_putc(&l->pending, '-');
	} else if (v->kind == ACCESS_NUMBER) {
		buf_printf(&l->pending, "%" PRIu64, v->number);
	} else {
		if (v->text.len > p->max_bytes)
			v->text.len = p->max_bytes;
		put_escaped(&l->pending, v->text, p->is_quoted);
	}
}

static void
put_text_line(struct access_log *l, const struct record *r)
{
	for (size_t i = 0; i < l->pieces.len; i++) {
		const struct piece *p = &l->pieces.items[i];

		if (!p->is_operator) {
			buf_append(&l->pending, p->literal.ptr, p->literal.len);
			continue;
		}
		access_operator_get(p->op, r, p->argument, &l->value);
		put_text_value(l, p);
	}
}

static void
put_json_line(struct access_log *l, const struct record *r)
{
	struct json_writer w;
	struct access_value *v = &l->value;
	char proxy[600];

	json_begin(&w, &l->pending, false);
	json_open(&w, NULL, '{');
	for (size_t i = 0; i < ARRAY_LEN(json_keys); i++) {
		const struct piece *p = &l->pieces.items[i];

		access_operator_get(p->op, r, p->argument, v);
		if (v->kind == ACCESS_NUMBER)
			json_uint(&w, json_keys[i].key, v->number);
		else if (v->kind == ACCESS_TEXT)
			json_slice(&w, json_keys[i].key,
				   (struct slice){ v->text.ptr, v->text.len < VALUE_BYTES ? v->text.len
											  : VALUE_BYTES });
		else
			json_null(&w, json_keys[i].key);
	}
	snprintf(proxy, sizeof(proxy), "%s.%s", r->self->name, r->self->ns);
	json_string(&w, "proxy", proxy);
	json_string(&w, "direction", r->side == SIDE_OUTBOUND ? "outbound" : "inbound");
	json_close(&w, '}');
	buf_putc(&l->pending, '\n');
}

void
access_log_add(struct access_log *l, const struct record *r)
{
	/* A connection has its line when it ends; a mirrored request has none
	 * at its source, as in Envoy. */
	if (r->is_interim || (r->is_mirrored && r->side == SIDE_OUTBOUND))
		return;
	if (l->pending.len >= KEEP_BYTES) {
		l->dropped++;
		return;
	}
	if (l->json)
		put_json_line(l, r);
	else
		put_text_line(l, r);
	if (l->pending.len >= WRITE_AT_BYTES)
		access_log_flush(l);
}

/* --- writing --- */

/* What can never be written is counted; the next line begins a new one. */
static void
drop_pending(struct access_log *l)
{
	bool is_torn = l->is_torn;

	for (size_t i = 0; i < l->pending.len; i++)
		l->dropped += l->pending.data[i] == '\n';
	buf_clear(&l->pending);
	if (is_torn)
		buf_putc(&l->pending, '\n');
}

/* A pipe or terminal that is ready takes PIPE_BUF bytes without blocking,
 * even where our description of it is shared and therefore not our own to
 * make non-blocking. */
static size_t
writable_bytes(const struct access_log *l, size_t len)
{
	struct pollfd p = { .fd = l->fd, .events = POLLOUT };

	if (l->is_regular)
		return len;
	if (poll(&p, 1, 0) <= 0)
		return 0;
	return len < PIPE_BUF ? len : PIPE_BUF;
}

void
access_log_flush(struct access_log *l)
{
	size_t sent = 0;
	int failure = 0;

	while (sent < l->pending.len && failure == 0) {
		size_t len = writable_bytes(l, l->pending.len - sent);
		ssize_t n;

		if (len == 0)
			break;
		n = write(l->fd, l->pending.data + sent, len);
		if (n > 0)
			sent += (size_t)n;
		else if (n == 0 || errno != EINTR)
			failure = n == 0 ? EIO : errno;
	}
	if (sent > 0) {
		l->is_torn = l->pending.data[sent - 1] != '\n';
		buf_consume(&l->pending, sent);
	}
	if (failure != 0 && failure != EAGAIN)
		drop_pending(l);
}

uint64_t
access_log_dropped(const struct access_log *l)
{
	return l->dropped;
}
