/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a rule back to its http or tcp entry.  Only what differs from the
 * stored entry is written, so every other field stays as it is.
 */
#include <string.h>

#include "src/base/assert.h"
#include "src/wizard/wizard_priv.h"

struct writing {
	const struct wizard_state *w;
	struct arena *a;
	const struct wizard_rule *now, *was;	/* was: blank for a new entry */
	struct value *entry;
};

static struct value *
new_destination(const struct writing *x, const struct wizard_target *t)
{
	struct value *v = value_new_map(x->a);

	value_set_string(x->a, v, "host", x->w->service->fqdn);
	if (t->subset != NULL)
		value_set_string(x->a, v, "subset", t->subset);
	return v;
}

static bool
same_row(const struct wizard_target *a, const struct wizard_target *b)
{
	return a->is_gone == b->is_gone && a->route == b->route && a->mirror == b->mirror &&
	       wizard_same_text(a->workload, b->workload);
}

static const struct wizard_target *
row_in(const struct wizard_rule *r, const struct wizard_target *t)
{
	for (size_t i = 0; i < r->targets.len; i++)
		if (same_row(&r->targets.items[i], t))
			return &r->targets.items[i];
	return NULL;
}

static bool
route_changed(const struct writing *x)
{
	if (x->now->has_no_route)
		return false;
	if (x->now->stored == NULL || x->was->targets.len != x->now->targets.len)
		return true;
	for (size_t i = 0; i < x->now->targets.len; i++) {
		const struct wizard_target *t = &x->now->targets.items[i];
		const struct wizard_target *old = row_in(x->was, t);

		if (old == NULL || old->weight != t->weight || old->is_mirrored != t->is_mirrored)
			return true;
	}
	return false;
}

static void
put_destination(const struct writing *x, const struct wizard_target *t, struct value *list)
{
	struct value *v = t->route != NULL ? value_copy(x->a, t->route) : value_new_map(x->a);

	if (t->route == NULL)
		value_set(x->a, v, "destination", new_destination(x, t));
	value_set_int(x->a, v, "weight", t->weight);
	value_append(list, v);
}

/* All unmirrored rows, zero weights included, stored ones in stored order. */
static void
write_route(const struct writing *x)
{
	struct value *list = value_new_list(x->a);

	VALUE_EACH(old, value_get(x->now->stored, "route"))
		for (size_t i = 0; i < x->now->targets.len; i++) {
			const struct wizard_target *t = &x->now->targets.items[i];

			if (t->route == old && target_is_listed(t))
				put_destination(x, t, list);
		}
	for (size_t i = 0; i < x->now->targets.len; i++)
		if (x->now->targets.items[i].route == NULL &&
		    target_is_listed(&x->now->targets.items[i]))
			put_destination(x, &x->now->targets.items[i], list);
	value_set(x->a, x->entry, "route", list);
}

static size_t
count_mirrors(const struct wizard_rule *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->targets.len; i++)
		n += r->targets.items[i].is_mirrored;
	return n;
}

static bool
mirrors_changed(const struct writing *x)
{
	if (count_mirrors(x->now) != count_mirrors(x->was))
		return true;
	for (size_t i = 0; i < x->now->targets.len; i++) {
		const struct wizard_target *t = &x->now->targets.items[i];
		const struct wizard_target *old = t->is_mirrored ? row_in(x->was, t) : NULL;

		if (t->is_mirrored &&
		    (old == NULL || !old->is_mirrored || old->mirror_percent != t->mirror_percent))
			return true;
	}
	return false;
}

static struct value *
percent_map(struct arena *a, double percent)
{
	struct value *v = value_new_map(a);

	value_set_double(a, v, "value", percent);
	return v;
}

static void
write_one_mirror(const struct writing *x, const struct wizard_target *t)
{
	value_set(x->a, x->entry, "mirror", t->mirror != NULL ? value_copy(x->a, t->mirror)
							      : new_destination(x, t));
	value_set(x->a, x->entry, "mirrorPercentage", percent_map(x->a, t->mirror_percent));
}

static void
write_mirrors(const struct writing *x)
{
	static const char *const old_keys[] = { "mirrorPercent", "mirror_percent" };
	static const char *const one_keys[] = { "mirror", "mirrorPercentage" };
	struct value *list = value_new_list(x->a);
	bool is_list = count_mirrors(x->now) > 1 || value_get(x->now->stored, "mirrors") != NULL;

	for (size_t i = 0; i < ARRAY_LEN(old_keys); i++)
		value_remove(x->entry, old_keys[i]);
	for (size_t i = 0; i < ARRAY_LEN(one_keys) && (is_list || count_mirrors(x->now) == 0); i++)
		value_remove(x->entry, one_keys[i]);
	for (size_t i = 0; i < x->now->targets.len; i++) {
		const struct wizard_target *t = &x->now->targets.items[i];
		struct value *m;

		if (!t->is_mirrored)
			continue;
		if (!is_list) {
			write_one_mirror(x, t);
			return;
		}
		m = value_append(list, value_new_map(x->a));
		value_set(x->a, m, "destination", t->mirror != NULL
			  ? value_copy(x->a, t->mirror) : new_destination(x, t));
		value_set(x->a, m, "percentage", percent_map(x->a, t->mirror_percent));
	}
	if (list->count > 0)
		value_set(x->a, x->entry, "mirrors", list);
	else
		value_remove(x->entry, "mirrors");
}

static bool
matches_changed(const struct writing *x)
{
	if (x->now->matches.len != x->was->matches.len)
		return true;
	for (size_t i = 0; i < x->now->matches.len; i++)
		if (!match_equal(&x->now->matches.items[i], &x->was->matches.items[i]))
			return true;
	return false;
}

static void
write_matches(const struct writing *x)
{
	struct value *list = value_new_list(x->a);

	for (size_t i = 0; i < x->now->matches.len; i++)
		value_append(list, match_write(x->a, &x->now->matches.items[i]));
	if (list->count > 0)
		value_set(x->a, x->entry, "match", list);
	else
		value_remove(x->entry, "match");
}

static void
put_percent(const struct writing *x, struct value *part, double percent)
{
	value_remove(part, "percent");
	value_set(x->a, part, "percentage", percent_map(x->a, percent));
}

static void
remove_fault_part(const struct writing *x, const char *key)
{
	struct value *fault = value_get(x->entry, "fault");

	value_remove(fault, key);
	if (fault != NULL && value_stored_form(x->a, fault)->count == 0)
		value_remove(x->entry, "fault");
}

static void
write_delay(const struct writing *x)
{
	struct value *delay;

	if (!x->now->has_delay) {
		if (x->was->has_delay)
			remove_fault_part(x, "delay");
		return;
	}
	delay = value_ensure_map(x->a, value_ensure_map(x->a, x->entry, "fault"), "delay");
	if (!x->was->has_delay || x->was->delay_percent != x->now->delay_percent)
		put_percent(x, delay, x->now->delay_percent);
	if (x->now->delay != NULL && !wizard_same_text(x->was->delay, x->now->delay)) {
		value_remove(delay, "exponentialDelay");
		value_set_string(x->a, delay, "fixedDelay", x->now->delay);
	}
}

static void
write_abort(const struct writing *x)
{
	struct value *part;

	if (!x->now->has_abort) {
		if (x->was->has_abort)
			remove_fault_part(x, "abort");
		return;
	}
	part = value_ensure_map(x->a, value_ensure_map(x->a, x->entry, "fault"), "abort");
	if (!x->was->has_abort || x->was->abort_percent != x->now->abort_percent)
		put_percent(x, part, x->now->abort_percent);
	if (x->was->abort_status != x->now->abort_status && x->now->abort_status != 0) {
		value_remove(part, "grpcStatus");
		value_remove(part, "http2Error");
		value_set_int(x->a, part, "httpStatus", x->now->abort_status);
	}
}

static void
write_retries(const struct writing *x)
{
	const struct wizard_rule *r = x->now, *was = x->was;
	struct value *v;

	if (!r->has_retries) {
		if (was->has_retries)
			value_remove(x->entry, "retries");
		return;
	}
	v = value_ensure_map(x->a, x->entry, "retries");
	if (!was->has_retries || was->retry_attempts != r->retry_attempts)
		value_set_int(x->a, v, "attempts", r->retry_attempts);
	if (r->retry_attempts == 0 && (!was->has_retries || was->retry_attempts != 0)) {
		/* off: Istio refuses the others then */
		value_remove(v, "perTryTimeout");
		value_remove(v, "retryOn");
		value_remove(v, "retryRemoteLocalities");
		return;
	}
	if (r->per_try_timeout != NULL && !wizard_same_text(was->per_try_timeout, r->per_try_timeout))
		value_set_string(x->a, v, "perTryTimeout", r->per_try_timeout);
	if (r->retry_on != NULL && !wizard_same_text(was->retry_on, r->retry_on))
		value_set_string(x->a, v, "retryOn", r->retry_on);
	else if (r->retry_on == NULL && !was->has_retries)
		value_set_string(x->a, v, "retryOn", DEFAULT_RETRY_ON);
}

static void
write_http(const struct writing *x)
{
	if (mirrors_changed(x))
		write_mirrors(x);
	write_delay(x);
	write_abort(x);
	if (!x->now->has_timeout && x->was->has_timeout)
		value_remove(x->entry, "timeout");
	else if (x->now->has_timeout && !wizard_same_text(x->was->timeout, x->now->timeout))
		value_set_string(x->a, x->entry, "timeout", x->now->timeout);
	write_retries(x);
}

struct value *
entry_write(const struct wizard_state *w, struct arena *a, const struct wizard_rule *r)
{
	struct wizard_rule was;
	struct writing x = { .w = w, .a = a, .now = r, .was = &was };

	if (r->stored != NULL && !value_is_map(r->stored))
		return value_copy(a, r->stored);	/* nothing that could be edited */
	memset(&was, 0, sizeof(was));
	if (r->stored != NULL)
		wizard_rule_read(w, a, r->stored, r->stored_index, &was);
	x.entry = r->stored != NULL ? value_copy(a, r->stored) : value_new_map(a);
	if (matches_changed(&x))
		write_matches(&x);
	if (route_changed(&x))
		write_route(&x);
	if (!wizard_is_tcp(w))
		write_http(&x);
	wizard_rule_fini(&was);
	return x.entry;
}
