/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The picture: the graph with pan and zoom, a selection that keys walk along
 * the edges, and a side panel about it.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "src/topology/flow.h"
#include "tui/app/app.h"
#include "tui/feed/feed.h"
#include "tui/feed/model.h"
#include "tui/screens/screens.h"
#include "tui/screens/topology_priv.h"
#include "tui/term/key.h"
#include "tui/widgets/figure.h"
#include "tui/widgets/health.h"
#include "tui/widgets/tabs.h"

#define WIDE_COLS 110u		/* from here on the panel stands at the side */
#define PANEL_COLS 38u
#define PANEL_ROWS 8u		/* below the picture on narrow screens */

static void
topology_update(struct screen *s, unsigned changes)
{
	struct topology *t = (struct topology *)s;

	if ((changes & MODEL_GRAPH) != 0)
		t->wants_layout = true;
	if ((changes & MODEL_BACKGROUND) != 0 && topology_collect(t))
		app_dirty(s->app);
	if ((changes & (MODEL_GRAPH | MODEL_BACKGROUND)) != 0 && t->shows_trend && traffic_read(t))
		app_dirty(s->app);
	if ((changes & MODEL_FRAME) != 0)
		topology_flow_step(t);
}

static uint32_t
selection_owner(const struct topology *t)
{
	size_t node = selected_node(t), edge = selected_edge(t);

	if (edge != SIZE_MAX)
		return GRID_OWNER_EDGE | (uint32_t)edge;
	return node != SIZE_MAX ? (uint32_t)node : GRID_NO_OWNER;
}

/* Only what is in sight: the cost does not grow with the picture. */
static void
make_grid(struct topology *t, enum glyph_level glyphs)
{
	uint32_t owner = selection_owner(t);
	struct layout_rect part = { t->pan_col, t->pan_row, t->view_cols, t->view_rows };

	if (t->grid != NULL && t->drawn_selection == owner && t->drawn_glyphs == (unsigned)glyphs &&
	    t->drawn_col == part.col && t->drawn_row == part.row && t->grid->cols == part.cols &&
	    t->grid->rows == part.rows)
		return;
	grid_free(&t->grid);
	t->grid = layout_draw_part(t->layout, glyphs, owner, &part);
	topology_show_found(t, t->grid);
	t->drawn_selection = owner;
	t->drawn_glyphs = glyphs;
	t->drawn_col = part.col;
	t->drawn_row = part.row;
}

/* Says at the upper right where the picture goes on. */
static void
draw_more(const struct topology *t, struct area a)
{
	enum glyph_level level = a.canvas->glyphs;
	struct buf b = BUF_INIT;

	if (t->pan_col > 0)
		buf_printf(&b, " %s", glyph(level, GLYPH_LEFT));
	if (t->pan_row > 0)
		buf_printf(&b, " %s", glyph(level, GLYPH_ABOVE));
	if (t->pan_row + a.rows < t->stats.height)
		buf_printf(&b, " %s", glyph(level, GLYPH_BELOW));
	if (t->pan_col + a.cols < t->stats.width)
		buf_printf(&b, " %s", glyph(level, GLYPH_RIGHT));
	if (b.len > 0 && a.cols > 20) {
		buf_puts(&b, " ");
		area_printf(a, a.cols - (unsigned)text_width(buf_str(&b), b.len) - 5, 0, STYLE_KEY,
			    " more%s", buf_str(&b));
	}
	buf_fini(&b);
}

/* Says at the upper left what part of the mesh this is. */
static void
draw_part(const struct topology *t, struct area a)
{
	struct buf b = BUF_INIT;

	topology_part(t, &b);
	if (b.len > 0)
		area_printf(a, 1, 0, STYLE_KEY, " %s ", buf_str(&b));
	buf_fini(&b);
}

static void
put_centred(struct area row, unsigned style, const char *text)
{
	unsigned width = (unsigned)text_width(text, strlen(text));

	area_put_cut(row, row.cols > width ? (row.cols - width) / 2 : 0, 0, row.cols, style, text);
}

static void
draw_empty(const struct topology *t, struct area a)
{
	const struct model *m = app_model(t->screen.app);
	const char *what = t->worker != NULL ? "Laying out ..." :
		m->data_ms == 0 && topology_is_reading(t) ? "Reading what was seen so far ..." :
		m->state == FEED_STARTING ? "Waiting for the first traffic ..." :
		m->state == FEED_LOST ? "The engine does not answer." :
		m->query.hide != NULL && m->graph->nodes.len > 0 ? "Everything is hidden." :
		"No traffic in this window.";
	const char *next = m->query.hide != NULL ? ":hide shows all again" :
		"{window} widens the time window, {namespaces} chooses namespaces, :services lists services";
	struct buf hint = BUF_INIT;

	app_put_keys(t->screen.app, next, &hint);
	put_centred(area_sub(a, 0, a.rows / 2, a.cols, 1), STYLE_BOLD, what);
	put_centred(area_sub(a, 0, a.rows / 2 + 1, a.cols, 1), STYLE_DIM, buf_str(&hint));
	buf_fini(&hint);
}

static void
draw_picture(struct topology *t, struct area a)
{
	struct area inside = a;

	if (t->view_cols != a.cols || t->view_rows != a.rows) {
		t->wants_layout = true;
		t->view_cols = a.cols;
		t->view_rows = a.rows;
	}
	if (t->wants_layout)
		topology_make_layout(t);
	if (t->layout == NULL || t->shown->nodes.len == 0) {
		draw_empty(t, a);
		return;
	}
	topology_look(t);
	make_grid(t, a.canvas->glyphs);
	if (t->stats.width < a.cols)
		inside = area_sub(a, (a.cols - t->stats.width) / 2, 0, UINT32_MAX, UINT32_MAX);
	if (t->stats.height < a.rows)
		inside = area_sub(inside, 0, (a.rows - t->stats.height) / 2, UINT32_MAX, UINT32_MAX);
	area_hit(inside, TOPOLOGY_HIT_PICTURE);
	area_grid(inside, t->grid, 0, 0);
	topology_flow_draw(t, inside);
	draw_more(t, a);
	draw_part(t, a);
}

/* At the bottom, as many rows as it takes; the rest is the picture's. */
static struct area
draw_legend(const struct topology *t, struct area a)
{
	enum glyph_level level = a.canvas->glyphs;
	struct area unseen = { .canvas = NULL, .cols = a.cols, .rows = a.rows };
	unsigned rows = topology_legend(t, unseen, level);

	if (rows + 6 > a.rows)
		return a;
	topology_legend(t, area_sub(a, 0, a.rows - rows, a.cols, rows), level);
	return area_sub(a, 0, 0, a.cols, a.rows - rows);
}

static void
draw_tabs(struct topology *t, struct area a)
{
	const char *names[PANEL_TABS];

	for (unsigned i = 0; i < PANEL_TABS; i++)
		names[i] = topology_tab_name(t, i);
	tabs_draw(a, names, PANEL_TABS, *topology_tab(t));
}

static void
draw_overflow(const struct topology *t, struct area a, size_t left)
{
	struct buf b = BUF_INIT;
	struct area last = area_sub(a, 0, a.rows > 0 ? a.rows - 1 : 0, a.cols, 1);

	if (left == 0 || a.rows == 0)
		return;
	area_blank(last, STYLE_PLAIN);
	buf_printf(&b, "+%zu more: ", left + 1);
	app_put_keys(t->screen.app, "{describe} shows all", &b);
	area_put_cut(last, 0, 0, last.cols, STYLE_DIM, buf_str(&b));
	buf_fini(&b);
}

static void
draw_side_panel(struct topology *t, struct area a)
{
	struct buf name = BUF_INIT, about = BUF_INIT;
	struct sheet sheet = { VEC_INIT };
	struct area inside = area_sub(a, 2, 0, a.cols > 3 ? a.cols - 3 : 0, UINT32_MAX);
	struct area body = area_sub(inside, 0, 4, inside.cols, UINT32_MAX);

	topology_title(t, &name, &about);
	topology_sheet(t, app_model(t->screen.app), *topology_tab(t), &sheet);
	area_column_rule(a, 0);
	area_put_cut(inside, 0, 0, inside.cols, STYLE_TITLE, buf_str(&name));
	area_put_cut(inside, 0, 1, inside.cols, STYLE_DIM, buf_str(&about));
	draw_tabs(t, area_sub(inside, 0, 2, inside.cols, 1));
	draw_overflow(t, body, sheet_draw(&sheet, body, 0));
	sheet_fini(&sheet);
	buf_fini(&name);
	buf_fini(&about);
}

/* Two columns of the sheet under the picture. */
static void
draw_low_panel(struct topology *t, struct area a)
{
	struct buf name = BUF_INIT, about = BUF_INIT;
	struct sheet sheet = { VEC_INIT };
	struct area body = area_sub(a, 0, 1, a.cols, UINT32_MAX);
	unsigned half = a.cols / 2, col = 2;
	struct area left = area_sub(body, 1, 0, half - 3, UINT32_MAX);
	struct area right = area_sub(body, half + 1, 0, a.cols - half - 2, UINT32_MAX);
	size_t rest;

	topology_title(t, &name, &about);
	topology_sheet(t, app_model(t->screen.app), *topology_tab(t), &sheet);
	area_rule(area_sub(a, 0, 0, a.cols, 1), 0);
	col += area_printf(a, col, 0, STYLE_TITLE, " %s ", buf_str(&name));
	if (col + about.len + 40 < a.cols)
		area_printf(a, col, 0, STYLE_DIM, "%s ", buf_str(&about));
	if (a.cols > 36)
		draw_tabs(t, area_sub(a, a.cols - 36, 0, 36, 1));
	rest = sheet_draw(&sheet, left, 0);
	if (rest > 0)
		draw_overflow(t, right, sheet_draw(&sheet, right, left.rows));
	sheet_fini(&sheet);
	buf_fini(&name);
	buf_fini(&about);
}

/* On a small terminal: who calls whom, one line an edge. */
static void
draw_column(struct topology *t, struct area a)
{
	size_t edge, top;

	if (t->wants_layout)
		topology_make_layout(t);
	edge = selected_edge(t);
	if (t->shown->edges.len == 0) {
		draw_empty(t, a);
		return;
	}
	top = edge != SIZE_MAX && edge >= a.rows ? edge - a.rows + 1 : 0;
	for (unsigned row = 0; row < a.rows && top + row < t->shown->edges.len; row++) {
		const struct graph_edge *e = &t->shown->edges.items[top + row];
		struct buf b = BUF_INIT, figure = BUF_INIT;

		buf_printf(&b, "%s%s %s %s", health_mark(e->health),
			   t->shown->nodes.items[e->from].label, glyph(a.canvas->glyphs, GLYPH_ARROW),
			   t->shown->nodes.items[e->to].label);
		if (e->protocol == EDGE_TCP)
			figure_bytes(&figure, e->rate);
		else
			figure_rate(&figure, e->rate);
		area_put_cut(a, 0, row, a.cols > figure.len + 1 ? a.cols - (unsigned)figure.len - 1 : 0,
			     health_style(e->health), buf_str(&b));
		area_put_right(a, a.cols, row, STYLE_PLAIN, buf_str(&figure));
		area_hit(area_sub(a, 0, row, a.cols, 1), TOPOLOGY_HIT_EDGE + top + row);
		if (top + row == edge)
			area_style_row(a, 0, row, a.cols, UI_ROW_ON);
		buf_fini(&b);
		buf_fini(&figure);
	}
}

static void
topology_draw(struct screen *s, struct area a)
{
	struct topology *t = (struct topology *)s;
	bool has_selection = selected_node(t) != SIZE_MAX || selected_edge(t) != SIZE_MAX;
	struct area picture = a;

	if (a.canvas->cols < 80 || a.canvas->rows < 24) {
		draw_column(t, a);
		return;
	}
	if (t->has_panel && a.cols >= WIDE_COLS)
		picture = area_sub(a, 0, 0, a.cols - PANEL_COLS, a.rows);
	else if (t->has_panel && has_selection)
		picture = area_sub(a, 0, 0, a.cols, a.rows - PANEL_ROWS);
	if (t->has_legend)
		picture = draw_legend(t, picture);
	draw_picture(t, picture);
	if (t->has_panel && a.cols >= WIDE_COLS)
		draw_side_panel(t, area_sub(a, a.cols - PANEL_COLS, 0, PANEL_COLS, a.rows));
	else if (t->has_panel && has_selection)
		draw_low_panel(t, area_sub(a, 0, a.rows - PANEL_ROWS, a.cols, PANEL_ROWS));
}

static void
pan(struct topology *t, int cols, int rows)
{
	int col = (int)t->pan_col + cols, row = (int)t->pan_row + rows;

	t->pan_col = col > 0 ? (unsigned)col : 0;
	t->pan_row = row > 0 ? (unsigned)row : 0;
	t->is_panned = true;
	t->wants_sight = false;
}

static bool
pan_command(struct topology *t, enum command_id id)
{
	int cols = t->view_cols > 8 ? (int)t->view_cols / 4 : 2;
	int rows = t->view_rows > 4 ? (int)t->view_rows / 2 : 2;

	switch (id) {
	case CMD_PAN_LEFT: pan(t, -cols, 0); return true;
	case CMD_PAN_RIGHT: pan(t, cols, 0); return true;
	case CMD_PAN_UP: pan(t, 0, -rows); return true;
	case CMD_PAN_DOWN: pan(t, 0, rows); return true;
	default: return false;
	}
}

static bool
is_named(const char *part, const char *ns, const char *name)
{
	size_t len = strlen(part);

	return len > 0 && strncmp(part, name, len) == 0 && name[len] == '.' &&
	       strcmp(name + len + 1, ns) == 0;
}

/* How well does a node answer to the name?  0: not at all. */
static unsigned
name_rank(const struct graph_node *n, const char *name)
{
	if (strcmp(n->id, name) == 0 || strcmp(n->label, name) == 0)
		return 4;
	if (n->kind == NODE_SERVICE && is_named(n->service, n->ns, name))
		return 3;
	if (is_named(n->workload, n->ns, name))
		return 2;
	return is_named(n->service, n->ns, name) || is_named(n->app, n->ns, name) ? 1 : 0;
}

/* To be selected when the coming picture is there. */
static void
want(struct topology *t, const char *name)
{
	char *copy = xstrdup(name);

	free(t->wanted);
	t->wanted = copy;
}

/* SIZE_MAX: no node answers to it. */
static size_t
best_named(const struct graph *g, const char *name)
{
	size_t best = SIZE_MAX;
	unsigned best_rank = 0;

	for (size_t i = 0; i < g->nodes.len; i++) {
		unsigned rank = name_rank(&g->nodes.items[i], name);

		if (rank > best_rank) {
			best_rank = rank;
			best = i;
		}
	}
	return best;
}

static bool
is_not_there(struct topology *t, const char *name)
{
	app_say(t->screen.app, SEVERITY_WARNING, "\"%s\" is not in the picture", name);
	return true;
}

/* What stands in a folded group, or beyond what is shown of the mesh, comes into
 * the picture and is selected there.  false: it is where it can be seen, if it is
 * anywhere. */
static bool
open_towards(struct topology *t, const char *name, const size_t *nodes, size_t count)
{
	const struct graph *g = app_model(t->screen.app)->graph;
	bool any = false;

	for (size_t i = 0; i < count; i++)
		any |= nodes[i] != SIZE_MAX && topology_uncover(t, g, nodes[i]);
	if (!any)
		return false;
	want(t, name);
	topology_make_layout(t);
	return true;
}

/* "ID -> ID"; of several edges between them the one in the worst state. */
static bool
select_edge(struct topology *t, const char *name)
{
	const struct graph *all = app_model(t->screen.app)->graph;
	const char *arrow = strstr(name, " -> ");
	char *from_id = xstrndup(name, (size_t)(arrow - name));
	size_t from = graph_find(t->shown, from_id), to = graph_find(t->shown, arrow + 4);
	size_t ends[2] = { graph_find(all, from_id), graph_find(all, arrow + 4) }, best = SIZE_MAX;

	free(from_id);
	for (size_t i = 0; i < t->shown->edges.len; i++) {
		const struct graph_edge *e = &t->shown->edges.items[i];

		if (e->from == from && e->to == to &&
		    (best == SIZE_MAX || e->health > t->shown->edges.items[best].health))
			best = i;
	}
	if (best != SIZE_MAX)
		selection_set_edge(t, best);
	else if (t->worker != NULL)
		want(t, name);
	else if (!open_towards(t, name, ends, 2))
		return is_not_there(t, name);
	return true;
}

bool
topology_select(struct topology *t, const char *name)
{
	size_t best;

	if (name[0] == '\0') {
		selection_clear(&t->selection);
		return true;
	}
	if (t->wants_layout || t->layout == NULL)
		topology_make_layout(t);
	if (strstr(name, " -> ") != NULL)
		return select_edge(t, name);
	best = best_named(t->shown, name);
	if (best != SIZE_MAX) {
		selection_set_node(t, best);
	} else if (t->worker != NULL) {
		want(t, name);
	} else {
		best = best_named(app_model(t->screen.app)->graph, name);
		if (!open_towards(t, name, &best, 1) && !topology_find(&t->screen, name, 0))
			return is_not_there(t, name);
	}
	return true;
}

static bool
drop_selection(struct topology *t)
{
	if (t->selection.from != NULL) {		/* from an edge to its node */
		size_t home = t->selection.node != NULL ?
			graph_find(t->shown, t->selection.node) : SIZE_MAX;

		if (home != SIZE_MAX) {
			selection_set_node(t, home);
			return true;
		}
	}
	selection_clear(&t->selection);
	return true;
}

static bool
topology_command(struct screen *s, enum command_id id, const char *args)
{
	struct topology *t = (struct topology *)s;
	unsigned long tab = strtoul(args, NULL, 10);

	if (t->shown->nodes.len > 0 && topology_walk(t, id))
		return true;
	if (pan_command(t, id))
		return true;
	if (topology_find_command(t, id, args) || topology_view(t, id, args))
		return true;
	switch (id) {
	case CMD_PANEL: t->has_panel = !t->has_panel; return true;
	case CMD_LEGEND: t->has_legend = !t->has_legend; return true;
	case CMD_TAB_NEXT:
	case CMD_TAB_PREV:
		*topology_tab(t) = (*topology_tab(t) + (id == CMD_TAB_NEXT ? 1 : PANEL_TABS - 1)) %
				   PANEL_TABS;
		return true;
	case CMD_TAB:
		if (tab >= 1 && tab <= PANEL_TABS)
			*topology_tab(t) = (unsigned)tab - 1;
		return true;
	case CMD_SELECT: return topology_select(t, args);
	case CMD_BACK: return drop_selection(t);
	default: return topology_act(t, id, args);
	}
}

/* Arrows follow the picture: in a top-down one the flow goes down. */
static bool
topology_key(struct screen *s, uint32_t key)
{
	struct topology *t = (struct topology *)s;
	enum command_id id;

	if (key < K_UP || key > K_RIGHT || t->layout == NULL || !topology_is_top_down(t))
		return false;
	id = key == K_UP ? CMD_CALLER : key == K_DOWN ? CMD_CALLEE :
	     key == K_LEFT ? CMD_PREVIOUS : CMD_NEXT;
	app_command(s->app, id, "");
	return true;
}

static void
topology_hint(struct screen *s, struct buf *out)
{
	struct topology *t = (struct topology *)s;
	bool has_selection = selected_node(t) != SIZE_MAX || selected_edge(t) != SIZE_MAX;

	if (has_selection)
		buf_puts(out, "Enter page\tw wizards\ta actions\tV versions\ty YAML\tTab panel\t"
			 "Space edges\tEsc back");
	else
		buf_puts(out, "arrows select\t/ find\t: command\te errors\tt time\ts namespaces\t"
			 "z freeze");
}

static void
topology_free(struct screen *s)
{
	struct topology *t = (struct topology *)s;

	grid_free(&t->grid);
	flow_free(&t->flow);
	trend_free(&t->trend);
	topology_drop_pictures(t);
	for (size_t i = 0; i < t->open_groups.len; i++)
		free(t->open_groups.items[i]);
	vec_fini(&t->open_groups);
	free(t->focus);
	free(t->found);
	free(t->found_nodes);
	free(t->found_edges);
	selection_clear(&t->selection);
	free(t);
}

static const struct screen_ops topology_ops = {
	.name = "Picture",
	.scope = SCOPE_GRAPH,
	.update = topology_update,
	.draw = topology_draw,
	.key = topology_key,
	.command = topology_command,
	.find = topology_find,
	.click = topology_click,
	.hint = topology_hint,
	.save = topology_save,
	.free = topology_free,
};

struct screen *
topology_open(struct app *a)
{
	struct topology *t = xcalloc(1, sizeof(*t));

	t->screen.ops = &topology_ops;
	t->screen.app = a;
	t->shown = graph_new();
	t->has_panel = true;
	t->wants_layout = true;
	t->drawn_selection = GRID_NO_OWNER;
	return &t->screen;
}
