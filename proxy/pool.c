/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pools of connections and their limits; see pool.h. */
#include "proxy/pool.h"

#include <errno.h>

#include "proxy/budget.h"
#include "proxy/exchange.h"
#include "proxy/exchange_rules.h"
#include "proxy/runtime.h"
#include "proxy/upstream.h"
#include "proxy/worker.h"
#include "src/base/assert.h"

/* Reserves a connection.  An endpoint without any may always have one. */
static bool
may_open(struct endpoint *ep)
{
	struct breaker *b = &ep->cluster->breaker;

	if (breaker_reserve(b, BREAKER_CONNECTIONS))
		return true;
	if (ep->active_connections > 0)
		return false;
	breaker_force(b, BREAKER_CONNECTIONS);
	return true;
}

/* Copies and other requests share the limit, not the connections: idle ones
 * of the other kind give way. */
static bool
make_room(struct endpoint *ep, bool is_mirror)
{
	while (!may_open(ep)) {
		struct upstream *other = is_mirror ? ep->idle : ep->idle_mirrors;

		if (other == NULL)
			return false;
		upstream_close(other);
	}
	return true;
}

static struct upstream *
idle_one(const struct endpoint *ep, const struct exchange *ex)
{
	return ex->is_mirror ? ep->idle_mirrors : ep->idle;
}

static void
enqueue(struct exchange *ex)
{
	struct endpoint *ep = ex->endpoint;
	struct pool_wait *wait = &exchange_rules_of(ex)->wait, **at = &ep->first_wait;

	/* Queues are as short as the limit of pending requests. */
	while (*at != NULL)
		at = &(*at)->next;
	wait->next = NULL;
	wait->prev = at;
	*at = wait;
	ep->cluster->pending_requests++;
	ep->cluster->waiting++;
	breaker_force(&ep->cluster->breaker, BREAKER_WAITING);
}

void
pool_leave(struct exchange *ex)
{
	struct pool_wait *wait;

	if (ex->rules == NULL || ex->rules->wait.prev == NULL)
		return;
	wait = &ex->rules->wait;
	*wait->prev = wait->next;
	if (wait->next != NULL)
		wait->next->prev = wait->prev;
	wait->prev = NULL;
	ex->endpoint->cluster->pending_requests--;
	ex->endpoint->cluster->waiting--;
	breaker_release(&ex->endpoint->cluster->breaker, BREAKER_WAITING);
	breaker_release(&ex->endpoint->cluster->breaker, BREAKER_PENDING);
}

/* A request, a pending request and a connection are reserved. */
static struct upstream *
connect_one(struct exchange *ex)
{
	struct endpoint *ep = ex->endpoint;
	struct breaker *b = &ep->cluster->breaker;
	struct upstream *u = upstream_connect(ex->worker, ep, ex->connect_timeout_ms,
					      ex->is_mirror);

	if (u != NULL && u->conn.is_connecting) {
		u->is_pending = true;
		return u;
	}
	breaker_release(b, BREAKER_PENDING);
	if (u == NULL) {
		breaker_release(b, BREAKER_CONNECTIONS);
		breaker_release(b, BREAKER_REQUESTS);
	}
	return u;
}

static enum pool_result
overflow(struct breaker *b)
{
	b->pending_overflows++;
	return POOL_OVERFLOW;
}

enum pool_result
pool_take(struct exchange *ex, struct upstream **out)
{
	struct endpoint *ep = ex->endpoint;
	struct breaker *b = &ep->cluster->breaker;

	if (!breaker_reserve(b, BREAKER_REQUESTS))
		return overflow(b);
	if (b->budget != NULL)
		budget_note(b->budget, loop_now_ns(ex->worker->loop));
	if (ep->first_wait == NULL && idle_one(ep, ex) != NULL) {
		*out = upstream_take(ep, ex->is_mirror);
		return POOL_READY;
	}
	if (!breaker_reserve(b, BREAKER_PENDING)) {
		breaker_release(b, BREAKER_REQUESTS);
		return overflow(b);
	}
	if (ep->first_wait != NULL || !make_room(ep, ex->is_mirror)) {
		breaker_release(b, BREAKER_REQUESTS);
		b->connection_overflows++;
		enqueue(ex);
		return POOL_WAITS;
	}
	*out = connect_one(ex);
	return *out != NULL ? POOL_READY : POOL_FAILED;
}

static struct exchange *
first_of(const struct endpoint *ep)
{
	return CONTAINER_OF(ep->first_wait, struct exchange_rules, wait)->exchange;
}

/* False: the first of this endpoint has to wait on. */
static bool
serve_first(struct endpoint *ep)
{
	struct exchange *ex = first_of(ep);
	struct breaker *b = &ep->cluster->breaker;
	struct upstream *u;

	if (!breaker_reserve(b, BREAKER_REQUESTS)) {
		b->pending_overflows++;
		pool_leave(ex);
		exchange_on_pool_overflow(ex);
		return true;
	}
	if (idle_one(ep, ex) != NULL) {
		pool_leave(ex);
		exchange_on_pool_ready(ex, upstream_take(ep, ex->is_mirror));
		return true;
	}
	if (!make_room(ep, ex->is_mirror)) {
		breaker_release(b, BREAKER_REQUESTS);
		return false;
	}
	pool_leave(ex);
	breaker_force(b, BREAKER_PENDING);
	u = connect_one(ex);
	if (u != NULL)
		exchange_on_pool_ready(ex, u);
	else
		exchange_on_pool_failed(ex, errno);
	return true;
}

static bool
serve_one(struct cluster_state *s)
{
	for (struct endpoint *ep = s->endpoints; ep != NULL; ep = ep->next)
		if (ep->first_wait != NULL && serve_first(ep))
			return true;
	return false;
}

static void
on_serve(struct deferred *d)
{
	struct cluster_state *s = CONTAINER_OF(d, struct cluster_state, serve);

	s->is_serve_queued = false;
	while (s->waiting > 0 && serve_one(s))
		;
	cluster_state_unref(s);
}

void
pool_wake(struct cluster_state *s)
{
	if (s->waiting == 0 || s->is_serve_queued)
		return;
	s->is_serve_queued = true;
	cluster_state_ref(s);
	loop_defer(s->worker->loop, &s->serve, on_serve);
}

void
pool_fail(struct endpoint *ep, int error)
{
	while (ep->first_wait != NULL) {
		struct exchange *ex = first_of(ep);

		pool_leave(ex);
		exchange_on_pool_failed(ex, error);
	}
}
