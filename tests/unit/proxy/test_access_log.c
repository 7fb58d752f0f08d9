/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Access log lines, and what happens when nobody reads them. */
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

#include "proxy/telemetry/access_log.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/http/parse.h"
#include "src/mesh/table.h"
#include "tests/unit/proxy/fixture.h"

struct bench {
	struct fixture f;
	char dir[64], path[128];
	char request[2048];
	struct buf text;
};

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	fixture_init(&b->f);
	snprintf(b->dir, sizeof(b->dir), "/tmp/meshtop-log-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	snprintf(b->path, sizeof(b->path), "%s/log", b->dir);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	unlink(b->path);
	rmdir(b->dir);
	buf_fini(&b->text);
	free(b);
	return 0;
}

static struct record
request(struct bench *b, enum record_side side, const char *text)
{
	struct http_limits limits = HTTP_LIMITS_DEFAULT;
	struct record r = fixture_record(&b->f, side);
	const char *why = NULL;
	size_t used;

	snprintf(b->request, sizeof(b->request) - 64, "%s", text);
	if (http_parse_request(&b->f.head, b->request, strlen(b->request), &limits, &used, &why) !=
	    HTTP_DONE)
		fail_msg("not a request: %s", why);
	r.path = b->f.head.path;
	return r;
}

/* The file after one record. */
static const char *
line(struct bench *b, bool json, const char *format, const struct record *r)
{
	struct error err = ERROR_INIT;
	struct access_log *l = access_log_open(b->path, json, format, &err);
	char chunk[4096];
	ssize_t n;
	int fd;

	if (l == NULL)
		fail_msg("%s", err.msg);
	access_log_add(l, r);
	access_log_close(&l);
	buf_clear(&b->text);
	fd = open(b->path, O_RDONLY);
	assert_true(fd >= 0);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_append(&b->text, chunk, (size_t)n);
	close(fd);
	unlink(b->path);
	return buf_str(&b->text);
}

#define REQUEST "GET /travels/London?user=new HTTP/1.1\r\nHost: travels.travel-agency:8000\r\n" \
	"User-Agent: curl/8\r\n\r\n"

static void
test_add__istios_text(void **state)
{
	struct bench *b = *state;
	struct record r = request(b, SIDE_OUTBOUND, REQUEST);

	assert_string_equal(line(b, false, NULL, &r),
		"[2025-11-24T16:00:00.123Z] \"GET /travels/London?user=new HTTP/1.1\" 200 - via_upstream "
		"- \"-\" 0 3000 4 3 \"-\" \"curl/8\" \"id-1\" \"travels.travel-agency:8000\" "
		"\"127.64.64.2:8000\" outbound|8000|v1|travels.travel-agency.svc.cluster.local "
		"127.64.64.1:40001 127.64.0.5:8000 127.64.64.1:40000 - default\n");
}

static void
test_add__istios_json(void **state)
{
	struct bench *b = *state;
	struct record r = request(b, SIDE_OUTBOUND, REQUEST);

	assert_string_equal(line(b, true, NULL, &r),
		"{\"start_time\":\"2025-11-24T16:00:00.123Z\",\"method\":\"GET\","
		"\"path\":\"/travels/London?user=new\",\"protocol\":\"HTTP/1.1\",\"response_code\":200,"
		"\"response_flags\":\"-\",\"response_code_details\":\"via_upstream\","
		"\"connection_termination_details\":null,\"upstream_transport_failure_reason\":null,"
		"\"bytes_received\":0,\"bytes_sent\":3000,\"duration\":4,\"upstream_service_time\":3,"
		"\"x_forwarded_for\":null,\"user_agent\":\"curl/8\",\"request_id\":\"id-1\","
		"\"authority\":\"travels.travel-agency:8000\",\"upstream_host\":\"127.64.64.2:8000\","
		"\"upstream_cluster\":\"outbound|8000|v1|travels.travel-agency.svc.cluster.local\","
		"\"upstream_local_address\":\"127.64.64.1:40001\","
		"\"downstream_local_address\":\"127.64.0.5:8000\","
		"\"downstream_remote_address\":\"127.64.64.1:40000\",\"requested_server_name\":null,"
		"\"route_name\":\"default\",\"proxy\":\"voyages.travel-portal\","
		"\"direction\":\"outbound\"}\n");
}

static void
test_add__inbound_and_tcp(void **state)
{
	struct bench *b = *state;
	struct record r = request(b, SIDE_INBOUND,
		"GET /new HTTP/1.1\r\nHost: travels\r\nx-envoy-original-path: /old\r\n\r\n");
	const char *text = line(b, true, NULL, &r);

	assert_non_null(strstr(text, "\"path\":\"/old\""));
	assert_non_null(strstr(text, "\"upstream_cluster\":\"inbound|8000||\""));
	assert_non_null(strstr(text, "\"proxy\":\"travels-v1.travel-agency\",\"direction\":\"inbound\""));

	r = fixture_record(&b->f, SIDE_OUTBOUND);
	r.protocol = RECORD_TCP;
	r.head = NULL;
	r.rule = NULL;
	r.path = r.authority = r.request_id = SLICE_NONE;
	r.details = NULL;
	r.status = 0;
	r.upstream_head_ns = 0;
	r.request_body_bytes = 30;
	assert_string_equal(line(b, false, "", &r),
		"[2025-11-24T16:00:00.123Z] \"- - -\" 0 - - - \"-\" 30 3000 4 - \"-\" \"-\" \"-\" \"-\" "
		"\"127.64.64.2:8000\" outbound|8000|v1|travels.travel-agency.svc.cluster.local "
		"127.64.64.1:40001 127.64.0.5:8000 127.64.64.1:40000 - -\n");
	r.is_interim = true;
	assert_string_equal(line(b, false, "", &r), "");
	r.is_interim = false;
	r.is_mirrored = true;
	assert_string_equal(line(b, false, "", &r), "");
}

static void
test_add__route_names_have_that_of_the_match(void **state)
{
	struct http_match matches[] = { { .log_name = "canary" }, { .log_name = "canary.testers" } };
	const struct http_rule rule = { .name = "canary", .matches = matches };
	const struct { int match; const char *want; } rows[] = {
		{ -1, "canary\n" }, { 0, "canary\n" }, { 1, "canary.testers\n" },
	};
	struct bench *b = *state;
	struct record r = request(b, SIDE_OUTBOUND, REQUEST);

	r.rule = &rule;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		r.match = rows[i].match;
		assert_string_equal(line(b, false, "%ROUTE_NAME%\n", &r), rows[i].want);
	}
}

static void
test_add__own_formats(void **state)
{
	static const struct { const char *format, *want; } rows[] = {
		{ "%REQ(:METHOD)% %REQ(X-NONE?USER-AGENT)%", "GET curl/8\n" },
		{ "%RESPONSE_CODE%\n", "200\n" },
		{ "100%% %PROTOCOL%", "100% HTTP/1.1\n" },
		{ "%REQ(USER-AGENT):4%|%UNKNOWN%|%RESP(SERVER)%", "curl|-|-\n" },
		{ "%START_TIME%", "2025-11-24T16:00:00.123Z\n" },
		{ "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %RESPONSE_DURATION%", "127.64.64.1 4\n" },
		{ "%not an operator 5% of it", "%not an operator 5% of it\n" },
		{ "%REQ(:METHOD", "%REQ(:METHOD\n" },
		{ "%", "%\n" },
		{ "plain", "plain\n" },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct record r = request(b, SIDE_OUTBOUND, REQUEST);
		const char *got = line(b, false, rows[i].format, &r);

		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: got %s", rows[i].format, got);
	}
}

static void
test_add__fields_as_they_are_at_the_end(void **state)
{
	static const struct { const char *format, *received, *rewritten, *ruled; } rows[] = {
		{ "%REQ(:PATH)%", "/travels/London?user=new\n", "/new?user=new\n", "/new?user=new\n" },
		{ "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%", "/travels/London?user=new\n",
		  "/travels/London?user=new\n", "/travels/London?user=new\n" },
		{ "%REQ(:AUTHORITY)% %REQ(X-ENVOY-ORIGINAL-HOST)%", "travels.travel-agency:8000 -\n",
		  "other travels.travel-agency:8000\n", "other travels.travel-agency:8000\n" },
		{ "%REQ(USER-AGENT)%|%REQ(X-NEW)%", "curl/8|-\n", "curl/8|-\n", "rule|1\n" },
		{ "%REQ(X-REQUEST-ID)%", "id-1\n", "id-1\n", "id-2\n" },
		{ "%REQ(X-FORWARDED-PROTO)% %REQ(X-ENVOY-ATTEMPT-COUNT)%", "http 4\n", "http 4\n",
		  "- 2\n" },
		{ "%UPSTREAM_REQUEST_ATTEMPT_COUNT%", "4\n", "4\n", "4\n" },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct record r = request(b, SIDE_OUTBOUND, REQUEST);

		r.tries = 4;
		assert_string_equal(line(b, false, rows[i].format, &r), rows[i].received);
		r.authority = SLICE("other");
		r.original_path = SLICE("/travels/London?user=new");
		r.sent_path = SLICE("/new");
		assert_string_equal(line(b, false, rows[i].format, &r), rows[i].rewritten);
		r.sent_lines = SLICE("user-agent: rule\r\nx-new: 1\r\nx-new: 2\r\nx-request-id: id-2\r\n"
				     "x-envoy-attempt-count: 2\r\nx-envoy-original-path: /travels/London?user=new\r\n"
				     "x-envoy-original-host: travels.travel-agency:8000\r\n");
		assert_string_equal(line(b, false, rows[i].format, &r), rows[i].ruled);
	}
}

static void
test_add__values_stay_inside(void **state)
{
	struct bench *b = *state;
	struct record r = request(b, SIDE_OUTBOUND,
		"GET /a\"b HTTP/1.1\r\nHost: a\r\nUser-Agent: x\" 200 \\ \xe2\x80\xae\r\n\r\n");
	const char *text;

	r.details = "two words\n\"";
	r.path = SLICE("/a\"b\n[2025");
	text = line(b, false, "\"%REQ(:PATH)%\" %RESPONSE_CODE_DETAILS% \"%REQ(USER-AGENT)%\"", &r);
	assert_string_equal(text, "\"/a\\\"b\xef\xbf\xbd[2025\" two_words\xef\xbf\xbd\\\" "
				  "\"x\\\" 200 \\\\ \xef\xbf\xbd\"\n");
	text = line(b, true, NULL, &r);
	assert_non_null(strstr(text, "\"path\":\"/a\\\"b\\n[2025\""));
	assert_int_equal(strcspn(text, "\n"), strlen(text) - 1);
}

static void
test_add__slow_reader_loses_lines(void **state)
{
	struct bench *b = *state;
	struct record r = request(b, SIDE_OUTBOUND, REQUEST);
	struct access_log *l;
	char chunk[65536];
	uint64_t lines = 0, dropped;
	ssize_t n;
	int fd;

	assert_int_equal(mkfifo(b->path, 0600), 0);
	fd = open(b->path, O_RDONLY | O_NONBLOCK);
	assert_true(fd >= 0);
	l = access_log_open(b->path, false, NULL, NULL);
	assert_non_null(l);
	for (unsigned i = 0; i < 20000; i++)
		access_log_add(l, &r);
	dropped = access_log_dropped(l);
	assert_true(dropped > 0);
	for (unsigned i = 0; i < 100; i++) {
		while ((n = read(fd, chunk, sizeof(chunk))) > 0)
			for (ssize_t k = 0; k < n; k++)
				lines += chunk[k] == '\n';
		access_log_flush(l);
	}
	assert_int_equal(lines + dropped, 20000);
	access_log_close(&l);
	close(fd);
}

static void
test_open__off_and_refused(void **state)
{
	struct bench *b = *state;
	struct error err = ERROR_INIT;
	char path[200];

	assert_null(access_log_open("", false, NULL, &err));
	assert_null(access_log_open(NULL, true, NULL, &err));
	assert_int_equal(err.code, ERROR_NONE);
	snprintf(path, sizeof(path), "%s/none/log", b->dir);
	assert_null(access_log_open(path, false, NULL, &err));
	assert_int_equal(err.code, ERROR_IO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_add__istios_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_add__istios_json, setup, teardown),
		cmocka_unit_test_setup_teardown(test_add__inbound_and_tcp, setup, teardown),
		cmocka_unit_test_setup_teardown(test_add__route_names_have_that_of_the_match, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_add__own_formats, setup, teardown),
		cmocka_unit_test_setup_teardown(test_add__fields_as_they_are_at_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_add__values_stay_inside, setup, teardown),
		cmocka_unit_test_setup_teardown(test_add__slow_reader_loses_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(test_open__off_and_refused, setup, teardown),
	};

	return cmocka_run_group_tests_name("access_log", tests, NULL, NULL);
}
