/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections that workers count and hand over; see handover.h. */
#include "proxy/cluster/handover.h"

#include <stddef.h>

#include "proxy/cluster/breaker.h"
#include "proxy/cluster/commons.h"
#include "src/base/xalloc.h"

void
taker_join(struct taker *t, struct common_cluster *c, struct common_host *h,
	   struct call_desk *desk, unsigned connections)
{
	t->call.desk = desk;
	pthread_mutex_lock(&c->lock);
	t->host = h;
	t->next = h->takers;
	h->takers = t;
	h->waiting += t->waiting;
	h->connections += connections;
	pthread_mutex_unlock(&c->lock);
}

struct parcel *
taker_leave(struct taker *t, struct common_cluster *c, unsigned connections)
{
	struct taker **at = &t->host->takers;
	struct parcel *left;

	pthread_mutex_lock(&c->lock);
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	left = t->parcels;
	t->parcels = NULL;
	t->host->waiting -= t->waiting;
	t->host->connections -= connections + t->coming;
	t->host->coming -= t->coming;
	t->coming = 0;
	t->host = NULL;
	pthread_mutex_unlock(&c->lock);
	call_cancel(&t->call);
	return left;
}

static void
call_others(const struct taker *t, const struct common_host *h, bool only_waiting)
{
	for (struct taker *other = h->takers; other != NULL; other = other->next)
		if (other != t && (!only_waiting || other->waiting > 0))
			call_make(&other->call);
}

bool
taker_wait(struct taker *t, struct common_cluster *c, bool begins)
{
	unsigned more = begins ? 1 : -1u;
	bool has_others;

	pthread_mutex_lock(&c->lock);
	t->waiting += more;
	if (t->host != NULL) {
		t->host->waiting += more;
		if (begins)
			call_others(t, t->host, false);
	}
	has_others = t->host != NULL && (t->host->takers != t || t->next != NULL);
	pthread_mutex_unlock(&c->lock);
	return has_others;
}

bool
taker_is_needed(const struct taker *t)
{
	return t->host != NULL &&
	       atomic_load(&t->host->waiting) > t->waiting + atomic_load(&t->host->coming);
}

bool
taker_hand(struct taker *t, struct common_cluster *c, const struct parcel *p)
{
	struct taker *to;
	struct parcel *copy;

	pthread_mutex_lock(&c->lock);
	to = t->host != NULL ? t->host->takers : NULL;
	while (to != NULL && (to == t || to->waiting <= to->coming))
		to = to->next;
	if (to != NULL) {
		copy = xmalloc(sizeof(*copy));
		*copy = *p;
		copy->next = to->parcels;
		to->parcels = copy;
		to->coming++;
		to->host->coming++;
		call_make(&to->call);
	}
	pthread_mutex_unlock(&c->lock);
	return to != NULL;
}

struct parcel *
taker_receive(struct taker *t, struct common_cluster *c)
{
	struct parcel *all;

	pthread_mutex_lock(&c->lock);
	all = t->parcels;
	t->parcels = NULL;
	t->host->coming -= t->coming;
	t->coming = 0;
	pthread_mutex_unlock(&c->lock);
	return all;
}

bool
taker_open(struct taker *t, struct common_cluster *c, struct breaker *b, bool must)
{
	bool has_one;

	pthread_mutex_lock(&c->lock);
	has_one = breaker_reserve(b, BREAKER_CONNECTIONS);
	if (!has_one && (must || (t->host != NULL && t->host->connections == 0))) {
		breaker_force(b, BREAKER_CONNECTIONS);
		has_one = true;
	}
	if (has_one && t->host != NULL)
		t->host->connections++;
	pthread_mutex_unlock(&c->lock);
	return has_one;
}

void
taker_close(struct taker *t, struct common_cluster *c, struct breaker *b)
{
	pthread_mutex_lock(&c->lock);
	breaker_release(b, BREAKER_CONNECTIONS);
	if (t->host != NULL)
		t->host->connections--;
	for (struct common_host *h = c->hosts; h != NULL; h = h->next)
		if (h->waiting > 0)
			call_others(t, h, true);
	pthread_mutex_unlock(&c->lock);
}
