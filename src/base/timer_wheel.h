/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Timers of one loop: a hierarchy of wheels, so that setting, moving and
 * cancelling are O(1) and an idle wheel costs nothing.
 *
 * A tick is 2^20 ns (1.05 ms).  A timer fires at the first tick that is not
 * before its deadline: late by less than a tick where few do so at once, never
 * early.
 */
#ifndef MESHTOP_BASE_TIMER_WHEEL_H
#define MESHTOP_BASE_TIMER_WHEEL_H

#include <stdint.h>

struct timer;

#define WHEEL_LEVELS 5		/* 64^5 ticks: 13 days; longer ones are moved on */
#define WHEEL_SLOTS 64
#define WHEEL_TIMERS_A_TURN 32	/* many deadlines at once hold up nobody else */

struct timer_wheel {
	uint64_t tick;				/* all ticks up to this one were handled */
	uint64_t occupied[WHEEL_LEVELS];	/* bit per slot that may hold timers */
	struct timer *slots[WHEEL_LEVELS][WHEEL_SLOTS];
};

void wheel_init(struct timer_wheel *w, uint64_t now_ns);
/* The timer's deadline_ns is set; it is not armed. */
void wheel_add(struct timer_wheel *w, struct timer *t);
/* Fires what is due, at most WHEEL_TIMERS_A_TURN; the rest waits for the next
 * call, for which wheel_next_ns() is not later than a tick.  Callbacks may
 * set and cancel any timer; what they set fires in a later call. */
void wheel_advance(struct timer_wheel *w, uint64_t now_ns);
/* Earliest moment at which wheel_advance() may have work; UINT64_MAX: none. */
uint64_t wheel_next_ns(const struct timer_wheel *w);

#endif
