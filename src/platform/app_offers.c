/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hotels, cars, flights and insurances: GET /THING/CITY asks the database,
 * then discounts when there is a user, then answers.  hotels also has the
 * list of cities.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/json.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/platform/chaos.h"
#include "src/platform/client.h"
#include "src/platform/db_client.h"
#include "src/platform/pod.h"
#include "src/platform/server.h"

/* What tells the four services apart. */
struct offer_kind {
	const char *table, *alias;
	const char *column;		/* and member of the answer: who offers */
	const char *prefix;		/* path, with both slashes */
};

static const struct offer_kind kind_hotels = { "hotels", "h2", "hotel", "/hotels/" };
static const struct offer_kind kind_cars = { "cars", "c2", "carModel", "/cars/" };
static const struct offer_kind kind_flights = { "flights", "f2", "airline", "/flights/" };
static const struct offer_kind kind_insurances = { "insurances", "i2", "company",
						   "/insurances/" };

struct offer {
	char *company;
	double price;
};

/* One request on its way. */
struct quote {
	struct pod *pod;
	struct request *rq;
	const struct offer_kind *kind;
	char *city;
	struct offer *offers;
	size_t count;
	struct timer timer;
	struct deferred reap;
};

static void
reap_quote(struct deferred *d)
{
	struct quote *q = CONTAINER_OF(d, struct quote, reap);
	struct pod *p = q->pod;

	for (size_t i = 0; i < q->count; i++)
		free(q->offers[i].company);
	free(q->offers);
	free(q->city);
	free(q);
	pod_release(p);
}

static void
quote_end(struct quote *q)
{
	loop_defer(q->pod->host->loop, &q->reap, reap_quote);
}

static void
answer_offers(struct timer *t)
{
	struct quote *q = CONTAINER_OF(t, struct quote, timer);
	struct buf body = BUF_INIT;
	struct json_writer w;

	json_begin(&w, &body, false);
	json_open(&w, NULL, '[');
	for (size_t i = 0; i < q->count; i++) {
		json_open(&w, NULL, '{');
		json_string(&w, q->kind->column, q->offers[i].company);
		json_double(&w, "price", round(q->offers[i].price * 100) / 100, -1);
		json_close(&w, '}');
	}
	json_close(&w, ']');
	request_reply(q->rq, 200, "application/json", (struct slice){ body.data, body.len });
	buf_fini(&body);
	quote_end(q);
}

static void
answer_after_chaos(struct quote *q)
{
	uint64_t delay = chaos_delay_ns(q->pod, q->rq, NULL);
	struct loop *loop = q->pod->host->loop;

	if (delay > 0)
		loop_timer_set(loop, &q->timer, loop_now_ns(loop) + delay, answer_offers);
	else
		answer_offers(&q->timer);
}

/* No discount is no failure. */
static void
on_discount(void *arg, const struct call_result *r)
{
	struct quote *q = arg;
	struct arena *a = arena_new();
	struct value *v = r->status != 0 ? json_parse(a, r->body.ptr, r->body.len, NULL) : NULL;
	double discount = 0;

	if (value_to_double(value_get(v, "discount"), &discount) && discount >= 0 &&
	    discount <= 1)
		for (size_t i = 0; i < q->count; i++)
			q->offers[i].price *= 1 - discount;
	arena_free(&a);
	answer_after_chaos(q);
}

static void
ask_discount(struct quote *q, struct slice user)
{
	char *path = xasprintf("/discounts/%.*s", (int)user.len, user.ptr);
	char *field = xasprintf("discountfrom: %s\r\n", q->kind->table);
	struct call_options o = {
		.base_url = pod_env(q->pod, "DISCOUNTS_SERVICE", "http://discounts:8000"),
		.path = path, .inbound = q->rq, .fields = field,
	};

	call_start(q->pod, &o, on_discount, q);
	free(path);
	free(field);
}

static void
on_offers(void *arg, const struct db_result *r)
{
	struct quote *q = arg;
	struct slice user;

	if (r->error[0] != '\0' || (r->rows > 0 && r->columns < 2)) {
		request_reply_error(q->rq, 500, "%s", r->error);
		quote_end(q);
		return;
	}
	if (r->rows == 0) {
		request_reply_error(q->rq, 404, "City %s not found", q->city);
		quote_end(q);
		return;
	}
	q->offers = xcalloc(r->rows, sizeof(*q->offers));
	q->count = r->rows;
	for (size_t i = 0; i < r->rows; i++) {
		const struct slice *row = &r->cells[i * r->columns];
		char *price = xstrndup(row[1].ptr, row[1].len);

		q->offers[i].company = xstrndup(row[0].ptr, row[0].len);
		q->offers[i].price = strtod(price, NULL);
		free(price);
	}
	user = request_header(q->rq, "user");
	if (user.len > 0)
		ask_discount(q, user);
	else
		answer_after_chaos(q);
}

static void
quote_start(struct pod *p, struct request *rq, const struct offer_kind *kind, char *city)
{
	struct quote *q = xcalloc(1, sizeof(*q));
	struct buf sql = BUF_INIT;

	q->pod = p;
	pod_hold(p);
	q->rq = rq;
	q->kind = kind;
	q->city = city;
	buf_printf(&sql, "SELECT %s.%s, %s.price FROM cities c1, %s %s "
		   "WHERE c1.cityId = %s.cityId AND c1.city = ", kind->alias, kind->column,
		   kind->alias, kind->table, kind->alias, kind->alias);
	db_put_quoted(&sql, city);
	db_query(p, buf_str(&sql), on_offers, q);
	buf_fini(&sql);
}

static void
offers_on_request(struct pod *p, struct request *rq, const struct offer_kind *kind)
{
	char *city = request_path_tail(rq, kind->prefix);

	if (city == NULL) {
		request_reply_error(rq, 404, "no such page");
	} else if (rq->method_id != HTTP_GET) {
		free(city);
		request_reply_error(rq, 405, "only GET");
	} else {
		quote_start(p, rq, kind, city);
	}
}

/* The list of cities */

static void
on_cities(void *arg, const struct db_result *r)
{
	static const char *const members[] = { "city", "lat", "lng" };
	struct request *rq = arg;
	struct buf body = BUF_INIT;
	struct json_writer w;

	if (r->error[0] != '\0' || (r->rows > 0 && r->columns < ARRAY_LEN(members))) {
		request_reply_error(rq, 500, "%s", r->error);
		return;
	}
	json_begin(&w, &body, false);
	json_open(&w, NULL, '[');
	for (size_t i = 0; i < r->rows; i++) {
		json_open(&w, NULL, '{');
		for (size_t k = 0; k < ARRAY_LEN(members); k++)
			json_slice(&w, members[k], r->cells[i * r->columns + k]);
		json_close(&w, '}');
	}
	json_close(&w, ']');
	request_reply(rq, 200, "application/json", (struct slice){ body.data, body.len });
	buf_fini(&body);
}

static void
hotels_on_request(struct pod *p, struct request *rq)
{
	if (slice_is(rq->path, "/hotels") && rq->method_id == HTTP_GET)
		db_query(p, "SELECT city, lat, lng FROM cities", on_cities, rq);
	else
		offers_on_request(p, rq, &kind_hotels);
}

static void
cars_on_request(struct pod *p, struct request *rq)
{
	offers_on_request(p, rq, &kind_cars);
}

static void
flights_on_request(struct pod *p, struct request *rq)
{
	offers_on_request(p, rq, &kind_flights);
}

static void
insurances_on_request(struct pod *p, struct request *rq)
{
	offers_on_request(p, rq, &kind_insurances);
}

const struct app app_hotels = {
	.image = IMAGE_HOTELS, .name = "hotels", .default_port = 8094, .workers = 4,
	.on_request = hotels_on_request,
};
const struct app app_cars = {
	.image = IMAGE_CARS, .name = "cars", .default_port = 8091, .workers = 4,
	.on_request = cars_on_request,
};
const struct app app_flights = {
	.image = IMAGE_FLIGHTS, .name = "flights", .default_port = 8093, .workers = 4,
	.on_request = flights_on_request,
};
const struct app app_insurances = {
	.image = IMAGE_INSURANCES, .name = "insurances", .default_port = 8095, .workers = 4,
	.on_request = insurances_on_request,
};
