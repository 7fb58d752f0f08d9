/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for one rule: match, route, mirrors, faults, timeout, retries. */
#include <string.h>

#include "src/wizard/wizard_priv.h"

static struct wizard_target *
find_target(struct wizard_rule *r, const char *workload)
{
	for (size_t i = 0; i < r->targets.len; i++)
		if (strcmp(r->targets.items[i].workload, workload) == 0)
			return &r->targets.items[i];
	return NULL;
}

static void
list_workloads(const struct wizard_rule *r, struct buf *out)
{
	for (size_t i = 0; i < r->targets.len; i++)
		buf_printf(out, "%s%s", i > 0 ? ", " : "", r->targets.items[i].workload);
}

static void
refuse_workload(struct answering *x, const struct wizard_rule *r, const struct value *at,
		const char *path, const char *name)
{
	struct buf names = BUF_INIT;

	list_workloads(r, &names);
	answer_refuse(x, at, CODE_REFERENCE, path, "%s is no workload of %s.%s (%s)", name,
		      x->w->service->name, x->w->service->ns, buf_str(&names));
	buf_fini(&names);
}

/* Rows without workload that nobody names go. */
static void
drop_gone(struct wizard_rule *r, const struct value *route)
{
	for (size_t i = r->targets.len; i > 0; i--) {
		struct wizard_target *t = &r->targets.items[i - 1];

		if (!t->is_gone || t->is_mirrored || value_get(route, t->workload) != NULL)
			continue;
		vec_remove(&r->targets, i - 1);
	}
}

static void
answer_route(struct answering *x, const struct value *route, const char *path,
	     struct wizard_rule *r)
{
	unsigned sum;

	if (r->has_no_route) {
		answer_refuse(x, route, CODE_STATE, path,
			      "the stored rule redirects, answers or delegates: it has no route");
		return;
	}
	drop_gone(r, route);
	for (size_t i = 0; i < r->targets.len; i++)
		r->targets.items[i].weight = 0;
	VALUE_EACH(weight, route) {
		struct wizard_target *t = find_target(r, weight->key);
		int64_t n = 0;

		if (t == NULL) {
			refuse_workload(x, r, weight, answer_path(x, path, weight->key),
					weight->key);
			continue;
		}
		value_to_int(weight, &n);
		t->weight = (unsigned)n;
	}
	r->weights_touched = true;
	sum = weights_sum(r->targets.items, r->targets.len);
	if (sum != 100 && !x->is_bad)
		answer_refuse(x, route, CODE_WEIGHTS, path,
			      "the weights sum to %u, they must sum to 100", sum);
}

static void
clear_mirrors(struct wizard_rule *r)
{
	for (size_t i = r->targets.len; i > 0; i--) {
		struct wizard_target *t = &r->targets.items[i - 1];

		if (t->is_gone && t->is_mirrored && t->route == NULL) {
			vec_remove(&r->targets, i - 1);
			continue;
		}
		t->is_mirrored = false;
	}
}

static void
answer_mirror(struct answering *x, const struct value *v, const char *path,
	      struct wizard_rule *r)
{
	const char *workload = value_get_text(v, "workload");
	struct wizard_target *t = workload != NULL ? find_target(r, workload) : NULL;

	if (workload == NULL) {
		answer_refuse(x, v, CODE_VALUE, answer_path(x, path, "workload"),
			      "which workload gets the copies?");
		return;
	}
	if (t == NULL) {
		refuse_workload(x, r, value_get(v, "workload"), answer_path(x, path, "workload"),
				workload);
		return;
	}
	if (t->is_mirrored) {
		answer_refuse(x, v, CODE_VALUE, answer_path(x, path, "workload"),
			      "%s is mirrored twice", workload);
		return;
	}
	if (t->mirror == NULL)	/* a stored percentage stays unless it is given */
		t->mirror_percent = DEFAULT_PERCENT;
	t->is_mirrored = true;
	value_to_double(value_get(v, "percent"), &t->mirror_percent);
}

static void
answer_mirrors(struct answering *x, const struct value *rule, const char *path,
	       struct wizard_rule *r)
{
	const struct value *one = value_get(rule, "mirror"), *list = value_get(rule, "mirrors");
	size_t i = 0;

	if (value_is_null(one) && value_is_null(list))
		return;
	if (r->has_no_route) {
		answer_refuse(x, one != NULL ? one : list, CODE_STATE,
			      answer_path(x, path, one != NULL ? "mirror" : "mirrors"),
			      "the stored rule redirects, answers or delegates: it mirrors nothing");
		return;
	}
	if (value_is_map(one) && value_is_list(list)) {
		answer_refuse(x, list, CODE_VALUE, answer_path(x, path, "mirrors"),
			      "mirror or mirrors, not both");
		return;
	}
	clear_mirrors(r);
	if (value_is_map(one))
		answer_mirror(x, one, answer_path(x, path, "mirror"), r);
	if (!value_is_list(list))
		return;
	VALUE_EACH(m, list)
		answer_mirror(x, m, arena_printf(x->arena, "%s[%zu]",
						 answer_path(x, path, "mirrors"), i++), r);
}

/* Even weights of a new rule are those of its unmirrored rows. */
static void
even_out(struct wizard_rule *r)
{
	VEC(struct wizard_target) rows = VEC_INIT;
	size_t k = 0;

	for (size_t i = 0; i < r->targets.len; i++)
		if (!r->targets.items[i].is_mirrored)
			vec_push(&rows, r->targets.items[i]);
	weights_even(rows.items, rows.len);
	for (size_t i = 0; i < r->targets.len; i++)
		r->targets.items[i].weight = r->targets.items[i].is_mirrored
			? 0 : rows.items[k++].weight;
	vec_fini(&rows);
}

/* Stored fields no form edits stay with the alternative: the one with equal
 * conditions, or the one at the same place when their number is the same. */
static const struct value *
foreign_of(const struct wizard_rule *old, const struct wizard_match *m, size_t index,
	   size_t count)
{
	for (size_t i = 0; i < old->matches.len; i++)
		if (match_equal_conditions(&old->matches.items[i], m))
			return old->matches.items[i].foreign;
	return old->matches.len == count ? old->matches.items[index].foreign : NULL;
}

/* The stored entry with what the answer says in it. */
static void
join_foreign(struct answering *x, const struct value *stored, struct wizard_match *m)
{
	const struct value *given = match_remainder(x->w->arena, m->foreign);
	struct value *joined;

	if (stored == NULL)
		return;
	joined = value_copy(x->w->arena, stored);
	VALUE_EACH(v, given)
		value_set(x->w->arena, joined, v->key, value_copy(x->w->arena, v));
	m->foreign = joined;
}

static void
answer_match(struct answering *x, const struct value *list, const char *path,
	     struct wizard_rule *r)
{
	struct wizard_rule old = *r;
	size_t i = 0;

	memset(&r->matches, 0, sizeof(r->matches));
	VALUE_EACH(v, list) {
		struct wizard_match m;

		match_read(x->w->arena, value_copy(x->w->arena, v), &m);
		if (m.conditions.len == 0 && match_remainder(x->arena, v) == NULL)
			answer_refuse(x, v, CODE_VALUE,
				      arena_printf(x->arena, "%s[%zu]", path, i),
				      "has no condition: leave match out for any request");
		join_foreign(x, foreign_of(&old, &m, i++, list->count), &m);
		vec_push(&r->matches, m);
	}
	for (size_t k = 0; k < old.matches.len; k++)
		match_fini(&old.matches.items[k]);
	vec_fini(&old.matches);
}

static void
answer_faults(struct answering *x, const struct value *rule, struct wizard_rule *r)
{
	const struct value *delay = value_get(rule, "delay"), *abort_ = value_get(rule, "abort");
	const char *duration = value_get_text(delay, "duration");

	if (value_is_false(delay))
		r->has_delay = false;
	if (value_is_map(delay)) {
		if (!r->has_delay)
			r->delay_percent = DEFAULT_PERCENT;
		r->has_delay = true;
		value_to_double(value_get(delay, "percent"), &r->delay_percent);
		if (duration != NULL)
			r->delay = wizard_text(x->w, duration);
		else if (r->delay == NULL)
			r->delay = DEFAULT_DELAY;
	}
	if (value_is_false(abort_))
		r->has_abort = false;
	if (value_is_map(abort_)) {
		if (!r->has_abort) {
			r->abort_percent = DEFAULT_PERCENT;
			r->abort_status = DEFAULT_STATUS;
		}
		r->has_abort = true;
		value_to_double(value_get(abort_, "percent"), &r->abort_percent);
		value_to_int(value_get(abort_, "status"), &r->abort_status);
	}
}

static void
answer_times(struct answering *x, const struct value *rule, struct wizard_rule *r)
{
	const struct value *timeout = value_get(rule, "timeout");
	const struct value *retries = value_get(rule, "retries");

	if (!value_is_null(timeout))
		r->has_timeout = !value_is_false(timeout);
	if (!value_is_null(timeout) && r->has_timeout)
		r->timeout = wizard_text(x->w, value_text(timeout));
	if (value_is_false(retries))
		r->has_retries = false;
	if (!value_is_map(retries))
		return;
	if (!r->has_retries) {
		r->retry_attempts = DEFAULT_ATTEMPTS;
		r->per_try_timeout = DEFAULT_PER_TRY;
		r->retry_on = NULL;
	}
	r->has_retries = true;
	value_to_int(value_get(retries, "attempts"), &r->retry_attempts);
	if (value_get_text(retries, "perTryTimeout") != NULL)
		r->per_try_timeout = wizard_text(x->w, value_get_text(retries, "perTryTimeout"));
	if (value_get_text(retries, "retryOn") != NULL)
		r->retry_on = wizard_text(x->w, value_get_text(retries, "retryOn"));
}

static void
refuse_unrouted(struct answering *x, const struct value *rule, const char *path,
		const struct wizard_rule *r)
{
	static const char *const keys[] = { "delay", "abort" };

	if (!r->has_no_route)
		return;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (value_is_map(value_get(rule, keys[i])))
			answer_refuse(x, value_get(rule, keys[i]), CODE_STATE,
				      answer_path(x, path, keys[i]),
				      "the stored rule redirects, answers or delegates: it takes no fault");
}

void
answer_rule(struct answering *x, const struct value *v, const char *path, struct wizard_rule *r)
{
	const struct value *match = value_get(v, "match"), *route = value_get(v, "route");

	if (!value_is_null(match))
		answer_match(x, match, answer_path(x, path, "match"), r);
	answer_mirrors(x, v, path, r);
	if (!value_is_null(route))
		answer_route(x, route, answer_path(x, path, "route"), r);
	else if (r->stored == NULL && !r->weights_touched)
		even_out(r);
	refuse_unrouted(x, v, path, r);
	answer_faults(x, v, r);
	answer_times(x, v, r);
}
