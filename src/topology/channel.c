/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Slots for the segments of one gap: a partial order from shared places
 * first, then the order with the fewest crossings, then packing.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/topology/layout_priv.h"
#include "src/topology/route_priv.h"

/* Above so many segments in one gap, crossings are not compared pairwise, and an
 * order is not improved. */
enum { MOST_COMPARED = 900, MOST_IMPROVED = 300, PASSES = 4 };

struct before {			/* first must come before second */
	uint32_t first, second;
};

struct run {
	int at;
	uint32_t segment;
	bool is_out;
};

struct constraints {
	VEC(struct before) all;		/* sorted by second */
	uint32_t *first_of;		/* range in all of each second */
};

static int
compare_runs(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (x->is_out != y->is_out)
		return x->is_out ? 1 : -1;
	return (x->segment > y->segment) - (x->segment < y->segment);
}

static int
compare_befores(const void *a, const void *b)
{
	const struct before *x = a, *y = b;

	if (x->second != y->second)
		return x->second < y->second ? -1 : 1;
	return (x->first > y->first) - (x->first < y->first);
}

static bool
share_spine(const struct segment *a, const struct segment *b, int at)
{
	return a->net == b->net && a->has_spine && a->spine == at;
}

static uint32_t
collect_runs(const struct channel *c, struct run **runs)
{
	uint32_t count = 0, room = 0;

	for (size_t i = 0; i < c->segments.len; i++)
		room += c->segments.items[i].in_count + c->segments.items[i].out_count;
	*runs = xmalloc((room + 1) * sizeof(**runs));
	for (uint32_t i = 0; i < c->segments.len; i++) {
		const struct segment *s = &c->segments.items[i];

		for (uint32_t k = 0; k < s->in_count; k++)
			(*runs)[count++] = (struct run){ s->ins[k], i, false };
		for (uint32_t k = 0; k < s->out_count; k++)
			(*runs)[count++] = (struct run){ s->outs[k], i, true };
	}
	qsort(*runs, count, sizeof(**runs), compare_runs);
	return count;
}

static void
constraints_init(struct constraints *k, const struct channel *c)
{
	struct run *runs;
	uint32_t count = collect_runs(c, &runs), n = (uint32_t)c->segments.len;

	*k = (struct constraints){ .all = VEC_INIT };
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t j = i + 1; j < count && runs[j].at == runs[i].at; j++) {
			struct before b = { runs[i].segment, runs[j].segment };

			if (!runs[i].is_out && runs[j].is_out && b.first != b.second &&
			    !share_spine(&c->segments.items[b.first],
					 &c->segments.items[b.second], runs[i].at))
				vec_push(&k->all, b);
		}
	for (uint32_t i = 0; i < n; i++)
		if (c->segments.items[i].is_second) {
			struct before b = { c->segments.items[i].partner, i };

			vec_push(&k->all, b);
		}
	if (k->all.len > 0)
		qsort(k->all.items, k->all.len, sizeof(*k->all.items), compare_befores);
	k->first_of = xcalloc(n + 2, sizeof(*k->first_of));
	for (size_t i = 0; i < k->all.len; i++)
		k->first_of[k->all.items[i].second + 1]++;
	for (uint32_t i = 0; i < n; i++)
		k->first_of[i + 1] += k->first_of[i];
	free(runs);
}

static void
constraints_fini(struct constraints *k)
{
	vec_fini(&k->all);
	free(k->first_of);
}

/* Free place nearest to the middle of the segment. */
static int
free_place(const struct channel *c, const struct segment *s)
{
	int low = INT_MAX, high = INT_MIN, middle;

	for (uint32_t i = 0; i < s->in_count + s->out_count; i++) {
		int at = i < s->in_count ? s->ins[i] : s->outs[i - s->in_count];

		low = at < low ? at : low;
		high = at > high ? at : high;
	}
	middle = low + (high - low) / 2;
	for (int step = 0;; step++)
		for (int side = 0; side < 2; side++) {
			int at = side ? middle - step : middle + step;
			bool is_taken = false;

			for (size_t i = 0; i < c->taken.len && !is_taken; i++)
				is_taken = c->taken.items[i] == at;
			if (!is_taken)
				return at;
		}
}

static void
split_segment(struct channel *c, uint32_t index)
{
	struct segment second = c->segments.items[index], *first;

	ASSERT(second.partner == NONE);
	second.via = free_place(c, &second);
	second.partner = index;
	second.is_second = true;
	second.in_count = 0;
	first = &c->segments.items[index];
	first->via = second.via;
	first->partner = (uint32_t)c->segments.len;
	first->out_count = 0;
	vec_push(&c->taken, second.via);
	vec_push(&c->segments, second);
}

/* Tees of one trunk opposite each other would look like a crossing. */
static bool
faces_itself(const struct segment *s)
{
	for (uint32_t i = 0; i < s->in_count && !s->has_spine; i++)
		for (uint32_t k = 0; k < s->out_count; k++)
			if (s->ins[i] == s->outs[k])
				return true;
	return false;
}

/* Takes away what nothing left must come before; true when all is gone. */
static bool
peel(const struct constraints *k, uint32_t n, uint32_t *waiting, uint32_t *order)
{
	uint32_t count = 0, done = 0;
	uint32_t *next = xcalloc(n + 2, sizeof(*next));
	uint32_t *list = xmalloc((k->all.len + 1) * sizeof(*list));

	memset(waiting, 0, n * sizeof(*waiting));
	for (size_t i = 0; i < k->all.len; i++) {
		waiting[k->all.items[i].second]++;
		next[k->all.items[i].first + 2]++;
	}
	for (uint32_t i = 2; i < n + 2; i++)
		next[i] += next[i - 1];
	for (size_t i = 0; i < k->all.len; i++)
		list[next[k->all.items[i].first + 1]++] = k->all.items[i].second;
	for (uint32_t i = 0; i < n; i++)
		if (waiting[i] == 0)
			order[count++] = i;
	while (done < count) {
		uint32_t s = order[done++];

		for (uint32_t i = next[s]; i < next[s + 1]; i++)
			if (--waiting[list[i]] == 0)
				order[count++] = list[i];
	}
	free(next);
	free(list);
	return count == n;
}

/* A segment on a circle of those left: the one with the fewest runs. */
static uint32_t
find_on_circle(const struct channel *c, const struct constraints *k, const uint32_t *waiting)
{
	uint32_t n = (uint32_t)c->segments.len, at = 0, best = NONE, start;
	bool *is_seen = xcalloc(n + 1, sizeof(*is_seen));

	while (waiting[at] == 0)
		at++;
	for (int round = 0; round < 2; round++) {
		start = at;
		do {
			const struct segment *s = &c->segments.items[at];
			uint32_t i = k->first_of[at];

			if (round == 1 && s->partner == NONE &&
			    (best == NONE || s->in_count + s->out_count <
			     c->segments.items[best].in_count +
			     c->segments.items[best].out_count))
				best = at;
			is_seen[at] = true;
			while (waiting[k->all.items[i].first] == 0)
				i++;
			at = k->all.items[i].first;
		} while (round == 0 ? !is_seen[at] : at != start);
	}
	free(is_seen);
	return best;
}

void
channel_untangle(struct channel *c)
{
	for (uint32_t i = 0, n = (uint32_t)c->segments.len; i < n; i++)
		if (faces_itself(&c->segments.items[i]))
			split_segment(c, i);
	for (;;) {
		struct constraints k;
		uint32_t n = (uint32_t)c->segments.len;
		uint32_t *waiting = xcalloc(n + 1, sizeof(*waiting));
		uint32_t *order = xcalloc(n + 1, sizeof(*order));
		bool is_done;

		constraints_init(&k, c);
		is_done = peel(&k, n, waiting, order);
		if (!is_done)
			split_segment(c, find_on_circle(c, &k, waiting));
		constraints_fini(&k);
		free(waiting);
		free(order);
		if (is_done)
			return;
	}
}

static void
measure_reach(struct segment *s)
{
	s->low = s->partner != NONE ? s->via : INT_MAX;
	s->high = s->partner != NONE ? s->via : INT_MIN;
	for (uint32_t i = 0; i < s->in_count + s->out_count; i++) {
		int at = i < s->in_count ? s->ins[i] : s->outs[i - s->in_count];

		s->low = at < s->low ? at : s->low;
		s->high = at > s->high ? at : s->high;
	}
}

static unsigned
count_inside(const int *places, uint32_t count, const struct segment *s)
{
	unsigned inside = 0;

	for (uint32_t i = 0; i < count; i++)
		inside += places[i] > s->low && places[i] < s->high;
	return inside;
}

/* Crossings of a and b when a comes first. */
static int
crossings_if_first(const struct segment *a, const struct segment *b)
{
	unsigned crossings = count_inside(a->outs, a->out_count, b) +
			     count_inside(b->ins, b->in_count, a);

	if (a->partner != NONE && !a->is_second)
		crossings += count_inside(&a->via, 1, b);
	if (b->partner != NONE && b->is_second)
		crossings += count_inside(&b->via, 1, a);
	return (int)crossings;
}

static bool
reaches_touch(const struct segment *a, const struct segment *b, int margin)
{
	return a->low < b->high + margin && b->low < a->high + margin;
}

/* Crossings saved when a comes before b instead of behind it. */
static int
gain_if_first(const struct segment *a, const struct segment *b)
{
	if (!reaches_touch(a, b, 1))
		return 0;
	return crossings_if_first(b, a) - crossings_if_first(a, b);
}

static bool
must_precede(const struct constraints *k, uint32_t first, uint32_t second)
{
	for (uint32_t i = k->first_of[second]; i < k->first_of[second + 1]; i++)
		if (k->all.items[i].first == first)
			return true;
	return false;
}

/* What it costs to take a segment before all that are left, and what it gains. */
struct merit {
	int loss, gain;
};

static void
add_merit(struct merit *m, int gain, int times)
{
	m->loss += gain < 0 ? -gain * times : 0;
	m->gain += gain * times;
}

static bool
is_worthier(const struct merit *a, const struct merit *b)
{
	return a->loss != b->loss ? a->loss < b->loss : a->gain > b->gain;
}

/* An order that respects the constraints; next comes what loses least by it. */
static void
order_greedily(const struct channel *c, const struct constraints *k, uint32_t *order)
{
	uint32_t n = (uint32_t)c->segments.len, done = 0;
	const struct segment *all = c->segments.items;
	uint32_t *waiting = xcalloc(n + 1, sizeof(*waiting));
	struct merit *merit = xcalloc(n + 1, sizeof(*merit));
	bool *is_done = xcalloc(n + 1, sizeof(*is_done));

	for (size_t i = 0; i < k->all.len; i++)
		waiting[k->all.items[i].second]++;
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t j = i + 1; j < n; j++) {
			int gain = gain_if_first(&all[i], &all[j]);

			add_merit(&merit[i], gain, 1);
			add_merit(&merit[j], -gain, 1);
		}
	while (done < n) {
		uint32_t best = NONE;

		for (uint32_t i = 0; i < n; i++)
			if (!is_done[i] && waiting[i] == 0 &&
			    (best == NONE || is_worthier(&merit[i], &merit[best])))
				best = i;
		ASSERT(best != NONE);
		is_done[best] = true;
		order[done++] = best;
		for (uint32_t i = 0; i < n; i++)
			if (!is_done[i])
				add_merit(&merit[i], gain_if_first(&all[i], &all[best]), -1);
		for (size_t i = 0; i < k->all.len; i++)
			if (k->all.items[i].first == best)
				waiting[k->all.items[i].second]--;
	}
	free(waiting);
	free(merit);
	free(is_done);
}

/* The place to which a segment moves with the greatest gain, in one direction. */
static uint32_t
best_move(const struct channel *c, const struct constraints *k, const uint32_t *order,
	  uint32_t at, int step, int *best_gain)
{
	uint32_t n = (uint32_t)c->segments.len, best = at;
	const struct segment *all = c->segments.items;
	int gain = 0;

	for (uint32_t to = at + (uint32_t)step; to < n; to += (uint32_t)step) {
		uint32_t first = step < 0 ? order[to] : order[at];
		uint32_t second = step < 0 ? order[at] : order[to];

		if (must_precede(k, first, second))
			break;
		gain += gain_if_first(&all[second], &all[first]);
		if (gain > *best_gain) {
			*best_gain = gain;
			best = to;
		}
	}
	return best;
}

/* Moves single segments while that removes crossings. */
static void
improve_order(const struct channel *c, const struct constraints *k, uint32_t *order)
{
	uint32_t n = (uint32_t)c->segments.len;
	bool changed = n <= MOST_IMPROVED;

	for (int pass = 0; pass < PASSES && changed; pass++) {
		changed = false;
		for (uint32_t at = 0; at < n; at++) {
			uint32_t moved = order[at], before, to;
			int gain = 0;

			before = best_move(c, k, order, at, -1, &gain);
			to = best_move(c, k, order, at, 1, &gain);
			if (to == at)
				to = before;
			if (to < at)
				memmove(&order[to + 1], &order[to], (at - to) * sizeof(*order));
			else
				memmove(&order[at], &order[at + 1], (to - at) * sizeof(*order));
			order[to] = moved;
			changed |= to != at;
		}
	}
}

static bool
slot_is_free(const struct channel *c, const uint32_t *order, uint32_t placed, int slot,
	     const struct segment *s)
{
	for (uint32_t i = 0; i < placed; i++) {
		const struct segment *o = &c->segments.items[order[i]];

		if (o->slot == slot && reaches_touch(o, s, c->slot_margin))
			return false;
	}
	return true;
}

static int
first_slot(const struct channel *c, const struct constraints *k, const uint32_t *order,
	   uint32_t placed, bool compare)
{
	uint32_t index = order[placed];
	const struct segment *s = &c->segments.items[index];
	int slot = 0;

	for (uint32_t i = k->first_of[index]; i < k->first_of[index + 1]; i++) {
		const struct segment *b = &c->segments.items[k->all.items[i].first];
		int distance = b->partner == index ? 1 : c->pin_distance;

		if (b->slot + distance > slot)
			slot = b->slot + distance;
	}
	for (uint32_t i = 0; i < placed && compare; i++) {
		const struct segment *o = &c->segments.items[order[i]];

		if (o->slot + 1 > slot && gain_if_first(o, s) > 0)
			slot = o->slot + 1;
	}
	while (!slot_is_free(c, order, placed, slot, s))
		slot++;
	return slot;
}

void
channel_assign(struct channel *c)
{
	struct constraints k;
	uint32_t n = (uint32_t)c->segments.len;
	uint32_t *order = xcalloc(n + 1, sizeof(*order));
	uint32_t *waiting = xcalloc(n + 1, sizeof(*waiting));
	bool compare = n <= MOST_COMPARED;

	for (uint32_t i = 0; i < n; i++)
		measure_reach(&c->segments.items[i]);
	constraints_init(&k, c);
	if (compare) {
		order_greedily(c, &k, order);
		improve_order(c, &k, order);
	} else {
		ASSERT(peel(&k, n, waiting, order));
	}
	for (uint32_t i = 0; i < n; i++)
		c->segments.items[order[i]].slot = first_slot(c, &k, order, i, compare);
	constraints_fini(&k);
	free(waiting);
	free(order);
}
