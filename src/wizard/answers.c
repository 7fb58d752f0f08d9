/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An answers document onto the state: which keys a kind has, which stored
 * rule an answer means, what stays (design.md section 4).
 */
#include <string.h>

#include "src/base/assert.h"
#include "src/wizard/wizard_priv.h"

/* Keys of a kind, beside those of "advanced": "rules", or those of a rule. */
static bool
is_rule_key(enum wizard_kind kind, const char *key)
{
	switch (kind) {
	case WIZARD_REQUEST_ROUTING:
		return strcmp(key, "rules") == 0;
	case WIZARD_TCP_TRAFFIC_SHIFTING:
		return strcmp(key, "route") == 0 || strcmp(key, "rule") == 0;
	case WIZARD_DELETE:
	case WIZARD_KIND_COUNT:
		return false;
	default:
		return strcmp(key, "match") != 0 && strcmp(key, "existing") != 0 &&
		       strcmp(key, "rules") != 0;
	}
}

/* The table for one kind's top level. */
static const struct schema_field *
top_fields(struct answering *x, enum wizard_kind kind, bool only_advanced)
{
	static const struct schema_field extra[] = {
		{ .key = "rules", .type = SCHEMA_LIST, .fields = answer_rule_fields },
		{ .key = "rule", .type = SCHEMA_INT, .min = 1, .max = INT32_MAX },
		{ .key = NULL },
	};
	const struct schema_field *const tables[] = { extra, answer_rule_fields, answer_advanced_fields };
	struct schema_field *out = arena_alloc(x->arena, 40 * sizeof(*out));
	size_t n = 0;

	for (size_t i = only_advanced ? 2 : 0; i < ARRAY_LEN(tables); i++)
		for (const struct schema_field *f = tables[i]; f->key != NULL; f++)
			if (tables[i] == answer_advanced_fields ? kind != WIZARD_DELETE
							    : is_rule_key(kind, f->key))
				out[n++] = *f;
	ASSERT(n < 40);
	return out;
}

/* The state's rules as they were when the answers came. */
struct old_rules {
	struct wizard_rule *items;
	size_t len;
	bool *taken;
};

static struct wizard_rule *
take_existing(struct answering *x, struct old_rules *old, const struct value *existing,
	      const char *path)
{
	int64_t n = 0;

	value_to_int(existing, &n);
	for (size_t i = 0; i < old->len; i++) {
		if (old->items[i].stored == NULL || old->items[i].stored_index != (size_t)n - 1)
			continue;
		if (old->taken[i]) {
			answer_refuse(x, existing, CODE_REFERENCE, path,
				      "stored rule %d is named twice", (int)n);
			return NULL;
		}
		old->taken[i] = true;
		return &old->items[i];
	}
	answer_refuse(x, existing, CODE_REFERENCE, path, "there is no stored rule %d", (int)n);
	return NULL;
}

typedef bool rule_test(const struct wizard_rule *a, const struct wizard_rule *b);

static bool
is_named(const struct value *rule)
{
	return !value_is_null(value_get(rule, "existing"));
}

/* Does the answer say something that a redirect cannot have? */
static bool
wants_route(const struct value *rule)
{
	static const char *const keys[] = { "route", "mirror", "mirrors", "delay", "abort" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (!value_is_null(value_get(rule, keys[i])) &&
		    !value_is_false(value_get(rule, keys[i])))
			return true;
	return false;
}

/* Gives each answer without "existing" the stored rule of an equal match. */
static void
take_equal(struct answering *x, struct old_rules *old, const struct value *list,
	   struct wizard_rule **sources, rule_test *same)
{
	size_t index = 0;

	VALUE_EACH(v, list) {
		struct wizard_rule probe;
		size_t at = index++;

		if (sources[at] != NULL || is_named(v))
			continue;
		memset(&probe, 0, sizeof(probe));
		VALUE_EACH(entry, value_get(v, "match")) {
			struct wizard_match m;

			match_read(x->arena, entry, &m);
			vec_push(&probe.matches, m);
		}
		for (size_t i = 0; i < old->len && sources[at] == NULL; i++)
			if (!old->taken[i] && same(&probe, &old->items[i]) &&
			    !(old->items[i].has_no_route && wants_route(v))) {
				old->taken[i] = true;
				sources[at] = &old->items[i];
			}
		wizard_rule_fini(&probe);
	}
}

static void
answer_list(struct answering *x, const struct value *list)
{
	struct wizard_state *w = x->w;
	struct old_rules old = { w->rules.items, w->rules.len,
				 xcalloc(w->rules.len + 1, sizeof(bool)) };
	struct wizard_rule **sources = xcalloc(list->count + 1, sizeof(struct wizard_rule *));
	size_t i = 0;

	VALUE_EACH(v, list) {
		if (is_named(v))
			sources[i] = take_existing(x, &old, value_get(v, "existing"),
						   arena_printf(x->arena, "rules[%zu].existing", i));
		i++;
	}
	take_equal(x, &old, list, sources, wizard_rule_same_match);
	take_equal(x, &old, list, sources, rule_same_conditions);
	memset(&w->rules, 0, sizeof(w->rules));
	i = 0;
	VALUE_EACH(v, list) {
		struct wizard_rule r;

		if (sources[i] != NULL)
			wizard_rule_dup(w->arena, sources[i], &r);
		else
			wizard_rule_init(w, &r);
		answer_rule(x, v, arena_printf(x->arena, "rules[%zu]", i), &r);
		vec_push(&w->rules, r);
		i++;
	}
	for (i = 0; i < old.len; i++)
		wizard_rule_fini(&old.items[i]);
	free(old.items);
	free(old.taken);
	free(sources);
}

/* Kinds without rules: every entry, or the one that "rule" names. */
static void
answer_single(struct answering *x, const struct value *answers)
{
	struct wizard_state *w = x->w;
	const struct value *route = value_get(answers, "route"), *rule = value_get(answers, "rule");
	int64_t only = 0;

	value_to_int(rule, &only);
	if (only > (int64_t)w->rules.len) {
		answer_refuse(x, rule, CODE_REFERENCE, "rule", "there are %zu rules", w->rules.len);
		return;
	}
	if (w->rules.len > 1 && only == 0 && !value_is_null(route)) {
		answer_refuse(x, route, CODE_STATE, "route",
			      "%zu rules are stored: say with rule: N which one is meant",
			      w->rules.len);
		return;
	}
	for (size_t i = 0; i < w->rules.len; i++) {
		struct wizard_rule *r = &w->rules.items[i];

		if (only != 0 ? (int64_t)i + 1 != only : r->has_no_route && w->rules.len > 1)
			continue;
		answer_rule(x, answers, "", r);
	}
}

static void
answer_rules(struct answering *x, const struct value *answers)
{
	const struct value *rules = value_get(answers, "rules");

	if (x->w->kind == WIZARD_DELETE)
		return;
	if (x->w->kind != WIZARD_REQUEST_ROUTING) {
		answer_single(x, answers);
		return;
	}
	if (!value_is_null(rules))
		answer_list(x, rules);
	else if (x->w->rules.len == 0)
		wizard_rule_add(x->w);		/* any request, even weights */
}

static int
answer(struct wizard_state *w, const struct value *answers, struct problems *problems,
       bool only_advanced)
{
	static const struct value empty = { .kind = VALUE_MAP };
	struct answering x = { .w = w, .problems = problems, .arena = arena_new() };
	struct problems of_state = PROBLEMS_INIT;

	if (value_is_null(answers))
		answers = &empty;
	answer_check_keys(&x, answers, top_fields(&x, w->kind, only_advanced), "");
	if (!x.is_bad && !only_advanced)
		answer_rules(&x, answers);
	if (!x.is_bad && w->kind != WIZARD_DELETE)
		answer_advanced(&x, answers);
	if (!x.is_bad && !only_advanced) {
		wizard_check(w, &of_state);
		x.is_bad = problems_have_errors(&of_state);
		locate_answers(&of_state, answers);
		problems_append(problems, &of_state);
		problems_fini(&of_state);
	}
	arena_free(&x.arena);
	return x.is_bad ? -1 : 0;
}

int
wizard_answer(struct wizard_state *w, const struct value *answers, struct problems *problems)
{
	return answer(w, answers, problems, false);
}

int
wizard_answer_advanced(struct wizard_state *w, const struct value *answers,
		       struct problems *problems)
{
	return answer(w, answers, problems, true);
}
