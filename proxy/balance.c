/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Balancers.  Consistent hashing draws like RANDOM until the hash of a
 * request is known here, as Envoy does for requests without a hash.
 */
#include "proxy/balance.h"

#include "proxy/runtime.h"
#include "src/base/rng.h"

static bool
has_equal_weights(const struct mesh_cluster *c)
{
	for (size_t i = 1; i < c->endpoint_count; i++)
		if (c->endpoints[i].weight != c->endpoints[0].weight)
			return false;
	return true;
}

/* An endpoint that was absent or new may not save up turns. */
static double
turn_of(const struct binding *b, size_t i)
{
	return b->endpoints[i]->turn > b->state->turn ? b->endpoints[i]->turn : b->state->turn;
}

/* Each endpoint's turn comes weight times as often; the earliest is next. */
static size_t
pick_by_turn(const struct binding *b, bool by_load)
{
	const struct mesh_cluster *c = b->cluster;
	size_t best = BALANCE_NONE;
	double weight;

	for (size_t i = 0; i < c->endpoint_count; i++)
		if (c->endpoints[i].weight > 0 &&
		    (best == BALANCE_NONE || turn_of(b, i) < turn_of(b, best)))
			best = i;
	if (best == BALANCE_NONE)
		return best;
	weight = c->endpoints[best].weight;
	if (by_load)
		weight /= b->endpoints[best]->active_requests + 1;
	b->state->turn = turn_of(b, best);
	b->endpoints[best]->turn = b->state->turn + 1 / weight;
	return best;
}

static size_t
pick_in_turn(const struct binding *b, struct rng *rng)
{
	struct cluster_state *s = b->state;

	if (!s->has_cursor) {
		s->has_cursor = true;
		s->cursor = rng_next(rng) >> 1;
	}
	return (size_t)(s->cursor++ % b->cluster->endpoint_count);
}

static size_t
pick_less_busy(const struct binding *b, struct rng *rng)
{
	uint64_t draw = rng_next(rng);
	size_t n = b->cluster->endpoint_count;
	size_t first = (size_t)((draw & UINT32_MAX) * n >> 32);
	size_t second = (size_t)((draw >> 32) * n >> 32);

	return b->endpoints[second]->active_requests < b->endpoints[first]->active_requests ?
		       second : first;
}

size_t
balance_pick(const struct binding *b, struct rng *rng)
{
	const struct mesh_cluster *c = b->cluster;

	if (c->endpoint_count <= 1)
		return c->endpoint_count == 1 ? 0 : BALANCE_NONE;
	switch (c->policy.balancer) {
	case BALANCE_ROUND_ROBIN:
		return has_equal_weights(c) ? pick_in_turn(b, rng) : pick_by_turn(b, false);
	case BALANCE_RANDOM:
	case BALANCE_CONSISTENT_HASH:
	case BALANCE_PASSTHROUGH:
		return (size_t)rng_below(rng, c->endpoint_count);
	case BALANCE_LEAST_REQUEST:
		break;
	}
	return has_equal_weights(c) ? pick_less_busy(b, rng) : pick_by_turn(b, true);
}
