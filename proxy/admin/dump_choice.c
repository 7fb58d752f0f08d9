/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Less of a configuration dump; see dump_choice.h. */
#include "proxy/admin/dump_choice.h"

#include <string.h>

#include "proxy/admin/admin_pages.h"
#include "src/base/json.h"
#include "src/base/regex.h"
#include "src/base/value.h"

#define MASK_PATHS 32		/* more do not fit anything */

/* Up to mark; *rest is what stands behind it, without ptr where there is no mark. */
static struct slice
cut(struct slice s, char mark, struct slice *rest)
{
	const char *at = s.len > 0 ? memchr(s.ptr, mark, s.len) : NULL;

	*rest = SLICE_NONE;
	if (at == NULL)
		return s;
	*rest = (struct slice){ at + 1, s.len - (size_t)(at - s.ptr) - 1 };
	return (struct slice){ s.ptr, (size_t)(at - s.ptr) };
}

bool
dump_mask_next(struct slice *mask, struct slice *path)
{
	while (mask->len > 0) {
		*path = cut(*mask, ',', mask);
		if (path->len > 0)
			return true;
	}
	return false;
}

static bool
is_listed(const char *list, struct slice word)
{
	struct slice rest = slice_of(list), each;

	while (dump_mask_next(&rest, &each))
		if (slice_eq(each, word))
			return true;
	return false;
}

/* --- masks --- */

struct mask {
	struct slice paths[MASK_PATHS];
	size_t count;
};

static bool
read_mask(const char *text, struct mask *m)
{
	struct slice rest = slice_of(text), path;

	m->count = 0;
	while (dump_mask_next(&rest, &path)) {
		if (m->count == MASK_PATHS)
			return false;
		m->paths[m->count++] = path;
	}
	return true;
}

/* What of a mask goes on inside a member; true: all of the member is wanted. */
static bool
go_into(const struct mask *m, const char *key, struct mask *inner)
{
	bool is_whole = false;

	inner->count = 0;
	for (size_t i = 0; i < m->count; i++) {
		struct slice rest;

		if (!slice_is(cut(m->paths[i], '.', &rest), key))
			continue;
		if (rest.ptr == NULL)
			is_whole = true;
		else
			inner->paths[inner->count++] = rest;
	}
	return is_whole;
}

/* As Envoy's masks it goes through no list, and of messages of any type (those with
 * "@type") only into the one that is named.  False: it would have to. */
static bool
trim(struct value *map, const struct mask *m, const char *any)
{
	struct value *next;

	for (struct value *v = map->first; v != NULL; v = next) {
		struct mask inner;

		next = v->next;
		if (strcmp(v->key, "@type") == 0 || go_into(m, v->key, &inner))
			continue;
		if (inner.count == 0)
			value_remove(map, v->key);
		else if (!value_is_map(v) || (value_get(v, "@type") != NULL &&
					      (any == NULL || strcmp(v->key, any) != 0)) ||
			 !trim(v, &inner, NULL))
			return false;
	}
	return true;
}

static bool
names_members(const struct mask *m, const struct dump_field *f)
{
	for (size_t i = 0; f->members != NULL && i < m->count; i++) {
		struct slice rest;

		if (!is_listed(f->members, cut(m->paths[i], '.', &rest)))
			return false;
	}
	return true;
}

/* --- names --- */

static bool
has_name(const struct value *element, const struct dump_field *f, const struct regex *names)
{
	const char *name = value_text(value_path(element, f->name_path));

	return name != NULL && regex_full_match(names, name, strlen(name)) == REGEX_YES;
}

static void
keep_named(struct value *part, const struct dump_field *fields, const struct regex *names,
	   struct arena *arena)
{
	for (const struct dump_field *f = fields; f->name != NULL; f++) {
		struct value *list = value_get(part, f->name), *kept, *next;

		if (f->type == NULL || list == NULL)
			continue;
		kept = value_new_list(arena);
		for (struct value *v = list->first; v != NULL; v = next) {
			next = v->next;
			v->next = NULL;
			if (has_name(v, f, names))
				value_append(kept, v);
		}
		value_set(arena, part, f->name, kept);
	}
}

/* --- all together --- */

static void
put_element(const struct value *element, const char *type, struct json_writer *json)
{
	json_open(json, NULL, '{');
	json_string(json, "@type", type);
	VALUE_EACH(v, element)
		json_value(json, v->key, v);
	json_close(json, '}');
}

static bool
put_resource(const struct value *part, const struct dump_field *f, const struct mask *m,
	     struct json_writer *json)
{
	struct value *list = value_get(part, f->name);

	if (m->count > 0 && !names_members(m, f))
		return false;
	if (list == NULL)
		return true;
	for (struct value *v = list->first; m->count > 0 && v != NULL; v = v->next)
		if (!trim(v, m, f->any))
			return false;
	VALUE_EACH(v, list)
		put_element(v, f->type, json);
	return true;
}

bool
dump_put_chosen(struct value *part, const struct dump_field *fields,
		const struct dump_choice *choice, struct arena *arena, struct json_writer *json)
{
	struct mask m;

	if (!read_mask(choice->mask != NULL ? choice->mask : "", &m))
		return false;
	if (choice->names != NULL)
		keep_named(part, fields, choice->names, arena);
	if (choice->resource != NULL) {
		while (strcmp(fields->name, choice->resource) != 0)
			fields++;
		return put_resource(part, fields, &m, json);
	}
	if (m.count > 0 && !trim(part, &m, NULL))
		return false;
	json_value(json, NULL, part);
	return true;
}
