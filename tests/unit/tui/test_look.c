/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a terminal is asked, and what it is told: colours, glyphs, widths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/text.h"
#include "src/base/tree.h"
#include "src/base/xalloc.h"
#include "tui/term/canvas.h"
#include "tui/term/draw.h"
#include "tui/term/key.h"
#include "tui/term/probe.h"
#include "tui/term/theme.h"

static double
linear(unsigned channel)
{
	double v = channel / 255.0;

	return v <= 0.03928 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double
luminance(uint32_t rgb)
{
	return 0.2126 * linear(rgb >> 16) + 0.7152 * linear(rgb >> 8 & 0xff) +
	       0.0722 * linear(rgb & 0xff);
}

/* WCAG 2.1, 1.4.3. */
static double
contrast(uint32_t a, uint32_t b)
{
	double x = luminance(a), y = luminance(b);

	return x > y ? (x + 0.05) / (y + 0.05) : (y + 0.05) / (x + 0.05);
}

/* xterm's cube and greys. */
static uint32_t
rgb_of_index(unsigned index)
{
	static const unsigned levels[] = { 0, 95, 135, 175, 215, 255 };
	unsigned at = index - 16, grey = 8 + (index - 232) * 10;

	if (index >= 232)
		return grey << 16 | grey << 8 | grey;
	return levels[at / 36] << 16 | levels[at / 6 % 6] << 8 | levels[at % 6];
}

static void
test_theme_tone__reads_well_on_its_background(void **state)
{
	static const struct { enum background background; uint32_t rgb; } grounds[] = {
		{ BACKGROUND_DARK, 0x000000 }, { BACKGROUND_DARK, 0x1e1e1e },
		{ BACKGROUND_LIGHT, 0xffffff }, { BACKGROUND_LIGHT, 0xfafafa },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(grounds); i++) {
		for (enum hue hue = HUE_RED; hue < HUE_COUNT; hue++) {
			struct tone tone = theme_tone(hue, grounds[i].background);

			if (contrast(tone.rgb, grounds[i].rgb) < 4.5 ||
			    contrast(rgb_of_index(tone.index), grounds[i].rgb) < 4.4)
				fail_msg("hue %d on %06x", (int)hue, grounds[i].rgb);
		}
	}
}

static void
test_background_of__is_what_text_reads_on(void **state)
{
	static const struct { unsigned r, g, b; enum background want; } cases[] = {
		{ 0, 0, 0, BACKGROUND_DARK }, { 0xffff, 0xffff, 0xffff, BACKGROUND_LIGHT },
		{ 0x1e1e, 0x1e1e, 0x2e2e, BACKGROUND_DARK }, { 0xfdfd, 0xf6f6, 0xe3e3, BACKGROUND_LIGHT },
		{ 0, 0, 0xffff, BACKGROUND_DARK }, { 0, 0xffff, 0, BACKGROUND_LIGHT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(background_of(cases[i].r, cases[i].g, cases[i].b), cases[i].want);
}

static void
test_probe_environment__takes_only_what_is_clear(void **state)
{
	static const struct { const char *value; enum background want; } cases[] = {
		{ "15;0", BACKGROUND_DARK }, { "0;15", BACKGROUND_LIGHT }, { "0;default;7", BACKGROUND_LIGHT },
		{ "7;8", BACKGROUND_DARK }, { "15;default", BACKGROUND_UNKNOWN }, { "", BACKGROUND_UNKNOWN },
		{ "15;99", BACKGROUND_UNKNOWN }, { NULL, BACKGROUND_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(probe_environment(cases[i].value), cases[i].want);
}

static void
test_probe_take__says_what_is_known(void **state)
{
	static const struct term_answer answers[] = {
		{ ANSWER_MODE, 2026, 2, 0 }, { ANSWER_MODE, 2027, 1, 0 },
		{ ANSWER_BACKGROUND, 0xffff, 0xffff, 0xffff }, { ANSWER_POSITION, 1, 2, 0 },
		{ ANSWER_POSITION, 1, 3, 0 }, { ANSWER_DEVICE, 0, 0, 0 },
	};
	struct probe p = { .background = BACKGROUND_UNKNOWN };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		assert_false(p.is_done);
		probe_take(&p, &answers[i]);
	}
	assert_true(p.is_done);
	assert_true(p.is_synchronized);
	assert_int_equal(p.background, BACKGROUND_LIGHT);
	assert_int_equal(p.line_cells, 1);
	assert_int_equal(p.mark_cells, 2);
	probe_take(&p, &(struct term_answer){ ANSWER_MODE, 2026, 0, 0 });
	assert_false(p.is_synchronized);
}

static void
test_probe_take__reports_of_the_cursor_are_counted(void **state)
{
	static const struct { unsigned cols[3], line_cells, mark_cells; } rows[] = {
		{ { 2, 3, 1 }, 1, 2 },
		{ { 9, 3, 2 }, 0, 2 },
		{ { 3, 1, 2 }, 2, 0 },
		{ { 0, 80, 2 }, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct probe p = { .background = BACKGROUND_UNKNOWN };

		for (size_t k = 0; k < ARRAY_LEN(rows[i].cols); k++)
			probe_take(&p, &(struct term_answer){ ANSWER_POSITION, 1, rows[i].cols[k], 0 });
		assert_int_equal(p.line_cells, rows[i].line_cells);
		assert_int_equal(p.mark_cells, rows[i].mark_cells);
	}
}

static void
test_probe_may_ask__leaves_old_terminals_alone(void **state)
{
	(void)state;
	assert_true(probe_may_ask("xterm-256color"));
	assert_true(probe_may_ask("tmux-256color"));
	assert_false(probe_may_ask("linux"));
	assert_false(probe_may_ask("vt100"));
}

/* No glyph of the light level but lines may have two widths. */
static void
test_glyph__light_has_only_lines_beyond_ascii(void **state)
{
	(void)state;
	for (enum ui_glyph g = 0; g < GLYPH_COUNT; g++) {
		const char *light = glyph(GLYPHS_LIGHT, g), *ascii = glyph(GLYPHS_ASCII, g);

		for (size_t i = 0; light[i] != '\0';) {
			uint32_t cp;
			bool ok;

			i += text_decode(light + i, strlen(light + i), &cp, &ok);
			if (text_cp_is_ambiguous(cp) && (cp < 0x2500 || cp >= 0x2580))
				fail_msg("glyph %d: %s", (int)g, light);
		}
		for (size_t i = 0; ascii[i] != '\0'; i++)
			assert_true((unsigned char)ascii[i] < 0x7f);
	}
}

static void
draw_one(struct draw *d, unsigned style, const char *text, struct buf *out)
{
	struct canvas *c = canvas_new(20, 3);

	area_put(canvas_area(c), 0, 1, style, text);
	buf_clear(out);
	draw_frame(d, c, out);
	canvas_free(&c);
}

static struct draw *
open_draw(const char *type, const struct draw_options *options)
{
	struct error err = ERROR_INIT;
	struct draw *d = draw_new(type, options, &err);

	if (d == NULL)
		fail_msg("%s: %s", type, err.msg);
	return d;
}

static void
test_draw__colours_follow_terminal_and_background(void **state)
{
	static const struct {
		const char *type;
		bool has_colour, has_true;
		enum background background;
		const char *want;
	} cases[] = {
		{ "xterm-256color", true, false, BACKGROUND_UNKNOWN, "\033[31m" },
		{ "xterm-256color", true, false, BACKGROUND_DARK, "\033[38;5;203m" },
		{ "xterm-256color", true, false, BACKGROUND_LIGHT, "\033[38;5;124m" },
		{ "xterm-256color", true, true, BACKGROUND_DARK, "\033[38;2;255;110;103m" },
		{ "xterm-256color", true, true, BACKGROUND_UNKNOWN, "\033[31m" },
		{ "xterm", true, true, BACKGROUND_DARK, "\033[31m" },
		{ "xterm-256color", false, true, BACKGROUND_DARK, "4m" },
		{ "vt100", true, false, BACKGROUND_DARK, "4m" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct draw_options options = {
			.has_colour = cases[i].has_colour, .has_true_colour = cases[i].has_true };
		struct draw *d = open_draw(cases[i].type, &options);
		struct buf bytes = BUF_INIT;

		draw_set_background(d, cases[i].background);
		draw_one(d, STYLE_BAD, "failing", &bytes);
		if (strstr(buf_str(&bytes), cases[i].want) == NULL)
			fail_msg("row %zu: no %s in %s", i, cases[i].want + 1, buf_str(&bytes));
		assert_int_equal(strstr(buf_str(&bytes), "8;2;") != NULL,
				 strstr(cases[i].want, "8;2;") != NULL);
		buf_fini(&bytes);
		draw_free(&d);
	}
}

/* A type whose colours are no palette, as ncurses-term's xterm-direct. */
static const char direct_type[] =
	"meshtop-direct|direct colours,\n"
	"\tRGB, colors#0x1000000, pairs#0x10000,\n"
	"\tsetaf=\\E[%?%p1%{8}%<%t3%p1%d%e38:2::%p1%{65536}%/%d"
	":%p1%{256}%/%{255}%&%d:%p1%{255}%&%d%;m, initc@, op=\\E[39;49m, use=xterm-256color,\n";

static void
test_draw__direct_colours_are_mixed(void **state)
{
	static const struct { enum background background; const char *want; } cases[] = {
		{ BACKGROUND_UNKNOWN, "\033[31m" },
		{ BACKGROUND_DARK, "\033[38:2::255:110:103m" },
		{ BACKGROUND_LIGHT, "\033[38:2::179:38:30m" },
	};
	const struct draw_options options = { .has_colour = true };
	char dir[] = "/tmp/meshtop-look-XXXXXX", *path, *command;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = xasprintf("%s/type", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(direct_type, f);
	fclose(f);
	command = xasprintf("tic -x -o %s %s", dir, path);
	if (system(command) != 0)
		skip();			/* nobody here compiles types */
	setenv("TERMINFO", dir, 1);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct draw *d = open_draw("meshtop-direct", &options);
		struct buf bytes = BUF_INIT;

		draw_set_background(d, cases[i].background);
		draw_one(d, STYLE_BAD, "failing", &bytes);
		if (strstr(buf_str(&bytes), cases[i].want) == NULL)
			fail_msg("row %zu: no %s in %s", i, cases[i].want + 1, buf_str(&bytes));
		buf_fini(&bytes);
		draw_free(&d);
	}
	unsetenv("TERMINFO");
	tree_remove(dir);
	free(path);
	free(command);
}

/* Without UTF-8 the terminal's own line drawing, else question marks. */
static void
test_draw__without_utf8_nothing_else_is_sent(void **state)
{
	const struct draw_options options = { .has_colour = false };
	struct buf bytes = BUF_INIT;
	struct draw *d;

	(void)state;
	setlocale(LC_CTYPE, "C");
	d = open_draw("vt100", &options);
	draw_one(d, STYLE_PLAIN, "\xe2\x94\x80\xe2\x94\x82=\xc3\xa9", &bytes);
	for (size_t i = 0; i < bytes.len; i++)
		assert_true((unsigned char)bytes.data[i] < 0x7f);
	assert_non_null(strstr(buf_str(&bytes), "qx"));
	assert_non_null(strstr(buf_str(&bytes), "=?"));
	draw_free(&d);
	buf_fini(&bytes);
	setlocale(LC_CTYPE, "C.UTF-8");
}

static void
test_canvas__wide_terminals_get_marks_for_ambiguous_text(void **state)
{
	static const struct { enum glyph_level glyphs; const char *want; } rows[] = {
		{ GLYPHS_LIGHT, "a?\xe2\x94\x80z\n" },
		{ GLYPHS_ASCII, "a??z\n" },		/* no line of ours */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct canvas *c = canvas_new(10, 1);
		struct buf text = BUF_INIT;

		c->is_wide_terminal = true;
		c->glyphs = rows[i].glyphs;
		area_put(canvas_area(c), 0, 0, STYLE_PLAIN, "a\xce\xb1\xe2\x94\x80z");	/* alpha, a line */
		canvas_text(c, &text);
		assert_string_equal(buf_str(&text), rows[i].want);
		buf_fini(&text);
		canvas_free(&c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_theme_tone__reads_well_on_its_background),
		cmocka_unit_test(test_background_of__is_what_text_reads_on),
		cmocka_unit_test(test_probe_environment__takes_only_what_is_clear),
		cmocka_unit_test(test_probe_take__says_what_is_known),
		cmocka_unit_test(test_probe_take__reports_of_the_cursor_are_counted),
		cmocka_unit_test(test_probe_may_ask__leaves_old_terminals_alone),
		cmocka_unit_test(test_glyph__light_has_only_lines_beyond_ascii),
		cmocka_unit_test(test_draw__colours_follow_terminal_and_background),
		cmocka_unit_test(test_draw__direct_colours_are_mixed),
		cmocka_unit_test(test_draw__without_utf8_nothing_else_is_sent),
		cmocka_unit_test(test_canvas__wide_terminals_get_marks_for_ambiguous_text),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
