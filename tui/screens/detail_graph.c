/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The surroundings of what a page is about as a picture: arrows select, Enter
 * opens the page of the selected node.
 */
#include <stdlib.h>

#include "src/base/buf.h"
#include "tui/app/app.h"
#include "tui/feed/model.h"
#include "tui/screens/detail.h"
#include "tui/screens/mini_graph.h"

struct graph_tab {
	struct detail_tab tab;
	struct mini_graph graph;
};

static struct mini_graph *
graph_of(struct detail_tab *t)
{
	return &((struct graph_tab *)t)->graph;
}

static void
update(struct detail_tab *t, unsigned changes)
{
	if ((changes & MODEL_BACKGROUND) != 0)
		mini_graph_collect(graph_of(t));
	if (graph_of(t)->graph == NULL || (changes & (MODEL_GRAPH | MODEL_CONFIG)) != 0)
		mini_graph_read(graph_of(t), t->detail);
}

static void
draw(struct detail_tab *t, struct area a)
{
	mini_graph_draw(graph_of(t), area_sub(a, 1, 0, a.cols > 2 ? a.cols - 2 : 0, a.rows));
}

static bool
open_selected(struct detail_tab *t)
{
	char *line = mini_graph_page(graph_of(t));

	if (line != NULL)
		app_run(t->detail->screen.app, line);
	free(line);
	return true;
}

static bool
command(struct detail_tab *t, enum command_id id, const char *args)
{
	(void)args;
	switch (id) {
	case CMD_DOWN: mini_graph_step(graph_of(t), 1); return true;
	case CMD_UP: mini_graph_step(graph_of(t), -1); return true;
	case CMD_OPEN: return open_selected(t);
	default: return false;
	}
}

static void
hint(struct detail_tab *t, struct buf *out)
{
	(void)t;
	buf_puts(out, "Down Up select\tEnter its page\tp the whole picture\tt time");
}

static void
fini(struct detail_tab *t)
{
	mini_graph_fini(graph_of(t));
}

const struct detail_tab_ops detail_graph = {
	.name = "Graph", .word = "graph",
	.kinds = 1u << DETAIL_SERVICE | 1u << DETAIL_WORKLOAD | 1u << DETAIL_APP,
	.scope = SCOPE_PAGE, .size = sizeof(struct graph_tab),
	.update = update, .draw = draw, .command = command, .hint = hint, .fini = fini,
};
