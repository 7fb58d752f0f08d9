/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Positions across the flow.
 *
 * Layers are placed one after another, each as near as its order allows to
 * where its lines would be straight (least weighted sum of bends), first
 * looking at one neighbour layer, then at both.  Lines that pass through
 * layers pull hardest, so that long edges run straight.
 */
#include <stdlib.h>

#include "src/base/arena.h"
#include "src/topology/layout_priv.h"

enum {
	ROUNDS = 6,		/* of one pass in each direction */
	FRAME_ROUNDS = 3,
	PULL_BOXES = 3, PULL_LINE = 5, PULL_PASSING = 12, PULL_TREE = 2,
	PULL_FRAME = 30,	/* sides of frames run straight, */
	PULL_FIXED = 1000000,	/* and stay where they are in the end */
};

static int
side_need(const struct layout *l, struct pin *const *pins, uint32_t count)
{
	int cells = 2;

	for (uint32_t i = 0; i < count; i++)
		cells += port_room(l, pins[i]);
	if (count > 0 && (!layout_is_across(l) || l->o.edge_labels != NULL))
		cells--;
	return cells;
}

static void
size_boxes(struct layout *l)
{
	for (uint32_t i = 0; i < l->box_count; i++) {
		const struct box *b = &l->boxes[i];
		struct item *it = &l->items[b->item];
		int up = side_need(l, it->up_pins, it->up_pin_count);
		int down = side_need(l, it->down_pins, it->down_pin_count);

		it->size = layout_is_across(l) ? (int)b->text_rows + 2 :
			   (int)b->text_cols + (l->is_tight ? 2 : 4);
		it->size = up > it->size ? up : it->size;
		it->size = down > it->size ? down : it->size;
	}
}

/* Sideways a line one blank away from a box could be taken for one that
 * touches it. */
int
place_separation(const struct layout *l, const struct item *a, const struct item *b)
{
	bool lines = a->box == NONE && b->box == NONE;
	bool boxes = a->box != NONE && b->box != NONE;

	if (a->frame != NONE || b->frame != NONE)
		return layout_is_across(l) ? 0 : 1;
	if (layout_is_across(l))
		return lines || (l->is_tight && boxes) ? 0 : 1;
	return lines || (l->is_tight && boxes) ? 1 : 2;
}

static int
pull(const struct layout *l, const struct net *n, const struct item *a, const struct item *b)
{
	bool passing = a->box == NONE && b->box == NONE;

	(void)l;
	if (n->in_count * n->out_count > 1)
		return passing ? PULL_LINE : PULL_TREE;
	return passing ? PULL_PASSING : a->box == NONE || b->box == NONE ? PULL_LINE :
	       PULL_BOXES;
}

/* Middle of the pins of one side of a net. */
static int
middle(const struct layout *l, const struct pin *pins, uint32_t count)
{
	int low = INT32_MAX, high = INT32_MIN;

	for (uint32_t i = 0; i < count; i++) {
		int at = l->items[pins[i].item].at + pins[i].at;

		low = at < low ? at : low;
		high = at > high ? at : high;
	}
	return low + (high - low) / 2;
}

static uint32_t
add_wishes(const struct layout *l, const struct item *it, bool up, struct wish *wishes)
{
	struct pin *const *pins = up ? it->up_pins : it->down_pins;
	uint32_t count = up ? it->up_pin_count : it->down_pin_count;

	for (uint32_t i = 0; i < count; i++) {
		const struct net *n = &l->nets[pins[i]->net];
		const struct pin *others = up ? n->ins : n->outs;
		uint32_t other_count = up ? n->in_count : n->out_count;

		wishes[i].at = middle(l, others, other_count) - pins[i]->at;
		wishes[i].weight = pull(l, n, it, &l->items[others[0].item]);
	}
	return count;
}

/* Scratch space, and the room that all layers must keep to. */
struct placing {
	struct layout *l;
	struct spot *spots;
	struct wish *wishes;
	int low, high;		/* first cell and the one behind the last */
	bool has_fixed_frames;
};

/* Where the side of a frame should be in this layer: as in those beside it. */
static struct wish
frame_wish(const struct placing *p, const struct item *it, bool by_up, bool by_down)
{
	const struct layout *l = p->l;
	const struct frame *f = &l->frames[it->frame];
	uint32_t at = it->layer - f->first;
	const uint32_t *side = &l->items[f->low[at]] == it ? f->low : f->high;

	if (p->has_fixed_frames)
		return (struct wish){ it->at, PULL_FIXED };
	if (by_up && at > 0)
		return (struct wish){ l->items[side[at - 1]].at, PULL_FRAME };
	if (by_down && at < f->last - f->first)
		return (struct wish){ l->items[side[at + 1]].at, PULL_FRAME };
	return (struct wish){ it->at, 1 };
}

static int
clamp(int at, int low, int high)
{
	return at > high ? high < low ? low : high : at < low ? low : at;
}

static void
place_layer(const struct placing *p, const struct layer *layer, bool by_up, bool by_down)
{
	struct layout *l = p->l;
	struct spot *spots = p->spots;
	struct wish *wishes = p->wishes;
	int offset = 0, used_cells = 0;
	uint32_t used = 0;

	for (uint32_t i = 0; i < layer->count; i++) {
		const struct item *it = &l->items[layer->items[i]];
		struct spot *s = &spots[i];

		*s = (struct spot){ .first = used, .offset = offset };
		if (it->frame != NONE)
			wishes[used++] = frame_wish(p, it, by_up, by_down);
		if (by_up)
			used += add_wishes(l, it, true, wishes + used);
		if (by_down)
			used += add_wishes(l, it, false, wishes + used);
		s->count = used - s->first;
		if (s->count == 0 && by_up != by_down)	/* stay, lightly */
			wishes[used++] = (struct wish){ it->at, 1 };
		s->count = used - s->first;
		if (i + 1 < layer->count)
			offset += it->size + place_separation(l, it, &l->items[layer->items[i + 1]]);
		else
			used_cells = offset + it->size;
	}
	isotonic_solve(spots, layer->count, wishes);
	for (uint32_t i = 0; i < layer->count; i++)
		l->items[layer->items[i]].at = spots[i].offset +
			clamp(spots[i].at - spots[i].offset, p->low, p->high - used_cells);
}

static void
pack_layers(struct layout *l)
{
	for (uint32_t i = 0; i < l->layer_count; i++) {
		const struct layer *layer = &l->layers[i];
		int at = 0;

		for (uint32_t k = 0; k < layer->count; k++) {
			struct item *it = &l->items[layer->items[k]];

			it->at = at;
			if (k + 1 < layer->count)
				at += it->size + place_separation(l, it,
							    &l->items[layer->items[k + 1]]);
		}
	}
}

/* First cell of the room: the widest layer stands in its middle. */
static void
find_room(struct placing *p)
{
	const struct layout *l = p->l;
	int widest = 0;

	for (uint32_t i = 0; i < l->layer_count; i++) {
		const struct layer *layer = &l->layers[i];
		const struct item *first, *last;

		if (layer->count == 0)
			continue;
		first = &l->items[layer->items[0]];
		last = &l->items[layer->items[layer->count - 1]];
		if (last->at + last->size - first->at <= widest)
			continue;
		widest = last->at + last->size - first->at;
		p->low = first->at - ((int)l->o.cols - widest) / 2;
	}
	p->high = p->low + (int)l->o.cols;
}

static void
place_all(const struct placing *p)
{
	uint32_t count = p->l->layer_count;

	for (uint32_t i = 0; i < 2 * count; i++)
		place_layer(p, &p->l->layers[i < count ? i : 2 * count - 1 - i], true, true);
}

/* Frames in line; then everything else as it should be within them. */
static void
place_frames(struct placing *p)
{
	p->has_fixed_frames = true;
	frame_straighten(p->l);
	for (int round = 0; round < FRAME_ROUNDS; round++) {
		frame_tighten(p->l);
		place_all(p);
		frame_straighten(p->l);
	}
	frame_tighten(p->l);
}

void
place_items(struct layout *l)
{
	struct placing p = { .l = l, .low = -100000000, .high = 100000000 };
	uint32_t most = 0, links = 0, count = l->layer_count;
	int rounds = l->is_draft ? 1 : ROUNDS;

	for (uint32_t i = 0; i < count; i++)
		most = l->layers[i].count > most ? l->layers[i].count : most;
	for (uint32_t i = 0; i < l->item_count; i++)
		links += l->items[i].up_pin_count + l->items[i].down_pin_count + 1;
	p.spots = xmalloc((most + 1) * sizeof(*p.spots));
	p.wishes = xmalloc((links + 1) * sizeof(*p.wishes));
	size_boxes(l);
	port_spread(l);
	pack_layers(l);
	for (int round = 0; round < rounds; round++) {
		for (uint32_t i = 1; i < count; i++)
			place_layer(&p, &l->layers[i], true, false);
		for (uint32_t i = count; i-- > 1;)
			place_layer(&p, &l->layers[i - 1], false, true);
	}
	if (l->o.cols > 0 && !layout_is_across(l))
		find_room(&p);
	for (int round = 0; round < rounds; round++)
		place_all(&p);
	if (l->frames != NULL)
		place_frames(&p);
	free(p.spots);
	free(p.wishes);
	stack_boxes(l);
	port_align(l);
	compact_items(l);
}
