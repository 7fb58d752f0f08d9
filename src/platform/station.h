/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A waiting line in front of a few workers: where the demo's latency comes
 * from.  A job waits until a worker is free, is served for its own time, and
 * is handed back; so response times rise by queueing and by nothing else.
 */
#ifndef MESHTOP_PLATFORM_STATION_H
#define MESHTOP_PLATFORM_STATION_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/loop.h"

struct station_job {
	struct station_job *next;
	struct station *station;	/* NULL: in no line */
	struct timer timer;
	uint64_t service_ns;
	bool is_served;			/* a worker has it */
	void (*on_served)(struct station_job *j);
};

struct station {
	struct loop *loop;
	unsigned workers, busy;
	struct station_job *first, *last;	/* waiting, in order of arrival */
};

void station_init(struct station *s, struct loop *loop, unsigned workers);
/* on_served is always called from the loop, never from here. */
void station_enter(struct station *s, struct station_job *j, uint64_t service_ns,
		   void (*on_served)(struct station_job *));
/* Takes a job out, waiting or served; does nothing when it is in no line. */
void station_leave(struct station_job *j);

#endif
