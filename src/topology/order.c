/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The order of items in each layer: sweeps by barycentre and median,
 * exchange of neighbours, several starts, the first of the best kept.
 *
 * Positions are compared as integers, sorts are stable and the effort is
 * counted in sweeps, so that every machine finds the same order.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/rng.h"
#include "src/topology/layout_priv.h"

enum {
	STARTS = 12,
	QUICK_STARTS = 4, QUICK_PATIENCE = 4,	/* only asked how good the layers are */
	SWEEPS_PER_START = 24,
	PATIENCE = 5,			/* sweeps without gain that end a start */
	LEAST_SWEEPS = 4,
	WORK = 12000000,		/* visits of neighbours, all starts together */
	MORE_BOXES = 30,		/* as much again for each so many boxes, */
	MOST_TIMES = 4,			/* but at most this often */
	QUICK_BOXES = 600,
	SHAKEN_PER_BOX = 1000, MOST_SHAKEN = 100000,	/* pairs compared while the best
							   order is shaken */
	SIFT_PASSES = 4, LANE_PASSES = 10,
	LANED_OFTEN = 50000, LANED_ONCE = 400000,	/* visits, as lanes_sift() counts them */
	EXCHANGES = 2,			/* passes through all layers behind each sweep */
	VISITS_PER_PAIR = 2,		/* that a pair of nets takes as long as */
	SIFTED_OFTEN = 10000, SIFTED_ONCE = 4000000,	/* pairs of nets: each start, the best */
};

struct search {
	struct layout *l;
	uint64_t *key;			/* of each item */
	uint32_t *scratch, *tree;
	uint32_t *best;			/* positions of the best order found */
	uint64_t best_crossings;
	uint32_t widest;
	uint64_t links;
	uint64_t visits;		/* of neighbours, so far */
	struct rng rng;
	struct sifter *sifter;
};

static void
search_init(struct search *s, struct layout *l)
{
	*s = (struct search){ .l = l, .best_crossings = UINT64_MAX };
	for (uint32_t i = 0; i < l->layer_count; i++)
		if (l->layers[i].count > s->widest)
			s->widest = l->layers[i].count;
	for (uint32_t i = 0; i < l->item_count; i++)
		s->links += l->items[i].down_count;
	s->key = xcalloc(l->item_count + 1, sizeof(*s->key));
	s->best = xcalloc(l->item_count + 1, sizeof(*s->best));
	s->scratch = xcalloc(l->item_count + 1, sizeof(*s->scratch));
	s->tree = xcalloc(s->widest + 2, sizeof(*s->tree));
	s->sifter = sifter_new(l);
	rng_seed(&s->rng, 20250101);
}

static void
search_fini(struct search *s)
{
	free(s->key);
	free(s->best);
	free(s->scratch);
	free(s->tree);
	sifter_free(&s->sifter);
}

static void
renumber(struct layout *l, struct layer *layer)
{
	for (uint32_t i = 0; i < layer->count; i++)
		l->items[layer->items[i]].pos = i;
}

/* Neighbours in ascending position; lists are short and almost sorted. */
static void
sort_neighbours(const struct layout *l, uint32_t *list, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		uint32_t item = list[i], pos = l->items[item].pos, j = i;

		for (; j > 0 && l->items[list[j - 1]].pos > pos; j--)
			list[j] = list[j - 1];
		list[j] = item;
	}
}

void
order_sort_links(struct layout *l)
{
	for (uint32_t i = 0; i < l->item_count; i++) {
		sort_neighbours(l, l->items[i].up, l->items[i].up_count);
		sort_neighbours(l, l->items[i].down, l->items[i].down_count);
	}
}

/* Links behind the layer that cross: inversions, by a counting tree. */
static uint64_t
count_layer(struct search *s, const struct layer *layer, uint32_t below)
{
	const struct layout *l = s->l;
	uint64_t crossings = 0;
	uint32_t seen = 0;

	memset(s->tree, 0, (below + 2) * sizeof(*s->tree));
	for (uint32_t i = 0; i < layer->count; i++) {
		const struct item *it = &l->items[layer->items[i]];

		for (uint32_t k = 0; k < it->down_count; k++) {
			uint32_t not_right = 0;

			for (uint32_t p = l->items[it->down[k]].pos + 1; p > 0; p -= p & -p)
				not_right += s->tree[p];
			crossings += seen - not_right;
		}
		for (uint32_t k = 0; k < it->down_count; k++)
			for (uint32_t p = l->items[it->down[k]].pos + 1; p <= below; p += p & -p)
				s->tree[p]++;
		seen += it->down_count;
	}
	return crossings;
}

static uint64_t
count_crossings(struct search *s)
{
	struct layout *l = s->l;
	uint64_t crossings = 0;

	for (uint32_t i = 0; i + 1 < l->layer_count; i++)
		crossings += count_layer(s, &l->layers[i], l->layers[i + 1].count);
	return crossings;
}

static void
sort_by_key(struct search *s, uint32_t *list, uint32_t count, bool ties_turn)
{
	/* Merge sort, stable; ties_turn puts equal keys in reverse. */
	if (count < 2)
		return;
	uint32_t half = count / 2, a = 0, b = half;

	sort_by_key(s, list, half, ties_turn);
	sort_by_key(s, list + half, count - half, ties_turn);
	memcpy(s->scratch, list, count * sizeof(*list));
	for (uint32_t i = 0; i < count; i++) {
		bool take_a = b >= count ||
			(a < half && (s->key[s->scratch[a]] < s->key[s->scratch[b]] ||
			 (s->key[s->scratch[a]] == s->key[s->scratch[b]] && !ties_turn)));

		list[i] = s->scratch[take_a ? a++ : b++];
	}
}

static uint64_t
barycentre(const struct layout *l, const uint32_t *list, uint32_t count)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < count; i++)
		sum += l->items[list[i]].pos;
	return (sum << 20) / count;
}

static uint64_t
median(const struct layout *l, const uint32_t *list, uint32_t count)
{
	uint64_t low = l->items[list[(count - 1) / 2]].pos;
	uint64_t high = l->items[list[count / 2]].pos;

	return (low + high) << 19;
}

/* Orders one layer by its neighbours; items without any keep their place. */
static void
sweep_layer(struct search *s, struct layer *layer, bool down, bool by_median, bool ties_turn)
{
	struct layout *l = s->l;
	uint32_t *free_items;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < layer->count; i++) {
		struct item *it = &l->items[layer->items[i]];
		uint32_t *list = down ? it->up : it->down;
		uint32_t count = down ? it->up_count : it->down_count;

		sort_neighbours(l, list, count);
		if (count > 0)
			s->key[layer->items[i]] = by_median ? median(l, list, count) :
						  barycentre(l, list, count);
		else
			s->key[layer->items[i]] = UINT64_MAX;
	}
	/* Sort those with neighbours into the places that they have. */
	free_items = xmalloc((layer->count + 1) * sizeof(*free_items));
	for (uint32_t i = 0; i < layer->count; i++)
		if (s->key[layer->items[i]] != UINT64_MAX)
			free_items[kept++] = layer->items[i];
	sort_by_key(s, free_items, kept, ties_turn);
	kept = 0;
	for (uint32_t i = 0; i < layer->count; i++)
		if (s->key[layer->items[i]] != UINT64_MAX)
			layer->items[i] = free_items[kept++];
	free(free_items);
	renumber(l, layer);
}

/* Crossings of the links of a and b when a stands before b. */
static uint32_t
pair_crossings(const struct layout *l, const uint32_t *a, uint32_t a_count,
	       const uint32_t *b, uint32_t b_count)
{
	uint32_t crossings = 0, j = 0;

	for (uint32_t i = 0; i < a_count; i++) {
		while (j < b_count && l->items[b[j]].pos < l->items[a[i]].pos)
			j++;
		crossings += j;
	}
	return crossings;
}

static bool
exchange_pays(const struct layout *l, const struct item *a, const struct item *b)
{
	uint32_t now = pair_crossings(l, a->up, a->up_count, b->up, b->up_count) +
		       pair_crossings(l, a->down, a->down_count, b->down, b->down_count);
	uint32_t then = pair_crossings(l, b->up, b->up_count, a->up, a->up_count) +
			pair_crossings(l, b->down, b->down_count, a->down, a->down_count);

	return then < now;
}

/* Exchanges neighbours in a layer while that removes crossings. */
static bool
exchange_layer(struct layout *l, struct layer *layer)
{
	bool changed = false;

	for (uint32_t i = 0; i < layer->count; i++) {
		struct item *it = &l->items[layer->items[i]];

		sort_neighbours(l, it->up, it->up_count);
		sort_neighbours(l, it->down, it->down_count);
	}
	for (uint32_t i = 0; i + 1 < layer->count; i++) {
		uint32_t a = layer->items[i], b = layer->items[i + 1];

		if (!exchange_pays(l, &l->items[a], &l->items[b]))
			continue;
		layer->items[i] = b;
		layer->items[i + 1] = a;
		l->items[b].pos = i;
		l->items[a].pos = i + 1;
		changed = true;
	}
	return changed;
}

static void
exchange_all(struct layout *l, int passes)
{
	bool changed = true;

	for (int pass = 0; pass < passes && changed; pass++) {
		changed = false;
		for (uint32_t i = 0; i < l->layer_count; i++)
			changed |= exchange_layer(l, &l->layers[i]);
	}
}

static void
keep_if_best(struct search *s)
{
	uint64_t crossings = count_crossings(s);

	if (crossings >= s->best_crossings)
		return;
	s->best_crossings = crossings;
	for (uint32_t i = 0; i < s->l->item_count; i++)
		s->best[i] = s->l->items[i].pos;
}

static void
restore_best(struct search *s)
{
	struct layout *l = s->l;

	for (uint32_t i = 0; i < l->item_count; i++) {
		l->items[i].pos = s->best[i];
		l->layers[l->items[i].layer].items[s->best[i]] = i;
	}
	order_sort_links(l);
}

/* Sweeps from the order that stands, until nothing is gained for a while. */
static unsigned
search_from_here(struct search *s, unsigned start, unsigned sweeps)
{
	struct layout *l = s->l;
	uint64_t best_here = UINT64_MAX;
	unsigned stale = 0, done = 0;

	for (; done < sweeps && stale < (l->is_quick ? QUICK_PATIENCE : PATIENCE) && s->best_crossings > 0; done++) {
		bool down = done % 2 == 0, by_median = (done / 2 + start) % 3 == 2;
		uint64_t before = s->best_crossings, now;

		for (uint32_t i = 1; i < l->layer_count; i++)
			sweep_layer(s, &l->layers[down ? i : l->layer_count - 1 - i], down,
				    by_median, (done / 4 + start) % 2 == 1);
		exchange_all(l, EXCHANGES);
		keep_if_best(s);
		now = s->best_crossings < before ? s->best_crossings : count_crossings(s);
		stale = now < best_here ? 0 : stale + 1;
		if (now < best_here)
			best_here = now;
	}
	return done;
}

static void
shuffle_layers(struct search *s)
{
	struct layout *l = s->l;

	for (uint32_t i = 0; i < l->layer_count; i++) {
		struct layer *layer = &l->layers[i];

		for (uint32_t k = layer->count; k > 1; k--) {
			uint32_t other = (uint32_t)rng_below(&s->rng, k);
			uint32_t item = layer->items[k - 1];

			layer->items[k - 1] = layer->items[other];
			layer->items[other] = item;
		}
		renumber(l, layer);
	}
}

/* Places in the order in which a walk from the first items meets them. */
static void
order_by_walk(struct search *s, bool deep)
{
	struct layout *l = s->l;
	uint32_t *queue = xmalloc((l->item_count + 1) * sizeof(*queue));
	bool *is_met = xcalloc(l->item_count + 1, sizeof(*is_met));
	uint32_t head, tail;

	for (uint32_t i = 0; i < l->layer_count; i++)
		l->layers[i].count = 0;
	for (uint32_t first = 0; first < l->item_count; first++) {
		head = tail = 0;
		if (is_met[first] || l->items[first].up_count > 0)
			continue;
		queue[tail++] = first;
		is_met[first] = true;
		while (head < tail) {
			uint32_t item = deep ? queue[--tail] : queue[head++];
			struct layer *layer = &l->layers[l->items[item].layer];

			layer->items[layer->count++] = item;
			for (uint32_t k = 0; k < l->items[item].down_count; k++) {
				uint32_t next = l->items[item].down[k];

				if (is_met[next])
					continue;
				is_met[next] = true;
				queue[tail++] = next;
			}
		}
	}
	for (uint32_t i = 0; i < l->layer_count; i++)
		renumber(l, &l->layers[i]);
	free(queue);
	free(is_met);
}

/* Large graphs get more starts and more work, very large ones must be quick. */
static uint64_t
effort(const struct layout *l)
{
	uint64_t times = l->box_count / MORE_BOXES;

	if (l->box_count > QUICK_BOXES)
		return 1;
	return times < 1 ? 1 : times > MOST_TIMES ? MOST_TIMES : times;
}

/* Keeps the order that this start has found if fewer nets cross in it. */
static void
keep_if_best_start(struct search *s, unsigned *least, uint32_t *best)
{
	unsigned crossings;

	if (s->l->is_draft) {		/* the only start */
		memcpy(best, s->best, s->l->item_count * sizeof(*best));
		*least = 0;
		return;
	}
	restore_best(s);
	sift_all(s->sifter, s->l->is_quick ? 0 : SIFTED_OFTEN, SIFT_PASSES);
	if (!s->l->is_quick && lanes_sift(s->l, LANED_OFTEN, &s->visits) > 0)
		sift_all(s->sifter, SIFTED_OFTEN, SIFT_PASSES);
	crossings = order_crossings(s->l);
	if (crossings < *least) {
		*least = crossings;
		for (uint32_t i = 0; i < s->l->item_count; i++)
			best[i] = s->l->items[i].pos;
	}
	s->best_crossings = UINT64_MAX;
}

static void
search_starts(struct search *s)
{
	struct layout *l = s->l;
	uint64_t cost = s->links * 12 + l->item_count * 8 + 1;
	uint64_t left = l->is_draft ? 0 : WORK * effort(l);
	uint32_t *best = xcalloc(l->item_count + 1, sizeof(*best));
	unsigned least = UINT_MAX;

	uint64_t starts = l->is_quick ? QUICK_STARTS : STARTS * effort(l);

	for (unsigned start = 0; start < starts && least > 0; start++) {
		uint64_t sweeps = left / cost;
		unsigned done;

		if (sweeps < LEAST_SWEEPS && start > 0)
			break;
		if (sweeps > SWEEPS_PER_START)
			sweeps = SWEEPS_PER_START;
		if (start == 1 || start == 2)
			order_by_walk(s, start == 2);
		else if (start > 2)
			shuffle_layers(s);
		keep_if_best(s);
		done = search_from_here(s, start, (unsigned)(sweeps > LEAST_SWEEPS ? sweeps :
							     LEAST_SWEEPS));
		keep_if_best_start(s, &least, best);
		l->stats.sweeps += done;
		s->visits += cost * done;
		left -= cost * done < left ? cost * done : left;
	}
	memcpy(s->best, best, l->item_count * sizeof(*best));
	free(best);
}

static uint32_t
find_root(uint32_t *root, uint32_t v)
{
	while (root[v] != v)
		v = root[v] = root[root[v]];
	return v;
}

/* The least item that each item is connected with. */
static void
find_parts(const struct layout *l, uint32_t *root)
{
	for (uint32_t i = 0; i < l->item_count; i++)
		root[i] = i;
	for (uint32_t i = 0; i < l->item_count; i++)
		for (uint32_t k = 0; k < l->items[i].down_count; k++) {
			uint32_t a = find_root(root, i), b = find_root(root, l->items[i].down[k]);

			root[a < b ? b : a] = a < b ? a : b;
		}
}

/* What is not connected stands apart, if that removes crossings. */
static void
separate_parts(struct search *s)
{
	struct layout *l = s->l;
	uint32_t *root = xmalloc((l->item_count + 1) * sizeof(*root));
	unsigned before = order_crossings(l);

	for (uint32_t i = 0; i < l->item_count; i++)
		s->best[i] = l->items[i].pos;
	find_parts(l, root);
	for (uint32_t i = 0; i < l->item_count; i++)
		s->key[i] = find_root(root, i);
	for (uint32_t i = 0; i < l->layer_count && before > 0; i++) {
		sort_by_key(s, l->layers[i].items, l->layers[i].count, false);
		renumber(l, &l->layers[i]);
	}
	free(root);
	if (order_crossings(l) >= before)
		restore_best(s);
}

/* Lanes and single items in turn, while it pays. */
static void
sift_lanes(struct search *s)
{
	for (int i = 0; i < LANE_PASSES && lanes_sift(s->l, LANED_ONCE, &s->visits) > 0; i++)
		sift_all(s->sifter, SIFTED_ONCE, SIFT_PASSES);
}

/* Takes what the search has cost from the effort that is left. */
static void
spend(const struct search *s)
{
	uint64_t cost = s->visits + VISITS_PER_PAIR * sifter_spent(s->sifter);
	uint64_t *left = s->l->effort;

	if (left != NULL)
		*left -= cost < *left ? cost : *left;
}

static uint64_t
shaken(const struct layout *l)
{
	uint64_t pairs = (uint64_t)SHAKEN_PER_BOX * l->box_count;

	return pairs < MOST_SHAKEN ? pairs : MOST_SHAKEN;
}

void
order_items(struct layout *l, const struct layout *previous)
{
	struct search s;

	search_init(&s, l);
	order_sort_links(l);
	if (previous != NULL && order_keep(l, previous)) {
		search_fini(&s);
		return;
	}
	search_starts(&s);
	restore_best(&s);
	if (!l->is_draft)
		separate_parts(&s);
	sift_all(s.sifter, l->is_draft ? 0 : SIFTED_ONCE, l->is_quick ? 1 : SIFT_PASSES);
	if (!l->is_quick && !l->is_draft) {
		sift_shake(s.sifter, order_crossings(l), shaken(l), SHAKE_STAYS, &s.rng);
		sift_lanes(&s);
	}
	order_sort_links(l);
	spend(&s);
	search_fini(&s);
}
