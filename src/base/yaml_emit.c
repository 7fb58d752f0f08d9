/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Document trees to YAML, as kubectl prints it; see yaml.h. */
#include "src/base/yaml.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/value.h"
#include "src/base/yaml_schema.h"

#define INDENT 2
/* Longer keys need "? " (libyaml, YAML 1.2.2 section 8.2.2). */
#define MAX_SIMPLE_KEY 128

enum style { STYLE_PLAIN, STYLE_SINGLE, STYLE_DOUBLE, STYLE_LITERAL };

struct shape {
	bool has_newline, has_unsafe, has_tab;
	bool is_literal_safe;		/* lines that a block can hold */
};

static struct shape
shape_of(const char *s, size_t len)
{
	struct shape shape = { .is_literal_safe = len > 0 && *s != ' ' && *s != '\n' };
	bool is_blank_line = true;
	unsigned marks = TEXT_MARKS_MAX;

	for (size_t i = 0; i < len;) {
		uint32_t cp;
		bool ok;
		size_t used = text_decode(s + i, len - i, &cp, &ok);
		bool is_excess = text_is_excess_mark(&marks, cp);

		if (cp == '\n') {
			marks = TEXT_MARKS_MAX;
			if (is_blank_line && i > 0 && s[i - 1] != '\n')
				shape.is_literal_safe = false;
			shape.has_newline = true;
			is_blank_line = true;
		} else if (cp == '\t') {
			shape.has_tab = true;
		} else if (is_excess || !ok || cp == TEXT_MARK || text_cp_is_unsafe(cp)) {
			shape.has_unsafe = true;
		}
		if (cp != '\n' && cp != ' ' && cp != '\t')
			is_blank_line = false;
		i += used;
	}
	if (shape.has_unsafe || shape.has_tab || (len > 1 && s[len - 1] == '\n' && s[len - 2] == '\n') ||
	    (is_blank_line && len > 0 && s[len - 1] != '\n'))
		shape.is_literal_safe = false;
	return shape;
}

/* Could s stand without quotes in block style? */
static bool
is_plain_text(const char *s, size_t len)
{
	if (len == 0 || s[0] == ' ' || s[len - 1] == ' ' || s[len - 1] == ':')
		return false;
	if (strchr(",[]{}#&*!|>'\"%@`", s[0]) != NULL)
		return false;
	if (strchr("-?:", s[0]) != NULL && (len == 1 || s[1] == ' '))
		return false;
	if (strncmp(s, "---", 3) == 0 || strncmp(s, "...", 3) == 0)
		return false;
	return strstr(s, ": ") == NULL && strstr(s, " #") == NULL;
}

static enum style
style_of(const char *s, size_t len, bool is_key)
{
	struct shape shape = shape_of(s, len);

	if (shape.has_newline && shape.is_literal_safe && !is_key)
		return STYLE_LITERAL;
	if (shape.has_newline || shape.has_unsafe || shape.has_tab || len == 0)
		return STYLE_DOUBLE;
	if (yaml_schema_kind(s, len) != VALUE_STRING || yaml_schema_is_old_word(s, len))
		return STYLE_DOUBLE;
	return is_plain_text(s, len) ? STYLE_PLAIN : STYLE_SINGLE;
}

static void
put_single(struct buf *out, const char *s, size_t len)
{
	buf_putc(out, '\'');
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\'')
			buf_putc(out, '\'');
		buf_putc(out, s[i]);
	}
	buf_putc(out, '\'');
}

static void
put_escape(struct buf *out, uint32_t cp)
{
	static const char letters[] = "\aa\bb\tt\nn\vv\ff\rr\x1b" "e\"\"\\\\";
	const char *found = NULL;

	for (const char *p = letters; *p != '\0' && found == NULL; p += 2)
		if ((uint32_t)(unsigned char)*p == cp)
			found = p;
	if (found != NULL)
		buf_printf(out, "\\%c", found[1]);
	else if (cp < 0x100)
		buf_printf(out, "\\x%02X", (unsigned)cp);
	else if (cp < 0x10000)
		buf_printf(out, "\\u%04X", (unsigned)cp);
	else
		buf_printf(out, "\\U%08X", (unsigned)cp);
}

static void
put_double(struct buf *out, const char *s, size_t len)
{
	unsigned marks = TEXT_MARKS_MAX;

	buf_putc(out, '"');
	while (len > 0) {
		uint32_t cp;
		bool ok;
		size_t used = text_decode(s, len, &cp, &ok);

		if (text_is_excess_mark(&marks, cp) || !ok || cp == '"' || cp == '\\' ||
		    text_cp_is_unsafe(cp))
			put_escape(out, cp);
		else
			buf_append(out, s, used);
		s += used;
		len -= used;
	}
	buf_putc(out, '"');
}

static void
put_literal(struct buf *out, const char *s, size_t len, unsigned indent)
{
	const char *end = s + len;

	buf_puts(out, s[len - 1] == '\n' ? "|" : "|-");
	while (s < end) {
		const char *line_end = memchr(s, '\n', (size_t)(end - s));

		line_end = line_end != NULL ? line_end : end;
		buf_putc(out, '\n');
		if (line_end > s)
			buf_fill(out, ' ', indent);
		buf_append(out, s, (size_t)(line_end - s));
		s = line_end + 1;
	}
}

static void
put_string(struct buf *out, const char *s, size_t len, unsigned indent, bool is_key)
{
	switch (style_of(s, len, is_key)) {
	case STYLE_PLAIN:
		buf_append(out, s, len);
		break;
	case STYLE_SINGLE:
		put_single(out, s, len);
		break;
	case STYLE_DOUBLE:
		put_double(out, s, len);
		break;
	case STYLE_LITERAL:
		put_literal(out, s, len, indent);
		break;
	}
}

static void
put_key(struct buf *out, const char *key, unsigned indent)
{
	size_t len = strlen(key);

	if (len > MAX_SIMPLE_KEY)
		buf_puts(out, "? ");
	put_string(out, key, len, indent, true);
	if (len > MAX_SIMPLE_KEY) {
		buf_putc(out, '\n');
		buf_fill(out, ' ', indent);
	}
	buf_putc(out, ':');
}

static bool
is_block(const struct value *v)
{
	return v->kind >= VALUE_LIST && v->count > 0;
}

/* What stands behind "key:", "-" or at the top, from the current column. */
static void put_value(struct buf *out, const struct value *v, unsigned indent);

static void
put_scalar(struct buf *out, const struct value *v, unsigned indent)
{
	switch (v->kind) {
	case VALUE_NULL:
		buf_puts(out, "null");
		break;
	case VALUE_LIST:
		buf_puts(out, "[]");
		break;
	case VALUE_MAP:
		buf_puts(out, "{}");
		break;
	case VALUE_STRING:
		put_string(out, v->text, v->len, indent, false);
		break;
	default:
		buf_append(out, v->text, v->len);
	}
	buf_putc(out, '\n');
}

static void
put_map(struct buf *out, const struct value *map, unsigned indent)
{
	VALUE_EACH(v, map) {
		if (v != map->first)
			buf_fill(out, ' ', indent);
		put_key(out, v->key, indent);
		if (is_block(v)) {
			unsigned inner = v->kind == VALUE_LIST ? indent : indent + INDENT;

			buf_putc(out, '\n');
			buf_fill(out, ' ', inner);
			put_value(out, v, inner);
		} else {
			buf_putc(out, ' ');
			put_scalar(out, v, indent + INDENT);
		}
	}
}

static void
put_list(struct buf *out, const struct value *list, unsigned indent)
{
	VALUE_EACH(v, list) {
		if (v != list->first)
			buf_fill(out, ' ', indent);
		buf_puts(out, "- ");
		put_value(out, v, indent + INDENT);
	}
}

static void
put_value(struct buf *out, const struct value *v, unsigned indent)
{
	if (!is_block(v))
		put_scalar(out, v, indent);
	else if (v->kind == VALUE_MAP)
		put_map(out, v, indent);
	else
		put_list(out, v, indent);
}

void
yaml_emit(struct buf *out, const struct value *v)
{
	if (v == NULL)
		buf_puts(out, "null\n");
	else if (is_block(v))
		put_value(out, v, 0);
	else
		put_scalar(out, v, INDENT);
}
