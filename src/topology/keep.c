/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Staying still: layers and order of an earlier layout are kept where the
 * graph allows, so that the picture moves as little as what it shows.
 *
 * What is new, and lines that pass through layers, are put where they cross
 * least.  When a large part of the graph is new, nothing is kept.
 */
#include <stdlib.h>
#include <string.h>

#include "src/topology/layer_priv.h"
#include "src/topology/layout_priv.h"

enum { NEW_PART = 4 };		/* up to a quarter of the boxes may be new */

/* The earlier box of the same node; NULL when there was none. */
static const struct box *
earlier_box(const struct layout *l, const struct layout *previous, const struct box *b)
{
	size_t node = graph_find(previous->g, l->g->nodes.items[b->first_node].id);

	if (node == SIZE_MAX || previous->is_folded[node] != (b->node == NONE))
		return NULL;
	return &previous->boxes[previous->box_of[node]];
}

/* Nodes come back from a counted box when the graph becomes smaller. */
enum { SAME_PART = 10 };

uint32_t
fold_keep(const struct graph *g, const struct layout *previous, uint32_t *fold_of)
{
	size_t n = g->nodes.len, m = previous->g->nodes.len;
	uint32_t count = 0, *number;

	if ((n > m ? n - m : m - n) * SAME_PART > m)
		return 0;
	number = xmalloc((previous->box_count + 1) * sizeof(*number));
	for (uint32_t i = 0; i < previous->box_count; i++)
		number[i] = NONE;
	for (size_t i = 0; i < n; i++) {
		size_t node = graph_find(previous->g, g->nodes.items[i].id);
		uint32_t *fold;

		if (node == SIZE_MAX || !previous->is_folded[node])
			continue;
		fold = &number[previous->box_of[node]];
		if (*fold == NONE)
			*fold = count++;
		fold_of[i] = *fold;
	}
	free(number);
	return count;
}

struct keeper {
	struct layout *l;
	int *layer;		/* of each box; -1: new */
	bool *is_moved;
};

/* New boxes go behind their callers, else before what they call. */
static void
place_new(struct keeper *k)
{
	struct layout *l = k->l;

	for (uint32_t round = 0; round < 8; round++)
		for (uint32_t i = 0; i < l->line_count; i++) {
			const struct line *line = &l->lines[i];

			if (k->is_moved[line->to] && k->layer[line->from] >= k->layer[line->to])
				k->layer[line->to] = k->layer[line->from] + 1;
		}
	for (uint32_t i = 0; i < l->line_count; i++) {
		const struct line *line = &l->lines[i];

		if (k->layer[line->from] < 0 && k->layer[line->to] > 0)
			k->layer[line->from] = k->layer[line->to] - 1;
	}
	for (uint32_t i = 0; i < l->box_count; i++)
		k->layer[i] = k->layer[i] < 0 ? 0 : k->layer[i];
}

/* A layer for v where none of its neighbours stands, nearest to its own. */
static int
free_layer(const struct keeper *k, uint32_t v)
{
	for (int step = 1;; step++)
		for (int side = 0; side < 2; side++) {
			int layer = side ? k->layer[v] - step : k->layer[v] + step;
			bool is_free = layer >= 0;

			for (uint32_t i = 0; i < k->l->line_count && is_free; i++) {
				const struct line *line = &k->l->lines[i];

				if (line->from == v || line->to == v)
					is_free = k->layer[line->from == v ? line->to :
							   line->from] != layer;
			}
			if (is_free)
				return layer;
		}
}

/* Moves apart what calls each other inside one layer. */
static void
part_neighbours(struct keeper *k)
{
	for (uint32_t i = 0; i < k->l->line_count; i++) {
		const struct line *line = &k->l->lines[i];

		if (k->layer[line->from] == k->layer[line->to])
			k->layer[line->to] = free_layer(k, line->to);
	}
}

bool
layer_keep(struct layout *l, const struct layout *previous)
{
	struct keeper k = { .l = l };
	uint32_t fresh = 0;
	bool kept;

	k.layer = xmalloc((l->box_count + 1) * sizeof(*k.layer));
	k.is_moved = xcalloc(l->box_count + 1, sizeof(*k.is_moved));
	for (uint32_t i = 0; i < l->box_count; i++) {
		const struct box *b = earlier_box(l, previous, &l->boxes[i]);

		k.layer[i] = b != NULL ? (int)b->layer : -1;
		k.is_moved[i] = b == NULL;
		fresh += b == NULL;
	}
	kept = fresh * NEW_PART <= l->box_count;
	if (kept) {
		place_new(&k);
		part_neighbours(&k);
		for (uint32_t i = 0; i < l->box_count; i++)
			l->boxes[i].layer = (uint32_t)k.layer[i];
		for (uint32_t i = 0; i < l->line_count; i++)
			l->lines[i].is_back = k.layer[l->lines[i].from] >
					      k.layer[l->lines[i].to];
	}
	free(k.layer);
	free(k.is_moved);
	return kept;
}

struct kept_place {
	uint32_t item, pos;
};

static int
compare_kept(const void *a, const void *b)
{
	const struct kept_place *x = a, *y = b;

	if (x->pos != y->pos)
		return x->pos < y->pos ? -1 : 1;
	return (x->item > y->item) - (x->item < y->item);
}

/* Boxes that were in the same layer before, in their order; others float. */
static void
keep_layer(struct layout *l, const struct layout *previous, struct layer *layer,
	   uint32_t index, bool *is_floating)
{
	struct kept_place *kept = xmalloc((layer->count + 1) * sizeof(*kept));
	uint32_t count = 0;

	for (uint32_t i = 0; i < layer->count; i++) {
		uint32_t item = layer->items[i], box = l->items[item].box;
		const struct box *b = box != NONE ?
			earlier_box(l, previous, &l->boxes[box]) : NULL;

		is_floating[item] = b == NULL || b->layer != index;
		l->items[item].pos = NONE;
		if (!is_floating[item])
			kept[count++] = (struct kept_place){
				item, previous->items[b->item].pos };
	}
	qsort(kept, count, sizeof(*kept), compare_kept);
	layer->count = count;
	for (uint32_t i = 0; i < count; i++) {
		layer->items[i] = kept[i].item;
		l->items[kept[i].item].pos = i;
	}
	free(kept);
}

bool
order_keep(struct layout *l, const struct layout *previous)
{
	bool *is_floating = xcalloc(l->item_count + 1, sizeof(*is_floating));
	uint32_t kept = 0;

	for (uint32_t i = 0; i < l->box_count; i++)
		kept += earlier_box(l, previous, &l->boxes[i]) != NULL;
	if ((l->box_count - kept) * NEW_PART > l->box_count) {
		free(is_floating);
		return false;
	}
	for (uint32_t i = 0; i < l->layer_count; i++)
		keep_layer(l, previous, &l->layers[i], i, is_floating);
	for (int round = 0; round < 4; round++)
		for (uint32_t i = 0; i < l->item_count; i++) {
			uint32_t item = round % 2 ? l->item_count - 1 - i : i;
			struct layer *layer = &l->layers[l->items[item].layer];

			if (!is_floating[item])
				continue;
			if (l->items[item].pos != NONE)
				order_take(l, layer, item);
			order_insert(l, layer, item, 0, layer->count);
		}
	free(is_floating);
	return true;
}
