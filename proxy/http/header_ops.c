/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Header operations; see header_ops.h. */
#include "proxy/http/header_ops.h"

#include <string.h>

#include "proxy/http/exchange.h"
#include "proxy/http/header_value.h"
#include "proxy/worker.h"
#include "src/base/buf.h"

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

struct slice
header_target_find(const struct header_target *to, struct slice name)
{
	for (unsigned i = 0; i < to->more->count; i++)
		if (slice_eq(to->more->fields[i].name, name))
			return to->more->fields[i].value;
	for (unsigned i = 0; i < to->head->field_count; i++) {
		const struct http_field *f = &to->head->fields[i];

		if (!f->is_dropped && slice_eq(f->name, name))
			return f->value;
	}
	return SLICE_NONE;
}

/* Into scratch, where it lives until the pieces have been sent. */
static struct slice
expand(const struct exchange *ex, const char *value, const struct header_target *to)
{
	struct buf text = BUF_INIT;
	struct slice out;

	if (strchr(value, '%') == NULL)
		return slice_of(value);
	header_value_put(ex, value, to, &text);
	out = http_keep(to->pieces, (struct slice){ text.data, text.len });
	buf_fini(&text);
	return out;
}

static void
put(const struct header_target *to, struct slice name, struct slice value)
{
	struct header_additions *more = to->more;

	if (more->count == HEADER_ADDITIONS) {
		to->pieces->is_overflow = true;
		return;
	}
	more->fields[more->count].name = name;
	more->fields[more->count++].value = value;
}

/* Puts what overwrites, or what is added; the values are those of all ops. */
static void
put_all(const struct header_ops *ops, bool overwrites, const struct slice *values,
	const struct header_target *to)
{
	for (size_t i = 0, n = 0; i < ops->count; i++) {
		struct slice name = slice_of(ops->ops[i].name), value;

		if (ops->ops[i].op == HEADER_REMOVE)
			continue;
		value = values[n++];
		if ((ops->ops[i].op == HEADER_SET) != overwrites || value.len == 0)
			continue;
		if (overwrites)
			drop(to->head, to->more, name);
		put(to, name, value);
	}
}

void
header_ops_apply(const struct exchange *ex, const struct header_ops *ops,
		 const struct header_target *to)
{
	struct slice values[HEADER_ADDITIONS];
	unsigned n = 0;

	for (size_t i = 0; i < ops->count; i++)
		if (ops->ops[i].op == HEADER_REMOVE && !is_ours(slice_of(ops->ops[i].name)))
			drop(to->head, to->more, slice_of(ops->ops[i].name));
	for (size_t i = 0; i < ops->count; i++) {
		if (ops->ops[i].op == HEADER_REMOVE)
			continue;
		if (n == HEADER_ADDITIONS) {
			to->pieces->is_overflow = true;
			return;
		}
		values[n++] = is_ours(slice_of(ops->ops[i].name)) ?
				      SLICE("") : expand(ex, ops->ops[i].value, to);
	}
	put_all(ops, true, values, to);
	put_all(ops, false, values, to);
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
	struct header_additions more;
	struct http_head none;
	const struct header_target target = { &none, &more, &ex->worker->pieces, true };

	none.field_count = more.count = 0;
	take_lines(own, &more);
	http_pieces_init(target.pieces, ex->worker->scratch, SCRATCH_BYTES);
	if (to != NULL)
		header_ops_apply(ex, &to->response, &target);
	header_ops_apply(ex, &ex->decision.rule->response, &target);
	for (unsigned i = 0; i < more.count; i++) {
		struct slice name = more.fields[i].name, value = more.fields[i].value;

		if (!slice_is(name, "server"))
			buf_printf(out, "%.*s: %.*s\r\n", (int)name.len, name.ptr, (int)value.len,
				   value.len > 0 ? value.ptr : "");
	}
}
