/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where an engine's telemetry comes out; see outlets.h. */
#include "proxy/outlets.h"

#include <stdlib.h>

#include "proxy/admin.h"
#include "proxy/engine.h"
#include "proxy/requests.h"
#include "proxy/sink.h"
#include "proxy/stats.h"
#include "src/base/xalloc.h"

struct outlets {
	struct engine *engine;
	struct sink *sink;
	const char *admin_address;
	struct stats_set *stats;
	struct requests *requests;
	struct admin *admin;
};

struct outlets *
outlets_new(struct engine *e, struct sink *sink, const struct engine_options *options)
{
	struct outlets *o = xcalloc(1, sizeof(*o));

	o->engine = e;
	o->sink = sink;
	o->admin_address = options->admin;
	o->stats = stats_set_new(1);
	o->requests = requests_new();
	sink->stats = stats_of_worker(o->stats, 0);
	sink->requests = o->requests;
	return o;
}

int
outlets_open(struct outlets *o, struct error *err)
{
	o->admin = admin_open(o->engine, o->admin_address, err);
	return o->admin != NULL ? 0 : -1;
}

void
outlets_close(struct outlets *o)
{
	if (o == NULL)
		return;
	admin_close(&o->admin);
}

void
outlets_free(struct outlets **op)
{
	struct outlets *o = *op;

	if (o == NULL)
		return;
	outlets_close(o);
	requests_free(&o->requests);
	stats_set_free(&o->stats);
	free(o);
	*op = NULL;
}

void
outlets_use_mesh(struct outlets *o, const struct mesh *m)
{
	stats_use_mesh(o->sink->stats, m);
	requests_forget_mesh(o->requests);
}

struct stats_set *
outlets_stats(const struct outlets *o)
{
	return o->stats;
}

struct requests *
outlets_requests(const struct outlets *o)
{
	return o->requests;
}
