/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "tui/config/keymap.h"
#include "tui/term/key.h"

struct seen {
	struct buf names;
};

static void
on_key(void *arg, uint32_t key)
{
	struct seen *s = arg;

	if (s->names.len > 0)
		buf_putc(&s->names, ' ');
	key_name(key, &s->names);
}

static void
on_paste(void *arg, const char *text, size_t len)
{
	struct seen *s = arg;

	buf_printf(&s->names, "[%.*s]", (int)len, text);
}

static void
on_mouse(void *arg, const struct mouse_press *p)
{
	struct seen *s = arg;

	buf_printf(&s->names, "<%u at %u,%u%s>", (unsigned)p->button, p->col, p->row,
		   p->with_shift ? " shift" : "");
}

static void
on_answer(void *arg, const struct term_answer *a)
{
	struct seen *s = arg;

	buf_printf(&s->names, "{%u %x %x %x}", (unsigned)a->kind, a->a, a->b, a->c);
}

static const struct {
	const char *bytes, *keys;
} cases[] = {
	{ "a", "a" },
	{ "\r", "Enter" },
	{ "\n", "Enter" },
	{ "\t\033[Z", "Tab Shift-Tab" },
	{ "\177\b", "Backspace Backspace" },
	{ "\022", "Ctrl-R" },
	{ "\033[A\033OB\033[C\033OD", "Up Down Right Left" },
	{ "\033[1;5C", "Ctrl-Right" },
	{ "\033[1;2A\033[a", "Shift-Up Shift-Up" },
	{ "\033[5~\033[6~\033[3~\033[1~\033[4~", "PageUp PageDown Delete Home End" },
	{ "\033[H\033[F\033OH\033[7~\033[8~", "Home End Home Home End" },
	{ "\033OP\033[11~\033[[A\033[24~", "F1 F1 F1 F12" },
	{ "\033x", "Alt-x" },
	{ "\303\251\342\202\254", "é €" },
	{ "\033\033[A", "Esc Up" },
	{ "\033[200~j\033[A\nq\033[201~x", "[j\033[A\nq] x" },
	/* answers of a terminal are no keys */
	{ "\033[?62;cj", "{3 0 0 0} j" },
	{ "\033[?2026;2$yj", "{0 7ea 2 0} j" },
	{ "\033]11;rgb:1e1e/00/ffff\033\\j", "{1 1e1e 0 ffff} j" },
	{ "\033]11;rgb:ff/f/800\aj", "{1 ffff ffff 8007} j" },
	{ "\033]11;rgb:zz\aj", "j" },
	{ "\033]52;c;cXlx\033\\j", "j" },
	{ "\033]11;rgb:\033[A", "Up" },	/* broken off */
	{ "\033]11;rgb:\003j", "Ctrl-C j" },
	{ "\033[1;3Rj", "Alt-F3 j" },	/* a key unless it was asked for */
	/* the mouse */
	{ "\033[<0;12;3M\033[<0;12;3mj", "<0 at 11,2> j" },
	{ "\033[<64;1;1M\033[<69;80;24M", "<3 at 0,0><4 at 79,23 shift>" },
	{ "\033[<2;1000;500M\033[<35;1;1M\033[<0;0;0M", "<2 at 999,499>" },
	{ "\033[I\033[Oa", "a" },	/* focus reports */
	{ "\033[M !!\033[M`!!a", "a" },	/* another program left it on */
	/* what nobody asked for */
	{ "\033P>|xterm(370)\033\\j", "j" },
	{ "\033P1+r544e=787465726d\033\\\033P!|00000000\033\\j", "j" },
	{ "\033_Gi=31;OK\033\\\033^qy\033\\\033Xqy\033\\j", "j" },
	{ "\033]lqy\033\\\033]Lqy\aj", "j" },
	{ "\033P>|broken off\033[A", "Up" },
	{ "\033P>|broken off\003q", "Ctrl-C q" },
	{ "\033P\r", "Alt-P Enter" },
	{ "\233?62;1;2cj\302\233?62cj", "{3 0 0 0} j{3 0 0 0} j" },
	{ "\220>|qy\234j\302\220>|qy\302\234j\302\235" "2;\303\234\ak", "j j k" },
	{ "\033[24;80Rj", "j" },
	{ "\033[0n\033[8;24;80t\033[?997;1n\033[48;24;80;0;0tj", "j" },
	/* kitty's keyboard and modifyOtherKeys */
	{ "\033[27u\033[99;5u\033[27;5;114~", "Esc Ctrl-C Ctrl-R" },
	{ "\033[120;3u\033[97:65;2u\033[233u\033[128512u", "Alt-x A é 😀" },
	{ "\033[9;2u\033[13u\033[127u\033[57399u\033[57419;5u", "Shift-Tab Enter Backspace 0 Ctrl-Up" },
	{ "\033[113;1:3u\033[1;1:3A\033[3;1:3~\033[1;5:2A\033[57441;2u", "Ctrl-Up" },
	{ "\033O5C\033O2P", "Ctrl-Right Shift-F1" },
	{ "\377a", "? a" },
};

static void
feed_in_two(const char *bytes, size_t cut, struct seen *seen)
{
	const struct key_sink sink = { on_key, on_mouse, on_answer, on_paste, seen };
	struct key_decoder *d = key_decoder_new(&sink);

	key_decoder_feed(d, bytes, cut);
	key_decoder_feed(d, bytes + cut, strlen(bytes) - cut);
	assert_false(key_decoder_is_waiting(d));
	key_decoder_free(&d);
}

static void
test_decoder_feed__answer_does_not_depend_on_splits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (size_t cut = 0; cut <= strlen(cases[i].bytes); cut++) {
			struct seen seen = { BUF_INIT };
			char plain[128];
			size_t n = 0;

			feed_in_two(cases[i].bytes, cut, &seen);
			for (size_t k = 0; k < seen.names.len && n < sizeof(plain) - 1; k++)
				plain[n++] = seen.names.data[k];
			plain[n] = '\0';
			if (strncmp(cases[i].keys, "? ", 2) == 0)
				assert_non_null(strstr(plain, " a"));
			else
				assert_string_equal(plain, cases[i].keys);
			buf_fini(&seen.names);
		}
	}
}

static void
test_decoder_timeout__lone_escape_is_a_key(void **state)
{
	struct seen seen = { BUF_INIT };
	const struct key_sink sink = { on_key, on_mouse, on_answer, on_paste, &seen };
	struct key_decoder *d = key_decoder_new(&sink);

	(void)state;
	key_decoder_feed(d, "\033", 1);
	assert_true(key_decoder_is_waiting(d));
	assert_int_equal(seen.names.len, 0);
	key_decoder_timeout(d);
	assert_string_equal(buf_str(&seen.names), "Esc");
	assert_false(key_decoder_is_waiting(d));
	key_decoder_free(&d);
	buf_fini(&seen.names);
}

static void
test_decoder__what_was_asked_for_is_an_answer(void **state)
{
	struct seen seen = { BUF_INIT };
	const struct key_sink sink = { on_key, on_mouse, on_answer, on_paste, &seen };
	struct key_decoder *d = key_decoder_new(&sink);
	static const char bytes[] = "\033[1;2R\033[1;3R\033[1;2R\033[M #!j";

	(void)state;
	key_decoder_expect_positions(d, 2);
	key_decoder_expect_mouse(d, true);
	key_decoder_feed(d, bytes, strlen(bytes));
	assert_string_equal(buf_str(&seen.names), "{2 1 2 0}{2 1 3 0} Shift-F3<0 at 2,0> j");
	key_decoder_free(&d);
	buf_fini(&seen.names);
}

static void
test_decoder_timeout__what_is_no_answer_was_typed(void **state)
{
	static const struct { const char *bytes, *keys; } rows[] = {
		{ "\033]", "Alt-]" }, { "\033]1", "Alt-] 1" },
		{ "\033]11", "Alt-] 1 1" }, { "\033]\303\251", "Alt-] \303\251" },
		{ "\033]8\033", "Alt-] 8 Esc" }, { "\033]j", "Alt-] j" },
		{ "\033P", "Alt-P" }, { "\033Pqy", "Alt-P q y" }, { "\033^q", "Alt-^ q" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct seen seen = { BUF_INIT };
		const struct key_sink sink = { on_key, on_mouse, on_answer, on_paste, &seen };
		struct key_decoder *d = key_decoder_new(&sink);

		key_decoder_feed(d, rows[i].bytes, strlen(rows[i].bytes));
		assert_true(key_decoder_is_waiting(d));
		key_decoder_timeout(d);
		assert_string_equal(buf_str(&seen.names), rows[i].keys);
		assert_false(key_decoder_is_waiting(d));
		key_decoder_free(&d);
		buf_fini(&seen.names);
	}
}

/* A slow line delivers it in pieces: nothing of it may become keys. */
static void
test_decoder_timeout__half_an_answer_is_kept(void **state)
{
	static const struct { const char *first, *second, *keys; } rows[] = {
		{ "\033]11;", "rgb:ffff/ffff/ffff\033\\q", "{1 ffff ffff ffff} q" },
		{ "\033]11;rgb:ffff/", "ffff/ffff\033\\q", "{1 ffff ffff ffff} q" },
		{ "\033]52;c;cXlxeQ", "cXlx\033\\q", "q" },
		{ "\033P>|xterm(", "370)\033\\q", "q" },
		{ "\033[?62;", "1;2cq", "{3 0 0 0} q" },
		{ "\033[1", ";5Cq", "Ctrl-Right q" },
		{ "\033[?62;", "\033[A", "Up" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct seen seen = { BUF_INIT };
		const struct key_sink sink = { on_key, on_mouse, on_answer, on_paste, &seen };
		struct key_decoder *d = key_decoder_new(&sink);

		key_decoder_feed(d, rows[i].first, strlen(rows[i].first));
		assert_false(key_decoder_is_waiting(d));
		assert_true(key_decoder_is_amid(d));
		key_decoder_feed(d, rows[i].second, strlen(rows[i].second));
		assert_string_equal(buf_str(&seen.names), rows[i].keys);
		key_decoder_free(&d);
		buf_fini(&seen.names);
	}
}

/* What never ends takes no keys with it. */
static void
test_decoder_timeout__what_is_cut_off_is_dropped(void **state)
{
	static const char *const rows[] = {
		"\033[?62;1", "\033]11;rgb:ffff", "\033P>|xterm(", ("\033[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;"
		"1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1"), "\033[M !", "\033O5",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct seen seen = { BUF_INIT };
		const struct key_sink sink = { on_key, on_mouse, on_answer, on_paste, &seen };
		struct key_decoder *d = key_decoder_new(&sink);

		key_decoder_feed(d, rows[i], strlen(rows[i]));
		assert_true(key_decoder_is_amid(d) || key_decoder_is_waiting(d));
		key_decoder_timeout(d);
		assert_false(key_decoder_is_amid(d) || key_decoder_is_waiting(d));
		key_decoder_feed(d, "?q", 2);
		assert_string_equal(buf_str(&seen.names), "? q");
		key_decoder_free(&d);
		buf_fini(&seen.names);
	}
}

/* A paste whose end is lost takes everything, but for Ctrl-C after a while. */
static void
test_decoder_timeout__a_stalled_paste_can_be_left(void **state)
{
	static const struct { const char *first, *second, *keys; bool has_stalled; } rows[] = {
		{ "\033[200~abc", "\003", "Ctrl-C q", true },
		{ "\033[200~abc\033[20", "\003", "Ctrl-C q", true },
		{ "\033[200~abc", "\003", "", false },
		{ "\033[200~abc", "x\003", "", true },
		{ "\033[200~abc", "x\033[201~", "[abcx] q", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct seen seen = { BUF_INIT };
		const struct key_sink sink = { on_key, on_mouse, on_answer, on_paste, &seen };
		struct key_decoder *d = key_decoder_new(&sink);

		key_decoder_feed(d, rows[i].first, strlen(rows[i].first));
		assert_true(key_decoder_is_amid(d));
		assert_false(key_decoder_is_waiting(d));
		if (rows[i].has_stalled)
			key_decoder_timeout(d);
		key_decoder_feed(d, rows[i].second, strlen(rows[i].second));
		key_decoder_feed(d, "q", 1);
		assert_string_equal(buf_str(&seen.names), rows[i].keys);
		key_decoder_free(&d);
		buf_fini(&seen.names);
	}
}

/* However long: nothing of it becomes a key. */
static void
test_decoder_feed__long_sequences_are_swallowed(void **state)
{
	static const struct { const char *begin, *more, *end; } rows[] = {
		{ "\033[", "1;", "q" }, { "\033[?", "9", "$y" }, { "\033]52;c;", "cXlx", "\033\\" },
		{ "\033]52;c;", "cXlx", "\a" }, { "\033P1+r", "qy", "\033\\" }, { "\220", "qy", "\234" },
	};
	static const size_t pieces[] = { 1, 7, 100000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows) * ARRAY_LEN(pieces); i++) {
		size_t row = i / ARRAY_LEN(pieces), piece = pieces[i % ARRAY_LEN(pieces)];
		struct seen seen = { BUF_INIT };
		const struct key_sink sink = { on_key, on_mouse, on_answer, on_paste, &seen };
		struct key_decoder *d = key_decoder_new(&sink);
		struct buf bytes = BUF_INIT;

		buf_puts(&bytes, rows[row].begin);
		for (unsigned n = 0; n < 5000; n++)
			buf_puts(&bytes, rows[row].more);
		buf_puts(&bytes, rows[row].end);
		buf_putc(&bytes, 'j');
		for (size_t at = 0; at < bytes.len; at += piece)
			key_decoder_feed(d, bytes.data + at,
					 bytes.len - at < piece ? bytes.len - at : piece);
		assert_string_equal(buf_str(&seen.names), "j");
		key_decoder_free(&d);
		buf_fini(&bytes);
		buf_fini(&seen.names);
	}
}

static void
test_key_parse__gives_back_what_key_name_says(void **state)
{
	static const char *const names[] = {
		"a", "Z", "Enter", "Esc", "Tab", "Shift-Tab", "Ctrl-R", "Ctrl-Left", "Alt-x", "F1",
		"PageUp", "~", "`", "é", "Ctrl-Z",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct buf b = BUF_INIT;

		assert_int_not_equal(key_parse(names[i]), K_NONE);
		key_name(key_parse(names[i]), &b);
		assert_string_equal(buf_str(&b), names[i]);
		buf_fini(&b);
	}
	assert_int_equal(key_parse("Nonsense"), K_NONE);
	assert_int_equal(key_parse(""), K_NONE);
}

static void
test_key_encode__decodes_to_the_same_key(void **state)
{
	static const char *const names[] = {
		"a", "Enter", "Tab", "Shift-Tab", "Ctrl-R", "Ctrl-Left", "Alt-x", "F1", "F12", "Up",
		"PageDown", "Delete", "Home", "é",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct seen seen = { BUF_INIT };
		struct buf bytes = BUF_INIT;

		key_encode(key_parse(names[i]), &bytes);
		feed_in_two(buf_str(&bytes), 0, &seen);
		assert_string_equal(buf_str(&seen.names), names[i]);
		buf_fini(&bytes);
		buf_fini(&seen.names);
	}
}

static void
test_keymap__no_key_has_two_meanings(void **state)
{
	struct keymap *m = keymap_new();
	enum command_id a, b;

	(void)state;
	if (keymap_conflict(m, &a, &b))
		fail_msg("%s and %s claim one key", command_row(a)->word, command_row(b)->word);
	keymap_free(&m);
}

static void
test_keymap_find__depends_on_the_scope(void **state)
{
	struct keymap *m = keymap_new();

	(void)state;
	assert_int_equal(keymap_find(m, SCOPE_GRAPH, 'j'), CMD_NEXT);
	assert_int_equal(keymap_find(m, SCOPE_LIST, 'j'), CMD_DOWN);
	assert_int_equal(keymap_find(m, SCOPE_FORM, 'j'), CMD_NONE);
	assert_int_equal(keymap_find(m, SCOPE_TEXT, '?'), CMD_HELP);
	keymap_free(&m);
}

static void
test_command_by_word__unique_beginnings_are_enough(void **state)
{
	static const struct { const char *word; enum command_id want; bool ambiguous; } words[] = {
		{ "graph", CMD_GRAPH, false }, { "gra", CMD_GRAPH, false },
		{ "quit", CMD_QUIT, false }, { "view-back", CMD_VIEW_BACK, false },
		{ "wi", CMD_NONE, true }, { "nonsense", CMD_NONE, false },
		{ "wizard", CMD_WIZARD, false }, { "wizards", CMD_WIZARDS, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		bool ambiguous = false;

		assert_int_equal(command_by_word(words[i].word, strlen(words[i].word), &ambiguous),
				 words[i].want);
		if (words[i].want == CMD_NONE)
			assert_int_equal(ambiguous, words[i].ambiguous);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decoder_feed__answer_does_not_depend_on_splits),
		cmocka_unit_test(test_decoder_timeout__lone_escape_is_a_key),
		cmocka_unit_test(test_decoder__what_was_asked_for_is_an_answer),
		cmocka_unit_test(test_decoder_timeout__what_is_no_answer_was_typed),
		cmocka_unit_test(test_decoder_timeout__half_an_answer_is_kept),
		cmocka_unit_test(test_decoder_timeout__what_is_cut_off_is_dropped),
		cmocka_unit_test(test_decoder_timeout__a_stalled_paste_can_be_left),
		cmocka_unit_test(test_decoder_feed__long_sequences_are_swallowed),
		cmocka_unit_test(test_key_parse__gives_back_what_key_name_says),
		cmocka_unit_test(test_key_encode__decodes_to_the_same_key),
		cmocka_unit_test(test_keymap__no_key_has_two_meanings),
		cmocka_unit_test(test_keymap_find__depends_on_the_scope),
		cmocka_unit_test(test_command_by_word__unique_beginnings_are_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
