/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arithmetic of the load tester's rounds: which of its threads makes how many
 * calls, and when.  Pure.
 */
#ifndef MESHTOP_PLATFORM_ROUNDS_H
#define MESHTOP_PLATFORM_ROUNDS_H

#include <stdint.h>

struct round_plan {
	unsigned threads;	/* calls at once */
	unsigned calls;		/* asked for, in all */
	unsigned rate;		/* calls a second of all threads; 0: no limit */
};

/* Calls of one thread: an equal part, the remainder on thread 0, and at least
 * one each, as fortio counts (spec: 50 threads, 20 calls are 69). */
unsigned round_calls(const struct round_plan *p, unsigned thread);
/* Earliest start of a thread's n-th call (from 0) behind the round's start. */
uint64_t round_start_ns(const struct round_plan *p, unsigned n);

#endif
