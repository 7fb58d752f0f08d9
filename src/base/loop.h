/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The event loop of one thread: file descriptors, timers, deferred work and
 * a wake-up from other threads.
 *
 * Watches and timers are embedded in their owner; the loop allocates nothing
 * per event.  Descriptors are registered once, edge-triggered, for reading
 * and writing (spec/perf.md 6.1), so an owner reads and writes until EAGAIN
 * or a short transfer, and remembers readiness itself.
 *
 * A callback may close any watch or cancel any timer, also its own; events
 * that were already fetched for a closed watch are dropped.  The memory of a
 * watch must stay valid until the end of the turn: free it through
 * loop_defer().
 */
#ifndef MESHTOP_BASE_LOOP_H
#define MESHTOP_BASE_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct clock;
struct error;
struct loop;

enum {
	LOOP_READ = 1,		/* readable, or end of stream */
	LOOP_WRITE = 2,		/* writable, or connected */
	LOOP_HANGUP = 4,	/* peer closed its writing side (EPOLLRDHUP, EPOLLHUP) */
	LOOP_ERROR = 8,
};

struct watch {
	int fd;				/* -1 when not watched */
	bool is_level, is_paused, is_shared;	/* private */
	bool is_first;			/* set by its owner: told before the others of a turn */
	void (*on_event)(struct watch *w, unsigned events);
	struct loop *loop;
};

struct timer {
	struct timer *next, **prev;		/* owned by the loop; prev NULL: not armed */
	uint64_t deadline_ns;
	void (*on_timer)(struct timer *t);
};

struct deferred {
	struct deferred *next;
	void (*on_defer)(struct deferred *d);
	bool is_queued;
};

struct loop *loop_new(const struct clock *clock, struct error *err);
void loop_free(struct loop **lp);

/* Registers fd for both directions, edge-triggered.  fd must be
 * non-blocking.  -1 with err when the kernel refuses. */
int loop_watch(struct loop *l, struct watch *w, int fd,
	       void (*on_event)(struct watch *, unsigned), struct error *err);
/* As loop_watch(), level-triggered and for reading only: listeners, pipes,
 * terminals. */
int loop_watch_level(struct loop *l, struct watch *w, int fd,
		     void (*on_event)(struct watch *, unsigned), struct error *err);
/* As loop_watch_level(), for a listening socket that several loops share: a
 * new connection wakes one of them (EPOLLEXCLUSIVE). */
int loop_watch_listener(struct loop *l, struct watch *w, int fd,
			void (*on_event)(struct watch *, unsigned), struct error *err);
/* Stops watching; the caller closes the descriptor afterwards.  Accepts a
 * zeroed watch and one that is not watched. */
void loop_unwatch(struct watch *w);
/* Stops watching and closes the descriptor, with one system call.  Only for
 * descriptors that no other process or number holds. */
void loop_close(struct watch *w);
/* Level-triggered watches only: stop and resume without losing the watch. */
void loop_pause(struct watch *w);
void loop_resume(struct watch *w);

/* The time of this turn, read once a turn (clock_mono_ns). */
uint64_t loop_now_ns(const struct loop *l);
/* The exact time, for the moments that are reported. */
uint64_t loop_exact_ns(const struct loop *l);
int64_t loop_wall_ms(const struct loop *l);

/* (Re-)arms t; never fires before deadline_ns, at most about 2 ms after it.
 * O(1). */
void loop_timer_set(struct loop *l, struct timer *t, uint64_t deadline_ns,
		    void (*on_timer)(struct timer *));
void loop_timer_cancel(struct timer *t);	/* accepts one that is not armed */
static inline bool
timer_is_armed(const struct timer *t)
{
	return t->prev != NULL;
}

/* Runs at the end of this turn, once however often it was queued. */
void loop_defer(struct loop *l, struct deferred *d, void (*on_defer)(struct deferred *));

/* Wakes the loop from another thread or a signal handler. */
void loop_wake(struct loop *l);
/* Called at the start of the turn after loop_wake(). */
void loop_on_wake(struct loop *l, void (*on_wake)(void *arg), void *arg);

/* One turn: waits at most max_wait_ms (-1: until something happens), then
 * events, timers, deferred work. */
void loop_turn(struct loop *l, int max_wait_ms);
/* Turns until loop_stop(). */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

#endif
