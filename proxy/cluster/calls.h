/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls from one worker to another: something is to be looked after in the
 * called worker's own thread.  A call says nothing more; many before it is
 * answered are one.
 */
#ifndef MESHTOP_PROXY_CALLS_H
#define MESHTOP_PROXY_CALLS_H

#include <pthread.h>

struct loop;

struct call_desk {		/* of a worker */
	pthread_mutex_t lock;	/* of the list */
	struct call *first;
	struct loop *loop;	/* woken by a call */
};

struct call {			/* embedded in who may be called */
	struct call *next, **prev;	/* prev NULL: not called */
	struct call_desk *desk;
	void (*answer)(struct call *c);	/* in the called worker's thread */
};

void call_desk_init(struct call_desk *d, struct loop *loop);
void call_desk_fini(struct call_desk *d);

/* From any thread, as long as c is not cancelled at the same time. */
void call_make(struct call *c);
void call_cancel(struct call *c);	/* accepts one that is not called */
/* The next call, which counts as answered; NULL: none. */
struct call *call_take(struct call_desk *d);

#endif
