/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The walk of a document along its tables; see schema.h.
 */
#include "src/istio/schema.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "src/base/nearest.h"
#include "src/base/value.h"
#include "src/istio/codes.h"
#include "src/istio/duration.h"
#include "src/istio/obeyed.h"
#include "src/istio/unique.h"
#include "src/model/object.h"
#include "src/model/problem.h"

#define MS UINT64_C(1000000)	/* ns */

/* Paths are those of value_path(): unusual keys stand in brackets. */
static void
push_key(struct buf *path, const char *key)
{
	if (strpbrk(key, ".[]\"") != NULL)
		buf_printf(path, "[\"%s\"]", key);
	else
		buf_printf(path, "%s%s", path->len > 0 ? "." : "", key);
}

static void __attribute__((format(printf, 6, 0)))
complain_va(struct checker *c, enum severity severity, const struct value *at, const char *below,
	    const char *code, const char *fmt, va_list ap)
{
	size_t len = c->path.len;
	struct buf text = BUF_INIT;

	buf_vprintf(&text, fmt, ap);
	if (below != NULL && at != NULL && below == at->key)
		push_key(&c->path, below);
	else if (below != NULL)
		buf_printf(&c->path, "%s%s", below[0] == '[' || len == 0 ? "" : ".", below);
	problem_add(c->out, c->object, at, code, severity, buf_str(&c->path), "%s",
		    buf_str(&text));
	buf_fini(&text);
	c->path.len = len;
	if (c->path.data != NULL)
		c->path.data[len] = '\0';
}

void
complain(struct checker *c, const struct value *at, const char *below, const char *code,
	 const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain_va(c, code_severity(code), at, below, code, fmt, ap);
	va_end(ap);
}

void
complain_as(struct checker *c, enum severity severity, const struct value *at, const char *below,
	    const char *code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain_va(c, severity, at, below, code, fmt, ap);
	va_end(ap);
}

void
complain_member(struct checker *c, const struct value *map, const char *name, const char *code,
		const char *fmt, ...)
{
	const struct value *v = member(map, name);
	va_list ap;

	va_start(ap, fmt);
	complain_va(c, code_severity(code), v != NULL ? v : map, v != NULL ? v->key : NULL, code, fmt, ap);
	va_end(ap);
}

void
check_mode_needs(struct checker *c, const struct value *map, const char *at, const char *mode,
		 const char *name)
{
	const struct value *v = member(map, name);
	char below[64];

	snprintf(below, sizeof(below), "%s%s%s", at, at[0] != '\0' ? "." : "", name);
	if (member_set(map, name) == NULL)
		complain(c, v != NULL ? v : map, below, "MT0022", "mode %s needs %s", mode, name);
}

/* Stands where the key stands, for complaints about the key. */
static struct value
place_of_key(const struct value *v)
{
	struct value at = *v;

	if (v->key_line > 0) {
		at.line = v->key_line;
		at.col = v->key_col;
	}
	return at;
}

void
complain_key(struct checker *c, const struct value *v, const char *code, const char *fmt, ...)
{
	const struct value at = place_of_key(v);
	va_list ap;

	va_start(ap, fmt);
	complain_va(c, code_severity(code), &at, at.key, code, fmt, ap);
	va_end(ap);
}

/* Is key the snake_case spelling of a lowerCamelCase name? */
static bool
is_snake_of(const char *key, const char *name)
{
	for (; *name != '\0'; name++) {
		if (*name >= 'A' && *name <= 'Z') {
			if (key[0] != '_' || key[1] != *name - 'A' + 'a')
				return false;
			key += 2;
		} else if (*key++ != *name) {
			return false;
		}
	}
	return *key == '\0';
}

const struct value *
member(const struct value *map, const char *name)
{
	const struct value *found = NULL;

	VALUE_EACH(m, value_is_map(map) ? map : NULL)
		if (strcmp(m->key, name) == 0 || is_snake_of(m->key, name))
			found = m;
	return found != NULL && found->kind != VALUE_NULL ? found : NULL;
}

const char *
member_text(const struct value *map, const char *name)
{
	return value_text(member(map, name));
}

const struct value *
member_set(const struct value *map, const char *name)
{
	const struct value *v = member(map, name);
	bool is_true = true;

	if (v == NULL || (v->kind == VALUE_STRING && v->len == 0) || (value_is_list(v) && v->count == 0) ||
	    (value_to_bool(v, &is_true) && !is_true))
		return NULL;
	return v;
}

static void
pop(struct buf *path, size_t len)
{
	path->len = len;
	if (path->data != NULL)
		path->data[len] = '\0';
}

static const char *
kind_words(const struct value *v)
{
	switch (v->kind) {
	case VALUE_NULL: return "nothing";
	case VALUE_BOOL: return "a truth value";
	case VALUE_NUMBER: return "a number";
	case VALUE_STRING: return "a text";
	case VALUE_LIST: return "a list";
	case VALUE_MAP: return "a map";
	}
	return "?";
}

static void
complain_type(struct checker *c, const struct value *v, const char *want)
{
	bool is_bare = v->kind == VALUE_NUMBER || v->kind == VALUE_BOOL;

	complain(c, v, NULL, "MT0021", "must be %s, this is %s%s", want, kind_words(v),
		 is_bare && strcmp(want, "a text") == 0 ? ": put it in quotes" : "");
}

static void
check_int(struct checker *c, const struct value *v, const struct field *f)
{
	int64_t n;

	if (!value_to_int(v, &n)) {
		complain_type(c, v, "a whole number");
		return;
	}
	if ((double)n < f->min || (double)n > f->max)
		complain(c, v, NULL, "MT0023", "must be %.0f to %.0f, this is %lld", f->min, f->max,
			 (long long)n);
}

static void
check_double(struct checker *c, const struct value *v, const struct field *f)
{
	double d;

	if (!value_to_double(v, &d)) {
		complain_type(c, v, "a number");
		return;
	}
	if (!isfinite(d) || d < f->min || d > f->max)
		complain(c, v, NULL, "MT0023", "must be %g to %g, this is %s", f->min, f->max,
			 value_text(v));
}

static void
check_duration(struct checker *c, const struct value *v, bool zero_is_fine)
{
	uint64_t ns;

	if (v->kind != VALUE_STRING) {
		complain_type(c, v, "a duration with a unit, such as 2s or 250ms");
		return;
	}
	if (!duration_parse(v->text, &ns))
		complain(c, v, NULL, "MT0025", "'%.60s' is no duration: write it as 2s, 250ms or 1h30m",
			 v->text);
	else if (ns == 0 && !zero_is_fine)
		complain(c, v, NULL, "MT0025", "0 is not allowed here (at least 1ms): "
			 "leave the field out to switch it off");
	else if (ns % MS != 0)
		complain(c, v, NULL, "MT0025", "'%.60s' is not a whole number of milliseconds",
			 v->text);
}

static bool
is_word(const char *words, const char *text)
{
	size_t len = strlen(text);

	for (const char *w = words; len > 0; w++) {
		size_t n = strcspn(w, "|");

		if (n == len && memcmp(w, text, n) == 0)
			return true;
		w += n;
		if (*w == '\0')
			break;
	}
	return false;
}

static void
check_enum(struct checker *c, const struct value *v, const struct field *f)
{
	struct buf list = BUF_INIT;

	if (v->kind != VALUE_STRING) {
		complain_type(c, v, "a text");
		return;
	}
	if (is_word(f->words, v->text))
		return;
	for (const char *p = f->words; *p != '\0'; p++)
		buf_puts(&list, *p == '|' ? ", " : (char[]){ *p, '\0' });
	complain(c, v, NULL, "MT0024", "'%.60s' is not one of %s", v->text, buf_str(&list));
	buf_fini(&list);
}

/* The value, or one of those of a list or map. */
static void
check_one(struct checker *c, const struct value *v, const struct field *f)
{
	switch (f->type) {
	case FIELD_STRING:
		if (v->kind != VALUE_STRING) {
			complain_type(c, v, "a text");
			return;
		}
		if ((f->flags & FIELD_FILLED) && v->len == 0)
			complain(c, v, NULL, "MT0032", "must not be empty");
		break;
	case FIELD_BOOL:
		if (v->kind != VALUE_BOOL) {
			complain_type(c, v, "true or false");
			return;
		}
		break;
	case FIELD_INT:
		check_int(c, v, f);
		break;
	case FIELD_DOUBLE:
		check_double(c, v, f);
		break;
	case FIELD_DURATION:
	case FIELD_DURATION_OR_ZERO:
		check_duration(c, v, f->type == FIELD_DURATION_OR_ZERO);
		break;
	case FIELD_ENUM:
		check_enum(c, v, f);
		break;
	case FIELD_INT_OR_STRING:
		if (v->kind != VALUE_NUMBER && v->kind != VALUE_STRING)
			complain_type(c, v, "a number or a text");
		break;
	case FIELD_OBJECT:
		schema_walk(c, v, f->object);
		break;
	case FIELD_ANY:
		break;
	}
	if (f->check != NULL)
		f->check(c, v);
}

static void
check_list(struct checker *c, const struct value *v, const struct field *f)
{
	size_t len = c->path.len, index = 0;

	if (!value_is_list(v)) {
		complain_type(c, v, "a list");
		return;
	}
	VALUE_EACH(item, v) {
		buf_printf(&c->path, "[%zu]", index++);
		if (item->kind == VALUE_NULL)
			complain(c, item, NULL, "MT0021", "this item is empty");
		else
			check_one(c, item, f);
		pop(&c->path, len);
	}
}

static void
check_map(struct checker *c, const struct value *v, const struct field *f)
{
	size_t len = c->path.len;

	if (!value_is_map(v)) {
		complain_type(c, v, "a map");
		return;
	}
	VALUE_EACH(item, v) {
		push_key(&c->path, item->key);
		if (item->kind == VALUE_NULL)
			complain(c, item, NULL, "MT0021", "this value is empty: write {} or leave "
				 "the key out");
		else
			check_one(c, item, f);
		pop(&c->path, len);
	}
}

static size_t
count_characters(const struct value *text)
{
	size_t count = 0;

	for (size_t i = 0; i < text->len; i++)
		count += ((unsigned char)text->text[i] & 0xc0) != 0x80;
	return count;
}

static void
check_count(struct checker *c, const struct value *v, const struct field *f)
{
	size_t count = v->kind == VALUE_STRING ? count_characters(v) : v->count;

	if (f->most > 0 && count > f->most)
		complain(c, v, NULL, "MT0023", "at most %zu %s, these are %zu", f->most,
			 v->kind == VALUE_STRING ? "characters" : "items", count);
}

/* What the table says of the field itself. */
static void
check_flags(struct checker *c, const struct value *v, const struct field *f)
{
	if (f->flags & FIELD_REFUSED)
		complain(c, v, NULL, "MT0034", "%s", f->note);
	if (f->flags & FIELD_DEPRECATED)
		complain(c, v, NULL, "MT0035", "deprecated: %s", f->note);
	if (f->flags & FIELD_INEFFECTIVE)
		complain(c, v, NULL, "MT0036", "has no effect: %s", f->note);
	if ((f->flags & FIELD_FULL) && v->count == 0 && (value_is_list(v) || value_is_map(v)))
		complain(c, v, NULL, "MT0032", "must not be empty");
	if (strcmp(v->key, f->name) != 0)
		complain(c, v, NULL, "MT0037", "Istio takes this spelling, this version does not: "
			 "write %s", f->name);
}

static void
check_field(struct checker *c, const struct value *v, const struct field *f)
{
	bool was_noted = c->is_noted;

	check_flags(c, v, f);
	check_count(c, v, f);
	if (!was_noted && !field_is_obeyed(c->object->kind->id, buf_str(&c->path))) {
		complain(c, v, NULL, "MT2110", "not obeyed by this version");
		c->is_noted = true;
	}
	if (f->shape == FIELD_LIST)
		check_list(c, v, f);
	else if (f->shape == FIELD_MAP)
		check_map(c, v, f);
	else
		check_one(c, v, f);
	if (f->flags & FIELD_SET)
		unique_check(c, v, "", "", unique_own_text);
	if (f->check_all != NULL && v->count > 0)
		f->check_all(c, v);
	c->is_noted = was_noted;
}

static const struct field *
find_field(const struct schema *s, const char *key)
{
	for (const struct field *f = s->fields; f->name != NULL; f++)
		if (strcmp(f->name, key) == 0 || is_snake_of(key, f->name))
			return f;
	return NULL;
}

static void
complain_unknown(struct checker *c, const struct value *v, const struct schema *s)
{
	const struct value at = place_of_key(v);
	const char *near = NULL;
	size_t best = SIZE_MAX;

	for (const struct field *f = s->fields; f->name != NULL; f++)
		nearest_try(v->key, f->name, &near, &best);
	if (near != NULL)
		complain(c, &at, NULL, "MT0020", "%s has no field '%.60s': did you mean '%s'?", s->name,
			 v->key, near);
	else
		complain(c, &at, NULL, "MT0020", "%s has no field '%.60s'", s->name, v->key);
}

static void
check_required(struct checker *c, const struct value *v, const struct schema *s)
{
	for (const struct field *f = s->fields; f->name != NULL; f++) {
		const struct value *m;

		if (!(f->flags & (FIELD_REQUIRED | FIELD_PRESENT)))
			continue;
		m = member(v, f->name);
		if (m == NULL || (f->flags & FIELD_REQUIRED && m->kind == VALUE_STRING && m->len == 0))
			complain(c, m != NULL ? m : v, f->name, "MT0022", "%s needs %s", s->name, f->name);
	}
}

static void
check_one_of(struct checker *c, const struct value *v, const struct schema *s)
{
	const struct value *first = NULL;

	VALUE_EACH(m, v) {
		const struct field *f = find_field(s, m->key);

		if (f == NULL || m->kind == VALUE_NULL || !is_word(s->one_of, f->name))
			continue;
		if (first != NULL)
			complain(c, m, m->key, "MT0029", "excludes %s: only one of the two may stand",
				 first->key);
		else
			first = m;
	}
}

void
schema_walk(struct checker *c, const struct value *v, const struct schema *s)
{
	size_t len = c->path.len;

	if (!value_is_map(v)) {
		complain_type(c, v, "a map");
		return;
	}
	VALUE_EACH(m, v) {
		const struct field *f = find_field(s, m->key);

		push_key(&c->path, m->key);
		if (f != NULL && m->kind != VALUE_NULL)
			check_field(c, m, f);
		else if (f == NULL && !s->is_loose)
			complain_unknown(c, m, s);
		pop(&c->path, len);
	}
	check_required(c, v, s);
	if (s->one_of != NULL)
		check_one_of(c, v, s);
	if (s->check != NULL)
		s->check(c, v);
}

const struct schema *
schema_of_kind(enum kind_id kind)
{
	static const struct schema *const schemas[KIND_COUNT] = {
		[KIND_SERVICE] = &schema_service,
		[KIND_POD] = &schema_pod,
		[KIND_DEPLOYMENT] = &schema_deployment,
		[KIND_VIRTUAL_SERVICE] = &schema_virtual_service,
		[KIND_DESTINATION_RULE] = &schema_destination_rule,
		[KIND_GATEWAY] = &schema_gateway,
		[KIND_SERVICE_ENTRY] = &schema_service_entry,
		[KIND_WORKLOAD_ENTRY] = &schema_workload_entry,
		[KIND_SIDECAR] = &schema_sidecar,
		[KIND_PEER_AUTH] = &schema_peer_authentication,
		[KIND_K8S_GATEWAY] = &schema_k8s_gateway,
		[KIND_HTTP_ROUTE] = &schema_http_route,
		[KIND_GRPC_ROUTE] = &schema_grpc_route,
		[KIND_REFERENCE_GRANT] = &schema_reference_grant,
	};

	return schemas[kind];
}
