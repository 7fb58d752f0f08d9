/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What workers have in common; see commons.h. */
#include "proxy/cluster/commons.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "proxy/cluster/arrivals.h"
#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"

struct port {
	uint64_t key;
	UT_hash_handle hh;
};

struct commons {
	pthread_mutex_t lock;		/* of the lists and all counts of references */
	unsigned refs;
	struct common_cluster *clusters;
	struct arrivals *arrivals;
	struct common_member *members;
	atomic_uint_least64_t short_until_ns;
	struct port *ports;
	atomic_uint port_count;
};

struct commons *
commons_new(void)
{
	struct commons *c = xcalloc(1, sizeof(*c));

	pthread_mutex_init(&c->lock, NULL);
	c->refs = 1;
	c->arrivals = arrivals_new();
	return c;
}

struct arrivals *
commons_arrivals(struct commons *c)
{
	return c->arrivals;
}

struct commons *
commons_get(struct commons *c)
{
	pthread_mutex_lock(&c->lock);
	c->refs++;
	pthread_mutex_unlock(&c->lock);
	return c;
}

void
commons_put(struct commons **cp)
{
	struct commons *c = *cp;
	unsigned left;

	*cp = NULL;
	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	left = --c->refs;
	pthread_mutex_unlock(&c->lock);
	if (left > 0)
		return;
	ASSERT(c->clusters == NULL && c->ports == NULL && c->members == NULL);
	pthread_mutex_destroy(&c->lock);
	arrivals_free(&c->arrivals);
	free(c);
}

/* --- members --- */

void
commons_join(struct commons *c, struct common_member *m)
{
	pthread_mutex_lock(&c->lock);
	m->next = c->members;
	if (m->next != NULL)
		m->next->prev = &m->next;
	m->prev = &c->members;
	c->members = m;
	pthread_mutex_unlock(&c->lock);
}

void
commons_leave(struct commons *c, struct common_member *m)
{
	pthread_mutex_lock(&c->lock);
	*m->prev = m->next;
	if (m->next != NULL)
		m->next->prev = m->prev;
	m->prev = NULL;
	pthread_mutex_unlock(&c->lock);
	for (size_t i = 0; i < COMMON_CALLS; i++)
		call_cancel(&m->calls[i]);
}

void
commons_call_others(struct commons *c, const struct common_member *m, enum common_call what)
{
	pthread_mutex_lock(&c->lock);
	for (struct common_member *other = c->members; other != NULL; other = other->next)
		if (other != m)
			call_make(&other->calls[what]);
	pthread_mutex_unlock(&c->lock);
}

void
commons_note_shortage(struct commons *c, uint64_t now_ns)
{
	atomic_store_explicit(&c->short_until_ns, now_ns + NS_PER_S, memory_order_relaxed);
}

bool
commons_is_short(const struct commons *c, uint64_t now_ns)
{
	return now_ns < atomic_load_explicit(&c->short_until_ns, memory_order_relaxed);
}

/* --- clusters --- */

static struct common_cluster *
cluster_new(struct commons *c, uint64_t key, const struct cluster_policy *policy,
	    uint64_t now_ns)
{
	struct common_cluster *cluster = xcalloc(1, sizeof(*cluster));

	cluster->commons = c;
	cluster->key = key;
	pthread_mutex_init(&cluster->lock, NULL);
	outlier_init(&cluster->outlier, policy, now_ns);
	budget_init(&cluster->budget, policy->retry_budget.interval_ms);
	cluster->next = c->clusters;
	c->clusters = cluster;
	return cluster;
}

struct common_cluster *
commons_cluster(struct commons *c, uint64_t key, const struct cluster_policy *policy,
		uint64_t now_ns)
{
	struct common_cluster *cluster;

	pthread_mutex_lock(&c->lock);
	cluster = c->clusters;
	while (cluster != NULL && cluster->key != key)
		cluster = cluster->next;
	if (cluster == NULL)
		cluster = cluster_new(c, key, policy, now_ns);
	cluster->refs++;
	pthread_mutex_unlock(&c->lock);
	return cluster;
}

void
common_cluster_put(struct common_cluster **cp)
{
	struct common_cluster *cluster = *cp, **at;
	struct commons *c;

	*cp = NULL;
	if (cluster == NULL)
		return;
	c = cluster->commons;
	pthread_mutex_lock(&c->lock);
	if (--cluster->refs > 0) {
		pthread_mutex_unlock(&c->lock);
		return;
	}
	for (at = &c->clusters; *at != cluster; at = &(*at)->next)
		;
	*at = cluster->next;
	pthread_mutex_unlock(&c->lock);
	ASSERT(cluster->hosts == NULL);
	places_fini(&cluster->places);
	budget_fini(&cluster->budget);
	pthread_mutex_destroy(&cluster->lock);
	free(cluster);
}

static bool
is_host(const struct common_host *h, const struct address *address, const char *name)
{
	if (h->name == NULL || name == NULL)
		return h->name == NULL && name == NULL && address_equal(&h->address, address);
	return strcmp(h->name, name) == 0 && address_port(&h->address) == address_port(address);
}

static struct common_host *
host_new(struct common_cluster *c, const struct address *address, const char *name,
	 uint64_t key)
{
	struct common_host *h = xcalloc(1, sizeof(*h));

	h->address = *address;
	h->name = name != NULL ? xstrdup(name) : NULL;
	h->next = c->hosts;
	if (h->next != NULL)
		h->next->prev = &h->next;
	h->prev = &c->hosts;
	c->hosts = h;
	places_add(&c->places, &h->place, key);
	outlier_add_host(&c->outlier);
	return h;
}

struct common_host *
common_host_get(struct common_cluster *c, const struct address *address, const char *name)
{
	uint64_t key = place_key(address, name);
	struct common_host *h;
	struct place *at;

	pthread_mutex_lock(&c->lock);
	at = places_find(&c->places, key);
	while (at != NULL && !is_host(CONTAINER_OF(at, struct common_host, place), address, name))
		at = place_next(at);
	h = at != NULL ? CONTAINER_OF(at, struct common_host, place) :
			 host_new(c, address, name, key);
	h->refs++;
	pthread_mutex_unlock(&c->lock);
	return h;
}

void
common_host_put(struct common_cluster *c, struct common_host **hp)
{
	struct common_host *h = *hp;

	*hp = NULL;
	if (h == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	if (--h->refs == 0) {
		*h->prev = h->next;
		if (h->next != NULL)
			h->next->prev = h->prev;
		places_remove(&c->places, &h->place);
		outlier_remove_host(&c->outlier, &h->outlier);
		free(h->name);
		free(h);
	}
	pthread_mutex_unlock(&c->lock);
}

bool
common_cluster_note(struct common_cluster *c, struct common_host *h, enum outlier_event event,
		    unsigned status, uint64_t now_ns)
{
	bool ejected;

	pthread_mutex_lock(&c->lock);
	ejected = outlier_note(&c->outlier, &h->outlier, event, status, now_ns);
	pthread_mutex_unlock(&c->lock);
	return ejected;
}

bool
common_cluster_sweep(struct common_cluster *c, uint64_t now_ns)
{
	uint64_t due = outlier_next_sweep_ns(&c->outlier, now_ns) - c->outlier.interval_ns;
	bool goes_on = false;

	pthread_mutex_lock(&c->lock);
	for (struct common_host *h = c->hosts; h != NULL; h = h->next) {
		if (due > c->swept_ns)
			outlier_sweep(&c->outlier, &h->outlier, now_ns);
		goes_on |= outlier_needs_sweep(&h->outlier);
	}
	c->swept_ns = due;
	pthread_mutex_unlock(&c->lock);
	return goes_on;
}

/* --- connections of copies --- */

static struct port *
find_port(const struct commons *c, uint64_t key)
{
	struct port *p;

	HASH_FIND(hh, c->ports, &key, sizeof(key), p);
	return p;
}

void
commons_add_port(struct commons *c, uint64_t key)
{
	struct port *p;

	pthread_mutex_lock(&c->lock);
	if (key != 0 && find_port(c, key) == NULL) {
		p = xcalloc(1, sizeof(*p));
		p->key = key;
		HASH_ADD(hh, c->ports, key, sizeof(p->key), p);
		c->port_count++;
	}
	pthread_mutex_unlock(&c->lock);
}

void
commons_remove_port(struct commons *c, uint64_t key)
{
	struct port *p;

	pthread_mutex_lock(&c->lock);
	p = find_port(c, key);
	if (p != NULL) {
		HASH_DELETE(hh, c->ports, p);
		free(p);
		c->port_count--;
	}
	pthread_mutex_unlock(&c->lock);
}

bool
commons_has_port(struct commons *c, uint64_t key)
{
	bool has;

	if (c->port_count == 0 || key == 0)
		return false;
	pthread_mutex_lock(&c->lock);
	has = find_port(c, key) != NULL;
	pthread_mutex_unlock(&c->lock);
	return has;
}
