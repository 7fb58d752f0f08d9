/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The menu of what the picture shows; each item is a line to type. */
#include <stdlib.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "src/topology/build.h"
#include "tui/app/app.h"
#include "tui/feed/display.h"
#include "tui/feed/model.h"
#include "tui/screens/screens.h"

/* What may stand on an edge: one of each row's bits at a time. */
static const struct label_row {
	const char *help;
	struct {
		const char *word;
		unsigned bit;
	} steps[6];		/* "off" first; NULL behind the last */
} label_rows[] = {
	{ "Rate on the edges", { { "off", 0 }, { "on", EDGE_LABEL_RATE } } },
	{ "Response time on the edges", { { "off", 0 }, { "p95", EDGE_LABEL_TIME_P95 },
	  { "p99", EDGE_LABEL_TIME_P99 }, { "avg", EDGE_LABEL_TIME_AVG }, { "p50", EDGE_LABEL_TIME_P50 } } },
	{ "Throughput on the edges", { { "off", 0 }, { "request", EDGE_LABEL_THROUGHPUT },
	  { "response", EDGE_LABEL_THROUGHPUT_OUT } } },
	{ "Traffic distribution on the edges", { { "off", 0 }, { "on", EDGE_LABEL_DISTRIBUTION } } },
};

static void
add_label_row(struct menu *menu, const struct model *m, const struct label_row *row)
{
	unsigned labels = m->query.labels, all = 0;
	size_t now = 0, count = 0;
	struct buf line = BUF_INIT;

	for (; count < ARRAY_LEN(row->steps) && row->steps[count].word != NULL; count++) {
		all |= row->steps[count].bit;
		now = (labels & row->steps[count].bit) != 0 ? count : now;
	}
	buf_puts(&line, "labels ");
	edge_labels_put((labels & ~all) | row->steps[(now + 1) % count].bit, &line);
	menu_add(menu, row->help, row->steps[now].word, buf_str(&line));
	buf_fini(&line);
}

void
display_menu(struct app *a)
{
	struct menu *menu = menu_new("Display");
	const struct model *m = app_model(a);

	for (size_t i = 0; i < ARRAY_LEN(label_rows); i++)
		add_label_row(menu, m, &label_rows[i]);
	for (size_t i = 0; display_name(i) != NULL; i++) {
		char *line = xasprintf("set %s %s", display_name(i), display_next(m, i));

		menu_add(menu, display_help(i), display_value(m, i), line);
		free(line);
	}
	app_push(a, menu_screen(menu));
}
