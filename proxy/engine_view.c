/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the admin socket may know about an engine; see engine.h. */
#include "proxy/engine_priv.h"

#include "proxy/listeners.h"
#include "proxy/outlets.h"
#include "proxy/runtime.h"
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

unsigned
engine_worker_count(const struct engine *e)
{
	(void)e;
	return 1;
}

uint64_t
engine_generation(const struct engine *e)
{
	return e->generation;
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
fill_endpoint(struct engine_endpoint_figures *out, const struct mesh_endpoint *endpoint,
	      const struct endpoint *ep)
{
	*out = (struct engine_endpoint_figures){
		.endpoint = endpoint,
		.active_connections = ep->active_connections,
		.idle_connections = ep->idle_connections,
		.active_requests = ep->active_requests,
		.connections = ep->connections,
		.connect_failures = ep->connect_failures,
		.requests = ep->requests,
		.errors = ep->errors,
	};
}

static void
fill_cluster(struct engine_cluster_figures *out, const struct binding *b)
{
	const struct cluster_state *s = b->state;

	*out = (struct engine_cluster_figures){
		.caller = b->caller,
		.cluster = b->cluster,
		.active_connections = s->active_connections,
		.active_requests = s->active_requests,
		.pending_requests = s->pending_requests,
		.connections = s->connections,
		.connect_failures = s->connect_failures,
		.connect_timeouts = s->connect_timeouts,
		.connections_closed = s->connections_closed,
		.requests = s->requests,
		.retries = s->retries,
	};
	for (int i = 0; i < 6; i++)
		out->by_class[i] = s->by_class[i];
}

void
engine_each_cluster(struct engine *e,
		    void (*visit)(void *arg, const struct engine_cluster_figures *f), void *arg)
{
	VEC(struct engine_endpoint_figures) endpoints = VEC_INIT;
	const struct runtime *rt = e->worker->runtime;

	for (size_t i = 0; i < rt->slot_count; i++) {
		const struct binding *b = rt->slots[i];
		struct engine_cluster_figures f;

		if (b == NULL)
			continue;
		vec_reserve(&endpoints, b->cluster->endpoint_count);
		for (size_t k = 0; k < b->cluster->endpoint_count; k++)
			fill_endpoint(&endpoints.items[k], &b->cluster->endpoints[k],
				      b->endpoints[k]);
		fill_cluster(&f, b);
		f.endpoints = endpoints.items;
		f.endpoint_count = b->cluster->endpoint_count;
		visit(arg, &f);
	}
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
