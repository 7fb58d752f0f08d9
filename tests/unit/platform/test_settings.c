/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arithmetic of portals and load tester, and the waiting line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/loop.h"
#include "src/platform/rounds.h"
#include "src/platform/settings.h"
#include "src/platform/station.h"
#include "tests/lib/still_clock.h"

static void
test_choose__first_requests_follow_the_number(void **state)
{
	static const struct portal_choice want[] = {
		{ DEVICE_WEB, USER_NEW, TRAVEL_T2 },
		{ DEVICE_MOBILE, USER_REGISTERED, TRAVEL_T3 },
		{ DEVICE_WEB, USER_NEW, TRAVEL_T1 },
		{ DEVICE_MOBILE, USER_REGISTERED, TRAVEL_T2 },
	};
	struct settings s;
	struct classes left;

	(void)state;
	settings_init(&s);
	left = s.shares;
	for (uint64_t n = 1; n <= ARRAY_LEN(want); n++) {
		struct portal_choice c = settings_choose(&s, &left, n);

		assert_int_equal(c.device, want[n - 1].device);
		assert_int_equal(c.user, want[n - 1].user);
		assert_int_equal(c.travel, want[n - 1].travel);
	}
}

static const struct { const char *name; struct classes shares; } shares[] = {
	{ "the default", { { 50, 50 }, { 50, 50 }, { 34, 33, 33 } } },
	{ "uneven", { { 90, 10 }, { 30, 70 }, { 60, 10, 30 } } },
	{ "one class only", { { 100, 0 }, { 0, 100 }, { 0, 0, 100 } } },
};

static void
test_choose__long_run_ratios_are_exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
		struct settings s = { 50, shares[i].shares };
		struct classes left = s.shares, made = { { 0 }, { 0 }, { 0 } };

		for (uint64_t n = 1; n <= 700; n++) {
			struct portal_choice c = settings_choose(&s, &left, n);

			classes_count(&made, &c);
		}
		for (unsigned k = 0; k < DEVICE_COUNT; k++)
			assert_int_equal(made.devices[k], 7 * s.shares.devices[k]);
		for (unsigned k = 0; k < USER_COUNT; k++)
			assert_int_equal(made.users[k], 7 * s.shares.users[k]);
		for (unsigned k = 0; k < TRAVEL_COUNT; k++)
			assert_int_equal(made.travels[k], 7 * s.shares.travels[k]);
	}
}

static void
test_choose__without_any_share_keeps_the_wanted_class(void **state)
{
	struct settings s = { 50, { { 0 }, { 0 }, { 0 } } };
	struct classes left = s.shares;
	struct portal_choice c = settings_choose(&s, &left, 2);

	(void)state;
	assert_int_equal(c.device, DEVICE_MOBILE);
	assert_int_equal(c.travel, TRAVEL_T3);
}

static void
test_pause__has_a_floor_and_a_pace(void **state)
{
	static const struct { int64_t ratio; double pace; double ms; } rows[] = {
		{ 50, 1, 7500 }, { 0, 1, 15000 }, { 95, 1, 750 }, { 100, 1, 750 },
		{ 50, 50, 150 }, { 100, 50, 15 }, { 50, 0.5, 15000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct settings s;

		settings_init(&s);
		s.request_ratio = rows[i].ratio;
		assert_int_equal((settings_pause_ns(&s, rows[i].pace) + 500) / 1000,
				 (uint64_t)(rows[i].ms * 1000));
	}
}

static const struct { const char *json; int status; int64_t ratio, mobile; } documents[] = {
	{ "{\"request_ratio\": 80}", 0, 80, 50 },
	{ "{\"request_ratio\": 80, \"devices\": {\"web\": 0, \"mobile\": 100}}", 0, 80, 100 },
	{ "{}", 0, 50, 50 },
	{ "{\"request_ratio\": 101}", -1, 50, 50 },
	{ "{\"request_ratio\": \"80\"}", -1, 50, 50 },
	{ "{\"request_ratio\": 80, \"devices\": {\"mobile\": -1}}", -1, 50, 50 },
	{ "{\"devices\": 3}", -1, 50, 50 },
	{ "[]", -1, 50, 50 },
};

static void
test_settings_read__all_or_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
		struct arena *a = arena_new();
		struct error err = ERROR_INIT;
		struct settings s;
		int status;

		settings_init(&s);
		status = settings_read(&s, json_parse(a, documents[i].json,
						      strlen(documents[i].json), NULL), &err);
		if (status != documents[i].status || s.request_ratio != documents[i].ratio ||
		    s.shares.devices[DEVICE_MOBILE] != documents[i].mobile)
			fail_msg("%s", documents[i].json);
		assert_int_equal(status < 0, err.code != ERROR_NONE);
		arena_free(&a);
	}
}

static void
test_rounds__calls_of_threads(void **state)
{
	static const struct { struct round_plan p; unsigned first, others, total; } rows[] = {
		{ { 50, 20, 0 }, 20, 1, 69 },	/* the demo's */
		{ { 1, 20, 0 }, 20, 20, 20 },
		{ { 4, 8, 0 }, 2, 2, 8 },
		{ { 4, 10, 0 }, 4, 2, 10 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(round_calls(&rows[i].p, 0), rows[i].first);
		if (rows[i].p.threads > 1)
			assert_int_equal(round_calls(&rows[i].p, 1), rows[i].others);
		assert_int_equal(round_calls(&rows[i].p, 0) +
				 (rows[i].p.threads - 1) * round_calls(&rows[i].p, 1), rows[i].total);
	}
}

static void
test_rounds__rate_spreads_calls(void **state)
{
	const struct round_plan fast = { 50, 20, 0 }, slow = { 2, 20, 4 };

	(void)state;
	assert_int_equal(round_start_ns(&fast, 19), 0);
	assert_int_equal(round_start_ns(&slow, 0), 0);
	assert_int_equal(round_start_ns(&slow, 3), 3 * NS_PER_S / 2);
}

struct job {
	struct station_job job;
	bool is_done;
};

static void
on_done(struct station_job *j)
{
	CONTAINER_OF(j, struct job, job)->is_done = true;
}

static unsigned
count_done(const struct job *jobs, size_t count)
{
	unsigned done = 0;

	for (size_t i = 0; i < count; i++)
		done += jobs[i].is_done;
	return done;
}

static void
step(struct still_clock *c, struct loop *l, unsigned ms)
{
	for (unsigned i = 0; i < ms; i++) {
		c->now_ns += NS_PER_MS;
		loop_turn(l, 0);
	}
}

static void
test_station__serves_as_many_as_it_has_workers(void **state)
{
	struct still_clock c = STILL_CLOCK(NS_PER_S, 0);
	struct loop *l = loop_new(&c.clock, NULL);
	struct station s;
	struct job jobs[6] = { 0 };

	(void)state;
	station_init(&s, l, 2);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		station_enter(&s, &jobs[i].job, 10 * NS_PER_MS, on_done);
	step(&c, l, 9);
	assert_int_equal(count_done(jobs, 6), 0);
	step(&c, l, 6);
	assert_int_equal(count_done(jobs, 6), 2);
	step(&c, l, 14);
	assert_int_equal(count_done(jobs, 6), 4);
	assert_false(jobs[4].is_done || jobs[5].is_done);	/* in order of arrival */
	step(&c, l, 14);
	assert_int_equal(count_done(jobs, 6), 6);
	assert_int_equal(s.busy, 0);
	loop_free(&l);
}

static void
test_station_leave__makes_room(void **state)
{
	struct still_clock c = STILL_CLOCK(NS_PER_S, 0);
	struct loop *l = loop_new(&c.clock, NULL);
	struct station s;
	struct job jobs[3] = { 0 };

	(void)state;
	station_init(&s, l, 1);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		station_enter(&s, &jobs[i].job, 10 * NS_PER_MS, on_done);
	station_leave(&jobs[1].job);	/* waiting */
	station_leave(&jobs[0].job);	/* served */
	station_leave(&jobs[0].job);
	step(&c, l, 14);
	assert_false(jobs[0].is_done || jobs[1].is_done);
	assert_true(jobs[2].is_done);
	assert_int_equal(s.busy, 0);
	assert_null(s.first);
	assert_null(s.last);
	loop_free(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choose__first_requests_follow_the_number),
		cmocka_unit_test(test_choose__long_run_ratios_are_exact),
		cmocka_unit_test(test_choose__without_any_share_keeps_the_wanted_class),
		cmocka_unit_test(test_pause__has_a_floor_and_a_pace),
		cmocka_unit_test(test_settings_read__all_or_nothing),
		cmocka_unit_test(test_rounds__calls_of_threads),
		cmocka_unit_test(test_rounds__rate_spreads_calls),
		cmocka_unit_test(test_station__serves_as_many_as_it_has_workers),
		cmocka_unit_test(test_station_leave__makes_room),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
