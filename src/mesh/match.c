/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spec.http[].match[] to conditions on a request (spec/dataplane.md 3.1).
 */
#include <stdio.h>
#include <string.h>

#include "src/mesh/table.h"

static const struct {
	const char *name;
	enum cond_pseudo pseudo;
} pseudos[] = {
	{ ":method", PSEUDO_METHOD }, { ":scheme", PSEUDO_SCHEME },
	{ ":authority", PSEUDO_AUTHORITY }, { "host", PSEUDO_AUTHORITY },
	{ ":path", PSEUDO_PATH }, { ":status", PSEUDO_NEVER },
};

/* exact, prefix, regex, or none of them: presence.  group: "headers." and the
 * like, "" for a member of the match itself. */
static void
read_string_match(struct destination_context *x, const struct value *v, size_t match,
		  const char *group, struct match_cond *out)
{
	const char *exact = value_get_text(v, "exact"), *prefix = value_get_text(v, "prefix");
	const char *regex = value_get_text(v, "regex");
	char path[192];

	if (exact != NULL) {
		out->kind = COND_EXACT;
		out->text = slice_of(exact);
	} else if (prefix != NULL) {
		out->kind = COND_PREFIX;
		out->text = slice_of(prefix);
	} else if (regex != NULL && strcmp(regex, "*") != 0) {
		snprintf(path, sizeof(path), "%s.match[%zu].%s%.90s.regex", x->path, match, group,
			 v->key);
		out->kind = COND_REGEX;
		out->text = slice_of(regex);
		out->regex = compile_regex(x->c, x->vs, value_get(v, "regex"), path);
	} else {
		out->kind = COND_PRESENT;
	}
}

/* One copy of each name in lower case, so that equal names are one pointer. */
static const char *
shared_name(struct compile *c, const char *key)
{
	char *lower = arena_printf(c->scratch, "header %s", key);
	void **place;

	for (char *p = lower; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	place = compile_shared(c, lower, strlen(lower));
	if (*place == NULL)
		*place = arena_strdup(c->arena, lower + strlen("header "));
	return *place;
}

static void
name_header(struct compile *c, struct match_cond *out, const char *key)
{
	const char *name = shared_name(c, key);

	out->name = slice_of(name);
	for (size_t i = 0; i < sizeof(pseudos) / sizeof(pseudos[0]); i++)
		if (strcmp(name, pseudos[i].name) == 0)
			out->pseudo = (uint8_t)pseudos[i].pseudo;
	if (name[0] == '@')
		out->pseudo = PSEUDO_NEVER;
	if (out->pseudo == PSEUDO_NONE)
		out->field_id = (uint16_t)http_field_lookup(out->name);
}

static void
add_headers(struct destination_context *x, const struct value *match, const char *key,
	    enum cond_field field, struct http_match *out)
{
	char group[24];

	snprintf(group, sizeof(group), "%s.", key);
	MEMBER_EACH(v, value_get(match, key)) {
		struct match_cond *cond = &out->conds[out->count++];

		cond->field = (uint8_t)field;
		if (field == COND_QUERY)
			cond->name = slice_of(v->key);
		else
			name_header(x->c, cond, v->key);
		read_string_match(x, v, out->index, group, cond);
	}
}

/* uri, scheme, method, authority; an empty one is no condition. */
static void
add_text(struct destination_context *x, const struct value *match, const char *key,
	 enum cond_field field, struct http_match *out)
{
	const struct value *v = value_get(match, key);
	struct match_cond *cond = &out->conds[out->count];

	if (!value_is_map(v))
		return;
	cond->field = (uint8_t)field;
	read_string_match(x, v, out->index, "", cond);
	if (cond->kind == COND_PRESENT)
		return;
	if (field == COND_URI)
		value_to_bool(value_get(match, "ignoreUriCase"), &cond->ignores_case);
	out->count++;
}

static size_t
members(const struct value *match, const char *key)
{
	const struct value *v = value_get(match, key);

	return v != NULL ? v->count : 0;
}

/* Texts come to stand behind their conditions, where a test finds them in
 * the cache already. */
static void
keep_conds(struct arena *a, struct http_match *m)
{
	m->conds = memcpy(arena_alloc(a, m->count * sizeof(*m->conds)), m->conds,
			  m->count * sizeof(*m->conds));
	for (size_t i = 0; i < m->count; i++)
		if (m->conds[i].kind != COND_PRESENT)
			m->conds[i].text.ptr = arena_strndup(a, m->conds[i].text.ptr,
							     m->conds[i].text.len);
}

void
compile_match(struct destination_context *x, const struct value *match, size_t index,
	      const char *rule_name, struct http_match *out)
{
	const char *name = value_get_text(match, "name"), *prefix = value_get_text(match, "statPrefix");
	size_t n = 4 + members(match, "headers") + members(match, "withoutHeaders") +
		   members(match, "queryParams");

	*out = (struct http_match){ .index = (uint16_t)index, .log_name = rule_name };
	if (name != NULL && name[0] != '\0')
		out->log_name = arena_printf(x->c->arena, "%s.%s", rule_name, name);
	if (prefix != NULL && prefix[0] != '\0')
		out->stat_prefix = prefix;
	out->conds = arena_alloc(x->c->scratch, n * sizeof(*out->conds));
	add_text(x, match, "uri", COND_URI, out);
	add_text(x, match, "scheme", COND_SCHEME, out);
	add_text(x, match, "method", COND_METHOD, out);
	add_text(x, match, "authority", COND_AUTHORITY, out);
	add_headers(x, match, "headers", COND_HEADER, out);
	add_headers(x, match, "withoutHeaders", COND_WITHOUT_HEADER, out);
	add_headers(x, match, "queryParams", COND_QUERY, out);
	if (out->count > 0)
		keep_conds(x->c->arena, out);
}

bool
match_takes_all(const struct http_match *m)
{
	const struct match_cond *cond = m->conds;

	if (m->count == 0)
		return true;
	if (m->count > 1 || cond->field != COND_URI)
		return false;
	return (cond->kind == COND_PREFIX && slice_is(cond->text, "/")) ||
	       (cond->kind == COND_REGEX && slice_is(cond->text, ".*"));
}
