/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that hold secrets; see redact.h. */
#include "src/http/redact.h"

#include <string.h>

#include "src/base/assert.h"

#define NAME_MAX_BYTES 256	/* what is longer counts as secret */

static const char *const secret_names[] = {
	"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key",
};

/* Does part stand around name.ptr[i], which is its letter number at? */
#define STANDS(part, at) \
	(i >= (at) && name.len - i >= sizeof(part) - 1 - (at) && \
	 memcmp(name.ptr + i - (at), part, sizeof(part) - 1) == 0)

/* Looks for the letter of each that few names have. */
bool
redact_has_secret_part(struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if ((c == 'k' && STANDS("token", 2)) || (c == 'w' && STANDS("password", 4)) ||
		    (c == 'c' && STANDS("secret", 2)))
			return true;
	}
	return false;
}

bool
redact_is_secret_field(const struct http_field *f)
{
	if (f->id != FIELD_OTHER)
		return (http_field_flags((enum http_field_id)f->id) & FIELD_SECRET) != 0;
	return redact_has_secret_part(f->name);
}

bool
redact_is_secret_name(struct slice name)
{
	char plain[NAME_MAX_BYTES];
	struct slice s = { plain, 0 };

	if (name.len > sizeof(plain))
		return true;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (c == '%' && i + 2 < name.len && slice_hex_digit(name.ptr[i + 1]) >= 0 &&
		    slice_hex_digit(name.ptr[i + 2]) >= 0) {
			c = (char)(slice_hex_digit(name.ptr[i + 1]) << 4 | slice_hex_digit(name.ptr[i + 2]));
			i += 2;
		}
		plain[s.len++] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	for (size_t i = 0; i < ARRAY_LEN(secret_names); i++)
		if (slice_is(s, secret_names[i]))
			return true;
	return redact_has_secret_part(s);
}

/* One name=value of a query; *query moves on. */
struct pair {
	struct slice all, name;		/* all: with '=' and value, without '&' */
	bool has_value;
};

static bool
next_pair(struct slice *query, struct pair *p)
{
	const char *end, *eq;

	if (query->len == 0)
		return false;
	/* Some servers take ';' for '&'. */
	for (end = query->ptr; end < query->ptr + query->len && *end != '&' && *end != ';'; end++)
		;
	p->all = (struct slice){ query->ptr, (size_t)(end - query->ptr) };
	eq = p->all.len > 0 ? memchr(p->all.ptr, '=', p->all.len) : NULL;
	p->has_value = eq != NULL;
	p->name = (struct slice){ p->all.ptr, eq != NULL ? (size_t)(eq - p->all.ptr) : p->all.len };
	query->len -= p->all.len;
	query->ptr = end;
	return true;
}

size_t
redact_query_room(struct slice query)
{
	size_t room = query.len;

	for (size_t i = 0; i < query.len; i++)
		if (query.ptr[i] == '=')
			room += strlen(REDACTED);
	return room;
}

size_t
redact_query(struct slice query, char *out)
{
	size_t len = 0;
	struct pair p;

	while (next_pair(&query, &p)) {
		struct slice copy = p.all;
		bool is_secret = p.has_value && redact_is_secret_name(p.name);

		if (is_secret)
			copy.len = p.name.len + 1;
		memcpy(out + len, copy.ptr, copy.len);
		len += copy.len;
		if (is_secret) {
			memcpy(out + len, REDACTED, strlen(REDACTED));
			len += strlen(REDACTED);
		}
		if (query.len > 0) {
			out[len++] = *query.ptr++;
			query.len--;
		}
	}
	return len;
}

void
redact_each_secret(struct slice query, void (*each)(void *arg, struct slice name), void *arg)
{
	struct pair p;

	while (next_pair(&query, &p)) {
		if (p.has_value && redact_is_secret_name(p.name))
			each(arg, p.name);
		if (query.len > 0) {
			query.ptr++;
			query.len--;
		}
	}
}
