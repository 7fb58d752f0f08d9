/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON in and out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/slice.h"
#include "src/base/value.h"
#include "tests/unit/base/arena_fixture.h"

/* Parsed from memory of exactly its size, so that a sanitizer sees any byte
 * read too far. */
static struct value *
parse(struct arena *a, const char *text, size_t len, struct error *err)
{
	char *exact = malloc(len > 0 ? len : 1);
	struct value *v;

	memcpy(exact, text, len);
	v = json_parse(a, exact, len, err);
	free(exact);
	return v;
}

static const struct { const char *in, *out; } same[] = {
	{ "null", "null" },
	{ " true\n", "true" },
	{ "[1, -2, 3.50, 1e5, 1E+5, 0, -0.0]", "[1,-2,3.50,1e5,1E+5,0,-0.0]" },
	{ "12345678901234567890123", "12345678901234567890123" },
	{ "{\"a\": {}, \"b\": [], \"c\": [{}]}", "{\"a\":{},\"b\":[],\"c\":[{}]}" },
	{ "{\"1\": [2, \"3\", {\"4\": 5}], \"\\\"6\": 7}", "{\"1\":[2,\"3\",{\"4\":5}],\"\\\"6\":7}" },
	{ "\"\\u00e4\\/\\n\\\"\\\\\"", "\"\xc3\xa4/\\n\\\"\\\\\"" },
	{ "\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"" },
	{ "\"\\u001b[0m\\u202e\\u200b\"", "\"\\u001b[0m\\u202e\\u200b\"" },
	{ "\"\xf3\xa0\x80\x81\"", "\"\\udb40\\udc01\"" },
	{ "{\"\": \"\"}", "{\"\":\"\"}" },
};

static void
test_parse__and_emit_keep_what_was_said(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		struct error err = ERROR_INIT;
		struct value *v = parse(*state, same[i].in, strlen(same[i].in), &err);
		struct buf b = BUF_INIT;

		if (v == NULL)
			fail_msg("%s: %s", same[i].in, err.msg);
		json_emit(&b, v, false);
		assert_string_equal(buf_str(&b), same[i].out);
		buf_fini(&b);
	}
}

#define NEST16 "[[[[[[[[[[[[[[[["
static const struct { const char *text, *says; } refused[] = {
	{ "", "" }, { " ", "" }, { "{", "" }, { "[1,", "" }, { "{\"1\":1,", "" },
	{ "[1,]", "" }, { "{\"a\":1,}", "" }, { "{a:1}", "" }, { "{\"a\" 1}", "" },
	{ "[1 2]", "" }, { "1 2", "follows" }, { "{} x", "" }, { "{} {}", "follows" },
	{ "[1]]", "close" }, { "]", "close" }, { "nul", "" }, { "True", "" }, { "NaN", "" },
	{ "01", "" }, { "1.", "" }, { ".5", "" }, { "+1", "" }, { "0x10", "" }, { "1e", "" },
	{ "-", "" }, { "'a'", "" }, { "\"a", "without an end" }, { "\"a\\", "" },
	{ "\"a\nb\"", "control" }, { "\"\x01\"", "control" }, { "\"\xff\"", "UTF-8" },
	{ "\"\\u0000\"", "NUL" }, { "{\"\\u0000\": 1}", "NUL" }, { "\"\\x41\"", "" },
	{ "\"\\ud800\"", "" }, { "\"\\u12\"", "" }, { "// c\n1", "" }, { "[1] // c", "" },
	{ "{\"a\":1,\"a\":2}", "duplicate key \"a\"" },
	{ "[{\"x\":{\"b\":1,\"c\":2,\"b\":2}}]", "duplicate key \"b\"" },
	{ NEST16 NEST16 NEST16 NEST16 "[", "levels" },
	{ "\xef\xbb\xbf{}", "" },
};

static void
test_parse__refuses_what_is_not_json(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct error err = ERROR_INIT;

		if (parse(*state, refused[i].text, strlen(refused[i].text), &err) != NULL)
			fail_msg("accepted: %s", refused[i].text);
		assert_int_equal(err.code, ERROR_SYNTAX);
		if (strstr(err.msg, refused[i].says) == NULL || err.msg[0] == '\0')
			fail_msg("%s: %s", refused[i].text, err.msg);
	}
	assert_null(parse(*state, "[1,\0 2]", 7, NULL));
	assert_null(parse(*state, "{}\0", 3, NULL));
}

static void
test_parse__any_prefix_is_refused_or_whole(void **state)
{
	static const char text[] =
		"{\"a\":[1,2.5e3,{\"b\":\"x\\u00e4\\\"y\"},true,false,null],\"c\":\"\xc3\xa4\"}";

	for (size_t len = 0; len < sizeof(text) - 1; len++)
		assert_null(parse(*state, text, len, NULL));
	assert_non_null(parse(*state, text, sizeof(text) - 1, NULL));
}

static void
test_put_string__escapes_what_must_not_be_shown(void **state)
{
	static const struct { const char *in; size_t len; const char *out; } strings[] = {
		{ "a\"b\\c", 5, "\"a\\\"b\\\\c\"" },
		{ "\0\x1f\x7f", 3, "\"\\u0000\\u001f\\u007f\"" },
		{ "\xff\xc3", 2, "\"\\ufffd\\ufffd\"" },
		{ "a\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81", 11,
		  "\"a\xcc\x81\xcc\x81\xcc\x81\xcc\x81\\u0301\"" },
		{ "\xcc\x81", 2, "\"\\u0301\"" },
		{ NULL, 0, "\"\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(strings); i++) {
		struct buf b = BUF_INIT;

		json_put_string(&b, strings[i].in, strings[i].len);
		assert_string_equal(buf_str(&b), strings[i].out);
		buf_fini(&b);
	}
}

static void
write_everything(struct json_writer *w, struct arena *a)
{
	json_open(w, NULL, '{');
	json_string(w, "s", "x");
	json_string(w, "n", NULL);
	json_slice(w, "e", SLICE_NONE);
	json_int(w, "i", INT64_MIN);
	json_uint(w, "u", UINT64_MAX);
	json_open(w, "d", '[');
	json_double(w, NULL, 0.1, -1);
	json_double(w, NULL, 2, -1);
	json_double(w, NULL, 1.0 / 3, 2);
	json_double(w, NULL, (double)NAN, 2);
	json_double(w, NULL, (double)INFINITY, -1);
	json_close(w, ']');
	json_open(w, "o", '{');
	json_close(w, '}');
	json_bool(w, "t", true);
	json_value(w, "v", parse(a, "{\"a\":[1,{}]}", 12, NULL));
	json_null(w, "z");
	json_close(w, '}');
}

static void
test_writer__puts_commas_and_lines(void **state)
{
	struct buf b = BUF_INIT;
	struct json_writer w;

	json_begin(&w, &b, false);
	write_everything(&w, *state);
	assert_string_equal(buf_str(&b),
		"{\"s\":\"x\",\"n\":null,\"e\":\"\",\"i\":-9223372036854775808,"
		"\"u\":18446744073709551615,\"d\":[0.1,2,0.33,null,null],\"o\":{},"
		"\"t\":true,\"v\":{\"a\":[1,{}]},\"z\":null}");
	buf_clear(&b);
	json_begin(&w, &b, true);
	write_everything(&w, *state);
	assert_string_equal(buf_str(&b),
		"{\n  \"s\": \"x\",\n  \"n\": null,\n  \"e\": \"\",\n"
		"  \"i\": -9223372036854775808,\n  \"u\": 18446744073709551615,\n"
		"  \"d\": [\n    0.1,\n    2,\n    0.33,\n    null,\n    null\n  ],\n"
		"  \"o\": {},\n  \"t\": true,\n"
		"  \"v\": {\n    \"a\": [\n      1,\n      {}\n    ]\n  },\n  \"z\": null\n}");
	buf_fini(&b);
}

static void
test_emit__spells_yaml_numbers_as_json(void **state)
{
	static const struct { const char *text, *want; } numbers[] = {
		{ "0x1f", "31" }, { "0o17", "15" }, { ".5", "0.5" }, { "+1", "1" }, { "1.", "1" },
		{ "0755", "755" }, { ".inf", "null" }, { ".nan", "null" }, { "1.5e3", "1.5e3" },
	};

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		struct value *v = value_new_string(*state, numbers[i].text);
		struct buf b = BUF_INIT;

		v->kind = VALUE_NUMBER;
		json_emit(&b, v, false);
		assert_string_equal(buf_str(&b), numbers[i].want);
		buf_fini(&b);
	}
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, arena_setup, arena_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_parse__and_emit_keep_what_was_said),
		TEST(test_parse__refuses_what_is_not_json),
		TEST(test_parse__any_prefix_is_refused_or_whole),
		TEST(test_put_string__escapes_what_must_not_be_shown),
		TEST(test_writer__puts_commas_and_lines),
		TEST(test_emit__spells_yaml_numbers_as_json),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
