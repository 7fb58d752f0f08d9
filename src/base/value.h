/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The document tree: what YAML and JSON documents become.
 *
 * A value knows its text as written, its kind and its place in the source,
 * so that every later complaint can name line and column.  Values live in an
 * arena and are freed with it.  Maps keep the order of their members; their
 * keys are unique.
 */
#ifndef MESHTOP_BASE_VALUE_H
#define MESHTOP_BASE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct error;

enum value_kind {
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_NUMBER,
	VALUE_STRING,
	VALUE_LIST,
	VALUE_MAP,
};

struct value {
	enum value_kind kind;
	bool is_quoted;		/* scalar that stood in quotes or as a block */
	unsigned line, col;	/* 1-based place of the value; 0 when built */
	unsigned key_line, key_col; /* place of its key, in a map */
	size_t begin, end;	/* byte range in the source, end excluded */
	const char *key;	/* in a map; NULL elsewhere */
	const char *text;	/* scalar: its text, NUL-terminated; else NULL */
	size_t len;		/* bytes of text (a string may hold NULs: never) */
	struct value *first, *last; /* children of a list or map */
	struct value *next;	/* next child of the same parent */
	size_t count;		/* children */
};

#define VALUE_EACH(child, parent) \
	for (const struct value *child = (parent) != NULL ? (parent)->first : NULL; \
	     child != NULL; child = child->next)

/* Reading.  All accept NULL for v and a value of another kind: the answer is
 * then NULL, false or the default. */
struct value *value_get(const struct value *map, const char *key);
struct value *value_at(const struct value *list, size_t index);
/* Path as users write it: "spec.http[0].route[1].weight".  A key that holds
 * dots or brackets is written in brackets: metadata.labels["a.b/c"]. */
struct value *value_path(const struct value *v, const char *path);
const char *value_text(const struct value *scalar);	/* any scalar but null */
const char *value_get_text(const struct value *map, const char *key);
bool value_is_map(const struct value *v);
bool value_is_list(const struct value *v);
/* False when the value is absent or not of that type (a quoted "1" is not a
 * number); out is then untouched. */
bool value_to_int(const struct value *v, int64_t *out);
bool value_to_double(const struct value *v, double *out);
bool value_to_bool(const struct value *v, bool *out);

/* Same kind and content; order of map members does not matter, null members
 * count as absent. */
bool value_equal(const struct value *a, const struct value *b);
uint64_t value_hash(const struct value *v);		/* equal values, equal hash */
/* The second member of the first key that a map holds twice, NULL when keys
 * are unique: for those who fill a map with value_append(). */
const struct value *value_duplicate(const struct value *map);

/* Building.  Everything lives in a; texts are copied. */
struct value *value_new_null(struct arena *a);
struct value *value_new_bool(struct arena *a, bool b);
struct value *value_new_int(struct arena *a, int64_t n);
struct value *value_new_double(struct arena *a, double d);
struct value *value_new_string(struct arena *a, const char *s);
struct value *value_new_list(struct arena *a);
struct value *value_new_map(struct arena *a);
struct value *value_copy(struct arena *a, const struct value *v);
/* Sets or replaces a member (an existing one keeps its position); returns v.
 * v must not be in another container. */
struct value *value_set(struct arena *a, struct value *map, const char *key,
			struct value *v);
struct value *value_append(struct value *list, struct value *v);
/* The map under key, made when absent. */
struct value *value_ensure_map(struct arena *a, struct value *map, const char *key);
bool value_remove(struct value *map, const char *key);	/* was it there? */
/* Shorthands of value_set(). */
void value_set_string(struct arena *a, struct value *map, const char *key, const char *s);
void value_set_int(struct arena *a, struct value *map, const char *key, int64_t n);
void value_set_bool(struct arena *a, struct value *map, const char *key, bool b);
void value_set_double(struct arena *a, struct value *map, const char *key, double d);

#endif
