/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Heads on their way out: text, number of pieces, overflow, dates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/http/parse.h"
#include "src/http/write.h"
#include "tests/unit/http/padded.h"

struct fixture {
	char *data;
	struct http_head head;
	char scratch[2048];
	struct http_pieces pieces;
	struct buf text;
};

static void
request(struct fixture *f, const char *wire)
{
	const char *why;
	size_t consumed;

	f->data = padded_dup(wire, strlen(wire), 'x');
	f->text = BUF_INIT;
	if (http_parse_request(&f->head, f->data, strlen(wire), &HTTP_LIMITS_DEFAULT, &consumed,
			       &why) != HTTP_DONE)
		fail_msg("%s", why);
	http_pieces_init(&f->pieces, f->scratch, sizeof(f->scratch));
}

static void
gather(struct fixture *f)
{
	buf_clear(&f->text);
	for (unsigned i = 0; i < f->pieces.count; i++)
		buf_append(&f->text, f->pieces.iov[i].iov_base, f->pieces.iov[i].iov_len);
	assert_int_equal(f->text.len, f->pieces.bytes);
}

static void
fixture_fini(struct fixture *f)
{
	buf_fini(&f->text);
	free(f->data);
}

static void
test_put_fields__an_untouched_head_is_one_piece(void **state)
{
	static const char wire[] = "GET /a?b HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\nx: \r\n\r\n";
	struct fixture f;

	(void)state;
	request(&f, wire);
	http_put_same_request_line(&f.pieces, &f.head);
	http_put_fields(&f.pieces, &f.head, NULL);
	assert_int_equal(f.pieces.count, 1);
	http_put_field(&f.pieces, SLICE("x-request-id"), SLICE("1"));
	http_put_field(&f.pieces, SLICE("b"), SLICE(""));
	http_put_end(&f.pieces);
	assert_int_equal(f.pieces.count, 2);
	gather(&f);
	assert_string_equal(buf_str(&f.text), "GET /a?b HTTP/1.1\r\nhost: a\r\nuser-agent: b\r\n"
					      "x: \r\nx-request-id: 1\r\nb: \r\n\r\n");
	fixture_fini(&f);
}

static void
test_put_fields__writes_odd_blanks_anew(void **state)
{
	struct fixture f;

	(void)state;
	request(&f, "GET / HTTP/1.1\r\nHost: a\r\nA:b\r\nC:  d\r\nE: f \r\nG:\th\r\nI:\r\nJ: k\r\n\r\n");
	http_put_fields(&f.pieces, &f.head, NULL);
	gather(&f);
	assert_string_equal(buf_str(&f.text),
			    "host: a\r\na: b\r\nc: d\r\ne: f\r\ng: h\r\ni: \r\nj: k\r\n");
	assert_int_equal(f.pieces.count, 3);
	fixture_fini(&f);
}

static void
test_put_fields__leaves_out_dropped_framing_and_skipped(void **state)
{
	uint64_t skip[(FIELD_COUNT + 63) / 64] = { 0 };
	struct fixture f;

	(void)state;
	skip[FIELD_USER_AGENT / 64] |= UINT64_C(1) << FIELD_USER_AGENT % 64;
	request(&f, "POST / HTTP/1.1\r\nA: b\r\nConnection: keep-alive, a\r\nHost: a\r\n"
		    "User-Agent: c\r\nKeep-Alive: 5\r\nUser-Agent: d\r\nContent-Length: 007\r\nE: f\r\n\r\n");
	http_put_fields(&f.pieces, &f.head, skip);
	http_put_framing(&f.pieces, &f.head);
	gather(&f);
	assert_string_equal(buf_str(&f.text), "host: a\r\ne: f\r\ncontent-length: 7\r\n");
	assert_int_equal(f.pieces.count, 3);
	fixture_fini(&f);
}

static void
test_put_fields__host_of_an_absolute_target(void **state)
{
	struct fixture f;

	(void)state;
	request(&f, "GET http://real:81/x HTTP/1.1\r\nA: b\r\nHost: other\r\nC: d\r\n\r\n");
	http_put_same_request_line(&f.pieces, &f.head);
	http_put_fields(&f.pieces, &f.head, NULL);
	gather(&f);
	assert_string_equal(buf_str(&f.text),
			    "GET /x HTTP/1.1\r\na: b\r\nhost: real:81\r\nc: d\r\n");
	fixture_fini(&f);
}

static void
test_put_same_request_line__always_origin_form_of_1_1(void **state)
{
	static const struct { const char *wire, *want; } lines[] = {
		{ "GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a?b HTTP/1.1\r\n" },
		{ "\r\nGET /a? HTTP/1.0\r\nHost: h\r\n\r\n", "GET /a? HTTP/1.1\r\n" },
		{ "GET http://h/a?b HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a?b HTTP/1.1\r\n" },
		{ "GET http://h?b HTTP/1.1\r\nHost: h\r\n\r\n", "GET /?b HTTP/1.1\r\n" },
		{ "GET http://h HTTP/1.0\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\n" },
		{ "OPTIONS http://h HTTP/1.1\r\nHost: h\r\n\r\n", "OPTIONS * HTTP/1.1\r\n" },
		{ "OPTIONS * HTTP/1.0\r\n\r\n", "OPTIONS * HTTP/1.1\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct fixture f;

		request(&f, lines[i].wire);
		http_put_same_request_line(&f.pieces, &f.head);
		gather(&f);
		assert_string_equal(buf_str(&f.text), lines[i].want);
		fixture_fini(&f);
	}
}

static void
test_put_framing__says_what_was_understood(void **state)
{
	static const struct { const char *fields, *want; } cases[] = {
		{ "", "" },
		{ "Content-Length: 0\r\n", "content-length: 0\r\n" },
		{ "Content-Length: 9223372036854775807\r\n", "content-length: 9223372036854775807\r\n" },
		{ "Transfer-Encoding:\tCHUNKED\r\n", "transfer-encoding: chunked\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf wire = BUF_INIT;
		struct fixture f;

		buf_printf(&wire, "POST / HTTP/1.1\r\nHost: a\r\n%s\r\n", cases[i].fields);
		request(&f, buf_str(&wire));
		http_put_framing(&f.pieces, &f.head);
		gather(&f);
		assert_string_equal(buf_str(&f.text), cases[i].want);
		buf_fini(&wire);
		fixture_fini(&f);
	}
}

static void
test_put_lines__made_up(void **state)
{
	struct fixture f;

	(void)state;
	request(&f, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	http_put_request_line(&f.pieces, SLICE("PUT"), SLICE("/x"));
	http_put_status_line(&f.pieces, 503, SLICE_NONE);
	http_put_status_line(&f.pieces, 200, SLICE("Fine"));
	http_put_status_line(&f.pieces, 299, SLICE(""));
	gather(&f);
	assert_string_equal(buf_str(&f.text), "PUT /x HTTP/1.1\r\nHTTP/1.1 503 Service Unavailable\r\n"
					      "HTTP/1.1 200 Fine\r\nHTTP/1.1 299 \r\n");
	fixture_fini(&f);
}

static void
test_put__long_fields_are_borrowed(void **state)
{
	char value[600], scratch[64];
	struct http_pieces p;

	(void)state;
	memset(value, 'v', sizeof(value));
	http_pieces_init(&p, scratch, sizeof(scratch));
	http_put_field(&p, SLICE("n"), (struct slice){ value, sizeof(value) });
	assert_int_equal(p.bytes, 1 + 2 + sizeof(value) + 2);
	assert_int_equal(p.scratch_used, 0);
	assert_ptr_equal(p.iov[2].iov_base, value);
	assert_false(p.is_overflow);
}

static void
test_put__overflow_is_noticed(void **state)
{
	static char bytes[2 * HTTP_MAX_PIECES + 2];
	char scratch[4];
	struct http_pieces p;

	(void)state;
	http_pieces_init(&p, scratch, sizeof(scratch));
	http_put_copy(&p, SLICE("1234"));
	assert_false(p.is_overflow);
	http_put_copy(&p, SLICE("5"));
	assert_true(p.is_overflow);
	http_pieces_init(&p, scratch, sizeof(scratch));
	http_put_field(&p, SLICE("a"), SLICE("b"));	/* borrowing could dangle */
	assert_true(p.is_overflow && p.count == 0);
	http_pieces_init(&p, scratch, sizeof(scratch));
	for (unsigned i = 0; i < HTTP_MAX_PIECES; i++)
		http_put(&p, (struct slice){ bytes + 2 * i, 1 });
	assert_false(p.is_overflow);
	http_put(&p, (struct slice){ bytes + 2 * HTTP_MAX_PIECES, 1 });
	assert_true(p.is_overflow);
	assert_int_equal(p.count, HTTP_MAX_PIECES);
}

static void
test_write_reply__whole_responses(void **state)
{
	static const struct {
		unsigned status;
		const char *type, *body, *extra;
		bool close, is_head;
		const char *want;
	} cases[] = {
		{ 404, "text/plain", "gone", "", false, false,
		  "HTTP/1.1 404 Not Found\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\ngone" },
		{ 404, "text/plain", "gone", "server: e\r\n", true, true,
		  "HTTP/1.1 404 Not Found\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n"
		  "server: e\r\nconnection: close\r\n\r\n" },
		{ 200, "text/plain", "", "", false, false, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n" },
		{ 200, NULL, "x", "", false, false, "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx" },
		{ 204, "text/plain", "x", "", false, false, "HTTP/1.1 204 No Content\r\n\r\n" },
		{ 100, NULL, "", "", false, false, "HTTP/1.1 100 Continue\r\n\r\n" },
		{ 304, "text/plain", "x", "a: b\r\n", false, false, "HTTP/1.1 304 Not Modified\r\na: b\r\n\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = BUF_INIT;

		http_write_reply(&out, cases[i].status, cases[i].type, slice_of(cases[i].body),
				 cases[i].extra, cases[i].close, cases[i].is_head);
		assert_string_equal(buf_str(&out), cases[i].want);
		buf_fini(&out);
	}
}

static void
test_date__is_imf_fixdate(void **state)
{
	static const struct { int64_t seconds; const char *want; } dates[] = {
		{ 0, "Thu, 01 Jan 1970 00:00:00 GMT" },
		{ 784111777, "Sun, 06 Nov 1994 08:49:37 GMT" },
		{ 951782399, "Mon, 28 Feb 2000 23:59:59 GMT" },
		{ 951782400, "Tue, 29 Feb 2000 00:00:00 GMT" },
		{ 951868800, "Wed, 01 Mar 2000 00:00:00 GMT" },
		{ 1798761599, "Thu, 31 Dec 2026 23:59:59 GMT" },
		{ 4107542400, "Mon, 01 Mar 2100 00:00:00 GMT" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dates); i++) {
		char out[HTTP_DATE_BYTES];

		http_date(dates[i].seconds * 1000 + 999, out);
		assert_string_equal(out, dates[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put_fields__an_untouched_head_is_one_piece),
		cmocka_unit_test(test_put_fields__writes_odd_blanks_anew),
		cmocka_unit_test(test_put_fields__leaves_out_dropped_framing_and_skipped),
		cmocka_unit_test(test_put_fields__host_of_an_absolute_target),
		cmocka_unit_test(test_put_same_request_line__always_origin_form_of_1_1),
		cmocka_unit_test(test_put_framing__says_what_was_understood),
		cmocka_unit_test(test_put_lines__made_up),
		cmocka_unit_test(test_put__long_fields_are_borrowed),
		cmocka_unit_test(test_put__overflow_is_noticed),
		cmocka_unit_test(test_write_reply__whole_responses),
		cmocka_unit_test(test_date__is_imf_fixdate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
