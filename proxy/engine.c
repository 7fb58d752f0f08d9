/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine of one mesh directory; see engine.h.  Configuration goes one
 * way: directory, snapshot, mesh, runtime, listeners.
 */
#include "proxy/engine.h"

#include <errno.h>
#include <inttypes.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "proxy/address_file.h"
#include "proxy/block.h"
#include "proxy/cluster/arrivals.h"
#include "proxy/cluster/commons.h"
#include "proxy/crew.h"
#include "proxy/engine_priv.h"
#include "proxy/listeners.h"
#include "proxy/runtime.h"
#include "proxy/tcp/relay.h"
#include "proxy/telemetry/outlets.h"
#include "proxy/telemetry/route_stats.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/log.h"
#include "src/base/xalloc.h"
#include "src/istio/check.h"
#include "src/mesh/addresses.h"
#include "src/model/snapshot.h"
#include "src/store/store.h"

#define SHORT_PATH 60		/* what is left of sun_path is for names of pods */

/* --- configuration --- */

/* Errors go to stderr, once as long as they stay the same. */
static void
print_problems(struct engine *e)
{
	struct buf text = BUF_INIT;
	char *line, *end;

	problems_put_errors(&e->problems, &text);
	if (strcmp(buf_str(&text), buf_str(&e->printed)) != 0) {
		buf_clear(&e->printed);
		buf_append(&e->printed, buf_str(&text), text.len);
		for (line = text.data; line != NULL && *line != '\0'; line = end + 1) {
			end = strchr(line, '\n');
			ASSERT(end != NULL);
			*end = '\0';
			log_at(LOGGER_CONFIG, LEVEL_ERROR, "%s", line);
		}
	}
	buf_fini(&text);
}

static void
take_over(struct engine *e, struct mesh *mesh)
{
	crew_park(e->crew);
	outlets_use_mesh(e->outlets, mesh);
	arrivals_update(commons_arrivals(e->worker->commons), mesh, loop_now_ns(e->worker->loop));
	for (unsigned i = 0; i < e->worker_count; i++) {
		struct worker *w = e->workers[i];
		struct runtime *rt = runtime_new(w, mesh, w->runtime);

		worker_configure(w, rt);
		route_stats_renew(w->routes);
		runtime_put(&rt);
	}
	if (!e->is_draining)
		listeners_apply(e->listeners, mesh, &e->problems);
	crew_resume(e->crew);
	mesh_put(&e->mesh);
	e->mesh = mesh;
	e->generation++;
	log_at(LOGGER_CONFIG, LEVEL_INFO, "configuration %" PRIu64 " is in force", e->generation);
}

/* Loading takes several times what stays, and what was there before goes. */
static void
give_memory_back(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

/* Reads the directory and serves what it says from now on. */
static int
reload(struct engine *e, struct error *err)
{
	struct problems problems = PROBLEMS_INIT;
	struct snapshot *snapshot;
	struct mesh *mesh;

	if (store_load(e->store, &snapshot, &problems, err) < 0) {
		problems_fini(&problems);
		return -1;
	}
	addresses_begin(e->addresses);
	mesh = mesh_compile(snapshot, e->addresses, e->run_dir, &problems);
	addresses_end(e->addresses);
	snapshot_put(&snapshot);
	problems_fini(&e->problems);
	e->problems = problems;
	if (addresses_changed(e->addresses) && address_file_write(e->addresses, e->state_path, err) < 0)
		log_error_at(LOGGER_FILE, LEVEL_ERROR, err);
	take_over(e, mesh);
	print_problems(e);
	give_memory_back();
	return 0;
}

static void on_follow_timer(struct timer *t);

static void
follow(struct engine *e)
{
	struct error err = ERROR_INIT;
	int delay;

	if (store_poll_changed(e->store) && reload(e, &err) < 0)
		log_error_at(LOGGER_CONFIG, LEVEL_ERROR, &err);
	delay = store_poll_delay_ms(e->store);
	if (delay >= 0)
		loop_timer_set(e->worker->loop, &e->follow_timer,
			       loop_now_ns(e->worker->loop) + (uint64_t)delay * NS_PER_MS,
			       on_follow_timer);
}

static void
on_follow_timer(struct timer *t)
{
	follow(CONTAINER_OF(t, struct engine, follow_timer));
}

static void
on_store_event(struct watch *w, unsigned events)
{
	(void)events;
	follow(CONTAINER_OF(w, struct engine, store_watch));
}

/* --- opening and closing --- */

/* Where the platform's sockets are.  A long path would not fit into a socket
 * address; an open descriptor names the folder as well. */
static int
open_run_dir(struct engine *e, struct error *err)
{
	char path[4096];

	if (mkdir(e->state_path, 0700) < 0 && errno != EEXIST)
		return error_errnof(err, "%s", e->state_path);
	snprintf(path, sizeof(path), "%s/run", e->state_path);
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return error_errnof(err, "%s", path);
	if (strlen(path) <= SHORT_PATH) {
		e->run_dir = xstrdup(path);
		return 0;
	}
	e->run_fd = address_file_open_dir(path);
	if (e->run_fd < 0)
		return error_errnof(err, "%s", path);
	e->run_dir = xasprintf("/proc/self/fd/%d", e->run_fd);
	return 0;
}

static int
claim_addresses(struct engine *e, struct error *err)
{
	unsigned block;

	e->block_fd = block_claim(address_file_block(e->state_path), &block, err);
	if (e->block_fd < 0)
		return -1;
	e->addresses = addresses_new(block);
	address_file_read(e->addresses, e->state_path);
	return 0;
}

static void on_main_wake(void *arg);

static int
open_workers(struct engine *e, unsigned count, uint64_t seed, struct error *err)
{
	e->workers = xcalloc(count, sizeof(struct worker *));
	for (; e->worker_count < count; e->worker_count++) {
		struct worker *w = worker_new(&clock_system, seed + e->worker_count, err);

		if (w == NULL)
			return -1;
		w->sink.lock = count > 1 ? &e->sink_lock : NULL;
		w->descriptors.workers = count - 1;
		e->workers[e->worker_count] = w;
		worker_join(w, e->workers[0]);
	}
	e->worker = e->workers[0];
	loop_on_wake(e->worker->loop, on_main_wake, e);
	return 0;
}

/* Once the first configuration is in force. */
static int
start_crew(struct engine *e, struct error *err)
{
	if (e->worker_count == 1)
		return 0;
	e->crew = crew_start(e->workers + 1, e->worker_count - 1, err);
	listeners_set_crew(e->listeners, e->crew);
	return e->crew != NULL ? 0 : -1;
}

static int
open_parts(struct engine *e, const struct engine_options *o, struct error *err)
{
	uint64_t seed = o->seed;

	e->store = store_open_directory(o->dir, false, err);
	if (e->store == NULL)
		return -1;
	store_set_check(e->store, check_object_is_good);
	e->state_path = store_state_path(e->store);
	if (!o->has_seed) {
		struct rng rng;

		rng_seed_random(&rng);
		seed = rng_next(&rng);
	}
	if (open_workers(e, o->workers, seed, err) < 0 || open_run_dir(e, err) < 0 ||
	    claim_addresses(e, err) < 0)
		return -1;
	e->start_ns = loop_exact_ns(e->worker->loop);
	e->start_wall_ms = loop_wall_ms(e->worker->loop);
	e->outlets = outlets_new(e, o);
	e->listeners = listeners_new(e->workers, e->worker_count);
	/* The admin socket first: where another engine serves, nothing else is tried. */
	if (outlets_open(e->outlets, err) < 0 || store_watch(e->store, err) < 0 ||
	    reload(e, err) < 0 || start_crew(e, err) < 0)
		return -1;
	return loop_watch_level(e->worker->loop, &e->store_watch, store_fd(e->store),
				on_store_event, err);
}

struct engine *
engine_open(const struct engine_options *options, struct error *err)
{
	struct engine *e = xcalloc(1, sizeof(*e));

	e->block_fd = e->run_fd = -1;
	pthread_mutex_init(&e->sink_lock, NULL);
	e->store_watch.fd = -1;
	if (open_parts(e, options, err) < 0)
		engine_close(&e);
	return e;
}

void
engine_close(struct engine **ep)
{
	struct engine *e = *ep;

	if (e == NULL)
		return;
	if (e->worker != NULL) {
		loop_unwatch(&e->store_watch);
		loop_timer_cancel(&e->follow_timer);
		loop_timer_cancel(&e->drain_timer);
	}
	outlets_close(e->outlets);
	crew_stop(&e->crew);
	listeners_free(&e->listeners);
	while (e->worker_count > 0)
		worker_free(&e->workers[--e->worker_count]);
	free(e->workers);
	pthread_mutex_destroy(&e->sink_lock);
	outlets_free(&e->outlets);
	mesh_put(&e->mesh);
	problems_fini(&e->problems);
	buf_fini(&e->printed);
	addresses_free(&e->addresses);
	address_file_close_fd(&e->block_fd);
	address_file_close_fd(&e->run_fd);
	store_close(&e->store);
	free(e->run_dir);
	free(e);
	*ep = NULL;
}

/* --- running --- */

void
engine_run(struct engine *e)
{
	loop_run(e->worker->loop);
}

void
engine_stop(struct engine *e)
{
	loop_stop(e->worker->loop);
	loop_wake(e->worker->loop);
}

void
engine_drain_listeners(struct engine *e, const struct engine_listener_drain *how)
{
	crew_park(e->crew);
	if (how->is_graceful)
		listeners_drain(e->listeners, how->inbound_only, how->stays);
	else
		listeners_stop(e->listeners, how->inbound_only);
	crew_resume(e->crew);
}

/* In the thread of a worker that has nothing left. */
static void
on_drained(void *arg)
{
	struct engine *e = arg;

	if (atomic_fetch_add(&e->drained, 1) + 1 == e->worker_count)
		loop_wake(e->worker->loop);
}

static void
on_main_wake(void *arg)
{
	struct engine *e = arg;

	worker_answer(e->worker);
	if (e->is_draining && atomic_load(&e->drained) == e->worker_count)
		loop_stop(e->worker->loop);
}

static void
on_drain_limit(struct timer *t)
{
	engine_stop(CONTAINER_OF(t, struct engine, drain_timer));
}

void
engine_drain(struct engine *e, uint64_t limit_ms)
{
	struct loop *loop = e->worker->loop;
	uint64_t limit = loop_now_ns(loop) + limit_ms * NS_PER_MS;

	if (!e->is_draining || limit < e->drain_timer.deadline_ns)
		loop_timer_set(loop, &e->drain_timer, limit, on_drain_limit);
	if (e->is_draining)
		return;
	e->is_draining = true;
	crew_park(e->crew);
	listeners_close(e->listeners);
	for (unsigned i = 0; i < e->worker_count; i++)
		worker_drain(e->workers[i], on_drained, e);
	crew_resume(e->crew);
}
