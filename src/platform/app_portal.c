/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A travel portal: an endless loop of two calls and a pause, and two pages:
 * GET /status and PUT /settings.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/value.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "src/platform/client.h"
#include "src/platform/pod.h"
#include "src/platform/server.h"
#include "src/platform/settings.h"

#define START_WITHIN_MS 250		/* portals do not begin in step */
#define NOBODY_THERE_NS (250 * NS_PER_MS)	/* until the mesh answers at all */
#define MAX_CITIES 1000

struct requests_made {
	int64_t total;
	struct classes classes;
};

struct known_city {
	char *name;
	double lat, lng;
};

struct visited_city {
	char *name;
	double coordinates[2];		/* longitude, latitude */
	struct requests_made made;
};

struct portal {
	struct pod *pod;
	struct timer timer;		/* armed: pause between two loops */
	struct settings settings;
	struct classes left;
	struct requests_made made;
	struct portal_choice choice;	/* of the loop that runs */
	VEC(struct known_city) cities;
	VEC(struct visited_city) visited;
	size_t city;			/* that the second call asks for */
	bool was_answered;		/* by anybody, ever */
};

static void loop_begin(struct timer *t);

static void
pause_for(struct portal *o, uint64_t ns)
{
	struct loop *loop = o->pod->host->loop;

	if (!o->pod->is_stopping)
		loop_timer_set(loop, &o->timer, loop_now_ns(loop) + ns, loop_begin);
}

static void
loop_end(struct portal *o)
{
	pause_for(o, settings_pause_ns(&o->settings, o->pod->host->pace));
}

/* The loop */

static void
call_agency(struct portal *o, const char *path, call_done *done)
{
	struct call_options c = {
		.base_url = pod_env(o->pod, "TRAVELS_AGENCY_SERVICE", "http://travels:8000"),
		.path = path,
	};
	char *fields = xasprintf("portal: %s\r\ndevice: %s\r\nuser: %s\r\ntravel: %s\r\n",
				 pod_env(o->pod, "PORTAL_NAME", "no-name"),
				 device_name(o->choice.device), user_name(o->choice.user),
				 travel_name(o->choice.travel));

	c.fields = fields;
	call_start(o->pod, &c, done, o);
	free(fields);
}

static void
forget_cities(struct portal *o)
{
	for (size_t i = 0; i < o->cities.len; i++)
		free(o->cities.items[i].name);
	o->cities.len = 0;
}

/* An answer that is no list, as an error is, leaves the known list alone. */
static void
learn_cities(struct portal *o, const struct call_result *r)
{
	struct arena *a = arena_new();
	struct value *list = json_parse(a, r->body.ptr, r->body.len, NULL);

	if (value_is_list(list)) {
		forget_cities(o);
		VALUE_EACH(v, list) {
			const char *name = value_get_text(v, "city");
			const char *lat = value_get_text(v, "lat"), *lng = value_get_text(v, "lng");
			struct known_city c;

			if (name == NULL || o->cities.len == MAX_CITIES)
				continue;
			c.name = xstrdup(name);
			c.lat = lat != NULL ? strtod(lat, NULL) : 0;
			c.lng = lng != NULL ? strtod(lng, NULL) : 0;
			vec_push(&o->cities, c);
		}
	}
	arena_free(&a);
}

static struct visited_city *
visit(struct portal *o, const struct known_city *c)
{
	struct visited_city fresh = { .coordinates = { c->lng, c->lat } };

	for (size_t i = 0; i < o->visited.len; i++)
		if (strcmp(o->visited.items[i].name, c->name) == 0)
			return &o->visited.items[i];
	fresh.name = xstrdup(c->name);
	vec_push(&o->visited, fresh);
	return &o->visited.items[o->visited.len - 1];
}

static void
on_quote(void *arg, const struct call_result *r)
{
	struct portal *o = arg;

	if (r->status != 0 && r->status < 400 && o->city < o->cities.len) {
		struct visited_city *v = visit(o, &o->cities.items[o->city]);

		v->made.total++;
		classes_count(&v->made.classes, &o->choice);
	}
	loop_end(o);
}

static void
on_destinations(void *arg, const struct call_result *r)
{
	struct portal *o = arg;
	char *path;

	if (!r->was_connected && !o->was_answered) {
		pause_for(o, NOBODY_THERE_NS);
		return;
	}
	o->was_answered = true;
	if (r->status != 0)
		learn_cities(o, r);
	if (o->cities.len == 0 || o->pod->is_stopping) {
		loop_end(o);
		return;
	}
	o->city = (size_t)rng_below(&o->pod->host->rng, o->cities.len);
	path = xasprintf("/travels/%s", o->cities.items[o->city].name);
	call_agency(o, path, on_quote);
	free(path);
}

static void
loop_begin(struct timer *t)
{
	struct portal *o = CONTAINER_OF(t, struct portal, timer);

	/* Nobody was there: the same request is made again. */
	if (o->made.total == 0 || o->was_answered) {
		o->made.total++;
		o->choice = settings_choose(&o->settings, &o->left, (uint64_t)o->made.total);
		classes_count(&o->made.classes, &o->choice);
	}
	call_agency(o, "/travels", on_destinations);
}

/* Pages */

static void
put_requests(struct json_writer *w, const struct requests_made *m)
{
	json_open(w, "requests", '{');
	json_int(w, "total", m->total);
	classes_put(w, &m->classes);
	json_close(w, '}');
}

static void
put_coordinates(struct json_writer *w, const double at[2])
{
	json_open(w, "coordinates", '[');
	json_double(w, NULL, at[0], -1);
	json_double(w, NULL, at[1], -1);
	json_close(w, ']');
}

/* PORTAL_COORDINATES has latitude first; pages have longitude first. */
static void
own_coordinates(const struct pod *p, double out[2])
{
	if (sscanf(pod_env(p, "PORTAL_COORDINATES", ""), "%lf,%lf", &out[1], &out[0]) != 2) {
		out[0] = -5.321187;
		out[1] = 35.890134;
	}
}

static void
answer_status(struct portal *o, struct request *rq)
{
	struct buf body = BUF_INIT;
	struct json_writer w;
	double at[2];

	own_coordinates(o->pod, at);
	json_begin(&w, &body, false);
	json_open(&w, NULL, '{');
	json_string(&w, "name", pod_env(o->pod, "PORTAL_NAME", "no-name"));
	put_coordinates(&w, at);
	json_string(&w, "country", pod_env(o->pod, "PORTAL_COUNTRY", "no-country"));
	settings_put(&w, "settings", &o->settings);
	json_open(&w, "status", '{');
	put_requests(&w, &o->made);
	json_open(&w, "cities", '[');
	for (size_t i = 0; i < o->visited.len; i++) {
		json_open(&w, NULL, '{');
		json_string(&w, "city", o->visited.items[i].name);
		put_coordinates(&w, o->visited.items[i].coordinates);
		put_requests(&w, &o->visited.items[i].made);
		json_close(&w, '}');
	}
	json_close(&w, ']');
	json_bool(&w, "error", false);
	json_close(&w, '}');
	json_close(&w, '}');
	request_reply(rq, 200, "application/json", (struct slice){ body.data, body.len });
	buf_fini(&body);
}

static void
take_settings(struct portal *o, struct request *rq)
{
	struct arena *a = arena_new();
	struct error err = ERROR_INIT;
	struct value *v = json_parse(a, rq->body.data, rq->body.len, &err);
	struct buf body = BUF_INIT;
	struct json_writer w;

	if (v == NULL || settings_read(&o->settings, v, &err) < 0) {
		request_reply_error(rq, 400, "%s", err.msg);
		arena_free(&a);
		return;
	}
	arena_free(&a);
	o->left = o->settings.shares;
	json_begin(&w, &body, false);
	settings_put(&w, NULL, &o->settings);
	request_reply(rq, 200, "application/json", (struct slice){ body.data, body.len });
	buf_fini(&body);
}

static void
portal_on_request(struct pod *p, struct request *rq)
{
	if (slice_is(rq->path, "/status") && rq->method_id == HTTP_GET)
		answer_status(p->state, rq);
	else if (slice_is(rq->path, "/settings") && rq->method_id == HTTP_PUT)
		take_settings(p->state, rq);
	else
		request_reply_error(rq, 404, "no such page");
}

static void
portal_start(struct pod *p)
{
	struct portal *o = xcalloc(1, sizeof(*o));

	p->state = o;
	o->pod = p;
	settings_init(&o->settings);
	o->left = o->settings.shares;
	pause_for(o, host_draw_ns(p->host, 0, START_WITHIN_MS));
}

static void
portal_stop(struct pod *p)
{
	struct portal *o = p->state;

	loop_timer_cancel(&o->timer);
}

static void
portal_fini(struct pod *p)
{
	struct portal *o = p->state;

	forget_cities(o);
	vec_fini(&o->cities);
	for (size_t i = 0; i < o->visited.len; i++)
		free(o->visited.items[i].name);
	vec_fini(&o->visited);
	free(o);
}

const struct app app_portal = {
	.image = IMAGE_PORTAL,
	.name = "portal",
	.default_port = 8081,
	.workers = 4,
	.start = portal_start,
	.stop = portal_stop,
	.fini = portal_fini,
	.on_request = portal_on_request,
};
