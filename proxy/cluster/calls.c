/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls from worker to worker; see calls.h. */
#include "proxy/cluster/calls.h"

#include <stddef.h>

#include "src/base/loop.h"

void
call_desk_init(struct call_desk *d, struct loop *loop)
{
	pthread_mutex_init(&d->lock, NULL);
	d->first = NULL;
	d->loop = loop;
}

void
call_desk_fini(struct call_desk *d)
{
	pthread_mutex_destroy(&d->lock);
}

static void
unlink_call(struct call *c)
{
	*c->prev = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	c->prev = NULL;
}

void
call_make(struct call *c)
{
	struct call_desk *d = c->desk;

	pthread_mutex_lock(&d->lock);
	if (c->prev == NULL) {
		c->next = d->first;
		if (c->next != NULL)
			c->next->prev = &c->next;
		c->prev = &d->first;
		d->first = c;
		loop_wake(d->loop);
	}
	pthread_mutex_unlock(&d->lock);
}

void
call_cancel(struct call *c)
{
	pthread_mutex_lock(&c->desk->lock);
	if (c->prev != NULL)
		unlink_call(c);
	pthread_mutex_unlock(&c->desk->lock);
}

struct call *
call_take(struct call_desk *d)
{
	struct call *c;

	pthread_mutex_lock(&d->lock);
	c = d->first;
	if (c != NULL)
		unlink_call(c);
	pthread_mutex_unlock(&d->lock);
	return c;
}
