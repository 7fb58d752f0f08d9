/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Balancers.  Of consistent hashing only requests without a hash come here;
 * for them Envoy draws.
 */
#include "proxy/cluster/balance.h"

#include <math.h>

#include "proxy/cluster/levels.h"
#include "proxy/runtime.h"
#include "proxy/worker.h"
#include "src/base/rng.h"

bool
balance_is_ejected(const struct binding *b, size_t i)
{
	const struct common_host *h = b->endpoints[i]->common;

	return h != NULL && h->outlier.is_ejected;
}

bool
balance_takes_ejected(const struct binding *b)
{
	const struct common_cluster *c = b->state->common;

	return c == NULL || c->outlier.ejected == 0 || outlier_is_panic(&c->outlier);
}

void
balance_note_panic(const struct binding *b)
{
	const struct common_cluster *c = b->state->common;

	if (c != NULL && c->outlier.ejected > 0)
		b->state->panics++;
}

static inline size_t
member(const struct choice *c, size_t n)
{
	return c->members != NULL ? c->members[n] : n;
}

static inline bool
is_usable(const struct binding *b, const struct choice *c, size_t i)
{
	return c->takes_ejected || !balance_is_ejected(b, i);
}

bool
balance_has_weights(const struct mesh_cluster *c, const uint32_t *members, size_t count)
{
	for (size_t n = 1; n < count; n++) {
		size_t first = members != NULL ? members[0] : 0, i = members != NULL ? members[n] : n;

		if (c->endpoints[i].weight != c->endpoints[first].weight)
			return true;
	}
	return false;
}

/* --- warm-up --- */

static uint64_t
now_of(const struct binding *b)
{
	return loop_now_ns(b->state->worker->loop);
}

static bool
is_warming_up(const struct binding *b)
{
	return b->warm_ns != 0 && now_of(b) < b->warm_ns;
}

/* What of its weight a new endpoint has by now. */
static double
warmth(const struct binding *b, size_t i, uint64_t now_ns)
{
	const struct cluster_policy *p = &b->cluster->policy;
	double window = (double)p->warmup.duration_ms * NS_PER_MS;
	double age = (double)(now_ns - b->endpoints[i]->arrived_ns), share;

	if (age >= window)
		return 1;
	share = pow(age < NS_PER_MS ? NS_PER_MS / window : age / window,
		    1 / p->warmup.aggression);
	return share > p->warmup.least ? share : p->warmup.least;
}

/* --- by weight --- */

/* An endpoint that was absent or new may not save up turns. */
static double
turn_of(const struct binding *b, const struct choice *c, size_t i)
{
	return b->endpoints[i]->turn > c->turns->turn ? b->endpoints[i]->turn : c->turns->turn;
}

/* Workers do not begin in step. */
static void
begin_turns(const struct binding *b, const struct choice *c, struct rng *rng)
{
	c->turns->has_begun = true;
	for (size_t n = 0; n < c->count; n++) {
		size_t i = member(c, n);
		unsigned weight = b->cluster->endpoints[i].weight;

		if (weight > 0)
			b->endpoints[i]->turn =
				c->turns->turn + (double)rng_below(rng, 1 << 20) / (1 << 20) / weight;
	}
}

/* Each endpoint's turn comes weight times as often; the earliest is next. */
static size_t
pick_by_turn(const struct binding *b, const struct choice *c, bool by_load, struct rng *rng)
{
	size_t best = BALANCE_NONE;
	double weight;

	if (!c->turns->has_begun)
		begin_turns(b, c, rng);
	for (size_t n = 0; n < c->count; n++) {
		size_t i = member(c, n);

		if (b->cluster->endpoints[i].weight > 0 && is_usable(b, c, i) &&
		    (best == BALANCE_NONE || turn_of(b, c, i) < turn_of(b, c, best)))
			best = i;
	}
	if (best == BALANCE_NONE)
		return best;
	weight = b->cluster->endpoints[best].weight;
	if (b->warm_ns != 0)
		weight *= warmth(b, best, now_of(b));
	if (by_load)
		weight /= b->endpoints[best]->active_requests + 1;
	c->turns->turn = turn_of(b, c, best);
	b->endpoints[best]->turn = c->turns->turn + 1 / weight;
	return best;
}

/* --- where all are alike --- */

/* The n-th of those that are usable.  Another worker may have ejected some
 * since they were counted: then the last one, whatever became of it. */
static inline size_t
usable_at(const struct binding *b, const struct choice *c, size_t n)
{
	size_t last = member(c, 0);

	if (c->takes_ejected)
		return member(c, n);
	for (size_t k = 0; k < c->count; k++) {
		if (!is_usable(b, c, member(c, k)))
			continue;
		last = member(c, k);
		if (n-- == 0)
			break;
	}
	return last;
}

static inline size_t
pick_in_turn(const struct binding *b, const struct choice *c, struct rng *rng)
{
	size_t i = 0;

	if (!c->turns->has_begun) {
		c->turns->has_begun = true;
		c->turns->cursor = rng_next(rng) >> 1;
	}
	for (size_t tries = 0; tries < c->count; tries++) {
		i = member(c, (size_t)(c->turns->cursor++ % c->count));
		if (is_usable(b, c, i))
			break;
	}
	return i;
}

static inline size_t
pick_less_busy(const struct binding *b, const struct choice *c, size_t usable, struct rng *rng)
{
	uint64_t draw = rng_next(rng);
	size_t first = usable_at(b, c, (size_t)((draw & UINT32_MAX) * usable >> 32));
	size_t second = usable_at(b, c, (size_t)((draw >> 32) * usable >> 32));

	return b->endpoints[second]->active_requests < b->endpoints[first]->active_requests ?
		       second : first;
}

/* Twice in the program, so that the plain case costs nothing for the others. */
static inline __attribute__((always_inline)) size_t
pick_alike(const struct binding *b, const struct choice *c, size_t usable, struct rng *rng)
{
	switch (b->cluster->policy.balancer) {
	case BALANCE_ROUND_ROBIN:
		return pick_in_turn(b, c, rng);
	case BALANCE_RANDOM:
	case BALANCE_CONSISTENT_HASH:
	case BALANCE_PASSTHROUGH:
		return usable_at(b, c, (size_t)rng_below(rng, usable));
	case BALANCE_LEAST_REQUEST:
		break;
	}
	return pick_less_busy(b, c, usable, rng);
}

/* --- all of it --- */

static size_t
count_usable(const struct binding *b, const struct choice *c)
{
	size_t n = 0;

	if (c->takes_ejected)
		return c->count;
	for (size_t k = 0; k < c->count; k++)
		n += is_usable(b, c, member(c, k));
	return n;
}

static bool
counts_weights(enum balancer balancer)
{
	return balancer == BALANCE_ROUND_ROBIN || balancer == BALANCE_LEAST_REQUEST;
}

static size_t
pick(const struct binding *b, const struct choice *c, struct rng *rng)
{
	enum balancer balancer = b->cluster->policy.balancer;
	size_t usable = count_usable(b, c);

	if (usable == 0)
		return BALANCE_NONE;
	if (c->count == 1)
		return member(c, 0);
	if (counts_weights(balancer) && (c->has_weights || is_warming_up(b)))
		return pick_by_turn(b, c, balancer == BALANCE_LEAST_REQUEST, rng);
	return pick_alike(b, c, usable, rng);
}

/* Most clusters are so: no weights, no priorities, nobody new or ejected. */
static bool
is_plain(const struct binding *b)
{
	return b->levels == NULL && !b->has_weights && b->warm_ns == 0 && balance_takes_ejected(b);
}

size_t
balance_pick(const struct binding *b, struct rng *rng)
{
	const struct choice all = { .count = b->cluster->endpoint_count, .takes_ejected = true,
				    .turns = &b->state->turns };

	if (!is_plain(b))
		return balance_pick_outside(b, 0, rng);
	balance_note_panic(b);
	if (all.count <= 1)
		return all.count == 1 ? 0 : BALANCE_NONE;
	return pick_alike(b, &all, all.count, rng);
}

size_t
balance_pick_outside(const struct binding *b, uint64_t left_out, struct rng *rng)
{
	struct choice c = { .count = b->cluster->endpoint_count, .has_weights = b->has_weights,
			    .turns = &b->state->turns };

	if (b->levels != NULL)
		levels_choose(b->levels, b, left_out, rng, &c);
	else
		c.takes_ejected = balance_takes_ejected(b);
	if (c.takes_ejected)
		balance_note_panic(b);
	return pick(b, &c, rng);
}
