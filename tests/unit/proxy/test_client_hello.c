/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Server names out of ClientHellos, whole, cut and broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "proxy/tcp/client_hello.h"
#include "src/base/assert.h"
#include "tests/lib/hello.h"

#define LABEL_63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456789-"

static const struct {
	const char *asked, *want;
} names[] = {
	{ NULL, "" },
	{ "www.example.com", "www.example.com" },
	{ "WWW.Example.COM", "www.example.com" },
	{ "www.example.com.", "www.example.com" },
	{ "localhost", "localhost" },
	{ "outbound_.80_._.web.a.svc.cluster.local", "outbound_.80_._.web.a.svc.cluster.local" },
	{ "xn--bcher-kva.example", "xn--bcher-kva.example" },
	{ LABEL_63 ".x", LABEL_63 ".x" },
	{ LABEL_63 "a.x", "" },
	{ "", "" },
	{ ".", "" },
	{ "a..b", "" },
	{ ".a", "" },
	{ "a b", "" },
	{ "a/b", "" },
	{ "*.a", "" },
	{ "a\nb", "" },
	{ "b\xc3\xbc" "cher.example", "" },
};

static void
test_client_hello_read__cleans_names(void **state)
{
	char hello[HELLO_BYTES], got[CLIENT_HELLO_NAME_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t len = hello_make(hello, names[i].asked, 0);

		if (client_hello_read(hello, len, got) != CLIENT_HELLO_DONE)
			fail_msg("%s: not read", names[i].asked);
		if (strcmp(got, names[i].want) != 0)
			fail_msg("%s: \"%s\"", names[i].asked, got);
	}
}

/* Every prefix asks for more, whatever the records; what follows is not
 * looked at. */
static void
test_client_hello_read__waits_for_all_of_it(void **state)
{
	static const size_t records[] = { 0, 1, 2, 3, 7, 100 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(records); i++) {
		char hello[HELLO_BYTES + 1], got[CLIENT_HELLO_NAME_BYTES];
		size_t len = hello_make(hello, "a.example", records[i]);

		for (size_t cut = 0; cut < len; cut++) {
			if (client_hello_read(hello, cut, got) != CLIENT_HELLO_MORE)
				fail_msg("records of %zu, cut at %zu", records[i], cut);
			assert_string_equal(got, "");
		}
		hello[len] = 'x';
		assert_int_equal(client_hello_read(hello, len + 1, got), CLIENT_HELLO_DONE);
		assert_string_equal(got, "a.example");
	}
}

/* Offsets in a hello with the name "a.example" in one record. */
enum {
	AT_VERSION = 1, AT_RECORD_LENGTH = 3, AT_TYPE = 5, AT_LENGTH = 6, AT_HELLO_VERSION = 9,
	AT_SESSION = 43, AT_CIPHERS = 76, AT_COMPRESSION = 84, AT_EXTENSIONS = 86,
	AT_NAME_EXTENSION = 92, AT_NAME_LIST = 96, AT_NAME_TYPE = 98, AT_NAME_LENGTH = 99,
};

static const struct {
	const char *what;
	size_t at;
	unsigned char byte;
	enum client_hello want;
	const char *name;
} broken[] = {
	{ "an alert", 0, 21, CLIENT_HELLO_NONE, "" },
	{ "another version", AT_VERSION, 2, CLIENT_HELLO_NONE, "" },
	{ "a record too long", AT_RECORD_LENGTH, 0x50, CLIENT_HELLO_NONE, "" },
	{ "a ServerHello", AT_TYPE, 2, CLIENT_HELLO_NONE, "" },
	{ "a message too long", AT_LENGTH, 1, CLIENT_HELLO_NONE, "" },
	{ "a message longer than its list", AT_LENGTH + 2, 0xff, CLIENT_HELLO_NONE, "" },
	{ "a message shorter than its list", AT_LENGTH + 2, 0x30, CLIENT_HELLO_NONE, "" },
	{ "version of the hello", AT_HELLO_VERSION, 2, CLIENT_HELLO_NONE, "" },
	{ "a session id too long", AT_SESSION, 33, CLIENT_HELLO_NONE, "" },
	{ "no ciphers", AT_CIPHERS + 1, 0, CLIENT_HELLO_NONE, "" },
	{ "no compression", AT_COMPRESSION, 0, CLIENT_HELLO_NONE, "" },
	{ "extensions too long", AT_EXTENSIONS, 9, CLIENT_HELLO_NONE, "" },
	{ "an extension too long", AT_NAME_EXTENSION + 2, 9, CLIENT_HELLO_NONE, "" },
	{ "a list of names too short", AT_NAME_LIST + 1, 2, CLIENT_HELLO_NONE, "" },
	{ "no host name", AT_NAME_TYPE, 1, CLIENT_HELLO_DONE, "" },
	{ "a name too short", AT_NAME_LENGTH + 1, 3, CLIENT_HELLO_DONE, "" },
};

static void
test_client_hello_read__finds_no_name_in_what_is_broken(void **state)
{
	char got[CLIENT_HELLO_NAME_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		char hello[HELLO_BYTES];
		size_t len = hello_make(hello, "a.example", 0);

		assert_int_not_equal((unsigned char)hello[broken[i].at], broken[i].byte);
		hello[broken[i].at] = (char)broken[i].byte;
		if (client_hello_read(hello, len, got) != broken[i].want ||
		    strcmp(got, broken[i].name) != 0)
			fail_msg("%s: \"%s\"", broken[i].what, got);
	}
}

static void
test_client_hello_read__tells_other_protocols_by_the_first_byte(void **state)
{
	static const char *const others[] = { "G", "GET / HTTP/1.1\r\n\r\n", "\x80\x2e\x01", "\x16\x02",
					      "\x4a\x00\x00\x00\x0a" };
	char got[CLIENT_HELLO_NAME_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		assert_int_equal(client_hello_read(others[i], strlen(others[i]), got),
				 CLIENT_HELLO_NONE);
}

/* Byte by byte; every byte is passed once. */
static size_t
bytes_until_due(const char *data, size_t len)
{
	struct client_hello_progress p = { 0 };

	for (size_t have = 1; have <= len; have++) {
		size_t seen = p.seen;
		bool is_due = client_hello_is_due(&p, data, have);

		assert_true(p.seen >= seen && p.seen <= have);
		if (is_due)
			return have;
	}
	return SIZE_MAX;
}

/* A hello that would be fine but for its length in records. */
static void
test_client_hello_read__gives_up_at_its_limit(void **state)
{
	static char flood[2 * CLIENT_HELLO_MAX_BYTES];
	char got[CLIENT_HELLO_NAME_BYTES];
	static const char begin[] = { 22, 3, 1, 0, 1 };

	(void)state;
	for (size_t at = 0; at + 6 <= sizeof(flood); at += 6) {
		memcpy(flood + at, begin, sizeof(begin));
		flood[at + 5] = 0;
	}
	flood[5] = 1;			/* ClientHello */
	flood[17] = 0x3f;		/* of some 16,000 bytes */
	flood[29] = 3;			/* version */
	flood[6 * 38 + 5] = 0;		/* no session id */
	flood[6 * 39 + 5] = 0x3e;	/* ciphers without end */
	assert_int_equal(client_hello_read(flood, CLIENT_HELLO_MAX_BYTES - 1, got),
			 CLIENT_HELLO_MORE);
	assert_int_equal(client_hello_read(flood, CLIENT_HELLO_MAX_BYTES, got), CLIENT_HELLO_NONE);
	assert_int_equal(client_hello_read(flood, sizeof(flood), got), CLIENT_HELLO_NONE);
	assert_int_equal(bytes_until_due(flood, sizeof(flood)), CLIENT_HELLO_MAX_BYTES);
}

/* Of two names the server might obey the other one. */
static void
test_client_hello_read__refuses_a_second_name(void **state)
{
	char hello[HELLO_BYTES], got[CLIENT_HELLO_NAME_BYTES];
	size_t len = hello_make(hello, "a.example", 0);
	const size_t bytes = AT_NAME_LENGTH + 2 + strlen("a.example") - AT_NAME_EXTENSION;

	(void)state;
	memmove(hello + AT_NAME_EXTENSION + bytes, hello + AT_NAME_EXTENSION,
		len - AT_NAME_EXTENSION);
	hello[AT_RECORD_LENGTH + 1] = (char)(hello[AT_RECORD_LENGTH + 1] + (char)bytes);
	hello[AT_LENGTH + 2] = (char)(hello[AT_LENGTH + 2] + (char)bytes);
	hello[AT_EXTENSIONS + 1] = (char)(hello[AT_EXTENSIONS + 1] + (char)bytes);
	assert_int_equal(client_hello_read(hello, len + bytes, got), CLIENT_HELLO_NONE);
	assert_string_equal(got, "");
}

static void
test_client_hello_is_due__at_the_end_of_the_message(void **state)
{
	static const size_t records[] = { 0, 1, 2, 3, 7, 100 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(records); i++) {
		struct client_hello_progress p = { 0 };
		char hello[HELLO_BYTES];
		size_t len = hello_make(hello, "a.example", records[i]);

		assert_int_equal(bytes_until_due(hello, len), len);
		assert_true(client_hello_is_due(&p, hello, len));
		p = (struct client_hello_progress){ 0 };
		assert_false(client_hello_is_due(&p, hello, len / 2));
		assert_true(client_hello_is_due(&p, hello, len));
	}
}

/* What is broken is told by its headers, else at its end. */
static void
test_client_hello_is_due__when_it_can_be_judged(void **state)
{
	char got[CLIENT_HELLO_NAME_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		char hello[HELLO_BYTES];
		size_t len = hello_make(hello, "a.example", 0), due;

		hello[broken[i].at] = (char)broken[i].byte;
		due = bytes_until_due(hello, len);
		if (due == SIZE_MAX)
			continue;	/* says itself longer */
		if (client_hello_read(hello, due, got) != broken[i].want)
			fail_msg("%s: due at %zu", broken[i].what, due);
	}
	assert_int_equal(bytes_until_due("GET /", 5), 1);
	assert_int_equal(bytes_until_due("\x16\x02...", 5), 2);
	assert_int_equal(bytes_until_due("\x16\x03\x01\x00\x10\x02...", 9), 6);
	assert_int_equal(bytes_until_due("\x16\x03\x01\x00\x10\x01\x01\x00\x00...", 12), 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_client_hello_read__cleans_names),
		cmocka_unit_test(test_client_hello_read__waits_for_all_of_it),
		cmocka_unit_test(test_client_hello_read__finds_no_name_in_what_is_broken),
		cmocka_unit_test(test_client_hello_read__tells_other_protocols_by_the_first_byte),
		cmocka_unit_test(test_client_hello_read__gives_up_at_its_limit),
		cmocka_unit_test(test_client_hello_read__refuses_a_second_name),
		cmocka_unit_test(test_client_hello_is_due__at_the_end_of_the_message),
		cmocka_unit_test(test_client_hello_is_due__when_it_can_be_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
