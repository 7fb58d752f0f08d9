/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments of the past, and frames as bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/buf.h"
#include "src/base/clock.h"
#include "tests/lib/app_keys.h"
#include "tests/lib/fake_app.h"
#include "tui/app/app.h"
#include "tui/feed/model.h"
#include "tui/term/ansi.h"
#include "tui/term/canvas.h"
#include "tui/term/key.h"

#define NOON_MS INT64_C(1764072000000)	/* 2025-11-25T12:00Z */

static struct fake_app *
open_app(void)
{
	struct fake_app *f = fake_app_new();

	f->clock = STILL_CLOCK(0, NOON_MS);
	fake_app_begin(f, &(struct app_options){ .clock = &f->clock.clock, .cols = 100, .rows = 30 }, false);
	f->model.newest_ms = NOON_MS;
	f->model.oldest_ms = f->model.newest_ms - 3600000;
	return f;
}

static void
test_at__goes_and_comes_back(void **state)
{
	struct fake_app *f;

	(void)state;
	f = open_app();
	app_run(f->app, "at 5m");
	assert_true(f->model.query.at_ms == f->model.newest_ms - 300000);
	assert_true(app_shows(f->app, "paused"));
	app_key(f->app, '{');
	assert_true(f->model.query.at_ms == f->model.newest_ms - 310000);
	app_run(f->app, "at 9h");
	assert_true(f->model.query.at_ms == f->model.oldest_ms);	/* not before what is known */
	app_run(f->app, "at nonsense");
	assert_true(app_shows(f->app, "must be a moment"));
	app_run(f->app, "at 25:00");
	assert_true(app_shows(f->app, "must be a moment"));
	app_run(f->app, "at 9998-12-31T23:59");
	assert_true(app_shows(f->app, "is still to come"));
	assert_true(f->model.query.at_ms == f->model.oldest_ms);
	app_key(f->app, 'z');
	app_run(f->app, "at now");
	assert_true(f->model.query.at_ms == 0);
	app_key(f->app, 'z');
	app_key(f->app, '{');
	app_run(f->app, "at now");
	assert_true(f->model.query.at_ms == 0 && !f->model.query.is_frozen);
	fake_app_close(&f);
}

static void
test_replay__moves_with_the_ticks_until_now(void **state)
{
	struct fake_app *f;
	int64_t begin;

	(void)state;
	f = open_app();
	app_run(f->app, "replay 1m 20");
	begin = f->model.query.at_ms;
	assert_true(begin == f->model.newest_ms - 60000);
	assert_true(app_shows(f->app, "x20"));
	app_tick(f->app);
	assert_true(f->model.query.at_ms == begin + 20000);
	app_key(f->app, 'z');
	app_tick(f->app);
	assert_true(f->model.query.at_ms == begin + 20000);	/* paused */
	app_key(f->app, 'z');
	app_tick(f->app);
	app_tick(f->app);
	assert_true(f->model.query.at_ms == 0);		/* caught up */
	app_run(f->app, "replay nonsense");
	assert_true(app_shows(f->app, "span and a speed"));
	app_run(f->app, "replay 5m 9998-12-31T23:59");
	assert_true(app_shows(f->app, "is still to come"));
	assert_true(f->model.query.at_ms == 0);
	fake_app_close(&f);
}

/* Kiali's frames: ten seconds each, that stand 5, 3 or 1. */
static void
test_replay__speeds_are_frames(void **state)
{
	static const struct {
		const char *line, *shown;
		unsigned ticks;
		int64_t on_ms;
	} rows[] = {
		{ "replay 10m slow", " slow\n", 5, 10000 }, { "replay 10m", " medium\n", 3, 10000 },
		{ "replay fast 10m", " fast\n", 1, 10000 }, { "replay 10m x30", " x30\n", 1, 30000 },
		{ "replay 10m 0.5", " x0.5\n", 1, 500 },
	};
	struct fake_app *f;

	(void)state;
	f = open_app();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t begin;

		app_run(f->app, rows[i].line);
		begin = f->model.query.at_ms;
		assert_true(begin == f->model.newest_ms - 600000);
		assert_true(app_shows(f->app, rows[i].shown));
		for (unsigned t = 1; t < rows[i].ticks; t++)
			app_tick(f->app);
		assert_true(f->model.query.at_ms == begin);
		app_tick(f->app);
		assert_true(f->model.query.at_ms == begin + rows[i].on_ms);
	}
	app_key(f->app, '(');		/* slower than x0.5: there is none, so x1 */
	assert_true(app_shows(f->app, " x1\n"));
	app_key(f->app, ')');
	assert_true(app_shows(f->app, " slow\n"));
	fake_app_close(&f);
}

/* A recorded session has its own now: its end, which may be long ago. */
static void
test_at__counts_from_the_end_of_a_recording(void **state)
{
	const int64_t end_ms = NOON_MS - INT64_C(7) * 86400000;
	struct fake_app *f;

	(void)state;
	f = open_app();
	f->model.is_recorded = true;
	f->model.newest_ms = end_ms;
	f->model.oldest_ms = end_ms - 3600000;
	app_run(f->app, "at 5m");
	assert_true(f->model.query.at_ms == end_ms - 300000);
	assert_true(app_shows(f->app, "AT 2025-11-18 "));
	app_run(f->app, "at 10m ago");
	assert_true(f->model.query.at_ms == end_ms - 600000);
	app_run(f->app, "at now");
	assert_true(f->model.query.at_ms == end_ms);
	assert_true(app_shows(f->app, "paused"));
	app_key(f->app, ')');
	assert_true(app_shows(f->app, "plays on with speed"));
	fake_app_close(&f);
}

static void
test_replay__from_a_chosen_start_to_its_end(void **state)
{
	struct fake_app *f;
	int64_t begin;
	time_t then;
	struct tm day;
	char line[64];

	(void)state;
	f = open_app();
	then = (time_t)(f->model.newest_ms / 1000) - 1200;
	localtime_r(&then, &day);
	strftime(line, sizeof(line), "replay %Y-%m-%dT%H:%M:%S 1m fast", &day);
	app_run(f->app, line);
	begin = f->model.query.at_ms;
	assert_true(begin == (int64_t)then * 1000);
	for (int i = 0; i < 9; i++)
		app_tick(f->app);
	assert_true(f->model.query.at_ms == begin + 60000);
	assert_true(app_shows(f->app, "paused"));
	fake_app_close(&f);
}

static void
test_replay__plays_backwards(void **state)
{
	struct fake_app *f;
	int64_t at;

	(void)state;
	f = open_app();
	app_run(f->app, "replay 1m fast back");
	at = f->model.query.at_ms;
	assert_true(at == f->model.newest_ms - 10000);
	assert_true(app_shows(f->app, "back fast"));
	app_tick(f->app);
	assert_true(f->model.query.at_ms == at - 10000);
	app_key(f->app, 'Z');		/* forwards again */
	app_tick(f->app);
	assert_true(f->model.query.at_ms == at);
	app_key(f->app, 'Z');
	for (int i = 0; i < 20; i++)
		app_tick(f->app);	/* turned by hand: beyond what was asked for */
	assert_true(f->model.query.at_ms == at - 200000);
	app_run(f->app, "replay 1m fast back");
	for (int i = 0; i < 20; i++)
		app_tick(f->app);
	assert_true(f->model.query.at_ms == f->model.newest_ms - 60000);
	assert_true(app_shows(f->app, "paused"));
	app_run(f->app, "at now");
	app_key(f->app, 'Z');		/* from now on */
	assert_true(f->model.query.at_ms == f->model.newest_ms - 10000);
	fake_app_close(&f);
}

static void
test_canvas_put_ansi__only_what_changed(void **state)
{
	struct canvas *a = canvas_new(10, 3), *b = canvas_new(10, 3);
	struct buf out = BUF_INIT;

	(void)state;
	canvas_clear(a);
	canvas_clear(b);
	area_put(canvas_area(a), 0, 1, STYLE_BAD, "x");
	canvas_put_ansi(a, NULL, &out);
	assert_non_null(strstr(buf_str(&out), "\033[2J"));
	assert_non_null(strstr(buf_str(&out), "\033[2;1H\033[0;1;31mx\033[0m\033[K"));
	buf_clear(&out);
	canvas_put_ansi(a, a, &out);
	assert_int_equal(out.len, 0);
	canvas_put_ansi(b, a, &out);
	assert_string_equal(buf_str(&out), "\033[2;1H\033[0m\033[K");
	buf_fini(&out);
	canvas_free(&a);
	canvas_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_at__goes_and_comes_back),
		cmocka_unit_test(test_replay__moves_with_the_ticks_until_now),
		cmocka_unit_test(test_replay__speeds_are_frames),
		cmocka_unit_test(test_at__counts_from_the_end_of_a_recording),
		cmocka_unit_test(test_replay__from_a_chosen_start_to_its_end),
		cmocka_unit_test(test_replay__plays_backwards),
		cmocka_unit_test(test_canvas_put_ansi__only_what_changed),
	};

	return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
