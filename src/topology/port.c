/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ports: the cells of a box's border where its lines touch.
 *
 * Each net has a port of its own on a box.  Their order follows the other
 * ends, their final positions come as near to straight lines as the box
 * allows.
 */
#include <stdlib.h>

#include "src/base/arena.h"
#include "src/topology/layout_priv.h"

int
port_room(const struct layout *l, const struct pin *p)
{
	int cells = label_cells(p);

	if (layout_is_across(l))
		return l->o.edge_labels != NULL ? 2 : 1;
	return cells > 0 ? cells + 3 : 2;
}

void
port_collect(struct layout *l)
{
	for (uint32_t i = 0; i < l->item_count; i++) {
		struct item *it = &l->items[i];

		it->up_pins = arena_alloc(l->arena, (it->up_count + 1) * sizeof(*it->up_pins));
		it->down_pins = arena_alloc(l->arena,
					    (it->down_count + 1) * sizeof(*it->down_pins));
	}
	for (uint32_t i = 0; i < l->net_count; i++) {
		struct net *n = &l->nets[i];

		for (uint32_t p = 0; p < n->in_count; p++) {
			struct item *it = &l->items[n->ins[p].item];

			n->ins[p].net = i;
			it->down_pins[it->down_pin_count++] = &n->ins[p];
		}
		for (uint32_t p = 0; p < n->out_count; p++) {
			struct item *it = &l->items[n->outs[p].item];

			n->outs[p].net = i;
			it->up_pins[it->up_pin_count++] = &n->outs[p];
		}
	}
}

/* Mean place of some pins, in units that compare exactly. */
static int64_t
mean_place(const struct layout *l, const struct pin *pins, uint32_t count)
{
	int64_t sum = 0;

	for (uint32_t i = 0; i < count; i++)
		sum += l->items[pins[i].item].pos;
	return (sum << 16) / count;
}

/* Does the net of p come before that of q on a side of an item?  By their other
 * ends; of those that end in the same item, the one that comes before it here. */
static bool
is_before(const struct layout *l, const struct pin *p, const struct pin *q, bool up)
{
	const struct net *a = &l->nets[p->net], *b = &l->nets[q->net];
	int64_t ins = mean_place(l, a->ins, a->in_count) - mean_place(l, b->ins, b->in_count);
	int64_t outs = mean_place(l, a->outs, a->out_count) - mean_place(l, b->outs, b->out_count);
	int64_t other = up ? ins : outs, here = up ? outs : ins;

	return other != 0 ? other < 0 : here < 0;
}

static void
sort_side(const struct layout *l, struct pin **pins, uint32_t count, bool up)
{
	for (uint32_t i = 1; i < count; i++) {
		struct pin *moved = pins[i];
		uint32_t j = i;

		for (; j > 0 && is_before(l, moved, pins[j - 1], up); j--)
			pins[j] = pins[j - 1];
		pins[j] = moved;
	}
}

static int
side_cells(const struct layout *l, struct pin *const *pins, uint32_t count)
{
	int cells = 0;

	for (uint32_t i = 0; i < count; i++)
		cells += port_room(l, pins[i]);
	return cells;
}

static void
spread_side(const struct layout *l, const struct item *it, struct pin **pins, uint32_t count)
{
	int used = side_cells(l, pins, count), at;

	if (it->box == NONE) {
		for (uint32_t i = 0; i < count; i++)
			pins[i]->at = 0;
		return;
	}
	if (count > 0)			/* a label hangs over to the right: not counted */
		used -= port_room(l, pins[count - 1]) - 1;
	at = (it->size - used) / 2;
	if (at < 1)
		at = 1;
	for (uint32_t i = 0; i < count; i++) {
		pins[i]->at = at;
		at += port_room(l, pins[i]);
	}
	if (count > 0 && label_cells(pins[count - 1]) > 0 && !layout_is_across(l)) {
		int over = at - it->size + 1;

		for (uint32_t i = 0; i < count && over > 0; i++)
			pins[i]->at -= over < pins[0]->at ? over : 0;
	}
}

void
port_spread(struct layout *l)
{
	for (uint32_t i = 0; i < l->item_count; i++) {
		struct item *it = &l->items[i];

		sort_side(l, it->up_pins, it->up_pin_count, true);
		sort_side(l, it->down_pins, it->down_pin_count, false);
		spread_side(l, it, it->up_pins, it->up_pin_count);
		spread_side(l, it, it->down_pins, it->down_pin_count);
	}
}

static bool
is_taken(const struct pin *others, uint32_t count, int at)
{
	for (uint32_t i = 0; i < count; i++)
		if (others[i].at == at)
			return true;
	return false;
}

/* Where a pin would be best: opposite its other end.  A pin of a trunk stands
 * in the middle of its box instead, yet never opposite another tee (top
 * down), as that would look like a crossing. */
static int
best_place(const struct layout *l, const struct item *it, const struct pin *p, bool up)
{
	const struct net *n = &l->nets[p->net];
	const struct pin *others = up ? n->ins : n->outs;
	uint32_t count = up ? n->in_count : n->out_count;
	int middle = it->at + (it->size - 1) / 2;

	if (n->in_count * n->out_count == 1)
		return others[0].at;
	if (layout_is_across(l))
		return middle;
	for (int step = 0; step < it->size / 2; step++) {
		if (!is_taken(others, count, middle + step))
			return middle + step;
		if (!is_taken(others, count, middle - step))
			return middle - step;
	}
	return middle;
}

static void
align_side(const struct layout *l, const struct item *it, struct pin **pins, uint32_t count,
	   bool up, struct spot *spots, struct wish *wishes)
{
	int offset = 0, tail = 0;

	for (uint32_t i = 0; i < count; i++) {
		wishes[i] = (struct wish){ best_place(l, it, pins[i], up), 1 };
		spots[i] = (struct spot){ .first = i, .count = 1, .offset = offset };
		if (i + 1 < count)
			offset += port_room(l, pins[i]);
		else if (!layout_is_across(l) && label_cells(pins[i]) > 0)
			tail = label_cells(pins[i]) + 1;
	}
	isotonic_solve(spots, count, wishes);
	for (uint32_t i = 0; i < count; i++) {
		int base = spots[i].at - spots[i].offset;
		int low = it->at + 1, high = it->at + it->size - 2 - offset - tail;

		if (high < low)
			high = it->at + it->size - 2 - offset;
		base = base > high ? high : base;
		base = base < low ? low : base;
		pins[i]->at = base + spots[i].offset;
	}
}

void
port_align(struct layout *l)
{
	uint32_t most = 0;
	struct spot *spots;
	struct wish *wishes;

	for (uint32_t i = 0; i < l->item_count; i++) {
		struct item *it = &l->items[i];

		for (uint32_t p = 0; p < it->up_pin_count; p++)
			it->up_pins[p]->at += it->at;
		for (uint32_t p = 0; p < it->down_pin_count; p++)
			it->down_pins[p]->at += it->at;
		most = it->up_pin_count > most ? it->up_pin_count : most;
		most = it->down_pin_count > most ? it->down_pin_count : most;
	}
	spots = xmalloc((most + 1) * sizeof(*spots));
	wishes = xmalloc((most + 1) * sizeof(*wishes));
	for (int round = 0; round < 3; round++)
		for (uint32_t i = 0; i < 2 * l->item_count; i++) {
			struct item *it = &l->items[i / 2];

			if (it->box == NONE)
				continue;
			if (i % 2 == 0)
				align_side(l, it, it->up_pins, it->up_pin_count, true, spots,
					   wishes);
			else
				align_side(l, it, it->down_pins, it->down_pin_count, false,
					   spots, wishes);
		}
	free(spots);
	free(wishes);
}
