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

enum {
	NEW_PART = 4,		/* up to a quarter of the boxes may be new */
	RESUME_ROUNDS = 4,	/* items without an old place look for one */
};

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
		layer_turn_lines(l);
	}
	free(k.layer);
	free(k.is_moved);
	return kept;
}

static int
compare_ends(const struct line *line, uint32_t from, uint32_t to, uint8_t kind)
{
	if (line->from != from)
		return line->from < from ? -1 : 1;
	if (line->to != to)
		return line->to < to ? -1 : 1;
	return (line->kind > kind) - (line->kind < kind);
}

/* The earlier line between the same nodes (lines are sorted); NULL when there was none. */
static const struct line *
earlier_line(const struct layout *l, const struct layout *previous, const struct line *line)
{
	const struct box *from = earlier_box(l, previous, &l->boxes[line->from]);
	const struct box *to = earlier_box(l, previous, &l->boxes[line->to]);
	uint32_t low = 0, high = previous->line_count;

	if (from == NULL || to == NULL)
		return NULL;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct line *was = &previous->lines[middle];
		int order = compare_ends(was, (uint32_t)(from - previous->boxes),
					 (uint32_t)(to - previous->boxes), line->kind);

		if (order == 0)
			return was;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

void
trunks_keep(struct layout *l, const struct layout *previous)
{
	for (uint32_t i = 0; i < l->line_count; i++) {
		const struct line *was = earlier_line(l, previous, &l->lines[i]);

		l->lines[i].is_alone = was != NULL && was->is_alone;
	}
}

/* Places of boxes that were in the same layer before; returns how many boxes there were. */
static uint32_t
keep_boxes(const struct layout *l, const struct layout *previous, uint32_t *old)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < l->box_count; i++) {
		const struct box *b = earlier_box(l, previous, &l->boxes[i]);

		kept += b != NULL;
		if (b != NULL && b->layer == l->boxes[i].layer)
			old[l->boxes[i].item] = previous->items[b->item].pos;
	}
	return kept;
}

void
order_passing(const struct bundle *b, const struct layout *previous, const struct line *line,
	      uint32_t *old)
{
	const struct bundle *was = &previous->bundles[line->bundle];

	for (uint32_t layer = b->first + 1; layer < b->last; layer++)
		old[b->passing[layer - b->first - 1]] =
			layer > was->first && layer < was->last ?
			previous->items[was->passing[layer - was->first - 1]].pos : NONE;
}

/* What was in the same layer before keeps its order; the rest floats. */
bool
order_keep(struct layout *l, const struct layout *previous)
{
	uint32_t *old = xmalloc((l->item_count + 1) * sizeof(*old));
	bool is_kept;

	for (uint32_t i = 0; i < l->item_count; i++)
		old[i] = NONE;
	is_kept = (l->box_count - keep_boxes(l, previous, old)) * NEW_PART <= l->box_count;
	for (uint32_t i = 0; i < l->bundle_count && is_kept; i++) {
		const struct bundle *b = &l->bundles[i];
		const struct line *was = earlier_line(l, previous, &l->lines[b->lines[0]]);

		if (was != NULL)
			order_passing(b, previous, was, old);
	}
	if (is_kept)
		order_resume(l, old, RESUME_ROUNDS);
	free(old);
	return is_kept;
}
