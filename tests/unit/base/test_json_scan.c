/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON texts taken apart without a tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/json_scan.h"

/* From memory of exactly its size, so that a sanitizer sees any byte read too far. */
static bool
scan(const char *text, size_t len)
{
	char *exact = malloc(len > 0 ? len : 1);
	bool yes;

	memcpy(exact, text, len);
	yes = json_scan((struct slice){ exact, len });
	free(exact);
	return yes;
}

static void
test_json_scan__accepts_json_alone(void **state)
{
	static const char *const good[] = {
		"null", " true\n", "[1, -2, 3.50, 1e5, 1E+5, 0, -0.0]", "{\"a\": {}, \"b\": [], \"c\": [{}]}",
		"\"\\u00e4\\/\\n\\\"\\\\\"", "[[],[[]],{}]", "{\"\": [{\"x\": [1]}, 2], \"y\": null}", "[\"]\", \"}\"]",
	};
	static const char *const bad[] = {
		"", " ", "{", "[1,", "{\"1\":1,", "[1,]", "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "[1 2]", "1 2",
		"{} x", "[1]]", "]", "}", "[}", "{]", "nul", "True", "NaN", "01", "1.", ".5", "+1", "0x10", "1e", "-",
		"'a'", "\"a", "\"a\\", "\"a\nb\"", "\"\x01\"", "\"\\x41\"", "\"\\u12\"", "// c\n1", "[,1]", "{,}",
		"{\"a\":}", "{\"a\"}", "[1,,2]", "{\"a\":1 \"b\":2}", "[[1]", ",", ":",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		if (!scan(good[i], strlen(good[i])))
			fail_msg("refused: %s", good[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (scan(bad[i], strlen(bad[i])))
			fail_msg("accepted: %s", bad[i]);
	}
	assert_false(scan("{}\0", 3));
	assert_false(scan("\"\\\0\"", 4));
}

static void
test_json_scan__any_prefix_is_refused(void **state)
{
	static const char text[] =
		"{\"a\":[1,2.5e3,{\"b\":\"x\\u00e4\\\"y\"},true,false,null],\"c\":\"\xc3\xa4\"}";

	(void)state;
	for (size_t len = 0; len < sizeof(text) - 1; len++)
		assert_false(scan(text, len));
	assert_true(scan(text, sizeof(text) - 1));
}

static void
test_json_scan__depth_has_a_limit(void **state)
{
	char text[200];

	(void)state;
	memset(text, '[', 100);
	memset(text + 100, ']', 100);
	assert_true(scan(text + 36, 128));	/* 64 levels */
	assert_false(scan(text + 35, 130));
}

static void
test_json_scan_member__finds_the_first_of_that_name(void **state)
{
	static const struct { const char *object, *name, *value; } rows[] = {
		{ "{\"a\":1,\"b\":[2,{\"c\":3}],\"c\":\"x\"}", "c", "\"x\"" },
		{ " { \"b\" : [ 2 ] , \"a\" : {} } ", "a", "{}" },
		{ "{\"a\":1,\"a\":2}", "a", "1" },
		{ "{\"ab\":1,\"a\":2}", "a", "2" },
		{ "{\"x\":{\"a\":1}}", "a", NULL },
		{ "{}", "a", NULL }, { "[\"a\"]", "a", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice value;
		bool found = json_scan_member(slice_of(rows[i].object), rows[i].name, &value);

		if (found != (rows[i].value != NULL) || (found && !slice_is(value, rows[i].value)))
			fail_msg("%s: %s", rows[i].object, rows[i].name);
	}
}

static void
test_json_scan_item__goes_through_an_array(void **state)
{
	static const struct { const char *array, *items[4]; } rows[] = {
		{ "[1, {\"a\": [2, 3]} ,\"]\"]", { "1", "{\"a\": [2, 3]}", "\"]\"", NULL } },
		{ "[]", { NULL } }, { " [ ] ", { NULL } }, { "{\"a\": 1}", { NULL } }, { "[[]]", { "[]", NULL } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice rest = slice_of(rows[i].array), item;
		size_t n = 0;

		for (; json_scan_item(&rest, &item); n++)
			assert_true(rows[i].items[n] != NULL && slice_is(item, rows[i].items[n]));
		assert_null(rows[i].items[n]);
	}
}

static void
test_json_scan_string__resolves_escapes(void **state)
{
	static const struct { const char *literal, *text; } rows[] = {
		{ "\"\"", "" }, { "\"a\\\"b\\\\c\\/\"", "a\"b\\c/" }, { "\"\\b\\f\\n\\r\\t\"", "\b\f\n\r\t" },
		{ "\"\\u00e4\\u20AC\\ud83d\\ude00x\"", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80x" },
		{ "\"\xc3\xa4\"", "\xc3\xa4" },
		{ "\"\\u0000\"", NULL }, { "\"\\ud800\"", NULL }, { "\"\\ud800\\u0041\"", NULL },
		{ "\"\\udc00\"", NULL }, { "\"\xff\"", NULL }, { "17", NULL }, { "1", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b = BUF_INIT;
		bool ok = json_scan_string(slice_of(rows[i].literal), &b);

		if (ok != (rows[i].text != NULL) || (ok && strcmp(buf_str(&b), rows[i].text) != 0))
			fail_msg("%s: %s", rows[i].literal, buf_str(&b));
		buf_fini(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_scan__accepts_json_alone),
		cmocka_unit_test(test_json_scan__any_prefix_is_refused),
		cmocka_unit_test(test_json_scan__depth_has_a_limit),
		cmocka_unit_test(test_json_scan_member__finds_the_first_of_that_name),
		cmocka_unit_test(test_json_scan_item__goes_through_an_array),
		cmocka_unit_test(test_json_scan_string__resolves_escapes),
	};

	return cmocka_run_group_tests_name("json_scan", tests, NULL, NULL);
}
