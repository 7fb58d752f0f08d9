/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command operators in values of header operations; see header_value.h. */
#include "proxy/http/header_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proxy/http/exchange.h"
#include "proxy/http/header_ops.h"
#include "proxy/telemetry/access_value.h"
#include "proxy/worker.h"
#include "src/base/buf.h"
#include "src/istio/syntax.h"

#define NAME_BYTES 256

/* Where values come from. */
struct source {
	const struct header_target *target;
	const struct record *record;
	struct access_value value;	/* scratch */
};

/* As an access log would have it; empty: absent. */
static struct slice
logged(struct source *from, struct slice operator, struct slice argument, char number[24])
{
	struct access_value *v = &from->value;

	access_operator_get(access_operator_find(operator), from->record, argument, v);
	if (v->kind == ACCESS_NUMBER)
		return (struct slice){ number, (size_t)snprintf(number, 24, "%" PRIu64, v->number) };
	return v->kind == ACCESS_TEXT ? v->text : SLICE("");
}

/* One field of the request or the response.  The head at hand has what operations
 * have made of it so far. */
static struct slice
field(struct source *from, struct slice operator, struct slice name, char number[24])
{
	bool is_response = slice_is(operator, "RESP");
	char lower[NAME_BYTES];

	if (name.len == 0 || name.len > sizeof(lower))
		return SLICE("");
	for (size_t i = 0; i < name.len; i++)
		lower[i] = name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? (char)(name.ptr[i] | 0x20)
								   : name.ptr[i];
	name.ptr = lower;
	if (lower[0] == ':' || slice_is(name, "host") || is_response != from->target->is_response)
		return logged(from, operator, name, number);
	return header_target_find(from->target, name);
}

/* "NAME" or, where that is absent, "NAME?OTHER". */
static struct slice
fields(struct source *from, const struct syntax_operator *term, char number[24])
{
	struct slice name = term->argument, out;
	const char *mark = name.len > 0 ? memchr(name.ptr, '?', name.len) : NULL;

	if (mark == NULL)
		return field(from, term->name, name, number);
	out = field(from, term->name, (struct slice){ name.ptr, (size_t)(mark - name.ptr) }, number);
	if (out.len > 0)
		return out;
	name.len -= (size_t)(mark + 1 - name.ptr);
	name.ptr = mark + 1;
	return field(from, term->name, name, number);
}

static void
put_term(struct source *from, const struct syntax_operator *term, struct buf *out)
{
	struct slice value;
	char number[24];

	if (access_operator_find(term->name) == NULL) {
		buf_putc(out, '-');
		return;
	}
	if (slice_is(term->name, "REQ") || slice_is(term->name, "RESP"))
		value = fields(from, term, number);
	else
		value = logged(from, term->name, term->argument, number);
	if (value.len > term->max_bytes)
		value.len = term->max_bytes;
	if (value.len > 0)
		buf_append(out, value.ptr, value.len);
}

/* Behind a '%' that is not doubled; returns what follows the operator. */
static const char *
put_operator(struct source *from, const char *at, struct buf *out)
{
	struct syntax_operator term;
	const char *after = syntax_read_operator(at, &term), *end = strchr(at, '%');

	if (after != NULL) {
		put_term(from, &term, out);
		return after;
	}
	buf_putc(out, end != NULL ? '-' : '%');
	return end != NULL ? end + 1 : at;
}

void
header_value_put(const struct exchange *ex, const char *value, const struct header_target *to,
		 struct buf *out)
{
	struct record *record = ex->worker->record;
	struct source from = { .target = to, .record = record };
	struct exchange_addresses addresses;

	exchange_fill_record(ex, &addresses, record);
	if (!to->is_response) {		/* neither an endpoint nor a rewrite where Envoy looks */
		record->upstream = record->upstream_local = NULL;
		record->authority = ex->head->authority;
		record->original_path = record->sent_path = record->sent_lines = SLICE_NONE;
	}
	while (*value != '\0') {
		if (*value != '%') {
			buf_putc(out, *value++);
		} else if (value[1] == '%') {
			buf_putc(out, '%');
			value += 2;
		} else {
			value = put_operator(&from, value + 1, out);
		}
	}
	record->downstream_remote = record->upstream_local = NULL;	/* ours */
	access_value_fini(&from.value);
}
