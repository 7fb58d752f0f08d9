/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making room; see room.h. */
#include "proxy/room.h"

#include <sys/socket.h>

#include "proxy/acceptor.h"
#include "proxy/cluster/pool.h"
#include "proxy/cluster/upstream.h"
#include "proxy/http/downstream.h"
#include "proxy/runtime.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/log.h"

#define AGAIN_NS (50 * NS_PER_MS)
#define LEAST_IDLE_NS (5 * NS_PER_S)	/* of a client: it is not about to ask again */
#define CLIENTS_AT_ONCE 256

/* --- to endpoints --- */

/* The one that was used last stays: it is soon wanted again. */
static unsigned
close_spare(struct endpoint *ep)
{
	return upstream_close_idle(ep, 1);
}

/* Where nothing is under way, it may be long until it is wanted. */
static unsigned
close_unused(struct endpoint *ep)
{
	if (ep->active_requests > 0 || ep->first_wait != NULL)
		return 0;
	return upstream_close_idle(ep, 0);
}

typedef unsigned close_fn(struct endpoint *ep);

static unsigned
close_of_state(struct cluster_state *s, close_fn *close_some)
{
	unsigned closed = 0;

	for (struct endpoint *ep = s->endpoints; ep != NULL; ep = ep->next)
		closed += close_some(ep);
	return closed;
}

static unsigned
close_upstreams(struct worker *w, close_fn *close_some)
{
	const struct runtime *rt = w->runtime;
	unsigned closed = 0;

	for (size_t i = 0; rt != NULL && i < rt->slot_count; i++)
		if (rt->slots[i] != NULL)
			closed += close_of_state(rt->slots[i]->state, close_some);
	for (struct acceptor *a = w->acceptors; a != NULL; a = a->next)
		if (a->target != NULL)
			closed += close_some(a->target);
	return closed;
}

/* --- from clients --- */

static uint64_t
idle_ns(const struct downstream *d, uint64_t now)
{
	uint64_t since = downstream_idle_since(d);

	/* Those that come to a workload are pools' of our own, and end there. */
	if (since == 0 || since > now || d->acceptor->spec.kind == LISTENER_INBOUND)
		return 0;
	return now - since;
}

static uint64_t
longest_idle_ns(const struct worker *w, uint64_t now)
{
	uint64_t longest = 0;

	for (const struct downstream *d = w->first_downstream; d != NULL; d = d->next)
		if (idle_ns(d, now) > longest)
			longest = idle_ns(d, now);
	return longest;
}

/* What it has sent is not read yet, or so its end. */
static bool
has_news(const struct downstream *d)
{
	char byte;

	return recv(d->conn.watch.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

/* Those of nearly the longest time count as equals: no order is kept for what
 * happens so seldom. */
static unsigned
close_longest_idle(struct worker *w)
{
	uint64_t now = loop_now_ns(w->loop), longest = longest_idle_ns(w, now);
	struct downstream *d = w->first_downstream, *next;
	unsigned closed = 0;

	if (longest < LEAST_IDLE_NS)
		return 0;
	for (; d != NULL && closed < CLIENTS_AT_ONCE; d = next) {
		next = d->next;
		if (idle_ns(d, now) < LEAST_IDLE_NS || idle_ns(d, now) < longest / 8 * 7 ||
		    has_news(d))
			continue;
		downstream_drain(d);
		closed++;
	}
	return closed;
}

/* --- between workers --- */

static bool
give_way(struct worker *w)
{
	return close_upstreams(w, close_spare) > 0 || close_longest_idle(w) > 0 ||
	       close_upstreams(w, close_unused) > 0;
}

static void
tell_others(struct worker *w)
{
	commons_call_others(w->commons, &w->member, COMMON_HAS_ROOM);
}

static void
on_wanted(struct call *c)
{
	struct worker *w = CONTAINER_OF(c, struct worker, member.calls[COMMON_WANTS_ROOM]);

	w->owes_room = !give_way(w);
	if (!w->owes_room)
		tell_others(w);
}

static void
on_given(struct call *c)
{
	struct worker *w = CONTAINER_OF(c, struct worker, member.calls[COMMON_HAS_ROOM]);
	const struct runtime *rt = w->runtime;

	if (w->paused_uses != 0)
		acceptors_resume(w);
	for (size_t i = 0; rt != NULL && i < rt->slot_count; i++)
		if (rt->slots[i] != NULL)
			pool_has_room(rt->slots[i]->state);
	for (struct acceptor *a = w->acceptors; a != NULL; a = a->next)
		if (a->target != NULL)
			pool_has_room(a->target->cluster);
}

bool
room_is_wanted(struct worker *w)
{
	w->owes_room = commons_is_short(w->commons, loop_now_ns(w->loop));
	return w->owes_room;
}

void
room_pay(struct worker *w, struct endpoint *ep)
{
	w->owes_room = false;
	pool_lacks_room(ep->cluster);
	tell_others(w);
}

void
room_open(struct worker *w)
{
	static void (*const answers[COMMON_CALLS])(struct call *c) = {
		[COMMON_WANTS_ROOM] = on_wanted,
		[COMMON_HAS_ROOM] = on_given,
	};

	for (size_t i = 0; i < COMMON_CALLS; i++)
		w->member.calls[i] = (struct call){ .desk = &w->calls, .answer = answers[i] };
	commons_join(w->commons, &w->member);
}

void
room_close(struct worker *w)
{
	if (w->member.prev != NULL)
		commons_leave(w->commons, &w->member);
}

bool
room_make(struct worker *w)
{
	uint64_t now = loop_now_ns(w->loop);

	commons_note_shortage(w->commons, now);
	if (now < w->room_ns)
		return false;
	w->room_ns = now + AGAIN_NS;
	if (worker_may_complain(w, COMPLAINT_DESCRIPTORS))
		log_at(LOGGER_CONNECTION, LEVEL_WARNING, "descriptors run out (limit %u, see ulimit -n): "
		       "new connections wait, idle ones end", w->descriptors.limit);
	if (give_way(w))
		return true;
	commons_call_others(w->commons, &w->member, COMMON_WANTS_ROOM);
	return false;
}
