/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Request heads: what is taken, what is refused and why, at every split. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/rng.h"
#include "src/http/parse.h"
#include "src/http/write.h"
#include "tests/unit/http/padded.h"

#define HOST "Host: a\r\n"
#define GET "GET / HTTP/1.1\r\n" HOST
#define POST "POST / HTTP/1.1\r\n" HOST

struct row {
	const char *name;
	struct slice wire;
	enum http_result want;
	const char *why;	/* a part of it; NULL when taken */
};

#define TAKEN(name, text) { name, { text, sizeof(text) - 1 }, HTTP_DONE, NULL }
#define REFUSED(name, text, want, why) { name, { text, sizeof(text) - 1 }, want, why }

static const struct row rows[] = {
	/* request line */
	TAKEN("plain get", GET "\r\n"),
	TAKEN("one empty line before", "\r\n" GET "\r\n"),
	TAKEN("a method of one's own", "BREW!1 / HTTP/1.1\r\n" HOST "\r\n"),
	TAKEN("asterisk", "OPTIONS * HTTP/1.1\r\n" HOST "\r\n"),
	TAKEN("query with marks", "GET /a?b?c=/%zz HTTP/1.1\r\n" HOST "\r\n"),
	TAKEN("double slash", "GET //a//b HTTP/1.1\r\n" HOST "\r\n"),
	TAKEN("absolute form", "GET http://a:80/x?y HTTP/1.1\r\nHost: b\r\n\r\n"),
	TAKEN("absolute form, https", "GET HTTPS://[::1]:80 HTTP/1.1\r\nHost: b\r\n\r\n"),
	TAKEN("authority form", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"),
	TAKEN("HTTP/1.0 without host", "GET / HTTP/1.0\r\n\r\n"),
	TAKEN("HTTP/1.0 with host", "GET / HTTP/1.0\r\n" HOST "\r\n"),
	REFUSED("two empty lines before", "\r\n\r\n" GET "\r\n", HTTP_BAD, "method"),
	REFUSED("LF before", "\n" GET "\r\n", HTTP_BAD, "method"),
	REFUSED("CR before", "\r" GET "\r\n", HTTP_BAD, "CR without LF"),
	REFUSED("blank before", " " GET "\r\n", HTTP_BAD, "method"),
	REFUSED("method with colon", "G:T / HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD, "method"),
	REFUSED("method with NUL", "G\0T / HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD, "method"),
	REFUSED("tab after method", "GET\t/ HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD, "method"),
	REFUSED("method alone", "GET\r\n" HOST "\r\n", HTTP_BAD, "method"),
	REFUSED("TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc", HTTP_BAD, "method"),
	REFUSED("two blanks", "GET  / HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD, "target: empty"),
	REFUSED("two blanks before version", "GET /  HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD, "version"),
	REFUSED("blank in target", "GET /a b HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD, "version"),
	REFUSED("blank after version", "GET / HTTP/1.1 \r\n" HOST "\r\n", HTTP_BAD, "version"),
	REFUSED("fragment", "GET /a#b HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD, "fragment"),
	REFUSED("tab in target", "GET /a\tb HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD, "target"),
	REFUSED("NUL in target", "GET /a\0b HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD, "target"),
	REFUSED("DEL in target", "GET /a\x7f HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD, "target"),
	REFUSED("high byte in target", "GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD, "target"),
	REFUSED("CR in target", "GET /\r HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD, "version: missing"),
	REFUSED("relative target", "GET a HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD, "target"),
	REFUSED("asterisk for get", "GET * HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD, "OPTIONS"),
	REFUSED("other scheme", "GET ftp://a/ HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD, "target"),
	REFUSED("scheme alone", "GET http:// HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD, "target"),
	REFUSED("absolute without host", "GET http:///x HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD, "host"),
	REFUSED("absolute with user", "GET http://u@a/ HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD, "host"),
	REFUSED("absolute, Host missing", "GET http://a/ HTTP/1.1\r\n\r\n", HTTP_BAD, "host: missing"),
	REFUSED("absolute, Host odd", "GET http://a/ HTTP/1.1\r\nHost: u@a\r\n\r\n", HTTP_BAD, "host: malformed"),
	REFUSED("connect to a path", "CONNECT / HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD, "CONNECT"),
	REFUSED("connect without port", "CONNECT a HTTP/1.1\r\n" HOST "\r\n", HTTP_BAD, "CONNECT"),
	REFUSED("HTTP/0.9 form", "GET /\r\n", HTTP_BAD, "version"),
	REFUSED("HTTP/0.9", "GET / HTTP/0.9\r\n" HOST "\r\n", HTTP_BAD_VERSION, "version"),
	REFUSED("HTTP/1.2", "GET / HTTP/1.2\r\n" HOST "\r\n", HTTP_BAD_VERSION, "version"),
	REFUSED("HTTP/2.0", "GET / HTTP/2.0\r\n" HOST "\r\n", HTTP_BAD_VERSION, "version"),
	REFUSED("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", HTTP_BAD, "OPTIONS"),
	REFUSED("HTTP/1.10", "GET / HTTP/1.10\r\n" HOST "\r\n", HTTP_BAD, "version"),
	REFUSED("HTTP/01.1", "GET / HTTP/01.1\r\n" HOST "\r\n", HTTP_BAD, "version"),
	REFUSED("HTTP/1", "GET / HTTP/1\r\n" HOST "\r\n", HTTP_BAD, "version"),
	REFUSED("HTTP/1,1", "GET / HTTP/1,1\r\n" HOST "\r\n", HTTP_BAD, "version"),
	REFUSED("http/1.1", "GET / http/1.1\r\n" HOST "\r\n", HTTP_BAD, "version"),
	REFUSED("HTTPS/1.1", "GET / HTTPS/1.1\r\n" HOST "\r\n", HTTP_BAD, "version"),
	REFUSED("LF after version", "GET / HTTP/1.1\n" HOST "\r\n", HTTP_BAD, "LF without CR"),
	REFUSED("CR after version", "GET / HTTP/1.1\rHost: a\r\n\r\n", HTTP_BAD, "CR without LF"),
	/* field syntax */
	TAKEN("no blank after colon", GET "X:y\r\n\r\n"),
	TAKEN("blanks around a value", GET "X: \t y \t \r\n\r\n"),
	TAKEN("empty value", GET "X:\r\nY: \r\n\r\n"),
	TAKEN("tab inside a value", GET "X: a\tb\r\n\r\n"),
	TAKEN("high bytes in a value", GET "X: \x80\xff\xc3\xa4\r\n\r\n"),
	TAKEN("every token character", GET "!#$%&'*+-.^_`|~09azAZ: y\r\n\r\n"),
	TAKEN("a long value", GET "Cookie: 0123456789abcdef0123456789abcdef0123456789abcdef\r\n\r\n"),
	REFUSED("blank before colon", GET "X : y\r\n\r\n", HTTP_BAD, "blank before colon"),
	REFUSED("tab before colon", GET "X\t: y\r\n\r\n", HTTP_BAD, "blank before colon"),
	REFUSED("blank inside a name", GET "X y: z\r\n\r\n", HTTP_BAD, "blank before colon"),
	REFUSED("empty name", GET ": y\r\n\r\n", HTTP_BAD, "name: empty"),
	REFUSED("no colon", GET "X\r\n\r\n", HTTP_BAD, "no colon"),
	REFUSED("name with parenthesis", GET "X(): y\r\n\r\n", HTTP_BAD, "character"),
	REFUSED("name with high byte", GET "X\xc3\xa4: y\r\n\r\n", HTTP_BAD, "character"),
	REFUSED("name with NUL", GET "X\0: y\r\n\r\n", HTTP_BAD, "NUL"),
	REFUSED("folding", GET "X: y\r\n z\r\n\r\n", HTTP_BAD, "folding"),
	REFUSED("folding with a tab", GET "X: y\r\n\tz: q\r\n\r\n", HTTP_BAD, "folding"),
	REFUSED("blank first", "GET / HTTP/1.1\r\n " HOST "\r\n", HTTP_BAD, "folding"),
	REFUSED("NUL in a value", GET "X: a\0b\r\n\r\n", HTTP_BAD, "control"),
	REFUSED("escape in a value", GET "X: a\x1b[0m\r\n\r\n", HTTP_BAD, "control"),
	REFUSED("DEL in a value", GET "X: a\x7f\r\n\r\n", HTTP_BAD, "control"),
	REFUSED("bare CR in a value", GET "X: a\rb\r\n\r\n", HTTP_BAD, "CR without LF"),
	REFUSED("bare LF ends a field", GET "X: a\nY: b\r\n\r\n", HTTP_BAD, "LF without CR"),
	REFUSED("two CR", GET "X: a\r\r\n\r\n", HTTP_BAD, "CR without LF"),
	REFUSED("bare LF ends the head", GET "\n", HTTP_BAD, "LF without CR"),
	REFUSED("CR at the end of the head", GET "\rX: y\r\n\r\n", HTTP_BAD, "CR without LF"),
	/* host */
	TAKEN("host with port", "GET / HTTP/1.1\r\nHost: a.b:8080\r\n\r\n"),
	TAKEN("host IPv6", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"),
	REFUSED("host missing", "GET / HTTP/1.1\r\nX: y\r\n\r\n", HTTP_BAD, "host: missing"),
	REFUSED("host repeated", GET HOST "\r\n", HTTP_BAD, "host: repeated"),
	REFUSED("host repeated in 1.0", "GET / HTTP/1.0\r\n" HOST HOST "\r\n", HTTP_BAD, "host: repeated"),
	REFUSED("host empty", "GET / HTTP/1.1\r\nHost:\r\n\r\n", HTTP_BAD, "host: malformed"),
	REFUSED("host with user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", HTTP_BAD, "host: malformed"),
	REFUSED("host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", HTTP_BAD, "host: malformed"),
	REFUSED("host word as port", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", HTTP_BAD, "host: malformed"),
	REFUSED("host big port", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", HTTP_BAD, "host: malformed"),
	REFUSED("host stray bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", HTTP_BAD, "host: malformed"),
	/* framing */
	TAKEN("length", POST "Content-Length: 10\r\n\r\n"),
	TAKEN("length zero", POST "Content-Length: 0\r\n\r\n"),
	TAKEN("length with leading zeros", POST "Content-Length: 0007\r\n\r\n"),
	TAKEN("largest length", POST "Content-Length: 9223372036854775807\r\n\r\n"),
	TAKEN("chunked", POST "Transfer-Encoding: chunked\r\n\r\n"),
	TAKEN("chunked, other case and blanks", POST "Transfer-Encoding:  \tCHUNKed \r\n\r\n"),
	REFUSED("length too large", POST "Content-Length: 9223372036854775808\r\n\r\n", HTTP_BAD, "too large"),
	REFUSED("length far too large", POST "Content-Length: 99999999999999999999999\r\n\r\n", HTTP_BAD, "too large"),
	REFUSED("length empty", POST "Content-Length:\r\n\r\n", HTTP_BAD, "empty"),
	REFUSED("length with plus", POST "Content-Length: +1\r\n\r\n", HTTP_BAD, "not a number"),
	REFUSED("length with minus", POST "Content-Length: -1\r\n\r\n", HTTP_BAD, "not a number"),
	REFUSED("length in hex", POST "Content-Length: 0x1\r\n\r\n", HTTP_BAD, "not a number"),
	REFUSED("length list", POST "Content-Length: 1, 1\r\n\r\n", HTTP_BAD, "not a number"),
	REFUSED("length with a blank", POST "Content-Length: 1 1\r\n\r\n", HTTP_BAD, "not a number"),
	REFUSED("length with fraction", POST "Content-Length: 1.0\r\n\r\n", HTTP_BAD, "not a number"),
	REFUSED("length high digits", POST "Content-Length: \xd9\xa1\r\n\r\n", HTTP_BAD, "not a number"),
	REFUSED("length repeated", POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", HTTP_BAD, "length: repeated"),
	REFUSED("length differs", POST "Content-Length: 1\r\ncontent-length: 2\r\n\r\n", HTTP_BAD, "length: repeated"),
	REFUSED("length and coding", POST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_BAD, "together"),
	REFUSED("coding and length", POST "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", HTTP_BAD, "together"),
	REFUSED("coding repeated", POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_BAD, "encoding: repeated"),
	REFUSED("chunked twice", POST "Transfer-Encoding: chunked, chunked\r\n\r\n", HTTP_BAD, "twice"),
	REFUSED("chunked not last", POST "Transfer-Encoding: chunked, gzip\r\n\r\n", HTTP_BAD, "end with chunked"),
	REFUSED("coding before chunked", POST "Transfer-Encoding: gzip, chunked\r\n\r\n", HTTP_BAD_CODING, "other than chunked"),
	REFUSED("coding close before chunked", POST "Transfer-Encoding: gzip,Chunked\r\n\r\n", HTTP_BAD_CODING, "other than chunked"),
	REFUSED("identity", POST "Transfer-Encoding: identity\r\n\r\n", HTTP_BAD, "end with chunked"),
	REFUSED("near chunked", POST "Transfer-Encoding: xchunked\r\n\r\n", HTTP_BAD, "end with chunked"),
	REFUSED("quoted chunked", POST "Transfer-Encoding: \"chunked\"\r\n\r\n", HTTP_BAD, "end with chunked"),
	REFUSED("chunked with parameter", POST "Transfer-Encoding: chunked;q=1\r\n\r\n", HTTP_BAD, "end with chunked"),
	REFUSED("chunked and an empty member", POST "Transfer-Encoding: chunked,\r\n\r\n", HTTP_BAD, "end with chunked"),
	REFUSED("coding empty", POST "Transfer-Encoding:\r\n\r\n", HTTP_BAD, "end with chunked"),
	REFUSED("two words", POST "Transfer-Encoding: gzip chunked\r\n\r\n", HTTP_BAD, "end with chunked"),
	REFUSED("coding in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_BAD, "HTTP/1.0"),
	/* connection */
	TAKEN("connection list", GET "Connection: , keep-alive ,,\tX\r\n\r\n"),
	REFUSED("connection is no list", GET "Connection: a b\r\n\r\n", HTTP_BAD, "connection"),
	REFUSED("connection quoted", GET "Connection: \"close\"\r\n\r\n", HTTP_BAD, "connection"),
};

static enum http_result
parse(struct http_head *h, char *data, size_t len, size_t *consumed, const char **why)
{
	return http_parse_request(h, data, len, &HTTP_LIMITS_DEFAULT, consumed, why);
}

/* Parses the first len bytes of wire; the head must not be used afterwards. */
static enum http_result
parse_prefix(struct slice wire, size_t len, char filler, size_t *consumed, const char **why)
{
	char *data = padded_dup(wire.ptr, len, filler);
	struct http_head h;
	enum http_result result = parse(&h, data, len, consumed, why);

	free(data);
	return result;
}

static void
check_row(const struct row *r, enum http_result got, const char *why)
{
	if (got != r->want)
		fail_msg("%s: result %d (%s), expected %d", r->name, got,
			 why != NULL ? why : "", r->want);
	if ((why == NULL) != (r->why == NULL) || (why != NULL && strstr(why, r->why) == NULL))
		fail_msg("%s: why is \"%s\", expected \"%s\"", r->name,
			 why != NULL ? why : "(none)", r->why != NULL ? r->why : "(none)");
}

static void
test_parse_request__judges_each_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *why;
		size_t consumed;
		enum http_result got = parse_prefix(rows[i].wire, rows[i].wire.len, 'x',
						    &consumed, &why);

		check_row(&rows[i], got, why);
		assert_int_equal(consumed, got == HTTP_DONE ? rows[i].wire.len : 0);
	}
}

/* Every strict prefix of a good head asks for more; one of a bad head asks
 * for more or gives the verdict that the whole gets.  Bytes behind the prefix
 * change nothing. */
static void
test_parse_request__answer_does_not_depend_on_splits(void **state)
{
	static const char fillers[] = { 'x', '\r', '\n', ':', ' ', '\0' };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t cut = 0; cut < rows[i].wire.len; cut++) {
			const char *why;
			size_t consumed;
			enum http_result got =
				parse_prefix(rows[i].wire, cut, fillers[cut % sizeof(fillers)],
					     &consumed, &why);

			if (got == HTTP_MORE) {
				assert_null(why);
				continue;
			}
			if (rows[i].want == HTTP_DONE)
				fail_msg("%s, cut at %zu: %d", rows[i].name, cut, got);
			check_row(&rows[i], got, why);
		}
}

/* As a connection does it: one buffer that grows, parsed again each time. */
static void
test_parse_request__byte_by_byte_in_one_buffer(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice wire = rows[i].wire;
		char *data = padded_dup(wire.ptr, wire.len, '\0');
		enum http_result got = HTTP_MORE;
		const char *why = NULL;
		struct http_head h;
		size_t consumed;

		memset(data, 'x', wire.len);
		for (size_t len = 1; len <= wire.len && got == HTTP_MORE; len++) {
			data[len - 1] = wire.ptr[len - 1];
			got = parse(&h, data, len, &consumed, &why);
		}
		check_row(&rows[i], got, why);
		free(data);
	}
}

static enum http_result
parse_limited(const struct buf *text, struct http_limits limits)
{
	char *data = padded_dup(buf_str(text), text->len, 'x');
	struct http_head h;
	const char *why;
	size_t consumed;
	enum http_result result = http_parse_request(&h, data, text->len, &limits, &consumed, &why);

	assert_int_equal(why != NULL, result != HTTP_DONE && result != HTTP_MORE);
	free(data);
	return result;
}

static void
test_parse_request__limits(void **state)
{
	struct http_limits limits = { 100, 3, 10 };
	struct buf b = BUF_INIT;

	(void)state;
	buf_puts(&b, "GET /123456789 HTTP/1.1\r\nhost: a\r\nb: c\r\nd: e\r\n\r\n");
	assert_int_equal(parse_limited(&b, limits), HTTP_DONE);
	limits.head_bytes = (unsigned)b.len;
	assert_int_equal(parse_limited(&b, limits), HTTP_DONE);
	limits.head_bytes--;
	assert_int_equal(parse_limited(&b, limits), HTTP_TOO_LARGE);
	limits.head_bytes = 100;
	limits.fields = 2;
	assert_int_equal(parse_limited(&b, limits), HTTP_TOO_LARGE);
	limits.fields = 3;
	limits.target_bytes = 9;
	assert_int_equal(parse_limited(&b, limits), HTTP_URI_TOO_LONG);
	buf_clear(&b);
	buf_puts(&b, "GET /12345678901");
	assert_int_equal(parse_limited(&b, limits), HTTP_URI_TOO_LONG);
	buf_clear(&b);
	buf_puts(&b, "GET / HTTP/1.1\r\nx: ");
	buf_fill(&b, 'y', 100 - b.len - 1);
	assert_int_equal(parse_limited(&b, limits), HTTP_MORE);
	buf_putc(&b, 'y');
	assert_int_equal(parse_limited(&b, limits), HTTP_TOO_LARGE);
	buf_fini(&b);
}

static void
test_parse_request__ceilings_hold_against_settings(void **state)
{
	struct http_limits limits = { UINT32_MAX, UINT32_MAX, UINT32_MAX };
	struct buf b = BUF_INIT;

	(void)state;
	buf_puts(&b, GET);
	for (unsigned i = 1; i < HTTP_MAX_FIELDS; i++)
		buf_puts(&b, "a: b\r\n");
	buf_puts(&b, "\r\n");
	assert_int_equal(parse_limited(&b, limits), HTTP_DONE);
	b.len -= 2;
	buf_puts(&b, "a: b\r\n\r\n");
	assert_int_equal(parse_limited(&b, limits), HTTP_TOO_LARGE);
	buf_clear(&b);
	buf_puts(&b, GET "a: ");
	buf_fill(&b, 'b', HTTP_MAX_HEAD_BYTES);
	assert_int_equal(parse_limited(&b, limits), HTTP_TOO_LARGE);
	buf_fini(&b);
}

static void
test_may_be_whole__waits_for_a_line(void **state)
{
	const struct http_limits limits = { 40, 10, 10 };

	(void)state;
	assert_true(http_may_be_whole("GET", 0, 3, &limits));
	assert_false(http_may_be_whole("GET /", 3, 5, &limits));
	assert_true(http_may_be_whole("GET / HTTP/1.1\r\n", 5, 16, &limits));
	assert_false(http_may_be_whole("GET / HTTP/1.1\r\nx", 16, 17, &limits));
	assert_true(http_may_be_whole("GET / HTTP/1.1\r\nxxxxxxxxxxxxxxxxxxxxxxxxx", 17, 40, &limits));
}

/* Writes what h says, as the engine would; the result is padded. */
static void
serialise(struct buf *out, const struct http_head *h)
{
	char scratch[4096];
	struct http_pieces p;

	http_pieces_init(&p, scratch, sizeof(scratch));
	http_put_same_request_line(&p, h);
	http_put_fields(&p, h, NULL);
	http_put_framing(&p, h);
	http_put_end(&p);
	assert_false(p.is_overflow);
	for (unsigned i = 0; i < p.count; i++)
		buf_append(out, p.iov[i].iov_base, p.iov[i].iov_len);
	assert_int_equal(out->len, p.bytes);
	buf_reserve(out, PADDING_BYTES);
}

static void
assert_same_meaning(const char *name, const struct http_head *a, const struct http_head *b)
{
	unsigned kept = 0;

	if (!slice_eq(a->method, b->method) || !slice_eq(a->path, b->path) ||
	    !slice_eq(a->query, b->query) || a->framing != b->framing ||
	    a->content_length != b->content_length ||
	    a->has_content_length != b->has_content_length)
		fail_msg("%s: another request came out", name);
	if (a->method_id != HTTP_CONNECT && !slice_eq(a->authority, b->authority))
		fail_msg("%s: another authority came out", name);
	for (unsigned i = 0; i < a->field_count; i++) {
		if (a->fields[i].is_dropped ||
		    (http_field_flags((enum http_field_id)a->fields[i].id) & FIELD_FRAMING) != 0)
			continue;
		if (kept >= b->field_count || !slice_eq(a->fields[i].name, b->fields[kept].name) ||
		    !slice_eq(a->fields[i].value, b->fields[kept].value))
			fail_msg("%s: field %u came out otherwise", name, i);
		kept++;
	}
	assert_int_equal(b->field_count, kept + (b->framing == HTTP_CHUNKED || b->has_content_length));
}

static void
test_parse_request__what_is_written_means_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *data = padded_dup(rows[i].wire.ptr, rows[i].wire.len, 'x');
		struct http_head a, b;
		struct buf once = BUF_INIT, twice = BUF_INIT;
		const char *why;
		size_t consumed;

		if (parse(&a, data, rows[i].wire.len, &consumed, &why) == HTTP_DONE &&
		    (a.minor == 1 || a.first[FIELD_HOST] != 0)) {
			serialise(&once, &a);
			if (parse(&b, once.data, once.len, &consumed, &why) != HTTP_DONE)
				fail_msg("%s: own output refused: %s", rows[i].name, why);
			assert_int_equal(consumed, once.len);
			assert_same_meaning(rows[i].name, &a, &b);
			serialise(&twice, &b);
			assert_int_equal(once.len, twice.len);
			assert_memory_equal(once.data, twice.data, once.len);
		}
		buf_fini(&once);
		buf_fini(&twice);
		free(data);
	}
}

/* Bytes that grammars stumble over. */
static const char awkward[] = " \t\r\n:;,#?/\0\x7f\x80" "01aZ";

static size_t
mutate(struct rng *rng, char *data, size_t len)
{
	for (uint64_t n = 1 + rng_below(rng, 3); n > 0 && len > 1; n--) {
		size_t at = (size_t)rng_below(rng, len);

		if (rng_below(rng, 3) == 0) {
			memmove(data + at, data + at + 1, len - at - 1);
			len--;
		} else {
			data[at] = awkward[rng_below(rng, sizeof(awkward) - 1)];
		}
	}
	return len;
}

/* Damaged heads: the verdict is that of the byte-wise reader, and what is
 * taken still means the same when it is written and read again. */
static void
test_parse_request__damaged_heads_keep_the_promises(void **state)
{
	struct rng rng;
	unsigned taken = 0, refused = 0;

	(void)state;
	rng_seed(&rng, 2026);
	for (unsigned round = 0; round < 20000; round++) {
		const struct row *r = &rows[rng_below(&rng, ARRAY_LEN(rows))];
		char *data = padded_dup(r->wire.ptr, r->wire.len, '\n');
		size_t len = mutate(&rng, data, r->wire.len), cut = (size_t)rng_below(&rng, len), used;
		struct buf once = BUF_INIT;
		const char *why, *why_cut;
		struct http_head a, b;
		enum http_result whole, part;

		part = parse_prefix((struct slice){ data, len }, cut, '\r', &used, &why_cut);
		whole = parse(&a, data, len, &used, &why);
		if (part != HTTP_MORE && (part != whole || why_cut != why))
			fail_msg("%s, damaged: %d at %zu, then %d", r->name, part, cut, whole);
		refused += whole != HTTP_DONE && whole != HTTP_MORE;
		if (whole == HTTP_DONE && (a.minor == 1 || a.first[FIELD_HOST] != 0)) {
			taken++;
			serialise(&once, &a);
			if (parse(&b, once.data, once.len, &used, &why) != HTTP_DONE)
				fail_msg("%s, damaged: own output refused: %s", r->name, why);
			assert_same_meaning(r->name, &a, &b);
		}
		buf_fini(&once);
		free(data);
	}
	assert_true(taken > 500 && refused > 500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_request__judges_each_row),
		cmocka_unit_test(test_parse_request__answer_does_not_depend_on_splits),
		cmocka_unit_test(test_parse_request__byte_by_byte_in_one_buffer),
		cmocka_unit_test(test_parse_request__limits),
		cmocka_unit_test(test_parse_request__ceilings_hold_against_settings),
		cmocka_unit_test(test_may_be_whole__waits_for_a_line),
		cmocka_unit_test(test_parse_request__what_is_written_means_the_same),
		cmocka_unit_test(test_parse_request__damaged_heads_keep_the_promises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
