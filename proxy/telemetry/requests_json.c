/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Captured requests as JSON; see requests.h. */
#include <string.h>
#include <sys/socket.h>

#include "proxy/telemetry/field_lines.h"
#include "proxy/telemetry/requests_priv.h"
#include "src/base/buf.h"
#include "src/base/address.h"
#include "src/base/clock.h"
#include "src/base/json.h"
#include "src/http/redact.h"

/* The parts of an entry, found again. */
struct view {
	const struct entry *entry;
	const char *attempts;
	struct slice endpoint;
	struct slice parts[PART_COUNT], fields[FIELDS_COUNT];
};

static void
view_entry(struct view *v, const struct entry *e)
{
	const char *at = (const char *)e + sizeof(*e);

	v->entry = e;
	v->endpoint = (struct slice){ at, e->endpoint_bytes };
	v->attempts = at += e->endpoint_bytes;
	for (unsigned i = 0; i < e->attempts; i++) {
		struct packed_attempt a;

		memcpy(&a, at, sizeof(a));
		at += sizeof(a) + a.address_bytes;
	}
	for (unsigned i = 0; i < PART_COUNT; i++) {
		v->parts[i] = (struct slice){ at, e->parts[i] };
		at += e->parts[i];
	}
	v->fields[FIELDS_REQUEST] = (struct slice){ at, e->fields[FIELDS_REQUEST] };
	at += e->fields[FIELDS_REQUEST];
	v->fields[FIELDS_ANSWER] = (struct slice){ e->answer != NULL ? e->answer : at,
						   e->fields[FIELDS_ANSWER] };
}

static void
put_address(struct json_writer *w, struct slice packed)
{
	struct address a;
	char text[ADDRESS_TEXT_BYTES];
	uint16_t port;

	if (packed.len == 0) {
		json_null(w, "endpoint");
		return;
	}
	memset(&a, 0, sizeof(a));
	memcpy(&port, packed.ptr, sizeof(port));
	if (packed.len == sizeof(port) + sizeof(a.in.sin_addr)) {
		a.sa.sa_family = AF_INET;
		memcpy(&a.in.sin_addr, packed.ptr + sizeof(port), sizeof(a.in.sin_addr));
		a.len = sizeof(a.in);
	} else {
		a.sa.sa_family = AF_INET6;
		memcpy(&a.in6.sin6_addr, packed.ptr + sizeof(port), sizeof(a.in6.sin6_addr));
		a.len = sizeof(a.in6);
	}
	address_set_port(&a, port);
	address_text(&a, text);
	json_string(w, "endpoint", text);
}

static void
put_attempts_json(struct json_writer *w, const struct view *v)
{
	const char *at = v->attempts;

	json_open(w, "attempts", '[');
	for (unsigned i = 0; i < v->entry->attempts; i++) {
		struct packed_attempt a;

		memcpy(&a, at, sizeof(a));
		at += sizeof(a);
		json_open(w, NULL, '{');
		put_address(w, a.is_endpoint ? v->endpoint : (struct slice){ at, a.address_bytes });
		json_uint(w, "status", a.status);
		response_flags_put_json(w, a.flags);
		json_double(w, "ms", a.duration_us / 1000.0, 3);
		json_close(w, '}');
		at += a.address_bytes;
	}
	json_close(w, ']');
}

/* Does a line before that of name have the same one? */
static bool
is_repeated(struct slice lines, struct slice name)
{
	struct field_line f;

	while (field_lines_next(&lines, &f) && f.name.ptr != name.ptr)
		if (slice_eq(f.name, name))
			return true;
	return false;
}

static void
append_value(struct buf *out, const struct field_line *f)
{
	if (f->is_hidden)
		buf_puts(out, REDACTED);
	else
		buf_append(out, f->value.ptr, f->value.len);
}

/* Fields of one name are one member, joined as HTTP allows. */
static void
put_field(struct json_writer *w, const struct field_line *f, struct slice rest)
{
	struct buf value = BUF_INIT, name = BUF_INIT;
	struct field_line more;

	buf_append(&name, f->name.ptr, f->name.len);
	append_value(&value, f);
	while (field_lines_next(&rest, &more)) {
		if (!slice_eq(more.name, f->name))
			continue;
		buf_puts(&value, ", ");
		append_value(&value, &more);
	}
	json_slice(w, buf_str(&name), (struct slice){ buf_str(&value), value.len });
	buf_fini(&name);
	buf_fini(&value);
}

static void
put_fields_json(struct json_writer *w, const char *key, struct slice lines)
{
	struct slice rest = lines;
	struct field_line f;

	json_open(w, key, '{');
	while (field_lines_next(&rest, &f))
		if (!is_repeated(lines, f.name))
			put_field(w, &f, rest);
	json_close(w, '}');
}

static void
put_secret_name(void *arg, struct slice name)
{
	struct buf text = BUF_INIT;

	buf_putc(&text, '?');
	buf_append(&text, name.ptr, name.len);
	json_slice(arg, NULL, (struct slice){ buf_str(&text), text.len });
	buf_fini(&text);
}

static void
put_redacted(struct json_writer *w, const struct view *v)
{
	struct slice lines = v->fields[FIELDS_REQUEST], rest = lines;
	struct field_line f;

	json_open(w, "redacted", '[');
	while (field_lines_next(&rest, &f))
		if (f.is_hidden && !is_repeated(lines, f.name))
			json_slice(w, NULL, f.name);
	redact_each_secret(v->parts[PART_QUERY], put_secret_name, w);
	json_close(w, ']');
}

static void
put_part_json(struct json_writer *w, const char *key, struct slice s)
{
	if (s.len > 0)
		json_slice(w, key, s);
	else
		json_null(w, key);
}

static void
put_entry_json(struct json_writer *w, const struct entry *e)
{
	char time[CLOCK_ISO_BYTES];
	struct view v;

	view_entry(&v, e);
	clock_format_iso(e->time_ms, time);
	json_open(w, NULL, '{');
	json_string(w, "time", time);
	json_string(w, "source", e->origin->source);
	put_part_json(w, "method", v.parts[PART_METHOD]);
	put_part_json(w, "path", v.parts[PART_PATH]);
	if (e->has_query)
		json_slice(w, "query", v.parts[PART_QUERY]);
	else
		json_null(w, "query");
	put_part_json(w, "host", v.parts[PART_HOST]);
	put_part_json(w, "id", v.parts[PART_ID]);
	json_uint(w, "status", e->status);
	response_flags_put_json(w, e->flags);
	put_part_json(w, "details", v.parts[PART_DETAILS]);
	buf_putc(w->out, ',');
	buf_append(w->out, e->origin->members.ptr, e->origin->members.len);
	put_address(w, v.endpoint);
	put_attempts_json(w, &v);
	json_double(w, "duration_ms", (double)e->duration_us / 1000.0, 3);
	put_fields_json(w, "headers", v.fields[FIELDS_ANSWER]);
	put_fields_json(w, "request_headers", v.fields[FIELDS_REQUEST]);
	put_redacted(w, &v);
	json_uint(w, "omitted", e->omitted);
	json_close(w, '}');
}

static bool
is_wanted(const struct entry *e, const char *id, const char *proxy)
{
	struct view v;

	if (proxy != NULL && strcmp(e->origin->source, proxy) != 0)
		return false;
	if (id == NULL)
		return true;
	view_entry(&v, e);
	return slice_is(v.parts[PART_ID], id);
}

void
requests_put_json(const struct requests *r, const char *id, const char *proxy, size_t limit,
		  struct buf *out)
{
	struct json_writer w;
	size_t matches = 0, skip;

	for (size_t i = 0; i < r->count; i++)
		matches += is_wanted(requests_entry(r, i), id, proxy);
	skip = limit > 0 && matches > limit ? matches - limit : 0;
	json_begin(&w, out, false);
	json_open(&w, NULL, '[');
	for (size_t i = 0; i < r->count; i++) {
		if (!is_wanted(requests_entry(r, i), id, proxy))
			continue;
		if (skip > 0)
			skip--;
		else
			put_entry_json(&w, requests_entry(r, i));
	}
	json_close(&w, ']');
}
