/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a stored http or tcp entry to a rule that forms can show.  What a
 * form has no field for stays in the entry, to which the rule points.
 */
#include <string.h>

#include "src/wizard/wizard_priv.h"

static void
copy_rows(const struct wizard_state *w, struct wizard_rule *out)
{
	vec_reserve(&out->targets, w->rows.len);
	for (size_t i = 0; i < w->rows.len; i++)
		vec_push(&out->targets, w->rows.items[i]);
}

void
wizard_rule_init(const struct wizard_state *w, struct wizard_rule *out)
{
	memset(out, 0, sizeof(*out));
	copy_rows(w, out);
	weights_even(out->targets.items, out->targets.len);
}

bool
target_is_listed(const struct wizard_target *t)
{
	return !t->is_mirrored || t->weight > 0;
}

/* What a destination says when no workload stands behind it. */
static const char *
gone_name(struct arena *a, const struct value *destination)
{
	const char *host = value_get_text(destination, "host");
	const char *subset = value_get_text(destination, "subset");

	host = host != NULL ? host : "?";
	return subset != NULL ? arena_printf(a, "%s/%s", host, subset) : arena_strdup(a, host);
}

/* The row of a destination; a new one at the end when it has none. */
static struct wizard_target *
row_of(const struct wizard_state *w, struct arena *a, const struct value *destination,
       const bool *taken, struct wizard_rule *out)
{
	struct wizard_target gone = { .is_gone = true };
	size_t row = targets_of_destination(w, destination, taken);

	if (row != SIZE_MAX)
		return &out->targets.items[row];
	gone.workload = gone_name(a, destination);
	gone.subset = value_get_text(destination, "subset");
	vec_push(&out->targets, gone);
	return &out->targets.items[out->targets.len - 1];
}

static void
read_route(const struct wizard_state *w, struct arena *a, const struct value *route,
	   bool *taken, struct wizard_rule *out)
{
	VALUE_EACH(entry, route) {
		struct wizard_target *t;
		int64_t weight = route->count == 1 ? 100 : 0;
		size_t row;

		if (!value_is_map(entry))
			continue;
		t = row_of(w, a, value_get(entry, "destination"), taken, out);
		row = (size_t)(t - out->targets.items);
		value_to_int(value_get(entry, "weight"), &weight);
		t->weight = weight > 0 ? (unsigned)weight : 0;
		t->route = entry;
		if (row < w->rows.len)
			taken[row] = true;
	}
}

/* Missing percentages are 100, as in Istio. */
static double
mirror_percent(const struct value *percentage, const struct value *old)
{
	double percent = 100;

	if (!value_is_null(percentage)) {
		percent = 0;
		value_to_double(value_get(percentage, "value"), &percent);
	} else {
		value_to_double(old, &percent);
	}
	return percent;
}

static void
read_mirror(const struct wizard_state *w, struct arena *a, const struct value *destination,
	    double percent, bool *taken, struct wizard_rule *out)
{
	struct wizard_target *t;
	size_t row;

	if (!value_is_map(destination))
		return;
	t = row_of(w, a, destination, taken, out);
	row = (size_t)(t - out->targets.items);
	t->is_mirrored = true;
	t->mirror_percent = percent;
	t->mirror = destination;
	if (row < w->rows.len)
		taken[row] = true;
}

static void
read_mirrors(const struct wizard_state *w, struct arena *a, const struct value *entry,
	     struct wizard_rule *out)
{
	bool *taken = xcalloc(w->rows.len + 1, sizeof(*taken));	/* rows are mirrored once */
	const struct value *mirror = value_get(entry, "mirror");
	const struct value *old = value_get(entry, "mirrorPercent");

	if (old == NULL)
		old = value_get(entry, "mirror_percent");
	if (value_is_map(mirror))
		read_mirror(w, a, mirror, mirror_percent(value_get(entry, "mirrorPercentage"), old),
			    taken, out);
	VALUE_EACH(m, value_get(entry, "mirrors"))
		read_mirror(w, a, value_get(m, "destination"),
			    mirror_percent(value_get(m, "percentage"), NULL), taken, out);
	free(taken);
}

/* Absent: 0 = never, as in Istio. */
static double
fault_percent(const struct value *part)
{
	double percent = 0;

	if (!value_to_double(value_path(part, "percentage.value"), &percent))
		value_to_double(value_get(part, "percent"), &percent);
	return percent;
}

static void
read_fault(const struct value *fault, struct wizard_rule *out)
{
	const struct value *delay = value_get(fault, "delay");
	const struct value *abort_ = value_get(fault, "abort");

	if (value_is_map(delay)) {
		out->has_delay = true;
		out->delay_percent = fault_percent(delay);
		out->delay = value_get_text(delay, "fixedDelay");
	}
	if (value_is_map(abort_)) {
		out->has_abort = true;
		out->abort_percent = fault_percent(abort_);
		value_to_int(value_get(abort_, "httpStatus"), &out->abort_status);
	}
}

static void
read_times(const struct value *entry, struct wizard_rule *out)
{
	const struct value *retries = value_get(entry, "retries");

	out->timeout = value_get_text(entry, "timeout");
	out->has_timeout = out->timeout != NULL;
	if (!value_is_map(retries))
		return;
	out->has_retries = true;
	value_to_int(value_get(retries, "attempts"), &out->retry_attempts);
	out->per_try_timeout = value_get_text(retries, "perTryTimeout");
	out->retry_on = value_get_text(retries, "retryOn");
}

static void
read_matches(struct arena *a, const struct value *match, bool is_tcp, struct wizard_rule *out)
{
	VALUE_EACH(entry, match) {
		struct wizard_match m = { .foreign = entry };

		if (!is_tcp)
			match_read(a, entry, &m);
		vec_push(&out->matches, m);
	}
}

void
wizard_rule_read(const struct wizard_state *w, struct arena *a, const struct value *entry,
		 size_t index, struct wizard_rule *out)
{
	const struct value *route = value_get(entry, "route");
	bool *taken = xcalloc(w->rows.len + 1, sizeof(*taken));

	memset(out, 0, sizeof(*out));
	out->stored = entry;
	out->stored_index = index;
	out->has_no_route = !value_is_list(route) || route->count == 0;
	read_matches(a, value_get(entry, "match"), wizard_is_tcp(w), out);
	if (!out->has_no_route) {
		copy_rows(w, out);
		read_route(w, a, route, taken, out);
	}
	if (!wizard_is_tcp(w)) {
		if (!out->has_no_route)
			read_mirrors(w, a, entry, out);
		read_fault(value_get(entry, "fault"), out);
		read_times(entry, out);
	}
	free(taken);
}

void
wizard_rule_fini(struct wizard_rule *r)
{
	for (size_t i = 0; i < r->matches.len; i++)
		match_fini(&r->matches.items[i]);
	vec_fini(&r->matches);
	vec_fini(&r->targets);
}

static const char *
copy_text(struct arena *a, const char *s)
{
	return s != NULL ? arena_strdup(a, s) : NULL;
}

void
wizard_rule_dup(struct arena *a, const struct wizard_rule *from, struct wizard_rule *to)
{
	*to = *from;
	memset(&to->matches, 0, sizeof(to->matches));
	memset(&to->targets, 0, sizeof(to->targets));
	for (size_t i = 0; i < from->matches.len; i++) {
		struct wizard_match m;

		match_copy(a, &from->matches.items[i], &m);
		vec_push(&to->matches, m);
	}
	for (size_t i = 0; i < from->targets.len; i++) {
		struct wizard_target t = from->targets.items[i];

		t.workload = copy_text(a, t.workload);
		t.version = copy_text(a, t.version);
		t.subset = copy_text(a, t.subset);
		vec_push(&to->targets, t);
	}
	to->delay = copy_text(a, from->delay);
	to->timeout = copy_text(a, from->timeout);
	to->per_try_timeout = copy_text(a, from->per_try_timeout);
	to->retry_on = copy_text(a, from->retry_on);
}
