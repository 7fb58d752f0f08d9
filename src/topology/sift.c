/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Crossings of nets, and sifting: each item in turn goes where the fewest nets
 * cross.
 *
 * The search in order.c counts links, each end of a trunk for itself; this
 * counts what will be drawn.  An item moves past one neighbour after another,
 * and only the nets of these two are compared.
 */
#include <stdlib.h>

#include "src/base/rng.h"
#include "src/topology/layout_priv.h"

enum { SHAKEN_ITEMS = 2 };

/* Positions that the two sides of a net reach. */
struct span {
	uint32_t in_low, in_high, out_low, out_high;
};

struct sifter {
	struct layout *l;
	struct span *spans;		/* of each net */
	/* Nets of each item; up: in the gap before its layer. */
	uint32_t *first_up, *up, *first_down, *down;
	uint64_t spent;			/* nets compared so far: the measure of effort */
	uint32_t *queue;		/* items to sift after a shake */
	bool *is_queued;
	uint32_t *kept, *best;		/* positions before it, and with the least crossings */
};

static void
pin_span(const struct layout *l, const struct pin *pins, uint32_t count, uint32_t *low,
	 uint32_t *high)
{
	*low = NONE;
	*high = 0;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t pos = l->items[pins[i].item].pos;

		*low = pos < *low ? pos : *low;
		*high = pos > *high ? pos : *high;
	}
}

static void
measure_net(const struct layout *l, uint32_t net, struct span *span)
{
	const struct net *n = &l->nets[net];

	pin_span(l, n->ins, n->in_count, &span->in_low, &span->in_high);
	pin_span(l, n->outs, n->out_count, &span->out_low, &span->out_high);
}

/* Some line of a must pass some line of b: it starts before and ends behind. */
static bool
spans_cross(const struct span *a, const struct span *b)
{
	return (a->in_low < b->in_high && a->out_high > b->out_low) ||
	       (b->in_low < a->in_high && b->out_high > a->out_low);
}

/* Buses of the same sources: one's stubs only pass behind the other's bar. */
static bool
share_sources(const struct net *a, const struct net *b)
{
	if (a->in_count < 2 || a->in_count != b->in_count)
		return false;
	for (uint32_t i = 0; i < a->in_count; i++)
		if (a->ins[i].item != b->ins[i].item)
			return false;
	return true;
}

static bool
nets_cross(const struct layout *l, const struct span *spans, uint32_t a, uint32_t b)
{
	return spans_cross(&spans[a], &spans[b]) &&
	       !share_sources(&l->nets[a], &l->nets[b]);
}

unsigned
order_crossings(const struct layout *l)
{
	struct span *spans = xmalloc((l->net_count + 1) * sizeof(*spans));
	unsigned crossings = 0;

	for (uint32_t i = 0; i < l->net_count; i++)
		measure_net(l, i, &spans[i]);
	for (uint32_t i = 0; i < l->layer_count; i++) {
		const struct gap *gap = &l->gaps[i];

		for (uint32_t a = 0; a < gap->net_count; a++)
			for (uint32_t b = a + 1; b < gap->net_count; b++)
				crossings += nets_cross(l, spans, gap->nets[a], gap->nets[b]);
	}
	free(spans);
	return crossings;
}

static void
count_nets(const struct pin *pins, uint32_t count, uint32_t *first)
{
	for (uint32_t i = 0; i < count; i++)
		first[pins[i].item + 2]++;
}

static void
list_nets(const struct pin *pins, uint32_t count, uint32_t net, uint32_t *first, uint32_t *list)
{
	for (uint32_t i = 0; i < count; i++)
		list[first[pins[i].item + 1]++] = net;
}

struct sifter *
sifter_new(struct layout *l)
{
	struct sifter *s = xcalloc(1, sizeof(*s));
	uint32_t ins = 0, outs = 0;

	s->l = l;
	s->spans = xcalloc(l->net_count + 1, sizeof(*s->spans));
	s->first_up = xcalloc(l->item_count + 3, sizeof(*s->first_up));
	s->first_down = xcalloc(l->item_count + 3, sizeof(*s->first_down));
	for (uint32_t i = 0; i < l->net_count; i++) {
		ins += l->nets[i].in_count;
		outs += l->nets[i].out_count;
		count_nets(l->nets[i].ins, l->nets[i].in_count, s->first_down);
		count_nets(l->nets[i].outs, l->nets[i].out_count, s->first_up);
	}
	s->up = xcalloc(outs + 1, sizeof(*s->up));
	s->down = xcalloc(ins + 1, sizeof(*s->down));
	s->queue = xcalloc(l->item_count + 1, sizeof(*s->queue));
	s->is_queued = xcalloc(l->item_count + 1, sizeof(*s->is_queued));
	s->kept = xcalloc(l->item_count + 1, sizeof(*s->kept));
	s->best = xcalloc(l->item_count + 1, sizeof(*s->best));
	for (uint32_t i = 2; i < l->item_count + 2; i++) {
		s->first_up[i] += s->first_up[i - 1];
		s->first_down[i] += s->first_down[i - 1];
	}
	for (uint32_t i = 0; i < l->net_count; i++) {
		list_nets(l->nets[i].ins, l->nets[i].in_count, i, s->first_down, s->down);
		list_nets(l->nets[i].outs, l->nets[i].out_count, i, s->first_up, s->up);
	}
	return s;
}

void
sifter_free(struct sifter **sp)
{
	struct sifter *s = *sp;

	if (s == NULL)
		return;
	free(s->spans);
	free(s->first_up);
	free(s->first_down);
	free(s->up);
	free(s->down);
	free(s->queue);
	free(s->is_queued);
	free(s->kept);
	free(s->best);
	free(s);
	*sp = NULL;
}

uint64_t
sifter_spent(const struct sifter *s)
{
	return s->spent;
}

static bool
holds(const uint32_t *list, uint32_t count, uint32_t net)
{
	for (uint32_t i = 0; i < count; i++)
		if (list[i] == net)
			return true;
	return false;
}

/* Crossings between the nets of u and those of v in one gap, each pair once. */
static int
count_between(const struct sifter *s, const uint32_t *first, const uint32_t *list, uint32_t u,
	      uint32_t v)
{
	const uint32_t *of_u = list + first[u], *of_v = list + first[v];
	uint32_t u_count = first[u + 1] - first[u], v_count = first[v + 1] - first[v];
	int crossings = 0;

	for (uint32_t i = 0; i < u_count; i++)
		for (uint32_t k = 0; k < v_count; k++) {
			uint32_t a = of_u[i], b = of_v[k];

			if (a == b || !nets_cross(s->l, s->spans, a, b))
				continue;
			/* Both nets of both items: met twice. */
			crossings += a < b || !holds(of_u, u_count, b) || !holds(of_v, v_count, a);
		}
	return crossings;
}

static uint64_t
cost_between(const uint32_t *first, uint32_t u, uint32_t v)
{
	return (uint64_t)(first[u + 1] - first[u]) * (first[v + 1] - first[v]);
}

/* After the item has moved to the next place: its nets reach as far as it
 * does, unless the other one, now in its old place, belongs to them too. */
static void
shift_bounds(struct sifter *s, uint32_t item, uint32_t other, uint32_t from)
{
	uint32_t to = s->l->items[item].pos;

	for (uint32_t i = s->first_up[item]; i < s->first_up[item + 1]; i++) {
		struct span *span = &s->spans[s->up[i]];

		if (holds(s->up + s->first_up[other], s->first_up[other + 1] - s->first_up[other],
			  s->up[i]))
			continue;
		span->out_low = span->out_low == from ? to : span->out_low;
		span->out_high = span->out_high == from ? to : span->out_high;
	}
	for (uint32_t i = s->first_down[item]; i < s->first_down[item + 1]; i++) {
		struct span *span = &s->spans[s->down[i]];

		if (holds(s->down + s->first_down[other],
			  s->first_down[other + 1] - s->first_down[other], s->down[i]))
			continue;
		span->in_low = span->in_low == from ? to : span->in_low;
		span->in_high = span->in_high == from ? to : span->in_high;
	}
}

/* The item at that place passes the next one; crossings added by it. */
static int
exchange(struct sifter *s, struct layer *layer, uint32_t at)
{
	uint32_t u = layer->items[at], v = layer->items[at + 1];
	int before = count_between(s, s->first_up, s->up, u, v) +
		     count_between(s, s->first_down, s->down, u, v);

	s->spent += 1 + cost_between(s->first_up, u, v) + cost_between(s->first_down, u, v);
	layer->items[at] = v;
	layer->items[at + 1] = u;
	s->l->items[v].pos = at;
	s->l->items[u].pos = at + 1;
	shift_bounds(s, u, v, at);
	shift_bounds(s, v, u, at + 1);
	return count_between(s, s->first_up, s->up, u, v) +
	       count_between(s, s->first_down, s->down, u, v) - before;
}

static bool
may_pass(const struct sifter *s, const struct layer *layer, uint32_t at)
{
	return s->l->frames == NULL ||
	       frame_may_pass(s->l, layer->items[at], layer->items[at + 1]);
}

/* Moves an item through its layer, to one end and then to the other, and to
 * the best place.  Crossings saved by it; 0: it stays. */
static int
sift_item(struct sifter *s, struct layer *layer, uint32_t at)
{
	uint32_t now = at, best = at;
	int cost = 0, least = 0;

	for (; now > 0 && may_pass(s, layer, now - 1); now--) {
		cost += exchange(s, layer, now - 1);
		if (cost < least) {
			least = cost;
			best = now - 1;
		}
	}
	for (; now + 1 < layer->count && may_pass(s, layer, now); now++) {
		cost += exchange(s, layer, now);
		if (cost < least) {
			least = cost;
			best = now + 1;
		}
	}
	for (; now > best; now--)
		exchange(s, layer, now - 1);
	return -least;
}

static void
measure_all(struct sifter *s)
{
	for (uint32_t i = 0; i < s->l->net_count; i++)
		measure_net(s->l, i, &s->spans[i]);
}

void
sift_all(struct sifter *s, uint64_t most, int passes)
{
	struct layout *l = s->l;
	uint64_t end = s->spent + most;
	bool changed = most > 0;

	if (changed)
		measure_all(s);
	for (int pass = 0; pass < passes && changed; pass++) {
		changed = false;
		for (uint32_t i = 0; i < l->layer_count; i++)
			for (uint32_t k = 0; k < l->layers[i].count && s->spent < end; k++)
				changed |= sift_item(s, &l->layers[i], k) > 0;
	}
}

static void
enqueue(struct sifter *s, uint32_t *count, uint32_t item)
{
	if (s->is_queued[item])
		return;
	s->is_queued[item] = true;
	s->queue[(*count)++] = item;
}

/* Sifts what is queued, and the neighbours of what has moved, until so much is
 * spent; crossings saved. */
static int
sift_queue(struct sifter *s, uint32_t count, uint64_t end)
{
	const struct layout *l = s->l;
	int saved = 0;

	while (count > 0) {
		uint32_t item = s->queue[--count];
		const struct item *it = &l->items[item];
		int gain;

		s->is_queued[item] = false;
		if (s->spent >= end)
			continue;
		gain = sift_item(s, &l->layers[it->layer], it->pos);
		saved += gain;
		for (uint32_t i = 0; i < it->up_count && gain > 0; i++)
			enqueue(s, &count, it->up[i]);
		for (uint32_t i = 0; i < it->down_count && gain > 0; i++)
			enqueue(s, &count, it->down[i]);
	}
	return saved;
}

void
sift_some(struct sifter *s, const uint32_t *items, uint32_t count, uint64_t most)
{
	uint32_t queued = 0;

	measure_all(s);
	for (uint32_t i = 0; i < count; i++)
		enqueue(s, &queued, items[i]);
	sift_queue(s, queued, s->spent + most);
}

/* Moves some items of one layer to places drawn by lot; crossings added. */
static int
shake_layer(struct sifter *s, struct layer *layer, struct rng *rng, uint32_t *queued)
{
	int added = 0;

	for (int i = 0; i < SHAKEN_ITEMS; i++) {
		uint32_t at = (uint32_t)rng_below(rng, layer->count);
		uint32_t to = (uint32_t)rng_below(rng, layer->count);
		uint32_t item = layer->items[at];
		const struct item *it = &s->l->items[item];

		for (; at > to; at--)
			added += exchange(s, layer, at - 1);
		for (; at < to; at++)
			added += exchange(s, layer, at);
		for (uint32_t k = 0; k < it->up_count; k++)
			enqueue(s, queued, it->up[k]);
		for (uint32_t k = 0; k < it->down_count; k++)
			enqueue(s, queued, it->down[k]);
		enqueue(s, queued, item);
	}
	return added;
}

static void
store(const struct sifter *s, uint32_t *positions)
{
	for (uint32_t i = 0; i < s->l->item_count; i++)
		positions[i] = s->l->items[i].pos;
}

static void
restore(struct sifter *s, const uint32_t *positions)
{
	struct layout *l = s->l;

	for (uint32_t i = 0; i < l->item_count; i++) {
		l->items[i].pos = positions[i];
		l->layers[l->items[i].layer].items[positions[i]] = i;
	}
	measure_all(s);
}

void
sift_shake(struct sifter *s, unsigned crossings, uint64_t most, enum shake_end ends,
	   struct rng *rng)
{
	const struct layout *l = s->l;
	uint64_t end = s->spent + most;

	measure_all(s);
	store(s, s->kept);
	store(s, s->best);
	/* Layers of one item take no exchanges: rounds are limited as well. */
	for (uint64_t round = 0; round < most && s->spent < end && crossings > 0; round++) {
		struct layer *layer = &l->layers[rng_below(rng, l->layer_count)];
		uint32_t queued = 0;
		int added = shake_layer(s, layer, rng, &queued);

		added -= sift_queue(s, queued, end);
		if (added > 0) {
			restore(s, s->kept);
			continue;
		}
		crossings -= (unsigned)-added;
		store(s, s->kept);
		if (added < 0)
			store(s, s->best);
	}
	restore(s, ends == SHAKE_STAYS ? s->best : s->kept);
}
