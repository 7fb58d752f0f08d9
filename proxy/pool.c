/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pools of connections and their limits; see pool.h. */
#include "proxy/pool.h"

#include <errno.h>

#include "proxy/exchange.h"
#include "proxy/exchange_rules.h"
#include "proxy/runtime.h"
#include "proxy/upstream.h"
#include "proxy/worker.h"
#include "src/base/assert.h"

/* An endpoint without any connection may always have one. */
static bool
may_open(const struct endpoint *ep)
{
	const struct cluster_state *s = ep->cluster;

	return s->active_connections < s->breaker.max_connections || ep->active_connections == 0;
}

/* Copies and other requests share the limit, not the connections: an idle one
 * of the other kind gives way. */
static bool
make_room(struct endpoint *ep, bool is_mirror)
{
	struct upstream *other = is_mirror ? ep->idle : ep->idle_mirrors;

	if (may_open(ep))
		return true;
	if (other == NULL)
		return false;
	upstream_close(other);
	return may_open(ep);
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
}

enum pool_result
pool_take(struct exchange *ex, struct upstream **out)
{
	struct endpoint *ep = ex->endpoint;
	struct cluster_state *s = ep->cluster;

	if (s->active_requests >= s->breaker.max_requests) {
		s->breaker.pending_overflows++;
		return POOL_OVERFLOW;
	}
	if (idle_one(ep, ex) == NULL || ep->first_wait != NULL) {
		if (s->pending_requests >= s->breaker.max_pending) {
			s->breaker.pending_overflows++;
			return POOL_OVERFLOW;
		}
		if (ep->first_wait != NULL || !make_room(ep, ex->is_mirror)) {
			s->breaker.connection_overflows++;
			enqueue(ex);
			return POOL_WAITS;
		}
	}
	*out = upstream_take(ex->worker, ep, ex->connect_timeout_ms, ex->is_mirror);
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
	struct cluster_state *s = ep->cluster;
	struct upstream *u;

	if (s->active_requests >= s->breaker.max_requests) {
		s->breaker.pending_overflows++;
		pool_leave(ex);
		exchange_on_pool_overflow(ex);
		return true;
	}
	if (idle_one(ep, ex) == NULL && !make_room(ep, ex->is_mirror))
		return false;
	pool_leave(ex);
	u = upstream_take(ex->worker, ep, ex->connect_timeout_ms, ex->is_mirror);
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
