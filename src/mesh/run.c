/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Many rules that differ in one header's exact value: found by that value.
 *
 * A run is a stretch of consecutive rules each of whose matches wants an
 * exact value of the same header.  The order of rules is kept: candidates of
 * one value are tested from the first to the last, in full.
 */
#include <string.h>

#include "src/mesh/table.h"

#define RUN_MIN 8	/* shorter ones are tested one by one */

/* The condition on that header, NULL when the match has none. */
static const struct match_cond *
exact_header(const struct http_match *m, struct slice header)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct match_cond *cond = &m->conds[i];

		if (cond->field == COND_HEADER && cond->kind == COND_EXACT &&
		    cond->pseudo == PSEUDO_NONE && slice_eq(cond->name, header))
			return cond;
	}
	return NULL;
}

static bool
rule_has(const struct http_rule *rule, struct slice header)
{
	for (size_t i = 0; i < rule->match_count; i++)
		if (exact_header(&rule->matches[i], header) == NULL)
			return false;
	return rule->match_count > 0;
}

/* How many rules from first on can be found by the header. */
static size_t
run_length(const struct http_rules *rules, size_t first, struct slice header)
{
	size_t n = first;

	while (n < rules->count && rule_has(&rules->rules[n], header))
		n++;
	return n - first;
}

/* The header of the rule's first match that makes the longest run. */
static size_t
best_run(const struct http_rules *rules, size_t first, const struct match_cond **by)
{
	const struct http_rule *rule = &rules->rules[first];
	size_t best = 0;

	for (size_t i = 0; rule->match_count > 0 && i < rule->matches[0].count; i++) {
		const struct match_cond *cond = &rule->matches[0].conds[i];
		size_t n;

		if (exact_header(&rule->matches[0], cond->name) == NULL)
			continue;
		n = run_length(rules, first, cond->name);
		if (n > best) {
			best = n;
			*by = cond;
		}
	}
	return best;
}

static void
add_candidate(struct compile *c, struct rule_run *run, struct slice value, size_t rule)
{
	void **place = strmap_put(&run->by_value, value);
	struct rule_candidates *found = *place;

	if (found == NULL) {
		found = arena_alloc(c->arena, sizeof(*found));
		*place = found;
	}
	if (found->count > 0 && found->rules[found->count - 1] == rule)
		return;
	/* Grows by doubling; the old arrays stay in the arena, at most as much again. */
	if ((found->count & (found->count - 1)) == 0) {
		size_t cap = found->count > 0 ? found->count * 2 : 1;
		uint32_t *grown = arena_alloc(c->arena, cap * sizeof(*grown));

		if (found->count > 0)
			memcpy(grown, found->rules, found->count * sizeof(*grown));
		found->rules = grown;
	}
	found->rules[found->count++] = (uint32_t)rule;
}

static void
make_run(struct compile *c, const struct http_rules *rules, size_t first, size_t length,
	 const struct match_cond *by, struct rule_run *out)
{
	*out = (struct rule_run){ .first = first, .end = first + length,
				  .header = by->name, .field_id = by->field_id };
	for (size_t n = first; n < out->end; n++)
		for (size_t i = 0; i < rules->rules[n].match_count; i++)
			add_candidate(c, out,
				      exact_header(&rules->rules[n].matches[i], by->name)->text, n);
	vec_push(&c->priv->maps, &out->by_value);
}

void
compile_runs(struct compile *c, struct http_rules *rules)
{
	size_t max = rules->count / RUN_MIN;

	if (max == 0)
		return;
	for (size_t n = 0; n < rules->count;) {
		const struct match_cond *by = NULL;
		size_t length = best_run(rules, n, &by);

		if (length < RUN_MIN) {
			n++;
			continue;
		}
		if (rules->runs == NULL)
			rules->runs = arena_alloc(c->arena, max * sizeof(*rules->runs));
		make_run(c, rules, n, length, by, &rules->runs[rules->run_count++]);
		n += length;
	}
}

const struct rule_candidates *
run_find(const struct rule_run *run, struct slice value)
{
	if (value.ptr == NULL)
		value.ptr = "";
	return strmap_find(&run->by_value, value);
}
