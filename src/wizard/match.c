/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One alternative of a rule: conditions that forms edit, read from and
 * written into a match entry whose other fields stay.
 */
#include <string.h>

#include "src/base/assert.h"
#include "src/base/slice.h"
#include "src/http/redact.h"
#include "src/wizard/wizard_priv.h"

static const char *const subject_keys[] = {
	[MATCH_HEADER] = "headers", [MATCH_URI] = "uri", [MATCH_SCHEME] = "scheme",
	[MATCH_METHOD] = "method", [MATCH_AUTHORITY] = "authority",
};
static const char *const op_keys[] = {
	[MATCH_EXACT] = "exact", [MATCH_PREFIX] = "prefix", [MATCH_REGEX] = "regex",
};

/* False for a StringMatch that no form can show. */
static bool
read_op(const struct value *v, bool may_be_present, struct wizard_condition *out)
{
	size_t found = 0;

	if (!value_is_map(v))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(op_keys); i++) {
		const struct value *text = value_get(v, op_keys[i]);

		if (value_is_null(text))
			continue;
		if (text->kind != VALUE_STRING)
			return false;
		out->op = (enum match_op)i;
		out->value = text->text;
		found++;
	}
	VALUE_EACH(child, v)
		if (child->kind != VALUE_NULL && strcmp(child->key, op_keys[MATCH_EXACT]) != 0 &&
		    strcmp(child->key, op_keys[MATCH_PREFIX]) != 0 &&
		    strcmp(child->key, op_keys[MATCH_REGEX]) != 0)
			return false;
	if (found == 0 && may_be_present) {
		out->op = MATCH_PRESENT;
		out->value = NULL;
		return true;
	}
	return found == 1;
}

static void
read_headers(struct arena *a, const struct value *headers, struct wizard_match *out)
{
	if (!value_is_map(headers))
		return;
	VALUE_EACH(v, headers) {
		struct wizard_condition c = { .subject = MATCH_HEADER };

		if (!read_op(v, true, &c))
			continue;
		c.header = arena_strdup(a, v->key);
		c.value = c.value != NULL ? arena_strdup(a, c.value) : NULL;
		vec_push(&out->conditions, c);
	}
}

void
match_read(struct arena *a, const struct value *entry, struct wizard_match *out)
{
	memset(out, 0, sizeof(*out));
	read_headers(a, value_get(entry, "headers"), out);
	for (size_t i = MATCH_URI; i < ARRAY_LEN(subject_keys); i++) {
		struct wizard_condition c = { .subject = (enum match_subject)i };

		if (!read_op(value_get(entry, subject_keys[i]), false, &c))
			continue;
		c.value = arena_strdup(a, c.value);
		vec_push(&out->conditions, c);
	}
	out->foreign = entry;
}

static bool
has_condition(const struct wizard_match *m, enum match_subject subject, const char *header)
{
	for (size_t i = 0; m != NULL && i < m->conditions.len; i++) {
		const struct wizard_condition *c = &m->conditions.items[i];

		if (c->subject == subject && (header == NULL || (c->header != NULL &&
		    strcmp(c->header, header) == 0)))
			return true;
	}
	return false;
}

/* Takes the fields away that conditions stand for, except those that keep
 * (NULL: none) has: they will be replaced in their place. */
static void
remove_known(struct value *entry, const struct wizard_match *keep)
{
	struct wizard_condition scratch;
	struct value *headers = value_get(entry, "headers");

	for (size_t i = MATCH_URI; i < ARRAY_LEN(subject_keys); i++)
		if (!has_condition(keep, (enum match_subject)i, NULL) &&
		    read_op(value_get(entry, subject_keys[i]), false, &scratch))
			value_remove(entry, subject_keys[i]);
	if (!value_is_map(headers))
		return;
	for (struct value *v = headers->first, *next; v != NULL; v = next) {
		next = v->next;
		if (!has_condition(keep, MATCH_HEADER, v->key) && read_op(v, true, &scratch))
			value_remove(headers, v->key);
	}
	if (headers->count == 0)
		value_remove(entry, "headers");
}

const struct value *
match_remainder(struct arena *a, const struct value *entry)
{
	struct value *rest;

	if (entry == NULL)
		return NULL;
	rest = value_stored_form(a, entry);
	remove_known(rest, NULL);
	return rest->count > 0 ? rest : NULL;
}

static void
put_condition(struct arena *a, struct value *entry, const struct wizard_condition *c)
{
	struct value *op = value_new_map(a);

	if (c->op != MATCH_PRESENT)
		value_set_string(a, op, op_keys[c->op], c->value != NULL ? c->value : "");
	if (c->subject == MATCH_HEADER)
		value_set(a, value_ensure_map(a, entry, "headers"),
			  c->header != NULL ? c->header : "", op);
	else
		value_set(a, entry, subject_keys[c->subject], op);
}

struct value *
match_write(struct arena *a, const struct wizard_match *m)
{
	struct value *entry = value_is_map(m->foreign) ? value_stored_form(a, m->foreign)
						       : value_new_map(a);

	remove_known(entry, m);
	for (size_t i = 0; i < m->conditions.len; i++)
		put_condition(a, entry, &m->conditions.items[i]);
	/* Members in the stored order when nothing changed. */
	return value_equal(entry, m->foreign) ? value_copy(a, m->foreign) : entry;
}

void
match_fini(struct wizard_match *m)
{
	vec_fini(&m->conditions);
}

void
match_copy(struct arena *a, const struct wizard_match *from, struct wizard_match *to)
{
	memset(to, 0, sizeof(*to));
	to->foreign = from->foreign != NULL ? value_copy(a, from->foreign) : NULL;
	for (size_t i = 0; i < from->conditions.len; i++) {
		struct wizard_condition c = from->conditions.items[i];

		c.header = c.header != NULL ? arena_strdup(a, c.header) : NULL;
		c.value = c.value != NULL ? arena_strdup(a, c.value) : NULL;
		vec_push(&to->conditions, c);
	}
}

static bool
holds_condition(const struct wizard_match *m, const struct wizard_condition *c)
{
	for (size_t i = 0; i < m->conditions.len; i++) {
		const struct wizard_condition *d = &m->conditions.items[i];

		if (c->subject == d->subject && c->op == d->op &&
		    (c->subject != MATCH_HEADER || wizard_same_text(c->header, d->header)) &&
		    (c->op == MATCH_PRESENT || wizard_same_text(c->value, d->value)))
			return true;
	}
	return false;
}

bool
match_equal_conditions(const struct wizard_match *a, const struct wizard_match *b)
{
	if (a->conditions.len != b->conditions.len)
		return false;
	for (size_t i = 0; i < a->conditions.len; i++)
		if (!holds_condition(b, &a->conditions.items[i]))
			return false;
	return true;
}

bool
match_equal(const struct wizard_match *a, const struct wizard_match *b)
{
	struct arena *scratch;
	bool equal;

	if (!match_equal_conditions(a, b))
		return false;
	if (a->foreign == b->foreign)
		return true;
	scratch = arena_new();
	equal = value_equal(match_remainder(scratch, a->foreign),
			    match_remainder(scratch, b->foreign));
	arena_free(&scratch);
	return equal;
}

static bool
same_matches(const struct wizard_rule *a, const struct wizard_rule *b,
	     bool (*equal)(const struct wizard_match *, const struct wizard_match *))
{
	if (a->matches.len != b->matches.len)
		return false;
	for (size_t i = 0; i < a->matches.len; i++) {
		bool found = false;

		for (size_t k = 0; k < b->matches.len && !found; k++)
			found = equal(&a->matches.items[i], &b->matches.items[k]);
		if (!found)
			return false;
	}
	return true;
}

bool
wizard_rule_same_match(const struct wizard_rule *a, const struct wizard_rule *b)
{
	return same_matches(a, b, match_equal);
}

bool
rule_same_conditions(const struct wizard_rule *a, const struct wizard_rule *b)
{
	return same_matches(a, b, match_equal_conditions);
}

static bool
matches_everything(const struct wizard_match *m)
{
	struct arena *a = arena_new();
	bool has_rest = match_remainder(a, m->foreign) != NULL;
	bool is_all = !has_rest;

	for (size_t i = 0; i < m->conditions.len && is_all; i++) {
		const struct wizard_condition *c = &m->conditions.items[i];

		is_all = c->subject == MATCH_URI && c->value != NULL &&
			 ((c->op == MATCH_PREFIX && strcmp(c->value, "/") == 0) ||
			  (c->op == MATCH_REGEX && strcmp(c->value, ".*") == 0));
	}
	arena_free(&a);
	return is_all;
}

bool
wizard_rule_is_catch_all(const struct wizard_rule *r)
{
	for (size_t i = 0; i < r->matches.len; i++)
		if (matches_everything(&r->matches.items[i]))
			return true;
	return r->matches.len == 0;
}

static void
put_condition_text(const struct wizard_condition *c, struct buf *out)
{
	if (c->subject == MATCH_HEADER)
		buf_printf(out, "headers[%s]", c->header != NULL ? c->header : "");
	else
		buf_puts(out, subject_keys[c->subject]);
	if (c->op == MATCH_PRESENT)
		buf_puts(out, " present");
	else if (c->subject == MATCH_HEADER && c->header != NULL &&
		 redact_is_secret_name(slice_of(c->header)))
		buf_printf(out, " %s %s", op_keys[c->op], REDACTED);
	else
		buf_printf(out, " %s %s", op_keys[c->op], c->value != NULL ? c->value : "");
}

/* One line: "headers[portal] exact travels.uk"; conditions joined by " and ". */
static void
match_text(const struct wizard_match *m, struct buf *out)
{
	struct arena *a = arena_new();
	const struct value *rest = match_remainder(a, m->foreign);
	const char *separator = "";

	for (size_t i = 0; i < m->conditions.len; i++) {
		buf_puts(out, separator);
		put_condition_text(&m->conditions.items[i], out);
		separator = " and ";
	}
	VALUE_EACH(v, rest) {
		buf_printf(out, "%s%s ", separator, v->key);
		json_emit(out, v, false);
		separator = " and ";
	}
	if (*separator == '\0')
		buf_puts(out, "any request");
	arena_free(&a);
}

void
wizard_rule_text(const struct wizard_rule *r, struct buf *out)
{
	if (r->matches.len == 0)
		buf_puts(out, "any request");
	for (size_t i = 0; i < r->matches.len; i++) {
		buf_puts(out, i > 0 ? " or " : "");
		match_text(&r->matches.items[i], out);
	}
}
