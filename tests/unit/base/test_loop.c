/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The event loop and its timers, on a clock that the test moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/loop.h"
#include "src/base/rng.h"
#include "src/base/timer_wheel.h"

#define MS NS_PER_MS

struct fake_clock {
	struct clock clock;
	uint64_t now_ns;
};

static uint64_t
fake_mono_ns(const struct clock *c)
{
	return ((const struct fake_clock *)(const void *)c)->now_ns;
}

static int64_t
fake_wall_ms(const struct clock *c)
{
	(void)c;
	return 1000;
}

static struct fake_clock
fake_clock(void)
{
	return (struct fake_clock){ { fake_mono_ns, fake_wall_ms }, 12345 * MS + 678 };
}

static struct loop *
new_loop(const struct fake_clock *c)
{
	struct error err = ERROR_INIT;
	struct loop *l = loop_new(&c->clock, &err);

	if (l == NULL)
		fail_msg("%s", err.msg);
	return l;
}

struct probe {
	struct timer timer;
	struct loop *loop;
	const struct fake_clock *clock;
	unsigned fired;
	uint64_t fired_ns;
	struct timer *cancels;
	uint64_t rearm_ns;		/* once more after that; 0: no */
};

static void
on_probe(struct timer *t)
{
	struct probe *p = CONTAINER_OF(t, struct probe, timer);

	p->fired++;
	p->fired_ns = p->clock->now_ns;
	if (p->cancels != NULL)
		loop_timer_cancel(p->cancels);
	if (p->rearm_ns > 0) {
		loop_timer_set(p->loop, t, p->clock->now_ns + p->rearm_ns, on_probe);
		p->rearm_ns = 0;
	}
}

static void
test_loop_timer__fires_once_never_early_at_most_2ms_late(void **state)
{
	static const uint64_t delays[] = { 0, 1, MS - 1, MS, 3 * MS, 63 * MS, 64 * MS, 65 * MS,
		66 * MS, 67 * MS, 68 * MS, 4095 * MS, 4300 * MS, 5 * NS_PER_S, 61 * NS_PER_S,
		300 * NS_PER_S };
	struct fake_clock c = fake_clock();
	struct loop *l = new_loop(&c);
	struct probe probes[ARRAY_LEN(delays)] = { 0 };
	uint64_t start = c.now_ns;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(delays); i++) {
		probes[i].clock = &c;
		loop_timer_set(l, &probes[i].timer, start + delays[i], on_probe);
		assert_true(timer_is_armed(&probes[i].timer));
	}
	while (c.now_ns < start + 301 * NS_PER_S) {
		c.now_ns += MS / 2;
		loop_turn(l, 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(delays); i++) {
		uint64_t due = start + delays[i];

		assert_int_equal(probes[i].fired, 1);
		if (probes[i].fired_ns < due || probes[i].fired_ns > due + 2 * MS)
			fail_msg("delay %zu: fired at %+lld ns", i,
				 (long long)(probes[i].fired_ns - due));
	}
	loop_free(&l);
}

static void
test_loop_timer__random_deadlines_and_jumps(void **state)
{
	enum { COUNT = 500 };
	static struct probe probes[COUNT];
	struct fake_clock c = fake_clock();
	struct loop *l = new_loop(&c);
	uint64_t longest = 40ull * 24 * 3600 * NS_PER_S, end = c.now_ns + longest + NS_PER_S;
	struct rng rng;

	(void)state;
	rng_seed(&rng, 3);
	for (int i = 0; i < COUNT; i++) {
		probes[i] = (struct probe){ .clock = &c };
		loop_timer_set(l, &probes[i].timer,
			       c.now_ns + (rng_below(&rng, longest) >> rng_below(&rng, 40)), on_probe);
	}
	while (c.now_ns < end) {
		uint64_t before = c.now_ns;

		c.now_ns += 1 + (rng_below(&rng, longest / 4) >> rng_below(&rng, 40));
		for (int i = 0; i <= COUNT / WHEEL_TIMERS_A_TURN; i++)
			loop_turn(l, 0);
		for (int i = 0; i < COUNT; i++) {
			uint64_t due = probes[i].timer.deadline_ns;

			if (probes[i].fired == 0 && due + 2 * MS < c.now_ns)
				fail_msg("timer %d is late", i);
			if (probes[i].fired > 0 && probes[i].fired_ns > before)
				assert_true(probes[i].fired_ns >= due && due + 2 * MS >= before);
		}
	}
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(probes[i].fired, 1);
	loop_free(&l);
}

static unsigned
fired_of(const struct probe *probes, size_t count)
{
	unsigned fired = 0;

	for (size_t i = 0; i < count; i++)
		fired += probes[i].fired;
	return fired;
}

/* What else there is to do comes between. */
static void
test_loop_timer__many_at_once_take_turns(void **state)
{
	enum { COUNT = 5 * WHEEL_TIMERS_A_TURN / 2 };
	struct probe probes[COUNT] = { 0 };
	struct fake_clock c = fake_clock();
	struct loop *l = new_loop(&c);

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		probes[i].clock = &c;
		loop_timer_set(l, &probes[i].timer, c.now_ns + 5 * MS, on_probe);
	}
	c.now_ns += 7 * MS;
	for (unsigned turn = 1; turn <= 3; turn++) {
		unsigned most = turn * WHEEL_TIMERS_A_TURN;

		loop_turn(l, 0);
		assert_int_equal(fired_of(probes, COUNT), most < COUNT ? most : COUNT);
		c.now_ns += 2 * MS;
	}
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(probes[i].fired, 1);
	loop_free(&l);
}

static void
test_loop_timer__callbacks_cancel_and_rearm(void **state)
{
	struct fake_clock c = fake_clock();
	struct loop *l = new_loop(&c);
	struct probe a = { .loop = l, .clock = &c }, b = a;

	(void)state;
	/* Whichever of two fires first takes the other away. */
	a.cancels = &b.timer;
	b.cancels = &a.timer;
	loop_timer_set(l, &a.timer, c.now_ns + 5 * MS, on_probe);
	loop_timer_set(l, &b.timer, c.now_ns + 5 * MS, on_probe);
	c.now_ns += 10 * MS;
	loop_turn(l, 0);
	assert_int_equal(a.fired + b.fired, 1);

	a.fired = 0;
	a.rearm_ns = 1;
	loop_timer_set(l, &a.timer, c.now_ns, on_probe);
	for (int i = 0; i < 4; i++) {
		c.now_ns += 2 * MS;
		loop_turn(l, 0);
	}
	assert_int_equal(a.fired, 2);
	assert_false(timer_is_armed(&a.timer));
	loop_timer_cancel(&a.timer);
	loop_free(&l);
}

struct end {
	struct watch watch;
	struct end *closes;		/* other end to be unwatched */
	unsigned calls, events;
};

static void
on_end(struct watch *w, unsigned events)
{
	struct end *e = CONTAINER_OF(w, struct end, watch);

	e->calls++;
	e->events |= events;
	if (e->closes != NULL)
		loop_unwatch(&e->closes->watch);
}

static void
new_pair(int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
}

static void
test_loop_watch__edges_and_hangup(void **state)
{
	struct fake_clock c = fake_clock();
	struct loop *l = new_loop(&c);
	struct end e = { .calls = 0 };
	int fds[2];

	(void)state;
	new_pair(fds);
	assert_int_equal(loop_watch(l, &e.watch, fds[0], on_end, NULL), 0);
	loop_turn(l, 0);
	assert_int_equal(e.events, LOOP_WRITE);
	loop_turn(l, 0);
	assert_int_equal(e.calls, 1);	/* an edge is told once */
	assert_int_equal(write(fds[1], "x", 1), 1);
	loop_turn(l, 0);
	assert_int_equal(e.events, LOOP_WRITE | LOOP_READ);
	loop_turn(l, 0);
	assert_int_equal(e.calls, 2);
	shutdown(fds[1], SHUT_WR);
	loop_turn(l, 0);
	assert_true(e.events & LOOP_HANGUP);
	loop_close(&e.watch);
	assert_int_equal(e.watch.fd, -1);
	loop_unwatch(&e.watch);
	close(fds[1]);
	loop_free(&l);
}

static void
test_loop_unwatch__drops_fetched_events(void **state)
{
	struct fake_clock c = fake_clock();
	struct loop *l = new_loop(&c);
	struct end a = { .calls = 0 }, b = { .closes = &a };
	int fds[2];

	(void)state;
	a.closes = &b;
	new_pair(fds);
	assert_int_equal(loop_watch(l, &a.watch, fds[0], on_end, NULL), 0);
	assert_int_equal(loop_watch(l, &b.watch, fds[1], on_end, NULL), 0);
	loop_turn(l, 0);
	assert_int_equal(a.calls + b.calls, 1);
	loop_unwatch(&a.watch);
	loop_unwatch(&b.watch);
	close(fds[0]);
	close(fds[1]);
	loop_free(&l);
}

/* Which of two was told first, whatever the order of watching. */
static void
test_loop_watch__first_ones_are_told_first(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 2; first++) {
		struct fake_clock c = fake_clock();
		struct loop *l = new_loop(&c);
		struct end ends[2] = { { .calls = 0 }, { .calls = 0 } };
		int fds[2];

		new_pair(fds);
		ends[first].watch.is_first = true;
		ends[first].closes = &ends[1 - first];		/* the other hears nothing then */
		for (unsigned i = 0; i < 2; i++)
			assert_int_equal(loop_watch(l, &ends[i].watch, fds[i], on_end, NULL), 0);
		loop_turn(l, 0);
		assert_int_equal(ends[first].calls, 1);
		assert_int_equal(ends[1 - first].calls, 0);
		loop_close(&ends[first].watch);
		close(fds[1 - first]);
		loop_free(&l);
	}
}

static void
test_loop_pause__silences_until_resumed(void **state)
{
	struct fake_clock c = fake_clock();
	struct loop *l = new_loop(&c);
	struct end e = { .calls = 0 };
	int fds[2];

	(void)state;
	new_pair(fds);
	close(fds[1]);			/* hung up: a level that never goes away */
	assert_int_equal(loop_watch_level(l, &e.watch, fds[0], on_end, NULL), 0);
	loop_turn(l, 0);
	loop_turn(l, 0);
	assert_int_equal(e.calls, 2);
	loop_pause(&e.watch);
	loop_pause(&e.watch);
	loop_turn(l, 0);
	assert_int_equal(e.calls, 2);
	loop_resume(&e.watch);
	loop_turn(l, 0);
	assert_int_equal(e.calls, 3);
	loop_close(&e.watch);
	loop_free(&l);
}

struct job {
	struct deferred deferred;
	struct loop *loop;
	unsigned runs;
};

static void
on_job(struct deferred *d)
{
	struct job *j = CONTAINER_OF(d, struct job, deferred);

	if (j->runs++ == 0)
		loop_defer(j->loop, d, on_job);
}

static void
test_loop_defer__once_a_turn(void **state)
{
	struct fake_clock c = fake_clock();
	struct loop *l = new_loop(&c);
	struct job j = { .loop = l };

	(void)state;
	loop_defer(l, &j.deferred, on_job);
	loop_defer(l, &j.deferred, on_job);
	loop_turn(l, -1);
	assert_int_equal(j.runs, 1);
	loop_turn(l, -1);		/* queued by itself: no waiting */
	assert_int_equal(j.runs, 2);
	loop_turn(l, 0);
	assert_int_equal(j.runs, 2);
	loop_free(&l);
}

static void
on_wake(void *arg)
{
	struct job *j = arg;

	j->runs++;
	loop_stop(j->loop);
}

static void
test_loop_wake__ends_the_wait(void **state)
{
	struct fake_clock c = fake_clock();
	struct loop *l = new_loop(&c);
	struct job j = { .loop = l };

	(void)state;
	loop_on_wake(l, on_wake, &j);
	loop_wake(l);
	loop_wake(l);
	loop_run(l);
	assert_int_equal(j.runs, 1);
	loop_turn(l, 0);
	assert_int_equal(j.runs, 1);
	loop_free(&l);
}

/* Woken again while the first wake-up is being handled. */
struct woken {
	struct loop *loop;
	unsigned count;
};

static void
wake_once_more(void *arg)
{
	struct woken *w = arg;

	if (++w->count == 1)
		loop_wake(w->loop);
}

static void
test_wake__again_during_a_turn_is_not_lost(void **state)
{
	struct error err = ERROR_INIT;
	struct woken w = { loop_new(&clock_system, &err), 0 };

	(void)state;
	loop_on_wake(w.loop, wake_once_more, &w);
	loop_wake(w.loop);
	alarm(20);	/* a lost wake-up would wait for ever */
	while (w.count < 2)
		loop_turn(w.loop, -1);
	alarm(0);
	loop_free(&w.loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loop_timer__fires_once_never_early_at_most_2ms_late),
		cmocka_unit_test(test_loop_timer__random_deadlines_and_jumps),
		cmocka_unit_test(test_loop_timer__many_at_once_take_turns),
		cmocka_unit_test(test_loop_timer__callbacks_cancel_and_rearm),
		cmocka_unit_test(test_loop_watch__edges_and_hangup),
		cmocka_unit_test(test_loop_unwatch__drops_fetched_events),
		cmocka_unit_test(test_loop_watch__first_ones_are_told_first),
		cmocka_unit_test(test_loop_pause__silences_until_resumed),
		cmocka_unit_test(test_loop_defer__once_a_turn),
		cmocka_unit_test(test_loop_wake__ends_the_wait),
		cmocka_unit_test(test_wake__again_during_a_turn_is_not_lost),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
