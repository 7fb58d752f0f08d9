/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where an engine's telemetry comes out; see outlets.h. */
#include "proxy/telemetry/outlets.h"

#include <stdlib.h>
#include <string.h>

#include "proxy/admin/admin.h"
#include "proxy/engine.h"
#include "proxy/telemetry/access_log.h"
#include "proxy/telemetry/requests.h"
#include "proxy/telemetry/ring.h"
#include "proxy/telemetry/sink.h"
#include "proxy/telemetry/stats.h"
#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"

struct outlets {
	struct engine *engine;
	struct engine_options options;	/* texts are borrowed */
	struct stats_set *stats;
	struct requests *requests;
	struct admin *admin;
	struct ring *ring;
	struct access_log *log;		/* NULL: off */
	char *log_path, *log_format;	/* of the present access log */
	bool log_json;
	struct timer second;
};

static void
on_second(struct timer *t)
{
	struct outlets *o = CONTAINER_OF(t, struct outlets, second);
	struct loop *l = engine_loop(o->engine);

	if (o->log != NULL) {
		engine_pause_workers(o->engine);
		access_log_flush(o->log);
		engine_resume_workers(o->engine);
	}
	loop_timer_set(l, &o->second, loop_now_ns(l) + NS_PER_S, on_second);
}

static void
close_log(struct outlets *o)
{
	access_log_close(&o->log);
	free(o->log_path);
	free(o->log_format);
	o->log_path = o->log_format = NULL;
}

struct outlets *
outlets_new(struct engine *e, const struct engine_options *options)
{
	struct outlets *o = xcalloc(1, sizeof(*o));

	o->engine = e;
	o->options = *options;
	o->stats = stats_set_new(engine_worker_count(e));
	o->requests = requests_new();
	for (unsigned i = 0; i < engine_worker_count(e); i++) {
		engine_sink(e, i)->stats = stats_of_worker(o->stats, i);
		engine_sink(e, i)->requests = o->requests;
	}
	return o;
}

int
outlets_open(struct outlets *o, struct error *err)
{
	struct loop *l = engine_loop(o->engine);

	o->admin = admin_open(o->engine, o->options.admin, err);
	if (o->admin == NULL)
		return -1;
	o->ring = ring_open(l, o->stats, engine_state_path(o->engine), RING_MAX_BYTES, err);
	if (o->ring == NULL)
		return -1;
	loop_timer_set(l, &o->second, loop_now_ns(l) + NS_PER_S, on_second);
	return 0;
}

void
outlets_close(struct outlets *o)
{
	if (o == NULL)
		return;
	loop_timer_cancel(&o->second);
	admin_close(&o->admin);
	ring_close(&o->ring);
}

void
outlets_free(struct outlets **op)
{
	struct outlets *o = *op;

	if (o == NULL)
		return;
	outlets_close(o);
	close_log(o);
	requests_free(&o->requests);
	stats_set_free(&o->stats);
	free(o);
	*op = NULL;
}

/* The command line wins over the mesh's settings. */
static void
follow_log(struct outlets *o, const struct mesh_settings *s)
{
	const char *path = o->options.access_log;
	const char *format = s->access_log_format != NULL ? s->access_log_format : "";
	bool json = o->options.access_log_json >= 0 ? o->options.access_log_json > 0
						     : s->access_log_json;
	struct error err = ERROR_INIT;

	if (path == NULL)
		path = s->access_log_file != NULL ? s->access_log_file : "";
	if (o->log_path != NULL && strcmp(o->log_path, path) == 0 && o->log_json == json &&
	    strcmp(o->log_format, format) == 0)
		return;
	close_log(o);
	o->log_path = xstrdup(path);
	o->log_format = xstrdup(format);
	o->log_json = json;
	o->log = access_log_open(path, json, format, &err);
	for (unsigned i = 0; i < engine_worker_count(o->engine); i++)
		engine_sink(o->engine, i)->log = o->log;
	if (err.code != ERROR_NONE)
		log_error_at(LOGGER_FILE, LEVEL_ERROR, &err);
}

void
outlets_use_mesh(struct outlets *o, const struct mesh *m)
{
	for (unsigned i = 0; i < engine_worker_count(o->engine); i++)
		stats_use_mesh(engine_sink(o->engine, i)->stats, m);
	requests_forget_mesh(o->requests);
	follow_log(o, &m->settings);
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
