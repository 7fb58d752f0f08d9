/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Takes out what is empty in every layer: placing pulls parts of the graph
 * apart, and nothing but air would be drawn there.
 */
#include <limits.h>
#include <stdlib.h>

#include "src/topology/layout_priv.h"

/* Blank cells that stay, so that neighbours keep their distance. */
enum { AIR_ROWS = 1, AIR_COLS = 2 };

static void
find_bounds(const struct layout *l, int *low, int *high)
{
	*low = INT_MAX;
	*high = INT_MIN;
	for (uint32_t i = 0; i < l->item_count; i++) {
		const struct item *it = &l->items[i];

		*low = it->at < *low ? it->at : *low;
		*high = it->at + it->size > *high ? it->at + it->size : *high;
	}
}

/* The line of a turned gap takes cells, too. */
static void
fill_turned(const struct layout *l, uint32_t gap, int low, int *before)
{
	const struct item *upper = &l->items[l->layers[gap].items[0]];
	const struct item *lower = &l->items[l->layers[gap + 1].items[0]];

	for (int at = upper->at + upper->size; at < lower->at; at++)
		before[at - low] = 1;
}

/* For each cell across, how many cells before it go away. */
static int *
count_removed(const struct layout *l, int low, int high)
{
	int air = layout_is_across(l) ? AIR_ROWS : AIR_COLS, run = 0, removed = 0;
	int *before = xcalloc((size_t)(high - low) + 1, sizeof(*before));

	for (uint32_t i = 0; i < l->item_count; i++)
		for (int at = 0; at < l->items[i].size; at++)
			before[l->items[i].at - low + at] = 1;
	for (uint32_t i = 0; i < l->layer_count; i++)
		if (l->gaps[i].is_turned)
			fill_turned(l, i, low, before);
	for (int at = 0; at < high - low; at++) {
		run = before[at] ? 0 : run + 1;
		removed += run > air;
		before[at] = removed;
	}
	return before;
}

static void
move_pins(struct pin **pins, uint32_t count, int low, const int *before)
{
	for (uint32_t i = 0; i < count; i++)
		pins[i]->at -= before[pins[i]->at - low];
}

void
compact_items(struct layout *l)
{
	int low, high, *before;

	find_bounds(l, &low, &high);
	if (l->item_count == 0)
		return;
	before = count_removed(l, low, high);
	for (uint32_t i = 0; i < l->item_count; i++) {
		struct item *it = &l->items[i];

		move_pins(it->up_pins, it->up_pin_count, low, before);
		move_pins(it->down_pins, it->down_pin_count, low, before);
		it->at -= before[it->at - low];
	}
	free(before);
}
