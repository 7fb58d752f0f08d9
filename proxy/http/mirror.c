/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mirrors; see mirror.h. */
#include "proxy/http/mirror.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "proxy/acceptor.h"
#include "proxy/cluster/commons.h"
#include "proxy/http/exchange.h"
#include "proxy/http/exchange_rules.h"
#include "proxy/http/fault.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/buf.h"

#define TIMEOUT_NS (15 * NS_PER_S)	/* where the route has none */

/* --- which connections carry copies --- */

static uint64_t
key_of(const struct sockaddr *sa)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)sa;
	uint64_t h = 0;

	if (sa->sa_family == AF_INET)
		return (uint64_t)ntohl(in->sin_addr.s_addr) << 16 | ntohs(in->sin_port);
	if (sa->sa_family != AF_INET6)
		return 0;
	for (size_t i = 0; i < sizeof(in6->sin6_addr.s6_addr); i++)
		h = h * 0x9e3779b97f4a7c15u + in6->sin6_addr.s6_addr[i];
	return h << 16 | ntohs(in6->sin6_port);
}

static uint64_t
own_key(int fd)
{
	struct address own;
	socklen_t len = sizeof(own.in6);

	return getsockname(fd, &own.sa, &len) == 0 ? key_of(&own.sa) : 0;
}

uint64_t
mirror_register(struct worker *w, int fd)
{
	uint64_t key = own_key(fd);

	commons_add_port(w->commons, key);
	return key;
}

void
mirror_unregister(struct worker *w, uint64_t key)
{
	commons_remove_port(w->commons, key);
}

bool
mirror_is_registered(const struct worker *w, const struct acceptor *a,
		     const union downstream_peer *peer)
{
	return a->spec.kind == LISTENER_INBOUND &&
	       commons_has_port(w->commons, key_of(&peer->sa));
}

/* --- copies --- */

static void
release(struct conn *c)
{
	struct mirror *m = CONTAINER_OF(CONTAINER_OF(c, struct downstream, conn), struct mirror,
					down);

	cluster_state_unref(m->state);
	acceptor_unref(m->down.acceptor);
	free(m->authority);
	slab_give(&c->worker->mirrors, m);
}

static const struct conn_ops mirror_ops = { .release = release };

static struct mirror *
mirror_new(const struct exchange *ex, struct cluster_state *state)
{
	struct worker *w = ex->worker;
	struct mirror *m = slab_take(&w->mirrors);

	memset(m, 0, sizeof(*m));
	m->down.conn = (struct conn){ .watch = { .fd = -1 }, .worker = w, .ops = &mirror_ops };
	m->down.acceptor = acceptor_ref(ex->down->acceptor);
	m->down.peer = ex->down->peer;
	m->state = state;
	cluster_state_ref(state);
	state->active_mirrors++;
	m->next = w->first_mirror;
	if (m->next != NULL)
		m->next->prev = &m->next;
	m->prev = &w->first_mirror;
	w->first_mirror = m;
	return m;
}

void
mirror_end(struct downstream *d)
{
	struct mirror *m = CONTAINER_OF(d, struct mirror, down);

	*m->prev = m->next;
	if (m->next != NULL)
		m->next->prev = m->prev;
	m->state->active_mirrors--;
	d->conn.is_dead = true;
	worker_bury(d->conn.worker, &d->conn);
}

void
mirror_abort(struct mirror *m)
{
	exchange_on_gone(m->down.exchange);
}

/* "host-shadow:port", as Istio before 1.28 sent it. */
static void
add_suffix(struct mirror *m, struct exchange *copy)
{
	struct slice authority = copy->authority.ptr != NULL ? copy->authority :
							       copy->head->authority;
	unsigned port;
	struct slice host = exchange_split_authority(authority, &port);
	struct buf text = BUF_INIT;

	buf_append(&text, host.ptr, host.len);
	buf_puts(&text, "-shadow");
	buf_append(&text, host.ptr + host.len, authority.len - host.len);
	copy->authority = (struct slice){ text.data, text.len };
	m->authority = buf_steal(&text);
}

/* As long as the original may take. */
static void
bound_time(const struct exchange *ex, struct exchange *copy)
{
	struct exchange_rules *r = exchange_rules_of(copy);
	uint64_t ns = ex->rules != NULL ? ex->rules->terms.timeout_ns : 0;

	r->terms.timeout_ns = ns > 0 ? ns : TIMEOUT_NS;
	r->is_tacit = ns == 0;
	exchange_timeouts_on_request_end(copy);
}

/* It is sent as a body is that is sent once more. */
static void
copy_body(const struct exchange *ex, struct exchange *copy)
{
	struct exchange_rules *r = exchange_rules_of(copy);

	if (ex->head->framing == HTTP_NO_BODY)
		return;
	buf_append(&r->body, ex->rules->body.data, ex->rules->body.len);
	r->keeps_body = true;
	copy->body_has_begun = true;
}

static void
send_copy(const struct exchange *ex, const struct mesh_cluster *cluster)
{
	struct cluster_state *state = runtime_bind(ex->runtime, ex->self, cluster)->state;
	struct exchange *copy;
	struct mirror *m;
	size_t used;

	if (state->active_mirrors >= MIRROR_MAX_ACTIVE)
		return;
	m = mirror_new(ex, state);
	copy = exchange_new_copy(ex, &m->down);
	if (ex->runtime->mesh->settings.adds_shadow_suffix)
		add_suffix(m, copy);
	copy_body(ex, copy);
	bound_time(ex, copy);
	exchange_use_cluster(copy, cluster);
	if (m->down.exchange == copy)
		exchange_launch(copy, "", 0, &used);
}

/* A body that is too long is not kept, and not copied. */
static bool
is_whole(const struct exchange *ex)
{
	return ex->head->framing == HTTP_NO_BODY || (ex->rules != NULL && ex->rules->keeps_body);
}

void
mirror_begin(struct exchange *ex)
{
	const struct http_rule *rule = ex->decision.extras;

	if (rule == NULL || rule->mirror_count == 0 || ex->side != SIDE_OUTBOUND ||
	    ex->is_mirror || ex->is_upgrade || !is_whole(ex))
		return;
	for (size_t i = 0; i < rule->mirror_count; i++) {
		const struct route_mirror *to = &rule->mirrors[i];

		if (fault_happens(to->per_million, &ex->worker->rng) && to->cluster != NULL)
			send_copy(ex, to->cluster);
	}
}
