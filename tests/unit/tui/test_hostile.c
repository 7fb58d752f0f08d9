/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every screen on data that wants to reach the terminal raw: control
 * sequences, bidi overrides, zero-width and combining characters, invalid
 * UTF-8, great lengths.  What is looked at are the bytes that would be sent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/file.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "tests/lib/app_keys.h"
#include "tests/lib/fake_app.h"
#include "tui/app/app.h"
#include "tui/term/ansi.h"
#include "tui/term/canvas.h"
#include "tui/term/draw.h"
#include "tui/term/key.h"

struct fixture {
	struct fake_app *fake;
	struct app *app;		/* its */
	struct draw *draw;
	bool is_begun, is_hostile;
	size_t marks;		/* that stood for something hostile */
};

/* Keys by name; other words are typed, "_" is a blank; "!" lets the engine
 * answer; "@" pastes what is hostile. */
static const char *const walks[] = {
	"Down Space Space e E Tab Tab Tab L o",
	"a Esc w Esc t Esc s Esc ?  Tab",
	"d Tab Tab Tab q Enter Esc",
	"- - - + 0 f f Esc",
	"p p Down p",
	"/ 0 Enter n N",
	":find_label_contains_A Enter :hide_idle Enter",
	":type_app Enter :type_service Enter :type_versionedApp Enter",
	":overview Enter ! Down Enter",
	":apps Enter ! Enter ! Tab Tab Tab Tab",
	":services Enter / h Enter s S I Enter ! Tab ! Tab ! Tab ! Tab ! Tab !",
	":workloads Enter ! Down Down Enter ! Tab ! Tab ! Tab ! Tab ! Tab ! Tab !",
	":service_travels.travel-agency Enter ! 2 ! 3 ! g Esc Q Esc 4 ! Enter Esc x Esc 5 !",
	":workload_travels-v1.travel-agency Enter ! 2 ! 3 ! 4 ! 5 ! 6 ! 7 ! 8 !",
	":app_travels.travel-agency Enter ! 2 ! 3 ! 4 ! 5 !",
	":config Enter Down Enter Esc y Esc d Esc a",
	":config Enter End Enter Esc Up Enter Esc Up Enter Esc Up Enter Right Right",
	":yaml_vs_hostile.travel-agency Enter Down Right / 2 Enter",
	":yaml_gateway_hostile.travel-agency Enter PageDown",
	":yaml_deployment_hostile-v1.travel-agency Enter PageDown",
	":requests Enter ! Enter Esc x Esc c",
	":validations Enter Enter Esc End Enter :problem_1 Enter",
	":history Enter Enter D :diff_1 Enter",
	":undo Enter n :delete_vs_hostile.travel-agency Enter n",
	":edges Enter s Enter Esc",
	":matrix Enter Right Down Enter",
	":explain_voyages-v1.travel-portal_GET_http://travels.travel-agency:8000/ Enter",
	"/ travels-v2 Enter V ! Tab !",
	":wizard_request-routing_travels.travel-agency Enter n Ctrl-N Tab Ctrl-N Ctrl-O Tab Tab y",
	":wizard_fault-injection_travels.travel-agency Enter PageDown PageDown Ctrl-O",
	":wizard_traffic-shifting_travels.travel-agency Enter l m = PageDown PageDown Ctrl-O",
	":wizard_tcp-traffic-shifting_travels.travel-agency Enter Ctrl-O",
	":wizard_request-timeouts_travels.travel-agency Enter PageDown PageDown PageDown",
	":wizard_delete-traffic-routing_travels.travel-agency Enter",
	":wizards_travels.travel-agency Enter Esc :actions_travels.travel-agency Enter",
	"@ : @ Tab Enter : @ Enter / @ Enter",
	":nosuch @ Enter :view_ @ Enter :save-find_x_ @ Enter",
	":at_5m Enter { } z :at_now Enter",
	":set_theme_tritanopia Enter :set_nothing Enter :export_ Enter :play_x Enter",
	":help Enter Tab / a Enter",
};

static const char hostile[] =
	"\033[2J\033]0;x\007\r\n\t\b\302\233\342\200\256\342\200\213\377\355\240\200a\314\200\314\200"
	"\314\200\314\200\314\200\314\200\342\201\246\356\200\200\363\240\201\201";

static struct fixture *
open_app(unsigned cols, unsigned rows, enum glyph_level glyphs, bool is_hostile)
{
	const struct draw_options looks = { .has_colour = true };
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->fake = fake_app_open(&(struct app_options){ .cols = cols, .rows = rows, .glyphs = glyphs });
	f->app = f->fake->app;
	f->draw = draw_new("xterm-256color", &looks, NULL);
	assert_non_null(f->draw);
	f->is_hostile = is_hostile;
	if (is_hostile)
		fake_feed_poison(f->fake->feed);
	return f;
}

static void
close_app(struct fixture *f)
{
	draw_free(&f->draw);
	fake_app_close(&f->fake);
	free(f);
}

/* A sequence that curses writes: the bytes it takes, 0 for anything else. */
static size_t
take_sequence(const char *s)
{
	size_t at = 2;

	if (s[1] != '\0' && strchr("78DEM", s[1]) != NULL)
		return 2;
	if (s[1] == '(' && (s[2] == 'B' || s[2] == '0'))
		return 3;
	if (s[1] != '[')
		return 0;
	at += s[at] == '?';
	at += strspn(s + at, "0123456789;");
	return s[at] != '\0' && strchr("ABCDGHJKLMPSTXdhlmr@", s[at]) != NULL ? at + 1 : 0;
}

/* Nothing but what curses writes, and characters that may be shown. */
static void
assert_clean_stream(const struct buf *bytes, bool is_first, const char *what)
{
	const char *s = buf_str(bytes);

	for (size_t i = 0; i < bytes->len;) {
		unsigned char c = (unsigned char)s[i];
		size_t used = 1;
		uint32_t cp = c;
		bool ok = true;

		if (c == '\033') {
			used = take_sequence(s + i);
			if (used == 0)
				fail_msg("%s: a sequence of its own: ESC %.8s", what, s + i + 1);
			if (!is_first && strncmp(s + i, "\033[2J", 4) == 0)
				fail_msg("%s: the screen is cleared", what);
		} else if (c < ' ') {
			if (strchr("\r\n\b\t", c) == NULL || c == 0)
				fail_msg("%s: control character %02x", what, c);
		} else {
			used = text_decode(s + i, bytes->len - i, &cp, &ok);
			if (!ok || (cp != TEXT_MARK && text_cp_is_unsafe(cp)))
				fail_msg("%s: U+%04X", what, cp);
		}
		i += used;
	}
}

/* Curses moves the cursor with some control characters; a canvas has none. */
static void
assert_clean_canvas(const struct canvas *c, const char *what, size_t *marks)
{
	for (size_t i = 0; i < (size_t)c->cols * c->rows; i++) {
		const struct cell *cell = &c->cells[i];

		*marks += cell->style == UI_MARK;
		if (cell->glyph != 0 && cell->glyph != TEXT_MARK && text_cp_is_unsafe(cell->glyph))
			fail_msg("%s: U+%04X in a cell", what, cell->glyph);
		for (size_t m = 0; m < CELL_MARKS && cell->marks[m] != 0; m++) {
			if (text_cp_width(cell->marks[m]) != 0 || text_cp_is_unsafe(cell->marks[m]))
				fail_msg("%s: U+%04X on a cell", what, cell->marks[m]);
		}
	}
}

/* Where the data has ASCII alone, so has the screen: but for lines. */
static void
assert_glyphs_of_level(const struct canvas *c, const char *what)
{
	for (size_t i = 0; i < (size_t)c->cols * c->rows; i++) {
		uint32_t cp = c->cells[i].glyph;
		bool is_line = cp >= 0x2500 && cp < 0x2580;

		if (cp >= 0x7f && !(is_line && c->glyphs == GLYPHS_LIGHT))
			fail_msg("%s: U+%04X on the %s level", what, cp, glyph_level_name(c->glyphs));
	}
}

static void
check(struct fixture *f, const char *what)
{
	struct buf frame = BUF_INIT, cast = BUF_INIT;

	assert_clean_canvas(app_canvas(f->app), what, &f->marks);
	if (!f->is_hostile)
		assert_glyphs_of_level(app_canvas(f->app), what);
	draw_frame(f->draw, app_canvas(f->app), &frame);
	assert_clean_stream(&frame, !f->is_begun, what);
	canvas_put_ansi(app_canvas(f->app), NULL, &cast);
	assert_clean_stream(&cast, true, what);
	f->is_begun = true;
	buf_fini(&frame);
	buf_fini(&cast);
}

static bool
take_word(void *arg, const char *word)
{
	struct fixture *f = arg;

	if (strcmp(word, "!") == 0) {
		fake_feed_step(f->fake->feed, 1);
		fake_feed_answer(f->fake->feed);
	} else if (strcmp(word, "@") == 0) {
		app_paste(f->app, hostile, sizeof(hostile) - 1);
	} else {
		return false;
	}
	return true;
}

static void
check_after(void *arg, const char *keys)
{
	check(arg, keys);
}

static void
press(struct fixture *f, const char *keys)
{
	const struct app_words own = { take_word, check_after, f };

	app_press(f->app, keys, &own);
}

static void
test_screens__send_nothing_hostile(void **state)
{
	static const struct { unsigned cols, rows; enum glyph_level glyphs; } ways[] = {
		{ 140, 40, GLYPHS_UNICODE }, { 80, 24, GLYPHS_LIGHT }, { 42, 11, GLYPHS_ASCII },
	};

	(void)state;
	for (size_t w = 0; w < ARRAY_LEN(ways); w++) {
		for (size_t i = 0; i < ARRAY_LEN(walks); i++) {
			struct fixture *f = open_app(ways[w].cols, ways[w].rows, ways[w].glyphs, true);

			check(f, "the picture");
			press(f, walks[i]);
			fake_feed_lose(f->fake->feed, hostile);
			check(f, "lost");
			if (f->marks == 0)
				fail_msg("\"%s\" shows nothing hostile", walks[i]);
			close_app(f);
		}
	}
}

static void
test_screens__cut_great_lengths(void **state)
{
	struct fixture *f = open_app(140, 40, GLYPHS_UNICODE, true);

	(void)state;
	fake_feed_lengthen(f->fake->feed);
	press(f, "Down Tab Tab Space d q :edges Enter q :matrix Enter q :overview Enter");
	assert_true(f->marks > 0);
	close_app(f);
}

static void
test_screens__draw_their_levels_glyphs(void **state)
{
	static const enum glyph_level levels[] = { GLYPHS_LIGHT, GLYPHS_ASCII };

	(void)state;
	for (size_t l = 0; l < ARRAY_LEN(levels); l++) {
		for (size_t i = 0; i < ARRAY_LEN(walks); i++) {
			struct fixture *f;

			if (strchr(walks[i], '@') != NULL)
				continue;
			f = open_app(140, 40, levels[l], false);
			check(f, "the picture");
			press(f, walks[i]);
			close_app(f);
		}
	}
}

/* No name from outside begins a command of its own. */
static void
test_save__holds_no_command_from_outside(void **state)
{
	static const char *const lines[] = { "graph", "namespace", "type", "labels", "since", "hide",
					     "set", "fold", "zoom", "find", "focus", "select" };
	struct fixture *f = open_app(140, 40, GLYPHS_ASCII, true);
	const char *at;

	(void)state;
	press(f, ":fold_namespace Enter Down Enter f :save_v Enter");
	assert_int_equal(f->fake->model.views.rows.len, 1);
	for (at = f->fake->model.views.rows.items[0].text; *at != '\0'; at += *at == '\n') {
		size_t word = strcspn(at, " \n"), i = 0;

		while (i < ARRAY_LEN(lines) && (strlen(lines[i]) != word ||
						memcmp(lines[i], at, word) != 0))
			i++;
		if (i == ARRAY_LEN(lines))
			fail_msg("\"%s\"", at);
		at += strcspn(at, "\n");
	}
	close_app(f);
}

static void
test_exports__hold_nothing_hostile(void **state)
{
	static const char *const words[] = { "export", "screenshot" };
	static const char *const files[] = { "a.txt", "a.ascii", "a.dot", "a.mmd", "a.svg", "a.json" };
	char dir[] = "/tmp/meshtop-hostile-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < ARRAY_LEN(words) * ARRAY_LEN(files); i++) {
		const char *word = words[i / ARRAY_LEN(files)], *file = files[i % ARRAY_LEN(files)];
		struct fixture *f = open_app(140, 40, GLYPHS_UNICODE, true);
		struct buf text = BUF_INIT;
		char *path = xasprintf("%s/%s", dir, file), *line = xasprintf("%s %s", word, path);

		check(f, line);		/* the picture is laid out */
		app_run(f->app, line);
		if (access(path, F_OK) == 0)
			assert_int_equal(file_read(path, SIZE_MAX, &text, NULL), 0);
		else if (strcmp(word, "export") == 0)
			fail_msg("%s was not written", path);
		assert_null(memchr(buf_str(&text), '\033', text.len));
		assert_clean_stream(&text, true, line);
		unlink(path);
		buf_fini(&text);
		free(path);
		free(line);
		close_app(f);
	}
	rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_screens__send_nothing_hostile),
		cmocka_unit_test(test_screens__cut_great_lengths),
		cmocka_unit_test(test_screens__draw_their_levels_glyphs),
		cmocka_unit_test(test_exports__hold_nothing_hostile),
		cmocka_unit_test(test_save__holds_no_command_from_outside),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
