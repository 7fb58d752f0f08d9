/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An order in which the members of each group stand together; see
 * frame_priv.h.
 *
 * The order that was found without groups says which of two neighbours should
 * come first.  Groups are units then: they are put in order among their
 * siblings, boxes without a group as well, level by level.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/topology/frame_priv.h"
#include "src/topology/group.h"
#include "src/topology/layout_priv.h"

enum {
	SWAP_PASSES = 2,
	FLOAT_ROUNDS = 4,
	SIFT_PASSES = 2, MOST_SIFTED = 500000,
	MOST_COMPARED = 10000000,	/* items and pairs of nets, while groups change places */
};

/* Units: the frames, then the boxes.  The root is the frame behind the last. */
struct tree {
	struct layout *l;
	uint32_t root, count;
	uint32_t *parent;		/* of each unit */
	uint32_t *first_kid, *kids;	/* of each frame and the root, in order */
	uint64_t *place;		/* of each unit: sum over its boxes, then mean */
	uint32_t *boxes;		/* in each unit */
	uint16_t *before;		/* [a * count + b]: layers in which a stands before b */
};

bool
frame_is_around(const struct layout *l, uint32_t frame, uint32_t group)
{
	while (group != frame && group != NONE)
		group = l->frames[group].parent;
	return group == frame;
}

bool
frame_may_pass(const struct layout *l, uint32_t a, uint32_t b)
{
	const struct item *x = &l->items[a], *y = &l->items[b];

	return x->group == y->group ||
	       (x->box == NONE && frame_is_around(l, x->group, y->group)) ||
	       (y->box == NONE && frame_is_around(l, y->group, x->group));
}

static void
ranks_of(const struct layout *l, uint32_t item, uint32_t *first, uint32_t *last)
{
	const struct item *it = &l->items[item];
	uint32_t frame = it->frame != NONE ? it->frame : it->group;

	if (it->box != NONE) {
		*first = *last = l->boxes[it->box].rank;
	} else if (frame != NONE) {
		*first = l->frames[frame].first_rank;
		*last = l->frames[frame].last_rank;
	} else {
		*first = 0;
		*last = NONE;
	}
}

uint32_t
frame_last_rank(const struct layout *l, uint32_t item)
{
	uint32_t first, last;

	ranks_of(l, item, &first, &last);
	return last;
}

/* Must all of a stand before all of b? */
static bool
precedes(const struct layout *l, uint32_t a, uint32_t b)
{
	uint32_t a_first, a_last, b_first, b_last;

	ranks_of(l, a, &a_first, &a_last);
	ranks_of(l, b, &b_first, &b_last);
	return a_last < b_first;
}

/* The innermost frame around both. */
static uint32_t
common_frame(const struct layout *l, uint32_t a, uint32_t b)
{
	while (!frame_is_around(l, a, b))
		a = l->frames[a].parent;
	return a;
}

static void
add_frames(struct layout *l)
{
	const struct graph_groups *gs = l->o.groups;

	l->frame_count = gs->count;
	l->frames = arena_alloc(l->arena, (gs->count + 1) * sizeof(*l->frames));
	for (uint32_t i = 0; i < gs->count; i++)
		l->frames[i] = (struct frame){ .parent = gs->items[i].parent, .first = NONE,
					       .title = gs->items[i].title };
	for (uint32_t i = 0; i < l->box_count; i++) {
		struct item *it = &l->items[l->boxes[i].item];

		it->group = gs->of[l->boxes[i].node];
		for (uint32_t f = it->group; f != NONE; f = l->frames[f].parent) {
			struct frame *frame = &l->frames[f];

			frame->first = it->layer < frame->first ? it->layer : frame->first;
			frame->last = it->layer > frame->last ? it->layer : frame->last;
		}
	}
}

/* What passes between members of one group stays in it. */
static void
group_passing(struct layout *l)
{
	for (uint32_t i = 0; i < l->bundle_count; i++) {
		const struct bundle *b = &l->bundles[i];
		uint32_t group = l->items[l->boxes[b->sources[0]].item].group;

		for (uint32_t k = 0; k < b->source_count; k++)
			group = common_frame(l, group,
					     l->items[l->boxes[b->sources[k]].item].group);
		for (uint32_t k = 0; k < b->target_count; k++)
			group = common_frame(l, group,
					     l->items[l->boxes[b->targets[k]].item].group);
		for (uint32_t layer = b->first + 1; layer < b->last; layer++)
			l->items[b->passing[layer - b->first - 1]].group = group;
	}
}

static uint32_t
unit_or_root(const struct tree *t, uint32_t frame)
{
	return frame != NONE ? frame : t->root;
}

static void
tree_init(struct tree *t, struct layout *l)
{
	uint32_t n;

	*t = (struct tree){ .l = l, .root = l->frame_count };
	n = t->count = l->frame_count + 1 + l->box_count;	/* boxes from root + 1 on */
	t->parent = xcalloc(n, sizeof(*t->parent));
	t->first_kid = xcalloc(t->root + 3, sizeof(*t->first_kid));
	t->kids = xcalloc(n, sizeof(*t->kids));
	t->place = xcalloc(n, sizeof(*t->place));
	t->boxes = xcalloc(n, sizeof(*t->boxes));
	t->before = xcalloc((size_t)n * n, sizeof(*t->before));
	for (uint32_t i = 0; i < n; i++)
		t->parent[i] = i < t->root ? unit_or_root(t, l->frames[i].parent) :
			       i == t->root ? NONE :
			       unit_or_root(t, l->items[l->boxes[i - t->root - 1].item].group);
	for (uint32_t i = 0; i < n; i++)
		if (i != t->root)
			t->first_kid[t->parent[i] + 2]++;
	for (uint32_t i = 2; i < t->root + 3; i++)
		t->first_kid[i] += t->first_kid[i - 1];
	for (uint32_t i = 0; i < n; i++)
		if (i != t->root)
			t->kids[t->first_kid[t->parent[i] + 1]++] = i;
}

static void
tree_fini(struct tree *t)
{
	free(t->parent);
	free(t->first_kid);
	free(t->kids);
	free(t->place);
	free(t->boxes);
	free(t->before);
}

/* Notes which of two units that are siblings comes first. */
static void
note_before(struct tree *t, uint32_t box_a, uint32_t box_b)
{
	uint32_t a = t->root + 1 + box_a, b = t->root + 1 + box_b;
	const struct layout *l = t->l;
	uint32_t frame = common_frame(l, l->items[l->boxes[box_a].item].group,
				      l->items[l->boxes[box_b].item].group);
	uint32_t parent = unit_or_root(t, frame);

	while (t->parent[a] != parent)
		a = t->parent[a];
	while (t->parent[b] != parent)
		b = t->parent[b];
	if (a != b)
		t->before[(size_t)a * t->count + b]++;
}

/* What the order that stands says about units. */
static void
measure_units(struct tree *t)
{
	const struct layout *l = t->l;

	for (uint32_t i = 0; i < l->layer_count; i++) {
		const struct layer *layer = &l->layers[i];
		uint32_t last = NONE;

		for (uint32_t k = 0; k < layer->count; k++) {
			uint32_t box = l->items[layer->items[k]].box;

			if (box == NONE)
				continue;
			for (uint32_t u = t->root + 1 + box; u != NONE; u = t->parent[u]) {
				t->place[u] += ((2 * (uint64_t)k + 1) << 20) / layer->count;
				t->boxes[u]++;
			}
			if (last != NONE)
				note_before(t, last, box);
			last = box;
		}
	}
	for (uint32_t u = 0; u < t->count; u++)
		t->place[u] /= t->boxes[u] > 0 ? t->boxes[u] : 1;
}

/* Next comes what the fewest of those left stand before. */
static void
sort_kids(struct tree *t, uint32_t frame)
{
	uint32_t *kids = t->kids + t->first_kid[frame];
	uint32_t count = t->first_kid[frame + 1] - t->first_kid[frame];

	for (uint32_t i = 0; i < count; i++) {
		uint32_t best = i, best_waits = NONE, kid;

		for (uint32_t k = i; k < count; k++) {
			uint32_t waits = 0;

			for (uint32_t j = i; j < count; j++)
				waits += t->before[(size_t)kids[j] * t->count + kids[k]];
			if (waits < best_waits ||
			    (waits == best_waits && t->place[kids[k]] < t->place[kids[best]])) {
				best = k;
				best_waits = waits;
			}
		}
		kid = kids[best];
		memmove(&kids[i + 1], &kids[i], (best - i) * sizeof(*kids));
		kids[i] = kid;
	}
}

static void
rank_kids(struct tree *t, uint32_t frame, uint32_t *next)
{
	for (uint32_t i = t->first_kid[frame]; i < t->first_kid[frame + 1]; i++) {
		uint32_t kid = t->kids[i];

		if (kid > t->root) {
			t->l->boxes[kid - t->root - 1].rank = (*next)++;
			continue;
		}
		t->l->frames[kid].first_rank = *next;
		rank_kids(t, kid, next);
		t->l->frames[kid].last_rank = *next - 1;
	}
}

/* Boxes by their rank; what passes through is taken out. */
static void
sort_layer(struct layout *l, struct layer *layer)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < layer->count; i++) {
		uint32_t item = layer->items[i], k = count;

		l->items[item].pos = NONE;
		if (l->items[item].box == NONE)
			continue;
		for (; k > 0 && precedes(l, item, layer->items[k - 1]); k--)
			layer->items[k] = layer->items[k - 1];
		layer->items[k] = item;
		count++;
	}
	layer->count = count;
	for (uint32_t i = 0; i < count; i++)
		l->items[layer->items[i]].pos = i;
}

static void
float_item(struct layout *l, uint32_t item)
{
	struct layer *layer = &l->layers[l->items[item].layer];
	uint32_t low = 0, high;

	if (l->items[item].pos != NONE)
		order_take(l, layer, item);
	high = layer->count;
	for (uint32_t i = layer->count; i-- > 0;)
		if (precedes(l, item, layer->items[i]))
			high = i;
	for (uint32_t i = 0; i < high; i++)
		if (precedes(l, layer->items[i], item))
			low = i + 1;
	order_insert(l, layer, item, low, high);
}

/* The order in all layers that follows from that of the units. */
static unsigned
order_by_rank(struct tree *t)
{
	struct layout *l = t->l;
	uint32_t next = 0;

	rank_kids(t, t->root, &next);
	for (uint32_t i = 0; i < l->layer_count; i++)
		sort_layer(l, &l->layers[i]);
	for (int round = 0; round < FLOAT_ROUNDS; round++)
		for (uint32_t i = 0; i < l->item_count; i++) {
			uint32_t item = round % 2 ? l->item_count - 1 - i : i;

			if (l->items[item].box == NONE)
				float_item(l, item);
		}
	return order_crossings(l);
}

static void
swap_kids(struct tree *t, uint32_t at)
{
	uint32_t kid = t->kids[at];

	t->kids[at] = t->kids[at + 1];
	t->kids[at + 1] = kid;
}

/* What order_by_rank() compares: items that pass through with their layer, and
 * pairs of nets. */
static uint64_t
rank_cost(const struct layout *l)
{
	uint64_t cost = 1;

	for (uint32_t i = 0; i < l->item_count; i++)
		if (l->items[i].box == NONE)
			cost += (uint64_t)FLOAT_ROUNDS * l->layers[l->items[i].layer].count;
	for (uint32_t i = 0; i < l->layer_count; i++)
		cost += (uint64_t)l->gaps[i].net_count * l->gaps[i].net_count / 2;
	return cost;
}

/* Exchanges groups with their neighbours while that saves crossings, as often
 * as there is time for. */
static void
search_kids(struct tree *t, unsigned least)
{
	uint64_t left = MOST_COMPARED / rank_cost(t->l);

	for (int pass = 0; pass < SWAP_PASSES; pass++)
		for (uint32_t f = 0; f <= t->root; f++)
			for (uint32_t i = t->first_kid[f]; i + 1 < t->first_kid[f + 1] && left > 0; i++) {
				unsigned crossings;

				if (t->kids[i] > t->root && t->kids[i + 1] > t->root)
					continue;
				left--;
				swap_kids(t, i);
				crossings = order_by_rank(t);
				if (crossings < least)
					least = crossings;
				else
					swap_kids(t, i);
			}
	order_by_rank(t);
}

void
frame_order(struct layout *l, bool search)
{
	struct sifter *s;
	struct tree t;

	add_frames(l);
	group_passing(l);
	tree_init(&t, l);
	measure_units(&t);
	for (uint32_t f = 0; f <= t.root; f++)
		sort_kids(&t, f);
	if (search)
		search_kids(&t, order_by_rank(&t));
	else
		order_by_rank(&t);
	tree_fini(&t);
	if (!search)
		return;
	s = sifter_new(l);
	sift_all(s, MOST_SIFTED, SIFT_PASSES);
	sifter_free(&s);
}
