/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the admin socket may know about an engine; see engine.h. */
#include "proxy/engine_priv.h"

#include "proxy/crew.h"
#include "proxy/http/downstream.h"
#include "proxy/http/exchange.h"
#include "proxy/http/fault.h"
#include "proxy/listeners.h"
#include "proxy/runtime.h"
#include "proxy/telemetry/outlets.h"
#include "proxy/telemetry/route_stats.h"
#include "proxy/telemetry/stats.h"
#include "proxy/worker.h"
#include "src/base/clock.h"
#include "src/base/vec.h"

struct loop *
engine_loop(struct engine *e)
{
	return e->worker->loop;
}

const struct mesh *
engine_mesh(const struct engine *e)
{
	return e->mesh;
}

const struct problems *
engine_problems(const struct engine *e)
{
	return &e->problems;
}

const char *
engine_state_path(const struct engine *e)
{
	return e->state_path;
}

struct stats_set *
engine_stats(struct engine *e)
{
	return outlets_stats(e->outlets);
}

struct requests *
engine_requests(struct engine *e)
{
	return outlets_requests(e->outlets);
}

uint64_t
engine_uptime_ms(const struct engine *e)
{
	return (loop_now_ns(e->worker->loop) - e->start_ns) / NS_PER_MS;
}

int64_t
engine_start_wall_ms(const struct engine *e)
{
	return e->start_wall_ms;
}

bool
engine_is_draining(const struct engine *e)
{
	return e->is_draining;
}

bool
engine_is_live(const struct engine *e)
{
	return !e->is_draining && !e->is_unhealthy;
}

void
engine_set_health(struct engine *e, bool is_healthy)
{
	e->is_unhealthy = !is_healthy;
}

void
engine_reset_counters(struct engine *e)
{
	engine_pause_workers(e);
	for (unsigned i = 0; i < e->worker_count; i++) {
		runtime_reset_figures(e->workers[i]->runtime);
		route_stats_free(&e->workers[i]->routes);
	}
	stats_reset_http(engine_stats(e));
	engine_resume_workers(e);
}

unsigned
engine_worker_count(const struct engine *e)
{
	return e->worker_count;
}

struct sink *
engine_sink(struct engine *e, unsigned worker)
{
	return &e->workers[worker]->sink;
}

void
engine_pause_workers(struct engine *e)
{
	crew_park(e->crew);
}

void
engine_resume_workers(struct engine *e)
{
	crew_resume(e->crew);
}

uint64_t
engine_generation(const struct engine *e)
{
	return e->generation;
}

void
engine_each_delayed(struct engine *e,
		    void (*visit)(void *arg, const struct mesh_workload *caller), void *arg)
{
	engine_pause_workers(e);
	for (unsigned i = 0; i < e->worker_count; i++)
		for (const struct downstream *d = e->workers[i]->first_downstream; d != NULL;
		     d = d->next)
			if (d->exchange != NULL && fault_delays(d->exchange))
				visit(arg, d->exchange->self->workload);
	engine_resume_workers(e);
}

void
engine_each_route(struct engine *e, void (*visit)(void *arg, const struct route_stat *r), void *arg)
{
	engine_pause_workers(e);
	for (unsigned i = 0; i < e->worker_count; i++)
		route_stats_each(e->workers[i]->routes, visit, arg);
	engine_resume_workers(e);
}

size_t
engine_listener_count(const struct engine *e)
{
	return listeners_count(e->listeners);
}

void
engine_listener_at(const struct engine *e, size_t index, struct engine_listener *out)
{
	listeners_at(e->listeners, index, out);
}

static void
add_endpoint(struct engine_endpoint_figures *f, const struct endpoint *ep, uint64_t start_ns)
{
	const struct outlier_host *h = ep->common != NULL ? &ep->common->outlier : NULL;

	if (h != NULL) {
		f->is_ejected = h->is_ejected;
		f->ejections = h->ejections;
		f->errors_in_a_row = h->errors_5xx;
	}
	if (f->is_ejected)
		f->ejected_until_ms =
			(outlier_until_ns(&ep->cluster->common->outlier, h) - start_ns) / NS_PER_MS;
	f->active_connections += ep->active_connections;
	f->idle_connections += ep->idle_connections;
	f->active_requests += ep->active_requests;
	f->connections += ep->connections;
	f->connect_failures += ep->connect_failures;
	f->requests += ep->requests;
	f->errors += ep->errors;
	f->timeouts += ep->timeouts;
}

/* One for all workers. */
static void
add_outlier(struct engine_cluster_figures *f, const struct outlier *o)
{
	f->ejected = o->ejected;
	f->ejections = o->ejections;
	f->ejection_overflows = o->overflows;
	memcpy(f->ejections_by, o->by_cause, sizeof(f->ejections_by));
	f->is_panic = o->ejected > 0 && outlier_is_panic(o);
}

static void
add_state(struct engine_cluster_figures *f, const struct cluster_state *s)
{
	f->active_connections += s->active_connections;
	f->active_requests += s->active_requests;
	f->pending_requests += s->pending_requests;
	f->connections += s->connections;
	f->connect_failures += s->connect_failures;
	f->connect_timeouts += s->connect_timeouts;
	f->connections_closed += s->connections_closed;
	f->requests += s->requests;
	f->retries += s->retries;
	f->timeouts += s->timeouts;
	f->try_timeouts += s->try_timeouts;
	f->retry_successes += s->retry_successes;
	f->retry_exhaustions += s->retry_exhaustions;
	f->pendings += s->pendings;
	f->panics += s->panics;
	f->pending_overflows += s->breaker.pending_overflows;
	f->connection_overflows += s->breaker.connection_overflows;
	f->retry_overflows += s->breaker.retry_overflows;
	f->active_retries = breaker_used(&s->breaker, BREAKER_RETRIES);
	if (s->common != NULL)
		add_outlier(f, &s->common->outlier);
	for (int i = 0; i < 6; i++)
		f->by_class[i] += s->by_class[i];
}

/* The sum over the workers from the first on that has the binding; false when
 * an earlier one has it, too, and so has told already. */
static bool
sum_up(const struct engine *e, unsigned first, const struct binding *b,
       struct engine_cluster_figures *f, struct engine_endpoint_figures *endpoints)
{
	*f = (struct engine_cluster_figures){ .caller = b->caller, .cluster = b->cluster };
	for (size_t k = 0; k < b->cluster->endpoint_count; k++)
		endpoints[k] = (struct engine_endpoint_figures){
			.endpoint = &b->cluster->endpoints[k],
		};
	for (unsigned i = 0; i < e->worker_count; i++) {
		const struct binding *same =
			runtime_find(e->workers[i]->runtime, b->caller, b->cluster);

		if (same == NULL)
			continue;
		if (i < first)
			return false;
		add_state(f, same->state);
		for (size_t k = 0; k < b->cluster->endpoint_count; k++)
			add_endpoint(&endpoints[k], same->endpoints[k], e->start_ns);
	}
	f->endpoints = endpoints;
	f->endpoint_count = b->cluster->endpoint_count;
	return true;
}

void
engine_each_cluster(struct engine *e,
		    void (*visit)(void *arg, const struct engine_cluster_figures *f), void *arg)
{
	VEC(struct engine_endpoint_figures) endpoints = VEC_INIT;

	engine_pause_workers(e);
	for (unsigned i = 0; i < e->worker_count; i++) {
		const struct runtime *rt = e->workers[i]->runtime;

		for (size_t k = 0; k < rt->slot_count; k++) {
			const struct binding *b = rt->slots[k];
			struct engine_cluster_figures f;

			if (b == NULL)
				continue;
			vec_reserve(&endpoints, b->cluster->endpoint_count);
			if (sum_up(e, i, b, &f, endpoints.items))
				visit(arg, &f);
		}
	}
	engine_resume_workers(e);
	vec_fini(&endpoints);
}

void
problems_put_errors(const struct problems *p, struct buf *out)
{
	for (size_t i = 0; i < p->rows.len; i++) {
		const struct problem *row = &p->rows.items[i];

		if (row->severity != SEVERITY_ERROR)
			continue;
		if (row->file[0] != '\0')
			buf_printf(out, "%s:%u:%u: ", row->file, row->line, row->col);
		buf_printf(out, "%s\n", row->message);
	}
}
