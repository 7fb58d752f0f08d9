/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two solvers inside the layout, against answers that can be checked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/rng.h"
#include "src/topology/layer_priv.h"
#include "src/topology/layout_priv.h"

struct arc_row {
	uint32_t tail, head;
	int weight;
};

static const struct { const char *name; uint32_t nodes; struct arc_row arcs[8]; int cost; }
ranks[] = {
	{ "one arc", 2, { { 0, 1, 1 } }, 1 },
	{ "short beside long way", 4, { { 0, 1, 1 }, { 1, 2, 1 }, { 0, 3, 1 }, { 3, 2, 1 } }, 4 },
	{ "free node goes to its heavy side", 5,
	  { { 0, 1, 1 }, { 1, 2, 1 }, { 2, 4, 1 }, { 0, 3, 1 }, { 3, 4, 5 } }, 10 },
	{ "late source", 5, { { 0, 1, 1 }, { 1, 2, 1 }, { 2, 3, 1 }, { 4, 3, 1 } }, 4 },
};

static void
test_simplex_solve__finds_the_shortest_ranks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ranks); i++) {
		struct simplex *s = simplex_new(ranks[i].nodes);
		int cost = 0;

		for (size_t a = 0; a < 8; a++)
			if (ranks[i].arcs[a].tail != ranks[i].arcs[a].head)
				simplex_add(s, ranks[i].arcs[a].tail, ranks[i].arcs[a].head,
					    ranks[i].arcs[a].weight, 1);
		simplex_solve(s);
		for (size_t a = 0; a < 8; a++) {
			const struct arc_row *row = &ranks[i].arcs[a];
			int length = simplex_rank(s, row->head) - simplex_rank(s, row->tail);

			if (row->tail == row->head)
				continue;
			assert_true(length >= 1);
			cost += row->weight * length;
		}
		if (cost != ranks[i].cost)
			fail_msg("%s: cost %d, not %d", ranks[i].name, cost, ranks[i].cost);
		simplex_free(&s);
	}
}

static int
cost_of(const int *at, const struct wish *wishes, uint32_t count)
{
	int cost = 0;

	for (uint32_t i = 0; i < count; i++)
		cost += wishes[i].weight * abs(at[i] - wishes[i].at);
	return cost;
}

/* Least cost by trying all places of spots i.. from low on. */
static int
try_all(int *at, const struct wish *wishes, uint32_t i, uint32_t count, int low)
{
	int best = INT32_MAX;

	if (i == count)
		return cost_of(at, wishes, count);
	for (at[i] = low; at[i] < 12; at[i]++) {
		int cost = try_all(at, wishes, i + 1, count, at[i] + 2);

		best = cost < best ? cost : best;
	}
	return best;
}

static void
test_isotonic_solve__is_as_near_as_any_order_preserving_answer(void **state)
{
	struct rng rng;

	(void)state;
	rng_seed(&rng, 7);
	for (int round = 0; round < 200; round++) {
		struct wish wishes[4], asked[4];
		struct spot spots[4];
		int at[4], tried[4];

		for (uint32_t i = 0; i < 4; i++) {
			wishes[i] = asked[i] = (struct wish){
				(int)rng_below(&rng, 8), 1 + (int)rng_below(&rng, 3) };
			spots[i] = (struct spot){ .first = i, .count = 1,
						  .offset = 2 * (int)i };
		}
		isotonic_solve(spots, 4, wishes);
		for (uint32_t i = 0; i < 4; i++) {
			at[i] = spots[i].at;
			assert_true(i == 0 || at[i] >= at[i - 1] + 2);
		}
		assert_int_equal(cost_of(at, asked, 4), try_all(tried, asked, 0, 4, -8));
	}
}

static void
test_isotonic_solve__spots_without_wishes_stand_beside_others(void **state)
{
	struct wish wishes[1] = { { 10, 1 } };
	struct spot spots[3] = { { .offset = 0 }, { .first = 0, .count = 1, .offset = 3 },
				 { .first = 1, .offset = 6 } };

	(void)state;
	isotonic_solve(spots, 3, wishes);
	assert_int_equal(spots[0].at, 7);
	assert_int_equal(spots[1].at, 10);
	assert_int_equal(spots[2].at, 13);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_simplex_solve__finds_the_shortest_ranks),
		cmocka_unit_test(test_isotonic_solve__is_as_near_as_any_order_preserving_answer),
		cmocka_unit_test(test_isotonic_solve__spots_without_wishes_stand_beside_others),
	};

	return cmocka_run_group_tests_name("placing", tests, NULL, NULL);
}
