/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * YAML to document trees; see yaml.h.  libyaml splits the text into events,
 * everything else (encoding, limits, types, places, refusals) is decided here.
 * The way back is in yaml_emit.c.
 */
#include "src/base/yaml.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <yaml.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/text.h"
#include "src/base/value.h"
#include "src/base/yaml_schema.h"

/* What libyaml may swallow between two events: bounds its memory. */
#define MAX_TOKEN_BYTES (4u << 20)
#define HUGE_MAP 1024
#define CORE_TAG "tag:yaml.org,2002:"

struct level {
	struct value *container;
	bool is_flow;
};

struct reader {
	struct arena *arena;
	const char *file;
	struct error *err;
	struct yaml_stream *out;
	yaml_parser_t parser;

	const char *text;		/* behind the byte order mark */
	size_t len, bom;
	size_t fed, fed_at_event;	/* bytes given to libyaml */
	bool is_token_too_long;
	bool is_ascii;
	size_t seen_index, seen_byte;	/* a character's number and its byte */

	struct level levels[YAML_MAX_DEPTH];
	unsigned depth;
	size_t nodes;
	struct value key;		/* place and name of the key that waits */
	bool has_key;
	struct yaml_document doc;
	size_t content_end;		/* byte behind the last token of content */
};

/* Places. */

static int
refuse_at(struct reader *r, yaml_mark_t mark, const char *what)
{
	error_setf(r->err, ERROR_SYNTAX, "%s", what);
	return error_at(r->err, r->file, (unsigned)mark.line + 1, (unsigned)mark.column + 1);
}

static int
refuse_byte(struct reader *r, size_t byte, const char *what)
{
	yaml_mark_t mark = { 0, 0, 0 };

	for (size_t i = 0; i < byte; i++) {
		unsigned char c = (unsigned char)r->text[i];

		if (c == '\n' || (c == '\r' && (i + 1 == r->len || r->text[i + 1] != '\n'))) {
			mark.line++;
			mark.column = 0;
		} else if ((c & 0xc0) != 0x80) {
			mark.column++;
		}
	}
	return refuse_at(r, mark, what);
}

/* libyaml counts characters; the tree counts bytes. */
static size_t
byte_of(struct reader *r, yaml_mark_t mark)
{
	if (r->is_ascii)
		return mark.index < r->len ? mark.index : r->len;
	while (r->seen_index < mark.index && r->seen_byte < r->len) {
		r->seen_byte++;
		while (r->seen_byte < r->len && (r->text[r->seen_byte] & 0xc0) == 0x80)
			r->seen_byte++;
		r->seen_index++;
	}
	while (r->seen_index > mark.index) {
		r->seen_byte--;
		while ((r->text[r->seen_byte] & 0xc0) == 0x80)
			r->seen_byte--;
		r->seen_index--;
	}
	return r->seen_byte;
}

/* Byte behind the line that holds byte. */
static size_t
line_end(const struct reader *r, size_t byte)
{
	while (byte < r->len && r->text[byte] != '\n' && r->text[byte] != '\r')
		byte++;
	if (byte < r->len && r->text[byte++] == '\r' && byte < r->len && r->text[byte] == '\n')
		byte++;
	return byte;
}

static bool
is_line_start(const struct reader *r, size_t byte)
{
	return byte == 0 || r->text[byte - 1] == '\n' || r->text[byte - 1] == '\r';
}

/* Text. */

static bool
is_utf16(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;

	if (len < 2)
		return false;
	return (p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff) ||
	       (p[0] == 0 && p[1] != 0) || (p[0] != 0 && p[1] == 0);
}

/* Only UTF-8 and only the characters that YAML 1.2 allows (section 5.1), but
 * not those that libyaml takes for the end of a line. */
static int
check_text(struct reader *r)
{
	if (r->len > YAML_MAX_BYTES)
		return refuse_byte(r, 0, "the text is larger than 64 MiB");
	if (is_utf16(r->text, r->len))
		return refuse_byte(r, 0, "the text is UTF-16; save it as UTF-8");
	if (r->len >= 3 && memcmp(r->text, "\xef\xbb\xbf", 3) == 0)
		r->bom = 3;
	r->text += r->bom;
	r->len -= r->bom;
	r->is_ascii = true;
	for (size_t i = 0; i < r->len;) {
		unsigned char c = (unsigned char)r->text[i];
		uint32_t cp;
		bool ok;

		if ((c >= ' ' && c < 0x7f) || c == '\n' || c == '\t' || c == '\r') {
			i++;
			continue;
		}
		r->is_ascii = false;
		if (c == 0)
			return refuse_byte(r, i, "a NUL byte is not allowed");
		if (c < 0x80)
			return refuse_byte(r, i, "a control character is not allowed");
		c = (unsigned char)text_decode(r->text + i, r->len - i, &cp, &ok);
		if (!ok)
			return refuse_byte(r, i, "the text is not valid UTF-8");
		if (cp < 0xa0 || cp == 0xfeff || cp == 0xfffe || cp == 0xffff)
			return refuse_byte(r, i, "a control character is not allowed");
		if (cp == 0x2028 || cp == 0x2029)	/* lines end there in YAML 1.1 only */
			return refuse_byte(r, i, "U+2028 and U+2029 must be escaped");
		i += c;
	}
	return 0;
}

static int
feed(void *data, unsigned char *out, size_t size, size_t *got)
{
	struct reader *r = data;

	if (r->fed - r->fed_at_event > MAX_TOKEN_BYTES) {
		r->is_token_too_long = true;
		return 0;
	}
	*got = r->len - r->fed < size ? r->len - r->fed : size;
	memcpy(out, r->text + r->fed, *got);
	r->fed += *got;
	return 1;
}

static int
refuse_syntax(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	char what[200];
	size_t byte;

	if (r->is_token_too_long)
		return refuse_at(r, p->mark, "a value or comment is larger than 4 MiB");
	if (p->error == YAML_MEMORY_ERROR)
		return refuse_at(r, p->mark, "out of memory");
	byte = byte_of(r, p->problem_mark);
	if (p->error == YAML_SCANNER_ERROR && byte < r->len && r->text[byte] == '\t')
		return refuse_at(r, p->problem_mark, "a tab cannot indent; use blanks");
	/* A text such as [2001:db8::] is YAML 1.2, but not libyaml's. */
	snprintf(what, sizeof(what), "%s%s%s%s", p->problem != NULL ? p->problem : "not YAML",
		 p->context != NULL ? " " : "", p->context != NULL ? p->context : "",
		 byte < r->len && r->text[byte] == ':' ? "; quote a text that has a ':'" : "");
	/* At the end libyaml counts a line that is not there. */
	return byte == r->len ? refuse_byte(r, byte, what) :
	       refuse_at(r, p->problem_mark, what);
}

/* Values. */

static int
check_keys(const struct reader *r, const struct value *map)
{
	const struct value *twice = value_duplicate(map);

	if (twice == NULL)
		return 0;
	error_setf(r->err, ERROR_SYNTAX, "duplicate key \"%s\"", twice->key);
	return error_at(r->err, r->file, twice->key_line, twice->key_col);
}

static int
place_value(struct reader *r, struct value *v, yaml_mark_t mark)
{
	struct value *parent = r->depth > 0 ? r->levels[r->depth - 1].container : NULL;

	if (++r->nodes > YAML_MAX_NODES)
		return refuse_at(r, mark, "more than 2000000 values");
	v->line = (unsigned)mark.line + 1;
	v->col = (unsigned)mark.column + 1;
	if (parent == NULL) {
		r->doc.root = v;
		r->doc.line = v->line;
		return 0;
	}
	if (parent->kind == VALUE_MAP) {
		v->key = r->key.key;
		v->key_line = r->key.key_line;
		v->key_col = r->key.key_col;
		r->has_key = false;
	}
	value_append(parent, v);
	/* All maps are checked at their end; a huge one also on the way there. */
	if (parent->kind == VALUE_MAP && parent->count >= HUGE_MAP &&
	    (parent->count & (parent->count - 1)) == 0)
		return check_keys(r, parent);
	return 0;
}

static bool
wants_key(const struct reader *r)
{
	return r->depth > 0 && !r->has_key &&
	       r->levels[r->depth - 1].container->kind == VALUE_MAP;
}

static int
take_key(struct reader *r, const yaml_event_t *e)
{
	const char *text = (const char *)e->data.scalar.value;
	bool is_plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

	if (is_plain && e->data.scalar.length == 0)
		return refuse_at(r, e->start_mark, "a key is missing");
	if (is_plain && strcmp(text, "<<") == 0)
		return refuse_at(r, e->start_mark, "merge keys are not supported");
	if (e->data.scalar.tag != NULL &&
	    strcmp((const char *)e->data.scalar.tag, CORE_TAG "str") != 0)
		return refuse_at(r, e->start_mark, "a key must be a string");
	r->key.key = arena_strndup(r->arena, text, e->data.scalar.length);
	r->key.key_line = (unsigned)e->start_mark.line + 1;
	r->key.key_col = (unsigned)e->start_mark.column + 1;
	r->has_key = true;
	return 0;
}

static int
type_scalar(struct reader *r, struct value *v, const yaml_event_t *e)
{
	static const struct { const char *tag; enum value_kind kind; } tags[] = {
		{ CORE_TAG "str", VALUE_STRING },  { CORE_TAG "int", VALUE_NUMBER },
		{ CORE_TAG "float", VALUE_NUMBER }, { CORE_TAG "bool", VALUE_BOOL },
		{ CORE_TAG "null", VALUE_NULL },
	};
	const char *tag = (const char *)e->data.scalar.tag;
	enum value_kind plain = yaml_schema_kind(v->text, v->len);

	v->is_quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	if (tag == NULL) {
		v->kind = v->is_quoted ? VALUE_STRING : plain;
		return 0;
	}
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (strcmp(tag, tags[i].tag) != 0)
			continue;
		if (tags[i].kind != VALUE_STRING && tags[i].kind != plain)
			return refuse_at(r, e->start_mark, "the value is not what its tag says");
		v->kind = tags[i].kind;
		return 0;
	}
	return refuse_at(r, e->start_mark, "an unknown tag");
}

static int
take_scalar(struct reader *r, const yaml_event_t *e)
{
	struct value *v;

	if (e->data.scalar.anchor != NULL)
		return refuse_at(r, e->start_mark, "anchors and aliases are not supported");
	if (memchr(e->data.scalar.value, '\0', e->data.scalar.length) != NULL)
		return refuse_at(r, e->start_mark, "a NUL character is not allowed");
	r->content_end = byte_of(r, e->end_mark);
	if (wants_key(r))
		return take_key(r, e);
	v = arena_alloc(r->arena, sizeof(*v));
	v->len = e->data.scalar.length;
	v->text = arena_strndup(r->arena, (const char *)e->data.scalar.value, v->len);
	v->begin = r->bom + byte_of(r, e->start_mark);
	v->end = r->bom + r->content_end;
	if (type_scalar(r, v, e) < 0)
		return -1;
	return place_value(r, v, e->start_mark);
}

static int
open_container(struct reader *r, const yaml_event_t *e)
{
	bool is_map = e->type == YAML_MAPPING_START_EVENT;
	const yaml_char_t *anchor = is_map ? e->data.mapping_start.anchor :
					     e->data.sequence_start.anchor;
	const yaml_char_t *tag = is_map ? e->data.mapping_start.tag : e->data.sequence_start.tag;
	struct value *v;

	if (anchor != NULL)
		return refuse_at(r, e->start_mark, "anchors and aliases are not supported");
	if (tag != NULL && strcmp((const char *)tag, is_map ? CORE_TAG "map" : CORE_TAG "seq") != 0)
		return refuse_at(r, e->start_mark, "an unknown tag");
	if (wants_key(r))
		return refuse_at(r, e->start_mark, "a key must be a string");
	if (r->depth == YAML_MAX_DEPTH)
		return refuse_at(r, e->start_mark, "more than 64 levels");
	v = arena_alloc(r->arena, sizeof(*v));
	v->kind = is_map ? VALUE_MAP : VALUE_LIST;
	v->begin = r->bom + byte_of(r, e->start_mark);
	if (place_value(r, v, e->start_mark) < 0)
		return -1;
	r->levels[r->depth].container = v;
	r->levels[r->depth++].is_flow = is_map ?
		e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE :
		e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
	return 0;
}

static int
close_container(struct reader *r, const yaml_event_t *e)
{
	struct level *level;

	ASSERT(r->depth > 0);
	level = &r->levels[--r->depth];
	/* The end of a block is only known by what follows it. */
	if (level->is_flow)
		r->content_end = byte_of(r, e->end_mark);
	level->container->end = r->bom + r->content_end;
	if (level->container->kind != VALUE_MAP)
		return 0;
	return check_keys(r, level->container);
}

/* Documents. */

static void
open_document(struct reader *r, const yaml_event_t *e)
{
	size_t begin = 0;	/* only the first document lacks its dashes */

	memset(&r->doc, 0, sizeof(r->doc));
	if (!e->data.document_start.implicit) {
		begin = byte_of(r, e->end_mark);
		while (begin < r->len && (r->text[begin] == ' ' || r->text[begin] == '\t'))
			begin++;
		if (begin == r->len || strchr("#\r\n", r->text[begin]) != NULL)
			begin = line_end(r, begin);
		else
			begin = byte_of(r, e->end_mark);
	}
	r->doc.begin = begin;
	r->doc.line = (unsigned)e->end_mark.line + 1;
	r->content_end = begin;
}

/* Indented comments and blanks behind the last value belong to the document:
 * behind a new last value that is a block they would become a part of it. */
static size_t
trailing_end(const struct reader *r, size_t end)
{
	size_t at = end;

	while (at < r->len && strchr(" \t\r\n", r->text[at]) != NULL) {
		bool is_indented = r->text[at] == ' ' || r->text[at] == '\t';

		at = line_end(r, at);
		if (is_indented)
			end = at;
	}
	return end;
}

static void
close_document(struct reader *r)
{
	struct value *root = r->doc.root;

	if (root != NULL && root->kind == VALUE_NULL && root->len == 0 && !root->is_quoted)
		r->doc.root = NULL;
	r->doc.end = r->doc.begin;
	if (r->doc.root != NULL) {
		r->doc.end = r->content_end;
		if (!is_line_start(r, r->doc.end))
			r->doc.end = line_end(r, r->doc.end);
		r->doc.end = trailing_end(r, r->doc.end);
	}
	r->doc.begin += r->bom;
	r->doc.end += r->bom;
	vec_push(&r->out->docs, r->doc);
}

static int
take_event(struct reader *r, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		open_document(r, e);
		return 0;
	case YAML_DOCUMENT_END_EVENT:
		close_document(r);
		return 0;
	case YAML_ALIAS_EVENT:
		return refuse_at(r, e->start_mark, "anchors and aliases are not supported");
	case YAML_SCALAR_EVENT:
		return take_scalar(r, e);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return open_container(r, e);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_container(r, e);
	default:
		return 0;
	}
}

static int
read_events(struct reader *r)
{
	yaml_event_t event;
	bool is_end = false;
	int rc = 0;

	while (rc == 0 && !is_end) {
		if (!yaml_parser_parse(&r->parser, &event))
			return refuse_syntax(r);
		r->fed_at_event = r->fed;
		is_end = event.type == YAML_STREAM_END_EVENT;
		rc = take_event(r, &event);
		yaml_event_delete(&event);
	}
	return rc;
}

int
yaml_parse(struct arena *a, const char *text, size_t len, const char *file,
	   struct yaml_stream *out, struct error *err)
{
	struct reader r = { .arena = a, .file = file, .err = err, .out = out,
			    .text = text, .len = len };
	int rc;

	memset(out, 0, sizeof(*out));
	if (check_text(&r) < 0)
		return -1;
	if (!yaml_parser_initialize(&r.parser))
		return error_setf(err, ERROR_REFUSED, "out of memory");
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input(&r.parser, feed, &r);
	rc = read_events(&r);
	yaml_parser_delete(&r.parser);
	if (rc < 0)
		yaml_stream_fini(out);
	return rc;
}

void
yaml_stream_fini(struct yaml_stream *s)
{
	vec_fini(&s->docs);
}
