/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Between engine.c and engine_view.c.
 */
#ifndef MESHTOP_PROXY_ENGINE_PRIV_H
#define MESHTOP_PROXY_ENGINE_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "proxy/engine.h"
#include "src/base/buf.h"
#include "src/base/loop.h"
#include "src/model/problem.h"

struct addresses;
struct crew;
struct listeners;
struct outlets;
struct store;
struct worker;

struct engine {
	struct store *store;
	const char *state_path;		/* of the store */
	char *run_dir;			/* of the platform's sockets */
	int run_fd;			/* holds it open where the path is long; -1 */
	int block_fd;			/* holds the claim on our addresses */
	struct addresses *addresses;
	struct mesh *mesh;		/* referenced */
	struct problems problems;	/* of the last reading */
	struct buf printed;		/* errors that stderr has seen */
	uint64_t generation;
	struct watch store_watch;
	struct timer follow_timer, drain_timer;
	struct worker *worker;		/* the first: this thread's */
	struct worker **workers;	/* all */
	unsigned worker_count;
	struct crew *crew;		/* threads of the others; NULL: none */
	atomic_uint drained;		/* workers that have nothing left */
	pthread_mutex_t sink_lock;	/* what several sinks share */
	struct listeners *listeners;
	struct outlets *outlets;
	uint64_t start_ns;
	int64_t start_wall_ms;
	bool is_draining;
	bool is_unhealthy;		/* as somebody has asked */
};

/* "FILE:LINE:COL: message" for each error, a line each. */
void problems_put_errors(const struct problems *p, struct buf *out);

#endif
