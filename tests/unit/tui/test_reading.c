/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the engine's answers to graphs: a small mesh at once, a large one beside the keys. */
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
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/xalloc.h"
#include "src/telemetry/metrics.h"
#include "src/telemetry/series.h"
#include "src/topology/graph.h"
#include "tui/feed/feed_mesh_priv.h"
#include "tui/feed/model.h"

#define SMALL 3u
#define LARGE 500u		/* series: more than are read at once */
#define SECOND(n) (1000000 + (n) * 1000)

/* A feed without a mesh directory and without an engine: the test answers. */
struct reading_test {
	struct model model;
	struct feed_mesh f;
	unsigned told;			/* changes, since they were looked at */
	struct buf data;		/* generations that were handed over, a blank behind each */
};

static void
on_change(void *arg, unsigned changes)
{
	((struct reading_test *)arg)->told |= changes;
}

static void
on_data(void *arg, const char *body, size_t len)
{
	struct reading_test *t = arg;
	const char *at = strstr(body, "\"generation\":");

	assert_int_equal(strlen(body), len);
	assert_non_null(at);
	buf_printf(&t->data, "%lu ", strtoul(at + strlen("\"generation\":"), NULL, 10));
}

static int
setup(void **state)
{
	struct reading_test *t = xcalloc(1, sizeof(*t));
	struct error err = ERROR_INIT;

	model_init(&t->model);
	t->f.feed.model = &t->model;
	t->f.feed.sink = (struct feed_sink){ .on_change = on_change, .arg = t };
	t->f.feed.on_data = on_data;
	t->f.feed.data_arg = t;
	t->f.loop = loop_new(&clock_system, &err);
	reader_init(&t->f.reader, t->f.loop, &t->model, &feed_mesh_reader_ops, &t->f);
	t->f.reader.is_open = true;
	*state = t;
	return t->f.loop != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	struct reading_test *t = *state;

	reader_fini(&t->f.reader);
	loop_free(&t->f.loop);
	model_fini(&t->model);
	buf_fini(&t->data);
	free(t);
	return 0;
}

/* Each of so many workloads has called the one behind it n times by second n. */
static void
answer(struct reading_test *t, unsigned n, unsigned series)
{
	struct buf b = BUF_INIT;

	buf_printf(&b, "{\"engine\":\"e\",\"generation\":%u,\"time_ms\":%u,\"series\":[", n, SECOND(n));
	for (unsigned i = 0; i < series; i++)
		buf_printf(&b, "%s{\"id\":%u,\"type\":\"http\",\"labels\":{\"reporter\":\"source\","
			   "\"source_workload\":\"w%u\",\"source_workload_namespace\":\"a\","
			   "\"destination_workload\":\"w%u\",\"destination_workload_namespace\":\"a\","
			   "\"destination_service_name\":\"s\",\"destination_service_namespace\":\"a\","
			   "\"request_protocol\":\"http\",\"response_code\":\"200\","
			   "\"response_flags\":\"-\"},\"requests\":%u}", i > 0 ? "," : "", i + 1, i, i + 1, n);
	buf_puts(&b, "]}");
	reader_take_answer(&t->f.reader, buf_str(&b), b.len);
	buf_fini(&b);
}

/* Until nothing is read any more. */
static void
turn(struct reading_test *t)
{
	do
		loop_turn(t->f.loop, 1000);
	while (t->f.reader.reading != NULL || model_lacks_page(&t->model));
}

/* All that a test begins with: two seconds of that many series. */
static void
begin(struct reading_test *t, unsigned series)
{
	answer(t, 1, series);
	answer(t, 2, series);
	if (t->f.reader.reading != NULL)
		turn(t);
	t->told = 0;
	buf_clear(&t->data);
}

static void
test_reading__of_a_small_mesh_is_done_at_once(void **state)
{
	struct reading_test *t = *state;

	begin(t, SMALL);
	answer(t, 3, SMALL);
	assert_null(t->f.reader.reading);
	assert_true((t->told & MODEL_GRAPH) != 0);
	assert_int_equal(t->model.data_ms, SECOND(3));
	assert_string_equal(buf_str(&t->data), "3 ");
	assert_false(feed_mesh_read_pages(&t->f.feed));
}

static void
test_reading__of_a_large_mesh_is_done_beside_the_keys(void **state)
{
	struct reading_test *t = *state;

	begin(t, LARGE);
	answer(t, 3, LARGE);
	assert_non_null(t->f.reader.reading);
	assert_int_equal(t->told, 0);
	assert_int_equal(t->model.data_ms, SECOND(2));		/* what was there stays */
	turn(t);
	assert_true((t->told & MODEL_GRAPH) != 0);
	assert_int_equal(t->model.data_ms, SECOND(3));
	assert_int_equal(t->model.graph->edges.len, 2 * LARGE);	/* through the service's node */
	assert_string_equal(buf_str(&t->data), "3 ");
}

static void
test_reading__takes_what_was_answered_and_asked_meanwhile(void **state)
{
	struct reading_test *t = *state;

	begin(t, LARGE);
	answer(t, 3, LARGE);
	t->model.query.no_service_nodes = true;
	assert_false(reader_fill(&t->f.reader));
	answer(t, 4, LARGE);
	assert_int_equal(t->told, 0);
	turn(t);
	assert_int_equal(t->model.data_ms, SECOND(4));
	assert_int_equal(t->model.graph->edges.len, LARGE);
	assert_string_equal(buf_str(&t->data), "3 4 ");
}

static void
test_reading__of_another_moment_is_not_shown(void **state)
{
	struct reading_test *t = *state;

	begin(t, LARGE);
	t->model.query.is_frozen = true;
	t->f.reader.frozen_ms = SECOND(2);
	reader_fill(&t->f.reader);
	t->model.query.is_frozen = false;
	reader_fill(&t->f.reader);		/* while the frozen one is read */
	answer(t, 3, LARGE);
	turn(t);
	assert_int_equal(t->model.data_ms, SECOND(3));
}

static void
test_reading__that_says_nothing_is_told_as_such(void **state)
{
	struct reading_test *t = *state;

	begin(t, LARGE);
	reader_take_answer(&t->f.reader, "{}", 2);
	turn(t);
	assert_int_equal(t->f.failures, 1);
	assert_int_equal(t->model.data_ms, SECOND(2));
	assert_string_equal(buf_str(&t->data), "");
}

/* As a screen looks at it; NULL: it is not there yet. */
static const struct graph *
look(struct reading_test *t)
{
	struct model_page *p = &t->model.pages[GRAPH_WORKLOAD][false];

	p->is_wanted = true;
	if (p->graph == NULL)
		assert_true(feed_mesh_read_pages(&t->f.feed));
	return p->graph;
}

static void
test_read_pages__follow_the_picture_while_somebody_looks(void **state)
{
	struct reading_test *t = *state;

	begin(t, LARGE);
	assert_null(look(t));
	assert_null(t->f.reader.reading);		/* not while the page is being filled */
	turn(t);
	assert_true((t->told & MODEL_GRAPH) != 0);
	assert_int_equal(look(t)->edges.len, LARGE);
	answer(t, 3, LARGE);			/* looked at since: read along */
	assert_non_null(look(t));
	turn(t);
	assert_non_null(t->model.pages[GRAPH_WORKLOAD][false].graph);
	answer(t, 4, LARGE);			/* not looked at since: it goes */
	turn(t);
	assert_null(t->model.pages[GRAPH_WORKLOAD][false].graph);
}

static void
test_read_pages__wanted_during_a_reading_come_with_the_next(void **state)
{
	struct reading_test *t = *state;

	begin(t, LARGE);
	answer(t, 3, LARGE);
	assert_null(look(t));
	turn(t);
	assert_int_equal(t->model.data_ms, SECOND(3));
	assert_int_equal(look(t)->edges.len, LARGE);
}

/* A long past is read with the first reading, and given up when the console closes. */
static void
test_reading__of_the_past_is_done_beside_the_keys(void **state)
{
	struct reading_test *t = *state;
	char path[] = "/tmp/meshtop-reading-XXXXXX";
	int fd = mkstemp(path);
	FILE *out = fdopen(fd, "w");

	assert_non_null(out);
	for (unsigned n = 1; n <= 3; n++)
		fprintf(out, "{\"engine\":\"e\",\"generation\":%u,\"time_ms\":%u,\"series\":[{\"id\":1,"
			"\"type\":\"tcp\",\"labels\":[],\"sent\":%u}]}\n%s", n, SECOND(n), n,
			n == 2 ? "{\"torn" "\n" : "");
	fclose(out);
	t->f.reader.past = xstrdup(path);
	assert_false(reader_fill(&t->f.reader));
	assert_int_equal(t->told, 0);
	assert_null(look(t));			/* not from a past that is half read */
	turn(t);
	assert_non_null(t->model.pages[GRAPH_WORKLOAD][false].graph);
	assert_int_equal(t->model.data_ms, SECOND(3));
	assert_int_equal(t->model.state, FEED_LIVE);
	t->f.reader.past = xstrdup(path);
	assert_false(reader_fill(&t->f.reader));	/* under way when the console closes */
	unlink(path);
}

static void
test_settle__hands_over_all_that_was_answered(void **state)
{
	struct reading_test *t = *state;

	begin(t, LARGE);
	answer(t, 3, LARGE);
	answer(t, 4, LARGE);
	feed_mesh_settle(&t->f.feed);
	assert_string_equal(buf_str(&t->data), "3 4 ");
	assert_int_equal(t->model.data_ms, SECOND(4));
	assert_null(t->f.reader.reading);
	feed_mesh_settle(&t->f.feed);		/* nothing left */
	assert_string_equal(buf_str(&t->data), "3 4 ");
}

static void
test_settle__hands_over_what_came_while_only_a_graph_was_read(void **state)
{
	struct reading_test *t = *state;

	begin(t, LARGE);
	assert_false(reader_fill(&t->f.reader));
	answer(t, 3, LARGE);
	feed_mesh_settle(&t->f.feed);
	assert_string_equal(buf_str(&t->data), "3 ");
}

static double
requests_until(struct reading_test *t, int64_t to_ms)
{
	struct metrics_query q = { .subject = METRICS_OF_ALL, .is_outbound = true,
				   .from_ms = SECOND(0), .to_ms = to_ms, .points = 2 };
	struct metrics *m = feed_mesh_metrics(&t->f.feed, &q);
	double n = m->sums.len > 0 ? m->sums.items[0].requests : 0;

	metrics_free(&m);
	return n;
}

/* Figures that are read in the middle of a reading are those of before. */
static void
test_metrics__of_the_past_do_not_change_during_a_reading(void **state)
{
	struct reading_test *t = *state;
	double before;

	begin(t, LARGE);
	before = requests_until(t, SECOND(2));
	assert_true(before == LARGE);
	answer(t, 3, LARGE);
	for (unsigned i = 0; i < 50; i++)
		assert_true(requests_until(t, SECOND(2)) == before);
	turn(t);
	assert_true(requests_until(t, SECOND(4)) == 2 * before);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_reading__of_a_small_mesh_is_done_at_once),
		TEST(test_reading__of_a_large_mesh_is_done_beside_the_keys),
		TEST(test_reading__takes_what_was_answered_and_asked_meanwhile),
		TEST(test_reading__of_another_moment_is_not_shown),
		TEST(test_reading__that_says_nothing_is_told_as_such),
		TEST(test_read_pages__follow_the_picture_while_somebody_looks),
		TEST(test_read_pages__wanted_during_a_reading_come_with_the_next),
		TEST(test_reading__of_the_past_is_done_beside_the_keys),
		TEST(test_settle__hands_over_all_that_was_answered),
		TEST(test_settle__hands_over_what_came_while_only_a_graph_was_read),
		TEST(test_metrics__of_the_past_do_not_change_during_a_reading),
	};

	return cmocka_run_group_tests_name("reading", tests, NULL, NULL);
}
