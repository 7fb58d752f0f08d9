/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The admin server over real sockets, in front of an engine made by hand: it
 * is what engine.h promises, by the functions of admin_bench.c.
 */
#ifndef TESTS_UNIT_PROXY_ADMIN_BENCH_H
#define TESTS_UNIT_PROXY_ADMIN_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "proxy/admin/admin.h"
#include "proxy/engine.h"
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/model/problem.h"
#include "tests/lib/still_clock.h"
#include "tests/unit/proxy/fixture.h"

struct value;

#define START_WALL_MS 1764000000000

struct engine {
	struct still_clock time;
	struct fixture f;
	struct loop *loop;
	struct stats_set *stats;
	struct requests *requests;
	struct problems problems;
	struct engine_endpoint_figures endpoint;
	uint64_t generation;
	unsigned readings;		/* of the clusters */
	unsigned route_readings;
	unsigned pauses, pause_depth;	/* of the workers */
	unsigned delayed;		/* requests of voyages, by faults */
	unsigned resets, listener_drains;
	struct engine_listener_drain listener_drain;	/* the last */
	bool is_draining;
	char base[64];
	char dir[400];
	struct admin *admin;
	struct buf answer;
	struct arena *arena;
};

/* setup and teardown of a test of cmocka; *state is the engine. */
int bench_setup(void **state);
int bench_teardown(void **state);

int bench_dial(const struct engine *e);		/* the Unix socket */
int bench_dial_tcp(const struct engine *e);
/* Reads into e->answer until the server closes or falls silent; true when it closed. */
bool bench_collect(struct engine *e, int fd);
/* Sends a request and closes; the answer, until the next one. */
const char *bench_ask(struct engine *e, int fd, const char *request);
/* The body of GET target, status checked. */
const char *bench_get(struct engine *e, const char *target, unsigned status);
const struct value *bench_get_json(struct engine *e, const char *target);
/* GET target has that text. */
void bench_expect(struct engine *e, const char *target, const char *line);

#endif
