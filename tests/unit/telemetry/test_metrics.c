/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures over time: steps, subjects, reporters, groups, quantiles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/telemetry/metrics.h"
#include "src/telemetry/series.h"

#define START_MS 1700000000000

/* Cumulative counts of three series at second t: voyages calls travels-v1 twice
 * a second (both reporters, 4 ms and 40 ms), one in five fails at the source
 * alone; a TCP series sends 500 bytes a second. */
static void
feed_second(struct series_store *s, int t)
{
	struct buf b = BUF_INIT;
	struct error err = ERROR_INIT;
	static const char *const reporters[] = { "source", "destination" };

	buf_printf(&b, "{\"engine\":\"e\",\"generation\":%d,\"time_ms\":%lld,\"series\":[", t + 1,
		   (long long)START_MS + t * 1000);
	for (int i = 0; i < 2 && t > 0; i++)
		buf_printf(&b, "{\"id\":%d,\"type\":\"http\",\"mirrored\":false,\"labels\":{"
			   "\"reporter\":\"%s\",\"source_workload\":\"voyages\","
			   "\"source_workload_namespace\":\"portal\","
			   "\"source_canonical_service\":\"voyages\","
			   "\"destination_workload\":\"travels-v1\","
			   "\"destination_workload_namespace\":\"agency\","
			   "\"destination_canonical_service\":\"travels\","
			   "\"destination_canonical_revision\":\"v1\","
			   "\"destination_service_name\":\"travels\","
			   "\"destination_service_namespace\":\"agency\","
			   "\"response_code\":\"200\",\"response_flags\":\"-\"},"
			   "\"requests\":%d,\"duration\":{\"sum\":%d,"
			   "\"buckets\":[0,0,%d,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"
			   "\"fine\":[[%u,%d],[%u,%d]]},\"request_bytes\":{\"sum\":%d},"
			   "\"response_bytes\":{\"sum\":%d},"
			   "\"request_sizes\":[0,0,0,0,0,0,0,%d]},",
			   i + 1, reporters[i], 2 * t, 44 * t, 2 * t, loghist_index(4000), t,
			   loghist_index(40000), t, 200 * t, 4000 * t, 2 * t);
	if (t > 0)
		buf_printf(&b, "{\"id\":3,\"type\":\"http\",\"mirrored\":false,\"labels\":{"
			   "\"reporter\":\"source\",\"source_workload\":\"voyages\","
			   "\"source_workload_namespace\":\"portal\","
			   "\"source_canonical_service\":\"voyages\","
			   "\"destination_workload\":\"unknown\","
			   "\"destination_service\":\"travels.agency.svc.cluster.local\","
			   "\"destination_service_name\":\"travels\","
			   "\"destination_service_namespace\":\"unknown\","
			   "\"response_code\":\"503\",\"response_flags\":\"UO\"},"
			   "\"requests\":%d,\"duration\":{\"sum\":0},\"request_bytes\":{\"sum\":0},"
			   "\"response_bytes\":{\"sum\":0}},"
			   "{\"id\":4,\"type\":\"tcp\",\"labels\":{\"reporter\":\"destination\","
			   "\"destination_workload\":\"travels-v1\","
			   "\"destination_workload_namespace\":\"agency\"},"
			   "\"opened\":%d,\"closed\":%d,\"sent\":%d,\"received\":%d}",
			   t / 2, t, t, 500 * t, 100 * t);
	buf_puts(&b, "]}");
	assert_int_equal(series_feed(s, buf_str(&b), b.len, &err), 0);
	buf_fini(&b);
}

static struct series_store *
fed(int seconds)
{
	struct series_store *s = series_new();

	for (int t = 0; t <= seconds; t++)
		feed_second(s, t);
	return s;
}

static struct metrics_query
query_of(enum metrics_subject subject, const char *ns, const char *name, bool is_outbound)
{
	struct metrics_query q = { .subject = subject, .ns = ns, .name = name,
				   .is_outbound = is_outbound };

	q.from_ms = START_MS + 40000;
	q.to_ms = START_MS + 100000;
	q.stats = 1u << STAT_AVG;
	return q;
}

static const struct metric_line *
line_of(const struct metrics *m, enum metric_chart_id chart, const char *name, const char *stat)
{
	for (size_t i = 0; i < m->charts[chart].lines.len; i++) {
		const struct metric_line *l = &m->charts[chart].lines.items[i];

		if (strcmp(l->name, name) == 0 && strcmp(l->stat, stat) == 0)
			return l;
	}
	return NULL;
}

static void
test_read__rates_are_per_second(void **state)
{
	struct series_store *s = fed(100);
	struct metrics_query q = query_of(METRICS_OF_WORKLOAD, "agency", "travels-v1", false);
	struct metrics *m = metrics_read(s, &q);
	static const struct { enum metric_chart_id chart; const char *stat; double want; } rows[] = {
		{ METRIC_CHART_REQUESTS, "", 2 },
		{ METRIC_CHART_DURATION, "avg", 22 },
		{ METRIC_CHART_REQUEST_SIZE, "avg", 100 },
		{ METRIC_CHART_RESPONSE_THROUGHPUT, "", 32000 },
		{ METRIC_CHART_TCP_OPENED, "", 1 },
		{ METRIC_CHART_TCP_RECEIVED, "", 4000 },
		{ METRIC_CHART_TCP_SENT, "", 800 },
	};

	(void)state;
	assert_int_equal(m->step_ms, 2000);
	assert_int_equal(m->count, 30);
	assert_int_equal(m->from_ms % m->step_ms, 0);
	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		const struct metric_line *l = line_of(m, rows[r].chart, "", rows[r].stat);

		assert_non_null(l);
		for (size_t i = 0; i < m->count; i++)
			if (fabs(l->values[i] - rows[r].want) > 1e-6)
				fail_msg("row %zu, step %zu: %f", r, i, l->values[i]);
	}
	assert_int_equal(m->sums.len, 1);
	assert_true(fabs(m->sums.items[0].requests - 120) < 1e-6);
	metrics_free(&m);
	series_free(&s);
}

static void
test_read__steps_without_data_are_gaps(void **state)
{
	struct series_store *s = fed(20);
	struct metrics_query q = query_of(METRICS_OF_WORKLOAD, "agency", "travels-v1", false);
	struct metrics *m;
	const struct metric_line *l;

	(void)state;
	q.from_ms = START_MS - 20000;
	q.to_ms = START_MS + 20000;
	m = metrics_read(s, &q);
	l = line_of(m, METRIC_CHART_DURATION, "", "avg");
	assert_non_null(l);
	assert_true(isnan(l->values[0]));
	assert_false(isnan(l->values[m->count - 1]));
	assert_true(line_of(m, METRIC_CHART_REQUESTS, "", "")->values[0] == 0);
	metrics_free(&m);
	series_free(&s);
}

static void
test_read__reporter_decides_what_is_seen(void **state)
{
	struct series_store *s = fed(100);
	struct metrics_query q = query_of(METRICS_OF_SERVICE, "agency", "travels", false);
	struct metrics *m = metrics_read(s, &q);

	(void)state;
	assert_null(line_of(m, METRIC_CHART_REQUESTS, "", "errors"));	/* the destination knows none */
	metrics_free(&m);
	q.reporter = REPORTER_SOURCE;
	m = metrics_read(s, &q);
	assert_non_null(line_of(m, METRIC_CHART_REQUESTS, "", "errors"));
	assert_true(fabs(m->sums.items[0].errors - 30) < 1.5);
	metrics_free(&m);
	q.reporter = REPORTER_BOTH;
	m = metrics_read(s, &q);
	assert_non_null(line_of(m, METRIC_CHART_REQUESTS, "source", ""));
	assert_non_null(line_of(m, METRIC_CHART_REQUESTS, "destination", ""));
	metrics_free(&m);
	series_free(&s);
}

static void
test_read__groups_by_label_values(void **state)
{
	struct series_store *s = fed(100);
	struct metrics_query q = query_of(METRICS_OF_WORKLOAD, "portal", "voyages", true);
	struct metrics *m;

	(void)state;
	q.group_by = 1u << GROUP_BY_CODE | 1u << GROUP_BY_FLAGS;
	m = metrics_read(s, &q);
	assert_int_equal(m->sums.len, 2);
	assert_string_equal(m->sums.items[0].name, "200, -");
	assert_string_equal(m->sums.items[1].name, "503, UO");
	assert_true(m->sums.items[1].requests == m->sums.items[1].errors);
	assert_null(line_of(m, METRIC_CHART_REQUESTS, "503, UO", "errors"));
	metrics_free(&m);
	series_free(&s);
}

static void
test_read__quantiles_true_and_estimated(void **state)
{
	struct series_store *s = fed(100);
	struct metrics_query q = query_of(METRICS_OF_APP, "agency", "travels", false);
	const struct metric_line *l;
	struct metrics *m;

	(void)state;
	q.stats = 1u << STAT_P50 | 1u << STAT_P99 | 1u << STAT_EST_P99;
	m = metrics_read(s, &q);
	l = line_of(m, METRIC_CHART_DURATION, "", "p99");
	assert_non_null(l);
	assert_true(l->values[5] > 37 && l->values[5] < 43);	/* in truth 40 ms */
	l = line_of(m, METRIC_CHART_DURATION, "", "p99 est");
	assert_non_null(l);
	assert_true(l->values[5] <= 5);		/* its bucket ends at 5 ms */
	l = line_of(m, METRIC_CHART_REQUEST_SIZE, "", "p50");
	assert_non_null(l);
	assert_true(l->values[5] > 100 && l->values[5] <= 250);
	assert_null(line_of(m, METRIC_CHART_REQUEST_SIZE, "", "p99 est"));
	metrics_free(&m);
	series_free(&s);
}

static void
test_new__steps_fit_the_window(void **state)
{
	static const struct { int64_t window_s; size_t points; int64_t step_s; } rows[] = {
		{ 60, 50, 2 }, { 60, 20, 5 }, { 120, 50, 5 }, { 300, 50, 10 }, { 600, 50, 15 },
		{ 900, 100, 15 }, { 3600, 50, 120 }, { 86400, 50, 1800 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct metrics *m = metrics_new(START_MS, START_MS + rows[i].window_s * 1000,
						rows[i].points);

		if (m->step_ms != rows[i].step_s * 1000)
			fail_msg("row %zu: %lld", i, (long long)m->step_ms);
		assert_true(m->count > 0 && m->count <= rows[i].points + 1);
		metrics_free(&m);
	}
}

static double
requests_of(struct series_store *s, const struct metrics_query *q)
{
	struct metrics *m = metrics_read(s, q);
	double sum = 0;

	for (size_t i = 0; i < m->sums.len; i++)
		sum += m->sums.items[i].requests;
	metrics_free(&m);
	return sum;
}

/* Several values of one label: any; several labels: all. */
static void
test_metrics_read__filters_by_label_values(void **state)
{
	struct series_store *s = fed(100);
	struct metrics_query q = query_of(METRICS_OF_WORKLOAD, "portal", "voyages", true);
	struct metric_filter f[] = {
		{ LABEL_RESPONSE_CODE, "503" }, { LABEL_RESPONSE_CODE, "200" },
		{ LABEL_DESTINATION_CANONICAL_REVISION, "v1" },
	};
	double all = requests_of(s, &q), failed;

	(void)state;
	q.filters = f;
	q.filter_count = 1;
	failed = requests_of(s, &q);
	assert_true(failed > 0 && failed < all);
	q.filter_count = 2;
	assert_true(requests_of(s, &q) == all);
	q.filter_count = 3;
	assert_true(requests_of(s, &q) == all - failed);
	f[2].value = "-";		/* absent */
	assert_true(requests_of(s, &q) == failed);
	f[0] = (struct metric_filter){ LABEL_DESTINATION_SERVICE_NAME, "travels" };
	q.subject = METRICS_OF_ALL;
	q.filter_count = 1;
	assert_true(requests_of(s, &q) == all);
	f[0].value = "hotels";
	assert_true(requests_of(s, &q) == 0);
	series_free(&s);
}

static void
test_read__by_namespace_has_a_line_for_each(void **state)
{
	static const struct { bool is_outbound; const char *name; double per_s; } rows[] = {
		{ false, "agency", 2 }, { true, "portal", 2.5 },
	};
	struct series_store *s = fed(100);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct metrics_query q = query_of(METRICS_OF_ALL, NULL, NULL, rows[i].is_outbound);
		struct metrics *m;
		const struct metric_line *l;

		q.stats = 0;
		q.by_namespace = true;
		m = metrics_read(s, &q);
		l = line_of(m, METRIC_CHART_REQUESTS, rows[i].name, "");
		assert_non_null(l);
		assert_true(l->values[m->count / 2] == rows[i].per_s);
		assert_int_equal(m->charts[METRIC_CHART_REQUESTS].lines.len, 1);
		metrics_free(&m);
	}
	series_free(&s);
}

/* So many workloads, each of a namespace of its own and called once a second; the
 * first has a second series at the end. */
static struct series_store *
fed_workloads(int count)
{
	struct series_store *s = series_new();
	struct error err = ERROR_INIT;

	for (int t = 0; t <= 100; t += 10) {
		struct buf b = BUF_INIT;

		buf_printf(&b, "{\"engine\":\"e\",\"generation\":%d,\"time_ms\":%lld,\"series\":[", t + 1,
			   (long long)START_MS + t * 1000);
		for (int i = 0; i <= count; i++)
			buf_printf(&b, "%s{\"id\":%d,\"type\":\"http\",\"labels\":{\"reporter\":\"destination\","
				   "\"destination_workload\":\"w%d\",\"source_workload\":\"w%d\","
				   "\"destination_workload_namespace\":\"n%d\",\"response_code\":\"%d\"},"
				   "\"requests\":%d}", i > 0 ? "," : "", i + 1, i % count, i % count, i % count,
				   i < count ? 200 : 503, t);
		buf_puts(&b, "]}");
		assert_int_equal(series_feed(s, buf_str(&b), b.len, &err), 0);
		buf_fini(&b);
	}
	return s;
}

static double
most_of(const struct metrics *m, const char *name)
{
	const struct metric_line *l = line_of(m, METRIC_CHART_REQUESTS, name, "");
	double most = 0;

	for (size_t i = 0; l != NULL && i < m->count; i++)
		most = l->values[i] > most ? l->values[i] : most;
	return most;
}

static void
test_read__many_groups_keep_what_is_theirs(void **state)
{
	struct series_store *s = fed_workloads(300);
	struct metrics_query q = query_of(METRICS_OF_ALL, NULL, NULL, false);
	struct metrics *m;

	(void)state;
	q.points = 6;
	q.by_namespace = true;
	m = metrics_read(s, &q);
	/* 250 namespaces, and the rest as one. */
	assert_int_equal(m->charts[METRIC_CHART_REQUESTS].lines.len, 251);
	assert_true(most_of(m, "n0") == 2 && most_of(m, "n249") == 1);
	assert_true(most_of(m, "others") == 50);
	metrics_free(&m);
	series_free(&s);
}

/* The TCP series has a destination that reports; refused calls have none. */
static void
test_read__or_source_where_no_destination_reports(void **state)
{
	static const struct { const char *ns, *name; bool or_source; double requests; } rows[] = {
		{ "agency", "travels-v1", true, 120 },		/* told by the destination */
		{ "", "unknown", true, 30 }, { "", "unknown", false, 0 },
	};
	struct series_store *s = fed(100);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct metrics_query q = query_of(METRICS_OF_WORKLOAD, rows[i].ns, rows[i].name, false);
		struct metrics *m;

		q.or_source = rows[i].or_source;
		m = metrics_read(s, &q);
		if ((m->sums.len > 0 ? m->sums.items[0].requests : 0) != rows[i].requests)
			fail_msg("row %zu: %g", i, m->sums.len > 0 ? m->sums.items[0].requests : 0);
		metrics_free(&m);
	}
	series_free(&s);
}

static void
test_service_namespace__is_that_of_the_host_when_unknown(void **state)
{
	static const struct { const char *label, *host, *want; } rows[] = {
		{ "a", "s.b.svc.cluster.local", "a" }, { "unknown", "s.b.svc.cluster.local", "b" },
		{ "", "s.b.svc.cluster.local", "b" }, { "", "s.b", "unknown" }, { "unknown", "", "unknown" },
		{ "", "1.2.3.4:80", "unknown" },
	};
	const char *labels[LABEL_COUNT];

	(void)state;
	for (size_t i = 0; i < LABEL_COUNT; i++)
		labels[i] = "";
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice got;

		labels[LABEL_DESTINATION_SERVICE_NAMESPACE] = rows[i].label;
		labels[LABEL_DESTINATION_SERVICE] = rows[i].host;
		got = metric_service_namespace(labels);
		if (!slice_is(got, rows[i].want))
			fail_msg("row %zu: %.*s", i, (int)got.len, got.ptr);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read__by_namespace_has_a_line_for_each),
		cmocka_unit_test(test_read__many_groups_keep_what_is_theirs),
		cmocka_unit_test(test_read__or_source_where_no_destination_reports),
		cmocka_unit_test(test_service_namespace__is_that_of_the_host_when_unknown),
		cmocka_unit_test(test_read__rates_are_per_second),
		cmocka_unit_test(test_read__steps_without_data_are_gaps),
		cmocka_unit_test(test_read__reporter_decides_what_is_seen),
		cmocka_unit_test(test_read__groups_by_label_values),
		cmocka_unit_test(test_read__quantiles_true_and_estimated),
		cmocka_unit_test(test_new__steps_fit_the_window),
		cmocka_unit_test(test_metrics_read__filters_by_label_values),
	};

	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
