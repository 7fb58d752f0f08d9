/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a request head that was taken says: target, method, connection, body. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/http/parse.h"
#include "tests/unit/http/taken.h"

#define HOST "Host: a\r\n"
#define GET "GET / HTTP/1.1\r\n" HOST
#define POST "POST / HTTP/1.1\r\n" HOST

static void
test_parse_request__pieces_of_a_whole_head(void **state)
{
	const struct http_head *h;
	struct taken t;

	(void)state;
	take_request(&t, "\r\nPOST /a/b?c=d&e HTTP/1.1\r\nHOST: travels:8000\r\n"
			 "X-Request-ID:  1 2\t\r\nContent-Length: 12\r\n"
			 "Portal: uk\r\nExpect: 100-Continue\r\nportal: us\r\n\r\nbody");
	h = &t.head;
	assert_int_equal(t.consumed, t.len - 4);
	assert_int_equal(h->method_id, HTTP_POST);
	assert_true(slice_is(h->method, "POST"));
	assert_true(slice_is(h->target, "/a/b?c=d&e"));
	assert_true(slice_is(h->path, "/a/b"));
	assert_true(slice_is(h->query, "c=d&e"));
	assert_true(slice_is(h->authority, "travels:8000"));
	assert_int_equal(h->scheme.len, 0);
	assert_false(h->is_absolute_form);
	assert_int_equal(h->minor, 1);
	assert_int_equal(h->framing, HTTP_LENGTH);
	assert_int_equal(h->content_length, 12);
	assert_true(h->has_content_length && h->keep_alive && h->expects_continue);
	assert_false(h->wants_upgrade);
	assert_int_equal(h->field_count, 6);
	assert_true(slice_is(h->fields[0].name, "host"));
	assert_true(slice_is(h->fields[1].name, "x-request-id"));
	assert_true(slice_is(h->fields[1].value, "1 2"));
	assert_ptr_equal(http_head_field(h, FIELD_X_REQUEST_ID), &h->fields[1]);
	assert_ptr_equal(http_head_find(h, SLICE("x-request-id")), &h->fields[1]);
	assert_ptr_equal(http_head_find(h, SLICE("portal")), &h->fields[3]);
	assert_null(http_head_find(h, SLICE("nothing")));
	assert_null(http_head_field(h, FIELD_COOKIE));
	assert_null(http_head_find(h, SLICE("cookie")));
	taken_fini(&t);
}

static void
test_parse_request__splits_targets(void **state)
{
	static const struct {
		const char *method, *target, *path, *query, *scheme, *authority;
		bool is_absolute;
	} targets[] = {
		{ "GET", "/", "/", NULL, "", "h", false },
		{ "GET", "/?", "/", "", "", "h", false },
		{ "GET", "/a?b?c", "/a", "b?c", "", "h", false },
		{ "OPTIONS", "*", "*", NULL, "", "h", false },
		{ "OPTIONS", "http://a:1", "*", NULL, "http", "a:1", true },
		{ "OPTIONS", "http://a:1?", "/", "", "http", "a:1", true },
		{ "GET", "HTTP://a", "/", NULL, "http", "a", true },
		{ "GET", "https://A.b/x/y?z", "/x/y", "z", "https", "A.b", true },
		{ "GET", "http://a?q=http://b/", "/", "q=http://b/", "http", "a", true },
		{ "GET", "http://[::1]:8/p", "/p", NULL, "http", "[::1]:8", true },
		{ "CONNECT", "a:443", "", NULL, "", "a:443", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		const struct http_head *h;
		struct taken t;

		take_request(&t, "%s %s HTTP/1.1\r\nHost: h\r\n\r\n", targets[i].method,
			     targets[i].target);
		h = &t.head;
		assert_true(slice_is(h->path, targets[i].path));
		assert_int_equal(h->query.ptr != NULL, targets[i].query != NULL);
		assert_true(targets[i].query == NULL || slice_is(h->query, targets[i].query));
		assert_true(slice_is(h->scheme, targets[i].scheme));
		assert_true(slice_is(h->authority, targets[i].authority));
		assert_int_equal(h->is_absolute_form, targets[i].is_absolute);
		assert_true(slice_is(http_head_field(h, FIELD_HOST)->value,
				     targets[i].is_absolute ? targets[i].authority : "h"));
		taken_fini(&t);
	}
}

static void
test_parse_request__knows_the_methods(void **state)
{
	static const struct { const char *text; enum http_method want; } methods[] = {
		{ "GET", HTTP_GET }, { "HEAD", HTTP_HEAD }, { "POST", HTTP_POST },
		{ "PUT", HTTP_PUT }, { "DELETE", HTTP_DELETE }, { "OPTIONS", HTTP_OPTIONS },
		{ "PATCH", HTTP_PATCH }, { "TRACE", HTTP_TRACE }, { "get", HTTP_OTHER_METHOD },
		{ "GETS", HTTP_OTHER_METHOD }, { "PROPFIND", HTTP_OTHER_METHOD },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		struct taken t;

		take_request(&t, "%s / HTTP/1.0\r\n\r\n", methods[i].text);
		assert_int_equal(t.head.method_id, methods[i].want);
		taken_fini(&t);
	}
}

/* Which fields go on is shown by their values: k kept, d dropped. */
static void
test_parse_request__connection_rules(void **state)
{
	static const struct {
		const char *name, *first_line, *fields;
		bool keep_alive, wants_upgrade;
	} cases[] = {
		{ "1.1 default", "GET / HTTP/1.1\r\n", "x: k\r\n", true, false },
		{ "1.1 close", "GET / HTTP/1.1\r\n", "Connection: Close\r\n", false, false },
		{ "close wins", "GET / HTTP/1.1\r\n", "Connection: keep-alive, close\r\n", false, false },
		{ "close in a second field", "GET / HTTP/1.1\r\n",
		  "Connection: x\r\nx: d\r\nconnection: close\r\n", false, false },
		{ "1.0 default", "GET / HTTP/1.0\r\n", "", false, false },
		{ "1.0 keep-alive", "GET / HTTP/1.0\r\n", "Connection: Keep-Alive\r\n", true, false },
		{ "named fields", "GET / HTTP/1.1\r\n",
		  "a: d\r\nConnection: A, b\r\nb: d\r\nc: k\r\na: d\r\nx-forwarded-for: k\r\n", true, false },
		{ "known field named", "GET / HTTP/1.1\r\n",
		  "Connection: X-Request-Id\r\nx-request-id: d\r\n", true, false },
		{ "hop by hop", "GET / HTTP/1.1\r\n",
		  "Keep-Alive: d\r\nProxy-Connection: d\r\nTrailer: d\r\nUpgrade: d\r\nte: d\r\n", true, false },
		{ "upgrade", "GET / HTTP/1.1\r\n", "Connection: Upgrade\r\nUpgrade: d\r\n", true, true },
		{ "upgrade twice", "GET / HTTP/1.1\r\n",
		  "Connection: upgrade\r\nUpgrade: d\r\nUpgrade: d\r\n", true, false },
		{ "upgrade in 1.0", "GET / HTTP/1.0\r\n", "Connection: upgrade\r\nUpgrade: d\r\n", false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct http_head *h;
		struct taken t;

		take_request(&t, "%sHost: k\r\n%s\r\n", cases[i].first_line, cases[i].fields);
		h = &t.head;
		if (h->keep_alive != cases[i].keep_alive || h->wants_upgrade != cases[i].wants_upgrade)
			fail_msg("%s: keep_alive or wants_upgrade", cases[i].name);
		for (unsigned f = 0; f < h->field_count; f++) {
			bool want = h->fields[f].id == FIELD_CONNECTION ||
				    slice_is(h->fields[f].value, "d");

			if (h->fields[f].is_dropped != want)
				fail_msg("%s: field %u", cases[i].name, f);
		}
		taken_fini(&t);
	}
}

static bool
te_is_dropped(const char *fields)
{
	struct taken t;
	bool is_dropped;

	take_request(&t, GET "%s\r\n", fields);
	is_dropped = http_head_field(&t.head, FIELD_TE)->is_dropped;
	taken_fini(&t);
	return is_dropped;
}

static void
test_parse_request__te_passes_only_as_trailers(void **state)
{
	(void)state;
	assert_false(te_is_dropped("TE: Trailers\r\n"));
	assert_true(te_is_dropped("TE: gzip\r\n"));
	assert_true(te_is_dropped("TE: trailers, deflate;q=0.5\r\n"));
	assert_true(te_is_dropped("Connection: te\r\nTE: trailers\r\n"));
}

static void
test_parse_request__framing_cannot_be_named_away(void **state)
{
	struct taken t;

	(void)state;
	take_request(&t, "POST / HTTP/1.1\r\nConnection: host, content-length\r\n"
			 "Host: a\r\nContent-Length: 3\r\n\r\n");
	assert_false(http_head_field(&t.head, FIELD_HOST)->is_dropped);
	assert_int_equal(t.head.framing, HTTP_LENGTH);
	taken_fini(&t);
}

static void
test_parse_request__expectations(void **state)
{
	static const struct { const char *head; bool want; } cases[] = {
		{ POST "Expect: 100-continue\r\n\r\n", true },
		{ POST "Expect: x\r\nExpect: 100-CONTINUE\r\n\r\n", true },
		{ POST "Expect: 100-continue, x\r\n\r\n", false },
		{ POST "Expect: 200-ok\r\n\r\n", false },
		{ POST "\r\n", false },
		{ "POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct taken t;

		take_request(&t, "%s", cases[i].head);
		assert_int_equal(t.head.expects_continue, cases[i].want);
		taken_fini(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_request__pieces_of_a_whole_head),
		cmocka_unit_test(test_parse_request__splits_targets),
		cmocka_unit_test(test_parse_request__knows_the_methods),
		cmocka_unit_test(test_parse_request__connection_rules),
		cmocka_unit_test(test_parse_request__te_passes_only_as_trailers),
		cmocka_unit_test(test_parse_request__framing_cannot_be_named_away),
		cmocka_unit_test(test_parse_request__expectations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
