/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What comes in beside keys: the mouse, pastes, answers of the terminal; and
 * macros, which are keys again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "tests/lib/vterm.h"

static struct vt *
spawn(unsigned cols, unsigned rows, const char *option, const char *const *env)
{
	const char *dir = getenv("MESHTOP_BUILDDIR");
	char *program = xasprintf("%s/tests/screen/fake_console", dir != NULL ? dir : ".");
	const char *argv[] = { program, option, NULL };
	struct vt *v = vt_spawn(cols, rows, argv, env);

	free(program);
	assert_true(vt_wait_text(v, "control-v1"));
	return v;
}

static void
send(struct vt *v, const char *text)
{
	vt_send(v, text, strlen(text));
}

/* Cell of a text on the screen, from 0. */
static void
find_on_screen(struct vt *v, const char *text, unsigned *col, unsigned *row)
{
	struct buf b = BUF_INIT;
	const char *at, *line;

	vt_text(v, &b);
	at = strstr(buf_str(&b), text);
	assert_non_null(at);
	*row = 0;
	line = buf_str(&b);
	for (const char *s = line; s < at; s++) {
		if (*s == '\n') {
			++*row;
			line = s + 1;
		}
	}
	*col = 0;
	for (const char *s = line; s < at; s++)
		*col += ((unsigned char)*s & 0xc0) != 0x80;	/* no wide text here */
	buf_fini(&b);
}

static void
click(struct vt *v, unsigned col, unsigned row, unsigned button)
{
	char report[64];

	snprintf(report, sizeof(report), "\033[<%u;%u;%uM\033[<%u;%u;%um", button, col + 1, row + 1,
		 button, col + 1, row + 1);
	send(v, report);
}

static void
click_on(struct vt *v, const char *text, unsigned button)
{
	unsigned col, row;

	assert_true(vt_wait_text(v, text));
	find_on_screen(v, text, &col, &row);
	click(v, col, row, button);
}

static void
test_mouse__is_off_until_it_is_wished(void **state)
{
	struct vt *v = spawn(140, 40, NULL, NULL);

	(void)state;
	assert_int_equal(vt_count(v, "\033[?1000h"), 0);
	send(v, ":set mouse on\r");
	assert_true(vt_wait_text(v, "the mouse is on"));
	assert_int_equal(vt_count(v, "\033[?1000h\033[?1006h"), 1);
	send(v, ":set mouse off\r");
	assert_true(vt_wait_text(v, "the mouse is off"));
	assert_int_equal(vt_count(v, "\033[?1006l\033[?1000l"), 1);
	vt_free(&v);
}

static void
test_mouse__chooses_then_opens(void **state)
{
	struct vt *v = spawn(140, 40, NULL, NULL);
	unsigned col, row;

	(void)state;
	send(v, ":set mouse on\r");
	assert_true(vt_wait_text(v, "the mouse is on"));
	find_on_screen(v, "hotels-v1", &col, &row);
	click(v, col, row, 0);
	assert_true(vt_wait_text(v, "workload in travel-agency"));	/* the panel's */
	click(v, col, row, 0);
	assert_true(vt_wait_text(v, "hotels-v1  [Traffic] Flags"));
	send(v, "q:services\r");
	click_on(v, "hotels               ", 0);	/* a row of the list */
	click_on(v, "hotels               ", 0);
	assert_true(vt_wait_text(v, "Service hotels.travel-agency"));
	click_on(v, "Inbound", 0);
	assert_true(vt_wait_text(v, "Request volume"));
	send(v, "q");
	vt_free(&v);
}

static void
test_mouse__right_asks_and_wheel_turns(void **state)
{
	struct vt *v = spawn(100, 30, NULL, NULL);

	(void)state;
	send(v, ":set mouse on\r");
	assert_true(vt_wait_text(v, "the mouse is on"));
	click_on(v, "control-v1", 2);
	assert_true(vt_wait_text(v, "Actions"));
	assert_true(vt_escape(v));
	send(v, "?");
	assert_true(vt_wait_text(v, "1-"));
	send(v, "\033[<65;5;5M");
	assert_true(vt_wait_text(v, "4-"));
	vt_free(&v);
}

static void
test_paste__in_the_picture_runs_no_keys(void **state)
{
	struct vt *v = spawn(80, 24, NULL, NULL);

	(void)state;
	assert_int_equal(vt_count(v, "\033[?2004h"), 1);
	send(v, "\033[200~q\ny\n:quit\n\033[201~");
	assert_true(vt_wait_text(v, "pasted text ignored"));
	send(v, "?");
	assert_true(vt_wait_text(v, "Keys of this view"));
	vt_free(&v);
}

/* Late, in pieces, unasked or broken: an answer never acts as keys. */
static void
test_answers__are_no_keys(void **state)
{
	static const char *const answers[] = {
		"\033]11;rgb:ffff/ffff/ffff\033\\", "\033]11;rgb:00/00/00\a", "\033[?2026;2$y",
		"\033[1;2R", "\033[1;2R", "\033[?62;22c", "\033[>41;354;0c", "\033]10;rgb:qqqq\a",
	};
	/* However late the next byte is: this is about what belongs together. */
	static const char *const env[] = { "ESCDELAY=60000", NULL };
	struct vt *v = spawn(80, 24, NULL, env);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		for (const char *s = answers[i]; *s != '\0'; s++) {
			vt_send(v, s, 1);
			if (i < 2)
				vt_read_for(v, 2);
		}
	}
	send(v, "?");
	assert_true(vt_wait_text(v, "Keys of this view (Picture)"));
	vt_free(&v);
}

static void
test_answers__change_colours_and_frames(void **state)
{
	static const char answers[] = "\033]11;rgb:ffff/ffff/ffff\033\\\033[?2026;2$y\033[1;2R\033[1;2R\033[?62c";
	static const char *const env[] = { "COLORTERM=truecolor", NULL };
	struct vt *v = spawn(80, 24, NULL, env);

	(void)state;
	assert_int_equal(vt_count(v, "\033[?2026$p"), 1);
	assert_int_equal(vt_count(v, "38;2;"), 0);
	send(v, answers);
	vt_read_for(v, 300);		/* too late on a slow machine: then it stays as it was */
	send(v, "?");
	assert_true(vt_wait_text(v, "Keys of this view"));
	if (vt_count(v, "38;2;27;110;46") > 0)
		assert_true(vt_count(v, "\033[?2026h") > 0);
	vt_free(&v);
}

/* Two cells for a triangle: its level goes down by itself. */
static void
test_answers__wide_marks_lead_to_the_light_level(void **state)
{
	struct vt *v = spawn(80, 24, NULL, NULL);

	(void)state;
	send(v, "\033[1;2R\033[1;3R\033[?62c");
	vt_read_for(v, 300);
	send(v, "\014");
	vt_quiesce(v, 200);
	send(v, "~");			/* from light to ascii; from unicode to light */
	vt_wait_text(v, "glyphs: ");
	assert_true(vt_wait_text(v, "glyphs: ascii") || vt_wait_text(v, "glyphs: light"));
	vt_free(&v);
}

static void
test_macro__is_recorded_and_played(void **state)
{
	char dir[] = "/tmp/meshtop-macro-XXXXXX";
	char *home = mkdtemp(dir) != NULL ? xasprintf("XDG_CONFIG_HOME=%s", dir) : NULL;
	const char *env[] = { home, NULL };
	char *own = xasprintf("%s/meshtop", dir), *path = xasprintf("%s/look.tape", own);
	struct vt *v;
	char text[512] = "";
	FILE *f;

	(void)state;
	assert_non_null(home);
	v = spawn(100, 30, NULL, env);
	send(v, ":play look\r");
	assert_true(vt_wait_text(v, "look.tape"));	/* there is none */
	send(v, ":macro ../look\r");
	assert_true(vt_wait_text(v, "letters, digits"));
	send(v, ":macro look\r");
	assert_true(vt_wait_text(v, "keys are kept"));
	send(v, ":services\r");
	assert_true(vt_wait_text(v, "SERVICE"));
	send(v, "j\r");
	assert_true(vt_wait_text(v, "Service travels.travel-agency"));
	send(v, ":macro\r");
	assert_true(vt_wait_text(v, ":play look"));
	f = fopen(path, "r");
	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	assert_non_null(strstr(text, "Type \":services\"\nEnter\nType \"j\"\nEnter\n"));
	assert_null(strstr(text, "Wait"));
	assert_null(strstr(text, "macro\""));
	send(v, ":graph\r");
	assert_true(vt_wait_text(v, "control-v1"));
	send(v, ":play look\r");
	assert_true(vt_wait_text(v, "Service travels.travel-agency"));
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("Type \":play look\"\nEnter\n", f);
	fclose(f);
	send(v, "\f");		/* the first may not have ended yet: a person's key ends it */
	send(v, ":play look\r");
	assert_true(vt_wait_text(v, "a tape is playing"));	/* no macro plays macros */
	vt_free(&v);
	assert_int_equal(unlink(path), 0);
	rmdir(own);
	rmdir(dir);
	free(home);
	free(own);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mouse__is_off_until_it_is_wished),
		cmocka_unit_test(test_mouse__chooses_then_opens),
		cmocka_unit_test(test_mouse__right_asks_and_wheel_turns),
		cmocka_unit_test(test_paste__in_the_picture_runs_no_keys),
		cmocka_unit_test(test_answers__are_no_keys),
		cmocka_unit_test(test_answers__change_colours_and_frames),
		cmocka_unit_test(test_answers__wide_marks_lead_to_the_light_level),
		cmocka_unit_test(test_macro__is_recorded_and_played),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
