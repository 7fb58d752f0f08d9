/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who makes how many calls in a round. */
#include "src/platform/rounds.h"

#include "src/base/clock.h"

unsigned
round_calls(const struct round_plan *p, unsigned thread)
{
	unsigned calls = p->calls / p->threads;

	if (thread == 0)
		calls += p->calls % p->threads;
	return calls > 0 ? calls : 1;
}

uint64_t
round_start_ns(const struct round_plan *p, unsigned n)
{
	return p->rate == 0 ? 0 : (uint64_t)n * p->threads * NS_PER_S / p->rate;
}
