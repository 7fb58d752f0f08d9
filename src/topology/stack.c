/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Left to right: layers of one box each, one under another instead of side by
 * side, where the rows for it are there anyway.
 *
 * The gap between two of them is turned: its line leads down from one box to
 * the other, and what is on its way to the layers behind begins right of both.
 */
#include <limits.h>

#include "src/topology/layout_priv.h"

enum {
	STACK_GAP = 2,		/* rows between two boxes: a line and its head */
	LABEL_ROOM = 4,		/* borders, the line and a blank, beside a label */
};

/* Is a line from box to box all that there is in this gap and beside it? */
static bool
may_turn(const struct layout *l, uint32_t gap)
{
	const struct layer *upper = &l->layers[gap], *lower = upper + 1;
	const struct net *n;
	int label, extent;

	if (gap + 1 >= l->layer_count || upper->count != 1 || lower->count != 1 ||
	    l->gaps[gap].net_count != 1)
		return false;
	n = &l->nets[l->gaps[gap].nets[0]];
	label = label_cells(&n->ins[0]) + label_cells(&n->outs[0]);
	extent = layer_extent(l, layer_extent(l, upper) > layer_extent(l, lower) ? upper : lower);
	return l->items[upper->items[0]].box != NONE && l->items[lower->items[0]].box != NONE &&
	       label + LABEL_ROOM <= extent;
}

bool
stack_is_possible(const struct layout *l)
{
	for (uint32_t i = 0; i < l->layer_count && l->frames == NULL; i++)
		if (may_turn(l, i))
			return true;
	return false;
}

static struct item *
only_item(const struct layout *l, uint32_t layer)
{
	return &l->items[l->layers[layer].items[0]];
}

/* As many layers from this one on as fit into so many rows; the last one. */
static uint32_t
end_of_stack(const struct layout *l, uint32_t first, int rows, int *height)
{
	uint32_t last = first;

	*height = only_item(l, first)->size;
	while (may_turn(l, last) &&
	       *height + STACK_GAP + only_item(l, last + 1)->size <= rows)
		*height += STACK_GAP + only_item(l, ++last)->size;
	return last;
}

/* A stack that is called from elsewhere keeps its first box in place, another
 * one its last. */
static void
place_stack(struct layout *l, uint32_t first, uint32_t last, int height, int low, int high)
{
	const struct item *end = only_item(l, last);
	int at = only_item(l, first)->up_count > 0 ? only_item(l, first)->at :
		 end->at + end->size - height;

	at = at + height > high ? high - height : at;
	at = at < low ? low : at;
	for (uint32_t i = first; i <= last; i++) {
		only_item(l, i)->at = at;
		at += only_item(l, i)->size + STACK_GAP;
		l->gaps[i].is_turned = i < last;
	}
}

void
stack_boxes(struct layout *l)
{
	int low = INT_MAX, high = INT_MIN, height;

	for (uint32_t i = 0; i < l->layer_count; i++)
		l->gaps[i].is_turned = false;
	if (!l->is_stacked || !layout_is_across(l) || l->frames != NULL)
		return;
	for (uint32_t i = 0; i < l->item_count; i++) {
		const struct item *it = &l->items[i];

		low = it->at < low ? it->at : low;
		high = it->at + it->size > high ? it->at + it->size : high;
	}
	for (uint32_t i = 0, last; i < l->layer_count; i = last + 1) {
		last = i;
		if (may_turn(l, i))
			last = end_of_stack(l, i, high - low, &height);
		if (last > i)
			place_stack(l, i, last, height, low, high);
	}
}
