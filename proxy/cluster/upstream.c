/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Connections to endpoints: their life, the idle ones of a pool, those that go
 * to other workers; see upstream.h.
 */
#include "proxy/cluster/upstream_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/cluster/pool.h"
#include "proxy/http/exchange.h"
#include "proxy/http/mirror.h"
#include "proxy/room.h"
#include "src/base/assert.h"

static void
link_idle(struct upstream *u)
{
	struct upstream **head = u->is_mirror ? &u->endpoint->idle_mirrors : &u->endpoint->idle;

	u->next = *head;
	if (u->next != NULL)
		u->next->prev = &u->next;
	u->prev = head;
	*head = u;
	u->endpoint->idle_connections++;
}

static void
unlink_idle(struct upstream *u)
{
	*u->prev = u->next;
	if (u->next != NULL)
		u->next->prev = u->prev;
	u->prev = NULL;
	u->next = NULL;
	u->endpoint->idle_connections--;
}

/* --- time --- */

static void on_timer(struct timer *t);

/* Moves the deadline; the timer itself is only touched when it would come
 * too late. */
static void
set_deadline(struct upstream *u, uint64_t deadline_ns)
{
	u->deadline_ns = deadline_ns;
	if (deadline_ns != 0 &&
	    (!timer_is_armed(&u->timer) || u->timer.deadline_ns > deadline_ns))
		loop_timer_set(u->conn.worker->loop, &u->timer, deadline_ns, on_timer);
}

static void
on_timer(struct timer *t)
{
	struct upstream *u = CONTAINER_OF(t, struct upstream, timer);

	if (u->deadline_ns == 0)
		return;
	if (u->deadline_ns > loop_now_ns(u->conn.worker->loop)) {
		set_deadline(u, u->deadline_ns);
	} else if (u->conn.is_connecting) {
		u->endpoint->cluster->connect_timeouts++;
		exchange_on_connect_failed(u->exchange, ETIMEDOUT);
	} else if (u->exchange == NULL) {
		upstream_close(u);
	}
}

/* --- making one --- */

static void hand_over(struct upstream *u, uint64_t until_ns);
static void note_local_address(struct upstream *u);
static void on_writable(struct conn *c);
static void on_broken(struct conn *c);
static void release(struct conn *c);

static const struct conn_ops upstream_ops = {
	.on_readable = upstream_on_readable,
	.on_writable = on_writable,
	.on_broken = on_broken,
	.release = release,
	/* Answers, then requests: the code of each stays in the processor's cache,
	 * and what an answer sets free serves the requests. */
	.is_first = true,
};

static struct upstream *
upstream_new(struct endpoint *ep, int fd, bool is_mirror)
{
	struct worker *w = ep->cluster->worker;
	struct upstream *u = slab_take(&w->upstreams);

	memset(u, 0, sizeof(*u));
	if (!conn_open(&u->conn, w, &upstream_ops, fd)) {
		slab_give(&w->upstreams, u);
		errno = ENOMEM;
		return NULL;
	}
	u->endpoint = ep;
	u->is_mirror = is_mirror;
	endpoint_ref(ep);
	ep->active_connections++;
	ep->ordinary_connections += !is_mirror;
	ep->cluster->active_connections++;
	return u;
}

/* Copies, and who has another connection to wait for, leave the last
 * descriptors to others; what came to a workload holds two of its own already. */
static enum descriptor_use
use_for(const struct endpoint *ep, bool is_mirror)
{
	if (ep->cluster->is_target)
		return DESCRIPTOR_LAST;
	return is_mirror || ep->ordinary_connections > 0 ? DESCRIPTOR_UPSTREAM : DESCRIPTOR_LAST;
}

struct upstream *
upstream_connect(struct worker *w, struct endpoint *ep, uint64_t connect_timeout_ms,
		 bool is_mirror)
{
	const struct dial dial = {
		.worker = w, .use = use_for(ep, is_mirror), .address = &ep->address,
		.source = &ep->cluster->source, .cluster = ep->cluster,
	};
	bool connected;
	int fd = upstream_dial(&dial, &connected);
	struct upstream *u = fd >= 0 ? upstream_new(ep, fd, is_mirror) : NULL;

	if (u == NULL)
		return NULL;
	ep->connections++;
	ep->cluster->connections++;
	note_local_address(u);
	if (is_mirror)
		u->mirror_key = mirror_register(w, fd);
	if (ep->cluster->breaker.max_duration_ns > 0)
		u->expires_ns = loop_now_ns(w->loop) + ep->cluster->breaker.max_duration_ns;
	u->conn.is_connecting = !connected;
	if (!connected) {
		ep->cluster->pending_requests++;
		set_deadline(u, loop_now_ns(w->loop) + connect_timeout_ms * NS_PER_MS);
	}
	return u;
}

/* A turn may be so late that its events come before timers that are due. */
bool
upstream_is_idle(struct endpoint *ep, bool is_mirror)
{
	struct upstream **first = is_mirror ? &ep->idle_mirrors : &ep->idle;

	while (*first != NULL && (*first)->deadline_ns != 0 &&
	       (*first)->deadline_ns <= loop_now_ns((*first)->conn.worker->loop))
		upstream_close(*first);
	return *first != NULL;
}

struct upstream *
upstream_take(struct endpoint *ep, bool is_mirror)
{
	struct upstream *u = is_mirror ? ep->idle_mirrors : ep->idle;

	if (u == NULL)
		return NULL;
	unlink_idle(u);
	u->deadline_ns = 0;
	return u;
}

static void
keep_idle(struct upstream *u, uint64_t until_ns)
{
	link_idle(u);
	if (until_ns != 0)
		set_deadline(u, until_ns);
	pool_wake(u->endpoint->cluster);
}

void
upstream_give(struct upstream *u, uint64_t idle_timeout_ms)
{
	struct worker *w = u->conn.worker;
	uint64_t now = loop_now_ns(w->loop), until = u->expires_ns;

	ASSERT(u->exchange == NULL);
	u->has_head = u->has_bytes = false;
	if (until != 0 && now >= until)
		u->is_spent = true;
	if (w->owes_room && room_is_wanted(w)) {
		upstream_close(u);
		room_pay(w, u->endpoint);
		return;
	}
	if (u->is_spent || u->endpoint->bindings == 0 || w->is_draining ||
	    !conn_settle(&u->conn) || conn_is_blocked(&u->conn) || upstream_is_spoiled(u)) {
		upstream_close(u);
		return;
	}
	if (idle_timeout_ms > 0 && (until == 0 || now + idle_timeout_ms * NS_PER_MS < until))
		until = now + idle_timeout_ms * NS_PER_MS;
	if (pool_is_left(u->endpoint)) {
		hand_over(u, until);
		return;
	}
	keep_idle(u, until);
}

static void
end_pending(struct upstream *u)
{
	if (u->is_pending)
		breaker_release(&u->endpoint->cluster->breaker, BREAKER_PENDING);
	u->is_pending = false;
}

/* What it holds here, whatever becomes of the socket. */
static void
leave_endpoint(struct upstream *u)
{
	if (u->prev != NULL)
		unlink_idle(u);
	loop_timer_cancel(&u->timer);
	slab_set_give(&u->conn.worker->blocks, u->pending, u->pending_size);
	u->pending = NULL;
	u->endpoint->active_connections--;
	u->endpoint->ordinary_connections -= !u->is_mirror;
	u->endpoint->cluster->active_connections--;
}

void
upstream_close(struct upstream *u)
{
	struct endpoint *ep = u->endpoint;

	if (u->conn.is_dead)
		return;
	if (u->conn.is_connecting)
		ep->cluster->pending_requests--;
	end_pending(u);
	leave_endpoint(u);
	ep->cluster->connections_closed++;
	u->exchange = NULL;
	if (u->is_mirror)
		mirror_unregister(u->conn.worker, u->mirror_key);
	conn_close(&u->conn);
	pool_uncount(ep);	/* not before: another worker may open one at once */
	pool_wake(ep->cluster);
}

static unsigned
close_behind(struct upstream *u, unsigned kept)
{
	unsigned closed = 0;

	for (struct upstream *next; u != NULL; u = next) {
		next = u->next;
		if (kept > 0) {
			kept--;
			continue;
		}
		upstream_close(u);
		closed++;
	}
	return closed;
}

unsigned
upstream_close_idle(struct endpoint *ep, unsigned kept)
{
	return close_behind(ep->idle, kept) + close_behind(ep->idle_mirrors, kept);
}

/* --- between workers --- */

static void
note_lost(struct endpoint *ep, const struct parcel *p)
{
	ep->cluster->connections_closed++;
	if (p->is_mirror)
		mirror_unregister(ep->cluster->worker, p->mirror_key);
}

static void
drop_one(struct endpoint *ep, const struct parcel *p)
{
	note_lost(ep, p);
	close(p->fd);
}

static void
hand_over(struct upstream *u, uint64_t until_ns)
{
	struct endpoint *ep = u->endpoint;
	struct parcel p = { .requests = u->requests,
			    .expires_ns = u->expires_ns, .idle_until_ns = until_ns,
			    .is_mirror = u->is_mirror, .mirror_key = u->mirror_key };

	leave_endpoint(u);
	p.fd = conn_let_go(&u->conn);
	if (taker_hand(&ep->taker, ep->cluster->common, &p)) {
		ep->pooled--;
		return;
	}
	drop_one(ep, &p);	/* nobody waits any more */
	pool_uncount(ep);
}

void
upstream_adopt(struct endpoint *ep, const struct parcel *p)
{
	struct upstream *u = upstream_new(ep, p->fd, p->is_mirror);

	if (u == NULL) {	/* the socket is closed */
		note_lost(ep, p);
		pool_uncount(ep);
		return;
	}
	note_local_address(u);
	u->requests = p->requests;
	u->expires_ns = p->expires_ns;
	u->mirror_key = p->mirror_key;
	if (u->conn.worker->is_draining)
		upstream_close(u);
	else
		keep_idle(u, p->idle_until_ns);
}

void
upstream_drop(struct endpoint *ep, struct parcel *parcels)
{
	struct parcel *next;

	for (struct parcel *p = parcels; p != NULL; p = next) {
		next = p->next;
		drop_one(ep, p);
		breaker_release(&ep->cluster->breaker, BREAKER_CONNECTIONS);
		free(p);
	}
}

void
upstream_hand_idle(struct endpoint *ep)
{
	struct upstream *u;

	while ((u = ep->idle != NULL ? ep->idle : ep->idle_mirrors) != NULL &&
	       taker_is_needed(&ep->taker))
		hand_over(u, u->deadline_ns);
}

static void
release(struct conn *c)
{
	struct upstream *u = CONTAINER_OF(c, struct upstream, conn);

	endpoint_unref(u->endpoint);
	slab_give(&c->worker->upstreams, u);
}

/* The bytes of a host, *len of them. */
static void *
host_bytes(struct address *a, size_t *len)
{
	*len = a->sa.sa_family == AF_INET6 ? sizeof(a->in6.sin6_addr) : sizeof(a->in.sin_addr);
	return a->sa.sa_family == AF_INET6 ? (void *)&a->in6.sin6_addr : (void *)&a->in.sin_addr;
}

bool
upstream_local_address(const struct upstream *u, struct address *out)
{
	size_t len;
	void *host;

	if (u->local_port == 0)
		return false;
	*out = u->has_own_host ? u->endpoint->address : u->endpoint->cluster->source;
	if (u->has_own_host) {
		host = host_bytes(out, &len);
		memcpy(host, u->local_host, len);
	}
	address_set_port(out, u->local_port);
	return true;
}

/* Our end is known once the connect has been tried; it is asked for once, not
 * with each record. */
static void
note_local_address(struct upstream *u)
{
	struct address local;
	const void *host;
	size_t len;

	if (u->endpoint->address.sa.sa_family == AF_UNIX || !conn_local_address(&u->conn, &local) ||
	    local.sa.sa_family != u->endpoint->address.sa.sa_family)
		return;
	u->local_port = address_port(&local);
	u->has_own_host = !address_same_host(&local, &u->endpoint->cluster->source);
	host = host_bytes(&local, &len);
	memcpy(u->local_host, host, len);
}

/* --- events --- */

static void
on_connect_ended(struct upstream *u)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(u->conn.watch.fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error != 0) {
		exchange_on_connect_failed(u->exchange, error);
		return;
	}
	u->conn.is_connecting = false;
	u->deadline_ns = 0;
	u->endpoint->cluster->pending_requests--;
	end_pending(u);
	exchange_on_connected(u->exchange);
}

static void
on_writable(struct conn *c)
{
	struct upstream *u = CONTAINER_OF(c, struct upstream, conn);

	if (c->is_connecting)
		on_connect_ended(u);
	else if (u->exchange != NULL)
		exchange_on_request_room(u->exchange);
}

/* A response may have come before the peer stopped reading. */
static void
on_broken(struct conn *c)
{
	struct upstream *u = CONTAINER_OF(c, struct upstream, conn);

	if (u->exchange == NULL)
		upstream_close(u);
	else
		exchange_on_request_refused(u->exchange);
}
