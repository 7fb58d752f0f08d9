/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits of a cluster; see breaker.h. */
#include "proxy/breaker.h"

#include "src/base/clock.h"
#include "src/mesh/mesh.h"

void
breaker_init(struct breaker *b, const struct cluster_policy *p)
{
	*b = (struct breaker){
		.limits = { MESH_UNLIMITED, MESH_UNLIMITED, MESH_UNLIMITED, MESH_UNLIMITED },
	};
	if (p == NULL)
		return;
	b->limits[BREAKER_CONNECTIONS] = p->max_connections;
	b->limits[BREAKER_PENDING] = p->max_pending;
	b->limits[BREAKER_REQUESTS] = p->max_requests;
	b->limits[BREAKER_RETRIES] = p->max_retries;
	b->max_requests_per_connection = p->max_requests_per_connection;
	b->max_duration_ns = p->max_duration_ms * NS_PER_MS;
}

bool
breaker_is_needed(const struct cluster_policy *p)
{
	return p->max_connections != MESH_UNLIMITED || p->max_pending != MESH_UNLIMITED ||
	       p->max_requests != MESH_UNLIMITED || p->max_retries != MESH_UNLIMITED;
}
