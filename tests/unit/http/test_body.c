/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies: each row whole, byte by byte and at every split. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/http/body.h"

struct row {
	const char *name;
	struct slice wire;
	enum http_body_result want;
	const char *payload;
	size_t unused;		/* bytes that belong to the next message */
};

#define WHOLE(name, text, payload, unused) \
	{ name, { text, sizeof(text) - 1 }, HTTP_BODY_DONE, payload, unused }
#define CUT(name, text, payload) { name, { text, sizeof(text) - 1 }, HTTP_BODY_MORE, payload, 0 }
#define REFUSED(name, text) { name, { text, sizeof(text) - 1 }, HTTP_BODY_BAD, NULL, 0 }
#define END "0\r\n\r\n"

static const struct row chunked[] = {
	WHOLE("empty", END, "", 0),
	WHOLE("one chunk", "5\r\nhello\r\n" END, "hello", 0),
	WHOLE("hex of both cases", "a\r\n0123456789\r\nB\r\n0123456789a\r\n" END,
	      "01234567890123456789a", 0),
	WHOLE("leading zeros", "0005\r\nhello\r\n000\r\n\r\n", "hello", 0),
	WHOLE("payload that looks like chunks", "7\r\n0\r\n\r\n\r\n\r\n" END, "0\r\n\r\n\r\n", 0),
	WHOLE("next message follows", "1\r\nx\r\n" END "GET /", "x", 5),
	WHOLE("extension", "1;a\r\nx\r\n" END, "x", 0),
	WHOLE("extensions with blanks", "1 ; a = b\t;c\t; d=\"e f\"\r\nx\r\n0;z\r\n\r\n", "x", 0),
	WHOLE("quoted pair", "1;a=\"\\\"\\\\;\xff\"\r\nx\r\n" END, "x", 0),
	WHOLE("trailers", "1\r\nx\r\n0\r\nA: b\r\nContent-Length: 5\r\nempty:\r\n\r\n", "x", 0),
	CUT("nothing yet", "", ""),
	CUT("size only", "5", ""),
	CUT("in the payload", "5\r\nhe", "he"),
	CUT("before the last chunk", "5\r\nhello\r\n", "hello"),
	CUT("last chunk without its end", "5\r\nhello\r\n0\r\n", "hello"),
	CUT("trailer without its end", "0\r\nA: b\r\n", ""),
	REFUSED("empty size", "\r\n"),
	REFUSED("no size, extension", ";a\r\n"),
	REFUSED("plus", "+5\r\nhello\r\n"),
	REFUSED("minus", "-5\r\nhello\r\n"),
	REFUSED("0x", "0x5\r\nhello\r\n"),
	REFUSED("not hex", "g\r\n"),
	REFUSED("underscore", "1_0\r\n"),
	REFUSED("blank before", " 5\r\nhello\r\n"),
	REFUSED("blank after", "5 \r\nhello\r\n"),
	REFUSED("tab after", "5\t\r\nhello\r\n"),
	REFUSED("blank inside", "5 0\r\n"),
	REFUSED("too large", "8000000000000000\r\n"),
	REFUSED("far too large", "10000000000000005\r\nhello"),
	REFUSED("LF after size", "5\nhello\r\n"),
	REFUSED("CR after size", "5\rhello\r\n"),
	REFUSED("NUL in size", "5\0\r\nhello\r\n"),
	REFUSED("LF in extension", "5;a\nhello\r\n"),
	REFUSED("NUL in extension", "5;a\0\r\nhello\r\n"),
	REFUSED("LF in quotes", "5;a=\"\n\"\r\nhello\r\n"),
	REFUSED("CRLF in quotes", "5;a=\"\r\n\"\r\nhello\r\n"),
	REFUSED("escaped LF", "5;a=\"\\\n\"\r\nhello\r\n"),
	REFUSED("NUL in quotes", "5;a=\"\0\"\r\nhello\r\n"),
	REFUSED("text behind quotes", "5;a=\"b\"c\r\nhello\r\n"),
	REFUSED("empty extension", "5;\r\nhello\r\n"),
	REFUSED("extension without value", "5;a=\r\nhello\r\n"),
	REFUSED("blank at the end of an extension", "5;a \r\nhello\r\n"),
	REFUSED("two words in an extension", "5;a b\r\nhello\r\n"),
	REFUSED("extension name is no token", "5;a@b\r\nhello\r\n"),
	REFUSED("no CRLF behind payload", "5\r\nhello5\r\nhello\r\n"),
	REFUSED("LF behind payload", "5\r\nhello\n" END),
	REFUSED("CR behind payload", "5\r\nhello\r0\r\n\r\n"),
	REFUSED("LF ends the body", "0\r\n\n"),
	REFUSED("CR ends the body", "0\r\n\rX"),
	REFUSED("trailer: blank first", "0\r\n A: b\r\n\r\n"),
	REFUSED("trailer: blank before colon", "0\r\nA : b\r\n\r\n"),
	REFUSED("trailer: empty name", "0\r\n: b\r\n\r\n"),
	REFUSED("trailer: no colon", "0\r\nA\r\n\r\n"),
	REFUSED("trailer: NUL", "0\r\nA: \0\r\n\r\n"),
	REFUSED("trailer: LF", "0\r\nA: b\n\r\n"),
	REFUSED("trailer: bare CR", "0\r\nA: b\rc\r\n\r\n"),
	REFUSED("trailer: folding", "0\r\nA: b\r\n c\r\n\r\n"),
};

static void
body_start(struct http_body *b, enum http_framing framing, uint64_t length)
{
	struct http_head head;

	memset(&head, 0, sizeof(head));
	head.framing = framing;
	head.content_length = length;
	http_body_init(b, &head);
}

/* Feeds one piece, of its own memory so that overruns show, until the reader
 * wants more or is at an end; returns the bytes that it used. */
static size_t
feed(struct http_body *b, const char *data, size_t len, struct buf *payload,
     enum http_body_result *result)
{
	char *copy = malloc(len > 0 ? len : 1);
	size_t total = 0;

	assert_non_null(copy);
	memcpy(copy, data, len);
	do {
		struct slice run;
		size_t used;

		*result = http_body_step(b, copy + total, len - total, &used, &run);
		assert_true(used <= len - total);
		total += used;
		if (*result == HTTP_BODY_DATA) {
			assert_true(run.len > 0 && run.ptr + run.len == copy + total);
			buf_append(payload, run.ptr, run.len);
		} else {
			assert_int_equal(run.len, 0);
		}
	} while (*result == HTTP_BODY_DATA);
	assert_int_equal(b->is_done, *result == HTTP_BODY_DONE);
	free(copy);
	return total;
}

/* Feeds wire in pieces that end at the cuts. */
static void
check_in_pieces(const struct row *r, size_t first, size_t piece)
{
	enum http_body_result got = HTTP_BODY_MORE;
	struct buf payload = BUF_INIT;
	struct http_body b;
	size_t used = 0, step = first;

	body_start(&b, HTTP_CHUNKED, 0);
	while (got == HTTP_BODY_MORE) {
		size_t n = r->wire.len - used < step ? r->wire.len - used : step;
		size_t took = feed(&b, r->wire.ptr + used, n, &payload, &got);

		if (got == HTTP_BODY_MORE)
			assert_int_equal(took, n);
		used += took;
		if (used == r->wire.len)
			break;
		step = piece;
	}
	if (got != r->want)
		fail_msg("%s, first %zu, then %zu: result %d", r->name, first, piece, got);
	if (got == HTTP_BODY_BAD) {
		feed(&b, END, 5, &payload, &got);
		assert_int_equal(got, HTTP_BODY_BAD);
	} else {
		assert_string_equal(buf_str(&payload), r->payload);
		assert_int_equal(r->wire.len - used, r->unused);
	}
	buf_fini(&payload);
}

static void
test_body_step__chunked_at_every_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chunked); i++) {
		check_in_pieces(&chunked[i], 1, 1);
		for (size_t cut = 0; cut <= chunked[i].wire.len; cut++)
			check_in_pieces(&chunked[i], cut, chunked[i].wire.len);
	}
}

static enum http_body_result
read_all(const struct buf *wire)
{
	enum http_body_result got;
	struct buf payload = BUF_INIT;
	struct http_body b;

	body_start(&b, HTTP_CHUNKED, 0);
	feed(&b, buf_str(wire), wire->len, &payload, &got);
	buf_fini(&payload);
	return got;
}

static void
test_body_step__largest_chunk_size(void **state)
{
	enum http_body_result got;
	struct buf payload = BUF_INIT;
	struct http_body b;

	(void)state;
	body_start(&b, HTTP_CHUNKED, 0);
	feed(&b, "7fffffffffffffff\r\nab", 20, &payload, &got);
	assert_int_equal(got, HTTP_BODY_MORE);
	assert_int_equal(b.left, INT64_MAX - 2);
	buf_fini(&payload);
}

static void
test_body_step__limits_of_chunk_lines(void **state)
{
	struct buf wire = BUF_INIT;

	(void)state;
	buf_puts(&wire, "1;");
	buf_fill(&wire, 'a', HTTP_MAX_CHUNK_LINE - 4);
	buf_puts(&wire, "\r\nx\r\n" END);
	assert_int_equal(read_all(&wire), HTTP_BODY_DONE);
	buf_clear(&wire);
	buf_puts(&wire, "1;");
	buf_fill(&wire, 'a', HTTP_MAX_CHUNK_LINE - 3);
	buf_puts(&wire, "\r\nx\r\n" END);
	assert_int_equal(read_all(&wire), HTTP_BODY_BAD);
	buf_clear(&wire);
	buf_fill(&wire, '0', HTTP_MAX_CHUNK_LINE + 1);
	assert_int_equal(read_all(&wire), HTTP_BODY_BAD);
	buf_fini(&wire);
}

/* One byte a chunk is slow but honest; kilobytes of extension a byte are not. */
static void
test_body_step__lines_must_be_paid_for_by_payload(void **state)
{
	struct buf wire = BUF_INIT;

	(void)state;
	for (unsigned i = 0; i < 50000; i++)
		buf_puts(&wire, "1\r\nx\r\n");
	buf_puts(&wire, END);
	assert_int_equal(read_all(&wire), HTTP_BODY_DONE);
	buf_clear(&wire);
	for (unsigned i = 0; i < 20; i++) {
		buf_puts(&wire, "1;");
		buf_fill(&wire, 'a', 1000);
		buf_puts(&wire, "\r\nx\r\n");
	}
	buf_puts(&wire, END);
	assert_int_equal(read_all(&wire), HTTP_BODY_BAD);
	buf_clear(&wire);
	for (unsigned i = 0; i < 200; i++) {
		buf_puts(&wire, "200;signature=");
		buf_fill(&wire, 'a', 500);
		buf_puts(&wire, "\r\n");
		buf_fill(&wire, 'x', 512);
		buf_puts(&wire, "\r\n");
	}
	buf_puts(&wire, END);
	assert_int_equal(read_all(&wire), HTTP_BODY_DONE);
	buf_fini(&wire);
}

static void
test_body_step__limits_of_trailers(void **state)
{
	struct buf wire = BUF_INIT;

	(void)state;
	buf_puts(&wire, "0\r\n");
	for (unsigned i = 0; i < HTTP_MAX_TRAILER_FIELDS; i++)
		buf_puts(&wire, "a:b\r\n");
	buf_puts(&wire, "\r\n");
	assert_int_equal(read_all(&wire), HTTP_BODY_DONE);
	buf_clear(&wire);
	buf_puts(&wire, "0\r\n");
	for (unsigned i = 0; i <= HTTP_MAX_TRAILER_FIELDS; i++)
		buf_puts(&wire, "a:b\r\n");
	buf_puts(&wire, "\r\n");
	assert_int_equal(read_all(&wire), HTTP_BODY_BAD);
	buf_clear(&wire);
	buf_puts(&wire, "0\r\na:");
	buf_fill(&wire, 'b', HTTP_MAX_TRAILER_BYTES - 6);
	buf_puts(&wire, "\r\n\r\n");
	assert_int_equal(read_all(&wire), HTTP_BODY_DONE);
	buf_clear(&wire);
	buf_puts(&wire, "0\r\na:");
	buf_fill(&wire, 'b', HTTP_MAX_TRAILER_BYTES - 5);
	buf_puts(&wire, "\r\n\r\n");
	assert_int_equal(read_all(&wire), HTTP_BODY_BAD);
	buf_fini(&wire);
}

static void
test_body_step__counts_a_length(void **state)
{
	struct http_body b;
	struct slice run;
	size_t used;

	(void)state;
	body_start(&b, HTTP_LENGTH, 5);
	assert_int_equal(http_body_step(&b, "", 0, &used, &run), HTTP_BODY_MORE);
	assert_int_equal(http_body_step(&b, "abc", 3, &used, &run), HTTP_BODY_DATA);
	assert_int_equal(used, 3);
	assert_int_equal(b.left, 2);
	assert_false(b.is_done);
	assert_int_equal(http_body_step(&b, "deGET", 5, &used, &run), HTTP_BODY_DATA);
	assert_int_equal(used, 2);
	assert_true(slice_is(run, "de"));
	assert_true(b.is_done);
	assert_int_equal(http_body_step(&b, "GET", 3, &used, &run), HTTP_BODY_DONE);
	assert_int_equal(used, 0);
}

static void
test_body_step__no_body_is_done_at_once(void **state)
{
	struct http_body b;
	struct slice run;
	size_t used;

	(void)state;
	body_start(&b, HTTP_NO_BODY, 7);	/* as for an answer to HEAD */
	assert_true(b.is_done);
	assert_int_equal(http_body_step(&b, "GET", 3, &used, &run), HTTP_BODY_DONE);
	assert_int_equal(used, 0);
}

static void
test_body_step__until_close_never_ends(void **state)
{
	struct http_body b;
	struct slice run;
	size_t used;

	(void)state;
	body_start(&b, HTTP_UNTIL_CLOSE, 0);
	assert_int_equal(http_body_step(&b, END, 5, &used, &run), HTTP_BODY_DATA);
	assert_true(used == 5 && run.len == 5);
	assert_int_equal(http_body_step(&b, "", 0, &used, &run), HTTP_BODY_MORE);
	assert_false(b.is_done);
}

static void
test_chunk_line__writes_what_the_reader_takes(void **state)
{
	static const struct { uint64_t len; const char *want; } lines[] = {
		{ 1, "1\r\n" }, { 15, "f\r\n" }, { 16, "10\r\n" }, { 0x1a2b, "1a2b\r\n" },
		{ 65536, "10000\r\n" }, { INT64_MAX, "7fffffffffffffff\r\n" },
		{ UINT64_MAX, "ffffffffffffffff\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		char out[HTTP_CHUNK_LINE_BYTES];
		size_t n = http_chunk_line(out, lines[i].len);

		assert_int_equal(n, strlen(lines[i].want));
		assert_memory_equal(out, lines[i].want, n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_body_step__chunked_at_every_split),
		cmocka_unit_test(test_body_step__largest_chunk_size),
		cmocka_unit_test(test_body_step__limits_of_chunk_lines),
		cmocka_unit_test(test_body_step__lines_must_be_paid_for_by_payload),
		cmocka_unit_test(test_body_step__limits_of_trailers),
		cmocka_unit_test(test_body_step__counts_a_length),
		cmocka_unit_test(test_body_step__no_body_is_done_at_once),
		cmocka_unit_test(test_body_step__until_close_never_ends),
		cmocka_unit_test(test_chunk_line__writes_what_the_reader_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
