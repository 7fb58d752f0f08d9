/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The document tree: reading and comparing; see value.h. */
#include "src/base/value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/xalloc.h"

#define SORT_FROM 16		/* members from which sorting beats searching */

/* Members by key. */

static struct value *
find(const struct value *map, const char *key, size_t len)
{
	if (map == NULL || map->kind != VALUE_MAP)
		return NULL;
	for (struct value *v = map->first; v != NULL; v = v->next)
		if (strncmp(v->key, key, len) == 0 && v->key[len] == '\0')
			return v;
	return NULL;
}

struct value *
value_get(const struct value *map, const char *key)
{
	return find(map, key, strlen(key));
}

struct value *
value_at(const struct value *list, size_t index)
{
	if (list == NULL || list->kind != VALUE_LIST || index >= list->count)
		return NULL;
	for (struct value *v = list->first; v != NULL; v = v->next)
		if (index-- == 0)
			return v;
	return NULL;
}

/* "[3]", "[\"a.b\"]" or "['a.b']" at *path; moves *path behind it. */
static struct value *
step_bracket(const struct value *v, const char **path)
{
	const char *p = *path + 1, *end;
	char quote = *p;
	size_t index = 0;

	if (quote == '"' || quote == '\'') {
		end = strchr(++p, quote);
		if (end == NULL || end[1] != ']')
			return NULL;
		*path = end + 2;
		return find(v, p, (size_t)(end - p));
	}
	for (end = p; *end >= '0' && *end <= '9'; end++) {
		if (index > SIZE_MAX / 16)
			return NULL;
		index = index * 10 + (size_t)(*end - '0');
	}
	if (end == p || *end != ']')
		return NULL;
	*path = end + 1;
	return value_at(v, index);
}

struct value *
value_path(const struct value *v, const char *path)
{
	struct value *at = (struct value *)(uintptr_t)v;

	while (at != NULL && *path != '\0') {
		size_t len;

		if (*path == '[') {
			at = step_bracket(at, &path);
			continue;
		}
		if (*path == '.')
			path++;
		len = strcspn(path, ".[");
		if (len == 0)
			return NULL;
		at = find(at, path, len);
		path += len;
	}
	return at;
}

const char *
value_text(const struct value *scalar)
{
	if (scalar == NULL || scalar->kind == VALUE_NULL)
		return NULL;
	return scalar->text;
}

const char *
value_get_text(const struct value *map, const char *key)
{
	return value_text(value_get(map, key));
}

bool
value_is_map(const struct value *v)
{
	return v != NULL && v->kind == VALUE_MAP;
}

bool
value_is_list(const struct value *v)
{
	return v != NULL && v->kind == VALUE_LIST;
}

/* Numbers. */

/* Whole numbers as the core schema writes them: decimal, 0o and 0x. */
static bool
read_whole(const char *s, int64_t *out)
{
	int base = 10;
	char *end;
	long long n;

	if (s[0] == '0' && (s[1] == 'o' || s[1] == 'x')) {
		base = s[1] == 'o' ? 8 : 16;
		s += 2;
	}
	errno = 0;
	n = strtoll(s, &end, base);
	if (end == s || *end != '\0' || errno != 0)
		return false;
	*out = n;
	return true;
}

static bool
read_double(const char *s, double *out)
{
	char *end;
	double d;

	if (strpbrk(s, "nN") != NULL)	/* .inf and .nan in any case */
		return false;
	if (s[0] == '0' && s[1] == 'o')
		d = (double)strtoull(s + 2, &end, 8);
	else
		d = strtod(s, &end);
	if (end == s || *end != '\0' || !isfinite(d))
		return false;
	*out = d;
	return true;
}

/* One spelling for each number, so that equality is transitive. */
struct number {
	enum { NUMBER_WHOLE, NUMBER_DOUBLE, NUMBER_OTHER } is;
	int64_t whole;
	double d;
};

static struct number
number_of(const struct value *v)
{
	struct number n = { .is = NUMBER_OTHER };

	if (read_whole(v->text, &n.whole)) {
		n.is = NUMBER_WHOLE;
	} else if (read_double(v->text, &n.d)) {
		n.is = NUMBER_DOUBLE;
		if (n.d >= -9.2e18 && n.d <= 9.2e18 && n.d == trunc(n.d)) {
			n.whole = (int64_t)n.d;
			n.is = NUMBER_WHOLE;
		}
	}
	return n;
}

bool
value_to_int(const struct value *v, int64_t *out)
{
	struct number n;

	if (v == NULL || v->kind != VALUE_NUMBER)
		return false;
	n = number_of(v);
	if (n.is != NUMBER_WHOLE)
		return false;
	*out = n.whole;
	return true;
}

bool
value_to_double(const struct value *v, double *out)
{
	return v != NULL && v->kind == VALUE_NUMBER && read_double(v->text, out);
}

bool
value_to_bool(const struct value *v, bool *out)
{
	if (v == NULL || v->kind != VALUE_BOOL)
		return false;
	*out = v->text[0] == 't' || v->text[0] == 'T';
	return true;
}

/* Equality. */

static int
compare_members(const void *pa, const void *pb)
{
	const struct value *a = *(const struct value *const *)pa;
	const struct value *b = *(const struct value *const *)pb;

	return strcmp(a->key, b->key);
}

/* The members that count, by key; caller frees. */
static const struct value **
sorted_members(const struct value *map, bool with_nulls, size_t *count)
{
	const struct value **members = xcalloc(map->count + 1, sizeof(const struct value *));

	*count = 0;
	VALUE_EACH(v, map)
		if (with_nulls || v->kind != VALUE_NULL)
			members[(*count)++] = v;
	qsort(members, *count, sizeof(const struct value *), compare_members);
	return members;
}

const struct value *
value_duplicate(const struct value *map)
{
	const struct value **members, *found = NULL;
	size_t count;

	if (map->count <= SORT_FROM) {
		for (const struct value *v = map->first; v != NULL; v = v->next)
			for (const struct value *w = map->first; w != v; w = w->next)
				if (strcmp(v->key, w->key) == 0)
					return v;
		return NULL;
	}
	members = sorted_members(map, true, &count);
	for (size_t i = 1; i < count && found == NULL; i++)
		if (strcmp(members[i - 1]->key, members[i]->key) == 0)
			found = members[i];
	if (found != NULL) {	/* the sort may have swapped the two */
		const char *key = found->key;
		unsigned seen = 0;

		VALUE_EACH(v, map) {
			if (strcmp(v->key, key) == 0 && ++seen == 2)
				found = v;
		}
	}
	free(members);
	return found;
}

static size_t
count_members(const struct value *map)
{
	size_t count = 0;

	VALUE_EACH(v, map)
		count += v->kind != VALUE_NULL;
	return count;
}

static bool
equal_large_maps(const struct value *a, const struct value *b)
{
	size_t count_a, count_b;
	const struct value **in_a = sorted_members(a, false, &count_a);
	const struct value **in_b = sorted_members(b, false, &count_b);
	bool equal = count_a == count_b;

	for (size_t i = 0; equal && i < count_a; i++)
		equal = strcmp(in_a[i]->key, in_b[i]->key) == 0 &&
			value_equal(in_a[i], in_b[i]);
	free(in_a);
	free(in_b);
	return equal;
}

static bool
equal_maps(const struct value *a, const struct value *b)
{
	if (count_members(a) != count_members(b))
		return false;
	if (a->count > SORT_FROM || b->count > SORT_FROM)
		return equal_large_maps(a, b);
	VALUE_EACH(v, a) {
		const struct value *w;

		if (v->kind == VALUE_NULL)
			continue;
		w = value_get(b, v->key);
		if (w == NULL || !value_equal(v, w))
			return false;
	}
	return true;
}

static bool
equal_lists(const struct value *a, const struct value *b)
{
	const struct value *w = b->first;

	if (a->count != b->count)
		return false;
	for (const struct value *v = a->first; v != NULL; v = v->next, w = w->next)
		if (!value_equal(v, w))
			return false;
	return true;
}

static bool
equal_numbers(const struct value *a, const struct value *b)
{
	struct number m = number_of(a), n = number_of(b);

	if (m.is != n.is)
		return false;
	if (m.is == NUMBER_WHOLE)
		return m.whole == n.whole;
	return m.is == NUMBER_DOUBLE ? m.d == n.d : strcasecmp(a->text, b->text) == 0;
}

bool
value_equal(const struct value *a, const struct value *b)
{
	static const struct value null;

	a = a != NULL ? a : &null;
	b = b != NULL ? b : &null;
	if (a == b)
		return true;
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case VALUE_NULL:
		return true;
	case VALUE_BOOL:
		return (a->text[0] | 0x20) == (b->text[0] | 0x20);
	case VALUE_NUMBER:
		return equal_numbers(a, b);
	case VALUE_STRING:
		return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
	case VALUE_LIST:
		return equal_lists(a, b);
	case VALUE_MAP:
		return equal_maps(a, b);
	}
	return false;
}

static uint64_t
mix(uint64_t h)
{
	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
	h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
	return h ^ (h >> 31);
}

static uint64_t
hash_bytes(uint64_t h, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3u;
	return mix(h);
}

static uint64_t
hash_number(const struct value *v)
{
	struct number n = number_of(v);

	if (n.is == NUMBER_WHOLE)
		return hash_bytes(11, &n.whole, sizeof(n.whole));
	/* .inf and .nan in any case differ in their sign and third letter */
	return n.is == NUMBER_DOUBLE ? hash_bytes(12, &n.d, sizeof(n.d)) :
	       13u + (v->text[0] == '-') + 2u * ((v->text[1] | 0x20) == 'n');
}

uint64_t
value_hash(const struct value *v)
{
	uint64_t h;

	if (v == NULL)
		return mix(mix(VALUE_NULL + 1));
	h = mix(v->kind + 1);
	switch (v->kind) {
	case VALUE_NULL:
		break;
	case VALUE_BOOL:
		h += (uint64_t)(v->text[0] | 0x20);
		break;
	case VALUE_NUMBER:
		h += hash_number(v);
		break;
	case VALUE_STRING:
		h += hash_bytes(17, v->text, v->len);
		break;
	case VALUE_LIST:
		VALUE_EACH(w, v)
			h = mix(h + value_hash(w));
		break;
	case VALUE_MAP:		/* a sum, so that order does not matter */
		VALUE_EACH(w, v)
			if (w->kind != VALUE_NULL)
				h += mix(hash_bytes(19, w->key, strlen(w->key)) ^
					 value_hash(w));
		break;
	}
	return mix(h);
}
