/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The event loop on epoll; see loop.h. */
#include "src/base/loop.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/timer_wheel.h"
#include "src/base/xalloc.h"

#define BATCH 512

struct loop {
	const struct clock *clock;
	int epoll_fd, wake_fd;
	uint64_t now_ns;
	bool is_stopped;
	atomic_bool is_woken;
	void (*on_wake)(void *arg);
	void *wake_arg;
	struct deferred *deferred, **deferred_end;
	int event_count;		/* of the batch being handed out */
	struct epoll_event events[BATCH];
	struct timer_wheel wheel;
};

struct loop *
loop_new(const struct clock *clock, struct error *err)
{
	struct loop *l = xcalloc(1, sizeof(*l));
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = NULL };

	l->clock = clock;
	l->deferred_end = &l->deferred;
	l->now_ns = clock_mono_ns(clock);
	wheel_init(&l->wheel, l->now_ns);
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->epoll_fd < 0 || l->wake_fd < 0 ||
	    epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->wake_fd, &ev) < 0) {
		error_errnof(err, "event loop");
		loop_free(&l);
	}
	return l;
}

void
loop_free(struct loop **lp)
{
	struct loop *l = *lp;

	if (l == NULL)
		return;
	if (l->epoll_fd >= 0)
		close(l->epoll_fd);
	if (l->wake_fd >= 0)
		close(l->wake_fd);
	free(l);
	*lp = NULL;
}

static int
add(struct loop *l, struct watch *w, struct error *err)
{
	struct epoll_event ev = { .data.ptr = w };

	ev.events = w->is_level ? EPOLLIN : EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
	if (w->is_shared)
		ev.events |= EPOLLEXCLUSIVE;
	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, w->fd, &ev) < 0)
		return error_errnof(err, "watching a descriptor");
	return 0;
}

static int
watch(struct loop *l, struct watch *w, int fd, void (*on_event)(struct watch *, unsigned),
      struct error *err)
{
	w->fd = fd;
	w->loop = l;
	w->on_event = on_event;
	w->is_paused = false;
	if (add(l, w, err) < 0) {
		w->fd = -1;
		return -1;
	}
	return 0;
}

int
loop_watch(struct loop *l, struct watch *w, int fd,
	   void (*on_event)(struct watch *, unsigned), struct error *err)
{
	w->is_level = w->is_shared = false;
	return watch(l, w, fd, on_event, err);
}

int
loop_watch_level(struct loop *l, struct watch *w, int fd,
		 void (*on_event)(struct watch *, unsigned), struct error *err)
{
	w->is_level = true;
	w->is_shared = false;
	return watch(l, w, fd, on_event, err);
}

int
loop_watch_listener(struct loop *l, struct watch *w, int fd,
		    void (*on_event)(struct watch *, unsigned), struct error *err)
{
	w->is_level = w->is_shared = true;
	return watch(l, w, fd, on_event, err);
}

/* Events of this batch that were fetched but not handed out yet. */
static void
drop_fetched(struct loop *l, const struct watch *w)
{
	for (int i = 0; i < l->event_count; i++)
		if (l->events[i].data.ptr == w)
			l->events[i].events = 0;
}

void
loop_unwatch(struct watch *w)
{
	struct epoll_event ev = { 0 };

	if (w->loop == NULL || w->fd < 0)
		return;
	if (!w->is_paused)
		epoll_ctl(w->loop->epoll_fd, EPOLL_CTL_DEL, w->fd, &ev);
	drop_fetched(w->loop, w);
	w->fd = -1;
}

void
loop_close(struct watch *w)
{
	if (w->loop == NULL || w->fd < 0)
		return;
	close(w->fd);
	drop_fetched(w->loop, w);
	w->fd = -1;
}

/* Taking the descriptor out also silences EPOLLHUP, which a mask cannot. */
void
loop_pause(struct watch *w)
{
	struct epoll_event ev = { 0 };

	ASSERT(w->is_level);
	if (w->fd < 0 || w->is_paused)
		return;
	epoll_ctl(w->loop->epoll_fd, EPOLL_CTL_DEL, w->fd, &ev);
	drop_fetched(w->loop, w);
	w->is_paused = true;
}

void
loop_resume(struct watch *w)
{
	if (w->fd < 0 || !w->is_paused)
		return;
	ASSERT(add(w->loop, w, NULL) == 0);
	w->is_paused = false;
}

uint64_t
loop_now_ns(const struct loop *l)
{
	return l->now_ns;
}

uint64_t
loop_exact_ns(const struct loop *l)
{
	return clock_mono_ns(l->clock);
}

int64_t
loop_wall_ms(const struct loop *l)
{
	return clock_wall_ms(l->clock);
}

void
loop_timer_set(struct loop *l, struct timer *t, uint64_t deadline_ns,
	       void (*on_timer)(struct timer *))
{
	loop_timer_cancel(t);
	t->deadline_ns = deadline_ns;
	t->on_timer = on_timer;
	wheel_add(&l->wheel, t);
}

void
loop_timer_cancel(struct timer *t)
{
	if (t->prev == NULL)
		return;
	*t->prev = t->next;
	if (t->next != NULL)
		t->next->prev = t->prev;
	t->prev = NULL;
	t->next = NULL;
}

void
loop_defer(struct loop *l, struct deferred *d, void (*on_defer)(struct deferred *))
{
	d->on_defer = on_defer;
	if (d->is_queued)
		return;
	d->is_queued = true;
	d->next = NULL;
	*l->deferred_end = d;
	l->deferred_end = &d->next;
}

/* What is queued meanwhile waits for the next turn. */
static void
run_deferred(struct loop *l)
{
	struct deferred *d = l->deferred, *next;

	l->deferred = NULL;
	l->deferred_end = &l->deferred;
	for (; d != NULL; d = next) {
		next = d->next;
		d->is_queued = false;
		d->on_defer(d);
	}
}

void
loop_wake(struct loop *l)
{
	uint64_t one = 1;
	int saved = errno;

	atomic_store(&l->is_woken, true);
	/* EAGAIN means that a wake-up is pending already. */
	while (write(l->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	errno = saved;
}

void
loop_on_wake(struct loop *l, void (*on_wake)(void *arg), void *arg)
{
	l->on_wake = on_wake;
	l->wake_arg = arg;
}

static void
take_wake(struct loop *l)
{
	uint64_t count;

	while (read(l->wake_fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
	/* A wake-up that came since this turn began was drained with it. */
	if (atomic_load(&l->is_woken))
		loop_wake(l);
}

static int
wait_ms(const struct loop *l, int max_wait_ms)
{
	uint64_t next, ms;

	if (l->deferred != NULL || max_wait_ms == 0)
		return 0;
	next = wheel_next_ns(&l->wheel);
	if (next == UINT64_MAX)
		return max_wait_ms;
	if (next <= l->now_ns)
		return 0;
	ms = (next - l->now_ns + NS_PER_MS - 1) / NS_PER_MS;
	if (ms > INT_MAX)
		ms = INT_MAX;
	return max_wait_ms < 0 || (int)ms < max_wait_ms ? (int)ms : max_wait_ms;
}

static void
dispatch(struct loop *l, struct watch *w, unsigned seen)
{
	unsigned events = 0;

	if (seen & EPOLLIN)
		events |= LOOP_READ;
	if (seen & EPOLLOUT)
		events |= LOOP_WRITE;
	if (seen & (EPOLLRDHUP | EPOLLHUP))
		events |= LOOP_HANGUP | LOOP_READ;
	if (seen & EPOLLERR)
		events |= LOOP_ERROR;
	if (w == NULL)
		take_wake(l);
	else
		w->on_event(w, events);
}

/* The events of the first, or all that are left.  Any of them may end the
 * watch of any other. */
static void
hand_out(struct loop *l, bool first)
{
	for (int i = 0; i < l->event_count; i++) {
		struct epoll_event *ev = &l->events[i];
		const struct watch *w = ev->data.ptr;
		unsigned events = ev->events;

		if (events == 0 || (first && (w == NULL || !w->is_first)))
			continue;
		ev->events = 0;
		dispatch(l, ev->data.ptr, events);
	}
}

void
loop_turn(struct loop *l, int max_wait_ms)
{
	int count = epoll_wait(l->epoll_fd, l->events, BATCH, wait_ms(l, max_wait_ms));

	ASSERT(count >= 0 || errno == EINTR);
	l->now_ns = clock_mono_ns(l->clock);
	l->event_count = count > 0 ? count : 0;
	if (atomic_exchange(&l->is_woken, false) && l->on_wake != NULL)
		l->on_wake(l->wake_arg);
	hand_out(l, true);
	hand_out(l, false);
	l->event_count = 0;
	wheel_advance(&l->wheel, l->now_ns);
	run_deferred(l);
}

void
loop_run(struct loop *l)
{
	l->is_stopped = false;
	while (!l->is_stopped)
		loop_turn(l, -1);
}

void
loop_stop(struct loop *l)
{
	l->is_stopped = true;
}
