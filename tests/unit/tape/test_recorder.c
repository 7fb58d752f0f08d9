/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From keys and screens to a tape that can be read again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/tape/recorder.h"
#include "src/tape/tape.h"

#define HEAD "# Recorded by meshtop; see meshtop-tape(5).\nSet Size 80x24\n\n"

struct press {
	const char *bytes;
	uint64_t at_ms;
	const char *screen;
	bool is_masked;
};

static const struct {
	const char *name;
	struct press keys[12];
	const char *want;
} rows[] = {
	{ "characters are one Type",
	  { { "a", 0, "s", 0 }, { "b", 100, "s", 0 }, { " ", 200, "s", 0 }, { "\xc3\xa9", 300, "s", 0 } },
	  "Type \"ab \xc3\xa9\"\n" },
	{ "keys by name, repeated",
	  { { "\r", 0, "s", 0 }, { "\033[B", 100, "s", 0 }, { "\033[B", 200, "s", 0 },
	    { "\033", 300, "s", 0 }, { "\x12", 400, "s", 0 }, { "\033x", 500, "s", 0 },
	    { "\033[1;5A", 600, "s", 0 }, { "\033[Z", 700, "s", 0 } },
	  "Enter\nDown 2\nEscape\nCtrl+R\nAlt+x\nCtrl+Up\nShift+Tab\n" },
	{ "waits for what is new",
	  { { ":", 0, "Picture", 0 }, { "\r", 100, "Picture", 0 },
	    { "\033[B", 5000, "Picture \xe2\x94\x82 Wizards for travels.x 3", 0 } },
	  "Type \":\"\nEnter\nWait+Screen@20s /Wizards for travels\\.x/\nDown\n" },
	{ "sleeps where nothing is new",
	  { { "\r", 0, "Rate 1.2", 0 }, { "\033[B", 4567, "Rate 1.3", 0 } },
	  "Enter\nSleep 4.5s\nDown\n" },
	{ "figures are nothing new",
	  { { "\r", 0, "x", 0 }, { "\033[B", 100, "12ms 3.4kps", 0 } },
	  "Enter\nDown\n" },
	{ "nothing of masked fields",
	  { { "u", 0, "s", 0 }, { "\t", 100, "s", 0 }, { "s", 200, "s", 1 }, { "e", 300, "s", 1 },
	    { "\r", 400, "s", 1 } },
	  "Type \"u\"\nTab\nEnter\n" },
	{ "quotes",
	  { { "\"", 0, "s", 0 }, { "'", 100, "s", 0 }, { "`", 200, "s", 0 }, { "x", 300, "s", 0 } },
	  "Type '\"'\nType \"'`x\"\n" },
};

static void
test_recorder__rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct recorder *r = recorder_new(80, 24, GLYPHS_UNICODE);
		struct error err = ERROR_INIT;
		struct buf got = BUF_INIT;
		struct tape *t;

		for (const struct press *p = rows[i].keys; p->bytes != NULL; p++)
			recorder_key(r, p->at_ms * NS_PER_MS, p->bytes, strlen(p->bytes), p->screen,
				     p->is_masked ? RECORDER_MASKED : RECORDER_SCREEN);
		recorder_put(r, &got);
		if (strncmp(buf_str(&got), HEAD, strlen(HEAD)) != 0 ||
		    strcmp(buf_str(&got) + strlen(HEAD), rows[i].want) != 0)
			fail_msg("%s: got\n%s", rows[i].name, buf_str(&got));
		t = tape_parse("x.tape", got.data, got.len, &err);
		if (t == NULL)
			fail_msg("%s: line %u: %s", rows[i].name, err.line, err.msg);
		tape_free(&t);
		buf_fini(&got);
		recorder_free(&r);
	}
}

static void
test_recorder_drop_line__takes_the_last_line_back(void **state)
{
	static const char line[] = "jj:record";
	struct recorder *r = recorder_new(80, 24, GLYPHS_ASCII);
	struct buf got = BUF_INIT;

	(void)state;
	recorder_mark(r, "here");
	for (size_t i = 0; line[i] != '\0'; i++)
		recorder_key(r, i, line + i, 1, "s", i > 2 ? RECORDER_LINE : RECORDER_SCREEN);
	recorder_key(r, 20, "\r", 1, "s", RECORDER_LINE);
	recorder_drop_line(r);
	recorder_paste(r, 30, "a\"b", "s");
	recorder_resize(r, 100, 30);
	recorder_put(r, &got);
	assert_string_equal(buf_str(&got), "# Recorded by meshtop; see meshtop-tape(5).\n"
			    "Set Size 80x24\nSet Glyphs ascii\n\nMark \"here\"\nType \"jj\"\n"
			    "Copy 'a\"b'\nPaste\nResize 100x30\n");
	buf_fini(&got);
	recorder_free(&r);
}

/* Completion and history put other keys between the characters of a line. */
static void
test_recorder_drop_line__takes_an_edited_line_back(void **state)
{
	static const char *const keys[] = { "\r", ":", "m", "\t", " x", "\033[A", "\r" };
	struct recorder *r = recorder_new(80, 24, false);
	struct buf got = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		recorder_key(r, i, keys[i], strlen(keys[i]), "s", i > 1 ? RECORDER_LINE : RECORDER_SCREEN);
	recorder_drop_line(r);
	recorder_mark(r, "x");
	recorder_put(r, &got);
	assert_string_equal(buf_str(&got), HEAD "Enter\nMark \"x\"\n");
	buf_fini(&got);
	recorder_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorder__rows),
		cmocka_unit_test(test_recorder_drop_line__takes_the_last_line_back),
		cmocka_unit_test(test_recorder_drop_line__takes_an_edited_line_back),
	};

	return cmocka_run_group_tests_name("recorder", tests, NULL, NULL);
}
