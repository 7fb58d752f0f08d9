/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The query of an admin request; see admin_pages.h. */
#include <errno.h>
#include <stdlib.h>

#include "proxy/admin/admin_pages.h"
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
	if (slice_is(name, "proxy"))
		take_text(&q->proxy, decode(value));
	else if (slice_is(name, "filter"))
		take_text(&q->filter, decode(value));
	else if (slice_is(name, "format"))
		take_text(&q->format, decode(value));
	else if (slice_is(name, "type"))
		take_text(&q->type, decode(value));
	else if (slice_is(name, "id"))
		take_text(&q->id, decode(value));
	else if (slice_is(name, "since"))
		take_number(q, &q->since, decode(value));
	else if (slice_is(name, "limit"))
		take_number(q, &q->limit, decode(value));
	else if (slice_is(name, "usedonly"))
		q->used_only = true;
}

void
admin_query_parse(struct admin_query *q, struct slice text)
{
	memset(q, 0, sizeof(*q));
	while (text.len > 0) {
		const char *amp = memchr(text.ptr, '&', text.len);
		size_t len = amp != NULL ? (size_t)(amp - text.ptr) : text.len;
		const char *eq = memchr(text.ptr, '=', len);
		size_t name_len = eq != NULL ? (size_t)(eq - text.ptr) : len;
		struct slice value = SLICE_NONE;

		if (eq != NULL)
			value = (struct slice){ eq + 1, len - name_len - 1 };
		take(q, (struct slice){ text.ptr, name_len }, value);
		len += amp != NULL;
		text.ptr += len;
		text.len -= len;
	}
}

void
admin_query_fini(struct admin_query *q)
{
	free(q->proxy);
	free(q->filter);
	free(q->format);
	free(q->type);
	free(q->id);
	memset(q, 0, sizeof(*q));
}

bool
admin_query_is_json(const struct admin_query *q)
{
	return q->format != NULL && strcmp(q->format, "json") == 0;
}
