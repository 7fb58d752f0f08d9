/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Layers and order of a graph: the best of several variants, as many as there
 * is time for.
 */
#include <limits.h>

#include "src/base/arena.h"
#include "src/base/xalloc.h"
#include "src/topology/layout_priv.h"

/* Layerings and ways to share trunks that are compared, how many of the best
 * are looked at closely, and steps of refinement (see refine.c) all together, by
 * the weight (see layout_weight()) up to which there is time for so many. */
enum { MOST_VARIANTS = 24, MOST_LOOKS = 4 };
static const struct effort {
	uint32_t boxes;
	unsigned variants, looks, steps;
} efforts[] = {
	{ LAYOUT_SMALL, 24, 2, 0 }, { 32, 24, 1, 800 }, { 45, 12, 1, 650 }, { 60, 9, 1, 420 },
	{ 120, 6, 1, 220 },
};
enum {
	MOST_LOOKED_AGAIN = 60,
	POOR = 4, POOR_OF = 5,		/* part of the crossings that were there before it */
};

/* Boxes and their layers. */
static struct layout *
begin_layers(const struct graph *g, const struct layout_options *o,
	     const struct layout *previous, const struct folding *f, struct limit limit,
	     unsigned variant)
{
	struct layout *l = xcalloc(1, sizeof(*l));

	l->g = g;
	if (o != NULL)
		l->o = *o;
	l->arena = arena_new();
	l->is_tight = limit.is_tight;
	l->is_draft = limit.is_draft;
	l->is_quick = limit.is_quick;
	l->effort = limit.effort;
	l->most_cells = limit.cols;
	l->bundling = previous != NULL ? previous->bundling : (enum bundling)(variant % BUNDLINGS);
	l->layering = variant / BUNDLINGS;
	if (l->layering % 4 == 1 || l->layering % 4 == 2)	/* next, the other way to break cycles */
		l->layering ^= 3;
	fold_graph(l, f != NULL ? f->of : NULL, f != NULL ? f->count : 0);
	if (previous != NULL)
		trunks_keep(l, previous);
	layer_assign(l, previous, (int)limit.cols);
	return l;
}

/* Order in the layers. */
static void
finish_layers(struct layout *l, const struct layout *previous)
{
	bundle_lines(l);
	order_items(l, previous);
	l->stats.crossings = l->is_draft ? 0 : order_crossings(l);
}

/* What tells two sets of layers and trunks apart (FNV-1a). */
static uint64_t
hash_layers(const struct layout *l)
{
	uint64_t hash = 14695981039346656037u;

	for (uint32_t i = 0; i < l->box_count; i++)
		hash = (hash ^ l->boxes[i].layer) * 1099511628211u;
	for (uint32_t i = 0; i < l->line_count; i++)
		hash = (hash ^ l->lines[i].is_back) * 1099511628211u;
	return (hash ^ l->bundling) * 1099511628211u;
}

uint32_t
layout_weight(const struct layout *l)
{
	uint32_t usual = l->line_count - l->line_count / 3;

	return l->box_count > usual ? l->box_count : usual;
}

/* How many variants there is time to compare. */
static struct effort
find_effort(const struct layout *l, struct limit limit)
{
	struct effort found = { .variants = 1, .looks = 1 };

	for (size_t i = sizeof(efforts) / sizeof(efforts[0]); i-- > 0;)
		if (layout_weight(l) <= efforts[i].boxes)
			found = efforts[i];
	if (limit.is_refined && limit.cols > 0)
		return (struct effort){ .variants = 6, .looks = 1, .steps = 200 };
	if (limit.is_refined)
		return (struct effort){ .variants = 6, .looks = 1, .steps = 900 };
	if (limit.cols > 0 && found.variants > 1)
		return (struct effort){ .variants = 4, .looks = 1 };
	return found;
}

/* The variants of a graph while they are compared. */
struct contest {
	const struct graph *g;
	const struct layout_options *o;
	const struct folding *folding;
	struct limit limit;
	struct layout *best;		/* of those looked at closely, or without crossings */
	uint64_t seen[MOST_VARIANTS];
	unsigned crossings[MOST_VARIANTS];	/* UINT_MAX: not worth a closer look */
	unsigned least;				/* of them */
	unsigned plain;				/* least without shared trunks */
};

static struct layout *
begin_variant(const struct contest *c, unsigned variant)
{
	return begin_layers(c->g, c->o, NULL, c->folding, c->limit, variant);
}

/* Each variant with different layers or trunks, with little effort. */
static void
try_variants(struct contest *c, unsigned count)
{
	for (unsigned i = 0; i < count && c->best == NULL; i++) {
		struct layout *l = begin_variant(c, i);
		bool is_known = false;

		c->seen[i] = hash_layers(l);
		c->crossings[i] = UINT_MAX;
		for (unsigned k = 0; k < i && !is_known; k++)
			is_known = c->seen[k] == c->seen[i];
		if (!is_known) {
			l->is_quick = true;
			finish_layers(l, NULL);
			c->crossings[i] = l->stats.crossings;
			c->least = l->stats.crossings < c->least ? l->stats.crossings : c->least;
			if (l->bundling == BUNDLE_NONE && l->stats.crossings < c->plain)
				c->plain = l->stats.crossings;
		}
		if (c->crossings[i] == 0)
			c->best = l;
		else
			layout_free(&l);
	}
}

/* The most promising variant that has not been taken yet, with boxes in order; NULL: none. */
static struct layout *
take_variant(struct contest *c, unsigned variants)
{
	unsigned first = 0;
	struct layout *l;

	for (unsigned i = 1; i < variants; i++)
		if (c->crossings[i] < c->crossings[first])
			first = i;
	if (c->crossings[first] == UINT_MAX)
		return NULL;
	c->crossings[first] = UINT_MAX;
	l = begin_variant(c, first);
	finish_layers(l, NULL);
	return l;
}

/* Fewest crossings first; the order is kept otherwise. */
static void
sort_by_crossings(struct layout **all, unsigned count)
{
	for (unsigned i = 1; i < count; i++) {
		struct layout *l = all[i];
		unsigned k = i;

		for (; k > 0 && all[k - 1]->stats.crossings > l->stats.crossings; k--)
			all[k] = all[k - 1];
		all[k] = l;
	}
}

static void
keep_better(struct contest *c, struct layout *l)
{
	bool is_better = c->best == NULL || l->stats.crossings < c->best->stats.crossings;
	struct layout *worse = is_better ? c->best : l;

	c->best = is_better ? l : c->best;
	layout_free(&worse);
}

/* The promising ones with all the effort there is: in each round each gets the
 * same part of it, and the better half goes on. */
static void
look_closely(struct contest *c, struct effort e)
{
	struct layout *all[MOST_LOOKS];
	unsigned count = 0, rounds = 1;

	while (count < e.looks && (all[count] = take_variant(c, e.variants)) != NULL)
		count++;
	for (unsigned left = count; left > 1; left = (left + 1) / 2)
		rounds++;
	while (count > 0) {
		for (unsigned i = 0; i < count; i++)
			refine_layers(all[i], e.steps / rounds / count);
		sort_by_crossings(all, count);
		if (count == 1)
			break;
		for (unsigned keep = (count + 1) / 2; count > keep; count--)
			layout_free(&all[count - 1]);
	}
	if (count > 0)
		keep_better(c, all[0]);
}

/* Has refinement gained so little that others should be looked at, too? */
static bool
is_poor(const struct contest *c)
{
	return layout_weight(c->best) <= MOST_LOOKED_AGAIN && c->best->stats.crossings > 0 &&
	       c->best->stats.crossings * POOR_OF >= c->least * POOR;
}

/* The best of some layerings, with more and fewer shared trunks. */
static struct layout *
begin_fresh(const struct graph *g, const struct layout_options *o, const struct folding *f,
	    struct limit limit)
{
	struct contest c = { .g = g, .o = o, .folding = f, .limit = limit, .least = UINT_MAX,
			     .plain = UINT_MAX };
	struct layout *l = begin_variant(&c, 0);
	struct effort effort = find_effort(l, limit);
	bool is_spent = limit.effort != NULL && *limit.effort == 0;

	l->is_quick |= is_spent;
	if (is_spent || effort.variants == 1 || limit.is_draft || limit.is_quick) {
		finish_layers(l, NULL);
		return l;
	}
	layout_free(&l);
	try_variants(&c, effort.variants);
	if (c.best == NULL)
		look_closely(&c, effort);
	effort.steps /= 2;
	if (effort.steps > 0 && is_poor(&c))
		look_closely(&c, effort);
	c.best->plain_crossings = c.plain;
	return c.best;
}

struct layout *
layout_begin(const struct graph *g, const struct layout_options *o, const struct layout *previous,
      const struct folding *f, struct limit limit)
{
	struct layout *l;

	if (previous != NULL) {
		l = begin_layers(g, o, previous, f, limit, 0);
		for (uint32_t i = 0; i < l->box_count && limit.layers != NULL; i++)
			l->boxes[i].layer = limit.layers[i];
		layer_turn_lines(l);
		finish_layers(l, previous);
	} else {
		l = begin_fresh(g, o, f, limit);
	}
	l->stats.layers = l->layer_count;
	label_pins(l);
	port_collect(l);
	if (!limit.is_draft && !limit.is_quick)
		frame_items(l, previous == NULL);
	return l;
}
