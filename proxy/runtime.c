/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bindings and what outlives them; see runtime.h. */
#include "proxy/runtime.h"

#include <stdlib.h>
#include <string.h>

#include "proxy/cluster/arrivals.h"
#include "proxy/cluster/balance.h"
#include "proxy/cluster/hash.h"
#include "proxy/cluster/pool.h"
#include "proxy/cluster/resolve.h"
#include "proxy/cluster/upstream.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/xalloc.h"
#include "src/istio/host.h"
#include "src/mesh/spread.h"

static uint64_t
mix(uint64_t h)
{
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdu;
	h ^= h >> 33;
	h *= 0xc4ceb9fe1a85ec53u;
	return h ^ h >> 33;
}

static uint64_t
hash_text(uint64_t h, const char *s)
{
	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	return h * 31;
}

/* Equal for the same caller at the same address and a cluster of equal
 * identity, in whatever mesh. */
static uint64_t
state_key(const struct mesh_instance *caller, const struct mesh_cluster *cluster)
{
	char text[ADDRESS_TEXT_BYTES];
	uint64_t h = 0xcbf29ce484222325u;

	address_host_text(&caller->address, text);
	h = hash_text(hash_text(hash_text(h, caller->ns), caller->name), text);
	return mix(h) ^ cluster->identity;
}

/* --- endpoints and states --- */

void
endpoint_ref(struct endpoint *ep)
{
	ep->refs++;
}

void
cluster_state_ref(struct cluster_state *s)
{
	s->refs++;
}

void
cluster_state_unref(struct cluster_state *s)
{
	if (--s->refs > 0)
		return;
	loop_timer_cancel(&s->sweep_timer);
	loop_timer_cancel(&s->room_timer);
	common_cluster_put(&s->common);
	places_fini(&s->places);
	free(s);
}

void
endpoint_unref(struct endpoint *ep)
{
	struct cluster_state *s = ep->cluster;

	ASSERT(ep->refs > 0);
	if (--ep->refs > 0)
		return;
	*ep->prev = ep->next;
	if (ep->next != NULL)
		ep->next->prev = ep->prev;
	places_remove(&s->places, &ep->place);
	resolution_free(&ep->resolution);
	free(ep);
	cluster_state_unref(s);
}

static struct endpoint *
endpoint_new(struct cluster_state *s, const struct address *address, const char *host,
	     uint64_t key)
{
	struct endpoint *ep = xcalloc(1, sizeof(*ep));

	ep->cluster = s;
	ep->address = *address;
	ep->taker.call.answer = pool_answer;
	if (host != NULL)
		ep->resolution = resolution_new(host);
	ep->next = s->endpoints;
	if (ep->next != NULL)
		ep->next->prev = &ep->next;
	ep->prev = &s->endpoints;
	s->endpoints = ep;
	places_add(&s->places, &ep->place, key);
	s->refs++;
	return ep;
}

static bool
is_for(const struct endpoint *ep, const struct address *address, const char *host)
{
	if (ep->resolution == NULL || host == NULL)
		return ep->resolution == NULL && host == NULL &&
		       address_equal(&ep->address, address);
	return strcmp(resolution_host(ep->resolution), host) == 0 &&
	       address_port(&ep->address) == address_port(address);
}

struct endpoint *
endpoint_for(struct cluster_state *s, const struct address *address, const char *host)
{
	uint64_t key = place_key(address, host);
	struct place *at = places_find(&s->places, key);
	struct endpoint *ep;

	while (at != NULL && !is_for(CONTAINER_OF(at, struct endpoint, place), address, host))
		at = place_next(at);
	ep = at != NULL ? CONTAINER_OF(at, struct endpoint, place) :
			  endpoint_new(s, address, host, key);
	ep->refs++;
	return ep;
}

struct endpoint *
endpoint_by_name(struct cluster_state *s, const struct mesh_cluster *c, struct slice host)
{
	char name[HOST_MAX_BYTES + 1];
	struct address address;

	if (host.len >= sizeof(name) || !mesh_cluster_takes_host(c, host))
		return NULL;
	memcpy(name, host.ptr, host.len);
	name[host.len] = '\0';
	address_parse_host(&address, "0.0.0.0", c->port->number, NULL);
	return endpoint_for(s, &address, name);
}

bool
endpoint_leads_to(const struct endpoint *ep, const struct address *address)
{
	return ep->resolution != NULL && address_equal(&ep->address, address);
}

/* What a caller's localities leave out is no member of its cluster for Envoy:
 * outlier detection does not count it. */
static struct endpoint *
endpoint_bind(struct cluster_state *s, const struct address *address, const char *host,
	      bool is_choice)
{
	struct endpoint *ep = endpoint_for(s, address, host);

	ep->bindings++;
	if (is_choice && ep->choices++ == 0 && s->common != NULL) {
		ep->common = common_host_get(s->common, address, host);
		if (s->breaker.used != NULL)
			taker_join(&ep->taker, s->common, ep->common, &s->worker->calls,
				   ep->pooled);
	}
	return ep;
}

static void
leave_common(struct endpoint *ep)
{
	struct common_cluster *c = ep->cluster->common;

	if (ep->taker.host != NULL)
		upstream_drop(ep, taker_leave(&ep->taker, c, ep->pooled));
	common_host_put(c, &ep->common);
}

/* No configuration names it any more, then: idle connections are closed. */
static void
unbind(struct endpoint *ep, bool is_choice)
{
	ASSERT(ep->bindings > 0);
	if (is_choice && --ep->choices == 0 && ep->common != NULL)
		leave_common(ep);
	if (--ep->bindings == 0)
		upstream_close_idle(ep, 0);
	endpoint_unref(ep);
}

void
endpoint_unbind(struct endpoint *ep)
{
	unbind(ep, true);
}

static struct cluster_state *
state_new(struct worker *w, uint64_t key, const struct address *source,
	  const struct cluster_policy *policy)
{
	struct cluster_state *s = xcalloc(1, sizeof(*s));

	s->worker = w;
	s->key = key;
	breaker_init(&s->breaker, policy);
	if (policy != NULL && (policy->outlier.is_on || breaker_is_needed(policy))) {
		s->common = commons_cluster(w->commons, key, policy, loop_now_ns(w->loop));
		if (breaker_is_needed(policy))
			s->breaker.used = s->common->used;
		if (s->common->budget.slot_ns > 0)
			s->breaker.budget = &s->common->budget;
	}
	if (policy != NULL)
		s->keepalive = policy->keepalive;
	if (source != NULL)
		s->source = *source;
	return s;
}

struct endpoint *
endpoint_new_single(struct worker *w, const struct address *address)
{
	struct cluster_state *s = state_new(w, 0, NULL, NULL);

	s->is_target = true;
	return endpoint_bind(s, address, NULL, true);
}

/* --- outliers --- */

static void on_sweep(struct timer *t);

static void
arm_sweep(struct cluster_state *s)
{
	struct loop *loop = s->worker->loop;

	loop_timer_set(loop, &s->sweep_timer,
		       outlier_next_sweep_ns(&s->common->outlier, loop_now_ns(loop)), on_sweep);
}

static void
on_sweep(struct timer *t)
{
	struct cluster_state *s = CONTAINER_OF(t, struct cluster_state, sweep_timer);

	if (common_cluster_sweep(s->common, loop_now_ns(s->worker->loop)))
		arm_sweep(s);
}

void
cluster_state_note(struct cluster_state *s, struct endpoint *ep, enum outlier_event event,
		   unsigned status)
{
	if (ep->common == NULL || !s->common->outlier.is_on)
		return;
	if (common_cluster_note(s->common, ep->common, event, status,
				loop_now_ns(s->worker->loop)) &&
	    !timer_is_armed(&s->sweep_timer))
		arm_sweep(s);
}

/* --- bindings --- */

static void
warm_up(struct binding *b, struct worker *w)
{
	uint64_t now = loop_now_ns(w->loop);
	uint64_t window = b->cluster->policy.warmup.duration_ms * NS_PER_MS;

	for (size_t i = 0; window > 0 && i < b->cluster->endpoint_count; i++) {
		struct endpoint *ep = b->endpoints[i];

		ep->arrived_ns = arrivals_find(commons_arrivals(w->commons), b->cluster,
					       &b->cluster->endpoints[i], now);
		if (ep->arrived_ns + window > b->warm_ns)
			b->warm_ns = ep->arrived_ns + window;
	}
}

static struct binding *
binding_new(struct runtime *rt, const struct mesh_instance *caller,
	    const struct mesh_cluster *cluster, struct cluster_state *state)
{
	struct binding *b = xcalloc(1, sizeof(*b));
	struct mesh_spread *spread = spread_new(rt->mesh, cluster, caller);

	b->caller = caller;
	b->cluster = cluster;
	if (state == NULL)
		state = state_new(rt->worker, state_key(caller, cluster), &caller->address,
				  &cluster->policy);
	b->state = state;
	state->refs++;
	b->endpoints = xcalloc(cluster->endpoint_count, sizeof(*b->endpoints));
	for (size_t i = 0; i < cluster->endpoint_count; i++)
		b->endpoints[i] = endpoint_bind(state, &cluster->endpoints[i].address,
						cluster->endpoints[i].host,
						spread_priority(spread, i) >= 0);
	b->has_weights = balance_has_weights(cluster, NULL, cluster->endpoint_count);
	warm_up(b, rt->worker);
	if (spread != NULL)
		b->levels = levels_new(spread, cluster);
	return b;
}

static void
binding_free(struct binding *b)
{
	const struct mesh_spread *spread = b->levels != NULL ? b->levels->spread : NULL;

	for (size_t i = 0; i < b->cluster->endpoint_count; i++)
		unbind(b->endpoints[i], spread_priority(spread, i) >= 0);
	cluster_state_unref(b->state);
	hash_table_free(&b->hash);
	levels_free(&b->levels);
	free(b->endpoints);
	free(b);
}

static size_t
slot_of(const struct runtime *rt, const struct mesh_instance *caller,
	const struct mesh_cluster *cluster)
{
	uint64_t h = (caller->index + 1) * 0x9e3779b97f4a7c15u ^
		     (cluster->index + 1) * 0xc2b2ae3d27d4eb4fu;
	size_t i = (size_t)(h >> 32 ^ h) & (rt->slot_count - 1);

	while (rt->slots[i] != NULL &&
	       (rt->slots[i]->caller != caller || rt->slots[i]->cluster != cluster))
		i = (i + 1) & (rt->slot_count - 1);
	return i;
}

static void
grow(struct runtime *rt)
{
	struct binding **old = rt->slots;
	size_t count = rt->slot_count;

	rt->slot_count = count > 0 ? count * 2 : 64;
	rt->slots = xcalloc(rt->slot_count, sizeof(struct binding *));
	for (size_t i = 0; i < count; i++)
		if (old[i] != NULL)
			rt->slots[slot_of(rt, old[i]->caller, old[i]->cluster)] = old[i];
	free(old);
}

static struct binding *
add_binding(struct runtime *rt, const struct mesh_instance *caller,
	    const struct mesh_cluster *cluster, struct cluster_state *state)
{
	struct binding *b = binding_new(rt, caller, cluster, state);

	if ((rt->binding_count + 1) * 2 > rt->slot_count)
		grow(rt);
	rt->slots[slot_of(rt, caller, cluster)] = b;
	rt->binding_count++;
	return b;
}

struct binding *
runtime_bind(struct runtime *rt, const struct mesh_instance *caller,
	     const struct mesh_cluster *cluster)
{
	struct binding *b = rt->slots[slot_of(rt, caller, cluster)];

	return b != NULL ? b : add_binding(rt, caller, cluster, NULL);
}

const struct binding *
runtime_find(const struct runtime *rt, const struct mesh_instance *caller,
	     const struct mesh_cluster *cluster)
{
	return rt->slots[slot_of(rt, caller, cluster)];
}

/* Several clusters may have one name, where callers obey different
 * DestinationRules. */
static const struct mesh_cluster *
same_cluster(const struct mesh *m, const struct mesh_cluster *old)
{
	const struct mesh_cluster *c = mesh_find_cluster(m, old->name);

	if (c == NULL || c->identity == old->identity)
		return c;
	for (size_t i = 0; i < m->cluster_count; i++)
		if (m->clusters[i]->identity == old->identity &&
		    strcmp(m->clusters[i]->name, old->name) == 0)
			return m->clusters[i];
	return NULL;
}

/* The same caller and cluster under the new mesh keep their state. */
static void
take_over(struct runtime *rt, const struct binding *old)
{
	const struct mesh_cluster *cluster = same_cluster(rt->mesh, old->cluster);
	const struct mesh_instance *caller =
		mesh_instance_of_address(rt->mesh, &old->caller->address);

	if (cluster == NULL || caller == NULL || state_key(caller, cluster) != old->state->key)
		return;
	if (rt->slots[slot_of(rt, caller, cluster)] == NULL)
		add_binding(rt, caller, cluster, old->state);
}

struct runtime *
runtime_new(struct worker *w, struct mesh *mesh, const struct runtime *before)
{
	struct runtime *rt = xcalloc(1, sizeof(*rt));

	rt->refs = 1;
	rt->serial = before != NULL ? before->serial + 1 : 1;
	rt->worker = w;
	rt->mesh = mesh_get(mesh);
	grow(rt);
	for (size_t i = 0; before != NULL && i < before->slot_count; i++)
		if (before->slots[i] != NULL)
			take_over(rt, before->slots[i]);
	return rt;
}

void
runtime_put(struct runtime **rp)
{
	struct runtime *rt = *rp;

	*rp = NULL;
	if (rt == NULL || --rt->refs > 0)
		return;
	for (size_t i = 0; i < rt->slot_count; i++)
		if (rt->slots[i] != NULL)
			binding_free(rt->slots[i]);
	free(rt->slots);
	mesh_put(&rt->mesh);
	free(rt);
}

/* --- figures --- */

static void
reset_endpoint(struct endpoint *ep)
{
	ep->connections = ep->connect_failures = ep->timeouts = 0;
	ep->requests = ep->errors = 0;
	if (ep->common != NULL)
		ep->common->outlier.ejections = 0;
}

static void
reset_outlier(struct common_cluster *c)
{
	pthread_mutex_lock(&c->lock);
	c->outlier.ejections = c->outlier.overflows = 0;
	memset(c->outlier.by_cause, 0, sizeof(c->outlier.by_cause));
	pthread_mutex_unlock(&c->lock);
}

static void
reset_state(struct cluster_state *s)
{
	s->connections = s->connect_failures = s->connect_timeouts = s->connections_closed = 0;
	s->requests = s->retries = s->timeouts = s->try_timeouts = 0;
	s->retry_successes = s->retry_exhaustions = s->pendings = s->panics = 0;
	memset(s->by_class, 0, sizeof(s->by_class));
	s->breaker.connection_overflows = s->breaker.pending_overflows = 0;
	s->breaker.retry_overflows = 0;
	for (struct endpoint *ep = s->endpoints; ep != NULL; ep = ep->next)
		reset_endpoint(ep);
	if (s->common != NULL)
		reset_outlier(s->common);
}

void
runtime_reset_figures(struct runtime *rt)
{
	for (size_t i = 0; i < rt->slot_count; i++)
		if (rt->slots[i] != NULL)
			reset_state(rt->slots[i]->state);
}
