/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recorded session's data as a feed: what is none, its documents, and a large mesh beside the keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/topology/graph.h"
#include "tui/feed/feed.h"
#include "tui/feed/feed_data.h"
#include "tui/feed/model.h"

#define BEGIN_MS INT64_C(1700000000000)
#define SECONDS 60
#define LARGE 500u		/* series: more than are read at once */

struct data_test {
	struct loop *loop;
	struct model model;
	struct feed *feed;
	char path[32];
	FILE *out;
	unsigned told;		/* changes, since they were looked at */
};

static int
setup(void **state)
{
	struct data_test *t = *state = xcalloc(1, sizeof(*t));
	struct error err = ERROR_INIT;

	strcpy(t->path, "/tmp/meshtop-data-XXXXXX");
	t->out = fdopen(mkstemp(t->path), "w");
	t->loop = loop_new(&clock_system, &err);
	model_init(&t->model);
	return t->out != NULL && t->loop != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	struct data_test *t = *state;

	if (t->feed != NULL)
		t->feed->ops->close(&t->feed);
	model_fini(&t->model);
	loop_free(&t->loop);
	unlink(t->path);
	free(t);
	return 0;
}

static void
on_change(void *arg, unsigned changes)
{
	((struct data_test *)arg)->told |= changes;
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
	struct data_test *t = *state;

	fclose(t->out);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;

		t->out = fopen(t->path, "w");
		fputs(rows[i].text, t->out);
		fclose(t->out);
		assert_null(feed_data_open(t->loop, &t->model, t->path, &err));
		if (err.msg[0] == '\0' || strstr(err.msg, rows[i].part) == NULL)
			fail_msg("%zu: %s", i, err.msg);
	}
}

static void
put_data(FILE *out, int second, const char *source, const char *body)
{
	struct buf line = BUF_INIT;
	struct json_writer w;

	json_begin(&w, &line, false);
	json_open(&w, NULL, '{');
	json_int(&w, "t", BEGIN_MS + second * 1000);
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

/* Each of so many workloads has called the one behind it once a second; service
 * first, halfway service second. */
static void
record(struct data_test *t, unsigned series)
{
	static const char *const names[] = { "first", "second" };
	struct error err = ERROR_INIT;
	struct buf b = BUF_INIT;

	for (int n = 0; n < SECONDS; n++) {
		buf_clear(&b);
		buf_printf(&b, "apiVersion: v1\nkind: Service\nmetadata:\n  name: %s\n  namespace: n\n"
			   "spec:\n  ports: [{port: 80}]\n", names[n / 30]);
		if (n % 30 == 0)
			put_data(t->out, n, "config", buf_str(&b));
		buf_clear(&b);
		buf_printf(&b, "{\"engine\":\"e\",\"generation\":%d,\"time_ms\":%lld,\"series\":[",
			   n + 1, (long long)BEGIN_MS + n * 1000);
		for (unsigned i = 0; i < series; i++)
			buf_printf(&b, "%s{\"id\":%u,\"type\":\"http\",\"labels\":{\"reporter\":\"source\","
				   "\"source_workload\":\"w%u\",\"source_workload_namespace\":\"n\","
				   "\"destination_workload\":\"w%u\",\"destination_workload_namespace\":\"n\","
				   "\"request_protocol\":\"http\",\"response_code\":\"200\","
				   "\"response_flags\":\"-\"},\"requests\":%d}", i > 0 ? "," : "", i + 1, i,
				   i + 1, n + 1);
		buf_puts(&b, "]}");
		put_data(t->out, n, "telemetry", buf_str(&b));
		put_data(t->out, n, "later", "what a later version writes");
	}
	fputs("{\"t\":17000000", t->out);		/* torn */
	fclose(t->out);
	buf_fini(&b);
	t->feed = feed_data_open(t->loop, &t->model, t->path, &err);
	if (t->feed == NULL)
		fail_msg("%s", err.msg);
	t->feed->sink.on_change = on_change;
	t->feed->sink.arg = t;
}

static void
go_to(struct data_test *t, int second)
{
	t->model.query.at_ms = BEGIN_MS + second * 1000;
	t->told = 0;
	t->feed->ops->query(t->feed);
}

static void
turn(struct data_test *t)
{
	while (t->feed->ops->is_busy(t->feed))
		loop_turn(t->loop, 1000);
}

/* The documents are those of the moment; going back brings the older ones back. */
static void
test_feed_data__documents_are_those_of_the_moment(void **state)
{
	struct data_test *t = *state;

	record(t, 1);
	assert_true(has_service(&t->model, "second") && !has_service(&t->model, "first"));
	go_to(t, 10);
	assert_int_equal(t->told, MODEL_GRAPH | MODEL_STATE | MODEL_CONFIG);	/* small: at once */
	assert_true(has_service(&t->model, "first") && !has_service(&t->model, "second"));
	go_to(t, 40);
	assert_true(has_service(&t->model, "second"));
}

static void
test_feed_data__of_a_large_mesh_is_read_beside_the_keys(void **state)
{
	struct data_test *t = *state;

	record(t, LARGE);
	assert_int_equal(t->model.data_ms, BEGIN_MS + (SECONDS - 1) * 1000);	/* the first is there */
	go_to(t, 10);
	assert_int_equal(t->told, MODEL_STATE);
	assert_true(t->feed->ops->is_busy(t->feed));
	assert_int_equal(t->model.data_ms, BEGIN_MS + (SECONDS - 1) * 1000);	/* stays meanwhile */
	assert_true(has_service(&t->model, "second"));
	turn(t);
	assert_int_equal(t->told, MODEL_GRAPH | MODEL_STATE | MODEL_CONFIG);
	assert_int_equal(t->model.data_ms, BEGIN_MS + 10000);
	assert_int_equal(t->model.graph->edges.len, LARGE);
	assert_true(has_service(&t->model, "first"));
}

/* What was asked for in between is not shown, nor its documents. */
static void
test_feed_data__shows_the_last_moment_that_was_asked_for(void **state)
{
	struct data_test *t = *state;

	record(t, LARGE);
	go_to(t, 10);
	go_to(t, 40);
	turn(t);
	assert_int_equal(t->told, MODEL_GRAPH | MODEL_STATE);
	assert_int_equal(t->model.data_ms, BEGIN_MS + 40000);
	assert_true(has_service(&t->model, "second"));
	go_to(t, 10);			/* under way when the console closes */
}

static void
test_feed_data__pages_of_a_large_mesh_come_later(void **state)
{
	struct data_test *t = *state;
	struct model_page *p = &t->model.pages[GRAPH_WORKLOAD][false];

	record(t, LARGE);
	p->is_wanted = true;
	assert_true(t->feed->ops->read_pages(t->feed));
	turn(t);
	assert_true((t->told & MODEL_GRAPH) != 0);
	assert_non_null(p->graph);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_feed_data_open__refuses_what_is_none),
		TEST(test_feed_data__documents_are_those_of_the_moment),
		TEST(test_feed_data__of_a_large_mesh_is_read_beside_the_keys),
		TEST(test_feed_data__shows_the_last_moment_that_was_asked_for),
		TEST(test_feed_data__pages_of_a_large_mesh_come_later),
	};

	return cmocka_run_group_tests_name("data", tests, NULL, NULL);
}
