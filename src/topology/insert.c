/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single items into a layer and out of it again; see layout_priv.h. */
#include <string.h>

#include "src/topology/layout_priv.h"

/* Crossings between the links of a and b on one side, a first. */
static int
crossings_between(const struct layout *l, const struct item *a, const struct item *b, bool up)
{
	const uint32_t *p = up ? a->up : a->down, *q = up ? b->up : b->down;
	uint32_t p_count = up ? a->up_count : a->down_count;
	uint32_t q_count = up ? b->up_count : b->down_count;
	int crossings = 0;

	for (uint32_t i = 0; i < p_count; i++)
		for (uint32_t j = 0; j < q_count; j++)
			crossings += l->items[p[i]].pos != NONE && l->items[q[j]].pos != NONE &&
				     l->items[q[j]].pos < l->items[p[i]].pos;
	return crossings;
}

void
order_insert(struct layout *l, struct layer *layer, uint32_t item, uint32_t low, uint32_t high)
{
	const struct item *it = &l->items[item];
	int cost = 0, best_cost = 0;
	uint32_t best = low;

	for (uint32_t i = low; i < high; i++) {
		const struct item *o = &l->items[layer->items[i]];

		for (int up = 0; up < 2; up++)
			cost += crossings_between(l, o, it, up) -
				crossings_between(l, it, o, up);
		if (cost < best_cost) {
			best_cost = cost;
			best = i + 1;
		}
	}
	memmove(&layer->items[best + 1], &layer->items[best],
		(layer->count - best) * sizeof(*layer->items));
	layer->items[best] = item;
	layer->count++;
	for (uint32_t i = best; i < layer->count; i++)
		l->items[layer->items[i]].pos = i;
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
