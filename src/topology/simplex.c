/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Network simplex for ranks; see layer_priv.h. */
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/vec.h"
#include "src/topology/layer_priv.h"

/* Beyond this many steps the ranks are good enough; they are always valid. */
#define MAX_PIVOTS 4000
#define MAX_WORK 400000000u

struct arc {
	uint32_t tail, head;
	int weight, least;
	bool in_tree;
};

struct simplex {
	VEC(struct arc) arcs;
	uint32_t nodes;
	int *rank;
	int *balance;		/* weight leaving minus weight entering */
	int *cut;		/* balance summed over the subtree */
	uint32_t *parent_arc;
	uint32_t *order;	/* nodes from the root outwards */
	uint32_t *first, *list;	/* arcs at each node */
	uint32_t *tree_first, *tree_list;
	bool *is_below;
	uint32_t next_leave;
};

struct simplex *
simplex_new(uint32_t nodes)
{
	struct simplex *s = xcalloc(1, sizeof(*s));

	s->nodes = nodes;
	s->rank = xcalloc(nodes + 1, sizeof(int));
	s->balance = xcalloc(nodes + 1, sizeof(int));
	s->cut = xcalloc(nodes + 1, sizeof(int));
	s->parent_arc = xcalloc(nodes + 1, sizeof(uint32_t));
	s->order = xcalloc(nodes + 1, sizeof(uint32_t));
	s->first = xcalloc(nodes + 2, sizeof(uint32_t));
	s->tree_first = xcalloc(nodes + 2, sizeof(uint32_t));
	s->tree_list = xcalloc(2 * (size_t)nodes + 1, sizeof(uint32_t));
	s->is_below = xcalloc(nodes + 1, sizeof(bool));
	return s;
}

void
simplex_free(struct simplex **sp)
{
	struct simplex *s = *sp;

	if (s == NULL)
		return;
	vec_fini(&s->arcs);
	free(s->rank);
	free(s->balance);
	free(s->cut);
	free(s->parent_arc);
	free(s->order);
	free(s->first);
	free(s->list);
	free(s->tree_first);
	free(s->tree_list);
	free(s->is_below);
	free(s);
	*sp = NULL;
}

void
simplex_add(struct simplex *s, uint32_t tail, uint32_t head, int weight, int least)
{
	struct arc a = { .tail = tail, .head = head, .weight = weight, .least = least };

	vec_push(&s->arcs, a);
}

int
simplex_rank(const struct simplex *s, uint32_t node)
{
	return s->rank[node];
}

static int
slack(const struct simplex *s, const struct arc *a)
{
	return s->rank[a->head] - s->rank[a->tail] - a->least;
}

/* Arcs at each node, all or those of the tree. */
static void
index_arcs(const struct simplex *s, uint32_t *first, uint32_t *list, bool only_tree)
{
	memset(first, 0, (s->nodes + 2) * sizeof(*first));
	for (uint32_t i = 0; i < s->arcs.len; i++) {
		const struct arc *a = &s->arcs.items[i];

		if (only_tree && !a->in_tree)
			continue;
		first[a->tail + 1]++;
		first[a->head + 1]++;
	}
	for (uint32_t i = 1; i <= s->nodes; i++)
		first[i] += first[i - 1];
	for (uint32_t i = (uint32_t)s->arcs.len; i-- > 0;) {
		const struct arc *a = &s->arcs.items[i];

		if (only_tree && !a->in_tree)
			continue;
		list[--first[a->tail + 1]] = i;
		list[--first[a->head + 1]] = i;
	}
	/* first[v + 1] is now the start of v: shift back. */
	for (uint32_t i = 0; i < s->nodes; i++)
		first[i] = first[i + 1];
	first[s->nodes] = only_tree ? 2 * (s->nodes - 1) : 2 * (uint32_t)s->arcs.len;
}

static void
rank_longest_path(struct simplex *s)
{
	uint32_t *waiting = xcalloc(s->nodes + 1, sizeof(*waiting));
	uint32_t done = 0, count = 0;

	for (uint32_t i = 0; i < s->arcs.len; i++)
		waiting[s->arcs.items[i].head]++;
	for (uint32_t v = 0; v < s->nodes; v++)
		if (waiting[v] == 0)
			s->order[count++] = v;
	while (done < count) {
		uint32_t v = s->order[done++];

		for (uint32_t i = s->first[v]; i < s->first[v + 1]; i++) {
			const struct arc *a = &s->arcs.items[s->list[i]];

			if (a->tail != v)
				continue;
			if (s->rank[v] + a->least > s->rank[a->head])
				s->rank[a->head] = s->rank[v] + a->least;
			if (--waiting[a->head] == 0)
				s->order[count++] = a->head;
		}
	}
	ASSERT(count == s->nodes);
	free(waiting);
}

/* Adds what can be reached from v over tight arcs. */
static uint32_t
grow_tight(struct simplex *s, uint32_t *stack, uint32_t count, uint32_t start)
{
	for (uint32_t at = start; at < count; at++) {
		uint32_t v = stack[at];

		for (uint32_t i = s->first[v]; i < s->first[v + 1]; i++) {
			struct arc *a = &s->arcs.items[s->list[i]];
			uint32_t w = a->tail == v ? a->head : a->tail;

			if (s->is_below[w] || slack(s, a) != 0)
				continue;
			a->in_tree = s->is_below[w] = true;
			stack[count++] = w;
		}
	}
	return count;
}

static void
make_tight_tree(struct simplex *s)
{
	uint32_t count = 1;
	uint32_t *inside = xcalloc(s->nodes + 1, sizeof(*inside));

	memset(s->is_below, 0, s->nodes * sizeof(bool));
	s->is_below[0] = true;
	count = grow_tight(s, inside, count, 0);
	while (count < s->nodes) {
		const struct arc *best = NULL;
		int shift;

		for (uint32_t i = 0; i < s->arcs.len; i++) {
			const struct arc *a = &s->arcs.items[i];

			if (s->is_below[a->tail] != s->is_below[a->head] &&
			    (best == NULL || slack(s, a) < slack(s, best)))
				best = a;
		}
		ASSERT(best != NULL);
		shift = s->is_below[best->tail] ? slack(s, best) : -slack(s, best);
		for (uint32_t i = 0; i < count; i++)
			s->rank[inside[i]] += shift;
		count = grow_tight(s, inside, count, 0);
	}
	free(inside);
}

/* Order of the tree from its root, arc to each parent, sums of balances. */
static void
walk_tree(struct simplex *s)
{
	uint32_t count = 1;

	index_arcs(s, s->tree_first, s->tree_list, true);
	s->order[0] = 0;
	s->parent_arc[0] = UINT32_MAX;
	for (uint32_t at = 0; at < count; at++) {
		uint32_t v = s->order[at];

		s->cut[v] = s->balance[v];
		for (uint32_t i = s->tree_first[v]; i < s->tree_first[v + 1]; i++) {
			uint32_t arc = s->tree_list[i];
			const struct arc *a = &s->arcs.items[arc];
			uint32_t w = a->tail == v ? a->head : a->tail;

			if (arc == s->parent_arc[v])
				continue;
			s->parent_arc[w] = arc;
			s->order[count++] = w;
		}
	}
	ASSERT(count == s->nodes);
	for (uint32_t at = count; at-- > 1;) {
		uint32_t v = s->order[at];
		const struct arc *a = &s->arcs.items[s->parent_arc[v]];

		s->cut[a->tail == v ? a->head : a->tail] += s->cut[v];
	}
}

/* The node below a tree arc that should become longer; UINT32_MAX: none. */
static uint32_t
find_leaving(struct simplex *s)
{
	for (uint32_t i = 0; i < s->nodes; i++) {
		uint32_t v = (s->next_leave + i) % s->nodes;
		const struct arc *a;

		if (s->parent_arc[v] == UINT32_MAX)
			continue;
		a = &s->arcs.items[s->parent_arc[v]];
		if ((a->tail == v ? s->cut[v] : -s->cut[v]) < 0) {
			s->next_leave = v;
			return v;
		}
	}
	return UINT32_MAX;
}

static void
mark_below(struct simplex *s, uint32_t top)
{
	memset(s->is_below, 0, s->nodes * sizeof(bool));
	s->is_below[top] = true;
	for (uint32_t at = 1; at < s->nodes; at++) {
		uint32_t v = s->order[at];
		const struct arc *a = &s->arcs.items[s->parent_arc[v]];

		if (s->is_below[a->tail == v ? a->head : a->tail])
			s->is_below[v] = true;
	}
}

static void
pivot(struct simplex *s, uint32_t below)
{
	struct arc *leave = &s->arcs.items[s->parent_arc[below]], *enter = NULL;
	bool tail_below = leave->tail == below;
	int shift;

	mark_below(s, below);
	for (uint32_t i = 0; i < s->arcs.len; i++) {
		struct arc *a = &s->arcs.items[i];

		/* From the head's side back to the tail's side. */
		if (s->is_below[a->tail] == s->is_below[a->head] ||
		    s->is_below[a->tail] == tail_below)
			continue;
		if (enter == NULL || slack(s, a) < slack(s, enter))
			enter = a;
	}
	ASSERT(enter != NULL);
	shift = tail_below ? -slack(s, enter) : slack(s, enter);
	for (uint32_t v = 0; v < s->nodes; v++)
		if (s->is_below[v])
			s->rank[v] += shift;
	leave->in_tree = false;
	enter->in_tree = true;
}

static void
normalize(struct simplex *s)
{
	int least = s->rank[0];

	for (uint32_t v = 0; v < s->nodes; v++)
		if (s->rank[v] < least)
			least = s->rank[v];
	for (uint32_t v = 0; v < s->nodes; v++)
		s->rank[v] -= least;
}

void
simplex_solve(struct simplex *s)
{
	uint64_t step_cost = s->arcs.len + 4 * (uint64_t)s->nodes + 1;
	uint64_t pivots = MAX_WORK / step_cost;

	s->list = xcalloc(2 * s->arcs.len + 1, sizeof(uint32_t));
	for (uint32_t i = 0; i < s->arcs.len; i++) {
		s->balance[s->arcs.items[i].tail] += s->arcs.items[i].weight;
		s->balance[s->arcs.items[i].head] -= s->arcs.items[i].weight;
	}
	index_arcs(s, s->first, s->list, false);
	rank_longest_path(s);
	make_tight_tree(s);
	if (pivots > MAX_PIVOTS)
		pivots = MAX_PIVOTS;
	for (uint64_t i = 0; i < pivots; i++) {
		uint32_t below;

		walk_tree(s);
		below = find_leaving(s);
		if (below == UINT32_MAX)
			break;
		pivot(s, below);
	}
	normalize(s);
}
