/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fields that mean something to whoever stands between: how long the body is,
 * whether the connection goes on, and what must not be passed on.
 */
#include "src/http/parse_priv.h"

#include <string.h>

/* "chunked" alone.  RFC 9112 6.1, 6.3: 400 where the body's end cannot be
 * known, 501 where chunked is the last of several codings. */
static enum http_result
judge_coding(struct parser *ps, struct slice value)
{
	const struct slice chunked = SLICE("chunked");
	const char *comma, *last;

	if (slice_eq_nocase(value, chunked))
		return HTTP_DONE;
	comma = value.len > chunked.len ? memrchr(value.ptr, ',', value.len) : NULL;
	last = comma != NULL ? comma + 1 : value.ptr;
	while (is_blank(*last))
		last++;
	if (comma == NULL ||
	    !slice_eq_nocase(slice_between(last, value.ptr + value.len), chunked))
		return bad(ps, "transfer-encoding: does not end with chunked");
	for (const char *p = value.ptr; p + chunked.len <= comma; p++)
		if (strncasecmp(p, chunked.ptr, chunked.len) == 0)
			return bad(ps, "transfer-encoding: chunked twice");
	return refuse(ps, HTTP_BAD_CODING, "transfer-encoding: other than chunked");
}

static enum http_result
judge_length(struct http_head *h, struct parser *ps, struct slice value)
{
	uint64_t length = 0;

	if (value.len == 0)
		return bad(ps, "content-length: empty");
	for (size_t i = 0; i < value.len; i++) {
		unsigned digit = (unsigned)(unsigned char)value.ptr[i] - '0';

		if (digit > 9)
			return bad(ps, "content-length: not a number");
		if (length > ((uint64_t)INT64_MAX - digit) / 10)
			return bad(ps, "content-length: too large");
		length = length * 10 + digit;
	}
	h->has_content_length = true;
	h->content_length = length;
	return HTTP_DONE;
}

enum http_result
http_judge_framing(struct http_head *h, struct parser *ps)
{
	const struct http_field *length = http_head_field(h, FIELD_CONTENT_LENGTH);
	const struct http_field *coding = http_head_field(h, FIELD_TRANSFER_ENCODING);
	enum http_result result;

	h->framing = HTTP_NO_BODY;
	if (length != NULL) {
		if (coding != NULL)
			return bad(ps, "content-length: together with transfer-encoding");
		if ((ps->repeated & BIT(FIELD_CONTENT_LENGTH)) != 0)
			return bad(ps, "content-length: repeated");
		result = judge_length(h, ps, length->value);
		if (result == HTTP_DONE && h->content_length > 0)
			h->framing = HTTP_LENGTH;
		return result;
	}
	if (coding == NULL)
		return HTTP_DONE;
	if ((ps->repeated & BIT(FIELD_TRANSFER_ENCODING)) != 0)
		return bad(ps, "transfer-encoding: repeated");
	if (h->minor == 0)
		return bad(ps, "transfer-encoding: in HTTP/1.0");
	result = judge_coding(ps, coding->value);
	if (result == HTTP_DONE)
		h->framing = HTTP_CHUNKED;
	return result;
}

struct connection_options {
	bool has_close, has_keep_alive, has_upgrade;
};

/* A field named by Connection is meant for us alone.  What frames or
 * addresses a message cannot be taken away like that. */
static void
drop_named(struct http_head *h, struct slice option)
{
	for (unsigned i = 0; i < h->field_count; i++) {
		struct http_field *f = &h->fields[i];

		if (f->id != FIELD_HOST && (http_field_flags(f->id) & FIELD_FRAMING) == 0 &&
		    slice_eq_nocase(f->name, option))
			f->is_dropped = true;
	}
}

static void
apply_option(struct http_head *h, struct connection_options *o, struct slice option)
{
	if (slice_eq_nocase(option, SLICE("close")))
		o->has_close = true;
	else if (slice_eq_nocase(option, SLICE("keep-alive")))
		o->has_keep_alive = true;
	else if (slice_eq_nocase(option, SLICE("upgrade")))
		o->has_upgrade = true;
	else
		drop_named(h, option);
}

/* One Connection value: a list, empty members allowed.  False when a member
 * is no token. */
static bool
read_options(struct http_head *h, struct connection_options *o, struct slice list)
{
	const char *p = list.ptr, *end = list.ptr + list.len;
	bool is_good = true;

	while (p < end) {
		const char *start, *stop;

		while (p < end && (is_blank(*p) || *p == ','))
			p++;
		start = p;
		while (p < end && *p != ',')
			p++;
		stop = p;
		while (stop > start && is_blank(stop[-1]))
			stop--;
		if (stop == start)
			continue;
		if (http_is_token(slice_between(start, stop)))
			apply_option(h, o, slice_between(start, stop));
		else
			is_good = false;
	}
	return is_good;
}

/* "TE: trailers" may pass on, unless Connection names it later. */
static void
keep_te_trailers(struct http_head *h)
{
	if (h->first[FIELD_TE] == 0)
		return;
	for (unsigned i = h->first[FIELD_TE] - 1u; i < h->field_count; i++)
		if (h->fields[i].id == FIELD_TE)
			h->fields[i].is_dropped =
				!slice_eq_nocase(h->fields[i].value, SLICE("trailers"));
}

bool
http_judge_connection(struct http_head *h, struct parser *ps)
{
	const struct http_field *upgrade = http_head_field(h, FIELD_UPGRADE);
	struct connection_options o = { false, false, false };
	bool is_good = true;

	keep_te_trailers(h);
	if (h->first[FIELD_CONNECTION] != 0)
		for (unsigned i = h->first[FIELD_CONNECTION] - 1u; i < h->field_count; i++)
			if (h->fields[i].id == FIELD_CONNECTION)
				is_good &= read_options(h, &o, h->fields[i].value);
	h->keep_alive = !o.has_close && (h->minor == 1 || o.has_keep_alive);
	if (upgrade != NULL) {
		h->upgrade = upgrade->value;
		h->wants_upgrade = o.has_upgrade && h->minor == 1 && upgrade->value.len > 0 &&
				   (ps->repeated & BIT(FIELD_UPGRADE)) == 0;
	}
	return is_good;
}
