/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing JSON; see json.h. */
#include "src/base/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/json_priv.h"
#include "src/base/slice.h"
#include "src/base/text.h"
#include "src/base/value.h"

#define INDENT 2

static void
put_escape(struct buf *out, uint32_t cp)
{
	static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (const char *p = letters; *p != '\0'; p += 2) {
		if ((uint32_t)(unsigned char)*p == cp) {
			buf_printf(out, "\\%c", p[1]);
			return;
		}
	}
	if (cp < 0x10000) {
		buf_printf(out, "\\u%04x", (unsigned)cp);
	} else {
		cp -= 0x10000;
		buf_printf(out, "\\u%04x\\u%04x", 0xd800u + (unsigned)(cp >> 10),
			   0xdc00u + (unsigned)(cp & 0x3ff));
	}
}

/* Bytes that can be written as they are. */
static size_t
plain_bytes(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len && s[i] >= ' ' && s[i] < 0x7f && s[i] != '"' && s[i] != '\\')
		i++;
	return i;
}

void
json_put_string(struct buf *out, const char *s, size_t len)
{
	unsigned marks = TEXT_MARKS_MAX;

	buf_putc(out, '"');
	while (len > 0) {
		uint32_t cp;
		bool ok;
		size_t used = plain_bytes(s, len);

		if (used > 0) {
			buf_append(out, s, used);
			marks = 0;
		} else {
			used = text_decode(s, len, &cp, &ok);
			if (text_is_excess_mark(&marks, cp) || !ok || cp == '"' || cp == '\\' ||
			    text_cp_is_unsafe(cp))
				put_escape(out, cp);
			else
				buf_append(out, s, used);
		}
		s += used;
		len -= used;
	}
	buf_putc(out, '"');
}

static void
put_line(struct buf *out, bool pretty, unsigned depth)
{
	if (!pretty)
		return;
	buf_putc(out, '\n');
	buf_fill(out, ' ', (size_t)depth * INDENT);
}

static void
put_double(struct buf *out, double d, int decimals)
{
	char text[40];

	if (!isfinite(d)) {
		buf_puts(out, "null");
		return;
	}
	if (decimals >= 0) {
		buf_printf(out, "%.*f", decimals, d);
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, d);
		if (strtod(text, NULL) == d)
			break;
	}
	buf_puts(out, text);
}

/* Numbers may be spelled as only YAML allows: 0x1f, .5, +1, .inf. */
static void
put_number(struct buf *out, const struct value *v)
{
	int64_t n;
	double d;

	if (json_number_bytes(v->text, v->len) == v->len)
		buf_append(out, v->text, v->len);
	else if (value_to_int(v, &n))
		buf_printf(out, "%" PRId64, n);
	else
		put_double(out, value_to_double(v, &d) ? d : (double)NAN, -1);
}

static void
put_value(struct buf *out, const struct value *v, bool pretty, unsigned depth)
{
	bool is_map = value_is_map(v), b;

	if (v == NULL || v->kind == VALUE_NULL) {
		buf_puts(out, "null");
	} else if (v->kind == VALUE_BOOL) {
		buf_puts(out, value_to_bool(v, &b) && b ? "true" : "false");
	} else if (v->kind == VALUE_NUMBER) {
		put_number(out, v);
	} else if (v->kind == VALUE_STRING) {
		json_put_string(out, v->text, v->len);
	} else if (v->count == 0) {
		buf_puts(out, is_map ? "{}" : "[]");
	} else {
		buf_putc(out, is_map ? '{' : '[');
		VALUE_EACH(child, v) {
			if (child != v->first)
				buf_putc(out, ',');
			put_line(out, pretty, depth + 1);
			if (is_map) {
				json_put_string(out, child->key, strlen(child->key));
				buf_puts(out, pretty ? ": " : ":");
			}
			put_value(out, child, pretty, depth + 1);
		}
		put_line(out, pretty, depth);
		buf_putc(out, is_map ? '}' : ']');
	}
}

void
json_emit(struct buf *out, const struct value *v, bool pretty)
{
	put_value(out, v, pretty, 0);
}

/* The streaming writer. */

void
json_begin(struct json_writer *w, struct buf *out, bool pretty)
{
	memset(w, 0, sizeof(*w));
	w->out = out;
	w->is_pretty = pretty;
}

/* Comma, line and key in front of a value. */
static void
put_front(struct json_writer *w, const char *key)
{
	if (w->depth > 0) {
		if (w->has_member[w->depth])
			buf_putc(w->out, ',');
		w->has_member[w->depth] = true;
		put_line(w->out, w->is_pretty, w->depth);
	}
	if (key != NULL) {
		json_put_string(w->out, key, strlen(key));
		buf_puts(w->out, w->is_pretty ? ": " : ":");
	}
}

void
json_open(struct json_writer *w, const char *key, char bracket)
{
	ASSERT(bracket == '{' || bracket == '[');
	ASSERT(w->depth + 1 < ARRAY_LEN(w->has_member));
	put_front(w, key);
	buf_putc(w->out, bracket);
	w->has_member[++w->depth] = false;
}

void
json_close(struct json_writer *w, char bracket)
{
	ASSERT(bracket == '}' || bracket == ']');
	ASSERT(w->depth > 0);
	if (w->has_member[w->depth--])
		put_line(w->out, w->is_pretty, w->depth);
	buf_putc(w->out, bracket);
}

void
json_string(struct json_writer *w, const char *key, const char *s)
{
	if (s == NULL) {
		json_null(w, key);
		return;
	}
	put_front(w, key);
	json_put_string(w->out, s, strlen(s));
}

void
json_slice(struct json_writer *w, const char *key, struct slice s)
{
	put_front(w, key);
	json_put_string(w->out, s.ptr, s.len);
}

void
json_int(struct json_writer *w, const char *key, int64_t n)
{
	put_front(w, key);
	buf_printf(w->out, "%" PRId64, n);
}

void
json_uint(struct json_writer *w, const char *key, uint64_t n)
{
	put_front(w, key);
	buf_printf(w->out, "%" PRIu64, n);
}

void
json_double(struct json_writer *w, const char *key, double d, int decimals)
{
	put_front(w, key);
	put_double(w->out, d, decimals);
}

void
json_bool(struct json_writer *w, const char *key, bool b)
{
	put_front(w, key);
	buf_puts(w->out, b ? "true" : "false");
}

void
json_null(struct json_writer *w, const char *key)
{
	put_front(w, key);
	buf_puts(w->out, "null");
}

void
json_value(struct json_writer *w, const char *key, const struct value *v)
{
	put_front(w, key);
	put_value(w->out, v, w->is_pretty, w->depth);
}
