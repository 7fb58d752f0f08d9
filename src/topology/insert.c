/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single items into a layer and out of it again; see layout_priv.h. */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"

#include "src/topology/layout_priv.h"

/* Crossings between the links of a and b on one side that are saved when a stands
 * behind b instead of before it. */
static int
gain_behind(const struct layout *l, const struct item *a, const struct item *b, bool up)
{
	const uint32_t *p = up ? a->up : a->down, *q = up ? b->up : b->down;
	uint32_t p_count = up ? a->up_count : a->down_count;
	uint32_t q_count = up ? b->up_count : b->down_count;
	int gain = 0;

	for (uint32_t i = 0; i < p_count; i++) {
		uint32_t at = l->items[p[i]].pos;

		for (uint32_t j = 0; j < q_count && at != NONE; j++) {
			uint32_t other = l->items[q[j]].pos;

			if (other != NONE)
				gain += (other < at) - (other > at);
		}
	}
	return gain;
}

void
order_put(struct layout *l, struct layer *layer, uint32_t item, uint32_t at)
{
	memmove(&layer->items[at + 1], &layer->items[at],
		(layer->count - at) * sizeof(*layer->items));
	layer->items[at] = item;
	layer->count++;
	for (uint32_t i = at; i < layer->count; i++)
		l->items[layer->items[i]].pos = i;
}

void
order_insert(struct layout *l, struct layer *layer, uint32_t item, uint32_t low, uint32_t high)
{
	const struct item *it = &l->items[item];
	int cost = 0, best_cost = 0;
	uint32_t best = low;

	for (uint32_t i = low; i < high; i++) {
		const struct item *o = &l->items[layer->items[i]];

		cost -= gain_behind(l, it, o, true) + gain_behind(l, it, o, false);
		if (cost < best_cost) {
			best_cost = cost;
			best = i + 1;
		}
	}
	order_put(l, layer, item, best);
}

void
order_take(struct layout *l, struct layer *layer, uint32_t item)
{
	uint32_t at = l->items[item].pos;

	memmove(&layer->items[at], &layer->items[at + 1],
		(layer->count - at - 1) * sizeof(*layer->items));
	layer->count--;
	for (uint32_t i = at; i < layer->count; i++)
		l->items[layer->items[i]].pos = i;
	l->items[item].pos = NONE;
}

/* Items that have an old place, in that order; the others are not placed. */
static void
resume_layer(struct layout *l, struct layer *layer, const uint32_t *old)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < layer->count; i++) {
		uint32_t item = layer->items[i], at = count;

		l->items[item].pos = NONE;
		if (old[item] == NONE)
			continue;
		for (; at > 0 && old[layer->items[at - 1]] > old[item]; at--)
			layer->items[at] = layer->items[at - 1];
		layer->items[at] = item;
		count++;
	}
	layer->count = count;
	for (uint32_t i = 0; i < count; i++)
		l->items[layer->items[i]].pos = i;
}

void
order_resume(struct layout *l, const uint32_t *old, int rounds)
{
	for (uint32_t i = 0; i < l->layer_count; i++)
		resume_layer(l, &l->layers[i], old);
	for (int round = 0; round < rounds; round++)
		for (uint32_t i = 0; i < l->item_count; i++) {
			uint32_t item = round % 2 ? l->item_count - 1 - i : i;
			struct layer *layer = &l->layers[l->items[item].layer];

			if (old[item] != NONE)
				continue;
			if (l->items[item].pos != NONE)
				order_take(l, layer, item);
			order_insert(l, layer, item, 0, layer->count);
		}
}
