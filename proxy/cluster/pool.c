/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pools of connections and their limits; see pool.h. */
#include "proxy/cluster/pool.h"

#include <errno.h>
#include <stdlib.h>

#include "proxy/cluster/budget.h"
#include "proxy/cluster/upstream.h"
#include "proxy/http/exchange.h"
#include "proxy/http/exchange_rules.h"
#include "proxy/runtime.h"
#include "proxy/worker.h"
#include "src/base/assert.h"

#define ROOM_NS (50 * NS_PER_MS)	/* descriptors are tried again */
#define KEPT_IN_TURN 16		/* see pool_is_left() */

static bool
is_limited(const struct endpoint *ep)
{
	return ep->cluster->breaker.used != NULL;
}

/* An endpoint without any connection may always have one; must: it is to. */
static bool
count(struct endpoint *ep, bool must)
{
	struct cluster_state *s = ep->cluster;

	if (!is_limited(ep))
		return true;
	must = must || (ep->taker.host == NULL && ep->pooled == 0);
	if (!taker_open(&ep->taker, s->common, &s->breaker, must))
		return false;
	ep->pooled++;
	return true;
}

void
pool_count(struct endpoint *ep)
{
	count(ep, true);
}

void
pool_uncount(struct endpoint *ep)
{
	if (!is_limited(ep))
		return;
	ep->pooled--;
	taker_close(&ep->taker, ep->cluster->common, &ep->cluster->breaker);
}

/* Copies and other requests share the limit, not the connections: idle ones
 * of the other kind give way. */
static bool
make_room(struct endpoint *ep, bool is_mirror)
{
	while (!count(ep, false)) {
		struct upstream *other = is_mirror ? ep->idle : ep->idle_mirrors;

		if (other == NULL)
			return false;
		upstream_close(other);
	}
	return true;
}

/* Who begins to wait tries once more: a connection may have ended elsewhere
 * before others knew that it is waited for. */
static void
count_waiting(struct endpoint *ep, bool begins)
{
	struct cluster_state *s = ep->cluster;

	s->waiting += begins ? 1 : -1u;
	if (is_limited(ep) && taker_wait(&ep->taker, s->common, begins) && begins)
		pool_wake(s);
}

static void
enqueue(struct exchange *ex)
{
	struct endpoint *ep = ex->endpoint;
	struct pool_wait *wait = &exchange_rules_of(ex)->wait;

	wait->next = NULL;
	wait->prev = ep->last_wait != NULL ? ep->last_wait : &ep->first_wait;
	*wait->prev = wait;
	ep->last_wait = &wait->next;
	ep->cluster->pending_requests++;
	breaker_force(&ep->cluster->breaker, BREAKER_WAITING);
	count_waiting(ep, true);
}

/* Waits no more, but still counts as pending. */
static void
dequeue(struct exchange *ex)
{
	struct pool_wait *wait = &ex->rules->wait;

	*wait->prev = wait->next;
	if (wait->next != NULL)
		wait->next->prev = wait->prev;
	else
		ex->endpoint->last_wait = wait->prev;
	wait->prev = NULL;
	ex->endpoint->cluster->pending_requests--;
	count_waiting(ex->endpoint, false);
	breaker_release(&ex->endpoint->cluster->breaker, BREAKER_WAITING);
}

void
pool_leave(struct exchange *ex)
{
	if (ex->rules == NULL || ex->rules->wait.prev == NULL)
		return;
	dequeue(ex);
	breaker_release(&ex->endpoint->cluster->breaker, BREAKER_PENDING);
}

static void
on_room(struct timer *t)
{
	pool_wake(CONTAINER_OF(t, struct cluster_state, room_timer));
}

void
pool_lacks_room(struct cluster_state *s)
{
	loop_timer_set(s->worker->loop, &s->room_timer,
		       loop_now_ns(s->worker->loop) + ROOM_NS, on_room);
}

void
pool_has_room(struct cluster_state *s)
{
	if (!timer_is_armed(&s->room_timer))
		return;
	loop_timer_cancel(&s->room_timer);
	pool_wake(s);
}

/* From when on nobody waiting at the endpoint has had a connection. */
static void
note_shortage(struct endpoint *ep, uint64_t now)
{
	if (ep->first_wait == NULL || ep->ordinary_connections > 0)
		ep->short_ns = now;
}

/* For an endpoint's first connection: what other workers have been asked for is
 * awaited as long as a connect may take. */
static bool
may_be_given(const struct exchange *ex, uint64_t now)
{
	return ex->worker->descriptors.workers > 0 &&
	       now - ex->endpoint->short_ns <= ex->connect_timeout_ms * NS_PER_MS;
}

/* Without a descriptor a request waits for a connection that there is already,
 * as with the limit of connections; and now and then tries again.  A copy does
 * not: it would be in the way of those that come after it. */
static bool
can_wait(const struct exchange *ex, int error)
{
	uint64_t now = loop_now_ns(ex->worker->loop);

	if (!descriptors_are_short(error) || ex->is_mirror)
		return false;
	note_shortage(ex->endpoint, now);
	if (ex->endpoint->ordinary_connections == 0 && !may_be_given(ex, now))
		return false;
	pool_lacks_room(ex->endpoint->cluster);
	return true;
}

/* A request, a pending request and a connection are reserved.  POOL_WAITS: the
 * pending one still is, and is to be queued. */
static enum pool_result
connect_one(struct exchange *ex, struct upstream **out)
{
	struct endpoint *ep = ex->endpoint;
	struct breaker *b = &ep->cluster->breaker;
	int error;

	*out = upstream_connect(ex->worker, ep, ex->connect_timeout_ms, ex->is_mirror);
	error = errno;
	if (*out != NULL && (*out)->conn.is_connecting) {
		(*out)->is_pending = true;
		return POOL_READY;
	}
	if (*out == NULL) {
		pool_uncount(ep);
		breaker_release(b, BREAKER_REQUESTS);
		if (can_wait(ex, error))
			return POOL_WAITS;
	}
	breaker_release(b, BREAKER_PENDING);
	errno = error;
	return *out != NULL ? POOL_READY : POOL_FAILED;
}

static enum pool_result
overflow(struct breaker *b)
{
	b->pending_overflows++;
	return POOL_OVERFLOW;
}

/* An idle one; false: the limit of requests. */
static bool
take_idle(struct exchange *ex, struct upstream **out)
{
	if (!breaker_reserve(&ex->endpoint->cluster->breaker, BREAKER_REQUESTS))
		return false;
	*out = upstream_take(ex->endpoint, ex->is_mirror);
	return true;
}

/* Of a pending request for which a connection is counted; see connect_one(). */
static enum pool_result
take_new(struct exchange *ex, struct upstream **out)
{
	struct breaker *b = &ex->endpoint->cluster->breaker;

	if (!breaker_reserve(b, BREAKER_REQUESTS)) {
		pool_uncount(ex->endpoint);
		breaker_release(b, BREAKER_PENDING);
		return overflow(b);
	}
	return connect_one(ex, out);
}

enum pool_result
pool_take(struct exchange *ex, struct upstream **out)
{
	struct endpoint *ep = ex->endpoint;
	struct breaker *b = &ep->cluster->breaker;
	enum pool_result result;

	if (b->budget != NULL)
		budget_note(b->budget, loop_now_ns(ex->worker->loop));
	if (ep->first_wait == NULL && upstream_is_idle(ep, ex->is_mirror))
		return take_idle(ex, out) ? POOL_READY : overflow(b);
	if (!breaker_reserve(b, BREAKER_PENDING))
		return overflow(b);
	ep->cluster->pendings++;
	if (ep->first_wait != NULL || !make_room(ep, ex->is_mirror)) {
		b->connection_overflows += is_limited(ep);
		enqueue(ex);
		return POOL_WAITS;
	}
	result = take_new(ex, out);
	if (result == POOL_WAITS)
		enqueue(ex);
	return result;
}

static struct exchange *
first_of(const struct endpoint *ep)
{
	return CONTAINER_OF(ep->first_wait, struct exchange_rules, wait)->exchange;
}

/* Those that wait for descriptors do so until the timer. */
static bool
may_try(const struct exchange *ex)
{
	return ex->is_mirror || !timer_is_armed(&ex->endpoint->cluster->room_timer);
}

/* False: the first of this endpoint has to wait on. */
static bool
serve_first(struct endpoint *ep)
{
	struct exchange *ex = first_of(ep);
	struct breaker *b = &ep->cluster->breaker;
	enum pool_result result;
	struct upstream *u;
	int error = 0;

	if (upstream_is_idle(ep, ex->is_mirror)) {
		dequeue(ex);
		breaker_release(b, BREAKER_PENDING);
		result = take_idle(ex, &u) ? POOL_READY : overflow(b);
	} else if (may_try(ex) && make_room(ep, ex->is_mirror)) {
		result = take_new(ex, &u);
		if (result == POOL_WAITS)
			return false;
		error = errno;
		dequeue(ex);
	} else {
		return false;
	}
	if (result == POOL_READY)
		exchange_on_pool_ready(ex, u);
	else if (result == POOL_FAILED)
		exchange_on_pool_failed(ex, error);
	else
		exchange_on_pool_overflow(ex);
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

/* Who has waiting requests of its own keeps most of what becomes free. */
bool
pool_is_left(struct endpoint *ep)
{
	if (!taker_is_needed(&ep->taker))
		return false;
	if (ep->first_wait != NULL && ++ep->kept < KEPT_IN_TURN)
		return false;
	ep->kept = 0;
	return true;
}

static void
receive(struct endpoint *ep)
{
	struct parcel *p = taker_receive(&ep->taker, ep->cluster->common), *next;

	for (; p != NULL; p = next) {
		next = p->next;
		ep->pooled++;
		upstream_adopt(ep, p);
		free(p);
	}
}

void
pool_answer(struct call *c)
{
	struct endpoint *ep = CONTAINER_OF(c, struct endpoint, taker.call);

	receive(ep);
	if (ep->first_wait == NULL)
		upstream_hand_idle(ep);
	pool_wake(ep->cluster);
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
