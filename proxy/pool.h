/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who gets a connection to an endpoint, who waits for one, and who is
 * refused (spec/dataplane.md 4.2, the algorithm of pools).
 *
 * A request takes an idle connection, opens one of its own where the limit
 * allows, or waits for the next that becomes free.  While its connection is
 * opened or awaited it counts as pending.  Requests are served in the order
 * in which they came.
 */
#ifndef MESHTOP_PROXY_POOL_H
#define MESHTOP_PROXY_POOL_H

#include <stdbool.h>

struct cluster_state;
struct endpoint;
struct exchange;
struct upstream;

/* Embedded in whoever may wait; zeroed at first. */
struct pool_wait {
	struct pool_wait *next, **prev;	/* prev NULL: does not wait */
};

enum pool_result {
	POOL_READY,		/* *out may still be connecting */
	POOL_WAITS,		/* exchange_on_pool_...() is called later */
	POOL_OVERFLOW,		/* a limit: UO */
	POOL_FAILED,		/* no connection can be made: errno */
};

/* For the present attempt: a connection to ex->endpoint. */
enum pool_result pool_take(struct exchange *ex, struct upstream **out);
void pool_leave(struct exchange *ex);		/* accepts one that does not wait */
/* A connection was given back or closed: serves who waits, later in this turn. */
void pool_wake(struct cluster_state *s);
/* A connect has failed: so have those who wait for this endpoint. */
void pool_fail(struct endpoint *ep, int error);

#endif
