/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Balancers.  Of consistent hashing only requests without a hash come here;
 * for them Envoy draws.
 */
#include "proxy/balance.h"

#include "proxy/runtime.h"
#include "src/base/rng.h"

bool
balance_is_usable(const struct binding *b, size_t i)
{
	const struct common_host *h = b->endpoints[i]->common;

	return h == NULL || !h->outlier.is_ejected ||
	       outlier_is_panic(&b->state->common->outlier);
}

static bool
leaves_some_out(const struct binding *b)
{
	const struct common_cluster *c = b->state->common;

	return c != NULL && c->outlier.ejected > 0 && !outlier_is_panic(&c->outlier);
}

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
		if (c->endpoints[i].weight > 0 && balance_is_usable(b, i) &&
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

/* The n-th of those that are usable. */
static size_t
usable_at(const struct binding *b, size_t n)
{
	for (size_t i = 0; i < b->cluster->endpoint_count; i++)
		if (balance_is_usable(b, i) && n-- == 0)
			return i;
	return BALANCE_NONE;
}

/* As below, while endpoints are ejected. */
static size_t
pick_usable(const struct binding *b, struct rng *rng)
{
	const struct mesh_cluster *c = b->cluster;
	size_t n = 0, first, second;

	for (size_t i = 0; i < c->endpoint_count; i++)
		n += balance_is_usable(b, i);
	if (n == 0)
		return BALANCE_NONE;
	switch (c->policy.balancer) {
	case BALANCE_ROUND_ROBIN:
		if (!has_equal_weights(c))
			return pick_by_turn(b, false);
		do
			first = pick_in_turn(b, rng);
		while (!balance_is_usable(b, first));
		return first;
	case BALANCE_RANDOM:
	case BALANCE_CONSISTENT_HASH:
	case BALANCE_PASSTHROUGH:
		return usable_at(b, (size_t)rng_below(rng, n));
	case BALANCE_LEAST_REQUEST:
		break;
	}
	if (!has_equal_weights(c))
		return pick_by_turn(b, true);
	first = usable_at(b, (size_t)rng_below(rng, n));
	second = usable_at(b, (size_t)rng_below(rng, n));
	return b->endpoints[second]->active_requests < b->endpoints[first]->active_requests ?
		       second : first;
}

size_t
balance_pick(const struct binding *b, struct rng *rng)
{
	const struct mesh_cluster *c = b->cluster;

	if (c->endpoint_count > 0 && leaves_some_out(b))
		return pick_usable(b, rng);
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
