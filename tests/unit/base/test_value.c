/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Document trees: reading, paths, equality, building. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/value.h"
#include "src/base/yaml.h"
#include "tests/unit/base/arena_fixture.h"

static struct value *
parse(struct arena *a, const char *text)
{
	struct yaml_stream s;
	struct error err = ERROR_INIT;
	struct value *root;

	if (yaml_parse(a, text, strlen(text), NULL, &s, &err) < 0)
		fail_msg("%s: %s", text, err.msg);
	root = s.docs.len > 0 ? s.docs.items[0].root : NULL;
	yaml_stream_fini(&s);
	return root;
}

static const char *const tree =
	"metadata: {name: x, labels: {a.b/c: found, 'it''s': quote}}\n"
	"spec:\n  http:\n  - route:\n    - weight: 1\n    - weight: 90\n  deep: [[1, 2], [3]]\n";

static const struct { const char *path, *want; } paths[] = {
	{ "metadata.name", "x" },
	{ "metadata", NULL },
	{ "spec.http[0].route[1].weight", "90" },
	{ "spec.http[1].route[1].weight", NULL },
	{ "spec.http[0].route[2].weight", NULL },
	{ "spec.deep[0][1]", "2" },
	{ "spec.deep[1][0]", "3" },
	{ "metadata.labels[\"a.b/c\"]", "found" },
	{ "metadata.labels['a.b/c']", "found" },
	{ "metadata.labels[\"it's\"]", "quote" },
	{ "metadata[\"name\"]", "x" },
	{ "metadata.labels.a", NULL },
	{ "metadata.nam", NULL },
	{ "metadata.name.more", NULL },
	{ "metadata.name[0]", NULL },
	{ "metadata..name", NULL },
	{ "spec.http[]", NULL },
	{ "spec.http[x]", NULL },
	{ "spec.http[0", NULL },
	{ "spec.http[99999999999999999999999].route", NULL },
	{ "metadata.labels[\"a.b/c\"", NULL },
	{ "metadata.labels[\"", NULL },
};

static void
test_path__finds_what_users_write(void **state)
{
	struct value *root = parse(*state, tree);

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		const char *got = value_text(value_path(root, paths[i].path));

		if (paths[i].want == NULL ? got != NULL :
		    got == NULL || strcmp(got, paths[i].want) != 0)
			fail_msg("%s: %s", paths[i].path, got != NULL ? got : "NULL");
	}
	assert_ptr_equal(value_path(root, ""), root);
	assert_null(value_path(NULL, "a"));
}

static const struct { const char *text; bool is_int; int64_t n; bool is_double; double d; } numbers[] = {
	{ "80", true, 80, true, 80 },
	{ "-7", true, -7, true, -7 },
	{ "+7", true, 7, true, 7 },
	{ "0", true, 0, true, 0 },
	{ "0o17", true, 15, true, 15 },
	{ "0x1F", true, 31, true, 31 },
	{ "1.0", true, 1, true, 1 },
	{ "1e3", true, 1000, true, 1000 },
	{ "1.5", false, 0, true, 1.5 },
	{ ".5", false, 0, true, .5 },
	{ "9223372036854775807", true, INT64_MAX, true, 9223372036854775807.0 },
	{ "-9223372036854775808", true, INT64_MIN, true, -9223372036854775808.0 },
	{ "9223372036854775808", false, 0, true, 9223372036854775808.0 },
	{ "1e400", false, 0, false, 0 },
	{ ".inf", false, 0, false, 0 },
	{ "-.INF", false, 0, false, 0 },
	{ ".nan", false, 0, false, 0 },
	{ "\"1\"", false, 0, false, 0 },
	{ "true", false, 0, false, 0 },
	{ "1 2", false, 0, false, 0 },
	{ "1_000", false, 0, false, 0 },
	{ "[1]", false, 0, false, 0 },
};

static void
test_to_int__and_to_double_read_numbers_only(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		struct value *v = parse(*state, numbers[i].text);
		int64_t n = 12345;
		double d = 0.25;

		if (value_to_int(v, &n) != numbers[i].is_int ||
		    n != (numbers[i].is_int ? numbers[i].n : 12345))
			fail_msg("%s as int: %lld", numbers[i].text, (long long)n);
		if (value_to_double(v, &d) != numbers[i].is_double ||
		    d != (numbers[i].is_double ? numbers[i].d : 0.25))
			fail_msg("%s as double: %g", numbers[i].text, d);
	}
	assert_false(value_to_int(NULL, &(int64_t){ 0 }));
	assert_false(value_to_double(NULL, &(double){ 0 }));
}

static void
test_to_bool__reads_booleans_only(void **state)
{
	bool b = false;

	assert_true(value_to_bool(parse(*state, "True"), &b) && b);
	assert_true(value_to_bool(parse(*state, "false"), &b) && !b);
	assert_false(value_to_bool(parse(*state, "yes"), &b));
	assert_false(value_to_bool(parse(*state, "'true'"), &b));
	assert_false(value_to_bool(parse(*state, "1"), &b));
	assert_false(value_to_bool(NULL, &b));
}

static const struct { const char *a, *b; bool equal; } pairs[] = {
	{ "{a: 1, b: 2}", "{b: 2, a: 1}", true },
	{ "{a: 1, b: 2}", "{a: 1}", false },
	{ "{a: 1, b: null}", "{a: 1}", true },
	{ "{a: 1, b: null}", "{a: 1, c: null}", true },
	{ "{a: 1, b: {}}", "{a: 1}", false },
	{ "{a: null}", "{}", true },
	{ "[1, null]", "[1]", false },
	{ "[1, 2]", "[2, 1]", false },
	{ "1", "1.0", true },
	{ "1", "0x1", true },
	{ "100", "1e2", true },
	{ "-0.0", "0", true },
	{ "9007199254740993", "9007199254740992", false },
	{ "9007199254740993", "9007199254740992.0", false },
	{ "9007199254740992", "9007199254740992.0", true },
	{ "0.1", "1e-1", true },
	{ ".inf", ".INF", true },
	{ ".inf", "-.inf", false },
	{ "1", "'1'", false },
	{ "a", "'a'", true },
	{ "a", "b", false },
	{ "true", "True", true },
	{ "true", "false", false },
	{ "~", "null", true },
	{ "{}", "[]", false },
	{ "{a: [{b: 1, c: x}]}", "{a: [{c: x, b: 1.0}]}", true },
};

static void
test_equal__ignores_order_spelling_and_nulls(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct value *a = parse(*state, pairs[i].a), *b = parse(*state, pairs[i].b);

		if (value_equal(a, b) != pairs[i].equal || value_equal(b, a) != pairs[i].equal)
			fail_msg("%s and %s", pairs[i].a, pairs[i].b);
		if ((value_hash(a) == value_hash(b)) != pairs[i].equal)
			fail_msg("hashes of %s and %s", pairs[i].a, pairs[i].b);
	}
	assert_true(value_equal(NULL, parse(*state, "null")));
	assert_int_equal(value_hash(NULL), value_hash(parse(*state, "~")));
}

static void
test_equal__large_maps_in_any_order(void **state)
{
	struct value *up = value_new_map(*state), *down = value_new_map(*state);
	char key[16];

	for (int i = 0; i < 300; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		value_set_int(*state, up, key, i);
		snprintf(key, sizeof(key), "k%d", 299 - i);
		value_set_int(*state, down, key, 299 - i);
	}
	assert_true(value_equal(up, down));
	assert_int_equal(value_hash(up), value_hash(down));
	value_set_int(*state, down, "k7", 8);
	assert_false(value_equal(up, down));
	value_set(*state, down, "k7", value_new_null(*state));
	assert_false(value_equal(up, down));
	value_remove(up, "k7");
	assert_true(value_equal(up, down));
}

static void
test_set__keeps_the_position_of_a_member(void **state)
{
	struct value *map = parse(*state, "{a: 1, b: 2, c: 3}");

	value_set_string(*state, map, "b", "two");
	value_set_bool(*state, map, "c", true);
	value_set_double(*state, map, "d", 0.1);
	assert_int_equal(map->count, 4);
	assert_string_equal(map->first->next->text, "two");
	assert_string_equal(map->first->next->key, "b");
	assert_string_equal(map->last->key, "d");
	assert_string_equal(map->last->text, "0.1");
	assert_true(value_equal(map, parse(*state, "{a: 1, b: two, c: true, d: 0.1}")));
}

static void
test_remove__first_middle_and_last(void **state)
{
	struct value *map = parse(*state, "{a: 1, b: 2, c: 3}");

	assert_true(value_remove(map, "b"));
	assert_false(value_remove(map, "b"));
	assert_true(value_remove(map, "c"));
	value_set_int(*state, map, "z", 26);
	assert_true(value_equal(map, parse(*state, "{a: 1, z: 26}")));
	assert_true(value_remove(map, "a"));
	assert_true(value_remove(map, "z"));
	assert_int_equal(map->count, 0);
	assert_null(map->first);
	assert_null(map->last);
}

static void
test_ensure_map__makes_or_finds(void **state)
{
	struct value *map = parse(*state, "{a: {b: 1}, c: null, d: 1}");

	assert_int_equal(value_ensure_map(*state, map, "a")->count, 1);
	assert_int_equal(value_ensure_map(*state, map, "c")->kind, VALUE_MAP);
	assert_int_equal(value_ensure_map(*state, map, "e")->count, 0);
	assert_true(value_equal(map, parse(*state, "{a: {b: 1}, c: {}, d: 1, e: {}}")));
}

static void
test_copy__shares_nothing(void **state)
{
	struct arena *other = arena_new();
	struct value *v = parse(other, tree);
	struct value *copy = value_copy(*state, v);

	assert_true(value_equal(v, copy));
	value_remove(v, "metadata");
	arena_free(&other);
	assert_true(value_equal(copy, parse(*state, tree)));
	assert_null(value_copy(*state, NULL));
}

static void
test_new_double__reads_back_equal(void **state)
{
	static const double ds[] = { 0, 0.1, 1.0 / 3, 1e300, -2.5e-9, 123456789.125, 5e-324 };

	for (size_t i = 0; i < ARRAY_LEN(ds); i++) {
		double d;

		assert_true(value_to_double(value_new_double(*state, ds[i]), &d));
		assert_true(d == ds[i]);
	}
}

static void
test_get__accepts_nothing_and_other_kinds(void **state)
{
	struct value *list = parse(*state, "[a]");

	assert_null(value_get(NULL, "a"));
	assert_null(value_get(list, "a"));
	assert_null(value_at(NULL, 0));
	assert_null(value_at(parse(*state, "{a: 1}"), 0));
	assert_null(value_text(NULL));
	assert_null(value_text(list));
	assert_null(value_text(parse(*state, "~")));
	assert_false(value_is_map(NULL));
	assert_false(value_is_list(NULL));
	assert_true(value_is_list(list));
	assert_false(value_remove(NULL, "a"));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, arena_setup, arena_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_path__finds_what_users_write),
		TEST(test_to_int__and_to_double_read_numbers_only),
		TEST(test_to_bool__reads_booleans_only),
		TEST(test_equal__ignores_order_spelling_and_nulls),
		TEST(test_equal__large_maps_in_any_order),
		TEST(test_set__keeps_the_position_of_a_member),
		TEST(test_remove__first_middle_and_last),
		TEST(test_ensure_map__makes_or_finds),
		TEST(test_copy__shares_nothing),
		TEST(test_new_double__reads_back_equal),
		TEST(test_get__accepts_nothing_and_other_kinds),
	};

	return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
