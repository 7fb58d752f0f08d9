/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notes under the lines of a text: where they stand, how they wrap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "tui/screens/viewer_rows.h"

static char long_text[] = "some words of a note", word[] = "unbreakable", short_text[] = "ok";

/* Rows as "2" for the second line, "  text" for a piece of a note. */
static void
put_rows(const struct viewer_rows *r, struct buf *out)
{
	for (size_t i = 0; i < r->items.len; i++) {
		const struct viewer_row *row = &r->items.items[i];

		if (row->note == NULL)
			buf_printf(out, "%zu\n", row->line);
		else
			buf_printf(out, "%*s%.*s\n", (int)row->indent + 2, "", (int)row->len,
				   row->note->text + row->from);
	}
}

static const struct {
	const char *name;
	struct viewer_note notes[2];
	size_t count;
	unsigned cols;
	const char *want;
} rows[] = {
	{ "lines alone", { { 0 } }, 0, 20, "1\n2\n3\n" },
	{ "under its line, below what it means", { { 2, 5, SEVERITY_ERROR, short_text } }, 1, 20,
	  "1\n2\n      ok\n3\n" },
	{ "before all", { { 0, 0, SEVERITY_INFO, short_text } }, 1, 20, "  ok\n1\n2\n3\n" },
	{ "two in order", { { 1, 0, SEVERITY_INFO, short_text }, { 3, 1, SEVERITY_INFO, short_text } }, 2, 20,
	  "1\n  ok\n2\n3\n  ok\n" },
	{ "wrapped at blanks", { { 1, 1, SEVERITY_INFO, long_text } }, 1, 12, "1\n  some words\n  of a note\n2\n3\n" },
	{ "no room below", { { 1, 9, SEVERITY_INFO, short_text } }, 1, 12, "1\n  ok\n2\n3\n" },
	{ "a word that is too long", { { 1, 1, SEVERITY_INFO, word } }, 1, 8, "1\n  unbrea\n  kable\n2\n3\n" },
	{ "no room at all", { { 1, 1, SEVERITY_INFO, short_text } }, 1, 1, "1\n  o\n  k\n2\n3\n" },
};

static void
test_viewer_rows_make__notes_stand_under_their_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct viewer_rows r = { .items = VEC_INIT };
		struct buf got = BUF_INIT;

		viewer_rows_make(&r, 3, rows[i].notes, rows[i].count, rows[i].cols);
		put_rows(&r, &got);
		if (strcmp(buf_str(&got), rows[i].want) != 0)
			fail_msg("%s: wanted\n%sgot\n%s", rows[i].name, rows[i].want, buf_str(&got));
		buf_fini(&got);
		vec_fini(&r.items);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_viewer_rows_make__notes_stand_under_their_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
