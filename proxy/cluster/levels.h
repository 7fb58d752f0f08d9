/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Priorities and localities at work: which part of a cluster's endpoints the
 * next request goes to, by what is ejected there (spec/dataplane.md 4.3, 4.4).
 *
 * A priority takes as many of a hundred requests as 1.4 times its healthy
 * share says, what is left goes to the next; too few healthy ones in all
 * priorities together, and ejections are not looked at where a priority has
 * fewer than minHealthPercent.  Where localities have weights, they take
 * turns by weight and health.
 */
#ifndef MESHTOP_PROXY_LEVELS_H
#define MESHTOP_PROXY_LEVELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct binding;
struct hash_table;
struct mesh_cluster;
struct mesh_spread;
struct rng;

/* Where a balancer stands among some endpoints. */
struct turns {
	bool has_begun;
	uint64_t cursor;		/* of equal weights */
	double turn;			/* of weights: how far it has come */
};

/* Some endpoints of a cluster, to choose one of. */
struct choice {
	const uint32_t *members;	/* indexes; NULL: all, in order */
	size_t count;
	bool takes_ejected;
	bool has_weights;		/* they differ */
	struct turns *turns;
};

struct level {				/* a priority */
	unsigned health;		/* percents of what it needs, at most 100 */
	bool is_panic;
	bool has_weights;		/* its endpoints' differ */
	size_t first, count;		/* in the spread's members */
	size_t first_group, group_count;
	double turn;			/* of its localities */
	struct turns turns;
	struct hash_table *hash;	/* of a consistent balancer, made on first use */
};

struct level_group {			/* a locality */
	double weight;			/* by health; 0: nothing is left */
	bool has_weights;
	double turn;
	struct turns turns;
};

/* Beside a binding. */
struct levels {
	struct mesh_spread *spread;	/* owned */
	struct level *levels;
	unsigned *loads;		/* of a hundred requests, by priority */
	struct level_group *groups;	/* as the spread's */
	uint32_t generation;		/* of the outlier state that the figures are of */
	bool is_fresh;
};

/* Takes the spread over. */
struct levels *levels_new(struct mesh_spread *spread, const struct mesh_cluster *c);
void levels_free(struct levels **lp);	/* accepts NULL inside */
/* The figures as they are by now. */
void levels_refresh(struct levels *l, const struct binding *b);
/* Where the next request goes; out->count may be 0.  left_out: a bit for each
 * priority (from the first) that is not to be used while another is well.
 * Refreshes. */
void levels_choose(struct levels *l, const struct binding *b, uint64_t left_out,
		   struct rng *rng, struct choice *out);
/* The priority for a hash, after levels_refresh(). */
struct level *levels_of_hash(struct levels *l, uint64_t hash);

#endif
