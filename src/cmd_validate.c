/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `validate`: every problem of a target, one row each. */
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/yaml.h"
#include "src/mesh/checks.h"
#include "src/commands.h"
#include "src/model/problem.h"
#include "src/model/snapshot.h"
#include "src/target.h"

static void
put_rows(const struct problems *p, enum cli_output form, struct buf *out)
{
	struct arena *a;
	struct value *list;

	if (form == OUTPUT_TEXT) {
		problems_put_text(p, out);
		return;
	}
	problems_put_json(p, out);
	buf_putc(out, '\n');
	if (form == OUTPUT_JSON)
		return;
	a = arena_new();
	list = json_parse(a, buf_str(out), out->len, NULL);
	buf_clear(out);
	if (list != NULL)
		yaml_emit(out, list);
	arena_free(&a);
}

int
cmd_validate(struct cli *c)
{
	struct target t = { .cli = c };
	struct problems rows = PROBLEMS_INIT;
	struct snapshot *s = NULL;
	struct error err = ERROR_INIT;
	struct buf out = BUF_INIT;
	enum cli_output form;
	int status;

	if (cli_output(c, &form, &err) < 0 || target_choose(&t, c, TARGET_READS_FILES, &err) < 0 ||
	    target_load(&t, &s, &rows, &err) < 0) {
		status = cli_fail(&err);
	} else {
		checks_run(s, &rows);
		if (t.kind == TARGET_DOCUMENTS)
			checks_soften(s, &rows);
		put_rows(&rows, form, &out);
		status = cli_print(&out, problems_have_errors(&rows) ? EXIT_NO : EXIT_YES);
	}
	snapshot_put(&s);
	problems_fini(&rows);
	target_fini(&t);
	buf_fini(&out);
	return status;
}
