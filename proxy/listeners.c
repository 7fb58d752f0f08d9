/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All listening sockets; see listeners.h. */
#include "proxy/listeners.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/acceptor.h"
#include "proxy/crew.h"
#include "proxy/listener_plan.h"
#include "proxy/telemetry/record.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/vec.h"
#include "src/model/problem.h"

#define BACKLOG 4096
#define FIRST_RETRY_MS 500
#define LAST_RETRY_MS 30000
#define UNPRIVILEGED_OFFSET 20000	/* PORT is then served on PORT + this */
#define DRAIN_NS (45 * NS_PER_S)	/* Istio's drainDuration */

struct listener {
	struct listener_spec spec;
	int fd;				/* -1: not open */
	uint16_t bound_port;
	struct acceptor **acceptors;	/* of the workers; NULL: not open */
	char error[128];
};

/* The listeners of one direction, as somebody has asked. */
struct side {
	struct listeners *all;
	struct timer stop;		/* the end of a graceful drain */
	bool drains, is_stopped;
};

struct listeners {
	struct worker *const *workers;
	unsigned worker_count;
	struct crew *crew;
	struct mesh *mesh;		/* referenced: specs point into it */
	VEC(struct listener *) items;	/* in the order of plan_compare() */
	struct timer retry;
	unsigned retry_ms;
	struct side sides[SIDE_COUNT];
};

struct listeners *
listeners_new(struct worker *const *workers, unsigned count)
{
	struct listeners *l = xcalloc(1, sizeof(*l));

	l->workers = workers;
	l->worker_count = count;
	l->retry_ms = FIRST_RETRY_MS;
	for (enum record_side side = 0; side < SIDE_COUNT; side++)
		l->sides[side].all = l;
	return l;
}

void
listeners_set_crew(struct listeners *l, struct crew *c)
{
	l->crew = c;
}

/* --- sockets --- */

static int
listen_at(const struct address *address)
{
	int fd = socket(address->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, saved;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	/* Accepted sockets inherit it. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (bind(fd, &address->sa, address->len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static void
open_socket(struct listener *it)
{
	struct address address = it->spec.address;
	uint16_t port = address_port(&address);

	it->fd = listen_at(&address);
	if (it->fd < 0 && errno == EACCES && port < 1024) {
		port = (uint16_t)(port + UNPRIVILEGED_OFFSET);
		address_set_port(&address, port);
		it->fd = listen_at(&address);
	}
	it->bound_port = port;
	it->error[0] = '\0';
	if (it->fd < 0)
		snprintf(it->error, sizeof(it->error), "%s", strerror(errno));
}

static const struct side *
side_of(const struct listeners *l, const struct listener *it)
{
	return &l->sides[it->spec.kind == LISTENER_INBOUND ? SIDE_INBOUND : SIDE_OUTBOUND];
}

static void
start(struct listeners *l, struct listener *it)
{
	if (side_of(l, it)->is_stopped) {
		it->bound_port = address_port(&it->spec.address);
		snprintf(it->error, sizeof(it->error), "stopped by request");
		return;
	}
	open_socket(it);
	if (it->fd < 0)
		return;
	it->acceptors = xcalloc(l->worker_count, sizeof(struct acceptor *));
	for (unsigned i = 0; i < l->worker_count; i++) {
		it->acceptors[i] = acceptor_open(l->workers[i], it->fd, &it->spec,
						 l->workers[i]->runtime);
		it->acceptors[i]->is_draining = side_of(l, it)->drains;
	}
}

static void
shut(const struct listeners *l, struct listener *it)
{
	for (unsigned i = 0; it->acceptors != NULL && i < l->worker_count; i++)
		acceptor_close(it->acceptors[i]);
	free(it->acceptors);
	it->acceptors = NULL;
	if (it->fd >= 0)
		close(it->fd);
	it->fd = -1;
}

static void
stop(const struct listeners *l, struct listener *it)
{
	shut(l, it);
	free(it);
}

/* --- what could not be opened --- */

static void on_retry(struct timer *t);

static void
arm_retry(struct listeners *l)
{
	bool has_closed = false;

	for (size_t i = 0; i < l->items.len; i++)
		has_closed |= l->items.items[i]->fd < 0 &&
			      !side_of(l, l->items.items[i])->is_stopped;
	if (has_closed && !l->workers[0]->is_draining)
		loop_timer_set(l->workers[0]->loop, &l->retry,
			       loop_now_ns(l->workers[0]->loop) + l->retry_ms * NS_PER_MS, on_retry);
}

static void
on_retry(struct timer *t)
{
	struct listeners *l = CONTAINER_OF(t, struct listeners, retry);

	crew_park(l->crew);
	for (size_t i = 0; i < l->items.len; i++)
		if (l->items.items[i]->fd < 0)
			start(l, l->items.items[i]);
	crew_resume(l->crew);
	l->retry_ms = l->retry_ms * 2 < LAST_RETRY_MS ? l->retry_ms * 2 : LAST_RETRY_MS;
	arm_retry(l);
}

static const struct object *
object_of(const struct listener_spec *spec)
{
	if (spec->kind == LISTENER_SERVICE)
		return spec->service->object;
	return spec->instance->workload->object;
}

static void
report(const struct listeners *l, const struct listener *it, struct problems *problems)
{
	char text[ADDRESS_TEXT_BYTES];

	if (it->fd >= 0 || problems == NULL || side_of(l, it)->is_stopped)
		return;
	address_text(&it->spec.address, text);
	problem_add(problems, object_of(&it->spec), NULL, "MT1010", SEVERITY_ERROR, "",
		    "cannot listen on %s: %s; everything else serves, this is tried again", text,
		    it->error);
}

/* --- a new configuration --- */

static void
apply_one(struct listeners *l, struct listener *it, const struct listener_spec *spec)
{
	it->spec = *spec;
	if (it->acceptors == NULL)
		start(l, it);
	else
		for (unsigned i = 0; i < l->worker_count; i++)
			acceptor_update(it->acceptors[i], spec, l->workers[i]->runtime);
}

static struct listener *
listener_new(void)
{
	struct listener *it = xcalloc(1, sizeof(*it));

	it->fd = -1;
	return it;
}

/* Old and new specs are in one order; what is in both stays.  Addresses that
 * went are closed first, so that another kind of listener may take them. */
static void
merge(struct listeners *l, const struct listener_plan *plan)
{
	VEC(struct listener *) next = VEC_INIT;
	size_t old = 0;

	vec_reserve(&next, plan->specs.len);
	for (size_t i = 0; i < plan->specs.len; i++) {
		struct listener *it = NULL;

		while (old < l->items.len && it == NULL) {
			int order = plan_compare(&l->items.items[old]->spec,
						 &plan->specs.items[i]);

			if (order > 0)
				break;
			it = l->items.items[old++];
			if (order < 0) {
				stop(l, it);
				it = NULL;
			}
		}
		vec_push(&next, it != NULL ? it : listener_new());
	}
	while (old < l->items.len)
		stop(l, l->items.items[old++]);
	vec_fini(&l->items);
	l->items.items = next.items;
	l->items.len = next.len;
	l->items.cap = next.cap;
}

void
listeners_apply(struct listeners *l, struct mesh *m, struct problems *problems)
{
	struct listener_plan plan = { VEC_INIT };
	struct mesh *old = l->mesh;

	l->mesh = mesh_get(m);
	plan_listeners(&plan, m);
	merge(l, &plan);
	for (size_t i = 0; i < plan.specs.len; i++) {
		apply_one(l, l->items.items[i], &plan.specs.items[i]);
		report(l, l->items.items[i], problems);
	}
	mesh_put(&old);
	vec_fini(&plan.specs);
	l->retry_ms = FIRST_RETRY_MS;
	arm_retry(l);
}

void
listeners_close(struct listeners *l)
{
	loop_timer_cancel(&l->retry);
	for (enum record_side side = 0; side < SIDE_COUNT; side++)
		loop_timer_cancel(&l->sides[side].stop);
	for (size_t i = 0; i < l->items.len; i++)
		stop(l, l->items.items[i]);
	l->items.len = 0;
}

/* --- what somebody has asked --- */

static void
stop_side(struct listeners *l, struct side *s)
{
	loop_timer_cancel(&s->stop);
	s->is_stopped = true;
	for (size_t i = 0; i < l->items.len; i++) {
		struct listener *it = l->items.items[i];

		if (side_of(l, it) != s)
			continue;
		shut(l, it);
		start(l, it);		/* which tells why not */
	}
}

static void
on_drained(struct timer *t)
{
	struct side *s = CONTAINER_OF(t, struct side, stop);

	crew_park(s->all->crew);
	stop_side(s->all, s);
	crew_resume(s->all->crew);
}

static void
drain_side(struct listeners *l, struct side *s, bool stays)
{
	struct loop *loop = l->workers[0]->loop;

	s->drains = true;
	for (size_t i = 0; i < l->items.len; i++) {
		const struct listener *it = l->items.items[i];

		for (unsigned k = 0; it->acceptors != NULL && k < l->worker_count; k++)
			it->acceptors[k]->is_draining = side_of(l, it)->drains;
	}
	if (!stays && !s->is_stopped && !timer_is_armed(&s->stop))
		loop_timer_set(loop, &s->stop, loop_now_ns(loop) + DRAIN_NS, on_drained);
}

void
listeners_drain(struct listeners *l, bool inbound_only, bool stays)
{
	struct side *in = &l->sides[SIDE_INBOUND], *out = &l->sides[SIDE_OUTBOUND];

	if (in->drains && (inbound_only || out->drains))
		return;
	drain_side(l, in, stays);
	if (!inbound_only)
		drain_side(l, out, stays);
}

void
listeners_stop(struct listeners *l, bool inbound_only)
{
	stop_side(l, &l->sides[SIDE_INBOUND]);
	if (!inbound_only)
		stop_side(l, &l->sides[SIDE_OUTBOUND]);
}

void
listeners_free(struct listeners **lp)
{
	struct listeners *l = *lp;

	if (l == NULL)
		return;
	listeners_close(l);
	vec_fini(&l->items);
	mesh_put(&l->mesh);
	free(l);
	*lp = NULL;
}

size_t
listeners_count(const struct listeners *l)
{
	return l->items.len;
}

void
listeners_at(const struct listeners *l, size_t index, struct engine_listener *out)
{
	const struct listener *it = l->items.items[index];
	unsigned connections = 0;

	for (unsigned i = 0; it->acceptors != NULL && i < l->worker_count; i++)
		connections += it->acceptors[i]->connections;
	*out = (struct engine_listener){
		.kind = it->spec.kind,
		.address = it->spec.address,
		.bound_port = it->bound_port,
		.is_open = it->fd >= 0,
		.error = it->error,
		.service = it->spec.service,
		.port = it->spec.port,
		.instance = it->spec.instance,
		.workload = it->spec.workload,
		.connections = connections,
	};
}
