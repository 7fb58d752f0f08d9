/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/istio/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/istio/check.h"
#include "src/mesh/checks.h"
#include "src/model/snapshot.h"

static void
put_rows(const struct problems *rows, bool with_info, struct buf *out)
{
	static const char letters[] = "iWE";

	for (size_t i = 0; i < rows->rows.len; i++) {
		const struct problem *p = &rows->rows.items[i];

		if (p->severity != SEVERITY_INFO || with_info)
			buf_printf(out, "%c %s %s %u:%u\n", letters[p->severity], p->code, p->path,
				   p->line, p->col);
	}
}

static void
put_checks(struct snapshot *s, enum rows_of what, struct problems *rows)
{
	switch (what) {
	case ROWS_OF_OBJECTS:
		for (size_t i = 0; i < s->count; i++)
			check_object(s->objects[i], rows);
		break;
	case ROWS_OF_REFERENCES:
		check_references(s, rows);
		break;
	case ROWS_OF_MESH:
		checks_run(s, rows);
		break;
	case ROWS_OF_DOCUMENTS:
		checks_run(s, rows);
		checks_soften(s, rows);
		break;
	}
}

static bool
is_as_wanted(const struct rows_case *k, enum rows_of what)
{
	bool with_info = strncmp(k->want, "info\n", 5) == 0;
	const char *want = with_info ? k->want + 5 : k->want;
	struct problems rows = PROBLEMS_INIT, bad = PROBLEMS_INIT;
	struct error err = ERROR_INIT;
	struct snapshot *s = snapshot_of_text("t.yaml", k->documents, &bad, &err);
	struct buf got = BUF_INIT;
	bool is_equal;

	if (s == NULL)
		fail_msg("%s: %u:%u: %s", k->name, err.line, err.col, err.msg);
	if (problems_have_errors(&bad))
		fail_msg("%s: %s", k->name, bad.rows.items[0].message);
	put_checks(s, what, &rows);
	problems_sort(&rows);
	put_rows(&rows, with_info, &got);
	is_equal = strcmp(buf_str(&got), want) == 0;
	if (!is_equal)
		print_error("%s: wanted\n%sgot\n%s", k->name, want, buf_str(&got));
	buf_fini(&got);
	problems_fini(&rows);
	problems_fini(&bad);
	snapshot_put(&s);
	return is_equal;
}

void
rows_expect(const struct rows_case *cases, unsigned long count, enum rows_of what)
{
	unsigned long wrong = 0;

	for (unsigned long i = 0; i < count; i++)
		wrong += !is_as_wanted(&cases[i], what);
	if (wrong > 0)
		fail_msg("%lu of %lu cases", wrong, count);
}
