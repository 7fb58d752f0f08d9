/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Charts and sparklines as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/buf.h"
#include "tui/term/canvas.h"
#include "tui/widgets/chart.h"
#include "tui/widgets/sparkline.h"

#define STEPS 30
#define START_MS 1700000000000

static double ramp[STEPS], waves[3][STEPS];

static void
fill(void)
{
	for (int i = 0; i < STEPS; i++) {
		ramp[i] = i < 4 ? (double)NAN : i * 0.1;
		waves[0][i] = 20 + (i % 10 < 5 ? 0 : 25);
		waves[1][i] = 60;
		waves[2][i] = 100 - i * 2;
	}
}

static struct chart
one_line(void)
{
	static const struct chart_line line = { "", ramp, false };
	struct chart c = { .title = "Request volume", .unit = UNIT_REQUESTS, .from_ms = START_MS,
			   .step_ms = 2000, .count = STEPS, .lines = &line, .line_count = 1,
			   .cursor = CHART_NO_CURSOR };

	return c;
}

static struct chart
three_lines(void)
{
	static const struct chart_line lines[] = {
		{ "avg", waves[0], false }, { "p95", waves[1], false }, { "p99", waves[2], false },
	};
	struct chart c = { .title = "Request duration", .unit = UNIT_TIME, .from_ms = START_MS,
			   .step_ms = 2000, .count = STEPS, .lines = lines, .line_count = 3,
			   .cursor = CHART_NO_CURSOR };

	return c;
}

static void
check(const struct chart *c, enum glyph_level level, unsigned cols, unsigned rows,
      const char *want)
{
	struct canvas *canvas = canvas_new(cols, rows);
	struct buf seen = BUF_INIT;

	canvas->glyphs = level;
	chart_draw(canvas_area(canvas), c);
	canvas_text(canvas, &seen);
	if (strcmp(buf_str(&seen), want) != 0) {
		fprintf(stderr, "wanted\n%sseen\n%send\n", want,
			buf_str(&seen));
		fail();
	}
	buf_fini(&seen);
	canvas_free(&canvas);
}

static void
test_draw__one_line_as_bars(void **state)
{
	struct chart c = one_line();

	(void)state;
	check(&c, GLYPHS_UNICODE, 40, 8,
	      "Request volume requests/s\n"
	      "  3.00┤                          ▁▂▃▄▅▆▇\n"
	      "      ┤                  ▁▂▃▄▅▅▆▇███████\n"
	      "      ┤         ▁▂▃▃▄▅▆▇████████████████\n"
	      "      ┤     ▄▅▆▇████████████████████████\n"
	      "     0╰─────────────────────────────────\n"
	      "                  22:13:54      22:14:20\n"
	      "now 2.90/s  mean 1.65/s  most 2.90/s\n");
}

static void
test_draw__several_lines_with_letters(void **state)
{
	struct chart c = three_lines();

	(void)state;
	check(&c, GLYPHS_UNICODE, 70, 14,
	      "Request duration time\n"
	      " 100ms┤───────╮\n"
	      "      ┤       ╰c──────────╮\n"
	      "      ┤                   ╰c─────────╮\n"
	      "      ┤                              ╰─c─────────╮\n"
	      "      ┤────b───────────b───────────b───────────b───c───────b──────────\n"
	      "  44ms┤           ╭a────────╮          ╭───a─────╮          ╭──c───a──\n"
	      "      ┤           │         │          │         │          │\n"
	      "      ┤a──────────╯         ╰──a───────╯         ╰─────a────╯\n"
	      "      ┤\n"
	      "      ┤\n"
	      "     0╰───────────────────────────────────────────────────────────────\n"
	      "                  22:13:38       22:13:52       22:14:06      22:14:20\n"
	      "a avg 45ms  b p95 60ms  c p99 42ms\n");
}

static void
test_draw__ascii(void **state)
{
	struct chart one = one_line(), three = three_lines();

	(void)state;
	check(&one, GLYPHS_ASCII, 40, 8,
	      "Request volume requests/s\n"
	      "  3.00|                          .:-=+*#\n"
	      "      |                  .:-=++*########\n"
	      "      |         .:--=+*#################\n"
	      "      |     =+*#########################\n"
	      "     0+---------------------------------\n"
	      "                  22:13:54      22:14:20\n"
	      "now 2.90/s  mean 1.65/s  most 2.90/s\n");
	check(&three, GLYPHS_ASCII, 60, 12,
	      "Request duration time\n"
	      " 100ms|cccccccc\n"
	      "      |        cccccccccccc\n"
	      "      |                    cccccccccccc\n"
	      "      |bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbccbccbccbccbcbbbbbbb\n"
	      "  43ms|         aaaaaaaaa         aaaaaaaaa         aaacaaca\n"
	      "      |\n"
	      "      |aaaaaaaaa         aaaaaaaaa         aaaaaaaaa\n"
	      "      |\n"
	      "     0+-----------------------------------------------------\n"
	      "          22:13:32      22:13:48      22:14:04      22:14:20\n"
	      "a avg 45ms  b p95 60ms  c p99 42ms\n");
}

static void
test_draw__cursor_reads_values_and_changes(void **state)
{
	static const struct chart_mark mark = { START_MS + 21000, "change 3: VirtualService travels" };
	struct chart c = three_lines();

	(void)state;
	c.marks = &mark;
	c.mark_count = 1;
	c.is_chosen = true;
	c.cursor = 11;
	check(&c, GLYPHS_UNICODE, 60, 10,
	      "▸ Request duration time                   22:13:44 (36s ago)\n"
	      " 100ms┤────────c──╮      ┊ │\n"
	      "      ┤           ╰────────c────────╮\n"
	      "      ┤────b───────────b───────────b───c───────b───c───────b\n"
	      "  40ms┤         ╭──a─────╮ │      ╭────────╮        ╭──a────\n"
	      "      ┤a────────╯        ╰─────a──╯        a────────╯\n"
	      "      ┤                  ┊ │\n"
	      "     0╰──────────────────▲──────────────────────────────────\n"
	      "       change 3: VirtualService travels\n"
	      "a avg 20ms  b p95 60ms  c p99 78ms\n");
	c.cursor = 20;
	check(&c, GLYPHS_ASCII, 60, 10,
	      "> Request duration time                   22:14:02 (18s ago)\n"
	      " 100ms|ccccccccccc       :                 |\n"
	      "      |           cccccccccccccccccc       |\n"
	      "      |bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbccbccbccbccbccbcbbbbbbb\n"
	      "  40ms|         aaaaaaaaa:        aaaaaaaaa|        aaacaaca\n"
	      "      |aaaaaaaaa         aaaaaaaaa         aaaaaaaaa\n"
	      "      |                  :                 |\n"
	      "     0+------------------^----------------------------------\n"
	      "          22:13:32      22:13:48      22:14:04      22:14:20\n"
	      "a avg 20ms  b p95 60ms  c p99 60ms\n");
}

static void
test_draw__survives_every_size(void **state)
{
	struct chart one = one_line(), three = three_lines();

	(void)state;
	for (unsigned cols = 1; cols < 90; cols++) {
		for (unsigned rows = 1; rows < 20; rows++) {
			struct canvas *canvas = canvas_new(cols, rows);

			one.cursor = three.cursor = cols % (STEPS + 2);
			chart_draw(canvas_area(canvas), &one);
			canvas_clear(canvas);
			chart_draw(canvas_area(canvas), &three);
			canvas_free(&canvas);
		}
	}
}

static void
test_draw__says_when_there_is_nothing(void **state)
{
	struct chart c = one_line();
	struct canvas *canvas = canvas_new(40, 8);
	struct buf seen = BUF_INIT;

	(void)state;
	c.line_count = 0;
	chart_draw(canvas_area(canvas), &c);
	canvas_text(canvas, &seen);
	assert_non_null(strstr(buf_str(&seen), "nothing in this window"));
	buf_fini(&seen);
	canvas_free(&canvas);
}

static void
test_figure__has_its_unit(void **state)
{
	static const struct { enum metric_unit unit; double v; const char *want; } rows[] = {
		{ UNIT_REQUESTS, 0.27, "0.27/s" }, { UNIT_TIME, 42, "42ms" },
		{ UNIT_TIME, 5012, "5.01s" }, { UNIT_BYTES, 1234, "1.2kB" },
		{ UNIT_BITS, 45000, "45kb/s" }, { UNIT_CONNECTIONS, 0, "0/s" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = BUF_INIT;

		chart_figure(&b, rows[i].unit, rows[i].v);
		assert_string_equal(buf_str(&b), rows[i].want);
		buf_fini(&b);
	}
}

static void
test_sparkline__newest_is_at_the_right(void **state)
{
	static const double values[] = { 0, 1, 2, (double)NAN, 4, 8 };
	static const struct {
		enum glyph_level level; size_t count, cells; double top; const char *want;
	} rows[] = {
		{ GLYPHS_UNICODE, 6, 6, 0, " ▁▂ ▄█" },
		{ GLYPHS_ASCII, 6, 6, 0, " .: =#" },
		{ GLYPHS_UNICODE, 6, 8, 16, "   ▁▁ ▂▄" },
		{ GLYPHS_UNICODE, 6, 3, 0, "▁▃█" },
		{ GLYPHS_UNICODE, 0, 3, 0, "   " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = BUF_INIT;

		sparkline_put(&b, rows[i].level, values, rows[i].count, rows[i].cells, rows[i].top);
		if (strcmp(buf_str(&b), rows[i].want) != 0)
			fail_msg("row %zu: \"%s\"", i, buf_str(&b));
		buf_fini(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_draw__one_line_as_bars),
		cmocka_unit_test(test_draw__several_lines_with_letters),
		cmocka_unit_test(test_draw__ascii),
		cmocka_unit_test(test_draw__cursor_reads_values_and_changes),
		cmocka_unit_test(test_draw__survives_every_size),
		cmocka_unit_test(test_draw__says_when_there_is_nothing),
		cmocka_unit_test(test_figure__has_its_unit),
		cmocka_unit_test(test_sparkline__newest_is_at_the_right),
	};

	fill();
	return cmocka_run_group_tests_name("chart", tests, NULL, NULL);
}
