/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Response heads: what is taken, what is refused, and where bodies end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/http/parse.h"
#include "tests/unit/http/padded.h"
#include "tests/unit/http/taken.h"

struct row {
	const char *name;
	struct slice wire;
	enum http_result want;
	const char *why;
};

#define OK "HTTP/1.1 200 OK\r\n"
#define TAKEN(name, text) { name, { text, sizeof(text) - 1 }, HTTP_DONE, NULL }
#define REFUSED(name, text, why) { name, { text, sizeof(text) - 1 }, HTTP_BAD, why }

static const struct row rows[] = {
	TAKEN("plain", OK "Content-Length: 2\r\n\r\n"),
	TAKEN("no fields", OK "\r\n"),
	TAKEN("1.0", "HTTP/1.0 200 OK\r\n\r\n"),
	TAKEN("empty reason", "HTTP/1.1 200 \r\n\r\n"),
	TAKEN("reason of blanks and high bytes", "HTTP/1.1 599 \t a \xe4\r\n\r\n"),
	TAKEN("lowest status", "HTTP/1.1 100 Continue\r\n\r\n"),
	TAKEN("chunked", OK "Transfer-Encoding: Chunked\r\n\r\n"),
	TAKEN("connection that is no list", OK "Connection: a b\r\n\r\n"),
	REFUSED("empty line first", "\r\n" OK "\r\n", "version"),
	REFUSED("HTTP/0.9 body", "<html>", "version"),
	REFUSED("HTTP/2.0", "HTTP/2.0 200 OK\r\n\r\n", "version"),
	REFUSED("HTTP/1.10", "HTTP/1.10 200 OK\r\n\r\n", "version"),
	REFUSED("lower case", "http/1.1 200 OK\r\n\r\n", "version"),
	REFUSED("ICY", "ICY 200 OK\r\n\r\n", "version"),
	REFUSED("two digits", "HTTP/1.1 20 OK\r\n\r\n", "status"),
	REFUSED("four digits", "HTTP/1.1 2000 OK\r\n\r\n", "status"),
	REFUSED("000", "HTTP/1.1 000 OK\r\n\r\n", "status"),
	REFUSED("099", "HTTP/1.1 099 OK\r\n\r\n", "status"),
	REFUSED("600", "HTTP/1.1 600 OK\r\n\r\n", "status"),
	REFUSED("no digits", "HTTP/1.1 2x0 OK\r\n\r\n", "status"),
	REFUSED("two blanks", "HTTP/1.1  200 OK\r\n\r\n", "status"),
	REFUSED("no blank behind status", "HTTP/1.1 200\r\n\r\n", "status"),
	REFUSED("status line LF", "HTTP/1.1 200 OK\n\r\n", "LF without CR"),
	REFUSED("reason with NUL", "HTTP/1.1 200 O\0K\r\n\r\n", "control"),
	REFUSED("reason with escape", "HTTP/1.1 200 \x1b[0m\r\n\r\n", "control"),
	REFUSED("reason with bare CR", "HTTP/1.1 200 a\rb\r\n\r\n", "CR without LF"),
	REFUSED("value with NUL", OK "X: a\0b\r\n\r\n", "control"),
	REFUSED("value with bare LF", OK "X: a\nY: b\r\n\r\n", "LF without CR"),
	REFUSED("folding", OK "X: a\r\n b\r\n\r\n", "folding"),
	REFUSED("blank before colon", OK "X : a\r\n\r\n", "blank before colon"),
	REFUSED("length repeated", OK "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", "repeated"),
	REFUSED("length list", OK "Content-Length: 1, 1\r\n\r\n", "not a number"),
	REFUSED("length signed", OK "Content-Length: -1\r\n\r\n", "not a number"),
	REFUSED("length beyond 2^63", OK "Content-Length: 9223372036854775808\r\n\r\n", "too large"),
	REFUSED("length beyond 2^64", OK "Content-Length: 18446744073709551617\r\n\r\n", "too large"),
	REFUSED("length and coding", OK "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "together"),
	REFUSED("coding before chunked", OK "Transfer-Encoding: gzip, chunked\r\n\r\n", "other than chunked"),
	REFUSED("identity", OK "Transfer-Encoding: identity\r\n\r\n", "end with chunked"),
	REFUSED("coding repeated", OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "repeated"),
	REFUSED("coding in 1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.0"),
};

static void
check_prefix(const struct row *r, size_t len, bool is_whole)
{
	char *data = padded_dup(r->wire.ptr, len, "\r\nx"[len % 3]);
	struct http_head h;
	const char *why;
	size_t consumed;
	enum http_result got = http_parse_response(&h, data, len, &HTTP_LIMITS_DEFAULT, HTTP_GET,
						   &consumed, &why);

	if (got == HTTP_MORE && !is_whole)
		assert_null(why);
	else if (got != r->want)
		fail_msg("%s, %zu bytes: result %d (%s)", r->name, len, got,
			 why != NULL ? why : "");
	else if (got == HTTP_DONE && (!is_whole || consumed != len))
		fail_msg("%s: done after %zu of %zu bytes", r->name, len, r->wire.len);
	else if (got != HTTP_DONE && strstr(why, r->why) == NULL)
		fail_msg("%s: why is \"%s\", expected \"%s\"", r->name, why, r->why);
	free(data);
}

static void
test_parse_response__judges_each_row_at_every_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t len = 0; len <= rows[i].wire.len; len++)
			check_prefix(&rows[i], len, len == rows[i].wire.len);
}

#define LENGTH "Content-Length: 5\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"

static void
test_parse_response__where_the_body_ends(void **state)
{
	static const struct {
		const char *name, *start, *fields;
		enum http_method method;
		enum http_framing framing;
		uint64_t length;
		bool has_length, keep_alive;
	} cases[] = {
		{ "length", "1.1 200", LENGTH, HTTP_GET, HTTP_LENGTH, 5, true, true },
		{ "length zero", "1.1 200", "Content-Length: 0\r\n", HTTP_GET, HTTP_NO_BODY, 0, true, true },
		{ "chunked", "1.1 200", CHUNKED, HTTP_GET, HTTP_CHUNKED, 0, false, true },
		{ "until close", "1.1 200", "", HTTP_GET, HTTP_UNTIL_CLOSE, 0, false, false },
		{ "until close, keep-alive", "1.1 200", "Connection: keep-alive\r\n", HTTP_GET, HTTP_UNTIL_CLOSE, 0, false, false },
		{ "1.0", "1.0 200", LENGTH, HTTP_GET, HTTP_LENGTH, 5, true, false },
		{ "1.0 keep-alive", "1.0 200", LENGTH "Connection: keep-alive\r\n", HTTP_GET, HTTP_LENGTH, 5, true, true },
		{ "close", "1.1 200", LENGTH "Connection: close\r\n", HTTP_GET, HTTP_LENGTH, 5, true, false },
		{ "odd connection", "1.1 200", LENGTH "Connection: a b\r\n", HTTP_GET, HTTP_LENGTH, 5, true, false },
		{ "HEAD with length", "1.1 200", LENGTH, HTTP_HEAD, HTTP_NO_BODY, 5, true, true },
		{ "HEAD chunked", "1.1 200", CHUNKED, HTTP_HEAD, HTTP_NO_BODY, 0, false, true },
		{ "HEAD with nothing", "1.1 200", "", HTTP_HEAD, HTTP_NO_BODY, 0, false, true },
		{ "304 with length", "1.1 304", LENGTH, HTTP_GET, HTTP_NO_BODY, 5, true, true },
		{ "204", "1.1 204", "", HTTP_GET, HTTP_NO_BODY, 0, false, true },
		{ "204 with length", "1.1 204", LENGTH, HTTP_GET, HTTP_NO_BODY, 0, false, false },
		{ "204 chunked", "1.1 204", CHUNKED, HTTP_GET, HTTP_NO_BODY, 0, false, false },
		{ "204 with length zero", "1.1 204", "Content-Length: 0\r\n", HTTP_GET, HTTP_NO_BODY, 0, false, true },
		{ "100", "1.1 100", "", HTTP_POST, HTTP_NO_BODY, 0, false, true },
		{ "103 with length", "1.1 103", LENGTH, HTTP_GET, HTTP_NO_BODY, 0, false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct http_head *h;
		struct taken t;

		take_response(&t, cases[i].method, "HTTP/%s R\r\n%s\r\n", cases[i].start,
			      cases[i].fields);
		h = &t.head;
		if (h->framing != cases[i].framing || h->content_length != cases[i].length ||
		    h->has_content_length != cases[i].has_length ||
		    h->keep_alive != cases[i].keep_alive)
			fail_msg("%s: framing %d, length %d, keep_alive %d", cases[i].name,
				 h->framing, (int)h->content_length, h->keep_alive);
		taken_fini(&t);
	}
}

static void
test_parse_response__pieces_of_a_whole_head(void **state)
{
	const struct http_head *h;
	struct taken t;

	(void)state;
	take_response(&t, HTTP_GET,
		      "HTTP/1.1 418 I am a teapot\r\nServer: x\r\n"
		      "Connection: X-Hop\r\nx-hop: 1\r\nSet-Cookie: a\r\nset-cookie: b\r\n\r\nrest");
	h = &t.head;
	assert_int_equal(t.consumed, t.len - 4);
	assert_int_equal(h->status, 418);
	assert_true(slice_is(h->reason, "I am a teapot"));
	assert_int_equal(h->field_count, 5);
	assert_true(h->fields[2].is_dropped);
	assert_ptr_equal(http_head_field(h, FIELD_SET_COOKIE), &h->fields[3]);
	assert_false(h->fields[3].is_dropped || h->fields[4].is_dropped);
	taken_fini(&t);
}

static void
test_parse_response__limits(void **state)
{
	const struct http_limits limits = { 30, 1, 10 };
	static const struct { const char *wire; enum http_result want; } cases[] = {
		{ OK "a: b\r\n\r\n", HTTP_DONE },
		{ OK "a: b\r\nc: d\r\n", HTTP_TOO_LARGE },
		{ OK "a: 12345678\r\n", HTTP_TOO_LARGE },
		{ OK "a: 1234567", HTTP_MORE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t len = strlen(cases[i].wire), consumed;
		char *data = padded_dup(cases[i].wire, len, 'x');
		struct http_head h;
		const char *why;

		assert_int_equal(http_parse_response(&h, data, len, &limits, HTTP_GET, &consumed,
						     &why), cases[i].want);
		free(data);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_response__judges_each_row_at_every_split),
		cmocka_unit_test(test_parse_response__where_the_body_ends),
		cmocka_unit_test(test_parse_response__pieces_of_a_whole_head),
		cmocka_unit_test(test_parse_response__limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
