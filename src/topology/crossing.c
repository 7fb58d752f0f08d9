/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Crossings in the picture as it is drawn: a pair of nets of one gap counts once,
 * however often it crosses.
 *
 * The order of the items (sift.c) says how many there must be; where runs share
 * rows in a circle there are a few more.
 */
#include <stdlib.h>

#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "src/topology/layout_priv.h"

enum { MOST_NETS = 4000 };	/* in a gap: more are not looked at pair by pair */

/* A straight piece of a net: along the flow from low to high at a place across,
 * or the other way round. */
struct piece {
	uint32_t net;		/* by its number in the gap */
	int at, low, high;
};

struct pieces {
	VEC(struct piece) along, across;
};

static void
add_piece(struct pieces *p, uint32_t net, struct route_point a, struct route_point b)
{
	bool is_along = a.across == b.across;
	int from = is_along ? a.along : a.across, to = is_along ? b.along : b.across;
	struct piece piece = { net, is_along ? a.across : a.along, from < to ? from : to,
			       from < to ? to : from };

	if (is_along)
		vec_push(&p->along, piece);
	else
		vec_push(&p->across, piece);
}

/* All pieces are on the ways from each source to the first target, and from the
 * first source to each target. */
static void
add_net(struct pieces *p, const struct layout *l, const struct net *n, uint32_t number)
{
	for (uint32_t i = 0; i < n->in_count + n->out_count; i++) {
		bool is_in = i < n->in_count;
		struct route_point points[ROUTE_POINTS];
		unsigned count = route_path(l, n, is_in ? &n->ins[i] : n->ins,
					    is_in ? n->outs : &n->outs[i - n->in_count], points);

		for (unsigned k = 0; k + 1 < count; k++)
			add_piece(p, number, points[k], points[k + 1]);
	}
}

static int
compare_pieces(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->net > y->net) - (x->net < y->net);
}

/* The first piece behind that place; pieces are sorted by it. */
static size_t
find_behind(const struct piece *pieces, size_t count, int at)
{
	size_t low = 0;

	while (low < count) {
		size_t middle = low + (count - low) / 2;

		if (pieces[middle].at > at)
			count = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Marks, for each pair of nets that cross, the one with the greater number. */
static void
mark_pairs(const struct pieces *p, uint32_t nets, bool *marks)
{
	for (size_t i = 0; i < p->along.len; i++) {
		const struct piece *a = &p->along.items[i];

		for (size_t k = find_behind(p->across.items, p->across.len, a->low);
		     k < p->across.len && p->across.items[k].at < a->high; k++) {
			const struct piece *b = &p->across.items[k];
			size_t most = a->net > b->net ? a->net : b->net;
			size_t least = a->net > b->net ? b->net : a->net;

			if (b->low < a->at && a->at < b->high && most != least)
				marks[most * nets + least] = true;
		}
	}
}

static unsigned
count_gap(const struct layout *l, const struct gap *gap)
{
	uint32_t n = gap->net_count;
	bool *marks = xcalloc((size_t)n * n + 1, sizeof(*marks));
	struct pieces p = { .along = VEC_INIT, .across = VEC_INIT };
	unsigned crossings = 0;

	for (uint32_t i = 0; i < n; i++)
		add_net(&p, l, &l->nets[gap->nets[i]], i);
	if (p.across.len > 0)
		qsort(p.across.items, p.across.len, sizeof(*p.across.items), compare_pieces);
	mark_pairs(&p, n, marks);
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < i; k++)
			crossings += marks[(size_t)i * n + k] &&
				     !net_shares_sources(&l->nets[gap->nets[i]],
							 &l->nets[gap->nets[k]]);
	vec_fini(&p.along);
	vec_fini(&p.across);
	free(marks);
	return crossings;
}

unsigned
drawn_crossings(const struct layout *l)
{
	unsigned crossings = 0;

	for (uint32_t i = 0; i + 1 < l->layer_count; i++) {
		if (l->gaps[i].net_count > MOST_NETS)
			return l->stats.crossings;
		crossings += l->gaps[i].is_turned ? 0 : count_gap(l, &l->gaps[i]);
	}
	return crossings;
}
