/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One pass over a head: lines are cut and judged by the scanners, the fields
 * that decide about framing, routing and the connection are judged at the end
 * (judge.c).  Refuses rather than repairs; bodies are not its business.
 */
#include "src/http/parse.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "src/http/parse_priv.h"
#include "src/http/redact.h"
#include "src/http/scan.h"

/* The bytes ended before the head did. */
static enum http_result
ran_out(struct parser *ps)
{
	if (ps->is_at_limit)
		return refuse(ps, HTTP_TOO_LARGE, "head: too many bytes");
	return HTTP_MORE;
}

static void
parser_init(struct parser *ps, char *data, size_t len, const struct http_limits *limits)
{
	size_t max = limits->head_bytes < HTTP_MAX_HEAD_BYTES ? limits->head_bytes :
							       HTTP_MAX_HEAD_BYTES;

	ps->p = data;
	ps->is_at_limit = len >= max;
	ps->end = data + (ps->is_at_limit ? max : len);
	ps->max_fields = limits->fields < HTTP_MAX_FIELDS ? limits->fields : HTTP_MAX_FIELDS;
	ps->repeated = 0;
	ps->why = NULL;
}

/* All but fields[], which field_count covers.  Member by member: a few wide
 * stores, where a memset() of this size becomes a slow string instruction. */
static void
head_reset(struct http_head *h)
{
	h->method_id = HTTP_OTHER_METHOD;
	h->method = h->target = h->path = h->query = SLICE_NONE;
	h->scheme = h->authority = h->reason = h->upgrade = SLICE_NONE;
	h->is_absolute_form = false;
	h->status = h->minor = 0;
	h->framing = HTTP_NO_BODY;
	h->content_length = 0;
	h->has_content_length = h->keep_alive = false;
	h->expects_continue = h->wants_upgrade = h->has_secret = false;
	memset(h->first, 0, sizeof(h->first));
	h->field_count = 0;
}

/* ---- lines ---- */

/* CR LF at ps->p. */
static enum http_result
take_line_end(struct parser *ps, const char *why_else)
{
	if (ps->p == ps->end)
		return ran_out(ps);
	if (*ps->p == '\n')
		return bad(ps, "line: LF without CR");
	if (*ps->p != '\r')
		return bad(ps, why_else);
	if (ps->end - ps->p < 2)
		return ran_out(ps);
	if (ps->p[1] != '\n')
		return bad(ps, "line: CR without LF");
	ps->p += 2;
	return HTTP_DONE;
}

static const char *
name_fault(const char *line, const char *stop)
{
	if (is_blank(*stop))
		return stop == line ? "field: obsolete line folding" :
				      "field name: blank before colon";
	if (*stop == ':')
		return "field name: empty";
	if (*stop == '\n')
		return "line: LF without CR";
	if (*stop == '\r')
		return "field: no colon";
	return *stop == '\0' ? "field name: NUL" : "field name: character not allowed";
}

static void
store_field(struct http_head *h, struct parser *ps, struct slice name, struct slice value)
{
	enum http_field_id id = http_field_lookup_padded(name.ptr, name.len);
	struct http_field *f = &h->fields[h->field_count++];

	f->name = name;
	f->value = value;
	f->id = (uint16_t)id;
	f->is_dropped = false;
	if (id == FIELD_OTHER) {
		if (http_scan_has_hint(name.ptr, name.len) && redact_has_secret_part(name))
			h->has_secret = true;
		return;
	}
	f->is_dropped = (http_field_flags(id) & FIELD_HOP_BY_HOP) != 0;
	if ((http_field_flags(id) & FIELD_SECRET) != 0)
		h->has_secret = true;
	if (h->first[id] == 0)
		h->first[id] = (uint8_t)h->field_count;
	else
		ps->repeated |= BIT(id);
}

/*
 * Fields up to and with the empty line: "name:" OWS value OWS CRLF each.  The
 * position is a local variable here, because stores to names could, for all
 * the compiler knows, change *ps.
 */
static enum http_result
take_fields(struct http_head *h, struct parser *ps)
{
	char *p = ps->p, *const end = ps->end;
	const unsigned max_fields = ps->max_fields;

	for (;;) {
		char *name = p, *colon, *value, *value_end;

		ps->p = p;
		if (p == end)
			return ran_out(ps);
		if (*p == '\r')
			return take_line_end(ps, "");
		if (h->field_count == max_fields)
			return refuse(ps, HTTP_TOO_LARGE, "head: too many fields");
		colon = http_scan_name(name, end);
		if (colon == end)
			return ran_out(ps);
		if (*colon != ':' || colon == name)
			return bad(ps, name_fault(name, colon));
		value = colon + 1;
		while (value < end && is_blank(*value))
			value++;
		value_end = http_scan_value(value, end);
		if (end - value_end < 2 || value_end[0] != '\r' || value_end[1] != '\n') {
			ps->p = value_end;
			return take_line_end(ps, "field value: control character");
		}
		p = value_end + 2;
		while (value_end > value && is_blank(value_end[-1]))
			value_end--;
		store_field(h, ps, slice_between(name, colon), slice_between(value, value_end));
	}
}

/*
 * "HTTP/1.0" or "HTTP/1.1" followed by `after`.  A version that is written
 * well but is another one gets result `other`.
 */
static enum http_result
take_version(struct http_head *h, struct parser *ps, char after, enum http_result other)
{
	static const char form[] = "HTTP/d.d";
	char *p = ps->p;

	if (ps->end - p > 8 && memcmp(p, "HTTP/1.1", 8) == 0 && p[8] == after) {
		h->minor = 1;
		ps->p = p + 8;
		return HTTP_DONE;
	}
	for (unsigned i = 0; i < 9; i++) {
		char want = i < 8 ? form[i] : after;

		if (p + i == ps->end)
			return ran_out(ps);
		if (want == 'd' ? p[i] < '0' || p[i] > '9' : p[i] != want) {
			if (i == 8 && p[i] == '\n')
				return bad(ps, "line: LF without CR");
			return bad(ps, "version: not HTTP/digit.digit");
		}
	}
	if (p[5] != '1' || p[7] > '1')
		return refuse(ps, other, "version: neither HTTP/1.0 nor HTTP/1.1");
	h->minor = (unsigned)(p[7] - '0');
	ps->p = p + 8;
	return HTTP_DONE;
}

/* ---- requests ---- */

static enum http_method
method_id(struct slice m)
{
#define IS(text) (m.len == sizeof(text) - 1 && memcmp(m.ptr, text, sizeof(text) - 1) == 0)
	switch (m.len) {
	case 3: return IS("GET") ? HTTP_GET : IS("PUT") ? HTTP_PUT : HTTP_OTHER_METHOD;
	case 4: return IS("POST") ? HTTP_POST : IS("HEAD") ? HTTP_HEAD : HTTP_OTHER_METHOD;
	case 5: return IS("PATCH") ? HTTP_PATCH : IS("TRACE") ? HTTP_TRACE : HTTP_OTHER_METHOD;
	case 6: return IS("DELETE") ? HTTP_DELETE : HTTP_OTHER_METHOD;
	case 7: return IS("OPTIONS") ? HTTP_OPTIONS : IS("CONNECT") ? HTTP_CONNECT : HTTP_OTHER_METHOD;
	default: return HTTP_OTHER_METHOD;
	}
#undef IS
}

static void
split_query(struct http_head *h, struct slice path_and_query)
{
	const char *end = path_and_query.ptr + path_and_query.len;
	const char *mark = memchr(path_and_query.ptr, '?', path_and_query.len);

	h->path = slice_between(path_and_query.ptr, mark != NULL ? mark : end);
	if (mark != NULL)
		h->query = slice_between(mark + 1, end);
}

/* scheme "://" authority [ "/" path ] [ "?" query ] (RFC 9112 3.2.2) */
static enum http_result
judge_absolute_form(struct http_head *h, struct parser *ps)
{
	struct slice rest = h->target;
	size_t n = 0;

	h->scheme = SLICE("http");
	if (rest.len > 8 && strncasecmp(rest.ptr, "https://", 8) == 0)
		h->scheme = SLICE("https");
	else if (rest.len <= 7 || strncasecmp(rest.ptr, "http://", 7) != 0)
		return bad(ps, "target: neither a path nor an http address");
	rest.ptr += h->scheme.len + 3;
	rest.len -= h->scheme.len + 3;
	while (n < rest.len && rest.ptr[n] != '/' && rest.ptr[n] != '?')
		n++;
	h->authority = (struct slice){ rest.ptr, n };
	if (!http_is_authority_padded(h->authority))
		return bad(ps, "target: malformed host");
	h->is_absolute_form = true;
	split_query(h, (struct slice){ rest.ptr + n, rest.len - n });
	if (h->path.len == 0)
		h->path = h->method_id == HTTP_OPTIONS && h->query.ptr == NULL ? SLICE("*") :
										 SLICE("/");
	return HTTP_DONE;
}

static enum http_result
judge_target(struct http_head *h, struct parser *ps)
{
	if (h->method_id == HTTP_CONNECT) {
		h->authority = h->target;
		if (!http_is_authority_padded(h->target) || h->target.ptr[h->target.len - 1] == ']' ||
		    memchr(h->target.ptr, ':', h->target.len) == NULL)
			return bad(ps, "target: CONNECT needs host:port");
		return HTTP_DONE;
	}
	if (h->target.ptr[0] == '/') {
		split_query(h, h->target);
		return HTTP_DONE;
	}
	if (slice_eq(h->target, SLICE("*"))) {
		h->path = h->target;
		return h->method_id == HTTP_OPTIONS ? HTTP_DONE :
						      bad(ps, "target: * is for OPTIONS");
	}
	return judge_absolute_form(h, ps);
}

/* METHOD SP; methods keep their case. */
static enum http_result
take_method(struct http_head *h, struct parser *ps)
{
	char *start = ps->p, *p = start;

	while (p < ps->end && http_token_lower[(unsigned char)*p] != 0)
		p++;
	ps->p = p;
	if (p == ps->end)
		return ran_out(ps);
	if (p == start || *p != ' ')
		return bad(ps, "method: not a token followed by one blank");
	h->method = slice_between(start, p);
	h->method_id = method_id(h->method);
	ps->p = p + 1;
	return HTTP_DONE;
}

/* TARGET SP */
static enum http_result
take_target(struct http_head *h, struct parser *ps, unsigned max_bytes)
{
	char *start = ps->p;

	ps->p = http_scan_target(start, ps->end);
	if ((size_t)(ps->p - start) > max_bytes)
		return refuse(ps, HTTP_URI_TOO_LONG, "target: too many bytes");
	if (ps->p == ps->end)
		return ran_out(ps);
	if (ps->p == start)
		return bad(ps, "target: empty");
	if (*ps->p != ' ')
		return bad(ps, *ps->p == '#' ? "target: fragment" :
			       *ps->p == '\r' || *ps->p == '\n' ? "version: missing" :
								  "target: character not allowed");
	h->target = slice_between(start, ps->p);
	ps->p++;
	return judge_target(h, ps);
}

static enum http_result
take_request_line(struct http_head *h, struct parser *ps, unsigned max_target_bytes)
{
	enum http_result result = take_method(h, ps);

	if (result == HTTP_DONE)
		result = take_target(h, ps, max_target_bytes);
	if (result == HTTP_DONE)
		result = take_version(h, ps, '\r', HTTP_BAD_VERSION);
	if (result == HTTP_DONE)
		result = take_line_end(ps, "");
	return result;
}

/* One Host, well formed.  The authority of an absolute target replaces its
 * value (RFC 9112 3.2.2), so that what goes on cannot contradict itself. */
static enum http_result
judge_host(struct http_head *h, struct parser *ps)
{
	struct http_field *host;

	if (h->first[FIELD_HOST] == 0)
		return h->minor == 0 ? HTTP_DONE : bad(ps, "host: missing");
	if ((ps->repeated & BIT(FIELD_HOST)) != 0)
		return bad(ps, "host: repeated");
	host = &h->fields[h->first[FIELD_HOST] - 1];
	if (!http_is_authority_padded(host->value))
		return bad(ps, "host: malformed");
	if (h->is_absolute_form)
		host->value = h->authority;
	else if (h->method_id != HTTP_CONNECT)
		h->authority = host->value;
	return HTTP_DONE;
}

static void
judge_expect(struct http_head *h)
{
	if (h->first[FIELD_EXPECT] == 0 || h->minor == 0)
		return;
	for (unsigned i = h->first[FIELD_EXPECT] - 1u; i < h->field_count; i++)
		if (h->fields[i].id == FIELD_EXPECT &&
		    slice_eq_nocase(h->fields[i].value, SLICE("100-continue")))
			h->expects_continue = true;
}

static enum http_result
judge_request(struct http_head *h, struct parser *ps)
{
	enum http_result result = judge_host(h, ps);

	if (result == HTTP_DONE)
		result = http_judge_framing(h, ps);
	if (result != HTTP_DONE)
		return result;
	if (!http_judge_connection(h, ps))
		return bad(ps, "connection: not a list of tokens");
	judge_expect(h);
	return HTTP_DONE;
}

/* RFC 9112 2.2: one empty line in front of a request is forgiven. */
static enum http_result
skip_empty_line(struct parser *ps)
{
	if (ps->p == ps->end)
		return ran_out(ps);
	return *ps->p == '\r' ? take_line_end(ps, "") : HTTP_DONE;
}

enum http_result
http_parse_request(struct http_head *head, char *data, size_t len,
		   const struct http_limits *limits, size_t *consumed, const char **why)
{
	enum http_result result;
	struct parser ps;

	parser_init(&ps, data, len, limits);
	head_reset(head);
	result = skip_empty_line(&ps);
	if (result == HTTP_DONE)
		result = take_request_line(head, &ps, limits->target_bytes);
	if (result == HTTP_DONE)
		result = take_fields(head, &ps);
	if (result == HTTP_DONE)
		result = judge_request(head, &ps);
	*consumed = result == HTTP_DONE ? (size_t)(ps.p - data) : 0;
	*why = ps.why;
	return result;
}

/* ---- responses ---- */

/* HTTP-version SP 3DIGIT SP [ reason ] CRLF */
static enum http_result
take_status_line(struct http_head *h, struct parser *ps)
{
	enum http_result result = take_version(h, ps, ' ', HTTP_BAD);
	char *p;

	if (result != HTTP_DONE)
		return result;
	p = ps->p + 1;
	for (unsigned i = 0; i < 4; i++, p++) {
		if (p == ps->end)
			return ran_out(ps);
		if (i < 3 ? *p < '0' || *p > '9' : *p != ' ')
			return bad(ps, "status: not three digits and a blank");
		if (i < 3)
			h->status = h->status * 10 + (unsigned)(*p - '0');
	}
	if (h->status < 100 || h->status > 599)
		return bad(ps, "status: outside 100 to 599");
	ps->p = http_scan_value(p, ps->end);
	h->reason = slice_between(p, ps->p);
	return take_line_end(ps, "reason: control character");
}

/* RFC 9112 6.3.  A 1xx or 204 that announces a body leaves the connection in
 * doubt: the field is forgotten and no further response is expected. */
static void
decide_response_body(struct http_head *h, enum http_method request_method)
{
	if (h->status < 200 || h->status == 204) {
		if (h->framing != HTTP_NO_BODY)
			h->keep_alive = false;
		h->has_content_length = false;
		h->content_length = 0;
		h->framing = HTTP_NO_BODY;
	} else if (h->status == 304 || request_method == HTTP_HEAD) {
		h->framing = HTTP_NO_BODY;
	} else if (h->framing == HTTP_NO_BODY && !h->has_content_length) {
		h->framing = HTTP_UNTIL_CLOSE;
		h->keep_alive = false;
	}
}

static enum http_result
judge_response(struct http_head *h, struct parser *ps, enum http_method request_method)
{
	enum http_result result = http_judge_framing(h, ps);

	if (result != HTTP_DONE)
		return HTTP_BAD;
	if (!http_judge_connection(h, ps))
		h->keep_alive = false;
	decide_response_body(h, request_method);
	return HTTP_DONE;
}

enum http_result
http_parse_response(struct http_head *head, char *data, size_t len,
		    const struct http_limits *limits, enum http_method request_method,
		    size_t *consumed, const char **why)
{
	enum http_result result;
	struct parser ps;

	parser_init(&ps, data, len, limits);
	head_reset(head);
	result = take_status_line(head, &ps);
	if (result == HTTP_DONE)
		result = take_fields(head, &ps);
	if (result == HTTP_DONE)
		result = judge_response(head, &ps, request_method);
	*consumed = result == HTTP_DONE ? (size_t)(ps.p - data) : 0;
	*why = ps.why;
	return result;
}
