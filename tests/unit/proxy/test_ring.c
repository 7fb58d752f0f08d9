/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ring file: what is written when, restarts, thinning, reading back. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "proxy/telemetry/ring.h"
#include "proxy/telemetry/ring_thin.h"
#include "proxy/telemetry/stats.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/base/loop.h"
#include "src/telemetry/series.h"
#include "tests/lib/still_clock.h"
#include "tests/unit/proxy/fixture.h"

struct bench {
	struct still_clock time;
	struct fixture f;
	struct loop *loop;
	struct stats_set *set;
	struct ring *ring;
	char dir[64], path[128];
};

static void
start_engine(struct bench *b, size_t max_bytes)
{
	struct error err = ERROR_INIT;

	b->set = stats_set_new(1);
	stats_use_mesh(stats_of_worker(b->set, 0), &b->f.mesh);
	b->ring = ring_open(b->loop, b->set, b->dir, max_bytes, &err);
	if (b->ring == NULL)
		fail_msg("%s", err.msg);
}

static void
stop_engine(struct bench *b)
{
	ring_close(&b->ring);
	stats_set_free(&b->set);
}

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->time = STILL_CLOCK(5 * NS_PER_S, 1764000000000);
	fixture_init(&b->f);
	snprintf(b->dir, sizeof(b->dir), "/tmp/meshtop-ring-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	snprintf(b->path, sizeof(b->path), "%s/" RING_FILE, b->dir);
	b->loop = loop_new(&b->time.clock, NULL);
	assert_non_null(b->loop);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	stop_engine(b);
	loop_free(&b->loop);
	unlink(b->path);
	rmdir(b->dir);
	free(b);
	return 0;
}

/* Time passes in steps that the timers see. */
static void
pass(struct bench *b, unsigned ms)
{
	for (unsigned i = 0; i < ms; i += 10) {
		b->time.now_ns += 10 * NS_PER_MS;
		loop_turn(b->loop, 0);
	}
}

static void
exchange(struct bench *b, unsigned count)
{
	struct record r = fixture_record(&b->f, SIDE_OUTBOUND);

	while (count-- > 0)
		stats_add(stats_of_worker(b->set, 0), &r);
}

static size_t
count_in_file(const struct bench *b, const char *what, size_t *size)
{
	struct buf text = BUF_INIT;
	size_t found = 0;

	assert_int_equal(file_read(b->path, SIZE_MAX, &text, NULL), 0);
	for (const char *at = buf_str(&text); (at = strstr(at, what)) != NULL; at++)
		found++;
	if (size != NULL)
		*size = text.len;
	buf_fini(&text);
	return found;
}

static void
on_delta(const struct series_delta *d, void *arg)
{
	*(double *)arg += d->requests;
}

static int
requests_in_file(const struct bench *b, double *span)
{
	struct series_store *store = series_new();
	double sum = 0;

	assert_int_equal(series_feed_file(store, b->path, NULL), 0);
	series_window(store, 0, INT64_MAX, false, span, on_delta, &sum);
	series_free(&store);
	return (int)(sum + 0.5);
}

static void
test_ring__writes_only_what_changed(void **state)
{
	struct bench *b = *state;
	struct stat st;
	double span;

	start_engine(b, RING_MAX_BYTES);
	assert_int_equal(count_in_file(b, "\n", NULL), 1);
	assert_int_equal(count_in_file(b, "\"series\":[]", NULL), 1);
	pass(b, 5000);
	assert_int_equal(count_in_file(b, "\n", NULL), 1);
	exchange(b, 3);
	pass(b, 2000);
	assert_int_equal(count_in_file(b, "\n", NULL), 2);
	exchange(b, 4);
	pass(b, 2000);
	assert_int_equal(count_in_file(b, "\n", NULL), 3);
	assert_int_equal(count_in_file(b, "\"labels\"", NULL), 1);
	exchange(b, 1);
	stop_engine(b);		/* also what came last */
	assert_int_equal(count_in_file(b, "\n", NULL), 4);
	assert_int_equal(requests_in_file(b, &span), 8);
	assert_int_equal(stat(b->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* Who reads the past knows until when there was an engine. */
static void
test_ring__tells_that_nothing_happened(void **state)
{
	struct bench *b = *state;
	struct series_store *store;

	start_engine(b, RING_MAX_BYTES);
	pass(b, 150 * 1000);
	assert_int_equal(count_in_file(b, "\n", NULL), 3);
	stop_engine(b);
	assert_int_equal(count_in_file(b, "\n", NULL), 4);
	store = series_new();
	assert_int_equal(series_feed_file(store, b->path, NULL), 0);
	assert_int_equal(series_newest_ms(store), clock_wall_ms(&b->time.clock));
	series_free(&store);
}

static void
test_ring__goes_on_after_a_restart(void **state)
{
	struct bench *b = *state;
	double span;
	int fd;

	start_engine(b, RING_MAX_BYTES);
	exchange(b, 5);
	pass(b, 1500);
	stop_engine(b);
	/* A crash may leave half a line. */
	fd = open(b->path, O_WRONLY | O_APPEND);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "{\"engine\":\"to", 13), 13);
	close(fd);
	start_engine(b, RING_MAX_BYTES);
	exchange(b, 6);
	pass(b, 1500);
	assert_int_equal(count_in_file(b, "\"labels\"", NULL), 2);
	assert_int_equal(requests_in_file(b, &span), 11);
}

static void
test_ring__refuses_what_is_no_file(void **state)
{
	struct bench *b = *state;
	struct error err = ERROR_INIT;
	struct stats_set *set = stats_set_new(1);

	assert_int_equal(symlink("/dev/null", b->path), 0);
	assert_null(ring_open(b->loop, set, b->dir, RING_MAX_BYTES, &err));
	assert_int_not_equal(err.code, ERROR_NONE);
	stats_set_free(&set);
}

/* Twenty minutes at a size that holds about two: it stays below its maximum
 * and what a reader counts is what happened since the oldest line. */
static void
test_ring__stays_small_and_true(void **state)
{
	struct bench *b = *state;
	size_t max = 64 << 10, size, largest = 0;
	double span;
	int got;

	start_engine(b, max);
	for (unsigned second = 0; second < 1200; second++) {
		exchange(b, 2);
		pass(b, 1000);
		count_in_file(b, "\n", &size);
		if (size > largest)
			largest = size;
	}
	assert_true(largest <= max);
	assert_true(largest > max / 2);
	got = requests_in_file(b, &span);
	assert_true(span > 300);
	/* The first reading has no place in time; everything behind it has. */
	assert_true(got >= (int)(span * 2) - 4 && got <= (int)(span * 2) + 4);
	assert_int_equal(count_in_file(b, "\"labels\"", NULL), 1);
}

#define LINE(engine, generation, time, series) \
	"{\"engine\":\"" engine "\",\"generation\":" generation ",\"time_ms\":" time \
	",\"series\":[" series "]}"
#define SERIES(id, labels, n) \
	"{\"id\":" id ",\"type\":\"tcp\",\"mirrored\":false," labels "\"opened\":" n "}"
#define LABELS "\"labels\":[\"a\\\"]b\",\"x\"],"

static void
test_thin__merges(void **state)
{
	static const struct {
		const char *name;
		struct { const char *line; enum ring_region region; } in[4];
		const char *want;
	} rows[] = {
		{ "one step is one line, labels stay",
		  { { LINE("e", "1", "15000", SERIES("1", LABELS, "1")), RING_THIN },
		    { LINE("e", "2", "16000", SERIES("2", LABELS, "5")), RING_THIN },
		    { LINE("e", "3", "29000", SERIES("1", "", "7")), RING_THIN } },
		  LINE("e", "3", "29000", SERIES("1", LABELS, "7") "," SERIES("2", LABELS, "5")) "\n" },
		{ "the next step is the next line",
		  { { LINE("e", "1", "15000", SERIES("1", LABELS, "1")), RING_THIN },
		    { LINE("e", "2", "30000", SERIES("1", "", "2")), RING_THIN } },
		  LINE("e", "1", "15000", SERIES("1", LABELS, "1")) "\n"
		  LINE("e", "2", "30000", SERIES("1", "", "2")) "\n" },
		{ "engines are not mixed",
		  { { LINE("e", "1", "15000", SERIES("1", LABELS, "1")), RING_THIN },
		    { LINE("f", "1", "16000", SERIES("1", LABELS, "2")), RING_THIN } },
		  LINE("e", "1", "15000", SERIES("1", LABELS, "1")) "\n"
		  LINE("f", "1", "16000", SERIES("1", LABELS, "2")) "\n" },
		{ "the folded part is one line of its last engine",
		  { { LINE("e", "1", "15000", SERIES("1", LABELS, "1")), RING_FOLD },
		    { LINE("f", "1", "99000", SERIES("1", LABELS, "2")), RING_FOLD },
		    { LINE("f", "2", "199000", SERIES("1", "", "3")), RING_FOLD },
		    { LINE("f", "3", "199100", SERIES("1", "", "4")), RING_THIN } },
		  LINE("f", "2", "199000", SERIES("1", LABELS, "3")) "\n"
		  LINE("f", "3", "199100", SERIES("1", "", "4")) "\n" },
		{ "the rest is kept, foreign lines are not",
		  { { "hello", RING_THIN },
		    { LINE("e", "1", "15000", ""), RING_KEEP },
		    { LINE("e", "2", "15001", SERIES("1", "", "3")), RING_KEEP },
		    { "{\"engine\":\"e\",\"gener", RING_KEEP } },
		  LINE("e", "1", "15000", "") "\n" LINE("e", "2", "15001", SERIES("1", "", "3")) "\n" },
		{ "broken series end a line's reading",
		  { { LINE("e", "1", "15000", SERIES("1", LABELS, "1") ",{\"id\":2"), RING_THIN } },
		  LINE("e", "1", "15000", SERIES("1", LABELS, "1")) "\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ring_thin *t = ring_thin_new();
		struct buf out = BUF_INIT;

		for (size_t k = 0; k < 4 && rows[i].in[k].line != NULL; k++)
			ring_thin_line(t, slice_of(rows[i].in[k].line), rows[i].in[k].region, &out);
		ring_thin_end(t, &out);
		if (strcmp(buf_str(&out), rows[i].want) != 0)
			fail_msg("%s: got\n%swant\n%s", rows[i].name, buf_str(&out), rows[i].want);
		ring_thin_free(&t);
		buf_fini(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ring__writes_only_what_changed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ring__tells_that_nothing_happened, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ring__goes_on_after_a_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ring__refuses_what_is_no_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ring__stays_small_and_true, setup, teardown),
		cmocka_unit_test(test_thin__merges),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
