/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sides of frames: items, places and titles; see frame_priv.h. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/text.h"
#include "src/topology/frame_priv.h"
#include "src/topology/group.h"
#include "src/topology/layout_priv.h"

enum {
	LEAST_TITLE = 4,	/* cells, else it says nothing */
};

/* Room for the sides of all frames. */
static void
make_room(struct layout *l)
{
	struct item *items;
	size_t count = l->item_count;

	for (uint32_t i = 0; i < l->frame_count; i++) {
		struct frame *f = &l->frames[i];
		size_t layers = f->last - f->first + 1;

		count += 2 * layers;
		f->low = arena_alloc(l->arena, layers * sizeof(*f->low));
		f->high = arena_alloc(l->arena, layers * sizeof(*f->high));
	}
	items = arena_alloc(l->arena, count * sizeof(*items));
	memcpy(items, l->items, l->item_count * sizeof(*items));
	l->items = items;
	for (uint32_t i = 0; i < l->layer_count; i++) {
		struct layer *layer = &l->layers[i];
		uint32_t *list = arena_alloc(l->arena, (layer->count + 2 * l->frame_count + 1) *
					     sizeof(*list));

		memcpy(list, layer->items, layer->count * sizeof(*list));
		layer->items = list;
	}
}

static uint32_t
add_side(struct layout *l, uint32_t frame, uint32_t index, uint32_t at)
{
	struct layer *layer = &l->layers[index];
	uint32_t item = l->item_count++;

	l->items[item] = (struct item){ .box = NONE, .bundle = NONE, .frame = frame,
					.group = l->frames[frame].parent, .layer = index,
					.size = 1 };
	memmove(&layer->items[at + 1], &layer->items[at],
		(layer->count - at) * sizeof(*layer->items));
	layer->items[at] = item;
	layer->count++;
	return item;
}

/* Both sides in one layer: around what belongs to the frame, or beside each
 * other where nothing does. */
static void
add_sides(struct layout *l, uint32_t frame, uint32_t index)
{
	struct frame *f = &l->frames[frame];
	const struct frame *p = f->parent != NONE ? &l->frames[f->parent] : NULL;
	const struct layer *layer = &l->layers[index];
	uint32_t low = NONE, high = 0, free_place = 0;

	for (uint32_t i = 0; i < layer->count; i++) {
		const struct item *it = &l->items[layer->items[i]];

		if (frame_is_around(l, frame, it->group)) {
			low = low == NONE ? i : low;
			high = i + 1;
		}
		if (frame_last_rank(l, layer->items[i]) < f->first_rank ||
		    (p != NULL && layer->items[i] == p->low[index - p->first]))
			free_place = i + 1;
	}
	if (low == NONE)
		low = high = free_place;
	f->low[index - f->first] = add_side(l, frame, index, low);
	f->high[index - f->first] = add_side(l, frame, index, high + 1);
}

static unsigned
deeper(unsigned depth, unsigned inside)
{
	return inside + 1 > depth ? inside + 1 : depth;
}

/* Frames that begin or end in the same layer stand around each other. */
static void
nest_frames(struct layout *l)
{
	for (uint32_t i = l->frame_count; i-- > 0;) {
		const struct frame *f = &l->frames[i];
		struct frame *p = f->parent != NONE ? &l->frames[f->parent] : NULL;
		int *begins = f->first > 0 ? &l->gaps[f->first - 1].out_frames : &l->margin;
		int *ends = &l->gaps[f->last].in_frames;

		if (p != NULL && p->first == f->first)
			p->start_depth = deeper(p->start_depth, f->start_depth);
		if (p != NULL && p->last == f->last)
			p->end_depth = deeper(p->end_depth, f->end_depth);
		*begins = (int)deeper((unsigned)*begins, f->start_depth);
		*ends = (int)deeper((unsigned)*ends, f->end_depth);
	}
}

void
frame_items(struct layout *l, bool search)
{
	if (l->o.groups == NULL || l->o.groups->count == 0 || l->stats.hidden_nodes > 0)
		return;
	frame_order(l, search);
	make_room(l);
	for (uint32_t i = 0; i < l->frame_count; i++)
		for (uint32_t layer = l->frames[i].first; layer <= l->frames[i].last; layer++)
			add_sides(l, i, layer);
	for (uint32_t i = 0; i < l->layer_count; i++)
		for (uint32_t k = 0; k < l->layers[i].count; k++)
			l->items[l->layers[i].items[k]].pos = k;
	nest_frames(l);
	l->stats.crossings = order_crossings(l);
}

/* All pieces of a side stand where the farthest one stands. */
static bool
level_side(struct layout *l, const uint32_t *side, uint32_t count)
{
	int at = INT_MIN;
	bool changed = false;

	for (uint32_t i = 0; i < count; i++)
		at = l->items[side[i]].at > at ? l->items[side[i]].at : at;
	for (uint32_t i = 0; i < count; i++) {
		changed |= l->items[side[i]].at != at;
		l->items[side[i]].at = at;
	}
	return changed;
}

static void
push_layer(struct layout *l, const struct layer *layer)
{
	for (uint32_t i = 1; i < layer->count; i++) {
		const struct item *before = &l->items[layer->items[i - 1]];
		struct item *it = &l->items[layer->items[i]];
		int least = before->at + before->size + place_separation(l, before, it);

		it->at = it->at < least ? least : it->at;
	}
}

/* A side stands where it should once all those that push it do: each round
 * settles one more, and the last one finds nothing to do. */
void
frame_straighten(struct layout *l)
{
	uint32_t sides = 2 * l->frame_count;
	bool changed = true;

	for (uint32_t round = 0; round <= sides && changed; round++) {
		changed = false;
		for (uint32_t i = 0; i < l->layer_count; i++)
			push_layer(l, &l->layers[i]);
		for (uint32_t i = 0; i < l->frame_count; i++) {
			const struct frame *f = &l->frames[i];

			changed |= level_side(l, f->low, f->last - f->first + 1);
			changed |= level_side(l, f->high, f->last - f->first + 1);
		}
	}
	ASSERT(!changed);
}

/* How far the side could move inwards: the nearest place in any layer. */
static int
nearest_inside(const struct layout *l, const struct frame *f, bool is_low)
{
	int nearest = is_low ? INT_MAX : INT_MIN;

	for (uint32_t i = f->first; i <= f->last; i++) {
		uint32_t side = (is_low ? f->low : f->high)[i - f->first];
		const struct item *it = &l->items[side];
		const struct item *next = &l->items[l->layers[i].items[it->pos +
								       (is_low ? 1 : -1)]];
		int at = is_low ? next->at - 1 - place_separation(l, it, next) :
			 next->at + next->size + place_separation(l, next, it);

		if (is_low ? at < nearest : at > nearest)
			nearest = at;
	}
	return nearest;
}

static void
move_side(struct layout *l, const struct frame *f, const uint32_t *side, int at)
{
	for (uint32_t i = 0; i <= f->last - f->first; i++)
		l->items[side[i]].at = at;
}

void
frame_tighten(struct layout *l)
{
	for (uint32_t i = l->frame_count; i-- > 0;) {
		const struct frame *f = &l->frames[i];

		move_side(l, f, f->low, nearest_inside(l, f, true));
		move_side(l, f, f->high, nearest_inside(l, f, false));
	}
}

int
frame_start(const struct layout *l, const struct frame *f)
{
	int at = l->layers[f->first].start - 1 - (int)f->start_depth;

	if (f->first == 0)
		return at - layout_is_across(l);
	return at - layout_is_across(l) - l->gaps[f->first - 1].out_room;
}

int
frame_end(const struct layout *l, const struct frame *f)
{
	int at = l->gaps[f->last].start + (int)f->end_depth;

	if (f->last + 1 == l->layer_count)
		return at + layout_is_across(l);
	return at + layout_is_across(l) + l->gaps[f->last].in_room;
}

/* A side that a title could stand on, and the cells of it that lines cross. */
struct title_side {
	bool is_across;		/* runs across the flow */
	int at;			/* where it runs, in the other direction */
	int low, high;		/* first and last cell, the corners left out */
	bool *is_crossed;	/* [cell - low] */
};

static void
cross_side(struct title_side *s, struct route_point a, struct route_point b)
{
	int from = s->is_across ? a.along : a.across, to = s->is_across ? b.along : b.across;
	int cell = s->is_across ? a.across : a.along;

	if (from > to) {
		int swap = from;

		from = to;
		to = swap;
	}
	if ((s->is_across ? b.across : b.along) == cell && from <= s->at && s->at <= to &&
	    cell >= s->low && cell <= s->high)
		s->is_crossed[cell - s->low] = true;
}

static void
cross_net(const struct layout *l, struct title_side *s, const struct net *n)
{
	struct route_point points[ROUTE_POINTS];

	for (uint32_t i = 0; i < n->in_count; i++)
		for (uint32_t o = 0; o < n->out_count; o++) {
			unsigned count = route_path(l, n, &n->ins[i], &n->outs[o], points);

			for (unsigned p = 0; p + 1 < count; p++)
				cross_side(s, points[p], points[p + 1]);
		}
}

/* The longest piece that no line crosses, the first that is long enough. */
static unsigned
find_room(const struct title_side *s, unsigned wanted, int *at)
{
	unsigned best = 0;

	for (int i = s->low, begin = s->low; i <= s->high + 1; i++) {
		if (i <= s->high && !s->is_crossed[i - s->low])
			continue;
		if ((unsigned)(i - begin) > best && best < wanted) {
			best = (unsigned)(i - begin);
			*at = begin;
		}
		begin = i + 1;
	}
	return best;
}

static struct title_side
side_of(const struct layout *l, const struct frame *f, bool is_end)
{
	int low = l->items[f->low[0]].at, high = l->items[f->high[0]].at;

	if (layout_is_across(l))	/* the sides along the flow are on top */
		return (struct title_side){ .at = is_end ? high : low,
					    .low = frame_start(l, f) + 1,
					    .high = frame_end(l, f) - 1 };
	return (struct title_side){ .is_across = true,
				    .at = is_end ? frame_end(l, f) : frame_start(l, f),
				    .low = low + 1, .high = high - 1 };
}

/* On top, else below, with a blank on each side; cut if it must be. */
static void
place_title(const struct layout *l, struct frame *f)
{
	unsigned wanted = (unsigned)text_width(f->title, strlen(f->title)) + 2;

	f->title_side = TITLE_NONE;
	f->title_cells = 0;
	for (int is_end = 0; is_end < 2 && f->title_cells < wanted; is_end++) {
		struct title_side s = side_of(l, f, is_end);
		unsigned cells;
		int at = s.low;

		s.is_crossed = xcalloc((size_t)(s.high - s.low + 2), sizeof(bool));
		for (uint32_t gap = f->first > 0 ? f->first - 1 : 0;
		     gap <= f->last && gap + 1 < l->layer_count; gap++)
			for (uint32_t i = 0; i < l->gaps[gap].net_count; i++)
				cross_net(l, &s, &l->nets[l->gaps[gap].nets[i]]);
		cells = find_room(&s, wanted, &at);
		free(s.is_crossed);
		if (cells > f->title_cells && cells >= LEAST_TITLE) {
			f->title_side = is_end ? TITLE_END : TITLE_START;
			f->title_at = at;
			f->title_cells = cells < wanted ? cells : wanted;
		}
	}
}

void
frame_titles(struct layout *l)
{
	for (uint32_t i = 0; i < l->frame_count; i++)
		place_title(l, &l->frames[i]);
}
