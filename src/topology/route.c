/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Channel routing: each gap between two layers has slots, lines across the
 * flow, and every net gets slots of its own so that nothing overlaps.
 *
 * Top down a net is one segment, its trunk: tees open up and down, which
 * ASCII can draw.  ASCII has no sideways tee, so left to right the trunk of
 * a net with several ends is a horizontal row, its spine, and each end that
 * is not on it has a segment from its own row to the spine.
 *
 * A pin is a run along the flow between a segment and one edge of the gap.
 * Where an in-pin of one segment and an out-pin of another share a place,
 * the first must come before the second; where that is circular, or a trunk
 * would have tees opposite each other, a segment is split in two by a run at
 * a free place.
 */
#include <limits.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/topology/layout_priv.h"
#include "src/topology/route_priv.h"

static bool
is_straight(const struct net *n)
{
	return n->in_count == 1 && n->out_count == 1 && n->ins[0].at == n->outs[0].at;
}

static void
add_place(int *places, uint32_t *count, int at)
{
	for (uint32_t i = 0; i < *count; i++)
		if (places[i] == at)
			return;
	places[(*count)++] = at;
}

static struct segment *
add_segment(struct channel *c, uint32_t net, struct pin *pin, uint32_t room)
{
	struct segment *s;

	vec_reserve(&c->segments, c->segments.len + 1);
	s = &c->segments.items[c->segments.len++];
	*s = (struct segment){ .net = net, .pin = pin, .partner = NONE, .slot = NO_SLOT };
	s->ins = arena_alloc(c->arena, (room + 1) * sizeof(int));
	s->outs = arena_alloc(c->arena, (room + 1) * sizeof(int));
	return s;
}

/* Top down: one segment for the whole net. */
static void
add_trunk(struct channel *c, const struct net *n, uint32_t index)
{
	struct segment *s = add_segment(c, index, NULL, n->in_count + n->out_count);

	for (uint32_t i = 0; i < n->in_count; i++)
		add_place(s->ins, &s->in_count, n->ins[i].at);
	for (uint32_t i = 0; i < n->out_count; i++)
		add_place(s->outs, &s->out_count, n->outs[i].at);
}

static bool
has_pin_at(const struct pin *pins, uint32_t count, int at)
{
	for (uint32_t i = 0; i < count; i++)
		if (pins[i].at == at)
			return true;
	return false;
}

/* The row of a net's trunk: the middle of its sources, or of its targets when
 * it has fewer of them. */
static int
choose_spine(const struct net *n)
{
	const struct pin *few = n->out_count == 1 && n->in_count > 1 ? n->outs : n->ins;
	uint32_t count = few == n->outs ? n->out_count : n->in_count;
	const struct pin *many = few == n->outs ? n->ins : n->outs;
	uint32_t many_count = few == n->outs ? n->in_count : n->out_count;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = (count / 2 + (i % 2 ? (i + 1) / 2 : count - i / 2)) % count;

		if (has_pin_at(many, many_count, few[at].at))
			return few[at].at;
	}
	return few[count / 2].at;
}

/* Left to right: a segment for each pin that is not on the spine. */
static void
add_pieces(struct channel *c, struct net *n, uint32_t index)
{
	bool from_source;

	n->spine = choose_spine(n);
	from_source = has_pin_at(n->ins, n->in_count, n->spine);
	for (uint32_t i = 0; i < n->in_count + n->out_count; i++) {
		bool is_in = i < n->in_count;
		struct pin *p = is_in ? &n->ins[i] : &n->outs[i - n->in_count];
		struct segment *s;

		if (p->at == n->spine)
			continue;
		s = add_segment(c, index, p, 2);
		s->has_spine = true;
		s->spine = n->spine;
		if (from_source)
			add_place(s->ins, &s->in_count, n->spine);
		if (!from_source || has_pin_at(n->outs, n->out_count, n->spine))
			add_place(s->outs, &s->out_count, n->spine);
		if (is_in)
			add_place(s->ins, &s->in_count, p->at);
		else
			add_place(s->outs, &s->out_count, p->at);
	}
}

static void
reset_pins(struct channel *c, struct pin *pins, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		pins[i].slot = pins[i].slot2 = NO_SLOT;
		vec_push(&c->taken, pins[i].at);
	}
}

/* Nothing else runs along the side of a frame. */
static void
take_frames(struct channel *c, const struct gap *gap)
{
	const struct layout *l = c->l;
	uint32_t index = (uint32_t)(gap - l->gaps);

	for (uint32_t i = 0; i < l->frame_count; i++) {
		const struct frame *f = &l->frames[i];

		if (f->first > index + 1 || f->last < index)
			continue;
		vec_push(&c->taken, l->items[f->low[0]].at);
		vec_push(&c->taken, l->items[f->high[0]].at);
	}
}

static void
channel_fill(struct channel *c, const struct gap *gap)
{
	struct layout *l = c->l;

	for (uint32_t i = 0; i < gap->net_count; i++) {
		struct net *n = &l->nets[gap->nets[i]];

		n->slot = n->slot2 = NO_SLOT;
		reset_pins(c, n->ins, n->in_count);
		reset_pins(c, n->outs, n->out_count);
		if (is_straight(n))
			n->spine = n->ins[0].at;
		else if (layout_is_across(l))
			add_pieces(c, n, gap->nets[i]);
		else
			add_trunk(c, n, gap->nets[i]);
	}
}

/* Slots of the segments back into nets and pins. */
static void
channel_store(const struct channel *c, struct gap *gap)
{
	for (size_t i = 0; i < c->segments.len; i++) {
		const struct segment *s = &c->segments.items[i];
		struct net *n = &c->l->nets[s->net];
		int *slot = s->pin != NULL ? &s->pin->slot : &n->slot;
		int *slot2 = s->pin != NULL ? &s->pin->slot2 : &n->slot2;
		int *via = s->pin != NULL ? &s->pin->via : &n->via;

		if (s->slot + 1 > gap->slots)
			gap->slots = s->slot + 1;
		if (s->is_second) {
			*slot2 = s->slot;
			*via = s->via;
		} else {
			*slot = s->slot;
		}
	}
}

/* The line begins under the upper box and ends over the lower one. */
static void
turn_pins(struct layout *l, struct gap *gap)
{
	struct net *n = &l->nets[gap->nets[0]];
	const struct item *upper = &l->items[n->ins[0].item], *lower = &l->items[n->outs[0].item];

	n->slot = n->slot2 = NO_SLOT;
	n->ins[0].slot = n->ins[0].slot2 = n->outs[0].slot = n->outs[0].slot2 = NO_SLOT;
	n->ins[0].at = upper->at + upper->size;
	n->outs[0].at = lower->at - 1;
	n->spine = n->ins[0].at;
}

static void
route_gap(struct layout *l, struct gap *gap)
{
	struct channel c = { .l = l, .arena = l->arena, .segments = VEC_INIT,
			     .taken = VEC_INIT,
			     .slot_margin = layout_is_across(l) ? 1 : 2,
			     .pin_distance = layout_is_across(l) && l->is_tight ? 2 : 1 };

	gap->slots = 0;
	if (gap->is_turned) {
		turn_pins(l, gap);
		return;
	}
	take_frames(&c, gap);
	channel_fill(&c, gap);
	channel_untangle(&c);
	channel_assign(&c);
	channel_store(&c, gap);
	vec_fini(&c.segments);
	vec_fini(&c.taken);
}

static int
widest_label(const struct pin *pins, uint32_t count)
{
	int widest = 0;

	for (uint32_t i = 0; i < count; i++)
		widest = label_cells(&pins[i]) > widest ? label_cells(&pins[i]) : widest;
	return widest;
}

/* Left to right, labels stand above the ends of lines; top down, beside the
 * first and the last cell.  The side of a frame may take the first one. */
static void
label_room(const struct layout *l, struct gap *gap)
{
	int ins = 0, outs = 0;

	for (uint32_t i = 0; i < gap->net_count; i++) {
		const struct net *n = &l->nets[gap->nets[i]];
		int in = widest_label(n->ins, n->in_count);
		int out = widest_label(n->outs, n->out_count);

		ins = in > ins ? in : ins;
		outs = out > outs ? out : outs;
	}
	gap->in_room = layout_is_across(l) ? ins + (ins > 0) : ins > 0 || gap->in_frames == 0;
	gap->out_room = layout_is_across(l) ? outs : 1;
}

int
layer_extent(const struct layout *l, const struct layer *layer)
{
	int extent = 1;

	for (uint32_t i = 0; i < layer->count; i++) {
		const struct item *it = &l->items[layer->items[i]];
		const struct box *b;
		int cells;

		if (it->box == NONE)
			continue;
		b = &l->boxes[it->box];
		cells = layout_is_across(l) ? (int)b->text_cols + (l->is_tight ? 2 : 4) :
			(int)b->text_rows + 2;
		extent = cells > extent ? cells : extent;
	}
	return extent;
}

static int
gap_extent(const struct layout *l, const struct gap *gap)
{
	int slots = gap->slots, frames = gap->in_frames + gap->out_frames;

	if (!layout_is_across(l))
		return gap->in_room + gap->out_room + frames + slots;
	if (slots == 0)
		return gap->in_room + gap->out_room + frames + (l->is_tight ? 2 : 4);
	/* Two cells beside a border, so that no corner seems to touch it. */
	return gap->in_room + gap->out_room + frames +
	       (l->is_tight ? slots + 4 : 2 * slots + 3);
}

/* Along position of a slot. */
static int
slot_along(const struct layout *l, const struct gap *gap, int slot)
{
	if (!layout_is_across(l))
		return gap->start + gap->in_room + gap->in_frames + slot;
	return gap->start + gap->in_room + gap->in_frames + 2 + (l->is_tight ? slot : 2 * slot);
}

/* What is left free at both ends of the picture for the sides of frames. */
static int
end_extent(const struct layout *l, int frames)
{
	return frames > 0 ? frames + layout_is_across(l) : 0;
}

/* A turned gap and the layers on both sides of it take the same cells. */
static void
place_turned(struct layout *l, uint32_t index)
{
	struct gap *gap = &l->gaps[index];
	const struct net *n = &l->nets[gap->nets[0]];
	int label = label_cells(&n->ins[0]) + label_cells(&n->outs[0]);

	l->layers[index].extent = l->layers[index + 1].extent;
	gap->start = l->layers[index].start;
	gap->extent = l->layers[index].extent;
	gap->turn_at = (gap->extent - 1) / 2;
	if (gap->turn_at + label + 2 > gap->extent)
		gap->turn_at = gap->extent - label - 2;
	gap->turn_at += gap->start;
}

static void
place_along(struct layout *l)
{
	int at = end_extent(l, l->margin);

	for (uint32_t i = 0; i < l->layer_count; i++) {
		l->layers[i].start = at;
		l->layers[i].extent = layer_extent(l, &l->layers[i]);
		if (i > 0 && l->gaps[i - 1].is_turned &&
		    l->layers[i].extent < l->layers[i - 1].extent)
			l->layers[i].extent = l->layers[i - 1].extent;
		if (l->gaps[i].is_turned)
			continue;
		at += l->layers[i].extent;
		l->gaps[i].start = at;
		l->gaps[i].extent = end_extent(l, l->gaps[i].in_frames);
		if (i + 1 < l->layer_count) {
			label_room(l, &l->gaps[i]);
			l->gaps[i].extent = gap_extent(l, &l->gaps[i]);
		}
		at += l->gaps[i].extent;
	}
	for (uint32_t i = l->layer_count; i-- > 0;)
		if (l->gaps[i].is_turned)
			place_turned(l, i);
	if (layout_is_across(l))
		l->stats.width = (unsigned)at;
	else
		l->stats.height = (unsigned)at;
}

/* Everything across moves so that the first cell is 0. */
static void
move_to_origin(struct layout *l)
{
	int low = INT_MAX, high = INT_MIN;

	for (uint32_t i = 0; i < l->item_count; i++) {
		low = l->items[i].at < low ? l->items[i].at : low;
		high = l->items[i].at + l->items[i].size > high ?
		       l->items[i].at + l->items[i].size : high;
	}
	for (uint32_t i = 0; i < l->net_count; i++) {
		const struct net *n = &l->nets[i];

		if (n->slot2 != NO_SLOT) {
			low = n->via < low ? n->via : low;
			high = n->via + 1 > high ? n->via + 1 : high;
		}
		for (uint32_t p = 0; p < n->in_count + n->out_count; p++) {
			const struct pin *pin = p < n->in_count ? &n->ins[p] :
						&n->outs[p - n->in_count];

			if (pin->slot2 == NO_SLOT)
				continue;
			low = pin->via < low ? pin->via : low;
			high = pin->via + 1 > high ? pin->via + 1 : high;
		}
	}
	if (low > high)
		low = high = 0;
	for (uint32_t i = 0; i < l->item_count; i++)
		l->items[i].at -= low;
	for (uint32_t i = 0; i < l->net_count; i++) {
		struct net *n = &l->nets[i];

		n->via -= low;
		n->spine -= low;
		for (uint32_t p = 0; p < n->in_count; p++) {
			n->ins[p].at -= low;
			n->ins[p].via -= low;
		}
		for (uint32_t p = 0; p < n->out_count; p++) {
			n->outs[p].at -= low;
			n->outs[p].via -= low;
		}
	}
	if (layout_is_across(l))
		l->stats.height = (unsigned)(high - low);
	else
		l->stats.width = (unsigned)(high - low);
}

void
route_gaps(struct layout *l)
{
	for (uint32_t i = 0; i + 1 < l->layer_count; i++)
		route_gap(l, &l->gaps[i]);
	place_along(l);
	move_to_origin(l);
}

static void
add_point(struct route_point *points, unsigned *count, int along, int across)
{
	points[(*count)++] = (struct route_point){ along, across };
}

/* From the pin's own row to the spine, over its piece. */
static void
add_piece(const struct layout *l, const struct net *n, const struct pin *p, bool is_in,
	  struct route_point *points, unsigned *count)
{
	const struct gap *gap = &l->gaps[n->gap];
	int first = slot_along(l, gap, p->slot);
	int second = p->slot2 != NO_SLOT ? slot_along(l, gap, p->slot2) : first;
	int via = p->slot2 != NO_SLOT ? p->via : p->at;
	int row_first = is_in ? p->at : n->spine, row_second = is_in ? n->spine : p->at;

	if (p->slot == NO_SLOT)
		return;
	add_point(points, count, first, row_first);
	if (p->slot2 != NO_SLOT) {
		add_point(points, count, first, via);
		add_point(points, count, second, via);
	}
	add_point(points, count, second, row_second);
}

struct route_point
route_end(const struct layout *l, const struct net *n, const struct pin *p, bool is_in)
{
	const struct gap *gap = &l->gaps[n->gap];
	int along = gap->is_turned ? gap->turn_at : is_in ? gap->start :
		    gap->start + gap->extent - 1;

	return (struct route_point){ along, p->at };
}

unsigned
route_path(const struct layout *l, const struct net *n, const struct pin *in,
	   const struct pin *out, struct route_point points[ROUTE_POINTS])
{
	const struct gap *gap = &l->gaps[n->gap];
	unsigned count = 0;

	points[count++] = route_end(l, n, in, true);
	if (layout_is_across(l) && !gap->is_turned) {
		add_piece(l, n, in, true, points, &count);
		add_piece(l, n, out, false, points, &count);
	} else if (n->slot != NO_SLOT) {
		int along = slot_along(l, gap, n->slot);

		add_point(points, &count, along, in->at);
		if (n->slot2 != NO_SLOT) {
			add_point(points, &count, along, n->via);
			along = slot_along(l, gap, n->slot2);
			add_point(points, &count, along, n->via);
		}
		add_point(points, &count, along, out->at);
	}
	points[count++] = route_end(l, n, out, false);
	return count;
}

const struct pin *
route_pin(const struct layout *l, const struct pin *pins, uint32_t count, uint32_t box)
{
	for (uint32_t i = 0; i < count; i++)
		if (l->items[pins[i].item].box == box)
			return &pins[i];
	for (uint32_t i = 0; i < count; i++)
		if (l->items[pins[i].item].box == NONE)
			return &pins[i];
	return NULL;
}
