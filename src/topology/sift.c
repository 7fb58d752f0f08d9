/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Crossings of nets, and sifting: each item in turn goes where the fewest nets
 * cross.
 *
 * The search in order.c counts links, each end of a trunk for itself; this
 * counts what will be drawn.  Whether two nets cross depends on a few places
 * only; so one look at each pair of a net of the item and another one of the same
 * gap tells what every place in the layer would cost.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/rng.h"
#include "src/topology/layout_priv.h"

enum { SHAKEN_ITEMS = 2 };

/* Places that a net reaches in the layers before (ins) and behind its gap. */
enum side { INS, OUTS, SIDES };
struct span {
	int low[SIDES], high[SIDES];
};

struct sifter {
	struct layout *l;
	/* Nets by number, those of a gap one after another. */
	uint32_t *first;		/* of each gap */
	const struct net **nets;
	struct span *spans;
	uint32_t *alike;		/* first net of the same several sources */
	/* Nets of each item; up: in the gap before its layer. */
	uint32_t *first_up, *up, *first_down, *down;
	int *costs;			/* crossings added by each place */
	uint64_t spent;			/* pairs looked at so far: the measure of effort */
	uint32_t *queue;		/* items to sift after a shake */
	bool *is_queued;
	uint32_t *kept, *best;		/* positions before it, and with the least crossings */
	uint32_t *changed, changed_count;	/* layers in which items moved since then */
	bool *is_changed;
};

static void
measure_side(const struct layout *l, const struct net *n, enum side side, struct span *span)
{
	const struct pin *pins = side == INS ? n->ins : n->outs;
	uint32_t count = side == INS ? n->in_count : n->out_count;
	int low = INT_MAX, high = INT_MIN;

	for (uint32_t i = 0; i < count; i++) {
		int pos = (int)l->items[pins[i].item].pos;

		low = pos < low ? pos : low;
		high = pos > high ? pos : high;
	}
	span->low[side] = low;
	span->high[side] = high;
}

static void
measure_net(const struct layout *l, const struct net *n, struct span *span)
{
	measure_side(l, n, INS, span);
	measure_side(l, n, OUTS, span);
}

/* Nothing of a has to pass anything of b; ends at the same item may. */
static bool
is_before(const struct span *a, const struct span *b)
{
	return a->high[INS] <= b->low[INS] && a->high[OUTS] <= b->low[OUTS];
}

static bool
spans_cross(const struct span *a, const struct span *b)
{
	return !is_before(a, b) && !is_before(b, a);
}

/* Buses of the same sources: one's stubs only pass behind the other's bar. */
bool
net_shares_sources(const struct net *a, const struct net *b)
{
	if (a->in_count < 2 || a->in_count != b->in_count)
		return false;
	for (uint32_t i = 0; i < a->in_count; i++)
		if (a->ins[i].item != b->ins[i].item)
			return false;
	return true;
}

unsigned
order_mark_crossings(const struct layout *l, bool *nets)
{
	struct span *spans = xmalloc((l->net_count + 1) * sizeof(*spans));
	unsigned crossings = 0;

	for (uint32_t i = 0; i < l->layer_count; i++) {
		const struct gap *gap = &l->gaps[i];

		for (uint32_t a = 0; a < gap->net_count; a++) {
			measure_net(l, &l->nets[gap->nets[a]], &spans[a]);
			for (uint32_t b = 0; b < a; b++) {
				if (!spans_cross(&spans[a], &spans[b]) ||
				    net_shares_sources(&l->nets[gap->nets[a]],
						  &l->nets[gap->nets[b]]))
					continue;
				crossings++;
				if (nets != NULL)
					nets[gap->nets[a]] = nets[gap->nets[b]] = true;
			}
		}
	}
	free(spans);
	return crossings;
}

unsigned
order_crossings(const struct layout *l)
{
	return order_mark_crossings(l, NULL);
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

/* Numbers the nets of gap after gap. */
static void
number_nets(struct sifter *s)
{
	const struct layout *l = s->l;
	uint32_t count = 0;

	for (uint32_t i = 0; i < l->layer_count; i++) {
		s->first[i] = count;
		for (uint32_t k = 0; k < l->gaps[i].net_count; k++, count++) {
			s->nets[count] = &l->nets[l->gaps[i].nets[k]];
			s->alike[count] = count;
			for (uint32_t o = s->first[i]; s->nets[count]->in_count > 1 && o < count; o++)
				if (net_shares_sources(s->nets[o], s->nets[count]))
					s->alike[count] = s->alike[o];
		}
	}
	s->first[l->layer_count] = count;
}

static void
list_nets_of_items(struct sifter *s)
{
	const struct layout *l = s->l;
	uint32_t ins = 0, outs = 0;

	for (uint32_t i = 0; i < l->net_count; i++) {
		ins += s->nets[i]->in_count;
		outs += s->nets[i]->out_count;
		count_nets(s->nets[i]->ins, s->nets[i]->in_count, s->first_down);
		count_nets(s->nets[i]->outs, s->nets[i]->out_count, s->first_up);
	}
	s->up = xcalloc(outs + 1, sizeof(*s->up));
	s->down = xcalloc(ins + 1, sizeof(*s->down));
	for (uint32_t i = 2; i < l->item_count + 2; i++) {
		s->first_up[i] += s->first_up[i - 1];
		s->first_down[i] += s->first_down[i - 1];
	}
	for (uint32_t i = 0; i < l->net_count; i++) {
		list_nets(s->nets[i]->ins, s->nets[i]->in_count, i, s->first_down, s->down);
		list_nets(s->nets[i]->outs, s->nets[i]->out_count, i, s->first_up, s->up);
	}
}

struct sifter *
sifter_new(struct layout *l)
{
	struct sifter *s = xcalloc(1, sizeof(*s));
	uint32_t widest = 0;

	s->l = l;
	for (uint32_t i = 0; i < l->layer_count; i++)
		widest = l->layers[i].count > widest ? l->layers[i].count : widest;
	s->first = xcalloc(l->layer_count + 1, sizeof(*s->first));
	s->nets = xcalloc(l->net_count + 1, sizeof(*s->nets));
	s->spans = xcalloc(l->net_count + 1, sizeof(*s->spans));
	s->alike = xcalloc(l->net_count + 1, sizeof(*s->alike));
	s->first_up = xcalloc(l->item_count + 3, sizeof(*s->first_up));
	s->first_down = xcalloc(l->item_count + 3, sizeof(*s->first_down));
	s->costs = xcalloc(widest + 2, sizeof(*s->costs));
	s->queue = xcalloc(l->item_count + 1, sizeof(*s->queue));
	s->is_queued = xcalloc(l->item_count + 1, sizeof(*s->is_queued));
	s->kept = xcalloc(l->item_count + 1, sizeof(*s->kept));
	s->best = xcalloc(l->item_count + 1, sizeof(*s->best));
	s->changed = xcalloc(l->layer_count + 1, sizeof(*s->changed));
	s->is_changed = xcalloc(l->layer_count + 1, sizeof(*s->is_changed));
	number_nets(s);
	list_nets_of_items(s);
	return s;
}

void
sifter_free(struct sifter **sp)
{
	struct sifter *s = *sp;

	if (s == NULL)
		return;
	free(s->first);
	free(s->nets);
	free(s->spans);
	free(s->alike);
	free(s->first_up);
	free(s->up);
	free(s->first_down);
	free(s->down);
	free(s->costs);
	free(s->queue);
	free(s->is_queued);
	free(s->kept);
	free(s->best);
	free(s->changed);
	free(s->is_changed);
	free(s);
	*sp = NULL;
}

uint64_t
sifter_spent(const struct sifter *s)
{
	return s->spent;
}

/* A net of the item that is moved: what it reaches without that item in its
 * layer (low above high: nothing), and on the other side of the gap. */
struct reach {
	int low, high, other_low, other_high;
};

/* The item that is moved, seen from one of its gaps. */
struct view {
	const struct sifter *s;
	uint32_t item;
	int at;				/* its place */
	enum side side;			/* of the gap that it is on */
	const uint32_t *nets;		/* of the item */
	uint32_t count, first, end;	/* nets of the gap */
};

/* Places as they are numbered without the item. */
static int
without(const struct view *v, int place)
{
	return place - (place > v->at);
}

static struct reach
reach_of(const struct view *v, uint32_t net)
{
	const struct span *span = &v->s->spans[net];
	const struct net *n = v->s->nets[net];
	const struct pin *pins = v->side == INS ? n->ins : n->outs;
	uint32_t count = v->side == INS ? n->in_count : n->out_count;
	struct reach r = { INT_MAX, INT_MIN, span->low[!v->side], span->high[!v->side] };

	for (uint32_t i = 0; i < count && count > 1; i++) {
		int at;

		if (pins[i].item == v->item)
			continue;
		at = without(v, (int)v->s->l->items[pins[i].item].pos);
		r.low = at < r.low ? at : r.low;
		r.high = at > r.high ? at : r.high;
	}
	return r;
}

/*
 * Crossings of one of the item's nets with another net, as differences: what
 * costs[place] is more than costs[place - 1].  They do not cross while the item
 * stands before all of that one's places and the rest of its net does too, on
 * both sides; nor while all that is behind.
 */
static void
weigh_pair(const struct view *v, const struct reach *r, const struct span *o, int *costs)
{
	int low = without(v, o->low[v->side]), high = without(v, o->high[v->side]);

	costs[low + 1] += r->high <= low && r->other_high <= o->low[!v->side];
	costs[high + 1] -= r->low >= high && r->other_low >= o->high[!v->side];
}

/* What the net reaches when the item stands between place - 1 and place; places
 * of others are odd then. */
static struct span
span_at(const struct reach *r, int place)
{
	return (struct span){
		.low = { r->low < place ? 2 * r->low + 1 : 2 * place, r->other_low },
		.high = { r->high >= place ? 2 * r->high + 1 : 2 * place, r->other_high },
	};
}

static void
weigh_own_pair(const struct reach *a, const struct reach *b, int most, int *costs)
{
	int before = 0;

	if (a->low > a->high && b->low > b->high)
		return;		/* they meet in the item only */
	for (int place = 0; place <= most; place++) {
		struct span first = span_at(a, place), second = span_at(b, place);
		int now = spans_cross(&first, &second);

		costs[place] += now - before;
		before = now;
	}
}

/* One net of the item with all others of the gap. */
static void
weigh_net(const struct view *v, uint32_t index, int most, int *costs)
{
	const struct sifter *s = v->s;
	uint32_t net = v->nets[index], own = 0;
	struct reach r = reach_of(v, net);

	for (uint32_t o = v->first; o < v->end; o++) {
		if (own < v->count && v->nets[own] == o) {
			own++;
			if (own <= index && s->alike[o] != s->alike[net]) {
				struct reach other = reach_of(v, o);

				weigh_own_pair(&r, &other, most, costs);
			}
			continue;
		}
		if (s->alike[o] != s->alike[net])
			weigh_pair(v, &r, &s->spans[o], costs);
	}
}

/* Fills costs for each place that the item at that place may go to. */
static void
weigh_places(struct sifter *s, const struct layer *layer, uint32_t at)
{
	uint32_t item = layer->items[at], index = (uint32_t)(layer - s->l->layers);
	struct view up = { s, item, (int)at, OUTS, s->up + s->first_up[item],
			   s->first_up[item + 1] - s->first_up[item], 0, 0 };
	struct view down = { s, item, (int)at, INS, s->down + s->first_down[item],
			     s->first_down[item + 1] - s->first_down[item], s->first[index],
			     s->first[index + 1] };

	if (index > 0) {
		up.first = s->first[index - 1];
		up.end = s->first[index];
	}
	memset(s->costs, 0, (layer->count + 1) * sizeof(*s->costs));
	for (uint32_t i = 0; i < up.count; i++)
		weigh_net(&up, i, (int)layer->count - 1, s->costs);
	for (uint32_t i = 0; i < down.count; i++)
		weigh_net(&down, i, (int)layer->count - 1, s->costs);
	for (uint32_t i = 1; i < layer->count; i++)
		s->costs[i] += s->costs[i - 1];
	s->spent += 1 + layer->count + (uint64_t)up.count * (up.end - up.first) +
		    (uint64_t)down.count * (down.end - down.first);
}

/* After an item has moved in the layer. */
static void
measure_layer(struct sifter *s, uint32_t layer)
{
	for (uint32_t i = layer > 0 ? s->first[layer - 1] : 0; i < s->first[layer]; i++)
		measure_side(s->l, s->nets[i], OUTS, &s->spans[i]);
	for (uint32_t i = s->first[layer]; i < s->first[layer + 1]; i++)
		measure_side(s->l, s->nets[i], INS, &s->spans[i]);
}

static void
move_item(struct sifter *s, struct layer *layer, uint32_t at, uint32_t to)
{
	uint32_t item = layer->items[at], index = (uint32_t)(layer - s->l->layers);
	uint32_t low = at < to ? at : to, high = at < to ? to : at;

	if (at < to)
		memmove(&layer->items[at], &layer->items[at + 1], (to - at) * sizeof(item));
	else
		memmove(&layer->items[to + 1], &layer->items[to], (at - to) * sizeof(item));
	layer->items[to] = item;
	for (uint32_t i = low; i <= high; i++)
		s->l->items[layer->items[i]].pos = i;
	measure_layer(s, index);
	if (!s->is_changed[index])
		s->changed[s->changed_count++] = index;
	s->is_changed[index] = true;
}

static bool
may_pass(const struct sifter *s, const struct layer *layer, uint32_t at, uint32_t other)
{
	return s->l->frames == NULL ||
	       frame_may_pass(s->l, layer->items[at], layer->items[other]);
}

/* Moves an item to the best place in its layer, the nearest one before it first.
 * Crossings saved by it; 0: it stays. */
static int
sift_item(struct sifter *s, struct layer *layer, uint32_t at)
{
	uint32_t best = at;
	int saved;

	weigh_places(s, layer, at);
	for (uint32_t to = at; to > 0 && may_pass(s, layer, at, to - 1); to--)
		if (s->costs[to - 1] < s->costs[best])
			best = to - 1;
	for (uint32_t to = at + 1; to < layer->count && may_pass(s, layer, at, to); to++)
		if (s->costs[to] < s->costs[best])
			best = to;
	saved = s->costs[at] - s->costs[best];
	if (best != at)
		move_item(s, layer, at, best);
	return saved;
}

static void
measure_all(struct sifter *s)
{
	for (uint32_t i = 0; i < s->l->net_count; i++)
		measure_net(s->l, s->nets[i], &s->spans[i]);
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

unsigned
sifter_crossings(const struct sifter *s)
{
	unsigned crossings = 0;

	for (uint32_t gap = 0; gap < s->l->layer_count; gap++)
		for (uint32_t a = s->first[gap]; a < s->first[gap + 1]; a++)
			for (uint32_t b = s->first[gap]; b < a; b++)
				crossings += spans_cross(&s->spans[a], &s->spans[b]) &&
					     s->alike[a] != s->alike[b];
	return crossings;
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

		weigh_places(s, layer, at);
		added += s->costs[to] - s->costs[at];
		move_item(s, layer, at, to);
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

/* The changed layers become what is kept, or what was. */
static void
settle_changes(struct sifter *s, bool take_back)
{
	struct layout *l = s->l;

	while (s->changed_count > 0) {
		uint32_t index = s->changed[--s->changed_count];
		struct layer *layer = &l->layers[index];

		s->is_changed[index] = false;
		memcpy(s->queue, layer->items, layer->count * sizeof(*s->queue));
		for (uint32_t i = 0; i < layer->count; i++) {
			uint32_t item = s->queue[i];

			if (!take_back) {
				s->kept[item] = i;
				continue;
			}
			l->items[item].pos = s->kept[item];
			layer->items[s->kept[item]] = item;
		}
		if (take_back)
			measure_layer(s, index);
	}
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
	settle_changes(s, false);
	/* Layers of one item cost next to nothing: rounds are limited as well. */
	for (uint64_t round = 0; round < most && s->spent < end && crossings > 0; round++) {
		struct layer *layer = &l->layers[rng_below(rng, l->layer_count)];
		uint32_t queued = 0;
		int added = shake_layer(s, layer, rng, &queued);

		added -= sift_queue(s, queued, end);
		settle_changes(s, added > 0);
		if (added > 0)
			continue;
		crossings -= (unsigned)-added;
		if (added < 0)
			store(s, s->best);
	}
	if (ends == SHAKE_STAYS)
		restore(s, s->best);
}
