/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The console as a tape's host: what a player may send and ask.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/kind.h"
#include "src/model/snapshot.h"
#include "src/tape/player.h"
#include "src/topology/build.h"
#include "src/topology/graph.h"
#include "tui/app/app.h"
#include "tui/app/export.h"
#include "tui/console/console_priv.h"
#include "tui/feed/feed.h"
#include "tui/feed/model.h"
#include "tui/term/canvas.h"

static void
host_send(void *arg, const char *bytes, size_t len)
{
	console_feed_bytes(arg, bytes, len);
}

static void
host_resize(void *arg, unsigned cols, unsigned rows)
{
	console_resize(arg, cols, rows);
}

static void
host_screen(void *arg, struct buf *out)
{
	console_screen(arg, out);
}

static bool
host_is_settled(void *arg)
{
	return console_is_settled(arg);
}

/* "NS/NAME" is the workload, "service:NS/NAME" the service. */
static size_t
find_end(const struct graph *g, const char *name)
{
	char *id = strchr(name, ':') != NULL ? xstrdup(name) : xasprintf("workload:%s", name);
	size_t node = graph_find(g, id);

	free(id);
	return node;
}

/* The rate when no field is named. */
static double
field_value(const struct graph_edge *e, const char *field)
{
	const struct { const char *name; double value; } fields[] = {
		{ "rate", e->rate }, { "errors", e->errors }, { "share", e->share },
		{ "avg", e->times.avg }, { "p50", e->times.p50 }, { "p95", e->times.p95 },
		{ "p99", e->times.p99 },
	};

	for (size_t i = 0; field != NULL && i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcmp(fields[i].name, field) == 0)
			return fields[i].value;
	}
	return e->rate;
}

static bool
protocol_is(const struct graph_edge *e, const char *protocol)
{
	static const char *const names[] = { "http", "grpc", "tcp" };

	return protocol == NULL || strcmp(names[e->protocol], protocol) == 0;
}

static bool
host_edge(void *arg, const struct edge_query *q, double *value)
{
	struct console *c = arg;
	struct graph_options options = { .type = GRAPH_WORKLOAD };
	struct graph *g;
	size_t from, to;
	bool found = false;

	if (c->feed->ops->build == NULL)
		return false;
	options.no_service_nodes = strncmp(q->from, "service:", 8) != 0 &&
				   strncmp(q->to, "service:", 8) != 0;
	if (q->reporter != NULL)
		options.reporter = strcmp(q->reporter, "source") == 0 ? GRAPH_SOURCE :
				   GRAPH_DESTINATION;
	options.to_ms = c->model->data_ms;
	options.from_ms = options.to_ms - (int64_t)(q->over_s * 1000);
	g = c->feed->ops->build(c->feed, &options);
	from = find_end(g, q->from);
	to = find_end(g, q->to);
	for (size_t i = 0; i < g->edges.len && !found; i++) {
		const struct graph_edge *e = &g->edges.items[i];

		if (e->from != from || e->to != to || e->is_idle || !protocol_is(e, q->protocol))
			continue;
		*value = field_value(e, q->field);
		found = *value >= 0;	/* a time or share that nobody knows is none */
	}
	graph_free(&g);
	return found;
}

static const struct object *
find_object(const struct model *m, const char *kind_word, const char *name)
{
	const struct kind *kind = kind_by_word(kind_word, NULL);
	const char *dot = strrchr(name, '.');
	const struct object *o;
	char *first;

	if (kind == NULL || m->mesh == NULL)
		return NULL;
	first = dot != NULL ? xstrndup(name, (size_t)(dot - name)) : xstrdup(name);
	o = snapshot_find(m->mesh->snapshot, kind->id, dot != NULL ? dot + 1 : "default", first);
	free(first);
	return o;
}

static bool
host_yaml(void *arg, const char *kind, const char *name, const char *path, struct buf *out)
{
	struct console *c = arg;
	const struct object *o = find_object(c->model, kind, name);
	const struct value *v = o != NULL ? value_path(o->root, path) : NULL;

	if (v == NULL)
		return false;
	if (value_text(v) != NULL)
		buf_puts(out, value_text(v));
	else
		json_emit(out, v, false);
	return true;
}

static int
host_apply(void *arg, const char *file, struct error *err)
{
	struct console *c = arg;

	if (c->feed->ops->apply_file == NULL)
		return error_setf(err, ERROR_REFUSED, "nothing can be changed here");
	return c->feed->ops->apply_file(c->feed, file, err);
}

static int
host_deploy(void *arg, const char *name, bool undeploy, struct error *err)
{
	struct console *c = arg;

	if (c->feed->ops->deploy == NULL)
		return error_setf(err, ERROR_REFUSED, "this mesh has no extras");
	return c->feed->ops->deploy(c->feed, name, undeploy, err);
}

static void
host_caption(void *arg, const char *text)
{
	struct console *c = arg;

	app_caption(c->app, text);
}

static void
host_mark(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

static void
host_frame(void *arg, struct buf *out)
{
	struct console *c = arg;

	console_frame(c, &c->shown, out);
}

static bool
host_screen_svg(void *arg, struct buf *out)
{
	struct console *c = arg;

	canvas_put_svg(app_canvas(c->app), c->model->title, out);
	return true;
}

/* On screen the learner goes on with F10; headless nobody can. */
static bool
host_pause(void *arg)
{
	struct console *c = arg;

	if (c->term == NULL)
		return false;
	if (!c->is_paused && !c->was_paused) {
		c->is_paused = c->was_paused = true;
		app_say(c->app, SEVERITY_INFO, "your turn; F10 goes on");
	}
	if (!c->is_paused)
		c->was_paused = false;
	return c->is_paused;
}

void
console_player_host(struct console *c, struct player_host *out)
{
	*out = (struct player_host){
		.screen_svg = host_screen_svg,
		.frame = host_frame,
		.arg = c,
		.send = host_send,
		.resize = host_resize,
		.screen = host_screen,
		.is_settled = host_is_settled,
		.edge = host_edge,
		.yaml = host_yaml,
		.apply = host_apply,
		.deploy = host_deploy,
		.caption = host_caption,
		.mark = host_mark,
		.pause = host_pause,
	};
}
