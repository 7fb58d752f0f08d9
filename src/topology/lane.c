/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lanes: a trunk through several layers goes where it crosses least, in all of
 * them at once.
 *
 * Sifting moves one item.  A long line must change its place in each layer that it
 * passes to get to the other side of a box; any one of these moves alone costs
 * crossings.  The best way from the first layer to the last is a shortest path
 * over the places of each layer.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "src/topology/layout_priv.h"

enum { VISITS_PER_NET = 8 };

/* What others reach on both sides of a gap, as they are numbered without the lane. */
struct extent {
	int low, high;
};

struct lanes {
	struct layout *l;
	const struct bundle *lane;
	uint32_t places;	/* most that a layer has, and one more */
	int *cells;		/* [place before the gap * places + place behind it] */
	int *least;		/* [layer * places + place]: crossings up to there */
	uint32_t *from;		/* the same: place in the layer before */
	uint64_t spent;
};

/* The item of the lane in a layer; NONE where it begins and ends. */
static uint32_t
lane_item(const struct bundle *lane, uint32_t layer)
{
	return layer > lane->first && layer < lane->last ?
	       lane->passing[layer - lane->first - 1] : NONE;
}

/* Places of the pins but for the lane's own item; low above high: there are none. */
static struct extent
measure_pins(const struct layout *l, const struct pin *pins, uint32_t count, uint32_t own)
{
	struct extent e = { INT_MAX, INT_MIN };

	for (uint32_t i = 0; i < count; i++) {
		int at = (int)l->items[pins[i].item].pos;

		if (pins[i].item == own)
			continue;
		at -= own != NONE && at > (int)l->items[own].pos;
		e.low = at < e.low ? at : e.low;
		e.high = at > e.high ? at : e.high;
	}
	return e;
}

/* Places that the lane has to choose from in a layer. */
static uint32_t
count_places(const struct lanes *s, uint32_t layer)
{
	return lane_item(s->lane, layer) == NONE ? 1 : s->l->layers[layer].count;
}

/* Adds what the other net leaves uncrossed: all places before it, and those behind. */
static void
add_free_places(struct lanes *s, const struct net *own, const struct net *other, uint32_t ins,
		uint32_t outs)
{
	const struct layout *l = s->l;
	struct extent a = measure_pins(l, own->ins, own->in_count, ins);
	struct extent b = measure_pins(l, own->outs, own->out_count, outs);
	struct extent p = measure_pins(l, other->ins, other->in_count, ins);
	struct extent q = measure_pins(l, other->outs, other->out_count, outs);
	size_t row = s->places;

	if (a.high <= p.low && b.high <= q.low) {
		size_t end_in = ins == NONE ? 1 : (size_t)p.low + 1;
		size_t end_out = outs == NONE ? 1 : (size_t)q.low + 1;

		s->cells[0]++;
		s->cells[end_in * row]--;
		s->cells[end_out]--;
		s->cells[end_in * row + end_out]++;
	}
	if (a.low >= p.high && b.low >= q.high)
		s->cells[(ins == NONE ? 0 : (size_t)p.high + 1) * row +
			 (outs == NONE ? 0 : (size_t)q.high + 1)]++;
}

/* Fills cells with what the lane crosses in the gap behind the layer, for each
 * pair of places. */
static void
weigh_gap(struct lanes *s, uint32_t layer)
{
	const struct layout *l = s->l;
	const struct gap *gap = &l->gaps[layer];
	const struct net *own = &l->nets[s->lane->first_net + layer - s->lane->first];
	uint32_t ins = lane_item(s->lane, layer), outs = lane_item(s->lane, layer + 1);
	size_t rows = count_places(s, layer), columns = count_places(s, layer + 1);
	int others = 0;

	for (size_t i = 0; i <= rows; i++)
		memset(&s->cells[i * s->places], 0, (columns + 1) * sizeof(*s->cells));
	for (uint32_t i = 0; i < gap->net_count; i++) {
		const struct net *other = &l->nets[gap->nets[i]];

		if (other == own || net_shares_sources(own, other))
			continue;
		others++;
		add_free_places(s, own, other, ins, outs);
	}
	for (size_t i = 0; i < rows; i++)
		for (size_t k = 1; k < columns; k++)
			s->cells[i * s->places + k] += s->cells[i * s->places + k - 1];
	for (size_t i = 1; i < rows; i++)
		for (size_t k = 0; k < columns; k++)
			s->cells[i * s->places + k] += s->cells[(i - 1) * s->places + k];
	for (size_t i = 0; i < rows; i++)
		for (size_t k = 0; k < columns; k++)
			s->cells[i * s->places + k] = others - s->cells[i * s->places + k];
	s->spent += VISITS_PER_NET * gap->net_count + rows * columns;
}

static uint32_t
place_now(const struct lanes *s, uint32_t layer)
{
	uint32_t item = lane_item(s->lane, layer);

	return item == NONE ? 0 : s->l->items[item].pos;
}

/* The least crossings up to each place behind the gap. */
static void
cross_gap(struct lanes *s, uint32_t layer)
{
	const int *before = &s->least[(size_t)layer * s->places];
	int *behind = &s->least[(size_t)(layer + 1) * s->places];
	uint32_t *from = &s->from[(size_t)(layer + 1) * s->places];
	uint32_t rows = count_places(s, layer), columns = count_places(s, layer + 1);

	for (uint32_t k = 0; k < columns; k++) {
		behind[k] = INT_MAX;
		for (uint32_t i = 0; i < rows; i++) {
			int sum = before[i] + s->cells[(size_t)i * s->places + k];

			if (sum >= behind[k])
				continue;
			behind[k] = sum;
			from[k] = i;
		}
	}
}

static void
move_item(struct layout *l, uint32_t item, uint32_t to)
{
	struct layer *layer = &l->layers[l->items[item].layer];

	order_take(l, layer, item);
	order_put(l, layer, item, to);
}

/* Crossings saved. */
static unsigned
sift_lane(struct lanes *s)
{
	uint32_t first = s->lane->first, last = s->lane->last, place = 0;
	int now = 0, best;

	s->least[(size_t)first * s->places] = 0;
	for (uint32_t i = first; i < last; i++) {
		weigh_gap(s, i);
		now += s->cells[(size_t)place_now(s, i) * s->places + place_now(s, i + 1)];
		cross_gap(s, i);
	}
	best = s->least[(size_t)last * s->places];
	if (best >= now)
		return 0;
	for (uint32_t i = last; i > first + 1; i--) {
		place = s->from[(size_t)i * s->places + place];
		move_item(s->l, lane_item(s->lane, i - 1), place);
	}
	return (unsigned)(now - best);
}

unsigned
lanes_sift(struct layout *l, uint64_t most, uint64_t *spent)
{
	struct lanes s = { .l = l };
	unsigned saved = 0;

	for (uint32_t i = 0; i < l->layer_count; i++)
		s.places = l->layers[i].count > s.places ? l->layers[i].count : s.places;
	s.places += 2;
	s.cells = xmalloc((size_t)s.places * s.places * sizeof(*s.cells));
	s.least = xmalloc(((size_t)l->layer_count + 1) * s.places * sizeof(*s.least));
	s.from = xmalloc(((size_t)l->layer_count + 1) * s.places * sizeof(*s.from));
	for (uint32_t i = 0; i < l->bundle_count && s.spent < most; i++) {
		s.lane = &l->bundles[i];
		if (s.lane->last > s.lane->first + 1)
			saved += sift_lane(&s);
	}
	*spent += s.spent;
	free(s.cells);
	free(s.least);
	free(s.from);
	return saved;
}
