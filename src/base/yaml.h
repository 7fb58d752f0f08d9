/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * YAML (and JSON, its subset) text to document trees and back.
 *
 * Only this file's body (yaml.c) sees libyaml.  Refused, with line and column: text
 * that is not UTF-8, aliases and anchors, unknown tags, duplicate keys,
 * non-scalar keys, more than YAML_MAX_DEPTH levels, YAML_MAX_NODES nodes or
 * YAML_MAX_BYTES bytes.  Plain scalars are typed by the YAML 1.2 core schema
 * (so `no` and `on` are strings).
 */
#ifndef MESHTOP_BASE_YAML_H
#define MESHTOP_BASE_YAML_H

#include <stddef.h>

#include "src/base/vec.h"

struct arena;
struct buf;
struct error;
struct value;

#define YAML_MAX_DEPTH 64
#define YAML_MAX_NODES 2000000
#define YAML_MAX_BYTES (64u << 20)

/* One document of a stream; text between begin and end is the document with
 * the comments before and inside it, without the "---" lines around it, so
 * that replacing exactly these bytes (by text that ends in a newline) replaces
 * the document.  Comments behind the last value stay outside unless
 * they are indented.  In the rare
 * "--- {a: 1}" begin follows the dashes: write a newline first when the byte
 * before begin is there and is none. */
struct yaml_document {
	struct value *root;	/* NULL for an empty document */
	size_t begin, end;
	unsigned line;		/* of its first node; 1-based */
};

struct yaml_stream {
	VEC(struct yaml_document) docs;
};

/* Values live in a.  file is only for messages, may be NULL.  -1 with err
 * (ERROR_SYNTAX, file, line, col) when any document does not parse. */
int yaml_parse(struct arena *a, const char *text, size_t len, const char *file,
	       struct yaml_stream *out, struct error *err);
void yaml_stream_fini(struct yaml_stream *s);	/* not the values */

/* Block style as kubectl prints it: two blanks, list dashes not indented,
 * strings quoted only where they would read back as something else.  Ends in
 * a newline.  yaml_parse() of the output gives an equal value. */
void yaml_emit(struct buf *out, const struct value *v);

#endif
