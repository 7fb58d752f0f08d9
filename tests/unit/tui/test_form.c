/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "src/base/assert.h"
#include "tui/term/canvas.h"
#include "tui/term/key.h"
#include "tui/widgets/form.h"

enum { NAME = 1, COUNT, KIND, ON, GO };

static const char *const kinds[] = { "one", "two", "three" };

static void
build(struct form *f)
{
	struct form_field *field;

	form_add(f, FIELD_HEADING, 0, "Heading");
	field_set(form_add(f, FIELD_TEXT, NAME, "Name"), "abc");
	field_set(form_add(f, FIELD_INTEGER, COUNT, "Count"), "50");
	field = form_add(f, FIELD_CHOICE, KIND, "Kind");
	field->choices = kinds;
	field->choice_count = ARRAY_LEN(kinds);
	form_add(f, FIELD_TOGGLE, ON, "On");
	form_add(f, FIELD_BUTTON, GO, "Go");
}

static void
rebuild(struct form *f)
{
	struct form_old *old = form_begin(f);

	build(f);
	form_end(f, old);
}

static const struct {
	const char *name;
	int field;
	const char *keys;	/* names separated by blanks */
	const char *value;
} edits[] = {
	{ "append", NAME, "d e", "abcde" },
	{ "insert", NAME, "Left Left x", "axbc" },
	{ "home", NAME, "Home x", "xabc" },
	{ "backspace", NAME, "Backspace Backspace", "a" },
	{ "backspace at the start", NAME, "Home Backspace", "abc" },
	{ "delete", NAME, "Home Delete", "bc" },
	{ "clear", NAME, "Ctrl-U", "" },
	{ "words", NAME, "Space d e Ctrl-W", "abc " },
	{ "multibyte", NAME, "é Left é", "abcéé" },
	{ "delete multibyte", NAME, "é Backspace", "abc" },
	{ "the first digit replaces", COUNT, "7", "7" },
	{ "the second does not", COUNT, "7 5", "75" },
	{ "letters are no digits", COUNT, "x", "50" },
	{ "editing a number", COUNT, "Backspace 5", "55" },
};

static void
press(struct form *f, const char *keys)
{
	while (*keys != '\0') {
		size_t len = strcspn(keys, " ");
		char name[24];

		assert_true(len < sizeof(name));
		memcpy(name, keys, len);
		name[len] = '\0';
		form_key(f, key_parse(name));
		keys += len;
		keys += strspn(keys, " ");
	}
}

static void
test_form_key__edits_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		struct form f;

		form_init(&f);
		rebuild(&f);
		assert_true(form_focus(&f, edits[i].field, 0, 0));
		press(&f, edits[i].keys);
		if (strcmp(buf_str(&form_focused(&f)->value), edits[i].value) != 0)
			fail_msg("%s: \"%s\"", edits[i].name, buf_str(&form_focused(&f)->value));
		form_fini(&f);
	}
}

static void
test_form_key__control_characters_stay_out(void **state)
{
	struct form f;

	(void)state;
	form_init(&f);
	rebuild(&f);
	form_key(&f, 0x202e);
	form_key(&f, 0x9b);
	form_paste(&f, "x\033y\342\200\256z");
	assert_string_equal(buf_str(&form_find(&f, NAME, 0, 0)->value), "abcxyz");
	form_fini(&f);
}

static void
test_form_key__leaving_is_always_possible(void **state)
{
	struct form f;

	(void)state;
	form_init(&f);
	rebuild(&f);
	assert_true(form_focus(&f, COUNT, 0, 0));
	field_error(form_focused(&f), "wrong");
	assert_int_equal(form_key(&f, K_BACK_TAB), FORM_MOVED);
	assert_int_equal(form_focused(&f)->id, NAME);
	assert_true(form_has_errors(&f));
	assert_int_equal(form_key(&f, K_BACK_TAB), FORM_IGNORED);	/* the owner's turn */
	form_fini(&f);
}

static void
test_form_key__walks_fields_and_tells(void **state)
{
	struct form f;

	(void)state;
	form_init(&f);
	rebuild(&f);
	assert_int_equal(form_focused(&f)->id, NAME);		/* a heading takes no focus */
	assert_int_equal(form_key(&f, K_TAB), FORM_MOVED);
	assert_int_equal(form_key(&f, K_DOWN), FORM_MOVED);
	assert_int_equal(form_focused(&f)->id, KIND);
	assert_int_equal(form_key(&f, K_LEFT), FORM_CHANGED);
	assert_int_equal(form_focused(&f)->choice, 2);
	assert_int_equal(form_key(&f, K_RIGHT), FORM_CHANGED);
	assert_int_equal(form_focused(&f)->choice, 0);
	form_key(&f, K_TAB);
	assert_int_equal(form_key(&f, K_SPACE), FORM_CHANGED);
	assert_true(form_focused(&f)->is_on);
	form_key(&f, K_TAB);
	assert_int_equal(form_key(&f, K_ENTER), FORM_PRESSED);
	assert_int_equal(form_key(&f, K_TAB), FORM_IGNORED);
	form_fini(&f);
}

static void
test_form_end__keeps_focus_and_wrong_texts(void **state)
{
	struct form f;

	(void)state;
	form_init(&f);
	rebuild(&f);
	form_focus(&f, COUNT, 0, 0);
	press(&f, "Ctrl-U");
	field_error(form_focused(&f), "a number");
	form_focus(&f, KIND, 0, 0);
	rebuild(&f);
	assert_int_equal(form_focused(&f)->id, KIND);
	assert_string_equal(buf_str(&form_find(&f, COUNT, 0, 0)->value), "");
	assert_string_equal(form_find(&f, COUNT, 0, 0)->error, "a number");
	assert_string_equal(buf_str(&form_find(&f, NAME, 0, 0)->value), "abc");
	form_fini(&f);
}

/* A step may have nothing but texts: no field that keys could go to. */
static void
test_form_key__lines_without_a_field_are_left(void **state)
{
	static const uint32_t keys[] = { K_UP, K_DOWN };

	(void)state;
	for (size_t fields = 0; fields < 3; fields++) {
		for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
			struct form_old *old;
			struct form f;

			form_init(&f);
			old = form_begin(&f);
			for (size_t i = 0; i < fields; i++)
				form_add(&f, FIELD_HEADING, 0, "Heading");
			form_end(&f, old);
			assert_int_equal(form_key(&f, keys[k]), FORM_DONE);
			form_fini(&f);
		}
	}
}

static void
test_form_draw__the_focus_is_in_sight(void **state)
{
	struct canvas *c = canvas_new(40, 3);
	struct form f;

	(void)state;
	form_init(&f);
	for (int i = 1; i <= 20; i++)
		form_add(&f, FIELD_TEXT, i, "Field");
	for (int i = 1; i <= 20; i++) {
		assert_true(form_focus(&f, i, 0, 0));
		canvas_clear(c);
		form_draw(&f, canvas_area(c));
		assert_true(c->has_cursor);
		assert_true(c->cursor_row < 3);
	}
	form_fini(&f);
	canvas_free(&c);
}

/* What belongs on one line goes on below where that is too short for it. */
static void
test_form_draw__narrow_lines_wrap(void **state)
{
	static const struct { unsigned cols; const char *want; } rows[] = {
		{ 80, "  < one >                  < two >                        [ remove ]\n[ next ]" },
		{ 60, "  < one >                  < two >\n    [ remove ]\n[ next ]" },
		{ 40, "  < one >                  < two >\n                           [ remove ]\n[ next ]" },
		{ 24, "  < one >\n    < two >\n    [ remove ]\n[ next ]" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct canvas *c = canvas_new(rows[i].cols, 8);
		struct buf text = BUF_INIT;
		struct form f;

		form_init(&f);
		f.label_cells = 2;
		for (size_t k = 0; k < 5; k++) {
			static const enum field_kind kinds_of[] = {
				FIELD_CHOICE, FIELD_TEXT, FIELD_CHOICE, FIELD_TEXT, FIELD_BUTTON,
			};
			struct form_field *field = form_add(&f, kinds_of[k], (int)k + 1, k == 4 ? "remove" : "");

			field->choices = kinds;
			field->choice_count = ARRAY_LEN(kinds);
			field->choice = k / 2;
			field->cells = k == 1 ? 16 : 22;
			field->is_inline = k > 0;
		}
		form_add(&f, FIELD_BUTTON, 6, "next");
		form_draw(&f, canvas_area(c));
		canvas_text(c, &text);
		assert_int_equal(c->hits.len, f.fields.len);
		while (text.len > 0 && text.data[text.len - 1] == '\n')
			text.data[--text.len] = '\0';
		assert_string_equal(buf_str(&text), rows[i].want);
		buf_fini(&text);
		form_fini(&f);
		canvas_free(&c);
	}
}

/* Where a field was drawn, a click puts the focus on it. */
static void
test_form_click__goes_to_the_field(void **state)
{
	struct canvas *c = canvas_new(60, 10);
	struct form f;

	(void)state;
	form_init(&f);
	rebuild(&f);
	form_draw(&f, canvas_area(c));
	assert_int_equal(c->hits.len, f.fields.len);
	for (size_t i = 0; i < c->hits.len; i++) {
		const struct hit *h = &c->hits.items[i];
		bool is_heading = f.fields.items[h->what].kind == FIELD_HEADING;
		bool is_there = h->what == f.focus;

		assert_true(h->rows == 1 && h->cols > 0);
		assert_int_equal(form_click(&f, h->what), is_heading || is_there ? FORM_IGNORED : FORM_MOVED);
		assert_int_equal(f.focus == h->what, !is_heading);
	}
	assert_int_equal(form_click(&f, f.fields.len), FORM_IGNORED);
	form_fini(&f);
	canvas_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_form_click__goes_to_the_field),
		cmocka_unit_test(test_form_draw__narrow_lines_wrap),
		cmocka_unit_test(test_form_key__edits_text),
		cmocka_unit_test(test_form_key__control_characters_stay_out),
		cmocka_unit_test(test_form_key__leaving_is_always_possible),
		cmocka_unit_test(test_form_key__walks_fields_and_tells),
		cmocka_unit_test(test_form_end__keeps_focus_and_wrong_texts),
		cmocka_unit_test(test_form_key__lines_without_a_field_are_left),
		cmocka_unit_test(test_form_draw__the_focus_is_in_sight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
