/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Header operations; see header_ops.h. */
#include "proxy/header_ops.h"

#include <string.h>

#include "proxy/downstream.h"
#include "proxy/exchange.h"
#include "proxy/worker.h"
#include "src/base/buf.h"
#include "src/base/clock.h"

/* --- %OPERATORS% --- */

static void
put_request_field(const struct exchange *ex, struct slice name, struct buf *out)
{
	char lower[256];
	const struct http_field *f;

	if (name.len >= sizeof(lower)) {
		buf_putc(out, '-');
		return;
	}
	for (size_t i = 0; i < name.len; i++)
		lower[i] = name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ?
				   (char)(name.ptr[i] + 32) : name.ptr[i];
	f = http_head_find(ex->head, (struct slice){ lower, name.len });
	if (slice_is((struct slice){ lower, name.len }, ":authority"))
		buf_append(out, ex->head->authority.ptr, ex->head->authority.len);
	else if (slice_is((struct slice){ lower, name.len }, ":method"))
		buf_append(out, ex->head->method.ptr, ex->head->method.len);
	else if (slice_is((struct slice){ lower, name.len }, ":path"))
		buf_append(out, ex->path.ptr, ex->path.len);
	else if (f != NULL)
		buf_append(out, f->value.ptr, f->value.len);
	else
		buf_putc(out, '-');
}

/* The text of one operator without its percent signs; "-" for one that is
 * not known here. */
static void
put_operator(const struct exchange *ex, struct slice op, struct buf *out)
{
	char text[ADDRESS_TEXT_BYTES], iso[CLOCK_ISO_BYTES];
	struct address remote;

	downstream_peer_address(ex->down, &remote);
	if (slice_is(op, "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT")) {
		address_host_text(&remote, text);
		buf_puts(out, text);
	} else if (slice_is(op, "DOWNSTREAM_REMOTE_ADDRESS")) {
		address_text(&remote, text);
		buf_puts(out, text);
	} else if (slice_is(op, "START_TIME")) {
		clock_format_iso(ex->start_wall_ms, iso);
		buf_puts(out, iso);
	} else if (slice_is(op, "PROTOCOL")) {
		buf_puts(out, ex->head->minor == 0 ? "HTTP/1.0" : "HTTP/1.1");
	} else if (slice_is(op, "RESPONSE_CODE")) {
		buf_printf(out, "%u", ex->status);
	} else if (slice_is(op, "UPSTREAM_CLUSTER")) {
		buf_puts(out, ex->cluster != NULL ? ex->cluster->name : "-");
	} else if (op.len > 5 && slice_starts(op, SLICE("REQ(")) && op.ptr[op.len - 1] == ')') {
		put_request_field(ex, (struct slice){ op.ptr + 4, op.len - 5 }, out);
	} else {
		buf_putc(out, '-');
	}
}

static void
put_value(const struct exchange *ex, const char *value, struct buf *out)
{
	const char *end;

	for (; *value != '\0'; value++) {
		if (*value != '%') {
			buf_putc(out, *value);
		} else if (value[1] == '%') {
			buf_putc(out, '%');
			value++;
		} else if ((end = strchr(value + 1, '%')) != NULL) {
			put_operator(ex, (struct slice){ value + 1, (size_t)(end - value) - 1 },
				     out);
			value = end;
		} else {
			buf_putc(out, '%');
		}
	}
}

/* --- operations --- */

static bool
is_ours(struct slice name)
{
	return (http_field_flags(http_field_lookup(name)) & (FIELD_FRAMING | FIELD_HOP_BY_HOP)) != 0;
}

static void
drop(struct http_head *head, struct header_additions *more, struct slice name)
{
	enum http_field_id id = http_field_lookup(name);
	unsigned kept = 0;

	for (unsigned i = 0; i < head->field_count; i++)
		if (head->fields[i].id == id && slice_eq(head->fields[i].name, name))
			head->fields[i].is_dropped = true;
	for (unsigned i = 0; i < more->count; i++)
		if (!slice_eq(more->fields[i].name, name))
			more->fields[kept++] = more->fields[i];
	more->count = kept;
}

/* Into scratch, where it lives until the pieces have been sent. */
static struct slice
expand(const struct exchange *ex, const char *value, struct http_pieces *p)
{
	struct buf text = BUF_INIT;
	struct slice out = SLICE_NONE;

	if (strchr(value, '%') == NULL)
		return slice_of(value);
	put_value(ex, value, &text);
	if (p->scratch_size - p->scratch_used < text.len) {
		p->is_overflow = true;
	} else if (text.len > 0) {
		out = (struct slice){ p->scratch + p->scratch_used, text.len };
		memcpy(p->scratch + p->scratch_used, text.data, text.len);
		p->scratch_used += text.len;
	}
	buf_fini(&text);
	return out;
}

static void
apply_one(const struct exchange *ex, struct http_head *head, const struct header_op *op,
	  struct http_pieces *p, struct header_additions *more)
{
	struct slice name = slice_of(op->name);

	if (is_ours(name))
		return;
	if (op->op != HEADER_ADD)
		drop(head, more, name);
	if (op->op == HEADER_REMOVE)
		return;
	if (more->count == HEADER_ADDITIONS) {
		p->is_overflow = true;
		return;
	}
	more->fields[more->count].name = name;
	more->fields[more->count++].value = expand(ex, op->value, p);
}

void
header_ops_apply(const struct exchange *ex, struct http_head *head, const struct header_ops *ops,
		 struct http_pieces *p, struct header_additions *more)
{
	for (size_t i = 0; i < ops->count; i++)
		apply_one(ex, head, &ops->ops[i], p, more);
}

static void
take_lines(const char *lines, struct header_additions *more)
{
	const char *colon, *end;

	while (more->count < HEADER_ADDITIONS && (colon = strstr(lines, ": ")) != NULL &&
	       (end = strstr(colon, "\r\n")) != NULL) {
		more->fields[more->count].name = (struct slice){ lines, (size_t)(colon - lines) };
		more->fields[more->count++].value =
			(struct slice){ colon + 2, (size_t)(end - colon) - 2 };
		lines = end + 2;
	}
}

void
header_ops_put_response_lines(const struct exchange *ex, const char *own, struct buf *out)
{
	const struct route_destination *to = ex->decision.destination;
	struct http_pieces *p = &ex->worker->pieces;
	struct header_additions more;
	struct http_head none;

	none.field_count = more.count = 0;
	take_lines(own, &more);
	http_pieces_init(p, ex->worker->scratch, SCRATCH_BYTES);
	if (to != NULL)
		header_ops_apply(ex, &none, &to->response, p, &more);
	header_ops_apply(ex, &none, &ex->decision.rule->response, p, &more);
	for (unsigned i = 0; i < more.count; i++) {
		struct slice name = more.fields[i].name, value = more.fields[i].value;

		if (!slice_is(name, "server"))
			buf_printf(out, "%.*s: %.*s\r\n", (int)name.len, name.ptr, (int)value.len,
				   value.len > 0 ? value.ptr : "");
	}
}
