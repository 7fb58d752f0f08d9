/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One waiting line, first come first served, on the loop's timers. */
#include "src/platform/station.h"

#include <stddef.h>

#include "src/base/assert.h"

void
station_init(struct station *s, struct loop *loop, unsigned workers)
{
	*s = (struct station){ .loop = loop, .workers = workers };
}

static void
serve_next(struct station *s);

static void
on_time(struct timer *t)
{
	struct station_job *j = CONTAINER_OF(t, struct station_job, timer);
	struct station *s = j->station;

	j->station = NULL;
	s->busy--;
	serve_next(s);
	j->on_served(j);
}

static void
serve_next(struct station *s)
{
	while (s->first != NULL && s->busy < s->workers) {
		struct station_job *j = s->first;

		s->first = j->next;
		if (s->first == NULL)
			s->last = NULL;
		j->next = NULL;
		j->is_served = true;
		s->busy++;
		loop_timer_set(s->loop, &j->timer, loop_now_ns(s->loop) + j->service_ns,
			       on_time);
	}
}

void
station_enter(struct station *s, struct station_job *j, uint64_t service_ns,
	      void (*on_served)(struct station_job *))
{
	ASSERT(j->station == NULL);
	j->next = NULL;
	j->station = s;
	j->service_ns = service_ns;
	j->is_served = false;
	j->on_served = on_served;
	if (s->last != NULL)
		s->last->next = j;
	else
		s->first = j;
	s->last = j;
	serve_next(s);
}

static void
unlink_waiting(struct station *s, struct station_job *j)
{
	struct station_job *before = NULL;

	for (struct station_job *k = s->first; k != j; k = k->next)
		before = k;
	if (before != NULL)
		before->next = j->next;
	else
		s->first = j->next;
	if (s->last == j)
		s->last = before;
}

void
station_leave(struct station_job *j)
{
	struct station *s = j->station;

	if (s == NULL)
		return;
	j->station = NULL;
	if (j->is_served) {
		loop_timer_cancel(&j->timer);
		s->busy--;
		serve_next(s);
	} else {
		unlink_waiting(s, j);
	}
}
