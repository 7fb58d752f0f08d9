/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Find on the picture: marks nodes and edges that an expression of the find
 * language, or a part of a name, is true of, and steps through them.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/xalloc.h"
#include "src/topology/find.h"
#include "src/topology/grid.h"
#include "src/topology/notes.h"
#include "tui/app/app.h"
#include "tui/feed/model.h"
#include "tui/feed/shown.h"
#include "tui/screens/screens.h"
#include "tui/screens/topology_priv.h"

static void
drop_found(struct topology *t)
{
	free(t->found);
	free(t->found_nodes);
	free(t->found_edges);
	t->found = NULL;
	t->found_nodes = t->found_edges = NULL;
	grid_free(&t->grid);
}

void
topology_mark_found(struct topology *t)
{
	struct error err = ERROR_INIT;

	if (t->found == NULL)
		return;
	free(t->found_nodes);
	free(t->found_edges);
	t->found_nodes = xcalloc(t->shown->nodes.len + 1, sizeof(*t->found_nodes));
	t->found_edges = xcalloc(t->shown->edges.len + 1, sizeof(*t->found_edges));
	shown_mark(app_model(t->screen.app), t->shown, t->found, t->found_nodes, t->found_edges,
		   &err);
	grid_free(&t->grid);
}

/* False, and the reason said, when the text is a broken expression; what was
 * found before stays marked then. */
static bool
set_found(struct topology *t, const char *text)
{
	struct error err = ERROR_INIT;
	bool *try_nodes, *try_edges;

	if (t->wants_layout)		/* what was asked for a moment ago is not drawn yet */
		topology_make_layout(t);
	try_nodes = xcalloc(t->shown->nodes.len + 1, sizeof(*try_nodes));
	try_edges = xcalloc(t->shown->edges.len + 1, sizeof(*try_edges));
	if (shown_mark(app_model(t->screen.app), t->shown, text, try_nodes, try_edges, &err)) {
		drop_found(t);
		t->found = xstrdup(text);
		t->found_nodes = try_nodes;
		t->found_edges = try_edges;
		t->wants_layout = true;
		if (shown_switch_on(app_model(t->screen.app), text))
			app_query(t->screen.app);
		return true;
	}
	app_say(t->screen.app, SEVERITY_ERROR, "column %u: %s", err.col, err.msg);
	free(try_nodes);
	free(try_edges);
	return false;
}

static size_t
count_found(const struct topology *t)
{
	size_t found = 0;

	for (size_t i = 0; i < t->shown->nodes.len; i++)
		found += t->found_nodes[i];
	for (size_t i = 0; i < t->shown->edges.len; i++)
		found += t->found_edges[i];
	return found;
}

static bool
is_found(const struct topology *t, size_t at)
{
	size_t nodes = t->shown->nodes.len;

	return at < nodes ? t->found_nodes[at] : t->found_edges[at - nodes];
}

/* Nodes, then edges, round and round; 0: the selection itself counts. */
static bool
jump(struct topology *t, int direction)
{
	size_t nodes = t->shown->nodes.len, n = nodes + t->shown->edges.len;
	size_t node = selected_node(t), edge = selected_edge(t);
	size_t step = direction < 0 ? n - 1 : 1;
	size_t at = edge != SIZE_MAX ? nodes + edge : node != SIZE_MAX ? node :
		    direction < 0 ? 0 : n - 1;

	if (n == 0)
		return false;
	if (direction == 0 && (node != SIZE_MAX || edge != SIZE_MAX) && is_found(t, at))
		return true;
	for (size_t i = 0; i < n; i++) {
		at = (at + step) % n;
		if (!is_found(t, at))
			continue;
		if (at < nodes)
			selection_set_node(t, at);
		else
			selection_set_edge(t, at - nodes);
		return true;
	}
	return false;
}

bool
topology_find(struct screen *s, const char *text, int direction)
{
	struct topology *t = (struct topology *)s;
	bool found;

	if (text[0] == '\0') {
		drop_found(t);
		return true;
	}
	if ((direction == 0 || t->found == NULL) && !set_found(t, text))
		return false;
	found = jump(t, direction);
	if (found && direction == 0 && count_found(t) > 1)
		app_say_how(s->app, SEVERITY_INFO, "{find-next} and {find-prev} step, {back} drops",
			    "%zu match", count_found(t));
	return found;
}

static bool
find_expression(struct topology *t, const char *text)
{
	if (text[0] == '\0') {
		if (t->found != NULL)
			app_say(t->screen.app, SEVERITY_INFO, "nothing is marked any more");
		drop_found(t);
	} else if (set_found(t, text)) {
		if (!jump(t, 0))
			app_say(t->screen.app, SEVERITY_WARNING, "nothing here matches \"%s\"", text);
		else
			app_say_how(t->screen.app, SEVERITY_INFO,
				    "{find-next} and {find-prev} step, :find drops", "%zu match",
				    count_found(t));
	}
	return true;
}

static void
add_expression(struct menu *menu, const char *verb, const char *name, const char *text)
{
	char *line = xasprintf("%s @%s", verb, name), *label = xasprintf("%s @%s", verb, name);

	menu_add(menu, label, text, line);
	free(line);
	free(label);
}

/* Presets and saved expressions, to find with or to hide by. */
static bool
open_expressions(struct topology *t)
{
	static const char *const verbs[] = { "find", "hide" };
	static const char *const none[] = { "nothing is marked", "nothing is hidden" };
	const struct model *m = app_model(t->screen.app);
	struct menu *menu = menu_new("Expressions");

	for (size_t v = 0; v < ARRAY_LEN(verbs); v++) {
		for (size_t i = 0; find_preset_name(i) != NULL; i++)
			add_expression(menu, verbs[v], find_preset_name(i), find_preset_text(i));
		for (size_t i = 0; i < m->saved.rows.len; i++)
			add_expression(menu, verbs[v], m->saved.rows.items[i].name,
				       m->saved.rows.items[i].text);
		menu_add(menu, verbs[v], none[v], verbs[v]);
	}
	app_push(t->screen.app, menu_screen(menu));
	return true;
}

bool
topology_find_command(struct topology *t, enum command_id id, const char *args)
{
	switch (id) {
	case CMD_FIND: return find_expression(t, args);
	case CMD_EXPRESSIONS: return open_expressions(t);
	case CMD_FIND_NEXT: return t->found != NULL && jump(t, 1);
	case CMD_FIND_PREV: return t->found != NULL && jump(t, -1);
	case CMD_BACK:
		if (t->found == NULL || selected_node(t) != SIZE_MAX || selected_edge(t) != SIZE_MAX)
			return false;
		drop_found(t);
		return true;
	default: return false;
	}
}

void
topology_show_found(const struct topology *t, struct grid *g)
{
	if (t->found == NULL || t->layout == NULL)
		return;
	for (size_t i = 0; i < (size_t)g->cols * g->rows; i++) {
		struct grid_cell *cell = &g->cells[i];
		uint32_t index = cell->owner & ~GRID_OWNER_EDGE;
		bool is_edge = (cell->owner & GRID_OWNER_EDGE) != 0;

		if (cell->owner == GRID_NO_OWNER || cell->style == STYLE_SELECTED)
			continue;
		if (is_edge ? index < t->shown->edges.len && t->found_edges[index] :
		    index < t->shown->nodes.len && t->found_nodes[index])
			cell->style = STYLE_ACCENT;
	}
	grid_put_stars(g, t->pan_col, t->pan_row, t->layout, t->shown, t->found_nodes, t->found_edges);
}
