/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Limits of a cluster for one caller's proxy, and what they have refused
 * (spec/dataplane.md 4.2).
 *
 * The figures they are compared with stand in struct cluster_state; all
 * comparisons are here and in pool.c, so that they can become atomic there.
 * A limit that was not set is MESH_UNLIMITED.
 */
#ifndef MESHTOP_PROXY_BREAKER_H
#define MESHTOP_PROXY_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/clock.h"
#include "src/mesh/mesh.h"

struct breaker {
	uint32_t max_connections, max_pending, max_requests, max_retries;
	uint32_t max_requests_per_connection;	/* 0: no limit */
	uint64_t max_duration_ns;		/* of a connection; 0: no limit */
	unsigned active_retries;
	uint64_t connection_overflows;	/* no new connection; the request waits */
	uint64_t pending_overflows;	/* UO, pending or requests */
	uint64_t retry_overflows;
};

static inline void
breaker_init(struct breaker *b, const struct cluster_policy *p)
{
	*b = (struct breaker){
		.max_connections = p != NULL ? p->max_connections : MESH_UNLIMITED,
		.max_pending = p != NULL ? p->max_pending : MESH_UNLIMITED,
		.max_requests = p != NULL ? p->max_requests : MESH_UNLIMITED,
		.max_retries = p != NULL ? p->max_retries : MESH_UNLIMITED,
		.max_requests_per_connection = p != NULL ? p->max_requests_per_connection : 0,
		.max_duration_ns = p != NULL ? p->max_duration_ms * NS_PER_MS : 0,
	};
}

/* A retry that goes on until breaker_end_retry(); false: there are too many. */
static inline bool
breaker_begin_retry(struct breaker *b)
{
	if (b->active_retries >= b->max_retries) {
		b->retry_overflows++;
		return false;
	}
	b->active_retries++;
	return true;
}

static inline void
breaker_end_retry(struct breaker *b)
{
	b->active_retries--;
}

#endif
