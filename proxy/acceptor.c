/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking connections; see acceptor.h. */
#include "proxy/acceptor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/http/downstream.h"
#include "proxy/peer.h"
#include "proxy/room.h"
#include "proxy/runtime.h"
#include "proxy/tcp/relay.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/xalloc.h"

#define ACCEPTS_A_TURN 16
#define PAUSE_MS 50

static void
reset_socket(int fd)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

static bool
is_allowed_uid(const struct acceptor *a, int fd)
{
	const struct mesh_settings *s = &a->runtime->mesh->settings;
	bool is_egress = a->spec.kind == LISTENER_EGRESS;
	uint32_t uid;

	if (!is_egress && s->allowed_uid_count == 0)
		return true;
	if (!peer_uid(a->worker->peers, fd, &uid))
		return false;
	if (uid == 0 || uid == (uint32_t)geteuid())
		return true;
	for (size_t i = 0; !is_egress && i < s->allowed_uid_count; i++)
		if (s->allowed_uids[i] == uid)
			return true;
	return false;
}

static const struct mesh_instance *
instance_of(const struct acceptor *a, const union downstream_peer *peer)
{
	struct address address;

	memset(&address, 0, sizeof(address));
	if (peer->sa.sa_family == AF_INET6) {
		address.in6 = peer->in6;
		address.len = sizeof(address.in6);
	} else {
		address.in = peer->in;
		address.len = sizeof(address.in);
	}
	return mesh_instance_of_address(a->runtime->mesh, &address);
}

static bool
has_proxy(const struct mesh_instance *i)
{
	return i != NULL && i->workload->has_proxy;
}

/* Until TLS arrives a proxy of this mesh counts as mutual TLS. */
static bool
is_refused_by_mtls(const struct acceptor *a, const struct mesh_instance *caller)
{
	return a->spec.kind == LISTENER_INBOUND && !has_proxy(caller) &&
	       mesh_mtls_mode(a->runtime->mesh, a->spec.instance->workload,
			      address_port(&a->spec.address)) == MTLS_STRICT;
}

static bool
is_relayed(const struct acceptor *a, const struct mesh_instance *caller)
{
	if (a->spec.kind == LISTENER_EGRESS)
		return false;
	if (a->spec.kind != LISTENER_GATEWAY &&
	    !has_proxy(a->spec.kind == LISTENER_SERVICE ? caller : a->spec.instance))
		return true;		/* no rule applies: straight through */
	switch (a->spec.protocol) {
	case PORT_TCP:
	case PORT_TLS:
	case PORT_HTTPS:
		return true;
	case PORT_SNIFFED:
	case PORT_HTTP:
	case PORT_HTTP2:
	case PORT_GRPC:
		break;
	}
	return false;
}

static void
take(struct acceptor *a, int fd, const union downstream_peer *peer)
{
	const struct mesh_instance *caller =
		acceptor_has_own_caller(a) ? NULL : instance_of(a, peer);
	bool sniffs = a->spec.protocol == PORT_SNIFFED;

	if (!is_allowed_uid(a, fd) || is_refused_by_mtls(a, caller))
		reset_socket(fd);
	else if (is_relayed(a, caller))
		relay_open(a->worker, a, fd, peer, NULL, 0);
	else
		downstream_open(a->worker, a, fd, peer, sniffs);
}

/* --- when descriptors run out --- */

static enum descriptor_use
use_of(const struct acceptor *a)
{
	return a->spec.kind == LISTENER_INBOUND ? DESCRIPTOR_INBOUND : DESCRIPTOR_CLIENT;
}

static bool
is_paused(const struct acceptor *a)
{
	return (a->worker->paused_uses & 1u << use_of(a)) != 0;
}

static void on_pause_over(struct timer *t);

static void
arm_pause(struct worker *w)
{
	loop_timer_set(w->loop, &w->accept_timer, loop_now_ns(w->loop) + PAUSE_MS * NS_PER_MS,
		       on_pause_over);
}

static void
on_pause_over(struct timer *t)
{
	struct worker *w = CONTAINER_OF(t, struct worker, accept_timer);

	acceptors_resume(w);
	if (w->paused_uses != 0 && room_make(w))
		acceptors_resume(w);
	if (w->paused_uses != 0)
		arm_pause(w);
}

static void
pause_use(struct worker *w, enum descriptor_use use)
{
	w->paused_uses |= 1u << use;
	for (struct acceptor *a = w->acceptors; a != NULL; a = a->next)
		if (is_paused(a))
			loop_pause(&a->watch);
	arm_pause(w);
}

void
acceptors_resume(struct worker *w)
{
	for (enum descriptor_use use = 0; use < DESCRIPTOR_USES; use++)
		if ((w->paused_uses & 1u << use) != 0 && descriptors_have_room(&w->descriptors, use))
			w->paused_uses &= ~(1u << use);
	for (struct acceptor *a = w->acceptors; a != NULL; a = a->next)
		if (!is_paused(a))
			loop_resume(&a->watch);
	if (w->paused_uses == 0)
		loop_timer_cancel(&w->accept_timer);
}

/* What came of an accept: were there descriptors to spare?  Else accepting
 * pauses, unless others give way. */
static bool
may_go_on(struct worker *w, enum descriptor_use use, int fd, int error)
{
	if (fd >= 0 ? (unsigned)fd < w->descriptors.ceilings[use] : !descriptors_are_short(error))
		return true;
	if (room_make(w) && fd >= 0 && descriptors_have_room(&w->descriptors, use))
		return true;
	pause_use(w, use);
	return false;
}

/* While descriptors are short it is asked first whether there is one: all workers
 * would else take one more each, again and again. */
static int
accept_one(struct acceptor *a, union downstream_peer *peer)
{
	struct worker *w = a->worker;
	socklen_t len = sizeof(*peer);

	if (commons_is_short(w->commons, loop_now_ns(w->loop)) &&
	    !descriptors_have_room(&w->descriptors, use_of(a))) {
		errno = EMFILE;
		return -1;
	}
	return accept4(a->watch.fd, &peer->sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static void
on_connection(struct watch *watch, unsigned events)
{
	struct acceptor *a = CONTAINER_OF(watch, struct acceptor, watch);
	enum descriptor_use use = use_of(a);

	(void)events;
	for (int i = 0; i < ACCEPTS_A_TURN && a->watch.fd >= 0; i++) {
		union downstream_peer peer;
		int fd = accept_one(a, &peer);
		int error = fd < 0 ? errno : 0;

		if (fd >= 0)
			take(a, fd, &peer);
		if (!may_go_on(a->worker, use, fd, error) ||
		    (fd < 0 && error != EINTR && error != ECONNABORTED))
			return;
	}
}

/* --- life --- */

static void
forward_address(const struct listener_spec *spec, struct address *out)
{
	const struct mesh_instance *i = spec->instance;
	uint16_t port = address_port(&spec->address);

	if (i->forward_unix_dir == NULL) {
		*out = i->forward_host;
		if (address_port(out) == 0)
			address_set_port(out, port);
		return;
	}
	memset(out, 0, sizeof(*out));
	out->un.sun_family = AF_UNIX;
	snprintf(out->un.sun_path, sizeof(out->un.sun_path), "%s/%s.%s-%u.sock",
		 i->forward_unix_dir, i->name, i->ns, port);
	out->len = sizeof(out->un);
}

static void
set_target(struct acceptor *a)
{
	struct address address;

	if (a->spec.kind != LISTENER_INBOUND)
		return;
	forward_address(&a->spec, &address);
	if (a->target != NULL && address_equal(&a->target->address, &address))
		return;
	if (a->target != NULL)
		endpoint_unbind(a->target);
	a->target = endpoint_new_single(a->worker, &address);
}

struct acceptor *
acceptor_open(struct worker *w, int fd, const struct listener_spec *spec, struct runtime *rt)
{
	struct acceptor *a = xcalloc(1, sizeof(*a));

	a->worker = w;
	a->spec = *spec;
	a->runtime = runtime_get(rt);
	set_target(a);
	a->next = w->acceptors;
	w->acceptors = a;
	ASSERT(loop_watch_listener(w->loop, &a->watch, fd, on_connection, NULL) == 0);
	descriptors_share(&w->descriptors, ++w->acceptor_count);
	if (is_paused(a))
		loop_pause(&a->watch);
	return a;
}

void
acceptor_update(struct acceptor *a, const struct listener_spec *spec, struct runtime *rt)
{
	struct runtime *old = a->runtime;

	a->spec = *spec;
	a->runtime = runtime_get(rt);
	runtime_put(&old);
	set_target(a);
}

static void
acceptor_free(struct acceptor *a)
{
	if (a->target != NULL)
		endpoint_unref(a->target);
	runtime_put(&a->runtime);
	free(a);
}

void
acceptor_close(struct acceptor *a)
{
	struct acceptor **at = &a->worker->acceptors;

	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	a->is_closed = a->is_draining = true;
	descriptors_share(&a->worker->descriptors, --a->worker->acceptor_count);
	loop_unwatch(&a->watch);
	if (a->target != NULL) {
		endpoint_ref(a->target);	/* for what is still open */
		endpoint_unbind(a->target);
	}
	if (a->connections == 0)
		acceptor_free(a);
}

struct acceptor *
acceptor_ref(struct acceptor *a)
{
	a->connections++;
	return a;
}

void
acceptor_unref(struct acceptor *a)
{
	ASSERT(a->connections > 0);
	if (--a->connections == 0 && a->is_closed)
		acceptor_free(a);
}
