/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Limits of a cluster for one caller's proxy, and what they have refused
 * (spec/dataplane.md 4.2).
 *
 * What is in use is counted for all workers together (commons.h), and
 * reserved before it is used, so that a limit is never passed.  Clusters
 * without limits count nothing here.
 */
#ifndef MESHTOP_PROXY_BREAKER_H
#define MESHTOP_PROXY_BREAKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;
struct cluster_policy;

enum breaker_kind {
	BREAKER_CONNECTIONS,
	BREAKER_PENDING,	/* requests whose connection is opened or awaited */
	BREAKER_REQUESTS,
	BREAKER_RETRIES,
	BREAKER_WAITING,	/* of the pending ones those without a connection; no limit */
	BREAKER_KINDS,
};

struct breaker {
	atomic_uint *used;			/* of all workers, by kind; NULL: no limits */
	uint32_t limits[BREAKER_KINDS];		/* MESH_UNLIMITED: none */
	uint32_t max_requests_per_connection;	/* 0: no limit */
	uint64_t max_duration_ns;		/* of a connection; 0: no limit */
	/* retries as a share of requests, instead of their limit */
	bool has_budget;
	double budget_share;			/* 0 to 1 */
	struct budget *budget;			/* of all workers; NULL: no interval */
	/* figures of this worker */
	uint64_t connection_overflows;	/* no new connection; the request waits */
	uint64_t pending_overflows;	/* UO, pending or requests */
	uint64_t retry_overflows;
};

/* policy NULL: no limits. */
void breaker_init(struct breaker *b, const struct cluster_policy *policy);
/* Does the policy limit anything that is counted? */
bool breaker_is_needed(const struct cluster_policy *policy);

/* Never beyond the limit, and never refused below it. */
static inline bool
breaker_reserve_below(atomic_uint *used, uint32_t limit)
{
	unsigned now = atomic_load(used);

	do
		if (now >= limit)
			return false;
	while (!atomic_compare_exchange_weak(used, &now, now + 1));
	return true;
}

/* False: the limit is reached. */
static inline bool
breaker_reserve(struct breaker *b, enum breaker_kind kind)
{
	return b->used == NULL || breaker_reserve_below(&b->used[kind], b->limits[kind]);
}

/* As breaker_reserve() of BREAKER_RETRIES, by the budget where there is one. */
bool breaker_reserve_retry(struct breaker *b, uint64_t now_ns);

/* Beyond the limit, where one must be had. */
static inline void
breaker_force(struct breaker *b, enum breaker_kind kind)
{
	if (b->used != NULL)
		atomic_fetch_add(&b->used[kind], 1);
}

static inline void
breaker_release(struct breaker *b, enum breaker_kind kind)
{
	if (b->used != NULL)
		atomic_fetch_sub(&b->used[kind], 1);
}

static inline unsigned
breaker_used(const struct breaker *b, enum breaker_kind kind)
{
	return b->used != NULL ? atomic_load(&b->used[kind]) : 0;
}

#endif
