/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Priorities and localities at work; see levels.h. */
#include "proxy/cluster/levels.h"

#include <stdlib.h>

#include "proxy/cluster/balance.h"
#include "proxy/cluster/hash.h"
#include "proxy/runtime.h"
#include "src/base/rng.h"
#include "src/base/xalloc.h"
#include "src/mesh/spread.h"

#define OVERPROVISIONING 140u	/* percent; Envoy's default, which Istio keeps */

struct levels *
levels_new(struct mesh_spread *s, const struct mesh_cluster *c)
{
	struct levels *l = xcalloc(1, sizeof(*l));

	l->spread = s;
	l->levels = xcalloc(s->priority_count, sizeof(*l->levels));
	l->loads = xcalloc(s->priority_count, sizeof(*l->loads));
	l->groups = xcalloc(s->group_count + 1, sizeof(*l->groups));
	for (size_t i = s->group_count; i-- > 0; ) {
		struct level *level = &l->levels[s->groups[i].priority];

		level->first = s->groups[i].first;
		level->first_group = i;
		level->count += s->groups[i].count;
		level->group_count++;
		l->groups[i].has_weights = balance_has_weights(c, s->members + s->groups[i].first,
							       s->groups[i].count);
	}
	for (unsigned p = 0; p < s->priority_count; p++)
		l->levels[p].has_weights = balance_has_weights(c, s->members + l->levels[p].first,
							       l->levels[p].count);
	return l;
}

void
levels_free(struct levels **lp)
{
	struct levels *l = *lp;

	if (l == NULL)
		return;
	for (unsigned p = 0; p < l->spread->priority_count; p++)
		hash_table_free(&l->levels[p].hash);
	free(l->levels);
	free(l->loads);
	free(l->groups);
	spread_free(&l->spread);
	free(l);
	*lp = NULL;
}

/* --- figures --- */

static size_t
count_healthy(const struct levels *l, const struct binding *b, size_t first, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += !balance_is_ejected(b, l->spread->members[first + i]);
	return n;
}

static void
weigh_localities(struct levels *l, const struct binding *b)
{
	for (size_t i = 0; i < l->spread->group_count; i++) {
		const struct spread_group *g = &l->spread->groups[i];
		double share = (double)count_healthy(l, b, g->first, g->count) / (double)g->count *
			       OVERPROVISIONING / 100;

		l->groups[i].weight = g->weight * (share < 1 ? share : 1);
	}
}

/* All priorities have too few: each takes as many as it has endpoints. */
static void
load_by_size(struct levels *l)
{
	unsigned n = l->spread->priority_count, left = 100;
	size_t all = 0;

	for (unsigned p = 0; p < n; p++)
		all += l->levels[p].count;
	for (unsigned p = 0; p < n; p++) {
		l->loads[p] = (unsigned)(100 * l->levels[p].count / all);
		left -= l->loads[p];
	}
	l->loads[0] += left;
}

static unsigned
health_of(const struct levels *l, unsigned p, uint64_t left_out)
{
	return p < 64 && (left_out >> p & 1) != 0 ? 0 : l->levels[p].health;
}

/* Percents of all together, at most 100. */
static unsigned
health_of_all(const struct levels *l, uint64_t left_out)
{
	unsigned sum = 0;

	for (unsigned p = 0; p < l->spread->priority_count; p++)
		sum += health_of(l, p, left_out);
	return sum < 100 ? sum : 100;
}

/* What rounding leaves is for the first that has any health.  False: none has. */
static bool
load_by_health(const struct levels *l, uint64_t left_out, unsigned *loads)
{
	unsigned left = 100, first = UINT32_MAX, sum = health_of_all(l, left_out);

	if (sum == 0)
		return false;
	for (unsigned p = 0; p < l->spread->priority_count; p++) {
		unsigned health = health_of(l, p, left_out), load = health * 100 / sum;

		loads[p] = load < left ? load : left;
		left -= loads[p];
		if (health > 0 && first == UINT32_MAX)
			first = p;
	}
	loads[first] += left;
	return true;
}

/* How well a priority is by itself. */
static void
examine(struct levels *l, const struct binding *b, struct level *level, uint32_t least)
{
	size_t healthy = count_healthy(l, b, level->first, level->count);
	unsigned health = (unsigned)(OVERPROVISIONING * healthy / level->count);

	level->health = health < 100 ? health : 100;
	level->is_panic = 100 * healthy < (uint64_t)least * level->count;
	hash_table_free(&level->hash);
}

void
levels_refresh(struct levels *l, const struct binding *b)
{
	const struct common_cluster *c = b->state->common;
	uint32_t generation = c != NULL ? c->outlier.generation : 0;
	uint32_t least = c != NULL ? c->outlier.min_health_percent : 0;
	unsigned n = l->spread->priority_count;
	bool all_panic = true;

	if ((l->is_fresh && l->generation == generation) || l->spread->group_count == 0)
		return;
	l->generation = generation;
	l->is_fresh = true;
	for (unsigned p = 0; p < n; p++)
		examine(l, b, &l->levels[p], least);
	for (unsigned p = 0; p < n; p++) {
		l->loads[p] = 0;
		l->levels[p].is_panic = l->levels[p].is_panic && health_of_all(l, 0) < 100;
		all_panic = all_panic && l->levels[p].is_panic;
	}
	if (all_panic)
		load_by_size(l);
	else if (!load_by_health(l, 0, l->loads))
		l->loads[0] = 100;	/* nobody is left */
	weigh_localities(l, b);
}

/* --- choosing --- */

static struct level *
level_at(struct levels *l, const unsigned *loads, unsigned percent)
{
	unsigned p = 0;

	while (p + 1 < l->spread->priority_count && percent >= loads[p])
		percent -= loads[p++];
	return &l->levels[p];
}

/* Leaving some out, unless nothing else is well. */
static struct level *
next_level(struct levels *l, uint64_t left_out, struct rng *rng)
{
	unsigned *loads;
	struct level *level;

	if (left_out == 0)
		return l->loads[0] == 100 ? l->levels :
			level_at(l, l->loads, (unsigned)rng_below(rng, 100));
	loads = xcalloc(l->spread->priority_count, sizeof(*loads));
	level = level_at(l, load_by_health(l, left_out, loads) ? loads : l->loads,
			 (unsigned)rng_below(rng, 100));
	free(loads);
	return level;
}

struct level *
levels_of_hash(struct levels *l, uint64_t hash)
{
	return level_at(l, l->loads, (unsigned)(hash % 100));
}

/* One that had no turn for long may not save up. */
static double
turn_of(const struct level *level, const struct level_group *g)
{
	return g->turn > level->turn ? g->turn : level->turn;
}

/* Workers do not begin in step. */
static void
begin(struct levels *l, struct level *level, struct rng *rng)
{
	level->turns.has_begun = true;
	for (size_t i = 0; i < level->group_count; i++) {
		struct level_group *g = &l->groups[level->first_group + i];

		if (g->weight > 0)
			g->turn = (double)rng_below(rng, 1 << 20) / (1 << 20) / g->weight;
	}
}

/* The index of the locality that is next; false: none has anything left. */
static bool
next_locality(struct levels *l, struct level *level, struct rng *rng, size_t *out)
{
	struct level_group *best = NULL;

	if (!level->turns.has_begun)
		begin(l, level, rng);
	for (size_t i = 0; i < level->group_count; i++) {
		struct level_group *g = &l->groups[level->first_group + i];

		if (g->weight > 0 && (best == NULL || turn_of(level, g) < turn_of(level, best)))
			best = g;
	}
	if (best == NULL)
		return false;
	level->turn = turn_of(level, best);
	best->turn = level->turn + 1 / best->weight;
	*out = (size_t)(best - l->groups);
	return true;
}

void
levels_choose(struct levels *l, const struct binding *b, uint64_t left_out, struct rng *rng,
	      struct choice *out)
{
	struct level *level;
	size_t g;

	levels_refresh(l, b);
	*out = (struct choice){ .members = l->spread->members };
	if (l->spread->group_count == 0)
		return;
	level = next_level(l, left_out, rng);
	out->takes_ejected = level->is_panic;
	if (!level->is_panic && l->spread->is_weighted && next_locality(l, level, rng, &g)) {
		out->members += l->spread->groups[g].first;
		out->count = l->spread->groups[g].count;
		out->turns = &l->groups[g].turns;
		out->has_weights = l->groups[g].has_weights;
		return;
	}
	out->members += level->first;
	out->count = level->count;
	out->turns = &level->turns;
	out->has_weights = level->has_weights;
}
