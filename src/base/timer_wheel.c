/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hierarchical timer wheel; see timer_wheel.h.
 *
 * Level n has slots of 64^n ticks.  A timer lies in the level of its
 * distance and moves down when the time reaches its slot.
 */
#include "src/base/timer_wheel.h"

#include <stddef.h>
#include <string.h>

#include "src/base/loop.h"

#define TICK_SHIFT 20
#define LEVEL_SHIFT 6
#define LONGEST ((uint64_t)1 << (WHEEL_LEVELS * LEVEL_SHIFT))

static uint64_t
tick_after(uint64_t ns)
{
	return (ns >> TICK_SHIFT) + ((ns & ((1u << TICK_SHIFT) - 1)) != 0);
}

void
wheel_init(struct timer_wheel *w, uint64_t now_ns)
{
	memset(w, 0, sizeof(*w));
	w->tick = now_ns >> TICK_SHIFT;
}

static void
link_into(struct timer **head, struct timer *t)
{
	t->next = *head;
	if (t->next != NULL)
		t->next->prev = &t->next;
	t->prev = head;
	*head = t;
}

/* due >= w->tick. */
static void
insert(struct timer_wheel *w, struct timer *t, uint64_t due)
{
	uint64_t distance = due - w->tick;
	unsigned level = 0, slot;

	if (distance >= LONGEST) {
		distance = LONGEST - 1;
		due = w->tick + distance;
	}
	if (distance >= WHEEL_SLOTS)
		level = (63u - (unsigned)__builtin_clzll(distance)) / LEVEL_SHIFT;
	slot = (unsigned)(due >> (level * LEVEL_SHIFT)) % WHEEL_SLOTS;
	link_into(&w->slots[level][slot], t);
	w->occupied[level] |= (uint64_t)1 << slot;
}

void
wheel_add(struct timer_wheel *w, struct timer *t)
{
	uint64_t due = tick_after(t->deadline_ns);

	insert(w, t, due > w->tick ? due : w->tick + 1);
}

/* First tick after the present one at which a slot of this level begins. */
static uint64_t
next_of_level(const struct timer_wheel *w, unsigned level)
{
	uint64_t index = w->tick >> (level * LEVEL_SHIFT);
	unsigned turn = (unsigned)(index + 1) % WHEEL_SLOTS;
	uint64_t bits = w->occupied[level];

	if (bits == 0)
		return UINT64_MAX;
	if (turn > 0)
		bits = bits >> turn | bits << (WHEEL_SLOTS - turn);
	return (index + 1 + (unsigned)__builtin_ctzll(bits)) << (level * LEVEL_SHIFT);
}

static uint64_t
next_tick(const struct timer_wheel *w)
{
	uint64_t best = UINT64_MAX;

	for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
		uint64_t tick = next_of_level(w, level);

		if (tick < best)
			best = tick;
	}
	return best;
}

uint64_t
wheel_next_ns(const struct timer_wheel *w)
{
	uint64_t tick = next_tick(w);

	return tick == UINT64_MAX ? UINT64_MAX : tick << TICK_SHIFT;
}

/* The list of a slot, taken out of the wheel. */
static struct timer *
take_slot(struct timer_wheel *w, unsigned level, unsigned slot)
{
	struct timer *t = w->slots[level][slot];

	w->slots[level][slot] = NULL;
	w->occupied[level] &= ~((uint64_t)1 << slot);
	return t;
}

static void
move_down(struct timer_wheel *w)
{
	for (unsigned level = WHEEL_LEVELS - 1; level > 0; level--) {
		uint64_t span = (uint64_t)1 << (level * LEVEL_SHIFT);
		struct timer *t, *next;

		if (w->tick % span != 0)
			continue;
		t = take_slot(w, level, (unsigned)(w->tick / span) % WHEEL_SLOTS);
		for (; t != NULL; t = next) {
			uint64_t due = tick_after(t->deadline_ns);

			next = t->next;
			insert(w, t, due > w->tick ? due : w->tick);
		}
	}
}

/* Calls what is due now, as long as *budget lasts; the rest comes a tick
 * later. */
static void
fire(struct timer_wheel *w, unsigned *budget)
{
	struct timer *due = take_slot(w, 0, (unsigned)w->tick % WHEEL_SLOTS);

	if (due != NULL)
		due->prev = &due;
	while (due != NULL) {
		struct timer *t = due;

		loop_timer_cancel(t);
		if (*budget == 0) {
			insert(w, t, w->tick + 1);
			continue;
		}
		(*budget)--;
		t->on_timer(t);
	}
}

void
wheel_advance(struct timer_wheel *w, uint64_t now_ns)
{
	uint64_t until = now_ns >> TICK_SHIFT;
	unsigned budget = WHEEL_TIMERS_A_TURN;

	while (w->tick < until && budget > 0) {
		uint64_t next = next_tick(w);

		if (next > until) {
			w->tick = until;
			return;
		}
		w->tick = next;
		move_down(w);
		fire(w, &budget);
	}
}
