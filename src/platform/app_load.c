/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loadtester: rounds of GET /travels by many threads at once, and a sleep
 * between the rounds.
 */
#include <stdlib.h>

#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/xalloc.h"
#include "src/platform/client.h"
#include "src/platform/pod.h"
#include "src/platform/rounds.h"

#define NOBODY_THERE_NS (250 * NS_PER_MS)
#define MAX_THREADS 500

struct load_thread {
	struct load *load;
	struct timer timer;
	unsigned made, calls;		/* of this round */
};

struct load {
	struct pod *pod;
	struct round_plan plan;
	uint64_t sleep_ns, round_began_ns;
	struct load_thread *threads;
	unsigned running;		/* threads that are not done with the round */
	bool was_answered;		/* in this round */
	struct timer timer;
};

static void round_begin(struct timer *t);
static void thread_call(struct timer *t);

static void
round_end(struct load *l)
{
	struct loop *loop = l->pod->host->loop;

	if (!l->pod->is_stopping)
		loop_timer_set(loop, &l->timer,
			       loop_now_ns(loop) + (l->was_answered ? l->sleep_ns : NOBODY_THERE_NS),
			       round_begin);
}

static void
thread_next(struct load_thread *t)
{
	struct load *l = t->load;
	struct loop *loop = l->pod->host->loop;
	uint64_t at = l->round_began_ns + round_start_ns(&l->plan, t->made);

	if (t->made < t->calls && !l->pod->is_stopping) {
		if (at <= loop_now_ns(loop))
			thread_call(&t->timer);
		else
			loop_timer_set(loop, &t->timer, at, thread_call);
		return;
	}
	if (--l->running == 0)
		round_end(l);
}

static void
on_answer(void *arg, const struct call_result *r)
{
	struct load_thread *t = arg;

	t->load->was_answered |= r->was_connected;
	t->made++;
	thread_next(t);
}

static void
thread_call(struct timer *timer)
{
	struct load_thread *t = CONTAINER_OF(timer, struct load_thread, timer);
	struct pod *p = t->load->pod;
	struct call_options o = {
		.base_url = pod_env(p, "TRAVELS_AGENCY_SERVICE",
				    "http://travels.travel-agency:8000"),
		.path = "/travels",
	};

	call_start(p, &o, on_answer, t);
}

static void
round_begin(struct timer *timer)
{
	struct load *l = CONTAINER_OF(timer, struct load, timer);

	l->round_began_ns = loop_now_ns(l->pod->host->loop);
	l->running = l->plan.threads;
	l->was_answered = false;
	for (unsigned i = 0; i < l->plan.threads; i++) {
		l->threads[i].made = 0;
		l->threads[i].calls = round_calls(&l->plan, i);
		thread_call(&l->threads[i].timer);
	}
}

static void
load_start(struct pod *p)
{
	struct load *l = xcalloc(1, sizeof(*l));

	p->state = l;
	l->pod = p;
	l->plan.threads = (unsigned)pod_env_int(p, "CONNECTIONS", 1, MAX_THREADS, 50);
	l->plan.calls = (unsigned)pod_env_int(p, "NUMCALLS", 1, 1000000, 20);
	l->plan.rate = (unsigned)pod_env_int(p, "RATE", 0, 1000000, 0);
	l->sleep_ns = (uint64_t)pod_env_int(p, "SLEEP", 0, 86400, 5) * NS_PER_S;
	l->threads = xcalloc(l->plan.threads, sizeof(*l->threads));
	for (unsigned i = 0; i < l->plan.threads; i++)
		l->threads[i].load = l;
	loop_timer_set(p->host->loop, &l->timer, loop_now_ns(p->host->loop), round_begin);
}

static void
load_stop(struct pod *p)
{
	struct load *l = p->state;

	loop_timer_cancel(&l->timer);
	for (unsigned i = 0; i < l->plan.threads; i++)
		loop_timer_cancel(&l->threads[i].timer);
}

static void
load_fini(struct pod *p)
{
	struct load *l = p->state;

	free(l->threads);
	free(l);
}

const struct app app_load = {
	.image = IMAGE_LOADTESTER,
	.name = "loadtester",
	.workers = 1,
	.start = load_start,
	.stop = load_stop,
	.fini = load_fini,
};
