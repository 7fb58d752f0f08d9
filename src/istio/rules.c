/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hints about rules; see rules.h. */
#include "src/istio/rules.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/value.h"
#include "src/base/vec.h"
#include "src/istio/duration.h"
#include "src/istio/schema.h"

static bool
is_condition(const struct value *v)
{
	static const char *const others[] = { "name", "ignoreUriCase", "statPrefix" };

	if (v->kind == VALUE_NULL || ((value_is_map(v) || value_is_list(v)) && v->count == 0))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (strcmp(v->key, others[i]) == 0)
			return false;
	return true;
}

/* A match without conditions, or with one that always holds. */
static bool
takes_all(const struct value *match)
{
	const char *prefix = member_text(member(match, "uri"), "prefix");
	const char *regex = member_text(member(match, "uri"), "regex");
	size_t conditions = 0;

	VALUE_EACH(v, value_is_map(match) ? match : NULL)
		conditions += is_condition(v);
	return conditions == 0 ||
	       (conditions == 1 && ((prefix != NULL && strcmp(prefix[0] != '\0' ? prefix : "/", "/") == 0) ||
				    (regex != NULL && strcmp(regex, ".*") == 0)));
}

/* Of a delegating rule what its delegate matches goes on: rules after it may
 * get the rest. */
static bool
delegates(const struct value *rule)
{
	return member(rule, "delegate") != NULL;
}

static bool
is_catch_all(const struct value *rule)
{
	const struct value *list = member(rule, "match");

	if (delegates(rule))
		return false;
	if (list == NULL || list->count == 0)
		return true;
	VALUE_EACH(match, list)
		if (takes_all(match))
			return true;
	return false;
}

/* One match of one rule. */
struct place {
	const struct value *match;
	size_t rule, index;
	uint64_t hash;
};

/* Both asked with a name of their own, which asks for nothing. */
static bool
has_members_of(const struct value *a, const struct value *b)
{
	VALUE_EACH(v, a)
		if (v->kind != VALUE_NULL && strcmp(v->key, "name") != 0 &&
		    !value_equal(v, member(b, v->key)))
			return false;
	return true;
}

/* Equal for matches that ask for the same, whatever their order. */
static uint64_t
hash_of_match(const struct value *match)
{
	uint64_t hash = 0;

	VALUE_EACH(v, match)
		if (v->kind != VALUE_NULL && strcmp(v->key, "name") != 0)
			hash += value_hash(v);
	return hash;
}

/* Conditions of b besides uri, each at least as strict as those of a? */
static bool
is_stricter(const struct value *a, const struct value *b)
{
	VALUE_EACH(v, a) {
		const struct value *w = member(b, v->key);

		if (v->kind == VALUE_NULL || strcmp(v->key, "uri") == 0 || strcmp(v->key, "name") == 0)
			continue;
		if (w == NULL || w->kind != v->kind)
			return false;
		if (value_is_map(v) && (strcmp(v->key, "headers") == 0 ||
					strcmp(v->key, "withoutHeaders") == 0 ||
					strcmp(v->key, "queryParams") == 0 ||
					strcmp(v->key, "sourceLabels") == 0)) {
			VALUE_EACH(inner, v)
				if (!value_equal(inner, value_get(w, inner->key)))
					return false;
		} else if (!value_equal(v, w)) {
			return false;
		}
	}
	return true;
}

/* Does the earlier match take everything that the later one asks for?  Of one
 * rule both lead to the same place, so that an exact path beside its prefix is
 * no mistake. */
static bool
covers(const struct value *earlier, const struct value *later, bool is_same_rule)
{
	const struct value *uri = member(later, "uri");
	const char *a = member_text(member(earlier, "uri"), "prefix");
	const char *b = member_text(uri, "prefix");

	if (a == NULL || !value_equal(member(earlier, "ignoreUriCase"), member(later, "ignoreUriCase")))
		return false;
	if (b == NULL && !is_same_rule)
		b = member_text(uri, "exact");
	return b != NULL && strncmp(a, b, strlen(a)) == 0 && is_stricter(earlier, later);
}

static void
compare(struct checker *c, const char *section, const struct place *places, size_t at)
{
	const struct place *p = &places[at];
	char below[64];

	snprintf(below, sizeof(below), "%s[%zu].match[%zu]", section, p->rule, p->index);
	for (size_t i = 0; i < at; i++) {
		const struct place *q = &places[i];

		if (q->hash == p->hash && has_members_of(q->match, p->match) &&
		    has_members_of(p->match, q->match)) {
			complain(c, p->match, below, "MT2104", "the same match as %s[%zu].match[%zu]: "
				 "this one is never used", section, q->rule, q->index);
			return;
		}
		if (covers(q->match, p->match, q->rule == p->rule)) {
			complain(c, p->match, below, "MT2006", "never used: %s[%zu].match[%zu] takes all "
				 "that it asks for", section, q->rule, q->index);
			return;
		}
	}
}

#define COMPARED_MAX 300	/* matches of one VirtualService that are compared by pairs */

static void
check_pairs(struct checker *c, const struct value *rules, size_t used)
{
	VEC(struct place) places = VEC_INIT;
	size_t rule = 0;

	VALUE_EACH(r, rules) {
		size_t index = 0;

		if (rule >= used)
			break;
		if (delegates(r)) {
			rule++;
			continue;
		}
		VALUE_EACH(m, member(r, "match")) {
			struct place p = { m, rule, index++, hash_of_match(m) };

			if (value_is_map(m) && places.len < COMPARED_MAX)
				vec_push(&places, p);
		}
		rule++;
	}
	for (size_t i = 1; i < places.len; i++)
		compare(c, rules->key, places.items, i);
	vec_fini(&places);
}

/* Rules of one section; false when surely none of them takes all. */
static bool
check_section(struct checker *c, const struct value *rules)
{
	size_t index = 0, taken = SIZE_MAX;
	bool may_take = false;

	VALUE_EACH(rule, rules) {
		char below[40];

		may_take |= delegates(rule);
		snprintf(below, sizeof(below), "%s[%zu]", rules->key, index);
		if (taken != SIZE_MAX)
			complain(c, rule, below, "MT2002", "never used: rule %zu takes every %s", taken,
				 strcmp(rules->key, "http") == 0 ? "request" : "connection");
		else if (is_catch_all(rule))
			taken = index;
		index++;
	}
	check_pairs(c, rules, taken == SIZE_MAX ? rules->count : taken + 1);
	return taken != SIZE_MAX || may_take;
}

void
rules_check(struct checker *c, const struct value *spec)
{
	static const char *const sections[] = { "http", "tcp", "tls" };
	const struct value *hosts = member(spec, "hosts");

	for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
		const struct value *rules = member(spec, sections[i]);

		if (!value_is_list(rules) || rules->count == 0)
			continue;
		if (!check_section(c, rules) && i == 0 && hosts != NULL && hosts->count > 0)
			complain(c, rules, "http", "MT2103", "no rule takes every request: what matches none is "
				 "answered with 404 (NR)");
	}
}

/* In ns; 0 when absent or bad. */
static uint64_t
duration_of(const struct value *map, const char *name)
{
	const char *text = member_text(map, name);
	uint64_t ns = 0;

	if (text == NULL || !duration_parse(text, &ns))
		return 0;
	return ns;
}

void
rules_check_times(struct checker *c, const struct value *rule)
{
	const struct value *retries = member(rule, "retries");
	uint64_t timeout = duration_of(rule, "timeout");
	uint64_t delay = duration_of(member(member(rule, "fault"), "delay"), "fixedDelay");
	uint64_t per_try = duration_of(retries, "perTryTimeout");
	char a[DURATION_TEXT_BYTES], b[DURATION_TEXT_BYTES];
	int64_t attempts = 0;

	value_to_int(member(retries, "attempts"), &attempts);
	if (attempts > 0 && member(member(rule, "fault"), "abort") != NULL)
		complain(c, retries, "retries", "MT2106", "the abort in the same rule comes before them: what it "
			 "answers is not tried again");
	duration_text(timeout, a);
	if (timeout > 0 && delay > 0) {
		duration_text(delay, b);
		complain_member(c, rule, "timeout", "MT2106", "the delay of %s in the same rule comes "
				"before the timeout of %s and is not cut by it: delay the service behind "
				"it instead", b, a);
	}
	if (timeout == 0 || per_try == 0)
		return;
	duration_text(per_try, b);
	if (per_try > timeout)
		complain(c, member(retries, "perTryTimeout"), "retries.perTryTimeout", "MT2106",
			 "the timeout of %s ends the request before the first try may take %s", a, b);
	else if (attempts > 0 && attempts < 1000000 && (uint64_t)(attempts + 1) * per_try > timeout)
		complain(c, retries, "retries", "MT2106", "%lld tries of %s do not fit into the timeout of "
			 "%s", (long long)attempts + 1, b, a);
}
