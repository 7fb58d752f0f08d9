/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments of the past, the recorded data as a feed, and frames as bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "tests/lib/app_keys.h"
#include "tests/lib/fake_feed.h"
#include "tests/lib/still_clock.h"
#include "tui/app/app.h"
#include "tui/feed/feed.h"
#include "tui/feed/feed_data.h"
#include "tui/feed/model.h"
#include "tui/term/ansi.h"
#include "tui/term/canvas.h"
#include "tui/term/key.h"

#define NOON_MS INT64_C(1764072000000)	/* 2025-11-25T12:00Z */

struct fixture {
	struct still_clock clock;
	struct model model;
	struct app *app;
};

static void
open_app(struct fixture *f)
{
	struct app_options options = {
		.clock = &f->clock.clock, .model = &f->model, .cols = 100, .rows = 30,
	};

	memset(f, 0, sizeof(*f));
	f->clock = STILL_CLOCK(0, NOON_MS);
	options.feed = fake_feed_open(&f->model);
	f->app = app_new(&options);
	f->model.newest_ms = NOON_MS;
	f->model.oldest_ms = f->model.newest_ms - 3600000;
}

static void
close_app(struct fixture *f)
{
	app_free(&f->app);
	model_fini(&f->model);
}

static void
test_at__goes_and_comes_back(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f);
	app_run(f.app, "at 5m");
	assert_true(f.model.query.at_ms == f.model.newest_ms - 300000);
	assert_true(app_shows(f.app, "paused"));
	app_key(f.app, '{');
	assert_true(f.model.query.at_ms == f.model.newest_ms - 310000);
	app_run(f.app, "at 9h");
	assert_true(f.model.query.at_ms == f.model.oldest_ms);	/* not before what is known */
	app_run(f.app, "at nonsense");
	assert_true(app_shows(f.app, "must be a moment"));
	app_run(f.app, "at 25:00");
	assert_true(app_shows(f.app, "must be a moment"));
	app_run(f.app, "at 9998-12-31T23:59");
	assert_true(app_shows(f.app, "is still to come"));
	assert_true(f.model.query.at_ms == f.model.oldest_ms);
	app_run(f.app, "at now");
	assert_true(f.model.query.at_ms == 0);
	close_app(&f);
}

static void
test_replay__moves_with_the_ticks_until_now(void **state)
{
	struct fixture f;
	int64_t begin;

	(void)state;
	open_app(&f);
	app_run(f.app, "replay 1m 20");
	begin = f.model.query.at_ms;
	assert_true(begin == f.model.newest_ms - 60000);
	assert_true(app_shows(f.app, "x20"));
	app_tick(f.app);
	assert_true(f.model.query.at_ms == begin + 20000);
	app_key(f.app, 'z');
	app_tick(f.app);
	assert_true(f.model.query.at_ms == begin + 20000);	/* paused */
	app_key(f.app, 'z');
	app_tick(f.app);
	app_tick(f.app);
	assert_true(f.model.query.at_ms == 0);		/* caught up */
	app_run(f.app, "replay nonsense");
	assert_true(app_shows(f.app, "span and a speed"));
	app_run(f.app, "replay 5m 9998-12-31T23:59");
	assert_true(app_shows(f.app, "is still to come"));
	assert_true(f.model.query.at_ms == 0);
	close_app(&f);
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
	struct fixture f;

	(void)state;
	open_app(&f);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t begin;

		app_run(f.app, rows[i].line);
		begin = f.model.query.at_ms;
		assert_true(begin == f.model.newest_ms - 600000);
		assert_true(app_shows(f.app, rows[i].shown));
		for (unsigned t = 1; t < rows[i].ticks; t++)
			app_tick(f.app);
		assert_true(f.model.query.at_ms == begin);
		app_tick(f.app);
		assert_true(f.model.query.at_ms == begin + rows[i].on_ms);
	}
	app_key(f.app, '(');		/* slower than x0.5: there is none, so x1 */
	assert_true(app_shows(f.app, " x1\n"));
	app_key(f.app, ')');
	assert_true(app_shows(f.app, " slow\n"));
	close_app(&f);
}

/* A recorded session has its own now: its end, which may be long ago. */
static void
test_at__counts_from_the_end_of_a_recording(void **state)
{
	const int64_t end_ms = NOON_MS - INT64_C(7) * 86400000;
	struct fixture f;

	(void)state;
	open_app(&f);
	f.model.is_recorded = true;
	f.model.newest_ms = end_ms;
	f.model.oldest_ms = end_ms - 3600000;
	app_run(f.app, "at 5m");
	assert_true(f.model.query.at_ms == end_ms - 300000);
	assert_true(app_shows(f.app, "AT 2025-11-18 "));
	app_run(f.app, "at 10m ago");
	assert_true(f.model.query.at_ms == end_ms - 600000);
	app_run(f.app, "at now");
	assert_true(f.model.query.at_ms == end_ms);
	assert_true(app_shows(f.app, "paused"));
	app_key(f.app, ')');
	assert_true(app_shows(f.app, "plays on with speed"));
	close_app(&f);
}

static void
test_replay__from_a_chosen_start_to_its_end(void **state)
{
	struct fixture f;
	int64_t begin;
	time_t then;
	struct tm day;
	char line[64];

	(void)state;
	open_app(&f);
	then = (time_t)(f.model.newest_ms / 1000) - 1200;
	localtime_r(&then, &day);
	strftime(line, sizeof(line), "replay %Y-%m-%dT%H:%M:%S 1m fast", &day);
	app_run(f.app, line);
	begin = f.model.query.at_ms;
	assert_true(begin == (int64_t)then * 1000);
	for (int i = 0; i < 9; i++)
		app_tick(f.app);
	assert_true(f.model.query.at_ms == begin + 60000);
	assert_true(app_shows(f.app, "paused"));
	close_app(&f);
}

static void
test_replay__plays_backwards(void **state)
{
	struct fixture f;
	int64_t at;

	(void)state;
	open_app(&f);
	app_run(f.app, "replay 1m fast back");
	at = f.model.query.at_ms;
	assert_true(at == f.model.newest_ms - 10000);
	assert_true(app_shows(f.app, "back fast"));
	app_tick(f.app);
	assert_true(f.model.query.at_ms == at - 10000);
	app_key(f.app, 'Z');		/* forwards again */
	app_tick(f.app);
	assert_true(f.model.query.at_ms == at);
	app_key(f.app, 'Z');
	for (int i = 0; i < 20; i++)
		app_tick(f.app);	/* turned by hand: beyond what was asked for */
	assert_true(f.model.query.at_ms == at - 200000);
	app_run(f.app, "replay 1m fast back");
	for (int i = 0; i < 20; i++)
		app_tick(f.app);
	assert_true(f.model.query.at_ms == f.model.newest_ms - 60000);
	assert_true(app_shows(f.app, "paused"));
	app_run(f.app, "at now");
	app_key(f.app, 'Z');		/* from now on */
	assert_true(f.model.query.at_ms == f.model.newest_ms - 10000);
	close_app(&f);
}

static void
test_feed_data_open__refuses_what_is_none(void **state)
{
	static const struct {
		const char *text, *part;
	} rows[] = {
		{ "", "holds no telemetry" },
		{ "nonsense\n", "" },
		{ "{\"t\":1}\n", "t, source and body" },
		{ "{\"t\":1,\"source\":\"telemetry\",\"body\":\"[]\"}\n", "" },
	};
	char path[] = "/tmp/meshtop-data-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct error err = ERROR_INIT;
		struct model m;

		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, rows[i].text, strlen(rows[i].text), 0),
				 (ssize_t)strlen(rows[i].text));
		model_init(&m);
		assert_null(feed_data_open(&m, path, &err));
		if (err.msg[0] == '\0' || strstr(err.msg, rows[i].part) == NULL)
			fail_msg("%zu: %s", i, err.msg);
		model_fini(&m);
	}
	close(fd);
	unlink(path);
}

static void
ignore_change(void *arg, unsigned changes)
{
	(void)arg;
	(void)changes;
}

static void
put_data(FILE *out, int second, const char *source, const char *body)
{
	struct buf line = BUF_INIT;
	struct json_writer w;

	json_begin(&w, &line, false);
	json_open(&w, NULL, '{');
	json_int(&w, "t", 1700000000000 + second * 1000);
	json_string(&w, "source", source);
	json_string(&w, "body", body);
	json_close(&w, '}');
	fprintf(out, "%s\n", buf_str(&line));
	buf_fini(&line);
}

static bool
has_service(const struct model *m, const char *name)
{
	return m->mesh != NULL && mesh_find_service(m->mesh, "n", name) != NULL;
}

/* The documents are those of the moment; going back brings the older ones back. */
static void
test_feed_data__documents_are_those_of_the_moment(void **state)
{
	static const char *const names[] = { "first", "second" };
	char path[] = "/tmp/meshtop-data-XXXXXX";
	FILE *out = fdopen(mkstemp(path), "w");
	struct error err = ERROR_INIT;
	struct model m;
	struct feed *f;

	(void)state;
	for (int t = 0; t < 60; t++) {
		char body[200];

		if (t % 30 == 0) {
			snprintf(body, sizeof(body), "apiVersion: v1\nkind: Service\nmetadata:\n  name: %s\n"
				 "  namespace: n\nspec:\n  ports: [{port: 80}]\n", names[t / 30]);
			put_data(out, t, "config", body);
		}
		snprintf(body, sizeof(body), "{\"engine\":\"e\",\"generation\":%d,\"time_ms\":%lld,"
			 "\"series\":[]}", t + 1, 1700000000000ll + t * 1000);
		put_data(out, t, "telemetry", body);
		put_data(out, t, "later", "what a later version writes");
	}
	fputs("{\"t\":17000000", out);		/* torn */
	fclose(out);
	model_init(&m);
	f = feed_data_open(&m, path, &err);
	assert_non_null(f);
	f->sink.on_change = ignore_change;
	assert_true(has_service(&m, "second") && !has_service(&m, "first"));
	m.query.at_ms = 1700000010000;
	f->ops->query(f);
	assert_true(has_service(&m, "first") && !has_service(&m, "second"));
	m.query.at_ms = 1700000040000;
	f->ops->query(f);
	assert_true(has_service(&m, "second"));
	f->ops->close(&f);
	model_fini(&m);
	unlink(path);
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
		cmocka_unit_test(test_feed_data_open__refuses_what_is_none),
		cmocka_unit_test(test_feed_data__documents_are_those_of_the_moment),
		cmocka_unit_test(test_canvas_put_ansi__only_what_changed),
	};

	return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
