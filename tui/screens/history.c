/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of changes, newest first, each with its difference and undo.
 */
#include <stdio.h>
#include <time.h>

#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "src/store/history.h"
#include "tui/feed/model.h"
#include "tui/screens/screens.h"
#include "tui/screens/table.h"
#include "tui/term/canvas.h"

static void
put_objects(const struct history_entry *e, struct buf *out)
{
	if (e->changes.len == 0)
		return;
	buf_printf(out, "%s %s %s.%s", change_op_name(e->changes.items[0].op),
		   e->changes.items[0].kind, e->changes.items[0].name, e->changes.items[0].ns);
	if (e->changes.len > 1)
		buf_printf(out, " +%zu more", e->changes.len - 1);
}

static void
fill_history(struct table *t, struct model *m)
{
	for (size_t i = m->history != NULL ? m->history->entries.len : 0; i-- > 0;) {
		const struct history_entry *e = &m->history->entries.items[i];
		struct table_row *r = table_add(t);
		struct buf b = BUF_INIT;
		time_t s = (time_t)(e->time_ms / 1000);
		struct tm tm;
		char when[32] = "";

		if (localtime_r(&s, &tm) != NULL)
			strftime(when, sizeof(when), "%m-%d %H:%M:%S", &tm);
		put_objects(e, &b);
		table_text(r, 0, STYLE_BOLD, "%llu", (unsigned long long)e->n);
		table_text(r, 1, STYLE_DIM, "%s", when);
		table_text(r, 2, STYLE_PLAIN, "%s", e->user);
		table_text(r, 3, STYLE_SERVICE, "%s", change_via_name(e->via));
		table_text(r, 4, STYLE_PLAIN, "%s", buf_str(&b));
		table_text(r, 5, STYLE_DIM, "%s", e->note != NULL ? e->note : "");
		r->open = xasprintf("diff %llu", (unsigned long long)e->n);
		r->diff = xstrdup(r->open);
		r->undo = xasprintf("undo %llu", (unsigned long long)e->n);
		buf_fini(&b);
	}
}

static const struct table_spec history_spec = {
	.name = "History",
	.empty = "nothing has been changed yet",
	.hint = "Enter difference\tu undo this change\t/ find\tq back",
	.columns = {
		{ "N", 4, false, true, 0 }, { "WHEN", 14, false, false, 0 }, { "WHO", 8, false, false, 64 },
		{ "VIA", 8, false, false, 56 }, { "WHAT", 24, true, false, 0 }, { "NOTE", 4, true, false, 0 },
	},
	.column_count = 6,
	.fill = fill_history,
};

struct screen *
history_open(struct app *a)
{
	return table_open(a, &history_spec);
}
