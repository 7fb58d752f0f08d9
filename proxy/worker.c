/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One thread of the data path; see worker.h. */
#include "proxy/worker.h"

#include <stdlib.h>
#include <string.h>

#include "proxy/acceptor.h"
#include "proxy/cluster/commons.h"
#include "proxy/cluster/resolve.h"
#include "proxy/cluster/upstream.h"
#include "proxy/http/downstream.h"
#include "proxy/http/exchange.h"
#include "proxy/http/exchange_rules.h"
#include "proxy/http/mirror.h"
#include "proxy/peer.h"
#include "proxy/room.h"
#include "proxy/runtime.h"
#include "proxy/splice.h"
#include "proxy/tcp/relay.h"
#include "proxy/tcp/relay_priv.h"
#include "proxy/telemetry/record.h"
#include "proxy/telemetry/route_stats.h"
#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/xalloc.h"

#define KEPT_OBJECTS 4096	/* free connections and exchanges of each kind */
#define AGAIN_A_TURN 32
#define COMPLAINT_NS (60 * NS_PER_S)

struct worker *
worker_new(const struct clock *clock, uint64_t seed, struct error *err)
{
	struct worker *w = xcalloc(1, sizeof(*w));

	w->pipe[0] = w->pipe[1] = -1;
	w->loop = loop_new(clock, err);
	if (w->loop == NULL) {
		worker_free(&w);
		return NULL;
	}
	rng_seed(&w->rng, seed);
	w->peers = peer_lookup_new();
	w->commons = commons_new();
	call_desk_init(&w->calls, w->loop);
	room_open(w);
	w->hot = xmalloc(HOT_BYTES + HOT_PADDING);
	memset(w->hot, 0, HOT_BYTES + HOT_PADDING);
	w->scratch = xmalloc(SCRATCH_BYTES);
	outbox_init(&w->outbox);
	w->record = xcalloc(1, sizeof(*w->record));
	slab_init(&w->downstreams, sizeof(struct downstream), KEPT_OBJECTS);
	slab_init(&w->upstreams, sizeof(struct upstream), KEPT_OBJECTS);
	slab_init(&w->exchanges, sizeof(struct exchange), KEPT_OBJECTS);
	slab_init(&w->relays, sizeof(struct relay), KEPT_OBJECTS);
	slab_init(&w->rules, sizeof(struct exchange_rules), KEPT_OBJECTS);
	slab_init(&w->mirrors, sizeof(struct mirror), KEPT_OBJECTS);
	slab_set_init(&w->blocks);
	descriptors_init(&w->descriptors);
	return w;
}

void
worker_join(struct worker *w, const struct worker *other)
{
	if (w->commons == other->commons)
		return;
	room_close(w);
	commons_put(&w->commons);
	w->commons = commons_get(other->commons);
	room_open(w);
}

static void
close_all(struct worker *w)
{
	while (w->first_mirror != NULL)
		mirror_abort(w->first_mirror);
	while (w->first_relay != NULL)
		relay_abort(w->first_relay);
	while (w->first_downstream != NULL) {
		struct downstream *d = w->first_downstream;

		if (d->exchange != NULL)
			exchange_on_gone(d->exchange);
		else
			downstream_close(d);
		if (w->first_downstream == d)
			downstream_close(d);
	}
	while (w->acceptors != NULL)
		acceptor_close(w->acceptors);
	runtime_put(&w->runtime);
	loop_turn(w->loop, 0);		/* releases what was closed */
	loop_turn(w->loop, 0);
}

void
worker_answer(struct worker *w)
{
	struct call *c;

	while ((c = call_take(&w->calls)) != NULL)
		c->answer(c);
}

void
worker_free(struct worker **wp)
{
	struct worker *w = *wp;

	if (w == NULL)
		return;
	if (w->loop != NULL) {
		close_all(w);
		room_close(w);
		call_desk_fini(&w->calls);
	}
	loop_timer_cancel(&w->accept_timer);
	resolver_free(&w->resolver);
	peer_lookup_free(&w->peers);
	commons_put(&w->commons);
	slab_fini(&w->downstreams);
	slab_fini(&w->upstreams);
	slab_fini(&w->exchanges);
	slab_fini(&w->relays);
	slab_fini(&w->rules);
	slab_fini(&w->mirrors);
	slab_set_fini(&w->blocks);
	splice_close_pipe(w);
	free(w->hot);
	free(w->scratch);
	outbox_fini(&w->outbox);
	route_stats_free(&w->routes);
	free(w->record);
	loop_free(&w->loop);
	free(w);
	*wp = NULL;
}

void
worker_configure(struct worker *w, struct runtime *rt)
{
	struct runtime *old = w->runtime;

	w->runtime = runtime_get(rt);
	runtime_put(&old);
}

/* --- the end of a turn --- */

/* At most so many of a turn: those that are not done with much must not hold
 * up those that wait for little. */
static void
run_again(struct worker *w)
{
	struct conn *last = w->again_last, *c = NULL;

	for (int runs = 0; runs < AGAIN_A_TURN && c != last;) {
		c = w->again;
		w->again = c->next_again;
		if (w->again == NULL)
			w->again_last = NULL;
		c->is_again = false;
		if (c->is_dead)
			continue;
		runs++;
		if (c->is_broken) {
			c->is_broken = false;
			c->ops->on_broken(c);
		} else {
			c->ops->on_readable(c);
		}
	}
}

static void
reap(struct worker *w)
{
	struct conn *c = w->dead, *next;

	w->dead = NULL;
	for (; c != NULL; c = next) {
		next = c->next_dead;
		if (c->is_again)
			worker_bury(w, c);
		else
			c->ops->release(c);
	}
}

static void
on_end_of_turn(struct deferred *d)
{
	struct worker *w = CONTAINER_OF(d, struct worker, end_of_turn);

	outbox_flush(&w->outbox);
	run_again(w);
	outbox_flush(&w->outbox);
	reap(w);
	if (w->again != NULL)
		loop_defer(w->loop, &w->end_of_turn, on_end_of_turn);
}

void
worker_bury(struct worker *w, struct conn *c)
{
	c->next_dead = w->dead;
	w->dead = c;
	loop_defer(w->loop, &w->end_of_turn, on_end_of_turn);
}

void
worker_again(struct worker *w, struct conn *c)
{
	c->is_again = true;
	c->next_again = NULL;
	if (w->again == NULL)
		w->again = c;
	else
		w->again_last->next_again = c;
	w->again_last = c;
	loop_defer(w->loop, &w->end_of_turn, on_end_of_turn);
}

void
worker_leave_unsent(struct worker *w, struct conn *c, const struct iovec *iov, unsigned count,
		    size_t bytes)
{
	outbox_put(&w->outbox, c, iov, count, bytes);
	loop_defer(w->loop, &w->end_of_turn, on_end_of_turn);
}

/* --- draining --- */

void
worker_drain(struct worker *w, void (*on_idle)(void *arg), void *arg)
{
	struct downstream *d, *next;

	w->on_idle = on_idle;
	w->on_idle_arg = arg;
	w->is_draining = true;
	for (d = w->first_downstream; d != NULL; d = next) {
		next = d->next;
		downstream_drain(d);
	}
	worker_check_idle(w);
}

void
worker_check_idle(struct worker *w)
{
	if (!w->is_draining || w->has_drained || w->downstream_count > 0 || w->relay_count > 0)
		return;
	w->has_drained = true;
	w->on_idle(w->on_idle_arg);
}

void
worker_check_room(struct worker *w)
{
	if (w->paused_uses != 0)
		acceptors_resume(w);
	worker_check_idle(w);
}

/* --- time --- */

bool
worker_may_complain(struct worker *w, enum worker_complaint about)
{
	uint64_t now = loop_now_ns(w->loop);

	if (now < w->complain_ns[about])
		return false;
	w->complain_ns[about] = now + COMPLAINT_NS;
	return true;
}

int64_t
worker_wall_ms(struct worker *w)
{
	uint64_t now = loop_now_ns(w->loop);

	if (now >= w->wall_until_ns) {
		w->wall_base_ns = (uint64_t)loop_wall_ms(w->loop) * NS_PER_MS - now;
		w->wall_until_ns = now + NS_PER_S;
	}
	return (int64_t)((w->wall_base_ns + now) / NS_PER_MS);
}

const char *
worker_date(struct worker *w)
{
	int64_t ms = worker_wall_ms(w);

	if (ms / 1000 != w->date_s) {
		w->date_s = ms / 1000;
		http_date(ms, w->date);
	}
	return w->date;
}
