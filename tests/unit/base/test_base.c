/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The small helpers: buf, arena, vec, slice, rng, loghist, file. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/base/loghist.h"
#include "src/base/rng.h"
#include "src/base/slice.h"
#include "src/base/vec.h"

static void
test_buf__grows_and_stays_terminated(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%d,", i);
	assert_int_equal(strlen(buf_str(&b)), b.len);
	buf_consume(&b, 2);
	assert_memory_equal(buf_str(&b), "1,2,", 4);
	buf_fini(&b);
	assert_string_equal(buf_str(&b), "");
}

static void
test_arena__keeps_what_was_stored(void **state)
{
	struct arena *a = arena_new();
	char *kept[500];

	(void)state;
	for (int i = 0; i < 500; i++)
		kept[i] = arena_printf(a, "%0*d", i + 1, i);
	for (int i = 0; i < 500; i++)
		assert_int_equal(atoi(kept[i]), i);
	arena_free(&a);
	assert_null(a);
}

static void
test_arena_reset__gives_zeroed_room_again(void **state)
{
	static const size_t sizes[] = { 100, 5000, 3, 700, 100000, 1 };
	struct arena *a = arena_new();

	(void)state;
	arena_reset(a);
	for (int round = 0; round < 4; round++) {
		for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
			unsigned char *p = arena_alloc(a, sizes[i]);

			for (size_t k = 0; k < sizes[i]; k++)
				assert_int_equal(p[k], 0);
			memset(p, 0xa5, sizes[i]);
		}
		arena_reset(a);
	}
	arena_free(&a);
}

static void
test_vec__push_and_remove(void **state)
{
	VEC(int) v = VEC_INIT;

	(void)state;
	for (int i = 0; i < 20; i++)
		vec_push(&v, i);
	vec_remove(&v, 3);
	assert_int_equal(v.len, 19);
	assert_int_equal(v.items[3], 4);
	vec_fini(&v);
}

static void
test_slice__compares(void **state)
{
	(void)state;
	assert_true(slice_is(SLICE("abc"), "abc"));
	assert_false(slice_is(SLICE("abc"), "abcd"));
	assert_true(slice_starts(SLICE("abc"), SLICE("ab")));
	assert_true(slice_ends(SLICE("abc"), SLICE("bc")));
	assert_false(slice_ends(SLICE("c"), SLICE("bc")));
	assert_true(slice_eq_nocase(SLICE("AbC"), SLICE("aBc")));
	assert_true(slice_eq(SLICE_NONE, SLICE("")));
}

static void
test_rng_uuid__version_4_of_the_draws(void **state)
{
	struct rng rng, same;
	char id[RNG_UUID_BYTES], want[64];

	(void)state;
	rng_seed(&rng, 9);
	rng_seed(&same, 9);
	for (int i = 0; i < 200; i++) {
		uint64_t high = rng_next(&same), low = rng_next(&same);

		high = (high & ~0xf000ull) | 0x4000;
		low = (low & 0x3fffffffffffffffu) | 0x8000000000000000u;
		snprintf(want, sizeof(want), "%08x-%04x-%04x-%04x-%012llx", (unsigned)(high >> 32),
			 (unsigned)(high >> 16) & 0xffff, (unsigned)high & 0xffff,
			 (unsigned)(low >> 48), (unsigned long long)low & 0xffffffffffffu);
		rng_uuid(&rng, id);
		assert_memory_equal(id, want, RNG_UUID_BYTES);
	}
}

static void
test_rng__seed_repeats_and_stays_below(void **state)
{
	struct rng a, b;
	unsigned seen[3] = { 0, 0, 0 };

	(void)state;
	rng_seed(&a, 7);
	rng_seed(&b, 7);
	for (int i = 0; i < 3000; i++) {
		uint64_t x = rng_below(&a, 3);

		assert_true(x == rng_below(&b, 3));
		seen[x]++;
	}
	for (int i = 0; i < 3; i++)
		assert_in_range(seen[i], 850, 1150);
}

static void
test_loghist__buckets_are_contiguous(void **state)
{
	(void)state;
	for (unsigned i = 0; i + 1 < LOGHIST_BUCKETS; i++) {
		assert_int_equal(loghist_index((uint32_t)loghist_low(i)), i);
		assert_int_equal(loghist_index((uint32_t)(loghist_low(i + 1) - 1)), i);
	}
	assert_int_equal(loghist_index(UINT32_MAX), LOGHIST_BUCKETS - 1);
}

static void
test_clock_parse_iso__reads_what_was_written(void **state)
{
	static const int64_t times[] = { 0, 951782399999, 951782400000, 1709251201123,
					 4107542399000, 253402300799999 };
	char text[CLOCK_ISO_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		clock_format_iso(times[i], text);
		if (clock_parse_iso(text) != times[i])
			fail_msg("%s", text);
	}
	assert_true(clock_parse_iso("2024-03-01T00:00:01Z") == 1709251201000);
	assert_true(clock_parse_iso("yesterday") == 0);
	assert_true(clock_parse_iso("2024-13-01T00:00:01Z") == 0);
	assert_true(clock_parse_iso(NULL) == 0);
}

static void
test_file_read__takes_at_most_so_much(void **state)
{
	static const struct { const char *text; size_t max; int want; } cases[] = {
		{ "", 0, 0 }, { "seven b", 7, 0 }, { "seven b", 6, -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = ERROR_INIT;
		struct buf b = BUF_INIT;
		FILE *f = tmpfile();
		char path[64];

		assert_non_null(f);
		fputs(cases[i].text, f);
		fflush(f);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fileno(f));
		buf_puts(&b, "before ");
		assert_int_equal(file_read(path, cases[i].max, &b, &err), cases[i].want);
		assert_int_equal(err.code, cases[i].want == 0 ? ERROR_NONE : ERROR_SYNTAX);
		if (cases[i].want == 0)
			assert_string_equal(buf_str(&b) + 7, cases[i].text);
		else
			assert_non_null(strstr(err.msg, path));
		buf_fini(&b);
		fclose(f);
	}
}

static void
test_file_read__names_what_is_missing(void **state)
{
	struct error err = ERROR_INIT;
	struct buf b = BUF_INIT;

	(void)state;
	assert_int_equal(file_read("/nonexistent/x", 1, &b, &err), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(err.code, ERROR_IO);
	assert_non_null(strstr(err.msg, "/nonexistent/x"));
	assert_int_equal(b.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buf__grows_and_stays_terminated),
		cmocka_unit_test(test_arena__keeps_what_was_stored),
		cmocka_unit_test(test_arena_reset__gives_zeroed_room_again),
		cmocka_unit_test(test_vec__push_and_remove),
		cmocka_unit_test(test_slice__compares),
		cmocka_unit_test(test_rng__seed_repeats_and_stays_below),
		cmocka_unit_test(test_rng_uuid__version_4_of_the_draws),
		cmocka_unit_test(test_clock_parse_iso__reads_what_was_written),
		cmocka_unit_test(test_loghist__buckets_are_contiguous),
		cmocka_unit_test(test_file_read__takes_at_most_so_much),
		cmocka_unit_test(test_file_read__names_what_is_missing),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
