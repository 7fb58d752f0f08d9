/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits of a cluster; see breaker.h. */
#include "proxy/cluster/breaker.h"

#include "proxy/cluster/budget.h"
#include "src/base/clock.h"
#include "src/mesh/mesh.h"

void
breaker_init(struct breaker *b, const struct cluster_policy *p)
{
	*b = (struct breaker){
		.limits = { MESH_UNLIMITED, MESH_UNLIMITED, MESH_UNLIMITED, MESH_UNLIMITED,
			    MESH_UNLIMITED },
	};
	if (p == NULL)
		return;
	b->limits[BREAKER_CONNECTIONS] = p->max_connections;
	b->limits[BREAKER_PENDING] = p->max_pending;
	b->limits[BREAKER_REQUESTS] = p->max_requests;
	b->limits[BREAKER_RETRIES] = p->max_retries;
	b->max_requests_per_connection = p->max_requests_per_connection;
	b->max_duration_ns = p->max_duration_ms * NS_PER_MS;
	b->has_budget = p->retry_budget.is_on;
	b->budget_share = p->retry_budget.percent / 100;
	if (b->has_budget)
		b->limits[BREAKER_RETRIES] = p->retry_budget.min_concurrency;
}

bool
breaker_is_needed(const struct cluster_policy *p)
{
	return p->max_connections != MESH_UNLIMITED || p->max_pending != MESH_UNLIMITED ||
	       p->max_requests != MESH_UNLIMITED || p->max_retries != MESH_UNLIMITED ||
	       p->retry_budget.is_on;
}

/* A share of the requests under way, or of those that began of late where
 * these are more. */
static uint32_t
budget_of(struct breaker *b, uint64_t now_ns)
{
	uint32_t requests = b->used[BREAKER_REQUESTS] + b->used[BREAKER_WAITING];
	uint32_t recent = b->budget != NULL ? budget_recent(b->budget, now_ns) : 0;
	double share = b->budget_share * (recent > requests ? recent : requests);

	return share > b->limits[BREAKER_RETRIES] ? (uint32_t)share : b->limits[BREAKER_RETRIES];
}

bool
breaker_reserve_retry(struct breaker *b, uint64_t now_ns)
{
	if (!b->has_budget || b->used == NULL)
		return breaker_reserve(b, BREAKER_RETRIES);
	return breaker_reserve_below(&b->used[BREAKER_RETRIES], budget_of(b, now_ns));
}
