/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The series store: baselines, increases, restarts, thinning, quantiles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/telemetry/series.h"

static void
feed(struct series_store *s, const char *engine, int64_t time_ms, unsigned long requests,
     double sum_ms, unsigned fine_us, const char *name)
{
	struct buf b = BUF_INIT;
	struct error err = ERROR_INIT;

	buf_printf(&b, "{\"engine\":\"%s\",\"generation\":%lld,\"time_ms\":%lld,\"series\":[", engine,
		   (long long)time_ms, (long long)time_ms);
	if (requests > 0)
		buf_printf(&b, "{\"id\":1,\"type\":\"http\",\"mirrored\":false,\"labels\":[\"source\",\"%s\"],"
			   "\"requests\":%lu,\"duration\":{\"sum\":%.3f,"
			   "\"buckets\":[0,0,%lu,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"
			   "\"fine\":[[%u,%lu]]},\"request_bytes\":{\"sum\":%lu},"
			   "\"response_bytes\":{\"sum\":0}}",
			   name, requests, sum_ms, requests, loghist_index(fine_us), requests,
			   requests * 10);
	buf_puts(&b, "]}");
	assert_int_equal(series_feed(s, buf_str(&b), b.len, &err), 0);
	buf_fini(&b);
}

struct sum {
	double requests, bytes, duration_ms;
	unsigned series;
	uint32_t fine;
	char workload[64];
};

static void
on_delta(const struct series_delta *d, void *arg)
{
	struct sum *sum = arg;

	sum->series++;
	sum->requests += d->requests;
	sum->bytes += d->request_bytes;
	sum->duration_ms += d->duration_sum_ms;
	for (unsigned i = 0; i < LOGHIST_BUCKETS; i++)
		sum->fine += d->fine[i];
	snprintf(sum->workload, sizeof(sum->workload), "%s", d->labels[LABEL_SOURCE_WORKLOAD]);
}

static struct sum
window(const struct series_store *s, int64_t from, int64_t to, double *span)
{
	struct sum sum = { 0 };

	series_window(s, from, to, false, span, on_delta, &sum);
	return sum;
}

static void
test_window__counts_what_was_added_inside(void **state)
{
	struct series_store *s = series_new();
	struct sum sum;
	double span;

	(void)state;
	for (int i = 0; i <= 100; i++)
		feed(s, "a", 1000000 + i * 1000, 50 + (unsigned long)i * 2, i * 6.0, 3000, "voyages");
	sum = window(s, 1000000 + 40000, 1000000 + 100000, &span);
	assert_int_equal((int)sum.requests, 120);
	assert_int_equal((int)sum.bytes, 1200);
	assert_int_equal((int)(sum.duration_ms + 0.5), 360);
	assert_int_equal(sum.fine, 120);
	assert_true(span > 59.99 && span < 60.01);
	assert_string_equal(sum.workload, "voyages");
	series_free(&s);
}

static void
test_window__first_reading_is_a_baseline(void **state)
{
	struct series_store *s = series_new();
	double span;

	(void)state;
	feed(s, "a", 1000000, 500, 0, 10, "x");
	assert_int_equal((int)window(s, 0, 2000000, &span).requests, 0);
	feed(s, "a", 1001000, 503, 0, 10, "x");
	assert_int_equal((int)window(s, 0, 2000000, &span).requests, 3);
	series_free(&s);
}

static void
test_window__is_cut_to_the_life_of_the_mesh(void **state)
{
	struct series_store *s = series_new();
	double span;

	(void)state;
	feed(s, "a", 1000000, 0, 0, 10, "x");
	feed(s, "a", 1010000, 20, 0, 10, "x");
	assert_int_equal((int)window(s, 0, 1010000, &span).requests, 20);
	assert_true(span > 9.99 && span < 10.01);
	series_free(&s);
}

static void
test_feed__restarted_engine_counts_from_zero(void **state)
{
	struct series_store *s = series_new();
	double span;

	(void)state;
	feed(s, "a", 1000000, 10, 0, 10, "x");
	feed(s, "a", 1001000, 15, 0, 10, "x");
	feed(s, "b", 1002000, 4, 0, 10, "x");
	assert_int_equal((int)window(s, 0, 1002000, &span).requests, 9);
	series_free(&s);
}

static void
test_feed__series_outlive_their_engine(void **state)
{
	static const char *const engines[] = { "a", "b", "c", "b" };
	struct series_store *s = series_new();
	double span;

	(void)state;
	feed(s, "", 999000, 0, 0, 10, "x");
	for (unsigned i = 0; i < 4; i++) {
		feed(s, engines[i], 1000000 + i * 3000, 2, 0, 10, "x");
		feed(s, engines[i], 1001000 + i * 3000, 3, 0, 10, "x");
	}
	assert_int_equal(series_count(s), 1);
	assert_int_equal((int)window(s, 0, 1010000, &span).requests, 12);
	assert_int_equal(window(s, 0, 1010000, &span).series, 1);
	feed(s, "b", 1011000, 5, 0, 10, "y");	/* the number is that of x: no other series */
	assert_int_equal(series_count(s), 1);
	feed(s, "d", 1012000, 5, 0, 10, "y");
	assert_int_equal(series_count(s), 2);
	series_free(&s);
}

/* What others see between the parts is the reading before. */
static void
test_feed_part__is_seen_when_it_is_whole(void **state)
{
	struct series_store *s = series_new();
	struct telemetry t;
	struct buf b = BUF_INIT;
	unsigned parts = 1;
	double span;

	(void)state;
	feed(s, "a", 1000000, 10, 0, 10, "x");
	feed(s, "a", 1001000, 15, 0, 10, "x");
	buf_puts(&b, "{\"engine\":\"a\",\"generation\":7,\"time_ms\":1002000,\"series\":[");
	for (unsigned id = 1; id <= 5; id++)
		buf_printf(&b, "%s{\"id\":%u,\"type\":\"http\",\"labels\":[\"source\",\"w%u\"],"
			   "\"requests\":20}", id > 1 ? "," : "", id, id);
	buf_puts(&b, "]}");
	assert_int_equal(telemetry_read(&t, buf_str(&b), b.len, NULL), 0);
	while (series_feed_part(s, &t, 2)) {
		parts++;
		assert_int_equal(series_newest_ms(s), 1001000);
		assert_int_equal((int)window(s, 0, 1001000, &span).requests, 5);
	}
	assert_int_equal(parts, 3);
	assert_int_equal(series_newest_ms(s), 1002000);
	assert_int_equal(series_generation(s), 7);
	assert_int_equal((int)window(s, 0, 1002000, &span).requests, 10 + 4 * 20);
	assert_int_equal(telemetry_read(&t, "{}", 2, NULL), -1);
	series_free(&s);
	buf_fini(&b);
}

struct lengths {
	size_t longest;
	char names[2][1200];
	unsigned count;
};

static void
on_long(const struct series_delta *d, void *arg)
{
	struct lengths *l = arg;
	const char *name = d->labels[LABEL_SOURCE_WORKLOAD];

	l->longest = strlen(name) > l->longest ? strlen(name) : l->longest;
	snprintf(l->names[l->count++ % 2], sizeof(l->names[0]), "%s", name);
}

/* Names that differ in the middle only stay two names. */
static void
test_feed__long_labels_are_told_apart_by_a_hash(void **state)
{
	enum { LONG = 100 * 1024 };
	struct series_store *s = series_new();
	struct lengths l = { 0 };
	char *name = malloc(LONG + 1);
	double span;

	(void)state;
	assert_non_null(name);
	memset(name, 'n', LONG);
	name[LONG] = '\0';
	memcpy(name, "head-", 5);
	memcpy(name + LONG - 5, "-tail", 5);
	for (int engine = 0; engine < 2; engine++) {
		name[LONG / 2] = engine == 0 ? 'a' : 'b';
		feed(s, engine == 0 ? "a" : "b", 1000000 + engine * 2000, 1, 0, 10, name);
		feed(s, engine == 0 ? "a" : "b", 1001000 + engine * 2000, 2, 0, 10, name);
	}
	series_window(s, 0, 2000000, false, &span, on_long, &l);
	assert_int_equal(l.count, 2);
	assert_true(l.longest <= 1024);
	assert_string_not_equal(l.names[0], l.names[1]);
	assert_memory_equal(l.names[0], "head-", 5);
	assert_string_equal(l.names[0] + strlen(l.names[0]) - 5, "-tail");
	free(name);
	series_free(&s);
}

static void
test_feed__labels_are_sanitized(void **state)
{
	struct series_store *s = series_new();
	double span;

	(void)state;
	feed(s, "a", 1000000, 1, 0, 10, "a\\u001b[31mb");
	feed(s, "a", 1001000, 2, 0, 10, "a\\u001b[31mb");
	assert_string_equal(window(s, 0, 1001000, &span).workload, "a\xef\xbf\xbd[31mb");
	series_free(&s);
}

static void
test_feed__refuses_what_is_not_telemetry(void **state)
{
	static const char *const bad[] = { "", "[]", "{", "{\"engine\":\"a\"}",
		"{\"engine\":\"a\",\"generation\":1,\"time_ms\":-1,\"series\":[]}" };
	struct series_store *s = series_new();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct error err = ERROR_INIT;

		if (series_feed(s, bad[i], strlen(bad[i]), &err) == 0)
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(err.code, ERROR_SYNTAX);
	}
	assert_int_equal(series_newest_ms(s), 0);
	series_free(&s);
}

/* A day of one-second readings of a series stays bounded, and the sum of the
 * past that is still there is exact. */
static void
test_feed__thins_and_forgets(void **state)
{
	struct series_store *s = series_new();
	double span;
	struct sum sum;
	int n = 200000;

	(void)state;
	for (int i = 0; i <= n; i++) {
		char line[400];
		struct error err = ERROR_INIT;
		int len = snprintf(line, sizeof(line),
			"{\"engine\":\"a\",\"generation\":%d,\"time_ms\":%d,\"series\":[{\"id\":1,"
			"\"type\":\"http\",\"labels\":[\"source\",\"x\"],\"requests\":%d,"
			"\"duration\":{\"sum\":1,\"fine\":[[%d,%d]]},\"request_bytes\":{\"sum\":%d}}]}",
			i + 1, 1000000 + i * 1000, i * 3, 20, i * 3, i * 3);

		assert_int_equal(series_feed(s, line, (size_t)len, &err), 0);
	}
	sum = window(s, 1000000 + (n - 300) * 1000LL, 1000000 + n * 1000LL, &span);
	assert_int_equal((int)sum.requests, 900);
	sum = window(s, 0, INT64_MAX, &span);
	assert_true((int)sum.requests >= (int)(span * 3) - 45);
	assert_true((int)sum.requests <= (int)(span * 3) + 45);
	series_free(&s);
}

static void
test_quantile__true_and_estimated(void **state)
{
	uint32_t fine[LOGHIST_BUCKETS] = { 0 };
	double buckets[METRIC_BUCKETS] = { 0 };
	double p50;

	(void)state;
	assert_true(fine_quantile_ms(fine, 0.5) < 0);
	assert_true(bucket_quantile(buckets, 0.5) < 0);
	for (unsigned us = 5000000; us < 5100000; us += 1000)
		fine[loghist_index(us)]++;
	p50 = fine_quantile_ms(fine, 0.5);
	assert_true(p50 > 4700 && p50 < 5400);
	/* 5.04 s in Istio's bucket 5000..10000: the tutorial's 7.5 and 9.75 s. */
	buckets[metric_bucket(5040)] = 100;
	assert_true(bucket_quantile(buckets, 0.5) == 7500);
	assert_true(bucket_quantile(buckets, 0.95) == 9750);
}

static void
test_feed_file__skips_torn_lines(void **state)
{
	char path[] = "/tmp/meshtop-series-XXXXXX";
	struct series_store *s = series_new();
	struct error err = ERROR_INIT;
	int fd = mkstemp(path);
	double span;
	const char text[] =
		"{\"engine\":\"a\",\"generation\":1,\"time_ms\":1000,\"series\":[]}\n"
		"{\"engine\":\"a\",\"generation\":2,\"time_ms\":2000,\"series\":[{\"id\":1,\"type\":\"tcp\","
		"\"labels\":[\"source\",\"x\"],\"opened\":2,\"closed\":1,\"sent\":7,\"received\":3}]}\n"
		"{\"engine\":\"a\",\"generation\":3,\"time_";

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	close(fd);
	assert_int_equal(series_feed_file(s, path, &err), 0);
	assert_int_equal(series_generation(s), 2);
	assert_int_equal(window(s, 0, 5000, &span).series, 1);
	unlink(path);
	assert_int_equal(series_feed_file(s, path, &err), -1);
	series_free(&s);
}

/* Two requests a second, but for five minutes and for twenty seconds without an engine. */
static void
test_window__is_without_the_time_between_engines(void **state)
{
	static const struct { int from_s, to_s; double span, requests; } rows[] = {
		{ 0, 10, 10, 20 },		/* before */
		{ 254, 314, 15, 30 },		/* what is "last 1m" 14 s after the start */
		{ 304, 314, 10, 20 },		/* begins behind the gap */
		{ 5, 304, 10, 20 },		/* the gap lies within */
		{ 20, 200, 0, 0 },		/* within the gap */
		{ 0, 350, 41, 82 },		/* two of them */
		{ 350, 400, 0, 0 },
	};
	struct series_store *s = series_new();

	(void)state;
	for (int i = 0; i <= 10; i++)
		feed(s, "a", 1000000 + i * 1000, (unsigned long)i * 2, i, 3000, "voyages");
	for (int i = 0; i < 15; i++)
		feed(s, "b", 1300000 + i * 1000, (unsigned long)(i + 1) * 2, i, 3000, "voyages");
	for (int i = 0; i < 16; i++)
		feed(s, "c", 1335000 + i * 1000, (unsigned long)(i + 1) * 2, i, 3000, "voyages");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		double span;
		struct sum sum = window(s, 1000000 + rows[i].from_s * 1000, 1000000 + rows[i].to_s * 1000, &span);

		if (span < rows[i].span - 0.01 || span > rows[i].span + 0.01 || (int)sum.requests != (int)rows[i].requests)
			fail_msg("%zu: %g requests in %g s", i, sum.requests, span);
	}
	series_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window__counts_what_was_added_inside),
		cmocka_unit_test(test_window__first_reading_is_a_baseline),
		cmocka_unit_test(test_window__is_cut_to_the_life_of_the_mesh),
		cmocka_unit_test(test_feed__restarted_engine_counts_from_zero),
		cmocka_unit_test(test_feed__series_outlive_their_engine),
		cmocka_unit_test(test_feed_part__is_seen_when_it_is_whole),
		cmocka_unit_test(test_feed__labels_are_sanitized),
		cmocka_unit_test(test_feed__refuses_what_is_not_telemetry),
		cmocka_unit_test(test_feed__long_labels_are_told_apart_by_a_hash),
		cmocka_unit_test(test_feed__thins_and_forgets),
		cmocka_unit_test(test_quantile__true_and_estimated),
		cmocka_unit_test(test_feed_file__skips_torn_lines),
		cmocka_unit_test(test_window__is_without_the_time_between_engines),
	};

	return cmocka_run_group_tests_name("series", tests, NULL, NULL);
}
