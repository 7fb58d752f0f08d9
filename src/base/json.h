/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JSON on the wire: cJSON reads it (only in this file's body), a small
 * streaming writer makes it.
 */
#ifndef MESHTOP_BASE_JSON_H
#define MESHTOP_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct error;
struct slice;
struct value;

/* Numbers keep their text; places are 0.  Depth, nodes and bytes are limited
 * as in yaml.h.  NULL and err (ERROR_SYNTAX) when it is not JSON. */
struct value *json_parse(struct arena *a, const char *text, size_t len, struct error *err);

/* Compact, or indented by two blanks.  No trailing newline. */
void json_emit(struct buf *out, const struct value *v, bool pretty);

/* A string literal with quotes; control, unsafe (text.h) and invalid bytes
 * become \u escapes (an invalid byte U+FFFD). */
void json_put_string(struct buf *out, const char *s, size_t len);

/* Streaming writer: puts the commas.  Containers must be closed in order;
 * key NULL inside an array or at the top. */
struct json_writer {
	struct buf *out;
	unsigned depth;
	bool is_pretty;
	bool has_member[64];
};

void json_begin(struct json_writer *w, struct buf *out, bool pretty);
void json_open(struct json_writer *w, const char *key, char bracket);	/* '{' or '[' */
void json_close(struct json_writer *w, char bracket);			/* '}' or ']' */
void json_string(struct json_writer *w, const char *key, const char *s); /* NULL: null */
void json_slice(struct json_writer *w, const char *key, struct slice s);
void json_int(struct json_writer *w, const char *key, int64_t n);
void json_uint(struct json_writer *w, const char *key, uint64_t n);
/* Shortest form that reads back equal, or decimals digits when >= 0; NaN and
 * infinities are written as null. */
void json_double(struct json_writer *w, const char *key, double d, int decimals);
void json_bool(struct json_writer *w, const char *key, bool b);
void json_null(struct json_writer *w, const char *key);
void json_value(struct json_writer *w, const char *key, const struct value *v);

#endif
