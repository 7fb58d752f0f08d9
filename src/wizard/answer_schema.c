/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The syntax of answers: unknown keys, types and ranges, by tables.  What
 * passes here can be read without further questions about its type.
 */
#include "src/wizard/wizard_priv.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/regex.h"
#include "src/istio/duration.h"

bool
value_is_null(const struct value *v)
{
	return v == NULL || v->kind == VALUE_NULL;
}

bool
value_is_false(const struct value *v)
{
	bool b;

	return value_to_bool(v, &b) && !b;
}

void
answer_refuse(struct answering *x, const struct value *at, const char *code, const char *path,
	      const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	problem_add(x->problems, NULL, at, code, SEVERITY_ERROR, path, "%s", text);
	x->is_bad = true;
}

const char *
answer_path(struct answering *x, const char *base, const char *key)
{
	if (strpbrk(key, ".[]\"") != NULL || *key == '\0')
		return arena_printf(x->arena, "%s[\"%s\"]", base, key);
	return arena_printf(x->arena, "%s%s%s", base, *base != '\0' ? "." : "", key);
}

static const char *
index_path(struct answering *x, const char *base, size_t index)
{
	return arena_printf(x->arena, "%s[%zu]", base, index);
}

static bool
check_text(struct answering *x, const struct value *v, const char *path)
{
	if (v->kind == VALUE_STRING && v->len > 0)
		return true;
	answer_refuse(x, v, CODE_TYPE, path, v->kind == VALUE_STRING
		      ? "must not be empty" : "must be a text (in quotes when it looks like a number)");
	return false;
}

static void
check_int(struct answering *x, const struct value *v, int64_t min, int64_t max,
	  const char *path)
{
	int64_t n;

	if (!value_to_int(v, &n))
		answer_refuse(x, v, CODE_TYPE, path, "must be a whole number");
	else if (n < min || n > max)
		answer_refuse(x, v, CODE_VALUE, path, "must be %" PRId64 " to %" PRId64
			      ", not %" PRId64, min, max, n);
}

static void
check_percent(struct answering *x, const struct value *v, const char *path)
{
	double d;

	if (!value_to_double(v, &d))
		answer_refuse(x, v, CODE_TYPE, path, "must be a number");
	else if (!(d >= 0 && d <= 100) || (d > 0 && d < 0.0001))
		answer_refuse(x, v, CODE_VALUE, path, "must be 0, or 0.0001 to 100");
}

static void
check_duration(struct answering *x, const struct value *v, bool may_be_zero, const char *path)
{
	const char *text = v->kind == VALUE_STRING ? v->text : NULL;
	const char *why;
	uint64_t ns;

	if (may_be_zero && text != NULL && duration_parse(text, &ns) && ns == 0)
		return;
	why = text != NULL ? wizard_duration_error(text)
			   : "must be a duration with its unit, such as 2s";
	if (why != NULL)
		answer_refuse(x, v, text != NULL ? CODE_VALUE : CODE_TYPE, path, "%s", why);
}

static bool
is_word_of(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = words; len > 0 && (p = strstr(p, word)) != NULL; p += len)
		if ((p == words || p[-1] == ' ') && (p[len] == ' ' || p[len] == '\0'))
			return true;
	return false;
}

static void
check_word(struct answering *x, const struct value *v, const char *words, const char *path)
{
	if (check_text(x, v, path) && !is_word_of(words, v->text))
		answer_refuse(x, v, CODE_VALUE, path, "must be one of %s", words);
}

static void
check_pattern(struct answering *x, const struct value *v, const char *path)
{
	struct error err = ERROR_INIT;
	struct regex *re = regex_new(v->text, &err);

	if (re == NULL)
		answer_refuse(x, v, CODE_VALUE, path, "%s", err.msg);
	regex_free(&re);
}

/* {exact|prefix|regex: TEXT}; {} where presence may be meant. */
static void
check_string_match(struct answering *x, const struct value *v, const struct schema_field *f,
		   const char *path)
{
	size_t ops = 0;

	if (v->kind != VALUE_MAP) {
		answer_refuse(x, v, CODE_TYPE, path, "must be {exact: TEXT}, {prefix: TEXT} or {regex: TEXT}");
		return;
	}
	VALUE_EACH(op, v) {
		const char *at = answer_path(x, path, op->key);

		if (op->kind == VALUE_NULL)
			continue;
		ops++;
		if (!is_word_of("exact prefix regex", op->key)) {
			answer_refuse(x, op, CODE_UNKNOWN_KEY, at,
				      "unknown key: exact, prefix or regex are meant here");
			continue;
		}
		if (op->kind == VALUE_STRING && op->len == 0 && f->type == SCHEMA_URI_MATCH &&
		    strcmp(op->key, "prefix") == 0)
			continue;
		if (check_text(x, op, at) && strcmp(op->key, "regex") == 0)
			check_pattern(x, op, at);
	}
	if (ops > 1 || (ops == 0 && f->type != SCHEMA_STRING_MATCHES))
		answer_refuse(x, v, CODE_VALUE, path, "needs exactly one of exact, prefix, regex");
}

static bool
is_header_name(const char *s)
{
	if (*s == ':' || *s == '@')
		s++;
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++)
		if (strchr("!#$%&'*+-.^_`|~", *s) == NULL &&
		    !((*s >= '0' && *s <= '9') || ((*s | 32) >= 'a' && (*s | 32) <= 'z')))
			return false;
	return true;
}

static void
check_string_matches(struct answering *x, const struct value *v, const struct schema_field *f,
		     const char *path)
{
	bool is_query = strcmp(f->key, "queryParams") == 0;

	if (v->kind != VALUE_MAP) {
		answer_refuse(x, v, CODE_TYPE, path, "must be a map of names, such as {portal: {exact: a}}");
		return;
	}
	VALUE_EACH(entry, v) {
		const char *at = answer_path(x, path, entry->key);

		if (*entry->key == '\0' || (!is_query && !is_header_name(entry->key)))
			answer_refuse(x, entry, CODE_VALUE, at, "is no header name");
		if (entry->kind == VALUE_NULL)
			answer_refuse(x, entry, CODE_VALUE, at, "is empty: write {} when the header must be present");
		else
			check_string_match(x, entry, f, at);
	}
}

static void
check_weights(struct answering *x, const struct value *v, int64_t max, const char *path)
{
	if (v->kind != VALUE_MAP) {
		answer_refuse(x, v, CODE_TYPE, path, "must be a map of names and weights");
		return;
	}
	VALUE_EACH(weight, v)
		check_int(x, weight, 0, max, answer_path(x, path, weight->key));
}

static void
check_texts(struct answering *x, const struct value *v, const char *path)
{
	size_t i = 0;

	if (v->kind != VALUE_LIST) {
		answer_refuse(x, v, CODE_TYPE, path, "must be a list of texts");
		return;
	}
	VALUE_EACH(item, v)
		check_text(x, item, index_path(x, path, i++));
}

static void
check_text_map(struct answering *x, const struct value *v, const char *path)
{
	if (v->kind != VALUE_MAP) {
		answer_refuse(x, v, CODE_TYPE, path, "must be a map of texts");
		return;
	}
	VALUE_EACH(item, v)
		check_text(x, item, answer_path(x, path, item->key));
}

static void
check_list(struct answering *x, const struct value *v, const struct schema_field *fields,
	   const char *path)
{
	size_t i = 0;

	if (v->kind != VALUE_LIST) {
		answer_refuse(x, v, CODE_TYPE, path, "must be a list");
		return;
	}
	VALUE_EACH(item, v)
		answer_check_keys(x, item, fields, index_path(x, path, i++));
}

static void
check_field(struct answering *x, const struct value *v, const struct schema_field *f,
	    const char *path)
{
	bool b;

	if (f->can_be_false && value_is_false(v))
		return;
	switch (f->type) {
	case SCHEMA_TEXT:
		check_text(x, v, path);
		break;
	case SCHEMA_WORD:
		check_word(x, v, f->words, path);
		break;
	case SCHEMA_DURATION:
	case SCHEMA_DURATION_OR_ZERO:
		check_duration(x, v, f->type == SCHEMA_DURATION_OR_ZERO, path);
		break;
	case SCHEMA_INT:
		check_int(x, v, f->min, f->max, path);
		break;
	case SCHEMA_PERCENT:
		check_percent(x, v, path);
		break;
	case SCHEMA_BOOL:
		if (!value_to_bool(v, &b))
			answer_refuse(x, v, CODE_TYPE, path, "must be true or false");
		break;
	case SCHEMA_MAP:
		answer_check_keys(x, v, f->fields, path);
		break;
	case SCHEMA_LIST:
		check_list(x, v, f->fields, path);
		break;
	case SCHEMA_TEXTS:
		check_texts(x, v, path);
		break;
	case SCHEMA_TEXT_MAP:
		check_text_map(x, v, path);
		break;
	case SCHEMA_WEIGHTS:
		check_weights(x, v, f->max, path);
		break;
	case SCHEMA_STRING_MATCH:
	case SCHEMA_URI_MATCH:
		check_string_match(x, v, f, path);
		break;
	case SCHEMA_STRING_MATCHES:
		check_string_matches(x, v, f, path);
		break;
	case SCHEMA_ANY:
		break;
	}
}

void
answer_check_keys(struct answering *x, const struct value *v, const struct schema_field *fields,
	     const char *path)
{
	if (v->kind != VALUE_MAP) {
		answer_refuse(x, v, CODE_TYPE, path, "must be a map");
		return;
	}
	VALUE_EACH(member, v) {
		const char *at = answer_path(x, path, member->key);
		const struct schema_field *f = fields;

		while (f->key != NULL && strcmp(f->key, member->key) != 0)
			f++;
		if (f->key == NULL)
			answer_refuse(x, member, CODE_UNKNOWN_KEY, at, "unknown key");
		else if (member->kind != VALUE_NULL)
			check_field(x, member, f, at);
	}
}
