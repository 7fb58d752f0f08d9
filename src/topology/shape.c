/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shapes that a picture may have, and which of them fits; see shape_priv.h. */
#include "src/topology/shape_priv.h"

#include <limits.h>

#include "src/topology/layout_priv.h"

static const struct shape {
	enum layout_form form;
	bool is_tight, is_stacked;
} shapes[SHAPES] = {
	{ LAYOUT_LEFT_RIGHT, false, false }, { LAYOUT_LEFT_RIGHT, true, false },
	{ LAYOUT_LEFT_RIGHT, false, true }, { LAYOUT_LEFT_RIGHT, true, true },
	[SHAPE_DOWN] = { LAYOUT_TOP_DOWN, false, false },
	[SHAPE_DOWN_TIGHT] = { LAYOUT_TOP_DOWN, true, false },
};

/* About how wide it will be, top down. */
static void
measure_items(struct layout *l)
{
	int low = INT_MAX, high = INT_MIN;

	for (uint32_t i = 0; i < l->item_count; i++) {
		const struct item *it = &l->items[i];

		low = it->at < low ? it->at : low;
		high = it->at + it->size > high ? it->at + it->size : high;
	}
	l->stats.width = high > low ? (unsigned)(high - low) : 0;
}

void
shape_set(struct layout *l, unsigned shape)
{
	l->form = shapes[shape].form;
	l->is_tight = shapes[shape].is_tight;
	l->is_stacked = shapes[shape].is_stacked;
	place_items(l);
	if (l->is_draft)
		measure_items(l);
	else
		route_gaps(l);
}

bool
layout_fits(const struct layout_stats *s, unsigned cols, unsigned rows)
{
	return (cols == 0 || s->width <= cols) && (rows == 0 || s->height <= rows);
}

static bool
may_use(const struct layout_options *o, const struct shape *s)
{
	return o->form == LAYOUT_AUTO || o->form == s->form;
}

unsigned
shape_find(const struct layout_options *o, const struct layout_stats sizes[SHAPES], unsigned cols,
	   unsigned rows)
{
	for (unsigned i = 0; i < SHAPES; i++)
		if (may_use(o, &shapes[i]) && layout_fits(&sizes[i], cols, rows))
			return i;
	return SHAPES;
}

static bool
has_shape(const struct layout *l, const struct shape *s)
{
	return l->form == s->form && l->is_tight == s->is_tight && l->is_stacked == s->is_stacked;
}

unsigned
shape_keep(const struct layout_options *o, const struct layout_stats sizes[SHAPES],
	   const struct layout *previous)
{
	for (unsigned i = 0; i < SHAPES && previous != NULL; i++)
		if (has_shape(previous, &shapes[i]) && may_use(o, &shapes[i]) &&
		    layout_fits(&sizes[i], o->cols, 0))
			return i;
	return SHAPES;
}

void
shape_measure(struct layout *l, struct layout_stats sizes[SHAPES])
{
	for (unsigned i = 0; i < SHAPES; i++) {
		sizes[i] = (struct layout_stats){ .width = UINT_MAX, .height = UINT_MAX };
		if (!may_use(&l->o, &shapes[i]) || (shapes[i].is_stacked && !stack_is_possible(l)))
			continue;
		shape_set(l, i);
		sizes[i] = l->stats;
	}
}

unsigned
shape_choose(struct layout *l, const struct layout *previous)
{
	struct layout_stats sizes[SHAPES];
	unsigned best;

	shape_measure(l, sizes);
	best = shape_keep(&l->o, sizes, previous);
	if (best == SHAPES)
		best = shape_find(&l->o, sizes, l->o.cols, l->o.rows);
	return best < SHAPES ? best : shape_find(&l->o, sizes, l->o.cols, 0);
}
