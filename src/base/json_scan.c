/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON without a tree; see json_scan.h. */
#include "src/base/json_scan.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/json_priv.h"
#include "src/base/text.h"

#define DEPTH_MAX 64u

static const char *
skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
		at++;
	return at;
}

static const char *
skip_string(const char *at, const char *end)
{
	if (at >= end || *at++ != '"')
		return NULL;
	while (at < end && *at != '"') {
		if ((unsigned char)*at < 0x20)
			return NULL;
		if (*at++ != '\\')
			continue;
		if (at >= end || strchr("\"\\/bfnrtu", *at) == NULL || *at == '\0')
			return NULL;
		if (*at++ != 'u')
			continue;
		for (int i = 0; i < 4; i++)
			if (at >= end || slice_hex_digit(*at++) < 0)
				return NULL;
	}
	return at < end ? at + 1 : NULL;
}

static const char *
skip_number(const char *at, const char *end)
{
	size_t len = json_number_bytes(at, (size_t)(end - at));

	return len > 0 ? at + len : NULL;
}

static const char *
skip_word(const char *at, const char *end)
{
	static const struct slice words[] = {
		{ "true", 4 }, { "false", 5 }, { "null", 4 },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_starts((struct slice){ at, (size_t)(end - at) }, words[i]))
			return at + words[i].len;
	return NULL;
}

static const char *
skip_scalar(const char *at, const char *end)
{
	if (at >= end)
		return NULL;
	if (*at == '"')
		return skip_string(at, end);
	return *at == '-' || isdigit((unsigned char)*at) ? skip_number(at, end) : skip_word(at, end);
}

/* `"name":` of a member. */
static const char *
skip_name(const char *at, const char *end)
{
	at = skip_string(skip_blanks(at, end), end);
	if (at == NULL)
		return NULL;
	at = skip_blanks(at, end);
	return at < end && *at == ':' ? skip_blanks(at + 1, end) : NULL;
}

/* One value, without recursion: open brackets are counted in a stack of bits.
 * NULL when there is none. */
static const char *
skip_value(const char *at, const char *end)
{
	uint64_t is_object = 0;
	unsigned depth = 0;

	for (;;) {
		at = skip_blanks(at, end);
		if (at < end && (*at == '{' || *at == '[') && depth < DEPTH_MAX) {
			bool object = *at == '{';

			is_object = is_object << 1 | object;
			depth++;
			at = skip_blanks(at + 1, end);
			if (at < end && *at != (object ? '}' : ']')) {
				if (object && (at = skip_name(at, end)) == NULL)
					return NULL;
				continue;
			}
		} else if ((at = skip_scalar(at, end)) == NULL) {
			return NULL;
		}
		/* Behind a value, or before the bracket of an empty one. */
		for (;; at++, depth--, is_object >>= 1) {
			if (depth == 0)
				return at;
			at = skip_blanks(at, end);
			if (at >= end)
				return NULL;
			if (*at != ((is_object & 1) != 0 ? '}' : ']'))
				break;
		}
		if (*at++ != ',' || ((is_object & 1) != 0 && (at = skip_name(at, end)) == NULL))
			return NULL;
	}
}

bool
json_scan(struct slice text)
{
	const char *end = text.ptr + text.len, *at = skip_value(text.ptr, end);

	return at != NULL && skip_blanks(at, end) == end;
}

bool
json_scan_member(struct slice object, const char *name, struct slice *value)
{
	const char *end = object.ptr + object.len, *at = skip_blanks(object.ptr, end);
	size_t len = strlen(name);

	if (at >= end || *at != '{')
		return false;
	at = skip_blanks(at + 1, end);
	while (at < end && *at == '"') {
		bool is_it = (size_t)(end - at) > len + 1 && memcmp(at + 1, name, len) == 0 &&
			     at[len + 1] == '"';

		value->ptr = skip_name(at, end);
		if (value->ptr == NULL || (at = skip_value(value->ptr, end)) == NULL)
			return false;
		value->len = (size_t)(at - value->ptr);
		if (is_it)
			return true;
		at = skip_blanks(at, end);
		at = skip_blanks(at + (at < end && *at == ','), end);
	}
	return false;
}

bool
json_scan_item(struct slice *rest, struct slice *item)
{
	const char *end = rest->ptr + rest->len, *at = skip_blanks(rest->ptr, end);

	if (at >= end || (*at != '[' && *at != ','))
		return false;
	item->ptr = skip_blanks(at + 1, end);
	at = skip_value(item->ptr, end);
	if (at == NULL)
		return false;		/* the end of an empty array */
	item->len = (size_t)(at - item->ptr);
	*rest = (struct slice){ at, (size_t)(end - at) };
	return true;
}

static void
put_utf8(struct buf *out, uint32_t cp)
{
	char bytes[4];

	buf_append(out, bytes, text_encode(cp, bytes));
}

static bool
is_utf8(const char *s, size_t len)
{
	uint32_t cp;
	bool ok = true;

	for (size_t at = 0; at < len && ok;)
		at += text_decode(s + at, len - at, &cp, &ok);
	return ok;
}

static uint32_t
hex4(const char *at)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v = v << 4 | (uint32_t)slice_hex_digit(at[i]);
	return v;
}

/* Behind "\u"; returns the bytes taken, 0 for half a pair or NUL. */
static size_t
put_escaped(struct buf *out, const char *at, const char *end)
{
	uint32_t cp = hex4(at), low;

	if (cp == 0 || (cp >= 0xdc00 && cp < 0xe000))
		return 0;
	if (cp < 0xd800 || cp >= 0xe000) {
		put_utf8(out, cp);
		return 4;
	}
	if (end - at < 10 || at[4] != '\\' || at[5] != 'u')
		return 0;
	low = hex4(at + 6);
	if (low < 0xdc00 || low >= 0xe000)
		return 0;
	put_utf8(out, 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00));
	return 10;
}

bool
json_scan_string(struct slice literal, struct buf *out)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *at = literal.ptr + 1, *end = literal.ptr + literal.len - 1;
	size_t begin = out->len;

	if (literal.len < 2 || literal.ptr[0] != '"')
		return false;
	while (at < end) {
		const char *stop = memchr(at, '\\', (size_t)(end - at)), *letter;
		size_t taken;

		stop = stop != NULL ? stop : end;
		buf_append(out, at, (size_t)(stop - at));
		if (stop == end)
			break;
		letter = strchr(from, stop[1]);
		at = stop + 2;
		if (stop[1] != 'u') {
			buf_putc(out, letter != NULL ? to[letter - from] : stop[1]);
			continue;
		}
		taken = put_escaped(out, at, end);
		if (taken == 0)
			return false;
		at += taken;
	}
	return is_utf8(buf_str(out) + begin, out->len - begin);
}
