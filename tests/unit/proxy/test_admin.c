/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The admin server: connections, methods, answers in pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proxy/admin/admin_pages.h"
#include "proxy/telemetry/requests.h"
#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/loop.h"
#include "tests/unit/proxy/admin_bench.h"

static void
test_conn__refuses(void **state)
{
	static const struct { const char *request; unsigned status; } rows[] = {
		{ "PUT /ready HTTP/1.1\r\nHost: x\r\n\r\n", 405 },
		{ "GET /healthcheck/fail HTTP/1.1\r\nHost: x\r\n\r\n", 405 },
		{ "HEAD /reset_counters HTTP/1.1\r\nHost: x\r\n\r\n", 405 },
		{ "POST /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n", 404 },
		{ "GET /ready HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", 400 },
		{ "GET /ready HTTP/1.1\r\n\r\n", 400 },
		{ "GET /ready HTTP/2.0\r\nHost: x\r\n\r\n", 505 },
		{ "nonsense\r\n\r\n", 400 },
	};
	struct engine *e = *state;
	char large[9000];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		unsigned status = 0;

		sscanf(bench_ask(e, bench_dial(e), rows[i].request), "HTTP/1.1 %u", &status);
		if (status != rows[i].status)
			fail_msg("%s: got %u", rows[i].request, status);
	}
	memset(large, 'a', sizeof(large));
	memcpy(large, "GET /ready HTTP/1.1\r\nHost: x\r\nx: ", 33);
	large[sizeof(large) - 1] = '\0';
	assert_non_null(strstr(bench_ask(e, bench_dial(e), large), " 431 "));
}

static void
test_conn__changes_by_post_and_locally_alone(void **state)
{
	struct engine *e = *state;
	const char *fail = "POST /healthcheck/fail HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";

	assert_non_null(strstr(bench_ask(e, bench_dial(e), "GET /healthcheck/fail HTTP/1.1\r\nHost: x\r\n\r\n"),
			       "\r\nallow: POST\r\n"));
	assert_non_null(strstr(bench_ask(e, bench_dial_tcp(e), fail), " 403 "));
	assert_string_equal(bench_get(e, "/ready", 200), "LIVE\n");
	assert_non_null(strstr(bench_ask(e, bench_dial(e), fail), "\r\n\r\nOK\n"));
	assert_string_equal(bench_get(e, "/ready", 503), "DRAINING\n");
	bench_expect(e, "/server_info?proxy=voyages.travel-portal", "\"state\": \"DRAINING\"");
	bench_ask(e, bench_dial(e), "POST /healthcheck/ok HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_string_equal(bench_get(e, "/ready", 200), "LIVE\n");
	bench_ask(e, bench_dial(e), "POST /reset_counters HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(e->resets, 1);
}

static const char *
post(struct engine *e, const char *target, unsigned status)
{
	char request[200], line[32];
	const char *text;

	snprintf(request, sizeof(request), "POST %s HTTP/1.1\r\nHost: x\r\n\r\n", target);
	text = bench_ask(e, bench_dial(e), request);
	snprintf(line, sizeof(line), "HTTP/1.1 %u ", status);
	if (strncmp(text, line, strlen(line)) != 0)
		fail_msg("%s: %s", target, text);
	return strstr(text, "\r\n\r\n") + 4;
}

static const struct {
	const char *target;
	unsigned status, drains;
	struct engine_listener_drain how;
} drain_cases[] = {
	{ "/drain_listeners", 200, 1, { false, false, false } },
	{ "/drain_listeners?graceful", 200, 2, { false, true, false } },
	{ "/drain_listeners?graceful&inboundonly", 200, 3, { true, true, false } },
	{ "/drain_listeners?skip_exit", 400, 3, { true, true, false } },
	{ "/drain_listeners?skip_exit&graceful", 200, 4, { false, true, true } },
};

static void
test_post__drain_listeners(void **state)
{
	struct engine *e = *state;

	for (size_t i = 0; i < ARRAY_LEN(drain_cases); i++) {
		const char *said = post(e, drain_cases[i].target, drain_cases[i].status);

		assert_string_equal(said, drain_cases[i].status == 200 ? "OK\n" :
					  "skip_exit requires graceful\n");
		assert_int_equal(e->listener_drains, drain_cases[i].drains);
		assert_memory_equal(&e->listener_drain, &drain_cases[i].how, sizeof(e->listener_drain));
	}
}

#define LIST(admin, config, connection, file) "active loggers:\n  admin: " admin "\n  config: " config \
	"\n  connection: " connection "\n  file: " file "\n\n"

static const struct { const char *query; unsigned status; const char *said; } logging_cases[] = {
	{ "", 200, LIST("warning", "warning", "warning", "warning") },
	{ "?level=off", 200, LIST("off", "off", "off", "off") },
	{ "?config=trace", 200, LIST("off", "trace", "off", "off") },
	{ "?paths=admin:error,,file:critical&level=", 200, LIST("error", "trace", "off", "critical") },
	{ "?paths=admin:info,nothing:info", 400, "error: unknown logger name\n\nusage: /logging?<name>=<level> " },
	{ "?paths=admin", 400, "error: empty logger name or empty logger level\n\n" },
	{ "?level=loud", 400, "error: unknown logger level\n\n" },
	{ "?level=info&admin=info", 400, "error: invalid number of parameters\n\n" },
	{ "?proxy=voyages.travel-portal", 200, LIST("error", "trace", "off", "critical") },
	{ "?level=warning", 200, LIST("warning", "warning", "warning", "warning") },
};

static void
test_post__logging(void **state)
{
	struct engine *e = *state;
	char target[100];

	for (size_t i = 0; i < ARRAY_LEN(logging_cases); i++) {
		const char *said;

		snprintf(target, sizeof(target), "/logging%s", logging_cases[i].query);
		said = post(e, target, logging_cases[i].status);
		if (strncmp(said, logging_cases[i].said, strlen(logging_cases[i].said)) != 0)
			fail_msg("%s: %s", target, said);
	}
	assert_non_null(strstr(post(e, "/logging?none=info", 400),
			       "\nlevels: trace debug info warning error critical off \nactive loggers:\n"));
}

static void
test_conn__reads_by_post_and_head(void **state)
{
	struct engine *e = *state;
	const char *text = bench_ask(e, bench_dial(e), "HEAD /ready HTTP/1.1\r\nHost: x\r\n\r\n"
					      "POST /ready HTTP/1.1\r\nHost: x\r\n\r\n");
	const char *second = strstr(text, "\r\n\r\nHTTP/1.1 200 OK\r\n");

	assert_non_null(strstr(text, "content-length: 5\r\n"));
	assert_non_null(second);
	assert_non_null(strstr(second, "\r\n\r\nLIVE\n"));
	text = bench_ask(e, bench_dial(e), "HEAD /ready HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n");
	assert_non_null(strstr(text, "\r\n\r\nHTTP/1.1 400 "));
	assert_non_null(strstr(text, "\r\n\r\nnot a valid request\n"));
}

static void
test_conn__keeps_alive_and_pipelines(void **state)
{
	struct engine *e = *state;
	const char *text = bench_ask(e, bench_dial(e), "GET /ready HTTP/1.1\r\nHost: x\r\n\r\n"
					      "GET /ready HTTP/1.1\r\nHost: x\r\n\r\n");
	const char *second = strstr(text, "LIVE\n");

	assert_non_null(second);
	assert_non_null(strstr(second + 1, "LIVE\n"));
}

/* As many proxies as make several pieces of a page. */
static void
widen(struct engine *e)
{
	static struct mesh_workload wide[2000], *places[2000];

	for (size_t i = 0; i < ARRAY_LEN(wide); i++) {
		wide[i] = *e->f.mesh.workloads[0];
		wide[i].name = arena_printf(e->arena, "wide-%zu", i);
		places[i] = &wide[i];
	}
	e->f.mesh.workloads = places;
	e->f.mesh.workload_count = ARRAY_LEN(wide);
}

/* Takes the chunks of text apart, in place; what stands behind them. */
static const char *
join_chunks(const char *text, struct buf *out)
{
	for (;;) {
		char *end;
		size_t len = strtoul(text, &end, 16);

		assert_true(strncmp(end, "\r\n", 2) == 0);
		buf_append(out, end + 2, len);
		text = end + 2 + len + 2;
		if (len == 0)
			return text;
	}
}

static void
test_conn__pages_of_many_proxies_come_in_pieces(void **state)
{
	struct engine *e = *state;
	struct error err = ERROR_INIT;
	struct buf body = BUF_INIT;
	const char *text, *next;

	widen(e);
	text = bench_ask(e, bench_dial(e), "GET /server_info HTTP/1.1\r\nHost: x\r\n\r\n"
				  "GET /ready HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_non_null(strstr(text, "transfer-encoding: chunked\r\n"));
	next = join_chunks(strstr(text, "\r\n\r\n") + 4, &body);
	assert_true(body.len > 2 * ADMIN_PIECE_BYTES);
	assert_non_null(json_parse(e->arena, body.data, body.len, &err));
	assert_non_null(strstr(next, "LIVE"));
	buf_clear(&body);
	text = bench_ask(e, bench_dial(e), "HEAD /server_info HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\n");

	text = bench_ask(e, bench_dial(e), "GET /server_info HTTP/1.0\r\n\r\n");
	assert_null(strstr(text, "transfer-encoding"));
	next = strstr(text, "\r\n\r\n") + 4;
	assert_true(strlen(next) > 2 * ADMIN_PIECE_BYTES);
	assert_non_null(json_parse(e->arena, next, strlen(next), &err));
	buf_fini(&body);
}

static void
test_admin_continue__not_under_another_configuration(void **state)
{
	struct engine *e = *state;
	struct admin_reply reply = { .status = 200, .rest = NULL };
	struct buf more = BUF_INIT;

	widen(e);
	admin_answer(e, &(struct admin_request){ .path = SLICE("/server_info") }, &reply);
	assert_non_null(reply.rest);
	/* After two changes the mesh may be where the first one was. */
	e->generation += 2;
	assert_int_equal(admin_continue(reply.rest, &more), ADMIN_BROKEN);
	e->generation -= 2;
	assert_int_equal(admin_continue(reply.rest, &more), ADMIN_MORE);
	admin_rest_free(&reply.rest);
	assert_null(reply.rest);
	buf_fini(&reply.body);
	buf_fini(&more);
}

static void
test_admin_continue__clusters_are_read_once(void **state)
{
	struct engine *e = *state;
	struct admin_reply reply = { .status = 200, .rest = NULL };
	struct buf more = BUF_INIT;

	widen(e);
	admin_answer(e, &(struct admin_request){ .path = SLICE("/clusters") }, &reply);
	assert_int_equal(admin_continue(reply.rest, &more), ADMIN_MORE);
	assert_int_equal(e->readings, 1);
	admin_rest_free(&reply.rest);
	buf_fini(&reply.body);
	buf_fini(&more);
}

static void
test_tcp__wants_an_address(void **state)
{
	struct engine *e = *state;
	const char *ok = "GET /ready HTTP/1.1\r\nHost: 127.0.0.1:15000\r\n\r\n";

	assert_non_null(strstr(bench_ask(e, bench_dial_tcp(e), ok), "LIVE"));
	ok = "GET /ready HTTP/1.1\r\nHost: localhost:15000\r\n\r\n";
	assert_non_null(strstr(bench_ask(e, bench_dial_tcp(e), ok), "LIVE"));
	assert_non_null(strstr(bench_ask(e, bench_dial_tcp(e),
				      "GET /ready HTTP/1.1\r\nHost: evil.example\r\n\r\n"), " 403 "));
}

static void
pass(struct engine *e, unsigned seconds)
{
	for (unsigned i = 0; i < seconds * 20; i++) {
		e->time.now_ns += 50 * NS_PER_MS;
		loop_turn(e->loop, 0);
	}
}

static void
test_conn__idle_and_stalled_are_dropped(void **state)
{
	struct engine *e = *state;
	const char *request = "GET /requests HTTP/1.1\r\nHost: x\r\n\r\n";
	struct record r = fixture_record(&e->f, SIDE_OUTBOUND);
	int idle = bench_dial(e), stalled = bench_dial(e), small = 4096;

	for (unsigned i = 0; i < REQUESTS_MAX; i++)
		requests_add(e->requests, &r);
	setsockopt(stalled, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	send(stalled, request, strlen(request), 0);
	send(idle, "GET /re", 7, 0);
	pass(e, 8);
	buf_clear(&e->answer);
	assert_false(bench_collect(e, idle));
	/* It has taken nothing for 12 s: what is left in the socket is all. */
	pass(e, 12);
	assert_true(bench_collect(e, stalled));
	assert_true(e->answer.len < 2000000);
	pass(e, 50);
	assert_true(bench_collect(e, idle));
	close(idle);
	close(stalled);
	assert_string_equal(bench_get(e, "/ready", 200), "LIVE\n");
}

static void
test_conn__are_counted(void **state)
{
	struct engine *e = *state;
	int fds[ADMIN_MAX_CONNECTIONS + 1];

	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = bench_dial(e);
		loop_turn(e->loop, 0);
	}
	assert_true(bench_collect(e, fds[ADMIN_MAX_CONNECTIONS]));
	assert_false(bench_collect(e, fds[0]));
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
	loop_turn(e->loop, 0);
	assert_string_equal(bench_get(e, "/ready", 200), "LIVE\n");
}

static void
test_open__one_engine_a_socket(void **state)
{
	struct engine *e = *state;
	struct error err = ERROR_INIT;
	char path[600];
	struct stat st;
	int dir;

	assert_null(admin_open(e, NULL, &err));
	assert_int_equal(err.code, ERROR_REFUSED);
	assert_string_equal(bench_get(e, "/ready", 200), "LIVE\n");
	snprintf(path, sizeof(path), "%s/admin.sock", e->dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* One that a crash has left is replaced. */
	admin_close(&e->admin);
	dir = open(e->dir, O_RDONLY | O_DIRECTORY);
	assert_int_equal(mknodat(dir, "admin.sock", S_IFSOCK | 0600, 0), 0);
	close(dir);
	e->admin = admin_open(e, NULL, &err);
	assert_non_null(e->admin);
	assert_string_equal(bench_get(e, "/ready", 200), "LIVE\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_conn__refuses),
		TEST(test_conn__changes_by_post_and_locally_alone),
		TEST(test_post__drain_listeners),
		TEST(test_post__logging),
		TEST(test_conn__reads_by_post_and_head),
		TEST(test_conn__keeps_alive_and_pipelines),
		TEST(test_conn__pages_of_many_proxies_come_in_pieces),
		TEST(test_admin_continue__not_under_another_configuration),
		TEST(test_admin_continue__clusters_are_read_once),
		TEST(test_tcp__wants_an_address),
		TEST(test_conn__idle_and_stalled_are_dropped),
		TEST(test_conn__are_counted),
		TEST(test_open__one_engine_a_socket),
	};

	return cmocka_run_group_tests_name("admin", tests, NULL, NULL);
}
