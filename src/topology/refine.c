/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Layers and trunks that suit the order.
 *
 * The layers that make lines shortest are often not those in which the fewest
 * cross.  Each step moves a box to another layer (what must stand before or
 * behind it follows), takes a line off its trunk or puts it back, or moves items
 * inside a layer; what it touches goes where it crosses least.  A step that
 * adds crossings stays by lot only, ever more rarely.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/rng.h"
#include "src/base/xalloc.h"
#include "src/topology/layout_priv.h"

enum {
	MORE_LAYERS = 2,		/* than at the start, at most */
	MANY_MOVED = 4, MUCH_LONGER = 5, UNLIKELY = 3,	/* tried once in so many times */
	FARTHEST = 3,			/* layers that a box goes in one step */
	SIFTED = 20000, SHAKEN = 5000,	/* pairs of nets looked at in a step */
	DRAWS = 8, ANYWHERE = 10,	/* a shake, a trunk, any box: once in so many steps */
	VISITS_PER_PAIR = 2,		/* as in order.c */
	VISITS_PER_ITEM = 40,		/* that items and nets cost to make anew */
	HOT = 8, COLD = 64,		/* one crossing more stays once in so many, first and last */
	TRIES_PER_STEP = 20, STEPS_PER_SHAKE = 2,
};

/* A layout with boxes and lines of its own, and items that are made anew in
 * each step. */
struct stage {
	struct layout l;
	unsigned crossings, length;
};

struct refiner {
	struct stage stages[2];
	struct stage *now, *next;
	uint32_t most_layers;
	unsigned longest;
	uint32_t *cycle;	/* of each box: those with equal numbers call each other */
	uint32_t *old;		/* place of each item of next in now, or NONE */
	uint32_t *touched;
	uint32_t *hot, hot_count;	/* boxes of now whose lines cross others */
	struct {
		uint32_t *layer, *pos;	/* of boxes, of items */
		bool *is_alone;		/* lines */
		unsigned crossings, length;
	} best;
	struct rng rng;
};

static void
stage_init(struct stage *s, const struct layout *l)
{
	s->l = *l;
	s->l.arena = arena_new();
	s->l.boxes = xmalloc((l->box_count + 1) * sizeof(*l->boxes));
	s->l.lines = xmalloc((l->line_count + 1) * sizeof(*l->lines));
	memcpy(s->l.boxes, l->boxes, l->box_count * sizeof(*l->boxes));
	memcpy(s->l.lines, l->lines, l->line_count * sizeof(*l->lines));
}

static void
stage_fini(struct stage *s)
{
	arena_free(&s->l.arena);
	free(s->l.boxes);
	free(s->l.lines);
}

/* Items and nets for boxes and lines as they are. */
static void
make_items(struct layout *l)
{
	l->bundle_count = l->item_count = l->net_count = l->layer_count = 0;
	bundle_lines(l);
}

/* Layers that all lines span; against the flow each counts three times. */
static unsigned
sum_lengths(const struct layout *l)
{
	unsigned sum = 0;

	for (uint32_t i = 0; i < l->line_count; i++) {
		uint32_t from = l->boxes[l->lines[i].from].layer;
		uint32_t to = l->boxes[l->lines[i].to].layer;

		sum += from < to ? to - from : 3 * (from - to);
	}
	return sum;
}

/* Boxes in one strongly connected part get its least number. */
static void
find_cycles(uint32_t *cycle, const struct layout *l)
{
	size_t n = l->box_count;
	bool *reach = xcalloc(n * n + 1, sizeof(*reach));

	for (size_t i = 0; i < n; i++)
		reach[i * n + i] = true;
	for (uint32_t i = 0; i < l->line_count; i++)
		reach[l->lines[i].from * n + l->lines[i].to] = true;
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; reach[i * n + k] && j < n; j++)
				reach[i * n + j] |= reach[k * n + j];
	for (size_t i = 0; i < n; i++) {
		size_t j = 0;

		while (!reach[i * n + j] || !reach[j * n + i])
			j++;
		cycle[i] = (uint32_t)j;
	}
	free(reach);
}

static void
find_old_places(struct refiner *r)
{
	const struct layout *now = &r->now->l, *next = &r->next->l;

	for (uint32_t i = 0; i < next->box_count; i++) {
		const struct box *b = &next->boxes[i];

		r->old[b->item] = now->boxes[i].layer == b->layer ?
				  now->items[now->boxes[i].item].pos : NONE;
	}
	for (uint32_t i = 0; i < next->bundle_count; i++) {
		const struct bundle *b = &next->bundles[i];

		order_passing(b, now, &now->lines[b->lines[0]], r->old);
	}
}

/* What is new in its layer, and the neighbours of the box. */
static uint32_t
list_touched(struct refiner *r, uint32_t box)
{
	const struct layout *l = &r->next->l;
	const struct item *it = &l->items[l->boxes[box].item];
	uint32_t count = 0;

	for (uint32_t i = 0; i < l->item_count; i++)
		if (r->old[i] == NONE)
			r->touched[count++] = i;
	for (uint32_t i = 0; i < it->up_count; i++)
		r->touched[count++] = it->up[i];
	for (uint32_t i = 0; i < it->down_count; i++)
		r->touched[count++] = it->down[i];
	return count;
}

static void
spend(const struct layout *l, const struct sifter *sifter)
{
	uint64_t cost = VISITS_PER_PAIR * sifter_spent(sifter) + VISITS_PER_ITEM * l->item_count;

	if (l->effort != NULL)
		*l->effort -= cost < *l->effort ? cost : *l->effort;
}

/* Does a layer of next, whose boxes are set, take more cells than it should?  Only
 * one that took no more before counts. */
static bool
is_too_wide(const struct refiner *r)
{
	const struct layout *now = &r->now->l, *next = &r->next->l;
	int most = (int)next->most_cells;
	int *cells;
	bool is_wide = false;

	if (most == 0)
		return false;
	cells = xcalloc(2 * (size_t)next->box_count + 1, sizeof(*cells));
	for (uint32_t i = 0; i < next->box_count; i++)
		cells[next->boxes[i].layer] += layer_box_cells(next, i);
	for (uint32_t i = 0; i < next->box_count && !is_wide; i++)
		is_wide = next->boxes[i].layer != now->boxes[i].layer &&
			  cells[next->boxes[i].layer] > most;
	free(cells);
	return is_wide;
}

/* Order of next, whose boxes and lines are set, from that of now. */
static void
order_next(struct refiner *r, uint32_t box)
{
	struct layout *l = &r->next->l;
	struct sifter *sifter;

	arena_reset(l->arena);
	make_items(l);
	r->old = xrealloc(r->old, l->item_count + 1, sizeof(*r->old));
	r->touched = xrealloc(r->touched, 3 * (size_t)l->item_count + 1, sizeof(*r->touched));
	find_old_places(r);
	order_resume(l, r->old, 1);
	sifter = sifter_new(l);
	sift_some(sifter, r->touched, list_touched(r, box), SIFTED);
	spend(l, sifter);
	r->next->crossings = sifter_crossings(sifter);
	sifter_free(&sifter);
	r->next->length = sum_lengths(l);
}

static void
copy_now(struct refiner *r)
{
	const struct layout *l = &r->now->l;

	memcpy(r->next->l.boxes, l->boxes, l->box_count * sizeof(*l->boxes));
	memcpy(r->next->l.lines, l->lines, l->line_count * sizeof(*l->lines));
}

/* Puts the box into that layer and makes what must stand behind it (a step
 * forwards) or before it follow.  Lines of a cycle may turn unless it keeps them. */
static void
push_box(const struct refiner *r, uint32_t box, uint32_t layer, bool forwards, bool keeps_cycles)
{
	const struct layout *l = &r->next->l;

	l->boxes[box].layer = layer;
	for (uint32_t i = 0; i < l->line_count; i++) {
		const struct line *line = &l->lines[i];
		uint32_t upper = line->is_back ? line->to : line->from;
		uint32_t lower = line->is_back ? line->from : line->to;

		if (!keeps_cycles && r->cycle[upper] == r->cycle[lower])
			continue;
		if (forwards && upper == box && l->boxes[lower].layer <= layer)
			push_box(r, lower, layer + 1, forwards, keeps_cycles);
		if (!forwards && lower == box && l->boxes[upper].layer >= layer)
			push_box(r, upper, layer - 1, forwards, keeps_cycles);
	}
}

/* No layer without boxes; returns how many there are. */
static uint32_t
number_layers(struct layout *l, uint32_t most)
{
	uint32_t *number = xcalloc(most + 1, sizeof(*number)), count = 0;

	for (uint32_t i = 0; i < l->box_count; i++)
		number[l->boxes[i].layer] = 1;
	for (uint32_t i = 0; i <= most; i++)
		number[i] = number[i] ? count++ : 0;
	for (uint32_t i = 0; i < l->box_count; i++)
		l->boxes[i].layer = number[l->boxes[i].layer];
	free(number);
	return count;
}

static bool
are_apart(const struct layout *l)
{
	for (uint32_t i = 0; i < l->line_count; i++)
		if (l->boxes[l->lines[i].from].layer == l->boxes[l->lines[i].to].layer)
			return false;
	return true;
}

/* Lists the boxes that bundles of crossing nets lead from and to. */
static void
find_hot(struct refiner *r)
{
	const struct layout *l = &r->now->l;
	bool *crosses = xcalloc(l->net_count + 1, sizeof(*crosses));
	bool *is_hot = xcalloc(l->box_count + 1, sizeof(*is_hot));

	order_mark_crossings(l, crosses);
	for (uint32_t i = 0; i < l->net_count; i++) {
		const struct bundle *b = &l->bundles[l->nets[i].bundle];

		for (uint32_t k = 0; crosses[i] && k < b->source_count; k++)
			is_hot[b->sources[k]] = true;
		for (uint32_t k = 0; crosses[i] && k < b->target_count; k++)
			is_hot[b->targets[k]] = true;
	}
	r->hot_count = 0;
	for (uint32_t i = 0; i < l->box_count; i++)
		if (is_hot[i])
			r->hot[r->hot_count++] = i;
	free(crosses);
	free(is_hot);
}

/* Mostly one whose lines cross others. */
static uint32_t
draw_box(struct refiner *r)
{
	if (r->hot_count == 0 || rng_below(&r->rng, ANYWHERE) == 0)
		return (uint32_t)rng_below(&r->rng, r->now->l.box_count);
	return r->hot[rng_below(&r->rng, r->hot_count)];
}

/* Does the next stage move many boxes, or make lines much longer?  That seldom pays. */
static bool
is_unlikely(const struct refiner *r)
{
	const struct layout *now = &r->now->l, *next = &r->next->l;
	unsigned moved = 0;

	for (uint32_t i = 0; i < next->box_count; i++)
		moved += next->boxes[i].layer != now->boxes[i].layer;
	return moved > MANY_MOVED || sum_lengths(next) > r->now->length + MUCH_LONGER;
}

/* A box by a few layers, or by one; false: it may not. */
static bool
move_box(struct refiner *r, bool by_one)
{
	struct layout *l = &r->next->l;
	uint32_t n = l->box_count, count = r->now->l.layer_count, room = n + 1;
	uint32_t box = draw_box(r), from, to, steps;

	copy_now(r);
	for (uint32_t i = 0; i < n; i++)
		l->boxes[i].layer += room;
	from = l->boxes[box].layer;
	steps = by_one ? 1 : 1 + (uint32_t)rng_below(&r->rng, FARTHEST);
	to = rng_below(&r->rng, 2) == 0 ? from - steps : from + steps;
	if (to + 1 < room || to > room + count)
		return false;
	push_box(r, box, to, to > from, by_one);
	if (number_layers(l, count + 2 * room) > r->most_layers || !are_apart(l))
		return false;
	layer_turn_lines(l);
	if (is_too_wide(r) || (is_unlikely(r) && rng_below(&r->rng, UNLIKELY) > 0))
		return false;
	order_next(r, box);
	return true;
}

/* A line leaves its trunk or comes back; false: it has none. */
static bool
toggle_trunk(struct refiner *r)
{
	struct layout *l = &r->next->l;
	uint32_t line = (uint32_t)rng_below(&r->rng, l->line_count);
	const struct line *was = &r->now->l.lines[line];
	const struct bundle *b = &r->now->l.bundles[was->bundle];

	if (!was->is_alone && b->source_count * b->target_count < 2)
		return false;
	copy_now(r);
	l->lines[line].is_alone = !was->is_alone;
	order_next(r, was->from);
	return true;
}

static void
keep_best(struct refiner *r)
{
	const struct layout *l = &r->now->l;

	r->best.crossings = r->now->crossings;
	r->best.length = r->now->length;
	for (uint32_t i = 0; i < l->box_count; i++)
		r->best.layer[i] = l->boxes[i].layer;
	for (uint32_t i = 0; i < l->line_count; i++)
		r->best.is_alone[i] = l->lines[i].is_alone;
	r->best.pos = xrealloc(r->best.pos, l->item_count + 1, sizeof(*r->best.pos));
	for (uint32_t i = 0; i < l->item_count; i++)
		r->best.pos[i] = l->items[i].pos;
}

static void
keep_if_better(struct refiner *r)
{
	if (r->now->crossings < r->best.crossings ||
	    (r->now->crossings == r->best.crossings && r->now->length < r->best.length))
		keep_best(r);
}

/* Moves items inside the layers, in now itself. */
static void
shake_now(struct refiner *r)
{
	struct layout *l = &r->now->l;
	struct sifter *sifter = sifter_new(l);

	sift_shake(sifter, r->now->crossings, SHAKEN, SHAKE_WANDERS, &r->rng);
	spend(l, sifter);
	r->now->crossings = sifter_crossings(sifter);
	sifter_free(&sifter);
	find_hot(r);
	keep_if_better(r);
}

/* Does the next stage become the present one?  heat: once in so many times
 * although there is a crossing more. */
static bool
accept_next(struct refiner *r, unsigned heat)
{
	if (r->next->length > r->now->length && r->next->length > r->longest &&
	    r->next->crossings >= r->now->crossings)
		return false;
	for (unsigned i = r->now->crossings; i < r->next->crossings; i++)
		if (rng_below(&r->rng, heat) > 0)
			return false;
	return true;
}

static bool
has_effort(const struct layout *l)
{
	return l->effort == NULL || *l->effort > 0;
}

static void
search(struct refiner *r, unsigned steps)
{
	unsigned done = 0;

	for (unsigned tries = 0; done < steps && tries < steps * TRIES_PER_STEP &&
	     r->best.crossings > 0 && has_effort(&r->now->l); tries++) {
		unsigned draw = (unsigned)rng_below(&r->rng, DRAWS);
		struct stage *s = r->now;

		if (draw == 0) {
			shake_now(r);
			done += STEPS_PER_SHAKE;
			continue;
		}
		if (!(draw == 1 ? toggle_trunk(r) : move_box(r, draw < 4)))
			continue;
		done++;
		if (!accept_next(r, HOT + (COLD - HOT) * done / steps))
			continue;
		r->now = r->next;
		r->next = s;
		find_hot(r);
		keep_if_better(r);
	}
}

static void
apply_best(const struct refiner *r, struct layout *l)
{
	for (uint32_t i = 0; i < l->box_count; i++)
		l->boxes[i].layer = r->best.layer[i];
	for (uint32_t i = 0; i < l->line_count; i++)
		l->lines[i].is_alone = r->best.is_alone[i];
	layer_turn_lines(l);
	make_items(l);
	for (uint32_t i = 0; i < l->item_count; i++) {
		l->items[i].pos = r->best.pos[i];
		l->layers[l->items[i].layer].items[r->best.pos[i]] = i;
	}
	order_sort_links(l);
	l->stats.crossings = r->best.crossings;
}

void
refine_layers(struct layout *l, unsigned steps)
{
	struct refiner r = { .now = &r.stages[0], .next = &r.stages[1] };

	if (l->stats.crossings == 0 || steps == 0)
		return;
	stage_init(r.now, l);
	stage_init(r.next, l);
	r.cycle = xmalloc((l->box_count + 1) * sizeof(*r.cycle));
	r.best.layer = xmalloc((l->box_count + 1) * sizeof(*r.best.layer));
	r.best.is_alone = xmalloc((l->line_count + 1) * sizeof(*r.best.is_alone));
	rng_seed(&r.rng, 20250102);
	find_cycles(r.cycle, l);
	r.most_layers = l->layer_count + MORE_LAYERS;
	r.now->crossings = l->stats.crossings;
	r.now->length = sum_lengths(l);
	r.longest = r.now->length + l->box_count;
	r.hot = xmalloc((l->box_count + 1) * sizeof(*r.hot));
	keep_best(&r);
	search(&r, steps);
	apply_best(&r, l);
	stage_fini(&r.stages[0]);
	stage_fini(&r.stages[1]);
	free(r.cycle);
	free(r.hot);
	free(r.old);
	free(r.touched);
	free(r.best.layer);
	free(r.best.pos);
	free(r.best.is_alone);
}
