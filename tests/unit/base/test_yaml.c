/* SPDX-License-Identifier: GPL-3.0-or-later */
/* YAML in and out: types, places, refusals, document ranges, round trips. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/base/value.h"
#include "src/base/yaml.h"
#include "tests/unit/base/arena_fixture.h"

static struct value *
parse(struct arena *a, const char *text, size_t len)
{
	struct yaml_stream s;
	struct error err = ERROR_INIT;
	struct value *root;

	if (yaml_parse(a, text, len, "f", &s, &err) < 0)
		fail_msg("%s: %u:%u: %s", text, err.line, err.col, err.msg);
	assert_int_equal(s.docs.len, 1);
	root = s.docs.items[0].root;
	yaml_stream_fini(&s);
	return root;
}

static const struct { const char *text; enum value_kind kind; } words[] = {
	{ "null", VALUE_NULL },	    { "~", VALUE_NULL },	{ "NULL", VALUE_NULL },
	{ "nULL", VALUE_STRING },   { "true", VALUE_BOOL },	{ "FALSE", VALUE_BOOL },
	{ "tRUE", VALUE_STRING },   { "yes", VALUE_STRING },	{ "no", VALUE_STRING },
	{ "on", VALUE_STRING },	    { "1", VALUE_NUMBER },	{ "-1", VALUE_NUMBER },
	{ "0755", VALUE_NUMBER },   { "0o7", VALUE_NUMBER },	{ "0o8", VALUE_STRING },
	{ "0xfF", VALUE_NUMBER },   { "0xg", VALUE_STRING },	{ "1.", VALUE_NUMBER },
	{ ".5", VALUE_NUMBER },	    { ".", VALUE_STRING },	{ "-", VALUE_LIST },
	{ "1e5", VALUE_NUMBER },    { "1e", VALUE_STRING },	{ "e5", VALUE_STRING },
	{ "1.2.3", VALUE_STRING },  { "1_000", VALUE_STRING },	{ "1:30", VALUE_STRING },
	{ ".inf", VALUE_NUMBER },   { "-.Inf", VALUE_NUMBER },	{ ".nan", VALUE_NUMBER },
	{ "+.nan", VALUE_STRING },  { "5s", VALUE_STRING },	{ "10.0.0.1", VALUE_STRING },
	{ "'1'", VALUE_STRING },    { "\"true\"", VALUE_STRING }, { "|\n  1\n", VALUE_STRING },
	{ "!!str 1", VALUE_STRING }, { "!!int 1", VALUE_NUMBER }, { "!!int '1'", VALUE_NUMBER },
	{ "!!null ''", VALUE_NULL }, { "!!float 1", VALUE_NUMBER }, { "!!bool 'true'", VALUE_BOOL },
	{ "!!map {}", VALUE_MAP },  { "!!seq []", VALUE_LIST },
};

static void
test_parse__types_by_the_core_schema(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct value *v = parse(*state, words[i].text, strlen(words[i].text));

		if (v->kind != words[i].kind)
			fail_msg("%s became kind %d", words[i].text, (int)v->kind);
	}
}

#define NEST16 "[[[[[[[[[[[[[[[["
static const struct { const char *text; unsigned line, col; const char *says; } refused[] = {
	{ "a: 1\nb: 2\na: 3\n", 3, 1, "duplicate key \"a\"" },
	{ "x:\n  a: 1\n  b: 2\n  a: 3\n", 4, 3, "duplicate key" },
	{ "{\"a\": 1, \"a\": 2}", 1, 10, "duplicate key" },
	{ "a: &x 1\nb: *x\n", 1, 4, "anchors" },
	{ "a: &x {}\n", 1, 4, "anchors" },
	{ "a: *x\n", 1, 4, "anchors" },
	{ "? *x\n: 1\n", 1, 3, "anchors" },
	{ "a: 1\n<<: {b: 1}\n", 2, 1, "merge" },
	{ "? [a]\n: 1\n", 1, 3, "key" },
	{ "? {a: 1}\n: 1\n", 1, 3, "key" },
	{ "?\n: 1\n", 1, 2, "key is missing" },
	{ "a: !foo 1\n", 1, 4, "tag" },
	{ "a: !!binary aGk=\n", 1, 4, "tag" },
	{ "a: !!set {}\n", 1, 4, "tag" },
	{ "a: !!int x\n", 1, 4, "tag" },
	{ "!!int a: 1\n", 1, 1, "key" },
	{ "a:\n\tb: 1\n", 2, 1, "tab" },
	{ "a: 1\n b: 2\n", 2, 3, "" },
	{ "a: [1, 2\n", 2, 1, "" },
	{ "a: \"abc\n", 2, 1, "" },
	{ "a: 'abc\n", 2, 1, "" },
	{ "{a: 1", 1, 6, "" },
	{ "a: b: c\n", 1, 5, "" },
	{ "a: \x01\n", 1, 4, "control" },
	{ "a: \x7f\n", 1, 4, "control" },
	{ "a: \xc2\x80\n", 1, 4, "control" },
	{ "a: \xc2\x85\n", 1, 4, "control" },
	{ "a: '\xe2\x80\xa8'\n", 1, 5, "U+2028" },
	{ "\xc3\xa4: \xff\n", 1, 4, "UTF-8" },
	{ "a: \xc0\x80\n", 1, 4, "UTF-8" },
	{ "a: \xed\xa0\x80\n", 1, 4, "UTF-8" },
	{ "a: \xe2\x82", 1, 4, "UTF-8" },
	{ "b: 1\r\na: \xff\r\n", 2, 4, "UTF-8" },
	{ "a: \"x\\0y\"\n", 1, 4, "NUL" },
	{ "a: \"\\ud800\"\n", 1, 7, "" },
	{ "\xc3\xa4\xc3\xb6: &x 1\n", 1, 5, "anchors" },
	{ NEST16 NEST16 NEST16 NEST16 "[", 1, 65, "levels" },
	{ "%YAML 3.0\n---\na\n", 1, 1, "" },
	{ "a: 1\n---\na: 1\n---\nb: [\n", 6, 1, "" },
	{ "--- a: 1\n", 1, 6, "" },
	{ "- a\nb: 1\n", 2, 1, "" },
	{ "a: `x`\n", 1, 4, "" },
	{ "a: @x\n", 1, 4, "" },
};

static void
test_parse__refuses_with_line_and_column(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct yaml_stream s;
		struct error err = ERROR_INIT;
		const char *text = refused[i].text;

		if (yaml_parse(*state, text, strlen(text), "f.yaml", &s, &err) == 0)
			fail_msg("accepted: %s", text);
		if (err.line != refused[i].line || err.col != refused[i].col ||
		    strstr(err.msg, refused[i].says) == NULL || err.msg[0] == '\0')
			fail_msg("%s: %u:%u: %s", text, err.line, err.col, err.msg);
		assert_int_equal(err.code, ERROR_SYNTAX);
		assert_string_equal(err.file, "f.yaml");
		assert_int_equal(s.docs.len, 0);
	}
}

static void
test_parse__refuses_other_encodings(void **state)
{
	static const struct { const char *text; size_t len; const char *says; } texts[] = {
		{ "\xff\xfe" "a\0:\0", 6, "UTF-16" },
		{ "\xfe\xff\0a\0:", 6, "UTF-16" },
		{ "a\0:\0 \0", 6, "UTF-16" },
		{ "\0a\0:\0 ", 6, "UTF-16" },
		{ "ab\0c", 4, "NUL" },
	};
	struct yaml_stream s;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct error err = ERROR_INIT;

		assert_int_equal(yaml_parse(*state, texts[i].text, texts[i].len, NULL, &s, &err), -1);
		assert_non_null(strstr(err.msg, texts[i].says));
		assert_int_equal(err.line, 1);
	}
}

static void
repeat(struct buf *b, const char *s, size_t times)
{
	buf_clear(b);
	while (times-- > 0)
		buf_puts(b, s);
}

static void
test_parse__refuses_hostile_sizes(void **state)
{
	static const struct { const char *piece; size_t times; const char *says; } bombs[] = {
		{ "a", YAML_MAX_BYTES + 1, "64 MiB" },
		{ "a", 6u << 20, "4 MiB" },
		{ "# comment without an end ", 300000, "4 MiB" },
		{ "[", 1000000, "levels" },
		{ "{a: ", 1000000, "levels" },
		{ "- ", 1000000, "levels" },
		{ "? ", 1000000, "key" },
		{ "&a ", 1000000, "" },
		{ "[],\n", YAML_MAX_NODES + 10, "" },
	};
	struct buf b = BUF_INIT;
	struct yaml_stream s;

	for (size_t i = 0; i < ARRAY_LEN(bombs); i++) {
		struct error err = ERROR_INIT;

		repeat(&b, bombs[i].piece, bombs[i].times);
		assert_int_equal(yaml_parse(*state, b.data, b.len, NULL, &s, &err), -1);
		if (strstr(err.msg, bombs[i].says) == NULL)
			fail_msg("%.8s...: %s", bombs[i].piece, err.msg);
	}
	buf_fini(&b);
}

static void
test_parse__many_keys_are_checked_for_duplicates(void **state)
{
	struct buf b = BUF_INIT;
	struct yaml_stream s;
	struct error err = ERROR_INIT;

	for (int i = 0; i < 50000; i++)
		buf_printf(&b, "key%d: 1\n", i);
	assert_int_equal(yaml_parse(*state, b.data, b.len, NULL, &s, &err), 0);
	yaml_stream_fini(&s);
	buf_puts(&b, "key7: 1\nkey8: 1\n");
	assert_int_equal(yaml_parse(*state, b.data, b.len, NULL, &s, &err), -1);
	assert_true(err.line == 50001 || err.line == 50002);
	buf_fini(&b);
}

static void
test_parse__values_know_their_place(void **state)
{
	static const char text[] = "\xef\xbb\xbf# c\r\n\xc3\xa4: \xc3\xb6\r\nlist:\r\n- {b: [1, 2]}\r\n- |\r\n  x\r\n";
	struct value *root = parse(*state, text, sizeof(text) - 1);
	struct value *v = value_path(root, "\xc3\xa4");

	assert_int_equal(v->line, 2);
	assert_int_equal(v->col, 4);
	assert_int_equal(v->key_line, 2);
	assert_int_equal(v->key_col, 1);
	assert_memory_equal(text + v->begin, "\xc3\xb6", 2);
	assert_int_equal(v->end - v->begin, 2);
	v = value_path(root, "list[0].b");
	assert_int_equal(v->line, 4);
	assert_int_equal(v->col, 7);
	assert_int_equal(v->key_col, 4);
	assert_int_equal(v->end - v->begin, 6);
	assert_memory_equal(text + v->begin, "[1, 2]", 6);
	assert_string_equal(value_text(value_path(root, "list[1]")), "x\n");
	v = value_get(root, "list");
	assert_memory_equal(text + v->begin, "- {b", 4);
	assert_int_equal(v->end, sizeof(text) - 1);
}

/* The text of each document stands between brackets. */
static const struct { const char *text, *want; } streams[] = {
	{ "a: 1\n", "[a: 1\n]" },
	{ "a: 1", "[a: 1]" },
	{ "# c\na: 1 # d\n# e\n", "[# c\na: 1 # d\n]# e\n" },
	{ "# licence\n---\n# c\na: 1\n# before\n---\nb: 2\n",
	  "# licence\n---\n[# c\na: 1\n]# before\n---\n[b: 2\n]" },
	{ "--- # note\na: 1\n...\n---\nb: 2\n", "--- # note\n[a: 1\n]...\n---\n[b: 2\n]" },
	{ "---   \r\na: 1\r\n---\r\nb: 2\r\n", "---   \r\n[a: 1\r\n]---\r\n[b: 2\r\n]" },
	{ "a:\n  b:\n---\nc: 1\n", "[a:\n  b:\n]---\n[c: 1\n]" },
	{ "a: |\n  text\n  # text\n---\nb: 1\n", "[a: |\n  text\n  # text\n]---\n[b: 1\n]" },
	{ "a:\n  # inside\n  b: 1\n\n\n---\nb: 1\n", "[a:\n  # inside\n  b: 1\n]\n\n---\n[b: 1\n]" },
	{ "{\"a\": 1}\n---\n[1,\n2] # x\n", "[{\"a\": 1}\n]---\n[[1,\n2] # x\n]" },
	{ "---\n---\na: 1\n---\n# nothing\n", "---\n[]---\n[a: 1\n]---\n[]# nothing\n" },
	{ "--- {a: 1}\n---\nb: 1\n", "---[ {a: 1}\n]---\n[b: 1\n]" },
	{ "%YAML 1.2\n---\na: 1\n", "%YAML 1.2\n---\n[a: 1\n]" },
	{ "\xef\xbb\xbf\xc3\xa4: 1\n---\n\xc3\xa4: 1\n", "\xef\xbb\xbf[\xc3\xa4: 1\n]---\n[\xc3\xa4: 1\n]" },
	{ "", "" },
	{ "# only\n\n", "# only\n\n" },
	{ "a:\n  b: 1\n  # c: 2\n\n  # d\n\n# e\n---\nb: 1\n",
	  "[a:\n  b: 1\n  # c: 2\n\n  # d\n]\n# e\n---\n[b: 1\n]" },
	{ "a: |\n      x\n    ", "[a: |\n      x\n    ]" },
	{ "a: 'x\n\n  y'\n---\nb: 1\n", "[a: 'x\n\n  y'\n]---\n[b: 1\n]" },
	{ "- a\n- \n---\nb: 1\n", "[- a\n- \n]---\n[b: 1\n]" },
	{ "a: 1\n...\n...\n---\n# c\nb: 2\n", "[a: 1\n]...\n...\n---\n[# c\nb: 2\n]" },
};

static void
test_parse__documents_know_their_bytes(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
		const char *text = streams[i].text;
		size_t at = 0;
		struct buf marked = BUF_INIT;
		struct yaml_stream s;
		struct error err = ERROR_INIT;

		if (yaml_parse(*state, text, strlen(text), NULL, &s, &err) < 0)
			fail_msg("%s: %u:%u: %s", text, err.line, err.col, err.msg);
		for (size_t d = 0; d < s.docs.len; d++) {
			const struct yaml_document *doc = &s.docs.items[d];

			assert_true(doc->begin >= at && doc->end >= doc->begin);
			buf_append(&marked, text + at, doc->begin - at);
			buf_putc(&marked, '[');
			buf_append(&marked, text + doc->begin, doc->end - doc->begin);
			buf_putc(&marked, ']');
			at = doc->end;
		}
		buf_puts(&marked, text + at);
		assert_string_equal(buf_str(&marked), streams[i].want);
		buf_fini(&marked);
		yaml_stream_fini(&s);
	}
}

static void
test_parse__empty_documents_have_no_root(void **state)
{
	static const char text[] = "---\n---\na: 1\n---\n~\n---\n";
	struct yaml_stream s;

	assert_int_equal(yaml_parse(*state, text, strlen(text), NULL, &s, NULL), 0);
	assert_int_equal(s.docs.len, 4);
	assert_null(s.docs.items[0].root);
	assert_int_equal(s.docs.items[1].line, 3);
	assert_non_null(s.docs.items[2].root);
	assert_null(s.docs.items[3].root);
	yaml_stream_fini(&s);
}

static void
test_parse__reads_json_documents(void **state)
{
	static const char text[] =
		"{\n\t\"a\":\"x\\/\\u00e4\\n\",\n\t\"b\":[1,-2.5e3,true,null,{}],\"c\":{\"d\":[]}}\n";
	struct value *v = parse(*state, text, strlen(text));

	assert_string_equal(value_get_text(v, "a"), "x/\xc3\xa4\n");
	assert_int_equal(value_get(v, "b")->count, 5);
	assert_int_equal(value_path(v, "b[3]")->kind, VALUE_NULL);
	assert_int_equal(value_path(v, "c.d")->kind, VALUE_LIST);
}

static const struct { const char *json, *yaml; } printed[] = {
	{ "{}", "{}\n" },
	{ "[]", "[]\n" },
	{ "null", "null\n" },
	{ "a", "a\n" },
	{ "{\"a\": {\"b\": {}, \"c\": [], \"d\": null}}", "a:\n  b: {}\n  c: []\n  d: null\n" },
	{ "{\"http\": [{\"match\": [{\"uri\": {\"prefix\": \"/x\"}}], \"route\": [1, 2]}, {\"x\": 1}]}",
	  "http:\n- match:\n  - uri:\n      prefix: /x\n  route:\n  - 1\n  - 2\n- x: 1\n" },
	{ "[[1, 2], [[3]], {\"a\": [4]}]", "- - 1\n  - 2\n- - - 3\n- a:\n  - 4\n" },
	{ "{\"hosts\": [\"*\", \"*.a\"]}", "hosts:\n- '*'\n- '*.a'\n" },
	{ "{\"a\": \"true\", \"b\": \"no\", \"c\": \"1\", \"d\": \"\", \"e\": \"~\"}",
	  "a: \"true\"\nb: \"no\"\nc: \"1\"\nd: \"\"\ne: \"~\"\n" },
	{ "{\"a\": \"1:30\", \"b\": \"0755\", \"c\": \"1_0\", \"d\": \"2001-01-01\", \"e\": \"y\"}",
	  "a: \"1:30\"\nb: \"0755\"\nc: \"1_0\"\nd: \"2001-01-01\"\ne: \"y\"\n" },
	{ "{\"a\": \"10.0.0.1\", \"b\": \"5s\", \"c\": \"v1\", \"d\": \"a:b\", \"e\": \"1.2.3\"}",
	  "a: 10.0.0.1\nb: 5s\nc: v1\nd: a:b\ne: 1.2.3\n" },
	{ "{\"a\": \"x: y\", \"b\": \"x #y\", \"c\": \" x\", \"d\": \"x \", \"e\": \"it's: x\"}",
	  "a: 'x: y'\nb: 'x #y'\nc: ' x'\nd: 'x '\ne: 'it''s: x'\n" },
	{ "{\"a\": \"- x\", \"b\": \"-x\", \"c\": \"?\", \"d\": \"x:\", \"e\": \"---\", \"f\": \"%x\"}",
	  "a: '- x'\nb: -x\nc: '?'\nd: 'x:'\ne: '---'\nf: '%x'\n" },
	{ "{\"a\": \"x\\ny\\n\", \"b\": \"x\\n\\ny\", \"c\": \"\\n x\", \"d\": \"x\\ty\"}",
	  "a: |\n  x\n  y\nb: |-\n  x\n\n  y\nc: \"\\n x\"\nd: \"x\\ty\"\n" },
	{ "[\"x\\ny\\n\", [\"x\\ny\"]]", "- |\n  x\n  y\n- - |-\n    x\n    y\n" },
	{ "{\"true\": 1, \"a b\": 2, \"a: b\": 3, \"1\": 4, \"x.y/z\": 5}",
	  "\"true\": 1\na b: 2\n'a: b': 3\n\"1\": 4\nx.y/z: 5\n" },
	{ "{\"a\": \"\\u001b[0m\\u0085\"}", "a: \"\\e[0m\\x85\"\n" },
	/* marks: four on a base, none without one */
	{ "{\"a\": \"e\\u0301\\u0301\\u0301\\u0301\\u0301x\\u0301\", \"b\": \"\\u0301\", \"c\": \"e\\u0301\"}",
	  "a: \"e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\\u0301x\xcc\x81\"\nb: \"\\u0301\"\nc: e\xcc\x81\n" },
};

static void
test_emit__prints_as_kubectl(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(printed); i++) {
		struct buf b = BUF_INIT;

		yaml_emit(&b, parse(*state, printed[i].json, strlen(printed[i].json)));
		assert_string_equal(buf_str(&b), printed[i].yaml);
		buf_fini(&b);
	}
}

static const char *
random_text(struct arena *a, struct rng *rng)
{
	static const char *const pieces[] = {
		"a", "b", " ", "\n", ":", "#", "-", "'", "\"", "\\", "\t", "?", "1", ".", "0x",
		"true", "null", "no", "\xc3\xa4", "\xe2\x80\xa8", "\xc2\x85", "{", "]", ",", "&",
		"*", "!", "|", ">", "%", "@", "`", "\x01", "\r", "\xf0\x9f\x98\x80", "---", "...",
		"\xef\xbb\xbf", "\x7f", "=", "<<", "_", "e", "+", "\n\n", "\xef\xbf\xbf", "\xcc\x81",
	};
	struct buf b = BUF_INIT;
	uint64_t n = rng_below(rng, 12);
	const char *s;

	if (rng_below(rng, 100) == 0)
		n = 700;
	while (n-- > 0)
		buf_puts(&b, pieces[rng_below(rng, ARRAY_LEN(pieces))]);
	s = arena_strdup(a, buf_str(&b));
	buf_fini(&b);
	return s;
}

static struct value *
random_tree(struct arena *a, struct rng *rng, unsigned depth)
{
	struct value *v;
	uint64_t n = rng_below(rng, 5);

	switch (rng_below(rng, depth > 5 ? 5 : 9)) {
	case 0:
		return value_new_null(a);
	case 1:
		return value_new_bool(a, rng_below(rng, 2));
	case 2:
		return value_new_int(a, (int64_t)rng_next(rng));
	case 3:
		return value_new_double(a, (double)rng_below(rng, 1000000) / 1024);
	case 4:
		return value_new_string(a, random_text(a, rng));
	case 5:
	case 6:
		v = value_new_list(a);
		while (n-- > 0)
			value_append(v, random_tree(a, rng, depth + 1));
		return v;
	default:
		v = value_new_map(a);
		while (n-- > 0)
			value_set(a, v, random_text(a, rng), random_tree(a, rng, depth + 1));
		return v;
	}
}

static void
test_emit__reads_back_equal(void **state)
{
	for (uint64_t seed = 1; seed <= 3000; seed++) {
		struct arena *a = arena_new();
		struct rng rng;
		struct value *v, *again;
		struct buf b = BUF_INIT, twice = BUF_INIT;
		struct yaml_stream s;
		struct error err = ERROR_INIT;

		(void)state;
		rng_seed(&rng, seed);
		v = random_tree(a, &rng, 0);
		yaml_emit(&b, v);
		if (yaml_parse(a, b.data, b.len, NULL, &s, &err) < 0)
			fail_msg("seed %llu: %u:%u: %s\n%s", (unsigned long long)seed, err.line,
				 err.col, err.msg, b.data);
		assert_int_equal(s.docs.len, 1);
		again = s.docs.items[0].root;
		yaml_emit(&twice, again);
		if (!value_equal(v, again) || strcmp(b.data, twice.data) != 0)
			fail_msg("seed %llu:\n%s", (unsigned long long)seed, b.data);
		yaml_stream_fini(&s);
		buf_fini(&b);
		buf_fini(&twice);
		arena_free(&a);
	}
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, arena_setup, arena_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_parse__types_by_the_core_schema),
		TEST(test_parse__refuses_with_line_and_column),
		TEST(test_parse__refuses_other_encodings),
		TEST(test_parse__refuses_hostile_sizes),
		TEST(test_parse__many_keys_are_checked_for_duplicates),
		TEST(test_parse__values_know_their_place),
		TEST(test_parse__documents_know_their_bytes),
		TEST(test_parse__empty_documents_have_no_root),
		TEST(test_parse__reads_json_documents),
		TEST(test_emit__prints_as_kubectl),
		TEST(test_emit__reads_back_equal),
	};

	return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
