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

struct call;
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
/* Descriptors are short, whoever waits for one tries again in a while; or there
 * are some again. */
void pool_lacks_room(struct cluster_state *s);
void pool_has_room(struct cluster_state *s);
/* Counts a connection beyond the limit, in the place of one that ends. */
void pool_count(struct endpoint *ep);
void pool_uncount(struct endpoint *ep);		/* one has ended */
/* Is a connection that is to spare needed more in another worker? */
bool pool_is_left(struct endpoint *ep);
/* What another worker has called for; see handover.h. */
void pool_answer(struct call *c);
/* A connect has failed: so have those who wait for this endpoint. */
void pool_fail(struct endpoint *ep, int error);

#endif
