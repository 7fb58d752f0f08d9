/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JSON to document trees; see json.h.  A look over the words comes first: it
 * holds the limits and what cJSON is lax about (encoding, control characters,
 * escaped NULs, leading zeros).  cJSON then reads the structure, and numbers
 * get their text back from the source, where they stand in the same order.
 */
#include "src/base/json.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "src/base/arena.h"
#include "src/base/error.h"
#include "src/base/json_priv.h"
#include "src/base/text.h"
#include "src/base/value.h"
#include "src/base/yaml.h"

struct reader {
	struct arena *arena;
	const char *text;
	size_t len;
	size_t next;		/* byte from which the next number is looked for */
	struct error *err;
};

static int
refuse_at(const struct reader *r, size_t byte, const char *what)
{
	return error_setf(r->err, ERROR_SYNTAX, "JSON, byte %zu: %s", byte + 1, what);
}

static size_t
skip_digits(const char *s, size_t len, size_t at)
{
	while (at < len && s[at] >= '0' && s[at] <= '9')
		at++;
	return at;
}

size_t
json_number_bytes(const char *s, size_t len)
{
	size_t at = len > 0 && s[0] == '-' ? 1 : 0;
	size_t begin = at;

	at = skip_digits(s, len, at);
	if (at == begin || (s[begin] == '0' && at > begin + 1))
		return 0;
	if (at < len && s[at] == '.') {
		begin = at + 1;
		at = skip_digits(s, len, begin);
		if (at == begin)
			return 0;
	}
	if (at < len && (s[at] == 'e' || s[at] == 'E')) {
		begin = at + 1;
		if (begin < len && (s[begin] == '+' || s[begin] == '-'))
			begin++;
		at = skip_digits(s, len, begin);
		if (at == begin)
			return 0;
	}
	return at;
}

/* The words. */

/* *at is behind the opening quote; it ends behind the closing one. */
static int
check_string(const struct reader *r, size_t *at)
{
	size_t i = *at;

	while (i < r->len) {
		unsigned char c = (unsigned char)r->text[i];
		uint32_t cp;
		bool ok;

		if (c == '"') {
			*at = i + 1;
			return 0;
		}
		if (c < 0x20)
			return refuse_at(r, i, "a control character in a string");
		if (c == '\\') {
			if (r->len - i >= 6 && memcmp(r->text + i, "\\u0000", 6) == 0)
				return refuse_at(r, i, "a NUL character is not allowed");
			i += 2;
			continue;
		}
		i += text_decode(r->text + i, r->len - i, &cp, &ok);
		if (!ok)
			return refuse_at(r, i - 1, "not valid UTF-8");
	}
	return refuse_at(r, *at - 1, "a string without an end");
}

static int
check_word(const struct reader *r, size_t *at)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t used;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i]);

		if (r->len - *at >= len && memcmp(r->text + *at, words[i], len) == 0) {
			*at += len;
			return 0;
		}
	}
	used = json_number_bytes(r->text + *at, r->len - *at);
	if (used == 0)
		return refuse_at(r, *at, "not a value");
	*at += used;
	return 0;
}

static int
check_words(const struct reader *r)
{
	size_t nodes = 1, depth = 0, at = 0;

	if (r->len > YAML_MAX_BYTES)
		return refuse_at(r, 0, "the text is larger than 64 MiB");
	while (at < r->len) {
		char c = r->text[at];

		if (strchr(" \t\r\n:", c) != NULL && c != '\0') {
			at++;
		} else if (c == '{' || c == '[' || c == ',') {
			if (++nodes > YAML_MAX_NODES)
				return refuse_at(r, at, "more than 2000000 values");
			if (c != ',' && ++depth > YAML_MAX_DEPTH)
				return refuse_at(r, at, "more than 64 levels");
			at++;
		} else if (c == '}' || c == ']') {
			if (depth-- == 0)
				return refuse_at(r, at, "nothing to close here");
			at++;
		} else if (c == '"') {
			at++;
			if (check_string(r, &at) < 0)
				return -1;
		} else if (check_word(r, &at) < 0) {
			return -1;
		}
	}
	return depth == 0 ? 0 : refuse_at(r, r->len, "the text ends too early");
}

/* The structure. */

/* The text of the next number in the source. */
static const char *
next_number(struct reader *r, size_t *len)
{
	size_t at = r->next;

	for (;;) {
		char c = r->text[at];

		if (c == '"') {
			for (at++; r->text[at] != '"'; at++)
				if (r->text[at] == '\\')
					at++;
			at++;
		} else if (c == '-' || (c >= '0' && c <= '9')) {
			break;
		} else {
			at++;
		}
	}
	*len = json_number_bytes(r->text + at, r->len - at);
	r->next = at + *len;
	return r->text + at;
}

static struct value *
convert(struct reader *r, const cJSON *item)
{
	struct value *v;
	const char *text;
	size_t len;

	if (cJSON_IsBool(item))
		return value_new_bool(r->arena, cJSON_IsTrue(item));
	if (cJSON_IsNull(item))
		return value_new_null(r->arena);
	if (cJSON_IsString(item))
		return value_new_string(r->arena, item->valuestring);
	if (cJSON_IsNumber(item)) {
		v = value_new_null(r->arena);
		text = next_number(r, &len);
		v->kind = VALUE_NUMBER;
		v->text = arena_strndup(r->arena, text, len);
		v->len = len;
		return v;
	}
	v = cJSON_IsArray(item) ? value_new_list(r->arena) : value_new_map(r->arena);
	for (item = item->child; item != NULL; item = item->next) {
		struct value *child = convert(r, item);

		if (child == NULL)
			return NULL;
		if (item->string != NULL)
			child->key = arena_strdup(r->arena, item->string);
		value_append(v, child);
	}
	if (value_is_map(v)) {
		const struct value *twice = value_duplicate(v);

		if (twice != NULL) {
			error_setf(r->err, ERROR_SYNTAX, "JSON: duplicate key \"%s\"",
				   twice->key);
			return NULL;
		}
	}
	return v;
}

struct value *
json_parse(struct arena *a, const char *text, size_t len, struct error *err)
{
	struct reader r = { .arena = a, .text = text, .len = len, .err = err };
	struct value *v = NULL;
	const char *end = text;
	cJSON *root;

	if (check_words(&r) < 0)
		return NULL;
	root = cJSON_ParseWithLengthOpts(text, len, &end, 0);
	while (root != NULL && end < text + len && strchr(" \t\r\n", *end) != NULL)
		end++;
	if (root == NULL || end != text + len)
		refuse_at(&r, (size_t)(end - text), root == NULL ? "not JSON" :
			  "something follows the value");
	else
		v = convert(&r, root);
	cJSON_Delete(root);
	return v;
}
