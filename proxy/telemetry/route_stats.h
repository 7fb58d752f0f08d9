/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Envoy's numbers of routes that have a statPrefix, one set for each caller,
 * virtual host and prefix: names of the configuration, none of a client's.
 *
 * They go on over changes of it.  A worker has its own; at a maximum those
 * that the present configuration has not counted make room, and beyond it
 * there are no new ones, which a line on standard error tells.
 */
#ifndef MESHTOP_PROXY_ROUTE_STATS_H
#define MESHTOP_PROXY_ROUTE_STATS_H

#include <stdint.h>

#include "src/base/slice.h"

#define ROUTE_STATS_MAX 1024

struct mesh_workload;
struct route_stats;		/* opaque; NULL: none yet */

struct route_counts {
	uint64_t by_class[6];	/* answers to callers: [2] 2xx; [0] none */
	uint64_t completed;	/* of them, those that were given */
	uint64_t tries;		/* that had a connection */
	uint64_t retries, retry_exhaustions, retry_overflows, retry_successes, timeouts;
};

/* host: of the virtual host, see route_host_name(). */
void route_stats_add(struct route_stats **sp, const struct mesh_workload *caller,
		     struct slice host, unsigned port, const char *prefix,
		     const struct route_counts *more);
void route_stats_free(struct route_stats **sp);
/* Another configuration is in force; accepts NULL. */
void route_stats_renew(struct route_stats *s);

struct route_stat {
	const char *workload, *ns;	/* the caller */
	const char *name;		/* "vhost.HOST:PORT.route.PREFIX" */
	struct route_counts counts;
};
/* Accepts NULL. */
void route_stats_each(const struct route_stats *s,
		      void (*visit)(void *arg, const struct route_stat *r), void *arg);
void route_counts_add(struct route_counts *to, const struct route_counts *more);

#endif
