/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/text.h"
#include "tui/term/canvas.h"
#include "tui/widgets/figure.h"

static void
assert_text(const struct canvas *c, const char *want)
{
	struct buf b = BUF_INIT;

	canvas_text(c, &b);
	assert_string_equal(buf_str(&b), want);
	buf_fini(&b);
}

static void
test_area_put__is_cut_at_the_area(void **state)
{
	struct canvas *c = canvas_new(8, 2);
	struct area a = area_sub(canvas_area(c), 2, 1, 4, 1);

	(void)state;
	assert_int_equal(area_put(a, 1, 0, STYLE_PLAIN, "abcdef"), 3);
	assert_int_equal(area_put(a, 0, 5, STYLE_PLAIN, "below"), 0);
	assert_text(c, "\n   abc\n");
	canvas_free(&c);
}

static void
test_area_put__wide_glyph_is_never_halved(void **state)
{
	struct canvas *c = canvas_new(4, 1);

	(void)state;
	area_put(canvas_area(c), 0, 0, STYLE_PLAIN, "a\344\270\255\344\270\255");
	assert_text(c, "a\344\270\255\n");		/* the second does not fit */
	area_put(canvas_area(c), 2, 0, STYLE_PLAIN, "x");	/* over its second half */
	assert_text(c, "a x\n");
	canvas_free(&c);
}

static void
test_area_put__unsafe_characters_become_marks(void **state)
{
	static const char *const unsafe[] = {
		"\033", "\007", "\r", "\t", "\302\233", "\342\200\256", "\342\200\213", "\377",
		"\302\255", "\356\200\200",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(unsafe); i++) {
		struct canvas *c = canvas_new(6, 1);
		struct buf text = BUF_INIT;

		buf_printf(&text, "a%sb", unsafe[i]);
		area_put(canvas_area(c), 0, 0, STYLE_PLAIN, buf_str(&text));
		assert_int_equal(canvas_at(c, 0, 0)->glyph, 'a');
		assert_int_equal(canvas_at(c, 1, 0)->glyph, TEXT_MARK);
		assert_int_equal(canvas_at(c, 1, 0)->style, UI_MARK);
		assert_int_equal(canvas_at(c, 2, 0)->glyph, 'b');
		buf_fini(&text);
		canvas_free(&c);
	}
}

static void
test_area_put__at_most_four_combining_marks(void **state)
{
	struct canvas *c = canvas_new(4, 1);

	(void)state;
	area_put(canvas_area(c), 0, 0, STYLE_PLAIN,
		 "a\314\200\314\201\314\202\314\203\314\204b");
	assert_text(c, "a\314\200\314\201\314\202\314\203b\n");
	canvas_free(&c);
}

static void
test_area_put_cut__the_end_stays(void **state)
{
	struct canvas *c = canvas_new(20, 1);

	(void)state;
	c->glyphs = GLYPHS_ASCII;
	area_put_cut(canvas_area(c), 0, 0, 12, STYLE_PLAIN, "productpage-long-v1");
	assert_non_null(strchr("~", '~'));
	assert_int_equal(canvas_at(c, 11, 0)->glyph, '1');
	assert_int_equal(canvas_at(c, 10, 0)->glyph, 'v');
	assert_int_equal(canvas_at(c, 12, 0)->glyph, ' ');
	canvas_free(&c);
}

static void
test_area_sub__never_leaves_its_parent(void **state)
{
	struct canvas *c = canvas_new(10, 5);
	struct area a = area_sub(canvas_area(c), 3, 3, 100, 100);

	(void)state;
	assert_int_equal(a.cols, 7);
	assert_int_equal(a.rows, 2);
	a = area_sub(a, 50, 50, 3, 3);
	assert_int_equal(a.cols, 0);
	assert_int_equal(a.rows, 0);
	area_put(a, 0, 0, STYLE_PLAIN, "nothing");
	area_frame(a, "nothing");
	assert_text(c, "\n\n\n\n\n");
	canvas_free(&c);
}

static void
test_figures__always_as_wide(void **state)
{
	static const double values[] = {
		0, 0.001, 0.27, 1, 9.994, 9.996, 12.345, 99.94, 99.96, 123.4, 999.4, 999.6, 1234,
		9949, 9951, 12345, 999499, 999501, 1.5e6, 1e12, 1e15, 1e300,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		struct buf b = BUF_INIT;

		figure_put(&b, values[i]);
		if (b.len != FIGURE_CELLS)
			fail_msg("%g: \"%s\"", values[i], buf_str(&b));
		buf_clear(&b);
		figure_bytes(&b, values[i]);
		if (b.len != FIGURE_CELLS + 2)
			fail_msg("%g: \"%s\"", values[i], buf_str(&b));
		buf_clear(&b);
		figure_time(&b, values[i]);
		if (b.len != 6)
			fail_msg("%g: \"%s\"", values[i], buf_str(&b));
		buf_clear(&b);
		figure_percent(&b, values[i]);
		if (b.len != FIGURE_CELLS)
			fail_msg("%g: \"%s\"", values[i], buf_str(&b));
		buf_fini(&b);
	}
}

static void
test_figures__nothing_is_not_a_number(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	figure_put(&b, (double)NAN);
	figure_put(&b, (double)INFINITY);
	figure_time(&b, (double)NAN);
	figure_percent(&b, (double)NAN);
	figure_bytes(&b, -(double)INFINITY);
	assert_string_equal(buf_str(&b), " n/a n/a   n/a   -   n/a");
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_area_put__is_cut_at_the_area),
		cmocka_unit_test(test_area_put__wide_glyph_is_never_halved),
		cmocka_unit_test(test_area_put__unsafe_characters_become_marks),
		cmocka_unit_test(test_area_put__at_most_four_combining_marks),
		cmocka_unit_test(test_area_put_cut__the_end_stays),
		cmocka_unit_test(test_area_sub__never_leaves_its_parent),
		cmocka_unit_test(test_figures__always_as_wide),
		cmocka_unit_test(test_figures__nothing_is_not_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
