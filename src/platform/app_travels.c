/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * travels: GET /travels lists the cities that hotels knows; GET /travels/CITY
 * asks hotels and insurances, and flights and cars as the kind of travel
 * wants, all at once.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/json.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/platform/chaos.h"
#include "src/platform/client.h"
#include "src/platform/pod.h"
#include "src/platform/server.h"

/* The services asked for a city, in the order of the answer's members. */
enum part { PART_FLIGHTS, PART_HOTELS, PART_CARS, PART_INSURANCES, PART_COUNT };

static const struct {
	const char *name;		/* member of the answer and first part of the path */
	const char *variable, *fallback;
	const char *not_for;		/* kind of travel that does without */
} parts[PART_COUNT] = {
	[PART_FLIGHTS] = { "flights", "FLIGHTS_SERVICE", "http://flights:8000", "t3" },
	[PART_HOTELS] = { "hotels", "HOTELS_SERVICE", "http://hotels:8000", NULL },
	[PART_CARS] = { "cars", "CARS_SERVICE", "http://cars:8000", "t2" },
	[PART_INSURANCES] = { "insurances", "INSURANCES_SERVICE", "http://insurances:8000", NULL },
};

struct trip {
	struct pod *pod;
	struct request *rq;
	char *city;
	struct arena *arena;
	struct value *offers[PART_COUNT];	/* NULL: not asked */
	unsigned pending;
	bool has_failed;
	struct timer timer;
	struct deferred reap;
};

struct trip_call {
	struct trip *trip;
	enum part part;
};

static void
reap_trip(struct deferred *d)
{
	struct trip *t = CONTAINER_OF(d, struct trip, reap);
	struct pod *p = t->pod;

	arena_free(&t->arena);
	free(t->city);
	free(t);
	pod_release(p);
}

static void
trip_end(struct trip *t)
{
	loop_defer(t->pod->host->loop, &t->reap, reap_trip);
}

static void
reply_json(struct request *rq, struct buf *body)
{
	request_reply(rq, 200, "application/json", (struct slice){ body->data, body->len });
	buf_fini(body);
}

/* The list of cities */

/* Spread over lines, so that a person can read it. */
static void
put_city(struct buf *out, const struct value *city)
{
	static const char *const members[] = { "city", "lat", "lng" };

	buf_puts(out, " {");
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		const char *text = value_get_text(city, members[i]);

		buf_printf(out, "%s\n  \"%s\": ", i > 0 ? "," : "", members[i]);
		json_put_string(out, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
	}
	buf_puts(out, "\n }");
}

/* Only a transport error counts; a refusal by hotels is an empty list. */
static void
on_cities(void *arg, const struct call_result *r)
{
	struct request *rq = arg;
	struct arena *a;
	struct value *cities;
	struct buf body = BUF_INIT;
	bool is_first = true;

	if (r->status == 0) {
		struct slice portal = request_header(rq, "portal");

		request_reply_error(rq, 500, "Error fetching destinations for portal [%.*s]",
				    (int)portal.len, portal.ptr != NULL ? portal.ptr : "");
		return;
	}
	a = arena_new();
	cities = json_parse(a, r->body.ptr, r->body.len, NULL);
	buf_puts(&body, "[");
	if (value_is_list(cities))
		VALUE_EACH(city, cities) {
			buf_puts(&body, is_first ? "\n" : ",\n");
			put_city(&body, city);
			is_first = false;
		}
	buf_puts(&body, is_first ? "]\n" : "\n]\n");
	arena_free(&a);
	reply_json(rq, &body);
}

static void
list_cities(struct pod *p, struct request *rq)
{
	struct call_options o = {
		.base_url = pod_env(p, parts[PART_HOTELS].variable, parts[PART_HOTELS].fallback),
		.path = "/hotels", .inbound = rq,
	};

	call_start(p, &o, on_cities, rq);
}

/* A quote */

static void
answer_trip(struct timer *timer)
{
	struct trip *t = CONTAINER_OF(timer, struct trip, timer);
	struct buf body = BUF_INIT;
	struct json_writer w;
	time_t now = (time_t)(loop_wall_ms(t->pod->host->loop) / 1000);
	struct tm tm;
	char created[32];

	gmtime_r(&now, &tm);
	strftime(created, sizeof(created), "%Y-%m-%dT%H:%M:%SZ", &tm);
	json_begin(&w, &body, false);
	json_open(&w, NULL, '{');
	json_string(&w, "city", t->city);
	json_null(&w, "coordinates");
	json_string(&w, "createdAt", created);
	json_string(&w, "status", "Valid");
	for (unsigned i = 0; i < PART_COUNT; i++) {
		if (t->offers[i] != NULL)
			json_value(&w, parts[i].name, t->offers[i]);
		else
			json_null(&w, parts[i].name);
	}
	json_close(&w, '}');
	reply_json(t->rq, &body);
	trip_end(t);
}

static void
trip_finish(struct trip *t)
{
	struct loop *loop = t->pod->host->loop;
	uint64_t delay;

	if (t->has_failed) {
		request_reply_error(t->rq, 404, "Travel Quote for %s not found", t->city);
		trip_end(t);
		return;
	}
	delay = chaos_city_delay_ns(t->pod, t->rq, t->city);
	if (delay > 0)
		loop_timer_set(loop, &t->timer, loop_now_ns(loop) + delay, answer_trip);
	else
		answer_trip(&t->timer);
}

static void
on_part(void *arg, const struct call_result *r)
{
	struct trip_call *c = arg;
	struct trip *t = c->trip;

	if (r->status == 0 || r->status >= 400)
		t->has_failed = true;
	else
		t->offers[c->part] = json_parse(t->arena, r->body.ptr, r->body.len, NULL);
	free(c);
	if (--t->pending == 0)
		trip_finish(t);
}

static void
ask_part(struct trip *t, enum part part)
{
	struct trip_call *c = xcalloc(1, sizeof(*c));
	char *path = xasprintf("/%s/%s", parts[part].name, t->city);
	struct call_options o = {
		.base_url = pod_env(t->pod, parts[part].variable, parts[part].fallback),
		.path = path, .inbound = t->rq,
	};

	c->trip = t;
	c->part = part;
	t->pending++;
	call_start(t->pod, &o, on_part, c);
	free(path);
}

/* t1: everything; t2: no car; t3: no flight.  Another kind has neither. */
static bool
part_is_wanted(enum part part, struct slice travel)
{
	if (parts[part].not_for == NULL || travel.len == 0)
		return true;
	return (slice_is(travel, "t1") || slice_is(travel, "t2") || slice_is(travel, "t3")) &&
	       !slice_is(travel, parts[part].not_for);
}

static void
quote_city(struct pod *p, struct request *rq, char *city)
{
	struct trip *t = xcalloc(1, sizeof(*t));
	struct slice travel = request_header(rq, "travel");

	t->pod = p;
	pod_hold(p);
	t->rq = rq;
	t->city = city;
	t->arena = arena_new();
	for (unsigned i = 0; i < PART_COUNT; i++)
		if (part_is_wanted((enum part)i, travel))
			ask_part(t, (enum part)i);
}

static void
travels_on_request(struct pod *p, struct request *rq)
{
	char *city;

	if (rq->method_id != HTTP_GET) {
		request_reply_error(rq, 405, "only GET");
		return;
	}
	if (slice_is(rq->path, "/travels")) {
		list_cities(p, rq);
		return;
	}
	city = request_path_tail(rq, "/travels/");
	if (city != NULL)
		quote_city(p, rq, city);
	else
		request_reply_error(rq, 404, "no such page");
}

const struct app app_travels = {
	.image = IMAGE_TRAVELS,
	.name = "travels",
	.default_port = 8090,
	.workers = 4,
	.on_request = travels_on_request,
};
