/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The demo's apps calling each other directly, without a mesh: every name
 * leads to the Unix socket of one pod.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/address.h"
#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/loop.h"
#include "src/base/value.h"
#include "src/platform/client.h"
#include "src/platform/pod.h"
#include "src/platform/server.h"

#define TURNS 20000		/* far more than anything here needs */

struct town {
	struct loop *loop;
	struct host host;
	char dir[64];
	int dir_fd;
	struct pod *pods[16];
	size_t count;
	struct pod *caller;
};

/* The answer to the one call that a test makes. */
struct answer {
	bool is_there;
	unsigned status;
	char *body;
	size_t len;
};

static bool
resolve(void *arg, const char *ns, const char *name, uint16_t port, struct address *out)
{
	struct town *t = arg;

	(void)ns;
	(void)port;
	memset(out, 0, sizeof(*out));
	out->un.sun_family = AF_UNIX;
	out->len = sizeof(out->un);
	snprintf(out->un.sun_path, sizeof(out->un.sun_path), "%s/%.*s", t->dir,
		 (int)strcspn(name, "."), name);
	return access(out->un.sun_path, F_OK) == 0;
}

static struct pod *
add_pod(struct town *t, const struct app *app, const char *name)
{
	struct pod *p = pod_new(&t->host, app, "travel-agency", name, NULL);
	struct error err = ERROR_INIT;

	if (app->default_port != 0 && server_open_unix(p, t->dir_fd, name, &err) < 0)
		fail_msg("%s", err.msg);
	t->pods[t->count++] = p;
	return p;
}

static int
town_setup(void **state)
{
	static const struct { const struct app *app; const char *name; } agency[] = {
		{ &app_travels, "travels" }, { &app_hotels, "hotels" }, { &app_cars, "cars" },
		{ &app_flights, "flights" }, { &app_insurances, "insurances" },
		{ &app_discounts, "discounts" }, { &app_database, "mysqldb" },
	};
	struct town *t = calloc(1, sizeof(*t));

	snprintf(t->dir, sizeof(t->dir), "/tmp/meshtop-apps-XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	t->dir_fd = open(t->dir, O_RDONLY | O_DIRECTORY);
	t->loop = loop_new(&clock_system, NULL);
	t->host = (struct host){ .loop = t->loop, .pace = 1, .resolve = resolve, .arg = t };
	rng_seed(&t->host.rng, 1);
	for (size_t i = 0; i < ARRAY_LEN(agency); i++)
		pod_start(add_pod(t, agency[i].app, agency[i].name));
	t->caller = add_pod(t, &app_load, "caller");	/* not started: only its client is used */
	*state = t;
	return 0;
}

static int
town_teardown(void **state)
{
	struct town *t = *state;

	for (size_t i = 0; i < t->count; i++) {
		if (t->pods[i] == t->caller) {
			client_close_idle(t->caller);
			pod_abandon(t->caller);
		} else {
			pod_stop(t->pods[i], 0);
		}
	}
	for (int i = 0; i < TURNS && t->host.pod_count > 0; i++)
		loop_turn(t->loop, 10);
	assert_int_equal(t->host.pod_count, 0);
	loop_turn(t->loop, 0);
	loop_free(&t->loop);
	close(t->dir_fd);
	assert_int_equal(rmdir(t->dir), 0);	/* sockets are gone */
	free(t);
	return 0;
}

static void
on_answer(void *arg, const struct call_result *r)
{
	struct answer *a = arg;

	a->is_there = true;
	a->status = r->status;
	a->len = r->body.len;
	a->body = strndup(r->body.len > 0 ? r->body.ptr : "", r->body.len);
}

static struct answer
call(struct town *t, const char *host, const char *path, const char *fields)
{
	char url[128];
	struct answer a = { false, 0, NULL, 0 };
	struct call_options o = { .base_url = url, .path = path, .fields = fields };

	snprintf(url, sizeof(url), "http://%s.travel-agency:8000", host);
	call_start(t->caller, &o, on_answer, &a);
	assert_false(a.is_there);	/* never from within */
	for (int i = 0; i < TURNS && !a.is_there; i++)
		loop_turn(t->loop, 10);
	assert_true(a.is_there);
	return a;
}

static struct value *
parse(struct arena *arena, const struct answer *a)
{
	struct value *v = json_parse(arena, a->body, a->len, NULL);

	assert_non_null(v);
	return v;
}

static void
test_travels__lists_the_cities(void **state)
{
	struct arena *arena = arena_new();
	struct answer a = call(*state, "travels", "/travels", NULL);
	struct value *list = parse(arena, &a);

	assert_int_equal(a.status, 200);
	assert_int_equal(list->count, 45);
	assert_non_null(value_get_text(value_at(list, 44), "city"));
	assert_non_null(value_get_text(value_at(list, 44), "lat"));
	assert_non_null(value_get_text(value_at(list, 44), "lng"));
	assert_in_range(a.len, 2900, 3200);	/* 3.2 kB with its head */
	free(a.body);
	arena_free(&arena);
}

static const struct { const char *travel; bool flights, cars; } kinds[] = {
	{ "travel: t1\r\n", true, true }, { "travel: t2\r\n", true, false },
	{ "travel: t3\r\n", false, true }, { "", true, true },
};

static void
test_travels__quotes_by_kind_of_travel(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct arena *arena = arena_new();
		struct answer a = call(*state, "travels", "/travels/Rome", kinds[i].travel);
		struct value *v = parse(arena, &a);

		assert_int_equal(a.status, 200);
		assert_string_equal(value_get_text(v, "city"), "Rome");
		assert_string_equal(value_get_text(v, "status"), "Valid");
		assert_int_equal(value_get(v, "hotels")->count, 2);
		assert_int_equal(value_get(v, "insurances")->count, 2);
		assert_int_equal(value_get(v, "flights")->count, kinds[i].flights ? 3 : 0);
		assert_int_equal(value_get(v, "cars")->count, kinds[i].cars ? 2 : 0);
		free(a.body);
		arena_free(&arena);
	}
}

static double
price(struct town *t, const char *fields)
{
	struct arena *arena = arena_new();
	struct answer a = call(t, "hotels", "/hotels/San Marino", fields);
	double out = 0;

	assert_int_equal(a.status, 200);
	assert_true(value_to_double(value_get(value_at(parse(arena, &a), 0), "price"), &out));
	free(a.body);
	arena_free(&arena);
	return out;
}

static uint64_t
cents(double amount)
{
	return (uint64_t)(amount * 100 + 0.5);
}

static void
test_hotels__discounts_by_user(void **state)
{
	double full = price(*state, NULL);

	assert_true(full > 0);
	assert_in_range(cents(price(*state, "user: registered\r\n")), cents(full * 0.90) - 1,
			cents(full * 0.90) + 1);
	assert_in_range(cents(price(*state, "user: new\r\n")), cents(full * 0.75) - 1,
			cents(full * 0.75) + 1);
	assert_in_range(cents(price(*state, "user: other\r\n")), cents(full * 0.95) - 1,
			cents(full * 0.95) + 1);
}

static const struct { const char *host, *path; unsigned status; } errors[] = {
	{ "travels", "/travels/Atlantis", 404 },
	{ "hotels", "/hotels/Atlantis", 404 },
	{ "hotels", "/hotels/Rome/more", 404 },
	{ "cars", "/cars", 404 },
	{ "discounts", "/discounts/", 404 },
	{ "discounts", "/discounts/anybody", 200 },
	{ "insurances", "/insurances/O'Brien", 404 },
	{ "nobody", "/", 0 },
};

static void
test_services__answer_errors(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		struct answer a = call(*state, errors[i].host, errors[i].path, NULL);

		if (a.status != errors[i].status)
			fail_msg("%s%s: %u", errors[i].host, errors[i].path, a.status);
		free(a.body);
	}
}

/* Without its database hotels fails, travels lists nothing and still answers 200. */
static void
test_travels__hides_a_failing_hotels(void **state)
{
	struct town *t = *state;
	struct answer a;

	for (size_t i = 0; i < t->count; i++)
		if (strcmp(t->pods[i]->name, "mysqldb") == 0) {
			pod_stop(t->pods[i], 0);
			t->pods[i] = t->pods[--t->count];
		}
	for (int i = 0; i < 50; i++)
		loop_turn(t->loop, 1);
	a = call(t, "hotels", "/hotels", NULL);
	assert_int_equal(a.status, 500);
	free(a.body);
	a = call(t, "travels", "/travels", NULL);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, "[]\n");
	free(a.body);
	a = call(t, "travels", "/travels/Rome", NULL);
	assert_int_equal(a.status, 404);
	free(a.body);
}

static void
test_portal__counts_what_it_asks_for(void **state)
{
	struct town *t = *state;
	struct pod *p = add_pod(t, &app_portal, "voyages");
	int64_t total = 0, cities = 0;

	t->host.pace = 1000;
	pod_add_env(p, "PORTAL_NAME", "voyages.fr");
	pod_add_env(p, "PORTAL_COORDINATES", "48.861310,2.337418");
	pod_add_env(p, "TRAVELS_AGENCY_SERVICE", "http://travels.travel-agency:8000");
	pod_start(p);
	for (int i = 0; i < 1000 && total < 5; i++) {
		struct arena *arena = arena_new();
		struct answer a = call(t, "voyages", "/status", NULL);
		struct value *v = parse(arena, &a);

		assert_int_equal(a.status, 200);
		assert_string_equal(value_get_text(v, "name"), "voyages.fr");
		assert_string_equal(value_text(value_path(v, "coordinates[0]")), "2.337418");
		assert_true(value_to_int(value_path(v, "status.requests.total"), &total));
		cities = (int64_t)value_path(v, "status.cities")->count;
		free(a.body);
		arena_free(&arena);
	}
	assert_true(total >= 5);
	assert_true(cities >= 1);
}

static void
test_portal__takes_settings(void **state)
{
	struct town *t = *state;
	struct pod *p = add_pod(t, &app_portal, "viaggi");
	struct answer a = { false, 0, NULL, 0 };
	struct call_options o = { .base_url = "http://viaggi:8000", .path = "/settings",
				  .method = "PUT", .body = SLICE("{\"request_ratio\": 75}") };

	pod_start(p);
	call_start(t->caller, &o, on_answer, &a);
	for (int i = 0; i < TURNS && !a.is_there; i++)
		loop_turn(t->loop, 10);
	assert_int_equal(a.status, 200);
	assert_non_null(strstr(a.body, "\"request_ratio\":75"));
	assert_non_null(strstr(a.body, "\"mobile\":50"));
	free(a.body);
	o.body = SLICE("{\"request_ratio\": 750}");
	a.is_there = false;
	call_start(t->caller, &o, on_answer, &a);
	for (int i = 0; i < TURNS && !a.is_there; i++)
		loop_turn(t->loop, 10);
	assert_int_equal(a.status, 400);
	free(a.body);
}

static void
test_control__shows_lost_portals(void **state)
{
	struct town *t = *state;
	struct pod *p = add_pod(t, &app_control, "control");
	struct arena *arena = arena_new();
	struct answer a;
	struct value *v;

	pod_start(add_pod(t, &app_portal, "voyages"));
	pod_add_env(p, "PORTAL_SERVICES",
		    "voyages.fr;http://voyages.p:8000,lost.xx;http://lost.p:8000");
	pod_start(p);
	a = call(t, "control", "/status", NULL);
	v = parse(arena, &a);
	assert_int_equal(v->count, 2);
	assert_string_equal(value_get_text(value_at(v, 0), "country"), "Atlantis");
	assert_string_equal(value_text(value_path(value_at(v, 0), "status.error")), "true");
	assert_string_equal(value_text(value_path(value_at(v, 1), "status.error")), "false");
	free(a.body);
	a = call(t, "control", "/console", NULL);
	assert_int_equal(a.status, 200);
	assert_non_null(strstr(a.body, "does not answer"));
	free(a.body);
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, town_setup, town_teardown)
		CASE(test_travels__lists_the_cities),
		CASE(test_travels__quotes_by_kind_of_travel),
		CASE(test_hotels__discounts_by_user),
		CASE(test_services__answer_errors),
		CASE(test_travels__hides_a_failing_hotels),
		CASE(test_portal__counts_what_it_asks_for),
		CASE(test_portal__takes_settings),
		CASE(test_control__shows_lost_portals),
#undef CASE
	};

	return cmocka_run_group_tests_name("apps", tests, NULL, NULL);
}
