/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ring of recent requests: what is kept, what is redacted, how much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/http/redact.h"
#include "proxy/telemetry/requests.h"
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/value.h"
#include "src/http/parse.h"
#include "tests/unit/proxy/fixture.h"

struct bench {
	struct fixture f;
	struct requests *requests;
	struct arena *arena;
	struct buf out;
	char text[32768];
};

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	fixture_init(&b->f);
	b->requests = requests_new();
	b->arena = arena_new();
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	requests_free(&b->requests);
	arena_free(&b->arena);
	buf_fini(&b->out);
	free(b);
	return 0;
}

/* A record of the request in text. */
static struct record
request(struct bench *b, const char *text)
{
	struct http_limits limits = HTTP_LIMITS_DEFAULT;
	struct record r = fixture_record(&b->f, SIDE_OUTBOUND);
	const char *why = NULL;
	size_t used;

	snprintf(b->text, sizeof(b->text) - 64, "%s", text);
	if (http_parse_request(&b->f.head, b->text, strlen(b->text), &limits, &used, &why) != HTTP_DONE)
		fail_msg("not a request: %s", why);
	r.path = b->f.head.path;
	r.authority = b->f.head.authority;
	return r;
}

static const struct value *
read_back(struct bench *b, const char *id, const char *proxy, size_t limit)
{
	struct error err = ERROR_INIT;
	const struct value *v;

	buf_clear(&b->out);
	requests_put_json(b->requests, id, proxy, limit, &b->out);
	v = json_parse(b->arena, buf_str(&b->out), b->out.len, &err);
	if (v == NULL)
		fail_msg("%s in %s", err.msg, buf_str(&b->out));
	return v;
}

static void
test_put_json__tells_everything(void **state)
{
	struct bench *b = *state;
	struct record r = request(b, "GET /travels/London?user=new HTTP/1.1\r\nHost: travels:8000\r\n"
				     "portal: travels.uk\r\nx-tag: a\r\nx-tag: b\r\n\r\n");

	r.flags = FLAG(UF) | FLAG(URX);
	r.attempt_count = 2;
	r.attempts[0] = (struct record_attempt){ .endpoint = &b->f.endpoint, .flags = FLAG(UF),
						 .duration_us = 1500 };
	r.attempts[1] = (struct record_attempt){ .status = 503, .flags = FLAG(UH) };
	requests_add(b->requests, &r);
	buf_clear(&b->out);
	requests_put_json(b->requests, NULL, NULL, 0, &b->out);
	assert_string_equal(buf_str(&b->out),
		"[{\"time\":\"2025-11-24T16:00:00.123Z\",\"source\":\"voyages.travel-portal\","
		"\"method\":\"GET\",\"path\":\"/travels/London\",\"query\":\"user=new\","
		"\"host\":\"travels:8000\",\"id\":\"id-1\",\"status\":200,\"flags\":[\"UF\",\"URX\"],"
		"\"details\":\"via_upstream\",\"service\":\"travels.travel-agency\",\"rule\":null,"
		"\"cluster\":\"outbound|8000|v1|travels.travel-agency.svc.cluster.local\","
		"\"subset\":\"v1\",\"endpoint\":\"127.64.64.2:8000\",\"attempts\":["
		"{\"endpoint\":\"127.64.64.2:8000\",\"status\":0,\"flags\":[\"UF\"],\"ms\":1.500},"
		"{\"endpoint\":null,\"status\":503,\"flags\":[\"UH\"],\"ms\":0.000}],"
		"\"duration_ms\":4.500,\"headers\":{},\"request_headers\":{\"host\":\"travels:8000\","
		"\"portal\":\"travels.uk\",\"x-tag\":\"a, b\"},\"redacted\":[],\"omitted\":0}]");
}

static void
test_put_json__names_the_rule(void **state)
{
	struct bench *b = *state;
	struct record r = request(b, "GET / HTTP/1.1\r\nHost: travels\r\n\r\n");
	struct object object = { .kind_name = "VirtualService", .ns = "travel-agency",
				 .name = "travels" };
	const struct value *rule;
	int64_t index;

	b->f.rule.object = &object;
	b->f.rule.index = 2;
	requests_add(b->requests, &r);
	requests_forget_mesh(b->requests);
	object.name = "gone";
	rule = value_get(value_at(read_back(b, NULL, NULL, 0), 0), "rule");
	assert_string_equal(value_get_text(rule, "kind"), "VirtualService");
	assert_string_equal(value_get_text(rule, "namespace"), "travel-agency");
	assert_string_equal(value_get_text(rule, "name"), "travels");
	assert_true(value_to_int(value_get(rule, "index"), &index));
	assert_int_equal(index, 2);
}

static void
test_add__redacts_fields(void **state)
{
	static const struct { const char *name; bool is_secret; } rows[] = {
		{ "authorization", true }, { "Proxy-Authorization", true }, { "Cookie", true },
		{ "set-cookie", true }, { "X-API-Key", true }, { "x-auth-TOKEN-2", true },
		{ "client-secret", true }, { "Password", true }, { "x-secretariat", true },
		{ "x-tok", false }, { "user-agent", false }, { "portal", false }, { "x-pass", false },
		{ "cookies", false }, { "x-request-id", false },
		{ "x-of-a-name-of-many-bytes-token", true }, { "x-worker-cross-kept", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[300];
		struct bench *b;
		struct record r;
		bool found;

		setup(state);
		b = *state;
		snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: a\r\n%s: hunter2\r\n\r\n",
			 rows[i].name);
		r = request(b, text);
		requests_add(b->requests, &r);
		requests_put_json(b->requests, NULL, NULL, 0, &b->out);
		found = strstr(buf_str(&b->out), "hunter2") == NULL;
		if (found != rows[i].is_secret)
			fail_msg("%s: %s", rows[i].name, buf_str(&b->out));
		if (rows[i].is_secret)
			assert_null(strstr(buf_str(&b->out), "\"redacted\":[]"));
		teardown(state);
	}
}

/* What the client was told, without its secrets; a value that would not fit is
 * left out and counted. */
static void
test_put_json__tells_the_answer(void **state)
{
	struct bench *b = *state;
	struct record r = request(b, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	char many[12000] = "a: 1\r\nlong: ";
	const struct value *one, *headers;

	r.answer_lines = SLICE("content-type: text/plain\r\nx-n: 1\r\nserver: envoy\r\nx-n: 2\r\nempty: \r\n");
	r.is_answer_open = true;
	requests_add(b->requests, &r);
	headers = value_get(value_at(read_back(b, NULL, NULL, 1), 0), "headers");
	assert_int_equal(headers->count, 4);
	assert_string_equal(value_get_text(headers, "content-type"), "text/plain");
	assert_string_equal(value_get_text(headers, "x-n"), "1, 2");
	assert_string_equal(value_get_text(headers, "server"), "envoy");
	assert_string_equal(value_get_text(headers, "empty"), "");

	r.answer_lines = SLICE("set-cookie: a=hunter2\r\nx-token: \r\nserver: envoy\r\n");
	r.is_answer_open = false;
	requests_add(b->requests, &r);
	one = value_at(read_back(b, NULL, NULL, 1), 0);
	assert_null(strstr(buf_str(&b->out), "hunter2"));
	assert_string_equal(value_get_text(value_get(one, "headers"), "set-cookie"), REDACTED);
	assert_string_equal(value_get_text(value_get(one, "headers"), "x-token"), REDACTED);
	assert_string_equal(value_get_text(value_get(one, "headers"), "server"), "envoy");
	assert_int_equal(value_get(one, "redacted")->count, 0);

	memset(many + strlen(many), 'x', 9000);
	strcat(many, "\r\nz: 2\r\n");
	r.answer_lines = slice_of(many);
	r.is_answer_open = true;
	requests_add(b->requests, &r);
	one = value_at(read_back(b, NULL, NULL, 1), 0);
	assert_int_equal(value_get(one, "headers")->count, 2);
	assert_string_equal(value_get_text(value_get(one, "headers"), "z"), "2");
	assert_string_equal(value_get_text(one, "omitted"), "1");
}

/* Of tries at other endpoints, of both families; and answers that are alike
 * stay whole when configurations change and the oldest go. */
static void
test_put_json__tells_tries_and_shared_answers(void **state)
{
	struct bench *b = *state;
	struct record r = request(b, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	struct mesh_endpoint other = b->f.endpoint;
	const struct value *tries;
	unsigned next;

	assert_int_equal(address_parse_host(&other.address, "fd00::7", 9000, NULL), 0);
	r.attempt_count = 3;
	r.attempts[0] = (struct record_attempt){ .endpoint = &other, .status = 503 };
	r.attempts[1] = (struct record_attempt){ .endpoint = &b->f.endpoint, .status = 502 };
	r.attempts[2] = (struct record_attempt){ .status = 500 };
	r.is_answer_open = true;
	for (unsigned i = 0; i < REQUESTS_MAX + 500; i++) {
		char lines[64];

		snprintf(lines, sizeof(lines), "server: envoy\r\nx-n: %u\r\n", i % 3);
		r.answer_lines = slice_of(lines);
		requests_add(b->requests, &r);
		if (i % 700 == 0)
			requests_forget_mesh(b->requests);
	}
	tries = value_get(value_at(read_back(b, NULL, NULL, 1), 0), "attempts");
	assert_string_equal(value_get_text(value_at(tries, 0), "endpoint"), "[fd00::7]:9000");
	assert_string_equal(value_get_text(value_at(tries, 1), "endpoint"), "127.64.64.2:8000");
	assert_string_equal(value_get_text(value_at(tries, 1), "status"), "502");
	assert_null(value_get_text(value_at(tries, 2), "endpoint"));
	assert_string_equal(value_get_text(value_at(tries, 2), "status"), "500");
	next = 500;
	VALUE_EACH(one, read_back(b, NULL, NULL, 0)) {
		char want[8];

		snprintf(want, sizeof(want), "%u", next++ % 3);
		assert_string_equal(value_get_text(value_get(one, "headers"), "x-n"), want);
	}
	assert_int_equal(next, REQUESTS_MAX + 500);
}

static void
test_put_json__tells_fields_as_they_came(void **state)
{
	static const struct { const char *text, *name, *value; } rows[] = {
		{ "GET / HTTP/1.1\r\nHost:a\r\nX-A: \t b c \t\r\n\r\n", "x-a", "b c" },
		{ "GET / HTTP/1.1\r\nHost:a\r\nX-A:\r\n\r\n", "x-a", "" },
		{ "GET / HTTP/1.1\r\nX-A: b:c: d\r\nHost: a\r\n\r\n", "x-a", "b:c: d" },
		{ "GET / HTTP/1.1\r\nX-A:1\r\nCookie:\r\nHost:a\r\n\r\n", "cookie", REDACTED },
		{ "GET http://b/ HTTP/1.1\r\nX-A:1\r\nHost:a\r\n\r\n", "host", "b" },
		{ "GET http://long.name.example/ HTTP/1.1\r\nX-A:1\r\nHost:a\r\n\r\n", "x-a", "1" },
		{ "GET / HTTP/1.0\r\nX-A:1\r\n\r\n", "x-a", "1" },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct record r = request(b, rows[i].text);
		const struct value *one;
		const char *got;

		requests_add(b->requests, &r);
		one = value_at(read_back(b, NULL, NULL, 1), 0);
		got = value_get_text(value_get(one, "request_headers"), rows[i].name);
		if (got == NULL || strcmp(got, rows[i].value) != 0)
			fail_msg("%s: got %s", rows[i].text, got);
		assert_string_equal(value_get_text(one, "omitted"), "0");
	}
}

static void
test_redact_query__hides_values(void **state)
{
	static const struct { const char *in, *want; } rows[] = {
		{ "", "" },
		{ "a=1&b=2", "a=1&b=2" },
		{ "token=abc", "token=[redacted]" },
		{ "a=1&access_token=abc&b=2", "a=1&access_token=[redacted]&b=2" },
		{ "PassWord=x;b=1", "PassWord=[redacted];b=1" },
		{ "p%61ssword=x&t%6Fken=y", "p%61ssword=[redacted]&t%6Fken=[redacted]" },
		{ "token", "token" },
		{ "token=", "token=[redacted]" },
		{ "&&token=a=b&", "&&token=[redacted]&" },
		{ "cookie=1&authorization=2&x-api-key=3", "cookie=[redacted]&authorization=[redacted]&x-api-key=[redacted]" },
		{ "q=token", "q=token" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice in = slice_of(rows[i].in);
		char *out = calloc(1, redact_query_room(in) + 1);

		out[redact_query(in, out)] = '\0';
		if (strcmp(out, rows[i].want) != 0)
			fail_msg("%s: got %s, want %s", rows[i].in, out, rows[i].want);
		free(out);
	}
}

static void
test_put_json__filters(void **state)
{
	struct bench *b = *state;
	struct record r = request(b, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");

	for (unsigned i = 0; i < 10; i++) {
		char id[16];

		snprintf(id, sizeof(id), "id-%u", i);
		r.request_id = slice_of(id);
		r.self = i % 2 == 0 ? &b->f.voyages : &b->f.travels;
		requests_add(b->requests, &r);
	}
	assert_int_equal(read_back(b, NULL, NULL, 0)->count, 10);
	assert_int_equal(read_back(b, NULL, "voyages.travel-portal", 0)->count, 5);
	assert_int_equal(read_back(b, "id-3", NULL, 0)->count, 1);
	assert_int_equal(read_back(b, "id-3", "voyages.travel-portal", 0)->count, 0);
	assert_string_equal(value_get_text(value_at(read_back(b, NULL, NULL, 3), 0), "id"), "id-7");
	assert_string_equal(value_get_text(value_at(read_back(b, NULL, NULL, 3), 2), "id"), "id-9");
	assert_int_equal(read_back(b, NULL, "nobody.x", 0)->count, 0);
}

static void
test_add__only_outbound_http(void **state)
{
	struct bench *b = *state;
	struct record r = request(b, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");

	r.side = SIDE_INBOUND;
	requests_add(b->requests, &r);
	r.side = SIDE_OUTBOUND;
	r.is_mirrored = true;
	requests_add(b->requests, &r);
	r.is_mirrored = false;
	r.protocol = RECORD_TCP;
	requests_add(b->requests, &r);
	assert_int_equal(read_back(b, NULL, NULL, 0)->count, 0);
	/* What could not be parsed has no head. */
	r = fixture_record(&b->f, SIDE_OUTBOUND);
	r.head = NULL;
	r.path = r.authority = r.request_id = SLICE_NONE;
	requests_add(b->requests, &r);
	assert_int_equal(read_back(b, NULL, NULL, 0)->count, 1);
}

/* Any mix of sizes: the newest stay, in order, below both maxima. */
static void
test_add__forgets_the_oldest(void **state)
{
	struct bench *b = *state;
	struct record r = request(b, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	char *line = malloc(20009);
	const struct value *all;
	unsigned total = REQUESTS_MAX * 3, next;

	memset(line, 'x', 20008);
	memcpy(line, "x-long: ", 8);
	for (unsigned i = 0; i < total; i++) {
		char id[16];

		snprintf(id, sizeof(id), "%u", i);
		r.request_id = slice_of(id);
		b->f.head.field_count = 1;
		b->f.head.fields[0] = (struct http_field){ .name = { line, 6 },
			.value = { line + 8, (i * 7919u) % (i < total / 2 ? 900 : 7000) } };
		requests_add(b->requests, &r);
		/* Now and then configurations follow each other without a request. */
		for (unsigned k = i % 500 == 499 ? i / 500 % 3 : 0; k > 0; k--)
			requests_forget_mesh(b->requests);
	}
	all = read_back(b, NULL, NULL, 0);
	assert_true(all->count > 400);
	assert_true(all->count <= REQUESTS_MAX);
	next = total - (unsigned)all->count;
	VALUE_EACH(one, all) {
		assert_int_equal(atoi(value_get_text(one, "id")), next++);
		assert_string_equal(value_get_text(one, "source"), "voyages.travel-portal");
	}
	/* One field alone may be too long. */
	r.request_id = SLICE("last");
	b->f.head.fields[0].value.len = 20000;
	requests_add(b->requests, &r);
	all = read_back(b, NULL, NULL, 1);
	assert_string_equal(value_get_text(value_at(all, 0), "omitted"), "1");
	free(line);
}

static void
test_add__keeps_at_most_the_maximum(void **state)
{
	struct bench *b = *state;
	struct record r = request(b, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");

	for (unsigned i = 0; i < REQUESTS_MAX + 100; i++)
		requests_add(b->requests, &r);
	assert_int_equal(read_back(b, NULL, NULL, 0)->count, REQUESTS_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_put_json__tells_everything, setup, teardown),
		cmocka_unit_test_setup_teardown(test_put_json__names_the_rule, setup, teardown),
		cmocka_unit_test(test_add__redacts_fields),
		cmocka_unit_test_setup_teardown(test_put_json__tells_the_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_put_json__tells_fields_as_they_came, setup, teardown),
		cmocka_unit_test_setup_teardown(test_put_json__tells_tries_and_shared_answers, setup, teardown),
		cmocka_unit_test(test_redact_query__hides_values),
		cmocka_unit_test_setup_teardown(test_put_json__filters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_add__only_outbound_http, setup, teardown),
		cmocka_unit_test_setup_teardown(test_add__forgets_the_oldest, setup, teardown),
		cmocka_unit_test_setup_teardown(test_add__keeps_at_most_the_maximum, setup, teardown),
	};

	return cmocka_run_group_tests_name("requests", tests, NULL, NULL);
}
