/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which lines run against the flow, and the layer of each box.
 *
 * Cycles are broken by the greedy rule of Eades, Lin and Smyth with ties in
 * favour of the first box, for some layerings by a walk in depth; layers are a network simplex, so that the sum of
 * the lines' lengths is least; then layers wider than the limit give boxes to
 * the next ones.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/rng.h"
#include "src/topology/layer_priv.h"
#include "src/topology/layout_priv.h"

enum { SQUARE_CELLS = 16 };	/* a box and the air around it */

/* Adjacency of boxes by lines: line i is in out[from] and in[to]. */
struct adjacency {
	uint32_t *first_out, *first_in, *out, *in;
};

static void
adjacency_init(struct adjacency *a, const struct layout *l)
{
	uint32_t n = l->box_count, m = l->line_count;

	a->first_out = xcalloc(n + 2, sizeof(uint32_t));
	a->first_in = xcalloc(n + 2, sizeof(uint32_t));
	a->out = xmalloc((m + 1) * sizeof(uint32_t));
	a->in = xmalloc((m + 1) * sizeof(uint32_t));
	for (uint32_t i = 0; i < m; i++) {
		a->first_out[l->lines[i].from + 2]++;
		a->first_in[l->lines[i].to + 2]++;
	}
	for (uint32_t i = 2; i < n + 2; i++) {
		a->first_out[i] += a->first_out[i - 1];
		a->first_in[i] += a->first_in[i - 1];
	}
	for (uint32_t i = 0; i < m; i++) {
		a->out[a->first_out[l->lines[i].from + 1]++] = i;
		a->in[a->first_in[l->lines[i].to + 1]++] = i;
	}
}

static void
adjacency_fini(struct adjacency *a)
{
	free(a->first_out);
	free(a->first_in);
	free(a->out);
	free(a->in);
}

/* The state of the greedy rule: boxes still there, with their degrees. */
struct greedy {
	const struct layout *l;
	const struct adjacency *adj;
	int *outs, *ins;
	int *rank;		/* place in the sequence, once removed */
	bool *is_gone;
	int next_first, next_last;
	uint32_t left;
};

static void
greedy_remove(struct greedy *s, uint32_t v, bool to_front)
{
	const struct adjacency *a = s->adj;

	s->rank[v] = to_front ? s->next_first++ : s->next_last--;
	s->is_gone[v] = true;
	s->left--;
	for (uint32_t i = a->first_out[v]; i < a->first_out[v + 1]; i++)
		s->ins[s->l->lines[a->out[i]].to]--;
	for (uint32_t i = a->first_in[v]; i < a->first_in[v + 1]; i++)
		s->outs[s->l->lines[a->in[i]].from]--;
}

/* Removes sinks and sources until none is left. */
static void
greedy_peel(struct greedy *s)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (uint32_t i = s->l->box_count; i-- > 0;)
			if (!s->is_gone[i] && s->outs[i] == 0) {
				greedy_remove(s, i, false);
				changed = true;
			}
		for (uint32_t i = 0; i < s->l->box_count; i++)
			if (!s->is_gone[i] && s->ins[i] == 0) {
				greedy_remove(s, i, true);
				changed = true;
			}
	}
}

static void
greedy_order(struct greedy *s)
{
	while (s->left > 0) {
		uint32_t best = NONE;

		greedy_peel(s);
		for (uint32_t i = 0; i < s->l->box_count; i++)
			if (!s->is_gone[i] && (best == NONE || s->outs[i] - s->ins[i] >
					       s->outs[best] - s->ins[best]))
				best = i;
		if (best != NONE)
			greedy_remove(s, best, true);
	}
}

/* Lines back to a box that a walk in depth has not left yet, as dot does. */
static void
break_by_walk(struct layout *l, const struct adjacency *adj)
{
	enum { UNSEEN, OPEN, DONE };
	uint8_t *state = xcalloc(l->box_count + 1, sizeof(*state));
	uint32_t *stack = xmalloc((l->box_count + 1) * sizeof(*stack));
	uint32_t *next = xmalloc((l->box_count + 1) * sizeof(*next));
	unsigned turn = l->layering / 4;
	uint32_t begin;
	struct rng rng;

	/* Other layerings begin elsewhere, every other one not with those that
	 * nobody calls. */
	rng_seed(&rng, turn);
	begin = turn > 0 && l->box_count > 0 ? (uint32_t)rng_below(&rng, l->box_count) : 0;
	for (uint32_t i = 0; i < 2 * l->box_count; i++) {
		uint32_t depth = 0, first = (begin + i) % l->box_count;
		bool has_caller = turn % 2 == 0 &&
				  adj->first_in[first] < adj->first_in[first + 1];

		if (state[first] != UNSEEN || (i < l->box_count && has_caller))
			continue;
		stack[depth++] = first;
		state[first] = OPEN;
		next[first] = adj->first_out[first];
		while (depth > 0) {
			uint32_t v = stack[depth - 1];
			struct line *line;

			if (next[v] == adj->first_out[v + 1]) {
				state[v] = DONE;
				depth--;
				continue;
			}
			line = &l->lines[adj->out[next[v]++]];
			line->is_back = state[line->to] == OPEN;
			if (state[line->to] != UNSEEN)
				continue;
			state[line->to] = OPEN;
			next[line->to] = adj->first_out[line->to];
			stack[depth++] = line->to;
		}
	}
	free(state);
	free(stack);
	free(next);
}

static void
break_greedily(struct layout *l, const struct adjacency *adj)
{
	uint32_t n = l->box_count;
	struct greedy s = { .l = l, .adj = adj, .left = n, .next_last = INT_MAX };

	s.outs = xcalloc(n + 1, sizeof(int));
	s.ins = xcalloc(n + 1, sizeof(int));
	s.rank = xcalloc(n + 1, sizeof(int));
	s.is_gone = xcalloc(n + 1, sizeof(bool));
	for (uint32_t i = 0; i < n; i++) {
		s.outs[i] = (int)(adj->first_out[i + 1] - adj->first_out[i]);
		s.ins[i] = (int)(adj->first_in[i + 1] - adj->first_in[i]);
	}
	greedy_order(&s);
	for (uint32_t i = 0; i < l->line_count; i++)
		l->lines[i].is_back = s.rank[l->lines[i].from] > s.rank[l->lines[i].to];
	free(s.outs);
	free(s.ins);
	free(s.rank);
	free(s.is_gone);
}

static uint32_t
upper_of(const struct line *line)
{
	return line->is_back ? line->to : line->from;
}

static uint32_t
lower_of(const struct line *line)
{
	return line->is_back ? line->from : line->to;
}

/* Layerings beyond the first four: lines of different weight, drawn by lot, so
 * that other lines than before are the long ones. */
static int
draw_weight(struct rng *rng, unsigned layering)
{
	return layering < 4 ? 1 : layering % 8 < 4 ? 8 + (int)rng_below(rng, 3) :
	       2 + (int)rng_below(rng, 4);
}

/*
 * Network simplex over all boxes and a root above those without callers.
 * There are many shortest answers; from below (odd layerings), with the root
 * under those that call nobody and all arcs turned round, finds another one.
 */
static void
assign_shortest(struct layout *l)
{
	uint32_t n = l->box_count;
	bool from_below = l->layering % 2 == 1;
	struct simplex *s = simplex_new(n + 1);
	bool *has_before = xcalloc(n + 1, sizeof(bool));
	struct rng rng;
	int last = 0;

	rng_seed(&rng, l->layering);
	for (uint32_t i = 0; i < l->line_count; i++) {
		uint32_t upper = upper_of(&l->lines[i]), lower = lower_of(&l->lines[i]);
		uint32_t tail = from_below ? lower : upper, head = from_below ? upper : lower;

		has_before[head] = true;
		simplex_add(s, tail, head, draw_weight(&rng, l->layering), 1);
	}
	for (uint32_t i = 0; i < n; i++)
		if (!has_before[i])
			simplex_add(s, n, i, 0, 0);
	simplex_solve(s);
	for (uint32_t i = 0; i < n; i++)
		last = simplex_rank(s, i) > last ? simplex_rank(s, i) : last;
	for (uint32_t i = 0; i < n; i++)
		l->boxes[i].layer = (uint32_t)(from_below ? last - simplex_rank(s, i) :
					       simplex_rank(s, i));
	simplex_free(&s);
	free(has_before);
}

static uint32_t
find_root(uint32_t *root, uint32_t v)
{
	while (root[v] != v)
		v = root[v] = root[root[v]];
	return v;
}

/* Each connected part starts at layer 0. */
static void
settle_parts(struct layout *l)
{
	uint32_t n = l->box_count;
	uint32_t *root = xmalloc((n + 1) * sizeof(*root));
	uint32_t *least = xmalloc((n + 1) * sizeof(*least));

	for (uint32_t i = 0; i < n; i++) {
		root[i] = i;
		least[i] = NONE;
	}
	for (uint32_t i = 0; i < l->line_count; i++)
		root[find_root(root, l->lines[i].from)] = find_root(root, l->lines[i].to);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t r = find_root(root, i);

		if (l->boxes[i].layer < least[r])
			least[r] = l->boxes[i].layer;
	}
	for (uint32_t i = 0; i < n; i++)
		l->boxes[i].layer -= least[find_root(root, i)];
	free(root);
	free(least);
}

/* Where a box may stand, given its neighbours. */
static void
room_of(const struct layout *l, const struct adjacency *a, uint32_t v, uint32_t *low,
	uint32_t *high)
{
	*low = 0;
	*high = NONE;
	for (int side = 0; side < 2; side++) {
		const uint32_t *first = side ? a->first_in : a->first_out;
		const uint32_t *list = side ? a->in : a->out;

		for (uint32_t i = first[v]; i < first[v + 1]; i++) {
			const struct line *line = &l->lines[list[i]];
			uint32_t other = line->from == v ? line->to : line->from;
			uint32_t layer = l->boxes[other].layer;

			if (upper_of(line) == other && layer + 1 > *low)
				*low = layer + 1;
			if (lower_of(line) == other && layer - 1 < *high)
				*high = layer - 1;
		}
	}
}

void
layer_turn_lines(struct layout *l)
{
	for (uint32_t i = 0; i < l->line_count; i++)
		l->lines[i].is_back = l->boxes[l->lines[i].from].layer >
				      l->boxes[l->lines[i].to].layer;
}

int
layer_box_cells(const struct layout *l, uint32_t v)
{
	const struct box *b = &l->boxes[v];

	return (int)b->text_cols + (l->is_tight ? 3 : 6);
}

/* Bound for the layers after narrowing: each push adds one at most. */
static uint32_t
most_layers(const struct layout *l)
{
	uint32_t last = 0;

	for (uint32_t i = 0; i < l->box_count; i++)
		last = l->boxes[i].layer > last ? l->boxes[i].layer : last;
	return last + 5 * l->box_count + 2;
}

/* Cells each layer takes across: boxes, and two for each bundle passing. */
static void
measure_layers(const struct layout *l, const struct adjacency *a, int *cells, uint32_t count)
{
	memset(cells, 0, count * sizeof(*cells));
	for (uint32_t v = 0; v < l->box_count; v++) {
		uint32_t last = 0;

		cells[l->boxes[v].layer] += layer_box_cells(l, v);
		for (uint32_t i = a->first_out[v]; i < a->first_out[v + 1]; i++) {
			uint32_t to = l->boxes[l->lines[a->out[i]].to].layer;

			if (to > last)
				last = to;
		}
		for (uint32_t layer = l->boxes[v].layer + 1; layer < last; layer++)
			cells[layer] += 2;
	}
}

/* Boxes that cost nothing to move go where there is most room. */
static void
balance_layers(struct layout *l, const struct adjacency *a, int *cells, uint32_t count)
{
	measure_layers(l, a, cells, count);
	for (uint32_t v = 0; v < l->box_count; v++) {
		uint32_t low, high, best = l->boxes[v].layer;
		uint32_t outs = a->first_out[v + 1] - a->first_out[v];
		uint32_t ins = a->first_in[v + 1] - a->first_in[v];
		int size = layer_box_cells(l, v);

		room_of(l, a, v, &low, &high);
		if (outs != ins || outs == 0)
			continue;
		if (high >= count)
			high = count - 1;
		for (uint32_t layer = low; layer <= high && layer < count; layer++)
			if (cells[layer] + (layer == best ? 0 : size) < cells[best])
				best = layer;
		cells[l->boxes[v].layer] -= size;
		cells[best] += size;
		l->boxes[v].layer = best;
	}
}

static bool
is_alone(const struct adjacency *a, uint32_t v)
{
	return a->first_out[v] == a->first_out[v + 1] && a->first_in[v] == a->first_in[v + 1];
}

/* Cells of each layer without the boxes that are alone, of which the number
 * is returned; count becomes the layers in use. */
static uint32_t
measure_others(const struct layout *l, const struct adjacency *a, int *cells, uint32_t *count)
{
	uint32_t alone = 0;

	*count = 0;
	for (uint32_t v = 0; v < l->box_count; v++) {
		if (is_alone(a, v)) {
			alone++;
			continue;
		}
		cells[l->boxes[v].layer] += layer_box_cells(l, v);
		if (l->boxes[v].layer >= *count)
			*count = l->boxes[v].layer + 1;
	}
	return alone;
}

/* Cells that a layer may take before the next one is filled. */
static int
widest_layer(const int *cells, uint32_t count, uint32_t alone, int limit)
{
	/* A box is about four times as wide as high. */
	int wanted = count == 0 ? 4 * (int)alone : (int)alone, side = 1, widest;

	while (side * side < wanted)
		side++;
	widest = side * SQUARE_CELLS;
	for (uint32_t i = 0; i < count; i++)
		widest = cells[i] > widest ? cells[i] : widest;
	return limit > 0 && widest > limit ? limit : widest;
}

/* Boxes without lines fill layer after layer, in their order. */
static void
spread_alone(struct layout *l, const struct adjacency *a, int limit)
{
	int *cells = xcalloc(most_layers(l), sizeof(*cells)), widest;
	uint32_t count, alone = measure_others(l, a, cells, &count), at = 0;

	widest = widest_layer(cells, count, alone, limit);
	for (uint32_t v = 0; v < l->box_count; v++) {
		int size = layer_box_cells(l, v);

		if (!is_alone(a, v))
			continue;
		while (cells[at] > 0 && cells[at] + size > widest)
			at++;
		cells[at] += size;
		l->boxes[v].layer = at;
	}
	free(cells);
}

/* Moves v one layer on, and what must follow. */
static void
push_box(struct layout *l, const struct adjacency *a, uint32_t v)
{
	uint32_t layer = ++l->boxes[v].layer;

	for (uint32_t i = a->first_out[v]; i < a->first_out[v + 1]; i++) {
		const struct line *line = &l->lines[a->out[i]];

		if (!line->is_back && l->boxes[line->to].layer <= layer)
			push_box(l, a, line->to);
	}
	for (uint32_t i = a->first_in[v]; i < a->first_in[v + 1]; i++) {
		const struct line *line = &l->lines[a->in[i]];

		if (line->is_back && l->boxes[line->from].layer <= layer)
			push_box(l, a, line->from);
	}
}

/* The box of a layer whose move to the next costs least; later ones first. */
static uint32_t
cheapest_push(const struct layout *l, const struct adjacency *a, uint32_t layer)
{
	uint32_t best = NONE;
	int best_cost = INT_MAX;

	for (uint32_t v = 0; v < l->box_count; v++) {
		uint32_t low, high;
		int cost;

		if (l->boxes[v].layer != layer)
			continue;
		room_of(l, a, v, &low, &high);
		cost = (int)(a->first_in[v + 1] - a->first_in[v]) -
		       (int)(a->first_out[v + 1] - a->first_out[v]) +
		       (high == layer ? 1000 : 0);
		if (cost <= best_cost) {
			best = v;
			best_cost = cost;
		}
	}
	return best;
}

static void
narrow_layers(struct layout *l, const struct adjacency *a, int limit)
{
	uint32_t n = l->box_count;
	uint32_t max_layers = most_layers(l);
	int *cells = xcalloc(max_layers, sizeof(*cells));
	uint32_t pushes = 0, max_pushes = 50000000u / (n + l->line_count + 1);

	if (max_pushes > 4 * n)
		max_pushes = 4 * n;

	for (uint32_t layer = 0; layer < n; layer++) {
		for (;;) {
			uint32_t in_layer = 0;

			measure_layers(l, a, cells, max_layers);
			for (uint32_t v = 0; v < n; v++)
				in_layer += l->boxes[v].layer == layer;
			if (cells[layer] <= limit || in_layer < 2 || ++pushes > max_pushes)
				break;
			push_box(l, a, cheapest_push(l, a, layer));
		}
	}
	free(cells);
}

/* No layer without a box. */
static uint32_t
close_ranks(struct layout *l)
{
	uint32_t n = l->box_count, count = 0, max_layers = most_layers(l);
	uint32_t *layer_of = xcalloc(max_layers, sizeof(*layer_of));

	for (uint32_t i = 0; i < n; i++)
		layer_of[l->boxes[i].layer] = 1;
	for (uint32_t i = 0; i < max_layers; i++)
		layer_of[i] = layer_of[i] ? count++ : 0;
	for (uint32_t i = 0; i < n; i++)
		l->boxes[i].layer = layer_of[l->boxes[i].layer];
	free(layer_of);
	return count;
}

void
layer_assign(struct layout *l, const struct layout *previous, int limit)
{
	struct adjacency adj;
	uint32_t count;
	int *cells;

	adjacency_init(&adj, l);
	if (previous == NULL || !layer_keep(l, previous)) {
		if (l->layering % 4 < 2)
			break_greedily(l, &adj);
		else
			break_by_walk(l, &adj);
		assign_shortest(l);
		settle_parts(l);
		count = close_ranks(l);
		cells = xcalloc(count + 1, sizeof(*cells));
		balance_layers(l, &adj, cells, count);
		free(cells);
		if (limit > 0)
			narrow_layers(l, &adj, limit);
		spread_alone(l, &adj, limit);
	}
	close_ranks(l);
	adjacency_fini(&adj);
}
