/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The document tree: building and changing; see value.h. */
#include "src/base/value.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"

static struct value *
new_scalar(struct arena *a, enum value_kind kind, const char *text)
{
	struct value *v = arena_alloc(a, sizeof(*v));

	v->kind = kind;
	v->text = arena_strdup(a, text);
	v->len = strlen(text);
	return v;
}

struct value *
value_new_null(struct arena *a)
{
	return new_scalar(a, VALUE_NULL, "null");
}

struct value *
value_new_bool(struct arena *a, bool b)
{
	return new_scalar(a, VALUE_BOOL, b ? "true" : "false");
}

struct value *
value_new_int(struct arena *a, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, n);
	return new_scalar(a, VALUE_NUMBER, text);
}

struct value *
value_new_double(struct arena *a, double d)
{
	char text[40];

	if (isnan(d))
		return new_scalar(a, VALUE_NUMBER, ".nan");
	if (isinf(d))
		return new_scalar(a, VALUE_NUMBER, d < 0 ? "-.inf" : ".inf");
	for (int digits = 15; digits <= 17; digits++) {	/* the shortest that reads back */
		snprintf(text, sizeof(text), "%.*g", digits, d);
		if (strtod(text, NULL) == d)
			break;
	}
	return new_scalar(a, VALUE_NUMBER, text);
}

struct value *
value_new_string(struct arena *a, const char *s)
{
	return new_scalar(a, VALUE_STRING, s);
}

struct value *
value_new_list(struct arena *a)
{
	struct value *v = arena_alloc(a, sizeof(*v));

	v->kind = VALUE_LIST;
	return v;
}

struct value *
value_new_map(struct arena *a)
{
	struct value *v = arena_alloc(a, sizeof(*v));

	v->kind = VALUE_MAP;
	return v;
}

struct value *
value_append(struct value *parent, struct value *v)
{
	v->next = NULL;
	if (parent->last != NULL)
		parent->last->next = v;
	else
		parent->first = v;
	parent->last = v;
	parent->count++;
	return v;
}

struct value *
value_copy(struct arena *a, const struct value *v)
{
	struct value *copy;

	if (v == NULL)
		return NULL;
	copy = arena_alloc(a, sizeof(*copy));
	*copy = *v;
	copy->key = NULL;
	copy->next = copy->first = copy->last = NULL;
	copy->count = 0;
	if (v->text != NULL)
		copy->text = arena_strndup(a, v->text, v->len);
	VALUE_EACH(child, v) {
		struct value *w = value_append(copy, value_copy(a, child));

		if (child->key != NULL)
			w->key = arena_strdup(a, child->key);
	}
	return copy;
}

struct value *
value_set(struct arena *a, struct value *map, const char *key, struct value *v)
{
	struct value *before = NULL;

	ASSERT(map->kind == VALUE_MAP);
	for (struct value *w = map->first; w != NULL; before = w, w = w->next) {
		if (strcmp(w->key, key) != 0)
			continue;
		if (w == v)
			return v;
		v->key = w->key;
		v->next = w->next;
		if (before != NULL)
			before->next = v;
		else
			map->first = v;
		if (map->last == w)
			map->last = v;
		return v;
	}
	v->key = arena_strdup(a, key);
	return value_append(map, v);
}

struct value *
value_ensure_map(struct arena *a, struct value *map, const char *key)
{
	struct value *v = value_get(map, key);

	if (value_is_map(v))
		return v;
	return value_set(a, map, key, value_new_map(a));
}

static void
unlink_child(struct value *parent, struct value *before, struct value *v)
{
	if (before != NULL)
		before->next = v->next;
	else
		parent->first = v->next;
	if (parent->last == v)
		parent->last = before;
	v->next = NULL;
	parent->count--;
}

bool
value_remove(struct value *map, const char *key)
{
	struct value *before = NULL;

	if (!value_is_map(map))
		return false;
	for (struct value *v = map->first; v != NULL; before = v, v = v->next) {
		if (strcmp(v->key, key) != 0)
			continue;
		unlink_child(map, before, v);
		v->key = NULL;
		return true;
	}
	return false;
}

void
value_set_string(struct arena *a, struct value *map, const char *key, const char *s)
{
	value_set(a, map, key, value_new_string(a, s));
}

void
value_set_int(struct arena *a, struct value *map, const char *key, int64_t n)
{
	value_set(a, map, key, value_new_int(a, n));
}

void
value_set_bool(struct arena *a, struct value *map, const char *key, bool b)
{
	value_set(a, map, key, value_new_bool(a, b));
}

void
value_set_double(struct arena *a, struct value *map, const char *key, double d)
{
	value_set(a, map, key, value_new_double(a, d));
}
