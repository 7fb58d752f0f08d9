/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workers in threads; see crew.h. */
#include "proxy/crew.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/xalloc.h"

struct member {
	struct crew *crew;
	struct worker *worker;
	pthread_t thread;
};

struct crew {
	pthread_mutex_t lock;
	pthread_cond_t changed;		/* of the three below */
	bool wants_park, wants_stop;
	unsigned parked;
	unsigned depth;			/* of crew_park(); the main thread's own */
	unsigned count;
	struct member *members;
};

/* At the start of a turn that crew_park(), crew_stop() or a call has asked for. */
static void
on_wake(void *arg)
{
	struct member *m = arg;
	struct crew *c = m->crew;

	worker_answer(m->worker);
	pthread_mutex_lock(&c->lock);
	c->parked++;
	pthread_cond_broadcast(&c->changed);
	while (c->wants_park)
		pthread_cond_wait(&c->changed, &c->lock);
	c->parked--;
	pthread_cond_broadcast(&c->changed);
	if (c->wants_stop)
		loop_stop(m->worker->loop);
	pthread_mutex_unlock(&c->lock);
}

static void *
run(void *arg)
{
	struct member *m = arg;

	loop_run(m->worker->loop);
	return NULL;
}

struct crew *
crew_start(struct worker *const *workers, unsigned count, struct error *err)
{
	struct crew *c = xcalloc(1, sizeof(*c));

	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->changed, NULL);
	c->members = xcalloc(count, sizeof(*c->members));
	for (; c->count < count; c->count++) {
		struct member *m = &c->members[c->count];

		m->crew = c;
		m->worker = workers[c->count];
		loop_on_wake(m->worker->loop, on_wake, m);
		errno = pthread_create(&m->thread, NULL, run, m);
		if (errno != 0) {
			error_errnof(err, "starting a worker");
			crew_stop(&c);
			return NULL;
		}
	}
	return c;
}

void
crew_stop(struct crew **cp)
{
	struct crew *c = *cp;

	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	c->wants_stop = true;
	c->wants_park = false;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
	for (unsigned i = 0; i < c->count; i++) {
		loop_wake(c->members[i].worker->loop);
		pthread_join(c->members[i].thread, NULL);
		loop_on_wake(c->members[i].worker->loop, NULL, NULL);
	}
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
	free(c->members);
	free(c);
	*cp = NULL;
}

void
crew_park(struct crew *c)
{
	if (c == NULL || c->depth++ > 0)
		return;
	pthread_mutex_lock(&c->lock);
	c->wants_park = true;
	pthread_mutex_unlock(&c->lock);
	for (unsigned i = 0; i < c->count; i++)
		loop_wake(c->members[i].worker->loop);
	pthread_mutex_lock(&c->lock);
	while (c->parked < c->count)
		pthread_cond_wait(&c->changed, &c->lock);
	pthread_mutex_unlock(&c->lock);
}

void
crew_resume(struct crew *c)
{
	if (c == NULL)
		return;
	ASSERT(c->depth > 0);
	if (--c->depth > 0)
		return;
	pthread_mutex_lock(&c->lock);
	c->wants_park = false;
	pthread_cond_broadcast(&c->changed);
	/* Nobody may be counted as parked from the last time. */
	while (c->parked > 0)
		pthread_cond_wait(&c->changed, &c->lock);
	pthread_mutex_unlock(&c->lock);
}
