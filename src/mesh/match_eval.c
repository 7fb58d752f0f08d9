/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Do the conditions of a match hold for a request?  No allocation; a buffer
 * is used only where several lines of a header meet a regex.
 */
#include <string.h>
#include <strings.h>

#include "src/base/regex.h"
#include "src/mesh/table.h"

/* What belongs to a connection is not there for rules, but for an upgrade's own. */
static bool
is_hidden(const struct http_head *h, const struct http_field *f)
{
	return f->is_dropped && !(h->wants_upgrade &&
				  (f->id == FIELD_UPGRADE || f->id == FIELD_CONNECTION));
}

static bool
field_is(const struct http_head *h, const struct http_field *f, const struct match_cond *cond)
{
	if (is_hidden(h, f))
		return false;
	if (cond->field_id != FIELD_OTHER)
		return f->id == cond->field_id;
	return f->id == FIELD_OTHER && slice_eq(f->name, cond->name);
}

struct slice
route_scheme(const struct http_head *h, bool is_trusted)
{
	const struct http_field *f = http_head_field(h, FIELD_X_FORWARDED_PROTO);

	if (h->scheme.len > 0)
		return h->scheme;
	if (is_trusted && f != NULL && slice_eq_nocase(f->value, SLICE("https")))
		return SLICE("https");
	return SLICE("http");
}

/* What the proxy itself says before it looks for a rule.  x-forwarded-proto is "http",
 * but for what a client that is trusted says. */
static bool
is_made_up(const struct route_request *r, const struct match_cond *cond, struct slice *out)
{
	if (cond->field_id == FIELD_X_REQUEST_ID && r->made_id.ptr != NULL) {
		*out = r->made_id;
		return true;
	}
	if (cond->field_id != FIELD_X_FORWARDED_PROTO ||
	    (r->is_trusted && r->head->first[FIELD_X_FORWARDED_PROTO] != 0))
		return false;
	*out = SLICE("http");
	return true;
}

static bool
pseudo_value(const struct route_request *r, enum cond_pseudo pseudo, struct slice *out)
{
	switch (pseudo) {
	case PSEUDO_METHOD:
		*out = r->head->method;
		return true;
	case PSEUDO_SCHEME:
		*out = route_scheme(r->head, r->is_trusted);
		return true;
	case PSEUDO_AUTHORITY:
		*out = r->authority;
		return true;
	case PSEUDO_PATH:
		*out = r->path;
		return true;
	default:
		return false;
	}
}

bool
match_header_value(const struct route_request *r, const struct match_cond *cond,
	       struct slice *out, bool *repeated)
{
	const struct http_head *h = r->head;
	unsigned at = 0;

	*repeated = false;
	if (cond->pseudo != PSEUDO_NONE) {
		*repeated = cond->pseudo == PSEUDO_PATH && r->query.ptr != NULL;
		return pseudo_value(r, (enum cond_pseudo)cond->pseudo, out);
	}
	if (is_made_up(r, cond, out))
		return true;
	if (cond->field_id != FIELD_OTHER) {
		if (h->first[cond->field_id] == 0)
			return false;
		at = h->first[cond->field_id] - 1u;
	}
	while (at < h->field_count && !field_is(h, &h->fields[at], cond))
		at++;
	if (at == h->field_count)
		return false;
	*out = h->fields[at].value;
	for (at++; at < h->field_count; at++) {
		if (!field_is(h, &h->fields[at], cond))
			continue;
		*repeated = true;
		break;
	}
	return true;
}

struct joiner {
	char *out;
	size_t len;
};

static void
join(struct joiner *j, struct slice s)
{
	size_t room = HTTP_MAX_HEAD_BYTES - j->len;
	size_t n = s.len < room ? s.len : room;

	if (n > 0)
		memcpy(j->out + j->len, s.ptr, n);
	j->len += n;
}

/* All lines of a header, or the path with its query. */
static struct slice
join_lines(const struct match_cond *cond, const struct route_request *r, char *scratch)
{
	struct joiner j = { scratch, 0 };
	bool first = true;

	if (cond->pseudo == PSEUDO_PATH) {
		join(&j, r->path);
		join(&j, SLICE("?"));
		join(&j, r->query);
		return (struct slice){ scratch, j.len };
	}
	for (unsigned i = 0; i < r->head->field_count; i++) {
		if (!field_is(r->head, &r->head->fields[i], cond))
			continue;
		if (!first)
			join(&j, SLICE(","));
		join(&j, r->head->fields[i].value);
		first = false;
	}
	return (struct slice){ scratch, j.len };
}

/* First parameter of that name; one without "=" has an empty value. */
static bool
query_value(struct slice query, struct slice name, struct slice *out)
{
	const char *p = query.ptr, *end = p != NULL ? p + query.len : NULL;

	while (p != NULL && p <= end) {
		const char *amp = memchr(p, '&', (size_t)(end - p));
		const char *stop = amp != NULL ? amp : end;
		const char *eq = memchr(p, '=', (size_t)(stop - p));
		struct slice key = { p, (size_t)((eq != NULL ? eq : stop) - p) };

		if (slice_eq(key, name)) {
			*out = eq != NULL ? (struct slice){ eq + 1, (size_t)(stop - eq - 1) }
					  : (struct slice){ stop, 0 };
			return true;
		}
		p = amp != NULL ? amp + 1 : NULL;
	}
	return false;
}

static bool
remembered_header(const struct match_cond *cond, const struct route_request *r,
		  struct header_memo *memo, struct slice *out, bool *repeated)
{
	if (memo->name != cond->name.ptr) {
		memo->name = cond->name.ptr;
		memo->is_there = match_header_value(r, cond, &memo->value, &memo->repeated);
	}
	*out = memo->value;
	*repeated = memo->repeated;
	return memo->is_there;
}

/* As cond_value() for everything that needs no joining. */
static bool
plain_value(const struct match_cond *cond, const struct route_request *r,
	    struct header_memo *memo, struct slice *out, bool *repeated)
{
	*repeated = false;
	switch (cond->field) {
	case COND_URI:
		*out = r->path;
		return true;
	case COND_SCHEME:
		*out = route_scheme(r->head, r->is_trusted);
		return true;
	case COND_METHOD:
		*out = r->head->method;
		return true;
	case COND_AUTHORITY:
		*out = r->authority;
		return true;
	case COND_QUERY:
		return query_value(r->query, cond->name, out);
	default:
		return remembered_header(cond, r, memo, out, repeated);
	}
}

bool
cond_value(const struct match_cond *cond, const struct route_request *r, char *scratch,
	   struct slice *out)
{
	struct header_memo memo = { .name = NULL };
	bool repeated;

	if (!plain_value(cond, r, &memo, out, &repeated))
		return false;
	if (repeated)
		*out = join_lines(cond, r, scratch);
	return true;
}

static bool
starts_nocase(struct slice s, struct slice prefix)
{
	return s.len >= prefix.len && strncasecmp(s.ptr, prefix.ptr, prefix.len) == 0;
}

static enum cond_result
text_holds(const struct match_cond *cond, struct slice s)
{
	bool holds;

	if (s.ptr == NULL)
		s.ptr = "";
	switch (cond->kind) {
	case COND_EXACT:
		holds = cond->ignores_case ? slice_eq_nocase(s, cond->text)
					   : slice_eq(s, cond->text);
		break;
	case COND_PREFIX:
		holds = cond->ignores_case ? starts_nocase(s, cond->text)
					   : slice_starts(s, cond->text);
		break;
	case COND_REGEX:
		if (cond->regex == NULL)
			return COND_FAILED;
		switch (regex_full_match(cond->regex, s.ptr, s.len)) {
		case REGEX_LIMIT:
			return COND_LIMIT;
		case REGEX_YES:
			return COND_HELD;
		default:
			return COND_FAILED;
		}
	default:
		holds = true;
	}
	return holds ? COND_HELD : COND_FAILED;
}

/* Apart, so that only this path pays for the buffer. */
static __attribute__((noinline)) enum cond_result
joined_holds(const struct match_cond *cond, const struct route_request *r)
{
	char scratch[HTTP_MAX_HEAD_BYTES];

	return text_holds(cond, join_lines(cond, r, scratch));
}

static enum cond_result
inverted(const struct match_cond *cond, enum cond_result result)
{
	if (cond->field != COND_WITHOUT_HEADER || result == COND_LIMIT)
		return result;
	return result == COND_HELD ? COND_FAILED : COND_HELD;
}

static enum cond_result
cond_holds(const struct match_cond *cond, const struct route_request *r,
	   struct header_memo *memo)
{
	struct slice s = SLICE_NONE;
	bool repeated;

	if (plain_value(cond, r, memo, &s, &repeated))
		return inverted(cond, repeated ? joined_holds(cond, r) : text_holds(cond, s));
	if (cond->field != COND_WITHOUT_HEADER || cond->kind == COND_PRESENT)
		return inverted(cond, COND_FAILED);
	/* A missing header counts as the empty string there. */
	return inverted(cond, text_holds(cond, SLICE("")));
}

enum cond_result
match_holds(const struct http_match *m, const struct route_request *r,
	    struct header_memo *memo, size_t *failed)
{
	for (size_t i = 0; i < m->count; i++) {
		enum cond_result result = cond_holds(&m->conds[i], r, memo);

		if (result == COND_HELD)
			continue;
		if (failed != NULL)
			*failed = i;
		return result;
	}
	return COND_HELD;
}
