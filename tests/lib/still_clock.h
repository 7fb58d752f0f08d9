/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A clock that only moves when a test moves now_ns.
 */
#ifndef MESHTOP_TESTS_LIB_STILL_CLOCK_H
#define MESHTOP_TESTS_LIB_STILL_CLOCK_H

#include <stdint.h>

#include "src/base/assert.h"
#include "src/base/clock.h"

struct still_clock {
	struct clock clock;
	uint64_t now_ns;	/* monotonic */
	int64_t epoch_ms;	/* the wall's time when now_ns is 0 */
};

static inline uint64_t
still_mono(const struct clock *c)
{
	return CONTAINER_OF(c, const struct still_clock, clock)->now_ns;
}

static inline int64_t
still_wall(const struct clock *c)
{
	const struct still_clock *s = CONTAINER_OF(c, const struct still_clock, clock);

	return s->epoch_ms + (int64_t)(s->now_ns / NS_PER_MS);
}

#define STILL_CLOCK(now, epoch) \
	((struct still_clock){ { still_mono, still_wall }, (now), (epoch) })

#endif
