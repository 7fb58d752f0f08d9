/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The query of an admin request; see admin_pages.h. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "proxy/admin/admin_pages.h"
#include "src/base/assert.h"
#include "src/base/slice.h"
#include "src/base/xalloc.h"

/* %XX and + decoded; a NUL ends the text. */
static char *
decode(struct slice s)
{
	char *text = xmalloc(s.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '%' && i + 2 < s.len && slice_hex_digit(s.ptr[i + 1]) >= 0 &&
		    slice_hex_digit(s.ptr[i + 2]) >= 0) {
			text[len++] = (char)(slice_hex_digit(s.ptr[i + 1]) << 4 | slice_hex_digit(s.ptr[i + 2]));
			i += 2;
		} else {
			text[len++] = s.ptr[i] == '+' ? ' ' : s.ptr[i];
		}
	}
	text[len] = '\0';
	return text;
}

/* What a query may hold, and where it goes. */
static const struct {
	const char *name;
	enum { TEXT, NUMBER, FLAG_GIVEN } kind;
	size_t at;
} members[] = {
	{ "proxy", TEXT, offsetof(struct admin_query, proxy) },
	{ "filter", TEXT, offsetof(struct admin_query, filter) },
	{ "format", TEXT, offsetof(struct admin_query, format) },
	{ "type", TEXT, offsetof(struct admin_query, type) },
	{ "id", TEXT, offsetof(struct admin_query, id) },
	{ "resource", TEXT, offsetof(struct admin_query, resource) },
	{ "mask", TEXT, offsetof(struct admin_query, mask) },
	{ "name_regex", TEXT, offsetof(struct admin_query, name_regex) },
	{ "since", NUMBER, offsetof(struct admin_query, since) },
	{ "limit", NUMBER, offsetof(struct admin_query, limit) },
	{ "usedonly", FLAG_GIVEN, offsetof(struct admin_query, used_only) },
	{ "include_eds", FLAG_GIVEN, offsetof(struct admin_query, has_endpoints) },
	{ "graceful", FLAG_GIVEN, offsetof(struct admin_query, is_graceful) },
	{ "inboundonly", FLAG_GIVEN, offsetof(struct admin_query, inbound_only) },
	{ "skip_exit", FLAG_GIVEN, offsetof(struct admin_query, skips_exit) },
};

static void *
member_at(struct admin_query *q, size_t at)
{
	return (char *)q + at;
}

static void
take_text(char **to, char *value)
{
	free(*to);
	*to = value;
}

static void
take_number(struct admin_query *q, uint64_t *to, char *value)
{
	char *end;

	errno = 0;
	*to = strtoull(value, &end, 10);
	if (errno != 0 || *end != '\0' || value[0] < '0' || value[0] > '9')
		q->is_bad = true;
	free(value);
}

/* Unknown names are ignored, as Envoy does. */
static void
take(struct admin_query *q, struct slice name, struct slice value)
{
	size_t i = 0;
	void *to;

	while (i < ARRAY_LEN(members) && !slice_is(name, members[i].name))
		i++;
	if (i == ARRAY_LEN(members))
		return;
	to = member_at(q, members[i].at);
	switch (members[i].kind) {
	case TEXT:
		take_text(to, decode(value));
		break;
	case NUMBER:
		take_number(q, to, decode(value));
		break;
	case FLAG_GIVEN:
		*(bool *)to = true;
		break;
	}
}

/* Cuts the first NAME=VALUE off; false: there is none. */
static bool
cut_pair(struct slice *text, struct slice *name, struct slice *value)
{
	const char *amp, *eq;
	size_t len;

	if (text->len == 0)
		return false;
	amp = memchr(text->ptr, '&', text->len);
	len = amp != NULL ? (size_t)(amp - text->ptr) : text->len;
	eq = memchr(text->ptr, '=', len);
	*name = (struct slice){ text->ptr, eq != NULL ? (size_t)(eq - text->ptr) : len };
	*value = eq != NULL ? (struct slice){ eq + 1, len - name->len - 1 } : SLICE_NONE;
	len += amp != NULL;
	text->ptr += len;
	text->len -= len;
	return true;
}

void
admin_query_parse(struct admin_query *q, struct slice text)
{
	struct slice name, value;

	memset(q, 0, sizeof(*q));
	q->text = text;
	while (cut_pair(&text, &name, &value))
		take(q, name, value);
}

bool
admin_query_next(struct slice *text, char **name, char **value)
{
	struct slice n, v;

	if (!cut_pair(text, &n, &v))
		return false;
	*name = decode(n);
	*value = decode(v);
	return true;
}

void
admin_query_fini(struct admin_query *q)
{
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (members[i].kind == TEXT)
			free(*(char **)member_at(q, members[i].at));
	memset(q, 0, sizeof(*q));
}

bool
admin_query_is_json(const struct admin_query *q)
{
	return q->format != NULL && strcmp(q->format, "json") == 0;
}
